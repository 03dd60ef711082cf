//! The chain of receipts: each launch names those before it.

use std::collections::{BTreeMap, BTreeSet};

use super::launch::Checked;
use super::report::{ChainTip, Coverage, Kind, Violation};
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
    let known_first = launches.iter().filter(|launch| launch.known);
    for launch in known_first.chain(launches.iter().filter(|launch| !launch.known)) {
        let Some(file) = &launch.file else { continue };
        for previous in &file.closed.previous {
            let digest = Digest::parse(previous);
            named.extend(digest);
            if !launch.known && digest.is_none_or(|digest| !here.contains(&digest)) {
                out.violations.push(missing(launch, previous));
            }
        }
        let first = identities
            .entry((&file.project, &file.id))
            .or_insert(&launch.place.path);
        if *first != launch.place.path && !launch.known {
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

/// Looks for a launch that names a receipt which none has, where nothing names this one's: it may be the one
/// that was meant. Launches before it can't mean it.
pub(super) fn unnamed(launch: &Checked, others: &[Checked]) -> Option<Violation> {
    let receipt = launch.receipt?;
    let project = |checked: &Checked| Some(checked.file.as_ref()?.project.clone());
    let named = |checked: &Checked| -> Vec<Option<Digest>> {
        let previous = checked.file.iter().flat_map(|file| &file.closed.previous);
        previous.map(|hex| Digest::parse(hex)).collect()
    };
    let known: BTreeMap<Digest, &Checked> = others
        .iter()
        .chain([launch])
        .filter_map(|checked| Some((checked.receipt?, checked)))
        .collect();
    if others
        .iter()
        .any(|other| named(other).contains(&Some(receipt)))
    {
        return None;
    }
    let mut before = BTreeSet::from([receipt]);
    let mut next = vec![launch];
    while let Some(checked) = next.pop() {
        for digest in named(checked).into_iter().flatten() {
            if before.insert(digest) {
                next.extend(known.get(&digest));
            }
        }
    }
    let lacks = |digest: &Option<Digest>| digest.is_none_or(|digest| !known.contains_key(&digest));
    let later = others.iter().find(|other| {
        project(other) == project(launch)
            && other.receipt.is_some_and(|own| !before.contains(&own))
            && named(other).iter().any(lacks)
    })?;
    let message = format!(
        "launch `{}` names a receipt that no launch here has, and none names that of `{}`",
        text::sanitize_line(&later.place.id),
        launch.place.id
    );
    let path = join(&launch.place.path, "launch.yaml");
    Some(Violation::new(
        Kind::MissingPrevious,
        Some(&launch.place.id),
        path,
        message,
    ))
}

/// Tells the launches that a receipt commits to from the others.
pub(super) fn coverage(launches: &[Checked], receipt: Digest) -> Coverage {
    let by_receipt: BTreeMap<Digest, &Checked> = launches
        .iter()
        .filter_map(|launch| Some((launch.receipt?, launch)))
        .collect();
    let mut reached = BTreeSet::new();
    let mut next = vec![receipt];
    while let Some(digest) = next.pop() {
        let Some(launch) = by_receipt.get(&digest) else {
            continue;
        };
        if reached.insert(digest) {
            let previous = launch.file.iter().flat_map(|file| &file.closed.previous);
            next.extend(previous.filter_map(|hex| Digest::parse(hex)));
        }
    }
    let tip = |launch: &Checked| {
        Some(ChainTip {
            project: launch.file.as_ref()?.project.clone(),
            launch: launch.place.id.clone(),
            receipt: launch.receipt?.to_string(),
        })
    };
    let is_reached = |launch: &&Checked| launch.receipt.is_some_and(|r| reached.contains(&r));
    let (covered, uncovered): (Vec<_>, Vec<_>) = launches.iter().partition(is_reached);
    let tips = |launches: Vec<&Checked>| {
        let mut tips: Vec<ChainTip> = launches.into_iter().filter_map(tip).collect();
        tips.sort();
        tips
    };
    Coverage {
        receipt: receipt.to_string(),
        covered: tips(covered),
        uncovered: tips(uncovered),
    }
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
