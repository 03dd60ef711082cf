//! A new workspace, and a new project in one.

use std::collections::BTreeSet;

use super::draw_id;
use super::merge::MERGE_ATTRIBUTES;
use super::schemas::add_schemas;
use crate::base::text::{sanitize_line, slug};
use crate::git::ChangeSet;
use crate::model::{Role, is_project_key};
use crate::store::scalar;

/// What `.gitattributes` says in the branch that holds launches: no conversion may touch a byte of
/// what sums were taken over, nor of what is said of it later. That is for people to review, so hosts are
/// not told that it is generated.
pub const LAUNCH_ATTRIBUTES: &str = "\
# Closed launches are evidence: no conversion may touch a byte of them.
projects/*/launches/** -text -filter -ident -working-tree-encoding merge=binary linguist-generated
projects/*/executed/** -text -filter -ident -working-tree-encoding merge=binary linguist-generated
projects/*/annotations/** -text -filter -ident -working-tree-encoding merge=binary
";

/// What `.gitattributes` says besides where attachments are in git-lfs.
pub const LFS_ATTRIBUTES: &str = "\
projects/*/launches/**/attachments/** filter=lfs diff=lfs merge=lfs -text
";

/// What `.gitattributes` says of the schemas for editors: hosts fold them in a pull request.
const SCHEMA_ATTRIBUTES: &str = "\
# Schemas for editors: `tallybook schema --write` makes them.
.tallybook/schema/*.json linguist-generated
";

/// A workspace to make.
#[derive(Clone, Debug)]
pub struct NewWorkspace<'a> {
    pub title: &'a str,
    pub project: NewProject<'a>,
    /// The branch for closed launches, where they have one of their own.
    pub launches_branch: Option<&'a str>,
    /// The text of `.gitattributes` where there is one; it is added to, never replaced.
    pub gitattributes: Option<&'a str>,
}

/// A project to make.
#[derive(Clone, Debug)]
pub struct NewProject<'a> {
    /// The folder's name below `projects/`: lower-case.
    pub folder: &'a str,
    /// As `SHOP`.
    pub key: &'a str,
    pub name: &'a str,
    /// Name and email of the first owner.
    pub owner: Option<(&'a str, &'a str)>,
    /// What random ids are drawn from.
    pub seed: u64,
}

/// What `.gitattributes` says of approvals, which git itself can merge.
const APPROVAL_ATTRIBUTES: &str = "\
# An approval is a line: those that two branches add both stay.
projects/*/approvals/*.yaml merge=union
";

/// A workspace or a project could not be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InitError {
    #[error("`{path}` exists already")]
    Exists { path: String },
    #[error(
        "`{key}` is no project key: expected an upper-case letter, then up to 15 upper-case letters or digits"
    )]
    Key { key: String },
    #[error(
        "`{folder}` is no folder for a project: expected lower-case letters, digits and single dashes"
    )]
    Folder { folder: String },
}

/// Makes a workspace with one project, and the schemas for editors. Paths are relative to the
/// workspace; `existing` has those of the files that are there. Nothing of them is replaced.
pub fn init(
    workspace: &NewWorkspace<'_>,
    existing: &BTreeSet<String>,
) -> Result<ChangeSet, InitError> {
    let mut changes = ChangeSet::new(format!(
        "Set up Tallybook for {}",
        sanitize_line(workspace.project.name)
    ));
    changes.write("tallybook.yaml", workspace_file(workspace));
    refuse_existing(&changes, existing)?;
    if let Some(text) = gitattributes(workspace) {
        changes.write(".gitattributes", text);
    }
    let project = new_project(&workspace.project, existing)?;
    changes.edits.extend(project.edits);
    add_schemas(&mut changes, existing);
    Ok(changes)
}

/// Makes a project in a workspace. Paths are relative to the workspace; `existing` has those of
/// the files that are there. Nothing of them is replaced.
pub fn new_project(
    project: &NewProject<'_>,
    existing: &BTreeSet<String>,
) -> Result<ChangeSet, InitError> {
    if !is_project_key(project.key) {
        let key = project.key.to_owned();
        return Err(InitError::Key { key });
    }
    if project.folder != slug(project.folder, 64) {
        let folder = project.folder.to_owned();
        return Err(InitError::Folder { folder });
    }
    let name = sanitize_line(project.name);
    let mut changes = ChangeSet::new(format!("Add the project {name}"));
    let folder = format!("projects/{}", project.folder);
    changes.write(format!("{folder}/project.yaml"), project_file(project));
    changes.write(format!("{folder}/README.md"), readme(&name));
    let owner = project.owner.map(|(name, email)| member_id(name, email));
    if let (Some(id), Some((name, email))) = (&owner, project.owner) {
        let member = member_file(name, email, Role::Owner);
        changes.write(format!("{folder}/members/{id}.yaml"), member);
    }
    let case = example_case(project, owner.as_deref());
    changes.write(format!("{folder}/cases/sign-in/wrong-password.md"), case);
    refuse_existing(&changes, existing)?;
    Ok(changes)
}

fn refuse_existing(changes: &ChangeSet, existing: &BTreeSet<String>) -> Result<(), InitError> {
    match changes.edits.iter().find(|e| existing.contains(&e.path)) {
        Some(edit) => Err(InitError::Exists {
            path: edit.path.clone(),
        }),
        None => Ok(()),
    }
}

/// Suggests a key for a project's name: `Harbour & Pine` → `HARBOUR`.
pub fn suggest_key(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let keys = words.map(|word| word.trim_start_matches(|c: char| c.is_ascii_digit()));
    let first = keys.into_iter().find(|word| !word.is_empty());
    let key: String = first.unwrap_or("TEST").chars().take(8).collect();
    key.to_ascii_uppercase()
}

fn workspace_file(workspace: &NewWorkspace<'_>) -> String {
    let mut out = format!("format: 1\ntitle: {}\n", scalar(workspace.title));
    if let Some(branch) = workspace.launches_branch {
        let branch = scalar(branch);
        out.push_str("\n# Closed launches are committed to a branch of their own.\n");
        out.push_str(&format!("launches: {{branch: {branch}}}\n"));
    }
    out
}

/// Returns the new text of `.gitattributes`; `None` where it says all already.
fn gitattributes(workspace: &NewWorkspace<'_>) -> Option<String> {
    let old = workspace.gitattributes.unwrap_or_default();
    let launches = match workspace.launches_branch {
        Some(_) => "",
        None => LAUNCH_ATTRIBUTES,
    };
    let out = with_blocks(
        old,
        &[
            launches,
            MERGE_ATTRIBUTES,
            APPROVAL_ATTRIBUTES,
            SCHEMA_ATTRIBUTES,
        ],
    );
    (out != old).then_some(out)
}

/// Returns the text of `.gitattributes` with the line that lets approvals of two branches both stay; `None`
/// where it has it.
pub fn with_approval_attributes(old: &str) -> Option<String> {
    let line = APPROVAL_ATTRIBUTES.lines().last();
    let has = old.lines().any(|known| Some(known.trim_end()) == line);
    (!has).then(|| with_blocks(old, &[APPROVAL_ATTRIBUTES]))
}

/// Returns the text of `.gitattributes` with the lines that protect closed launches, and below them the
/// one that gives attachments to git-lfs where that keeps them; `None` where it has them.
pub fn with_launch_attributes(old: &str, by_lfs: bool) -> Option<String> {
    let last = |text: &str, line: &str| {
        let lines = text.lines().enumerate();
        lines
            .filter(|(_, l)| l.trim_end() == line)
            .map(|(n, _)| n)
            .last()
    };
    let ours = LAUNCH_ATTRIBUTES
        .lines()
        .filter(|line| !line.starts_with('#'));
    let mut out = match ours.clone().filter_map(|line| last(old, line)).max() {
        // An older release wrote fewer: the others stand behind its own.
        Some(at) => {
            let missing = ours.filter(|line| last(old, line).is_none());
            let mut lines: Vec<&str> = old.split_inclusive('\n').collect();
            let below = lines.split_off(at + 1);
            let mut out = lines.concat();
            for line in missing {
                if !out.ends_with('\n') {
                    out.push('\n');
                }
                out.push_str(line);
                out.push('\n');
            }
            out.push_str(&below.concat());
            out
        }
        None => with_blocks(old, &[LAUNCH_ATTRIBUTES]),
    };
    let ours = LAUNCH_ATTRIBUTES
        .lines()
        .filter_map(|line| last(&out, line));
    // Of several lines the last decides.
    if by_lfs && last(&out, LFS_ATTRIBUTES.trim_end()) < ours.max() {
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(LFS_ATTRIBUTES);
    }
    (out != old).then_some(out)
}

/// Adds blocks of lines, but those of which each line is there.
pub(super) fn with_blocks(old: &str, blocks: &[&str]) -> String {
    let mut out = old.to_owned();
    for block in blocks {
        let said = |line: &str| old.lines().any(|l| l.trim_end() == line);
        if block.lines().all(said) {
            continue;
        }
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(block);
    }
    out
}

fn project_file(project: &NewProject<'_>) -> String {
    let (key, name) = (scalar(project.key), scalar(project.name));
    format!(
        "\
key: {key}
name: {name}
visibility: internal # internal, public or private: a word for readers, git decides who reads

# The states of a case, first to last.
workflow: [draft, review, active, outdated]
layers: [unit, api, e2e]

# Variables that tell one line of a test's history from another; results without one count as the default.
# environment: {{browser: {{default: chrome}}}}
"
    )
}

fn readme(name: &str) -> String {
    format!(
        "\
# {name}

What is tested here, and for whom. This page is the project's front page on the site.

## Where things are

- `cases/`: test cases, manual and automated; the folders are their sections
- `members/`: who takes part, and in which role
- `project.yaml`: states, layers and the variables of a run
"
    )
}

/// Returns the name of a member's file: a slug of the name, or of the email where the name has
/// letters that a slug would drop.
pub(super) fn member_id(name: &str, email: &str) -> String {
    let source = match email.split_once('@') {
        Some((local, _)) if !name.is_ascii() => local,
        _ => name,
    };
    slug(source, 40)
}

pub(super) fn member_file(name: &str, email: &str, role: Role) -> String {
    let (name, email) = (scalar(name), scalar(email));
    let role = role.as_str();
    format!("name: {name}\nemails: [{email}]\nrole: {role}\n")
}

fn example_case(project: &NewProject<'_>, owner: Option<&str>) -> String {
    let id = draw_id(project.key, project.seed, 0, |_| false);
    let owner = owner.map_or(String::new(), |owner| format!("owner: {}\n", scalar(owner)));
    format!(
        "\
---
id: {id}
title: Sign in with a wrong password
execution: manual
status: draft
layer: e2e
severity: critical
{owner}tags: [example]
---

A wrong password lets nobody in, and the answer does not say which accounts exist.

## Preconditions

A user with a known address and password.

## Steps

1. Open the sign-in page.
   - **Expected:** the form is shown with the focus on the first field.
1. Enter the user's address and a wrong password, and submit.
   - **Data:** `not-the-password`
   - **Expected:** the page says that address or password is wrong, and the password field is empty.
1. Enter an address that nobody has, and submit.
   - **Expected:** the page says the same, word for word.

## Postconditions

Nobody is signed in.
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Content;
    use crate::store::{MemoryFiles, Snapshot, load};

    const PROJECT: NewProject<'static> = NewProject {
        folder: "shop",
        key: "SHOP",
        name: "Harbour: \"Pine\" #1",
        owner: Some(("Inés O'Neil", "ines@example.com")),
        seed: 1,
    };

    fn workspace() -> NewWorkspace<'static> {
        NewWorkspace {
            title: "- our tests: all",
            project: PROJECT,
            launches_branch: None,
            gitattributes: None,
        }
    }

    fn bytes(content: Option<Content>) -> Vec<u8> {
        match content {
            Some(Content::Bytes(bytes)) => bytes,
            other => panic!("bytes, not {other:?}"),
        }
    }

    fn files(changes: ChangeSet) -> MemoryFiles {
        let edits = changes.edits.into_iter();
        edits.map(|edit| (edit.path, bytes(edit.content))).collect()
    }

    #[test]
    fn what_init_makes_loads_without_findings() {
        let changes = init(&workspace(), &BTreeSet::new()).expect("made");
        assert!(changes.message.starts_with("Set up Tallybook for Harbour"));
        let loaded = load(&Snapshot::memory(files(changes))).expect("loads");
        assert_eq!(loaded.findings, []);
        let settings = loaded.workspace.settings.expect("read");
        assert_eq!(settings.value.title, "- our tests: all");
        let project = &loaded.workspace.projects[0];
        assert_eq!(
            (project.key(), project.name()),
            (Some("SHOP"), PROJECT.name)
        );
        let member = &project.members[0].value;
        assert_eq!((member.id.as_str(), member.role), ("ines", Role::Owner));
        let case = &project.cases[0].value;
        assert_eq!(case.owner.as_deref(), Some("ines"));
        assert!(case.id.starts_with("SHOP-"));
        assert!(case.scenario.steps.iter().all(|s| s.expected.is_some()));
        assert!(project.readme.is_some());
    }

    #[test]
    fn nothing_that_exists_is_replaced() {
        for path in ["tallybook.yaml", "projects/shop/README.md"] {
            let existing = BTreeSet::from([path.to_owned()]);
            let error = init(&workspace(), &existing).expect_err("refused");
            assert_eq!(error.to_string(), format!("`{path}` exists already"));
        }
        let mut workspace = workspace();
        workspace.gitattributes = Some("*.sh text eol=lf");
        let existing = BTreeSet::from([".gitattributes".to_owned()]);
        let changes = init(&workspace, &existing).expect("made");
        let edit = changes
            .edits
            .into_iter()
            .find(|e| e.path == ".gitattributes");
        let text = bytes(edit.expect("an edit").content);
        let text = String::from_utf8(text).expect("text");
        assert!(text.starts_with("*.sh text eol=lf\n\n# Closed launches"));
        workspace.gitattributes = Some(&text);
        let again = init(&workspace, &existing).expect("made");
        assert!(again.edits.iter().all(|e| e.path != ".gitattributes"));
    }

    #[test]
    fn lines_of_an_older_release_are_made_up_where_they_stand() {
        let ours: Vec<&str> = LAUNCH_ATTRIBUTES.lines().collect();
        let older = format!("* text\n{}\n{}", ours[1], ours[2]);
        let whole = format!("* text\n{}\n{}\n{}\n", ours[1], ours[2], ours[3]);
        for (old, new) in [
            (older.clone(), Some(whole.clone())),
            (
                format!("{older}\n*.md x\n"),
                Some(format!("{whole}*.md x\n")),
            ),
            (whole, None),
            (String::new(), Some(LAUNCH_ATTRIBUTES.to_owned())),
        ] {
            assert_eq!(with_launch_attributes(&old, false), new, "{old}");
        }
    }

    #[test]
    fn a_branch_for_launches_takes_their_attributes_along() {
        let mut workspace = workspace();
        workspace.launches_branch = Some("tallybook");
        let changes = init(&workspace, &BTreeSet::new()).expect("made");
        let all: Vec<(String, String)> = changes
            .edits
            .into_iter()
            .map(|e| (e.path, String::from_utf8(bytes(e.content)).expect("text")))
            .collect();
        let text = |path: &str| all.iter().find(|(p, _)| p == path).map(|(_, t)| t.as_str());
        assert!(
            text("tallybook.yaml").is_some_and(|t| t.contains("launches: {branch: tallybook}"))
        );
        assert!(text(".gitattributes").is_some_and(|t| !t.contains("launches/**")));
    }

    #[test]
    fn keys_and_folders_are_checked() {
        let none = BTreeSet::new();
        let wrong_key = NewProject {
            key: "shop",
            ..PROJECT
        };
        assert!(matches!(
            new_project(&wrong_key, &none),
            Err(InitError::Key { .. })
        ));
        for folder in ["", "Shop", "../x", "a b", "-a"] {
            let wrong = NewProject { folder, ..PROJECT };
            assert!(
                matches!(new_project(&wrong, &none), Err(InitError::Folder { .. })),
                "{folder}"
            );
        }
        assert_eq!(suggest_key("Harbour & Pine"), "HARBOUR");
        assert_eq!(suggest_key("2nd shop"), "ND");
        assert_eq!(suggest_key("日本"), "TEST");
        assert!(is_project_key(&suggest_key("networkx.classes")));
    }
}
