use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::analysis::redaction::Redaction;
use crate::ingest::MemoryBundle;
use crate::ledger::preview;

const ID: &str = "2026-11-22-1843-nightly-4f7k";

/// A launch that is open in a folder of its own.
struct Desk {
    _folder: tempfile::TempDir,
    state: OpenState,
    launch: OpenLaunch,
    guard: Guard,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = OpenState::new(folder.path(), "", "SHOP");
        state.create(ID, b"id: x\n").expect("made");
        let launch = format!(
            "{{format: 1, id: {ID}, project: SHOP, name: Nightly, opened: {{at: 2026-11-22T18:43:00Z}}}}"
        );
        let launch = serde_yaml::from_str(&launch).expect("an opening");
        Self {
            _folder: folder,
            state,
            launch,
            guard: Guard::new(Redaction::default(), &[]),
        }
    }

    fn append(&self, files: &Files, same_run: bool, shared: bool) -> Appended {
        let files = files
            .iter()
            .map(|(name, text)| (name.clone(), text.as_bytes().to_vec()));
        let bundle = MemoryBundle::new("results", files);
        let request = AppendRequest {
            launch: &self.launch,
            job: Job {
                name: "unit".to_owned(),
                ..Job::default()
            },
            environment: Environment::default(),
            declared: Vec::new(),
            keep: Keep::default(),
            shared,
            same_run,
            guard: &self.guard,
        };
        append(&self.state, &request, &[&bundle]).expect("it is appended")
    }

    /// Reads all parts, which fails where one says other than it holds; returns their rows.
    fn rows(&self) -> usize {
        let parts = self.state.parts(ID).expect("they read");
        preview::read(&parts).expect("they are as said").rows.len()
    }

    fn shards(&self) -> Vec<String> {
        let parts = self.state.parts(ID).expect("they read");
        parts.into_iter().map(|part| part.shard).collect()
    }
}

type Files = BTreeMap<String, String>;

/// A file of tests, each with a number for its name and whether it passed.
fn file_of(format: usize, tests: &[(u8, bool)]) -> (&'static str, String) {
    match format {
        0 => {
            let cases = tests.iter().map(|(name, passed)| {
                let failure = if *passed {
                    ""
                } else {
                    "<failure message='m'/>"
                };
                format!("<testcase classname='a.B' name='t{name}'>{failure}</testcase>")
            });
            let cases: String = cases.collect();
            (
                "xml",
                format!("<testsuite name='s'><error message='boom'/>{cases}</testsuite>"),
            )
        }
        1 => {
            let tests = tests.iter().map(|(name, passed)| {
                let status = if *passed { "passed" } else { "failed" };
                json!({"name": format!("t{name}"), "suite": ["a", "B"], "status": status, "duration": 1,
                    "retryAttempts": [{"attempt": 1, "status": "failed"}]})
            });
            let tests: Vec<_> = tests.collect();
            let results = json!({"tool": {"name": "x"}, "tests": tests});
            (
                "json",
                json!({"reportFormat": "CTRF", "results": results}).to_string(),
            )
        }
        _ => {
            let points = tests.iter().map(|(name, passed)| {
                let not = if *passed { "" } else { "not " };
                format!("{not}ok - a.B.t{name}\n")
            });
            let points: String = points.collect();
            (
                "tap",
                format!("TAP version 13\n1..{}\n{points}", tests.len()),
            )
        }
    }
}

fn some_files() -> impl Strategy<Value = Files> {
    let tests = prop::collection::vec((0..4_u8, any::<bool>()), 0..6);
    let files = prop::collection::vec((0..3_usize, tests), 1..5);
    files.prop_map(|files| {
        let files = files.iter().enumerate().map(|(at, (format, tests))| {
            let (ending, text) = file_of(*format, tests);
            (format!("r{at}.{ending}"), text)
        });
        files.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// The same input again adds nothing, whatever came between; what grew is told on the lines of its files.
    #[test]
    fn the_same_again_adds_nothing(
        files in some_files(),
        more in prop::collection::vec((0..6_u8, any::<bool>()), 1..5),
        format in 0..3_usize,
        same_run in any::<bool>(),
        shared in any::<bool>(),
    ) {
        let desk = Desk::new();
        let first = desk.append(&files, same_run, shared);
        let rows = desk.rows();
        let again = desk.append(&files, same_run, shared);
        prop_assert!(again.unchanged);
        prop_assert_eq!(&again.intake, &first.intake);
        prop_assert_eq!((desk.rows(), desk.shards().len()), (rows, 1));

        let mut grown = files.clone();
        let (ending, text) = file_of(format, &more);
        grown.insert(format!("z.{ending}"), text);
        let appended = desk.append(&grown, same_run, shared);
        let grew = desk.rows();
        for line in &appended.intake {
            prop_assert_eq!(line.elements, line.read + line.merged + line.dropped);
            if !shared && files.contains_key(&line.input) {
                prop_assert_eq!(line.rows(), 0, "{}", line.input);
            }
        }
        for files in [&files, &grown, &files] {
            prop_assert!(desk.append(files, same_run, shared).unchanged);
        }
        prop_assert_eq!(desk.rows(), grew);
    }
}

fn two() -> (Files, Files) {
    let tests = [(1, true), (2, false), (3, true)];
    let one = |format, tests: &[(u8, bool)]| {
        let (ending, text) = file_of(format, tests);
        Files::from([(
            format!("r.{ending}"),
            text.replace("<error message='boom'/>", ""),
        )])
    };
    (one(0, &tests), one(2, &[(1, true), (2, true), (4, true)]))
}

fn notes(appended: &Appended) -> String {
    let lines = appended.intake.iter().flat_map(|line| &line.notes);
    lines.cloned().collect::<Vec<_>>().join("\n")
}

#[test]
fn what_two_appends_tell_counts_once_where_they_are_of_one_run() {
    let (junit, tap) = two();
    let desk = Desk::new();
    desk.append(&junit, false, false);
    let appended = desk.append(&tap, true, false);
    let line = appended.intake.iter().find(|line| line.input == "r.tap");
    let line = line.expect("its line");
    assert_eq!((line.elements, line.read, line.merged), (3, 2, 1));
    let notes = notes(&appended);
    assert!(
        notes.contains("1 test told by junit of an earlier append and tap"),
        "{notes}"
    );
    assert!(
        notes.contains("with different outcomes, as `a.B.t2`; both stay"),
        "{notes}"
    );
    assert_eq!(desk.rows(), 5);
}

#[test]
fn what_counted_twice_counts_once_when_that_is_said_later() {
    let (junit, tap) = two();
    for together in [false, true] {
        let desk = Desk::new();
        let last = match together {
            false => {
                desk.append(&junit, false, false);
                tap.clone()
            }
            true => junit.clone().into_iter().chain(tap.clone()).collect(),
        };
        let twice = desk.append(&last, false, false);
        assert!(notes(&twice).contains("append again with `--same-run`"));
        assert_eq!(desk.rows(), 6);
        let once = desk.append(&last, true, false);
        assert!(!once.unchanged && once.shard == twice.shard);
        assert_eq!(desk.rows(), 5);
        let again = desk.append(&last, true, false);
        assert!(again.unchanged);
        assert_eq!(again.intake, once.intake);
        // Said once, it stays said.
        assert!(desk.append(&last, false, false).unchanged);
        assert_eq!(desk.rows(), 5);
        assert!(desk.state.unfinished(ID).expect("they read").is_empty());
    }
}

#[test]
fn a_shared_part_says_the_same_wherever_it_is_made() {
    let (junit, tap) = two();
    let alone = Desk::new();
    let first = alone.append(&tap, true, true);
    let desk = Desk::new();
    desk.append(&junit, true, true);
    let second = desk.append(&tap, true, true);
    assert_eq!(
        (&first.shard, &first.intake),
        (&second.shard, &second.intake)
    );
    assert_eq!(first.notes, [""; 0]);
    assert!(
        second.notes[0].ends_with("counted twice: where both tell of one run, append both by one command, with `--same-run`"),
        "{:?}",
        second.notes
    );
}

/// What an earlier append had is taken from the line of its own file.
#[test]
fn lines_of_files_that_grew_say_what_is_new_in_each() {
    let suite = |names: &[&str]| -> String {
        let cases = names.iter().map(|name| {
            let flaky = "<flakyFailure message='m' type='E'>t</flakyFailure>";
            format!("<testcase classname='C' name='{name}'>{flaky}</testcase>")
        });
        format!(
            "<testsuite name='s'>{}</testsuite>",
            cases.collect::<String>()
        )
    };
    let files = |b: &[&str]| {
        Files::from([
            (
                "1-result.json".to_owned(),
                r#"{"uuid":"1","name":"x","status":"passed"}"#.to_owned(),
            ),
            ("a.xml".to_owned(), suite(&["a1", "a2", "a3"])),
            ("b.xml".to_owned(), suite(b)),
        ])
    };
    let desk = Desk::new();
    desk.append(&files(&["b1"]), false, false);
    let grown = desk.append(&files(&["b1", "b2", "b3"]), false, false);
    let counts: Vec<_> = grown
        .intake
        .iter()
        .map(|line| (line.input.as_str(), line.read, line.merged, line.retries))
        .collect();
    assert_eq!(
        counts,
        [("results", 0, 1, 0), ("a.xml", 0, 3, 0), ("b.xml", 2, 1, 2)]
    );
    assert_eq!(desk.rows(), 13);
}
