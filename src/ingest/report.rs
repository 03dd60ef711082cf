//! What an ingest needs to know, and its account.

use std::sync::{Mutex, MutexGuard};

use super::across::Across;
use super::others::is_archive;
use super::same::{Once, Same};
use crate::base::text;
use crate::model::{Attachment, Intake, Labels, OrderedMap, TestResult};

/// What the bundles of one append share. Times without a zone are taken as UTC.
#[derive(Debug, Default)]
pub struct Options {
    /// The environment variables that the project declares. A property of a JUnit suite with such
    /// a name is a part of the environment.
    pub declared: Vec<String>,
    /// Several reports of one append tell of one run: a test that two formats tell with one outcome
    /// counts once.
    pub(super) same_run: bool,
    /// What is read is told the same whatever was appended before.
    pub(super) alone: bool,
    /// Names and files that came before.
    pub(super) across: Mutex<Across>,
    pub(super) same: Mutex<Same>,
}

impl Options {
    pub fn new(declared: Vec<String>) -> Self {
        Self {
            declared,
            ..Self::default()
        }
    }

    /// Says whether all inputs tell of one run.
    #[must_use]
    pub fn of_same_run(mut self, same_run: bool) -> Self {
        self.same_run = same_run;
        self
    }

    /// Makes what is read the same whatever was appended before: of that only [`told_before`](Self::told_before)
    /// is told, by [`notes_of_before`](Self::notes_of_before).
    #[must_use]
    pub fn alone(mut self, alone: bool) -> Self {
        self.alone = alone;
        self
    }

    /// Takes results of an earlier append of these formats: what they tell is told no second time.
    pub fn told_before(&self, formats: &[&str], results: &[TestResult]) {
        self.same().told_before(formats, results);
    }

    /// Says what an earlier append told as well, and stands in no account.
    pub fn notes_of_before(&self) -> Vec<String> {
        self.same().note_before(self.alone)
    }

    pub(super) fn same(&self) -> MutexGuard<'_, Same> {
        let same = self.same.lock();
        same.expect("no thread panics while it holds this")
    }

    pub(super) fn once(&self) -> Once {
        Once {
            now: self.same_run,
            before: self.same_run && !self.alone,
        }
    }

    pub(super) fn declares(&self, name: &str) -> bool {
        self.declared.iter().any(|declared| declared == name)
    }
}

/// The account of one bundle.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// First the line of what was given; then one for each irregular file in it, and for each file
    /// of a format without uuids. An element counts on one line only; `files` and `bytes` of the
    /// first line count everything.
    pub intake: Vec<Intake>,
    /// What the producer says of the run's environment: distinct values by name.
    pub environment: OrderedMap<Vec<String>>,
    /// What else the producer says of the run, as `executor.name`: distinct values by name.
    pub properties: OrderedMap<Vec<String>>,
    /// What the producer attached to the run or to a suite, not to a test.
    pub attachments: Vec<Attachment>,
    /// Entries that are archives, or called so, and that no result names, unread.
    pub archives: Vec<String>,
    /// Nothing in it is a result or looks like one.
    pub is_empty: bool,
}

impl Report {
    /// Returns those of the archives that are called so. Others are as a rule no archives to those who made them.
    pub fn named_archives(&self) -> impl Iterator<Item = &str> {
        let names = self.archives.iter().map(String::as_str);
        names.filter(|name| is_archive(name))
    }

    /// Tells archives that nobody opens, since they lie too deep: a problem where they are called so.
    pub fn miss_archives(&mut self) {
        let archives = self.archives.iter().map(String::as_str);
        let (named, other): (Vec<&str>, Vec<&str>) = archives.partition(|name| is_archive(name));
        let Some(whole) = self.intake.first_mut() else {
            return;
        };
        if let [first, ..] = other.as_slice() {
            let files = text::count(other.len() as u64, "packed file");
            whole
                .notes
                .push(format!("{files} not looked into, as `{first}`"));
        }
        if let [first, ..] = named.as_slice()
            && (whole.problem.is_none() || self.is_empty)
        {
            let archives = text::count(named.len() as u64, "archive");
            whole.problem = Some(format!(
                "{archives} inside of this one not read, as `{first}`: unpack it before"
            ));
        }
    }

    /// Says what became of the archives that lay in the bundle: whether any held results, and which
    /// are left unread.
    pub fn settle_archives(&mut self, held_results: bool, unread: &[String]) {
        let Some(whole) = self.intake.first_mut() else {
            return;
        };
        if held_results && self.is_empty {
            whole.problem = None;
        }
        if let [first, ..] = unread {
            let archives = text::count(unread.len() as u64, "archive");
            let line = format!("{archives} without results not read, as `{first}`");
            whole.notes.push(line);
        }
    }
}

/// Adds a value that isn't there yet.
pub(super) fn add_distinct(map: &mut Labels, name: &str, value: &str) {
    if !map.all(name).iter().any(|old| old == value) {
        map.add(name, value);
    }
}
