//! Arguments, commands, terminal output, exit codes. Only here: printing, environment, clock, exit.
//!
//! To add a verb: a file `commands/<verb>.rs` with `<Verb>Args` and `run`, and a variant in
//! `args::Command`.

mod args;
mod bug;
mod change;
mod commands;
mod context;
mod error;
mod exit;
mod issues;
mod judged;
mod merging;
mod newest;
mod pick;
mod place;
mod reader;
mod side;
mod table;
mod told;
mod ui;

use std::ffi::OsString;
use std::process::ExitCode;

use args::{Cli, ParseFailure};
pub use context::{Context, Vars};
pub use error::{CommandError, ErrorKind};
pub use exit::Exit;
use ui::Finish;
pub use ui::{Progress, Ui};

/// The version that closed launches and sites name.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    bug::report_panics();
    crate::git::remove_locks_on_signals();
    let exit = run(std::env::args_os().collect());
    ExitCode::from(exit.code())
}

fn run(typed: Vec<OsString>) -> Exit {
    let vars = Vars::read();
    let mut ui = Ui::new(args::color_of(&typed), false, &vars);
    let cli = match Cli::read(typed) {
        Ok(cli) => cli,
        Err(failure) => return tell_parse_failure(&mut ui, &failure),
    };
    let mut ui = Ui::new(cli.global.color, cli.global.quiet, &vars);
    #[cfg(debug_assertions)]
    if let Some(Err(message)) = vars.get("TALLYBOOK_FAULT").map(crate::base::faults::arm) {
        return tell_error(&mut ui, &CommandError::usage(message));
    }
    let result = Context::read(cli.global.directory.as_deref(), vars)
        .and_then(|context| cli.command.run(&mut ui, &context));
    let exit = result.unwrap_or_else(|error| tell_error(&mut ui, &error));
    end(&mut ui, exit)
}

/// Help and version are answers; a wrong usage is told on stderr.
fn tell_parse_failure(ui: &mut Ui, failure: &ParseFailure) -> Exit {
    match failure {
        ParseFailure::Answer { plain, colored } => {
            let text = if ui.color() { colored } else { plain };
            ui.out_raw(text);
            end(ui, Exit::Fine)
        }
        ParseFailure::Usage { plain, colored } => {
            ui.err_raw(plain, colored);
            Exit::CouldNotRun
        }
    }
}

fn tell_error(ui: &mut Ui, error: &CommandError) -> Exit {
    for (name, text) in error.lines() {
        ui.say(name, &text);
    }
    error.exit()
}

fn end(ui: &mut Ui, exit: Exit) -> Exit {
    match ui.finish() {
        Finish::Written => exit,
        Finish::PipeClosed => Exit::Fine,
        Finish::Failed(error) => {
            ui.say("error", "cannot write the answer");
            ui.say("caused by", &error.to_string());
            Exit::CouldNotRun
        }
    }
}
