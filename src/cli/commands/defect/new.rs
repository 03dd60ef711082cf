//! `tallybook defect new`

use super::defect_error;
use crate::analysis::Row;
use crate::analysis::clusters::{Failure, clusters, matchers};
use crate::analysis::resolve::{Resolver, compile};
use crate::author::{self, NewDefect};
use crate::base::Timestamp;
use crate::base::text::{self, count, sanitize_line, thousands};
use crate::cli::change::{BranchArg, Onto, carry_out, workspace};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::newest::Newest;
use crate::cli::pick;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::ui::Ui;
use crate::ledger::{self, Launch, Rows};
use crate::model::{Defect, DefectState, Job, Link, Matcher, Outcome, Status, TestResult};
use crate::store::Project;

/// Make a defect of a failure
///
/// The matcher is proposed from all failures of the launch that equal this one: their message, numbers,
/// ids and folders being open; where the message says too little, the frame nearest to the failure; where
/// there is neither, the tests' names. What it matches in the launch is told. The file is yours to edit.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook defect new --from 2026-11-22-1843-nightly-4f7k/4f7k3a2b9c1d0e5f
  tallybook defect new --from 2026-11-22/4f7k --title \"The sandbox is down\" --link WEB-812
  tallybook defect new --from 2026-11-22/4f7k --matcher 'message=503 Service' --branch known-503
  tallybook defect new --title \"Cards are refused\" --matcher 'message=refused: \\d+'")]
pub(super) struct NewArgs {
    /// The failure: a launch and one of its results, or the beginnings of their ids
    #[arg(long, value_name = "LAUNCH/RESULT", required_unless_present = "title")]
    from: Option<String>,
    /// What the problem is [default: the message's first line]
    #[arg(long)]
    title: Option<String>,
    /// The member who answers for it [default: you]
    #[arg(long, value_name = "MEMBER")]
    owner: Option<String>,
    /// An issue, by its key or its address; may be repeated
    #[arg(long = "link", value_name = "URL|KEY")]
    links: Vec<String>,
    /// What failures have to fit instead of what is proposed: message=REGEX, trace=REGEX,
    /// full_name=REGEX or status=failed; all that are given must hold
    #[arg(long = "matcher", value_name = "FIELD=REGEX", value_parser = parse_condition)]
    matchers: Vec<Condition>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    branch: BranchArg,
}

/// One condition of a matcher, as typed.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Message(String),
    Trace(String),
    FullName(String),
    Status(Status),
}

pub(super) fn parse_condition(typed: &str) -> Result<Condition, String> {
    const FIELDS: [&str; 4] = ["message", "trace", "full_name", "status"];
    let expected = "expected FIELD=REGEX, as `message=503 Service`";
    let (field, value) = typed.split_once('=').ok_or(expected)?;
    let regex = || match compile(value) {
        Ok(_) if value.is_empty() => Err("the expression is empty".to_owned()),
        Ok(_) => Ok(value.to_owned()),
        Err(error) => {
            let error = error.to_string();
            let last = error.lines().last().unwrap_or_default();
            Err(format!("`{value}` is no regular expression: {last}"))
        }
    };
    match field {
        "message" => regex().map(Condition::Message),
        "trace" => regex().map(Condition::Trace),
        "full_name" => regex().map(Condition::FullName),
        "status" => {
            let mut all = Status::ALL
                .into_iter()
                .filter(|status| status.needs_resolution());
            let found = all.clone().find(|status| status.as_str() == value);
            let names: Vec<&str> = all.by_ref().map(Status::as_str).collect();
            let expected = || format!("`{value}` is not {}", text::ticked(&names, "or"));
            found.map(Condition::Status).ok_or_else(expected)
        }
        other => Err(match text::closest(other, FIELDS) {
            Some(near) => format!("`{other}` is no condition; did you mean `{near}`?"),
            None => format!("`{other}` is no condition, {expected}"),
        }),
    }
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &NewArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let (workspace, read) = workspace(&place, &args.branch)?;
    let given = typed(&args.matchers);
    let source = match &args.from {
        Some(from) => Some(Source::read(
            ctx,
            &place,
            from,
            &args.project,
            given.clone(),
        )?),
        None => None,
    };
    let project = match &source {
        Some(source) => workspace
            .projects
            .iter()
            .find(|project| project.folder == source.folder)
            .ok_or_else(|| {
                let message = format!("HEAD has no project `{}`", source.folder);
                CommandError::usage(message).hint("commit the project first")
            })?,
        None => place::project(&workspace, &args.project)?,
    };
    let owner = pick::owner(ctx, &place, project, args.owner.as_deref())?;
    let links: Vec<Link> = args.links.iter().map(|link| parse_link(link)).collect();
    let matchers: Vec<Matcher> = match &source {
        Some(source) => source.matcher.clone().into_iter().collect(),
        None => given.into_iter().collect(),
    };
    let title = args
        .title
        .as_deref()
        .or(source.as_ref().map(|s| s.title.as_str()));
    let new = NewDefect {
        title: title.unwrap_or_default(),
        owner: Some(&owner),
        links: &links,
        matchers: &matchers,
        seen: source.as_ref().map(|source| source.seen.as_str()),
        message: source.as_ref().and_then(|source| source.message.as_deref()),
        seed: ctx.seed(),
    };
    let done = author::new_defect(project, &new).map_err(defect_error)?;
    match (&source, matchers.first()) {
        (Some(source), _) => source.tell(ui, project),
        (None, Some(matcher)) => {
            if let Some(newest) = Newest::read(ctx, &place, project) {
                tell_newest(ui, matcher, &newest);
            }
        }
        (None, None) => {}
    }
    let did = format!("made {}: {}", done.defect.id, done.defect.title);
    let onto = Onto {
        place: &place,
        branch: &args.branch,
        read: &read,
    };
    carry_out(ui, ctx, onto, &done.changes, &did)?;
    if matchers.is_empty() {
        ui.warn("it has no matcher: no failure will be linked to it");
        ui.hint("give it one: `--matcher message=REGEX`, or `matchers:` in the file");
    }
    Ok(Exit::Fine)
}

pub(super) fn typed(conditions: &[Condition]) -> Option<Matcher> {
    if conditions.is_empty() {
        return None;
    }
    let mut matcher = Matcher::default();
    for condition in conditions.iter().cloned() {
        match condition {
            Condition::Message(regex) => matcher.message = Some(regex),
            Condition::Trace(regex) => matcher.trace = Some(regex),
            Condition::FullName(regex) => matcher.full_name = Some(regex),
            Condition::Status(status) => matcher.status.push(status),
        }
    }
    Some(matcher)
}

/// An address is a link by itself; all else is an issue's key.
fn parse_link(typed: &str) -> Link {
    let is_address = typed.starts_with("https://") || typed.starts_with("http://");
    let typed = Some(typed.to_owned());
    Link {
        kind: Some("issue".to_owned()),
        name: typed.clone().filter(|_| !is_address),
        url: typed.filter(|_| is_address),
    }
}

/// The failure that a defect is made of.
pub(super) struct Source {
    /// The project's folder.
    pub(super) folder: String,
    launch: String,
    is_closed: bool,
    title: String,
    /// The launch and the test.
    seen: String,
    message: Option<String>,
    pub(super) matcher: Option<Matcher>,
    matched: Matched,
    /// What the failure has already.
    has: Option<String>,
}

/// What a matcher finds in one launch.
#[derive(Default)]
struct Matched {
    unresolved: u64,
    /// Failures that have a defect or a mute.
    resolved: u64,
    /// Passed and skipped results, and failed attempts of them.
    others: u64,
}

impl Matched {
    fn tell(&self, ui: &mut Ui, launch: &str) {
        let beside = match self.resolved {
            0 => String::new(),
            n => format!(" and {} with a defect or a mute", thousands(n)),
        };
        ui.status(format!(
            "it fits {}{beside} in {launch}, and {} that did not fail",
            count(self.unresolved, "unresolved result"),
            match self.others {
                0 => "none".to_owned(),
                n => thousands(n),
            }
        ));
        if self.others > 0 {
            ui.hint("a result that passes is never linked, but its expression may be too wide");
        }
    }
}

/// Says what a matcher that was not made from a failure finds in the launch that came last.
fn tell_newest(ui: &mut Ui, matcher: &Matcher, newest: &Newest) {
    let launch = &newest.launch;
    let found = matched(launch, &newest.rows, matcher);
    if found.unresolved + found.resolved > 0 {
        return found.tell(ui, &launch.id);
    }
    let beside = match found.others {
        0 => String::new(),
        n => format!(", but {} that did not fail", thousands(n)),
    };
    ui.warn(format!(
        "the matcher fits no failure of the last launch, {}{beside}",
        launch.id
    ));
    ui.hint(format!(
        "the defect is made all the same; `tallybook triage {}` shows what failures say",
        launch.id
    ));
}

impl Source {
    pub(super) fn read(
        ctx: &Context,
        place: &Place,
        from: &str,
        project: &ProjectArg,
        given: Option<Matcher>,
    ) -> Result<Self, CommandError> {
        let snapshot = place.writing_snapshot()?;
        let loaded = place::load(&snapshot)?;
        let (found, result) = pick::launch_of(place, &loaded.workspace, &snapshot, from, project)?;
        let reader = Reader::new(place, &snapshot, found.project, &AtArg::default(), ctx.now)?;
        let launch = reader.launch(&found.found)?;
        let at = pick::outcome(&launch, result)?;
        let outcome = &launch.outcomes[at];
        if !ledger::failed(outcome) {
            let what = match outcome.status.needs_resolution() {
                true => "was overridden by a manual result".to_owned(),
                false => format!("is {}", outcome.status),
            };
            let message = format!(
                "result `{}` {what}: a defect is made of a failure",
                outcome.id
            );
            let hint = format!("`tallybook triage {}` lists what is unresolved", launch.id);
            return Err(CommandError::usage(message).hint(hint));
        }
        let rows = launch.rows(snapshot.launches.as_ref())?;
        let failure = ledger::said(&launch, &rows, at);
        let matcher = given.or_else(|| proposed(&launch, &rows, at));
        let matched = matcher
            .as_ref()
            .map(|matcher| matched(&launch, &rows, matcher));
        if let (Some(matcher), true) = (&matcher, rows.get(&outcome.id).is_some())
            && !is_matched(&launch, &rows, at, matcher)
        {
            let message = format!("the matcher does not fit result `{}`", outcome.id);
            return Err(CommandError::usage(message)
                .hint("regular expressions are unanchored; leave out `--matcher` for a proposal"));
        }
        let name = sanitize_line(launch.test_name(outcome));
        Ok(Self {
            folder: found.project.folder.clone(),
            title: title(&failure, &name),
            seen: format!("launch `{}`, by `{name}`", launch.id),
            message: failure.message.or(failure.trace).map(str::to_owned),
            is_closed: launch.closing.is_some(),
            matcher,
            matched: matched.unwrap_or_default(),
            has: outcome.defect.clone().or_else(|| outcome.mute.clone()),
            launch: launch.id,
        })
    }

    /// Says what the matcher is and what it finds.
    pub(super) fn tell(&self, ui: &mut Ui, project: &Project) {
        let Some(matcher) = &self.matcher else { return };
        for (name, pattern) in [
            ("message", &matcher.message),
            ("trace", &matcher.trace),
            ("full_name", &matcher.full_name),
        ] {
            if let Some(pattern) = pattern {
                ui.status(format!("matcher: {name} /{pattern}/"));
            }
        }
        self.matched.tell(ui, &self.launch);
        if let Some(has) = &self.has {
            ui.warn(format!(
                "the result has `{has}` already; an open defect that fits comes first"
            ));
        }
        if self.is_closed {
            let launch = &self.launch;
            ui.status(format!(
                "{launch} is closed and stays as it is; `tallybook triage {launch}` shows the defect as today's"
            ));
        }
        let closed = |defect: &&Defect| defect.status == DefectState::Closed;
        let mut defects = project.defects.iter().map(|doc| &doc.value).filter(closed);
        if let Some(same) = defects.find(|defect| defect.matchers.contains(matcher)) {
            ui.hint(format!(
                "closed defect `{0}` has the same matcher: it may be `tallybook defect reopen {0}`",
                same.id
            ));
        }
    }
}

fn title(failure: &Failure<'_>, name: &str) -> String {
    match (failure.message, failure.trace) {
        (None, None) => format!("{name} fails without a message"),
        _ => failure.title(),
    }
}

/// Returns the matcher of the cluster that a failure belongs to, among those that are unresolved where it
/// is, else among all.
fn proposed(launch: &Launch, rows: &Rows, at: usize) -> Option<Matcher> {
    let is_unresolved = launch.outcomes[at].is_unresolved();
    let outcomes = launch.outcomes.iter().enumerate();
    let alike = outcomes.filter(|(_, outcome)| {
        outcome.is_unresolved() || !is_unresolved && ledger::failed(outcome)
    });
    let places: Vec<usize> = alike.map(|(place, _)| place).collect();
    let failures: Vec<Failure<'_>> = places
        .iter()
        .map(|place| ledger::said(launch, rows, *place))
        .collect();
    let own = |member: &usize| places[*member] == at;
    let all = clusters(&failures);
    let cluster = { all.iter() }.position(|cluster| cluster.members.iter().any(own))?;
    matchers(&all, &failures).swap_remove(cluster)
}

/// Whether a row fits, were its status that of a failure.
fn fits(
    resolver: &Resolver<'_>,
    launch: &Launch,
    outcome: &Outcome,
    found: (&Job, &TestResult),
) -> bool {
    let (job, row) = found;
    let environment = launch.environment_of(outcome);
    let mut row = row.clone();
    if !row.status.needs_resolution() {
        row.status = Status::Failed;
    }
    let row = Row::new(row, job, outcome.env as usize, environment);
    resolver.defect(&row, environment).is_some()
}

fn of_matcher(matcher: &Matcher) -> Defect {
    Defect {
        matchers: vec![matcher.clone()],
        ..Defect::default()
    }
}

fn is_matched(launch: &Launch, rows: &Rows, at: usize, matcher: &Matcher) -> bool {
    let defect = of_matcher(matcher);
    let resolver = Resolver::new([], [&defect], Timestamp::from_ms(0));
    let outcome = &launch.outcomes[at];
    let found = rows.get(&outcome.id);
    found.is_some_and(|found| fits(&resolver, launch, outcome, found))
}

/// Counts what a matcher fits. Of what did not fail only what says something is looked at, the failed
/// attempts of a test that passed in the end among it.
fn matched(launch: &Launch, rows: &Rows, matcher: &Matcher) -> Matched {
    let defect = of_matcher(matcher);
    let resolver = Resolver::new([], [&defect], Timestamp::from_ms(0));
    let by_text = matcher.message.is_some() || matcher.trace.is_some();
    let mut matched = Matched::default();
    for outcome in &launch.outcomes {
        let failed = ledger::failed(outcome);
        let retries = outcome.retries.iter().filter(|_| !failed);
        let mut ids = std::iter::once(&outcome.id).chain(retries);
        let is_fit = (failed || by_text)
            && ids.any(|id| {
                let found = rows.get(id);
                found.is_some_and(|found| fits(&resolver, launch, outcome, found))
            });
        match is_fit {
            false => {}
            true if outcome.is_unresolved() => matched.unresolved += 1,
            true if failed => matched.resolved += 1,
            true => matched.others += 1,
        }
    }
    matched
}
