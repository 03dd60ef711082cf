//! From tokens to a query. `or` binds loosest, then `and`, then `not`.

use super::Problem;
use super::ast::{Accessor, Clause, Expr, Literal, Op, Order, Query, What};
use super::lex::{Kind, Token, lex};
use crate::diag::Span;

/// How deep parentheses and `not` may be nested.
const MAX_DEPTH: usize = 64;

/// Words that can't be the name of a field, since they stand where one could.
const KEYWORDS: [&str; 10] = [
    "and", "or", "not", "in", "is", "has", "order", "limit", "null", "empty",
];

/// Parses a query; an empty text selects everything.
///
/// # Errors
/// Returns the first thing that is wrong, with its place.
pub fn parse(text: &str) -> Result<Query, Problem> {
    let mut parser = Parser {
        tokens: lex(text)?,
        at: 0,
        depth: 0,
    };
    let mut query = Query::default();
    if !parser.at_clause_end() {
        query.expr = Some(parser.any()?);
    }
    if parser.eat("order") {
        parser.expect_word("by", "`order` stands in front of `by`")?;
        query.order = parser.order()?;
    }
    if parser.eat("limit") {
        query.limit = Some(parser.limit()?);
    }
    match parser.peek().kind {
        Kind::End => Ok(query),
        _ => Err(parser.left_over(&query)),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at]
    }

    /// Takes the next token; the end stays.
    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(&self.peek().kind, Kind::Word(w) if w.eq_ignore_ascii_case(word))
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    fn eat_kind(&mut self, kind: &Kind) -> bool {
        let found = self.peek().kind == *kind;
        if found {
            self.next();
        }
        found
    }

    fn expect_word(&mut self, word: &str, message: &str) -> Result<(), Problem> {
        match self.eat(word) {
            true => Ok(()),
            false => Err(Problem::new(self.peek().span, message)),
        }
    }

    fn expect(&mut self, kind: &Kind, what: &str) -> Result<(), Problem> {
        match self.eat_kind(kind) {
            true => Ok(()),
            false => Err(self.unexpected(what)),
        }
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let token = self.peek();
        let found = match &token.kind {
            Kind::End => "the query ends".to_owned(),
            Kind::Word(word) => format!("`{word}` stands"),
            Kind::Value(_) => "a value stands".to_owned(),
            Kind::Op(op) => format!("`{}` stands", op.as_str()),
            Kind::Open => "`(` stands".to_owned(),
            Kind::Close => "`)` stands".to_owned(),
            Kind::OpenList => "`[` stands".to_owned(),
            Kind::CloseList => "`]` stands".to_owned(),
            Kind::Comma => "`,` stands".to_owned(),
        };
        Problem::new(token.span, format!("{found} where {expected} is expected"))
    }

    /// Says what can't follow what was read.
    fn left_over(&self, query: &Query) -> Problem {
        let expected = match (query.limit, query.order.as_slice()) {
            (Some(_), _) => "the end",
            (None, []) => "`and`, `or`, `order by`, `limit` or the end",
            (None, _) => "`,`, `limit` or the end",
        };
        let problem = self.unexpected(expected);
        match self.peek().kind {
            Kind::Word(_) if self.is_word("order") && query.limit.is_some() => {
                problem.help("`order by` stands in front of `limit`")
            }
            Kind::Word(_) | Kind::Value(_) => problem.help(
                "a value of several words is written in quotes, a number and its unit without a blank",
            ),
            _ => problem,
        }
    }

    /// Returns whether no condition follows: the end, or `order by`, or `limit` and a number.
    fn at_clause_end(&self) -> bool {
        self.peek().kind == Kind::End || self.is_word("order") || self.is_word("limit")
    }

    fn any(&mut self) -> Result<Expr, Problem> {
        let mut members = vec![self.all()?];
        while self.eat("or") {
            members.push(self.all()?);
        }
        Ok(joined(members, Expr::Or))
    }

    fn all(&mut self) -> Result<Expr, Problem> {
        let mut members = vec![self.negation()?];
        while self.eat("and") {
            members.push(self.negation()?);
        }
        Ok(joined(members, Expr::And))
    }

    fn negation(&mut self) -> Result<Expr, Problem> {
        if self.is_word("not") {
            return self.deeper(|parser| {
                parser.next();
                Ok(Expr::Not(Box::new(parser.negation()?)))
            });
        }
        if self.peek().kind == Kind::Open {
            return self.deeper(|parser| {
                parser.next();
                let inner = parser.any()?;
                parser.expect(&Kind::Close, "`)`")?;
                Ok(inner)
            });
        }
        for truth in [true, false] {
            if self.eat(if truth { "true" } else { "false" }) {
                return Ok(Expr::Truth(truth));
            }
        }
        self.clause().map(Expr::Clause)
    }

    fn deeper<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if self.depth == MAX_DEPTH {
            let message = format!("this is nested deeper than {MAX_DEPTH}");
            return Err(Problem::new(self.peek().span, message));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn clause(&mut self) -> Result<Clause, Problem> {
        if self.eat("has") {
            return Ok(Clause::Has(self.accessor()?));
        }
        let accessor = self.accessor()?;
        let negated = self.is_word("not") && self.word_after("in");
        if negated {
            self.next();
        }
        if self.eat("in") {
            return Ok(Clause::In {
                accessor,
                negated,
                values: self.list()?,
            });
        }
        let op = self.operator(&accessor)?;
        Ok(Clause::Compare(accessor, op, self.value()?))
    }

    fn word_after(&self, word: &str) -> bool {
        let next = self.tokens.get(self.at + 1).map(|token| &token.kind);
        matches!(next, Some(Kind::Word(w)) if w.eq_ignore_ascii_case(word))
    }

    fn operator(&mut self, accessor: &Accessor) -> Result<Op, Problem> {
        if self.eat("is") {
            return Ok(match self.eat("not") {
                true => Op::Unequal,
                false => Op::Equal,
            });
        }
        match self.peek().kind {
            Kind::Op(op) => {
                self.next();
                Ok(op)
            }
            _ => {
                let name = &accessor.name;
                let help = format!("write `{name} = …`, `{name} in […]` or `has {name}`");
                Err(self.unexpected("an operator").help(help))
            }
        }
    }

    fn accessor(&mut self) -> Result<Accessor, Problem> {
        let token = self.peek().clone();
        let name = match &token.kind {
            Kind::Word(word) if !is_keyword(word) => word.clone(),
            _ => return Err(self.unexpected("the name of a field")),
        };
        if let Some(c) = name.chars().find(|c| matches!(c, '-' | '.')) {
            let problem = Problem::new(token.span, format!("no field has a `{c}` in its name"));
            return Err(problem.help("a field stands left of the operator, its value right of it"));
        }
        self.next();
        let mut accessor = Accessor {
            name,
            key: None,
            arguments: None,
            span: token.span,
        };
        if self.eat_kind(&Kind::OpenList) {
            accessor.key = Some(self.key()?);
            self.expect(&Kind::CloseList, "`]`")?;
        } else if self.eat_kind(&Kind::Open) {
            accessor.arguments = Some(self.values(&Kind::Close, "`)`")?);
        }
        accessor.span = Span::new(token.span.start, self.tokens[self.at - 1].span.end);
        Ok(accessor)
    }

    fn key(&mut self) -> Result<String, Problem> {
        let expected = "a name in quotes";
        let key = match self.peek().literal().map(|literal| literal.what) {
            Some(What::Text(text)) => text,
            Some(What::Number(number)) => number.to_string(),
            _ => return Err(self.unexpected(expected)),
        };
        self.next();
        Ok(key)
    }

    fn list(&mut self) -> Result<Vec<Literal>, Problem> {
        if self.eat_kind(&Kind::Open) {
            return self.values(&Kind::Close, "`)`");
        }
        self.expect(&Kind::OpenList, "`[`")?;
        self.values(&Kind::CloseList, "`]`")
    }

    /// Takes values with commas between them, and the bracket that ends them.
    fn values(&mut self, end: &Kind, shown: &str) -> Result<Vec<Literal>, Problem> {
        let mut values = Vec::new();
        if self.eat_kind(end) {
            return Ok(values);
        }
        loop {
            values.push(self.value()?);
            if !self.eat_kind(&Kind::Comma) {
                self.expect(end, &format!("`,` or {shown}"))?;
                return Ok(values);
            }
        }
    }

    fn value(&mut self) -> Result<Literal, Problem> {
        let token = self.peek().clone();
        let Some(literal) = token.literal() else {
            return Err(self.unexpected("a value"));
        };
        self.next();
        let Kind::Word(word) = token.kind else {
            return Ok(literal);
        };
        if !self.eat_kind(&Kind::Open) {
            return Ok(literal);
        }
        self.expect(&Kind::Close, "`)`")?;
        Ok(Literal {
            what: What::Call(word),
            span: Span::new(token.span.start, self.tokens[self.at - 1].span.end),
        })
    }

    fn order(&mut self) -> Result<Vec<Order>, Problem> {
        let mut order = Vec::new();
        loop {
            let by = self.accessor()?;
            let descending = self.eat("desc");
            if !descending {
                self.eat("asc");
            }
            order.push(Order { by, descending });
            if !self.eat_kind(&Kind::Comma) {
                return Ok(order);
            }
        }
    }

    fn limit(&mut self) -> Result<usize, Problem> {
        let token = self.next();
        match token.kind {
            Kind::Value(What::Number(n)) if n.fract() == 0.0 && (0.0..1e15).contains(&n) => {
                Ok(n as usize)
            }
            _ => Err(Problem::new(
                token.span,
                "`limit` stands in front of a whole number",
            )),
        }
    }
}

fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(word))
}

fn joined(mut members: Vec<Expr>, kind: fn(Vec<Expr>) -> Expr) -> Expr {
    match members.len() {
        1 => members.remove(0),
        _ => kind(members),
    }
}
