//! What `launch sync` does with launches that were closed elsewhere meanwhile.

use crate::branch::Product;
use crate::repo::Ran;
use crate::shared::Fleet;

/// Machine `b` knows of a launch with a part, that `a` closes.
fn closed_on_a() -> (Fleet, String) {
    let fleet = Fleet::new(&["a", "b"]);
    let report = fleet.report("r.xml");
    fleet.answer("a", ["launch", "append", "--key", "k", &report, "--push"]);
    let id = fleet.answer("a", ["launch", "open", "--key", "k"]);
    fleet.answer("b", ["launch", "sync"]);
    (fleet, id)
}

fn parts(fleet: &Fleet, machine: &str, id: &str) -> Vec<std::path::PathBuf> {
    let open = format!("{machine}/.git/tallybook/open/SHOP/{id}/parts");
    let entries = std::fs::read_dir(fleet.0.root().join(open));
    let entries = entries.into_iter().flatten();
    entries.map(|entry| entry.expect("reads").path()).collect()
}

#[track_caller]
fn assert_said(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, Some(0), "{ran}");
    for word in words {
        assert!(ran.stderr.contains(word), "`{word}` is not said\n{ran}");
    }
}

#[test]
fn what_the_closed_launch_has_goes() {
    let (fleet, id) = closed_on_a();
    fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
    let ran = fleet.run("b", ["launch", "sync"]);
    let said =
        format!("launch `{id}` is closed on `origin` with all that was here of it; removed here");
    assert_said(&ran, &[&said, "`git pull` brings the closed one here"]);
    assert_eq!(fleet.answer("b", ["launch", "list"]), "");
    fleet.0.git_in("b", ["pull", "-q"]);
    let list = fleet.answer("b", ["launch", "list"]);
    assert!(list.contains("closed"), "{list}");
    let ran = fleet.run("b", ["launch", "sync"]);
    assert_said(&ran, &["no launch is shared on `origin`"]);
    fleet.assert_closed(1);
}

#[test]
fn what_the_closed_launch_lacks_stays_and_is_named() {
    let (fleet, id) = closed_on_a();
    let late = fleet.report("late.xml");
    // Without `--push` it waits here alone.
    fleet.answer("b", ["launch", "append", &id, &late, "--job", "late"]);
    fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
    let ran = fleet.run("b", ["launch", "sync"]);
    let said = format!("launch `{id}` was closed on `origin` without part `late-");
    let hint = format!("`tallybook launch close {id} --push` brings parts into its follow-up");
    assert_said(&ran, &[&said, "` that waits here", &hint]);
    assert!(!ran.stderr.contains("`local-"), "{ran}");
    assert_eq!(parts(&fleet, "b", &id).len(), 2);
    assert_eq!(fleet.refs(), [""; 0]);
    // The way that was named leads there.
    let told = fleet.run("b", ["launch", "close", &id, "--push"]);
    assert_eq!(told.code, Some(1), "{told}");
    fleet.0.git_in("b", ["pull", "-q"]);
    fleet.answer("b", ["launch", "close", &format!("{id}.2"), "--push"]);
    fleet.assert_closed(2);
}

#[test]
fn a_part_of_a_closed_launch_with_other_bytes_stays() {
    let (fleet, id) = closed_on_a();
    fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
    let part = parts(&fleet, "b", &id).remove(0);
    let text = std::fs::read_to_string(part.join("results.yaml")).expect("reads");
    std::fs::write(part.join("results.yaml"), text.replace("fails", "other")).expect("written");
    let ran = fleet.run("b", ["launch", "sync"]);
    assert_said(&ran, &["without part `local-"]);
    assert_eq!(parts(&fleet, "b", &id).len(), 1);
}

#[cfg(unix)]
#[test]
fn an_append_that_was_killed_stays() {
    let (fleet, id) = closed_on_a();
    let folder = format!("b/.git/tallybook/open/SHOP/{id}/unfinished/append-x");
    fleet.0.write(
        &format!("{folder}/append.yaml"),
        "job: {name: e2e}\ninputs: [results]\nafter: 5\n",
    );
    fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
    let ran = fleet.run("b", ["launch", "sync"]);
    assert_said(
        &ran,
        &["without the unfinished append of job `e2e` that waits here"],
    );
    assert_eq!(parts(&fleet, "b", &id).len(), 1);
}

#[test]
fn what_was_thrown_away_elsewhere_stays_here() {
    let (fleet, id) = closed_on_a();
    fleet.answer(
        "a",
        ["launch", "discard", &id, "--reason", "wrong", "--push"],
    );
    let ran = fleet.run("b", ["launch", "sync"]);
    assert_said(
        &ran,
        &["is neither open nor closed on `origin`", "launch discard"],
    );
    assert_eq!(parts(&fleet, "b", &id).len(), 1);
    assert_eq!(fleet.refs(), [""; 0]);
}

#[test]
fn a_branch_of_their_own_brings_the_closed_one() {
    let product = Product::new(&["a", "b"]);
    product.append_pushed("a", "k", "k");
    product.answer("b", ["launch", "sync"]);
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    let ran = product.run("b", ["launch", "sync"]);
    assert_said(&ran, &["with all that was here of it; removed here"]);
    assert!(!ran.stderr.contains("git pull"), "{ran}");
    let list = product.answer("b", ["launch", "list"]);
    assert!(list.contains("closed"), "{list}");
}
