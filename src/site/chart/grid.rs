//! Cases × launches as strips: height and shape say the status as well as colour does.

use std::fmt::Write as _;

use super::svg::{Drawn, Href, class, linked};
use crate::base::text::escaped;
use crate::site::texts::{count, list, say};
use crate::site::widgets::Grid;

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
        "<table class=\"ledger grid\" aria-label=\"{}\"><tbody>",
        escaped(name)
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
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td><svg class=\"strip\" width=\"{width}\" height=\"18\" role=\"group\" aria-label=\"{}\">{shapes}</svg></td></tr>",
            named(href(&row.target), &row.label),
            escaped(&row.label)
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
