//! One bar a row, and tables: both are tables of HTML, so that names wrap on narrow windows.

use std::fmt::Write as _;

use super::svg::{Drawn, Href, class, length};
use crate::base::text::escaped;
use crate::site::texts::say;
use crate::site::widgets::{Mark, ORDER, Table, Tally};

/// Draws one bar a row on a common zero.
pub(crate) fn bars(name: &str, marks: &[Mark], href: Href<'_>) -> Drawn {
    let most = marks.iter().map(|mark| mark.value).fold(0.0, f64::max);
    let mut html = format!(
        "<table class=\"ledger bars\" aria-label=\"{}\"><tbody>",
        escaped(name)
    );
    for mark in marks {
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td class=\"barcell\"><svg class=\"bar\" viewBox=\"0 0 1000 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"{}\" width=\"{}\" height=\"8\"/></svg></td><td class=\"num\"><span dir=\"auto\">{}</span></td></tr>",
            named(href(&mark.target), &mark.label),
            class(mark.tone),
            length(mark.value, most, 1000),
            escaped(&mark.text)
        );
    }
    html += "</tbody></table>";
    Drawn {
        html,
        omitted: String::new(),
    }
}

/// Sets the numbers of a figure; each row leads to the list behind it.
pub(crate) fn table(table: &Table, href: Href<'_>) -> String {
    let shares = table.rows.iter().any(|row| row.counts.is_some());
    let kind = |at: usize| match table.columns.get(at) {
        Some((_, true)) => " class=\"num\"",
        _ => "",
    };
    let mut html = "<div class=\"scroll\"><table class=\"ledger\"><thead><tr>".to_owned();
    for (at, (name, _)) in table.columns.iter().enumerate() {
        let _ = write!(html, "<th scope=\"col\"{}>{}</th>", kind(at), escaped(name));
    }
    if shares {
        let _ = write!(
            html,
            "<th scope=\"col\" class=\"barcell\">{}</th>",
            escaped(&say!("column.shares"))
        );
    }
    html += "</tr></thead><tbody>";
    for row in &table.rows {
        html += "<tr>";
        for (at, cell) in row.cells.iter().enumerate() {
            let text = match (at, &row.target) {
                (0, Some(target)) => named(href(target), cell),
                _ => format!("<span dir=\"auto\">{}</span>", escaped(cell)),
            };
            let _ = write!(html, "<td{}>{text}</td>", kind(at));
        }
        if shares {
            let bar = row.counts.as_ref().map_or_else(String::new, shares_of);
            let _ = write!(html, "<td class=\"barcell\">{bar}</td>");
        }
        html += "</tr>";
    }
    html + "</tbody></table></div>"
}

fn shares_of(tally: &Tally) -> String {
    let total = tally.total().max(1);
    let mut out = "<svg class=\"bar\" viewBox=\"0 0 1000 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">".to_owned();
    let (mut x, mut before) = (0, 0);
    for status in ORDER {
        before += tally.of(status);
        let to = before * 1000 / total;
        if to > x {
            let _ = write!(
                out,
                "<rect class=\"s-{}\" x=\"{x}\" width=\"{}\" height=\"8\"/>",
                status.as_str(),
                to - x
            );
        }
        x = to;
    }
    out + "</svg>"
}

fn named(href: Option<String>, text: &str) -> String {
    match href {
        Some(href) => format!(
            "<a class=\"row\" href=\"{}\" dir=\"auto\">{}</a>",
            escaped(&href),
            escaped(text)
        ),
        None => format!("<span dir=\"auto\">{}</span>", escaped(text)),
    }
}
