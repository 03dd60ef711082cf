//! `tallybook doctor`: what stands in the way, and what to do about it.

use std::time::Duration;

use crate::base::text;
use crate::cli::commands::launch::{OutputFormat, parse_idle};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::merging;
use crate::cli::place::{self, AtArg, Place};
use crate::cli::ui::Ui;
use crate::doctor::{self, Check, Condition, Launches, Patient};

/// Find what killed processes and other settings left in the way, and repair it
///
/// Looks for locks and temporary files that nobody works with any more, for open launches that wait
/// and closings that stopped half-way, for attributes by which git would change closed launches, for
/// a merge driver that is selected or registered alone, and for names that another system takes for
/// one. Without `--repair` nothing is written.
///
/// `--repair` removes what nobody works with and nobody misses, adds attributes that are missing, and
/// registers the merge driver in this clone where they select it.
/// A lock counts as left behind where no git works in this repository, as far as this machine knows,
/// and it is older than `--older-than`: a git in a container or on another machine is not seen. Ends
/// with 1 where something is left to do.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook doctor
  tallybook doctor --repair
  tallybook doctor --repair --older-than 0s
  tallybook doctor --format json")]
pub(crate) struct DoctorArgs {
    /// Repair what is safe to repair
    #[arg(long)]
    repair: bool,
    /// Locks and temporary files count as left behind from this age on
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_idle)]
    older_than: Duration,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &DoctorArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let repo = place.repo()?;
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    let projects = loaded.workspace.projects.iter();
    // A project without a key has no launches; `validate` says what it lacks.
    let projects = projects.filter_map(|project| {
        let closed = place::closed(&place, &snapshot, project, &AtArg::default()).ok();
        let (heads, _) = closed.unwrap_or_default();
        Some(Launches {
            folder: project.folder.clone(),
            open: place.open_state(project).ok()?,
            closed: heads.into_iter().map(|head| head.file.id).collect(),
        })
    });
    let progress = ui.progress("examining");
    let checks = doctor::examine(&Patient {
        repo,
        root: &place.root,
        prefix: &place.prefix,
        workspace: &loaded.workspace,
        files: &*snapshot.docs,
        projects: projects.collect(),
        now: ctx.now,
        driver: &merging::driver(ctx),
        repair: args.repair,
        older_than: args.older_than,
    });
    drop(progress);
    let wrong = checks.iter().filter(|check| check.state.is_wrong()).count();
    match args.format {
        OutputFormat::Json => {
            let answer = serde_json::json!({"ok": wrong == 0, "checks": checks});
            ui.out_raw(serde_json::to_string_pretty(&answer).expect("plain data") + "\n");
        }
        OutputFormat::Text => print(ui, &checks, wrong),
    }
    Ok(match wrong {
        0 => Exit::Fine,
        _ => Exit::Findings,
    })
}

fn print(ui: &mut Ui, checks: &[Check], wrong: usize) {
    for check in checks {
        let (state, name) = (check.state.as_str(), check.name);
        let message = text::sanitize_line(&check.message);
        ui.out(format!("{state:<8}  {name}: {message}"));
        let next = check.next.as_ref();
        if let Some(next) = next.filter(|_| check.state != Condition::Ok) {
            ui.out(format!("          next: {}", text::sanitize_line(next)));
        }
    }
    match wrong {
        0 => ui.status("nothing is in the way"),
        wrong => ui.status(format!(
            "{} left to do",
            text::count(wrong as u64, "finding")
        )),
    }
}
