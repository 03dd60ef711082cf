//! Test plans.

use super::OrderedMap;

/// A named scope: `plans/<id>.yaml`. It selects what `query`, `saved` or `cases` select, less what
/// `exclude` or `exclude_query` do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The file's name.
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// A query of cases.
    pub query: Option<String>,
    /// The id of a saved query of cases.
    pub saved: Option<String>,
    /// Ids of cases.
    pub cases: Vec<String>,
    /// Ids of cases.
    pub exclude: Vec<String>,
    /// A query of cases.
    pub exclude_query: Option<String>,
    /// What the selected cases are to run in; none stands for any.
    pub environments: Vec<OrderedMap<String>>,
    /// Members who execute them.
    pub assignees: Vec<String>,
}
