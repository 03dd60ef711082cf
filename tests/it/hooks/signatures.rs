//! Signatures: of closings, and of tags `tallybook/…`: those that prove a closing stay, and what can't be checked has no place among them.

use std::process::Command;

use super::{MAIN, Server};

/// A server whose members ron and alice have keys; `None` where nothing here signs.
fn with_keys(name: &str) -> Option<Server> {
    Command::new("ssh-keygen").arg("-V").output().ok()?;
    let server = Server::template_named(name);
    server.passes(
        "for n in ron alice eve; do ssh-keygen -q -t ed25519 -N '' -C $n -f ../$n; done
         as alice; for n in ron alice; do printf 'keys:\\n- %s\\n' \"$(cut -d ' ' -f 1,2 ../$n.pub)\" >> projects/shop/members/$n.yaml; done
         commit keys; git push -q origin main; git config gpg.format ssh
         as ron; git -c user.signingKey=../ron tag -s -m proof tallybook/a; git -c user.signingKey=../eve tag -s -m squat tallybook/b
         git tag tallybook/c; git push -q origin --tags",
    );
    Some(server)
}

#[test]
fn a_tag_that_proves_a_closing_stays() {
    let Some(server) = with_keys("hooks-tags") else {
        return;
    };
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
fn what_cannot_be_checked_or_was_signed_under_another_name_squats_nowhere() {
    let Some(server) = with_keys("hooks-squat") else {
        return;
    };
    for (prepare, words) in [
        (
            "as eve; ssh-keygen -q -t ecdsa -b 521 -N '' -C eve -f ../odd; git -c user.signingKey=../odd tag -s -m squat tallybook/x",
            "under `tallybook/` stands only what can be checked, and this is an SSH signature by a key of the kind `ecdsa-sha2-nistp521`",
        ),
        (
            "as eve; git tag -d tallybook/x >/dev/null; git update-ref refs/tags/tallybook/x $(git rev-parse tallybook/a)",
            "a member signed this tag under another name",
        ),
    ] {
        let refused = server.refuses(prepare, "git push -q origin tallybook/x", words);
        assert_eq!(refused, Ok(()));
    }
    // Nor does what squatted before the hook keep an owner from moving it.
    server.passes(
        "mv ../origin.git/hooks/pre-receive ../aside; git push -q origin tallybook/x; mv ../aside ../origin.git/hooks/pre-receive
         as ron; git -c user.signingKey=../ron tag -f -s -m right tallybook/x HEAD >/dev/null; git push -q -f origin tallybook/x",
    );
}

#[test]
fn owners_of_another_workspace_move_no_tag() {
    let Some(server) = with_keys("hooks-away") else {
        return;
    };
    server.passes(
        "as eve; mkdir -p away/projects/shop/members; echo 'format: 1' > away/tallybook.yaml; echo 'key: SHOP' > away/projects/shop/project.yaml
         cp -R projects/shop/launches projects/shop/executed away/projects/shop/
         (cd away; member eve owner); printf 'keys:\\n- %s\\n' \"$(cut -d ' ' -f 1,2 ../eve.pub)\" >> away/projects/shop/members/eve.yaml
         cp projects/shop/members/ron.yaml away/projects/shop/members/
         commit away; git push -q origin main",
    );
    let moved = server.refuses(
        "as eve; git -c user.signingKey=../eve tag -f -s -m mine tallybook/a HEAD~1 >/dev/null",
        "git push -q -f origin tallybook/a",
        "only a tag that an owner signed may take its place",
    );
    assert_eq!(moved, Ok(()));
}

#[test]
fn a_closing_on_behalf_of_somebody_is_noticed_and_passes() {
    let server = Server::template_named("hooks-behalf");
    let mine = server.shell("as ron; close four; git push -q origin main");
    assert!(
        mine.code == Some(0) && !mine.stderr.contains("notice"),
        "{mine}"
    );
    // A member's second address is the same person's.
    server.passes("as alice; sed -i 's/emails: .*/emails: [alice@example.com, a@home.example]/' projects/shop/members/alice.yaml; commit mail; git push -q origin main");
    let home = server.shell("as alice; close five; git commit -q --amend --no-edit --author 'Al <A@home.example>'; git push -q origin main; tallybook verify");
    assert!(
        home.code == Some(0) && !home.stderr.contains("as who closed it"),
        "{home}"
    );
    let other = server.shell("as wes; close six; git commit -q --amend --no-edit --author 'ron <ron@example.com>'; git push origin main; tallybook verify");
    let words =
        "names wes <wes@example.com> as who closed it, and ron <ron@example.com> made commit `";
    let said: Vec<&str> = other
        .stderr
        .lines()
        .filter(|line| line.contains(words))
        .collect();
    assert!(other.code == Some(0) && said.len() == 2, "{other}");
    assert!(
        said[0].starts_with("remote: tallybook: notice: refs/heads/main: launch `"),
        "{other}"
    );
}

#[test]
fn a_closing_that_a_member_signed_passes() {
    if Command::new("ssh-keygen").arg("-V").output().is_err() {
        return;
    }
    let template = Server::template_named("hooks-signed");
    template.passes(
        "ssh-keygen -q -t ed25519 -N '' -C ron -f ../ron; ssh-keygen -q -t ed25519 -N '' -C eve -f ../eve
         as alice; tallybook member add -q ron --key ../ron.pub >/dev/null; echo 'signatures: closings' >> projects/shop/project.yaml
         commit 'Sign closings'; git push -q origin main
         git config gpg.format ssh; git config user.signingKey ../ron
         as ron; close four; git commit -q --amend --no-edit -S; git push -q origin main",
    );
    let refused = template.refuses(
        "as ron; close five; git -c user.signingKey=../eve commit -q --amend --no-edit -S",
        MAIN,
        "with a signature by no member's key",
    );
    assert_eq!(refused, Ok(()));
}
