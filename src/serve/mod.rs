//! The live preview: the site as the working tree has it, on this machine alone, rendered again
//! whenever a file changes; and the workbench, where people execute tests in their browser.
//!
//! Whoever calls [`run`] brings what renders; here are the server, the watching and what tells open
//! pages. A page is never taken away: where rendering fails, the last site stays, and its pages say
//! what is wrong.

mod answer;
mod bench;
mod board;
mod listen;
mod live;
mod spool;
mod watch;

use std::sync::Arc;
use std::thread;

pub use self::bench::{Call, Refused, Spoken, Worker};
pub use self::board::{Problem, Shown};
pub use self::listen::{Listener, ServeError};
pub use self::watch::{Watched, Watcher};

use self::board::Board;
use crate::base::files::FileError;
use crate::site::Output;

/// What one rendering came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a new site, and this is what is wrong with the files behind it.
    Rendered(Shown),
    /// There is no new site.
    Failed(Shown),
}

/// Serves what `render` writes, and renders again after each change, until `watcher` ends. `told`
/// hears of each rendering. `worker` makes, in a thread of its own, what does the calls of the workbench;
/// without, there is none.
///
/// # Errors
/// Where no thread can be started.
pub fn run(
    mut listener: Listener,
    watcher: &mut Watcher,
    worker: Option<impl FnOnce() -> Worker + Send + 'static>,
    mut render: impl FnMut(&mut dyn Output) -> Outcome,
    mut told: impl FnMut(&Outcome),
) -> Result<(), ServeError> {
    let board = Arc::new(Board::default());
    let shared = Arc::clone(&board);
    if let Some(worker) = worker {
        let calls = listener.open_bench();
        thread::Builder::new()
            .name("workbench".to_owned())
            .spawn(move || bench::work(&calls, worker()))
            .map_err(ServeError::Start)?;
    }
    thread::Builder::new()
        .name("answers".to_owned())
        .spawn(move || listener.answer(&shared))
        .map_err(ServeError::Start)?;
    loop {
        let outcome = match written(&mut render) {
            Ok((outcome, site)) => {
                let shown = match &outcome {
                    Outcome::Rendered(shown) | Outcome::Failed(shown) => shown.clone(),
                };
                board.publish(site, shown);
                outcome
            }
            // A disk that is full may have room again after the next change.
            Err(error) => {
                let shown = Shown::of_error("There is no room for the site", &error);
                board.publish(None, shown.clone());
                Outcome::Failed(shown)
            }
        };
        told(&outcome);
        if !watcher.wait() {
            return Ok(());
        }
    }
}

/// Renders once; there is a site where that worked.
fn written(
    render: &mut impl FnMut(&mut dyn Output) -> Outcome,
) -> Result<(Outcome, Option<spool::Site>), FileError> {
    let mut spool = spool::Spool::new()?;
    let outcome = render(&mut spool);
    let site = match &outcome {
        Outcome::Rendered(_) => Some(spool.finish()?),
        Outcome::Failed(_) => None,
    };
    Ok((outcome, site))
}
