//! Whether closed launches are unaltered: sums, receipts, chain, history, working tree.
//!
//! A launch is judged by content: by the digests that its own files name and by the launches that
//! name its receipt. So it survives a squash, a rebase, and moving the workspace or a project's
//! folder whole. What differs is a violation: data, never an error. Nothing here writes.

mod annotations;
mod chain;
mod evolution;
mod history;
mod known;
mod launch;
mod layout;
mod lineage;
mod losses;
mod receive;
mod report;
mod roles;
mod signatures;
mod single;
mod sums;
#[cfg(test)]
mod tests;
mod verify;
mod worktree;

pub(crate) use roles::judge_ahead;
pub(crate) use sums::parse as parse_sums;

pub use receive::{Push, RefChange, Refusal, Verdict, receive};
pub use report::{Acknowledgement, ChainTip, Coverage, Kind, Removed, Report, Rights, Violation};
pub use roles::{Deed, Intent, Lack, NotAllowed, foresee, strangers};
pub use signatures::{ClosingSignature, Signatures, Signed};
pub use single::{AskedLaunch, verify_launch};
pub use verify::{VerifyError, VerifyOptions, verify};
