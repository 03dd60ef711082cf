//! A quality gate over one launch: each rule with what was expected, what is, and who is to blame.
//!
//! **Invariant:** a gate never passes on nothing. Without results, without a baseline or a history that a
//! rule asks for, with lost input, without rules or with one that does not read it fails, and says which of
//! these it was.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Comparison;
use super::stability::Rate;
use super::verdict::is_judged;
use crate::base::Digest;
use crate::base::hash::digest_fields;
use crate::base::text::{count, thousands};
use crate::base::time::human_duration;
use crate::model::{Flag, Gate, GateRule, Outcome, RuleGroup, Status};

/// What a gate looks at.
#[derive(Debug)]
pub struct Facts<'a> {
    pub outcomes: &'a [Outcome],
    /// What the launch is held against, or why there is nothing.
    pub baseline: Result<&'a Comparison, String>,
    /// One line for each input that was lost, wholly or partly, and that nobody accepted.
    pub lost: &'a [String],
    /// Jobs that were expected; those of them that are missing.
    pub jobs: Jobs<'a>,
    /// The planned cases that did not run, or why that can't be said.
    pub unplanned: Result<Planned<'a>, String>,
    /// Failures that a closed defect matches: the outcome's index and the defect's id.
    pub recurrences: &'a [(usize, String)],
    /// Ids of mutes that are past their date.
    pub expired_mutes: &'a [String],
    /// Requirements that a passed case covers, or why that can't be said.
    pub coverage: Result<Covered<'a>, String>,
    /// The documented cases that are not approved as they are, each with a line that says how it stands;
    /// or why that can't be said.
    pub unapproved: Result<&'a BTreeMap<String, String>, String>,
}

#[derive(Clone, Copy, Debug)]
pub struct Jobs<'a> {
    pub expected: u64,
    pub missing: &'a [String],
}

/// How a launch did what its plan asks for.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    pub planned: u64,
    /// One line for each that did not run.
    pub missing: &'a [String],
}

/// How many requirements are covered.
#[derive(Clone, Copy, Debug)]
pub struct Covered<'a> {
    pub rate: Rate,
    /// Ids of those that are not.
    pub gaps: &'a [String],
}

/// What came of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The group's name; empty for the gate's own rules.
    pub group: String,
    /// The rule's key; `results`, `input` and `rules` are asked of every launch.
    pub rule: String,
    pub passed: bool,
    /// In words: `at most 0`.
    pub expected: String,
    /// In words: `3`, `92.1% (70 of 76)`, `no baseline: …`.
    pub actual: String,
    pub culprits: Vec<Culprit>,
}

/// What made a rule fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// A result, by its index among the outcomes.
    Outcome(usize),
    /// Something else, in one line.
    Other(String),
}

/// Evaluates a gate. `select` returns the indices of the outcomes that a query of results selects, or why
/// it can't be asked.
pub fn evaluate(
    gate: &Gate,
    facts: &Facts<'_>,
    select: impl Fn(&str) -> Result<Vec<usize>, String>,
) -> Vec<Check> {
    let mut checks = vec![has_results(facts), lost_nothing(facts)];
    if gate.groups.iter().all(is_empty) {
        checks.push(no_rules(""));
    }
    for group in &gate.groups {
        if group.place.is_some() && is_empty(group) {
            checks.push(no_rules(&group.name));
        }
        checks.extend(unread(group));
        let selected = match &group.query {
            None => Ok((0..facts.outcomes.len()).collect()),
            Some(query) => select(query).and_then(|selected| match selected.is_empty() {
                true => Err("no result fits the group's query".to_owned()),
                false => Ok(selected),
            }),
        };
        for rule in &group.rules {
            let mut check = match &selected {
                Ok(selected) => Judge { facts, selected }.check(*rule),
                Err(why) => failed(*rule, why.clone()),
            };
            check.group.clone_from(&group.name);
            checks.push(check);
        }
    }
    checks
}

/// Returns the digest of a gate's rules, whatever its file looks like.
pub fn digest(gate: &Gate) -> Digest {
    let mut fields: Vec<String> = Vec::new();
    for group in &gate.groups {
        fields.extend([group.name.clone(), group.query.clone().unwrap_or_default()]);
        fields.extend(
            group
                .rules
                .iter()
                .map(|rule| format!("{} {}", rule.key(), expected(*rule))),
        );
        fields.extend(group.unread.iter().map(|key| format!("unread {key}")));
        fields.push(String::new());
    }
    digest_fields(fields.iter().map(String::as_str))
}

impl Check {
    /// `max_failed`, or `payments: max_failed`.
    pub fn title(&self) -> String {
        match self.group.as_str() {
            "" => self.rule.clone(),
            group => format!("{group}: {}", self.rule),
        }
    }
}

/// Whether all rules passed, of which there are some.
pub fn passes(checks: &[Check]) -> bool {
    !checks.is_empty() && checks.iter().all(|check| check.passed)
}

/// Whether a result is there: executed, and not behind a manual one.
fn counts(outcome: &Outcome) -> bool {
    !outcome.has(Flag::Overridden) && outcome.status != Status::InProgress
}

fn has_results(facts: &Facts<'_>) -> Check {
    let results = facts
        .outcomes
        .iter()
        .filter(|outcome| counts(outcome))
        .count();
    Check {
        group: String::new(),
        rule: "results".to_owned(),
        passed: results > 0,
        expected: "at least 1".to_owned(),
        actual: thousands(results as u64),
        culprits: Vec::new(),
    }
}

fn lost_nothing(facts: &Facts<'_>) -> Check {
    Check {
        group: String::new(),
        rule: "input".to_owned(),
        passed: facts.lost.is_empty(),
        expected: "nothing lost".to_owned(),
        actual: match facts.lost.len() {
            0 => "nothing lost".to_owned(),
            n => format!("{} lost or cut short", count(n as u64, "input")),
        },
        culprits: facts.lost.iter().cloned().map(Culprit::Other).collect(),
    }
}

/// Nobody asked for anything: a gate that is left empty, or one of its groups, lets nothing through.
fn no_rules(group: &str) -> Check {
    Check {
        group: group.to_owned(),
        rule: "rules".to_owned(),
        passed: false,
        expected: "at least 1".to_owned(),
        actual: "no rules".to_owned(),
        culprits: Vec::new(),
    }
}

/// Whether nothing is asked of a group, not even something that does not read.
fn is_empty(group: &RuleGroup) -> bool {
    group.rules.is_empty() && group.unread.is_empty()
}

/// A rule that could not be read fails: somebody asked for it.
fn unread(group: &RuleGroup) -> Option<Check> {
    (!group.unread.is_empty()).then(|| Check {
        group: group.name.clone(),
        rule: "rules".to_owned(),
        passed: false,
        expected: "rules that read".to_owned(),
        actual: format!(
            "{} that don't; `tallybook validate` shows where",
            group.unread.len()
        ),
        culprits: group.unread.iter().cloned().map(Culprit::Other).collect(),
    })
}

/// A rule that can't be asked fails with its reason.
fn failed(rule: GateRule, why: String) -> Check {
    Check {
        group: String::new(),
        rule: rule.key().to_owned(),
        passed: false,
        expected: expected(rule),
        actual: why,
        culprits: Vec::new(),
    }
}

fn expected(rule: GateRule) -> String {
    match rule {
        GateRule::MaxFailed(max)
        | GateRule::MaxNewFailures(max)
        | GateRule::MaxUnresolved(max)
        | GateRule::MaxFlaky(max) => format!("at most {}", thousands(max)),
        GateRule::MinResults(min) => format!("at least {}", thousands(min)),
        GateRule::MinPassRate(min) | GateRule::MinRequirementCoverage(min) => {
            format!("at least {min}%")
        }
        GateRule::MaxDurationGrowth(max) => format!("at most {max}% longer"),
        GateRule::AllPlannedRan => "all planned ran".to_owned(),
        GateRule::AllJobs => "all expected jobs".to_owned(),
        GateRule::AllApproved => "all approved".to_owned(),
        GateRule::NoRecurrence | GateRule::NoExpiredMute | GateRule::NoOverridden => {
            "none".to_owned()
        }
    }
}

/// One group's results beside the facts.
struct Judge<'a> {
    facts: &'a Facts<'a>,
    /// Indices of outcomes, in order.
    selected: &'a [usize],
}

impl Judge<'_> {
    fn check(&self, rule: GateRule) -> Check {
        match rule {
            GateRule::MaxFailed(max) => {
                let fails = |o: &Outcome| {
                    matches!(o.status, Status::Failed | Status::Broken) && !o.has(Flag::Muted)
                };
                self.at_most(rule, max, self.which(fails))
            }
            GateRule::MaxUnresolved(max) => {
                self.at_most(rule, max, self.which(Outcome::is_unresolved))
            }
            GateRule::MaxFlaky(max) => {
                self.at_most(rule, max, self.which(|outcome| outcome.has(Flag::Flaky)))
            }
            GateRule::NoOverridden => {
                let overridden = |at: &&usize| self.facts.outcomes[**at].has(Flag::Overridden);
                let overridden = self.selected.iter().filter(overridden).copied();
                self.at_most(rule, 0, overridden.collect())
            }
            GateRule::MaxNewFailures(max) => self.new_failures(rule, max),
            GateRule::MinResults(min) => {
                let results = self.which(|_| true).len() as u64;
                result(rule, results >= min, thousands(results), Vec::new())
            }
            GateRule::MinPassRate(min) => self.pass_rate(rule, min),
            GateRule::MaxDurationGrowth(max) => self.duration_growth(rule, max),
            GateRule::NoRecurrence => {
                let recurring = self.facts.recurrences.iter();
                let recurring = recurring.filter(|(at, _)| self.selected.binary_search(at).is_ok());
                let recurring = recurring.map(|(at, _)| *at).collect();
                self.at_most(rule, 0, recurring)
            }
            GateRule::NoExpiredMute => others(rule, self.facts.expired_mutes),
            GateRule::AllJobs => self.jobs(rule),
            GateRule::AllPlannedRan => match &self.facts.unplanned {
                Err(why) => failed(rule, why.clone()),
                Ok(planned) => of(rule, planned.planned, planned.missing),
            },
            GateRule::MinRequirementCoverage(min) => self.coverage(rule, min),
            GateRule::AllApproved => self.approved(rule),
        }
    }

    /// Returns the selected outcomes that count and that something holds for.
    fn which(&self, holds: impl Fn(&Outcome) -> bool) -> Vec<usize> {
        let fits = |at: &&usize| {
            let outcome = &self.facts.outcomes[**at];
            counts(outcome) && holds(outcome)
        };
        self.selected.iter().filter(fits).copied().collect()
    }

    fn at_most(&self, rule: GateRule, max: u64, found: Vec<usize>) -> Check {
        let many = found.len() as u64;
        let culprits = found.into_iter().map(Culprit::Outcome).collect();
        result(rule, many <= max, thousands(many), culprits)
    }

    fn new_failures(&self, rule: GateRule, max: u64) -> Check {
        match &self.facts.baseline {
            Err(why) => failed(rule, format!("no baseline: {why}")),
            Ok(comparison) => {
                let new = comparison.new_failures().filter_map(|test| test.now);
                let mut new: Vec<usize> = new.map(|entry| entry.outcome()).collect();
                new.retain(|at| self.selected.binary_search(at).is_ok());
                self.at_most(rule, max, new)
            }
        }
    }

    fn pass_rate(&self, rule: GateRule, min: f64) -> Check {
        let judged = self.which(is_judged);
        let failing = |at: &&usize| self.facts.outcomes[**at].status != Status::Passed;
        let failing: Vec<usize> = judged.iter().filter(failing).copied().collect();
        let rate = Rate {
            part: (judged.len() - failing.len()) as u64,
            of: judged.len() as u64,
        };
        if rate.of == 0 {
            return failed(rule, "nothing passed, failed or broke".to_owned());
        }
        let culprits = failing.into_iter().map(Culprit::Outcome).collect();
        result(rule, reaches(rate, min), share(rate), culprits)
    }

    /// Compares the time of what passed in both.
    fn duration_growth(&self, rule: GateRule, max: f64) -> Check {
        let comparison = match &self.facts.baseline {
            Err(why) => return failed(rule, format!("no baseline: {why}")),
            Ok(comparison) => comparison,
        };
        let mut grown: Vec<(u64, usize)> = Vec::new();
        let (mut before, mut now) = (0_u64, 0_u64);
        for test in &comparison.tests {
            let (Some(then), Some(entry)) = (test.before, test.now) else {
                continue;
            };
            let passed = then.status == Status::Passed && entry.status == Status::Passed;
            let selected = self.selected.binary_search(&entry.outcome()).is_ok();
            if let (true, Some(old), Some(new)) =
                (passed && selected, then.duration(), entry.duration())
            {
                before += old;
                now += new;
                grown.push((new.saturating_sub(old), entry.outcome()));
            }
        }
        if before == 0 {
            return failed(
                rule,
                "nothing passed in both launches, or no durations are known".to_owned(),
            );
        }
        let growth = (now as f64 / before as f64 - 1.0) * 100.0;
        let is_within = growth <= max + TOLERANCE;
        grown.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let culprits = grown.into_iter().filter(|(ms, _)| *ms > 0).take(10);
        let actual = format!(
            "{growth:+.1}%: {}, {} before",
            human_duration(now),
            human_duration(before)
        );
        let culprits = culprits.map(|(_, at)| Culprit::Outcome(at)).collect();
        result(rule, is_within, actual, culprits)
    }

    fn jobs(&self, rule: GateRule) -> Check {
        let jobs = self.facts.jobs;
        match jobs.expected {
            0 => failed(
                rule,
                "the launch expects no jobs; `launch open --expect JOB` names them".to_owned(),
            ),
            expected => of(rule, expected, jobs.missing),
        }
    }

    /// Looks at each documented case once, however many results it has.
    fn approved(&self, rule: GateRule) -> Check {
        let unapproved = match &self.facts.unapproved {
            Err(why) => return failed(rule, why.clone()),
            Ok(unapproved) => unapproved,
        };
        let results = self.which(|_| true).into_iter();
        let cases = results.filter_map(|at| self.facts.outcomes[at].case.as_deref());
        let cases: BTreeSet<&str> = cases.collect();
        if cases.is_empty() {
            return failed(rule, "no result has a documented case".to_owned());
        }
        let lines = cases.iter().filter_map(|case| unapproved.get(*case));
        let lines: Vec<String> = lines.cloned().collect();
        of(rule, cases.len() as u64, &lines)
    }

    fn coverage(&self, rule: GateRule, min: f64) -> Check {
        match &self.facts.coverage {
            Err(why) => failed(rule, why.clone()),
            Ok(covered) if covered.rate.of == 0 => {
                failed(rule, "there are no requirements".to_owned())
            }
            Ok(covered) => {
                let gaps = covered.gaps.iter().cloned().map(Culprit::Other).collect();
                result(rule, reaches(covered.rate, min), share(covered.rate), gaps)
            }
        }
    }
}

/// Culprits are kept of what failed alone.
fn result(rule: GateRule, passed: bool, actual: String, culprits: Vec<Culprit>) -> Check {
    Check {
        group: String::new(),
        rule: rule.key().to_owned(),
        passed,
        expected: expected(rule),
        actual,
        culprits: if passed { Vec::new() } else { culprits },
    }
}

/// Nothing of a kind may be there.
fn others(rule: GateRule, found: &[String]) -> Check {
    let culprits = found.iter().cloned().map(Culprit::Other).collect();
    result(
        rule,
        found.is_empty(),
        thousands(found.len() as u64),
        culprits,
    )
}

/// None of so many may be missing.
fn of(rule: GateRule, expected: u64, missing: &[String]) -> Check {
    let there = expected.saturating_sub(missing.len() as u64);
    let actual = format!("{} of {}", thousands(there), thousands(expected));
    let culprits = missing.iter().cloned().map(Culprit::Other).collect();
    result(rule, missing.is_empty(), actual, culprits)
}

/// How far a computed percentage may be off: binary fractions don't hold every decimal one, so that 29 of
/// 100 times 100 is a little less than 29.
const TOLERANCE: f64 = 1e-9;

/// Whether a rate is at least so many percent.
fn reaches(rate: Rate, min: f64) -> bool {
    rate.value()
        .is_some_and(|value| value * 100.0 >= min - TOLERANCE)
}

/// `92.1% (70 of 76)`, rounded down: a rate that is not reached must not read as the one that was asked for.
fn share(rate: Rate) -> String {
    let tenths = u128::from(rate.part) * 1000 / u128::from(rate.of.max(1));
    format!(
        "{}.{}% ({} of {})",
        tenths / 10,
        tenths % 10,
        thousands(rate.part),
        thousands(rate.of)
    )
}

#[cfg(test)]
mod tests;
