//! Categories that sort failures.

use super::Matcher;

/// A rule that sorts failures: an entry of `categories` in `project.yaml`. The first that fits a
/// failure gives its category.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Category {
    pub name: String,
    pub description: Option<String>,
    pub kind: CategoryKind,
    /// What stands on the category itself; it must hold.
    pub conditions: CategoryMatcher,
    /// Where there are any, one of them must hold too.
    pub matchers: Vec<CategoryMatcher>,
}

/// Where the cause of a failure lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CategoryKind {
    Product,
    Test,
    Infrastructure,
    #[default]
    Other,
}

impl CategoryKind {
    pub const ALL: [Self; 4] = [Self::Product, Self::Test, Self::Infrastructure, Self::Other];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Test => "test",
            Self::Infrastructure => "infrastructure",
            Self::Other => "other",
        }
    }
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CategoryMatcher {
    /// What a defect can ask too, found anywhere in a text.
    pub search: Matcher,
    /// Fits the whole message, `.` also a line's end: Allure's form.
    pub message_regex: Option<String>,
    /// Fits the whole trace.
    pub trace_regex: Option<String>,
    pub flaky: Option<bool>,
}
