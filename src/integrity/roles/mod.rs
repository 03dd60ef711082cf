//! Who may change what, by the members of the project as they stood before: every commit is judged
//! by the rules of its parents, so that none can first grant itself a right.
//!
//! A commit is its author's, which git does not prove, or, where the project requires it, the
//! member's whose key signed it. A commit that creates a workspace may set it up as it likes, and while a
//! project has no members everybody may do anything. What a history begins with is bound by itself.

mod ahead;
mod approved;
mod area;
mod change;
mod filling;
mod judge;
mod merge;
mod rules;

use std::collections::{BTreeSet, HashMap};

pub(crate) use ahead::judge_ahead;
pub use ahead::{Intent, Lack, NotAllowed, foresee};
pub use filling::{Deed, strangers};
pub(crate) use judge::Court;

use super::layout;
use super::report::{Rights, Violation};
use crate::base::path::join;
use crate::git::{CommitId, EntryKind, GitError, ObjectId, Repo, Step, TreeView};

/// What a history says of rights.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) violations: Vec<Violation>,
    /// Those of what decides: what is said of launches, members, settings. No annotation may excuse itself, nor
    /// the right by which it came.
    pub(super) firm: Vec<Violation>,
    pub(super) rights: Rights,
}

impl Judged {
    /// Adds what another history says.
    pub(super) fn add(&mut self, other: Self) {
        self.violations.extend(other.violations);
        self.firm.extend(other.firm);
        self.rights.by_signature += other.rights.by_signature;
        self.rights.by_author += other.rights.by_author;
    }
}

/// Judges every commit of a history, children before parents, in the workspace that the tip has at a
/// path and in those that it stems from. `bench` is a commit whose rules bind besides.
pub(super) fn check(
    repo: &Repo,
    tip: CommitId,
    workspace: &str,
    steps: &[Step],
    bench: Option<CommitId>,
) -> Result<Judged, GitError> {
    let mut court = Court::new(repo, bench);
    let mut places = Places::new(repo);
    let mut scopes: HashMap<CommitId, BTreeSet<String>> = HashMap::new();
    scopes.insert(tip, BTreeSet::from([workspace.to_owned()]));
    let trees: HashMap<CommitId, ObjectId> = steps.iter().map(|s| (s.id, s.tree)).collect();
    let mut violations = Vec::new();
    for step in steps {
        let mut scope = scopes.remove(&step.id).unwrap_or_default();
        for parent in &step.parents {
            let tree = match trees.get(parent) {
                Some(tree) => *tree,
                None => repo.step(*parent)?.tree,
            };
            let moved = places.gone(tree, step.tree, &scope)?;
            scope.extend(moved);
        }
        for workspace in &scope {
            violations.extend(court.judge(step, workspace)?);
        }
        for parent in &step.parents {
            scopes
                .entry(*parent)
                .or_default()
                .extend(scope.iter().cloned());
        }
    }
    let (firm, violations) = violations
        .into_iter()
        .partition(|violation| decides(&violation.path));
    Ok(Judged {
        violations,
        firm,
        rights: court.rights(),
    })
}

impl Judged {
    /// The commits that did what they may not.
    pub(super) fn commits(&self) -> BTreeSet<CommitId> {
        let all = self.violations.iter().chain(&self.firm);
        all.filter_map(|violation| violation.commit).collect()
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&Violation) -> bool) {
        self.violations.retain(&keep);
        self.firm.retain(&keep);
    }
}

/// Whether a path is one by which violations are excused, or the right to excuse them is given.
fn decides(path: &str) -> bool {
    let names = [
        "project.yaml",
        "tallybook.yaml",
        ".gitattributes",
        "members",
    ];
    path.contains("/annotations/")
        || path.contains("/members/")
        || names.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// Finds the workspaces of trees; remembers what trees hold, so that each tree is read once.
pub(crate) struct Places<'a> {
    repo: &'a Repo,
    below: HashMap<ObjectId, Vec<String>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(repo: &'a Repo) -> Self {
        Self {
            repo,
            below: HashMap::new(),
        }
    }

    /// Lists the folders with a `tallybook.yaml`, and those with closed launches in their projects:
    /// a branch of their own holds nothing else. Sorted.
    pub(crate) fn all(&mut self, root: ObjectId) -> Result<Vec<String>, GitError> {
        let mut open = vec![root];
        while let Some(&id) = open.last() {
            if self.below.contains_key(&id) {
                open.pop();
                continue;
            }
            let view = self.repo.tree_of(id);
            let entries = view.list("")?;
            let folders = entries
                .iter()
                .filter(|entry| entry.kind == EntryKind::Folder);
            let unread: Vec<ObjectId> = folders
                .clone()
                .map(|folder| folder.id)
                .filter(|id| !self.below.contains_key(id))
                .collect();
            if !unread.is_empty() {
                open.extend(unread);
                continue;
            }
            let mut found = Vec::new();
            if is_workspace(&view)? {
                found.push(String::new());
            }
            for folder in folders {
                let inner = self.below.get(&folder.id).into_iter().flatten();
                found.extend(inner.map(|path| join(&folder.name, path)));
            }
            found.sort();
            self.below.insert(id, found);
            open.pop();
        }
        Ok(self.below.get(&root).cloned().unwrap_or_default())
    }

    /// Lists the workspaces of a parent that its child has not, where the child has a workspace that
    /// the parent has not: it may have moved.
    fn gone(
        &mut self,
        parent: ObjectId,
        child: ObjectId,
        scope: &BTreeSet<String>,
    ) -> Result<Vec<String>, GitError> {
        let is_here = |root: ObjectId, workspace: &str| {
            let entry = self
                .repo
                .tree_of(root)
                .entry(&join(workspace, "tallybook.yaml"));
            entry.map(|entry| entry.is_some())
        };
        let mut came = false;
        for workspace in scope {
            came = came || is_here(child, workspace)? && !is_here(parent, workspace)?;
        }
        if !came {
            return Ok(Vec::new());
        }
        let now = self.all(child)?;
        let before = self.all(parent)?;
        Ok(before
            .into_iter()
            .filter(|path| !now.contains(path))
            .collect())
    }
}

fn is_workspace(view: &TreeView) -> Result<bool, GitError> {
    if view.entry("tallybook.yaml")?.is_some() {
        return Ok(true);
    }
    match view.subtree_id("projects")? {
        Some(projects) => layout::any_launch(&view.repo().tree_of(projects)),
        None => Ok(false),
    }
}
