//! Closed launches as the site reads them: what is needed at once, and the rest when a page asks.

use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::model::Details;
use crate::site::input::{ContentError, LaunchContent, ShardInput, Since};
use crate::store::attachments::is_pointer;
use crate::store::launches::{self, ClosedLaunch, Damage};
use crate::store::{Files, Project, Snapshot, StoreError, annotations};

/// The closed launches of one project.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) launches: Vec<(ClosedLaunch, String, Stored)>,
    pub(super) unreadable: Vec<Damage>,
}

impl Closed {
    pub(super) fn read(
        snapshot: &Snapshot,
        project: &Project,
        since: Option<&Since>,
        damages: &Arc<Mutex<Vec<Damage>>>,
    ) -> Result<Self, StoreError> {
        let files = &*snapshot.launches;
        let (mut heads, mut unreadable) = launches::heads(files, &project.folder)?;
        if let Some(since) = since {
            heads.retain(|head| !since.is_earlier(&head.file, &head.receipt.to_string()));
        }
        let (_, malformed) = annotations::of_project(files, &project.folder)?;
        let loaded: Vec<_> = heads
            .into_par_iter()
            .map(|head| launches::load(files, head))
            .collect();
        let mut out = Vec::with_capacity(loaded.len());
        for launch in loaded {
            match launch? {
                Ok(launch) => {
                    let stored = Stored {
                        files: snapshot.launches.clone(),
                        path: launch.path.clone(),
                        damages: damages.clone(),
                    };
                    let receipt = launch.receipt.to_string();
                    out.push((launch, receipt, stored));
                }
                Err(damage) => unreadable.push(damage),
            }
        }
        let mut all = damages
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        all.extend(unreadable.iter().cloned().chain(malformed));
        drop(all);
        Ok(Self {
            launches: out,
            unreadable,
        })
    }
}

/// A launch's bulk, read from its folder. A shard that doesn't read is left out and noted.
#[derive(Debug)]
pub(super) struct Stored {
    files: Arc<dyn Files>,
    path: String,
    damages: Arc<Mutex<Vec<Damage>>>,
}

impl Stored {
    fn each<T: Send>(
        &self,
        names: &[String],
        read: impl Fn(&str) -> Result<Result<Vec<T>, Damage>, StoreError> + Sync,
    ) -> Result<Vec<T>, ContentError> {
        let parts: Vec<_> = names.par_iter().map(|shard| read(shard)).collect();
        let mut out = Vec::new();
        for part in parts {
            match part? {
                Ok(rows) => out.extend(rows),
                Err(damage) => self
                    .damages
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .push(damage),
            }
        }
        Ok(out)
    }
}

impl LaunchContent for Stored {
    fn shards(&self) -> Result<Vec<ShardInput>, ContentError> {
        let names = launches::shards(&*self.files, &self.path)?;
        self.each(&names, |name| {
            let shard = launches::shard(&*self.files, &self.path, name)?;
            Ok(shard.map(|shard| {
                vec![ShardInput {
                    name: name.to_owned(),
                    job: shard.header.job,
                    intake: shard.header.intake,
                    results: shard.results,
                }]
            }))
        })
    }

    fn details(&self) -> Result<Vec<Details>, ContentError> {
        let names = launches::details_files(&*self.files, &self.path)?;
        self.each(&names, |name| {
            launches::details(&*self.files, &self.path, name)
        })
    }

    fn attachment(&self, file: &str) -> Result<Option<Vec<u8>>, ContentError> {
        // The name is a row's text, so it may be anything; only a plain name is looked for.
        if file.contains(['/', '\\', ':']) || file.starts_with('.') {
            return Ok(None);
        }
        let bytes = launches::attachment(&*self.files, &self.path, file)?;
        Ok(bytes.filter(|bytes| !is_pointer(bytes)))
    }
}
