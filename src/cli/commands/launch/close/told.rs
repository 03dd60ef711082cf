//! What is said of a closing: before it, when it is made, and why it is not.

use crate::analysis::verdict;
use crate::author::LFS_ATTRIBUTES;
use crate::base::path::join;
use crate::base::text;
use crate::cli::commands::launch::said_by_gate;
use crate::cli::commands::launch::sign;
use crate::cli::commands::launch::target::Target;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::Place;
use crate::cli::ui::Ui;
use crate::git::{CommitId, FastForward};
use crate::ledger::{CloseError, Closed, ShareError};
use crate::store::Files as _;

/// How many notes are shown; the rest is counted.
const NOTES_SHOWN: usize = 12;

/// Says the first notes, and how many more there are.
pub(in crate::cli::commands::launch) fn warn_some(ui: &mut Ui, notes: &[String]) {
    for note in notes.iter().take(NOTES_SHOWN) {
        ui.warn(note);
    }
    let more = notes.len().saturating_sub(NOTES_SHOWN) as u64;
    if more > 0 {
        ui.warn(format!("and {} more of this kind", text::thousands(more)));
    }
}

pub(super) fn report(ui: &mut Ui, place: &Place, target: &Target, closed: &Closed) -> Exit {
    ui.out(closed.receipt.to_string());
    if let Some(gate) = closed
        .file
        .gate
        .as_ref()
        .filter(|gate| gate.verdict != "passed")
    {
        ui.warn(format!("the gate {}", said_by_gate(gate)));
        ui.hint(format!(
            "`tallybook gate {}` names the culprits, and ends with 1",
            closed.file.id
        ));
    }
    warn_some(ui, &closed.notes);
    let verdict = verdict::verdict(&closed.file.totals);
    let verb = if closed.commit.is_some() {
        "closed"
    } else {
        "closed before:"
    };
    ui.status(format!(
        "{verb} \"{}\": {}",
        closed.file.name,
        verdict::counts(&closed.file.totals)
    ));
    ui.status(verdict.sentence);
    if let Some(commit) = &closed.commit {
        ui.status(format!(
            "committed as {} in `{}`",
            commit.short(),
            closed.path
        ));
    }
    tell_pushed(ui, place, target, closed);
    if closed.commit.is_some() && closed.file.totals.unresolved > 0 {
        ui.hint(format!(
            "`tallybook triage {}` says what each needs, with the commands for it",
            closed.file.id
        ));
    }
    Exit::Fine
}

/// Says what became of the branch that took the closing.
fn tell_pushed(ui: &mut Ui, place: &Place, target: &Target, closed: &Closed) {
    let remote = || {
        place
            .repo
            .as_ref()?
            .default_remote(Some(&target.branch.name))
    };
    match (&closed.followed, &target.own) {
        (Some(FastForward::Diverged), own) => {
            ui.warn("it was pushed, and your branch has commits of its own");
            ui.hint(match (own, remote()) {
                (Some(own), Some(remote)) => own.merge(&remote, true),
                _ => "bring them together with `git pull --rebase --autostash`".to_owned(),
            });
        }
        (Some(FastForward::Refused(reason)), own) => {
            ui.warn(format!(
                "it was pushed, and your branch did not follow: {reason}"
            ));
            if own.is_none() {
                ui.hint("`git pull` brings it here");
            }
        }
        (Some(_), _) => ui.status("pushed"),
        (None, Some(own)) if closed.commit.is_some() => {
            ui.status(format!("on branch `{}`", own.name()));
            if let Some(remote) = remote() {
                let (remote, branch) = (text::shell_word(&remote), text::shell_word(own.name()));
                ui.hint(format!("push it: `git push {remote} {branch}`"));
            }
        }
        (None, _) => {}
    }
}

/// Says why a launch stays open: what it lacks is a finding, all else an error.
pub(super) fn not_closed(
    ui: &mut Ui,
    id: &str,
    target: &Target,
    error: CloseError,
) -> Result<Exit, CommandError> {
    if let CloseError::Refused { launch, refusals } = &error {
        for refusal in refusals {
            ui.say("error", &refusal.message());
            ui.hint(refusal.help(launch));
        }
        ui.status(format!("launch `{launch}` stays open"));
        return Ok(Exit::Findings);
    }
    let hint = hint(&error, id, target);
    let error = CommandError::from(error);
    Err(match hint {
        Some(hint) => error.hint(hint),
        None => error,
    })
}

/// What to do where a remote lacks the attachments of what is pushed.
pub(in crate::cli::commands::launch) const LFS_HINT: &str = "`attachments` in `tallybook.yaml` says that they are in git-lfs: install \
    it, `git lfs install`, and run the same command again";

/// What to do about a closing that did not get through.
fn hint(error: &CloseError, id: &str, target: &Target) -> Option<String> {
    match error {
        CloseError::Commit(error) => sign::hint(error, "nothing was closed"),
        CloseError::Share(ShareError::Malformed { remote, name, .. }) => Some(format!(
            "append that job again, and throw away what can't be read: `git push {} --delete {}`; nothing \
             was closed",
            text::shell_word(remote),
            text::shell_word(name)
        )),
        CloseError::Raced { .. } | CloseError::Share(_) => Some(format!(
            "run `tallybook launch close {id} --push` again; nothing was lost"
        )),
        CloseError::Refusal { .. } if target.own.is_some() => Some(format!(
            "whoever may push that branch closes it: `tallybook launch close {id} --push`"
        )),
        CloseError::Lfs { .. } => Some(LFS_HINT.to_owned()),
        CloseError::Refusal { .. } => Some(
            "a protected branch needs somebody who may push to it, or launches a branch to themselves: \
             `launches: {branch: tallybook}` in `tallybook.yaml`"
                .to_owned(),
        ),
        CloseError::Partial { path } => Some(format!(
            "take it out again, `git rm -r --quiet {path} && git commit -m \"Take it out again\"`, and close the launch then"
        )),
        CloseError::Late { .. } => Some(format!(
            "a closed launch never changes: correct it with a new one, `tallybook launch open \
             --supersedes {id}`, and append those results there"
        )),
        _ => None,
    }
}

/// Where `.gitattributes` says nothing of git-lfs, checkouts hold pointers for ever.
pub(super) fn warn_without_lfs(
    ui: &mut Ui,
    place: &Place,
    commit: CommitId,
) -> Result<(), CommandError> {
    let files = place.launches_at(commit)?;
    let text = files.read(ATTRIBUTES)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let is_it = |line: &str| line.contains("attachments/") && line.contains("filter=lfs");
    if !text.lines().any(is_it) {
        ui.warn(
            "`.gitattributes` does not give attachments to git-lfs: checkouts will hold pointers",
        );
        ui.hint(format!("add the line `{}` to it", LFS_ATTRIBUTES.trim()));
    }
    Ok(())
}

const ATTRIBUTES: &str = ".gitattributes";

/// Uncommitted documentation does not count in a closing.
pub(super) fn warn_uncommitted(
    ui: &mut Ui,
    place: &Place,
    folder: &str,
) -> Result<(), CommandError> {
    let path = join(&place.prefix, &format!("projects/{folder}"));
    if place.repo()?.has_uncommitted(&path)? {
        ui.warn(format!(
            "`projects/{folder}` has uncommitted changes; the launch is closed by the current commit"
        ));
    }
    Ok(())
}
