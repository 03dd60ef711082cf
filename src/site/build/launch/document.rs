//! A launch as one document, and the page of the site that has it: the evidence pack.

use super::{frame, proof, tabs};
use crate::model::{Details, TestResult};
use crate::site::SiteError;
use crate::site::build::attachments::Attachments;
use crate::site::build::failures::{LaunchContext, MOST};
use crate::site::pages::Writer;
use crate::site::texts::{counted, say};
use crate::site::view::LaunchPage;
use crate::site::view::document::{Document, PackPage};
use crate::site::view::launch::{EnvironmentsPage, EvidencePage};
use crate::site::words;

/// Failures with their traces; those of the others would make a document that nobody reads.
const TRACES: usize = 100;

/// What a document gathers: the pages that say the same elsewhere.
pub(super) type Pages = (LaunchPage, EvidencePage, Option<EnvironmentsPage>);

pub(super) fn pack(
    context: &LaunchContext<'_>,
    pages: Pages,
    all: (&[TestResult], &[Details]),
    attachments: &mut Attachments,
    path: &str,
    writer: &mut Writer<'_>,
) -> Result<PackPage, SiteError> {
    let mut document = document(context, pages);
    let cut = proof::add(
        context,
        &mut document.launch.groups,
        all,
        attachments,
        writer,
    )?;
    if cut > 0 {
        document.proofs_cut = say!(
            "document.proofs-cut",
            shown = proof::FAILURES,
            failures = counted(cut, "failure")
        );
    }
    Ok(PackPage {
        frame: frame(context, path, "evidence-pack", writer),
        tabs: tabs(context, "evidence-pack"),
        document,
    })
}

pub(super) fn document(context: &LaunchContext<'_>, pages: Pages) -> Document {
    let (mut launch, evidence, environments) = pages;
    let failures = launch.groups.iter_mut().flat_map(|g| &mut g.failures);
    let mut cut = 0;
    for failure in failures.skip(TRACES) {
        cut += u64::from(!failure.trace.is_empty());
        failure.trace.clear();
    }
    Document {
        workspace: words::line(&context.project.input.title),
        project: context.project.name(),
        launch,
        evidence,
        environments,
        most: MOST,
        proofs_cut: String::new(),
        traces_cut: match cut {
            0 => String::new(),
            n => say!(
                "document.traces-cut",
                shown = TRACES,
                failures = counted(n, "failure")
            ),
        },
    }
}
