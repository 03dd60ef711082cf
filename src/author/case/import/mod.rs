//! Cases of other tools, put into files.
//!
//! A case is known again by the ids that it had there, which stay as aliases, so that results which carry
//! them match. What is here already is left as it is: an import says how the source differs, and with
//! `update` fills in what a file leaves out. What can't be carried is counted, never dropped in silence.

mod body;
mod differ;
mod fields;
mod foreign;
mod known;
mod links;
mod own;
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use self::fields::Fields;
pub use self::fields::ValueMap;
pub use self::foreign::{
    ForeignCase, ForeignPlace, ForeignStep, ForeignSteps, Loss, Losses, OwnCase,
};
use self::known::Known;
use self::own::{follow, is_id_of};
use super::new::{Maker, NewCase};
use super::place::folder_names;
use super::{CaseChange, CaseError, TITLE};
use crate::base::text::{count, line, sanitize_line, truncate, unsafe_to_show};
use crate::git::ChangeSet;
use crate::model::{Case, Combine, Execution, is_case_id};
use crate::store::{Doc, Project};

/// The longest text of one field, in bytes.
const TEXT: usize = 200_000;
/// The longest text of a case, in bytes; files are smaller than a MiB.
const WHOLE: usize = 900_000;
/// Parameters of one case.
const PARAMETERS: usize = 200;

/// What to bring in, and how.
#[derive(Clone, Copy, Debug)]
pub struct Importing<'a> {
    pub cases: &'a [ForeignCase],
    pub shared: &'a [ForeignSteps],
    /// All projects of the workspace.
    pub projects: &'a [Project],
    /// The section that all others lie below, as `legacy/testrail`.
    pub section: &'a str,
    /// Fill in what files of cases that are here leave out.
    pub update: bool,
    pub values: &'a ValueMap,
    /// What random ids are drawn from.
    pub seed: u64,
}

/// What an import does.
#[derive(Clone, Debug, Default)]
pub struct ImportedCases {
    pub change: CaseChange,
    pub added: usize,
    pub updated: usize,
    /// Cases that are here already, those that are updated among them.
    pub known: usize,
    /// One line for each case that is here and of which the source says otherwise, for people.
    pub differing: Vec<String>,
    /// A mere number by which a case was known that is called otherwise: it may be another tool's.
    pub number: Option<String>,
    /// Which words of the values that were mapped the source says.
    pub mapped: BTreeSet<(String, String)>,
    pub losses: Losses,
}

/// Brings cases in: files for those that are new; of the others it is said how the source differs.
///
/// # Errors
/// The project has no key, or the section can't be.
pub fn import_cases(
    project: &Project,
    importing: &Importing<'_>,
) -> Result<ImportedCases, CaseError> {
    let mut maker = Maker::new(project, importing.seed);
    // Said at once where it can't be.
    maker.shelf().folder(importing.section)?;
    maker.id()?;
    let mut import = Import {
        project,
        importing,
        fields: Fields::new(project, importing.values),
        known: Known::new(project, importing.projects),
        coming: { importing.cases.iter().flat_map(|case| &case.ids) }
            .map(|id| id.to_ascii_uppercase())
            .collect(),
        requirements: links::requirements(project),
        steps: Rc::default(),
        folders: BTreeMap::new(),
        out: ImportedCases::default(),
    };
    import.steps = Rc::new(import.shared_steps());
    for foreign in importing.cases {
        match import.known.find(foreign) {
            Some(doc) => import.known_case(doc, foreign)?,
            None => import.new_case(&mut maker, foreign)?,
        }
    }
    let mut out = import.out;
    out.mapped = import.fields.used();
    let many = |n: usize| count(n as u64, "case");
    out.change.changes.message = match (out.added, out.updated) {
        (0, n) => format!("Update {} from an import", many(n)),
        (n, 0) => format!("Import {}", many(n)),
        (n, m) => format!("Import {}, update {m}", many(n)),
    };
    Ok(out)
}

struct Import<'a> {
    project: &'a Project,
    importing: &'a Importing<'a>,
    fields: Fields<'a>,
    known: Known<'a>,
    /// Ids of all cases of the source, in upper case.
    coming: BTreeSet<String>,
    /// Ids of the project's requirements, in lower case.
    requirements: BTreeSet<String>,
    /// Shared steps by their titles: the file's path, relative to the workspace.
    steps: Rc<BTreeMap<String, String>>,
    /// Which section each folder was made of.
    folders: BTreeMap<String, String>,
    out: ImportedCases,
}

impl Import<'_> {
    fn new_case(&mut self, maker: &mut Maker<'_>, foreign: &ForeignCase) -> Result<(), CaseError> {
        let section = self.section(foreign);
        let mut case = self.case(foreign);
        let folder = match maker.shelf().folder(&section) {
            Ok(folder) => folder,
            Err(error) => {
                let why = format!("the section can't be a folder: {error}");
                self.lost("sections", &why, foreign, &section);
                maker.shelf().folder(self.importing.section)?
            }
        };
        let mut clean = self.clean(foreign, &folder);
        case.links.clone_from(&clean.links);
        let steps = Rc::clone(&self.steps);
        let link = |title: &str| relative(&folder, steps.get(title).map_or("", String::as_str));
        let mut written = body::body(&clean, &link);
        if written.text.len() > WHOLE {
            self.lost(
                "texts",
                "longer than a case's file may be",
                foreign,
                &clean.title,
            );
            clean.other.clear();
            clean.steps.truncate(50);
            written = body::body(&clean, &link);
        }
        if written.is_bulleted {
            let why = "bullets here, where numbers are steps";
            self.lost("numbers of lists in steps", why, foreign, &clean.title);
        }
        if written.is_plain && has_markup(&clean) {
            let why = "written as plain words, since it would read otherwise here";
            self.lost("markup", why, foreign, &clean.title);
        }
        let prefix = format!("{}/cases", self.project.path);
        let section = folder.strip_prefix(&prefix).unwrap_or_default();
        let section = section.trim_start_matches('/').to_owned();
        let new = NewCase {
            case,
            section: &section,
            name: None,
            body: &written.text,
            seed: self.importing.seed,
        };
        let made = match maker.make(&new) {
            Ok(made) => made,
            Err(error @ CaseError::NoKey(_)) => return Err(error),
            Err(error) => {
                let why = format!("no file could be made of it: {error}");
                self.lost("cases", &why, foreign, &foreign.title);
                return Ok(());
            }
        };
        let (id, title) = (&made.value.id, &made.value.title);
        let old = foreign
            .ids
            .first()
            .map(|old| format!(" ({})", line(old, 70)));
        let old = old.unwrap_or_default();
        let said = format!("added {id}{old}: {title}");
        self.out.change.said.push(said);
        self.out.change.cases.push(id.clone());
        self.out
            .change
            .changes
            .write(&made.path, made.text.as_bytes());
        self.out.added += 1;
        Ok(())
    }

    /// Says how the source differs from what is here; fills in what the file leaves out, where that is
    /// wanted.
    fn known_case(&mut self, doc: &Doc<Case>, foreign: &ForeignCase) -> Result<(), CaseError> {
        self.out.known += 1;
        let folder = crate::base::path::parent(&doc.path).to_owned();
        let clean = self.clean(foreign, &folder);
        let steps = Rc::clone(&self.steps);
        let link = |title: &str| relative(&folder, steps.get(title).map_or("", String::as_str));
        let written = body::body(&clean, &link);
        let mut differing = differ::text(doc, &clean.title, &written);
        let said = self.fields.of(foreign, &mut Losses::default());
        let mut wanted = Vec::new();
        for (name, values) in &said {
            let (here, is_there) = fields::here(doc, name);
            let fills = !is_there || self.fields.wins(name);
            if here == *values {
                continue;
            }
            match self.importing.update && fills {
                true => wanted.push((name.clone(), values.clone())),
                false => differing.push(name.trim_start_matches("fields.").to_owned()),
            }
        }
        if foreign.own.is_some() {
            self.own_case(doc, &clean, &mut wanted, &mut differing);
        }
        if self.importing.update {
            let ids = foreign.ids.iter().filter(|id| is_case_id(id));
            let known = &mut self.known;
            let more: Vec<String> = ids.filter(|id| known.claim_id(id)).cloned().collect();
            if !more.is_empty() {
                let aliases = doc.value.aliases.iter().cloned().chain(more);
                wanted.push(("aliases".to_owned(), aliases.collect()));
            }
            self.update(doc, &wanted, &written.text, &mut differing)?;
        }
        let known_by = foreign.ids.iter().find(|id| is_case_id(id));
        let is_number = |id: &String| id.bytes().all(|byte| byte.is_ascii_digit());
        if differing.first().is_some_and(|part| part == "title") {
            let number = known_by.filter(|id| is_number(id));
            self.out.number = self.out.number.take().or_else(|| number.cloned());
        }
        if !differing.is_empty() {
            let id = &doc.value.id;
            let parts = crate::base::text::list(&differing, "and");
            let at = &foreign.at;
            self.out.differing.push(format!(
                "{id}: the source says otherwise of its {parts} ({}:{})",
                line(&at.path, 200),
                at.line
            ));
        }
        Ok(())
    }

    fn update(
        &mut self,
        doc: &Doc<Case>,
        wanted: &[(String, Vec<String>)],
        text: &str,
        differing: &mut Vec<String>,
    ) -> Result<(), CaseError> {
        let said = &mut self.out.change.said;
        let set = super::set::from_results(self.project, doc, wanted, said);
        let mut new = set?;
        if differ::has_no_text(doc) && !text.trim().is_empty() {
            let whole = new.take().unwrap_or_else(|| doc.text.to_string());
            said.push(format!("{}: text", doc.value.id));
            new = Some(format!("{}\n{text}", whole.trim_end_matches('\n')));
            differing.retain(|part| !differ::PARTS.contains(&part.as_str()));
        }
        if let Some(text) = new {
            self.out.change.cases.push(doc.value.id.clone());
            self.out.change.changes.write(&doc.path, text.into_bytes());
            self.out.updated += 1;
        }
        Ok(())
    }

    /// Returns what goes on top of a file. Ids and selectors that other cases have are lost.
    fn case(&mut self, foreign: &ForeignCase) -> Case {
        let title = truncate(sanitize_line(&foreign.title).trim(), TITLE);
        if foreign.title.trim().chars().count() > TITLE {
            let why = format!("longer than {TITLE} characters");
            self.lost("titles", &why, foreign, &foreign.title);
        }
        let automated = foreign.automated.unwrap_or(!foreign.selectors.is_empty());
        let mut case = Case {
            title: match title.is_empty() {
                true => foreign
                    .ids
                    .first()
                    .map_or("Untitled", String::as_str)
                    .to_owned(),
                false => title,
            },
            execution: match automated {
                true => Execution::Automated,
                false => Execution::Manual,
            },
            ..Case::default()
        };
        let key = self.project.key().unwrap_or_default();
        let own = foreign.own.as_ref().map(|own| own.id.as_str());
        let own = own.filter(|id| is_id_of(id, key));
        for id in &foreign.ids {
            let why = match () {
                () if !is_case_id(id) => {
                    "no id here: letters, digits, `.`, `_` and `-`, at most 64"
                }
                () if !self.known.claim_id(id) => "another case has the id",
                () => {
                    match own == Some(id) {
                        true => case.id.clone_from(id),
                        false => case.aliases.push(id.clone()),
                    }
                    continue;
                }
            };
            self.lost("old ids", why, foreign, id);
        }
        // A case may have a pattern beside names that it takes.
        let claims: Vec<_> = { foreign.selectors.iter() }
            .map(|selector| (selector, self.known.may_claim(selector)))
            .collect();
        for (selector, claim) in claims {
            match claim {
                Ok(()) if case.automation.selectors.contains(selector) => {}
                Ok(()) => {
                    self.known.take(selector);
                    case.automation.selectors.push(selector.clone());
                }
                Err(why) => self.lost("selectors", why, foreign, selector),
            }
        }
        let is_named = !(case.id.is_empty() && case.aliases.is_empty());
        // By its tests a case is known again that never had an id.
        if !is_named && (case.automation.selectors.is_empty() || !foreign.ids.is_empty()) {
            let id = known::instead(foreign);
            if self.known.claim_id(&id) {
                case.aliases.push(id);
            }
        }
        for (name, values) in &foreign.parameters {
            if !name.trim().is_empty() && !values.is_empty() {
                if case.parameters.len() == PARAMETERS {
                    let why = format!("more than {PARAMETERS} of one case");
                    self.lost("parameters", &why, foreign, name);
                    continue;
                }
                // What ties results to rows stays as it is.
                let is_kept = |value: &str| {
                    foreign.own.is_some()
                        && !unsafe_to_show(value).any(|(_, c, is_unsafe)| is_unsafe && c != '\t')
                };
                let clean = |value: &String| match is_kept(value) {
                    true => truncate(value, TITLE),
                    false => truncate(&sanitize_line(value), TITLE),
                };
                let values = values.iter().map(clean).collect();
                case.parameters.insert(line(name.trim(), 200), values);
            }
        }
        // Rows of a table have equally many; lists that somebody wrote need not.
        let mut lengths: Vec<usize> = case.parameters.iter().map(|(_, all)| all.len()).collect();
        lengths.dedup();
        if lengths.len() > 1 {
            case.combine = Combine::All;
        }
        if let Some(own) = &foreign.own {
            case.combine = own.combine;
            case.relations = self.relations(foreign, own);
        }
        let mut losses = Losses::default();
        for (name, values) in self.fields.of(foreign, &mut losses) {
            fields::put(&mut case, &name, &values);
        }
        self.out.losses.join(losses);
        case
    }

    /// Returns a case with texts that lead nowhere else, can be shown, and keep to the bounds, for a file in a folder.
    fn clean(&mut self, foreign: &ForeignCase, folder: &str) -> ForeignCase {
        let at = &foreign.at;
        let mut clean = foreign.clone();
        clean.title = truncate(sanitize_line(&foreign.title).trim(), TITLE);
        clean.description = self.words(&foreign.description, at);
        clean.preconditions = self.words(&foreign.preconditions, at);
        clean.postconditions = self.words(&foreign.postconditions, at);
        for (heading, text) in &mut clean.other {
            *heading = line(heading.trim_start_matches('#').trim(), 100);
            *text = self.words(text, at);
        }
        clean.other.retain(|(heading, _)| !heading.is_empty());
        clean.steps = self.clean_steps(&foreign.steps, at, 0);
        clean.links = links::of(&self.requirements, foreign, &mut self.out.losses);
        if let Some(own) = &mut clean.own {
            let project = self.project;
            let follow = |target: &str| follow(project, &own.path, folder, target);
            own.body = links::words(&own.body, WHOLE, at, &mut self.out.losses, &follow);
        }
        clean
    }

    fn clean_steps(
        &mut self,
        steps: &[ForeignStep],
        at: &ForeignPlace,
        depth: usize,
    ) -> Vec<ForeignStep> {
        let clean = |step: &ForeignStep, me: &mut Self| ForeignStep {
            action: me.words(&step.action, at),
            expected: me.words(&step.expected, at),
            data: me.words(&step.data, at),
            shared: step.shared.clone(),
            steps: match depth + 1 < body::DEEP {
                true => me.clean_steps(&step.steps, at, depth + 1),
                false => {
                    if !step.steps.is_empty() {
                        let why = format!("nested deeper than {} levels", body::DEEP);
                        me.out.losses.add("steps", &why, at, &step.steps[0].action);
                    }
                    Vec::new()
                }
            },
        };
        steps.iter().map(|step| clean(step, self)).collect()
    }

    fn words(&mut self, text: &str, at: &ForeignPlace) -> String {
        let text = text.replace('\t', "    ");
        links::words(&text, TEXT, at, &mut self.out.losses, &|_| None)
    }

    /// Returns the folders of a case's section, below the one that was asked for.
    fn section(&mut self, foreign: &ForeignCase) -> String {
        let names: Vec<&str> = foreign.section.iter().map(String::as_str).collect();
        let own = folder_names(&names);
        if own.lost > 0 {
            let why = "nested too deep; its cases are in the section above";
            self.lost("sections", why, foreign, &names.join(" / "));
        }
        let full = names.join(" / ");
        let parts = [self.importing.section.trim_end_matches('/'), &own.path];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let path = parts.join("/");
        match self.folders.get(&path) {
            None => {
                if own.changed {
                    let why = format!("the folder is called `{path}`");
                    self.lost("names of sections", &why, foreign, &full);
                }
                self.folders.insert(path.clone(), full);
            }
            Some(other) if *other != full => {
                let why = format!("in one folder with `{}`", line(other, 100));
                self.lost("sections", &why, foreign, &full);
            }
            Some(_) => {}
        }
        path
    }

    fn lost(&mut self, what: &str, why: &str, foreign: &ForeignCase, text: &str) {
        self.out.losses.add(what, why, &foreign.at, text);
    }
}

fn has_markup(case: &ForeignCase) -> bool {
    fn steps(all: &[ForeignStep]) -> bool {
        all.iter().any(|step| {
            marked(&step.action)
                || marked(&step.expected)
                || marked(&step.data)
                || steps(&step.steps)
        })
    }
    fn marked(text: &str) -> bool {
        text.contains(['*', '_', '`', '#', '[', '|', '<', '>', '-', '=', '~', '1'])
    }
    let other = case.other.iter().map(|(_, text)| text);
    let texts = [&case.description, &case.preconditions, &case.postconditions];
    texts.into_iter().chain(other).any(|text| marked(text)) || steps(&case.steps)
}

/// A link from a folder to a file, both relative to the workspace.
fn relative(folder: &str, path: &str) -> String {
    let (folder, file): (Vec<&str>, Vec<&str>) =
        (folder.split('/').collect(), path.split('/').collect());
    let same = folder.iter().zip(&file).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folder.len() - same);
    format!("{up}{}", file[same..].join("/"))
}

impl ImportedCases {
    /// Whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        let changes: &ChangeSet = &self.change.changes;
        changes.edits.is_empty()
    }
}
