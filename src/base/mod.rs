//! What every floor needs and no floor owns: files whose errors name the path, text for people,
//! documents that keep to a limit, times, digests.
//!
//! Nothing here knows of tests, git or a workspace.

pub mod faults;
pub mod files;
pub mod fit;
pub mod hash;
pub mod markdown;
pub mod path;
pub mod table;
pub mod text;
pub mod time;

pub use files::FileError;
pub use hash::{Digest, Hasher};
pub use time::Timestamp;
