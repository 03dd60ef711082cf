//! How results, cases and requirements stand.

use super::*;
use crate::base::time::Date;
use crate::model::{Gap, Link};

fn requirement(id: &str, parent: Option<&str>) -> Requirement {
    Requirement {
        id: id.into(),
        parent: parent.map(str::to_owned),
        url: Some(format!("https://example.com/{id}")),
        ..Requirement::default()
    }
}

fn case(id: &str, links: &[&str]) -> Case {
    let link = |name: &&str| Link {
        kind: Some("requirement".into()),
        name: Some((*name).to_owned()),
        url: None,
    };
    Case {
        id: id.into(),
        links: links.iter().map(link).collect(),
        ..Case::default()
    }
}

fn result(status: Status, stale: bool) -> Latest {
    Latest {
        environment: String::new(),
        status,
        muted: false,
        at: Timestamp::from_ms(0),
        manual: stale,
        stale: stale.then_some(Stale::Text),
        launch: "l".into(),
        result: "r".into(),
    }
}

#[test]
fn results_stand_together() {
    use Status::{Broken, Passed, Skipped, Unknown};
    for (results, standing) in [
        (&[][..], Standing::NotRun),
        (&[(Skipped, false)], Standing::NotRun),
        (&[(Passed, false), (Skipped, false)], Standing::Covered),
        (&[(Passed, false), (Broken, false)], Standing::Failing),
        (&[(Unknown, false)], Standing::Failing),
        (&[(Passed, true)], Standing::Stale),
        (&[(Broken, true), (Passed, false)], Standing::Covered),
        (&[(Skipped, true)], Standing::NotRun),
    ] {
        let latest: Vec<Latest> = results
            .iter()
            .map(|(s, stale)| result(*s, *stale))
            .collect();
        assert_eq!(of_results(&latest), standing, "{results:?}");
    }
}

#[test]
fn manual_results_are_valid_for_a_time() {
    let period = Period::parse("90d");
    let (day, start) = (
        86_400_000,
        Timestamp::parse("2026-08-01T00:00:00Z").expect("a time"),
    );
    let after = |days: i64| Timestamp::from_ms(start.ms() + days * day);
    let manual = Latest {
        at: start,
        manual: true,
        stale: None,
        ..result(Status::Passed, false)
    };
    let automated = Latest {
        manual: false,
        ..manual.clone()
    };
    let text = Latest {
        stale: Some(Stale::Text),
        ..manual.clone()
    };
    let age = period.map(Stale::Age);
    for (latest, period, now, stale) in [
        (&manual, period, after(90), None),
        (&manual, period, after(91), age),
        (&manual, period, after(-1), None),
        (&manual, None, after(9_000), None),
        (&automated, period, after(91), None),
        (&text, period, after(91), Some(Stale::Text)),
    ] {
        assert_eq!(
            latest.clone().valid_for(period, now).stale,
            stale,
            "{latest:?} {now}"
        );
    }
}

#[test]
fn the_matrix_has_gaps_as_rows() {
    let mut all = [
        requirement("R-2", Some("R-1")),
        requirement("R-1", None),
        requirement("R-3", Some("R-1")),
        requirement("R-4", None),
        requirement("R-5", None),
        requirement("R-6", Some("R-7")),
        requirement("R-7", Some("R-6")),
    ];
    let gap = |until| Gap {
        reason: "shown by inspection".into(),
        by: "alice".into(),
        until: Date::parse(until),
    };
    all[3].gap = Some(gap("2026-12-31"));
    all[4].gap = Some(gap("2026-01-31"));
    let mut by_address = case("D", &[]);
    by_address.links.push(Link {
        kind: Some("Requirement".into()),
        name: None,
        url: Some("https://example.com/R-7".into()),
    });
    let cases = [
        case("A", &["r-2"]),
        case("B", &["R-3", "R-3"]),
        case("C", &["REQ-9"]),
        by_address,
    ];
    let latest = |_: &Requirement, case: &Case| match case.id.as_str() {
        "A" => vec![result(Status::Passed, false)],
        "B" => vec![result(Status::Failed, false)],
        _ => Vec::new(),
    };
    let requirements: Vec<&Requirement> = all.iter().collect();
    let cases: Vec<&Case> = cases.iter().collect();
    let now = Timestamp::parse("2026-11-25T00:00:00Z").expect("a time");
    let matrix = trace(&requirements, &cases, now, latest);
    let lines: Vec<String> = matrix
        .lines
        .iter()
        .map(|line| {
            let cases: String = line.cases.iter().map(|c| c.case.id.as_str()).collect();
            let parts = if line.by_parts { " by parts" } else { "" };
            format!(
                "{}{} {} [{cases}]{parts}",
                "-".repeat(line.depth),
                line.requirement.id,
                line.standing.as_str()
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "R-1 failing [] by parts",
            "-R-2 covered [A]",
            "-R-3 failing [B]",
            "R-4 justified []",
            "R-5 gap []",
            "R-6 gap []",
            "R-7 not_run [D]",
        ]
    );
    assert_eq!(matrix.coverage(), Rate { part: 1, of: 5 });
    let unknown: Vec<&str> = matrix
        .unknown
        .iter()
        .map(|(_, words)| words.as_str())
        .collect();
    assert_eq!(unknown, ["REQ-9"]);
    let sum: u64 = Standing::ALL
        .iter()
        .map(|standing| matrix.count(*standing))
        .sum();
    assert_eq!(sum, matrix.lines.len() as u64);
}
