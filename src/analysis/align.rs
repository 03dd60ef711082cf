//! Which steps of two scenarios are the same step: by what they say, not by their numbers.

use std::collections::HashMap;

use super::meaning::PlainStep;

/// Steps less like each other than this are different steps.
const ALIKE: f64 = 0.5;

/// A step counts as moved only where it is this much like the one that went.
const MOVED: f64 = 0.8;

/// Pairs that are compared by words; longer scenarios are aligned by equal steps alone.
const MAX_PAIRS: usize = 160_000;

/// One step of either side, in reading order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paired {
    /// The same step at the same place among the others; its text may differ.
    Kept {
        before: usize,
        after: usize,
    },
    /// The same step at another place; its text may differ.
    Moved {
        before: usize,
        after: usize,
    },
    Removed {
        before: usize,
    },
    Inserted {
        after: usize,
    },
}

/// Pairs the steps of two lists. Each index of each side comes exactly once; what stays comes in the
/// order of `after`, what was removed after the step that it followed.
pub fn align(before: &[PlainStep], after: &[PlainStep]) -> Vec<Paired> {
    let mut partner = vec![None; before.len()];
    for (b, a) in in_order(before, after) {
        partner[b] = Some(a);
    }
    let kept = partner.clone();
    for (b, a) in moved(before, after, &partner) {
        partner[b] = Some(a);
    }
    let mut back = vec![None; after.len()];
    for (b, a) in partner.iter().enumerate() {
        if let Some(a) = a {
            back[*a] = Some(b);
        }
    }
    let mut out = Vec::with_capacity(before.len().max(after.len()));
    let mut next = 0;
    let removed = |upto: usize, next: &mut usize, out: &mut Vec<Paired>| {
        while *next < upto {
            if partner[*next].is_none() {
                out.push(Paired::Removed { before: *next });
            }
            *next += 1;
        }
    };
    for (a, b) in back.into_iter().enumerate() {
        match b {
            None => out.push(Paired::Inserted { after: a }),
            Some(b) if kept[b].is_none() => out.push(Paired::Moved {
                before: b,
                after: a,
            }),
            Some(b) => {
                removed(b, &mut next, &mut out);
                out.push(Paired::Kept {
                    before: b,
                    after: a,
                });
            }
        }
    }
    removed(before.len(), &mut next, &mut out);
    out
}

/// Returns how much two steps are alike, from 0 (not at all) to 1 (equal).
pub fn likeness(one: &PlainStep, other: &PlainStep) -> f64 {
    if one == other {
        return 1.0;
    }
    let action = match (&one.shared, &other.shared) {
        (None, None) => text_likeness(&one.action, &other.action),
        (Some(one), Some(other)) if one == other => 1.0,
        _ => return 0.0,
    };
    let rest = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => Some(text_likeness(one, other)),
        _ => None,
    };
    let rests = [
        rest(&one.expected, &other.expected),
        rest(&one.data, &other.data),
    ];
    let (sum, n) = rests
        .into_iter()
        .flatten()
        .fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
    let all = if n == 0.0 {
        action
    } else {
        0.75 * action + 0.25 * sum / n
    };
    // Equal ones alone are 1.
    all.min(0.99)
}

/// Returns the share of words that two texts have in common (Dice's coefficient over words, or over
/// pairs of characters where that finds more).
pub fn text_likeness(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    let words = |text: &str| -> HashMap<String, usize> {
        let mut all = HashMap::new();
        let parts = text.split(|c: char| !c.is_alphanumeric());
        for word in parts.filter(|part| !part.is_empty()) {
            *all.entry(word.to_lowercase()).or_default() += 1;
        }
        all
    };
    let (a, b) = (words(one), words(other));
    let total: usize = a.values().chain(b.values()).sum();
    let common: usize = a
        .iter()
        .map(|(word, n)| n.min(b.get(word).unwrap_or(&0)))
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
    let by_words = if total == 0 {
        0.0
    } else {
        2.0 * common as f64 / total as f64
    };
    // Words that were inflected or corrected are told by their letters; these say little of long texts.
    if one.len().max(other.len()) > 120 {
        return by_words;
    }
    by_words.max(strsim::sorensen_dice(one, other) * 0.8)
}

/// The best pairs that keep the order of both sides.
fn in_order(before: &[PlainStep], after: &[PlainStep]) -> Vec<(usize, usize)> {
    let same = |(b, a): &(&PlainStep, &PlainStep)| b == a;
    let head = before.iter().zip(after).take_while(same).count();
    let tails = before[head..].iter().rev().zip(after[head..].iter().rev());
    let tail = tails.take_while(same).count();
    let (b, a) = (
        &before[head..before.len() - tail],
        &after[head..after.len() - tail],
    );
    let mut out: Vec<_> = (0..head).map(|at| (at, at)).collect();
    let exact = b.len().saturating_mul(a.len()) > MAX_PAIRS;
    let inner = if exact { equal_ones(b, a) } else { best(b, a) };
    out.extend(inner.into_iter().map(|(b, a)| (head + b, head + a)));
    let (b, a) = (before.len() - tail, after.len() - tail);
    out.extend((0..tail).map(|at| (b + at, a + at)));
    out
}

/// Needleman and Wunsch (1970): the pairs whose likeness adds up to most.
fn best(before: &[PlainStep], after: &[PlainStep]) -> Vec<(usize, usize)> {
    let width = after.len() + 1;
    let mut sums = vec![0.0_f64; (before.len() + 1) * width];
    let mut scores = vec![0.0_f64; before.len() * after.len()];
    for b in (0..before.len()).rev() {
        for a in (0..after.len()).rev() {
            let score = likeness(&before[b], &after[a]);
            let score = if score < ALIKE { 0.0 } else { score };
            scores[b * after.len() + a] = score;
            let pair = if score > 0.0 {
                score + sums[(b + 1) * width + a + 1]
            } else {
                0.0
            };
            let skip = sums[(b + 1) * width + a].max(sums[b * width + a + 1]);
            sums[b * width + a] = pair.max(skip);
        }
    }
    let (mut b, mut a, mut out) = (0, 0, Vec::new());
    while b < before.len() && a < after.len() {
        let here = sums[b * width + a];
        let score = scores[b * after.len() + a];
        if score > 0.0 && here <= score + sums[(b + 1) * width + a + 1] {
            out.push((b, a));
            (b, a) = (b + 1, a + 1);
        } else if here <= sums[(b + 1) * width + a] {
            b += 1;
        } else {
            a += 1;
        }
    }
    out
}

/// The longest run of equal steps in order.
fn equal_ones(before: &[PlainStep], after: &[PlainStep]) -> Vec<(usize, usize)> {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut number = |step: &PlainStep| {
        let next = numbers.len();
        *numbers.entry(format!("{step:?}")).or_insert(next)
    };
    let b: Vec<usize> = before.iter().map(&mut number).collect();
    let a: Vec<usize> = after.iter().map(&mut number).collect();
    let ops = similar::capture_diff_slices(similar::Algorithm::Myers, &b, &a);
    let equal = ops.into_iter().filter_map(|op| match op {
        similar::DiffOp::Equal {
            old_index,
            new_index,
            len,
        } => Some((0..len).map(move |at| (old_index + at, new_index + at))),
        _ => None,
    });
    equal.flatten().collect()
}

/// The pairs of what is left, most alike first.
fn moved(
    before: &[PlainStep],
    after: &[PlainStep],
    partner: &[Option<usize>],
) -> Vec<(usize, usize)> {
    let mut taken = vec![false; after.len()];
    for a in partner.iter().flatten() {
        taken[*a] = true;
    }
    let gone: Vec<usize> = (0..before.len())
        .filter(|b| partner[*b].is_none())
        .collect();
    let new: Vec<usize> = (0..after.len()).filter(|a| !taken[*a]).collect();
    if gone.len().saturating_mul(new.len()) > MAX_PAIRS {
        return Vec::new();
    }
    let mut pairs = Vec::new();
    for b in &gone {
        for a in &new {
            let score = likeness(&before[*b], &after[*a]);
            if score >= MOVED {
                pairs.push((score, *b, *a));
            }
        }
    }
    pairs.sort_by(|one, other| {
        let by_score = other.0.total_cmp(&one.0);
        by_score.then((one.1, one.2).cmp(&(other.1, other.2)))
    });
    let (mut out, mut used) = (Vec::new(), vec![false; before.len()]);
    for (_, b, a) in pairs {
        if !used[b] && !taken[a] {
            (used[b], taken[a]) = (true, true);
            out.push((b, a));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn steps(actions: &[&str]) -> Vec<PlainStep> {
        let step = |action: &&str| PlainStep {
            action: (*action).to_owned(),
            ..PlainStep::default()
        };
        actions.iter().map(step).collect()
    }

    fn told(before: &[&str], after: &[&str]) -> String {
        let (before, after) = (steps(before), steps(after));
        let name = |paired: Paired| match paired {
            Paired::Kept { before, after } => format!("{before}={after}"),
            Paired::Moved { before, after } => format!("{before}>{after}"),
            Paired::Removed { before } => format!("-{before}"),
            Paired::Inserted { after } => format!("+{after}"),
        };
        let names: Vec<String> = align(&before, &after).into_iter().map(name).collect();
        names.join(" ")
    }

    #[test]
    fn steps_are_paired_by_what_they_say() {
        let base = ["open the page", "fill in the form", "submit the form"];
        for (after, expected) in [
            (&base[..], "0=0 1=1 2=2"),
            (
                &[
                    "open the page",
                    "wait",
                    "fill in the form",
                    "submit the form",
                ],
                "0=0 +1 1=2 2=3",
            ),
            (&["open the page", "submit the form"], "0=0 -1 2=1"),
            (
                &[
                    "open the sign-in page",
                    "fill in the form",
                    "submit the form",
                ],
                "0=0 1=1 2=2",
            ),
            (
                &["fill in the form", "submit the form", "open the page"],
                "1=0 2=1 0>2",
            ),
            (
                &["open the page", "call the service", "submit the form"],
                "0=0 +1 -1 2=2",
            ),
            (&[], "-0 -1 -2"),
        ] {
            assert_eq!(told(&base, after), expected, "{after:?}");
        }
        assert_eq!(told(&[], &["a"]), "+0");
    }

    #[test]
    fn long_scenarios_are_aligned_by_equal_steps() {
        let before: Vec<String> = (0..900).map(|n| format!("do number {n}")).collect();
        let mut after = before.clone();
        after.remove(450);
        after.insert(10, "something else".to_owned());
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let after: Vec<&str> = after.iter().map(String::as_str).collect();
        let told = told(&before, &after);
        assert!(told.contains(" +10 10=11 "), "{told}");
        assert!(told.contains(" -450 "), "{told}");
    }

    fn words() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(
            "(open|close|the|a|page|form|[a-c]{1,2})( (page|form|now)){0,2}",
            0..9,
        )
    }

    proptest! {
        #[test]
        fn each_step_comes_once_and_what_stays_keeps_its_order(b in words(), a in words()) {
            let text = |list: &[String]| {
                let list: Vec<&str> = list.iter().map(String::as_str).collect();
                steps(&list)
            };
            let (before, after) = (text(&b), text(&a));
            let all = align(&before, &after);
            let (mut old, mut new, mut kept) = (Vec::new(), Vec::new(), Vec::new());
            for paired in all {
                match paired {
                    Paired::Kept { before, after } => {
                        kept.push(before);
                        old.push(before);
                        new.push(after);
                    }
                    Paired::Moved { before, after } => {
                        old.push(before);
                        new.push(after);
                    }
                    Paired::Removed { before } => old.push(before),
                    Paired::Inserted { after } => new.push(after),
                }
            }
            prop_assert!(kept.is_sorted());
            prop_assert!(new.iter().copied().eq(0..after.len()));
            old.sort_unstable();
            prop_assert!(old.iter().copied().eq(0..before.len()));
            let same = align(&before, &before);
            let all_kept = same.iter().enumerate().all(|(at, paired)| {
                *paired == Paired::Kept { before: at, after: at }
            });
            prop_assert!(all_kept);
        }
    }
}
