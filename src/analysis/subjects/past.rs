//! Measures over the history of tests.

use super::super::stability::{Rate, flip_rate, is_significant, pass_rate};
use super::super::tracks::{Entry, Track, Tracks};
use crate::base::Timestamp;
use crate::model::Status;
use crate::query::{Found, Function, Kind, Lookup, Value, Window};

/// Closed launches in the order of their opening, an open one perhaps after them, and the tracks
/// that run through them.
#[derive(Clone, Debug)]
pub struct Past {
    pub tracks: Tracks,
    /// How many of the launches count for cases: all, or those before the one that it is about. A plan
    /// whose query asks what failed last means before it was executed.
    pub earlier: usize,
    /// When each launch was opened.
    pub opened: Vec<Timestamp>,
    pub now: Timestamp,
}

const STATUSES: &[&str] = &["passed", "failed", "broken", "skipped", "unknown"];

pub(super) const FLIP_RATE: Function = Function {
    name: "flipRate",
    kind: Kind::Rate,
    window: Some(Window::Last(20)),
    values: &[],
    about: "changes between passed and not passed, of all neighbours among the entries that passed, failed or broke",
};

pub(super) const PASS_RATE: Function = Function {
    name: "passRate",
    kind: Kind::Rate,
    window: Some(Window::Last(20)),
    values: &[],
    about: "passed, of the entries that passed, failed or broke, muted ones left out",
};

pub(super) const RUNS: Function = Function {
    name: "runs",
    kind: Kind::Number,
    window: Some(Window::Within(30 * 86_400_000)),
    values: &[],
    about: "how many entries passed, failed or broke",
};

pub(super) const LAST_STATUS: Function = Function {
    name: "lastStatus",
    kind: Kind::Text,
    window: None,
    values: STATUSES,
    about: "the status in the newest launch that has a result, the worst of several",
};

pub(super) const LAST_RUN: Function = Function {
    name: "lastRun",
    kind: Kind::Instant,
    window: None,
    values: &[],
    about: "when the newest launch that has a result was opened",
};

pub(super) const TRANSITION: Function = Function {
    name: "transition",
    kind: Kind::Text,
    window: None,
    values: &["new", "fixed", "regressed", "malfunctioned", "same"],
    about: "how the result compares with the last one of its branch that passed, failed or broke",
};

impl Past {
    /// Returns what a function gives over the tracks of one test or case, up to a launch.
    pub(super) fn ask(&self, lookup: &Lookup, tracks: &[&Track], until: usize) -> Found<'static> {
        let window = lookup.window.unwrap_or(Window::Last(1));
        match lookup.name {
            "flipRate" | "passRate" => {
                let rate = self.rate(lookup, tracks, until).and_then(Rate::value);
                Found::maybe(rate.map(Value::Number))
            }
            "runs" => {
                let runs: usize = tracks
                    .iter()
                    .map(|track| self.within(track, window, until).len())
                    .sum();
                Found::One(Value::Number(runs as f64))
            }
            "lastStatus" => {
                let status = newest(tracks, until).map(|entry| entry.status.as_str());
                Found::maybe(status.map(|status| Value::Text(status.into())))
            }
            "lastRun" => {
                let launch = newest(tracks, until).map(|entry| self.opened[entry.launch()].ms());
                Found::maybe(launch.map(Value::Instant))
            }
            _ => Found::Missing,
        }
    }

    /// Returns the rate that a function gives, with its denominator; none of functions that give none.
    pub(super) fn rate(&self, lookup: &Lookup, tracks: &[&Track], until: usize) -> Option<Rate> {
        let window = lookup.window.unwrap_or(Window::Last(1));
        let flips = |track: &&Track| flip_rate(&statuses(&self.within(track, window, until)));
        let passes = |track: &&Track| {
            let mut entries = self.within(track, window, until);
            entries.retain(|entry| !entry.muted);
            pass_rate(&statuses(&entries))
        };
        match lookup.name {
            // A case flips as much as the worst of its tracks.
            "flipRate" => tracks.iter().map(flips).max_by(Rate::compared),
            "passRate" => Some(tracks.iter().map(passes).fold(Rate::default(), Rate::and)),
            _ => None,
        }
    }

    /// Returns the entries of a window that passed, failed or broke, oldest first.
    fn within<'t>(&self, track: &'t Track, window: Window, until: usize) -> Vec<&'t Entry> {
        let fits = |entry: &&Entry| entry.launch() <= until && is_significant(entry.status);
        let mut entries: Vec<&Entry> = Vec::with_capacity(track.entries.len());
        entries.extend(track.entries.iter().filter(fits));
        match window {
            Window::Last(n) => {
                let left = entries.len().saturating_sub(n as usize);
                entries.drain(..left);
            }
            Window::Within(ms) => {
                let start = self.now.ms().saturating_sub(ms);
                entries.retain(|entry| self.opened[entry.launch()].ms() >= start);
            }
        }
        entries
    }
}

/// Returns the entry of the newest launch, the worst of several.
fn newest<'t>(tracks: &[&'t Track], until: usize) -> Option<&'t Entry> {
    let last = |track: &&'t Track| track.entries.iter().rfind(|entry| entry.launch() <= until);
    let entries = tracks.iter().filter_map(last);
    entries.min_by_key(|entry| (std::cmp::Reverse(entry.launch()), entry.status))
}

fn statuses(entries: &[&Entry]) -> Vec<Status> {
    entries.iter().map(|entry| entry.status).collect()
}
