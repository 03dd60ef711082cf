//! Lines for programs and spreadsheets.

use serde::Serialize;

use super::gather::{BranchLines, Gathered};
use crate::analysis::stability::Rate;
use crate::base::text::thousands;
use crate::cli::error::CommandError;
use crate::cli::told::{Failing, Share};
use crate::exchange;
use crate::ledger::stability::{Group, Line, groups};
use crate::model::{Parameter, Status};

/// The keys are what scripts rely on.
#[derive(Serialize)]
struct View<'a> {
    /// What is asked about; none where all tests are.
    test: Option<&'a str>,
    branches: Vec<BranchView<'a>>,
}

#[derive(Serialize)]
struct BranchView<'a> {
    branch: Option<&'a str>,
    /// Closed launches that count.
    launches: u64,
    /// Of all tests: one for each environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    environments: Option<Vec<GroupView<'a>>>,
    /// Of one test: one for each environment and its parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<LineView<'a>>>,
}

#[derive(Serialize)]
struct GroupView<'a> {
    environment: &'a str,
    tests: u64,
    failing: u64,
    unsteady: u64,
    flip_rate: Share,
    pass_rate: Share,
}

#[derive(Serialize)]
struct LineView<'a> {
    environment: &'a str,
    name: &'a str,
    parameters: &'a [Parameter],
    /// Oldest first.
    entries: Vec<EntryView<'a>>,
    flip_rate: Share,
    pass_rate: Share,
    flaky: u64,
    failing: Option<Failing>,
}

#[derive(Serialize)]
struct EntryView<'a> {
    launch: &'a str,
    commit: Option<&'a str>,
    status: Status,
    muted: bool,
    flaky: bool,
}

pub(super) fn json(gathered: &Gathered) -> Result<String, CommandError> {
    let branches = gathered.branches.iter().map(|branch| {
        let lines = || {
            let lines = branch.lines.iter().enumerate();
            lines
                .map(|(at, line)| line_view(branch, at, line, gathered))
                .collect()
        };
        let environments = || groups(&branch.lines).into_iter().map(group_view).collect();
        BranchView {
            branch: branch.history.branch.as_deref(),
            launches: branch.history.earlier() as u64,
            environments: gathered.test.is_none().then(environments),
            lines: gathered.test.is_some().then(lines),
        }
    });
    let view = View {
        test: gathered.test.as_deref(),
        branches: branches.collect(),
    };
    Ok(serde_json::to_string_pretty(&view)? + "\n")
}

fn group_view((environment, group): (&str, Group)) -> GroupView<'_> {
    GroupView {
        environment,
        tests: group.tests,
        failing: group.failing,
        unsteady: group.unsteady,
        flip_rate: group.flips.into(),
        pass_rate: group.passes.into(),
    }
}

fn line_view<'a>(
    branch: &'a BranchLines,
    at: usize,
    line: &'a Line,
    of: &Gathered,
) -> LineView<'a> {
    let (name, parameters) = &branch.names[at];
    let entries = line.record.entries.iter().map(|entry| {
        let moment = &branch.history.moments[entry.launch()];
        EntryView {
            launch: &moment.id,
            commit: moment.source.commit.as_deref(),
            status: entry.status,
            muted: entry.muted,
            flaky: entry.flaky,
        }
    });
    LineView {
        environment: &line.environment,
        name,
        parameters,
        entries: entries.collect(),
        flip_rate: line.record.flips.into(),
        pass_rate: line.record.passes.into(),
        flaky: line.record.flaky,
        failing: branch.failing(line, &of.ranges),
    }
}

/// One row for each branch and environment, or for each line of one test.
pub(super) fn csv(gathered: &Gathered) -> String {
    let rates = |flips: Rate, passes: Rate| {
        [flips.part, flips.of, passes.part, passes.of].map(|n| n.to_string())
    };
    let branches = gathered.branches.iter();
    if gathered.test.is_none() {
        let header = [
            "branch",
            "environment",
            "launches",
            "tests",
            "failing",
            "unsteady",
            "flips",
            "flips of",
            "passed",
            "passed of",
        ];
        let rows = branches.flat_map(|branch| {
            let row = move |(environment, group): (&str, Group)| {
                let counts = [
                    branch.history.earlier() as u64,
                    group.tests,
                    group.failing,
                    group.unsteady,
                ];
                let mut row = vec![
                    branch.history.branch.clone().unwrap_or_default(),
                    environment.to_owned(),
                ];
                row.extend(counts.map(|n| n.to_string()));
                row.extend(rates(group.flips, group.passes));
                row
            };
            groups(&branch.lines)
                .into_iter()
                .map(row)
                .collect::<Vec<_>>()
        });
        return exchange::csv(&header, rows);
    }
    let header = [
        "branch",
        "environment",
        "name",
        "parameters",
        "last status",
        "flips",
        "flips of",
        "passed",
        "passed of",
        "flaky",
        "failing since",
        "passed in",
        "commits",
        "range",
    ];
    let rows = branches.flat_map(|branch| {
        let lines = branch.lines.iter().enumerate();
        let row = |(at, line): (usize, &Line)| {
            let ((name, parameters), record) = (&branch.names[at], &line.record);
            let parameters: Vec<String> = parameters.iter().map(written).collect();
            let status = record
                .entries
                .last()
                .map_or("", |entry| entry.status.as_str());
            let failing = branch.failing(line, &gathered.ranges);
            let failing = failing.as_ref();
            let own = |text: Option<String>| text.unwrap_or_default();
            let mut row = vec![
                own(branch.history.branch.clone()),
                line.environment.clone(),
                name.clone(),
                parameters.join(", "),
                status.to_owned(),
            ];
            row.extend(rates(record.flips, record.passes));
            row.extend([
                record.flaky.to_string(),
                own(failing.map(|one| one.since.clone())),
                own(failing.and_then(|one| one.passed_in.clone())),
                own(failing.and_then(|one| one.commits).map(|n| n.to_string())),
                own(failing.and_then(Failing::range)),
            ]);
            row
        };
        lines.map(row).collect::<Vec<_>>()
    });
    exchange::csv(&header, rows)
}

/// `75.0% passed (3 of 4)`
pub(super) fn percent(rate: Rate, word: &str) -> String {
    let word = if word.is_empty() {
        String::new()
    } else {
        format!(" {word}")
    };
    match rate.value() {
        Some(value) => format!(
            "{:.1}%{word} ({} of {})",
            (value * 1000.0).floor() / 10.0,
            thousands(rate.part),
            thousands(rate.of)
        ),
        None => format!("nothing{word}"),
    }
}

/// `size=large`; a masked value is not known.
pub(super) fn written(parameter: &Parameter) -> String {
    format!(
        "{}={}",
        parameter.name,
        parameter.value.as_deref().unwrap_or("***")
    )
}
