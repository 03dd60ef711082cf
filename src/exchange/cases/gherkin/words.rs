//! What lines, tags and tables of a feature come to here.

use std::collections::BTreeSet;

use super::super::markup::{Markup, markdown};
use super::{Scenario, Step, StepKind};
use crate::analysis::matching::selects;
use crate::author::case::{ForeignCase, ForeignStep};
use crate::model::is_case_id;

/// Names of placeholders of one outline, and of its rows.
const NAMES: usize = 200;

/// The name by which results of a scenario are known: an outline's rows fill its placeholders in.
pub(super) fn placeless(scenario: &Scenario) -> String {
    let mut out = scenario.name.clone();
    let headers = scenario.examples.iter().map(|example| &example.header);
    let names: BTreeSet<&String> = headers.flat_map(|header| header.iter().take(50)).collect();
    for name in names.into_iter().take(NAMES) {
        out = out.replace(&format!("<{name}>"), "*");
    }
    out
}

/// Whether the pattern at a place selects what another scenario of the file is called.
pub(super) fn claims(names: &[String], at: usize) -> bool {
    let own = &names[at];
    let mut others = names.iter().enumerate().filter(|(other, _)| *other != at);
    own.contains('*') && others.any(|(_, name)| name != own && selects(own, name))
}

/// The names of an outline's rows, by which results of each are known; not of more than [`NAMES`].
pub(super) fn filled(scenario: &Scenario) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for example in &scenario.examples {
        for row in example.rows.iter().take(NAMES) {
            let cells = example.header.iter().zip(row);
            let name = cells.fold(scenario.name.clone(), |name, (column, cell)| {
                name.replace(&format!("<{column}>"), cell)
            });
            if out.len() < NAMES && !out.contains(&name) {
                out.push(name);
            }
        }
    }
    out
}

/// Steps of ours: what is expected belongs to the step before it.
pub(super) fn steps(steps: &[Step]) -> (usize, Vec<ForeignStep>) {
    let mut out: Vec<ForeignStep> = Vec::new();
    let mut expected: Vec<String> = Vec::new();
    let close = |out: &mut Vec<ForeignStep>, expected: &mut Vec<String>| {
        let all = std::mem::take(expected);
        if let Some(last) = out.last_mut() {
            last.expected = match all.as_slice() {
                [one] => one.clone(),
                all => all
                    .iter()
                    .map(|one| format!("- {}", one.replace('\n', "\n  ")))
                    .collect::<Vec<_>>()
                    .join("\n"),
            };
        }
    };
    for step in steps {
        let text = words(&step.text);
        match step.kind {
            StepKind::Expects if !out.is_empty() => {
                let mut text = text;
                add(&mut text, &step.data);
                expected.push(text);
            }
            _ => {
                close(&mut out, &mut expected);
                let keyword = step.keyword.trim();
                out.push(ForeignStep {
                    action: match keyword {
                        "" => text,
                        keyword => format!("**{keyword}** {text}"),
                    },
                    data: step.data.clone(),
                    ..ForeignStep::default()
                });
            }
        }
    }
    close(&mut out, &mut expected);
    (out.len(), out)
}

pub(super) fn words(text: &str) -> String {
    markdown(text, Markup::Plain, &mut Vec::new())
}

pub(super) fn add(slot: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    if !slot.is_empty() {
        slot.push_str("\n\n");
    }
    slot.push_str(text);
}

/// Cells of a row, with `\|`, `\\` and `\n` as Gherkin has them.
pub(super) fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|');
    let mut out = vec![String::new()];
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        let last = out.len() - 1;
        match (c, chars.peek()) {
            ('\\', Some('|' | '\\')) => out[last].extend(chars.next()),
            ('\\', Some('n')) => {
                chars.next();
                out[last].push(' ');
            }
            ('|', _) => out.push(String::new()),
            (c, _) => out[last].push(c),
        }
    }
    // Behind the last bar there is nothing.
    if out.last().is_some_and(|cell| cell.trim().is_empty()) {
        out.pop();
    }
    out.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The id that a tag names, as results carry it: `@SHOP-K4F7QM`, `@allure.id=17`, `@C123`.
pub(super) fn id_of(tag: &str) -> Option<&str> {
    let lower = tag.to_ascii_lowercase();
    for prefix in [
        "allure.id",
        "testcaseid",
        "testcase",
        "test_id",
        "case_id",
        "tmslink",
        "allureid",
        "tc",
    ] {
        let rest = lower
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix([':', '=']));
        if let Some(rest) = rest {
            let id = &tag[tag.len() - rest.len()..];
            return is_case_id(id).then_some(id);
        }
    }
    let number = tag.strip_prefix('C').filter(|rest| !rest.is_empty());
    if number.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
        return Some(tag);
    }
    let (key, rest) = tag.split_once('-')?;
    let is_key = key.len() >= 2
        && key
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (is_key && !rest.is_empty() && is_case_id(tag)).then_some(tag)
}

/// What a tag says: a field, as `@severity=critical` or `@allure.label.owner:alice`, or a word.
pub(super) fn tagged(case: &mut ForeignCase, tag: &str) {
    let bare = tag.strip_prefix("allure.label.").unwrap_or(tag);
    let pair = bare
        .split_once(['=', ':'])
        .filter(|(_, value)| !value.is_empty());
    let lower = tag.to_ascii_lowercase();
    match (pair, lower.as_str()) {
        (_, "manual") => {
            case.automated = Some(false);
        }
        (Some((name, value)), _) => {
            let name = match name.to_ascii_lowercase().as_str() {
                own @ ("severity" | "owner" | "layer" | "status") => own.to_owned(),
                "issue" | "jira" => {
                    case.links
                        .extend(super::super::cells::links("issue", value));
                    return;
                }
                "tag" => "tags".to_owned(),
                _ if tag.starts_with("allure.label.") => format!("fields.{name}"),
                _ => {
                    case.said.push(("tags".to_owned(), tag.to_owned()));
                    return;
                }
            };
            case.said.push((name, value.to_owned()));
        }
        (None, "blocker" | "critical" | "minor" | "trivial") => {
            case.said.push(("severity".to_owned(), lower));
        }
        _ => case.said.push(("tags".to_owned(), tag.to_owned())),
    }
}

/// Folders of a file below the one that features are kept in.
pub(super) fn folders(parts: &[String]) -> Vec<String> {
    let is_root = |part: &String| matches!(part.as_str(), "features" | "feature" | "resources");
    match parts.iter().rposition(is_root) {
        Some(at) => parts[at + 1..].to_vec(),
        None => parts.to_vec(),
    }
}
