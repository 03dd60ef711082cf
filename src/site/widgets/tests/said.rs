//! Whatever a widget says is a text of the catalogue, or data.

use regex::Regex;

use super::*;
use crate::analysis::trace::{self, Latest, Matrix, Stale, Standing, Traced};
use crate::base::time::{Date, Period};
use crate::model::{DefectState, Gap, Interval, Metric, Requirement};
use crate::site::texts::{self, wordless};

/// Whatever may stand among texts: names of launches, cases, layers, owners, branches, defects, and queries.
const DATA: &str = "Nightly [0-9]+|Case [0-9]|S-[0-9]|DEF-[0-9]|Broken login|REQ-[0-9]|Sign in|a reason|Alice Moreau|alice|api|e2e|unit|main|auth|muted = (?:true|false)|status = broken|branch = nowhere|gone|normal|(?:cases|launches) have no field `[a-z]+`|launch [0-9]+ is not to be read|[0-9]+d|[0-9a-f]{16}|`[^`]*`";

/// Returns whatever has letters among the texts of a widget that has no texts of letters.
fn letters(shown: &Shown) -> Vec<String> {
    let data = Regex::new(DATA).expect("a pattern");
    let mut all = vec![shown.finding.clone(), shown.measure.clone()];
    if let Figure::Nothing { reason, todo } = &shown.figure {
        all.extend([reason.clone(), todo.clone()]);
    }
    let marks = shown.marks().into_iter();
    all.extend(marks.flat_map(|mark| [mark.label.clone(), mark.text.clone()]));
    match &shown.figure {
        Figure::Stacks(stacks) | Figure::Histogram(stacks) => {
            all.extend(stacks.iter().map(|stack| stack.label.clone()));
        }
        Figure::Lines(lines) => all.extend(lines.iter().map(|line| line.name.clone())),
        Figure::HeatMap(grid) => {
            all.extend(grid.columns.iter().map(|(name, _)| name.clone()));
            all.extend(grid.rows.iter().map(|row| row.label.clone()));
        }
        _ => {}
    }
    let heads = shown.table.columns.iter();
    all.extend(heads.map(|(name, _)| name.clone()));
    let rows = shown.table.rows.iter();
    all.extend(rows.flat_map(|row| row.cells.clone()));
    let has_letters = |text: &String| data.replace_all(text, "").contains(char::is_alphabetic);
    all.into_iter().filter(has_letters).collect()
}

/// Widgets of every kind with every option that changes what they say.
fn widgets() -> Vec<String> {
    let mut out = one_of_each();
    for metric in Metric::ALL {
        out.push(format!("kind: metric, metric: {}", metric.as_str()));
    }
    for metric in ["flip_rate", "pass_rate", "failed", "duration"] {
        out.push(format!("kind: top_cases, metric: {metric}"));
    }
    for interval in Interval::ALL {
        for kind in ["statistic_trend", "automation_trend"] {
            out.push(format!("kind: {kind}, interval: {}", interval.as_str()));
        }
    }
    for by in ["status", "layer", "owner", "muted", "retries", "suite"] {
        out.push(format!("kind: pie, of: results, by: {by}"));
        out.push(format!("kind: tree_map, of: results, by: {by}, limit: 1"));
        out.push(format!("kind: pyramid, by: {by}, limit: 2"));
    }
    for by in ["lastStatus()", "flipRate()", "layer", "severity"] {
        out.push(format!("kind: pie, of: cases, by: {by}"));
        out.push(format!("kind: stability, by: {by}"));
    }
    for of in ["launches", "defects", "mutes"] {
        out.push(format!("kind: pie, of: {of}, by: owner")); // launches have none
        out.push(format!("kind: pie, of: {of}, by: id"));
    }
    for more in [
        "query: muted = false",
        "query: status = broken",
        "saved: gone",
        "last: 1",
    ] {
        for kind in ["last_launch", "launch_trend", "launch_list", "durations"] {
            out.push(format!("kind: {kind}, {more}"));
        }
    }
    out.push("kind: pie, by: layr".to_owned());
    out.push("kind: launch_list, launches: branch = nowhere".to_owned());
    out
}

#[test]
fn widgets_say_texts_and_data_alone() {
    let wordless = wordless();
    let mut left = Vec::new();
    let mut said = 0;
    for tests in [
        &TESTS[..],
        &[],
        &["---"],
        &["s"],
        &["ssss", "ssss"],
        &["p", "p"],
        &["f", "f"],
        &["u", "u"],
        &["pp", "pp"],
        &["pf", "fp", "bb"],
        &["ph", "Fm", "kk"],
        &["ppppppppppppppppppff", "pfffffffffffffffffff"],
    ] {
        for nameless in [false, true] {
            let mut world = World::of(tests);
            if nameless {
                world.source.branch = None;
                world.cases.iter_mut().for_each(|case| case.owner = None);
            }
            world.defects = [DefectState::Open, DefectState::Closed]
                .into_iter()
                .enumerate()
                .map(|(n, status)| Defect {
                    id: format!("DEF-{n}"),
                    title: "Broken login".into(),
                    status,
                    ..Defect::default()
                })
                .collect();
            for widget in widgets() {
                if widget.contains("markdown") {
                    continue;
                }
                for rows in [&Said as &dyn Rows, &Silent] {
                    let Some(shown) = texts::within(&wordless, || world.try_show(rows, &widget))
                    else {
                        continue;
                    };
                    said += 1;
                    let found = letters(&shown).into_iter();
                    left.extend(found.map(|text| format!("{widget}: {text}")));
                }
            }
        }
    }
    left.sort();
    left.dedup();
    assert!(said > 1_000, "{said}");
    assert!(left.is_empty(), "{}", left.join("\n"));
}

#[test]
fn requirements_stand_in_texts_that_say_what_commands_say() {
    let case = Case {
        id: "S-1".into(),
        title: "Case 1".into(),
        ..Case::default()
    };
    let gap = |until: Option<&str>| {
        let until = until.map(|day| Date::parse(day).expect("a day"));
        Some(Gap {
            reason: "a reason".into(),
            by: "alice".into(),
            until,
        })
    };
    let latest = |stale| Latest {
        environment: String::new(),
        status: Status::Passed,
        muted: false,
        at: start(),
        manual: true,
        stale,
        launch: String::new(),
        result: String::new(),
    };
    let age = Some(Stale::Age(Period::parse("90d").expect("a period")));
    let all = [
        (Standing::Failing, None, vec![], false),
        (Standing::Gap, None, vec![], false),
        (Standing::Gap, None, vec![], true),
        (Standing::Gap, gap(Some("2026-01-01")), vec![], false),
        (Standing::NotRun, None, vec![], false),
        (Standing::Stale, None, vec![latest(age)], false),
        (
            Standing::Stale,
            None,
            vec![latest(Some(Stale::Text))],
            false,
        ),
        (
            Standing::Stale,
            None,
            vec![latest(age), latest(Some(Stale::Text))],
            false,
        ),
        (Standing::Justified, gap(None), vec![], false),
        (Standing::Covered, None, vec![latest(None)], false),
    ];
    let requirements: Vec<Requirement> = { all.iter().enumerate() }
        .map(|(n, (_, gap, ..))| Requirement {
            id: format!("REQ-{n}"),
            title: "Sign in".into(),
            gap: gap.clone(),
            ..Requirement::default()
        })
        .collect();
    let lines = all.into_iter().zip(&requirements);
    let lines = lines.map(
        |((standing, _, latest, by_parts), requirement)| trace::Line {
            requirement,
            depth: 0,
            cases: vec![Traced {
                case: &case,
                latest,
                standing,
            }],
            standing,
            by_parts,
        },
    );
    let matrix = Matrix {
        lines: lines.collect(),
        unknown: Vec::new(),
    };
    for line in &matrix.lines {
        assert_eq!(crate::site::words::standing_reason(line), line.reason());
        let word = crate::site::words::standing(line.standing);
        assert_eq!(word, line.standing.label());
    }
    let shown = texts::within(&wordless(), || others::coverage(Some(&matrix)));
    assert_eq!(letters(&shown), Vec::<String>::new());
}

#[test]
fn whatever_can_group_has_a_word() {
    for of in [Of::Cases, Of::Results, Of::Launches, Of::Defects, Of::Mutes] {
        let schema = of.schema();
        let fields = schema.fields.iter().filter(|field| field.key.is_none());
        let fields = fields.map(|field| field.name);
        let functions = schema.functions.iter().map(|function| function.name);
        for name in fields.chain(functions) {
            let key = format!("field.{}", crate::base::text::slug(name, 60));
            assert_eq!(texts::text(&key, &[]), name.replace('_', " "), "{of:?}");
        }
    }
}
