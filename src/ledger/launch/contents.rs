//! What a launch keeps beside its rows: details and attachments, whether it is open or closed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::{Launch, Place, RowsError, open_details};
use crate::base::Digest;
use crate::base::files::Stretch;
use crate::ledger::attachments;
use crate::ledger::part::StateError;
use crate::model::Details;
use crate::store::Files;
use crate::store::attachments::digest_of;
use crate::store::launches::{self, Damage};

/// The attachments of a launch, by their names.
#[derive(Debug)]
pub struct Attached(Kept);

#[derive(Debug)]
enum Kept {
    Open(BTreeMap<String, Stretch>),
    /// The launch's folder, relative to the workspace.
    Closed(String),
}

impl Launch {
    /// Reads the details of some results, where they are kept, by the results' ids; and says which files of
    /// them don't read.
    ///
    /// # Errors
    /// Where a file can't be read at all.
    pub fn details(
        &self,
        files: &dyn Files,
        wanted: &HashSet<&str>,
    ) -> Result<(HashMap<String, Details>, Vec<Damage>), RowsError> {
        let (mut out, mut damages) = (HashMap::new(), Vec::new());
        let mut take = |details: Vec<Details>| {
            let own = details.into_iter();
            let own = own.filter(|one| wanted.contains(one.id.as_str()));
            out.extend(own.map(|one| (one.id.clone(), one)));
        };
        match &self.rows {
            Place::Open(paths) => {
                for folder in folders(paths) {
                    open_details(folder)?.into_iter().for_each(&mut take);
                }
            }
            Place::Closed(path) => {
                for name in launches::details_files(files, path)? {
                    match launches::details(files, path, &name)? {
                        Ok(details) => take(details),
                        Err(damage) => damages.push(damage),
                    }
                }
            }
        }
        Ok((out, damages))
    }

    /// Finds the attachments.
    ///
    /// # Errors
    /// Where an archive of an open launch can't be read.
    pub fn attached(&self) -> Result<Attached, RowsError> {
        Ok(Attached(match &self.rows {
            Place::Open(paths) => {
                let mut all = BTreeMap::new();
                for folder in folders(paths) {
                    all.extend(attachments::list(folder).map_err(StateError::from)?);
                }
                Kept::Open(all)
            }
            Place::Closed(path) => Kept::Closed(path.clone()),
        }))
    }
}

impl Attached {
    /// Reads an attachment by its name; none where it is not kept here, or is not what its name says.
    ///
    /// # Errors
    /// Where the file that holds it can't be read.
    pub fn read(&self, files: &dyn Files, name: &str) -> Result<Option<Vec<u8>>, RowsError> {
        // The name is a row's text, so it may be anything.
        let Some(digest) = digest_of(name) else {
            return Ok(None);
        };
        let bytes = match &self.0 {
            Kept::Open(all) => match all.get(name) {
                Some(stretch) => Some(stretch.read().map_err(StateError::from)?),
                None => None,
            },
            Kept::Closed(path) => launches::attachment(files, path, name)?,
        };
        Ok(bytes.filter(|bytes| Digest::of(bytes) == digest))
    }
}

fn folders(paths: &[PathBuf]) -> BTreeSet<&Path> {
    paths.iter().filter_map(|path| path.parent()).collect()
}
