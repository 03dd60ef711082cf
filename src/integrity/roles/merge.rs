//! What a merge did itself: what no parent has, and what it took from the parent that had not
//! changed it, against the one that had.

use std::collections::{BTreeSet, BinaryHeap, HashMap};

use super::change::{Changes, Print, Thing, thing_at};
use super::rules::Library;
use crate::git::{CommitId, GitError, Repo, Step};

/// Commits that were read.
pub(super) struct Graph<'a> {
    repo: &'a Repo,
    steps: HashMap<CommitId, Step>,
    bases: HashMap<(CommitId, CommitId), Vec<CommitId>>,
}

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const STALE: u8 = 4;

impl<'a> Graph<'a> {
    pub(super) fn new(repo: &'a Repo) -> Self {
        Self {
            repo,
            steps: HashMap::new(),
            bases: HashMap::new(),
        }
    }

    pub(super) fn step(&mut self, id: CommitId) -> Result<Step, GitError> {
        if let Some(step) = self.steps.get(&id) {
            return Ok(step.clone());
        }
        let step = self.repo.step(id)?;
        self.steps.insert(id, step.clone());
        Ok(step)
    }

    /// Returns the commits where two histories parted; some that lie before those may be among them
    /// where clocks were wrong.
    pub(super) fn bases(&mut self, a: CommitId, b: CommitId) -> Result<Vec<CommitId>, GitError> {
        let key = (a.min(b), a.max(b));
        if let Some(known) = self.bases.get(&key) {
            return Ok(known.clone());
        }
        let mut flags: HashMap<CommitId, u8> = HashMap::new();
        let mut open: BinaryHeap<(i64, CommitId)> = BinaryHeap::new();
        for (id, side) in [(a, LEFT), (b, RIGHT)] {
            *flags.entry(id).or_default() |= side;
            open.push((self.step(id)?.seconds, id));
        }
        let mut found = BTreeSet::new();
        while open.iter().any(|(_, id)| flags[id] & STALE == 0) {
            let Some((_, id)) = open.pop() else { break };
            let mut passed = flags[&id] & (LEFT | RIGHT | STALE);
            if passed & (LEFT | RIGHT) == LEFT | RIGHT {
                found.insert(id);
                passed |= STALE;
            }
            for parent in self.step(id)?.parents {
                let known = flags.entry(parent).or_default();
                if *known & passed != passed {
                    *known |= passed;
                    open.push((self.step(parent)?.seconds, parent));
                }
            }
        }
        found.retain(|id| flags[id] & STALE == 0);
        let found: Vec<CommitId> = found.into_iter().collect();
        self.bases.insert(key, found.clone());
        Ok(found)
    }

    /// Whether one commit is reachable from another, or the same.
    pub(super) fn is_ancestor(
        &mut self,
        ancestor: CommitId,
        of: CommitId,
    ) -> Result<bool, GitError> {
        Ok(self.bases(ancestor, of)?.contains(&ancestor))
    }
}

/// A parent, as far as a workspace goes.
pub(super) struct Parent {
    pub(super) id: CommitId,
    pub(super) print: Print,
    /// What the merge has otherwise.
    pub(super) changes: Changes,
}

/// Lists what a merge changed itself.
///
/// What it has from one parent is that parent's doing, and was judged there, provided that this
/// parent changed it since the histories parted: taking what was there before undoes what the other
/// parent did. Where the project was not there when they parted, nobody judged it by the rules of the
/// other parent, so it counts as the merge's own too.
pub(super) fn own_changes(
    graph: &mut Graph<'_>,
    library: &mut Library,
    workspace: &str,
    parents: &[Parent],
) -> Result<Changes, GitError> {
    let mut own = Changes::new();
    let paths: BTreeSet<&String> = parents.iter().flat_map(|p| p.changes.keys()).collect();
    for path in paths {
        let (same, other): (Vec<&Parent>, Vec<&Parent>) =
            parents.iter().partition(|p| !p.changes.contains_key(path));
        let change = &other[0].changes[path];
        let mut brought = false;
        for giver in &same {
            let mut by_all = true;
            for taker in &other {
                let mut asked = Asked {
                    graph,
                    library,
                    workspace,
                    path,
                };
                by_all = by_all && asked.is_brought(giver, taker, change.now)?;
            }
            brought = brought || by_all;
        }
        if !brought {
            own.insert(path.clone(), change.clone());
        }
    }
    Ok(own)
}

/// One path that is asked about.
struct Asked<'a, 'r> {
    graph: &'a mut Graph<'r>,
    library: &'a mut Library,
    workspace: &'a str,
    path: &'a str,
}

impl Asked<'_, '_> {
    /// Whether one parent brought what the merge has here, as seen from a parent that has it
    /// otherwise.
    fn is_brought(
        &mut self,
        giver: &Parent,
        taker: &Parent,
        now: Option<Thing>,
    ) -> Result<bool, GitError> {
        let repo = self.graph.repo;
        let Some(rules) = self.library.rules(repo, &taker.print)? else {
            return Ok(true);
        };
        let project = self.path.strip_prefix("projects/");
        let project = project.and_then(|path| path.split('/').next());
        let project = project.filter(|folder| rules.project(folder).is_some());
        let bases = self.graph.bases(giver.id, taker.id)?;
        for base in &bases {
            let root = self.graph.step(*base)?.tree;
            let print = Print::of(repo, root, self.workspace)?;
            let Some(rules) = self.library.rules(repo, &print)? else {
                return Ok(false);
            };
            let is_new = project.is_some_and(|folder| rules.project(folder).is_none());
            let then = thing_at(&repo.tree_of(root), self.workspace, self.path)?;
            if is_new || then == now {
                return Ok(false);
            }
        }
        Ok(!bases.is_empty())
    }
}
