//! What the project's gate says of a launch that is being closed.

use super::CloseError;
use super::closing::Closing;
use crate::analysis::gate::{digest, passes};
use crate::ledger::baseline::baseline;
use crate::ledger::history::{History, Scope};
use crate::ledger::judge::{Bench, judge, looks_back, needs_rows};
use crate::ledger::launch::{Launch, RowsError};
use crate::ledger::preview::Preview;
use crate::ledger::reading::Reading;
use crate::model::{Gate, GateRecord};
use crate::store::Files;
use crate::store::launches::{self, LaunchHead};

impl Closing<'_> {
    /// Puts the launch to the gate of `project.yaml`, by the documentation that it is closed with and the
    /// closed launches that the closing follows. What can't be read counts against it.
    pub(super) fn judged(
        &self,
        files: &dyn Files,
        heads: &[LaunchHead],
    ) -> Result<Option<GateRecord>, CloseError> {
        let gate = self
            .project
            .settings
            .as_ref()
            .and_then(|doc| doc.value.gate.as_ref());
        let Some(gate) = gate else {
            return Ok(None);
        };
        let (reading, mut damaged) = self.reading(gate, files, heads)?;
        let rows = match needs_rows(gate, self.request.now) {
            true => Some(reading.launch().rows(files).map_err(|error| match error {
                RowsError::State(error) => CloseError::from(error),
                RowsError::Store(error) => error.into(),
            })?),
            false => None,
        };
        damaged |= rows.as_ref().is_some_and(|rows| !rows.damages.is_empty());
        let checks = judge(
            gate,
            &Bench {
                project: self.project,
                reading: &reading,
                rows: rows.as_ref(),
                now: self.request.now,
                unavailable: None,
            },
        );
        let failed = checks.iter().filter(|check| !check.passed);
        let mut failed: Vec<String> = failed.map(crate::analysis::gate::Check::title).collect();
        if damaged {
            failed.push("evidence".to_owned());
        }
        let passed = passes(&checks) && !damaged;
        Ok(Some(GateRecord {
            digest: digest(gate).to_string(),
            verdict: if passed { "passed" } else { "failed" }.to_owned(),
            failed,
        }))
    }

    /// Puts the launch beside its baseline, and beside its history where the gate looks at that.
    fn reading(
        &self,
        gate: &Gate,
        files: &dyn Files,
        heads: &[LaunchHead],
    ) -> Result<(Reading, bool), CloseError> {
        let launch = Launch::from(Preview {
            launch: self.open.clone(),
            parts: self.parts.clone(),
            decision: self.decision.clone(),
            environments: self.environments.clone(),
            refusals: self.accepted.clone(),
        });
        let mut damaged = false;
        let base = match baseline(&launch, heads) {
            Err(none) => Err(none),
            Ok((head, found)) => match launches::load(files, head.clone())? {
                Ok(base) => Ok((Launch::from(base), found)),
                Err(_) => {
                    damaged = true;
                    Err(crate::ledger::NoBaseline::Gone(head.file.id.clone()))
                }
            },
        };
        let scope = Scope {
            branch: launch.source.branch.clone(),
            last: Some(launch),
            now: self.request.now,
        };
        let heads = match looks_back(gate, self.request.now) {
            true => heads,
            false => &[],
        };
        let history = History::read(files, self.project, heads, scope)?;
        damaged |= !history.damages.is_empty();
        Ok((Reading::new(self.project, history, base), damaged))
    }
}
