//! Bad input: one clear message, the right exit code, and never a panic.

use serde_json::json;

use crate::repo::{assert_found, assert_refused};
use crate::shop::{junit, result, shop, with};

/// Appends one file to a new launch; the launch may not close then.
#[track_caller]
fn assert_not_read(name: &str, bytes: impl AsRef<[u8]>, words: &[&str]) {
    let repo = shop();
    repo.write(name, bytes);
    let id = repo.open_launch("Hostile");
    let given = name.split('/').next().expect("a path has a part");
    let ran = repo.run(["launch", "append", &id, given]);
    assert_found(&ran, words);
    let closed = repo.run(["launch", "close", &id]);
    assert_found(&closed, &["--accept-loss", "stays open"]);
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "1");
}

#[test]
fn a_missing_input() {
    let repo = shop();
    let id = repo.open_launch("Hostile");
    insta::assert_snapshot!(repo.run(["launch", "append", &id, "no such/place"]), @r#"
    0 results
    --- stderr ---
    error: `no such/place`: it does not exist
    hint: mend the input and append it again: a complete append of the same job settles it
    [exit 1]
    "#);
}

#[test]
fn an_empty_input() {
    assert_not_read("junit.xml", "", &["`junit.xml`"]);
    assert_not_read(
        "results/notes.txt",
        "nothing here",
        &[
            "`results`",
            "expected Allure results, JUnit XML or another format",
        ],
    );
    let repo = shop();
    std::fs::create_dir(repo.root().join("results")).expect("made");
    let id = repo.open_launch("Hostile");
    assert_found(
        &repo.run(["launch", "append", &id, "results"]),
        &["there are no files"],
    );
}

#[test]
fn a_binary_input() {
    let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    assert_not_read("junit.xml", &bytes, &["`junit.xml`"]);
    assert_not_read("results/a-result.json", &bytes, &["a-result.json"]);
    assert_not_read("program", b"\x7fELF\x02\x01\x01\0\0\0", &["`program`"]);
}

#[test]
fn a_malformed_input() {
    assert_not_read(
        "results/a-result.json",
        r#"{"uuid": "a", "name": "x", "status": "fai"#,
        &["a-result.json"],
    );
    assert_not_read("results/a-result.json", "[1, 2]", &["a-result.json"]);
    assert_not_read(
        "junit.xml",
        r#"<testsuite><testcase name="x"/><testcase name="y">"#,
        &["ends inside"],
    );
    assert_not_read(
        "junit.xml",
        "<testsuite><testcase name='x'></testsuite>",
        &["`junit.xml`"],
    );
    assert_not_read(
        "page.html",
        "<!doctype html><html><body>404</body></html>",
        &["`page.html`"],
    );
}

#[test]
fn what_could_be_read_beside_a_damaged_file_is_kept() {
    let repo = shop();
    repo.allure("results", &result("a", "x", "failed"));
    repo.write("results/b-result.json", r#"{"uuid": "b""#);
    repo.write("results/c-result.json", [0xff, 0xfe, 0x00]);
    let id = repo.open_launch("Hostile");
    let ran = repo.run(["launch", "append", &id, "results"]);
    assert_found(&ran, &["b-result.json", "c-result.json"]);
    assert!(
        repo.totals(&id).starts_with("failed 1, "),
        "{}",
        repo.totals(&id)
    );
    repo.answer([
        "launch",
        "close",
        &id,
        "--accept-loss",
        "local",
        "--reason",
        "seen",
    ]);
    repo.answer(["verify"]);
}

#[test]
fn a_huge_input() {
    let repo = shop();
    repo.allure("results", &result("a", "x", "passed"));
    for (name, size) in [
        ("results/b-result.json", 65 << 20),
        ("results/c.xml", 65 << 20),
    ] {
        let file = std::fs::File::create(repo.root().join(name)).expect("made");
        file.set_len(size).expect("a sparse file");
    }
    let id = repo.open_launch("Hostile");
    let ran = repo.run(["launch", "append", &id, "results"]);
    assert_found(&ran, &["b-result.json"]);
    assert_eq!(ran.stdout, "1 result: 1 passed\n", "{ran}");
}

#[test]
#[cfg(unix)]
fn an_unreadable_input() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = shop();
    repo.allure("results", &result("a", "x", "passed"));
    repo.allure("results", &result("b", "y", "passed"));
    let locked = repo.root().join("results/b-result.json");
    let lock = |mode| {
        std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(mode)).expect("set");
    };
    lock(0o000);
    if std::fs::read(&locked).is_ok() {
        return; // root reads everything
    }
    let id = repo.open_launch("Hostile");
    assert_found(
        &repo.run(["launch", "append", &id, "results"]),
        &["b-result.json", "cannot be read"],
    );
    lock(0o600);
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_that_is_not_utf_8_is_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = shop();
    repo.allure("results", &result("a", "x", "passed"));
    let name = std::ffi::OsStr::from_bytes(b"b\xff-result.json");
    std::fs::write(repo.root().join("results").join(name), "{}").expect("written");
    let id = repo.open_launch("Hostile");
    assert_found(
        &repo.run(["launch", "append", &id, "results"]),
        &["its name is not UTF-8"],
    );
}

#[test]
#[cfg(unix)]
fn links_that_point_outside_are_not_followed() {
    use std::os::unix::fs::symlink;
    let repo = shop();
    repo.write(
        "../secret.json",
        result("s", "s3cret", "passed").to_string(),
    );
    repo.write("../secret.txt", "s3cret");
    let log = json!({"attachments": [
        {"name": "log", "source": "1-attachment.txt"}, {"name": "up", "source": "../../secret.txt"},
    ]});
    repo.allure("results", &with(result("a", "x", "failed"), &log));
    let link =
        |to: &str, name: &str| symlink(to, repo.root().join("results").join(name)).expect("linked");
    link("../../secret.json", "b-result.json");
    link("../../secret.txt", "1-attachment.txt");
    link("..", "loop");
    let id = repo.open_launch("Hostile");
    assert_found(
        &repo.run(["launch", "append", &id, "results"]),
        &["b-result.json", "not followed"],
    );
    repo.answer([
        "launch",
        "close",
        &id,
        "--accept-loss",
        "local",
        "--reason",
        "links",
    ]);
    let grep = repo.git_output("", &["grep", "-q", "s3cret", "HEAD"]);
    assert_eq!(grep.code, Some(1), "{grep}");
}

#[test]
fn a_bomb_of_json_and_one_of_xml() {
    let deep = format!(
        r#"{{"uuid":"a","name":"x","status":"failed","steps":{}{}}}"#,
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    assert_not_read("results/a-result.json", deep, &["a-result.json"]);
    let steps = r#"{"steps":["#.repeat(50_000) + &"]}".repeat(50_000);
    assert_not_read(
        "results/a-result.json",
        format!(r#"{{"uuid":"a","name":"x","steps":[{steps}]}}"#),
        &["a-result.json"],
    );
    assert_not_read("junit.xml", "<testsuite>".repeat(100_000), &["`junit.xml`"]);
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
        <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY e SYSTEM "file:///etc/passwd">]>
        <testsuite name="s"><testcase name="x"><failure message="&c;">&e;</failure></testcase></testsuite>"#;
    let repo = shop();
    repo.write("junit.xml", laughs);
    let id = repo.open_launch("Hostile");
    let ran = repo.run(["launch", "append", &id, "junit.xml"]);
    assert!(matches!(ran.code, Some(0 | 1)), "{ran}");
    let ran = repo.run([
        "launch",
        "close",
        &id,
        "--accept-loss",
        "local",
        "--reason",
        "x",
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(
        repo.git_output("", &["grep", "-q", "root:", "HEAD"]).code,
        Some(1)
    );
    assert_eq!(
        repo.git_output("", &["grep", "-q", "hahaha", "HEAD"]).code,
        Some(1)
    );
}

#[test]
fn text_in_results_never_acts_on_a_terminal() {
    let repo = shop();
    let evil = "\u{1b}]0;owned\u{7}\u{202e}gnp\u{0}\u{9b}31m\r\n";
    let more =
        json!({"name": evil, "fullName": evil, "statusDetails": {"message": evil, "trace": evil}});
    repo.allure("results", &with(result("a", "x", "failed"), &more));
    repo.allure(
        "results",
        &with(
            result("b", "x", "odd\u{1b}[31m"),
            &json!({"labels": [{"name": "AS_ID", "value": evil}]}),
        ),
    );
    let id = repo.open_launch("Hostile");
    let job = "job\u{1b}[2J\u{202e}";
    let runs = [
        repo.run(["launch", "append", &id, "results", "--job", job]),
        repo.run(["launch", "status", &id]),
        repo.run(["launch", "close", &id]),
        repo.run(["launch", "show", &id]),
        repo.run(["launch", "list"]),
        repo.run(["verify"]),
    ];
    for ran in runs {
        assert_eq!(ran.code, Some(0), "{ran}");
        let said = ran.to_string();
        let acts =
            |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!said.chars().any(acts), "{said:?}");
    }
    repo.assert_clean_but("results");
}

#[test]
fn odd_names_of_launches() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let names = [
        "two\nlines",
        "tab\tand \u{1b}[31m red",
        "\u{202e}evitan",
        "$(touch pwned) `touch pwned`; rm -rf /",
        "../../../etc/passwd",
        "-x --force",
        "Ünïcödé 測試 🎉",
        "   spaces   ",
        "a'b\"c\\d",
        "%s%n",
        ".",
        "CON",
    ];
    for name in names {
        let id = repo.answer(["launch", "open", &format!("--name={name}")]);
        assert!(
            id.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{id}"
        );
        repo.answer(["launch", "append", &id, "../junit.xml"]);
        repo.answer(["launch", "close", &id]);
        let subject = repo.git(["log", "-1", "--format=%s"]);
        assert!(
            subject.starts_with("Close launch ") && subject.ends_with(" (SHOP) [skip ci]"),
            "{subject}"
        );
        assert!(
            subject.chars().all(|c| !c.is_control() && c != '\u{202e}'),
            "{subject:?}"
        );
        let launch = repo.json(["launch", "show", &id, "--format", "json"]);
        assert_eq!(launch["name"], name);
        assert_eq!(launch["state"], "closed");
    }
    repo.assert_clean();
    repo.answer(["verify"]);
    repo.answer(["launch", "list"]);
}

#[test]
fn names_that_are_refused() {
    let repo = shop();
    let open = |name: &str| repo.run(["launch", "open", "--name", name]);
    assert_refused(&open(""), &["a launch's name is empty"]);
    assert_refused(&open("  \n "), &["a launch's name is empty"]);
    assert_refused(
        &open(&"x".repeat(300)),
        &["at most 200 characters long, and this one has 300"],
    );
    assert_refused(
        &repo.run(["launch", "open", "--key", ""]),
        &["key is empty"],
    );
    assert_refused(
        &repo.run(["launch", "open", "--env", "novalue"]),
        &["NAME=VALUE"],
    );
    let id = repo.open_launch("Fine");
    repo.write("junit.xml", junit(&[("x", "")]));
    let job = "x".repeat(201);
    let ran = repo.run(["launch", "append", &id, "junit.xml", "--job", &job]);
    assert_refused(&ran, &["job names are at most 200 characters"]);
    repo.answer(["launch", "append", &id, "junit.xml"]);
    repo.answer(["launch", "close", &id]);
}
