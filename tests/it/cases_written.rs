//! What becomes of a change of cases when it is written: beside others, refused, and told.

use std::process::Stdio;

use crate::cases::{EXPIRED, done, refused, with_settings};
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

#[cfg(unix)]
mod editors {
    use super::*;

    const NEW: [&str; 5] = ["case", "new", "--title", "Pay", "--edit"];

    /// The path that a hint names behind some words.
    #[track_caller]
    fn named(repo: &TestRepo, stderr: &str, words: &str) -> String {
        let (_, rest) = stderr.split_once(words).expect(stderr);
        let path = rest.split(['\n', '`']).next().unwrap_or_default();
        path.replace("[ROOT]", &repo.root().display().to_string())
    }

    #[test]
    fn what_was_typed_is_kept_where_it_is_refused() {
        for (editor, said) in [
            ("sed -i 's/^status: .*/status: nope/'", "status `nope`"),
            ("sed -i 's/^id: .*/id: OTHER/'", "the id was changed"),
            ("sed -i 's/^title: .*/title: [/'", "does not read as a case"),
            ("f() { false; }; f", "ended with an error"),
        ] {
            let script =
                format!("g() {{ printf '\\n1. precious\\n' >> \"$1\"; {editor} \"$1\"; }}; g");
            let repo = with_settings().env("EDITOR", &script);
            refused(&repo, NEW, &[said, "what you wrote is kept: "]);
            let ran = repo.run(NEW);
            let kept = named(&repo, &ran.stderr, "what you wrote is kept: ");
            let text = std::fs::read_to_string(&kept).expect("the draft reads");
            assert!(text.ends_with("\n1. precious\n"), "{text}");
            let doctor = repo.run(["doctor"]);
            assert!(
                doctor
                    .stdout
                    .contains(" of an editor that became no file: "),
                "{doctor}"
            );
            // What the hint says puts it in its place.
            let next = named(&repo, &ran.stderr, "put it in its place: `");
            let moved = std::process::Command::new("sh")
                .args(["-c", &next])
                .status();
            assert!(moved.expect("a shell").success(), "{next}");
            assert_eq!(repo.read("projects/shop/cases/pay.md"), text);
        }
    }

    #[test]
    fn what_was_typed_is_kept_where_nothing_may_be_written_over() {
        let script =
            "f() { echo theirs > projects/shop/cases/pay.md; echo 1. precious >> \"$1\"; }; f";
        let repo = with_settings().env("EDITOR", script);
        let ran = repo.run(NEW);
        assert_refused(
            &ran,
            &[
                "there is a `projects/shop/cases/pay.md` already",
                "under another name",
            ],
        );
        let kept = named(&repo, &ran.stderr, "what you wrote is kept: ");
        let text = std::fs::read_to_string(kept).expect("the draft reads");
        assert!(text.ends_with("1. precious\n"), "{text}");
        assert_eq!(repo.read("projects/shop/cases/pay.md"), "theirs\n");
        // What got to its place, or was not changed, leaves nothing behind.
        std::fs::remove_file(repo.root().join("projects/shop/cases/pay.md")).expect("goes");
        let drafts = || {
            std::fs::read_dir(repo.root().join(".git/tallybook"))
                .expect("lists")
                .count()
        };
        let before = drafts();
        let repo = repo.env("EDITOR", "echo 1. done >>");
        assert_eq!(repo.output("", &NEW).code, Some(0));
        let repo = repo.env("EDITOR", "true");
        assert_refused(&repo.run(NEW), &["as it was given"]);
        let drafts = || {
            std::fs::read_dir(repo.root().join(".git/tallybook"))
                .expect("lists")
                .count()
        };
        assert_eq!(drafts(), before);
    }
}

#[test]
fn what_a_change_brings_is_said_of_its_file() {
    let repo = with_settings();
    let active = |id: &str| {
        format!("---\nid: {id}\ntitle: Z\nstatus: active\n---\n\n## Steps\n\n1. Do it.\n")
    };
    repo.write("projects/shop/cases/zzz.md", active("SHOP-ZZZZZ1"));
    repo.write("steps.txt", "Do it.\n");
    let new = ["case", "new", "--title", "bbb", "--status", "active"];
    let ran = done(repo.output("", &[&new[..], &["--steps", "steps.txt"]].concat()));
    assert!(
        ran.stderr.contains("`projects/shop/cases/bbb.md`: "),
        "{ran}"
    );
    assert!(!ran.stderr.contains("zzz.md"), "{ran}");
    // A case that moves takes what is said of it along.
    let ran = done(repo.run(["case", "move", "SHOP-ZZZZZ1", "aside"]));
    assert!(!ran.stderr.contains("warning"), "{ran}");
    repo.write(
        "projects/shop/cases/zz9.md",
        "---\nid: SHOP-ZZZZZ9\ntitle: Y\nstatus: draft\ncombine: all\n---\n",
    );
    refused(
        &repo,
        ["case", "new", "--title", "x", "--combine", "all"],
        &["would leave `projects/shop/cases/x.md` wrong"],
    );
}

#[test]
fn words_that_are_nearly_known_are_told() {
    let repo = shop();
    let ran = done(repo.run(["case", "link", "SHOP-EXP1RD", "isue", "WEB-1"]));
    assert!(
        ran.stderr.contains("type `isue`") && ran.stderr.contains("did you mean `issue`?"),
        "{ran}"
    );
    let ran = done(repo.run(["case", "link", "SHOP-EXP1RD", "blokcs", "SHOP-MA1DRK"]));
    assert!(ran.stderr.contains("did you mean `blocks`?"), "{ran}");
    let ran = done(repo.run(["case", "link", "SHOP-MA1DRK", "depends-on", "SHOP-EXP1RD"]));
    assert!(!ran.stderr.contains("warning"), "{ran}");
    let case =
        |tags: &str| format!("---\nid: SHOP-TAGGED\ntitle: T\nstatus: draft\ntags: {tags}\n---\n");
    for (tags, said) in [
        ("smoke, auth", "did you mean `tags: [smoke, auth]`?"),
        ("\"smoke,auth\"", "did you mean `tags: [smoke, auth]`?"),
        (
            "\n  - a\n  - smoke, auth",
            "a tag with a comma stands in quotes",
        ),
    ] {
        repo.write("projects/shop/cases/tagged.md", case(tags));
        let ran = repo.run(["validate"]);
        assert!(format!("{ran}").contains(said), "{tags}: {ran}");
    }
    repo.write(
        "projects/shop/cases/tagged.md",
        case("[a, \"smoke, auth\", 'x,y']"),
    );
    let ran = repo.run(["validate"]);
    assert!(!format!("{ran}").contains("comma"), "{ran}");
}
