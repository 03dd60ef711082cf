//! Cases and results as subjects of queries.

use std::collections::BTreeSet;

use super::launch::{Launch, Rows, stand_in};
use crate::analysis::subjects::{CaseSubject, Past, ResultSubject};
use crate::base::Timestamp;
use crate::model::{Job, TestResult};
use crate::store::Project;

/// A project's documented cases, ready to be asked.
#[derive(Debug)]
pub struct CaseSet<'a> {
    project: &'a Project,
    sections: Vec<Vec<&'a str>>,
    muted: BTreeSet<&'a str>,
}

impl<'a> CaseSet<'a> {
    pub fn new(project: &'a Project, now: Timestamp) -> Self {
        Self {
            project,
            sections: project.cases.iter().map(|doc| doc.section()).collect(),
            muted: muted(project, now),
        }
    }

    /// Returns one subject for each case, in the order of the project's cases.
    pub fn subjects<'s>(&'s self, past: Option<&'s Past>) -> Vec<CaseSubject<'s>> {
        let cases = self.project.cases.iter().zip(&self.sections);
        cases
            .map(|(doc, section)| CaseSubject {
                case: &doc.value,
                path: &doc.path,
                text: doc.body(),
                section,
                muted: self.muted.contains(doc.value.id.as_str()),
                past,
            })
            .collect()
    }
}

/// Returns the ids of cases that a mute names which holds.
fn muted(project: &Project, now: Timestamp) -> BTreeSet<&str> {
    let holding = project.mutes.iter().map(|doc| &doc.value);
    let holding = holding.filter(|mute| mute.until.is_some_and(|until| now <= until.end()));
    let mut out = BTreeSet::new();
    for mute in holding {
        let named = mute.cases.iter().filter_map(|id| project.case(id));
        out.extend(named.map(|doc| doc.value.id.as_str()));
        let Some(selector) = &mute.selector else {
            continue;
        };
        let has = |selectors: &[String]| selectors.contains(selector);
        let cases = project.cases.iter().map(|doc| &doc.value);
        let selected = cases.filter(|case| has(&case.automation.selectors));
        out.extend(selected.map(|case| case.id.as_str()));
    }
    out
}

/// The results of one launch, ready to be asked.
#[derive(Debug)]
pub struct ResultSet<'a> {
    launch: &'a Launch,
    rows: Option<&'a Rows>,
    /// Stands in for rows that nobody looks at.
    blank: (Job, TestResult),
    /// What is known elsewhere of rows that are gone, in the order of the outcomes.
    gone: Vec<TestResult>,
}

impl<'a> ResultSet<'a> {
    /// Takes the rows, or none where nobody looks at what only they have.
    pub fn new(launch: &'a Launch, rows: Option<&'a Rows>) -> Self {
        let is_gone = |id: &str| rows.is_some_and(|rows| rows.get(id).is_none());
        let gone = launch
            .outcomes
            .iter()
            .filter(|outcome| is_gone(&outcome.id));
        Self {
            launch,
            rows,
            blank: Default::default(),
            gone: gone.map(|outcome| stand_in(launch, outcome)).collect(),
        }
    }

    /// Returns one subject for each outcome, in their order. `past` is a history and the launch's place
    /// in it, where a function is asked for.
    pub fn subjects<'s>(&'s self, past: Option<(&'s Past, usize)>) -> Vec<ResultSubject<'s>> {
        let launch = self.launch;
        let mut gone = self.gone.iter();
        let outcomes = launch.outcomes.iter().enumerate();
        outcomes
            .map(|(place, outcome)| {
                let (job, blank) = (&self.blank.0, &self.blank.1);
                let (job, row) = match self.rows.map(|rows| rows.get(&outcome.id)) {
                    Some(Some(found)) => found,
                    Some(None) => (job, gone.next().unwrap_or(blank)),
                    None => (job, blank),
                };
                ResultSubject {
                    outcome,
                    row,
                    job,
                    environment: launch.environment_of(outcome),
                    launch: (&launch.id, &launch.name),
                    place: (past.map_or(0, |(_, last)| last), place),
                    past: past.map(|(past, _)| past),
                }
            })
            .collect()
    }
}
