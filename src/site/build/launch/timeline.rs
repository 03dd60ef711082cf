//! When each test ran, and where: lanes over time, and what the launch waited for.

mod lanes;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::{Account, frame, tabs};
use crate::model::{Execution, Status, TestResult};
use crate::site::build::failures::LaunchContext;
use crate::site::build::results::letter;
use crate::site::build::rows::{self, Row};
use crate::site::chunk;
use crate::site::pages::Writer;
use crate::site::texts::{Counted, counted, human_duration, say, text};
use crate::site::view::launch::{SlowRow, TimelinePage};
use crate::site::words;

/// Tests in the table of the slowest.
const SLOWEST: usize = 20;
/// A wait for one test is the finding from this part of the whole time on, in per cent.
const WAIT: u64 = 10;

/// One attempt, in milliseconds from the first start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    start: u64,
    duration: u64,
    /// The row that the attempt belongs to.
    row: usize,
    status: Status,
    is_retry: bool,
    lane: usize,
}

impl Run {
    fn end(&self) -> u64 {
        self.start + self.duration
    }
}

/// What the lanes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Workers,
    Jobs,
    /// Nothing says where a test ran: one lane.
    Launch,
}

impl Kind {
    fn noun(self) -> &'static str {
        match self {
            Self::Workers => "worker",
            Self::Jobs => "job",
            Self::Launch => "launch",
        }
    }
}

/// The attempts of a launch whose start and duration are known.
#[derive(Debug)]
pub(crate) struct Runs {
    /// By start.
    runs: Vec<Run>,
    /// Names of lanes, in their order.
    lanes: Vec<String>,
    kind: Kind,
    /// Milliseconds since the epoch.
    first: i64,
    /// From the first start to the last end, in milliseconds; more than zero.
    span: u64,
    /// Attempts without start or duration.
    unknown: u64,
    /// Attempts whose start was derived.
    assumed: u64,
    /// Attempts by hand, left out beside automated ones: people record them hours or days apart, and
    /// what machines did would be a line.
    by_hand: u64,
}

impl Runs {
    /// Returns the attempts, or none where fewer than two say when they ran.
    pub(super) fn new(
        rows: &[Row<'_>],
        results: &[TestResult],
        accounts: &[Account],
    ) -> Option<Self> {
        let mut row_of: HashMap<&str, (usize, bool)> = HashMap::with_capacity(rows.len());
        for (number, row) in rows.iter().enumerate() {
            row_of.insert(&row.outcome.id, (number, false));
            for retry in &row.outcome.retries {
                row_of.insert(retry, (number, true));
            }
        }
        let is_by_hand = |result: &TestResult| result.execution == Execution::Manual;
        let has_time = |r: &TestResult| r.start.is_some() && r.duration.is_some();
        let is_row = |r: &TestResult| row_of.contains_key(r.id.as_str());
        let ran = |r: &&TestResult| !is_by_hand(r) && has_time(r) && is_row(r);
        let machines_ran = results.iter().filter(ran).take(2).count() > 1;
        let (mut unknown, mut assumed, mut by_hand) = (0, 0, 0);
        let mut found = Vec::new();
        for (index, result) in results.iter().enumerate() {
            let Some((row, is_retry)) = row_of.get(result.id.as_str()).copied() else {
                continue;
            };
            if machines_ran && is_by_hand(result) {
                by_hand += u64::from(result.status != Status::Skipped);
                continue;
            }
            match (result.start, result.duration) {
                (Some(start), Some(duration)) => {
                    assumed += u64::from(result.start_assumed);
                    found.push((start.ms(), duration, row, is_retry, index));
                }
                // What did not run has no time to be known.
                _ if result.status == Status::Skipped => {}
                _ => unknown += 1,
            }
        }
        let first = found.iter().map(|f| f.0).min()?;
        let end = |f: &(i64, u64, usize, bool, usize)| f.0.abs_diff(first).saturating_add(f.1);
        let span = found.iter().map(end).max()?;
        if found.len() < 2 || span == 0 || span > LONGEST {
            return None;
        }
        let (kind, lanes, lane_of) = lanes(results, accounts, found.iter().map(|f| f.4));
        let runs = found.iter().zip(lane_of);
        let mut runs: Vec<Run> = runs
            .map(|((start, duration, row, is_retry, index), lane)| Run {
                start: start.abs_diff(first),
                duration: *duration,
                row: *row,
                status: results[*index].status,
                is_retry: *is_retry,
                lane,
            })
            .collect();
        runs.sort_by_key(|run| (run.start, std::cmp::Reverse(run.duration), run.row));
        Some(Self {
            runs,
            lanes,
            kind,
            first,
            span,
            unknown,
            assumed,
            by_hand,
        })
    }

    /// A part of the whole time in per cent, rounded down.
    fn share(&self, ms: u64) -> u64 {
        (u128::from(ms) * 100 / u128::from(self.span)) as u64
    }

    /// How long each lane ran anything, in milliseconds.
    fn busy(&self) -> Vec<u64> {
        let mut until = vec![0; self.lanes.len()];
        let mut busy = vec![0; self.lanes.len()];
        for run in &self.runs {
            let end = run.end();
            let from = run.start.max(until[run.lane]);
            busy[run.lane] += end.saturating_sub(from);
            until[run.lane] = end.max(until[run.lane]);
        }
        busy
    }

    /// The attempt that ran longest without any other, and for how long; and how long nothing ran.
    fn waits(&self) -> (Option<(usize, u64)>, u64) {
        // Ends before starts of the same moment, so that what follows at once is no overlap.
        let mut events: Vec<(u64, bool, usize)> = Vec::with_capacity(self.runs.len() * 2);
        for (number, run) in self.runs.iter().enumerate() {
            events.push((run.start, true, number));
            events.push((run.end(), false, number));
        }
        events.sort_unstable_by_key(|(at, is_start, number)| {
            // An attempt of no length ends after it starts.
            let is_empty = self.runs[*number].duration == 0;
            (*at, *is_start || is_empty, !*is_start, *number)
        });
        let mut alone: BTreeMap<usize, u64> = BTreeMap::new();
        let mut running = std::collections::BTreeSet::new();
        let (mut last, mut idle) = (0, 0);
        for (at, is_start, number) in events {
            if running.is_empty() {
                idle += at - last;
            }
            if running.len() == 1
                && let Some(only) = running.first()
            {
                *alone.entry(*only).or_default() += at - last;
            }
            last = at;
            match is_start {
                true => running.insert(number),
                false => running.remove(&number),
            };
        }
        let most = alone
            .into_iter()
            .max_by_key(|(n, ms)| (*ms, std::cmp::Reverse(*n)));
        (most.filter(|(_, ms)| *ms > 0), idle)
    }
}

/// The lane of what no label names a worker of.
const NOBODY: &str = "no worker named";

/// All attempts as columns, by start: what narrowing by time looks through.
#[derive(Debug, Serialize)]
struct Times {
    /// The first start, milliseconds since the epoch.
    first: i64,
    span: u64,
    lanes: Vec<String>,
    /// Milliseconds after the attempt before.
    starts: Vec<u64>,
    durations: Vec<u64>,
    rows: Vec<usize>,
    lane: Vec<usize>,
    /// One letter an attempt.
    status: String,
    /// Indices of earlier attempts of what was tried again.
    retries: Vec<usize>,
}

/// Returns `times.js`.
pub(super) fn times(runs: &Runs) -> Vec<u8> {
    let mut before = 0;
    let starts = runs.runs.iter().map(|run| {
        let after = run.start - before;
        before = run.start;
        after
    });
    let times = Times {
        first: runs.first,
        span: runs.span,
        starts: starts.collect(),
        durations: runs.runs.iter().map(|run| run.duration).collect(),
        rows: runs.runs.iter().map(|run| run.row).collect(),
        lane: runs.runs.iter().map(|run| run.lane).collect(),
        lanes: runs.lanes.iter().map(|lane| lane_name(lane)).collect(),
        status: runs
            .runs
            .iter()
            .map(|run| letter(Some(run.status)))
            .collect(),
        retries: (0..runs.runs.len())
            .filter(|n| runs.runs[*n].is_retry)
            .collect(),
    };
    chunk::script("times", &times)
}

/// Longer than this is no launch but a clock that is wrong: a year, in milliseconds.
const LONGEST: u64 = 366 * 86_400_000;

/// Returns what lanes there are and the lane of each of `used`, indices of results: workers as labels
/// name them, else jobs, else one.
fn lanes(
    results: &[TestResult],
    accounts: &[Account],
    used: impl Iterator<Item = usize>,
) -> (Kind, Vec<String>, Vec<usize>) {
    let used: Vec<usize> = used.collect();
    let label = |index: &usize, name: &str| results[*index].labels.first(name).unwrap_or_default();
    let mut hosts: Vec<&str> = used.iter().map(|i| label(i, "host")).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let has_workers = used
        .iter()
        .any(|i| !label(i, "thread").is_empty() || hosts.len() > 1);
    let job_of = |index: usize| {
        let at = accounts.partition_point(|a| a.rows.end <= index);
        accounts.get(at)
    };
    let worker = |index: &usize| {
        let (host, thread) = (label(index, "host"), label(index, "thread"));
        match (hosts.len() > 1, host.is_empty(), thread.is_empty()) {
            (true, false, false) => format!("{host} / {thread}"),
            (true, false, true) => host.to_owned(),
            (_, _, false) => thread.to_owned(),
            (_, _, true) => NOBODY.to_owned(),
        }
    };
    let job = |index: &usize| match job_of(*index) {
        Some(account) if !account.job.name.is_empty() => {
            let attempt = account.job.attempt.filter(|n| *n > 1);
            match attempt {
                None => account.job.name.clone(),
                Some(n) => say!(
                    "jobs.attempt",
                    name = &account.job.name,
                    number = n.to_string()
                ),
            }
        }
        Some(account) => account.shard.clone(),
        None => String::new(),
    };
    let named: Vec<String> = match has_workers {
        true => used.iter().map(worker).collect(),
        false => used.iter().map(job).collect(),
    };
    let mut names: Vec<String> = named.clone();
    names.sort_by(|a, b| rows::natural(a, b));
    names.dedup();
    if names.len() < 2 && !has_workers {
        return (Kind::Launch, vec![String::new()], vec![0; used.len()]);
    }
    let at: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    let lane_of = named.iter().map(|name| at[name.as_str()]).collect();
    let kind = match has_workers {
        true => Kind::Workers,
        false => Kind::Jobs,
    };
    (kind, names, lane_of)
}

pub(super) fn page(
    context: &LaunchContext<'_>,
    runs: &Runs,
    path: &str,
    writer: &Writer<'_>,
) -> TimelinePage {
    let launch = &context.project.project.launches[context.number];
    let (figure, cut) = lanes::figure(context, runs);
    let (finding, detail) = finding(context, runs);
    let mut notes = Vec::new();
    notes.extend((!cut.is_empty()).then_some(cut));
    if runs.unknown > 0 {
        notes.push(say!(
            "timeline.left-out",
            n = runs.unknown,
            attempts = counted(runs.unknown + runs.runs.len() as u64, "attempt")
        ));
    }
    if runs.by_hand > 0 {
        notes.push(say!("timeline.manual-left-out", n = runs.by_hand));
    }
    if runs.assumed > 0 {
        notes.push(say!(
            "timeline.derived",
            attempts = counted(runs.assumed, "attempt")
        ));
    }
    let slowest = slowest(context, runs);
    TimelinePage {
        frame: frame(context, path, "timeline", writer),
        tabs: tabs(context, "timeline"),
        name: words::line(&launch.file.name),
        finding,
        detail,
        figure,
        notes,
        slowest_text: match (slowest.len(), runs.runs.len()) {
            (shown, all) if shown < all => say!(
                "timeline.slowest-of",
                shown = shown,
                attempts = attempts(runs)
            ),
            _ => say!("timeline.slowest-first", attempts = attempts(runs)),
        },
        slowest,
    }
}

/// The name of a lane for people; [`NOBODY`] is none.
fn lane_name(lane: &str) -> String {
    match lane {
        NOBODY => say!("timeline.no-worker"),
        lane => words::line(lane),
    }
}

/// A share in per cent, as it stands in a sentence.
fn share_of(share: u128) -> String {
    share.to_string()
}

fn attempts(runs: &Runs) -> Counted {
    let n = runs.runs.len() as u64;
    match runs.runs.iter().any(|run| run.is_retry) {
        true => counted(n, "attempt"),
        false => counted(n, "test"),
    }
}

/// What to know first: the test that all waited for, how busy the lanes were, or where the time went.
fn finding(context: &LaunchContext<'_>, runs: &Runs) -> (String, String) {
    let span = human_duration(runs.span);
    let name = |run: &Run| words::line(context.rows[run.row].name);
    let busy: Vec<u64> = runs.busy();
    let known = || (0..runs.lanes.len()).filter(|lane| runs.lanes[*lane] != NOBODY);
    let lanes = known().count() as u64;
    let at_work: u128 = known().map(|lane| u128::from(busy[lane])).sum();
    let whole = u128::from(runs.span) * u128::from(lanes);
    let at_work = (at_work * 100).checked_div(whole).unwrap_or(0);
    let were_busy = match (runs.kind, lanes) {
        (Kind::Launch, _) => String::new(),
        (kind, n) => {
            let args = [
                ("n", n.into()),
                ("share", share_of(at_work).into()),
                ("span", span.as_str().into()),
            ];
            text(&format!("timeline.busy-{}", kind.noun()), &args)
        }
    };
    let mut longest: Vec<&Run> = runs.runs.iter().collect();
    longest.sort_by_key(|run| (std::cmp::Reverse(run.duration), run.row));
    let all: u128 = longest.iter().map(|run| u128::from(run.duration)).sum();
    let few = &longest[..longest.len().div_ceil(20)];
    let of_few: u128 = few.iter().map(|run| u128::from(run.duration)).sum();
    let share = (of_few * 100).checked_div(all).unwrap_or(0);
    let concentrated = match few {
        [only] => say!(
            "timeline.one-took",
            share = share_of(share),
            test = name(only)
        ),
        few => say!(
            "timeline.few-took",
            n = few.len(),
            attempts = attempts(runs),
            share = share_of(share)
        ),
    };
    // What was derived from the order of a report doesn't say what ran beside what, nor what waited.
    if runs.assumed * 2 > runs.runs.len() as u64 {
        let added = u64::try_from(all).unwrap_or(u64::MAX);
        let detail = say!(
            "timeline.added-up",
            attempts = attempts(runs),
            time = human_duration(added)
        );
        return (concentrated, detail);
    }
    let overlaps = runs
        .runs
        .windows(2)
        .any(|pair| pair[1].start < pair[0].end());
    let (wait, idle) = runs.waits();
    let wait = wait.filter(|_| overlaps);
    let waited = wait.map_or(0, |(_, ms)| ms);
    if runs.share(idle) >= WAIT && idle >= waited {
        let detail = match were_busy.is_empty() {
            true => String::new(),
            false => say!("verdict.detail", detail = were_busy),
        };
        let lead = say!(
            "timeline.nothing-ran",
            idle = human_duration(idle),
            span = span
        );
        return (lead, detail);
    }
    if let Some((number, ms)) = wait.filter(|(_, ms)| runs.share(*ms) >= WAIT) {
        let detail = match were_busy.is_empty() {
            true => say!("timeline.nothing-else-all", span = &span),
            false => say!("timeline.nothing-else", said = were_busy),
        };
        let lead = say!(
            "timeline.waited",
            time = human_duration(ms),
            span = span,
            test = name(&runs.runs[number])
        );
        return (lead, detail);
    }
    match (were_busy.is_empty(), lanes) {
        (false, 2..) => (were_busy, say!("verdict.detail", detail = concentrated)),
        _ => (
            say!("timeline.took", attempts = attempts(runs), span = span),
            say!("verdict.detail", detail = concentrated),
        ),
    }
}

fn slowest(context: &LaunchContext<'_>, runs: &Runs) -> Vec<SlowRow> {
    let mut longest: Vec<&Run> = runs.runs.iter().collect();
    longest.sort_by_key(|run| (std::cmp::Reverse(run.duration), run.row));
    longest.truncate(SLOWEST);
    let rows = longest.into_iter().map(|run| {
        let row = &context.rows[run.row];
        let retry = run.is_retry.then(|| say!("timeline.an-earlier-attempt"));
        let parameters = Some(words::line(&row.parameters())).filter(|p| !p.is_empty());
        let environment = Some(context.environment_text(row)).filter(|e| !e.is_empty());
        let beside = [parameters, environment, retry].into_iter().flatten();
        SlowRow {
            status: run.status.as_str(),
            href: context.result_href(run.row, ""),
            name: words::line(row.name),
            parameters: beside.collect::<Vec<_>>().join(", "),
            path: words::line(&words::path(&row.path)),
            lane: lane_name(&runs.lanes[run.lane]),
            start: match run.start {
                0 => say!("timeline.at-once"),
                ms => human_duration(ms),
            },
            duration: human_duration(run.duration),
            share: match runs.share(run.duration) {
                0 => say!("timeline.less-than-one"),
                share => say!("timeline.share", n = share),
            },
        }
    });
    rows.collect()
}
