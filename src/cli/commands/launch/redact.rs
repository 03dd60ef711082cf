//! `tallybook launch redact`

use std::sync::Arc;

use super::amend::{self, AmendArgs, Gone};
use super::share::{self, Wanted};
use crate::base::path::join;
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::ProjectArg;
use crate::cli::ui::Ui;
use crate::git::Repo;
use crate::ledger::{self, Redaction};
use crate::store::attachments::{AttachedFiles, AttachmentStore};
use crate::store::{Cache, CommitFiles};

/// Remove files of a closed launch that nobody may read, with a record
///
/// Makes one commit that removes the files and says in `annotations/` who did it, when and why. The
/// launch's sums and receipt stay what they were: it still verifies, as redacted. What was said of the
/// launch goes the same way, by `annotations/NAME`.
///
/// The bytes stay in git's history, in every clone and on the remote, until that is rewritten; what
/// was a secret must be revoked. The record survives a rewrite. What reading commands of this clone
/// derived from closed launches and kept is removed as well.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch redact 2026-11-22-1843-nightly-4f7k attachments/1f…9c.txt --reason \"a customer's name\"
  tallybook launch redact \"$id\" results/e2e-3c7de7bbb3.yaml --reason \"a token in a message\" --push
  tallybook launch redact \"$id\" annotations/2026-11-23-091500-note-4f7k.yaml --reason \"a password\"")]
pub(crate) struct RedactArgs {
    /// The launch's id, or the beginning of it
    #[arg(value_name = "LAUNCH")]
    launch: String,
    /// Files that the launch lists, from its folder or from the workspace, or `annotations/NAME`
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    amend: AmendArgs,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &RedactArgs) -> Result<Exit, CommandError> {
    let (place, snapshot, loaded) = share::load(ctx)?;
    let wanted = Wanted::Id(&args.launch);
    let found = share::find(&place, &loaded, &snapshot, wanted, &args.project, None)?;
    let (project, head) = amend::closed(found)?;
    let amendment = args
        .amend
        .resolve(ctx, (&place, &loaded), ("the reason", &args.reason))?;
    let mut redaction = Redaction::default();
    let repo = place.repo()?;
    let store = place.attachments(ctx, &loaded.workspace)?;
    let amended = amendment.commit(ui, &place, &mut |tip| {
        let files = Arc::new(CommitFiles::of_tip(repo, tip, &place.prefix));
        let files = AttachedFiles::new(files, store.clone());
        let said = &amendment.said;
        let (changes, made) = ledger::redact(&files, &project, &head.file.id, &args.paths, said)?;
        redaction = made;
        Ok(changes)
    })?;
    let gone = redaction.files.iter().map(|file| file.path.as_str());
    let gone = Gone {
        store: &store,
        commit: amended.commit,
        paths: gone.collect(),
    };
    amendment.drop_stored(ui, &place, &loaded, &gone)?;
    report(ui, &head.file.id, &redaction);
    forget(ui, repo)?;
    tell_kept(ui, &place.prefix, &store, &redaction);
    Ok(Exit::Fine)
}

/// Removes what reading commands derived from closed launches and kept under the git directory.
fn forget(ui: &mut Ui, repo: &Repo) -> Result<(), CommandError> {
    let cache = Cache::new(repo.common_dir());
    cache.clear().map_err(|error| {
        let hint = "remove the folder by hand: it may hold what was derived from the files";
        CommandError::from(error).hint(hint)
    })?;
    ui.hint("other clones keep what they derived from it under `.git/tallybook/cache`, until that is removed");
    Ok(())
}

fn report(ui: &mut Ui, id: &str, redaction: &Redaction) {
    for file in &redaction.files {
        ui.out(format!("redacted {}", file.path));
    }
    ui.status(format!(
        "launch `{id}` keeps its sums and its receipt, and verifies as redacted"
    ));
    for (other, path) in &redaction.elsewhere {
        ui.warn(format!("launch `{other}` has the same bytes: `{path}`"));
    }
}

/// Says who has the bytes all the same.
fn tell_kept(ui: &mut Ui, prefix: &str, store: &AttachmentStore, redaction: &Redaction) {
    let is_stored = |path: &str| path.starts_with("attachments/");
    let aside = redaction.files.iter().any(|file| is_stored(&file.path));
    match store {
        AttachmentStore::Directory(_) if aside => {
            ui.warn("copies of the folder that keeps attachments may have the bytes; revoke what was a secret");
            if redaction.files.iter().all(|file| is_stored(&file.path)) {
                return;
            }
        }
        AttachmentStore::Lfs(_) if aside => {
            ui.warn("git-lfs keeps the bytes, here until `git lfs prune` and on the server until its host removes them");
        }
        _ => {}
    }
    let paths = redaction.files.iter().map(|file| {
        let path = match file.path.strip_prefix("annotations/") {
            Some(name) => join(&redaction.annotations, name),
            None => join(&redaction.folder, &file.path),
        };
        let path = join(prefix, &path);
        format!(" --path {}", text::shell_word(&path))
    });
    ui.warn(
        "git's history keeps the bytes, here, in every clone and on the remote, until it is rewritten; \
         revoke what was a secret",
    );
    ui.hint(format!(
        "rewrite it in a fresh clone with `git filter-repo --invert-paths{}`; the record stays, and the \
         launch still verifies",
        paths.collect::<String>()
    ));
}
