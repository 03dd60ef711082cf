//! Tables without lines, for people.

use crate::base::text::{sanitize_line, truncate, width};

/// The widest cell where nothing says how wide a line may be.
const WIDEST: usize = 60;
/// What a column keeps where there is no room.
const NARROWEST: usize = 8;
/// Between two columns.
const GAP: usize = 2;

/// Renders rows below a header. Cells are made safe to show. Where lines have to fit into `columns`,
/// the widest cells are cut first.
pub(crate) fn table(header: &[String], rows: &[Vec<String>], columns: Option<usize>) -> String {
    let clean: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| sanitize_line(cell)).collect())
        .collect();
    let widest = |column: usize| {
        let cells = clean.iter().filter_map(|row| row.get(column));
        let cells = cells.chain(header.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or(0).min(WIDEST)
    };
    let mut widths: Vec<usize> = (0..header.len()).map(widest).collect();
    if let Some(columns) = columns {
        shrink(&mut widths, columns);
    }
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths);
        let padded: String = cells.map(|(cell, width)| padded(cell, *width)).collect();
        padded.trim_end().to_owned()
    };
    let lines: Vec<String> = std::iter::once(line(header))
        .chain(clean.iter().map(|row| line(row)))
        .collect();
    lines.join("\n")
}

/// Takes from the widest columns until all fit, or none is left to take from.
fn shrink(widths: &mut [usize], columns: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > columns {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => return,
        }
    }
}

fn padded(cell: &str, columns: usize) -> String {
    let mut cut = truncate(cell, columns);
    // Some characters take two columns.
    while width(&cut) > columns && cut.chars().count() > 1 {
        cut = truncate(&cut, cut.chars().count() - 1);
    }
    let missing = (columns + GAP).saturating_sub(width(&cut));
    cut + &" ".repeat(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn the_widest_column_gives_way() {
        let header = row(&["id", "title", "owner"]);
        let rows = [
            row(&[
                "SHOP-1",
                "Sign in with a password that expired long ago",
                "alice",
            ]),
            row(&["SHOP-2", "商品を籠に入れて数を変える", "bob"]),
            row(&["SHOP-3", "a\u{1b}[2Jb", ""]),
        ];
        insta::assert_snapshot!(table(&header, &rows, Some(34)), @r"
        id      title                owner
        SHOP-1  Sign in with a pas…  alice
        SHOP-2  商品を籠に入れて数…  bob
        SHOP-3  a\u{1b}[2Jb
        ");
        let wide = table(&header, &rows, None);
        assert!(wide.contains("long ago  alice"), "{wide}");
    }
}
