//! `tallybook launch acknowledge`

use super::amend::AmendArgs;
use super::share;
use crate::base::path::join;
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::integrity::{self, VerifyOptions, Violation};
use crate::ledger;
use crate::model::Acknowledged;

/// Answer for a violation that `verify` names
///
/// For what was done on purpose, or can't be undone: a launch that somebody removed, a history that was
/// changed and put back. Writes a file for each violation that fits into `annotations/`, by one commit.
/// `verify` then names it as a notice, with who answers for it and why. A change that comes later is
/// another violation.
///
/// What counts is that an owner committed it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch acknowledge 2026-11-22-1843-nightly-4f7k --violation changed-history \\
    --reason \"a bad merge, put back the same day\"
  tallybook launch acknowledge \"$id\" --violation removed-launch --commit 1f6a9c \\
    --reason \"a customer's data, removed by agreement\" --push")]
pub(crate) struct AcknowledgeArgs {
    /// The launch's id, or the beginning of it; the launch may be gone
    #[arg(value_name = "LAUNCH")]
    launch: String,
    /// The kind of violation, as `verify` names it
    #[arg(long, value_name = "KIND")]
    violation: String,
    /// Only of this file, from the launch's folder or from the repository
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Only by this commit
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    amend: AmendArgs,
}

pub(crate) fn run(
    ui: &mut Ui,
    ctx: &Context,
    args: &AcknowledgeArgs,
) -> Result<Exit, CommandError> {
    let (place, _, loaded) = share::load(ctx)?;
    let amendment = args
        .amend
        .resolve(ctx, (&place, &loaded), ("the reason", &args.reason))?;
    let progress = ui.progress("verifying");
    let options = VerifyOptions {
        workspace: place.prefix.clone(),
        at: amendment.tip(&place)?.map(|tip| tip.to_string()),
        complete: true,
        ..VerifyOptions::default()
    };
    let report = integrity::verify(place.repo.as_ref(), &options)?;
    drop(progress);
    let within = match &args.project.project {
        Some(_) => Some(&crate::cli::place::project(&loaded.workspace, &args.project)?.path),
        None => None,
    };
    let of_launch: Vec<Of<'_>> = report
        .violations
        .iter()
        .filter_map(|violation| Of::new(&place, violation))
        .filter(|of| of.launch.starts_with(args.launch.as_str()))
        .filter(|of| within.is_none_or(|path| path.ends_with(&format!("/{}", of.project))))
        .collect();
    let fitting: Vec<&Of<'_>> = of_launch.iter().filter(|of| of.fits(args)).collect();
    let Some(first) = fitting.first() else {
        return Err(nothing(args, amendment.branch(), &of_launch));
    };
    let launch = (first.project, first.launch);
    if let Some(other) = fitting.iter().find(|of| (of.project, of.launch) != launch) {
        return Err(CommandError::usage(format!(
            "`{}` begins the ids of several launches with such a violation",
            args.launch
        ))
        .hint(format!("as `{}` and `{}`", first.launch, other.launch)));
    }
    let accepted: Vec<Acknowledged> = fitting.iter().map(|of| of.acknowledged()).collect();
    amendment.commit(ui, &place, &mut |_| {
        let (project, id) = launch;
        Ok(ledger::acknowledge(project, id, &accepted, &amendment.said))
    })?;
    for of in fitting {
        ui.out(format!("acknowledged {}", of.describe()));
    }
    Ok(Exit::Fine)
}

/// A violation of a launch, and where the launch is or was.
struct Of<'a> {
    violation: &'a Violation,
    launch: &'a str,
    /// The project's folder.
    project: &'a str,
    /// From the launch's folder, `annotations/…` for what is said of it; `None` for the folder itself.
    path: Option<String>,
}

impl<'a> Of<'a> {
    fn new(place: &Place, violation: &'a Violation) -> Option<Self> {
        let launch = violation.launch.as_deref()?;
        let projects = format!("{}/", join(&place.prefix, "projects"));
        let below = violation.path.strip_prefix(&projects)?;
        let project = below.split('/').next()?;
        let said = format!("{project}/annotations/{launch}/");
        let path = match below.strip_prefix(&said) {
            Some(name) => Some(format!("annotations/{name}")),
            None => below
                .split_once(&format!("/{launch}/"))
                .map(|(_, path)| path.to_owned()),
        };
        Some(Self {
            violation,
            launch,
            project,
            path: path.filter(|path| !path.is_empty()),
        })
    }

    fn fits(&self, args: &AcknowledgeArgs) -> bool {
        let violation = self.violation;
        let by = |sha: &String| {
            let commit = violation.commit.map(|id| id.to_string());
            sha.len() >= 4 && commit.is_some_and(|id| id.starts_with(&sha.to_ascii_lowercase()))
        };
        let at = |path: &String| {
            let path = path.trim_start_matches("./").trim_end_matches('/');
            self.path.as_deref() == Some(path) || violation.path.trim_end_matches('/') == path
        };
        violation.kind.as_str() == args.violation
            && args.path.as_ref().is_none_or(at)
            && args.commit.as_ref().is_none_or(by)
    }

    fn acknowledged(&self) -> Acknowledged {
        Acknowledged {
            kind: self.violation.kind.as_str().to_owned(),
            path: self.path.clone(),
            commit: self.violation.commit.map(|id| id.to_string()),
        }
    }

    fn describe(&self) -> String {
        let commit = self.violation.commit;
        let by = commit.map(|id| format!(" by {}", id.short()));
        let path = match &self.path {
            Some(path) => format!(" of `{path}`"),
            None => String::new(),
        };
        let kind = self.violation.kind;
        format!("{kind}{path}{}", by.unwrap_or_default())
    }
}

/// Says that no violation fits, and which there are.
fn nothing(args: &AcknowledgeArgs, branch: &str, of_launch: &[Of<'_>]) -> CommandError {
    let error = CommandError::usage(format!(
        "`verify` finds no violation `{}` like this of launch `{}` on `{branch}`",
        text::sanitize_line(&args.violation),
        text::sanitize_line(&args.launch)
    ));
    let mut there: Vec<String> = of_launch.iter().map(Of::describe).collect();
    there.dedup();
    match there.len() {
        0 => error
            .hint("`tallybook verify` names all violations; what is fine needs no acknowledgement"),
        n => {
            let more = if n > 5 { " …" } else { "" };
            there.truncate(5);
            error.hint(format!(
                "of this launch there are: {}{more}",
                there.join("; ")
            ))
        }
    }
}
