//! What all renderers say alike, in plain words.

use super::data::{Failing, Report, Share, Test};
use crate::analysis::verdict;
pub(super) use crate::base::text::line;
use crate::base::text::{count, list, plural, thousands};
use crate::base::time::human_duration;

/// The longest name, message and other text that is shown, in characters.
pub(super) const NAME: usize = 160;
pub(super) const MESSAGE: usize = 300;
pub(super) const LABEL: usize = 80;
/// Culprits of a rule that are shown.
const CULPRITS: usize = 3;
/// The longest line of a rule: its title, what was expected and found, culprits.
pub(super) const RULE: usize = 4 * LABEL + (CULPRITS + 1) * NAME;

/// `✕` and its like: one mark for each verdict, told by its form, too.
pub(super) fn mark(report: &Report) -> &'static str {
    match (gate_failed(report), report.verdict) {
        (true, _) | (false, "blocked") => "❌",
        (false, "accounted") => "🟡",
        (false, "ready") => "✅",
        _ => "⚪",
    }
}

/// Whether a gate failed.
pub(super) fn gate_failed(report: &Report) -> bool {
    let gate = report.gate.as_ref();
    gate.is_some_and(|gate| gate.verdict == "failed")
}

/// The rules of the gate that failed, one line each: `max_failed: expected at most 0, found 2 (a, b)`; those
/// that nothing more is known of by their names.
pub(super) fn failed_rules(report: &Report) -> Vec<String> {
    let Some(gate) = &report.gate else {
        return Vec::new();
    };
    let one = |name: &String| {
        let title = line(name, LABEL);
        let Some(rule) = gate.rules.iter().find(|rule| rule.rule == *name) else {
            return title;
        };
        let (expected, actual) = (line(&rule.expected, LABEL), line(&rule.actual, LABEL));
        let shown = rule.culprits.iter().take(CULPRITS);
        // Lines for a terminal have columns.
        let close = |one: &String| one.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut culprits: Vec<String> = shown.map(|one| line(&close(one), NAME)).collect();
        let more = rule.count.saturating_sub(culprits.len() as u64);
        if more > 0 && !culprits.is_empty() {
            culprits.push(format!("and {} more", thousands(more)));
        }
        let culprits = match culprits.is_empty() {
            true => String::new(),
            false => format!(" ({})", culprits.join("; ")),
        };
        format!("{title}: expected {expected}, found {actual}{culprits}")
    };
    gate.failed.iter().map(one).collect()
}

/// The verdict, the gate's before it.
pub(super) fn verdict_line(report: &Report) -> String {
    let open = match report.is_open() {
        true => "So far: ",
        false => "",
    };
    let gate = match &report.gate {
        Some(gate) => match gate.failed.len() as u64 {
            0 => format!("Gate {}. ", gate.verdict),
            n => format!("Gate {} by {}. ", gate.verdict, count(n, "rule")),
        },
        None => String::new(),
    };
    format!("{open}{gate}{}", report.sentence)
}

/// `1,204 passed, 3 failed, 13 skipped`, and what stands beside the statuses.
pub(super) fn counts(report: &Report) -> String {
    let totals = &report.totals;
    let beside = [(totals.muted, "muted"), (totals.unresolved, "unresolved")];
    let beside = beside.into_iter().filter(|(n, _)| *n > 0);
    let beside: Vec<String> = beside
        .map(|(n, what)| format!("{} {what}", thousands(n)))
        .collect();
    match beside.is_empty() {
        true => verdict::counts(totals),
        false => format!("{}; {}", verdict::counts(totals), beside.join(", ")),
    }
}

/// `98.2% (1,204 of 1,226)`, rounded down so that one failure never reads as 100%.
pub(super) fn share(share: &Share) -> String {
    if share.of == 0 {
        return "nothing to count".to_owned();
    }
    let thousandths = u128::from(share.part.min(share.of)) * 1000 / u128::from(share.of);
    format!(
        "{}.{}% ({} of {})",
        thousandths / 10,
        thousandths % 10,
        thousands(share.part),
        thousands(share.of)
    )
}

/// `2 new failures, 1 still failing (1 known), 3 fixed`; what is zero is left out.
pub(super) fn changes(report: &Report) -> String {
    let (Some(baseline), Some(new)) = (&report.baseline, &report.new_failures) else {
        return String::new();
    };
    let mut parts = vec![match new.count {
        0 => "no new failures".to_owned(),
        n => count(n, "new failure"),
    }];
    let still = report.still_failing.unwrap_or_default();
    if still.count > 0 {
        let answered = [(still.known, "known"), (still.muted, "muted")];
        let answered = answered.into_iter().filter(|(n, _)| *n > 0);
        let answered: Vec<String> = answered
            .map(|(n, what)| format!("{} {what}", thousands(n)))
            .collect();
        let answered = match answered.is_empty() {
            true => String::new(),
            false => format!(" ({})", answered.join(", ")),
        };
        parts.push(format!(
            "{} still failing{answered}",
            thousands(still.count)
        ));
    }
    let class = |name| {
        let mut classes = baseline.classes.iter();
        classes
            .find(|class| class.name == name)
            .map_or(0, |class| class.count)
    };
    let flaky = report.newly_flaky.as_ref().map_or(0, |tests| tests.count);
    for (n, what) in [
        (class("fixed"), "fixed"),
        (flaky, "newly flaky"),
        (class("newly_skipped"), "newly skipped"),
        (class("resumed"), "no longer skipped"),
        (class("added"), "added"),
        (class("removed"), "removed"),
        (report.slower.count, "slower"),
    ] {
        if n > 0 {
            parts.push(format!("{} {what}", thousands(n)));
        }
    }
    parts.join(", ")
}

/// What limits the comparison, one line each.
pub(super) fn limits(report: &Report) -> Vec<String> {
    let Some(baseline) = &report.baseline else {
        return Vec::new();
    };
    let left = |left: &String| format!("left out of the match: {}", line(left, 300));
    let mut out: Vec<String> = baseline.left_out.iter().take(5).map(left).collect();
    for (jobs, when) in [
        (&baseline.jobs.before, "now"),
        (&baseline.jobs.now, "before"),
    ] {
        if !jobs.is_empty() {
            let names: Vec<String> = jobs.iter().take(8).map(|job| line(job, LABEL)).collect();
            let names = match jobs.len() > names.len() {
                true => format!(
                    "{} {}",
                    names.join(", "),
                    crate::base::fit::and_more((jobs.len() - names.len()) as u64)
                ),
                false => list(&names, "and"),
            };
            let noun = plural(jobs.len() as u64, "job");
            out.push(format!("partial: {when} without {noun} {names}"));
        }
    }
    out
}

/// The pass rates of what both launches ran.
pub(super) fn rates(report: &Report) -> String {
    report
        .baseline
        .as_ref()
        .map_or_else(String::new, |baseline| {
            let tests = count(baseline.in_both, "test");
            let (before, now) = (&baseline.pass_rate.before, &baseline.pass_rate.now);
            format!(
                "pass rate of {tests} in both: {} before, {} now",
                share(before),
                share(now)
            )
        })
}

impl Test {
    /// The name, and what tells it from others of that name.
    pub(super) fn title(&self) -> String {
        let shown = self
            .parameters
            .iter()
            .filter(|parameter| !parameter.excluded);
        let parameters = shown.map(|parameter| {
            let value = parameter.value.as_deref().unwrap_or("••••");
            format!("{}={value}", parameter.name)
        });
        let environment = self.environment.iter();
        let environment = environment.map(|(name, value)| format!("{name}={value}"));
        let beside: Vec<String> = parameters.chain(environment).collect();
        match beside.is_empty() {
            true => line(&self.name, NAME),
            false => {
                let beside = line(&beside.join(", "), NAME / 2);
                format!("{} [{beside}]", line(&self.name, NAME))
            }
        }
    }

    pub(super) fn message(&self) -> Option<String> {
        let message = line(self.message.as_deref()?, MESSAGE);
        (!message.is_empty()).then_some(message)
    }

    /// The status and the flags: `failed, flaky`.
    pub(super) fn state(&self) -> String {
        let flags: String = self.flags.iter().map(|flag| format!(", {flag}")).collect();
        format!("{}{flags}", self.status.label())
    }

    /// `5.2 s, usually 2.1 s (median of 20)`
    pub(super) fn pace(&self) -> Option<String> {
        let usual = self.usual?;
        Some(format!(
            "{}, usually {} (median of {})",
            human_duration(self.duration.unwrap_or_default()),
            human_duration(usual.median),
            usual.of
        ))
    }
}

impl Failing {
    /// `fails 3 times in a row, since NAME; last passed in NAME; came in with a1b2c3d..e4f5a6b (2 commits)`
    pub(super) fn words(&self) -> String {
        let name = |name: &str| line(name, LABEL);
        let passed = self.passed_name.as_deref().map(name);
        let row = match (self.failures, passed) {
            (1, Some(passed)) => format!("first failure since it passed in {passed}"),
            (1, None) => "first failure; no earlier pass is known".to_owned(),
            (n, passed) => {
                let passed = passed.map(|passed| format!("last passed in {passed}"));
                let passed = passed.unwrap_or("no earlier pass is known".to_owned());
                let since = name(&self.since_name);
                format!(
                    "fails {} in a row, since {since}; {passed}",
                    count(n, "time")
                )
            }
        };
        match &self.range {
            Some(range) => {
                let commits = self.commits.map(|n| format!(" ({})", count(n, "commit")));
                let commits = commits.unwrap_or_default();
                format!("{row}; came in with {}{commits}", line(range, LABEL))
            }
            None => row,
        }
    }
}

/// A person's name, without the address.
pub(super) fn person(who: &str) -> String {
    line(who.split('<').next().unwrap_or(who), LABEL)
}

/// Lists of tests that a report has, in their order: heading, tests, whether the messages matter.
pub(super) fn sections(report: &Report) -> Vec<(String, &super::data::Tests, bool)> {
    let mut out = Vec::new();
    let mut add = |title: String, tests, failing| out.push((title, tests, failing));
    if let Some(new) = &report.new_failures {
        add(count(new.count, "new failure"), new, true);
    }
    let unresolved = report.also_unresolved.count;
    let also = match report.new_failures {
        Some(_) => format!("{} not new", count(unresolved, "unresolved failure")),
        None => count(unresolved, "unresolved failure"),
    };
    add(also, &report.also_unresolved, true);
    if let Some(fixed) = &report.fixed {
        add(format!("{} fixed", thousands(fixed.count)), fixed, false);
    }
    if let Some(flaky) = &report.newly_flaky {
        add(
            format!("{} newly flaky", thousands(flaky.count)),
            flaky,
            false,
        );
    }
    add(
        format!("{} slower", thousands(report.slower.count)),
        &report.slower,
        false,
    );
    out.retain(|(_, tests, _)| tests.count > 0);
    out
}
