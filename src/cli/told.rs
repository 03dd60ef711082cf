//! A result of a launch as it is told to people and programs: with its test, its owner and its past.

use serde::Serialize;

use crate::analysis::age::Age;
use crate::analysis::stability::Rate;
use crate::base::text::{count, first_line, sanitize_line, truncate};
use crate::cli::error::CommandError;
use crate::ledger::{Commits, Launch, Moment, Ranges, Reading, Rows, stand_in};
use crate::model::{Environment, Flag, Outcome, Parameter, Status};
use crate::store::{Files, Project};

/// How much of a message is told, in characters; whole ones are in the launch.
const MESSAGE: usize = 1000;

/// How wide the column of a status is at least.
pub(crate) const STATUS: usize = 8;

/// One result.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) full_name: Option<String>,
    pub(crate) case: Option<String>,
    /// Who answers for it: the case's owner, else the result's label.
    pub(crate) owner: Option<String>,
    pub(crate) status: Status,
    pub(crate) flags: Vec<&'static str>,
    /// The variables that not all results of the launch share.
    pub(crate) environment: Environment,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) defect: Option<String>,
    pub(crate) mute: Option<String>,
    /// The first line that says something.
    pub(crate) message: Option<String>,
    /// Milliseconds.
    pub(crate) duration: Option<u64>,
    /// None where it passed, and where there is no history.
    pub(crate) failing: Option<Failing>,
}

/// A rate with its denominator.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Share {
    /// From 0 to 1; none of nothing.
    pub(crate) value: Option<f64>,
    pub(crate) part: u64,
    pub(crate) of: u64,
}

impl From<Rate> for Share {
    fn from(rate: Rate) -> Self {
        Self {
            value: rate.value(),
            part: rate.part,
            of: rate.of,
        }
    }
}

/// How long a test has been failing.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failing {
    /// Failures in a row, this one included.
    pub(crate) failures: u64,
    /// The first launch of the row.
    pub(crate) since: String,
    /// The commit that it tested.
    pub(crate) since_commit: Option<String>,
    /// The last launch before that in which the test passed.
    pub(crate) passed_in: Option<String>,
    /// The commit that that one tested: after it and up to `since_commit` the cause came in.
    pub(crate) passed_commit: Option<String>,
    /// How many commits these are.
    pub(crate) commits: Option<u64>,
    /// Why they can't be counted.
    pub(crate) commits_unavailable: Option<&'static str>,
}

/// The results of one launch, ready to be told.
#[derive(Debug)]
pub(crate) struct Teller<'a> {
    project: &'a Project,
    launch: &'a Launch,
    rows: Rows,
    /// Where the launch ends a history.
    reading: Option<&'a Reading>,
}

impl<'a> Teller<'a> {
    /// Reads a launch's rows.
    pub(crate) fn new(
        project: &'a Project,
        files: &dyn Files,
        launch: &'a Launch,
        reading: Option<&'a Reading>,
    ) -> Result<Self, CommandError> {
        Ok(Self {
            project,
            rows: launch.rows(files)?,
            launch,
            reading,
        })
    }

    /// Tells results whose rows were read.
    pub(crate) fn with_rows(
        project: &'a Project,
        launch: &'a Launch,
        rows: Rows,
        reading: Option<&'a Reading>,
    ) -> Self {
        Self {
            project,
            launch,
            rows,
            reading,
        }
    }

    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Tells an outcome, by its index.
    pub(crate) fn tell(&self, at: usize) -> Told {
        let outcome = &self.launch.outcomes[at];
        let stood_in;
        let row = match self.rows.get(&outcome.id) {
            Some((_, row)) => row,
            None => {
                stood_in = stand_in(self.launch, outcome);
                &stood_in
            }
        };
        let case = outcome.case.as_deref();
        let owner = case.and_then(|case| self.project.case(case)?.value.owner.clone());
        let flags = outcome.flags.iter().filter(|flag| **flag != Flag::Retried);
        let message = row.message.as_deref().map(first_line);
        Told {
            id: outcome.id.clone(),
            name: row.name.clone(),
            full_name: row.full_name.clone(),
            case: outcome.case.clone(),
            owner: owner.or_else(|| row.labels.first("owner").map(str::to_owned)),
            status: outcome.status,
            flags: flags.map(|flag| flag.as_str()).collect(),
            environment: self.own_environment(outcome),
            parameters: row.parameters.clone(),
            defect: outcome.defect.clone(),
            mute: outcome.mute.clone(),
            message: message
                .filter(|m| !m.is_empty())
                .map(|m| truncate(&m, MESSAGE)),
            duration: outcome.duration,
            failing: self.failing(at),
        }
    }

    fn own_environment(&self, outcome: &Outcome) -> Environment {
        let (own, shared) = (
            self.launch.environment_of(outcome),
            &self.launch.environment,
        );
        let differs = |(name, value): &(&str, &String)| shared.get(name) != Some(*value);
        let differing = own.iter().filter(differs);
        differing
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect()
    }

    /// Tells how long an outcome's test has been failing.
    pub(crate) fn failing(&self, at: usize) -> Option<Failing> {
        let reading = self.reading.filter(|reading| reading.earlier() > 0)?;
        let Age {
            first,
            passed,
            failures,
        } = reading.age(at)?;
        let (first, passed) = (reading.at(first), passed.map(|launch| reading.at(launch)));
        Some(Failing::new(failures, first, passed, &reading.ranges))
    }
}

impl Told {
    /// Returns one line: `failed Sign in  [SHOP-1, alice]: the message`.
    pub(crate) fn line(&self) -> String {
        let message = self.complaint();
        let message = message.map(|message| format!(": {message}"));
        format!("{}{}", self.headline(STATUS), message.unwrap_or_default())
    }

    /// Returns two to three lines for a terminal: status and name, message, since when. The name and
    /// what is below it stand behind a column for the status, `column` wide.
    pub(crate) fn lines(&self, width: usize, column: usize) -> Vec<String> {
        let room = width.saturating_sub(column + 3);
        let message = self.complaint().map(|message| truncate(&message, room));
        let since = self.failing.as_ref().map(Failing::words);
        let below = message.into_iter().chain(since);
        let below = below.map(|line| format!("{:column$} {line}", ""));
        std::iter::once(self.headline(column))
            .chain(below)
            .collect()
    }

    /// `failed, muted`
    pub(crate) fn standing(&self) -> String {
        let flags: String = self.flags.iter().map(|flag| format!(", {flag}")).collect();
        format!("{}{flags}", self.status.label())
    }

    /// Returns the message of what did not pass.
    fn complaint(&self) -> Option<String> {
        let message = self.message.as_deref();
        let message = message.filter(|_| self.status != Status::Passed)?;
        Some(sanitize_line(message))
    }

    /// What tells it from other results of its test: `amount=3`, `browser=firefox`.
    pub(crate) fn variables(&self) -> impl Iterator<Item = String> {
        let counts = |parameter: &&Parameter| !parameter.excluded;
        let parameters = self.parameters.iter().filter(counts).map(|parameter| {
            let value = parameter.value.as_deref().unwrap_or("••••");
            format!("{}={value}", parameter.name)
        });
        let environment = self.environment.iter();
        parameters.chain(environment.map(|(name, value)| format!("{name}={value}")))
    }

    /// `failed, muted Sign in  [SHOP-1, alice, browser=firefox]`
    fn headline(&self, column: usize) -> String {
        let names = self.case.iter().chain(&self.owner).cloned();
        let beside: Vec<String> = names.chain(self.variables()).collect();
        let beside = match beside.is_empty() {
            true => String::new(),
            false => format!("  [{}]", sanitize_line(&beside.join(", "))),
        };
        let standing = self.standing();
        format!("{standing:<column$} {}{beside}", sanitize_line(&self.name))
    }
}

impl Failing {
    /// Tells a row of failures by its first launch, and the last one before that in which the test
    /// passed.
    pub(crate) fn new(
        failures: u64,
        first: &Moment,
        passed: Option<&Moment>,
        ranges: &Ranges,
    ) -> Self {
        let commit = |moment: &Moment| moment.source.commit.clone();
        let (since_commit, passed_commit) = (commit(first), passed.and_then(commit));
        let range = passed_commit.as_ref().zip(since_commit.as_ref());
        let range = range.filter(|(from, to)| from != to);
        let commits = range.map(|(from, to)| ranges.commits(from, to));
        Self {
            failures,
            since: first.id.clone(),
            passed_in: passed.map(|launch| launch.id.clone()),
            commits: commits.and_then(Commits::count),
            commits_unavailable: commits.and_then(Commits::unavailable),
            since_commit,
            passed_commit,
        }
    }

    /// `a1b2c3d..e4f5a6b (12 commits)`
    fn counted_range(&self) -> Option<String> {
        let counted = match (self.commits, self.commits_unavailable) {
            (Some(n), _) => format!(" ({})", count(n, "commit")),
            (None, Some(why)) => format!(" (how many commits is unavailable: {why})"),
            (None, None) => String::new(),
        };
        self.range().map(|range| range + &counted)
    }

    /// `fails 3 times in a row, since LAUNCH; passed in LAUNCH; came in with a1b2c3d..e4f5a6b (2 commits)`
    pub(crate) fn words(&self) -> String {
        let range = self
            .counted_range()
            .map(|range| format!("; came in with {range}"));
        let range = range.unwrap_or_default();
        match (self.failures, &self.passed_in) {
            (1, Some(passed)) => format!("first failure since it passed in {passed}{range}"),
            (1, None) => "first failure; no earlier pass is known".to_owned(),
            (n, Some(passed)) => {
                let times = count(n, "time");
                format!(
                    "fails {times} in a row, since {}; last passed in {passed}{range}",
                    self.since
                )
            }
            (n, None) => {
                let times = count(n, "time");
                format!(
                    "fails {times} in a row, since {}; no earlier pass is known",
                    self.since
                )
            }
        }
    }

    /// Returns the range of commits that brought the failure: `a1b2c3d..e4f5a6b`.
    pub(crate) fn range(&self) -> Option<String> {
        let short = |commit: &String| commit.chars().take(10).collect::<String>();
        let (from, to) = (self.passed_commit.as_ref()?, self.since_commit.as_ref()?);
        (from != to).then(|| format!("{}..{}", short(from), short(to)))
    }
}
