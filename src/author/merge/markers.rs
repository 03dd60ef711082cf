//! Conflicts as git writes them.

use super::chunks::Chunk;

/// What stands between the markers of a conflict (`merge.conflictStyle` of git).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConflictStyle {
    /// Both sides, less the lines at their ends that are equal.
    #[default]
    Merge,
    /// Both sides whole, and what they come from.
    Diff3,
    /// Both sides less the lines at their ends that are equal, and what they come from.
    Zdiff3,
}

/// How conflicts are marked.
#[derive(Clone, Copy, Debug)]
pub struct Markers<'a> {
    /// How many characters a marker has; git takes 7, and more for what both sides come from where
    /// that is a merge itself.
    pub size: usize,
    pub style: ConflictStyle,
    pub ours: &'a str,
    pub base: &'a str,
    pub theirs: &'a str,
}

impl Default for Markers<'_> {
    fn default() -> Self {
        Self {
            size: 7,
            style: ConflictStyle::default(),
            ours: "ours",
            base: "base",
            theirs: "theirs",
        }
    }
}

impl Markers<'_> {
    pub(super) fn render(&self, chunks: &[Chunk], is_swapped: bool) -> String {
        let mut out = String::new();
        for chunk in chunks {
            match chunk {
                Chunk::Text(text) => out.push_str(text),
                Chunk::Clash { base, a, b } if is_swapped => self.conflict(&mut out, base, b, a),
                Chunk::Clash { base, a, b } => self.conflict(&mut out, base, a, b),
            }
        }
        out
    }

    fn conflict(&self, out: &mut String, base: &str, ours: &str, theirs: &str) {
        let (head, ours, theirs, tail) = match self.style {
            ConflictStyle::Diff3 => ("", ours, theirs, ""),
            ConflictStyle::Merge | ConflictStyle::Zdiff3 => trimmed(ours, theirs),
        };
        out.push_str(head);
        self.marker(out, '<', self.ours);
        out.push_str(ours);
        if self.style != ConflictStyle::Merge {
            self.marker(out, '|', self.base);
            out.push_str(base);
        }
        self.marker(out, '=', "");
        out.push_str(theirs);
        self.marker(out, '>', self.theirs);
        out.push_str(tail);
    }

    fn marker(&self, out: &mut String, sign: char, label: &str) {
        out.extend(std::iter::repeat_n(sign, self.size));
        if !label.is_empty() {
            out.push(' ');
            out.push_str(label);
        }
        out.push('\n');
    }
}

/// Splits the lines off that two texts begin and end with.
fn trimmed<'t>(ours: &'t str, theirs: &'t str) -> (&'t str, &'t str, &'t str, &'t str) {
    let equal = |one: &[&str], other: &[&str]| -> usize {
        let pairs = one.iter().zip(other);
        pairs
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len())
            .sum()
    };
    let lines = |text: &'t str| text.split_inclusive('\n').collect::<Vec<_>>();
    let (head, ours) = ours.split_at(equal(&lines(ours), &lines(theirs)));
    let theirs = &theirs[head.len()..];
    let backwards = |text: &'t str| lines(text).into_iter().rev().collect::<Vec<_>>();
    let tail = equal(&backwards(ours), &backwards(theirs));
    let (ours, tail) = ours.split_at(ours.len() - tail);
    let theirs = &theirs[..theirs.len() - tail.len()];
    (head, ours, theirs, tail)
}
