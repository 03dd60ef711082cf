//! What verbs share that say something of closed launches by a commit.

use std::collections::BTreeSet;

use super::close::{CloseArgs, LFS_HINT};
use super::rights;
use super::share::ClosePush;
use super::sign::{self, SignArgs};
use super::target::target;
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{self, FoundLaunch, LaunchPlace, Place};
use crate::cli::ui::Ui;
use crate::git::{BoxError, ChangeSet, CommitError, CommitId, FastForward, TreeView};
use crate::ledger::{self, AmendError, AmendRequest, Amended, Statement};
use crate::store::attachments::AttachmentStore;
use crate::store::launches::LaunchHead;
use crate::store::{CommitFiles, Loaded};

/// Where the commit goes.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct AmendArgs {
    /// Commit on the remote's branch, and push it
    #[arg(long)]
    push: bool,
    /// The remote [default: the branch's own, else `origin`]
    #[arg(long, value_name = "REMOTE", requires = "push")]
    remote: Option<String>,
    /// The branch that holds the closed launches, where it is not the one that `close` commits to
    #[arg(long)]
    branch: Option<String>,
    #[command(flatten)]
    sign: SignArgs,
}

/// A commit that is to be made about closed launches.
#[derive(Clone, Debug)]
pub(crate) struct Amendment {
    request: AmendRequest,
    pub(crate) said: Statement,
}

/// What launches need no more.
#[derive(Debug)]
pub(crate) struct Gone<'a> {
    pub(crate) store: &'a AttachmentStore,
    /// The commit that says so, where one was made.
    pub(crate) commit: Option<CommitId>,
    /// From the launch's folder.
    pub(crate) paths: Vec<&'a str>,
}

impl AmendArgs {
    /// Resolves who says something, and where: the branch that closings go to. `said` is what it is called, and
    /// the text, which is held against what must not reach the disk.
    pub(crate) fn resolve(
        &self,
        ctx: &Context,
        (place, loaded): (&Place, &Loaded),
        (what, reason): (&str, &str),
    ) -> Result<Amendment, CommandError> {
        let reason = place::clean_words(&loaded.workspace, what, reason.trim())?;
        if reason.is_empty() {
            return Err(CommandError::usage("the text is empty"));
        }
        let share = ClosePush {
            push: self.push,
            remote: self.remote.clone(),
        };
        let remote = share.remote(place)?;
        let like = CloseArgs {
            share,
            branch: self.branch.clone(),
            ..CloseArgs::default()
        };
        let target = target(place, &like)?;
        let by = place.identity(ctx)?;
        Ok(Amendment {
            request: AmendRequest {
                branch: target.branch,
                workspace: place.prefix.clone(),
                identity: by.clone(),
                now: ctx.now,
                remote,
                sign: self.sign.wants(place.repo()?),
            },
            said: Statement {
                by,
                at: ctx.now,
                reason,
                workspace: place.prefix.clone(),
                random: ctx.seed(),
            },
        })
    }
}

impl Amendment {
    /// The tip that the commit would be made on, as it is here.
    pub(crate) fn tip(&self, place: &Place) -> Result<Option<CommitId>, CommandError> {
        Ok(self.request.branch.tip(place.repo()?)?)
    }

    /// The branch's name for people.
    pub(crate) fn branch(&self) -> &str {
        let branch = &self.request.branch.name;
        branch.strip_prefix("refs/heads/").unwrap_or(branch)
    }

    /// Makes the commit, and says where it is.
    pub(crate) fn commit(
        &self,
        ui: &mut Ui,
        place: &Place,
        build: &mut dyn FnMut(Option<&TreeView>) -> Result<ChangeSet, BoxError>,
    ) -> Result<Amended, CommandError> {
        let progress = ui.progress("committing");
        let amended = ledger::amend(place.repo()?, &self.request, build);
        drop(progress);
        let amended = amended.map_err(|error| self.failed(error))?;
        if let Some(commit) = amended.commit {
            let branch = self.branch();
            ui.status(format!("committed as {} on `{branch}`", commit.short()));
        }
        self.say_followed(ui, &amended);
        Ok(amended)
    }

    /// Removes from the folder that keeps attachments what no launch on the branch needs any more.
    pub(crate) fn drop_stored(
        &self,
        ui: &mut Ui,
        place: &Place,
        loaded: &Loaded,
        gone: &Gone<'_>,
    ) -> Result<(), CommandError> {
        let AttachmentStore::Directory(folder) = gone.store else {
            return Ok(());
        };
        let names = gone.paths.iter();
        let names = names.filter_map(|path| path.strip_prefix("attachments/"));
        let names: BTreeSet<String> = names.map(str::to_owned).collect();
        let repo = place.repo()?;
        // The local branch may not have followed what was pushed.
        let tip = match gone.commit {
            Some(commit) => Some(commit),
            None => self.tip(place)?,
        };
        let Some(tip) = tip.filter(|_| !names.is_empty()) else {
            return Ok(());
        };
        let files = CommitFiles::at(repo, tip, &place.prefix)?;
        let projects = loaded.workspace.projects.iter();
        let projects: Vec<String> = projects.map(|project| project.folder.clone()).collect();
        let dropped = ledger::drop_unneeded(folder, &files, &projects, &names)?;
        if dropped < names.len() {
            let files = text::count(names.len() as u64, "file");
            ui.warn(format!(
                "{dropped} of {files} went from the folder that keeps attachments: others are not there, \
                 or a closed launch may need them"
            ));
            ui.hint("`tallybook fsck` says what launches list, and which do not read");
        }
        Ok(())
    }

    fn failed(&self, error: AmendError) -> CommandError {
        let error = match error {
            AmendError::NotAllowed(why) => {
                let error = rights::refuse(*why, &self.request.identity);
                return error.hint("nothing was committed");
            }
            error => error,
        };
        let built = match &error {
            AmendError::Commit(CommitError::Build(inner)) => inner.downcast_ref(),
            _ => None,
        };
        let hint = match (&error, built) {
            (_, Some(ledger::AnnotateError::UnknownLaunch { .. })) => Some(format!(
                "name the branch that has it: `--branch NAME`; this looked on `{}`",
                self.branch()
            )),
            (_, Some(ledger::AnnotateError::Altered { .. })) => {
                Some("`tallybook verify` says what is not as it was closed".to_owned())
            }
            (_, Some(ledger::AnnotateError::NotListed { suggestion, .. })) => {
                Some(match suggestion {
                    Some(path) => format!("did you mean `{path}`?"),
                    None => "its `SHA256SUMS` and `PRUNABLE.sha256` name all its files".to_owned(),
                })
            }
            (AmendError::Commit(commit), None) => sign::hint(commit, "nothing was committed"),
            (AmendError::Lfs { .. }, _) => Some(LFS_HINT.to_owned()),
            (AmendError::Raced { .. }, _) => Some("run it again".to_owned()),
            (AmendError::Refused { .. }, _) => {
                Some("a protected branch needs somebody who may push to it".to_owned())
            }
            _ => None,
        };
        let error = unwrapped(error);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    fn say_followed(&self, ui: &mut Ui, amended: &Amended) {
        match &amended.followed {
            Some(FastForward::Diverged) => {
                ui.warn("it was pushed, and your branch has commits of its own");
                ui.hint("bring them together with `git pull --rebase --autostash`");
            }
            Some(FastForward::Refused(reason)) => {
                ui.warn(format!(
                    "it was pushed, and your branch did not follow: {reason}"
                ));
                ui.hint("`git pull` brings it here");
            }
            Some(_) => ui.status("pushed"),
            None => {}
        }
    }
}

/// Takes the error that building a commit met with out of those around it.
fn unwrapped(error: AmendError) -> CommandError {
    match error {
        AmendError::Commit(CommitError::Build(inner)) => {
            let kind = match inner.downcast_ref() {
                None | Some(ledger::AnnotateError::Store(_)) => crate::cli::ErrorKind::Environment,
                Some(_) => crate::cli::ErrorKind::Usage,
            };
            CommandError {
                kind,
                error: inner,
                hints: Vec::new(),
            }
        }
        other => other.into(),
    }
}

/// Returns the closed launch that a person means.
pub(super) fn closed(found: LaunchPlace<'_>) -> Result<(String, LaunchHead), CommandError> {
    match found.found {
        FoundLaunch::Closed(head) => Ok((found.project.folder.clone(), *head)),
        FoundLaunch::Open(id) => Err(CommandError::usage(format!(
            "launch `{id}` is open, and this is for closed ones"
        ))
        .hint(format!("close it first: `tallybook launch close {id}`"))),
    }
}
