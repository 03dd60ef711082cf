//! Results of one launch.

use super::super::stability::Rate;
use super::super::suites;
use super::cases::named;
use super::past::{self, Past};
use super::{links, number, optional, truth};
use crate::model::{Case, Environment, Flag, Job, Outcome, TestResult};
use crate::query::{Field, Found, Kind, Lookup, Schema, Subject, Value};

/// What can be asked of results.
pub(super) const SCHEMA: Schema = Schema {
    of: "results",
    fields: &[
        Field::new("id", Kind::Text, "the id of the deciding attempt"),
        Field::new("name", Kind::Text, "the name"),
        Field::new("full_name", Kind::Text, "the full name"),
        Field::new(
            "case",
            Kind::Text,
            "the documented case that it was matched to",
        )
        .also(&["test_case"]),
        Field::new("status", Kind::Text, "the status")
            .one_of(&["passed", "failed", "broken", "skipped", "unknown"]),
        Field::new(
            "unresolved",
            Kind::Truth,
            "whether it needs a defect or a mute and has neither",
        ),
        Field::new("muted", Kind::Truth, "whether a mute held"),
        Field::new(
            "known",
            Kind::Truth,
            "whether a defect matched, or the framework knows the failure",
        ),
        Field::new(
            "flaky",
            Kind::Truth,
            "whether attempts ended differently, or the framework says so",
        ),
        Field::new(
            "overridden",
            Kind::Truth,
            "whether a manual result took its place",
        ),
        Field::new("manual", Kind::Truth, "whether a person executed it"),
        Field::new(
            "unplanned",
            Kind::Truth,
            "whether it answers nothing of what its launch planned",
        ),
        Field::new("retries", Kind::Number, "attempts before the deciding one"),
        Field::new("defect", Kind::Text, "the defect that matched"),
        Field::new("mute", Kind::Text, "the mute that held"),
        Field::new("category", Kind::Text, "the category"),
        Field::new("message", Kind::Text, "the failure's message"),
        Field::new("trace", Kind::Text, "the failure's trace"),
        Field::new(
            "duration",
            Kind::Duration,
            "how long the deciding attempt took",
        ),
        Field::new("start", Kind::Instant, "when it started").also(&["created_date", "created"]),
        Field::new("job", Kind::Text, "the job that ran it"),
        Field::new("launch", Kind::Text, "the launch's id and name"),
        Field::new("env", Kind::Text, "a variable of its environment")
            .also(&["ev", "environment"])
            .keyed("a variable"),
        Field::new("env_value", Kind::Text, "the values of all variables").also(&["evv"]),
        Field::new("label", Kind::Text, "the values of a label")
            .also(&["cf", "field"])
            .keyed("a label's name"),
        Field::new("label_value", Kind::Text, "the values of all labels").also(&["cfv", "value"]),
        Field::new("tag", Kind::Text, "labels `tag`").also(&["tags"]),
        Field::new(
            "suite",
            Kind::Text,
            "labels `parentSuite`, `suite` and `subSuite`, else what stands above it by its names",
        ),
        Field::new("feature", Kind::Text, "labels `feature`"),
        Field::new("severity", Kind::Text, "the label `severity`"),
        Field::new(
            "layer",
            Kind::Text,
            "the label `layer`, else the layer of the case",
        ),
        Field::new(
            "owner",
            Kind::Text,
            "the label `owner`, else the owner of the case",
        )
        .also(&["member"]),
        Field::new(
            "role",
            Kind::Text,
            "the label of a role: `role[\"Owner\"]` is `owner`",
        )
        .keyed("a role's name"),
        Field::new("issue", Kind::Text, "links of type `issue`"),
        Field::new("link", Kind::Text, "links of one type").keyed("a type"),
        Field::new("parameter", Kind::Text, "the value of a parameter").keyed("a parameter's name"),
        Field::new(
            "file",
            Kind::Text,
            "the source file, where the producer names it",
        ),
    ],
    functions: &[
        past::TRANSITION,
        past::FLIP_RATE,
        past::PASS_RATE,
        past::RUNS,
    ],
    elsewhere: &[
        (
            "hidden",
            "attempts are no results here: `retries > 0` has them",
        ),
        ("testedBy", "who executed is not kept beside a result"),
        (
            "createdBy",
            "a launch knows who opened and closed it: ask `--of launches`",
        ),
        ("lastModifiedDate", "results don't change"),
        ("lastModifiedBy", "results don't change"),
    ],
};

/// What a launch's outcomes tell without its rows.
const DECIDED: &[&str] = &[
    "id",
    "case",
    "status",
    "unresolved",
    "muted",
    "known",
    "flaky",
    "overridden",
    "manual",
    "retries",
    "defect",
    "mute",
    "category",
    "duration",
    "start",
    "launch",
    "env",
    "env_value",
];

/// Whether rows must be read to answer this.
pub fn needs_rows(lookup: &Lookup) -> bool {
    !lookup.is_function() && !DECIDED.contains(&lookup.name)
}

/// A result of a launch: what was decided, and the row of the deciding attempt.
#[derive(Clone, Copy, Debug)]
pub struct ResultSubject<'a> {
    pub outcome: &'a Outcome,
    pub row: &'a TestResult,
    pub job: &'a Job,
    pub environment: &'a Environment,
    /// Id and name of the launch.
    pub launch: (&'a str, &'a str),
    /// The place of the launch and of the outcome in the past.
    pub place: (usize, usize),
    /// None where no function of the query asks for it.
    pub past: Option<&'a Past>,
    /// The case that it was matched to, which says what the result doesn't. None where a result is asked alone: what
    /// decides it must not change with the documentation.
    pub says: Option<&'a Case>,
}

impl Subject for ResultSubject<'_> {
    fn look(&self, lookup: &Lookup) -> Found<'_> {
        let (outcome, row) = (self.outcome, self.row);
        let flag = |flag| truth(outcome.has(flag));
        match lookup.name {
            "id" => Found::text(&outcome.id),
            "name" => Found::text(&row.name),
            "full_name" => optional(row.full_name.as_deref()),
            "case" => optional(outcome.case.as_deref()),
            "status" => Found::text(outcome.status.as_str()),
            "unresolved" => truth(outcome.is_unresolved()),
            "muted" => flag(Flag::Muted),
            "known" => flag(Flag::Known),
            "flaky" => flag(Flag::Flaky),
            "overridden" => flag(Flag::Overridden),
            "manual" => flag(Flag::Manual),
            "unplanned" => flag(Flag::Unplanned),
            "retries" => number(outcome.retries.len() as u64),
            "defect" => optional(outcome.defect.as_deref()),
            "mute" => optional(outcome.mute.as_deref()),
            "category" => optional(outcome.category.as_deref()),
            "message" => optional(row.message.as_deref()),
            "trace" => optional(row.trace.as_deref()),
            "duration" => Found::maybe(outcome.duration.map(|ms| Value::Duration(ms as i64))),
            "start" => Found::maybe(outcome.start.map(|at| Value::Instant(at.ms()))),
            "job" => Found::text(&self.job.name),
            "launch" => Found::texts([self.launch.0, self.launch.1]),
            "file" => optional(row.file.as_deref()),
            _ => self.named(lookup),
        }
    }
}

impl ResultSubject<'_> {
    /// What is looked up by a name of the producer's, and what history knows.
    fn named(&self, lookup: &Lookup) -> Found<'_> {
        let row = self.row;
        let key = lookup.key.as_deref().unwrap_or_default();
        let label = |name| Found::texts(named(&row.labels, name));
        let is_key = |name: &str| name.eq_ignore_ascii_case(key);
        match lookup.name {
            "env" => {
                let fitting = self.environment.iter().filter(|(name, _)| is_key(name));
                Found::texts(fitting.map(|(_, value)| value))
            }
            "env_value" => Found::texts(self.environment.iter().map(|(_, value)| value)),
            "label" | "role" => label(key),
            "label_value" => Found::texts(row.labels.iter().flat_map(|(_, values)| values)),
            "suite" => {
                let names = ["parentSuite", "suite", "subSuite"];
                let labels = { names.into_iter() }.flat_map(|name| named(&row.labels, name));
                let labels = Found::texts(labels.filter(|suite| !suite.trim().is_empty()));
                if !labels.values().is_empty() {
                    return labels;
                }
                // As the list of the launch's results has it.
                let full_name = row.full_name.as_deref().unwrap_or_default();
                let told = suites::told_by_names(&row.title_path, full_name, &row.name);
                let told = told.into_iter().map(|suite| Value::Text(suite.into()));
                Found::Many(told.collect())
            }
            "layer" => self.label_or(lookup.name, |case| case.layer.as_deref()),
            "owner" => self.label_or(lookup.name, |case| case.owner.as_deref()),
            "tag" | "feature" | "severity" => label(lookup.name),
            "issue" => links(&row.links, "issue"),
            "link" => links(&row.links, key),
            "parameter" => {
                let fitting = row.parameters.iter().filter(|p| is_key(&p.name));
                Found::texts(fitting.filter_map(|parameter| parameter.value.as_ref()))
            }
            _ => self.measure(lookup),
        }
    }

    /// What a label says, and the case where it says nothing.
    fn label_or(&self, name: &str, case: impl Fn(&Case) -> Option<&str>) -> Found<'_> {
        let found = Found::texts(named(&self.row.labels, name));
        match found.values().is_empty() {
            true => optional(self.says.and_then(case)),
            false => found,
        }
    }

    /// Returns the rate that a function gives, with its denominator.
    pub fn rate(&self, lookup: &Lookup) -> Option<Rate> {
        let past = self.past?;
        let (launch, outcome) = self.place;
        past.rate(lookup, &[past.tracks.of(launch, outcome)], launch)
    }

    fn measure(&self, lookup: &Lookup) -> Found<'_> {
        let Some(past) = self.past else {
            return Found::Missing;
        };
        let (launch, outcome) = self.place;
        let track = past.tracks.of(launch, outcome);
        match lookup.name {
            "transition" => {
                let transition = track.transition(launch, |_| true);
                Found::maybe(transition.map(|t| Value::Text(t.as_str().into())))
            }
            _ => past.ask(lookup, &[track], launch),
        }
    }
}
