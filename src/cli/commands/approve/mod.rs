//! `tallybook approve`: who found which cases right, as data beside them.

pub(in crate::cli::commands) mod chosen;
mod reviewer;
mod status;

use std::collections::BTreeSet;

use serde_json::json;

use self::chosen::{Asked, Chosen};
use super::launch::OutputFormat;
use crate::analysis::approval::Approvals;
use crate::author::{self, ApproveError, Approved, Approving};
use crate::base::text::{count, sanitize_line};
use crate::cli::change::{self, BranchArg, Onto, carry_out};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg, parse_words};
use crate::cli::ui::Ui;
use crate::model::Case;
use crate::store::{Doc, Project};

/// Say that cases are right as they are
///
/// An approval is a line in `approvals/CASE.yaml`: who, when, and the digest of what the case means. A
/// later change of meaning makes it outdated, an editorial one does not; where a requirement or
/// a related case changed since, it is suspect. You approve as yourself, by the address that git has.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook approve SHOP-K4F7QM projects/shop/cases/checkout
  tallybook approve --query 'tag = smoke and approval != approved' --meaning \"reviewed and approved\"
  tallybook approve SHOP-K4F7QM --as-of origin/sign-in --branch approve-sign-in
  tallybook approve --status
  tallybook approve --status --query 'approval in [outdated, suspect]' --format json")]
pub(crate) struct ApproveArgs {
    /// Ids of cases, their files, or folders of them
    #[arg(
        value_name = "CASE",
        required_unless_present_any = ["query", "status"]
    )]
    cases: Vec<String>,
    /// The cases that fit a query; together with CASE, those of them that fit
    #[arg(long, value_name = "QUERY")]
    query: Option<String>,
    /// Approve what a commit says, as that of a branch under review [default: the working tree]
    #[arg(long, value_name = "REV", conflicts_with = "status")]
    as_of: Option<String>,
    /// What approving stands for, as \"reviewed and approved\"
    #[arg(long, value_name = "TEXT", value_parser = parse_words, conflicts_with = "status")]
    meaning: Option<String>,
    /// What is to be said besides
    #[arg(long, value_name = "TEXT", value_parser = parse_words, conflicts_with = "status")]
    note: Option<String>,
    /// Say what would be approved, and write nothing
    #[arg(long, conflicts_with = "status")]
    dry_run: bool,
    /// Say instead who approved what, and what is outdated
    #[arg(long, visible_alias = "list", conflicts_with = "branch")]
    status: bool,
    #[command(flatten)]
    branch: BranchArg,
    #[command(flatten)]
    project: ProjectArg,
    /// With --status: read a commit instead of the working tree
    #[arg(long, value_name = "REV[:LAUNCHES]", requires = "status")]
    at: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ApproveArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    if args.status {
        return status::run(ui, ctx, &place, args);
    }
    let (workspace, read) = change::workspace(&place, &args.branch)?;
    let head = args.branch.branch.as_ref().map(|_| "HEAD".to_owned());
    let at = AtArg {
        at: args.as_of.clone().or(head),
    };
    let seen = match &args.as_of {
        Some(_) => place::load(&place.documentation(&at)?)?.workspace,
        None => workspace.clone(),
    };
    let asked = Asked {
        place: &place,
        cases: &args.cases,
        query: args.query.as_deref(),
        project: &args.project,
        at: &at,
    };
    let Some(chosen) = chosen::cases(ui, ctx, &seen, &asked)? else {
        return Ok(Exit::CouldNotRun);
    };
    let folder = &chosen.project.folder;
    let Some(project) = { workspace.projects.iter() }.find(|p| p.folder == *folder) else {
        let message = format!("there is no project `{folder}` to write to");
        return Err(CommandError::usage(message).hint("check out a branch that has it"));
    };
    if chosen.cases.is_empty() {
        ui.status("no case fits, so nothing is approved");
        if args.format == OutputFormat::Json {
            ui.out_raw(super::launch::json(&answer(
                "",
                &Approved::default(),
                false,
            )));
        }
        return Ok(Exit::Fine);
    }
    let note = args.note.as_deref();
    let note = note.map(|note| place::clean_words(&workspace, "the note", note));
    let note = note.transpose()?;
    let meaning = args.meaning.as_deref();
    let meaning = meaning.map(|words| place::clean_words(&workspace, "the meaning", words));
    let meaning = meaning.transpose()?;
    let by = reviewer::find(ctx, &place, project)?;
    let own = reviewer::own_changes(&place, &chosen, &by, &at)?;
    let cases: Vec<(&Doc<Case>, bool)> = { chosen.cases.iter() }
        .map(|doc| (*doc, own.contains(doc.path.as_str())))
        .collect();
    let approvals = Approvals::new(chosen.project);
    let approving = Approving {
        seen: &approvals,
        cases: &cases,
        by: &by.name,
        at: ctx.now,
        meaning: meaning.as_deref(),
        note: note.as_deref(),
    };
    let done = author::approve(project, &approving).map_err(approve_error)?;
    tell_own(ui, &approvals, &cases, &done);
    if args.as_of.is_some() {
        tell_other(ui, &approvals, &chosen, project);
    }
    let onto = Onto {
        place: &place,
        branch: &args.branch,
        read: &read,
    };
    write(ui, ctx, onto, args, &by.name, &done)?;
    Ok(Exit::Fine)
}

/// Writes what was approved, and says so.
fn write(
    ui: &mut Ui,
    ctx: &Context,
    onto: Onto<'_>,
    args: &ApproveArgs,
    by: &str,
    done: &Approved,
) -> Result<(), CommandError> {
    let is_written = !args.dry_run && !done.new.is_empty();
    if !done.known.is_empty() {
        let cases = count(done.known.len() as u64, "case");
        ui.status(format!("{cases} approved by you already, as it is now"));
    }
    if args.format == OutputFormat::Json {
        if is_written {
            change::make(ctx, onto, &done.changes)?;
        }
        ui.out_raw(super::launch::json(&answer(by, done, is_written)));
        return Ok(());
    }
    let cases = match done.new.as_slice() {
        [one] => one.clone(),
        all => count(all.len() as u64, "case"),
    };
    let by = sanitize_line(by);
    match (done.new.is_empty(), args.dry_run) {
        (true, _) => {}
        (false, true) => {
            for edit in &done.changes.edits {
                ui.out(&edit.path);
            }
            ui.status(format!("{by} would approve {cases}; nothing was written"));
        }
        (false, false) => {
            let did = format!("{by} approved {cases}");
            carry_out(ui, ctx, onto, &done.changes, &did)?;
        }
    }
    Ok(())
}

/// The keys are what scripts rely on.
fn answer(by: &str, done: &Approved, is_written: bool) -> serde_json::Value {
    let paths: Vec<&str> = done.changes.edits.iter().map(|e| e.path.as_str()).collect();
    json!({
        "by": by, "approved": done.new, "already": done.known, "paths": paths, "written": is_written,
    })
}

/// Says which approvals are of the reviewer's own change, where the project takes none of those.
fn tell_own(ui: &mut Ui, approvals: &Approvals<'_>, cases: &[(&Doc<Case>, bool)], done: &Approved) {
    if approvals.rules().own {
        return;
    }
    let new: BTreeSet<&String> = done.new.iter().collect();
    let own = cases.iter().filter(|(_, own)| *own);
    let own = own.filter(|(doc, _)| new.contains(&doc.value.id));
    match own.count() {
        0 => {}
        n => ui.warn(format!(
            "the last change of {} was your own; this project asks for somebody else's approval",
            count(n as u64, "case")
        )),
    }
}

/// Says which cases mean something else here than in the commit that was approved.
fn tell_other(ui: &mut Ui, seen: &Approvals<'_>, chosen: &Chosen<'_>, project: &Project) {
    let here = Approvals::new(project);
    for doc in &chosen.cases {
        let id = sanitize_line(&doc.value.id);
        match here.case(&doc.value.id) {
            None => ui.warn(format!("there is no case `{id}` here")),
            Some(now) if here.seal(now).digest != seen.seal(doc).digest => ui.warn(format!(
                "`{id}` says something else here, so its approval is outdated here"
            )),
            Some(_) => {}
        }
    }
}

fn approve_error(error: ApproveError) -> CommandError {
    let hint = match &error {
        ApproveError::Id { .. } => "`tallybook validate` says what an id may look like".to_owned(),
        ApproveError::Unreadable { path } => format!(
            "`tallybook validate {}` says what is wrong with it",
            crate::base::text::shell_word(path)
        ),
    };
    let error = CommandError {
        kind: ErrorKind::Finding,
        ..CommandError::from(error)
    };
    error.hint(hint)
}
