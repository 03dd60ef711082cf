//! Which cases a change touches, and how much of them.

use std::collections::{BTreeMap, HashMap};

use super::change::{Effect, Item, Noun, State};
use super::elsewhere::included;
use super::kind::Kind;
use super::report::{Input, Review};
use crate::model::Case;
use crate::store::{Doc, Project};

/// How much of a case changed. The order is that of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Its wording alone.
    Wording,
    /// What is said about it: its owner, its place, its tags.
    Aside,
    /// What is tested, or how.
    Meaning,
}

/// A case that is touched.
#[derive(Clone, Debug)]
pub(super) struct Touched<'a> {
    pub(super) before: Option<&'a Doc<Case>>,
    pub(super) after: Option<&'a Doc<Case>>,
    pub(super) weight: Weight,
    /// Less of it is tested than before.
    pub(super) weakened: bool,
}

impl<'a> Touched<'a> {
    /// Whether it is on both sides, and something else is tested now.
    pub(super) fn is_other(&self) -> bool {
        self.weight == Weight::Meaning && self.before.is_some() && self.after.is_some()
    }

    pub(super) fn is_gone(&self) -> bool {
        self.after.is_none()
    }

    pub(super) fn sides(&self) -> impl Iterator<Item = &'a Doc<Case>> {
        self.before.into_iter().chain(self.after)
    }
}

/// A project of which both sides are there, with its touched cases by the ids of today, else of the base.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) before: &'a Project,
    pub(super) after: &'a Project,
    /// Its key, else its folder.
    pub(super) name: &'a str,
    pub(super) cases: BTreeMap<&'a str, Touched<'a>>,
    /// What changed of it, whatever it is.
    pub(super) items: Vec<&'a Item>,
}

/// What a change touches, project by project.
#[derive(Debug)]
pub struct Reached<'a> {
    /// Projects that both sides have.
    pub(super) scopes: Vec<Scope<'a>>,
}

impl<'a> Reached<'a> {
    pub fn new(input: &Input<'a>, review: &'a Review) -> Self {
        Self {
            scopes: scopes(input, review),
        }
    }

    /// Whether closed launches may say something of a change to a project; `folder` is that of the base.
    pub fn asks_history(&self, folder: &str) -> bool {
        let mut of = self.scopes.iter().filter(|one| one.before.folder == folder);
        of.any(|scope| scope.cases.values().any(|one| one.before.is_some()))
    }

    /// Whether open launches may have to do with a change: cases or plans are not what they were.
    pub fn asks_open(&self) -> bool {
        self.scopes.iter().any(|scope| {
            let mut items = scope.items.iter();
            items.any(|item| item.subject.noun == Noun::Plan)
                || scope
                    .cases
                    .values()
                    .any(|one| one.weight == Weight::Meaning)
        })
    }
}

/// Returns the projects that both sides have.
fn scopes<'a>(input: &Input<'a>, review: &'a Review) -> Vec<Scope<'a>> {
    let old = &input.before.workspace.projects;
    let new = input.after.workspace.projects.iter();
    let mut by_project: HashMap<&str, Vec<&Item>> = HashMap::new();
    for item in &review.items {
        let project = item.subject.project.as_str();
        by_project.entry(project).or_default().push(item);
    }
    let scopes = new.filter_map(|after| {
        let same_key = old
            .iter()
            .find(|before| before.key().is_some() && before.key() == after.key());
        let before = same_key.or_else(|| old.iter().find(|one| one.folder == after.folder))?;
        let name = after.key().unwrap_or(&after.folder);
        let mut scope = Scope {
            before,
            after,
            name,
            cases: BTreeMap::new(),
            items: by_project.remove(name).unwrap_or_default(),
        };
        scope.fill(review);
        Some(scope)
    });
    scopes.collect()
}

impl<'a> Scope<'a> {
    fn fill(&mut self, review: &'a Review) {
        let path = self.after.path.as_str();
        let is_own = |file: &&String| file.strip_prefix(path).is_some_and(|r| r.starts_with('/'));
        let editorial: Vec<&str> = review
            .editorial
            .iter()
            .filter(is_own)
            .map(String::as_str)
            .collect();
        let is_document =
            |item: &&&Item| matches!(item.subject.noun, Noun::Case | Noun::SharedSteps);
        if editorial.is_empty() && !self.items.iter().any(|item| is_document(&item)) {
            return;
        }
        let sides = (Docs::new(self.before), Docs::new(self.after));
        for item in self.items.clone() {
            match item.subject.noun {
                Noun::Case => self.take(&sides, item),
                Noun::SharedSteps => {
                    let weakened = item.effect() == Some(Effect::Weakens);
                    for id in &item.included_by {
                        self.both(&sides, id, Weight::Meaning, weakened);
                    }
                }
                _ => {}
            }
        }
        let mut by_steps = None;
        for path in editorial {
            if let Some(doc) = sides.1.by_path.get(path) {
                self.both(&sides, &doc.value.id, Weight::Wording, false);
            } else if self.after.shared_steps(path).is_some() {
                let by_steps = by_steps.get_or_insert_with(|| included(self.after));
                for id in by_steps.get(path).cloned().unwrap_or_default() {
                    self.both(&sides, id, Weight::Wording, false);
                }
            }
        }
    }

    fn take(&mut self, (old, new): &(Docs<'a>, Docs<'a>), item: &'a Item) {
        let was = item.was.as_deref().unwrap_or(&item.path);
        let before = (item.state != State::Added).then(|| old.by_path.get(was).copied());
        let after = (item.state != State::Removed).then(|| new.by_path.get(item.path.as_str()));
        let weight = item.changes.iter().map(|change| weight(change.kind)).max();
        let touched = Touched {
            before: before.flatten(),
            after: after.flatten().copied(),
            weight: weight.unwrap_or(Weight::Wording),
            weakened: item.effect() == Some(Effect::Weakens),
        };
        let id = touched.after.or(touched.before);
        if let Some(doc) = id.filter(|doc| !doc.value.id.is_empty()) {
            self.add(&doc.value.id, touched);
        }
    }

    /// Adds a case that is as it was but for what it includes, or for its wording.
    fn both(
        &mut self,
        (old, new): &(Docs<'a>, Docs<'a>),
        id: &str,
        weight: Weight,
        weakened: bool,
    ) {
        let before = old.by_id.get(id).copied();
        let after = new.by_id.get(id).copied();
        let Some(doc) = after.or(before).filter(|doc| !doc.value.id.is_empty()) else {
            return;
        };
        // A case that includes steps now and did not before is told as what changed of itself.
        let touched = Touched {
            before,
            after,
            weight,
            weakened,
        };
        self.add(&doc.value.id, touched);
    }

    fn add(&mut self, id: &'a str, touched: Touched<'a>) {
        match self.cases.get_mut(id) {
            Some(known) => {
                known.weight = known.weight.max(touched.weight);
                known.weakened |= touched.weakened;
            }
            None => {
                self.cases.insert(id, touched);
            }
        }
    }
}

/// The cases of one side by path, id and alias.
struct Docs<'a> {
    by_path: HashMap<&'a str, &'a Doc<Case>>,
    by_id: HashMap<&'a str, &'a Doc<Case>>,
}

impl<'a> Docs<'a> {
    fn new(project: &'a Project) -> Self {
        let mut out = Self {
            by_path: HashMap::with_capacity(project.cases.len()),
            by_id: HashMap::with_capacity(project.cases.len()),
        };
        for doc in &project.cases {
            out.by_path.insert(&doc.path, doc);
            out.by_id.entry(&doc.value.id).or_insert(doc);
        }
        for doc in &project.cases {
            for alias in &doc.value.aliases {
                out.by_id.entry(alias).or_insert(doc);
            }
        }
        out
    }
}

/// How much of a case a kind of change is.
fn weight(kind: Kind) -> Weight {
    match kind {
        Kind::CaseId
        | Kind::CaseMoved
        | Kind::Workflow
        | Kind::Layer
        | Kind::Severity
        | Kind::Owner
        | Kind::Tags
        | Kind::Fields
        | Kind::Links
        | Kind::RequirementLinked
        | Kind::RequirementUnlinked
        | Kind::Aliases
        | Kind::Relations
        | Kind::ApprovalOutdated
        | Kind::Other => Weight::Aside,
        _ => Weight::Meaning,
    }
}
