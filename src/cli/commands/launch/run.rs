//! `tallybook launch run`: the one line for CI.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use super::append::{self, Input, JobArgs};
use super::close::{self, CloseArgs};
use super::open::{self, OpenArgs};
use super::rights;
use super::sign::{SignArgs, TagArgs};
use super::target;
use crate::base::text;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::ingest::MemoryBundle;
use crate::integrity::{self, Deed, Intent};
use crate::ledger::{self, MissingBundle, Seen};
use crate::model::Totals;

/// Open a launch, run a command, append its results, close the launch
///
/// Only files that the command wrote or changed are appended: results that lay there before are
/// of another run. The command's own exit code is passed through where it isn't 0; where no result
/// tells a failure then, one more does, so that the launch is not ready.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch run --name \"Unit tests\" --results 'target/nextest/*/junit.xml' -- cargo nextest run --profile ci
  tallybook launch run --results allure-results -- pytest --alluredir allure-results")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    project: ProjectArg,
    /// What people call the launch
    #[arg(short, long)]
    name: Option<String>,
    /// Where the command leaves results: a path or a pattern; may be given several times
    /// [default: `allure-results` and the usual places of JUnit XML]
    #[arg(short, long, value_name = "GLOB")]
    results: Vec<String>,
    #[command(flatten)]
    job: JobArgs,
    #[command(flatten)]
    sign: SignArgs,
    #[command(flatten)]
    tag: TagArgs,
    /// The branch that takes the closing, where none is checked out
    #[arg(long)]
    branch: Option<String>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<String>,
}

/// Where test runners leave results unless told otherwise.
const USUAL: [&str; 9] = [
    "allure-results",
    "junit.xml",
    "report.xml",
    "test-results/*.xml",
    "reports/*.xml",
    "target/nextest/*/junit.xml",
    "target/surefire-reports/TEST-*.xml",
    "target/failsafe-reports/TEST-*.xml",
    "build/test-results/*/TEST-*.xml",
];

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &RunArgs) -> Result<Exit, CommandError> {
    args.job.check()?;
    let place = Place::find(ctx)?;
    let closing = CloseArgs {
        branch: args.branch.clone(),
        sign: args.sign,
        tag: args.tag.clone(),
        ..CloseArgs::default()
    };
    check_closing(ctx, &place, args, &closing)?;
    let mut seen = Seen::new();
    for path in matching(ctx, args)? {
        if let Ok(bundle) = ledger::open_input(&path, "") {
            bundle.remember(&mut seen);
        }
    }
    let opened = open::open(
        ctx,
        &OpenArgs {
            project: args.project.clone(),
            name: Some(args.name.clone().unwrap_or_else(|| args.command.join(" "))),
            allow_secret: args.job.allow_secret.clone(),
            cut: true,
            ..OpenArgs::default()
        },
    );
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return append::tell_leaks(ui, error),
    };
    let id = opened.launch.id;
    ui.status(format!("opened launch `{id}`"));
    ui.flush();
    let status = execute(ctx, args, &id)?;
    let failed = match (status.code(), status.success()) {
        (_, true) => None,
        (Some(code), _) => Some(u8::try_from(code).unwrap_or(1)),
        (None, _) => Some(128 | signal(status)),
    };
    let recorded = record(ui, ctx, (args, &id), &seen, &closing, failed);
    match (failed, recorded) {
        (None, recorded) => recorded,
        (Some(code), Ok(_)) => Ok(Exit::Command(code)),
        // Whoever runs this wants to know first that the command failed, and how.
        (Some(code), Err(error)) => {
            for (name, text) in error.lines() {
                ui.say(name, &text);
            }
            ui.hint(format!("launch `{id}` stays open"));
            Ok(Exit::Command(code))
        }
    }
}

/// Refuses, before the command takes its time, what would be refused at the closing: by where it goes,
/// and by whom it is.
fn check_closing(
    ctx: &Context,
    place: &Place,
    args: &RunArgs,
    closing: &CloseArgs,
) -> Result<(), CommandError> {
    let repo = place.repo()?;
    let identity = place.identity(ctx)?;
    let target = target::target(place, closing)?;
    target.check_root(place)?;
    let loaded = place::load(&place.commit_snapshot(target.documentation)?)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let why = integrity::foresee(
        repo,
        &Intent {
            deed: Deed::Close,
            author: &identity,
            signs: closing.signing(repo).commit,
            workspace: &place.prefix,
            project: &project.folder,
            tip: target.branch.tip(repo)?,
            documentation: &target.branch.documentation,
        },
    )?;
    match why {
        None => Ok(()),
        Some(why) => Err(rights::refuse(why, &identity)
            .hint("the command was not run, and no launch was opened".to_owned())),
    }
}

/// Appends what the command wrote, and how it ended where nothing that it wrote tells of a failure; closes the
/// launch.
fn record(
    ui: &mut Ui,
    ctx: &Context,
    (args, id): (&RunArgs, &str),
    seen: &Seen,
    closing: &CloseArgs,
    failed: Option<u8>,
) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.writing_snapshot()?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let inputs = results(ctx, &place, args, seen)?;
    let what = (&loaded, project, id);
    let append = |ui: &mut Ui, inputs: &[Input]| {
        let appended = append::append(ui, ctx, &place, what, (inputs, &args.job));
        appended.map_err(|error| {
            let exit = append::tell_leaks(ui, error)?;
            ui.hint(format!("launch `{id}` stays open"));
            Ok(exit)
        })
    };
    let appended = match append(ui, &inputs) {
        Ok(appended) => appended,
        Err(told) => return told,
    };
    let read = append::report(ui, &appended);
    let Totals {
        failed: red,
        broken,
        unknown,
        ..
    } = appended.totals;
    if let (Some(code), Exit::Fine, 0) = (failed, &read, red + broken + unknown) {
        match append(ui, &[ending(&args.command, code)]) {
            Ok(appended) => append::report(ui, &appended),
            Err(told) => return told,
        };
    }
    let folder = project.folder.clone();
    let closed = close::close(ui, ctx, &place, &folder, id, closing)?;
    Ok(match read {
        Exit::Fine => closed,
        read => read,
    })
}

/// Tells how a command ended, as an error of the run.
fn ending(command: &[String], code: u8) -> Input {
    let command = command.join(" ");
    let message = format!("The command ended with {code}, and no result tells why: `{command}`");
    let run = serde_json::json!({ "errors": [{ "message": message }] });
    let file = (
        "command-globals.json".to_owned(),
        run.to_string().into_bytes(),
    );
    Input::Told(MemoryBundle::new("exit code of the command", [file]))
}

/// The signal that ended a command, as shells count it into the exit code.
#[cfg(unix)]
fn signal(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    status
        .signal()
        .and_then(|n| u8::try_from(n).ok())
        .unwrap_or(0)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> u8 {
    0
}

/// Runs the command in the folder where this one runs, with its input and output.
fn execute(ctx: &Context, args: &RunArgs, id: &str) -> Result<ExitStatus, CommandError> {
    let (program, rest) = args
        .command
        .split_first()
        .expect("clap wants at least one word");
    let status = Command::new(program)
        .args(rest)
        .current_dir(&ctx.cwd)
        .status();
    status.map_err(|error| {
        CommandError::usage(format!("cannot run `{program}`: {error}")).hint(format!(
            "the launch stays open, without results; throw it away: \
                 `tallybook launch discard {id} --reason TEXT`"
        ))
    })
}

/// The paths that stand now where results are expected, sorted.
fn matching(ctx: &Context, args: &RunArgs) -> Result<Vec<PathBuf>, CommandError> {
    let mut out = Vec::new();
    for pattern in patterns(args) {
        out.append(&mut matches_of(ctx, pattern)?);
    }
    out.sort();
    out.dedup();
    Ok(out)
}

fn patterns(args: &RunArgs) -> Vec<&str> {
    match args.results.as_slice() {
        [] => USUAL.to_vec(),
        given => given.iter().map(String::as_str).collect(),
    }
}

/// The paths that one pattern names now, sorted.
fn matches_of(ctx: &Context, pattern: &str) -> Result<Vec<PathBuf>, CommandError> {
    let literal = ctx.resolve(std::path::Path::new(pattern));
    if literal.exists() {
        return Ok(vec![literal]);
    }
    let base = glob::Pattern::escape(&ctx.cwd.to_string_lossy());
    let absolute = std::path::Path::new(pattern).is_absolute();
    let full = if absolute {
        pattern.to_owned()
    } else {
        format!("{base}/{pattern}")
    };
    let found = glob::glob(&full)
        .map_err(|error| CommandError::usage(format!("`{pattern}` is no pattern: {error}")))?;
    Ok(found.filter_map(Result::ok).collect())
}

/// What the command wrote. Each pattern that was typed and that nothing was written for is a
/// missing input; of the usual places one is enough.
fn results(
    ctx: &Context,
    place: &Place,
    args: &RunArgs,
    seen: &Seen,
) -> Result<Vec<Input>, CommandError> {
    let mut out = Vec::new();
    let mut taken = BTreeSet::new();
    for pattern in patterns(args) {
        let mut written = false;
        for path in matches_of(ctx, pattern)? {
            let name = path.strip_prefix(&ctx.cwd).unwrap_or(&path);
            let name = name.to_string_lossy();
            match ledger::open_input(&path, &name) {
                Ok(bundle) => {
                    let bundle = bundle.without(seen);
                    written |= !bundle.is_empty();
                    if !bundle.is_empty() && taken.insert(path.clone()) {
                        out.push(match ledger::open_archive(&path, &name) {
                            Ok(Some(archive)) => Input::Archive(archive),
                            _ => Input::Folder(bundle.near(place.workdir())),
                        });
                    }
                }
                // What a pattern happens to match is no result; what was named should have been.
                Err(_) if pattern != name => {}
                Err(error) => out.push(Input::Missing(append::absent(&name, error)?)),
            }
        }
        if !written && !args.results.is_empty() {
            out.push(missing(pattern));
        }
    }
    if out.is_empty() {
        out.push(Input::Missing(MissingBundle {
            name: "results".to_owned(),
            problem: format!(
                "the command wrote none in the usual places, {}; name others with `--results`",
                text::ticked(&USUAL, "and")
            ),
        }));
    }
    Ok(out)
}

fn missing(name: &str) -> Input {
    Input::Missing(MissingBundle {
        name: name.to_owned(),
        problem: "the command wrote no such file".to_owned(),
    })
}
