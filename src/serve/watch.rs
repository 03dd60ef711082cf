//! Which files are watched, and when a change counts as over.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::{Config, EventKind, PollWatcher, RecursiveMode, Watcher as _};

use super::ServeError;
use crate::base::files::TEMPORARY;

/// What is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// The workspace's folder: its own files, and its folders `projects` and `templates` whole.
    pub workspace: PathBuf,
    /// Folders that hold `HEAD`, `packed-refs` and `refs` of the repository.
    pub git: Vec<PathBuf>,
}

/// The folders of a workspace whose files are looked at.
const FOLDERS: [&str; 2] = ["projects", "templates"];
/// Files of a git folder that say where branches stand.
const HEADS: [&str; 2] = ["HEAD", "packed-refs"];
/// How long it has to be quiet after a change, since editors and git write in several steps.
const QUIET: Duration = Duration::from_millis(60);
/// How long changes that never end are waited for.
const LONGEST: Duration = Duration::from_secs(1);
/// How often files are looked at where the system doesn't say what changed.
const POLL: Duration = Duration::from_secs(1);

/// Says when files change.
#[derive(Debug)]
pub struct Watcher {
    watched: Watched,
    by: By,
    changes: Receiver<Change>,
    /// Which of [`FOLDERS`] were there.
    there: Vec<&'static str>,
}

#[derive(Debug)]
enum By {
    System(notify::RecommendedWatcher),
    Polls(PollWatcher),
}

#[derive(Debug)]
struct Change(Vec<PathBuf>);

impl Watcher {
    /// Begins to watch; where the system can't say what changed, files are looked at each second.
    ///
    /// # Errors
    /// Where neither works.
    pub fn start(watched: Watched) -> Result<Self, ServeError> {
        let (sender, changes) = mpsc::channel();
        let tell = move |event: notify::Result<notify::Event>| {
            if let Ok(event) = event
                && !matches!(event.kind, EventKind::Access(_))
            {
                // Nobody listens once the preview ends.
                sender.send(Change(event.paths)).ok();
            }
        };
        let system = notify::recommended_watcher(tell.clone());
        let mut watcher = Self {
            by: match system {
                Ok(system) => By::System(system),
                Err(_) => By::Polls(polls(tell.clone(), &watched)?),
            },
            watched,
            changes,
            there: Vec::new(),
        };
        if watcher.watch_all().is_err() && !watcher.is_polling() {
            watcher.by = By::Polls(polls(tell, &watcher.watched)?);
            watcher.there.clear();
            watcher.watch_all()?;
        }
        Ok(watcher)
    }

    /// Whether files are looked at each second, since the system doesn't say what changed.
    pub fn is_polling(&self) -> bool {
        matches!(self.by, By::Polls(_))
    }

    /// Waits for a change and until it is over; `false` where none will come.
    pub(super) fn wait(&mut self) -> bool {
        let mut since: Option<Instant> = None;
        loop {
            let change = match since {
                None => self
                    .changes
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) if since.elapsed() > LONGEST => Err(RecvTimeoutError::Timeout),
                Some(_) => self.changes.recv_timeout(QUIET),
            };
            match change {
                Ok(Change(paths)) => {
                    let counts = paths.iter().any(|path| counts(&self.watched, path));
                    if counts && since.is_none() {
                        since = Some(Instant::now());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    // What is not there yet is watched once it is, what was replaced again.
                    self.watch_folders().ok();
                    return true;
                }
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    fn watch_all(&mut self) -> Result<(), ServeError> {
        let workspace = self.watched.workspace.clone();
        self.watch(&workspace, RecursiveMode::NonRecursive)?;
        for git in self.watched.git.clone() {
            self.watch(&git, RecursiveMode::NonRecursive)?;
            let refs = git.join("refs");
            if refs.is_dir() {
                self.watch(&refs, RecursiveMode::Recursive)?;
            }
        }
        self.watch_folders()
    }

    fn watch_folders(&mut self) -> Result<(), ServeError> {
        for name in FOLDERS {
            let folder = self.watched.workspace.join(name);
            let is_there = folder.is_dir();
            let was_there = self.there.contains(&name);
            if is_there && !was_there {
                self.watch(&folder, RecursiveMode::Recursive)?;
                self.there.push(name);
            } else if was_there && !is_there {
                self.there.retain(|there| *there != name);
            }
        }
        Ok(())
    }

    fn watch(&mut self, path: &Path, mode: RecursiveMode) -> Result<(), ServeError> {
        let watched = match &mut self.by {
            By::System(watcher) => watcher.watch(path, mode),
            By::Polls(watcher) => watcher.watch(path, mode),
        };
        watched.map_err(|source| wrong(path, source))
    }
}

fn polls(tell: impl notify::EventHandler, watched: &Watched) -> Result<PollWatcher, ServeError> {
    let config = Config::default().with_poll_interval(POLL);
    PollWatcher::new(tell, config).map_err(|source| wrong(&watched.workspace, source))
}

fn wrong(path: &Path, source: notify::Error) -> ServeError {
    ServeError::Watch {
        path: path.display().to_string(),
        source,
    }
}

/// Whether a site can look otherwise after a change of this path.
fn counts(watched: &Watched, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_passing = name.starts_with(TEMPORARY)
        || name.starts_with(".#")
        || name.ends_with('~')
        || name.ends_with(".swp")
        || name.ends_with(".swx")
        || name == "4913";
    if is_passing {
        return false;
    }
    for git in &watched.git {
        if let Ok(below) = path.strip_prefix(git) {
            let is_head = HEADS.iter().any(|head| below == Path::new(head));
            return is_head || (below.starts_with("refs") && !name.ends_with(".lock"));
        }
    }
    match path.strip_prefix(&watched.workspace) {
        Ok(below) if below.components().count() > 1 => {
            FOLDERS.iter().any(|folder| below.starts_with(folder))
        }
        // A folder that was made here may be the site of somebody who renders beside this.
        Ok(below) => {
            FOLDERS.iter().any(|folder| below == Path::new(folder))
                || name == ".gitattributes"
                || name.ends_with(".yaml")
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;

    fn watched() -> Watched {
        Watched {
            workspace: PathBuf::from("/w"),
            git: vec![PathBuf::from("/w/.git"), PathBuf::from("/main/.git")],
        }
    }

    #[test]
    fn what_counts() {
        for (path, counted) in [
            ("/w/tallybook.yaml", true),
            ("/w/.gitattributes", true),
            ("/w/projects", true),
            ("/w/projects/shop/cases/a.md", true),
            ("/w/templates/site/case.html", true),
            ("/w/.git/HEAD", true),
            ("/main/.git/packed-refs", true),
            ("/main/.git/refs/heads/main", true),
            ("/main/.git/refs/heads/main.lock", false),
            ("/w/.git/index", false),
            ("/w/.git/tallybook/cache/x", false),
            ("/w/site", false),
            ("/w/site/index.html", false),
            ("/w/target/debug/x", false),
            ("/w/projects/shop/cases/.a.md.swp", false),
            ("/w/projects/shop/cases/a.md~", false),
            ("/w/projects/shop/cases/4913", false),
            ("/w/projects/shop/.tallybook-x", false),
            ("/elsewhere/tallybook.yaml", false),
        ] {
            assert_eq!(counts(&watched(), Path::new(path)), counted, "{path}");
        }
    }

    #[test]
    fn a_change_is_heard_of() {
        let dir = tempfile::tempdir().unwrap();
        let root = files::canonical(dir.path()).unwrap();
        let case = root.join("projects/shop/cases/a.md");
        files::write(&case, b"1").unwrap();
        let watched = Watched {
            workspace: root.clone(),
            git: Vec::new(),
        };
        let mut watcher = Watcher::start(watched).unwrap();
        files::write(&root.join("projects/shop/cases/b.md"), b"2").unwrap();
        assert!(watcher.wait());
        files::remove_dir(&root.join("projects")).unwrap();
        assert!(watcher.wait());
        files::write(&case, b"3").unwrap();
        assert!(watcher.wait());
        files::write(&case, b"4").unwrap();
        assert!(watcher.wait(), "a folder that came again is watched");
    }
}
