//! What fits a query → what an export says.

use std::collections::{HashMap, HashSet};

use crate::analysis::subjects::ResultSubject;
use crate::cli::commands::query::Results;
use crate::cli::error::CommandError;
use crate::cli::ui::Ui;
use crate::exchange::export::{Attempt, Export, Exported, Subject};
use crate::ledger::{Launch, Rows};
use crate::model::{Details, Environment, Job};

/// What is read of a launch beside its rows.
pub(super) struct Behind {
    details: HashMap<String, Details>,
    environment: Environment,
}

impl Behind {
    /// Reads the details of what fits; says which files of them don't read.
    pub(super) fn read(ui: &mut Ui, results: &Results<'_>) -> Result<Self, CommandError> {
        let outcomes = results.fitting.iter().map(|subject| subject.outcome);
        let ids = outcomes.flat_map(|one| one.retries.iter().chain([&one.id]));
        let ids: HashSet<&str> = ids.map(String::as_str).collect();
        let files = results.snapshot.launches.as_ref();
        let (details, damages) = results.launch.details(files, &ids)?;
        for damage in damages {
            ui.warn(format!("`{}`: {}", damage.path, damage.message));
        }
        Ok(Self {
            details,
            environment: shared(results),
        })
    }

    /// Makes what an export says.
    pub(super) fn export<'a>(&'a self, results: &Results<'a>) -> Export<'a> {
        let exported = results.fitting.iter();
        Export {
            launch: subject(results.launch, &self.environment),
            results: exported
                .map(|subject| self.result(subject, results.rows))
                .collect(),
        }
    }

    pub(super) fn result<'a>(
        &'a self,
        subject: &ResultSubject<'a>,
        rows: &'a Rows,
    ) -> Exported<'a> {
        let outcome = subject.outcome;
        let retries = outcome.retries.iter().filter_map(|id| rows.get(id));
        Exported {
            outcome,
            environment: subject.environment,
            last: self.attempt((subject.job, subject.row)),
            retries: retries.map(|row| self.attempt(row)).collect(),
        }
    }

    fn attempt<'a>(&'a self, (job, row): (&'a Job, &'a crate::model::TestResult)) -> Attempt<'a> {
        Attempt {
            row,
            job,
            details: self.details.get(&row.id),
        }
    }
}

fn subject<'a>(launch: &'a Launch, environment: &'a Environment) -> Subject<'a> {
    Subject {
        id: &launch.id,
        project: &launch.project,
        name: &launch.name,
        receipt: launch.closing.as_ref().map(|closing| closing.receipt),
        opened: launch.opened.at,
        source: &launch.source,
        environment,
        links: &launch.links,
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// Returns the variables that all results agree on; those of the launch where there are no results.
fn shared(results: &Results<'_>) -> Environment {
    let Some(first) = results.fitting.first() else {
        return results.launch.environment.clone();
    };
    let mut out = Environment::default();
    for (name, value) in first.environment.iter() {
        let mut all = results.fitting.iter();
        if all.all(|one| one.environment.get(name) == Some(value)) {
            out.insert(name, value.clone());
        }
    }
    out
}
