//! What the new commits of a reference did: to closed launches, and to what roles are about.

use std::collections::BTreeSet;

use super::Session;
use super::twins::Shelved;
use crate::base::path::join;
use crate::base::{Digest, text};
use crate::git::{CommitId, GitError, History, ObjectId, Step};
use crate::integrity::annotations::Annotations;
use crate::integrity::known::Known;
use crate::integrity::launch::Checked;
use crate::integrity::report::{Kind, Report, Violation};
use crate::integrity::{chain, history, signatures, verify};
use crate::store::attachments::AttachmentSetting;
use crate::store::{WORKSPACE_FILE, parse_workspace};

/// How many sentences one reference gets.
const SAID: usize = 20;

impl Session<'_> {
    /// Judges all commits that came with a reference.
    pub(super) fn commits(&mut self, name: &str, tip: CommitId) -> Result<(), GitError> {
        let history = self.repo.history_since(tip, &self.known)?;
        let mut violations = Vec::new();
        let mut touched = BTreeSet::new();
        for step in &history.steps {
            for workspace in self.workspaces(step)? {
                self.unruled(name, step, &workspace)?;
                violations.extend(self.court.judge(step, &workspace)?);
                if self.touches(step, &workspace)? {
                    touched.insert(workspace);
                }
            }
        }
        let here = self.places.all(self.repo.step(tip)?.tree)?;
        let seen: Vec<String> = here
            .iter()
            .filter(|workspace| touched.contains(*workspace))
            .cloned()
            .collect();
        let before = self.going_on(&history)?;
        let may_have_moved = self.is_any_new(&seen, &before)?;
        let changed = !touched.is_empty();
        touched.extend(self.brought(name, tip, &here)?);
        for workspace in &touched {
            // What it held is looked for from where it went, if all of it went there.
            if may_have_moved
                && !here.contains(workspace)
                && self.is_all_here(workspace, &before, (tip, &here))?
            {
                continue;
            }
            violations.extend(self.evidence(name, tip, workspace, &history)?);
        }
        if changed {
            let tree = self.repo.step(tip)?.tree;
            self.twins(name, tree)?;
        }
        self.drop_moved(name, &mut violations)?;
        violations.sort();
        violations.dedup_by(|a, b| (a.commit, &a.message) == (b.commit, &b.message));
        self.say(name, &violations);
        // What two references bring is said of the first.
        self.known.push(tip);
        Ok(())
    }

    fn say(&mut self, name: &str, violations: &[Violation]) {
        for violation in violations.iter().take(SAID) {
            self.refuse(name, sentence(violation));
        }
        let rest = violations.len().saturating_sub(SAID);
        if rest > 0 {
            let more = text::thousands(rest as u64);
            self.refuse(name, format!("and {more} more of the kind"));
        }
    }

    /// The workspaces of a commit and of its parents.
    fn workspaces(&mut self, step: &Step) -> Result<BTreeSet<String>, GitError> {
        let mut out: BTreeSet<String> = self.places.all(step.tree)?.into_iter().collect();
        for parent in &step.parents {
            let tree = self.repo.step(*parent)?.tree;
            out.extend(self.places.all(tree)?);
        }
        Ok(out)
    }

    /// The trees of the commits that the new ones go on.
    fn going_on(&self, history: &History) -> Result<BTreeSet<ObjectId>, GitError> {
        let steps: BTreeSet<CommitId> = history.steps.iter().map(|step| step.id).collect();
        let parents = history.steps.iter().flat_map(|step| &step.parents);
        let before = parents.filter(|parent| !steps.contains(parent));
        before
            .map(|parent| Ok(self.repo.step(*parent)?.tree))
            .collect()
    }

    /// Whether one of the workspaces was in none of the commits that the new ones go on: all that others held
    /// is looked for from there.
    fn is_any_new(
        &mut self,
        here: &[String],
        before: &BTreeSet<ObjectId>,
    ) -> Result<bool, GitError> {
        let mut known = BTreeSet::new();
        for tree in before {
            known.extend(self.places.all(*tree)?);
        }
        Ok(here.iter().any(|workspace| !known.contains(workspace)))
    }

    /// Whether every launch that a workspace held is in one of those that are here. What else became of them
    /// is found from there.
    fn is_all_here(
        &mut self,
        workspace: &str,
        before: &BTreeSet<ObjectId>,
        (tip, here): (CommitId, &[String]),
    ) -> Result<bool, GitError> {
        let tree = self.repo.step(tip)?.tree;
        let mut found = BTreeSet::new();
        for held in self.inventory.of(tree, here)? {
            found.insert((held.id, self.inventory.file(held.tree)?));
        }
        for tree in before {
            for held in self.inventory.of(*tree, &[workspace.to_owned()])? {
                let file = self.inventory.file(held.tree)?;
                if file.is_some() && !found.contains(&(held.id, file)) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Whether a commit has other projects in a workspace than one of its parents.
    pub(super) fn touches(&self, step: &Step, workspace: &str) -> Result<bool, GitError> {
        let path = join(workspace, "projects");
        let projects = |tree: ObjectId| self.repo.tree_of(tree).entry(&path);
        let now = projects(step.tree)?.map(|entry| entry.id);
        for parent in &step.parents {
            let tree = self.repo.step(*parent)?.tree;
            if projects(tree)?.map(|entry| entry.id) != now {
                return Ok(true);
            }
        }
        Ok(step.parents.is_empty() && now.is_some())
    }

    /// Verifies what the new commits did to the closed launches of a workspace, and those that they
    /// brought.
    fn evidence(
        &mut self,
        name: &str,
        tip: CommitId,
        workspace: &str,
        history: &History,
    ) -> Result<Vec<Violation>, GitError> {
        let tree = self.repo.tree(tip)?;
        let said = Annotations::at(&tree, workspace, self.bench())?;
        let complete = self.is_complete(name);
        let known = match complete {
            // What other branches have was not asked for all that it names.
            true => Known::new(self.repo, &self.stood(name), workspace)?,
            false => Known::new(self.repo, &self.known, workspace)?,
        };
        let present = verify::present(&tree, workspace, &said, &known)?;
        let walked = history::walk(self.repo, tip, workspace, history)?;
        let past = history::check(self.repo, walked, &present.launches)?;
        for notice in signatures::check(self.repo, &past.closings)?.on_behalf {
            self.notice(name, &notice);
        }
        let mut report = Report::default();
        report.violations.extend(present.violations);
        report.violations.extend(past.violations);
        let lacking = chain::check(&present.launches).violations;
        report.violations.extend(self.lacking(name, lacking)?);
        let checked: Vec<Checked> = present.launches;
        report
            .violations
            .extend(checked.into_iter().flat_map(|launch| launch.violations));
        verify::acknowledge(&said, workspace, &mut report);
        let mut violations = report.violations;
        violations.retain(|v| complete || v.kind != Kind::MissingExecuted);
        if self.keeps_elsewhere(tip, workspace)? {
            violations.retain(|violation| verify::missing_attachment(violation).is_none());
        }
        Ok(violations)
    }

    /// Whether a workspace keeps attachments in a folder, which a server can't look into: by the
    /// settings that bind, else by those that are pushed.
    fn keeps_elsewhere(&self, tip: CommitId, workspace: &str) -> Result<bool, GitError> {
        let mut file = None;
        for commit in [self.bench(), Some(tip)].into_iter().flatten() {
            if file.is_none() {
                let tree = self.repo.tree(commit)?;
                file = tree.read(&join(workspace, WORKSPACE_FILE))?;
            }
        }
        let text = String::from_utf8_lossy(&file.unwrap_or_default()).into_owned();
        let (doc, _) = parse_workspace(WORKSPACE_FILE, text.into());
        let setting = doc.map(|doc| AttachmentSetting::parse(&doc.value.attachments));
        Ok(matches!(
            setting,
            Some(Ok(AttachmentSetting::Directory { .. }))
        ))
    }

    /// Whether all that launches name must be on this branch.
    fn is_complete(&self, name: &str) -> bool {
        self.complete.contains(name)
    }

    /// The commit that a branch held before the push, if any.
    fn stood(&self, name: &str) -> Vec<CommitId> {
        super::commit(self.before.get(name)).into_iter().collect()
    }

    /// The workspaces whose projects differ from what a branch that must be complete held: what they
    /// lack may have been pushed to another branch first.
    fn brought(&self, name: &str, tip: CommitId, here: &[String]) -> Result<Vec<String>, GitError> {
        if !self.is_complete(name) {
            return Ok(Vec::new());
        }
        let now = self.repo.tree(tip)?;
        let stood = self.stood(name).first().copied();
        let before = stood.map(|commit| self.repo.tree(commit)).transpose()?;
        let mut out = Vec::new();
        for workspace in here {
            let path = join(workspace, "projects");
            let old = before.as_ref().map(|tree| tree.subtree_id(&path));
            if now.subtree_id(&path)? != old.transpose()?.flatten() {
                out.push(workspace.clone());
            }
        }
        Ok(out)
    }

    /// Keeps what is wrong with the chain. A receipt that is missing on a branch aside may be on
    /// another one, as after a cherry-pick.
    fn lacking(
        &mut self,
        name: &str,
        violations: Vec<Violation>,
    ) -> Result<Vec<Violation>, GitError> {
        let missing = |v: &Violation| v.kind == Kind::MissingPrevious;
        if self.is_complete(name) || !violations.iter().any(missing) {
            return Ok(violations);
        }
        let receipts = self.receipts()?;
        let is_elsewhere = |v: &Violation| {
            let named = receipts
                .iter()
                .any(|receipt| v.message.contains(receipt.as_str()));
            missing(v) && named
        };
        Ok(violations
            .into_iter()
            .filter(|v| !is_elsewhere(v))
            .collect())
    }

    /// The receipts of all launches that references hold, before or after the push.
    fn receipts(&mut self) -> Result<BTreeSet<String>, GitError> {
        let mut files = BTreeSet::new();
        for Shelved { held, .. } in self.held_anywhere()?.into_values().flatten() {
            files.extend(self.inventory.file(held.tree)?);
        }
        let digest = |file| Ok(Digest::of(&self.repo.blob(file)?).to_string());
        files.into_iter().map(digest).collect()
    }
}

/// Says what is wrong in one sentence that names commit or launch.
fn sentence(violation: &Violation) -> String {
    let message = &violation.message;
    match &violation.launch {
        Some(id) if !message.contains(id.as_str()) => {
            let by = violation
                .commit
                .filter(|commit| !message.contains(&commit.short()));
            let by = by.map_or(String::new(), |commit| {
                format!(" (commit `{}`)", commit.short())
            });
            format!("launch `{}`: {message}{by}", text::sanitize_line(id))
        }
        _ => message.clone(),
    }
}
