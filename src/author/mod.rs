//! Edits of what people write: each a function from what is there to a
//! [`ChangeSet`](crate::git::ChangeSet). Nothing here writes.

mod approve;
pub mod case;
mod defect;
pub mod format;
mod ids;
mod init;
mod keys;
mod member;
pub mod merge;
mod mute;
mod owners;
mod plan;
mod put;
mod requirement;
mod schemas;

pub use approve::{ApproveError, Approved, Approving, approve};
pub use defect::{
    DefectChange, DefectError, NewDefect, find_defect, link_failures, new_defect, set_defect_state,
};
pub use ids::draw_id;
pub use init::{
    InitError, LAUNCH_ATTRIBUTES, LFS_ATTRIBUTES, NewProject, NewWorkspace, init, new_project,
    suggest_key, with_approval_attributes, with_launch_attributes,
};
pub use keys::{KeyError, public_key};
pub use member::{MemberChange, MemberError, MemberRequest, add_member, remove_member};
pub use mute::{MuteChange, MuteError, NewMute, covered, end_mute, new_mute};
pub use owners::{Owners, OwnersFormat, codeowners, has_owners, put_owners};
pub use plan::{PlanError, PlanRequest, plan_changes};
pub use requirement::{RequirementsChange, import_requirements};
pub use schemas::{schemas, with_schema_lines};
