//! The workflow that comments for changes of forks: what it takes is untrusted, and decides nothing.

use serde_json::json;

use super::forge::zip;
use super::{Env, Kit, can_talk, fine, with};
use crate::repo::Ran;

const SHA: &str = "0123456789012345678901234567890123456789";
const GOOD: &[u8] = b"<!-- tallybook-review -->\n1 change weakens testing\n";

/// A kit whose host has pull request 17 from a fork, and what the workflow is told of its run.
fn kit() -> (Kit, Env<'static>) {
    let kit = Kit::new(&["base"]);
    kit.forge.facts().pull = json!({"state": "open", "number": 17,
        "head": {"sha": SHA, "ref": "change", "repo": {"full_name": "mallory/shop"}}});
    let env = with(kit.github("", ""), &[("GITHUB_EVENT_NAME", "workflow_run")]);
    let event = json!({"workflow_run": {"id": 5, "event": "pull_request", "head_sha": SHA, "head_branch": "change",
        "head_repository": {"full_name": "mallory/shop"}}});
    kit.write("event.json", &event.to_string());
    (kit, env)
}

fn give(kit: &Kit, entries: &[(&str, &[u8])]) {
    let bytes = zip(entries);
    let size = bytes.len();
    kit.forge.facts().artifact = Some((bytes, size));
}

fn comment(kit: &Kit, env: &Env<'static>) -> Ran {
    kit.ci("base", env, &["comment"])
}

#[test]
fn a_fork_gets_its_comment_from_the_base() {
    if !can_talk() {
        return;
    }
    let (kit, env) = kit();
    give(
        &kit,
        &[
            ("comment.md", GOOD),
            ("pull-request", b"17\n"),
            ("summary.md", b"x"),
        ],
    );
    fine(&comment(&kit, &env));
    let ran = comment(&kit, &env);
    fine(&ran);
    assert!(ran.stderr.contains("edited the comment on 17"), "{ran}");
    let facts = kit.forge.facts();
    assert_eq!(facts.comments.len(), 1);
    let expected = "<!-- tallybook-review -->\n1 change weakens testing\n\n\n<sub>Made by the change's own \
                    [run](https://github.example/acme/shop/actions/runs/5) of 012345678901.</sub>";
    assert_eq!(facts.comments[0].body, expected);
    // The token stays with the host that it is of.
    let blob: Vec<_> = facts
        .asked
        .iter()
        .filter(|line| line.contains("/blob"))
        .collect();
    assert_eq!(blob, ["GET elsewhere/blob none"; 2]);
    assert!(
        facts
            .asked
            .iter()
            .filter(|line| !line.contains("/blob"))
            .all(|line| line.ends_with(" Bearer s3cret"))
    );
}

#[test]
fn a_hostile_artefact_says_nothing() {
    if !can_talk() {
        return;
    }
    let marker = b"<!-- tallybook-review -->\n".as_slice();
    let huge = [marker, &vec![b'x'; 300_000]].concat();
    let long = [marker, &vec![b'x'; 65_536]].concat();
    let far = vec![b'x'; 5_000_000];
    let number = ("pull-request", b"17".as_slice());
    type Case<'a> = (Vec<(&'a str, &'a [u8])>, &'a str);
    let all: Vec<Case<'_>> = vec![
        (
            vec![("../../comment.md", GOOD), ("/tmp/pull-request", b"17")],
            "the other run names no change",
        ),
        (
            vec![("../comment.md", GOOD), number],
            "the other run carried no review",
        ),
        (
            vec![("comment.md", &huge), number],
            "`comment.md` of the other run is larger than 262144 bytes",
        ),
        (
            vec![("comment.md", &long), number],
            "`comment.md` of the other run is longer than 65536 characters",
        ),
        (
            vec![("comment.md", b"buy this"), number],
            "the other run carried no review",
        ),
        (
            vec![("comment.md", GOOD), ("pull-request", b"18")],
            "names change 18, which is not there",
        ),
        (
            vec![("comment.md", GOOD), ("pull-request", b"17/../18")],
            "the other run names no change",
        ),
        (
            vec![("comment.md", GOOD), ("pull-request", b"$(touch pwned)")],
            "the other run names no change",
        ),
        (
            vec![("comment.md", GOOD), ("pull-request", &far)],
            "is the most; nothing was said",
        ),
        (vec![], "the other run names no change"),
    ];
    for (entries, said) in all {
        let (kit, env) = kit();
        give(&kit, &entries);
        let ran = comment(&kit, &env);
        assert_eq!(ran.code, Some(1), "{said}\n{ran}");
        assert!(ran.stderr.contains(said), "{said}\n{ran}");
        assert_eq!(kit.forge.writes(), Vec::<String>::new());
        let left = std::fs::read_dir(kit.path("base")).expect("lists").count();
        assert_eq!(left, 4, "nothing was unpacked");
    }
}

#[test]
fn the_size_that_is_told_is_not_believed() {
    if !can_talk() {
        return;
    }
    let (kit, env) = kit();
    let far = vec![b'x'; 5_000_000];
    let bytes = zip(&[("comment.md", GOOD), ("pull-request", b"17"), ("x", &far)]);
    kit.forge.facts().artifact = Some((bytes, 10));
    let ran = comment(&kit, &env);
    assert!(
        ran.code != Some(0) && kit.forge.writes().is_empty(),
        "{ran}"
    );
    kit.forge.facts().artifact = Some((b"no archive".to_vec(), 10));
    let ran = comment(&kit, &env);
    assert!(
        ran.code == Some(1) && kit.forge.writes().is_empty(),
        "{ran}"
    );
}

#[test]
fn the_change_must_be_the_one_that_ran() {
    if !can_talk() {
        return;
    }
    for (pull, code, said) in [
        (
            json!({"state": "open", "head": {"sha": SHA, "ref": "change", "repo": {"full_name": "alice/shop"}}}),
            1,
            "did not run for it",
        ),
        (
            json!({"state": "open", "head": {"sha": SHA, "ref": "other", "repo": {"full_name": "mallory/shop"}}}),
            1,
            "did not run for it",
        ),
        (
            json!({"state": "open", "head": {"sha": SHA, "ref": "change", "repo": null}}),
            1,
            "did not run for it",
        ),
        (
            json!({"state": "open", "head": {"sha": "f00", "ref": "change", "repo": {"full_name": "mallory/shop"}}}),
            0,
            "went on or is closed",
        ),
        (
            json!({"state": "closed", "head": {"sha": SHA, "ref": "change", "repo": {"full_name": "mallory/shop"}}}),
            0,
            "went on or is closed",
        ),
    ] {
        let (kit, env) = kit();
        give(&kit, &[("comment.md", GOOD), ("pull-request", b"17")]);
        kit.forge.facts().pull = pull;
        let ran = comment(&kit, &env);
        assert_eq!(ran.code, Some(code), "{said}\n{ran}");
        assert!(ran.stderr.contains(said), "{said}\n{ran}");
        assert_eq!(kit.forge.writes(), Vec::<String>::new());
    }
}

#[test]
fn a_run_without_a_review_and_a_job_without_rights_are_said() {
    if !can_talk() {
        return;
    }
    let (kit, env) = kit();
    let ran = comment(&kit, &env);
    fine(&ran);
    assert!(ran.stderr.contains("run 5 carried no review"), "{ran}");
    give(&kit, &[("comment.md", GOOD), ("pull-request", b"17")]);
    kit.forge.facts().read_only = true;
    let ran = comment(&kit, &env);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("needs `pull-requests: write`"), "{ran}");
    kit.write(
        "event.json",
        r#"{"workflow_run": {"id": 5, "event": "push"}}"#,
    );
    fine(&comment(&kit, &env));
}
