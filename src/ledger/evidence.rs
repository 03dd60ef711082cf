//! What a closing keeps: the files of a launch, and their sums.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::attachments;
use super::part::{Part, StateError};
use super::preview::Read;
use super::sums::{self, Sums};
use crate::analysis::Decision;
use crate::analysis::executed::{executed_text, shared};
use crate::base::files::Stretch;
use crate::base::{Digest, FileError, Timestamp};
use crate::store::Project;
use crate::store::outcomes::{self, Outcomes};

/// All files of the closed launch but `launch.yaml` and the sums.
pub(super) struct Evidence {
    /// Made here: path → bytes.
    pub(super) made: BTreeMap<String, Vec<u8>>,
    /// Appended: path → file, taken byte for byte.
    pub(super) taken: BTreeMap<String, Stretch>,
    /// Executed texts by their digest.
    pub(super) executed: BTreeMap<Digest, String>,
    pub(super) sums: Sums,
    pub(super) prunable: Sums,
}

impl Evidence {
    pub(super) fn new(
        project: &Project,
        parts: &[Part],
        read: &Read,
        decision: &Decision,
    ) -> Result<Self, StateError> {
        let taken = taken_files(parts)?;
        let (mut cases, mut executed) = executed_texts(project, &decision.cases);
        for (case, digest) in as_executed(read, decision) {
            let Some(text) = attached_text(&taken, digest)? else {
                continue;
            };
            cases.insert(case.to_owned(), digest.to_owned());
            executed.insert(Digest::of(text.as_bytes()), text);
        }
        executed.retain(|digest, _| cases.values().any(|known| *known == digest.to_string()));
        let outcomes = Outcomes {
            environments: read.environments.clone(),
            outcomes: decision.outcomes.clone(),
        };
        let made = BTreeMap::from([
            ("outcomes.yaml".to_owned(), outcomes.write()),
            (
                "tests.yaml".to_owned(),
                outcomes::write_tests(&decision.tests),
            ),
            ("cases.yaml".to_owned(), outcomes::write_cases(&cases)),
        ]);
        let digests: Vec<(String, Digest)> = taken
            .par_iter()
            .map(|(path, file)| Ok((path.clone(), sums::of_file(file)?)))
            .collect::<Result<_, FileError>>()?;
        check_attachments(parts, read, &digests)?;
        let made_sums = made
            .iter()
            .map(|(path, bytes)| (path.clone(), Digest::of(bytes)));
        let (prunable, mut sums): (Sums, Sums) = digests
            .into_iter()
            .chain(made_sums)
            .partition(|(path, _)| sums::is_prunable(path));
        if !prunable.is_empty() {
            let digest = Digest::of(&sums::write(&prunable));
            sums.insert("PRUNABLE.sha256".to_owned(), digest);
        }
        Ok(Self {
            made,
            taken,
            executed,
            sums,
            prunable,
        })
    }
}

/// Holds attachments against their names, and rows against the attachments that they name.
fn check_attachments(
    parts: &[Part],
    read: &Read,
    digests: &[(String, Digest)],
) -> Result<(), StateError> {
    let attachments = digests
        .iter()
        .filter_map(|(path, digest)| Some((path.strip_prefix("attachments/")?, digest)));
    let attachments: BTreeMap<&str, &Digest> = attachments.collect();
    for (part, name) in &read.attached {
        let stem = name.split('.').next().unwrap_or_default();
        let problem = match attachments.get(name.as_str()) {
            Some(digest) if digest.to_string() == stem => continue,
            Some(_) => format!("attachment `{name}` does not hold what its name says"),
            None => format!("attachment `{name}` is missing"),
        };
        return Err(StateError::Damaged {
            shard: parts[*part].shard.clone(),
            problem,
        });
    }
    Ok(())
}

fn executed_texts(
    project: &Project,
    cases: &BTreeSet<String>,
) -> (BTreeMap<String, String>, BTreeMap<Digest, String>) {
    let shared = shared(project);
    let mut by_case = BTreeMap::new();
    let mut texts = BTreeMap::new();
    for case in project
        .cases
        .iter()
        .filter(|case| cases.contains(&case.value.id))
    {
        let text = executed_text(case, &shared);
        let digest = Digest::of(text.as_bytes());
        by_case.insert(case.value.id.clone(), digest.to_string());
        texts.insert(digest, text);
    }
    (by_case, texts)
}

/// Returns the digests of the texts that people executed, by case: of several the last. What they executed is
/// what they saw then, whatever the case says by now.
fn as_executed<'a>(read: &'a Read, decision: &'a Decision) -> BTreeMap<&'a str, &'a str> {
    let texts = read.rows.iter().filter_map(|row| {
        let digest = row.executed_text.as_deref()?;
        Some((row.run.id.as_str(), digest))
    });
    let texts: HashMap<&str, &str> = texts.collect();
    let mut last: BTreeMap<&str, (Option<Timestamp>, &str)> = BTreeMap::new();
    for outcome in &decision.outcomes {
        let (Some(case), Some(digest)) = (&outcome.case, texts.get(outcome.id.as_str())) else {
            continue;
        };
        let own = (outcome.start, *digest);
        let known = last.entry(case).or_insert(own);
        *known = own.max(*known);
    }
    let digests = last.into_iter().map(|(case, (_, digest))| (case, digest));
    digests.collect()
}

/// Returns a text that a part brings with the result that it belongs to, if it is what its digest says.
fn attached_text(
    taken: &BTreeMap<String, Stretch>,
    digest: &str,
) -> Result<Option<String>, FileError> {
    let Some(file) = taken.get(&format!("attachments/{digest}.md")) else {
        return Ok(None);
    };
    let bytes = file.read()?;
    let is_it = Digest::of(&bytes).to_string() == digest;
    Ok(String::from_utf8(bytes).ok().filter(|_| is_it))
}

/// The files of all parts under their names in the closed launch.
pub(super) fn taken_files(parts: &[Part]) -> Result<BTreeMap<String, Stretch>, FileError> {
    let mut out = BTreeMap::new();
    for part in parts {
        for (folder, stem, names) in [
            ("results", "results", &part.results),
            ("details", "details", &part.details),
        ] {
            for name in names {
                let suffix = name.strip_prefix(stem).unwrap_or(name);
                out.insert(
                    format!("{folder}/{}{suffix}", part.shard),
                    Stretch::whole(part.folder.join(name)),
                );
            }
        }
        for (name, stretch) in attachments::list(&part.folder)? {
            out.insert(format!("attachments/{name}"), stretch);
        }
    }
    Ok(out)
}
