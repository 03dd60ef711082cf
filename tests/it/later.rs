//! What comes after a closing, and what never gets there: follow-ups, launches that were left open or
//! thrown away.

use serde_json::json;

use crate::repo::assert_refused;
use crate::shop::{result, shop, with};

#[test]
fn a_closed_launch_has_a_follow_up() {
    let repo = shop();
    let log = json!({"attachments": [{"name": "log", "source": "1-attachment.txt", "type": "text/plain"}]});
    repo.write("../first/1-attachment.txt", "the log\n");
    repo.allure("../first", &with(result("a", "plain", "failed"), &log));
    repo.allure("../first", &result("b", "other", "passed"));
    let id = repo.open_launch("Nightly");
    repo.answer([
        "launch",
        "append",
        &id,
        "../first",
        "--job",
        "e2e",
        "--attempt",
        "1",
    ]);
    let receipt = repo.answer(["launch", "close", &id]);
    // The job runs again, and passes.
    repo.allure("../second", &result("c", "plain", "passed"));
    for _ in 0..2 {
        let ran = repo.run([
            "launch",
            "append",
            &id,
            "../second",
            "--job",
            "e2e",
            "--attempt",
            "2",
        ]);
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(ran.stderr.contains(&format!("follow-up `{id}.2`")), "{ran}");
    }
    assert_eq!(
        repo.answer(["launch", "close", &id]),
        receipt,
        "the first one stays as it is"
    );
    let follow_up = format!("{id}.2");
    repo.answer(["launch", "close", &follow_up]);
    assert_eq!(repo.totals(&follow_up), "passed 2, retries 1, total 2");
    assert_eq!(
        repo.totals(&id),
        "failed 1, passed 1, total 2, unresolved 1"
    );
    let shown = repo.json(["launch", "show", &follow_up, "--format", "json"]);
    assert_eq!(shown["supersedes"], json!(id));
    // All that the first one had is there, byte for byte.
    let folder = |id: &str| repo.root().join(repo.launch_folder(id));
    let listed = |kind: &str| {
        let entries = std::fs::read_dir(folder(&id).join(kind)).expect("lists");
        entries
            .map(|entry| entry.expect("reads").file_name())
            .collect::<Vec<_>>()
    };
    for kind in ["results", "attachments"] {
        for name in listed(kind) {
            let read = |id: &str| std::fs::read(folder(id).join(kind).join(&name)).expect("reads");
            assert_eq!(read(&id), read(&follow_up), "{name:?}");
        }
    }
    repo.answer(["verify"]);
    // The next one follows the follow-up.
    repo.allure("../third", &result("d", "third", "passed"));
    let ran = repo.run(["launch", "append", &id, "../third", "--job", "late"]);
    assert!(ran.stderr.contains(&format!("follow-up `{id}.3`")), "{ran}");
}

#[test]
fn an_altered_launch_has_no_follow_up() {
    let repo = shop();
    repo.allure("../first", &result("a", "plain", "failed"));
    let (id, _) = repo.close_with("Nightly", "../first");
    let folder = repo.root().join(repo.launch_folder(&id)).join("results");
    let shard = std::fs::read_dir(folder)
        .expect("lists")
        .next()
        .expect("one")
        .expect("reads");
    let text = std::fs::read_to_string(shard.path()).expect("reads");
    std::fs::write(shard.path(), text.replace("failed", "passed")).expect("written");
    let refused = repo.run(["launch", "append", &id, "../first", "--attempt", "2"]);
    assert_refused(
        &refused,
        &["is not as it was closed", "differs from its sum"],
    );
    assert_eq!(repo.launch_count(), 1);
}

#[test]
fn a_launch_is_thrown_away_with_a_reason() {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "failed"));
    let id = repo.open_launch("Mistake");
    repo.answer(["launch", "append", &id, "../results"]);
    let unsaid = repo.run(["launch", "discard", &id]);
    assert_eq!(unsaid.code, Some(2), "{unsaid}");
    repo.answer(["launch", "discard", &id, "--reason", "wrong branch"]);
    assert_eq!(repo.answer(["launch", "list"]), "");
    let left = repo.read(".git/tallybook/discarded");
    assert!(
        left.contains(&id) && left.contains("wrong branch") && left.contains("alice@example.com"),
        "{left}"
    );
    let (closed, _) = repo.close_with("Closed", "../results");
    let refused = repo.run(["launch", "discard", &closed, "--reason", "x"]);
    assert_refused(&refused, &["a closed launch stays"]);
}

#[test]
fn what_is_left_open_is_closed_with_its_losses() {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "failed"));
    let id = repo.answer(["launch", "open", "--name", "Left", "--expect", "e2e"]);
    repo.answer(["launch", "append", &id, "../results", "--job", "unit"]);
    let empty = repo.open_launch("Empty");
    assert_eq!(repo.answer(["launch", "close", "--idle", "2h"]), "");
    let ran = repo.run(["launch", "close", "--idle", "0s"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let said = format!(
        "warning: launch `{empty}` has no results, and stays open: `tallybook launch discard {empty} --reason \
         \"nothing was appended\"` throws it away\n"
    );
    assert!(ran.stderr.ends_with(&said), "{ran}");
    let shown = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(shown["state"], "closed");
    let text = shown.to_string();
    assert!(text.contains("left open, nothing appended for"), "{text}");
    assert_eq!(
        repo.json(["launch", "show", &empty, "--format", "json"])["state"],
        "open"
    );
    let reason = [
        "launch",
        "discard",
        &empty,
        "--reason",
        "nothing was appended",
    ];
    repo.answer(reason);
    let ran = repo.run(["launch", "close", "--idle", "0s"]);
    assert!(ran.stderr.starts_with("no launch has been idle"), "{ran}");
    let bad = repo.run(["launch", "close", "--idle", "2 weeks"]);
    assert_eq!(bad.code, Some(2), "{bad}");
}
