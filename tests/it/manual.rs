//! Manual and combined launches: planned, given to people, executed in the terminal or by a sheet, closed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::repo::{Ran, TestRepo, assert_found, assert_refused};
use crate::shared::Fleet;
use crate::shop::{counts, junit, shop};
#[cfg(unix)]
use crate::terminal::{Key, in_terminal};

pub(crate) const BOB: &str = "name: Bob Builder\nemails: [bob@example.com]\nrole: runner\n";
pub(crate) const PLAN: &str =
    "name: Smoke\ncases: [SHOP-EXP1RD, SHOP-MA1DRK]\nassignees: [alice]\n";
/// Manual, with shared steps, a row of parameters, and a place for one in the text.
pub(crate) const GUEST: &str = "---\nid: SHOP-GVEST1\ntitle: Order as a guest\nexecution: manual\nstatus: active\n\
    owner: alice\nlinks:\n  - {type: issue, name: WEB-1, url: 'https://tracker.example.com/WEB-1'}\n\
    parameters: {locale: [en, de]}\n---\n\nGuests order too.\n\n## Preconditions\n\nAn empty basket in {locale}.\n\n\
    ## Steps\n\n1. [Sign in](../../steps/sign-in.md)\n1. Order.\n   - **Expected:** the mail comes in {locale}.\n";

pub(crate) fn manual_shop() -> TestRepo {
    let repo = shop();
    repo.write("projects/shop/members/bob.yaml", BOB);
    repo.write("projects/shop/plans/smoke.yaml", PLAN);
    repo.write(
        "projects/shop/plans/guest.yaml",
        "name: Guest\ncases: [SHOP-GVEST1]\n",
    );
    repo.write("projects/shop/cases/checkout/guest.md", GUEST);
    repo.commit("Plans");
    repo
}

/// Runs `tallybook` at a minute of the tests' day, answers typed into it.
#[track_caller]
pub(crate) fn typed(repo: &TestRepo, folder: &str, minute: u32, args: &[&str], lines: &str) -> Ran {
    let mut command = repo.command(folder, args);
    command.env("TALLYBOOK_NOW", format!("2026-11-22T19:{minute:02}:00Z"));
    fed(repo, command, lines)
}

#[track_caller]
pub(crate) fn fed(repo: &TestRepo, command: Command, lines: &str) -> Ran {
    fed_bytes(repo, command, lines.as_bytes())
}

#[track_caller]
pub(crate) fn fed_bytes(repo: &TestRepo, mut command: Command, lines: &[u8]) -> Ran {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("piped");
    let lines = lines.to_vec();
    // Whoever is killed reads no more, and whoever says much is read meanwhile.
    let writer = std::thread::spawn(move || {
        let _ = input.write_all(&lines);
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it is written");
    repo.ran(output)
}

pub(crate) fn show(repo: &TestRepo, id: &str) -> Value {
    repo.json(["launch", "show", id, "--format", "json"])
}

pub(crate) fn people(view: &Value) -> String {
    let people = view["planned"]["people"].as_array().expect("people");
    let one = |who: &Value| format!("{} {}/{}", who["assignee"], who["done"], who["total"]);
    people.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_plan_becomes_planned_results_that_people_and_tests_answer() {
    let repo = manual_shop();
    let ran = repo.run(["launch", "open", "--plan", "smoke", "--assign", "alcie"]);
    assert_refused(
        &ran,
        &[
            "`alcie` is no member of the project",
            "did you mean `alice`?",
        ],
    );
    assert_eq!(repo.launch_count(), 0);
    let id = repo.answer([
        "launch",
        "open",
        "--name",
        "Smoke",
        "--plan",
        "smoke",
        "--env",
        "browser=chrome,firefox",
        "--env",
        "stand=stage",
        "--assign",
        "alice,Bob Builder",
    ]);
    assert_eq!(repo.totals(&id), "in_progress 4, total 4");
    let ran = repo.run(["launch", "close", &id]);
    assert_found(
        &ran,
        &["4 planned results are not executed: 1 of alice, 1 of bob and 2 of nobody"],
    );
    assert!(!ran.stderr.contains("has no results"), "{ran}");
    let view = show(&repo, &id);
    assert_eq!(people(&view), "\"alice\" 0/1, \"bob\" 0/1, null 0/2");
    assert_eq!(view["environment"], json!({"stand": "stage"}));
    // CI appends to the same launch: what it executes of the plan is done, all else was not planned.
    repo.write("r.xml", junit(&[("expired", ""), ("other", "<failure/>")]));
    repo.answer([
        "launch",
        "append",
        &id,
        "r.xml",
        "--job",
        "ci",
        "--env",
        "browser=chrome",
    ]);
    let view = show(&repo, &id);
    assert_eq!(
        counts(&view["totals"]),
        "failed 1, in_progress 3, passed 1, total 5, unresolved 1"
    );
    assert_eq!(view["planned"]["done"], 1);
    assert_eq!(view["planned"]["unplanned_results"][0]["name"], "other");
    // The last assignment counts, whoever made it.
    let ran = typed(
        &repo,
        "",
        1,
        &["launch", "assign", &id, "--to", "bob", "--from", "alice"],
        "",
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    let status = repo.run(["launch", "status", &id]);
    assert_found(
        &status,
        &["3 planned results are not executed: 2 of bob and 1 of nobody"],
    );
    assert!(
        status
            .stdout
            .contains("planned: 4, 1 done, 3 in progress; 1 result was not planned"),
        "{status}"
    );
    assert!(status.stdout.contains("  bob     0 of 2"), "{status}");
    let ran = repo.run([
        "launch",
        "assign",
        &id,
        "--to",
        "bob",
        "--cases",
        "SHOP-MA1DRX",
    ]);
    assert_refused(
        &ran,
        &[
            "case `SHOP-MA1DRX` is not planned",
            "did you mean `SHOP-MA1DRK`?",
        ],
    );
    // Closing says what is missing, and does it only for a reason.
    let ran = repo.run(["launch", "close", &id]);
    assert_found(
        &ran,
        &[
            "3 planned results are not executed",
            "--allow-unfinished REASON",
            &format!("tallybook execute {id}"),
        ],
    );
    let receipt = repo.answer([
        "launch",
        "close",
        &id,
        "--allow-unfinished",
        "the lab is closed",
    ]);
    let text = repo.answer(["launch", "show", &id]);
    assert!(
        text.contains("closed without the rest: the lab is closed"),
        "{text}"
    );
    assert!(
        text.contains("3 planned results were not executed"),
        "{text}"
    );
    let view = show(&repo, &id);
    assert_eq!(view["planned"]["unfinished"], 3);
    assert_eq!(
        counts(&view["totals"]),
        "failed 1, in_progress 3, passed 1, total 5, unresolved 1"
    );
    repo.answer(["verify", "--receipt", &receipt]);
}

#[test]
fn answers_are_kept_step_by_step_and_become_evidence() {
    let repo = manual_shop();
    repo.write("shot.png", b"\x89PNG not really");
    let id = repo.answer(["launch", "open", "--plan", "guest", "--planned"]);
    assert_eq!(repo.totals(&id), "in_progress 2, total 2");
    let args = ["execute", &id, "--case", "SHOP-GVEST1"];
    let ran = typed(&repo, "", 1, &args, "psas\nopen\npass\nnote slow\n");
    assert_eq!(ran.code, Some(0), "{ran}");
    for words in [
        "[1 of 2] SHOP-GVEST1  Order as a guest",
        "parameters: locale=de",
        "preconditions: An empty basket in de.",
        "step 1 of 3  (Sign in)",
        "expected: nothing is shown in clear.",
        "did you mean `pass`?",
        "1  https://tracker.example.com/WEB-1",
        "1 case begun and kept",
    ] {
        assert!(ran.stdout.contains(words), "`{words}` is not shown\n{ran}");
    }
    assert!(ran.stdout.lines().all(|line| line.len() <= 100), "{ran}");
    // The input ended: the next command goes on with the second step, and by the same text.
    repo.write(
        "projects/shop/steps/sign-in.md",
        "---\ntitle: Sign in\n---\n\n## Steps\n\n1. Wave.\n",
    );
    repo.commit("Wave");
    let lines = "attach nowhere.png\nattach shot.png\npass\nback\nshow\npass\nfail in French\nlink https://t.example/9\n\
                 note as a whole\nrecord\nlater\n";
    let ran = typed(&repo, "", 2, &args, lines);
    for words in [
        "1 answered: it goes on where you left",
        "noted: slow",
        "attached shot.png",
        "expected: the mail comes in de.",
        "result: failed",
        "recorded: failed",
        "[2 of 2] SHOP-GVEST1",
        "step 1 of 2  (Sign in)",
    ] {
        assert!(ran.stdout.contains(words), "`{words}` is not shown\n{ran}");
    }
    assert!(ran.stderr.contains("the case changed since"), "{ran}");
    assert!(ran.stderr.contains("`nowhere.png` is not there"), "{ran}");
    assert_eq!(
        repo.totals(&id),
        "failed 1, in_progress 1, total 2, unresolved 1"
    );
    // A retest is one more attempt, and decides.
    let ran = typed(&repo, "", 3, &args, "stop\nfail\nrecord\nstop\np\nr\n");
    assert!(ran.stdout.contains("executed before: failed"), "{ran}");
    repo.answer(["launch", "close", &id]);
    let folder = format!(
        "projects/shop/{}",
        repo.launch_folder(&id).trim_start_matches("projects/shop/")
    );
    let outcomes = repo.read(&format!("{folder}/outcomes.yaml"));
    assert!(outcomes.contains("\"retries\""), "{outcomes}");
    let details: String = std::fs::read_dir(repo.root().join(&folder).join("details"))
        .expect("details")
        .map(|entry| std::fs::read_to_string(entry.expect("reads").path()).expect("reads"))
        .collect();
    for words in [
        "Give name and password.",
        "the mail comes in de.",
        "in French",
        "slow",
        "shot.png",
    ] {
        assert!(details.contains(words), "`{words}` is not kept\n{details}");
    }
    // The text as executed is the one that the last tester saw.
    let cases: Value =
        serde_yaml::from_str(&repo.read(&format!("{folder}/cases.yaml"))).expect("YAML");
    let text = repo.git(["grep", "-l", "Wave.", "--", "projects/shop/executed"]);
    let digest = cases.to_string();
    let stem = text
        .trim_start_matches("projects/shop/executed/")
        .trim_end_matches(".md");
    assert!(digest.contains(stem), "{digest}: {text}");
    repo.answer(["verify"]);
    repo.answer(["render", "--out", "../site"]);
    let site = |path: &std::path::Path| -> String {
        let mut all = String::new();
        for entry in walk(path) {
            if let Ok(text) = std::fs::read_to_string(&entry) {
                all.push_str(&text);
            }
        }
        all
    };
    let site = site(&repo.root().join("../site"));
    for words in ["Give name and password.", "in French", "shot.png"] {
        assert!(site.contains(words), "`{words}` is not on the site");
    }
}

pub(crate) fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).expect("lists") {
        let path = entry.expect("reads").path();
        match path.is_dir() {
            true => out.extend(walk(&path)),
            false => out.push(path),
        }
    }
    out
}

#[test]
fn what_a_person_says_takes_the_place_of_what_a_test_said() {
    let repo = manual_shop();
    let id = repo.open_launch("Mixed");
    repo.write("r.xml", junit(&[("expired", "<failure/>")]));
    repo.answer(["launch", "append", &id, "r.xml"]);
    let ran = typed(&repo, "", 1, &["execute", &id], "");
    assert_refused(
        &ran,
        &[
            "nothing is planned",
            &format!("tallybook execute {id} --case ID"),
        ],
    );
    let ran = typed(
        &repo,
        "",
        1,
        &["execute", &id, "--case", "SHOP-EXP1RD"],
        "p\np\np\nrecord\n",
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(repo.totals(&id), "overridden 1, passed 1, total 2");
}

/// A process that is killed at any step of the disk loses no answer after which it asked the next question.
#[test]
fn a_kill_at_any_step_loses_no_answer() {
    disturbed("kill", "killed at a step");
}

/// Neither does one whose disk is full from some step on, or read-only, or fails once.
#[test]
fn a_full_or_broken_disk_loses_no_answer() {
    for fault in ["full", "broken"] {
        disturbed(fault, "error: ");
    }
}

fn disturbed(fault: &str, says: &str) {
    let repo = manual_shop();
    let id = repo.answer(["launch", "open", "--plan", "smoke", "--planned"]);
    let answers = ["pass\n", "note x\n", "pass\n", "fail y\n"];
    let args = ["execute", id.as_str(), "--case", "SHOP-EXP1RD"];
    let mut at = 0;
    loop {
        at += 1;
        let copy = repo.copied();
        let mut command = copy.command("", &args);
        command.env("TALLYBOOK_FAULT", format!("{fault}:{at}"));
        let ran = fed(&copy, command, &(answers.concat() + "record\n"));
        if ran.code == Some(0) {
            break;
        }
        assert!(ran.stderr.contains(says), "{fault} {at}: {ran}");
        let asked = ran.stdout.matches("bac[k]").count();
        let drafts = copy.root().join(format!(".git/tallybook/drafts/SHOP/{id}"));
        let draft = std::fs::read_dir(&drafts)
            .into_iter()
            .flatten()
            .find_map(|entry| {
                let path = entry.expect("reads").path();
                let is_draft = path.extension().is_some_and(|ext| ext == "json");
                is_draft.then(|| std::fs::read(path).expect("reads"))
            });
        let is_recorded = copy.totals(&id).contains("failed 1");
        let mut rest = "record\n".to_owned();
        if let Some(draft) = draft {
            let draft: Value = serde_json::from_slice(&draft).expect("a draft is whole");
            let steps = draft["steps"].as_array().expect("steps");
            let answered = steps
                .iter()
                .filter(|step| !step["answer"].is_null())
                .count();
            // One question stands after each answer or note.
            let noted = usize::from(!steps[1]["comment"].is_null());
            assert!(
                answered + noted + 1 >= asked,
                "{at}: {asked} asked, {answered} kept\n{ran}"
            );
            rest = answers[answered + noted..].concat() + "record\n";
        } else if !is_recorded {
            assert!(asked <= 1, "{at}: {asked} asked, nothing kept\n{ran}");
            rest = answers.concat() + "record\n";
        }
        if !is_recorded || !rest.starts_with("record") {
            let ran = typed(&copy, "", 5, &args, &rest);
            assert_eq!(ran.code, Some(0), "{at}: {ran}");
        }
        let totals = copy.totals(&id);
        assert_eq!(
            totals, "failed 1, in_progress 1, total 2, unresolved 1",
            "{at}"
        );
    }
    assert!(at > 15, "{at} steps: nothing was tried");
}

/// In a terminal: prompts, no full screen, and Ctrl-C ends it with every answer kept.
#[cfg(unix)]
#[test]
fn a_terminal_asks_and_ctrl_c_keeps_what_was_answered() {
    let repo = manual_shop();
    let id = repo.answer(["launch", "open", "--plan", "smoke", "--planned"]);
    let args = ["--color", "never", "execute", &id, "--mine"];
    // 0x03 is what Ctrl-C types.
    let in_terminal = |keys: &[Key<'_>]| in_terminal(&repo, &args, keys);
    let said = in_terminal(&[Key::Type("note seen\n"), Key::Type("\u{3}")]);
    assert!(said.contains("SHOP-MA1DRK  Mail in dark mode"), "{said}");
    assert!(said.contains("  noted"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
    assert!(
        said.lines().all(|line| line.trim_end().len() <= 90),
        "{said}"
    );
    let said = in_terminal(&[Key::Type("pass\n"), Key::Type("record\n")]);
    assert!(said.contains("noted: seen"), "{said}");
    assert!(said.contains("recorded: passed"), "{said}");
    assert_eq!(repo.totals(&id), "in_progress 1, passed 1, total 2");
}

#[test]
fn two_testers_on_two_machines_complete_one_launch() {
    let fleet = Fleet::new(&["a"]);
    for (path, text) in [
        ("members/bob.yaml", BOB),
        ("plans/smoke.yaml", PLAN),
        ("cases/checkout/guest.md", GUEST),
        ("plans/all.yaml", "name: All\nquery: execution = manual\n"),
    ] {
        fleet.0.write(&format!("a/projects/shop/{path}"), text);
    }
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
            "all",
            "--assign",
            "alice,bob",
            "--push",
        ],
    );
    let status = fleet.run("b", ["launch", "status", &id]);
    assert_found(&status, &["3 planned results are not executed"]);
    // Interleaved: each begins, and both reassign the same result; the later one counts on both.
    let begin = |machine: &str, who: &str, minute, lines: &str| {
        typed(
            &fleet.0,
            machine,
            minute,
            &["execute", &id, "--mine", "--as", who, "--push"],
            lines,
        )
    };
    let ran = begin("a", "alice", 1, "pass\n");
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = begin("b", "bob", 2, "pass\npass\npass\nrecord\nquit\n");
    assert!(ran.stdout.contains("recorded: passed"), "{ran}");
    let assign = |machine: &str, who: &str, minute| {
        let args = ["launch", "assign", &id, "--to", who, "--push"];
        let ran = typed(&fleet.0, machine, minute, &args, "");
        assert_eq!(ran.code, Some(0), "{ran}");
    };
    assign("b", "bob", 4);
    assign("a", "alice", 3);
    let whose = |machine: &str| {
        fleet.answer(machine, ["launch", "sync"]);
        let text = fleet.answer(machine, ["launch", "show", &id, "--format", "json"]);
        let view: Value = serde_json::from_str(&text).expect("JSON");
        people(&view)
    };
    assert_eq!(whose("a"), "\"bob\" 1/3");
    assert_eq!(whose("b"), "\"bob\" 1/3");
    // Alice had begun one that is Bob's by now; who executes it is up to them.
    let ran = typed(
        &fleet.0,
        "a",
        5,
        &["execute", &id, "--as", "alice", "--push"],
        "record\npass\npass\npass\nrecord\nrecord\npass\npass\npass\nrecord\n",
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = fleet.run("b", ["launch", "close", &id, "--push"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    fleet.0.git_in("b", ["pull", "-q"]);
    fleet.answer("b", ["verify"]);
    fleet.assert_closed(1);
}

#[test]
fn whoever_executes_a_case_reads_all_of_it() {
    let repo = manual_shop();
    let charter = "---\nid: SHOP-CHART1\ntitle: Explore\nexecution: manual\nstatus: active\n---\n\n\
        ## Mission\n\nFind what is slow.\n\n## Notes\n\nAsk Bob.\n";
    repo.write("projects/shop/cases/explore.md", charter);
    let noted = format!("{GUEST}\nMind the mail.\n");
    repo.write("projects/shop/cases/checkout/guest.md", noted);
    repo.write(
        "projects/shop/plans/all.yaml",
        "name: All\ncases: [SHOP-CHART1, SHOP-GVEST1]\n",
    );
    repo.commit("A charter");
    let id = repo.answer(["launch", "open", "--plan", "all", "--assign", "bob"]);
    let sheet = repo.answer(["launch", "sheet", &id]);
    for part in [
        "> **Mission:**\n> Find what is slow.",
        "> **Notes:**\n> Ask Bob.",
        "> Mind the mail.",
    ] {
        assert!(sheet.contains(part), "no {part:?} in\n{sheet}");
    }
    let table = repo.answer(["launch", "sheet", &id, "--format", "csv"]);
    assert!(table.contains("Mission: Find what is slow."), "{table}");
    let ran = typed(&repo, "", 7, &["execute", &id, "--case", "SHOP-CHART1"], "");
    assert!(
        ran.to_string().contains("Mission: Find what is slow."),
        "{ran}"
    );
    let ran = typed(&repo, "", 7, &["execute", &id, "--case", "SHOP-GVEST1"], "");
    assert!(ran.to_string().contains("Mind the mail."), "{ran}");
}

#[test]
fn a_sheet_is_filled_in_elsewhere_and_read_once() {
    let repo = manual_shop();
    let id = repo.answer(["launch", "open", "--plan", "guest", "--assign", "bob"]);
    let sheet = repo.answer(["launch", "sheet", &id]);
    let filled = sheet
        .replacen("- status:", "- status: Passed\n", 1)
        .replacen("- comment:", "- comment: slow,\nbut it works", 1)
        .replacen("- tester:", "- tester: bob@example.com", 1)
        .replacen("- minutes:", "- minutes: 2.5", 1);
    repo.write("sheet.md", &filled);
    let read = |file: &str| typed(&repo, "", 7, &["launch", "sheet", &id, "--read", file], "");
    let ran = read("sheet.md");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stdout
            .starts_with("recorded 1 result; 0 known, 1 not filled in"),
        "{ran}"
    );
    let ran = read("sheet.md");
    assert!(
        ran.stdout.starts_with("recorded 0 results; 1 known"),
        "{ran}"
    );
    assert_eq!(repo.totals(&id), "in_progress 1, passed 1, total 2");
    // A table, with all that can be wrong in it.
    let table = repo.answer(["launch", "sheet", &id, "--format", "csv", "--all"]);
    let mut rows: Vec<Vec<String>> = csv_rows(&table);
    let column = |rows: &[Vec<String>], name: &str| {
        rows[0]
            .iter()
            .position(|cell| cell == name)
            .expect("a column")
    };
    let (status, step, result) = (
        column(&rows, "status"),
        column(&rows, "step"),
        column(&rows, "result"),
    );
    let open: Vec<usize> = (1..rows.len())
        .filter(|at| rows[*at][step].is_empty())
        .collect();
    rows[open[0]][status] = "failed".to_owned();
    rows[open[1]][status] = "psased".to_owned();
    let mut unknown = rows[open[1]].clone();
    (unknown[result], unknown[status]) = ("0000000000000000".to_owned(), "passed".to_owned());
    rows.push(unknown);
    repo.write("sheet.csv", csv_text(&rows));
    let ran = read("sheet.csv");
    assert_found(
        &ran,
        &["TB0391", "TB0392", "did you mean `passed`?", "sheet.csv:"],
    );
    // What is executed since is told, and taken only where that is wanted.
    let one: Vec<Vec<String>> = vec![rows[0].clone(), rows[open[0]].clone()];
    repo.write("one.csv", csv_text(&one));
    let other = typed(
        &repo,
        "",
        9,
        &["execute", &id, "--case", "SHOP-GVEST1"],
        "later\np\np\np\nrecord\n",
    );
    assert_eq!(other.code, Some(0), "{other}");
    // And a case that changed.
    repo.write(
        "projects/shop/cases/checkout/guest.md",
        GUEST.replace("Order.", "Order twice."),
    );
    let ran = read("sheet.csv");
    assert_found(&ran, &["TB0393", "changed since the sheet was written"]);
    repo.write("other.md", sheet.replace(&id, "another"));
    assert_found(
        &read("other.md"),
        &["TB0390", "a sheet of launch `another`"],
    );
    let mine = repo.run(["launch", "sheet", &id, "--mine"]);
    assert_refused(&mine, &["nothing is left to execute"]);
}

pub(crate) fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    rows.collect()
}

pub(crate) fn csv_text(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter()
        .for_each(|row| writer.write_record(row).expect("written"));
    writer.into_inner().expect("written")
}

#[test]
fn the_next_round_plans_what_failed_again() {
    let repo = manual_shop();
    let id = repo.answer([
        "launch",
        "open",
        "--plan",
        "guest",
        "--env",
        "browser=firefox",
        "--assign",
        "bob",
    ]);
    let ran = typed(
        &repo,
        "",
        1,
        &["execute", &id, "--as", "bob"],
        "p\np\np\nrecord\nf no page\nstop\nrecord\n",
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr
            .contains(&format!("all is done: `tallybook launch close {id}`")),
        "{ran}"
    );
    repo.answer(["launch", "close", &id]);
    let refused = repo.run(["execute", &id]);
    assert_refused(&refused, &["is closed", "tallybook launch clone"]);
    let next = repo.answer(["launch", "clone", &id, "--failed"]);
    let view = show(&repo, &next);
    assert_eq!(people(&view), "\"bob\" 0/1");
    assert_eq!(
        view["planned"]["results"][0]["parameters"],
        json!([{"name": "locale", "value": "en"}])
    );
    assert_eq!(
        view["planned"]["results"][0]["environment"],
        json!({"browser": "firefox"})
    );
    assert_eq!(view["plan"], "guest");
    let all = repo.answer(["launch", "clone", &id]);
    assert_eq!(repo.totals(&all), "in_progress 2, total 2");
}
