//! What a use case wants written: edits of paths, and a message.

use crate::base::files::Stretch;

/// Edits to make on a tip, as one commit or as files of a folder.
#[derive(Clone, Debug, Default)]
pub struct ChangeSet {
    pub edits: Vec<Edit>,
    /// The commit's message, subject line first.
    pub message: String,
    /// A tag of the commit, made with it.
    pub tag: Option<NewTag>,
}

/// A signed, annotated tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTag {
    /// Without `refs/tags/`.
    pub name: String,
    /// Its subject line tells it from other tags.
    pub message: String,
}

/// One path, relative to the root of the repository, `/` between parts.
#[derive(Clone, Debug)]
pub struct Edit {
    pub path: String,
    /// `None` removes the file.
    pub content: Option<Content>,
}

/// New bytes of a file.
#[derive(Clone, Debug)]
pub enum Content {
    Bytes(Vec<u8>),
    /// A file, or a stretch of one, that holds the bytes; read when it is written.
    Spooled(Stretch),
}

impl ChangeSet {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            edits: Vec::new(),
            message: message.into(),
            tag: None,
        }
    }

    pub fn write(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.edits.push(Edit {
            path: path.into(),
            content: Some(Content::Bytes(bytes.into())),
        });
    }

    pub fn spool(&mut self, path: impl Into<String>, file: Stretch) {
        self.edits.push(Edit {
            path: path.into(),
            content: Some(Content::Spooled(file)),
        });
    }

    pub fn remove(&mut self, path: impl Into<String>) {
        self.edits.push(Edit {
            path: path.into(),
            content: None,
        });
    }
}
