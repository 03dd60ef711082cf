//! One ingest: which file is read as what, and the line of the whole input.

use std::io::Read as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::attach::Missed;
use super::detect::{self, AllureRole, Kind};
use super::file::{self, Format};
use super::notes::Notes;
use super::own;
use super::same::Left;
use super::{Bundle, BundleEntry, Options, Report, Row, Sink, SinkError, allure, junit};
use super::{limits, named};
use crate::base::{Digest, Hasher, path, text};
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
        let mut same = self.options.same.lock();
        let same = same.as_mut().expect("no thread panics while it holds this");
        same.take(format, rows, self.options.same_run)
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
    let mut others = inspect_others(&run, &mut account, &referenced);
    junit::read(&run, &mut account, &others.junit, &mut referenced)?;
    file::read(&run, &mut account, &others.files, &mut referenced)?;
    // What reports attach is known now.
    let late = settle_late(
        &run,
        &mut account,
        std::mem::take(&mut others.late),
        &referenced,
    );
    junit::read(&run, &mut account, &late.junit, &mut referenced)?;
    file::read(&run, &mut account, &late.files, &mut referenced)?;
    report_strange(&run, &mut account, &others, &referenced);
    note_idle(&run, &mut account, &others.idle, &referenced);
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
    let mut same = run.options.same.lock();
    let same = same.as_mut().expect("no thread panics while it holds this");
    for note in same.note(run.options.same_run) {
        account.notes.line(note);
    }
}

/// Places of files that are no part of an Allure result.
#[derive(Default)]
struct Others {
    junit: Vec<usize>,
    /// Of other formats with one report a file.
    files: Vec<(usize, &'static Format)>,
    /// Results by what they hold whose names say nothing of results, or that another report names: what
    /// reports attach is known when they are read. `None` is JUnit XML.
    late: Vec<(usize, Option<&'static Format>)>,
    /// Of those that have no part yet.
    idle: Vec<usize>,
    /// Named like results, and none that are read.
    strange: Vec<(usize, Kind)>,
    has_results: bool,
}

/// Looks at what is no part of an Allure result.
fn inspect_others(run: &Run<'_>, account: &mut Account, referenced: &[bool]) -> Others {
    let entries = run.bundle.entries();
    let only = is_single_file(run.bundle);
    let wanted: Vec<usize> = (0..entries.len())
        .filter(|&at| entries[at].regular && account.digests[at].is_none())
        // What could not be read as a part of Allure's was told as that.
        .filter(|&at| !is_allure(run, &entries[at].name))
        .collect();
    let looks: Vec<(usize, std::io::Result<Look>)> = wanted
        .into_par_iter()
        .map(|at| (at, look(run.bundle, &entries[at], only, referenced[at])))
        .collect();
    let mut others = Others::default();
    for (at, look) in looks {
        let entry = &entries[at];
        match look {
            Ok(Look::JUnit) => others.junit.push(at),
            Ok(Look::Known(format)) => others.files.push((at, format)),
            Ok(Look::Late(format)) => others.late.push((at, format)),
            Ok(Look::Hashed(digest, kind)) => {
                account.digests[at] = Some(digest);
                match kind {
                    Some(Kind::Unknown | Kind::Xml(_)) if !only => others.idle.push(at),
                    Some(Kind::Empty) if !only && !is_xml(&entry.name) => others.idle.push(at),
                    Some(kind) => others.strange.push((at, kind)),
                    None if !referenced[at] && detect::allure_role(&entry.name).is_none() => {
                        others.idle.push(at);
                    }
                    None => {}
                }
            }
            Err(e) => {
                account.irregular(entry, "", None, format!("cannot be read: {e}"));
            }
        }
    }
    report_links(run, account);
    others.has_results =
        !others.junit.is_empty() || !others.files.is_empty() || !others.late.is_empty();
    if !only {
        others.put_off(run);
    }
    others
}

impl Others {
    /// Leaves what other reports name until these were read.
    fn put_off(&mut self, run: &Run<'_>) {
        let files = self.files.iter().map(|(at, _)| *at);
        let sure: Vec<usize> = self.junit.iter().copied().chain(files).collect();
        let named = named::by_others(run, &sure);
        if named.is_empty() || named.len() == sure.len() {
            return;
        }
        let junit = self.junit.extract_if(.., |at| named.contains(at));
        self.late.extend(junit.map(|at| (at, None)));
        let files = self.files.extract_if(.., |(at, _)| named.contains(at));
        self.late
            .extend(files.map(|(at, format)| (at, Some(format))));
        self.late.sort_unstable_by_key(|(at, _)| *at);
    }
}

fn is_allure(run: &Run<'_>, name: &str) -> bool {
    let role = allure::role_of(run, name);
    matches!(role, Some(AllureRole::Result | AllureRole::Container))
}

/// Leaves out what a report attaches: that is no report of its own, whatever it holds.
fn settle_late(
    run: &Run<'_>,
    account: &mut Account,
    late: Vec<(usize, Option<&'static Format>)>,
    referenced: &[bool],
) -> Others {
    let mut others = Others::default();
    for (at, format) in late {
        let entry = &run.bundle.entries()[at];
        match format {
            _ if referenced[at] => match file::digest_of(run, entry) {
                Ok(digest) => account.digests[at] = Some(digest),
                Err(e) => {
                    account.irregular(entry, "", None, format!("cannot be read: {e}"));
                }
            },
            Some(format) => others.files.push((at, format)),
            None => others.junit.push(at),
        }
    }
    others
}

/// Notes files that no result names.
fn note_idle(run: &Run<'_>, account: &mut Account, idle: &[usize], referenced: &[bool]) {
    let name = |at: usize| run.bundle.entries()[at].name.as_str();
    let idle = idle.iter().copied();
    let idle = idle.filter(|at| !referenced[*at] && !own::is_list(name(*at)));
    let (archives, idle): (Vec<usize>, Vec<usize>) = idle.partition(|at| is_archive(name(*at)));
    let archives = archives.into_iter().map(|at| name(at).to_owned());
    account.report.archives = archives.collect();
    let mut idle = idle.into_iter();
    let Some(first) = idle.next() else {
        return;
    };
    let files = text::count(1 + idle.count() as u64, "other file");
    let first = name(first);
    account
        .notes
        .line(format!("{files} not read, as `{first}`"));
}

/// Whether a file is an archive by its name.
pub fn is_archive(name: &str) -> bool {
    const EXTENSIONS: [&str; 6] = ["zip", "tar", "tgz", "gz", "zst", "tzst"];
    let extension = path::extension(name).to_ascii_lowercase();
    EXTENSIONS.contains(&extension.as_str())
}

fn is_xml(name: &str) -> bool {
    path::extension(name).eq_ignore_ascii_case("xml")
}

/// Reports links and devices that would have been read, had they been files.
fn report_links(run: &Run<'_>, account: &mut Account) {
    for entry in run.bundle.entries().iter().filter(|e| !e.regular) {
        let role = detect::allure_role(&entry.name);
        let result = role == Some(AllureRole::Result);
        let matters = result || role == Some(AllureRole::Container) || is_xml(&entry.name);
        if matters {
            let format = if role.is_some() { "allure" } else { "" };
            let problem = "is a link or a device, which is not followed".to_owned();
            let line = account.irregular(entry, format, None, problem);
            line.elements = u64::from(result);
            line.dropped = u64::from(result);
        } else {
            let line = format!(
                "`{}` is a link or a device, which is not followed",
                entry.name
            );
            account.notes.line(line);
        }
    }
}

/// Reports files of formats that aren't read and that nothing attaches: a note beside results, a problem on
/// their own.
fn report_strange(run: &Run<'_>, account: &mut Account, others: &Others, referenced: &[bool]) {
    let has_results = others.has_results || account.whole.elements > 0;
    let strange = others.strange.iter().filter(|(at, _)| !referenced[*at]);
    for &(at, ref kind) in strange {
        let entry = &run.bundle.entries()[at];
        let Some(problem) = kind.problem() else {
            continue;
        };
        match kind {
            Kind::Other(_) if has_results => {
                account.notes.line(format!("`{}` {problem}", entry.name));
            }
            _ => {
                let digest = account.digests[at];
                account.irregular(entry, "", digest, problem);
            }
        }
    }
}

enum Look {
    JUnit,
    Known(&'static Format),
    /// By what it holds alone.
    Late(Option<&'static Format>),
    /// With its kind, where it may be a file of results.
    Hashed(Digest, Option<Kind>),
}

fn look(
    bundle: &dyn Bundle,
    entry: &BundleEntry,
    only: bool,
    referenced: bool,
) -> std::io::Result<Look> {
    let mut input = bundle.open(&entry.name)?;
    let mut head = Vec::new();
    input
        .by_ref()
        .take(limits::HEAD as u64)
        .read_to_end(&mut head)?;
    let is_sure = only || says_results(&entry.name);
    let may_be = only || !referenced && detect::allure_role(&entry.name).is_none();
    let begins_so = || is_sure || detect::begins_so(&head);
    let is_plain = is_plain_text(&entry.name);
    let kind = (may_be && (is_plain || begins_so())).then(|| detect::sniff(&entry.name, &head));
    match kind {
        Some(Kind::JUnit) if is_sure => return Ok(Look::JUnit),
        Some(Kind::JUnit) if begins_so() => return Ok(Look::Late(None)),
        Some(Kind::Known(format, _)) if is_sure => return Ok(Look::Known(format)),
        Some(Kind::Known(format, true)) => return Ok(Look::Late(Some(format))),
        _ => {}
    }
    let kind = kind.filter(|_| is_sure);
    let mut hasher = Hasher::new();
    hasher.update(&head);
    let mut buffer = head;
    buffer.resize(limits::HEAD, 0);
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(Look::Hashed(hasher.finish(), kind)),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// Whether a file is an output by its name: other programs may have printed before the results.
fn is_plain_text(name: &str) -> bool {
    const EXTENSIONS: [&str; 4] = ["txt", "log", "out", ""];
    let extension = path::extension(name).to_ascii_lowercase();
    EXTENSIONS.contains(&extension.as_str())
}

/// Whether a file's name says that it may be results, so that it is told where it is none. Of others only
/// what can't be anything else is read.
fn says_results(name: &str) -> bool {
    const EXTENSIONS: [&str; 6] = ["xml", "json", "jsonl", "ndjson", "trx", "tap"];
    EXTENSIONS
        .iter()
        .any(|ext| path::extension(name).eq_ignore_ascii_case(ext))
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

/// Whether the bundle is one file that was given itself, not a directory with one file.
fn is_single_file(bundle: &dyn Bundle) -> bool {
    let name = bundle.name().replace('\\', "/");
    matches!(bundle.entries(), [only] if only.name == path::file_name(&name))
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
