//! In which order the parts of a list stand that two sides changed.

use std::collections::{BTreeMap, VecDeque};

use super::chunks::equal_lines;

/// The parts of one side.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) parts: Vec<RowPart>,
}

#[derive(Clone, Debug)]
pub(super) struct RowPart {
    /// Which part of the base it is; none for a new one.
    pub(super) of_base: Option<usize>,
    /// Two new parts with one token are the same part.
    pub(super) token: String,
    /// Its place among others says nothing, whatever the list.
    pub(super) is_free: bool,
    /// Among new parts whose order says nothing, the lower comes first.
    pub(super) rank: u8,
}

/// A place in the merged list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// One part, by its place on each side that has it.
    One {
        base: Option<usize>,
        a: Option<usize>,
        b: Option<usize>,
    },
    /// Both sides put something else here, and which comes first matters.
    Clash { a: Vec<usize>, b: Vec<usize> },
}

/// Puts the parts of both sides in order: those of the base as the side has them that moved some, new
/// ones behind what they follow on their side. `is_kept` says of a part that one side removed whether
/// the other one changed it. `None` where both sides moved parts, differently, and order matters.
pub(super) fn arrange(
    count: usize,
    a: &Row,
    b: &Row,
    is_ordered: bool,
    is_kept: impl Fn(Slot) -> bool,
) -> Option<Vec<Slot>> {
    let (in_a, in_b) = (a.places(count), b.places(count));
    let is_core = |at: &usize| in_a[*at].is_some() && in_b[*at].is_some();
    let spine = spine(count, a, b, is_ordered, is_core)?;
    let mut place = vec![None; count];
    for (n, at) in spine.iter().enumerate() {
        place[*at] = Some(n);
    }
    let kept_a = |at: usize| {
        let base = Some(at);
        is_kept(Slot::One {
            base,
            a: in_a[at],
            b: None,
        })
    };
    let kept_b = |at: usize| {
        let base = Some(at);
        is_kept(Slot::One {
            base,
            a: None,
            b: in_b[at],
        })
    };
    let runs_a = a.runs(spine.len(), &place, kept_a);
    let runs_b = b.runs(spine.len(), &place, kept_b);
    let mut gaps = Gaps::new(a, b, is_ordered);
    for n in 0..=spine.len() {
        gaps.fill(&runs_a[n], &runs_b[n]);
        if let Some(at) = spine.get(n) {
            let base = Some(*at);
            gaps.out.push(Slot::One {
                base,
                a: in_a[*at],
                b: in_b[*at],
            });
        }
    }
    Some(gaps.out)
}

/// The parts that all three have, in order.
fn spine(
    count: usize,
    a: &Row,
    b: &Row,
    is_ordered: bool,
    is_core: impl Fn(&usize) -> bool,
) -> Option<Vec<usize>> {
    let of = |row: &Row| -> Vec<usize> {
        let parts = row.parts.iter().filter_map(|part| part.of_base);
        parts.filter(&is_core).collect()
    };
    let (in_a, in_b) = (of(a), of(b));
    let old: Vec<usize> = (0..count).filter(&is_core).collect();
    if in_a == old {
        Some(in_b)
    } else if in_b == old || in_a == in_b || !is_ordered {
        Some(in_a)
    } else {
        None
    }
}

impl Row {
    /// Where each part of the base stands on this side.
    fn places(&self, count: usize) -> Vec<Option<usize>> {
        let mut out = vec![None; count];
        for (at, part) in self.parts.iter().enumerate() {
            if let Some(base) = part.of_base {
                out[base] = Some(at);
            }
        }
        out
    }

    /// The parts that stand between those of the spine, each behind the one that it follows here.
    fn runs(
        &self,
        len: usize,
        place: &[Option<usize>],
        is_kept: impl Fn(usize) -> bool,
    ) -> Vec<Vec<usize>> {
        let mut out = vec![Vec::new(); len + 1];
        let mut gap = 0;
        for (at, part) in self.parts.iter().enumerate() {
            match part.of_base {
                Some(base) => match place[base] {
                    Some(n) => gap = n + 1,
                    None if is_kept(base) => out[gap].push(at),
                    None => {}
                },
                None => out[gap].push(at),
            }
        }
        out
    }
}

struct Gaps<'r> {
    a: &'r Row,
    b: &'r Row,
    is_ordered: bool,
    /// The same new part on the other side, wherever it stands there.
    partner: Vec<Option<usize>>,
    back: Vec<Option<usize>>,
    done_a: Vec<bool>,
    done_b: Vec<bool>,
    out: Vec<Slot>,
}

impl<'r> Gaps<'r> {
    fn new(a: &'r Row, b: &'r Row, is_ordered: bool) -> Self {
        let is_anywhere = |part: &RowPart| part.of_base.is_none() && (part.is_free || !is_ordered);
        let mut waiting: BTreeMap<&str, VecDeque<usize>> = BTreeMap::new();
        for (at, part) in b
            .parts
            .iter()
            .enumerate()
            .filter(|(_, part)| is_anywhere(part))
        {
            waiting.entry(&part.token).or_default().push_back(at);
        }
        let mut back = vec![None; b.parts.len()];
        let mut partner = vec![None; a.parts.len()];
        for (at, part) in a
            .parts
            .iter()
            .enumerate()
            .filter(|(_, part)| is_anywhere(part))
        {
            let other = waiting
                .get_mut(part.token.as_str())
                .and_then(VecDeque::pop_front);
            partner[at] = other;
            if let Some(other) = other {
                back[other] = Some(at);
            }
        }
        Self {
            partner,
            back,
            done_a: vec![false; a.parts.len()],
            done_b: vec![false; b.parts.len()],
            a,
            b,
            is_ordered,
            out: Vec::new(),
        }
    }

    /// Puts the parts of one gap in order.
    fn fill(&mut self, a: &[usize], b: &[usize]) {
        let mut token_a: Vec<(bool, &str)> = Vec::new();
        let mut token_b = token_a.clone();
        token_a.extend(a.iter().map(|at| self.a.parts[*at].name()));
        token_b.extend(b.iter().map(|at| self.b.parts[*at].name()));
        let (mut from_a, mut from_b) = (0, 0);
        for (n, found) in equal_lines(&token_a, &token_b).into_iter().enumerate() {
            // Parts of the base that one side alone has are never the same.
            let Some(found) = found.filter(|_| token_a[n].0) else {
                continue;
            };
            self.segment(&a[from_a..n], &b[from_b..found]);
            self.both(a[n], b[found]);
            (from_a, from_b) = (n + 1, found + 1);
        }
        self.segment(&a[from_a..], &b[from_b..]);
    }

    fn both(&mut self, a: usize, b: usize) {
        if !self.done_a[a] && !self.done_b[b] {
            (self.done_a[a], self.done_b[b]) = (true, true);
            let (a, b) = (Some(a), Some(b));
            self.out.push(Slot::One { base: None, a, b });
        }
    }

    /// Puts parts in order that the other side does not have here.
    fn segment(&mut self, a: &[usize], b: &[usize]) {
        let mut shared = Vec::new();
        let (mut only_a, mut only_b) = (Vec::new(), Vec::new());
        for at in a.iter().filter(|at| !self.done_a[**at]) {
            match self.partner[*at] {
                Some(other) if !self.done_b[other] => shared.push((*at, other)),
                _ => only_a.push(*at),
            }
        }
        for at in b.iter().filter(|at| !self.done_b[**at]) {
            match self.back[*at].filter(|other| !self.done_a[*other]) {
                Some(other) => shared.push((other, *at)),
                None => only_b.push(*at),
            }
        }
        for at in &only_a {
            self.done_a[*at] = true;
        }
        for at in &only_b {
            self.done_b[*at] = true;
        }
        let matters = |row: &Row, run: &[usize]| run.iter().any(|at| !row.parts[*at].is_free);
        if self.is_ordered && matters(self.a, &only_a) && matters(self.b, &only_b) {
            self.out.push(Slot::Clash {
                a: only_a,
                b: only_b,
            });
        } else {
            let first = |row: &Row, run: &[usize]| {
                let part = run.first().map(|at| &row.parts[*at]);
                part.map(|part| (part.rank, part.token.clone()))
            };
            let a_first = first(self.a, &only_a) <= first(self.b, &only_b);
            let of_a = only_a.into_iter().map(|at| (Some(at), None));
            let of_b = only_b.into_iter().map(|at| (None, Some(at)));
            let all: Vec<_> = match a_first {
                true => of_a.chain(of_b).collect(),
                false => of_b.chain(of_a).collect(),
            };
            for (a, b) in all {
                let part = match (a, b) {
                    (Some(at), _) => &self.a.parts[at],
                    (None, at) => &self.b.parts[at.expect("one of both")],
                };
                let base = part.of_base;
                self.out.push(Slot::One { base, a, b });
            }
        }
        for (a, b) in shared {
            self.both(a, b);
        }
    }
}

impl RowPart {
    /// Whether it is new, and what tells it from others.
    fn name(&self) -> (bool, &str) {
        (self.of_base.is_none(), &self.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of letters: those of the base are known by themselves; capitals are free.
    fn row(base: &str, side: &str) -> Row {
        let parts = side.chars().map(|c| RowPart {
            of_base: base.find(c),
            token: c.to_string(),
            is_free: c.is_uppercase(),
            rank: 0,
        });
        Row {
            parts: parts.collect(),
        }
    }

    fn told(base: &str, a: &str, b: &str, is_ordered: bool) -> String {
        let (in_a, in_b) = (row(base, a), row(base, b));
        let name = |text: &str, at: usize| text[at..].chars().next().expect("a letter").to_string();
        let slots = arrange(base.len(), &in_a, &in_b, is_ordered, |_| false);
        let Some(slots) = slots else {
            return "?".to_owned();
        };
        let one = |slot: Slot| match slot {
            Slot::One { a: Some(at), .. } => name(a, at),
            Slot::One { b: Some(at), .. } => name(b, at),
            Slot::One { .. } => "nothing".to_owned(),
            Slot::Clash { a: in_a, b: in_b } => {
                let all = |text: &str, run: Vec<usize>| -> String {
                    run.into_iter().map(|at| name(text, at)).collect()
                };
                format!("<{}|{}>", all(a, in_a), all(b, in_b))
            }
        };
        slots.into_iter().map(one).collect()
    }

    #[test]
    fn parts_stand_where_their_side_put_them() {
        for (base, a, b, ordered, unordered) in [
            ("abc", "abxc", "yabc", "yabxc", "yabxc"),
            ("abc", "abxc", "abyc", "ab<x|y>c", "abxyc"),
            ("abc", "abyc", "abxc", "ab<y|x>c", "abxyc"),
            ("abc", "abxyc", "abxzc", "abx<y|z>c", "abxyzc"),
            ("abc", "ac", "abxc", "axc", "axc"),
            ("abc", "cab", "abxc", "cabx", "cabx"),
            ("abc", "cab", "bac", "?", "cab"),
            ("abc", "cab", "cab", "cab", "cab"),
            ("abc", "abxc", "xabc", "xabxc", "xabc"),
            ("abc", "abXc", "XYabc", "YXabc", "YXabc"),
            ("", "xy", "yz", "xyz", "xyz"),
            ("", "xE", "D", "DxE", "DxE"),
            ("", "XY", "YX", "YX", "YX"),
            ("abc", "", "abc", "", ""),
        ] {
            assert_eq!(told(base, a, b, true), ordered, "{base}: {a}, {b}");
            assert_eq!(told(base, a, b, false), unordered, "{base}: {a}, {b}");
        }
    }
}
