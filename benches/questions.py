#!/usr/bin/env python3
"""Makes a repository with several large closed launches of one branch, to measure what questions to them cost.

    questions.py TALLYBOOK DIR [LAUNCHES [RESULTS]]

TALLYBOOK is the binary, DIR the repository to make. Every launch has the same tests; most always pass, some always
fail, some change from launch to launch, and durations vary. The same arguments give the same results.
"""
import datetime
import hashlib
import os
import pathlib
import subprocess
import sys

NOUNS = "basket checkout invoice coupon refund session address voucher".split()
VERBS = "creates rejects updates deletes returns shows stores merges".split()
TESTS_OF_A_CLASS = 40


def draw(*parts):
    """A number below 10,000 that depends on the parts alone."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=4).digest(), "big") % 10_000


def body(test, launch):
    kind = draw("kind", test)
    if kind < 50 or kind < 400 and draw("flips", test, launch) < 3_000:
        message = f"expected 2, got {3 + draw('got', test) % 5}"
        trace = f"AssertionError: {message}\n" + "".join(f"  at step {n} of test {test}\n" for n in range(6))
        return f'<failure message="{message}">{trace}</failure>'
    if kind > 9_800:
        return '<skipped message="not on this platform"/>'
    return ""


def junit(launch, results):
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n']
    for start in range(0, results, TESTS_OF_A_CLASS):
        number = start // TESTS_OF_A_CLASS
        noun = NOUNS[number % len(NOUNS)]
        name = f"tests.{noun}.test_{noun}_{number}"
        tests = range(start, min(start + TESTS_OF_A_CLASS, results))
        out.append(f'<testsuite name="{name}" tests="{len(tests)}">\n')
        for test in tests:
            seconds = (draw("usual", test) + draw("noise", test, launch) / 10) / 10_000
            title = f"test_{VERBS[test % len(VERBS)]}_{noun}_{test}"
            out.append(f'<testcase classname="{name}.Test{noun.title()}" name="{title}" time="{seconds:.3f}">')
            out.append(f"{body(test, launch)}</testcase>\n")
        out.append("</testsuite>\n")
    out.append("</testsuites>\n")
    return "".join(out).encode()


def main(tallybook, root, launches=20, results=100_000):
    tallybook, root = str(pathlib.Path(tallybook).resolve()), pathlib.Path(root)
    root.mkdir(parents=True)
    environment = dict(os.environ)

    def run(*args):
        done = subprocess.run(args, cwd=root, env=environment, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode().strip()

    run("git", "init", "--quiet", "--initial-branch=main")
    run("git", "config", "user.name", "Bench")
    run("git", "config", "user.email", "bench@example.com")
    run("git", "config", "gc.auto", "0")
    run(tallybook, "init", "--name", "Shop", "--key", "SHOP")
    run("git", "add", ".")
    run("git", "commit", "--quiet", "-m", "Set up")
    first = datetime.datetime(2026, 10, 1, 2, tzinfo=datetime.timezone.utc)
    file = root / ".git" / "junit.xml"
    for launch in range(launches):
        environment["TALLYBOOK_NOW"] = (first + datetime.timedelta(days=launch)).strftime("%Y-%m-%dT%H:%M:%SZ")
        file.write_bytes(junit(launch, results))
        opened = run(tallybook, "launch", "open", "--name", f"Nightly {launch}")
        run(tallybook, "launch", "append", opened, str(file))
        run(tallybook, "launch", "close", opened)
    file.unlink()
    print(f"{launches} launches of {results} results, the last one {opened}")


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:5]))
