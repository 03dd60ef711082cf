//! Values in the order of time, on a zero axis.

use super::svg::{Drawn, Href, class, frame, label, length, linked, said, short};
use crate::site::texts::{counted, say};
use crate::site::widgets::Line;

const HEIGHT: u64 = 150;
const TOP: u64 = 18;
const BASE: u64 = 128;
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
    let mut ends: Vec<(u64, String)> = Vec::new();
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
            last = Some((y, mark.text.clone()));
        }
        shapes += &path(&kind, &run);
        shapes += &dots;
        if let Some((y, text)) = last {
            let end = say!("chart.line-end", number = text, name = &line.name);
            ends.push((y, short(&end, 22)));
        }
    }
    ends.sort();
    let mut free = 10;
    for (y, text) in ends {
        let y = (y + 4).max(free);
        free = y + 14;
        shapes += &label(inner + 6, y, "start", &text);
    }
    let points: Vec<&str> = all
        .iter()
        .take(1)
        .flat_map(|line| line.points.iter().flatten())
        .map(|mark| mark.label.as_str())
        .collect();
    if let [first, .., last] = points.as_slice() {
        shapes += &label(0, HEIGHT - 6, "start", &short(first, 26));
        shapes += &label(inner, HEIGHT - 6, "end", &short(last, 26));
    }
    Drawn {
        html: frame("lines", (width, HEIGHT), name, &shapes),
        omitted: match cut {
            0 => String::new(),
            n => say!("chart.oldest-in-table", marks = counted(n as u64, "point")),
        },
    }
}

fn path(kind: &str, run: &[String]) -> String {
    match run {
        [] | [_] => String::new(),
        run => format!("<polyline class=\"{kind}\" points=\"{}\"/>", run.join(" ")),
    }
}
