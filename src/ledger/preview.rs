//! What an open launch would say if it were closed now.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::part::{OpenState, Part, StateError};
use super::refusal::{Refusal, refusals, with_planned};
use crate::analysis::categories::Categories;
use crate::analysis::matching::Matcher;
use crate::analysis::resolve::Resolver;
use crate::analysis::{self, Decision, Input, Row};
use crate::base::{Digest, Timestamp, files};
use crate::model::{Environment, Job, OpenLaunch, OrderedMap, TestResult};
use crate::store::{Project, Shard};

/// An open launch as it stands.
#[derive(Clone, Debug)]
pub struct Preview {
    pub launch: OpenLaunch,
    pub parts: Vec<Part>,
    pub decision: Decision,
    /// What outcomes refer to by their index.
    pub environments: Vec<Environment>,
    /// What keeps it from being closed.
    pub refusals: Vec<Refusal>,
}

/// Reads an open launch and decides it by today's documentation; `None` where it isn't open.
pub fn preview(
    state: &OpenState,
    project: &Project,
    id: &str,
    now: Timestamp,
) -> Result<Option<Preview>, StateError> {
    let Some(launch) = state.read(id)? else {
        return Ok(None);
    };
    let parts = state.parts(id)?;
    let read = read(&parts)?;
    let decision = decide(project, &launch, &read, now);
    let refusals = with_planned(refusals(state, &launch, &parts)?, &decision.plans);
    Ok(Some(Preview {
        launch,
        parts,
        decision,
        environments: read.environments,
        refusals,
    }))
}

/// The rows of all parts, and the distinct environments that they ran in.
pub(super) struct Read {
    pub(super) rows: Vec<Row>,
    /// The attachments that rows name, by the part's place.
    pub(super) attached: Vec<(usize, String)>,
    pub(super) environments: Vec<Environment>,
}

pub(super) fn read(parts: &[Part]) -> Result<Read, StateError> {
    let mut environments: Vec<Environment> = Vec::new();
    let mut by_part: Vec<Vec<Row>> = Vec::new();
    let mut attached = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let environment = &part.header.environment;
        let index = environments.iter().position(|known| known == environment);
        let index = index.unwrap_or_else(|| {
            environments.push(environment.clone());
            environments.len() - 1
        });
        let mut rows = Vec::new();
        for name in &part.results {
            let (mut more, files) = read_rows(part, name, index)?;
            rows.append(&mut more);
            attached.extend(files.into_iter().map(|file| (place, file)));
        }
        if rows.len() as u64 != part.rows() {
            return Err(StateError::Damaged {
                shard: part.shard.clone(),
                problem: format!("it has {} rows where {} were read", rows.len(), part.rows()),
            });
        }
        by_part.push(rows);
    }
    leave_out_salvaged(parts, &mut by_part);
    let rows = by_part.into_iter().flatten().collect();
    Ok(Read {
        rows,
        attached,
        environments,
    })
}

/// Leaves out rows of a part with a loss where a complete part that makes up for it has the same
/// test: what was salvaged is no attempt of its own. A test that only the salvage has stays.
fn leave_out_salvaged(parts: &[Part], rows: &mut [Vec<Row>]) {
    for (index, part) in parts.iter().enumerate().filter(|(_, part)| part.has_loss()) {
        let settling = parts.iter().zip(rows.iter());
        let keys: HashSet<Digest> = settling
            .filter(|(other, _)| other.settles(part))
            .flat_map(|(_, rows)| rows.iter().map(|row| row.run.key))
            .collect();
        rows[index].retain(|row| !keys.contains(&row.run.key));
    }
}

/// Reads one file of rows: the rows, and the attachments that they name.
fn read_rows(
    part: &Part,
    name: &str,
    environment: usize,
) -> Result<(Vec<Row>, Vec<String>), StateError> {
    let path = part.folder.join(name);
    let bytes = files::read(&path)?;
    let shard = Shard::read(&bytes).map_err(|source| StateError::Part { path, source })?;
    let (job, variables): (&Job, &Environment) = (&part.header.job, &part.header.environment);
    let formats = part.formats().into_iter().map(str::to_owned);
    let (allure, others): (BTreeSet<String>, BTreeSet<String>) =
        formats.partition(|format| format == "allure");
    let [allure, others] = match (allure.is_empty(), others.is_empty()) {
        (true, _) => [others.clone(), others],
        (false, true) => [allure.clone(), allure],
        (false, false) => [allure, others],
    };
    let (allure, others) = (Arc::new(allure), Arc::new(others));
    let row = |result: TestResult| {
        // Allure alone has both of one execution.
        let told_by = match result.uuid.is_some() && result.digest.is_some() {
            true => &allure,
            false => &others,
        };
        let told_by = Arc::clone(told_by);
        let mut row = Row::new(result, job, environment, variables);
        row.run.told_by = told_by;
        row
    };
    let attached = shard.results.iter().flat_map(|result| &result.attachments);
    let attached = attached.filter_map(|one| one.file.clone()).collect();
    Ok((shard.results.into_par_iter().map(row).collect(), attached))
}

/// Decides rows by a project's documentation.
pub(super) fn decide(
    project: &Project,
    launch: &OpenLaunch,
    read: &Read,
    now: Timestamp,
) -> Decision {
    let matcher = Matcher::new(project.cases.iter().map(|doc| &doc.value));
    let mutes = project.mutes.iter().map(|doc| &doc.value);
    let defects = project.defects.iter().map(|doc| &doc.value);
    let resolver = Resolver::new(mutes, defects, now);
    let none = OrderedMap::default();
    let settings = project.settings.as_ref().map(|doc| &doc.value);
    let declared = settings.map_or(&none, |settings| &settings.environment);
    let categories = settings.map_or(&[][..], |settings| &settings.categories);
    let unknown = Environment::default();
    let environments: BTreeMap<usize, &Environment> =
        read.environments.iter().enumerate().collect();
    let environments: Vec<Environment> = match environments.len() {
        0 => vec![unknown],
        _ => environments.into_values().cloned().collect(),
    };
    analysis::decide(&Input {
        rows: &read.rows,
        environments: &environments,
        declared,
        matcher: &matcher,
        resolver: &resolver,
        categories: &Categories::new(categories),
        launch: (&launch.id, &launch.name),
    })
}
