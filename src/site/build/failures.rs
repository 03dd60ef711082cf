//! Failures as lists show them, grouped by what they say.

use super::context::Context;
use super::names;
use super::rows::{Row, Window};
use crate::analysis::clusters;
use crate::analysis::tracks::Transition;
use crate::model::{Environment, Flag, Status};
use crate::site::chart;
use crate::site::texts::{count, human_duration, say};
use crate::site::view::{Failure, FailureGroup, Link, Strip};
use crate::site::words;

/// The most failures that a page shows with message and trace.
pub(crate) const MOST: usize = 500;
/// The most bytes of a trace on a page; the result's own view has more.
const TRACE: usize = 6_000;
const MESSAGE: usize = 4_000;
/// The most bytes of all traces of a page; past them each is shown by its beginning, so that a page of 500 failures
/// opens as fast as one of 50.
const TRACES: usize = 200_000;
const BEGINNING: usize = 400;
/// Entries in the strip of a list's row.
const STRIP: usize = 14;
/// Up to this many failures are shown with their traces unfolded.
const UNFOLDED: usize = 3;
/// Failures of a group that are shown with what they say, where there are more than one more.
const SHOWN: usize = 3;

/// Characters of a message within the verdict.
const CAUSE: usize = 120;

/// One launch as its pages see it.
#[derive(Debug)]
pub(crate) struct LaunchContext<'a> {
    pub(crate) project: &'a Context<'a>,
    /// The launch's index in the project.
    pub(crate) number: usize,
    pub(crate) window: &'a Window,
    pub(crate) rows: &'a [Row<'a>],
    pub(crate) tabs: Tabs,
}

/// Which pages a launch has beside its results.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tabs {
    /// How many environments had results, where that is more than one.
    pub(crate) environments: Option<usize>,
    pub(crate) timeline: bool,
    /// Whether it has a baseline.
    pub(crate) comparison: bool,
}

impl LaunchContext<'_> {
    /// Returns the link to a result's own view; `up` leads from the page to the launch's folder.
    pub(crate) fn result_href(&self, number: usize, up: &str) -> String {
        format!("{up}results.html#{}", self.result_anchor(number))
    }

    /// Returns what a result is known by within the page of results.
    pub(crate) fn result_anchor(&self, number: usize) -> String {
        let id: String = self.rows[number].outcome.id.chars().take(8).collect();
        format!("r={number}.{}", super::paths::fragment(&id))
    }

    /// Whether the site leaves earlier launches out, so that what failed since when is not known for sure.
    pub(crate) fn is_cut(&self) -> bool {
        self.project.input.options.since.is_some()
    }

    pub(crate) fn environment(&self, row: &Row<'_>) -> &Environment {
        static NONE: std::sync::LazyLock<Environment> =
            std::sync::LazyLock::new(Environment::default);
        let launch = &self.project.project.launches[self.number];
        launch
            .environments
            .get(row.outcome.env as usize)
            .unwrap_or(&NONE)
    }

    /// The variables by which environments of the launch differ, and what they are for a result.
    pub(crate) fn variables(&self, row: &Row<'_>) -> Vec<(String, String)> {
        let launch = &self.project.project.launches[self.number];
        let differs = |name: &str, value: &String| {
            launch
                .environments
                .iter()
                .any(|other| other.get(name) != Some(value))
        };
        self.environment(row)
            .iter()
            .filter(|(name, value)| differs(name, value))
            .map(|(name, value)| (words::line(name), words::line(value)))
            .collect()
    }

    /// The same as a text: `browser=chrome, os=linux`.
    pub(crate) fn environment_text(&self, row: &Row<'_>) -> String {
        let parts = self.variables(row).into_iter();
        let parts: Vec<String> = parts.map(|(n, v)| format!("{n}={v}")).collect();
        parts.join(", ")
    }
}

/// The failures of a launch, the ones that need a person first.
pub(crate) fn groups(context: &LaunchContext<'_>, unresolved: &Unsolved) -> Vec<FailureGroup> {
    let (mut left, mut traces) = (MOST, TRACES);
    let mut out = Vec::new();
    for group in &unresolved.clusters {
        if left == 0 {
            break;
        }
        let shown = &group[..group.len().min(left)];
        left -= shown.len();
        let is_open = unresolved.all.len() <= UNFOLDED;
        let mut made = failure_group(context, group, shown, is_open);
        if made.failures.len() > SHOWN + 1 {
            made.rest = made.failures.split_off(SHOWN);
            made.rest_text = say!("failures.more-that-say-the-same", n = made.rest.len());
            for failure in &mut made.rest {
                failure.message.clear();
                failure.trace.clear();
            }
        }
        for failure in &mut made.failures {
            match traces.checked_sub(failure.trace.len()) {
                Some(rest) => traces = rest,
                None => failure.trace = words::clean(&failure.trace, BEGINNING),
            }
        }
        out.push(made);
    }
    out
}

/// The unresolved failures of a launch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsolved {
    /// Their rows, new ones first.
    pub(crate) all: Vec<usize>,
    /// Those that say the same together, as [`alike`] has them.
    pub(crate) clusters: Vec<Vec<usize>>,
}

impl Unsolved {
    pub(crate) fn new(context: &LaunchContext<'_>, all: Vec<usize>) -> Self {
        let clusters = alike(context, &all);
        Self { all, clusters }
    }

    /// Says what most of them say, where they are several: of how many, and what. None where they say different things, or
    /// nothing.
    pub(crate) fn cause(&self, context: &LaunchContext<'_>) -> Option<(usize, String)> {
        let group = self.clusters.iter().max_by_key(|group| group.len())?;
        let is_most = group.len() >= 3 && group.len() * 2 > self.all.len();
        let result = context.rows[*group.first()?].result?;
        let says = words::first_line(result.message.as_deref()?);
        let says = crate::base::text::truncate(&says, CAUSE);
        (is_most && !says.is_empty()).then_some((group.len(), says))
    }
}

/// Puts failures together that say the same, as `triage` and the list of results do: groups with new ones first,
/// then by size.
pub(crate) fn alike(context: &LaunchContext<'_>, numbers: &[usize]) -> Vec<Vec<usize>> {
    let failures: Vec<_> = { numbers.iter() }
        .map(|number| names::said(&context.rows[*number]))
        .collect();
    let clusters = clusters::clusters(&failures).into_iter();
    let mut groups: Vec<Vec<usize>> = clusters
        .map(|cluster| cluster.members.iter().map(|at| numbers[*at]).collect())
        .collect();
    let is_new = |n: &usize| {
        let row = &context.rows[*n];
        row.past.is_new_failure(row.outcome)
    };
    groups.sort_by_key(|group| {
        let new = group.iter().filter(|n| is_new(n)).count();
        (
            std::cmp::Reverse(new > 0),
            std::cmp::Reverse(group.len()),
            group[0],
        )
    });
    groups
}

/// One group of failures, of which `shown` are listed.
pub(crate) fn failure_group(
    context: &LaunchContext<'_>,
    group: &[usize],
    shown: &[usize],
    open: bool,
) -> FailureGroup {
    let mut failures: Vec<Failure> = shown
        .iter()
        .map(|n| Failure {
            open,
            ..failure(context, *n, "", "../../")
        })
        .collect();
    let title = failures.first().map_or(String::new(), |f| f.brief.clone());
    let shared = failures.first().map(|f| f.message.clone());
    let message = shared
        .filter(|m| group.len() > 1 && failures.iter().all(|f| f.message == *m))
        .unwrap_or_default();
    // What the group says whole, its members don't repeat.
    for failure in &mut failures {
        if group.len() > 1 && (failure.message == title || !message.is_empty()) {
            failure.message.clear();
        }
    }
    let new = group.iter().filter(|n| {
        let row = &context.rows[**n];
        row.past.is_new_failure(row.outcome)
    });
    let new = new.count();
    FailureGroup {
        rest: Vec::new(),
        rest_text: String::new(),
        new_text: match new {
            0 => String::new(),
            n => say!("failures.new-of-them", n = n),
        },
        title: match title.is_empty() {
            true if context.rows[group[0]].result.is_none() => say!("failures.not-in-this-site"),
            true => say!("failures.no-message"),
            false => title,
        },
        message,
        status: context.rows[group[0]].outcome.status.as_str(),
        count: group.len(),
        count_text: count(group.len() as u64, "failure"),
        many: group.len() > 1,
        failures,
    }
}

/// One failure; `up` leads from the page to the launch's folder, `project_up` to the project's.
pub(crate) fn failure(
    context: &LaunchContext<'_>,
    number: usize,
    up: &str,
    project_up: &str,
) -> Failure {
    let row = &context.rows[number];
    let status = row.outcome.status;
    let text = |t: Option<&String>, max| words::clean(t.map_or("", String::as_str), max);
    let message = text(row.result.and_then(|r| r.message.as_ref()), MESSAGE);
    Failure {
        anchor: format!("f{number}"),
        href: context.result_href(number, up),
        name: words::line(row.name),
        parameters: words::line(&row.parameters()),
        path: words::line(&words::path(&row.path)),
        status: status.as_str(),
        label: words::label(status),
        flags: flags(row),
        since: since(context, row),
        case: case_link(context, row, project_up),
        brief: words::first_line(&message),
        trace: beyond(
            &message,
            text(row.result.and_then(|r| r.trace.as_ref()), TRACE),
        ),
        message,
        open: false,
        strip: strip(context, row),
        duration: row.outcome.duration.map_or(String::new(), human_duration),
        environment: context.environment_text(row),
        owner: owner(context, row),
        person: super::launch::planned::person(context, row),
        proof: None,
    }
}

/// Returns a trace without the message that it begins with, which stands above it.
fn beyond(message: &str, trace: String) -> String {
    let rest = trace.strip_prefix(message).filter(|_| !message.is_empty());
    match rest.map(|rest| rest.trim_start_matches(['\n', '\r'])) {
        Some(rest) if !rest.is_empty() && trace[message.len()..].starts_with(['\n', '\r']) => {
            rest.to_owned()
        }
        Some("") => String::new(),
        _ => trace,
    }
}

/// The flags of a result in words; known and muted ones are said by what resolves them.
pub(crate) fn flags(row: &Row<'_>) -> Vec<&'static str> {
    let mut flags: Vec<&str> = row.outcome.flags.iter().map(|f| Flag::as_str(*f)).collect();
    if row.past.is_new_failure(row.outcome) {
        flags.insert(0, "new");
    } else if row.past.transition == Some(Transition::Fixed) {
        flags.insert(0, "fixed");
    }
    flags
}

/// `new`, or since when it fails.
fn since(context: &LaunchContext<'_>, row: &Row<'_>) -> String {
    match row.past.since {
        Some(launch) => {
            let is_first = context.is_cut() && context.window.launches.first() == Some(&launch);
            let launch = &context.project.project.launches[launch];
            {
                let key = if is_first {
                    "failures.since-or-longer"
                } else {
                    "failures.since"
                };
                say!(
                    key,
                    launch = words::line(&launch.file.name),
                    day = words::when(launch.file.opened.at).day
                )
            }
        }
        None if !row.past.known => String::new(),
        None if row.past.transition == Some(Transition::New) && context.is_cut() => {
            say!("failures.in-none-of-the-launches-before")
        }
        None if row.past.transition == Some(Transition::New) => {
            say!("failures.first-entry-of-this-test")
        }
        None => say!("failures.did-not-fail-before"),
    }
}

fn strip(context: &LaunchContext<'_>, row: &Row<'_>) -> Strip {
    let statuses: Vec<Option<Status>> = context
        .window
        .statuses(row.past.track)
        .map(|(_, status)| status)
        .collect();
    if statuses.iter().flatten().count() < 2 {
        return Strip::default();
    }
    let skip = statuses.len().saturating_sub(STRIP);
    let entries = statuses[skip..].iter().map(|status| chart::Entry {
        status: *status,
        title: String::new(),
        href: None,
    });
    chart::strip(entries.collect())
}

pub(crate) fn case_link(
    context: &LaunchContext<'_>,
    row: &Row<'_>,
    project_up: &str,
) -> Option<Link> {
    let case = row.outcome.case.as_deref()?;
    Some(Link {
        text: case.to_owned(),
        href: context.project.case_href(case, project_up),
        kind: say!("failures.case"),
    })
}

/// Who looks after a test: as the result says, else as its case does.
pub(crate) fn owner(context: &LaunchContext<'_>, row: &Row<'_>) -> String {
    let said = row.result.and_then(|r| r.labels.first("owner"));
    let of_case = || {
        let case = row.outcome.case.as_deref()?;
        context.project.case(case)?.owner.as_deref()
    };
    context
        .project
        .person(said.or_else(of_case).unwrap_or_default())
}
