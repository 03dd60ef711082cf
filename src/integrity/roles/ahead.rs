//! What would be said of a commit that no branch has yet: the same judgement as later, in time.

use super::area::{Area, who_may};
use super::change::{Change, Print, changes};
use super::filling::Deed;
use super::judge::{Court, named};
use super::rules::{Library, ProjectRules};
use crate::base::path::{file_name, join};
use crate::git::{CommitId, GitError, Identity, Repo, SignatureState, Step};
use crate::integrity::report::Violation;
use crate::model::Role;

/// A commit that `verify` and a server's hook would call `not-allowed`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {said}", deed.judged())]
pub struct NotAllowed {
    /// What it is to a launch; closing it where it is anything else.
    pub deed: Deed,
    /// Who made the commit, what it did, and who may.
    pub said: String,
    pub lacks: Lack,
    /// The least role that may make it.
    pub needs: Role,
    /// The member that it is by, where there is one.
    pub member: Option<String>,
}

/// What a commit lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Whoever it is by has no such role.
    Role,
    /// It is not signed, and the project asks for that.
    Signature,
    /// It is signed by no member's key.
    Key,
    /// Its signature does not hold, or can't be checked here.
    Soundness,
}

/// Judges a commit by the rules of its parents, and, where it goes onto a branch that closed launches
/// have to themselves, by those of their documentation: one of these commits has to allow it.
///
/// # Errors
/// Objects are missing or damaged.
pub(crate) fn judge_ahead(
    repo: &Repo,
    commit: CommitId,
    workspace: &str,
    documentation: &[CommitId],
) -> Result<Option<NotAllowed>, GitError> {
    let step = repo.step(commit)?;
    let mut benches: Vec<_> = documentation.iter().copied().map(Some).collect();
    if benches.is_empty() {
        benches.push(None);
    }
    let mut refused = None;
    for bench in benches {
        let found = Court::new(repo, bench).judge(&step, workspace)?;
        let Some(violation) = found.into_iter().next() else {
            return Ok(None);
        };
        refused.get_or_insert((violation, bench));
    }
    let Some((violation, bench)) = refused else {
        return Ok(None);
    };
    let asked = Asked {
        repo,
        step: &step,
        workspace,
        bench,
    };
    asked.explain(&violation).map(Some)
}

/// A closing that somebody is about to prepare, or an opening or a part that somebody is about to push.
#[derive(Clone, Copy, Debug)]
pub struct Intent<'a> {
    pub deed: Deed,
    pub author: &'a Identity,
    /// Whether the commit will be signed.
    pub signs: bool,
    /// The workspace's path in the repository.
    pub workspace: &'a str,
    /// The project's folder in it, as `projects/shop`.
    pub project: &'a str,
    /// The commit that the closing goes on; none for what goes on no branch.
    pub tip: Option<CommitId>,
    /// As for the closing itself.
    pub documentation: &'a [CommitId],
}

/// Says of what there is nothing of yet whether it would be refused, as far as that can be known:
/// by its author's role, and by a signature that is wanted and won't be made. Whether one that is made
/// holds shows when it is there.
///
/// # Errors
/// Objects are missing or damaged.
pub fn foresee(repo: &Repo, intent: &Intent<'_>) -> Result<Option<NotAllowed>, GitError> {
    let mut library = Library::default();
    let mut refused = match intent.tip {
        Some(tip) => intent.refused(repo, &mut library, tip)?,
        None => None,
    };
    if refused.is_some() || intent.documentation.is_empty() {
        return Ok(refused);
    }
    for bench in intent.documentation {
        // What follows from the documentation has its rules, or later ones, from its parents.
        let follows = intent.tip.map(|tip| repo.is_ancestor(*bench, tip));
        let found = match follows.transpose()? {
            Some(true) => None,
            _ => intent.refused(repo, &mut library, *bench)?,
        };
        match found {
            None => return Ok(None),
            found => refused = refused.or(found),
        }
    }
    Ok(refused)
}

impl Intent<'_> {
    /// What the rules of one commit have against it. Those that don't know the project have nothing.
    fn refused(
        &self,
        repo: &Repo,
        library: &mut Library,
        by: CommitId,
    ) -> Result<Option<NotAllowed>, GitError> {
        let print = Print::of(repo, repo.step(by)?.tree, self.workspace)?;
        let rules = library.rules(repo, &print)?.unwrap_or_default();
        let rules = rules.project(file_name(self.project));
        let Some(rules) = rules.filter(|rules| rules.shared) else {
            return Ok(None);
        };
        let needs = Area::Closing.needs();
        let signed = self.deed == Deed::Close && rules.requires_signature(Area::Closing);
        let role = rules.role_of_author(self.author);
        let (lacks, why) = match (signed, self.signs) {
            (true, false) => (
                Lack::Signature,
                " would close a launch without a signature, which the project requires".to_owned(),
            ),
            (true, true) if rules.keys().is_empty() => (
                Lack::Key,
                " would sign a closing, and no member has a key".to_owned(),
            ),
            (false, _) if !role.is_some_and(|role| role.covers(needs)) => (
                Lack::Role,
                format!(
                    " ({}, by author) would {}; {}",
                    role.map_or("no member", Role::as_str),
                    self.deed.would(),
                    who_may(needs)
                ),
            ),
            _ => return Ok(None),
        };
        Ok(Some(NotAllowed {
            deed: self.deed,
            said: named(self.author) + &why,
            lacks,
            needs,
            member: rules.author(self.author).map(|member| member.id.clone()),
        }))
    }
}

/// A commit that was found wanting.
struct Asked<'a> {
    repo: &'a Repo,
    step: &'a Step,
    workspace: &'a str,
    bench: Option<CommitId>,
}

impl Asked<'_> {
    /// Finds out what would have to be otherwise.
    fn explain(&self, violation: &Violation) -> Result<NotAllowed, GitError> {
        let prefix = format!("commit `{}` by ", self.step.id.short());
        let said = violation.message.strip_prefix(&prefix);
        let mut out = NotAllowed {
            deed: Deed::Close,
            said: said.unwrap_or(&violation.message).to_owned(),
            lacks: Lack::Role,
            needs: Role::Owner,
            member: None,
        };
        let Some(change) = self.change(&violation.path)? else {
            return Ok(out);
        };
        out.needs = change.area.needs();
        let author = self.repo.commit_info(self.step.id)?.author;
        let mut library = Library::default();
        for rules in self.step.parents.iter().copied().chain(self.bench) {
            let print = self.print(rules)?;
            let rules = library.rules(self.repo, &print)?.unwrap_or_default();
            let project = change.project.as_deref();
            let Some(rules) = project.and_then(|folder| rules.project(folder)) else {
                continue;
            };
            if !rules.shared {
                continue;
            }
            out.member = rules.author(&author).map(|member| member.id.clone());
            if rules.requires_signature(change.area) {
                self.explain_signature(rules, &mut out)?;
            }
        }
        Ok(out)
    }

    fn explain_signature(
        &self,
        rules: &ProjectRules,
        out: &mut NotAllowed,
    ) -> Result<(), GitError> {
        match self.repo.commit_signature(self.step.id, &rules.keys())? {
            SignatureState::Good { owner, .. } => out.member = Some(owner),
            SignatureState::Unsigned => out.lacks = Lack::Signature,
            SignatureState::UnknownSigner { .. } => out.lacks = Lack::Key,
            SignatureState::Bad { .. } | SignatureState::Unchecked { .. } => {
                out.lacks = Lack::Soundness;
            }
        }
        Ok(())
    }

    fn print(&self, commit: CommitId) -> Result<Print, GitError> {
        let root = self.repo.step(commit)?.tree;
        Print::of(self.repo, root, self.workspace)
    }

    /// What the commit did at a path.
    fn change(&self, path: &str) -> Result<Option<Change>, GitError> {
        let now = Print::of(self.repo, self.step.tree, self.workspace)?;
        let before = match self.step.parents.first() {
            Some(parent) => self.print(*parent)?,
            None => Print::default(),
        };
        let all = changes(self.repo, &before, &now)?;
        let found = all
            .into_iter()
            .find(|(known, _)| join(self.workspace, known) == path);
        Ok(found.map(|(_, change)| change))
    }
}
