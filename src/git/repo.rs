//! A repository: finding it, its places, its references.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use gix::bstr::ByteSlice as _;

use super::object::{Borrowed, Handle, Pool};
use super::signature::Homes;
use super::tree::TreeCache;
use super::{CommitId, GitError, Identity, ObjectId};
use crate::base::files;

/// A git repository. Cheap to clone, and shared between threads.
#[derive(Clone)]
pub struct Repo(Arc<Inner>);

struct Inner {
    gix: gix::ThreadSafeRepository,
    git_dir: PathBuf,
    common_dir: PathBuf,
    workdir: Option<PathBuf>,
    /// Object directories beside the repository's own.
    extra: Vec<PathBuf>,
    pool: Pool,
    trees: TreeCache,
    partial: OnceLock<bool>,
    /// Why the remote of a partial clone did not give what it promised, once it didn't.
    promises: Mutex<Option<String>>,
    signature_homes: Homes,
}

/// What `HEAD` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The branch's full name; `None` where `HEAD` is detached.
    pub branch: Option<String>,
    /// `None` where the branch has no commit yet.
    pub commit: Option<CommitId>,
}

impl Repo {
    /// Finds the repository that a path is in, a bare one too; `None` where it is in none.
    ///
    /// # Errors
    /// The repository belongs to another user and is not trusted, or cannot be opened.
    pub fn discover(start: &Path) -> Result<Option<Self>, GitError> {
        use gix::discover::upwards;
        let options = upwards::Options::default();
        match gix::ThreadSafeRepository::discover_opts(start, options, trust()) {
            Ok(repo) => Ok(Some(Self::new(repo, Vec::new())?)),
            Err(error) => match error.downcast_any_ref::<upwards::Error>() {
                Some(upwards::Error::NoTrustedGitRepository { .. }) => {
                    Err(GitError::open(start, error))
                }
                Some(_) => Ok(None),
                None => Err(GitError::open(start, error)),
            },
        }
    }

    /// Creates a repository with a working tree, on an unborn branch (`main`, say). No templates and
    /// no hooks are installed, and nothing of the user's configuration matters.
    ///
    /// # Errors
    /// The folder already holds a repository, or cannot be written.
    pub fn init(dir: &Path, branch: &str) -> Result<Self, GitError> {
        let fail = |source: gix::Error| GitError::Init {
            path: dir.to_owned(),
            source: source.into(),
        };
        let options = gix::open::Options::isolated()
            .config_overrides([format!("init.defaultBranch={branch}")]);
        let kind = gix::create::Kind::WithWorktree;
        let create = gix::create::Options::default();
        let made =
            gix::ThreadSafeRepository::init_opts(dir, kind, create, options).map_err(fail)?;
        files::remove_dir(&made.git_dir().join("hooks"))?;
        let options = gix::sec::trust::Mapping::into_value_by_level(trust(), gix::sec::Trust::Full);
        let made = gix::ThreadSafeRepository::open_opts(dir, options).map_err(fail)?;
        Self::new(made, Vec::new())
    }

    fn new(gix: gix::ThreadSafeRepository, extra: Vec<PathBuf>) -> Result<Self, GitError> {
        let absolute = |path: &Path| {
            let fail = |source: std::io::Error| GitError::Open {
                path: path.to_owned(),
                source: source.into(),
            };
            std::path::absolute(path).map_err(fail)
        };
        let git_dir = absolute(gix.git_dir())?;
        let local = gix.to_thread_local();
        let format = local.config_snapshot().string("extensions.refStorage");
        if format.is_some_and(|format| format.eq_ignore_ascii_case(b"reftable")) {
            return Err(GitError::RefFormat { path: git_dir });
        }
        let common_dir = absolute(&local.common_dir().clean())?;
        let workdir = gix.work_dir().map(absolute).transpose()?;
        Ok(Self(Arc::new(Inner {
            git_dir,
            common_dir,
            workdir,
            gix,
            extra,
            pool: Pool::default(),
            trees: TreeCache::default(),
            partial: OnceLock::new(),
            promises: Mutex::default(),
            signature_homes: Homes::default(),
        })))
    }

    /// Returns this repository with one more object directory to read from: in a receive hook the
    /// pushed objects are in a quarantine, and gix opens the common object directory only.
    ///
    /// # Errors
    /// The directory cannot be opened.
    pub fn with_objects(&self, objects: &Path) -> Result<Self, GitError> {
        open_objects(objects)?;
        let mut extra = self.0.extra.clone();
        extra.push(objects.to_owned());
        Self::new(self.0.gix.clone(), extra)
    }

    /// The folder that all worktrees share: objects, branches, open launches.
    pub fn common_dir(&self) -> &Path {
        &self.0.common_dir
    }

    /// The folder of this worktree: `HEAD`, index.
    pub fn git_dir(&self) -> &Path {
        &self.0.git_dir
    }

    /// The root of the working tree; `None` in a bare repository.
    pub fn workdir(&self) -> Option<&Path> {
        self.0.workdir.as_deref()
    }

    pub fn is_bare(&self) -> bool {
        self.0.workdir.is_none()
    }

    /// Whether history was cut on cloning or fetching.
    pub fn is_shallow(&self) -> bool {
        self.handle().repo.is_shallow().unwrap_or(false)
    }

    /// Whether the working tree may lack files of its commit.
    pub fn is_sparse(&self) -> bool {
        self.flag("core.sparseCheckout", false)
    }

    /// Whether objects may be missing here that a remote promised to have.
    pub fn is_partial(&self) -> bool {
        *self.0.partial.get_or_init(|| self.promisor().is_some())
    }

    /// Returns the remote that promised the missing objects of a partial clone.
    pub(super) fn promisor(&self) -> Option<String> {
        let handle = self.handle();
        let config = handle.repo.config_snapshot();
        if let Some(remote) = config.string("extensions.partialClone") {
            return Some(remote.to_string());
        }
        let names = handle.repo.remote_names();
        let promises = |name: &str| config.boolean(format!("remote.{name}.promisor").as_str());
        names
            .iter()
            .map(ToString::to_string)
            .find(|name| promises(name) == Some(true))
    }

    pub(super) fn handle(&self) -> Borrowed<'_> {
        self.0.pool.borrow(|| {
            let extra = self.0.extra.iter().filter_map(|dir| open_objects(dir).ok());
            Handle::new(self.0.gix.to_thread_local(), extra.collect())
        })
    }

    pub(super) fn signature_homes(&self) -> &Homes {
        &self.0.signature_homes
    }

    pub(super) fn promises(&self) -> &Mutex<Option<String>> {
        &self.0.promises
    }

    pub(super) fn trees(&self) -> &TreeCache {
        &self.0.trees
    }

    /// Reads `HEAD`.
    pub fn head(&self) -> Result<Head, GitError> {
        let handle = self.handle();
        let fail = |source: gix::Error| GitError::Reference {
            name: "HEAD".into(),
            source: source.into(),
        };
        let mut head = handle.repo.head().map_err(fail)?;
        let branch = head.referent_name().map(|name| name.as_bstr().to_string());
        let commit = match head.is_unborn() {
            true => None,
            false => Some(CommitId(head.peel_to_commit().map_err(fail)?.id)),
        };
        Ok(Head { branch, commit })
    }

    /// Resolves any revision that names a commit; tags are peeled.
    pub fn resolve(&self, rev: &str) -> Result<CommitId, GitError> {
        let fail = |source: gix::Error| GitError::Revision {
            rev: rev.to_owned(),
            source: source.into(),
        };
        let handle = self.handle();
        let id = handle.repo.rev_parse_single(rev.as_bytes().as_bstr());
        let object = id.map_err(fail)?.object().map_err(fail)?;
        let commit = object.peel_to_kind(gix::object::Kind::Commit);
        Ok(CommitId(commit.map_err(fail)?.id))
    }

    /// Returns the commit that a reference points to, by the reference's full name; `None` where
    /// there is no such reference.
    pub fn tip(&self, full_ref: &str) -> Result<Option<CommitId>, GitError> {
        let fail = |source: gix::Error| GitError::Reference {
            name: full_ref.to_owned(),
            source: source.into(),
        };
        let handle = self.handle();
        let found = handle.repo.try_find_reference(full_ref).map_err(fail)?;
        let Some(mut reference) = found.filter(|r| r.name().as_bstr() == full_ref) else {
            return Ok(None);
        };
        let commit = reference.peel_to_commit().map_err(fail)?;
        Ok(Some(CommitId(commit.id)))
    }

    /// Returns what a reference points to, an annotated tag for itself; `None` where there is no such
    /// reference.
    pub fn reference(&self, full_ref: &str) -> Result<Option<ObjectId>, GitError> {
        let fail = |source: gix::Error| GitError::Reference {
            name: full_ref.to_owned(),
            source: source.into(),
        };
        let handle = self.handle();
        let found = handle.repo.try_find_reference(full_ref).map_err(fail)?;
        let found = found.filter(|r| r.name().as_bstr() == full_ref);
        Ok(found.and_then(|r| r.try_id().map(|id| ObjectId(id.detach()))))
    }

    /// Returns the full names of the local branches, sorted.
    pub fn branches(&self) -> Result<Vec<String>, GitError> {
        let fail = |source: gix::Error| GitError::Reference {
            name: "refs/heads/".to_owned(),
            source: source.into(),
        };
        let handle = self.handle();
        let platform = handle.repo.references().map_err(fail)?;
        let branches = platform.local_branches().map_err(fail)?;
        let names = branches.filter_map(Result::ok);
        let mut names: Vec<String> = names.map(|b| b.name().as_bstr().to_string()).collect();
        names.sort();
        Ok(names)
    }

    /// Returns `user.name` and `user.email` of the configuration.
    pub fn identity(&self) -> Option<Identity> {
        let handle = self.handle();
        let config = handle.repo.config_snapshot();
        Some(Identity {
            name: config.string("user.name")?.to_string(),
            email: config.string("user.email")?.to_string(),
        })
    }

    /// Returns `user.name` and `user.email` of the configuration outside any repository.
    pub fn global_identity() -> Option<Identity> {
        let config = gix::config::File::from_globals().ok()?;
        Some(Identity {
            name: config.string("user.name")?.to_string(),
            email: config.string("user.email")?.to_string(),
        })
    }

    /// Returns the URL of `origin` without a user's name or password.
    pub fn remote_url(&self) -> Option<String> {
        let handle = self.handle();
        let config = handle.repo.config_snapshot();
        let url = config.string("remote.origin.url")?.to_string();
        Some(without_credentials(&url))
    }

    /// Returns what a configuration's key is set to.
    pub fn setting(&self, key: &str) -> Option<String> {
        let handle = self.handle();
        let config = handle.repo.config_snapshot();
        config.string(key).map(|value| value.to_string())
    }

    /// Returns a configuration's boolean, or what holds where it is not set.
    pub(super) fn flag(&self, key: &str, default: bool) -> bool {
        let handle = self.handle();
        let config = handle.repo.config_snapshot();
        config.boolean(key).unwrap_or(default)
    }

    /// Whether the executable bits of files in the working tree mean anything.
    pub(super) fn has_modes(&self) -> bool {
        cfg!(unix) && self.flag("core.fileMode", true)
    }
}

impl fmt::Debug for Repo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repo({})", self.0.git_dir.display())
    }
}

/// How repositories are opened: never an untrusted one, and objects are what their ids say
/// (no replacements).
fn trust() -> gix::sec::trust::Mapping<gix::open::Options> {
    let mut trust = gix::sec::trust::Mapping::<gix::open::Options>::default();
    for options in [&mut trust.full, &mut trust.reduced] {
        options.modify(|o| {
            o.bail_if_untrusted(true)
                .config_overrides(["core.useReplaceRefs=false"])
        });
    }
    trust
}

fn open_objects(objects: &Path) -> Result<gix::odb::Handle, GitError> {
    gix::odb::at(objects, gix::hash::Kind::Sha1).map_err(|source| GitError::ObjectDirectory {
        path: objects.to_owned(),
        source,
    })
}

/// Removes `..` parts that a `commondir` file brings in: `…/.git/worktrees/x/../..`.
trait Clean {
    fn clean(&self) -> PathBuf;
}

impl Clean for Path {
    fn clean(&self) -> PathBuf {
        let mut out = PathBuf::new();
        for part in self.components() {
            match part {
                std::path::Component::ParentDir if out.file_name().is_some() => {
                    out.pop();
                }
                part => out.push(part),
            }
        }
        out
    }
}

/// Strips `user:password@` from a URL with a scheme; scp-like addresses hold no password.
fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Playground;

    #[test]
    fn credentials_never_leave_a_url() {
        let clean = without_credentials;
        assert_eq!(clean("https://u:p@host/x.git"), "https://host/x.git");
        assert_eq!(clean("https://p@ss@host"), "https://host");
        assert_eq!(clean("https://host/a@b"), "https://host/a@b");
        assert_eq!(clean("git@host:x.git"), "git@host:x.git");
    }

    #[test]
    fn a_new_repository_is_one_for_git_too() {
        let play = Playground::new();
        let repo = play.init("trunk");
        assert_eq!(
            play.git(&["symbolic-ref", "HEAD"]).trim(),
            "refs/heads/trunk"
        );
        assert_eq!(play.git(&["status", "--porcelain"]), "");
        let head = repo.head().expect("HEAD reads");
        assert_eq!(head.branch.as_deref(), Some("refs/heads/trunk"));
        assert_eq!(head.commit, None);
        assert_eq!(repo.tip("refs/heads/trunk").expect("no tip"), None);
        assert!(!repo.is_bare() && !repo.is_shallow() && !repo.is_partial());
        assert!(!repo.git_dir().join("hooks").exists());
        assert!(Repo::init(play.root(), "main").is_err());
    }

    #[test]
    fn discovery_climbs_and_ends() {
        let play = Playground::new();
        play.init("main");
        let deep = play.root().join("a/b");
        files::create_dir(&deep).expect("made");
        let found = Repo::discover(&deep).expect("readable").expect("found");
        assert_eq!(found.workdir(), Some(play.root()));
        let outside = tempfile::tempdir().expect("a folder");
        assert!(Repo::discover(outside.path()).expect("readable").is_none());
    }

    #[test]
    fn revisions_name_commits() {
        let play = Playground::new();
        let repo = play.init("main");
        play.write("a.txt", "1");
        play.git(&["add", "."]);
        play.git(&["commit", "-qm", "one"]);
        play.git(&["tag", "-a", "v1", "-m", "v1"]);
        play.git(&["commit", "-qm", "two", "--allow-empty"]);
        let one = play.git(&["rev-parse", "HEAD~1"]);
        assert_eq!(repo.resolve("v1").expect("peels").to_string(), one.trim());
        assert_eq!(
            repo.resolve("HEAD^").expect("parent").to_string(),
            one.trim()
        );
        let error = repo.resolve("nope").expect_err("no such thing");
        assert_eq!(error.to_string(), "`nope` names no commit");
        assert_eq!(repo.tip("main").expect("partial names are none"), None);
        assert_eq!(
            repo.tip("refs/heads/main").expect("reads"),
            Some(repo.resolve("HEAD").expect("reads"))
        );
    }

    #[test]
    fn configuration_names_the_user_and_the_origin() {
        let play = Playground::new();
        play.init("main");
        play.git(&["config", "user.name", "Ada"]);
        play.git(&["config", "user.email", "ada@example.com"]);
        play.git(&["config", "remote.origin.url", "https://t:s@example.com/x"]);
        let repo = play.open();
        let identity = repo.identity().expect("configured");
        assert_eq!(identity.to_string(), "Ada <ada@example.com>");
        assert_eq!(repo.remote_url().as_deref(), Some("https://example.com/x"));
    }

    #[test]
    fn a_quarantine_is_read_beside_the_common_objects() {
        let play = Playground::new();
        let repo = play.init("main");
        play.write("a.txt", "1");
        play.git(&["add", "."]);
        play.git(&["commit", "-qm", "one"]);
        let quarantine = play.outside().join("incoming");
        files::create_dir(&quarantine).expect("made");
        let objects = repo.common_dir().join("objects");
        let new = play.git_with(
            &[
                ("GIT_OBJECT_DIRECTORY", quarantine.as_os_str()),
                ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.as_os_str()),
            ],
            &["commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "pushed"],
        );
        let id = CommitId::parse(new.trim()).expect("a commit");
        assert!(matches!(
            repo.commit_info(id),
            Err(GitError::Missing { partial: false, .. })
        ));
        let wider = repo.with_objects(&quarantine).expect("opens");
        assert_eq!(wider.commit_info(id).expect("reads").message, "pushed\n");
    }
}
