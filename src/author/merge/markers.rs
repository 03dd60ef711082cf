//! Conflicts as git writes them.

use super::chunks::Chunk;
use crate::store::marker;

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

/// Which part of a conflict is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Ours,
    Theirs,
    None,
}

/// Reads a text in which conflicts stand, with one part of each alone; `None` where there is none.
///
/// git merges what two branches come from where that is several commits, and hands the result on with
/// its conflicts.
pub(super) fn without_conflicts(text: &str, part: Part) -> Option<String> {
    let mut out = text.to_owned();
    let mut found = false;
    // Conflicts stand in conflicts where what is merged was itself merged so.
    while let Some(outer) = outer_conflicts(&out, part) {
        out = outer;
        found = true;
    }
    found.then_some(out)
}

fn outer_conflicts(text: &str, part: Part) -> Option<String> {
    let mut out = String::new();
    let mut open: Option<usize> = None;
    let mut here = Part::None;
    let mut found = false;
    for line in text.split_inclusive('\n') {
        match open {
            None => match marker(line, '<') {
                Some(size) => {
                    open = Some(size);
                    here = Part::Ours;
                }
                None => out.push_str(line),
            },
            Some(_) if marker(line, '|') == open => here = Part::None,
            Some(_) if marker(line, '=') == open => here = Part::Theirs,
            Some(_) if marker(line, '>') == open => {
                open = None;
                found = true;
            }
            Some(_) if here == part && part != Part::None => out.push_str(line),
            Some(_) => {}
        }
    }
    (found && open.is_none()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_in_a_text_are_read_by_their_parts() {
        let text = "a\n<<<<<<<<< x\nb\n||||||||| y\nc\n=========\n<<<<<<< z\nd\n=======\ne\n>>>>>>> z\n>>>>>>>>> x\nf\n";
        let read = |part| without_conflicts(text, part).expect("a conflict");
        assert_eq!(read(Part::Ours), "a\nb\nf\n");
        assert_eq!(read(Part::Theirs), "a\ne\nf\n");
        assert_eq!(read(Part::None), "a\nf\n");
        for text in ["a\n", "<<<<<<< x\na\n", "Title\n=======\n"] {
            assert_eq!(without_conflicts(text, Part::None), None, "{text}");
        }
    }
}
