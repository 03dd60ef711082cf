//! What widgets look at, and which part of it each is about.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::super::subjects::{
    CaseSubject, DefectSubject, LaunchSubject, MuteSubject, Past, ResultSubject, needs_rows,
};
use super::super::trace::Matrix;
use super::shown::Shown;
use super::tally::Tally;
use crate::base::Timestamp;
use crate::base::text::{count, line};
use crate::model::{
    Dashboard, Environment, Flag, Job, Of, Outcome, SavedQuery, TestResult, Widget,
};
use crate::query::{Bound, Context, Found, Lookup, Subject, Value, field, parse};

/// Characters of a name that a figure shows; the whole stands in the list behind it.
const NAME: usize = 80;

/// A project at one moment.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Closed launches in the order of their opening.
    pub launches: Vec<LaunchFacts<'a>>,
    /// The tracks over these launches.
    pub past: &'a Past,
    /// The bulk of launches, read only where something asks for it.
    pub rows: &'a dyn Rows,
    pub cases: Vec<CaseSubject<'a>>,
    pub defects: Vec<DefectSubject<'a>>,
    pub mutes: Vec<MuteSubject<'a>>,
    /// Launches by index, and the ids of defects that have results there though they were closed when it was.
    pub recurring: BTreeSet<(usize, String)>,
    /// None where the project has no requirements.
    pub matrix: Option<&'a Matrix<'a>>,
    /// By id.
    pub saved: BTreeMap<&'a str, &'a SavedQuery>,
    pub now: Timestamp,
}

/// A closed launch.
#[derive(Clone, Copy, Debug)]
pub struct LaunchFacts<'a> {
    pub about: LaunchSubject<'a>,
    pub environments: &'a [Environment],
    pub outcomes: &'a [Outcome],
}

/// A way to what producers said of results.
pub trait Rows: Sync + std::fmt::Debug {
    /// Reads the rows of a launch, by its index. Many widgets ask for the same launch.
    ///
    /// # Errors
    /// Says in one line why they can't be read.
    fn read(&self, launch: usize) -> Result<Arc<LaunchRows>, String>;
}

/// The rows of one launch by id, each with the index of its job.
#[derive(Clone, Debug, Default)]
pub struct LaunchRows {
    pub jobs: Vec<Job>,
    pub rows: HashMap<String, (usize, TestResult)>,
}

/// What a widget is about: launches, and what its query lets in.
#[derive(Debug)]
pub(super) struct Scope {
    /// Indices of launches, oldest first.
    pub(super) launches: Vec<usize>,
    /// Which launches these are: `main`.
    which: String,
    /// All of them hold.
    tests: Vec<Bound>,
    pub(super) by: Option<Lookup>,
    /// What the queries ask, for the measure; empty where they ask nothing.
    pub(super) asks: String,
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
                    return Err(unasked(&format!("there is no saved query `{saved}`")));
                };
                tests.push(bound(&query.query, of, &context)?);
                asks.push(query.name.clone());
            }
        }
        let by = widget.by.as_deref().or(widget.kind.by());
        let by = match (by, widget.subject()) {
            (Some(by), Some(of)) => Some(
                field(by, of.schema(), &context)
                    .map_err(|all| unasked(all.first().map_or("", |p| p.message.as_str())))?,
            ),
            _ => None,
        };
        let (launches, which) = launches(facts, board, widget, &context)?;
        Ok(Self {
            launches,
            which,
            tests,
            by,
            asks: asks.join(", and "),
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

    /// Says which launches are meant: `the last 15 launches of main`.
    pub(super) fn last(&self, n: usize) -> String {
        match n {
            1 => format!("the last launch{}", self.which),
            n => format!("the last {}{}", count(n as u64, "launch"), self.which),
        }
    }

    /// Returns what the queries ask, as the end of a sentence.
    pub(super) fn asked(&self) -> String {
        match self.asks.as_str() {
            "" => String::new(),
            asks => format!(", of those with {}", line(asks, NAME)),
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
        let rows = match { lookups }.any(needs_rows) {
            true => facts.rows.read(launch).map_err(|why| unread(&why))?,
            false => Arc::default(),
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
) -> Result<(Vec<usize>, String), Nothing> {
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
        let which = branch.map(|branch| format!(" of {}", line(branch, NAME)));
        return Ok((launches, which.unwrap_or_default()));
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
    let which = format!(" with {}", line(&words.join(", and "), NAME));
    Ok((found.collect(), which))
}

fn unasked(why: &str) -> Nothing {
    let todo = "mend the file of the dashboard: `tallybook validate` says where";
    Box::new(Shown::nothing(format!("This can't be asked: {why}"), todo))
}

fn unread(why: &str) -> Nothing {
    let todo = "`tallybook verify` says what is wrong with the launch";
    Box::new(Shown::nothing(
        format!("Results can't be read: {}", line(why, 160)),
        todo,
    ))
}

fn word(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Truth(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => format!("{number}"),
        Value::Instant(ms) => Timestamp::from_ms(*ms).date(),
        Value::Duration(ms) => {
            crate::base::time::human_duration(u64::try_from(*ms).unwrap_or_default())
        }
    }
}

impl LaunchFacts<'_> {
    /// Returns the name, cut to what a figure can hold.
    pub(super) fn name(&self) -> String {
        line(self.about.name, NAME)
    }

    /// Returns the day on which it was opened, in UTC.
    pub(super) fn day(&self) -> String {
        self.about.opened.at.format("%-d %b %Y")
    }

    /// Returns name and day, for the label of a mark.
    pub(super) fn named(&self) -> String {
        format!("{}, {}", self.name(), self.day())
    }
}
