//! What each kind says of one small project.

use super::*;

#[test]
fn every_kind_says_what_the_data_say() {
    let world = World::of(&TESTS);
    for (widget, finding, measure, figure) in [
        (
            "kind: launch_list, last: 2",
            "1 of the last 2 launches has unresolved failures",
            "The last 2 launches of main, newest first",
            "Nightly 4|5 Nov 2026|2|3|0|5|50.0 % / Nightly 3|4 Nov 2026|0|1|0|5|100 %",
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
            "4 failures among 10 results, most on 5 Nov 2026",
            "Results by status of 2 launches by day of opening (UTC), overridden ones apart; 75.0 % of those that passed, failed or broke passed",
            "4 Nov 2026[failed=1 passed=4] 5 Nov 2026[failed=3 passed=2]",
        ),
        (
            "kind: automation_trend, days: 7",
            "All 18 results were executed by machines",
            "Results of 4 launches by week of opening (UTC), overridden ones apart",
            "by machines[- 18] by hand[- 0]",
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
            "4 changes for the worse, 1 to passed",
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
            "1–5 s[e2e=3 unit=1] 5–30 s[e2e=1]",
        ),
        (
            "kind: age_pyramid",
            "2 of 3 failures are new; the oldest fails for 3 launches",
            "Tests that failed or broke in Nightly 4, 5 Nov 2026, by how many launches in a row they did so",
            "1 launch[failed=2] 2 to 3[failed=1]",
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
            "nobody|2|3|4|0 / Alice Moreau|0|0|1|0",
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
