//! One closed launch in a tree: its list, its files, its own words.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::annotations::Annotations;
use super::layout::{self, Place};
use super::report::{Kind, Removed, Violation, unreadable};
use super::sums;
use crate::base::path::{self, join};
use crate::base::{Digest, text};
use crate::git::{EntryKind, GitError, ObjectId, TreeEntry, TreeView};
use crate::model::{LaunchFile, OrderedMap};
use crate::store::read_yaml;

/// The format that this release reads.
const FORMAT: u32 = 1;
/// The largest `launch.yaml` or `cases.yaml` that is parsed, in bytes.
const MAX_YAML: usize = 64 << 20;
/// The largest file that may be a pointer of git-lfs, in bytes.
const MAX_POINTER: usize = 1024;

/// What a launch's folder says, and where it is not as it was closed.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) place: Place,
    /// `None` where `launch.yaml` does not parse.
    pub(super) file: Option<LaunchFile>,
    /// The blob of `launch.yaml`.
    pub(super) blob: Option<ObjectId>,
    /// The digest of `launch.yaml`; `None` where it is no readable file.
    pub(super) receipt: Option<Digest>,
    /// It was verified before: only its head was read.
    pub(super) known: bool,
    pub(super) violations: Vec<Violation>,
    /// Files that were removed with a record.
    pub(super) removed: Vec<Removed>,
    /// The paths of the executed texts that it names.
    pub(super) texts: BTreeSet<String>,
}

impl Checked {
    /// Whether a path is that of an executed text that the launch names, wherever its project stood.
    pub(super) fn names_text(&self, path: &str) -> bool {
        let mut names = self.texts.iter().map(|text| path::file_name(text));
        names.any(|name| {
            path::file_name(path) == name && path::file_name(path::parent(path)) == "executed"
        })
    }
}

/// `cases.yaml`.
#[derive(Deserialize)]
struct CasesFile {
    format: u32,
    #[serde(default)]
    cases: OrderedMap<String>,
}

/// A check under way.
struct Check<'a> {
    tree: &'a TreeView,
    place: &'a Place,
    said: &'a Annotations,
    /// Files by their path in the launch's folder.
    entries: BTreeMap<String, TreeEntry>,
    violations: Vec<Violation>,
    removed: Vec<Removed>,
    texts: BTreeSet<String>,
}

/// Reads the head of a launch that was verified before.
pub(super) fn glance(tree: &TreeView, place: &Place) -> Result<Checked, GitError> {
    let view = tree.repo().tree_of(place.tree);
    let said = Annotations::default();
    let mut check = Check::new(&view, place, &said);
    if let Some(entry) = view.entry("launch.yaml")? {
        check.entries.insert(entry.path.clone(), entry);
    }
    let launch = check.read("launch.yaml")?;
    let file = launch
        .as_deref()
        .and_then(|bytes| check.parse_launch(bytes));
    Ok(Checked {
        known: true,
        violations: Vec::new(),
        ..check.into_checked(launch.as_deref(), file)
    })
}

/// Checks one launch: exactly the listed files, with the listed digests.
pub(super) fn check(
    tree: &TreeView,
    place: &Place,
    said: &Annotations,
) -> Result<Checked, GitError> {
    let view = tree.repo().tree_of(place.tree);
    let mut check = Check::new(&view, place, said);
    for entry in view.walk("")? {
        check.enter(entry);
    }
    let launch = check.read("launch.yaml")?;
    let file = launch
        .as_deref()
        .and_then(|bytes| check.parse_launch(bytes));
    check.files(file.as_ref())?;
    check.cases(tree)?;
    Ok(check.into_checked(launch.as_deref(), file))
}

impl<'a> Check<'a> {
    fn new(tree: &'a TreeView, place: &'a Place, said: &'a Annotations) -> Self {
        Self {
            tree,
            place,
            said,
            entries: BTreeMap::new(),
            violations: Vec::new(),
            removed: Vec::new(),
            texts: BTreeSet::new(),
        }
    }

    fn into_checked(self, launch: Option<&[u8]>, file: Option<LaunchFile>) -> Checked {
        Checked {
            blob: self.entries.get("launch.yaml").map(|entry| entry.id),
            receipt: launch.map(Digest::of),
            known: false,
            violations: self.violations,
            removed: self.removed,
            texts: self.texts,
            place: self.place.clone(),
            file,
        }
    }

    fn report(&mut self, kind: Kind, path: &str, message: String) {
        let path = join(&self.place.path, path);
        self.violations
            .push(Violation::new(kind, Some(&self.place.id), path, message));
    }

    fn enter(&mut self, entry: TreeEntry) {
        let path = entry.path.clone();
        if entry.kind != EntryKind::File {
            let message = format!("`{path}` is {}, expected a plain file", entry.kind.as_str());
            self.report(Kind::WrongMode, &path, message);
        }
        if self.entries.insert(path.clone(), entry).is_some() {
            let message = format!("`{path}` stands in the folder twice");
            self.report(Kind::ExtraFile, &path, message);
        }
    }

    /// Reads a file of the launch; a missing or unreadable one is reported.
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let kind = self.entries.get(path).map(|entry| (entry.kind, entry.id));
        match kind {
            Some((EntryKind::File | EntryKind::Executable, id)) => self.blob(path, id),
            Some(_) => Ok(None),
            None => {
                let message = format!("the launch lacks its `{path}`");
                self.report(Kind::MissingFile, path, message);
                Ok(None)
            }
        }
    }

    fn blob(&mut self, path: &str, id: ObjectId) -> Result<Option<Vec<u8>>, GitError> {
        match self.tree.repo().blob(id) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => {
                let message = format!("`{path}` cannot be read: {}", unreadable(error)?);
                self.report(Kind::UnreadableFile, path, message);
                Ok(None)
            }
        }
    }

    fn parse_launch(&mut self, bytes: &[u8]) -> Option<LaunchFile> {
        let path = "launch.yaml";
        let file: LaunchFile = match parse_yaml(bytes) {
            Ok(file) => file,
            Err(why) => {
                let message = format!("`{path}` is not a closed launch: {why}");
                self.report(Kind::UnreadableLaunch, path, message);
                return None;
            }
        };
        if file.format > FORMAT {
            let message = format!(
                "`{path}` has format {}, expected {FORMAT} at most",
                file.format
            );
            self.report(Kind::UnreadableLaunch, path, message);
        }
        if file.id != self.place.id {
            let message = format!(
                "`{path}` names launch `{}`, expected `{}` as its folder does",
                text::sanitize_line(&file.id),
                self.place.id
            );
            self.report(Kind::MisplacedLaunch, path, message);
        }
        Some(file)
    }

    /// Holds the folder against `SHA256SUMS` and `PRUNABLE.sha256`.
    fn files(&mut self, file: Option<&LaunchFile>) -> Result<(), GitError> {
        let Some(bytes) = self.read("SHA256SUMS")? else {
            return Ok(());
        };
        let digest = Digest::of(&bytes);
        if let Some(file) = file.filter(|file| file.closed.sums != digest.to_string()) {
            let wanted = text::truncate(&text::sanitize_line(&file.closed.sums), 70);
            let message = format!(
                "`SHA256SUMS` has the digest `{digest}`, but `launch.yaml` says `{wanted}`"
            );
            self.report(Kind::WrongSums, "SHA256SUMS", message);
        }
        let Some(listed) = self.parse_sums("SHA256SUMS", &bytes) else {
            return Ok(());
        };
        let mut complete = true;
        let mut prunable = BTreeMap::new();
        if listed.contains_key("PRUNABLE.sha256") {
            let list = match self.entries.contains_key("PRUNABLE.sha256") {
                true => self.read("PRUNABLE.sha256")?,
                false => None,
            };
            let list = list.and_then(|bytes| self.parse_sums("PRUNABLE.sha256", &bytes));
            complete = list.is_some();
            prunable = list.unwrap_or_default();
        }
        self.hold(&listed, false)?;
        self.hold(&prunable, true)?;
        self.extras(
            |path| listed.contains_key(path) || prunable.contains_key(path),
            complete,
        );
        Ok(())
    }

    fn parse_sums(&mut self, path: &str, bytes: &[u8]) -> Option<BTreeMap<String, Digest>> {
        match sums::parse(bytes) {
            Ok(sums) => Some(sums),
            Err(why) => {
                let message = format!("`{path}` is not a list of digests: {why}");
                self.report(Kind::WrongSums, path, message);
                None
            }
        }
    }

    /// Holds files against a list; only prunable ones may be pointers of git-lfs.
    fn hold(&mut self, listed: &BTreeMap<String, Digest>, prunable: bool) -> Result<(), GitError> {
        for (path, digest) in listed {
            let shown = text::sanitize_line(path);
            let entry = self.entries.get(path).map(|entry| (entry.kind, entry.id));
            match entry {
                None => self.miss(path, *digest),
                Some((EntryKind::File | EntryKind::Executable, id)) => {
                    let held = self.tree.repo().blob_by_digest(id);
                    if held.is_ok_and(|bytes| Digest::of(&bytes) == *digest) {
                        continue;
                    }
                    let Some(bytes) = self.blob(path, id)? else {
                        continue;
                    };
                    if !prunable || lfs_digest(&bytes) != Some(*digest) {
                        let message =
                            format!("`{shown}` does not have the digest it was closed with");
                        self.report(Kind::ChangedFile, path, message);
                    }
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// A listed file that is not there: removed with a record, or missing.
    fn miss(&mut self, path: &str, digest: Digest) {
        let id = self.place.id.as_str();
        match self
            .said
            .removal((&self.place.project, id), path, Some(digest))
        {
            Some(removal) => Removed::note(&mut self.removed, id, removal.record),
            None => {
                let shown = text::sanitize_line(path);
                let message = format!("`{shown}` is listed with the launch and is not there");
                self.report(Kind::MissingFile, path, message);
            }
        }
    }

    /// Reports files that no list names; where the list of prunable ones is not readable, those
    /// cannot be judged.
    fn extras(&mut self, is_listed: impl Fn(&str) -> bool, complete: bool) {
        let prunable =
            |path: &str| path.starts_with("details/") || path.starts_with("attachments/");
        let own = ["launch.yaml", "SHA256SUMS"];
        let extra = self.entries.keys().filter(|path| {
            !is_listed(path) && !own.contains(&path.as_str()) && (complete || !prunable(path))
        });
        for path in extra.cloned().collect::<Vec<_>>() {
            let shown = text::sanitize_line(&path);
            let message = format!("`{shown}` is not part of the launch: no list names it");
            self.report(Kind::ExtraFile, &path, message);
        }
    }

    /// Looks for the executed texts that `cases.yaml` names.
    fn cases(&mut self, root: &TreeView) -> Result<(), GitError> {
        let path = "cases.yaml";
        if !self.entries.contains_key(path) {
            return Ok(());
        }
        let Some(bytes) = self.read(path)? else {
            return Ok(());
        };
        let cases: CasesFile = match parse_yaml(&bytes) {
            Ok(cases) => cases,
            Err(why) => {
                let message = format!("`{path}` is not a map of cases to digests: {why}");
                self.report(Kind::UnreadableLaunch, path, message);
                return Ok(());
            }
        };
        if cases.format > FORMAT {
            let message = format!(
                "`{path}` has format {}, expected {FORMAT} at most",
                cases.format
            );
            self.report(Kind::UnreadableLaunch, path, message);
        }
        let digests: BTreeSet<&String> = cases.cases.iter().map(|(_, digest)| digest).collect();
        for digest in digests {
            let wanted = layout::executed(&self.place.project, digest);
            if Digest::parse(digest).is_none() || root.entry(&wanted)?.is_none() {
                let message = format!(
                    "the executed text `{}` that `{path}` names is not here",
                    text::truncate(&text::sanitize_line(digest), 70)
                );
                let launch = Some(self.place.id.as_str());
                let missing = Violation::new(Kind::MissingExecuted, launch, wanted, message);
                self.violations.push(missing);
            } else {
                self.texts.insert(wanted);
            }
        }
        Ok(())
    }
}

fn parse_yaml<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    if bytes.len() > MAX_YAML {
        return Err(format!("it has more than {} MiB", MAX_YAML >> 20));
    }
    read_yaml(bytes).map_err(|why| text::truncate(&text::sanitize_line(&why), 200))
}

/// Returns the digest that a pointer of git-lfs stands for
/// (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>).
pub(super) fn lfs_digest(bytes: &[u8]) -> Option<Digest> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= MAX_POINTER)?;
    let rest = text.strip_prefix("version https://git-lfs.github.com/spec/v1\n")?;
    let oid = rest
        .lines()
        .find_map(|line| line.strip_prefix("oid sha256:"))?;
    Digest::parse(oid)
}

/// Holds executed texts against their names, one project at a time.
pub(super) fn check_executed(
    tree: &TreeView,
    project: &str,
    is_asked: impl Fn(&TreeEntry) -> bool,
) -> Result<Vec<Violation>, GitError> {
    let mut out = Vec::new();
    let texts = tree.list(&join(project, "executed"))?.into_iter();
    for entry in texts.filter(is_asked) {
        let shown = text::sanitize_line(&entry.name);
        if entry.kind != EntryKind::File {
            let message = format!(
                "`{shown}` is {}, expected a plain file",
                entry.kind.as_str()
            );
            out.push(Violation::new(Kind::WrongMode, None, &entry.path, message));
            continue;
        }
        let Some(digest) = entry.name.strip_suffix(".md").and_then(Digest::parse) else {
            let message = format!("`{shown}` is no executed text: its name is not a digest");
            out.push(Violation::new(Kind::ExtraFile, None, &entry.path, message));
            continue;
        };
        match tree.repo().blob(entry.id) {
            Ok(bytes) if Digest::of(&bytes) == digest => {}
            Ok(_) => {
                let message =
                    format!("the executed text `{shown}` does not have the digest it is named by");
                out.push(Violation::new(
                    Kind::WrongExecuted,
                    None,
                    &entry.path,
                    message,
                ));
            }
            Err(error) => {
                let message = format!("`{shown}` cannot be read: {}", unreadable(error)?);
                out.push(Violation::new(
                    Kind::UnreadableFile,
                    None,
                    &entry.path,
                    message,
                ));
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_of_lfs_stand_for_their_content() {
        let digest = Digest::of(b"big");
        let pointer =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 3\n");
        assert_eq!(lfs_digest(pointer.as_bytes()), Some(digest));
        assert_eq!(lfs_digest(b"oid sha256:00"), None);
        assert_eq!(lfs_digest(&[0xff; 10]), None);
    }
}
