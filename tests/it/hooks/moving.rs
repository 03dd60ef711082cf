//! Closed launches that lay beside their documentation move to a branch of their own.

use super::{Attack, MAIN};

const BOTH: &str = "git push -q origin main tallybook";

pub(super) const ATTACKS: &[Attack] = &[
    (
        "launches go, and the branch that is to have them is not there",
        "as alice; apart",
        MAIN,
        "the branch `tallybook`, which its settings name for launches, does not have it",
    ),
    (
        "launches go, and the branch is older than the last of them",
        "as alice; git branch tallybook HEAD~1; apart",
        BOTH,
        "does not have it: begin it at a commit that has all of them",
    ),
    (
        "launches go, and the branch has copies that nobody closed there",
        "as alice; git checkout -q --orphan tallybook; git rm -rqf tallybook.yaml src projects/shop/members projects/shop/project.yaml
         commit copies; git checkout -q main; apart",
        BOTH,
        "refs/heads/main: commit `",
    ),
    (
        "launches go, and what was said of one stays behind",
        "as alice; git branch tallybook; annotate $ID note; commit note; apart",
        BOTH,
        "with 1 annotation; the branch `tallybook`",
    ),
    (
        "launches go, and the branch gets one of them altered",
        "as alice; git branch tallybook; apart; git checkout -q tallybook; sed -i 's/name: .*/name: Other/' $(first)/launch.yaml; commit x; git checkout -q main",
        BOTH,
        "refs/heads/main: commit `",
    ),
    (
        "two branches each say that the other has the launches",
        "as alice; git branch tallybook; apart; git checkout -q tallybook; apart; sed -i 's/branch: .*/branch: main}/' tallybook.yaml; git commit -qa --amend -m apart; git checkout -q main",
        BOTH,
        "does not have it",
    ),
    (
        "a branch says that it has the launches itself, and has none",
        "as alice; git checkout -q -b tallybook; apart",
        "git push -q origin HEAD:main",
        "does not have it",
    ),
    (
        "a writer moves launches that an owner said should move",
        "as alice; git branch tallybook; printf 'launches: {branch: tallybook}\\n' >> tallybook.yaml; commit settings
         as wes; git rm -rq projects/*/launches projects/*/executed; commit gone",
        BOTH,
        "(writer, by author) took the closed launch",
    ),
    (
        "launches moved, and their branch is deleted",
        "as alice; git branch tallybook; apart; git push -q origin main tallybook",
        "git push -q origin :tallybook",
        "its deletion would lose",
    ),
    (
        "launches moved, and one is removed from their branch",
        "as alice; git branch tallybook; apart; git push -q origin main tallybook; git checkout -q tallybook; git rm -rq $(first); commit x",
        "git push -q origin tallybook",
        "removed the closed launch",
    ),
];

pub(super) const INNOCENT: &[(&str, &str)] = &[
    (
        "launches move to a branch of their own, which then has evidence alone, and closings go on",
        "as alice; git branch tallybook; apart; git push -q origin main tallybook
         git checkout -q tallybook; alone; git push -q origin tallybook; git checkout -q main
         member nora runner; commit nora; git push -q origin main
         as nora; id=$(tallybook launch open -q --name later); tallybook launch append -q $id ../r.xml >/dev/null
         tallybook launch close -q $id --push; tallybook verify | grep '4 closed launches'; tallybook validate
         test \"$(tallybook launch list --format json | grep -c '\"state\": \"closed\"')\" = 4",
    ),
    (
        "the branch for launches is pushed first, closes one more, and main follows by a merge",
        "as alice; git push -q origin main:tallybook; git fetch -q
         git checkout -q -b apart; apart; git checkout -q main; echo 2 > src/main.c; commit code; git push -q origin main
         git merge -q --no-ff -m merge apart; git push -q origin main; tallybook verify | grep '3 closed launches'",
    ),
    (
        "launches move with what is said of them",
        "as alice; tallybook launch note $ID seen; git push -q origin main
         git branch tallybook; apart; git push -q origin main tallybook; tallybook verify",
    ),
];
