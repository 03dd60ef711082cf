//! Tables as CSV (RFC 4180), for spreadsheets: what one would take for a formula is text.

/// Writes a header and rows, lines ending with LF. A cell that begins with `=`, `+`, `-`, `@`, a tab or
/// a carriage return gets an apostrophe in front, unless it is a number (OWASP, "CSV Injection").
pub fn csv<R, C>(header: &[&str], rows: R) -> String
where
    R: IntoIterator<Item = Vec<C>>,
    C: AsRef<str>,
{
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    let mut write = |cells: Vec<String>| {
        writer
            .write_record(&cells)
            .expect("memory takes all that is written");
    };
    write(header.iter().map(|cell| guarded(cell)).collect());
    for row in rows {
        write(row.iter().map(|cell| guarded(cell.as_ref())).collect());
    }
    let bytes = writer
        .into_inner()
        .expect("memory takes all that is written");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn guarded(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    match is_formula && cell.parse::<f64>().is_err() {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_quotes_are_doubled() {
        let rows = [
            vec!["=1+1", "-5", "-x"],
            vec!["a,b", "say \"no\"", "two\nlines"],
            vec!["@SUM(A1)", "+1", "\tx"],
        ];
        insta::assert_snapshot!(csv(&["id", "name", "=x"], rows), @r#"
        id,name,'=x
        '=1+1,-5,'-x
        "a,b","say ""no""","two
        lines"
        '@SUM(A1),+1,'	x
        "#);
    }
}
