//! What is lost where a reference goes, or points to something that does not follow from what it held.

use std::collections::{BTreeMap, BTreeSet};

use super::inventory::{Held, SaidFile};
use super::{OPEN, Session};
use crate::base::Digest;
use crate::base::path::parent;
use crate::base::text::{plural, sanitize_line, thousands, ticked};
use crate::git::{CommitId, GitError, ObjectId, Peeled};
use crate::integrity::annotations::Annotations;
use crate::integrity::layout;

/// How many things a sentence names.
const NAMED: usize = 3;

impl Session<'_> {
    /// Refuses to lose closed launches that no other reference has, and rights.
    pub(super) fn losses(
        &mut self,
        name: &str,
        old: Peeled,
        new: Option<Peeled>,
    ) -> Result<(), GitError> {
        if let (Peeled::Commit(old), Some(Peeled::Commit(new))) = (old, new) {
            if self.court.follows(new, old)? {
                return Ok(());
            }
            if self.rules.as_deref() == Some(name) {
                self.turned_back(name, old, new)?;
            }
        }
        if new.is_none() && self.rules.as_deref() == Some(name) {
            self.rules_gone(name, old)?;
        }
        let Some(tree) = self.tree(old)? else {
            return Ok(());
        };
        let what = match new {
            Some(_) => "the forced update would lose",
            None => "its deletion would lose",
        };
        let launches = self.lost(tree)?;
        let annotations = self.lost_annotations(tree, &launches)?;
        for (noun, lost) in [
            ("closed launch", launches),
            ("executed text", self.lost_texts(tree)?),
            ("annotation", annotations),
        ] {
            if !lost.is_empty() {
                let lost = named(noun, &lost);
                self.refuse(name, format!("{what} {lost}, which no other reference has"));
            }
        }
        Ok(())
    }

    /// The trees of all commits that references hold once the push is through. Only commits were
    /// held against their launches' sums.
    fn trees_after(&self) -> Result<BTreeSet<ObjectId>, GitError> {
        let mut out = BTreeSet::new();
        for (name, peeled) in self.after() {
            if !name.starts_with(OPEN) && matches!(peeled, Peeled::Commit(_)) {
                out.extend(self.tree(peeled)?);
            }
        }
        Ok(out)
    }

    /// Lists the executed texts of a tree that no reference has once the push is through: without
    /// them a launch does not tell what was executed.
    fn lost_texts(&mut self, tree: ObjectId) -> Result<BTreeSet<String>, GitError> {
        let workspaces = self.places.all(tree)?;
        let mut ours = self
            .inventory
            .executed(tree, &workspaces, &mut BTreeSet::new())?;
        let mut seen = BTreeSet::new();
        for tree in self.trees_after()? {
            if ours.is_empty() {
                break;
            }
            let workspaces = self.places.all(tree)?;
            let there = self.inventory.executed(tree, &workspaces, &mut seen)?;
            ours.retain(|text, _| !there.contains_key(text));
        }
        Ok(ours.into_values().collect())
    }

    /// Lists what is said of launches in a tree, that no reference has once the push is through and no
    /// record tells of. What is said of launches that are lost themselves is told with them.
    fn lost_annotations(
        &mut self,
        tree: ObjectId,
        launches: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, GitError> {
        let workspaces = self.places.all(tree)?;
        let mut ours = self
            .inventory
            .annotations(tree, &workspaces, &mut BTreeSet::new())?;
        ours.retain(|said| !launches.contains(&said.launch));
        let after = self.trees_after()?;
        let mut seen = BTreeSet::new();
        for tree in &after {
            if ours.is_empty() {
                break;
            }
            let workspaces = self.places.all(*tree)?;
            let there = self.inventory.annotations(*tree, &workspaces, &mut seen)?;
            let there: BTreeSet<_> = there.iter().map(SaidFile::content).collect();
            ours.retain(|said| !there.contains(&said.content()));
        }
        let mut by_launch: BTreeMap<String, Vec<SaidFile>> = BTreeMap::new();
        for said in ours {
            by_launch.entry(said.launch.clone()).or_default().push(said);
        }
        let mut out = BTreeSet::new();
        for (launch, mut lost) in by_launch {
            for tree in &after {
                if !lost.is_empty() {
                    self.drop_recorded(*tree, &launch, &mut lost)?;
                }
            }
            out.extend(lost.iter().map(|said| format!("{launch}/{}", said.name)));
        }
        Ok(out)
    }

    /// Drops annotations of a launch that a tree has the record of removal of.
    fn drop_recorded(
        &mut self,
        tree: ObjectId,
        launch: &str,
        lost: &mut Vec<SaidFile>,
    ) -> Result<(), GitError> {
        let view = self.repo.tree_of(tree);
        let ruled = self.ruled()?;
        for workspace in self.places.all(tree)? {
            for project in layout::projects(&view, &workspace)? {
                let said = Annotations::of_launch(&view, &project.path, launch)?;
                if said.is_empty() {
                    continue;
                }
                let mut kept = Vec::new();
                for file in std::mem::take(lost) {
                    let name = format!("annotations/{}", file.name);
                    let digest = Digest::of(&self.repo.blob(file.blob)?);
                    let of = (project.path.as_str(), launch);
                    let counts = ruled.makes_up(&workspace, &file.workspace);
                    if !counts || said.removal(of, &name, Some(digest)).is_none() {
                        kept.push(file);
                    }
                }
                *lost = kept;
            }
        }
        Ok(())
    }

    /// Lists the launches of a tree that no reference has once the push is through.
    fn lost(&mut self, tree: ObjectId) -> Result<BTreeSet<String>, GitError> {
        let ruled = self.ruled()?;
        let mut ours: Vec<(Held, ObjectId)> = Vec::new();
        for held in self.held(tree)? {
            let file = self.inventory.file(held.tree)?;
            ours.extend(file.map(|file| (held, file)));
        }
        for tree in self.trees_after()? {
            if ours.is_empty() {
                break;
            }
            let there = self.held(tree)?;
            let ids: BTreeSet<&str> = ours.iter().map(|(held, _)| held.id.as_str()).collect();
            let mut files: BTreeMap<ObjectId, BTreeSet<&str>> = BTreeMap::new();
            for held in there.iter().filter(|held| ids.contains(held.id.as_str())) {
                if let Some(file) = self.inventory.file(held.tree)? {
                    files.entry(file).or_default().insert(workspace_of(held));
                }
            }
            ours.retain(|(held, file)| {
                let copies = files.get(file).into_iter().flatten();
                let mut copies = copies.filter(|copy| ruled.makes_up(copy, workspace_of(held)));
                copies.next().is_none()
            });
        }
        Ok(ours.into_iter().map(|(held, _)| held.id).collect())
    }

    /// Refuses a forced update of the branch of rules that takes back what decides who may do what: no
    /// commit says who did it.
    fn turned_back(&mut self, name: &str, old: CommitId, new: CommitId) -> Result<(), GitError> {
        let tree = self.repo.step(old)?.tree;
        for workspace in self.places.all(tree)? {
            if let Some(path) = self.court.turned_back(old, new, &workspace)? {
                let message = format!(
                    "the forced update takes back `{}`, which decides who may do what, and no commit \
                     says who did it; push a commit that changes it instead",
                    sanitize_line(&path)
                );
                self.refuse(name, message);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Refuses to delete the branch that rules are taken from, where projects have members.
    fn rules_gone(&mut self, name: &str, old: Peeled) -> Result<(), GitError> {
        let Peeled::Commit(old) = old else {
            return Ok(());
        };
        let tree = self.repo.step(old)?.tree;
        for workspace in self.places.all(tree)? {
            if self.court.is_shared(old, &workspace)? {
                self.refuse(name, "it says who may do what, and can't be deleted");
                return Ok(());
            }
        }
        Ok(())
    }
}

fn workspace_of(held: &Held) -> &str {
    parent(parent(&held.project))
}

/// Says what is lost: a noun and the first names.
fn named(noun: &str, lost: &BTreeSet<String>) -> String {
    let names: Vec<String> = lost
        .iter()
        .take(NAMED)
        .map(|id| sanitize_line(id))
        .collect();
    let more = match lost.len().saturating_sub(NAMED) {
        0 => String::new(),
        rest => format!(" and {} more", thousands(rest as u64)),
    };
    let noun = plural(lost.len() as u64, noun);
    format!("the {noun} {}{more}", ticked(&names, "and"))
}
