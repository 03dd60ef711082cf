//! The playground: made once for all these tests.

use std::path::Path;
use std::sync::LazyLock;

use crate::repo::{Ran, TestRepo};

/// A folder with `playground` in it, made without a home and without any git configuration.
static DEMO: LazyLock<TestRepo> = LazyLock::new(|| {
    let repo = without_surroundings(TestRepo::shared("demo"));
    let ran = repo.run(["demo", "playground"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    repo
});

fn without_surroundings(mut repo: TestRepo) -> TestRepo {
    for name in [
        "HOME",
        "XDG_CONFIG_HOME",
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_DATE",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_DATE",
        "TALLYBOOK_NOW",
        "TALLYBOOK_SEED",
    ] {
        repo = repo.env(name, "");
    }
    repo
}

fn demo<const N: usize>(args: [&str; N]) -> Ran {
    DEMO.run_in("playground", args)
}

/// A playground of one's own, in `playground`.
pub(crate) fn playground() -> TestRepo {
    without_surroundings(DEMO.copied())
}

fn git<const N: usize>(repo: &TestRepo, args: [&str; N]) -> String {
    repo.git_in("playground", args)
}

#[test]
fn the_demo_is_sound() {
    let validate = demo(["validate"]);
    assert_eq!(
        (validate.code, validate.stdout.as_str()),
        (Some(0), ""),
        "{validate}"
    );
    let verify = demo(["verify"]);
    assert_eq!(verify.code, Some(0), "{verify}");
    assert!(
        verify
            .stdout
            .starts_with("evidence intact: 20 closed launches verified\n"),
        "{verify}"
    );
    assert_eq!(git(&DEMO, ["status", "--porcelain"]), "");
    git(&DEMO, ["fsck", "--strict"]);
    assert!(DEMO.root().join("playground/site/index.html").is_file());
    let authors = git(&DEMO, ["log", "--format=%ae"]);
    assert!(!authors.contains("alice@"), "{authors}");
    assert_eq!(git(&DEMO, ["rev-list", "--count", "HEAD"]), "24");
}

#[test]
fn the_demo_s_documentation_changes_between_launches() {
    let list = DEMO.root().join("playground/site/changes.html");
    let list = std::fs::read_to_string(list).expect("it reads");
    for subject in [
        "Cover instalments and invoices on paper, and cancelled Apple Pay",
        "Leave the speed of reset links to the service",
        "Wait for the reviews widget until March",
    ] {
        assert!(list.contains(subject), "{subject}");
    }
    assert_eq!(list.matches("data-commit=").count(), 3);
    for launch in ["Nightly 224", "Nightly 228", "classes run 12"] {
        assert!(
            list.contains(&format!("/ {launch}, ")),
            "{launch} can be chosen"
        );
    }
    let counts = |commit: &str| {
        let range = format!("{commit}~1..{commit}");
        let ran = demo(["review", &range, "--format", "json"]);
        let view: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        ["weakens", "changes", "strengthens"].map(|effect| view["counts"][effect].as_u64())
    };
    let commits = git(
        &DEMO,
        [
            "log",
            "--format=%H",
            "--grep=^Cover",
            "--grep=^Leave",
            "--grep=^Wait",
        ],
    );
    let counts: Vec<_> = commits.lines().map(counts).collect();
    let expected = [[1, 1, 0], [1, 0, 0], [0, 0, 6]].map(|all| all.map(Some));
    assert_eq!(counts, expected);
}

#[test]
fn the_demo_s_launches_have_their_counts() {
    let list = demo(["launch", "list", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list.stdout).expect("JSON");
    let mut shop = Vec::new();
    let mut graphs = Vec::new();
    let launches = list.as_array().expect("an array").iter();
    for launch in launches.filter(|one| one["state"] == "closed").rev() {
        let totals = &launch["totals"];
        let all = [
            "passed",
            "failed",
            "broken",
            "skipped",
            "total",
            "retries",
            "muted",
            "overridden",
            "unresolved",
        ];
        let all: Vec<String> = all.iter().map(|key| totals[key].to_string()).collect();
        match launch["project"].as_str() {
            Some("SHOP") => shop.push(format!(
                "{}: {}",
                launch["name"].as_str().expect("a name"),
                all.join(" ")
            )),
            _ => graphs.push((
                totals["total"].as_u64(),
                totals["failed"].as_u64().expect("a count"),
            )),
        }
    }
    insta::assert_snapshot!(shop.join("\n"), @r"
    Nightly 214: 80 1 0 3 84 2 1 0 0
    Nightly 216: 76 3 1 4 84 4 3 0 0
    Regression 26.11, cycle 1: 82 8 0 4 94 5 4 0 4
    Nightly 224: 72 7 2 3 84 7 3 0 4
    Nightly 228: 76 4 2 4 86 5 3 0 1
    Regression 26.11, cycle 2: 82 7 3 3 96 7 4 1 1
    Nightly 235: 76 6 1 3 86 7 3 0 0
    Release candidate 26.11-rc.1: 84 8 0 3 95 8 4 0 2
    ");
    assert!(
        graphs.iter().all(|(total, _)| *total == Some(459)),
        "{graphs:?}"
    );
    let failed: Vec<u64> = graphs.iter().map(|(_, failed)| *failed).collect();
    assert_eq!(failed, [3, 2, 8, 2, 3, 2, 6, 2, 6, 2, 2, 2]);
}

#[test]
fn the_demo_is_the_same_everywhere_and_replaces_itself() {
    let other = TestRepo::without_git()
        .env("TZ", "Pacific/Auckland")
        .env("LC_ALL", "tr_TR.UTF-8");
    // What git sets for its hooks, and a person's own settings, change nothing.
    let other = other
        .env("GIT_DIR", "/nowhere")
        .env("GIT_INDEX_FILE", "/nowhere/index");
    other.write(
        "../home/.gitconfig",
        "[core]\n\tautocrlf = true\n[user]\n\tname = Somebody\n",
    );
    // As an earlier run left it, with a person in it.
    other.write(
        "playground/.git/tallybook/demo",
        "made by `tallybook demo`\n",
    );
    other.write("playground/site/old.html", "x");
    let ran = other.run_in("playground", ["demo", "."]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let head = git(&other, ["rev-parse", "HEAD"]);
    assert_eq!(head, git(&DEMO, ["rev-parse", "HEAD"]));
    assert_same_files(
        &DEMO.root().join("playground/site"),
        &other.root().join("playground/site"),
    );
}

fn assert_same_files(a: &Path, b: &Path) {
    let names = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("the folder lists");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("reads").file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(a), names(b), "{}", a.display());
    for name in names(a) {
        let (a, b) = (a.join(&name), b.join(&name));
        match a.is_dir() {
            true => assert_same_files(&a, &b),
            false => assert!(
                std::fs::read(&a).expect("reads") == std::fs::read(&b).expect("reads"),
                "{} differs",
                a.display()
            ),
        }
    }
}

#[test]
fn the_demo_replaces_nothing_of_yours() {
    let repo = TestRepo::new();
    repo.write("mine/notes.txt", "x").write("file", "x");
    for (folder, kept) in [("mine", "mine/notes.txt"), ("file", "file"), (".", "file")] {
        let ran = repo.run(["demo", folder]);
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(
            ran.stderr.contains("was not made by `tallybook demo`"),
            "{ran}"
        );
        assert_eq!(repo.read(kept), "x");
    }
}

#[test]
fn the_demo_s_launches_do_what_is_planned() {
    for launch in [
        "2026-11-16-0200-nightly-235",
        "2026-11-19-0800-release-candidate",
    ] {
        for plan in ["smoke", "smoke-api"] {
            let ran = demo(["plan", "check", launch, "--plan", plan]);
            assert_eq!(ran.code, Some(0), "{ran}");
        }
    }
}

#[test]
fn the_demo_has_a_launch_to_go_on_with() {
    let list = demo(["launch", "list", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list.stdout).expect("JSON");
    let launches = list.as_array().expect("launches");
    let open = launches.iter().find(|launch| launch["state"] == "open");
    let id = open.expect("one is open")["id"].as_str().expect("an id");
    let status = demo(["launch", "status", id, "--format", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
    let planned = &status["launch"]["planned"];
    let planned = if planned.is_null() {
        &status["planned"]
    } else {
        planned
    };
    for (key, least) in [
        ("total", 4),
        ("done", 2),
        ("unfinished", 2),
        ("unplanned", 1),
    ] {
        assert!(planned[key].as_u64() >= Some(least), "{key}: {planned}");
    }
    let people = planned["people"].as_array().expect("people");
    let named = people.iter().filter(|one| !one["assignee"].is_null());
    assert_eq!(named.count(), 2, "{planned}");
    // Whoever is named in the hint has something to execute.
    let ran = demo(["execute", id, "--mine", "--as", "lena"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stdout.contains("[1 of "), "{ran}");
}
