//! Names of results that tell them apart: by these a policy says which tests must have passed.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Environment, Outcome, TestIdentity, TestResult};

/// What names a result. The name comes first; the rest is used where that isn't enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The test, and its parameters as ` [a=1, b=2]`.
    test: String,
    parameters: String,
    /// What may tell results of one name apart: title, environment, job.
    title: String,
    environment: BTreeMap<String, String>,
    job: String,
}

impl Row {
    pub(super) fn new(result: &TestResult, job: &str) -> Self {
        let counted = result.parameters.iter().filter(|p| !p.excluded);
        let mut counted: Vec<String> = counted
            .map(|parameter| match (&parameter.value, &parameter.digest) {
                (Some(value), _) => format!("{}={value}", parameter.name),
                // What is secret is told apart by what is kept of it.
                (None, digest) => format!(
                    "{}=#{}",
                    parameter.name,
                    digest.as_deref().unwrap_or_default()
                ),
            })
            .collect();
        counted.sort();
        let mut parameters = match counted.is_empty() {
            true => String::new(),
            false => format!(" [{}]", counted.join(", ")),
        };
        if let Some(occurrence) = result.occurrence {
            parameters.push_str(&format!(" ({occurrence})"));
        }
        Self {
            test: result.full_name.clone().unwrap_or_default(),
            parameters,
            title: result.name.clone(),
            environment: BTreeMap::new(),
            job: job.to_owned(),
        }
    }

    /// Adds what the launch says of the test and of its surroundings.
    pub(super) fn of_test(
        mut self,
        test: Option<&TestIdentity>,
        environment: Option<&Environment>,
    ) -> Self {
        if self.test.is_empty() {
            let known = test.and_then(|test| test.full_name.clone());
            let name = || test.map(|test| test.name.clone());
            self.test = known.or_else(name).unwrap_or_default();
        }
        let variables = environment.into_iter().flat_map(|all| all.iter());
        let variables = variables.map(|(name, value)| (name.to_owned(), value.clone()));
        self.environment = variables.collect();
        self
    }

    fn name(&self) -> String {
        format!("{}{}", self.test, self.parameters)
    }
}

/// Gives each result a name of its own, and sorts by it. Those that share one get what differs among
/// them, as far as it takes, and then numbers.
pub(super) fn unique_names(results: Vec<(Row, Outcome)>) -> Vec<(String, Outcome)> {
    let mut groups: BTreeMap<String, Vec<(Row, Outcome)>> = BTreeMap::new();
    for (row, outcome) in results {
        groups.entry(row.name()).or_default().push((row, outcome));
    }
    let mut named = Vec::new();
    for (name, group) in groups {
        let rows: Vec<&Row> = group.iter().map(|(row, _)| row).collect();
        let more = differences(&rows);
        for (more, (_, outcome)) in more.into_iter().zip(group) {
            let name = match more.is_empty() {
                true => name.clone(),
                false => format!("{name} {{{more}}}"),
            };
            named.push((name, outcome));
        }
    }
    named.sort_by(|(a, first), (b, second)| (a, &first.id).cmp(&(b, &second.id)));
    number(named)
}

/// What tells results of one name apart: their titles, the variables that differ, their jobs; no more
/// than is needed.
fn differences(rows: &[&Row]) -> Vec<String> {
    let varying = varying(rows);
    let environment = |row: &Row| {
        let values = row.environment.iter();
        let values = values.filter(|(name, _)| varying.contains(name.as_str()));
        let values: Vec<String> = values
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        values.join(", ")
    };
    let title = |row: &Row| row.title.clone();
    let job = |row: &Row| row.job.clone();
    let all: [&dyn Fn(&Row) -> String; 3] = [&title, &environment, &job];
    let mut out = vec![Vec::new(); rows.len()];
    for part in all {
        if out.iter().collect::<BTreeSet<_>>().len() == rows.len() {
            break;
        }
        let parts: Vec<String> = rows.iter().map(|row| part(row)).collect();
        if parts.iter().any(|part| *part != parts[0]) {
            out.iter_mut()
                .zip(parts)
                .for_each(|(out, part)| out.push(part));
        }
    }
    out.into_iter().map(|parts| parts.join("; ")).collect()
}

/// The variables that results do not agree on.
fn varying<'a>(rows: &[&'a Row]) -> BTreeSet<&'a str> {
    let names = rows.iter().flat_map(|row| row.environment.keys());
    let names: BTreeSet<&str> = names.map(String::as_str).collect();
    let differs = |name: &&str| {
        rows.iter()
            .any(|row| row.environment.get(*name) != rows[0].environment.get(*name))
    };
    names.into_iter().filter(differs).collect()
}

/// Tells what is still the same apart by numbers, from 2 on.
fn number(named: Vec<(String, Outcome)>) -> Vec<(String, Outcome)> {
    let given: BTreeSet<String> = named.iter().map(|(name, _)| name.clone()).collect();
    let mut places: BTreeMap<String, u64> = BTreeMap::new();
    let mut out = Vec::with_capacity(named.len());
    for (name, outcome) in named {
        let place = places.entry(name.clone()).or_insert(0);
        *place += 1;
        let mut own = name.clone();
        while *place > 1 {
            own = format!("{name} #{place}");
            if !given.contains(&own) {
                break;
            }
            *place += 1;
        }
        out.push((own, outcome));
    }
    out.sort_by(|(a, _), (b, _)| a.cmp(b));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Parameter;

    fn named(rows: &[(&str, &str, &str, &str)]) -> Vec<String> {
        let rows = rows
            .iter()
            .enumerate()
            .map(|(at, (test, title, job, browser))| {
                let result = TestResult {
                    full_name: Some((*test).to_owned()),
                    name: (*title).to_owned(),
                    ..TestResult::default()
                };
                let environment = [("browser".to_owned(), (*browser).to_owned())];
                let environment: Environment = environment.into_iter().collect();
                let outcome = Outcome {
                    id: at.to_string(),
                    ..Outcome::default()
                };
                (
                    Row::new(&result, job).of_test(None, Some(&environment)),
                    outcome,
                )
            });
        let named = unique_names(rows.collect());
        named.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn names_get_what_differs_and_no_more() {
        let one = ("a#b", "b", "linux", "chrome");
        assert_eq!(named(&[one]), ["a#b"]);
        assert_eq!(
            named(&[
                one,
                ("a#b", "b", "linux", "firefox"),
                ("c", "b", "linux", "chrome")
            ]),
            ["a#b {browser=chrome}", "a#b {browser=firefox}", "c"]
        );
        assert_eq!(
            named(&[
                one,
                ("a#b", "b", "mac", "chrome"),
                ("a#b", "other", "mac", "chrome")
            ]),
            ["a#b {b; linux}", "a#b {b; mac}", "a#b {other; mac}"]
        );
    }

    #[test]
    fn what_is_the_same_is_numbered() {
        let same = ("a", "a", "j", "c");
        let taken = ("a #2", "a", "j", "c");
        assert_eq!(
            named(&[same, same, taken, same]),
            ["a", "a #2", "a #3", "a #4"]
        );
    }

    #[test]
    fn parameters_belong_to_the_name() {
        let parameter = |name: &str, value: Option<&str>| Parameter {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            digest: Some("1f2e".to_owned()),
            ..Parameter::default()
        };
        let result = TestResult {
            full_name: Some("a".to_owned()),
            parameters: vec![
                parameter("user", Some("ada")),
                parameter("password", None),
                Parameter {
                    excluded: true,
                    ..parameter("at", Some("now"))
                },
            ],
            occurrence: Some(2),
            ..TestResult::default()
        };
        assert_eq!(
            Row::new(&result, "j").name(),
            "a [password=#1f2e, user=ada] (2)"
        );
        let lost = Row::default().of_test(
            Some(&TestIdentity {
                name: "a title".to_owned(),
                ..TestIdentity::default()
            }),
            None,
        );
        assert_eq!(lost.name(), "a title");
    }
}
