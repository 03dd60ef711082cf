//! Whole sites from hand-made launches, hostile ones among them.

use std::collections::BTreeMap;

use super::render;
use crate::analysis::{decide, keys};
use crate::base::Timestamp;
use crate::model::{
    Attachment, Closed, Defect, Details, Environment, Flag, Intake, LaunchFile, Opened, Outcome,
    ProjectFile, Source, Status, Step, TestIdentity, TestResult,
};
use crate::site::input::{
    ContentError, Input, LaunchContent, LaunchInput, Options, ProjectInput, ShardInput, Stamp,
};
use crate::site::{Memory, SiteError};
use crate::store::annotations::Annotations;

mod launch;
mod single;
mod truths;

const RECEIPT: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const HOSTILE: &str = "</script><script>alert(1)</script> \u{202e}\"'&";

#[derive(Debug, Default)]
struct Held {
    results: Vec<TestResult>,
    intake: Vec<Intake>,
    details: Vec<Details>,
    files: BTreeMap<String, Vec<u8>>,
}

impl LaunchContent for Held {
    fn shards(&self) -> Result<Vec<ShardInput>, ContentError> {
        Ok(vec![ShardInput {
            name: "ci.yaml".to_owned(),
            intake: self.intake.clone(),
            results: self.results.clone(),
            ..ShardInput::default()
        }])
    }

    fn details(&self) -> Result<Vec<Details>, ContentError> {
        Ok(self.details.clone())
    }

    fn attachment(&self, file: &str) -> Result<Option<Vec<u8>>, ContentError> {
        Ok(self.files.get(file).cloned())
    }
}

struct Launch {
    file: LaunchFile,
    environments: Vec<Environment>,
    outcomes: Vec<Outcome>,
    tests: BTreeMap<String, TestIdentity>,
    cases: BTreeMap<String, String>,
    said: Annotations,
    receipt: String,
    held: Held,
}

fn result(number: usize, status: Status) -> TestResult {
    TestResult {
        id: format!("{number:016x}"),
        name: format!("test {number}"),
        full_name: Some(format!("tests.shop.Checkout#test_{number}")),
        status,
        duration: Some(1234),
        message: status
            .needs_resolution()
            .then(|| format!("expected 200, got 50{number}")),
        trace: status
            .needs_resolution()
            .then(|| "at shop.py:12".to_owned()),
        ..TestResult::default()
    }
}

fn launch(number: i64, results: Vec<TestResult>, answer: impl Fn(&mut Outcome)) -> Launch {
    let mut tests = BTreeMap::new();
    let outcomes: Vec<Outcome> = results
        .iter()
        .map(|r| {
            let test = keys::test_digest(r);
            let identity = TestIdentity {
                test: test.clone(),
                full_name: r.full_name.clone(),
                name: r.name.clone(),
                ..TestIdentity::default()
            };
            tests.insert(test.clone(), identity);
            let mut outcome = Outcome {
                id: r.id.clone(),
                test,
                status: r.status,
                duration: r.duration,
                attempts: 1,
                ..Outcome::default()
            };
            answer(&mut outcome);
            outcome
        })
        .collect();
    let at = Timestamp::from_ms(1_764_000_000_000 + number * 86_400_000);
    let file = LaunchFile {
        format: 1,
        id: format!("nightly-{number}"),
        project: "SHOP".to_owned(),
        name: format!("Nightly {number}"),
        tags: Vec::new(),
        links: Vec::new(),
        opened: Opened::now(at, Some("Alice <alice@example.com>".to_owned())),
        source: Source {
            branch: Some("main".to_owned()),
            ..Source::default()
        },
        environment: Environment::default(),
        jobs: Vec::new(),
        expect: Vec::new(),
        plan: None,
        baseline: None,
        supersedes: None,
        totals: decide::totals(&outcomes),
        closed: Closed {
            at,
            by: None,
            reason: None,
            meaning: None,
            documentation: None,
            previous: Vec::new(),
            sums: String::new(),
            version: String::new(),
        },
        gate: None,
        planned: None,
    };
    Launch {
        file,
        environments: vec![Environment::default()],
        outcomes,
        tests,
        cases: BTreeMap::new(),
        said: Annotations::default(),
        receipt: RECEIPT.to_owned(),
        held: Held {
            results,
            ..Held::default()
        },
    }
}

fn with_input<T>(launches: &[Launch], options: Options, make: impl FnOnce(&Input<'_>) -> T) -> T {
    let settings = ProjectFile {
        key: "SHOP".to_owned(),
        ..ProjectFile::default()
    };
    let defect = Defect {
        id: "D-1".to_owned(),
        title: "Slow page".to_owned(),
        ..Defect::default()
    };
    let inputs = launches.iter().map(|launch| LaunchInput {
        file: &launch.file,
        path: "projects/shop/launches/2025/11/x",
        receipt: &launch.receipt,
        environments: &launch.environments,
        outcomes: &launch.outcomes,
        tests: &launch.tests,
        cases: &launch.cases,
        notes: "",
        said: &launch.said,
        content: &launch.held,
    });
    let project = ProjectInput {
        folder: "shop".to_owned(),
        name: "Shop".to_owned(),
        file: &settings,
        readme: "",
        cases: Vec::new(),
        shared_steps: BTreeMap::new(),
        defects: vec![&defect],
        mutes: Vec::new(),
        members: BTreeMap::new(),
        launches: inputs.collect(),
        executed: BTreeMap::new(),
        unreadable: Vec::new(),
        documents: None,
        findings: Vec::new(),
    };
    let input = Input {
        title: "Acme".to_owned(),
        stamp: Stamp {
            documentation: Some("4f7a09bb".to_owned()),
            launches: None,
            unavailable: false,
            now: Timestamp::from_ms(1_765_000_000_000),
            version: "1.2.3".to_owned(),
        },
        projects: vec![project],
        translation: None,
        overrides: BTreeMap::new(),
        options,
    };
    make(&input)
}

fn try_site(launches: &[Launch], options: Options) -> Result<Memory, SiteError> {
    with_input(launches, options, |input| {
        let mut out = Memory::default();
        render(input, &mut out)?;
        Ok(out)
    })
}

fn site(launches: &[Launch]) -> Memory {
    try_site(launches, Options::default()).expect("the site renders")
}

fn text<'m>(out: &'m Memory, path: &str) -> &'m str {
    let bytes = out.files.get(path).unwrap_or_else(|| panic!("no {path}"));
    std::str::from_utf8(bytes).expect("text")
}

#[test]
fn the_answer_stands_without_scripts() {
    let before = launch(
        1,
        vec![result(1, Status::Passed), result(2, Status::Failed)],
        |_| {},
    );
    let now = launch(
        2,
        vec![result(1, Status::Failed), result(2, Status::Failed)],
        |_| {},
    );
    let out = site(&[before, now]);
    let page = text(&out, "shop/launches/nightly-2/index.html");
    assert!(page.contains("1 new failure in Checkout"), "{page}");
    assert!(page.contains("expected 200, got 501") && page.contains("at <b>shop.py:12"));
    assert!(page.contains("failing since Nightly 1") && page.contains("did not fail last time"));
    let list = text(&out, "shop/launches/nightly-2/results.html");
    assert!(list.contains("test 1") && list.contains("tests / shop / Checkout"));
    assert!(text(&out, "shop/index.html").contains("Failures rose from 1 to 2 with Nightly 2"));
    assert!(text(&out, "index.html").contains("Blocked"));
    // No test has an owner, so that there is no column of owners.
    let overview = text(&out, "shop/index.html");
    assert!(overview.contains(">Since</th>") && !overview.contains(">Owner</th>"));
    assert!(
        overview
            .contains("<span class=\"brief below mono\" dir=\"auto\">expected 200, got 501</span>")
    );
    assert!(page.contains("tallybook 1.2.3") && page.contains("4f7a09bb"));
}

#[test]
fn what_a_defect_answers_for_is_not_unresolved() {
    let known = |outcome: &mut Outcome| {
        if outcome.status.needs_resolution() {
            outcome.defect = Some("D-1".to_owned());
            outcome.flags.push(Flag::Known);
        }
    };
    let out = site(&[launch(
        1,
        vec![result(1, Status::Failed), result(2, Status::Passed)],
        known,
    )]);
    let page = text(&out, "shop/launches/nightly-1/index.html");
    assert!(page.contains("Accounted for") && page.contains("Slow page"));
    assert!(!page.contains("id=\"unresolved\""));
}

#[test]
fn hostile_texts_stay_texts() {
    let mut bad = result(1, Status::Failed);
    bad.name = HOSTILE.to_owned();
    bad.full_name = Some(HOSTILE.to_owned());
    bad.message = Some(format!("\u{1b}[31m{HOSTILE}\u{1b}[0m"));
    bad.trace = Some(HOSTILE.to_owned());
    bad.labels.add("__proto__", HOSTILE);
    bad.attachments = vec![Attachment {
        name: HOSTILE.to_owned(),
        media_type: "text/html".to_owned(),
        file: Some("../../x.html".to_owned()),
        size: 3,
        absent: None,
    }];
    let mut launch = launch(1, vec![bad], |_| {});
    let page = b"<script>alert(1)</script>".to_vec();
    launch.held.files.insert("../../x.html".to_owned(), page);
    let out = site(&[launch]);
    for (path, bytes) in &out.files {
        assert!(!path.contains(".."), "{path}");
        let extension = path.rsplit('.').next().unwrap_or_default();
        let own = ["/badge.svg", "/badge.json", "/feed.xml"];
        let is_own = own
            .iter()
            .any(|name| path.ends_with(name) && path.matches('/').count() == 1);
        assert!(
            is_own || ["html", "js", "css"].contains(&extension),
            "{path}"
        );
        let text = std::str::from_utf8(bytes).expect("text");
        assert!(
            !text.contains('\u{202e}') && !text.contains('\u{1b}'),
            "{path}"
        );
        if extension == "html" {
            assert!(!text.contains("<script>"), "{path} has a script of its own");
            assert!(
                !text.contains(" style=") && !text.contains(" onclick="),
                "{path}"
            );
            assert!(text.contains("Content-Security-Policy"), "{path}");
            assert!(!text.contains("://"), "{path} leads elsewhere");
        }
    }
    let data = text(&out, "shop/launches/nightly-1/data/rows-0.js");
    assert!(
        !data.contains("\"__proto__\":"),
        "foreign names are never keys"
    );
}

#[test]
fn images_are_files_and_markup_is_not() {
    let attachment = |name: &str, media: &str| Attachment {
        name: name.to_owned(),
        media_type: media.to_owned(),
        file: Some(name.to_owned()),
        size: 4,
        absent: None,
    };
    let mut failed = result(1, Status::Failed);
    failed.attachments = vec![
        attachment("a.png", "image/png"),
        attachment("b.svg", "image/png"),
        attachment("gone.txt", "text/plain"),
        Attachment {
            size: u64::MAX,
            ..attachment("c.zip", "application/zip")
        },
    ];
    let mut launch = launch(1, vec![failed], |_| {});
    launch
        .held
        .files
        .insert("a.png".to_owned(), b"\x89PNG\r\n\x1a\n".to_vec());
    launch
        .held
        .files
        .insert("b.svg".to_owned(), b"<svg onload=alert(1)>".to_vec());
    let out = site(&[launch]);
    let files: Vec<&str> = out
        .files
        .keys()
        .filter_map(|path| path.strip_prefix("shop/files/")?.rsplit('.').next())
        .collect();
    assert_eq!(files.len(), 2);
    assert!(files.contains(&"png") && files.contains(&"js"));
    let detail = text(&out, "shop/launches/nightly-1/data/detail-0.js");
    assert!(detail.contains("no record says why") && detail.contains("too large for the site"));
}

#[test]
fn steps_and_retries_travel_in_chunks() {
    let mut first = result(1, Status::Broken);
    first.id = "retry".to_owned();
    let mut launch = launch(1, vec![result(2, Status::Failed)], |outcome| {
        outcome.retries = vec!["retry".to_owned()];
    });
    launch.held.results.push(first);
    let step = Step {
        name: "press the button".to_owned(),
        status: Some(Status::Failed),
        ..Step::default()
    };
    launch.held.details.push(Details {
        id: format!("{:016x}", 2),
        steps: vec![step],
        ..Details::default()
    });
    let out = site(&[launch]);
    let detail = text(&out, "shop/launches/nightly-1/data/detail-0.js");
    assert!(
        detail.contains("press the button")
            && detail.contains("\"retries\":[{\"status\":\"broken\"")
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let build = || {
        let results = (0..300).map(|n| {
            result(
                n,
                if n % 7 == 0 {
                    Status::Failed
                } else {
                    Status::Passed
                },
            )
        });
        site(&[launch(1, results.collect(), |_| {})]).files
    };
    assert_eq!(build(), build());
}

#[test]
fn a_large_launch_stays_in_few_files() {
    let results = (0..10_000).map(|n| {
        result(
            n,
            if n % 14 == 0 {
                Status::Failed
            } else {
                Status::Passed
            },
        )
    });
    let out = site(&[launch(1, results.collect(), |_| {})]);
    let bytes: usize = out.files.values().map(Vec::len).sum();
    assert!(out.files.len() <= 60, "{} files", out.files.len());
    assert!(bytes < 15_000_000, "{bytes} bytes");
    let page = text(&out, "shop/launches/nightly-1/index.html");
    // Failures that say the same are told by the first of them; the others are named.
    assert_eq!(page.matches("<article").count(), 3);
    assert_eq!(page.matches("<li id=\"f").count(), 497);
    assert!(page.contains("All 715 unresolved failures"));
    assert!(
        out.files
            .contains_key("shop/launches/nightly-1/results-10.html")
    );
}

#[test]
fn older_launches_are_shown_by_their_outcomes() {
    let options = Options {
        full_launches: 1,
        ..Options::default()
    };
    let launches = [
        launch(1, vec![result(1, Status::Failed)], |_| {}),
        launch(2, vec![result(1, Status::Failed)], |_| {}),
    ];
    let out = try_site(&launches, options).expect("the site renders");
    let old = text(&out, "shop/launches/nightly-1/index.html");
    assert!(old.contains("test 1") && !old.contains("shop.py:12"));
    assert!(old.contains("older than those"));
    assert!(text(&out, "shop/launches/nightly-2/index.html").contains("at <b>shop.py:12"));
}

#[test]
fn an_empty_launch_says_so() {
    let out = site(&[launch(1, Vec::new(), |_| {})]);
    assert!(text(&out, "shop/launches/nightly-1/index.html").contains("No results"));
    assert!(
        !out.files
            .contains_key("shop/launches/nightly-1/results.html")
    );
}
