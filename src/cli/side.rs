//! Where closed launches are: beside the documentation, or on a branch that they have to themselves.

use super::error::CommandError;
use super::place::{AtArg, Place, store_error};
use super::ui::Ui;
use crate::base::path::{join, parent};
use crate::base::text::{shell_word, ticked};
use crate::git::{
    CommitId, EntryKind, GitError, Lead, Repo, Standing, TreeEntry, TreeView, is_branch_name,
};
use crate::store::{self, CommitFiles, Files, Snapshot, Unavailable, WORKSPACE_FILE};

/// A branch that closed launches have to themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnBranch {
    /// As `tallybook`.
    name: String,
}

impl OwnBranch {
    /// Returns the branch that a workspace's settings name; `None` where closed launches go to the
    /// branch of their documentation.
    pub(crate) fn of(documentation: &dyn Files) -> Result<Option<Self>, CommandError> {
        let settings = store::settings(documentation).map_err(store_error)?;
        let Some(settings) = settings else {
            return Ok(None);
        };
        let named = settings.launches_branch().map_err(|written| {
            let message = format!(
                "`launches` in `{WORKSPACE_FILE}` is `{written}`, expected a branch, as `{{branch: tallybook}}`"
            );
            CommandError::usage(message).hint("`tallybook validate` shows where")
        })?;
        let Some(name) = named else {
            return Ok(None);
        };
        let name = name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
        if !is_branch_name(&name) {
            let message = format!(
                "`launches.branch` in `{WORKSPACE_FILE}` is `{name}`, which no branch can be called"
            );
            return Err(CommandError::usage(message).hint("name a branch, as `tallybook`"));
        }
        Ok(Some(Self { name }))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// As `refs/heads/tallybook`.
    pub(crate) fn full(&self) -> String {
        format!("refs/heads/{}", self.name)
    }

    /// Returns where the branch stands.
    ///
    /// # Errors
    /// The local branch and that of its remote each have launches that the other lacks.
    pub(crate) fn standing(&self, repo: &Repo) -> Result<Standing, CommandError> {
        let standing = repo.standing(&self.full())?;
        match standing.lead {
            Lead::Diverged { related } => Err(self.diverged(repo, &standing, related)),
            _ => Ok(standing),
        }
    }

    fn diverged(&self, repo: &Repo, standing: &Standing, related: bool) -> CommandError {
        let remote = standing.remote.as_deref().unwrap_or_default();
        let error = CommandError::usage(format!(
            "branch `{}` and `{remote}/{}` have diverged: each has closed launches that the other lacks",
            self.name, self.name
        ));
        let error = match repo.is_shallow() {
            true => error.hint(format!(
                "this clone was cut short, and may only seem so: `git fetch --unshallow {}`",
                shell_word(remote)
            )),
            false => error,
        };
        error.hint(self.merge(remote, related))
    }

    /// The command that brings the local branch and its remote's together.
    pub(crate) fn merge(&self, remote: &str, related: bool) -> String {
        let (branch, theirs) = (
            shell_word(&self.name),
            shell_word(&format!("{remote}/{}", self.name)),
        );
        let options = match related {
            true => "",
            false => " --allow-unrelated-histories",
        };
        format!(
            "bring them together: `dir=$(mktemp -d) && git worktree add \"$dir\" {branch} && git -C \"$dir\" \
             merge --no-edit{options} {theirs} && git worktree remove \"$dir\"`"
        )
    }

    /// The command that brings a remote's branch here.
    fn fetch(&self, repo: &Repo, remote: &str) -> String {
        let to = match repo.is_bare() {
            true => format!("refs/heads/{}", self.name),
            false => format!("refs/remotes/{remote}/{}", self.name),
        };
        let spec = shell_word(&format!("{}:{to}", self.name));
        format!("git fetch {} {spec}", shell_word(remote))
    }

    /// Says why there may be closed launches that are not here; `None` where there is nowhere that
    /// they could be.
    fn unavailable(
        &self,
        repo: &Repo,
        standing: &Standing,
    ) -> Result<Option<Unavailable>, CommandError> {
        let Some(remote) = &standing.remote else {
            return Ok(None);
        };
        let (is_cut, fetch) = (
            repo.may_lack(remote, &self.full())?,
            self.fetch(repo, remote),
        );
        let why = match is_cut {
            true => format!("history unavailable: branch `{}` is not here", self.name),
            false => format!(
                "no closed launches: branch `{}` is neither here nor among what was fetched from `{remote}`",
                self.name
            ),
        };
        Ok(Some(Unavailable {
            why,
            remedy: format!("`{fetch}` brings it, if `{remote}` has it"),
            is_cut,
        }))
    }

    /// Refuses to begin the branch anew where the remote has one already, or can't be asked.
    pub(crate) fn check_root(&self, repo: &Repo) -> Result<(), CommandError> {
        let Some(remote) = repo.default_remote(Some(&self.full())) else {
            return Ok(());
        };
        let refs = repo.remote_refs(&remote, &[&self.full()]);
        let refs = refs.map_err(|error| {
            CommandError::from(error).hint(format!(
                "branch `{}` is not here; whether `{remote}` has it must be known before a first one is made",
                self.name
            ))
        })?;
        if !refs.contains_key(&self.full()) {
            return Ok(());
        }
        Err(CommandError::usage(format!(
            "branch `{}` is on `{remote}`, and not here",
            self.name
        ))
        .hint(format!(
            "fetch it, `{}`, or close with `--push`",
            self.fetch(repo, &remote)
        )))
    }
}

impl Place {
    /// Completes a snapshot of documentation by the launches that belong to it: those of a commit that
    /// was named, else those of the branch that they have to themselves, else those beside the
    /// documentation.
    pub(super) fn pair(
        &self,
        snapshot: Snapshot,
        named: Option<CommitId>,
    ) -> Result<Snapshot, CommandError> {
        if let Some(commit) = named {
            return self.with_launches(snapshot, commit, "");
        }
        let Some(branch) = OwnBranch::of(&*snapshot.docs)? else {
            return Ok(snapshot);
        };
        let Some(repo) = &self.repo else {
            return Ok(snapshot.without_launches(branch.name(), None));
        };
        let standing = branch.standing(repo)?;
        match standing.newest() {
            Some(commit) => self.with_launches(snapshot, commit, branch.name()),
            None => {
                let unavailable = branch.unavailable(repo, &standing)?;
                Ok(snapshot.without_launches(branch.name(), unavailable))
            }
        }
    }

    /// Completes a snapshot as [`pair`](Self::pair) does, by the launches of both sides of a branch
    /// that has diverged.
    pub(super) fn pair_all(&self, snapshot: Snapshot) -> Result<Snapshot, CommandError> {
        let branch = OwnBranch::of(&*snapshot.docs)?;
        if let (Some(repo), Some(branch)) = (&self.repo, branch) {
            let standing = repo.standing(&branch.full())?;
            if matches!(standing.lead, Lead::Diverged { .. }) {
                let both = standing.local.into_iter().chain(standing.fetched);
                let files: Result<Vec<CommitFiles>, CommandError> =
                    both.map(|commit| self.launches_at(commit)).collect();
                return Ok(snapshot.with_all_launches(files?, branch.name()));
            }
        }
        self.pair(snapshot, None)
    }

    fn with_launches(
        &self,
        snapshot: Snapshot,
        commit: CommitId,
        branch: &str,
    ) -> Result<Snapshot, CommandError> {
        let repo = self.repo()?;
        self.launches_at(commit)?.fetch_evidence(false)?;
        snapshot
            .with_launches(repo, commit, &self.prefix, branch)
            .map_err(store_error)
    }

    /// Returns a commit's closed launches.
    pub(crate) fn launches_at(&self, commit: CommitId) -> Result<CommitFiles, CommandError> {
        Ok(CommitFiles::at(self.repo()?, commit, &self.prefix)?)
    }

    /// Gets what a partial clone lacks of a snapshot's closed launches.
    pub(crate) fn complete(&self, snapshot: &Snapshot) -> Result<(), CommandError> {
        match snapshot.apart.as_ref().and_then(|apart| apart.commit) {
            Some(commit) => Ok(self.launches_at(commit)?.fetch_evidence(true)?),
            None => Ok(()),
        }
    }
}

/// Which commit's closed launches are to be verified.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// `None` for the current commit.
    pub(crate) at: Option<CommitId>,
    /// The commit of their documentation, where they have a branch to themselves.
    pub(crate) documentation: Option<CommitId>,
    /// Whether all that is named must be there: on the branch that has all closed launches.
    pub(crate) complete: bool,
    pub(crate) unavailable: Option<Unavailable>,
}

impl Place {
    /// Returns the commit whose closed launches are meant: one that was named, or the tip of the branch
    /// that they have to themselves, by the documentation of a commit that was named or of the working
    /// tree.
    pub(crate) fn evidence(&self, at: &AtArg) -> Result<Evidence, CommandError> {
        let here = |at, complete| Evidence {
            at,
            documentation: None,
            complete,
            unavailable: None,
        };
        let Some(repo) = &self.repo else {
            return Ok(here(None, true));
        };
        let current = match repo.head()?.commit {
            Some(_) => OwnBranch::of(&*self.writing_documentation()?.docs)?,
            None => None,
        };
        let (named, own) = match (&at.at, self.named_launches(at)?) {
            (None, _) => (None, current),
            (Some(_), Some(launches)) => (Some(launches), current),
            (Some(_), None) => {
                let rev = at.at.as_deref().unwrap_or_default();
                let documentation = self.documentation(at)?;
                match OwnBranch::of(&*documentation.docs)? {
                    Some(own) => (None, Some(own)),
                    None => (Some(self.commit(rev)?), current),
                }
            }
        };
        let Some(own) = own else {
            return Ok(here(named, true));
        };
        let standing = own.standing(repo)?;
        let newest = standing.newest();
        let found = match (named, newest) {
            (Some(named), Some(newest)) => here(Some(named), repo.is_ancestor(named, newest)?),
            (Some(named), None) => here(Some(named), false),
            (None, Some(newest)) => here(Some(newest), true),
            (None, None) => Evidence {
                unavailable: own.unavailable(repo, &standing)?,
                ..here(None, false)
            },
        };
        Ok(Evidence {
            documentation: self.documentation_commit(at, named)?,
            ..found
        })
    }

    /// Returns the commit of the documentation that goes with launches of a branch of their own: the one
    /// that was named, unless that is the launches', else the current one.
    fn documentation_commit(
        &self,
        at: &AtArg,
        launches: Option<CommitId>,
    ) -> Result<Option<CommitId>, CommandError> {
        let repo = self.repo()?;
        let named = at.at.as_deref().map(|at| split(at).0);
        let named = named.map(|rev| self.commit(rev)).transpose()?;
        match named.filter(|named| Some(*named) != launches) {
            Some(named) => Ok(Some(named)),
            None => Ok(repo.head()?.commit),
        }
    }
}

/// How deep below a folder a workspace is looked for.
const DEPTH: usize = 4;

/// Returns the path of the only workspace in a repository's current commit; the root where there is
/// none.
pub(super) fn workspace_in(repo: &Repo) -> Result<String, CommandError> {
    let Some(commit) = repo.head()?.commit else {
        return Ok(String::new());
    };
    let is_workspace = |_: &TreeView, entries: &[TreeEntry]| {
        Ok(entries.iter().any(|entry| entry.name == WORKSPACE_FILE))
    };
    let found = folders_below(&repo.tree(commit)?, "", &is_workspace)?;
    match found.as_slice() {
        [] => Ok(String::new()),
        [only] => Ok(only.clone()),
        several => Err(CommandError::usage(format!(
            "the current commit of this bare repository has several workspaces: {}",
            ticked(several, "and")
        ))
        .hint("clone it, and run the command in one of them")),
    }
}

/// Returns where the workspace that is at a path now was in an earlier commit: at the same path, or, if it
/// moved, in the only folder that had a workspace then and has none now.
pub(super) fn earlier_path(
    repo: &Repo,
    path: &str,
    earlier: CommitId,
    has_now: &dyn Fn(&str) -> Result<bool, CommandError>,
) -> Result<String, CommandError> {
    let tree = repo.tree(earlier)?;
    let is_workspace = |_: &TreeView, entries: &[TreeEntry]| {
        Ok(entries.iter().any(|entry| entry.name == WORKSPACE_FILE))
    };
    if tree.entry(&join(path, WORKSPACE_FILE))?.is_some() {
        return Ok(path.to_owned());
    }
    let mut gone = Vec::new();
    for folder in folders_below(&tree, "", &is_workspace)? {
        if !has_now(&join(&folder, WORKSPACE_FILE))? {
            gone.push(folder);
        }
    }
    Ok(match gone.as_slice() {
        [only] => only.clone(),
        _ => path.to_owned(),
    })
}

/// Returns a folder of the current commit that has closed launches and is no workspace: the nearest one
/// around a path, else the first one below it.
pub(super) fn launches_around(repo: &Repo, path: &str) -> Result<Option<String>, CommandError> {
    let Some(commit) = repo.head()?.commit else {
        return Ok(None);
    };
    let tree = repo.tree(commit)?;
    let mut around = path;
    loop {
        if has_launches(&tree, &tree.list(around)?)? {
            return Ok(Some(around.to_owned()));
        }
        if around.is_empty() {
            break;
        }
        around = parent(around);
    }
    Ok(folders_below(&tree, path, &has_launches)?
        .into_iter()
        .next())
}

fn has_launches(tree: &TreeView, entries: &[TreeEntry]) -> Result<bool, GitError> {
    let named = |name: &str| entries.iter().find(|entry| entry.name == name);
    let (Some(projects), None) = (named("projects"), named(WORKSPACE_FILE)) else {
        return Ok(false);
    };
    for project in tree.list(&projects.path)? {
        if tree.subtree_id(&join(&project.path, "launches"))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Asks something of a folder's entries, in their tree.
type Asked<'a> = dyn Fn(&TreeView, &[TreeEntry]) -> Result<bool, GitError> + 'a;

/// Lists the uppermost folders at a path or below it whose entries are as asked.
fn folders_below(tree: &TreeView, path: &str, asked: &Asked<'_>) -> Result<Vec<String>, GitError> {
    let mut folders = vec![path.to_owned()];
    let mut found = Vec::new();
    for _ in 0..DEPTH {
        let mut below = Vec::new();
        for folder in folders {
            let entries = tree.list(&folder)?;
            if asked(tree, &entries)? {
                found.push(folder);
                continue;
            }
            let inner = entries.into_iter();
            let inner = inner.filter(|entry| entry.kind == EntryKind::Folder);
            below.extend(inner.map(|entry| entry.path));
        }
        folders = below;
    }
    Ok(found)
}

/// Refuses to go on where closed launches can't be seen.
pub(crate) fn refuse_unavailable(unavailable: &Unavailable) -> CommandError {
    CommandError::usage(unavailable.why.as_str()).hint(unavailable.remedy.as_str())
}

/// Says that there may be closed launches that can't be seen.
pub(crate) fn tell_unavailable(ui: &mut Ui, unavailable: Option<&Unavailable>) {
    let Some(Unavailable {
        why,
        remedy,
        is_cut,
    }) = unavailable
    else {
        return;
    };
    match is_cut {
        true => ui.warn(why),
        false => ui.status(why),
    }
    ui.hint(remedy);
}

/// Tells the two sides of `DOC:LAUNCHES`; colons within braces, as `@{10:00}` has, and one at the
/// beginning, as `:/words` has, are a revision's own.
pub(super) fn split(at: &str) -> (&str, Option<&str>) {
    let mut depth = 0_u32;
    for (place, c) in at.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 && place > 0 => return (&at[..place], Some(&at[place + 1..])),
            _ => {}
        }
    }
    (at, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryFiles;

    #[test]
    fn a_pair_is_told_from_a_revision() {
        for (at, docs, launches) in [
            ("main", "main", None),
            ("main:tallybook", "main", Some("tallybook")),
            ("main@{10:00}:a", "main@{10:00}", Some("a")),
            (":/Close launch", ":/Close launch", None),
            ("HEAD^{/a:b}", "HEAD^{/a:b}", None),
            ("main:", "main", Some("")),
        ] {
            assert_eq!(split(at), (docs, launches), "{at}");
        }
    }

    #[test]
    fn a_setting_that_names_no_branch_is_refused() {
        let of = |text: &str| {
            let files: MemoryFiles = [(WORKSPACE_FILE, format!("format: 1\n{text}\n"))]
                .into_iter()
                .collect();
            OwnBranch::of(&files)
        };
        let named = of("launches: {branch: refs/heads/evidence}").expect("reads");
        assert_eq!(named.expect("set").full(), "refs/heads/evidence");
        assert_eq!(of("title: x").expect("reads"), None);
        for wrong in ["{branch: 3}", "tallybook", "{branch: 'a..b'}", "[]"] {
            let error = of(&format!("launches: {wrong}")).expect_err("refused");
            assert!(
                error.error.to_string().contains("in `tallybook.yaml`"),
                "{wrong}"
            );
        }
    }
}
