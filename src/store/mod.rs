//! A workspace at a snapshot ⇄ the model: front matter, YAML, shards, spans.
//!
//! [`Files`] answers alike for a working tree, a commit and memory; a [`Snapshot`] is a pair of
//! them; [`load`] reads its documentation once into a [`Workspace`] and never fails on a wrong
//! file: what is wrong is a finding. What the parts mean together is not decided here.

pub mod annotations;
pub mod attachments;
pub mod block;
mod body;
mod cache;
mod changed;
pub mod codes;
mod columns;
mod commit;
mod doc;
pub mod edit;
mod files;
pub mod launches;
mod lazy;
mod load;
mod memo;
pub mod outcomes;
mod parse;
mod relink;
pub mod rows;
pub mod schema;
mod shape;
pub mod shard;
mod snapshot;
mod source;
mod sparse;
mod staged;
mod workspace;
mod yaml;

pub use body::{LABELS, SECTIONS};
pub use cache::{Cache, Mark};
pub use changed::ChangedFiles;
pub use commit::CommitFiles;
pub use doc::Doc;
pub use files::{
    FileEntry, FileKind, Files, FolderFiles, MemoryFiles, PathEntry, StoreError, walk,
};
pub use load::{EVIDENCE, Loaded, findings_of, load, place_of, settings};
pub use memo::Memo;
pub use parse::{
    Parsed, parse_approvals, parse_case, parse_dashboard, parse_defect, parse_gate, parse_member,
    parse_mute, parse_plan, parse_project, parse_query, parse_requirements, parse_steps,
    parse_texts, parse_workspace,
};
pub use relink::relinked;
pub use shard::{Shard, ShardError, ShardHeader};
pub use snapshot::{Apart, Snapshot, SnapshotName, Unavailable, WORKSPACE_FILE, find_workspace};
pub use source::{MAX_FILE, MAX_YAML, Parts, halves, marker};
pub use workspace::{Project, Workspace};
pub(crate) use yaml::read as read_yaml;
pub use yaml::{Key, scalar};

/// Files as they are written: what an edit or a merge takes apart and puts together again.
pub mod written {
    pub use super::body::{Body, Piece, PieceKind, Section, Steps};
    pub use super::yaml::{Document, Item, Items, Value};
}
