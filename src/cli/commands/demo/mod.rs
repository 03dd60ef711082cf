//! `tallybook demo`: a playground with real history.

mod embedded;
mod round;
mod script;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::script::{ChangeScript, JobScript, LaunchScript, Script};
use crate::analysis::redaction::Redaction;
use crate::base::{Timestamp, files, text};
use crate::cli::commands::render;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, Place};
use crate::cli::ui::Ui;
use crate::git::{ChangeSet, CommitId, CommitRequest, Identity, Repo};
use crate::ingest::{Bundle, MemoryBundle};
use crate::integrity::{self, VerifyOptions};
use crate::ledger::{
    self, AppendRequest, CloseRequest, Guard, LaunchesBranch, OpenRequest, OpenState,
};
use crate::model::{Job, Source};
use crate::site;
use crate::store::attachments::AttachmentStore;
use crate::store::{Loaded, Project, Snapshot};

/// Make a playground: two projects, twenty closed launches, one to execute, a rendered site
///
/// The folder becomes a git repository of its own. One project is a web shop with manual and
/// automated cases; the other holds twelve real runs of an open-source suite. Every launch is
/// opened, appended to, closed by a commit and verified, as a team would do it; one more is open,
/// planned and half executed, for you to go on. Nothing of your git configuration is used or changed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook demo playground
  cd playground && tallybook verify")]
pub(crate) struct DemoArgs {
    /// The folder to make; run again, only a folder that this made is replaced
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Marks a repository that this command made, below its git directory.
const MARKER: &str = "tallybook/demo";
const BRANCH: &str = "refs/heads/main";

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &DemoArgs) -> Result<Exit, CommandError> {
    let root = ctx.resolve(&args.folder);
    clear(&root)?;
    let Script {
        documentation,
        launches,
    } = script::read()?;
    let archives = embedded::archives(launches.iter().flat_map(|launch| &launch.jobs))?;
    let repo = Repo::init(&root, "main")?;
    files::write(&repo.git_dir().join(MARKER), b"made by `tallybook demo`\n")?;
    let first = launches.first().map_or(ctx.now, |launch| launch.opened);
    commit_beginning(
        &repo,
        &documentation,
        Timestamp::from_ms(first.ms() - DAY_MS),
    )?;
    ui.status(format!("made a repository in {}", args.folder.display()));
    let mut documented = Documented::read(&repo)?;
    let mut changes = documentation.iter().peekable();
    for (number, launch) in launches.iter().enumerate() {
        while let Some(change) = changes.next_if(|change| change.at <= launch.opened) {
            commit_change(&repo, change)?;
            documented = Documented::read(&repo)?;
            ui.status(format!("committed: {}", change.subject));
        }
        let closed = play(&repo, &documented, launch, number as u64, &archives)?;
        let counts = crate::analysis::verdict::counts(&closed.file.totals);
        ui.status(format!(
            "closed {}/{}: {counts}",
            launch.project, closed.file.name
        ));
    }
    verify(ui, &repo)?;
    let tip = tip(&repo)?;
    let folder = root.join("site");
    let snapshot = Snapshot::at_commit(&repo, tip, "").map_err(place::store_error)?;
    let place = Place::around(ctx, root, Some(repo))?;
    let (open, who) = round::open(ui, ctx, (&place, &snapshot), &launches, &archives)?;
    ui.status(format!(
        "opened `{open}`, which people and tests fill by one plan"
    ));
    let options = site::Options {
        changes: render::changes(ui, ctx, &place, &snapshot, render::CHANGES)?,
        earlier: render::earlier(&place),
        ..site::Options::default()
    };
    render::render(&snapshot, None, options, &folder)?;
    let shown = args.folder.join("site").join("index.html");
    ui.out(format!("open {}", shown.display()));
    ui.hint(format!(
        "execute a case: `cd {} && tallybook execute {open} --as {who}`",
        args.folder.display()
    ));
    ui.hint(format!(
        "look around: `cd {}`, then `git log --stat`",
        args.folder.display()
    ));
    Ok(Exit::Fine)
}

const DAY_MS: i64 = 86_400_000;

/// Removes what an earlier run made; refuses a folder that holds anything else. The folder itself
/// stays, for whoever works in it, and the marker goes last.
fn clear(root: &Path) -> Result<(), CommandError> {
    let git = root.join(".git");
    if git.join(MARKER).is_file() {
        let made = files::list_dir(root)?.into_iter().map(|entry| entry.path());
        for path in made.filter(|path| *path != git) {
            match path.is_dir() && !path.is_symlink() {
                true => files::remove_dir(&path)?,
                false => files::remove_file(&path)?,
            }
        }
        return Ok(files::remove_dir(&git)?);
    }
    if root.is_file() || !files::list_dir(root)?.is_empty() {
        let message = format!(
            "`{}` exists and was not made by `tallybook demo`",
            root.display()
        );
        return Err(CommandError::usage(message).hint("name a folder that isn't there yet"));
    }
    Ok(())
}

/// The documentation of a moment.
struct Documented {
    commit: CommitId,
    loaded: Loaded,
}

impl Documented {
    fn read(repo: &Repo) -> Result<Self, CommandError> {
        let commit = tip(repo)?;
        let snapshot = Snapshot::at_commit(repo, commit, "").map_err(place::store_error)?;
        let loaded = place::load(&snapshot)?;
        Ok(Self { commit, loaded })
    }
}

fn tip(repo: &Repo) -> Result<CommitId, CommandError> {
    let tip = repo.head()?.commit;
    tip.ok_or_else(|| CommandError::internal("nothing was committed"))
}

fn commit_beginning(
    repo: &Repo,
    later: &[ChangeScript],
    time: Timestamp,
) -> Result<(), CommandError> {
    let identity = Identity {
        name: "Tallybook demo".to_owned(),
        email: "demo@example.com".to_owned(),
    };
    let changed = later.iter().flat_map(|change| &change.files);
    let changed: Vec<&str> = changed.map(String::as_str).collect();
    let mut files = embedded::beginning(&changed);
    files.push((".gitignore".to_owned(), b"/site/\n".to_vec()));
    commit(repo, (identity, time), "Set up the workspace", &files)
}

fn commit_change(repo: &Repo, change: &ChangeScript) -> Result<(), CommandError> {
    let files = change.files.iter().map(|path| {
        let bytes = embedded::file(path)?;
        Ok((path.clone(), bytes.to_vec()))
    });
    let files: Vec<(String, Vec<u8>)> = files.collect::<Result<_, CommandError>>()?;
    let by = script::identity(&change.by)?;
    commit(repo, (by, change.at), &change.subject, &files)
}

fn commit(
    repo: &Repo,
    (by, time): (Identity, Timestamp),
    subject: &str,
    files: &[(String, Vec<u8>)],
) -> Result<(), CommandError> {
    let request = CommitRequest {
        branch: BRANCH.to_owned(),
        author: by.clone(),
        committer: by,
        time,
        own: None,
        sign: false,
    };
    repo.commit(&request, &mut |_| {
        let mut changes = ChangeSet::new(format!("{subject}\n"));
        for (path, bytes) in files {
            changes.write(path.clone(), bytes.clone());
        }
        Ok(changes)
    })?;
    Ok(())
}

/// Opens, fills and closes one launch, each step at its time.
fn play(
    repo: &Repo,
    documented: &Documented,
    script: &LaunchScript,
    number: u64,
    archives: &BTreeMap<String, MemoryBundle>,
) -> Result<ledger::Closed, CommandError> {
    let project = documented.loaded.workspace.project(&script.project);
    let project = project.ok_or_else(|| {
        CommandError::internal(format!("there is no project `{}`", script.project))
    })?;
    let key = place::key(project)?;
    let state = OpenState::new(repo.common_dir(), "", &key);
    let opened = ledger::open(
        &state,
        OpenRequest {
            project: key,
            name: Some(script.name.clone()),
            key: None,
            tags: script.tags.clone(),
            links: Vec::new(),
            source: Source {
                repository: script.source.repository.clone(),
                branch: script.source.branch.clone(),
                commit: script.source.commit.clone(),
                pull_request: None,
            },
            environment: Default::default(),
            expect: script.jobs.iter().map(|job| job.name.clone()).collect(),
            plan: None,
            baseline: None,
            supersedes: None,
            now: script.opened,
            backfill: None,
            by: Some(script.by.clone()),
            random: number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20,
            cut: false,
        },
        &Guard::new(Redaction::default(), &[]),
    )?;
    for job in &script.jobs {
        append(&state, project, &opened.launch, job, archives)?;
    }
    let request = CloseRequest {
        launch: opened.launch.id,
        workspace: String::new(),
        branch: LaunchesBranch {
            name: BRANCH.to_owned(),
            own: false,
            documentation: Vec::new(),
        },
        identity: script::identity(&script.by)?,
        now: script.closed,
        reason: None,
        meaning: None,
        accept_loss: Vec::new(),
        expect: Vec::new(),
        allow_unfinished: None,
        documentation: Some(documented.commit.to_string()),
        version: crate::cli::VERSION.to_owned(),
        attachments: AttachmentStore::Git,
        signing: ledger::Signing::default(),
    };
    Ok(ledger::close(repo, &state, project, &request)?)
}

fn append(
    state: &OpenState,
    project: &Project,
    launch: &crate::model::OpenLaunch,
    job: &JobScript,
    archives: &BTreeMap<String, MemoryBundle>,
) -> Result<(), CommandError> {
    let own;
    let bundle: &dyn Bundle = match &job.input {
        Some(input) => {
            own = embedded::input(input)?;
            &own
        }
        None => archives
            .get(&job.archive_key())
            .ok_or_else(|| CommandError::internal(format!("job `{}` has no input", job.name)))?,
    };
    let settings = project.settings.as_ref().map(|doc| &doc.value);
    let request = AppendRequest {
        launch,
        job: Job {
            name: job.name.clone(),
            ..Job::default()
        },
        environment: job.environment.clone(),
        declared: settings
            .map(|s| s.environment.keys().map(str::to_owned).collect())
            .unwrap_or_default(),
        keep: settings.map(|s| s.keep).unwrap_or_default(),
        shared: false,
        same_run: false,
        guard: &Guard::new(Redaction::default(), &[]),
    };
    let appended = ledger::append(state, &request, &[bundle])?;
    match appended
        .intake
        .iter()
        .find_map(|line| line.problem.as_ref())
    {
        None => Ok(()),
        Some(problem) => Err(CommandError::internal(format!(
            "job `{}`: {problem}",
            job.name
        ))),
    }
}

fn verify(ui: &mut Ui, repo: &Repo) -> Result<(), CommandError> {
    let options = VerifyOptions {
        receipt: None,
        complete: true,
        ..VerifyOptions::default()
    };
    let report = integrity::verify(Some(repo), &options)?;
    if !report.ok {
        return Err(CommandError::internal("the demo's launches do not verify"));
    }
    let launches = text::count(report.launches as u64, "closed launch");
    ui.status(format!("verified {launches}"));
    Ok(())
}
