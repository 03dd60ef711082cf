//! Why a launch may not be closed as it is, and what to do about it.

use std::collections::{BTreeMap, BTreeSet};

use super::part::{OpenState, Part, StateError};
use crate::analysis::planned::Plans;
use crate::base::text;
use crate::model::{Intake, OpenLaunch};

/// Why a launch may not be closed as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    Empty,
    Loss {
        shard: String,
        job: String,
        what: String,
    },
    MissingJob(String),
    Unfinished(String),
    /// Planned results that nothing answers: how many, and of whom; none stands for nobody.
    Planned(Vec<(Option<String>, u64)>),
}

impl Refusal {
    /// One line for people.
    pub fn message(&self) -> String {
        match self {
            Self::Empty => "the launch has no results".to_owned(),
            Self::Loss { shard, job, what } => {
                format!("shard `{shard}` of job `{job}` lost part of its input: {what}")
            }
            Self::MissingJob(job) => format!("job `{job}` is expected and has not appended"),
            Self::Unfinished(job) => {
                format!("an append of job `{job}` was begun and did not finish")
            }
            Self::Planned(people) => {
                let all: u64 = people.iter().map(|(_, n)| n).sum();
                let whose = people.iter().take(WHOSE).map(|(who, n)| match who {
                    Some(who) => format!("{} of {}", text::thousands(*n), text::sanitize_line(who)),
                    None => format!("{} of nobody", text::thousands(*n)),
                });
                let mut whose: Vec<String> = whose.collect();
                if people.len() > WHOSE {
                    whose.push(format!("{} others", people.len() - WHOSE));
                }
                let verb = if all == 1 { "is" } else { "are" };
                format!(
                    "{} {verb} not executed: {}",
                    text::count(all, "planned result"),
                    text::list(&whose, "and")
                )
            }
        }
    }

    /// What to do about it.
    pub fn help(&self, launch: &str) -> String {
        match self {
            Self::Empty => format!("append results first: `tallybook launch append {launch} PATH`"),
            Self::Loss { shard, .. } => format!(
                "append the complete input of this job again, or accept the loss: `tallybook \
                 launch close {launch} --accept-loss {shard} --reason TEXT`"
            ),
            Self::MissingJob(job) | Self::Unfinished(job) => format!(
                "append its results, or accept the loss: `tallybook launch close {launch} \
                 --accept-loss {} --reason TEXT`",
                text::shell_word(job)
            ),
            Self::Planned(_) => format!(
                "execute what is left, `tallybook execute {launch}`, or close without it: `tallybook launch \
                 close {launch} --allow-unfinished REASON`"
            ),
        }
    }

    pub(super) fn is_accepted(&self, accepted: &[String]) -> bool {
        let names: [&str; 2] = match self {
            Self::Empty | Self::Planned(_) => return false,
            Self::Loss { shard, job, .. } => [shard, job],
            Self::MissingJob(job) | Self::Unfinished(job) => [job, job],
        };
        accepted.iter().any(|name| names.contains(&name.as_str()))
    }
}

/// How many people are named of whom something is not executed.
const WHOSE: usize = 8;

/// Why a launch may not be closed as far as it was planned: what nothing answers.
pub(super) fn unfinished(plans: &Plans) -> Option<Refusal> {
    let mut people: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for planned in plans.open() {
        *people.entry(planned.planning.assignee.clone()).or_default() += 1;
    }
    let mut people: Vec<_> = people.into_iter().collect();
    // The most first, nobody last.
    people.sort_by_key(|(who, n)| (who.is_none(), std::cmp::Reverse(*n)));
    (!people.is_empty()).then_some(Refusal::Planned(people))
}

/// Adds what was planned and is not executed: it says more than that there are no results yet.
pub(super) fn with_planned(mut refusals: Vec<Refusal>, plans: &Plans) -> Vec<Refusal> {
    if let Some(planned) = unfinished(plans) {
        refusals.retain(|refusal| *refusal != Refusal::Empty);
        refusals.push(planned);
    }
    refusals
}

/// Says which names of accepted losses name none.
pub(super) fn needless(names: &[String], accepted: &[Refusal]) -> Vec<String> {
    let covers = |name: &String| {
        let alone = std::slice::from_ref(name);
        accepted.iter().any(|refusal| refusal.is_accepted(alone))
    };
    let needless = names.iter().filter(|name| !covers(name));
    needless
        .map(|name| format!("nothing that `{name}` names was lost"))
        .collect()
}

/// Why a launch may not be closed as it stands.
pub(crate) fn refusals(
    state: &OpenState,
    open: &OpenLaunch,
    parts: &[Part],
) -> Result<Vec<Refusal>, StateError> {
    let mut out = BTreeMap::new();
    for part in parts.iter().filter(|part| part.has_loss()) {
        if !parts.iter().any(|other| other.settles(part)) {
            let what = part
                .header
                .intake
                .iter()
                .filter(|line| line.has_loss())
                .map(loss);
            let refusal = Refusal::Loss {
                shard: part.shard.clone(),
                job: part.header.job.name.clone(),
                what: what.collect::<Vec<_>>().join("; "),
            };
            out.insert((0, part.shard.clone()), refusal);
        }
    }
    for unfinished in state.unfinished(&open.id)? {
        if !parts.iter().any(|part| part.stands_for(&unfinished)) {
            let name = unfinished.job.name;
            out.insert((1, name.clone()), Refusal::Unfinished(name));
        }
    }
    let appended: BTreeSet<&str> = parts
        .iter()
        .filter(|part| !part.is_plan())
        .map(|part| part.header.job.name.as_str())
        .collect();
    for job in open
        .expect
        .iter()
        .filter(|job| !appended.contains(job.as_str()))
    {
        out.insert((2, job.clone()), Refusal::MissingJob(job.clone()));
    }
    if parts.is_empty() || (out.is_empty() && !parts.iter().any(Part::has_rows)) {
        out.insert((3, String::new()), Refusal::Empty);
    }
    Ok(out.into_values().collect())
}

fn loss(line: &Intake) -> String {
    if let Some(problem) = &line.problem {
        return format!("`{}`: {problem}", line.input);
    }
    let lost = line.elements.saturating_sub(line.read + line.merged);
    format!(
        "`{}`: {} not read",
        line.input,
        text::count(lost, "element")
    )
}
