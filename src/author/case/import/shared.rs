//! Steps that several cases include: files that are here, and new ones.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::foreign::told_apart;
use super::{Import, Importing, TITLE, body, differ};
use crate::base::path::resolve;
use crate::base::text::{line, sanitize_line, slug, truncate};
use crate::model::SharedSteps;
use crate::store::{Doc, scalar};

impl<'a> Import<'a> {
    /// Returns which shared steps of the source stand in cases that are here, with the files that those include.
    fn included(&self) -> BTreeSet<(&'a str, String)> {
        let importing: &'a Importing<'a> = self.importing;
        let mut out = BTreeSet::new();
        if importing.shared.is_empty() {
            return out;
        }
        for foreign in importing.cases {
            let titles = foreign.steps.iter();
            let titles = titles.filter_map(|step| step.shared.as_deref());
            let titles: Vec<&str> = titles.collect();
            let Some(doc) = self.known.find(foreign).filter(|_| !titles.is_empty()) else {
                continue;
            };
            let links = doc.value.scenario.steps.iter();
            let links = links.filter_map(|step| step.shared.as_deref());
            let files = links.filter_map(|link| resolve(&doc.path, link));
            out.extend(titles.into_iter().zip(files));
        }
        out
    }
}

impl Import<'_> {
    /// Makes files of shared steps that are not here yet; returns where all of them are.
    pub(super) fn shared_steps(&mut self) -> BTreeMap<String, String> {
        let project = self.project;
        let mut out = BTreeMap::new();
        let mut here: HashMap<&str, Vec<&Doc<SharedSteps>>> = HashMap::new();
        for doc in &project.steps {
            here.entry(bare(&doc.value.title)).or_default().push(doc);
        }
        let included = self.included();
        let taken = project.entries.iter();
        let mut taken: BTreeSet<String> = taken.map(|entry| entry.path.to_lowercase()).collect();
        // The number that the next file of a name gets.
        let mut numbers: HashMap<String, usize> = HashMap::new();
        for one in self.importing.shared {
            if out.contains_key(&one.title) {
                continue;
            }
            let title = truncate(sanitize_line(&one.title).trim(), TITLE);
            let steps = self.clean_steps(&one.steps, &one.at, 0);
            let written = body::shared_body(&steps);
            let alike = here.get(bare(&title)).map_or(&[][..], Vec::as_slice);
            let says_same = |doc: &&&Doc<SharedSteps>| {
                differ::same_steps(&written.scenario.steps, &doc.value.scenario.steps)
            };
            let is_included = |doc: &&&Doc<SharedSteps>| {
                included.contains(&(one.title.as_str(), doc.path.clone()))
            };
            if let Some(doc) = alike.iter().find(says_same) {
                out.insert(one.title.clone(), doc.path.clone());
                continue;
            }
            if let Some(doc) = alike.iter().find(is_included) {
                out.insert(one.title.clone(), doc.path.clone());
                let (path, at) = (&doc.path, &one.at);
                self.out.differing.push(format!(
                    "`{path}`: the source says otherwise of its steps ({}:{})",
                    line(&at.path, 200),
                    at.line
                ));
                continue;
            }
            let title = match alike.iter().any(|doc| doc.value.title == title) {
                true => told_apart(&title, &one.at.path),
                false => title,
            };
            let stem = slug(&title, 60);
            let path = |n: usize| match n {
                1 => format!("{}/steps/{stem}.md", project.path),
                n => format!("{}/steps/{stem}-{n}.md", project.path),
            };
            let n = numbers.entry(stem.to_lowercase()).or_insert(1);
            while !taken.insert(path(*n).to_lowercase()) {
                *n += 1;
            }
            let path = path(*n);
            let text = format!("---\ntitle: {}\n---\n{}", scalar(&title), written.text);
            self.out.change.changes.write(&path, text.into_bytes());
            out.insert(one.title.clone(), path);
        }
        out
    }
}

/// A title without the file that tells it from another one.
fn bare(title: &str) -> &str {
    let apart = title
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("));
    apart.map_or(title, |(bare, _)| bare)
}
