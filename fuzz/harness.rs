//! What is asked of every parser, whatever it gets: it ends, it does not panic, and its account adds up.
//! What is asked of importers besides stands in `imports.rs`.
//!
//! Fuzz targets run these functions, and `cargo test` replays what they found.

#[path = "imports.rs"]
mod imports;

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use tallybook::diag::Finding;
use tallybook::exchange::cases::CaseFormat::{
    Gherkin, Markdown, TestlinkXml, TestopsCsv, TestrailCsv, TestrailXml, XrayCsv, ZephyrScaleCsv,
    ZephyrSquadCsv,
};
use tallybook::exchange::requirements::{read_csv, read_reqif};
use tallybook::ingest::{
    AttachmentRequest, AttachmentSource, Bundle, MemoryBundle, Options, Row, Sink, SinkError,
    ingest,
};
use tallybook::model::{Attachment, Execution, Status, Step};
use tallybook::{ledger, query, site, store};

use self::imports::{cases, mapped_cases, requirements};

/// One thing to feed: its name, and what does it.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All targets. Reports are known by what is in them; a target of a format has the name that its producers give.
pub(crate) const TARGETS: [Target; 40] = [
    ("allure", |data| report("a-result.json", data)),
    ("allure1", |data| report("a-testsuite.xml", data)),
    ("container", |data| report("a-container.json", data)),
    ("ctrf", |data| report("ctrf-report.json", data)),
    ("cucumber-json", |data| report("cucumber.json", data)),
    ("cucumber-messages", |data| report("messages.ndjson", data)),
    ("dart", |data| report("results.jsonl", data)),
    ("go", |data| report("test.jsonl", data)),
    ("gtest", |data| report("gtest.json", data)),
    ("jest", |data| report("jest.json", data)),
    ("junit", |data| report("junit.xml", data)),
    ("libtest", |data| report("libtest.json", data)),
    ("mocha", |data| report("mocha.json", data)),
    ("nunit", |data| report("nunit.xml", data)),
    ("nunit2", |data| report("TestResult.xml", data)),
    ("playwright", |data| report("playwright.json", data)),
    ("pytest-json", |data| report("report.json", data)),
    ("robot", |data| report("output.xml", data)),
    ("tallybook", |data| report("results.jsonl", data)),
    ("tap", |data| report("out.tap", data)),
    ("trx", |data| report("run.trx", data)),
    ("xunit", |data| report("xunit.xml", data)),
    ("folder", folder),
    ("archive", archive),
    ("documents", documents),
    ("shard", shard),
    ("query", |data| text(data, |text| drop(query::parse(text)))),
    ("markdown", |data| {
        text(data, |text| drop(site::markdown_html(text)));
    }),
    ("cases-csv", mapped_cases),
    ("cases-gherkin", |data| cases(Gherkin, "a.feature", data)),
    ("cases-markdown", |data| cases(Markdown, "a.md", data)),
    ("cases-testlink", |data| cases(TestlinkXml, "a.xml", data)),
    ("cases-testops", |data| cases(TestopsCsv, "a.csv", data)),
    ("cases-testrail-csv", |data| {
        cases(TestrailCsv, "a.csv", data);
    }),
    ("cases-testrail-xml", |data| {
        cases(TestrailXml, "a.xml", data);
    }),
    ("cases-xray", |data| cases(XrayCsv, "a.csv", data)),
    ("cases-zephyr-scale", |data| {
        cases(ZephyrScaleCsv, "a.csv", data);
    }),
    ("cases-zephyr-squad", |data| {
        cases(ZephyrSquadCsv, "a.csv", data);
    }),
    ("requirements-csv", |data| {
        requirements(data, |text| read_csv("a.csv", text, &[]));
    }),
    ("requirements-reqif", |data| {
        requirements(data, |text| read_reqif("a.reqif", text, &[]));
    }),
];

/// A file of results alone.
fn report(name: &str, data: &[u8]) {
    taken(&MemoryBundle::new(
        "given",
        [(name.to_owned(), data.to_vec())],
    ));
}

/// Several files, each behind a line that is its name, NUL between them: what one of them says of another is heard.
fn folder(data: &[u8]) {
    let files = data.split(|byte| *byte == 0).enumerate().map(|(n, file)| {
        let line = file.iter().position(|byte| *byte == b'\n');
        let (name, content) = file.split_at(line.unwrap_or(0));
        let name = String::from_utf8_lossy(name).replace(['/', '\\'], "_");
        (format!("{n}-{name}"), content.to_vec())
    });
    taken(&MemoryBundle::new("given", files));
}

/// An archive on the disk, as it would be given.
fn archive(data: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a file is made");
    file.write_all(data).expect("it is written");
    if let Ok(Some(bundle)) = ledger::open_archive(Path::new(file.path()), "given") {
        taken(&bundle);
    }
}

/// Every kind of document: what is found stands in the text.
fn documents(data: &[u8]) {
    text(data, |text| {
        let found: [Vec<Finding>; 13] = [
            store::parse_workspace("f", text.into()).1,
            store::parse_project("f", text.into()).1,
            store::parse_member("f", text.into()).1,
            store::parse_case("f", text.into()).1,
            store::parse_steps("f", text.into()).1,
            store::parse_plan("f", text.into()).1,
            store::parse_query("f", text.into()).1,
            store::parse_dashboard("f", text.into()).1,
            store::parse_gate("f", text.into()).1,
            store::parse_requirements("f", text.into()).1,
            store::parse_defect("f", text.into()).1,
            store::parse_mute("f", text.into()).1,
            store::parse_approvals("f", text.into()).1,
        ];
        for finding in found.iter().flatten() {
            let inside = |span: &tallybook::diag::Span| text.get(span.start..span.end).is_some();
            assert!(
                finding.span.as_ref().is_none_or(inside),
                "{finding:?} stands beside the text"
            );
        }
    });
}

/// A file of a closed launch: whatever way leads to its header and its rows, they are the same ones.
fn shard(data: &[u8]) {
    let header = store::ShardHeader::read(data);
    let some = store::Shard::read_some(data, |_| true);
    let Ok(whole) = store::Shard::read(data) else {
        assert!(some.is_err(), "rows without the file that they are in");
        return;
    };
    assert_eq!(header.expect("a header"), whole.header);
    assert_eq!(some.expect("all rows"), whole);
}

fn text(data: &[u8], read: impl Fn(&str)) {
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
    }
}

/// Reads a bundle and goes over the account: every element is read, merged or dropped, and what is read,
/// an attempt inside an element, or has no element has a row.
fn taken(bundle: &dyn Bundle) {
    let rows = Rows(AtomicU64::new(0));
    let report = ingest(bundle, &Options::default(), &rows).expect("rows are counted, not kept");
    let mut told = 0;
    for line in &report.intake {
        assert_eq!(
            line.elements,
            line.read + line.merged + line.dropped,
            "{line:?} does not add up"
        );
        told += line.read + line.retries + line.added;
    }
    let rows = rows.0.into_inner();
    assert_eq!(
        rows, told,
        "rows, and what was read, retried or added: {:?}",
        report.intake
    );
}

fn levels(steps: &[Step]) -> usize {
    let below = steps.iter().map(|step| 1 + levels(&step.steps));
    below.max().unwrap_or(0)
}

struct Rows(AtomicU64);

impl Sink for Rows {
    fn attachment(&self, request: AttachmentRequest<'_>) -> Attachment {
        let size = match request.source {
            AttachmentSource::Bytes(bytes) => bytes.len() as u64,
            AttachmentSource::Entry(_) | AttachmentSource::Refused(_) => 0,
        };
        Attachment {
            name: request.name.to_owned(),
            media_type: request.media_type.unwrap_or_default().to_owned(),
            file: None,
            size,
            absent: Some("not kept".to_owned()),
        }
    }

    fn keeps_details(&self, _: Status, _: Execution) -> bool {
        true
    }

    fn row(&self, _: usize, row: Row) {
        for steps in [&row.details.before, &row.details.steps, &row.details.after] {
            let levels = levels(steps);
            assert!(levels <= Step::LEVELS, "steps in {levels} levels");
        }
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn flush(&self, _: usize) -> Result<(), SinkError> {
        Ok(())
    }
}
