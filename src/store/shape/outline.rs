//! What a kind of file may hold, as its parser asks for it.

use std::cell::RefCell;

use super::value::NOTHING;
use super::{Mapping, Reader, Value};
use crate::store::yaml::Key;

/// What a value may be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    Text,
    /// A text, a number or a boolean.
    Scalar,
    Boolean,
    Integer {
        min: u64,
        max: Option<u64>,
    },
    /// `98`, `99.5` or `98%`, from 0 to `max`; above 0 and up to 1 only with the sign.
    Percentage {
        max: f64,
    },
    Date,
    /// RFC 3339, with a zone.
    Instant,
    /// A number and one of h, d, w.
    Period,
    Words(Vec<&'static str>),
    /// Its items stand in [`Outline::item`]; with `alone`, a text is a list of one.
    List {
        alone: bool,
    },
    /// Its keys stand in [`Outline::keys`].
    Mapping,
    /// A mapping whose keys are names that the user chose; its values stand in [`Outline::named`].
    Named,
    Empty,
    Anything,
    /// What others read, as a JSON Schema.
    Schema(serde_json::Value),
}

/// What one value may be, and what is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outline {
    pub forms: Vec<Form>,
    /// In the order in which they were asked for.
    pub keys: Vec<Asked>,
    /// Whether other keys than those are findings.
    pub closed: bool,
    pub item: Option<Box<Outline>>,
    pub named: Option<Box<Outline>>,
    /// The key that makes the file one of another shape, and whether it is there.
    pub decided: Option<(&'static str, bool)>,
}

/// A key that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub key: &'static str,
    pub required: bool,
    pub value: Outline,
}

impl Outline {
    /// Runs a parser's function over nothing, and returns what it asked for: once, or twice where a key
    /// decides on the shape, the first time with it.
    pub(crate) fn of<T>(read: impl Fn(&Mapping<'_, '_>) -> T) -> Vec<Self> {
        let with = Self::without(&read, None);
        match with.decided {
            Some((key, _)) => vec![with, Self::without(&read, Some(key))],
            None => vec![with],
        }
    }

    fn without<T>(read: impl Fn(&Mapping<'_, '_>) -> T, key: Option<&'static str>) -> Self {
        let reader = Reader {
            outline: Some(RefCell::default()),
            without: key,
            ..Reader::new("", "", 0..0)
        };
        let top = Value {
            reader: &reader,
            at: Vec::new(),
            node: NOTHING,
        };
        if let Some(top) = top.mapping() {
            read(&top);
            top.finish();
        }
        let outline = reader.outline.map(RefCell::into_inner);
        outline.unwrap_or_default()
    }

    fn at(&mut self, way: &[Key<'_>]) -> &mut Self {
        let Some((first, rest)) = way.split_first() else {
            return self;
        };
        let next = match first {
            Key::Name(name) => match self.keys.iter().position(|asked| asked.key == *name) {
                Some(n) => &mut self.keys[n].value,
                None => return self,
            },
            Key::Index(_) => self.item.get_or_insert_default(),
            Key::Entry(_) => self.named.get_or_insert_default(),
        };
        next.at(rest)
    }

    fn ask(&mut self, key: &'static str) -> &mut Asked {
        if let Some(n) = self.keys.iter().position(|asked| asked.key == key) {
            return &mut self.keys[n];
        }
        self.keys.push(Asked {
            key,
            required: false,
            value: Self::default(),
        });
        self.keys.last_mut().expect("it was just put there")
    }
}

/// What is kept where there is nothing to read; each says whether that is so.
impl Reader<'_> {
    pub(super) fn outlines(&self, at: &[Key<'_>], form: Form) -> bool {
        let Some(outline) = &self.outline else {
            return false;
        };
        let mut outline = outline.borrow_mut();
        let forms = &mut outline.at(at).forms;
        if !forms.contains(&form) {
            forms.push(form);
        }
        true
    }

    pub(super) fn asks(&self, at: &[Key<'_>], key: &'static str, required: bool) -> bool {
        let Some(outline) = &self.outline else {
            return false;
        };
        outline.borrow_mut().at(at).ask(key).required |= required;
        true
    }

    pub(super) fn closes(&self, at: &[Key<'_>]) -> bool {
        let Some(outline) = &self.outline else {
            return false;
        };
        outline.borrow_mut().at(at).closed = true;
        true
    }

    /// Whether the key that decides on the shape is there; `None` where there is something to read.
    pub(super) fn decides(&self, key: &'static str) -> Option<bool> {
        let outline = self.outline.as_ref()?;
        let is_there = self.without != Some(key);
        let mut outline = outline.borrow_mut();
        outline.decided = Some((key, is_there));
        if !is_there {
            outline.ask(key).value.forms.push(Form::Empty);
        }
        Some(is_there)
    }
}
