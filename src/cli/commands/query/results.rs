//! Results of one launch that fit.

use serde_json::{Value as Json, json};

use super::Format;
use super::gather::{Asked, Measured, columns, header, labels, measured, variables, with_measured};
use super::show::Answer;
use crate::analysis::subjects::{Of, Past, ResultSubject, needs_rows};
use crate::base::text;
use crate::base::time::human_duration;
use crate::cli::error::CommandError;
use crate::cli::place;
use crate::cli::ui::Ui;
use crate::ledger::{Launch, ResultSet, Rows};
use crate::model::Flag;
use crate::query::Lookup;
use crate::store::launches::Damage;

/// For spreadsheets.
pub(super) const COLUMNS: &[&str] = &[
    "id",
    "name",
    "full_name",
    "case",
    "status",
    "duration",
    "labels",
    "message",
    "launch",
    "start",
    "job",
    "environment",
    "parameters",
    "flags",
    "attempts",
    "unresolved",
    "defect",
    "mute",
    "category",
    "links",
];

/// A launch as far as a query needs it.
pub(super) struct Read {
    pub(super) launch: Launch,
    /// The history, and the launch's place in it, where the query has functions.
    pub(super) past: Option<(Past, usize)>,
    /// None where only how many fit is asked for, and by what outcomes say.
    pub(super) rows: Option<Rows>,
    pub(super) damages: Vec<Damage>,
}

pub(super) fn results(
    ui: &mut Ui,
    asked: &Asked<'_>,
) -> Result<(Answer, Vec<Damage>), CommandError> {
    let Read {
        launch,
        past,
        rows,
        damages,
    } = read(ui, asked)?;
    let past = past.as_ref().map(|(past, place)| (past, *place));
    let functions = asked.functions();
    Ok((
        of_results(asked, &functions, &launch, rows.as_ref(), past),
        damages,
    ))
}

/// Reads the launch that was named, or the latest that is closed, which is said.
pub(super) fn read(ui: &mut Ui, asked: &Asked<'_>) -> Result<Read, CommandError> {
    let reader = asked.reader;
    let launch = match (&asked.launch, reader.latest()) {
        (Some(found), _) => reader.launch(found)?,
        (None, Some(head)) => {
            ui.status(format!(
                "launch `{}`, the latest that is closed",
                head.file.id
            ));
            reader.closed(head)?
        }
        (None, None) => {
            let error =
                CommandError::usage("no launch is closed, so there are no results to look at");
            let error = error
                .hint("name an open launch, as `--launch ID`; `tallybook launch list` shows them");
            return Err(place::unseen(reader.snapshot, error));
        }
    };
    let functions = asked.functions();
    let (launch, past, mut damages) = match functions.is_empty() {
        true => (launch, None, Vec::new()),
        false => {
            let mut history = asked.past(ui, Some(launch))?;
            let (last, place) = (history.last.take(), history.moments.len() - 1);
            let launch = last.expect("the history ends with the launch");
            (launch, Some((history.past, place)), history.damages)
        }
    };
    let looks = asked.bound.lookups().into_iter().any(needs_rows);
    let rows = match looks || asked.args.format != Format::Count {
        true => Some(launch.rows(reader.snapshot.launches.as_ref())?),
        false => None,
    };
    damages.extend(rows.iter().flat_map(|rows| &rows.damages).cloned());
    Ok(Read {
        launch,
        past,
        rows,
        damages,
    })
}

fn of_results(
    asked: &Asked<'_>,
    functions: &[&Lookup],
    launch: &Launch,
    rows: Option<&Rows>,
    past: Option<(&Past, usize)>,
) -> Answer {
    let results = ResultSet::new(launch, rows, asked.reader.project);
    let subjects = results.subjects(past);
    let mut answer = Answer {
        header: header(
            &[
                "id", "status", "name", "case", "duration", "defect", "mute", "message",
            ],
            functions,
        ),
        columns: columns(COLUMNS, functions),
        among: subjects.len() as u64,
        ..Answer::default()
    };
    let fitting = asked.bound.select(&subjects);
    answer.fitting = fitting.len() as u64;
    // Of many results it is only said why none fits.
    if fitting.is_empty() {
        answer.strangers = asked.bound.strangers(&subjects, Of::Results.as_str());
    }
    if asked.args.format == Format::Count {
        return answer;
    }
    for subject in fitting {
        let measured = measured(functions, subject, |lookup| subject.rate(lookup));
        answer.rows.push(result_row(subject, &measured));
        let object = result_object(subject);
        answer.json.push(with_measured(object, &measured));
    }
    answer
}

fn result_row(subject: &ResultSubject<'_>, measured: &Measured) -> Vec<String> {
    let (outcome, row) = (subject.outcome, subject.row);
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let flags = outcome.flags.iter().filter(|flag| **flag != Flag::Retried);
    let flags: String = flags.map(|flag| format!(", {}", flag.as_str())).collect();
    let mut cells = vec![
        outcome.id.clone(),
        format!("{}{flags}", outcome.status),
        row.name.clone(),
        optional(&outcome.case),
        outcome.duration.map(human_duration).unwrap_or_default(),
        optional(&outcome.defect),
        optional(&outcome.mute),
        row.message
            .as_deref()
            .map(text::first_line)
            .unwrap_or_default(),
    ];
    cells.extend(measured.cells.iter().cloned());
    cells
}

/// The keys up to `message` are what scripts rely on.
pub(super) fn result_object(subject: &ResultSubject<'_>) -> Json {
    let (outcome, row) = (subject.outcome, subject.row);
    let flags: Vec<&str> = outcome.flags.iter().map(|flag| flag.as_str()).collect();
    json!({
        "id": outcome.id, "name": row.name, "full_name": row.full_name, "case": outcome.case,
        "status": outcome.status, "duration": outcome.duration, "labels": labels(&row.labels),
        "message": row.message,
        "launch": subject.launch.0, "start": outcome.start, "job": subject.job.name,
        "environment": variables(subject.environment), "parameters": row.parameters,
        "flags": flags, "attempts": outcome.attempts, "unresolved": outcome.is_unresolved(),
        "defect": outcome.defect, "mute": outcome.mute, "category": outcome.category,
        "links": row.links,
    })
}
