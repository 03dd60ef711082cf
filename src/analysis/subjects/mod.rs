//! What queries are put to: cases, results, launches, defects, mutes, each with the table of what
//! can be asked of it.

mod case_set;
mod cases;
mod defects;
mod launches;
mod past;
mod results;

pub use case_set::CaseSet;
pub use cases::CaseSubject;
pub use defects::{DefectSubject, MuteSubject};
pub use launches::{LaunchState, LaunchSubject};
pub use past::Past;
pub use results::{ResultSubject, needs_rows};

pub use crate::model::Of;

use crate::model::Link;
use crate::query::{Found, Schema, Value};

impl Of {
    /// Returns the table of what can be asked.
    pub fn schema(self) -> &'static Schema {
        match self {
            Self::Cases => &cases::SCHEMA,
            Self::Results => &results::SCHEMA,
            Self::Launches => &launches::SCHEMA,
            Self::Defects => &defects::DEFECTS,
            Self::Mutes => &defects::MUTES,
        }
    }
}

/// Returns the names (else the addresses) of links of one type.
fn links<'a>(links: &'a [Link], kind: &str) -> Found<'a> {
    let of_kind = links.iter().filter(|link| link.is_of(kind));
    Found::texts(of_kind.filter_map(Link::called))
}

fn number(n: u64) -> Found<'static> {
    Found::One(Value::Number(n as f64))
}

fn truth(truth: bool) -> Found<'static> {
    Found::One(Value::Truth(truth))
}

fn optional(text: Option<&str>) -> Found<'_> {
    Found::text(text.unwrap_or_default())
}

/// Returns a folder and all folders above it: what stands in `auth/login` stands in `auth`.
fn sections(parts: &[&str]) -> Found<'static> {
    let path = |n| Value::Text(parts[..n].join("/").into());
    Found::Many((1..=parts.len()).rev().map(path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::query::{Context, parse};

    #[test]
    fn a_case_says_what_its_result_does_not() {
        use crate::model::{Case, Environment, Job, Outcome, TestResult};
        let case = Case {
            layer: Some("api".into()),
            owner: Some("ada".into()),
            ..Case::default()
        };
        let (outcome, job, nowhere) = (Outcome::default(), Job::default(), Environment::default());
        let holds = |query: &str, row: &TestResult, says| {
            let context = Context {
                now: Timestamp::from_ms(0),
                user: None,
            };
            let parsed = parse(query).expect("a query");
            let bound = parsed.bind(Of::Results.schema(), &context);
            bound.expect("it is bound").holds(&ResultSubject {
                outcome: &outcome,
                row,
                job: &job,
                environment: &nowhere,
                launch: ("", ""),
                place: (0, 0),
                past: None,
                says,
            })
        };
        let mut row = TestResult::default();
        assert!(holds("layer = api and owner = ada", &row, Some(&case)));
        assert!(holds("layer is null and owner is null", &row, None));
        row.labels.add("layer", "ui");
        assert!(holds(
            "layer = ui and not layer = api and owner = ada",
            &row,
            Some(&case)
        ));
    }

    /// Queries that people bring from TestOps, as its documentation has them.
    #[test]
    fn queries_carry_over() {
        let context = Context {
            now: Timestamp::from_ms(0),
            user: None,
        };
        for (of, text) in [
            (
                Of::Cases,
                r#"(name ~= "first" or name ~= "second") and tag = "x""#,
            ),
            (Of::Cases, r#"tag in ["fast","smoke"]"#),
            (Of::Cases, "not id in [1,2,10]"),
            (Of::Cases, r#"issue is "AS-2""#),
            (Of::Cases, r#"cf["Story"] in ["Story 1","Story 2"]"#),
            (Of::Cases, "muted = true"),
            (Of::Cases, r#"layer is "API" or layer = 7"#),
            (Of::Cases, r#"role["Owner"] is null and cf["Epic"] is null"#),
            (Of::Cases, r#"automation = true and cfv = "x""#),
            (Of::Results, r#"ev["Branch"]="main" and evv ~= "x""#),
            (
                Of::Results,
                r#"fullName ~= "tests" and testCase = "SHOP-K4F7QM""#,
            ),
            (
                Of::Results,
                "status = \"failed\" and createdDate > 1569430502709",
            ),
            (
                Of::Launches,
                r#"closed = true and job = "linux" and name ~= "nightly""#,
            ),
        ] {
            let query = parse(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
            let bound = query.bind(of.schema(), &context);
            assert!(bound.is_ok(), "{text}: {bound:?}");
        }
        for (of, name) in [
            (Of::Cases, "createdDate"),
            (Of::Cases, "mutedDate"),
            (Of::Results, "hidden"),
        ] {
            let query = parse(&format!("has {name}")).expect("it parses");
            let problems = query
                .bind(of.schema(), &context)
                .expect_err("it has no such field");
            assert!(problems[0].help.is_some(), "{problems:?}");
        }
    }

    #[test]
    fn names_are_told_apart() {
        for of in Of::ALL {
            let schema = of.schema();
            assert_eq!(schema.of, of.as_str());
            let mut names: Vec<String> = Vec::new();
            let fields = schema.fields.iter();
            let all = fields.flat_map(|field| std::iter::once(&field.name).chain(field.aliases));
            for name in all.chain(schema.functions.iter().map(|function| &function.name)) {
                let folded = name.to_lowercase().replace('_', "");
                assert!(!names.contains(&folded), "{}: `{name}` twice", schema.of);
                names.push(folded);
            }
            let words = schema.fields.iter().map(|field| field.about);
            for about in words.chain(schema.functions.iter().map(|f| f.about)) {
                assert!(
                    about.ends_with(|c: char| c != '.') && !about.is_empty(),
                    "{about}"
                );
            }
        }
    }
}
