use super::*;

const ONCE: Once = Once {
    now: true,
    before: true,
};

fn row(full: &str, status: Status, part: Part) -> Row {
    let mut row = Row {
        part,
        ..Row::default()
    };
    row.result.full_name = Some(full.to_owned());
    row.result.name = full
        .rsplit(['.', '#', ':'])
        .next()
        .unwrap_or_default()
        .to_owned();
    row.result.status = status;
    row
}

#[test]
fn what_agrees_counts_once() {
    let mut same = Same::default();
    let mut first = vec![
        row("a.b.C#t", Status::Passed, Part::Element),
        row("a.b.C#u", Status::Passed, Part::Element),
        row("a.b.C#v", Status::Failed, Part::Element),
    ];
    assert_eq!(same.take("allure", &mut first, ONCE), Left::default());
    let mut second = vec![
        row("a/b.py::C::t", Status::Passed, Part::Element),
        row("a/b.py::C::t", Status::Passed, Part::Element),
        row("a.b.C.u", Status::Failed, Part::Element),
        row("a.b.C.v", Status::Failed, Part::Retry),
        row("a.b.C.v", Status::Broken, Part::Element),
    ];
    let left = same.take("junit", &mut second, ONCE);
    assert_eq!((left.elements, left.retries), (2, 1));
    let names: Vec<_> = second
        .iter()
        .map(|r| r.result.full_name.as_deref())
        .collect();
    assert_eq!(names, [Some("a/b.py::C::t"), Some("a.b.C.u")]);
    assert_eq!(
        same.note(),
        [
            "2 tests told by allure and junit, as `a/b.py::C::t`, and counted once",
            "1 test told by allure and junit with different outcomes, as `a.b.C.u`; both stay"
        ]
    );
    assert_eq!(same.note(), [""; 0]);
}

fn results(rows: &[Row]) -> Vec<TestResult> {
    rows.iter().map(|row| row.result.clone()).collect()
}

#[test]
fn what_an_earlier_append_told_counts_once() {
    let (passed, failed) = (Status::Passed, Status::Failed);
    let mut first = vec![
        row("a.b.C#t", passed, Part::Element),
        row("a.b.C#u", failed, Part::Retry),
        row("a.b.C#u", passed, Part::Element),
        row("a.b.C#v", failed, Part::Element),
    ];
    (first[1].result.attempt, first[2].result.attempt) = (Some(1), Some(2));
    let second = || {
        vec![
            row("a.b.C.t", passed, Part::Element),
            row("a.b.C.t", passed, Part::Element),
            row("a.b.C.u", passed, Part::Element),
            row("a.b.C.v", passed, Part::Element),
        ]
    };
    let mut same = Same::default();
    same.told_before(&["junit"], &results(&first));
    // The same input again tells nothing new.
    let mut again = first.clone();
    assert_eq!(same.take("junit", &mut again, ONCE), Left::default());
    let mut rows = second();
    assert_eq!(same.take("ctrf", &mut rows, ONCE).elements, 2);
    let names: Vec<_> = rows.iter().map(|r| r.result.name.as_str()).collect();
    assert_eq!(names, ["t", "v"]);
    let mut same = Same::default();
    same.told_before(&["junit"], &results(&first));
    let mut rows = second();
    assert_eq!(same.take("ctrf", &mut rows, ONCE).elements, 2);
    assert_eq!(
        same.note_before(false),
        [
            "2 tests told by junit of an earlier append and ctrf, as `a.b.C.t`, and counted once",
            "1 test told by junit of an earlier append and ctrf with different outcomes, as `a.b.C.v`; \
             both stay"
        ]
    );
    let mut same = Same::default();
    same.told_before(&["junit"], &results(&first));
    let mut rows = second();
    let left = same.take("ctrf", &mut rows, Once::default());
    assert_eq!((left, rows.len()), (Left::default(), 4));
    assert!(same.note_before(false)[0].ends_with("append again with `--same-run`"));
    assert_eq!(same.note(), [""; 0]);
    // What may be of the same format is not told.
    let mut same = Same::default();
    same.told_before(&["junit", "ctrf"], &results(&first));
    assert_eq!(same.take("ctrf", &mut second(), ONCE), Left::default());
    let mut same = Same::default();
    same.told_before(&["junit", "ctrf"], &results(&first));
    assert_eq!(same.take("trx", &mut second(), ONCE).elements, 2);
}

fn told_twice(first: &[(&str, Status)], second: &[(&str, Status)]) -> Vec<String> {
    let rows = |told: &[(&str, Status)]| -> Vec<Row> {
        let one = |(full, status): &(&str, Status)| row(full, *status, Part::Element);
        told.iter().map(one).collect()
    };
    let mut same = Same::default();
    same.take("jest", &mut rows(first), ONCE);
    let mut second = rows(second);
    same.take("junit", &mut second, ONCE);
    let stays = second.into_iter().filter_map(|row| row.result.full_name);
    stays.collect()
}

#[test]
fn titles_are_compared_where_a_report_names_no_file() {
    let (passed, failed) = (Status::Passed, Status::Failed);
    let jest = [
        ("x/l.test.js#login works", passed),
        ("y/l.test.js#login works", failed),
        ("y/l.test.js#login 1 + 1", passed),
        ("top.test.js#works", passed),
    ];
    let junit = [
        ("login works.login works", failed),
        ("login works.login works", passed),
        ("login works.login works", failed),
        ("login 1 + 1.login 1 + 1", passed),
        ("works.works", passed),
    ];
    // As many as were told stand for one another, whatever the order; one more stays.
    assert_eq!(told_twice(&jest, &junit), ["login works.login works"]);
}

#[test]
fn an_attempt_that_failed_takes_no_place_from_one_that_passed() {
    let (passed, failed) = (Status::Passed, Status::Failed);
    let jest = [("a.test.js#x works", passed)];
    let junit = [("x works.x works", failed), ("x works.x works", passed)];
    let mut rows: Vec<Row> = junit
        .map(|(full, status)| row(full, status, Part::Element))
        .into();
    let mut same = Same::default();
    let mut first = vec![row(jest[0].0, jest[0].1, Part::Element)];
    same.take("jest", &mut first, ONCE);
    assert_eq!(same.take("junit", &mut rows, ONCE).elements, 1);
    assert_eq!(rows[0].result.status, failed);
}

#[test]
fn files_are_compared_where_both_name_them() {
    let passed = Status::Passed;
    let jest = [
        ("packages/web/src/a.test.ts#grp works", passed),
        ("packages/web/src/b.test.ts#grp dup", passed),
    ];
    let junit = [
        ("src/a.test.ts.grp > works", passed),
        ("src/c.test.ts.grp > dup", passed),
        ("lib/b.test.ts.grp > dup", passed),
    ];
    let stays = ["src/c.test.ts.grp > dup", "lib/b.test.ts.grp > dup"];
    assert_eq!(told_twice(&jest, &junit), stays);
    let playwright = [("a.spec.js#aa a1", passed)];
    let ctrf = [("chrome > a.spec.js > aa > a1", passed)];
    assert_eq!(told_twice(&playwright, &ctrf), [""; 0]);
    // Of node no report may name one.
    let (tap, xml) = (
        [("grp › works", passed), ("›", passed)],
        [("c.test.mjs#grp.works", passed), ("-", passed)],
    );
    assert_eq!(told_twice(&tap, &xml), ["-"]);
}
