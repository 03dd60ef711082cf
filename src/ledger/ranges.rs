//! How many commits a range has, where the history is here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::git::{CommitId, Repo};

/// What is known of the commits after one and up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
    Count(u64),
    /// A shallow clone leaves some of them out.
    Shallow,
    /// They are not in this repository.
    Elsewhere,
}

impl Commits {
    /// Returns how many there are, where that is known.
    pub fn count(self) -> Option<u64> {
        match self {
            Self::Count(n) => Some(n),
            Self::Shallow | Self::Elsewhere => None,
        }
    }

    /// Returns why they can't be counted.
    pub fn unavailable(self) -> Option<&'static str> {
        match self {
            Self::Count(_) => None,
            Self::Shallow => Some("the clone is shallow"),
            Self::Elsewhere => Some("the commits are not in this repository"),
        }
    }
}

/// Counts ranges of one repository, each once.
#[derive(Clone, Debug, Default)]
pub struct Ranges {
    repo: Option<Repo>,
    counted: Arc<Mutex<BTreeMap<(String, String), Commits>>>,
}

impl Ranges {
    pub fn new(repo: Option<Repo>) -> Self {
        Self {
            repo,
            counted: Arc::default(),
        }
    }

    /// Counts the commits that are reachable from one and not from another, as `git rev-list FROM..TO`
    /// does.
    pub fn commits(&self, from: &str, to: &str) -> Commits {
        let key = (from.to_owned(), to.to_owned());
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *counted.entry(key).or_insert_with(|| self.walk(from, to))
    }

    fn walk(&self, from: &str, to: &str) -> Commits {
        let ids = CommitId::parse(from).zip(CommitId::parse(to));
        let Some((repo, (from, to))) = self.repo.as_ref().zip(ids) else {
            return Commits::Elsewhere;
        };
        match repo.history_since(to, &[from]) {
            Ok(history) if history.cut.is_empty() => Commits::Count(history.steps.len() as u64),
            Ok(_) => Commits::Shallow,
            Err(_) if repo.is_shallow() => Commits::Shallow,
            Err(_) => Commits::Elsewhere,
        }
    }
}
