//! One field or function alone, as what something is grouped by.

use super::ast::{Clause, Expr, Query};
use super::bind::{Context, Lookup};
use super::schema::Schema;
use super::{Problem, parse};
use crate::diag::Span;

/// What stands before the field, so that it is a query.
const ASKED: &str = "has ";

/// Reads a field or a function, written as in queries: `layer`, `field[component]`, `lastStatus()`.
///
/// # Errors
/// Returns what is wrong with it, at its place in the text.
pub fn field(text: &str, schema: &Schema, context: &Context) -> Result<Lookup, Vec<Problem>> {
    let own = |problem: Problem| Problem {
        span: Span::new(
            problem
                .span
                .start
                .saturating_sub(ASKED.len())
                .min(text.len()),
            problem.span.end.saturating_sub(ASKED.len()).min(text.len()),
        ),
        ..problem
    };
    let query = parse(&format!("{ASKED}{text}")).map_err(|problem| vec![own(problem)])?;
    let alone = || {
        let message = "this is a query, and a field is expected";
        let problem = Problem::new(Span::new(0, text.len()), message);
        vec![problem.help("name one field, as `layer` or `tag`")]
    };
    if !is_one_field(&query) {
        return Err(alone());
    }
    let bound = query.bind(schema, context);
    let bound = bound.map_err(|all| all.into_iter().map(own).collect::<Vec<_>>())?;
    bound
        .lookups()
        .first()
        .map(|lookup| (*lookup).clone())
        .ok_or_else(alone)
}

fn is_one_field(query: &Query) -> bool {
    let is_field = matches!(query.expr, Some(Expr::Clause(Clause::Has(_))));
    is_field && query.order.is_empty() && query.limit.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::query::{Field, Kind};

    const SCHEMA: Schema = Schema {
        of: "things",
        fields: &[
            Field::new("layer", Kind::Text, "the layer"),
            Field::new("field", Kind::Text, "a field")
                .also(&["cf"])
                .keyed("a name"),
        ],
        functions: &[],
        elsewhere: &[],
    };

    /// Message and place of each problem.
    type Wrong = Vec<(String, String)>;

    fn read(text: &str) -> Result<(&'static str, Option<String>), Wrong> {
        let context = Context {
            now: Timestamp::from_ms(0),
            user: None,
        };
        let found = field(text, &SCHEMA, &context);
        found
            .map(|lookup| (lookup.name, lookup.key))
            .map_err(|all| {
                let all = all.into_iter();
                all.map(|p| (p.message.clone(), text[p.span.range()].to_owned()))
                    .collect()
            })
    }

    #[test]
    fn one_field_is_read_as_in_queries() {
        assert_eq!(read("layer"), Ok(("layer", None)));
        assert_eq!(read("Layer"), Ok(("layer", None)));
        assert_eq!(
            read("cf[\"Component\"]"),
            Ok(("field", Some("Component".into())))
        );
    }

    #[test]
    fn anything_else_has_a_place() {
        for (text, at) in [
            ("layr", "layr"),
            ("layer and has layer", "layer and has layer"),
            ("layer limit 3", "layer limit 3"),
            ("layer order by layer", "layer order by layer"),
            ("", ""),
        ] {
            let wrong = read(text).expect_err(text);
            assert_eq!(wrong[0].1, at, "{text}");
        }
        for text in [
            "layer = api",
            "field",
            "é",
            "(layer",
            "\"",
            "has layer",
            "layer)",
            "layer and layer",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
