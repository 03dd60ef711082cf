//! Same-named cases of several files of one append, and files that are there twice.
//!
//! Modules of one build may hold classes of one name, and a failure in one must not pass for a failed
//! attempt of the other: like same-named cases of one file they are tests of their own, told apart
//! by their occurrence. Whoever reruns tests into a second file appends the files one by one.

use std::collections::HashMap;

use super::junit::key_of;
use crate::base::Digest;
use crate::base::text::count;
use crate::ingest::Row;

/// Numbers cases across files, in the order of the files.
#[derive(Debug, Default)]
pub(super) struct Across {
    /// The files that were read, by what they hold.
    files: HashMap<Digest, String>,
    /// The number of the file that is read now.
    file: usize,
    seen: HashMap<u64, Seen>,
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
            let seen = self.seen.entry(key_of(row)).or_default();
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
