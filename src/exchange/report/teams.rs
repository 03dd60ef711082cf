//! An Adaptive Card for Teams: the payload of an incoming webhook or a workflow.
//!
//! Text stands in text runs, which know no Markdown; only our own words are in text blocks.

use serde_json::{Value, json};

use super::data::{Report, Resolution, Test};
use super::words::{self, LABEL};
use crate::base::fit::{and_more, bytes, joined};
use crate::base::text::{count, thousands};
use crate::model::Address;

/// What Teams takes of a webhook's message, in bytes; 28 KB, whichever a KB is.
const LIMIT: usize = 28_000;
const END: &str = "\n";
/// Room for the list of variables, in bytes.
const FACT: usize = 800;

/// Returns the payload.
pub fn teams(report: &Report) -> String {
    let mut body = opening(report);
    let last = evidence(report);
    let fixed = payload(report, &body).len() + size(&last) + END.len();
    let mut left = LIMIT.saturating_sub(fixed);
    let lists = lists(report);
    // Room is kept for each heading and for how many are left out, before lists take theirs.
    let reserved = |list: &List| size(&[list.head.clone(), more(list.count)]);
    left = left.saturating_sub(lists.iter().map(reserved).sum());
    for list in lists {
        body.push(list.head);
        let mut shown = 0;
        for item in list.items {
            let Some(rest) = left.checked_sub(size(std::slice::from_ref(&item))) else {
                break;
            };
            left = rest;
            body.push(item);
            shown += 1;
        }
        if list.count > shown {
            body.push(more(list.count - shown));
        }
    }
    body.extend(last);
    payload(report, &body) + END
}

/// A heading and what stands below it.
struct List {
    head: Value,
    items: Vec<Value>,
    count: u64,
}

/// Returns how many bytes elements take in a list, each with its comma.
fn size(elements: &[Value]) -> usize {
    let written = elements.iter().map(|element| element.to_string().len() + 1);
    written.sum()
}

fn more(n: u64) -> Value {
    json!({"type": "TextBlock", "text": and_more(n), "isSubtle": true, "wrap": true})
}

fn payload(report: &Report, body: &[Value]) -> String {
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    });
    if let Some(url) = &report.launch.url {
        card["actions"] = json!([
            {"type": "Action.OpenUrl", "title": "Open the launch", "url": url},
        ]);
    }
    let message = json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    });
    message.to_string()
}

fn opening(report: &Report) -> Vec<Value> {
    let color = match words::mark(report) {
        "❌" => "Attention",
        "🟡" => "Warning",
        "✅" => "Good",
        _ => "Default",
    };
    let mut out = vec![
        rich(&[json!({
            "type": "TextRun", "text": run(&words::verdict_line(report)),
            "size": "Large", "weight": "Bolder", "color": color,
        })]),
        rich(&[bold(&words::line(&report.launch.name, LABEL))]),
        rich(&[plain(&words::counts(report))]),
    ];
    if report.pass_rate.of > 0 {
        out.push(rich(&[plain(&format!(
            "pass rate {}",
            words::share(&report.pass_rate)
        ))]));
    }
    if let Some(baseline) = &report.baseline {
        let name = words::line(&baseline.launch.name, LABEL);
        out.push(rich(&[
            plain("against "),
            linked(&name, baseline.launch.url.as_ref()),
            plain(&format!(" ({}): ", baseline.how)),
            bold(&words::changes(report)),
        ]));
    }
    if let Some(none) = &report.no_baseline {
        out.push(rich(&[plain(&format!(
            "compared with nothing: {}",
            words::line(none, words::MESSAGE)
        ))]));
    }
    let limits = words::limits(report);
    for note in report.notes.iter().chain(&limits).take(5) {
        out.push(rich(&[subtle(&words::line(note, words::MESSAGE))]));
    }
    let failed = words::failed_rules(report);
    if !failed.is_empty() {
        let failed = joined(FACT, bytes, &failed);
        out.push(rich(&[plain(&format!("gate failed: {failed}"))]));
    }
    out
}

fn lists(report: &Report) -> Vec<List> {
    let sections = words::sections(report).into_iter();
    let mut out: Vec<List> = sections
        .map(|(title, tests, failing)| List {
            head: heading(&title),
            items: tests.tests.iter().map(|test| item(test, failing)).collect(),
            count: tests.count,
        })
        .collect();
    let n = report.resolutions.len() as u64;
    if n > 0 {
        out.push(List {
            head: heading(&format!("Defects and mutes ({})", thousands(n))),
            items: report.resolutions.iter().map(answer).collect(),
            count: n,
        });
    }
    out
}

fn item(test: &Test, failing: bool) -> Value {
    let mut runs = vec![linked(&test.title(), test.url.as_ref())];
    let mut beside = Vec::new();
    if failing {
        beside.push(test.state());
    }
    beside.extend(
        test.case
            .iter()
            .chain(&test.owner)
            .map(|one| words::line(one, LABEL)),
    );
    beside.extend(test.pace());
    if !beside.is_empty() {
        runs.push(subtle(&format!(" · {}", beside.join(" · "))));
    }
    for issue in test.issues.iter().take(3) {
        runs.push(plain(" · "));
        runs.push(linked(&words::line(&issue.name, LABEL), issue.url.as_ref()));
    }
    if failing {
        if let Some(message) = test.message() {
            runs.push(plain(&format!("\n{message}")));
        }
        if let Some(failing) = &test.failing {
            runs.push(plain("\n"));
            runs.push(linked(
                &words::line(&failing.words(), words::MESSAGE),
                failing.changes_url.as_ref(),
            ));
        }
    }
    rich(&runs)
}

fn answer(answer: &Resolution) -> Value {
    let results = count(answer.results, "result");
    let id = words::line(&answer.id, LABEL);
    let title = words::line(&answer.title, words::NAME);
    let mut runs = vec![
        bold(&id),
        plain(&format!(" {}: {results} · {title}", answer.kind)),
    ];
    for issue in answer.issues.iter().take(3) {
        runs.push(plain(" · "));
        runs.push(linked(&words::line(&issue.name, LABEL), issue.url.as_ref()));
    }
    rich(&runs)
}

fn evidence(report: &Report) -> Vec<Value> {
    let (launch, source) = (&report.launch, &report.source);
    let mut runs = vec![subtle(&words::line(
        &format!("{}/{}", launch.project, launch.id),
        words::NAME,
    ))];
    let mut say = |name: &str, run: Value| {
        runs.push(subtle(&format!(" · {name} ")));
        runs.push(run);
    };
    if let Some(branch) = &source.branch {
        say("branch", subtle(&words::line(branch, LABEL)));
    }
    if let Some(commit) = &source.commit {
        let short: String = commit.chars().take(10).collect();
        say(
            "commit",
            linked(&words::line(&short, LABEL), report.commit_url.as_ref()),
        );
    }
    if let Some(request) = &source.pull_request {
        say(
            "pull request",
            linked(
                &words::line(request, LABEL),
                report.pull_request_url.as_ref(),
            ),
        );
    }
    let variables = report.environment.iter();
    let variables = variables.map(|(name, value)| words::line(&format!("{name}={value}"), LABEL));
    let variables: Vec<String> = variables.collect();
    if !variables.is_empty() {
        say("environment", subtle(&joined(FACT, bytes, &variables)));
    }
    let jobs = report.jobs.iter().map(|job| words::line(&job.name, LABEL));
    let jobs: Vec<String> = jobs.collect();
    if !jobs.is_empty() {
        say("jobs", subtle(&joined(FACT, bytes, &jobs)));
    }
    if let Some(receipt) = &launch.receipt {
        say("receipt", subtle(&words::line(receipt, words::NAME)));
    }
    let mut block = rich(&runs);
    block["separator"] = Value::Bool(true);
    vec![block]
}

fn heading(title: &str) -> Value {
    let mut block = rich(&[bold(title)]);
    block["separator"] = Value::Bool(true);
    block
}

fn rich(runs: &[Value]) -> Value {
    json!({"type": "RichTextBlock", "inlines": runs})
}

/// A card expands `{{DATE(…)}}` anywhere.
fn run(text: &str) -> String {
    text.replace("{{", "{ {")
}

fn plain(text: &str) -> Value {
    json!({"type": "TextRun", "text": run(text)})
}

fn bold(text: &str) -> Value {
    json!({"type": "TextRun", "text": run(text), "weight": "Bolder"})
}

fn subtle(text: &str) -> Value {
    json!({"type": "TextRun", "text": run(text), "isSubtle": true})
}

fn linked(text: &str, address: Option<&Address>) -> Value {
    match address {
        Some(address) => json!({
            "type": "TextRun", "text": run(text),
            "selectAction": {"type": "Action.OpenUrl", "url": address},
        }),
        None => plain(text),
    }
}
