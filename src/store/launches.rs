//! Closed launches at a snapshot: `projects/<project>/launches/<yyyy>/<mm>/<id>/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::annotations::{self, Annotations};
use super::cache;
use super::columns;
use super::files::{FileKind, Files, StoreError};
pub use super::lazy::{LazyTests, Lent};
use super::outcomes::{self, Outcomes};
use super::shard::{self, Shard, ShardError};
use super::yaml;
use crate::base::path::join;
use crate::base::{Digest, Timestamp};
use crate::model::{Briefs, Details, Environment, LaunchFile, Outcome, TestIdentity};

/// The folder of a project's closed launches, relative to the workspace.
pub fn folder(project: &str) -> String {
    format!("projects/{project}/launches")
}

/// The folder of one closed launch, relative to the workspace; year and month of the opening, in UTC.
pub fn launch_folder(project: &str, opened: Timestamp, id: &str) -> String {
    format!(
        "{}/{:04}/{:02}/{id}",
        folder(project),
        opened.year(),
        opened.month()
    )
}

/// Whether a path, from the root of a repository, is one that a branch of closed launches has, wherever
/// the workspace is.
pub fn is_evidence(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let is_folder = |parts: &[&str]| {
        parts[0] == "projects" && ["launches", "executed", "annotations"].contains(&parts[2])
    };
    parts.last() == Some(&".gitattributes") || parts.windows(3).any(is_folder)
}

/// What `launch.yaml` says, and its receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct LaunchHead {
    /// The launch's folder, relative to the workspace.
    pub path: String,
    pub file: LaunchFile,
    /// The SHA-256 of `launch.yaml`.
    pub receipt: Digest,
}

/// A closed launch without its shards.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedLaunch {
    pub path: String,
    pub file: LaunchFile,
    pub receipt: Digest,
    pub environments: Vec<Environment>,
    pub outcomes: Vec<Outcome>,
    /// By the digest that outcomes refer to.
    pub tests: BTreeMap<String, TestIdentity>,
    /// Documented cases with a result → the SHA-256 of their text as executed.
    pub cases: BTreeMap<String, String>,
    /// Markdown.
    pub notes: Option<String>,
    /// What was said of it later.
    pub said: Annotations,
}

/// A file of a closed launch that does not read: the launch is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Relative to the workspace.
    pub path: String,
    /// One line.
    pub message: String,
}

/// Lists the folders of a project's closed launches, sorted by path.
pub fn paths(files: &dyn Files, project: &str) -> Result<Vec<String>, StoreError> {
    let mut folders = vec![folder(project)];
    for _ in 0..3 {
        let mut below = Vec::new();
        for folder in folders {
            let entries = files.list(&folder)?.into_iter();
            let entries = entries.filter(|entry| entry.kind == FileKind::Folder);
            below.extend(entries.map(|entry| join(&folder, &entry.name)));
        }
        folders = below;
    }
    Ok(folders)
}

/// Reads the heads of a project's closed launches, by opening and id; and what does not read.
pub fn heads(
    files: &dyn Files,
    project: &str,
) -> Result<(Vec<LaunchHead>, Vec<Damage>), StoreError> {
    let read: Vec<_> = paths(files, project)?
        .into_par_iter()
        .map(|path| head(files, &path))
        .collect();
    let mut heads = Vec::new();
    let mut damages = Vec::new();
    for result in read {
        match result? {
            Ok(head) => heads.push(head),
            Err(damage) => damages.push(damage),
        }
    }
    heads.sort_by(|a: &LaunchHead, b| {
        (a.file.opened.at, &a.file.id).cmp(&(b.file.opened.at, &b.file.id))
    });
    Ok((heads, damages))
}

/// Reads `launch.yaml` of one folder.
pub fn head(files: &dyn Files, path: &str) -> Result<Result<LaunchHead, Damage>, StoreError> {
    let file_path = join(path, "launch.yaml");
    let Some(bytes) = files.read(&file_path)? else {
        return Ok(Err(damage(file_path, "there is no such file")));
    };
    let receipt = Digest::of(&bytes);
    Ok(match yaml::read::<LaunchFile>(&bytes) {
        Ok(file) if file.format > 1 => Err(damage(
            file_path,
            &ShardError::Format(file.format).to_string(),
        )),
        Ok(file) => Ok(LaunchHead {
            path: path.to_owned(),
            file,
            receipt,
        }),
        Err(why) => Err(damage(file_path, &why)),
    })
}

pub(super) fn damage(path: String, message: &str) -> Damage {
    Damage {
        path,
        message: message.to_owned(),
    }
}

/// Reads what a closed launch decided, and what was said of it later. A file that was removed with a
/// record says nothing, and damages nothing.
pub fn load(
    files: &dyn Files,
    head: LaunchHead,
) -> Result<Result<ClosedLaunch, Damage>, StoreError> {
    load_with(files, head, |made| {
        made.parsed("tests.yaml", outcomes::read_tests)
    })
}

/// Reads a launch as [`load`] does, and none of its tests: those that are asked for later are read then.
pub fn load_lazily(
    files: Arc<dyn Files>,
    head: LaunchHead,
) -> Result<Result<(ClosedLaunch, LazyTests<'static>), Damage>, StoreError> {
    let tests = LazyTests::new(Lent::Shared(files.clone()), &head);
    let loaded = load_with(files.as_ref(), head, |made| {
        let path = join(made.path, "tests.yaml");
        let is_there = made.said.removal("tests.yaml").is_some() || files.size(&path)?.is_some();
        Ok(match is_there {
            true => Ok(BTreeMap::new()),
            false => Err(damage(path, "there is no such file")),
        })
    })?;
    Ok(loaded.map(|launch| (launch, tests)))
}

/// What was read, or what is damaged.
pub type Read<T> = Result<Result<T, Damage>, StoreError>;

fn load_with(
    files: &dyn Files,
    head: LaunchHead,
    tests: impl FnOnce(&Made<'_>) -> Read<BTreeMap<String, TestIdentity>>,
) -> Read<ClosedLaunch> {
    let LaunchHead {
        path,
        file,
        receipt,
    } = head;
    let (said, _) = annotations::of_launch(files, project_of(&path), &file.id)?;
    let made = Made {
        files,
        path: &path,
        said: &said,
    };
    let outcomes = made.parsed("outcomes.yaml", Outcomes::read)?;
    let tests = tests(&made)?;
    let cases = made.parsed("cases.yaml", outcomes::read_cases)?;
    let notes = files.read(&join(&path, "notes.md"))?;
    let assemble = || {
        let Outcomes {
            environments,
            outcomes,
        } = outcomes?;
        let (tests, cases) = (tests?, cases?);
        let notes = notes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(ClosedLaunch {
            path,
            file,
            receipt,
            environments,
            outcomes,
            tests,
            cases,
            notes,
            said,
        })
    };
    Ok(assemble())
}

/// Returns the folder of a launch's project, by the launch's path.
fn project_of(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// The files of a launch that its closing made.
struct Made<'a> {
    files: &'a dyn Files,
    path: &'a str,
    said: &'a Annotations,
}

impl Made<'_> {
    fn parsed<T: Default>(
        &self,
        name: &str,
        parse: impl FnOnce(&[u8]) -> Result<T, ShardError>,
    ) -> Result<Result<T, Damage>, StoreError> {
        let path = join(self.path, name);
        if self.said.removal(name).is_some() && self.files.size(&path)?.is_none() {
            return Ok(Ok(T::default()));
        }
        parsed(self.files, &path, parse)
    }
}

/// Reads the SHA-256 of the texts by which cases were executed in a launch, by the cases' ids. A file that was
/// removed with a record says nothing, and damages nothing.
pub fn executed(files: &dyn Files, head: &LaunchHead) -> Read<BTreeMap<String, String>> {
    let (said, _) = annotations::of_launch(files, project_of(&head.path), &head.file.id)?;
    let made = Made {
        files,
        path: &head.path,
        said: &said,
    };
    made.parsed("cases.yaml", outcomes::read_cases)
}

/// Reads of a closed launch what history needs. A file that was removed with a record says nothing, and
/// damages nothing.
pub fn briefs(files: &dyn Files, head: &LaunchHead) -> Result<Result<Briefs, Damage>, StoreError> {
    let (said, _) = annotations::of_launch(files, project_of(&head.path), &head.file.id)?;
    let made = Made {
        files,
        path: &head.path,
        said: &said,
    };
    let read = || made.parsed("outcomes.yaml", outcomes::read_briefs);
    match files.cache() {
        Some(cache) if head.file.totals.total >= FEW => {
            let path = join(&head.path, "outcomes.yaml");
            let decode = |bytes: Vec<u8>| columns::read(&bytes);
            let what = (columns::FORMAT, String::new());
            cache::kept(files, cache, &path, &what, (decode, columns::write), read)
        }
        _ => read(),
    }
}

/// Outcomes that are fewer are read as quickly as the cache is.
pub(super) const FEW: u64 = 1_000;

/// Reads a file of a launch by its parser.
fn parsed<T>(
    files: &dyn Files,
    path: &str,
    parse: impl FnOnce(&[u8]) -> Result<T, ShardError>,
) -> Result<Result<T, Damage>, StoreError> {
    let Some(bytes) = files.read(path)? else {
        return Ok(Err(damage(path.to_owned(), "there is no such file")));
    };
    Ok(parse(&bytes).map_err(|error| damage(path.to_owned(), &error.to_string())))
}

/// Lists the shards of a launch: file names below `results/`, sorted.
pub fn shards(files: &dyn Files, path: &str) -> Result<Vec<String>, StoreError> {
    let entries = files.list(&join(path, "results"))?.into_iter();
    Ok(entries
        .filter(|e| e.kind == FileKind::File)
        .map(|e| e.name)
        .collect())
}

/// Lists the files of details of a launch: names below `details/`, sorted. They roll over by their
/// own size, so that there may be more or fewer of them than files of results.
pub fn details_files(files: &dyn Files, path: &str) -> Result<Vec<String>, StoreError> {
    let entries = files.list(&join(path, "details"))?.into_iter();
    Ok(entries
        .filter(|e| e.kind == FileKind::File)
        .map(|e| e.name)
        .collect())
}

/// Reads one shard of results, by its file name.
pub fn shard(
    files: &dyn Files,
    path: &str,
    name: &str,
) -> Result<Result<Shard, Damage>, StoreError> {
    parsed(files, &join(path, &format!("results/{name}")), Shard::read)
}

/// Reads those rows of one shard of results that are wanted by their ids.
pub fn some_rows(
    files: &dyn Files,
    path: &str,
    name: &str,
    wanted: impl Fn(&str) -> bool,
) -> Result<Result<Shard, Damage>, StoreError> {
    let read = |bytes: &[u8]| Shard::read_some(bytes, &wanted);
    parsed(files, &join(path, &format!("results/{name}")), read)
}

/// Reads one file of details, by its name; none where it was pruned or never was.
pub fn details(
    files: &dyn Files,
    path: &str,
    name: &str,
) -> Result<Result<Vec<Details>, Damage>, StoreError> {
    let path = join(path, &format!("details/{name}"));
    let Some(bytes) = files.read(&path)? else {
        return Ok(Ok(Vec::new()));
    };
    Ok(shard::read_details(&bytes).map_err(|error| damage(path, &error.to_string())))
}

/// Reads an attachment, by its name below `attachments/`; `None` where it was pruned.
pub fn attachment(
    files: &dyn Files,
    path: &str,
    name: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    files.read(&join(path, &format!("attachments/{name}")))
}

/// Returns the receipts that no launch among these names as previous: the tips of the chain.
pub fn chain_tips(heads: &[LaunchHead]) -> Vec<Digest> {
    let named: std::collections::BTreeSet<&str> = heads
        .iter()
        .flat_map(|head| head.file.closed.previous.iter().map(String::as_str))
        .collect();
    let mut tips: Vec<Digest> = heads
        .iter()
        .map(|head| head.receipt)
        .filter(|receipt| !named.contains(receipt.to_string().as_str()))
        .collect();
    tips.sort();
    tips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_known_wherever_the_workspace_is() {
        for path in [
            "projects/shop/launches/2026/11/a/launch.yaml",
            "qa/tests/projects/shop/executed/0.md",
            "qa/.gitattributes",
        ] {
            assert!(is_evidence(path), "{path}");
        }
        for path in [
            "projects/shop/cases/launches.md",
            "src/main.rs",
            "launches/x",
            "",
        ] {
            assert!(!is_evidence(path), "{path}");
        }
    }
}
