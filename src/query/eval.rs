//! A bound query, put to subjects.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use rayon::prelude::*;

use super::Problem;
use super::ast::Op;
use super::bind::{Bound, Lookup, Mention, Test, Want};
use crate::base::text::sanitize_line;

/// Something that can be asked about.
pub trait Subject {
    /// Returns what stands in a field, or what a function gives.
    fn look(&self, lookup: &Lookup) -> Found<'_>;
}

/// What a lookup found: nothing, a value, or several.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<'a> {
    Missing,
    One(Value<'a>),
    /// None of them is the same as missing.
    Many(Vec<Value<'a>>),
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    Truth(bool),
    /// Milliseconds since 1970 in UTC.
    Instant(i64),
    /// Milliseconds.
    Duration(i64),
}

impl<'a> Found<'a> {
    /// Returns a text; an empty one is missing.
    pub fn text(text: &'a str) -> Self {
        match text {
            "" => Self::Missing,
            text => Self::One(Value::Text(Cow::Borrowed(text))),
        }
    }

    /// Returns several texts.
    pub fn texts<S: AsRef<str> + ?Sized + 'a>(texts: impl IntoIterator<Item = &'a S>) -> Self {
        let texts = texts
            .into_iter()
            .map(|text| Value::Text(Cow::Borrowed(text.as_ref())));
        Self::Many(texts.collect())
    }

    /// Returns a value, or that it is missing.
    pub fn maybe(value: Option<Value<'a>>) -> Self {
        value.map_or(Self::Missing, Self::One)
    }

    /// Returns all values there are.
    pub fn values(&self) -> &[Value<'a>] {
        match self {
            Self::Missing => &[],
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// How many subjects are worth another thread.
const SHARE: usize = 1_024;

impl Bound {
    /// Returns whether a subject fits.
    pub fn holds(&self, subject: &impl Subject) -> bool {
        holds(&self.test, subject)
    }

    /// Returns the subjects that fit, in the query's order, at most as many as its limit. Without
    /// `order by`, and where it does not decide, they stay in the order that they came in.
    pub fn select<'s, S: Subject + Sync>(&self, subjects: &'s [S]) -> Vec<&'s S> {
        let limit = self.limit.unwrap_or(usize::MAX);
        let all = subjects.par_iter().with_min_len(SHARE);
        let fitting = all.filter(|subject| self.holds(*subject));
        if self.order.is_empty() {
            let mut fitting: Vec<&S> = fitting.collect();
            fitting.truncate(limit);
            return fitting;
        }
        let keyed = fitting.map(|subject| (self.keys(subject), subject));
        let mut keyed: Vec<_> = keyed.collect();
        keyed.sort_by(|(a, _), (b, _)| self.compared(a, b));
        keyed
            .into_iter()
            .map(|(_, subject)| subject)
            .take(limit)
            .collect()
    }

    /// Whether it takes only so many of what fits, so that each depends on all.
    pub fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// Returns the first value of each key of the order.
    fn keys<'s>(&self, subject: &'s impl Subject) -> Vec<Option<Value<'s>>> {
        let first = |lookup| subject.look(lookup).values().first().cloned();
        self.order.iter().map(|(lookup, _)| first(lookup)).collect()
    }

    /// What is missing comes last in either direction.
    fn compared(&self, a: &[Option<Value<'_>>], b: &[Option<Value<'_>>]) -> Ordering {
        let mut ordering = Ordering::Equal;
        for ((a, b), (_, descending)) in a.iter().zip(b).zip(&self.order) {
            ordering = ordering.then_with(|| match (a, b) {
                (Some(a), Some(b)) if *descending => ordered(b, a),
                (Some(a), Some(b)) => ordered(a, b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            });
        }
        ordering
    }
}

/// How many different values are looked through for one that was meant.
const LOOKED_THROUGH: usize = 10_000;

impl Bound {
    /// Names what none of the subjects has, although the query speaks of it: texts that a field is
    /// compared with, and names in brackets. Nothing where there are no subjects. It looks at every
    /// subject once for each of them.
    pub fn strangers<S: Subject>(&self, subjects: &[S], of: &str) -> Vec<Problem> {
        let mentions = self.mentions.iter().filter(|_| !subjects.is_empty());
        mentions
            .filter_map(|mention| stranger(mention, subjects, of))
            .collect()
    }
}

fn stranger<S: Subject>(mention: &Mention, subjects: &[S], of: &str) -> Option<Problem> {
    let field = match &mention.lookup.key {
        Some(key) => format!("{}[\"{}\"]", mention.lookup.name, sanitize_line(key)),
        None => mention.lookup.name.to_owned(),
    };
    let wanted = mention.text.as_ref().map(|text| text.to_lowercase());
    let mut others = BTreeSet::new();
    let mut has_values = false;
    for subject in subjects {
        let found = subject.look(&mention.lookup);
        for value in found.values() {
            let Value::Text(text) = value else { continue };
            has_values = true;
            match &wanted {
                Some(wanted) if !same_text(text, wanted) => {
                    if others.len() < LOOKED_THROUGH && !others.contains(text.as_ref()) {
                        others.insert(text.clone().into_owned());
                    }
                }
                _ => return None,
            }
        }
    }
    let Some(text) = mention.text.as_deref().filter(|_| has_values) else {
        let message = format!("none of the {of} has `{field}`");
        return Some(Problem::new(mention.span, message));
    };
    let shown = sanitize_line(text);
    let message = format!("`{field}` is `{shown}` in none of the {of}");
    let others = others.iter().map(String::as_str);
    Some(Problem::new(mention.span, message).suggest(text, others))
}

fn ordered(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => {
            let folded = a.to_lowercase().cmp(&b.to_lowercase());
            folded.then_with(|| a.cmp(b))
        }
        (a, b) => number(a).total_cmp(&number(b)),
    }
}

/// Returns a value as a number; NaN where it is none, which compares with nothing.
fn number(value: &Value<'_>) -> f64 {
    match value {
        Value::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
        Value::Number(number) => *number,
        Value::Truth(truth) => f64::from(u8::from(*truth)),
        Value::Instant(ms) | Value::Duration(ms) => *ms as f64,
    }
}

fn holds(test: &Test, subject: &impl Subject) -> bool {
    match test {
        Test::And(members) => members.iter().all(|member| holds(member, subject)),
        Test::Or(members) => members.iter().any(|member| holds(member, subject)),
        Test::Not(inner) => !holds(inner, subject),
        Test::Truth(truth) => *truth,
        Test::Has(lookup) => !subject.look(lookup).values().is_empty(),
        Test::Compare(lookup, op, want) => compares(subject.look(lookup).values(), *op, want),
        Test::In(lookup, negated, wants) => {
            let found = subject.look(lookup);
            let values = found.values();
            let within = |value| wants.iter().any(|want| equals(value, want));
            !values.is_empty() && values.iter().any(within) != *negated
        }
    }
}

/// Returns whether one of the values fits, or, for the two negations, none of those there are.
fn compares(values: &[Value<'_>], op: Op, want: &Want) -> bool {
    if matches!(want, Want::Null) {
        return values.is_empty() == (op == Op::Equal);
    }
    match op {
        Op::Equal | Op::Contains => values.iter().any(|value| equals(value, want)),
        Op::Unequal | Op::Lacks => {
            !values.is_empty() && !values.iter().any(|value| equals(value, want))
        }
        _ => values.iter().any(|value| precedes(value, op, want)),
    }
}

fn equals(value: &Value<'_>, want: &Want) -> bool {
    match (value, want) {
        (Value::Text(text), Want::Text(wanted)) => same_text(text, wanted),
        (Value::Text(text), Want::Found(regex)) => regex.is_match(text),
        (Value::Truth(truth), Want::Truth(wanted)) => truth == wanted,
        (Value::Instant(at), Want::Range(from, to)) => (from..=to).contains(&at),
        (Value::Number(_) | Value::Duration(_), Want::Number(wanted)) => number(value) == *wanted,
        _ => false,
    }
}

/// Compares with a text that is in lower case already.
fn same_text(text: &str, wanted: &str) -> bool {
    if text.is_ascii() && wanted.is_ascii() {
        return text.eq_ignore_ascii_case(wanted);
    }
    text.to_lowercase() == wanted
}

/// Returns whether a value stands on the side of the wanted one that the operator names. A day has
/// its end and its start: later than a day is after it, earlier is before it.
fn precedes(value: &Value<'_>, op: Op, want: &Want) -> bool {
    let (from, to) = match want {
        Want::Number(number) => (*number, *number),
        Want::Range(from, to) => (*from as f64, *to as f64),
        _ => return false,
    };
    let value = number(value);
    match op {
        Op::Less => value < from,
        Op::LessOrEqual => value <= to,
        Op::Greater => value > to,
        Op::GreaterOrEqual => value >= from,
        _ => false,
    }
}
