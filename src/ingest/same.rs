//! The same test told in two formats of one append.
//!
//! Runners often write two reports of one run. Their names are brought to one form and compared; what
//! both tell with one outcome counts once where the person says that it is one run, and is told
//! otherwise. Where the outcomes differ both stay: nothing red goes for something green.
//!
//! Of JavaScript's runners some reports name the file and others don't. There titles are compared, and
//! files where both reports name one. Tests that share their titles are paired by their outcomes, as
//! many as both tell, so that the order of files is of no matter.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::attach::is_source;
use super::{Part, Row};
use crate::base::text::count;
use crate::model::{Status, TestResult};

/// What was told so far.
#[derive(Debug, Default)]
pub(super) struct Same {
    told: Vec<Told>,
    /// Places in `told` by names.
    named: HashMap<u64, Vec<usize>>,
    /// Retries that stay, whose test must stay too.
    stays: HashSet<(u64, &'static str)>,
    /// Tests told twice, and the first of them, with the format that told it first.
    twice: u64,
    differing: u64,
    example: String,
    formats: Vec<(&'static str, &'static str)>,
}

/// Tests of one name, one file and one outcome that a format told.
#[derive(Debug)]
struct Told {
    format: &'static str,
    file: Option<String>,
    class: u8,
    count: u64,
    /// How many of them which other formats told as well.
    taken: Vec<(&'static str, u64)>,
}

impl Told {
    /// Whether one is left that a test of another format can be.
    fn fits(&self, format: &'static str, file: Option<&str>) -> bool {
        let taken = self.taken.iter().find(|(name, _)| *name == format);
        self.format != format
            && self.count > taken.map_or(0, |(_, n)| *n)
            && is_same_file(self.file.as_deref(), file)
    }

    fn take(&mut self, format: &'static str) {
        match self.taken.iter_mut().find(|(name, _)| *name == format) {
            Some((_, n)) => *n += 1,
            None => self.taken.push((format, 1)),
        }
    }
}

/// Whether two reports may mean one file: folders may be told from different ones on.
fn is_same_file(one: Option<&str>, other: Option<&str>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return true;
    };
    let mut parts = one.rsplit('/').zip(other.rsplit('/'));
    parts.all(|(a, b)| a == b)
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
        let names: Vec<Name<'_>> = rows.iter().map(|row| Name::of(&row.result)).collect();
        let keys: Vec<u64> = names.iter().map(|name| name.whole).collect();
        let names: Vec<Name<'static>> = names.into_iter().map(Name::owned).collect();
        let mut keep = vec![true; rows.len()];
        let mut at = 0;
        while at < rows.len() {
            let end = group_end(rows, &keys, at);
            let deciding = &rows[end - 1];
            let known = self.is_told(&names[at], format, deciding);
            if deciding.part == Part::Element {
                self.remember(&names[at], format, class(deciding.result.status));
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
    fn is_told(&mut self, name: &Name<'_>, format: &'static str, row: &Row) -> bool {
        if row.part != Part::Element {
            return false;
        }
        let class = class(row.result.status);
        let file = name.file.as_deref();
        let places = name.keys().filter_map(|key| self.named.get(&key));
        let fitting = || {
            let places = places.clone().flatten().copied();
            places.filter(|at| self.told[*at].fits(format, file))
        };
        let same = fitting().find(|at| self.told[*at].class == class);
        let Some(at) = same.or_else(|| fitting().next()) else {
            return false;
        };
        let told = &mut self.told[at];
        told.take(format);
        let pair = (told.format, format);
        if self.twice + self.differing == 0 {
            let name = row.result.full_name.as_ref();
            name.unwrap_or(&row.result.name)
                .clone_into(&mut self.example);
        }
        if !self.formats.contains(&pair) {
            self.formats.push(pair);
        }
        self.twice += u64::from(same.is_some());
        self.differing += u64::from(same.is_none());
        same.is_some()
    }

    fn remember(&mut self, name: &Name<'_>, format: &'static str, class: u8) {
        let file = name.file.as_deref();
        let known = self.named.get(&name.titles).into_iter().flatten().copied();
        let known = known.into_iter().find(|at| {
            let told = &self.told[*at];
            (told.format, told.file.as_deref(), told.class) == (format, file, class)
        });
        if let Some(at) = known {
            self.told[at].count += 1;
            return;
        }
        for key in name.keys() {
            self.named.entry(key).or_default().push(self.told.len());
        }
        self.told.push(Told {
            format,
            file: file.map(str::to_owned),
            class,
            count: 1,
            taken: Vec::new(),
        });
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

/// A test's name in the forms that formats have in common.
#[derive(Debug)]
struct Name<'r> {
    /// Words, without what stands for files' endings, and arguments.
    whole: u64,
    /// The same of what follows the file.
    titles: u64,
    file: Option<Cow<'r, str>>,
}

impl<'r> Name<'r> {
    fn of(result: &'r TestResult) -> Self {
        let full = result.full_name.as_deref().unwrap_or(&result.name);
        let full = super::gather::split_arguments(full).map_or(full, |(base, _)| base);
        let arguments =
            super::gather::split_arguments(&result.name).map(|(_, arguments)| arguments);
        let (file, titles) = split_file(full);
        Self {
            whole: key(full, arguments),
            titles: key(titles, arguments),
            file: file.map(Cow::Borrowed),
        }
    }

    fn owned(self) -> Name<'static> {
        Name {
            whole: self.whole,
            titles: self.titles,
            file: self.file.map(|file| Cow::Owned(file.into_owned())),
        }
    }

    /// Both keys, the one that says more first.
    fn keys(&self) -> impl Iterator<Item = u64> + Clone + use<> {
        let titles = Some(self.titles).filter(|titles| *titles != self.whole);
        std::iter::once(self.whole).chain(titles)
    }
}

fn key(full: &str, arguments: Option<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let words = full.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let mut any = false;
    for word in words.filter(|word| !word.is_empty() && !is_ending(word)) {
        word.hash(&mut hasher);
        any = true;
    }
    if !any {
        full.trim().hash(&mut hasher);
    }
    arguments.hash(&mut hasher);
    hasher.finish()
}

/// Splits the file from a name of JavaScript's runners: `path#titles`, `path › titles`, `path.titles`.
/// jest-junit names none and has the titles twice.
fn split_file(full: &str) -> (Option<&str>, &str) {
    for gap in ["#", " › "] {
        if let Some((file, titles)) = full.split_once(gap)
            && is_source(file)
        {
            let file = file.rsplit_once(':').map_or(file, |(_, file)| file);
            return (Some(file), titles);
        }
    }
    let mut ends = full.match_indices('.').map(|(at, _)| at);
    if let Some(at) = ends.find(|at| is_source(&full[..*at])) {
        return (Some(&full[..at]), &full[at + 1..]);
    }
    let half = full.len() / 2;
    match (full.get(..half), full.get(half..)) {
        (Some(one), Some(other)) if other.strip_prefix('.') == Some(one) => (None, one),
        _ => (None, full),
    }
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

    fn told_twice(first: &[(&str, Status)], second: &[(&str, Status)]) -> Vec<String> {
        let rows = |told: &[(&str, Status)]| -> Vec<Row> {
            let one = |(full, status): &(&str, Status)| row(full, *status, Part::Element);
            told.iter().map(one).collect()
        };
        let mut same = Same::default();
        same.take("jest", &mut rows(first), true);
        let mut second = rows(second);
        same.take("junit", &mut second, true);
        let stays = second.into_iter().filter_map(|row| row.result.full_name);
        stays.collect()
    }

    #[test]
    fn titles_are_compared_where_a_report_names_no_file() {
        let (passed, failed) = (Status::Passed, Status::Failed);
        let jest = [
            ("x/l.test.js#login works", passed),
            ("y/l.test.js#login works", failed),
            ("y/l.test.js#login 1 + 1", passed),
            ("top.test.js#works", passed),
        ];
        let junit = [
            ("login works.login works", failed),
            ("login works.login works", passed),
            ("login works.login works", failed),
            ("login 1 + 1.login 1 + 1", passed),
            ("works.works", passed),
        ];
        // As many as were told stand for one another, whatever the order; one more stays.
        assert_eq!(told_twice(&jest, &junit), ["login works.login works"]);
    }

    #[test]
    fn files_are_compared_where_both_name_them() {
        let passed = Status::Passed;
        let jest = [
            ("packages/web/src/a.test.ts#grp works", passed),
            ("packages/web/src/b.test.ts#grp dup", passed),
        ];
        let junit = [
            ("src/a.test.ts.grp > works", passed),
            ("src/c.test.ts.grp > dup", passed),
            ("lib/b.test.ts.grp > dup", passed),
        ];
        let stays = ["src/c.test.ts.grp > dup", "lib/b.test.ts.grp > dup"];
        assert_eq!(told_twice(&jest, &junit), stays);
        // Of node no report may name one.
        let (tap, xml) = (
            [("grp › works", passed), ("›", passed)],
            [("c.test.mjs#grp.works", passed), ("-", passed)],
        );
        assert_eq!(told_twice(&tap, &xml), ["-"]);
    }
}
