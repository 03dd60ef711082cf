//! What is read by what it holds, whatever it is called, and what is said of what is not.

use super::*;
use crate::ingest::limits;

fn names(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.result.name.as_str()).collect()
}

fn line<'a>(report: &'a Report, name: &str) -> &'a Intake {
    let line = report.intake.iter().find(|line| line.input == name);
    line.unwrap_or_else(|| panic!("{name}: {:?}", report.intake))
}

#[test]
fn results_are_read_under_any_name() {
    let files = [
        "r",
        "r.XML",
        "r.data",
        "r.htm",
        "r.json",
        "r.jsonl",
        "r.junit",
        "r.log",
        "r.ndjson",
        "r.out",
        "r.report",
        "r.results",
        "r.tap",
        "r.trx",
        "r.txt",
        "r.xml.bak",
    ];
    let suite = |name: &str| format!("<testsuite name='s'><testcase name='{name}'/></testsuite>");
    let bundle = files.map(|name| (name.to_owned(), suite(name).into_bytes()));
    let (report, rows) = read(&MemoryBundle::new("ff", bundle));
    let mut read_names = names(&rows);
    read_names.sort_unstable();
    assert_eq!(read_names, files);
    assert_eq!(report.intake[0].notes, [""; 0]);
}

#[test]
fn what_only_holds_or_resembles_results_is_left() {
    let utf16: Vec<u8> = "<testsuite><testcase name='wide'/></testsuite>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let files: [(&str, &[u8]); 10] = [
        ("a.tap.txt", b"1..1\nok 1 - plan and point\n"),
        ("b.report", b"TAP version 13\n1..1\nok 1 - version\n"),
        ("c.results", b"{\"reportFormat\":\"CTRF\",\"results\":{\"tests\":[{\"name\":\"keys\",\"status\":\"passed\"}]}}"),
        ("d.data", &utf16),
        ("page.html", b"<html><pre><testsuite><testcase name='x'/></testsuite></pre></html>"),
        ("page.md", b"# How\n<testsuite><testcase name='x'/></testsuite>\n{\"Action\":\"run\",\"Package\":\"p\"}\n"),
        ("ok.log", b"ok then\nand so on\n"),
        ("shot.png", b"\x89PNG\r\n\x1a\n\0\0<testsuite><testcase name='x'/></testsuite>"),
        ("decl.svg", b"<?xml version='1.0'?>\n<svg/>"),
        ("console.log", b"starting\n<testsuite><testcase name='x'/></testsuite>"),
    ];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    let (report, rows) = read(&MemoryBundle::new("mix", files));
    let mut read_names = names(&rows);
    read_names.sort_unstable();
    assert_eq!(read_names, ["keys", "plan and point", "version", "wide"]);
    assert_eq!(
        report.intake[0].notes,
        ["6 other files not read, as `console.log`"]
    );
}

#[test]
fn packed_files_that_nobody_looks_into_are_told() {
    let suite = "<testsuite name='s'><testcase name='a'/></testsuite>";
    let (zip, bz2) = (b"PK\x03\x04\x14\0".as_slice(), b"BZh91AY&SY".as_slice());
    let files = [
        ("r.xml", suite.as_bytes()),
        ("artifact", zip),
        ("lib.jar", zip),
        ("shards.tar.bz2", bz2),
    ];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    let (report, rows) = read(&MemoryBundle::new("mix", files.clone()));
    assert_eq!(names(&rows), ["a"]);
    assert!(!report.intake[0].has_loss());
    // That one can be opened.
    assert_eq!(report.archives, ["artifact"]);
    assert_eq!(
        report.intake[0].notes,
        [
            "1 packed file not looked into, as `shards.tar.bz2`: where results are in it, unpack it, or give it alone",
            "1 other file not read, as `lib.jar`"
        ]
    );
    // What is called like results is lost.
    let files = files.map(|(name, bytes)| (name.replace(".tar", ".xml"), bytes));
    let (report, _) = read(&MemoryBundle::new("mix", files));
    let lost = line(&report, "shards.xml.bz2");
    assert_eq!(
        lost.problem.as_deref(),
        Some("looks like a bzip2 file, which is not read: unpack it")
    );
}

#[test]
fn what_macos_puts_beside_files_is_no_result() {
    let double = b"\0\x05\x16\x07\0\x02\0\0Mac OS X".as_slice();
    let result = r#"{"uuid":"1","name":"a","status":"failed"}"#.as_bytes();
    let files = [
        ("r/1-result.json", result),
        ("__MACOSX/r/._1-result.json", double),
        ("__MACOSX/r/._b.xml", double),
        (
            "r/._c.xml",
            b"<testsuite name='s'><testcase name='c'/></testsuite>",
        ),
    ];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    let (report, rows) = read(&MemoryBundle::new("mac.zip", files));
    assert_eq!(names(&rows), ["a", "c"]);
    assert!(
        report.intake.iter().all(|line| !line.has_loss()),
        "{report:?}"
    );
}

#[test]
fn what_a_report_attaches_is_no_report() {
    let report = "<testsuite><testcase name='a'><system-out>[[ATTACHMENT|b.response]]</system-out></testcase></testsuite>";
    let attached = "<testsuite><testcase name='b'/></testsuite>";
    let (account, rows) = read(&directory([("b.response", attached), ("z.xml", report)]));
    assert_eq!(names(&rows), ["a"]);
    assert_eq!(rows[0].result.attachments.len(), 1);
    assert_eq!(account.intake[0].notes, [""; 0]);
    let other = read(&directory([
        ("b.response", &attached.replace("'b'", "'c'")),
        ("z.xml", report),
    ]));
    assert_ne!(account.intake[0].digest, other.0.intake[0].digest);
}

#[test]
fn a_result_that_was_never_finished_is_a_problem() {
    let whole = r#"{"uuid":"1","name":"a","status":"failed"}"#;
    let (report, rows) = read(&directory([("1-result.json.tmp", whole)]));
    assert_eq!(rows[0].result.status, Status::Failed);
    assert!(rows[0].result.salvaged);
    let problem = line(&report, "1-result.json.tmp").problem.as_deref();
    assert_eq!(
        problem,
        Some("the result was never finished: this is what its writer left when it was stopped")
    );
    let (report, rows) = read(&directory([("1-result.json.tmp", "{\"uuid\":\"1\",\"na")]));
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].result.status, Status::Unknown);
    assert!(line(&report, "1-result.json.tmp").has_loss());
    // Where the result stands beside it, nothing is lost.
    let both = directory([("1-result.json", whole), ("1-result.json.tmp", whole)]);
    let (report, rows) = read(&both);
    assert_eq!((rows.len(), report.intake.len()), (1, 1));
    assert!(!report.intake[0].has_loss());
}

#[test]
fn items_that_are_no_tests_are_dropped_and_counted() {
    let text = r#"{"reportFormat":"CTRF","results":{"tests":[
        {"name":"a","status":"passed"},null,"b",3,["c"]]}}"#;
    let (report, rows) = read(&file("r.json", text));
    let line = &report.intake[0];
    assert_eq!((rows.len(), line.elements, line.dropped), (1, 4, 3));
    assert_eq!(line.problem.as_deref(), Some("3 tests not read"));
}

#[test]
fn long_texts_and_names_are_kept_or_said() {
    let long = "n".repeat(2 << 20);
    let ctrf = format!(
        r#"{{"results":{{"tool":{{"name":"t"}},"tests":[{{"name":"{long}","status":"failed","trace":"{long}"}}]}}}}"#
    );
    let junit = format!(
        "<testsuite><testcase name='{long}'><failure message='m'>{long}</failure></testcase></testsuite>"
    );
    let allure = format!(
        r#"{{"uuid":"1","name":"{long}","status":"failed","statusDetails":{{"trace":"{long}"}}}}"#
    );
    for (name, text) in [
        ("r.json", ctrf),
        ("r.xml", junit),
        ("1-result.json", allure),
    ] {
        let (report, rows) = read(&file(name, text));
        let result = &rows[0].result;
        assert!(result.name.len() < 5_000, "{name}");
        assert!(
            result
                .full_name
                .as_ref()
                .is_none_or(|full| full.len() < 5_000)
        );
        assert!(
            result
                .trace
                .as_ref()
                .is_some_and(|t| t.len() < (1 << 20) + 64)
        );
        assert_eq!(result.attachments[0].name, "trace.txt", "{name}");
        assert_eq!(result.attachments[0].size, 2 << 20, "{name}");
        let notes = report.intake[0].notes.join("\n");
        assert!(notes.contains("longer than 4 KiB, cut there"), "{notes}");
        assert!(
            notes.contains("1 text cut at 1 MiB, and attached whole"),
            "{notes}"
        );
        let problems: Vec<&str> = report
            .intake
            .iter()
            .filter_map(|line| line.problem.as_deref())
            .collect();
        assert!(
            matches!(problems.as_slice(), [only] if only.ends_with("cut there: give those tests shorter ones")),
            "{problems:?}"
        );
    }
    // No attachment takes the rest of a step's, or of the run's.
    let step = format!(
        r#"{{"uuid":"1","name":"a","status":"failed","steps":[{{"name":"s","statusDetails":{{"trace":"{long}"}}}}]}}"#
    );
    let run = format!(r#"{{"errors":[{{"message":"m","trace":"{long}"}}]}}"#);
    for (name, text, said) in [
        (
            "1-result.json",
            step,
            "the result holds 1 text longer than 1 MiB, cut there",
        ),
        (
            "1-globals.json",
            run,
            "1 text of the run longer than 1 MiB, cut there",
        ),
    ] {
        let (report, _) = read(&directory([(name, text.as_str())]));
        let problems = report
            .intake
            .iter()
            .filter_map(|line| line.problem.as_deref());
        assert_eq!(problems.collect::<Vec<_>>(), [said]);
    }
    let huge = "x".repeat(18 << 20);
    let text =
        format!("<testsuite><testcase name='a'><failure>{huge}</failure></testcase></testsuite>");
    let (report, rows) = read(&file("r.xml", text));
    assert_eq!(rows[0].result.status, Status::Failed);
    let problem = report.intake[0].problem.as_deref().unwrap_or_default();
    assert!(
        problem.ends_with("bytes of texts beyond 16 MiB left out"),
        "{problem}"
    );
}

#[test]
fn a_result_that_is_still_running_has_no_end() {
    let of = |rest: &str| {
        let text = format!(r#"{{"uuid":"1","name":"a",{rest}"start":1700000000000}}"#);
        let (_, rows) = read(&directory([("1-result.json", text.as_str())]));
        (rows[0].result.status, rows[0].result.message.clone())
    };
    let (status, message) = of(r#""stage":"running","#);
    assert_eq!(status, Status::Broken);
    assert_eq!(
        message.as_deref(),
        Some("the test has no end: its run was stopped before")
    );
    assert_eq!(of(r#""stage":"INTERRUPTED","#).0, Status::Broken);
    // What has an outcome keeps it, and what never began is not known.
    assert_eq!(
        of(r#""stage":"running","status":"passed","#).0,
        Status::Passed
    );
    assert_eq!(of(r#""stage":"scheduled","#), (Status::Unknown, None));
    assert_eq!(of(r#""stage":"finished","#), (Status::Unknown, None));
    let said = r#""stage":"running","statusDetails":{"message":"m"},"#;
    assert_eq!(of(said), (Status::Broken, Some("m".to_owned())));
}

#[test]
fn a_parameter_without_a_name_keeps_its_value() {
    let text = r#"{"uuid":"1","name":"a","status":"passed","parameters":[{"value":"x"},{"name":"b","value":"y"},
        {"name":"","value":"z"},{}],"labels":[{"value":"v"}]}"#;
    let (report, rows) = read(&directory([("1-result.json", text)]));
    let result = &rows[0].result;
    let pairs: Vec<(&str, Option<&str>)> = result
        .parameters
        .iter()
        .map(|one| (one.name.as_str(), one.value.as_deref()))
        .collect();
    assert_eq!(
        pairs,
        [("arg0", Some("x")), ("b", Some("y")), ("arg2", Some("z"))]
    );
    assert_eq!(result.properties.all("label"), ["v"]);
    assert!(!report.intake[0].has_loss());
    let text = "<ns2:test-suite xmlns:ns2='u'><name>s</name><test-cases><test-case status='passed'><name>a</name>\
                <parameters><parameter value='x'/></parameters></test-case></test-cases></ns2:test-suite>";
    let (_, rows) = read(&file("1-testsuite.xml", text));
    assert_eq!(rows[0].result.parameters[0].name, "arg0");
}

/// What is too long or too much for its place stands in another.
#[test]
fn labels_and_arguments_that_are_too_long_stand_elsewhere() {
    let name = "n".repeat(300);
    let allure = format!(
        r#"{{"uuid":"1","name":"a","status":"passed","labels":[{{"name":"{name}","value":"v"}}]}}"#
    );
    let ctrf = format!(
        r#"{{"reportFormat":"CTRF","results":{{"tests":[{{"name":"a","status":"passed","labels":{{"{name}":"v"}}}}]}}}}"#
    );
    for (file_name, text) in [("1-result.json", allure), ("r.json", ctrf)] {
        let (_, rows) = read(&file(file_name, text));
        assert_eq!(
            rows[0].result.properties.all("label"),
            [format!("{name}: v")]
        );
    }
    let property = |at: usize| format!("<property name='p' value='{at}'/>");
    let properties: String = (0..30).chain(0..30).map(property).collect();
    let text =
        format!("<testsuite><properties>{properties}</properties><testcase name='a'/></testsuite>");
    let (report, _) = read(&file("r.xml", text));
    let notes = &report.intake[0].notes;
    let said = "properties of the run beyond 200, or 20 values of one, left out, as `p`";
    assert!(notes.iter().any(|note| note.ends_with(said)), "{notes:?}");
    let robot = format!(
        "<robot generator='Robot 7.0'><suite name='S'><test name='a'><kw name='Log'><arg>{name}</arg><arg>b</arg>\
         <status status='PASS'/></kw><status status='PASS'/></test><status status='PASS'/></suite></robot>"
    );
    let (_, rows) = read(&file("output.xml", robot));
    let parameters = &rows[0].details.steps[0].parameters;
    assert_eq!(parameters[0].value.as_deref(), Some(name.as_str()));
    assert_eq!(parameters[1].name, "arg1");
}

/// What an export of ours cut comes back as it is: the same test, and nothing cut again.
#[test]
fn what_was_cut_once_is_read_as_it_is() {
    let long = "n".repeat(20_000);
    let (_, rows) = read(&file(
        "r.xml",
        format!("<testsuite><testcase name='{long}'/></testsuite>"),
    ));
    let name = rows[0].result.name.clone();
    let again = format!("<testsuite><testcase name='{name}'/></testsuite>");
    let (report, rows) = read(&file("r.xml", again));
    assert_eq!(rows[0].result.name, name);
    assert!(!report.intake[0].has_loss(), "{:?}", report.intake);
}

#[test]
fn what_is_changed_on_the_way_is_said() {
    let text = b"<testsuite name='s'>\n<testcase name='a' name='b'><failure message='&undefined;'>\n\xff \0 &nope;</failure></testcase></testsuite>";
    let (report, _) = read(&file("r.xml", text.as_slice()));
    let line = &report.intake[0];
    assert_eq!(line.replaced, 2);
    assert_eq!(
        line.notes,
        [
            "1 attribute given twice in one element, of which the first counts, as `testcase`",
            "2 entities not defined, and left as written, as `failure`",
            "the first character that was replaced by U+FFFD stands in line 3",
        ]
    );
    assert!(!line.has_loss());
}

#[test]
fn missing_attachments_are_named() {
    let said = ["a.png", "/etc/nowhere/b.png", "../../etc/passwd"];
    let said: Vec<String> = said
        .iter()
        .map(|path| format!("[[ATTACHMENT|{path}]]"))
        .collect();
    let text = format!(
        "<testsuite><testcase name='a'><system-out>{}</system-out></testcase></testsuite>",
        said.join("\n")
    );
    let (report, _) = read(&file("r.xml", text));
    let line = &report.intake[0];
    assert_eq!(line.attachments_missing, 3);
    assert_eq!(
        line.notes,
        [
            "2 attachments not there: give what results attach with them, at the paths that they name, \
             as `a.png`, `/etc/nowhere/b.png`",
            "1 attachment under a path that leads elsewhere, which is not followed: let the tests write \
             beside the report, as `../../etc/passwd`",
        ]
    );
}

#[test]
fn a_cut_report_of_cucumber_keeps_its_scenarios() {
    let scenario = |name: &str| {
        format!(
            r#"{{"id":"{name}","keyword":"Scenario","type":"scenario","name":"{name}",
            "steps":[{{"keyword":"Given ","name":"x","result":{{"status":"passed","duration":1}}}}]}}"#
        )
    };
    let whole = format!(
        r#"[{{"elements":[{},{},{}],"keyword":"Feature","name":"f","uri":"f.feature"}}]"#,
        scenario("a"),
        scenario("b"),
        scenario("c")
    );
    let (report, rows) = read(&file("c.json", whole.as_str()));
    assert_eq!(
        (names(&rows), report.intake[0].has_loss()),
        (vec!["a", "b", "c"], false)
    );
    let cut = whole.find("\"id\":\"c\"").expect("it is there") + 40;
    let (report, rows) = read(&file("c.json", &whole[..cut]));
    assert_eq!(names(&rows)[..2], ["a", "b"]);
    assert!(rows.iter().all(|row| row.result.salvaged));
    assert!(
        rows[2..]
            .iter()
            .all(|row| row.result.status != Status::Passed)
    );
    assert!(report.intake[0].has_loss());
}

#[test]
fn what_is_not_read_names_what_is() {
    let robot =
        r#"{"generator":"Robot 7.4 (Python 3.11 on linux)","rpa":false,"suite":{"name":"A"}}"#;
    let mocha = "[\"start\",{\"total\":1}]\n[\"fail\",{\"title\":\"a\"}]\n[\"end\",{}]\n";
    for (text, hint) in [
        (robot, "robot --output output.xml"),
        (mocha, "mocha --reporter json"),
    ] {
        let problem = problem_of(&file("output.json", text));
        assert!(problem.contains(hint), "{problem}");
    }
}

/// A report of which one part never ends is refused where that is clear, with what stands before it.
#[test]
fn what_never_ends_is_given_up() {
    let tag = "x".repeat((limits::ENDLESS_TAG + limits::TEXT as u64) as usize);
    let long = "x".repeat((limits::ENDLESS + 2 * limits::TEXT as u64) as usize);
    let text = |start: &str, long: &str, end: &str| [start, long, end].concat();
    let cases = [
        (
            "junit.xml",
            text(
                "<testsuite name='s'>\n<testcase name='a'/>\n<testcase name='b' x='",
                &tag,
                "'/></testsuite>",
            ),
            "the tag that begins in line 3 is longer than 34 MB; nothing from there on is read",
        ),
        (
            "allure1.xml",
            text(
                "<test-suite><name>s</name><test-cases><test-case status='passed'><name>a</name></test-case>\n<test-case x='",
                &tag,
                "'/>",
            ),
            "the tag that begins in line 2 is longer than 34 MB; nothing from there on is read",
        ),
        (
            "ctrf.json",
            text(
                "{\"reportFormat\":\"CTRF\",\"results\":{\"tool\":{\"name\":\"t\"},\"tests\":[\n\
                 {\"name\":\"a\",\"status\":\"passed\",\"duration\":1},\n{\"name\":\"",
                &long,
                "\",\"status\":\"passed\"}]}}",
            ),
            "the file holds an element that begins in line 3 and is larger than 134 MB; nothing from there \
             on is read",
        ),
        (
            "r.tap",
            text("1..2\nok 1 - a\nok 2 - ", &long, "\n"),
            "line 3 is longer than 134 MB; nothing from there on is read",
        ),
    ];
    for (name, text, said) in cases {
        let (report, rows) = read(&file(name, text));
        let line = &report.intake[0];
        assert_eq!(line.problem.as_deref(), Some(said), "{name}");
        assert_eq!(rows[0].result.name, "a", "{name}");
        assert!(line.has_loss() && rows.iter().all(|row| row.result.salvaged));
    }
}
