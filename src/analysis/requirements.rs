//! Which requirement a link of a case means.

use std::collections::HashMap;

use crate::model::{Link, Requirement};

/// Requirements by what links call them: the id as a name, in any letter case, else the address. Of
/// several that are called alike the first is meant.
#[derive(Clone, Debug, Default)]
pub struct Named<'a> {
    all: Vec<&'a Requirement>,
    by_id: HashMap<String, usize>,
    by_url: HashMap<&'a str, usize>,
}

impl<'a> Named<'a> {
    pub fn new(requirements: impl IntoIterator<Item = &'a Requirement>) -> Self {
        let mut out = Self::default();
        for (at, one) in requirements.into_iter().enumerate() {
            out.all.push(one);
            out.by_id.entry(one.id.to_lowercase()).or_insert(at);
            if let Some(url) = &one.url {
                out.by_url.entry(url).or_insert(at);
            }
        }
        out
    }

    /// Returns the requirement of an id.
    pub fn of_id(&self, id: &str) -> Option<&'a Requirement> {
        let at = self.by_id.get(&id.to_lowercase());
        at.map(|at| self.all[*at])
    }

    /// Returns the requirement that a link means, whatever the link's type.
    pub fn of_link(&self, link: &Link) -> Option<&'a Requirement> {
        self.place(link).map(|at| self.all[at])
    }

    /// Returns the place, among those that were given, of the requirement that a link means.
    pub fn place(&self, link: &Link) -> Option<usize> {
        let name = link.name.as_deref().map(str::to_lowercase);
        let by_name = name.and_then(|name| self.by_id.get(&name));
        let by_url = || self.by_url.get(link.url.as_deref()?);
        by_name.or_else(by_url).copied()
    }
}
