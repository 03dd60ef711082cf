//! Numbers, amounts and times as a language writes them.

use super::entry::Counted;
use super::{Arg, text};
use crate::base::Timestamp;
use crate::base::text::slug;
use crate::site::view::When;

/// Writes a number in groups of three digits.
pub(crate) fn thousands(n: u64) -> String {
    let plain = crate::base::text::thousands(n);
    match n < 1_000 {
        true => plain,
        false => plain.replace(',', &text("number.group", &[])),
    }
}

/// Returns `1 case`, `1,204 results`: what `count.*` has for a noun.
pub(crate) fn count(n: u64, noun: &str) -> String {
    text(
        &format!("count.{}", slug(noun, 40)),
        &[("n", Arg::Number(n))],
    )
}

/// Returns a number of something, to go into a sentence, which may have forms of its own for it.
pub(crate) fn counted(n: u64, noun: &'static str) -> Counted {
    Counted { n, noun }
}

/// Writes a duration in milliseconds: `812 ms`, `5.3 s`, `4 min 12 s`, `2 h 3 min`.
pub(crate) fn human_duration(ms: u64) -> String {
    let plain = crate::base::time::human_duration(ms);
    let parts: Vec<&str> = plain.split(' ').collect();
    match parts.as_slice() {
        [n, unit] => text(&format!("duration.{unit}"), &[("n", Arg::from(decimal(n)))]),
        [m, big, n, small] => {
            let args = [("m", Arg::from(*m)), ("n", Arg::from(*n))];
            text(&format!("duration.{big}-{small}"), &args)
        }
        _ => plain,
    }
}

/// Writes a number of bytes: `812 bytes`, `4.2 kB`, `38 MB`.
pub(crate) fn bytes(n: u64) -> String {
    let plain = crate::base::text::bytes(n);
    match plain.split_once(' ') {
        Some((n, unit)) if !unit.starts_with("byte") => {
            let key = format!("bytes.{}", unit.to_ascii_lowercase());
            text(&key, &[("n", Arg::from(decimal(n)))])
        }
        _ => count(n, "byte"),
    }
}

/// Writes a number that has a point as the language writes it.
pub(crate) fn decimal(n: &str) -> String {
    n.replace('.', &text("number.decimal", &[]))
}

fn month_name(time: Timestamp) -> String {
    text(
        &format!("month.{}", time.format("%b").to_ascii_lowercase()),
        &[],
    )
}

/// Returns a month: `Nov 2026`.
pub(crate) fn month(time: Timestamp) -> String {
    let args = [
        ("month", Arg::from(month_name(time))),
        ("year", Arg::from(time.format("%Y"))),
    ];
    text("date.month", &args)
}

/// Returns a day: `22 Nov 2026`.
pub(crate) fn day(time: Timestamp) -> String {
    let args = [
        ("day", Arg::from(time.format("%-d"))),
        ("month", Arg::from(month_name(time))),
        ("year", Arg::from(time.format("%Y"))),
    ];
    text("date.day", &args)
}

/// Returns a time in the site's one form.
pub(crate) fn when(time: Timestamp) -> When {
    let (day, clock) = (day(time), time.format("%H:%M"));
    let args = [("day", Arg::from(&day)), ("clock", Arg::from(&clock))];
    When {
        text: text("date.time", &args),
        day,
        clock,
        iso: time.to_string(),
    }
}

/// Joins items as `a`, `a or b`, `a, b or c`, by the text of a key that has `{first}` and `{last}`.
pub(crate) fn list<S: AsRef<str>>(items: &[S], key: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [init @ .., end] => {
            let init: Vec<&str> = init.iter().map(AsRef::as_ref).collect();
            let first = init.join(&text("list.comma", &[]));
            text(
                key,
                &[
                    ("first", Arg::from(first)),
                    ("last", Arg::from(end.as_ref())),
                ],
            )
        }
    }
}
