//! Defects with their matchers, and mutes.

use super::{Labels, Link, OrderedMap, Scenario, Status};
use crate::base::time::Date;

/// A known problem: `defects/<id>.md`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defect {
    pub id: String,
    pub title: String,
    pub status: DefectState,
    pub owner: Option<String>,
    pub links: Vec<Link>,
    /// Any one that holds is enough.
    pub matchers: Vec<Matcher>,
    /// The body.
    pub description: Scenario,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DefectState {
    #[default]
    Open,
    Closed,
}

impl DefectState {
    pub const ALL: [Self; 2] = [Self::Open, Self::Closed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// Conditions that must all hold. Regular expressions are unanchored and linear in time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matcher {
    pub message: Option<String>,
    pub trace: Option<String>,
    pub full_name: Option<String>,
    pub status: Vec<Status>,
    pub environment: OrderedMap<String>,
    pub labels: Labels,
}

/// A reasoned, owned, expiring exclusion of a test's failures: `mutes/<id>.yaml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mute {
    pub id: String,
    pub reason: String,
    pub owner: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Ids of cases.
    pub cases: Vec<String>,
    /// A full name with `*` for any characters.
    pub selector: Option<String>,
    /// A query of results, over what is stored of them.
    pub query: Option<String>,
    pub links: Vec<Link>,
}
