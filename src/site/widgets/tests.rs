//! Worked examples of every kind, over launches that are written as letters.

mod said;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::shown::GridRow;
use super::*;
use crate::analysis::matching::Matcher;
use crate::analysis::subjects::{CaseSubject, DefectSubject, LaunchState, LaunchSubject, Past};
use crate::analysis::tracks::{self, Known, Tracks};
use crate::base::Timestamp;
use crate::model::{
    Briefs, Case, Defect, Environment, Flag, Opened, OrderedMap, Outcome, Source, Status,
    TestIdentity, TestResult, Totals,
};
use crate::store::parse_dashboard;

const DAY: i64 = 86_400_000;
/// 2 November 2026, a Monday.
const START: &str = "2026-11-02T10:00:00Z";

/// A project whose launches are one day apart.
#[derive(Default)]
struct World {
    names: Vec<String>,
    opened: Vec<Opened>,
    source: Source,
    totals: Totals,
    nowhere: Environment,
    outcomes: Vec<Vec<Outcome>>,
    cases: Vec<Case>,
    defects: Vec<Defect>,
    recurring: BTreeSet<(usize, String)>,
    past: Option<Past>,
}

/// What producers said: each result has the label `layer`, by the number of its test.
#[derive(Debug)]
struct Said;

impl Rows for Said {
    fn read(&self, _: usize) -> Result<Arc<LaunchRows>, String> {
        let row = |n: usize| {
            let layer = if n == 0 { "unit" } else { "e2e" };
            let labels = OrderedMap::from_iter([("layer".to_owned(), vec![layer.to_owned()])]);
            let row = TestResult {
                labels,
                ..TestResult::default()
            };
            (format!("r{n}"), (0, row))
        };
        Ok(Arc::new(LaunchRows {
            jobs: Vec::new(),
            rows: (0..9).map(row).collect::<HashMap<_, _>>(),
        }))
    }
}

/// Rows that nobody may ask for.
#[derive(Debug)]
struct Silent;

impl Rows for Silent {
    fn read(&self, launch: usize) -> Result<Arc<LaunchRows>, String> {
        Err(format!("launch {launch} is not to be read"))
    }
}

fn start() -> Timestamp {
    Timestamp::parse(START).expect("a time")
}

impl World {
    /// Makes a project of tests, each a case with the entries of its launches: **p**assed, **f**ailed,
    /// **b**roken, **s**kipped, **u**nknown, `m` a muted failure, `k` one known by DEF-1, `k` flaky ones in
    /// capitals, `h` passed by hand, `-` without a result.
    fn of(tests: &[&str]) -> Self {
        let n = tests.iter().map(|test| test.len()).max().unwrap_or(0);
        let mut world = Self {
            source: Source {
                branch: Some("main".into()),
                ..Source::default()
            },
            ..Self::default()
        };
        for launch in 0..n {
            let at = Timestamp::from_ms(start().ms() + launch as i64 * DAY);
            world.names.push(format!("Nightly {}", launch + 1));
            world.opened.push(Opened::now(at, None));
            let outcomes = tests.iter().enumerate().filter_map(|(test, letters)| {
                let letter = letters
                    .chars()
                    .nth(launch)
                    .filter(|letter| *letter != '-')?;
                Some(outcome(test, letter, at))
            });
            world.outcomes.push(outcomes.collect());
        }
        for test in 0..tests.len() {
            world.cases.push(Case {
                id: format!("S-{test}"),
                title: format!("Case {test}"),
                layer: (test % 2 == 0).then(|| "api".to_owned()),
                owner: (test == 0).then(|| "alice".to_owned()),
                ..Case::default()
            });
        }
        world.past = Some(world.history());
        world
    }

    fn history(&self) -> Past {
        let none: BTreeMap<String, TestIdentity> = BTreeMap::new();
        let briefs = self
            .outcomes
            .iter()
            .map(|outcomes| Briefs::of(&[Environment::default()], outcomes));
        let briefs: Vec<Briefs> = briefs.collect();
        let known = Known::new(&none);
        let launches = briefs.iter().map(|briefs| tracks::Launch {
            briefs,
            identities: &known,
        });
        let launches: Vec<tracks::Launch<'_>> = launches.collect();
        Past {
            tracks: Tracks::new(
                &launches,
                &OrderedMap::default(),
                &Matcher::new(self.cases.iter()),
            ),
            earlier: launches.len(),
            opened: self.opened.iter().map(|opened| opened.at).collect(),
            now: self.now(),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_ms(start().ms() + self.names.len() as i64 * DAY)
    }

    fn facts<'w>(&'w self, rows: &'w dyn Rows) -> Facts<'w> {
        let past = self.past.as_ref().expect("it has a history");
        let launch = |at: usize| LaunchFacts {
            about: LaunchSubject {
                id: &self.names[at],
                name: &self.names[at],
                project: "S",
                state: LaunchState::Open,
                tags: &[],
                links: &[],
                jobs: &[],
                environment: &self.nowhere,
                source: &self.source,
                opened: &self.opened[at],
                supersedes: None,
                superseded: false,
                totals: &self.totals,
            },
            environments: std::slice::from_ref(&self.nowhere),
            outcomes: &self.outcomes[at],
        };
        let case = |case: &'w Case| CaseSubject {
            case,
            path: "projects/s/cases/auth/x.md",
            text: "",
            section: &["auth"],
            muted: false,
            approval: None,
            past: Some(past),
        };
        let defect = |defect: &'w Defect| DefectSubject {
            defect,
            path: "",
            text: "",
        };
        Facts {
            launches: (0..self.names.len()).map(launch).collect(),
            past,
            rows,
            cases: self.cases.iter().map(case).collect(),
            defects: self.defects.iter().map(defect).collect(),
            recurring: self.recurring.clone(),
            mutes: Vec::new(),
            matrix: None,
            saved: BTreeMap::new(),
            now: self.now(),
        }
    }

    fn show(&self, widget: &str) -> Shown {
        self.show_by(&Said, widget)
    }

    fn show_by(&self, rows: &dyn Rows, widget: &str) -> Shown {
        let shown = self.try_show(rows, widget);
        shown.unwrap_or_else(|| panic!("{widget} does not read"))
    }

    /// Shows a widget; none where the file of it would have findings.
    fn try_show(&self, rows: &dyn Rows, widget: &str) -> Option<Shown> {
        let text = format!("name: D\nwidgets:\n- {{{widget}}}\n");
        let (doc, findings) = parse_dashboard("projects/s/dashboards/d.yaml", text.into());
        let board = doc.filter(|_| findings.is_empty())?.value;
        Some(show(&self.facts(rows), &board, &board.widgets[0]))
    }
}

fn outcome(test: usize, letter: char, at: Timestamp) -> Outcome {
    let status = match letter.to_ascii_lowercase() {
        'p' | 'h' => Status::Passed,
        'f' | 'm' | 'k' => Status::Failed,
        'b' => Status::Broken,
        's' => Status::Skipped,
        _ => Status::Unknown,
    };
    let mut flags = Vec::new();
    if letter.is_ascii_uppercase() {
        flags.push(Flag::Flaky);
    }
    if letter == 'm' {
        flags.push(Flag::Muted);
    }
    if letter == 'h' {
        flags.push(Flag::Manual);
    }
    Outcome {
        id: format!("r{test}"),
        test: format!("{:016x}", test + 1),
        case: Some(format!("S-{test}")),
        status,
        start: Some(at),
        duration: Some(1_000 * (test as u64 + 1)),
        flags,
        defect: (letter == 'k').then(|| "DEF-1".to_owned()),
        mute: (letter == 'm').then(|| "slow".to_owned()),
        ..Outcome::default()
    }
}

/// The marks as `label=text`, stacks and rows in brackets behind their label.
fn drawn(shown: &Shown) -> String {
    let mark = |mark: &Mark| format!("{}={}", mark.label, mark.text);
    let marks = |all: &[Mark]| all.iter().map(mark).collect::<Vec<_>>().join(" ");
    match &shown.figure {
        Figure::Nothing { reason, todo } => format!("nothing: {reason}; {todo}"),
        Figure::List => {
            let rows = shown.table.rows.iter().map(|row| row.cells.join("|"));
            rows.collect::<Vec<_>>().join(" / ")
        }
        Figure::Text(text) => text.clone(),
        Figure::Donut(all) | Figure::Bars(all) | Figure::TreeMap(all) => marks(all),
        Figure::Stacks(all) | Figure::Histogram(all) => {
            let all = all.iter().filter(|stack| !stack.parts.is_empty());
            all.map(|s| format!("{}[{}]", s.label, marks(&s.parts)))
                .collect::<Vec<_>>()
                .join(" ")
        }
        Figure::Lines(lines) => {
            let point = |p: &Option<Mark>| p.as_ref().map_or("-".to_owned(), |p| p.text.clone());
            let line = |l: &Line| {
                format!(
                    "{}[{}]",
                    l.name,
                    l.points.iter().map(point).collect::<Vec<_>>().join(" ")
                )
            };
            lines.iter().map(line).collect::<Vec<_>>().join(" ")
        }
        Figure::HeatMap(grid) => {
            let cell = |c: &Option<Mark>| c.as_ref().map_or("-".to_owned(), |c| c.text.clone());
            let row = |r: &GridRow| {
                format!(
                    "{}[{}]",
                    r.label,
                    r.cells.iter().map(cell).collect::<Vec<_>>().join(" ")
                )
            };
            grid.rows.iter().map(row).collect::<Vec<_>>().join(" ")
        }
    }
}

/// Five tests over four launches: steady, new failure, flipping, muted, and one that came late.
const TESTS: [&str; 5] = ["pppp", "pppf", "pfpf", "pmmm", "--pp"];

#[test]
fn every_kind_says_what_the_data_say() {
    let world = World::of(&TESTS);
    for (widget, finding, measure, figure) in [
        (
            "kind: launch_list, last: 2",
            "1 of the last 2 launches has unresolved failures",
            "The last 2 launches of main, newest first",
            "Nightly 4|5 Nov 2026|2|3|5|50.0 % / Nightly 3|4 Nov 2026|0|1|5|100 %",
        ),
        (
            "kind: last_launch",
            "3 failures among 5 results in Nightly 4",
            "5 results of Nightly 4, 5 Nov 2026",
            "failed=3 passed=2",
        ),
        (
            "kind: last_launch, query: muted = false",
            "2 failures among 4 results in Nightly 4",
            "4 results of Nightly 4, 5 Nov 2026, of those with muted = false",
            "failed=2 passed=2",
        ),
        (
            "kind: launch_trend, last: 2",
            "Pass rate fell from 100 % to 50.0 % with Nightly 4",
            "Results by status in the last 2 launches of main, overridden ones apart; the pass rate is of those that passed, failed or broke, muted ones left out",
            "Nightly 3, 4 Nov 2026[failed=1 passed=4] Nightly 4, 5 Nov 2026[failed=3 passed=2]",
        ),
        (
            "kind: statistic_trend, interval: week",
            "6 failures among 18 results, most in the week of 2 Nov 2026",
            "Results by status of 4 launches by week of opening (UTC), overridden ones apart; 80.0 % of those that passed, failed or broke passed",
            "week of 2 Nov 2026[failed=6 passed=12]",
        ),
        (
            "kind: statistic_trend, interval: day, days: 3",
            "4 failures among 10 results, most in 5 Nov 2026",
            "Results by status of 2 launches by day of opening (UTC), overridden ones apart; 75.0 % of those that passed, failed or broke passed",
            "4 Nov 2026[failed=1 passed=4] 5 Nov 2026[failed=3 passed=2]",
        ),
        (
            "kind: automation_trend, days: 7",
            "All 18 results were executed by machines",
            "Results of 4 launches by week of opening (UTC), overridden ones apart",
            "by machines[0 18] by hand[0 0]",
        ),
        (
            "kind: metric, metric: pass_rate",
            "Pass rate: 50.0 % in Nightly 4, 5 Nov 2026, down from 100 %",
            "Pass rate by launch, in the last 4 launches of main",
            "pass rate[100 % 66.6 % 100 % 50.0 %]",
        ),
        (
            "kind: metric, metric: unresolved, last: 3",
            "Unresolved: 2 in Nightly 4, 5 Nov 2026, up from 0",
            "Unresolved by launch, in the last 3 launches of main",
            "unresolved[1 0 2]",
        ),
        (
            "kind: duration_trend, last: 1",
            "Nightly 4 took 5.0 s",
            "From the first start to the last end, and all results added up, in the last launch of main",
            "took[5.0 s] added up[15.0 s]",
        ),
        (
            "kind: mute_trend",
            "1 of 5 results muted, 1 more than in Nightly 1",
            "Muted results in the last 4 launches of main",
            "muted[0 1 1 1]",
        ),
        (
            "kind: transitions",
            "4 tests got worse and 1 was fixed",
            "Tests whose result differs from their last one before, in the last 4 launches of main; a test counts in each launch in which it changed",
            "Nightly 2, 3 Nov 2026[regressed=2] Nightly 3, 4 Nov 2026[fixed=1] Nightly 4, 5 Nov 2026[regressed=2]",
        ),
        (
            "kind: growth",
            "1 new and 0 gone: 5 tests now",
            "Tests by launch from their first result to their last, in the last 4 launches of main",
            "Nightly 1, 2 Nov 2026[known=4] Nightly 2, 3 Nov 2026[known=4] Nightly 3, 4 Nov 2026[known=4 new=1] Nightly 4, 5 Nov 2026[known=5]",
        ),
        (
            "kind: pie, by: layer",
            "60.0 % of 5 documented cases have layer “api”",
            "5 documented cases by layer",
            "api=3 no layer=2",
        ),
        (
            "kind: pie, of: results, by: layer, query: status = passed",
            "50.0 % of 2 results have layer “e2e”",
            "2 results by layer of Nightly 4, 5 Nov 2026, of those with status = passed",
            "e2e=1 unit=1",
        ),
        (
            "kind: tree_map, by: layer",
            "No layer has most failures, 2 of 2",
            "5 documented cases by layer; coloured by whether any ended badly last",
            "api=3, 1 not passed no layer=2, 2 not passed",
        ),
        (
            "kind: pyramid",
            "80.0 % of 5 results have layer “e2e”",
            "5 results by layer of Nightly 4, 5 Nov 2026; pass rates of those that passed, failed or broke",
            "e2e=4, 33.3 % passed unit=1, 100 % passed",
        ),
        (
            "kind: durations",
            "1 of 5 results took 5 s or more",
            "Results of Nightly 4, 5 Nov 2026 that say how long they took, by layer; 15.0 s added up",
            "1 to 5 s[e2e=3 unit=1] 5 to 30 s[e2e=1]",
        ),
        (
            "kind: age_pyramid",
            "2 of 3 failures are new; the oldest fails for 3 launches",
            "Tests that failed or broke in Nightly 4, 5 Nov 2026, by how many launches in a row they did so",
            "1 launch[failed=2] 2 to 3 launches[failed=1]",
        ),
        (
            "kind: stability, by: layer",
            "3 of 5 tests were unsteady",
            "Tests of documented cases that neither flipped nor were flaky in the last 4 launches of main, by layer; 2 of 2 groups, the least steady first",
            "no layer=0 % of 2 api=66.6 % of 3",
        ),
        (
            "kind: heat_map, limit: 2",
            "3 of 5 cases with results failed in the last 4 launches of main",
            "The worst result of each case by launch; 2 of 5 cases with results, those that failed most first",
            "Case 3[passed failed failed failed] Case 2[passed failed passed failed]",
        ),
        (
            "kind: top_cases, metric: duration, limit: 2",
            "“Case 4” takes longest, usually 5.0 s",
            "Usual duration (the median duration) in the last 4 launches of main; 2 of 5 cases that passed, failed or broke there",
            "Case 4=5.0 s Case 3=4.0 s",
        ),
        (
            "kind: top_cases, metric: flip_rate, limit: 1",
            "“Case 2” flips most: 100 % of 3 times",
            "Flip rate (neighbours that differ in having passed) in the last 4 launches of main; 1 of 5 cases that passed, failed or broke there",
            "Case 2=100 %",
        ),
        (
            "kind: top_cases, metric: pass_rate, limit: 1",
            "“Case 2” passes least: 50.0 % of 4 results",
            "Pass rate (passed, muted ones left out) in the last 4 launches of main; 1 of 5 cases that passed, failed or broke there",
            "Case 2=50.0 %",
        ),
        (
            "kind: owners",
            "3 of 5 cases fail, 3 without an owner",
            "Documented cases by owner, by their newest result; unresolved failures of the newest launch",
            "nobody|2|3|4|0 / alice|0|0|1|0",
        ),
        (
            "kind: coverage",
            "No requirements yet",
            "",
            "nothing: No requirements yet; `tallybook trace import FILE` brings them in from a table or from ReqIF",
        ),
        ("kind: markdown, body: Hello", "", "", "Hello"),
    ] {
        let shown = world.show(widget);
        assert_eq!(shown.finding, finding, "{widget}");
        assert_eq!(shown.measure, measure, "{widget}");
        assert_eq!(drawn(&shown), figure, "{widget}");
    }
}

#[test]
fn a_closed_defect_that_is_seen_recurs() {
    let mut world = World::of(&["pkk", "ppp"]);
    let defect = |id: &str, status| Defect {
        id: id.into(),
        title: "T".into(),
        status,
        ..Defect::default()
    };
    world.defects = vec![
        defect("DEF-1", crate::model::DefectState::Closed),
        defect("DEF-2", crate::model::DefectState::Open),
        defect("DEF-3", crate::model::DefectState::Closed),
    ];
    // It was closed after the launches were: nothing recurs.
    assert_eq!(
        world.show("kind: defects").finding,
        "1 defect open, 0 failures of the last launch known by them"
    );
    world.recurring = BTreeSet::from([(world.names.len() - 1, "DEF-1".to_owned())]);
    let shown = world.show("kind: defects");
    assert_eq!(shown.finding, "1 closed defect back, 1 open");
    let rows = "DEF-1: T|recurs|1|2|2|Nightly 3, 4 Nov 2026 / DEF-2: T|open, not seen|0|0|0|";
    assert_eq!(drawn(&shown), rows);
    world.defects.clear();
    assert_eq!(world.show("kind: defects").finding, "No defect is known");
}

/// One widget of each kind.
fn one_of_each() -> Vec<String> {
    WidgetKind::ALL
        .iter()
        .map(|kind| {
            let needs = match kind {
                WidgetKind::Metric => ", metric: flaky",
                WidgetKind::TopCases => ", metric: failed",
                WidgetKind::Pie => ", by: owner",
                WidgetKind::Markdown => ", body: b",
                _ => "",
            };
            format!("kind: {}{needs}", kind.as_str())
        })
        .collect()
}

#[test]
fn nothing_is_celebrated_without_data() {
    for tests in [
        &[][..],
        &["---"],
        &["s"],
        &["ssss", "ssss"],
        &["p"],
        &["f"],
        &["u", "u"],
    ] {
        let world = World::of(tests);
        for widget in one_of_each() {
            let shown = world.show(&widget);
            if let Figure::Nothing { reason, todo } = &shown.figure {
                assert!(
                    !reason.is_empty() && !todo.is_empty(),
                    "{widget}: {shown:?}"
                );
            } else if !widget.contains("markdown") {
                assert!(
                    !shown.finding.is_empty() && !shown.measure.is_empty(),
                    "{widget}"
                );
            }
            let all = format!("{} {}", shown.finding, drawn(&shown));
            assert!(
                !all.contains("NaN") && !all.contains("inf"),
                "{widget}: {all}"
            );
        }
    }
    let none = World::of(&[]);
    let said = none.show("kind: launch_trend");
    assert_eq!(said.finding, "No closed launch yet");
    let skipped = World::of(&["ss", "ss"]);
    let said = |widget| skipped.show(widget).finding;
    assert_eq!(
        said("kind: last_launch"),
        "Nothing passed or failed in Nightly 2"
    );
    assert_eq!(
        said("kind: launch_trend"),
        "Pass rate: nothing passed or failed yet"
    );
}

#[test]
fn rows_are_read_only_where_they_are_asked_for() {
    let world = World::of(&TESTS);
    for (widget, reads) in [
        ("kind: launch_trend", false),
        ("kind: last_launch, query: muted = false", false),
        ("kind: last_launch, query: feature = x", true),
        ("kind: pyramid", true),
        ("kind: pyramid, by: status", false),
        ("kind: pie, by: layer", false),
        ("kind: pie, by: layer, of: results", true),
    ] {
        let shown = world.show_by(&Silent, widget);
        let refused = shown.finding.starts_with("Results can't be read");
        assert_eq!(refused, reads, "{widget}: {}", shown.finding);
    }
}

#[test]
fn long_and_hostile_names_are_cut_and_made_safe() {
    let mut world = World::of(&TESTS);
    let name = format!("<script>\u{202e}{}", "x".repeat(300));
    world
        .names
        .iter_mut()
        .for_each(|known| known.clone_from(&name));
    for case in &mut world.cases {
        case.title.clone_from(&name);
        case.layer = Some(name.clone());
        case.owner = Some(name.clone());
    }
    world.source.branch = Some(name);
    for widget in one_of_each() {
        let shown = world.show(&widget);
        let mut texts = vec![shown.finding.clone(), shown.measure.clone()];
        texts.extend(shown.marks().into_iter().map(|mark| mark.label.clone()));
        texts.extend(shown.table.rows.iter().flat_map(|row| row.cells.clone()));
        for text in texts {
            assert!(!text.contains('\u{202e}'), "{widget}: {text}");
            assert!(text.chars().count() < 420, "{widget}: {text}");
        }
    }
}

#[test]
fn what_can_t_be_asked_says_why() {
    let world = World::of(&TESTS);
    for (widget, finding) in [
        (
            "kind: pie, by: layr",
            "This can't be asked: cases have no field `layr`",
        ),
        (
            "kind: last_launch, saved: gone",
            "This can't be asked: there is no saved query `gone`",
        ),
        (
            "kind: launch_trend, launches: branch = nowhere",
            "No closed launch fits",
        ),
        (
            "kind: last_launch, query: status = broken",
            "No result of Nightly 4 fits",
        ),
    ] {
        assert_eq!(world.show(widget).finding, finding, "{widget}");
    }
}

mod laws {
    use super::*;
    use proptest::prelude::*;

    fn tests() -> impl Strategy<Value = Vec<String>> {
        let letters = proptest::string::string_regex("[pfbsumkhPF-]{0,6}").expect("a regex");
        proptest::collection::vec(letters, 0..7)
    }

    fn sum(shown: &Shown) -> f64 {
        shown.marks().iter().map(|mark| mark.value).sum()
    }

    proptest! {
        #[test]
        fn totals_add_up_in_every_grouping(tests in tests()) {
            let letters: Vec<&str> = tests.iter().map(String::as_str).collect();
            let world = World::of(&letters);
            let launches = world.outcomes.len();
            let last = world.outcomes.last().map_or(0, Vec::len) as f64;
            let all: usize = world.outcomes.iter().map(Vec::len).sum();
            for by in ["status", "layer", "owner", "flaky", "case", "duration"] {
                for kind in ["pie", "tree_map"] {
                    let shown = world.show(&format!("kind: {kind}, of: results, by: {by}, limit: 2"));
                    prop_assert_eq!(sum(&shown), last, "{} by {}", kind, by);
                }
                let shown = world.show(&format!("kind: pyramid, by: {by}"));
                prop_assert_eq!(sum(&shown), last, "pyramid by {}", by);
            }
            for widget in ["last_launch", "durations"] {
                prop_assert_eq!(sum(&world.show(&format!("kind: {widget}"))), last, "{}", widget);
            }
            for widget in ["launch_trend, last: 200", "statistic_trend", "automation_trend"] {
                if launches > 0 {
                    prop_assert_eq!(sum(&world.show(&format!("kind: {widget}"))), all as f64, "{}", widget);
                }
            }
            let cases = world.show("kind: pie, by: layer");
            prop_assert_eq!(sum(&cases), world.cases.len() as f64);
        }

        #[test]
        fn a_table_has_the_numbers_of_its_figure(tests in tests()) {
            let letters: Vec<&str> = tests.iter().map(String::as_str).collect();
            let world = World::of(&letters);
            for widget in one_of_each() {
                let shown = world.show(&widget);
                let columns = shown.table.columns.len();
                for row in &shown.table.rows {
                    prop_assert_eq!(row.cells.len(), columns, "{}", &widget);
                }
                for mark in shown.marks() {
                    prop_assert!(mark.value.is_finite() && !mark.label.is_empty() && !mark.text.is_empty());
                }
                prop_assert_eq!(shown.marks().is_empty() || !shown.table.rows.is_empty(), true);
            }
        }
    }
}
