//! What answered for failures of a case: defects and mutes, as its launches stored them at closing.

use std::collections::BTreeMap;

use crate::analysis::tracks::Track;
use crate::site::build::context::Context;
use crate::site::build::{defects, mutes};
use crate::site::texts::say;
use crate::site::view::Link;
use crate::site::view::case::Answer;
use crate::site::words;

/// Returns the defects and mutes of a case's results, what answered last before what is longer ago.
pub(super) fn answers(context: &Context<'_>, tracks: &[&Track]) -> Vec<Answer> {
    // How many results, and the launch of the last one, by kind and id.
    let mut found: BTreeMap<(&'static str, &str), (u64, usize)> = BTreeMap::new();
    for entry in tracks.iter().flat_map(|track| &track.entries) {
        let launch = entry.launch();
        let outcome = &context.project.launches[launch].outcomes[entry.outcome()];
        for (kind, id) in [("defect", &outcome.defect), ("mute", &outcome.mute)] {
            let Some(id) = id else { continue };
            let (n, last) = found.entry((kind, id)).or_default();
            *n += 1;
            *last = (*last).max(launch);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (_, last))| std::cmp::Reverse(*last));
    let answer = |((kind, id), (n, last)): ((&'static str, &str), (u64, usize))| Answer {
        link: link(context, kind, id),
        text: say!(
            "case.answers-for",
            n = n,
            launch = words::line(&context.project.launches[last].file.name)
        ),
    };
    found.into_iter().map(answer).collect()
}

fn link(context: &Context<'_>, kind: &'static str, id: &str) -> Link {
    let project = context.project;
    let (title, href) = match kind {
        "defect" => {
            let defect = project.defects.iter().find(|defect| defect.id == id);
            let title = defect.map(|defect| defect.title.as_str());
            (title, defects::href(context, id, "../"))
        }
        _ => {
            let mute = project.mutes.iter().find(|mute| mute.id == id);
            let reason = mute.map(|mute| mute.reason.as_str());
            (reason, mutes::href(context, id, "../"))
        }
    };
    let title = title.map_or_else(|| say!("launch.no-longer-in-the-workspace"), words::line);
    Link {
        text: format!("{} {title}", words::line(id)),
        href,
        kind: say!(&format!("kind.{kind}")),
    }
}
