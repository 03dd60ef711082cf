#!/usr/bin/env python3
"""Makes a repository in which one commit changes 500 of 10,000 cases, to measure `tallybook review` on.

    review.py TALLYBOOK DIR

TALLYBOOK is the binary, DIR the repository to make. Twenty plans and two hundred requirements look at the cases; a
third of the changes weakens an expectation, a third or so drops a step, the others lower a severity.
"""
import pathlib
import subprocess
import sys

CASES, PLANS, REQUIREMENTS, EVERY = 10_000, 20, 200, 20


def case(number):
    steps = "".join(
        f"1. Do thing {n} of case {number} on the page.\n   - **Expected:** thing {n} is shown within {n + 1} seconds.\n"
        for n in range(6)
    )
    return (
        f"---\nid: SHOP-C{number:05d}\ntitle: Case number {number}\nstatus: active\nseverity: normal\n"
        f"tags: [t{number % 7}, smoke]\nlinks:\n- {{type: requirement, name: REQ-{number % REQUIREMENTS}}}\n---\n\n"
        f"Why it matters.\n\n## Steps\n\n{steps}"
    )


def changed(number, text):
    if number % 60 == 0:
        return text.replace("within 3 seconds", "within 9 seconds")
    if number % 40 == 0:
        start = text.index("1. Do thing 2")
        return text[:start] + text[text.index("1. Do thing 3") :]
    return text.replace("severity: normal", "severity: minor")


def main(tallybook, root):
    root.mkdir(parents=True)
    run = lambda *args: subprocess.run(args, cwd=root, check=True, stdout=subprocess.DEVNULL)
    run("git", "init", "--quiet", "--initial-branch=main")
    run("git", "config", "user.name", "Bench")
    run("git", "config", "user.email", "bench@example.com")
    # Packed once, at the end.
    run("git", "config", "gc.auto", "0")
    run(tallybook, "init", "--name", "Shop", "--key", "SHOP")
    project = root / "projects/shop"
    paths = [project / f"cases/s{number % 100}/c{number}.md" for number in range(CASES)]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(case(number))
    for folder in ("plans", "requirements"):
        (project / folder).mkdir(exist_ok=True)
    for number in range(PLANS):
        query = f"name: P{number}\nquery: tag = t{number % 7} and severity = normal\n"
        (project / f"plans/p{number}.yaml").write_text(query)
    listed = "".join(f"- {{id: REQ-{n}, title: Need {n}}}\n" for n in range(REQUIREMENTS))
    (project / "requirements/all.yaml").write_text("requirements:\n" + listed)
    run("git", "add", ".")
    run("git", "commit", "--quiet", "-m", "Set up")
    for number in range(0, CASES, EVERY):
        paths[number].write_text(changed(number, paths[number].read_text()))
    run("git", "commit", "--quiet", "--all", "-m", "Change 500 cases")
    run("git", "gc", "--quiet")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]))
