//! Back to text, in one spelling: as few parentheses as possible, double quotes.

use std::fmt::{self, Display, Formatter, Write as _};

use super::ast::{Accessor, Clause, Expr, Literal, Query, What};
use crate::base::text::is_unsafe_to_show;

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(expr) = &self.expr {
            parts.push(expr.to_string());
        }
        if !self.order.is_empty() {
            let keys = self.order.iter().map(|order| match order.descending {
                true => format!("{} desc", order.by),
                false => order.by.to_string(),
            });
            parts.push(format!("order by {}", keys.collect::<Vec<_>>().join(", ")));
        }
        if let Some(limit) = self.limit {
            parts.push(format!("limit {limit}"));
        }
        f.write_str(&parts.join(" "))
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(members) => {
                let loose = |e: &Self| matches!(e, Self::And(_) | Self::Or(_));
                write_joined(f, members, " and ", loose)
            }
            Self::Or(members) => write_joined(f, members, " or ", |e| matches!(e, Self::Or(_))),
            Self::Not(inner) => match **inner {
                Self::And(_) | Self::Or(_) => write!(f, "not ({inner})"),
                _ => write!(f, "not {inner}"),
            },
            Self::Truth(truth) => write!(f, "{truth}"),
            Self::Clause(clause) => write!(f, "{clause}"),
        }
    }
}

fn write_joined(
    f: &mut Formatter<'_>,
    members: &[Expr],
    between: &str,
    needs_parentheses: impl Fn(&Expr) -> bool,
) -> fmt::Result {
    for (i, member) in members.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        match needs_parentheses(member) {
            true => write!(f, "({member})")?,
            false => write!(f, "{member}")?,
        }
    }
    Ok(())
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(accessor, op, value) => write!(f, "{accessor} {} {value}", op.as_str()),
            Self::In {
                accessor,
                negated,
                values,
            } => {
                let not = if *negated { "not " } else { "" };
                write!(f, "{accessor} {not}in [{}]", listed(values))
            }
            Self::Has(accessor) => write!(f, "has {accessor}"),
        }
    }
}

impl Display for Accessor {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(key) = &self.key {
            write!(f, "[{}]", Quoted(key))?;
        }
        match &self.arguments {
            Some(arguments) => write!(f, "({})", listed(arguments)),
            None => Ok(()),
        }
    }
}

fn listed(values: &[Literal]) -> String {
    let values: Vec<String> = values.iter().map(Literal::to_string).collect();
    values.join(", ")
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Null => f.write_str("null"),
            What::Truth(truth) => write!(f, "{truth}"),
            What::Number(number) => write!(f, "{number}"),
            What::Percent(number) => write!(f, "{number}%"),
            What::Text(text) => write!(f, "{}", Quoted(text)),
            What::Regex {
                pattern,
                ignore_case,
            } => {
                let flag = if *ignore_case { "i" } else { "" };
                write!(f, "/{}/{flag}", pattern.replace('/', "\\/"))
            }
            What::Day(day) => write!(f, "{day}"),
            What::Instant(instant) => write!(f, "{instant}"),
            What::Span { amount, unit } => write!(f, "{amount}{}", unit.as_str()),
            What::Call(name) => write!(f, "{name}()"),
        }
    }
}

/// Returns a text as queries have it: in double quotes, with what has to be escaped.
pub fn quoted(text: &str) -> String {
    Quoted(text).to_string()
}

/// A text in double quotes; what a terminal should not get is escaped.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                '\r' => f.write_str("\\r")?,
                c if is_unsafe_to_show(c) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(f, "\\u{unit:04x}")?;
                    }
                }
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}
