//! Pushes that touch what is said of closed launches.

use super::{Attack, MAIN};

pub(super) const ATTACKS: &[Attack] = &[
    (
        "a note edited",
        "as ron; annotate $ID note; commit x; git push -q origin main; sed -i s/because/nothing/ projects/shop/annotations/$ID/note.yaml; commit y",
        MAIN,
        "changed the annotation `note.yaml` of the closed launch `",
    ),
    (
        "a note removed by an owner without a word",
        "as ron; annotate $ID note; commit x; git push -q origin main; as alice; git rm -q projects/shop/annotations/$ID/note.yaml; commit y",
        MAIN,
        "removed the annotation `note.yaml` of the closed launch `",
    ),
    (
        "a note removed and put back in one push",
        "as ron; annotate $ID note; commit x; git push -q origin main; git rm -q projects/shop/annotations/$ID/note.yaml; commit y; git revert --no-edit HEAD >/dev/null",
        MAIN,
        "removed the annotation `note.yaml` of the closed launch `",
    ),
    (
        "a note edited in a merge",
        "as ron; annotate $ID note; commit x; git push -q origin main; as wes; git checkout -q -b side; echo 1 > a; commit a; git checkout -q main; echo 2 > b; commit b; git merge -q --no-commit side; echo '# x' >> projects/shop/annotations/$ID/note.yaml; commit m",
        MAIN,
        "changed the annotation `note.yaml` of the closed launch `",
    ),
    (
        "a note removed on another branch",
        "as ron; annotate $ID note; commit x; git push -q origin main; git checkout -q -b side; git rm -q projects/shop/annotations/$ID/note.yaml; commit y",
        "git push -q origin side",
        "refs/heads/side: commit `",
    ),
    (
        "a forced update past a note",
        "as ron; annotate $ID note; commit x; git push -q origin main; git reset -q --hard HEAD~1; echo 1 > a; commit other",
        "git push -q --force origin HEAD:main",
        "the forced update would lose the annotation `",
    ),
    (
        "a forced update to an edited note",
        "as ron; annotate $ID note; commit x; git push -q origin main; sed -i s/because/nothing/ projects/shop/annotations/$ID/note.yaml; git add -A; git commit -q --amend -m x",
        "git push -q --force origin HEAD:main",
        "the forced update would lose the annotation `",
    ),
    (
        "a branch deleted whose note no other has",
        "as ron; git checkout -q -b side; annotate $ID note; commit x; git push -q origin side",
        "git push -q origin :side",
        "its deletion would lose the annotation `",
    ),
];

/// A name, and what is done and pushed.
pub(super) const INNOCENT: &[(&str, &str)] = &[
    (
        "notes by two branches, merged",
        "as ron; git checkout -q -b side; annotate $ID note; mv projects/shop/annotations/$ID/note.yaml projects/shop/annotations/$ID/other.yaml; commit x; git push -q origin side; git checkout -q main; annotate $ID note; commit y; git push -q origin main; as wes; git merge -q --no-edit side; git push -q origin main; git push -q origin :side",
    ),
    (
        "a note that an owner redacts, and a branch that still has it goes",
        "as ron; annotate $ID note; commit x; git push -q origin main main:refs/heads/old; as alice; tallybook launch redact -q $ID annotations/note.yaml --reason 'a name' 2>/dev/null >&2; git push -q origin main; git push -q origin :old",
    ),
    (
        "a note removed, and an owner answers for it",
        "as ron; annotate $ID note; commit x; git push -q origin main; as alice; git rm -q projects/shop/annotations/$ID/note.yaml; commit y; tallybook launch acknowledge -q $ID --violation removed-annotation --reason agreed >/dev/null; git push -q origin main",
    ),
    (
        "a branch with a note that is on another one goes",
        "as ron; git checkout -q -b side; annotate $ID note; commit x; git push -q origin side; git checkout -q main; git merge -q side; git push -q origin main; git push -q origin :side",
    ),
    (
        "a branch with a note, rebased and forced",
        "as ron; git checkout -q -b f; annotate $ID note; commit x; git push -q origin f; git checkout -q main; echo 1 > a; commit a; git push -q origin main; git checkout -q f; git rebase -q main; git push -q -f origin f",
    ),
    (
        "a project's folder moved whole, with what is said of its launches",
        "as alice; annotate $ID note; commit x; git push -q origin main; git mv projects/shop projects/store; commit y; git push -q origin main",
    ),
];
