//! Closing what was left open.

use std::time::Duration;

use super::{CloseArgs, close};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, Place};
use crate::cli::ui::Ui;
use crate::ledger::{self, Idle, OpenState, Sharing};
use crate::store::{Loaded, Project};

/// Closes what was left open. Each launch is closed alone: one that can't be does not hold the
/// others up.
pub(super) fn close_idle(
    ui: &mut Ui,
    ctx: &Context,
    args: &CloseArgs,
    place: &Place,
    loaded: &Loaded,
    idle: Duration,
) -> Result<Exit, CommandError> {
    let projects: Vec<&Project> = match args.project.project {
        Some(_) => vec![place::project(&loaded.workspace, &args.project)?],
        None => loaded.workspace.projects.iter().collect(),
    };
    args.tag.check_many()?;
    let remote = args.share.remote(place)?;
    let mut exit = Exit::Fine;
    let mut none = true;
    for project in projects {
        let state = place.open_state(project)?;
        if let Some(remote) = &remote {
            // What others appended a moment ago is not idle.
            let sharing = Sharing::new(place.repo()?, remote, &state);
            for id in state.ids()? {
                sharing.gather(&id)?;
            }
        }
        let Idle {
            filled,
            planned,
            empty,
        } = ledger::idle(&state, idle)?;
        none &= filled.is_empty() && planned.is_empty() && empty.is_empty();
        for id in planned {
            ui.status(format!(
                "launch `{id}` has planned results, and stays open: people take their time"
            ));
        }
        for id in filled {
            match close_one(ui, ctx, args, place, (project, &state), &id) {
                Ok(Exit::Fine) => {}
                Ok(other) => exit = other,
                Err(error) => {
                    for (name, text) in error.lines() {
                        ui.say(name, &text);
                    }
                    exit = Exit::Findings;
                }
            }
        }
        for id in empty {
            let push = if state.shared_on(&id)?.is_some() {
                " --push"
            } else {
                ""
            };
            ui.warn(format!(
                "launch `{id}` has no results, and stays open: `tallybook launch discard {id} --reason \"nothing \
                 was appended\"{push}` throws it away"
            ));
        }
    }
    if none {
        ui.status(format!("no launch has been idle for {}", human(idle)));
    }
    Ok(exit)
}

/// Closes one launch whatever it lacks; that it was left open becomes its reason.
fn close_one(
    ui: &mut Ui,
    ctx: &Context,
    args: &CloseArgs,
    place: &Place,
    (project, state): (&Project, &OpenState),
    id: &str,
) -> Result<Exit, CommandError> {
    let idle = args.idle.unwrap_or_default();
    let reason = format!("left open, nothing appended for {}", human(idle));
    let args = CloseArgs {
        accept_loss: ledger::lacking(state, id)?,
        expect: Vec::new(),
        reason: Some(args.reason.clone().unwrap_or(reason)),
        ..args.clone()
    };
    close(ui, ctx, place, &project.folder, id, &args)
}

fn human(time: Duration) -> String {
    crate::base::time::human_duration(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Reads a number and a unit: `90s`, `30m`, `2h`, `1d`.
pub(crate) fn parse_idle(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let (number, unit) =
        text.split_at(text.len() - text.chars().next_back().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err("expected a number and one of s, m, h, d, as `2h`".to_owned()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "expected a number and a unit, as `2h`".to_owned())?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}
