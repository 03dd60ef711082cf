//! Shares of a whole as a ring, with each share named beside it.

use std::fmt::Write as _;

use super::svg::{Drawn, Href, class, frame, linked, said, sign};
use crate::base::text::escaped;
use crate::site::widgets::Mark;

/// The ring's length.
const RING: u64 = 1000;

/// Draws shares of their sum.
pub(crate) fn donut(name: &str, marks: &[Mark], href: Href<'_>) -> Drawn {
    let sum: f64 = marks.iter().map(|mark| mark.value).sum();
    let mut shapes = String::new();
    let (mut from, mut before) = (0, 0.0);
    // A whole has no gaps.
    let gap = if marks.len() > 1 { 2 } else { 0 };
    for (at, mark) in marks.iter().enumerate() {
        before += mark.value;
        let to = if sum > 0.0 {
            (before / sum * RING as f64).round() as u64
        } else {
            0
        };
        let to = to.max(from);
        let ring = format!(
            "<circle class=\"{} step-{}\" cx=\"60\" cy=\"60\" r=\"46\" pathLength=\"{RING}\" stroke-dasharray=\"{} {RING}\" stroke-dashoffset=\"-{from}\" transform=\"rotate(-90 60 60)\"/>",
            class(mark.tone),
            at.min(7),
            (to - from).saturating_sub(gap).max(2)
        );
        shapes += &linked(href(&mark.target), &said("", mark), &ring);
        from = to;
    }
    let mut html = frame("donut", (120, 120), name, &shapes);
    html += "<ul class=\"shares\">";
    for (at, mark) in marks.iter().enumerate() {
        let sign = sign(mark.tone, at);
        let text = format!(
            "<b>{}</b> <span dir=\"auto\">{}</span>",
            escaped(&mark.text),
            escaped(&mark.label)
        );
        let _ = match href(&mark.target) {
            Some(href) => write!(
                html,
                "<li>{sign}<a href=\"{}\">{text}</a></li>",
                escaped(&href)
            ),
            None => write!(html, "<li>{sign}{text}</li>"),
        };
    }
    html += "</ul>";
    Drawn {
        html,
        omitted: String::new(),
    }
}
