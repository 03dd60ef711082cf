//! Things worth knowing that lose nothing, counted by kind.

use std::collections::BTreeMap;

use super::limits;
use crate::base::text;
use crate::model::{Details, Step};

/// A kind of note: a noun and what is said of it, as `label` and `without a value left out`.
pub(super) type Kind = (&'static str, &'static str);

pub(super) const EMPTY_LABEL: Kind = ("label", "without a value left out");
pub(super) const EMPTY_PARAMETER: Kind = ("parameter", "without a name and a value left out");
pub(super) const EMPTY_LINK: Kind = ("link", "without a name or an address left out");
pub(super) const WRONG_TYPE: Kind = (
    "field",
    "of another type than expected, read as far as possible",
);
pub(super) const CUT: Kind = ("text", "cut at 1 MiB");
pub(super) const ATTACHED: Kind = ("text", "cut at 1 MiB, and attached whole");
pub(super) const MANY_PROPERTIES: Kind = (
    "property",
    "of the run beyond 200, or 20 values of one, left out",
);
pub(super) const LONG_NAME: Kind = ("name", "longer than 4 KiB, cut there");
/// What can be done about such names.
pub(super) const SHORTEN: &str = "give those tests shorter ones";
pub(super) const TWICE: Kind = (
    "attribute",
    "given twice in one element, of which the first counts",
);
pub(super) const ENTITY: Kind = ("entity", "not defined, and left as written");
pub(super) const ELIDED: Kind = ("byte", "of texts beyond 16 MiB left out");
pub(super) const UNKNOWN_FIELD: Kind = ("field", "not known, and left out");
pub(super) const UNKNOWN_ELEMENT: Kind = ("element", "not known, and left out");
pub(super) const NAMELESS: Kind = ("test", "without a name");
pub(super) const NO_BASE64: Kind = ("attachment", "that is no valid base 64 left out");
pub(super) const TOO_MANY: Kind = ("element", "of a test with more than 200,000 left out");
pub(super) const DEEP_STEP: Kind = (
    "step",
    "nested deeper than 50 levels, put behind the one above",
);
pub(super) const UNKNOWN_STATUS: Kind = ("status word", "not known, read as unknown");

/// Notes of one input, each kind with its number and its first example.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    kinds: BTreeMap<Kind, (u64, String)>,
    lines: Vec<String>,
}

impl Notes {
    /// Counts one more of a kind; `example` names it, or is empty.
    pub(super) fn add(&mut self, kind: Kind, example: &str) {
        self.add_many(kind, 1, example);
    }

    pub(super) fn add_many(&mut self, kind: Kind, n: u64, example: &str) {
        if n == 0 {
            return;
        }
        let entry = self
            .kinds
            .entry(kind)
            .or_insert_with(|| (0, text::truncate(example, 120)));
        entry.0 += n;
    }

    /// Bounds names, and counts those that were longer.
    pub(super) fn bound_names<'n>(&mut self, names: impl IntoIterator<Item = &'n mut String>) {
        for name in names {
            if limits::bound_name(name) {
                self.add(LONG_NAME, name);
            }
        }
    }

    /// Bounds how deep steps are nested, and counts those that were deeper.
    pub(super) fn level_steps(&mut self, details: &mut Details) {
        let Details {
            before,
            steps,
            after,
            ..
        } = details;
        for steps in [before, steps, after] {
            let example = steps.first().map(|step| step.name.clone());
            let deep = Step::level(steps);
            self.add_many(DEEP_STEP, deep, &example.unwrap_or_default());
        }
    }

    /// Returns how many of a kind there are.
    pub(super) fn count(&self, kind: Kind) -> u64 {
        self.kinds.get(&kind).map_or(0, |(n, _)| *n)
    }

    /// Says in which line the first character stands that was replaced.
    pub(super) fn replaced_at(&mut self, line: Option<u64>) {
        if let Some(line) = line {
            self.line(format!(
                "the first character that was replaced by U+FFFD stands in line {line}"
            ));
        }
    }

    /// Adds a note that stands once, whatever its number.
    pub(super) fn line(&mut self, line: impl Into<String>) {
        let line = line.into();
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (kind, (n, example)) in other.kinds {
            self.add_many(kind, n, &example);
        }
        for line in other.lines {
            self.line(line);
        }
    }

    /// Writes the notes, in an order that doesn't depend on the input's.
    pub(super) fn into_lines(self) -> Vec<String> {
        let kinds = self.kinds.into_iter().map(|((noun, said), (n, example))| {
            let example = match example.as_str() {
                "" => String::new(),
                example => format!(", as `{example}`"),
            };
            format!("{} {said}{example}", text::count(n, noun))
        });
        kinds.chain(self.lines).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_counted() {
        let mut notes = Notes::default();
        notes.add(EMPTY_LABEL, "package");
        notes.add(EMPTY_LABEL, "host");
        notes.line("once");
        notes.line("once");
        assert_eq!(
            notes.into_lines(),
            ["2 labels without a value left out, as `package`", "once"]
        );
    }
}
