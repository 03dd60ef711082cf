//! A JSON document that is read element by element: memory holds one element at a time, however
//! many there are, and what stands around them.

use std::io::{self, Read};
use std::ops::ControlFlow;

use serde_json::Value;

use super::count::Counter;
use super::salvage::salvage;
use crate::base::text;
use crate::ingest::decode::Decoded;
use crate::ingest::gather::{Gather, Stop};
use crate::ingest::limits;

/// Where the elements of a format stand in a document.
pub(in crate::ingest) struct Document {
    /// Paths of what is read at once, as `results.tests.*`, the root being an empty text.
    pub(in crate::ingest) units: &'static [&'static [&'static str]],
    /// Whether an object whose path this is counts as an element.
    pub(in crate::ingest) is_element: fn(&[String]) -> bool,
}

/// Reads a document: first `frame` gets all that stands around the units and says what is to be known of
/// it, then `unit` gets each of them.
pub(in crate::ingest) fn elements<'a, S>(
    gather: &mut Gather<'a>,
    document: &Document,
    frame: impl FnOnce(&mut Gather<'a>, &Value) -> Result<S, Stop>,
    mut unit: impl FnMut(&mut Gather<'a>, &mut S, Value) -> Result<(), Stop>,
) -> Result<S, Stop> {
    let mut counter = Counter::new(document.is_element);
    let mut splitter = Splitter::new(document.units);
    let mut input = Decoded::plain(gather.open()?)?;
    each_piece(&mut input, |piece| {
        counter.feed(piece);
        splitter.feed(piece, false, &mut |_| Ok(()))?;
        Ok(splitter.flow())
    })?;
    gather.replaced += input.replaced;
    gather.notes.replaced_at(input.first);
    gather.elements = counter.elements;
    let around = salvage(&splitter.frame);
    gather.replaced += around.replaced;
    if let Some(problem) = splitter.problem.take().or(around.problem) {
        gather.fault(format!("the file {problem}"));
    }
    let mut known = frame(gather, &around.value)?;
    let mut splitter = Splitter::new(document.units);
    let mut input = Decoded::plain(gather.open()?)?;
    let mut read = |gather: &mut Gather<'a>, bytes: &[u8]| -> Result<(), Stop> {
        let salvaged = salvage(bytes);
        gather.replaced += salvaged.replaced;
        if let Some(problem) = salvaged.problem {
            gather.fault(format!("the file {problem}"));
        }
        unit(gather, &mut known, salvaged.value)
    };
    each_piece(&mut input, |piece| {
        splitter.feed(piece, true, &mut |bytes| read(gather, bytes))?;
        Ok(splitter.flow())
    })?;
    if let Some(rest) = splitter.rest() {
        let before = gather.counts.read;
        read(gather, &rest)?;
        if gather.counts.read > before {
            gather.doubt_last();
        }
    }
    Ok(known)
}

/// Reads what stands around the given units and nothing else, without an account of it.
pub(in crate::ingest) fn around(
    gather: &Gather<'_>,
    units: &'static [&'static [&'static str]],
) -> Result<Value, Stop> {
    let mut splitter = Splitter::new(units);
    let mut input = Decoded::plain(gather.open()?)?;
    each_piece(&mut input, |piece| {
        splitter.feed(piece, false, &mut |_| Ok(()))?;
        Ok(splitter.flow())
    })?;
    Ok(salvage(&splitter.frame).value)
}

fn each_piece<R: Read>(
    input: &mut R,
    mut piece: impl FnMut(&[u8]) -> Result<ControlFlow<()>, Stop>,
) -> Result<(), Stop> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) if piece(&buffer[..n])?.is_break() => return Ok(()),
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e.into()),
        }
    }
}

/// Cuts units out of a document while it streams by.
struct Splitter {
    units: &'static [&'static [&'static str]],
    open: Vec<Level>,
    deeper: u64,
    in_string: bool,
    escaped: bool,
    /// The last string read, quotes apart.
    word: Vec<u8>,
    /// What stands around the units.
    frame: Vec<u8>,
    unit: Vec<u8>,
    /// Bytes of the unit at hand, kept or not.
    length: usize,
    /// Bytes around the units that are not kept.
    beyond: u64,
    /// Line breaks so far, and those before the unit at hand.
    breaks: u64,
    before: u64,
    /// How many containers were open when the unit at hand began.
    began: Option<usize>,
    problem: Option<String>,
}

#[derive(Debug)]
struct Level {
    is_array: bool,
    /// What the next value is called: its key, or `*`.
    next: String,
}

impl Splitter {
    fn new(units: &'static [&'static [&'static str]]) -> Self {
        Self {
            units,
            open: Vec::new(),
            deeper: 0,
            in_string: false,
            escaped: false,
            word: Vec::new(),
            frame: Vec::new(),
            unit: Vec::new(),
            length: 0,
            beyond: 0,
            breaks: 0,
            before: 0,
            began: None,
            problem: None,
        }
    }

    fn feed(
        &mut self,
        bytes: &[u8],
        keep: bool,
        give: &mut dyn FnMut(&[u8]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut at = 0;
        let breaks = |upto: usize| memchr::memchr_iter(b'\n', &bytes[..upto]).count() as u64;
        while at < bytes.len() {
            if self.in_string && !self.escaped {
                let rest = &bytes[at..];
                let n = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                if self.word.len() < 64 {
                    self.word.extend_from_slice(&rest[..n.min(64)]);
                }
                self.put(&rest[..n], keep);
                at += n;
                if at == bytes.len() {
                    break;
                }
            }
            let byte = bytes[at];
            at += 1;
            if self.in_string {
                self.of_string(byte);
                self.put(&[byte], keep);
                continue;
            }
            match byte {
                b'"' => {
                    self.in_string = true;
                    self.word.clear();
                    self.put(&[byte], keep);
                }
                b'{' | b'[' => {
                    let outside = self.began.is_none();
                    self.enter(byte == b'[');
                    if outside && self.began.is_some() {
                        self.before = self.breaks + breaks(at);
                    }
                    self.put(&[byte], keep);
                }
                b'}' | b']' => {
                    self.put(&[byte], keep);
                    if self.leave() {
                        give(&self.unit)?;
                        self.unit.clear();
                    }
                }
                _ => {
                    self.plain(byte);
                    self.put(&[byte], keep);
                }
            }
        }
        self.breaks += breaks(bytes.len());
        Ok(())
    }

    fn of_string(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => {
                self.escaped = false;
                self.word.extend([b'\\', byte]);
            }
            b'\\' => self.escaped = true,
            _ => self.in_string = false,
        }
    }

    fn plain(&mut self, byte: u8) {
        let word = &self.word;
        if let Some(level) = self.open.last_mut().filter(|_| self.deeper == 0) {
            match byte {
                b':' if !level.is_array => {
                    level.next = String::from_utf8_lossy(word).into_owned();
                    if level.next.contains('\\') {
                        let quoted = format!("\"{}\"", level.next);
                        level.next = serde_json::from_str(&quoted).unwrap_or_default();
                    }
                }
                b',' if !level.is_array => level.next.clear(),
                _ => {}
            }
        }
    }

    /// Writes to the unit at hand, else to the frame.
    fn put(&mut self, bytes: &[u8], keep: bool) {
        let limit = limits::JSON as usize;
        let around = self.frame.len();
        let (target, length) = match self.began {
            Some(_) => (&mut self.unit, self.length),
            None => (&mut self.frame, around),
        };
        let room = limit.saturating_sub(length).min(bytes.len());
        if room < bytes.len() {
            let bound = text::bytes(limits::JSON);
            self.problem
                .get_or_insert_with(|| format!("holds an element larger than {bound}"));
        }
        if keep || self.began.is_none() {
            target.extend_from_slice(&bytes[..room]);
        }
        match self.began {
            Some(_) => self.length += bytes.len(),
            None => self.beyond += (bytes.len() - room) as u64,
        }
    }

    /// Whether reading goes on: not in an element that does not end.
    fn flow(&mut self) -> ControlFlow<()> {
        let bound = text::bytes(limits::ENDLESS);
        let what = match self.began {
            Some(_) if self.length as u64 > limits::ENDLESS => {
                format!("an element that begins in line {}", self.before + 1)
            }
            None if self.beyond + limits::JSON > limits::ENDLESS => {
                "something beside its elements".to_owned()
            }
            _ => return ControlFlow::Continue(()),
        };
        self.problem = Some(format!(
            "holds {what} and is larger than {bound}; nothing from there on is read"
        ));
        ControlFlow::Break(())
    }

    fn enter(&mut self, is_array: bool) {
        if self.open.len() > limits::JSON_DEPTH {
            self.deeper += 1;
            return;
        }
        if self.began.is_none() && self.is_unit() {
            self.began = Some(self.open.len());
            self.length = 0;
            // Stands for what is read apart.
            self.frame.extend_from_slice(b"null");
        }
        let next = if is_array { "*" } else { "" };
        self.open.push(Level {
            is_array,
            next: next.to_owned(),
        });
    }

    fn is_unit(&self) -> bool {
        let is = |unit: &&[&str]| {
            unit.len() == self.open.len()
                && unit
                    .iter()
                    .zip(&self.open)
                    .all(|(part, level)| *part == level.next)
        };
        self.units.iter().any(is)
    }

    /// Closes a container; whether it was a unit.
    fn leave(&mut self) -> bool {
        if self.deeper > 0 {
            self.deeper -= 1;
            return false;
        }
        self.open.pop();
        let ends = self.began.is_some_and(|began| self.open.len() <= began);
        if ends {
            self.began = None;
        }
        ends
    }

    /// What of a unit was read where the text ends in it.
    fn rest(&mut self) -> Option<Vec<u8>> {
        self.began.take()?;
        Some(std::mem::take(&mut self.unit))
    }
}
