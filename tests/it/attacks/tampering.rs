//! What `verify` must find.

use super::{Scene, attack};

pub(super) const SCENES: &[Scene] = &[
    // One file of a launch.
    attack(
        "a failed result is made to pass",
        &["changed-file", "changed-history"],
        r#"whiten "$L2"; say whiten"#,
    ),
    attack(
        "a result is made to pass, and the sums are made anew to fit",
        &["changed-history", "changed-launch", "missing-previous"],
        r#"whiten "$L2"; resum "$L2"; say forge"#,
    ),
    attack(
        "the newest launch is forged whole, and nothing names its receipt yet",
        &["changed-history", "changed-launch"],
        r#"whiten "$L3"; resum "$L3"; say forge"#,
    ),
    attack(
        "a launch is forged whole, and the commit names the new receipt",
        &["changed-history", "changed-launch", "missing-previous"],
        r#"whiten "$L2"; resum "$L2"; git add -A; git commit -qm "$(trailers "$L2")""#,
    ),
    attack(
        "the totals in `launch.yaml` are altered",
        &["changed-history", "changed-launch", "missing-previous"],
        r#"sed -i 's/failed: 1/failed: 0/' "$L1/launch.yaml"; say totals"#,
    ),
    attack(
        "who closed the newest launch is altered",
        &["changed-history", "changed-launch"],
        r#"sed -i 's/Alice/Mallory/' "$L3/launch.yaml"; say author"#,
    ),
    attack(
        "a digest in `SHA256SUMS` is altered",
        &["changed-file", "changed-history", "wrong-sums"],
        r#"sed -i '1s/^......../00000000/' "$L1/SHA256SUMS"; say sums"#,
    ),
    attack(
        "a line of `SHA256SUMS` goes with its file",
        &["changed-history", "wrong-sums"],
        r#"sed -i '/tests.yaml/d' "$L1/SHA256SUMS"; rm "$L1/tests.yaml"; say drop"#,
    ),
    attack(
        "`SHA256SUMS` is emptied",
        &["changed-history", "extra-file", "wrong-sums"],
        r#": > "$L1/SHA256SUMS"; say empty"#,
    ),
    attack(
        "`SHA256SUMS` is removed",
        &["changed-history", "missing-file"],
        r#"rm "$L1/SHA256SUMS"; say drop"#,
    ),
    attack(
        "`PRUNABLE.sha256` is emptied, and the attachments removed",
        &["changed-file", "changed-history"],
        r#": > "$L1/PRUNABLE.sha256"; rm -r "$L1/attachments" "$L1/details"; say prune"#,
    ),
    attack(
        "a shard of results is removed",
        &["changed-history", "missing-file"],
        r#"rm "$(result "$L2")"; say drop"#,
    ),
    attack(
        "an attachment is removed without a record",
        &["changed-history", "missing-file"],
        r#"rm "$(attachment "$L2")"; say drop"#,
    ),
    attack(
        "an attachment is replaced by another of the same size",
        &["changed-file", "changed-history"],
        r#"printf 'shot X' > "$(attachment "$L2")"; say swap"#,
    ),
    attack(
        "two files of a launch change places",
        &["changed-file", "changed-history"],
        r#"mv "$L1/tests.yaml" n; mv "$L1/outcomes.yaml" "$L1/tests.yaml"; mv n "$L1/outcomes.yaml"; say swap"#,
    ),
    attack(
        "a file of one launch is put into another",
        &["changed-file", "changed-history"],
        r#"cp "$L1/outcomes.yaml" "$L2/outcomes.yaml"; touch_up "$L2/outcomes.yaml"; say mix"#,
    ),
    attack(
        "a shard is added to a launch",
        &["changed-history", "extra-file"],
        r#"cp "$(result "$L1")" "$L1/results/more.yaml"; say add"#,
    ),
    attack(
        "a hidden file is added to a launch",
        &["changed-history", "extra-file"],
        r#"echo x > "$L1/.hidden"; say add"#,
    ),
    attack(
        "`launch.yaml` is no YAML any more",
        &[
            "changed-history",
            "changed-launch",
            "missing-previous",
            "unreadable-launch",
        ],
        r#"printf '{' > "$L1/launch.yaml"; say tear"#,
    ),
    attack(
        "`launch.yaml` claims a format of the future",
        &[
            "changed-history",
            "changed-launch",
            "missing-previous",
            "unreadable-launch",
        ],
        r#"sed -i 's/^format: 1/format: 99/' "$L1/launch.yaml"; say format"#,
    ),
    attack(
        "the line ends of a launch are converted",
        &[
            "changed-history",
            "changed-launch",
            "extra-file",
            "missing-file",
            "missing-previous",
            "wrong-sums",
        ],
        r#"find "$L2" -type f ! -name '*.png' -exec sed -i 's/$/\r/' {} +; say crlf"#,
    ),
    // What stands where a file should.
    attack(
        "a file becomes executable",
        &["changed-history", "wrong-mode"],
        r#"chmod +x "$L1/outcomes.yaml"; say mode"#,
    ),
    attack(
        "a file becomes a link to a copy with the same bytes",
        &["changed-history", "wrong-mode"],
        r#"mv "$L1/outcomes.yaml" src/copy.yaml; ln -s "$(pwd)/src/copy.yaml" "$L1/outcomes.yaml"; say link"#,
    ),
    attack(
        "a launch's folder becomes a link to a copy",
        &["changed-history", "extra-file", "missing-previous"],
        r#"mv "$L2" src/copy; ln -s "$(pwd)/src/copy" "$L2"; say link"#,
    ),
    attack(
        "all launches become a link to a copy",
        &["extra-file", "removed-launch"],
        r#"mv projects/shop/launches src/copy; ln -s ../../src/copy projects/shop/launches; say link"#,
    ),
    attack(
        "a launch's folder becomes a submodule",
        &[
            "changed-history",
            "extra-file",
            "missing-previous",
            "worktree-differs",
        ],
        r#"git rm -rq "$L2"; git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),$L2"; git commit -qm submodule"#,
    ),
    attack(
        "a file becomes a submodule",
        &["changed-history", "worktree-differs", "wrong-mode"],
        r#"git rm -q "$L2/outcomes.yaml"; git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),$L2/outcomes.yaml"; git commit -qm submodule"#,
    ),
    attack(
        "a file's name changes its letter case",
        &["changed-history", "extra-file", "missing-file"],
        r#"git mv "$L1/tests.yaml" "$L1/Tests.yaml"; say case"#,
    ),
    attack(
        "a launch's folder changes its letter case",
        &["misplaced-launch", "removed-launch"],
        r#"git mv "$L1" "$(dirname "$L1")/$(basename "$L1" | tr a-z A-Z)"; say case"#,
    ),
    attack(
        "a second folder differs from a launch's in letter case alone",
        &["duplicate-launch", "misplaced-launch"],
        r#"cp -r "$L1" "$(dirname "$L1")/$(basename "$L1" | tr a-z A-Z)"; say case"#,
    ),
    attack(
        "a results file is replaced by a pointer of git-lfs",
        &["changed-file", "changed-history"],
        r#"f=$(result "$L1"); printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 1\n' "$(sha256sum < "$f" | cut -c1-64)" > n; mv n "$f"; say lfs"#,
    ),
    attack(
        "an attachment is replaced by a pointer of git-lfs to something else",
        &["changed-file", "changed-history"],
        r#"f=$(attachment "$L1"); printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 1\n' "$(echo | sha256sum | cut -c1-64)" > "$f"; say lfs"#,
    ),
    // A launch as a whole.
    attack(
        "a launch is removed",
        &["missing-previous", "removed-launch"],
        r#"git rm -rq "$L2"; say remove"#,
    ),
    attack(
        "the newest launch is removed, whose receipt nothing names",
        &["removed-launch"],
        r#"git rm -rq "$L3"; say remove"#,
    ),
    attack(
        "all launches are removed",
        &["removed-executed", "removed-launch"],
        r#"git rm -rq projects/shop/launches projects/shop/executed; say remove"#,
    ),
    attack(
        "the project is removed",
        &["removed-executed", "removed-launch"],
        r#"git rm -rq projects/shop; say remove"#,
    ),
    attack(
        "a launch's folder is renamed",
        &["misplaced-launch", "removed-launch"],
        r#"git mv "$L1" "$L1-b"; say rename"#,
    ),
    attack(
        "a launch moves to another month",
        &["removed-launch"],
        r#"mkdir -p projects/shop/launches/2025/01; git mv "$L1" projects/shop/launches/2025/01/; say move"#,
    ),
    attack(
        "a launch moves out of `launches`",
        &["missing-previous", "removed-launch"],
        r#"mkdir -p src/old; git mv "$L1" src/old/; say move"#,
    ),
    attack(
        "a launch moves one folder deeper",
        &["changed-history", "extra-file", "missing-previous"],
        r#"mkdir n; git mv "$L1" n/; mkdir -p "$L1"; git mv "n/$(id "$L1")" "$L1/"; say move"#,
    ),
    attack(
        "a launch stands in two months",
        &["duplicate-launch"],
        r#"mkdir -p projects/shop/launches/2025/01; cp -r "$L1" projects/shop/launches/2025/01/; say copy"#,
    ),
    attack(
        "a copy of a launch gets another id",
        &["duplicate-launch", "misplaced-launch"],
        r#"cp -r "$L1" "$L1-b"; say copy"#,
    ),
    attack(
        "a file stands beside the launches of a month",
        &["extra-file"],
        r#"echo x > "$(dirname "$L1")/notes.md"; say stray"#,
    ),
    attack(
        "a launch moves to another project",
        &["missing-executed", "removed-launch"],
        r#"mkdir -p projects/web/launches/2026/11; printf 'key: WEB\nname: Web\n' > projects/web/project.yaml; git mv "$L1" projects/web/launches/2026/11/; say move"#,
    ),
    // Executed texts.
    attack(
        "the text of a case as executed is altered",
        &["changed-history", "wrong-executed"],
        r#"touch_up projects/shop/executed/*.md; say text"#,
    ),
    attack(
        "the text of a case as executed is removed",
        &["missing-executed", "removed-executed"],
        r#"git rm -q projects/shop/executed/*.md; say text"#,
    ),
    attack(
        "a text of its own name is added to the executed ones",
        &["extra-file"],
        r#"echo x > projects/shop/executed/mine.md; say text"#,
    ),
    attack(
        "a text is added under a digest that is not its own",
        &["wrong-executed"],
        r#"echo x > "projects/shop/executed/$R1.md"; say text"#,
    ),
    // Put back as if nothing had been.
    attack(
        "a change is reverted",
        &["changed-history"],
        r#"whiten "$L2"; say whiten; git revert --no-edit HEAD"#,
    ),
    attack(
        "a removal is reverted",
        &["removed-launch"],
        r#"git rm -rq "$L2"; say remove; git revert --no-edit HEAD"#,
    ),
    attack(
        "a launch is removed, closed anew with other results, and named by the commit",
        &["changed-launch", "missing-previous", "removed-launch"],
        r#"cp -r "$L2" ../n; git rm -rq "$L2"; say remove; mkdir -p "$(dirname "$L2")"; cp -r ../n "$L2"; whiten "$L2"; resum "$L2"; git add -A; git commit -qm "$(trailers "$L2")""#,
    ),
    attack(
        "a closing is reverted",
        &["removed-launch"],
        r#"git revert --no-edit HEAD"#,
    ),
    attack(
        "a whole launch is swapped and swapped back in one push",
        &["changed-history"],
        r#"cp -r "$L1" ../n; rm -r "$L1"; cp -r "$L2" "$L1"; say swap; rm -r "$L1"; cp -r ../n "$L1"; say back"#,
    ),
    // Merges.
    attack(
        "a merge alters what neither side touched",
        &["changed-file", "changed-history"],
        r#"git checkout -qb side; echo s > src/side.txt; say side; git checkout -q main; echo m > src/main.txt; say main
           git merge -q --no-commit side; whiten "$L2"; say merge"#,
    ),
    attack(
        "a merge throws away a launch that the side branch closed",
        &["removed-launch"],
        r#"git checkout -qb side HEAD~1; git cherry-pick main >/dev/null; git checkout -q main; git reset -q --hard HEAD~1; echo m > src/main.txt; say main; git merge -q -s ours -m merge side"#,
    ),
    attack(
        "a side branch alters a launch and is merged",
        &["changed-file", "changed-history"],
        r#"git checkout -qb side; whiten "$L2"; say side; git checkout -q main; echo m > src/main.txt; say main; git merge -q -m merge side"#,
    ),
    attack(
        "a side branch alters a launch and puts it back before it is merged",
        &["changed-history"],
        r#"git checkout -qb side; whiten "$L2"; say side; git revert --no-edit HEAD; git checkout -q main; echo m > src/main.txt; say main; git merge -q -m merge side"#,
    ),
    attack(
        "the merge itself puts back what a side branch altered",
        &["changed-history"],
        r#"git checkout -qb side; whiten "$L2"; say side; git checkout -q main; echo m > src/main.txt; say main; git merge -q --no-commit side; git checkout -q HEAD -- "$L2"; git commit -qm merge"#,
    ),
    attack(
        "an octopus merge removes a launch",
        &["missing-previous", "removed-launch"],
        r#"for side in a b; do git checkout -qb $side main; echo $side > src/$side.txt; say $side; done; git checkout -q main
           git rm -rq "$L2"; git commit -qm n; tree=$(git rev-parse 'HEAD^{tree}'); git reset -q --hard HEAD~1
           git reset -q --hard "$(git commit-tree "$tree" -p main -p a -p b -m octopus)""#,
    ),
    attack(
        "an unrelated history with an altered copy is merged",
        &["changed-file", "changed-history"],
        r#"whiten "$L2"; git add -A; other=$(git commit-tree "$(git write-tree)" -m other); git reset -q --hard; git merge -q --allow-unrelated-histories -X theirs -m merge "$other""#,
    ),
    attack(
        "a merge takes the parents' code and an older state of the launches",
        &["removed-launch"],
        r#"git checkout -qb side; echo s > src/side.txt; say side; git checkout -q main; echo m > src/main.txt; say main; git merge -q --no-commit side; git rm -rq "$L3"; git commit -qm merge"#,
    ),
    // History.
    attack(
        "the closing commit is amended with other results",
        &["changed-file"],
        r#"whiten "$L3"; git add -A; git commit -q --amend --no-edit"#,
    ),
    attack(
        "the closing commit is amended with a launch that agrees with itself",
        &["wrong-receipt"],
        r#"whiten "$L3"; resum "$L3"; git add -A; git commit -q --amend --no-edit"#,
    ),
    attack(
        "history is rewritten from the first launch on, which later ones name",
        &["missing-previous", "wrong-receipt"],
        r#"mid=$(git rev-parse HEAD~1); last=$(git rev-parse HEAD); git reset -q --hard HEAD~2; whiten "$L1"; resum "$L1"
           git add -A; git commit -q --amend --no-edit; git cherry-pick "$mid" "$last""#,
    ),
    Scene {
        what: "all history is rewritten, receipts, chain and trailers too: found by a receipt that was kept (`--receipt`)",
        found: &["unknown-receipt"],
        script: r#"old=$R2; git reset -q --hard HEAD~1; whiten "$L2"; resum "$L2"; git add -A; git commit -q --amend -m "$(trailers "$L2")""#,
        args: &["--receipt", "$R2"],
    },
    Scene {
        what: "the newest launch is cut off by `git reset`: found by its receipt (`--receipt`)",
        found: &["unknown-receipt"],
        script: "git reset -q --hard HEAD~1",
        args: &["--receipt", "$R3"],
    },
    attack(
        "a graft hides the commit that altered a launch",
        &["changed-history"],
        r#"whiten "$L2"; say whiten; git revert --no-edit HEAD; mkdir -p .git/info; echo "$(git rev-parse HEAD) $(git rev-parse HEAD~2)" > .git/info/grafts"#,
    ),
    attack(
        "a replacement hides the commit that altered a launch",
        &["changed-history"],
        r#"whiten "$L2"; say whiten; git revert --no-edit HEAD; git replace "$(git rev-parse HEAD~1)" "$(git rev-parse HEAD~2)""#,
    ),
    attack(
        "a replacement shows the old bytes of an altered file",
        &["changed-file", "changed-history", "worktree-differs"],
        r#"f=$L2/outcomes.yaml; old=$(git rev-parse "HEAD:$f"); touch_up "$f"; say alter; git replace "$(git rev-parse "HEAD:$f")" "$old"; git checkout -q HEAD~1 -- "$f"; git reset -q"#,
    ),
    attack(
        "commits claim to be older than the closing",
        &["changed-file", "changed-history"],
        r#"whiten "$L2"; git add -A; GIT_AUTHOR_DATE=2001-01-01T00:00:00Z GIT_COMMITTER_DATE=2001-01-01T00:00:00Z git commit -qm old"#,
    ),
    attack(
        "a tree names one file twice",
        &[
            "changed-file",
            "changed-history",
            "extra-file",
            "index-differs",
            "worktree-differs",
        ],
        r#"dir=$(git ls-tree HEAD:"$L3"); blob=$(echo x | git hash-object -w --stdin)
           tree=$(printf '%s\n100644 blob %s\toutcomes.yaml\n' "$dir" "$blob" | git mktree)
           path=$L3; while [ "$path" != . ]; do up=$(dirname "$path"); name=$(basename "$path")
             if [ "$up" = . ]; then spec=HEAD:; else spec=HEAD:$up; fi
             tree=$(git ls-tree "$spec" | grep -v "	$name\$" | { cat; printf '040000 tree %s\t%s\n' "$tree" "$name"; } | git mktree); path=$up; done
           git update-ref HEAD "$(git commit-tree "$tree" -p HEAD -m twice)""#,
    ),
    attack(
        "an object's bytes are overwritten in the object store",
        &["unreadable-file"],
        r#"id=$(git rev-parse "HEAD:$L2/outcomes.yaml"); other=$(git rev-parse "HEAD:$L2/tests.yaml")
           f=.git/objects/$(echo "$id" | cut -c1-2)/$(echo "$id" | cut -c3-); chmod u+w "$f"; cp ".git/objects/$(echo "$other" | cut -c1-2)/$(echo "$other" | cut -c3-)" "$f""#,
    ),
    attack(
        "the workspace moves, and one launch is altered on the way",
        &["changed-file", "changed-history"],
        r#"whiten "$L2"; mkdir qa; git mv tallybook.yaml projects .gitattributes qa/; say move; AT=qa"#,
    ),
    attack(
        "the project's folder is renamed, and one launch is left out",
        &["missing-previous", "removed-launch"],
        r#"git mv projects/shop projects/store; git rm -rqf "projects/store/${L2#projects/shop/}"; say rename"#,
    ),
    attack(
        "the workspace moves after a launch was altered and put back",
        &["changed-history"],
        r#"whiten "$L2"; say whiten; git revert --no-edit HEAD; mkdir qa; git mv tallybook.yaml projects .gitattributes qa/; say move; AT=qa"#,
    ),
    // Records that excuse too much.
    attack(
        "results are pruned: a record of pruning covers details and attachments alone",
        &["changed-history", "missing-file"],
        r#"f=$(result "$L2"); { printf 'kind: pruned\nfiles:\n'; removal "$f" "$L2"; } | annotate "$L2"; rm "$f"; say prune"#,
    ),
    attack(
        "a record of redaction comes after the file was taken away",
        &["changed-history"],
        r#"f=$(result "$L2"); cp "$f" ../n; rm "$f"; say remove; { printf 'kind: redacted\nfiles:\n'; echo "- {path: ${f#"$L2"/}, sha256: $(sha256sum < ../n | cut -c1-64)}"; } | annotate "$L2"; say later"#,
    ),
    attack(
        "a file that is said to be redacted is replaced",
        &["changed-file", "changed-history"],
        r#"f=$(result "$L2"); { printf 'kind: redacted\nfiles:\n'; removal "$f" "$L2"; } | annotate "$L2"; whiten "$L2"; git checkout -q -- "$L2/outcomes.yaml"; say replace"#,
    ),
    attack(
        "an acknowledgement names another commit",
        &["changed-history"],
        r#"whiten "$L2"; say whiten; git revert --no-edit HEAD; printf 'kind: acknowledged\nviolation: {kind: changed-history, commit: "%s"}\n' "$(git rev-parse HEAD~3)" | annotate "$L2"; say sorry"#,
    ),
    // Who may.
    attack(
        "somebody who is no member closes a launch",
        &["not-allowed"],
        r#"mallory; new=$("$TALLYBOOK" launch open --name More); "$TALLYBOOK" launch append "$new" ../results-1; slip "$new""#,
    ),
    attack(
        "a commit whose author has no address grants rights",
        &["not-allowed"],
        r#"printf 'name: Mallory\nemails: [mallory@example.com]\nrole: owner\n' > projects/shop/members/mallory.yaml; git add -A
           bare "tree $(git write-tree)" "parent $(git rev-parse HEAD)" "$(printf 'author Mallory 1750000000 +0000\ncommitter Mallory 1750000000 +0000')""#,
    ),
    attack(
        "somebody makes themselves an owner",
        &["not-allowed"],
        r#"mallory; printf 'name: Mallory\nemails: [mallory@example.com]\nrole: owner\n' > projects/shop/members/mallory.yaml; say grant"#,
    ),
    attack(
        "a reader mutes a failure",
        &["not-allowed"],
        r#"printf 'name: Mallory\nemails: [mallory@example.com]\nrole: reader\n' > projects/shop/members/mallory.yaml; say reader
           mallory; sed -i 's/until: .*/until: 2099-01-01/' projects/shop/mutes/MUTE-M1.yaml; say mute"#,
    ),
    attack(
        "whoever altered a launch acknowledges it",
        &["not-allowed"],
        r#"printf 'name: Mallory\nemails: [mallory@example.com]\nrole: writer\n' > projects/shop/members/mallory.yaml; say writer
           mallory; whiten "$L2"; say whiten; git revert --no-edit HEAD; printf 'kind: acknowledged\nviolation: {kind: changed-history, commit: "%s"}\n' "$(git rev-parse HEAD~1)" | annotate "$L2"; say sorry"#,
    ),
    attack(
        "a runner redacts a failure",
        &["not-allowed"],
        r#"printf 'name: Mallory\nemails: [mallory@example.com]\nrole: runner\n' > projects/shop/members/mallory.yaml; say runner
           mallory; f=$(result "$L2"); { printf 'kind: redacted\nfiles:\n'; removal "$f" "$L2"; } | annotate "$L2"; git rm -q "$f"; say redact"#,
    ),
    attack(
        "a merge brings a grant of rights that neither side had",
        &["not-allowed"],
        r#"mallory; git checkout -qb side; echo s > src/side.txt; say side; git checkout -q main; echo m > src/main.txt; say main
           git merge -q --no-commit side; sed -i 's/alice@example.com/mallory@example.com/' projects/shop/members/alice.yaml; say merge"#,
    ),
    attack(
        "a launch is closed without the signature that the project requires",
        &["unsigned-closing"],
        r#"echo 'signatures: closings' >> projects/shop/project.yaml; say settings
           new=$("$TALLYBOOK" launch open --name More); "$TALLYBOOK" launch append "$new" ../results-1; slip "$new""#,
    ),
    attack(
        "a stranger acknowledges what they altered in a folder of their own below `projects`",
        &["changed-file", "changed-history", "not-allowed"],
        r#"mallory; whiten "$L2"; say whiten; mkdir -p "projects/evil/annotations/$(id "$L2")"
           for kind in changed-file changed-history not-allowed; do printf 'format: 1\nat: 2026-11-22T18:43:00Z\nreason: fine\nkind: acknowledged\nviolation: {kind: %s}\n' $kind > "projects/evil/annotations/$(id "$L2")/$kind.yaml"; done; say fine"#,
    ),
    attack(
        "a project without members acknowledges what was altered in another",
        &["changed-file", "changed-history"],
        r#"mkdir -p "projects/open/annotations/$(id "$L2")"; printf 'key: OPEN\nname: Open\n' > projects/open/project.yaml; say project; whiten "$L2"; say whiten
           for kind in changed-file changed-history; do printf 'format: 1\nat: 2026-11-22T18:43:00Z\nreason: fine\nkind: acknowledged\nviolation: {kind: %s}\n' $kind > "projects/open/annotations/$(id "$L2")/$kind.yaml"; done; say fine"#,
    ),
    attack(
        "a stranger grants themselves rights, alters a launch, and acknowledges both",
        &["not-allowed"],
        r#"mallory; printf 'name: Mallory\nemails: [mallory@example.com]\nrole: owner\n' > projects/shop/members/mallory.yaml; say grant; whiten "$L2"; say whiten
           dir="projects/shop/annotations/$(id "$L2")"; mkdir -p "$dir"; head='format: 1\nat: 2026-11-22T18:43:00Z\nreason: fine\nkind: acknowledged\n'
           for kind in changed-file changed-history; do printf "${head}violation: {kind: %s}\n" $kind > "$dir/$kind.yaml"; done
           printf "${head}violation: {kind: not-allowed, path: projects/shop/members/mallory.yaml}\n" > "$dir/n.yaml"; say fine"#,
    ),
    Scene {
        what: "the newest launch is cut off, and its missing receipt acknowledged (`--receipt`)",
        found: &["unknown-receipt"],
        script: r#"git reset -q --hard HEAD~1; printf 'kind: acknowledged\nviolation: {kind: unknown-receipt, path: ""}\n' | annotate zz; say fine"#,
        args: &["--receipt", "$R3"],
    },
    attack(
        "the record of a redaction is removed",
        &["missing-file", "removed-annotation"],
        r#"f=$(result "$L2"); { printf 'kind: redacted\nfiles:\n'; removal "$f" "$L2"; } | annotate "$L2"; git rm -q "$f"; say redact; git rm -rq projects/shop/annotations; say forget"#,
    ),
    Scene {
        what: "the record of a redaction is removed, seen from the commit before (`--since`)",
        found: &["missing-file", "removed-annotation"],
        script: r#"f=$(result "$L2"); { printf 'kind: redacted\nfiles:\n'; removal "$f" "$L2"; } | annotate "$L2"; git rm -q "$f"; say redact; git rm -rq projects/shop/annotations; say forget"#,
        args: &["--since", "HEAD~1"],
    },
    attack(
        "a note on a launch is edited",
        &["changed-annotation"],
        r#"note "$L2"; sed -i 's/told to/praised/' "$(said "$L2")/a.yaml"; say edit"#,
    ),
    attack(
        "a note on a launch is edited and put back",
        &["changed-annotation"],
        r#"note "$L2"; touch_up "$(said "$L2")/a.yaml"; say edit; git revert --no-edit HEAD"#,
    ),
    attack(
        "a note on a launch is removed",
        &["removed-annotation"],
        r#"note "$L2"; git rm -q "$(said "$L2")/a.yaml"; say forget"#,
    ),
    attack(
        "a note is removed and comes back with other words",
        &["removed-annotation"],
        r#"note "$L2"; git rm -q "$(said "$L2")/a.yaml"; say forget; printf 'kind: note\nby: Bob\n' | annotate "$L2"; say again"#,
    ),
    attack(
        "the commit that brought a note is reverted",
        &["removed-annotation"],
        r#"note "$L2"; git revert --no-edit HEAD"#,
    ),
    attack(
        "a note gets another name",
        &["removed-annotation"],
        r#"note "$L2"; git mv "$(said "$L2")/a.yaml" "$(said "$L2")/b.yaml"; say rename"#,
    ),
    attack(
        "a note moves to another launch",
        &["removed-annotation"],
        r#"note "$L2"; git mv "$(said "$L2")" "$(said "$L1")"; say move"#,
    ),
    attack(
        "what is said of launches moves to another project, and they do not",
        &["removed-annotation"],
        r#"note "$L2"; mkdir projects/open; git mv projects/shop/annotations projects/open; say move"#,
    ),
    attack(
        "all launches move to one project, and what is said of them to another",
        &["missing-executed", "removed-annotation", "removed-executed"],
        r#"note "$L2"; mkdir projects/open projects/other; git mv projects/shop/annotations projects/open; git mv projects/shop/launches projects/other; git rm -qr projects/shop/executed; say move"#,
    ),
    attack(
        "a note becomes executable",
        &["changed-annotation"],
        r#"note "$L2"; chmod +x "$(said "$L2")/a.yaml"; say mode"#,
    ),
    attack(
        "a note becomes a link to a copy with the same bytes",
        &["changed-annotation"],
        r#"note "$L2"; mv "$(said "$L2")/a.yaml" n; ln -s ../../../../n "$(said "$L2")/a.yaml"; say link"#,
    ),
    attack(
        "the folder of what is said of a launch becomes a link",
        &["removed-annotation"],
        r#"note "$L2"; mv "$(said "$L2")" n; ln -s ../../../n "$(said "$L2")"; say link"#,
    ),
    attack(
        "a note becomes a folder",
        &["changed-annotation"],
        r#"note "$L2"; f="$(said "$L2")/a.yaml"; mv "$f" n; mkdir "$f"; mv n "$f/a.yaml"; say folder"#,
    ),
    attack(
        "a merge throws away what the side branch said",
        &["removed-annotation"],
        r#"git checkout -qb side; note "$L2"; git checkout -q main; echo 1 > src/app.txt; say code; git merge -q -s ours -m merge side"#,
    ),
    attack(
        "a merge alters what neither side touched of what is said",
        &["changed-annotation"],
        r#"note "$L2"; git checkout -qb side; echo s > side.txt; say side; git checkout -q main; echo 1 > src/app.txt; say code
           git merge -q --no-commit side; touch_up "$(said "$L2")/a.yaml"; say merge"#,
    ),
    attack(
        "a side branch edits a note, puts it back, and is merged",
        &["changed-annotation"],
        r#"note "$L2"; git checkout -qb side; touch_up "$(said "$L2")/a.yaml"; say edit; git revert --no-edit HEAD; git checkout -q main; git merge -q --no-ff -m merge side"#,
    ),
    attack(
        "two branches say different things in one file, and one of them stays",
        &["changed-annotation"],
        r#"git checkout -qb side; printf 'kind: note\nby: Bob\n' | annotate "$L2"; say other; git checkout -q main; note "$L2"; git merge -q -X theirs -m merge side"#,
    ),
    attack(
        "an acknowledgement is removed",
        &["changed-history", "removed-annotation"],
        r#"whiten "$L2"; say whiten; git revert --no-edit HEAD; printf 'kind: acknowledged\nviolation: {kind: changed-history}\n' | annotate "$L2"; say sorry; git rm -qr "$(said "$L2")"; say forget"#,
    ),
    attack(
        "an acknowledgement is widened",
        &["changed-annotation"],
        r#"whiten "$L2"; say whiten; git revert --no-edit HEAD; printf 'kind: acknowledged\nviolation: {kind: changed-history, commit: "%s"}\n' "$(git rev-parse HEAD~1)" | annotate "$L2"; say sorry; sed -i 's/, commit: "[0-9a-f]*"//' "$(said "$L2")/a.yaml"; say widen"#,
    ),
    attack(
        "a note is removed, and the record of it names other bytes",
        &["removed-annotation"],
        r#"note "$L2"; f="$(said "$L2")/a.yaml"; git rm -q "$f"; mkdir -p "$(said "$L2")"; printf 'format: 1\nkind: redacted\nat: 2026-11-22T18:43:00Z\nreason: a name\nfiles:\n- {path: annotations/a.yaml, sha256: %064d}\n' 0 > "$(said "$L2")/b.yaml"; say redact"#,
    ),
    attack(
        "a note is removed, and its record comes later",
        &["removed-annotation"],
        r#"note "$L2"; f="$(said "$L2")/a.yaml"; sum=$(sha256sum < "$f" | cut -c1-64); git rm -q "$f"; say forget; mkdir -p "$(said "$L2")"; printf 'format: 1\nkind: redacted\nat: 2026-11-22T18:43:00Z\nreason: a name\nfiles:\n- {path: annotations/a.yaml, sha256: %s}\n' "$sum" > "$(said "$L2")/b.yaml"; say later"#,
    ),
    attack(
        "a note is removed as pruned",
        &["removed-annotation"],
        r#"note "$L2"; f="$(said "$L2")/a.yaml"; sum=$(sha256sum < "$f" | cut -c1-64); git rm -q "$f"; mkdir -p "$(said "$L2")"; printf 'format: 1\nkind: pruned\nat: 2026-11-22T18:43:00Z\nreason: old\nfiles:\n- {path: annotations/a.yaml, sha256: %s}\n' "$sum" > "$(said "$L2")/b.yaml"; say prune"#,
    ),
    attack(
        "the record that a note was redacted is removed",
        &["removed-annotation"],
        r#"note "$L2"; "$TALLYBOOK" launch redact "$(id "$L2")" annotations/a.yaml --reason "a name"; git rm -qr "$(said "$L2")"; say forget"#,
    ),
    attack(
        "a launch is removed with what was said of it, which is told on one line",
        &["missing-previous", "removed-launch"],
        r#"note "$L2"; git rm -rq "$L2" "$(said "$L2")"; say drop"#,
    ),
    attack(
        "the workspace moves, and a note is left out",
        &["removed-annotation"],
        r#"note "$L2"; mkdir qa; git mv projects tallybook.yaml .gitattributes qa; git rm -rqf "qa/$(said "$L2")"; say move; AT=qa"#,
    ),
    attack(
        "the list of sums is removed with a record of redaction",
        &["changed-history", "missing-file"],
        r#"{ printf 'kind: redacted\nfiles:\n'; removal "$L2/SHA256SUMS" "$L2"; } | annotate "$L2"; git rm -q "$L2/SHA256SUMS"; say redact"#,
    ),
    attack(
        "the members of a project are removed, so that anybody may do anything",
        &["not-allowed"],
        r#"git rm -rq projects/shop/members; say open"#,
    ),
    attack(
        "an owner of one project acknowledges what was altered in another, in a folder with that one's name",
        &["changed-file", "changed-history"],
        r#"mkdir -p projects/store/members; printf 'key: STORE\nname: Store\n' > projects/store/project.yaml; printf 'name: M\nemails: [mallory@example.com]\nrole: owner\n' > projects/store/members/m.yaml; cp projects/shop/members/alice.yaml projects/store/members/; say project
           mallory; whiten "$L2"; say whiten; to="projects/store/annotations/shop/x/$(id "$L2")"; mkdir -p "$to"
           for kind in changed-file changed-history; do printf 'format: 1\nat: 2026-11-22T18:43:00Z\nreason: fine\nkind: acknowledged\nviolation: {kind: %s}\n' $kind > "$to/$kind.yaml"; done; say fine"#,
    ),
    attack(
        "an owner of one project acknowledges what was altered in another, after the workspace moved",
        &["changed-file", "changed-history"],
        r#"mkdir -p projects/store/members; printf 'key: STORE\nname: Store\n' > projects/store/project.yaml; printf 'name: M\nemails: [mallory@example.com]\nrole: owner\n' > projects/store/members/m.yaml; cp projects/shop/members/alice.yaml projects/store/members/; say project
           whiten "$L2"; say whiten; mkdir qa; git mv projects tallybook.yaml .gitattributes qa; say move; AT=qa; mallory; to="qa/projects/store/annotations/$(id "$L2")"; mkdir -p "$to"
           for kind in changed-file changed-history; do printf 'format: 1\nat: 2026-11-22T18:43:00Z\nreason: fine\nkind: acknowledged\nviolation: {kind: %s}\n' $kind > "$to/$kind.yaml"; done; say fine"#,
    ),
    attack(
        "an owner of one project removes all launches of another from their branch, and acknowledges it",
        &["not-allowed", "removed-executed", "removed-launch"],
        r#"mkdir -p projects/store/members; printf 'key: STORE\nname: Store\n' > projects/store/project.yaml; printf 'name: M\nemails: [mallory@example.com]\nrole: owner\n' > projects/store/members/m.yaml; cp projects/shop/members/alice.yaml projects/store/members/; say project
           git branch tallybook; git rm -rq projects/shop/launches projects/shop/executed; echo 'launches: {branch: tallybook}' >> tallybook.yaml; say apart
           git checkout -q tallybook; git rm -rq tallybook.yaml src projects/*/project.yaml projects/*/members projects/shop/cases projects/shop/steps projects/shop/mutes projects/shop/defects; say own; git branch -f base
           mallory; git rm -rq projects; say wipe
           for l in "$L1" "$L2" "$L3"; do to="projects/store/annotations/$(id "$l")"; mkdir -p "$to"; for kind in removed-launch missing-previous; do printf 'format: 1\nat: 2026-11-22T18:43:00Z\nreason: fine\nkind: acknowledged\nviolation: {kind: %s}\n' $kind > "$to/$kind.yaml"; done; done; say fine; git checkout -q main"#,
    ),
    Scene {
        what: "a branch that forked before forges the newest launch and is merged, seen from the commit before (`--since`)",
        found: &["changed-history"],
        script: r#"git branch base; git checkout -qb side HEAD~1; git checkout -q base -- "$L3" projects/shop/executed; whiten "$L3"; resum "$L3"; git add -A; git commit -qm "$(trailers "$L3")"; git checkout -q main; git merge -q -X theirs -m merge side"#,
        args: &["--since", "base"],
    },
    Scene {
        what: "a launch that was verified before stands in a second month (`--since`)",
        found: &["duplicate-launch"],
        script: r#"git branch base; mkdir -p projects/shop/launches/2025/01; cp -r "$L1" projects/shop/launches/2025/01/; say copy"#,
        args: &["--since", "base"],
    },
    Scene {
        what: "a copy of a launch that was verified before gets another id (`--since`)",
        found: &["duplicate-launch", "misplaced-launch"],
        script: r#"git branch base; cp -r "$L1" "$L1-copy"; say copy"#,
        args: &["--since", "base"],
    },
    attack(
        "a stranger makes a folder below `projects`, and then a project of it with themselves as its owner",
        &["not-allowed"],
        r#"mallory; mkdir -p projects/free/notes; echo x > projects/free/notes/x; say notes; mkdir projects/free/members; printf 'key: FREE\nname: Free\n' > projects/free/project.yaml
           printf 'name: M\nemails: [mallory@example.com]\nrole: owner\n' > projects/free/members/m.yaml; say project"#,
    ),
    attack(
        "a stranger makes themselves the first owner of a project beside those that have some",
        &["not-allowed"],
        r#"mkdir -p projects/free; printf 'key: FREE\nname: Free\n' > projects/free/project.yaml; say project; mallory; mkdir projects/free/members
           printf 'name: M\nemails: [mallory@example.com]\nrole: owner\n' > projects/free/members/m.yaml; say mine"#,
    ),
    // What is checked out.
    attack(
        "a note on a launch is edited and not committed",
        &["worktree-differs"],
        r#"note "$L2"; sed -i 's/told to/praised/' "$(said "$L2")/a.yaml""#,
    ),
    attack(
        "a note on a launch is removed from the index",
        &["index-differs"],
        r#"note "$L2"; git rm -q --cached "$(said "$L2")/a.yaml""#,
    ),
    attack(
        "a file is altered and not committed",
        &["worktree-differs"],
        r#"whiten "$L2""#,
    ),
    attack(
        "a change is staged and not committed",
        &["index-differs", "worktree-differs"],
        r#"touch_up "$L2/outcomes.yaml"; git add -A"#,
    ),
    attack(
        "a change is staged and the file put back",
        &["index-differs"],
        r#"f=$L2/outcomes.yaml; cp "$f" ../n; touch_up "$f"; git add -A; cp ../n "$f""#,
    ),
    attack(
        "the index is told to look away (`--assume-unchanged`)",
        &["worktree-differs"],
        r#"git update-index --assume-unchanged "$L2/outcomes.yaml"; touch_up "$L2/outcomes.yaml""#,
    ),
    attack(
        "the index is told that a file is left out (`--skip-worktree`)",
        &["worktree-differs"],
        r#"git update-index --skip-worktree "$L2/outcomes.yaml"; touch_up "$L2/outcomes.yaml""#,
    ),
    attack(
        "a checked-out file becomes a link to a copy",
        &["worktree-differs"],
        r#"mv "$L2/outcomes.yaml" ../copy; ln -s "$(pwd)/../copy" "$L2/outcomes.yaml""#,
    ),
    attack(
        "a filter of the configuration alters files on checkout",
        &["worktree-differs"],
        r#"git config filter.white.smudge "sed s/failed/passed/"; git config filter.white.clean "sed s/passed/failed/"
           mkdir -p .git/info; echo 'outcomes.yaml filter=white' > .git/info/attributes; rm "$L2/outcomes.yaml"; git checkout -q -- "$L2/outcomes.yaml""#,
    ),
    attack(
        "a stale timestamp hides an edit of the same length",
        &["worktree-differs"],
        r#"f=$L2/outcomes.yaml; touch -d 2020-01-01 "$f"; git update-index --refresh -q; sed -i 's/"failed"/"passed"/' "$f"; touch -d 2020-01-01 "$f""#,
    ),
];
