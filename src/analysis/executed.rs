//! The text of a case as executed: id, title and body with LF, shared steps expanded in place, no
//! other front matter. What it leaves out can change without changing what a tester did.

use std::collections::BTreeMap;

use crate::base::path as paths;
use crate::model::{Case, ScenarioStep, SharedSteps};
use crate::store::{Doc, Project};

/// Shared steps by their path.
pub type SharedByPath<'a> = BTreeMap<&'a str, &'a Doc<SharedSteps>>;

/// Returns a project's shared steps by their paths.
pub fn shared(project: &Project) -> SharedByPath<'_> {
    let docs = project.steps.iter();
    docs.map(|doc| (doc.path.as_str(), doc)).collect()
}

/// How deep shared steps may include others; beyond it, and in a cycle, a link stays a link.
const DEPTH_MAX: usize = 16;

/// Returns the text of a case as executed.
pub fn executed_text(case: &Doc<Case>, shared: &SharedByPath<'_>) -> String {
    let id = serde_json::to_string(&case.value.id).expect("a text is plain data");
    let title = serde_json::to_string(&case.value.title).expect("a text is plain data");
    let body = expand(
        case.body(),
        &case.value.scenario.steps,
        &case.path,
        shared,
        &mut Vec::new(),
    );
    format!("---\nid: {id}\ntitle: {title}\n---\n{body}\n")
}

/// Replaces each line that is a link to shared steps by these steps, indented as the link was.
fn expand<'a>(
    body: &str,
    steps: &[ScenarioStep],
    path: &str,
    shared: &SharedByPath<'a>,
    within: &mut Vec<&'a str>,
) -> String {
    let mut links = Vec::new();
    collect_links(steps, &mut links);
    links.sort_unstable();
    let mut out = String::with_capacity(body.len());
    let mut from = 0;
    for (offset, target) in links {
        let start = body[..offset.min(body.len())]
            .rfind('\n')
            .map_or(0, |i| i + 1);
        let end = body[start..].find('\n').map_or(body.len(), |i| start + i);
        let found = paths::resolve(path, target).and_then(|p| shared.get_key_value(p.as_str()));
        let Some((key, doc)) = found.filter(|_| start >= from) else {
            continue;
        };
        if within.len() >= DEPTH_MAX || within.contains(key) {
            continue;
        }
        within.push(key);
        let inner = expand(
            doc.body(),
            &doc.value.scenario.steps,
            &doc.path,
            shared,
            within,
        );
        within.pop();
        out.push_str(&body[from..start]);
        out.push_str(&indented(steps_of(&inner), indentation(&body[start..end])));
        from = end;
    }
    out.push_str(&body[from..]);
    out.replace("\r\n", "\n").trim_end().to_owned()
}

fn collect_links<'a>(steps: &'a [ScenarioStep], out: &mut Vec<(usize, &'a str)>) {
    for step in steps {
        if let Some(target) = &step.shared {
            out.push((step.offset, target));
        }
        collect_links(&step.steps, out);
    }
}

fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

fn indented(text: &str, by: &str) -> String {
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line => format!("{by}{line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The section of steps, or the whole text where there is none.
fn steps_of(body: &str) -> &str {
    let heading = |line: &str| line.trim_end().eq_ignore_ascii_case("## steps");
    let mut at = 0;
    let mut start = None;
    for line in body.split_inclusive('\n') {
        match start {
            None if heading(line) => start = Some(at + line.len()),
            Some(start) if line.starts_with("## ") => return body[start..at].trim(),
            _ => {}
        }
        at += line.len();
    }
    body[start.unwrap_or(0)..].trim()
}
