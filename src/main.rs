//! The `tallybook` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tallybook::cli::main()
}
