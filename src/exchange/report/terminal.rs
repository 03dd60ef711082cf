//! Plain text for a terminal.

use super::data::{Report, Resolution, Test, Tests};
use super::words::{self, line};
use crate::base::fit::and_more;
use crate::base::text::{count, truncate};
use crate::base::time::human_duration;

/// Returns a report for a terminal of so many columns.
pub fn terminal(report: &Report, width: usize) -> String {
    let mut out = opening(report);
    for (title, tests, failing) in words::sections(report) {
        out.push(String::new());
        out.push(title);
        out.extend(listed(tests, failing, width));
    }
    if !report.resolutions.is_empty() {
        out.push(String::new());
        out.push("defects and mutes".to_owned());
        out.extend(report.resolutions.iter().map(answer));
    }
    out.push(String::new());
    out.extend(
        evidence(report)
            .iter()
            .map(|(name, value)| fact(name, value)),
    );
    out.join("\n") + "\n"
}

fn opening(report: &Report) -> Vec<String> {
    let launch = &report.launch;
    let state = match report.is_open() {
        true => ", open",
        false => "",
    };
    let mut out = vec![
        words::verdict_line(report),
        format!(
            "{} ({}{state})",
            line(&launch.name, words::NAME),
            line(&format!("{}/{}", launch.project, launch.id), words::NAME)
        ),
        String::new(),
        fact("results", &words::counts(report)),
    ];
    if report.pass_rate.of > 0 {
        out.push(fact("pass rate", &words::share(&report.pass_rate)));
    }
    out.extend(
        launch
            .duration
            .map(|ms| fact("ran for", &human_duration(ms))),
    );
    if let Some(baseline) = &report.baseline {
        let name = line(&baseline.launch.name, words::NAME);
        out.push(fact(
            "against",
            &format!("{name} ({}), {}", baseline.launch.id, baseline.how),
        ));
        out.push(fact("", &words::changes(report)));
        out.push(fact("", &words::rates(report)));
    }
    out.extend(
        report
            .no_baseline
            .as_ref()
            .map(|none| fact("against", &format!("nothing: {none}"))),
    );
    out.extend(words::limits(report).iter().map(|limit| fact("", limit)));
    out.extend(report.notes.iter().map(|note| fact("note", note)));
    if let Some(gate) = &report.gate {
        let when = if report.is_open() {
            "so far"
        } else {
            "at closing"
        };
        out.push(fact("gate", &format!("{} {when}", gate.verdict)));
        let rules = words::failed_rules(report);
        out.extend(rules.iter().take(RULES).map(|rule| fact("", rule)));
        let more = rules.len().saturating_sub(RULES);
        out.extend((more > 0).then(|| fact("", &format!("and {more} more rules"))));
    }
    out
}

fn listed(tests: &Tests, failing: bool, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    for test in &tests.tests {
        out.extend(lines(test, failing, width));
    }
    let left_out = tests.count - tests.tests.len() as u64;
    if left_out > 0 {
        out.push(format!("  {}: `--limit N` lists them", and_more(left_out)));
    }
    out
}

pub(super) fn lines(test: &Test, failing: bool, width: usize) -> Vec<String> {
    let beside: Vec<String> = test
        .case
        .iter()
        .chain(&test.owner)
        .map(|one| line(one, words::LABEL))
        .collect();
    let beside = match beside.is_empty() {
        true => String::new(),
        false => format!("  [{}]", beside.join(", ")),
    };
    let state = match failing {
        true => format!("{:<8} ", test.state()),
        false => String::new(),
    };
    let mut out = vec![format!("  {state}{}{beside}", test.title())];
    let indent = if failing { 11 } else { 4 };
    let mut below = |text: String| out.push(format!("{:indent$}{text}", ""));
    if failing {
        if let Some(message) = test.message() {
            below(truncate(&message, width.saturating_sub(indent).max(20)));
        }
        if let Some(failing) = &test.failing {
            below(line(&failing.words(), words::MESSAGE));
        }
    }
    if let Some(pace) = test.pace() {
        below(pace);
    }
    for issue in &test.issues {
        let url = issue.url.as_ref().map_or("", |url| url.as_str());
        below(
            format!("{} {url}", line(&issue.name, words::LABEL))
                .trim()
                .to_owned(),
        );
    }
    if let Some(url) = test.url.as_ref().filter(|_| failing) {
        below(url.as_str().to_owned());
    }
    out
}

pub(super) fn answer(answer: &Resolution) -> String {
    let owner = answer
        .owner
        .as_ref()
        .map(|owner| format!(", owner {}", line(owner, words::LABEL)));
    let until = answer
        .until
        .as_ref()
        .map(|until| format!(", until {}", line(until, words::LABEL)));
    format!(
        "  {} {} ({}{}{}) {}",
        answer.kind,
        line(&answer.id, words::LABEL),
        count(answer.results, "result"),
        owner.unwrap_or_default(),
        until.unwrap_or_default(),
        line(&answer.title, words::NAME)
    )
    .trim_end()
    .to_owned()
}

/// Source, environment, jobs and receipt: names and values.
pub(super) fn evidence(report: &Report) -> Vec<(&'static str, String)> {
    let (launch, source) = (&report.launch, &report.source);
    let mut out = Vec::new();
    let mut say = |name: &'static str, value: Option<String>| {
        let value = value.filter(|value| !value.is_empty());
        out.extend(value.map(|value| (name, line(&value, 1000))));
    };
    let with = |value: &Option<String>, url: &Option<crate::model::Address>| {
        let value = value.as_ref()?;
        let url = url.as_ref().map(|url| format!(" {}", url.as_str()));
        Some(format!(
            "{}{}",
            line(value, words::NAME),
            url.unwrap_or_default()
        ))
    };
    say("branch", source.branch.clone());
    say("commit", with(&source.commit, &report.commit_url));
    say(
        "pull request",
        with(&source.pull_request, &report.pull_request_url),
    );
    let variables = report.environment.iter();
    let variables = variables.map(|(name, value)| format!("{name}={value}"));
    say("environment", Some(some(&variables.collect::<Vec<_>>())));
    let jobs = report.jobs.iter().map(|job| {
        let loss = job.accepted_loss.as_ref();
        let loss = loss.map(|reason| format!("; loss accepted: {reason}"));
        let rows = count(job.rows, "row");
        format!(
            "{} ({rows}{})",
            line(&job.name, words::LABEL),
            loss.unwrap_or_default()
        )
    });
    say("jobs", Some(some(&jobs.collect::<Vec<_>>())));
    for link in report.links.iter().take(10) {
        let url = link.url.as_ref().map_or("", |url| url.as_str());
        say(
            "link",
            Some(format!("{} {url}", line(&link.name, words::LABEL))),
        );
    }
    let by = launch.closed_by.as_deref().map(words::person);
    let by = by.map(|who| format!(" by {who}")).unwrap_or_default();
    say(
        "closed",
        launch.closed_at.map(|at| format!("{}{by}", at.long())),
    );
    say("meaning", launch.meaning.clone());
    say("reason", launch.reason.clone());
    say("supersedes", launch.supersedes.clone());
    say("receipt", launch.receipt.clone());
    say("to verify", report.verify.clone());
    say(
        "page",
        launch.url.as_ref().map(|url| url.as_str().to_owned()),
    );
    out
}

/// Some of many, and how many more there are.
/// Rules of a gate that are listed.
const RULES: usize = 10;

pub(super) fn some(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| line(item, words::NAME)).collect();
    crate::base::fit::joined(600, crate::base::fit::bytes, &items)
}

fn fact(name: &str, value: &str) -> String {
    format!("{name:<13} {}", line(value, 1000))
        .trim_end()
        .to_owned()
}
