//! `triage`, `defect` and `mute` as their users run them.

use serde_json::{Value, json};

use crate::repo::{self, Ran, TestRepo};
use crate::shop::{result, shop, with};

const TRACKERS: &str = "key: SHOP\nname: Shop\nenvironment: {browser: {default: chrome}}\nintegrations:\n\
    - name: Jira\n  kind: jira\n  pattern: 'WEB-\\d+'\n  url: https://jira.example.com/browse/{id}\n  \
    new_issue: {project: 10000, type: 10004, labels: [bug]}\n";

fn failed(uuid: &str, name: &str, message: &str, trace: &str) -> Value {
    let more = json!({"statusDetails": {"message": message, "trace": trace}, "labels": [{"name": "owner", "value": "bob"}]});
    with(result(uuid, name, "failed"), &more)
}

/// A shop with two closed launches, in which `expired` passed and then failed, and `other` passed.
fn with_history() -> TestRepo {
    let repo = shop();
    repo.allure("r0", &result("e0", "expired", "passed"));
    repo.allure("r0", &result("o0", "other", "passed"));
    repo.close_with("Nightly 0", "r0");
    repo.allure(
        "r1",
        &failed("e1", "expired", "the bank said no after 31 ms", ""),
    );
    repo.allure("r1", &result("o1", "other", "passed"));
    repo.close_with("Nightly 1", "r1");
    repo
}

/// Opens a launch in which two failures equal the one before, and one says something else.
fn third(repo: &TestRepo) -> String {
    repo.allure(
        "r2",
        &failed("e2", "expired", "the bank said no after 1.5 s", ""),
    );
    repo.allure(
        "r2",
        &failed("o2", "other", "the bank said no after 7 ms", ""),
    );
    repo.allure(
        "r2",
        &failed("x2", "third", "\u{1b}[31mmail\u{1b}[0m\u{202e} is late", ""),
    );
    repo.allure("r2", &failed("n2", "silent", "", ""));
    let id = repo.open_launch("Nightly 2");
    repo.answer(["launch", "append", &id, "r2"]);
    id
}

#[track_caller]
fn assert_refused(ran: &Ran, said: &str) {
    repo::assert_refused(ran, &[said]);
}

fn triage(repo: &TestRepo, id: &str) -> (Option<i32>, Value) {
    let ran = repo.run(["triage", id, "--format", "json"]);
    (
        ran.code,
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}\n{ran}")),
    )
}

fn from(repo: &TestRepo, id: &str, cluster: usize) -> String {
    let (_, triage) = triage(repo, id);
    let command = triage["clusters"][cluster]["commands"]["defect"]
        .as_str()
        .expect("a command");
    command.rsplit(' ').next().expect("words").to_owned()
}

/// Runs a command as `triage` shows it.
#[track_caller]
fn follow(repo: &TestRepo, command: &str) {
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let ran = repo.output("", &words);
    assert_eq!(ran.code, Some(0), "{command}\n{ran}");
}

#[test]
fn an_open_launch_tells_what_would_resolve_it() {
    let repo = with_history();
    let id = third(&repo);
    let ran = repo.run(["triage", &id]);
    let mut text = ran.to_string();
    for (pattern, shown) in [
        (r"[0-9a-f]{10}\.\.[0-9a-f]{10}", "[COMMITS]"),
        (r"/[0-9a-f]{16}\b", "/[RESULT]"),
    ] {
        let pattern = regex::Regex::new(pattern).expect("a pattern");
        text = pattern.replace_all(&text, shown).into_owned();
    }
    insta::assert_snapshot!(text, @r"
    Nightly 2 (2026-11-22-1843-nightly-2-he4g), open
    4 unresolved, in 3 clusters

    1. 2 × failed  the bank said no after 1.5 s
       tests      auth#expired  [SHOP-EXP1RD]
                  auth#other
       ask        alice, bob
       since      fails 2 times in a row, since 2026-11-22-1843-nightly-1-2423; last passed in 2026-11-22-1843-nightly-0-s9yr; came in with [COMMITS] (1 commit)
       seen       in 1 of 2 earlier launches, last in 2026-11-22-1843-nightly-1-2423
       defect     tallybook defect new --from 2026-11-22-1843-nightly-2-he4g/[RESULT]
       mute       tallybook mute new --case SHOP-EXP1RD --until 2026-12-06 --reason REASON
                  tallybook mute new --from 2026-11-22-1843-nightly-2-he4g/[RESULT] --until 2026-12-06 --reason REASON

    2. 1 × failed  no message
       tests      auth#silent
       ask        bob
       since      first failure; no earlier pass is known
       defect     tallybook defect new --from 2026-11-22-1843-nightly-2-he4g/[RESULT]
       mute       tallybook mute new --from 2026-11-22-1843-nightly-2-he4g/[RESULT] --until 2026-12-06 --reason REASON

    3. 1 × failed  mail\u{202e} is late
       tests      auth#third
       ask        bob
       since      first failure; no earlier pass is known
       defect     tallybook defect new --from 2026-11-22-1843-nightly-2-he4g/[RESULT]
       mute       tallybook mute new --from 2026-11-22-1843-nightly-2-he4g/[RESULT] --until 2026-12-06 --reason REASON

    rerun them and append what comes out:
      tallybook launch append 2026-11-22-1843-nightly-2-he4g RESULTS
    [exit 1]
    ");
}

#[test]
fn github_gets_an_annotation_for_each_cluster() {
    let repo = with_history();
    let id = third(&repo);
    let ran = repo.run(["triage", &id, "--format", "github"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{ran}");
    let first = "::error title=2 × failed%3A the bank said no after 1.5 s::auth#expired, auth#other%0Aask alice and bob%0Afails 2 times in a row";
    assert!(lines[0].starts_with(first), "{ran}");
    assert!(lines[0].contains("%0Atallybook defect new --from"), "{ran}");
    // What a result says can't end a command or begin one.
    assert!(lines[2].contains("mail\\u{202e} is late"), "{ran}");
}

#[test]
fn what_is_shown_resolves_a_launch() {
    let repo = with_history();
    let id = third(&repo);
    let (code, before) = triage(&repo, &id);
    assert_eq!((code, &before["counts"]["left"]), (Some(1), &json!(4)));
    let sizes: Vec<u64> = before["clusters"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|cluster| cluster["results"].as_u64().expect("a number"))
        .collect();
    assert_eq!(sizes, [2, 1, 1]);
    let command = |cluster: usize, pointer: &str| {
        let command = before["clusters"][cluster]
            .pointer(pointer)
            .expect("there is one");
        command.as_str().expect("a text").to_owned()
    };
    follow(&repo, &command(0, "/commands/defect"));
    follow(&repo, &command(1, "/commands/mutes/0"));
    follow(&repo, &command(2, "/commands/defect"));
    let (code, after) = triage(&repo, &id);
    assert_eq!(
        (code, &after["counts"]["left"]),
        (Some(0), &json!(0)),
        "{after}"
    );
    assert_eq!(
        (&after["counts"]["known"], &after["counts"]["muted"]),
        (&json!(3), &json!(1))
    );
    let valid = repo.json(["validate", "--format", "json"]);
    let errors: Vec<&Value> = valid
        .as_array()
        .expect("a list")
        .iter()
        .filter(|f| f["severity"] == "error")
        .collect();
    assert_eq!(errors, [&Value::Null; 0]);
}

#[test]
fn a_closed_launch_keeps_what_held_and_shows_today_beside_it() {
    let repo = with_history();
    let id = third(&repo);
    repo.answer(["launch", "close", &id]);
    let source = from(&repo, &id, 0);
    let made = repo.answer([
        "defect",
        "new",
        "--from",
        &source,
        "--title",
        "The bank is down",
    ]);
    let defect = made
        .rsplit('/')
        .next()
        .expect("a path")
        .trim_end_matches(".md")
        .to_owned();
    let (code, told) = triage(&repo, &id);
    assert_eq!(code, Some(1));
    let counts = &told["counts"];
    assert_eq!(
        (
            &counts["unresolved"],
            &counts["known_today"],
            &counts["left"]
        ),
        (&json!(4), &json!(2), &json!(2))
    );
    let today = &told["clusters"][0]["today"][0];
    assert_eq!(
        (&today["id"], &today["results"]),
        (&json!(defect), &json!(2))
    );
    assert!(
        repo.totals(&id).contains("unresolved 4"),
        "{}",
        repo.totals(&id)
    );
    let text = repo.run(["triage", &id]);
    assert!(
        text.stdout.contains(&format!(
            "today      2 of 2 match {defect}: The bank is down"
        )),
        "{text}"
    );
    assert!(
        text.stdout.contains("4 unresolved at the closing"),
        "{text}"
    );
}

#[test]
fn earlier_defects_are_suggested_and_closed_ones_recur() {
    let repo = with_history();
    let id = third(&repo);
    let made = repo.answer(["defect", "new", "--from", &from(&repo, &id, 0)]);
    let defect = made
        .rsplit('/')
        .next()
        .expect("a path")
        .trim_end_matches(".md")
        .to_owned();
    repo.commit("Know it");
    repo.answer(["launch", "close", &id]);
    let shown = repo.run(["defect", "show", &defect]);
    assert!(shown.stdout.contains("it matched in 1 launch"), "{shown}");
    assert!(!shown.stdout.contains("a recurrence"), "{shown}");

    // The same failure, while the defect's matcher was made narrower.
    let path = format!(
        "projects/shop/{}",
        made.split_once("shop/").expect("its project").1
    );
    let whole = repo.read(&path);
    repo.write(&path, whole.replace("the bank said no", "the post said no"));
    repo.commit("Narrow it");
    repo.allure(
        "r3",
        &failed("e3", "expired", "the bank said no after 2 ms", ""),
    );
    let next = repo.open_launch("Nightly 3");
    repo.answer(["launch", "append", &next, "r3"]);
    let (_, told) = triage(&repo, &next);
    let suggestion = &told["clusters"][0]["suggestions"][0];
    assert_eq!(
        (&suggestion["defect"], &suggestion["kind"]),
        (&json!(defect), &json!("same"))
    );
    assert_eq!(told["clusters"][0]["seen"]["launches"], json!(2), "{told}");
    assert_eq!(told["clusters"][0]["failing"]["failures"], json!(3));

    repo.write(&path, &whole);
    repo.answer(["defect", "close", &defect]);
    repo.commit("Close it");
    let (code, told) = triage(&repo, &next);
    assert_eq!(
        (code, &told["recurrences"][0]["defect"]),
        (Some(0), &json!(defect))
    );
    repo.answer(["launch", "close", &next]);
    let shown = repo.json(["defect", "show", &defect, "--format", "json"]);
    let recurs: Vec<bool> = shown["launches"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|launch| launch["recurrence"] == json!(true))
        .collect();
    assert_eq!(recurs, [true, false], "{shown}");
    follow(
        &repo,
        told["recurrences"][0]["command"]
            .as_str()
            .expect("a command"),
    );
    assert!(repo.read(&path).contains("status: open"));
}

#[test]
fn a_defect_is_closed_and_reopened_in_place() {
    let repo = shop();
    let path = "projects/shop/defects/DEF-D1.md";
    let text = repo
        .read(path)
        .replace("status: open", "status: open # since May\r")
        .replace('\r', "");
    repo.write(path, &text);
    repo.answer(["defect", "close", "def-d1"]);
    assert_eq!(
        repo.read(path),
        text.replace("status: open", "status: closed")
    );
    let again = repo.run(["defect", "close", "DEF-D1"]);
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (Some(0), ""),
        "{again}"
    );
    repo.answer(["defect", "reopen", "DEF-D1"]);
    assert_eq!(repo.read(path), text);
    repo.write(path, text.replace("status: open # since May\n", ""));
    repo.answer(["defect", "close", "DEF-D1"]);
    assert!(
        repo.read(path)
            .contains("status: closed\n---\n\nAt night.\n"),
        "{}",
        repo.read(path)
    );
    let wrong = repo.run(["defect", "show", "DEF-D2"]);
    assert_refused(&wrong, "did you mean `DEF-D1`?");
}

#[test]
fn a_change_can_be_a_branch() {
    let repo = with_history();
    let id = third(&repo);
    let source = from(&repo, &id, 1);
    repo.git(["add", "-A"]);
    repo.git(["commit", "--quiet", "-m", "Keep the inputs"]);
    let path = repo.answer([
        "defect", "new", "--from", &source, "--link", "WEB-7", "--branch", "known",
    ]);
    repo.assert_clean();
    let text = repo.git(["show", &format!("known:{path}")]);
    assert!(text.contains("{type: issue, name: WEB-7}"), "{text}");
    assert!(text.contains("owner: alice"), "{text}");
    assert!(
        !text.contains('\u{1b}') && !text.contains('\u{202e}'),
        "{text}"
    );
}

#[test]
fn wrong_results_are_told() {
    let repo = with_history();
    let id = third(&repo);
    let source = from(&repo, &id, 0);
    for (wanted, said) in [
        (id.clone(), "expected LAUNCH/RESULT"),
        (format!("{id}/zz"), "has no result `zz`"),
        (format!("{}x/1", &id[..id.len() - 1]), "no launch"),
        (format!("{}x", &source[..source.len() - 1]), "did you mean"),
    ] {
        assert_refused(&repo.run(["defect", "new", "--from", &wanted]), said);
    }
    let query = [
        "query",
        "status = passed",
        "--of",
        "results",
        "--format",
        "json",
    ];
    let passed = repo.json(query);
    assert_eq!(passed[0]["launch"], json!(nightly(&repo)));
    let passed = format!(
        "{}/{}",
        nightly(&repo),
        passed[0]["id"].as_str().expect("an id")
    );
    assert_refused(&repo.run(["defect", "new", "--from", &passed]), "is passed");
    assert_refused(
        &repo.run([
            "defect",
            "new",
            "--from",
            &source,
            "--matcher",
            "message=nothing of this",
        ]),
        "does not fit",
    );
    assert_refused(
        &repo.run(["defect", "new", "--from", &source, "--matcher", "mesage=x"]),
        "did you mean `message`?",
    );
    assert_refused(
        &repo.run(["defect", "new", "--from", &source, "--owner", "alcie"]),
        "did you mean `alice`?",
    );
    let short = &source[..source.len() - 6];
    repo.answer(["defect", "new", "--from", short]);
    let stranger = with_history().env("GIT_AUTHOR_EMAIL", "x@example.com");
    let id = third(&stranger);
    let source = from(&stranger, &id, 0);
    assert_refused(
        &stranger.run(["defect", "new", "--from", &source]),
        "nobody in project `Shop` has your address",
    );
}

/// The id of the second closed launch.
fn nightly(repo: &TestRepo) -> String {
    let list = repo.json(["launch", "list", "--format", "json"]);
    let mut launches = list.as_array().expect("a list").iter();
    let found = launches.find(|launch| launch["name"] == "Nightly 1");
    let id = found.expect("it is there")["id"].as_str();
    id.expect("an id").to_owned()
}

#[test]
fn mutes_are_made_listed_and_ended() {
    let repo = with_history();
    let mute = |args: &[&str]| {
        let all: Vec<&str> = ["mute", "new"]
            .into_iter()
            .chain(args.iter().copied())
            .collect();
        repo.output("", &all)
    };
    let path = mute(&[
        "--case",
        "SHOP-EXP1RD",
        "--until",
        "2026-12-31",
        "--reason",
        "it: waits",
    ]);
    assert_eq!(path.code, Some(0), "{path}");
    let text = repo.read(path.stdout.trim_end());
    assert!(
        text.ends_with(
            "reason: \"it: waits\"\nowner: alice\nuntil: 2026-12-31\ncases: [SHOP-EXP1RD]\n"
        ),
        "{text}"
    );
    for (args, said) in [
        (
            &[
                "--case",
                "SHOP-EXP1R",
                "--until",
                "2026-12-31",
                "--reason",
                "x",
            ][..],
            "did you mean `SHOP-EXP1RD`?",
        ),
        (
            &[
                "--case",
                "SHOP-EXP1RD",
                "--until",
                "2026-11-21",
                "--reason",
                "x",
            ],
            "which is past",
        ),
        (
            &[
                "--case",
                "SHOP-EXP1RD",
                "--until",
                "2026-12-31",
                "--reason",
                " ",
            ],
            "needs a reason",
        ),
        (
            &["--case", "SHOP-EXP1RD", "--until", "soon", "--reason", "x"],
            "is no day",
        ),
        (&["--until", "2026-12-31", "--reason", "x"], "required"),
    ] {
        assert_refused(&mute(args), said);
    }
    let list = repo.json(["mute", "list", "--format", "json"]);
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    let expired = repo.json([
        "mute",
        "list",
        "--expired",
        "--now",
        "2027-02-01",
        "--format",
        "json",
    ]);
    assert_eq!(expired[0]["cases"], json!(["SHOP-EXP1RD"]));
    let id = expired[0]["id"].as_str().expect("an id");
    assert_refused(
        &repo.run(["mute", "end", &id[..id.len() - 1]]),
        "did you mean",
    );
    let ended = repo.answer(["mute", "end", id]);
    assert!(!repo.root().join(&ended).exists());
}

#[test]
fn mutes_to_look_at_are_named() {
    let repo = with_history();
    repo.write(
        "projects/shop/mutes/MUTE-O1.yaml",
        "id: MUTE-O1\nreason: x\nowner: alice\nuntil: 2026-12-01\nselector: \"auth#oth*\"\n",
    );
    repo.commit("Mute it");
    let told = |args: &[&str]| {
        let id = nightly(&repo);
        let mut all = vec!["triage", &id, "--format", "json"];
        all.extend(args);
        let ran = repo.output("", &all);
        let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let mutes = told["mutes"].as_array().expect("a list").clone();
        let mutes: Vec<String> = mutes
            .iter()
            .map(|m| format!("{} {}", m["mute"], m["kinds"]))
            .collect();
        mutes.join("; ").replace('"', "")
    };
    assert_eq!(told(&[]), "");
    assert_eq!(
        told(&["--passes", "2"]),
        "MUTE-M1 [covers_nothing]; MUTE-O1 [can_be_lifted]"
    );
    assert_eq!(told(&["--now", "2026-12-02"]), "MUTE-O1 [expired]");
}

#[test]
fn trackers_get_filled_in_forms() {
    let repo = with_history();
    repo.write("projects/shop/project.yaml", TRACKERS);
    repo.commit("Name the tracker");
    let id = third(&repo);
    let (_, told) = triage(&repo, &id);
    let form = told["clusters"][0]["new_issue"][0]["url"]
        .as_str()
        .expect("an address");
    let start = "https://jira.example.com/secure/CreateIssueDetails!init.jspa?pid=10000&issuetype=10004&labels=bug&summary=the%20bank%20said%20no";
    assert!(form.starts_with(start), "{form}");
    let path = repo.answer(["defect", "new", "--from", &from(&repo, &id, 0)]);
    let defect = path
        .rsplit('/')
        .next()
        .expect("a path")
        .trim_end_matches(".md")
        .to_owned();
    let shown = repo.run(["defect", "show", &defect]);
    assert!(
        shown
            .stdout
            .contains("issue    Jira: https://jira.example.com/secure/"),
        "{shown}"
    );
    let linked = repo.answer([
        "defect",
        "new",
        "--from",
        &from(&repo, &id, 0),
        "--link",
        "WEB-7",
    ]);
    let linked = linked
        .rsplit('/')
        .next()
        .expect("a path")
        .trim_end_matches(".md")
        .to_owned();
    let shown = repo.run(["defect", "show", &linked]);
    assert!(
        shown
            .stdout
            .contains("link     WEB-7  https://jira.example.com/browse/WEB-7"),
        "{shown}"
    );
    assert!(!shown.stdout.contains("secure/"), "{shown}");
}

/// 20,000 failures with equal and 20,000 with different messages: a quadratic step would take minutes.
#[test]
fn many_failures_stay_linear() {
    let repo = shop();
    let case = |n: usize, message: &str| {
        format!(
            "<testcase classname=\"auth\" name=\"t{n}\"><failure message=\"{message}\">at a.b(C.java:{n})</failure></testcase>"
        )
    };
    let mut cases: String = (0..20_000).map(|n| case(n, "the bank said no")).collect();
    let word = |n: usize| format!("{} {} is unlike all others", letters(n), letters(n * 7 + 1));
    cases.extend((20_000..40_000).map(|n| case(n, &word(n))));
    repo.write(
        "many.xml",
        format!("<testsuite name=\"auth\">{cases}</testsuite>"),
    );
    let id = repo.open_launch("Many");
    repo.answer(["launch", "append", &id, "many.xml"]);
    let ran = repo.run(["triage", &id]);
    assert!(
        ran.stdout.contains("1. 20,000 × failed  the bank said no"),
        "{ran}"
    );
    assert!(
        ran.stdout
            .contains("and 19,991 more clusters with 19,991 results; `--all` lists all"),
        "{ran}"
    );
}

fn letters(mut n: usize) -> String {
    let mut out = String::new();
    while n > 0 {
        out.push(char::from(
            b'a' + u8::try_from(n % 26).expect("less than 26"),
        ));
        n /= 26;
    }
    out
}

#[test]
fn an_empty_launch_is_not_said_to_be_fine() {
    let repo = shop();
    let id = repo.open_launch("Nightly");
    let ran = repo.run(["triage", &id]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        ran.stdout
            .contains("no results: what needs a decision can't be told"),
        "{ran}"
    );
    let (code, triage) = triage(&repo, &id);
    assert_eq!((code, &triage["counts"]["results"]), (Some(1), &json!(0)));
}

/// What fits nothing today is likely a slip, and is made all the same: tomorrow it may fit.
#[test]
fn a_mute_that_fits_nothing_is_made_and_told() {
    let repo = with_history();
    let new = |what: [&str; 2]| {
        let more = [
            "--until",
            "2026-12-06",
            "--reason",
            "late",
            "--owner",
            "alice",
        ];
        let ran = repo.output("", &[["mute", "new"].as_slice(), &what, &more].concat());
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(ran.stdout.contains("mutes/MUTE-"), "{ran}");
        ran.stderr
    };
    let idle = "fits no result of the last launch, 2026-11-22-1843-nightly-1";
    for what in [["--selector", "othre"], ["--case", "SHOP-MA1DRK"]] {
        let said = new(what);
        assert!(said.contains(idle) && said.contains(what[1]), "{said}");
    }
    for what in [["--selector", "auth#oth*"], ["--case", "SHOP-EXP1RD"]] {
        let said = new(what);
        assert!(!said.contains("fits no result"), "{said}");
    }
    let said = new(["--selector", "*"]);
    assert!(
        said.contains("`*` fits all 2 results of the last launch"),
        "{said}"
    );
}

#[test]
fn a_matcher_that_fits_nothing_is_made_and_told() {
    let repo = with_history();
    let new = |matcher: &str| {
        let ran = repo.run(["defect", "new", "--title", "The bank", "--matcher", matcher]);
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(ran.stdout.contains("defects/DEF-"), "{ran}");
        ran.stderr
    };
    let said = new("message=the bnak said");
    let idle = "the matcher fits no failure of the last launch, 2026-11-22-1843-nightly-1";
    assert!(said.contains(idle), "{said}");
    let said = new("message=the bank said");
    assert!(
        said.contains("it fits 1 unresolved result in 2026-11-22-1843-nightly-1"),
        "{said}"
    );
    // An open launch with results is the last one, however little it says.
    let id = third(&repo);
    let said = new("message=mail is never late");
    assert!(said.contains(&id), "{said}");
}

#[test]
fn a_second_mute_of_the_same_is_told() {
    let repo = shop();
    let new = |reason: &str| {
        repo.run([
            "mute",
            "new",
            "--case",
            "SHOP-EXP1RD",
            "--until",
            "2026-12-06",
            "--reason",
            reason,
            "--owner",
            "alice",
        ])
    };
    let first = new("the templates are rewritten");
    assert_eq!(first.code, Some(0), "{first}");
    assert!(!first.stderr.contains("already"), "{first}");
    let second = new("again");
    assert_eq!(second.code, Some(0), "{second}");
    assert!(
        second
            .stderr
            .contains("mutes SHOP-EXP1RD already until 2026-12-06"),
        "{second}"
    );
}
