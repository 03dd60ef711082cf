//! Approvals: lines added to `approvals/<case-id>.yaml`.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::approval::{Approvals, reviewer};
use crate::base::Timestamp;
use crate::base::text::{count, sanitize_line};
use crate::git::ChangeSet;
use crate::model::{Approval, Case, CaseApprovals, is_case_id};
use crate::store::{Doc, Key, Project, parse_approvals, rows};

/// What somebody approves.
#[derive(Clone, Copy, Debug)]
pub struct Approving<'a> {
    /// What was looked at; it may be another moment than the one that is written to.
    pub seen: &'a Approvals<'a>,
    /// The cases as they were looked at, each with whether the last change of it is the reviewer's own.
    pub cases: &'a [(&'a Doc<Case>, bool)],
    /// A member's id, or `Name <email>`.
    pub by: &'a str,
    pub at: Timestamp,
    pub meaning: Option<&'a str>,
    pub note: Option<&'a str>,
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub struct Approved {
    /// Ids of cases that are approved now and were not like that before, in the order that was asked for.
    pub new: Vec<String>,
    /// Ids of cases that the reviewer had approved as they are.
    pub known: Vec<String>,
    /// Paths are relative to the workspace.
    pub changes: ChangeSet,
}

/// A case could not be approved.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ApproveError {
    #[error("`{path}` has the id `{id}`, by which no file can be named")]
    Id { path: String, id: String },
    #[error("`{path}` does not read as approvals")]
    Unreadable { path: String },
}

/// Adds one person's approvals, in place of earlier ones of theirs; all else in the files stays.
///
/// # Errors
/// A file that is there does not read, or a case's id names none.
pub fn approve(project: &Project, request: &Approving<'_>) -> Result<Approved, ApproveError> {
    let mut out = Approved::default();
    let mut changes = ChangeSet::default();
    let files = Existing::of(project);
    for (case, own) in request.cases {
        let id = &case.value.id;
        if !is_case_id(id) {
            let path = case.path.clone();
            let id = sanitize_line(id);
            return Err(ApproveError::Id { path, id });
        }
        let path = format!("{}/approvals/{id}.yaml", project.path);
        let there = files.get(&path)?;
        let approval = approval(request, case, *own);
        let before = there.map_or(&[][..], |doc| &doc.value.all);
        let is_mine = |one: &Approval| is_by(project, one, request.by);
        let mine: Vec<&Approval> = before.iter().filter(|one| is_mine(one)).collect();
        if let [only] = mine.as_slice()
            && says_the_same(only, &approval)
        {
            out.known.push(id.clone());
            continue;
        }
        changes.write(&path, with_line(there, &approval, &is_mine, &path)?);
        out.new.push(id.clone());
    }
    changes.message = match out.new.as_slice() {
        [one] => format!("Approve {one}"),
        all => format!("Approve {}", count(all.len() as u64, "case")),
    };
    out.changes = changes;
    Ok(out)
}

/// The files that are there.
struct Existing<'p> {
    docs: BTreeMap<&'p str, &'p Doc<CaseApprovals>>,
    paths: BTreeSet<&'p str>,
}

impl<'p> Existing<'p> {
    fn of(project: &'p Project) -> Self {
        let docs = project.approvals.iter();
        let paths = project.entries.iter();
        Self {
            docs: docs.map(|doc| (doc.path.as_str(), doc)).collect(),
            paths: paths.map(|entry| entry.path.as_str()).collect(),
        }
    }

    fn get(&self, path: &str) -> Result<Option<&'p Doc<CaseApprovals>>, ApproveError> {
        let unreadable = || ApproveError::Unreadable {
            path: path.to_owned(),
        };
        match self.docs.get(path) {
            None if self.paths.contains(path) => Err(unreadable()),
            // What does not read must not go by writing the file anew.
            Some(doc) if !parse_approvals(path, doc.text.clone()).1.is_empty() => Err(unreadable()),
            found => Ok(found.copied()),
        }
    }
}

fn approval(request: &Approving<'_>, case: &Doc<Case>, own: bool) -> Approval {
    let seal = request.seen.seal(case);
    let line = |text: Option<&str>| {
        let text = text.map(sanitize_line);
        text.filter(|text| !text.is_empty())
    };
    Approval {
        by: request.by.to_owned(),
        at: request.at,
        digest: seal.digest.to_string(),
        meaning: line(request.meaning),
        note: line(request.note),
        own,
        requirements: seal.requirements,
        cases: seal.cases,
    }
}

fn is_by(project: &Project, one: &Approval, by: &str) -> bool {
    reviewer(project, &one.by).eq_ignore_ascii_case(reviewer(project, by))
}

/// Whether a new approval would say nothing that the old one does not.
fn says_the_same(old: &Approval, new: &Approval) -> bool {
    let meaning = new.meaning.is_none() || new.meaning == old.meaning;
    let note = new.note.is_none() || new.note == old.note;
    let sealed = (&old.digest, &old.requirements, &old.cases, old.own)
        == (&new.digest, &new.requirements, &new.cases, new.own);
    meaning && note && sealed
}

/// Returns a file's text with an approval as its last line, and without those that it replaces. One
/// approval is one line, so that git can merge by lines: see `docs/approvals.md`.
fn with_line(
    there: Option<&Doc<CaseApprovals>>,
    approval: &Approval,
    is_replaced: &dyn Fn(&Approval) -> bool,
    path: &str,
) -> Result<String, ApproveError> {
    let all = there.map_or(&[][..], |doc| &doc.value.all);
    let kept = all.iter().filter(|one| !is_replaced(one));
    let wanted: Vec<&Approval> = kept.chain([approval]).collect();
    let reads = |text: &str| {
        let (doc, findings) = parse_approvals(path, text.into());
        let all = doc.map(|doc| doc.value.all).unwrap_or_default();
        findings.is_empty() && all.iter().eq(wanted.iter().copied())
    };
    let edited = there.and_then(|doc| edited(doc, approval, is_replaced));
    if let Some(text) = edited.filter(|text| reads(text)) {
        return Ok(text);
    }
    let lines = wanted.iter().map(|one| format!("- {}\n", rows::line(one)));
    let text = format!("approvals:\n{}", lines.collect::<String>());
    match reads(&text) {
        true => Ok(text),
        false => Err(ApproveError::Unreadable {
            path: path.to_owned(),
        }),
    }
}

/// Edits a file of lines in place: comments stay. `None` where it is written in another way.
fn edited(
    doc: &Doc<CaseApprovals>,
    approval: &Approval,
    is_replaced: &dyn Fn(&Approval) -> bool,
) -> Option<String> {
    let text: &str = &doc.text;
    let list = doc.span(&[Key::Name("approvals")])?;
    let indent = match doc.value.all.is_empty() {
        true => return None,
        false => &text[text[..list.start].rfind('\n')? + 1..list.start],
    };
    let is_line = |line: &str| indent.trim().is_empty() && line.starts_with(indent);
    let mut out = text.to_owned();
    for (n, _) in doc
        .value
        .all
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, one)| is_replaced(one))
    {
        let item = doc.span(&[Key::Name("approvals"), Key::Index(n)])?;
        let start = text[..item.start].rfind('\n')? + 1;
        let end = text[item.start..]
            .find('\n')
            .map_or(text.len(), |at| item.start + at + 1);
        if !is_line(&text[start..end]) {
            return None;
        }
        out.replace_range(start..end, "");
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !out.ends_with('\n') {
        out.push_str(end);
    }
    Some(format!("{out}{indent}- {}{end}", rows::line(approval)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryFiles, Snapshot, load};

    const PATH: &str = "projects/shop/approvals/SHOP-A.yaml";

    fn project(approvals: Option<&str>) -> Project {
        let files = [
            ("tallybook.yaml", "format: 1\n"),
            ("projects/shop/project.yaml", "key: SHOP\nname: Shop\n"),
            (
                "projects/shop/members/alice.yaml",
                "name: Alice\nemails: [alice@example.com]\n",
            ),
            (
                "projects/shop/cases/a.md",
                "---\nid: SHOP-A\ntitle: Sign in\n---\n\n## Steps\n\n1. Open.\n",
            ),
        ];
        let approvals = approvals.map(|text| (PATH, text));
        let files: MemoryFiles = files.into_iter().chain(approvals).collect();
        let loaded = load(&Snapshot::memory(files)).expect("memory reads");
        loaded.workspace.projects[0].clone()
    }

    fn approved(project: &Project, by: &str, note: Option<&str>) -> Result<Approved, ApproveError> {
        let seen = Approvals::new(project);
        let cases = [(&project.cases[0], false)];
        let request = Approving {
            seen: &seen,
            cases: &cases,
            by,
            at: Timestamp::from_ms(1_795_000_000_000),
            meaning: None,
            note,
        };
        approve(project, &request)
    }

    /// The file as it is after somebody approved.
    #[track_caller]
    fn text(before: Option<&str>, by: &str) -> String {
        let approved = approved(&project(before), by, None).expect("approves");
        let Some(crate::git::Content::Bytes(bytes)) = &approved.changes.edits[0].content else {
            panic!("a text");
        };
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let digest = project(None);
        let digest = Approvals::new(&digest).seal(&digest.cases[0]).digest;
        text.replace(&digest.to_string(), "D")
    }

    const ALICE: &str =
        "- {\"by\": \"alice\", \"at\": \"2026-11-18T11:06:40Z\", \"digest\": \"D\"}\n";

    #[test]
    fn one_approval_is_one_line_and_the_newest_is_last() {
        assert_eq!(text(None, "alice"), format!("approvals:\n{ALICE}"));
        let bob = "- {by: bob, at: 2026-01-01T00:00:00Z, digest: x} # on paper\n";
        let before = format!("# Reviews\napprovals:\n{bob}");
        assert_eq!(text(Some(&before), "alice"), format!("{before}{ALICE}"));
        // What is replaced goes, also under another name of the reviewer.
        let old = "- {by: 'A <Alice@example.com>', at: 2026-01-01T00:00:00Z, digest: x}\n";
        let before = format!("# Reviews\napprovals:\n{old}{bob}");
        let after = format!("# Reviews\napprovals:\n{bob}{ALICE}");
        assert_eq!(text(Some(&before), "alice"), after);
        let only = format!("approvals:\n{old}");
        assert_eq!(text(Some(&only), "alice"), format!("approvals:\n{ALICE}"));
    }

    #[test]
    fn other_ways_to_write_a_list_are_brought_into_lines() {
        let bob = "- {\"by\": \"bob\", \"at\": \"2026-01-01T00:00:00Z\", \"digest\": \"x\"}\n";
        for before in [
            "approvals: [{by: bob, at: 2026-01-01T00:00:00Z, digest: x}]\n",
            "approvals:\n- by: bob\n  at: 2026-01-01T00:00:00Z\n  digest: x\n",
            "approvals:\n  - {by: bob, at: 2026-01-01T00:00:00Z, digest: x}",
        ] {
            let after = text(Some(before), "alice");
            let (doc, findings) = parse_approvals(PATH, after.as_str().into());
            assert_eq!(findings, [], "{after}");
            let by: Vec<String> = doc
                .expect("reads")
                .value
                .all
                .into_iter()
                .map(|a| a.by)
                .collect();
            assert_eq!(by, ["bob", "alice"], "{after}");
        }
        let block = "approvals:\n- by: alice\n  at: 2026-01-01T00:00:00Z\n  digest: y\n- by: bob\n  \
                     at: 2026-01-01T00:00:00Z\n  digest: x\n";
        assert_eq!(
            text(Some(block), "alice"),
            format!("approvals:\n{bob}{ALICE}")
        );
        assert_eq!(
            text(Some("approvals:\n"), "alice"),
            format!("approvals:\n{ALICE}")
        );
    }

    #[test]
    fn what_is_approved_already_is_not_written_again() {
        let first = approved(&project(None), "alice", None).expect("approves");
        assert_eq!(first.new, ["SHOP-A"]);
        assert_eq!(first.changes.message, "Approve SHOP-A");
        let Some(crate::git::Content::Bytes(bytes)) = &first.changes.edits[0].content else {
            panic!("a text");
        };
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let there = project(Some(&text));
        let again = approved(&there, "Alice <alice@example.com>", None).expect("approves");
        assert!(again.changes.edits.is_empty() && again.known == ["SHOP-A"]);
        let noted = approved(&there, "alice", Some("on paper")).expect("approves");
        assert_eq!(noted.new, ["SHOP-A"]);
    }

    #[test]
    fn a_file_that_does_not_read_is_left_alone() {
        for text in [
            "approvals:\n- {by: bob}\n",
            "approvals: [\n",
            "",
            "approvals: x\n",
        ] {
            let error = approved(&project(Some(text)), "alice", None).expect_err("refuses");
            let path = PATH.to_owned();
            assert_eq!(error, ApproveError::Unreadable { path }, "{text}");
        }
    }
}
