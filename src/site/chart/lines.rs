//! Values in the order of time, on a zero axis.

use std::fmt::Write as _;

use super::svg::{Drawn, Href, class, ends, frame, label, length, linked, said, short, sign};
use crate::base::text::escaped;
use crate::site::texts::{counted, say};
use crate::site::widgets::Line;

const TOP: u64 = 18;
const BASE: u64 = 128;
const HEIGHT: u64 = BASE + 4;
/// Points of one line.
const MOST: usize = 60;

/// Draws lines with their names and last values at their ends; a gap where a point has no value.
pub(crate) fn lines(name: &str, all: &[Line], width: u64, href: Href<'_>) -> Drawn {
    let n = all.iter().map(|line| line.points.len()).max().unwrap_or(0);
    let cut = n.saturating_sub(MOST);
    let values = all
        .iter()
        .flat_map(|line| line.points.iter().skip(cut).flatten());
    let most = values.map(|mark| mark.value).fold(0.0, f64::max);
    let inner = width - 130;
    let steps = (n - cut).saturating_sub(1).max(1) as u64;
    let mut shapes = format!("<line class=\"axis\" x2=\"{inner}\" y1=\"{BASE}\" y2=\"{BASE}\"/>");
    let mut said_last: Vec<(u64, String)> = Vec::new();
    let mut keys = String::new();
    for line in all {
        let kind = class(line.tone);
        let mut run: Vec<String> = Vec::new();
        let mut dots = String::new();
        let mut last = None;
        for (at, point) in line.points.iter().skip(cut).enumerate() {
            let Some(mark) = point else {
                shapes += &path(&kind, &run);
                run.clear();
                continue;
            };
            let x = 4 + at as u64 * (inner - 8) / steps;
            let y = BASE - length(mark.value, most, BASE - TOP);
            run.push(format!("{x},{y}"));
            let dot = format!("<circle class=\"{kind}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>");
            dots += &linked(href(&mark.target), &said("", mark), &dot);
            last = Some((y, mark));
        }
        shapes += &path(&kind, &run);
        shapes += &dots;
        if let Some((y, mark)) = last {
            let end = say!("chart.line-end", number = &mark.text, name = &line.name);
            said_last.push((y, short(&end, 22)));
            let _ = write!(
                keys,
                "<li>{}<span dir=\"auto\">{}</span></li>",
                sign(line.tone, 0),
                escaped(&end)
            );
        }
    }
    said_last.sort();
    // Labels that would run below the axis move up together.
    let over = (said_last.len() as u64).saturating_sub(1) * 14;
    let mut free = 10;
    for (y, text) in said_last {
        let y = (y + 4).min(BASE + 4 - over).max(free);
        free = y + 14;
        shapes += &label(inner + 8, y, "start", &text);
    }
    let places = all.iter().take(1).flat_map(|line| place_names(line, cut));
    let points: Vec<&str> = places.collect();
    let mut html = frame("lines", (width, HEIGHT), name, &shapes);
    if let [first, .., last] = points.as_slice() {
        html += &ends(&short(first, 40), &short(last, 40));
    }
    // On narrow windows the names at the ends of lines have no room beside them.
    html += &format!("<ul class=\"keys narrow\">{keys}</ul>");
    Drawn {
        html,
        omitted: match cut {
            0 => String::new(),
            n => say!("chart.oldest-in-table", marks = counted(n as u64, "point")),
        },
    }
}

/// Returns the names of the places along the axis, of those points that are shown.
fn place_names(line: &Line, cut: usize) -> Vec<&str> {
    if !line.axis.is_empty() {
        return line.axis.iter().skip(cut).map(String::as_str).collect();
    }
    let marks = line.points.iter().skip(cut).flatten();
    marks.map(|mark| mark.label.as_str()).collect()
}

/// Sets the values of lines that have one point each: as numbers, since nothing is between them.
pub(crate) fn numbers(all: &[Line], href: Href<'_>) -> Drawn {
    let mut html = "<ul class=\"numbers\">".to_owned();
    for line in all {
        for mark in line.points.iter().flatten() {
            let text = format!(
                "<b dir=\"auto\">{}</b> <span>{}</span>",
                escaped(&mark.text),
                escaped(&line.name)
            );
            html += &match href(&mark.target) {
                Some(href) => format!("<li><a href=\"{}\">{text}</a></li>", escaped(&href)),
                None => format!("<li>{text}</li>"),
            };
        }
    }
    Drawn {
        html: html + "</ul>",
        omitted: String::new(),
    }
}

fn path(kind: &str, run: &[String]) -> String {
    match run {
        [] | [_] => String::new(),
        run => format!("<polyline class=\"{kind}\" points=\"{}\"/>", run.join(" ")),
    }
}
