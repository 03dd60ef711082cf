//! What is asked of importers, whatever they get: what was read is brought in or counted, what is written
//! reads, and the same again adds nothing.

use std::collections::BTreeSet;

use tallybook::author::case::{ImportedCases, Importing, ValueMap, import_cases};
use tallybook::author::import_requirements;
use tallybook::diag::Finding;
use tallybook::exchange::cases::{
    CaseFormat, CaseReading, CaseSource, Column, ReadCases, parse_column, read_cases,
};
use tallybook::exchange::requirements::ImportedRequirements;
use tallybook::git::{ChangeSet, Content};
use tallybook::ingest::decoded;
use tallybook::store::{self, MemoryFiles, Snapshot, Workspace};

/// The workspace that is imported into, beside what was imported before.
const FILES: [(&str, &str); 3] = [
    ("tallybook.yaml", "format: 1\ntitle: T\n"),
    (
        "projects/shop/project.yaml",
        "key: SHOP\nname: Shop\nfields: {component: [login, cart], story: []}\n",
    ),
    (
        "projects/shop/cases/here.md",
        "---\nid: SHOP-A1\ntitle: Here\naliases: [C1]\n---\n\n## Steps\n\n1. Go.\n",
    ),
];

/// A file of cases, of a format that was named.
pub(crate) fn cases(format: CaseFormat, name: &str, data: &[u8]) {
    let reading = CaseReading {
        format: Some(format),
        declared: vec!["component".to_owned(), "story".to_owned()],
        ..CaseReading::default()
    };
    read_and_brought_in(&reading, name, data);
}

/// A table whose columns somebody maps.
pub(crate) fn mapped_cases(data: &[u8]) {
    let column = |field: &str, name: &str| -> (Column, String) {
        let column = parse_column(field).expect("it can be typed");
        (column, name.to_owned())
    };
    let reading = CaseReading {
        format: Some(CaseFormat::Csv),
        columns: vec![
            column("id", "Nr"),
            column("title", "What"),
            column("section", "Area"),
            column("steps", "How"),
            column("expected", "Then"),
            column("parameters.browser", "Prio"),
            column("text.Notes", "Reviewed by"),
        ],
        id_prefix: "OLD-".to_owned(),
        ..CaseReading::default()
    };
    read_and_brought_in(&reading, "a.csv", data);
}

fn read_and_brought_in(reading: &CaseReading, name: &str, data: &[u8]) {
    let (text, _) = decoded(data);
    let source = CaseSource {
        name: name.into(),
        folders: vec!["features".to_owned(), "Below".to_owned()],
        is_listed: false,
        text: text.as_str().into(),
    };
    let read = read_cases(&[source], reading);
    stand_inside(&read.findings, &text);
    if reading.format.is_some_and(is_table) {
        let rows = tallybook::base::table::read(&text, reading.separator).rows;
        let rows = rows.iter().filter(|row| !row.is_blank()).count();
        let told = read.cases.len() + read.findings.len();
        assert!(rows < 2 || told > 0, "of {rows} rows nothing is told");
    }
    let mut files: MemoryFiles = FILES.into_iter().collect();
    let first = brought_in(&files, &read, false);
    written(&mut files, &first.change.changes);
    let again = brought_in(&files, &read, false);
    assert_eq!(again.added, 0, "{:?}", again.change.said);
    assert!(again.change.changes.edits.is_empty());
    // What is filled in is there at the next time.
    let updated = brought_in(&files, &read, true);
    written(&mut files, &updated.change.changes);
    let again = brought_in(&files, &read, true);
    assert!(
        again.change.changes.edits.is_empty(),
        "{:?} again: {:?}",
        updated.change.said,
        again.change.said
    );
}

fn is_table(format: CaseFormat) -> bool {
    !matches!(
        format,
        CaseFormat::TestrailXml
            | CaseFormat::TestlinkXml
            | CaseFormat::Gherkin
            | CaseFormat::Markdown
    )
}

/// Brings cases in, each of which is added, known, or lost and counted.
fn brought_in(files: &MemoryFiles, read: &ReadCases, update: bool) -> ImportedCases {
    let workspace = loaded(files);
    let [project] = workspace.projects.as_slice() else {
        panic!("one project, not {}", workspace.projects.len());
    };
    let importing = Importing {
        cases: &read.cases,
        shared: &read.shared,
        projects: &workspace.projects,
        section: "legacy",
        update,
        values: &ValueMap::new(),
        seed: 1,
    };
    let done = import_cases(project, &importing).expect("the project has a key");
    let lost = done.losses.iter().filter(|(what, _, _)| *what == "cases");
    let lost: u64 = lost.map(|(_, _, loss)| loss.count).sum();
    assert_eq!(
        done.added as u64 + done.known as u64 + lost,
        read.cases.len() as u64,
        "{:?}",
        done.losses
    );
    done
}

fn loaded(files: &MemoryFiles) -> Workspace {
    let loaded = store::load(&Snapshot::memory(files.clone())).expect("memory reads");
    loaded.workspace
}

/// Carries a change out; each of its files is one of the project, of a name of its own, and reads.
fn written(files: &mut MemoryFiles, changes: &ChangeSet) {
    let mut paths = BTreeSet::new();
    for edit in &changes.edits {
        let path = edit.path.as_str();
        assert!(
            path.starts_with("projects/shop/")
                && path.split('/').all(|part| !part.starts_with('.')),
            "{path}"
        );
        assert!(paths.insert(path.to_lowercase()), "{path} twice");
        let Some(Content::Bytes(bytes)) = &edit.content else {
            panic!("{path} is text");
        };
        let text = std::str::from_utf8(bytes).expect("texts are UTF-8");
        let findings = store::findings_of(path, text);
        assert!(findings.is_empty(), "{findings:?}\n{text}");
        files.insert(path, bytes.clone());
    }
}

fn stand_inside(findings: &[Finding], text: &str) {
    for finding in findings {
        let inside = |span: &tallybook::diag::Span| text.get(span.start..span.end).is_some();
        assert!(
            finding.span.as_ref().is_none_or(inside),
            "{finding:?} stands beside the text"
        );
    }
}

/// A file of requirements.
pub(crate) fn requirements(data: &[u8], read: impl Fn(&str) -> ImportedRequirements) {
    let (text, _) = decoded(data);
    let read = read(&text);
    stand_inside(&read.findings, &text);
    let mut files: MemoryFiles = FILES.into_iter().collect();
    let change = |files: &MemoryFiles| {
        let workspace = loaded(files);
        import_requirements(&workspace.projects[0], &read.requirements, "a file")
    };
    let first = change(&files);
    assert_eq!(first.added, read.requirements.len());
    written(&mut files, &first.changes);
    let again = change(&files);
    assert_eq!(
        (again.added, again.changed, again.unchanged),
        (0, 0, read.requirements.len())
    );
    assert!(again.changes.edits.is_empty());
}
