//! Fields of imported cases, as this project writes them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::foreign::{ForeignCase, Losses};
use crate::author::case::field::Field;
use crate::author::case::set::fitting;
use crate::base::text::{sanitize_line, truncate};
use crate::model::{Case, ProjectFile, Wins};
use crate::store::{Doc, Project};

/// What words of another tool are here: by field and word, both in lower case.
pub type ValueMap = BTreeMap<(String, String), String>;

/// The longest value, in characters.
const VALUE: usize = 500;
/// Values of one field, and fields of one case.
const VALUES: usize = 1000;
const FIELDS: usize = 200;

/// Words of other tools for severities; both sides in lower case.
const SEVERITIES: [(&str, &[&str]); 5] = [
    (
        "blocker",
        &[
            "highest",
            "p0",
            "must test",
            "showstopper",
            "urgent",
            "4 - must test",
        ],
    ),
    (
        "critical",
        &["high", "p1", "very high", "1 - critical", "4 - critical"],
    ),
    (
        "normal",
        &[
            "medium", "major", "moderate", "p2", "default", "not set", "middle",
        ],
    ),
    ("minor", &["low", "p3", "don't test"]),
    ("trivial", &["lowest", "p4", "cosmetic", "very low"]),
];

/// Words of other tools for states of the usual workflow.
const STATES: [(&str, &[&str]); 4] = [
    (
        "draft",
        &[
            "new", "design", "designed", "todo", "to do", "open", "proposed",
        ],
    ),
    (
        "review",
        &[
            "in review",
            "ready for review",
            "under review",
            "needs review",
            "review in progress",
        ],
    ),
    (
        "active",
        &[
            "approved",
            "ready",
            "actual",
            "final",
            "done",
            "published",
            "accepted",
            "completed",
        ],
    ),
    (
        "outdated",
        &[
            "deprecated",
            "obsolete",
            "archived",
            "retired",
            "rejected",
            "closed",
        ],
    ),
];

pub(super) struct Fields<'a> {
    project: &'a Project,
    values: &'a ValueMap,
    declared: Vec<String>,
    /// Which of the values were asked for.
    used: RefCell<BTreeSet<(String, String)>>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(project: &'a Project, values: &'a ValueMap) -> Self {
        let settings = project.settings.as_ref();
        let declared = settings.map_or_else(Vec::new, |doc| doc.value.fields.clone());
        Self {
            project,
            values,
            declared,
            used: RefCell::default(),
        }
    }

    /// Returns which words of [`ValueMap`] the source says.
    pub(super) fn used(self) -> BTreeSet<(String, String)> {
        self.used.into_inner()
    }

    /// Returns the fields that a case is given, each with its values; what the project can't have is lost.
    pub(super) fn of(
        &self,
        foreign: &ForeignCase,
        losses: &mut Losses,
    ) -> Vec<(String, Vec<String>)> {
        let mut out: Vec<(String, Vec<String>)> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut seen: BTreeSet<(usize, String)> = BTreeSet::new();
        for (said, value) in &foreign.said {
            let value = truncate(sanitize_line(value).trim(), VALUE);
            if value.is_empty() {
                continue;
            }
            let name = self.name(said, foreign.own.is_some());
            let value = match self.mapped(said, &name, &value) {
                // Somebody wants it left out.
                Some(mapped) if mapped.is_empty() => continue,
                Some(mapped) => mapped.clone(),
                None => value,
            };
            let mut left_out = Vec::new();
            let tried = [value.clone()]
                .into_iter()
                .chain(self.synonyms(&name, &value));
            let mut found = Vec::new();
            for one in tried {
                found = fitting(self.project, &name, &[one], &mut left_out);
                if !found.is_empty() {
                    break;
                }
            }
            let Some(fits) = found.into_iter().next() else {
                let why = left_out.into_iter().next();
                let why = why.map(|why| without_value(&why, &value));
                let why = why.unwrap_or_else(|| "it can't be had here".to_owned());
                losses.add(
                    said.trim_start_matches("fields."),
                    &why,
                    &foreign.at,
                    &value,
                );
                continue;
            };
            let is_list = is_list(&name);
            let Some(at) = places.get(&name).copied() else {
                if out.len() == FIELDS {
                    let why = format!("more than {FIELDS} fields of one case");
                    losses.add("fields", &why, &foreign.at, &format!("{said}: {value}"));
                    continue;
                }
                places.insert(name.clone(), out.len());
                seen.insert((out.len(), fits.clone()));
                out.push((name, vec![fits]));
                continue;
            };
            if !seen.insert((at, fits.clone())) {
                continue;
            }
            let (_, values) = &mut out[at];
            let why = match is_list {
                true if values.len() < VALUES => {
                    values.push(fits);
                    continue;
                }
                true => format!("more than {VALUES} values of one case"),
                false => format!("it has one value here, and `{}` came first", values[0]),
            };
            losses.add(said, &why, &foreign.at, &value);
        }
        out
    }

    /// Whether what comes from elsewhere counts more than the file, by the project's settings.
    pub(super) fn wins(&self, name: &str) -> bool {
        let settings = self.project.settings.as_ref();
        let sources = settings.map(|doc| &doc.value.documentation.fields);
        let source = sources.and_then(|all| all.get(name.trim_start_matches("fields.")));
        source.is_some_and(|source| source.wins == Wins::Result)
    }

    /// A custom field as the project declares it, whatever its letter case and blanks; of a case of ours its own name
    /// else.
    fn name(&self, said: &str, is_own: bool) -> String {
        let Some(own) = said.strip_prefix("fields.") else {
            return said.to_owned();
        };
        let same = |known: &&String| folded(known) == folded(own);
        match self.declared.iter().find(same) {
            Some(known) => format!("fields.{known}"),
            None if is_own => said.to_owned(),
            None => format!("fields.{}", folded(own)),
        }
    }

    fn mapped(&self, said: &str, name: &str, value: &str) -> Option<&String> {
        let value = value.to_lowercase();
        let names = [said, name, said.trim_start_matches("fields.")];
        let mut keys = names
            .into_iter()
            .map(|name| (name.to_lowercase(), value.clone()));
        let (key, found) = keys.find_map(|key| self.values.get(&key).map(|found| (key, found)))?;
        self.used.borrow_mut().insert(key);
        Some(found)
    }

    /// Other words that a value may be here.
    fn synonyms(&self, name: &str, value: &str) -> Vec<String> {
        let lower = value.to_lowercase();
        let of = |table: &[(&str, &[&str])]| -> Vec<String> {
            let words =
                lower.trim_start_matches(|c: char| c.is_ascii_digit() || " -–.".contains(c));
            let fits = |all: &[&str]| all.contains(&lower.as_str()) || all.contains(&words);
            let found = table.iter().filter(|(own, all)| fits(all) || *own == words);
            found.map(|(own, _)| (*own).to_owned()).collect()
        };
        match name {
            "severity" => of(&SEVERITIES),
            "status" => {
                let usual: BTreeSet<&str> = ProjectFile::WORKFLOW.into_iter().collect();
                let mut found = of(&STATES);
                found.retain(|state| usual.contains(state.as_str()));
                found
            }
            "owner" => {
                let members = self.project.members.iter().map(|doc| &doc.value);
                let named = |email: &String| email.eq_ignore_ascii_case(value);
                let mut found = members.filter(|member| {
                    member.emails.iter().any(named) || member.name.eq_ignore_ascii_case(value)
                });
                found
                    .next()
                    .map(|member| member.id.clone())
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A name of a field as queries take it: lower case, `_` between words.
pub(super) fn folded(name: &str) -> String {
    let mut out = String::new();
    for c in name.trim().chars() {
        match c.is_alphanumeric() {
            true => out.extend(c.to_lowercase()),
            false if !out.ends_with('_') && !out.is_empty() => out.push('_'),
            false => {}
        }
    }
    out.trim_end_matches('_').to_owned()
}

/// The same reason for all values.
fn without_value(why: &str, value: &str) -> String {
    let mut tried = [value.to_owned(), value.to_lowercase()].into_iter();
    let found = tried.find_map(|value| {
        why.strip_prefix(&format!("`owner` is `{value}`, "))
            .map(str::to_owned)
    });
    match found {
        Some(rest) => rest,
        None => match why.split_once(", expected ") {
            Some((_, expected)) => {
                let expected = expected.split("; did you mean").next().unwrap_or(expected);
                format!("expected {expected}")
            }
            None => why.to_owned(),
        },
    }
}

fn is_list(name: &str) -> bool {
    name == "tags" || name.starts_with("fields.")
}

/// Returns what a case's file says of a field, and whether it says anything.
pub(super) fn here(doc: &Doc<Case>, name: &str) -> (Vec<String>, bool) {
    let case = &doc.value;
    match name.strip_prefix("fields.") {
        Some(own) => {
            let values = case.fields.all(own).to_vec();
            let is_there = !values.is_empty();
            (values, is_there)
        }
        None => {
            let values = match name {
                "severity" => vec![case.severity.as_str().to_owned()],
                "status" => vec![case.status.clone()],
                "layer" => case.layer.iter().cloned().collect(),
                "owner" => case.owner.iter().cloned().collect(),
                "tags" => case.tags.clone(),
                _ => Vec::new(),
            };
            (values, doc.has(&[name.into()]))
        }
    }
}

/// Gives a new case a field.
pub(super) fn put(case: &mut Case, name: &str, values: &[String]) {
    let first = || values.first().cloned();
    match name {
        "layer" => case.layer = first(),
        "owner" => case.owner = first(),
        "status" => case.status = first().unwrap_or_default(),
        "tags" => case.tags = values.to_vec(),
        "severity" => Field::Severity.write(case, values),
        _ => {
            if let Some(own) = name.strip_prefix("fields.") {
                case.fields.insert(own, values.to_vec());
            }
        }
    }
}
