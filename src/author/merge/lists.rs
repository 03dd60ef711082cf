//! Lists, in whichever form each side writes them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::chunks::{Chunks, equal_lines, pick};
use super::order::{Row, RowPart};
use super::rules::{ListRule, name_of, rule};
use super::yaml::{Place, block, flow, line};
use crate::analysis::align::text_likeness;
use crate::store::scalar;
use crate::store::written::{Document, Item, Items, Value};

/// Items of two sides that say this much alike are one that was edited.
const ALIKE: f64 = 0.5;

/// Pairs of items that are compared; longer lists know items by what they say alone.
const MAX_PAIRS: usize = 40_000;

/// Tells the items of two sides apart, and whether their order matters.
pub(super) fn rows(
    place: &Place<'_>,
    base: &Items<'_>,
    a: &Items<'_>,
    b: &Items<'_>,
) -> (bool, Row, Row) {
    let rule = rule(&place.kind.folder, &place.keys);
    let named = [base, a, b].map(|side| names(rule, side));
    if let [Some(base), Some(a), Some(b)] = named {
        let base = base.into_iter().enumerate();
        let base: BTreeMap<String, usize> = base.map(|(at, name)| (name, at)).collect();
        let row = |side: Vec<String>| {
            let parts = side.into_iter().map(|name| RowPart {
                of_base: base.get(&name).copied(),
                token: name,
                is_free: false,
                rank: 0,
            });
            Row {
                parts: parts.collect(),
            }
        };
        return (rule.is_ordered, row(a), row(b));
    }
    let row = |side| by_content(rule.is_ordered, base, side);
    (rule.is_ordered, row(a), row(b))
}

/// Returns the names of all items; `None` where one has none, or two have the same.
fn names(rule: ListRule, side: &Items<'_>) -> Option<Vec<String>> {
    if rule.keys.is_empty() {
        return None;
    }
    let all = side.items.iter().map(|item| name_of(rule, &item.value));
    let all = all.collect::<Option<Vec<String>>>()?;
    let distinct: BTreeSet<&String> = all.iter().collect();
    (distinct.len() == all.len()).then_some(all)
}

/// Knows items by what they say; mappings that say nearly the same are one that was edited.
fn by_content(is_ordered: bool, base: &Items<'_>, side: &Items<'_>) -> Row {
    let said = |items: &Items<'_>| -> Vec<String> {
        items
            .items
            .iter()
            .map(|item| item.value.meaning())
            .collect()
    };
    let (old, new) = (said(base), said(side));
    let mut of_base = vec![None; new.len()];
    if is_ordered {
        for (at, found) in equal_lines(&old, &new).into_iter().enumerate() {
            if let Some(found) = found {
                of_base[found] = Some(at);
            }
        }
    }
    // Equal ones that were moved, and all of a set.
    let mut waiting: BTreeMap<&str, VecDeque<usize>> = BTreeMap::new();
    let taken: BTreeSet<usize> = of_base.iter().flatten().copied().collect();
    let left = old.iter().enumerate().filter(|(at, _)| !taken.contains(at));
    for (at, said) in left {
        waiting.entry(said).or_default().push_back(at);
    }
    for (at, said) in new.iter().enumerate() {
        if of_base[at].is_none() {
            of_base[at] = waiting.get_mut(said.as_str()).and_then(VecDeque::pop_front);
        }
    }
    edited(base, side, &mut of_base);
    let parts = new
        .into_iter()
        .zip(of_base)
        .map(|(token, of_base)| RowPart {
            of_base,
            token,
            is_free: false,
            rank: 0,
        });
    Row {
        parts: parts.collect(),
    }
}

/// Pairs the mappings that are left, each with the one that it is most like.
fn edited(base: &Items<'_>, side: &Items<'_>, of_base: &mut [Option<usize>]) {
    let is_map = |item: &Item<'_>| matches!(item.value, Value::Map(_));
    let taken: BTreeSet<usize> = of_base.iter().flatten().copied().collect();
    let old = base.items.iter().enumerate();
    let old: Vec<(usize, String)> = old
        .filter(|(at, item)| is_map(item) && !taken.contains(at))
        .map(|(at, item)| (at, item.value.meaning()))
        .collect();
    let new = side.items.iter().enumerate();
    let mut new: Vec<(usize, String)> = new
        .filter(|(at, item)| is_map(item) && of_base[*at].is_none())
        .map(|(at, item)| (at, item.value.meaning()))
        .collect();
    if old.len().saturating_mul(new.len()) > MAX_PAIRS {
        return;
    }
    for (at, said) in old {
        let scores = new.iter().map(|(_, other)| text_likeness(&said, other));
        let best =
            scores
                .enumerate()
                .fold(None, |best: Option<(usize, f64)>, (n, score)| match best {
                    Some((_, most)) if most >= score => best,
                    _ => Some((n, score)),
                });
        if let Some((n, _)) = best.filter(|(_, score)| *score >= ALIKE) {
            of_base[new.remove(n).0] = Some(at);
        }
    }
}

/// A list without items.
static EMPTY: Items<'static> = Items {
    is_flow: false,
    indent: 0,
    items: Vec::new(),
    tail: "",
};

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Not at all, or as the one value that stands for a list of one.
    Alone,
    Flow,
    /// With its dashes in this column.
    Block(usize),
}

fn form(value: &Value<'_>) -> Form {
    match value {
        Value::List(items) if items.is_flow => Form::Flow,
        Value::List(items) => Form::Block(items.indent),
        _ => Form::Alone,
    }
}

/// The form to go on with: of the side that changed it, else of the one that is a list.
fn common(base: Option<Form>, a: Form, b: Form) -> Form {
    match (a, b) {
        (Form::Alone, other) | (other, Form::Alone) => other,
        (a, b) if base == Some(a) => b,
        (a, _) => a,
    }
}

/// Merges an entry whose value is a list on one side at least.
pub(super) fn body(
    place: &Place<'_>,
    base: Option<&Item<'_>>,
    a: &Item<'_>,
    b: &Item<'_>,
) -> Option<Chunks> {
    let forms = (
        base.map(|item| form(&item.value)),
        form(&a.value),
        form(&b.value),
    );
    let form = common(forms.0, forms.1, forms.2);
    if form == Form::Flow
        && ![Some(forms.1), Some(forms.2)]
            .iter()
            .any(|f| matches!(f, Some(Form::Block(_))))
    {
        let base = base.filter(|item| !item.value.is_block());
        return line(place, base, a, b);
    }
    let comment = pick(base.map(comment), comment(a), comment(b))?.to_owned();
    let key = [a, b]
        .into_iter()
        .find(|item| form == self::form(&item.value))?;
    let head = match key.head.find(':').filter(|_| key.key.is_some()) {
        Some(_) => &key.head[..key.head.len() - after_colon(key).len()],
        None => return None,
    };
    let comment = match comment.is_empty() {
        true => comment,
        false => format!(" {comment}"),
    };
    let values = (base.map(|item| &item.value), &a.value, &b.value);
    in_one_form(place, form, values, |old, a, b| match form {
        Form::Flow => {
            let list = flow(place, old, a, b)?;
            Some(Chunks::of(format!("{head} [{list}{comment}\n")))
        }
        _ => {
            let mut out = Chunks::of(format!("{head}{comment}\n"));
            // The bracket of an empty list is none of the lines.
            out.extend(block(place, old.map(lines), lines(a), lines(b))?);
            Some(out)
        }
    })
}

/// Puts three lists into one form and merges their items.
fn in_one_form<R>(
    place: &Place<'_>,
    form: Form,
    (base, a, b): (Option<&Value<'_>>, &Value<'_>, &Value<'_>),
    merge: impl FnOnce(Option<&Items<'_>>, &Items<'_>, &Items<'_>) -> Option<R>,
) -> Option<R> {
    let is_set = !rule(&place.kind.folder, &place.keys).is_ordered;
    let text = |value: &Value<'_>| reformed(value, form, is_set);
    let (a, b) = (text(a)?, text(b)?);
    let (a, b) = (Document::parse(&a)?, Document::parse(&b)?);
    let Some(base) = base else {
        return merge(None, items(&a)?, items(&b)?);
    };
    let base = text(base)?;
    let base = Document::parse(&base)?;
    merge(Some(items(&base)?), items(&a)?, items(&b)?)
}

/// What stands between an entry's colon and its value.
fn after_colon<'t>(item: &Item<'t>) -> &'t str {
    let said = item.head.split('\n').next().unwrap_or_default();
    // A comment may hold colons, and a key in quotes too.
    let code = said.split(" #").next().unwrap_or_default();
    let colon = code.trim_end().rfind(':').unwrap_or_default();
    &item.head[colon + 1..]
}

/// The comment that stands behind a list's key or behind the list.
fn comment<'t>(item: &Item<'t>) -> &'t str {
    match item.value.is_block() {
        true => after_colon(item).trim(),
        false => item.rest.trim(),
    }
}

fn items<'t>(document: &'t Document<'t>) -> Option<&'t Items<'t>> {
    match &document.map.items.first()?.value {
        Value::List(items) => Some(items),
        _ => None,
    }
}

/// The lines of a list; the bracket of an empty one is none.
fn lines<'t>(items: &'t Items<'t>) -> &'t Items<'t> {
    match items.is_flow {
        true => &EMPTY,
        false => items,
    }
}

/// Writes a list in another form, as a document with one key; `None` where it can't be.
fn reformed(value: &Value<'_>, form: Form, is_set: bool) -> Option<String> {
    let one;
    let items = match value {
        Value::List(items) => items,
        Value::Scalar("") => &Items::default(),
        Value::Scalar(_) if is_set => {
            one = Items {
                items: vec![Item {
                    key: None,
                    lead: "",
                    head: "",
                    value: value.clone(),
                    rest: "",
                }],
                ..Items::default()
            };
            &one
        }
        _ => return None,
    };
    match form {
        Form::Block(indent)
            if !items.is_flow && items.indent == indent && !items.items.is_empty() =>
        {
            // The key stands left of the dashes, or above them.
            Some(format!("k:\n{}", value.to_text()))
        }
        Form::Block(_) if items.items.is_empty() => Some("k: []\n".to_owned()),
        Form::Block(indent) => {
            let lines = items.items.iter().map(|item| {
                let is_simple = !item.value.is_block() && !item.value.to_text().contains('\n');
                let lead = item.lead.trim();
                let lead = match lead.is_empty() {
                    true => String::new(),
                    false => lead
                        .lines()
                        .map(|l| format!("{}{}\n", " ".repeat(indent), l.trim()))
                        .collect(),
                };
                let rest = item.rest.trim();
                let rest = match rest.is_empty() {
                    true => String::new(),
                    false => format!(" {rest}"),
                };
                is_simple.then(|| {
                    format!(
                        "{lead}{}- {}{rest}\n",
                        " ".repeat(indent),
                        item.value.to_text()
                    )
                })
            });
            let lines: String = lines.collect::<Option<String>>()?;
            Some(format!("k:\n{lines}"))
        }
        Form::Flow | Form::Alone if items.is_flow => Some(format!("k: {}\n", value.to_text())),
        Form::Flow | Form::Alone => {
            let all = items.items.iter().map(|item| {
                let is_bare = item.lead.trim().is_empty() && item.rest.trim().is_empty();
                is_bare.then(|| flowing(&item.value))?
            });
            let all: Vec<Cow<'_, str>> = all.collect::<Option<_>>()?;
            Some(format!("k: [{}]\n", all.join(", ")))
        }
    }
}

/// Writes a value so that it may stand in brackets.
fn flowing<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Scalar(text) if text.starts_with(['\'', '"']) && !text.contains('\n') => {
            Some((*text).into())
        }
        Value::Scalar(text) if text.contains(['\n', ',', '[', ']', '{', '}']) => {
            let said: String = serde_json::from_str(&value.meaning()).ok()?;
            Some(scalar(&said).into())
        }
        Value::Scalar(text) if !text.is_empty() => Some((*text).into()),
        Value::List(items) | Value::Map(items) if items.is_flow => Some(value.to_text().into()),
        _ => None,
    }
}

/// Merges lists that stand in a line.
pub(super) fn inline(
    place: &Place<'_>,
    base: Option<&Value<'_>>,
    a: &Value<'_>,
    b: &Value<'_>,
) -> Option<String> {
    in_one_form(place, Form::Flow, (base, a, b), |old, a, b| {
        Some(format!("[{}", flow(place, old, a, b)?))
    })
}
