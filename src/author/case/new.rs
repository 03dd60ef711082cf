//! A new case's file.

use super::place::Shelf;
use super::{CaseChange, CaseError, taken_ids, title};
use crate::author::ids::draw_id;
use crate::author::put::field;
use crate::git::ChangeSet;
use crate::model::{Case, Combine, Link, Severity};
use crate::store::{Doc, Project, parse_case, scalar};

/// A case to make.
#[derive(Clone, Debug, Default)]
pub struct NewCase<'a> {
    /// What its file says. The id is drawn where there is none, and the scenario is read from the body.
    pub case: Case,
    /// Folders below `cases`, with `/` between them.
    pub section: &'a str,
    /// The file's name; made of the title where none is given.
    pub name: Option<&'a str>,
    /// What follows the front matter.
    pub body: &'a str,
    /// What the random id is drawn from.
    pub seed: u64,
}

/// Makes a case's file.
///
/// # Errors
/// The title, the section or the name can't be, or the name is taken.
pub fn new_case(project: &Project, new: &NewCase<'_>) -> Result<CaseChange, CaseError> {
    let mut maker = Maker::new(project, new.seed);
    let made = maker.make(new)?;
    let mut changes = ChangeSet::new(format!("Add case {}: {}", made.value.id, made.value.title));
    changes.write(&made.path, made.text.as_bytes());
    Ok(CaseChange {
        said: vec![format!("added {}: {}", made.value.id, made.value.title)],
        cases: vec![made.value.id.clone()],
        changes,
    })
}

/// Makes cases one after the other, none of which takes another's id or place.
#[derive(Debug)]
pub(super) struct Maker<'p> {
    project: &'p Project,
    shelf: Shelf<'p>,
    ids: std::collections::BTreeSet<String>,
    seed: u64,
    made: u64,
}

impl<'p> Maker<'p> {
    pub(super) fn new(project: &'p Project, seed: u64) -> Self {
        Self {
            project,
            shelf: Shelf::new(project),
            ids: taken_ids(project),
            seed,
            made: 0,
        }
    }

    /// Draws an id that nothing has.
    pub(super) fn id(&mut self) -> Result<String, CaseError> {
        let no_key = || CaseError::NoKey(self.project.name().to_owned());
        let key = self.project.key().ok_or_else(no_key)?;
        let id = draw_id(key, self.seed, self.made, |id| self.ids.contains(id));
        self.made += 1;
        self.ids.insert(id.clone());
        Ok(id)
    }

    pub(super) fn shelf(&mut self) -> &mut Shelf<'p> {
        &mut self.shelf
    }

    pub(super) fn make(&mut self, new: &NewCase<'_>) -> Result<Doc<Case>, CaseError> {
        let mut case = new.case.clone();
        case.title = title(&case.title)?;
        match case.id.is_empty() {
            true => case.id = self.id()?,
            false => drop(self.ids.insert(case.id.clone())),
        }
        let folder = self.shelf.folder(new.section)?;
        let path = self.shelf.take(&folder, new.name, &case.title, &case.id)?;
        let text = format!("{}{}", front_matter(&case), new.body);
        let unreadable = || CaseError::Uneditable { path: path.clone() };
        let (read, _) = parse_case(&path, text.as_str().into());
        let mut read = read.ok_or_else(unreadable)?;
        case.scenario = read.value.scenario.clone();
        // As loading fills in what a file leaves out; how it is executed is written always.
        if case.status.is_empty() {
            self.project.initial_status().clone_into(&mut case.status);
            case.status.clone_into(&mut read.value.status);
        }
        match read.value == case {
            true => Ok(read),
            false => Err(unreadable()),
        }
    }
}

/// Writes what a case says of itself.
fn front_matter(case: &Case) -> String {
    let mut out = String::from("---\n");
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let optional = |name: &str, value: &Option<String>| field(name, value.as_deref());
    line(format!("id: {}", scalar(&case.id)));
    line(format!("title: {}", scalar(&case.title)));
    line(format!("execution: {}", case.execution.as_str()));
    if !case.status.is_empty() {
        line(format!("status: {}", scalar(&case.status)));
    }
    optional("layer", &case.layer)
        .into_iter()
        .for_each(&mut line);
    if case.severity != Severity::default() {
        line(format!("severity: {}", case.severity.as_str()));
    }
    optional("owner", &case.owner)
        .into_iter()
        .for_each(&mut line);
    if !case.tags.is_empty() {
        line(format!("tags: {}", list(&case.tags)));
    }
    let named = |pairs: Vec<(&str, &[String])>| {
        let pairs = pairs
            .into_iter()
            .map(|(name, values)| format!("{}: {}", scalar(name), list(values)));
        pairs.collect::<Vec<_>>().join(", ")
    };
    let fields: Vec<(&str, &[String])> = case
        .fields
        .iter()
        .map(|(name, values)| (name, values.as_slice()))
        .collect();
    if !fields.is_empty() {
        line(format!("fields: {{{}}}", named(fields)));
    }
    if !case.links.is_empty() {
        line("links:".to_owned());
        case.links.iter().map(link).for_each(&mut line);
    }
    if !case.automation.selectors.is_empty() {
        line("automation:".to_owned());
        line(format!("  selectors: {}", list(&case.automation.selectors)));
    }
    if !case.relations.is_empty() {
        line("relations:".to_owned());
        for relation in &case.relations {
            line(format!(
                "  - {{type: {}, case: {}}}",
                scalar(&relation.kind),
                scalar(&relation.case)
            ));
        }
    }
    let parameters: Vec<(&str, &[String])> = case
        .parameters
        .iter()
        .map(|(name, values)| (name, values.as_slice()))
        .collect();
    if !parameters.is_empty() {
        line(format!("parameters: {{{}}}", named(parameters)));
    }
    if case.combine != Combine::default() {
        line(format!("combine: {}", case.combine.as_str()));
    }
    if !case.aliases.is_empty() {
        line(format!("aliases: {}", list(&case.aliases)));
    }
    out.push_str("---\n");
    out
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
    format!("[{}]", values.join(", "))
}

fn link(link: &Link) -> String {
    let fields = [
        field("type", link.kind.as_deref()),
        field("name", link.name.as_deref()),
        field("url", link.url.as_deref()),
    ];
    let fields: Vec<String> = fields.into_iter().flatten().collect();
    format!("  - {{{}}}", fields.join(", "))
}
