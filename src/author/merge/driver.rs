//! How git comes to call the merge: the lines that select the driver, and the one that registers it.

use crate::author::init::with_blocks;

/// The name that attributes select the driver by.
pub const DRIVER: &str = "tallybook";

/// What people read of the driver in `merge.tallybook.name`.
pub const DRIVER_NAME: &str = "Tallybook: test documentation by what it means";

/// What `.gitattributes` says in the branch that holds documentation.
pub const MERGE_ATTRIBUTES: &str = "\
# Test documentation merges by what it means, step by step and key by key.
tallybook.yaml merge=tallybook
projects/*/project.yaml merge=tallybook
projects/*/cases/**/*.md merge=tallybook
projects/*/steps/**/*.md merge=tallybook
projects/*/defects/*.md merge=tallybook
projects/*/plans/*.yaml merge=tallybook
projects/*/mutes/*.yaml merge=tallybook
projects/*/members/*.yaml merge=tallybook
projects/*/queries/*.yaml merge=tallybook
projects/*/requirements/*.yaml merge=tallybook
projects/*/gates/*.yaml merge=tallybook
projects/*/dashboards/*.yaml merge=tallybook
";

/// A file of each kind that [`MERGE_ATTRIBUTES`] select, below a project's folder.
pub const MERGED: [&str; 11] = [
    "project.yaml",
    "cases/section/case.md",
    "steps/steps.md",
    "defects/defect.md",
    "plans/plan.yaml",
    "mutes/mute.yaml",
    "members/member.yaml",
    "queries/query.yaml",
    "requirements/requirement.yaml",
    "gates/gate.yaml",
    "dashboards/dashboard.yaml",
];

/// Returns the text of `.gitattributes` with the lines that select the driver; `None` where it has them.
pub fn with_merge_attributes(old: &str) -> Option<String> {
    let has = |line: &str| old.lines().any(|known| known.trim_end() == line);
    let missing: String = MERGE_ATTRIBUTES
        .lines()
        .filter(|line| !has(line))
        .map(|line| format!("{line}\n"))
        .collect();
    let is_complete = missing.lines().all(|line| line.starts_with('#'));
    (!is_complete).then(|| with_blocks(old, &[&missing]))
}

/// Returns what `merge.tallybook.driver` says, given the program as a shell takes it.
///
/// git ends a merge as conflicting, with our side alone and no markers, where a driver can't run. So
/// where the program is gone, or can't read a side, git's own merge of lines takes its place.
pub fn driver_line(program: &str) -> String {
    let program = program.replace('%', "%%");
    format!(
        "{program} merge-driver --marker-size=%L --base-label=%S --ours-label=%X --theirs-label=%Y \
         -- %O %A %B %P || {{ test $? -eq 1 && exit 1; git merge-file --marker-size=%L -L %X -L %S \
         -L %Y %A %O %B; }}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_missing_are_added() {
        assert_eq!(with_merge_attributes(MERGE_ATTRIBUTES), None);
        assert_eq!(with_merge_attributes("").as_deref(), Some(MERGE_ATTRIBUTES));
        let old = "*.png -text\nprojects/*/plans/*.yaml merge=tallybook\n";
        let new = with_merge_attributes(old).expect("lines are missing");
        assert!(new.starts_with(old), "{new}");
        assert_eq!(new.matches("plans/").count(), 1);
        assert_eq!(with_merge_attributes(&new), None);
        let without_comment = new.replace("# Test documentation", "# Documentation");
        assert_eq!(with_merge_attributes(&without_comment), None);
    }

    #[test]
    fn a_program_may_have_any_name() {
        let line = driver_line("'/opt/100%/tally book'");
        assert!(
            line.starts_with("'/opt/100%%/tally book' merge-driver "),
            "{line}"
        );
    }
}
