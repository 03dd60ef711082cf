//! Closing what was left open.

use std::time::Duration;

use super::{CloseArgs, close};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, Place};
use crate::cli::ui::Ui;
use crate::ledger::{self, Sharing};
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
    let mut exit = Exit::Fine;
    let mut closed = 0;
    for project in projects {
        let state = place.open_state(project)?;
        if let Some(remote) = args.share.remote(place)? {
            // What others appended a moment ago is not idle.
            let sharing = Sharing::new(place.repo()?, &remote, &state);
            for id in state.ids()? {
                sharing.gather(&id)?;
            }
        }
        for id in ledger::idle(&state, idle)? {
            let reason = format!("left open, nothing appended for {}", human(idle));
            let reason = args.reason.clone().unwrap_or(reason);
            let args = CloseArgs {
                accept_loss: ledger::lacking(&state, &id)?,
                reason: Some(reason),
                ..args.clone()
            };
            match close(ui, ctx, place, &project.folder, &id, &args) {
                Ok(Exit::Fine) => closed += 1,
                Ok(other) => exit = other,
                Err(error) => {
                    for (name, text) in error.lines() {
                        ui.say(name, &text);
                    }
                    exit = Exit::Findings;
                }
            }
        }
    }
    if closed == 0 && exit == Exit::Fine {
        ui.status(format!("no launch has been idle for {}", human(idle)));
    }
    Ok(exit)
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
