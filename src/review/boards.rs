//! Dashboards that count what changed.

use std::collections::{BTreeMap, BTreeSet};

use super::brief::{Impact, Reach};
use super::change::Side;
use super::impact::place;
use super::report::Input;
use super::touched::{Scope, Weight};
use super::words::some;
use crate::analysis::subjects::{CaseSet, CaseSubject, Of};
use crate::base::text::sanitize_line;
use crate::model::Dashboard;
use crate::query::{self, Bound, Context};
use crate::store::Project;

/// Adds the dashboards on which a query of cases has other cases now, or cases that mean something else.
/// What is shown without a query is of all cases, and no dashboard is named for that.
pub(super) fn impact(input: &Input<'_>, scope: &Scope<'_>, out: &mut Vec<Impact>) {
    let changed = || {
        let cases = scope.cases.iter();
        cases.filter(|(_, one)| one.weight > Weight::Wording)
    };
    if scope.after.dashboards.is_empty() || changed().next().is_none() {
        return;
    }
    let context = Context {
        now: input.now,
        user: None,
    };
    let past = input.past.get(&scope.after.folder);
    let sets = [scope.before, scope.after].map(|project| CaseSet::new(project, input.now));
    let [old, new] = [&sets[0], &sets[1]].map(|set| set.subjects(past));
    let (old, new) = (by_id(&old), by_id(&new));
    for doc in &scope.after.dashboards {
        let mut before = scope.before.dashboards.iter();
        // What a new one shows is a change of its own.
        if !before.any(|one| one.value.id == doc.value.id) {
            continue;
        }
        let widgets = asked(scope.after, &doc.value, &context);
        let (mut come, mut gone, mut other) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (id, one) in changed() {
            let was = one.before.and_then(|doc| old.get(doc.value.id.as_str()));
            let is = one.after.and_then(|doc| new.get(doc.value.id.as_str()));
            for queries in &widgets {
                let has = |subject: Option<&&CaseSubject<'_>>| {
                    subject.is_some_and(|one| queries.iter().all(|query| query.holds(*one)))
                };
                match (has(was), has(is)) {
                    (false, true) => come.insert(*id),
                    (true, false) => gone.insert(*id),
                    (true, true) if one.is_other() => other.insert(*id),
                    _ => false,
                };
            }
        }
        let told = [
            ("counts", &come, " too"),
            ("no longer counts", &gone, ""),
            ("counts", &other, ", which changed"),
        ];
        let told = told.iter().filter(|(_, ids, _)| !ids.is_empty());
        let told = told.map(|(verb, ids, rest)| {
            let ids: Vec<&str> = ids.iter().copied().collect();
            format!("{verb} {}{rest}", some(&ids))
        });
        let told: Vec<String> = told.collect();
        if told.is_empty() {
            continue;
        }
        let cases: BTreeSet<&str> = come.into_iter().chain(gone).chain(other).collect();
        out.push(Impact {
            reach: Reach::Dashboard,
            project: scope.name.to_owned(),
            of: doc.value.id.clone(),
            sentence: format!(
                "dashboard {} {}",
                sanitize_line(&doc.value.id),
                told.join(", and ")
            ),
            cases: cases.into_iter().map(str::to_owned).collect(),
            place: place(&doc.path, Side::Head),
        });
    }
}

fn by_id<'s, 'a>(subjects: &'s [CaseSubject<'a>]) -> BTreeMap<&'a str, &'s CaseSubject<'a>> {
    let pairs = subjects.iter().map(|one| (one.case.id.as_str(), one));
    pairs.collect()
}

/// The queries of each widget that asks for some of the cases; those that can't be asked, or take only so
/// many, are left out.
fn asked(project: &Project, board: &Dashboard, context: &Context) -> Vec<Vec<Bound>> {
    let widgets = board.widgets.iter();
    let widgets = widgets.filter(|widget| widget.subject() == Some(Of::Cases));
    let queries = widgets.filter_map(|widget| {
        let saved = match &widget.saved {
            Some(id) => {
                let found = project.saved_query(id);
                let found = found.filter(|doc| doc.value.of == Of::Cases)?;
                Some(found.value.query.as_str())
            }
            None => None,
        };
        let texts = widget.query.as_deref().into_iter().chain(saved);
        let texts = texts.filter(|text| !text.trim().is_empty());
        let bound = texts.map(|text| {
            query::parse(text)
                .ok()?
                .bind(Of::Cases.schema(), context)
                .ok()
        });
        let bound: Vec<Bound> = bound.collect::<Option<_>>()?;
        (!bound.is_empty() && !bound.iter().any(Bound::is_limited)).then_some(bound)
    });
    queries.collect()
}
