//! Documented cases that fit.

use std::collections::BTreeSet;

use serde_json::json;

use super::gather::{Asked, columns, header, labels, measured, with_measured};
use super::show::Answer;
use crate::analysis::subjects::CaseSubject;
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
    let sections: Vec<Vec<&str>> = project.cases.iter().map(|doc| doc.section()).collect();
    let muted = muted_cases(asked);
    let subjects: Vec<CaseSubject<'_>> = project
        .cases
        .iter()
        .zip(&sections)
        .map(|(doc, section)| CaseSubject {
            case: &doc.value,
            path: &doc.path,
            text: doc.body(),
            section,
            muted: muted.contains(doc.value.id.as_str()),
            past: history.as_ref().map(|history| &history.past),
        })
        .collect();
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

/// The ids of cases that a mute names which holds at present.
fn muted_cases<'a>(asked: &'a Asked<'_>) -> BTreeSet<&'a str> {
    let (project, now) = (asked.reader.project, asked.reader.now);
    let holding = project.mutes.iter().map(|doc| &doc.value);
    let holding = holding.filter(|mute| mute.until.is_some_and(|until| now <= until.end()));
    let mut out = BTreeSet::new();
    for mute in holding {
        let named = mute.cases.iter().filter_map(|id| project.case(id));
        out.extend(named.map(|doc| doc.value.id.as_str()));
        let Some(selector) = &mute.selector else {
            continue;
        };
        let has = |selectors: &[String]| selectors.contains(selector);
        let cases = project.cases.iter().map(|doc| &doc.value);
        let selected = cases.filter(|case| has(&case.automation.selectors));
        out.extend(selected.map(|case| case.id.as_str()));
    }
    out
}
