//! Same-named cases of several files of one append, and files that are there twice.
//!
//! Modules of one build may hold classes of one name, and a failure in one must not pass for a failed
//! attempt of the other: like same-named cases of one file they are tests of their own, told apart
//! by their occurrence. Whoever reruns tests into a second file appends the files one by one.
//!
//! Allure has a file for each attempt: its results of one test stay attempts of one another, and none is one of what
//! another format tells of a test of that name.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::base::Digest;
use crate::base::text::count;
use crate::ingest::Row;
use crate::model::{Parameter, TestResult};

/// Numbers cases across files, in the order of the files.
#[derive(Debug, Default)]
pub(super) struct Across {
    /// The files that were read, by what they hold.
    files: HashMap<Digest, String>,
    /// The number of the file that is read now.
    file: usize,
    seen: HashMap<u64, Seen>,
    /// Tests that Allure told, and what number they have where another format told one of the name before.
    allure: HashMap<u64, Option<u32>>,
    repeats: u64,
    example: String,
}

/// How many cases of one name there were.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// In the files before the one that held the last.
    before: u32,
    /// In that one.
    here: u32,
    file: usize,
}

impl Across {
    /// Begins a file; `Err` names one with the same bytes that was read before.
    pub(super) fn begin(&mut self, name: &str, digest: Option<Digest>) -> Result<(), String> {
        self.file += 1;
        let Some(digest) = digest else { return Ok(()) };
        match self.files.get(&digest) {
            Some(same) => Err(same.clone()),
            None => {
                self.files.insert(digest, name.to_owned());
                Ok(())
            }
        }
    }

    /// Numbers rows of the file that is read.
    pub(super) fn number(&mut self, rows: &mut [Row]) {
        for row in rows {
            let key = key_of(&row.result);
            let seen = self.seen.entry(key).or_insert_with(|| Seen {
                before: u32::from(self.allure.contains_key(&key)),
                ..Seen::default()
            });
            if seen.file != self.file {
                seen.before = seen.before.saturating_add(seen.here);
                (seen.here, seen.file) = (0, self.file);
            }
            let own = row.result.occurrence.unwrap_or(1);
            let is_new = own > seen.here;
            seen.here = own.max(seen.here);
            if seen.before == 0 {
                continue;
            }
            row.result.occurrence = Some(seen.before.saturating_add(own));
            if self.repeats == 0 {
                let name = row.result.full_name.as_ref();
                name.unwrap_or(&row.result.name)
                    .clone_into(&mut self.example);
            }
            self.repeats += u64::from(is_new);
        }
    }

    /// Numbers an attempt that Allure tells.
    pub(super) fn attempt(&mut self, row: &mut Row) {
        let key = key_of(&row.result);
        let seen = self.seen.get_mut(&key);
        let number = self.allure.entry(key).or_insert_with(|| {
            let seen = seen?;
            seen.before = seen.before.saturating_add(1);
            Some(seen.before.saturating_add(seen.here))
        });
        row.result.occurrence = row.result.occurrence.or(*number);
    }

    /// Tells what was told apart since this was last asked.
    pub(super) fn note(&mut self) -> Option<String> {
        let repeats = std::mem::take(&mut self.repeats);
        let cases = count(repeats, "test case");
        let example = &self.example;
        (repeats > 0).then(|| {
            format!(
                "{cases} named like one of another file, as `{example}`; told apart by occurrence \
                 (where files are reruns, append them one after the other)"
            )
        })
    }
}

/// What counts in the key of an attempt, but for what all rows of an append share.
pub(super) fn key_of(result: &TestResult) -> u64 {
    let mut hasher = DefaultHasher::new();
    (result.identity(), &result.name).hash(&mut hasher);
    Parameter::counted(&result.parameters).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, full_name: Option<&str>) -> Row {
        let result = TestResult {
            name: name.to_owned(),
            full_name: full_name.map(str::to_owned),
            ..TestResult::default()
        };
        Row {
            result,
            ..Row::default()
        }
    }

    #[test]
    fn no_format_s_test_is_an_attempt_of_another_s() {
        let mut across = Across::default();
        let attempt = |across: &mut Across| {
            let mut row = row("same", None);
            across.attempt(&mut row);
            row.result.occurrence
        };
        let file = |across: &mut Across, name: &str, full_name: Option<&str>| {
            across.begin(name, None).expect("another file");
            let mut rows = [row("same", full_name)];
            across.number(&mut rows);
            rows[0].result.occurrence
        };
        assert_eq!(attempt(&mut across), None);
        assert_eq!(attempt(&mut across), None);
        // A full name that says no more.
        assert_eq!(file(&mut across, "a.xml", Some("same")), Some(2));
        assert_eq!(attempt(&mut across), None);
        assert_eq!(file(&mut across, "b.xml", None), Some(3));
        assert_eq!(file(&mut across, "c.xml", Some("x.same")), None);
        let mut across = Across::default();
        assert_eq!(file(&mut across, "a.xml", None), None);
        assert_eq!(attempt(&mut across), Some(2));
        assert_eq!(attempt(&mut across), Some(2));
        assert_eq!(file(&mut across, "b.xml", None), Some(3));
    }
}
