//! `tallybook render`: the static site.

mod several;
mod since;
mod single;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::report::SiteArg;
use super::review::{Moment, of_commits};
use crate::base::{Timestamp, path as paths, text};
use crate::cli::context::{Context, parse_time};
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::diag::Sources;
use crate::diag::render::short;
use crate::git::{CommitId, Repo};
use crate::site::{self, Changes, Earlier, Options, Projects, SiteError, Step};
use crate::store::{
    CommitFiles, EVIDENCE, Files as _, Memo, Snapshot, SnapshotName, WORKSPACE_FILE,
};

/// Render the review site
///
/// Plain files that open from anywhere: a folder, a static host, a sub-path. The same commit gives
/// the same bytes. A folder that is there is replaced only where it is a rendered site.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook render --out site
  tallybook render --out site --at main
  tallybook render --out site --at main:tallybook
  tallybook render --out site --base-url https://acme.github.io/shop
  tallybook render --out site --since 2026-11-01
  tallybook render shop admin --out site
  tallybook render --out public --public
  tallybook render --out site --project shop --project admin
  tallybook render --single-file 2026-11-22-1843 --out launch.html
  tallybook render --single-file 2026-11-22-1843 --budget 500kB --out -")]
pub(crate) struct RenderArgs {
    /// The folder of a workspace; several become one site, each in a folder of its own [default: the current one]
    #[arg(value_name = "WORKSPACE")]
    workspaces: Vec<PathBuf>,
    /// The folder to write; with `--single-file` the file, or `-` to print it [default: the launch's id and `.html`]
    #[arg(
        short,
        long,
        value_name = "DIR",
        required_unless_present = "single_file"
    )]
    out: Option<PathBuf>,
    /// One closed launch in one file that stands alone, for a mail or a ticket
    #[arg(long, value_name = "LAUNCH", conflicts_with_all = ["public", "changes", "site", "since"])]
    single_file: Option<String>,
    /// How much that file may have, as `500kB` [default: 7MB, for a mail of 10 MB]
    #[arg(long, value_name = "SIZE", value_parser = single::parse_size, requires = "single_file")]
    budget: Option<u64>,
    #[command(flatten)]
    at: AtArg,
    /// Only launches closed since a day or a time, or not in a commit
    #[arg(long, value_name = "REV|DATE")]
    since: Option<String>,
    /// The time that the site speaks of [default: the commit's, or the clock]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    now: Option<Timestamp>,
    #[command(flatten)]
    site: SiteArg,
    #[command(flatten)]
    projects: ProjectsArgs,
    /// How many commits that changed the documentation get a page; 0 for no pages of changes
    #[arg(long, value_name = "N", default_value_t = CHANGES)]
    changes: usize,
}

/// Which projects the site has.
#[derive(Debug, clap::Args)]
struct ProjectsArgs {
    /// Only this project, by key or folder; once for each
    #[arg(long = "project", value_name = "PROJECT", conflicts_with = "public")]
    projects: Vec<String>,
    /// Only projects that say `visibility: public`
    #[arg(long)]
    public: bool,
}

impl ProjectsArgs {
    /// Finds the named projects.
    fn of(&self, snapshot: &Snapshot) -> Result<Projects, CommandError> {
        if self.public {
            return Ok(Projects::Public);
        }
        if self.projects.is_empty() {
            return Ok(Projects::All);
        }
        let loaded = place::load(snapshot)?;
        let mut folders = Vec::with_capacity(self.projects.len());
        for name in &self.projects {
            let wanted = ProjectArg {
                project: Some(name.clone()),
            };
            let project = place::project(&loaded.workspace, &wanted)?;
            folders.push(project.folder.clone());
        }
        Ok(Projects::Folders(folders))
    }
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &RenderArgs) -> Result<Exit, CommandError> {
    let given = args.out.as_deref().unwrap_or(Path::new("."));
    let start = match args.workspaces.as_slice() {
        [] => ctx.clone(),
        [one] => several::at(ctx, one)?,
        _ if args.single_file.is_some() => {
            let error = CommandError::usage("a launch is of one workspace");
            return Err(error.hint("name one workspace with `--single-file`, or none"));
        }
        _ => return several::run(ui, ctx, args, given),
    };
    let place = Place::find(&start)?;
    let snapshot = place.snapshot(&args.at)?;
    idle_templates(ui, &snapshot)?;
    if let Some(launch) = &args.single_file {
        return single::run(ui, ctx, args, launch, (&place, snapshot));
    }
    let now = args
        .now
        .or(matches!(snapshot.name, SnapshotName::WorkingTree).then_some(ctx.now));
    let projects = args.projects.of(&snapshot)?;
    let options = Options {
        // Changes speak of all projects.
        changes: match projects {
            Projects::All => changes(ui, &start, &place, &snapshot, args.changes)?,
            Projects::Public | Projects::Folders(_) => None,
        },
        site: args.site.address()?,
        since: match &args.since {
            Some(since) => Some(since::since(&place, since)?),
            None => None,
        },
        projects,
        earlier: earlier(&place),
        ..Options::default()
    };
    let out = ctx.resolve(given);
    let is_new = !out.exists();
    tell_unavailable(ui, snapshot.unavailable());
    let progress = ui.progress("rendering");
    place.complete(&snapshot)?;
    let snapshot = place.attached(&start, snapshot)?;
    let summary = render(&snapshot, now, options, &out)?;
    drop(progress);
    since::tell_nothing(ui, args, summary.launches);
    if summary.projects == 0 && args.projects.public {
        ui.warn("no project says `visibility: public`, so the site has none");
    }
    ui.out(given.join("index.html").display().to_string());
    ui.status(format!(
        "rendered {} and {} into {}",
        text::count(summary.launches, "launch"),
        text::count(summary.cases, "case"),
        text::count(summary.files, "file"),
    ));
    for damage in &summary.damages {
        ui.warn(format!("left out `{}`: {}", damage.path, damage.message));
    }
    if is_new {
        hint_ignored(ui, &place, &out);
    }
    Ok(Exit::Fine)
}

/// Says how git leaves a new site out where it would take it for something to commit.
fn hint_ignored(ui: &mut Ui, place: &Place, out: &Path) {
    let repo = place.repo.as_ref().filter(|repo| repo.workdir().is_some());
    let root = place::real(place.workdir());
    let below = place::real(out);
    let below = below.strip_prefix(&root).ok().and_then(paths::from_native);
    let (Some(repo), Some(below)) = (repo, below.filter(|below| !below.is_empty())) else {
        return;
    };
    if repo
        .is_ignored(&paths::join(&below, "index.html"))
        .is_ok_and(|ignored| !ignored)
    {
        let line = text::sanitize_line(&format!("/{below}/"));
        ui.hint(format!(
            "git does not leave the site out: a line `{line}` in `.gitignore` does, sites are rendered, not committed"
        ));
    }
}

/// The settings of a workspace, and git's about it.
const FILES: [&str; 2] = [WORKSPACE_FILE, ".gitattributes"];

/// How many commits that changed the documentation get a page unless told.
pub(crate) const CHANGES: usize = 20;

/// Reviews the latest commits that changed the documentation; none where there are no commits.
pub(crate) fn changes(
    ui: &mut Ui,
    ctx: &Context,
    place: &Place,
    snapshot: &Snapshot,
    most: usize,
) -> Result<Option<Changes>, CommandError> {
    let (Some(repo), Some(tip)) = (&place.repo, tip(place, snapshot)?) else {
        return Ok(None);
    };
    if most == 0 {
        return Ok(None);
    }
    let progress = ui.progress("reading changes");
    let touched = repo.touched(tip, &place.prefix, &FILES, &EVIDENCE, most)?;
    let mut steps = Vec::with_capacity(touched.commits.len());
    // Where closed launches have a branch to themselves, all moments are seen beside the same ones.
    let apart = snapshot.apart.as_ref().and_then(|apart| apart.commit);
    let at = |commit: &CommitId| AtArg {
        at: Some(match apart {
            Some(launches) => format!("{commit}:{launches}"),
            None => commit.to_string(),
        }),
    };
    let mut memo = Memo::default();
    let mut earlier: Option<Moment> = None;
    for (commit, base) in touched.commits.iter().rev() {
        // Between two of these commits the documentation is the same.
        let before = match &earlier {
            Some(earlier) => earlier.beside(place, at(base))?,
            None => Moment::read(place, at(base), &mut memo)?,
        };
        let after = Moment::read(place, at(commit), &mut memo)?;
        let brief = of_commits(ui, ctx, place, (*base, &before), (*commit, &after))?;
        let info = repo.commit_info(*commit)?;
        steps.push(Step {
            commit: commit.to_string(),
            at: info.time,
            by: info.author.name,
            subject: text::first_line(&info.message),
            brief,
        });
        earlier = Some(after);
    }
    drop(progress);
    steps.reverse();
    let later = touched.later.into_iter();
    Ok(Some(Changes {
        steps,
        later: later.map(|(id, n)| (id.to_string(), n)).collect(),
        is_cut: touched.is_cut,
    }))
}

/// The documentation of this repository's commits.
#[derive(Debug)]
struct Committed {
    repo: Repo,
    prefix: String,
}

impl Earlier for Committed {
    fn read(&self, commit: &str, path: &str) -> Option<String> {
        let is_id = commit.len() >= 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
        let commit: CommitId = self.repo.resolve(is_id.then_some(commit)?).ok()?;
        let files = CommitFiles::at(&self.repo, commit, &self.prefix).ok()?;
        String::from_utf8(files.read(path).ok()??).ok()
    }
}

/// Returns what says how the documentation stood when launches were closed; none without commits.
pub(crate) fn earlier(place: &Place) -> Option<Arc<dyn Earlier>> {
    let repo = place.repo.clone()?;
    let prefix = place.prefix.clone();
    Some(Arc::new(Committed { repo, prefix }))
}

/// Returns the latest commit of a snapshot's documentation; none where there are no commits.
pub(crate) fn tip(place: &Place, snapshot: &Snapshot) -> Result<Option<CommitId>, CommandError> {
    Ok(match (&snapshot.name, &place.repo) {
        (SnapshotName::Commit { id, .. }, _) => CommitId::parse(id),
        (SnapshotName::WorkingTree, Some(repo)) => repo.head()?.commit,
        (SnapshotName::WorkingTree, None) => None,
    })
}

/// Renders a snapshot into a folder; `now` is the commit's time unless given.
pub(crate) fn render(
    snapshot: &Snapshot,
    now: Option<Timestamp>,
    options: Options,
    out: &Path,
) -> Result<site::Rendered, CommandError> {
    let now = match (&snapshot.name, now) {
        (_, Some(now)) => now,
        (SnapshotName::Commit { time, .. }, None) => *time,
        (SnapshotName::WorkingTree, None) => {
            return Err(CommandError::internal(
                "a working tree has no time of its own",
            ));
        }
    };
    of_site(site::render_snapshot(snapshot, now, options, out))
}

/// Makes an error of what a site failed with; a template of the workspace that doesn't work is a finding.
pub(crate) fn of_site<T>(made: Result<T, SiteError>) -> Result<T, CommandError> {
    made.map_err(|error| match error.finding() {
        Some((finding, sources)) => {
            let said = short(std::slice::from_ref(&finding), &sources);
            CommandError {
                kind: ErrorKind::Finding,
                ..CommandError::usage(said.trim_end())
            }
            .hint(format!("`tallybook explain {}` says more", finding.code.id))
        }
        None => error.into(),
    })
}

/// Says which files among a workspace's templates do nothing, and what is wrong with its texts.
fn idle_templates(ui: &mut Ui, snapshot: &Snapshot) -> Result<(), CommandError> {
    let findings = site::idle_templates(&*snapshot.docs).map_err(SiteError::from)?;
    for line in short(&findings, &Sources::default()).lines() {
        ui.warn(line);
    }
    let (findings, sources) = site::text_findings(&*snapshot.docs).map_err(SiteError::from)?;
    for line in short(&findings, &sources).lines() {
        ui.warn(line);
    }
    Ok(())
}
