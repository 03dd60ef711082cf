//! JUnit XML, the union of its dialects.
//!
//! A file is read twice: first to hash it, count its cases and see whether its tags nest and
//! close, then for its rows, so that those of a damaged file are marked from the first one on.
//! Small files are held in memory in between, several at once; a large one is streamed.

mod case;
mod handler;
mod identity;
mod output;
mod rows;
mod suite;
mod window;

use std::io::{self, Read};

use rayon::prelude::*;

use self::handler::Handler;
use self::rows::Maker;
use super::across::Across;
use super::ahead::ahead;
use super::attach::Keeper;
use super::decode::Decoded;
use super::file::{leave_out, repeated, take};
use super::gather::lost_texts;
use super::notes::{self, Notes};
use super::run::{Account, Run, prefixed};
use super::same::Left;
use super::times::Durations;
use super::{BundleEntry, Report, Row, SinkError};
use crate::base::{Digest, Hasher, text::count};
use crate::model::Intake;

pub(super) use self::window::{RERUN, key_of};

const FORMAT: &str = "junit";
/// Bytes of a file that is held in memory.
const SMALL: u64 = 16 << 20;
/// Small files that are read together, and their bytes.
const TOGETHER: usize = 64;
const TOGETHER_BYTES: u64 = 48 << 20;

/// Reads the given entries, all of them JUnit XML, in their order; marks what they attach.
pub(super) fn read(
    run: &Run<'_>,
    account: &mut Account,
    places: &[usize],
    referenced: &mut [bool],
) -> Result<(), SinkError> {
    let entries = run.bundle.entries();
    let mut across = run
        .options
        .across
        .lock()
        .expect("no thread panics while it holds this");
    let mut rest = places;
    while let Some(&first) = rest.first() {
        let together = how_many(rest.iter().map(|at| entries[*at].size));
        if together == 0 {
            let file = read_large(run, first, &mut across)?;
            account_for(account, first, file, referenced);
            rest = &rest[1..];
            continue;
        }
        let (now, later) = rest.split_at(together);
        let files: Vec<_> = now
            .par_iter()
            .map(|&at| {
                let mut rows = Vec::new();
                let mut out = |more: Vec<Row>| {
                    rows.extend(more);
                    Ok(())
                };
                read_small(run, &entries[at], &mut out).map(|file| (file, rows))
            })
            .collect();
        for (&at, file) in now.iter().zip(files) {
            let (mut file, mut rows) = file?;
            match across.begin(&entries[at].name, file.digest) {
                Ok(()) => {
                    across.number(&mut rows);
                    let left = run.take_same(FORMAT, &mut rows);
                    leave_out(&mut file.line, left);
                    run.hand_over_of(at, rows)?;
                }
                Err(same) => file.line = repeated(file.line, &same),
            }
            account_for(account, at, file, referenced);
        }
        rest = later;
    }
    if let Some(note) = across.note() {
        account.notes.line(note);
    }
    Ok(())
}

/// Returns how many of the next files are small and read together.
fn how_many(sizes: impl Iterator<Item = u64>) -> usize {
    let mut bytes = 0;
    let fits = |size: &u64| {
        bytes += size;
        *size <= SMALL && bytes <= TOGETHER_BYTES
    };
    sizes.take(TOGETHER).take_while(fits).count()
}

/// What one file gave, but for its rows.
struct File {
    line: Intake,
    digest: Option<Digest>,
    report: Report,
    /// Places of the entries that are attachments.
    used: Vec<usize>,
}

fn account_for(account: &mut Account, at: usize, file: File, referenced: &mut [bool]) {
    file.used.iter().for_each(|&at| referenced[at] = true);
    account.digests[at] = file.digest;
    account.report.intake.push(file.line);
    take(&mut account.report, file.report);
}

/// What the first reading of a file told.
struct Survey {
    cases: u64,
    replaced: u64,
    /// The line of the first character that was replaced.
    first: Option<u64>,
    elided: u64,
    stray: bool,
    refused: bool,
    damage: Option<String>,
}

impl Survey {
    fn of<R: Read>(decoded: &Decoded<R>) -> Self {
        let scanner = &decoded.scanner;
        Self {
            cases: scanner.cases,
            replaced: decoded.replaced,
            first: decoded.first,
            elided: scanner.elided,
            stray: scanner.stray,
            refused: scanner.subset,
            damage: scanner.damage().map(|damage| damage.0),
        }
    }
}

/// Whether an element's name is that of a test case.
fn is_case(name: &str) -> bool {
    name.eq_ignore_ascii_case("testcase")
}

type Out<'o> = &'o mut dyn FnMut(Vec<Row>) -> Result<(), SinkError>;

fn read_small(run: &Run<'_>, entry: &BundleEntry, out: Out<'_>) -> Result<File, SinkError> {
    let read = || -> io::Result<(Digest, Survey, Vec<u8>)> {
        let bytes = run.bundle.read(&entry.name)?;
        let mut decoded = Decoded::new(bytes.as_slice(), is_case)?;
        let mut text = Vec::with_capacity(bytes.len());
        decoded.read_to_end(&mut text)?;
        Ok((Digest::of(&bytes), Survey::of(&decoded), text))
    };
    match read() {
        Ok((digest, survey, text)) => {
            rows_of(run, entry, Some(digest), survey, Some(text.as_slice()), out)
        }
        Err(e) => Ok(unreadable(entry, &e)),
    }
}

fn read_large(run: &Run<'_>, at: usize, across: &mut Across) -> Result<File, SinkError> {
    let entry = &run.bundle.entries()[at];
    let survey = || -> io::Result<(Option<Digest>, Survey)> {
        let mut decoded = Decoded::new(
            Hashing {
                input: run.bundle.open(&entry.name)?,
                hasher: Hasher::new(),
            },
            is_case,
        )?;
        decoded.drain()?;
        let survey = Survey::of(&decoded);
        // What was not read to its end has no digest.
        let whole = !decoded.scanner.stopped;
        let digest = decoded.into_input().hasher.finish();
        Ok((Some(digest).filter(|_| whole), survey))
    };
    let opened = survey().and_then(|(digest, survey)| {
        let input = Decoded::new(run.bundle.open(&entry.name)?, is_case)?;
        Ok((digest, survey, input))
    });
    let (digest, survey, input) = match opened {
        Ok(opened) => opened,
        Err(e) => return Ok(unreadable(entry, &e)),
    };
    let same = across.begin(&entry.name, digest).err();
    let mut left = Left::default();
    let keep = |mut rows: Vec<Row>| match &same {
        Some(_) => Ok(()),
        None => {
            across.number(&mut rows);
            left += run.take_same(FORMAT, &mut rows);
            run.hand_over_of(at, rows)
        }
    };
    let read = |out: Out<'_>| rows_of(run, entry, digest, survey, Some(input), out);
    let mut file = ahead(keep, read)?;
    leave_out(&mut file.line, left);
    if let Some(same) = &same {
        file.line = repeated(file.line, same);
    }
    Ok(file)
}

/// Hashes what is read through it.
struct Hashing<R> {
    input: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.hasher.update(&buffer[..n]);
        Ok(n)
    }
}

fn unreadable(entry: &BundleEntry, error: &io::Error) -> File {
    File {
        line: Intake {
            problem: Some(format!("cannot be read: {error}")),
            ..line_of(entry)
        },
        digest: None,
        report: Report::default(),
        used: Vec::new(),
    }
}

fn line_of(entry: &BundleEntry) -> Intake {
    Intake {
        input: entry.name.clone(),
        format: FORMAT.to_owned(),
        files: 1,
        bytes: entry.size,
        ..Intake::default()
    }
}

fn rows_of(
    run: &Run<'_>,
    entry: &BundleEntry,
    digest: Option<Digest>,
    survey: Survey,
    input: Option<impl io::BufRead>,
    out: Out<'_>,
) -> Result<File, SinkError> {
    let mut handler = Handler::new(Maker {
        keeper: Keeper::new(run, &entry.name),
        durations: Durations::default(),
        notes: Notes::default(),
        salvaged: survey.damage.is_some(),
        attached: Vec::new(),
    });
    let refused = "has a document type with definitions of its own, which is refused";
    let problem = match input.filter(|_| !survey.refused) {
        Some(input) => handler.read(input, out)?.or(survey.damage.clone()),
        None => Some(refused.to_owned()),
    };
    let mut line = line_of(entry);
    line.digest = digest.map(prefixed).unwrap_or_default();
    Ok(File {
        line: settle(line, &survey, &mut handler, problem),
        digest,
        used: handler.maker.keeper.used,
        report: handler.report,
    })
}

/// Fills the line of a file; what was counted and neither read nor merged is dropped, and said.
fn settle(
    mut line: Intake,
    survey: &Survey,
    handler: &mut Handler<'_>,
    problem: Option<String>,
) -> Intake {
    let counts = handler.counts;
    line.declared = handler.declared;
    line.read = counts.read;
    line.merged = counts.merged;
    line.retries = counts.retries;
    line.added = counts.added;
    line.attachments_missing = handler.maker.keeper.missed.count();
    line.replaced = survey.replaced + counts.replaced;
    let found = counts.read + counts.merged;
    line.elements = survey.cases.max(found);
    line.dropped = line.elements - found;
    let strange = found > survey.cases;
    let problem = survey.damage.clone().or(problem).or_else(|| {
        let nested = count(counts.nested, "test case");
        let dropped = count(line.dropped, "test case");
        match () {
            () if counts.nested > 0 => Some(format!("{nested} inside another one not read")),
            () if line.dropped > 0 => Some(format!("{dropped} not read")),
            () if strange => Some(format!(
                "{found} test cases read where {} were counted",
                survey.cases
            )),
            () => None,
        }
    });
    let mut notes = std::mem::take(&mut handler.maker.notes);
    notes.add_many(notes::ELIDED, survey.elided, "");
    line.problem = problem.or_else(|| lost_texts(&notes));
    notes.replaced_at(survey.first);
    std::mem::take(&mut handler.maker.keeper.missed).note(&mut notes);
    if survey.stray {
        notes.line("text outside the root element left out");
    }
    if let Some(repeats) = handler.repeats() {
        notes.line(repeats);
    }
    line.notes = notes.into_lines();
    line
}
