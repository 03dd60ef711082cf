//! Requirements from a table (CSV, RFC 4180), as spreadsheets and trackers export it.

use super::{Collector, Field, ImportedRequirements, Mapping, set};
use crate::base::table;
use crate::base::text::{sanitize_line, ticked};
use crate::diag::{Finding, Span};
use crate::model::Requirement;
use crate::store::codes;

/// Reads a table whose first row names its columns. Commas, semicolons or tabs separate cells, whichever
/// the first row has most of. A row that can't be used is a finding, and the others count.
pub fn read_csv(path: &str, text: &str, mapping: &Mapping) -> ImportedRequirements {
    let mut out = Collector::new(path);
    let table = table::read(text, None);
    let mut rows = table.rows.iter();
    let first = rows.next().cloned().unwrap_or_default();
    let header: Vec<String> = { first.cells.iter() }
        .map(|name| name.trim().to_owned())
        .collect();
    let whole = Span::new(first.start, first.end);
    let columns = match columns(path, &header, mapping, whole) {
        Ok(columns) => columns,
        Err(findings) => {
            out.out.findings = findings;
            return out.out;
        }
    };
    let is_used = |at: &usize| columns.iter().any(|(_, column)| column == at);
    let unused = (0..header.len()).filter(|at| !is_used(at) && !header[*at].is_empty());
    out.out.unused = unused.map(|at| sanitize_line(&header[at])).collect();
    let last = table.rows.len().saturating_sub(1);
    for (n, row) in rows.enumerate() {
        let span = Span::new(row.start, row.end);
        if row.is_blank() {
            continue;
        }
        if out.is_full() {
            out.too_many(span);
            break;
        }
        if n + 1 == last && table.is_unclosed {
            out.unreadable(
                span,
                "a cell of the row opens a quote that is never closed",
                "close it, or double a quote that is meant",
            );
            break;
        }
        if row.cells.len() > header.len() {
            let (cells, names) = (row.cells.len(), header.len());
            let message = format!("the row has {cells} cells, the first row {names}");
            out.unreadable(span, message, "put cells that have a separator in quotes");
            continue;
        }
        let mut one = Requirement::default();
        for (field, column) in &columns {
            let cell = row.cells.get(*column);
            set(&mut one, *field, cell.map_or("", String::as_str));
        }
        out.take(one, span, "row");
    }
    out.out
}

/// Returns the column of each field that there is, or what is wrong with the first row.
fn columns(
    path: &str,
    header: &[String],
    mapping: &Mapping,
    span: Span,
) -> Result<Vec<(Field, usize)>, Vec<Finding>> {
    let place = |name: &str| header.iter().position(|one| one.eq_ignore_ascii_case(name));
    let names = || header.iter().map(String::as_str);
    let (mut columns, mut findings) = (Vec::new(), Vec::new());
    for field in Field::ALL {
        let given = mapping.iter().rfind(|(one, _)| *one == field);
        let column = match given {
            Some((_, name)) => place(name),
            None => field.columns().iter().find_map(|name| place(name)),
        };
        let needed = matches!(field, Field::Id | Field::Title);
        match (column, given) {
            (Some(column), _) => columns.push((field, column)),
            (None, None) if !needed => {}
            (None, given) => {
                let asked = given.map(|(_, name)| name.as_str());
                let message = match asked {
                    Some(name) => format!("the table has no column `{}`", sanitize_line(name)),
                    None => format!(
                        "the table has no column {} for the {} of requirements",
                        ticked(field.columns(), "or"),
                        field.as_str()
                    ),
                };
                let help = format!("name one: `--column {}=COLUMN`", field.as_str());
                let wanted = asked.unwrap_or(field.as_str());
                let finding = Finding::error(codes::UNREADABLE_IMPORT, path, message);
                findings.push(finding.at(span).help(help).suggest(wanted, names()));
            }
        }
    }
    match findings.is_empty() {
        true => Ok(columns),
        false => Err(findings),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> ImportedRequirements {
        read_csv("r.csv", text, &[])
    }

    fn lines(read: &ImportedRequirements) -> Vec<String> {
        let line = |one: &Requirement| {
            let optional = [&one.url, &one.description, &one.owner, &one.parent];
            let optional = optional.map(|field| field.clone().unwrap_or_default());
            format!("{}|{}|{}", one.id, one.title, optional.join("|"))
        };
        read.requirements.iter().map(line).collect()
    }

    fn found(text: &str, read: &ImportedRequirements) -> Vec<String> {
        let one = |f: &Finding| {
            let place = f.span.map_or("", |span| &text[span.range()]);
            format!("{} {} @ {place}", f.code.id, f.message)
        };
        read.findings.iter().map(one).collect()
    }

    #[test]
    fn columns_are_found_by_name() {
        for text in [
            "id,title,url,owner,parent,description\nR-1,Sign in,https://t/R-1,alice,R-0,Why\n",
            "\u{feff}Id;Title;URL;Owner;Parent;Text\r\n R-1 ;\"Sign in\";https://t/R-1;alice;R-0;Why\r\n;;;;;\r\n",
            "Issue key\tSummary\tLink\tOwner\tParent key\tDescription\nR-1\tSign in\thttps://t/R-1\talice\tR-0\tWhy",
        ] {
            let read = read(text);
            assert_eq!(
                lines(&read),
                ["R-1|Sign in|https://t/R-1|Why|alice|R-0"],
                "{text}"
            );
            assert_eq!(read.findings, []);
        }
        let mapping = [
            (Field::Id, "Nr".to_owned()),
            (Field::Title, "What".to_owned()),
        ];
        let named = read_csv("r.csv", "id,nr,what\nx,R-1,Sign in\n", &mapping);
        assert_eq!(lines(&named), ["R-1|Sign in||||"]);
        assert_eq!(named.unused, ["id"]);
    }

    #[test]
    fn bad_rows_have_places_and_the_others_count() {
        let text = "id,title\nR-1,One\n,Two\nR-3,\nr-1,Again\nR-4,a,b\nR-5,\"Fi\nve\"\n\nR-6,\"Six\nR-7,Seven\n";
        let read = read(text);
        assert_eq!(lines(&read), ["R-1|One||||", "R-5|Fi ve||||"]);
        assert_eq!(
            found(text, &read),
            [
                "TB0311 the row has no id @ ,Two",
                "TB0312 `R-3` has no title @ R-3,",
                "TB0313 `r-1` is here twice @ r-1,Again",
                "TB0310 the row has 3 cells, the first row 2 @ R-4,a,b",
                "TB0310 a cell of the row opens a quote that is never closed @ R-6,\"Six",
            ]
        );
    }

    #[test]
    fn a_first_row_without_the_columns_reads_nothing() {
        let text = "id,titel\nR-1,One\n";
        let read = read(text);
        assert_eq!(read.requirements, []);
        assert_eq!(
            found(text, &read),
            [
                "TB0310 the table has no column `title`, `summary` or `name` for the title of requirements @ id,titel"
            ]
        );
        assert_eq!(
            read.findings[0].help.as_deref(),
            Some("did you mean `titel`?")
        );
        assert_eq!(super::read_csv("r.csv", "", &[]).findings.len(), 2);
    }

    #[test]
    fn long_and_unsafe_texts_are_bounded() {
        let text = format!(
            "id,title,description\nR\u{1b}[1m,x,y\n{},x,y\nR-1,{},{}\n",
            "a".repeat(201),
            "t".repeat(2_000),
            "é".repeat(30_000)
        );
        let read = read(&text);
        assert_eq!(read.findings.len(), 2);
        let [one] = &read.requirements[..] else {
            panic!("one")
        };
        assert!(one.title.chars().count() <= super::super::MAX_TITLE);
        assert!(
            one.description
                .as_ref()
                .is_some_and(|d| d.len() <= super::super::MAX_DESCRIPTION)
        );
    }

    proptest! {
        #[test]
        fn no_table_makes_it_fail(text in "(id|title|[,;\"\n\r\té\u{feff}]|\\PC){0,40}") {
            let read = read(&text);
            for finding in &read.findings {
                let span = finding.span.expect("a place");
                prop_assert!(text.get(span.range()).is_some(), "{finding:?}");
            }
        }

        #[test]
        fn what_is_written_is_read(rows in proptest::collection::vec(("[A-Z]{2,5}-[0-9]{1,6}", "[a-z\",;\té]{1,12}"), 0..8)) {
            let mut kept: Vec<(String, String)> = Vec::new();
            for (id, title) in rows {
                if kept.iter().all(|(one, _)| *one != id) && !title.trim().is_empty() {
                    kept.push((id, format!("t{}", title.trim())));
                }
            }
            let cells = kept.iter().map(|(id, title)| vec![id.as_str(), title.as_str()]);
            let read = read(&crate::exchange::csv(&["id", "title"], cells));
            prop_assert_eq!(&read.findings, &[]);
            let back: Vec<(String, String)> = read.requirements.into_iter().map(|r| (r.id, r.title)).collect();
            let told: Vec<(String, String)> = kept.into_iter().map(|(id, title)| (id, sanitize_line(&title))).collect();
            prop_assert_eq!(back, told);
        }
    }
}
