//! `case import` and `launch backfill` as their users run them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::repo::{Ran, TestRepo, assert_found, assert_refused};
use crate::shop::{result, shop, with};

fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/fixtures/import").join(name)
}

/// A shop with one of the fixtures in it.
fn with_file(name: &str) -> TestRepo {
    let repo = shop();
    let text = std::fs::read(fixture(name)).expect("a fixture reads");
    repo.write(name, text);
    repo
}

fn import(repo: &TestRepo, args: &[&str]) -> Ran {
    let mut all = vec!["case", "import"];
    all.extend(args);
    repo.output("", &all)
}

/// The file of the case that has an alias.
fn case(repo: &TestRepo, alias: &str) -> String {
    let shown = repo.json(["case", "show", alias, "--format", "json"]);
    repo.read(shown["path"].as_str().expect("a path"))
}

#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[track_caller]
fn imported(repo: &TestRepo, args: &[&str], n: usize) -> String {
    let before = repo.json(["case", "list", "--format", "json"]);
    let ran = import(repo, args);
    assert_eq!(ran.code, Some(0), "{ran}");
    let after = repo.json(["case", "list", "--format", "json"]);
    let count = |all: &Value| all.as_array().expect("a list").len();
    assert_eq!(count(&after) - count(&before), n, "{ran}");
    let valid = repo.run(["validate"]);
    assert_eq!(valid.code, Some(0), "{valid}");
    ran.stderr
}

#[test]
fn every_tool_comes_in_and_again_adds_nothing() {
    // Counted by other means: elements or distinct ids of the file.
    let elements = |name: &str, mark: &str| {
        let text = std::fs::read_to_string(fixture(name)).expect("reads");
        text.matches(mark).count()
    };
    let all = [
        ("testrail.xml", elements("testrail.xml", "<case>")),
        ("testrail.csv", elements("testrail.csv", "\"C20")),
        ("zephyr-scale.csv", elements("zephyr-scale.csv", "SHOPX-T")),
        ("zephyr-squad.csv", 2),
        ("xray.csv", 3),
        ("testlink.xml", elements("testlink.xml", "<testcase ")),
        ("testops.csv", elements("testops.csv", "\"482")),
    ];
    for (name, n) in all {
        let repo = with_file(name);
        let dry = import(&repo, &[name, "--dry-run"]);
        assert_eq!(dry.code, Some(0), "{dry}");
        assert!(dry.stdout.contains("+++ b/projects/shop/cases/"), "{dry}");
        assert_eq!(
            repo.git(["status", "--porcelain", "projects"]),
            "",
            "{name}"
        );
        imported(&repo, &[name], n);
        repo.git(["add", "."]);
        repo.commit("import");
        let again = imported(&repo, &[name], 0);
        assert_says(&again, &["here already", "nothing changes"]);
        assert!(!again.contains("says otherwise"), "{again}");
        let with_update = imported(&repo, &[name, "--update"], 0);
        assert_says(&with_update, &["nothing changes"]);
        assert_eq!(repo.git(["status", "--porcelain"]), "", "{name}");
    }
}

#[test]
fn testrail_keeps_what_a_case_can_hold() {
    let repo = with_file("testrail.xml");
    let ran = imported(&repo, &["testrail.xml"], 3);
    assert_says(
        &case(&repo, "C101"),
        &[
            "title: Sign in with a password that has expired",
            "execution: manual",
            "severity: critical",
            "- {type: issue, name: WEB-812}",
            "- {type: issue, name: WEB-900}",
            "aliases: [C101]",
            "## Preconditions\n\nA user whose password expired yesterday.\\\nThe user is signed out.",
            "1. Open the sign-in page.\n   - **Expected:** The form is shown.",
            "1. Fill in the **form**\n   - **Data:** expired@example.com",
            "| Message | Please choose a new password |",
        ],
    );
    assert_says(
        &case(&repo, "c102"),
        &[
            "execution: automated",
            "severity: minor",
            "selectors: [\"tests.auth.test_logout#test_sign_out\"]",
            "1. Choose \"Sign out\".\n   - **Expected:** The start page is shown.",
        ],
    );
    assert_says(&case(&repo, "C103"), &["## Mission\n", "## Goals\n"]);
    let paths = repo.git(["status", "--porcelain", "-uall"]);
    assert_says(
        &paths,
        &["cases/web-shop/sign-in/two-factors-sms/a-code-that-is-too-old.md"],
    );
    // Everything else is said, with its place.
    assert_says(
        &ran,
        &[
            "`template`, 3×",
            "descriptions of sections, 1×",
            "images, 1×",
            "testrail.xml:",
        ],
    );
}

#[test]
fn tables_of_tools_keep_their_fields() {
    let repo = with_file("zephyr-scale.csv");
    imported(&repo, &["zephyr-scale.csv"], 2);
    assert_says(
        &case(&repo, "SHOPX-T1"),
        &[
            "status: active",
            "tags: [smoke, search]",
            "Find *one* book.",
            "A book is there.",
        ],
    );
    assert_says(
        &case(&repo, "SHOPX-T1"),
        &["- **Data:**\n\n     - Emma\n     - Dune"],
    );
    let repo = with_file("xray.csv");
    imported(&repo, &["xray.csv"], 3);
    assert_says(
        &case(&repo, "CALC-1"),
        &[
            "tags: [smoke, fast]",
            "It says **3**.",
            "   - **Data:** 1, 2",
            "A phone.",
        ],
    );
    assert_says(
        &case(&repo, "xray-1003"),
        &["[docs](https://docs.example.com/add)"],
    );
    let repo = with_file("zephyr-squad.csv");
    imported(&repo, &["zephyr-squad.csv"], 2);
    assert_says(
        &case(&repo, "QA-31"),
        &[
            "### Why",
            "**Carts** must empty.",
            "**Two** books",
            "**Data:** `all`",
        ],
    );
    let repo = with_file("testlink.xml");
    imported(&repo, &["testlink.xml", "--id-prefix", "TP-"], 2);
    assert_says(
        &case(&repo, "TP-5"),
        &[
            "tags: [smoke, printing]",
            "A report is **printed**.",
            "     1. It is shown.",
        ],
    );
    assert_says(&case(&repo, "TP-6"), &["execution: automated"]);
    let repo = with_file("testops.csv");
    imported(&repo, &["testops.csv"], 2);
    assert_says(
        &case(&repo, "4821"),
        &[
            "selectors: [tests.account.AddressTest.change]",
            "{type: link, name: Design, url: \"https://design.example.com/a\"}",
            "   1. Choose addresses\n   - **Expected:** All addresses are shown",
            "parameters: {locale: [en, de]}",
        ],
    );
    let repo = with_file("testrail.csv");
    imported(&repo, &["testrail.csv"], 2);
    assert_says(
        &case(&repo, "C201"),
        &["1. Pay with \"4242\".\n   - **Expected:** The order is there.\\\n     A mail was sent."],
    );
}

#[test]
fn columns_and_words_are_mapped() {
    let repo = with_file("plain.csv");
    let refused = import(&repo, &["plain.csv"]);
    assert_found(&refused, &["TB0401", "--map 'title=COLUMN'"]);
    repo.write(
        "map.yaml",
        "columns: {title: What, steps: How, expected: Then, section: Area}\nvalues: {severity: {P1: blocker}}\n",
    );
    let ran = imported(
        &repo,
        &[
            "plain.csv",
            "--mapping",
            "map.yaml",
            "--map",
            "id=Nr",
            "--map",
            "severity=Prio",
            "--value",
            "severity:P2=minor",
            "--map",
            "owner=Team",
            "--id-prefix",
            "OLD-",
            "--section",
            "legacy",
            "--report",
            "lost.json",
        ],
        2,
    );
    assert_says(
        &case(&repo, "OLD-7"),
        &[
            "severity: blocker",
            "1. Open the chat.\n1. Ask.\n   - **Expected:** An answer comes.",
        ],
    );
    assert_says(&case(&repo, "OLD-8"), &["severity: minor"]);
    assert!(
        repo.root()
            .join("projects/shop/cases/legacy/help/chat/ask-a-question.md")
            .exists()
    );
    assert_says(
        &ran,
        &["column `Reviewed by`, 1×", "owner, 1×: expected a member"],
    );
    let report: Value = serde_json::from_str(&repo.read("lost.json")).expect("JSON");
    assert_eq!(report["added"], 2);
    let lost = report["lost"].as_array().expect("a list");
    let column = lost
        .iter()
        .find(|one| one["what"] == "column `Reviewed by`");
    assert_eq!(
        column.expect("is there")["places"],
        json!([{"path": "plain.csv", "line": 2, "text": "Zoe"}])
    );
    for wrong in [
        &["plain.csv", "--map", "titel=What"][..],
        &["plain.csv", "--map", "title"],
        &["plain.csv", "--value", "severity=x"],
        &["plain.csv", "--separator", "ab"],
    ] {
        assert_eq!(import(&repo, wrong).code, Some(2));
    }
    let absent = import(&repo, &["plain.csv", "--map", "title=Wat"]);
    assert_found(&absent, &["the table has no column `Wat`"]);
}

#[test]
fn tables_are_read_however_they_are_written() {
    let repo = shop();
    let rows = "id;title;steps\r\nA-1;Ünï;\"Open;\r\nit\"\r\n";
    let utf16: Vec<u8> = format!("\u{feff}{rows}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    repo.write("a.csv", utf16);
    imported(&repo, &["a.csv"], 1);
    assert_says(&case(&repo, "A-1"), &["title: Ünï", "Open;"]);
    repo.write("b.csv", "sep=|\nid|title\nB-1|Bar\n");
    imported(&repo, &["b.csv"], 1);
    repo.write("c.csv", b"id,title\nC-1,caf\xe9\n");
    let ran = imported(&repo, &["c.csv"], 1);
    assert_says(&ran, &["characters, 1×: not UTF-8"]);
}

#[test]
fn backgrounds_of_one_name_are_told_apart() {
    let repo = shop();
    let feature = |step: &str, name: &str| {
        format!("Feature: Auth\n  Background:\n    Given {step}\n  Scenario: {name}\n    When x\n")
    };
    repo.write("f/a/auth.feature", feature("user A", "one"));
    repo.write("f/b/auth.feature", feature("user B", "two"));
    repo.write("f/c/auth.feature", feature("user A", "three"));
    imported(&repo, &["f"], 3);
    let background = |case: &str| {
        let text = repo.read(&format!("projects/shop/cases/{case}.md"));
        let link = text.split("steps/").nth(1).expect("it is linked");
        let file = link.split(')').next().unwrap_or_default();
        repo.read(&format!("projects/shop/steps/{file}"))
    };
    for (case, user) in [
        ("a/auth/one", "user A"),
        ("b/auth/two", "user B"),
        ("c/auth/three", "user A"),
    ] {
        assert_says(&background(case), &[user]);
    }
    assert_says(&imported(&repo, &["f"], 0), &["nothing changes"]);
    // A file alone finds its own again, and another one of the same name is none of these.
    assert_says(&imported(&repo, &["f/b/auth.feature"], 0), &[]);
    repo.write("g/auth.feature", feature("user C", "four"));
    imported(&repo, &["g"], 1);
    assert_says(&background("auth/four"), &["user C"]);
    // What changed there is said, and stays here.
    repo.write("f/b/auth.feature", feature("user D", "two"));
    let ran = imported(&repo, &["f"], 0);
    assert_says(
        &ran,
        &["the source says otherwise of its steps (f/b/auth.feature:2)"],
    );
    assert_says(&background("b/auth/two"), &["user B"]);
}

#[test]
fn features_and_markdown_come_in_by_folders() {
    let repo = shop();
    for name in ["features/checkout/pay.feature", "features/anmelden.feature"] {
        repo.write(name, std::fs::read(fixture(name)).expect("reads"));
    }
    let ran = imported(&repo, &["features"], 4);
    assert_says(&ran, &["descriptions of features, 1×"]);
    let pay = repo.read("projects/shop/cases/checkout/paying/pay-by-card.md");
    assert_says(
        &pay,
        &[
            "severity: critical",
            "tags: [checkout, smoke]",
            "selectors: [\"features/checkout/pay.feature#Pay by card\"]",
            "aliases: [C301]",
            "1. [Background of Paying](../../../steps/background-of-paying.md)",
            "     | 4242 | 12 |",
        ],
    );
    let outline = repo.read("projects/shop/cases/checkout/paying/pay-amount-by-way.md");
    assert_says(
        &outline,
        &[
            "parameters: {amount: [\"1\", \"2\"], way: [card, cash]}",
            "#Pay * by *",
        ],
    );
    let again = imported(&repo, &["features"], 0);
    assert_says(&again, &["4 cases are here already", "nothing changes"]);

    for name in ["markdown/api/tokens.md", "markdown/suite.md"] {
        repo.write(name, std::fs::read(fixture(name)).expect("reads"));
    }
    imported(&repo, &["markdown"], 3);
    assert_says(
        &repo.read("projects/shop/cases/api/tokens-expire.md"),
        &[
            "severity: critical",
            "1. Ask for something.\n   - **Expected:** 401",
            "1. Ask for a new token.\n   - **Expected:** It is there.",
            "## Notes",
        ],
    );
    assert_says(
        &case(&repo, "T1a2b"),
        &[
            "severity: minor",
            "A mailbox.",
            "1. Write it\n   - **Expected:** it is kept as a draft",
        ],
    );
    let deleted = repo.read("projects/shop/cases/mail/delete-a-mail.md");
    assert_says(&deleted, &["1. Delete it\n   - **Expected:** It is gone"]);
    assert_says(&imported(&repo, &["markdown"], 0), &["nothing changes"]);
}

#[test]
fn edits_made_here_stay_and_what_differs_is_said() {
    let repo = with_file("testrail.xml");
    imported(&repo, &["testrail.xml"], 3);
    let shown = repo.json(["case", "show", "C102", "--format", "json"]);
    let path = shown["path"].as_str().expect("a path").to_owned();
    let here = repo.read(&path).replace("title: Sign out", "title: Leave");
    let here = here.replace("severity: minor\n", "");
    repo.write(&path, &here);
    let source = repo
        .read("testrail.xml")
        .replace("Open the menu.", "Open the big menu.");
    repo.write("testrail.xml", source);
    let ran = imported(&repo, &["testrail.xml"], 0);
    assert_says(
        &ran,
        &["the source says otherwise of its title, steps and severity (testrail.xml:"],
    );
    assert_eq!(repo.read(&path), here);
    let ran = imported(&repo, &["testrail.xml", "--update"], 0);
    let now = repo.read(&path);
    assert_says(
        &now,
        &["title: Leave", "severity: minor", "1. Open the menu."],
    );
    assert_says(&ran, &["otherwise of its title and steps"]);
}

#[test]
fn results_that_carry_old_ids_match() {
    let repo = with_file("testrail.xml");
    imported(&repo, &["testrail.xml", "--branch", "imported"], 0);
    repo.git(["merge", "-q", "--ff-only", "imported"]);
    let labels = json!({"labels": [{"name": "AS_ID", "value": "C101"}]});
    repo.allure("r", &with(result("a", "anything", "passed"), &labels));
    let id = repo.open_launch("Nightly");
    repo.answer(["launch", "append", &id, "r"]);
    let view = repo.json(["case", "match", &id, "--format", "json"]);
    let case = view["matched"][0]["case"].as_str().expect("a case");
    let shown = repo.json(["case", "show", "C101", "--format", "json"]);
    assert_eq!(shown["id"], case);
}

/// What people give without looking: each is told, and none is taken for an import of nothing.
#[test]
fn careless_files_are_told() {
    let repo = shop();
    for (name, text, format, word) in [
        (
            "heading.csv",
            "id,title,steps\n",
            None,
            "there is no case in the file, read as CSV",
        ),
        (
            "rows.csv",
            "id,title,steps\nC1,Login,open\n",
            Some("testlink"),
            "read as TestLink XML",
        ),
        (
            "suite.xml",
            "<suite><name>S</name><sections/></suite>",
            None,
            "read as TestRail XML",
        ),
    ] {
        repo.write(name, text);
        let mut args = vec![name];
        args.extend(
            format
                .map(|format| ["--format", format])
                .into_iter()
                .flatten(),
        );
        assert_found(&import(&repo, &args), &["TB0401", word]);
    }
    repo.write("empty.feature", "Feature: Later\n");
    let ran = import(&repo, &["empty.feature"]);
    assert!(
        ran.code == Some(0) && ran.stderr.contains("read as Gherkin"),
        "{ran}"
    );
    // As spreadsheets save on Windows.
    repo.write(
        "ansi.csv",
        b"id;title;steps\nA1;Gr\xf6\xdfe \x80 5;\xf6ffnen\n",
    );
    let ran = imported(&repo, &["ansi.csv"], 1);
    assert_says(&ran, &["read as Windows-1252", "ansi.csv:2"]);
    assert_says(&case(&repo, "A1"), &["title: \"Größe € 5\"", "1. öffnen"]);
    // UTF-8 with a damaged character is no other encoding.
    repo.write("damaged.csv", b"id;title;steps\nA2;Gr\xc3\xb6\xdfe;los\n");
    let ran = imported(&repo, &["damaged.csv"], 1);
    assert_says(&ran, &["replaced by U+FFFD"]);
    // A running number of another table is another case.
    repo.write("one.csv", "id,title,steps\n1,Login,open\n")
        .write("two.csv", "id,title,steps\n1,Pay,pay\n");
    imported(&repo, &["one.csv"], 1);
    assert_says(
        &imported(&repo, &["two.csv"], 0),
        &["its title and steps", "--id-prefix"],
    );
    imported(&repo, &["two.csv", "--id-prefix", "TWO-"], 1);
}

#[test]
fn a_dry_run_says_what_a_real_one_does() {
    let repo = shop();
    for name in ["testrail.csv", "zephyr-scale.csv"] {
        std::fs::copy(fixture(name), repo.root().join(name)).expect("it copies");
        let dry = import(&repo, &[name, "--dry-run"]);
        assert_eq!(repo.git(["status", "--porcelain", "projects"]), "");
        let real = import(&repo, &[name]);
        // Ids are drawn anew, and only a real run names what to commit.
        let told = |ran: &Ran| -> Vec<String> {
            let lines = ran
                .stderr
                .lines()
                .filter(|line| !line.starts_with("hint: commit"));
            let lines = lines.map(|line| {
                let words = line.split(' ').map(|word| {
                    if word.starts_with("SHOP-") {
                        "ID"
                    } else {
                        word
                    }
                });
                words
                    .collect::<Vec<_>>()
                    .join(" ")
                    .replace(": 1 file, and nothing was written", "")
            });
            lines
                .map(|line| {
                    line.split(": ")
                        .take_while(|part| !part.ends_with("written"))
                        .collect::<Vec<_>>()
                        .join(": ")
                })
                .collect()
        };
        assert_eq!(told(&dry), told(&real), "{name}");
        let added = dry.stdout.lines().filter(|line| line.starts_with("+++ b/"));
        let added: Vec<&str> = added.map(|line| &line[6..]).collect();
        let written: Vec<&str> = real.stdout.lines().collect();
        assert_eq!(added, written, "{name}");
        for path in written {
            repo.read(path);
        }
        repo.commit("Import");
    }
}

#[test]
fn hostile_files_write_nothing_outside_and_nothing_wrong() {
    let repo = shop();
    let mut rows = String::from("id,title,section,steps,description\n");
    let sections = [
        "../../..",
        "/etc",
        "NUL",
        "Login",
        "LOGIN",
        "a\\b",
        "..",
        "x".repeat(500).as_str(),
    ]
    .map(str::to_owned);
    for (n, section) in sections.iter().enumerate() {
        rows.push_str(&format!(
            "H-{n},\"CON\u{202e}\",{section},\"## Steps\n\n<<<<<<< x\n---\nid: y\",\"[a](../../../../etc/passwd) ![x](y.png) \0\"\n"
        ));
    }
    repo.write("hostile.csv", &rows);
    let ran = imported(&repo, &["hostile.csv"], sections.len());
    assert_says(
        &ran,
        &[
            "names of sections",
            "characters",
            "images",
            "links in texts",
        ],
    );
    let changed = repo.git(["status", "--porcelain", "-uall"]);
    let changed: Vec<&str> = changed
        .lines()
        .map(|line| line[3..].trim_matches('"'))
        .collect();
    assert!(
        changed
            .iter()
            .all(|path| path.starts_with("projects/shop/cases/") || *path == "hostile.csv"),
        "{changed:?}"
    );
    let again = imported(&repo, &["hostile.csv"], 0);
    assert_says(&again, &["nothing changes"]);

    repo.write(
        "bomb.xml",
        "<!DOCTYPE suite [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]><suite><name>&b;</name></suite>",
    );
    assert_found(&import(&repo, &["bomb.xml"]), &["TB0401", "DOCTYPE"]);
    repo.write("deep.xml", format!("<suite>{}", "<section>".repeat(10_000)));
    assert_found(
        &import(&repo, &["deep.xml"]),
        &["nest deeper than 200 levels"],
    );
    repo.write("open.csv", "id,title\nO-1,One\nO-2,\"Two\nO-3,Three\n");
    let open = import(&repo, &["open.csv"]);
    assert_found(&open, &["open.csv:3:1", "never closed"]);
    assert_eq!(
        repo.json(["case", "show", "O-1", "--format", "json"])["title"],
        "One"
    );
    assert_refused(&import(&repo, &["nowhere.csv"]), &["nowhere.csv"]);
}

#[test]
fn thousands_of_equal_titles_are_as_many_files() {
    let repo = shop();
    let rows: String = (0..1500).map(|n| format!("E-{n},The same,S\n")).collect();
    repo.write("many.csv", format!("id,title,section\n{rows}"));
    imported(&repo, &["many.csv"], 1500);
    assert!(
        repo.root()
            .join("projects/shop/cases/s/the-same-1500.md")
            .exists()
    );
}

#[test]
fn what_one_case_may_have_is_bounded() {
    let many =
        |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<Vec<_>>().join(";");
    let tags = many(1100, &|n| format!("t{n}"));
    let parameters = many(260, &|n| format!("p{n}:1|2"));
    let repo = shop();
    repo.write(
        "in.csv",
        format!(
            "allure_id,name,automated,description,precondition,scenario,tag,parameter\n\
             1,Many,false,,,Do it,\"{tags}\",\"{parameters}\"\n"
        ),
    );
    let ran = import(&repo, &["in.csv", "--report", "lost.json"]);
    assert_says(
        &ran.stderr,
        &[
            "tags, 100×: more than 1000 values of one case",
            "parameters, 60×: more than 200 of one case",
        ],
    );
    let shown = case(&repo, "1");
    assert!(
        shown.contains("t999") && !shown.contains("t1000"),
        "{shown}"
    );
}

#[test]
fn an_id_that_another_case_has_is_told_and_the_case_is_known_again() {
    let repo = shop();
    repo.write("projects/web/project.yaml", "key: WEB\nname: Web\n");
    repo.write(
        "projects/web/cases/a.md",
        "---\nid: WEB-A1\ntitle: A\naliases: [C101]\n---\n\n## Steps\n\n1. a\n   - **Expected:** b\n",
    );
    repo.write("a.csv", "id,title\nC101,One\nno id!,Two\n");
    let first = import(&repo, &["a.csv", "--project", "shop"]);
    assert_eq!(first.code, Some(0), "{first}");
    assert_says(
        &first.stderr,
        &["another case has the id", "no id here", "added 2 cases"],
    );
    let again = import(&repo, &["a.csv", "--project", "shop"]);
    assert_says(
        &again.stderr,
        &["2 cases are here already", "nothing changes"],
    );
}

/// A run of long ago, as JUnit XML.
fn old_run(repo: &TestRepo, folder: &str, day: &str, failed: bool) {
    let outcome = if failed {
        "<failure message=\"no\"/>"
    } else {
        ""
    };
    repo.write(
        &format!("{folder}/junit.xml"),
        format!(
            "<testsuite name=\"s\" tests=\"2\" failures=\"{}\" timestamp=\"{day}T02:00:00\" time=\"60\">\
             <testcase classname=\"a\" name=\"one\" time=\"20\">{outcome}</testcase>\
             <testcase classname=\"a\" name=\"two\" time=\"40\"/></testsuite>",
            u8::from(failed)
        ),
    );
}

#[test]
fn old_runs_stand_at_their_own_time() {
    let repo = shop();
    repo.allure("now", &result("n", "one", "passed"));
    repo.close_with("Nightly", "now");
    old_run(&repo, "old/2", "2025-03-02", true);
    old_run(&repo, "old/1", "2025-03-01", false);
    let backfill = |run: &str| {
        repo.run([
            "launch", "backfill", run, "--name", "Nightly", "--branch", "main",
        ])
    };
    let dry = repo.run([
        "launch",
        "backfill",
        "old/2",
        "--name",
        "Nightly",
        "--dry-run",
    ]);
    assert_eq!(dry.code, Some(0), "{dry}");
    assert_says(
        &dry.stderr,
        &["2 results from 2025-03-02 02:00:00 UTC", "--branch"],
    );
    // The later one comes first: nothing depends on the order.
    let second = backfill("old/2");
    assert_eq!(second.code, Some(0), "{second}");
    let first = backfill("old/1");
    assert_eq!(first.code, Some(0), "{first}");
    let again = backfill("old/1");
    assert_eq!(again.stdout, first.stdout, "{again}");
    assert_says(&again.stderr, &["has these results already"]);
    let renamed = [
        "launch",
        "backfill",
        "old/1",
        "--name",
        "Other",
        "--dry-run",
    ];
    let renamed = repo.run(renamed);
    assert_says(&renamed.stderr, &["would count twice"]);
    assert!(!dry.stderr.contains("would count twice"), "{dry}");

    let list = repo.json(["launch", "list", "--format", "json"]);
    let list = list.as_array().expect("a list");
    let opened: Vec<&str> = { list.iter() }
        .map(|launch| &launch["opened"]["at"].as_str().expect("a time")[..10])
        .collect();
    let mut sorted = opened.clone();
    sorted.sort_unstable();
    sorted.reverse();
    assert_eq!(opened, sorted, "{list:?}");
    assert_eq!(&opened[1..], ["2025-03-02", "2025-03-01"]);
    let old = &list[2];
    let backfilled = &old["opened"]["backfilled"];
    assert_eq!(backfilled["until"], "2025-03-01T02:01:00Z", "{old}");
    let now = backfilled["at"].as_str().expect("a time");
    assert!(now > "2026", "{old}");
    let id = old["id"].as_str().expect("an id");
    let shown = repo.answer(["launch", "show", id]);
    assert_says(
        &shown,
        &["opened        2025-03-01 02:00 UTC", "backfilled    "],
    );
    let table = repo.answer(["launch", "list"]);
    assert_eq!(table.matches("closed, backfilled").count(), 2, "{table}");
    let path = format!("projects/shop/launches/2025/03/{id}/launch.yaml");
    assert_says(&repo.read(&path), &["backfilled:"]);
    let closed = repo.json(["launch", "show", id, "--format", "json"]);
    assert!(
        closed["closed"]["at"].as_str().expect("a time") >= now,
        "{closed}"
    );

    let verified = repo.run(["verify"]);
    assert_eq!(verified.code, Some(0), "{verified}");
    let valid = repo.run(["validate"]);
    assert_eq!(valid.code, Some(0), "{valid}");
    let history = repo.json(["history", "a.one", "--format", "json"]);
    let entries = history["branches"][0]["lines"][0]["entries"]
        .as_array()
        .expect("entries");
    let statuses: Vec<&str> = entries
        .iter()
        .filter_map(|e| e["status"].as_str())
        .collect();
    assert!(
        statuses == ["passed", "failed"] || statuses == ["failed", "passed"],
        "{history}"
    );
    assert_eq!(repo.run(["render", "--out", "site"]).code, Some(0));
    let folder = repo.root().join("site/shop/launches").join(id);
    let page = std::fs::read_to_string(folder.join("evidence.html")).expect("a page");
    assert!(page.contains("Backfilled"), "{page}");
    // What was compared by default is what came before it then, not what is newest.
    let second = list[1]["id"].as_str().expect("an id");
    let compared = repo.json(["launch", "compare", second, "--format", "json"]);
    assert_says(&compared.to_string(), &[id]);

    let future = repo.run(["launch", "backfill", "old/1", "--at", "2999-01-01"]);
    assert_refused(&future, &["is yet to come"]);
    repo.write(
        "timeless.xml",
        "<testsuite name=\"s\" tests=\"1\"><testcase name=\"x\"/></testsuite>",
    );
    assert_refused(
        &repo.run(["launch", "backfill", "timeless.xml"]),
        &["don't say when they began"],
    );
    let given = repo.run([
        "launch",
        "backfill",
        "timeless.xml",
        "--at",
        "2024-12-24 18:00",
    ]);
    assert_eq!(given.code, Some(0), "{given}");
    assert_refused(&repo.run(["launch", "backfill", "gone"]), &["no results"]);
}

#[test]
fn an_old_run_that_lost_results_is_closed_for_a_reason() {
    let repo = shop();
    let whole = "<testsuite name=\"s\" tests=\"2\" timestamp=\"2025-03-01T02:00:00\">\
                 <testcase classname=\"a\" name=\"one\"/>";
    repo.write("cut.xml", whole);
    let backfill = |more: &[&str]| {
        let mut all = vec!["launch", "backfill", "cut.xml", "--branch", "main"];
        all.extend(more);
        repo.output("", &all)
    };
    let refused = backfill(&[]);
    assert_found(&refused, &["--accept-loss REASON"]);
    let empty = repo.json(["launch", "list", "--format", "json"]);
    assert_eq!(empty[0]["state"], "open", "{empty}");
    let closed = backfill(&["--accept-loss", "the runner died"]);
    assert_eq!(closed.code, Some(0), "{closed}");
    let list = repo.json(["launch", "list", "--format", "json"]);
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    let id = list[0]["id"].as_str().expect("an id");
    let launch = repo.read(&format!("projects/shop/launches/2025/03/{id}/launch.yaml"));
    for key in ["reason", "accepted_loss"] {
        assert_says(&launch, &[&format!("{key}: \"the runner died\"")]);
    }
    assert_eq!(repo.run(["verify"]).code, Some(0));
    // Where nothing is lost, nothing is accepted.
    old_run(&repo, "old", "2025-03-02", false);
    let needless = [
        "launch",
        "backfill",
        "old",
        "--branch",
        "main",
        "--accept-loss",
        "x",
    ];
    let needless = repo.run(needless);
    assert_eq!(needless.code, Some(0), "{needless}");
    assert_says(&needless.stderr, &["nothing is lost"]);
}

#[test]
fn a_launch_of_several_jobs_is_opened_at_its_time() {
    let repo = shop();
    old_run(&repo, "a", "2025-03-01", false);
    let opened = repo.run([
        "launch",
        "open",
        "--name",
        "Old",
        "--at",
        "2025-03-01T02:00:00Z",
    ]);
    let id = opened.stdout.trim().to_owned();
    assert!(id.starts_with("2025-03-01-0200-old-"), "{opened}");
    repo.answer(["launch", "append", &id, "a", "--job", "linux"]);
    repo.answer(["launch", "append", &id, "a", "--job", "windows"]);
    repo.answer(["launch", "close", &id]);
    let shown = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(shown["opened"]["at"], "2025-03-01T02:00:00Z");
    // What is checked out now was not tested then.
    assert!(shown["source"]["commit"].is_null(), "{shown}");
    // What comes late stands beside it.
    old_run(&repo, "b", "2025-03-01", true);
    repo.answer(["launch", "append", &id, "b", "--job", "mac"]);
    let late = repo.json(["launch", "list", "--format", "json"]);
    let late = late
        .as_array()
        .expect("a list")
        .iter()
        .find(|l| l["state"] == "open");
    let late = late.expect("a follow-up is open");
    assert_eq!(late["opened"]["at"], "2025-03-01T02:00:00Z", "{late}");
}
