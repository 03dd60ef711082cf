//! Cases × launches as strips: height and shape say the status as well as colour does.

use std::fmt::Write as _;

use super::svg::{Drawn, Href, class, linked};
use crate::base::text::escaped;
use crate::site::texts::{count, list, say};
use crate::site::widgets::{Grid, Mark, Target, Tone};

const TICK: u64 = 9;
/// Marks of one figure, and columns of one row.
const MARKS: usize = 600;
const COLUMNS: usize = 40;

/// Draws one strip a row.
pub(crate) fn grid(name: &str, grid: &Grid, href: Href<'_>) -> Drawn {
    let columns = grid.columns.len();
    let cut = columns.saturating_sub(COLUMNS);
    let rows = MARKS / (columns - cut).max(1);
    let mut html = format!(
        "<table class=\"ledger grid\" aria-label=\"{}\">{}<tbody>",
        escaped(name),
        heads(&grid.columns[cut..])
    );
    for row in grid.rows.iter().take(rows) {
        let mut shapes = String::new();
        for (at, cell) in row.cells.iter().enumerate().skip(cut) {
            let x = (at - cut) as u64 * TICK;
            let Some(mark) = cell else {
                let _ = write!(
                    shapes,
                    "<use class=\"s-absent\" href=\"#n-absent\" x=\"{x}\"/>"
                );
                continue;
            };
            let kind = class(mark.tone);
            let shape = format!(
                "<use class=\"{kind}\" href=\"#{}\" x=\"{x}\"/>",
                kind.replace("s-", "n-")
            );
            // The label names the launch.
            shapes += &linked(href(&mark.target), &mark.label, &shape);
        }
        let width = (columns - cut) as u64 * TICK;
        let shown: Vec<&Mark> = row.cells.iter().skip(cut).flatten().collect();
        let failed = shown.iter().filter(|mark| is_failure(mark.tone)).count();
        let said = say!("chart.failed-of", n = failed, all = shown.len());
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td><svg class=\"strip\" width=\"{width}\" height=\"18\" role=\"group\" aria-label=\"{}\">{shapes}</svg></td><td class=\"num{}\">{said}</td></tr>",
            named(href(&row.target), &row.label),
            escaped(&row.label),
            if failed == 0 { " nil" } else { "" }
        );
    }
    html += "</tbody></table>";
    let mut omitted = Vec::new();
    if cut > 0 {
        omitted.push(count(cut as u64, "older launch"));
    }
    if grid.rows.len() > rows {
        omitted.push(count((grid.rows.len() - rows) as u64, "case"));
    }
    let omitted = match omitted.is_empty() {
        true => String::new(),
        false => say!("chart.left-out", what = list(&omitted, "list.and")),
    };
    Drawn { html, omitted }
}

/// The heads of the columns: between which launches the strips run, and what is counted.
fn heads(columns: &[(String, Target)]) -> String {
    let name = |at: Option<&(String, Target)>| at.map_or(String::new(), |(name, _)| name.clone());
    let launches = match columns.len() {
        0 | 1 => name(columns.first()),
        _ => say!(
            "chart.from-to",
            first = name(columns.first()),
            last = name(columns.last())
        ),
    };
    format!(
        "<thead><tr><th scope=\"col\">{}</th><th scope=\"col\" dir=\"auto\">{}</th><th scope=\"col\" class=\"num\">{}</th></tr></thead>",
        escaped(&say!("column.case")),
        escaped(&launches),
        escaped(&say!("column.did-not-pass"))
    )
}

fn is_failure(tone: Tone) -> bool {
    matches!(tone, Tone::Status(status) if status.needs_resolution())
}

fn named(href: Option<String>, text: &str) -> String {
    match href {
        Some(href) => format!(
            "<a href=\"{}\" dir=\"auto\">{}</a>",
            escaped(&href),
            escaped(text)
        ),
        None => format!("<span dir=\"auto\">{}</span>", escaped(text)),
    }
}
