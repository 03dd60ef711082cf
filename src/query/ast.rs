//! A query as it was written, without meaning yet.

use crate::base::time::{Date, Timestamp};
use crate::diag::Span;

/// A whole query. The default one selects everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// None selects everything, as an empty text does.
    pub expr: Option<Expr>,
    pub order: Vec<Order>,
    pub limit: Option<usize>,
}

impl Query {
    /// Returns all fields and functions as they are written, those of the order last.
    pub fn accessors(&self) -> Vec<&Accessor> {
        fn walk<'a>(expr: &'a Expr, into: &mut Vec<&'a Accessor>) {
            match expr {
                Expr::And(members) | Expr::Or(members) => {
                    members.iter().for_each(|member| walk(member, into));
                }
                Expr::Not(inner) => walk(inner, into),
                Expr::Truth(_) => {}
                Expr::Clause(
                    Clause::Compare(accessor, ..)
                    | Clause::In { accessor, .. }
                    | Clause::Has(accessor),
                ) => into.push(accessor),
            }
        }
        let mut accessors = Vec::new();
        if let Some(expr) = &self.expr {
            walk(expr, &mut accessors);
        }
        accessors.extend(self.order.iter().map(|order| &order.by));
        accessors
    }
}

/// One key of `order by`.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub by: Accessor,
    pub descending: bool,
}

/// A condition. `And` and `Or` have two members or more.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Truth(bool),
    Clause(Clause),
}

/// What is asked of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Clause {
    Compare(Accessor, Op, Literal),
    In {
        accessor: Accessor,
        negated: bool,
        values: Vec<Literal>,
    },
    Has(Accessor),
}

/// A field, a keyed field (`cf["Epic"]`) or a function (`flipRate(20)`).
#[derive(Clone, Debug)]
pub struct Accessor {
    pub name: String,
    pub key: Option<String>,
    /// None for a field; a function has its arguments, which may be none.
    pub arguments: Option<Vec<Literal>>,
    /// Where it stands in the text; two accessors are equal wherever they stand.
    pub span: Span,
}

impl PartialEq for Accessor {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.key, &self.arguments) == (&other.name, &other.key, &other.arguments)
    }
}

/// An operator between a field and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Equal,
    Unequal,
    /// Part of the text, or a regular expression that is found in it.
    Contains,
    Lacks,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Op {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Contains => "~=",
            Self::Lacks => "!~=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Returns whether the operator asks which of two comes first.
    pub fn is_ordering(self) -> bool {
        matches!(
            self,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual
        )
    }
}

/// A value as written, and where.
#[derive(Clone, Debug)]
pub struct Literal {
    pub what: What,
    pub span: Span,
}

impl PartialEq for Literal {
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what
    }
}

/// What kinds of value can be written.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Null,
    Truth(bool),
    Number(f64),
    /// Hundredths: `90%` is 0.9.
    Percent(f64),
    Text(String),
    Regex {
        pattern: String,
        ignore_case: bool,
    },
    /// A day in UTC.
    Day(Date),
    Instant(Timestamp),
    Span {
        amount: f64,
        unit: Unit,
    },
    /// A function without arguments, such as `now()`.
    Call(String),
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
}

impl Unit {
    pub(super) const ALL: [Self; 6] = [
        Self::Millisecond,
        Self::Second,
        Self::Minute,
        Self::Hour,
        Self::Day,
        Self::Week,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Millisecond => "ms",
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
        }
    }

    /// Returns the unit's length in milliseconds; a day has 24 hours.
    pub fn ms(self) -> f64 {
        match self {
            Self::Millisecond => 1.0,
            Self::Second => 1e3,
            Self::Minute => 60e3,
            Self::Hour => 3_600e3,
            Self::Day => 86_400e3,
            Self::Week => 604_800e3,
        }
    }
}
