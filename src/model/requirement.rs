//! Requirements, and gaps that somebody justified.

use crate::base::time::{Date, Period};

/// What one file says: `requirements/<slug>.yaml`, a requirement or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// They stand in a list `requirements:`; otherwise the file is one requirement.
    pub is_list: bool,
    pub all: Vec<Requirement>,
}

/// Something that is to be tested. Cases name it by links of type `requirement`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// As it is known elsewhere: `REQ-4`. Unique in its project.
    pub id: String,
    pub title: String,
    pub url: Option<String>,
    pub description: Option<String>,
    /// A member.
    pub owner: Option<String>,
    /// The id of the requirement that this one is a part of.
    pub parent: Option<String>,
    /// How long a manual result covers it, in place of what the project says.
    pub manual_valid_for: Option<Period>,
    /// Why no test covers it.
    pub gap: Option<Gap>,
}

/// A reason not to test a requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gap {
    pub reason: String,
    /// The member who answers for it.
    pub by: String,
    /// The last day on which it holds; none where it holds for good.
    pub until: Option<Date>,
}
