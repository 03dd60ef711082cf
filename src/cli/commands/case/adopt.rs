//! `tallybook case adopt`

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::desk::{Desk, WriteArgs, case_error, finish};
use super::view::{DerivedTest, derived};
use crate::analysis::matching::{Match, Matcher, selects};
use crate::analysis::subjects::{LaunchState, LaunchSubject, Of};
use crate::author::case::{Adopting, CaseChange, adopt, update};
use crate::base::path as paths;
use crate::base::text::{count, line};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, FoundLaunch, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::git::CommitId;
use crate::ledger::{self, AmendRequest, Launch};
use crate::model::{Case, Step, TestResult};
use crate::query;
use crate::store::{self, CommitFiles, Doc, Files, Project, Snapshot, SnapshotName};

/// Make case files of tests that have none
///
/// Each gets an id, the test's full name as its selector, and fields, links, description and steps as its
/// results say them; `documentation` in `project.yaml` says which labels count and which launches may touch
/// cases. History goes on: closed launches are matched by today's files.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("which").required(true).multiple(true).args(["tests", "query", "all", "update"])),
    after_long_help = "Examples:
  tallybook case adopt --all
  tallybook case adopt --from 2026-11-22-1843-nightly-4f7k --query 'suite = checkout' --branch adopt
  tallybook case adopt 'tests.search.*' --section search
  tallybook case adopt --latest 5 --all --dry-run
  tallybook case adopt --update --from 2026-11-22-1843-nightly-4f7k"
)]
pub(super) struct AdoptArgs {
    /// Tests: full names, `*` for any characters, or ids of results
    #[arg(value_name = "TEST")]
    tests: Vec<String>,
    /// A query of results
    #[arg(long, value_name = "QUERY")]
    query: Option<String>,
    /// All that have no case file
    #[arg(long, conflicts_with_all = ["tests", "query"])]
    all: bool,
    /// Bring into cases that are there what their results say: fields that results win, and those that the
    /// file leaves out
    #[arg(long)]
    update: bool,
    /// Of this launch; may be repeated [default: the latest that is closed]
    #[arg(long = "from", value_name = "LAUNCH", conflicts_with = "latest")]
    from: Vec<String>,
    /// Of so many closed launches, the latest ones
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    latest: Option<u16>,
    /// The section that the files go to [default: as results name their suites]
    #[arg(short, long, value_name = "SECTION")]
    section: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    write: WriteArgs,
}

/// A test and what a result of it says.
#[derive(Debug)]
struct Candidate {
    result: TestResult,
    steps: Vec<Step>,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &AdoptArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(ctx, &args.write.branch)?;
    let snapshot = desk.place.with_its_launches(desk.snapshot.clone())?;
    let workspace = &desk.loaded.workspace;
    let none = AtArg::default();
    let mut project = None;
    let mut founds: Vec<FoundLaunch> = Vec::new();
    for wanted in &args.from {
        let found = place::launch(
            &desk.place,
            workspace,
            &snapshot,
            wanted,
            &args.project,
            &none,
        )?;
        if project.is_some_and(|known: &Project| known.folder != found.project.folder) {
            let message = "the launches are of different projects: adopt from one at a time";
            return Err(CommandError::usage(message));
        }
        project = Some(found.project);
        founds.push(found.found);
    }
    let project = match project {
        Some(project) => project,
        None => place::project(workspace, &args.project)?,
    };
    place::key(project)?;
    let reader = Reader::new(&desk.place, &snapshot, project, &none, ctx.now)?;
    let launches = launches(&reader, args, &founds)?;
    for launch in &launches {
        may_touch(ctx, project, launch)?;
    }
    let mut damages = Vec::new();
    let mut candidates: BTreeMap<String, Candidate> = BTreeMap::new();
    let mut fitting = BTreeSet::new();
    for launch in &launches {
        let query = args.query.as_deref().unwrap_or_default();
        let Some(found) = derived(ui, ctx, &desk.place, &reader, launch, query)? else {
            return Ok(Exit::CouldNotRun);
        };
        damages.extend(found.damages);
        let wanted = args.all || args.query.is_some() || !args.tests.is_empty();
        let tests = found
            .tests
            .iter()
            .filter(|test| wanted && is_named(launch, test, &args.tests, &mut fitting));
        for (name, candidate) in read(&snapshot, launch, tests)? {
            candidates.entry(name).or_insert(candidate);
        }
    }
    if let Some(missing) = args.tests.iter().find(|name| !fitting.contains(*name)) {
        let message = format!("no test without a case file fits `{}`", line(missing, 200));
        let error = CommandError::usage(message);
        return Err(error.hint("`tallybook case list --derived` lists them"));
    }
    let tests: Vec<Adopting<'_>> = candidates.values().map(Candidate::adopting).collect();
    let section = args.section.as_deref();
    let mut change = adopt(project, &tests, section, ctx.seed()).map_err(case_error)?;
    if args.update {
        let updated = updated(project, &snapshot, &launches)?;
        change = joined(change, updated);
    }
    let lacks = reader.tell_damages(ui, &damages);
    tell_unavailable(ui, snapshot.unavailable());
    let exit = finish(ui, ctx, &desk, &args.write, &change)?;
    Ok(if lacks { Exit::Findings } else { exit })
}

/// Returns the launches that were named, else the latest closed ones, newest first.
fn launches(
    reader: &Reader<'_>,
    args: &AdoptArgs,
    founds: &[FoundLaunch],
) -> Result<Vec<Launch>, CommandError> {
    if !founds.is_empty() {
        let mut out: Vec<Launch> = Vec::new();
        for found in founds {
            out.push(reader.launch(found)?);
        }
        out.sort_by(|a, b| (b.opened.at, &b.id).cmp(&(a.opened.at, &a.id)));
        return Ok(out);
    }
    let superseded = ledger::superseded(&reader.heads);
    let heads = reader.heads.iter().rev();
    let heads = heads.filter(|head| !superseded.contains(head.file.id.as_str()));
    let mut out = Vec::new();
    for head in heads.take(usize::from(args.latest.unwrap_or(1))) {
        out.push(reader.closed(head)?);
    }
    match out.is_empty() {
        true => {
            let error = CommandError::usage("no launch is closed, so there are no results");
            let error = error.hint("name an open one: `--from LAUNCH`");
            Err(place::unseen(reader.snapshot, error))
        }
        false => Ok(out),
    }
}

/// Refuses launches that the project lets say nothing for cases.
fn may_touch(ctx: &Context, project: &Project, launch: &Launch) -> Result<(), CommandError> {
    match allows(ctx, project, launch)? {
        true => Ok(()),
        false => {
            let error = CommandError::usage(format!(
                "launch `{}` may not touch cases: it does not fit `documentation.launches` of the project",
                launch.id
            ));
            Err(error.hint("name another launch, or change the query in `project.yaml`"))
        }
    }
}

/// Whether a project lets results of a launch say something for cases.
fn allows(ctx: &Context, project: &Project, launch: &Launch) -> Result<bool, CommandError> {
    let settings = project.settings.as_ref();
    let Some(text) = settings.and_then(|doc| doc.value.documentation.launches.as_deref()) else {
        return Ok(true);
    };
    let context = query::Context {
        now: ctx.now,
        user: None,
    };
    let bound = query::parse(text).map_err(|problem| vec![problem]);
    let bound = bound.and_then(|query| query.bind(Of::Launches.schema(), &context));
    let bound = bound.map_err(|problems| {
        let why = problems.first().map(|problem| problem.message.clone());
        CommandError::usage(format!(
            "`documentation.launches` in `project.yaml` is no query of launches: {}",
            why.unwrap_or_default()
        ))
        .hint("`tallybook validate` shows the place")
    })?;
    let state = match &launch.closing {
        Some(closing) => LaunchState::Closed {
            closed: &closing.closed,
            receipt: closing.receipt,
        },
        None => LaunchState::Open,
    };
    let subject = LaunchSubject {
        id: &launch.id,
        name: &launch.name,
        project: &launch.project,
        state,
        tags: &launch.tags,
        links: &launch.links,
        jobs: &launch.jobs,
        environment: &launch.environment,
        source: &launch.source,
        opened: &launch.opened,
        supersedes: launch.supersedes.as_deref(),
        superseded: false,
        totals: &launch.totals,
    };
    Ok(!bound.select(&[subject]).is_empty())
}

/// Whether a test is among those that were named; all are where none was.
fn is_named(
    launch: &Launch,
    test: &DerivedTest,
    named: &[String],
    fitting: &mut BTreeSet<String>,
) -> bool {
    let full_name = test.full_name.as_deref().unwrap_or_default();
    let fits = |wanted: &&String| {
        let is_result = |at: &usize| {
            let outcome = &launch.outcomes[*at];
            outcome.id == **wanted || outcome.retries.contains(wanted)
        };
        selects(wanted, full_name) || test.outcomes.iter().any(is_result)
    };
    let found: Vec<&String> = named.iter().filter(fits).collect();
    fitting.extend(found.iter().map(|name| (*name).clone()));
    named.is_empty() || !found.is_empty()
}

/// Reads what results say of tests, by full name.
fn read<'t>(
    snapshot: &Snapshot,
    launch: &Launch,
    tests: impl Iterator<Item = &'t DerivedTest>,
) -> Result<Vec<(String, Candidate)>, CommandError> {
    let wanted: Vec<(&DerivedTest, &str)> = tests
        .filter_map(|test| {
            let outcome = &launch.outcomes[*test.outcomes.first()?];
            Some((test, outcome.id.as_str()))
        })
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let ids: HashSet<&str> = wanted.iter().map(|(_, id)| *id).collect();
    let files = snapshot.launches.as_ref();
    let rows = launch.some_rows(files, &ids)?;
    let mut steps = launch.steps(files, &ids)?;
    let mut out = Vec::new();
    for (test, id) in wanted {
        let row = rows.get(id).map(|(_, row)| row.clone());
        let mut result = row.unwrap_or_else(|| {
            let outcome = &launch.outcomes[test.outcomes[0]];
            ledger::stand_in(launch, outcome)
        });
        // Of one test with several rows of parameters, they are no part of the title.
        if let (true, Some((name, _))) = (test.outcomes.len() > 1, result.name.split_once('[')) {
            result.name = name.trim_end().to_owned();
        }
        let name = test
            .full_name
            .clone()
            .unwrap_or_else(|| test.digest.clone());
        let steps = steps.remove(id).unwrap_or_default();
        out.push((name, Candidate { result, steps }));
    }
    Ok(out)
}

impl Candidate {
    fn adopting(&self) -> Adopting<'_> {
        Adopting {
            result: &self.result,
            steps: &self.steps,
            older: &[],
        }
    }
}

/// Returns the change that brings into cases what their results say, those of the newest launch that has any.
fn updated(
    project: &Project,
    snapshot: &Snapshot,
    launches: &[Launch],
) -> Result<CaseChange, CommandError> {
    let matcher = Matcher::new(project.cases.iter().map(|doc| &doc.value));
    let mut results: BTreeMap<&str, (&Doc<Case>, TestResult)> = BTreeMap::new();
    for launch in launches {
        let mut wanted: BTreeMap<&str, (&Doc<Case>, &str)> = BTreeMap::new();
        for outcome in &launch.outcomes {
            let stored = outcome.case.as_deref().and_then(|case| project.case(case));
            let identity = launch.tests().get(&outcome.test);
            let today = || {
                let identity = identity?;
                let case = matcher.case(&identity.ids, identity.full_name.as_deref())?;
                project.case(&case)
            };
            if let Some(doc) = stored.or_else(today) {
                wanted.entry(&doc.path).or_insert((doc, &outcome.id));
            }
        }
        wanted.retain(|path, _| !results.contains_key(path));
        let ids: HashSet<&str> = wanted.values().map(|(_, id)| *id).collect();
        let rows = launch.some_rows(snapshot.launches.as_ref(), &ids)?;
        for (path, (doc, id)) in wanted {
            if let Some((_, row)) = rows.get(id) {
                results.insert(path, (doc, row.clone()));
            }
        }
    }
    let results: Vec<(&Doc<Case>, &TestResult)> =
        results.values().map(|(doc, row)| (*doc, row)).collect();
    update(project, &results).map_err(case_error)
}

fn joined(mut adopted: CaseChange, updated: CaseChange) -> CaseChange {
    if adopted.changes.edits.is_empty() {
        adopted.changes.message.clone_from(&updated.changes.message);
    } else if !updated.changes.edits.is_empty() {
        let (new, old) = (adopted.cases.len() as u64, updated.cases.len() as u64);
        adopted.changes.message = format!(
            "Adopt {}, and take fields of {} from results",
            count(new, "case"),
            count(old, "other")
        );
    }
    adopted.cases.extend(updated.cases);
    adopted.said.extend(updated.said);
    adopted.changes.edits.extend(updated.changes.edits);
    adopted
}

/// Makes case files of the tests of a launch that was closed just now, on the branch that took the closing.
/// `query` says of which; an empty one of all.
pub(in crate::cli::commands) fn adopt_on_closing(
    ui: &mut Ui,
    ctx: &Context,
    place: &Place,
    (folder, id, closing): (&str, &str, CommitId),
    request: &AmendRequest,
    text: &str,
) -> Result<Exit, CommandError> {
    let at = AtArg {
        at: Some(closing.to_string()),
    };
    let snapshot = place.snapshot(&at)?;
    let loaded = place::load(&snapshot)?;
    let wanted = ProjectArg {
        project: Some(folder.to_owned()),
    };
    let project = place::project(&loaded.workspace, &wanted)?;
    let reader = Reader::new(place, &snapshot, project, &at, ctx.now)?;
    let head = reader.heads.iter().find(|head| head.file.id == id);
    let head =
        head.ok_or_else(|| CommandError::internal("a closed launch is not in its commit"))?;
    let launch = reader.closed(head)?;
    if !allows(ctx, project, &launch)? {
        ui.status(
            "nothing was adopted: the launch does not fit `documentation.launches` of the project",
        );
        return Ok(Exit::Fine);
    }
    let Some(found) = derived(ui, ctx, place, &reader, &launch, text)? else {
        return Ok(Exit::CouldNotRun);
    };
    let candidates = read(&snapshot, &launch, found.tests.iter())?;
    let repo = place.repo()?;
    let mut said = CaseChange::default();
    let amended = ledger::amend(repo, request, &mut |tip| {
        let files: Arc<dyn Files> = Arc::new(CommitFiles::of_tip(repo, tip, &place.prefix));
        let now = Snapshot::of(files, SnapshotName::WorkingTree);
        let loaded = store::load(&now)?;
        let projects = loaded.workspace.projects.iter();
        let mut same = projects.filter(|project| project.folder == folder);
        let project = same.next().ok_or("the project is gone from the branch")?;
        // Another closing may have adopted some of them meanwhile.
        let matcher = Matcher::new(project.cases.iter().map(|doc| &doc.value));
        let tests = candidates.iter().map(|(_, candidate)| candidate.adopting());
        let tests = tests.filter(|test| {
            let result = test.result;
            matcher.find(&result.ids, result.full_name.as_deref()) == Match::None
        });
        let tests: Vec<Adopting<'_>> = tests.collect();
        said = adopt(project, &tests, None, ctx.seed())?;
        let mut changes = said.changes.clone();
        for edit in &mut changes.edits {
            edit.path = paths::join(&place.prefix, &edit.path);
        }
        Ok(changes)
    });
    let amended = amended.map_err(|error| {
        let is_refused = matches!(error, ledger::AmendError::NotAllowed(_));
        let error = CommandError::from(error);
        CommandError {
            kind: match is_refused {
                true => ErrorKind::Finding,
                false => error.kind,
            },
            ..error
        }
        .hint(format!(
            "the launch is closed, and nothing was adopted; `tallybook case adopt --from {id} --all --branch \
             adopt-cases` prepares it for a review"
        ))
    })?;
    match amended.commit.filter(|_| !said.cases.is_empty()) {
        Some(commit) => {
            let cases = count(said.cases.len() as u64, "case");
            ui.status(format!("adopted {cases}, committed as {}", commit.short()));
        }
        None => ui.status("no test without a case file was to adopt"),
    }
    let lacks = reader.tell_damages(ui, &found.damages);
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}
