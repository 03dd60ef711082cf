//! The matrix for programs and spreadsheets.

use serde::Serialize;

use super::Asked;
use crate::analysis::trace::{Latest, Line, Matrix, Stale, Traced};
use crate::exchange;
use crate::model::Requirement;

#[derive(Serialize)]
pub(super) struct View<'a> {
    coverage: Share,
    requirements: Vec<RequirementView<'a>>,
    /// Links to requirements that are not here.
    unknown: Vec<Unknown<'a>>,
}

#[derive(Serialize)]
struct Share {
    value: Option<f64>,
    part: u64,
    of: u64,
}

#[derive(Serialize)]
struct Unknown<'a> {
    case: &'a str,
    requirement: &'a str,
}

#[derive(Serialize)]
struct RequirementView<'a> {
    id: &'a str,
    title: &'a str,
    url: Option<&'a str>,
    owner: Option<&'a str>,
    parent: Option<&'a str>,
    standing: &'static str,
    /// Why it is not covered.
    reason: Option<String>,
    /// Whether it stands as its parts do.
    by_parts: bool,
    gap: Option<GapView<'a>>,
    cases: Vec<CaseView<'a>>,
}

#[derive(Serialize)]
struct GapView<'a> {
    reason: &'a str,
    by: &'a str,
    until: Option<String>,
}

#[derive(Serialize)]
struct CaseView<'a> {
    id: &'a str,
    title: &'a str,
    standing: &'static str,
    latest: Vec<LatestView<'a>>,
}

#[derive(Serialize)]
struct LatestView<'a> {
    environment: &'a str,
    status: &'static str,
    muted: bool,
    stale: bool,
    /// `text` or `age`.
    stale_because: Option<&'static str>,
    launch: &'a str,
    result: &'a str,
}

impl<'a> View<'a> {
    pub(super) fn new(matrix: &'a Matrix<'a>, asked: Asked) -> Self {
        let lines = matrix.lines.iter().filter(|line| asked.takes(line));
        let unknown = matrix.unknown.iter();
        let coverage = matrix.coverage();
        Self {
            coverage: Share {
                value: coverage.value(),
                part: coverage.part,
                of: coverage.of,
            },
            requirements: lines.map(RequirementView::new).collect(),
            unknown: unknown
                .map(|(case, words)| Unknown {
                    case: &case.id,
                    requirement: words,
                })
                .collect(),
        }
    }
}

impl<'a> RequirementView<'a> {
    fn new(line: &'a Line<'a>) -> Self {
        let requirement: &Requirement = line.requirement;
        let gap = requirement.gap.as_ref().map(|gap| GapView {
            reason: &gap.reason,
            by: &gap.by,
            until: gap.until.map(|until| until.to_string()),
        });
        Self {
            id: &requirement.id,
            title: &requirement.title,
            url: requirement.url.as_deref(),
            owner: requirement.owner.as_deref(),
            parent: requirement.parent.as_deref(),
            standing: line.standing.as_str(),
            reason: line.reason(),
            by_parts: line.by_parts,
            gap,
            cases: line.cases.iter().map(CaseView::new).collect(),
        }
    }
}

impl<'a> CaseView<'a> {
    fn new(traced: &'a Traced<'a>) -> Self {
        let latest = traced.latest.iter().map(|latest: &Latest| LatestView {
            environment: &latest.environment,
            status: latest.status.as_str(),
            muted: latest.muted,
            stale: latest.stale.is_some(),
            stale_because: latest.stale.map(Stale::as_str),
            launch: &latest.launch,
            result: &latest.result,
        });
        Self {
            id: &traced.case.id,
            title: &traced.case.title,
            standing: traced.standing.as_str(),
            latest: latest.collect(),
        }
    }
}

/// One row for each requirement, case and environment; gaps have a row of their own.
pub(super) fn csv(matrix: &Matrix<'_>, asked: Asked) -> String {
    let header = [
        "requirement",
        "title",
        "standing",
        "gap",
        "case",
        "case title",
        "environment",
        "status",
        "muted",
        "stale",
        "launch",
        "result",
        "reason",
    ];
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in matrix.lines.iter().filter(|line| asked.takes(line)) {
        let requirement = line.requirement;
        let reason = requirement.gap.as_ref().map(|gap| gap.reason.clone());
        let own = [
            requirement.id.clone(),
            requirement.title.clone(),
            line.standing.as_str().to_owned(),
            reason.unwrap_or_default(),
        ];
        let mut add = |case: [String; 2], latest: Option<&Latest>| {
            let mut row = own.to_vec();
            row.extend(case);
            row.extend(match latest {
                None => vec![String::new(); 6],
                Some(latest) => vec![
                    latest.environment.clone(),
                    latest.status.as_str().to_owned(),
                    latest.muted.to_string(),
                    latest.stale.is_some().to_string(),
                    latest.launch.clone(),
                    latest.result.clone(),
                ],
            });
            row.push(line.reason().unwrap_or_default());
            rows.push(row);
        };
        for traced in &line.cases {
            let case = [traced.case.id.clone(), traced.case.title.clone()];
            match traced.latest.as_slice() {
                [] => add(case, None),
                all => all
                    .iter()
                    .for_each(|latest| add(case.clone(), Some(latest))),
            }
        }
        if line.cases.is_empty() {
            add(Default::default(), None);
        }
    }
    exchange::csv(&header, rows)
}
