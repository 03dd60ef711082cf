//! One file of results → its line of the intake and its rows: what all formats share that have one
//! report a file.
//!
//! A format is a function that reads a file from its beginning as often as it needs to: once for a
//! plain count of its elements and to see whether it is whole, so that rows of a damaged file are
//! marked from the first one on, and once for its rows.

use std::io::{self, Read};

use super::across::Across;
use super::ahead::{self, ahead};
use super::gather::{Gather, Out, Stop};
use super::report::add_distinct;
use super::run::{Account, Run, prefixed};
use super::same::Left;
use super::{BundleEntry, Report, Row, SinkError, limits};
use crate::base::{Digest, Hasher};
use crate::model::Intake;

/// A format with one report a file.
pub(super) struct Format {
    /// In the intake.
    pub(super) name: &'static str,
    /// What an element is, as `test`.
    pub(super) element: &'static str,
    pub(super) read: fn(&mut Gather<'_>) -> Result<(), Stop>,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}

/// Bytes of a file that is held in memory.
const SMALL: u64 = 16 << 20;

/// Reads the given entries in their order; marks what they attach.
pub(super) fn read(
    run: &Run<'_>,
    account: &mut Account,
    files: &[(usize, &'static Format)],
    referenced: &mut [bool],
) -> Result<(), SinkError> {
    let entries = run.bundle.entries();
    let mut across = run
        .options
        .across
        .lock()
        .expect("no thread panics while it holds this");
    for &(at, format) in files {
        let entry = &entries[at];
        let mut line = Intake {
            input: entry.name.clone(),
            format: format.name.to_owned(),
            files: 1,
            bytes: entry.size,
            ..Intake::default()
        };
        let (digest, bytes) = match survey(run, entry) {
            Ok(surveyed) => surveyed,
            Err(e) => {
                line.problem = Some(format!("cannot be read: {e}"));
                account.report.intake.push(line);
                continue;
            }
        };
        line.digest = digest.map(prefixed).unwrap_or_default();
        account.digests[at] = digest;
        let same = across.begin(&entry.name, digest).err();
        let mut left = Left::default();
        let read = {
            let across: &mut Across = &mut across;
            let mut keep = |mut rows: Vec<Row>| {
                if same.is_some() || rows.is_empty() {
                    return Ok(());
                }
                across.number(&mut rows);
                left += run.take_same(format.name, &mut rows);
                run.hand_over_of(at, rows)
            };
            let bytes = bytes.as_deref();
            match entry.size < ahead::WORTH {
                true => read_one(run, entry, format, bytes, &mut keep)?,
                false => ahead(keep, |out| read_one(run, entry, format, bytes, out))?,
            }
        };
        let (mut line, report, used) = read.into_line(line);
        leave_out(&mut line, left);
        used.iter().for_each(|&at| referenced[at] = true);
        if let Some(same) = same {
            account.report.intake.push(repeated(line, &same));
        } else {
            take(&mut account.report, report);
            account.report.intake.push(line);
        }
    }
    if let Some(note) = across.note() {
        account.notes.line(note);
    }
    Ok(())
}

/// The line of a file whose bytes were read before under another name, or given twice.
pub(super) fn repeated(line: Intake, same: &str) -> Intake {
    Intake {
        merged: line.merged + line.read,
        read: 0,
        retries: 0,
        added: 0,
        notes: vec![format!("holds the same as `{same}`, and counts once")],
        ..line
    }
}

/// Accounts for rows that another format had told.
pub(super) fn leave_out(line: &mut Intake, left: Left) {
    line.read -= left.elements;
    line.merged += left.elements;
    line.retries -= left.retries;
    line.added -= left.added;
}

/// Adds what a file says of the run.
pub(super) fn take(report: &mut Report, of_file: Report) {
    for (from, to) in [
        (&of_file.environment, &mut report.environment),
        (&of_file.properties, &mut report.properties),
    ] {
        for (name, values) in from.iter() {
            values
                .iter()
                .for_each(|value| add_distinct(to, name, value));
        }
    }
    report.attachments.extend(of_file.attachments);
}

/// Hashes a file; a small one stays in memory. One that goes on for too long without what its elements
/// begin with has no digest: its format's reader gives it up before.
fn survey(run: &Run<'_>, entry: &BundleEntry) -> io::Result<(Option<Digest>, Option<Vec<u8>>)> {
    if entry.size <= SMALL {
        let mut bytes = Vec::new();
        let mut input = run.bundle.open(&entry.name)?.take(SMALL + 1);
        input.read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= SMALL {
            return Ok((Some(Digest::of(&bytes)), Some(bytes)));
        }
    }
    let mut input = run.bundle.open(&entry.name)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    let (mut begins, mut stretch) = (None, 0);
    loop {
        let n = input.read(&mut buffer)?;
        let piece = &buffer[..n];
        if piece.is_empty() {
            return Ok((Some(hasher.finish()), None));
        }
        hasher.update(piece);
        let begins = *begins.get_or_insert_with(|| what_begins(piece));
        match memchr::memchr(begins, piece) {
            Some(_) => stretch = 0,
            None => stretch += n as u64,
        }
        if stretch > STRETCH {
            return Ok((None, None));
        }
    }
}

/// Bytes without what elements begin with after which a file is not hashed further: twice what readers
/// bear, for text of two bytes a character.
const STRETCH: u64 = 2 * limits::ENDLESS;

/// What there is many times in a text of results that begins so.
fn what_begins(head: &[u8]) -> u8 {
    let signs = head.iter().find(|byte| matches!(byte, b'<' | b'{' | b'['));
    match signs {
        Some(b'<') => b'<',
        Some(_) => b'"',
        None => b'\n',
    }
}

/// Hashes a file that is no results.
pub(super) fn digest_of(run: &Run<'_>, entry: &BundleEntry) -> io::Result<Digest> {
    let mut input = run.bundle.open(&entry.name)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// What reading one file told.
struct Told {
    line: Intake,
    report: Report,
    used: Vec<usize>,
}

impl Told {
    /// Fills the line of the file.
    fn into_line(self, line: Intake) -> (Intake, Report, Vec<usize>) {
        let told = self.line;
        let line = Intake {
            input: line.input,
            format: line.format,
            files: line.files,
            bytes: line.bytes,
            digest: line.digest,
            ..told
        };
        (line, self.report, self.used)
    }
}

fn read_one<'a>(
    run: &'a Run<'a>,
    entry: &'a BundleEntry,
    format: &Format,
    bytes: Option<&'a [u8]>,
    out: Out<'a>,
) -> Result<Told, SinkError> {
    let mut gather = Gather::new(run, entry, bytes, out);
    match (format.read)(&mut gather) {
        Ok(()) => {}
        Err(Stop::Sink(error)) => return Err(error),
        Err(Stop::Input(error)) => gather.fault(format!("cannot be read: {error}")),
    }
    gather.finish(format.element)?;
    let counts = gather.counts;
    let missing = gather.keeper.missed.count();
    gather.keeper.missed.note(&mut gather.notes);
    Ok(Told {
        line: Intake {
            declared: gather.declared,
            elements: gather.elements,
            read: counts.read,
            merged: counts.merged,
            dropped: gather.elements - counts.read - counts.merged,
            retries: counts.retries,
            added: counts.added,
            attachments_missing: missing,
            replaced: gather.replaced,
            problem: gather.problem,
            notes: gather.notes.into_lines(),
            ..Intake::default()
        },
        report: gather.report,
        used: gather.keeper.used,
    })
}
