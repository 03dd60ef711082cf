#!/usr/bin/env python3
"""Makes a repository with a long history of closed launches, to measure `tallybook verify` on.

    history.py TALLYBOOK RESULTS DIR [LAUNCHES [COMMITS]]

TALLYBOOK is the binary, RESULTS a folder of test results, DIR the repository to make. One launch is closed by the
binary; the others are that launch with other ids and other numbers in every row, with sums, receipts and chain made
anew. Between two closings stand commits to product code, some on side branches that are merged.
"""
import hashlib
import pathlib
import re
import subprocess
import sys


def run(*args, cwd=None, data=None):
    done = subprocess.run(args, cwd=cwd, input=data, stdout=subprocess.PIPE, check=True)
    return done.stdout


def template(tallybook, results, root):
    """Closes one launch; returns its id and its files by their path in the launch's folder."""
    root.mkdir(parents=True)
    git = lambda *args: run("git", *args, cwd=root)
    git("init", "--quiet", "--initial-branch=main")
    git("config", "user.name", "Bench")
    git("config", "user.email", "bench@example.com")
    run(tallybook, "init", "--name", "Shop", "--key", "SHOP", cwd=root)
    git("add", ".")
    git("commit", "--quiet", "-m", "Set up")
    launch = run(tallybook, "launch", "open", "--name", "Nightly", cwd=root).decode().strip()
    run(tallybook, "launch", "append", launch, str(results), cwd=root)
    run(tallybook, "launch", "close", launch, cwd=root)
    folder = next(root.glob("projects/*/launches/*/*/*"))
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    git("reset", "--hard", "--quiet", "HEAD^")
    return folder.parents[2].relative_to(root), launch, files


def sums(files):
    lines = [f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items())]
    return "".join(lines).encode()


def closed(number, old, files, previous):
    """The template as another launch: its id, its files, its receipt."""
    new = f"{old}-{number:04}"
    out = {}
    for path, data in files.items():
        if path in ("launch.yaml", "SHA256SUMS", "PRUNABLE.sha256"):
            continue
        data = data.replace(old.encode(), new.encode())
        if path.endswith(".yaml") and not path.startswith("attachments/"):
            data = re.sub(rb'"duration": ?\d+', b'"duration": %d' % (1000 + number), data)
        if path.startswith("attachments/"):
            data += b"%d\n" % number
            path = f"attachments/{hashlib.sha256(data).hexdigest()}{pathlib.Path(path).suffix}"
        out[path] = data
    prunable = {path: data for path, data in out.items() if path.startswith(("attachments/", "details/"))}
    if prunable:
        out["PRUNABLE.sha256"] = sums(prunable)
    out["SHA256SUMS"] = sums({path: data for path, data in out.items() if path not in prunable})
    launch = files["launch.yaml"].decode().replace(old, new)
    launch = re.sub(r"sums: .*", f'sums: "{hashlib.sha256(out["SHA256SUMS"]).hexdigest()}"', launch)
    chain = f'previous:\n  - "{previous}"' if previous else "previous: []"
    launch = re.sub(r"previous:( \[\]|\n( +- .*\n)+ *)", chain, launch)
    out["launch.yaml"] = launch.encode()
    return new, out, hashlib.sha256(out["launch.yaml"]).hexdigest()


class Import:
    """A stream for `git fast-import`."""

    def __init__(self, root):
        self.git = subprocess.Popen(["git", "fast-import", "--quiet", "--force"], cwd=root, stdin=subprocess.PIPE)
        self.time = 1_770_000_000
        self.mark = 0

    def commit(self, branch, message, files, start=None, merge=None):
        self.mark += 1
        self.time += 60
        put = self.git.stdin.write
        who = f"Bench <bench@example.com> {self.time} +0000"
        put(f"commit refs/heads/{branch}\nmark :{self.mark}\nauthor {who}\ncommitter {who}\n".encode())
        put(f"data {len(message.encode())}\n{message}\n".encode())
        if start:
            put(f"from {start}\n".encode())
        if merge:
            put(f"merge {merge}\n".encode())
        for path, data in files.items():
            put(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
        return f":{self.mark}"

    def finish(self):
        self.git.stdin.close()
        assert self.git.wait() == 0


def main(tallybook, results, root, launches=1000, commits=20000):
    root = pathlib.Path(root)
    folder, old, files = template(str(pathlib.Path(tallybook).resolve()), pathlib.Path(results).resolve(), root)
    month = next(iter(re.findall(r"^(\d{4})-(\d\d)", old)))
    stream, receipt = Import(root), None
    tip = run("git", "rev-parse", "HEAD", cwd=root).decode().strip()
    between = max(commits // launches - 1, 0)
    for number in range(launches):
        # Every fifth launch is closed after a side branch was merged.
        merges = number % 5 == 4 and between > 3
        for step in range(between - (3 if merges else 0)):
            code = f"fn f{number}_{step}() {{}}\n".encode()
            tip = stream.commit("main", f"Change {number}.{step}", {f"src/m{step % 7}/f{number % 50}.rs": code}, tip)
        if merges:
            side = stream.commit("side", f"Side {number}", {f"src/side/s{number % 50}.rs": b"fn s() {}\n"}, tip)
            side = stream.commit("side", f"Side {number} more", {f"src/side/t{number % 50}.rs": b"%d\n" % number}, side)
            both = {f"src/side/s{number % 50}.rs": b"fn s() {}\n", f"src/side/t{number % 50}.rs": b"%d\n" % number}
            tip = stream.commit("main", f"Merge side {number}", both, tip, side)
        launch, made, receipt = closed(number, old, files, receipt)
        place = f"{folder}/{month[0]}/{month[1]}/{launch}"
        message = f"Close launch Nightly (SHOP) [skip ci]\n\nTallybook-Launch: SHOP/{launch}\nTallybook-Receipt: sha256:{receipt}\n"
        tip = stream.commit("main", message, {f"{place}/{path}": data for path, data in made.items()}, tip)
    stream.finish()
    run("git", "branch", "-D", "--quiet", "side", cwd=root)
    run("git", "reset", "--hard", "--quiet", cwd=root)
    run("git", "gc", "--quiet", cwd=root)
    print(f"{launches} launches, {run('git', 'rev-list', '--count', 'HEAD', cwd=root).decode().strip()} commits")


if __name__ == "__main__":
    main(*sys.argv[1:4], *map(int, sys.argv[4:6]))
