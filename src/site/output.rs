//! Where a site goes: one trait, a folder that is swapped in whole, and a map for tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::SiteError;
use crate::base::{files, path};

/// The file that marks a folder as a rendered site, which may be replaced.
pub const MARKER: &str = ".tallybook-site";

/// Takes the files of a site.
pub trait Output {
    /// Takes one file; the path is relative, `/` between parts.
    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), SiteError>;
}

/// A site held in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Output for Memory {
    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), SiteError> {
        self.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }
}

/// Writes a site into a fresh folder beside its place. [`Folder::finish`] swaps it in; dropped
/// before, it leaves the old site as it was.
#[derive(Debug)]
pub struct Folder {
    place: PathBuf,
    fresh: PathBuf,
    finished: bool,
}

impl Folder {
    /// Starts a site at `place`.
    ///
    /// # Errors
    /// Where `place` exists, has entries and no [`MARKER`]; where files can't be written.
    pub fn create(place: &Path) -> Result<Self, SiteError> {
        let taken = place.is_file() || !files::list_dir(place)?.is_empty();
        if taken && !place.join(MARKER).is_file() {
            return Err(SiteError::NotASite {
                path: place.to_path_buf(),
            });
        }
        let fresh = beside(place, "new");
        files::remove_dir(&fresh)?;
        files::create_dir(&fresh)?;
        Ok(Self {
            place: place.to_path_buf(),
            fresh,
            finished: false,
        })
    }

    /// Puts the new site in the place of the old one.
    pub fn finish(mut self) -> Result<(), SiteError> {
        files::write(
            &self.fresh.join(MARKER),
            b"Rendered by tallybook; replaced whole.\n",
        )?;
        let old = beside(&self.place, "old");
        files::remove_dir(&old)?;
        match files::rename(&self.place, &old) {
            Err(e) if !e.is_not_found() => return Err(e.into()),
            _ => {}
        }
        if let Err(e) = files::rename(&self.fresh, &self.place) {
            files::rename(&old, &self.place).ok();
            return Err(e.into());
        }
        self.finished = true;
        files::remove_dir(&old)?;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.finished {
            files::remove_dir(&self.fresh).ok();
        }
    }
}

impl Output for Folder {
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), SiteError> {
        files::write(&path::to_native(&self.fresh, name), bytes)?;
        Ok(())
    }
}

fn beside(place: &Path, what: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or("site".as_ref()));
    name.push(format!(".{what}"));
    place.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_swapped_in_whole() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("site");
        let mut first = Folder::create(&place).unwrap();
        first.file("a/index.html", b"1").unwrap();
        assert!(!place.exists(), "nothing shows before the swap");
        first.finish().unwrap();
        assert_eq!(files::read(&place.join("a/index.html")).unwrap(), b"1");

        let mut second = Folder::create(&place).unwrap();
        second.file("b.html", b"2").unwrap();
        second.finish().unwrap();
        assert!(!place.join("a").exists());
        assert_eq!(
            files::list_dir(dir.path()).unwrap().len(),
            1,
            "nothing beside it"
        );
    }

    #[test]
    fn a_dropped_folder_leaves_the_old_site() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("site");
        let first = Folder::create(&place).unwrap();
        first.finish().unwrap();
        let mut second = Folder::create(&place).unwrap();
        second.file("b.html", b"2").unwrap();
        drop(second);
        assert!(place.join(MARKER).exists());
        assert!(!place.join("b.html").exists());
    }

    #[test]
    fn a_folder_that_is_no_site_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        files::write(&dir.path().join("precious.txt"), b"x").unwrap();
        let error = Folder::create(dir.path()).unwrap_err();
        assert!(error.to_string().contains("is not a rendered site"));
        assert!(dir.path().join("precious.txt").exists());
    }
}
