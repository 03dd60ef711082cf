//! What several files tell together, and what is not kept of them.

use super::*;

#[test]
fn same_named_cases_of_several_files_are_told_apart() {
    let suite = |cases: &str| {
        let text = format!("<testsuite name='s'>{cases}</testsuite>");
        text.into_bytes()
    };
    let (passed, failed) = (
        "<testcase classname='c' name='a'/>",
        "<testcase classname='c' name='a'><failure message='m'/></testcase>",
    );
    let rerun = "<testcase classname='c' name='a'><failure message='m'/>\
        <rerunFailure message='n'/></testcase>";
    let files = [
        ("m1/TEST-c.xml", suite(failed)),
        ("m2/TEST-c.xml", suite(&[passed, passed].concat())),
        ("m3/TEST-c.xml", suite(rerun)),
        ("m4/TEST-d.xml", suite("<testcase classname='d' name='a'/>")),
    ];
    let bundle = MemoryBundle::new("reports", files.map(|(name, text)| (name.to_owned(), text)));
    let (report, rows) = read(&bundle);
    let occurrences: Vec<_> = rows.iter().map(|row| row.result.occurrence).collect();
    let expected = [None, Some(2), Some(3), Some(4), Some(4), None];
    assert_eq!(occurrences, expected);
    assert_eq!(rows[0].result.status, Status::Failed);
    assert_eq!(
        report.intake[0].notes,
        [
            "3 test cases named like one of another file, as `c.a`; told apart by occurrence \
          (where files are reruns, append them one after the other)"
        ]
    );
}

#[test]
fn steps_that_are_not_kept_are_accounted_for() {
    /// Keeps the steps of what failed, and the names of attachments.
    #[derive(Default)]
    struct Lean(Mutex<(BTreeMap<usize, Row>, Vec<String>)>);
    impl Sink for Lean {
        fn attachment(&self, request: AttachmentRequest<'_>) -> Attachment {
            let mut kept = self.0.lock().expect("no thread panicked");
            kept.1.push(request.name.to_owned());
            Attachment::default()
        }
        fn keeps_details(&self, status: Status, _: Execution) -> bool {
            status != Status::Passed
        }
        fn row(&self, place: usize, row: Row) {
            let mut kept = self.0.lock().expect("no thread panicked");
            kept.0.insert(place, row);
        }
        fn flush(&self, _: usize) -> Result<(), SinkError> {
            Ok(())
        }
    }
    let result = |status: &str| {
        format!(
            "{{\"uuid\": \"{status}\", \"name\": \"{status}\", \"status\": \"{status}\",
            \"attachments\": [{{\"name\": \"own of {status}\", \"source\": \"own.txt\"}}],
            \"steps\": [{{\"name\": \"s\", \"steps\": [{{\"name\": \"deep\", \"attachments\": [
                {{\"name\": \"shot of {status}\", \"source\": \"{status}.png\"}},
                {{\"name\": \"lost by {status}\", \"source\": \"lost.png\"}}]}}]}}]}}"
        )
    };
    let container =
        "{\"children\": [\"passed\"], \"befores\": [{\"name\": \"up\", \"attachments\": [
        {\"name\": \"log\", \"source\": \"up.log\"}]}]}";
    let files = [
        ("a-result.json", result("passed")),
        ("b-result.json", result("failed")),
        ("c-container.json", container.to_owned()),
        ("own.txt", "x".to_owned()),
        ("passed.png", "x".to_owned()),
        ("failed.png", "x".to_owned()),
        ("up.log", "x".to_owned()),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let sink = Lean::default();
    let report = ingest(&MemoryBundle::new("r", files), &Options::default(), &sink);
    let report = report.expect("memory keeps all rows");
    let (rows, mut names) = sink.0.into_inner().expect("no thread panicked");
    names.sort_unstable();
    let expected = [
        "lost by failed",
        "own of failed",
        "own of passed",
        "shot of failed",
    ];
    assert_eq!(names, expected);
    let steps: Vec<usize> = rows.values().map(|row| row.details.steps.len()).collect();
    assert_eq!(steps, [0, 1]);
    // Both lost files are told, and no file counts as one that nothing names.
    assert_eq!(report.intake[0].attachments_missing, 2);
    let lost = "2 attachments not there: give what results attach with them, at the paths that they name, as `lost by passed`, `lost by failed`";
    assert_eq!(report.intake[0].notes, [lost]);
}

#[test]
fn what_names_a_test_is_true_of_each_of_its_attempts() {
    let xml = "<testsuite name='s'><properties><property name='browser' value='firefox'/></properties>\
        <testcase classname='a.B' name='c' lane='fast'><properties><property name='test_id' value='SHOP-00001A'/>\
        <property name='tags' value='smoke'/><property name='step' value='Look'/></properties>\
        <failure message='m'/><rerunFailure message='n'/></testcase></testsuite>";
    let bundle = MemoryBundle::new("r.xml", [("r.xml".to_owned(), xml.into())]);
    let (_, rows) = read(&bundle);
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(row.result.ids, ["SHOP-00001A"], "{row:?}");
        assert_eq!(
            row.result.labels.get("tag").map(Vec::as_slice),
            Some(&["smoke".to_owned()][..])
        );
        assert!(row.result.properties.contains_key("browser"), "{row:?}");
        assert!(row.result.properties.contains_key("lane"), "{row:?}");
    }
}

#[test]
fn an_empty_line_of_an_output_is_one() {
    let ctrf = r#"{"reportFormat":"CTRF","specVersion":"0.0.0","results":{"tool":{"name":"t"},"summary":{},"tests":[
        {"name":"a","status":"failed","duration":1,"stdout":["one","","three"]}]}}"#;
    let bundle = MemoryBundle::new("r.json", [("r.json".to_owned(), ctrf.into())]);
    let (_, rows) = read(&bundle);
    assert_eq!(rows[0].details.stdout.as_deref(), Some("one\n\nthree"));
}

/// Reads results, by uuid and status, and the containers beside them; returns names and statuses of rows that no
/// result made.
fn unshown(results: &[(&str, &str)], containers: &[&str]) -> Vec<(String, Status)> {
    let result = |(uuid, status): &(&str, &str)| {
        let text = format!(
            "{{\"uuid\": \"{uuid}\", \"name\": \"{uuid}\", \"status\": \"{status}\",
            \"parameters\": [{{\"name\": \"p\", \"value\": \"of {uuid} alone\", \"mode\": \"{}\"}}]}}",
            if uuid.starts_with("secret") { "masked" } else { "default" }
        );
        (format!("{uuid}-result.json"), text.into_bytes())
    };
    let containers = containers.iter().enumerate();
    let containers =
        containers.map(|(nth, text)| (format!("{nth}-container.json"), text.as_bytes().to_vec()));
    let files: Vec<_> = results.iter().map(result).chain(containers).collect();
    let (report, rows) = read(&MemoryBundle::new("r", files));
    let added: Vec<_> = rows.into_iter().map(|row| row.result).collect();
    let added: Vec<_> = added.into_iter().filter(|one| one.synthetic).collect();
    assert_eq!(report.intake[0].added, added.len() as u64);
    assert_eq!(report.intake[0].elements, results.len() as u64);
    let added = added.into_iter();
    added.map(|one| (one.name, one.status)).collect()
}

#[test]
fn fixtures_of_which_no_test_says_that_they_failed_are_rows() {
    let down = r#"{"uuid": "c", "name": "Cart", "children": ["a", "b"], "afters": [
        {"name": "stop", "status": "broken"}, {"name": "log", "status": "passed"}]}"#;
    let up =
        r#"{"name": "db", "children": ["a"], "befores": [{"name": "db", "status": "failed"}]}"#;
    let row = |name: &str| vec![(name.to_owned(), Status::Broken)];
    let stop = row("Cart.stop (tear-down)");
    assert_eq!(unshown(&[("a", "passed"), ("b", "skipped")], &[down]), stop);
    assert_eq!(unshown(&[("a", "passed"), ("b", "failed")], &[down]), []);
    assert_eq!(unshown(&[("a", "broken")], &[down]), []);
    assert_eq!(unshown(&[("a", "passed")], &[up]), row("db (set-up)"));
    // An expected failure is skipped.
    assert_eq!(unshown(&[("a", "skipped")], &[up]), []);
    // A set-up after which nothing ran.
    assert_eq!(unshown(&[("z", "passed")], &[up]), row("db (set-up)"));
    // Containers of containers.
    let outer = r#"{"children": ["c", "self"], "uuid": "self", "afters": [{"status": "failed"}]}"#;
    assert_eq!(unshown(&[("b", "failed")], &[down, outer]), []);
    let both = [stop[0].clone(), row("tear-down")[0].clone()];
    assert_eq!(unshown(&[("b", "passed")], &[down, outer]), both);
    // Nothing is said in words of a test that has secrets.
    let told = r#"{"name": "Cart", "children": ["secret"], "afters": [{"name": "of secret alone",
        "status": "broken", "statusDetails": {"message": "of secret alone"}}]}"#;
    assert_eq!(unshown(&[("secret", "passed")], &[told]), row("tear-down"));
}

#[test]
fn a_fixture_that_has_a_row_in_our_own_export_has_no_other() {
    let container =
        r#"{"children": ["u"], "name": "Cart", "afters": [{"name": "stop", "status": "broken"}]}"#;
    let own = r#"{"uuid": "f", "name": "Cart.stop (tear-down)", "status": "broken",
        "fullName": "fixtures.Cart.stop (tear-down)", "labels": [{"name": "tallybook.synthetic", "value": "true"}]}"#;
    let files = [
        ("c-container.json", container),
        ("f-result.json", own),
        (
            "u-result.json",
            r#"{"uuid": "u", "name": "u", "status": "passed"}"#,
        ),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let (_, rows) = read(&MemoryBundle::new("r", files));
    assert_eq!(rows.len(), 2);
}
