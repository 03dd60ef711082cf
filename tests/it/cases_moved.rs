//! `case move`, `clone`, `link` and `fmt` as their users run them.

use crate::cases::{EXPIRED, done, files, refused, with_settings};
use crate::repo::{assert_found, assert_refused};
use crate::shop::result;

/// `git add` refuses all files where one is neither there nor in the index.
#[test]
fn the_hint_of_a_move_names_what_git_finds() {
    let repo = with_settings();
    repo.answer(["case", "move", "SHOP-EXP1RD", "auth"]);
    let back = done(repo.run(["case", "move", "SHOP-EXP1RD", "sign-in"]));
    assert!(back.stdout.contains("cases/auth/expired.md"), "{back}");
    let hint = back.stderr.split("git add ").nth(1).expect("a hint");
    let named = hint.split(" &&").next().unwrap_or_default();
    assert_eq!(named, EXPIRED);
    repo.git(["add", named]);
}

#[test]
fn a_moved_case_stays_itself() {
    let repo = with_settings();
    repo.write(
        "projects/shop/steps/sign-in.md",
        "---\ntitle: Sign in\n---\n\nSee [that case](../cases/sign-in/expired.md#steps).\n\n## Steps\n\n1. Open.\n   - **Expected:** it is.\n",
    );
    repo.commit("Link");
    repo.answer(["approve", "SHOP-EXP1RD", "--meaning", "reviewed"]);
    repo.allure("r0", &result("e0", "expired", "passed"));
    repo.commit("Approve");
    repo.close_with("Nightly 0", "r0");
    let stays = || {
        let shown = repo.json(["case", "show", "SHOP-EXP1RD", "--format", "json"]);
        assert_eq!(shown["approval"]["state"], "approved");
        assert_eq!(
            shown["history"][0]["lines"][0]["entries"][0]["status"],
            "passed"
        );
    };
    stays();
    let ran = done(repo.run(["case", "move", "SHOP-EXP1RD", "auth/password/expired"]));
    let new = "projects/shop/cases/auth/password/expired/expired.md";
    assert!(ran.stdout.starts_with(new), "{ran}");
    assert!(!repo.root().join(EXPIRED).exists());
    assert!(
        repo.read(new)
            .contains("[Sign in](../../../../steps/sign-in.md)")
    );
    let steps = repo.read("projects/shop/steps/sign-in.md");
    assert!(
        steps.contains("(../cases/auth/password/expired/expired.md#steps)"),
        "{steps}"
    );
    assert_eq!(repo.run(["validate"]).code, Some(0));
    stays();
    repo.commit("Move");
    assert_eq!(
        repo.run(["case", "move", "SHOP-EXP1RD", "sign-in"]).code,
        Some(0)
    );
    repo.git(["add", "-A"]);
    assert_eq!(
        repo.git(["diff", "--cached", "--stat", "HEAD~1"]),
        "",
        "there and back"
    );
    let ran = done(repo.run(["case", "move", "SHOP-EXP1RD", "sign-in"]));
    assert!(ran.stderr.contains("nothing changes"), "{ran}");
    let path = repo.answer(["case", "move", "SHOP-EXP1RD", "--name", "too-old"]);
    assert!(
        path.starts_with("projects/shop/cases/sign-in/too-old.md"),
        "{path}"
    );
    repo.commit("Rename");
    let two = repo.answer(["case", "new", "--title", "Dark", "--section", "sign-in"]);
    assert_eq!(two, "projects/shop/cases/sign-in/dark.md");
    for (args, word) in [
        (&["SHOP-MA1DRK", "sign-in"][..], "is there already"),
        (&["SHOP-MA1DRK", "Sign-In"], "is there already"),
        (&["SHOP-MA1DRK", "../../../x"], "no name for a section"),
        (&["SHOP-MA1DRK", "a\\b"], "has a `\\`"),
        (&["SHOP-MA1DRK", "--name", "DARK"], "is there already"),
        (&["SHOP-MA1DRK", "--name", "con"], "device"),
        (&["", "--name", "x"], "the query is empty"),
        (&["id != null", "--name", "x"], "3 cases fit"),
        (&["SHOP-NOPE", "x"], "no case"),
    ] {
        let before = files(&repo);
        let ran = repo.output("", &[&["case", "move"], args].concat());
        assert_refused(&ran, &[word]);
        assert!(before == files(&repo), "{args:?} wrote something");
    }
}

#[test]
fn a_cloned_case_is_another_one() {
    let repo = with_settings();
    repo.answer(["approve", "SHOP-EXP1RD", "--meaning", "reviewed"]);
    repo.commit("Approve");
    let path = repo.answer([
        "case",
        "clone",
        "SHOP-EXP1RD",
        "--title",
        "Locked",
        "--section",
        "a/b/c",
    ]);
    let text = repo.read(&path);
    assert!(
        text.contains("title: Locked\nexecution: automated\nstatus: draft\n"),
        "{text}"
    );
    assert!(
        !text.contains("selectors") && text.contains("(../../../../steps/sign-in.md)"),
        "{text}"
    );
    let id = text
        .lines()
        .nth(1)
        .expect("an id")
        .trim_start_matches("id: ")
        .to_owned();
    let shown = repo.json(["case", "show", &id, "--format", "json"]);
    assert_eq!(shown["approval"]["state"], "none");
    assert_eq!(
        repo.json(["case", "show", "SHOP-EXP1RD", "--format", "json"])["approval"]["state"],
        "approved"
    );
    for (args, word) in [
        (["SHOP-NOPE", "--title=x"], "no case"),
        (["SHOP-EXP1RD", "--title=a\nb"], "several lines"),
        (["SHOP-EXP1RD", "--section=.."], "no name for a section"),
    ] {
        refused(&repo, ["case", "clone", args[0], args[1]], &[word]);
    }
}

#[test]
fn cases_are_linked_from_both_ends() {
    let repo = with_settings();
    let before = repo.read(EXPIRED);
    repo.answer(["case", "link", "SHOP-EXP1RD", "automates", "SHOP-MA1DRK"]);
    let ran = done(repo.run([
        "case",
        "link",
        "SHOP-MA1DRK",
        "is automated by",
        "SHOP-EXP1RD",
    ]));
    assert!(ran.stderr.contains("nothing changes"), "{ran}");
    let both = |id: &str| repo.answer(["case", "link", id]);
    assert_eq!(
        both("SHOP-EXP1RD"),
        "automates SHOP-MA1DRK  Mail in dark mode"
    );
    assert_eq!(
        both("SHOP-MA1DRK"),
        "automated-by SHOP-EXP1RD  Sign in with an expired password"
    );
    repo.answer([
        "case",
        "link",
        "SHOP-EXP1RD",
        "automates",
        "SHOP-MA1DRK",
        "--remove",
    ]);
    assert_eq!(repo.read(EXPIRED), before);
    repo.answer(["case", "link", "SHOP-EXP1RD", "issue", "WEB-1"]);
    repo.answer([
        "case",
        "link",
        "SHOP-EXP1RD",
        "requirement",
        "REQ-4",
        "--url",
        "https://example.com/4",
    ]);
    assert_eq!(
        both("SHOP-EXP1RD"),
        "issue WEB-1\nrequirement REQ-4  https://example.com/4"
    );
    repo.answer(["case", "link", "SHOP-EXP1RD", "issue", "WEB-1", "--remove"]);
    repo.answer([
        "case",
        "link",
        "SHOP-EXP1RD",
        "requirement",
        "REQ-4",
        "--remove",
    ]);
    assert_eq!(repo.read(EXPIRED), before);
    for (args, word) in [
        (
            ["SHOP-EXP1RD", "automates", "SHOP-NOPE"],
            "no case `SHOP-NOPE`",
        ),
        (["SHOP-EXP1RD", "automates", "SHOP-EXP1RD"], "itself"),
        (["SHOP-EXP1RD", "issue", ""], "expected one line"),
        (["SHOP-EXP1RD", "issue", "a\nb"], "expected one line"),
        (["SHOP-NOPE", "issue", "WEB-1"], "no case"),
        (["SHOP-EXP1RD", "issue", &"x".repeat(10_000)], "at most 500"),
    ] {
        refused(&repo, ["case", "link", args[0], args[1], args[2]], &[word]);
    }
}

#[test]
fn documentation_has_one_form() {
    let repo = with_settings();
    assert_eq!(repo.answer(["fmt", "--check"]), "");
    let text = "---\ntitle:  T # why\n# the id\nid: SHOP-AAAAAA\ntags: [ a,b ]\n---\n\n\n## Steps\n\n1. a\n2. b\n";
    let path = "projects/shop/cases/odd.md";
    repo.write(path, text);
    repo.write("projects/shop/cases/broken.md", "---\nid: [\n---\n");
    repo.write(
        "projects/shop/members/bob.yaml",
        "role: reader\nemails: [ b@x ]\nname: Bob\n",
    );
    let ran = repo.run(["fmt", "--check"]);
    assert_found(&ran, &["broken.md` is left as it is"]);
    assert_eq!(
        ran.stdout,
        format!("{path}\nprojects/shop/members/bob.yaml\n")
    );
    assert_eq!(repo.read(path), text);
    let ran = repo.run(["fmt", "--diff", path]);
    assert!(
        ran.code == Some(0) && ran.stdout.contains("+tags: [a, b]"),
        "{ran}"
    );
    assert_eq!(repo.read(path), text);
    std::fs::remove_file(repo.root().join("projects/shop/cases/broken.md")).expect("goes");
    assert_eq!(repo.answer(["fmt", path]), path);
    assert_eq!(
        repo.read(path),
        "---\n# the id\nid: SHOP-AAAAAA\ntitle: T # why\ntags: [a, b]\n---\n\n## Steps\n\n1. a\n1. b\n"
    );
    assert_eq!(repo.answer(["fmt"]), "projects/shop/members/bob.yaml");
    assert_eq!(repo.answer(["fmt"]), "");
    assert_eq!(repo.answer(["fmt", "--check"]), "");
    assert_refused(&repo.run(["fmt", "nothing"]), &["there is no `nothing`"]);
    assert_refused(&repo.run(["fmt", "/"]), &["not in the workspace"]);
}

/// Whoever begins with the example begins with files in their form.
#[test]
fn the_example_has_its_form() {
    use tallybook::author::format::{Formatted, format, formatted_kind};
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("example-repo");
    let mut folders = vec![root.clone()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("lists") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path
                .strip_prefix(&root)
                .expect("inside")
                .to_str()
                .expect("UTF-8")
                .to_owned();
            let (Ok(text), true) = (
                std::fs::read_to_string(&path),
                name.ends_with("md") || name.ends_with("yaml"),
            ) else {
                continue;
            };
            seen += usize::from(formatted_kind(&name).is_some());
            assert_eq!(format(&name, &text), Formatted::Same, "{name}");
        }
    }
    assert!(seen > 80, "{seen} files of the example were looked at");
}

#[test]
fn hostile_files_are_named_and_left() {
    let repo = with_settings();
    for (name, bytes) in [
        ("nul.md", &b"---\nid: A\0\n---\n"[..]),
        ("latin.md", b"---\nid: caf\xe9\n---\n"),
        ("utf16.md", b"\xff\xfe-\0-\0"),
        (
            "conflict.md",
            b"---\nid:  A\n---\n<<<<<<< a\n1. x\n=======\n1. y\n>>>>>>> b\n",
        ),
        ("empty.md", b"\n\n"),
        ("none.md", b"# no front matter  \n"),
        ("twice.md", b"---\nid: A\nid:  B\n---\n"),
        ("open.md", b"---\nid:  A\n"),
        (
            "deep.md",
            format!("---\nid: {}A\n---\n", "[".repeat(5000)).as_bytes(),
        ),
        (
            "long.md",
            format!("---\nid: [{}]\n---\n", "a, ".repeat(400_000)).as_bytes(),
        ),
    ] {
        repo.write(&format!("projects/shop/cases/{name}"), bytes);
    }
    let before = files(&repo);
    let ran = repo.run(["fmt"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    assert_eq!(ran.stderr.matches("is left as it is").count(), 10, "{ran}");
    assert!(before == files(&repo), "nothing was written");
}

#[test]
fn what_acts_on_a_terminal_is_escaped() {
    let repo = with_settings();
    repo.write(
        "projects/shop/cases/evil.md",
        "---\nid: SHOP-EV11AB\ntitle: \"a\\e[2Jb\\u202Ec\"\ntags: [\"\\e]0;x\\a\"]\n---\n\n\u{1b}[31mred\u{202e}\n",
    );
    for args in [
        &["case", "show", "SHOP-EV11AB"][..],
        &["case", "list"],
        &["case", "link", "SHOP-EV11AB", "related", "SHOP-EXP1RD"],
        &["case", "link", "SHOP-EXP1RD"],
        &["case", "set", "SHOP-EV11AB", "tags+=x", "--dry-run"],
        &["case", "move", "SHOP-EV11AB", "x", "--dry-run"],
        &["case", "clone", "SHOP-EV11AB", "--title=x", "--dry-run"],
        &["fmt", "--diff"],
    ] {
        let ran = repo.output("", args);
        assert_eq!(ran.code, Some(0), "{args:?}\n{ran}");
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert!(
            !shown.contains(['\u{1b}', '\u{202e}', '\u{7}']),
            "{args:?}\n{ran}"
        );
    }
}
