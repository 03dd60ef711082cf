//! Clusters of equal failures: the same status, and the same message once numbers, ids, addresses,
//! times, durations and folders are folded. Where a message alone says too little, the frame nearest
//! to the failure counts, the project's own frames first.
//!
//! **Invariant:** linear in the input, and of one failure only a bounded beginning is looked at.
//! **Invariant:** the matcher of a cluster matches all its members.

use std::collections::HashMap;

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

impl Cluster {
    /// Proposes a matcher that all members fit: of the message, of the trace or, where the failures say
    /// nothing, of the tests' names. None where there is nothing to match by.
    pub fn matcher(&self, failures: &[Failure<'_>]) -> Option<Matcher> {
        let first = &failures[self.members[0]];
        first.matcher().or_else(|| {
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
        })
    }
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
    pub fn matcher(&self) -> Option<Matcher> {
        let core = Core::of(self);
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

/// Whether a text has words enough to know a failure by.
fn is_telling(text: &str) -> bool {
    let tells = |word: &&str| {
        let word = word
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase();
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let is_type = ["error", "exception", "failure", "failederror"]
            .iter()
            .any(|end| word.ends_with(end));
        letters > 1 && !is_type && !COMMON.contains(&word.as_str())
    };
    let words = text.split(|c: char| c.is_whitespace() || "()[]{}<>,;=\"'`".contains(c));
    words.filter(|word| tells(word)).take(ENOUGH).count() == ENOUGH
}

/// Returns a regular expression that matches wherever a text stands, folded parts being open: of its
/// first line, and of more lines as long as they say too little.
fn pattern(text: &str) -> String {
    let mut out = String::new();
    let mut covered = String::new();
    for (at, token) in fold(text).into_iter().enumerate() {
        let is_long = at >= MATCHED.0 || covered.len() >= MATCHED.1;
        if is_long || token == Token::Folded(Kind::Break) && is_telling(&covered) {
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::resolve::compile;
    use crate::base::text::strip_ansi;

    fn failure<'a>(message: &'a str, trace: &'a str) -> Failure<'a> {
        let some = |text: &'a str| (!text.is_empty()).then_some(text);
        Failure {
            status: Status::Failed,
            message: some(message),
            trace: some(trace),
            full_name: None,
        }
    }

    fn matches(matcher: &Matcher, failure: &Failure<'_>) -> bool {
        let one = |pattern: &Option<String>, text: Option<&str>| match pattern {
            None => true,
            Some(pattern) => {
                let pattern = compile(pattern).expect("the pattern compiles");
                text.is_some_and(|text| pattern.is_match(&strip_ansi(text)))
            }
        };
        one(&matcher.message, failure.message)
            && one(&matcher.trace, failure.trace)
            && one(&matcher.full_name, failure.full_name)
    }

    /// Pairs of real failures, and whether they are one; with the matcher of the first.
    #[test]
    fn worked_examples() {
        const PYTEST: &str = "tests/test_cart.py:12: AssertionError";
        for (producer, a, b, equal, message, trace) in [
            (
                "pytest",
                ("AssertionError: assert 3 == 4", PYTEST),
                (
                    "AssertionError: assert 17 == 18",
                    "tests/test_cart.py:40: AssertionError",
                ),
                true,
                Some(r"AssertionError: assert [\d.,]+ == [\d.,]+"),
                Some(r"tests/test_cart\.py:[\d.,]+: AssertionError"),
            ),
            (
                "pytest, another file",
                ("AssertionError: assert 3 == 4", PYTEST),
                (
                    "AssertionError: assert 3 == 4",
                    "tests/test_mail.py:12: AssertionError",
                ),
                false,
                Some(r"AssertionError: assert [\d.,]+ == [\d.,]+"),
                Some(r"tests/test_cart\.py:[\d.,]+: AssertionError"),
            ),
            (
                "requests",
                (
                    "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: http://localhost:49152/pay",
                    PYTEST,
                ),
                (
                    "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: http://localhost:50001/pay",
                    "x.py:1: in f",
                ),
                true,
                Some(
                    r"requests\.exceptions\.HTTPError: [\d.,]+ Server Error: Service Unavailable for url: http://localhost:[\d.,]+/pay",
                ),
                None,
            ),
            (
                "Playwright",
                (
                    "\u{1b}[31mTimeoutError\u{1b}[39m: locator.click: Timeout 30000ms exceeded.\nCall log:\n  - waiting for getByTestId('pay')",
                    "",
                ),
                (
                    "TimeoutError: locator.click: Timeout 5s exceeded.\nCall log:\n  - waiting for getByTestId('pay')",
                    "",
                ),
                true,
                Some(
                    r"TimeoutError: locator\.click: Timeout [\d.,]+ ?[a-zµμ][\da-z.,µμ]* exceeded\.",
                ),
                None,
            ),
            (
                "Playwright, another button",
                (
                    "TimeoutError: locator.click: Timeout 30000ms exceeded.\nCall log:\n  - waiting for getByTestId('pay')",
                    "",
                ),
                (
                    "TimeoutError: locator.click: Timeout 30000ms exceeded.\nCall log:\n  - waiting for getByTestId('ship')",
                    "",
                ),
                false,
                Some(
                    r"TimeoutError: locator\.click: Timeout [\d.,]+ ?[a-zµμ][\da-z.,µμ]* exceeded\.",
                ),
                None,
            ),
            (
                "Jest",
                (
                    "expect(received).toBe(expected) // Object.is equality\n\nExpected: 3\nReceived: 4",
                    "    at Object.<anonymous> (/b/a.test.js:3:1)\n    at total (/b/src/cart.ts:7:2)",
                ),
                (
                    "expect(received).toBe(expected) // Object.is equality\n\nExpected: 10\nReceived: 9",
                    "    at total (/c/src/cart.ts:9:2)",
                ),
                false,
                Some(
                    r"expect\(received\)\.toBe\(expected\) // Object\.is equality\s+Expected: [\d.,]+\s+Received: [\d.,]+",
                ),
                Some(r"at total \(/b/src/cart\.ts:[\d.,]+:[\d.,]+\)"),
            ),
            (
                "JUnit",
                (
                    "expected: <3> but was: <4>",
                    "org.opentest4j.AssertionFailedError: expected\n\tat org.junit.X.y(X.java:1)\n\tat com.shop.CartTest.adds(CartTest.java:42)",
                ),
                (
                    "expected: <1> but was: <2>",
                    "\tat com.shop.CartTest.adds(CartTest.java:50)",
                ),
                true,
                Some(r"expected: <[\d.,]+> but was: <[\d.,]+>"),
                Some(r"at com\.shop\.CartTest\.adds\(CartTest\.java:[\d.,]+\)"),
            ),
            (
                "Rust",
                (
                    "thread 'cart::adds' panicked at src/cart.rs:12:5:\nassertion `left == right` failed\n  left: 1\n right: 2",
                    "",
                ),
                (
                    "thread 'cart::adds' panicked at src/cart.rs:13:9:\nassertion `left == right` failed\n  left: 3\n right: 2",
                    "",
                ),
                true,
                Some(r"thread 'cart::adds' panicked at src/cart\.rs:[\d.,]+:[\d.,]+:"),
                None,
            ),
            (
                "Go",
                (
                    "Failed",
                    "    cart_test.go:42: dial tcp 127.0.0.1:49152: connect: connection refused",
                ),
                (
                    "Failed",
                    "    cart_test.go:17: dial tcp 127.0.0.1:50000: connect: connection refused",
                ),
                true,
                Some("Failed"),
                Some(
                    r"cart_test\.go:[\d.,]+: dial tcp [\d.,]+:[\d.,]+: connect: connection refused",
                ),
            ),
            (
                "C#",
                (
                    "System.NullReferenceException : Object reference not set to an instance of an object.",
                    "   at Shop.Cart.Add() in C:\\agent\\_work\\1\\s\\Cart.cs:line 42",
                ),
                (
                    "System.NullReferenceException : Object reference not set to an instance of an object.",
                    "",
                ),
                true,
                Some(
                    r"System\.NullReferenceException : Object reference not set to an instance of an object\.",
                ),
                None,
            ),
            (
                "ids and folders",
                (
                    "cart 550e8400-e29b-41d4-a716-446655440000 is not in /tmp/pytest-1/carts.json since 2026-11-22T18:43:00Z",
                    "",
                ),
                (
                    "cart 7c9e6679-7425-40de-944b-e07fc1f90ae7 is not in /var/x/y/carts.json since 2026-11-23 08:00:01.5",
                    "",
                ),
                true,
                Some(
                    r"cart [0-9a-fA-F-]{36} is not in \S*[/\\]carts\.json since \d{4}-\d\d-\d\d(?:[T ][\d:.,]+(?:Z|[+-][\d:]+)?)?",
                ),
                None,
            ),
            (
                "no message",
                (
                    "",
                    "Traceback (most recent call last):\n  File \"/b/shop/mail.py\", line 3, in send\nConnectionRefusedError: [Errno 111] Connection refused",
                ),
                (
                    "",
                    "Traceback (most recent call last):\n  File \"/c/shop/sms.py\", line 4, in send\nConnectionRefusedError: [Errno 111] Connection refused",
                ),
                true,
                None,
                Some(r"ConnectionRefusedError: \[Errno [\d.,]+\] Connection refused"),
            ),
        ] {
            let (a, b) = (failure(a.0, a.1), failure(b.0, b.1));
            let both = [a, b];
            assert_eq!(clusters(&both).len() == 1, equal, "{producer}");
            let matcher = a.matcher().unwrap_or_default();
            assert_eq!(matcher.message.as_deref(), message, "{producer}");
            assert_eq!(matcher.trace.as_deref(), trace, "{producer}");
            assert!(matches(&matcher, &a), "{producer}");
            assert!(!equal || matches(&matcher, &b), "{producer}");
        }
    }

    #[test]
    fn clusters_are_sorted_and_named() {
        let broken = Failure {
            status: Status::Broken,
            ..failure("the sandbox is down", "")
        };
        let failures = [
            failure("", ""),
            failure("the sandbox is down", ""),
            broken,
            failure("\n \u{1b}[1mthe sandbox\u{1b}[0m is down\u{202e}", ""),
            failure("the sandbox is down", ""),
        ];
        let all = clusters(&failures);
        let told: Vec<(&str, &[usize])> = all
            .iter()
            .map(|c| (c.title.as_str(), c.members.as_slice()))
            .collect();
        assert_eq!(
            told,
            [
                ("the sandbox is down", &[1usize, 4][..]),
                ("no message", &[0]),
                ("the sandbox is down", &[2]),
                ("the sandbox is down\\u{202e}", &[3]),
            ]
        );
        assert_eq!(all[0].fingerprint, all[2].fingerprint);
        assert_eq!(all[0].fingerprint, failures[1].fingerprint());
    }

    /// Fingerprints are compared with those of launches that other releases closed and read.
    #[test]
    fn fingerprints_stay() {
        assert_eq!(
            failure("HTTP 503 from the sandbox", "").fingerprint(),
            "ff71be14ad8b60e6"
        );
    }

    #[test]
    fn failures_that_say_nothing_are_matched_by_name() {
        let named = |name| Failure {
            full_name: Some(name),
            ..Failure::default()
        };
        let all = [named("a.b#c"), named("a.b#d"), named("a.b#c")];
        let found = clusters(&all);
        assert_eq!(found.len(), 1);
        let matcher = found[0].matcher(&all).expect("two names");
        assert_eq!(matcher.full_name.as_deref(), Some(r"^(?:a\.b#c|a\.b#d)$"));
        assert!(all.iter().all(|one| matches(&matcher, one)));
        let nameless = [Failure::default()];
        assert_eq!(clusters(&nameless)[0].matcher(&nameless), None);
    }

    #[test]
    fn similarity_is_of_words() {
        let shingles = |text| failure(text, "").shingles();
        let a = shingles("payment of order 17 was refused by the sandbox of the bank");
        let b = shingles("payment of order 18 was refused by the sandbox of the post");
        let c = shingles("the mail was not sent to anybody in time");
        assert!(a.similarity(&b) > 0.8 && a.similarity(&c) < 0.2);
        assert!((a.similarity(&a) - 1.0).abs() < f64::EPSILON);
        assert_eq!(shingles("no").similarity(&shingles("no")), 0.0);
    }

    #[test]
    fn what_is_long_is_bounded() {
        let long = "x1 ".repeat(400_000);
        let one = failure(&long, &long);
        let matcher = one.matcher().expect("there is a message");
        assert!(matches(&matcher, &one));
        assert!(matcher.message.is_some_and(|pattern| pattern.len() < 1_000));
        let spaces = " ".repeat(1 << 20);
        assert_eq!(failure(&spaces, "").title(), "no message");
    }

    /// Texts of the pieces that are folded, and of what may stand between them.
    fn message() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[0-9]{1,6}([.,][0-9]{1,3})?",
            "[0-9]{1,4} ?(ms|s|seconds|h)",
            "0x[0-9a-f]{1,12}",
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "[0-9a-f]{8,20}",
            "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{3})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
            "/(home|tmp|builds)/[a-z0-9/_.-]{1,12}",
            "[A-Z]:\\\\[a-z\\\\]{1,8}",
            "[a-z]{1,8}",
            "[ \t\n]{1,3}",
            "[\\PC\u{1b}\u{202e}\u{0}]{1,3}",
            "[.*+?^$|(){}\\[\\]\\\\'\"#&~-]{1,3}",
        ];
        prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    /// Another text of the same shape: each digit another one.
    fn renumbered(text: &str, by: u32) -> String {
        let other = |c: char| match c.to_digit(10) {
            Some(digit) => char::from_digit((digit + by) % 10, 10).unwrap_or(c),
            None => c,
        };
        text.chars().map(other).collect()
    }

    proptest! {
        #[test]
        fn a_matcher_matches_every_member(messages in prop::collection::vec((message(), message()), 1..4), by in 0u32..10) {
            let others: Vec<(String, String)> = messages
                .iter()
                .map(|(message, trace)| (renumbered(message, by), renumbered(trace, by)))
                .collect();
            let all: Vec<Failure<'_>> = messages
                .iter()
                .chain(&others)
                .map(|(message, trace)| Failure { full_name: Some("a#b"), ..failure(message, trace) })
                .collect();
            let clusters = clusters(&all);
            prop_assert_eq!(clusters.iter().map(|c| c.members.len()).sum::<usize>(), all.len());
            for cluster in clusters {
                let matcher = cluster.matcher(&all).expect("all have names");
                for member in &cluster.members {
                    prop_assert!(matches(&matcher, &all[*member]), "{:?} {:?}", matcher, all[*member]);
                }
            }
        }
    }
}
