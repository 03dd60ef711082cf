//! What is shown now, and who waits for what comes next.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::spool::Site;

/// What is wrong with the files of a workspace, or what kept them from being rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What happened, in a sentence; empty where nothing did.
    pub headline: String,
    /// The most important first.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub more: u64,
}

impl Shown {
    /// Says what failed, with its causes.
    pub fn of_error(headline: &str, error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(&format!(": {error}"));
            cause = error.source();
        }
        Self {
            headline: headline.to_owned(),
            problems: vec![Problem {
                level: "error",
                message,
                ..Problem::default()
            }],
            more: 0,
        }
    }
}

/// One thing that is wrong. All texts are untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// `error` or `warning`.
    pub level: &'static str,
    /// The rule's code; empty where no rule says it.
    pub code: String,
    /// The file, with line and column where it has them; empty where it is about no file.
    pub place: String,
    pub message: String,
    pub help: Option<String>,
}

/// The state at a moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Now {
    /// Grows with each rendering, from 1; 0 before the first.
    pub(super) round: u64,
    /// The round that `site` is of.
    pub(super) site_round: u64,
    pub(super) site: Option<Arc<Site>>,
    pub(super) shown: Shown,
}

/// Where a rendering is pinned up and read from.
#[derive(Debug, Default)]
pub(super) struct Board {
    now: Mutex<Now>,
    changed: Condvar,
}

impl Board {
    /// Pins up what a rendering came to; without a site the last one stays.
    pub(super) fn publish(&self, site: Option<Site>, shown: Shown) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.round += 1;
        if let Some(site) = site {
            now.site_round = now.round;
            now.site = Some(Arc::new(site));
        }
        now.shown = shown;
        drop(now);
        self.changed.notify_all();
    }

    pub(super) fn now(&self) -> Now {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.clone()
    }

    /// Waits until the round is another one than `seen`, but not longer than `most`.
    pub(super) fn wait(&self, seen: u64, most: Duration) -> Now {
        let end = Instant::now() + most;
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        while now.round == seen {
            let Some(left) = end.checked_duration_since(Instant::now()) else {
                break;
            };
            let woken = self.changed.wait_timeout(now, left);
            now = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        now.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::spool::Spool;

    #[test]
    fn a_failure_keeps_the_last_site() {
        let board = Board::default();
        assert_eq!(board.now().round, 0);
        board.publish(
            Some(Spool::new().unwrap().finish().unwrap()),
            Shown::default(),
        );
        let failure = Shown {
            headline: "no".to_owned(),
            ..Shown::default()
        };
        board.publish(None, failure.clone());
        let now = board.now();
        assert_eq!((now.round, now.site_round), (2, 1));
        assert!(now.site.is_some());
        assert_eq!(now.shown, failure);
    }

    #[test]
    fn who_waits_hears_of_the_next_round() {
        let board = Arc::new(Board::default());
        let waiting = Arc::clone(&board);
        let waiter = std::thread::spawn(move || waiting.wait(0, Duration::from_secs(600)).round);
        board.publish(None, Shown::default());
        assert_eq!(waiter.join().unwrap(), 1);
        assert_eq!(board.wait(0, Duration::from_secs(600)).round, 1, "at once");
        assert_eq!(board.wait(1, Duration::ZERO).round, 1, "in vain");
    }
}
