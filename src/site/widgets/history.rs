//! Figures over tracks: what each test did from launch to launch.

use std::collections::{BTreeMap, HashSet};

use super::facts::{Facts, Nothing, Scope};
use super::launches::no_results;
use super::shown::{Figure, Filter, Mark, Shown, Stack, Table, Target, Tone, numbers, words};
use crate::analysis::age::age;
use crate::analysis::stability::{Rate, flip_rate, is_significant};
use crate::analysis::tracks::{Entry, Track};
use crate::model::{Status, Widget};
use crate::site::texts::{count, counted, say, thousands};
use crate::site::words::label;

pub(super) const LAST: u64 = 20;

/// Returns the entries of a track in some launches, oldest first.
pub(super) fn within<'t>(
    track: &'t Track,
    launches: &HashSet<usize>,
) -> impl Iterator<Item = &'t Entry> {
    let entries: Vec<&Entry> = track
        .entries
        .iter()
        .filter(|e| launches.contains(&e.launch()))
        .collect();
    entries.into_iter()
}

pub(super) fn set(launches: &[usize]) -> HashSet<usize> {
    launches.iter().copied().collect()
}

/// Returns the results of each launch that fit, as indices of outcomes.
fn fitting(
    facts: &Facts<'_>,
    scope: &Scope,
    launches: &[usize],
) -> Result<BTreeMap<usize, HashSet<usize>>, Nothing> {
    let mut out = BTreeMap::new();
    for launch in launches {
        let mut fits = HashSet::new();
        scope.each(facts, *launch, |subject| {
            fits.insert(subject.place.1);
        })?;
        out.insert(*launch, fits);
    }
    Ok(out)
}

/// Flips within the last entries of all tracks up to a launch, added up; where queries narrow it, of those tracks that have a
/// result in that launch which fits.
pub(super) fn flips(facts: &Facts<'_>, scope: &Scope, until: usize) -> Result<Rate, Nothing> {
    fn there(track: &Track, launch: usize) -> Option<usize> {
        let entry = { track.entries.iter().rev() }.find(|entry| entry.launch() == launch);
        entry.map(Entry::outcome)
    }
    // Of each track that is meant, the result that decides in that launch: one that fits may not be it.
    let mut deciding = HashSet::new();
    if !scope.asks.is_empty() {
        scope.each(facts, until, |subject| {
            let track = facts.past.tracks.of(until, subject.place.1);
            deciding.extend(there(track, until));
        })?;
    }
    let is_meant = |track: &&Track| {
        scope.asks.is_empty() || there(track, until).is_some_and(|at| deciding.contains(&at))
    };
    let tracks = facts.past.tracks.iter().filter(is_meant);
    let each = tracks.map(|track| {
        let fits = |entry: &&Entry| entry.launch() <= until && is_significant(entry.status);
        let mut statuses: Vec<Status> = track
            .entries
            .iter()
            .filter(fits)
            .map(|e| e.status)
            .collect();
        statuses.drain(..statuses.len().saturating_sub(LAST as usize));
        flip_rate(&statuses)
    });
    Ok(each.fold(Rate::default(), Rate::and))
}

pub(super) fn transitions(
    facts: &Facts<'_>,
    scope: &Scope,
    widget: &Widget,
) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    if launches.len() < 2 {
        return Ok(Shown::nothing(
            say!("widget.one-launch-alone"),
            say!("widget.one-launch-alone-do"),
        ));
    }
    let (shown, all) = (set(launches), set(&scope.launches));
    let fits = fitting(facts, scope, launches)?;
    if fits.values().all(HashSet::is_empty) {
        return Ok(no_results(say!("widget.none-result")));
    }
    // By launch: fixed, regressed, malfunctioned, each as the ids of results.
    let none = || std::array::from_fn(|_| Vec::new());
    let mut counts: BTreeMap<usize, [Vec<String>; 3]> =
        launches.iter().map(|launch| (*launch, none())).collect();
    for track in facts.past.tracks.iter() {
        let mut before: Option<Status> = None;
        for entry in within(track, &all).filter(|entry| is_significant(entry.status)) {
            let launch = entry.launch();
            let place = match (before, entry.status) {
                (Some(was), now) if was == now => None,
                (Some(_), Status::Passed) => Some(0),
                (Some(_), Status::Failed) => Some(1),
                (Some(_), _) => Some(2),
                (None, _) => None,
            };
            let counted = shown.contains(&launch) && fits[&launch].contains(&entry.outcome());
            if let (Some(place), true, Some(counts)) = (place, counted, counts.get_mut(&launch)) {
                counts[place].push(facts.id(launch, entry.outcome()));
            }
            before = Some(entry.status);
        }
    }
    let mut table = Table::new([
        words(say!("column.launch")),
        numbers(say!("column.regressed")),
        numbers(say!("column.malfunctioned")),
        numbers(say!("column.fixed")),
    ]);
    let mut stacks = Vec::new();
    for (launch, [fixed, regressed, malfunctioned]) in &counts {
        let name = facts.launches[*launch].named();
        let parts = [
            (say!("widget.regressed"), regressed, Status::Failed),
            (say!("widget.malfunctioned"), malfunctioned, Status::Broken),
            (say!("widget.fixed"), fixed, Status::Passed),
        ];
        let parts = parts.into_iter().filter(|(_, ids, _)| !ids.is_empty());
        let mark = |(label, ids, status): (String, &Vec<String>, Status)| {
            let target = Target::Results {
                launch: *launch,
                filter: Filter::status(status).of(ids.clone()),
            };
            Mark::count(label, ids.len() as u64, Tone::Status(status), target)
        };
        stacks.push(Stack {
            label: name.clone(),
            parts: parts.map(mark).collect(),
            target: Target::Launch(*launch),
        });
        let numbers = [
            name,
            thousands(regressed.len() as u64),
            thousands(malfunctioned.len() as u64),
            thousands(fixed.len() as u64),
        ];
        table.row(Target::Launch(*launch), numbers);
    }
    let sum = |place: usize| counts.values().map(|all| all[place].len()).sum::<usize>() as u64;
    let (fixed, worse) = (sum(0), sum(1) + sum(2));
    let finding = match (fixed, worse) {
        (0, 0) => say!("widget.none-changed"),
        (fixed, worse) => say!(
            "widget.worse-and-fixed",
            changes = counted(worse, "change"),
            n = fixed
        ),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.transitions-measure",
            launches = scope.in_last(launches.len()),
            asked = scope.asked()
        ),
        figure: Figure::Stacks(stacks),
        table,
    })
}

pub(super) fn growth(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let launches = scope.newest(widget, LAST);
    let all = set(&scope.launches);
    let fits = fitting(facts, scope, &scope.launches)?;
    if fits.values().all(HashSet::is_empty) {
        return Ok(no_results(say!("widget.none-result")));
    }
    let place: BTreeMap<usize, usize> = scope
        .launches
        .iter()
        .enumerate()
        .map(|(at, l)| (*l, at))
        .collect();
    let skipped = scope.launches.len() - launches.len();
    let mut come = vec![0_u64; scope.launches.len()];
    // The results of each launch: of new tests, and of known ones.
    let mut here = vec![(Vec::new(), Vec::new()); scope.launches.len()];
    let mut gone = vec![0_u64; scope.launches.len() + 1];
    for track in facts.past.tracks.iter() {
        let present = within(track, &all)
            .filter(|entry| fits[&entry.launch()].contains(&entry.outcome()))
            .filter_map(|entry| Some((place.get(&entry.launch()).copied()?, entry)));
        let mut ends = None;
        for (at, entry) in present {
            let (first, _) = ends.unwrap_or((at, at));
            ends = Some((first, at));
            if at >= skipped {
                let (new, known) = &mut here[at];
                let is_new = at == first && at > 0;
                let list = if is_new { new } else { known };
                list.push(facts.id(entry.launch(), entry.outcome()));
            }
        }
        if let Some((first, last)) = ends {
            come[first] += 1;
            gone[last + 1] += 1;
        }
    }
    // Whoever is in the first launch was there before history begins.
    let mut known: u64 = 0;
    let mut table = Table::new([
        words(say!("column.launch")),
        numbers(say!("column.new")),
        numbers(say!("column.gone")),
        numbers(say!("column.tests")),
    ]);
    let mut stacks = Vec::new();
    let (mut grown, mut shrunk) = (0, 0);
    for (at, launch) in scope.launches.iter().enumerate() {
        known = known + come[at] - gone[at];
        if at < skipped {
            continue;
        }
        let (new, old) = if at == 0 {
            (0, 0)
        } else {
            (come[at], gone[at])
        };
        let counted = at > skipped;
        grown += if counted { new } else { 0 };
        shrunk += if counted { old } else { 0 };
        let name = facts.launches[*launch].named();
        let target = Target::Launch(*launch);
        table.row(
            target.clone(),
            [
                name.clone(),
                thousands(new),
                thousands(old),
                thousands(known),
            ],
        );
        let (new_here, known_here) = std::mem::take(&mut here[at]);
        let absent = known - (new_here.len() + known_here.len()) as u64;
        let of = |ids| Target::Results {
            launch: *launch,
            filter: Filter::default().of(ids),
        };
        let (known_n, new_n) = (known_here.len() as u64, new_here.len() as u64);
        let parts = [
            (known_n, say!("widget.known"), Tone::Plain, of(known_here)),
            (
                absent,
                say!("widget.known-absent"),
                Tone::Plain,
                target.clone(),
            ),
            (new_n, say!("widget.new"), Tone::Accent, of(new_here)),
        ];
        let parts = parts.into_iter().filter(|(n, ..)| *n > 0);
        let parts = parts.map(|(n, label, tone, target)| Mark::count(label, n, tone, target));
        stacks.push(Stack {
            label: name,
            parts: parts.collect(),
            target,
        });
    }
    let finding = match (launches.len(), grown, shrunk) {
        (0 | 1, ..) => say!("widget.so-far", tests = counted(known, "test")),
        (_, 0, 0) => say!(
            "widget.the-same",
            tests = counted(known, "test"),
            launches = scope.in_last(launches.len())
        ),
        (_, new, old) => say!(
            "widget.new-and-gone",
            n = new,
            gone = old,
            tests = counted(known, "test")
        ),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.growth-measure",
            launches = scope.in_last(launches.len()),
            asked = scope.asked()
        ),
        figure: Figure::Stacks(stacks),
        table,
    })
}

/// Launches in a row, both ends; the last one is open.
const AGES: [(u64, u64); 5] = [(1, 1), (2, 3), (4, 7), (8, 15), (16, u64::MAX)];

fn aged((first, last): (u64, u64)) -> String {
    match last {
        u64::MAX => say!("widget.launches-or-more", n = first),
        last if last == first => count(first, "launch"),
        last => say!("widget.launches-to", first = first, n = last),
    }
}

/// Results that failed, and results that broke, by their ids.
type Bad = (Vec<String>, Vec<String>);

pub(super) fn ages(facts: &Facts<'_>, scope: &Scope) -> Result<Shown, Nothing> {
    let launch = scope.latest().unwrap_or_default();
    let all = set(&scope.launches);
    // Of each age: failed, broken, each as the ids of results.
    let mut found: [Bad; AGES.len()] = Default::default();
    let mut seen = HashSet::new();
    let mut oldest: Option<u64> = None;
    let mut has_results = false;
    scope.each(facts, launch, |subject| {
        has_results = true;
        let track = facts.past.tracks.of(launch, subject.place.1);
        let is_entry = track
            .entries
            .iter()
            .any(|e| (e.launch(), e.outcome()) == subject.place);
        let age = age(track, launch, |launch| all.contains(&launch));
        if let (Some(age), true, true) = (age, is_entry, seen.insert(subject.place.1)) {
            let bin = AGES.iter().position(|(_, most)| age.failures <= *most);
            let bin = &mut found[bin.unwrap_or(AGES.len() - 1)];
            let id = subject.outcome.id.clone();
            match subject.outcome.status {
                Status::Failed => bin.0.push(id),
                _ => bin.1.push(id),
            }
            oldest = oldest.max(Some(age.failures));
        }
    })?;
    if !has_results {
        let launch = facts.launches[launch].name();
        return Ok(no_results(say!("widget.no-result-of", launch = launch)));
    }
    let counts = found
        .each_ref()
        .map(|(f, b)| (f.len() as u64, b.len() as u64));
    let name = facts.launches[launch].name();
    let total: u64 = counts.iter().map(|(failed, broken)| failed + broken).sum();
    let mut table = Table::new([
        words(say!("column.failing-for")),
        numbers(say!("column.failed")),
        numbers(say!("column.broken")),
        numbers(say!("column.tests")),
    ]);
    let bad = || Filter {
        statuses: vec![Status::Failed, Status::Broken],
        ..Filter::default()
    };
    let of = |ids: Vec<String>, filter: Filter| match ids.is_empty() {
        true => Target::Launch(launch),
        false => Target::Results {
            launch,
            filter: filter.of(ids),
        },
    };
    let stack = |((failed, broken), ages): (&Bad, (u64, u64))| {
        let parts = [(failed, Status::Failed), (broken, Status::Broken)];
        let parts = parts.into_iter().filter(|(ids, _)| !ids.is_empty());
        let parts = parts.map(|(ids, status)| {
            let target = of(ids.clone(), Filter::status(status));
            let (n, tone) = (ids.len() as u64, Tone::Status(status));
            Mark::count(label(status), n, tone, target)
        });
        Stack {
            label: aged(ages),
            parts: parts.collect(),
            target: of([&failed[..], broken].concat(), bad()),
        }
    };
    for (((failed, broken), ages), (f, b)) in counts.iter().zip(AGES).zip(&found) {
        let numbers = [
            thousands(*failed),
            thousands(*broken),
            thousands(failed + broken),
        ];
        let target = of([&f[..], b].concat(), bad());
        table.row(target, [aged(ages)].into_iter().chain(numbers));
    }
    if total == 0 {
        // Rows of noughts say no more than the sentence.
        table.rows.clear();
    }
    let new = counts[0].0 + counts[0].1;
    let finding = match (total, oldest) {
        (0, _) if scope.asks.is_empty() => say!("widget.nothing-fails", launch = name),
        (0, _) => say!("widget.nothing-fitting-fails", launch = name),
        (total, _) if new == total => say!(
            "widget.all-new",
            n = total,
            failures = counted(total, "failure"),
            launch = name
        ),
        (total, Some(oldest)) => say!(
            "widget.some-new",
            n = new,
            failures = counted(total, "failure"),
            launches = counted(oldest, "launch")
        ),
        (total, None) => count(total, "failure"),
    };
    Ok(Shown {
        finding,
        measure: say!(
            "widget.ages-measure",
            launch = facts.launches[launch].named(),
            asked = scope.asked()
        ),
        figure: match total {
            0 => Figure::List,
            _ => Figure::Histogram(found.iter().zip(AGES).map(stack).collect()),
        },
        table,
    })
}
