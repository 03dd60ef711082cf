//! What becomes of a change of cases when it is written: beside others, refused, and told.

use std::process::Stdio;

use crate::cases::EXPIRED;
use crate::repo::{TestRepo, assert_refused};
use crate::shop::{FILES, shop};

/// How often two changes start at once: without a lock more than half of such rounds lose one.
const ROUNDS: usize = 8;

/// Adds two tags to one case at once, some times, and holds what the file says against what was said.
#[track_caller]
fn race(repo: &TestRepo) {
    for round in 0..ROUNDS {
        let tags = [format!("a{round}"), format!("b{round}")];
        let started = tags.each_ref().map(|tag| {
            let tag = format!("tags+={tag}");
            let mut command = repo.command("", &["case", "set", "SHOP-EXP1RD", &tag]);
            let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("the binary starts")
        });
        let ran = started.map(|child| repo.ran(child.wait_with_output().expect("it ends")));
        assert!(
            ran.iter().any(|ran| ran.code == Some(0)),
            "{}{}",
            ran[0],
            ran[1]
        );
        let text = repo.read(EXPIRED);
        for (tag, ran) in tags.iter().zip(&ran) {
            assert_eq!(
                text.contains(tag.as_str()),
                ran.code == Some(0),
                "{tag}: {ran}\n{text}"
            );
            if ran.code != Some(0) {
                assert_refused(
                    ran,
                    &["changed while the command ran", "run the command again"],
                );
            }
        }
    }
}

#[test]
fn changes_at_once_lose_nothing() {
    let repo = shop();
    // A lock that somebody left behind is none.
    repo.write(".git/tallybook/writing.lock", "4711\n");
    race(&repo);
}

#[test]
fn changes_at_once_lose_nothing_without_git() {
    let repo = TestRepo::without_git();
    for (path, text) in FILES {
        repo.write(path, text);
    }
    race(&repo);
}
