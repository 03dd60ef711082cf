//! Archives that lie in a folder of results, or in an archive: a job that collects what others wrote has them beside each other.

use crate::ingest::{Bundle, Report, is_archive};

/// Reads the archives that a bundle's report left unread. Returns the reports of those that held results, or
/// were damaged; what else lies in an archive is nobody's loss, and `report` says which those are.
pub(super) fn take_inner<'a, E>(
    report: &mut Report,
    bundle: &'a dyn Bundle,
    mut take: impl FnMut(&'a dyn Bundle) -> Result<Report, E>,
) -> Result<Vec<Report>, E> {
    let (mut reports, mut unread) = (Vec::new(), Vec::new());
    for name in &report.archives {
        let opened = bundle.archive(name);
        let inner = opened.map(|archive| take(archive).map(|inner| (archive, inner)));
        // What is not called an archive may merely begin as one.
        let is_damaged = |archive: &dyn Bundle| is_archive(name) && archive.damage().is_some();
        match inner.transpose()? {
            Some((archive, mut inner)) if holds(&inner) || is_damaged(archive) => {
                inner.miss_archives();
                reports.push(inner);
            }
            _ => unread.push(name.clone()),
        }
    }
    report.settle_archives(!reports.is_empty(), &unread);
    Ok(reports)
}

/// Whether results came of an archive, or may stand in archives inside of it, which nobody opens.
fn holds(report: &Report) -> bool {
    !report.is_empty || report.named_archives().next().is_some()
}
