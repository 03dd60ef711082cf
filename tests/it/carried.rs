//! Parts that CI carries as files: whole, or refused by name.

use std::path::{Path, PathBuf};

use crate::repo::{TestRepo, assert_found, assert_refused};
use crate::shop::{junit, result, shop, with};

/// A shop, and a part of launch `k` with details and an attachment, carried in `../carried`.
fn carried() -> (TestRepo, PathBuf) {
    let repo = shop();
    let more = serde_json::json!({
        "attachments": [{"name": "log", "source": "1-attachment.txt", "type": "text/plain"}],
        "steps": [{"name": "look", "status": "failed"}],
    });
    repo.allure("../results", &with(result("a", "plain", "failed"), &more));
    repo.allure("../results", &result("b", "expired", "passed"));
    repo.write("../results/1-attachment.txt", "the log\n");
    repo.answer([
        "launch",
        "append",
        "--key",
        "k",
        "../results",
        "--to",
        "../carried",
    ]);
    let part = part_in(&repo.root().join("../carried"));
    (repo, part)
}

/// The only part below a folder.
fn part_in(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("lists");
    let mut folders = entries.map(|entry| entry.expect("reads").path());
    let found = folders
        .find(|path| path.is_dir() && !path.ends_with("unfinished"))
        .expect("a folder");
    match found.join("results.yaml").is_file() {
        true => found,
        false => part_in(&found),
    }
}

const CLOSE: [&str; 5] = ["launch", "close", "--key", "k", "--from"];

#[track_caller]
fn close(repo: &TestRepo, from: &str) -> crate::repo::Ran {
    let [a, b, c, d, e] = CLOSE;
    repo.run([a, b, c, d, e, from])
}

/// How many parts of open launches are here.
fn parts_here(repo: &TestRepo) -> usize {
    let open = repo.root().join(".git/tallybook/open/SHOP");
    let launches = std::fs::read_dir(open).into_iter().flatten();
    let parts = launches.map(|launch| launch.expect("reads").path().join("parts"));
    parts
        .filter_map(|parts| std::fs::read_dir(parts).ok())
        .map(Iterator::count)
        .sum()
}

#[test]
fn what_was_damaged_on_the_way_is_named_and_nothing_is_taken() {
    type Damage = (&'static str, fn(&Path), &'static str);
    let all: [Damage; 5] = [
        (
            "details.yaml",
            |part| {
                let path = part.join("details.yaml");
                let text = std::fs::read_to_string(&path).expect("reads");
                let cut = text.trim_end().rfind('\n').expect("lines");
                std::fs::write(&path, &text[..=cut]).expect("cut");
            },
            "it does not have the digest that it was written with",
        ),
        (
            "attachments.tar",
            |part| std::fs::remove_file(part.join("attachments.tar")).expect("removed"),
            "it is missing",
        ),
        (
            "results.yaml",
            |part| {
                let path = part.join("results.yaml");
                let text = std::fs::read_to_string(&path).expect("reads");
                std::fs::write(&path, text.replace("\"failed\"", "\"passed\"")).expect("whitened");
            },
            "it does not have the digest that it was written with",
        ),
        (
            "details-2.yaml",
            |part| {
                std::fs::copy(part.join("details.yaml"), part.join("details-2.yaml"))
                    .expect("doubled");
            },
            "the part's sums do not list it",
        ),
        (
            "SHA256SUMS",
            |part| std::fs::write(part.join("SHA256SUMS"), "x").expect("written"),
            "it is no list of sums",
        ),
    ];
    for (file, damage, problem) in all {
        let (repo, part) = carried();
        damage(&part);
        let ran = close(&repo, "../carried");
        let said = format!("is not as it was written: `{file}`: {problem}; nothing was taken");
        assert_found(
            &ran,
            &[
                &said,
                "error: part `local-",
                "carry the job's artefact again",
            ],
        );
        assert_eq!((ran.stdout.as_str(), parts_here(&repo)), ("", 0), "{ran}");
        // The same results carried again close it.
        repo.answer([
            "launch",
            "append",
            "--key",
            "k",
            "../results",
            "--to",
            "../again",
        ]);
        assert_eq!(close(&repo, "../again").code, Some(0));
    }
}

/// What nobody would write is told at once, with the file of the part and what is wrong in it.
#[test]
fn a_header_that_does_not_read_is_named_with_what_is_wrong() {
    let many: String = (0..100_000).map(|n| format!("k{n}: v, ")).collect();
    for (header, told) in [
        (
            format!("a: {}", "{b: ".repeat(100_000)),
            "values are nested more than 200 levels deep",
        ),
        (
            (0..3000)
                .map(|n| format!("{}a:\n", " ".repeat(n)))
                .collect(),
            "values are nested more than 200 levels deep",
        ),
        (
            format!("a: {}", "- ".repeat(100_000)),
            "not allowed in this context",
        ),
        (
            format!("environment: {{{many}k0: v}}"),
            "duplicate key `k0`",
        ),
    ] {
        let (repo, part) = carried();
        let text = format!("format: 1\n{header}\nresults:\n");
        std::fs::write(part.join("results.yaml"), text).expect("written");
        let refused = close(&repo, "../carried");
        assert_refused(
            &refused,
            &["results.yaml` is not as", told, "append that job again"],
        );
        assert!(!refused.stderr.contains(".importing"), "{refused}");
        assert_eq!(parts_here(&repo), 0, "{told}");
    }
}

#[test]
fn what_was_carried_before_there_were_sums_counts_by_its_counts() {
    let (repo, part) = carried();
    std::fs::remove_file(part.join("SHA256SUMS")).expect("removed");
    let copy = repo.copied();
    let ran = close(&repo, "../carried");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr
            .contains("has no sums, as versions before sums wrote them; its counts hold"),
        "{ran}"
    );
    repo.answer(["verify"]);
    let part = part_in(&copy.root().join("../carried"));
    let path = part.join("results.yaml");
    let text = std::fs::read_to_string(&path).expect("reads");
    let cut = text.trim_end().rfind('\n').expect("lines");
    std::fs::write(&path, &text[..=cut]).expect("cut");
    let ran = close(&copy, "../carried");
    assert_found(&ran, &["`results.yaml`: it has 1 rows where 2 were read"]);
    assert_eq!(parts_here(&copy), 0);
}

#[test]
fn a_part_of_a_name_that_is_taken_must_be_the_same() {
    let (repo, part) = carried();
    // The same one is there already, twice.
    let parent = repo.root().join("../twice");
    crate::repo::copy_folder(&repo.root().join("../carried"), &parent.join("one"));
    crate::repo::copy_folder(&repo.root().join("../carried"), &parent.join("two"));
    let again = repo.copied();
    assert_eq!(close(&again, "../twice").code, Some(0));
    // One of both was altered, and its sums with it.
    let altered = part_in(&parent.join("two"));
    let text = std::fs::read_to_string(altered.join("results.yaml")).expect("reads");
    std::fs::write(
        altered.join("results.yaml"),
        text.replace("\"failed\"", "\"passed\""),
    )
    .expect("whitened");
    std::fs::remove_file(altered.join("SHA256SUMS")).expect("removed");
    let shard = part
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let ran = close(&repo, "../twice");
    let said = format!("error: part `{shard}` in `");
    let words = [
        said.as_str(),
        "is not the one of that name that is elsewhere among them: `results.yaml` differs; nothing was taken",
        "both are kept where they are",
    ];
    assert_found(&ran, &words);
    assert_eq!(parts_here(&repo), 0);
    // The same of one that is here.
    repo.answer(["launch", "append", "--key", "k", "../results"]);
    let ran = close(&repo, "../twice/two");
    assert_found(
        &ran,
        &["is not the one of that name that is here: `results.yaml` differs"],
    );
    assert_eq!(parts_here(&repo), 1);
    assert!(altered.join("results.yaml").is_file());
    assert_eq!(close(&repo, "../twice/one").code, Some(0));
    repo.answer(["verify"]);
}

#[test]
fn the_sums_of_a_part_stay_with_it() {
    let (repo, part) = carried();
    let listed = std::fs::read_to_string(part.join("SHA256SUMS")).expect("written");
    let names: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split("  ").nth(1))
        .collect();
    assert_eq!(names, ["attachments.tar", "details.yaml", "results.yaml"]);
    assert_eq!(close(&repo, "../carried").code, Some(0));
    let sums = repo.git(["ls-files", "*SHA256SUMS"]);
    assert_eq!(sums.lines().count(), 1, "{sums}");
    repo.answer(["verify"]);
    repo.assert_clean();
    // A link is no file of a part, whatever its name.
    #[cfg(unix)]
    {
        let (repo, part) = carried();
        std::fs::remove_file(part.join("SHA256SUMS")).expect("removed");
        std::os::unix::fs::symlink("results.yaml", part.join("SHA256SUMS")).expect("linked");
        assert_refused(&close(&repo, "../carried"), &["it is no file of a part"]);
    }
}

#[test]
fn parts_from_here_and_from_elsewhere_close_together() {
    let (repo, _) = carried();
    repo.write("../more.xml", junit(&[("more", "")]));
    repo.answer([
        "launch",
        "append",
        "--key",
        "k",
        "../more.xml",
        "--job",
        "more",
    ]);
    let ran = close(&repo, "../carried");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("took 1 part from"), "{ran}");
}

/// The jobs' own openings are older than the one that says what the launch waits for.
#[test]
fn carried_openings_do_not_make_a_launch_wait_for_less() {
    let (repo, _) = carried();
    let args = ["launch", "open", "--key", "k", "--expect", "mac"];
    let mut command = repo.command("", &args);
    command.env("TALLYBOOK_NOW", "2027-01-01T00:00:00Z");
    let ran = repo.finish(command);
    assert_eq!(ran.code, Some(0), "{ran}");
    for _ in 0..2 {
        let ran = close(&repo, "../carried");
        assert_found(&ran, &["job `mac` is expected and has not appended"]);
    }
}
