//! The kinds of files that have a schema.

use crate::base::path::file_name;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Workspace,
    Project,
    Member,
    Case,
    Steps,
    Plan,
    Query,
    Dashboard,
    Gate,
    Requirement,
    Defect,
    Mute,
    Approval,
    Launch,
    Annotation,
}

impl Kind {
    pub const ALL: [Self; 15] = [
        Self::Workspace,
        Self::Project,
        Self::Member,
        Self::Case,
        Self::Steps,
        Self::Plan,
        Self::Query,
        Self::Dashboard,
        Self::Gate,
        Self::Requirement,
        Self::Defect,
        Self::Mute,
        Self::Approval,
        Self::Launch,
        Self::Annotation,
    ];

    /// Returns the kind's stable name, which is that of its schema's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Project => "project",
            Self::Member => "member",
            Self::Case => "case",
            Self::Steps => "steps",
            Self::Plan => "plan",
            Self::Query => "query",
            Self::Dashboard => "dashboard",
            Self::Gate => "gate",
            Self::Requirement => "requirement",
            Self::Defect => "defect",
            Self::Mute => "mute",
            Self::Approval => "approval",
            Self::Launch => "launch",
            Self::Annotation => "annotation",
        }
    }

    /// Returns which files are of this kind, as a pattern from the workspace.
    pub fn files(self) -> &'static str {
        match self {
            Self::Workspace => "tallybook.yaml",
            Self::Project => "projects/*/project.yaml",
            Self::Member => "projects/*/members/*.yaml",
            Self::Case => "projects/*/cases/**/*.md",
            Self::Steps => "projects/*/steps/**/*.md",
            Self::Plan => "projects/*/plans/*.yaml",
            Self::Query => "projects/*/queries/*.yaml",
            Self::Dashboard => "projects/*/dashboards/*.yaml",
            Self::Gate => "projects/*/gates/*.yaml",
            Self::Requirement => "projects/*/requirements/*.yaml",
            Self::Defect => "projects/*/defects/*.md",
            Self::Mute => "projects/*/mutes/*.yaml",
            Self::Approval => "projects/*/approvals/*.yaml",
            Self::Launch => "projects/*/launches/*/*/*/launch.yaml",
            Self::Annotation => "projects/*/annotations/*/*.yaml",
        }
    }

    /// Returns the schema's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Workspace => "Settings of a workspace",
            Self::Project => "Settings of a project",
            Self::Member => "A member of a project",
            Self::Case => "The front matter of a test case",
            Self::Steps => "The front matter of shared steps",
            Self::Plan => "A test plan",
            Self::Query => "A saved query",
            Self::Dashboard => "A dashboard",
            Self::Gate => "A quality gate",
            Self::Requirement => "A requirement, or a list of them",
            Self::Defect => "The front matter of a defect",
            Self::Mute => "A mute",
            Self::Approval => "Approvals of a test case",
            Self::Launch => "A closed launch",
            Self::Annotation => "What is said of a closed launch later",
        }
    }

    /// Whether it is evidence, which programs write and nobody edits.
    pub fn is_evidence(self) -> bool {
        matches!(self, Self::Launch | Self::Annotation)
    }

    /// Whether files of this kind are YAML as a whole, not only at their beginning.
    pub fn is_yaml(self) -> bool {
        self.files().ends_with(".yaml")
    }

    /// Returns the kind of a file that people edit, by its path from the workspace.
    pub fn of(path: &str) -> Option<Self> {
        let fits = |kind: &Self| !kind.is_evidence() && fits(kind.files(), path);
        Self::ALL.into_iter().find(fits)
    }

    /// Returns where a workspace keeps the schema, for editors.
    pub fn schema_path(self) -> String {
        format!("{}/{}.json", super::FOLDER, self.as_str())
    }
}

/// Whether a path fits a pattern of whole parts, `*`, `**` and `*.ext`.
fn fits(pattern: &str, path: &str) -> bool {
    let (folders, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let (in_folders, own) = path.rsplit_once('/').unwrap_or(("", path));
    let is_named = match name.strip_prefix('*') {
        Some(end) => own.len() > end.len() && own.ends_with(end),
        None => own == file_name(name),
    };
    let mut wanted = folders.split('/');
    let mut found = in_folders.split('/');
    let fit = loop {
        match (wanted.next(), found.next()) {
            (Some("**"), _) | (None, None) => break true,
            (Some("*"), Some(_)) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => break false,
        }
    };
    is_named && fit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_paths() {
        for (path, kind) in [
            ("tallybook.yaml", Some(Kind::Workspace)),
            ("projects/shop/project.yaml", Some(Kind::Project)),
            ("projects/shop/cases/a.md", Some(Kind::Case)),
            ("projects/shop/cases/a/b/c.md", Some(Kind::Case)),
            ("projects/shop/members/ann.yaml", Some(Kind::Member)),
            ("projects/shop/members/a/b.yaml", None),
            ("projects/shop/members/.yaml", None),
            ("projects/shop/README.md", None),
            ("project.yaml", None),
            ("projects/shop/launches/2026/11/L/launch.yaml", None),
        ] {
            assert_eq!(Kind::of(path), kind, "{path}");
        }
    }
}
