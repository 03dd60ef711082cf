//! The blocks of a body that matter to its structure, with their places.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Lists nested deeper than this stay text.
const MAX_DEPTH: usize = 12;

/// A part of a body that matters to its structure.
#[derive(Debug)]
pub(super) struct Block {
    pub kind: Kind,
    pub range: Range<usize>,
    pub children: Vec<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A heading of the second level.
    Section,
    Ordered,
    Bullets,
    Item,
    Paragraph,
}

/// Returns the top blocks of a body; of lists with their items, and of these what they hold.
pub(super) fn blocks(body: &str) -> Vec<Block> {
    let mut top = Vec::new();
    let mut open: Vec<Block> = Vec::new();
    // How many elements are open in one whose inside does not matter.
    let mut closed = 0usize;
    for (event, range) in Parser::new_ext(body, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(_) if closed > 0 => closed += 1,
            Event::Start(tag) => match kind_of(&tag, open.len()) {
                Some((kind, inside)) => {
                    closed = usize::from(!inside);
                    open.push(Block {
                        kind,
                        range,
                        children: Vec::new(),
                    });
                }
                None => closed = 1,
            },
            Event::End(end) => {
                closed = closed.saturating_sub(1);
                if closed > 0 || !is_kept(end, open.last().map(|b| b.kind)) {
                    continue;
                }
                if let Some(block) = open.pop() {
                    let siblings = open.last_mut().map_or(&mut top, |b| &mut b.children);
                    siblings.push(block);
                }
            }
            _ => {}
        }
    }
    top
}

/// Returns the kind of an element that is kept, and whether what it holds matters.
fn kind_of(tag: &Tag<'_>, depth: usize) -> Option<(Kind, bool)> {
    match tag {
        Tag::Heading {
            level: HeadingLevel::H2,
            ..
        } if depth == 0 => Some((Kind::Section, false)),
        Tag::List(_) if depth > 2 * MAX_DEPTH => None,
        Tag::List(Some(_)) => Some((Kind::Ordered, true)),
        Tag::List(None) => Some((Kind::Bullets, true)),
        Tag::Item => Some((Kind::Item, true)),
        Tag::Paragraph => Some((Kind::Paragraph, false)),
        _ => None,
    }
}

/// Whether the end of an element ends the open block, and not one that was passed over.
fn is_kept(end: TagEnd, open: Option<Kind>) -> bool {
    matches!(
        (end, open),
        (TagEnd::Heading(HeadingLevel::H2), Some(Kind::Section))
            | (TagEnd::List(true), Some(Kind::Ordered))
            | (TagEnd::List(false), Some(Kind::Bullets))
            | (TagEnd::Item, Some(Kind::Item))
            | (TagEnd::Paragraph, Some(Kind::Paragraph))
    )
}
