//! XML read one element at a time: what is inside some elements comes in pieces, others whole.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Attributes, Capped, push_reference};
use crate::ingest::decode::Decoded;
use crate::ingest::gather::{Gather, Stop};
use crate::ingest::{SinkError, limits, notes};

/// Elements inside one that is taken whole.
const NODES: usize = 200_000;

/// An element with all that it holds.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Element {
    /// Without its prefix.
    pub(in crate::ingest) name: String,
    pub(in crate::ingest) attributes: Attributes,
    pub(in crate::ingest) children: Vec<Element>,
    /// Its own text.
    pub(in crate::ingest) text: Capped,
    /// The file ends before the element does.
    pub(in crate::ingest) is_cut: bool,
}

impl Element {
    pub(in crate::ingest) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(in crate::ingest) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Returns the element at the end of a path of children.
    pub(in crate::ingest) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |element, name| element.child(name))
    }

    /// Returns the text of a child, without line breaks around it; `None` where it is blank.
    pub(in crate::ingest) fn text_of(&self, name: &str) -> Option<String> {
        self.child(name)?.said()
    }

    /// Returns the element's own text; `None` where it is blank.
    pub(in crate::ingest) fn said(&self) -> Option<String> {
        let text = super::trim_line_breaks(&self.text.text);
        (!text.trim().is_empty()).then(|| text.to_owned())
    }

    /// Returns an attribute that is not empty.
    pub(in crate::ingest) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).filter(|value| !value.is_empty())
    }
}

/// How an element is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum Enter {
    /// What it holds comes piece by piece, and then its end.
    Open,
    /// It comes whole.
    Take,
    /// Left out, with all that it holds.
    Skip,
}

/// Takes what is read.
pub(in crate::ingest) trait Visit {
    /// Decides on an element inside open ones, of which only the attributes are known.
    fn enter(&mut self, gather: &mut Gather<'_>, element: &Element) -> Enter;
    fn take(&mut self, gather: &mut Gather<'_>, element: Element) -> Result<(), SinkError>;
    /// An element that was opened ends.
    fn leave(&mut self, gather: &mut Gather<'_>, name: &str) -> Result<(), SinkError>;
}

/// Counts the elements of a file that have one of the given names, and sees whether it is whole.
/// Returns false where it must not be read further.
pub(in crate::ingest) fn survey(
    gather: &mut Gather<'_>,
    counts: fn(&str) -> bool,
) -> Result<bool, Stop> {
    let mut decoded = Decoded::new(gather.open()?, counts)?;
    decoded.drain()?;
    gather.elements = decoded.scanner.cases;
    gather.replaced += decoded.replaced;
    gather.notes.replaced_at(decoded.first);
    gather
        .notes
        .add_many(notes::ELIDED, decoded.scanner.elided, "");
    if decoded.scanner.stray {
        gather.notes.line("text outside the root element left out");
    }
    if decoded.scanner.subset {
        gather.fault("has a document type with definitions of its own, which is refused");
        return Ok(false);
    }
    if let Some(damage) = decoded.scanner.damage() {
        gather.fault(damage.0);
    }
    Ok(true)
}

/// Reads a file to its end, or to where it is no XML any more.
pub(in crate::ingest) fn read(gather: &mut Gather<'_>, visit: &mut dyn Visit) -> Result<(), Stop> {
    let input = Decoded::new(gather.open()?, |_| false)?;
    let mut builder = Builder {
        open: Vec::new(),
        taken: Vec::new(),
        skipped: 0,
        room: limits::CASE,
        nodes: 0,
    };
    let problem = builder.run(input, gather, visit)?;
    if let Some(problem) = problem {
        gather.fault(problem);
    }
    builder.finish(gather, visit)?;
    Ok(())
}

struct Builder {
    /// Names of open elements.
    open: Vec<String>,
    /// The element that is taken, and the open ones inside of it.
    taken: Vec<Element>,
    /// Open elements inside of one that is skipped, itself counted.
    skipped: usize,
    /// Bytes that texts of the element at hand may still take.
    room: usize,
    nodes: usize,
}

impl Builder {
    fn run<R: BufRead>(
        &mut self,
        input: R,
        gather: &mut Gather<'_>,
        visit: &mut dyn Visit,
    ) -> Result<Option<String>, SinkError> {
        let mut reader = Reader::from_reader(input);
        reader.config_mut().allow_dangling_amp = true;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Eof) => return Ok(None),
                Ok(Event::Start(tag)) => self.start(&tag, gather, visit),
                Ok(Event::Empty(tag)) => {
                    self.start(&tag, gather, visit);
                    self.end(gather, visit)?;
                }
                Ok(Event::End(_)) => self.end(gather, visit)?,
                Ok(Event::Text(text)) => self.text(&text),
                Ok(Event::CData(text)) => self.text(&text),
                Ok(Event::GeneralRef(name)) => {
                    let mut resolved = String::new();
                    let (replaced, undefined) = push_reference(&mut resolved, &name);
                    gather.replaced += replaced;
                    gather.notes.add_many(notes::ENTITY, undefined, &name);
                    self.text(&resolved);
                }
                Ok(_) => {}
                Err(e) => return Ok(Some(e.to_string())),
            }
            let depth = self.open.len() + self.taken.len() + self.skipped;
            if depth > limits::XML_DEPTH {
                return Ok(Some(format!(
                    "elements nest deeper than {} levels",
                    limits::XML_DEPTH
                )));
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, gather: &mut Gather<'_>, visit: &mut dyn Visit) {
        if self.skipped > 0 {
            self.skipped += 1;
            return;
        }
        let attributes = Attributes::of(tag);
        gather.replaced += attributes.replaced;
        gather
            .notes
            .add_many(notes::TWICE, attributes.twice, tag.local_name().as_ref());
        gather.notes.add_many(
            notes::ENTITY,
            attributes.undefined,
            tag.local_name().as_ref(),
        );
        let element = Element {
            name: tag.local_name().as_ref().to_owned(),
            attributes,
            ..Element::default()
        };
        if !self.taken.is_empty() {
            self.nodes += 1;
            if self.nodes > NODES {
                gather.notes.add(notes::TOO_MANY, "");
                self.skipped = 1;
            } else {
                self.taken.push(element);
            }
            return;
        }
        match visit.enter(gather, &element) {
            Enter::Open => self.open.push(element.name),
            Enter::Take => {
                (self.room, self.nodes) = (limits::CASE, 0);
                self.taken.push(element);
            }
            Enter::Skip => self.skipped = 1,
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipped == 0
            && let Some(element) = self.taken.last_mut()
        {
            element.text.push(text, &mut self.room);
        }
    }

    fn end(&mut self, gather: &mut Gather<'_>, visit: &mut dyn Visit) -> Result<(), SinkError> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        if let Some(element) = self.taken.pop() {
            gather.notes.add_many(notes::ELIDED, element.text.cut, "");
            return match self.taken.last_mut() {
                Some(above) => {
                    above.children.push(element);
                    Ok(())
                }
                None => visit.take(gather, element),
            };
        }
        match self.open.pop() {
            Some(name) => visit.leave(gather, &name),
            None => Ok(()),
        }
    }

    /// Closes what is open at the end of a damaged file.
    fn finish(&mut self, gather: &mut Gather<'_>, visit: &mut dyn Visit) -> Result<(), SinkError> {
        self.skipped = 0;
        for element in &mut self.taken {
            element.is_cut = true;
        }
        while !self.taken.is_empty() || !self.open.is_empty() {
            self.end(gather, visit)?;
        }
        Ok(())
    }
}
