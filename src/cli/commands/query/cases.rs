//! Documented cases that fit.

use serde_json::{Value, json};

use super::gather::{Asked, columns, header, labels, measured, with_measured};
use super::show::Answer;
use crate::analysis::subjects::{CaseSet, Of};
use crate::cli::error::CommandError;
use crate::cli::ui::Ui;
use crate::model::{Case, Combine, Relation};
use crate::store::launches::Damage;

/// For spreadsheets.
const COLUMNS: &[&str] = &[
    "id",
    "title",
    "path",
    "section",
    "execution",
    "status",
    "layer",
    "severity",
    "owner",
    "tags",
    "fields",
    "links",
    "selectors",
    "aliases",
    "relations",
    "parameters",
    "combine",
    "muted",
];

pub(super) fn cases(ui: &mut Ui, asked: &Asked<'_>) -> Result<(Answer, Vec<Damage>), CommandError> {
    let functions = asked.functions();
    let history = match functions.is_empty() {
        true => None,
        false => Some(asked.past(ui, None)?),
    };
    let project = asked.reader.project;
    let cases = CaseSet::new(project, asked.reader.now);
    let subjects = cases.subjects(history.as_ref().map(|history| &history.past));
    let mut answer = Answer {
        header: header(
            &[
                "id",
                "title",
                "section",
                "execution",
                "layer",
                "status",
                "owner",
            ],
            &functions,
        ),
        columns: columns(COLUMNS, &functions),
        among: subjects.len() as u64,
        ..Answer::default()
    };
    let fitting = asked.bound.select(&subjects);
    answer.fitting = fitting.len() as u64;
    answer.strangers = asked.bound.strangers(&subjects, Of::Cases.as_str());
    for subject in fitting {
        let measured = measured(&functions, subject, |lookup| subject.rate(lookup));
        let case = subject.case;
        let mut row = vec![
            case.id.clone(),
            case.title.clone(),
            subject.section.join("/"),
            case.execution.as_str().to_owned(),
            case.layer.clone().unwrap_or_default(),
            case.status.clone(),
            case.owner.clone().unwrap_or_default(),
        ];
        row.extend(measured.cells.iter().cloned());
        answer.rows.push(row);
        let object = json!({
            "id": case.id, "aliases": case.aliases, "title": case.title, "path": subject.path,
            "section": subject.section, "execution": case.execution.as_str(), "status": case.status,
            "layer": case.layer, "severity": case.severity.as_str(), "owner": case.owner,
            "tags": case.tags, "fields": labels(&case.fields), "links": case.links,
            "selectors": case.automation.selectors, "relations": relations(case),
            "parameters": parameters(case), "combine": combine(case), "muted": subject.muted,
        });
        answer.json.push(with_measured(object, &measured));
    }
    let damages = history.map(|history| history.damages).unwrap_or_default();
    Ok((answer, damages))
}

fn relations(case: &Case) -> Vec<Value> {
    let one = |relation: &Relation| json!({"type": relation.kind, "case": relation.case});
    case.relations.iter().map(one).collect()
}

fn parameters(case: &Case) -> Value {
    let pairs = { case.parameters.iter() }.map(|(name, values)| (name.to_owned(), json!(values)));
    Value::Object(pairs.collect())
}

/// How the parameters of a case make rows; one without any says nothing of it.
fn combine(case: &Case) -> Option<&'static str> {
    let has_rows = case.parameters.iter().next().is_some() || case.combine != Combine::default();
    has_rows.then(|| case.combine.as_str())
}
