//! From text to tokens. The first character that fits nowhere ends it.

use super::Problem;
use super::ast::{Literal, Op, Unit, What};
use crate::base::text::sanitize_line;
use crate::base::time::{Date, Timestamp};
use crate::diag::Span;

/// A query's longest text in bytes.
pub(super) const MAX_BYTES: usize = 16 << 10;

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A keyword, a name, or a value without quotes.
    Word(String),
    /// A value that is no word.
    Value(What),
    Op(Op),
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    End,
}

/// Returns the tokens of a text, `End` last.
pub(super) fn lex(text: &str) -> Result<Vec<Token>, Problem> {
    if text.len() > MAX_BYTES {
        let message = format!("a query of {} bytes is longer than {MAX_BYTES}", text.len());
        return Err(Problem::new(Span::new(0, text.len()), message));
    }
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip(|c| matches!(c, ' ' | '\t' | '\r' | '\n' | '\x0c'));
        let start = lexer.at;
        let kind = lexer.token()?;
        let end = kind == Kind::End;
        tokens.push(Token {
            kind,
            span: Span::new(start, lexer.at),
        });
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, n: usize) -> &'a str {
        let taken = &self.rest()[..n];
        self.at += n;
        taken
    }

    /// Takes all characters in front that fit.
    fn skip(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        self.take(rest.find(|c| !fits(c)).unwrap_or(rest.len()))
    }

    fn since(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    fn token(&mut self) -> Result<Kind, Problem> {
        let Some(first) = self.peek() else {
            return Ok(Kind::End);
        };
        if let Some(kind) = self.symbol() {
            return Ok(kind);
        }
        match first {
            '"' | '\'' => Ok(Kind::Value(What::Text(self.string(first)?))),
            '/' => self.regex(),
            c if c.is_alphabetic() || c == '_' => {
                let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
                Ok(Kind::Word(self.skip(fits).to_owned()))
            }
            c if c.is_ascii_digit() || c == '-' => self.number(),
            c => {
                let span = Span::new(self.at, self.at + c.len_utf8());
                let shown = sanitize_line(&c.to_string());
                let problem = Problem::new(span, format!("`{shown}` has no meaning here"));
                Err(problem.help(match c {
                    '&' => "write `and`",
                    '|' => "write `or`",
                    '!' => "write `not`",
                    '~' => "`~=` asks for a text or a `/pattern/` within",
                    _ => "a value with such characters is written in quotes",
                }))
            }
        }
    }

    /// Takes an operator or a bracket, the longest first.
    fn symbol(&mut self) -> Option<Kind> {
        const SYMBOLS: [(&str, Kind); 17] = [
            ("!~=", Kind::Op(Op::Lacks)),
            ("!=", Kind::Op(Op::Unequal)),
            ("<>", Kind::Op(Op::Unequal)),
            ("~=", Kind::Op(Op::Contains)),
            ("=~", Kind::Op(Op::Contains)),
            ("!~", Kind::Op(Op::Lacks)),
            ("==", Kind::Op(Op::Equal)),
            (">=", Kind::Op(Op::GreaterOrEqual)),
            ("<=", Kind::Op(Op::LessOrEqual)),
            ("=", Kind::Op(Op::Equal)),
            (">", Kind::Op(Op::Greater)),
            ("<", Kind::Op(Op::Less)),
            ("(", Kind::Open),
            (")", Kind::Close),
            ("[", Kind::OpenList),
            ("]", Kind::CloseList),
            (",", Kind::Comma),
        ];
        let (symbol, kind) = SYMBOLS
            .into_iter()
            .find(|(symbol, _)| self.rest().starts_with(symbol))?;
        self.take(symbol.len());
        Some(kind)
    }

    /// Takes a string in the quotes that it starts with. An unknown escape stands for its character.
    fn string(&mut self, quote: char) -> Result<String, Problem> {
        let start = self.at;
        self.take(1);
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else {
                let problem = Problem::new(self.since(start), "this text has no closing quote");
                return Err(problem.help(format!("end it with `{quote}`")));
            };
            self.take(c.len_utf8());
            match c {
                c if c == quote => return Ok(text),
                '\\' => text.extend(self.escape(start)?),
                c => text.push(c),
            }
        }
    }

    /// Takes what follows a backslash; nothing where the text ends.
    fn escape(&mut self, start: usize) -> Result<Option<char>, Problem> {
        let Some(c) = self.peek() else {
            return Ok(None);
        };
        self.take(c.len_utf8());
        Ok(Some(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'u' => {
                let high = self.hex(start)?;
                self.joined(start, high)?
            }
            c => c,
        }))
    }

    /// Takes the four digits of `\u`.
    fn hex(&mut self, start: usize) -> Result<u16, Problem> {
        let digits = self.rest().get(..4);
        match digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
            Some(unit) if !self.rest().starts_with('+') => {
                self.take(4);
                Ok(unit)
            }
            _ => Err(Problem::new(
                self.since(start),
                "`\\u` stands in front of four hexadecimal digits",
            )),
        }
    }

    /// Joins a pair of surrogates, as JSON has them.
    fn joined(&mut self, start: usize, high: u16) -> Result<char, Problem> {
        let mut units = vec![high];
        if (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u") {
            self.take(2);
            units.push(self.hex(start)?);
        }
        match char::decode_utf16(units)
            .collect::<Result<Vec<_>, _>>()
            .as_deref()
        {
            Ok([c]) => Ok(*c),
            _ => Err(Problem::new(
                self.since(start),
                "this text has half a pair of surrogates",
            )),
        }
    }

    /// Takes `/pattern/` with an optional `i`; `\/` is a slash in it.
    fn regex(&mut self) -> Result<Kind, Problem> {
        let start = self.at;
        self.take(1);
        let mut pattern = String::new();
        loop {
            let Some(c) = self.peek() else {
                let message = "this regular expression has no closing `/`";
                return Err(Problem::new(self.since(start), message));
            };
            self.take(c.len_utf8());
            match c {
                '/' => break,
                '\\' if self.rest().starts_with('/') => pattern.push_str(self.take(1)),
                '\\' => {
                    pattern.push('\\');
                    if let Some(c) = self.peek() {
                        pattern.push_str(self.take(c.len_utf8()));
                    }
                }
                c => pattern.push(c),
            }
        }
        let flags = self.skip(char::is_alphanumeric);
        if !matches!(flags, "" | "i") {
            let message = format!("a regular expression has no flag `{flags}`, only `i`");
            return Err(Problem::new(self.since(start), message));
        }
        Ok(Kind::Value(What::Regex {
            pattern,
            ignore_case: flags == "i",
        }))
    }

    /// Takes a number with its unit, or a date.
    fn number(&mut self) -> Result<Kind, Problem> {
        if let Some(date) = self.date()? {
            return Ok(Kind::Value(date));
        }
        let start = self.at;
        let minus = usize::from(self.rest().starts_with('-'));
        self.take(minus);
        let whole = self.skip(|c| c.is_ascii_digit());
        if whole.is_empty() {
            let problem = Problem::new(self.since(start), "`-` stands in front of a number only");
            return Err(
                problem.help("there is no arithmetic: a time before now is `-7d`; a value with `-` is written in quotes")
            );
        }
        if self.rest().starts_with('.') {
            self.take(1);
            self.skip(|c| c.is_ascii_digit());
        }
        let digits = &self.text[start..self.at];
        let number = digits.parse::<f64>().ok().filter(|n| n.is_finite());
        let number =
            number.ok_or_else(|| Problem::new(self.since(start), "this number is too large"))?;
        let unit = self.skip(|c| c.is_alphanumeric() || c == '%' || c == '_');
        unit_of(number, unit).map(Kind::Value).ok_or_else(|| {
            let message = format!("`{unit}` is no unit");
            let span = Span::new(self.at - unit.len(), self.at);
            Problem::new(span, message)
                .help("units are `ms`, `s`, `m`, `h`, `d`, `w` and `%`; text is written in quotes")
        })
    }

    /// Takes `2026-11-01`, or a time in RFC 3339.
    fn date(&mut self) -> Result<Option<What>, Problem> {
        let start = self.at;
        let shape = self.rest().get(..10).map(str::as_bytes);
        let is_date = shape.is_some_and(|shape| {
            shape.iter().enumerate().all(|(i, byte)| match i {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
        });
        if !is_date {
            return Ok(None);
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.' | '+');
        let text = self.skip(fits);
        // The id of a launch begins with a day: `2026-11-22-1843-nightly-4f7k`.
        if text.as_bytes().get(10) == Some(&b'-') {
            return Ok(Some(What::Text(text.to_owned())));
        }
        moment(text).map(Some).ok_or_else(|| {
            let message = format!("`{text}` is no date of the calendar and no time");
            Problem::new(self.since(start), message)
                .help("a day is `2026-11-22`, a time `2026-11-22T18:43:00Z`")
        })
    }
}

/// Reads a day or a time.
pub(super) fn moment(text: &str) -> Option<What> {
    let day = Date::parse(text).map(What::Day);
    day.or_else(|| Timestamp::parse(text).map(What::Instant))
}

fn unit_of(number: f64, unit: &str) -> Option<What> {
    match unit {
        "" => Some(What::Number(number)),
        "%" => Some(What::Percent(number)),
        _ => {
            let unit = Unit::ALL.into_iter().find(|u| u.as_str() == unit)?;
            Some(What::Span {
                amount: number,
                unit,
            })
        }
    }
}

impl Token {
    /// Returns the token as a value, where it can be one. A word is its own text.
    pub(super) fn literal(&self) -> Option<Literal> {
        let what = match &self.kind {
            Kind::Value(what) => what.clone(),
            Kind::Word(word) => match word.to_ascii_lowercase().as_str() {
                "null" | "empty" => What::Null,
                "true" => What::Truth(true),
                "false" => What::Truth(false),
                _ => What::Text(word.clone()),
            },
            _ => return None,
        };
        Some(Literal {
            what,
            span: self.span,
        })
    }
}
