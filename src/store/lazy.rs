//! What is read of a closed launch only when somebody asks for it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::cache;
use super::files::Files;
use super::launches::{Damage, FEW, LaunchHead, damage};
use super::outcomes::{self, TestsIndex};
use super::shard::ShardError;
use crate::base::Digest;
use crate::base::path::join;
use crate::model::TestIdentity;

/// `tests.yaml` of a closed launch, read when it is first asked for.
#[derive(Debug)]
pub struct LazyTests<'a> {
    files: Lent<'a>,
    path: String,
    is_large: bool,
    index: OnceLock<Result<TestsIndex, Damage>>,
    all: OnceLock<Result<BTreeMap<String, TestIdentity>, Damage>>,
    matching: OnceLock<Damage>,
}

/// Files for as long as they are needed.
#[derive(Clone, Debug)]
pub enum Lent<'a> {
    Borrowed(&'a dyn Files),
    Shared(Arc<dyn Files>),
}

impl<'a> LazyTests<'a> {
    pub fn new(files: Lent<'a>, head: &LaunchHead) -> Self {
        Self {
            files,
            path: join(&head.path, "tests.yaml"),
            is_large: head.file.totals.total >= FEW,
            index: OnceLock::new(),
            all: OnceLock::new(),
            matching: OnceLock::new(),
        }
    }

    /// Returns the words for a test, by the number of its digest.
    pub fn get(&self, test: u64) -> Option<TestIdentity> {
        let index = self.index.get_or_init(|| self.parsed(TestsIndex::read));
        index.as_ref().ok()?.get(test)
    }

    /// Returns the words for all tests, by the digest that outcomes refer to; none where the file does not read.
    pub fn all(&self) -> &BTreeMap<String, TestIdentity> {
        static NONE: BTreeMap<String, TestIdentity> = BTreeMap::new();
        let all = self
            .all
            .get_or_init(|| self.parsed(|bytes| outcomes::read_tests(&bytes)));
        all.as_ref().unwrap_or(&NONE)
    }

    /// Returns the case that `find` has for each test for which it has one, by the number of the test's digest.
    /// `find` is given ids and full name, and `by` is the digest of all that its answer depends on beside them.
    pub fn matching(
        &self,
        by: &Digest,
        find: impl Fn(&[String], Option<&str>) -> Option<String> + Sync,
    ) -> Vec<(u64, String)> {
        let read = || Ok(self.parsed(|bytes| outcomes::match_tests(&bytes, &find)));
        let files = self.files.get();
        let matching = match files.cache() {
            Some(cache) if self.is_large => {
                let what = (MATCHING, by.to_string());
                let decode = |bytes: Vec<u8>| serde_json::from_slice(&bytes).ok();
                let encode = |found: &Vec<(u64, String)>| {
                    serde_json::to_vec(found).expect("numbers and texts become JSON")
                };
                cache::kept(files, cache, &self.path, &what, (decode, encode), read)
            }
            _ => read(),
        };
        match matching {
            Ok(Ok(found)) => found,
            Ok(Err(damage)) => {
                let _ = self.matching.set(damage);
                Vec::new()
            }
            Err(error) => {
                let _ = self
                    .matching
                    .set(damage(self.path.clone(), &error.to_string()));
                Vec::new()
            }
        }
    }

    /// Returns what is wrong with the file, where that was found.
    pub fn damage(&self) -> Option<&Damage> {
        let index = || self.index.get()?.as_ref().err();
        let all = || self.all.get()?.as_ref().err();
        self.matching.get().or_else(index).or_else(all)
    }

    fn parsed<T: Default>(
        &self,
        parse: impl FnOnce(Vec<u8>) -> Result<T, ShardError>,
    ) -> Result<T, Damage> {
        let wrong = |message: String| damage(self.path.clone(), &message);
        match self.files.get().read(&self.path) {
            // It was removed with a record, else `verify` says so.
            Ok(None) => Ok(T::default()),
            Ok(Some(bytes)) => parse(bytes).map_err(|error| wrong(error.to_string())),
            Err(error) => Err(wrong(error.to_string())),
        }
    }
}

impl Lent<'_> {
    fn get(&self) -> &dyn Files {
        match self {
            Self::Borrowed(files) => *files,
            Self::Shared(files) => files.as_ref(),
        }
    }
}

/// Changes with what is kept of matching, and how.
const MATCHING: &str = "matching-2";
