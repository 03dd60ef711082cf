//! What is said where the site knows of no launch, or of no result: never more than it can know.

use crate::site::input::Input;
use crate::site::texts::say;
use crate::site::view::Verdict;
use crate::site::words;

/// Closed launches that there may be, and that the site does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unseen {
    /// It has all.
    Nothing,
    /// Their branch is not here.
    All,
    /// Those before were left out on purpose.
    Before(String),
}

impl Unseen {
    pub(crate) fn of(input: &Input<'_>) -> Self {
        match &input.options.since {
            _ if input.stamp.unavailable => Self::All,
            Some(since) => Self::Before(words::line(&since.said)),
            None => Self::Nothing,
        }
    }

    /// Says in a list that there is no result.
    pub(crate) fn never_ran(&self) -> String {
        match self {
            Self::Nothing => say!("history.never-ran"),
            Self::All => say!("history.unavailable"),
            Self::Before(since) => say!("history.not-since", since = since),
        }
    }

    /// Says that there is no closed launch to speak of.
    pub(crate) fn no_launch(&self) -> Verdict {
        let (lead, text) = match self {
            Self::Nothing => (
                say!("history.no-closed-launches"),
                say!("history.nothing-closed"),
            ),
            Self::All => (
                say!("history.unavailable-lead"),
                say!("history.branch-not-here"),
            ),
            Self::Before(since) => (
                say!("history.no-closed-launch-since", since = since),
                say!("history.earlier-not-here"),
            ),
        };
        empty("empty", lead, text)
    }

    /// Says that no closed launch has a result of a case.
    pub(crate) fn no_result(&self) -> Verdict {
        let (lead, text) = match self {
            Self::Nothing => (say!("case.never-ran"), say!("case.no-result-of-this-case")),
            Self::All => (
                say!("history.unavailable-lead"),
                say!("history.branch-not-here"),
            ),
            Self::Before(since) => (
                say!("case.not-since", since = since),
                say!("history.earlier-not-here"),
            ),
        };
        empty("absent", lead, text)
    }

    /// Says with the text of a key that no launch is closed, as part of a sentence, or that none is later.
    pub(crate) fn part(&self, key: &str) -> String {
        match self {
            Self::Before(since) => say!("history.none-closed-since", since = since),
            Self::Nothing | Self::All => say!(key),
        }
    }

    /// Says that a mute left nothing out.
    pub(crate) fn left_out(&self) -> String {
        match self {
            Self::Before(since) => say!("mutes.left-nothing-out-since", since = since),
            Self::Nothing | Self::All => say!("mutes.left-nothing-out-yet"),
        }
    }

    /// Adds to sentences on closed launches that earlier ones are left out.
    pub(crate) fn besides(&self, said: String) -> String {
        match self {
            Self::Before(since) => say!("history.besides", said = said, since = since),
            Self::Nothing | Self::All => said,
        }
    }

    /// The same as [`Self::part`], as a sentence of its own.
    pub(crate) fn sentence(&self, key: &str) -> String {
        match self {
            Self::Before(since) => say!("history.none-closed-since-whole", since = since),
            Self::Nothing | Self::All => say!(key),
        }
    }
}

fn empty(tone: &'static str, lead: String, text: String) -> Verdict {
    Verdict {
        tone,
        lead,
        text,
        detail: String::new(),
    }
}
