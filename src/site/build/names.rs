//! The names of results, in chunks, and what results can be grouped by: labels, parameters,
//! environments, equal failures.
//!
//! **Invariant:** what a launch can be grouped by is bounded, however many names its results use.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Serialize;

use super::details;
use super::failures::{self, LaunchContext};
use super::results::letter;
use super::rows::Row;
use crate::analysis::clusters::{self, Failure};
use crate::analysis::planned::{ASSIGNEE, TESTER};
use crate::site::words;

/// The most names of one kind that results can be grouped by: those that most results have.
const FACETS: usize = 100;
/// Labels that come first where groups are chosen, in this order.
const FIRST: [&str; 9] = [
    "owner", "severity", "layer", "epic", "feature", "story", "tag", "package", "host",
];
/// The label of threads. They are kept where each ran that many results or more, by the mean.
const THREAD: &str = "thread";
const RESULTS_OF_A_THREAD: usize = 4;

/// What results are told apart by: `label`, `param` or `env`, its name, and how many values it has.
pub(crate) type Facet = (&'static str, String, usize);
/// Equal failures: what they say, the letter of their status, and their rows.
pub(crate) type ClusterOfRows = (String, char, Vec<usize>);

/// What rows say beyond themselves.
pub(crate) struct Known<'a> {
    /// The number of the shard that has each result.
    pub(crate) shards: HashMap<&'a str, usize>,
    /// How today's text of each executed case stands to the executed one.
    pub(crate) todays: BTreeMap<&'a str, (&'a String, &'static str)>,
    /// Whether the threads that results ran on say something.
    pub(crate) threads: bool,
}
/// Id and page of a case, how today's text stands to the executed one, and the owner and the layer
/// that it has where the result says none.
type CaseOfRow = (String, String, &'static str, String, String);

/// A chunk of names: columns over a run of rows; texts that repeat stand in tables.
#[derive(Default, Serialize)]
pub(crate) struct Names {
    /// Result ids, 16 letters each where all have as many; else one by one.
    ids: Vec<String>,
    names: Vec<String>,
    /// An index into `prefixes`, and what follows it; `null` where that is the name.
    prefix: Vec<usize>,
    full: Vec<Option<String>>,
    prefixes: Vec<String>,
    parameters: Vec<Vec<(String, String)>>,
    /// Milliseconds; -1 where unknown.
    duration: Vec<i64>,
    /// Milliseconds since the launch's start.
    start: Vec<Option<i64>>,
    case: Vec<usize>,
    /// The first is none.
    cases: Vec<CaseOfRow>,
    labels: Vec<Vec<usize>>,
    /// Name and value of each label.
    label_values: Vec<(String, String)>,
    history: Vec<usize>,
    histories: Vec<String>,
    environment: Vec<usize>,
    environments: Vec<String>,
    /// The variables that each environment says.
    variables: Vec<Vec<(String, String)>>,
    attempts: Vec<u32>,
    /// The file that has each, one more than its number; 0 where none is known.
    shard: Vec<usize>,
}

/// Numbers distinct values in the order of their first appearance.
struct Table<T> {
    values: Vec<T>,
    numbers: HashMap<T, usize>,
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    fn starting_with(value: T) -> Self {
        Self {
            values: vec![value.clone()],
            numbers: HashMap::from([(value, 0)]),
        }
    }

    fn number(&mut self, value: T) -> usize {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        self.values.push(value.clone());
        self.numbers.insert(value, self.values.len() - 1);
        self.values.len() - 1
    }
}

impl Names {
    pub(crate) fn new(context: &LaunchContext<'_>, rows: &[Row<'_>], known: &Known<'_>) -> Self {
        let opened = context.project.project.launches[context.number]
            .file
            .opened
            .at
            .ms();
        let mut prefixes = Table::starting_with(String::new());
        let mut cases = Table::starting_with(CaseOfRow::default());
        let mut labels = Table::starting_with((String::new(), String::new()));
        let mut histories = Table::starting_with(String::new());
        let mut environments = Table::starting_with((String::new(), Vec::new()));
        let mut out = Self::default();
        for row in rows {
            let name = words::line(row.name);
            let (prefix, tail) = split(&words::line(row.full_name), &name);
            out.prefix.push(prefixes.number(prefix));
            out.full.push(tail);
            out.names.push(name);
            out.ids.push(row.outcome.id.clone());
            out.parameters.push(parameters(row));
            out.duration
                .push(row.outcome.duration.map_or(-1, |d| d as i64));
            out.start.push(row.outcome.start.map(|s| s.ms() - opened));
            let today = row
                .outcome
                .case
                .as_deref()
                .and_then(|id| known.todays.get(id));
            let today = today.map_or("", |(_, today)| *today);
            let case =
                failures::case_link(context, row, "../../").map_or_else(Default::default, |link| {
                    let mut more: BTreeMap<_, _> = of_case(context, row).into_iter().collect();
                    let mut more = |name| more.remove(name).unwrap_or_default();
                    (
                        link.text,
                        link.href.unwrap_or_default(),
                        today,
                        more("owner"),
                        more("layer"),
                    )
                });
            out.case.push(cases.number(case));
            out.labels.push(
                label_set(row, known.threads)
                    .into_iter()
                    .map(|l| labels.number(l))
                    .collect(),
            );
            let past = context
                .window
                .statuses(row.past.track)
                .map(|(_, status)| letter(status));
            let past: String = past.collect();
            out.history
                .push(histories.number(past.trim_start_matches('.').to_owned()));
            out.environment
                .push(environments.number((context.environment_text(row), context.variables(row))));
            out.attempts.push(row.outcome.attempts);
            let shard = known.shards.get(row.outcome.id.as_str());
            out.shard.push(shard.map_or(0, |number| number + 1));
        }
        (out.prefixes, out.cases, out.label_values) =
            (prefixes.values, cases.values, labels.values);
        (out.environments, out.variables) = environments.values.into_iter().unzip();
        out.histories = histories.values;
        out
    }
}

/// The labels of a result, those of threads where `threads` says so.
fn label_set(row: &Row<'_>, threads: bool) -> Vec<(String, String)> {
    let Some(result) = row.result else {
        return Vec::new();
    };
    let flat = result.labels.iter().flat_map(|(name, values)| {
        values
            .iter()
            .map(move |value| (words::line(name), words::line(value)))
    });
    flat.filter(|(name, _)| threads || name != THREAD).collect()
}

fn split(full_name: &str, name: &str) -> (String, Option<String>) {
    if let Some(prefix) = full_name.strip_suffix(name).filter(|_| !name.is_empty()) {
        return (prefix.to_owned(), None);
    }
    let at = full_name
        .rfind(['.', '#', ':', '/', '>'])
        .map_or(0, |at| at + 1);
    (full_name[..at].to_owned(), Some(full_name[at..].to_owned()))
}

/// Whether threads ran enough results each to say something.
pub(crate) fn threads_tell(rows: &[Row<'_>]) -> bool {
    let mut threads: HashSet<&str> = HashSet::new();
    let mut n = 0;
    for result in rows.iter().filter_map(|row| row.result) {
        if let Some(thread) = result.labels.first(THREAD) {
            threads.insert(thread);
            n += 1;
        }
    }
    n >= threads.len() * RESULTS_OF_A_THREAD && n > 0
}

/// What a row says of its failure; nothing where its result is not kept.
pub(crate) fn said<'a>(row: &Row<'a>) -> Failure<'a> {
    let result = row.result;
    Failure {
        status: row.outcome.status,
        message: result.and_then(|result| result.message.as_deref()),
        trace: result.and_then(|result| result.trace.as_deref()),
        full_name: result.and_then(|result| result.full_name.as_deref()),
    }
}

/// Returns the clusters of equal failures of a launch, the biggest first.
pub(crate) fn clusters(rows: &[Row<'_>]) -> Vec<ClusterOfRows> {
    let failing = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.result.is_some() && row.outcome.status.needs_resolution());
    let failing = failing.map(|(number, row)| (number, said(row)));
    let (numbers, failures): (Vec<usize>, Vec<Failure<'_>>) = failing.unzip();
    let found = clusters::clusters(&failures).into_iter();
    found
        .map(|cluster| {
            let rows = cluster.members.iter().map(|member| numbers[*member]);
            (
                words::line(&cluster.title),
                letter(Some(cluster.status)),
                rows.collect(),
            )
        })
        .collect()
}

/// Labels whose values are ids of people.
const PEOPLE: [&str; 3] = ["owner", ASSIGNEE, TESTER];

/// Returns the names of those whom the owners, assignees and testers of results are, by their ids. Whoever shares a
/// name with another has the id in it.
pub(crate) fn people(context: &LaunchContext<'_>) -> Vec<(String, String)> {
    let labels = context
        .rows
        .iter()
        .filter_map(|row| row.result)
        .flat_map(|result| {
            PEOPLE
                .into_iter()
                .filter_map(|label| result.labels.first(label))
        });
    let owners = context
        .rows
        .iter()
        .filter_map(|row| context.project.case(row.outcome.case.as_deref()?))
        .filter_map(|case| case.owner.as_deref());
    let ids: BTreeSet<&str> = labels.chain(owners).collect();
    let members = &context.project.project.members;
    let shared = |name: &str| members.values().filter(|other| **other == name).count() > 1;
    let named = |id: &&str| {
        let name = members
            .get(*id)
            .copied()
            .filter(|name| !name.is_empty() && name != id)?;
        let name = match shared(name) {
            true => format!("{name} ({id})"),
            false => name.to_owned(),
        };
        Some((words::line(id), words::line(&name)))
    };
    ids.iter().filter_map(named).collect()
}

/// Returns what the results of a launch can be grouped by, labels that are known to matter first.
pub(crate) fn facets(context: &LaunchContext<'_>, threads: bool) -> Vec<Facet> {
    let mut seen = Seen::default();
    for row in context.rows {
        for (name, value) in label_set(row, threads) {
            seen.add("label", name, value);
        }
        for (name, value) in of_case(context, row) {
            seen.add("label", name.to_owned(), value);
        }
        for (name, value) in parameters(row) {
            seen.add("param", name, value);
        }
        for (name, value) in context.variables(row) {
            seen.add("env", name, value);
        }
    }
    seen.facets()
}

/// The values of each name, and how many results have it.
#[derive(Default)]
struct Seen(BTreeMap<(&'static str, String), (HashSet<String>, usize)>);

impl Seen {
    fn add(&mut self, kind: &'static str, name: String, value: String) {
        let (values, n) = self.0.entry((kind, name)).or_default();
        values.insert(value);
        *n += 1;
    }

    fn facets(self) -> Vec<Facet> {
        let place = |name: &str| FIRST.iter().position(|first| *first == name);
        let mut out = Vec::new();
        for kind in ["label", "param", "env"] {
            let of_kind = self.0.iter().filter(|((of, _), _)| *of == kind);
            let mut most: Vec<(&str, usize, usize)> = of_kind
                .map(|((_, name), (values, n))| (name.as_str(), values.len(), *n))
                .collect();
            most.sort_by_key(|(name, _, n)| (std::cmp::Reverse(*n), *name));
            most.truncate(FACETS);
            most.sort_by_key(|(name, ..)| (place(name).unwrap_or(FIRST.len()), *name));
            let facets = most.into_iter();
            out.extend(facets.map(|(name, values, _)| (kind, name.to_owned(), values)));
        }
        out
    }
}

/// The owner and the layer that the case of a result has, where the result says none.
fn of_case(context: &LaunchContext<'_>, row: &Row<'_>) -> Vec<(&'static str, String)> {
    let Some(case) = row.outcome.case.as_deref() else {
        return Vec::new();
    };
    let Some(case) = context.project.case(case) else {
        return Vec::new();
    };
    let is_said = |name: &str| row.result.is_some_and(|r| r.labels.first(name).is_some());
    [("owner", &case.owner), ("layer", &case.layer)]
        .into_iter()
        .filter(|(name, _)| !is_said(name))
        .filter_map(|(name, value)| Some((name, words::line(value.as_deref()?))))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// What tells results of one test apart.
fn parameters(row: &Row<'_>) -> Vec<(String, String)> {
    let parameters = row.result.map_or(&[][..], |r| r.parameters.as_slice());
    let occurrence = row.result.and_then(|r| r.occurrence);
    let occurrence = occurrence.map(|n| ("occurrence".to_owned(), n.to_string()));
    let parameters = parameters.iter().map(details::parameter);
    parameters.chain(occurrence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Outcome, Status, TestResult};
    use crate::site::build::rows::Past;

    #[test]
    fn full_names_share_their_prefix() {
        let parts = |full: &str, name: &str| {
            let (prefix, tail) = split(full, name);
            (prefix, tail.is_none())
        };
        assert_eq!(parts("a.b#c", "c"), ("a.b#".to_owned(), true));
        assert_eq!(parts("a.b#c", "Other"), ("a.b#".to_owned(), false));
        assert_eq!(parts("", "c"), (String::new(), false));
    }

    #[test]
    fn what_results_are_grouped_by_is_bounded_and_in_order() {
        let mut seen = Seen::default();
        for n in 0..300 {
            seen.add("label", format!("x{n:03}"), "v".to_owned());
        }
        for (kind, name, value) in [
            ("label", "story", "a"),
            ("label", "story", "b"),
            ("label", "owner", "alice"),
            ("label", "owner", "alice"),
            ("env", "os", "linux"),
        ] {
            seen.add(kind, name.to_owned(), value.to_owned());
        }
        let facets = seen.facets();
        assert_eq!(facets.len(), FACETS + 1);
        let shown: Vec<_> = facets[..3]
            .iter()
            .map(|(k, n, v)| (*k, n.as_str(), *v))
            .collect();
        assert_eq!(
            shown,
            [
                ("label", "owner", 1),
                ("label", "story", 2),
                ("label", "x000", 1)
            ]
        );
        assert_eq!(facets.last(), Some(&("env", "os".to_owned(), 1)));
    }

    #[test]
    fn equal_failures_are_one_cluster_by_rows() {
        let said = [
            (Status::Failed, "expected 200 but was 503 from cart"),
            (Status::Passed, ""),
            (Status::Broken, "connection refused by the database"),
            (Status::Failed, "expected 200 but was 502 from cart"),
        ];
        let outcomes = said.map(|(status, _)| Outcome {
            status,
            ..Outcome::default()
        });
        let results = said.map(|(_, message)| TestResult {
            message: (!message.is_empty()).then(|| message.to_owned()),
            ..TestResult::default()
        });
        let rows: Vec<Row<'_>> = outcomes.iter().zip(&results).map(row).collect();
        let clusters = clusters(&rows);
        let shown: Vec<_> = clusters
            .iter()
            .map(|(_, letter, rows)| (*letter, rows.clone()))
            .collect();
        assert_eq!(shown, [('f', vec![0, 3]), ('b', vec![2])]);
        assert!(clusters[0].0.contains("from cart"), "{}", clusters[0].0);
    }

    #[test]
    fn threads_that_tell_every_row_apart_are_left_out() {
        let outcome = Outcome::default();
        let on = |thread: usize| {
            let mut result = TestResult::default();
            result.labels.add(THREAD, thread.to_string());
            result
        };
        let tells = |threads: [usize; 8]| {
            let results = threads.map(on);
            let rows: Vec<Row<'_>> = results.iter().map(|r| row((&outcome, r))).collect();
            threads_tell(&rows)
        };
        assert!(tells([1, 1, 2, 2, 1, 1, 2, 2]));
        assert!(!tells([1, 2, 3, 4, 5, 6, 7, 8]));
        assert!(!threads_tell(&[]));
    }

    fn row<'a>((outcome, result): (&'a Outcome, &'a TestResult)) -> Row<'a> {
        Row {
            outcome,
            result: Some(result),
            name: "t",
            full_name: "",
            path: Vec::new(),
            past: Past::default(),
        }
    }
}
