//! What a query is put to: the subjects of one kind, read as far as the query needs them.

use serde_json::{Value as Json, json};

use super::QueryArgs;
use super::cases::cases;
use super::decisions::{defects, mutes};
use super::launches::launches;
use super::results::results;
use super::show::Answer;
use crate::analysis::stability::Rate;
use crate::analysis::subjects::Of;
use crate::base::Timestamp;
use crate::base::time::human_duration;
use crate::cli::error::CommandError;
use crate::cli::place::FoundLaunch;
use crate::cli::reader::{Reader, described};
use crate::cli::ui::Ui;
use crate::ledger::{History, Launch};
use crate::model::{Environment, Labels};
use crate::query::{Bound, Lookup, Subject, Value, Window};

/// What was asked.
pub(super) struct Asked<'a> {
    pub(super) args: &'a QueryArgs,
    pub(super) reader: &'a Reader<'a>,
    pub(super) launch: Option<FoundLaunch>,
    pub(super) bound: &'a Bound,
}

/// The answer, and whether something that belongs to it could not be read.
pub(super) fn answer(
    ui: &mut Ui,
    of: Of,
    asked: &Asked<'_>,
) -> Result<(Answer, bool), CommandError> {
    let (answer, damages) = match of {
        Of::Cases => cases(ui, asked)?,
        Of::Results => results(ui, asked)?,
        Of::Launches => (launches(asked)?, Vec::new()),
        Of::Defects => (defects(asked), Vec::new()),
        Of::Mutes => (mutes(asked), Vec::new()),
    };
    let reads_launches = !matches!(of, Of::Defects | Of::Mutes);
    let reads_launches = reads_launches && (of != Of::Cases || asked.wants_past());
    let lacks = reads_launches && asked.reader.tell_damages(ui, &damages);
    Ok((answer, lacks))
}

impl Asked<'_> {
    /// The functions that the query has, each once.
    pub(super) fn functions(&self) -> Vec<&Lookup> {
        let mut out: Vec<&Lookup> = Vec::new();
        for lookup in self.bound.lookups() {
            if lookup.is_function() && !out.contains(&lookup) {
                out.push(lookup);
            }
        }
        out
    }

    fn wants_past(&self) -> bool {
        !self.functions().is_empty()
    }

    /// Reads the history that the query's functions look at, and says which it is.
    pub(super) fn past(&self, ui: &mut Ui, last: Option<Launch>) -> Result<History, CommandError> {
        let history = self.reader.history(ui, self.args.branch.as_deref(), last)?;
        ui.status(format!("history: {}", described(&history)));
        if history.earlier() == 0 {
            ui.warn(
                "history unavailable: no earlier closed launch counts, so functions find nothing",
            );
        }
        Ok(history)
    }
}

/// A function as people write it: `flipRate(20)`, `passRate(30d)`.
fn written(lookup: &Lookup) -> String {
    match lookup.window {
        Some(Window::Last(n)) => format!("{}({n})", lookup.name),
        Some(Window::Within(ms)) => format!("{}({})", lookup.name, span(ms)),
        None => format!("{}()", lookup.name),
    }
}

/// A span of time in the largest unit that it is a whole number of: `30d`, `12h`.
fn span(ms: i64) -> String {
    let units = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1_000, "s"),
    ];
    let whole = units.into_iter().find(|(size, _)| ms % size == 0);
    let (size, unit) = whole.unwrap_or((1, "ms"));
    format!("{}{unit}", ms / size)
}

/// What the query's functions give for a subject that fits.
pub(super) struct Measured {
    pub(super) cells: Vec<String>,
    json: Json,
}

pub(super) fn measured<S: Subject>(
    functions: &[&Lookup],
    subject: &S,
    rate: impl Fn(&Lookup) -> Option<Rate>,
) -> Measured {
    let mut cells = Vec::new();
    let mut object = serde_json::Map::new();
    for lookup in functions {
        let found = subject.look(lookup);
        let value = found.values().first();
        let (cell, json) = match (rate(lookup), value) {
            (Some(rate), _) => (
                share(rate),
                json!({"value": rate.value(), "part": rate.part, "of": rate.of}),
            ),
            (None, Some(value)) => (plain(value), as_json(value)),
            (None, None) => (String::new(), Json::Null),
        };
        cells.push(cell);
        object.insert(written(lookup), json);
    }
    Measured {
        cells,
        json: Json::Object(object),
    }
}

/// `25% (5 of 20)`
fn share(rate: Rate) -> String {
    match rate.value() {
        // Cut, as everywhere: nothing reads as 100% that is not.
        Some(value) => format!(
            "{:.0}% ({} of {})",
            (value * 100.0).floor(),
            rate.part,
            rate.of
        ),
        None => String::new(),
    }
}

fn plain(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Truth(truth) => truth.to_string(),
        Value::Instant(ms) => Timestamp::from_ms(*ms).format("%Y-%m-%d %H:%M"),
        Value::Duration(ms) => human_duration(u64::try_from(*ms).unwrap_or_default()),
    }
}

fn as_json(value: &Value<'_>) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Number(number) => json!(number),
        Value::Truth(truth) => json!(truth),
        Value::Instant(ms) => json!(Timestamp::from_ms(*ms)),
        Value::Duration(ms) => json!(ms),
    }
}

pub(super) fn header(names: &[&str], functions: &[&Lookup]) -> Vec<String> {
    let own = names.iter().map(|name| (*name).to_owned());
    own.chain(functions.iter().map(|lookup| written(lookup)))
        .collect()
}

/// Returns the columns of a table for spreadsheets: pointers into the objects.
pub(super) fn columns(own: &[&str], functions: &[&Lookup]) -> Vec<String> {
    let mut out: Vec<String> = own.iter().map(|name| format!("/{name}")).collect();
    for lookup in functions {
        let pointer = format!("/measures/{}", written(lookup));
        match lookup.name {
            "flipRate" | "passRate" => {
                out.extend(["value", "of"].map(|name| format!("{pointer}/{name}")));
            }
            _ => out.push(pointer),
        }
    }
    out
}

/// Adds what was measured to a subject's object.
pub(super) fn with_measured(mut object: Json, measured: &Measured) -> Json {
    if measured.cells.is_empty() {
        return object;
    }
    if let Json::Object(object) = &mut object {
        object.insert("measures".to_owned(), measured.json.clone());
    }
    object
}

pub(super) fn labels(labels: &Labels) -> Json {
    let pairs = labels
        .iter()
        .map(|(name, values)| (name.to_owned(), json!(values)));
    Json::Object(pairs.collect())
}

pub(super) fn variables(environment: &Environment) -> Json {
    let pairs = environment
        .iter()
        .map(|(name, value)| (name.to_owned(), json!(value)));
    Json::Object(pairs.collect())
}
