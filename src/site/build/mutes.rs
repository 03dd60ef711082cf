//! Mutes: what each covers and leaves out, until when, and what its tests did meanwhile.

use std::collections::HashMap;

use super::context::Context;
use super::results_of;
use super::sheet::{anchor, file_links, frame, member, verdict};
use super::standing::Standing;
use crate::analysis::stability::is_significant;
use crate::analysis::tracks::Track;
use crate::analysis::upkeep::{Ran, Upkeep, covers, upkeep};
use crate::base::Timestamp;
use crate::model::{Mute, Status};
use crate::site::pages::Writer;
use crate::site::texts::{count, counted, say, thousands};
use crate::site::view::Verdict;
use crate::site::view::sheet::{Cell, CellLink, Sheet, SheetPart, SheetsPage};
use crate::site::{SiteError, words};

/// A mute that ends in so many days wants a decision soon: as long as `triage` proposes one for.
const SOON_DAYS: i64 = 14;
/// Launches in a row that have to pass before a mute can be lifted; as `triage` has it unless told.
const ENOUGH: usize = 5;
const DAY_MS: i64 = 86_400_000;

/// How a mute stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Active,
    Soon,
    Expired,
}

impl State {
    /// A mute holds until the end of its last day, in UTC, as `mute list` has it.
    fn of(mute: &Mute, now: Timestamp) -> Self {
        match mute.until {
            None => Self::Expired,
            Some(until) if until.end() < now => Self::Expired,
            Some(until) if until.end().ms() - now.ms() <= SOON_DAYS * DAY_MS => Self::Soon,
            Some(_) => Self::Active,
        }
    }
}

/// What a mute covers and did.
struct Known<'a> {
    mute: &'a Mute,
    state: State,
    /// Results of the latest launch that it left out.
    now: u64,
    /// Tests that it covers; none where a query says which, as that is known of failures only.
    covers: Option<u64>,
    /// The first launch of the history that it left a result out of.
    first: Option<usize>,
    /// Of the entries of what it covers since then that passed, failed or broke: those that passed, and all.
    passed: (u64, u64),
    upkeep: Vec<Upkeep>,
}

/// Whether the project has a page of mutes.
pub(super) fn is_there(context: &Context<'_>) -> bool {
    context.standing.as_ref().is_some_and(|standing| {
        !standing.documents.mutes.is_empty() || !context.project.launches.is_empty()
    })
}

/// Returns the anchor of a mute on the page.
pub(super) fn href(context: &Context<'_>, id: &str, up: &str) -> Option<String> {
    let mutes = &context.standing.as_ref()?.documents.mutes;
    let has = mutes.iter().any(|doc| doc.value.id == id);
    has.then(|| format!("{up}mutes.html#{}", super::paths::fragment(&anchor(id))))
}

pub(super) fn render(context: &Context<'_>, writer: &mut Writer<'_>) -> Result<(), SiteError> {
    let Some(standing) = context.standing.as_ref().filter(|_| is_there(context)) else {
        return Ok(());
    };
    let now = context.input.stamp.now;
    let mutes = standing.documents.mutes.iter().map(|doc| &doc.value);
    // Each selector is put to all tests: their names are looked up once.
    let names: HashMap<*const Track, &str> = match mutes.clone().any(|mute| mute.selector.is_some())
    {
        true => { standing.past.tracks.iter() }
            .filter_map(|track| {
                Some((
                    std::ptr::from_ref(track),
                    name_of(context, standing, track)?,
                ))
            })
            .collect(),
        false => HashMap::new(),
    };
    let mut known: Vec<Known<'_>> = mutes
        .map(|mute| look(context, standing, mute, &names, now))
        .collect();
    known.sort_by_key(|one| (one.mute.until, &one.mute.id));
    let path = format!("{}/mutes.html", context.folder);
    let part = |key: &str, state: State| {
        let fitting = known.iter().filter(|one| one.state == state);
        SheetPart::new(say!(key), table(context, standing, fitting))
    };
    let (soon, expired) = (
        part("mutes.part-soon", State::Soon),
        part("mutes.part-expired", State::Expired),
    );
    let mut parts = Vec::new();
    if !expired.sheet.rows.is_empty() {
        let lead = say!("mutes.hold-no-more");
        parts.push(expired.at("expired").lead(&lead));
    }
    if !soon.sheet.rows.is_empty() {
        let lead = say!("mutes.within-days", n = SOON_DAYS as u64);
        parts.push(soon.at("soon").lead(&lead));
    }
    parts.push(
        part("mutes.part-active", State::Active)
            .at("active")
            .or(&match parts.is_empty() {
                true => say!("mutes.nothing-to-list"),
                false => say!("mutes.no-other-holds"),
            }),
    );
    let page = SheetsPage {
        frame: frame(context, writer, (&path, "mutes"), None),
        kind: "mutes",
        verdict: overall(context, standing, &known),
        parts,
        ..SheetsPage::default()
    };
    writer.page(&path, "sheets.html", &page)
}

fn look<'a>(
    context: &Context<'_>,
    standing: &Standing<'_>,
    mute: &'a Mute,
    names: &HashMap<*const Track, &str>,
    now: Timestamp,
) -> Known<'a> {
    let launches = &context.project.launches;
    let muted = |launch: &usize| {
        let outcomes = launches[*launch].outcomes.iter();
        outcomes
            .filter(|outcome| outcome.mute.as_ref() == Some(&mute.id))
            .count() as u64
    };
    let name = |track: &Track| names.get(&std::ptr::from_ref(track)).copied();
    let ran = Ran {
        tracks: &standing.past.tracks,
        launches: standing.launches.len(),
        name: &name,
    };
    let first = standing.launches.iter().position(|at| muted(at) > 0);
    let covered = standing.past.tracks.iter();
    let covered: Vec<&Track> = covered.filter(|track| covers(mute, &ran, track)).collect();
    let mut passed = (0, 0);
    let entries = covered.iter().flat_map(|track| &track.entries);
    for entry in entries.filter(|entry| first.is_some_and(|first| entry.launch() >= first)) {
        if is_significant(entry.status) {
            passed.0 += u64::from(entry.status == Status::Passed);
            passed.1 += 1;
        }
    }
    Known {
        state: State::of(mute, now),
        now: standing.last().map_or(0, |last| muted(&last)),
        covers: mute.query.is_none().then_some(covered.len() as u64),
        first: first.map(|at| standing.launches[at]),
        passed,
        upkeep: upkeep(mute, &ran, now, ENOUGH),
        mute,
    }
}

/// The full name of a track's test, as its newest launch has it.
fn name_of<'a>(context: &Context<'a>, standing: &Standing<'_>, track: &Track) -> Option<&'a str> {
    let mut names = track.entries.iter().rev().filter_map(|entry| {
        let launch = &context.project.launches[standing.launches[entry.launch()]];
        let test = launch.tests.get(&launch.outcomes[entry.outcome()].test)?;
        test.full_name.as_deref()
    });
    names.next()
}

fn table<'k>(
    context: &Context<'_>,
    standing: &Standing<'_>,
    rows: impl Iterator<Item = &'k Known<'k>>,
) -> Sheet {
    let mut table = Sheet::new(
        say!("sheet.mutes"),
        &[
            ("column.mute", "name"),
            ("column.covers", ""),
            ("column.owner", "wide"),
            ("column.issue", "mid"),
            ("column.until", ""),
            ("column.now", "num"),
            ("column.passed-meanwhile", "num mid"),
        ],
    );
    for one in rows {
        let (mark, word) = match one.state {
            State::Active => ("accounted", "mutes.state-active"),
            State::Soon => ("in_progress", "mutes.state-soon"),
            State::Expired => ("empty", "mutes.state-expired"),
        };
        let mut title = Cell::text(&one.mute.reason).marked(mark).note(format!(
            "{} · {}",
            one.mute.id,
            say!(word)
        ));
        for found in &one.upkeep {
            title = title.note(advice(*found));
        }
        let now = standing.last().filter(|_| one.now > 0);
        let now = now.map(|at| results_of(context, at, "mute", &one.mute.id, ""));
        let row = table.row([
            title,
            covered(context, one),
            member(context, Some(one.mute.owner.as_str())),
            file_links(context, &one.mute.links),
            match one.mute.until {
                Some(until) => Cell::when(until.end()),
                None => Cell::text(say!("mutes.no-day")),
            },
            Cell::link(thousands(one.now), now),
            meanwhile(context, one),
        ]);
        row.anchor = anchor(&one.mute.id);
    }
    table
}

fn advice(found: Upkeep) -> String {
    let launches = |n: usize| counted(n as u64, "launch");
    match found {
        Upkeep::Expired { until } => say!("mutes.held-until", day = until.to_string()),
        Upkeep::CanBeLifted { launches: n } => say!("mutes.can-be-lifted", launches = launches(n)),
        Upkeep::CoversNothing { launches: n } => {
            say!("mutes.covers-nothing", launches = launches(n))
        }
    }
}

/// What a mute names: cases as links, else a selector or a query.
fn covered(context: &Context<'_>, one: &Known<'_>) -> Cell {
    let mut cell = Cell::default();
    for id in &one.mute.cases {
        let case = context.case(id);
        let title = match case {
            Some(case) => words::line(&case.title),
            None => say!("sheet.not-in-project", id = words::line(id)),
        };
        let newest = context.standing.as_ref().and_then(|s| s.newest(id));
        cell.links.push(CellLink {
            mark: newest.map_or("absent", |newest| newest.status.as_str()),
            text: title,
            href: context.case_href(id, ""),
            below: false,
        });
    }
    for text in [&one.mute.selector, &one.mute.query].into_iter().flatten() {
        (cell.text, cell.mono) = (words::line(text), true);
    }
    match one.covers {
        Some(n) => cell.note(count(n, "test")),
        None => cell.note(say!("mutes.those-of-its-query-that-fail")),
    }
}

fn meanwhile(context: &Context<'_>, one: &Known<'_>) -> Cell {
    match (one.first, one.covers, one.passed) {
        (None, ..) => Cell::text("–").note(context.unseen().left_out()),
        (Some(_), None, _) => Cell::text("–").note(say!("mutes.a-query-covers-failures")),
        (Some(first), _, (passed, all)) => {
            let launch = &context.project.launches[first].file;
            Cell::text(say!("share.of", part = passed, all = all))
                .note(say!("mutes.since", launch = &launch.name))
        }
    }
}

fn overall(context: &Context<'_>, standing: &Standing<'_>, known: &[Known<'_>]) -> Verdict {
    let of = |state: State| known.iter().filter(|one| one.state == state).count() as u64;
    let (soon, expired) = (of(State::Soon), of(State::Expired));
    let holding = of(State::Active) + soon;
    let now: u64 = known.iter().map(|one| one.now).sum();
    let text = match standing.last() {
        None => context.unseen().part("mutes.no-launch-is-closed-yet"),
        Some(last) => {
            let launch = &context.project.launches[last];
            say!(
                "mutes.left-out",
                n = now,
                results = counted(launch.file.totals.counted(), "result"),
                launch = words::line(&launch.file.name)
            )
        }
    };
    let branch = standing.last().and_then(|last| {
        let source = &context.project.launches[last].file.source;
        source.branch.as_deref()
    });
    let detail = match standing.launches.len() as u64 {
        0 => String::new(),
        n => match branch {
            None => say!("mutes.what-counts", launches = counted(n, "closed launch")),
            Some(name) => say!(
                "mutes.what-counts-of-branch",
                launches = counted(n, "closed launch"),
                branch = words::line(name)
            ),
        },
    };
    let mut lead = match (known.len(), holding) {
        (0, _) => return verdict("ready", say!("mutes.nothing-is-muted"), text, detail),
        (_, n) => say!("mutes.hold", n = n),
    };
    for (n, key) in [(soon, "mutes.and-end-soon"), (expired, "mutes.and-expired")] {
        if n > 0 {
            lead += &say!(key, n = n);
        }
    }
    let tone = if expired > 0 { "blocked" } else { "accounted" };
    verdict(tone, lead, text, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Date;

    #[test]
    fn a_mute_holds_until_the_end_of_its_day() {
        let mute = |until: &str| Mute {
            until: Date::parse(until),
            ..Mute::default()
        };
        let now = Timestamp::parse("2026-11-22T18:00:00Z").expect("a time");
        for (until, state) in [
            ("2026-11-21", State::Expired),
            ("2026-11-22", State::Soon),
            ("2026-12-06", State::Active),
            ("2026-12-05", State::Soon),
            ("", State::Expired),
        ] {
            assert_eq!(State::of(&mute(until), now), state, "{until}");
        }
    }
}
