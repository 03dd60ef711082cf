//! YAML as people write it, in one form.

use std::borrow::Cow;

use crate::store::schema::KeyOrder;
use crate::store::written::{Document, Item, Items, Value};

/// How many columns a list or a mapping in brackets has on one line, at most.
const COLUMNS: usize = 120;

/// Formats a document; one that can't be cut into parts only gets its last line ended.
pub(super) fn formatted(text: &str, order: &KeyOrder) -> String {
    let text = &*without_start(text);
    let Some(document) = Document::parse(text) else {
        return ended(text);
    };
    let mut out = lines(document.header, true);
    // What moves up brings the blank line before it along.
    let is_blank = out.is_empty() || out.ends_with("\n\n");
    out.push_str(&block(&document.map, Some(order), is_blank));
    let tail = lines(document.map.tail, out.is_empty());
    out.push_str(tail.trim_end_matches('\n'));
    ended(out.trim_end_matches('\n'))
}

/// A document without the `---` that it may begin with, comments before it apart.
fn without_start(text: &str) -> Cow<'_, str> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        if bare == "---" {
            let (header, rest) = (text[..at].trim_end(), &text[at + line.len()..]);
            return match header {
                "" => Cow::Borrowed(rest),
                // A blank line keeps it with the document, not with the first key.
                header => Cow::Owned(format!("{header}\n\n{rest}")),
            };
        }
        if !(bare.is_empty() || bare.starts_with('#')) {
            break;
        }
        at += line.len();
    }
    Cow::Borrowed(text)
}

fn ended(text: &str) -> String {
    match text.is_empty() || text.ends_with('\n') {
        true => text.to_owned(),
        false => format!("{text}\n"),
    }
}

/// Returns the comments of a document, sorted.
pub(super) fn comments(text: &str) -> Vec<String> {
    let plain = text.replace("\r\n", "\n");
    let plain = without_start(&plain);
    let Some(document) = Document::parse(&plain) else {
        let mut all: Vec<String> = plain.lines().map(|line| line.trim().to_owned()).collect();
        all.sort();
        return all;
    };
    let mut out = Vec::new();
    collect(document.header, &mut out);
    below(&document.map, &mut out);
    out.sort();
    out
}

fn below(items: &Items<'_>, out: &mut Vec<String>) {
    for item in &items.items {
        collect(item.lead, out);
        // Behind the colon of a block.
        if let Some((_, rest)) = item.head.split_once(':') {
            collect(rest, out);
        }
        match &item.value {
            Value::List(items) | Value::Map(items) => below(items, out),
            Value::Opaque(text) => out.push((*text).to_owned()),
            Value::Scalar(_) | Value::Literal(_) => {}
        }
        collect(item.rest, out);
    }
    collect(items.tail, out);
}

fn collect(text: &str, out: &mut Vec<String>) {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('#'));
    out.extend(lines.map(str::to_owned));
}

/// Writes blank lines and comments: no two blank lines follow each other, and none begins a file.
fn lines(text: &str, is_first: bool) -> String {
    let mut out = String::new();
    let mut was_blank = is_first;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && was_blank {
            continue;
        }
        was_blank = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Writes the parts of a block of lines.
fn block(items: &Items<'_>, order: Option<&KeyOrder>, is_first: bool) -> String {
    let mut out = String::new();
    let is_behind = is_behind_dash(items);
    for (n, item) in sorted(items, order).into_iter().enumerate() {
        let at_start = is_first && out.is_empty();
        out.push_str(&lines(item.lead, at_start));
        let entry = entry(item, order);
        match (is_behind, n) {
            (false, _) => out.push_str(&entry),
            // On the line of the dash.
            (true, 0) => out.push_str(entry.trim_start_matches(' ')),
            (true, _) => {
                out.push_str(&" ".repeat(items.indent));
                out.push_str(entry.trim_start_matches(' '));
            }
        }
    }
    out
}

/// Whether the first key stands on the line of a dash.
fn is_behind_dash(items: &Items<'_>) -> bool {
    let first = items.items.first();
    !items.is_flow
        && items.indent > 0
        && first.is_some_and(|item| item.key.is_some() && indent(item.head) == 0)
}

/// Returns the parts in their order: known keys first, as they are known; items of lists as they are.
fn sorted<'i, 'a>(items: &'i Items<'a>, order: Option<&KeyOrder>) -> Vec<&'i Item<'a>> {
    let mut out: Vec<&Item<'_>> = items.items.iter().collect();
    let Some(order) = order else {
        return out;
    };
    if !items.items.iter().all(|item| item.key.is_some()) {
        return out;
    }
    let place = |item: &&Item<'_>| {
        let key = item.key.as_deref().unwrap_or_default();
        order.place(key).unwrap_or(usize::MAX)
    };
    out.sort_by_key(place);
    // There is no room for lines between a dash and its key.
    let has_room = out.first().is_none_or(|first| first.lead.is_empty());
    match is_behind_dash(items) && !has_room {
        true => items.items.iter().collect(),
        false => out,
    }
}

fn indent(head: &str) -> usize {
    head.len() - head.trim_start_matches(' ').len()
}

fn entry(item: &Item<'_>, order: Option<&KeyOrder>) -> String {
    let below = match &item.key {
        Some(key) => order.and_then(|order| order.below(key)),
        None => order.and_then(KeyOrder::each),
    };
    let value = match &item.value {
        Value::Scalar(text) | Value::Opaque(text) => (*text).to_owned(),
        Value::Literal(text) => ended(text),
        value @ (Value::List(items) | Value::Map(items)) if items.is_flow => {
            flowing(value, below, item.head.len())
        }
        Value::List(items) | Value::Map(items) => {
            let tail = lines(items.tail, false);
            block(items, below, false) + &tail
        }
    };
    let head = head(item, value.is_empty());
    if item.value.is_block() {
        return format!("{head}{value}");
    }
    let rest = item.rest.trim_end();
    let rest = match value.is_empty() {
        true if !rest.trim().is_empty() => format!(" {}", rest.trim_start()),
        _ => rest.to_owned(),
    };
    format!(
        "{}{rest}\n",
        format_args!("{head}{value}").to_string().trim_end()
    )
}

/// Writes a key and its colon, or a dash, with one blank behind it.
fn head(item: &Item<'_>, is_empty: bool) -> String {
    let head = item.head;
    if item.value.is_block() && !matches!(item.value, Value::Literal(_)) {
        // Behind a dash the column of what follows hangs on the blanks.
        return match head.ends_with('\n') {
            true => lines(head, false),
            false => head.to_owned(),
        };
    }
    let space = if is_empty { "" } else { " " };
    match &item.key {
        Some(_) => {
            let key = head.trim_end().strip_suffix(':').unwrap_or(head.trim_end());
            format!("{}:{space}", key.trim_end())
        }
        None => format!("{}{space}", head.trim_end()),
    }
}

/// Writes a list or a mapping in brackets on one line, where it fits; else as it is.
fn flowing(value: &Value<'_>, order: Option<&KeyOrder>, column: usize) -> String {
    match one_line(value, order) {
        Some(line) if column + line.chars().count() <= COLUMNS => line,
        _ => value.to_text(),
    }
}

fn one_line(value: &Value<'_>, order: Option<&KeyOrder>) -> Option<String> {
    let (items, is_map) = match value {
        Value::Scalar(text) => return (!text.contains('\n')).then(|| (*text).to_owned()),
        Value::Map(items) => (items, true),
        Value::List(items) => (items, false),
        Value::Literal(_) | Value::Opaque(_) => return None,
    };
    let parts = sorted(items, order).into_iter().map(|item| {
        let below = match &item.key {
            Some(key) => order.and_then(|order| order.below(key)),
            None => order.and_then(KeyOrder::each),
        };
        let value = one_line(&item.value, below)?;
        let head = item.head.trim();
        let text = match (head.strip_suffix(':'), is_map) {
            (Some(key), true) => format!("{}: {value}", key.trim_end()),
            _ => format!("{head}{value}"),
        };
        Some(text.trim_end().to_owned())
    });
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    let inner = parts.join(", ");
    Some(match is_map {
        true => format!("{{{inner}}}"),
        false => format!("[{inner}]"),
    })
}
