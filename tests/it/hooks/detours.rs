//! Pushes that would pass by a detour: no rules, copies in odd places; and repositories that are not read.

use super::Server;
use crate::repo::{TestRepo, assert_refused};

#[test]
fn where_the_branch_of_rules_is_not_here_nobody_begins_beside_what_stands() {
    let server = Server::template_named("hooks-unborn");
    let told = server
        .shell("cd ../origin.git; git symbolic-ref HEAD refs/heads/master; tallybook hook install");
    let words = ["there is no refs/heads/master here", "tallybook -C "];
    assert!(words.iter().all(|w| told.stderr.contains(w)), "{told}");
    for prepare in [
        "as eve; git checkout -q --orphan mine; git rm -rqf .; mkdir -p projects/shop/members; echo 'format: 1' > tallybook.yaml; echo 'key: SHOP' > projects/shop/project.yaml; member eve owner; commit mine",
        "as eve; git checkout -q -f -B bare; git checkout -q --orphan loose; git rm -rqf .; git checkout -q main -- projects/shop/launches; commit loose",
    ] {
        let words = "members and settings are those of `refs/heads/master`, which is not here; on the \
                     server, `tallybook hook install --rules refs/heads/main`";
        let refused = server.refuses(prepare, "git push -q origin HEAD:refs/heads/mine", words);
        assert_eq!(refused, Ok(()));
    }
    server.passes(
        "git checkout -q -f main; as wes; echo x >> projects/shop/cases/mail/dark.md; commit x; git push -q origin main
         as eve; git checkout -q --orphan pages; git rm -rqf .; echo hello > index.html; commit pages; git push -q origin pages",
    );
}

#[test]
fn a_strangers_copy_in_no_known_workspace_blocks_nobody() {
    let server = Server::template_named("hooks-block");
    server.passes(
        "as alice; close four > ../id; git branch real
         as eve; git checkout -q --orphan forged; f=$(ls -d projects/shop/launches/*/*/$(cat ../id))
         mkdir -p away/projects/shop/launches/2026/11; cp -R $f away/projects/shop/launches/2026/11/; git rm -rqf --cached .
         f=away/projects/shop/launches/2026/11/$(cat ../id); sed -i 's/^name: .*/name: Forged/' $f/launch.yaml
         cd $f; rm -f SHA256SUMS; sha256sum $(find . -type f | sed 's|^./||' | LC_ALL=C sort) > ../sums; mv ../sums SHA256SUMS; cd - >/dev/null
         git add -f away; git commit -qm forged
         mv ../origin.git/hooks/pre-receive ../aside; git push -q origin forged; mv ../aside ../origin.git/hooks/pre-receive
         git push -q origin real:main",
    );
}

/// Leaves a copy of the launch in `../id`, altered and with lists that hold, in a folder.
const FORGERY: &str = r#"
forged() {
    f=$(ls -d projects/shop/launches/*/*/$(cat ../id)); to="$1"projects/shop/launches/2026/11
    mkdir -p "$to"; test "$f" = "$to/$(cat ../id)" || cp -R "$f" "$to/"
    f="$to/$(cat ../id)"; sed -i 's/^name: .*/name: Forged/' "$f/launch.yaml"
    (cd "$f"; rm -f SHA256SUMS; sha256sum $(find . -type f ! -name launch.yaml | sed 's|^./||' | LC_ALL=C sort) > ../sums; mv ../sums SHA256SUMS
     sed -i "s/sums: .*/sums: $(sha256sum SHA256SUMS | cut -d ' ' -f 1)/" launch.yaml)
}
unhooked() { mv ../origin.git/hooks/pre-receive ../aside; "$@"; mv ../aside ../origin.git/hooks/pre-receive; }
"#;

#[test]
fn a_copy_in_another_workspace_of_main_blocks_nobody() {
    let server = Server::template_named("hooks-twins");
    server.passes(&format!(
        "{FORGERY}as alice; close four > ../id; git branch real; git checkout -q -b eves HEAD~1; git checkout -q real -- projects/shop/launches
         as eve; mkdir -p away/projects/shop/members; cp -R projects/shop/launches projects/shop/executed away/projects/shop/
         forged away/; git rm -rqf --cached projects/shop/launches/*/*/$(cat ../id); rm -r projects/shop/launches/*/*/$(cat ../id); echo 'format: 1' > away/tallybook.yaml; echo 'key: SHOP' > away/projects/shop/project.yaml
         (cd away; member eve owner); git add -f away; git commit -qm away; git push -q origin eves:main
         git checkout -q -f real; as alice; git merge -q --no-ff -m m eves; git branch merged
         git checkout -q -B rebased eves; git cherry-pick real^1 >/dev/null; tallybook verify; git push -q origin rebased merged
         git push -q origin merged:main"
    ));
    // What moved there piece by piece is held against what it was.
    let moved = server.shell("git checkout -q -f merged; git rm -qr projects tallybook.yaml; git commit -qm gone; cd away; tallybook verify");
    assert!(moved.stdout.contains("changed-history"), "{moved}");
}

#[test]
fn a_strangers_copy_of_older_days_blocks_nobody_and_is_no_launch() {
    let server = Server::template_named("hooks-orphans");
    // In its own place on an orphan branch, behind a tag of a tree, and below another folder.
    server.passes(&format!(
        "{FORGERY}as alice; close four > ../id; git branch real
         as eve; git checkout -q --orphan forged; forged ''; git rm -rqf --cached .; git add -f projects/shop/launches; git commit -qm forged
         git tag tree forged^{{tree}}; git checkout -q -f real; git checkout -q --orphan below; forged away/; git rm -rqf --cached .; git add -f away; git commit -qm below
         unhooked git push -q origin forged below tree; git checkout -q -f real"
    ));
    server.passes("git push -q origin real:main");
    // Nor does it go on from there.
    let refused = server.refuses(
        "as eve; git checkout -q -f forged; echo 1 > a; git add a; git commit -qm a; git checkout -q --orphan again; git commit -qm again",
        "git push -q origin again",
        "(no member, by author) closed launch `",
    );
    assert_eq!(refused, Ok(()));
    // What a member closed on a branch aside counts still.
    let refused = server.refuses(
        "as ron; git checkout -q -f -b rc real; close five > ../id; git push -q origin rc; f=$(ls -d projects/shop/launches/*/*/$(cat ../id)); sed -i 's/^name: .*/name: other/' $f/launch.yaml; git add -A; git commit -q --amend -m x",
        "git push -q origin HEAD:main",
        "is known with another receipt: `refs/heads/rc` has it otherwise",
    );
    assert_eq!(refused, Ok(()));
}

#[test]
fn formats_of_git_that_are_not_read_are_named() {
    let repo = TestRepo::without_git();
    let sha256 = repo.git_output(
        "",
        &["init", "-q", "--bare", "--object-format=sha256", "s.git"],
    );
    assert_eq!(sha256.code, Some(0), "{sha256}");
    let ran = repo.run_in("s.git", ["hook", "install"]);
    assert_refused(
        &ran,
        &["names objects by sha256", "`git init --object-format=sha1`"],
    );
    assert!(!ran.stderr.contains("caused by"), "{ran}");
    let reftable = repo.git_output(
        "",
        &["init", "-q", "--bare", "--ref-format=reftable", "r.git"],
    );
    if reftable.code == Some(0) {
        let ran = repo.run_in("r.git", ["hook", "install"]);
        let words = ["reftable", "`git refs migrate --ref-format=files`"];
        assert_refused(&ran, &words);
        assert!(!ran.stderr.contains("caused by"), "{ran}");
        assert!(!repo.root().join("r.git/hooks/pre-receive").exists());
    }
}
