//! In which order keys stand: as parsers ask for them, which is how people read a file.

use super::Kind;
use crate::store::parse;
use crate::store::shape::Outline;

/// The order of the keys of a mapping, and of those below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyOrder {
    keys: Vec<(&'static str, KeyOrder)>,
    /// Of the items of a list, or of what stands below names that users chose.
    each: Option<Box<KeyOrder>>,
}

impl KeyOrder {
    /// Returns the order of a kind of file.
    pub fn of(kind: Kind) -> Self {
        let mut out = Self::default();
        for outline in parse::outline(kind) {
            out.add(&outline);
        }
        out
    }

    fn add(&mut self, outline: &Outline) {
        for asked in &outline.keys {
            let at = match self.keys.iter().position(|(key, _)| *key == asked.key) {
                Some(at) => at,
                None => {
                    self.keys.push((asked.key, Self::default()));
                    self.keys.len() - 1
                }
            };
            self.keys[at].1.add(&asked.value);
        }
        for below in outline.item.iter().chain(&outline.named) {
            self.each.get_or_insert_default().add(below);
        }
    }

    /// Returns a key's place; none of one that is not known.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.keys.iter().position(|(known, _)| *known == key)
    }

    /// Returns the keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|(key, _)| *key)
    }

    /// Returns the order below a key.
    pub fn below(&self, key: &str) -> Option<&Self> {
        let known = self.keys.iter().find(|(known, _)| *known == key);
        known.map(|(_, order)| order).or(self.each.as_deref())
    }

    /// Returns the order in each item of a list.
    pub fn each(&self) -> Option<&Self> {
        self.each.as_deref()
    }
}
