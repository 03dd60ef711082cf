//! What `verify` must not flag.

use super::{Scene, innocent};

pub(super) const SCENES: &[Scene] = &[
    innocent("nothing", ":"),
    innocent(
        "product code goes on",
        "for n in 1 2 3; do echo $n > src/app.txt; say $n; done",
    ),
    innocent(
        "a branch that closed a launch is merged",
        r#"git branch side; git reset -q --hard HEAD~1; echo m > src/main.txt; say main; git merge -q -m merge side"#,
    ),
    innocent(
        "two branches each close a launch and are merged",
        r#"git checkout -qb side HEAD~1; new=$("$TALLYBOOK" launch open --name Side); "$TALLYBOOK" launch append "$new" ../results-1; "$TALLYBOOK" launch close "$new"
           git checkout -q main; git merge -q -m merge side"#,
    ),
    innocent(
        "a branch with closings is squashed",
        r#"git branch side; git reset -q --hard HEAD~2; echo m > src/main.txt; say main; git merge -q --squash side; git commit -qm squashed"#,
    ),
    innocent(
        "a branch with closings is rebased",
        r#"git checkout -qb side; git checkout -q main; git reset -q --hard HEAD~2; echo m > src/main.txt; say main; git checkout -q side; git rebase -q main"#,
    ),
    innocent(
        "closings are cherry-picked",
        r#"git branch side; git reset -q --hard HEAD~2; echo m > src/main.txt; say main; git cherry-pick side~1 side"#,
    ),
    innocent(
        "closings travel by mail (`format-patch`, `am`)",
        r#"git format-patch -q --binary --stdout HEAD~2 > ../mail; git reset -q --hard HEAD~2; git am -q ../mail"#,
    ),
    innocent(
        "other folders are renamed",
        "git mv src source; say rename; mkdir deep; git mv source deep/src; say rename",
    ),
    innocent(
        "the workspace moves into a folder",
        "mkdir -p qa/tests; git mv tallybook.yaml projects .gitattributes qa/tests/; say move; AT=qa/tests",
    ),
    innocent(
        "the workspace moves, and back",
        "mkdir qa; git mv tallybook.yaml projects .gitattributes qa/; say move; git mv qa/tallybook.yaml qa/projects qa/.gitattributes .; say back",
    ),
    innocent(
        "the project's folder is renamed",
        "git mv projects/shop projects/store; say rename",
    ),
    innocent(
        "all history is rewritten into a folder",
        r#"git filter-branch -f --index-filter 'git ls-files -s | sed "s,\t,&qa/," | GIT_INDEX_FILE=$GIT_INDEX_FILE.new git update-index --index-info && mv "$GIT_INDEX_FILE.new" "$GIT_INDEX_FILE"' HEAD >/dev/null 2>&1; git reset -q --hard; AT=qa"#,
    ),
    innocent(
        "cases, steps and members change, and cases are removed",
        r#"sed -i 's/Choose/Pick/' projects/shop/cases/sign-in/expired.md; git rm -q projects/shop/cases/mail/dark.md; echo x >> projects/shop/steps/sign-in.md; say edit"#,
    ),
    innocent("git collects garbage", "git gc -q --prune=now"),
    innocent(
        "git packs all anew, with bitmaps and a graph of commits",
        "git repack -qadfb; git prune; git commit-graph write --reachable",
    ),
    innocent(
        "a bare clone",
        r#"git clone -q --bare . ../bare; AT=../../bare; mv ../bare ../../bare-$$; ln -s "$(cd ..; pwd)" ../self; mv "../../bare-$$" ../bare; AT=../bare"#,
    ),
    innocent(
        "a shallow clone",
        r#"git clone -q --depth 2 "file://$PWD" ../clone; AT=../clone"#,
    ),
    innocent(
        "a shallow clone that is deepened by a fetch",
        r#"git clone -q --depth 1 "file://$PWD" ../clone; git -C ../clone fetch -q --deepen 2; AT=../clone"#,
    ),
    innocent(
        "a partial clone without blobs",
        r#"git config uploadpack.allowFilter true; git config uploadpack.allowAnySHA1InWant true; git clone -q --filter=blob:none --no-checkout "file://$PWD" ../clone; git -C ../clone checkout -q main; AT=../clone"#,
    ),
    innocent(
        "a partial clone without trees",
        r#"git config uploadpack.allowFilter true; git config uploadpack.allowAnySHA1InWant true; git clone -q --bare --filter=tree:0 "file://$PWD" ../clone; AT=../clone"#,
    ),
    innocent(
        "a sparse checkout that leaves the launches out",
        r#"git clone -q . ../clone; git -C ../clone sparse-checkout set src; AT=../clone; cd ../clone; git sparse-checkout set --no-cone '/*' '!/projects/shop/launches/'; cd - > ../log"#,
    ),
    innocent(
        "a launch is closed in a clone that is partial and sparse",
        r#"git config uploadpack.allowFilter true; git config uploadpack.allowAnySHA1InWant true; git clone -q --filter=blob:none --sparse "file://$PWD" ../clone; cd ../clone
           new=$("$TALLYBOOK" launch open --name Sparse); "$TALLYBOOK" launch append "$new" ../results-1; "$TALLYBOOK" launch close "$new"; cd "$OLDPWD"; AT=../clone"#,
    ),
    innocent(
        "a second worktree",
        "git worktree add -q ../clone HEAD; AT=../clone",
    ),
    innocent(
        "a clone with `core.autocrlf`",
        "git clone -q -c core.autocrlf=true . ../clone; AT=../clone",
    ),
    innocent(
        "the attributes at the root send images to LFS (`*.png filter=lfs`)",
        r#"git config filter.lfs.clean "sed s/shot/SHOT/"; git config filter.lfs.smudge "sed s/SHOT/shot/"; git config filter.lfs.required true
           { echo '*.png filter=lfs diff=lfs merge=lfs -text'; echo '* text=auto'; cat .gitattributes; } > n; mv n .gitattributes; say attributes
           git clone -q . ../clone; AT=../clone"#,
    ),
    innocent(
        "attachments are pointers of LFS, and nothing smudges them",
        r#"git reset -q --hard HEAD~1; new=$("$TALLYBOOK" launch open --name Large); "$TALLYBOOK" launch append "$new" ../results-3; "$TALLYBOOK" launch close "$new"
           f=$(echo projects/shop/launches/*/*/"$new"/attachments/*.png); printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 6\n' "$(sha256sum < "$f" | cut -c1-64)" > n; mv n "$f"
           git add -A; git commit -q --amend --no-edit"#,
    ),
    innocent(
        "attachments are pointers of LFS in git, and smudged in the working tree",
        r#"git reset -q --hard HEAD~1; new=$("$TALLYBOOK" launch open --name Large); "$TALLYBOOK" launch append "$new" ../results-3; "$TALLYBOOK" launch close "$new"
           f=$(echo projects/shop/launches/*/*/"$new"/attachments/*.png); cp "$f" ../content; printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 6\n' "$(sha256sum < "$f" | cut -c1-64)" > n; mv n "$f"
           git add -A; git commit -q --amend --no-edit; cp ../content "$f""#,
    ),
    innocent(
        "files that are not in git lie beside the launches",
        r#"echo x > "$L1/notes.local"; echo x > projects/shop/launches/stray"#,
    ),
    innocent(
        "other people's changes are staged, unstaged and stashed",
        "echo 1 > src/app.txt; git stash -q; echo 2 > src/app.txt; git add -A; echo 3 > src/app.txt",
    ),
    innocent(
        "commits have notes and tags",
        r#"git notes add -m note HEAD; git tag -a v1 -m v1; git tag closing HEAD~1"#,
    ),
    innocent(
        "a merge without a change, and commits without any",
        r#"git checkout -qb side HEAD~1; git commit -q --allow-empty -m empty; git checkout -q main; git merge -q --no-ff -m merge side; git commit -q --allow-empty -m empty"#,
    ),
    innocent(
        "an unrelated history is merged",
        r#"git checkout -q --orphan other; git rm -rqf .; echo o > other.txt; say other; git checkout -q main; git merge -q --allow-unrelated-histories -m merge other"#,
    ),
    innocent(
        "old commits of a product whose authors have no address",
        r#"echo o > old.txt; git add old.txt; bare "tree $(git write-tree)" "parent $(git rev-parse HEAD)" "$(printf 'author Old Timer 1000000000 +0000\ncommitter Old Timer')"
           echo n > new.txt; say new"#,
    ),
    innocent(
        "details are pruned with a record in the same commit",
        r#"f=$(echo "$L1"/details/*.yaml); { printf 'kind: pruned\nfiles:\n'; removal "$f" "$L1"; } | annotate "$L1"; git rm -q "$f"; say prune"#,
    ),
    innocent(
        "a shard is redacted with a record in the same commit, and the commits are squashed",
        r#"git branch start HEAD~2; f=$(result "$L3"); { printf 'kind: redacted\nfiles:\n'; removal "$f" "$L3"; } | annotate "$L3"; git rm -q "$f"; say redact; git reset -q --soft start; git commit -qm squashed"#,
    ),
    innocent(
        "a change is acknowledged",
        r#"whiten "$L2"; say whiten; git revert --no-edit HEAD; printf 'kind: acknowledged\nviolation: {kind: changed-history, commit: "%s"}\n' "$(git rev-parse HEAD~1)" | annotate "$L2"; say sorry"#,
    ),
    innocent(
        "notes are added by two branches, and both are merged",
        r#"git checkout -qb side; note "$L2"; git mv "$(said "$L2")/a.yaml" "$(said "$L2")/b.yaml"; git commit -q --amend -m note; git checkout -q main; note "$L2"; git merge -q --no-edit side"#,
    ),
    innocent(
        "a note is added on a branch, which is rebased and merged",
        r#"git checkout -qb side; note "$L2"; git checkout -q main; echo 1 > src/app.txt; say code; git checkout -q side; git rebase -q main; git checkout -q main; git merge -q --no-ff -m merge side"#,
    ),
    innocent(
        "a note is edited before anybody has it, and all is squashed",
        r#"git branch start; note "$L2"; touch_up "$(said "$L2")/a.yaml"; say edit; git reset -q --soft start; git commit -qm squashed"#,
    ),
    innocent(
        "the workspace moves with what is said of launches",
        r#"note "$L2"; mkdir qa; git mv projects tallybook.yaml .gitattributes qa; say move; AT=qa"#,
    ),
    innocent(
        "the project's folder is renamed with what is said of its launches",
        r#"note "$L2"; git mv projects/shop projects/store; say rename"#,
    ),
    innocent(
        "the project's folder is renamed, and another note is added at once",
        r#"note "$L2"; cp "$(said "$L2")/a.yaml" "$(said "$L2")/b.yaml"; git mv projects/shop projects/store; say rename"#,
    ),
    innocent(
        "a note is redacted with a record in the same commit, on a branch that is merged",
        r#"note "$L2"; git checkout -qb side; "$TALLYBOOK" launch redact "$(id "$L2")" annotations/a.yaml --reason "a name"; git checkout -q main; echo 1 > src/app.txt; say code; git merge -q --no-ff -m merge side"#,
    ),
    innocent(
        "the record of a redaction is redacted, and the new one says the same",
        r#""$TALLYBOOK" launch redact "$(id "$L2")" tests.yaml --reason "Ann's name"; f=$(ls "$(said "$L2")"); "$TALLYBOOK" launch redact "$(id "$L2")" "annotations/$f" --reason "a name in a reason""#,
    ),
    innocent(
        "the removal of a note is acknowledged",
        r#"note "$L2"; git rm -q "$(said "$L2")/a.yaml"; say forget; "$TALLYBOOK" launch acknowledge "$(id "$L2")" --violation removed-annotation --reason agreed"#,
    ),
    innocent(
        "a launch is removed with what was said of it, which is acknowledged once",
        r#"note "$L3"; git rm -rq "$L3" "$(said "$L3")"; say drop; "$TALLYBOOK" launch acknowledge "$(id "$L3")" --violation removed-launch --reason agreed"#,
    ),
    innocent(
        "a note that is not committed yet is staged, and another is not",
        r#"echo 'kind: note' | annotate "$L2"; git add -A; cp "$(said "$L2")/a.yaml" "$(said "$L2")/b.yaml""#,
    ),
    innocent(
        "a clone with `core.autocrlf` has a note",
        r#"note "$L2"; git clone -q -c core.autocrlf=true . ../clone; AT=../clone"#,
    ),
    innocent(
        "a repository with launches is merged into a folder of a product's (`git subtree`), and again after a closing",
        r#"r=$PWD; git init -q -b main ../product; git branch early HEAD~1; cd ../product; echo p > p.txt; say p; git fetch -q "$r" early; git merge -q -s ours --no-commit --allow-unrelated-histories FETCH_HEAD; git read-tree --prefix=qa/ -u FETCH_HEAD; say subtree
           git fetch -q "$r" main; git merge -q -X subtree=qa -m pull FETCH_HEAD; cd "$r"; AT=../product/qa"#,
    ),
    innocent(
        "line ends of the documentation are converted",
        r#"sed -i 's/$/\r/' projects/shop/cases/sign-in/expired.md; say crlf"#,
    ),
];
