//! Fields of many cases, set at once.

use super::field::Field;
use super::{CaseChange, CaseError, edited, taken_ids, title};
use crate::base::text::{closest, count, line, ticked};
use crate::model::{Case, Combine, Execution, ProjectFile, Severity};
use crate::store::edit::Change;
use crate::store::{Doc, Project, parse_case};

/// One thing to set: `owner=alice`, `tags+=smoke`, `fields.component-=login`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    field: Field,
    op: Op,
    /// None where a field is to say nothing.
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Set,
    Add,
    Take,
}

/// What was asked for can't be set.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingError {
    #[error("`{0}` sets nothing, expected `key=value`, `key+=value` or `key-=value`")]
    Form(String),
    #[error("a case has no field `{name}`{}", did_you_mean(suggestion))]
    Field {
        name: String,
        suggestion: Option<String>,
    },
    #[error("`{0}` has one value: `+=` and `-=` are for lists")]
    One(&'static str),
    #[error(
        "`{field}` is `{value}`, expected {expected}{}",
        did_you_mean(suggestion)
    )]
    Value {
        field: String,
        value: String,
        expected: String,
        suggestion: Option<String>,
    },
    #[error("`{id}` means case {case} already")]
    TakenId { id: String, case: String },
    #[error("`{0}` is no list of texts, as `[smoke, auth]`")]
    List(String),
    #[error("a title is one case's, and {0} fit")]
    ManyTitles(String),
}

fn did_you_mean(suggestion: &Option<String>) -> String {
    let did = suggestion.as_ref();
    did.map(|near| format!("; did you mean `{near}`?"))
        .unwrap_or_default()
}

impl Setting {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// It sets nothing, or a field that the project's cases don't have, or to what it can't be.
    pub fn parse(project: &Project, typed: &str) -> Result<Self, SettingError> {
        let form = || SettingError::Form(line(typed, 100));
        let (name, value) = typed.split_once('=').ok_or_else(form)?;
        let (name, op) = match (name.strip_suffix('+'), name.strip_suffix('-')) {
            (Some(name), _) => (name, Op::Add),
            (_, Some(name)) => (name, Op::Take),
            _ => (name, Op::Set),
        };
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || value.is_empty() && op != Op::Set {
            return Err(form());
        }
        let field = Field::parse(project, name)?;
        if let (Some(known), false) = (field.single(), op == Op::Set) {
            return Err(SettingError::One(known));
        }
        let values = match field.single() {
            Some(_) => Some(value.to_owned()).filter(|value| !value.is_empty()),
            None => None,
        };
        let values = match (field.single(), values) {
            (Some(_), one) => one.into_iter().collect(),
            (None, _) => listed(value)?,
        };
        let setting = Self { field, op, values };
        match op {
            // What goes may be wrong: that is why it goes.
            Op::Take => Ok(setting),
            Op::Set | Op::Add => setting.checked(project),
        }
    }

    /// Returns a tag that was given and has a comma, as most likely several were meant.
    pub fn tag_with_comma(&self) -> Option<&str> {
        let [only] = self.values.as_slice() else {
            return None;
        };
        (self.field == Field::Tags && only.contains(',')).then_some(only)
    }

    /// Whether it gives a parameter no value where there is none to take away.
    pub fn is_empty_parameter(&self) -> bool {
        matches!(self.field, Field::Parameter(_)) && self.values.is_empty()
    }

    /// Makes the change on a case that has no file yet.
    pub fn apply(&self, case: &mut Case) {
        let was = self.field.read(case);
        let is = self.of(&was);
        self.field.write(case, &is);
    }

    /// Returns what a field says after the change.
    fn of(&self, was: &[String]) -> Vec<String> {
        match self.op {
            Op::Set => self.values.clone(),
            Op::Add => {
                let new = self.values.iter().filter(|value| !was.contains(value));
                was.iter().chain(new).cloned().collect()
            }
            Op::Take => {
                let kept = was.iter().filter(|value| !self.values.contains(value));
                kept.cloned().collect()
            }
        }
    }

    /// Whether a value is one case's alone.
    fn is_title(&self) -> bool {
        self.field == Field::Title
    }

    /// Holds the values against what the project has, and takes them as it writes them.
    fn checked(mut self, project: &Project) -> Result<Self, SettingError> {
        let settings = project.settings.as_ref().map(|doc| &doc.value);
        let workflow = settings.map_or_else(
            || ProjectFile::WORKFLOW.map(str::to_owned).to_vec(),
            |settings| settings.workflow.clone(),
        );
        let layers = settings.map(|settings| settings.layers.clone());
        let names = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        let known: Vec<String> = match &self.field {
            Field::Execution => names(&Execution::ALL.map(Execution::as_str)),
            Field::Severity => names(&Severity::ALL.map(Severity::as_str)),
            Field::Combine => names(&Combine::ALL.map(Combine::as_str)),
            Field::Status => workflow,
            Field::Layer => layers.unwrap_or_default(),
            Field::Owner => {
                for value in &mut self.values {
                    *value = member(project, value)?;
                }
                Vec::new()
            }
            Field::Custom(name) => {
                let words = settings.and_then(|settings| settings.vocabularies.get(name));
                words.cloned().unwrap_or_default()
            }
            Field::Title
            | Field::Tags
            | Field::Aliases
            | Field::Selectors
            | Field::Parameter(_) => Vec::new(),
        };
        for value in self.values.iter().filter(|_| !known.is_empty()) {
            if !known.contains(value) {
                return Err(SettingError::Value {
                    field: self.field.name(),
                    value: line(value, 100),
                    expected: ticked(&known, "or"),
                    suggestion: closest(value, known.iter().map(String::as_str)).map(str::to_owned),
                });
            }
        }
        for value in &self.values {
            let is_safe = !crate::base::text::has_unsafe_to_show(value);
            if !is_safe || value.chars().count() > super::TITLE {
                return Err(SettingError::Value {
                    field: self.field.name(),
                    value: line(value, 100),
                    expected: format!(
                        "one line of at most {} characters without control characters",
                        super::TITLE
                    ),
                    suggestion: None,
                });
            }
        }
        Ok(self)
    }
}

/// Members that are named where one is not known.
const NAMED: usize = 10;

/// Returns the member's id; whoever was named where the project has no members.
fn member(project: &Project, named: &str) -> Result<String, SettingError> {
    let members = || project.members.iter().map(|doc| &doc.value);
    let same = |id: &str| id.eq_ignore_ascii_case(named);
    let found = members().find(|member| {
        let mut words = member.emails.iter().chain([&member.id, &member.name]);
        words.any(|word| same(word))
    });
    match found {
        Some(member) => Ok(member.id.clone()),
        None if project.members.is_empty() => Ok(named.to_owned()),
        None => {
            let ids: Vec<&str> = members().map(|member| member.id.as_str()).collect();
            Err(SettingError::Value {
                field: "owner".to_owned(),
                value: line(named, 100),
                expected: match ids.as_slice() {
                    few if few.len() <= NAMED => {
                        format!("a member of the project: {}", ticked(few, "or"))
                    }
                    _ => "a member of the project".to_owned(),
                },
                suggestion: closest(named, ids).map(str::to_owned),
            })
        }
    }
}

/// Reads a list in brackets, or one value.
fn listed(value: &str) -> Result<Vec<String>, SettingError> {
    if !value.starts_with('[') {
        let one = Some(value.to_owned()).filter(|value| !value.is_empty());
        return Ok(one.into_iter().collect());
    }
    let none = || SettingError::List(line(value, 100));
    // As a case's file would say it.
    let file = format!("---\nid: A\ntitle: T\nparameters: {{v: {value}}}\n---\n");
    let (read, findings) = parse_case("case.md", file.as_str().into());
    let read = read.filter(|_| findings.is_empty() && !value.contains(['\n', '\r']));
    let case = read.ok_or_else(none)?.value;
    let items = case
        .parameters
        .get("v")
        .filter(|_| case.parameters.len() == 1);
    let mut out: Vec<String> = Vec::new();
    for text in items.ok_or_else(none)? {
        if !out.contains(text) && !text.trim().is_empty() {
            out.push(text.clone());
        }
    }
    Ok(out)
}

/// Sets fields of cases. Cases that say all of it already are left out.
///
/// # Errors
/// A value can't be that of several cases, or a file can't be edited in place.
pub fn set_cases(
    project: &Project,
    docs: &[&Doc<Case>],
    settings: &[Setting],
) -> Result<CaseChange, CaseError> {
    if docs.len() > 1 && settings.iter().any(Setting::is_title) {
        let many = count(docs.len() as u64, "case");
        return Err(SettingError::ManyTitles(many).into());
    }
    let mut out = CaseChange::default();
    let mut changed: Vec<String> = Vec::new();
    for doc in docs {
        if let Some((text, names)) = set_one(project, doc, settings, &mut out.said)? {
            out.cases.push(doc.value.id.clone());
            out.changes.write(&doc.path, text);
            changed.extend(names);
        }
    }
    // In the order in which they were given.
    let names = settings.iter().map(|setting| setting.field.name());
    let mut names: Vec<String> = names.filter(|name| changed.contains(name)).collect();
    names.dedup();
    out.changes.message = message(&out.cases, &names);
    Ok(out)
}

/// Returns a case's new text, and the names of fields that change; none where it says all of that already.
fn set_one(
    project: &Project,
    doc: &Doc<Case>,
    settings: &[Setting],
    said: &mut Vec<String>,
) -> Result<Option<(String, Vec<String>)>, CaseError> {
    let mut names: Vec<String> = Vec::new();
    let mut case = doc.value.clone();
    let mut edits: Vec<(Vec<&str>, Change)> = Vec::new();
    let mut done: Vec<String> = Vec::new();
    for setting in settings {
        let field = &setting.field;
        let is_there = !field.path().is_empty() && doc.has(&keys(&field.path()));
        let was = field.read(&case);
        let is = setting.of(&was);
        // What stands for nothing said may be said all the same, and then goes.
        let goes = is.is_empty() && is_there;
        if was == is || is.is_empty() && !goes {
            continue;
        }
        check(project, doc, field, &was, &is)?;
        field.write(&mut case, &is);
        done.push(told(field, &was, &is));
        names.push(field.name());
        edits.push((field.path(), edit(setting, &was, &is)));
    }
    if done.is_empty() {
        return Ok(None);
    }
    let text = edited(project, doc, &edits, |file| {
        let scenario = std::mem::take(&mut file.scenario);
        *file = case;
        file.scenario = scenario;
    })?;
    said.push(format!("{}: {}", doc.value.id, done.join("; ")));
    Ok((text != *doc.text).then_some((text, names)))
}

fn keys<'a>(path: &[&'a str]) -> Vec<crate::store::Key<'a>> {
    path.iter().map(|name| (*name).into()).collect()
}

/// Refuses what one case can't say because of what is around it.
fn check(
    project: &Project,
    doc: &Doc<Case>,
    field: &Field,
    was: &[String],
    is: &[String],
) -> Result<(), CaseError> {
    if *field == Field::Title {
        title(is.first().map(String::as_str).unwrap_or_default())?;
    }
    if *field != Field::Aliases {
        return Ok(());
    }
    let taken = taken_ids(project);
    for id in is.iter().filter(|id| !was.contains(id)) {
        if !crate::model::is_case_id(id) {
            return Err(SettingError::Value {
                field: "aliases".to_owned(),
                value: line(id, 100),
                expected: "letters, digits, `.`, `_` and `-`, at most 64".to_owned(),
                suggestion: None,
            }
            .into());
        }
        if taken.contains(&id.to_ascii_uppercase()) {
            let case = project.case(id).map_or(&doc.value.id, |doc| &doc.value.id);
            return Err(SettingError::TakenId {
                id: id.clone(),
                case: case.clone(),
            }
            .into());
        }
    }
    Ok(())
}

fn edit(setting: &Setting, was: &[String], is: &[String]) -> Change {
    match (is, setting.field.single()) {
        ([], _) => Change::Remove,
        ([one, ..], Some(_)) => Change::Set(one.clone()),
        (_, None) if setting.op == Op::Add && is.len() == was.len() + 1 && !was.is_empty() => {
            Change::Add(is[was.len()].clone())
        }
        (_, None) => Change::SetList(is.to_vec()),
    }
}

/// `status draft → active`, `tags + smoke`
fn told(field: &Field, was: &[String], is: &[String]) -> String {
    let shown = |values: &[&String]| {
        let values: Vec<String> = values.iter().map(|value| line(value, 60)).collect();
        values.join(", ")
    };
    let name = field.name();
    if field.single().is_some() {
        let one = |values: &[String]| match values {
            [] => "nothing".to_owned(),
            values => line(&values[0], 60),
        };
        return format!("{name} {} → {}", one(was), one(is));
    }
    let come: Vec<&String> = is.iter().filter(|value| !was.contains(value)).collect();
    let gone: Vec<&String> = was.iter().filter(|value| !is.contains(value)).collect();
    let parts = [
        (!gone.is_empty()).then(|| format!("- {}", shown(&gone))),
        (!come.is_empty()).then(|| format!("+ {}", shown(&come))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => format!("{name} in another order"),
        false => format!("{name} {}", parts.join(" ")),
    }
}

fn message(cases: &[String], names: &[String]) -> String {
    let names = crate::base::text::list(names, "and");
    match cases {
        [only] => format!("Set {names} of {only}"),
        _ => format!("Set {names} of {}", count(cases.len() as u64, "case")),
    }
}

/// Sets what results say, for [`update`](super::update).
pub(super) fn from_results(
    project: &Project,
    doc: &Doc<Case>,
    wanted: &[(String, Vec<String>)],
    said: &mut Vec<String>,
) -> Result<Option<String>, CaseError> {
    let mut settings = Vec::new();
    for (name, values) in wanted {
        let Ok(field) = Field::parse(project, name) else {
            continue;
        };
        settings.push(Setting {
            field,
            op: Op::Set,
            values: values.clone(),
        });
    }
    let set = set_one(project, doc, &settings, said)?;
    Ok(set.map(|(text, _)| text))
}

/// Returns values as a project writes them, for a field by its name; those that it can't have are left
/// out, and said.
pub(super) fn fitting(
    project: &Project,
    name: &str,
    values: &[String],
    left_out: &mut Vec<String>,
) -> Vec<String> {
    let Ok(field) = Field::parse(project, name) else {
        left_out.push(format!("the project declares no field `{name}`"));
        return Vec::new();
    };
    let mut out: Vec<String> = Vec::new();
    for value in values {
        let value = value.trim();
        // Producers write words in letter cases of their own.
        let lower = value.to_lowercase();
        let tried = [value.to_owned(), lower].into_iter().map(|value| {
            Setting {
                field: field.clone(),
                op: Op::Set,
                values: vec![value],
            }
            .checked(project)
        });
        let found: Vec<Result<Setting, SettingError>> = tried.collect();
        let fits = found
            .iter()
            .flatten()
            .flat_map(|setting| &setting.values)
            .next();
        match (fits, value.is_empty()) {
            (_, true) => {}
            (Some(fits), _) if !out.contains(fits) => out.push(fits.clone()),
            (Some(_), _) => {}
            (None, _) => {
                let first = found.into_iter().find_map(Result::err);
                left_out.extend(first.map(|error| error.to_string()));
            }
        }
    }
    if field.single().is_some() {
        out.truncate(1);
    }
    out
}
