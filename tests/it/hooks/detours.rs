//! Pushes that would pass by a detour: no rules, copies in odd places, tags; and repositories that are not read.

use std::process::Command;

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

#[test]
fn a_tag_that_proves_a_closing_stays() {
    if Command::new("ssh-keygen").arg("-V").output().is_err() {
        return;
    }
    let server = Server::template_named("hooks-tags");
    server.passes(
        "for n in ron alice eve; do ssh-keygen -q -t ed25519 -N '' -C $n -f ../$n; done
         as alice; for n in ron alice; do printf 'keys:\n- %s\n' \"$(cut -d ' ' -f 1,2 ../$n.pub)\" >> projects/shop/members/$n.yaml; done
         commit keys; git push -q origin main; git config gpg.format ssh
         as ron; git -c user.signingKey=../ron tag -s -m proof tallybook/a; git -c user.signingKey=../eve tag -s -m squat tallybook/b
         git tag tallybook/c; git push -q origin --tags",
    );
    let gone = server.refuses(
        "true",
        "git push -q origin :tallybook/a",
        "it proves who closed a launch, and a deletion can't be signed",
    );
    assert_eq!(gone, Ok(()));
    for key in ["eve", "ron"] {
        let moved = server.refuses(
            &format!("as eve; git -c user.signingKey=../{key} tag -f -s -m mine tallybook/a HEAD~1 >/dev/null"),
            "git push -q -f origin tallybook/a",
            "only a tag that an owner signed may take its place",
        );
        assert_eq!(moved, Ok(()));
    }
    server.passes(
        "git push -q origin :tallybook/b :tallybook/c
         as alice; git -c user.signingKey=../alice tag -f -s -m right tallybook/a HEAD~1 >/dev/null; git push -q -f origin tallybook/a",
    );
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
