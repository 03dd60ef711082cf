//! Fields of cases, by the names that people give them.

use super::set::SettingError;
use crate::base::text::{closest, line};
use crate::model::{Case, Combine, Execution, Labels, Severity};
use crate::store::Project;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    Execution,
    Status,
    Layer,
    Severity,
    Owner,
    Combine,
    Tags,
    Aliases,
    Selectors,
    Custom(String),
    Parameter(String),
}

/// Names of fields that every project has, and what they may be called.
const NAMES: &[(&str, &[&str], Field)] = &[
    ("title", &["name"], Field::Title),
    ("execution", &[], Field::Execution),
    ("status", &["state"], Field::Status),
    ("layer", &[], Field::Layer),
    ("severity", &[], Field::Severity),
    ("owner", &["member"], Field::Owner),
    ("combine", &[], Field::Combine),
    ("tags", &["tag"], Field::Tags),
    ("aliases", &["alias"], Field::Aliases),
    ("selectors", &["selector"], Field::Selectors),
];

impl Field {
    pub(super) fn parse(project: &Project, name: &str) -> Result<Self, SettingError> {
        let same = |known: &str| known.eq_ignore_ascii_case(name);
        let known = NAMES
            .iter()
            .find(|(known, also, _)| same(known) || also.iter().any(|also| same(also)));
        if let Some((_, _, field)) = known {
            return Ok(field.clone());
        }
        let declared: Vec<String> = match &project.settings {
            Some(doc) => doc.value.fields.clone(),
            None => Vec::new(),
        };
        let unknown = |name: &str, among: &mut dyn Iterator<Item = &str>| SettingError::Field {
            name: line(name, 100),
            suggestion: closest(name, among).map(str::to_owned),
        };
        if let Some((group, own)) = name.split_once('.').filter(|(_, own)| !own.is_empty()) {
            match group.to_ascii_lowercase().as_str() {
                "field" | "fields" | "cf" => {
                    let is_known = declared.is_empty() || declared.iter().any(|known| known == own);
                    return match is_known {
                        true => Ok(Self::Custom(own.to_owned())),
                        false => {
                            let mut among = declared.iter().map(String::as_str);
                            Err(unknown(own, &mut among))
                        }
                    };
                }
                "parameter" | "parameters" => return Ok(Self::Parameter(own.to_owned())),
                _ => {}
            }
        }
        if declared.iter().any(|known| known == name) {
            return Ok(Self::Custom(name.to_owned()));
        }
        let own = NAMES.iter().map(|(known, _, _)| *known);
        let mut among = own.chain(declared.iter().map(String::as_str));
        Err(unknown(name, &mut among))
    }

    /// The name of a field that has one value.
    pub(super) fn single(&self) -> Option<&'static str> {
        match self {
            Self::Title => Some("title"),
            Self::Execution => Some("execution"),
            Self::Status => Some("status"),
            Self::Layer => Some("layer"),
            Self::Severity => Some("severity"),
            Self::Owner => Some("owner"),
            Self::Combine => Some("combine"),
            Self::Tags | Self::Aliases | Self::Selectors | Self::Custom(_) | Self::Parameter(_) => {
                None
            }
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Custom(name) => format!("fields.{name}"),
            Self::Parameter(name) => format!("parameters.{name}"),
            other => other.path().join("."),
        }
    }

    /// Where it stands in the file.
    pub(super) fn path(&self) -> Vec<&str> {
        match self {
            Self::Tags => vec!["tags"],
            Self::Aliases => vec!["aliases"],
            Self::Selectors => vec!["automation", "selectors"],
            Self::Custom(name) => vec!["fields", name],
            Self::Parameter(name) => vec!["parameters", name],
            one => one.single().into_iter().collect(),
        }
    }

    /// What a case says of it.
    pub(super) fn read(&self, case: &Case) -> Vec<String> {
        let one = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let list: Vec<String> = match self {
            Self::Title => one(&case.title).into_iter().collect(),
            Self::Execution => one(case.execution.as_str()).into_iter().collect(),
            Self::Status => one(&case.status).into_iter().collect(),
            Self::Layer => case.layer.iter().cloned().collect(),
            Self::Severity => one(case.severity.as_str()).into_iter().collect(),
            Self::Owner => case.owner.iter().cloned().collect(),
            Self::Combine => one(case.combine.as_str()).into_iter().collect(),
            Self::Tags => case.tags.clone(),
            Self::Aliases => case.aliases.clone(),
            Self::Selectors => case.automation.selectors.clone(),
            Self::Custom(name) => case.fields.all(name).to_vec(),
            Self::Parameter(name) => case.parameters.get(name).cloned().unwrap_or_default(),
        };
        list
    }

    pub(super) fn write(&self, case: &mut Case, values: &[String]) {
        let one = || values.first().cloned();
        let word = |all: &[&str]| {
            let value = values.first().map(String::as_str);
            all.iter().position(|known| Some(*known) == value)
        };
        match self {
            Self::Title => case.title = one().unwrap_or_default(),
            Self::Execution => {
                let at = word(&Execution::ALL.map(Execution::as_str));
                case.execution = at.map_or_else(Execution::default, |at| Execution::ALL[at]);
            }
            Self::Status => case.status = one().unwrap_or_default(),
            Self::Layer => case.layer = one(),
            Self::Severity => {
                let at = word(&Severity::ALL.map(Severity::as_str));
                case.severity = at.map_or_else(Severity::default, |at| Severity::ALL[at]);
            }
            Self::Owner => case.owner = one(),
            Self::Combine => {
                let at = word(&Combine::ALL.map(Combine::as_str));
                case.combine = at.map_or_else(Combine::default, |at| Combine::ALL[at]);
            }
            Self::Tags => case.tags = values.to_vec(),
            Self::Aliases => case.aliases = values.to_vec(),
            Self::Selectors => case.automation.selectors = values.to_vec(),
            Self::Custom(name) => put(&mut case.fields, name, values),
            Self::Parameter(name) => put(&mut case.parameters, name, values),
        }
    }
}

fn put(map: &mut Labels, name: &str, values: &[String]) {
    match values.is_empty() {
        true => drop(map.remove(name)),
        false => map.insert(name, values.to_vec()),
    }
}
