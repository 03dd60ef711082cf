//! What a push may do: asked at the server, before any reference moves.
//!
//! Only commits that no reference had before are walked. A push is refused where it changes or loses
//! a closed launch, brings one that is known otherwise or does not hold, or does what a role does not
//! allow. What is unclear is refused with its reason; nothing here writes.

mod commits;
mod inventory;
mod loss;
mod moved;
mod opening;
mod rules;
mod tags;
mod twins;

use std::collections::{BTreeMap, BTreeSet};

use super::roles::{Court, Places};
use crate::base::path::join;
use crate::base::text::{sanitize_line, truncate};
use crate::git::{CommitId, GitError, ObjectId, Peeled, Repo, Target, TreeView};
use crate::store::{WORKSPACE_FILE, parse_workspace};
use inventory::Inventory;

/// One reference of a push, as it is to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefChange {
    /// The full name.
    pub name: String,
    /// `None` where it is new.
    pub old: Option<ObjectId>,
    /// `None` where it is to go.
    pub new: Option<ObjectId>,
}

/// Why a push is refused: one sentence about one reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    pub name: String,
    pub message: String,
}

impl Refusal {
    fn new(name: &str, message: &str) -> Self {
        Self {
            name: truncate(&sanitize_line(name), 200),
            message: sanitize_line(message),
        }
    }
}

/// What is said of a push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Why it is refused; nothing where it is not.
    pub refusals: Vec<Refusal>,
    /// What is worth knowing, and refuses nothing.
    pub notices: Vec<Refusal>,
}

/// A push that is asked about.
#[derive(Clone, Debug)]
pub struct Push<'a> {
    pub changes: &'a [RefChange],
    /// The branch whose members and settings bind, by its full name; `None` for that of `HEAD`.
    pub rules: Option<&'a str>,
}

/// References whose names begin so hold openings and parts of launches.
pub(super) const OPEN: &str = "refs/tallybook/open/";
/// References that let git show one object for another.
const REPLACE: &str = "refs/replace/";

/// Judges a push.
///
/// # Errors
/// Objects or references can't be read: the push can't be judged.
pub fn receive(repo: &Repo, push: &Push<'_>) -> Result<Verdict, GitError> {
    let mut session = Session::new(repo, push)?;
    for change in push.changes {
        if let Err(error) = session.change(change) {
            let message = format!("it can't be checked: {error}");
            session.refuse(&change.name, message);
        }
    }
    let mut said = session.said;
    for all in [&mut said.refusals, &mut said.notices] {
        all.sort();
        all.dedup_by(|a, b| a.message == b.message && a.name == b.name);
    }
    Ok(said)
}

/// A push under way.
struct Session<'a> {
    repo: &'a Repo,
    push: &'a Push<'a>,
    /// What references held before, symbolic ones apart; what they stand for.
    before: BTreeMap<String, Peeled>,
    /// Symbolic references, and what they name.
    symbolic: BTreeMap<String, String>,
    /// The branch that rules are taken from, and where it stood.
    rules: Option<String>,
    /// Branches that must have all that their launches name: that of the rules, and those that its
    /// workspaces name for launches.
    complete: BTreeSet<String>,
    /// Commits whose history counts as verified.
    known: Vec<CommitId>,
    court: Court<'a>,
    places: Places<'a>,
    inventory: Inventory<'a>,
    said: Verdict,
}

impl<'a> Session<'a> {
    fn new(repo: &'a Repo, push: &'a Push<'a>) -> Result<Self, GitError> {
        let mut before = BTreeMap::new();
        let mut symbolic = BTreeMap::new();
        for reference in repo.references()? {
            match reference.target {
                Target::Symbolic(target) => drop(symbolic.insert(reference.name, target)),
                // What git itself can't read holds nothing that could be lost.
                Target::Object(id) => {
                    let peeled = repo.peel(id).ok();
                    before.extend(peeled.map(|peeled| (reference.name, peeled)));
                }
            }
        }
        let rules = match push.rules {
            Some(name) => Some(name.to_owned()),
            None => repo.head()?.branch,
        };
        let bench = rules.as_ref().and_then(|name| commit(before.get(name)));
        let known: BTreeSet<CommitId> = before
            .values()
            .filter_map(|peeled| commit(Some(peeled)))
            .collect();
        let mut places = Places::new(repo);
        let mut complete: BTreeSet<String> = rules.iter().cloned().collect();
        if let Some(bench) = bench {
            complete.extend(launch_branches(repo, &mut places, bench)?);
        }
        Ok(Self {
            repo,
            push,
            before,
            symbolic,
            rules,
            complete,
            known: known.into_iter().collect(),
            court: Court::new(repo, bench),
            places,
            inventory: Inventory::new(repo),
            said: Verdict::default(),
        })
    }

    fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.said.refusals.push(Refusal::new(name, &message.into()));
    }

    fn notice(&mut self, name: &str, message: &str) {
        self.said.notices.push(Refusal::new(name, message));
    }

    fn change(&mut self, change: &RefChange) -> Result<(), GitError> {
        let name = change.name.as_str();
        if !name.starts_with("refs/") {
            self.refuse(name, "a reference's name begins with `refs/`");
            return Ok(());
        }
        if let Some(target) = self.symbolic.get(name) {
            let message = format!("it stands for `{target}` here; push to that instead");
            self.refuse(name, message);
            return Ok(());
        }
        if name.starts_with(OPEN) {
            return self.opening(change);
        }
        if name.starts_with(REPLACE) && change.new.is_some() {
            let message = "a replacement would show other commits than those that were signed and \
                           closed; nobody may push one";
            self.refuse(name, message);
            return Ok(());
        }
        self.closing_tag(change)?;
        let new = change.new.map(|id| self.repo.peel(id)).transpose()?;
        match new {
            Some(Peeled::Commit(tip)) => self.commits(name, tip)?,
            Some(Peeled::Tree(tree)) => self.twins(name, tree)?,
            Some(Peeled::Blob(_)) | None => {}
        }
        if let Some(old) = self.before.get(name).copied() {
            self.losses(name, old, new)?;
        }
        Ok(())
    }

    /// What references hold once the push is through: those that it does not change, and its own.
    fn after(&self) -> BTreeMap<&str, Peeled> {
        let changed: BTreeSet<&str> = self.push.changes.iter().map(|c| c.name.as_str()).collect();
        let stay = self
            .before
            .iter()
            .map(|(name, peeled)| (name.as_str(), *peeled));
        let mut out: BTreeMap<&str, Peeled> =
            stay.filter(|(name, _)| !changed.contains(name)).collect();
        for change in self.push.changes {
            let new = change.new.and_then(|id| self.repo.peel(id).ok());
            out.extend(new.map(|new| (change.name.as_str(), new)));
        }
        out
    }

    /// The tree that something stands for.
    fn tree(&self, peeled: Peeled) -> Result<Option<ObjectId>, GitError> {
        Ok(match peeled {
            Peeled::Commit(id) => Some(self.repo.step(id)?.tree),
            Peeled::Tree(id) => Some(id),
            Peeled::Blob(_) => None,
        })
    }
}

/// The branches that the workspaces of a commit name for launches.
fn launch_branches(
    repo: &Repo,
    places: &mut Places<'_>,
    commit: CommitId,
) -> Result<Vec<String>, GitError> {
    let tree = repo.tree(commit)?;
    let mut out = Vec::new();
    for workspace in places.all(tree.id())? {
        let branch = launch_branch(&tree, &workspace)?;
        out.extend(branch.map(|branch| format!("refs/heads/{branch}")));
    }
    Ok(out)
}

/// The branch that a workspace names for launches.
fn launch_branch(tree: &TreeView, workspace: &str) -> Result<Option<String>, GitError> {
    let bytes = tree.read(&join(workspace, WORKSPACE_FILE))?;
    let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    let (doc, _) = parse_workspace(WORKSPACE_FILE, text.into());
    Ok(doc.and_then(|doc| doc.value.launches["branch"].as_str().map(str::to_owned)))
}

fn commit(peeled: Option<&Peeled>) -> Option<CommitId> {
    match peeled {
        Some(Peeled::Commit(id)) => Some(*id),
        _ => None,
    }
}
