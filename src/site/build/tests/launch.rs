//! The further pages of a launch: evidence, environments, timeline.

use super::*;
use crate::model::{Acknowledged, Annotation, AnnotationKind, JobSummary, Labels, Parameter};
use crate::store::annotations::Said;

const NIGHTLY: &str = "shop/launches/nightly-1";

fn page(launches: &[Launch], name: &str) -> String {
    text(&site(launches), &format!("{NIGHTLY}/{name}.html")).to_owned()
}

fn intake(elements: u64, dropped: u64) -> Intake {
    Intake {
        input: "build/junit.xml".to_owned(),
        format: "junit".to_owned(),
        files: 1,
        elements,
        read: elements - dropped,
        dropped,
        ..Intake::default()
    }
}

fn read_from(intake: Vec<Intake>) -> Launch {
    let mut launch = launch(1, vec![result(1, Status::Passed)], |_| {});
    launch.held.intake = intake;
    launch
}

#[test]
fn evidence_says_first_what_is_on_record() {
    let whole = page(&[read_from(vec![intake(3, 0)])], "evidence");
    assert!(
        whole.contains("Nothing was lost on the way in") && whole.contains("3 of 3 elements"),
        "{whole}"
    );
    assert!(whole.contains("not for a page to say"));
    let lost = page(&[read_from(vec![intake(3, 1)])], "evidence");
    assert!(lost.contains("no reason says why"), "{lost}");
    let mut accepted = read_from(vec![intake(3, 1)]);
    accepted.file.jobs.push(JobSummary {
        name: "unit".to_owned(),
        accepted_loss: Some("the runner died".to_owned()),
        ..JobSummary::default()
    });
    let accepted = page(&[accepted], "evidence");
    assert!(accepted.contains("Incomplete, and said so") && accepted.contains("the runner died"));
    let mut answered = read_from(vec![intake(3, 0)]);
    answered.said = Annotations(vec![Said {
        annotation: Annotation {
            format: 1,
            kind: AnnotationKind::Acknowledged,
            at: Timestamp::from_ms(1_764_000_000_000),
            by: Some("Alice <alice@example.com>".to_owned()),
            reason: "rebased by mistake".to_owned(),
            files: Vec::new(),
            violation: Some(Acknowledged {
                kind: "changed-history".to_owned(),
                path: None,
                commit: None,
            }),
        },
        path: String::new(),
    }]);
    let answered = page(&[answered], "evidence");
    assert!(
        answered.contains("1 violation acknowledged") && answered.contains("rebased by mistake")
    );
    let none = page(&[read_from(Vec::new())], "evidence");
    assert!(none.contains("No account"), "{none}");
}

#[test]
fn the_chain_leads_both_ways() {
    let first = read_from(Vec::new());
    let mut second = launch(2, vec![result(1, Status::Passed)], |_| {});
    second.receipt = "1".repeat(64);
    second.file.closed.previous = vec![RECEIPT.to_owned(), "2".repeat(64)];
    let out = site(&[first, second]);
    let old = text(&out, "shop/launches/nightly-1/evidence.html");
    assert!(old.contains("continued by") && old.contains("launches/nightly-2/index.html"));
    let new = text(&out, "shop/launches/nightly-2/evidence.html");
    assert!(new.contains("launches/nightly-1/index.html"));
    assert!(new.contains("222222222222…, which is not in this site"));
    assert!(new.contains(&format!("tallybook verify --receipt {}", "1".repeat(64))));
}

#[test]
fn inputs_are_bounded_and_losses_come_first() {
    let mut inputs: Vec<Intake> = (0..1_000).map(|_| intake(1, 0)).collect();
    inputs[999] = Intake {
        input: "the-lost-one.xml".to_owned(),
        ..intake(2, 1)
    };
    let page = page(&[read_from(inputs)], "evidence");
    assert_eq!(page.matches("build/junit.xml").count(), 199);
    assert!(page.contains("the-lost-one.xml") && page.contains("200 of 1,000 inputs are shown"));
}

/// Results of tests × browsers; `fails` says where.
fn browsers(tests: usize, fails: impl Fn(usize, &str) -> bool) -> Launch {
    with_parameters(tests, fails, Vec::new())
}

/// The same, each with parameters.
fn with_parameters(
    tests: usize,
    fails: impl Fn(usize, &str) -> bool,
    parameters: Vec<Parameter>,
) -> Launch {
    let browsers = ["chrome", "firefox", "webkit"];
    let results = (0..tests).flat_map(|test| (0..browsers.len()).map(move |at| (test, at)));
    let results: Vec<TestResult> = results
        .map(|(test, at)| {
            let status = match fails(test, browsers[at]) {
                true => Status::Failed,
                false => Status::Passed,
            };
            TestResult {
                id: format!("{:016x}", test * 10 + at),
                parameters: parameters.clone(),
                ..result(test, status)
            }
        })
        .collect();
    let mut launch = launch(1, results, |outcome| {
        outcome.env = u32::from_str_radix(&outcome.id, 16).expect("hex digits") % 10;
    });
    launch.environments = browsers
        .iter()
        .map(|browser| {
            let mut environment = Environment::default();
            environment.insert("os", "linux".to_owned());
            environment.insert("browser", (*browser).to_owned());
            environment
        })
        .collect();
    launch
}

#[test]
fn environments_say_what_sets_them_apart() {
    let finding = |fails: &dyn Fn(usize, &str) -> bool| {
        let page = page(&[browsers(5, fails)], "environments");
        let (_, rest) = page
            .split_once("<h1 class=\"verdict\" dir=\"auto\">")
            .unwrap();
        rest.split_once("</h1>").unwrap().0.to_owned()
    };
    assert_eq!(
        finding(&|test, browser| test < 2 && browser == "firefox"),
        "2 tests fail only on browser=firefox"
    );
    assert_eq!(
        finding(&|test, browser| test == 1 && browser != "chrome"),
        "1 test fails on some of 3 environments only"
    );
    assert_eq!(
        finding(&|test, _| test == 1),
        "1 test fails wherever it ran: no environment stands out of 3"
    );
    assert_eq!(
        finding(&|_, _| false),
        "No test fails on any of 3 environments"
    );
}

/// Where parameters make tests of one, their number is larger than elsewhere, and why is said.
#[test]
fn environments_say_what_they_count() {
    let said = "with other parameters a test counts as another";
    let plain = browsers(5, |_, _| false);
    assert!(!page(&[plain], "environments").contains(said));
    let parameter = Parameter {
        name: "client".into(),
        value: Some("Outlook".into()),
        ..Parameter::default()
    };
    let several = with_parameters(5, |_, _| false, vec![parameter]);
    let page = page(&[several], "environments");
    assert!(page.contains(said), "{page}");
}

#[test]
fn the_matrix_has_what_differs_and_says_what_it_leaves_out() {
    let page = page(
        &[browsers(300, |test, browser| {
            test < 250 && browser == "firefox"
        })],
        "environments",
    );
    assert_eq!(page.matches("class=\"test\"").count(), 200);
    assert!(page.contains("200 of 250 tests are shown"), "{page}");
    assert!(page.contains("results.html#r="));
    let one = site(&[launch(1, vec![result(1, Status::Failed)], |_| {})]);
    assert!(
        !one.files
            .contains_key(&format!("{NIGHTLY}/environments.html"))
    );
    assert!(!text(&one, &format!("{NIGHTLY}/index.html")).contains("environments.html"));
}

#[test]
fn environments_are_counted_by_each_variable_that_differs() {
    let mut launch = browsers(5, |test, browser| test < 2 && browser == "firefox");
    let shown = page(std::slice::from_ref(&launch), "environments");
    assert!(
        !shown.contains("<h2>By browser"),
        "one variable is a column each"
    );
    for (at, environment) in launch.environments.iter_mut().enumerate() {
        let os = if at == 0 { "linux" } else { "macos" };
        environment.insert("os", os.to_owned());
    }
    let shown = page(std::slice::from_ref(&launch), "environments");
    let (_, parts) = shown
        .split_once("<h2>By browser")
        .expect("a table of browsers");
    let (browsers, systems) = parts.split_once("<h2>By os").expect("a table of systems");
    let row = |table: &str, name: &str| {
        let (_, rest) = table.split_once(&format!(">{name}</a>")).expect("a row");
        let cells = rest
            .split("</tr>")
            .next()
            .expect("cells")
            .split("<td")
            .skip(1);
        let text = |cell: &str| {
            cell.split(['>', '<'])
                .find(|t| t.ends_with(|c: char| c.is_ascii_digit()))
                .map(str::to_owned)
        };
        cells.filter_map(text).collect::<Vec<_>>().join(" ")
    };
    // Unresolved, failed, broken, skipped, passed, results.
    assert_eq!(row(browsers, "firefox"), "2 2 0 0 3 5");
    assert_eq!(row(systems, "linux"), "0 0 0 0 5 5");
    assert_eq!(row(systems, "macos"), "2 2 0 0 8 10");
    assert_eq!(systems.matches("results.html#q=id:").count(), 2);
}

/// A test on a worker, at seconds from the start.
#[test]
fn values_past_the_first_are_counted_and_behind_a_summary() {
    let mut many = launch(
        1,
        (0..80).map(|n| result(n, Status::Passed)).collect(),
        |_| {},
    );
    let one = |n: usize| -> Environment {
        let pairs = [
            ("browser".to_owned(), format!("b{}", n % 40)),
            ("os".to_owned(), format!("os{}", n / 40)),
        ];
        pairs.into_iter().collect()
    };
    many.environments = (0..80).map(one).collect();
    for (at, outcome) in many.outcomes.iter_mut().enumerate() {
        outcome.env = at as u32;
    }
    let page = page(&[many], "environments");
    assert!(
        page.contains("By browser <span class=\"n\">40</span>"),
        "{page}"
    );
    assert!(page.contains("<summary>Show 10 more</summary>"), "{page}");
    assert!(!page.contains("of 40 are listed"), "{page}");
    assert!(page.contains("<a href=\"#all-environments\">All environments</a>"));
    assert!(page.contains("<section id=\"all-environments\">"), "{page}");
}

fn ran(number: usize, worker: &str, start: i64, seconds: u64) -> TestResult {
    let mut labels = Labels::default();
    labels.add("thread", worker);
    TestResult {
        start: Some(Timestamp::from_ms(1_764_000_000_000 + start * 1_000)),
        duration: Some(seconds * 1_000),
        labels,
        ..result(number, Status::Passed)
    }
}

fn waited_for_by_derived_starts() -> String {
    let derived = [ran(1, "w1", 0, 10), ran(2, "w2", 0, 60)].map(|result| TestResult {
        start_assumed: true,
        ..result
    });
    page(&[launch(1, derived.to_vec(), |_| {})], "timeline")
}

#[test]
fn the_timeline_says_what_was_waited_for() {
    let waited = [ran(1, "w1", 0, 10), ran(2, "w2", 0, 60)];
    let waited = page(&[launch(1, waited.to_vec(), |_| {})], "timeline");
    assert!(
        waited.contains("50.0 s of 1 min 0 s waited for one test: test 2"),
        "{waited}"
    );
    assert!(waited.contains("2 workers were busy 58 %"));
    let even = [ran(1, "w1", 0, 30), ran(2, "w2", 0, 30)];
    let even = page(&[launch(1, even.to_vec(), |_| {})], "timeline");
    assert!(
        even.contains("2 workers were busy 100 % of 30.0 s"),
        "{even}"
    );
    let one = [ran(1, "w1", 0, 30), ran(2, "w1", 30, 30)];
    let one = page(&[launch(1, one.to_vec(), |_| {})], "timeline");
    assert!(
        !one.contains("waited for"),
        "one after another waits for none: {one}"
    );
    let derived = waited_for_by_derived_starts();
    assert!(
        !derived.contains("waited for") && !derived.contains("busy 58 % of"),
        "{derived}"
    );
    assert!(
        derived.contains("2 tests, 1 min 10 s added up"),
        "{derived}"
    );
}

#[test]
fn a_timeline_has_a_bounded_number_of_marks_and_keeps_failures() {
    let results: Vec<TestResult> = (0..10_000)
        .map(|n| {
            let worker = format!("worker {}", n % 40);
            let mut result = ran(n, &worker, (n / 40) as i64, 1);
            if n == 7_777 {
                result.status = Status::Failed;
                result.duration = Some(1);
            }
            result
        })
        .collect();
    let launch = launch(1, results, |_| {});
    let page = page(&[launch], "timeline");
    let marks = page.matches("<rect class=\"s-").count();
    assert!(marks < 3_000, "{marks} marks");
    assert_eq!(page.matches("<rect class=\"s-failed\"").count(), 1);
    assert!(page.contains("24 of 40 workers are drawn"));
    assert!(page.len() < 600_000, "{} bytes", page.len());
}

#[test]
fn launches_that_do_not_say_when_have_no_timeline() {
    let out = site(&[launch(1, vec![result(1, Status::Passed)], |_| {})]);
    assert!(!out.files.contains_key(&format!("{NIGHTLY}/timeline.html")));
}

#[test]
fn hostile_texts_stay_texts_on_every_page() {
    let mut launch = browsers(2, |test, browser| test == 0 && browser == "firefox");
    launch.environments[1].insert("browser", HOSTILE.to_owned());
    for (number, result) in launch.held.results.iter_mut().enumerate() {
        result.name = HOSTILE.to_owned();
        result.start = Some(Timestamp::from_ms(1_764_000_000_000 + number as i64 * 700));
        result
            .labels
            .add("thread", format!("{HOSTILE}{}", number % 2));
    }
    launch.held.intake = vec![Intake {
        input: HOSTILE.to_owned(),
        format: HOSTILE.to_owned(),
        digest: format!("sha256:{HOSTILE}"),
        problem: Some(HOSTILE.to_owned()),
        notes: vec![HOSTILE.to_owned()],
        ..Intake::default()
    }];
    launch.file.closed.reason = Some(HOSTILE.to_owned());
    launch.file.closed.meaning = Some(HOSTILE.to_owned());
    launch.file.closed.sums = HOSTILE.to_owned();
    launch.file.closed.previous = vec![HOSTILE.to_owned()];
    launch.file.jobs.push(JobSummary {
        name: HOSTILE.to_owned(),
        shard: HOSTILE.to_owned(),
        url: Some("javascript:alert(1)".to_owned()),
        ..JobSummary::default()
    });
    launch.cases.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
    let out = site(&[launch]);
    for name in ["evidence", "environments", "timeline"] {
        let page = text(&out, &format!("{NIGHTLY}/{name}.html"));
        assert!(page.contains("&lt;script&gt;"), "{name} shows it");
        for never in ["<script>", "\u{202e}", " style=", "javascript:"] {
            assert!(!page.contains(never), "{name} has {never}");
        }
    }
}

#[test]
fn links_of_the_pages_resolve() {
    let mut launch = browsers(3, |test, browser| test == 0 && browser == "firefox");
    for (number, result) in launch.held.results.iter_mut().enumerate() {
        result.start = Some(Timestamp::from_ms(1_764_000_000_000 + number as i64 * 700));
    }
    launch.held.intake = vec![intake(9, 0)];
    let out = site(&[launch]);
    let href = regex::Regex::new(r##"href="([^"#]+)"##).unwrap();
    for name in ["index", "results", "evidence", "environments", "timeline"] {
        let path = format!("{NIGHTLY}/{name}.html");
        for found in href.captures_iter(text(&out, &path)) {
            if found[1].starts_with("data:") {
                continue;
            }
            let mut at: Vec<&str> = NIGHTLY.split('/').collect();
            for part in found[1].split('/') {
                match part {
                    ".." => drop(at.pop()),
                    part => at.push(part),
                }
            }
            let target = at.join("/");
            assert!(out.files.contains_key(&target), "{path} leads to {target}");
        }
    }
}
