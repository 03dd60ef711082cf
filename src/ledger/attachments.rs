//! A part's attachments: one file `attachments.tar`, each entry named by the SHA-256 of its bytes.
//!
//! A launch may attach thousands of small files, and a file that is to survive a power cut has to be
//! synced: one file is, and nobody waits for thousands.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::base::files::{Output, Stretch};
use crate::base::{Digest, FileError, Hasher, files};

/// Bytes of an attachment that is held in memory.
const SMALL: u64 = 1 << 20;
/// How many bytes of a larger one are copied at once.
const PIECE: usize = 128 << 10;
/// What entries are filled up to.
const BLOCK: usize = 512;

/// The archive of a part that is being written.
#[derive(Debug)]
pub(super) struct Attachments {
    path: PathBuf,
    archive: Mutex<Archive>,
}

#[derive(Debug, Default)]
struct Archive {
    /// Made with the first attachment.
    out: Option<Output>,
    names: HashSet<String>,
    /// Where the next entry begins.
    end: u64,
    /// The first failure to write; the archive is of no use then.
    failure: Option<io::Error>,
}

/// What became of an attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// `<sha256>.<extension>`
    pub(super) name: String,
    /// Bytes.
    pub(super) size: u64,
}

impl Attachments {
    pub(super) fn new(part: &Path) -> Self {
        Self {
            path: part.join(FILE),
            archive: Mutex::default(),
        }
    }

    /// Keeps bytes once.
    pub(super) fn keep(&self, bytes: &[u8], extension: &str) -> Kept {
        let kept = Kept {
            name: format!("{}.{extension}", Digest::of(bytes)),
            size: bytes.len() as u64,
        };
        self.with_archive(|archive| archive.add(&self.path, &kept, |out| out.write_all(bytes)));
        kept
    }

    /// Keeps what `open` opens, once; a large one is opened twice. `see` is shown every byte, in pieces,
    /// before any of them is written.
    ///
    /// # Errors
    /// What reading it meets with, or what `see` fails with. A failure to write is told by [`finish`](Self::finish).
    pub(super) fn keep_from<R: Read>(
        &self,
        open: impl Fn() -> io::Result<R>,
        size: u64,
        extension: &str,
        see: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<Kept> {
        let mut input = open()?;
        let mut bytes = Vec::with_capacity(size.min(SMALL) as usize + 1);
        input.by_ref().take(SMALL + 1).read_to_end(&mut bytes)?;
        see(&bytes)?;
        if bytes.len() as u64 <= SMALL {
            return Ok(self.keep(&bytes, extension));
        }
        let mut hasher = Hasher::new();
        hasher.update(&bytes);
        let mut size = bytes.len() as u64;
        bytes.truncate(PIECE);
        let mut seen = Ok(());
        for_each_piece(&mut input, &mut bytes, |piece| {
            hasher.update(piece);
            size += piece.len() as u64;
            if seen.is_ok() {
                seen = see(piece);
            }
        })?;
        seen?;
        let digest = hasher.finish();
        let kept = Kept {
            name: format!("{digest}.{extension}"),
            size,
        };
        let mut input = open()?.take(size);
        let mut read = Ok(());
        self.with_archive(|archive| {
            archive.add(&self.path, &kept, |out| {
                let mut hasher = Hasher::new();
                let mut written = Ok(());
                read = for_each_piece(&mut input, &mut bytes, |piece| {
                    hasher.update(piece);
                    if written.is_ok() {
                        written = out.write_all(piece);
                    }
                });
                if read.is_ok() && hasher.finish() != digest {
                    read = Err(io::Error::other("it changed while it was read"));
                }
                written
            })?;
            match read {
                Ok(()) => Ok(()),
                Err(_) => archive.take_back(&kept),
            }
        });
        read.map(|()| kept)
    }

    fn with_archive(&self, change: impl FnOnce(&mut Archive) -> io::Result<()>) {
        let mut archive = self.archive.lock().expect("writing does not panic");
        if archive.failure.is_none() {
            archive.failure = change(&mut archive).err();
        }
    }

    /// Ends the archive; there is none without attachments.
    ///
    /// # Errors
    /// The first failure to write an attachment.
    pub(super) fn finish(self) -> Result<(), FileError> {
        let archive = self.archive.into_inner().expect("writing does not panic");
        let fail = |e| FileError::new("write", &self.path, e);
        if let Some(error) = archive.failure {
            return Err(fail(error));
        }
        let Some(mut out) = archive.out else {
            return Ok(());
        };
        out.write_all(&[0; 2 * BLOCK]).map_err(fail)
    }
}

impl Archive {
    /// Adds an entry whose bytes `write` writes, unless there is one of this name.
    fn add(
        &mut self,
        path: &Path,
        kept: &Kept,
        write: impl FnOnce(&mut Output) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.names.contains(&kept.name) {
            return Ok(());
        }
        let mut header = tar::Header::new_ustar();
        header.set_path(&kept.name)?;
        header.set_size(kept.size);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_cksum();
        let out = match &mut self.out {
            Some(out) => out,
            None => self.out.insert(files::create(path).map_err(|e| e.source)?),
        };
        out.write_all(header.as_bytes())?;
        write(out)?;
        let gap = gap_after(kept.size);
        out.write_all(&[0; BLOCK][..gap])?;
        self.names.insert(kept.name.clone());
        self.end += (BLOCK + gap) as u64 + kept.size;
        Ok(())
    }

    /// Removes the entry that was added last.
    fn take_back(&mut self, kept: &Kept) -> io::Result<()> {
        if !self.names.remove(&kept.name) {
            return Ok(());
        }
        self.end -= (BLOCK + gap_after(kept.size)) as u64 + kept.size;
        let end = self.end;
        match &mut self.out {
            Some(out) => out.truncate(end),
            None => Ok(()),
        }
    }
}

/// How many bytes fill an entry up.
fn gap_after(size: u64) -> usize {
    (size.next_multiple_of(BLOCK as u64) - size) as usize
}

/// The name of the archive in a part's folder.
pub(super) const FILE: &str = "attachments.tar";

/// Lists a part's attachments by name, with where their bytes are.
pub(super) fn list(part: &Path) -> Result<BTreeMap<String, Stretch>, FileError> {
    let path = part.join(FILE);
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let file = files::open(&path)?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let mut archive = tar::Archive::new(file);
    let mut read = || -> io::Result<BTreeMap<String, Stretch>> {
        let mut out = BTreeMap::new();
        let mut end = 0;
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let stretch = Stretch {
                path: path.clone(),
                part: Some((entry.raw_file_position(), entry.size())),
            };
            end = entry.raw_file_position() + entry.size().next_multiple_of(BLOCK as u64);
            out.insert(name, stretch);
        }
        match size == end + 2 * BLOCK as u64 {
            true => Ok(out),
            false => Err(io::Error::other("it does not end as it was written")),
        }
    };
    read().map_err(|e| FileError::new("read", &path, e))
}

/// Returns the first attachment whose bytes are not those that its name says.
pub(super) fn damaged(part: &Path) -> Result<Option<String>, FileError> {
    for (name, stretch) in list(part)? {
        let digest = super::sums::of_file(&stretch)?.to_string();
        if name.split('.').next() != Some(digest.as_str()) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Reads an input to its end, piece by piece.
fn for_each_piece(
    input: &mut impl Read,
    buffer: &mut [u8],
    mut take: impl FnMut(&[u8]),
) -> io::Result<()> {
    loop {
        match input.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => take(&buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(part: &Path) -> BTreeMap<String, Vec<u8>> {
        let list = list(part).expect("the archive lists");
        let read = |(name, stretch): (String, Stretch)| (name, stretch.read().expect("reads"));
        list.into_iter().map(read).collect()
    }

    #[test]
    fn small_and_large_ones_are_kept_once() {
        let part = tempfile::tempdir().expect("a folder");
        let attachments = Attachments::new(part.path());
        let large = vec![7; SMALL as usize + 700];
        let all: [&[u8]; 5] = [b"", b"a", &[1; 512], &[2; 513], &large];
        for bytes in all.iter().chain(&all) {
            let kept =
                attachments.keep_from(|| Ok(*bytes), bytes.len() as u64, "txt", &mut |_| Ok(()));
            let kept = kept.expect("memory reads");
            let name = format!("{}.txt", Digest::of(bytes));
            assert_eq!((kept.name, kept.size), (name, bytes.len() as u64));
        }
        attachments.finish().expect("writes");
        let kept = read(part.path());
        assert_eq!(kept.len(), 5);
        for bytes in all {
            assert_eq!(kept[&format!("{}.txt", Digest::of(bytes))], bytes);
        }
    }

    #[test]
    fn what_changes_while_it_is_read_is_not_kept() {
        let part = tempfile::tempdir().expect("a folder");
        let attachments = Attachments::new(part.path());
        attachments.keep(b"before", "txt");
        for (first, second) in [(2_000_000, 1_500_000), (1_500_000, 1_500_000)] {
            let times = std::cell::Cell::new(0);
            let grown = attachments.keep_from(
                || {
                    times.set(times.get() + 1);
                    let size = if times.get() == 1 { first } else { second };
                    Ok(io::Cursor::new(vec![times.get(); size]))
                },
                10,
                "bin",
                &mut |_| Ok(()),
            );
            assert!(grown.is_err());
        }
        attachments.keep(b"after", "txt");
        attachments.finish().expect("writes");
        let kept: Vec<_> = read(part.path()).into_values().collect();
        assert_eq!(kept.len(), 2);
        assert!(kept.contains(&b"before".to_vec()) && kept.contains(&b"after".to_vec()));
    }

    #[test]
    fn a_disk_that_takes_nothing_is_told_in_the_end() {
        let attachments = Attachments::new(Path::new("/dev/null/part"));
        attachments.keep(b"x", "txt");
        attachments.keep(b"y", "txt");
        assert!(attachments.finish().is_err());
        let part = tempfile::tempdir().expect("a folder");
        Attachments::new(part.path()).finish().expect("nothing");
        assert!(list(part.path()).expect("no archive").is_empty());
    }
}
