//! Commits: one by one, and all that are reachable.

use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::fmt;

use gix::objs::Kind;

use super::header::Header;
use super::{CommitId, GitError, ObjectId, Repo};
use crate::base::Timestamp;

/// A name and an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    pub name: String,
    pub email: String,
}

/// `Name <email>`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

/// A commit as it is stored: grafts and replacements are ignored. Where it does not say who made it in
/// the way that git says it, as in some old repositories, that person has no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    pub id: CommitId,
    pub parents: Vec<CommitId>,
    pub tree: ObjectId,
    pub author: Identity,
    pub committer: Identity,
    /// When it was committed, to the second.
    pub time: Timestamp,
    pub message: String,
}

/// One commit of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: CommitId,
    pub parents: Vec<CommitId>,
    pub tree: ObjectId,
    /// When it was committed, in seconds since 1970.
    pub seconds: i64,
}

/// Commits that are reachable from one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Every commit before its parents.
    pub steps: Vec<Step>,
    /// Commits whose parents a shallow clone left out.
    pub cut: Vec<CommitId>,
}

/// Commits that a walk has met and not yet looked at; the latest comes first.
#[derive(Default)]
struct Frontier {
    heap: BinaryHeap<(i64, CommitId)>,
    /// What is in the heap → whether it is known.
    waiting: HashMap<CommitId, bool>,
    /// How many in the heap are not known.
    new: usize,
}

impl Frontier {
    /// Notes a commit; what was met as known stays known.
    fn meet(&mut self, step: &Step, known: bool) {
        match self.waiting.get_mut(&step.id) {
            Some(was_known) => {
                if known && !*was_known {
                    *was_known = true;
                    self.new -= 1;
                }
            }
            None => {
                self.waiting.insert(step.id, known);
                self.new += usize::from(!known);
                self.heap.push((step.seconds, step.id));
            }
        }
    }

    fn next(&mut self) -> Option<(CommitId, bool)> {
        let (_, id) = self.heap.pop()?;
        let known = self.waiting.remove(&id)?;
        self.new -= usize::from(!known);
        Some((id, known))
    }
}

impl Repo {
    /// Reads a commit.
    pub fn commit_info(&self, id: CommitId) -> Result<CommitInfo, GitError> {
        let header = self.header(id)?;
        Ok(CommitInfo {
            id,
            parents: header.parents.into_iter().map(CommitId).collect(),
            tree: ObjectId(header.tree),
            author: header.author,
            committer: header.committer,
            time: Timestamp::from_ms(header.seconds.saturating_mul(1000)),
            message: header.message,
        })
    }

    /// Reads the parents, the tree and the time of a commit.
    pub fn step(&self, id: CommitId) -> Result<Step, GitError> {
        self.parse_commit(id)
    }

    pub(super) fn parse_commit(&self, id: CommitId) -> Result<Step, GitError> {
        let header = self.header(id)?;
        Ok(Step {
            id,
            parents: header.parents.into_iter().map(CommitId).collect(),
            tree: ObjectId(header.tree),
            seconds: header.seconds,
        })
    }

    fn header(&self, id: CommitId) -> Result<Header, GitError> {
        let bytes = self.object(id.0, Kind::Commit)?;
        Header::read(&bytes, id.0.kind()).map_err(|source| GitError::Object {
            id: id.into(),
            source: source.into(),
        })
    }

    /// Reads every commit that is reachable from one, each before its parents; the order depends
    /// on the graph alone.
    ///
    /// # Errors
    /// A commit is missing or damaged. In a shallow clone the missing parents are no error: see
    /// [`History::cut`].
    pub fn history(&self, from: CommitId) -> Result<History, GitError> {
        self.history_since(from, &[])
    }

    /// Reads the commits that are reachable from one and not from those that are known. Where clocks
    /// were wrong some known ones may be among them.
    ///
    /// # Errors
    /// As [`Repo::history`].
    pub fn history_since(&self, from: CommitId, known: &[CommitId]) -> Result<History, GitError> {
        let shallow = self.shallow_commits()?;
        let mut read: HashMap<CommitId, Step> = HashMap::new();
        let mut new: HashMap<CommitId, bool> = HashMap::new();
        let mut cut = Vec::new();
        let mut frontier = Frontier::default();
        for (id, known) in [(from, false)]
            .into_iter()
            .chain(known.iter().map(|id| (*id, true)))
        {
            let step = self.parse_commit(id)?;
            frontier.meet(&step, known);
            read.insert(id, step);
        }
        while frontier.new > 0 {
            let Some((id, known)) = frontier.next() else {
                break;
            };
            if new.get(&id).is_some_and(|was_new| !was_new || !known) {
                continue;
            }
            new.insert(id, !known);
            let step = read.get_mut(&id).expect("read when it was met");
            if shallow.contains(&id) && !step.parents.is_empty() {
                cut.push(id);
                step.parents.clear();
            }
            for parent in step.parents.clone() {
                let step = match read.entry(parent) {
                    Entry::Occupied(read) => read.into_mut(),
                    Entry::Vacant(unread) => unread.insert(self.parse_commit(parent)?),
                };
                frontier.meet(step, known);
            }
        }
        read.retain(|id, _| new.get(id) == Some(&true));
        cut.retain(|id| read.contains_key(id));
        cut.sort_unstable();
        Ok(History {
            steps: children_first(from, read),
            cut,
        })
    }

    /// Gets the trees of commits that a clone without trees lacks, whole and in one batch.
    ///
    /// # Errors
    /// git is not there, or the remote cannot be reached.
    pub fn fetch_trees(&self, steps: &[Step]) -> Result<(), GitError> {
        if !self.is_partial() {
            return Ok(());
        }
        let trees: Vec<ObjectId> = steps.iter().map(|step| step.tree).collect();
        self.fetch_missing(&trees)
    }

    pub(super) fn shallow_commits(&self) -> Result<HashSet<CommitId>, GitError> {
        let handle = self.handle();
        let commits = handle.repo.shallow_commits();
        let commits = commits.map_err(|source| GitError::Reference {
            name: "shallow".into(),
            source: source.into(),
        })?;
        Ok(commits.map_or_else(HashSet::new, |commits| {
            commits.iter().map(|id| CommitId(*id)).collect()
        }))
    }
}

/// Orders commits so that each stands before its parents.
fn children_first(from: CommitId, mut steps: HashMap<CommitId, Step>) -> Vec<Step> {
    let mut children: HashMap<CommitId, usize> = HashMap::with_capacity(steps.len());
    for parent in steps.values().flat_map(|step| &step.parents) {
        *children.entry(*parent).or_default() += 1;
    }
    let mut out = Vec::with_capacity(steps.len());
    let mut ready = vec![from];
    while let Some(id) = ready.pop() {
        let Some(step) = steps.remove(&id) else {
            continue;
        };
        for parent in step.parents.iter().rev() {
            let left = children.get_mut(parent).expect("counted with its child");
            *left -= 1;
            if *left == 0 {
                ready.push(*parent);
            }
        }
        out.push(step);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;

    fn merged() -> Playground {
        let play = Playground::new();
        play.init("main");
        play.git(&["commit", "-qm", "root", "--allow-empty"]);
        play.git(&["checkout", "-qb", "side"]);
        play.git(&["commit", "-qm", "side", "--allow-empty"]);
        play.git(&["checkout", "-q", "main"]);
        play.git(&["commit", "-qm", "main", "--allow-empty"]);
        play.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
        play
    }

    fn subjects(repo: &Repo, history: &History) -> Vec<String> {
        let message = |step: &Step| repo.commit_info(step.id).expect("reads").message;
        history
            .steps
            .iter()
            .map(|s| message(s).trim().to_owned())
            .collect()
    }

    #[test]
    fn children_stand_before_parents() {
        let play = merged();
        let repo = play.open();
        let head = repo.resolve("HEAD").expect("a commit");
        let history = repo.history(head).expect("walks");
        assert_eq!(subjects(&repo, &history), ["merge", "main", "side", "root"]);
        assert_eq!(history.steps[0].parents.len(), 2);
        assert!(history.cut.is_empty());
    }

    #[test]
    fn what_is_known_is_left_out() {
        let play = merged();
        let repo = play.open();
        let at = |rev| repo.resolve(rev).expect("a commit");
        let since = |known: &[CommitId]| {
            let history = repo.history_since(at("HEAD"), known).expect("walks");
            subjects(&repo, &history)
        };
        assert_eq!(since(&[at("side")]), ["merge", "main"]);
        assert_eq!(since(&[at("HEAD^1")]), ["merge", "side"]);
        assert_eq!(since(&[at("side"), at("HEAD^1")]), ["merge"]);
        assert_eq!(since(&[at("HEAD")]), [] as [&str; 0]);
        play.git(&["checkout", "-q", "--orphan", "other"]);
        play.git(&["commit", "-qm", "other", "--allow-empty"]);
        let main = at("main");
        let history = repo.history_since(main, &[at("other")]).expect("walks");
        assert_eq!(history.steps.len(), 4);
    }

    #[test]
    fn a_clock_that_was_wrong_hides_nothing() {
        let play = Playground::new();
        play.init("main");
        for (subject, year) in [("a", 2030), ("b", 2001), ("c", 2029), ("d", 2002)] {
            let date = format!("{year}-01-01T00:00:00Z");
            let date = std::ffi::OsString::from(date);
            let args = ["commit", "-qm", subject, "--allow-empty"];
            play.git_with(&[("GIT_COMMITTER_DATE", date.as_os_str())], &args);
        }
        let repo = play.open();
        let head = repo.resolve("HEAD").expect("a commit");
        let known = repo.resolve("HEAD~2").expect("a commit");
        let history = repo.history_since(head, &[known]).expect("walks");
        let subjects = subjects(&repo, &history);
        assert_eq!(subjects[..2], ["d", "c"]);
    }

    #[test]
    fn grafts_and_replacements_are_ignored() {
        let play = merged();
        let root = play.git(&["rev-list", "--max-parents=0", "HEAD"]);
        play.git(&["replace", "HEAD", root.trim()]);
        let repo = play.open();
        let head = repo.head().expect("reads").commit.expect("born");
        assert_eq!(repo.history(head).expect("walks").steps.len(), 4);
        assert_eq!(repo.commit_info(head).expect("reads").message, "merge\n");
    }

    #[test]
    fn a_shallow_clone_says_where_it_ends() {
        let play = merged();
        let url = format!("file://{}", play.root().display());
        let clone = play.outside().join("clone");
        play.git(&[
            "clone",
            "-q",
            "--depth=2",
            &url,
            clone.to_str().expect("UTF-8"),
        ]);
        let repo = Repo::discover(&clone).expect("opens").expect("found");
        let head = repo.resolve("HEAD").expect("a commit");
        let history = repo.history(head).expect("walks");
        assert!(repo.is_shallow());
        assert_eq!((history.steps.len(), history.cut.len()), (3, 2));
    }

    #[test]
    fn a_damaged_object_is_found() {
        let play = merged();
        let repo = play.open();
        let head = repo.resolve("HEAD").expect("a commit");
        let root = play.git(&["rev-list", "--max-parents=0", "HEAD"]);
        let file = |id: &str| {
            play.root()
                .join(".git/objects")
                .join(&id[..2])
                .join(&id[2..])
        };
        let other = crate::base::files::read(&file(root.trim())).expect("a loose object");
        let damaged = file(&head.to_string());
        crate::base::files::remove_file(&damaged).expect("removed");
        crate::base::files::write(&damaged, &other).expect("written");
        let repo = play.open();
        assert!(matches!(repo.history(head), Err(GitError::Damaged { .. })));
    }
}
