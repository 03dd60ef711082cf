//! Copies of closed launches: one that differs from what other references have was altered.
//!
//! A launch is held against the copies of its own workspace. What a workspace in another folder has,
//! or a copy by somebody who may close nothing, would let anybody block a closing or pass for it.

use std::collections::{BTreeSet, HashMap};

use super::inventory::Held;
use super::{OPEN, Session, commit};
use crate::base::path::parent;
use crate::base::text;
use crate::git::{CommitId, GitError, ObjectId, Peeled};
use crate::integrity::roles::Court;

/// Launches by their ids.
pub(super) type Shelf = HashMap<String, Vec<Shelved>>;

/// A launch that a reference holds.
pub(super) struct Shelved {
    /// The reference, and what it stands for.
    name: String,
    peeled: Peeled,
    pub(super) held: Held,
    /// Whether it was here before the push.
    stood: bool,
}

impl Session<'_> {
    /// Refuses launches that another reference has with another receipt: copies that were altered.
    pub(super) fn twins(&mut self, name: &str, tree: ObjectId) -> Result<(), GitError> {
        let elsewhere = self.held_anywhere()?;
        let ruled = self.ruled()?;
        for held in self.held(tree)? {
            let twins = elsewhere.get(&held.id).into_iter().flatten();
            let twins: Vec<&Shelved> = twins
                .filter(|twin| ruled.counts(&twin.held.project, &held.project))
                .collect();
            let stood = |twin: &Shelved| twin.held.tree == held.tree && twin.stood;
            if twins.iter().any(|twin| stood(twin)) {
                continue;
            }
            for twin in twins {
                if self.is_altered(&held, twin)? {
                    let message = format!(
                        "launch `{}` is known with another receipt: `{}` has it otherwise",
                        text::sanitize_line(&held.id),
                        text::sanitize_line(&twin.name)
                    );
                    self.refuse(name, message);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether a launch is not what a copy of it is that counts.
    fn is_altered(&mut self, held: &Held, twin: &Shelved) -> Result<bool, GitError> {
        let ours = self.inventory.file(held.tree)?;
        let theirs = self.inventory.file(twin.held.tree)?;
        let differs = ours.is_some() && theirs.is_some() && ours != theirs;
        Ok(differs && self.is_same_launch(held, &twin.held)? && self.was_closed(twin)?)
    }

    /// Whether two launches of one id are of one project, by its key or by its folder.
    fn is_same_launch(&mut self, a: &Held, b: &Held) -> Result<bool, GitError> {
        Ok(a.project == b.project || self.inventory.key(a)? == self.inventory.key(b)?)
    }

    /// Whether somebody brought a copy who may close launches. A reference may be older than the hook;
    /// one that stands for a tree says nothing of who it is by.
    fn was_closed(&mut self, twin: &Shelved) -> Result<bool, GitError> {
        let Some(tip) = commit(Some(&twin.peeled)) else {
            return Ok(false);
        };
        let Some(bench) = self.bench().filter(|_| !self.complete.contains(&twin.name)) else {
            return Ok(true);
        };
        let mut is_brought = false;
        for step in self.repo.history_since(tip, &[bench])?.steps {
            if !self.held(step.tree)?.contains(&twin.held) {
                continue;
            }
            let mut is_new = true;
            for parent in &step.parents {
                let tree = self.repo.step(*parent)?.tree;
                is_new = is_new && !self.held(tree)?.contains(&twin.held);
            }
            if is_new {
                is_brought = true;
                if self.may_close(step.id, &twin.held)? {
                    return Ok(true);
                }
            }
        }
        // What came with the history of the rules was judged there.
        Ok(!is_brought)
    }

    /// Whether a commit that brought a launch is by somebody who might: by the members before it, else
    /// by those who bind today.
    fn may_close(&mut self, id: CommitId, held: &Held) -> Result<bool, GitError> {
        let workspace = parent(parent(&held.project));
        let step = self.repo.step(id)?;
        let mut bench = self.bench();
        for parent in &step.parents {
            if self.court.is_shared(*parent, workspace)? {
                bench = None;
            }
        }
        let found = Court::new(self.repo, bench).judge(&step, workspace)?;
        let is_it = |launch: &String| *launch == held.id;
        Ok(!found
            .iter()
            .any(|violation| violation.launch.as_ref().is_some_and(is_it)))
    }

    /// Every launch that a reference holds before or after the push, by its id, with the reference's
    /// name.
    pub(super) fn held_anywhere(&mut self) -> Result<Shelf, GitError> {
        let mut all: Vec<(String, Peeled, bool)> = self
            .before
            .iter()
            .map(|(name, peeled)| (name.clone(), *peeled, true))
            .collect();
        all.extend(
            self.after()
                .into_iter()
                .map(|(name, peeled)| (name.to_owned(), peeled, false)),
        );
        let mut seen = BTreeSet::new();
        let mut out = Shelf::new();
        let kept = all.into_iter().filter(|(name, ..)| !name.starts_with(OPEN));
        for (name, peeled, stood) in kept {
            let Some(tree) = self.tree(peeled)? else {
                continue;
            };
            if seen.insert(tree) {
                for held in self.held(tree)? {
                    let shelf = out.entry(held.id.clone()).or_default();
                    if !shelf.iter().any(|known| known.held == held) {
                        let name = name.clone();
                        shelf.push(Shelved {
                            name,
                            peeled,
                            held,
                            stood,
                        });
                    }
                }
            }
        }
        Ok(out)
    }

    /// Every launch in the workspaces of a tree.
    pub(super) fn held(&mut self, tree: ObjectId) -> Result<BTreeSet<Held>, GitError> {
        let workspaces = self.places.all(tree)?;
        self.inventory.of(tree, &workspaces)
    }
}
