//! Whether an expected result asks for less or for more than before.
//!
//! Words that came or went decide: a hedge (`may`, `about`, `or`) or a bound that lets more pass
//! weakens; what is only said in addition strengthens. Where words were exchanged otherwise, nothing is
//! claimed.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// How what is expected now compares with what was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    Weaker,
    Stronger,
    /// A negation came or went, and nothing else.
    Opposite,
    /// Something else, or nobody can tell by words.
    Other,
}

/// Words that let more pass.
const HEDGES: [&str; 22] = [
    "about",
    "any",
    "approximately",
    "around",
    "can",
    "could",
    "except",
    "if",
    "may",
    "maybe",
    "might",
    "normally",
    "optionally",
    "or",
    "perhaps",
    "possibly",
    "roughly",
    "should",
    "some",
    "typically",
    "unless",
    "usually",
];

/// Words that turn a sentence round.
const NEGATIONS: [&str; 8] = [
    "not", "no", "never", "neither", "nor", "none", "without", "cannot",
];

/// What comes before the largest value that passes.
const UPPER: [&str; 14] = [
    "<",
    "<=",
    "≤",
    "at most",
    "below",
    "fewer than",
    "less than",
    "max",
    "maximum",
    "maximum of",
    "no more than",
    "under",
    "up to",
    "within",
];

/// What comes before the smallest value that passes.
const LOWER: [&str; 12] = [
    ">",
    ">=",
    "≥",
    "above",
    "at least",
    "greater than",
    "min",
    "minimum",
    "minimum of",
    "more than",
    "no fewer than",
    "over",
];

/// Words of one scale, by how much they ask.
const SCALE: [(&str, u8); 23] = [
    ("must", 4),
    ("shall", 4),
    ("always", 4),
    ("exactly", 4),
    ("all", 4),
    ("every", 4),
    ("each", 4),
    ("only", 4),
    ("immediately", 4),
    ("is", 3),
    ("are", 3),
    ("will", 3),
    ("the", 3),
    ("should", 2),
    ("usually", 2),
    ("most", 2),
    ("many", 2),
    ("may", 1),
    ("might", 1),
    ("can", 1),
    ("some", 1),
    ("any", 1),
    ("eventually", 1),
];

/// Exceptions: they take something out, in a sentence that says no as well.
const EXCEPTIONS: [&str; 3] = ["except", "if", "unless"];

/// Units of time in milliseconds, after a number or at its end: `in 2 s` is a bound, `in 2 rows` is none.
const TIMES: [(&str, f64); 16] = [
    ("ms", 1.0),
    ("millisecond", 1.0),
    ("milliseconds", 1.0),
    ("s", 1_000.0),
    ("sec", 1_000.0),
    ("second", 1_000.0),
    ("seconds", 1_000.0),
    ("min", 60_000.0),
    ("minute", 60_000.0),
    ("minutes", 60_000.0),
    ("h", 3_600_000.0),
    ("hour", 3_600_000.0),
    ("hours", 3_600_000.0),
    ("day", 86_400_000.0),
    ("days", 86_400_000.0),
    ("weeks", 604_800_000.0),
];

/// Numbers that are written as words.
const NUMBERS: [(&str, f64); 20] = [
    ("zero", 0.0),
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("sixty", 60.0),
    ("ninety", 90.0),
    ("hundred", 100.0),
    ("thousand", 1_000.0),
];

/// Compares two expected results in plain form.
pub(super) fn compare(before: &str, after: &str) -> Strength {
    let (one, other) = (words(before), words(after));
    // Under a negation more words ask for less, and the other way round.
    let negated = says_no(&one) || says_no(&other);
    let mut found = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &one, &other) {
        let (_, old, new) = op.as_tag_tuple();
        let (gone, come) = (&one[old.clone()], &other[new.clone()]);
        found.push(match op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete { .. } => flip(said(gone, negated)),
            DiffOp::Insert { .. } => said(come, negated),
            DiffOp::Replace { .. } if negated => Strength::Other,
            DiffOp::Replace { .. } => exchanged(&one[..old.start], gone, come, &other[new.end..]),
        });
    }
    match found.as_slice() {
        [only] => *only,
        [Strength::Opposite, ..] | [] => Strength::Other,
        [first, rest @ ..] if rest.iter().all(|one| one == first) => *first,
        _ => Strength::Other,
    }
}

/// Whether words turn the sentence round; `no more than 5` is a bound.
fn says_no(words: &[String]) -> bool {
    let bounds = ["more", "fewer", "less", "later"];
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).map_or("", String::as_str);
        NEGATIONS.contains(&word.as_str()) && !bounds.contains(&next)
    })
}

fn has(words: &[String], list: &[&str]) -> bool {
    words.iter().any(|word| list.contains(&word.as_str()))
}

/// What words do that are said in addition.
fn said(words: &[String], negated: bool) -> Strength {
    if let [word] = words
        && NEGATIONS.contains(&word.as_str())
    {
        Strength::Opposite
    } else if has(words, &NEGATIONS) {
        Strength::Other
    } else if has(words, &EXCEPTIONS) || (!negated && has(words, &HEDGES)) {
        // What is a clause of its own may hedge itself alone: `and the form can be sent by the keyboard`.
        match words.first().is_some_and(|word| word == "and") {
            true => Strength::Other,
            false => Strength::Weaker,
        }
    } else if negated {
        Strength::Other
    } else {
        Strength::Stronger
    }
}

fn flip(strength: Strength) -> Strength {
    match strength {
        Strength::Weaker => Strength::Stronger,
        Strength::Stronger => Strength::Weaker,
        same => same,
    }
}

/// What one text in place of another does, between the words before and after them.
fn exchanged(before: &[String], gone: &[String], come: &[String], after: &[String]) -> Strength {
    let next = after.first().map_or("", String::as_str);
    if let (Some(old), Some(new)) = (Quantity::of(gone, next), Quantity::of(come, next)) {
        let more = match bound(before, old.time && new.time) {
            Some(Bound::Upper) if old.unit == new.unit => Strength::Weaker,
            Some(Bound::Lower) if old.unit == new.unit => Strength::Stronger,
            _ => return Strength::Other,
        };
        return match new.amount.total_cmp(&old.amount) {
            std::cmp::Ordering::Greater => more,
            std::cmp::Ordering::Less => flip(more),
            std::cmp::Ordering::Equal => Strength::Other,
        };
    }
    if let ([gone], [come]) = (gone, come) {
        let rank = |word: &str| SCALE.iter().find(|(name, _)| *name == word);
        if let (Some((_, old)), Some((_, new))) = (rank(gone), rank(come)) {
            return match new.cmp(old) {
                std::cmp::Ordering::Less => Strength::Weaker,
                std::cmp::Ordering::Greater => Strength::Stronger,
                std::cmp::Ordering::Equal => Strength::Other,
            };
        }
    }
    let is_of = |words: &[String], list: &[&str]| list.contains(&words.join(" ").as_str());
    let loose =
        |words: &[String]| is_of(words, &UPPER) || is_of(words, &LOWER) || is_of(words, &HEDGES);
    let exact = |words: &[String]| is_of(words, &["exactly", "precisely"]);
    // `exactly 3` in place of `at least 3`, and the like.
    match (exact(gone) && loose(come), loose(gone) && exact(come)) {
        (true, _) => Strength::Weaker,
        (_, true) => Strength::Stronger,
        _ => Strength::Other,
    }
}

enum Bound {
    Upper,
    Lower,
}

/// The bound that the last words before a number state.
fn bound(before: &[String], is_time: bool) -> Option<Bound> {
    for n in (1..=3.min(before.len())).rev() {
        let text = before[before.len() - n..].join(" ");
        if UPPER.contains(&text.as_str()) || (is_time && text == "in") {
            return Some(Bound::Upper);
        }
        if LOWER.contains(&text.as_str()) {
            return Some(Bound::Lower);
        }
    }
    None
}

/// A number with what it counts.
struct Quantity<'a> {
    /// Milliseconds where it is a time.
    amount: f64,
    /// Empty where it is a time.
    unit: &'a str,
    time: bool,
}

impl<'a> Quantity<'a> {
    /// Reads `5`, `200ms`, `5%`, `ten seconds`; `next` is the word that follows.
    fn of(words: &'a [String], next: &'a str) -> Option<Self> {
        let (number, unit) = match words {
            [one] => match number(one)? {
                (number, "") => (number, next),
                with_unit => with_unit,
            },
            [one, unit] => match number(one)? {
                (number, "") => (number, unit.as_str()),
                _ => return None,
            },
            _ => return None,
        };
        let time = TIMES.iter().find(|(name, _)| *name == unit);
        Some(Self {
            amount: number * time.map_or(1.0, |(_, ms)| *ms),
            unit: time.map_or(unit, |_| ""),
            time: time.is_some(),
        })
    }
}

/// Returns a number and the unit that is written with it: `200ms`, `5%`.
fn number(word: &str) -> Option<(f64, &str)> {
    if let Some((_, number)) = NUMBERS.iter().find(|(name, _)| *name == word) {
        return Some((*number, ""));
    }
    let end = word.rfind(|c: char| c.is_ascii_digit())? + 1;
    let number = word[..end].replace([',', '_'], "").parse().ok()?;
    Some((number, &word[end..]))
}

/// Lower-case words without the punctuation around them; signs of comparison stay.
fn words(text: &str) -> Vec<String> {
    let is_edge = |c: char| !c.is_alphanumeric() && !"<>=≤≥%-+".contains(c);
    let words = text
        .split_whitespace()
        .map(|word| word.trim_matches(is_edge));
    let words = words.filter(|word| !word.is_empty()).flat_map(|word| {
        let word = word.to_lowercase();
        match word.strip_suffix("n't") {
            Some(stem) => vec![stem.to_owned(), "not".to_owned()],
            None => vec![word],
        }
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_tell_what_is_expected_less_and_more() {
        use Strength::{Opposite, Other, Stronger, Weaker};
        for (before, after, expected) in [
            (
                "the page shows the name and the price",
                "the page shows the name",
                Weaker,
            ),
            (
                "the page shows the name",
                "the page shows the name and the price",
                Stronger,
            ),
            (
                "the answer comes within 2 seconds",
                "the answer comes within 5 seconds",
                Weaker,
            ),
            (
                "the answer comes within 5 s",
                "the answer comes within 2 s",
                Stronger,
            ),
            (
                "the answer comes in 200ms",
                "the answer comes in 500ms",
                Weaker,
            ),
            (
                "at least 10 rows are shown",
                "at least 5 rows are shown",
                Weaker,
            ),
            (
                "at least 5 rows are shown",
                "at least 10 rows are shown",
                Stronger,
            ),
            ("3 rows are shown", "4 rows are shown", Other),
            ("the mail must arrive", "the mail may arrive", Weaker),
            ("the mail should arrive", "the mail must arrive", Stronger),
            ("all fields are marked", "some fields are marked", Weaker),
            ("no more than 5 rows", "no more than 9 rows", Weaker),
            ("shown in 3 rows", "shown in 5 rows", Other),
            ("it comes in 3 seconds", "it comes in 5 seconds", Weaker),
            ("it comes within 900ms", "it comes within 2s", Weaker),
            (
                "it comes within ten seconds",
                "it comes within 30 seconds",
                Weaker,
            ),
            (
                "it comes within 2 minutes",
                "it comes within 30 seconds",
                Stronger,
            ),
            ("it comes within a minute", "it comes within 90 s", Other),
            ("it comes within 60 s", "it comes within 1 minute", Other),
            ("at least five rows", "at least three rows", Weaker),
            ("at least 5 rows", "at least 5 columns", Other),
            ("at most 5 rows", "at most 9 columns", Other),
            ("at most 5% fail", "at most 5 s fail", Other),
            ("no error is shown", "no error or warning is shown", Other),
            (
                "it must not take over 5 s",
                "it must not take over 9 s",
                Other,
            ),
            (
                "exactly 3 rows are shown",
                "at least 3 rows are shown",
                Weaker,
            ),
            (
                "about 3 rows are shown",
                "exactly 3 rows are shown",
                Stronger,
            ),
            ("the total is 10", "the total is about 10", Weaker),
            ("the total is about 10", "the total is 10", Stronger),
            ("the page opens", "the page or a hint opens", Weaker),
            ("the page opens or a hint", "the page opens", Stronger),
            ("the button is shown", "the button is not shown", Opposite),
            ("it isn\'t shown", "it is shown", Opposite),
            ("the form is empty", "the form is filled in", Other),
            (
                "no error is shown",
                "no error is shown unless offline",
                Weaker,
            ),
            (
                "nothing depends on colour",
                "nothing depends on colour, and all rows can be told apart",
                Other,
            ),
            (
                "the form is shown, and it can be sent by the keyboard",
                "the form is shown",
                Other,
            ),
            (
                "the form is shown, and it is sent by the keyboard",
                "the form is shown",
                Weaker,
            ),
            ("a", "a", Other),
        ] {
            assert_eq!(compare(before, after), expected, "{before} → {after}");
        }
    }

    proptest! {
        #[test]
        fn back_is_the_other_way(one in "[a-c ]{0,12}( not| may| within [0-9])?", other in "[a-c ]{0,12}( or| must| within [0-9])?") {
            // What is found forwards must not be found backwards as well.
            let (there, back) = (compare(&one, &other), compare(&other, &one));
            prop_assert!(matches!(there, Strength::Other | Strength::Opposite) || back != there, "{there:?} {back:?}");
        }
    }
}
