//! Planned results beside the terminal: sheets that spreadsheets saved, careless words, and what the site shows.

use crate::manual::{csv_rows, show, typed};
use crate::repo::{assert_found, assert_refused};
use crate::shop::junit;
use crate::sitting::{five, opened, said_below};

#[test]
fn sheets_that_spreadsheets_saved_are_read() {
    let repo = five();
    let id = opened(&repo, "alice,bob");
    let table = repo.answer(["launch", "sheet", &id, "--format", "csv"]);
    let mut rows = csv_rows(&table);
    let column = |name: &str| {
        rows[0]
            .iter()
            .position(|cell| cell == name)
            .expect("a column")
    };
    let (status, step, comment, result) = (
        column("status"),
        column("step"),
        column("comment"),
        column("result"),
    );
    assert!(
        rows[1..].iter().all(|row| row[result].starts_with('#')),
        "{table}"
    );
    for row in rows.iter_mut().skip(1).filter(|row| row[step].is_empty()) {
        row[status] = "Passed".to_owned();
        row[comment] = "böse; \"so\"\nzwei".to_owned();
    }
    let wrong = rows
        .iter()
        .position(|row| row[step] == "step 2.1")
        .expect("a step");
    rows[wrong][status] = "psased".to_owned();
    let save = |delimiter: u8, line: &str, first: &str| {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(match line {
                "\r\n" => csv::Terminator::CRLF,
                _ => csv::Terminator::Any(b'\n'),
            })
            .from_writer(Vec::new());
        rows.iter()
            .for_each(|row| writer.write_record(row).expect("written"));
        let text = String::from_utf8(writer.into_inner().expect("written")).expect("UTF-8");
        format!("{first}{text}")
    };
    let wide = |text: String| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
    };
    let sheets = [
        save(b';', "\r\n", "\u{feff}").into_bytes(),
        save(b'\t', "\n", "").into_bytes(),
        save(b';', "\r\n", "\u{feff}sep=;\r\n").into_bytes(),
        wide(save(b'\t', "\r\n", "")),
    ];
    for (at, sheet) in sheets.iter().enumerate() {
        let copy = repo.copy();
        copy.write("sheet.csv", sheet);
        let ran = typed(
            &copy,
            "",
            7,
            &["launch", "sheet", &id, "--read", "sheet.csv"],
            "",
        );
        assert_found(&ran, &["TB0392", "did you mean `passed`?"]);
        assert!(ran.stdout.starts_with("recorded 4 results;"), "{at}: {ran}");
        // The place is that of the row, whatever ends lines: two lines a comment, and the line of `sep=`.
        let line = wrong + 2 + usize::from(at == 2);
        assert!(
            ran.stderr.contains(&format!("sheet.csv:{line}:")),
            "{at}: {line}: {ran}"
        );
        let ran = typed(
            &copy,
            "",
            8,
            &["launch", "sheet", &id, "--read", "sheet.csv"],
            "",
        );
        assert!(
            ran.stdout.starts_with("recorded 0 results; 4 known"),
            "{at}: {ran}"
        );
    }
    // Markdown: words below a key, comments with points, quotations and signs; line ends of another system.
    let sheet = repo.answer(["launch", "sheet", &id]);
    let filled = sheet
        .replacen("- status:\n", "- status:\npassed\n", 1)
        .replacen(
            "- comment:\n",
            "- comment: log:\n> GET /\n# 5 is missing\n\n",
            1,
        );
    repo.write(
        "sheet.md",
        format!("\u{feff}{}", filled.replace('\n', "\r\n")),
    );
    let ran = typed(
        &repo,
        "",
        9,
        &["launch", "sheet", &id, "--read", "sheet.md"],
        "",
    );
    assert!(ran.stdout.starts_with("recorded 1 result;"), "{ran}");
    let kept = said_below(&repo.root().join(".git/tallybook/open/SHOP"));
    assert!(kept.contains(r"log:\n> GET /\n# 5 is missing"), "{kept}");
    repo.write("noise.csv", b"\xff\x00\x01");
    let ran = repo.run(["launch", "sheet", &id, "--read", "noise.csv"]);
    assert_refused(&ran, &["is not UTF-8"]);
}

#[test]
fn careless_words_are_understood_or_refused() {
    let repo = five();
    let open = |env: &str, assign: &str| {
        repo.run([
            "launch", "open", "--plan", "five", "--env", env, "--assign", assign,
        ])
    };
    assert_refused(&open("browser=chrome", " , "), &["names nobody"]);
    let ran = open("browser=chrome,chrome,", "alice,,");
    assert!(
        ran.stderr.contains("planned 5 results, for 1 person"),
        "{ran}"
    );
    let id = ran.stdout.trim().to_owned();
    assert_eq!(show(&repo, &id)["environment"]["browser"], "chrome");
    let assign = |minute, to: &[&str]| {
        let args = [&["launch", "assign", id.as_str()], to].concat();
        typed(&repo, "", minute, &args, "")
    };
    let ran = assign(1, &["--nobody", "--cases", "SHOP-CASEA1,SHOP-CASEA2"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = assign(2, &["--to", "bob", "--from", "nobody"]);
    assert!(
        ran.stderr.contains("gave 2 planned results to bob"),
        "{ran}"
    );
    let status = repo.run(["launch", "status", &id]);
    assert!(
        status.stdout.contains("alice  0 of 3") && status.stdout.contains("bob    0 of 2"),
        "{status}"
    );
}

/// The launch's page says what was planned, by whom it was done, and why the rest was left; lists name testers.
#[test]
fn the_site_shows_a_combined_launch() {
    let repo = five();
    let id = opened(&repo, "alice,bob");
    repo.write(
        "r.xml",
        junit(&[
            ("other", ""),
            ("@SHOP-CASEA1 by a machine", "<failure message=\"no\"/>"),
        ]),
    );
    repo.answer(["launch", "append", &id, "r.xml", "--job", "ci"]);
    let first = ["execute", id.as_str(), "--case", "SHOP-CASEA1"];
    let mine = ["execute", id.as_str(), "--mine"];
    let ran = typed(&repo, "", 1, &first, "pass\npass\npass\npass\nrecord\n");
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = typed(&repo, "", 2, &mine, "fail so so\nstop\nrecord\n");
    assert_eq!(ran.code, Some(0), "{ran}");
    repo.answer([
        "launch",
        "close",
        &id,
        "--allow-unfinished",
        "the lab is <closed>",
    ]);
    repo.answer(["render", "--out", "../site"]);
    let page = |name: &str| {
        let page = format!("../site/shop/launches/{id}/{name}.html");
        std::fs::read_to_string(repo.root().join(page)).expect("a page")
    };
    let index = page("index");
    for words in [
        "2 of 5 planned results done, 3 not executed",
        "results.html#q=is:unplanned",
        "1 more result was not planned",
        "Closed without the rest: <b dir=\"auto\">the lab is &lt;closed&gt;</b>",
        "<bdi>Alice Example</bdi>",
        "results.html#q=assignee:%22bob%22",
        "results.html#q=tester:%22alice%22",
        "1 overridden",
        "tester Alice Example",
    ] {
        assert!(
            index.contains(words),
            "`{words}` is not on the page\n{index}"
        );
    }
    let results = page("results");
    for words in [
        "tester Alice Example",
        "assigned to Bob Builder",
        "overridden",
        "unplanned",
    ] {
        assert!(
            results.contains(words),
            "`{words}` is not in the list\n{results}"
        );
    }
    let unplanned = repo.json([
        "query",
        "unplanned = true",
        "--of",
        "results",
        "--launch",
        &id,
        "--format",
        "json",
    ]);
    let names: Vec<&str> = unplanned
        .as_array()
        .expect("results")
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(names, ["other"]);
}

#[test]
fn a_sheet_of_a_launch_that_was_closed_goes_into_its_follow_up() {
    let repo = five();
    let id = opened(&repo, "alice");
    let sheet = repo.answer(["launch", "sheet", &id]);
    let one = sheet.replacen("- status:\n", "- status: passed\n", 1);
    repo.write("one.md", &one);
    let read = |minute, file: &str, more: &[&str]| {
        let args = [&["launch", "sheet", id.as_str(), "--read", file], more].concat();
        typed(&repo, "", minute, &args, "")
    };
    let ran = read(1, "one.md", &[]);
    assert!(ran.stdout.starts_with("recorded 1 result;"), "{ran}");
    repo.answer(["launch", "close", &id, "--allow-unfinished", "it is late"]);
    let refused = read(2, "one.md", &[]);
    assert_refused(&refused, &["is closed", "--read one.md --late"]);
    // It brings nothing new: nothing is followed up.
    let ran = read(3, "one.md", &["--late"]);
    assert!(
        ran.stdout.starts_with("recorded 0 results; 1 known"),
        "{ran}"
    );
    assert_eq!(repo.launch_count(), 1, "{ran}");
    let (head, rest) = one.split_once("## SHOP-CASEA2").expect("an entry");
    let rest = rest.replacen("- status:\n", "- status: failed\n", 1);
    repo.write("two.md", format!("{head}## SHOP-CASEA2{rest}"));
    let ran = read(4, "two.md", &["--late"]);
    assert!(
        ran.stdout.starts_with("recorded 1 result; 1 known"),
        "{ran}"
    );
    let next = format!("{id}.2");
    assert_eq!(
        repo.totals(&next),
        "failed 1, in_progress 3, passed 1, total 5, unresolved 1"
    );
}

/// What is half read is not planned: rows would be missing, and nobody would know.
#[test]
fn cases_with_errors_are_not_planned() {
    let repo = five();
    repo.write("projects/shop/plans/odd.yaml", "cases: [SHOP-0DDXXX]\n");
    let case = |rows: &str| {
        let head = "id: SHOP-0DDXXX\ntitle: Odd\nexecution: manual\nstatus: active\n";
        repo.write(
            "projects/shop/cases/odd.md",
            format!("---\n{head}{rows}\n---\n\n## Steps\n\n1. Go.\n"),
        );
        repo.run([
            "launch",
            "open",
            "--name",
            "odd",
            "--plan",
            "odd",
            "--planned",
        ])
    };
    let many: Vec<String> = (0..40).map(|n| format!("v{n}")).collect();
    let many = many.join(", ");
    for (rows, words) in [
        (
            "parameters: {a: [1, 2], b: [1]}\ncombine: pairwsie",
            "has errors",
        ),
        (
            "parameters: {a: [], b: [1]}",
            "the parameter `a` has no values",
        ),
        ("parameters: {a: [1, '1']}", "are alike"),
    ] {
        assert_found(&case(rows), &["`SHOP-0DDXXX` can't be planned", words]);
    }
    let ran = case(&format!(
        "parameters: {{a: [{many}], b: [{many}]}}\ncombine: pairwise"
    ));
    assert!(ran.stderr.contains("hint: leave values out\n"), "{ran}");
    assert!(
        repo.json(["launch", "list", "--format", "json"])
            .to_string()
            .matches("odd")
            .count()
            == 0
    );
    let ran = case("parameters: {a: [1, 2]}");
    assert_eq!(ran.code, Some(0), "{ran}");
}
