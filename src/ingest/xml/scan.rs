//! A plain count of elements on decoded text, and whether its tags nest and close.
//!
//! It knows tags, comments, CDATA and quotes, and nothing of a format but which names count; so it
//! stands apart from the code that makes rows. On its way it leaves out what exceeds the bounds
//! of one text, so that whoever reads after it needs bounded memory.

use crate::ingest::limits;

/// Bytes kept of a comment, a processing instruction or a document type.
const MARGIN: u64 = 4096;
/// Bytes kept of one tag.
const TAG: u64 = 8 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// After `<`, until it is clear what this is.
    Open,
    /// In a start tag: the quote that is open, and whether a slash came last.
    Tag {
        quote: Option<u8>,
        slash: bool,
    },
    /// In an end tag.
    End,
    Comment {
        dashes: u8,
    },
    Cdata {
        brackets: u8,
    },
    Instruction {
        question: bool,
    },
    Doctype {
        quote: Option<u8>,
        depth: u32,
    },
}

/// Why a text is no well-formed document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Damage(pub(in crate::ingest) String);

/// Reads a document piece by piece.
#[derive(Debug)]
pub(in crate::ingest) struct Scanner {
    state: State,
    /// What stands after `<`: a name, or the start of a bang.
    head: Vec<u8>,
    /// Names of open elements, one after another, and where each starts.
    names: Vec<u8>,
    open: Vec<usize>,
    roots: u64,
    /// Bytes of the text or tag at hand.
    run: u64,
    /// The line where it begins, from 1, and where in the piece at hand, if it begins there.
    line: u64,
    began: Option<usize>,
    /// Line breaks before the piece at hand.
    breaks: u64,
    at: usize,
    /// What is at hand goes on for too long: nothing more is read.
    pub(in crate::ingest) stopped: bool,
    counts: fn(&str) -> bool,
    /// How many elements have a name that counts.
    pub(in crate::ingest) cases: u64,
    /// Bytes left out.
    pub(in crate::ingest) elided: u64,
    /// Text stands outside the root element.
    pub(in crate::ingest) stray: bool,
    /// Declarations or comments were seen, which make a whole file without a root, too.
    bare: bool,
    doctype: bool,
    /// A document type with an internal subset.
    pub(in crate::ingest) subset: bool,
    damage: Option<Damage>,
}

impl Scanner {
    pub(in crate::ingest) fn new(counts: fn(&str) -> bool) -> Self {
        Self {
            counts,
            state: State::Text,
            head: Vec::new(),
            names: Vec::new(),
            open: Vec::new(),
            roots: 0,
            run: 0,
            line: 1,
            began: None,
            breaks: 0,
            at: 0,
            stopped: false,
            cases: 0,
            elided: 0,
            stray: false,
            bare: false,
            doctype: false,
            subset: false,
            damage: None,
        }
    }

    /// Reads a piece, which holds whole characters, and appends what is kept of it to `out`.
    pub(in crate::ingest) fn feed(&mut self, text: &str, out: &mut Vec<u8>) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && !self.stopped {
            let len = self.step(&bytes[at..]);
            self.keep(&text[at..at + len], out);
            at += len;
            self.at = at;
            self.settle(bytes[at - 1], out);
            self.stop_if_endless(bytes);
        }
        self.place(bytes);
        self.breaks += breaks(bytes);
    }

    /// Tells the line of what began in the piece at hand.
    fn place(&mut self, piece: &[u8]) {
        if let Some(began) = self.began.take() {
            self.line = self.breaks + breaks(&piece[..began]) + 1;
        }
    }

    /// Gives up on a text or a tag that does not end.
    fn stop_if_endless(&mut self, piece: &[u8]) {
        let (what, bound) = match self.state {
            State::Text | State::Cdata { .. } => ("text", limits::ENDLESS),
            State::Tag { .. } | State::Open | State::End => ("tag", limits::ENDLESS_TAG),
            State::Comment { .. } => ("comment", limits::ENDLESS_TAG),
            State::Instruction { .. } | State::Doctype { .. } => {
                ("declaration", limits::ENDLESS_TAG)
            }
        };
        if self.run <= bound {
            return;
        }
        self.place(piece);
        self.stopped = true;
        self.fault(format!(
            "the {what} that begins in line {} is longer than {}; nothing from there on is read",
            self.line,
            crate::base::text::bytes(bound)
        ));
    }

    /// Returns how many bytes from here on belong together; the last may change the state.
    fn step(&self, rest: &[u8]) -> usize {
        let upto = |found: Option<usize>| found.map_or(rest.len(), |i| i + 1);
        match self.state {
            State::Text => upto(memchr::memchr(b'<', rest)),
            State::Tag { quote: Some(q), .. } | State::Doctype { quote: Some(q), .. } => {
                upto(memchr::memchr(q, rest))
            }
            State::Tag { quote: None, .. } => {
                upto(rest.iter().position(|b| matches!(b, b'"' | b'\'' | b'>')))
            }
            State::Cdata { brackets: 0 } => upto(memchr::memchr(b']', rest)),
            State::Comment { dashes: 0 } => upto(memchr::memchr(b'-', rest)),
            State::Instruction { question: false } => upto(memchr::memchr(b'?', rest)),
            State::End => upto(memchr::memchr(b'>', rest)),
            _ => rest
                .iter()
                .skip(1)
                .position(|b| b & 0xC0 != 0x80)
                .map_or(rest.len(), |i| i + 1),
        }
    }

    fn limit(&self) -> u64 {
        match self.state {
            State::Text | State::Cdata { .. } => limits::TEXT as u64,
            State::Tag { .. } | State::Open => TAG,
            State::End
            | State::Comment { .. }
            | State::Instruction { .. }
            | State::Doctype { .. } => MARGIN,
        }
    }

    /// Appends a piece as far as the bound of its text allows.
    fn keep(&mut self, piece: &str, out: &mut Vec<u8>) {
        let room = self.limit().saturating_sub(self.run);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let kept = crate::ingest::limits::floor_char_boundary(piece, room);
        out.extend_from_slice(&piece.as_bytes()[..kept]);
        self.run += piece.len() as u64;
        if matches!(self.state, State::Open | State::End) && self.head.len() < 256 {
            self.head.extend_from_slice(piece.as_bytes());
        }
        if let State::Tag { quote: None, slash } = &mut self.state {
            let body = piece.trim_end_matches('>');
            *slash = if body.is_empty() {
                *slash
            } else {
                body.ends_with('/')
            };
        }
        if self.open.is_empty() && self.state == State::Text {
            let text = piece.strip_suffix('<').unwrap_or(piece);
            self.stray |= !text.trim().is_empty();
        }
        let dropped = piece.len() - kept;
        if matches!(
            self.state,
            State::Text | State::Cdata { .. } | State::Tag { .. }
        ) {
            self.elided += dropped as u64;
        }
    }

    /// Whether the delimiter that ends the run was itself left out, and has to be written.
    fn over(&self) -> bool {
        self.run > self.limit()
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.run = 0;
        self.began = Some(self.at);
    }

    /// Changes the state by the last byte of a piece.
    fn settle(&mut self, last: u8, out: &mut Vec<u8>) {
        match self.state {
            State::Text if last == b'<' => {
                if self.over() {
                    out.push(b'<');
                }
                self.head.clear();
                self.enter(State::Open);
            }
            State::Open => self.classify(last, out),
            State::Tag { quote, slash } => self.settle_tag(quote, slash, last, out),
            State::End if last == b'>' => {
                self.close();
                self.leave(b">", out);
            }
            State::Comment { dashes } => match last {
                b'-' => {
                    self.state = State::Comment {
                        dashes: (dashes + 1).min(2),
                    }
                }
                b'>' if dashes == 2 => self.leave(b"-->", out),
                _ => self.state = State::Comment { dashes: 0 },
            },
            State::Cdata { brackets } => match last {
                b']' => {
                    self.state = State::Cdata {
                        brackets: (brackets + 1).min(2),
                    }
                }
                b'>' if brackets == 2 => self.leave(b"]]>", out),
                _ => self.state = State::Cdata { brackets: 0 },
            },
            State::Instruction { question } => match last {
                b'?' => self.state = State::Instruction { question: true },
                b'>' if question => self.leave(b"?>", out),
                _ => self.state = State::Instruction { question: false },
            },
            State::Doctype { quote, depth } => self.settle_doctype(quote, depth, last, out),
            State::Text | State::End => {}
        }
    }

    /// Ends markup; writes its delimiter where that was left out.
    fn leave(&mut self, delimiter: &[u8], out: &mut Vec<u8>) {
        if self.over() {
            out.extend_from_slice(delimiter);
        }
        self.enter(State::Text);
    }

    fn settle_tag(&mut self, quote: Option<u8>, slash: bool, last: u8, out: &mut Vec<u8>) {
        match (quote, last) {
            (Some(open), last) if last == open => {
                if self.over() {
                    out.push(open);
                }
                self.state = State::Tag {
                    quote: None,
                    slash: false,
                };
            }
            (None, b'"' | b'\'') => {
                if self.over() {
                    out.push(last);
                }
                self.state = State::Tag {
                    quote: Some(last),
                    slash: false,
                };
            }
            (None, b'>') => {
                if slash {
                    self.close_last();
                }
                self.leave(if slash { b"/>" } else { b">" }, out);
            }
            _ => {}
        }
    }

    fn settle_doctype(&mut self, quote: Option<u8>, depth: u32, last: u8, out: &mut Vec<u8>) {
        let (quote, depth) = match (quote, last) {
            (Some(open), last) => (Some(open).filter(|open| *open != last), depth),
            (None, b'"' | b'\'') => (Some(last), depth),
            (None, b'[') => {
                self.subset = true;
                (None, depth + 1)
            }
            (None, b']') => (None, depth.saturating_sub(1)),
            (None, b'>') if depth == 0 => return self.leave(b">", out),
            _ => (None, depth),
        };
        self.state = State::Doctype { quote, depth };
    }

    /// Tells by what stands after `<` which markup this is.
    fn classify(&mut self, last: u8, out: &mut Vec<u8>) {
        let head = self.head.as_slice();
        match head {
            [b'?'] => {
                self.bare = true;
                self.enter(State::Instruction { question: false });
            }
            [b'/'] => {
                self.head.clear();
                self.enter(State::End);
            }
            b"!--" => {
                self.bare = true;
                self.enter(State::Comment { dashes: 0 });
            }
            b"![CDATA[" => {
                let outside = self.open.is_empty();
                self.stray |= outside;
                self.enter(State::Cdata { brackets: 0 });
            }
            [b'!', ..] if b"!--".starts_with(head) || b"![CDATA[".starts_with(head) => {}
            [b'!', ..] => {
                self.doctype = true;
                self.enter(State::Doctype {
                    quote: None,
                    depth: 0,
                });
                self.settle_doctype(None, 0, last, out);
            }
            _ if last.is_ascii_whitespace() || matches!(last, b'/' | b'>') => {
                self.open_element();
                self.state = State::Tag {
                    quote: None,
                    slash: last == b'/',
                };
                if last == b'>' {
                    self.leave(b"", out);
                }
            }
            _ => {}
        }
    }

    fn open_element(&mut self) {
        let name = self.head.split_last().map_or(&[][..], |(_, name)| name);
        let local = name.rsplit(|b| *b == b':').next().unwrap_or(name);
        let counts = str::from_utf8(local).is_ok_and(self.counts);
        self.cases += u64::from(counts);
        if self.open.is_empty() {
            self.roots += 1;
        }
        if self.open.len() < limits::XML_DEPTH {
            self.open.push(self.names.len());
            self.names.extend_from_slice(name);
        } else {
            self.open.push(self.names.len());
            self.fault(format!(
                "elements nest deeper than {} levels",
                limits::XML_DEPTH
            ));
        }
    }

    fn close_last(&mut self) {
        if let Some(start) = self.open.pop() {
            self.names.truncate(start);
        }
    }

    fn close(&mut self) {
        let name = self
            .head
            .strip_suffix(b">")
            .unwrap_or(&self.head)
            .trim_ascii();
        let name = String::from_utf8_lossy(name).into_owned();
        let Some(&start) = self.open.last() else {
            return self.fault(format!("`</{name}>` closes no element"));
        };
        let wanted = String::from_utf8_lossy(&self.names[start..]).into_owned();
        if self.damage.is_none() && wanted != name {
            self.fault(format!(
                "`</{name}>` stands where `</{wanted}>` is expected"
            ));
        }
        self.close_last();
    }

    fn fault(&mut self, why: String) {
        let why = crate::base::text::truncate(&why, 200);
        self.damage.get_or_insert(Damage(why));
    }

    /// Says what is wrong with the document, once it was read to its end.
    pub(in crate::ingest) fn damage(&self) -> Option<Damage> {
        let last = self.open.last().map(|start| &self.names[*start..]);
        let last = last.map(|name| String::from_utf8_lossy(name).into_owned());
        self.damage.clone().or_else(|| match last {
            Some(name) => Some(Damage(format!("the file ends inside `{name}`"))),
            None if self.state != State::Text => {
                Some(Damage("the file ends inside a tag".to_owned()))
            }
            None if self.roots > 1 => Some(Damage(format!(
                "the file holds {} documents one after another, expected one root element",
                self.roots
            ))),
            None if self.roots == 0 && self.bare && !self.doctype && !self.stray => None,
            None if self.roots == 0 => Some(Damage("there is no root element".to_owned())),
            None => None,
        })
    }
}

fn breaks(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str, piece: usize) -> (Scanner, String) {
        let mut scanner = Scanner::new(|name| name.eq_ignore_ascii_case("testcase"));
        let mut out = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let mut at = piece.min(rest.len());
            while !rest.is_char_boundary(at) {
                at += 1;
            }
            scanner.feed(&rest[..at], &mut out);
            rest = &rest[at..];
        }
        (scanner, String::from_utf8(out).expect("whole characters"))
    }

    #[test]
    fn counts_start_tags_only() {
        let text = "<?xml version='1.0' a='>'?><!DOCTYPE x><t:testsuites><testsuite name='a>\"b'>\
            <!-- <testcase/> --><testcase/><testcase name=\"<testcase/>\" ></testcase >\
            <x:testcase/><TestCase/><testcases/><a><![CDATA[ <testcase> ]] > ]]]]><![CDATA[>]]>é</a>\
            </testsuite></t:testsuites>\n";
        for piece in [1, 2, 3, 7, 1000] {
            let (scanner, out) = scan(text, piece);
            assert_eq!(scanner.cases, 4, "pieces of {piece}");
            assert_eq!(scanner.damage(), None, "pieces of {piece}");
            assert_eq!(out, text);
            assert!(!scanner.stray && !scanner.subset);
        }
    }

    #[test]
    fn damage_is_named() {
        let damage = |text| scan(text, 3).0.damage().map(|d| d.0).unwrap_or_default();
        assert_eq!(
            damage("<a><testcase name=\"x"),
            "the file ends inside `testcase`"
        );
        assert_eq!(
            damage("<a><b></a>"),
            "`</a>` stands where `</b>` is expected"
        );
        assert_eq!(damage("<a/></b>"), "`</b>` closes no element");
        assert!(damage("<a/><b/>").starts_with("the file holds 2 documents"));
        assert_eq!(damage("  "), "there is no root element");
        assert_eq!(damage("<?xml?> x"), "there is no root element");
        assert_eq!(damage("<!-- c --><!DOCTYPE x>"), "there is no root element");
        assert_eq!(damage("<?xml version='1.0'?>\n<!-- c -->"), "");
        assert_eq!(damage("<a/><!-- x"), "the file ends inside a tag");
        assert!(damage(&"<a>".repeat(300)).starts_with("elements nest deeper"));
        assert!(scan("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", 4).0.subset);
    }

    #[test]
    fn long_texts_are_left_out() {
        let text = format!(
            "<a b='{}'><!--{}-->{}é<c/></a>",
            "x".repeat(9 << 20),
            "y".repeat(9000),
            "é".repeat(9 << 20)
        );
        let (scanner, out) = scan(&text, 1 << 16);
        assert_eq!(scanner.damage(), None);
        assert!(out.len() < (25 << 20) && out.ends_with("é<c/></a>"));
        assert!(scanner.elided > 3 << 20);
    }

    #[test]
    fn what_does_not_end_stops_the_reading() {
        let long = "x".repeat(limits::ENDLESS_TAG as usize);
        for (start, what) in [
            ("<b c='", "tag"),
            ("<!--", "comment"),
            ("<?p ", "declaration"),
        ] {
            let text = format!("<a>\n<testcase/>\n{start}{long}{long}");
            let (scanner, out) = scan(&text, 1 << 16);
            assert!(scanner.stopped && out.len() < (9 << 20), "{what}");
            let why = scanner.damage().map(|damage| damage.0);
            let said = format!(
                "the {what} that begins in line 3 is longer than 34 MB; nothing from there on is read"
            );
            assert_eq!(why, Some(said));
            assert_eq!(scanner.cases, 1);
        }
    }
}
