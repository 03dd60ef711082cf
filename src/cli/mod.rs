//! Arguments, commands, terminal output, exit codes. Only here: printing, environment, clock, exit.

use std::process::ExitCode;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
