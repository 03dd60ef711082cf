//! One `testsuite` or `testsuites` element while it is open.

use super::case::Outcome;
use crate::base::Timestamp;
use crate::ingest::times::{Durations, timestamp};
use crate::ingest::xml::{Attributes, Capped};

/// What a suite says of itself, and what was seen in it so far.
#[derive(Debug, Default)]
pub(super) struct Suite {
    /// Empty where it has none.
    pub(super) name: String,
    /// `testsuites`: no part of a path.
    pub(super) is_root: bool,
    pub(super) package: Option<String>,
    pub(super) host: Option<String>,
    pub(super) file: Option<String>,
    /// With a flag: the zone is assumed, or the time is derived.
    pub(super) start: Option<(Timestamp, bool)>,
    /// Milliseconds that its cases took so far.
    pub(super) elapsed: u64,
    pub(super) declared: Declared,
    pub(super) seen: Seen,
    /// Errors of the suite itself.
    pub(super) own: Vec<Outcome>,
    pub(super) properties: Vec<(String, String)>,
    pub(super) out: Capped,
    pub(super) err: Capped,
    /// Tells the rows of this suite.
    pub(super) id: u32,
}

/// The counts that a suite declares.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Declared {
    pub(super) tests: Option<u64>,
    pub(super) failures: u64,
    pub(super) errors: u64,
}

/// What was seen in a suite, nested ones included.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) cases: u64,
    /// Failed or broken.
    pub(super) bad: u64,
    /// Rows made of suites' own errors.
    pub(super) added: u64,
    /// Suites inside, and those of them with something bad.
    pub(super) suites: u64,
    pub(super) bad_suites: u64,
}

impl Suite {
    pub(super) fn new(mut attributes: Attributes, is_root: bool, id: u32) -> Self {
        let count = |name: &str| attributes.number(name).unwrap_or_default();
        let declared = Declared {
            tests: attributes.number("tests"),
            failures: count("failures"),
            errors: count("errors"),
        };
        let mut time = |name: &str| attributes.take(name);
        Self {
            start: time("timestamp").and_then(|text| timestamp(&text)),
            name: time("name").unwrap_or_default().trim().to_owned(),
            package: time("package"),
            host: time("hostname").filter(|host| host != "tbd"),
            file: time("file").or_else(|| time("filepath")),
            is_root,
            declared,
            id,
            ..Self::default()
        }
    }

    /// The time at which the next case starts, if it can be derived.
    pub(super) fn now(&self) -> Option<Timestamp> {
        let elapsed = i64::try_from(self.elapsed).unwrap_or(i64::MAX);
        let (start, _) = self.start?;
        Some(Timestamp::from_ms(start.ms().saturating_add(elapsed)))
    }

    /// Takes over what a nested suite has seen.
    pub(super) fn absorb(&mut self, inner: &Self) {
        self.elapsed = self.elapsed.saturating_add(inner.elapsed);
        self.seen.cases += inner.seen.cases;
        self.seen.bad += inner.seen.bad;
        self.seen.added += inner.seen.added;
        self.seen.suites += inner.seen.suites + 1;
        self.seen.bad_suites += inner.seen.bad_suites + u64::from(inner.seen.bad > 0);
    }
}

/// Reads the duration of a case: `time`, or Bazel's `duration`, in seconds.
pub(super) fn duration(attributes: &mut Attributes, durations: &mut Durations) -> Option<u64> {
    let time = attributes.take("time");
    let duration = attributes.take("duration");
    durations.parse(&time.or(duration)?)
}

/// How many tests and suites node:test counts. Suites are `describe`; a test with tests of its own is none, though
/// the file has an element of a suite for both.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NodeCounts {
    /// Failed or cancelled.
    pub(super) bad: u64,
    pub(super) suites: u64,
}

/// The dialect of a file, as far as its reading depends on it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dialect {
    pub(super) pytest: bool,
    pub(super) jest: bool,
    /// Suites declare how many assertions they made, not tests, as Catch2 does.
    pub(super) counts_assertions: bool,
    /// The root says nothing of itself, as that of node:test: classes called `test` are none.
    pub(super) bare_root: bool,
    /// The root has `id` and `name`, as Playwright writes it.
    pub(super) root_id: bool,
    /// What node:test counts at the end of its file, in comments.
    pub(super) node: NodeCounts,
    /// An export of ours, whose suites may be called like those of any writer.
    pub(super) exported: bool,
}

impl Dialect {
    /// Learns from the start of a suite.
    pub(super) fn learn(&mut self, is_root: bool, attributes: &Attributes) {
        let name = attributes.get("name").unwrap_or_default();
        self.exported |= is_root && name == "Tallybook";
        if self.exported {
            return;
        }
        if is_root {
            self.pytest |= name == "pytest tests";
            self.jest |= name.to_ascii_lowercase().contains("jest");
            self.bare_root |= attributes.pairs().is_empty();
            self.root_id |= attributes.get("id").is_some() && attributes.get("name").is_some();
        } else {
            self.pytest |= name == "pytest";
            self.counts_assertions |= attributes.get("hostname") == Some("tbd");
        }
    }

    /// Learns from a comment: ` fail 1 `, as node:test writes one for each of its counts.
    pub(super) fn learn_comment(&mut self, text: &str) {
        let mut words = text.split_whitespace();
        let (name, n, rest) = (words.next(), words.next(), words.next());
        let (Some(name), Some(Ok(n)), None, true) =
            (name, n.map(str::parse::<u64>), rest, self.bare_root)
        else {
            return;
        };
        match name {
            "fail" | "cancelled" => self.node.bad = self.node.bad.saturating_add(n),
            "suites" => self.node.suites = n,
            _ => {}
        }
    }

    /// How many failures node:test counts that no element can stand for, of a root in which this was seen. A test
    /// fails with each of its own tests that does, and then its suite is all that stands for it.
    pub(super) fn unshown(&self, seen: &Seen) -> u64 {
        let parents = seen
            .suites
            .saturating_sub(self.node.suites)
            .min(seen.bad_suites);
        self.node
            .bad
            .saturating_sub(seen.bad.saturating_add(parents))
    }

    /// Returns the Playwright project of a suite, which the suite's host name holds.
    pub(super) fn project<'s>(&self, suite: &'s Suite) -> Option<&'s str> {
        const ENDS: [&str; 6] = [".ts", ".js", ".tsx", ".jsx", ".mts", ".mjs"];
        let stem = ENDS.iter().find_map(|end| suite.name.strip_suffix(end))?;
        let is_spec = stem.ends_with(".spec") || stem.ends_with(".test");
        suite.host.as_deref().filter(|_| self.root_id && is_spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_starts_where_the_one_before_ended() {
        let mut suite = Suite {
            start: timestamp("2026-01-01T00:00:00"),
            ..Suite::default()
        };
        suite.elapsed = 1_500;
        let now = suite.now().expect("a start is known");
        assert_eq!(now.to_string(), "2026-01-01T00:00:01.500Z");
        suite.elapsed = u64::MAX;
        assert_eq!(suite.now().expect("clamped").year(), 9999);
    }
}
