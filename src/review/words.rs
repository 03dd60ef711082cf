//! How a review writes texts, numbers of steps and lists.

use crate::base::text::{sanitize_line, truncate};

/// Characters of a text that a sentence shows.
const MAX_QUOTE: usize = 90;

/// Words that stand around what differs of two long texts.
const CONTEXT: usize = 3;

/// Returns a text in quotation marks, on one line, cut where it is long.
pub(super) fn quote(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("“{}”", truncate(&sanitize_line(&text), MAX_QUOTE))
}

/// Returns both texts in quotation marks with an arrow between them; of long ones, the words that
/// differ and some around them.
pub(super) fn arrow(before: &str, after: &str) -> String {
    let (one, other): (Vec<&str>, Vec<&str>) = (
        before.split_whitespace().collect(),
        after.split_whitespace().collect(),
    );
    let short =
        |words: &[&str]| words.iter().map(|word| word.len() + 1).sum::<usize>() <= MAX_QUOTE;
    if one == other {
        return format!("{}, in blanks alone", quote(after));
    }
    if short(&one) && short(&other) {
        return format!("{} → {}", quote(before), quote(after));
    }
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = one.iter().zip(&other).take_while(same).count();
    let tails = one[head..].iter().rev().zip(other[head..].iter().rev());
    let tail = tails.take_while(same).count();
    let part = |words: &[&str]| {
        let from = head.saturating_sub(CONTEXT);
        let to = (words.len() - tail + CONTEXT).min(words.len());
        let middle = words[from..to].join(" ");
        let (left, right) = (
            if from > 0 { "… " } else { "" },
            if to < words.len() { " …" } else { "" },
        );
        quote(&format!("{left}{middle}{right}"))
    };
    format!("{} → {}", part(&one), part(&other))
}

/// Says that a description came, went or changed.
pub(super) fn described(was: &str, is: &str) -> String {
    match (was.is_empty(), is.is_empty()) {
        (true, _) => format!("is described now: {}", quote(is)),
        (_, true) => format!("is no longer described: {}", quote(was)),
        _ => format!("is described otherwise: {}", arrow(was, is)),
    }
}

/// Returns ids, the first few by name: `A, B, C and 9 more`.
pub(super) fn some<S: AsRef<str>>(ids: &[S]) -> String {
    const SHOWN: usize = 4;
    let shown = if ids.len() > SHOWN + 1 {
        SHOWN
    } else {
        ids.len()
    };
    let names: Vec<String> = ids[..shown]
        .iter()
        .map(|id| sanitize_line(id.as_ref()))
        .collect();
    match ids.len() - shown {
        0 => crate::base::text::list(&names, "and"),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// Returns numbers of steps, runs together: `steps 2 to 4 and 7`.
pub(super) fn steps(numbers: &[String]) -> String {
    if let [only] = numbers {
        return format!("step {only}");
    }
    let plain: Vec<Option<usize>> = numbers.iter().map(|n| n.parse().ok()).collect();
    let mut parts: Vec<String> = Vec::new();
    let mut at = 0;
    while at < numbers.len() {
        let mut end = at;
        while end + 1 < numbers.len() && plain[end].is_some_and(|n| plain[end + 1] == Some(n + 1)) {
            end += 1;
        }
        match end - at {
            0 => parts.push(numbers[at].clone()),
            1 => parts.extend([numbers[at].clone(), numbers[end].clone()]),
            _ => parts.push(format!("{} to {}", numbers[at], numbers[end])),
        }
        at = end + 1;
    }
    format!("steps {}", crate::base::text::list(&parts, "and"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_and_long_ones_cut_to_what_differs() {
        assert_eq!(quote("a\n b\u{202e}"), "“a b\\u{202e}”");
        assert_eq!(arrow("a b", "a c"), "“a b” → “a c”");
        let long = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen";
        let other = long.replace("eight", "8");
        assert_eq!(
            arrow(long, &other),
            "“… five six seven eight nine ten eleven …” → “… five six seven 8 nine ten eleven …”"
        );
    }

    #[test]
    fn lists_are_short() {
        assert_eq!(some(&["A"]), "A");
        assert_eq!(some(&["A", "B", "C", "D", "E"]), "A, B, C, D and E");
        assert_eq!(
            some(&["A", "B", "C", "D", "E", "F"]),
            "A, B, C, D and 2 more"
        );
        let numbers = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(steps(&numbers(&["2"])), "step 2");
        assert_eq!(steps(&numbers(&["2", "3"])), "steps 2 and 3");
        assert_eq!(
            steps(&numbers(&["2", "3", "4", "7", "3.1"])),
            "steps 2 to 4, 7 and 3.1"
        );
    }
}
