//! Edits of values below keys of keys, and of single items of lists: what is not named keeps its bytes.
//!
//! The text is cut as [`Document`] does it; where that can't be done, or a place is not what it
//! would have to be, an edit gives `None`.

use std::ops::Range;

use serde_json::Value as Json;

use super::{insert, line_end, replace, scalar};
use crate::diag::Span;
use crate::store::yaml::{Document, Item, Items, Value};

/// One change of a value that a path of keys leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The value is this text.
    Set(String),
    /// The value is this list of texts. Items that stay keep their bytes.
    SetList(Vec<String>),
    /// The list has this text too.
    Add(String),
    /// The list has this mapping too, a key and a text each.
    AddPairs(Vec<(String, String)>),
    /// The list has no item like this: a text, or a mapping with these keys.
    Take(Json),
    /// The key is not there.
    Remove,
}

/// Makes one change. `order` says behind which keys a new one stands at the top: the first of them
/// that the file has, read from the new key backwards; at the end where it names none.
pub fn change(text: &str, path: &[&str], change: &Change, order: &[&str]) -> Option<String> {
    match change {
        Change::Set(value) => set(text, path, &scalar(value), order),
        Change::SetList(values) => set_list(text, path, values, order),
        Change::Add(value) => push(text, path, &scalar(value), true, order),
        Change::AddPairs(pairs) => {
            let pairs: Vec<String> = pairs
                .iter()
                .map(|(key, value)| format!("{key}: {}", scalar(value)))
                .collect();
            push(
                text,
                path,
                &format!("{{{}}}", pairs.join(", ")),
                false,
                order,
            )
        }
        Change::Take(item) => pull(text, path, item),
        Change::Remove => remove(text, path),
    }
}

/// Where the pieces of an item stand, in bytes.
#[derive(Clone, Debug)]
struct At {
    lead: usize,
    head: usize,
    value: Range<usize>,
    end: usize,
}

/// A value that was found, with what is around it.
struct Found<'d, 'a> {
    around: &'d Items<'a>,
    places: Vec<At>,
    /// Which of them it is.
    nth: usize,
}

impl<'d, 'a> Found<'d, 'a> {
    fn item(&self) -> &'d Item<'a> {
        &self.around.items[self.nth]
    }

    fn at(&self) -> &At {
        &self.places[self.nth]
    }
}

fn places(items: &Items<'_>, start: usize) -> Vec<At> {
    let mut at = start + usize::from(items.is_flow);
    let mut out = Vec::with_capacity(items.items.len());
    for (n, item) in items.items.iter().enumerate() {
        at += usize::from(items.is_flow && n > 0);
        let head = at + item.lead.len();
        let value = head + item.head.len();
        let value = value..value + item.value.to_text().len();
        let end = value.end + item.rest.len();
        out.push(At {
            lead: at,
            head,
            value,
            end,
        });
        at = end;
    }
    out
}

/// Finds a key; `Err` has the mapping that lacks it, where it starts, and how many keys led there.
fn find<'d, 'a>(
    document: &'d Document<'a>,
    path: &[&str],
) -> Option<Result<Found<'d, 'a>, (&'d Items<'a>, usize, usize)>> {
    let mut around = &document.map;
    let mut start = document.header.len();
    for (depth, key) in path.iter().enumerate() {
        let nth = around
            .items
            .iter()
            .position(|item| item.key.as_deref() == Some(key));
        let Some(nth) = nth else {
            return Some(Err((around, start, depth)));
        };
        let places = places(around, start);
        if depth + 1 == path.len() {
            return Some(Ok(Found {
                around,
                places,
                nth,
            }));
        }
        match &around.items[nth].value {
            Value::Map(map) => {
                start = places[nth].value.start;
                around = map;
            }
            _ => return None,
        }
    }
    None
}

/// Sets a value, written as it is to stand there.
fn set(text: &str, path: &[&str], value: &str, order: &[&str]) -> Option<String> {
    let document = Document::parse(text)?;
    match find(&document, path)? {
        Ok(found) => put(text, &found, value),
        Err((around, start, depth)) => {
            let value = nested(&path[depth + 1..], value);
            let line = format!("{}: {value}", key(path[depth]));
            let order = if depth == 0 { order } else { &[] };
            new_key(text, around, start, path[depth], &line, order)
        }
    }
}

fn key(name: &str) -> String {
    scalar(name)
}

/// `{a: {b: value}}`
fn nested(path: &[&str], value: &str) -> String {
    path.iter().rev().fold(value.to_owned(), |below, name| {
        format!("{{{}: {below}}}", key(name))
    })
}

/// Replaces the value of a key that is there.
fn put(text: &str, found: &Found<'_, '_>, value: &str) -> Option<String> {
    let at = found.at();
    let range = |range: Range<usize>| Span::new(range.start, range.end);
    match &found.item().value {
        Value::Scalar("") => {
            let space = match text[..at.value.start].ends_with(' ') {
                true => "",
                false => " ",
            };
            Some(insert(text, at.value.start, &format!("{space}{value}")))
        }
        written if written.is_block() => {
            let colon = text[at.head..at.value.start].rfind(':')? + at.head + 1;
            let end = match value.starts_with(['\n', '\r']) {
                true => "",
                false => line_end(text),
            };
            let new = Span::new(colon, at.value.end);
            Some(replace(text, new, &format!(" {value}{end}")))
        }
        _ => Some(replace(text, range(at.value.clone()), value)),
    }
}

/// Adds a key to a mapping.
fn new_key(
    text: &str,
    around: &Items<'_>,
    start: usize,
    name: &str,
    line: &str,
    order: &[&str],
) -> Option<String> {
    let places = places(around, start);
    if around.is_flow {
        if line.contains('\n') {
            return None;
        }
        return Some(match places.last() {
            Some(last) => insert(text, last.value.end, &format!(", {line}")),
            None => insert(text, start + 1, line),
        });
    }
    let end = line_end(text);
    let indent = " ".repeat(around.indent);
    let known = order.iter().position(|known| *known == name);
    let before: &[&str] = known.map_or(&[], |at| &order[..at]);
    let is_before = |item: &Item<'_>| {
        let own = item.key.as_deref().unwrap_or_default();
        before.contains(&own)
    };
    let behind = match known {
        Some(_) => around.items.iter().rposition(is_before),
        None => places.len().checked_sub(1),
    };
    let at = match behind {
        Some(nth) => places[nth].end,
        None => places.first()?.lead,
    };
    let is_open = at > 0 && !text[..at].ends_with('\n');
    let before = if is_open { end } else { "" };
    let after = if is_open { "" } else { end };
    Some(insert(text, at, &format!("{before}{indent}{line}{after}")))
}

/// Removes a key, and the keys above it that have nothing else. Comments above it stay.
fn remove(text: &str, path: &[&str]) -> Option<String> {
    let document = Document::parse(text)?;
    let Ok(found) = find(&document, path)? else {
        return Some(text.to_owned());
    };
    if found.places.len() == 1 && path.len() > 1 {
        return remove(text, &path[..path.len() - 1]);
    }
    cut(text, &found)
}

/// Takes an item of a list or an entry of a mapping out.
fn cut(text: &str, found: &Found<'_, '_>) -> Option<String> {
    let at = found.at();
    if !found.around.is_flow {
        return Some(replace(text, Span::new(at.head, at.end), ""));
    }
    let span = match found.places.get(found.nth + 1) {
        // Its comma goes with it, and what stands before the next one stays there.
        Some(next) => Span::new(at.head, next.head),
        None => match found.nth.checked_sub(1) {
            Some(before) => Span::new(found.places[before].end, at.value.end),
            None => Span::new(at.lead, at.end),
        },
    };
    Some(replace(text, span, ""))
}

/// Adds an item to a list, which is made where there is none.
fn push(text: &str, path: &[&str], item: &str, is_text: bool, order: &[&str]) -> Option<String> {
    let document = Document::parse(text)?;
    let end = line_end(text);
    let found = match find(&document, path)? {
        Ok(found) => found,
        Err((around, start, depth)) if !is_text && depth + 1 == path.len() && !around.is_flow => {
            let indent = " ".repeat(around.indent + 2);
            let line = format!("{}:{end}{indent}- {item}", key(path[depth]));
            let order = if depth == 0 { order } else { &[] };
            return new_key(text, around, start, path[depth], &line, order);
        }
        Err(_) => return set(text, path, &format!("[{item}]"), order),
    };
    let at = found.at();
    match &found.item().value {
        Value::List(list) if list.is_flow => {
            let places = places(list, at.value.start);
            Some(match places.last() {
                Some(last) => insert(text, last.value.end, &format!(", {item}")),
                None => insert(text, at.value.start + 1, item),
            })
        }
        Value::List(list) => {
            let places = places(list, at.value.start);
            let last = places.last()?;
            let indent = " ".repeat(list.indent);
            Some(match text[..last.end].ends_with('\n') {
                true => insert(text, last.end, &format!("{indent}- {item}{end}")),
                false => insert(text, last.end, &format!("{end}{indent}- {item}")),
            })
        }
        Value::Scalar("") => put(text, &found, &format!("[{item}]")),
        // A single value stands for a list of one.
        Value::Scalar(one) if is_text && !one.contains('\n') => {
            put(text, &found, &format!("[{}, {item}]", flowing(one)))
        }
        Value::Scalar(_) | Value::Literal(_) | Value::Opaque(_) | Value::Map(_) => None,
    }
}

/// Writes a scalar so that it can stand in brackets.
fn flowing(written: &str) -> String {
    match written.starts_with(['"', '\'']) || !written.contains(['[', ']', '{', '}', ',']) {
        true => written.to_owned(),
        false => scalar(written),
    }
}

/// Takes the items out that are like this one.
fn pull(text: &str, path: &[&str], wanted: &Json) -> Option<String> {
    let mut text = text.to_owned();
    // One after the other: each moves those behind it.
    loop {
        let next = pull_one(&text, path, wanted)?;
        if next == text {
            return Some(text);
        }
        text = next;
    }
}

fn pull_one(text: &str, path: &[&str], wanted: &Json) -> Option<String> {
    let document = Document::parse(text)?;
    let Ok(found) = find(&document, path)? else {
        return Some(text.to_owned());
    };
    let list = match &found.item().value {
        Value::List(list) => list,
        Value::Scalar("") => return Some(text.to_owned()),
        one @ Value::Scalar(_) => {
            return match is_like(one, wanted) {
                true => remove(text, path),
                false => Some(text.to_owned()),
            };
        }
        Value::Literal(_) | Value::Opaque(_) | Value::Map(_) => return None,
    };
    let Some(nth) = list
        .items
        .iter()
        .position(|item| is_like(&item.value, wanted))
    else {
        return Some(text.to_owned());
    };
    if list.items.len() == 1 {
        return remove(text, path);
    }
    let places = places(list, found.at().value.start);
    cut(
        text,
        &Found {
            around: list,
            places,
            nth,
        },
    )
}

/// Whether an item says a text, or has all keys of a mapping with their values.
fn is_like(value: &Value<'_>, wanted: &Json) -> bool {
    match (value, wanted) {
        (Value::Map(map), Json::Object(wanted)) => wanted.iter().all(|(key, wanted)| {
            map.get(key)
                .is_some_and(|item| said(&item.value) == text_of(wanted))
        }),
        (value, wanted) => said(value) == text_of(wanted) && !wanted.is_object(),
    }
}

/// Returns what a scalar says; of plain ones that are no texts what is written.
fn said(value: &Value<'_>) -> Option<String> {
    let Value::Scalar(written) = value else {
        return match value {
            Value::Literal(_) => text_of(&serde_json::from_str(&value.meaning()).ok()?),
            _ => None,
        };
    };
    match written.starts_with(['"', '\'']) || written.contains('\n') {
        true => text_of(&serde_json::from_str(&value.meaning()).ok()?),
        false => Some((*written).to_owned()),
    }
}

fn text_of(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Makes a list be these texts.
fn set_list(text: &str, path: &[&str], values: &[String], order: &[&str]) -> Option<String> {
    if values.is_empty() {
        return remove(text, path);
    }
    let document = Document::parse(text)?;
    let kept: Option<Vec<String>> = match find(&document, path)? {
        Ok(found) => match &found.item().value {
            Value::List(list) => {
                let said = list.items.iter().map(|item| said(&item.value));
                said.collect()
            }
            Value::Scalar(one) if !one.is_empty() && values.len() == 1 => {
                return put(text, &found, &scalar(&values[0]));
            }
            _ => None,
        },
        Err(_) => None,
    };
    let all: Vec<String> = values.iter().map(|value| scalar(value)).collect();
    let Some(there) = kept else {
        return set(text, path, &format!("[{}]", all.join(", ")), order);
    };
    let mut stays: Vec<&String> = there.iter().filter(|one| values.contains(one)).collect();
    stays.dedup();
    // Only where those that stay stand first and in that order, single items can come and go.
    let in_order = stays
        .iter()
        .zip(values)
        .all(|(stays, value)| *stays == value);
    let repeats = (1..there.len()).any(|n| there[..n].contains(&there[n]));
    if !in_order || stays.is_empty() || repeats {
        return set(text, path, &format!("[{}]", all.join(", ")), order);
    }
    let mut out = text.to_owned();
    for gone in there.iter().filter(|one| !values.contains(one)) {
        out = pull(&out, path, &Json::String(gone.clone()))?;
    }
    for come in &all[stays.len()..] {
        out = push(&out, path, come, true, order)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "# top\nid: A # the id\ntitle: T\n# about tags\ntags: [a, 'b' , c]  # t\n\
        fields:\n  component: [login] # c\n  # of story\n  story:\n  - one # first\n  - two\n\
        links:\n  - {type: issue, name: WEB-1}\n  # second\n  - {type: tms, name: \"X 2\"}\n# end\n";
    const ORDER: &[&str] = &[
        "id",
        "title",
        "status",
        "tags",
        "fields",
        "links",
        "automation",
    ];

    #[track_caller]
    fn on(text: &str, path: &[&str], wanted: &Change) -> String {
        let new = change(text, path, wanted, ORDER).expect("can be edited");
        let again = change(&new, path, wanted, ORDER).expect("can be edited");
        if !matches!(wanted, Change::Add(_) | Change::AddPairs(_)) {
            assert_eq!(again, new, "twice is once");
        }
        let crlf = text.replace('\n', "\r\n");
        let other = change(&crlf, path, wanted, ORDER).expect("can be edited");
        assert_eq!(other, new.replace('\n', "\r\n"), "line ends stay");
        new
    }

    #[track_caller]
    fn changed(path: &[&str], wanted: &Change, from: &str, to: &str) {
        assert!(TEXT.contains(from), "{from}");
        assert_eq!(on(TEXT, path, wanted), TEXT.replacen(from, to, 1));
    }

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn values_change_where_they_stand() {
        changed(&["id"], &Change::Set(text("B: 1")), "id: A", "id: \"B: 1\"");
        changed(
            &["status"],
            &Change::Set(text("draft")),
            "title: T\n",
            "title: T\nstatus: draft\n",
        );
        changed(&["tags"], &Change::Add(text("d")), ", c]", ", c, d]");
        changed(&["tags"], &Change::Take(json!("a")), "[a, 'b'", "['b'");
        changed(&["tags"], &Change::Take(json!("b")), "'b' , c", "c");
        changed(&["tags"], &Change::Take(json!("c")), " , c]", " ]");
        changed(&["tags"], &Change::Remove, "tags: [a, 'b' , c]  # t\n", "");
        let list = ["a", "c", "x, y"].map(text).to_vec();
        changed(&["tags"], &Change::SetList(list), "'b' , c", "c, \"x, y\"");
        let twice = "id: A\ntags: [a, b, a] # x\n";
        assert_eq!(
            on(twice, &["tags"], &Change::SetList(vec![text("a")])),
            "id: A\ntags: [a] # x\n"
        );
        let list = ["c", "a"].map(text).to_vec();
        changed(&["tags"], &Change::SetList(list), "[a, 'b' , c]", "[c, a]");
        changed(
            &["fields", "component"],
            &Change::Remove,
            "  component: [login] # c\n",
            "",
        );
        changed(
            &["fields", "story"],
            &Change::Take(json!("one")),
            "  - one # first\n",
            "",
        );
        changed(
            &["fields", "story"],
            &Change::Add(text("3")),
            "  - two\n",
            "  - two\n  - \"3\"\n",
        );
        changed(
            &["fields", "epic name"],
            &Change::SetList(vec![text("E")]),
            "  - two\n",
            "  - two\n  epic name: [E]\n",
        );
        changed(
            &["automation", "selectors"],
            &Change::Add(text("a#b")),
            "name: \"X 2\"}\n",
            "name: \"X 2\"}\nautomation: {selectors: [\"a#b\"]}\n",
        );
        let pairs = vec![(text("type"), text("issue")), (text("name"), text("W: 2"))];
        changed(
            &["links"],
            &Change::AddPairs(pairs),
            "name: \"X 2\"}\n",
            "name: \"X 2\"}\n  - {type: issue, name: \"W: 2\"}\n",
        );
        changed(
            &["links"],
            &Change::Take(json!({"type": "tms", "name": "X 2"})),
            "  - {type: tms, name: \"X 2\"}\n",
            "",
        );
    }

    #[test]
    fn what_is_emptied_goes() {
        let from = "id: A\nfields: {a: b}\nautomation:\n  selectors: x\nt: [a]\n";
        let gone = |path: &[&str], change: &Change| on(from, path, change);
        assert_eq!(
            gone(&["fields", "a"], &Change::Take(json!("b"))),
            from.replace("fields: {a: b}\n", "")
        );
        assert_eq!(
            gone(&["automation", "selectors"], &Change::Remove),
            from.replace("automation:\n  selectors: x\n", "")
        );
        assert_eq!(
            gone(&["t"], &Change::SetList(Vec::new())),
            from.replace("t: [a]\n", "")
        );
        assert_eq!(
            gone(&["automation", "selectors"], &Change::Add(text("y"))),
            from.replace("selectors: x", "selectors: [x, y]")
        );
    }

    #[test]
    fn what_is_written_in_other_ways_is_left() {
        let add = Change::Add(text("x"));
        for text in [
            "a: &x [b]\n",
            "a: |\n  b\n",
            "a: {b: c}\n",
            "{a: [b]}\n",
            "",
        ] {
            assert_eq!(change(text, &["a"], &add, &[]), None, "{text}");
        }
        assert_eq!(
            change("a: 1", &["b"], &add, &[]).as_deref(),
            Some("a: 1\nb: [x]")
        );
        assert_eq!(
            change("a:\n- 1", &["a"], &add, &[]).as_deref(),
            Some("a:\n- 1\n- x")
        );
        assert_eq!(
            change("a: # none\nb: 1\n", &["a"], &add, &[]).as_deref(),
            Some("a: [x] # none\nb: 1\n")
        );
    }
}
