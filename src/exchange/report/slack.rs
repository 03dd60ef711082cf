//! Block Kit for Slack: the payload of an incoming webhook.
//!
//! In `mrkdwn` `&`, `<` and `>` are escaped, so that no mention and no link can be written; characters
//! that would format have look-alikes, as they have no escape.

use serde_json::{Value, json};

use super::data::{Report, Resolution, Test};
use super::words::{self, LABEL, line};
use crate::base::fit::{Part, Size, fit, joined, units};
use crate::base::text::{count, thousands};
use crate::model::Address;

/// What a text of a section takes, in characters.
const TEXT: usize = 3_000;
/// What a header takes.
const HEADER: usize = 150;
/// What the text beside the blocks takes, which notifications show.
const NOTICE: usize = 3_000;

const SIZE: Size = units;

/// Returns the payload.
pub fn slack(report: &Report) -> String {
    let mark = words::mark(report);
    let title = format!(
        "{mark} {}",
        words::line(&report.launch.name, HEADER / 2 - 4)
    );
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": title, "emoji": false}}),
        section(&opening(report)),
    ];
    for (title, tests, failing) in words::sections(report) {
        let part = Part {
            head: format!("*{title}*\n"),
            items: tests.tests.iter().map(|test| item(test, failing)).collect(),
            count: tests.count,
            more: ("", ""),
            tail: String::new(),
        };
        blocks.push(section(&fit(TEXT, SIZE, "", &[part], "")));
    }
    blocks.extend(answers(report).map(|part| section(&fit(TEXT, SIZE, "", &[part], ""))));
    blocks.push(json!({"type": "context", "elements": [mrkdwn(&evidence(report))]}));
    let notice = format!(
        "{mark} {}: {}",
        text(&report.launch.name, LABEL),
        text(&words::verdict_line(report), NOTICE / 8)
    );
    let payload = json!({"text": notice, "blocks": blocks});
    serde_json::to_string_pretty(&payload).expect("a payload is plain data") + "\n"
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": mrkdwn(text)})
}

fn mrkdwn(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text.trim_end(), "verbatim": true})
}

fn opening(report: &Report) -> String {
    let mut lines = vec![
        format!("*{}*", text(&words::verdict_line(report), words::MESSAGE)),
        text(&words::counts(report), words::MESSAGE),
    ];
    if report.pass_rate.of > 0 {
        lines.push(format!("pass rate {}", words::share(&report.pass_rate)));
    }
    if let Some(baseline) = &report.baseline {
        let name = linked(
            &text(&baseline.launch.name, LABEL),
            baseline.launch.url.as_ref(),
        );
        lines.push(format!(
            "against {name} ({}): {}",
            baseline.how,
            words::changes(report)
        ));
    }
    if let Some(none) = &report.no_baseline {
        lines.push(format!("compared with nothing: {}", text(none, LABEL * 2)));
    }
    let limits = words::limits(report);
    for note in report.notes.iter().chain(&limits).take(4) {
        lines.push(format!("_{}_", text(note, LABEL * 2)));
    }
    let failed = words::failed_rules(report);
    if !failed.is_empty() {
        let failed = failed.iter().map(|rule| text(rule, words::RULE));
        let failed = joined(TEXT / 4, SIZE, &failed.collect::<Vec<_>>());
        lines.push(format!("gate failed: {failed}"));
    }
    if let Some(url) = &report.launch.url {
        lines.push(linked("open the launch", Some(url)));
    }
    let items: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
    let part = Part {
        count: items.len() as u64,
        items,
        ..Part::default()
    };
    fit(TEXT, SIZE, "", &[part], "")
}

fn item(test: &Test, failing: bool) -> String {
    let mut out = format!(
        "• {}",
        linked(&text(&test.title(), words::NAME), test.url.as_ref())
    );
    if failing {
        out.push_str(&format!(" · {}", test.state()));
    }
    if let Some(case) = &test.case {
        out.push_str(&format!(
            " · {}",
            linked(&text(case, LABEL), test.case_url.as_ref())
        ));
    }
    if let Some(owner) = &test.owner {
        out.push_str(&format!(" · {}", text(owner, LABEL)));
    }
    for issue in test.issues.iter().take(3) {
        out.push_str(&format!(
            " · {}",
            linked(&text(&issue.name, LABEL), issue.url.as_ref())
        ));
    }
    if failing {
        if let Some(message) = test.message() {
            out.push_str(&format!("\n    {}", text(&message, words::MESSAGE / 2)));
        }
        if let Some(failing) = &test.failing {
            let words = linked(
                &text(&failing.words(), words::MESSAGE),
                failing.changes_url.as_ref(),
            );
            out.push_str(&format!("\n    {words}"));
        }
    }
    if let Some(pace) = test.pace() {
        out.push_str(&format!(" · {pace}"));
    }
    out.push('\n');
    out
}

fn answers(report: &Report) -> Option<Part> {
    let item = |answer: &Resolution| {
        let results = count(answer.results, "result");
        let (id, title) = (text(&answer.id, LABEL), text(&answer.title, words::NAME));
        let mut out = format!("• {} {id}: {results} · {title}", answer.kind);
        for issue in answer.issues.iter().take(3) {
            out.push_str(&format!(
                " · {}",
                linked(&text(&issue.name, LABEL), issue.url.as_ref())
            ));
        }
        out.push('\n');
        out
    };
    let n = report.resolutions.len() as u64;
    (n > 0).then(|| Part {
        head: format!("*Defects and mutes ({})*\n", thousands(n)),
        items: report.resolutions.iter().map(item).collect(),
        count: n,
        ..Part::default()
    })
}

fn evidence(report: &Report) -> String {
    let (launch, source) = (&report.launch, &report.source);
    let mut facts = vec![text(
        &format!("{}/{}", launch.project, launch.id),
        words::NAME,
    )];
    facts.extend(
        source
            .branch
            .as_ref()
            .map(|branch| format!("branch {}", text(branch, LABEL))),
    );
    if let Some(commit) = &source.commit {
        let short: String = commit.chars().take(10).collect();
        let commit = linked(&text(&short, LABEL), report.commit_url.as_ref());
        facts.push(format!("commit {commit}"));
    }
    if let Some(request) = &source.pull_request {
        let request = linked(&text(request, LABEL), report.pull_request_url.as_ref());
        facts.push(format!("pull request {request}"));
    }
    let variables = report.environment.iter();
    facts.extend(variables.map(|(name, value)| text(&format!("{name}={value}"), LABEL)));
    facts.extend(report.jobs.iter().map(|job| {
        let name = linked(&text(&job.name, LABEL), job.url.as_ref());
        format!("job {name}")
    }));
    let receipt = launch.receipt.as_ref();
    facts.extend(receipt.map(|receipt| format!("receipt {}", text(receipt, LABEL))));
    joined(TEXT, SIZE, &facts)
}

fn linked(shown: &str, address: Option<&Address>) -> String {
    match address {
        Some(address) => format!("<{}|{shown}>", address.as_str().replace('&', "&amp;")),
        None => shown.to_owned(),
    }
}

/// Writes untrusted text.
pub(super) fn text(words: &str, max: usize) -> String {
    let words: Vec<char> = line(words, max).chars().collect();
    let mut out = String::with_capacity(words.len());
    for (at, c) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| words[at]);
        let after = words.get(at + 1).copied();
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '*' => out.push('∗'),
            '~' => out.push('∼'),
            '`' => out.push('ˋ'),
            '|' => out.push('∣'),
            '_' if !(inside(before) && inside(after)) => out.push('ˍ'),
            // `:x:` would be an emoji.
            ':' if after.is_some_and(|c| c.is_ascii_lowercase() || "+-_".contains(c)) => {
                out.push('꞉');
            }
            c => out.push(*c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts() {
        for (hostile, expected) in [
            ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
            ("*a* _b_ ~c~ `d` snake_case", "∗a∗ ˍbˍ ∼c∼ ˋdˋ snake_case"),
            (":white_check_mark: 18:43: x", "꞉white_check_mark: 18:43: x"),
            ("a|b", "a∣b"),
        ] {
            assert_eq!(text(hostile, 100), expected);
        }
    }
}
