//! Sittings of testers: in a terminal that is killed, with odd input, at odd moments, on two machines.

use serde_json::Value;

use crate::manual::{BOB, fed, manual_shop, typed, walk};
use crate::repo::{TestRepo, assert_found, assert_refused};
use crate::shared::Fleet;

/// A manual case with a step that has steps of its own.
fn case(number: usize) -> String {
    format!(
        "---\nid: SHOP-CASEA{number}\ntitle: Basket number {number} 🛒\nexecution: manual\nstatus: active\n\
         owner: alice\ntags: [five]\n---\n\n## Preconditions\n\nAn empty basket.\n\n## Steps\n\n\
         1. Open page {number}.\n   - **Expected:** it opens.\n\
         1. Pay for number {number}.\n   1. Enter the card.\n   1. Confirm.\n   - **Data:** `4111`\n   - **Expected:** a receipt.\n"
    )
}

/// A shop with five manual cases and a plan of them.
pub(crate) fn five() -> TestRepo {
    let repo = manual_shop();
    for number in 1..=5 {
        let path = format!("projects/shop/cases/basket/number-{number}.md");
        repo.write(&path, case(number));
    }
    repo.write(
        "projects/shop/plans/five.yaml",
        "name: Five\nquery: tag = five\n",
    );
    repo.commit("Five cases");
    repo
}

pub(crate) fn opened(repo: &TestRepo, assign: &str) -> String {
    repo.answer([
        "launch", "open", "--name", "Five", "--plan", "five", "--assign", assign,
    ])
}

/// All that a folder's files say.
pub(crate) fn said_below(folder: &std::path::Path) -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    walk(folder).into_iter().map(read).collect()
}

/// Five cases in a terminal, with failures, comments and a file; killed at several questions; nothing is lost.
#[cfg(unix)]
#[test]
fn a_terminal_that_is_killed_at_any_question_loses_no_step() {
    use crate::terminal::{Key, in_terminal};

    let repo = five();
    repo.write("shot.png", b"\x89PNG of a receipt");
    let id = opened(&repo, "alice");
    let answers = [
        "pass",
        "pass",
        "note the card is masked",
        "pass",
        "pass",
        "record",
        "fail page two is blank",
        "attach shot.png",
        "skip",
        "skip",
        "skip",
        "note seen by two",
        "record",
        "pass",
        "pass",
        "broken the button is gone",
        "fail no receipt",
        "link https://t.example/9",
        "record",
        "pass",
        "back",
        "fail on second sight",
        "pass",
        "pass",
        "pass",
        "record",
        "pass",
        "pass",
        "pass",
        "pass",
        "record",
    ];
    let lines: Vec<String> = answers.iter().map(|line| format!("{line}\n")).collect();
    let args = ["--color", "never", "execute", &id, "--mine"];
    let mut done = 0;
    // In a case, behind a comment, behind a file, before and behind a record, at a second sight.
    for kill in [1, 3, 5, 6, 8, 12, 16, 22, 24, 30] {
        let mut keys: Vec<Key<'_>> = lines[done..kill]
            .iter()
            .map(|line| Key::Type(line))
            .collect();
        keys.push(Key::Kill);
        let said = in_terminal(&repo, &args, &keys);
        assert!(!said.contains("recorded 5"), "{said}");
        assert!(
            said.lines()
                .all(|line| line.trim_end().chars().count() <= 100),
            "{said}"
        );
        done = kill;
    }
    let rest: Vec<Key<'_>> = lines[done..].iter().map(|line| Key::Type(line)).collect();
    let said = in_terminal(&repo, &args, &rest);
    assert!(said.contains("all is done"), "{said}");
    assert_eq!(
        repo.totals(&id),
        "failed 3, passed 2, total 5, unresolved 3"
    );
    let receipt = repo.answer(["launch", "close", &id]);
    repo.answer(["verify", "--receipt", &receipt]);
    let folder = repo.root().join(repo.launch_folder(&id));
    let details = said_below(&folder.join("details"));
    for words in [
        "the card is masked",
        "page two is blank",
        "the button is gone",
        "no receipt",
        "on second sight",
        "shot.png",
    ] {
        assert!(details.contains(words), "`{words}` is not kept\n{details}");
    }
    // Each case has its four steps, each with how it went: those that were killed too.
    let status = details.matches("\"status\"").count();
    assert_eq!(status, 20, "{details}");
    assert!(
        !repo
            .root()
            .join(format!(".git/tallybook/drafts/SHOP/{id}"))
            .exists()
    );
    repo.answer(["render", "--out", "../site"]);
    let site = said_below(&repo.root().join("../site"));
    for words in [
        "page two is blank",
        "the button is gone",
        "on second sight",
        "shot.png",
        "tester Alice Example",
    ] {
        assert!(site.contains(words), "`{words}` is not on the site");
    }
}

#[test]
fn a_step_is_shown_with_what_it_is_part_of() {
    let repo = five();
    let id = opened(&repo, "alice");
    let ran = typed(&repo, "", 1, &["execute", &id, "--mine"], "pass\nquit\n");
    let inner = ran.stdout.split("step 2.1 of 2").next().expect("a step");
    assert!(
        inner.ends_with("step 2: Pay for number 1.\n  data: `4111`\n  "),
        "{ran}"
    );
    // A narrow terminal: nothing but words that are longer is wider.
    let mut command = repo.command("", &["execute", &id, "--mine"]);
    command.env("COLUMNS", "40");
    let ran = fed(&repo, command, "pass\nhelp\nquit\n");
    let wide: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| {
            line.chars().count() > 40 && !line.contains("launch `") && !line.starts_with("  s")
        })
        .collect();
    assert!(
        wide.iter().all(|line| !line.contains("[p]ass")),
        "{wide:#?}"
    );
}

#[test]
fn odd_lines_end_no_sitting() {
    let repo = five();
    let id = opened(&repo, "alice");
    repo.write("a shot.png", b"one");
    let command = repo.command("", &["execute", &id, "--mine"]);
    let long = "n ".to_owned() + &"x".repeat(200_000);
    let lines = format!(
        "note\nError: it broke\nfail at line 9\n\u{1b}[2J\n.\n{long}\nnote \u{1b}]0;title\u{7} 😀\n\
         attach a\\ shot.png\nattach 'a shot.png'\npass\n"
    );
    let mut bytes = lines.into_bytes();
    bytes.extend(b"note caf\xe9\nrecord\n");
    let ran = crate::manual::fed_bytes(&repo, command, &bytes);
    assert_eq!(ran.code, Some(0), "{ran}");
    for words in [
        "write or paste lines; one with a point alone ends them",
        "attached a shot.png",
        "it is attached already",
        "step 2.1 of 2",
        "this step is not answered yet",
    ] {
        assert!(ran.stdout.contains(words), "`{words}` is not shown\n{ran}");
    }
    assert!(!ran.stdout.contains('\u{1b}'), "{ran}");
    for words in ["a line has at most", "the terminal does not send UTF-8"] {
        assert!(ran.stderr.contains(words), "`{words}` is not said\n{ran}");
    }
    // What was pasted is a comment, and answered nothing.
    let drafts = repo.root().join(format!(".git/tallybook/drafts/SHOP/{id}"));
    let draft: Value = walk(&drafts)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        .map(|path| std::fs::read(path).expect("reads"))
        .map(|bytes| serde_json::from_slice(&bytes).expect("JSON"))
        .next()
        .expect("a draft");
    let comment = draft["steps"][0]["comment"].as_str().expect("a comment");
    assert!(
        comment.starts_with("Error: it broke\nfail at line 9\n"),
        "{comment}"
    );
    assert_eq!(draft["steps"][0]["answer"]["status"], "passed");
    assert!(draft["steps"][1]["answer"].is_null());
}

#[test]
fn who_went_back_goes_on_there() {
    let repo = five();
    let id = opened(&repo, "alice");
    let args = ["execute", id.as_str(), "--mine"];
    let first = typed(&repo, "", 1, &args, "pass\npass\nback\nback\nquit\n");
    assert_eq!(first.code, Some(0), "{first}");
    // The first step is asked again, and the next one that is open after it.
    let second = typed(&repo, "", 2, &args, "fail\nquit\n");
    assert_eq!(second.code, Some(0), "{second}");
    let asked: Vec<&str> = second
        .stdout
        .lines()
        .filter(|line| line.trim_start().starts_with("step ") && line.contains(" of "))
        .collect();
    let before: Vec<&str> = first
        .stdout
        .lines()
        .filter(|line| line.trim_start().starts_with("step ") && line.contains(" of "))
        .collect();
    assert_eq!(asked[0], before[0], "{second}");
    assert!(second.stdout.contains("what did you see?"), "{second}");
    let doctor = repo.run(["doctor"]);
    assert!(!doctor.stdout.contains("begun by"), "it is open: {doctor}");
    assert_eq!(
        repo.run(["launch", "discard", &id, "--reason", "a test"])
            .code,
        Some(0)
    );
    let doctor = repo.run(["doctor"]);
    assert!(doctor.stdout.contains("1 case begun by alice"), "{doctor}");
    assert!(doctor.stdout.contains("no longer open"), "{doctor}");
}

#[test]
fn a_draft_that_does_not_read_keeps_nobody_from_the_others() {
    let repo = five();
    let id = opened(&repo, "alice");
    let ran = typed(&repo, "", 1, &["execute", &id, "--mine"], "pass\nquit\n");
    assert_eq!(ran.code, Some(0), "{ran}");
    let drafts = repo.root().join(format!(".git/tallybook/drafts/SHOP/{id}"));
    let draft = walk(&drafts)
        .into_iter()
        .find(|path| path.extension().is_some_and(|ext| ext == "json"))
        .expect("a draft");
    let whole = std::fs::read(&draft).expect("reads");
    for (text, says) in [
        ("{\"format\": 1", "does not read"),
        ("{\"format\": 9}", "is of a newer version of Tallybook"),
    ] {
        std::fs::write(&draft, text).expect("written");
        let ran = typed(
            &repo,
            "",
            2,
            &["execute", &id, "--mine"],
            "stop\npass\nrecord\nquit\n",
        );
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(
            ran.stderr.contains("case `SHOP-CASEA1` is left out"),
            "{ran}"
        );
        assert!(ran.stderr.contains(says), "{ran}");
        assert!(ran.stdout.contains("recorded: passed"), "{ran}");
    }
    std::fs::write(&draft, whole).expect("written");
    let ran = typed(
        &repo,
        "",
        3,
        &["execute", &id, "--mine"],
        "pass\npass\npass\nrecord\n",
    );
    assert!(
        ran.stdout.contains("1 answered: it goes on where you left"),
        "{ran}"
    );
    assert_eq!(repo.totals(&id), "in_progress 2, passed 3, total 5");
}

#[test]
fn what_was_begun_when_a_launch_closed_goes_into_its_follow_up() {
    let repo = five();
    repo.write("shot.png", b"seen");
    let id = opened(&repo, "alice");
    let all = "stop\npass\nrecord\n";
    let ran = typed(
        &repo,
        "",
        1,
        &["execute", &id, "--case", "SHOP-CASEA1"],
        all,
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    let refused = repo.run(["execute", &id, "--late"]);
    assert_refused(&refused, &["alice has begun nothing"]);
    let args = ["execute", id.as_str(), "--case", "SHOP-CASEA2"];
    let ran = typed(&repo, "", 2, &args, "fail it is blank\nattach shot.png\n");
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = repo.run(["launch", "close", &id, "--allow-unfinished", "it is late"]);
    let said = ["1 case begun here and not recorded", "--late --as alice`"];
    assert!(said.iter().all(|words| ran.stderr.contains(words)), "{ran}");
    let late = format!("`tallybook execute {id} --late`");
    assert_refused(
        &repo.run(["execute", &id]),
        &["is closed", "1 case begun before it was closed", &late],
    );
    let nobody = typed(&repo, "", 3, &["execute", &id, "--late", "--as", "bob"], "");
    assert_refused(&nobody, &["bob has begun nothing in launch"]);
    // Left once more, and gone on with in the follow-up, by either name.
    let late = ["execute", &id, "--late"];
    let ran = typed(&repo, "", 4, &late, "pass\n");
    assert!(ran.stderr.contains("its follow-up"), "{ran}");
    assert!(
        ran.stdout.contains("noted: it is blank") || ran.stdout.contains("1 answered"),
        "{ran}"
    );
    let ran = typed(&repo, "", 5, &late, "stop\nrecord\n");
    assert!(ran.stdout.contains("recorded: failed"), "{ran}");
    let next = format!("{id}.2");
    assert_eq!(
        repo.totals(&next),
        "failed 1, in_progress 3, passed 1, total 5, unresolved 1"
    );
    repo.answer(["launch", "close", &next, "--allow-unfinished", "it is late"]);
    repo.answer(["verify"]);
    let folder = repo.root().join(repo.launch_folder(&next));
    let details = said_below(&folder.join("details"));
    assert!(
        details.contains("it is blank") && details.contains("shot.png"),
        "{details}"
    );
    assert!(
        walk(&folder.join("attachments"))
            .iter()
            .any(|path| { std::fs::read(path).is_ok_and(|bytes| bytes == b"seen") })
    );
}

/// Two testers who share nothing while they work: both are done after a sync, and either closes.
#[test]
fn two_testers_without_a_connection_complete_one_launch() {
    let fleet = Fleet::new(&["a"]);
    fleet.0.write("a/projects/shop/members/bob.yaml", BOB);
    for number in 1..=4 {
        let path = format!("a/projects/shop/cases/basket/number-{number}.md");
        fleet.0.write(&path, case(number));
    }
    fleet.0.write(
        "a/projects/shop/plans/five.yaml",
        "name: Four\nquery: tag = five\n",
    );
    fleet.0.git_in("a", ["add", "--all"]);
    fleet.0.git_in("a", ["commit", "-qm", "Plans"]);
    fleet.0.git_in("a", ["push", "-q"]);
    fleet.clone_as("b", &[]);
    let id = fleet.answer(
        "a",
        [
            "launch",
            "open",
            "--plan",
            "five",
            "--assign",
            "alice,bob",
            "--push",
        ],
    );
    fleet.answer("b", ["launch", "sync"]);
    let sit = |machine: &str, who: &str, minute, lines: &str| {
        let args = ["execute", &id, "--mine", "--as", who];
        let ran = typed(&fleet.0, machine, minute, &args, lines);
        assert_eq!(ran.code, Some(0), "{ran}");
        ran.stderr
    };
    sit("a", "alice", 1, "pass\n");
    sit("b", "bob", 2, "fail of bob\nstop\nrecord\npass\n");
    sit(
        "a",
        "alice",
        3,
        "note of alice\npass\npass\npass\nrecord\npass\n",
    );
    sit("b", "bob", 4, "pass\npass\npass\nrecord\n");
    let said = sit("a", "alice", 5, "pass\npass\npass\nrecord\n");
    let sync = format!("tallybook launch sync {id}");
    assert!(said.contains(&sync), "{said}");
    // Bob has not synced: what he did is not known where Alice closes, and that is said.
    fleet.answer("a", ["launch", "sync", &id]);
    let ran = fleet.run("a", ["launch", "close", &id, "--push"]);
    assert_found(&ran, &["2 planned results are not executed: 2 of bob"]);
    fleet.answer("b", ["launch", "sync", &id]);
    let ran = fleet.run("a", ["launch", "close", &id, "--push"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    fleet.0.git_in("b", ["pull", "-q"]);
    for machine in ["a", "b"] {
        fleet.answer(machine, ["verify"]);
        let view = fleet.answer(machine, ["launch", "show", &id, "--format", "json"]);
        let view: Value = serde_json::from_str(&view).expect("JSON");
        assert_eq!(view["planned"]["done"], 4, "{view}");
        assert_eq!(
            (&view["totals"]["passed"], &view["totals"]["failed"]),
            (&3.into(), &1.into())
        );
    }
    fleet.assert_closed(1);
}
