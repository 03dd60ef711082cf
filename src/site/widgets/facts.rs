//! What widgets look at, and which part of it each is about.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::shown::{Filter, Mark, Shown, Target};
use super::tally::Tally;
use crate::analysis::subjects::{
    CaseSubject, DefectSubject, LaunchSubject, MuteSubject, Past, ResultSubject, needs_rows,
};
use crate::analysis::trace::Matrix;
use crate::base::Timestamp;
use crate::base::text::line;
use crate::model::{
    Dashboard, Environment, Flag, Job, Of, Outcome, SavedQuery, Status, TestIdentity, TestResult,
    Widget, WidgetKind,
};
use crate::query::{Bound, Context, Found, Kind, Lookup, Subject, Value, field, parse};
use crate::site::texts::{day, decimal, human_duration, say};
use crate::site::words;

/// Characters of a name that a figure shows; the whole stands in the list behind it.
const NAME: usize = 80;

/// A project at one moment.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    /// Closed launches in the order of their opening.
    pub(crate) launches: Vec<LaunchFacts<'a>>,
    /// The tracks over these launches.
    pub(crate) past: &'a Past,
    /// The bulk of launches, read only where something asks for it.
    pub(crate) rows: &'a dyn Rows,
    pub(crate) cases: Vec<CaseSubject<'a>>,
    pub(crate) defects: Vec<DefectSubject<'a>>,
    pub(crate) mutes: Vec<MuteSubject<'a>>,
    /// Launches by index, and the ids of defects that have results there though they were closed when it was.
    pub(crate) recurring: BTreeSet<(usize, String)>,
    /// None where the project has no requirements.
    pub(crate) matrix: Option<&'a Matrix<'a>>,
    /// Names of members by id.
    pub(crate) people: BTreeMap<&'a str, &'a str>,
    /// By id.
    pub(crate) saved: BTreeMap<&'a str, &'a SavedQuery>,
    pub(crate) now: Timestamp,
    /// Since when launches are looked at, where earlier ones are left out.
    pub(crate) since: Option<String>,
}

impl Facts<'_> {
    /// What a member is called; the id of whom nobody described.
    pub(super) fn person(&self, id: &str, most: usize) -> String {
        let name = self.people.get(id).copied();
        line(name.filter(|name| !name.is_empty()).unwrap_or(id), most)
    }
}

/// A closed launch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaunchFacts<'a> {
    pub(crate) about: LaunchSubject<'a>,
    pub(crate) environments: &'a [Environment],
    pub(crate) outcomes: &'a [Outcome],
    /// By the digests that outcomes refer to.
    pub(crate) tests: &'a BTreeMap<String, TestIdentity>,
}

/// A way to what producers said of results.
pub(crate) trait Rows: Sync + std::fmt::Debug {
    /// Reads the rows of a launch, by its index. Many widgets ask for the same launch.
    ///
    /// # Errors
    /// Says in one line why they can't be read.
    fn read(&self, launch: usize) -> Result<Arc<LaunchRows>, String>;
}

/// The rows of one launch by id, each with the index of its job.
#[derive(Clone, Debug, Default)]
pub(crate) struct LaunchRows {
    pub(crate) jobs: Vec<Job>,
    pub(crate) rows: HashMap<String, (usize, TestResult)>,
}

/// What a widget is about: launches, and what its query lets in.
#[derive(Debug)]
pub(super) struct Scope {
    /// Indices of launches, oldest first.
    pub(super) launches: Vec<usize>,
    which: Which,
    /// All of them hold.
    tests: Vec<Bound>,
    pub(super) by: Option<Lookup>,
    /// Names of members by id, where groups are people.
    people: BTreeMap<String, String>,
    /// What the queries ask, for the measure; empty where they ask nothing.
    pub(super) asks: String,
}

/// How the launches of a widget are called.
#[derive(Debug)]
enum Which {
    /// All that there are.
    All,
    /// Those of a branch.
    Of(String),
    /// Those of a branch that are named alike.
    Like(String, String),
    /// Those that fit queries.
    With(String),
}

/// Why a widget can't be shown.
pub(super) type Nothing = Box<Shown>;

impl Scope {
    /// Reads the queries of a dashboard and a widget.
    pub(super) fn new(
        facts: &Facts<'_>,
        board: &Dashboard,
        widget: &Widget,
    ) -> Result<Self, Nothing> {
        let context = Context {
            now: facts.now,
            user: None,
        };
        let mut asks = Vec::new();
        let mut tests = Vec::new();
        if let Some(of) = widget.subject() {
            if let Some(query) = &widget.query {
                tests.push(bound(query, of, &context)?);
                asks.push(query.trim().to_owned());
            }
            if let Some(saved) = &widget.saved {
                let found = facts
                    .saved
                    .get(saved.as_str())
                    .filter(|query| query.of == of);
                let Some(query) = found else {
                    return Err(unasked(&say!("widget.no-saved-query", query = saved)));
                };
                tests.push(bound(&query.query, of, &context)?);
                asks.push(query.name.clone());
            }
        }
        let by = match (widget.grouping(), widget.subject()) {
            (Some(by), Some(of)) => Some(
                field(by, of.schema(), &context)
                    .map_err(|all| unasked(all.first().map_or("", |p| p.message.as_str())))?,
            ),
            _ => None,
        };
        let is_people = by.as_ref().is_some_and(|by| by.name == "owner");
        let people = { facts.people.iter() }
            .filter(|(_, name)| is_people && !name.is_empty())
            .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()));
        let people = people.collect();
        let (launches, which) = launches(facts, board, widget, &context)?;
        Ok(Self {
            launches,
            which,
            tests,
            by,
            people,
            asks: asks.join(&say!("widget.and-also")),
        })
    }

    /// Keeps the newest launches, as many as the widget says.
    pub(super) fn newest(&self, widget: &Widget, otherwise: u64) -> &[usize] {
        let last = widget.last.unwrap_or(otherwise) as usize;
        &self.launches[self.launches.len().saturating_sub(last)..]
    }

    pub(super) fn latest(&self) -> Option<usize> {
        self.launches.last().copied()
    }

    /// Returns whether a subject fits the queries.
    pub(super) fn fits(&self, subject: &impl Subject) -> bool {
        self.tests.iter().all(|test| test.holds(subject))
    }

    /// Says which launches are meant, within a sentence: `in the last 15 launches of main`.
    pub(super) fn in_last(&self, n: usize) -> String {
        match &self.which {
            Which::All => say!("widget.in-last", n = n),
            Which::Of(branch) => say!("widget.in-last-of", n = n, branch = branch),
            Which::Like(branch, name) => {
                say!("widget.in-last-like", n = n, branch = branch, name = name)
            }
            Which::With(query) => say!("widget.in-last-with", n = n, query = query),
        }
    }

    /// Says which launches are listed.
    pub(super) fn newest_first(&self, n: usize) -> String {
        match &self.which {
            Which::All => say!("widget.newest-first", n = n),
            Which::Of(branch) => say!("widget.newest-first-of", n = n, branch = branch),
            Which::Like(branch, name) => {
                say!(
                    "widget.newest-first-like",
                    n = n,
                    branch = branch,
                    name = name
                )
            }
            Which::With(query) => say!("widget.newest-first-with", n = n, query = query),
        }
    }

    /// Returns what the queries ask, as the end of a sentence.
    pub(super) fn asked(&self) -> String {
        match self.asks.as_str() {
            "" => String::new(),
            asks => say!("widget.asked", query = line(asks, NAME)),
        }
    }

    /// Puts each result of a launch that fits to a function, overridden ones apart.
    pub(super) fn each(
        &self,
        facts: &Facts<'_>,
        launch: usize,
        mut take: impl FnMut(&ResultSubject<'_>),
    ) -> Result<(), Nothing> {
        let one = &facts.launches[launch];
        let lookups = self.tests.iter().flat_map(Bound::lookups).chain(&self.by);
        let (rows, cases) = match { lookups }.any(needs_rows) {
            true => {
                let rows = facts.rows.read(launch).map_err(|why| unread(&why))?;
                let cases = facts
                    .cases
                    .iter()
                    .map(|one| (one.case.id.as_str(), one.case));
                (rows, cases.collect::<HashMap<_, _>>())
            }
            false => Default::default(),
        };
        let blank = (Job::default(), TestResult::default());
        let nowhere = Environment::default();
        for (place, outcome) in one.outcomes.iter().enumerate() {
            if outcome.has(Flag::Overridden) {
                continue;
            }
            let row = rows.rows.get(&outcome.id);
            let job = row.and_then(|(job, _)| rows.jobs.get(*job));
            let subject = ResultSubject {
                outcome,
                row: row.map_or(&blank.1, |(_, row)| row),
                job: job.unwrap_or(&blank.0),
                environment: one
                    .environments
                    .get(outcome.env as usize)
                    .unwrap_or(&nowhere),
                launch: (one.about.id, one.about.name),
                place: (launch, place),
                past: Some(facts.past),
                says: outcome
                    .case
                    .as_deref()
                    .and_then(|case| cases.get(case).copied()),
            };
            if self.fits(&subject) {
                take(&subject);
            }
        }
        Ok(())
    }

    /// Counts the results of a launch that fit.
    pub(super) fn tally(&self, facts: &Facts<'_>, launch: usize) -> Result<Tally, Nothing> {
        let mut tally = Tally::default();
        self.each(facts, launch, |subject| tally.add(subject.outcome))?;
        Ok(tally)
    }

    /// Returns where those results of a launch lead that fit the queries and are `asked` for: a filter that says as much of all
    /// results of the launch, and their ids where the queries narrow it.
    pub(super) fn list(
        &self,
        facts: &Facts<'_>,
        launch: usize,
        filter: Filter,
        asked: impl Fn(&Outcome) -> bool,
    ) -> Result<Target, Nothing> {
        if self.asks.is_empty() {
            return Ok(Target::Results { launch, filter });
        }
        let mut ids = Vec::new();
        self.each(facts, launch, |subject| {
            if asked(subject.outcome) {
                ids.push(subject.outcome.id.clone());
            }
        })?;
        let filter = filter.of(ids);
        Ok(Target::Results { launch, filter })
    }

    /// Returns a mark for each status in a launch, in the order of stacks.
    pub(super) fn marks(
        &self,
        facts: &Facts<'_>,
        launch: usize,
        tally: &Tally,
    ) -> Result<Vec<Mark>, Nothing> {
        let mut ids: BTreeMap<Status, Vec<String>> = BTreeMap::new();
        if !self.asks.is_empty() {
            self.each(facts, launch, |subject| {
                let ids = ids.entry(subject.outcome.status).or_default();
                ids.push(subject.outcome.id.clone());
            })?;
        }
        Ok(tally.marks_to(|status| {
            let filter = Filter {
                ids: ids.get(&status).cloned(),
                ..Filter::status(status)
            };
            Target::Results { launch, filter }
        }))
    }

    /// Returns the cases that fit.
    pub(super) fn cases<'f, 'a>(&self, facts: &'f Facts<'a>) -> Vec<&'f CaseSubject<'a>> {
        facts.cases.iter().filter(|case| self.fits(*case)).collect()
    }

    /// Returns the words for what a subject is grouped under; none where it has none.
    pub(super) fn groups(&self, subject: &impl Subject) -> Vec<String> {
        let Some(by) = &self.by else {
            return Vec::new();
        };
        let found = subject.look(by);
        // A section is listed with all that stand above it, the innermost first.
        let is_path = by.name == "section";
        let values = match &found {
            Found::Many(values) if is_path => &values[..values.len().min(1)],
            found => found.values(),
        };
        let mut out: Vec<String> = values.iter().map(word).collect();
        out.sort();
        out.dedup();
        out
    }

    /// Writes the word of a group for people.
    pub(super) fn shown(&self, group: &str, most: usize) -> String {
        let is_status = |by: &Lookup| match by.is_function() {
            true => by.name == "lastStatus",
            false => by.name == "status",
        };
        let status = Status::ALL
            .into_iter()
            .find(|status| status.as_str() == group);
        match (&self.by, status) {
            (Some(by), Some(status)) if is_status(by) => words::label(status),
            (Some(by), _) if by.kind == Kind::Truth => match group {
                YES => say!("widget.yes"),
                _ => say!("widget.no"),
            },
            (Some(by), _) if matches!(by.kind, Kind::Number | Kind::Rate) => decimal(group),
            _ => line(self.people.get(group).map_or(group, String::as_str), most),
        }
    }
}

fn bound(query: &str, of: Of, context: &Context) -> Result<Bound, Nothing> {
    let parsed = parse(query).map_err(|problem| unasked(&problem.message))?;
    let problems = parsed.bind(of.schema(), context);
    problems.map_err(|all| unasked(all.first().map_or("", |problem| problem.message.as_str())))
}

/// Returns the launches that are meant, and how they are called.
fn launches(
    facts: &Facts<'_>,
    board: &Dashboard,
    widget: &Widget,
    context: &Context,
) -> Result<(Vec<usize>, Which), Nothing> {
    let all = facts.launches.iter().enumerate();
    let standing = all.filter(|(_, launch)| !launch.about.superseded);
    let asked: Vec<&String> = board.launches.iter().chain(&widget.launches).collect();
    if asked.is_empty() {
        let mut branches: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        for (at, launch) in standing {
            let branch = launch.about.source.branch.as_deref();
            branches.entry(branch).or_default().push(at);
        }
        let most = branches
            .into_iter()
            .max_by_key(|(_, all)| (all.len(), all.last().copied()));
        let (branch, launches) = most.unwrap_or_default();
        let which = branch.map_or(Which::All, |branch| Which::Of(line(branch, NAME)));
        return Ok(match (branch, alike(facts, widget, &launches)) {
            (Some(branch), Some((name, alike))) => {
                let which = Which::Like(line(branch, NAME), line(&name, NAME));
                (alike, which)
            }
            _ => (launches, which),
        });
    }
    let tests = asked
        .iter()
        .map(|query| bound(query, Of::Launches, context));
    let tests: Vec<Bound> = tests.collect::<Result<_, _>>()?;
    let fits = |launch: &LaunchFacts<'_>| tests.iter().all(|test| test.holds(&launch.about));
    let found = standing
        .filter(|(_, launch)| fits(launch))
        .map(|(at, _)| at);
    let words: Vec<&str> = asked.iter().map(|query| query.trim()).collect();
    let which = Which::With(line(&words.join(&say!("widget.and-also")), NAME));
    Ok((found.collect(), which))
}

/// Returns the launches of a branch that are named alike, and how, for a widget that holds one launch against the next: a
/// release cycle among nightlies is no point of their trend. None where most are not, or all are.
fn alike(facts: &Facts<'_>, widget: &Widget, launches: &[usize]) -> Option<(String, Vec<usize>)> {
    let is_row = matches!(
        widget.kind,
        WidgetKind::LaunchTrend
            | WidgetKind::Metric
            | WidgetKind::DurationTrend
            | WidgetKind::MuteTrend
            | WidgetKind::Transitions
            | WidgetKind::Growth
    );
    if !is_row {
        return None;
    }
    most_alike(launches, |launch| facts.launches[launch].about.name)
}

/// Returns what most of some launches are named, and those; none where all are, or no kind has more than half and two of them.
pub(crate) fn most_alike<'n>(
    launches: &[usize],
    name: impl Fn(usize) -> &'n str,
) -> Option<(String, Vec<usize>)> {
    let mut kinds: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for launch in launches {
        kinds.entry(stem(name(*launch))).or_default().push(*launch);
    }
    let most = kinds
        .into_iter()
        .max_by_key(|(_, all)| (all.len(), all.last().copied()))?;
    let (name, of) = (most.0, most.1.len());
    let is_most = of > 2 && of * 2 > launches.len() && of < launches.len();
    (is_most && !name.is_empty()).then_some((name, most.1))
}

/// Returns what a name says before its first number: `Nightly` of `Nightly 214`.
fn stem(name: &str) -> String {
    let end = name.find(|c: char| c.is_ascii_digit());
    let stem = &name[..end.unwrap_or(name.len())];
    stem.trim_end_matches(|c: char| !c.is_alphabetic())
        .to_owned()
}

fn unasked(why: &str) -> Nothing {
    Box::new(Shown::nothing(
        say!("widget.cant-be-asked", why = why),
        say!("widget.cant-be-asked-do"),
    ))
}

fn unread(why: &str) -> Nothing {
    Box::new(Shown::nothing(
        say!("widget.cant-be-read", why = line(why, 160)),
        say!("widget.cant-be-read-do"),
    ))
}

/// The group of what is so, and of what is not.
const YES: &str = "yes";
const NO: &str = "no";

fn word(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Truth(truth) => if *truth { YES } else { NO }.to_owned(),
        Value::Number(number) => format!("{number}"),
        Value::Instant(ms) => Timestamp::from_ms(*ms).date(),
        Value::Duration(ms) => human_duration(u64::try_from(*ms).unwrap_or_default()),
    }
}

impl Facts<'_> {
    /// Returns the id of a result.
    pub(super) fn id(&self, launch: usize, outcome: usize) -> String {
        self.launches[launch].outcomes[outcome].id.clone()
    }
}

impl LaunchFacts<'_> {
    /// Returns the name, cut to what a figure can hold.
    pub(super) fn name(&self) -> String {
        line(self.about.name, NAME)
    }

    /// Returns the day on which it was opened, in UTC.
    pub(super) fn day(&self) -> String {
        day(self.about.opened.at)
    }

    /// Returns name and day, for the label of a mark.
    pub(super) fn named(&self) -> String {
        say!("title.on-day", name = self.name(), day = self.day())
    }
}
