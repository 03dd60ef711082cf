//! Cases as Markdown of other tools and people: a case a file, or a case a heading.
//!
//! A heading is a case where a heading below it is a part of one (`Steps`, `Preconditions` …), where a list or
//! a table of steps stands below it, or where a comment says so (`<!-- test … -->`). So is one without headings
//! below it that stands beside a case, but for what documents begin and end with. Others are sections.

mod ids;
mod lines;
mod nodes;
mod steps;

use std::collections::BTreeSet;

use self::lines::{has_items, has_steps, is_item, label};
use self::nodes::{front_matter, nodes};
use self::steps::{read_steps, strange_columns};
use super::cells::{execution, links};
use super::collect::{Collector, section_name};
use crate::author::case::ForeignCase;
use crate::base::text::line as shown;

/// Headings of one file.
const HEADINGS: usize = 100_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartKind {
    Description,
    Preconditions,
    Steps,
    Expected,
    Data,
    Postconditions,
}

fn part(title: &str) -> Option<PartKind> {
    let title = title.trim().trim_matches(['*', '_', ':']).to_lowercase();
    Some(match title.trim_end_matches(':') {
        "description" | "summary" | "objective" | "purpose" | "goal" => PartKind::Description,
        "preconditions" | "precondition" | "pre-conditions" | "pre-condition" | "prerequisites"
        | "requirements" | "setup" => PartKind::Preconditions,
        "steps" | "test steps" | "procedure" | "steps to execute" | "test procedure"
        | "scenario" => PartKind::Steps,
        "expected" | "expected result" | "expected results" | "expected outcome" => {
            PartKind::Expected
        }
        "data" | "test data" => PartKind::Data,
        "postconditions" | "postcondition" | "post-conditions" | "post-condition" | "teardown"
        | "cleanup" | "clean up" => PartKind::Postconditions,
        _ => return None,
    })
}

/// A heading and what stands below it up to the next one.
#[derive(Debug, Default)]
struct Node {
    level: usize,
    title: String,
    line: usize,
    text: String,
    /// What a comment or a front matter before it says.
    said: Vec<(String, String)>,
    is_case: Option<bool>,
    /// What its title begins with, where that is an id.
    id: Option<String>,
}

pub(super) fn read(out: &mut Collector<'_>, text: &str) {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let (said, body, skipped) = front_matter(&text);
    let mut nodes = nodes(out, body, skipped);
    if let Some(first) = nodes.iter_mut().find(|node| node.level > 0) {
        let mut all = said.clone();
        all.append(&mut first.said);
        first.said = all;
    }
    let children = children(&nodes);
    let beside = beside(&nodes, &children);
    let is_case: Vec<bool> = (0..nodes.len())
        .map(|at| is_case(&nodes, &children, beside[at], at))
        .collect();
    let is_case = with_weaker(&nodes, &children, is_case);
    if !is_case.contains(&true) || is_one(&nodes) {
        return whole(out, &nodes, said);
    }
    ids::take(&mut nodes, &is_case, &out.path);
    let mut at = 0;
    let mut path: Vec<(usize, String)> = Vec::new();
    while at < nodes.len() {
        let node = &nodes[at];
        path.retain(|(level, _)| *level < node.level);
        if !is_case[at] {
            if node.level > 0 {
                path.push((node.level, section_name(&node.title)));
            }
            if !node.text.trim().is_empty() {
                out.lost(
                    "texts of sections",
                    "a section is a folder",
                    node.line,
                    &node.text,
                );
            }
            at += 1;
            continue;
        }
        let end = end_of(&nodes, &is_case, at);
        let mut section = out.folders.to_vec();
        section.extend(path.iter().map(|(_, title)| title.clone()));
        case(out, &nodes[at..end], section);
        at = end;
    }
}

/// Whether a file is one case whose title stands in its front matter, or nowhere: its first headings are parts
/// of a case, beside others.
fn is_one(nodes: &[Node]) -> bool {
    let headings = || nodes.iter().filter(|node| node.level > 0);
    let top = headings().map(|node| node.level).min();
    let mut tops = headings().filter(|node| Some(node.level) == top);
    let is_said = nodes.iter().any(|node| node.is_case == Some(true));
    let steps = |node: &&Node| part(&node.title) == Some(PartKind::Steps);
    !is_said
        && tops.clone().filter(steps).count() <= 1
        && tops
            .next()
            .is_some_and(|first| part(&first.title).is_some())
}

/// A file without anything that looks like a case is one, where it says anything to do.
fn whole(out: &mut Collector<'_>, nodes: &[Node], said: Vec<(String, String)>) {
    let has_parts = nodes.iter().any(|node| part(&node.title).is_some());
    let has_list = has_parts || nodes.iter().any(|node| has_steps(&node.text));
    let Some(first) = nodes.iter().find(|_| has_list || !said.is_empty()) else {
        // What is not said yet is said of the whole file.
        return;
    };
    let name = out.path.rsplit('/').next().unwrap_or_default();
    let name = name
        .rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_owned();
    let mut own = Node {
        level: 0,
        line: first.line,
        said,
        ..Node::default()
    };
    let top = nodes
        .iter()
        .map(|node| node.level)
        .filter(|level| *level > 0);
    let top = top.min().unwrap_or_default();
    let mut parts: Vec<Node> = Vec::new();
    for node in nodes {
        let is_title = own.title.is_empty() && node.level == 1 && part(&node.title).is_none();
        if is_title {
            own.title.clone_from(&node.title);
        } else if has_parts && node.level == top && node.level > 0 {
            parts.push(Node {
                title: node.title.clone(),
                ..Node::default()
            });
        }
        let (place, line) = match parts.last_mut() {
            Some(last) => (&mut last.text, &mut last.line),
            None => (&mut own.text, &mut own.line),
        };
        if *line == 0 {
            *line = node.line;
        }
        if node.level > 0 && !is_title && !(has_parts && node.level == top) {
            place.push_str(&format!("\n\n### {}\n\n", node.title));
        }
        place.push_str(&node.text);
        for pair in &node.said {
            if !own.said.contains(pair) {
                own.said.push(pair.clone());
            }
        }
    }
    if own.title.is_empty() {
        own.title = name;
    }
    let section = out.folders.to_vec();
    parts.insert(0, own);
    case(out, &parts, section);
}

/// Where a case ends: at the next heading that is no part of it.
fn end_of(nodes: &[Node], is_case: &[bool], at: usize) -> usize {
    let level = nodes[at].level;
    let rest = nodes.iter().enumerate().skip(at + 1);
    let mut rest = rest.filter(|(n, node)| {
        let is_part = part(&node.title).is_some();
        is_case[*n] || node.level < level || node.level == level && !is_part
    });
    rest.next().map_or(nodes.len(), |(n, _)| n)
}

/// Whether headings are cases and parts of these at one level: there are steps more than once.
fn is_flat(nodes: &[Node], all: &[usize]) -> bool {
    let kinds = all.iter().map(|at| part(&nodes[*at].title));
    kinds.filter(|kind| *kind == Some(PartKind::Steps)).count() > 1
}

/// Whether each stands among headings below one that are not [flat](is_flat): those are parts of it.
fn beside(nodes: &[Node], children: &[Vec<usize>]) -> Vec<bool> {
    let mut out = vec![false; nodes.len()];
    let headings = { nodes.iter().zip(children) }.filter(|(node, _)| node.level > 0);
    for (_, all) in headings {
        let is_part = |at: &usize| part(&nodes[*at].title).is_some();
        let is_below = all.iter().any(is_part) && !is_flat(nodes, all);
        all.iter().for_each(|at| out[*at] = is_below);
    }
    out
}

fn is_case(nodes: &[Node], children: &[Vec<usize>], is_below: bool, at: usize) -> bool {
    let node = &nodes[at];
    let below = &children[at];
    if let Some(is_case) = node.is_case {
        return is_case;
    }
    if node.level == 0 || part(&node.title).is_some() {
        return false;
    }
    let is_part = |child: &usize| part(&nodes[*child].title).is_some();
    let next_is_part = nodes
        .get(at + 1)
        .is_some_and(|next| next.level == node.level && part(&next.title).is_some());
    let is_text = |child: &usize| !has_steps(&nodes[*child].text) && children[*child].is_empty();
    below.iter().any(is_part) && !is_flat(nodes, below)
        || next_is_part && !is_below
        || has_steps(&node.text) && below.iter().all(is_text)
}

/// Adds headings that have none below them where a list with bullets stands, or that stand beside a case: one that
/// is told in prose, or by its title alone. Beside parts of a case they are parts of it, too.
fn with_weaker(nodes: &[Node], children: &[Vec<usize>], mut is_case: Vec<bool>) -> Vec<bool> {
    let sure = is_case.clone();
    for (parent, beside) in children.iter().enumerate() {
        let is_part = |at: &usize| part(&nodes[*at].title).is_some();
        if beside.iter().any(is_part) || nodes[parent].is_case == Some(true) || sure[parent] {
            continue;
        }
        let is_free = |at: usize| {
            let node = &nodes[at];
            node.is_case.is_none() && children[at].is_empty() && !is_frame(&node.title)
        };
        for at in beside {
            is_case[*at] |= is_free(*at) && has_items(&nodes[*at].text);
        }
        let cases = beside.iter().filter(|at| is_case[**at]);
        let levels: BTreeSet<usize> = cases.map(|at| nodes[*at].level).collect();
        for at in beside {
            is_case[*at] |= is_free(*at) && levels.contains(&nodes[*at].level);
        }
    }
    is_case
}

/// Whether a heading is one that documents begin and end with.
fn is_frame(title: &str) -> bool {
    let title = title.trim().trim_matches(['*', '_', ':']).to_lowercase();
    matches!(
        title.as_str(),
        "introduction"
            | "overview"
            | "contents"
            | "table of contents"
            | "toc"
            | "scope"
            | "about"
            | "notes"
            | "references"
            | "glossary"
            | "changelog"
            | "history"
            | "appendix"
    )
}

/// The headings directly below each.
fn children(nodes: &[Node]) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); nodes.len()];
    let mut open: Vec<usize> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        while open
            .last()
            .is_some_and(|last| nodes[*last].level >= node.level)
        {
            open.pop();
        }
        if let Some(parent) = open.last() {
            out[*parent].push(at);
        }
        open.push(at);
    }
    out
}

fn case(out: &mut Collector<'_>, nodes: &[Node], section: Vec<String>) {
    let Some((head, parts)) = nodes.split_first() else {
        return;
    };
    let mut case = ForeignCase {
        at: out.place(head.line),
        titled: head.id.clone(),
        title: head.title.clone(),
        section,
        ..ForeignCase::default()
    };
    for (key, value) in &head.said {
        say(out, &mut case, key, value, head.line);
    }
    let (mut expected, mut data) = (String::new(), String::new());
    let mut steps = String::new();
    let is_steps = |node: &Node| part(&node.title) == Some(PartKind::Steps);
    let has_other = has_steps(&head.text) || parts.iter().any(is_steps);
    for (kind, text, line) in intro(out, &mut case, head, !has_other) {
        put(
            out,
            &mut case,
            kind,
            &text,
            line,
            (&mut steps, &mut expected, &mut data),
        );
    }
    for node in parts {
        match part(&node.title) {
            Some(kind) => put(
                out,
                &mut case,
                kind,
                &node.text,
                node.line,
                (&mut steps, &mut expected, &mut data),
            ),
            None if !node.text.trim().is_empty() => {
                let words = node.text.trim().to_owned();
                case.other.push((node.title.clone(), words));
            }
            None => {}
        }
    }
    let strange = strange_columns(&steps);
    if let Some(column) = strange.iter().find(|column| is_title(column)) {
        let column = shown(column, 60);
        let message = format!("the table has a case in each row, called by its column `{column}`");
        let help = "save the table as CSV, and import that";
        return out.error_at(head.line, message, help);
    }
    for column in strange {
        let why = "a step has no such part";
        out.lost("columns of tables of steps", why, head.line, &column);
    }
    case.steps = read_steps(&mut case.description, &steps, &expected, &data);
    out.take(case, None);
}

fn is_title(column: &str) -> bool {
    let column = column.to_lowercase();
    matches!(
        column.as_str(),
        "title" | "name" | "case" | "test case" | "test" | "summary" | "scenario"
    )
}

/// Adds a part's text to where it belongs.
fn put(
    out: &mut Collector<'_>,
    case: &mut ForeignCase,
    kind: PartKind,
    text: &str,
    line: usize,
    (steps, expected, data): (&mut String, &mut String, &mut String),
) {
    let words = out.words(text.trim_matches('\n'), line);
    let slot = match kind {
        PartKind::Description => &mut case.description,
        PartKind::Preconditions => &mut case.preconditions,
        PartKind::Postconditions => &mut case.postconditions,
        PartKind::Steps => steps,
        PartKind::Expected => expected,
        PartKind::Data => data,
    };
    if !slot.trim().is_empty() && !words.trim().is_empty() {
        slot.push_str("\n\n");
    }
    slot.push_str(&words);
}

/// What stands directly below a case's heading: lines that say fields, labelled parts, else its
/// description; a list of steps without a heading is its steps, with bullets too where `by_bullets`.
fn intro(
    out: &mut Collector<'_>,
    case: &mut ForeignCase,
    head: &Node,
    by_bullets: bool,
) -> Vec<(PartKind, String, usize)> {
    let mut parts: Vec<(PartKind, String, usize)> =
        vec![(PartKind::Description, String::new(), head.line)];
    for (n, line) in head.text.lines().enumerate() {
        let at = head.line + 1 + n;
        let indent = line.len() - line.trim_start().len();
        let found = label(line).filter(|_| indent < 2);
        let kind = found.and_then(|(name, rest)| Some((part(name)?, rest)));
        let (last, _, _) = parts[parts.len() - 1];
        let bare = line.trim_start();
        let is_bullet = bare.starts_with("- ") || bare.starts_with("* ");
        let in_list = last == PartKind::Steps && is_bullet;
        if let Some((kind, rest)) = kind.filter(|_| !in_list) {
            parts.push((kind, format!("{rest}\n"), at));
            continue;
        }
        if let Some((name, value)) = found.filter(|_| last == PartKind::Description)
            && is_field(name)
            && !value.is_empty()
        {
            say(out, case, name, value, at);
            continue;
        }
        let first = line.trim_start();
        let digits = first.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_number = digits.len() < first.len() && digits.starts_with([')', '.']);
        let begins = (is_number
            || by_bullets && is_item(line)
            || first.starts_with('|') && first.to_lowercase().contains("expected"))
            && indent < 4
            && last == PartKind::Description;
        if begins {
            parts.push((PartKind::Steps, String::new(), at));
        }
        if let Some((_, text, _)) = parts.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    parts
}

fn is_field(name: &str) -> bool {
    matches!(
        name.trim().to_lowercase().as_str(),
        "id" | "case id"
            | "test id"
            | "key"
            | "priority"
            | "severity"
            | "importance"
            | "tags"
            | "labels"
            | "owner"
            | "assignee"
            | "author"
            | "status"
            | "state"
            | "layer"
            | "type"
            | "component"
            | "automated"
            | "automation"
            | "execution"
            | "requirement"
            | "requirements"
            | "issue"
            | "issues"
            | "references"
            | "refs"
            | "link"
            | "links"
            | "estimate"
            | "section"
            | "suite"
            | "emoji"
            | "creator"
            | "shared"
    )
}

/// What a pair says of a case.
fn say(out: &mut Collector<'_>, case: &mut ForeignCase, key: &str, value: &str, line: usize) {
    let value = value.trim().trim_matches(['"', '`']).trim();
    if value.is_empty() {
        return;
    }
    let list = |case: &mut ForeignCase| {
        let inner = value.trim_start_matches('[').trim_end_matches(']');
        let tags = inner
            .split([',', ';'])
            .map(|tag| tag.trim().trim_matches(['"', '\'', '#', '@']));
        let tags = tags.filter(|tag| !tag.is_empty());
        case.said
            .extend(tags.map(|tag| ("tags".to_owned(), tag.to_owned())));
    };
    match key.trim().to_lowercase().as_str() {
        "id" | "case id" | "test id" | "key" => {
            let id = out.id(value);
            case.ids.push(id);
        }
        "title" | "name" => value.clone_into(&mut case.title),
        "section" | "suite" | "folder" => {
            let names = value.split(['/', '>']).map(|name| name.trim().to_owned());
            case.section.extend(names.filter(|name| !name.is_empty()));
        }
        "tags" | "tag" | "labels" | "label" => list(case),
        "priority" | "severity" | "importance" => {
            case.said.push(("severity".to_owned(), value.to_owned()));
        }
        "owner" | "assignee" => case.said.push(("owner".to_owned(), value.to_owned())),
        name @ ("status" | "layer") => case.said.push((name.to_owned(), value.to_owned())),
        "state" => case.said.push(("status".to_owned(), value.to_owned())),
        "automated" | "automation" | "execution" => match execution(value) {
            Some(automated) => case.automated = Some(automated),
            None => out.lost("execution", "neither `manual` nor `automated`", line, value),
        },
        "requirement" | "requirements" => case.links.extend(links("requirement", value)),
        "issue" | "issues" | "references" | "refs" => case.links.extend(links("issue", value)),
        "link" | "links" | "url" => case.links.extend(links("link", value)),
        name => case.said.push((format!("fields.{name}"), value.to_owned())),
    }
}
