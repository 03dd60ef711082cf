//! The chain of receipts: each launch names those before it.

use std::collections::{BTreeMap, BTreeSet};

use super::launch::Checked;
use super::report::{ChainTip, Kind, Violation};
use crate::base::{Digest, path::join, text};

/// What the chain tells.
#[derive(Debug, Default)]
pub(super) struct Chain {
    pub(super) tips: Vec<ChainTip>,
    pub(super) violations: Vec<Violation>,
}

/// Looks for every receipt that a launch names, and for launches that stand in two folders.
pub(super) fn check(launches: &[Checked]) -> Chain {
    let mut out = Chain::default();
    let here: BTreeSet<Digest> = launches
        .iter()
        .filter_map(|launch| launch.receipt)
        .collect();
    let mut named: BTreeSet<Digest> = BTreeSet::new();
    let mut identities: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for launch in launches {
        let Some(file) = &launch.file else { continue };
        for previous in &file.closed.previous {
            let digest = Digest::parse(previous);
            named.extend(digest);
            if digest.is_none_or(|digest| !here.contains(&digest)) {
                out.violations.push(missing(launch, previous));
            }
        }
        let first = identities
            .entry((&file.project, &file.id))
            .or_insert(&launch.place.path);
        if *first != launch.place.path {
            let message = format!("launch `{}` stands here and in `{first}`", launch.place.id);
            let (id, path) = (Some(launch.place.id.as_str()), &launch.place.path);
            out.violations
                .push(Violation::new(Kind::DuplicateLaunch, id, path, message));
        }
    }
    let tips = launches.iter().filter_map(|launch| {
        let receipt = launch.receipt.filter(|receipt| !named.contains(receipt))?;
        Some(ChainTip {
            project: launch.file.as_ref()?.project.clone(),
            launch: launch.place.id.clone(),
            receipt: receipt.to_string(),
        })
    });
    out.tips = tips.collect();
    out.tips.sort();
    out
}

fn missing(launch: &Checked, receipt: &str) -> Violation {
    let receipt = text::truncate(&text::sanitize_line(receipt), 70);
    let message = format!(
        "launch `{}` names the receipt `{receipt}`, which no launch here has",
        launch.place.id
    );
    let path = join(&launch.place.path, "launch.yaml");
    Violation::new(Kind::MissingPrevious, Some(&launch.place.id), path, message)
}
