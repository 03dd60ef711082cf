//! Mappings by their keys, lists by their items.

use super::chunks::{Chunks, merge_lines, pick};
use super::lists;
use super::order::{Row, RowPart, Slot, arrange};
use crate::store::written::{Document, Item, Items, Value};

/// What is known of the file that is merged.
#[derive(Debug)]
pub(super) struct Kind {
    /// See [`rule`](super::rules::rule).
    pub(super) folder: String,
    /// Both sides changed what rows of parameters are made of: they fit together as they are alone.
    pub(super) keeps_parameters: bool,
}

/// Where in the file a value stands, and what file it is.
#[derive(Debug)]
pub(super) struct Place<'k> {
    pub(super) kind: &'k Kind,
    pub(super) keys: Vec<String>,
}

impl Place<'_> {
    pub(super) fn below(&self, key: &str) -> Self {
        let mut keys = self.keys.clone();
        keys.push(key.to_owned());
        Self {
            kind: self.kind,
            keys,
        }
    }

    /// Whether a value may not be taken apart.
    fn is_whole(&self) -> bool {
        self.kind.keeps_parameters && self.keys.first().is_some_and(|key| key == "parameters")
    }
}

/// Merges YAML documents; `None` where one of them can't be taken apart, or has a key twice.
pub(super) fn documents(folder: &str, base: &str, a: &str, b: &str) -> Option<Chunks> {
    let (base, a, b) = (
        Document::parse(base)?,
        Document::parse(a)?,
        Document::parse(b)?,
    );
    if [&base, &a, &b].into_iter().any(|side| has_twice(&side.map)) {
        return None;
    }
    let kind = Kind {
        folder: folder.to_owned(),
        keeps_parameters: folder == "cases" && change_rows(&base, &a, &b),
    };
    let place = Place {
        kind: &kind,
        keys: Vec::new(),
    };
    let mut out = merge_lines(base.header, a.header, b.header);
    out.extend(block(&place, Some(&base.map), &a.map, &b.map)?);
    Some(out)
}

fn has_twice(items: &Items<'_>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    items.items.iter().any(|item| {
        let below = match &item.value {
            Value::List(items) | Value::Map(items) => has_twice(items),
            _ => false,
        };
        below || item.key.as_ref().is_some_and(|key| !seen.insert(key))
    })
}

/// Whether a side has rows of parameters, and both changed these or how they are combined.
fn change_rows(base: &Document<'_>, a: &Document<'_>, b: &Document<'_>) -> bool {
    let said = |side: &Document<'_>| {
        ["combine", "parameters"].map(|key| side.map.get(key).map(|item| item.value.meaning()))
    };
    let all = [said(base), said(a), said(b)];
    let has_rows = all
        .iter()
        .any(|[combine, _]| combine.as_deref() == Some("\"rows\""));
    has_rows && all[0] != all[1] && all[0] != all[2] && all[1] != all[2]
}

/// Merges two blocks of lines; `None` where both moved items whose order matters.
pub(super) fn block(
    place: &Place<'_>,
    base: Option<&Items<'_>>,
    a: &Items<'_>,
    b: &Items<'_>,
) -> Option<Chunks> {
    let none = Items::default();
    let old = base.unwrap_or(&none);
    let (is_ordered, row_a, row_b) = rows(place, old, a, b);
    let is_kept = |slot: Slot| is_changed(old, a, b, slot);
    let slots = arrange(old.items.len(), &row_a, &row_b, is_ordered, is_kept)?;
    let mut out = Chunks::default();
    for slot in slots {
        match slot {
            Slot::One {
                base: at,
                a: in_a,
                b: in_b,
            } => {
                let at = at.map(|at| &old.items[at]);
                let (in_a, in_b) = (in_a.map(|n| &a.items[n]), in_b.map(|n| &b.items[n]));
                out.extend(entry(place, at, in_a, in_b));
            }
            Slot::Clash { a: in_a, b: in_b } => {
                let text = |side: &Items<'_>, run: &[usize]| -> String {
                    run.iter().map(|at| side.items[*at].to_text()).collect()
                };
                let from = |row: &Row, run: &[usize]| -> String {
                    let parts = run.iter().filter_map(|at| row.parts[*at].of_base);
                    parts.map(|at| old.items[at].to_text()).collect()
                };
                let base = from(&row_a, &in_a) + &from(&row_b, &in_b);
                out.clash(&base, &text(a, &in_a), &text(b, &in_b));
            }
        }
    }
    out.extend(merge_lines(old.tail, a.tail, b.tail));
    Some(out)
}

/// Whether a part that one side removed was changed by the other one.
pub(super) fn is_changed(old: &Items<'_>, a: &Items<'_>, b: &Items<'_>, slot: Slot) -> bool {
    let Slot::One {
        base: Some(at),
        a: in_a,
        b: in_b,
    } = slot
    else {
        return true;
    };
    let text = |item: &Item<'_>| {
        let lead = item
            .lead
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let body = match &item.value {
            // How it is quoted is no change.
            value @ Value::Scalar(_) => format!("{} {}", value.meaning(), item.rest.trim()),
            _ => item.body(),
        };
        format!("{}{}", lead.collect::<String>(), body.trim())
    };
    let item = in_a.map(|at| &a.items[at]).or(in_b.map(|at| &b.items[at]));
    item.is_some_and(|item| text(item) != text(&old.items[at]))
}

/// Tells the parts of two sides apart.
pub(super) fn rows(
    place: &Place<'_>,
    base: &Items<'_>,
    a: &Items<'_>,
    b: &Items<'_>,
) -> (bool, Row, Row) {
    let is_map = [base, a, b]
        .into_iter()
        .any(|side| side.items.iter().any(|item| item.key.is_some()));
    if !is_map {
        return lists::rows(place, base, a, b);
    }
    let row = |side: &Items<'_>| {
        let places: std::collections::BTreeMap<&Option<String>, usize> = base
            .items
            .iter()
            .enumerate()
            .map(|(at, item)| (&item.key, at))
            .collect();
        let parts = side.items.iter().map(|item| RowPart {
            of_base: places.get(&item.key).copied(),
            token: item.key.clone().unwrap_or_default(),
            is_free: false,
            rank: 0,
        });
        Row {
            parts: parts.collect(),
        }
    };
    (false, row(a), row(b))
}

/// Merges one entry or item with the lines that it stands in.
fn entry(
    place: &Place<'_>,
    base: Option<&Item<'_>>,
    a: Option<&Item<'_>>,
    b: Option<&Item<'_>>,
) -> Chunks {
    let text = |item: &Item<'_>| item.to_text();
    let (a, b) = match (base, a, b) {
        (_, Some(a), Some(b)) => (a, b),
        (None, one, other) => return Chunks::of(one.or(other).map(text).unwrap_or_default()),
        (Some(base), a, b) => {
            let side = |item: Option<&Item<'_>>| item.map(text).unwrap_or_default();
            return Chunks::clashing(&text(base), &side(a), &side(b));
        }
    };
    let mut out = leads(base, a, b);
    let old = base.map(Item::body);
    let (body_a, body_b) = (a.body(), b.body());
    if let Some(body) = unchanged(old.as_deref(), &body_a, &body_b) {
        out.text(body);
        return out;
    }
    let place = place.below(a.key.as_deref().unwrap_or("*"));
    match body(&place, base, a, b) {
        Some(merged) => out.extend(merged),
        None => out.clash(&old.unwrap_or_default(), &body_a, &body_b),
    }
    out
}

/// Merges the comments before an entry.
fn leads(base: Option<&Item<'_>>, a: &Item<'_>, b: &Item<'_>) -> Chunks {
    let old = base.map(|item| item.lead);
    match pick(old, a.lead, b.lead) {
        Some(lead) => Chunks::of(lead),
        None => merge_lines(old.unwrap_or_default(), a.lead, b.lead),
    }
}

/// Takes the text that one side alone has changed.
fn unchanged<'t>(base: Option<&str>, a: &'t str, b: &'t str) -> Option<&'t str> {
    if a == b || base == Some(b) {
        Some(a)
    } else {
        (base == Some(a)).then_some(b)
    }
}

/// Merges an entry that both sides changed; `None` where they collide.
fn body(place: &Place<'_>, base: Option<&Item<'_>>, a: &Item<'_>, b: &Item<'_>) -> Option<Chunks> {
    if place.is_whole() {
        return None;
    }
    match (&a.value, &b.value) {
        (Value::Map(in_a), Value::Map(in_b)) if !in_a.is_flow && !in_b.is_flow => {
            let old = match base.map(|item| &item.value) {
                Some(Value::Map(old)) if !old.is_flow => Some(old),
                Some(Value::Scalar("")) | None => None,
                _ => return None,
            };
            let is_even = in_a.indent == in_b.indent;
            (is_even && old.is_none_or(|old| old.indent == in_a.indent)).then_some(())?;
            let head = base.filter(|_| old.is_some()).map(|item| item.head);
            let mut out = Chunks::of(pick(head, a.head, b.head)?);
            out.extend(block(place, old, in_a, in_b)?);
            Some(out)
        }
        (Value::Literal(in_a), Value::Literal(in_b)) => {
            let Some(Value::Literal(old)) = base.map(|item| &item.value) else {
                return None;
            };
            let head = pick(base.map(|item| item.head), a.head, b.head)?;
            let lines = |text: &'_ str| {
                text.split_once('\n')
                    .map(|(head, rest)| (head.to_owned(), rest.to_owned()))
            };
            let ((old, old_lines), (in_a, lines_a), (in_b, lines_b)) =
                (lines(old)?, lines(in_a)?, lines(in_b)?);
            let header = pick(Some(&old), &in_a, &in_b)?;
            let mut out = Chunks::of(format!("{head}{header}\n"));
            out.extend(merge_lines(&old_lines, &lines_a, &lines_b));
            Some(out)
        }
        (Value::List(_), _) | (_, Value::List(_)) => lists::body(place, base, a, b),
        _ => line(place, base, a, b),
    }
}

/// Merges an entry whose value stands on the line of its key.
pub(super) fn line(
    place: &Place<'_>,
    base: Option<&Item<'_>>,
    a: &Item<'_>,
    b: &Item<'_>,
) -> Option<Chunks> {
    if a.value.is_block() || b.value.is_block() {
        return None;
    }
    let old = base.filter(|item| !item.value.is_block());
    let value = inline(place, base.map(|item| &item.value), &a.value, &b.value)?;
    let head = pick(old.map(|item| item.head), a.head, b.head)?;
    let rest = pick(old.map(|item| item.rest), a.rest, b.rest)?;
    // A key without a value has no space behind its colon.
    let space = match !value.is_empty() && head.ends_with(':') {
        true => " ",
        false => "",
    };
    Some(Chunks::of(format!("{head}{space}{value}{rest}")))
}

/// Merges values that stand in a line; `None` where they collide.
pub(super) fn inline(
    place: &Place<'_>,
    base: Option<&Value<'_>>,
    a: &Value<'_>,
    b: &Value<'_>,
) -> Option<String> {
    let (text_a, text_b) = (a.to_text(), b.to_text());
    let old = base.map(Value::to_text);
    if let Some(text) = unchanged(old.as_deref(), &text_a, &text_b) {
        return Some(text.to_owned());
    }
    // Quotes and white space are no collision; comments that stand in a value are.
    let is_plain = |value: &Value<'_>| !matches!(value, Value::Opaque(_));
    if is_plain(a) && is_plain(b) && base.is_none_or(is_plain) {
        let (in_a, in_b) = (a.meaning(), b.meaning());
        let old = base.map(Value::meaning);
        if in_a == in_b || old.as_ref() == Some(&in_b) {
            return Some(text_a);
        }
        if old.as_ref() == Some(&in_a) {
            return Some(text_b);
        }
    }
    if place.is_whole() {
        return None;
    }
    match (a, b) {
        (Value::Map(in_a), Value::Map(in_b)) if in_a.is_flow && in_b.is_flow => {
            let old = match base {
                Some(Value::Map(old)) if old.is_flow => Some(old),
                Some(Value::Scalar("")) | None => None,
                _ => return None,
            };
            Some(format!("{{{}", flow(place, old, in_a, in_b)?))
        }
        (Value::List(_), _) | (_, Value::List(_)) => lists::inline(place, base, a, b),
        _ => None,
    }
}

/// Merges the parts in brackets, up to the closing one.
pub(super) fn flow(
    place: &Place<'_>,
    base: Option<&Items<'_>>,
    a: &Items<'_>,
    b: &Items<'_>,
) -> Option<String> {
    let none = Items::default();
    let old = base.unwrap_or(&none);
    let (is_ordered, row_a, row_b) = rows(place, old, a, b);
    let is_kept = |slot: Slot| is_changed(old, a, b, slot);
    let slots = arrange(old.items.len(), &row_a, &row_b, is_ordered, is_kept)?;
    let mut out = String::new();
    // Formatting is taken from the side that changed it, else from one that has something to show.
    let formats = |side: &Items<'_>| {
        (
            side.items.first().map_or("", |i| i.lead).to_owned(),
            side.tail.to_owned(),
        )
    };
    let frame = if a.items.is_empty()
        || base.is_some_and(|base| formats(base) == formats(a)) && !b.items.is_empty()
    {
        b
    } else {
        a
    };
    let usual = frame.items.get(1).map_or(" ", |item| item.lead);
    for (n, slot) in slots.iter().enumerate() {
        let Slot::One {
            base: at,
            a: in_a,
            b: in_b,
        } = slot
        else {
            return None;
        };
        let at = at.map(|at| &old.items[at]);
        let (item_a, item_b) = (in_a.map(|at| &a.items[at]), in_b.map(|at| &b.items[at]));
        let (body, rest) = match (item_a, item_b) {
            (Some(a), Some(b)) => {
                let key = a.key.as_deref().unwrap_or("*");
                let value = inline(
                    &place.below(key),
                    at.map(|at| &at.value),
                    &a.value,
                    &b.value,
                )?;
                let head = pick(at.map(|at| at.head), a.head, b.head)?;
                let space = match head.ends_with(':') && !value.is_empty() {
                    true => " ",
                    false => "",
                };
                let rest = pick(at.map(|at| at.rest), a.rest, b.rest)?;
                (format!("{head}{space}{value}"), rest)
            }
            (Some(one), None) | (None, Some(one)) if at.is_none() => {
                (format!("{}{}", one.head, one.value.to_text()), one.rest)
            }
            _ => return None,
        };
        let (place, item) = in_a.zip(item_a).or(in_b.zip(item_b))?;
        if n > 0 {
            out.push(',');
        }
        out.push_str(match (n, place) {
            (0, _) => frame.items.first().map_or("", |item| item.lead),
            (_, 0) => usual,
            _ => item.lead,
        });
        out.push_str(&body);
        if n + 1 < slots.len() {
            out.push_str(rest);
        }
    }
    match slots.is_empty() {
        true => out.extend(frame.tail.chars().last()),
        false => out.push_str(frame.tail),
    }
    Some(out)
}
