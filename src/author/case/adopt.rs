//! Cases made of tests that have none, and what results say for cases that are there.
//!
//! Which label of a result says what a field is, and whose word counts, is a project's setting
//! (`documentation` in `project.yaml`); without it, labels of the same name count, and files win.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::body::{escaped, paragraphs};
use super::new::{Maker, NewCase};
use super::place::sections;
use super::{CaseChange, CaseError, TITLE};
use crate::analysis::matching::one_line;
use crate::analysis::rename::place;
use crate::base::text::{count, line, sanitize_line, truncate};
use crate::git::ChangeSet;
use crate::model::{Case, Execution, Labels, Link, Severity, Step, TestResult, Wins, is_case_id};
use crate::store::{Doc, Project};

/// A test to make a case of: what its results say. Untrusted.
#[derive(Clone, Copy, Debug)]
pub struct Adopting<'a> {
    pub result: &'a TestResult,
    /// The steps of the deciding attempt, where they were kept.
    pub steps: &'a [Step],
    /// Names that the test had before.
    pub older: &'a [String],
}

/// Links of a result that a case takes over, at most.
const LINKS: usize = 20;
/// Values of one field, at most.
const VALUES: usize = 50;
/// Steps that a case takes over, at most.
const STEPS: usize = 200;
/// How deep steps are nested.
const DEEP: usize = 3;
/// The longest description, in characters.
const DESCRIPTION: usize = 10_000;
/// The longest line of a step, in characters.
const STEP: usize = 400;

/// Fields that every case has and results may say.
const OWN: [&str; 5] = ["owner", "layer", "severity", "tags", "section"];

/// Makes a case of each test: automated, with its full name as its selector. Tests that name one id are one
/// case, since results go by it first. What it can't take over of a result is said.
///
/// # Errors
/// The project has no key, or a file would not read as it was meant.
pub fn adopt(
    project: &Project,
    tests: &[Adopting<'_>],
    section: Option<&str>,
    seed: u64,
) -> Result<CaseChange, CaseError> {
    let mut maker = Maker::new(project, seed);
    let mut out = CaseChange::default();
    let mut taken = super::taken_ids(project);
    for group in groups(tests, &taken, &mut out.said) {
        let Some((test, others)) = group.split_first() else {
            continue;
        };
        let mut left_out = Vec::new();
        let (mut case, own) = described(project, test, &mut taken, &mut left_out);
        for other in others {
            for name in names(other) {
                if !case.automation.selectors.contains(&name) {
                    case.automation.selectors.push(name);
                }
            }
            claim_ids(&mut case, other.result, &mut taken);
        }
        let new = NewCase {
            case,
            section: section.unwrap_or(&own),
            name: None,
            body: &body(test),
            seed,
        };
        let made = maker.make(&new)?;
        let id = &made.value.id;
        out.said
            .push(format!("{id}: {}", line(&full_name(test), 120)));
        for other in others {
            let name = line(&full_name(other), 120);
            out.said
                .push(format!("{id}: {name}, which names the same id"));
        }
        left_out.sort();
        left_out.dedup();
        out.said
            .extend(left_out.into_iter().map(|why| format!("  left out: {why}")));
        out.changes.write(&made.path, made.text.as_bytes());
        out.cases.push(made.value.id);
    }
    out.changes.message = match out.cases.as_slice() {
        [only] => format!("Adopt {only}"),
        all => format!("Adopt {}", count(all.len() as u64, "case")),
    };
    Ok(out)
}

/// Puts tests together that name one id which no case has yet; says which of them can't be a case's.
fn groups<'t, 'a>(
    tests: &'t [Adopting<'a>],
    taken: &BTreeSet<String>,
    said: &mut Vec<String>,
) -> Vec<Vec<&'t Adopting<'a>>> {
    let mut out: Vec<Vec<&Adopting<'_>>> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for test in tests {
        let why = match full_name(test).as_ref() {
            "" => Some("it has no full name to know it by"),
            // As a selector it would claim others.
            name if name.contains('*') => Some("its full name has a `*`"),
            _ => None,
        };
        if let Some(why) = why {
            let name = line(&test.result.name, 120);
            said.push(format!("left out `{name}`: {why}"));
            continue;
        }
        let ids = test.result.ids.iter().filter(|id| is_case_id(id));
        let ids: Vec<String> = ids
            .map(|id| id.to_ascii_uppercase())
            .filter(|id| !taken.contains(id))
            .collect();
        let known = ids.iter().find_map(|id| by_id.get(id).copied());
        let at = known.unwrap_or_else(|| {
            out.push(Vec::new());
            out.len() - 1
        });
        out[at].push(test);
        for id in ids {
            by_id.entry(id).or_insert(at);
        }
    }
    out
}

fn full_name<'a>(test: &Adopting<'a>) -> Cow<'a, str> {
    one_line(test.result.full_name.as_deref().unwrap_or_default())
}

/// The full name of a test, and those that it had before.
fn names(test: &Adopting<'_>) -> Vec<String> {
    let now = full_name(test).into_owned();
    let mut out = vec![now.clone()];
    let older = test.older.iter().map(|name| one_line(name).into_owned());
    out.extend(older.filter(|name| *name != now));
    out
}

/// Takes ids that name no case yet: by them, results are known when they are called otherwise.
fn claim_ids(case: &mut Case, result: &TestResult, taken: &mut BTreeSet<String>) {
    for id in &result.ids {
        if is_case_id(id) && taken.insert(id.to_ascii_uppercase()) {
            case.aliases.push(id.clone());
        }
    }
}

/// Returns the case of a test, and the section that its results name.
fn described(
    project: &Project,
    test: &Adopting<'_>,
    taken: &mut BTreeSet<String>,
    left_out: &mut Vec<String>,
) -> (Case, String) {
    let result = test.result;
    let title = truncate(sanitize_line(&result.name).trim(), TITLE);
    let mut case = Case {
        title: match title.is_empty() {
            true => truncate(&sanitize_line(&full_name(test)), TITLE),
            false => title,
        },
        execution: Execution::Automated,
        links: links(&result.links),
        ..Case::default()
    };
    case.automation.selectors = names(test);
    claim_ids(&mut case, result, taken);
    for (name, _, values) in said(project, &result.labels, left_out) {
        let first = || values.first().cloned();
        match name.as_str() {
            "owner" => case.owner = first(),
            "layer" => case.layer = first(),
            "severity" => {
                let known = Severity::ALL.into_iter();
                let mut known =
                    known.filter(|one| Some(one.as_str()) == values.first().map(String::as_str));
                case.severity = known.next().unwrap_or_default();
            }
            "tags" => case.tags = values,
            _ => case.fields.insert(name, values),
        }
    }
    (case, section_of(project, result))
}

/// Returns what a result's labels say for fields of a case: the field, whose word counts, the values
/// as the project writes them. The section is apart.
fn said(
    project: &Project,
    labels: &Labels,
    left_out: &mut Vec<String>,
) -> Vec<(String, Wins, Vec<String>)> {
    let settings = project.settings.as_ref().map(|doc| &doc.value);
    let mut names: Vec<String> = OWN.map(str::to_owned).to_vec();
    let declared = settings
        .map(|settings| settings.fields.as_slice())
        .unwrap_or_default();
    names.extend(declared.iter().cloned());
    let sources = settings.map(|settings| &settings.documentation.fields);
    let mapped = sources.into_iter().flat_map(|sources| sources.keys());
    for name in mapped {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    let mut out = Vec::new();
    for name in names.into_iter().filter(|name| name != "section") {
        let source = sources.and_then(|sources| sources.get(&name));
        let own = match name.as_str() {
            "tags" => "tag".to_owned(),
            name => name.to_owned(),
        };
        let from: Vec<String> = source.map_or_else(|| vec![own], |source| source.labels.clone());
        let values = from.iter().map(|label| all(labels, label));
        let Some(values) = values.into_iter().find(|values| !values.is_empty()) else {
            continue;
        };
        let field = match OWN.contains(&name.as_str()) {
            true => name.clone(),
            false => format!("fields.{name}"),
        };
        let values = super::set::fitting(project, &field, &values, left_out);
        if !values.is_empty() {
            out.push((
                name,
                source.map_or(Wins::File, |source| source.wins),
                values,
            ));
        }
    }
    out
}

/// Returns the values of a label, its name in any letter case.
fn all(labels: &Labels, name: &str) -> Vec<String> {
    let same = |own: &str| own.eq_ignore_ascii_case(name);
    let fitting = labels.iter().filter(|(own, _)| same(own));
    let values = fitting.flat_map(|(_, values)| values);
    let values = values
        .map(|value| sanitize_line(value))
        .filter(|value| !value.trim().is_empty());
    values.take(VALUES).collect()
}

fn section_of(project: &Project, result: &TestResult) -> String {
    let settings = project.settings.as_ref().map(|doc| &doc.value);
    let source = settings.and_then(|settings| settings.documentation.fields.get("section"));
    let from = match source {
        Some(source) => source.labels.clone(),
        None => ["parentSuite", "suite", "subSuite"]
            .map(str::to_owned)
            .to_vec(),
    };
    let groups: Vec<String> = from
        .iter()
        .filter_map(|label| all(&result.labels, label).into_iter().next())
        .collect();
    if !groups.is_empty() || source.is_some() {
        return sections(groups.iter().map(String::as_str));
    }
    if !result.title_path.is_empty() {
        return sections(result.title_path.iter().map(String::as_str));
    }
    let place = place(result.full_name.as_deref().unwrap_or_default());
    let separators: &[char] = match place.contains('/') {
        true => &['/', '#', '>'],
        false => &['.', ':', '#', '>'],
    };
    let groups: Vec<String> = place.split(separators).map(str::to_owned).collect();
    sections(groups.iter().map(String::as_str))
}

fn links(links: &[Link]) -> Vec<Link> {
    let mut out: Vec<Link> = Vec::new();
    let clean = |text: &Option<String>| {
        let text = text
            .as_deref()
            .map(|text| truncate(&sanitize_line(text), TITLE));
        text.filter(|text| !text.trim().is_empty())
    };
    for link in links {
        let new = Link {
            kind: clean(&link.kind),
            name: clean(&link.name),
            url: clean(&link.url)
                .filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        };
        if new.called().is_some() && !out.contains(&new) && out.len() < LINKS {
            out.push(new);
        }
    }
    out
}

fn body(test: &Adopting<'_>) -> String {
    let mut out = String::new();
    let description = test.result.description.as_deref().unwrap_or_default();
    let description = truncate(description, DESCRIPTION);
    let description = paragraphs(&description);
    if !description.is_empty() {
        out.push_str(&format!("\n{description}\n"));
    }
    let mut left = STEPS;
    let steps = steps(test.steps, 0, &mut left);
    if !steps.is_empty() {
        out.push_str(&format!("\n## Steps\n\n{steps}"));
    }
    out
}

fn steps(steps: &[Step], depth: usize, left: &mut usize) -> String {
    let mut out = String::new();
    // What has no status stands for an attachment.
    for step in steps.iter().filter(|step| step.status.is_some()) {
        let name = truncate(sanitize_line(&step.name).trim(), STEP);
        if name.is_empty() || *left == 0 {
            continue;
        }
        *left -= 1;
        let indent = "   ".repeat(depth);
        out.push_str(&format!("{indent}1. {}\n", escaped(&name)));
        if depth + 1 < DEEP {
            out.push_str(&self::steps(&step.steps, depth + 1, left));
        }
    }
    out
}

/// Brings into cases what results of them say: fields that a result wins, and fields that the file says
/// nothing of. Cases that say all of it already are left out.
///
/// # Errors
/// A file can't be edited in place.
pub fn update(
    project: &Project,
    results: &[(&Doc<Case>, &TestResult)],
) -> Result<CaseChange, CaseError> {
    let mut out = CaseChange::default();
    let mut left_out = Vec::new();
    for (doc, result) in results {
        let case = &doc.value;
        let mut wanted = Vec::new();
        for (name, wins, values) in said(project, &result.labels, &mut left_out) {
            let is_there = match name.as_str() {
                "owner" | "layer" | "severity" | "tags" => doc.has(&[name.as_str().into()]),
                name => !case.fields.all(name).is_empty(),
            };
            if is_there && wins == Wins::File {
                continue;
            }
            let field = match OWN.contains(&name.as_str()) {
                true => name,
                false => format!("fields.{name}"),
            };
            wanted.push((field, values));
        }
        if let Some(text) = super::set::from_results(project, doc, &wanted, &mut out.said)? {
            out.cases.push(case.id.clone());
            out.changes.write(&doc.path, text);
        }
    }
    left_out.sort();
    left_out.dedup();
    out.said
        .extend(left_out.into_iter().map(|why| format!("left out: {why}")));
    let whose = match out.cases.as_slice() {
        [only] => only.clone(),
        all => count(all.len() as u64, "case"),
    };
    out.changes = ChangeSet {
        message: format!("Take fields of {whose} from results"),
        ..out.changes
    };
    Ok(out)
}
