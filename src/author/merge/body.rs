//! Bodies: sections by their headings, steps by what they say, all other text by lines.

use super::chunks::{Chunks, equal_lines, merge_lines, pick};
use super::order::{Row, RowPart, Slot, arrange};
use crate::analysis::align::{Paired, align};
use crate::analysis::meaning::{PlainStep, plain};
use crate::store::written::{Body, Piece, PieceKind, Section, Steps};

/// Merges bodies; `None` where one of them can't be taken apart.
pub(super) fn bodies(base: &str, a: &str, b: &str) -> Option<Chunks> {
    let (base, a, b) = (Body::parse(base)?, Body::parse(a)?, Body::parse(b)?);
    let mut out = merge_lines(base.intro, a.intro, b.intro);
    let old = titles(&base.sections);
    let row = |side: &Body<'_>| {
        let parts = titles(&side.sections).into_iter().map(|title| RowPart {
            of_base: old.iter().position(|known| *known == title),
            rank: rank(&title.0),
            token: format!("{} {}", title.0, title.1),
            is_free: false,
        });
        Row {
            parts: parts.collect(),
        }
    };
    let text = |section: &Section<'_>| format!("{}{}", section.heading, section.text);
    let is_kept = |slot: Slot| match sides(slot, &base.sections, &a.sections, &b.sections) {
        (Some(old), a, b) => a
            .or(b)
            .is_some_and(|one| text(one).trim() != text(old).trim()),
        _ => true,
    };
    // The order of sections says nothing.
    let slots = arrange(old.len(), &row(&a), &row(&b), false, is_kept)?;
    for slot in slots {
        let whole = |section: Option<&Section<'_>>| {
            section.map_or_else(String::new, |one| format!("{}{}", one.lead, text(one)))
        };
        match sides(slot, &base.sections, &a.sections, &b.sections) {
            (old, Some(a), Some(b)) => out.extend(section(old, a, b)),
            (None, a, b) => out.text(&whole(a.or(b))),
            (old, a, b) => out.clash(&whole(old), &whole(a), &whole(b)),
        }
    }
    out.text(pick(Some(base.tail), a.tail, b.tail)?);
    Some(out)
}

/// What each section is known by: its heading, and which of those with that heading it is.
fn titles(sections: &[Section<'_>]) -> Vec<(String, usize)> {
    let mut out: Vec<(String, usize)> = Vec::new();
    for section in sections {
        let title = section.title.trim_end_matches(':').to_lowercase();
        let n = out.iter().filter(|known| known.0 == title).count();
        out.push((title, n));
    }
    out
}

/// Where sections stand among others.
fn rank(title: &str) -> u8 {
    match title {
        "precondition" | "preconditions" => 0,
        "steps" => 1,
        "postcondition" | "postconditions" => 2,
        _ => 3,
    }
}

/// Returns the parts that a slot is made of.
fn sides<'t, T>(
    slot: Slot,
    base: &'t [T],
    a: &'t [T],
    b: &'t [T],
) -> (Option<&'t T>, Option<&'t T>, Option<&'t T>) {
    match slot {
        Slot::One {
            base: at,
            a: in_a,
            b: in_b,
        } => (
            at.map(|at| &base[at]),
            in_a.map(|at| &a[at]),
            in_b.map(|at| &b[at]),
        ),
        Slot::Clash { .. } => (None, None, None),
    }
}

fn section(base: Option<&Section<'_>>, a: &Section<'_>, b: &Section<'_>) -> Chunks {
    let lead = pick(base.map(|one| one.lead), a.lead, b.lead);
    let mut out = Chunks::of(lead.unwrap_or(a.lead));
    match pick(base.map(|one| one.heading), a.heading, b.heading) {
        Some(heading) => out.text(heading),
        None => out.clash(base.map_or("", |one| one.heading), a.heading, b.heading),
    }
    let none = Steps {
        before: "",
        pieces: Vec::new(),
        after: "",
    };
    let old_steps = base.map_or(Some(&none), |one| one.steps.as_ref());
    let merged = match (old_steps, &a.steps, &b.steps) {
        (Some(base), Some(a), Some(b)) => steps(base, a, b),
        _ => None,
    };
    out.extend(
        merged.unwrap_or_else(|| merge_lines(base.map_or("", |one| one.text), a.text, b.text)),
    );
    out
}

fn steps(base: &Steps<'_>, a: &Steps<'_>, b: &Steps<'_>) -> Option<Chunks> {
    let mut out = merge_lines(base.before, a.before, b.before);
    out.extend(pieces(&base.pieces, &a.pieces, &b.pieces)?);
    out.extend(merge_lines(base.after, a.after, b.after));
    Some(out)
}

/// Merges lists of steps or of their parts; `None` where both sides moved some, differently.
fn pieces(base: &[Piece<'_>], a: &[Piece<'_>], b: &[Piece<'_>]) -> Option<Chunks> {
    let (row_a, row_b) = (row(base, a), row(base, b));
    let is_kept = |slot: Slot| match sides(slot, base, a, b) {
        (Some(old), a, b) => a.or(b).is_some_and(|one| said(one) != said(old)),
        _ => true,
    };
    let slots = arrange(base.len(), &row_a, &row_b, true, is_kept)?;
    let mut out = Chunks::default();
    for slot in slots {
        if let Slot::Clash { a: in_a, b: in_b } = &slot {
            let text = |side: &[Piece<'_>], run: &[usize]| -> String {
                run.iter().map(|at| whole(&side[*at])).collect()
            };
            let from = |row: &Row, run: &[usize]| -> String {
                let parts = run.iter().filter_map(|at| row.parts[*at].of_base);
                parts.map(|at| whole(&base[at])).collect()
            };
            let old = from(&row_a, in_a) + &from(&row_b, in_b);
            out.clash(&old, &text(a, in_a), &text(b, in_b));
            continue;
        }
        let text = |one: Option<&Piece<'_>>| one.map(whole).unwrap_or_default();
        match sides(slot, base, a, b) {
            (old, Some(a), Some(b)) => out.extend(piece(old, a, b)),
            (None, a, b) => out.text(&text(a.or(b))),
            (old, a, b) => out.clash(&text(old), &text(a), &text(b)),
        }
    }
    Some(out)
}

fn whole(piece: &Piece<'_>) -> String {
    format!("{}{}", piece.lead, piece.body())
}

/// A piece's text without its number and its white space.
fn said(piece: &Piece<'_>) -> String {
    let mut out = piece.own.split_whitespace().collect::<Vec<_>>().join(" ");
    for below in &piece.below {
        out.push('\n');
        out.push_str(&said(below));
    }
    out
}

fn piece(base: Option<&Piece<'_>>, a: &Piece<'_>, b: &Piece<'_>) -> Chunks {
    let lead = pick(base.map(|one| one.lead), a.lead, b.lead);
    let mut out = Chunks::of(lead.unwrap_or(a.lead));
    let (body_a, body_b) = (a.body(), b.body());
    match base.map(Piece::body) {
        _ if body_a == body_b => {
            out.text(&body_a);
            return out;
        }
        Some(old) if old == body_a => {
            out.text(&body_b);
            return out;
        }
        Some(old) if old == body_b => {
            out.text(&body_a);
            return out;
        }
        None if said(a) == said(b) => {
            out.text(&body_a);
            return out;
        }
        _ => {}
    }
    // Other numbers and other indentation of the number are no collision.
    let marker = pick(base.map(|one| one.marker), a.marker, b.marker).unwrap_or(a.marker);
    let own = |one: &Piece<'_>| format!("{marker}{}", one.own);
    let none = Vec::new();
    let below = pieces(base.map_or(&none, |one| &one.below), &a.below, &b.below);
    let Some(below) = below else {
        let old = base.map(Piece::body).unwrap_or_default();
        out.clash(&old, &body_a, &body_b);
        return out;
    };
    out.extend(merge_lines(
        &base.map(own).unwrap_or_default(),
        &own(a),
        &own(b),
    ));
    out.extend(below);
    out
}

/// Tells the pieces of a side apart.
fn row(base: &[Piece<'_>], side: &[Piece<'_>]) -> Row {
    let mut of_base = vec![None; side.len()];
    let mut old_labels = labels(base);
    for (at, label) in labels(side).into_iter().enumerate() {
        let Some(label) = label else {
            continue;
        };
        if let Some(found) = old_labels
            .iter()
            .position(|known| known.as_ref() == Some(&label))
        {
            of_base[at] = Some(found);
            old_labels[found] = None;
        }
    }
    for kind in [PieceKind::Step, PieceKind::Note] {
        let of = |list: &[Piece<'_>]| -> Vec<usize> {
            let all = list.iter().enumerate();
            all.filter(|(_, one)| one.kind == kind)
                .map(|(at, _)| at)
                .collect()
        };
        let (old, new) = (of(base), of(side));
        for (n, m) in paired(base, &old, side, &new) {
            of_base[new[m]] = Some(old[n]);
        }
    }
    let parts = side
        .iter()
        .zip(labels(side))
        .zip(of_base)
        .map(|((one, label), of_base)| RowPart {
            of_base,
            is_free: label.is_some(),
            rank: match one.kind {
                PieceKind::Step | PieceKind::Note => 0,
                PieceKind::Expected => 1,
                PieceKind::Data => 2,
            },
            token: label.unwrap_or_else(|| said(one)),
        });
    Row {
        parts: parts.collect(),
    }
}

/// What expected results and data are known by: which of their step's they are.
fn labels(pieces: &[Piece<'_>]) -> Vec<Option<String>> {
    let mut seen = [0; 2];
    let label = |piece: &Piece<'_>| {
        let (name, n) = match piece.kind {
            PieceKind::Expected => ("expected", 0),
            PieceKind::Data => ("data", 1),
            PieceKind::Step | PieceKind::Note => return None,
        };
        seen[n] += 1;
        Some(format!("{name} {}", seen[n]))
    };
    pieces.iter().map(label).collect()
}

/// Pairs steps that are the same: equal ones first, then those that are alike.
fn paired(
    base: &[Piece<'_>],
    old: &[usize],
    side: &[Piece<'_>],
    new: &[usize],
) -> Vec<(usize, usize)> {
    let texts = |list: &[Piece<'_>], of: &[usize]| -> Vec<String> {
        of.iter().map(|at| said(&list[*at])).collect()
    };
    let equal = equal_lines(&texts(base, old), &texts(side, new));
    let mut out: Vec<(usize, usize)> = equal
        .iter()
        .enumerate()
        .filter_map(|(n, m)| Some((n, (*m)?)))
        .collect();
    let is_left =
        |n: &usize, of: fn(&(usize, usize)) -> usize| out.iter().all(|pair| of(pair) != *n);
    let left_old: Vec<usize> = (0..old.len())
        .filter(|n| is_left(n, |pair| pair.0))
        .collect();
    let left_new: Vec<usize> = (0..new.len())
        .filter(|n| is_left(n, |pair| pair.1))
        .collect();
    if left_old.is_empty() || left_new.is_empty() {
        return out;
    }
    let before: Vec<PlainStep> = left_old
        .iter()
        .map(|n| plain_step(&base[old[*n]]))
        .collect();
    let after: Vec<PlainStep> = left_new
        .iter()
        .map(|n| plain_step(&side[new[*n]]))
        .collect();
    for found in align(&before, &after) {
        if let Paired::Kept { before, after } | Paired::Moved { before, after } = found {
            out.push((left_old[before], left_new[after]));
        }
    }
    out
}

fn plain_step(piece: &Piece<'_>) -> PlainStep {
    let of = |kind| {
        let found = piece.below.iter().find(|one| one.kind == kind);
        found.map(|one: &Piece<'_>| plain(one.own))
    };
    let steps = piece.below.iter().filter(|one| one.kind == PieceKind::Step);
    PlainStep {
        action: plain(piece.own),
        expected: of(PieceKind::Expected),
        data: of(PieceKind::Data),
        shared: None,
        steps: steps.map(plain_step).collect(),
    }
}
