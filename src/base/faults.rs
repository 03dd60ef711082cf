//! Faults that a test puts in the way of what writes: the process is killed, or the operation fails,
//! at the n-th step of a command.
//!
//! Every operation that changes a disk passes [`step`] or [`interruption`] first. Builds with debug
//! assertions, which tests run, count them there and strike where they were told to; in release
//! builds both are empty, nothing reads the plan, and no fault can be armed.

use std::io;
use std::path::Path;

/// What the steps of this process meet with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process ends at once, as by a kill: nothing is dropped, nothing is flushed.
    Kill,
    /// The disk is full from here on: what takes room fails, all else goes on.
    Full,
    /// The device fails, this once.
    Broken,
}

/// An operation that is to be stopped in its middle.
#[derive(Clone, Copy, Debug)]
pub struct Interruption(
    #[cfg_attr(
        not(debug_assertions),
        expect(dead_code, reason = "there is none in a release build")
    )]
    Fault,
);

impl Interruption {
    /// Ends the process, or returns the error that the operation is to fail with.
    pub fn strike(self) -> io::Error {
        #[cfg(debug_assertions)]
        return armed::strike(self.0);
        #[cfg(not(debug_assertions))]
        unreachable!("no fault strikes in a release build")
    }
}

/// Passes a step that happens or doesn't.
///
/// # Errors
/// A fault strikes here.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn step(doing: &'static str, path: &Path) -> io::Result<()> {
    match interruption(doing, path) {
        Some(interruption) => Err(interruption.strike()),
        None => Ok(()),
    }
}

/// Passes a step that may stop in its middle: whoever gets an interruption does half of it first.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn interruption(doing: &'static str, path: &Path) -> Option<Interruption> {
    #[cfg(debug_assertions)]
    return armed::next(doing, path).map(Interruption);
    #[cfg(not(debug_assertions))]
    {
        let _ = (doing, path);
        None
    }
}

#[cfg(debug_assertions)]
pub use armed::arm;

#[cfg(debug_assertions)]
mod armed {
    use std::io::{self, Write as _};
    use std::path::{Path, PathBuf};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Fault;

    /// Steps that need no room on the disk.
    const NO_ROOM: [&str; 6] = [
        "sync",
        "rename",
        "remove",
        "lock",
        "move the branch",
        "done",
    ];

    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum Plan {
        /// Strikes at the step with this number, from 1.
        Strike(Fault, usize),
        /// Writes one line a step.
        Log(PathBuf),
    }

    static PLAN: OnceLock<Plan> = OnceLock::new();
    static STEPS: AtomicUsize = AtomicUsize::new(0);

    /// Arms this process by a plan: `kill:7`, `full:7`, `broken:7`, or `log:FILE`. Only the first
    /// plan counts.
    ///
    /// # Errors
    /// It is no plan.
    pub fn arm(plan: &str) -> Result<(), String> {
        let parsed = parse(plan).ok_or_else(|| {
            format!("`{plan}` is no fault: expected `kill:N`, `full:N`, `broken:N` or `log:FILE`")
        })?;
        PLAN.set(parsed).ok();
        Ok(())
    }

    pub(super) fn parse(plan: &str) -> Option<Plan> {
        let (fault, rest) = plan.split_once(':')?;
        let fault = match fault {
            "kill" => Fault::Kill,
            "full" => Fault::Full,
            "broken" => Fault::Broken,
            "log" => return Some(Plan::Log(rest.into())),
            _ => return None,
        };
        let at = rest.parse().ok().filter(|at| *at > 0)?;
        Some(Plan::Strike(fault, at))
    }

    pub(super) fn next(doing: &'static str, path: &Path) -> Option<Fault> {
        let plan = PLAN.get()?;
        let step = STEPS.fetch_add(1, Ordering::SeqCst) + 1;
        let takes_room = !NO_ROOM.contains(&doing);
        match plan {
            Plan::Strike(Fault::Full, at) => (step >= *at && takes_room).then_some(Fault::Full),
            Plan::Strike(fault, at) => (step == *at).then_some(*fault),
            Plan::Log(file) => {
                let room = if takes_room { "room" } else { "" };
                let line = format!("{doing}\t{room}\t{}\n", path.display());
                // A log that can't be written is told by the test that reads it.
                let _ = super::super::files::log(file, &line);
                None
            }
        }
    }

    pub(super) fn strike(fault: Fault) -> io::Error {
        match fault {
            Fault::Kill => {
                let _ = io::stderr().write_all(b"killed at a step\n");
                std::process::abort()
            }
            Fault::Full => io::Error::from(io::ErrorKind::StorageFull),
            Fault::Broken => io::Error::other("the device failed"),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn plans_are_read() {
            assert_eq!(parse("kill:7"), Some(Plan::Strike(Fault::Kill, 7)));
            assert_eq!(parse("log:/a:b"), Some(Plan::Log("/a:b".into())));
            for bad in ["", "kill", "kill:0", "kill:x", "die:1"] {
                assert_eq!(parse(bad), None, "{bad}");
            }
        }

        #[test]
        fn nothing_strikes_without_a_plan() {
            assert_eq!(next("write", Path::new("x")), None);
            assert!(super::super::step("write", Path::new("x")).is_ok());
        }
    }
}
