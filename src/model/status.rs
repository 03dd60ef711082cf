//! The status of a result, a step, a case or a launch.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a test ended. Ordered from the one that wins when several are put together ("worst first").
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The product misbehaved: an assertion did not hold.
    Failed,
    /// The test misbehaved: an exception, a timeout, a set-up error.
    Broken,
    Passed,
    Skipped,
    #[default]
    Unknown,
    /// Planned, without a status yet.
    InProgress,
}

impl Status {
    /// All statuses, worst first.
    pub const ALL: [Self; 6] = [
        Self::Failed,
        Self::Broken,
        Self::Passed,
        Self::Skipped,
        Self::Unknown,
        Self::InProgress,
    ];

    /// The name in files and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Broken => "broken",
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
            Self::InProgress => "in_progress",
        }
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::InProgress => "in progress",
            other => other.as_str(),
        }
    }

    /// Parses a name in any letter case; `None` for what is no status.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether a result with this status needs a defect or a mute.
    pub fn needs_resolution(self) -> bool {
        matches!(self, Self::Failed | Self::Broken | Self::Unknown)
    }

    /// The worst of several, or `None` of none.
    pub fn worst(statuses: impl IntoIterator<Item = Self>) -> Option<Self> {
        statuses.into_iter().min()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worst_first() {
        use Status::*;
        assert_eq!(Status::worst([Skipped, Broken, Passed]), Some(Broken));
        assert_eq!(Status::worst([Unknown, Skipped, Passed]), Some(Passed));
        assert_eq!(Status::worst([]), None);
        assert_eq!(Status::parse("PASSED"), Some(Passed));
        assert_eq!(Status::parse("pased"), None);
    }
}
