//! One file a verb: what can be typed as an `Args` struct whose doc comment is the help text, and
//! `run`, which resolves, checks, does, reports and hints. Logic lives on the floors below.

pub(crate) mod approve;
pub(crate) mod case;
pub(crate) mod codeowners;
pub(crate) mod defect;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod execute;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod fmt;
pub(crate) mod fsck;
pub(crate) mod gate;
pub(crate) mod gc;
pub(crate) mod history;
pub(crate) mod hook;
pub(crate) mod init;
pub(crate) mod launch;
pub(crate) mod member;
pub(crate) mod merge_driver;
pub(crate) mod mute;
pub(crate) mod plan;
pub(crate) mod project;
pub(crate) mod query;
pub(crate) mod render;
pub(crate) mod report;
pub(crate) mod review;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod trace;
pub(crate) mod triage;
pub(crate) mod validate;
pub(crate) mod verify;
