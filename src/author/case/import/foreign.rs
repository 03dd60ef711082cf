//! Cases of another tool in the words of the case model, and what could not be carried over.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::text::line;
use crate::model::{Combine, Link, Relation};

/// Where something stands in what is imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignPlace {
    pub path: Arc<str>,
    /// Counted from 1.
    pub line: usize,
}

/// A case of another tool. All texts but the title are Markdown. Untrusted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForeignCase {
    pub at: ForeignPlace,
    /// Ids that it has there; the first one is known again at the next import.
    pub ids: Vec<String>,
    /// What looks like an id in its title: one of its ids, unless another case has it.
    pub titled: Option<String>,
    /// Names of the sections above it, the outermost first.
    pub section: Vec<String>,
    pub title: String,
    pub description: String,
    pub preconditions: String,
    pub steps: Vec<ForeignStep>,
    pub postconditions: String,
    /// Further sections of its text: heading and text.
    pub other: Vec<(String, String)>,
    /// Whether a program executes it, where the tool says so.
    pub automated: Option<bool>,
    /// Fields by the names that people give them here, and one value each: `severity`, `owner`,
    /// `fields.component`.
    pub said: Vec<(String, String)>,
    pub links: Vec<Link>,
    pub selectors: Vec<String>,
    pub parameters: Vec<(String, Vec<String>)>,
    /// What only a case of ours has, that another workspace exported.
    pub own: Option<OwnCase>,
}

/// What a case of ours has besides. Untrusted as all else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnCase {
    /// Stays where it is free and of the project's key.
    pub id: String,
    /// Where its file is, relative to its workspace; its links begin there.
    pub path: String,
    /// What follows the front matter of its file.
    pub body: String,
    pub relations: Vec<Relation>,
    pub combine: Combine,
}

/// One step; all texts are Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignStep {
    pub action: String,
    pub expected: String,
    pub data: String,
    pub steps: Vec<ForeignStep>,
    /// The title of shared steps that stand here.
    pub shared: Option<String>,
}

impl ForeignStep {
    pub fn is_empty(&self) -> bool {
        let texts = [&self.action, &self.expected, &self.data];
        self.shared.is_none()
            && self.steps.is_empty()
            && texts.iter().all(|text| text.trim().is_empty())
    }
}

/// Steps that several cases include.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignSteps {
    pub at: ForeignPlace,
    pub title: String,
    pub steps: Vec<ForeignStep>,
}

impl ForeignSteps {
    /// Tells them from others of their title by the file that they stand in.
    pub fn tell_apart(&mut self) {
        self.title = told_apart(&self.title, &self.at.path);
    }
}

/// Returns a title that no other file has.
pub(super) fn told_apart(title: &str, file: &str) -> String {
    let file = line(&file.replace(['(', ')'], ""), 100);
    format!("{title} ({file})")
}

/// What could not be carried over, by what it is and why. Nothing is left out without an entry here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(BTreeMap<(String, String), Loss>);

/// What one entry of [`Losses`] says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// How often.
    pub count: u64,
    /// The first places, and what stands there.
    pub examples: Vec<(ForeignPlace, String)>,
}

/// Places of one loss that are kept.
const PLACES: usize = 1000;
/// How much of what was lost is shown, in characters.
const SHOWN: usize = 120;

impl Losses {
    /// Notes that `what` (a field, a column, a part of a text) was not carried, and why.
    pub fn add(&mut self, what: &str, why: &str, at: &ForeignPlace, text: &str) {
        let key = (line(what, 100), why.to_owned());
        let loss = self.0.entry(key).or_default();
        loss.count += 1;
        if loss.examples.len() < PLACES {
            loss.examples.push((at.clone(), line(text, SHOWN)));
        }
    }

    /// Adds what another reading lost.
    pub fn join(&mut self, other: Self) {
        for (key, loss) in other.0 {
            let own = self.0.entry(key).or_default();
            own.count += loss.count;
            let room = PLACES.saturating_sub(own.examples.len());
            own.examples.extend(loss.examples.into_iter().take(room));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All losses: what, why, how often and where.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Loss)> {
        self.0
            .iter()
            .map(|((what, why), loss)| (what.as_str(), why.as_str(), loss))
    }
}
