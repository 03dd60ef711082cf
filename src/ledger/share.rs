//! Open launches on a remote: the opening and each part are references of their own there,
//! `refs/tallybook/open/<project>/<launch>/<name>`, so that any number of machines append without
//! waiting for each other.
//!
//! Each reference holds one commit without parents, whose time and message are fixed by what it holds, and whose
//! author is whoever pushes it: the same part pushed twice by one person is up to date. References are made
//! and never changed.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;
use std::time::Duration;

use super::attachments::{self, Attachments};
use super::open::take_up;
use super::part::{OpenState, Part, StateError, is_shard_name, number, read_part};
use crate::base::files::Stretch;
use crate::base::{FileError, files, path as paths, text};
use crate::git::{
    ChangeSet, CommitError, CommitId, CommitRequest, EntryKind, GitError, Identity, Pushed,
    RefUpdate, Repo, TreeView,
};
use crate::model::{LaunchFile, OPEN_BY_NOBODY, OpenLaunch, is_launch_id};
use crate::store::{block, read_yaml};

/// Above all references of open launches.
const REFS: &str = "refs/tallybook/open/";
/// The name of the reference that holds `open.yaml`.
const OPEN: &str = "open";
/// How often a push is tried that met others at work.
const TRIES: u32 = 8;

#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error("cannot keep what was fetched")]
    File(#[from] FileError),
    #[error("`{remote}` refused `{name}`: {reason}")]
    Refused {
        remote: String,
        name: String,
        reason: String,
    },
    #[error("`{name}` of `{remote}` is not as Tallybook writes it: {problem}")]
    Malformed {
        remote: String,
        name: String,
        problem: String,
    },
    #[error("launch `{id}` is not open on `{remote}`")]
    Absent { remote: String, id: String },
}

/// A project's open launches here and on one remote.
#[derive(Clone, Debug)]
pub struct Sharing<'a> {
    pub(super) repo: &'a Repo,
    pub(super) remote: &'a str,
    pub(super) state: &'a OpenState,
    author: Option<Identity>,
}

impl<'a> Sharing<'a> {
    /// `remote` is a remote's name or an address.
    pub fn new(repo: &'a Repo, remote: &'a str, state: &'a OpenState) -> Self {
        Self {
            repo,
            remote,
            state,
            author: None,
        }
    }

    /// Says who pushes openings and parts; without, nobody is named.
    #[must_use]
    pub fn by(mut self, author: Option<Identity>) -> Self {
        self.author = author;
        self
    }

    /// What the names of all references of a launch begin with.
    pub(super) fn prefix(&self, id: &str) -> String {
        format!("{REFS}{}/{id}/", self.state.name())
    }

    /// Returns the ids of the project's launches that are open on the remote and begin with `wanted`.
    pub fn find(&self, wanted: &str) -> Result<Vec<String>, ShareError> {
        let all = format!("{REFS}{}/", self.state.name());
        let refs = self.repo.remote_refs(self.remote, &[&all])?;
        let ids = refs.keys().filter_map(|name| {
            let (id, name) = name.strip_prefix(&all)?.split_once('/')?;
            (name == OPEN && id.starts_with(wanted) && is_launch_id(id)).then(|| id.to_owned())
        });
        Ok(ids.collect())
    }

    /// Takes over a launch's opening where the remote has one; whether it has.
    pub fn fetch_open(&self, id: &str) -> Result<bool, ShareError> {
        let name = format!("{}{OPEN}", self.prefix(id));
        let refs = self.repo.remote_refs(self.remote, &[&name])?;
        let Some(commit) = refs.get(&name) else {
            return Ok(false);
        };
        self.fetch([(name.as_str(), *commit)])?;
        self.take_open(id, &name, *commit)?;
        Ok(true)
    }

    /// Takes over a launch's opening and all parts that the remote has; returns its references.
    pub fn gather(&self, id: &str) -> Result<BTreeMap<String, CommitId>, ShareError> {
        let refs = self.repo.remote_refs(self.remote, &[&self.prefix(id)])?;
        self.gather_refs(id, &refs)?;
        Ok(refs)
    }

    /// Returns the tip of a branch as the remote has it; the commit is among the objects here then.
    pub fn branch_tip(&self, branch: &str) -> Result<Option<CommitId>, ShareError> {
        let refs = self.repo.remote_refs(self.remote, &[branch])?;
        let tip = refs.get(branch).copied();
        self.fetch(tip.map(|tip| (branch, tip)))?;
        Ok(tip)
    }

    /// Returns a launch's references and the branch, as the remote has them; the branch's commit is
    /// among the objects here then.
    pub(super) fn refs(
        &self,
        id: &str,
        branch: &str,
    ) -> Result<BTreeMap<String, CommitId>, ShareError> {
        let prefix = self.prefix(id);
        let mut refs = self.repo.remote_refs(self.remote, &[&prefix, branch])?;
        refs.retain(|name, _| name == branch || name.starts_with(&prefix));
        let tip = refs.get(branch).map(|tip| (branch, *tip));
        self.fetch(tip)?;
        Ok(refs)
    }

    /// Pushes a closing and its tag, and with them the removal of what was gathered: all or nothing,
    /// where the remote can do that. Says what became of the branch.
    pub(super) fn push_closing(
        &self,
        branch: RefUpdate,
        tag: Option<RefUpdate>,
        gathered: &BTreeMap<String, CommitId>,
    ) -> Result<Pushed, ShareError> {
        let mut updates = vec![branch];
        updates.extend(tag);
        let closing = updates.len();
        updates.extend(deletions(gathered));
        match self.repo.push(self.remote, &updates, true) {
            Ok(pushed) => Ok(of_closing(&pushed, closing)),
            Err(GitError::ProgramFailed { message, .. }) if message.contains("atomic") => {
                let pushed = self.repo.push(self.remote, &updates[..1], false)?;
                if matches!(pushed[0], Pushed::Done | Pushed::UpToDate) {
                    self.push_tag(&updates[1..closing])?;
                    self.remove(gathered)?;
                }
                Ok(of_closing(&pushed, 1))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Pushes the tag of a closing that is on the remote already.
    fn push_tag(&self, tag: &[RefUpdate]) -> Result<(), ShareError> {
        if tag.is_empty() {
            return Ok(());
        }
        for (update, pushed) in tag.iter().zip(self.repo.push(self.remote, tag, false)?) {
            if !matches!(pushed, Pushed::Done | Pushed::UpToDate) {
                return Err(ShareError::Refused {
                    remote: self.remote.to_owned(),
                    name: update.name.clone(),
                    reason: words(&pushed),
                });
            }
        }
        Ok(())
    }

    /// The parts among references that a closed launch does not have.
    pub(super) fn late(
        &self,
        id: &str,
        refs: &BTreeMap<String, CommitId>,
        closed: &LaunchFile,
    ) -> Vec<String> {
        let prefix = self.prefix(id);
        let shards = refs.keys().filter_map(|name| name.strip_prefix(&prefix));
        let has = |shard: &&str| closed.jobs.iter().any(|job| job.shard == *shard);
        let late = shards.filter(|shard| is_shard_name(shard) && !has(shard));
        late.map(str::to_owned).collect()
    }

    /// Takes parts that came too late for a closed launch into its follow-up, here and on the remote.
    pub fn move_late(&self, id: &str, follow_up: &str) -> Result<(), ShareError> {
        let prefix = self.prefix(id);
        let refs = self.repo.remote_refs(self.remote, &[&prefix])?;
        self.fetch(refs.iter().map(|(name, commit)| (name.as_str(), *commit)))?;
        let lacking = refs.iter().filter(|(name, _)| {
            let shard = name.strip_prefix(&prefix).unwrap_or_default();
            is_shard_name(shard) && !self.state.has_part(follow_up, shard)
        });
        let lacking: Vec<_> = lacking
            .map(|(name, commit)| (name.as_str(), *commit))
            .collect();
        self.take_parts(id, follow_up, &lacking)?;
        self.publish_all(follow_up)?;
        self.remove(&refs)
    }

    /// Removes what came while a closing was made and is in it: a part of this machine that was pushed
    /// meanwhile. Returns the parts that came and are not in it; then all are left.
    pub(super) fn sweep(&self, id: &str, closed: &LaunchFile) -> Result<Vec<String>, ShareError> {
        let refs = self.repo.remote_refs(self.remote, &[&self.prefix(id)])?;
        let late = self.late(id, &refs, closed);
        if late.is_empty() {
            self.remove(&refs)?;
        }
        Ok(late)
    }

    /// Removes all references of a launch.
    pub fn withdraw(&self, id: &str) -> Result<(), ShareError> {
        let refs = self.repo.remote_refs(self.remote, &[&self.prefix(id)])?;
        self.remove(&refs)
    }

    /// Removes references whose parts are in a closed launch. One that is gone is no error.
    pub(super) fn remove(&self, gathered: &BTreeMap<String, CommitId>) -> Result<(), ShareError> {
        if gathered.is_empty() {
            return Ok(());
        }
        let deletions: Vec<RefUpdate> = deletions(gathered).collect();
        let pushed = self.repo.push(self.remote, &deletions, false)?;
        for (update, pushed) in deletions.into_iter().zip(pushed) {
            if let Pushed::Rejected(reason) = pushed {
                return Err(ShareError::Refused {
                    remote: self.remote.to_owned(),
                    name: update.name,
                    reason,
                });
            }
        }
        Ok(())
    }

    /// Takes over what references of a launch hold, as far as it isn't here.
    pub(super) fn gather_refs(
        &self,
        id: &str,
        refs: &BTreeMap<String, CommitId>,
    ) -> Result<(), ShareError> {
        let prefix = self.prefix(id);
        let lacking = |name: &str| match name.strip_prefix(&prefix) {
            Some(OPEN) => true,
            Some(shard) => is_shard_name(shard) && !self.state.has_part(id, shard),
            None => false,
        };
        let wanted = refs.iter().filter(|(name, _)| lacking(name));
        let wanted: Vec<(&str, CommitId)> = wanted.map(|(name, c)| (name.as_str(), *c)).collect();
        self.fetch(wanted.iter().copied())?;
        let (opening, parts): (Vec<_>, Vec<_>) = wanted
            .into_iter()
            .partition(|(name, _)| name.strip_prefix(&prefix) == Some(OPEN));
        for (name, commit) in opening {
            self.take_open(id, name, commit)?;
        }
        // Without an opening they came too late: whoever closes the launch is told.
        match self.state.is_open(id) {
            true => self.take_parts(id, id, &parts),
            false => Ok(()),
        }
    }

    /// Fetches what is not among the objects here.
    fn fetch<'n>(
        &self,
        refs: impl IntoIterator<Item = (&'n str, CommitId)>,
    ) -> Result<(), GitError> {
        let lacking = refs
            .into_iter()
            .filter(|(_, commit)| !self.repo.has_object((*commit).into()));
        let names: Vec<&str> = lacking.map(|(name, _)| name).collect();
        self.repo.fetch_refs(self.remote, &names)
    }

    fn take_open(&self, id: &str, name: &str, commit: CommitId) -> Result<(), ShareError> {
        let tree = self.tree(name, commit)?;
        let yaml = tree.read("open.yaml")?.unwrap_or_default();
        let launch: OpenLaunch = read_yaml(&yaml).map_err(|why| self.malformed(name, &why))?;
        if launch.id != id || !self.state.is_of(&launch.project) {
            let problem = format!("it opens launch `{}` of {}", launch.id, launch.project);
            return Err(self.malformed(name, &text::truncate(&problem, 200)));
        }
        // Whoever closes it here is held to what was asked of it here, before it was known to be open there.
        let ours = self.state.read(id)?;
        let mut taken = launch;
        match ours.is_some_and(|ours| take_up(&mut taken, &ours)) {
            true => self.state.set_open(id, block::to_yaml(&taken).as_bytes())?,
            false => self.state.set_open(id, &yaml)?,
        }
        Ok(self.state.set_known(id, self.remote)?)
    }

    /// Returns a launch's opening as the remote has it.
    pub fn opening(&self, id: &str) -> Result<Option<OpenLaunch>, ShareError> {
        let name = format!("{}{OPEN}", self.prefix(id));
        let refs = self.repo.remote_refs(self.remote, &[&name])?;
        let Some(commit) = refs.get(&name) else {
            return Ok(None);
        };
        self.fetch([(name.as_str(), *commit)])?;
        let yaml = self.tree(&name, *commit)?.read("open.yaml")?;
        let launch = read_yaml(&yaml.unwrap_or_default());
        launch.map(Some).map_err(|why| self.malformed(&name, &why))
    }

    /// Takes the parts that references of launch `from` hold into launch `id`: each is written aside,
    /// and all are synced together and renamed into place.
    fn take_parts(
        &self,
        from: &str,
        id: &str,
        refs: &[(&str, CommitId)],
    ) -> Result<(), ShareError> {
        if refs.is_empty() {
            return Ok(());
        }
        let prefix = self.prefix(from);
        let _lock = self.state.lock_shared(id)?;
        // A name that begins with a dot is no append that was begun.
        let aside = files::create_temp_dir(&self.state.aside_dir(id), ".gathering-")?;
        let mut parts = Vec::with_capacity(refs.len());
        for (name, commit) in refs {
            let shard = name.strip_prefix(&prefix).unwrap_or_default();
            let part = aside.path().join(shard);
            self.write_part(&part, name, *commit)?;
            parts.push((shard.to_owned(), part));
        }
        Ok(self.state.adopt_all(id, &parts)?)
    }

    /// Writes what a reference holds as a part.
    fn write_part(&self, part: &Path, name: &str, commit: CommitId) -> Result<(), ShareError> {
        files::create_dir(part)?;
        let attachments = Attachments::new(part);
        let tree = self.tree(name, commit)?;
        for entry in tree.walk("")? {
            let (folder, file) = (paths::parent(&entry.path), paths::file_name(&entry.path));
            let is_rows = number(file, "results")
                .or(number(file, "details"))
                .is_some();
            match folder {
                _ if !matches!(entry.kind, EntryKind::File | EntryKind::Executable) => {
                    let problem = format!("`{}` is {}", entry.path, entry.kind.as_str());
                    return Err(self.malformed(name, &problem));
                }
                "" if is_rows => {
                    let bytes = self.repo.blob(entry.id)?;
                    files::write(&part.join(file), &bytes)?;
                }
                "attachments" => {
                    let bytes = self.repo.blob(entry.id)?;
                    let kept = attachments.keep(&bytes, paths::extension(file));
                    if kept.name != file {
                        let problem = format!("`{}` does not hold what its name says", entry.path);
                        return Err(self.malformed(name, &problem));
                    }
                }
                _ => {
                    return Err(self.malformed(name, &format!("`{}` is no part of it", entry.path)));
                }
            }
        }
        attachments.finish()?;
        let read = read_part(part).map_err(|error| match &error {
            StateError::Part { source, .. } => self.malformed(name, &source.to_string()),
            other => self.malformed(name, &other.to_string()),
        })?;
        match read.results.is_empty() {
            true => Err(self.malformed(name, "it has no results")),
            false => Ok(()),
        }
    }

    fn tree(&self, name: &str, commit: CommitId) -> Result<TreeView, ShareError> {
        let tree = self.repo.tree(commit);
        tree.map_err(|error| self.malformed(name, &error.to_string()))
    }

    fn malformed(&self, name: &str, problem: &str) -> ShareError {
        ShareError::Malformed {
            remote: self.remote.to_owned(),
            name: name.to_owned(),
            // What does not read may be quoted in it, however long it is.
            problem: text::truncate(&text::sanitize_line(problem), 200),
        }
    }

    /// Pushes a launch's opening; where another machine opened it first, theirs is taken over.
    pub fn publish_open(&self, id: &str) -> Result<(), ShareError> {
        self.publish(id, |_| false).map(|_| ())
    }

    /// Pushes a launch's opening and all its parts.
    pub fn publish_all(&self, id: &str) -> Result<(), ShareError> {
        self.publish(id, |_| true).map(|_| ())
    }

    /// Pushes a launch's opening and all its parts; whether the launch is still open on the remote then.
    /// A closing that removed the opening did so without what was pushed after it; one that removes it later
    /// finds all of it there.
    pub fn publish_in_time(&self, id: &str) -> Result<bool, ShareError> {
        let was_known = self.state.is_known(id, self.remote)?;
        let is_new = self.publish(id, |_| true)?;
        if is_new {
            return Ok(!was_known);
        }
        let name = format!("{}{OPEN}", self.prefix(id));
        let refs = self.repo.remote_refs(self.remote, &[&name])?;
        Ok(refs.contains_key(&name))
    }

    /// Returns whether this push made the opening.
    fn publish(&self, id: &str, which: impl Fn(&Part) -> bool) -> Result<bool, ShareError> {
        let launch = self.state.read(id)?.ok_or_else(|| ShareError::Absent {
            remote: self.remote.to_owned(),
            id: id.to_owned(),
        })?;
        let prefix = self.prefix(id);
        let create = |name: &str, commit| RefUpdate {
            name: format!("{prefix}{name}"),
            to: Some(commit),
            expected: None,
        };
        // Noted first: what does not get through is pushed by the next sync.
        self.state.set_shared(id, self.remote)?;
        let mut updates = vec![create(OPEN, self.commit_of_open(&launch)?)];
        for part in self.state.parts(id)?.iter().filter(|part| which(part)) {
            updates.push(create(&part.shard, self.commit_of_part(&launch, part)?));
        }
        let mut is_new = false;
        for attempt in 0..TRIES {
            if updates.is_empty() {
                break;
            }
            pause(attempt);
            let pushed = self.repo.push(self.remote, &updates, false)?;
            let mut again = Vec::new();
            for (update, pushed) in updates.into_iter().zip(pushed) {
                match pushed {
                    Pushed::Done => is_new |= update.name.ends_with("/open"),
                    Pushed::UpToDate => {}
                    // Made by another machine: of a part with the same name the same evidence.
                    Pushed::Stale if update.name.ends_with("/open") => {
                        self.fetch_open(id)?;
                    }
                    Pushed::Stale => {}
                    Pushed::Busy(_) if attempt + 1 < TRIES => again.push(update),
                    Pushed::Busy(reason) | Pushed::Rejected(reason) => {
                        return Err(ShareError::Refused {
                            remote: self.remote.to_owned(),
                            name: update.name,
                            reason,
                        });
                    }
                    Pushed::Atomic => unreachable!("the push is not atomic"),
                }
            }
            updates = again;
        }
        self.state.set_known(id, self.remote)?;
        Ok(is_new)
    }

    fn commit_of_open(&self, launch: &OpenLaunch) -> Result<CommitId, ShareError> {
        let path = self.state.launch_dir(&launch.id).join("open.yaml");
        let mut changes = ChangeSet::new(format!("Launch {} ({})", launch.id, launch.project));
        changes.write("open.yaml", files::read(&path)?);
        Ok(self
            .repo
            .write_root_commit(&self.request(launch), &changes)?)
    }

    fn commit_of_part(&self, launch: &OpenLaunch, part: &Part) -> Result<CommitId, ShareError> {
        let (shard, id, key) = (&part.shard, &launch.id, &launch.project);
        let mut changes = ChangeSet::new(format!("Part {shard} of launch {id} ({key})"));
        for name in part.results.iter().chain(&part.details) {
            changes.spool(name, Stretch::whole(part.folder.join(name)));
        }
        for (name, stretch) in attachments::list(&part.folder)? {
            changes.spool(format!("attachments/{name}"), stretch);
        }
        Ok(self
            .repo
            .write_root_commit(&self.request(launch), &changes)?)
    }

    /// Committer and time are the launch's, so that a part is the same commit wherever its author makes it.
    fn request(&self, launch: &OpenLaunch) -> CommitRequest {
        let nobody = Identity {
            name: "Tallybook".to_owned(),
            email: OPEN_BY_NOBODY.to_owned(),
        };
        CommitRequest {
            branch: String::new(),
            author: self.author.clone().unwrap_or_else(|| nobody.clone()),
            committer: nobody,
            time: launch.opened.at,
            own: None,
            sign: false,
        }
    }
}

fn deletions(refs: &BTreeMap<String, CommitId>) -> impl Iterator<Item = RefUpdate> {
    refs.iter().map(|(name, commit)| RefUpdate {
        name: name.clone(),
        to: None,
        expected: Some(*commit),
    })
}

/// What became of a closing that was pushed with other references; the first `closing` ones are its
/// branch and its tag. Where another stood in its way, what became of that.
fn of_closing(pushed: &[Pushed], closing: usize) -> Pushed {
    let refused = |one: &&Pushed| matches!(one, Pushed::Rejected(_));
    let tags = pushed.iter().take(closing).skip(1);
    match pushed.first() {
        // A tag stays where it is: trying again would not help.
        Some(Pushed::Atomic) if tags.clone().any(|tag| *tag == Pushed::Stale) => {
            Pushed::Rejected("it has a tag of that name already".to_owned())
        }
        Some(Pushed::Atomic) => pushed
            .iter()
            .find(refused)
            .unwrap_or(&Pushed::Atomic)
            .clone(),
        Some(first) => first.clone(),
        None => Pushed::UpToDate,
    }
}

fn words(pushed: &Pushed) -> String {
    match pushed {
        Pushed::Busy(reason) | Pushed::Rejected(reason) => reason.clone(),
        Pushed::Stale => "it has one of that name already".to_owned(),
        Pushed::Done | Pushed::UpToDate | Pushed::Atomic => "it did not take it".to_owned(),
    }
}

/// Waits before a later attempt: longer each time, and never as long as others that began with this.
pub(super) fn pause(attempt: u32) {
    if attempt == 0 {
        return;
    }
    let most = 50 << attempt.min(6);
    let random = RandomState::new().build_hasher().finish();
    std::thread::sleep(Duration::from_millis(most / 2 + random % (most / 2)));
}
