//! TestLink's XML export: suites in suites, cases with steps, texts in HTML.

use super::collect::{Collector, section_name};
use super::xml::{self, Element};
use crate::author::case::{ForeignCase, ForeignStep};
use crate::model::Link;

pub(super) fn read(out: &mut Collector<'_>, text: &str) {
    let Some(root) = xml::root(out, text) else {
        return;
    };
    let mut path = Vec::new();
    match root.name.as_str() {
        "testcase" => case(out, &root, &path),
        _ => suite(out, &root, &mut path),
    }
}

fn suite(out: &mut Collector<'_>, element: &Element, path: &mut Vec<String>) {
    let name = section_name(element.attribute("name"));
    let has_name = !name.is_empty();
    if has_name {
        path.push(name);
    }
    for child in &element.children {
        match child.name.as_str() {
            "testsuite" => suite(out, child, path),
            "testcase" => case(out, child, path),
            "testcases" => suite(out, child, path),
            "node_order" | "id" => {}
            "details" if child.text.trim().is_empty() => {}
            "details" => {
                let what = "details of suites";
                out.lost(what, "a section is a folder", child.line, &child.text);
            }
            other => {
                let shown = if child.text.trim().is_empty() {
                    "…"
                } else {
                    &child.text
                };
                out.lost(
                    &format!("`{other}` of suites"),
                    "unknown here",
                    child.line,
                    shown,
                );
            }
        }
    }
    if has_name {
        path.pop();
    }
}

fn case(out: &mut Collector<'_>, element: &Element, path: &[String]) {
    let mut case = ForeignCase {
        at: out.place(element.line),
        title: element.attribute("name").to_owned(),
        section: path.to_vec(),
        ..ForeignCase::default()
    };
    ids(out, &mut case, element);
    for child in &element.children {
        let text = child.text.trim();
        let line = child.line;
        match child.name.as_str() {
            "summary" => case.description = out.words(&child.inner(), line),
            "preconditions" => case.preconditions = out.words(&child.inner(), line),
            "steps" => {
                let steps = child.all("step").map(|one| step(out, one));
                case.steps = steps.collect();
            }
            "keywords" => {
                let names = child
                    .all("keyword")
                    .map(|keyword| keyword.attribute("name"));
                let names = names.map(|name| ("tags".to_owned(), name.to_owned()));
                case.said.extend(names);
            }
            "custom_fields" => {
                for field in child.all("custom_field") {
                    let name = format!("fields.{}", field.said("name"));
                    // Several choices of one field.
                    let values = field.said("value").split('|').map(str::trim);
                    let values = values.filter(|value| !value.is_empty());
                    case.said
                        .extend(values.map(|value| (name.clone(), value.to_owned())));
                }
            }
            "requirements" => {
                let named = child.all("requirement").map(|one| one.said("doc_id"));
                let links = named.filter(|id| !id.is_empty()).map(|id| Link {
                    kind: Some("requirement".to_owned()),
                    name: Some(id.to_owned()),
                    url: None,
                });
                case.links.extend(links);
            }
            "node_order" | "externalid" | "fullexternalid" | "version" | "is_open" => {}
            _ if text.is_empty() && child.children.is_empty() => {}
            "execution_type" => case.automated = Some(text == "2"),
            "importance" => {
                let word = match text {
                    "3" => "high",
                    "2" => "medium",
                    "1" => "low",
                    other => other,
                };
                case.said.push(("severity".to_owned(), word.to_owned()));
            }
            "status" => case
                .said
                .push(("status".to_owned(), state(text).to_owned())),
            "estimated_exec_duration" => {
                case.said
                    .push(("fields.estimate".to_owned(), text.to_owned()));
            }
            "active" if text == "1" => {}
            "active" => out.lost(
                "inactive",
                "the case is imported like others",
                line,
                &case.title,
            ),
            other => {
                let shown = if text.is_empty() { "…" } else { text };
                out.lost(
                    &format!("`{other}`"),
                    "a case has no such part here",
                    line,
                    shown,
                );
            }
        }
    }
    out.take(case, None);
}

/// The id that people and results name, where the file has it whole; else its number behind the prefix that
/// was given.
fn ids(out: &Collector<'_>, case: &mut ForeignCase, element: &Element) {
    let full = element.said("fullexternalid");
    let external = element.said("externalid");
    let internal = element.attribute("internalid");
    if !full.is_empty() {
        case.ids.push(full.to_owned());
    } else if !external.is_empty() {
        let id = out.id(external);
        // A bare number says nothing, and that of another case may be its internal one.
        case.ids.push(match id == external {
            true => format!("testlink-{id}"),
            false => id,
        });
    } else if !internal.is_empty() {
        case.ids.push(format!("testlink-internal-{internal}"));
    }
}

/// TestLink's states by their numbers.
fn state(number: &str) -> &str {
    match number {
        "1" => "draft",
        "2" => "ready for review",
        "3" => "review in progress",
        "4" => "in review",
        "5" => "obsolete",
        "6" => "draft",
        "7" => "final",
        other => other,
    }
}

fn step(out: &mut Collector<'_>, step: &Element) -> ForeignStep {
    let mut own = ForeignStep::default();
    for part in &step.children {
        let inner = part.inner();
        let text = inner.as_str();
        match part.name.as_str() {
            "actions" => own.action = out.words(text, part.line),
            "expectedresults" => own.expected = out.words(text, part.line),
            "step_number" | "execution_type" => {}
            _ if text.is_empty() => {}
            other => out.lost(
                &format!("`{other}` of steps"),
                "unknown here",
                part.line,
                text,
            ),
        }
    }
    own
}
