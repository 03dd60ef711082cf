//! `tallybook approve --status`

use serde_json::{Value, json};

use super::ApproveArgs;
use super::chosen::{self, Asked};
use crate::analysis::approval::{Approvals, Holds, Judged, Standing, State};
use crate::base::text::{count, sanitize_line, thousands};
use crate::cli::commands::launch::{OutputFormat, json};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place};
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::model::Case;
use crate::store::{Doc, Project};

pub(super) fn run(
    ui: &mut Ui,
    ctx: &Context,
    place: &Place,
    args: &ApproveArgs,
) -> Result<Exit, CommandError> {
    let at = AtArg {
        at: args.at.clone(),
    };
    let loaded = place::load(&place.documentation(&at)?)?;
    let asked = Asked {
        place,
        cases: &args.cases,
        query: args.query.as_deref(),
        project: &args.project,
        at: &at,
    };
    let Some(chosen) = chosen::cases(ui, ctx, &loaded.workspace, &asked)? else {
        return Ok(Exit::CouldNotRun);
    };
    let project = chosen.project;
    let approvals = Approvals::new(project);
    let rows: Vec<(&Doc<Case>, Standing<'_>)> = { chosen.cases.iter() }
        .map(|doc| (*doc, approvals.standing(doc)))
        .collect();
    match args.format {
        OutputFormat::Json => {
            let objects = rows.iter();
            let objects: Vec<Value> = objects
                .map(|(doc, standing)| object(project, doc, standing))
                .collect();
            ui.out_raw(json(&objects));
        }
        OutputFormat::Text if rows.is_empty() => ui.status("no case fits"),
        OutputFormat::Text => {
            let header = ["id", "title", "approval", "last", "said"].map(str::to_owned);
            let cells: Vec<Vec<String>> = { rows.iter() }
                .map(|(doc, standing)| cells(doc, standing))
                .collect();
            ui.out_raw(table(&header, &cells, ui.columns(ctx)) + "\n");
            ui.status(summary(&rows));
            hint(ui, &rows);
        }
    }
    Ok(Exit::Fine)
}

fn cells(doc: &Doc<Case>, standing: &Standing<'_>) -> Vec<String> {
    let last = standing.approvals.last();
    let said = match (standing.state, last) {
        (State::None, None) => String::new(),
        _ => standing.words(),
    };
    let state = standing.state.label();
    // The state stands beside it.
    let said = [": ", " "]
        .iter()
        .find_map(|sep| said.strip_prefix(&format!("{state}{sep}")));
    vec![
        doc.value.id.clone(),
        doc.value.title.clone(),
        state.to_owned(),
        last.map(|one| one.approval.at.date()).unwrap_or_default(),
        said.unwrap_or_default().to_owned(),
    ]
}

fn summary(rows: &[(&Doc<Case>, Standing<'_>)]) -> String {
    let parts = State::ALL.into_iter().filter_map(|state| {
        let many = rows.iter().filter(|(_, s)| s.state == state).count();
        (many > 0).then(|| format!("{} {}", thousands(many as u64), state.label()))
    });
    let parts: Vec<String> = parts.collect();
    format!("{}: {}", count(rows.len() as u64, "case"), parts.join(", "))
}

fn hint(ui: &mut Ui, rows: &[(&Doc<Case>, Standing<'_>)]) {
    let stale = |state| matches!(state, State::Outdated | State::Suspect);
    if let Some((doc, _)) = rows.iter().find(|(_, standing)| stale(standing.state)) {
        let id = sanitize_line(&doc.value.id);
        ui.hint(format!(
            "look at what changed, then `tallybook approve {id}`"
        ));
    }
}

/// The keys are what scripts rely on.
fn object(project: &Project, doc: &Doc<Case>, standing: &Standing<'_>) -> Value {
    let approvals: Vec<Value> = standing.approvals.iter().map(one).collect();
    json!({
        "id": doc.value.id, "project": project.key(), "title": doc.value.title, "path": doc.path,
        "approval": standing.state.as_str(), "said": standing.words(), "required": standing.required,
        "approvals": approvals,
    })
}

fn one(judged: &Judged<'_>) -> Value {
    let approval = judged.approval;
    let (state, changed) = match &judged.holds {
        Holds::Fresh => ("approved", &[][..]),
        Holds::Suspect(changed) => ("suspect", changed.as_slice()),
        Holds::Outdated => ("outdated", &[][..]),
    };
    let changed: Vec<Value> = changed
        .iter()
        .map(|one| json!({"kind": one.kind.as_str(), "id": one.id, "gone": one.gone}))
        .collect();
    json!({
        "by": judged.reviewer, "at": approval.at, "meaning": approval.meaning, "note": approval.note,
        "own": approval.own, "counts": judged.counts, "state": state, "changed": changed,
        "digest": approval.digest,
    })
}
