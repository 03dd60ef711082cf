//! Launches that fit, newest first, open ones on top.

use serde_json::{Value as Json, json};

use super::gather::{Asked, columns, header, variables};
use super::show::Answer;
use crate::analysis::subjects::{LaunchState, LaunchSubject, Of};
use crate::cli::error::CommandError;
use crate::ledger::{Launch, superseded};

/// For spreadsheets.
const COLUMNS: &[&str] = &[
    "id",
    "project",
    "name",
    "state",
    "receipt",
    "opened/at",
    "opened/by",
    "closed/at",
    "closed/by",
    "source/branch",
    "source/commit",
    "source/pull_request",
    "environment",
    "tags",
    "jobs",
    "supersedes",
    "superseded",
    "totals/total",
    "totals/passed",
    "totals/failed",
    "totals/broken",
    "totals/skipped",
    "totals/unknown",
    "totals/unresolved",
    "totals/muted",
    "totals/overridden",
    "totals/retries",
];

pub(super) fn launches(asked: &Asked<'_>) -> Result<Answer, CommandError> {
    let reader = asked.reader;
    let superseded = superseded(&reader.heads);
    let open = reader.open()?;
    let closed = reader.heads.iter().rev().map(|head| {
        let file = &head.file;
        LaunchSubject {
            id: &file.id,
            name: &file.name,
            project: &file.project,
            state: LaunchState::Closed {
                closed: &file.closed,
                receipt: head.receipt,
            },
            tags: &file.tags,
            links: &file.links,
            jobs: &file.jobs,
            environment: &file.environment,
            source: &file.source,
            opened: &file.opened,
            supersedes: file.supersedes.as_deref(),
            superseded: superseded.contains(file.id.as_str()),
            totals: &file.totals,
        }
    });
    let subjects: Vec<LaunchSubject<'_>> =
        open.iter().rev().map(open_subject).chain(closed).collect();
    let mut answer = Answer {
        header: header(
            &[
                "id",
                "name",
                "opened",
                "state",
                "branch",
                "passed",
                "not passed",
                "unresolved",
                "total",
            ],
            &[],
        ),
        columns: columns(COLUMNS, &[]),
        among: subjects.len() as u64,
        ..Answer::default()
    };
    let fitting = asked.bound.select(&subjects);
    answer.fitting = fitting.len() as u64;
    answer.strangers = asked.bound.strangers(&subjects, Of::Launches.as_str());
    for subject in fitting {
        answer.rows.push(launch_row(subject));
        answer.json.push(launch_object(subject));
    }
    Ok(answer)
}

fn open_subject(launch: &Launch) -> LaunchSubject<'_> {
    LaunchSubject {
        id: &launch.id,
        name: &launch.name,
        project: &launch.project,
        state: LaunchState::Open,
        tags: &launch.tags,
        links: &launch.links,
        jobs: &launch.jobs,
        environment: &launch.environment,
        source: &launch.source,
        opened: &launch.opened,
        supersedes: launch.supersedes.as_deref(),
        superseded: false,
        totals: &launch.totals,
    }
}

fn launch_row(subject: &LaunchSubject<'_>) -> Vec<String> {
    let totals = subject.totals;
    let count = |n: u64| n.to_string();
    vec![
        subject.id.to_owned(),
        subject.name.to_owned(),
        subject.opened.at.format("%Y-%m-%d %H:%M"),
        subject.state.as_str().to_owned(),
        subject.source.branch.clone().unwrap_or_default(),
        count(totals.passed),
        count(totals.failed + totals.broken + totals.unknown),
        count(totals.unresolved),
        count(totals.total),
    ]
}

fn launch_object(subject: &LaunchSubject<'_>) -> Json {
    let (closed, receipt) = match subject.state {
        LaunchState::Open => (None, None),
        LaunchState::Closed { closed, receipt } => (Some(closed), Some(receipt.to_string())),
    };
    let jobs: Vec<&str> = subject.jobs.iter().map(|job| job.name.as_str()).collect();
    json!({
        "id": subject.id, "project": subject.project, "name": subject.name,
        "state": subject.state.as_str(), "receipt": receipt,
        "opened": subject.opened, "closed": closed, "source": subject.source,
        "environment": variables(subject.environment), "tags": subject.tags, "links": subject.links,
        "jobs": jobs, "supersedes": subject.supersedes, "superseded": subject.superseded,
        "totals": subject.totals,
    })
}
