//! Issue trackers, as patterns of links. Nothing here asks the network.

/// An entry of `integrations` in `project.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integration {
    pub name: String,
    pub kind: TrackerKind,
    /// A regular expression that issues fit as a whole: `WEB-\d+`.
    pub pattern: String,
    /// An issue's address, with `{id}` for the issue as written and `{1}` for the pattern's first group.
    pub url: String,
    pub new_issue: Option<NewIssue>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrackerKind {
    Jira,
    GitHub,
    GitLab,
    YouTrack,
    #[default]
    Other,
}

impl TrackerKind {
    pub const ALL: [Self; 5] = [
        Self::Jira,
        Self::GitHub,
        Self::GitLab,
        Self::YouTrack,
        Self::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jira => "jira",
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::YouTrack => "youtrack",
            Self::Other => "other",
        }
    }
}

/// Where new issues are filed: what the address of the tracker's filled-in form needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewIssue {
    /// The tracker's address, without a path: `https://github.com`. None where it is that of the
    /// integration's `url`.
    pub site: Option<String>,
    /// GitHub's and GitLab's path of a repository, YouTrack's short name of a project, Jira's number
    /// of one (`pid`).
    pub project: Option<String>,
    /// Jira's number of an issue type.
    pub issue_type: Option<String>,
    pub labels: Vec<String>,
    /// Of another tracker: the form's address, with `{title}` and `{body}`.
    pub url: Option<String>,
}
