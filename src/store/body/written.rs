//! A body as a person wrote it, cut into sections and steps: what a merge puts together again.
//!
//! **Invariant:** [`Body::to_text`] gives the text that was read. Blank lines belong to what follows them,
//! so that adding a part changes no other.

use super::blocks::{Block, Kind, blocks};
use super::text::{content, rest};
use super::{heading_text, labelled};

/// A body: what precedes its first heading of the second level, and its sections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body<'a> {
    pub intro: &'a str,
    pub sections: Vec<Section<'a>>,
    /// Blank lines at the end.
    pub tail: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// The words of the heading.
    pub title: String,
    /// Blank lines before it.
    pub lead: &'a str,
    pub heading: &'a str,
    /// All that stands below the heading.
    pub text: &'a str,
    /// The text in parts, where it is the section of steps and has one numbered list at most.
    pub steps: Option<Steps<'a>>,
}

/// The section of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps<'a> {
    pub before: &'a str,
    pub pieces: Vec<Piece<'a>>,
    pub after: &'a str,
}

/// A step, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    pub kind: PieceKind,
    /// Blank lines before it.
    pub lead: &'a str,
    /// The number or the bullet, with the white space around it.
    pub marker: &'a str,
    /// Its text up to its first part.
    pub own: &'a str,
    /// Nested steps, what is expected, data, notes.
    pub below: Vec<Piece<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    Step,
    Expected,
    Data,
    /// A bullet or a paragraph that belongs to a step's action.
    Note,
}

impl<'a> Body<'a> {
    /// Cuts a body into parts; `None` where they would not give it back.
    pub fn parse(body: &'a str) -> Option<Self> {
        let blocks = blocks(body);
        let headings = blocks.iter().enumerate();
        let headings: Vec<usize> = headings
            .filter(|(_, block)| block.kind == Kind::Section)
            .map(|(at, _)| at)
            .collect();
        let start_of = |n: usize| {
            let at = headings.get(n).map(|at| blocks[*at].range.start);
            at.map_or(body.len(), |at| line_start(body, at))
        };
        let (intro, mut lead) = split_blank(&body[..start_of(0)]);
        let mut sections = Vec::new();
        let mut has_steps = false;
        for (n, at) in headings.iter().enumerate() {
            let heading = start_of(n)..line_end(body, blocks[*at].range.end);
            let whole = body.get(heading.end..start_of(n + 1))?;
            let (text, blank) = split_blank(whole);
            let title = heading_text(&body[blocks[*at].range.clone()]);
            let is_steps = title.trim_end_matches(':').eq_ignore_ascii_case("steps");
            let next = headings.get(n + 1).copied().unwrap_or(blocks.len());
            let steps = match is_steps && !has_steps {
                true => steps(
                    body,
                    heading.end,
                    heading.end + text.len(),
                    &blocks[at + 1..next],
                ),
                false => None,
            };
            has_steps |= is_steps;
            sections.push(Section {
                title,
                lead,
                heading: &body[heading],
                text,
                steps,
            });
            lead = blank;
        }
        let out = Self {
            intro,
            sections,
            tail: lead,
        };
        (out.to_text() == body).then_some(out)
    }

    pub fn to_text(&self) -> String {
        let mut out = self.intro.to_owned();
        for section in &self.sections {
            out.push_str(section.lead);
            out.push_str(section.heading);
            match &section.steps {
                Some(steps) => {
                    out.push_str(steps.before);
                    steps.pieces.iter().for_each(|piece| piece.push(&mut out));
                    out.push_str(steps.after);
                }
                None => out.push_str(section.text),
            }
        }
        out + self.tail
    }
}

impl Piece<'_> {
    /// Its text without the blank lines before it.
    pub fn body(&self) -> String {
        let mut out = format!("{}{}", self.marker, self.own);
        self.below.iter().for_each(|piece| piece.push(&mut out));
        out
    }

    fn push(&self, out: &mut String) {
        out.push_str(self.lead);
        out.push_str(self.marker);
        out.push_str(self.own);
        self.below.iter().for_each(|piece| piece.push(out));
    }
}

fn line_start(body: &str, at: usize) -> usize {
    body[..at].rfind('\n').map_or(0, |found| found + 1)
}

/// Where the line ends that holds the byte before `at`.
fn line_end(body: &str, at: usize) -> usize {
    if at == 0 || body[..at].ends_with('\n') {
        return at;
    }
    next_line(body, at)
}

/// Where the line ends that a byte stands in.
fn next_line(body: &str, at: usize) -> usize {
    let found = body[at..].find('\n');
    found.map_or(body.len(), |found| at + found + 1)
}

/// Splits the blank lines off the end of lines.
fn split_blank(text: &str) -> (&str, &str) {
    let said = text.trim_end().len();
    let end = match said {
        0 => 0,
        said => line_end(text, said),
    };
    text.split_at(end)
}

/// Cuts a section of steps; `None` where its steps are no single numbered list.
fn steps<'a>(body: &'a str, start: usize, end: usize, blocks: &[Block]) -> Option<Steps<'a>> {
    let lists = |kind| {
        blocks
            .iter()
            .filter(move |block: &&Block| block.kind == kind)
    };
    let mut ordered = lists(Kind::Ordered);
    let list = ordered.next();
    let is_odd = ordered.next().is_some() || lists(Kind::Bullets).next().is_some();
    let Some(list) = list else {
        return (!is_odd).then_some(Steps {
            before: &body[start..end],
            pieces: Vec::new(),
            after: "",
        });
    };
    let from = line_start(body, list.range.start);
    let below = body.get(from..line_end(body, list.range.end).min(end))?;
    let (below, _) = split_blank(below);
    let to = from + below.len();
    let marks: Vec<Mark<'_>> = list
        .children
        .iter()
        .map(|item| Mark::new(body, PieceKind::Step, item))
        .collect();
    let (pieces, first) = pieces(body, marks, from, to)?;
    (first == from && !is_odd).then_some(())?;
    Some(Steps {
        before: body.get(start..from)?,
        pieces,
        after: body.get(to..end)?,
    })
}

/// Where a piece starts.
struct Mark<'b> {
    at: usize,
    kind: PieceKind,
    block: &'b Block,
}

impl<'b> Mark<'b> {
    fn new(body: &str, kind: PieceKind, block: &'b Block) -> Self {
        let at = line_start(body, block.range.start);
        Self { at, kind, block }
    }
}

/// Cuts lines into the pieces that start at marks; returns them, and where the first one starts.
fn pieces<'a>(
    body: &'a str,
    marks: Vec<Mark<'_>>,
    from: usize,
    to: usize,
) -> Option<(Vec<Piece<'a>>, usize)> {
    let mut kept: Vec<Mark<'_>> = Vec::new();
    for mark in marks {
        let after = kept.last().map_or(from, |last| last.at + 1);
        let before = body.get(mark.at..mark.block.range.start)?;
        if mark.at >= after && mark.at < to && before.trim().is_empty() {
            kept.push(mark);
        }
    }
    let first = kept.first().map_or(to, |mark| mark.at);
    let mut out = Vec::new();
    let mut lead = "";
    for (n, mark) in kept.iter().enumerate() {
        let end = kept.get(n + 1).map_or(to, |next| next.at);
        let (text, blank) = split_blank(body.get(mark.at..end)?);
        out.push(piece(body, mark, mark.at + text.len(), lead)?);
        lead = blank;
    }
    lead.is_empty().then_some((out, first))
}

fn piece<'a>(body: &'a str, mark: &Mark<'_>, to: usize, lead: &'a str) -> Option<Piece<'a>> {
    let block = mark.block;
    let start = match block.kind {
        Kind::Item => content(body, block.range.start).0.min(to),
        _ => mark.at,
    };
    let marks = match mark.kind {
        PieceKind::Step => parts(body, block),
        _ => Vec::new(),
    };
    let (mut below, first) = pieces(body, marks, next_line(body, start).min(to), to)?;
    let (own, blank) = split_blank(body.get(start..first)?);
    if let Some(first) = below.first_mut() {
        first.lead = blank;
    }
    Some(Piece {
        kind: mark.kind,
        lead,
        marker: body.get(mark.at..start)?,
        own,
        below,
    })
}

/// Where the parts of a step start.
fn parts<'b>(body: &str, step: &'b Block) -> Vec<Mark<'b>> {
    let indent = content(body, step.range.start).1;
    let mut out = Vec::new();
    for block in &step.children {
        let text = |block: &Block| rest(body, block.range.clone(), &[], indent);
        match block.kind {
            Kind::Ordered => {
                let steps = block.children.iter();
                out.extend(steps.map(|item| Mark::new(body, PieceKind::Step, item)));
            }
            Kind::Bullets => out.extend(block.children.iter().map(|bullet| {
                let (start, indent) = content(body, bullet.range.start);
                let text = rest(body, start..bullet.range.end, &[], indent);
                Mark::new(body, kind_of(&text, false), bullet)
            })),
            Kind::Paragraph => {
                let kind = kind_of(&text(block), true);
                if kind != PieceKind::Note || !out.is_empty() {
                    out.push(Mark::new(body, kind, block));
                }
            }
            Kind::Section | Kind::Item => {}
        }
    }
    out
}

fn kind_of(text: &str, bold: bool) -> PieceKind {
    let says = |labels: &[&str]| labelled(text, labels, bold).is_some();
    if says(&super::EXPECTED) {
        PieceKind::Expected
    } else if says(&super::DATA) {
        PieceKind::Data
    } else {
        PieceKind::Note
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "\nWhy.\n\n## Preconditions\n\nNone.\n\n\n## Steps\n\nFirst read this.\n\n1. Open\n   the page.\n   - **Expected:** x\n\
        \n     more\n   - **Data:** y\n\n1. Submit:\n\n   ```\n   1. no step\n   ```\n\n   1. Wait.\n   1. Look.\n      - Expected: z\n   - a note\n\n   \
        **Expected:** w\n\n   Then go on.\n\nAfter.\n\n## Notes\n1. a\n\n";

    fn shown(pieces: &[Piece<'_>], depth: usize, out: &mut String) {
        for piece in pieces {
            let first = piece.own.lines().next().unwrap_or_default();
            out.push_str(&format!("{}{:?} {first}\n", "  ".repeat(depth), piece.kind));
            shown(&piece.below, depth + 1, out);
        }
    }

    #[test]
    fn a_body_is_cut_into_sections_and_steps() {
        let body = Body::parse(TEXT).expect("cut");
        assert_eq!((body.intro, body.tail), ("\nWhy.\n", "\n"));
        let titles: Vec<(&str, &str)> = body
            .sections
            .iter()
            .map(|s| (s.title.as_str(), s.lead))
            .collect();
        assert_eq!(
            titles,
            [("Preconditions", "\n"), ("Steps", "\n\n"), ("Notes", "\n")]
        );
        let steps = body.sections[1].steps.as_ref().expect("steps");
        assert_eq!(
            (steps.before, steps.after),
            ("\nFirst read this.\n\n", "\nAfter.\n")
        );
        let mut out = String::new();
        shown(&steps.pieces, 0, &mut out);
        insta::assert_snapshot!(out, @r"
        Step Open
          Expected **Expected:** x
          Data **Data:** y
        Step Submit:
          Step Wait.
          Step Look.
            Expected Expected: z
          Note a note
          Expected    **Expected:** w
          Note    Then go on.
        ");
        assert_eq!(steps.pieces[1].lead, "\n");
        assert_eq!(steps.pieces[0].own, "Open\n   the page.\n");
        let crlf = TEXT.replace('\n', "\r\n");
        assert_eq!(Body::parse(&crlf).expect("cut").to_text(), crlf);
        assert_eq!(
            Body::parse("## Steps\n- a\n").expect("cut").sections[0].steps,
            None
        );
        assert_eq!(
            Body::parse("## Steps\n1. a\n\nx\n\n1. b\n")
                .expect("cut")
                .sections[0]
                .steps,
            None
        );
    }

    proptest! {
        #[test]
        fn no_text_is_lost(lines in proptest::collection::vec("( {0,5}(1\\.|-|##|>|\\*\\*Expected:\\*\\*|```|[0-9]{2}\\))? ?[a-z]{0,3}é?|\t?1\\. a|)", 0..20)) {
            let text = format!("## Steps\n\n{}", lines.join("\n"));
            if let Some(body) = Body::parse(&text) {
                prop_assert_eq!(body.to_text(), text);
            }
        }
    }
}
