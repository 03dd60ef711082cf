//! What the views for CI show: a finding, or a sentence of a review, at a place.

use std::collections::HashMap;

use super::place::Places;
use crate::base::hash::digest_fields;
use crate::base::path::join;
use crate::diag::{Finding, Position, Severity, Sources};

/// How much an item matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Error,
    Warning,
    /// Worth knowing; nothing is wrong.
    Note,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
        }
    }
}

/// One thing to show at a place. All of its texts are untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What stays the same where the same thing is said of another file: `TB0161`.
    pub code: String,
    /// The code in words: `duplicate-id`, or a clause that says what it stands for: `a step is new`.
    pub name: String,
    pub level: Level,
    /// From the repository's root, `/` between parts.
    pub path: String,
    /// The first character and the one past the last; none where it is about the file as such.
    pub range: Option<(Position, Position)>,
    /// One line that makes sense alone.
    pub message: String,
    /// The next thing to do.
    pub help: Option<String>,
}

/// Makes items of findings, in their order. `prefix` is where the workspace stands in its
/// repository: views for CI name files from the repository's root.
pub fn items(findings: &[Finding], sources: &Sources, prefix: &str) -> Vec<Item> {
    let mut places = Places::new(sources);
    let items = findings.iter().map(|finding| Item {
        code: finding.code.id.to_owned(),
        name: finding.code.name.to_owned(),
        level: finding.severity.into(),
        path: join(prefix, &finding.path),
        range: places.of(finding),
        message: finding.message.clone(),
        help: finding.help.clone(),
    });
    items.collect()
}

impl Item {
    /// Returns the first line, 1 where the item is about the file as such.
    pub(super) fn line(&self) -> usize {
        self.range.map_or(1, |(start, _)| start.line)
    }

    /// Returns a heading: the code and its words, or the clause with the code after it.
    pub(super) fn title(&self) -> String {
        let mut chars = self.name.chars();
        match chars.next() {
            Some(first) if self.name.contains(' ') => {
                let first = first.to_uppercase();
                format!("{first}{} ({})", chars.as_str(), self.code)
            }
            _ => format!("{} {}", self.code, self.name),
        }
    }

    /// The message, and below it what to do.
    pub(super) fn with_help(&self) -> String {
        match &self.help {
            Some(help) => format!("{}\nhelp: {help}", self.message),
            None => self.message.clone(),
        }
    }
}

/// Returns a fingerprint of each item, unique among them: the digest of code, path and message, and
/// a number that tells equal ones apart. Lines may move and counts in a message may change: it stays.
pub(super) fn fingerprints(items: &[Item]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let each = items.iter().map(|item| {
        let said = without_numbers(&item.message);
        let digest = digest_fields([item.code.as_str(), &item.path, &said]).short();
        let n = seen.entry(digest.clone()).or_default();
        *n += 1;
        format!("{digest}:{n}")
    });
    each.collect()
}

/// Replaces the numbers outside of backticks: they count, and what counts changes.
fn without_numbers(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for (i, part) in message.split('`').enumerate() {
        if i > 0 {
            out.push('`');
        }
        if i % 2 == 1 {
            out.push_str(part);
            continue;
        }
        for c in part.chars() {
            match c.is_ascii_digit() {
                true if out.ends_with('#') => {}
                true => out.push('#'),
                false => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An item of `a b.md`, at one line where it is given.
    pub(in crate::diag::render) fn item(level: Level, line: Option<usize>, message: &str) -> Item {
        let at = |line, column| Position { line, column };
        Item {
            code: "TB0100".to_owned(),
            name: "sample".to_owned(),
            level,
            path: "qa/a b.md".to_owned(),
            range: line.map(|line| (at(line, 3), at(line, 6))),
            message: message.to_owned(),
            help: None,
        }
    }

    #[test]
    fn fingerprints_survive_what_moves_and_what_counts() {
        let one = [
            item(Level::Error, Some(4), "`x1` has 3 keys"),
            item(Level::Error, Some(5), "`x1` has 3 keys"),
        ];
        let moved = [
            item(Level::Error, Some(40), "`x1` has 12 keys"),
            item(Level::Error, Some(51), "`x1` has 3 keys"),
        ];
        assert_eq!(fingerprints(&one), fingerprints(&moved));
        let all = fingerprints(&one);
        assert_ne!(all[0], all[1]);
        let other = [item(Level::Error, Some(4), "`x2` has 3 keys")];
        assert_ne!(fingerprints(&other)[0], all[0]);
    }
}
