//! Tables as spreadsheets and other tools write them: CSV (RFC 4180) with commas, semicolons or tabs.
//!
//! Reading never fails: every row that the text has is returned with its place, whatever is in it.

/// Rows and cells of a row that are read.
const ROWS: usize = 2_000_000;
const CELLS: usize = 20_000;

/// A row, its cells as they stand between separators, without the quotes around them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub cells: Vec<String>,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where its first line ends.
    pub end: usize,
    /// The line that it begins in, counted from 1.
    pub line: usize,
}

impl Row {
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// All rows of a text, the one with the names of the columns among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub rows: Vec<Row>,
    /// Whether the last row opens a quote that is never closed, so that it holds all that follows.
    pub is_unclosed: bool,
    /// Whether rows or cells were left out, since there are more than 2,000,000 or 20,000.
    pub is_cut: bool,
}

/// Reads a table, behind a byte order mark and the line by which a spreadsheet says how it is divided.
/// `separator` is what separates cells, where somebody says so; else it is what the first row has most of.
pub fn read(text: &str, separator: Option<u8>) -> Table {
    let body = body(text);
    let skipped = text.len() - body.len();
    let separator = separator
        .or_else(|| division(text))
        .unwrap_or_else(|| most(body));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(body.as_bytes());
    let mut out = Table::default();
    let (mut line, mut counted) = (1, 0);
    let mut record = csv::StringRecord::new();
    loop {
        let from = usize::try_from(reader.position().byte()).unwrap_or(body.len());
        // A text is UTF-8, and rows may have any number of cells: nothing is left that could be wrong.
        if !matches!(reader.read_record(&mut record), Ok(true)) {
            break;
        }
        let to = usize::try_from(reader.position().byte()).unwrap_or(body.len());
        let row = body.get(from..to).unwrap_or_default();
        // A record begins behind a carriage return, and before the line feed that belongs to it.
        let blank = row.len() - row.trim_start_matches(['\r', '\n']).len();
        let start = skipped + from + blank;
        let first = row[blank..].lines().next().unwrap_or_default();
        let first = first.trim_end_matches('\r');
        line += lines(&text.as_bytes()[counted..start]);
        counted = start;
        if out.rows.len() == ROWS {
            out.is_cut = true;
            break;
        }
        out.is_cut |= record.len() > CELLS;
        out.is_unclosed = to >= body.len() && is_unclosed(&row[blank..], separator);
        out.rows.push(Row {
            cells: record.iter().take(CELLS).map(str::to_owned).collect(),
            start,
            end: start + first.len(),
            line,
        });
    }
    out
}

fn lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

/// The table itself.
fn body(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}');
    match text.split_once('\n') {
        Some((first, rest)) if divided(first).is_some() => rest,
        _ => text,
    }
}

/// What a spreadsheet says to separate cells, in a line before the table.
fn division(text: &str) -> Option<u8> {
    let text = text.trim_start_matches('\u{feff}');
    text.split_once('\n').and_then(|(first, _)| divided(first))
}

fn divided(line: &str) -> Option<u8> {
    let line = line.trim_end_matches('\r').trim_matches('"');
    let rest = line.strip_prefix("sep=")?.as_bytes();
    match rest {
        [one] if one.is_ascii_punctuation() || *one == b'\t' => Some(*one),
        _ => None,
    }
}

/// Returns what separates cells: spreadsheets write semicolons where a comma is the decimal point, and tabs
/// where they write plain text. What stands in quotes counts for nothing; of equally many the comma does.
fn most(body: &str) -> u8 {
    let mut is_quoted = false;
    let mut counts = [0_usize; 3];
    for byte in body.bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => break,
            b'\t' if !is_quoted => counts[0] += 1,
            b';' if !is_quoted => counts[1] += 1,
            b',' if !is_quoted => counts[2] += 1,
            _ => {}
        }
    }
    let all = [b'\t', b';', b','].into_iter().zip(counts);
    all.max_by_key(|(_, count)| *count)
        .map_or(b',', |(byte, _)| byte)
}

/// Whether a row ends inside quotes: an odd number of them, of which one begins a cell.
fn is_unclosed(row: &str, separator: u8) -> bool {
    let opens = format!("{}\"", char::from(separator));
    row.matches('"').count() % 2 == 1 && (row.starts_with('"') || row.contains(&opens))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let rows = read(text, None).rows.into_iter();
        rows.map(|row| row.cells).collect()
    }

    #[test]
    fn separators_are_recognised() {
        for text in [
            "a,b\n1,2\n",
            "a;b\r\n1;2\r\n",
            "\u{feff}a\tb\n1\t2",
            "sep=;\na;b\n1;2\n",
            "\"sep=|\"\r\na|b\r\n1|2",
        ] {
            assert_eq!(cells(text), [["a", "b"], ["1", "2"]], "{text}");
        }
        assert_eq!(cells("\"a;;;\nx\",b\n")[0], ["a;;;\nx", "b"]);
        assert_eq!(read("a;b|c\n", Some(b'|')).rows[0].cells, ["a;b", "c"]);
        assert_eq!(cells(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn rows_have_places() {
        let text = "\u{feff}a,b\r\n\"x\ny\",2\r\n\r\n3,4\n";
        let read = read(text, None);
        let places: Vec<(usize, &str)> = { read.rows.iter() }
            .map(|row| (row.line, &text[row.start..row.end]))
            .collect();
        assert_eq!(places, [(1, "a,b"), (2, "\"x"), (5, "3,4")]);
        assert!(!read.is_unclosed);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told() {
        let read = |text| read(text, None);
        let open = read("a,b\n1,\"2\n3,4\n");
        assert!(open.is_unclosed);
        assert_eq!(open.rows.len(), 2);
        assert!(!read("a,b\n1,2\"\n").is_unclosed);
        assert!(!read("a,b\n1,\"2\"\"\"\n").is_unclosed);
    }
}
