//! Launches, open and closed.

use super::{links, number, optional, truth};
use crate::base::Digest;
use crate::model::{Closed, Environment, JobSummary, Link, Opened, Source, Totals};
use crate::query::{Field, Found, Kind, Lookup, Schema, Subject, Value};

const fn count(name: &'static str, about: &'static str) -> Field {
    Field::new(name, Kind::Number, about)
}

/// What can be asked of launches.
pub(super) const SCHEMA: Schema = Schema {
    of: "launches",
    fields: &[
        Field::new("id", Kind::Text, "the id"),
        Field::new("name", Kind::Text, "the name"),
        Field::new("project", Kind::Text, "the project's key"),
        Field::new("closed", Kind::Truth, "whether it is closed"),
        Field::new("state", Kind::Text, "open or closed").one_of(&["open", "closed"]),
        Field::new("tag", Kind::Text, "the tags").also(&["tags"]),
        Field::new("issue", Kind::Text, "links of type `issue`"),
        Field::new("link", Kind::Text, "links of one type").keyed("a type"),
        Field::new("job", Kind::Text, "the jobs that appended"),
        Field::new("env", Kind::Text, "a variable that all its results share")
            .also(&["ev", "environment"])
            .keyed("a variable"),
        Field::new("env_value", Kind::Text, "the values of all those variables").also(&["evv"]),
        Field::new("branch", Kind::Text, "the branch that was tested"),
        Field::new("commit", Kind::Text, "the commit that was tested"),
        Field::new("repository", Kind::Text, "the repository that was tested"),
        Field::new(
            "pull_request",
            Kind::Text,
            "the pull request that was tested",
        ),
        Field::new("opened", Kind::Instant, "when it was opened")
            .also(&["created_date", "created"]),
        Field::new("opened_by", Kind::Text, "who opened it").also(&["created_by"]),
        Field::new("closed_at", Kind::Instant, "when it was closed").also(&["closed_date"]),
        Field::new("closed_by", Kind::Text, "who closed it"),
        Field::new(
            "reason",
            Kind::Text,
            "why it was closed, where somebody said so",
        ),
        Field::new("receipt", Kind::Text, "its receipt"),
        Field::new("supersedes", Kind::Text, "the launch that it corrects"),
        Field::new(
            "superseded",
            Kind::Truth,
            "whether a later launch takes its place",
        ),
        count("total", "results"),
        count("passed", "results that passed"),
        count("failed", "results that failed"),
        count("broken", "results that broke"),
        count("skipped", "results that were skipped"),
        count("unknown", "results with an unknown status"),
        count("unresolved", "failures with neither a defect nor a mute"),
        count("muted", "results with a mute"),
        count("overridden", "results that a manual one took the place of"),
        count("retries", "attempts beside the deciding ones"),
    ],
    functions: &[],
    elsewhere: &[
        (
            "lastModifiedDate",
            "a closed launch does not change: write `closed_at`",
        ),
        (
            "lastModifiedBy",
            "a closed launch does not change: write `closed_by`",
        ),
    ],
};

/// What closing added.
#[derive(Clone, Copy, Debug)]
pub enum LaunchState<'a> {
    Open,
    Closed { closed: &'a Closed, receipt: Digest },
}

impl LaunchState<'_> {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed { .. } => "closed",
        }
    }
}

/// A launch.
#[derive(Clone, Copy, Debug)]
pub struct LaunchSubject<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub project: &'a str,
    pub state: LaunchState<'a>,
    pub tags: &'a [String],
    pub links: &'a [Link],
    pub jobs: &'a [JobSummary],
    pub environment: &'a Environment,
    pub source: &'a Source,
    pub opened: &'a Opened,
    pub supersedes: Option<&'a str>,
    pub superseded: bool,
    pub totals: &'a Totals,
}

impl Subject for LaunchSubject<'_> {
    fn look(&self, lookup: &Lookup) -> Found<'_> {
        let key = lookup.key.as_deref().unwrap_or_default();
        let source = self.source;
        match lookup.name {
            "id" => Found::text(self.id),
            "name" => Found::text(self.name),
            "project" => Found::text(self.project),
            "tag" => Found::texts(self.tags),
            "issue" => links(self.links, "issue"),
            "link" => links(self.links, key),
            "job" => Found::texts(self.jobs.iter().map(|job| &job.name)),
            "env" => {
                let is_key = |name: &str| name.eq_ignore_ascii_case(key);
                let fitting = self.environment.iter().filter(|(name, _)| is_key(name));
                Found::texts(fitting.map(|(_, value)| value))
            }
            "env_value" => Found::texts(self.environment.iter().map(|(_, value)| value)),
            "branch" => optional(source.branch.as_deref()),
            "commit" => optional(source.commit.as_deref()),
            "repository" => optional(source.repository.as_deref()),
            "pull_request" => optional(source.pull_request.as_deref()),
            "opened" => Found::One(Value::Instant(self.opened.at.ms())),
            "opened_by" => optional(self.opened.by.as_deref()),
            "supersedes" => optional(self.supersedes),
            "superseded" => truth(self.superseded),
            _ => self.state(lookup),
        }
    }
}

impl LaunchSubject<'_> {
    fn state(&self, lookup: &Lookup) -> Found<'_> {
        let (closed, receipt) = match self.state {
            LaunchState::Open => (None, None),
            LaunchState::Closed { closed, receipt } => (Some(closed), Some(receipt)),
        };
        let said = |text: fn(&Closed) -> Option<&str>| optional(closed.and_then(text));
        match lookup.name {
            "closed" => truth(closed.is_some()),
            "state" => Found::text(self.state.as_str()),
            "closed_at" => Found::maybe(closed.map(|closed| Value::Instant(closed.at.ms()))),
            "closed_by" => said(|closed| closed.by.as_deref()),
            "reason" => said(|closed| closed.reason.as_deref()),
            "receipt" => Found::maybe(receipt.map(|r| Value::Text(r.to_string().into()))),
            name => self.totals(name),
        }
    }

    fn totals(&self, name: &str) -> Found<'_> {
        let totals = self.totals;
        match name {
            "total" => number(totals.total),
            "passed" => number(totals.passed),
            "failed" => number(totals.failed),
            "broken" => number(totals.broken),
            "skipped" => number(totals.skipped),
            "unknown" => number(totals.unknown),
            "unresolved" => number(totals.unresolved),
            "muted" => number(totals.muted),
            "overridden" => number(totals.overridden),
            "retries" => number(totals.retries),
            _ => Found::Missing,
        }
    }
}
