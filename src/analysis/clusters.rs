//! Clusters of equal failures: the same status, and the same message once numbers, ids, addresses,
//! times, durations and folders are folded. Where a message alone says too little, the frame nearest
//! to the failure counts, the project's own frames first.
//!
//! **Invariant:** linear in the input, and of one failure only a bounded beginning is looked at.
//! **Invariant:** the matcher of a cluster matches all its members.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::fold::{Kind, Token, fold};
use super::frames::{error_line, nearest, plain};
use crate::base::hash::digest_fields;
use crate::base::text::{is_unsafe_to_show, sanitize_line, truncate};
use crate::model::{Matcher, Status};

/// How much of a message is looked at, in bytes, before escape sequences are taken out.
const LOOKED_AT: usize = 64 << 10;
/// How much of a message counts, in characters and in lines that are not blank.
const COUNTED: (usize, usize) = (1_000, 4);
/// The longest title, in characters.
const TITLE: usize = 160;
/// How much of a message a matcher is made of, in pieces and bytes. It then stays readable and small.
const MATCHED: (usize, usize) = (24, 240);
/// How many tests a matcher may name, of failures that say nothing.
const NAMED: usize = 20;
/// How many words that say something make a message enough.
const ENOUGH: usize = 2;

/// What a failure says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failure<'a> {
    pub status: Status,
    pub message: Option<&'a str>,
    pub trace: Option<&'a str>,
    pub full_name: Option<&'a str>,
}

/// Equal failures.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    pub status: Status,
    /// 16 hex digits; the same in every launch.
    pub fingerprint: String,
    /// The first line of the first member's message; safe to show.
    pub title: String,
    /// Indices of the failures, ascending. Never empty.
    pub members: Vec<usize>,
}

/// Sorts failures into clusters, the biggest first.
pub fn clusters(failures: &[Failure<'_>]) -> Vec<Cluster> {
    let fingerprints: Vec<String> = failures.par_iter().map(Failure::fingerprint).collect();
    let mut places: HashMap<(Status, String), usize> = HashMap::new();
    let mut clusters: Vec<Cluster> = Vec::new();
    for (at, (failure, fingerprint)) in failures.iter().zip(fingerprints).enumerate() {
        let key = (failure.status, fingerprint);
        let place = *places
            .entry(key)
            .or_insert_with_key(|(status, fingerprint)| {
                clusters.push(Cluster {
                    status: *status,
                    fingerprint: fingerprint.clone(),
                    title: failure.title(),
                    members: Vec::new(),
                });
                clusters.len() - 1
            });
        clusters[place].members.push(at);
    }
    clusters.sort_by_key(|cluster| (std::cmp::Reverse(cluster.members.len()), cluster.members[0]));
    clusters
}

/// Proposes a matcher for each cluster that all its members fit: of the message, of the trace or, where
/// the failures say nothing, of the tests' names. It says no more than it must, but all that it can where
/// less would fit failures of another cluster alike. None where there is nothing to match by.
pub fn matchers(clusters: &[Cluster], failures: &[Failure<'_>]) -> Vec<Option<Matcher>> {
    let first = |cluster: &Cluster| &failures[cluster.members[0]];
    let short: Vec<Option<Matcher>> = clusters
        .par_iter()
        .map(|cluster| match cluster.is_said_in_one_place(failures) {
            true => first(cluster).matcher(Extent::Telling),
            false => None,
        })
        .collect();
    // The fingerprints that have the same matcher; those that differ in status alone have one.
    let mut alike: HashMap<(Option<&str>, Option<&str>), &str> = HashMap::new();
    let mut shared = HashSet::new();
    for (cluster, matcher) in clusters.iter().zip(&short) {
        let Some(matcher) = matcher else { continue };
        let key = (matcher.message.as_deref(), matcher.trace.as_deref());
        if *alike.entry(key).or_insert(&cluster.fingerprint) != cluster.fingerprint {
            shared.insert(key);
        }
    }
    let proposed = clusters.iter().zip(&short).map(|(cluster, matcher)| {
        let Some(matcher) = matcher else {
            return cluster.by_names(failures);
        };
        let key = (matcher.message.as_deref(), matcher.trace.as_deref());
        match shared.contains(&key) {
            true => first(cluster).matcher(Extent::All),
            false => Some(matcher.clone()),
        }
    });
    proposed.collect()
}

impl Cluster {
    /// Whether all members say it in the message, or all in the trace: no matcher looks into both.
    fn is_said_in_one_place(&self, failures: &[Failure<'_>]) -> bool {
        let in_message = |at: &usize| failures[*at].message.and_then(head).is_some();
        let mut members = self.members.iter().map(in_message);
        let first = members.next();
        members.all(|one| Some(one) == first)
    }

    fn by_names(&self, failures: &[Failure<'_>]) -> Option<Matcher> {
        let mut names: Vec<&str> = Vec::new();
        for member in &self.members {
            let name = failures[*member].full_name?;
            if !names.contains(&name) {
                names.push(name);
            }
            if names.len() > NAMED {
                return None;
            }
        }
        Some(by_names(&names))
    }
}

/// How much of what a failure says a matcher is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// The first line, and more lines as long as they say too little.
    Telling,
    /// All lines that count.
    All,
}

fn by_names(names: &[&str]) -> Matcher {
    let names: Vec<String> = names.iter().map(|name| escaped(name)).collect();
    let full_name = match names.as_slice() {
        [one] => format!("^{one}$"),
        several => format!("^(?:{})$", several.join("|")),
    };
    Matcher {
        full_name: Some(full_name),
        ..Matcher::default()
    }
}

/// What a failure is known by.
struct Core {
    /// The beginning of the message; without a message, the trace's line that says what went wrong.
    said: Option<String>,
    /// The nearest frame, where what is said says too little.
    frame: Option<String>,
    /// Whether `said` is the message.
    is_message: bool,
}

impl Core {
    fn of(failure: &Failure<'_>) -> Self {
        let message = failure.message.and_then(head);
        let is_message = message.is_some();
        let said = message.or_else(|| failure.trace.and_then(error_line).as_deref().and_then(head));
        let is_enough = said.as_deref().is_some_and(is_telling);
        let frame = failure.trace.filter(|_| !is_enough).and_then(nearest);
        Self {
            said,
            frame: frame.as_deref().and_then(head),
            is_message,
        }
    }
}

impl Failure<'_> {
    /// Returns 16 hex digits of what the failure says, folded.
    pub fn fingerprint(&self) -> String {
        let core = Core::of(self);
        let mut fields = vec!["1"];
        for (name, text) in [("said", &core.said), ("frame", &core.frame)] {
            let Some(text) = text else { continue };
            fields.push(name);
            for token in fold(text) {
                match token {
                    Token::Text(text) => fields.extend(["text", text]),
                    Token::Folded(kind) => fields.extend(["folded", kind.tag()]),
                }
            }
        }
        digest_fields(fields).short()
    }

    /// Returns the first line of what the failure says; safe to show.
    pub fn title(&self) -> String {
        let core = Core::of(self);
        let said = core.said.or(core.frame).unwrap_or_default();
        let line = said.lines().next().unwrap_or_default();
        match sanitize_line(line).as_str() {
            "" => "no message".to_owned(),
            line => truncate(line, TITLE),
        }
    }

    /// Proposes a matcher by message and trace; none where there is neither.
    fn matcher(&self, extent: Extent) -> Option<Matcher> {
        let core = Core::of(self);
        let pattern = |text: &str| pattern(text, extent);
        let said = core.said.as_deref().map(pattern).filter(|p| !p.is_empty());
        let frame = core.frame.as_deref().map(pattern).filter(|p| !p.is_empty());
        let (message, trace) = match core.is_message {
            true => (said, frame),
            false => (None, frame.or(said)),
        };
        if message.is_none() && trace.is_none() {
            return None;
        }
        Some(Matcher {
            message,
            trace,
            ..Matcher::default()
        })
    }

    /// Returns the folded words, for similarity.
    pub fn shingles(&self) -> Shingles {
        let core = Core::of(self);
        let texts = [core.said.as_deref(), core.frame.as_deref()];
        Shingles::of(texts.into_iter().flatten())
    }
}

/// Returns the beginning of a text that counts, without escape sequences; none where it is blank.
fn head(text: &str) -> Option<String> {
    let text = plain(text, LOOKED_AT);
    let text = text.trim_start();
    let end = text
        .char_indices()
        .nth(COUNTED.0)
        .map_or(text.len(), |(at, _)| at);
    let mut taken = 0;
    let mut lines = 0;
    for line in text[..end].split_inclusive('\n') {
        taken += line.len();
        lines += usize::from(!line.trim().is_empty());
        if lines == COUNTED.1 {
            break;
        }
    }
    let head = text[..taken].trim_end();
    (!head.is_empty()).then(|| head.to_owned())
}

/// Words that many failures have in common.
const COMMON: [&str; 44] = [
    "a",
    "actual",
    "an",
    "and",
    "are",
    "assert",
    "assertion",
    "but",
    "does",
    "e",
    "equal",
    "equality",
    "equals",
    "expect",
    "expected",
    "fail",
    "failed",
    "failure",
    "false",
    "found",
    "got",
    "in",
    "is",
    "left",
    "match",
    "matches",
    "message",
    "nil",
    "none",
    "not",
    "null",
    "object.is",
    "of",
    "panic",
    "received",
    "right",
    "should",
    "the",
    "to",
    "tobe",
    "toequal",
    "true",
    "undefined",
    "was",
];

/// Words by which drivers of browsers say how they failed, and not at what: a matcher made of these alone
/// would fit failures of any test.
const OF_DRIVERS: [&str; 13] = [
    "after", "call", "element", "exceeded", "for", "locator", "log", "out", "page", "timed",
    "timeout", "waiting", "within",
];
/// How assertions of JavaScript begin.
const ASSERTIONS: [&str; 7] = [
    "toBe",
    "toContain",
    "toEqual",
    "toHave",
    "toMatch",
    "toStrictEqual",
    "toThrow",
];

/// Returns the words of a text that say something.
fn telling_words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || "()[]{}<>,;=\"'`".contains(c));
    let words = words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words.filter(|word| {
        let word = word.to_lowercase();
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let is_type = ["error", "exception", "failure", "failederror"]
            .iter()
            .any(|end| word.ends_with(end));
        letters > 1 && !is_type && !COMMON.contains(&word.as_str())
    })
}

/// Whether a text has words enough to know a failure by.
fn is_telling(text: &str) -> bool {
    telling_words(text).take(ENOUGH).count() == ENOUGH
}

/// Whether a text has words enough to tell a failure from others of its kind.
fn is_specific(text: &str) -> bool {
    let says_what = |word: &&str| {
        let call = word.split('.').next().unwrap_or(word).to_lowercase();
        let is_assertion = ASSERTIONS.iter().any(|start| word.starts_with(start));
        !is_assertion && !OF_DRIVERS.contains(&call.as_str())
    };
    telling_words(text).filter(says_what).take(ENOUGH).count() == ENOUGH
}

/// Returns a regular expression that matches wherever a text stands, folded parts being open.
fn pattern(text: &str, extent: Extent) -> String {
    let mut out = String::new();
    let mut covered = String::new();
    for (at, token) in fold(text).into_iter().enumerate() {
        let is_long = at >= MATCHED.0 || covered.len() >= MATCHED.1;
        let is_enough = || extent == Extent::Telling && is_specific(&covered);
        if is_long || token == Token::Folded(Kind::Break) && is_enough() {
            break;
        }
        match token {
            Token::Text(text) => {
                let end = text
                    .char_indices()
                    .nth(MATCHED.1)
                    .map_or(text.len(), |(at, _)| at);
                out.push_str(&escaped(&text[..end]));
                covered.push_str(text);
            }
            Token::Folded(kind) => {
                out.push_str(kind.pattern());
                covered.push(' ');
            }
        }
    }
    // White space at the end matches nothing more and may be gone elsewhere.
    let out = out.strip_suffix(Kind::Break.pattern()).unwrap_or(&out);
    out.trim_end_matches(' ').to_owned()
}

/// Escapes what has a meaning in a regular expression, and what can't be seen.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c if is_unsafe_to_show(c) => out.push_str(&format!("\\x{{{:X}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// The pairs of neighbouring words of a folded text, as digests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shingles(Vec<u64>);

impl Shingles {
    fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut all = Vec::new();
        for text in texts {
            let folded: String = fold(text)
                .into_iter()
                .map(|token| match token {
                    Token::Text(text) => text,
                    Token::Folded(Kind::Space | Kind::Break) => " ",
                    Token::Folded(kind) => kind.tag(),
                })
                .collect();
            let folded = folded.to_lowercase();
            let words: Vec<&str> = folded
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect();
            let pairs = words
                .windows(2)
                .map(|pair| digest_fields(pair.iter().copied()));
            all.extend(pairs.map(|digest| {
                let first = digest.as_bytes().first_chunk();
                u64::from_le_bytes(*first.expect("a digest has 32 bytes"))
            }));
        }
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    /// Returns what two texts share, of what either has: 0 to 1. Texts of less than four pairs are like
    /// none: too little to tell by.
    pub fn similarity(&self, other: &Self) -> f64 {
        const LEAST: usize = 4;
        let (a, b) = (&self.0, &other.0);
        if a.len() < LEAST || b.len() < LEAST {
            return 0.0;
        }
        let (mut i, mut j, mut shared) = (0, 0, 0usize);
        while i < a.len() && j < b.len() {
            match a[i].cmp(&b[j]) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    i += 1;
                    j += 1;
                }
            }
        }
        shared as f64 / (a.len() + b.len() - shared) as f64
    }
}

#[cfg(test)]
mod tests;
