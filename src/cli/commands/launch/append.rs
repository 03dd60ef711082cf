//! `tallybook launch append`

mod told;

use std::path::{Path, PathBuf};

pub(in crate::cli::commands) use self::told::tell_leaks;
pub(super) use self::told::{counts, report};
use super::ci;
use super::close::move_late;
use super::open::{self, OpenArgs};
use super::rights;
use super::share::{self, FollowUp, ShareArgs, Wanted};
use super::there::{ClosedThere, closed_there};
use crate::analysis::secrets;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::place::{self, FoundLaunch, LaunchPlace, Place, ProjectArg, parse_variable};
use crate::cli::ui::Ui;
use crate::ingest::{Bundle, MemoryBundle};
use crate::integrity::Deed;
use crate::ledger::{
    self, AppendError, AppendRequest, Appended, ArchiveBundle, FolderBundle, Guard, MissingBundle,
    OpenState, ShareError, Sharing,
};
use crate::model::{Environment, Job, OpenLaunch};
use crate::store::{Loaded, Project, Snapshot};

/// Append results to an open launch
///
/// Reads folders and files of results: Allure 1 to 3, JUnit XML, CTRF, TRX, NUnit 2 and 3, xUnit.net,
/// `go test -json`, TAP, Playwright JSON, Cucumber JSON and Messages, GoogleTest JSON, libtest and nextest
/// JSON, Robot Framework, pytest-json-report, Mocha, Jest and Vitest JSON, and `dart test`; also in a zip, a
/// tar, or either of gzip and zstd. Formats are told by what is in a file, and a folder may mix them. Prints
/// the counts per status of this append. Whatever could not be read is reported, kept in the launch's account
/// of its input, and ends with 1; what could be salvaged is kept.
///
/// The same append twice changes nothing. What is appended to a closed launch goes into its follow-up:
/// a new launch that has all that the closed one has, and supersedes it when it is closed.
///
/// With `--push` the results go to the remote at once, where the machine that closes the launch takes
/// them from. With `--to` they are written into a folder instead, for CI to carry as an artefact;
/// `launch close --from` takes them from there. Both go without a launch that is open here where
/// `--key` names it.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(
    override_usage = "tallybook launch append [OPTIONS] <LAUNCH> <PATH>...
       tallybook launch append [OPTIONS] --key <KEY> <PATH>...",
    after_long_help = "Examples:
  tallybook launch append 2026-11-22-1843-nightly-4f7k allure-results
  tallybook launch append \"$id\" target/nextest/ci/junit.xml --job unit
  tallybook launch append \"$id\" allure-results --job e2e --env browser=firefox --env os=linux
  tallybook launch append \"$id\" results.ctrf.json allure-results --same-run
  tallybook launch append --key \"$GITHUB_RUN_ID\" --push allure-results.zip
  tallybook launch append --key \"$GITHUB_RUN_ID\" --to results-of-job junit.xml"
)]
pub(crate) struct AppendArgs {
    /// The launch's id, or the beginning of it, unless `--key` is given; then folders and files of
    /// results
    #[arg(value_name = "LAUNCH PATH", required = true)]
    words: Vec<PathBuf>,
    /// The launch that has this key; it is opened where nobody did
    #[arg(short, long)]
    key: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    share: ShareArgs,
    /// Write the results into this folder, for `launch close --from`
    #[arg(long, value_name = "DIR", conflicts_with = "push")]
    to: Option<PathBuf>,
    #[command(flatten)]
    job: JobArgs,
}

/// Which job the results are of.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct JobArgs {
    /// The job that made the results [default: what CI says, else `local`]
    #[arg(short, long, value_name = "NAME")]
    job: Option<String>,
    /// Which attempt of the job, from 1 [default: what CI says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    attempt: Option<u32>,
    /// The job's web address [default: what CI says]
    #[arg(long)]
    url: Option<String>,
    /// A variable of these results, as `browser=firefox`; may be given several times
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = parse_variable)]
    env: Vec<(String, String)>,
    /// All these results are of one run: a test that two formats tell with one outcome counts once
    #[arg(long)]
    same_run: bool,
    /// Let what looks like this kind of secret through, as `jwt`; may be given several times
    #[arg(long, value_name = "NAME", value_parser = parse_shape)]
    pub(super) allow_secret: Vec<&'static str>,
}

impl JobArgs {
    pub(super) fn job(&self, ctx: &Context) -> Job {
        let found = ci::job(&ctx.vars);
        Job {
            name: self.job.clone().unwrap_or(found.name),
            url: self.url.clone().or(found.url),
            attempt: self.attempt.or(found.attempt),
            ..Job::default()
        }
    }

    /// What keeps secrets from the disk: the workspace's patterns, and the shapes that are known.
    fn guard(&self, loaded: &Loaded) -> Result<Guard, CommandError> {
        let redaction = place::redaction(&loaded.workspace)?;
        Ok(Guard::new(redaction, &self.allow_secret))
    }

    /// Refuses what can't be said of one job.
    pub(super) fn check(&self) -> Result<(), CommandError> {
        place::one_value_each(&self.env)
    }

    pub(super) fn environment(&self) -> Environment {
        place::variables(&self.env).into_iter().collect()
    }
}

pub(in crate::cli::commands) fn parse_shape(name: &str) -> Result<&'static str, String> {
    secrets::named(name).map_err(|error| match &error.help {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    })
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &AppendArgs) -> Result<Exit, CommandError> {
    let done = match attempt(ui, ctx, args) {
        // Closed while the results were on their way: they go into its follow-up.
        Err(error) if is_gone(&error) => attempt(ui, ctx, args),
        done => done,
    };
    done.or_else(|error| tell_leaks(ui, error))
}

fn is_gone(error: &CommandError) -> bool {
    let error = error.error.downcast_ref::<AppendError>();
    matches!(error, Some(AppendError::Gone(_)))
}

fn attempt(ui: &mut Ui, ctx: &Context, args: &AppendArgs) -> Result<Exit, CommandError> {
    let (place, snapshot, loaded) = share::load(ctx)?;
    let (wanted, paths) = wanted(args)?;
    args.job.check()?;
    let asked = Asked {
        ctx,
        args,
        remote: args.share.remote(&place)?,
        place: &place,
        snapshot: &snapshot,
        loaded: &loaded,
    };
    let found = asked.find(wanted)?;
    let project = found.project;
    asked.check_rights(project)?;
    let (id, follow_up) = asked.take_up(found)?;
    let inputs = inputs(ctx, &place, paths)?;
    let state = place.open_state(project)?;
    let state = match &args.to {
        Some(folder) => carried(ctx, &state, folder, &id)?,
        None => state,
    };
    let goes_elsewhere = asked.remote.is_some() || args.to.is_some();
    let appending = Appending {
        state: &state,
        project,
        id: &id,
        inputs: &inputs,
        job: &args.job,
        guard: &args.job.guard(&loaded)?,
        shared: goes_elsewhere || state.shared_on(&id)?.is_some(),
    };
    let appended = append_to(ui, ctx, &appending)?;
    ui.out(counts(&appended.totals));
    let exit = report(ui, &appended);
    if !goes_elsewhere {
        warn_alone(ui, &state, &id)?;
    }
    let stays = match &follow_up {
        Some(made) => settle_follow_up(ui, &state, made, &appended)?,
        None => true,
    };
    if stays {
        asked.hand_over(ui, (&state, project), &id, &appended)?;
    }
    Ok(exit)
}

/// An append as it was asked for, and where.
struct Asked<'a> {
    ctx: &'a Context,
    args: &'a AppendArgs,
    /// The remote that takes it, if any is to.
    remote: Option<String>,
    place: &'a Place,
    snapshot: &'a Snapshot,
    loaded: &'a Loaded,
}

impl<'a> Asked<'a> {
    /// Finds the launch. One with a key that nobody opened yet is opened.
    fn find(&self, wanted: Wanted<'_>) -> Result<LaunchPlace<'a>, CommandError> {
        let in_project = &self.args.project;
        let find = |remote| {
            share::find(
                self.place,
                self.loaded,
                self.snapshot,
                wanted,
                in_project,
                remote,
            )
        };
        let (found, key) = match (find(self.remote.as_deref()), &self.args.key) {
            // Where the remote can't be asked, results are kept here all the same; pushing them says why.
            (Err(_), Some(key)) => (find(None), key),
            (found, _) => return found,
        };
        match found {
            Err(error) if error.kind == ErrorKind::Usage => {
                let project = place::project(&self.loaded.workspace, in_project)?;
                self.check_rights(project)?;
                let found = match self.closed_there(project, key)? {
                    Some(there) => {
                        let latest = share::latest(&there.heads, &there.head).clone();
                        FoundLaunch::Closed(Box::new(latest))
                    }
                    None => FoundLaunch::Open(open_by_key(self.ctx, self.args, key)?),
                };
                Ok(LaunchPlace { project, found })
            }
            found => found,
        }
    }

    /// The launch of a key that is closed on the remote, and not here yet. Where the remote can't be asked
    /// nothing is known of it; pushing says why.
    fn closed_there(
        &self,
        project: &Project,
        key: &str,
    ) -> Result<Option<ClosedThere>, CommandError> {
        let Some(remote) = &self.remote else {
            return Ok(None);
        };
        let state = self.place.open_state(project)?;
        let id = ledger::keyed_id(&state, key);
        let sharing = Sharing::new(self.place.repo()?, remote, &state);
        Ok(closed_there(self.place, project, &sharing, &id).unwrap_or(None))
    }

    /// Refuses what may not be pushed, before it is written.
    fn check_rights(&self, project: &Project) -> Result<(), CommandError> {
        match &self.remote {
            Some(_) => rights::check_shared(self.ctx, self.place, project, Deed::Append),
            None => Ok(()),
        }
    }

    /// Returns the launch that takes the part: the one that was found, or its follow-up where that is closed.
    fn take_up(&self, found: LaunchPlace<'_>) -> Result<(String, Option<FollowUp>), CommandError> {
        let (place, snapshot, remote) = (self.place, self.snapshot, self.remote.as_deref());
        match found.found {
            FoundLaunch::Open(id) => Ok((id, None)),
            FoundLaunch::Closed(head) if self.args.to.is_some() => Err(not_carried(&head.file.id)),
            FoundLaunch::Closed(head) => {
                let project = found.project;
                let made = share::follow_up(self.ctx, place, snapshot, project, &head, remote)?;
                Ok((made.id.clone(), Some(made)))
            }
        }
    }

    /// Gives the part to whoever closes the launch elsewhere: by the remote, or in a folder.
    fn hand_over(
        &self,
        ui: &mut Ui,
        (state, project): (&OpenState, &Project),
        id: &str,
        appended: &Appended,
    ) -> Result<(), CommandError> {
        if let Some(remote) = &self.remote {
            let progress = ui.progress("pushing");
            let sharing = Sharing::new(self.place.repo()?, remote, state)
                .by(self.place.identity(self.ctx).ok());
            let is_in_time = match sharing.publish_in_time(id) {
                // Closed from here in the meantime, with the part that was here.
                Err(ShareError::Absent { .. }) => true,
                published => published.map_err(|error| share::kept(error, "the part", id))?,
            };
            drop(progress);
            if !is_in_time {
                self.follow_late(ui, project, &sharing, id)?;
            }
        }
        if let Some(folder) = &self.args.to {
            ui.status(format!(
                "wrote part `{}` of launch `{id}` into `{}`",
                appended.shard,
                folder.display()
            ));
        }
        Ok(())
    }

    /// Moves a part that was shared after its launch was closed into the follow-up. One that was thrown away
    /// meanwhile is open again.
    fn follow_late(
        &self,
        ui: &mut Ui,
        project: &Project,
        sharing: &Sharing<'_>,
        id: &str,
    ) -> Result<(), CommandError> {
        if let Some(there) = closed_there(self.place, project, sharing, id)? {
            let (place, remote) = (self.place, self.remote.as_deref());
            let follow_up = move_late(self.ctx, place, project, id, there.tip, remote)?;
            tell_follow_up(ui, id, &follow_up);
        }
        Ok(())
    }
}

/// A follow-up has all that the closed launch has, and that is not in a folder that is to be carried.
fn not_carried(id: &str) -> CommandError {
    CommandError::usage(format!(
        "launch `{id}` is closed; only its follow-up takes more results, and that can't be carried"
    ))
    .hint("append without `--to`, where the follow-up can be opened")
}

/// Warns of a part that others of a shared launch don't know of.
fn warn_alone(ui: &mut Ui, state: &OpenState, id: &str) -> Result<(), CommandError> {
    if let Some(on) = state.shared_on(id)? {
        ui.warn(format!(
            "launch `{id}` is shared on `{on}`, and this part is here alone: who closes it elsewhere closes it \
             without"
        ));
        ui.hint(format!("push it: `tallybook launch sync {id}`"));
    }
    Ok(())
}

/// Says what follows a closed launch up. One that was opened for what the closed launch has already is
/// taken back; whether it stays.
fn settle_follow_up(
    ui: &mut Ui,
    state: &OpenState,
    made: &FollowUp,
    appended: &Appended,
) -> Result<bool, CommandError> {
    if made.is_new && appended.unchanged {
        ledger::withdraw(state, &made.id, &made.of)?;
        return Ok(false);
    }
    tell_follow_up(ui, &made.of.id, &made.id);
    Ok(true)
}

fn tell_follow_up(ui: &mut Ui, id: &str, follow_up: &str) {
    ui.status(format!(
        "launch `{id}` is closed; its follow-up `{follow_up}` has all that it has, and will supersede it"
    ));
}

/// Opens what was named; what can't be read is an input too, and told.
pub(super) fn inputs(
    ctx: &Context,
    place: &Place,
    paths: &[PathBuf],
) -> Result<Vec<Input>, CommandError> {
    let open = |path: &PathBuf| {
        let name = path.to_string_lossy();
        if let Ok(Some(archive)) = ledger::open_archive(&ctx.resolve(path), &name) {
            return Ok(Input::Archive(archive));
        }
        Ok(match ledger::open_input(&ctx.resolve(path), &name) {
            Ok(bundle) => Input::Folder(bundle.near(place.workdir())),
            Err(error) => Input::Missing(absent(&name, error)?),
        })
    };
    paths.iter().map(open).collect()
}

/// Tells the launch from the paths.
fn wanted(args: &AppendArgs) -> Result<(Wanted<'_>, &[PathBuf]), CommandError> {
    if let Some(key) = &args.key {
        return Ok((Wanted::Key(key), &args.words));
    }
    match args.words.as_slice() {
        [launch, paths @ ..] if !paths.is_empty() => {
            let id = launch.to_str().ok_or_else(|| {
                CommandError::usage(format!("`{}` is no launch's id", launch.display()))
            })?;
            Ok((Wanted::Id(id), paths))
        }
        _ => Err(CommandError::usage("no results are named").hint(
            "name the launch, then folders and files: `tallybook launch append LAUNCH PATH`",
        )),
    }
}

/// Opens the launch of a key that nobody opened yet: where the part goes, and nowhere else.
fn open_by_key(ctx: &Context, args: &AppendArgs, key: &str) -> Result<String, CommandError> {
    let wanted = OpenArgs {
        project: args.project.clone(),
        key: Some(key.to_owned()),
        allow_secret: args.job.allow_secret.clone(),
        ..OpenArgs::default()
    };
    let folder = args.to.as_ref().map(|folder| ctx.resolve(folder));
    Ok(open::open_in(ctx, &wanted, folder.as_deref())?.launch.id)
}

/// Prepares a folder that takes the part: the launch is open in it as it is here.
fn carried(
    ctx: &Context,
    state: &OpenState,
    folder: &Path,
    id: &str,
) -> Result<OpenState, CommandError> {
    let carried = state.in_folder(&ctx.resolve(folder));
    if state.is_open(id) {
        ledger::carry_open(state, &carried, id)?;
    }
    Ok(carried)
}

/// Makes what can't be read a line of the intake; what is no input at all is an error.
pub(super) fn absent(name: &str, error: ledger::InputError) -> Result<MissingBundle, CommandError> {
    let problem = match error {
        ledger::InputError::Missing(_) if name == "-" => {
            return Err(CommandError::usage("results come from files, not from the standard input")
                .hint("write them into a file, and append that".to_owned()));
        }
        ledger::InputError::Missing(_) if name.contains(['*', '?']) => {
            "no file is called so; write the pattern without quotes, and the shell names the files that fit".to_owned()
        }
        ledger::InputError::Missing(_) => "it does not exist".to_owned(),
        ledger::InputError::File(error) => format!("it cannot be read: {}", error.source),
        error @ ledger::InputError::Special(_) => return Err(error.into()),
    };
    Ok(MissingBundle {
        name: name.to_owned(),
        problem,
    })
}

/// What was named: there, or not.
pub(super) enum Input {
    Folder(FolderBundle),
    Archive(ArchiveBundle),
    Missing(MissingBundle),
    /// What this command itself has to tell.
    Told(MemoryBundle),
}

impl Input {
    pub(super) fn bundle(&self) -> &dyn Bundle {
        match self {
            Self::Folder(bundle) => bundle,
            Self::Archive(bundle) => bundle,
            Self::Missing(bundle) => bundle,
            Self::Told(bundle) => bundle,
        }
    }
}

/// Appends inputs to a launch that was just opened here.
pub(super) fn append(
    ui: &mut Ui,
    ctx: &Context,
    place: &Place,
    (loaded, project, id): (&Loaded, &Project, &str),
    (inputs, job): (&[Input], &JobArgs),
) -> Result<Appended, CommandError> {
    let appending = Appending {
        state: &place.open_state(project)?,
        project,
        id,
        inputs,
        job,
        guard: &job.guard(loaded)?,
        shared: false,
    };
    append_to(ui, ctx, &appending)
}

/// All that an append is about.
struct Appending<'a> {
    state: &'a OpenState,
    project: &'a Project,
    id: &'a str,
    inputs: &'a [Input],
    job: &'a JobArgs,
    guard: &'a Guard,
    shared: bool,
}

fn append_to(
    ui: &mut Ui,
    ctx: &Context,
    appending: &Appending<'_>,
) -> Result<Appended, CommandError> {
    let Appending {
        state,
        project,
        id,
        job,
        ..
    } = appending;
    let launch: OpenLaunch = state
        .read(id)?
        .ok_or_else(|| AppendError::Gone((*id).to_owned()))?;
    let bundles: Vec<&dyn Bundle> = appending.inputs.iter().map(Input::bundle).collect();
    place::tell_variables(ui, &job.env, project);
    let settings = project.settings.as_ref().map(|doc| &doc.value);
    let declared = settings.map(|s| s.environment.keys().map(str::to_owned).collect());
    let _progress = ui.progress("reading results");
    Ok(ledger::append(
        state,
        &AppendRequest {
            launch: &launch,
            job: job.job(ctx),
            environment: job.environment(),
            declared: declared.unwrap_or_default(),
            keep: settings.map(|s| s.keep).unwrap_or_default(),
            shared: appending.shared,
            same_run: job.same_run,
            guard: appending.guard,
        },
        &bundles,
    )?)
}
