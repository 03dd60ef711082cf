//! Markdown for comments on pull and merge requests, and for step summaries.
//!
//! Untrusted text is a code span, in which neither markup nor mentions nor references work at GitHub and
//! GitLab; it is plain only where none of its characters could make any.

use super::data::{Report, Resolution, Test, WebLink};
use super::words::{self, LABEL, line};
use crate::base::fit::{Part, bytes, fit, joined};
use crate::base::markdown::{self, code};
use crate::base::text::{count, plural, slug, thousands};
use crate::base::time::human_duration;
use crate::model::Address;

/// A comment takes 65,536 characters at GitHub, a check 65,535 bytes; GitLab takes more. Bytes are never
/// fewer than characters.
const COMMENT: usize = 65_535;
/// A step summary takes 1 MiB, with what was there before.
const SUMMARY: usize = 1_000_000;
/// Room for each of the lists of jobs and variables, in bytes.
const FACT: usize = 1_500;
/// Rules of a gate that are listed.
const RULES: usize = 10;

/// Returns a comment; its first line is a hidden marker by which a bot finds its own.
pub fn comment(report: &Report) -> String {
    document(report, COMMENT, &format!("{}\n", marker(report)))
}

/// Returns a step summary.
pub fn summary(report: &Report) -> String {
    document(report, SUMMARY, "")
}

/// Returns the marker: the same for all launches of a project whose names differ in numbers alone.
pub fn marker(report: &Report) -> String {
    let launch = &report.launch;
    let name: String = launch
        .name
        .chars()
        .filter(|c| !c.is_ascii_digit())
        .collect();
    let (project, name) = (slug(&launch.project, 40), slug(&name, 60));
    format!("<!-- tallybook:report:{project}:{name} -->")
}

fn document(report: &Report, limit: usize, marker: &str) -> String {
    let sections = words::sections(report);
    let mut parts: Vec<Part> = sections
        .into_iter()
        .map(|(title, tests, failing)| Part {
            head: match failing {
                true => format!("#### {title}\n\n"),
                false => folded(&title),
            },
            items: tests.tests.iter().map(|test| item(test, failing)).collect(),
            count: tests.count,
            more: ("- ", "\n"),
            tail: match failing {
                true => "\n".to_owned(),
                false => "\n</details>\n\n".to_owned(),
            },
        })
        .collect();
    parts.extend(answers(report));
    let first = format!("{marker}{}", opening(report));
    fit(limit, bytes, &first, &parts, &evidence(report))
}

fn folded(title: &str) -> String {
    format!("<details>\n<summary>{title}</summary>\n\n")
}

fn opening(report: &Report) -> String {
    let launch = &report.launch;
    let name = linked(
        &format!("**{}**", text(&launch.name, LABEL)),
        launch.url.as_ref(),
    );
    let mut out = format!(
        "### {} {}\n\n",
        words::mark(report),
        words::verdict_line(report)
    );
    out.push_str(&format!("{name}: {}", words::counts(report)));
    if report.pass_rate.of > 0 {
        out.push_str(&format!("; pass rate {}", words::share(&report.pass_rate)));
    }
    if let Some(duration) = launch.duration {
        out.push_str(&format!("; ran for {}", human_duration(duration)));
    }
    out.push_str(".\n\n");
    match (&report.baseline, &report.no_baseline) {
        (Some(baseline), _) => {
            let name = text(&baseline.launch.name, LABEL);
            let name = linked(&name, baseline.launch.url.as_ref());
            let (how, changes) = (baseline.how, words::changes(report));
            out.push_str(&format!(
                "Against {name} ({how}): **{changes}**; {}.\n\n",
                words::rates(report)
            ));
        }
        (None, Some(none)) => {
            out.push_str(&format!("Compared with nothing: {}.\n\n", prose(none)));
        }
        (None, None) => {}
    }
    let limits = words::limits(report);
    let notes = report.notes.iter().take(5).chain(&limits);
    for note in notes {
        out.push_str(&format!("> {}\n>\n", prose(note)));
    }
    if out.ends_with(">\n") {
        out.truncate(out.len() - 2);
        out.push('\n');
    }
    out.push_str(&gate(report));
    out
}

fn gate(report: &Report) -> String {
    let rules = words::failed_rules(report);
    if rules.is_empty() {
        return String::new();
    }
    let mut out = String::from("Rules of the gate that failed:\n\n");
    for rule in rules.iter().take(RULES) {
        out.push_str(&format!("- {}\n", text(rule, words::RULE)));
    }
    let more = rules.len().saturating_sub(RULES);
    if more > 0 {
        out.push_str(&format!("- and {more} more\n"));
    }
    out + "\n"
}

fn item(test: &Test, failing: bool) -> String {
    let mut out = format!("- {}", linked(&code(&test.title()), test.url.as_ref()));
    if failing {
        out.push_str(&format!(" · {}", test.state()));
    }
    if let Some(case) = &test.case {
        let case = linked(&code(&line(case, LABEL)), test.case_url.as_ref());
        out.push_str(&format!(" · {case}"));
    }
    if let Some(owner) = &test.owner {
        out.push_str(&format!(" · owner {}", text(owner, LABEL)));
    }
    out.push_str(&issues(&test.issues));
    if failing {
        let message = test
            .message()
            .map(|message| format!("<br>{}", code(&message)));
        out.push_str(&message.unwrap_or_default());
        if let Some(failing) = &test.failing {
            let words = linked(&prose(&failing.words()), failing.changes_url.as_ref());
            out.push_str(&format!("<br>{words}"));
        }
    }
    if let Some(pace) = test.pace() {
        out.push_str(&format!(" · {pace}"));
    }
    out.push('\n');
    out
}

fn issues(issues: &[WebLink]) -> String {
    let shown = issues.iter().take(5);
    let shown = shown.map(|issue| {
        let name = text(&issue.name, LABEL);
        format!(" · {}", linked(&name, issue.url.as_ref()))
    });
    shown.collect()
}

fn answers(report: &Report) -> Option<Part> {
    let answers = &report.resolutions;
    let item = |answer: &Resolution| {
        let mut out = format!("- {} {}", answer.kind, code(&line(&answer.id, LABEL)));
        if !answer.title.is_empty() {
            out.push_str(&format!(", {}", prose(&answer.title)));
        }
        out.push_str(&format!(" · {}", count(answer.results, "result")));
        if let Some(owner) = &answer.owner {
            out.push_str(&format!(" · owner {}", text(owner, LABEL)));
        }
        if let Some(until) = &answer.until {
            out.push_str(&format!(" · until {}", text(until, LABEL)));
        }
        out.push_str(&issues(&answer.issues));
        out.push('\n');
        out
    };
    let title = match answers.len() as u64 {
        0 => return None,
        n => format!(
            "{} {} for failures",
            thousands(n),
            match n {
                1 => "defect or mute answers",
                _ => "defects and mutes answer",
            }
        ),
    };
    Some(Part {
        head: folded(&title),
        items: answers.iter().map(item).collect(),
        count: answers.len() as u64,
        more: ("- ", "\n"),
        tail: "\n</details>\n\n".to_owned(),
    })
}

fn evidence(report: &Report) -> String {
    let (launch, source) = (&report.launch, &report.source);
    let mut out = folded("Source and evidence");
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            out.push_str(&format!("- {name}: {value}\n"));
        }
    };
    let short = |commit: &String| code(&line(&commit.chars().take(10).collect::<String>(), LABEL));
    let commit = source.commit.as_ref().map(short);
    fact(
        "branch",
        source
            .branch
            .as_ref()
            .map(|branch| code(&line(branch, NAME))),
    );
    fact(
        "commit",
        commit.map(|commit| linked(&commit, report.commit_url.as_ref())),
    );
    let request = source
        .pull_request
        .as_ref()
        .map(|request| text(request, LABEL));
    fact(
        "pull request",
        request.map(|request| linked(&request, report.pull_request_url.as_ref())),
    );
    let variables = report.environment.iter();
    let variables = variables.map(|(name, value)| code(&line(&format!("{name}={value}"), LABEL)));
    fact(
        "environment",
        Some(joined(FACT, bytes, &variables.collect::<Vec<_>>())),
    );
    let jobs = report.jobs.iter().map(|job| {
        let name = linked(&text(&job.name, LABEL), job.url.as_ref());
        let loss = job.accepted_loss.as_ref();
        let loss = loss.map(|reason| format!("; loss accepted: {}", prose(reason)));
        format!(
            "{name} ({}{})",
            count(job.rows, "row"),
            loss.unwrap_or_default()
        )
    });
    let jobs: Vec<String> = jobs.collect();
    fact(
        &plural(jobs.len() as u64, "job"),
        Some(joined(FACT, bytes, &jobs)),
    );
    let links = report
        .links
        .iter()
        .map(|link| linked(&text(&link.name, LABEL), link.url.as_ref()));
    fact(
        "links",
        Some(joined(FACT, bytes, &links.collect::<Vec<_>>())),
    );
    fact(
        "launch",
        Some(code(&line(
            &format!("{}/{}", launch.project, launch.id),
            NAME,
        ))),
    );
    fact(
        "supersedes",
        launch.supersedes.as_ref().map(|id| code(&line(id, NAME))),
    );
    let by = launch
        .closed_by
        .as_ref()
        .map(|who| text(&words::person(who), LABEL));
    let by = by.map(|who| format!(" by {who}")).unwrap_or_default();
    fact(
        "closed",
        launch.closed_at.map(|at| format!("{}{by}", at.long())),
    );
    fact(
        "meaning",
        launch.meaning.as_ref().map(|meaning| prose(meaning)),
    );
    fact("reason", launch.reason.as_ref().map(|reason| prose(reason)));
    fact(
        "receipt",
        launch
            .receipt
            .as_ref()
            .map(|receipt| code(&line(receipt, NAME))),
    );
    fact(
        "to verify",
        report
            .verify
            .as_ref()
            .map(|verify| code(&line(verify, NAME))),
    );
    out.push_str("\n</details>\n");
    out
}

const NAME: usize = words::NAME;

fn linked(shown: &str, address: Option<&Address>) -> String {
    markdown::linked(shown, address.map(Address::as_str))
}

/// Writes untrusted text, cut to a number of characters.
fn text(words: &str, max: usize) -> String {
    markdown::text(&line(words, max))
}

/// Untrusted words that are longer: sentences, titles, reasons.
fn prose(words: &str) -> String {
    text(words, words::MESSAGE)
}
