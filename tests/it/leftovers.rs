//! What killed and careless hands leave behind: nothing half-written counts, and nothing that waits
//! is removed for it.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::repo::{TestRepo, assert_found, assert_refused};
use crate::shop::{junit, result, shop, with};

/// Where a launch lies while it is open.
fn open_dir(repo: &TestRepo, id: &str) -> PathBuf {
    repo.root().join(".git/tallybook/open/SHOP").join(id)
}

/// Where it will lie when it is closed.
fn closed_dir(id: &str) -> String {
    format!("projects/shop/launches/2026/11/{id}")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("lists") {
        let entry = entry.expect("reads");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Closes a launch and takes the closing back as a kill in the middle would have left it: open, with
/// files of the closing in the working tree.
fn half_closed(repo: &TestRepo) -> String {
    let id = repo.open_launch("Killed");
    repo.allure("../results", &result("a", "plain", "failed"));
    repo.answer(["launch", "append", &id, "../results"]);
    let aside = repo.root().join("../aside");
    copy(&open_dir(repo, &id), &aside);
    repo.answer(["launch", "close", &id]);
    repo.git(["reset", "--soft", "HEAD^"]);
    copy(&aside, &open_dir(repo, &id));
    repo.write(
        &format!("{}/results/.tallybook-x1", closed_dir(&id)),
        "half",
    );
    repo.write(&format!("{}/outcomes.yaml", closed_dir(&id)), "half\n");
    id
}

#[test]
fn a_half_written_closing_is_open_and_closes_again() {
    for staged in [false, true] {
        let repo = shop();
        let id = half_closed(&repo);
        match staged {
            true => repo.git(["add", "--all"]),
            false => repo.git(["reset", "--quiet"]),
        };
        let list = repo.json(["launch", "list", "--format", "json"]);
        assert_eq!(
            (&list[0]["id"], &list[0]["state"]),
            (&json!(id), &json!("open"))
        );
        repo.answer(["launch", "status", &id]);
        repo.allure("../more", &result("b", "other", "passed"));
        repo.answer(["launch", "append", &id, "../more"]);
        repo.answer(["launch", "close", &id]);
        assert_eq!(
            repo.totals(&id),
            "failed 1, passed 1, total 2, unresolved 1"
        );
        repo.git(["reset", "--quiet", "--hard"]);
        repo.assert_clean();
        repo.answer(["verify"]);
    }
}

#[test]
fn a_launch_that_lost_its_start_is_open_too() {
    let repo = shop();
    let id = half_closed(&repo);
    repo.git(["reset", "--quiet"]);
    std::fs::remove_file(repo.root().join(closed_dir(&id)).join("launch.yaml")).expect("removed");
    repo.answer(["launch", "status", &id]);
    repo.answer(["launch", "close", &id]);
    repo.answer(["verify"]);
    repo.assert_clean();
}

#[test]
fn a_half_launch_that_was_committed_takes_nothing_away() {
    let repo = shop();
    let id = half_closed(&repo);
    repo.git(["reset", "--quiet"]);
    std::fs::remove_dir_all(repo.root().join(closed_dir(&id)).join("results")).expect("removed");
    repo.commit("What lay around");
    let refused = repo.run(["launch", "close", &id]);
    assert_refused(
        &refused,
        &[
            "is not the whole launch",
            "nothing was removed",
            "git rm -r",
        ],
    );
    assert!(open_dir(&repo, &id).join("open.yaml").is_file());
    repo.git(["rm", "-r", "--quiet", &closed_dir(&id)]);
    repo.git(["commit", "--quiet", "-m", "Taken out"]);
    repo.answer(["launch", "close", &id]);
    assert_eq!(repo.totals(&id), "failed 1, total 1, unresolved 1");
}

#[test]
fn a_killed_append_is_not_made_good_by_an_earlier_one() {
    let repo = shop();
    let id = repo.open_launch("Killed");
    repo.allure("results", &result("a", "plain", "passed"));
    repo.answer(["launch", "append", &id, "results", "--job", "u"]);
    let begun = |after: u32, attempt: u32| {
        let yaml =
            format!("job: {{name: u, attempt: {attempt}}}\ninputs: [results]\nafter: {after}\n");
        let folder = open_dir(&repo, &id).join("unfinished/append-x");
        std::fs::create_dir_all(&folder).expect("made");
        std::fs::write(folder.join("append.yaml"), yaml).expect("written");
    };
    begun(1, 1);
    assert_found(
        &repo.run(["launch", "close", &id]),
        &["was begun and did not finish"],
    );
    // The same append again, complete this time, makes it good; not that of an earlier attempt.
    repo.answer(["launch", "append", &id, "results", "--job", "u"]);
    begun(1, 2);
    assert_found(
        &repo.run(["launch", "close", &id]),
        &["was begun and did not finish"],
    );
    begun(1, 1);
    repo.answer(["launch", "close", &id]);
}

#[test]
fn a_part_that_is_not_as_it_was_appended_does_not_close() {
    let log = json!({"attachments": [{"name": "log", "source": "1-attachment.txt", "type": "text/plain"}]});
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 4] = [
        ("attachment", |part| {
            std::fs::remove_file(part.join("attachments.tar")).expect("removed");
        }),
        ("attachments.tar", |part| {
            let bytes = std::fs::read(part.join("attachments.tar")).expect("reads");
            std::fs::write(part.join("attachments.tar"), &bytes[..1024]).expect("written");
        }),
        ("does not hold what its name says", |part| {
            let mut bytes = std::fs::read(part.join("attachments.tar")).expect("reads");
            bytes[512] ^= 1;
            std::fs::write(part.join("attachments.tar"), &bytes).expect("written");
        }),
        ("has 1 rows where 2 were read", |part| {
            let text = std::fs::read_to_string(part.join("results.yaml")).expect("reads");
            let end = text.trim_end().rfind('\n').expect("several lines") + 1;
            std::fs::write(part.join("results.yaml"), &text[..end]).expect("written");
        }),
    ];
    for (word, damage) in damages {
        let repo = shop();
        repo.write("../results/1-attachment.txt", "the log\n");
        repo.allure("../results", &with(result("a", "plain", "failed"), &log));
        repo.allure("../results", &result("b", "other", "passed"));
        let id = repo.open_launch("Damaged");
        repo.answer(["launch", "append", &id, "../results"]);
        let parts = open_dir(&repo, &id).join("parts");
        let part = std::fs::read_dir(&parts)
            .expect("lists")
            .next()
            .expect("one");
        damage(&part.expect("reads").path());
        assert_refused(&repo.run(["launch", "close", &id]), &[word]);
        assert_eq!(repo.git(["status", "--porcelain"]), "");
        assert!(parts.is_dir());
    }
}

#[test]
fn a_branch_that_is_not_there_is_not_made() {
    let repo = shop();
    let id = repo.open_launch("Branches");
    repo.write("../r.xml", junit(&[("x", "")]));
    repo.answer(["launch", "append", &id, "../r.xml"]);
    for (name, word) in [
        ("mian", "did you mean `main`?"),
        ("HEAD", "no branch `HEAD`"),
        ("refs/tags/x", "there is no branch"),
    ] {
        let refused = repo.run(["launch", "close", &id, "--branch", name]);
        assert_refused(&refused, &[word]);
    }
    assert_eq!(
        repo.git(["for-each-ref", "--format=%(refname)"]),
        "refs/heads/main"
    );
    repo.git(["checkout", "--quiet", "--detach"]);
    let receipt = repo.answer(["launch", "close", &id, "--branch", "main"]);
    assert_eq!(
        repo.answer(["launch", "close", &id, "--branch", "main"]),
        receipt
    );
}

#[test]
fn all_locks_of_a_killed_process_are_named_at_once() {
    let repo = shop();
    let id = repo.open_launch("Locked");
    repo.write("../r.xml", junit(&[("x", "")]));
    repo.answer(["launch", "append", &id, "../r.xml"]);
    for lock in ["index.lock", "HEAD.lock", "refs/heads/main.lock"] {
        std::fs::write(repo.root().join(".git").join(lock), "").expect("written");
    }
    let refused = repo.run(["launch", "close", &id]);
    assert_refused(
        &refused,
        &["index.lock", "HEAD.lock", "main.lock", "was killed"],
    );
}

#[test]
fn several_reports_of_one_append_don_t_hide_a_failure() {
    let repo = shop();
    repo.write("a/r.xml", junit(&[("t", "<failure/>")]));
    repo.write("b/r.xml", junit(&[("t", "")]));
    repo.write("c/r.xml", junit(&[("t", "")]));
    let together = repo.open_launch("Together");
    let ran = repo.run(["launch", "append", &together, "a", "b/r.xml", "c/r.xml"]);
    assert_eq!(ran.stdout, "2 results: 1 passed, 1 failed\n", "{ran}");
    assert!(
        ran.stderr.contains("named like one of another file"),
        "{ran}"
    );
    assert!(
        ran.stderr
            .contains("holds the same as `r.xml`, and counts once"),
        "{ran}"
    );
    let run = repo.run([
        "launch",
        "run",
        "--results",
        "*/r.xml",
        "--",
        "touch",
        "a/r.xml",
        "b/r.xml",
    ]);
    assert!(run.stderr.contains("1 passed, 1 failed"), "{run}");
    // Appended one after the other they are attempts.
    let apart = repo.open_launch("Apart");
    for report in ["a/r.xml", "b/r.xml"] {
        repo.answer(["launch", "append", &apart, report]);
    }
    assert_eq!(
        repo.json(["launch", "status", &apart, "--format", "json"])["totals"]["total"],
        1
    );
}

#[test]
fn a_command_s_code_comes_through_whatever_else_happens() {
    let repo = shop();
    repo.write("good.xml", junit(&[("x", "")]));
    let script = "mkdir -p out && cp good.xml out/a.xml && ln -s nowhere out/b.xml && exit 7";
    let ran = repo.run([
        "launch",
        "run",
        "--results",
        "out/*",
        "--",
        "sh",
        "-c",
        script,
    ]);
    assert_eq!(ran.code, Some(7), "{ran}");
    assert!(ran.stderr.contains("1 passed"), "{ran}");
    let detached = repo.run([
        "launch",
        "run",
        "--results",
        "good.xml",
        "--",
        "sh",
        "-c",
        "touch good.xml; git checkout -q --detach; exit 3",
    ]);
    assert_eq!(detached.code, Some(3), "{detached}");
    assert!(detached.stderr.contains("stays open"), "{detached}");
    let before = repo.json(["launch", "list", "--format", "json"]);
    repo.git(["checkout", "--quiet", "main"]);
    let pattern = repo.run(["launch", "run", "--results", "[", "--", "true"]);
    assert_refused(&pattern, &["is no pattern"]);
    let after = repo.json(["launch", "list", "--format", "json"]);
    assert_eq!(
        after.as_array().map(Vec::len),
        before.as_array().map(Vec::len)
    );
}

#[test]
fn masked_values_don_t_leak_by_how_they_are_written() {
    let secret = "hunter22secret";
    let step = |mode: &str| {
        format!(r#"{{"name":"login","parameters":[{{"name":"pw","value":"{secret}",{mode}}}]}}"#)
    };
    let results = [
        // What strict JSON refuses.
        format!(
            r#"{{"uuid":"a","name":"t \ud800","status":"failed","steps":[{}]}}"#,
            step(r#""Mode":"masked""#)
        ),
        format!(
            r#"{{"uuid":"b","name":"u","status":"failed","steps":[{}]}}"#,
            step(r#""Mode":"masked""#)
        ),
        format!(
            r#"{{"uuid":"c","name":"v","status":"failed","steps":[{}]}}"#,
            step(r#""mode":"masked","mode":"default""#)
        ),
        format!(
            r#"{{"uuid":"d","name":"w","status":"failed","parameters":[{{"name":"pw","value":"{secret}"#
        ),
        format!(
            r#"{{"uuid":"e","name":"x","status":"failed","parameters":[{{"name":"pw","value":"{secret}","#
        ),
        format!(
            r#"{{"uuid":"f","name":"y","status":"failed","steps":[{}]}}"#,
            step(r#""mode":" masked ""#)
        ),
        format!(
            r#"{{"uuid":"g","name":"z","status":"failed","statusDetails":{{"message":"q={secret}+x"}},"steps":[{}]}}"#,
            step(r#""mode":"secret""#)
        ),
    ];
    let repo = shop();
    for (n, text) in results.iter().enumerate() {
        repo.write(&format!("../results/{n}-result.json"), text);
    }
    let id = repo.open_launch("Secrets");
    let ran = repo.run(["launch", "append", &id, "../results"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    repo.answer([
        "launch",
        "close",
        &id,
        "--accept-loss",
        "local",
        "--reason",
        "cut off",
    ]);
    let grep = repo.git_output("", &["grep", "-n", secret, "HEAD"]);
    assert_eq!(grep.code, Some(1), "{grep}");
}

#[test]
fn a_report_given_alone_keeps_what_lies_near() {
    let repo = shop();
    let outputs = [
        "[[ATTACHMENT|shots/beside.png]]",
        "[[ATTACHMENT|build/shots/from-root.png]]",
        "[[ATTACHMENT|.git/config]]",
        "[[ATTACHMENT|/etc/hostname]]",
        "[[ATTACHMENT|../../../outside.png]]",
    ];
    let output = format!("<failure/><system-out>{}</system-out>", outputs.join("\n"));
    repo.write("reports/r.xml", junit(&[("x", &output)]));
    repo.write("reports/shots/beside.png", "beside");
    repo.write("build/shots/from-root.png", "from root");
    repo.write("../outside.png", "outside");
    let id = repo.open_launch("Near");
    let ran = repo.run(["launch", "append", &id, "reports/r.xml"]);
    let missing = [
        "2 attachments not there",
        "1 attachment under a path that leads elsewhere",
    ];
    assert!(
        missing.iter().all(|said| ran.stderr.contains(said)),
        "{ran}"
    );
    repo.answer(["launch", "close", &id]);
    let folder = repo
        .root()
        .join(repo.launch_folder(&id))
        .join("attachments");
    let mut kept: Vec<_> = std::fs::read_dir(folder)
        .expect("lists")
        .map(|entry| std::fs::read_to_string(entry.expect("reads").path()).expect("reads"))
        .collect();
    kept.sort();
    assert_eq!(kept, ["beside", "from root"]);
}
