//! Where a branch stands: here, and on its remote when that was last fetched from.

use gix::bstr::ByteSlice as _;

use super::commit::Move;
use super::{CommitError, CommitId, CommitRequest, GitError, Repo};

/// A branch as this repository knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The remote that the branch belongs to, where there is any.
    pub remote: Option<String>,
    pub local: Option<CommitId>,
    /// What the remote had when it was last fetched from.
    pub fetched: Option<CommitId>,
    pub lead: Lead,
}

/// Which side of a branch has all that the other one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// The branch is not here.
    Neither,
    /// The local one; also where both are the same.
    Local,
    Fetched,
    /// Each has commits that the other lacks; whether they have any in common.
    Diverged {
        related: bool,
    },
}

impl Standing {
    /// Returns the commit that has all that is known; `None` where there is none, or no one such.
    pub fn newest(&self) -> Option<CommitId> {
        match self.lead {
            Lead::Local => self.local,
            Lead::Fetched => self.fetched,
            Lead::Neither | Lead::Diverged { .. } => None,
        }
    }
}

impl Repo {
    /// Returns where a branch stands, by its full name.
    pub fn standing(&self, branch: &str) -> Result<Standing, GitError> {
        let remote = self.default_remote(Some(branch));
        let fetched = match &remote {
            Some(remote) => self.fetched_tip(remote, branch)?,
            None => None,
        };
        let local = self.tip(branch)?;
        let lead = match (local, fetched) {
            (None, None) => Lead::Neither,
            (Some(_), None) => Lead::Local,
            (None, Some(_)) => Lead::Fetched,
            (Some(local), Some(fetched)) => self.lead(local, fetched)?,
        };
        Ok(Standing {
            remote,
            local,
            fetched,
            lead,
        })
    }

    fn lead(&self, local: CommitId, fetched: CommitId) -> Result<Lead, GitError> {
        if local == fetched || self.is_ancestor(fetched, local)? {
            return Ok(Lead::Local);
        }
        if self.is_ancestor(local, fetched)? {
            return Ok(Lead::Fetched);
        }
        Ok(Lead::Diverged {
            related: self.are_related(local, fetched)?,
        })
    }

    /// Whether two commits have any commit in common.
    fn are_related(&self, a: CommitId, b: CommitId) -> Result<bool, GitError> {
        let (a, b) = (a.to_string(), b.to_string());
        let output = self.run_program(&["merge-base", &a, &b], b"")?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(GitError::failed("merge-base", &output)),
        }
    }

    /// Returns what a remote's branch was when it was last fetched.
    fn fetched_tip(&self, remote: &str, branch: &str) -> Result<Option<CommitId>, GitError> {
        let short = branch.strip_prefix("refs/heads/").unwrap_or(branch);
        let name = format!("refs/remotes/{remote}/{short}");
        // A remote may be an address, which makes no reference's name.
        match gix::refs::FullName::try_from(name.as_str()) {
            Ok(_) => self.tip(&name),
            Err(_) => Ok(None),
        }
    }

    /// Fetches a remote's branch and keeps what it was, as a plain `git fetch` of a clone does: under the
    /// remote's name, in a bare repository as the branch itself. `false` where the remote has none.
    ///
    /// # Errors
    /// The remote can't be reached, or in a bare repository the branch has commits of its own.
    pub fn fetch_branch(&self, remote: &str, branch: &str) -> Result<bool, GitError> {
        if !self.remote_refs(remote, &[branch])?.contains_key(branch) {
            return Ok(false);
        }
        let short = branch.strip_prefix("refs/heads/").unwrap_or(branch);
        let spec = match (self.is_bare(), self.has_remote(remote)) {
            (true, _) => format!("{branch}:{branch}"),
            (false, true) => format!("+{branch}:refs/remotes/{remote}/{short}"),
            (false, false) => branch.to_owned(),
        };
        self.fetch_refs(remote, &[&spec])?;
        Ok(true)
    }

    /// Whether a word is a remote's name, and no address.
    fn has_remote(&self, remote: &str) -> bool {
        let names = self.handle().repo.remote_names();
        names.iter().any(|name| *name == remote)
    }

    /// Lists the paths in which two commits differ.
    pub fn changed_paths(&self, a: CommitId, b: CommitId) -> Result<Vec<String>, GitError> {
        let (a, b) = (a.to_string(), b.to_string());
        let args = [
            "diff-tree",
            "-r",
            "-z",
            "--no-renames",
            "--name-only",
            &a,
            &b,
        ];
        let listed = self.program(&args, b"")?;
        let paths = listed
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty());
        Ok(paths
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .collect())
    }

    /// Whether a remote may have a branch of which this repository could not know: history was cut,
    /// or the remote's branches were never fetched, or this one is not among those that are.
    pub fn may_lack(&self, remote: &str, branch: &str) -> Result<bool, GitError> {
        Ok(self.is_shallow() || !self.fetches(remote, branch) || !self.has_fetched(remote)?)
    }

    /// Whether a plain fetch brings a branch here.
    fn fetches(&self, remote: &str, branch: &str) -> bool {
        let handle = self.handle();
        let config = handle.repo.config_snapshot();
        let key = format!("remote.{remote}.fetch");
        let specs = config.plumbing().strings(key.as_str()).unwrap_or_default();
        specs.iter().any(|spec| {
            let spec = spec.to_str_lossy();
            let source = spec.trim_start_matches('+');
            let source = source.split_once(':').map_or(source, |(source, _)| source);
            match source.split_once('*') {
                Some((before, after)) => branch.starts_with(before) && branch.ends_with(after),
                None => source == branch,
            }
        })
    }

    fn has_fetched(&self, remote: &str) -> Result<bool, GitError> {
        let prefix = format!("refs/remotes/{remote}/");
        let fail = |source: gix::Error| GitError::Reference {
            name: prefix.clone(),
            source: source.into(),
        };
        let handle = self.handle();
        let platform = handle.repo.references().map_err(fail)?;
        let mut found = platform.prefixed(prefix.as_str()).map_err(fail)?;
        Ok(found.next().is_some())
    }

    /// Makes a local branch that isn't here yet; `false` where another process made it first.
    ///
    /// # Errors
    /// The reference can't be written, or its name is none.
    pub fn create_branch(
        &self,
        request: &CommitRequest,
        to: CommitId,
    ) -> Result<bool, CommitError> {
        let step = Move {
            request,
            from: None,
            to,
            log: "branch: Created".to_owned(),
        };
        self.move_branch(&step)
    }
}

/// Whether a name is one that a branch may have: `tallybook`, say.
pub fn is_branch_name(short: &str) -> bool {
    let full = format!("refs/heads/{short}");
    gix::refs::FullName::try_from(full.as_str()).is_ok()
        && !short.starts_with('-')
        && short != "HEAD"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;

    const BRANCH: &str = "refs/heads/side";

    fn commit(play: &Playground, name: &str) -> CommitId {
        play.git(&["commit", "-qm", name, "--allow-empty"]);
        CommitId::parse(play.git(&["rev-parse", "HEAD"]).trim()).expect("an id")
    }

    #[test]
    fn the_side_that_contains_the_other_leads() {
        let play = Playground::new();
        play.init("main");
        let one = commit(&play, "one");
        let two = commit(&play, "two");
        let standing = || play.open().standing(BRANCH).expect("reads");
        let set = |name: &str, to: &str| drop(play.git(&["update-ref", name, to]));
        assert_eq!(standing().lead, Lead::Neither);
        set(BRANCH, "main~1");
        assert_eq!(
            (standing().lead, standing().newest()),
            (Lead::Local, Some(one))
        );
        play.git(&["remote", "add", "origin", "/nowhere"]);
        set("refs/remotes/origin/side", "main");
        assert_eq!(
            (standing().lead, standing().newest()),
            (Lead::Fetched, Some(two))
        );
        set(BRANCH, "main");
        assert_eq!(standing().lead, Lead::Local);
        play.git(&["checkout", "-q", "-b", "other", "main~1"]);
        commit(&play, "three");
        set(BRANCH, "other");
        assert_eq!(standing().lead, Lead::Diverged { related: true });
        play.git(&["checkout", "-q", "--orphan", "alone"]);
        commit(&play, "four");
        set(BRANCH, "alone");
        assert_eq!(standing().lead, Lead::Diverged { related: false });
        assert_eq!(standing().newest(), None);
    }

    #[test]
    fn a_clone_that_may_lack_a_branch_is_known() {
        let play = Playground::new();
        play.init("main");
        commit(&play, "one");
        play.git(&["remote", "add", "origin", "/nowhere"]);
        let lacks = || play.open().may_lack("origin", BRANCH).expect("reads");
        assert!(lacks(), "nothing was fetched yet");
        play.git(&["update-ref", "refs/remotes/origin/main", "main"]);
        assert!(!lacks());
        let one = "+refs/heads/main:refs/remotes/origin/main";
        play.git(&["config", "remote.origin.fetch", one]);
        assert!(lacks(), "only one branch is fetched");
    }

    #[test]
    fn names_of_branches_are_known() {
        for name in ["tallybook", "evidence/launches", "größe"] {
            assert!(is_branch_name(name), "{name}");
        }
        for name in [
            "", "a b", "a..b", "-x", "/a", "a/", "x.lock", "HEAD", "a~1", "a:b",
        ] {
            assert!(!is_branch_name(name), "{name}");
        }
    }

    #[test]
    fn a_branch_is_made_once() {
        let play = Playground::new();
        let repo = play.init("main");
        let one = commit(&play, "one");
        let request = CommitRequest {
            branch: BRANCH.to_owned(),
            author: crate::git::Identity::default(),
            committer: crate::git::Identity::default(),
            time: crate::base::Timestamp::from_ms(0),
            own: None,
            sign: false,
        };
        assert!(repo.create_branch(&request, one).expect("made"));
        let two = commit(&play, "two");
        assert!(!repo.create_branch(&request, two).expect("it is there"));
        assert_eq!(repo.tip(BRANCH).expect("reads"), Some(one));
    }
}
