//! Where a command works: the workspace, its repository, a snapshot, a project, a launch.

mod below;
mod keeping;
mod named;
mod revision;

use std::path::{Path, PathBuf};

use self::keeping::attachment_setting;
pub(crate) use self::keeping::real;
pub(crate) use self::named::{FoundLaunch, LaunchPlace, closed, launch, launch_or_project, unseen};
use super::context::Context;
use super::error::{CommandError, ErrorKind};
use super::side;
use super::ui::Ui;
use crate::analysis::redaction::Redaction;
use crate::base::{Timestamp, path as paths, text};
use crate::git::{CommitId, Identity, Repo};
use crate::ledger::{Guard, OpenState};
use crate::model::is_project_key;
use crate::store::{self, Cache, Loaded, Project, Snapshot, SnapshotName, StoreError, Workspace};

/// The workspace that a command runs in, and the repository around it.
#[derive(Debug)]
pub(crate) struct Place {
    /// The workspace's folder; the repository's own folder where that is bare.
    pub(crate) root: PathBuf,
    pub(crate) repo: Option<Repo>,
    /// The workspace's path in the repository, empty for its root.
    pub(crate) prefix: String,
    /// What reading commands keep what they derive from closed launches in; none where that is not wanted.
    cache: Option<Cache>,
}

/// Which project a command is about.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ProjectArg {
    /// The project's key or folder; may be left out where there is only one
    #[arg(short, long, value_name = "KEY")]
    pub(crate) project: Option<String>,
}

/// Which moment a reading command looks at.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct AtArg {
    /// Read a commit instead of the working tree; with a second one, the closed launches of that
    #[arg(long, value_name = "REV[:LAUNCHES]")]
    pub(crate) at: Option<String>,
}

impl Place {
    /// Returns the same repository, seen from a workspace in another folder of it.
    pub(crate) fn moved(&self, prefix: String) -> Self {
        Self {
            root: self.workdir().join(&prefix),
            repo: self.repo.clone(),
            prefix,
            cache: self.cache.clone(),
        }
    }

    /// Finds the workspace around the current folder; in a bare repository, the one of its current
    /// commit.
    pub(crate) fn find(ctx: &Context) -> Result<Self, CommandError> {
        let repo = Repo::discover(&ctx.cwd)?;
        match (store::find_workspace(&ctx.cwd), repo) {
            (Ok(root), repo) => Self::around(ctx, root, repo),
            (Err(_), Some(bare)) if bare.is_bare() => Ok(Self {
                root: bare.git_dir().to_path_buf(),
                prefix: side::workspace_in(&bare)?,
                cache: cache(ctx, Some(&bare)),
                repo: Some(bare),
            }),
            (Err(error), repo) => Err(match launches_alone(ctx, repo.as_ref()) {
                Some(folder) => not_documentation(&folder),
                None if repo.is_some() => below::no_workspace(ctx, error),
                None => store_error(error),
            }),
        }
    }

    /// Finds the workspace as [`find`](Self::find) does, or the folder of closed launches that are
    /// checked out without their documentation.
    pub(crate) fn find_evidence(ctx: &Context) -> Result<Self, CommandError> {
        let found = Self::find(ctx);
        if found.is_ok() {
            return found;
        }
        let repo = Repo::discover(&ctx.cwd)?;
        match launches_alone(ctx, repo.as_ref()) {
            Some(folder) => Self::around(ctx, folder, repo),
            None => found,
        }
    }

    pub(crate) fn around(
        ctx: &Context,
        root: PathBuf,
        repo: Option<Repo>,
    ) -> Result<Self, CommandError> {
        let prefix = match repo.as_ref().and_then(Repo::workdir) {
            Some(workdir) => prefix(workdir, &root)?,
            None => String::new(),
        };
        Ok(Self {
            cache: cache(ctx, repo.as_ref()),
            root,
            repo,
            prefix,
        })
    }

    /// Returns the repository, or says that one is needed.
    pub(crate) fn repo(&self) -> Result<&Repo, CommandError> {
        self.repo.as_ref().ok_or_else(|| {
            let message = format!("`{}` is not in a git repository", self.root.display());
            CommandError::usage(message).hint("run `git init` there and commit the workspace first")
        })
    }

    /// Returns the working tree or a commit, and the closed launches that belong to it.
    pub(crate) fn snapshot(&self, at: &AtArg) -> Result<Snapshot, CommandError> {
        let documentation = self.documentation(at)?;
        let snapshot = self.pair(documentation, self.named_launches(at)?)?;
        Ok(self.cached(snapshot))
    }

    /// Completes documentation, wherever it is from, by the closed launches that belong to it.
    pub(crate) fn with_its_launches(
        &self,
        documentation: Snapshot,
    ) -> Result<Snapshot, CommandError> {
        let snapshot = self.pair(documentation, None)?;
        Ok(self.cached(snapshot))
    }

    fn cached(&self, snapshot: Snapshot) -> Snapshot {
        match &self.cache {
            Some(cache) => snapshot.with_cache(cache.clone()),
            None => snapshot,
        }
    }

    /// Returns the working tree or a commit, as though closed launches lay beside the documentation.
    pub(crate) fn documentation(&self, at: &AtArg) -> Result<Snapshot, CommandError> {
        match &at.at {
            Some(at) => self.commit_snapshot(self.commit(side::split(at).0)?),
            None if self.is_bare() => {
                let error = CommandError::usage("a bare repository has no working tree");
                Err(error.hint("name a commit, as `--at main`"))
            }
            None => match self.repo.as_ref().filter(|repo| repo.is_sparse()) {
                Some(repo) => {
                    Snapshot::sparse_tree(repo, &self.root, &self.prefix).map_err(store_error)
                }
                None => Ok(Snapshot::working_tree(&self.root)),
            },
        }
    }

    /// Returns the commit of closed launches that was named, if any was.
    pub(crate) fn named_launches(&self, at: &AtArg) -> Result<Option<CommitId>, CommandError> {
        match at.at.as_deref().and_then(|at| side::split(at).1) {
            Some(rev) => Ok(Some(self.commit(rev)?)),
            None => Ok(None),
        }
    }

    /// Returns what writing commands read: the working tree, or the current commit where that is not
    /// whole: in a bare repository, and in a sparse checkout. Where the branch of closed launches and
    /// its remote's have diverged, both count: no result is refused because of that.
    pub(crate) fn writing_snapshot(&self) -> Result<Snapshot, CommandError> {
        self.pair_all(self.writing_documentation()?)
    }

    pub(crate) fn writing_documentation(&self) -> Result<Snapshot, CommandError> {
        let is_sparse = self.repo.as_ref().is_some_and(Repo::is_sparse);
        let at = (self.is_bare() || is_sparse).then(|| "HEAD".to_owned());
        self.documentation(&AtArg { at })
    }

    /// Returns a commit's snapshot, as though closed launches lay beside the documentation.
    pub(crate) fn commit_snapshot(&self, id: CommitId) -> Result<Snapshot, CommandError> {
        Snapshot::at_commit(self.repo()?, id, &self.prefix).map_err(store_error)
    }

    /// Returns the root of the working tree, or the workspace's folder where there is none.
    pub(crate) fn workdir(&self) -> &Path {
        let workdir = self.repo.as_ref().and_then(Repo::workdir);
        workdir.unwrap_or(&self.root)
    }

    fn is_bare(&self) -> bool {
        self.repo.as_ref().is_some_and(Repo::is_bare)
    }

    /// Returns where a project's open launches live.
    pub(crate) fn open_state(&self, project: &Project) -> Result<OpenState, CommandError> {
        let key = key(project)?;
        Ok(OpenState::new(
            self.repo()?.common_dir(),
            &self.prefix,
            &key,
        ))
    }

    /// Returns who writes: the environment's identity, completed by git's configuration.
    pub(crate) fn identity(&self, ctx: &Context) -> Result<Identity, CommandError> {
        let (name, email) = ctx.author();
        let configured = self.repo.as_ref().and_then(Repo::identity);
        let name = name
            .map(str::to_owned)
            .or(configured.as_ref().map(|c| c.name.clone()));
        let email = email.map(str::to_owned).or(configured.map(|c| c.email));
        match (name, email) {
            (Some(name), Some(email)) => Ok(Identity { name, email }),
            _ => Err(CommandError::usage("git does not know who you are").hint(
                "run `git config user.name NAME` and `git config user.email EMAIL`, or set \
                 GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL",
            )),
        }
    }
}

fn cache(ctx: &Context, repo: Option<&Repo>) -> Option<Cache> {
    let repo = repo.filter(|_| ctx.caches)?;
    Some(Cache::new(repo.common_dir()))
}

/// Returns the folder of closed launches that are checked out without their documentation: around the
/// current folder, or below it.
fn launches_alone(ctx: &Context, repo: Option<&Repo>) -> Option<PathBuf> {
    let repo = repo?;
    let workdir = repo.workdir()?.canonicalize().ok()?;
    let cwd = ctx.cwd.canonicalize().ok()?;
    let prefix = paths::from_native(cwd.strip_prefix(&workdir).ok()?)?;
    let found = side::launches_around(repo, &prefix).ok()??;
    Some(paths::to_native(&workdir, &found))
}

fn not_documentation(folder: &Path) -> CommandError {
    CommandError::usage(format!(
        "`{}` has closed launches and no `tallybook.yaml`: it is the branch that they have to themselves",
        folder.display()
    ))
    .hint("run the command where the documentation is checked out; `tallybook verify` works here too")
}

fn prefix(workdir: &Path, root: &Path) -> Result<String, CommandError> {
    let canonical = |path: &Path| path.canonicalize().unwrap_or(path.to_path_buf());
    let (workdir, root) = (canonical(workdir), canonical(root));
    let relative = root.strip_prefix(&workdir).map_err(|_| {
        CommandError::usage(format!(
            "the workspace `{}` lies outside the repository `{}`",
            root.display(),
            workdir.display()
        ))
    })?;
    paths::from_native(relative).ok_or_else(|| {
        CommandError::usage(format!("`{}` is not UTF-8", relative.display()))
            .hint("rename the folder")
    })
}

pub(crate) fn store_error(error: StoreError) -> CommandError {
    let hint = error.hint();
    let error = CommandError::from(error);
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// Loads a workspace.
pub(crate) fn load(snapshot: &Snapshot) -> Result<Loaded, CommandError> {
    store::load(snapshot).map_err(store_error)
}

/// Refuses to write where the workspace asks for what this version can't do: a setting that is
/// passed over would put results where nobody wants them, for good.
pub(crate) fn check_settings(workspace: &Workspace) -> Result<(), CommandError> {
    redaction(workspace)?;
    let settings = workspace.settings.as_ref();
    attachment_setting(settings.map(|doc| &doc.value)).map(drop)
}

/// Returns what `tallybook.yaml` wants taken out of results.
pub(crate) fn redaction(workspace: &Workspace) -> Result<Redaction, CommandError> {
    let Some(settings) = &workspace.settings else {
        return Ok(Redaction::default());
    };
    Redaction::parse(&settings.value.redaction).map_err(|error| {
        let hint = error.help.clone();
        let error =
            CommandError::usage(format!("`redaction` in `tallybook.yaml` is wrong: {error}"));
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })
}

/// Takes what the workspace's patterns match out of words that a person gives and git keeps; refuses what looks
/// like a secret. `what` says what they are: `the reason`.
pub(crate) fn clean_words(
    workspace: &Workspace,
    what: &str,
    typed: &str,
) -> Result<String, CommandError> {
    let guard = Guard::new(redaction(workspace)?, &[]);
    guard.clean(typed).map_err(|shape| {
        let error = CommandError::usage(format!(
            "{what} looks like a secret: {shape}; nothing was written"
        ));
        let error = CommandError {
            kind: ErrorKind::Finding,
            ..error
        };
        error
            .hint("git keeps for ever what it is given: say it without, and revoke what is a secret")
            .hint(format!(
                "if it is none, `redaction: {{allow: [{shape}]}}` in `tallybook.yaml` lets it through"
            ))
    })
}

/// Returns a project's key, or says what is wrong with it.
pub(crate) fn key(project: &Project) -> Result<String, CommandError> {
    let key = project
        .settings
        .as_ref()
        .map(|doc| doc.value.key.clone())
        .unwrap_or_default();
    if is_project_key(&key) {
        return Ok(key);
    }
    let path = format!("projects/{}/project.yaml", project.folder);
    let message = match key.as_str() {
        "" => format!("project `{}` has no key", project.folder),
        key => format!("`{key}` is no project key"),
    };
    Err(CommandError::usage(message)
        .hint(format!(
            "set `key:` in `{path}` to upper-case letters and digits, as `SHOP`"
        ))
        .hint("`tallybook validate` lists all that is wrong"))
}

/// Finds a project by key or folder, or the only one.
pub(crate) fn project<'w>(
    workspace: &'w Workspace,
    wanted: &ProjectArg,
) -> Result<&'w Project, CommandError> {
    let key = |project: &Project| project.settings.as_ref().map(|doc| doc.value.key.clone());
    let names: Vec<String> = workspace
        .projects
        .iter()
        .map(|project| {
            key(project)
                .filter(|k| !k.is_empty())
                .unwrap_or(project.folder.clone())
        })
        .collect();
    match (&wanted.project, workspace.projects.as_slice()) {
        (_, []) => Err(CommandError::usage("the workspace has no projects")
            .hint("a project is a folder below `projects/` with a `project.yaml`")),
        (None, [only]) => Ok(only),
        (None, _) => Err(CommandError::usage(format!(
            "there are several projects: {}",
            text::ticked(&names, "and")
        ))
        .hint(format!("name one, as `--project {}`", names[0]))),
        (Some(wanted), projects) => {
            let fits = |project: &&Project| {
                project.folder == *wanted
                    || key(project).is_some_and(|key| key.eq_ignore_ascii_case(wanted))
            };
            projects.iter().find(fits).ok_or_else(|| {
                let error = CommandError::usage(format!("there is no project `{wanted}`"));
                let near = text::closest(wanted, names.iter().map(String::as_str));
                error.hint(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the projects are {}", text::ticked(&names, "and")),
                })
            })
        }
    }
}

/// Returns the present of a snapshot: what was given, else a commit's time, else the clock.
pub(crate) fn now(snapshot: &Snapshot, given: Option<Timestamp>, ctx: &Context) -> Timestamp {
    given.unwrap_or(match snapshot.name {
        SnapshotName::Commit { time, .. } => time,
        SnapshotName::WorkingTree => ctx.now,
    })
}

/// Parses what people are to read later.
pub(crate) fn parse_words(text: &str) -> Result<String, String> {
    match text.trim().is_empty() {
        true => Err("the text is empty".to_owned()),
        false => Ok(text.to_owned()),
    }
}

/// Returns variables that were given, but for those without a value: a script gives one where it has none.
pub(crate) fn variables(given: &[(String, String)]) -> Vec<(String, String)> {
    let has_value = |(_, value): &&(String, String)| !value.trim().is_empty();
    given.iter().filter(has_value).cloned().collect()
}

/// Refuses a variable that was given two values: results are of one of them, and nobody can say which.
pub(crate) fn one_value_each(given: &[(String, String)]) -> Result<(), CommandError> {
    let given = variables(given);
    for (n, (name, value)) in given.iter().enumerate() {
        let before = given[..n].iter().find(|(other, _)| other == name);
        if let Some((_, before)) = before.filter(|(_, before)| before.trim() != value.trim()) {
            let [name, before, value] = [name, before, value].map(|text| text::line(text, 60));
            let error = CommandError::usage(format!(
                "variable `{name}` is given two values, `{before}` and `{value}`"
            ));
            return Err(error.hint("leave one of them out; results of each are given on their own"));
        }
    }
    Ok(())
}

/// Returns the declared variable that one of another name was most likely meant to be. Names that differ by their
/// numbers alone are different things, and of short ones most are near each other.
fn variable_meant<'d>(name: &str, declared: &[&'d str]) -> Option<&'d str> {
    let letters = |name: &str| {
        name.trim_end_matches(|c: char| c.is_ascii_digit())
            .to_owned()
    };
    let near = text::closest(name, declared.iter().copied())?;
    (name.chars().count() > 3 && letters(near) != letters(name)).then_some(near)
}

/// Says which variables that were given have no value, or are called almost as the project declares them.
pub(crate) fn tell_variables(ui: &mut Ui, given: &[(String, String)], project: &Project) {
    let settings = project.settings.as_ref().map(|doc| &doc.value);
    let declared: Vec<&str> =
        settings.map_or_else(Vec::new, |settings| settings.environment.keys().collect());
    for (name, value) in given {
        let shown = text::sanitize_line(name);
        if value.trim().is_empty() {
            ui.warn(format!("variable `{shown}` has no value, and is left out"));
            continue;
        }
        if declared.contains(&name.as_str()) {
            continue;
        }
        let same = { declared.iter() }.find(|known| known.eq_ignore_ascii_case(name));
        if let Some(same) = same {
            ui.warn(format!(
                "variable `{shown}` is another than `{same}`, which `project.yaml` declares: letter case counts"
            ));
            ui.hint(format!("write `--env {same}=VALUE`"));
        } else if let Some(near) = variable_meant(name, &declared) {
            ui.warn(format!(
                "variable `{shown}` is none that `project.yaml` declares, and `{near}` is"
            ));
            ui.hint(format!("did you mean `--env {near}=VALUE`?"));
        }
    }
}

/// Parses `NAME=VALUE`. Blanks around a value are none of it: shells of Windows leave them there.
pub(crate) fn parse_variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected NAME=VALUE, as `browser=firefox`".to_owned()),
    }
}
