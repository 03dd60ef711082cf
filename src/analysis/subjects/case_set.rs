//! All documented cases of a project as subjects of queries.

use std::collections::BTreeSet;

use super::{CaseSubject, Past};
use crate::analysis::approval::Approvals;
use crate::base::Timestamp;
use crate::store::Project;

/// A project's documented cases, ready to be asked.
#[derive(Debug)]
pub struct CaseSet<'a> {
    project: &'a Project,
    sections: Vec<Vec<&'a str>>,
    muted: BTreeSet<&'a str>,
    approvals: Approvals<'a>,
}

impl<'a> CaseSet<'a> {
    pub fn new(project: &'a Project, now: Timestamp) -> Self {
        Self {
            project,
            sections: project.cases.iter().map(|doc| doc.section()).collect(),
            muted: muted(project, now),
            approvals: Approvals::new(project),
        }
    }

    /// Returns the project's approvals.
    pub fn approvals(&self) -> &Approvals<'a> {
        &self.approvals
    }

    /// Returns one subject for each case, in the order of the project's cases.
    pub fn subjects<'s>(&'s self, past: Option<&'s Past>) -> Vec<CaseSubject<'s>> {
        let cases = self.project.cases.iter().zip(&self.sections);
        cases
            .map(|(doc, section)| CaseSubject {
                case: &doc.value,
                path: &doc.path,
                text: doc.body(),
                section,
                muted: self.muted.contains(doc.value.id.as_str()),
                approval: Some((&self.approvals, doc)),
                past,
            })
            .collect()
    }
}

/// Returns the ids of cases that a mute names which holds.
fn muted(project: &Project, now: Timestamp) -> BTreeSet<&str> {
    let holding = project.mutes.iter().map(|doc| &doc.value);
    let holding = holding.filter(|mute| mute.until.is_some_and(|until| now <= until.end()));
    let mut out = BTreeSet::new();
    for mute in holding {
        let named = mute.cases.iter().filter_map(|id| project.case(id));
        out.extend(named.map(|doc| doc.value.id.as_str()));
        let Some(selector) = &mute.selector else {
            continue;
        };
        let has = |selectors: &[String]| selectors.contains(selector);
        let cases = project.cases.iter().map(|doc| &doc.value);
        let selected = cases.filter(|case| has(&case.automation.selectors));
        out.extend(selected.map(|case| case.id.as_str()));
    }
    out
}
