//! A query held against a schema: every name found, every value of the right kind.

use regex::{Regex, RegexBuilder};

use super::Problem;
use super::ast::{Accessor, Clause, Expr, Literal, Op, Query, What};
use super::lex::moment;
use super::schema::{Field, Kind, Schema, folded};
use crate::base::text::{list, sanitize_line, ticked};
use crate::base::time::Timestamp;
use crate::diag::Span;

/// A regular expression's largest compiled size in bytes.
const MAX_REGEX: usize = 1 << 20;

/// What a query means depends on beside its text and its subjects.
#[derive(Clone, Debug)]
pub struct Context {
    /// What `now()` and `-7d` count from.
    pub now: Timestamp,
    /// Who asks, for `currentUser()`; none where nobody is known.
    pub user: Option<String>,
}

/// How much history a function looks at, counted back from the newest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// So many entries.
    Last(u32),
    /// What is at most so many milliseconds old.
    Within(i64),
}

/// A field or function that was found in the schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The schema's own spelling.
    pub name: &'static str,
    pub kind: Kind,
    pub key: Option<String>,
    /// Some for a function that looks at history.
    pub window: Option<Window>,
    is_function: bool,
}

impl Lookup {
    /// Whether it is computed from history, and no field.
    pub fn is_function(&self) -> bool {
        self.is_function
    }
}

/// A query that can be put to subjects of one schema.
#[derive(Clone, Debug)]
pub struct Bound {
    pub(super) test: Test,
    pub(super) mentions: Vec<Mention>,
    pub(super) order: Vec<(Lookup, bool)>,
    pub(super) limit: Option<usize>,
}

/// A text or a name in brackets that could be misspelt: nothing but the subjects tell.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    pub(super) lookup: Lookup,
    /// The text as it was written; none where only the name in brackets counts.
    pub(super) text: Option<String>,
    pub(super) span: Span,
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Truth(bool),
    Has(Lookup),
    Compare(Lookup, Op, Want),
    In(Lookup, bool, Vec<Want>),
}

/// The right side, ready to be compared.
#[derive(Clone, Debug)]
pub(super) enum Want {
    Null,
    Truth(bool),
    /// A number, or milliseconds.
    Number(f64),
    /// From and to, in milliseconds, both in it: a day, or twice the same.
    Range(i64, i64),
    /// A whole text (folded to lower case).
    Text(String),
    /// What is found in a text.
    Found(Regex),
}

/// Holds a query against a schema.
///
/// # Errors
/// Returns everything that is wrong, in the order of the text.
pub fn bind(query: &Query, schema: &Schema, context: &Context) -> Result<Bound, Vec<Problem>> {
    let mut binder = Binder {
        schema,
        context,
        problems: Vec::new(),
        mentions: Vec::new(),
    };
    let test = query
        .expr
        .as_ref()
        .map_or(Test::Truth(true), |e| binder.expr(e));
    let mut order = Vec::new();
    for key in &query.order {
        if let Some((lookup, _)) = binder.lookup(&key.by) {
            order.push((lookup, key.descending));
        }
    }
    if binder.problems.is_empty() {
        let limit = query.limit;
        return Ok(Bound {
            test,
            mentions: binder.mentions,
            order,
            limit,
        });
    }
    Err(binder.problems)
}

impl Query {
    /// Holds the query against a schema; see [`bind`].
    ///
    /// # Errors
    /// Returns everything that is wrong, in the order of the text.
    pub fn bind(&self, schema: &Schema, context: &Context) -> Result<Bound, Vec<Problem>> {
        bind(self, schema, context)
    }
}

impl Bound {
    /// Returns every field and function that is asked for, so that only these need to be read.
    pub fn lookups(&self) -> Vec<&Lookup> {
        fn walk<'a>(test: &'a Test, into: &mut Vec<&'a Lookup>) {
            match test {
                Test::And(members) | Test::Or(members) => {
                    members.iter().for_each(|member| walk(member, into));
                }
                Test::Not(inner) => walk(inner, into),
                Test::Truth(_) => {}
                Test::Has(lookup) | Test::Compare(lookup, ..) | Test::In(lookup, ..) => {
                    into.push(lookup);
                }
            }
        }
        let mut lookups = Vec::new();
        walk(&self.test, &mut lookups);
        lookups.extend(self.order.iter().map(|(lookup, _)| lookup));
        lookups
    }
}

struct Binder<'a> {
    schema: &'a Schema,
    context: &'a Context,
    problems: Vec<Problem>,
    mentions: Vec<Mention>,
}

impl Binder<'_> {
    fn expr(&mut self, expr: &Expr) -> Test {
        match expr {
            Expr::And(members) => Test::And(members.iter().map(|m| self.expr(m)).collect()),
            Expr::Or(members) => Test::Or(members.iter().map(|m| self.expr(m)).collect()),
            Expr::Not(inner) => Test::Not(Box::new(self.expr(inner))),
            Expr::Truth(truth) => Test::Truth(*truth),
            // What has a problem is never asked, so what stands in its place doesn't matter.
            Expr::Clause(clause) => self.clause(clause).unwrap_or(Test::Truth(false)),
        }
    }

    fn clause(&mut self, clause: &Clause) -> Option<Test> {
        match clause {
            Clause::Has(accessor) => {
                let (lookup, values) = self.lookup(accessor)?;
                self.mention(&lookup, values, accessor, None);
                Some(Test::Has(lookup))
            }
            Clause::Compare(accessor, op, value) => {
                let (lookup, values) = self.lookup(accessor)?;
                let is_whole = matches!(op, Op::Equal | Op::Unequal);
                self.mention(&lookup, values, accessor, Some(value).filter(|_| is_whole));
                let want = want(&lookup, values, *op, value, self.context);
                Some(Test::Compare(lookup, *op, self.kept(want)?))
            }
            Clause::In {
                accessor,
                negated,
                values: members,
            } => {
                let (lookup, values) = self.lookup(accessor)?;
                let mut wants = Vec::new();
                for member in members {
                    self.mention(&lookup, values, accessor, Some(member));
                    let want = match member.what {
                        What::Null => Err(null_in_list(accessor, member)),
                        _ => want(&lookup, values, Op::Equal, member, self.context),
                    };
                    wants.extend(self.kept(want));
                }
                Some(Test::In(lookup, *negated, wants))
            }
        }
    }

    /// Keeps what is compared as a whole text, or the name in brackets where it is not.
    fn mention(
        &mut self,
        lookup: &Lookup,
        values: &[&str],
        accessor: &Accessor,
        value: Option<&Literal>,
    ) {
        if lookup.kind != Kind::Text || lookup.is_function || !values.is_empty() {
            return;
        }
        let text = value.and_then(|value| match &value.what {
            What::Text(text) => Some((text.clone(), value.span)),
            _ => None,
        });
        let (text, span) = match text {
            Some((text, span)) => (Some(text), span),
            None if lookup.key.is_some() => (None, accessor.span),
            None => return,
        };
        self.mentions.push(Mention {
            lookup: lookup.clone(),
            text,
            span,
        });
    }

    fn kept<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Finds what an accessor names, and the values that it can have.
    fn lookup(&mut self, accessor: &Accessor) -> Option<(Lookup, &'static [&'static str])> {
        let found = match &accessor.arguments {
            None => self.field(accessor),
            Some(arguments) => self.function(accessor, arguments),
        };
        self.kept(found)
    }

    fn field(&self, at: &Accessor) -> Result<(Lookup, &'static [&'static str]), Problem> {
        let Some(field) = self.schema.field(&at.name) else {
            return Err(self.unknown(at));
        };
        if let Some(problem) = wrong_key(field, at) {
            return Err(problem);
        }
        let lookup = Lookup {
            name: field.name,
            kind: field.kind,
            key: at.key.clone(),
            window: None,
            is_function: false,
        };
        Ok((lookup, field.values))
    }

    fn unknown(&self, at: &Accessor) -> Problem {
        let Accessor { name, span, .. } = at;
        let of = self.schema.of;
        let problem = Problem::new(*span, format!("{of} have no field `{name}`"));
        if let Some(function) = self.schema.function(name) {
            return problem.help(format!("it is a function: write `{}()`", function.name));
        }
        let is_it = |(other, _): &&(&str, &str)| folded(other) == folded(name);
        if let Some((_, instead)) = self.schema.elsewhere.iter().find(is_it) {
            return problem.help(*instead);
        }
        let names = self.schema.fields.iter().map(|field| field.name);
        let aliases = self.schema.fields.iter().flat_map(|field| field.aliases);
        let known = problem.suggest(name, names.clone().chain(aliases.copied()));
        match known.help {
            Some(_) => known,
            None => known.help(format!(
                "fields are {}",
                ticked(&names.collect::<Vec<_>>(), "and")
            )),
        }
    }

    fn function(
        &self,
        at: &Accessor,
        arguments: &[Literal],
    ) -> Result<(Lookup, &'static [&'static str]), Problem> {
        let Accessor { name, span, .. } = at;
        let of = self.schema.of;
        let Some(function) = self.schema.function(name) else {
            let problem = Problem::new(*span, format!("{of} have no function `{name}()`"));
            return Err(match self.schema.field(name) {
                Some(field) => problem.help(format!("it is a field: write `{}`", field.name)),
                None => problem.suggest(name, self.schema.functions.iter().map(|f| f.name)),
            });
        };
        let window = match (arguments, function.window) {
            ([], window) => window,
            ([argument], Some(_)) => Some(window(argument)?),
            (_, expected) => {
                let takes = if expected.is_some() {
                    "at most one value"
                } else {
                    "no value"
                };
                let message = format!("`{}()` takes {takes}", function.name);
                return Err(Problem::new(*span, message));
            }
        };
        let lookup = Lookup {
            name: function.name,
            kind: function.kind,
            key: None,
            window,
            is_function: true,
        };
        Ok((lookup, function.values))
    }
}

fn null_in_list(accessor: &Accessor, member: &Literal) -> Problem {
    let problem = Problem::new(member.span, "`null` in a list fits nothing");
    problem.help(format!("write `or {accessor} is null` behind the list"))
}

fn wrong_key(field: &Field, at: &Accessor) -> Option<Problem> {
    let name = field.name;
    match (field.key, &at.key) {
        (Some(key), None) => {
            let problem = Problem::new(at.span, format!("`{name}` stands without {key}"));
            Some(problem.help(format!("write `{name}[\"…\"]`, with {key} in quotes")))
        }
        (None, Some(_)) => Some(Problem::new(at.span, format!("`{name}` has no brackets"))),
        _ => None,
    }
}

fn window(argument: &Literal) -> Result<Window, Problem> {
    match argument.what {
        What::Number(n) if n.fract() == 0.0 && (1.0..=1e6).contains(&n) => {
            Ok(Window::Last(n as u32))
        }
        What::Span { amount, unit } if amount > 0.0 => {
            Ok(Window::Within((amount * unit.ms()) as i64))
        }
        _ => {
            let problem = Problem::new(argument.span, "this is no window of history");
            Err(problem.help("write a number of launches such as `20`, or a span such as `30d`"))
        }
    }
}

/// Makes the right side ready, by the kind of the left one.
fn want(
    lookup: &Lookup,
    values: &[&str],
    op: Op,
    value: &Literal,
    context: &Context,
) -> Result<Want, Problem> {
    if value.what == What::Null {
        return match op {
            Op::Equal | Op::Unequal => Ok(Want::Null),
            _ => {
                let message = format!("`{}` can't be used with `null`", op.as_str());
                Err(Problem::new(value.span, message).help("write `is null` or `is not null`"))
            }
        };
    }
    let value = &called(value, context)?;
    if matches!(op, Op::Contains | Op::Lacks) && lookup.kind != Kind::Text {
        let (name, kind) = (lookup.name, lookup.kind.as_str());
        let message = format!("`{}` looks into texts, and `{name}` is {kind}", op.as_str());
        return Err(Problem::new(value.span, message));
    }
    let want = match lookup.kind {
        Kind::Text => return text(lookup, values, op, value),
        Kind::Truth if !op.is_ordering() => match value.what {
            What::Truth(truth) => Some(Want::Truth(truth)),
            _ => None,
        },
        Kind::Truth => None,
        Kind::Number => match value.what {
            What::Number(number) => Some(Want::Number(number)),
            What::Percent(number) => Some(Want::Number(number / 100.0)),
            _ => None,
        },
        Kind::Rate => match value.what {
            What::Number(rate) if rate > 1.0 => return Err(no_rate(lookup, rate, value.span)),
            What::Number(rate) => Some(Want::Number(rate)),
            What::Percent(percent) => Some(Want::Number(percent / 100.0)),
            _ => None,
        },
        Kind::Duration => match value.what {
            What::Number(ms) => Some(Want::Number(ms)),
            What::Span { amount, unit } => Some(Want::Number(amount * unit.ms())),
            _ => None,
        },
        Kind::Instant => instant(&value.what, context),
    };
    want.ok_or_else(|| unfit(lookup, op, value))
}

/// Replaces a function on the right side by its value.
fn called(value: &Literal, context: &Context) -> Result<Literal, Problem> {
    const NAMES: [&str; 5] = ["now", "dayStartUtc", "weekAgo", "monthAgo", "currentUser"];
    const DAY: i64 = 86_400_000;
    let What::Call(name) = &value.what else {
        return Ok(value.clone());
    };
    let now = context.now.ms();
    let at = |ms| What::Instant(Timestamp::from_ms(ms));
    let what = match folded(name).as_str() {
        "now" => at(now),
        "daystartutc" => at(now - now.rem_euclid(DAY)),
        "weekago" => at(now - 7 * DAY),
        "monthago" => at(now - 30 * DAY),
        "currentuser" => match &context.user {
            Some(user) => What::Text(user.clone()),
            None => {
                let problem = Problem::new(value.span, "nobody is known as `currentUser()`");
                return Err(problem.help("set `user.email` in git to that of a member"));
            }
        },
        _ => {
            let message = format!("there is no value `{name}()`");
            return Err(Problem::new(value.span, message).suggest(name, NAMES));
        }
    };
    Ok(Literal {
        what,
        span: value.span,
    })
}

fn instant(what: &What, context: &Context) -> Option<Want> {
    const DAY: i64 = 86_400_000;
    match what {
        What::Day(day) => {
            let end = day.end().ms();
            Some(Want::Range(end + 1 - DAY, end))
        }
        What::Instant(at) => Some(Want::Range(at.ms(), at.ms())),
        What::Number(ms) => Some(Want::Range(*ms as i64, *ms as i64)),
        What::Span { amount, unit } if *amount <= 0.0 => {
            let at = context.now.ms().saturating_add((amount * unit.ms()) as i64);
            Some(Want::Range(at, at))
        }
        What::Text(text) => instant(&moment(text)?, context),
        _ => None,
    }
}

/// Whoever writes `passRate() < 90` means percent, and would get everything.
fn no_rate(lookup: &Lookup, number: f64, span: Span) -> Problem {
    let message = format!(
        "`{}` is {}: it is never {number}",
        lookup.name,
        Kind::Rate.as_str()
    );
    Problem::new(span, message).help(format!("write `{number}%`"))
}

fn unfit(lookup: &Lookup, op: Op, value: &Literal) -> Problem {
    let (name, kind) = (lookup.name, lookup.kind.as_str());
    let help = match lookup.kind {
        Kind::Instant => "write a day `2026-11-22`, a time `2026-11-22T18:43:00Z` or `-7d`",
        Kind::Duration => "write a number with `ms`, `s`, `m`, `h` or `d`, such as `1.5s`",
        Kind::Truth => "write `= true` or `= false`",
        _ => "write a number such as `3`, or `90%`",
    };
    let message = format!("`{name}` is {kind}: `{} {value}` does not fit", op.as_str());
    Problem::new(value.span, message).help(help)
}

fn text(lookup: &Lookup, values: &[&str], op: Op, value: &Literal) -> Result<Want, Problem> {
    let name = lookup.name;
    if op.is_ordering() {
        return match value.what {
            What::Number(number) if values.is_empty() => Ok(Want::Number(number)),
            _ => {
                let message = format!("`{name}` is a text: `{}` compares numbers", op.as_str());
                Err(Problem::new(value.span, message))
            }
        };
    }
    let contains = matches!(op, Op::Contains | Op::Lacks);
    let (pattern, ignore_case) = match &value.what {
        What::Regex {
            pattern,
            ignore_case,
        } if contains => (pattern.clone(), *ignore_case),
        What::Regex {
            pattern,
            ignore_case,
        } => (format!(r"\A(?:{pattern})\z"), *ignore_case),
        what => {
            let text = as_text(what);
            if !contains {
                return whole(lookup, values, text, value);
            }
            (regex::escape(&text), true)
        }
    };
    let built = RegexBuilder::new(&pattern)
        .case_insensitive(ignore_case)
        .size_limit(MAX_REGEX)
        .build();
    built.map(Want::Found).map_err(|error| {
        let why = match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            error => error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .to_owned(),
        };
        let message = format!(
            "this regular expression does not work: {}",
            sanitize_line(&why)
        );
        Problem::new(value.span, message)
    })
}

/// A value without quotes where a text is wanted is that text, as in `layer = 7`.
fn as_text(what: &What) -> String {
    match what {
        What::Text(text) => text.clone(),
        what => Literal {
            what: what.clone(),
            span: crate::diag::Span::default(),
        }
        .to_string(),
    }
}

fn whole(lookup: &Lookup, values: &[&str], text: String, at: &Literal) -> Result<Want, Problem> {
    let fits = values.is_empty() || values.iter().any(|v| v.eq_ignore_ascii_case(&text));
    if fits {
        return Ok(Want::Text(text.to_lowercase()));
    }
    let ticked: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
    let expected = list(&ticked, "or");
    let shown = sanitize_line(&text);
    let message = format!("`{}` is never `{shown}`: it is {expected}", lookup.name);
    Err(Problem::new(at.span, message).suggest(&text, values.iter().copied()))
}
