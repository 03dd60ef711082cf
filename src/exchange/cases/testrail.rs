//! TestRail's XML export: a suite, sections in sections, cases with their custom fields.

use super::cells::{execution, links};
use super::collect::{Collector, section_name};
use super::steps::{self, of_text};
use super::xml::{self, Element};
use crate::author::case::{ForeignCase, ForeignStep};

/// What the only suite of a project is called there.
pub(super) const MASTER: &str = "Master";

pub(super) fn read(out: &mut Collector<'_>, text: &str) {
    let Some(root) = xml::root(out, text) else {
        return;
    };
    let mut path = Vec::new();
    if root.name == "suite" {
        let name = root.said("name");
        if !name.is_empty() && name != MASTER {
            path.push(section_name(name));
        }
        described(out, &root, "descriptions of suites");
    }
    section(out, &root, &mut path);
}

/// What is said of a section has no place: a section is a folder.
fn described(out: &mut Collector<'_>, element: &Element, what: &str) {
    let text = element.said("description");
    if !text.is_empty() {
        out.lost(what, "a section is a folder", element.line, text);
    }
}

fn section(out: &mut Collector<'_>, element: &Element, path: &mut Vec<String>) {
    for child in &element.children {
        match child.name.as_str() {
            "sections" => section(out, child, path),
            "section" => {
                path.push(section_name(child.said("name")));
                described(out, child, "descriptions of sections");
                section(out, child, path);
                path.pop();
            }
            "cases" => {
                for one in child.all("case") {
                    case(out, one, path);
                }
            }
            "case" => case(out, child, path),
            "id" | "name" | "description" => {}
            other => out.lost(
                &format!("`{other}`"),
                "unknown here",
                child.line,
                &child.text,
            ),
        }
    }
}

fn case(out: &mut Collector<'_>, element: &Element, path: &[String]) {
    let mut case = ForeignCase {
        at: out.place(element.line),
        title: element.said("title").to_owned(),
        section: path.to_vec(),
        ..ForeignCase::default()
    };
    for child in &element.children {
        let text = child.text.trim();
        match child.name.as_str() {
            "title" => {}
            "id" => case.ids.push(text.to_owned()),
            "custom" => custom(out, &mut case, child),
            _ if text.is_empty() && child.children.is_empty() => {}
            "priority" => say(&mut case, "severity", priority(text)),
            "status" | "case_status" => say(&mut case, "status", text),
            "type" => {
                if text.eq_ignore_ascii_case("automated") {
                    case.automated.get_or_insert(true);
                }
                say(&mut case, "fields.type", text);
            }
            "estimate" => say(&mut case, "fields.estimate", text),
            "milestone" => say(&mut case, "fields.milestone", text),
            "assigned_to" | "assignedto" => say(&mut case, "owner", text),
            "labels" => {
                let labels = values(child);
                case.said
                    .extend(labels.into_iter().map(|label| ("tags".to_owned(), label)));
            }
            "references" | "refs" => case.links.extend(links("issue", text)),
            other => {
                let what = format!("`{other}`");
                let shown = if text.is_empty() { "…" } else { text };
                out.lost(&what, "a case has no such part here", child.line, shown);
            }
        }
    }
    out.take(case, None);
}

fn say(case: &mut ForeignCase, name: &str, value: &str) {
    case.said.push((name.to_owned(), value.to_owned()));
}

/// TestRail's priorities, by their numbers too.
fn priority(text: &str) -> &str {
    match text {
        "4" => "critical",
        "3" => "high",
        "2" => "medium",
        "1" => "low",
        other => other,
    }
}

/// The custom fields of a case: TestRail's own, whose names are fixed, and all others.
fn custom(out: &mut Collector<'_>, case: &mut ForeignCase, custom: &Element) {
    let text = |name: &str| custom.child(name).map_or_else(String::new, Element::inner);
    for field in &custom.children {
        let inner = match field.name.as_str() {
            // These have a shape of their own.
            "steps_separated" => String::new(),
            _ => field.inner(),
        };
        let words = inner.as_str();
        let line = field.line;
        match field.name.as_str() {
            "preconds" => case.preconditions = out.words(words, line),
            "steps_separated" => {
                let steps: Vec<ForeignStep> =
                    field.all("step").map(|s| step(out, case, s)).collect();
                case.steps.extend(steps);
            }
            "steps" | "expected" => {}
            "testrail_bdd_scenario" => {
                let scenario = out.words(&steps::scenario(words), line);
                case.steps.extend(steps::split(&scenario));
            }
            "mission" | "goals" if !words.is_empty() => {
                let heading = if field.name == "goals" {
                    "Goals"
                } else {
                    "Mission"
                };
                let words = out.words(words, line);
                case.other.push((heading.to_owned(), words));
            }
            "automation_type" | "is_automated" => {
                for value in values(field) {
                    match execution(&value) {
                        Some(automated) => case.automated = Some(automated),
                        None => {
                            let why = "neither `manual` nor `automated`";
                            out.lost("automation type", why, line, &value);
                        }
                    }
                }
            }
            "automation_id" | "auto_id" if !words.is_empty() => {
                case.selectors.push(words.to_owned());
            }
            name => {
                let name = format!("fields.{name}");
                for value in values(field) {
                    case.said.push((name.clone(), value));
                }
            }
        }
    }
    if case.steps.is_empty() {
        let at = |name| custom.child(name).map_or(custom.line, |child| child.line);
        let steps = out.words(&text("steps"), at("steps"));
        let expected = out.words(&text("expected"), at("expected"));
        case.steps = of_text(&steps, &expected, "");
    } else {
        for name in ["steps", "expected"] {
            let words = text(name);
            if !words.is_empty() {
                let why = "the case has separate steps, too, which count";
                out.lost(name, why, custom.line, &words);
            }
        }
    }
}

fn step(out: &mut Collector<'_>, case: &mut ForeignCase, step: &Element) -> ForeignStep {
    let mut own = ForeignStep::default();
    for part in &step.children {
        let inner = part.inner();
        let words = inner.as_str();
        let slot = match part.name.as_str() {
            "content" => &mut own.action,
            "expected" => &mut own.expected,
            "additional_info" => &mut own.data,
            "refs" => {
                case.links.extend(links("issue", words));
                continue;
            }
            "index" => continue,
            _ if words.is_empty() => continue,
            "shared_step_id" => {
                let why = "their steps are written out in each case";
                out.lost("shared steps", why, part.line, words);
                continue;
            }
            other => {
                out.lost(
                    &format!("`{other}` of steps"),
                    "unknown here",
                    part.line,
                    words,
                );
                continue;
            }
        };
        *slot = out.words(words, part.line);
    }
    own
}

/// What a field says: a text, one `value`, or one for each `item`.
fn values(field: &Element) -> Vec<String> {
    let mut out = Vec::new();
    let mut add = |text: &str| {
        if !text.trim().is_empty() {
            out.push(text.trim().to_owned());
        }
    };
    add(&field.text);
    for child in &field.children {
        match child.name.as_str() {
            "value" | "name" => add(&child.text),
            "id" => {}
            _ if child.children.is_empty() => add(&child.text),
            _ => child.all("value").for_each(|value| add(&value.text)),
        }
    }
    out
}
