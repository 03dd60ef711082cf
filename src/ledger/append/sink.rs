//! Where an append's rows and attachments go: files of a folder that nobody reads yet.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::analysis::attempts::Run;
use crate::analysis::keys;
use crate::base::hash::digest_fields;
use crate::base::{Digest, Hasher, files, path as paths};
use crate::ingest::{AttachmentRequest, AttachmentSource, Bundle, Row, Sink, SinkError};
use crate::model::{Attachment, Environment, Execution, Intake, Job, Keep, Status, TestResult};
use crate::store::rows::write_line;
use crate::store::shard::RowWriter;

/// How many bytes are copied at once.
const PIECE: usize = 128 << 10;

pub(super) struct PartSink<'a> {
    folder: &'a Path,
    keep: Keep,
    seen: &'a HashSet<String>,
    job: &'a Job,
    environment: &'a Environment,
    bundle: Mutex<Option<&'a dyn Bundle>>,
    state: Mutex<State>,
    skipped: AtomicU64,
}

#[derive(Default)]
struct State {
    results: RowWriter<BufWriter<File>>,
    details: RowWriter<BufWriter<File>>,
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

/// One row as the lines that it becomes.
struct Written {
    result: Vec<u8>,
    details: Vec<u8>,
    run: Run,
}

impl<'a> PartSink<'a> {
    pub(super) fn new(
        folder: &'a Path,
        keep: Keep,
        seen: &'a HashSet<String>,
        job: &'a Job,
        environment: &'a Environment,
    ) -> Self {
        Self {
            folder,
            keep,
            seen,
            job,
            environment,
            bundle: Mutex::new(None),
            state: Mutex::new(State::default()),
            skipped: AtomicU64::new(0),
        }
    }

    /// Takes the entries of `bundle` from now on. The same file given twice has the same rows.
    pub(super) fn begin(&self, bundle: &'a dyn Bundle) {
        self.state
            .lock()
            .expect("no thread panics while it holds this")
            .equal
            .clear();
        *self
            .bundle
            .lock()
            .expect("no thread panics while it holds this") = Some(bundle);
    }

    /// Moves what was skipped as a repeat from `read` to `merged`.
    pub(super) fn settle(&self, intake: &mut [Intake]) {
        let mut skipped = self.skipped.swap(0, Ordering::Relaxed);
        for line in intake {
            let here = skipped.min(line.read);
            line.read -= here;
            line.merged += here;
            skipped -= here;
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
        Ok(Spooled {
            result_files: state.result_files,
            detail_files: state.detail_files,
            runs: state.runs,
        })
    }

    /// Turns a row into lines.
    fn write_row(&self, mut row: Row, id: String) -> Written {
        row.result.id = id;
        let is_plain_pass =
            row.result.status == Status::Passed && row.result.execution == Execution::Automated;
        let mut details = Vec::new();
        if !row.details.is_empty() && (!is_plain_pass || self.keep.steps_of_passed) {
            row.details.id.clone_from(&row.result.id);
            details.extend(b"- ");
            write_line(&mut details, &row.details).expect("writing to memory does not fail");
            details.push(b'\n');
        }
        let mut result = Vec::with_capacity(1024);
        result.extend(b"- ");
        write_line(&mut result, &row.result).expect("writing to memory does not fail");
        result.push(b'\n');
        let params = keys::params_digest(&row.result.parameters, row.result.occurrence);
        let run = Run::new(&row.result, &params, self.job, self.environment);
        Written {
            result,
            details,
            run,
        }
    }

    /// What makes a row's id: job, attempt and environment; the producer's uuid and content, else
    /// what the row says.
    fn identity(&self, row: &Row) -> Digest {
        let attempt = self.job.attempt.unwrap_or(1).to_string();
        let variables = self
            .environment
            .iter()
            .flat_map(|(name, value)| [name, value.as_str()]);
        let base = [self.job.name.as_str(), &attempt]
            .into_iter()
            .chain(variables);
        if let (Some(uuid), Some(digest)) = (&row.result.uuid, &row.result.digest) {
            return digest_fields(base.chain([uuid.as_str(), digest]));
        }
        let said = TestResult {
            salvaged: false,
            ..row.result.clone()
        };
        let said = serde_json::to_string(&said).expect("a row is plain data");
        digest_fields(base.chain([said.as_str()]))
    }

    /// Gives rows their ids, `None` to repeats of rows that came before. Rows without a uuid that say
    /// the same are numbered, wherever they stand: an input that grew gives the rows that it had
    /// before their old ids.
    fn number(&self, identities: &[(Row, Digest)]) -> Vec<Option<String>> {
        let mut state = self
            .state
            .lock()
            .expect("no thread panics while it holds this");
        let State { equal, ids, .. } = &mut *state;
        let mut id = |(row, identity): &(Row, Digest)| {
            let id = if row.result.uuid.is_some() && row.result.digest.is_some() {
                identity.short()
            } else {
                let before = equal.entry(*identity).or_default();
                *before += 1;
                match *before {
                    1 => identity.short(),
                    n => digest_fields([identity.to_string().as_str(), &n.to_string()]).short(),
                }
            };
            let is_new = !self.seen.contains(&id) && ids.insert(id.clone());
            is_new.then_some(id)
        };
        identities.iter().map(&mut id).collect()
    }

    fn append(&self, written: Vec<Written>) -> io::Result<()> {
        let mut state = self
            .state
            .lock()
            .expect("no thread panics while it holds this");
        let open = |stem: &str, number: u32| {
            let path = rows_file(self.folder, stem, number);
            files::create(&path)
                .map(BufWriter::new)
                .map_err(|e| e.source)
        };
        for row in written {
            let State {
                results,
                details,
                result_files,
                detail_files,
                ..
            } = &mut *state;
            results.write(&row.result, |number| {
                *result_files = number;
                open("results", number)
            })?;
            if !row.details.is_empty() {
                details.write(&row.details, |number| {
                    *detail_files = number;
                    open("details", number)
                })?;
            }
            state.runs.push(row.run);
        }
        Ok(())
    }

    fn keeps(&self, request: &AttachmentRequest<'_>, size: Option<u64>) -> bool {
        let is_plain_pass =
            request.status == Status::Passed && request.execution == Execution::Automated;
        (!is_plain_pass || self.keep.attachments_of_passed)
            && size.is_none_or(|size| size <= self.keep.attachment_size)
    }

    fn entry_size(bundle: &dyn Bundle, name: &str) -> Option<u64> {
        let entries = bundle.entries();
        let at = entries
            .binary_search_by(|entry| entry.name.as_str().cmp(name))
            .ok()?;
        entries[at].regular.then_some(entries[at].size)
    }

    /// Copies bytes into `attachments/` under their digest, once.
    fn store(&self, mut input: impl io::Read, extension: &str) -> io::Result<(String, u64)> {
        let mut first = vec![0; PIECE];
        let filled = fill(&mut input, &mut first)?;
        let mut hasher = Hasher::new();
        hasher.update(&first[..filled]);
        if filled < PIECE {
            let name = format!("{}.{extension}", hasher.finish());
            self.place(&name, &first[..filled])?;
            return Ok((name, filled as u64));
        }
        let folder = self.folder.join("attachments");
        let mut spool = tempfile::NamedTempFile::new_in(&folder)?;
        spool.write_all(&first)?;
        let mut size = filled as u64;
        loop {
            let filled = fill(&mut input, &mut first)?;
            if filled == 0 {
                break;
            }
            hasher.update(&first[..filled]);
            spool.write_all(&first[..filled])?;
            size += filled as u64;
        }
        let name = format!("{}.{extension}", hasher.finish());
        spool.persist(folder.join(&name)).map_err(|e| e.error)?;
        Ok((name, size))
    }

    fn place(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.join("attachments").join(name);
        match files::create_new(&path).map_err(|e| e.source)? {
            Some(mut file) => file.write_all(bytes),
            None => Ok(()),
        }
    }
}

fn fill(input: &mut impl io::Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
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
        let bundle = *self
            .bundle
            .lock()
            .expect("no thread panics while it holds this");
        let stored = match (&request.source, bundle) {
            (AttachmentSource::Bytes(bytes), _) => {
                record.size = bytes.len() as u64;
                self.keeps(&request, Some(record.size))
                    .then(|| self.store(*bytes, &extension))
            }
            (AttachmentSource::Entry(name), Some(bundle)) => {
                let Some(size) = Self::entry_size(bundle, name) else {
                    record.absent = Some("missing".to_owned());
                    return record;
                };
                record.size = size;
                self.keeps(&request, Some(size)).then(|| {
                    bundle
                        .open(name)
                        .and_then(|input| self.store(input, &extension))
                })
            }
            (AttachmentSource::Refused(_), _) | (AttachmentSource::Entry(_), None) => {
                record.absent = Some("refused".to_owned());
                return record;
            }
        };
        match stored {
            None => record.absent = Some("not kept".to_owned()),
            Some(Ok((file, size))) => (record.file, record.size) = (Some(file), size),
            Some(Err(error)) => record.absent = Some(format!("unreadable: {error}")),
        }
        record
    }

    fn rows(&self, rows: Vec<Row>) -> Result<(), SinkError> {
        let rows: Vec<(Row, Digest)> = rows
            .into_par_iter()
            .map(|row| {
                let identity = self.identity(&row);
                (row, identity)
            })
            .collect();
        let ids = self.number(&rows);
        let repeats = rows
            .iter()
            .zip(&ids)
            .filter(|((row, _), id)| id.is_none() && !row.result.synthetic);
        self.skipped
            .fetch_add(repeats.count() as u64, Ordering::Relaxed);
        let written: Vec<Written> = rows
            .into_par_iter()
            .zip(ids)
            .filter_map(|((row, _), id)| Some(self.write_row(row, id?)))
            .collect();
        self.append(written).map_err(failed)
    }
}

/// What the producer says, else what the name's ending says.
fn media_type(request: &AttachmentRequest<'_>) -> String {
    let stated = request.media_type.map(str::trim).filter(|t| !t.is_empty());
    if let Some(stated) = stated {
        return stated.to_owned();
    }
    let name = match &request.source {
        AttachmentSource::Entry(name) | AttachmentSource::Refused(name) => name,
        AttachmentSource::Bytes(_) => request.name,
    };
    let known = TYPES
        .iter()
        .find(|(_, ext)| paths::extension(name).eq_ignore_ascii_case(ext));
    known
        .map_or("application/octet-stream", |(media_type, _)| media_type)
        .to_owned()
}

/// The ending that a type stands for, else the name's own where it is harmless, else `bin`.
fn extension(media_type: &str, request: &AttachmentRequest<'_>) -> String {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if let Some((_, extension)) = TYPES.iter().find(|(known, _)| *known == essence) {
        return (*extension).to_owned();
    }
    let own = match &request.source {
        AttachmentSource::Entry(name) => paths::extension(name).to_ascii_lowercase(),
        _ => String::new(),
    };
    let plain = (1..=8).contains(&own.len()) && own.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { own } else { "bin".to_owned() }
}

/// Media types of attachments and their endings, the one that adapters use first.
const TYPES: [(&str, &str); 28] = [
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("text/tab-separated-values", "tsv"),
    ("text/uri-list", "uri"),
    ("text/html", "html"),
    ("text/xml", "xml"),
    ("application/xml", "xml"),
    ("application/json", "json"),
    ("application/yaml", "yaml"),
    ("application/vnd.tcpdump.pcap", "pcap"),
    ("application/zip", "zip"),
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/jpg", "jpg"),
    ("image/svg+xml", "svg"),
    ("image/gif", "gif"),
    ("image/bmp", "bmp"),
    ("image/tiff", "tiff"),
    ("image/webp", "webp"),
    ("video/mp4", "mp4"),
    ("video/ogg", "ogg"),
    ("video/webm", "webm"),
    ("application/pdf", "pdf"),
    ("text/plain", "log"),
    ("application/vnd.allure.image.diff", "imagediff"),
    ("application/vnd.allure.playwright-trace", "zip"),
    ("application/vnd.allure.http+json", "httpexchange"),
    ("application/vnd.allure.metadata+json", "json"),
];
