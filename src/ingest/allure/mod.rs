//! Allure results: `*-result.json`, `*-container.json` and what says something of the run.
//!
//! Containers are read first, then results in chunks, each from bytes to the sink by one thread: what
//! a thread allocates it lets go itself, and memory holds few rows beside all fixtures. Each file is
//! read once and hashed once.

mod fixtures;
mod gathered;
mod properties;
mod raw;
mod redact;
mod row;
mod run_files;
mod steps;

use rayon::prelude::*;
use serde::Deserialize;

use self::fixtures::Fixtures;
use self::gathered::Gathered;
use self::raw::{Parsed, RawContainer, RawResult};
use self::row::Keeper;
use super::attach::Missed;
use super::detect::{AllureRole, allure_role, unfinished};
use super::limits;
use super::notes::{self, Notes};
use super::run::{Account, Run, prefixed};
use super::{BundleEntry, Row, SinkError};
use crate::base::{Digest, path, text};
use crate::model::Status;

const FORMAT: &str = "allure";
/// Results that are parsed and handed over together.
const CHUNK: usize = 1024;

/// Reads all Allure files of a bundle; returns by place which entries are attachments of results.
pub(super) fn read(run: &Run<'_>, account: &mut Account) -> Result<Vec<bool>, SinkError> {
    let entries = run.bundle.entries();
    let roles: Vec<Option<AllureRole>> = entries
        .iter()
        .map(|e| role_of(run, &e.name).filter(|_| e.regular))
        .collect();
    let places = |role: AllureRole| -> Vec<usize> {
        (0..roles.len())
            .filter(|&at| roles[at] == Some(role))
            .collect()
    };
    let mut referenced = vec![false; entries.len()];
    if roles
        .iter()
        .any(|r| matches!(r, Some(AllureRole::Result | AllureRole::Container)))
    {
        account.whole.format = FORMAT.to_owned();
    }
    let fixtures = read_containers(run, account, &places(AllureRole::Container));
    read_results(
        run,
        account,
        &fixtures,
        &places(AllureRole::Result),
        &mut referenced,
    )?;
    run_files::read(run, account, &fixtures, &places, &mut referenced)?;
    drop(fixtures);
    note_unused(run, account, &places);
    Ok(referenced)
}

/// Returns the part that a name gives a file. What was to become a result and has not is one where nothing
/// stands in its place.
pub(super) fn role_of(run: &Run<'_>, name: &str) -> Option<AllureRole> {
    allure_role(name).or_else(|| {
        let finished = unfinished(name)?;
        run.find(&finished).is_none().then_some(AllureRole::Result)
    })
}

/// A file that was read and parsed.
struct Loaded<T> {
    digest: Option<Digest>,
    parsed: Parsed<T>,
}

/// Reads and parses one file; what goes wrong is its problem.
fn load<T>(run: &Run<'_>, entry: &BundleEntry, shape: &raw::Shape) -> Loaded<T>
where
    T: for<'de> Deserialize<'de>,
{
    let failed = |problem: String| Loaded {
        digest: None,
        parsed: Parsed {
            value: None,
            problem: Some(problem),
            replaced: 0,
            notes: Notes::default(),
        },
    };
    if entry.size > limits::JSON {
        return failed("is larger than 64 MiB, and was not read".to_owned());
    }
    match run.bundle.read(&entry.name) {
        Ok(bytes) => Loaded {
            digest: Some(Digest::of(&bytes)),
            parsed: raw::parse(&bytes, shape),
        },
        Err(e) => failed(format!("cannot be read: {e}")),
    }
}

fn read_containers(run: &Run<'_>, account: &mut Account, places: &[usize]) -> Fixtures {
    let entries = run.bundle.entries();
    let mut fixtures = Fixtures::default();
    for chunk in places.chunks(CHUNK * 2) {
        let loaded: Vec<Loaded<RawContainer>> = chunk
            .par_iter()
            .map(|&at| load(run, &entries[at], &raw::CONTAINER))
            .collect();
        for (&at, mut loaded) in chunk.iter().zip(loaded) {
            if loaded
                .parsed
                .value
                .as_ref()
                .is_some_and(redact::has_secrets)
            {
                loaded.digest = Some(told_elsewhere());
            }
            account.digests[at] = loaded.digest;
            account.whole.replaced += loaded.parsed.replaced;
            account.notes.merge(loaded.parsed.notes);
            if let Some(problem) = loaded.parsed.problem {
                let problem = format!("the container {problem}; fixtures may be missing");
                account.irregular(&entries[at], FORMAT, loaded.digest, problem);
            }
            if let Some(container) = loaded.parsed.value {
                fixtures.add(container, at);
            }
        }
    }
    fixtures
}

/// The digest of a container that may hold a secret: what it says beside that is part of the
/// digests of its results.
fn told_elsewhere() -> Digest {
    Digest::of(b"")
}

/// What one result file gave.
struct Read {
    /// A row came of it.
    found: bool,
    /// Another format had told it.
    merged: bool,
    digest: Option<Digest>,
    /// Places of containers that may repeat a secret of this result.
    shared: Vec<usize>,
    problem: Option<String>,
    notes: Notes,
    replaced: u64,
    missed: Missed,
    used: Vec<(usize, Option<Digest>)>,
}

impl Read {
    /// Takes the account of a stretch of the file that was read later.
    fn take(&mut self, parsed: Parsed<()>) {
        self.notes.merge(parsed.notes);
        self.replaced += parsed.replaced;
        if self.problem.is_none() {
            self.problem = parsed.problem;
        }
    }
}

fn read_results(
    run: &Run<'_>,
    account: &mut Account,
    fixtures: &Fixtures,
    places: &[usize],
    referenced: &mut [bool],
) -> Result<(), SinkError> {
    let entries = run.bundle.entries();
    account.whole.elements = places.len() as u64;
    let rows = Gathered::new(run);
    let first = run.reserve(places.len());
    let mut start = first;
    let mut waiting = Vec::new();
    for chunk in places.chunks(CHUNK) {
        let one = |(place, at): (usize, &usize)| read_one(run, start + place, *at, fixtures, &rows);
        let read = || -> Vec<Read> { chunk.par_iter().enumerate().map(one).collect() };
        let flush = || match rows.holds() {
            true => Ok(()),
            false => run.sink.flush(start),
        };
        let (read, kept) = rayon::join(read, flush);
        kept?;
        for (&at, read) in chunk.iter().zip(read) {
            for &(at, digest) in &read.used {
                referenced[at] = true;
                account.digests[at] = account.digests[at].or(digest);
            }
            match rows.holds() {
                true => waiting.push((at, read)),
                false => account_for(account, entries, at, read),
            }
        }
        start += chunk.len();
    }
    let told = rows.settle()?;
    for (place, (at, mut read)) in waiting.into_iter().enumerate() {
        read.merged = told.contains(&(first + place));
        account_for(account, entries, at, read);
    }
    run.sink.flush(start)
}

/// Reads one file and hands its row to the sink, by the thread that made it.
fn read_one(
    run: &Run<'_>,
    place: usize,
    at: usize,
    fixtures: &Fixtures,
    rows: &Gathered<'_, '_>,
) -> Read {
    let entry = &run.bundle.entries()[at];
    let Loaded { digest, parsed } = load::<RawResult>(run, entry, &raw::RESULT);
    let mut read = Read {
        found: false,
        merged: false,
        digest,
        shared: Vec::new(),
        problem: parsed.problem,
        notes: parsed.notes,
        replaced: parsed.replaced,
        missed: Missed::default(),
        used: Vec::new(),
    };
    if unfinished(&entry.name).is_some() {
        let leftover = "was never finished: this is what its writer left when it was stopped";
        read.problem = Some(match read.problem {
            Some(problem) => format!("{leftover}, and {problem}"),
            None => leftover.to_owned(),
        });
    }
    if let Some(raw) = parsed.value {
        let row = read_value(run, entry, fixtures, raw, &mut read);
        read.found = row.is_some();
        if let Some(mut row) = row {
            row.file = Some(at);
            rows.take(place, row);
        }
    }
    let cut = read.notes.count(notes::CUT);
    if cut > 0 && read.problem.is_none() {
        let texts = text::count(cut, "text");
        read.problem = Some(format!("holds {texts} longer than 1 MiB, cut there"));
    }
    let names = read.notes.count(notes::LONG_NAME);
    if names > 0 && read.problem.is_none() {
        let names = text::count(names, "name");
        read.problem = Some(format!(
            "has {names} longer than 4 KiB, cut there: {}",
            notes::SHORTEN
        ));
    }
    if !read.found && read.problem.is_none() {
        read.problem = Some("names neither a test nor a status".to_owned());
    }
    read
}

fn read_value(
    run: &Run<'_>,
    entry: &BundleEntry,
    fixtures: &Fixtures,
    mut raw: RawResult,
    read: &mut Read,
) -> Option<Row> {
    let stem = path::file_name(&entry.name);
    let stem = stem
        .rsplit_once("-result.json")
        .map_or(stem, |(stem, _)| stem);
    let mut stem = stem.to_owned();
    let mut digest = read.digest;
    let uuid = raw.uuid.clone();
    let mut around = fixtures.of(uuid.as_deref());
    let mut has_secrets = false;
    if redact::may_have_secrets(&raw, &around) {
        read.take(raw.steps.read());
    }
    if let Some((secrets, remains)) = redact::take_out(&mut raw, &mut around) {
        secrets.hide(&mut stem);
        has_secrets = true;
        digest = Some(remains.result);
        read.digest = Some(remains.whole);
        read.shared = around.entries();
    }
    if !says_something(&raw) {
        return None;
    }
    let steps = std::mem::take(&mut raw.steps);
    let mut keeper = Keeper::new(run, path::parent(&entry.name), Status::Unknown);
    let mut result = row::result(raw, &stem, &mut keeper, &mut read.notes);
    let (details, parsed) = row::details(steps, around, &mut keeper, &mut read.notes);
    read.take(parsed);
    fixtures.saw(uuid.as_deref(), result.status, has_secrets);
    if let Some(name) = result.full_name.as_deref().filter(|_| result.synthetic) {
        fixtures.told(name);
    }
    if result.uuid.is_none() && !stem.is_empty() {
        result.uuid = Some(stem);
    }
    result.digest = digest.map(|digest| digest.short());
    result.salvaged = read.problem.is_some();
    read.missed = keeper.missed;
    read.used = keeper.used;
    Some(Row {
        result,
        details,
        ..Row::default()
    })
}

/// Whether a result tells a test or a status, so that a row can be made of it.
fn says_something(raw: &RawResult) -> bool {
    raw.name.is_some()
        || raw.full_name.is_some()
        || raw.test_case_id.is_some()
        || raw.status.is_some()
        || raw.uuid.is_some()
}

fn account_for(account: &mut Account, entries: &[BundleEntry], at: usize, read: Read) {
    let entry = &entries[at];
    account.digests[at] = read.digest;
    forget(account, entries, &read.shared);
    account.notes.merge(read.notes);
    account.whole.attachments_missing += read.missed.count();
    account.missed.merge(read.missed);
    account.whole.replaced += read.replaced;
    let was_read = u64::from(read.found && !read.merged);
    let was_merged = u64::from(read.found && read.merged);
    let Some(problem) = read.problem else {
        account.whole.read += was_read;
        account.whole.merged += was_merged;
        return;
    };
    account.whole.elements -= 1;
    let problem = format!("the result {problem}");
    let line = account.irregular(entry, FORMAT, read.digest, problem);
    line.elements = 1;
    line.read = was_read;
    line.merged = was_merged;
    line.dropped = 1 - was_read - was_merged;
}

/// Takes back the digests of containers that may repeat a secret.
fn forget(account: &mut Account, entries: &[BundleEntry], containers: &[usize]) {
    for &at in containers {
        account.digests[at] = Some(told_elsewhere());
        let lines = account.report.intake.iter_mut();
        lines
            .filter(|line| line.input == entries[at].name)
            .for_each(|line| line.digest = prefixed(told_elsewhere()));
    }
}

/// Notes files of Allure's reports that say nothing of this run, and where what they have stands here.
fn note_unused(run: &Run<'_>, account: &mut Account, places: &dyn Fn(AllureRole) -> Vec<usize>) {
    let entries = run.bundle.entries();
    for at in places(AllureRole::Categories) {
        let name = &entries[at].name;
        account.notes.line(format!(
            "`{name}` sorts nothing here: put its entries under `categories` in `project.yaml`"
        ));
    }
    let history = places(AllureRole::History);
    if let Some(&first) = history.first() {
        let files = text::count(history.len() as u64, "file");
        let first = &entries[first].name;
        account.notes.line(format!(
            "{files} of history not needed, as `{first}`: it comes from closed launches"
        ));
    }
}
