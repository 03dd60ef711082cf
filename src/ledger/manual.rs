//! Manual launches: results that are planned and given to people, what these execute, and how that comes back.
//!
//! Whatever is planned, assigned or executed is a part of the open launch like any other: complete or not there,
//! shared by references, and never changed. So people on many machines work on one launch without waiting for
//! each other; the last assignment decides, and a second execution is another attempt.

mod begin;
mod drafts;
mod people;
mod planning;
mod record;
pub mod round;
pub mod sheet;

pub use begin::{Work, begin, unplanned, work};
pub use drafts::{Answer, Begun, Draft, DraftError, DraftFile, DraftStep, Drafts, Held, all_begun};
pub use people::{UnknownPerson, person, person_of, same_person};
pub use planning::{Item, PlanDone, TooManyRows, assign, hand_out, items, plan_results};
pub use record::{
    Asked, Executed, ExecutedFile, ExecutedStep, Recorded, record, recorded, status_of,
};

use super::append::Guard;
use super::part::OpenState;
use crate::base::Timestamp;
use crate::model::{Keep, OpenLaunch};

/// The name of the job whose parts say what people executed.
pub const JOB: &str = "manual";

/// An open launch that somebody plans or executes.
#[derive(Clone, Copy, Debug)]
pub struct Manual<'a> {
    pub state: &'a OpenState,
    pub launch: &'a OpenLaunch,
    pub guard: &'a Guard,
    pub keep: Keep,
    /// Other machines have the launch as well.
    pub shared: bool,
    pub now: Timestamp,
}
