//! Every fixture of `tests/fixtures/ingest` against the JSON beside it, hostile input, and the
//! rules that hold for any input.

mod content;
mod declared;
mod producers;
mod several;
mod streams;
mod told;
mod twice;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    AttachmentRequest, AttachmentSource, Bundle, MemoryBundle, Options, Report, Row, Sink,
    SinkError, ingest,
};
use crate::base::{Digest, files};
use crate::model::{Attachment, Details, Execution, Intake, Status};

/// Keeps rows in memory, and attachments as a record.
struct Kept<'a> {
    bundle: &'a MemoryBundle,
    rows: Mutex<Ordered>,
}

#[derive(Default)]
struct Ordered {
    pending: BTreeMap<usize, Row>,
    rows: Vec<Row>,
}

impl Ordered {
    fn flush(&mut self, end: usize) {
        let later = self.pending.split_off(&end);
        let before = std::mem::replace(&mut self.pending, later);
        self.rows.extend(before.into_values());
    }
}

impl Sink for Kept<'_> {
    fn attachment(&self, request: AttachmentRequest<'_>) -> Attachment {
        let found = match request.source {
            AttachmentSource::Entry(name) => self.bundle.read(name).map_err(|_| "missing"),
            AttachmentSource::Bytes(bytes) => Ok(bytes.to_vec()),
            AttachmentSource::Refused(_) => Err("refused"),
        };
        let bytes = found.as_deref().unwrap_or_default();
        Attachment {
            name: request.name.to_owned(),
            media_type: request.media_type.unwrap_or_default().to_owned(),
            file: found.is_ok().then(|| Digest::of(bytes).short()),
            size: bytes.len() as u64,
            absent: found.as_ref().err().map(|why| (*why).to_owned()),
        }
    }

    fn keeps_details(&self, _: Status, _: Execution) -> bool {
        true
    }

    fn row(&self, place: usize, row: Row) {
        let mut kept = self.rows.lock().expect("no thread panicked");
        assert!(kept.pending.insert(place, row).is_none());
    }

    fn flush(&self, end: usize) -> Result<(), SinkError> {
        self.rows.lock().expect("no thread panicked").flush(end);
        Ok(())
    }
}

pub(super) fn read(bundle: &MemoryBundle) -> (Report, Vec<Row>) {
    read_with(bundle, &Options::new(vec!["browser".to_owned()]))
}

fn read_with(bundle: &MemoryBundle, options: &Options) -> (Report, Vec<Row>) {
    let sink = Kept {
        bundle,
        rows: Mutex::default(),
    };
    let report = ingest(bundle, options, &sink).expect("memory keeps all rows");
    for line in &report.intake {
        assert_eq!(
            line.elements,
            line.read + line.merged + line.dropped,
            "{line:?}"
        );
    }
    let rows = sink.rows.into_inner().expect("no thread panicked").rows;
    let sum = |field: fn(&Intake) -> u64| report.intake.iter().map(field).sum::<u64>();
    let expected = sum(|l| l.read) + sum(|l| l.retries) + sum(|l| l.added);
    assert_eq!(rows.len() as u64, expected, "{:?}", report.intake);
    (report, rows)
}

pub(super) fn file(name: &str, bytes: impl Into<Vec<u8>>) -> MemoryBundle {
    MemoryBundle::new(name, [(name.to_owned(), bytes.into())])
}

fn directory<const N: usize>(entries: [(&str, &str); N]) -> MemoryBundle {
    let entries = entries.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    MemoryBundle::new("results", entries)
}

fn load(path: &Path) -> MemoryBundle {
    fn walk(root: &Path, below: &str, out: &mut BTreeMap<String, Vec<u8>>) {
        for entry in files::list_dir(&root.join(below)).expect("the fixture lists") {
            let name = entry.file_name().into_string().expect("a plain name");
            let name = crate::base::path::join(below, &name);
            if entry.path().is_dir() {
                walk(root, &name, out);
            } else {
                let bytes = files::read(&entry.path()).expect("the fixture reads");
                out.insert(name, bytes);
            }
        }
    }
    let name = path.file_name().expect("a name").to_string_lossy();
    if !path.is_dir() {
        return file(&name, files::read(path).expect("the fixture reads"));
    }
    let mut out = BTreeMap::new();
    walk(path, "", &mut out);
    MemoryBundle::new(name, out)
}

fn as_json(bundle: &MemoryBundle) -> Value {
    let (report, rows) = read(bundle);
    let rows = rows.iter().map(|row| {
        let mut value = serde_json::to_value(&row.result).expect("a result is plain data");
        if !row.details.is_empty() {
            value["details"] = serde_json::to_value(&row.details).expect("details are plain data");
        }
        value
    });
    json!({
        "rows": rows.collect::<Vec<_>>(),
        "intake": report.intake,
        "environment": report.environment,
        "properties": report.properties,
        "attachments": report.attachments,
    })
}

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ingest");
    let mut out = Vec::new();
    for format in files::list_dir(&root).expect("the fixtures list") {
        for entry in files::list_dir(&format.path()).expect("the fixtures list") {
            let path = entry.path();
            if !matches!(
                path.extension().and_then(|e| e.to_str()),
                Some("json" | "new")
            ) {
                out.push(path);
            }
        }
    }
    out
}

/// A fixture without its JSON, or with another, fails; what was read is then written beside it as
/// `*.json.new`, to be compared with the format's rules and renamed.
#[test]
fn every_fixture_reads_as_written_down() {
    let mut wrong = Vec::new();
    let fixtures = fixtures();
    assert!(fixtures.len() > 30, "the fixtures are there");
    for path in fixtures {
        let actual = as_json(&load(&path));
        let beside = path.with_extension("json");
        let expected = files::read_optional(&beside).expect("readable");
        let expected = expected.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        if expected.as_ref() != Some(&actual) {
            let text = serde_json::to_string_pretty(&actual).expect("a value") + "\n";
            let new = path.with_extension("json.new");
            files::write(&new, text.as_bytes()).expect("writable");
            wrong.push(new.display().to_string());
        }
    }
    assert!(
        wrong.is_empty(),
        "read otherwise than written down:\n{}",
        wrong.join("\n")
    );
}

/// The one line of an input that gives no rows.
fn problem_of(bundle: &MemoryBundle) -> String {
    let (report, rows) = read(bundle);
    assert!(rows.is_empty());
    assert_eq!(report.intake.len(), 1, "{:?}", report.intake);
    assert!(report.intake[0].has_loss());
    report.intake[0].problem.clone().unwrap_or_default()
}

#[test]
fn what_is_no_input_is_a_line_with_a_problem() {
    let problems = [
        (directory([]), "there are no files"),
        (directory([("a.txt", "x")]), "no results were found"),
        (file("r.xml", ""), "the file is empty"),
        (file("r.xml", "\u{1}\u{2}"), "the file is not XML"),
        (file("r.xml", "<html/>"), "the root element is `html`"),
        (
            file("r.xml", "<Site><Testing/></Site>"),
            "looks like a CTest dashboard file",
        ),
        (
            file("r.json", "{\"reportFormat\":\"CTRF\"}"),
            "the file holds no list `results.tests`",
        ),
        (
            file("r.bin", [0xff_u8, 0, 1].as_slice()),
            "the format was not recognised",
        ),
        (
            file("x-result.json", "[]"),
            "the result holds no JSON object",
        ),
    ];
    for (bundle, problem) in problems {
        let found = problem_of(&bundle);
        assert!(found.starts_with(problem), "`{found}` for `{problem}`");
    }
}

#[test]
fn valid_files_without_tests_are_no_loss() {
    let (report, rows) = read(&file("r.xml", "<testsuites/>"));
    assert!(rows.is_empty() && !report.intake[0].has_loss());
    assert_eq!(report.intake[0].format, "junit");
}

#[test]
fn links_are_not_followed() {
    /// All entries are links.
    struct Links(MemoryBundle, Vec<super::BundleEntry>);
    impl Bundle for Links {
        fn name(&self) -> &str {
            self.0.name()
        }
        fn entries(&self) -> &[super::BundleEntry] {
            &self.1
        }
        fn read(&self, _: &str) -> std::io::Result<Vec<u8>> {
            panic!("a link was read")
        }
        fn open(&self, _: &str) -> std::io::Result<Box<dyn std::io::Read + Send + '_>> {
            panic!("a link was opened")
        }
    }
    let inner = directory([("a-result.json", "{}"), ("b.xml", "<a/>"), ("c.txt", "c")]);
    let mut entries = inner.entries().to_vec();
    entries.iter_mut().for_each(|e| e.regular = false);
    let sink = Kept {
        bundle: &inner,
        rows: Mutex::default(),
    };
    let report = ingest(&Links(inner.clone(), entries), &Options::default(), &sink);
    let report = report.expect("memory keeps all rows");
    let dropped: u64 = report.intake.iter().map(|line| line.dropped).sum();
    assert_eq!((report.intake.len(), dropped), (3, 1));
    assert_eq!(report.intake[0].notes.len(), 1);
}

#[test]
fn a_full_sink_ends_it() {
    struct Full;
    impl Sink for Full {
        fn attachment(&self, _: AttachmentRequest<'_>) -> Attachment {
            Attachment::default()
        }
        fn keeps_details(&self, _: Status, _: Execution) -> bool {
            false
        }
        fn row(&self, _: usize, _: Row) {}
        fn flush(&self, _: usize) -> Result<(), SinkError> {
            Err(SinkError("the disk is full".into()))
        }
    }
    for bundle in [
        file("r.xml", "<testsuite><testcase name='a'/></testsuite>"),
        file("a-result.json", "{\"name\":\"a\"}"),
    ] {
        assert!(ingest(&bundle, &Options::default(), &Full).is_err());
    }
}

#[test]
fn large_files_are_streamed_to_the_same_rows() {
    let mut text = String::from("<testsuites><testsuite name=\"s\">");
    let body = "x".repeat(20_000);
    for n in 0..1_000 {
        text.push_str(&format!(
            "<testcase classname=\"C\" name=\"t{n}\"><failure message=\"m{n}\">{body}</failure></testcase>"
        ));
    }
    let (report, rows) = read(&file("r.xml", format!("{text}</testsuite></testsuites>")));
    assert!(text.len() > 16 << 20);
    assert_eq!((rows.len(), report.intake[0].elements), (1_000, 1_000));
    assert!(
        rows.iter()
            .enumerate()
            .all(|(n, row)| row.result.name == format!("t{n}"))
    );
    let (report, rows) = read(&file("r.xml", text));
    assert_eq!(
        report.intake[0].problem.as_deref(),
        Some("the file ends inside `testsuite`")
    );
    assert!(rows.iter().all(|row| row.result.salvaged));
}

#[test]
fn long_texts_are_bounded() {
    let body = "y".repeat(3 << 20);
    let text = format!(
        "<testsuite name=\"s\"><testcase name=\"t\"><failure message=\"m\">{body}</failure><system-out>{body}</system-out></testcase></testsuite>"
    );
    let (report, rows) = read(&file("r.xml", text));
    let row = &rows[0];
    let short = |text: &Option<String>| text.as_ref().is_some_and(|t| t.len() < (1 << 20) + 64);
    assert!(short(&row.result.trace) && short(&row.details.stdout));
    let names = row.result.attachments.iter().map(|one| one.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["trace.txt", "system-out.txt"]);
    assert!(row.result.attachments.iter().all(|one| one.size == 3 << 20));
    assert_eq!(
        report.intake[0].notes,
        ["2 texts cut at 1 MiB, and attached whole, as `r.xml`"]
    );
    assert!(!report.intake[0].has_loss());
}

#[test]
fn deep_steps_are_read_as_far_as_they_may_go() {
    let nested = |levels: usize| {
        let open = "{\"name\":\"s\",\"steps\":[".repeat(levels);
        let close = "]}".repeat(levels);
        format!("{{\"name\":\"t\",\"status\":\"passed\",\"steps\":[{open}{close}]}}")
    };
    let (report, rows) = read(&file("a-result.json", nested(60)));
    assert!(!report.intake[0].has_loss());
    let notes = ["10 steps nested deeper than 50 levels, put behind the one above, as `s`"];
    assert_eq!(report.intake[0].notes, notes);
    let mut depth = 0;
    let mut all = 0;
    let mut steps = &rows[0].details.steps;
    while let Some(step) = steps.first() {
        all += steps.len();
        steps = &step.steps;
        depth += 1;
    }
    assert_eq!((depth, all), (50, 60));
    let (report, rows) = read(&file("a-result.json", nested(20_000)));
    let problem = report.intake[0].problem.as_deref();
    assert_eq!(problem, Some("the result is nested deeper than 127 levels"));
    assert!(rows[0].result.salvaged && rows[0].result.status == Status::Passed);
}

/// What one format nests deeper than another may, YAML reads back.
#[test]
fn deep_steps_of_robot_are_read_back() {
    let open: String = (0..200)
        .map(|at| format!("<kw name=\"k{at}\"><arg>a</arg>"))
        .collect();
    let close = "<status status=\"FAIL\">boom</status></kw>".repeat(200);
    let text = format!(
        "<robot generator=\"Robot 7.0\"><suite name=\"S\"><test name=\"T\">{open}{close}\
         <status status=\"FAIL\">boom</status></test></suite></robot>"
    );
    let (_, rows) = read(&file("output.xml", text));
    let details = &rows[0].details;
    let line = serde_json::to_string(details).expect("plain data");
    let back: BTreeMap<String, Vec<Details>> =
        serde_yaml::from_str(&format!("details:\n- {line}\n")).expect("YAML reads it");
    assert_eq!(back["details"][0], *details);
    assert!(
        (0..200).all(|at| line.contains(&format!("\"k{at} "))),
        "{line}"
    );
}

#[test]
fn equal_suites_with_errors_are_told_apart() {
    let suite = "<testsuite name=\"s\"><error message=\"m\"/></testsuite>";
    let (report, rows) = read(&file(
        "r.xml",
        format!("<testsuites>{suite}{suite}</testsuites>"),
    ));
    let occurrences: Vec<_> = rows.iter().map(|row| row.result.occurrence).collect();
    assert_eq!(
        (report.intake[0].added, occurrences),
        (2, vec![None, Some(2)])
    );
}

#[test]
fn declared_variables_of_suites_are_environment() {
    let text = "<testsuites><testsuite name=\"a\"><properties><property name=\"browser\" value=\"chrome\"/><property name=\"build\" value=\"7\"/></properties><testcase name=\"t\"/></testsuite><testsuite name=\"b\"><properties><property name=\"browser\" value=\"firefox\"/></properties><testcase name=\"t\"/></testsuite></testsuites>";
    let (report, rows) = read(&file("r.xml", text));
    assert_eq!(report.environment.all("browser"), ["chrome", "firefox"]);
    assert_eq!(report.properties.all("build"), ["7"]);
    assert_eq!(rows[1].result.properties.first("browser"), Some("firefox"));
}

/// A value that an adapter masks is kept nowhere, wherever else the result repeats it.
#[test]
fn masked_values_are_kept_nowhere() {
    const SECRET: &str = "SuPerSecret7391";
    let result = r#"{"uuid":"u","name":"test_x[V-a]","fullName":"t.py#test_x[V-a]","historyId":"H","titlePath":["V"],"status":"failed","statusDetails":{"message":"got V","trace":"at V","expected":"V","actual":"V!"},"stage":"V","description":"V","descriptionHtml":"<p>V</p>","labels":[{"name":"tag","value":"V"},{"name":"V","value":"x"},{"name":"AS_ID","value":"V"}],"links":[{"name":"V","url":"https://x/?q=V"}],"parameters":[{"name":"pw","value":"'V'","mode":"masked"},{"name":"again","value":"V"}],"attachments":[{"name":"V.txt","source":"a-attachment.txt"},{"source":"V-attachment.txt"}],"steps":[{"name":"type V","status":"V","description":"V","statusDetails":{"message":"V","trace":"V"},"parameters":[{"name":"p","value":"V"},{"name":"key","value":"StepSecret55","mode":"hidden"}],"steps":[{"name":"StepSecret55 V","attachments":[{"name":"V","source":"a-attachment.txt"}]}]}]}"#;
    let container = r#"{"uuid":"c","name":"V","children":["u"],"befores":[{"name":"sets V","parameters":[{"name":"t","value":"FixtureSecret1","mode":"masked"}]}],"afters":[{"name":"FixtureSecret1 of V"}]}"#;
    let with = |secret: &str, history: &str| {
        let fill = |text: &str| text.replace('V', secret).replace("\"H\"", history);
        directory([
            ("a-attachment.txt", "x"),
            ("c-container.json", &fill(container)),
            ("u-result.json", &fill(result)),
        ])
    };
    let kept = as_json(&with(SECRET, "\"0123456789abcdef\""));
    let text = kept.to_string();
    for secret in [SECRET, "StepSecret55", "FixtureSecret1", "0123456789abcdef"] {
        assert!(!text.contains(secret), "`{secret}` in {text}");
    }
    let row = &kept["rows"][0];
    assert_eq!(row["name"], "test_x[******-a]");
    assert_eq!(row["parameters"][1]["value"], "******");
    assert_eq!(row["details"]["before"][0]["name"], "sets ******");
    assert_eq!(row["status"], "failed");
}

/// Digests of what was read must not let anyone test a guess at a masked value: two values with
/// one short digest leave the same bytes.
#[test]
fn masked_values_count_16_bits_in_every_digest() {
    let short = |value: &str| Digest::of(value.as_bytes()).short()[..4].to_owned();
    let first = "secret-0".to_owned();
    let other = (1..)
        .map(|n| format!("secret-{n}"))
        .find(|other| short(other) == short(&first))
        .expect("16 bits repeat");
    let of = |secret: &str| {
        let result = |uuid: &str, more: &str| {
            format!(
                r#"{{"uuid":"{uuid}","name":"n","status":"passed","historyId":"{}","parameters":[{{"name":"p","value":"{secret}","mode":"masked"}}]{more}}}"#,
                Digest::of(secret.as_bytes())
            )
        };
        let container = format!(
            r#"{{"name":"{secret}","children":["a"],"befores":[{{"name":"{secret}"}}]}} x"#
        );
        let own = format!(
            r#"{{"befores":[{{"name":"b","parameters":[{{"name":"p","value":"{secret}","mode":"hidden"}}]}}]}}"#
        );
        let directory = directory([
            ("a-container.json", &container),
            ("a-result.json", &result("a", "")),
            ("b-container.json", &own),
            ("b-result.json", &result("b", ",\"links\":[{}")),
        ]);
        let nothing =
            format!(r#"{{"parameters":[{{"name":"p","value":"{secret}","mode":"masked"}}]}}"#);
        [
            directory,
            file("x-result.json", result("x", "")),
            file("y-result.json", nothing),
        ]
        .map(|bundle| {
            let mut kept = as_json(&bundle);
            let lines = kept["intake"].as_array_mut().expect("lines");
            lines
                .iter_mut()
                .for_each(|line| line["bytes"] = Value::Null);
            kept
        })
    };
    assert_eq!(of(&first), of(&other));
    let third = of("another!");
    assert_ne!(
        of(&first)[0]["rows"][0]["digest"],
        third[0]["rows"][0]["digest"]
    );
    assert_ne!(
        of(&first)[0]["intake"][0]["digest"],
        third[0]["intake"][0]["digest"]
    );
}

/// Element names in another letter case must neither vanish nor turn a failure green.
#[test]
fn letter_case_of_elements_does_not_matter() {
    let text = "<TestSuites><TESTSUITE NAME=\"s\" Tests=\"6\"><TESTCASE NAME=\"a\" CLASSNAME=\"C\"><FAILURE MESSAGE=\"m\"/></TESTCASE>\
        <testcase name=\"b\"><Error message=\"m\"/></testcase><TestCase name=\"c\"><SKIPPED/></TestCase>\
        <testcase name=\"d\"><RerunFailure message=\"1\"/><Failure message=\"2\"><StackTrace>t</StackTrace></Failure></testcase>\
        <testcase name=\"e\" STATUS=\"Failed\"/>\
        <testcase name=\"f\"><FLAKYFAILURE message=\"1\"/><Properties><Property name=\"owner\" value=\"bob\"/></Properties><System-Out>out</System-Out></testcase>\
        </TESTSUITE><testsuite name=\"z\"><ERROR message=\"own\"/></testsuite></TestSuites>";
    let (report, rows) = read(&file("r.xml", text));
    let line = &report.intake[0];
    assert_eq!((line.elements, line.read, line.added), (6, 6, 1));
    assert_eq!((line.notes.as_slice(), line.has_loss()), (&[][..], false));
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.result.name.as_str(), row.result.status))
        .collect();
    let expected = [
        ("a", Status::Failed),
        ("b", Status::Broken),
        ("c", Status::Skipped),
        ("d", Status::Failed),
        ("d", Status::Failed),
        ("e", Status::Failed),
        ("f", Status::Failed),
        ("f", Status::Passed),
        ("z", Status::Broken),
    ];
    assert_eq!(found, expected);
    assert_eq!(rows[0].result.full_name.as_deref(), Some("C.a"));
    assert_eq!(rows[7].result.labels.first("owner"), Some("bob"));
    assert_eq!(rows[7].details.stdout.as_deref(), Some("out"));
}

#[test]
fn an_element_that_may_be_a_failure_does_not_pass() {
    for (inner, status) in [
        ("<assertionFailed/>", Status::Unknown),
        (
            "<x:SoftErrors xmlns:x='u'>x</x:SoftErrors>",
            Status::Unknown,
        ),
        ("<result><failure message='m'/></result>", Status::Unknown),
        ("<flakyFailure/><fails/>", Status::Unknown),
        ("<aborted message='m'/>", Status::Unknown),
        ("<Timeout/>", Status::Unknown),
        ("<config><timeout>3</timeout></config>", Status::Passed),
        ("<softError/><failure/>", Status::Failed),
        ("<softError/><skipped/>", Status::Skipped),
        ("<result><note/></result>", Status::Passed),
        ("<system-out><failure/></system-out>", Status::Passed),
    ] {
        let text = format!("<testsuite name='s'><testcase name='t'>{inner}</testcase></testsuite>");
        let (report, rows) = read(&file("r.xml", text));
        let last = rows.last().expect("a row");
        assert_eq!(last.result.status, status, "{inner}");
        let notes = report.intake[0].notes.join(" ");
        let noted = notes.contains("may tell a failure");
        assert_eq!(
            noted,
            inner.contains("oft") || status == Status::Unknown,
            "{inner}: {notes}"
        );
    }
}

/// A file with only a declaration or comments is whole: it has no results.
#[test]
fn files_without_a_root_are_valid_and_empty_files_are_not() {
    for text in [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "\u{feff}<?xml version=\"1.0\"?>\n<!-- no tests -->\n",
        " <!-- no tests -->",
    ] {
        let (report, rows) = read(&file("r.xml", text));
        let line = &report.intake[0];
        assert!(rows.is_empty() && !line.has_loss(), "{text}: {line:?}");
        assert_eq!((line.format.as_str(), line.elements), ("junit", 0));
    }
    for text in [
        "",
        " \n",
        "\u{feff}",
        "<?xml version=\"1.0\"",
        "<?xml version=\"1.0\"?><!-- no",
        "<?xml version=\"1.0\"?> text",
        "<?xml version=\"1.0\"?><testsu",
        "<!DOCTYPE x>",
    ] {
        let (report, _) = read(&file("r.xml", text));
        assert!(report.intake.iter().any(Intake::has_loss), "{text}");
    }
}

fn mutated() -> impl Strategy<Value = (usize, Vec<(prop::sample::Index, u8)>, prop::sample::Index)>
{
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (0..200_usize, edits, any::<prop::sample::Index>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_it_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        name in prop::sample::select(vec!["r.xml", "a-result.json", "a-container.json", "a-globals.json", "a-check.json", "environment.properties", "environment.xml", "executor.json", "r"]),
    ) {
        read(&file(name, bytes.clone()));
        let xml = [b"<testsuites><testsuite name='a'><testcase name='b'>".as_slice(), &bytes].concat();
        read(&file("r.xml", xml));
    }

    #[test]
    fn no_mutation_makes_it_panic((which, edits, cut) in mutated()) {
        let all = fixtures();
        let bundle = load(&all[which % all.len()]);
        let entries = bundle.entries().iter().map(|entry| {
            let mut bytes = bundle.read(&entry.name).expect("memory reads");
            if !bytes.is_empty() {
                for (at, byte) in &edits {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
                if edits.len() % 2 == 1 {
                    bytes.truncate(cut.index(bytes.len()));
                }
            }
            (entry.name.clone(), bytes)
        });
        read(&MemoryBundle::new(bundle.name(), entries.collect::<Vec<_>>()));
    }

    #[test]
    fn a_failure_cut_off_anywhere_never_passes(cut in 0..400_usize) {
        let text = "<testsuites><testsuite name=\"s\"><testcase classname=\"C\" name=\"bad\"><failure message=\"m\">t</failure></testcase><testcase classname=\"C\" name=\"worse\"><error/></testcase></testsuite></testsuites>";
        let cut = cut.min(text.len());
        let (report, rows) = read(&file("r.xml", &text.as_bytes()[..cut]));
        let fine = |row: &Row| row.result.status != Status::Passed && (row.result.salvaged || cut == text.len());
        prop_assert!(rows.iter().all(fine));
        prop_assert!(cut == text.len() || report.intake.iter().any(Intake::has_loss));
    }
}
