//! Launches as text and as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::planned::PlannedView;
use crate::analysis::verdict;
use crate::base::text;
use crate::model::{
    Annotation, AnnotationKind, Closed, Environment, Flag, GateRecord, JobSummary, Opened, Outcome,
    Source, Totals,
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// For programs; stable
    Json,
}

/// How a check is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people
    #[default]
    Text,
    /// For programs; stable
    Json,
    /// Annotations of GitHub Actions
    Github,
}

/// How a table is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TableFormat {
    /// For people
    #[default]
    Text,
    /// For programs; stable
    Json,
    /// For spreadsheets
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Open,
    Closed,
}

/// One launch as scripts see it. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LaunchView {
    pub(super) id: String,
    pub(super) project: String,
    pub(super) name: String,
    pub(super) state: State,
    pub(super) receipt: Option<String>,
    pub(super) totals: Totals,
    pub(super) opened: Opened,
    pub(super) closed: Option<Closed>,
    pub(super) source: Source,
    pub(super) environment: Environment,
    pub(super) tags: Vec<String>,
    pub(super) jobs: Vec<JobSummary>,
    /// The slug of the plan that it executes.
    pub(super) plan: Option<String>,
    pub(super) supersedes: Option<String>,
    /// What the project's gate said at closing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gate: Option<GateRecord>,
    /// What was planned, and what of it was done; none where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) planned: Option<PlannedView>,
    /// How many failures each category has, the most first; what has none comes last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) categories: Vec<Sorted>,
    /// The launch's folder, relative to the workspace.
    pub(super) path: Option<String>,
    /// What keeps an open launch from closing.
    pub(super) blocking: Vec<String>,
    /// What was said of a closed launch later, oldest first.
    pub(super) annotations: Vec<Annotation>,
}

/// The failures of one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Sorted {
    /// None of those that no category fits.
    pub(super) category: Option<String>,
    pub(super) results: u64,
}

/// Counts the failures of each category, overridden ones apart; none where no failure has one.
pub(super) fn categories(outcomes: &[Outcome]) -> Vec<Sorted> {
    let failures = outcomes
        .iter()
        .filter(|outcome| outcome.status.needs_resolution() && !outcome.has(Flag::Overridden));
    let mut counts: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    for outcome in failures {
        *counts.entry(outcome.category.as_deref()).or_default() += 1;
    }
    if counts.keys().all(Option::is_none) {
        return Vec::new();
    }
    let mut sorted: Vec<Sorted> = counts
        .into_iter()
        .map(|(category, results)| Sorted {
            category: category.map(str::to_owned),
            results,
        })
        .collect();
    sorted.sort_by_key(|one| (one.category.is_none(), std::cmp::Reverse(one.results)));
    sorted
}

/// One launch in a list.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Summary {
    id: String,
    project: String,
    name: String,
    state: State,
    receipt: Option<String>,
    totals: Totals,
    opened: Opened,
}

pub(super) fn summary(view: &LaunchView) -> Summary {
    Summary {
        id: view.id.clone(),
        project: view.project.clone(),
        name: view.name.clone(),
        state: view.state,
        receipt: view.receipt.clone(),
        totals: view.totals,
        opened: view.opened.clone(),
    }
}

/// Writes a view for programs.
pub(crate) fn json(view: &impl Serialize) -> String {
    serde_json::to_string_pretty(view).expect("a view is plain data") + "\n"
}

/// Renders a table of launches.
pub(super) fn table(rows: &[Summary]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header([
        "launch",
        "name",
        "opened",
        "state",
        "passed",
        "not passed",
        "unresolved",
    ]);
    for row in rows {
        let totals = &row.totals;
        let state = match row.state {
            State::Open => "open",
            State::Closed => "closed",
        };
        table.add_row([
            format!("{}/{}", row.project, row.id),
            text::truncate(&text::sanitize_line(&row.name), 40),
            row.opened.at.format("%Y-%m-%d %H:%M"),
            match row.opened.backfilled {
                Some(_) => format!("{state}, backfilled"),
                None => state.to_owned(),
            },
            text::thousands(totals.passed),
            text::thousands(totals.failed + totals.broken + totals.unknown),
            text::thousands(totals.unresolved),
        ]);
    }
    for column in [4, 5, 6] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(comfy_table::CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n")
}

/// Renders one launch for people.
pub(super) fn text_of(view: &LaunchView) -> String {
    let mut lines = vec![
        format!(
            "{} ({}/{})",
            text::sanitize_line(&view.name),
            view.project,
            view.id
        ),
        verdict::verdict(&view.totals).sentence,
        String::new(),
        field("results", &super::append::counts(&view.totals)),
    ];
    let totals = &view.totals;
    let beside = [
        ("muted", totals.muted),
        ("overridden", totals.overridden),
        ("unresolved", totals.unresolved),
    ];
    for (name, count) in beside.into_iter().filter(|(_, count)| *count > 0) {
        lines.push(field(name, &text::thousands(count)));
    }
    for (at, sorted) in view.categories.iter().enumerate() {
        let name = sorted.category.as_deref().unwrap_or("(no category)");
        let count = text::thousands(sorted.results);
        lines.push(field(
            if at == 0 { "categories" } else { "" },
            &format!("{count} {}", text::sanitize_line(name)),
        ));
    }
    lines.push(field(
        "opened",
        &match view.opened.backfilled {
            // When its results were made; nobody opened it then.
            Some(_) => view.opened.at.format("%Y-%m-%d %H:%M UTC"),
            None => by(view.opened.at, view.opened.by.as_deref()),
        },
    ));
    if let Some(backfilled) = view.opened.backfilled {
        let by = by(backfilled.at, view.opened.by.as_deref());
        let until = backfilled
            .until
            .map(|until| until.format("; results until %Y-%m-%d %H:%M UTC"));
        let until = until.unwrap_or_default();
        lines.push(field("backfilled", &format!("{by}{until}")));
    }
    if let Some(closed) = &view.closed {
        lines.push(field("closed", &by(closed.at, closed.by.as_deref())));
        for (name, value) in [("meaning", &closed.meaning), ("reason", &closed.reason)] {
            lines.extend(value.as_ref().map(|value| field(name, value)));
        }
    }
    for (name, value) in [
        ("receipt", &view.receipt),
        ("branch", &view.source.branch),
        ("commit", &view.source.commit),
        ("pull request", &view.source.pull_request),
        ("repository", &view.source.repository),
        ("plan", &view.plan),
        ("supersedes", &view.supersedes),
        ("folder", &view.path),
    ] {
        if let Some(value) = value {
            lines.push(field(name, value));
        }
    }
    if let Some(planned) = &view.planned {
        lines.push(field("planned", &planned.sentence()));
        let reason = planned.reason();
        lines.extend(reason.map(|reason| field("", &format!("closed without the rest: {reason}"))));
    }
    lines.extend(
        view.gate
            .as_ref()
            .map(|gate| field("gate", &said_by_gate(gate))),
    );
    for job in &view.jobs {
        let rows = text::count(job.rows, "row");
        lines.push(field(
            "job",
            &format!("{} ({rows}, shard {})", job.name, job.shard),
        ));
        if let Some(reason) = &job.accepted_loss {
            lines.push(field("", &format!("loss accepted: {reason}")));
        }
    }
    for annotation in &view.annotations {
        lines.push(field(annotation.kind.as_str(), &said(annotation)));
    }
    for reason in &view.blocking {
        lines.push(field("not yet", reason));
    }
    lines.join("\n")
}

/// `failed at closing: max_failed`
pub(crate) fn said_by_gate(gate: &GateRecord) -> String {
    match gate.failed.as_slice() {
        [] => format!("{} at closing", gate.verdict),
        failed => format!("{} at closing: {}", gate.verdict, failed.join(", ")),
    }
}

/// `7 files on 24 May 2027, 00:00 UTC by Alice <…>: our policy`
fn said(annotation: &Annotation) -> String {
    let what = match (annotation.kind, &annotation.violation) {
        (AnnotationKind::Note, _) => String::new(),
        (_, Some(violation)) => {
            let path = violation.path.as_ref().map(|path| format!(" of {path}"));
            format!("{}{} ", violation.kind, path.unwrap_or_default())
        }
        _ => format!("{} ", text::count(annotation.files.len() as u64, "file")),
    };
    let by = by(annotation.at, annotation.by.as_deref());
    format!("{what}on {by}: {}", annotation.reason)
}

fn field(name: &str, value: &str) -> String {
    format!("{name:<13} {}", text::sanitize_line(value))
}

fn by(at: crate::base::Timestamp, who: Option<&str>) -> String {
    match who {
        Some(who) => format!("{} by {who}", at.long()),
        None => at.long(),
    }
}
