//! What a gate says of a launch, told with its culprits.

use super::reader::Reader;
use super::told::Teller;
use crate::analysis::gate::{Culprit, passes};
use crate::exchange::{Ruling, Verdict};
use crate::ledger::{self, Bench, Reading};
use crate::model::Gate;

/// Puts a launch to a gate, by today's documentation. Where something did not read, it fails.
pub(crate) fn judged(
    gate: &Gate,
    reader: &Reader<'_>,
    reading: &Reading,
    teller: &Teller<'_>,
    lacks: bool,
) -> Verdict {
    let unavailable = reader.snapshot.unavailable();
    let checks = ledger::judge(
        gate,
        &Bench {
            project: reader.project,
            reading,
            rows: Some(teller.rows()),
            now: reader.now,
            unavailable: unavailable.map(|unavailable| unavailable.why.as_str()),
        },
    );
    let culprit = |culprit: &Culprit| match culprit {
        Culprit::Outcome(at) => teller.tell(*at).line(),
        Culprit::Other(line) => line.clone(),
    };
    let rules = checks.iter().map(|check| Ruling {
        group: check.group.clone(),
        rule: check.rule.clone(),
        passed: check.passed,
        expected: check.expected.clone(),
        actual: check.actual.clone(),
        culprits: check.culprits.iter().map(culprit).collect(),
    });
    let mut rules: Vec<Ruling> = rules.collect();
    rules.extend(lacks.then(damaged));
    Verdict {
        gate: Some(gate.id.clone()).filter(|id| !id.is_empty()),
        launch: reading.launch().id.clone(),
        launch_name: reading.launch().name.clone(),
        passed: passes(&checks) && !lacks,
        rules,
    }
}

/// Files that don't read are lost input.
fn damaged() -> Ruling {
    Ruling {
        group: String::new(),
        rule: "evidence".to_owned(),
        passed: false,
        expected: "files that read".to_owned(),
        actual: "files of closed launches that don't".to_owned(),
        culprits: Vec::new(),
    }
}
