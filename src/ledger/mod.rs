//! A launch's life: open, append, close.
//!
//! **Invariant:** an open launch lives under the git directory, where no `git clean`, `git add -A`
//! or `git pull` can touch or half-commit it. A part of it is complete or isn't there: it is
//! written aside, synced, and renamed as a folder. What is closed never changes.

mod amend;
mod annotate;
mod append;
mod archive;
mod attachments;
mod backfill;
mod baseline;
mod branch;
mod close;
mod discard;
mod elsewhere;
mod evidence;
mod follow;
mod fsck;
mod history;
mod idle;
mod import;
mod input;
mod judge;
mod launch;
mod leftovers;
mod lfs;
pub mod manual;
mod open;
mod part;
mod preview;
mod prune;
mod pushing;
mod ranges;
mod reading;
mod recall;
mod redact;
mod refusal;
mod resolve;
mod share;
pub mod stability;
mod subjects;
mod sums;
mod trace;
mod whole;

pub use amend::{AmendError, AmendRequest, Amended, amend};
pub use annotate::{AnnotateError, Statement, acknowledge, note};
pub use append::{AppendError, AppendRequest, Appended, Guard, Leak, append};
pub use archive::{ArchiveBundle, open_archive};
pub use backfill::{Survey, survey};
pub use baseline::{Found as FoundBaseline, NoBaseline, baseline, baseline_among, without_numbers};
pub use branch::{BranchError, LaunchesBranch};
pub use close::{CloseError, CloseRequest, Closed, Signing, TagName, close, close_shared};
pub use discard::{discard, was_discarded};
pub use elsewhere::{ElsewhereError, settle_closed};
pub use follow::{FollowError, follow_up, follow_up_id, move_late, withdraw};
pub use fsck::{FsckError, Stocktaking, drop_unneeded, take_stock};
pub use history::{History, Moment, Scope, superseded};
pub use idle::{Idle, idle, lacking};
pub use import::{ImportError, Imported, carry_open, import};
pub use input::{FolderBundle, InputError, MissingBundle, Seen, open_input};
pub use judge::{Bench, judge, needs_rows as gate_needs_rows, ready as ready_plan};
pub use launch::{Attached, Closing, Launch, Rows, RowsError, stand_in};
pub use leftovers::{Waiting, clear_leftovers};
pub use open::{OpenError, OpenRequest, Opened, keyed_id, open, unmet};
pub use part::{OpenState, Part, StateError, Unfinished};
pub use preview::{Preview, preview};
pub use prune::{Plan, Policy, Pruning, plan, prune_changes};
pub use ranges::{Commits, Ranges};
pub use reading::{Baseline, Reading, Slower};
pub use recall::{Recalled, failed, recall, said};
pub use redact::{Redaction, redact};
pub use refusal::Refusal;
pub use resolve::{Found, ResolveError, find};
pub use share::{ShareError, Sharing};
pub use subjects::ResultSet;
pub use trace::{LatestResults, Ran, manual_validity, matrix as requirement_matrix, requirements};
