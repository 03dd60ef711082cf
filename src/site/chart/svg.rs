//! What all figures are set with. Everything that comes from files is escaped here.

use crate::base::text::escaped;
use crate::site::texts::say;
use crate::site::widgets::{Mark, Target, Tone};

/// A way from a mark to the list behind it; none where the site has no such list.
pub(crate) type Href<'a> = &'a dyn Fn(&Target) -> Option<String>;

/// A figure as HTML, and what it leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub(crate) html: String,
    /// A sentence; empty where all marks are there.
    pub(crate) omitted: String,
}

/// Returns the class of a tone.
pub(super) fn class(tone: Tone) -> String {
    match tone {
        Tone::Status(status) => format!("s-{}", status.as_str()),
        Tone::Accent => "c-accent".to_owned(),
        Tone::Plain => "c-plain".to_owned(),
    }
}

/// Says a mark in words: `Nightly 4, 2 Nov 2026: 3 failed`.
pub(super) fn said(context: &str, mark: &Mark) -> String {
    match context {
        "" => say!("chart.mark", label = &mark.label, number = &mark.text),
        column => say!(
            "chart.mark-in",
            column = column,
            number = &mark.text,
            label = &mark.label
        ),
    }
}

/// Wraps shapes in a link with a title; in a group where nothing is behind them.
pub(super) fn linked(href: Option<String>, title: &str, shapes: &str) -> String {
    let title = escaped(title);
    match href {
        Some(href) => format!(
            "<a href=\"{}\"><title>{title}</title>{shapes}</a>",
            escaped(&href)
        ),
        None => format!("<g><title>{title}</title>{shapes}</g>"),
    }
}

/// Frames shapes as a named figure.
pub(super) fn frame(kind: &str, (width, height): (u64, u64), name: &str, shapes: &str) -> String {
    format!(
        "<svg class=\"chart {kind}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"group\" aria-label=\"{}\">{shapes}</svg>",
        escaped(name)
    )
}

/// Sets a label; `anchor` is `start`, `middle` or `end`.
pub(super) fn label(x: u64, y: u64, anchor: &str, text: &str) -> String {
    format!(
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>",
        escaped(text)
    )
}

/// Sets what stands at both ends of an axis, below a figure: text that keeps its size on narrow windows.
pub(super) fn ends(first: &str, last: &str) -> String {
    format!(
        "<p class=\"ends\"><span dir=\"auto\">{}</span><span dir=\"auto\">{}</span></p>",
        escaped(first),
        escaped(last)
    )
}

/// Returns the shape that stands for a tone beside its name: the mark of a status, else a swatch.
pub(super) fn sign(tone: Tone, step: usize) -> String {
    match tone {
        Tone::Status(status) => format!(
            "<svg class=\"mark s-{0}\" aria-hidden=\"true\"><use href=\"#m-{0}\"/></svg>",
            status.as_str()
        ),
        _ => format!(
            "<svg class=\"swatch {} step-{}\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect width=\"10\" height=\"10\"/></svg>",
            class(tone),
            step.min(7)
        ),
    }
}

/// Returns the length of a value where `most` is `full` long; what is not zero is seen.
pub(super) fn length(value: f64, most: f64, full: u64) -> u64 {
    let is_none = !(value > 0.0 && most > 0.0);
    match is_none {
        true => 0,
        false => ((value / most).min(1.0) * full as f64).max(1.0) as u64,
    }
}

/// Cuts a text to so many characters.
pub(super) fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(['…']).collect()
}
