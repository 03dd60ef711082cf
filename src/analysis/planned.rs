//! Planned results: what a launch is to execute, who is to, and what of it was done.
//!
//! A planned result is a row whose status is *in progress*. The same row with a later start says who is to
//! execute it from then on; so any number of people assign on any number of machines, and the last of them, by
//! time, then by id, decides.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::decide::{Input, Row};
use super::keys;
use crate::base::Digest;
use crate::model::{Environment, Execution, Parameter, PlannedRecord, Status, TestResult};

/// The label of a row that names who is to execute it.
pub const ASSIGNEE: &str = "assignee";
/// The label of a row that names who executed it.
pub const TESTER: &str = "tester";

/// The property of a row that names the digest of the case's text as it was executed; the text is among the
/// attachments.
pub const EXECUTED_TEXT: &str = "executed_text";

/// What a planned row says beside what every row does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planning {
    pub assignee: Option<String>,
    pub parameters: Vec<Parameter>,
}

impl Planning {
    /// Returns what a row says where it is planned and not executed.
    pub(super) fn of(result: &TestResult) -> Option<Box<Self>> {
        (result.status == Status::InProgress).then(|| {
            Box::new(Self {
                assignee: result.labels.first(ASSIGNEE).map(str::to_owned),
                parameters: result.parameters.clone(),
            })
        })
    }
}

/// A planned result, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// 16 hex digits, the same whoever it is assigned to.
    pub id: String,
    /// The id of the row that says who is to execute it.
    pub row: String,
    /// The documented case, where there is one with the id that was planned.
    pub case: Option<String>,
    /// The id that was planned, and the title as it was then.
    pub asked: String,
    pub name: String,
    pub execution: Execution,
    /// An index into the environments of the launch.
    pub environment: usize,
    pub planning: Planning,
    /// The outcomes that answer it, by their indices; the one that is in progress where nothing does.
    pub outcomes: Vec<usize>,
    /// Whether a result answers it.
    pub done: bool,
}

/// What deciding found out of plans: nothing where nothing was planned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plans {
    /// By name, case, environment and parameters.
    pub planned: Vec<Planned>,
    /// Outcomes that answer no planned result, by their indices.
    pub unplanned: Vec<usize>,
}

impl Plans {
    /// Returns the planned results that nothing answers yet.
    pub fn open(&self) -> impl Iterator<Item = &Planned> {
        self.planned.iter().filter(|planned| !planned.done)
    }

    /// Returns what a launch says of them; none where nothing was planned.
    pub fn record(&self) -> Option<PlannedRecord> {
        let total = self.planned.len() as u64;
        let unfinished = self.open().count() as u64;
        (total > 0).then(|| PlannedRecord {
            total,
            done: total - unfinished,
            unfinished,
            unplanned: self.unplanned.len() as u64,
            reason: None,
        })
    }

    /// Returns how far each person is, by name, nobody last.
    pub fn people(&self) -> Vec<Progress> {
        let mut people: BTreeMap<(bool, Option<&str>), Progress> = BTreeMap::new();
        for planned in &self.planned {
            let who = planned.planning.assignee.as_deref();
            let progress = people.entry((who.is_none(), who)).or_default();
            progress.assignee = who.map(str::to_owned);
            progress.total += 1;
            progress.done += u64::from(planned.done);
        }
        people.into_values().collect()
    }
}

/// How far somebody is with what was planned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// None of what is assigned to nobody.
    pub assignee: Option<String>,
    pub total: u64,
    pub done: u64,
}

/// Returns the last row of each planned result, by the attempt key.
pub(super) fn standing(rows: &[Row]) -> BTreeMap<Digest, usize> {
    let mut out: BTreeMap<Digest, usize> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        if row.planned.is_none() {
            continue;
        }
        let last = out.entry(row.run.key).or_insert(at);
        let order = |at: usize| (rows[at].run.start, &rows[at].run.id);
        if order(at) > order(*last) {
            *last = at;
        }
    }
    out
}

/// What tells whether a result answers a planned one.
pub(super) struct Answers<'a> {
    input: &'a Input<'a>,
    /// By case, else test: places and the rows that decide there.
    by_case: HashMap<String, Vec<(usize, usize)>>,
    /// The parameters that are planned of each.
    sets: HashMap<String, BTreeSet<&'a str>>,
}

/// A planned row and its case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) row: &'a Row,
    pub(super) case: Option<&'a str>,
}

impl Asked<'_> {
    fn key(&self) -> &str {
        self.case.unwrap_or(&self.row.test)
    }
}

impl<'a> Answers<'a> {
    /// `executed` gives for each group of attempts the row that decides and its case.
    pub(super) fn new(
        input: &'a Input<'a>,
        executed: impl IntoIterator<Item = (usize, Option<String>)>,
        planned: impl IntoIterator<Item = Asked<'a>>,
    ) -> Self {
        let mut by_case: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (group, (row, case)) in executed.into_iter().enumerate() {
            let key = case.unwrap_or_else(|| input.rows[row].test.clone());
            by_case.entry(key).or_default().push((group, row));
        }
        let mut sets: HashMap<String, BTreeSet<&str>> = HashMap::new();
        for asked in planned {
            let own = sets.entry(asked.key().to_owned()).or_default();
            own.insert(&asked.row.params);
        }
        Self {
            input,
            by_case,
            sets,
        }
    }

    /// Returns the groups that answer a planned row: results of its case, in its environment, with its
    /// parameters. A test that executes an automated case and whose parameters are none of those that are
    /// planned answers each of them: it goes through them itself, or does not tell.
    pub(super) fn of(&self, asked: Asked<'_>) -> Vec<usize> {
        let (planned, rows) = (asked.row, self.input.rows);
        let sets = self.sets.get(asked.key());
        let tells = |row: &Row| sets.is_some_and(|sets| sets.contains(row.params.as_str()));
        let fits = |(_, row): &&(usize, usize)| {
            let row = &rows[*row];
            let same = row.params == planned.params
                || (planned.execution == Execution::Automated
                    && row.execution == Execution::Automated
                    && !tells(row));
            same && self.is_in(row.environment, planned.environment)
        };
        let all = self.by_case.get(asked.key()).into_iter().flatten();
        all.filter(fits).map(|(group, _)| *group).collect()
    }

    /// Whether an environment has all that another one names, defaults of declared variables filled in.
    fn is_in(&self, found: usize, wanted: usize) -> bool {
        if found == wanted {
            return true;
        }
        let environments: &[Environment] = self.input.environments;
        let (found, wanted) = (&environments[found], &environments[wanted]);
        let value = |of: &'a Environment, name: &str| {
            let value = keys::declared_value(self.input.declared, of, name);
            value.or(of.get(name).map(String::as_str))
        };
        wanted
            .iter()
            .all(|(name, _)| value(found, name) == value(wanted, name))
    }
}
