//! A site on disk without a name, so that nothing is left behind however the preview ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::base::files::FileError;
use crate::site::{Output, SiteError};

/// Takes a site's files, one behind another.
#[derive(Debug)]
pub(super) struct Spool {
    file: BufWriter<File>,
    end: u64,
    places: BTreeMap<String, (u64, u64)>,
}

impl Spool {
    /// # Errors
    /// Where the folder for temporary files takes none.
    pub(super) fn new() -> Result<Self, FileError> {
        let file = tempfile::tempfile().map_err(|e| failed("create", e))?;
        Ok(Self {
            file: BufWriter::new(file),
            end: 0,
            places: BTreeMap::new(),
        })
    }

    /// Returns what was written, for reading.
    pub(super) fn finish(self) -> Result<Site, FileError> {
        let file = self.file.into_inner();
        Ok(Site {
            file: Mutex::new(file.map_err(|e| failed("write", e.into_error()))?),
            places: self.places,
        })
    }
}

impl Output for Spool {
    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), SiteError> {
        self.file.write_all(bytes).map_err(|e| failed("write", e))?;
        let size = bytes.len() as u64;
        self.places.insert(path.to_owned(), (self.end, size));
        self.end += size;
        Ok(())
    }
}

/// A whole site.
#[derive(Debug)]
pub(super) struct Site {
    file: Mutex<File>,
    places: BTreeMap<String, (u64, u64)>,
}

impl Site {
    /// Whether there is such a file.
    pub(super) fn has(&self, path: &str) -> bool {
        self.places.contains_key(path)
    }

    /// Reads a file; `None` where there is none.
    ///
    /// # Errors
    /// Where the disk fails.
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, FileError> {
        let Some((at, size)) = self.places.get(path) else {
            return Ok(None);
        };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(*at))
            .map_err(|e| failed("read", e))?;
        let mut bytes = Vec::new();
        let read = (&*file).take(*size).read_to_end(&mut bytes);
        read.map_err(|e| failed("read", e))?;
        Ok(Some(bytes))
    }
}

fn failed(operation: &'static str, error: io::Error) -> FileError {
    FileError::new(operation, PathBuf::from("temporary file"), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_as_they_went() {
        let mut spool = Spool::new().unwrap();
        let big = vec![7u8; 100_000];
        for (path, bytes) in [("a.html", &b"one"[..]), ("b/c.js", &big), ("empty", b"")] {
            spool.file(path, bytes).unwrap();
        }
        let site = spool.finish().unwrap();
        assert_eq!(site.read("b/c.js").unwrap().unwrap(), big);
        assert_eq!(site.read("a.html").unwrap().unwrap(), b"one");
        assert_eq!(site.read("empty").unwrap().unwrap(), b"");
        assert!(site.read("b").unwrap().is_none());
        assert!(site.has("b/c.js") && !site.has("c.js"));
    }
}
