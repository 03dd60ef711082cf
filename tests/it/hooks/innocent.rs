//! Pushes that must pass.

/// A name, and what is done and pushed.
pub(super) const INNOCENT: [(&str, &str); 26] = [
    (
        "code by anybody",
        "as eve; echo 2 > src/main.c; commit x; git push -q origin main",
    ),
    (
        "a branch of a writer",
        "as wes; git checkout -q -b f; echo x >> projects/shop/cases/mail/dark.md; commit x; git push -q origin f",
    ),
    (
        "a merge of others' work",
        "as wes; git checkout -q -b f; echo x >> projects/shop/cases/mail/dark.md; commit x; git checkout -q main; as eve; echo 2 > src/main.c; commit y; git merge -q --no-ff -m m f; git push -q origin main f; git push -q origin :f",
    ),
    (
        "a merge of main into a branch of code",
        "as eve; git checkout -q -b f HEAD~2; echo 2 > src/main.c; commit x; git push -q origin f; git merge -q --no-ff -m m main; git push -q origin f",
    ),
    (
        "an octopus",
        "as wes; for n in 1 2 3; do git checkout -q -b f$n main; echo $n > projects/shop/cases/f$n.md; commit $n; done; git checkout -q main; git merge -q -m m f1 f2 f3; git push -q origin main",
    ),
    (
        "a squash of a closing",
        "as ron; git checkout -q -b f; close four; git push -q origin f; git checkout -q main; git merge -q --squash f; git commit -qm 'four, squashed'; git push -q origin main; git push -q origin :f",
    ),
    (
        "a cherry-pick of a closing",
        "as ron; git checkout -q -b rel; git checkout -q main; close four; git push -q origin main; git checkout -q rel; git cherry-pick main >/dev/null; git push -q origin rel",
    ),
    (
        "a rebase of a branch, forced",
        "as wes; git checkout -q -b f HEAD~1; echo x >> projects/shop/cases/mail/dark.md; commit x; git push -q origin f; git rebase -q main; git push -q -f origin f",
    ),
    (
        "a rebase across a new member",
        "as wes; git checkout -q -b f; echo x > projects/shop/cases/x.md; commit x; git push -q origin f; git checkout -q main; as alice; member carol writer; commit c; git push -q origin main; git checkout -q f; git rebase -q main; git push -q -f origin f",
    ),
    (
        "a branch from an old commit",
        "git push -q origin HEAD~2:refs/heads/old; as ron; git checkout -q -b older HEAD~3; echo 1 > a; commit a; git push -q origin older",
    ),
    (
        "tags on closings, moved and deleted",
        "git tag light; git tag -am t full HEAD~1; git push -q origin --tags; git tag -f light HEAD~2 >/dev/null; git push -q -f origin light; git push -q origin :light :full",
    ),
    (
        "a merged branch deleted",
        "git push -q origin HEAD:refs/heads/done; git push -q origin :done",
    ),
    (
        "closings on two branches, merged",
        "as ron; git checkout -q -b a; close four; git checkout -q -b b main; close five; git merge -q --no-ff -m m a; git push -q origin b:main",
    ),
    (
        "notes",
        "as eve; git notes add -m hello; git push -q origin 'refs/notes/*'",
    ),
    (
        "pages beside the history",
        "as eve; git checkout -q --orphan pages; git rm -rqf .; echo hello > index.html; commit pages; git push -q origin pages",
    ),
    (
        "a launch of many machines",
        "tallybook launch open --key k --push >/dev/null; tallybook launch append --key k ../r.xml --job a --push >/dev/null; tallybook launch append --key k ../r.xml --job b --push >/dev/null; as ron; tallybook launch close --key k --push >/dev/null; test -z \"$(git ls-remote origin 'refs/tallybook/*')\"",
    ),
    (
        "a launch thrown away",
        "tallybook launch append --key k ../r.xml --push >/dev/null; id=$(tallybook launch open --key k --push); tallybook launch discard $id --reason mistake --push; test -z \"$(git ls-remote origin 'refs/tallybook/*')\"",
    ),
    (
        "a part that came late",
        "as ron; tallybook launch append --key k ../r.xml --job a --push >/dev/null; tallybook launch close --key k --push >/dev/null; tallybook launch append --key k ../r.xml --job b --push >/dev/null; tallybook launch close --key k --push >/dev/null",
    ),
    (
        "a new member, by an owner and a pull request",
        "as alice; tallybook member add -q Carol --email carol@example.com --branch add >/dev/null; git push -q origin add; as eve; git merge -q --no-ff -m m add; git push -q origin main; as carol; echo x >> projects/shop/cases/mail/dark.md; commit x; git push -q origin main",
    ),
    (
        "a right granted and used in one push",
        "as alice; member carol writer; commit c; as carol; echo x > projects/shop/cases/x.md; commit x; git push -q origin main",
    ),
    (
        "a project's folder moved whole",
        "as alice; git mv projects/shop projects/store; commit x; git push -q origin main",
    ),
    (
        "a note on a launch",
        "as ron; annotate $ID note; commit x; git push -q origin main",
    ),
    (
        "a change of documentation reverted",
        "as wes; echo x > projects/shop/cases/x.md; commit x; git push -q origin main; git revert --no-edit HEAD >/dev/null; git push -q origin main",
    ),
    (
        "another workspace in a folder",
        "as eve; mkdir -p qa/projects/own/members; echo 'format: 1' > qa/tallybook.yaml; echo 'key: OWN' > qa/projects/own/project.yaml; commit x; git push -q origin main",
    ),
    (
        "a removal that an owner answers for",
        "as alice; git rm -qr $L; commit x; mkdir -p projects/shop/annotations/$ID; printf 'format: 1\\nkind: acknowledged\\nat: 2026-11-22T18:43:00Z\\nreason: a secret\\nviolation: {kind: removed-launch}\\n' > projects/shop/annotations/$ID/a.yaml; commit y; git push -q origin main",
    ),
    (
        "a runner opens and appends, and so does a writer",
        "as ron; tallybook launch append --key k ../r.xml --job a --push >/dev/null; as wes; tallybook launch append --key k ../r.xml --job b --push >/dev/null; test $(git ls-remote origin 'refs/tallybook/*' | wc -l) = 3; tallybook launch sync >/dev/null; as alice; tallybook launch sync >/dev/null",
    ),
];
