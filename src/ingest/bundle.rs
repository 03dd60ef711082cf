//! What comes in and what goes out.

use std::collections::BTreeMap;
use std::io::{self, Read};

use crate::model::{Attachment, Details, Execution, Status, TestResult};

/// A set of named files: what an append was given.
pub trait Bundle: Sync {
    /// The input as the user named it.
    fn name(&self) -> &str;
    /// All entries, sorted by name. Names have `/` between parts and stay inside the bundle.
    fn entries(&self) -> &[BundleEntry];
    /// Reads one entry whole.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;
    /// Opens one entry for streaming.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>>;
    /// Finds a file that is no entry and lies near: what a report that was given alone attaches. The
    /// path is as the report has it, absolute or not; the name that is returned can be opened.
    fn near(&self, path: &str) -> Option<BundleEntry> {
        let _ = path;
        None
    }
    /// Opens the archive that an entry is, whatever it is called: a bundle on its own.
    fn archive(&self, name: &str) -> Option<&dyn Bundle> {
        let _ = name;
        None
    }
    /// Whether it lies in another bundle, so that nobody said that results are in it.
    fn is_inner(&self) -> bool {
        false
    }
    /// Says what is wrong with the bundle itself, beside which its entries are what could be salvaged.
    fn damage(&self) -> Option<&str> {
        None
    }
    /// Says why there are no entries, where that is known.
    fn absence(&self) -> Option<&str> {
        None
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BundleEntry {
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Not a symbolic link, a device or a socket.
    pub regular: bool,
}

/// A bundle held in memory: an unpacked archive, or a test's input.
#[derive(Clone, Debug, Default)]
pub struct MemoryBundle {
    name: String,
    entries: Vec<BundleEntry>,
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryBundle {
    pub fn new(
        name: impl Into<String>,
        files: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Self {
        let files: BTreeMap<_, _> = files.into_iter().collect();
        let entries = files.iter().map(|(name, bytes)| BundleEntry {
            name: name.clone(),
            size: bytes.len() as u64,
            regular: true,
        });
        Self {
            name: name.into(),
            entries: entries.collect(),
            files,
        }
    }
}

impl Bundle for MemoryBundle {
    fn name(&self) -> &str {
        &self.name
    }

    fn entries(&self) -> &[BundleEntry] {
        &self.entries
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.files
            .get(name)
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send + '_>> {
        let bytes = self.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(bytes.as_slice()))
    }
}

/// A row without its id, which the ledger gives; `details.id` is empty too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub result: TestResult,
    pub details: Details,
    pub part: Part,
    /// The place of the bundle's entry that it was read from; none where it is of no file.
    pub file: Option<usize>,
}

/// What a row is of the element that it was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// It stands for the element: its last attempt.
    #[default]
    Element,
    /// An earlier attempt that the element tells.
    Retry,
    /// There is no element.
    Added,
}

/// Where rows and attachments go.
pub trait Sink: Sync {
    /// Keeps an attachment, or says why not; called from several threads at once. Never fails: an
    /// attachment that is missing or refused is a record with `absent`.
    fn attachment(&self, request: AttachmentRequest<'_>) -> Attachment;
    /// Whether steps and output of results of this status are kept. Where they are not, steps need
    /// not be made, and their attachments are not asked for: no row would name them.
    fn keeps_details(&self, status: Status, execution: Execution) -> bool;
    /// Takes a row; called from several threads at once, in any order. `place` is the row's in the
    /// input.
    fn row(&self, place: usize, row: Row);
    /// Keeps the rows that stand before `end`, in the order of their places. None of them is on its
    /// way any longer; later ones may be.
    fn flush(&self, end: usize) -> Result<(), SinkError>;
}

/// An attachment that a producer names.
#[derive(Clone, Debug)]
pub struct AttachmentRequest<'a> {
    pub name: &'a str,
    /// As the producer says; `None` to sniff.
    pub media_type: Option<&'a str>,
    pub source: AttachmentSource<'a>,
    /// Of the result that it belongs to: what is kept may depend on it.
    pub status: Status,
    pub execution: Execution,
}

#[derive(Clone, Debug)]
pub enum AttachmentSource<'a> {
    /// An entry of the bundle, already checked against traversal.
    Entry(&'a str),
    Bytes(&'a [u8]),
    /// A name that can't be an entry; kept as a record without a file.
    Refused(&'a str),
}

/// Rows could not be kept: the disk is full, say. The whole append fails.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep results")]
pub struct SinkError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
