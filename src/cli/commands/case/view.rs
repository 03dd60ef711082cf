//! What several commands show of cases.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::analysis::matching::{Match, Matcher};
use crate::analysis::subjects::{Of, needs_rows};
use crate::author::case::inverse;
use crate::base::text::{line, sanitize_line};
use crate::cli::commands::query::{tell, user};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::issues;
use crate::cli::place::Place;
use crate::cli::reader::Reader;
use crate::cli::ui::Ui;
use crate::ledger::{Launch, ResultSet};
use crate::model::{Case, Status};
use crate::query::{self, Bound};
use crate::store::launches::Damage;
use crate::store::{Doc, Project};

/// A relation, seen from one of its ends.
#[derive(Debug, Serialize)]
pub(super) struct Related {
    #[serde(rename = "type")]
    kind: String,
    case: String,
    title: Option<String>,
    /// Whether the other case has it in its file.
    from_other: bool,
}

impl Related {
    pub(super) fn line(&self) -> String {
        let title = match &self.title {
            Some(title) => sanitize_line(title),
            None => "(not here)".to_owned(),
        };
        let case = sanitize_line(&self.case);
        format!("{} {case}  {title}", sanitize_line(&self.kind))
    }
}

/// Returns the relations of a case, and those that others have to it.
pub(super) fn relations(project: &Project, doc: &Doc<Case>) -> Vec<Related> {
    let own = doc.value.relations.iter().map(|relation| {
        let other = project.case(&relation.case);
        Related {
            kind: relation.kind.clone(),
            case: other.map_or(relation.case.clone(), |other| other.value.id.clone()),
            title: other.map(|other| other.value.title.clone()),
            from_other: false,
        }
    });
    let mut out: Vec<Related> = own.collect();
    for other in &project.cases {
        let case = &other.value;
        let to_this = case.relations.iter().filter(|relation| {
            let leads_to = project.case(&relation.case);
            leads_to.is_some_and(|found| found.path == doc.path) && other.path != doc.path
        });
        out.extend(to_this.map(|relation| Related {
            kind: inverse(&relation.kind),
            case: case.id.clone(),
            title: Some(case.title.clone()),
            from_other: true,
        }));
    }
    out
}

/// Returns one line for each link of a case.
pub(super) fn shown_links(project: &Project, doc: &Doc<Case>) -> Vec<String> {
    let links = doc.value.links.iter().map(|link| {
        let kind = link.kind.as_deref().unwrap_or("link");
        let called = link.called().unwrap_or_default();
        let address = issues::address(project, link);
        let address = address.filter(|address| address != called);
        let address = address.map(|address| format!("  {}", line(&address, 300)));
        let (kind, called) = (sanitize_line(kind), line(called, 200));
        format!("{kind} {called}{}", address.unwrap_or_default())
    });
    links.collect()
}

/// A test that no case file claims.
#[derive(Debug)]
pub(super) struct DerivedTest {
    /// The digest that outcomes have.
    pub(super) digest: String,
    pub(super) name: String,
    pub(super) full_name: Option<String>,
    /// The worst of its results.
    pub(super) status: Status,
    /// Places among the launch's outcomes.
    pub(super) outcomes: Vec<usize>,
}

/// The tests of a launch that no case file claims.
#[derive(Debug)]
pub(super) struct Derived {
    pub(super) tests: Vec<DerivedTest>,
    pub(super) damages: Vec<Damage>,
}

/// Reads a query of results; none where it is wrong, which is said.
pub(in crate::cli::commands) fn query_of_results(
    ui: &mut Ui,
    ctx: &Context,
    place: &Place,
    project: &Project,
    text: &str,
) -> Result<Option<Bound>, CommandError> {
    let query = match query::parse(text) {
        Ok(query) => query,
        Err(problem) => {
            tell(ui, text, &[problem]);
            return Ok(None);
        }
    };
    let context = query::Context {
        now: ctx.now,
        user: user(ctx, place, project),
    };
    let bound = match query.bind(Of::Results.schema(), &context) {
        Ok(bound) => bound,
        Err(problems) => {
            tell(ui, text, &problems);
            return Ok(None);
        }
    };
    if { bound.lookups().into_iter() }.any(|lookup| lookup.is_function()) {
        let error =
            CommandError::usage("functions of history are not asked of tests without a case");
        return Err(error.hint("`tallybook query` takes them"));
    }
    Ok(Some(bound))
}

/// Finds the tests of a launch that no case file claims today, and of which a result fits a query. None
/// where the query is wrong, which is said.
pub(super) fn derived(
    ui: &mut Ui,
    ctx: &Context,
    place: &Place,
    reader: &Reader<'_>,
    launch: &Launch,
    text: &str,
) -> Result<Option<Derived>, CommandError> {
    let Some(bound) = query_of_results(ui, ctx, place, reader.project, text)? else {
        return Ok(None);
    };
    let rows = match bound.lookups().into_iter().any(needs_rows) {
        true => Some(launch.rows(reader.snapshot.launches.as_ref())?),
        false => None,
    };
    let damages = rows.iter().flat_map(|rows| rows.damages.clone()).collect();
    let results = ResultSet::new(launch, rows.as_ref(), reader.project);
    let subjects = results.subjects(None);
    let mut fitting: Vec<usize> = bound
        .select(&subjects)
        .iter()
        .map(|one| one.place.1)
        .collect();
    fitting.sort_unstable();
    let tests = without_case(reader.project, launch, &fitting);
    Ok(Some(Derived { tests, damages }))
}

/// Puts results together by test, those of tests that a case file claims left out.
fn without_case(project: &Project, launch: &Launch, outcomes: &[usize]) -> Vec<DerivedTest> {
    let matcher = Matcher::new(project.cases.iter().map(|doc| &doc.value));
    let mut tests: BTreeMap<&str, DerivedTest> = BTreeMap::new();
    for at in outcomes {
        let outcome = &launch.outcomes[*at];
        let known = outcome.case.as_deref().and_then(|case| project.case(case));
        let Some(identity) = launch
            .tests()
            .get(&outcome.test)
            .filter(|_| known.is_none())
        else {
            continue;
        };
        let found = matcher.find(&identity.ids, identity.full_name.as_deref());
        if found != Match::None {
            continue;
        }
        let test = tests.entry(&outcome.test).or_insert_with(|| DerivedTest {
            digest: outcome.test.clone(),
            name: identity.name.clone(),
            full_name: identity.full_name.clone(),
            status: outcome.status,
            outcomes: Vec::new(),
        });
        test.outcomes.push(*at);
        test.status = test.status.min(outcome.status);
    }
    let mut tests: Vec<DerivedTest> = tests.into_values().collect();
    tests.sort_by(|a, b| (&a.full_name, &a.name).cmp(&(&b.full_name, &b.name)));
    tests
}
