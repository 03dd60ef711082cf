//! What can be typed: the global options, and one variant a verb.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _};

use super::commands::{
    approve, case, codeowners, defect, demo, doctor, execute, explain, export, fmt, fsck, gate, gc,
    history, hook, init, launch, member, merge_driver, mute, plan, project, query, render, report,
    review, schema, serve, trace, triage, validate, verify,
};
use super::context::{Context, parse_time};
use super::error::CommandError;
use super::exit::Exit;
use super::ui::{ColorChoice, Ui};
use crate::base::Timestamp;

/// Test management and test evidence that live in a git repository.
///
/// Test cases, launches and results are files: reviewed in pull requests, closed immutably by
/// commits, rendered as a static site.
///
/// Exit codes: 0 fine (warnings alone are fine); 1 findings, such as invalid files or a failed
/// gate; 2 could not run.
#[derive(Debug, clap::Parser)]
#[command(
    name = "tallybook",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every verb has.
#[derive(Debug, clap::Args)]
pub(crate) struct GlobalArgs {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = GLOBAL)]
    pub(crate) directory: Option<PathBuf>,
    /// Say only the answer, warnings and errors
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub(crate) quiet: bool,
    /// When to use colours
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        hide_default_value = true,
        help_heading = GLOBAL
    )]
    pub(crate) color: ColorChoice,
}

const GLOBAL: &str = "Global options";

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Init(init::InitArgs),
    Project(project::ProjectArgs),
    Member(member::MemberArgs),
    Codeowners(codeowners::CodeownersArgs),
    Case(case::CaseArgs),
    Demo(demo::DemoArgs),
    Review(review::ReviewArgs),
    Validate(validate::ValidateArgs),
    Fmt(fmt::FmtArgs),
    Launch(Box<launch::LaunchArgs>),
    Execute(execute::ExecuteArgs),
    Query(query::QueryArgs),
    Gate(gate::GateArgs),
    Triage(triage::TriageArgs),
    History(history::HistoryArgs),
    Trace(trace::TraceArgs),
    Defect(defect::DefectArgs),
    Mute(mute::MuteArgs),
    Plan(plan::PlanArgs),
    Approve(approve::ApproveArgs),
    Verify(verify::VerifyArgs),
    Hook(hook::HookArgs),
    MergeDriver(merge_driver::MergeDriverArgs),
    Render(render::RenderArgs),
    Serve(serve::ServeArgs),
    Report(Box<report::ReportArgs>),
    Export(export::ExportArgs),
    Explain(explain::ExplainArgs),
    Schema(schema::SchemaArgs),
    Gc(gc::GcArgs),
    Doctor(doctor::DoctorArgs),
    Fsck(fsck::FsckArgs),
}

impl Command {
    pub(crate) fn run(&self, ui: &mut Ui, ctx: &Context) -> Result<Exit, CommandError> {
        match self {
            Self::Review(args) => review::run(ui, ctx, args),
            Self::Validate(args) => validate::run(ui, ctx, args),
            Self::Fmt(args) => fmt::run(ui, ctx, args),
            Self::Explain(args) => explain::run(ui, ctx, args),
            Self::Schema(args) => schema::run(ui, ctx, args),
            Self::Launch(args) => launch::run(ui, ctx, args),
            Self::Execute(args) => execute::run(ui, ctx, args),
            Self::Init(args) => init::run(ui, ctx, args),
            Self::Demo(args) => demo::run(ui, ctx, args),
            Self::Gate(args) => gate::run(ui, ctx, args),
            Self::Query(args) => query::run(ui, ctx, args),
            Self::History(args) => history::run(ui, ctx, args),
            Self::Trace(args) => trace::run(ui, ctx, args),
            Self::Triage(args) => triage::run(ui, ctx, args),
            Self::Defect(args) => defect::run(ui, ctx, args),
            Self::Mute(args) => mute::run(ui, ctx, args),
            Self::Plan(args) => plan::run(ui, ctx, args),
            Self::Approve(args) => approve::run(ui, ctx, args),
            Self::Verify(args) => verify::run(ui, ctx, args),
            Self::Render(args) => render::run(ui, ctx, args),
            Self::Serve(args) => serve::run(ui, ctx, args),
            Self::Report(args) => report::run(ui, ctx, args),
            Self::Hook(args) => hook::run(ui, ctx, args),
            Self::MergeDriver(args) => merge_driver::run(ui, ctx, args),
            Self::Export(args) => export::run(ui, ctx, args),
            Self::Project(args) => project::run(ui, ctx, args),
            Self::Member(args) => member::run(ui, ctx, args),
            Self::Case(args) => case::run(ui, ctx, args),
            Self::Codeowners(args) => codeowners::run(ui, ctx, args),
            Self::Gc(args) => gc::run(ui, ctx, args),
            Self::Doctor(args) => doctor::run(ui, ctx, args),
            Self::Fsck(args) => fsck::run(ui, ctx, args),
        }
    }
}

/// Options of verbs whose answer depends on the time.
#[derive(Debug, clap::Args)]
pub(crate) struct NowArgs {
    /// Take this for the present: a time as 2026-11-22T18:43:00Z, or a day
    #[arg(long = "now", value_name = "TIME", value_parser = parse_time)]
    pub(crate) now: Option<Timestamp>,
}

impl NowArgs {
    pub(crate) fn now(&self, ctx: &Context) -> Timestamp {
        self.now.unwrap_or(ctx.now)
    }
}

/// Arguments that name nothing to run, in plain text and with colours.
#[derive(Debug)]
pub(crate) enum ParseFailure {
    /// Help or the version, as asked for.
    Answer {
        plain: String,
        colored: String,
    },
    Usage {
        plain: String,
        colored: String,
    },
}

impl Cli {
    /// Reads the arguments of this process, its own name first.
    pub(crate) fn read(typed: Vec<OsString>) -> Result<Self, ParseFailure> {
        let is_query = typed.iter().any(|word| word == "query");
        let matches = Self::command().try_get_matches_from(typed);
        let cli = matches.and_then(|mut m| Self::from_arg_matches_mut(&mut m));
        cli.map_err(|mut error| {
            if is_query && is_second_word(&error) {
                let tip = "a query is one argument: put it in quotes, as 'owner = alice'";
                let tip = ContextValue::StyledStrs(vec![tip.into()]);
                error.insert(ContextKind::Suggested, tip);
            }
            let text = error.render();
            let (plain, colored) = (text.to_string(), text.ansi().to_string());
            if error.use_stderr() {
                ParseFailure::Usage { plain, colored }
            } else {
                ParseFailure::Answer { plain, colored }
            }
        })
    }
}

/// Says whether a word that is no flag is one too many.
fn is_second_word(error: &clap::Error) -> bool {
    error.kind() == ErrorKind::UnknownArgument
        && matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(word)) if !word.starts_with('-'))
}

/// Finds `--color WHEN` in arguments that may not parse, so that the complaint follows it.
pub(crate) fn color_of(typed: &[OsString]) -> ColorChoice {
    let words: Vec<&str> = typed.iter().filter_map(|word| word.to_str()).collect();
    let given = words.iter().enumerate().find_map(|(i, word)| {
        let next = || words.get(i + 1).copied();
        match word.strip_prefix("--color") {
            Some("") => next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        }
    });
    let parse = |word: &str| <ColorChoice as clap::ValueEnum>::from_str(word, false).ok();
    given.and_then(parse).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_shows_examples_and_fits_a_screen() {
        for verb in Cli::command().get_subcommands_mut() {
            let name = verb.get_name().to_owned();
            assert!(
                verb.render_long_help().to_string().contains("Examples:"),
                "`{name} --help` has no examples"
            );
            assert!(
                verb.render_help().to_string().lines().count() <= 40,
                "`{name} -h` is more than a screen"
            );
        }
    }

    #[test]
    fn color_is_found_in_what_does_not_parse() {
        let color = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            color_of(&words)
        };
        assert_eq!(color(&["t", "--color", "never", "x"]), ColorChoice::Never);
        assert_eq!(color(&["t", "x", "--color=always"]), ColorChoice::Always);
        assert_eq!(color(&["t", "--color"]), ColorChoice::Auto);
        assert_eq!(color(&["t", "--colors=never"]), ColorChoice::Auto);
    }
}
