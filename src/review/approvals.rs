//! What changed in approvals, and which approvals a change outdates.

use std::collections::BTreeMap;

use super::change::{Effect, Notes, Noun};
use super::documents::Describe;
use super::kind::Kind;
use super::project::Both;
use super::report::Review;
use super::unread::Unread;
use crate::analysis::approval::{Approvals, State, reviewer};
use crate::base::text::{list, sanitize_line};
use crate::model::{Approval, Case, CaseApprovals};
use crate::store::{Doc, Key, Project};

/// Adds who approves what now, and who no longer does.
pub(super) fn all(both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    let today = Approvals::new(both.after);
    let digest = |case: &str| {
        today
            .case(case)
            .map(|doc| today.seal(doc).digest.to_string())
    };
    let said = |notes: &mut Notes<'_>, doc: &Doc<CaseApprovals>, by: &str, approval: &Approval| {
        let (effect, what) = match digest(&doc.value.case) {
            None => (Effect::Changes, "approves a case that is not there"),
            Some(digest) if digest == approval.digest => {
                (Effect::Strengthens, "approves it as it is")
            }
            Some(_) => (Effect::Changes, "approves what it does not say"),
        };
        let sentence = format!("{} {what}", sanitize_line(by));
        let line = doc.value.all.iter().position(|one| one == approval);
        let at = line.and_then(|n| doc.span(&[Key::from("approvals"), Key::from(n)]));
        notes.say(Kind::ApprovalAdded, effect, sentence).now(at);
    };
    let describe = Describe::<CaseApprovals> {
        noun: Noun::Approvals,
        project: both.name,
        id: |file| &file.case,
        title: |_| "",
        keys: &["approvals"],
        added: &|notes, doc| {
            for (by, approval) in newest(both.after, &doc.value) {
                said(notes, doc, by, approval);
            }
        },
        removed: &|notes, doc| {
            for by in newest(both.before, &doc.value).into_keys() {
                gone(notes, by);
            }
        },
        changed: &|notes, before, after| {
            let (old, new) = (
                newest(both.before, &before.value),
                newest(both.after, &after.value),
            );
            for (by, approval) in &new {
                match old.get(by) {
                    Some(was) if was == approval => {}
                    Some(was) if (was.at, &was.digest) == (approval.at, &approval.digest) => {
                        let sentence =
                            format!("the approval of {} says something else", sanitize_line(by));
                        notes.say(Kind::Other, Effect::Changes, sentence);
                    }
                    _ => said(notes, after, by, approval),
                }
            }
            for by in old.keys().filter(|by| !new.contains_key(*by)) {
                gone(notes, by);
            }
        },
    };
    describe.by_id(&both.before.approvals, &both.after.approvals, unread, out);
}

fn gone(notes: &mut Notes<'_>, by: &str) {
    let sentence = format!("{} no longer approves it", sanitize_line(by));
    notes.say(Kind::ApprovalRemoved, Effect::Weakens, sentence);
}

/// The newest approval of each reviewer.
fn newest<'a>(project: &'a Project, file: &'a CaseApprovals) -> BTreeMap<&'a str, &'a Approval> {
    let mut out: BTreeMap<&str, &Approval> = BTreeMap::new();
    for approval in &file.all {
        let entry = out
            .entry(reviewer(project, &approval.by))
            .or_insert(approval);
        if approval.at >= entry.at {
            *entry = approval;
        }
    }
    out
}

/// The approvals of both sides, for asking how a case stood and stands.
#[derive(Debug)]
pub(super) struct Standings<'a> {
    before: Approvals<'a>,
    after: Approvals<'a>,
}

impl<'a> Standings<'a> {
    pub(super) fn new(both: &Both<'a>) -> Self {
        Self {
            before: Approvals::new(both.before),
            after: Approvals::new(both.after),
        }
    }

    /// Says that a change outdates what was approved.
    pub(super) fn outdated(&self, notes: &mut Notes<'_>, before: &Doc<Case>, after: &Doc<Case>) {
        let (was, is) = (self.before.standing(before), self.after.standing(after));
        let held = matches!(was.state, State::Approved | State::Suspect);
        if !held || is.state != State::Outdated {
            return;
        }
        let names: Vec<String> = was.reviewers().map(sanitize_line).collect();
        let sentence = format!("is no longer what {} approved", list(&names, "and"));
        notes.say(Kind::ApprovalOutdated, Effect::Changes, sentence);
    }

    /// Whether a case that is new, or means something else than before, is not approved as it is.
    pub(super) fn is_unreviewed(&self, before: Option<&Doc<Case>>, after: &Doc<Case>) -> bool {
        let is_same = before
            .is_some_and(|before| self.before.seal(before).digest == self.after.seal(after).digest);
        !is_same && self.after.standing(after).state != State::Approved
    }
}
