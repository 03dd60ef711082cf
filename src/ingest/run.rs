//! One ingest: which file is read as what, and the line of the whole input.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::attach::Missed;
use super::notes::Notes;
use super::others::{Others, is_single_file};
use super::same::Left;
use super::{Bundle, BundleEntry, Options, Report, Row, Sink, SinkError};
use super::{allure, detect, file, junit};
use crate::base::{Digest, Hasher};
use crate::model::Intake;

/// What every format needs.
pub(super) struct Run<'a> {
    pub(super) bundle: &'a dyn Bundle,
    pub(super) options: &'a Options,
    pub(super) sink: &'a dyn Sink,
    /// How many places of rows are taken.
    places: AtomicUsize,
}

impl Run<'_> {
    /// Hands the rows of an entry to the sink, in this order.
    pub(super) fn hand_over_of(&self, at: usize, mut rows: Vec<Row>) -> Result<(), SinkError> {
        rows.iter_mut().for_each(|row| row.file = Some(at));
        self.hand_over(rows)
    }

    /// Hands rows to the sink, in this order.
    pub(super) fn hand_over(&self, rows: Vec<Row>) -> Result<(), SinkError> {
        let start = self.reserve(rows.len());
        let end = start + rows.len();
        let rows = rows.into_par_iter().enumerate();
        rows.for_each(|(at, row)| self.sink.row(start + at, row));
        self.sink.flush(end)
    }

    /// Takes note of what rows of a format tell, and leaves out what another told of this run.
    pub(super) fn take_same(&self, format: &'static str, rows: &mut Vec<Row>) -> Left {
        let once = self.options.once();
        self.options.same().take(format, rows, once)
    }

    /// Tells an attempt of Allure apart from what another format told of its name.
    pub(super) fn number_attempt(&self, row: &mut Row) {
        let across = self.options.across.lock();
        across
            .expect("no thread panics while it holds this")
            .attempt(row);
    }

    /// Returns the first of as many places of rows.
    pub(super) fn reserve(&self, places: usize) -> usize {
        self.places.fetch_add(places, Ordering::Relaxed)
    }

    /// Returns an entry's place by its name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let entries = self.bundle.entries();
        entries.binary_search_by(|e| e.name.as_str().cmp(name)).ok()
    }
}

/// The state of the account while formats are read.
pub(super) struct Account {
    /// The line of what was given.
    pub(super) whole: Intake,
    pub(super) notes: Notes,
    /// Attachments that results of the whole name and that are not there.
    pub(super) missed: Missed,
    /// What the formats report, without the line of the whole.
    pub(super) report: Report,
    /// By the entry's place; none where it could not be read, or not yet.
    pub(super) digests: Vec<Option<Digest>>,
}

impl Account {
    /// Adds a line for an irregular file, with one element that is read or not.
    pub(super) fn irregular(
        &mut self,
        entry: &BundleEntry,
        format: &str,
        digest: Option<Digest>,
        problem: String,
    ) -> &mut Intake {
        self.report.intake.push(Intake {
            input: entry.name.clone(),
            format: format.to_owned(),
            files: 1,
            bytes: entry.size,
            digest: digest.map(prefixed).unwrap_or_default(),
            problem: Some(problem),
            ..Intake::default()
        });
        self.report
            .intake
            .last_mut()
            .expect("a line was just added")
    }
}

/// Writes a digest as intakes have it.
pub(super) fn prefixed(digest: Digest) -> String {
    format!("sha256:{digest}")
}

/// Reads all results of a bundle and hands them to the sink, in the order of file names.
///
/// # Errors
/// Only the sink's: what is wrong with the input is told by the report.
pub fn ingest(
    bundle: &dyn Bundle,
    options: &Options,
    sink: &dyn Sink,
) -> Result<Report, SinkError> {
    let run = Run {
        bundle,
        options,
        sink,
        places: AtomicUsize::new(0),
    };
    let mut account = open_account(bundle);
    let mut referenced = allure::read(&run, &mut account)?;
    let mut others = Others::look(&run, &mut account, &referenced);
    // Of what two reports of one run tell, the first stays: JUnit says least, without steps and tags.
    if options.same_run {
        file::read(&run, &mut account, &others.files, &mut referenced)?;
        junit::read(&run, &mut account, &others.junit, &mut referenced)?;
    } else {
        junit::read(&run, &mut account, &others.junit, &mut referenced)?;
        file::read(&run, &mut account, &others.files, &mut referenced)?;
    }
    // What reports attach is known now.
    let late = others.settle_late(&run, &mut account, &referenced);
    junit::read(&run, &mut account, &late.junit, &mut referenced)?;
    file::read(&run, &mut account, &late.files, &mut referenced)?;
    others.report(&run, &mut account, &referenced);
    note_same(&run, &mut account);
    Ok(close_account(bundle, account))
}

fn open_account(bundle: &dyn Bundle) -> Account {
    let entries = bundle.entries();
    let regular = entries.iter().filter(|e| e.regular);
    Account {
        whole: Intake {
            input: bundle.name().to_owned(),
            files: regular.clone().count() as u64,
            bytes: regular.map(|e| e.size).sum(),
            ..Intake::default()
        },
        notes: Notes::default(),
        missed: Missed::default(),
        report: Report::default(),
        digests: vec![None; entries.len()],
    }
}

/// Says which tests two formats tell.
fn note_same(run: &Run<'_>, account: &mut Account) {
    let mut same = run.options.same();
    let mut notes = same.note();
    if !run.options.alone {
        notes.extend(same.note_before(false));
    }
    notes.into_iter().for_each(|note| account.notes.line(note));
}

fn close_account(bundle: &dyn Bundle, account: Account) -> Report {
    let Account {
        mut whole,
        mut notes,
        missed,
        mut report,
        digests,
    } = account;
    let entries = bundle.entries();
    missed.note(&mut notes);
    whole.notes = notes.into_lines();
    let alone = is_single_file(bundle) && bundle.damage().is_none();
    if alone && report.intake.len() == 1 && whole.elements == 0 {
        let mut line = report.intake.remove(0);
        line.input = whole.input;
        line.added += whole.added;
        line.attachments_missing += whole.attachments_missing;
        line.replaced += whole.replaced;
        line.notes.splice(0..0, whole.notes);
        report.intake.push(line);
        return report;
    }
    whole.digest = prefixed(match digests.as_slice() {
        [Some(digest)] if is_single_file(bundle) => *digest,
        digests => bundle_digest(entries, digests),
    });
    report.intake.sort_by(|a, b| a.input.cmp(&b.input));
    let nothing = whole.elements == 0 && report.intake.is_empty();
    if whole.format.is_empty() {
        let mut formats: Vec<&str> = Vec::new();
        for line in report.intake.iter().filter(|line| !line.format.is_empty()) {
            if !formats.contains(&line.format.as_str()) {
                formats.push(&line.format);
            }
        }
        whole.format = formats.join(", ");
    }
    if entries.is_empty() {
        report.is_empty = true;
        let why = bundle.absence().unwrap_or("there are no files");
        whole.problem = Some(why.to_owned());
    } else if nothing && whole.format.is_empty() {
        report.is_empty = true;
        whole.problem = Some(format!(
            "no results were found, expected {}",
            detect::EXPECTED
        ));
    } else if nothing && whole.added == 0 {
        whole.problem = Some("the directory holds no `*-result.json`".to_owned());
    }
    if let Some(damage) = bundle.damage() {
        whole.problem = Some(damage.to_owned());
    }
    report.intake.insert(0, whole);
    report
}

/// The digest of sorted names and contents.
fn bundle_digest(entries: &[BundleEntry], digests: &[Option<Digest>]) -> Digest {
    let mut hasher = Hasher::new();
    for (entry, digest) in entries.iter().zip(digests) {
        hasher.field(&entry.name);
        if let Some(digest) = digest {
            hasher.update(digest.as_bytes());
        }
    }
    hasher.finish()
}
