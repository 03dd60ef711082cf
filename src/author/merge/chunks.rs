//! What a merge gives: text that is settled, and places where the sides collide.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A stretch of lines. `a` and `b` are the two sides, in an order that does not depend on which of
/// them is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    Text(String),
    Clash { base: String, a: String, b: String },
}

/// Lines in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chunks(Vec<Chunk>);

impl Chunks {
    pub(super) fn of(text: impl Into<String>) -> Self {
        let mut out = Self::default();
        out.text(&text.into());
        out
    }

    pub(super) fn clashing(base: &str, a: &str, b: &str) -> Self {
        let mut out = Self::default();
        out.clash(base, a, b);
        out
    }

    pub(super) fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Chunk::Text(last)) => last.push_str(text),
            _ => self.0.push(Chunk::Text(text.to_owned())),
        }
    }

    /// Adds a place where two sides differ; sides that are equal are text.
    pub(super) fn clash(&mut self, base: &str, a: &str, b: &str) {
        if a == b {
            return self.text(a);
        }
        if let Some(Chunk::Clash {
            base: last_base,
            a: last_a,
            b: last_b,
        }) = self.0.last_mut()
        {
            last_base.push_str(base);
            last_a.push_str(a);
            last_b.push_str(b);
            return;
        }
        self.0.push(Chunk::Clash {
            base: base.to_owned(),
            a: a.to_owned(),
            b: b.to_owned(),
        });
    }

    pub(super) fn extend(&mut self, more: Self) {
        for chunk in more.0 {
            match chunk {
                Chunk::Text(text) => self.text(&text),
                Chunk::Clash { base, a, b } => self.clash(&base, &a, &b),
            }
        }
    }

    /// Returns the text where nothing collides.
    pub(super) fn clean(&self) -> Option<String> {
        match &self.0[..] {
            [] => Some(String::new()),
            [Chunk::Text(text)] => Some(text.clone()),
            _ => None,
        }
    }

    pub(super) fn into_chunks(self) -> Vec<Chunk> {
        self.0
    }
}

/// Merges texts line by line, as diff3 does (Khanna, Kunal and Pierce 2007): what lies between lines
/// that all three have was changed by one side, by both alike, or collides.
pub(super) fn merge_lines(base: &str, a: &str, b: &str) -> Chunks {
    let split = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (base, a, b) = (split(base), split(a), split(b));
    let (in_a, in_b) = (equal_lines(&base, &a), equal_lines(&base, &b));
    let mut out = Chunks::default();
    let (mut from, mut from_a, mut from_b) = (0, 0, 0);
    let mut between = |to: (usize, usize, usize), from: (usize, usize, usize)| {
        let old = base[from.0..to.0].concat();
        let (a, b) = (a[from.1..to.1].concat(), b[from.2..to.2].concat());
        if a == old {
            out.text(&b);
        } else if b == old {
            out.text(&a);
        } else {
            out.clash(&old, &a, &b);
        }
        if let Some(line) = base.get(to.0) {
            out.text(line);
        }
    };
    for at in 0..base.len() {
        if let (Some(at_a), Some(at_b)) = (in_a[at], in_b[at]) {
            between((at, at_a, at_b), (from, from_a, from_b));
            (from, from_a, from_b) = (at + 1, at_a + 1, at_b + 1);
        }
    }
    let ends = (base.len(), a.len(), b.len());
    between(ends, (from, from_a, from_b));
    out
}

/// Where each of the old lines stands among the new ones.
pub(super) fn equal_lines<T: std::hash::Hash + Eq + Ord>(
    old: &[T],
    new: &[T],
) -> Vec<Option<usize>> {
    let mut out = vec![None; old.len()];
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            for n in 0..len {
                out[old_index + n] = Some(new_index + n);
            }
        }
    }
    out
}

/// Sets two sides against each other without what they come from: lines that both have are settled,
/// all others collide.
pub(super) fn oppose(a: &str, b: &str) -> Chunks {
    let split = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (lines_a, lines_b) = (split(a), split(b));
    let mut out = Chunks::default();
    let (mut from_a, mut from_b) = (0, 0);
    for (at, found) in equal_lines(&lines_a, &lines_b).into_iter().enumerate() {
        if let Some(found) = found {
            let (a, b) = (&lines_a[from_a..at], &lines_b[from_b..found]);
            out.clash("", &a.concat(), &b.concat());
            out.text(lines_a[at]);
            (from_a, from_b) = (at + 1, found + 1);
        }
    }
    out.clash("", &lines_a[from_a..].concat(), &lines_b[from_b..].concat());
    out
}

/// Takes the side that changed something; `None` where both did, differently.
pub(super) fn pick<'t>(base: Option<&str>, a: &'t str, b: &'t str) -> Option<&'t str> {
    let same = |one: Option<&str>, other: &str| one.is_some_and(|one| one == other);
    let alike = |one: Option<&str>, other: &str| one.is_some_and(|one| one.trim() == other.trim());
    if a == b || same(base, b) {
        Some(a)
    } else if same(base, a) {
        Some(b)
    } else if a.trim() == b.trim() || alike(base, b) {
        // White space alone is no collision.
        Some(a)
    } else if alike(base, a) {
        Some(b)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(chunks: Chunks) -> String {
        let chunks = chunks.into_chunks().into_iter();
        let all = chunks.map(|chunk| match chunk {
            Chunk::Text(text) => text.replace('\n', " "),
            Chunk::Clash { base, a, b } => format!("<{base}|{a}|{b}> ").replace('\n', " "),
        });
        all.collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn lines_are_merged_between_lines_that_all_have() {
        let lines = |text: &str| {
            text.split_terminator(' ')
                .map(|line| format!("{line}\n"))
                .collect::<String>()
        };
        for (base, a, b, merged) in [
            ("1 2 3", "0 1 2 3", "1 2 3 4", "0 1 2 3 4"),
            ("1 2 3", "1 x 3", "1 y 3", "1 <2 |x |y > 3"),
            ("1 2 3", "1 3", "1 y 3", "1 <2 ||y > 3"),
            ("1 2 3", "1 x 3", "1 x 3", "1 x 3"),
            ("1 2", "1 x 2", "1 y 2", "1 <|x |y > 2"),
            ("", "x", "y", "<|x |y >"),
            ("1 2", "", "", ""),
        ] {
            assert_eq!(
                shown(merge_lines(&lines(base), &lines(a), &lines(b))),
                merged,
                "{base}"
            );
        }
    }

    fn lines() -> impl Strategy<Value = String> {
        proptest::collection::vec("[a-d]", 0..8)
            .prop_map(|lines| lines.into_iter().map(|line| line + "\n").collect())
    }

    proptest! {
        #[test]
        fn the_laws_of_a_merge_hold(base in lines(), a in lines(), b in lines()) {
            prop_assert_eq!(merge_lines(&base, &base, &b).clean(), Some(b.clone()));
            prop_assert_eq!(merge_lines(&base, &a, &base).clean(), Some(a.clone()));
            prop_assert_eq!(merge_lines(&base, &a, &a).clean(), Some(a.clone()));
            let swapped = merge_lines(&base, &b, &a).into_chunks().into_iter().map(|chunk| match chunk {
                Chunk::Clash { base, a, b } => Chunk::Clash { base, a: b, b: a },
                text => text,
            });
            prop_assert_eq!(merge_lines(&base, &a, &b).into_chunks(), swapped.collect::<Vec<_>>());
        }
    }
}
