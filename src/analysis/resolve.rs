//! What a failure got: a mute or a defect.

use regex::Regex;

use super::decide::Row;
use super::matching::selects;
use super::muting::bind;
use super::subjects::ResultSubject;
use crate::base::Timestamp;
use crate::base::text::strip_ansi;
use crate::model::{Defect, DefectState, Environment, Labels, Matcher, Mute, Status};
use crate::query::Bound;

/// The mutes and defects of a project, ready to be asked about failures.
#[derive(Debug, Default)]
pub struct Resolver<'a> {
    mutes: Vec<(&'a Mute, Option<Bound>)>,
    defects: Vec<(&'a Defect, Vec<Conditions<'a>>)>,
}

/// The largest program that one regular expression may compile to, in bytes.
pub const REGEX_SIZE: usize = 1 << 20;

/// A matcher with its expressions compiled.
#[derive(Debug)]
pub(super) struct Conditions<'a> {
    matcher: &'a Matcher,
    message: Option<Regex>,
    trace: Option<Regex>,
    full_name: Option<Regex>,
}

/// Compiles a matcher's expression: unanchored, linear in time, bounded in size.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(pattern)
        .size_limit(REGEX_SIZE)
        .build()
}

impl<'a> Resolver<'a> {
    /// Takes the mutes that hold at `now` and all defects, open ones first. A matcher whose
    /// expression doesn't compile, and a query that can't be put to results, match nothing:
    /// `validate` reports them.
    pub fn new(
        mutes: impl IntoIterator<Item = &'a Mute>,
        defects: impl IntoIterator<Item = &'a Defect>,
        now: Timestamp,
    ) -> Self {
        let holds = |mute: &&Mute| mute.until.is_some_and(|until| now <= until.end());
        let mut defects: Vec<_> = defects
            .into_iter()
            .map(|defect| {
                (
                    defect,
                    defect.matchers.iter().filter_map(Conditions::new).collect(),
                )
            })
            .collect();
        defects.sort_by_key(|(defect, _): &(&Defect, _)| defect.status == DefectState::Closed);
        let mutes = mutes.into_iter().filter(holds);
        let bound = |mute: &Mute| bind(mute.query.as_deref()?, now).ok();
        Self {
            mutes: mutes.map(|mute| (mute, bound(mute))).collect(),
            defects,
        }
    }

    /// Returns the first mute that covers a failure, of which all but its mute is decided.
    pub fn mute(&self, failure: &ResultSubject<'_>) -> Option<&'a Mute> {
        let case = failure.outcome.case.as_deref();
        let covers = |mute: &Mute| {
            let by_case = case.is_some_and(|case| mute.cases.iter().any(|c| c == case));
            let by_name = || match (&mute.selector, &failure.row.full_name) {
                (Some(selector), Some(name)) => selects(selector, name),
                _ => false,
            };
            by_case || by_name()
        };
        let asked = |query: &Option<Bound>| query.as_ref().is_some_and(|q| q.holds(failure));
        let found = self
            .mutes
            .iter()
            .find(|(mute, query)| covers(mute) || asked(query));
        found.map(|(mute, _)| *mute)
    }

    /// Returns the first defect, open ones first, one of whose matchers holds for a failure.
    pub fn defect(&self, row: &Row, environment: &Environment) -> Option<&'a Defect> {
        let holds = |conditions: &Conditions<'_>| conditions.hold(row, environment);
        self.defects
            .iter()
            .find(|(_, all)| all.iter().any(holds))
            .map(|(defect, _)| *defect)
    }
}

impl<'a> Conditions<'a> {
    /// Returns nothing where an expression doesn't compile.
    pub(super) fn new(matcher: &'a Matcher) -> Option<Self> {
        let compiled = |pattern: &Option<String>| pattern.as_deref().map(compile).transpose().ok();
        Some(Self {
            matcher,
            message: compiled(&matcher.message)?,
            trace: compiled(&matcher.trace)?,
            full_name: compiled(&matcher.full_name)?,
        })
    }

    fn is_empty(&self) -> bool {
        *self.matcher == Matcher::default()
    }

    fn hold(&self, row: &Row, environment: &Environment) -> bool {
        !self.is_empty() && self.all_hold(row, environment)
    }

    /// Whether all conditions hold, as they do where there are none.
    pub(super) fn all_hold(&self, row: &Row, environment: &Environment) -> bool {
        let Some(failure) = &row.failure else {
            return false;
        };
        let result = &failure.result;
        fits(&self.message, result.message.as_deref())
            && fits(&self.trace, result.trace.as_deref())
            && fits(&self.full_name, row.full_name.as_deref())
            && self.status_fits(row.run.status)
            && self
                .matcher
                .environment
                .iter()
                .all(|(k, v)| environment.get(k) == Some(v))
            && self.labels_fit(&result.labels)
    }

    fn status_fits(&self, status: Status) -> bool {
        self.matcher.status.is_empty() || self.matcher.status.contains(&status)
    }

    fn labels_fit(&self, labels: &Labels) -> bool {
        let mut wanted = self.matcher.labels.iter();
        wanted.all(|(name, wanted)| wanted.iter().any(|value| labels.all(name).contains(value)))
    }
}

/// Whether an expression is found in a text; where there is none, it is.
pub(super) fn fits(pattern: &Option<Regex>, text: Option<&str>) -> bool {
    match (pattern, text) {
        (None, _) => true,
        (Some(pattern), Some(text)) => pattern.is_match(&strip_ansi(text)),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Date;
    use crate::model::{Job, Outcome, TestResult};

    fn row() -> Row {
        let result = TestResult {
            full_name: Some("shop.cart#adds".into()),
            message: Some("\u{1b}[31mtimeout\u{1b}[0m after 5 s".into()),
            status: Status::Failed,
            ..TestResult::default()
        };
        Row::new(result, &Job::default(), 0, &Environment::default())
    }

    fn defect(id: &str, status: DefectState, message: &str) -> Defect {
        let matcher = Matcher {
            message: Some(message.into()),
            ..Matcher::default()
        };
        Defect {
            id: id.into(),
            status,
            matchers: vec![matcher],
            ..Defect::default()
        }
    }

    #[test]
    fn open_defects_come_first_and_conditions_are_joined() {
        let closed = defect("D-1", DefectState::Closed, "timeout after");
        let mut open = defect("D-2", DefectState::Open, "^timeout");
        let now = Timestamp::from_ms(0);
        let all = [closed.clone(), open.clone()];
        let found = Resolver::new([], &all, now).defect(&row(), &Environment::default());
        assert_eq!(found.map(|d| d.id.as_str()), Some("D-2"));
        open.matchers[0].status = vec![Status::Broken];
        let all = [open, closed];
        let found = Resolver::new([], &all, now).defect(&row(), &Environment::default());
        assert_eq!(found.map(|d| d.id.as_str()), Some("D-1"));
    }

    #[test]
    fn a_matcher_without_conditions_or_with_a_bad_one_matches_nothing() {
        let mut empty = defect("D-1", DefectState::Open, "");
        empty.matchers[0].message = None;
        let all = [empty, defect("D-2", DefectState::Open, "(")];
        let resolver = Resolver::new([], &all, Timestamp::from_ms(0));
        assert!(resolver.defect(&row(), &Environment::default()).is_none());
    }

    #[test]
    fn a_mute_holds_until_the_end_of_its_day() {
        let mute = Mute {
            selector: Some("shop.cart#*".into()),
            until: Date::parse("2026-11-22"),
            ..Mute::default()
        };
        let at = |time: &str| Timestamp::parse(time).expect("a time");
        let mutes = [mute];
        let held = |time| {
            let (row, outcome) = (row(), Outcome::default());
            let failure = row.failure.as_deref().expect("it failed");
            let subject = ResultSubject {
                outcome: &outcome,
                row: &failure.result,
                job: &failure.job,
                environment: &Environment::default(),
                launch: ("", ""),
                place: (0, 0),
                past: None,
                says: None,
            };
            Resolver::new(&mutes, [], at(time)).mute(&subject).is_some()
        };
        assert!(held("2026-11-22T23:59:59Z"));
        assert!(!held("2026-11-23T00:00:00Z"));
    }
}
