//! Reading objects: by id, hash-checked, from one or several object directories.

use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use gix::objs::{Find as _, Kind};

use super::{GitError, ObjectId, Repo};

/// Handles with warm caches, one per thread that reads at the same time.
#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<Handle>>);

/// A thread's way to the objects.
pub(super) struct Handle {
    pub(super) repo: gix::Repository,
    /// Further object directories: a receive hook's quarantine.
    extra: Vec<gix::odb::Handle>,
}

/// A handle borrowed from the pool.
pub(super) struct Borrowed<'a> {
    pool: &'a Pool,
    handle: Option<Handle>,
}

impl Pool {
    pub(super) fn borrow(&self, make: impl FnOnce() -> Handle) -> Borrowed<'_> {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Borrowed {
            pool: self,
            handle: Some(free.unwrap_or_else(make)),
        }
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let mut free = self.pool.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(self.handle.take());
    }
}

impl Deref for Borrowed<'_> {
    type Target = Handle;
    fn deref(&self) -> &Handle {
        self.handle.as_ref().expect("taken on drop only")
    }
}

impl Handle {
    pub(super) fn new(mut repo: gix::Repository, extra: Vec<gix::odb::Handle>) -> Self {
        repo.objects.ignore_replacements = true;
        repo.object_cache_size_if_unset(4 * 1024 * 1024);
        Self { repo, extra }
    }

    /// Reads an object into a buffer; `None` where it is in no object directory.
    fn find(&self, id: gix::ObjectId, buffer: &mut Vec<u8>) -> Result<Option<Kind>, GitError> {
        let fail = |source: gix::Error| GitError::Object {
            id: ObjectId(id),
            source: source.into(),
        };
        if let Some(data) = self.repo.objects.try_find(&id, buffer).map_err(fail)? {
            return Ok(Some(data.kind));
        }
        for objects in &self.extra {
            if let Some(data) = objects.try_find(&id, buffer).map_err(fail)? {
                return Ok(Some(data.kind));
            }
        }
        Ok(None)
    }
}

impl Repo {
    /// Reads an object of a kind and holds its bytes against its id: gix trusts what it finds under
    /// a name, and evidence must not.
    pub(super) fn object(&self, id: gix::ObjectId, expected: Kind) -> Result<Vec<u8>, GitError> {
        let mut buffer = Vec::new();
        if id.is_empty_tree() {
            return Ok(buffer);
        }
        let kind = self.find(id, &mut buffer)?;
        if kind != expected {
            return Err(GitError::Kind {
                id: ObjectId(id),
                found: kind.to_string(),
                expected: name(expected),
            });
        }
        match gix::objs::compute_hash(id.kind(), kind, &buffer) {
            Ok(actual) if actual == id => Ok(buffer),
            _ => Err(GitError::Damaged { id: ObjectId(id) }),
        }
    }

    /// Reads an object into a buffer. What a partial clone lacks is fetched: commands fetch in batches
    /// what they know they will read, and this gets what they did not know of, as git does.
    fn find(&self, id: gix::ObjectId, buffer: &mut Vec<u8>) -> Result<Kind, GitError> {
        if let Some(kind) = self.handle().find(id, buffer)? {
            return Ok(kind);
        }
        let partial = self.is_partial();
        if partial {
            self.fetch_promised(ObjectId(id))?;
            if let Some(kind) = self.handle().find(id, buffer)? {
                return Ok(kind);
            }
        }
        let id = ObjectId(id);
        Err(GitError::Missing { id, partial })
    }

    /// Fetches an object that is not here from the remote that promised it; of several threads one asks,
    /// and nobody asks again once the remote did not answer.
    fn fetch_promised(&self, id: ObjectId) -> Result<(), GitError> {
        let mut failed = self
            .promises()
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let unfetched = |reason: &str| GitError::Unfetched {
            id,
            reason: reason.to_owned(),
        };
        if let Some(reason) = failed.as_deref() {
            return Err(unfetched(reason));
        }
        self.fetch_missing(&[id]).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(';').next().unwrap_or_default().to_owned();
            let told = unfetched(&reason);
            *failed = Some(reason);
            told
        })
    }

    /// Returns what kind an object is of.
    pub(super) fn kind(&self, id: ObjectId) -> Result<Kind, GitError> {
        match id.0.is_empty_tree() {
            true => Ok(Kind::Tree),
            false => self.find(id.0, &mut Vec::new()),
        }
    }

    /// Reads a blob.
    pub fn blob(&self, id: ObjectId) -> Result<Vec<u8>, GitError> {
        self.object(id.0, Kind::Blob)
    }

    /// Reads a blob without holding it against its id: for callers that hold it against a digest of
    /// their own, which saves half of the time.
    pub fn blob_by_digest(&self, id: ObjectId) -> Result<Vec<u8>, GitError> {
        let mut buffer = Vec::new();
        let found = self.handle().find(id.0, &mut buffer)?;
        match found {
            Some(Kind::Blob) => Ok(buffer),
            _ => self.blob(id),
        }
    }

    /// Returns how many bytes a blob has, without reading it where that is possible.
    pub fn blob_size(&self, id: ObjectId) -> Result<u64, GitError> {
        let header = self
            .handle()
            .repo
            .find_header(id.0)
            .map(|header| header.size());
        header.or_else(|_| Ok(self.blob(id)?.len() as u64))
    }

    /// Whether an object is in the object directories, without fetching it.
    pub fn has_object(&self, id: ObjectId) -> bool {
        let handle = self.handle();
        handle.repo.has_object(id.0)
            || handle
                .extra
                .iter()
                .any(|objects| gix::objs::Exists::exists(objects, &id.0))
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Tree => "tree",
        Kind::Blob => "blob",
        Kind::Commit => "commit",
        Kind::Tag => "tag",
    }
}
