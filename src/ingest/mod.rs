//! Foreign result formats → rows and an intake. Knows nothing of files or git.
//!
//! A [`Bundle`] is what was given: a directory, a file, an archive. A format reads it and hands
//! rows to a [`Sink`] in batches, so that memory does not grow with the input.

mod bundle;

pub use bundle::{
    AttachmentRequest, AttachmentSource, Bundle, BundleEntry, MemoryBundle, Row, Sink, SinkError,
};
