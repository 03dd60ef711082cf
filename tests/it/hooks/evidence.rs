//! Attacks on closed launches, on what they name, and by copies of them.

use super::{Attack, MAIN};

/// Plants a launch of its own in a workspace beside, and then removes all others.
const PLANT_AND_WIPE: &str = "n=away/projects/x/launches/2026/11/n-1; mkdir -p away/projects/x/launches/2026/11; cp -R $L $n; cp -R projects/shop/executed away/projects/x/
  sed -i 's/^id: .*/id: n-1/; s/^project: .*/project: XX/' $n/launch.yaml; commit plant; git rm -qr projects tallybook.yaml; commit wipe";

pub(super) const ON_LAUNCHES: [Attack; 25] = [
    (
        "all launches removed after another workspace began beside them",
        PLANT_AND_WIPE,
        MAIN,
        "removed the closed launch",
    ),
    (
        "a launch stands in a second month",
        "as ron; mkdir -p projects/shop/launches/2025/01; cp -R $L projects/shop/launches/2025/01/; commit x",
        MAIN,
        "stands here and in `projects/shop/launches/",
    ),
    (
        "a branch deleted whose launch is kept elsewhere as redacted by a stranger",
        "as alice; git checkout -q -b rc; close rc > ../id; git push -q origin rc; cp -R projects/shop/launches/*/*/$(cat ../id) ../kept
         as eve; git checkout -q --orphan evil; git rm -qrf .; id=$(cat ../id); f=evil/projects/p/launches/2026/11/$id; mkdir -p $f evil/projects/p/annotations/$id; cp ../kept/launch.yaml ../kept/SHA256SUMS $f/
         { printf 'format: 1\nkind: redacted\nat: 2026-11-22T18:43:00Z\nreason: x\nfiles:\n'; awk '{printf \"- {path: %s, sha256: %s}\\n\", $2, $1}' ../kept/SHA256SUMS; } > evil/projects/p/annotations/$id/r.yaml; commit evil; git push -q origin evil",
        "git push -q origin :rc",
        "its deletion would lose the closed launch `",
    ),
    (
        "a file changed",
        "as alice; echo x >> $L/outcomes.yaml; commit x",
        MAIN,
        "refs/heads/main: commit `",
    ),
    (
        "changed and put back",
        "as alice; cp $L/outcomes.yaml ../kept; echo x >> $L/outcomes.yaml; commit x; cp ../kept $L/outcomes.yaml; commit y",
        MAIN,
        "changed `outcomes.yaml` of the closed launch",
    ),
    (
        "removed",
        "as alice; git rm -qr $L; commit x",
        MAIN,
        "removed the closed launch",
    ),
    (
        "removed and put back",
        "as alice; git rm -qr $L; commit x; git checkout -q HEAD~1 -- $L; commit y",
        MAIN,
        "removed the closed launch",
    ),
    (
        "a closing reverted",
        "as alice; git revert --no-edit HEAD >/dev/null",
        MAIN,
        "removed the closed launch",
    ),
    (
        "all launches removed with the workspace",
        "as alice; git rm -qr projects tallybook.yaml; commit x",
        MAIN,
        "removed the closed launch",
    ),
    (
        "a link for a file",
        "as alice; ln -sf tests.yaml $L/outcomes.yaml; commit x",
        MAIN,
        "changed `outcomes.yaml` of the closed launch",
    ),
    (
        "an executable",
        "as alice; chmod +x $L/launch.yaml; commit x",
        MAIN,
        "changed `launch.yaml` of the closed launch",
    ),
    (
        "a submodule for the folder",
        "as alice; git rm -qr $L; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),$L; git commit -qm x",
        MAIN,
        "the closed launch",
    ),
    (
        "a file added",
        "as alice; echo x > $L/extra.txt; commit x",
        MAIN,
        "`extra.txt`",
    ),
    (
        "moved elsewhere",
        "as alice; mkdir -p projects/shop/launches/2025/01; git mv $L projects/shop/launches/2025/01/; commit x",
        MAIN,
        "removed the closed launch",
    ),
    (
        "an executed text changed",
        "as alice; e=$(ls projects/shop/executed/* | head -n 1); echo x >> $e; commit x",
        MAIN,
        "changed the executed text",
    ),
    (
        "an evil merge",
        "as alice; git checkout -q -b side; echo 1 > a; commit a; git checkout -q main; echo 2 > b; commit b; git merge -q --no-commit side; echo x >> $L/tests.yaml; commit m",
        MAIN,
        "changed `tests.yaml` of the closed launch",
    ),
    (
        "a side branch that changed it, merged away",
        "as alice; git checkout -q -b side; echo x >> $L/tests.yaml; commit a; git checkout -q main; git merge -q --no-ff -s ours -m m side",
        MAIN,
        "changed `tests.yaml` of the closed launch",
    ),
    (
        "a squash that drops one",
        "as alice; git checkout -q --orphan s; git rm -qrf --cached $L; rm -r $L; commit s",
        "git push -q -f origin s:main",
        "the forced update would lose the closed launch",
    ),
    (
        "a forced update to before",
        "git reset -q --hard HEAD~1",
        "git push -q -f origin main",
        "the forced update would lose the closed launch",
    ),
    (
        "a branch deleted with the only copy",
        "as alice; git checkout -q -b rc; close rc; git push -q origin rc",
        "git push -q origin :rc",
        "its deletion would lose the closed launch",
    ),
    (
        "a tag deleted with the only copy",
        "as alice; git checkout -q -b tmp; close rc; git tag -am t t; git push -q origin t",
        "git push -q origin :t",
        "its deletion would lose the closed launch",
    ),
    (
        "a tag moved off the only copy",
        "as alice; git checkout -q -b tmp; close rc; git tag t; git push -q origin t; git tag -f t main >/dev/null",
        "git push -q -f origin t",
        "the forced update would lose the closed launch",
    ),
    (
        "the lists of a closing don't hold",
        "as alice; id=$(close four); f=$(ls -d projects/shop/launches/*/*/$id); echo x >> $f/tests.yaml; git add -A; git commit -q --amend --no-edit",
        MAIN,
        "`tests.yaml` does not have the digest it was closed with",
    ),
    (
        "a closing names a receipt that nobody knows",
        "as alice; id=$(close four); f=$(ls -d projects/shop/launches/*/*/$id); sed -i 's/[0-9a-f]\\{64\\}/'$(printf 0%.0s $(seq 64))'/' $f/launch.yaml; git add -A; git commit -q --amend -m x",
        MAIN,
        "launch `",
    ),
    (
        "a closing with another receipt than it says",
        "as alice; id=$(close four); f=$(ls -d projects/shop/launches/*/*/$id); sed -i 's/^name: .*/name: other/' $f/launch.yaml; git add -A; git commit -q --amend --no-edit",
        MAIN,
        "but its `launch.yaml` has another",
    ),
];

/// What a branch aside may lack, and the branch of the rules must have.
pub(super) const ON_COMPLETENESS: [Attack; 8] = [
    (
        "a closing without its executed text",
        "as alice; textless",
        MAIN,
        "the executed text `",
    ),
    (
        "the same, by a branch aside, fast-forwarded",
        "as alice; textless; git push -q origin HEAD:refs/heads/side",
        MAIN,
        "the executed text `",
    ),
    (
        "the same, merged",
        "as alice; git checkout -q -b side; textless; git push -q origin side; git checkout -q main; echo 1 > a; commit a; git merge -q --no-ff -m m side",
        MAIN,
        "the executed text `",
    ),
    (
        "the same, in one push",
        "as alice; textless; git branch aside",
        "git push -q origin aside HEAD:main",
        "refs/heads/main: launch `",
    ),
    (
        "the same, forced",
        "as alice; textless; git commit -q --amend -m other; git push -q origin HEAD:refs/heads/side; git checkout -q -b more; echo 1 > a; commit a",
        "git push -q -f origin more:main",
        "the executed text `",
    ),
    (
        "a chain that is elsewhere, by a branch aside",
        "as alice; git branch base; close four; git push -q origin HEAD:refs/heads/four; close five; git checkout -q base; git cherry-pick main >/dev/null; git push -q origin base:refs/heads/picked",
        "git push -q origin base:main",
        "which no launch here has",
    ),
    (
        "a branch deleted with the only executed texts",
        "as alice; git branch base; reword; close new; git push -q origin HEAD:refs/heads/full; git checkout -q base; git checkout -q main -- projects/shop/launches; commit bare; git push -q origin base:refs/heads/bare",
        "git push -q origin :full",
        "refs/heads/full: its deletion would lose the executed text `",
    ),
    (
        "a forced update that loses the only executed texts",
        "as alice; git branch base; reword; close new; git push -q origin HEAD:refs/heads/full; git checkout -q base; git checkout -q main -- projects/shop/launches; commit bare",
        "git push -q -f origin base:full",
        "refs/heads/full: the forced update would lose the executed text `",
    ),
];

pub(super) const ON_COPIES: [Attack; 7] = [
    (
        "an altered copy on an orphan branch",
        "as alice; forge",
        "git push -q origin forged",
        "is known with another receipt: `refs/heads/main` has it otherwise",
    ),
    (
        "behind an annotated tag",
        "as alice; forge; git tag -am t t",
        "git push -q origin t",
        "refs/tags/t: launch `",
    ),
    (
        "behind a light tag",
        "as alice; forge; git tag t",
        "git push -q origin t",
        "is known with another receipt",
    ),
    (
        "behind a custom reference",
        "as alice; forge",
        "git push -q origin forged:refs/custom/x",
        "refs/custom/x: launch `",
    ),
    (
        "behind notes",
        "as alice; forge",
        "git push -q origin forged:refs/notes/x",
        "is known with another receipt",
    ),
    (
        "behind a tag of a tree",
        "as alice; forge; git tag t forged^{tree}",
        "git push -q origin t",
        "is known with another receipt",
    ),
    (
        "in another folder",
        "as alice; forge; mkdir -p sub; git mv projects sub/; commit m; git reset -q --soft HEAD~2 2>/dev/null || true; git checkout -q --orphan again; commit again",
        "git push -q origin again",
        "is known with another receipt",
    ),
];
