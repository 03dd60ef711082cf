//! `tallybook launch discard`

use super::share::{self, DiscardPush, Wanted};
use super::target;
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, FoundLaunch, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::ledger::{self, Sharing};
use crate::store::{Loaded, Project, launches};

/// Throw an open launch away, with what was appended to it
///
/// For a launch that was opened by mistake. Nothing of it is kept but a line that says who threw it
/// away, when and why, in `tallybook/discarded` under the git directory. A closed launch stays.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch discard 2026-11-22-1843-nightly-4f7k --reason \"wrong branch\"
  tallybook launch discard --key \"$GITHUB_RUN_ID\" --reason \"cancelled\" --push")]
pub(crate) struct DiscardArgs {
    /// The launch's id, or the beginning of it
    #[arg(value_name = "LAUNCH", required_unless_present = "key")]
    launch: Option<String>,
    /// The launch that has this key
    #[arg(short, long, conflicts_with = "launch")]
    key: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    share: DiscardPush,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &DiscardArgs) -> Result<Exit, CommandError> {
    if args.reason.trim().is_empty() {
        return Err(CommandError::usage("the reason is empty"));
    }
    let (place, snapshot, loaded) = share::load(ctx)?;
    let reason = place::clean_words(&loaded.workspace, "the reason", &args.reason)?;
    let remote = args.share.remote(&place)?;
    let wanted = match (&args.key, &args.launch) {
        (Some(key), _) => Wanted::Key(key),
        (None, launch) => Wanted::Id(launch.as_deref().unwrap_or_default()),
    };
    let found = share::find(
        &place,
        &loaded,
        &snapshot,
        wanted,
        &args.project,
        remote.as_deref(),
    );
    let found = match found {
        Err(_) if was_discarded(&place, &loaded, wanted, &args.project)? => {
            ui.status("the launch was discarded before");
            return Ok(Exit::Fine);
        }
        found => found?,
    };
    let id = match found.found {
        FoundLaunch::Open(id) => id,
        FoundLaunch::Closed(head) => return Err(stays(&head.file.id, "is closed")),
    };
    let state = place.open_state(found.project)?;
    if let Some(shared) = state.shared_on(&id)?.filter(|_| remote.is_none()) {
        return Err(CommandError::usage(format!(
            "launch `{id}` is shared on `{shared}`, and others may append to it"
        ))
        .hint("add `--push` to throw it away there too"));
    }
    if let Some(remote) = &remote {
        let sharing = Sharing::new(place.repo()?, remote, &state);
        refuse_closed(&place, &sharing, found.project, &id, remote)?;
        sharing.gather(&id)?;
        let withdrawn = sharing.withdraw(&id);
        withdrawn
            .map_err(|error| CommandError::from(error).hint("nothing was thrown away here"))?;
    }
    let by = place.identity(ctx).ok().map(|by| by.to_string());
    let parts = ledger::discard(&state, &id, by.as_deref(), &reason, ctx.now)?;
    ui.status(format!(
        "discarded launch `{id}` with {}",
        text::count(parts as u64, "part")
    ));
    Ok(Exit::Fine)
}

/// Whether a launch that isn't there was thrown away here: whoever was stopped on the way asks again.
fn was_discarded(
    place: &Place,
    loaded: &Loaded,
    wanted: Wanted<'_>,
    project: &ProjectArg,
) -> Result<bool, CommandError> {
    let Ok(project) = place::project(&loaded.workspace, project) else {
        return Ok(false);
    };
    let id = match wanted {
        Wanted::Id(id) => id.to_owned(),
        Wanted::Key(key) => ledger::keyed_id(&place.open_state(project)?, key),
    };
    Ok(ledger::was_discarded(&place.open_state(project)?, &id)?)
}

/// What is closed on the remote stays, and so does what waits there to follow it up: this machine may
/// not know of the closing yet.
fn refuse_closed(
    place: &Place,
    sharing: &Sharing<'_>,
    project: &Project,
    id: &str,
    remote: &str,
) -> Result<(), CommandError> {
    let Some(branch) = target::branch(place)? else {
        return Ok(());
    };
    let Some(tip) = sharing.branch_tip(&branch)? else {
        return Ok(());
    };
    let files = place.launches_at(tip)?;
    files.fetch_evidence(false)?;
    let (heads, _) = launches::heads(&files, &project.folder)?;
    if !heads.iter().any(|head| head.file.id == id) {
        return Ok(());
    }
    let remote = text::shell_word(remote);
    Err(stays(id, &format!("is closed on `{remote}`")).hint(format!(
        "`tallybook launch close {id} --push --remote {remote}` moves results that came later into its follow-up"
    )))
}

fn stays(id: &str, how: &str) -> CommandError {
    CommandError::usage(format!("launch `{id}` {how}, and a closed launch stays")).hint(format!(
        "correct it with a new one: `tallybook launch open --supersedes {id}`"
    ))
}
