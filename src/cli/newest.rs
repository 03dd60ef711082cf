//! What a new mute or matcher would have found in the launch that came last.

use super::context::Context;
use super::place::{self, AtArg, Place};
use super::reader::Reader;
use crate::analysis::matching::selects;
use crate::ledger::{Launch, Rows};
use crate::model::Outcome;
use crate::store::Project;

/// The launch that was opened last and has results, open or closed; `None` where there is none, or it does
/// not read: whoever asks has something to write all the same.
pub(crate) struct Newest {
    pub(crate) launch: Launch,
    pub(crate) rows: Rows,
}

impl Newest {
    pub(crate) fn read(ctx: &Context, place: &Place, project: &Project) -> Option<Self> {
        let snapshot = place.writing_snapshot().ok()?;
        let loaded = place::load(&snapshot).ok()?;
        let mut projects = loaded.workspace.projects.iter();
        let project = projects.find(|known| known.folder == project.folder)?;
        let reader = Reader::new(place, &snapshot, project, &AtArg::default(), ctx.now).ok()?;
        let closed = reader.latest().map(|head| reader.closed(head));
        let all = closed.transpose().ok()?.into_iter();
        let all = all.chain(reader.open().ok()?);
        let all = all.filter(|launch| !launch.outcomes.is_empty());
        let launch = all.max_by_key(|launch| launch.opened.at)?;
        let rows = launch.rows(snapshot.launches.as_ref()).ok()?;
        Some(Self { launch, rows })
    }

    /// Whether a result is of a case: as it was matched, or by a full name that the case claims today.
    pub(crate) fn has_case(&self, project: &Project, id: &str) -> bool {
        let selectors = project.case(id).map(|doc| &doc.value.automation.selectors);
        let of_case = |outcome: &Outcome| {
            outcome.case.as_deref() == Some(id)
                || selectors.is_some_and(|all| all.iter().any(|one| self.is_named(one, outcome)))
        };
        self.launch.outcomes.iter().any(of_case)
    }

    /// Counts the results with a full name that a selector fits.
    pub(crate) fn named(&self, selector: &str) -> u64 {
        let outcomes = self.launch.outcomes.iter();
        outcomes
            .filter(|outcome| self.is_named(selector, outcome))
            .count() as u64
    }

    fn is_named(&self, selector: &str, outcome: &Outcome) -> bool {
        let test = self.launch.tests().get(&outcome.test);
        let name = test.and_then(|test| test.full_name.as_deref());
        name.is_some_and(|name| selects(selector, name))
    }
}
