//! What others fetch of a project's folder: its feed of closings, and its badges.

use super::context::Context;
use crate::exchange::report::{Badge, Entry, Feed};
use crate::model::Address;
use crate::site::SiteError;
use crate::site::pages::Writer;
use crate::site::texts::say;

/// Closings that the feed has, the latest.
const CLOSINGS: usize = 50;

/// Writes `badge.svg` and `badge.json`, of the latest closed launch, and `feed.xml` where one is closed. They
/// are what `report badge` and `report feed` write.
pub(super) fn render(
    context: &Context<'_>,
    latest: Option<usize>,
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let path = |name: &str| format!("{}/{name}", context.folder);
    let launches = &context.project.launches;
    let badge = match latest {
        Some(latest) => Badge::of("tests", &launches[latest].file.totals),
        None if context.input.stamp.unavailable => Badge::absent("tests", "launches unavailable"),
        None => Badge::absent("tests", "no closed launch"),
    };
    writer.file(&path("badge.svg"), badge.svg().as_bytes())?;
    writer.file(&path("badge.json"), badge.shields().as_bytes())?;
    match launches.is_empty() {
        true => Ok(()),
        false => writer.file(&path("feed.xml"), feed(context).xml().as_bytes()),
    }
}

fn feed(context: &Context<'_>) -> Feed {
    let (project, launches) = (context.project, &context.project.launches);
    let site = context.input.options.site.as_ref();
    let at = |below: &str| site.and_then(|site: &Address| site.join(below));
    let folder = context.folder;
    let mut latest: Vec<usize> = (0..launches.len()).collect();
    latest.sort_by_key(|at| {
        let file = launches[*at].file;
        (std::cmp::Reverse(file.closed.at), &file.id)
    });
    let entry = |number: usize| Entry {
        file: launches[number].file.clone(),
        receipt: format!("sha256:{}", launches[number].receipt),
        page: at(&format!("{folder}/{}", context.launch_href(number, ""))),
        superseded_by: context.superseded[number].map(|next| launches[next].file.id.clone()),
    };
    let name = project.name.clone();
    Feed {
        project: match project.file.key.as_str() {
            "" => project.folder.clone(),
            key => key.to_owned(),
        },
        origin: launches[0].receipt.to_owned(),
        title: say!("publish.feed-title", project = &name),
        author: name,
        page: at(&format!("{folder}/index.html")),
        own: at(&format!("{folder}/feed.xml")),
        entries: latest.into_iter().take(CLOSINGS).map(entry).collect(),
    }
}
