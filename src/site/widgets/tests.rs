//! Worked examples of every kind, over launches that are written as letters.

mod bounds;
mod fits;
mod kinds;
mod laws;
mod links;
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
    tests: BTreeMap<String, TestIdentity>,
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
            tests: &self.tests,
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
            people: BTreeMap::from([("alice", "Alice Moreau")]),
            saved: BTreeMap::new(),
            now: self.now(),
            since: None,
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
