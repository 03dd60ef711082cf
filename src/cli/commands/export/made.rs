//! What fits a query → what an export says.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::analysis::subjects::ResultSubject;
use crate::base::text;
use crate::cli::commands::query::Results;
use crate::cli::error::CommandError;
use crate::cli::ui::Ui;
use crate::exchange::export::{Attempt, Export, Exported, Subject};
use crate::ledger::{Launch, Rows};
use crate::model::{Details, Environment, Job, Parameter, TestResult};

/// What is read of a launch beside its rows.
pub(super) struct Behind {
    details: HashMap<String, Details>,
    environment: Environment,
    /// Rows with what tells them from others of their test, by their ids.
    apart: HashMap<String, TestResult>,
    /// What that is, sorted.
    by: BTreeSet<String>,
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
            apart: HashMap::new(),
            by: BTreeSet::new(),
        })
    }

    /// Gives results of one test that ran in several environments or jobs what differs among them as parameters: a
    /// format that tells one run would take them for attempts of each other.
    pub(super) fn told_apart(mut self, results: &Results<'_>) -> Self {
        let mut groups: BTreeMap<_, Vec<&ResultSubject<'_>>> = BTreeMap::new();
        for one in results.fitting {
            let own = one.outcome;
            let test = (&own.test, &own.params, &one.row.name);
            groups.entry(test).or_default().push(one);
        }
        for group in groups.values().filter(|group| group.len() > 1) {
            let names = differing(group);
            for one in group {
                let ids = one.outcome.retries.iter().map(String::as_str);
                let rows = ids.filter_map(|id| results.rows.get(id));
                for (job, row) in rows.chain([(one.job, one.row)]) {
                    let mut own = row.clone();
                    for name in &names {
                        let value = match name {
                            Some(name) => one.environment.get(name).cloned().unwrap_or_default(),
                            None => job.name.clone(),
                        };
                        let name = name.unwrap_or("job");
                        if !own.parameters.iter().any(|known| known.name == name) {
                            self.by.insert(name.to_owned());
                            own.parameters.push(Parameter {
                                name: name.to_owned(),
                                value: Some(value),
                                ..Parameter::default()
                            });
                        }
                    }
                    self.apart.insert(row.id.clone(), own);
                }
            }
        }
        self
    }

    /// Says which parameters tell results apart that had none by those names.
    pub(super) fn tell_apart(&self, ui: &mut Ui) {
        if !self.by.is_empty() {
            let by: Vec<&String> = self.by.iter().collect();
            ui.status(format!(
                "results of one test in several environments or jobs are told apart by parameters: {}",
                text::ticked(&by, "and")
            ));
        }
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

    fn attempt<'a>(&'a self, (job, row): (&'a Job, &'a TestResult)) -> Attempt<'a> {
        Attempt {
            row: self.apart.get(&row.id).unwrap_or(row),
            job,
            details: self.details.get(&row.id),
        }
    }
}

/// Returns the variables in which results of one test differ, and none for the job where no variable does.
fn differing<'a>(group: &[&ResultSubject<'a>]) -> Vec<Option<&'a str>> {
    let mut names: Vec<Option<&str>> = Vec::new();
    for one in group {
        for (name, value) in one.environment.iter() {
            let is_shared = group
                .iter()
                .all(|other| other.environment.get(name) == Some(value));
            if !is_shared && !names.contains(&Some(name)) {
                names.push(Some(name));
            }
        }
    }
    let told = |one: &&ResultSubject<'_>| -> Vec<Option<String>> {
        let values = names.iter().flatten();
        values
            .map(|name| one.environment.get(name).cloned())
            .collect()
    };
    let distinct: BTreeSet<Vec<Option<String>>> = group.iter().map(told).collect();
    if distinct.len() < group.len() {
        names.push(None);
    }
    names
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
