//! Documented cases that fit.

use serde_json::json;

use super::gather::{Asked, columns, header, labels, measured, with_measured};
use super::show::Answer;
use crate::analysis::subjects::{CaseSet, Of};
use crate::cli::error::CommandError;
use crate::cli::ui::Ui;
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
            "selectors": case.automation.selectors, "muted": subject.muted,
        });
        answer.json.push(with_measured(object, &measured));
    }
    let damages = history.map(|history| history.damages).unwrap_or_default();
    Ok((answer, damages))
}
