//! Tables as CSV (RFC 4180), for spreadsheets: what one would take for a formula is text.

mod cell;

use serde_json::Value;

use self::cell::{flat, guarded};
pub(in crate::exchange) use self::cell::{links, list, pairs, unguarded};

/// Writes a header and rows, lines ending with LF. A cell that begins with `=`, `+`, `-`, `@`, a tab or
/// a carriage return gets an apostrophe in front, unless it is a number (OWASP, "CSV Injection"), and so does one
/// that has such a thing behind apostrophes.
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

/// Writes objects as a table: one column for each pointer into them, called by its keys.
pub fn table_of(pointers: &[String], objects: &[Value]) -> String {
    let names = pointers.iter();
    let header: Vec<String> = names
        .map(|pointer| pointer[1..].replace('/', "."))
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let cell =
        |object: &Value, pointer: &String| object.pointer(pointer).map(flat).unwrap_or_default();
    let rows = objects.iter().map(|object| {
        let columns = pointers.iter();
        columns.map(|pointer| cell(object, pointer)).collect()
    });
    csv(&header, rows)
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
            vec!["＝1+1", "－x", "＠a"],
        ];
        insta::assert_snapshot!(csv(&["id", "name", "=x"], rows), @r#"
        id,name,'=x
        '=1+1,-5,'-x
        "a,b","say ""no""","two
        lines"
        '@SUM(A1),+1,'	x
        '＝1+1,'－x,'＠a
        "#);
    }
}
