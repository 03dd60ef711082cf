//! How a run ends.

/// How a run ends; its number is the process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done; warnings alone are fine.
    Fine,
    /// It was done, and something is wrong: invalid files, a failed gate or verification, lost input.
    Findings,
    /// It could not be done: usage, files, git.
    CouldNotRun,
    /// The code of the command that `launch run` ran, where it isn't 0.
    Command(u8),
}

impl Exit {
    /// The process's exit code: 0, 1 or 2. A panic, which is our bug, ends with 101.
    pub fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::CouldNotRun => 2,
            Self::Command(code) => code,
        }
    }
}
