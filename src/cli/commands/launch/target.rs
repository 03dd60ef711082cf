//! Where a closing goes: the branch that closed launches have to themselves, or the one that is checked
//! out or named.

use super::close::CloseArgs;
use crate::base::text;
use crate::cli::error::CommandError;
use crate::cli::place::Place;
use crate::cli::side::OwnBranch;
use crate::git::CommitId;
use crate::ledger::LaunchesBranch;

/// Where a closing goes, and by which documentation.
#[derive(Debug)]
pub(super) struct Target {
    /// The branch that takes it.
    pub(super) branch: LaunchesBranch,
    /// The same, where closed launches have it to themselves.
    pub(super) own: Option<OwnBranch>,
    /// The commit whose documentation closes it.
    pub(super) documentation: CommitId,
}

impl Target {
    /// Refuses to begin the branch of closed launches anew where that would make a second one.
    pub(super) fn check_root(&self, place: &Place) -> Result<(), CommandError> {
        let Some(own) = &self.own else {
            return Ok(());
        };
        let repo = place.repo()?;
        match own.standing(repo)?.newest() {
            Some(_) => Ok(()),
            None => own.check_root(repo),
        }
    }
}

/// What makes the first commit of all.
pub(super) const FIRST_COMMIT: &str =
    "commit the workspace first: `git add . && git commit -m \"A workspace\"`";

/// Returns the branch that takes the closing, and the commit whose documentation closes it.
pub(super) fn target(place: &Place, args: &CloseArgs) -> Result<Target, CommandError> {
    let head = place.repo()?.head()?;
    let documentation = head.commit.ok_or_else(|| {
        CommandError::usage(
            "the current branch has no commit yet, and a launch is closed by the documentation of a \
             commit",
        )
        .hint(FIRST_COMMIT)
    })?;
    let own = OwnBranch::of(&*place.commit_snapshot(documentation)?.docs)?;
    check_agreed(place, own.as_ref())?;
    let name = match (&own, &args.branch, head.branch) {
        (Some(own), None, _) => own.full(),
        (Some(own), Some(name), _) if *name == own.name() || *name == own.full() => own.full(),
        (Some(own), Some(name), _) => {
            let own = own.name();
            return Err(CommandError::usage(format!(
                "closed launches of this workspace go to branch `{own}`, not to `{name}`"
            ))
            .hint("leave out `--branch`, or change `launches.branch` in `tallybook.yaml`"));
        }
        (None, Some(name), current) => named_branch(place, args, name, current)?,
        (None, None, Some(branch)) => branch,
        (None, None, None) => {
            return Err(CommandError::usage("no branch is checked out")
                .hint("name the branch that takes the closing: `--branch NAME`"));
        }
    };
    let members = match &own {
        Some(own) => [Some(documentation), deciding(place, own)?]
            .into_iter()
            .flatten()
            .collect(),
        None => Vec::new(),
    };
    Ok(Target {
        branch: LaunchesBranch {
            name,
            own: own.is_some(),
            documentation: members,
        },
        own,
        documentation,
    })
}

/// Returns the commit whose members a server asks, as far as it is known here: that of the remote's
/// default branch.
fn deciding(place: &Place, own: &OwnBranch) -> Result<Option<CommitId>, CommandError> {
    let repo = place.repo()?;
    let Some(remote) = repo.default_remote(Some(&own.full())) else {
        return Ok(None);
    };
    Ok(repo.tip(&format!("refs/remotes/{remote}/HEAD"))?)
}

/// Returns the branch that closed launches go to: the one that they have to themselves, else the one
/// that is checked out.
pub(super) fn branch(place: &Place) -> Result<Option<String>, CommandError> {
    let own = OwnBranch::of(&*place.writing_documentation()?.docs)?;
    match own {
        Some(own) => Ok(Some(own.full())),
        None => Ok(place.repo()?.head()?.branch),
    }
}

/// Where a closing goes is too much to be decided by a setting that is not committed, and too much to
/// be decided against one.
fn check_agreed(place: &Place, committed: Option<&OwnBranch>) -> Result<(), CommandError> {
    let current = OwnBranch::of(&*place.writing_documentation()?.docs)?;
    if current.as_ref() == committed {
        return Ok(());
    }
    let shown = |branch: Option<&OwnBranch>| match branch {
        Some(branch) => format!("`{}`", branch.name()),
        None => "none".to_owned(),
    };
    Err(CommandError::usage(format!(
        "`launches.branch` is {} in `tallybook.yaml`, and {} in the current commit",
        shown(current.as_ref()),
        shown(committed)
    ))
    .hint("commit `tallybook.yaml` first"))
}

/// Returns the full name of a branch that is there, or that the first commit makes.
fn named_branch(
    place: &Place,
    args: &CloseArgs,
    name: &str,
    current: Option<String>,
) -> Result<String, CommandError> {
    let short = name.strip_prefix("refs/heads/").unwrap_or(name);
    let full = format!("refs/heads/{short}");
    let repo = place.repo()?;
    let branches = repo.branches()?;
    if branches.contains(&full) || current.as_ref() == Some(&full) {
        return Ok(full);
    }
    if let Some(remote) = args.share.remote(place)?
        && repo.remote_refs(&remote, &[&full])?.contains_key(&full)
    {
        return Ok(full);
    }
    let error = CommandError::usage(format!("there is no branch `{short}`"));
    let names: Vec<&str> = branches
        .iter()
        .filter_map(|branch| branch.strip_prefix("refs/heads/"))
        .collect();
    Err(
        error.hint(match text::closest(short, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the branches are {}", text::ticked(&names, "and")),
        }),
    )
}
