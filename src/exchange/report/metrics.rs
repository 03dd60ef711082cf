//! The latest launches as OpenMetrics 1.0; gauges alone, so that readers of the older Prometheus text
//! take the same file.

use std::collections::BTreeMap;

use super::data::Share;
use super::words::line;
use crate::base::Timestamp;
use crate::model::{Status, Totals};

/// The longest value of a label, in characters.
const VALUE: usize = 120;

/// The latest launch of one name on one branch.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The project's key.
    pub project: String,
    pub name: String,
    pub branch: Option<String>,
    pub id: String,
    pub receipt: String,
    pub totals: Totals,
    pub pass_rate: Share,
    /// Milliseconds from the first start to the last end.
    pub duration: Option<u64>,
    pub closed_at: Timestamp,
}

/// A family of samples: name, unit, help, and the samples of one launch: more labels and a value.
struct Family {
    name: &'static str,
    unit: &'static str,
    help: &'static str,
    samples: fn(&Measured) -> Vec<(String, String)>,
}

const FAMILIES: [Family; 8] = [
    Family {
        name: "tallybook_launch_results",
        unit: "",
        help: "Results of the latest closed launch by status, retries apart.",
        samples: |one| {
            let statuses = Status::ALL.iter();
            let sample = |status: &Status| {
                let labels = format!("status=\"{}\"", status.as_str());
                (labels, one.totals.of(*status).to_string())
            };
            statuses.map(sample).collect()
        },
    },
    Family {
        name: "tallybook_launch_unresolved",
        unit: "",
        help: "Failures that have neither a defect nor a mute.",
        samples: |one| alone(one.totals.unresolved.to_string()),
    },
    Family {
        name: "tallybook_launch_muted",
        unit: "",
        help: "Failures with a mute; they are not in the pass rate.",
        samples: |one| alone(one.totals.muted.to_string()),
    },
    Family {
        name: "tallybook_launch_pass_ratio",
        unit: "ratio",
        help: "Passed of passed, failed and broken results, muted ones left out.",
        samples: |one| {
            one.pass_rate
                .value
                .map_or_else(Vec::new, |rate| alone(rate.to_string()))
        },
    },
    Family {
        name: "tallybook_launch_judged",
        unit: "",
        help: "The denominator of the pass ratio.",
        samples: |one| alone(one.pass_rate.of.to_string()),
    },
    Family {
        name: "tallybook_launch_duration_seconds",
        unit: "seconds",
        help: "From the first start of a result to the last end.",
        samples: |one| {
            one.duration
                .map_or_else(Vec::new, |ms| alone(seconds(i128::from(ms))))
        },
    },
    Family {
        name: "tallybook_launch_closed_timestamp_seconds",
        unit: "seconds",
        help: "When the launch was closed.",
        samples: |one| alone(seconds(i128::from(one.closed_at.ms()))),
    },
    Family {
        name: "tallybook_launch_latest",
        unit: "",
        help: "Always 1; the labels say which launch the other samples are of.",
        samples: |one| {
            let labels = format!(
                "id=\"{}\",receipt=\"{}\"",
                value(&one.id),
                value(&one.receipt)
            );
            vec![(labels, "1".to_owned())]
        },
    },
];

/// Returns the exposition. Of launches whose labels are the same the last one counts.
pub fn metrics(launches: &[Measured]) -> String {
    let labels = |one: &Measured| {
        let branch = one.branch.as_deref().unwrap_or_default();
        format!(
            "project=\"{}\",name=\"{}\",branch=\"{}\"",
            value(&one.project),
            value(&one.name),
            value(branch)
        )
    };
    let launches: BTreeMap<String, &Measured> =
        launches.iter().map(|one| (labels(one), one)).collect();
    let mut out = String::new();
    for family in &FAMILIES {
        let Family {
            name, unit, help, ..
        } = family;
        out.push_str(&format!("# TYPE {name} gauge\n"));
        if !unit.is_empty() {
            out.push_str(&format!("# UNIT {name} {unit}\n"));
        }
        out.push_str(&format!("# HELP {name} {help}\n"));
        for (labels, one) in &launches {
            for (more, value) in (family.samples)(one) {
                let comma = if more.is_empty() { "" } else { "," };
                out.push_str(&format!("{name}{{{labels}{comma}{more}}} {value}\n"));
            }
        }
    }
    out.push_str("# EOF\n");
    out
}

fn alone(value: String) -> Vec<(String, String)> {
    vec![(String::new(), value)]
}

/// Writes milliseconds as seconds.
fn seconds(ms: i128) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    format!("{sign}{}.{:03}", ms / 1000, ms % 1000)
}

/// Writes untrusted text as the value of a label.
fn value(text: &str) -> String {
    let text = line(text, VALUE);
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
