//! Saved queries, and what a query can be put to.

/// Kinds of subjects of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    #[default]
    Cases,
    Results,
    Launches,
    Defects,
    Mutes,
}

impl Of {
    pub const ALL: [Self; 5] = [
        Self::Cases,
        Self::Results,
        Self::Launches,
        Self::Defects,
        Self::Mutes,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Results => "results",
            Self::Launches => "launches",
            Self::Defects => "defects",
            Self::Mutes => "mutes",
        }
    }
}

/// A query that has a name: `queries/<id>.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedQuery {
    /// The file's name.
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub of: Of,
    pub query: String,
}
