//! Queries that mutes ask: of results as they are stored, by what is known before mutes are.

use super::subjects::Of;
use crate::base::Timestamp;
use crate::diag::Span;
use crate::query::{Accessor, Bound, Context, Problem, Query, parse};

/// Fields that follow from mutes, or are decided after them.
const LATER: [&str; 5] = ["unresolved", "muted", "mute", "overridden", "unplanned"];

/// Holds a mute's query against what can be asked of a result at its closing.
///
/// # Errors
/// Returns everything that is wrong, by its place.
pub fn bind(text: &str, now: Timestamp) -> Result<Bound, Vec<Problem>> {
    let query = parse(text).map_err(|problem| vec![problem])?;
    let context = Context { now, user: None };
    let bound = query.bind(Of::Results.schema(), &context)?;
    match unstored(&query, text) {
        problems if problems.is_empty() => Ok(bound),
        problems => Err(problems),
    }
}

/// Says what a mute can't ask for: history, what mutes decide, an order, everything. `text` is what
/// the query was read from.
pub fn unstored(query: &Query, text: &str) -> Vec<Problem> {
    let mut problems: Vec<Problem> = query.accessors().into_iter().filter_map(unknown).collect();
    let all = Span::new(0, text.len());
    let mut add = |message: &str, help: &str| {
        problems.push(Problem {
            span: all,
            message: message.to_owned(),
            help: Some(help.to_owned()),
        });
    };
    if query.expr.is_none() {
        add(
            "a mute's query without conditions covers nothing",
            "say what it covers",
        );
    }
    if !query.order.is_empty() || query.limit.is_some() {
        add(
            "a mute covers all that fits, in no order",
            "leave out `order by` and `limit`",
        );
    }
    problems
}

fn unknown(at: &Accessor) -> Option<Problem> {
    let problem = |message: String, help: &str| Problem {
        span: at.span,
        message,
        help: Some(help.to_owned()),
    };
    let name = &at.name;
    if at.arguments.is_some() {
        let message = format!("`{name}()` is computed from history, which is not stored");
        return Some(problem(message, "ask for fields of the result itself"));
    }
    let field = Of::Results.schema().field(name)?;
    LATER.contains(&field.name).then(|| {
        let message = format!("`{name}` is not known yet when mutes are decided");
        problem(message, "ask for what the result itself says")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_stored_can_be_asked() {
        let said = |text: &str| match bind(text, Timestamp::from_ms(0)) {
            Ok(_) => String::new(),
            Err(problems) => {
                let at = problems[0].span;
                format!("{} at `{}`", problems[0].message, &text[at.range()])
            }
        };
        for text in [
            "status = broken and env[\"os\"] = linux and message ~= /timed? out/",
            "category = \"Network\" or defect = DEF-1 or start > -7d",
        ] {
            assert_eq!(said(text), "", "{text}");
        }
        assert_eq!(
            said("status = failed and flipRate(20) > 10%"),
            "`flipRate()` is computed from history, which is not stored at `flipRate(20)`"
        );
        assert_eq!(
            said("Muted = true"),
            "`Muted` is not known yet when mutes are decided at `Muted`"
        );
        assert_eq!(
            said("status = failed limit 2"),
            "a mute covers all that fits, in no order at `status = failed limit 2`"
        );
        assert_eq!(
            said(" "),
            "a mute's query without conditions covers nothing at ` `"
        );
        assert!(said("true order by name").starts_with("a mute covers all"));
        assert!(said("owner = currentUser()").starts_with("nobody is known"));
        assert!(said("stauts = failed").starts_with("results have no field"));
    }
}
