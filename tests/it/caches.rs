//! The cache under the git directory makes nothing but time: whatever is in it, answers are the same.

use std::path::PathBuf;

use crate::repo::{Ran, TestRepo};
use crate::shop::shop;

/// Enough for a launch to be worth a place in the cache.
const TESTS: usize = 1_200;

/// Closes launches in which some tests fail now and then.
fn large() -> TestRepo {
    let repo = shop();
    for launch in 0..4 {
        let id = repo.open_launch(&format!("Nightly {launch}"));
        let mut xml = format!("<testsuites><testsuite name=\"s\" tests=\"{TESTS}\">\n");
        for test in 0..TESTS {
            let body = match (test % 7, (test + launch) % 3) {
                (0, 0) => "<failure message=\"no\"/>",
                _ => "",
            };
            let time = test % 9 + launch;
            xml += &format!(
                "<testcase classname=\"tests.auth\" name=\"t{test}\" time=\"0.{time:03}\">{body}</testcase>\n"
            );
        }
        xml += "</testsuite></testsuites>\n";
        repo.write("junit.xml", xml);
        repo.answer(["launch", "append", &id, "junit.xml"]);
        repo.answer(["launch", "close", &id]);
    }
    repo
}

const QUESTIONS: [&[&str]; 4] = [
    &[
        "query",
        "flipRate(20) > 0 order by flipRate(20) desc, id",
        "--of",
        "results",
        "--format",
        "json",
    ],
    &[
        "query",
        "lastStatus() = failed or runs(90d) > 1",
        "--format",
        "json",
    ],
    &["launch", "compare", "", "--format", "json"],
    &["gate", "", "--format", "json"],
];

/// Asks all questions of the working tree, or of a commit.
fn answers(repo: &TestRepo, at: Option<&str>, cache: &str) -> Vec<String> {
    let ask = |question: &&[&str]| -> Ran {
        let latest = repo.run(["query", "", "--of", "launches", "--format", "json"]);
        let launches: serde_json::Value = serde_json::from_str(&latest.stdout).expect("JSON");
        let latest = launches
            .as_array()
            .and_then(|all| all.last())
            .expect("some");
        let latest = latest["id"].as_str().expect("an id");
        let mut args: Vec<&str> = question.to_vec();
        args.iter_mut()
            .filter(|arg| arg.is_empty())
            .for_each(|arg| *arg = latest);
        args.extend(at.iter().flat_map(|at| ["--at", *at]));
        let mut command = repo.command("", &args);
        command.env("TALLYBOOK_CACHE", cache);
        repo.finish(command)
    };
    QUESTIONS
        .iter()
        .map(ask)
        .map(|ran| ran.to_string())
        .collect()
}

fn kept(repo: &TestRepo) -> Vec<PathBuf> {
    let folder = repo.root().join(".git/tallybook/cache");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("reads").path()).collect();
    paths.sort();
    paths
}

#[test]
fn cold_warm_and_damaged_answers_are_equal() {
    let repo = large();
    let at = Some("HEAD");
    let wanted = answers(&repo, at, "off");
    assert!(kept(&repo).is_empty(), "it is off: {:?}", kept(&repo));
    assert!(wanted[0].contains("flipRate(20)"), "{}", wanted[0]);
    assert_eq!(answers(&repo, at, "on"), wanted, "cold");
    let files = kept(&repo);
    assert!(files.len() >= 4, "{files:?}");
    assert_eq!(answers(&repo, at, "on"), wanted, "warm");
    assert_eq!(kept(&repo), files, "nothing is derived twice");
    let whole: Vec<Vec<u8>> = files
        .iter()
        .map(|f| std::fs::read(f).expect("reads"))
        .collect();
    type Damage<'a> = &'a dyn Fn(usize) -> Vec<u8>;
    let damages: [Damage<'_>; 4] = [
        &|at| whole[at][..whole[at].len() / 2].to_vec(),
        &|_| Vec::new(),
        &|at| {
            let mut bytes = whole[at].clone();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            bytes
        },
        // What another launch has.
        &|at| whole[(at + 1) % whole.len()].clone(),
    ];
    for (number, damage) in damages.iter().enumerate() {
        for (at, file) in files.iter().enumerate() {
            std::fs::write(file, damage(at)).expect("writes");
        }
        assert_eq!(answers(&repo, at, "on"), wanted, "damage {number}");
        let healed: Vec<Vec<u8>> = files
            .iter()
            .map(|f| std::fs::read(f).expect("reads"))
            .collect();
        assert_eq!(healed, whole, "damage {number} is made good");
    }
    for file in &files {
        std::fs::remove_file(file).expect("goes");
        std::fs::create_dir(file).expect("something is in the way");
    }
    assert_eq!(answers(&repo, at, "on"), wanted, "folders in the way");
}

#[test]
fn other_commits_and_settings_have_answers_of_their_own() {
    let repo = large();
    let case = "---\nid: SHOP-N1\ntitle: New\nautomation: {selectors: [\"tests.auth.t7*\"]}\n---\n";
    answers(&repo, Some("HEAD"), "on");
    answers(&repo, Some("HEAD~1"), "on");
    repo.write("projects/shop/cases/new.md", case);
    repo.commit("A case that claims some tests");
    for at in ["HEAD~2", "HEAD~1", "HEAD"] {
        let wanted = answers(&repo, Some(at), "off");
        assert_eq!(answers(&repo, Some(at), "on"), wanted, "{at}");
        assert_eq!(answers(&repo, Some(at), "on"), wanted, "{at}, warm");
    }
}

/// Files that changed just now are not kept: a change in the same moment would go unseen. So this asks until
/// the file system's clock has gone on.
#[cfg(unix)]
#[test]
fn an_edited_launch_is_read_again() {
    let repo = large();
    let wanted = answers(&repo, None, "off");
    let is_kept = (0..2_000).any(|_| {
        assert_eq!(answers(&repo, None, "on"), wanted);
        kept(&repo).len() >= 4
    });
    assert!(is_kept, "{:?}", kept(&repo));
    assert_eq!(answers(&repo, None, "on"), wanted, "warm");
    let find = std::process::Command::new("find")
        .arg(repo.root().join("projects/shop/launches"))
        .args(["-name", "outcomes.yaml"])
        .output()
        .expect("find starts");
    let found = String::from_utf8(find.stdout).expect("UTF-8");
    for path in found.lines() {
        let modified = std::fs::metadata(path).and_then(|meta| meta.modified());
        let text = std::fs::read_to_string(path).expect("reads");
        // Same size, same time of modification, same file.
        std::fs::write(path, text.replace("passed", "broken")).expect("writes");
        let file = std::fs::File::options()
            .write(true)
            .open(path)
            .expect("opens");
        file.set_modified(modified.expect("has a time"))
            .expect("is set");
    }
    let edited = answers(&repo, None, "off");
    assert_ne!(edited, wanted);
    assert_eq!(answers(&repo, None, "on"), edited, "edited");
    repo.git(["checkout", "--quiet", "--", "projects"]);
    assert_eq!(answers(&repo, None, "on"), wanted, "as it was");
}

#[test]
fn what_is_no_setting_is_refused() {
    let repo = shop().env("TALLYBOOK_CACHE", "maybe");
    let ran = repo.run(["query", "", "--format", "count"]);
    crate::repo::assert_refused(
        &ran,
        &["`TALLYBOOK_CACHE` is `maybe`, expected `on` or `off`"],
    );
}

/// In a repository that nobody may write to, a file stands where the cache would be.
#[test]
fn a_cache_that_can_not_be_written_is_none() {
    let repo = large();
    let wanted = answers(&repo, Some("HEAD"), "off");
    repo.write(".git/tallybook/cache", "");
    assert_eq!(answers(&repo, Some("HEAD"), "on"), wanted);
}

/// A damaged file of tests, which no question needs at first, is said where it is needed.
#[test]
fn damage_of_what_is_read_late_is_said() {
    let repo = large();
    let find = repo.git(["ls-files", "*/tests.yaml"]);
    let last = find.lines().last().expect("there is one");
    repo.write(last, "format: 1\ntests: {\n");
    repo.commit("Damage");
    for cache in ["off", "on", "on"] {
        let answers = answers(&repo, Some("HEAD"), cache);
        assert!(answers[0].contains("tests.yaml`"), "{}", answers[0]);
        assert!(answers[0].ends_with("[exit 1]"), "{}", answers[0]);
    }
}

/// What a cache keeps of a launch's environments must not outlive the file that said it.
#[test]
fn a_redaction_leaves_nothing_in_the_cache() {
    let repo = large();
    let mut xml = format!("<testsuites><testsuite name=\"s\" tests=\"{TESTS}\">\n");
    for test in 0..TESTS {
        xml += &format!("<testcase classname=\"tests.auth\" name=\"t{test}\" time=\"1\"/>\n");
    }
    xml += "</testsuite></testsuites>\n";
    repo.write("junit.xml", xml);
    let id = repo.answer([
        "launch",
        "open",
        "--name",
        "Leaky",
        "--env",
        "host=ms-smith-s-laptop",
    ]);
    repo.answer(["launch", "append", &id, "junit.xml"]);
    repo.answer(["launch", "close", &id]);
    let holds = || {
        let files = kept(&repo).into_iter();
        let mut bytes = files.map(|file| std::fs::read(file).expect("reads"));
        bytes.any(|bytes| bytes.windows(8).any(|part| part == b"ms-smith"))
    };
    for at in [None, Some("HEAD")] {
        answers(&repo, at, "on");
    }
    assert!(holds(), "{:?}", kept(&repo));
    let redact = |cache: &str| {
        let paths = match cache {
            "on" => "outcomes.yaml",
            _ => "tests.yaml",
        };
        let args = ["launch", "redact", &id, paths, "--reason", "a name"];
        let mut command = repo.command("", &args);
        command.env("TALLYBOOK_CACHE", cache);
        repo.finish(command)
    };
    let ran = redact("on");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("`.git/tallybook/cache`"), "{ran}");
    assert_eq!(kept(&repo), [] as [PathBuf; 0]);
    assert_eq!(answers(&repo, None, "on"), answers(&repo, None, "off"));
    assert!(!holds(), "{:?}", kept(&repo));
    // Whoever does without the cache today may have had one yesterday.
    answers(&repo, Some("HEAD~1"), "on");
    assert!(holds(), "{:?}", kept(&repo));
    let ran = redact("off");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(kept(&repo), [] as [PathBuf; 0]);
}
