//! A mark leads to exactly what it counts.

use super::*;
use crate::site::texts::thousands;

/// How many a list has, by itself: the results of a launch are put to the filter once more. None where a mark leads to a whole
/// launch or a page.
fn listed(world: &World, target: &Target) -> Option<usize> {
    match target {
        Target::Results { launch, filter } => {
            assert_eq!(filter.label, None, "labels say too much");
            let outcomes = world.outcomes[*launch].iter();
            let fits = |one: &&Outcome| match &filter.ids {
                Some(ids) => ids.contains(&one.id),
                None => {
                    let statuses = &filter.statuses;
                    !one.has(Flag::Overridden)
                        && (statuses.is_empty() || statuses.contains(&one.status))
                        && filter.flag.is_none_or(|flag| one.has(flag))
                        && filter.unflagged.is_none_or(|flag| !one.has(flag))
                        && (!filter.unresolved || one.is_unresolved())
                }
            };
            let n = outcomes.filter(fits).count();
            let named = filter.ids.as_ref().map_or(n, Vec::len);
            assert_eq!(named, n, "each is there, once: {filter:?}");
            Some(n)
        }
        Target::Cases(ids) if ids.is_empty() => Some(world.cases.len()),
        Target::Cases(ids) | Target::Launches(ids) => Some(ids.len()),
        Target::Defects(ids) | Target::Mutes(ids) | Target::Requirements(ids) => Some(ids.len()),
        Target::Launch(_) | Target::Case(_) | Target::Defect(_) | Target::Requirement(_) => None,
    }
}

const MIXED: [&str; 9] = [
    "pppp", "pppf", "pfpf", "pmmm", "--pp", "pFpb", "bbbs", "uhhk", "p-f-",
];

#[test]
fn marks_lead_to_what_they_count() {
    let world = World::of(&MIXED);
    let mut followed = 0;
    for (widget, whole) in [
        ("kind: last_launch", 0),
        ("kind: last_launch, query: muted = false", 0),
        ("kind: launch_trend", 0),
        ("kind: statistic_trend, interval: day", 0),
        ("kind: automation_trend, interval: day, days: 4", 0),
        ("kind: metric, metric: failed", 0),
        ("kind: metric, metric: flaky, query: layer = e2e", 0),
        ("kind: metric, metric: unresolved", 0),
        ("kind: metric, metric: muted", 0),
        ("kind: metric, metric: total", 0),
        ("kind: mute_trend", 0),
        ("kind: mute_trend, query: status = failed", 0),
        ("kind: transitions", 0),
        ("kind: transitions, query: layer = e2e", 0),
        // Known tests without a result in a launch are in no list of it.
        ("kind: growth", 1),
        ("kind: pie, by: owner", 0),
        ("kind: pie, by: status, of: results", 0),
        ("kind: age_pyramid", 0),
        ("kind: durations", 0),
    ] {
        let shown = world.show(widget);
        let mut without = 0;
        for mark in shown.marks() {
            assert_eq!(mark.text, thousands(mark.value as u64), "{widget}: a count");
            match listed(&world, &mark.target) {
                Some(n) => assert_eq!(n as f64, mark.value, "{widget}: {mark:?}"),
                None => without += 1,
            }
            followed += 1;
        }
        assert_eq!(without, whole, "{widget}");
    }
    assert!(followed > 90, "{followed}");
}

#[test]
fn groups_lead_to_what_they_count() {
    let world = World::of(&MIXED);
    for kind in ["pie", "tree_map", "pyramid"] {
        for by in ["layer", "status", "muted", "case"] {
            let of = if kind == "pyramid" {
                ""
            } else {
                "of: results, "
            };
            let shown = world.show(&format!("kind: {kind}, {of}by: {by}, limit: 3"));
            for mark in shown.marks() {
                let Target::Results { filter, .. } = &mark.target else {
                    panic!("{kind} by {by}: {mark:?}");
                };
                // A label is what is asked where the results are too many to be named.
                let filter = Filter {
                    label: None,
                    ..filter.clone()
                };
                let target = Target::Results { launch: 3, filter };
                let n = listed(&world, &target).map(|n| n as f64);
                assert_eq!(n, Some(mark.value), "{kind} by {by}: {mark:?}");
            }
        }
    }
    let tree = world.show("kind: tree_map, by: layer, query: owner = alice");
    let [mark] = &tree.marks()[..] else {
        panic!("{tree:?}");
    };
    assert_eq!(mark.target, Target::Cases(vec!["S-0".to_owned()]));
}

#[test]
fn cells_lead_to_the_results_they_show() {
    let world = World::of(&MIXED);
    let shown = world.show("kind: heat_map");
    let Figure::HeatMap(grid) = &shown.figure else {
        panic!("{shown:?}");
    };
    for row in &grid.rows {
        let Target::Case(case) = &row.target else {
            panic!("{row:?}");
        };
        for (launch, cell) in row.cells.iter().enumerate() {
            let of = world.outcomes[launch].iter();
            let own: Vec<&Outcome> = of.filter(|o| o.case.as_ref() == Some(case)).collect();
            match (cell, own.as_slice()) {
                (None, []) => {}
                (Some(mark), [own]) => {
                    let filter = Filter::status(own.status).of(vec![own.id.clone()]);
                    assert_eq!(mark.target, Target::Results { launch, filter });
                }
                other => panic!("{case}: {other:?}"),
            }
        }
    }
}

#[test]
fn tests_without_a_file_are_ranked_with_a_way_to_their_results() {
    let mut world = World::of(&["pppp", "pfpf"]);
    world.cases.truncate(1);
    for outcome in world.outcomes.iter_mut().flatten() {
        if outcome.id == "r1" {
            outcome.case = None;
        }
    }
    world.tests.insert(
        format!("{:016x}", 2),
        TestIdentity {
            name: "pays by card".into(),
            ..TestIdentity::default()
        },
    );
    world.past = Some(world.history());
    for (widget, first) in [
        (
            "kind: top_cases, metric: flip_rate",
            "pays by card=100 % Case 0=0 %",
        ),
        (
            "kind: top_cases, metric: pass_rate",
            "pays by card=50.0 % Case 0=100 %",
        ),
        (
            "kind: top_cases, metric: duration",
            "pays by card=2.0 s Case 0=1.0 s",
        ),
        ("kind: top_cases, metric: failed", "pays by card=2 Case 0=0"),
        (
            "kind: heat_map",
            "pays by card[passed failed passed failed] Case 0[passed passed passed passed]",
        ),
        // A query of cases is no question to a test without one.
        (
            "kind: top_cases, metric: failed, query: owner = alice",
            "Case 0=0",
        ),
    ] {
        assert_eq!(drawn(&world.show(widget)), first, "{widget}");
    }
    let shown = world.show("kind: top_cases, metric: failed");
    let filter = Filter::default().of(vec!["r1".to_owned()]);
    assert_eq!(
        shown.marks()[0].target,
        Target::Results { launch: 3, filter }
    );
}

#[test]
fn a_trend_holds_alike_against_alike() {
    let mut world = World::of(&["pfppf"]);
    for (at, name) in [
        "Nightly 1",
        "Nightly 2",
        "Release 26.11",
        "Nightly 3",
        "Nightly 4",
    ]
    .into_iter()
    .enumerate()
    {
        world.names[at] = name.to_owned();
    }
    let trend = world.show("kind: launch_trend");
    let columns = |shown: &Shown| match &shown.figure {
        Figure::Stacks(all) => all.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(columns(&trend), 4);
    assert!(
        trend
            .measure
            .contains("in the last 4 “Nightly” launches of main"),
        "{}",
        trend.measure
    );
    // Whoever asks for launches gets them, and what is of the newest is of the newest.
    let asked = world.show("kind: launch_trend, launches: branch = main");
    assert_eq!(columns(&asked), 5);
    world.names[4] = "Release 26.12".to_owned();
    let last = world.show("kind: last_launch");
    assert_eq!(last.finding, "1 failure among 1 result in Release 26.12");
    // Where most are not alike, all are shown.
    world.names[3] = "Hotfix 3".to_owned();
    assert_eq!(columns(&world.show("kind: launch_trend")), 5);
}
