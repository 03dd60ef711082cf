use super::{Facts, Finding, Rule, code};
use crate::base::path::{extension, file_name};
use crate::base::text::{closest, ticked};
use crate::store::{FileKind, PathEntry};

pub(super) const RULE: Rule = Rule {
    code: code("TB0223", "unknown-file"),
    page: r"
## What it checks

In a project's folder stand only files and folders that Tallybook reads. Names that start with a dot
are left alone, and so are pictures and other files beside cases and steps that a text links. A
warning.

## Why

What is not read is not there: a case in `case/` instead of `cases/`, or named `.txt` instead of
`.md`, is in no list, and nobody notices.

## Example

```markdown projects/shop/case/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```
",
    check,
};

/// The folders of a project that hold files of one kind: name, extension, and whether there are
/// folders in it.
const FOLDERS: [(&str, &str, bool); 11] = [
    ("approvals", "yaml", false),
    ("cases", "md", true),
    ("dashboards", "yaml", false),
    ("defects", "md", false),
    ("gates", "yaml", false),
    ("members", "yaml", false),
    ("mutes", "yaml", false),
    ("plans", "yaml", false),
    ("queries", "yaml", false),
    ("requirements", "yaml", false),
    ("steps", "md", true),
];
/// Evidence, which only programs write; `verify` looks into it.
const EVIDENCE: [&str; 3] = ["annotations", "executed", "launches"];
const FILES: [&str; 2] = ["README.md", "project.yaml"];
/// What texts show or offer for download, beside them.
const MEDIA: [&str; 14] = [
    "csv", "gif", "jpeg", "jpg", "json", "mp4", "pdf", "png", "sql", "svg", "txt", "webm", "webp",
    "zip",
];

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let linked = linked_files(facts);
    for project in facts.projects() {
        let prefix = format!("{}/", project.path);
        for entry in &project.entries {
            let Some(below) = entry.path.strip_prefix(&prefix) else {
                continue;
            };
            let hidden = below.split('/').any(|part| part.starts_with('.'));
            if hidden || linked.contains(entry.path.as_str()) {
                continue;
            }
            if let Some((message, help)) = problem(entry, below) {
                let finding = Finding::warning(RULE.code, &entry.path, message);
                out.push(match help {
                    Some(help) => finding.help(help),
                    None => finding,
                });
            }
        }
    }
}

/// Files beside cases and steps that a text shows or offers.
fn linked_files(facts: &Facts<'_>) -> std::collections::BTreeSet<String> {
    let mut out = std::collections::BTreeSet::new();
    for text in crate::validate::links::texts(facts) {
        for link in text.links {
            let target = crate::validate::facts::plain_target(&link.target);
            let path = crate::base::path::resolve(text.path, target);
            out.extend(path.filter(|p| MEDIA.contains(&extension(p))));
        }
    }
    out
}

/// Says why an entry is not read, and what was likely meant.
fn problem(entry: &PathEntry, below: &str) -> Option<(String, Option<String>)> {
    let is_folder = entry.kind == FileKind::Folder;
    if !matches!(entry.kind, FileKind::File | FileKind::Folder) {
        return None;
    }
    match below.split_once('/') {
        None if is_folder => unknown_folder(below),
        None => unknown_top_file(below),
        Some((folder, rest)) => {
            let (_, wanted, nested) = FOLDERS.iter().find(|(name, ..)| *name == folder)?;
            let deep = rest.contains('/');
            if is_folder {
                let message = format!("`{folder}/` has no folders, so this one is not read");
                return (!nested && !deep).then_some((message, None));
            }
            ((nested | !deep) && extension(rest) != *wanted)
                .then(|| misnamed(folder, file_name(rest), wanted))
        }
    }
}

fn unknown_folder(name: &str) -> Option<(String, Option<String>)> {
    let known = || FOLDERS.iter().map(|(name, ..)| *name).chain(EVIDENCE);
    if known().any(|n| n == name) {
        return None;
    }
    let message = format!("the folder `{name}/` means nothing in a project, so it is not read");
    let help = match closest(name, known()) {
        Some(name) => format!("did you mean `{name}/`?"),
        None => format!(
            "a project has {}",
            ticked(&known().collect::<Vec<_>>(), "and")
        ),
    };
    Some((message, Some(help)))
}

fn unknown_top_file(name: &str) -> Option<(String, Option<String>)> {
    if FILES.contains(&name) {
        return None;
    }
    let message = format!("the file `{name}` means nothing in a project, so it is not read");
    let help = closest(name, FILES).map(|name| format!("did you mean `{name}`?"));
    Some((message, help))
}

fn misnamed(folder: &str, name: &str, wanted: &str) -> (String, Option<String>) {
    let message = format!("`{folder}/` holds `.{wanted}` files, so `{name}` is not read");
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let alike = matches!(
        (extension(name).to_ascii_lowercase().as_str(), wanted),
        ("markdown" | "mdown" | "md" | "txt" | "", "md") | ("yml" | "yaml" | "json" | "", "yaml")
    );
    let help = alike.then(|| format!("did you mean `{stem}.{wanted}`?"));
    (message, help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema::Kind;

    fn said(below: &str, kind: FileKind) -> Option<String> {
        let entry = PathEntry {
            path: format!("projects/shop/{below}"),
            kind,
            size: None,
        };
        let (message, help) = problem(&entry, below)?;
        Some(help.unwrap_or(message))
    }

    #[test]
    fn what_is_read_is_known() {
        for file in [
            "project.yaml",
            "README.md",
            "cases/a/b/c.md",
            "steps/x.md",
            "mutes/m.yaml",
        ] {
            assert_eq!(said(file, FileKind::File), None, "{file}");
        }
        for folder in ["cases", "cases/a", "launches", "requirements"] {
            assert_eq!(said(folder, FileKind::Folder), None, "{folder}");
        }
    }

    /// Kinds of files without a parser yet have no schema; all others have one for editors.
    #[test]
    fn files_that_are_read_have_a_schema() {
        let without: Vec<&str> = FOLDERS
            .iter()
            .filter(|(folder, extension, _)| {
                Kind::of(&format!("projects/shop/{folder}/x.{extension}")).is_none()
            })
            .map(|(folder, ..)| *folder)
            .collect();
        assert_eq!(without, [] as [&str; 0]);
    }

    #[test]
    fn what_is_not_read_is_told() {
        let file = |below| said(below, FileKind::File).expect("told");
        assert_eq!(file("cases/a/x.markdown"), "did you mean `x.md`?");
        assert_eq!(file("mutes/x.yml"), "did you mean `x.yaml`?");
        assert_eq!(file("projct.yaml"), "did you mean `project.yaml`?");
        assert_eq!(
            file("cases/x.exe"),
            "`cases/` holds `.md` files, so `x.exe` is not read"
        );
        let folder = |below| said(below, FileKind::Folder).expect("told");
        assert_eq!(folder("case"), "did you mean `cases/`?");
        assert!(folder("zzzzzzz").starts_with("a project has `approvals`"));
        assert_eq!(
            folder("mutes/old"),
            "`mutes/` has no folders, so this one is not read"
        );
    }
}
