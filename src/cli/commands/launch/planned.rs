//! What was planned of a launch, as text and as JSON.

use serde::Serialize;

use crate::analysis::planned::Progress;
use crate::base::text::{count, sanitize_line, thousands, width};
use crate::ledger::Preview;
use crate::ledger::manual::work;
use crate::model::{Environment, Execution, Parameter, PlannedRecord, Status};

/// What was planned, and what of it was done; its keys stay.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PlannedView {
    total: u64,
    done: u64,
    unfinished: u64,
    /// Results that answer nothing that was planned.
    unplanned: u64,
    /// Why the launch was closed without the unfinished ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// How far each person is; of an open launch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    people: Vec<Progress>,
    /// Each planned result; of an open launch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<PlannedResult>,
    /// The results that answer nothing that was planned; of an open launch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unplanned_results: Vec<Unplanned>,
}

#[derive(Clone, Debug, Serialize)]
struct PlannedResult {
    id: String,
    /// The case's id.
    case: String,
    name: String,
    execution: Execution,
    environment: Environment,
    parameters: Vec<Parameter>,
    assignee: Option<String>,
    /// `in_progress` where nothing answers it.
    status: Status,
    /// The results that answer it.
    by: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Unplanned {
    /// The result's id.
    id: String,
    name: String,
    case: Option<String>,
    status: Status,
}

/// How many results that nobody planned are named.
const NAMED: usize = 8;

impl PlannedView {
    /// Takes what an open launch says; none where nothing was planned.
    pub(super) fn of(preview: &Preview) -> Option<Self> {
        let decision = &preview.decision;
        let record = decision.plans.record()?;
        let outcome = |at: &usize| &decision.outcomes[*at];
        let results = work(preview).into_iter().map(|one| PlannedResult {
            id: one.planned.id.clone(),
            case: one.planned.asked.clone(),
            name: one.planned.name.clone(),
            execution: one.planned.execution,
            environment: one.environment.clone(),
            parameters: one.planned.planning.parameters.clone(),
            assignee: one.planned.planning.assignee.clone(),
            status: one.status,
            by: match one.planned.done {
                true => one
                    .planned
                    .outcomes
                    .iter()
                    .map(|at| outcome(at).id.clone())
                    .collect(),
                false => Vec::new(),
            },
        });
        let unplanned = decision.plans.unplanned.iter().map(outcome);
        let name = |test: &str| {
            let tests = decision.tests.iter();
            let mut own = tests.filter(|known| known.test == test);
            own.next()
                .map(|known| known.name.clone())
                .unwrap_or_default()
        };
        let unplanned = unplanned.map(|outcome| Unplanned {
            id: outcome.id.clone(),
            name: name(&outcome.test),
            case: outcome.case.clone(),
            status: outcome.status,
        });
        let mut unplanned: Vec<Unplanned> = unplanned.collect();
        unplanned.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Some(Self {
            people: decision.plans.people(),
            results: results.collect(),
            unplanned_results: unplanned,
            ..Self::closed(record)
        })
    }

    /// Takes what a closed launch says.
    pub(super) fn closed(record: PlannedRecord) -> Self {
        Self {
            total: record.total,
            done: record.done,
            unfinished: record.unfinished,
            unplanned: record.unplanned,
            reason: record.reason,
            people: Vec::new(),
            results: Vec::new(),
            unplanned_results: Vec::new(),
        }
    }

    /// One line: `12, 3 done, 9 in progress; 1 result was not planned`.
    pub(super) fn sentence(&self) -> String {
        let mut out = format!("{}, {} done", thousands(self.total), thousands(self.done));
        if self.unfinished > 0 {
            out.push_str(&format!(", {} in progress", thousands(self.unfinished)));
        }
        if self.unplanned > 0 {
            let was = if self.unplanned == 1 { "was" } else { "were" };
            let results = count(self.unplanned, "result");
            out.push_str(&format!("; {results} {was} not planned"));
        }
        out
    }

    /// The sentence, how far each person is, and the results that nobody planned.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut out = vec![format!("planned: {}", self.sentence())];
        let named = |progress: &Progress| match &progress.assignee {
            Some(who) => sanitize_line(who),
            None => "nobody".to_owned(),
        };
        let names: Vec<String> = self.people.iter().map(named).collect();
        let widest = names
            .iter()
            .map(|name| width(name))
            .max()
            .unwrap_or_default();
        for (progress, name) in self.people.iter().zip(&names) {
            let pad = " ".repeat(widest - width(name));
            let (done, total) = (thousands(progress.done), thousands(progress.total));
            out.push(format!("  {name}{pad}  {done} of {total}"));
        }
        for one in self.unplanned_results.iter().take(NAMED) {
            let name = sanitize_line(&one.name);
            out.push(format!("  not planned: {name} ({})", one.status));
        }
        if self.unplanned_results.len() > NAMED {
            let more = (self.unplanned_results.len() - NAMED) as u64;
            out.push(format!("  and {} more", thousands(more)));
        }
        out
    }

    /// Why it was closed without what is unfinished.
    pub(super) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}
