//! What went and what came of two texts.

use similar::{ChangeTag, TextDiff};

use crate::base::text::{count, line, sanitize_line};
use crate::review::Change;

/// Lines of texts that are compared; of longer ones the sentence must do.
const COMPARED: usize = 2_000;
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
}
