//! The same test told in two formats of one launch: of one append, or of this one and one before.
//!
//! Runners often write two reports of one run. Their names are brought to one form and compared; what
//! both tell with one outcome counts once where the person says that it is one run, and is told
//! otherwise. Where the outcomes differ both stay: nothing red goes for something green.
//!
//! Of JavaScript's runners some reports name the file and others don't. There titles are compared, and
//! files where both reports name one. Tests that share their titles are paired by their outcomes, as
//! many as both tell, so that the order of files is of no matter.
//!
//! Of each test a few numbers are held, and no text but the paths of files.

pub(super) mod attempts;
mod name;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use self::attempts::Attempt;
use self::name::Name;
use super::{Part, Row};
use crate::base::text::count;
use crate::model::{Execution, Status, TestResult};

/// What was told so far.
#[derive(Debug, Default)]
pub(super) struct Same {
    told: Vec<Told>,
    /// Places in `told` by names.
    named: HashMap<u64, Vec<u32>>,
    /// Names of formats; a set of them is a number with a bit for each.
    formats: Vec<String>,
    files: Vec<String>,
    places_of_files: HashMap<String, u32>,
    /// Retries that stay, whose test must stay too.
    stays: HashSet<(u64, u32)>,
    /// Attempts of the format that is read, by their places, of which only the deciding ones tell.
    waiting: Vec<(usize, Attempt, Key)>,
    now: Tallies,
    before: Tallies,
}

/// Tests of one name, one file and one outcome that a format told.
#[derive(Debug)]
struct Told {
    /// A set of one, but for rows of an earlier append of several formats.
    formats: u32,
    file: Option<u32>,
    class: u8,
    /// How many rows of earlier appends and how many of this one tell it. They may be the same.
    before: u32,
    now: u32,
    /// How many of them which other formats told as well.
    taken: Vec<(u32, u32)>,
}

/// Tests that two formats tell.
#[derive(Debug, Default)]
struct Tallies {
    /// With one outcome, of which one is left out.
    once: Tally,
    /// With one outcome, and both stay.
    twice: Tally,
    differing: Tally,
}

#[derive(Debug, Default)]
struct Tally {
    tests: u64,
    /// The first of them.
    example: String,
    /// Formats: those that told it first, and the other.
    pairs: Vec<(u32, u32)>,
}

impl Tally {
    fn add(&mut self, result: &TestResult, pair: (u32, u32)) {
        if self.tests == 0 {
            let name = result.full_name.as_ref();
            name.unwrap_or(&result.name).clone_into(&mut self.example);
        }
        self.tests += 1;
        if !self.pairs.contains(&pair) {
            self.pairs.push(pair);
        }
    }
}

/// Which of the tests that another format told with the same outcome are left out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Once {
    /// Those that this append told.
    pub(super) now: bool,
    /// Those that an earlier append told.
    pub(super) before: bool,
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

/// A test's name, without its texts.
#[derive(Clone, Copy, Debug)]
struct Key {
    whole: u64,
    titles: u64,
    file: Option<u32>,
}

impl Key {
    /// Both names, the one that says more first.
    fn both(self) -> impl Iterator<Item = u64> + Clone {
        let titles = Some(self.titles).filter(|titles| *titles != self.whole);
        std::iter::once(self.whole).chain(titles)
    }
}

/// What another format told of a test.
#[derive(Clone, Copy, Debug)]
struct Match {
    /// Its place in what was told.
    at: usize,
    same_outcome: bool,
    /// An earlier append alone told it.
    before: bool,
}

impl Same {
    /// Takes rows of one format, in order; leaves out what another told, as far as `once` says.
    pub(super) fn take(&mut self, format: &str, rows: &mut Vec<Row>, once: Once) -> Left {
        let mut left = Left::default();
        let Some(format) = self.format(format) else {
            return left;
        };
        let keys: Vec<Key> = rows.iter().map(|row| self.key(&row.result)).collect();
        let mut keep = vec![true; rows.len()];
        let mut at = 0;
        while at < rows.len() {
            let end = group_end(rows, &keys, at);
            let deciding = &rows[end - 1];
            let waits = self.stays.contains(&(keys[at].whole, format));
            let drops = self.drops(keys[at], format, deciding, once, waits);
            if deciding.part == Part::Element {
                self.remember(keys[at], format, class(deciding.result.status), false);
            }
            if drops {
                for at in at..end {
                    keep[at] = false;
                    match rows[at].part {
                        Part::Element => left.elements += 1,
                        Part::Retry => left.retries += 1,
                        Part::Added => left.added += 1,
                    }
                }
            } else if deciding.part == Part::Retry {
                self.stays.insert((keys[at].whole, format));
            } else {
                self.stays.remove(&(keys[at].whole, format));
            }
            at = end;
        }
        let mut kept = keep.into_iter();
        rows.retain(|_| kept.next().unwrap_or(true));
        left
    }

    /// Whether another format told anything.
    pub(super) fn is_told_by_others(&mut self, format: &str) -> bool {
        let format = self.format(format).unwrap_or_default();
        self.told.iter().any(|told| told.formats & format == 0)
    }

    /// Takes one attempt of a test of which others may come: what they tell is known with all of them.
    pub(super) fn wait(&mut self, place: usize, result: &TestResult) {
        let key = self.key(result);
        self.waiting.push((place, Attempt::of(result), key));
    }

    /// Takes what the deciding ones of those attempts tell.
    pub(super) fn settle(&mut self, format: &str) {
        let mut waiting = std::mem::take(&mut self.waiting);
        let Some(format) = self.format(format) else {
            return;
        };
        waiting.sort_unstable_by_key(|(place, ..)| *place);
        let all: Vec<Attempt> = waiting.iter().map(|(_, attempt, _)| *attempt).collect();
        for group in attempts::of_tests(&all) {
            let (_, attempt, key) = waiting[group[group.len() - 1]];
            self.remember(key, format, class(attempt.status()), false);
        }
    }

    /// Takes results that an earlier append of these formats left, in their order.
    pub(super) fn told_before(&mut self, formats: &[&str], results: &[TestResult]) {
        let allure = self.format("allure").unwrap_or_default();
        let all = formats.iter().filter_map(|name| self.format(name));
        let all = all.fold(0, |all, format| all | format);
        let keys: Vec<Key> = results.iter().map(|result| self.key(result)).collect();
        // Allure alone tells both of one execution.
        let is_allure = |result: &TestResult| result.uuid.is_some() && result.digest.is_some();
        let deciding = attempts::deciding(results, is_allure);
        for (at, result) in results.iter().enumerate() {
            let next = results.get(at + 1).zip(keys.get(at + 1));
            let is_retry = result.attempt.is_some_and(|attempt| {
                next.is_some_and(|(next, key)| {
                    next.attempt == Some(attempt + 1)
                        && next.occurrence == result.occurrence
                        && key.whole == keys[at].whole
                })
            });
            let is_retry = is_retry || is_allure(result) && !deciding.contains(&at);
            if result.synthetic || is_retry || result.execution != Execution::Automated {
                continue;
            }
            let formats = if is_allure(result) {
                allure
            } else {
                all & !allure
            };
            let formats = if formats == 0 { all } else { formats };
            if formats > 0 {
                self.remember(keys[at], formats, class(result.status), true);
            }
        }
    }

    /// Returns a format as a set of one; none where there are more than any launch has.
    fn format(&mut self, name: &str) -> Option<u32> {
        let at = self.formats.iter().position(|known| known == name);
        let at = at.unwrap_or_else(|| {
            if self.formats.len() < 32 {
                self.formats.push(name.to_owned());
            }
            self.formats.len() - 1
        });
        (self.formats[at] == name).then(|| 1 << at)
    }

    fn key(&mut self, result: &TestResult) -> Key {
        let name = Name::of(result);
        let file = name.file.map(|file| match self.places_of_files.get(file) {
            Some(place) => *place,
            None => {
                let place = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
                self.files.push(file.to_owned());
                self.places_of_files.insert(file.to_owned(), place);
                place
            }
        });
        Key {
            whole: name.whole,
            titles: name.titles,
            file,
        }
    }

    /// Whether another format told this test with this outcome, so that it is left out; tallies it.
    fn drops(&mut self, key: Key, format: u32, row: &Row, once: Once, waits: bool) -> bool {
        let Some(found) = self.find(key, format, row) else {
            return false;
        };
        let told = &mut self.told[found.at];
        // What ended otherwise stands for nothing: an attempt that failed takes no place from one that passed.
        if found.same_outcome {
            match told.taken.iter_mut().find(|(name, _)| *name == format) {
                Some((_, n)) => *n += 1,
                None => told.taken.push((format, 1)),
            }
        }
        let pair = (told.formats, format);
        let (tallies, wanted) = match found.before {
            true => (&mut self.before, once.before),
            false => (&mut self.now, once.now),
        };
        let drops = found.same_outcome && wanted && !waits;
        let tally = match found.same_outcome {
            true if drops => &mut tallies.once,
            true => &mut tallies.twice,
            false => &mut tallies.differing,
        };
        tally.add(&row.result, pair);
        drops
    }

    /// Finds what another format told of a test, more often than this one did.
    fn find(&self, key: Key, format: u32, row: &Row) -> Option<Match> {
        if row.part != Part::Element {
            return None;
        }
        let class = class(row.result.status);
        let places = key.both().filter_map(|key| self.named.get(&key));
        let fitting = || {
            let places = places.clone().flatten().map(|at| *at as usize);
            places.filter(|at| self.fits(&self.told[*at], format, key.file))
        };
        let same = fitting().find(|at| self.told[*at].class == class);
        let at = same.or_else(|| fitting().next())?;
        Some(Match {
            at,
            same_outcome: same.is_some(),
            before: self.told[at].now == 0,
        })
    }

    /// Whether one is left that a test of another format can be.
    fn fits(&self, told: &Told, format: u32, file: Option<u32>) -> bool {
        let taken = told.taken.iter().find(|(name, _)| *name == format);
        told.formats & format == 0
            && told.before.max(told.now) > taken.map_or(0, |(_, n)| *n)
            && self.is_same_file(told.file, file)
    }

    /// Whether two reports may mean one file: folders may be told from different ones on.
    fn is_same_file(&self, one: Option<u32>, other: Option<u32>) -> bool {
        let path = |at: u32| self.files.get(at as usize);
        let both = one.zip(other).filter(|(one, other)| one != other);
        let Some((one, other)) = both.and_then(|(one, other)| path(one).zip(path(other))) else {
            return true;
        };
        let mut parts = one.rsplit('/').zip(other.rsplit('/'));
        parts.all(|(a, b)| a == b)
    }

    fn remember(&mut self, key: Key, formats: u32, class: u8, before: bool) {
        let known = self.named.get(&key.titles).into_iter().flatten();
        let known = known.map(|at| *at as usize).find(|at| {
            let told = &self.told[*at];
            (told.formats, told.file, told.class) == (formats, key.file, class)
        });
        let at = known.unwrap_or_else(|| {
            let at = self.told.len();
            for name in key.both() {
                let places = self.named.entry(name).or_default();
                places.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
            self.told.push(Told {
                formats,
                file: key.file,
                class,
                before: 0,
                now: 0,
                taken: Vec::new(),
            });
            at
        });
        let told = &mut self.told[at];
        *if before {
            &mut told.before
        } else {
            &mut told.now
        } += 1;
    }

    /// Tells which tests two formats of this append told, since this was last asked.
    pub(super) fn note(&mut self) -> Vec<String> {
        let tallies = std::mem::take(&mut self.now);
        self.told_by(&tallies, "", "append again with `--same-run`")
    }

    /// Tells the same of tests that another format of an earlier append told. Where parts must be the same
    /// wherever they are made, both are appended by one command.
    pub(super) fn note_before(&mut self, together: bool) -> Vec<String> {
        let tallies = std::mem::take(&mut self.before);
        let next = match together {
            true => "append both by one command, with `--same-run`",
            false => "append again with `--same-run`",
        };
        self.told_by(&tallies, " of an earlier append", next)
    }

    fn told_by(&self, tallies: &Tallies, first: &str, next: &str) -> Vec<String> {
        let names = |set: u32| -> String {
            let all = self.formats.iter().enumerate();
            let some = all.filter(|(at, _)| set & (1 << at) != 0);
            let some: Vec<&str> = some.map(|(_, name)| name.as_str()).collect();
            some.join(" or ")
        };
        let told = |tally: &Tally| {
            let pairs = tally.pairs.iter();
            let pairs =
                pairs.map(|(one, two)| format!("{}{first} and {}", names(*one), names(*two)));
            let pairs = pairs.collect::<Vec<_>>().join(", ");
            format!("{} told by {pairs}", count(tally.tests, "test"))
        };
        let Tallies {
            once,
            twice,
            differing,
        } = tallies;
        let mut notes = Vec::new();
        if once.tests > 0 {
            let example = &once.example;
            notes.push(format!("{}, as `{example}`, and counted once", told(once)));
        }
        if twice.tests > 0 {
            let example = &twice.example;
            notes.push(format!(
                "{}, as `{example}`, and counted twice: where both tell of one run, {next}",
                told(twice)
            ));
        }
        if differing.tests > 0 {
            let example = &differing.example;
            notes.push(format!(
                "{} with different outcomes, as `{example}`; both stay",
                told(differing)
            ));
        }
        notes
    }
}

/// The end of the rows that are one test's, from the first of them on.
fn group_end(rows: &[Row], keys: &[Key], at: usize) -> usize {
    let mut end = at;
    let whole = keys[at].whole;
    while rows[end].part == Part::Retry && keys.get(end + 1).is_some_and(|key| key.whole == whole) {
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
