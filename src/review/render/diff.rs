//! What went and what came of two texts.

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};

use crate::base::text::{count, line, sanitize_line};
use crate::review::Change;

/// Lines of texts that are compared; of longer ones the sentence must do.
const COMPARED: usize = 2_000;
/// Words of texts that are compared.
const WORDS: usize = 4_000;
/// Lines that stay around those that changed.
const CONTEXT: usize = 1;

/// Whether a text stays, went or came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Same,
    Gone,
    Come,
}

impl Mark {
    fn of(tag: ChangeTag) -> Self {
        match tag {
            ChangeTag::Equal => Self::Same,
            ChangeTag::Delete => Self::Gone,
            ChangeTag::Insert => Self::Come,
        }
    }
}

/// Returns the texts of a change that its sentence does not hold whole, the one that isn't there empty.
pub(super) fn texts(change: &Change) -> Option<(&str, &str)> {
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    let is_said = |text: Option<&str>| {
        let text = sanitize_line(text.unwrap_or_default());
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        change.sentence.contains(&text)
    };
    let said = is_said(before) && is_said(after);
    (!said).then(|| (before.unwrap_or_default(), after.unwrap_or_default()))
}

/// Returns lines that changed with one around them, each of at most so many characters, and as many lines as
/// there is room for; how many more there are comes last. None where the texts are too long to compare.
pub(super) fn lines(before: &str, after: &str, room: usize, max: usize) -> Option<Vec<String>> {
    if before.lines().count().max(after.lines().count()) > COMPARED {
        return None;
    }
    let diff = TextDiff::from_lines(before, after);
    let mut out: Vec<String> = Vec::new();
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            out.push("  …".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let text = line(change.value(), max);
            let text = match Mark::of(change.tag()) {
                Mark::Same => format!("  {text}"),
                Mark::Gone => format!("- {text}"),
                Mark::Come => format!("+ {text}"),
            };
            out.push(text.trim_end().to_owned());
        }
    }
    if out.len() > room {
        let more = out.len() - (room - 1);
        out.truncate(room - 1);
        out.push(format!("  … {}", count(more as u64, "more line")));
    }
    Some(out)
}

/// Returns the words of both texts, one line each, runs of one mark together; those of the second where they
/// are the same. Long texts went and came whole.
pub(super) fn words(before: &str, after: &str) -> Words {
    let (one, other): (Vec<&str>, Vec<&str>) = (
        before.split_whitespace().collect(),
        after.split_whitespace().collect(),
    );
    if one.len().max(other.len()) > WORDS {
        let all = [(Mark::Gone, one), (Mark::Come, other)];
        return all.map(|(mark, words)| (mark, words.join(" "))).to_vec();
    }
    let mut out = Vec::new();
    let mut push = |mark, words: &[&str]| {
        if !words.is_empty() {
            out.push((mark, words.join(" ")));
        }
    };
    for op in capture_diff_slices(Algorithm::Myers, &one, &other) {
        let (old, new) = (&one[op.old_range()], &other[op.new_range()]);
        match op {
            DiffOp::Equal { .. } => push(Mark::Same, new),
            _ => {
                push(Mark::Gone, old);
                push(Mark::Come, new);
            }
        }
    }
    out
}

/// One line of both texts beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Lines that stay are left out.
    Gap,
    /// Words of either side, runs of one mark together; none where the line isn't there.
    Lines(Words, Words),
}

pub(super) type Words = Vec<(Mark, String)>;

/// Returns lines that changed with one around them, those of both texts beside each other. None where the
/// texts are too long to compare.
pub(super) fn rows(before: &str, after: &str) -> Option<Vec<Row>> {
    let (one, other): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    if one.len().max(other.len()) > COMPARED {
        return None;
    }
    let mut out = Vec::new();
    let diff = TextDiff::from_slices(&one, &other);
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            out.push(Row::Gap);
        }
        for op in group {
            let (old, new) = (&one[op.old_range()], &other[op.new_range()]);
            let line =
                |lines: &[&str], at: usize| lines.get(at).copied().unwrap_or_default().to_owned();
            for at in 0..old.len().max(new.len()) {
                let words = words(&line(old, at), &line(new, at));
                let side = |without| {
                    words
                        .iter()
                        .filter(move |(mark, _)| *mark != without)
                        .cloned()
                };
                out.push(Row::Lines(
                    side(Mark::Come).collect(),
                    side(Mark::Gone).collect(),
                ));
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_changed_are_few() {
        let text = |b: &str| format!("one\ntwo\nthree\n{b}\nfive\nsix\nseven\neight\nnine\n");
        let shown = lines(&text("four"), &(text("4") + "ten\n"), 20, 80);
        let expected = [
            "  three", "- four", "+ 4", "  five", "  …", "  nine", "+ ten",
        ];
        assert_eq!(shown.expect("they are short"), expected);
        let cut = lines("", "a\nb\nc\nd\n", 3, 80).expect("they are short");
        assert_eq!(cut, ["+ a", "+ b", "  … 2 more lines"]);
        assert_eq!(lines("", &"a\n".repeat(2_001), 3, 80), None);
    }

    #[test]
    fn words_that_changed_are_marked() {
        let shown = words("the form  is shown", "the page is\nshown twice");
        let expected = [
            (Mark::Same, "the"),
            (Mark::Gone, "form"),
            (Mark::Come, "page"),
            (Mark::Same, "is shown"),
            (Mark::Come, "twice"),
        ];
        assert_eq!(shown, expected.map(|(mark, text)| (mark, text.to_owned())));
    }

    #[test]
    fn lines_stand_beside_each_other() {
        let rows = rows("a\nb c\nd", "a\nb x\nd\ne").expect("they are short");
        let same = |text: &str| vec![(Mark::Same, text.to_owned())];
        let with = |mark, text: &str| [same("b"), vec![(mark, text.to_owned())]].concat();
        let expected = [
            Row::Lines(same("a"), same("a")),
            Row::Lines(with(Mark::Gone, "c"), with(Mark::Come, "x")),
            Row::Lines(same("d"), same("d")),
            Row::Lines(Vec::new(), vec![(Mark::Come, "e".to_owned())]),
        ];
        assert_eq!(rows, expected);
    }
}
