//! Cuts a text into the parts that a parser of YAML finds in it.

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::{Item, Items, Value};

/// Values nested deeper than this are not cut into parts.
const MAX_DEPTH: usize = 40;

/// What the parser tells, with places in bytes.
/// A list or a mapping in lines starts with no characters, one in brackets with its bracket.
#[derive(Debug)]
enum Part {
    Scalar(String, ScalarStyle),
    List,
    Map,
    End,
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    parts: Vec<(Part, usize, usize)>,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Option<Self> {
        let bytes: Vec<usize> = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().map(|(at, _)| at).collect(),
        };
        let byte = |character: usize| match bytes.is_empty() {
            true => character.min(text.len()),
            false => bytes.get(character).copied().unwrap_or(text.len()),
        };
        let mut parts = Vec::new();
        let mut documents = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            let part = match event {
                Event::Scalar(text, style, 0, None) => Part::Scalar(text.into(), style),
                Event::SequenceStart(0, None) => Part::List,
                Event::MappingStart(0, None) => Part::Map,
                Event::SequenceEnd | Event::MappingEnd => Part::End,
                Event::DocumentStart(false) => {
                    documents += 1;
                    continue;
                }
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd | Event::Nothing => {
                    continue;
                }
                _ => return None,
            };
            parts.push((part, byte(span.start.index()), byte(span.end.index())));
        }
        let is_one = documents == 1 && !text.lines().any(|line| line.starts_with("..."));
        is_one.then_some(Self {
            text,
            parts,
            at: 0,
            depth: 0,
        })
    }

    /// Reads the mapping that is the document; its tail is all that follows.
    pub(super) fn top(&mut self) -> Option<(Value<'a>, usize)> {
        let (Part::Map, start, end) = self.parts.first()? else {
            return None;
        };
        (start == end).then_some(())?;
        self.at = 1;
        let (mut map, end) = self.block_map(0, None)?;
        map.tail = &self.text[end..];
        Some((Value::Map(map), self.text.len()))
    }

    fn peek(&self) -> Option<&(Part, usize, usize)> {
        self.parts.get(self.at)
    }

    fn is_end(&self) -> Option<bool> {
        Some(matches!(self.peek()?.0, Part::End))
    }

    /// Where the line starts that a byte stands in.
    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |found| found + 1)
    }

    /// Where the next line starts.
    fn line_end(&self, at: usize) -> usize {
        let found = self.text[at..].find('\n');
        found.map_or(self.text.len(), |found| at + found + 1)
    }

    /// Skips blank lines and comments; returns where the line starts that says something.
    fn next_line(&self, mut at: usize) -> usize {
        while at < self.text.len() {
            let line = self.text[at..self.line_end(at)].trim();
            if !line.is_empty() && !line.starts_with('#') {
                break;
            }
            at = self.line_end(at);
        }
        at
    }

    fn skip_spaces(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + rest.len() - rest.trim_start_matches([' ', '\t']).len()
    }

    /// Reads a mapping in lines. `start` is where the first key's own comments may start; `first` is
    /// where its first key stands behind a dash.
    fn block_map(&mut self, start: usize, first: Option<usize>) -> Option<(Items<'a>, usize)> {
        let mut out = Items::default();
        let mut at = start;
        let mut column = None;
        while !self.is_end()? {
            let (
                Part::Scalar(
                    key,
                    ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted,
                ),
                from,
                to,
            ) = self.peek()?
            else {
                return None;
            };
            let (key, from, to) = (key.clone(), *from, *to);
            let line = match first.filter(|_| out.items.is_empty()) {
                Some(first) => (first == from).then_some(first)?,
                None => {
                    let line = self.next_line(at);
                    let before = self.text.get(line..from)?;
                    before.bytes().all(|byte| byte == b' ').then_some(line)?
                }
            };
            let indent = from - self.line_start(from);
            if *column.get_or_insert(indent) != indent {
                return None;
            }
            let to = tight(self.text, from, to);
            let colon = self.skip_spaces(to);
            if !self.text[colon..].starts_with(':') {
                return None;
            }
            self.at += 1;
            let (item, end) = self.item(Some(key), at, line, colon + 1, indent)?;
            out.items.push(item);
            at = end;
        }
        self.at += 1;
        out.indent = column?;
        Some((out, at))
    }

    fn block_list(&mut self, start: usize) -> Option<(Items<'a>, usize)> {
        let mut out = Items::default();
        let mut at = start;
        let mut column = None;
        while !self.is_end()? {
            let line = self.next_line(at);
            let dash = self.skip_spaces(line);
            let indent = dash - line;
            if !self.text[dash..].starts_with('-') || *column.get_or_insert(indent) != indent {
                return None;
            }
            let (item, end) = self.item(None, at, line, dash + 1, indent)?;
            out.items.push(item);
            at = end;
        }
        self.at += 1;
        out.indent = column?;
        Some((out, at))
    }

    /// Reads what follows a colon or a dash at `after`, in a block whose parts start in column `indent`.
    fn item(
        &mut self,
        key: Option<String>,
        start: usize,
        line: usize,
        after: usize,
        indent: usize,
    ) -> Option<(Item<'a>, usize)> {
        let lead = self.text.get(start..line)?;
        let from = self.skip_spaces(after);
        let (value, value_start, value_end) = self.value(&key, from, indent)?;
        let head = self.text.get(line..value_start)?;
        let (rest, end) = match value.is_block() {
            true => ("", value_end),
            false => {
                let end = self.line_end(value_end);
                let rest = &self.text[value_end..end];
                let said = rest.trim_start();
                let is_comment = said.starts_with('#') && rest.len() > said.len();
                (said.is_empty() || is_comment).then_some(())?;
                (rest, end)
            }
        };
        let item = Item {
            key,
            lead,
            head,
            value,
            rest,
        };
        Some((item, end))
    }

    /// Reads a value; returns it with its start and its end.
    fn value(
        &mut self,
        key: &Option<String>,
        from: usize,
        indent: usize,
    ) -> Option<(Value<'a>, usize, usize)> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let (part, start, end) = self.peek()?;
        let (start, end) = (*start, *end);
        let out = match part {
            Part::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded) => {
                self.at += 1;
                let end = self.literal(from, indent)?;
                (Value::Literal(&self.text[from..end]), from, end)
            }
            Part::Scalar(said, ScalarStyle::Plain) if said.is_empty() => {
                self.at += 1;
                let here = from.min(self.line_end(from));
                let here = match self.text[here..].starts_with('#') {
                    // The white space before a comment is its own.
                    true => self.text[..here].trim_end_matches([' ', '\t']).len(),
                    false => here,
                };
                (Value::Scalar(""), here, here)
            }
            Part::Scalar(..) => {
                self.at += 1;
                let end = tight(self.text, start, end);
                (Value::Scalar(&self.text[start..end]), start, end)
            }
            Part::List | Part::Map if start < end => {
                let (value, end) = self.flow()?;
                (value, start, end)
            }
            Part::Map => {
                let is_behind = key.is_none() && start == from;
                let below = self.line_end(from);
                self.at += 1;
                let (begin, first) = match is_behind {
                    true => (from, Some(from)),
                    false => (below, None),
                };
                self.is_alone(is_behind, from)?;
                let (mut map, end) = self.block_map(begin, first)?;
                let end = self.tail(&mut map, end, indent);
                (Value::Map(map), begin, end)
            }
            Part::List => {
                self.is_alone(false, from)?;
                let below = self.line_end(from);
                self.at += 1;
                let (mut list, end) = self.block_list(below)?;
                let end = self.tail(&mut list, end, indent);
                (Value::List(list), below, end)
            }
            Part::End => return None,
        };
        self.depth -= 1;
        Some(out)
    }

    /// Asks that nothing but a comment stands between a key and the lines below it.
    fn is_alone(&self, is_behind: bool, from: usize) -> Option<()> {
        let rest = self.text[from..self.line_end(from)].trim();
        (is_behind || rest.is_empty() || rest.starts_with('#')).then_some(())
    }

    /// Gives a block the comments below it that are indented as it is, deeper than what it stands in.
    fn tail(&self, block: &mut Items<'a>, end: usize, outer: usize) -> usize {
        let mut to = end;
        let mut at = end;
        while block.indent > outer && at < self.text.len() {
            let next = self.line_end(at);
            let line = &self.text[at..next];
            let column = line.len() - line.trim_start_matches(' ').len();
            if line.trim_start().starts_with('#') && column >= block.indent {
                to = next;
            } else if !line.trim().is_empty() {
                break;
            }
            at = next;
        }
        block.tail = &self.text[end..to];
        to
    }

    /// Returns where the lines below a `|` end: at the first that is not indented deeper.
    fn literal(&self, from: usize, indent: usize) -> Option<usize> {
        let mut end = self.line_end(from);
        let header = &self.text[from..end];
        let is_kept = header.split('#').next()?.contains('+');
        (header.starts_with(['|', '>']) && !is_kept).then_some(())?;
        let mut at = end;
        while at < self.text.len() {
            let next = self.line_end(at);
            let line = &self.text[at..next];
            let column = line.len() - line.trim_start_matches(' ').len();
            if !line.trim().is_empty() {
                if column <= indent {
                    break;
                }
                end = next;
            }
            at = next;
        }
        Some(end)
    }

    /// Reads a list or a mapping in brackets.
    fn flow(&mut self) -> Option<(Value<'a>, usize)> {
        let (first, depth) = (self.at, self.depth);
        let start = self.peek()?.1;
        let found = self.flow_items();
        self.depth = depth;
        // It ends where its own last part does, whether or not it could be cut into parts.
        let mut open = 0usize;
        let mut last = first;
        for (at, (part, ..)) in self.parts.iter().enumerate().skip(first) {
            match part {
                Part::List | Part::Map => open += 1,
                Part::End => open -= 1,
                Part::Scalar(..) => {}
            }
            last = at;
            if open == 0 {
                break;
            }
        }
        self.at = last + 1;
        let close = self.parts.get(last)?.1;
        let end = close + 1;
        self.text[close..].starts_with([']', '}']).then_some(())?;
        let raw = &self.text[start..end];
        let value = match found {
            Some((value, at)) if at == end && value.to_text() == raw => value,
            _ => Value::Opaque(raw),
        };
        Some((value, end))
    }

    /// Reads the parts of a list or a mapping in brackets; `None` where comments stand between them.
    fn flow_items(&mut self) -> Option<(Value<'a>, usize)> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let (part, start, _) = self.peek()?;
        let is_map = matches!(part, Part::Map);
        let mut at = *start + 1;
        let mut out = Items {
            is_flow: true,
            ..Items::default()
        };
        self.at += 1;
        while !self.is_end()? {
            if !out.items.is_empty() {
                let rest = &self.text[at..];
                let comma = rest.find(',')?;
                out.items.last_mut()?.rest = blank(&rest[..comma])?;
                at += comma + 1;
            }
            let (item, end) = self.flow_item(is_map, at)?;
            out.items.push(item);
            at = end;
        }
        let close = self.peek()?.1;
        self.at += 1;
        out.tail = self.text.get(at..close + 1)?;
        let between = out.tail.trim_end_matches([']', '}']).replacen(',', "", 1);
        between.trim().is_empty().then_some(())?;
        self.depth -= 1;
        let value = if is_map {
            Value::Map(out)
        } else {
            Value::List(out)
        };
        Some((value, close + 1))
    }

    fn flow_item(&mut self, is_map: bool, at: usize) -> Option<(Item<'a>, usize)> {
        let (part, from, to) = self.peek()?;
        let (from, to) = (*from, *to);
        let lead = blank(self.text.get(at..from)?)?;
        let mut item = Item {
            key: None,
            lead,
            head: "",
            value: Value::Scalar(""),
            rest: "",
        };
        let mut head = from;
        if is_map {
            let Part::Scalar(key, _) = part else {
                return None;
            };
            item.key = Some(key.clone());
            self.at += 1;
            head = tight(self.text, from, to);
            let colon = self.skip_spaces(head);
            if self.text[colon..].starts_with(':') {
                head = colon + 1;
            }
        }
        let (part, start, end) = self.peek()?;
        let (start, end) = (*start, *end);
        let (value, value_start, value_end) = match part {
            Part::Scalar(said, ScalarStyle::Plain) if is_map && said.is_empty() => {
                self.at += 1;
                (Value::Scalar(""), head, head)
            }
            Part::Scalar(..) if start < end => {
                self.at += 1;
                let end = tight(self.text, start, end);
                (Value::Scalar(&self.text[start..end]), start, end)
            }
            Part::List | Part::Map if start < end => {
                let (value, end) = self.flow_items()?;
                (value, start, end)
            }
            _ => return None,
        };
        blank(self.text.get(head..value_start)?)?;
        item.head = &self.text[from..value_start];
        item.value = value;
        Some((item, value_end))
    }
}

/// Passes on what is white space alone.
fn blank(text: &str) -> Option<&str> {
    text.trim().is_empty().then_some(text)
}

/// Cuts a value in quotes where its quotes end, and white space off one without: the parser's place
/// may reach to the next token.
fn tight(text: &str, start: usize, end: usize) -> usize {
    let written = &text[start..end.max(start)];
    let Some(quote) = written.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return start + written.trim_end().len();
    };
    let mut escaped = false;
    let mut rest = written.char_indices().skip(1).peekable();
    while let Some((at, c)) = rest.next() {
        if quote == '\'' && c == quote && rest.peek().is_some_and(|(_, next)| *next == quote) {
            rest.next();
            continue;
        }
        if c == quote && !escaped {
            return start + at + 1;
        }
        escaped = quote == '"' && c == '\\' && !escaped;
    }
    start + written.trim_end().len()
}
