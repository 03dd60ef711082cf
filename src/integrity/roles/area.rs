//! What a path of a workspace is to roles, and which role may change it.

use std::collections::BTreeMap;

use crate::base::text;
use crate::model::{AnnotationKind, Role};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Area {
    /// Settings of workspace and project, members, gates, attributes of git.
    Settings,
    /// Cases, steps, plans, queries, dashboards, requirements, defects, and what is not named here.
    Documentation,
    Mutes,
    Approvals,
    /// A launch's folder that is new, and new texts as executed.
    Closing,
    /// A launch's folder that is gone: it moved with its project or its workspace, out of the sight of
    /// whoever looks for it there. What was lost is for others to say.
    Departure,
    /// What is said of a closed launch later.
    Annotation(AnnotationKind),
}

/// The part of a project that a path lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Is(Area),
    Launches,
    Executed,
    Annotations,
}

impl Area {
    /// The least role that may make such a change.
    pub(super) fn needs(self) -> Role {
        match self {
            Self::Settings | Self::Departure => Role::Owner,
            Self::Documentation | Self::Mutes | Self::Approvals => Role::Writer,
            Self::Closing => Role::Runner,
            Self::Annotation(kind) => match kind {
                AnnotationKind::Note | AnnotationKind::Pruned => Role::Runner,
                AnnotationKind::Redacted | AnnotationKind::Acknowledged => Role::Owner,
            },
        }
    }

    /// Whether it closes a launch or says something of a closed one.
    pub(super) fn is_closing(self) -> bool {
        matches!(self, Self::Closing | Self::Annotation(_))
    }

    /// Says what was done to a path, after `commit … `.
    pub(super) fn done(self, path: &str) -> String {
        let name = |n: usize| text::sanitize_line(path.rsplit('/').nth(n).unwrap_or(path));
        let stem = || name(0).trim_end_matches(".yaml").to_owned();
        match self {
            Self::Settings => format!("changed the settings `{}`", text::sanitize_line(path)),
            Self::Documentation => {
                format!("changed the documentation `{}`", text::sanitize_line(path))
            }
            Self::Mutes => format!("changed the mute `{}`", stem()),
            Self::Approvals => format!("changed the approval `{}`", stem()),
            Self::Closing if path.contains("/executed/") => {
                format!("brought the executed text `{}`", name(0))
            }
            Self::Closing => format!("closed launch `{}`", name(0)),
            Self::Departure => format!("took the closed launch `{}` from its place", name(0)),
            Self::Annotation(kind) => format!(
                "changed what is said of launch `{}` (`{}`, {})",
                name(1),
                name(0),
                kind.as_str()
            ),
        }
    }

    /// The launch that a path of this kind belongs to.
    pub(super) fn launch(self, path: &str) -> Option<&str> {
        match self {
            Self::Closing if !path.contains("/executed/") => path.rsplit('/').next(),
            Self::Departure => path.rsplit('/').next(),
            Self::Annotation(_) => path.rsplit('/').nth(1),
            _ => None,
        }
    }
}

/// Says who may do what needs a role.
pub(super) fn who_may(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner may",
        Role::Writer => "a writer or an owner may",
        Role::Runner => "a runner, a writer or an owner may",
        Role::Reader => "a member may",
    }
}

/// Whether a file directly in the workspace's folder is one of its settings. Where letter case
/// doesn't tell names apart, others would take its place.
pub(super) fn is_workspace_setting(name: &str) -> bool {
    ["tallybook.yaml", ".gitattributes"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether something in the workspace's folder holds projects, or would where letter case doesn't
/// tell names apart.
pub(super) fn is_projects(name: &str) -> bool {
    name.eq_ignore_ascii_case("projects")
}

/// Whether a file holds attributes of git: they say how the bytes below are checked out.
pub(super) fn is_attributes(name: &str) -> bool {
    name.eq_ignore_ascii_case(".gitattributes")
}

/// Names that make a folder below `projects/` a project.
pub(super) fn makes_project(name: &str) -> bool {
    [
        "project.yaml",
        "members",
        "cases",
        "mutes",
        "launches",
        "executed",
        "annotations",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known))
}

/// Returns the part of a project that something directly in its folder is.
pub(super) fn part_of(name: &str) -> Part {
    match name.to_ascii_lowercase().as_str() {
        "project.yaml" | "members" | "gates" | ".gitattributes" => Part::Is(Area::Settings),
        "mutes" => Part::Is(Area::Mutes),
        "approvals" => Part::Is(Area::Approvals),
        "launches" => Part::Launches,
        "executed" => Part::Executed,
        "annotations" => Part::Annotations,
        _ => Part::Is(Area::Documentation),
    }
}

/// What a file below a part is: attributes of git are settings wherever they lie.
pub(super) fn below(area: Area, name: &str) -> Area {
    match is_attributes(name) {
        true => Area::Settings,
        false => area,
    }
}

/// Whether some of a project's paths lie among its members.
pub(super) fn names_members(folder: &str, paths: &[&str]) -> bool {
    let is_member = |path: &str| {
        let below = path.strip_prefix("projects/");
        let below = below.and_then(|path| path.strip_prefix(folder)?.strip_prefix('/'));
        let first = below.and_then(|path| path.split('/').next());
        first.is_some_and(|first| first.eq_ignore_ascii_case("members"))
    };
    paths.iter().any(|path| is_member(path))
}

/// Splits paths by the launches that they are of; what is of none comes with the first.
pub(super) fn by_launch<'p>(area: Area, paths: &[&'p str]) -> Vec<Vec<&'p str>> {
    let mut launches: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut others = Vec::new();
    for path in paths {
        match area.launch(path) {
            Some(launch) => launches.entry(launch).or_default().push(path),
            None => others.push(*path),
        }
    }
    let mut out: Vec<Vec<&str>> = launches.into_values().collect();
    match out.first_mut() {
        Some(first) => first.extend(others),
        None => out.push(others),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_change_needs_its_role() {
        for (area, role) in [
            (Area::Settings, Role::Owner),
            (Area::Documentation, Role::Writer),
            (Area::Mutes, Role::Writer),
            (Area::Approvals, Role::Writer),
            (Area::Closing, Role::Runner),
            (Area::Departure, Role::Owner),
            (Area::Annotation(AnnotationKind::Note), Role::Runner),
            (Area::Annotation(AnnotationKind::Pruned), Role::Runner),
            (Area::Annotation(AnnotationKind::Redacted), Role::Owner),
            (Area::Annotation(AnnotationKind::Acknowledged), Role::Owner),
        ] {
            assert_eq!(area.needs(), role, "{area:?}");
        }
        assert!(Area::ALL_CLOSING.iter().all(|area| area.is_closing()));
    }

    impl Area {
        const ALL_CLOSING: [Self; 2] = [Self::Closing, Self::Annotation(AnnotationKind::Note)];
    }

    #[test]
    fn parts_are_told_apart_whatever_their_letter_case() {
        for name in [
            "project.yaml",
            "members",
            "Members",
            "gates",
            ".gitattributes",
        ] {
            assert_eq!(part_of(name), Part::Is(Area::Settings), "{name}");
        }
        assert_eq!(part_of("mutes"), Part::Is(Area::Mutes));
        assert_eq!(part_of("README.md"), Part::Is(Area::Documentation));
        for name in ["cases", "plans", "queries", "requirements"] {
            assert_eq!(part_of(name), Part::Is(Area::Documentation), "{name}");
        }
        assert_eq!(part_of("launches"), Part::Launches);
        assert_eq!(below(Area::Documentation, ".gitAttributes"), Area::Settings);
        assert!(is_workspace_setting("Tallybook.yaml") && !is_workspace_setting("README.md"));
    }

    #[test]
    fn what_was_done_reads_as_a_sentence() {
        let done = |area: Area, path: &str| area.done(path);
        assert_eq!(
            done(Area::Mutes, "projects/shop/mutes/M-1.yaml"),
            "changed the mute `M-1`"
        );
        let path = "projects/shop/launches/2026/11/l-1";
        assert_eq!(done(Area::Closing, path), "closed launch `l-1`");
        assert_eq!(Area::Closing.launch(path), Some("l-1"));
        let path = "projects/shop/annotations/l-1/x.yaml";
        let area = Area::Annotation(AnnotationKind::Redacted);
        let expected = "changed what is said of launch `l-1` (`x.yaml`, redacted)";
        assert_eq!(done(area, path), expected);
        assert_eq!(area.launch(path), Some("l-1"));
    }

    #[test]
    fn paths_are_told_apart_by_their_launches() {
        let launch = |id: &str| format!("projects/shop/launches/2026/11/{id}");
        let (a, b) = (launch("l-1"), launch("l-2"));
        let text = "projects/shop/executed/x.md";
        let split = by_launch(Area::Closing, &[text, &a, &b]);
        assert_eq!(split, [vec![a.as_str(), text], vec![b.as_str()]]);
        assert_eq!(by_launch(Area::Closing, &[text]), [[text]]);
        let settings = ["projects/shop/project.yaml", "projects/shop/Members/a.yaml"];
        assert!(names_members("shop", &settings) && !names_members("sho", &settings));
        assert!(!names_members("shop", &settings[..1]));
    }
}
