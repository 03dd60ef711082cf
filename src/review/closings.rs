//! Launches that were closed between two moments.

use super::brief::Closing;
use crate::analysis::verdict::{self, State};
use crate::base::path::join;
use crate::store::launches::LaunchHead;

fn identity(head: &LaunchHead) -> (&str, &str) {
    (&head.file.project, &head.file.id)
}

/// Tells launches, in the order of their closing.
pub fn closings<'a>(heads: impl IntoIterator<Item = &'a LaunchHead>) -> Vec<Closing> {
    let mut heads: Vec<&LaunchHead> = heads.into_iter().collect();
    heads.sort_by_key(|head| (head.file.closed.at, identity(head)));
    heads.into_iter().map(closing).collect()
}

fn closing(head: &LaunchHead) -> Closing {
    let file = &head.file;
    let verdict = verdict::verdict(&file.totals);
    Closing {
        project: file.project.clone(),
        launch: file.id.clone(),
        name: file.name.clone(),
        path: join(&head.path, "launch.yaml"),
        blocked: verdict.state == State::Blocked,
        verdict: verdict.sentence,
        receipt: head.receipt.to_string(),
        closed: file.closed.at.to_string(),
    }
}
