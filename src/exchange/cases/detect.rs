//! Which tool a file is of, by what it says.

use super::columns::{Profile, fits};
use super::{own, xml};
use crate::base::table;

/// What can be imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseFormat {
    /// A table whose columns are mapped, or called as one would think.
    #[default]
    Csv,
    TestrailXml,
    TestrailCsv,
    ZephyrScaleCsv,
    ZephyrSquadCsv,
    XrayCsv,
    TestlinkXml,
    Gherkin,
    TestopsCsv,
    Markdown,
    /// What `export csv --of cases` writes.
    TallybookCsv,
    /// What `export jsonl --of cases` writes.
    TallybookLines,
}

impl CaseFormat {
    pub const ALL: [Self; 12] = [
        Self::Csv,
        Self::TestrailXml,
        Self::TestrailCsv,
        Self::ZephyrScaleCsv,
        Self::ZephyrSquadCsv,
        Self::XrayCsv,
        Self::TestlinkXml,
        Self::Gherkin,
        Self::TestopsCsv,
        Self::Markdown,
        Self::TallybookCsv,
        Self::TallybookLines,
    ];

    /// As it is typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::TestrailXml => "testrail-xml",
            Self::TestrailCsv => "testrail-csv",
            Self::ZephyrScaleCsv => "zephyr-scale",
            Self::ZephyrSquadCsv => "zephyr-squad",
            Self::XrayCsv => "xray",
            Self::TestlinkXml => "testlink",
            Self::Gherkin => "gherkin",
            Self::TestopsCsv => "testops",
            Self::Markdown => "markdown",
            Self::TallybookCsv => "tallybook-csv",
            Self::TallybookLines => "tallybook-jsonl",
        }
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::TestrailXml => "TestRail XML",
            Self::TestrailCsv => "TestRail CSV",
            Self::ZephyrScaleCsv => "Zephyr Scale CSV",
            Self::ZephyrSquadCsv => "Zephyr Squad CSV",
            Self::XrayCsv => "Xray CSV",
            Self::TestlinkXml => "TestLink XML",
            Self::Gherkin => "Gherkin",
            Self::TestopsCsv => "TestOps CSV",
            Self::Markdown => "Markdown",
            Self::TallybookCsv => "Tallybook CSV",
            Self::TallybookLines => "Tallybook JSON Lines",
        }
    }
}

/// Why a file is of no known format, and what to do.
pub(super) type Unknown = (String, &'static str);

const SAY_FORMAT: &str = "say what it is with `--format`, as `--format csv`";

/// How much of a file decides.
const HEAD: usize = 64 << 10;

/// Returns what a file is: XML by its first elements, a table by its columns, else by its name. A text that
/// nobody named, and that merely lies in a folder, is notes unless it looks like something.
pub(super) fn detect(name: &str, text: &str, is_listed: bool) -> Result<CaseFormat, Unknown> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(("the file is empty".to_owned(), "export it again"));
    }
    let lower = name.to_ascii_lowercase();
    let is_named = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    if is_named(&[".feature"]) {
        return Ok(CaseFormat::Gherkin);
    }
    if is_named(&[".md", ".markdown"]) {
        return Ok(CaseFormat::Markdown);
    }
    let head = &text[..crate::base::text::floor(text, HEAD)];
    if head.trim_start().starts_with('<') && !head.trim_start().starts_with("<!-- ") {
        return of_xml(head);
    }
    if own::are_lines(head) {
        return Ok(CaseFormat::TallybookLines);
    }
    if is_named(&[".json", ".zip", ".xlsx", ".xls", ".docx", ".pdf"]) || head.starts_with("PK\u{3}")
    {
        let why = "it is no text that cases are read from".to_owned();
        return Err((why, "export CSV, XML, Markdown or feature files instead"));
    }
    let is_table = is_named(&[".csv", ".tsv", ".tab"]) || is_named(&[".txt"]) && !is_listed;
    if is_table || looks_like_table(head) {
        return Ok(of_table(head));
    }
    match super::gherkin::is_gherkin(head) {
        true => Ok(CaseFormat::Gherkin),
        false => Err((
            "the file's content does not tell what it is".to_owned(),
            SAY_FORMAT,
        )),
    }
}

fn of_xml(head: &str) -> Result<CaseFormat, Unknown> {
    let names = xml::first_names(head);
    let root = names.first().map(String::as_str).unwrap_or_default();
    let has = |name: &str| names.iter().any(|own| own == name);
    match root {
        "suite" | "sections" | "section" if has("sections") || has("cases") || has("section") => {
            Ok(CaseFormat::TestrailXml)
        }
        "suite" => Ok(CaseFormat::TestrailXml),
        "testcases" => Ok(CaseFormat::TestlinkXml),
        "testsuites" => Err(results()),
        // JUnit XML and TestLink share names of elements, not what stands in them.
        "testsuite" if is_junit(head) => Err(results()),
        "testsuite" | "testcase" => Ok(CaseFormat::TestlinkXml),
        "" => Err(("the XML has no element".to_owned(), "export it again")),
        other => Err((
            format!(
                "the XML is a `{}`, expected TestRail's `suite` or TestLink's `testsuite`",
                crate::base::text::line(other, 60)
            ),
            SAY_FORMAT,
        )),
    }
}

fn results() -> Unknown {
    let why = "it is JUnit XML: results, not cases".to_owned();
    (
        why,
        "append it to a launch: `tallybook launch append`, or `launch backfill` for an old run",
    )
}

fn is_junit(head: &str) -> bool {
    let start = head.find("<testsuite").unwrap_or_default();
    let tag = head[start..].split('>').next().unwrap_or_default();
    ["tests=", "failures=", "errors=", "time=", "hostname="]
        .iter()
        .any(|attribute| tag.contains(attribute))
        || head.contains("classname=")
}

fn looks_like_table(head: &str) -> bool {
    let rows = table::read(head, None).rows;
    let cells = rows.first().map_or(0, |row| row.cells.len());
    cells >= 2 && rows.get(1).is_none_or(|row| row.cells.len() >= 2)
}

fn of_table(head: &str) -> CaseFormat {
    let rows = table::read(head, None).rows;
    let header: Vec<String> = rows
        .first()
        .map(|row| {
            row.cells
                .iter()
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .unwrap_or_default();
    if own::is_table(&header) {
        return CaseFormat::TallybookCsv;
    }
    let known = [
        CaseFormat::TestopsCsv,
        CaseFormat::TestrailCsv,
        CaseFormat::ZephyrScaleCsv,
        CaseFormat::XrayCsv,
        CaseFormat::ZephyrSquadCsv,
    ];
    let mut known = known.into_iter();
    known
        .find(|format| fits(Profile::of(*format), &header))
        .unwrap_or(CaseFormat::Csv)
}
