//! What closed launches say of touched cases.

use super::brief::{Impact, Reach};
use super::change::Side;
use super::impact::{Ran, RanLaunch, place};
use super::touched::{Scope, Weight};
use crate::analysis::executed::{executed_text, shared};
use crate::analysis::record::Record;
use crate::analysis::tracks::Entry;
use crate::base::Digest;
use crate::base::text::{count, sanitize_line};
use crate::model::Status;

/// How many entries of a track say whether it is steady.
const ENTRIES: usize = 20;

/// Changes between passed and not passed that one failure, put right, makes.
const BLIP: u64 = 2;

/// What closed launches say of touched cases: how they came out last, and which manual results a
/// change outdates.
pub(super) fn impact(scope: &Scope<'_>, ran: &Ran<'_>, out: &mut Vec<Impact>) {
    let shared = (shared(scope.before), shared(scope.after));
    let mut last_results = Vec::new();
    for (id, touched) in &scope.cases {
        let Some(before) = touched.before else {
            continue;
        };
        let old = before.value.id.as_str();
        let told = |reach, sentence| {
            let (path, side) = match touched.after {
                Some(after) => (&after.path, Side::Head),
                None => (&before.path, Side::Base),
            };
            Impact {
                reach,
                project: scope.name.to_owned(),
                of: (*id).to_owned(),
                sentence,
                cases: vec![(*id).to_owned()],
                place: place(path, side),
            }
        };
        let stale = touched.after.and_then(|after| {
            let texts = (
                executed_text(before, &shared.0),
                executed_text(after, &shared.1),
            );
            outdated(ran, old, &texts)
        });
        if let Some(entry) = stale {
            let launch = ran.launches.get(entry.launch()).map(RanLaunch::shown);
            let why = match touched.weight {
                Weight::Meaning => "and says something else now",
                _ => "and is worded otherwise now",
            };
            let (who, how) = (sanitize_line(id), outcome(entry.status));
            let launch = launch.unwrap_or_default();
            let sentence = format!("{who} {how} by hand in {launch}, {why}");
            out.push(told(Reach::StaleResult, sentence));
        }
        if touched.weight > Weight::Wording
            && let Some((passed, sentence)) = last(ran, old, stale.map(|entry| entry.launch()))
        {
            let who = sanitize_line(id);
            let (who, then) = match (touched.is_gone(), touched.weakened) {
                (true, _) => (format!("{who}, which is gone,"), ""),
                (false, true) => (who, ", and asks for less now"),
                (false, false) => (who, ""),
            };
            let sentence = format!("{who} {sentence}{then}");
            // Failures first, and of them those that nobody will see any more.
            let less = touched.is_gone() || touched.weakened;
            last_results.push(((passed, !less, *id), told(Reach::LastResult, sentence)));
        }
    }
    last_results.sort_by_key(|(key, _)| *key);
    out.extend(last_results.into_iter().map(|(_, told)| told));
}

/// Returns the newest manual result that was by the text of before and is not by the text of now.
fn outdated(ran: &Ran<'_>, case: &str, (before, after): &(String, String)) -> Option<Entry> {
    if before == after {
        return None;
    }
    let digest = |text: &String| Digest::of(text.as_bytes()).to_string();
    let (before, after) = (digest(before), digest(after));
    let mut found: Option<Entry> = None;
    for track in ran.tracks.of_case(case) {
        let says = |entry: &&Entry| entry.status != Status::InProgress;
        let Some(entry) = track.entries.iter().rfind(says) else {
            continue;
        };
        // Of the newest launch the worst result stands for all.
        let rank = |entry: &Entry| (entry.launch(), std::cmp::Reverse(entry.status));
        if !entry.manual || found.is_some_and(|found| rank(&found) >= rank(entry)) {
            continue;
        }
        let executed = (ran.executed)(entry.launch(), case);
        // What was stale before is not made so by this change.
        if executed.is_some_and(|executed| executed == before && executed != after) {
            found = Some(*entry);
        }
    }
    found
}

fn outcome(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Broken => "broke",
        Status::Skipped => "was skipped",
        Status::Unknown | Status::InProgress => "had no clear result",
    }
}

/// Says how a case came out last where it did not pass, unless that launch was told of already, or that it
/// is not steady; none where all is well. The first is whether it passed.
fn last(ran: &Ran<'_>, case: &str, told: Option<usize>) -> Option<(bool, String)> {
    let tracks = || ran.tracks.of_case(case);
    let says = |entry: &&Entry| entry.status != Status::InProgress;
    let newest = tracks().filter_map(|track| track.entries.iter().rfind(says));
    let newest = newest.max_by_key(|entry| (entry.launch(), std::cmp::Reverse(entry.status)))?;
    let launch = ran.launches.get(newest.launch())?.shown();
    let mut parts = Vec::new();
    if newest.status != Status::Passed && told != Some(newest.launch()) {
        let muted = if newest.muted { " (muted)" } else { "" };
        let ages = tracks().filter_map(|track| Record::of(track, ENTRIES).age);
        let row = match ages.map(|age| age.failures).max() {
            Some(n) if n > 1 => format!(", {} in a row", count(n, "failure")),
            _ => String::new(),
        };
        parts.push(format!(
            "{} when it last ran, in {launch}{muted}{row}",
            outcome(newest.status)
        ));
    }
    // Of several tracks the least steady one speaks.
    let records = tracks().map(|track| Record::of(track, ENTRIES));
    let records = records.filter(|record| record.flaky > 0 || record.flips.part > BLIP);
    let worst = records.max_by_key(|record| (record.flaky, record.flips.part));
    if let Some(record) = worst {
        let of = count(record.entries.len() as u64, "result");
        let how = match record.flaky {
            0 => format!(
                "changed between passed and not passed {} times in its last {of}",
                record.flips.part
            ),
            1 => format!("was flaky in 1 of its last {of}"),
            n => format!("was flaky in {n} of its last {of}"),
        };
        parts.push(how);
    }
    let passed = newest.status == Status::Passed;
    (!parts.is_empty()).then(|| (passed, parts.join(", and ")))
}
