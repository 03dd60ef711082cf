//! Edits of one value in a YAML file: comments, order and formatting stay as a person left them.
//!
//! Each edit returns the whole new text, or `None` where the file is written in a way that can't be
//! edited in place; whoever asks reads the result back before it is written.

mod parts;

pub use self::parts::{Change, change};

use super::doc::Doc;
use super::yaml::{Key, SpanTree, scalar};
use crate::diag::Span;

/// Edits the front matter of a Markdown file; the rest stays byte for byte.
pub fn in_front_matter<T>(doc: &Doc<T>, edit: impl Fn(&str) -> Option<String>) -> Option<String> {
    let yaml = doc.yaml();
    let edited = edit(&doc.text[yaml.clone()])?;
    Some(format!(
        "{}{edited}{}",
        &doc.text[..yaml.start],
        &doc.text[yaml.end..]
    ))
}

/// Sets a key at the top of a mapping to a text.
pub fn set_text(text: &str, key: &str, value: &str) -> Option<String> {
    let value = scalar(value);
    match Place::find(text, key)? {
        Place::Absent => add_key(text, &format!("{key}: {value}")),
        Place::Empty(key) => after_colon(text, key, &value),
        Place::Value(span) => Some(replace(text, span, &value)),
    }
}

/// A text to set: at the top of a mapping, or in an item of a list there.
#[derive(Clone, Copy, Debug)]
pub struct Put<'a> {
    /// The list's key, and which of its items.
    pub item: Option<(&'a str, usize)>,
    pub key: &'a str,
    pub value: &'a str,
}

/// Sets several texts at once, reading the file once. New keys of an item go behind its last one.
pub fn set_texts(text: &str, puts: &[Put<'_>]) -> Option<String> {
    let tree = SpanTree::parse(text, 0)?;
    let mut edits: Vec<(Span, String)> = Vec::new();
    for put in puts {
        let above: Vec<Key<'_>> = match put.item {
            Some((list, n)) => vec![Key::Name(list), Key::Index(n)],
            None => Vec::new(),
        };
        let at = [&above[..], &[Key::Name(put.key)]].concat();
        let value = scalar(put.value);
        edits.push(match (tree.value(&at), tree.key(&at)) {
            (Some(place), Some(key)) if place == key => {
                let colon = text[key.end..].find(':')? + key.end + 1;
                (Span::new(colon, colon), format!(" {value}"))
            }
            (Some(place), _) => (tight(text, place), value),
            (None, _) => new_key(text, &tree, &above, &format!("{}: {value}", put.key))?,
        });
    }
    // Equal places keep their order: what is put first stands first.
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (span, new) in edits {
        out.push_str(text.get(done..span.start)?);
        out.push_str(&new);
        done = span.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// Returns where a new key of a mapping goes, and how it is written there.
fn new_key(text: &str, tree: &SpanTree, at: &[Key<'_>], line: &str) -> Option<(Span, String)> {
    let (whole, end) = (tree.value(at)?, line_end(text));
    let here = |place: usize| Span::new(place, place);
    if text[whole.range()].starts_with('{') {
        let last = (0..).map_while(|n| tree.value(&[at, &[Key::Entry(n)]].concat()));
        let last = last.take(1_000).last().map(|span| tight(text, span).end);
        return Some(match last {
            Some(last) => (here(last), format!(", {line}")),
            None => (here(whole.start + 1), line.to_owned()),
        });
    }
    if at.is_empty() {
        let body = text.trim_end_matches(['\n', '\r', ' ']);
        let is_open = !body.ends_with("\n...");
        return is_open.then(|| (here(body.len()), format!("{end}{line}")));
    }
    // A mapping in lines: the new one stands below the last, as far to the right as the first key.
    let first = text[..whole.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = " ".repeat(text[first..whole.start].chars().count());
    let last = whole.start + text[whole.range()].trim_end().len();
    let place = text[last..].find('\n').map_or(text.len(), |n| last + n);
    let place = text[..place].strip_suffix('\r').map_or(place, str::len);
    Some((here(place), format!("{end}{indent}{line}")))
}

/// Adds a text to a list at the top of a mapping; the list is made where there is none.
pub fn add_to_list(text: &str, key: &str, value: &str) -> Option<String> {
    match Place::find(text, key)? {
        Place::Absent if value.contains('\n') => add_key(
            text,
            &format!("{key}:\n{}", item("", value, line_end(text))),
        ),
        Place::Absent => add_key(text, &format!("{key}: [{}]", scalar(value))),
        Place::Empty(key) => after_colon(text, key, &format!("[{}]", scalar(value))),
        Place::Value(span) => add_item(text, key, span, value),
    }
}

/// Adds a mapping in braces to a list at the top of a mapping; the list is made where there is none.
pub fn add_mapping_to_list(text: &str, key: &str, mapping: &str) -> Option<String> {
    // A word that the text does not have stands for it until its place is found.
    let mut word = "mapping".to_owned();
    while text.contains(&word) {
        word.push('x');
    }
    let placed = add_to_list(text, key, &word)?;
    Some(placed.replacen(&word, mapping, 1))
}

/// Where a key's value stands.
enum Place {
    Absent,
    /// The key is there and says nothing.
    Empty(Span),
    Value(Span),
}

impl Place {
    fn find(text: &str, key: &str) -> Option<Self> {
        let tree = SpanTree::parse(text, 0)?;
        let field = [Key::Name(key)];
        Some(match (tree.value(&field), tree.key(&field)) {
            (Some(value), Some(key)) if value == key => Self::Empty(key),
            (Some(value), _) => Self::Value(tight(text, value)),
            (None, _) => Self::Absent,
        })
    }
}

/// Cuts a value in quotes where its quotes end: the parser's place reaches to the next token.
fn tight(text: &str, span: Span) -> Span {
    let written = &text[span.range()];
    let quote = written.chars().next().unwrap_or_default();
    if !matches!(quote, '\'' | '"') {
        return span;
    }
    let mut escaped = false;
    let mut rest = written.char_indices().skip(1).peekable();
    while let Some((at, c)) = rest.next() {
        let doubled = quote == '\'' && rest.peek().is_some_and(|(_, next)| *next == quote);
        if c == quote && !escaped && !doubled {
            return Span::new(span.start, span.start + at + 1);
        }
        escaped = !escaped && (c == '\\' && quote == '"' || c == quote && doubled);
    }
    span
}

fn replace(text: &str, span: Span, new: &str) -> String {
    format!("{}{new}{}", &text[..span.start], &text[span.end..])
}

fn insert(text: &str, at: usize, new: &str) -> String {
    format!("{}{new}{}", &text[..at], &text[at..])
}

fn line_end(text: &str) -> &'static str {
    match text.contains("\r\n") {
        true => "\r\n",
        false => "\n",
    }
}

/// Adds a line for a new key at the end; in a mapping in braces, before the last brace.
fn add_key(text: &str, line: &str) -> Option<String> {
    let tree = SpanTree::parse(text, 0)?;
    let whole = tree.value(&[])?;
    if text[whole.range()].starts_with('{') {
        let one_line = !line.contains('\n');
        let last = text[..whole.end].strip_suffix('}')?.trim_end();
        let comma = match last.ends_with(['{', ',']) {
            true => " ",
            false => ", ",
        };
        return one_line.then(|| insert(text, last.len(), &format!("{comma}{line}")));
    }
    let end = line_end(text);
    let body = text.trim_end_matches(['\n', '\r', ' ']);
    if body.ends_with("\n...") {
        return None;
    }
    Some(format!("{body}{end}{}{end}", line.trim_end()))
}

fn after_colon(text: &str, key: Span, value: &str) -> Option<String> {
    let colon = text[key.end..].find(':')? + key.end + 1;
    Some(insert(text, colon, &format!(" {value}")))
}

fn add_item(text: &str, key: &str, list: Span, value: &str) -> Option<String> {
    let tree = SpanTree::parse(text, 0)?;
    let written = &text[list.range()];
    let items = (0usize..).map_while(|n| tree.value(&[Key::Name(key), Key::Index(n)]));
    let last = items
        .take_while(|item| item.start >= list.start)
        .take(10_000);
    if written.starts_with('[') {
        let last = last.last().filter(|last| *last != list);
        let at = last.map_or(list.start + 1, |last| last.end);
        let comma = last.map_or("", |_| ", ");
        return Some(insert(text, at, &format!("{comma}{}", scalar(value))));
    }
    if !written.starts_with('-') {
        // A single value stands for a list of one.
        let one = tree.written(&[Key::Name(key)])?;
        let list_of_two = format!("[{}, {}]", scalar(one), scalar(value));
        return Some(replace(text, list, &list_of_two));
    }
    let line = text[..list.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..list.start];
    if !indent.trim().is_empty() {
        return None;
    }
    let last = last.last().map_or(list.end, |last| last.end);
    let ends = text[last..].find('\n').map(|at| last + at + 1);
    let end = line_end(text);
    let item = item(indent, value, end);
    Some(match ends {
        Some(at) => insert(text, at, &item),
        None => format!("{text}{end}{}", item.trim_end()),
    })
}

/// Writes an item of a list; a text of several lines as it is.
fn item(indent: &str, value: &str, end: &str) -> String {
    if !value.contains('\n') {
        return format!("{indent}- {}{end}", scalar(value));
    }
    let lines = value.trim_end().lines();
    let lines: String = lines
        .map(|line| match line {
            "" => end.to_owned(),
            line => format!("{indent}  {line}{end}"),
        })
        .collect();
    format!("{indent}- |{end}{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(text: &str) -> String {
        add_to_list(text, "emails", "b@x").expect("can be edited")
    }

    #[test]
    fn mappings_are_added_to_lists() {
        let add = |text| add_mapping_to_list(text, "matchers", "{message: 'a'}");
        for (before, after) in [
            (
                "id: X # mapping\n",
                "id: X # mapping\nmatchers: [{message: 'a'}]\n",
            ),
            (
                "matchers:\n  - {trace: b} # first\nid: X\n",
                "matchers:\n  - {trace: b} # first\n  - {message: 'a'}\nid: X\n",
            ),
            (
                "matchers:\n  - message: b\n    status: [failed]\nid: X\n",
                "matchers:\n  - message: b\n    status: [failed]\n  - {message: 'a'}\nid: X\n",
            ),
        ] {
            assert_eq!(add(before).as_deref(), Some(after));
        }
    }

    #[test]
    fn lists_grow_as_they_are_written() {
        for (before, after) in [
            ("name: A\n", "name: A\nemails: [b@x]\n"),
            ("name: A", "name: A\nemails: [b@x]\n"),
            (
                "emails: ['it''s', \"a\\\"b\"] # two\n",
                "emails: ['it''s', \"a\\\"b\", b@x] # two\n",
            ),
            ("emails:\n- 'a' # x\n", "emails:\n- 'a' # x\n- b@x\n"),
            ("emails: [a@x] # work\n", "emails: [a@x, b@x] # work\n"),
            ("emails: []\nrole: owner\n", "emails: [b@x]\nrole: owner\n"),
            (
                "emails: [\n  a@x, # old\n]\n",
                "emails: [\n  a@x, b@x, # old\n]\n",
            ),
            (
                "emails:\n- a@x # work\nrole: owner\n",
                "emails:\n- a@x # work\n- b@x\nrole: owner\n",
            ),
            (
                "emails:\n  - a@x\n  # last\n",
                "emails:\n  - a@x\n  - b@x\n  # last\n",
            ),
            (
                "emails:\r\n  - a@x\r\nrole: owner\r\n",
                "emails:\r\n  - a@x\r\n  - b@x\r\nrole: owner\r\n",
            ),
            ("emails:\n  - a@x", "emails:\n  - a@x\n  - b@x"),
            ("emails: a@x # only\n", "emails: [a@x, b@x] # only\n"),
            (
                "emails: # none\nrole: owner\n",
                "emails: [b@x] # none\nrole: owner\n",
            ),
            (
                "{name: A, role: owner}\n",
                "{name: A, role: owner, emails: [b@x]}\n",
            ),
        ] {
            assert_eq!(add(before), after);
        }
    }

    #[test]
    fn texts_of_several_lines_stay_readable() {
        let key = "-----BEGIN X-----\n\nAAAA\n-----END X-----\n";
        let text = add_to_list("name: A\n", "keys", key).expect("edits");
        let block = "keys:\n- |\n  -----BEGIN X-----\n\n  AAAA\n  -----END X-----\n";
        assert_eq!(text, format!("name: A\n{block}"));
        let text = add_to_list(&text, "keys", "ssh-ed25519 AAAA a").expect("edits");
        assert_eq!(text, format!("name: A\n{block}- ssh-ed25519 AAAA a\n"));
    }

    #[test]
    fn several_values_are_set_at_once() {
        let puts = |list: Option<&'static str>| {
            [
                ("title", "New: title"),
                ("url", "https://t"),
                ("owner", "bob"),
            ]
            .map(|(key, value)| Put {
                item: list.map(|list| (list, 1)),
                key,
                value,
            })
        };
        for (list, before, after) in [
            (
                None,
                "# it\ntitle: 'Old' # yes\nurl:\n\n",
                "# it\ntitle: \"New: title\" # yes\nurl: \"https://t\"\nowner: bob\n\n",
            ),
            (
                None,
                "{title: Old}\n",
                "{title: \"New: title\", url: \"https://t\", owner: bob}\n",
            ),
            (
                Some("r"),
                "r:\n  - {id: A, title: Z} # a\n  - {id: B, title: Old} # b\n",
                "r:\n  - {id: A, title: Z} # a\n  - {id: B, title: \"New: title\", url: \"https://t\", owner: bob} # b\n",
            ),
            (
                Some("r"),
                "r:\n- id: A\n- id: B\n  title: Old # b\n\n- id: C # c\n",
                "r:\n- id: A\n- id: B\n  title: \"New: title\" # b\n  url: \"https://t\"\n  owner: bob\n\n- id: C # c\n",
            ),
            (
                Some("r"),
                "r:\r\n  - id: A\r\n  - id: B\r\n    title: Old",
                "r:\r\n  - id: A\r\n  - id: B\r\n    title: \"New: title\"\r\n    url: \"https://t\"\r\n    owner: bob",
            ),
        ] {
            assert_eq!(set_texts(before, &puts(list)).as_deref(), Some(after));
        }
    }

    #[test]
    fn a_value_is_set_in_its_place() {
        let set = |text: &str| set_text(text, "role", "owner").expect("can be edited");
        assert_eq!(
            set("role: 'reader' # yet\nname: A\n"),
            "role: owner # yet\nname: A\n"
        );
        assert_eq!(set("# who\nname: A\n"), "# who\nname: A\nrole: owner\n");
        assert_eq!(set("role:\nname: A\n"), "role: owner\nname: A\n");
        assert_eq!(set("name: A\n\n\n"), "name: A\nrole: owner\n");
        assert_eq!(set_text("- a\n- b: [\n", "role", "owner"), None);
    }
}
