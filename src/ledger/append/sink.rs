//! Where an append's rows and attachments go: files of a folder that nobody reads yet.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::AppendRequest;
use super::guard::{Guard, Leak, Watch};
use super::media::{self, extension, media_type};
use crate::analysis::attempts::Run;
use crate::analysis::keys;
use crate::base::files::Output;
use crate::base::hash::digest_fields;
use crate::base::{Digest, files, text};
use crate::ingest::{AttachmentRequest, AttachmentSource, Bundle, Part, Row, Sink, SinkError};
use crate::ledger::attachments::{Attachments, Kept};
use crate::model::{Attachment, Environment, Execution, Intake, Job, Keep, Status, TestResult};
use crate::store::rows::write_line;
use crate::store::shard::RowWriter;

/// Bytes of rows that are written together.
const BUFFER: usize = 128 << 10;

pub(super) struct PartSink<'a> {
    folder: &'a Path,
    keep: Keep,
    guard: &'a Guard,
    seen: &'a HashSet<String>,
    job: &'a Job,
    environment: &'a Environment,
    bundle: Mutex<Option<&'a dyn Bundle>>,
    /// Rows that are not kept yet, by their places.
    pending: Mutex<BTreeMap<usize, Prepared>>,
    state: Mutex<State>,
    /// Rows of this bundle that were left out as repeats, by the entry that they were read from.
    skipped: Mutex<BTreeMap<Option<usize>, Skipped>>,
    /// Texts of this bundle that patterns were taken out of.
    redacted: AtomicU64,
    /// Where something looks like a secret: from the first on, nothing is written.
    leaks: Mutex<Vec<Leak>>,
    attachments: Attachments,
}

/// Rows of one file that were left out as repeats.
#[derive(Clone, Copy, Debug, Default)]
struct Skipped {
    elements: u64,
    retries: u64,
    added: u64,
}

impl Skipped {
    fn add(&mut self, part: Part) {
        *match part {
            Part::Element => &mut self.elements,
            Part::Retry => &mut self.retries,
            Part::Added => &mut self.added,
        } += 1;
    }

    /// Takes the rows out of what a line says was read.
    fn take_from(self, line: &mut Intake) {
        let elements = self.elements.min(line.read);
        line.read -= elements;
        line.merged += elements;
        line.retries -= self.retries.min(line.retries);
        line.added -= self.added.min(line.added);
    }
}

#[derive(Default)]
struct State {
    results: RowWriter<BufWriter<Output>>,
    details: RowWriter<BufWriter<Output>>,
    result_files: u32,
    detail_files: u32,
    /// How often rows of this bundle without a uuid said the same.
    equal: HashMap<Digest, u32>,
    /// The ids of all rows that came before this batch.
    ids: HashSet<String>,
    runs: Vec<Run>,
}

/// What was written aside, without headers.
pub(super) struct Spooled {
    pub(super) result_files: u32,
    pub(super) detail_files: u32,
    pub(super) runs: Vec<Run>,
}

/// The file that holds rows until their header is known.
pub(super) fn rows_file(folder: &Path, stem: &str, number: u32) -> PathBuf {
    folder.join(format!("{stem}-{number}.rows"))
}

/// One row as the lines that it becomes, with [`ID`] in place of its id.
struct Prepared {
    identity: Digest,
    /// The producer's uuid and content decide the id.
    unique: bool,
    part: Part,
    file: Option<usize>,
    result: Vec<u8>,
    details: Vec<u8>,
    run: Run,
}

/// What stands where an id will be.
const ID: &str = "0000000000000000";
/// Where the id stands in a line.
const ID_AT: usize = "- {\"id\": \"".len();

impl Prepared {
    fn set_id(&mut self, id: &str) {
        for line in [&mut self.result, &mut self.details] {
            if let Some(place) = line.get_mut(ID_AT..ID_AT + ID.len()) {
                place.copy_from_slice(id.as_bytes());
            }
        }
        id.clone_into(&mut self.run.id);
    }
}

/// Writes a row whose id is [`ID`] as one line.
fn line_of(row: &impl serde::Serialize) -> Vec<u8> {
    let mut line = Vec::with_capacity(1024);
    line.extend(b"- ");
    write_line(&mut line, row).expect("writing to memory does not fail");
    line.push(b'\n');
    debug_assert_eq!(&line[ID_AT..ID_AT + ID.len()], ID.as_bytes());
    line
}

impl<'a> PartSink<'a> {
    pub(super) fn new(
        folder: &'a Path,
        seen: &'a HashSet<String>,
        environment: &'a Environment,
        request: &'a AppendRequest<'a>,
    ) -> Self {
        Self {
            folder,
            keep: request.keep,
            guard: request.guard,
            seen,
            job: &request.job,
            environment,
            bundle: Mutex::new(None),
            pending: Mutex::default(),
            state: Mutex::default(),
            skipped: Mutex::default(),
            redacted: AtomicU64::new(0),
            leaks: Mutex::default(),
            attachments: Attachments::new(folder),
        }
    }

    fn pending(&self) -> MutexGuard<'_, BTreeMap<usize, Prepared>> {
        self.pending
            .lock()
            .expect("no thread panics while it holds this")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no thread panics while it holds this")
    }

    fn skipped(&self) -> MutexGuard<'_, BTreeMap<Option<usize>, Skipped>> {
        self.skipped
            .lock()
            .expect("no thread panics while it holds this")
    }

    fn bundle(&self) -> Option<&'a dyn Bundle> {
        *self
            .bundle
            .lock()
            .expect("no thread panics while it holds this")
    }

    /// Takes the entries of `bundle` from now on. The same file given twice has the same rows.
    pub(super) fn begin(&self, bundle: &'a dyn Bundle) {
        self.state().equal.clear();
        *self
            .bundle
            .lock()
            .expect("no thread panics while it holds this") = Some(bundle);
    }

    /// Returns where something looks like a secret.
    pub(super) fn leaks(&self) -> Vec<Leak> {
        self.leaked().clone()
    }

    fn leaked(&self) -> MutexGuard<'_, Vec<Leak>> {
        self.leaks
            .lock()
            .expect("no thread panics while it holds this")
    }

    /// Takes what was skipped as a repeat out of what the line of its file says was read: elements count as
    /// merged. Notes how many texts were redacted, those of the surroundings added.
    pub(super) fn settle(&self, intake: &mut [Intake], surroundings: u64) {
        let redacted = self.redacted.swap(0, Ordering::Relaxed) + surroundings;
        if let Some(line) = intake.first_mut().filter(|_| redacted > 0) {
            let texts = text::count(redacted, "text");
            line.notes.push(format!(
                "{texts} redacted as `redaction` in `tallybook.yaml` says"
            ));
        }
        let bundle = self.bundle();
        for (file, skipped) in std::mem::take(&mut *self.skipped()) {
            let entry = file.and_then(|at| bundle?.entries().get(at));
            // What no line of its own tells is told by that of the whole.
            let own = entry.and_then(|entry| {
                let counts = |line: &Intake| line.rows() > 0;
                let mut lines = intake.iter();
                lines.position(|line| line.input == entry.name && counts(line))
            });
            if let Some(line) = intake.get_mut(own.unwrap_or_default()) {
                skipped.take_from(line);
            }
        }
    }

    pub(super) fn finish(self) -> Result<Spooled, SinkError> {
        let state = self
            .state
            .into_inner()
            .expect("no thread panics while it holds this");
        for mut out in [state.results.finish(), state.details.finish()]
            .into_iter()
            .flatten()
        {
            out.flush().map_err(failed)?;
        }
        let finished = self.attachments.finish();
        finished.map_err(|e| SinkError(Box::new(e)))?;
        Ok(Spooled {
            result_files: state.result_files,
            detail_files: state.detail_files,
            runs: state.runs,
        })
    }

    /// Turns a row into lines.
    fn prepare(&self, mut row: Row) -> Prepared {
        let redacted = self.guard.redact_row(&mut row.result, &mut row.details);
        self.redacted.fetch_add(redacted, Ordering::Relaxed);
        let identity = self.identity(&mut row.result);
        ID.clone_into(&mut row.result.id);
        let mut details = Vec::new();
        if !row.details.is_empty() && self.keeps_details(row.result.status, row.result.execution) {
            ID.clone_into(&mut row.details.id);
            details = line_of(&row.details);
        }
        let result = line_of(&row.result);
        if self.guard.suspects(&result) || self.guard.suspects(&details) {
            let kept = Some(&mut row.details).filter(|_| !details.is_empty());
            let leaks = self.guard.leaks_of_row(&mut row.result, kept);
            self.leaked().extend(leaks);
        }
        let params = keys::params_digest(&row.result.parameters, row.result.occurrence);
        Prepared {
            identity,
            unique: row.result.uuid.is_some() && row.result.digest.is_some(),
            part: row.part,
            file: row.file,
            result,
            details,
            run: Run::new(&row.result, &params, self.job, self.environment),
        }
    }

    /// What makes a row's id: job, attempt and environment; the producer's uuid and content, else
    /// what the row says, be it salvaged or not.
    fn identity(&self, result: &mut TestResult) -> Digest {
        let attempt = self.job.attempt.unwrap_or(1).to_string();
        let variables = self
            .environment
            .iter()
            .flat_map(|(name, value)| [name, value.as_str()]);
        let base = [self.job.name.as_str(), &attempt]
            .into_iter()
            .chain(variables);
        if let (Some(uuid), Some(digest)) = (&result.uuid, &result.digest) {
            return digest_fields(base.chain([uuid.as_str(), digest]));
        }
        let salvaged = std::mem::take(&mut result.salvaged);
        let said = serde_json::to_string(result).expect("a row is plain data");
        result.salvaged = salvaged;
        digest_fields(base.chain([said.as_str()]))
    }

    fn open_rows(&self, stem: &str, number: u32) -> io::Result<BufWriter<Output>> {
        let file = files::create(&rows_file(self.folder, stem, number)).map_err(|e| e.source)?;
        Ok(BufWriter::with_capacity(BUFFER, file))
    }

    /// Keeps an attachment that is here, redacted where it is text.
    fn take_bytes(&self, bytes: &[u8], record: &Attachment, extension: &str) -> io::Result<Kept> {
        let redacts = self.guard.redacts_attachment(&record.media_type, bytes);
        let redacted = redacts.then(|| self.guard.redact_bytes(bytes)).flatten();
        if redacted.is_some() {
            self.redacted.fetch_add(1, Ordering::Relaxed);
        }
        let bytes = redacted.as_deref().unwrap_or(bytes);
        self.watch(&mut Watch::new(self.guard), bytes, &record.name)?;
        Ok(self.attachments.keep(bytes, extension))
    }

    /// Keeps an attachment that `open` opens; a text that is to be redacted is read whole.
    fn take_entry<R: io::Read>(
        &self,
        open: impl Fn() -> io::Result<R>,
        record: &Attachment,
        extension: &str,
    ) -> io::Result<Kept> {
        if self.guard.redacts() {
            let mut bytes = Vec::new();
            let mut input = open()?.take(LONGEST_TEXT + 1);
            input
                .by_ref()
                .take(media::HEAD as u64)
                .read_to_end(&mut bytes)?;
            if self.guard.redacts_attachment(&record.media_type, &bytes) {
                input.read_to_end(&mut bytes)?;
                if bytes.len() as u64 > LONGEST_TEXT {
                    return Err(io::Error::other(
                        "a text of more than 64 MiB is not redacted",
                    ));
                }
                return self.take_bytes(&bytes, record, extension);
            }
        }
        let mut watch = Watch::new(self.guard);
        let mut see = |piece: &[u8]| self.watch(&mut watch, piece, &record.name);
        self.attachments
            .keep_from(open, record.size, extension, &mut see)
    }

    /// Looks at a piece of an attachment before it is written.
    fn watch(&self, watch: &mut Watch<'_>, piece: &[u8], name: &str) -> io::Result<()> {
        let Some(shape) = watch.see(piece) else {
            return Ok(());
        };
        let leak = self.guard.leak_of_attachment(name, shape);
        self.leaked().push(leak);
        Err(io::Error::other("it looks like a secret"))
    }

    fn keeps(&self, request: &AttachmentRequest<'_>, size: Option<u64>) -> bool {
        (!is_plain_pass(request.status, request.execution) || self.keep.attachments_of_passed)
            && size.is_none_or(|size| size <= self.keep.attachment_size)
    }

    fn entry_size(bundle: &dyn Bundle, name: &str) -> Option<u64> {
        let entries = bundle.entries();
        match entries.binary_search_by(|entry| entry.name.as_str().cmp(name)) {
            Ok(at) => entries[at].regular.then_some(entries[at].size),
            Err(_) => Some(bundle.near(name)?.size),
        }
    }
}

/// The longest text of an attachment that is redacted, in bytes.
const LONGEST_TEXT: u64 = 64 << 20;

/// Most of most runs, and what nobody reads twice.
fn is_plain_pass(status: Status, execution: Execution) -> bool {
    status == Status::Passed && execution == Execution::Automated
}

fn failed(error: io::Error) -> SinkError {
    SinkError(Box::new(error))
}

impl Sink for PartSink<'_> {
    fn attachment(&self, request: AttachmentRequest<'_>) -> Attachment {
        let media_type = media_type(&request);
        let extension = extension(&media_type, &request);
        let mut record = Attachment {
            name: request.name.to_owned(),
            media_type,
            ..Attachment::default()
        };
        let bundle = self.bundle();
        let stored = match (&request.source, bundle) {
            (AttachmentSource::Bytes(bytes), _) => {
                record.size = bytes.len() as u64;
                self.keeps(&request, Some(record.size))
                    .then(|| self.take_bytes(bytes, &record, &extension))
            }
            (AttachmentSource::Entry(name), Some(bundle)) => {
                let Some(size) = Self::entry_size(bundle, name) else {
                    record.absent = Some("missing".to_owned());
                    return record;
                };
                record.size = size;
                self.keeps(&request, Some(size))
                    .then(|| self.take_entry(|| bundle.open(name), &record, &extension))
            }
            (AttachmentSource::Refused(_), _) | (AttachmentSource::Entry(_), None) => {
                record.absent = Some("refused".to_owned());
                return record;
            }
        };
        match stored {
            None => record.absent = Some("not kept".to_owned()),
            Some(Ok(kept)) => (record.file, record.size) = (Some(kept.name), kept.size),
            Some(Err(error)) => record.absent = Some(format!("unreadable: {error}")),
        }
        record
    }

    fn keeps_details(&self, status: Status, execution: Execution) -> bool {
        !is_plain_pass(status, execution) || self.keep.steps_of_passed
    }

    fn row(&self, place: usize, row: Row) {
        let prepared = self.prepare(row);
        self.pending().insert(place, prepared);
    }

    fn flush(&self, end: usize) -> Result<(), SinkError> {
        let ready = {
            let mut pending = self.pending();
            let later = pending.split_off(&end);
            std::mem::replace(&mut *pending, later)
        };
        if !self.leaked().is_empty() {
            return Ok(());
        }
        let mut state = self.state();
        for mut row in ready.into_values() {
            let Some(id) = state.number(&row, self.seen) else {
                self.skipped().entry(row.file).or_default().add(row.part);
                continue;
            };
            row.set_id(&id);
            state
                .write(row, |stem, number| self.open_rows(stem, number))
                .map_err(failed)?;
        }
        Ok(())
    }
}

impl State {
    /// Gives a row its id, `None` to a repeat of one that came before. Rows without a uuid that say
    /// the same are numbered, wherever they stand: an input that grew gives the rows that it had
    /// before their old ids.
    fn number(&mut self, row: &Prepared, seen: &HashSet<String>) -> Option<String> {
        let id = if row.unique {
            row.identity.short()
        } else {
            let before = self.equal.entry(row.identity).or_default();
            *before += 1;
            match *before {
                1 => row.identity.short(),
                n => digest_fields([row.identity.to_string().as_str(), &n.to_string()]).short(),
            }
        };
        let is_new = !seen.contains(&id) && self.ids.insert(id.clone());
        is_new.then_some(id)
    }

    fn write(
        &mut self,
        row: Prepared,
        open: impl Fn(&str, u32) -> io::Result<BufWriter<Output>>,
    ) -> io::Result<()> {
        self.results.write(&row.result, |number| {
            self.result_files = number;
            open("results", number)
        })?;
        if !row.details.is_empty() {
            self.details.write(&row.details, |number| {
                self.detail_files = number;
                open("details", number)
            })?;
        }
        self.runs.push(row.run);
        Ok(())
    }
}
