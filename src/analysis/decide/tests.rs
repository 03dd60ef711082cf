use super::*;
use crate::base::Timestamp;
use crate::base::time::Date;
use crate::model::{Automation, Case, Category, Job, Labels, Mute, TestResult};

fn result(id: &str, name: &str, status: Status) -> TestResult {
    TestResult {
        id: id.into(),
        name: name.into(),
        full_name: Some(format!("t#{name}")),
        status,
        ..TestResult::default()
    }
}

fn decided(results: Vec<TestResult>, cases: &[Case]) -> Decision {
    let (resolver, categories) = (Resolver::default(), Categories::default());
    decided_by(results, cases, &resolver, &categories)
}

fn decided_by(
    results: Vec<TestResult>,
    cases: &[Case],
    resolver: &Resolver<'_>,
    categories: &Categories<'_>,
) -> Decision {
    let environments = [Environment::default()];
    let rows: Vec<Row> = results
        .into_iter()
        .map(|r| Row::new(r, &Job::default(), 0, &environments[0]))
        .collect();
    decide(&Input {
        rows: &rows,
        environments: &environments,
        declared: &OrderedMap::default(),
        matcher: &Matcher::new(cases),
        resolver,
        categories,
        launch: ("2026-11-22-nightly", "Nightly"),
    })
}

#[test]
fn retries_stand_apart_from_counts() {
    let mut first = result("a", "x", Status::Failed);
    first.attempt = Some(1);
    let mut second = result("b", "x", Status::Passed);
    second.attempt = Some(2);
    let decision = decided(vec![second, first, result("c", "y", Status::Broken)], &[]);
    let totals = decision.totals;
    assert_eq!(
        (totals.total, totals.passed, totals.broken, totals.retries),
        (2, 1, 1, 1)
    );
    assert_eq!(totals.unresolved, 1);
    assert_eq!(decision.outcomes[0].flags, [Flag::Flaky, Flag::Retried]);
    assert_eq!(decision.outcomes[0].retries, ["a"]);
}

#[test]
fn a_manual_result_overrides_the_automated_one_of_its_case() {
    let case = Case {
        id: "S-1".into(),
        automation: Automation {
            selectors: vec!["t#auto".into()],
        },
        ..Case::default()
    };
    let mut manual = result("m", "by hand", Status::Passed);
    manual.execution = Execution::Manual;
    manual.ids = vec!["S-1".into()];
    let decision = decided(vec![result("a", "auto", Status::Failed), manual], &[case]);
    let totals = decision.totals;
    assert_eq!((totals.total, totals.passed, totals.failed), (2, 1, 0));
    assert_eq!((totals.overridden, totals.unresolved), (1, 0));
}

fn planned(id: &str, case: &str, start: i64, assignee: &str) -> TestResult {
    let mut labels = Labels::default();
    labels.add("assignee", assignee);
    TestResult {
        id: id.into(),
        name: case.to_lowercase(),
        test_case_id: Some(case.into()),
        ids: vec![case.into()],
        execution: Execution::Manual,
        status: Status::InProgress,
        start: Some(Timestamp::from_ms(start)),
        labels,
        ..TestResult::default()
    }
}

#[test]
fn what_was_planned_stays_in_progress_until_something_answers_it() {
    let case = |id: &str, selector: &str| Case {
        id: id.into(),
        automation: Automation {
            selectors: vec![selector.into()],
        },
        ..Case::default()
    };
    let cases = [case("S-1", "t#one"), case("S-2", "t#two"), case("S-3", "-")];
    let mut done = planned("m", "S-3", 9, "");
    (done.status, done.labels) = (Status::Failed, Labels::default());
    let rows = || {
        vec![
            planned("p1", "S-1", 1, "alice"),
            planned("p2", "S-2", 1, "alice"),
            planned("p3", "S-3", 1, "alice"),
            planned("p4", "S-2", 5, "bob"),
            planned("p5", "S-2", 3, "carol"),
            result("a", "one", Status::Passed),
            result("x", "other", Status::Failed),
            done.clone(),
        ]
    };
    let decision = decided(rows(), &cases);
    let totals = decision.totals;
    assert_eq!(
        (
            totals.total,
            totals.passed,
            totals.failed,
            totals.in_progress
        ),
        (4, 1, 2, 1)
    );
    assert_eq!((totals.retries, totals.overridden), (0, 0));
    let said = |decision: &Decision| -> Vec<(String, Option<String>, bool)> {
        let planned = decision.plans.planned.iter();
        let said = planned.map(|one| {
            let assignee = one.planning.assignee.clone();
            (one.case.clone().unwrap_or_default(), assignee, one.done)
        });
        let mut said: Vec<_> = said.collect();
        said.sort();
        said
    };
    let one = |case: &str, who: &str, done| (case.to_owned(), Some(who.to_owned()), done);
    assert_eq!(
        said(&decision),
        [
            one("S-1", "alice", true),
            one("S-2", "bob", false),
            one("S-3", "alice", true)
        ]
    );
    let unplanned: Vec<&str> = decision
        .plans
        .unplanned
        .iter()
        .map(|at| decision.outcomes[*at].id.as_str())
        .collect();
    assert_eq!(unplanned, ["x"]);
    let open = decision
        .outcomes
        .iter()
        .find(|o| o.status == Status::InProgress);
    assert_eq!(open.map(|o| (o.id.as_str(), o.attempts)), Some(("p4", 0)));
    assert!(!decision.cases.contains("S-2"), "it was not executed");
    let mut turned = rows();
    turned.reverse();
    assert_eq!(decided(turned, &cases), decision);
}

#[test]
fn names_join_where_identities_collide() {
    let mut a = result("a", "one", Status::Passed);
    let mut b = result("b", "two", Status::Failed);
    a.test_case_id = Some("same".into());
    b.test_case_id = Some("same".into());
    let decision = decided(vec![a, b, result("c", "three", Status::Passed)], &[]);
    assert_eq!(decision.totals.total, 3);
    let named: Vec<bool> = decision.outcomes.iter().map(|o| o.name.is_some()).collect();
    assert_eq!(named, [true, false, true]);
}

#[test]
fn order_of_arrival_does_not_matter() {
    let rows = || {
        vec![
            result("a", "x", Status::Failed),
            result("b", "x", Status::Passed),
            result("c", "y", Status::Skipped),
        ]
    };
    let mut reversed = rows();
    reversed.reverse();
    assert_eq!(decided(rows(), &[]), decided(reversed, &[]));
}

#[test]
fn mutes_may_ask_for_what_was_decided_before_them() {
    let category = |name: &str, message: &str| {
        let mut category = Category {
            name: name.into(),
            ..Category::default()
        };
        category.conditions.search.message = Some(message.into());
        category
    };
    let mute = |query: &str| Mute {
        id: "M-1".into(),
        until: Date::parse("2026-12-31"),
        query: Some(query.into()),
        ..Mute::default()
    };
    let now = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
    let all = [category("Network", "refused"), category("Other", "")];
    let categories = Categories::new(&all);
    let rows = || {
        let mut a = result("a", "x", Status::Failed);
        a.message = Some("connection refused".into());
        a.labels.add("layer", "e2e");
        a.file = Some("tests/x.py".into());
        let mut b = result("b", "y", Status::Broken);
        b.message = Some("boom".into());
        vec![a, b, result("c", "z", Status::Passed)]
    };
    for (query, muted) in [
        ("category = Network", vec!["a"]),
        ("category = Network and layer = unit", vec![]),
        (
            "file ~= \"tests/\" and layer = e2e and launch = Nightly",
            vec!["a"],
        ),
        ("status = broken", vec!["b"]),
        ("status = passed", vec![]),
        ("muted = true", vec![]),
        ("name ~=", vec![]),
    ] {
        let mutes = [mute(query)];
        let resolver = Resolver::new(&mutes, [], now);
        let decision = decided_by(rows(), &[], &resolver, &categories);
        let outcomes = decision.outcomes.iter();
        let found = outcomes.filter(|o| o.has(Flag::Muted) && o.mute.as_deref() == Some("M-1"));
        assert_eq!(
            found.map(|o| o.id.as_str()).collect::<Vec<_>>(),
            muted,
            "{query}"
        );
        let sorted: Vec<_> = decision
            .outcomes
            .iter()
            .map(|o| o.category.as_deref())
            .collect();
        assert_eq!(sorted, [Some("Network"), Some("Other"), None]);
    }
}

#[test]
fn an_unknown_id_is_noted() {
    let mut row = result("a", "x", Status::Passed);
    row.ids = vec!["NOPE-1".into()];
    assert_eq!(
        decided(vec![row], &[]).notes,
        ["id `NOPE-1` of `x` names no case; it is kept as a label"]
    );
}
