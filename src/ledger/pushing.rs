//! Commits that go onto a remote's branch: each is made on what the branch holds and pushed, and made
//! again where others pushed first.

use super::branch::LaunchesBranch;
use super::{lfs, share};
use crate::git::{CommitId, GitError, Pushed, RefUpdate, Repo};

/// How often a commit is made again because others pushed first.
const TRIES: u32 = 24;

/// The branch of a remote that a commit is to go onto.
#[derive(Clone, Copy)]
pub(super) struct Onto<'a> {
    pub(super) repo: &'a Repo,
    pub(super) remote: &'a str,
    pub(super) branch: &'a LaunchesBranch,
}

/// A commit did not get onto a remote's branch.
#[derive(Debug)]
pub(super) enum NotPushed {
    /// Others pushed first, each time.
    Raced {
        remote: String,
        branch: String,
        tries: u32,
    },
    Refused {
        remote: String,
        reason: String,
    },
    /// The remote did not take what git-lfs keeps.
    Lfs {
        remote: String,
        source: GitError,
    },
}

impl Onto<'_> {
    /// Makes attempts until one is through, each later than the one before; an attempt is `None` where
    /// others pushed first.
    pub(super) fn until_through<T, E: From<NotPushed>>(
        self,
        attempt: &mut dyn FnMut() -> Result<Option<T>, E>,
    ) -> Result<T, E> {
        for number in 0..TRIES {
            share::pause(number);
            if let Some(done) = attempt()? {
                return Ok(done);
            }
        }
        let raced = NotPushed::Raced {
            remote: self.remote.to_owned(),
            branch: self.branch.name.clone(),
            tries: TRIES,
        };
        Err(raced.into())
    }

    /// Moves the branch from what the remote was seen to have, by `push`; first the remote gets what
    /// git-lfs keeps of it. `false` where others pushed first.
    pub(super) fn push<E: From<NotPushed>>(
        self,
        from: Option<CommitId>,
        to: Option<CommitId>,
        push: impl FnOnce(RefUpdate) -> Result<Pushed, E>,
    ) -> Result<bool, E> {
        let remote = || self.remote.to_owned();
        let content = lfs::push_content(self.repo, self.remote, from, to);
        content.map_err(|source| NotPushed::Lfs {
            remote: remote(),
            source,
        })?;
        let branch = RefUpdate {
            name: self.branch.name.clone(),
            to,
            expected: from,
        };
        match push(branch)? {
            Pushed::Done | Pushed::UpToDate => Ok(true),
            Pushed::Stale | Pushed::Busy(_) | Pushed::Atomic => Ok(false),
            Pushed::Rejected(reason) => Err(NotPushed::Refused {
                remote: remote(),
                reason,
            }
            .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;

    #[test]
    fn attempts_end() {
        let play = Playground::new();
        let repo = play.init("main");
        let branch = LaunchesBranch {
            name: "refs/heads/main".into(),
            own: false,
            documentation: Vec::new(),
        };
        let onto = Onto {
            repo: &repo,
            remote: "origin",
            branch: &branch,
        };
        let mut left = 3;
        let done = onto.until_through::<u32, NotPushed>(&mut || {
            left -= 1;
            Ok((left == 0).then_some(7))
        });
        assert!(matches!(done, Ok(7)));
        let failed = onto.until_through::<(), NotPushed>(&mut || {
            Err(NotPushed::Refused {
                remote: "origin".into(),
                reason: "no".into(),
            })
        });
        assert!(matches!(failed, Err(NotPushed::Refused { .. })));
    }
}
