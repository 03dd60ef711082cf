//! The `tallybook` command.

use std::process::ExitCode;

/// Rows are made on one thread and freed on others, for which the system's allocator waits.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tallybook::cli::main()
}
