//! Issues of a project's trackers: where links lead, and forms for new ones.

use serde::Serialize;

use crate::exchange::tracker::{Draft, known_issue, new_issue_url};
use crate::model::{Integration, Link};
use crate::store::Project;

/// How long the address of a form is where people read it, in bytes: the message is cut sooner.
pub(crate) const SHOWN: usize = 1_000;

/// A tracker's form for a new issue, filled in.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Form {
    /// The integration's name.
    pub(crate) tracker: String,
    pub(crate) url: String,
}

fn integrations(project: &Project) -> &[Integration] {
    let settings = project.settings.as_ref();
    settings.map_or(&[], |doc| &doc.value.integrations)
}

/// Returns the forms of the trackers that say where issues are filed.
pub(crate) fn forms(project: &Project, draft: &Draft<'_>, longest: usize) -> Vec<Form> {
    let forms = integrations(project).iter().filter_map(|integration| {
        Some(Form {
            tracker: integration.name.clone(),
            url: new_issue_url(integration, draft, longest)?,
        })
    });
    forms.collect()
}

/// Returns where a link leads: its own address, else that of the issue that it names.
pub(crate) fn address(project: &Project, link: &Link) -> Option<String> {
    let settings = project.settings.as_ref();
    let named = || known_issue(&settings?.value, link.name.as_deref()?);
    link.url.clone().or_else(named)
}
