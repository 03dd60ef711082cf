//! What must not reach the disk: texts that patterns take out, and what looks like a secret.

use std::path::Path;

use serde_json::{Value, json};

use crate::repo::{Ran, TestRepo, assert_found, assert_refused};
use crate::shop::{junit, result, shop, with};

/// Something of a secret's shape, put together here so that none stands in the source.
fn token() -> String {
    format!("gh{}_{}", "p", "a1B2".repeat(9))
}

fn settings(repo: &TestRepo, redaction: &str) {
    repo.write(
        "tallybook.yaml",
        format!("format: 1\ntitle: Shop\nredaction: {redaction}\n"),
    );
    repo.commit("Say what is taken out");
}

/// Files below a folder that hold some text.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.expect("the folder lists");
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).expect("reads");
            if memchr::memmem::find(&bytes, text.as_bytes()).is_some() {
                out.push(entry.path().display().to_string());
            }
        }
    }
    out
}

#[track_caller]
fn assert_nowhere(repo: &TestRepo, secret: &str) {
    assert_eq!(holding(&repo.root(), secret), [""; 0]);
    let objects = repo.git([
        "cat-file",
        "--batch-all-objects",
        "--batch-check=%(objectname) %(objecttype)",
    ]);
    for line in objects.lines().filter(|line| line.ends_with(" blob")) {
        let blob = repo.git(["cat-file", "blob", &line[..40]]);
        assert!(!blob.contains(secret), "{line}");
    }
}

fn append(repo: &TestRepo, id: &str, more: &[&str]) -> Ran {
    repo.output(
        "",
        &[
            &["launch", "append", id, "../results", "--job", "unit"],
            more,
        ]
        .concat(),
    )
}

#[test]
fn patterns_are_taken_out_before_anything_is_kept() {
    let repo = shop();
    settings(
        &repo,
        r"[{pattern: 'hunter\d', replace: '•••'}, {pattern: '(card )\d+', replace: '${1}####'}]",
    );
    let everywhere = json!({
        "statusDetails": {"message": "no hunter2 here", "trace": "at hunter3\ncard 1234"},
        "labels": [{"name": "feature", "value": "hunter4"}],
        "parameters": [{"name": "user", "value": "hunter5"}],
        "links": [{"type": "issue", "name": "hunter6", "url": "https://example.com/?p=hunter6"}],
        "steps": [{"name": "type hunter7", "status": "failed", "statusDetails": {"message": "hunter8"}}],
        "attachments": [{"name": "hunter9.log", "source": "1-attachment.txt", "type": "text/plain"}],
    });
    repo.allure(
        "../results",
        &with(result("a", "hunter1", "failed"), &everywhere),
    );
    repo.write(
        "../results/1-attachment.txt",
        "it said hunter2 and card 99\n",
    );
    repo.write("../results/environment.properties", "password=hunter2\n");
    let id = repo.open_launch("Nightly");
    let ran = append(&repo, &id, &[]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr
            .contains("texts redacted as `redaction` in `tallybook.yaml` says"),
        "{ran}"
    );
    let again = append(&repo, &id, &[]);
    assert!(again.stderr.contains("nothing changed"), "{again}");
    repo.answer(["launch", "close", &id]);
    for n in 1..10 {
        assert_nowhere(&repo, &format!("hunter{n}"));
    }
    let kept = repo.git(["grep", "-h", "•••", "--", "projects/shop/launches"]);
    assert!(
        kept.contains("no ••• here") && kept.contains("card ####"),
        "{kept}"
    );
    assert!(
        kept.contains("it said ••• and card ####"),
        "the attachment too: {kept}"
    );
    repo.answer(["verify"]);
}

/// Neither a byte that is no UTF-8 nor a type that nobody knows keeps a text from being redacted;
/// what is no text stays as it is.
#[test]
fn patterns_are_taken_out_of_all_that_is_text() {
    let repo = shop();
    settings(&repo, r"[{pattern: 'hunter\d'}]");
    let files: [(&str, Option<&str>, &[u8]); 7] = [
        ("1-attachment.txt", Some("text/plain"), b"caf\xe9 hunter1\n"),
        ("2-attachment.env", None, b"PASSWORD=hunter2\n"),
        (
            "3-attachment.ini",
            Some("application/octet-stream"),
            b"[a]\np=hunter3\n",
        ),
        ("4-attachment.bin", None, b"\0\x01 hunter4"),
        ("5-attachment.png", Some("image/png"), b"\x89PNG hunter5"),
        (
            "6-attachment.png",
            Some("image/png"),
            b"no picture: hunter6",
        ),
        (
            "7-attachment.txt",
            Some("text/plain"),
            b"\x1b[1mhun\x1b[31mter7\x1b[0m",
        ),
    ];
    let listed = files
        .map(|(file, media_type, _)| json!({"name": file, "source": file, "type": media_type}));
    let more = json!({"attachments": listed});
    repo.allure("../results", &with(result("a", "plain", "failed"), &more));
    for (file, _, bytes) in files {
        repo.write(&format!("../results/{file}"), bytes);
    }
    let id = repo.open_launch("Nightly");
    let ran = append(&repo, &id, &[]);
    assert!(ran.stderr.contains("5 texts redacted"), "{ran}");
    let git = repo.root().join(".git");
    let here = |text: &str| holding(&git, text).len();
    for n in [1, 2, 3, 6] {
        assert_eq!(here(&format!("hunter{n}")), 0, "{n}");
    }
    assert_eq!(here("ter7"), 0);
    for n in 4..6 {
        assert_eq!(
            here(&format!("hunter{n}")),
            1,
            "{n}: bytes that are no text stay"
        );
    }
}

#[test]
fn a_secret_stops_an_append() {
    let repo = shop();
    let secret = token();
    let more = json!({"statusDetails": {"message": format!("401 for {secret}")},
        "steps": [{"name": format!("send {secret}"), "status": "failed"}]});
    repo.allure(
        "../results",
        &with(result("a", &format!("login {secret}"), "failed"), &more),
    );
    repo.allure("../results", &result("b", "plain", "passed"));
    let id = repo.open_launch("Nightly");
    let ran = append(&repo, &id, &[]);
    assert_found(
        &ran,
        &[
            "name of result `login •••` looks like a secret: github-token",
            "message of result `login •••` looks like a secret: github-token",
            "step of result `login •••` looks like a secret: github-token",
            "nothing was appended",
            "`--allow-secret github-token`",
        ],
    );
    assert!(
        ran.stdout.is_empty() && !ran.to_string().contains(&secret),
        "{ran}"
    );
    assert_nowhere(&repo, &secret);
    assert_nowhere(&repo, "plain");
    // The launch knows that something is missing.
    let closing = repo.run(["launch", "close", &id]);
    assert_found(&closing, &["unit", "stays open"]);
    // Without the secret, the same append settles it.
    let more = json!({"statusDetails": {"message": "401"}});
    repo.allure("../results", &with(result("a", "login", "failed"), &more));
    assert_eq!(append(&repo, &id, &[]).code, Some(0));
    repo.answer(["launch", "close", &id]);
}

#[test]
fn a_secret_in_an_attachment_stops_it_too() {
    let repo = shop();
    let secret = token();
    for (file, text) in [
        ("small", format!("authorization: {secret}\n")),
        (
            "large",
            format!("{}{secret}\n", "a line of a log\n".repeat(90_000)),
        ),
    ] {
        let log = json!({"attachments": [{"name": "log", "source": "1-attachment.txt", "type": "text/plain"}]});
        let folder = format!("../{file}");
        repo.allure(&folder, &with(result("a", "plain", "failed"), &log));
        repo.write(&format!("{folder}/1-attachment.txt"), text);
        let id = repo.open_launch(file);
        let ran = repo.run(["launch", "append", &id, &folder]);
        assert_found(
            &ran,
            &["attachment `log` looks like a secret: github-token"],
        );
        assert_nowhere(&repo, &secret);
    }
}

#[test]
fn output_and_surroundings_are_looked_through() {
    let repo = shop();
    let secret = token();
    let case = format!("<failure message=\"no\">x</failure><system-out>{secret}</system-out>");
    repo.write("../results/junit.xml", junit(&[("plain", &case)]));
    let id = repo.open_launch("Nightly");
    assert_found(&append(&repo, &id, &[]), &["output of result `plain`"]);
    repo.write("../results/junit.xml", junit(&[("plain", "")]));
    let variable = format!("token={secret}");
    let ran = append(&repo, &id, &["--env", &variable]);
    assert_found(&ran, &["environment looks like a secret"]);
    assert_nowhere(&repo, &secret);
    repo.allure("../allure", &result("a", "plain", "passed"));
    repo.write(
        "../allure/environment.properties",
        format!("Host={secret}\n"),
    );
    let ran = repo.run(["launch", "append", &id, "../allure"]);
    assert_found(&ran, &["job's property looks like a secret"]);
    assert_nowhere(&repo, &secret);
}

/// Colours in between and a type that says otherwise hide no secret, and neither does an address.
#[test]
fn secrets_are_found_however_they_are_dressed() {
    let repo = shop();
    let secret = token();
    let (start, end) = secret.split_at(10);
    let coloured = format!("\u{1b}[1m{start}\u{1b}[31m{end}\u{1b}[0m");
    let address = format!("https://bob:{}@shop.internal/x", "s3cr3t");
    let listed = json!([{"name": "shot", "source": "1-attachment.png", "type": "image/png"}]);
    repo.write("../results/1-attachment.png", format!("token {coloured}"));
    let more =
        json!({"statusDetails": {"message": coloured, "trace": address}, "attachments": listed});
    repo.allure("../results", &with(result("a", "plain", "failed"), &more));
    let id = repo.open_launch("Nightly");
    let ran = append(&repo, &id, &[]);
    assert_eq!(ran.code, Some(1), "{ran}");
    for place in [
        "message of result `plain` looks like a secret: github-token",
        "trace of result `plain` looks like a secret: url-password",
        "attachment `shot` looks like a secret: github-token",
    ] {
        assert!(ran.stderr.contains(place), "{place}: {ran}");
    }
    for text in [end, "s3cr3t"] {
        assert!(!ran.stderr.contains(text), "{ran}");
        assert_nowhere(&repo, text);
    }
}

#[test]
fn secrets_are_allowed_by_name() {
    let repo = shop();
    let secret = token();
    let more = json!({"statusDetails": {"message": secret}});
    repo.allure("../results", &with(result("a", "plain", "failed"), &more));
    let id = repo.open_launch("Nightly");
    assert_eq!(append(&repo, &id, &["--allow-secret", "jwt"]).code, Some(1));
    let unknown = append(&repo, &id, &["--allow-secret", "github-tokens"]);
    assert_refused(&unknown, &["did you mean `github-token`?"]);
    assert_eq!(
        append(&repo, &id, &["--allow-secret", "github-token"]).code,
        Some(0)
    );
    let other = repo.open_launch("Weekly");
    settings(&repo, "{allow: [github-token]}");
    assert_eq!(append(&repo, &other, &[]).code, Some(0));
}

#[test]
fn a_redacted_secret_is_none() {
    let repo = shop();
    let secret = token();
    settings(&repo, r"[{pattern: 'gh[a-z]_\w+'}]");
    let more = json!({"statusDetails": {"message": format!("401 for {secret}")}});
    repo.allure("../results", &with(result("a", "plain", "failed"), &more));
    let id = repo.open_launch("Nightly");
    assert_eq!(append(&repo, &id, &[]).code, Some(0));
    assert_nowhere(&repo, &secret);
}

#[test]
fn wrong_patterns_are_told_before_anything_is_written() {
    let repo = shop();
    let id = repo.open_launch("Nightly");
    repo.allure("../results", &result("a", "plain", "failed"));
    for (setting, said) in [
        ("[{pattern: '('}]", "no regular expression"),
        ("[{pattern: 'a*'}]", "where nothing is"),
        ("{allow: [githubtoken]}", "did you mean `github-token`?"),
        ("yes", "no list of patterns"),
    ] {
        repo.write(
            "tallybook.yaml",
            format!("format: 1\ntitle: Shop\nredaction: {setting}\n"),
        );
        let ran = append(&repo, &id, &[]);
        assert_refused(&ran, &["`redaction` in `tallybook.yaml` is wrong", said]);
        let found = repo.run(["validate", "--format", "json"]);
        let findings: Value = serde_json::from_str(&found.stdout).expect("JSON");
        assert_eq!(findings[0]["code"], "TB0241", "{setting}: {found}");
    }
}

#[test]
fn a_run_with_a_secret_leaves_its_launch_open() {
    let repo = shop();
    let text = junit(&[("plain", &format!("<failure message=\"{}\"/>", token()))]);
    repo.write("report.xml.txt", text);
    let ran = repo.run([
        "launch",
        "run",
        "--name",
        "Unit",
        "--results",
        "report.xml",
        "--",
        "cp",
        "report.xml.txt",
        "report.xml",
    ]);
    assert_found(&ran, &["looks like a secret: github-token", "stays open"]);
}

/// What people and CI name themselves is looked at like results, the names of folders among it.
#[test]
fn names_are_redacted_before_they_are_written() {
    let repo = shop();
    settings(&repo, r"[{pattern: 'hunter\d', replace: '•••'}]");
    let cut = junit(&[("plain", "")]).replace("</testsuite>", "");
    repo.write("../of-hunter1/hunter2.xml", cut);
    let id = repo.answer([
        "launch",
        "open",
        "--name",
        "Nightly of hunter1",
        "--tag",
        "hunter2",
        "--expect",
        "job hunter3",
        "--env",
        "stand=hunter4",
        "--link",
        "https://example.com/hunter5",
        "--branch",
        "wip/hunter6",
        "--repository",
        "https://example.com/hunter7",
    ]);
    let append = |code: i32| {
        let ran = repo.run([
            "launch",
            "append",
            id.trim(),
            "../of-hunter1",
            "../of-hunter1/hunter2.xml",
            "--job",
            "job hunter3",
            "--env",
            "user=hunter8",
            "--url",
            "https://ci.example.com/hunter9",
        ]);
        assert_eq!(ran.code, Some(code), "{ran}");
    };
    append(1);
    let closing = repo.run(["launch", "close", id.trim()]);
    assert_found(&closing, &["job •••", "stays open"]);
    repo.write("../of-hunter1/hunter2.xml", junit(&[("plain", "")]));
    append(0);
    let status = repo.answer(["launch", "status", id.trim()]);
    assert!(!status.contains("missing"), "{status}");
    repo.answer(["launch", "close", id.trim()]);
    for n in 1..10 {
        assert_nowhere(&repo, &format!("hunter{n}"));
    }
    let files = walkdir::WalkDir::new(repo.root()).into_iter();
    for entry in files.map(|entry| entry.expect("the folder lists")) {
        let name = entry.file_name().to_string_lossy();
        assert!(!name.contains("hunter"), "{name}");
    }
    repo.answer(["verify"]);
}

#[test]
fn a_killed_append_of_a_redacted_name_is_settled() {
    let repo = shop();
    settings(&repo, r"[{pattern: 'hunter\d'}]");
    let leak = format!("<failure message=\"{}\"/>", token());
    repo.write("../hunter1.xml", junit(&[("plain", &leak)]));
    let id = repo.open_launch("Nightly");
    let append = || {
        repo.run([
            "launch",
            "append",
            &id,
            "../hunter1.xml",
            "--job",
            "of hunter2",
        ])
    };
    assert_found(&append(), &["nothing was appended"]);
    assert_found(&repo.run(["launch", "close", &id]), &["stays open"]);
    repo.write("../hunter1.xml", junit(&[("plain", "")]));
    assert_eq!(append().code, Some(0));
    repo.answer(["launch", "close", &id]);
    assert_nowhere(&repo, "hunter1");
    assert_nowhere(&repo, "hunter2");
}

#[test]
fn a_secret_in_a_name_stops_it_before_anything_is_written() {
    let repo = shop();
    let secret = token();
    let id = repo.open_launch("Nightly");
    let folder = format!("../of-{secret}");
    repo.allure(&folder, &result("a", "plain", "passed"));
    let ran = repo.run(["launch", "append", &id, &folder]);
    assert_found(
        &ran,
        &["input's name looks like a secret", "nothing was appended"],
    );
    let job = format!("unit {secret}");
    let ran = repo.run(["launch", "append", &id, "../results", "--job", &job]);
    assert_found(&ran, &["job's name looks like a secret"]);
    let variable = format!("token={secret}");
    for (what, args) in [
        ("name", ["--name", &secret]),
        ("key", ["--key", &secret]),
        ("tag", ["--tag", &secret]),
        ("expected job", ["--expect", &secret]),
        ("environment", ["--env", &variable]),
        ("link", ["--link", &secret]),
        ("branch", ["--branch", &secret]),
    ] {
        let ran = repo.run(["launch", "open", args[0], args[1]]);
        let said = format!("launch's {what} looks like a secret: github-token");
        assert_found(
            &ran,
            &[
                &said,
                "nothing was opened",
                "open again with `--allow-secret github-token`",
            ],
        );
        assert!(!ran.to_string().contains(&secret), "{ran}");
    }
    let long = format!("{} {secret}", "x".repeat(80));
    let ran = repo.run(["launch", "run", "--", "echo", &long]);
    assert_found(&ran, &["launch's name looks like a secret"]);
    assert!(ran.stdout.is_empty(), "the command did not run: {ran}");
    let ran = repo.run(["launch", "append", "--key", &secret, "../results"]);
    assert_found(&ran, &["launch's key looks like a secret"]);
    assert_nowhere(&repo, &secret);
    assert_eq!(
        repo.answer(["launch", "list"]).lines().count(),
        2,
        "the one that was opened"
    );
    let allowed = [
        "launch",
        "open",
        "--name",
        &secret,
        "--allow-secret",
        "github-token",
    ];
    repo.answer(allowed);
}

#[test]
fn a_key_holds_nothing_that_is_taken_out() {
    let repo = shop();
    settings(&repo, r"[{pattern: 'hunter\d'}]");
    let ran = repo.run(["launch", "open", "--key", "run-hunter1"]);
    assert_refused(&ran, &["the launch's key has what `redaction` takes out"]);
    assert_nowhere(&repo, "hunter1");
}

/// What people say of launches is committed too.
#[test]
fn what_people_say_of_launches_is_looked_through() {
    let repo = shop();
    settings(&repo, "[{pattern: 'pin \\d+'}]");
    let id = repo.open_launch("Said");
    repo.allure("../results", &result("u", "expired", "passed"));
    repo.answer(["launch", "append", &id, "../results"]);
    let secret = format!("see {}", token());
    let refused = |args: &[&str]| {
        let ran = repo.output("", args);
        assert_found(
            &ran,
            &["looks like a secret: github-token", "nothing was written"],
        );
        assert!(!ran.stderr.contains(&token()), "{ran}");
        assert_nowhere(&repo, &token());
    };
    for flag in ["--reason", "--meaning", "--allow-unfinished"] {
        refused(&["launch", "close", &id, flag, &secret]);
    }
    refused(&["launch", "discard", &id, "--reason", &secret]);
    repo.answer(["launch", "close", &id, "--reason", "the pin 1234 leaked"]);
    refused(&["launch", "note", &id, &secret]);
    let outcomes = format!("{}/outcomes.yaml", repo.launch_folder(&id));
    refused(&["launch", "redact", &id, &outcomes, "--reason", &secret]);
    let violation = ["launch", "acknowledge", &id, "--violation", "changed-file"];
    refused(&[&violation[..], &["--reason", &secret]].concat());
    refused(&["gc", "--reason", &secret, "--older-than", "1d"]);
    let case = "SHOP-MA1DRK";
    let mute = ["mute", "new", "--case", case, "--until", "2027-01-31"];
    refused(&[&mute[..], &["--reason", &secret]].concat());
    refused(&["approve", case, "--note", &secret]);
    repo.answer(["launch", "note", &id, "and pin 1234 again"]);
    let log = repo.git(["log", "-p", "--format=%B", "-3"]);
    assert!(
        log.contains("the ••• leaked") && log.contains("and ••• again"),
        "{log}"
    );
    assert_nowhere(&repo, "pin 1234");
    assert!(!log.contains("pin 1234"), "{log}");
    // A setting lets it through.
    settings(&repo, "{allow: [github-token]}");
    repo.answer(["launch", "note", &id, &secret]);
}
