//! What other commands take of a query: objects as it shows them, and the rows behind results.

use serde_json::Value as Json;

use super::gather::{Asked, answer};
use super::results::{self, Read};
use super::{Format, Kind, QueryArgs, Question, tell, user};
use crate::analysis::subjects::{Of, ResultSubject};
use crate::base::Timestamp;
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::ledger::{Launch, ResultSet, Rows};
use crate::query;
use crate::store::{Loaded, Snapshot};

/// What to look for, and where.
#[derive(Clone, Debug)]
pub(in crate::cli::commands) struct Wanted<'a> {
    pub(in crate::cli::commands) query: &'a str,
    /// None takes the latest that is closed.
    pub(in crate::cli::commands) launch: Option<&'a str>,
    pub(in crate::cli::commands) project: &'a ProjectArg,
    pub(in crate::cli::commands) at: &'a AtArg,
    pub(in crate::cli::commands) now: Option<Timestamp>,
}

/// What fits, in the query's order.
#[derive(Debug, Default)]
pub(in crate::cli::commands) struct Objects {
    /// As `--format json` shows them.
    pub(in crate::cli::commands) objects: Vec<Json>,
    /// Pointers into them: the columns for spreadsheets.
    pub(in crate::cli::commands) columns: Vec<String>,
}

/// Results that fit, and what is behind them.
pub(in crate::cli::commands) struct Results<'a> {
    pub(in crate::cli::commands) place: &'a Place,
    pub(in crate::cli::commands) loaded: &'a Loaded,
    pub(in crate::cli::commands) snapshot: &'a Snapshot,
    pub(in crate::cli::commands) launch: &'a Launch,
    pub(in crate::cli::commands) rows: &'a Rows,
    /// In the query's order, those of the launch without one.
    pub(in crate::cli::commands) fitting: &'a [&'a ResultSubject<'a>],
    pub(in crate::cli::commands) columns: Vec<String>,
}

impl Results<'_> {
    /// Returns the object of a result as `--format json` shows it.
    pub(in crate::cli::commands) fn object(subject: &ResultSubject<'_>) -> Json {
        results::result_object(subject)
    }
}

/// Finds documented cases; hands them over with the snapshot that they are of. None where the query is wrong,
/// which is said; else what was made of them, and whether something could not be read.
pub(in crate::cli::commands) fn cases<T>(
    ui: &mut Ui,
    ctx: &Context,
    wanted: &Wanted<'_>,
    make: impl FnOnce(&mut Ui, &Snapshot, Objects) -> Result<T, CommandError>,
) -> Result<Option<(T, bool)>, CommandError> {
    with(ui, ctx, wanted, Kind::Cases, |ui, _, _, snapshot, asked| {
        let (answer, lacks) = answer(ui, Of::Cases, asked)?;
        super::mark(ui, "warning", wanted.query, &answer.strangers);
        let objects = Objects {
            objects: answer.json,
            columns: answer.columns,
        };
        Ok((make(ui, snapshot, objects)?, lacks))
    })
}

/// Finds results of one launch, as [`cases`] finds cases.
pub(in crate::cli::commands) fn results<T>(
    ui: &mut Ui,
    ctx: &Context,
    wanted: &Wanted<'_>,
    make: impl FnOnce(&mut Ui, &Results<'_>) -> Result<T, CommandError>,
) -> Result<Option<(T, bool)>, CommandError> {
    with(
        ui,
        ctx,
        wanted,
        Kind::Results,
        |ui, place, loaded, snapshot, asked| {
            let Read {
                launch,
                past,
                rows,
                damages,
            } = results::read(ui, asked)?;
            let rows = rows.unwrap_or_default();
            let set = ResultSet::new(&launch, Some(&rows), asked.reader.project);
            let past = past.as_ref().map(|(past, place)| (past, *place));
            let subjects = set.subjects(past);
            let fitting = asked.bound.select(&subjects);
            if fitting.is_empty() {
                let strangers = asked.bound.strangers(&subjects, Of::Results.as_str());
                super::mark(ui, "warning", wanted.query, &strangers);
            }
            let made = make(
                ui,
                &Results {
                    place,
                    loaded,
                    snapshot,
                    launch: &launch,
                    rows: &rows,
                    fitting: &fitting,
                    columns: results::COLUMNS.iter().map(|c| format!("/{c}")).collect(),
                },
            )?;
            Ok((made, asked.reader.tell_damages(ui, &damages)))
        },
    )
}

/// Reads the query and what it is put to.
fn with<T>(
    ui: &mut Ui,
    ctx: &Context,
    wanted: &Wanted<'_>,
    kind: Kind,
    make: impl FnOnce(&mut Ui, &Place, &Loaded, &Snapshot, &Asked<'_>) -> Result<T, CommandError>,
) -> Result<Option<T>, CommandError> {
    let args = QueryArgs {
        query: Some(wanted.query.to_owned()),
        saved: None,
        fields: false,
        of: Some(kind),
        launch: wanted.launch.map(str::to_owned),
        branch: None,
        project: wanted.project.clone(),
        at: wanted.at.clone(),
        now: NowArgs { now: wanted.now },
        format: Format::Json,
    };
    let of = Of::from(kind);
    let question = Question {
        text: wanted.query,
        of,
    };
    let Some(query) = question.parse(ui, &args)? else {
        return Ok(None);
    };
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let (project, launch) = place::launch_or_project(
        &place,
        workspace,
        &snapshot,
        wanted.launch,
        &args.project,
        &args.at,
    )?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let context = query::Context {
        now,
        user: user(ctx, &place, project),
    };
    let bound = match query.bind(of.schema(), &context) {
        Ok(bound) => bound,
        Err(problems) => {
            tell(ui, wanted.query, &problems);
            return Ok(None);
        }
    };
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let asked = Asked {
        args: &args,
        reader: &reader,
        launch,
        bound: &bound,
    };
    let made = make(ui, &place, &loaded, &snapshot, &asked)?;
    tell_unavailable(ui, snapshot.unavailable());
    Ok(Some(made))
}
