//! Cases as Markdown of other tools and people: a case a file, or a case a heading.
//!
//! A heading is a case where a heading below it is a part of one (`Steps`, `Preconditions` …), where a list or
//! a table of steps stands below it, or where a comment says so (`<!-- test … -->`). Others are sections.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::collect::Collector;
use super::sheet::{execution, links};
use super::steps::{StepRow, items, of_text, split};
use crate::author::case::{ForeignCase, ForeignStep};
use crate::base::text::line as shown;
use crate::model::ScenarioStep;
use crate::store::parse_case;

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
    let is_case: Vec<bool> = (0..nodes.len())
        .map(|at| is_case(&nodes, &children[at], at))
        .collect();
    if !is_case.contains(&true) {
        return whole(out, &nodes, said);
    }
    let mut at = 0;
    let mut path: Vec<(usize, String)> = Vec::new();
    while at < nodes.len() {
        let node = &nodes[at];
        path.retain(|(level, _)| *level < node.level);
        if !is_case[at] {
            if node.level > 0 {
                path.push((node.level, node.title.clone()));
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

/// A file without anything that looks like a case is one, where it says anything to do.
fn whole(out: &mut Collector<'_>, nodes: &[Node], said: Vec<(String, String)>) {
    let has_list = nodes.iter().any(|node| has_steps(&node.text));
    let Some(first) = nodes.iter().find(|_| has_list || !said.is_empty()) else {
        let message = "there is no case in the file: no steps, and no heading of a part".to_owned();
        let help = "put steps into a numbered list below a heading, as `## Steps`";
        return out.error_at(1, message, help);
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
    for node in nodes {
        if own.title.is_empty() && node.level == 1 {
            own.title.clone_from(&node.title);
        } else if node.level > 0 {
            own.text.push_str(&format!("\n\n### {}\n\n", node.title));
        }
        own.text.push_str(&node.text);
        own.said.extend(node.said.iter().cloned());
    }
    if own.title.is_empty() {
        own.title = name;
    }
    let section = out.folders.to_vec();
    case(out, &[own], section);
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

fn is_case(nodes: &[Node], children: &[usize], at: usize) -> bool {
    let node = &nodes[at];
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
    children.iter().any(is_part) || next_is_part || has_steps(&node.text) && children.is_empty()
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

fn has_steps(text: &str) -> bool {
    text.lines().any(|line| {
        let bare = line.trim();
        let digits = bare.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_number =
            digits.len() < bare.len() && (digits.starts_with(". ") || digits.starts_with(") "));
        let lower = bare.to_lowercase();
        is_number && !line.starts_with("    ")
            || lower.starts_with('|') && lower.contains("expected")
            || label(bare).is_some_and(|(name, _)| part(name) == Some(PartKind::Steps))
    })
}

/// `**Steps:**`, `Steps:` alone on a line, or with words behind it.
fn label(line: &str) -> Option<(&str, &str)> {
    static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^[-*+]?\s*(?:\*\*|__)?([A-Za-z][A-Za-z -]{1,30}?)(?::(?:\*\*|__)?|(?:\*\*|__):)\s*(.*)$").ok()
    });
    let found = LABEL.as_ref()?.captures(line.trim())?;
    Some((found.get(1)?.as_str(), found.get(2)?.as_str()))
}

/// Splits a text at its headings; comments that say something of the next heading are taken out.
fn nodes(out: &mut Collector<'_>, text: &str, skipped: usize) -> Vec<Node> {
    let mut nodes = vec![Node {
        line: 1,
        ..Node::default()
    }];
    let mut fence: Option<&str> = None;
    let mut waiting: (Vec<(String, String)>, Option<bool>) = (Vec::new(), None);
    let mut lines = text.split('\n').enumerate();
    while let Some((n, line)) = lines.next() {
        let n = n + 1 + skipped;
        let bare = line.trim_start();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| bare.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        if fence.is_none() && bare.starts_with("<!--") {
            let mut comment = bare.trim_start_matches("<!--").to_owned();
            while !comment.contains("-->") {
                let Some((_, next)) = lines.next() else { break };
                comment.push('\n');
                comment.push_str(next);
            }
            let comment = comment.split("-->").next().unwrap_or_default();
            match about(comment) {
                Some(said) => waiting = said,
                None => out.lost("comments", "no place here", n, comment),
            }
            continue;
        }
        let level = bare.len() - bare.trim_start_matches('#').len();
        let is_heading = fence.is_none()
            && (1..=6).contains(&level)
            && bare[level..].starts_with([' ', '\t'])
            && line.len() - bare.len() < 4
            && nodes.len() < HEADINGS;
        if is_heading {
            let title = bare[level..].trim().trim_end_matches('#').trim();
            let (said, is_case) = std::mem::take(&mut waiting);
            nodes.push(Node {
                level,
                title: title.to_owned(),
                line: n,
                text: String::new(),
                said,
                is_case,
            });
        } else if let Some(last) = nodes.last_mut() {
            last.text.push_str(line);
            last.text.push('\n');
        }
    }
    nodes
}

/// What a comment says of the next heading: `test` or `suite`, and lines `key: value`.
fn about(comment: &str) -> Option<(Vec<(String, String)>, Option<bool>)> {
    let mut lines = comment
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let is_case = match lines.next()? {
        "test" => true,
        "suite" => false,
        _ => return None,
    };
    let pairs = lines.filter_map(|line| line.split_once(':'));
    let pairs = pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    Some((pairs.collect(), Some(is_case)))
}

/// The front matter's pairs, the text behind it, and how many lines it took.
fn front_matter(text: &str) -> (Vec<(String, String)>, &str, usize) {
    let none = (Vec::new(), text, 0);
    let Some(rest) = text.strip_prefix("---\n") else {
        return none;
    };
    let Some(end) = rest.find("\n---\n").filter(|end| *end < 64 << 10) else {
        return none;
    };
    let yaml = &rest[..=end];
    let Ok(map) = serde_yaml::from_str::<BTreeMap<String, serde_yaml::Value>>(yaml) else {
        return none;
    };
    let scalar = |value: &serde_yaml::Value| match value {
        serde_yaml::Value::String(text) => Some(text.clone()),
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        serde_yaml::Value::Bool(is) => Some(is.to_string()),
        _ => None,
    };
    let mut out = Vec::new();
    for (key, value) in &map {
        match value {
            serde_yaml::Value::Sequence(all) => {
                let all = all.iter().filter_map(scalar);
                out.extend(all.map(|value| (key.clone(), value)));
            }
            value => out.extend(scalar(value).map(|value| (key.clone(), value))),
        }
    }
    let lines = yaml.lines().count() + 2;
    (out, &rest[end + 5..], lines)
}

fn case(out: &mut Collector<'_>, nodes: &[Node], section: Vec<String>) {
    let Some((head, parts)) = nodes.split_first() else {
        return;
    };
    let mut case = ForeignCase {
        at: out.place(head.line),
        title: head.title.clone(),
        section,
        ..ForeignCase::default()
    };
    for (key, value) in &head.said {
        say(out, &mut case, key, value, head.line);
    }
    let (mut expected, mut data) = (String::new(), String::new());
    let mut steps = String::new();
    for (kind, text, line) in intro(out, &mut case, head) {
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
    case.steps = read_steps(&mut case.description, &steps, &expected, &data);
    out.take(case, None);
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
/// description; a list of steps without a heading is its steps.
fn intro(
    out: &mut Collector<'_>,
    case: &mut ForeignCase,
    head: &Node,
) -> Vec<(PartKind, String, usize)> {
    let mut parts: Vec<(PartKind, String, usize)> =
        vec![(PartKind::Description, String::new(), head.line)];
    for (n, line) in head.text.lines().enumerate() {
        let at = head.line + 1 + n;
        let indent = line.len() - line.trim_start().len();
        let found = label(line).filter(|_| indent < 2);
        let kind = found.and_then(|(name, rest)| Some((part(name)?, rest)));
        let (last, _, _) = parts[parts.len() - 1];
        let in_list = last == PartKind::Steps && line.trim_start().starts_with(['-', '*']);
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

/// Reads steps: a table, or a list with what is expected below its items.
fn read_steps(
    description: &mut String,
    steps: &str,
    expected: &str,
    data: &str,
) -> Vec<ForeignStep> {
    if let Some(rows) = table(steps) {
        let mut out: Vec<ForeignStep> = rows
            .into_iter()
            .map(|row| ForeignStep {
                action: row.action,
                expected: row.expected,
                data: row.data,
                ..ForeignStep::default()
            })
            .collect();
        rest(&mut out, expected, data);
        return out;
    }
    let text = format!(
        "---\nid: A\ntitle: T\n---\n## Steps\n\n{}\n",
        labelled(steps)
    );
    let (read, _) = parse_case("case.md", text.as_str().into());
    let read = read.map(|doc| doc.value.scenario).unwrap_or_default();
    if read.steps.is_empty() || !read.other.is_empty() {
        let mut out = split(steps);
        if out.is_empty() {
            return of_text("", expected, data);
        }
        rest(&mut out, expected, data);
        return out;
    }
    let remarks = read.remarks.trim();
    if !remarks.is_empty() {
        if !description.trim().is_empty() {
            description.push_str("\n\n");
        }
        description.push_str(remarks);
    }
    let mut out: Vec<ForeignStep> = read
        .steps
        .into_iter()
        .map(|step| foreign(step, 0))
        .collect();
    rest(&mut out, expected, data);
    out
}

/// Gives what is expected of the whole to the steps: to each its own where both are lists of one length, else
/// to the last.
fn rest(steps: &mut Vec<ForeignStep>, expected: &str, data: &str) {
    if steps.is_empty() {
        *steps = of_text("", expected, data);
        return;
    }
    let all = items(expected).filter(|items| items.len() == steps.len() && items.len() > 1);
    let add = |slot: &mut String, text: &str| {
        if !slot.is_empty() && !text.is_empty() {
            slot.push_str("\n\n");
        }
        slot.push_str(text);
    };
    match all {
        Some(items) => {
            for (step, item) in steps.iter_mut().zip(items) {
                add(&mut step.expected, &item);
            }
        }
        None => {
            if let Some(last) = steps.last_mut() {
                add(&mut last.expected, expected.trim());
            }
        }
    }
    if let Some(last) = steps.last_mut() {
        add(&mut last.data, data.trim());
    }
}

fn foreign(step: ScenarioStep, depth: usize) -> ForeignStep {
    ForeignStep {
        action: step.action,
        expected: step.expected.unwrap_or_default(),
        data: step.data.unwrap_or_default(),
        shared: None,
        steps: match depth < 20 {
            true => step
                .steps
                .into_iter()
                .map(|s| foreign(s, depth + 1))
                .collect(),
            false => Vec::new(),
        },
    }
}

/// Lines of steps that say what is expected, as items below them.
fn labelled(steps: &str) -> String {
    static EXPECTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^(\s*)[-*+]?\s*[*_]{0,2}(expected(?: results?)?|test data|data)(?::[*_]{0,2}|[*_]{1,2}:?)\s*(\S.*)$").ok()
    });
    let lines = steps.lines().map(|line| {
        let found = EXPECTED.as_ref().and_then(|pattern| pattern.captures(line));
        match found {
            Some(found) => {
                let indent = match found[1].len() {
                    0..=2 => "   ",
                    _ => &found[1],
                };
                let label = match found[2].to_lowercase().contains("data") {
                    true => "Data",
                    false => "Expected",
                };
                format!("{indent}- **{label}:** {}", &found[3])
            }
            None => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The rows of a table of steps, where the text is one.
fn table(text: &str) -> Option<Vec<StepRow>> {
    let mut rows = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let header = cells(rows.next().filter(|line| line.starts_with('|'))?);
    let find = |words: &[&str]| {
        header
            .iter()
            .position(|name| words.contains(&name.to_lowercase().as_str()))
    };
    let expected = find(&[
        "expected",
        "expected result",
        "expected results",
        "result",
        "outcome",
    ]);
    let data = find(&["data", "test data", "input"]);
    let action = find(&[
        "action",
        "actions",
        "step",
        "steps",
        "description",
        "test step",
        "what",
    ])
    .or_else(|| (0..header.len()).find(|at| Some(*at) != expected && Some(*at) != data))?;
    // A column of numbers is called `Step` at times.
    let action = match find(&["action", "actions", "description"]) {
        Some(better) => better,
        None => action,
    };
    expected?;
    let mut out = Vec::new();
    for line in rows {
        if !line.starts_with('|') {
            return None;
        }
        let cells = cells(line);
        if cells
            .iter()
            .all(|cell| cell.chars().all(|c| matches!(c, '-' | ':' | ' ')))
        {
            continue;
        }
        let cell = |at: Option<usize>| {
            let cell = at.and_then(|at| cells.get(at));
            cell.map_or_else(String::new, |cell| {
                cell.replace("<br>", "\\\n").replace("<br/>", "\\\n")
            })
        };
        out.push(StepRow {
            action: cell(Some(action)),
            expected: cell(expected),
            data: cell(data),
        });
    }
    out.retain(|row| !row.is_empty());
    (!out.is_empty()).then_some(out)
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    let inner = inner.replace("\\|", "\u{1}");
    let cells = inner
        .split('|')
        .map(|cell| cell.trim().replace('\u{1}', "|"));
    cells.map(|cell| shown(&cell, 10_000)).collect()
}
