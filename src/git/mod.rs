//! The only home of gix: snapshots, history, commits. Knows nothing of tests.

mod change;

pub use change::{ChangeSet, Content, Edit};
