//! One function for each kind of file: text → what could be read, and findings about the rest.
//! None of them fails. A required key that is missing or wrong leaves an empty value and a finding;
//! there is no document only where the YAML as a whole can't be read.

mod approval;
mod case;
mod category;
mod dashboard;
mod defect;
mod gate;
mod integration;
mod member;
mod mute;
mod plan;
mod project;
mod query;
mod requirement;
mod steps;
mod texts;
mod workspace;

use std::sync::Arc;

pub use approval::parse_approvals;
pub use case::parse_case;
pub use dashboard::parse_dashboard;
pub use defect::parse_defect;
pub use gate::parse_gate;
pub use member::parse_member;
pub use mute::parse_mute;
pub use plan::parse_plan;
pub use project::parse_project;
pub use query::parse_query;
pub use requirement::parse_requirements;
pub use steps::parse_steps;
pub use texts::parse_texts;
pub use workspace::parse_workspace;

use super::Doc;
use super::body;
use super::codes;
use super::schema::Kind;
use super::shape::{Mapping, Outline, Reader};
use super::source::{self, MAX_YAML, Parts};
use super::yaml;
use crate::base::path as paths;
use crate::diag::{Finding, Span};
use crate::model::{Link, Scenario};

/// What a parser returns: the document, where there is one, and its findings.
pub type Parsed<T> = (Option<Doc<T>>, Vec<Finding>);

/// Returns what a kind of file may hold, as its parser asks for it; several where it has several shapes.
pub(crate) fn outline(kind: Kind) -> Vec<Outline> {
    match kind {
        Kind::Workspace => Outline::of(workspace::read),
        Kind::Project => Outline::of(project::read),
        Kind::Member => Outline::of(|top| member::read("", top)),
        Kind::Case => Outline::of(case::read),
        Kind::Steps => Outline::of(steps::read),
        Kind::Plan => Outline::of(|top| plan::read("", top)),
        Kind::Query => Outline::of(|top| query::read("", top)),
        Kind::Dashboard => Outline::of(|top| dashboard::read("", top)),
        Kind::Gate => Outline::of(|top| gate::read("", top)),
        Kind::Requirement => Outline::of(|top| requirement::read("", top)),
        Kind::Defect => Outline::of(|top| defect::read("", top)),
        Kind::Mute => Outline::of(|top| mute::read("", top)),
        Kind::Approval => Outline::of(|top| approval::read("", top)),
        Kind::Launch | Kind::Annotation => Vec::new(),
    }
}

/// Reads a file that is YAML as a whole.
fn yaml_file<T>(
    path: &str,
    text: Arc<str>,
    build: impl FnOnce(&Mapping<'_, '_>) -> T,
) -> Parsed<T> {
    let parts = source::whole(&text);
    document(path, text, Ok(parts), build)
}

/// Reads a Markdown file with front matter; `set` takes the body.
fn markdown_file<T>(
    path: &str,
    text: Arc<str>,
    build: impl FnOnce(&Mapping<'_, '_>) -> T,
    set: impl FnOnce(&mut T, Scenario),
) -> Parsed<T> {
    let parts = source::split(path, &text);
    let (mut doc, mut findings) = document(path, text, parts, build);
    if let Some(doc) = &mut doc {
        let (scenario, more) = body::parse(path, doc.body(), doc.body_offset());
        set(&mut doc.value, scenario);
        findings.extend(more);
    }
    (doc, findings)
}

fn document<T>(
    path: &str,
    text: Arc<str>,
    parts: Result<Parts, Box<Finding>>,
    build: impl FnOnce(&Mapping<'_, '_>) -> T,
) -> Parsed<T> {
    let mut findings = source::inspect(path, &text);
    let has = |code| findings.iter().any(|f: &Finding| f.code == code);
    if has(codes::EMPTY_FILE) {
        return (None, findings);
    }
    let conflict = has(codes::CONFLICT_MARKER);
    let read = parts.and_then(|parts| {
        let node = parse_yaml(path, &text, &parts)?;
        Ok((parts, node))
    });
    let (parts, node) = match read {
        Ok(read) => read,
        Err(finding) => {
            // The markers are what is wrong; that they are no YAML follows.
            if !conflict {
                findings.push(*finding);
            }
            return (None, findings);
        }
    };
    let reader = Reader::new(path, &text, parts.yaml.clone());
    let value = reader.top(&node).map(|top| {
        let value = build(&top);
        top.finish();
        value
    });
    if !conflict {
        findings.extend(reader.into_findings());
    }
    let doc = value.map(|value| Doc::new(path, text, value, parts.yaml, parts.body));
    (doc, findings)
}

fn parse_yaml(path: &str, text: &str, parts: &Parts) -> Result<yaml::Node, Box<Finding>> {
    let yaml = &text[parts.yaml.clone()];
    if yaml.len() > MAX_YAML {
        let message = format!(
            "the YAML has {} bytes, expected at most {MAX_YAML}",
            yaml.len()
        );
        return Err(Finding::error(codes::TOO_LARGE, path, message).into());
    }
    let node =
        yaml::parse(yaml).map_err(|error| Box::new(invalid_yaml(path, text, parts, &error)))?;
    match node {
        // Nothing but comments: every key is absent, which says more than "not a mapping".
        yaml::Node::Null => Ok(yaml::Node::Map(Vec::new())),
        node => Ok(node),
    }
}

fn invalid_yaml(path: &str, text: &str, parts: &Parts, error: &yaml::YamlError) -> Finding {
    let span = error.offset.map(|at| {
        let start = (parts.yaml.start + at).min(parts.yaml.end);
        let next = text[start..parts.yaml.end].chars().next();
        Span::new(start, start + next.map_or(0, char::len_utf8))
    });
    let (code, message) = if error.too_complex {
        (codes::TOO_COMPLEX, error.message.clone())
    } else {
        (
            codes::INVALID_YAML,
            format!("this is not valid YAML: {}", error.message),
        )
    };
    let finding = Finding::error(code, path, message).at(span);
    let at = span.and_then(|span| text[span.range()].chars().next());
    match yaml_help(&error.message, at) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// Says what usually lies behind a message of the parser about a character.
fn yaml_help(message: &str, at: Option<char>) -> Option<&'static str> {
    let says = |part| message.contains(part);
    if says("cannot start any token") && at == Some('\t') {
        Some("indent with spaces: YAML allows no tabs there")
    } else if says("cannot start any token") {
        Some("put the text in quotes")
    } else if says("mapping values are not allowed") {
        Some("put a text that holds `: ` in quotes, and align the keys")
    } else if says("quoted scalar") && says("end of stream") {
        Some("close the quote")
    } else if says("unknown escape") {
        Some("use single quotes around a text with backslashes")
    } else if says("flow sequence") || says("flow mapping") {
        Some("close the bracket, and put commas between the items")
    } else if says("expected ':'") {
        Some("write `key: value`, with a space after the colon")
    } else if says("did not find expected key") {
        Some("align the keys, and put a text that holds quotes or brackets in quotes as a whole")
    } else if says("unknown anchor") {
        Some("put a text that starts with `*` in quotes")
    } else {
        None
    }
}

/// Reads `links`: type, name and address.
fn links(mapping: &Mapping<'_, '_>) -> Vec<Link> {
    mapping.each("links", |link| Link {
        kind: link.text("type"),
        name: link.text("name"),
        url: link.text("url"),
    })
}

/// Returns a file's name without its extension.
fn stem(path: &str) -> &str {
    let name = paths::file_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOM: char = '\u{feff}';

    /// Parses a text as every kind of file and returns all findings.
    fn parse_all(text: &str) -> Vec<Finding> {
        let text: Arc<str> = text.into();
        let mut out = Vec::new();
        out.extend(parse_workspace("f", text.clone()).1);
        out.extend(parse_project("f", text.clone()).1);
        out.extend(parse_member("f", text.clone()).1);
        out.extend(parse_mute("f", text.clone()).1);
        out.extend(parse_defect("f", text.clone()).1);
        out.extend(parse_query("f", text.clone()).1);
        out.extend(parse_plan("f", text.clone()).1);
        out.extend(parse_dashboard("f", text.clone()).1);
        out.extend(parse_requirements("f", text.clone()).1);
        out.extend(parse_gate("f", text.clone()).1);
        out.extend(parse_steps("f", text.clone()).1);
        out.extend(parse_approvals("f", text.clone()).1);
        out.extend(parse_case("f", text).1);
        out
    }

    fn lines() -> impl Strategy<Value = String> {
        let value = "([a-z]{0,3}|[0-9.]{1,4}|\\[[a-z, ]{0,6}\\]|\\{[a-z: ]{0,8}\\}|&x é|\\*x|\"\\\\u00e9\"|[|>]|~)";
        let key = "(format|key|name|keep|environment|fields|workflow|emails|role|until|cases|links|matchers|status|query|groups|max_failed|min_pass_rate|gap|requirements|approvals|widgets|kind|by|categories|gate|integrations|[a-zé]{1,3})";
        let line = format!(
            "( {{0,4}}(- )?{key}: {value}| {{2,4}}- {value}|---|{BOM}|<<<<<<< a|=======|>>>>>>> b|)"
        );
        proptest::collection::vec(
            proptest::string::string_regex(&line).expect("a regex"),
            0..14,
        )
        .prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_fail_and_every_place_is_in_it(text in lines()) {
            for text in [text.clone(), format!("---\n{text}\n---\n{text}")] {
                for finding in parse_all(&text) {
                    let labels = finding.labels.iter().map(|label| label.span);
                    for span in finding.span.into_iter().chain(labels) {
                        prop_assert!(text.get(span.range()).is_some(), "{:?} in {:?}", finding, text);
                    }
                    prop_assert!(!finding.message.contains('\n') && !finding.message.ends_with('.'));
                }
            }
        }
    }
}
