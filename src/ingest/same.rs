//! The same test told in two formats of one append.
//!
//! Runners often write two reports of one run. Their names are brought to one form and compared; what
//! both tell with one outcome counts once where the person says that it is one run, and is told
//! otherwise. Where the outcomes differ both stay: nothing red goes for something green.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{Part, Row};
use crate::base::text::count;
use crate::model::{Status, TestResult};

/// What was told so far.
#[derive(Debug, Default)]
pub(super) struct Same {
    told: HashMap<u64, Vec<(&'static str, Vec<Status>)>>,
    /// Retries that stay, whose test must stay too.
    stays: HashSet<(u64, &'static str)>,
    /// Tests told twice, and the first of them, with the format that told it first.
    twice: u64,
    differing: u64,
    example: String,
    formats: Vec<(&'static str, &'static str)>,
}

/// How many rows of which kind were told before, and are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) elements: u64,
    pub(super) retries: u64,
    pub(super) added: u64,
}

impl std::ops::AddAssign for Left {
    fn add_assign(&mut self, more: Self) {
        self.elements += more.elements;
        self.retries += more.retries;
        self.added += more.added;
    }
}

impl Same {
    /// Takes rows of one format, in order; where `drop` is set, leaves out what another told.
    pub(super) fn take(&mut self, format: &'static str, rows: &mut Vec<Row>, drop: bool) -> Left {
        let mut left = Left::default();
        let keys: Vec<u64> = rows.iter().map(|row| key(&row.result)).collect();
        let mut keep = vec![true; rows.len()];
        let mut at = 0;
        while at < rows.len() {
            let end = group_end(rows, &keys, at);
            let deciding = &rows[end - 1];
            let known = self.is_told(keys[at], format, deciding);
            if deciding.part == Part::Element {
                self.remember(keys[at], format, deciding.result.status);
            }
            let waits = self.stays.contains(&(keys[at], format));
            if known && drop && !waits {
                for at in at..end {
                    keep[at] = false;
                    match rows[at].part {
                        Part::Element => left.elements += 1,
                        Part::Retry => left.retries += 1,
                        Part::Added => left.added += 1,
                    }
                }
            } else if deciding.part == Part::Retry {
                self.stays.insert((keys[at], format));
            } else {
                self.stays.remove(&(keys[at], format));
            }
            at = end;
        }
        let mut kept = keep.into_iter();
        rows.retain(|_| kept.next().unwrap_or(true));
        left
    }

    /// Whether another format told this test with this outcome, more often than this one did.
    fn is_told(&mut self, key: u64, format: &'static str, row: &Row) -> bool {
        let Some(told) = self.told.get(&key).filter(|_| row.part == Part::Element) else {
            return false;
        };
        let own = told.iter().find(|(name, _)| *name == format);
        let own = own.map_or(0, |(_, statuses)| statuses.len());
        let others = told.iter().filter(|(name, _)| *name != format);
        let Some((other, status)) = others
            .filter_map(|(name, statuses)| Some((*name, *statuses.get(own)?)))
            .next()
        else {
            return false;
        };
        if self.twice + self.differing == 0 {
            let name = row.result.full_name.as_ref();
            name.unwrap_or(&row.result.name)
                .clone_into(&mut self.example);
        }
        if !self.formats.contains(&(other, format)) {
            self.formats.push((other, format));
        }
        let agrees = class(status) == class(row.result.status);
        self.twice += u64::from(agrees);
        self.differing += u64::from(!agrees);
        agrees
    }

    fn remember(&mut self, key: u64, format: &'static str, status: Status) {
        let told = self.told.entry(key).or_default();
        match told.iter_mut().find(|(name, _)| *name == format) {
            Some((_, statuses)) => statuses.push(status),
            None => told.push((format, vec![status])),
        }
    }

    /// Tells what was told twice since this was last asked.
    pub(super) fn note(&mut self, drop: bool) -> Vec<String> {
        let (twice, differing) = (
            std::mem::take(&mut self.twice),
            std::mem::take(&mut self.differing),
        );
        let pairs: Vec<String> = std::mem::take(&mut self.formats)
            .into_iter()
            .map(|(first, second)| format!("{first} and {second}"))
            .collect();
        let pairs = pairs.join(", ");
        let example = std::mem::take(&mut self.example);
        let mut notes = Vec::new();
        let tests = |n| count(n, "test");
        if twice > 0 && drop {
            notes.push(format!(
                "{} told by {pairs}, as `{example}`, and counted once",
                tests(twice)
            ));
        } else if twice > 0 {
            notes.push(format!(
                "{} told by {pairs}, as `{example}`, and counted twice: where both tell of one run, append \
                 with `--same-run`",
                tests(twice)
            ));
        }
        if differing > 0 {
            notes.push(format!(
                "{} told by {pairs} with different outcomes, as `{example}`; both stay",
                tests(differing)
            ));
        }
        notes
    }
}

/// The end of the rows that are one test's, from the first of them on.
fn group_end(rows: &[Row], keys: &[u64], at: usize) -> usize {
    let mut end = at;
    while rows[end].part == Part::Retry && keys.get(end + 1) == Some(&keys[at]) {
        end += 1;
    }
    end + 1
}

/// Red, green, or neither.
fn class(status: Status) -> u8 {
    match status {
        Status::Failed | Status::Broken => 0,
        Status::Passed => 1,
        Status::Skipped => 2,
        Status::Unknown | Status::InProgress => 3,
    }
}

/// A test's name in the form that all formats have in common: words, without what stands for files,
/// and its arguments.
fn key(result: &TestResult) -> u64 {
    let full = result.full_name.as_deref().unwrap_or(&result.name);
    let full = super::gather::split_arguments(full).map_or(full, |(base, _)| base);
    let arguments = super::gather::split_arguments(&result.name).map(|(_, arguments)| arguments);
    let mut hasher = DefaultHasher::new();
    let words = full.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    for word in words.filter(|word| !word.is_empty() && !is_ending(word)) {
        word.hash(&mut hasher);
    }
    arguments.hash(&mut hasher);
    hasher.finish()
}

/// Whether a word is the ending of a source file.
fn is_ending(word: &str) -> bool {
    matches!(
        word,
        "py" | "js" | "ts" | "mjs" | "cjs" | "jsx" | "tsx" | "feature" | "robot" | "rs"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(full: &str, status: Status, part: Part) -> Row {
        let mut row = Row {
            part,
            ..Row::default()
        };
        row.result.full_name = Some(full.to_owned());
        row.result.name = full
            .rsplit(['.', '#', ':'])
            .next()
            .unwrap_or_default()
            .to_owned();
        row.result.status = status;
        row
    }

    #[test]
    fn what_agrees_counts_once() {
        let mut same = Same::default();
        let mut first = vec![
            row("a.b.C#t", Status::Passed, Part::Element),
            row("a.b.C#u", Status::Passed, Part::Element),
            row("a.b.C#v", Status::Failed, Part::Element),
        ];
        assert_eq!(same.take("allure", &mut first, true), Left::default());
        let mut second = vec![
            row("a/b.py::C::t", Status::Passed, Part::Element),
            row("a/b.py::C::t", Status::Passed, Part::Element),
            row("a.b.C.u", Status::Failed, Part::Element),
            row("a.b.C.v", Status::Failed, Part::Retry),
            row("a.b.C.v", Status::Broken, Part::Element),
        ];
        let left = same.take("junit", &mut second, true);
        assert_eq!((left.elements, left.retries), (2, 1));
        let names: Vec<_> = second
            .iter()
            .map(|r| r.result.full_name.as_deref())
            .collect();
        assert_eq!(names, [Some("a/b.py::C::t"), Some("a.b.C.u")]);
        assert_eq!(same.note(true).len(), 2);
        assert_eq!(same.note(true), [""; 0]);
    }
}
