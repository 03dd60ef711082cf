//! Who approves, and whether it is their own change.

use std::collections::{BTreeMap, BTreeSet};

use super::chosen::Chosen;
use crate::base::path::join;
use crate::base::text::shell_word;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::place::{AtArg, Place};
use crate::git::{CommitId, Repo};
use crate::model::Role;
use crate::store::Project;

/// Whoever runs the command.
#[derive(Debug)]
pub(super) struct Reviewer {
    /// A member's id; `Name <email>` in a project without members.
    pub(super) name: String,
    emails: Vec<String>,
}

/// Returns who approves: the member whose address git knows.
pub(super) fn find(
    ctx: &Context,
    place: &Place,
    project: &Project,
) -> Result<Reviewer, CommandError> {
    let identity = place.identity(ctx)?;
    if project.members.is_empty() {
        return Ok(Reviewer {
            name: identity.to_string(),
            emails: vec![identity.email],
        });
    }
    let own = |email: &String| email.eq_ignore_ascii_case(&identity.email);
    let mut members = project.members.iter().map(|doc| &doc.value);
    let refuse = |message: String, name: String| {
        let error = CommandError {
            kind: ErrorKind::Finding,
            ..CommandError::usage(message)
        };
        let role = Role::Writer.as_str();
        error.hint(format!(
            "an owner allows it, and commits that: `tallybook member add {name} --role {role}`"
        ))
    };
    match members.find(|member| member.emails.iter().any(own)) {
        Some(member) if member.role.covers(Role::Writer) => Ok(Reviewer {
            name: member.id.clone(),
            emails: member.emails.clone(),
        }),
        Some(member) => Err(refuse(
            format!(
                "`{}` is a {} in project `{}`; a writer or an owner may approve",
                member.id,
                member.role.as_str(),
                project.name()
            ),
            shell_word(&member.id),
        )),
        None => Err(refuse(
            format!(
                "nobody in project `{}` has your address `{}`",
                project.name(),
                identity.email
            ),
            format!(
                "{} --email {}",
                shell_word(&identity.name),
                shell_word(&identity.email)
            ),
        )),
    }
}

/// Returns the files of those cases whose last change is the reviewer's own: the author's of the commit
/// that made them what they are, or not committed yet.
pub(super) fn own_changes(
    place: &Place,
    chosen: &Chosen<'_>,
    by: &Reviewer,
    at: &AtArg,
) -> Result<BTreeSet<String>, CommandError> {
    let Some(repo) = &place.repo else {
        return Ok(BTreeSet::new());
    };
    let commit = match &at.at {
        Some(at) => Some(place.commit(at)?),
        None => repo.head()?.commit,
    };
    let mut out = BTreeSet::new();
    let mut committed: Vec<(&str, String)> = Vec::new();
    let tree = commit.map(|commit| repo.tree(commit)).transpose()?;
    for doc in &chosen.cases {
        let path = join(&place.prefix, &doc.path);
        let there = match &tree {
            Some(tree) => tree.read(&path)?,
            None => None,
        };
        let is_same = there.is_some_and(|bytes| {
            let plain = |text: &str| text.replace("\r\n", "\n");
            plain(&String::from_utf8_lossy(&bytes)) == plain(&doc.text)
        });
        match is_same {
            true => committed.push((&doc.path, path)),
            false => drop(out.insert(doc.path.clone())),
        }
    }
    let (Some(commit), false) = (commit, committed.is_empty()) else {
        return Ok(out);
    };
    let folder = join(&place.prefix, &format!("{}/cases", chosen.project.path));
    let paths: Vec<&str> = committed.iter().map(|(_, path)| path.as_str()).collect();
    let last = repo.last_changes(commit, &folder, &paths)?;
    let mut authors = BTreeMap::new();
    for (path, full) in committed {
        if let Some(commit) = last.get(&full)
            && is_by(repo, *commit, by, &mut authors)?
        {
            out.insert(path.to_owned());
        }
    }
    Ok(out)
}

fn is_by(
    repo: &Repo,
    commit: CommitId,
    by: &Reviewer,
    known: &mut BTreeMap<CommitId, bool>,
) -> Result<bool, CommandError> {
    if let Some(known) = known.get(&commit) {
        return Ok(*known);
    }
    let author = repo.commit_info(commit)?.author;
    let own = |email: &String| email.eq_ignore_ascii_case(&author.email);
    let is_by = by.emails.iter().any(own);
    known.insert(commit, is_by);
    Ok(is_by)
}
