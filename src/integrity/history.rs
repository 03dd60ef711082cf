//! History on every path through merges: no commit after the closing one changed or removed a
//! closed launch, and each launch is the one that its closing commit names.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::evolution::{Gone, Side, gone};
use super::launch::Checked;
use super::layout;
use super::lineage::{Lineage, Origin};
use super::losses::{self, Loss};
use super::report::{Kind, Violation, unreadable};
use super::signatures::Closing;
use crate::base::path::{self, join};
use crate::base::{Digest, text};
use crate::git::{CommitId, EntryKind, GitError, History, ObjectId, Repo, Step, TreeView};

/// How many files a message names.
pub(super) const NAMED: usize = 3;

/// What history tells.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub(super) violations: Vec<Violation>,
    pub(super) notices: Vec<String>,
    /// The commits that brought the launches of the present.
    pub(super) closings: Vec<Closing>,
}

/// A commit that has evidence which no parent has.
struct Addition {
    commit: CommitId,
    workspace: String,
    gone: Gone,
}

/// What every commit did to the evidence of those before it.
#[derive(Default)]
pub(super) struct Walked {
    losses: Vec<Loss>,
    additions: Vec<Addition>,
    /// How many commits were looked at.
    commits: usize,
    /// Commits whose parents a shallow clone left out.
    cut: HashSet<CommitId>,
}

/// Holds what history tells against the launches of the present.
pub(super) fn check(repo: &Repo, walked: Walked, launches: &[Checked]) -> Result<Past, GitError> {
    let mut past = Past::default();
    if !walked.cut.is_empty() {
        past.notices.push(format!(
            "history is cut short after {}: this is a shallow clone, and what happened before cannot \
             be seen; `git fetch --unshallow` completes it",
            text::count(walked.commits as u64, "commit")
        ));
    }
    let mut originals = losses::Originals::default();
    for addition in &walked.additions {
        originals.note(&addition.gone);
    }
    past.violations
        .extend(losses::check(repo, &walked.losses, originals)?);
    past.closings(repo, &walked, launches)?;
    Ok(past)
}

/// Walks a history, children before parents, and compares every commit with each of its parents. A
/// commit is looked at in the workspaces from which those of its children stem: a workspace may have
/// moved.
pub(super) fn walk(
    repo: &Repo,
    tip: CommitId,
    workspace: &str,
    history: &History,
) -> Result<Walked, GitError> {
    walk_for(repo, (tip, workspace), history, None)
}

/// Walks a history for one launch alone: commits that left it, what is said of it and executed
/// texts as they were are passed by.
pub(super) fn walk_launch(
    repo: &Repo,
    (tip, workspace): (CommitId, &str),
    history: &History,
    launch: &Checked,
) -> Result<Walked, GitError> {
    let place = &launch.place;
    let below = |path: &str| path[place.project.len() + 1..].to_owned();
    let mut only = vec![below(&place.path), format!("annotations/{}", place.id)];
    // One look at all texts: there may be as many as commits.
    only.extend((!launch.texts.is_empty()).then(|| "executed".to_owned()));
    walk_for(repo, (tip, workspace), history, Some(only))
}

fn walk_for(
    repo: &Repo,
    (tip, workspace): (CommitId, &str),
    history: &History,
    only: Option<Vec<String>>,
) -> Result<Walked, GitError> {
    let mut walk = Walk {
        repo,
        only,
        trees: history
            .steps
            .iter()
            .map(|step| (step.id, step.tree))
            .collect(),
        lineage: Lineage::new(repo, repo.tree(tip)?),
        workspaces: HashMap::from([(tip, BTreeSet::from([workspace.to_owned()]))]),
        out: Walked {
            commits: history.steps.len(),
            cut: history.cut.iter().copied().collect(),
            ..Walked::default()
        },
    };
    for step in &history.steps {
        for workspace in walk.workspaces.remove(&step.id).unwrap_or_default() {
            walk.step(step, workspace)?;
        }
    }
    Ok(walk.out)
}

/// A walk under way, children before parents.
struct Walk<'a> {
    repo: &'a Repo,
    /// What is asked about of the only launch that is, from its project's folder.
    only: Option<Vec<String>>,
    /// The trees of the commits that are walked.
    trees: HashMap<CommitId, ObjectId>,
    lineage: Lineage<'a>,
    /// The workspaces to look at in commits that are still to come.
    workspaces: HashMap<CommitId, BTreeSet<String>>,
    out: Walked,
}

impl Walk<'_> {
    /// Looks at one commit in one workspace.
    fn step(&mut self, step: &Step, workspace: String) -> Result<(), GitError> {
        let now = Side {
            tree: self.repo.tree_of(step.tree),
            workspace,
        };
        let mut new: Option<BTreeSet<Gone>> = None;
        for parent in &step.parents {
            let tree = match self.trees.get(parent) {
                Some(tree) => self.repo.tree_of(*tree),
                None => self.repo.tree(*parent)?,
            };
            if self.lineage.is_untouched(&tree, &now)? || self.left_alone(&tree, &now)? {
                new = Some(BTreeSet::new());
                self.go_on(*parent, &now.workspace);
                continue;
            }
            for origin in self.lineage.origins(tree, &now)? {
                let added = additions(self.repo, &now, &origin.side)?;
                new = Some(match new {
                    None => added,
                    Some(new) => new.intersection(&added).cloned().collect(),
                });
                if origin.goes_on {
                    self.go_on(*parent, &origin.side.workspace);
                }
                self.out.lose(step.id, origin);
            }
        }
        let new = match new {
            Some(new) => new,
            None => additions(self.repo, &now, &empty(self.repo, &now))?,
        };
        let additions = new.into_iter().map(|gone| Addition {
            commit: step.id,
            workspace: now.workspace.clone(),
            gone,
        });
        self.out.additions.extend(additions);
        Ok(())
    }

    /// Whether all that is asked about stands in a parent as it does in the child.
    fn left_alone(&self, parent: &TreeView, now: &Side) -> Result<bool, GitError> {
        let Some(paths) = &self.only else {
            return Ok(false);
        };
        let stands = |tree: &TreeView| -> Result<Option<Vec<_>>, GitError> {
            let projects = layout::projects(tree, &now.workspace)?;
            let mut found = Vec::new();
            for project in &projects {
                for path in paths {
                    let entry = tree.entry(&join(&project.path, path))?;
                    found.extend(entry.map(|entry| (entry.path, entry.kind, entry.id)));
                }
            }
            // Where there is no project, the workspace may have stood elsewhere.
            Ok((!projects.is_empty()).then_some(found))
        };
        let here = stands(&now.tree)?;
        Ok(here.is_some() && here == stands(parent)?)
    }

    fn go_on(&mut self, parent: CommitId, workspace: &str) {
        let above = self.workspaces.entry(parent).or_default();
        above.insert(workspace.to_owned());
    }
}

impl Walked {
    fn lose(&mut self, commit: CommitId, origin: Origin) {
        let before = origin.side;
        self.losses
            .extend(origin.lost.into_iter().map(|(now, gone)| Loss {
                commit,
                now,
                before: before.clone(),
                gone,
            }));
    }
}

fn empty(repo: &Repo, side: &Side) -> Side {
    Side {
        tree: repo.tree_of(ObjectId::empty_tree()),
        workspace: side.workspace.clone(),
    }
}

/// Lists evidence that `now` has and `before` has not: folders that were no launch before count.
fn additions(repo: &Repo, now: &Side, before: &Side) -> Result<BTreeSet<Gone>, GitError> {
    let mut out = BTreeSet::new();
    for mut gone in gone(now, before)? {
        let replaced = match (gone.now, gone.launch()) {
            (Some(id), Some(_)) => is_launch_tree(repo, id),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if !replaced {
            gone.now = None;
            out.insert(gone);
        }
    }
    Ok(out)
}

fn is_launch_tree(repo: &Repo, id: ObjectId) -> bool {
    layout::is_launch(repo, id).unwrap_or(false)
}

impl Past {
    /// Holds each launch against the commits that first had it, and against their trailers.
    fn closings(
        &mut self,
        repo: &Repo,
        walked: &Walked,
        launches: &[Checked],
    ) -> Result<(), GitError> {
        let present = Present::new(launches);
        let mut unsigned = BTreeSet::new();
        for addition in &walked.additions {
            let Addition { commit, gone, .. } = addition;
            let Some(launch) = gone.launch().and_then(|_| present.find(&gone.path)) else {
                continue;
            };
            let entry = repo.tree_of(gone.id).entry("launch.yaml")?;
            let Some(entry) = entry.filter(|entry| entry.kind != EntryKind::Folder) else {
                continue;
            };
            let path = join(&launch.place.path, "launch.yaml");
            let id = launch.place.id.as_str();
            let same = launch.blob == Some(entry.id);
            if !same && launch.blob.is_some() {
                let message = format!(
                    "`launch.yaml` is not the one that commit `{}` brought",
                    commit.short()
                );
                let violation = Violation::new(Kind::ChangedLaunch, Some(id), &path, message);
                self.violations.push(violation.by(*commit));
            }
            let is_cut = walked.cut.contains(commit);
            self.closings.push(addition.closing(
                launch,
                path.clone(),
                present.documented(launch),
                is_cut,
            ));
            if is_cut {
                continue;
            }
            let receipt = match same {
                true => launch.receipt,
                false => digest(repo, entry.id)?,
            };
            match named_receipt(&repo.commit_info(*commit)?.message, launch) {
                None => drop(unsigned.insert(id)),
                Some(named) if receipt.map(|r| r.to_string()).as_deref() == Some(&named) => {}
                Some(named) => {
                    let message = format!(
                        "commit `{}` closed launch `{id}` with the receipt `{}`, but its \
                         `launch.yaml` has another",
                        commit.short(),
                        text::truncate(&text::sanitize_line(&named), 70)
                    );
                    let violation = Violation::new(Kind::WrongReceipt, Some(id), &path, message);
                    self.violations.push(violation.by(*commit));
                }
            }
        }
        self.note_unsigned(&unsigned);
        Ok(())
    }

    fn note_unsigned(&mut self, launches: &BTreeSet<&str>) {
        if launches.is_empty() {
            return;
        }
        let names: Vec<&str> = launches.iter().take(NAMED).copied().collect();
        self.notices.push(format!(
            "{} came with a commit that names no receipt (a squash or an import): {}{}",
            text::count(launches.len() as u64, "launch"),
            text::ticked(&names, "and"),
            more(launches.len())
        ));
    }
}

impl Addition {
    fn closing(
        &self,
        launch: &Checked,
        path: String,
        earlier: Vec<CommitId>,
        is_cut: bool,
    ) -> Closing {
        let project = self.gone.path.split('/').next().unwrap_or_default();
        let closed = launch.file.as_ref().map(|file| &file.closed);
        let documentation = closed.and_then(|closed| closed.documentation.as_deref());
        Closing {
            commit: self.commit,
            launch: launch.place.id.clone(),
            path,
            project: join(&join(&self.workspace, "projects"), project),
            by: closed.and_then(|closed| closed.by.clone()),
            documentation: documentation.and_then(CommitId::parse),
            earlier,
            is_cut,
        }
    }
}

pub(super) fn more(n: usize) -> String {
    match n.saturating_sub(NAMED) {
        0 => String::new(),
        rest => format!(" and {} more", text::thousands(rest as u64)),
    }
}

pub(super) fn below(path: &str) -> &str {
    path.split_once('/').map_or(path, |(_, below)| below)
}

/// The launches of the present, by where they stand.
struct Present<'a> {
    /// By the path from `projects`.
    by_path: HashMap<&'a str, &'a Checked>,
    /// By the path from the project's folder.
    by_below: HashMap<&'a str, Vec<&'a Checked>>,
    /// The commit whose documentation closed a launch, by the launch's receipt.
    documentation: HashMap<Digest, CommitId>,
}

impl<'a> Present<'a> {
    fn new(launches: &'a [Checked]) -> Self {
        let mut out = Self {
            by_path: HashMap::new(),
            by_below: HashMap::new(),
            documentation: HashMap::new(),
        };
        for launch in launches {
            let projects = path::parent(&launch.place.project);
            let path = &launch.place.path[projects.len() + 1..];
            let named = launch.file.as_ref();
            let named = named.and_then(|file| file.closed.documentation.as_deref());
            let documentation = launch.receipt.zip(named.and_then(CommitId::parse));
            out.documentation.extend(documentation);
            out.by_path.insert(path, launch);
            out.by_below.entry(below(path)).or_default().push(launch);
        }
        out
    }

    /// Returns the commits whose documentation closed the launches before one.
    fn documented(&self, launch: &Checked) -> Vec<CommitId> {
        let previous = launch.file.iter().flat_map(|file| &file.closed.previous);
        let previous = previous.filter_map(|hex| Digest::parse(hex));
        previous
            .filter_map(|receipt| self.documentation.get(&receipt).copied())
            .collect()
    }

    /// Finds a launch of the past: in its place, or in the only project that has it.
    fn find(&self, path: &str) -> Option<&'a Checked> {
        let moved = || match self.by_below.get(below(path)).map(Vec::as_slice) {
            Some([only]) => Some(*only),
            _ => None,
        };
        self.by_path.get(path).copied().or_else(moved)
    }
}

fn digest(repo: &Repo, id: ObjectId) -> Result<Option<Digest>, GitError> {
    match repo.blob(id) {
        Ok(bytes) => Ok(Some(Digest::of(&bytes))),
        Err(error) => unreadable(error).map(|_| None),
    }
}

/// Returns the receipt that a commit's message gives for a launch: a line `Tallybook-Launch:
/// KEY/ID` and the next `Tallybook-Receipt: sha256:…`. A squash may hold several.
fn named_receipt(message: &str, launch: &Checked) -> Option<String> {
    let mut named = None;
    for line in message.lines() {
        if let Some(value) = line.strip_prefix("Tallybook-Launch:") {
            named = value.trim().split_once('/');
        } else if let Some(value) = line.strip_prefix("Tallybook-Receipt:") {
            let (key, id) = named.take().unwrap_or_default();
            let keys = launch.file.as_ref().is_none_or(|file| file.project == key);
            if keys && id == launch.place.id {
                return Some(value.trim().trim_start_matches("sha256:").to_owned());
            }
        }
    }
    None
}
