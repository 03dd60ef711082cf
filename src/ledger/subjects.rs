//! Cases and results as subjects of queries.

use std::collections::HashMap;

use super::launch::{Launch, Rows, stand_in};
use crate::analysis::subjects::{Past, ResultSubject};
use crate::model::{Case, Job, TestResult};
use crate::store::Project;

/// The results of one launch, ready to be asked.
#[derive(Debug)]
pub struct ResultSet<'a> {
    launch: &'a Launch,
    rows: Option<&'a Rows>,
    /// By id.
    cases: HashMap<&'a str, &'a Case>,
    /// Stands in for rows that nobody looks at.
    blank: (Job, TestResult),
    /// What is known elsewhere of rows that are gone, in the order of the outcomes.
    gone: Vec<TestResult>,
}

impl<'a> ResultSet<'a> {
    /// Takes the rows, or none where nobody looks at what only they have, and the project whose cases say what results don't.
    pub fn new(launch: &'a Launch, rows: Option<&'a Rows>, project: &'a Project) -> Self {
        let is_gone = |id: &str| rows.is_some_and(|rows| rows.get(id).is_none());
        let gone = launch
            .outcomes
            .iter()
            .filter(|outcome| is_gone(&outcome.id));
        Self {
            launch,
            rows,
            cases: project
                .cases
                .iter()
                .map(|doc| (doc.value.id.as_str(), &doc.value))
                .collect(),
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
                    says: outcome
                        .case
                        .as_deref()
                        .and_then(|case| self.cases.get(case).copied()),
                }
            })
            .collect()
    }
}
