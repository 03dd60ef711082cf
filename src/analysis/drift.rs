//! How what a plan selects changed between two moments, and what made it.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{ReadyPlan, select};
use super::subjects::CaseSubject;

/// A plan at one moment, and the cases of that moment.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// None where there is no such plan.
    pub plan: Option<&'a ReadyPlan<'a>>,
    pub cases: &'a [CaseSubject<'a>],
}

/// What made a plan select a case, or no longer select it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The plan's own text, or that of the saved query that it names.
    Plan,
    /// The case's text or place.
    Case,
    /// Both of these, together or each by itself.
    Both,
    /// The case was not there before.
    New,
    /// The case is not there now.
    Gone,
    /// Neither text: a mute, the history of results, or the day.
    Elsewhere,
}

impl Cause {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Case => "case",
            Self::Both => "both",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// Ids of cases that one moment selects and the other doesn't, each with its cause, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    pub added: Vec<(String, Cause)>,
    pub removed: Vec<(String, Cause)>,
    /// How many both moments select.
    pub kept: usize,
}

/// Compares what a plan selects at two moments. Each text is also put to the other moment's cases: what
/// that changes tells the plan's changes from the cases'. `is_same_text` says that both moments ask alike,
/// which spares that.
pub fn drift(before: &Side<'_>, now: &Side<'_>, is_same_text: bool) -> Drift {
    let (old, new) = (ids(before.plan, before.cases), ids(now.plan, now.cases));
    if old == new {
        return Drift {
            kept: old.len(),
            ..Drift::default()
        };
    }
    let (old_text, new_text) = match is_same_text {
        true => (new.clone(), old.clone()),
        false => (ids(before.plan, now.cases), ids(now.plan, before.cases)),
    };
    let differing: BTreeSet<&str> = old.symmetric_difference(&new).copied().collect();
    let (there, here) = (
        by_id(before.cases, &differing),
        by_id(now.cases, &differing),
    );
    let is_same = |id: &str| match (there.get(id), here.get(id)) {
        (Some(one), Some(other)) => {
            one.case == other.case && one.path == other.path && one.text == other.text
        }
        _ => false,
    };
    let by_case = |id: &str| {
        if is_same(id) {
            Cause::Elsewhere
        } else {
            Cause::Case
        }
    };
    let added = new.difference(&old).map(|id| {
        let (by_cases, by_plan) = (old_text.contains(id), new_text.contains(id));
        let cause = match (there.contains_key(id), before.plan, by_cases, by_plan) {
            (_, None, ..) => Cause::Plan,
            (false, _, true, _) => Cause::New,
            (true, _, true, false) => by_case(id),
            (true, _, false, true) => Cause::Plan,
            _ => Cause::Both,
        };
        ((*id).to_owned(), cause)
    });
    let removed = old.difference(&new).map(|id| {
        let (still_by_old_text, still_by_new_text) = (old_text.contains(id), new_text.contains(id));
        let cause = match (here.contains_key(id), now.plan, still_by_old_text) {
            (_, None, _) => Cause::Plan,
            (false, ..) => Cause::Gone,
            (true, _, true) => Cause::Plan,
            (true, _, false) if still_by_new_text => by_case(id),
            _ => Cause::Both,
        };
        ((*id).to_owned(), cause)
    });
    Drift {
        added: added.collect(),
        removed: removed.collect(),
        kept: old.intersection(&new).count(),
    }
}

fn ids<'a>(plan: Option<&ReadyPlan<'_>>, cases: &'a [CaseSubject<'a>]) -> BTreeSet<&'a str> {
    let selection = plan.map(|plan| select(plan, cases)).unwrap_or_default();
    let places = selection.selected.iter().map(|(at, _)| *at);
    places.map(|at| cases[at].case.id.as_str()).collect()
}

/// The cases of some ids.
fn by_id<'a>(
    cases: &'a [CaseSubject<'a>],
    ids: &BTreeSet<&str>,
) -> BTreeMap<&'a str, &'a CaseSubject<'a>> {
    let pairs = cases
        .iter()
        .map(|subject| (subject.case.id.as_str(), subject));
    pairs.filter(|(id, _)| ids.contains(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::model::{Case, Plan};
    use crate::query::{Context, parse};

    fn case(id: &str, tag: &str) -> Case {
        Case {
            id: id.into(),
            tags: vec![tag.into()],
            ..Case::default()
        }
    }

    fn subjects<'a>(cases: &'a [Case], muted: &str) -> Vec<CaseSubject<'a>> {
        let subject = |case: &'a Case| CaseSubject {
            case,
            path: "",
            text: "",
            section: &[],
            muted: case.id == muted,
            approval: None,
            past: None,
        };
        cases.iter().map(subject).collect()
    }

    fn ready<'a>(plan: &'a Plan, query: &str) -> ReadyPlan<'a> {
        let context = Context {
            now: Timestamp::from_ms(0),
            user: None,
        };
        let query = parse(query).expect("it parses");
        let bound = query.bind(crate::model::Of::Cases.schema(), &context);
        ReadyPlan {
            plan,
            query: Some(bound.expect("it binds")),
            saved: None,
            exclude_query: None,
        }
    }

    #[test]
    fn causes_are_told_apart() {
        let plan = Plan::default();
        let before = [
            case("KEPT", "smoke"),
            case("TAGGED", "slow"),
            case("UNTAGGED", "smoke"),
            case("MUTED", "smoke"),
            case("GONE", "smoke"),
            case("MAIL", "mail"),
        ];
        let now = [
            case("KEPT", "smoke"),
            case("TAGGED", "smoke"),
            case("UNTAGGED", "slow"),
            case("MUTED", "smoke"),
            case("NEW", "smoke"),
            case("MAIL", "mail"),
        ];
        let (before, now) = (subjects(&before, ""), subjects(&now, "MUTED"));
        let old = ready(&plan, "tag = smoke and muted = false");
        let new = ready(&plan, "tag in [smoke, mail] and muted = false");
        let side = |plan, cases| Side { plan, cases };
        let found = drift(&side(Some(&old), &before), &side(Some(&new), &now), false);
        let named = |pairs: &[(String, Cause)]| -> Vec<String> {
            let pairs = pairs.iter();
            pairs
                .map(|(id, cause)| format!("{id} {}", cause.as_str()))
                .collect()
        };
        assert_eq!(named(&found.added), ["MAIL plan", "NEW new", "TAGGED case"]);
        assert_eq!(
            named(&found.removed),
            ["GONE gone", "MUTED elsewhere", "UNTAGGED case"]
        );
        assert_eq!(found.kept, 1);
        let same = |flag| drift(&side(Some(&new), &before), &side(Some(&new), &now), flag);
        assert_eq!(same(true), same(false));
        assert!(!same(true).added.is_empty());
        let back = drift(&side(Some(&new), &now), &side(Some(&old), &before), false);
        let ids = |pairs: &[(String, Cause)]| -> Vec<String> {
            pairs.iter().map(|(id, _)| id.clone()).collect()
        };
        assert_eq!(ids(&back.added), ids(&found.removed));
        assert_eq!(ids(&back.removed), ids(&found.added));
        let none = drift(&side(None, &before), &side(Some(&old), &before), false);
        assert!(none.added.iter().all(|(_, cause)| *cause == Cause::Plan));
        assert_eq!(none.added.len(), 4);
    }

    #[test]
    fn two_changes_that_work_together_are_both() {
        let plan = Plan::default();
        let (before, now) = ([case("A", "slow")], [case("A", "mail")]);
        let (before, now) = (subjects(&before, ""), subjects(&now, ""));
        let (old, new) = (ready(&plan, "tag = smoke"), ready(&plan, "tag = mail"));
        let side = |plan, cases| Side { plan, cases };
        let found = drift(&side(Some(&old), &before), &side(Some(&new), &now), false);
        assert_eq!(found.added, [("A".to_owned(), Cause::Both)]);
    }
}
