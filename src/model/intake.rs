//! The account that an append gives of its input.

use serde::{Deserialize, Serialize};

use super::{Attachment, OrderedMap};

/// One line of a shard's intake: a directory, an archive or a file that was given, or one
/// irregular file in it. `elements = read + merged + dropped`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Intake {
    /// As given, or the file's name inside what was given.
    pub input: String,
    /// `allure`, `junit`; empty where it was not recognised.
    pub format: String,
    pub files: u64,
    pub bytes: u64,
    /// `sha256:…` of the file, or of the sorted names and digests of a directory's files.
    pub digest: String,
    /// How many elements the input itself declares; `null` where it doesn't.
    pub declared: Option<u64>,
    /// A plain count of the input's elements.
    pub elements: u64,
    pub read: u64,
    /// Elements that are part of another's result, or repeat one already read.
    pub merged: u64,
    pub dropped: u64,
    /// Attempts inside an element, read as rows of their own.
    pub retries: u64,
    /// Rows without an element of their own: a suite's own error.
    pub added: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub attachments_missing: u64,
    /// Characters that no encoding holds (lone surrogates, what XML forbids), replaced by U+FFFD.
    #[serde(skip_serializing_if = "is_zero")]
    pub replaced: u64,
    /// What is wrong with this input, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Things worth knowing that lose nothing: same-named tests, counts that disagree.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Intake {
    /// How many rows it counts: results, attempts inside of elements, and those without an element.
    pub fn rows(&self) -> u64 {
        self.read + self.retries + self.added
    }

    /// Whether something came in that is neither read, merged nor explained.
    pub fn has_loss(&self) -> bool {
        self.problem.is_some()
            || self.dropped > 0
            || self.elements != self.read + self.merged + self.dropped
    }
}

/// The job that made a shard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Job {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The attempt of the job itself, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// What the producer says of the run: executor, environment; counts in no key.
    #[serde(skip_serializing_if = "OrderedMap::is_empty")]
    pub properties: OrderedMap<Vec<String>>,
    /// What the producer attached to the run, not to a test.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}
