//! Tables as CSV (RFC 4180), for spreadsheets: what one would take for a formula is text.

use serde_json::Value;

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

/// Writes a value into one cell: lists with commas, pairs as `name=value`.
fn flat(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().map(flat).collect::<Vec<_>>().join(", "),
        Value::Object(pairs) => {
            let text = |key: &str| pairs.get(key).and_then(Value::as_str);
            // Links have names and addresses, parameters names and values.
            match (text("name"), text("value"), text("url")) {
                (Some(name), Some(value), _) => format!("{name}={value}"),
                (Some(name), None, _) => name.to_owned(),
                (None, _, Some(url)) => url.to_owned(),
                _ => {
                    let pairs = pairs
                        .iter()
                        .map(|(key, value)| format!("{key}={}", flat(value)));
                    pairs.collect::<Vec<_>>().join(", ")
                }
            }
        }
    }
}

fn guarded(cell: &str) -> String {
    // Spreadsheets take wide signs for the same.
    let is_formula = cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']);
    match is_formula && cell.parse::<f64>().is_err() {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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

    #[test]
    fn values_fit_into_cells() {
        let value = json!({"browser": "chrome", "os": "linux"});
        assert_eq!(flat(&value), "browser=chrome, os=linux");
        let links =
            json!([{"type": "issue", "name": "WEB-1", "url": "https://x"}, {"url": "https://y"}]);
        assert_eq!(flat(&links), "WEB-1, https://y");
        assert_eq!(flat(&json!({"tag": ["a", "b"]})), "tag=a, b");
        assert_eq!(
            flat(&json!([{"name": "n", "value": "1"}, {"name": "m"}])),
            "n=1, m"
        );
    }
}
