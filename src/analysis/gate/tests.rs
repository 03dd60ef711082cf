use super::super::compare::compare;
use super::super::matching::Matcher;
use super::super::tracks::{Known, Launch};
use super::*;
use crate::model::{Briefs, Environment, OrderedMap};

fn outcome(test: &str, status: Status, flags: &[Flag], ms: u64) -> Outcome {
    Outcome {
        id: test.to_owned(),
        test: test.to_owned(),
        status,
        flags: flags.to_vec(),
        duration: Some(ms),
        ..Outcome::default()
    }
}

fn gate(query: Option<&str>, rules: &[GateRule]) -> Gate {
    Gate {
        groups: vec![RuleGroup {
            query: query.map(str::to_owned),
            rules: rules.to_vec(),
            ..RuleGroup::default()
        }],
        ..Gate::default()
    }
}

fn facts(outcomes: &[Outcome]) -> Facts<'_> {
    Facts {
        outcomes,
        baseline: Err("none is called so".to_owned()),
        lost: &[],
        jobs: Jobs {
            expected: 0,
            missing: &[],
        },
        unplanned: Err("the launch names no plan".to_owned()),
        recurrences: &[],
        expired_mutes: &[],
        coverage: Err("there are no requirements".to_owned()),
        unapproved: Err("nobody looked".to_owned()),
    }
}

/// Returns `rule pass|fail: actual` of each check, the two that are always made apart.
fn said(gate: &Gate, facts: &Facts<'_>) -> Vec<String> {
    let select = |query: &str| match query {
        "first" => Ok(vec![0]),
        "none" => Ok(Vec::new()),
        _ => Err("history unavailable".to_owned()),
    };
    let checks = evaluate(gate, facts, select);
    let word = |check: &Check| if check.passed { "pass" } else { "fail" };
    let line = |check: &Check| format!("{} {}: {}", check.rule, word(check), check.actual);
    checks.iter().skip(2).map(line).collect()
}

fn launch() -> Vec<Outcome> {
    vec![
        outcome("a", Status::Passed, &[], 100),
        outcome("b", Status::Failed, &[], 100),
        outcome("c", Status::Failed, &[Flag::Muted], 100),
        outcome("d", Status::Passed, &[Flag::Flaky], 100),
        outcome("e", Status::Passed, &[Flag::Overridden], 100),
        outcome("f", Status::Skipped, &[], 0),
    ]
}

#[test]
fn each_rule_counts_what_it_says() {
    let outcomes = launch();
    let rules = [
        GateRule::MaxFailed(0),
        GateRule::MaxFailed(1),
        GateRule::MaxUnresolved(1),
        GateRule::MaxFlaky(0),
        GateRule::MinResults(5),
        GateRule::MinResults(6),
        GateRule::MinPassRate(66.6),
        GateRule::MinPassRate(66.7),
        GateRule::NoOverridden,
        GateRule::NoRecurrence,
        GateRule::NoExpiredMute,
    ];
    let mut facts = facts(&outcomes);
    let recurrences = [(1, "DEF-1".to_owned())];
    facts.recurrences = &recurrences;
    assert_eq!(
        said(&gate(None, &rules), &facts),
        [
            "max_failed fail: 1",
            "max_failed pass: 1",
            "max_unresolved fail: 2",
            "max_flaky fail: 1",
            "min_results pass: 5",
            "min_results fail: 5",
            "min_pass_rate pass: 66.6% (2 of 3)",
            "min_pass_rate fail: 66.6% (2 of 3)",
            "no_overridden fail: 1",
            "no_recurrence fail: 1",
            "no_expired_mute pass: 0",
        ]
    );
    let first = said(
        &gate(
            Some("first"),
            &[GateRule::MaxFailed(0), GateRule::NoRecurrence],
        ),
        &facts,
    );
    assert_eq!(first, ["max_failed pass: 0", "no_recurrence pass: 0"]);
}

#[test]
fn nothing_never_passes() {
    let outcomes = launch();
    let all = facts(&outcomes);
    let asked = [
        (
            GateRule::MaxNewFailures(100),
            "no baseline: none is called so",
        ),
        (
            GateRule::MaxDurationGrowth(100.0),
            "no baseline: none is called so",
        ),
        (GateRule::AllPlannedRan, "the launch names no plan"),
        (
            GateRule::MinRequirementCoverage(0.0),
            "there are no requirements",
        ),
    ];
    for (rule, why) in asked {
        assert_eq!(
            said(&gate(None, &[rule]), &all),
            [format!("{} fail: {why}", rule.key())]
        );
    }
    let jobs = said(&gate(None, &[GateRule::AllJobs]), &all);
    assert!(
        jobs[0].starts_with("all_jobs fail: the launch expects no jobs"),
        "{jobs:?}"
    );
    for (query, why) in [
        ("none", "no result fits the group's query"),
        ("odd", "history unavailable"),
    ] {
        let said = said(&gate(Some(query), &[GateRule::MaxFailed(9)]), &all);
        assert_eq!(said, [format!("max_failed fail: {why}")]);
    }
    let nothing = facts(&[]);
    let checks = evaluate(&gate(None, &[GateRule::MaxFailed(0)]), &nothing, |_| {
        Ok(Vec::new())
    });
    assert!(!passes(&checks) && !checks[0].passed, "{checks:?}");
    let empty = evaluate(&gate(None, &[GateRule::MinPassRate(0.0)]), &nothing, |_| {
        Ok(Vec::new())
    });
    assert!(!empty[2].passed);
    let lost = ["junit.xml: cut short".to_owned()];
    let checks = evaluate(
        &Gate::default(),
        &Facts {
            lost: &lost,
            ..facts(&outcomes)
        },
        |_| Ok(Vec::new()),
    );
    assert!(!passes(&checks) && checks[0].passed && !checks[1].passed);
    for empty in [Gate::default(), gate(None, &[])] {
        assert_eq!(said(&empty, &all), ["rules fail: no rules"]);
    }
    let mut group = gate(None, &[GateRule::MaxFailed(9)]);
    group.groups.push(RuleGroup {
        place: Some(0),
        name: "payments".to_owned(),
        ..RuleGroup::default()
    });
    assert_eq!(
        said(&group, &all),
        ["max_failed pass: 1", "rules fail: no rules"]
    );
    let mut unread = gate(None, &[]);
    unread.groups[0].unread.push("max_faild".to_owned());
    assert!(!passes(&evaluate(&unread, &all, |_| Ok(Vec::new()))));
    assert!(!passes(&[]));
}

#[test]
fn a_percentage_that_is_just_reached_passes() {
    for part in 0..=1000_u64 {
        let rate = Rate { part, of: 1000 };
        let percent: f64 = format!("{}.{}", part / 10, part % 10)
            .parse()
            .expect("a number");
        assert!(reaches(rate, percent), "{part}");
        assert!(!reaches(rate, percent + 0.001), "{part}");
        assert!(
            share(rate).starts_with(&format!("{percent:.1}% ")),
            "{part}"
        );
    }
}

#[test]
fn cases_are_approved_once_each_and_by_the_group() {
    let case = |test: &str, case: &str, flags: &[Flag]| Outcome {
        case: Some(case.to_owned()).filter(|case| !case.is_empty()),
        ..outcome(test, Status::Passed, flags, 1)
    };
    let outcomes = [
        case("a", "A", &[]),
        case("b", "B", &[]),
        case("b", "B", &[]),
        case("c", "", &[]),
        case("d", "D", &[Flag::Overridden]),
    ];
    let line = |id: &str| (id.to_owned(), format!("{id} Title: not approved"));
    let unapproved = BTreeMap::from([line("B"), line("D"), line("E")]);
    let facts = Facts {
        unapproved: Ok(&unapproved),
        ..facts(&outcomes)
    };
    let rule = GateRule::AllApproved;
    assert_eq!(
        said(&gate(None, &[rule]), &facts),
        ["all_approved fail: 1 of 2"]
    );
    let checks = evaluate(&gate(None, &[rule]), &facts, |_| Ok(Vec::new()));
    let culprit = Culprit::Other("B Title: not approved".to_owned());
    assert_eq!(checks[2].culprits, [culprit]);
    assert_eq!(
        said(&gate(Some("first"), &[rule]), &facts),
        ["all_approved pass: 1 of 1"]
    );
    let derived = [outcome("c", Status::Passed, &[], 1)];
    let none = Facts {
        outcomes: &derived,
        ..facts
    };
    let expected = "all_approved fail: no result has a documented case";
    assert_eq!(said(&gate(None, &[rule]), &none), [expected]);
    let unread = Facts {
        unapproved: Err("`approvals` in `project.yaml` does not read".to_owned()),
        ..none
    };
    let expected = "all_approved fail: `approvals` in `project.yaml` does not read";
    assert_eq!(said(&gate(None, &[rule]), &unread), [expected]);
}

#[test]
fn a_baseline_tells_what_is_new_and_what_takes_longer() {
    let before = [
        outcome("a", Status::Passed, &[], 100),
        outcome("b", Status::Failed, &[], 100),
        outcome("d", Status::Passed, &[], 100),
    ];
    let now = [
        outcome("a", Status::Failed, &[], 100),
        outcome("b", Status::Failed, &[], 100),
        outcome("d", Status::Passed, &[], 110),
        outcome("new", Status::Broken, &[], 1),
    ];
    let identities = Known::default();
    let environments = [Environment::default()];
    let [old, new] = [&before[..], &now[..]].map(|outcomes| Briefs::of(&environments, outcomes));
    let side = |briefs| Launch {
        briefs,
        identities: &identities,
    };
    let matcher = Matcher::new(std::iter::empty());
    let comparison = compare(&side(&old), &side(&new), &OrderedMap::default(), &matcher);
    let facts = Facts {
        baseline: Ok(&comparison),
        ..facts(&now)
    };
    let rules = [
        GateRule::MaxNewFailures(1),
        GateRule::MaxDurationGrowth(9.9),
        GateRule::MaxDurationGrowth(10.0),
    ];
    assert_eq!(
        said(&gate(None, &rules), &facts),
        [
            "max_new_failures fail: 2",
            "max_duration_growth fail: +10.0%: 110 ms, 100 ms before",
            "max_duration_growth pass: +10.0%: 110 ms, 100 ms before",
        ]
    );
    let first = said(&gate(Some("first"), &rules[..1]), &facts);
    assert_eq!(first, ["max_new_failures pass: 1"]);
}
