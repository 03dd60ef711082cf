//! Columns upon zero: stacks over time, and histograms.

use std::fmt::Write as _;

use super::svg::{Drawn, Href, class, ends, frame, label, length, linked, said, short, sign};
use crate::base::text::escaped;
use crate::site::texts::{counted, decimal, say, thousands};
use crate::site::widgets::{Stack, Tone};

const TOP: u64 = 18;
const BASE: u64 = 128;
const HEIGHT: u64 = BASE + 1;
/// Columns that stay wide enough to be pointed at.
const MOST: usize = 60;
/// Columns that get their names and numbers below them, and the characters of such a name.
const NAMED: usize = 12;
const NAME: usize = 10;
/// Few columns spread over the width and stay columns.
const WIDEST: u64 = 64;

/// Draws stacks on a common zero, at most the newest [`MOST`].
pub(crate) fn columns(name: &str, all: &[Stack], width: u64, href: Href<'_>) -> Drawn {
    let inner = width;
    let cut = all.len().saturating_sub(MOST.min(inner as usize / 6));
    let shown = &all[cut..];
    let sum = |stack: &Stack| stack.parts.iter().map(|part| part.value).sum::<f64>();
    let most = shown.iter().map(sum).fold(0.0, f64::max);
    let pitch = (inner / (shown.len().max(1) as u64)).max(6);
    let wide = (pitch * 3 / 4).clamp(4, WIDEST);
    let each = (2..=NAMED).contains(&shown.len()) && { shown.iter() }
        .all(|stack| stack.label.chars().count() <= NAME);
    let mut shapes = format!("<line class=\"axis\" x2=\"{inner}\" y1=\"{BASE}\" y2=\"{BASE}\"/>");
    let keys = keys(shown);
    let mut peak: Option<(u64, u64, f64)> = None;
    for (at, stack) in shown.iter().enumerate() {
        let x = match each {
            // Above its name.
            true => at as u64 * inner / shown.len() as u64 + (pitch - wide) / 2,
            // The first stands at the left end, the last at the right.
            false => at as u64 * (inner - wide) / (shown.len() as u64 - 1).max(1),
        };
        let mut y = BASE;
        let mut risen = 0.0;
        for part in &stack.parts {
            risen += part.value;
            let top = BASE - length(risen, most, BASE - TOP);
            let top = top
                .min(y.saturating_sub(u64::from(part.value > 0.0)))
                .max(TOP.saturating_sub(6));
            let rect = format!(
                "<rect class=\"{}{}\" x=\"{x}\" y=\"{top}\" width=\"{wide}\" height=\"{}\"/>",
                class(part.tone),
                step(&keys, &part.label, part.tone),
                y.saturating_sub(top)
            );
            shapes += &linked(href(&part.target), &said(&stack.label, part), &rect);
            y = top;
        }
        if risen > 0.0 && peak.is_none_or(|(_, _, before)| risen > before) {
            peak = Some((x + wide / 2, y, risen));
        }
    }
    if let Some((x, y, n)) = peak.filter(|_| !each) {
        shapes += &label(x.max(8), y.saturating_sub(4).max(10), "middle", &number(n));
    }
    let mut html = frame("columns", (width, HEIGHT), name, &shapes);
    if each {
        html += "<ol class=\"heads-of\">";
        for stack in shown {
            let (n, name) = (number(sum(stack)), escaped(&stack.label));
            let _ = write!(html, "<li><b>{n}</b> <span dir=\"auto\">{name}</span></li>");
        }
        html += "</ol>";
    } else if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
        html += &ends(&short(&first.label, 40), &short(&last.label, 40));
    }
    html += &legend(&keys);
    Drawn {
        html,
        omitted: match cut {
            0 => String::new(),
            n => say!("chart.oldest-in-table", marks = counted(n as u64, "column")),
        },
    }
}

fn number(n: f64) -> String {
    match n.fract() == 0.0 {
        true => thousands(n as u64),
        false => decimal(&format!("{n:.1}")),
    }
}

/// What the parts of stacks stand for, each once: in the order of the fullest stack, then as they come.
fn keys(stacks: &[Stack]) -> Vec<(&str, Tone)> {
    let mut out: Vec<(&str, Tone)> = Vec::new();
    let mut order: Vec<&Stack> = stacks.iter().collect();
    order.sort_by_key(|stack| std::cmp::Reverse(stack.parts.len()));
    for part in order.into_iter().flat_map(|stack| &stack.parts) {
        let key = (part.label.as_str(), part.tone);
        if !out.contains(&key) {
            out.push(key);
        }
    }
    out
}

/// Returns the class that tells parts without a status apart.
fn step(keys: &[(&str, Tone)], label: &str, tone: Tone) -> String {
    let at = keys.iter().position(|key| *key == (label, tone));
    match (tone, at) {
        (Tone::Status(_), _) | (_, None) => String::new(),
        (_, Some(at)) => format!(" step-{}", at.min(7)),
    }
}

/// Says what each part stands for, where there is more than one kind.
fn legend(keys: &[(&str, Tone)]) -> String {
    if keys.len() < 2 {
        return String::new();
    }
    let mut html = "<ul class=\"keys\">".to_owned();
    for (at, (label, tone)) in keys.iter().enumerate() {
        let _ = write!(
            html,
            "<li>{}<span dir=\"auto\">{}</span></li>",
            sign(*tone, at),
            escaped(label)
        );
    }
    html + "</ul>"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;
    use crate::site::widgets::{Mark, Target};

    fn stack(label: &str, failed: u64, passed: u64) -> Stack {
        let part = |status: Status, n| {
            Mark::count(
                status.as_str(),
                n,
                Tone::Status(status),
                Target::Launches(Vec::new()),
            )
        };
        Stack {
            label: label.to_owned(),
            parts: vec![part(Status::Failed, failed), part(Status::Passed, passed)],
            target: Target::Launches(Vec::new()),
        }
    }

    #[test]
    fn columns_stand_on_zero_and_names_are_inert() {
        let all = [stack("<i>\"x", 1, 9), stack("two", 5, 5)];
        let drawn = columns("n", &all, 300, &|_| Some("a\"b".to_owned()));
        assert!(drawn.html.contains("&lt;i&gt;&quot;x") && !drawn.html.contains("<i>"));
        assert!(drawn.html.contains("href=\"a&quot;b\""));
        assert!(
            drawn
                .html
                .contains("class=\"s-failed\" x=\"43\" y=\"117\" width=\"64\" height=\"11\"")
        );
        assert!(
            drawn
                .html
                .contains("class=\"s-passed\" x=\"43\" y=\"18\" width=\"64\" height=\"99\"")
        );
    }

    #[test]
    fn what_is_left_out_is_said() {
        let all: Vec<Stack> = (0..90).map(|n| stack("x", n, 1)).collect();
        let drawn = columns("n", &all, 500, &|_| None);
        assert_eq!(
            drawn.omitted,
            "The oldest 30 columns stand in the table only"
        );
        assert_eq!(drawn.html.matches("<rect class=\"s-").count(), 120);
        assert!(columns("n", &[], 500, &|_| None).html.contains("axis"));
    }
}
