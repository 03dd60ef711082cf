//! Cases that were exported come back: deleted ones, into another project, from a spreadsheet.

use serde_json::{Value, json};

use crate::demo::playground;
use crate::repo::TestRepo;
use crate::shop::shop;

const RICH: &str = "---
id: SHOP-R1CHXX
title: '=Sum of a cart, \"quoted\"'
execution: automated
status: review
layer: e2e
severity: critical
owner: alice
tags: [smoke, '@slow', \"'=quoted\"]
fields: {component: ['cart, web', api], Odd Name: [x=1], single: one}
links:
  - {type: issue, name: WEB-1, url: https://t.example/WEB-1}
  - {type: requirement, name: 'REQ: 7'}
  - {url: https://docs.example/a,b}
automation:
  selectors: ['test_cart[a, b]', 'cart *']
relations: [{type: related, case: SHOP-MA1DRK}, {type: duplicates, case: SHOP-EXP1RD}]
parameters: {n: ['1', '2, 3'], browser: [chrome, firefox]}
combine: pairwise
aliases: [C42, OLD-7]
---

What a cart costs.

| n | sum |
|---|---|
| 1 | 2 |

## Preconditions

- A cart
- A customer

## Steps

1. [Sign in](../../steps/sign-in.md)
1. Add **{n}** things.
   1. Open the shop.
      - **Data:** `a, b`
   - **Expected:** a sum:

     1. in euros
     2. with tax

## Notes

\"Quoted\", and [a page](https://docs.example).
";

fn with_rich() -> TestRepo {
    let repo = shop();
    repo.write("projects/shop/cases/cart/rich.md", RICH);
    repo.commit("A rich case");
    repo
}

/// What all cases say, without where their files are.
fn cases(repo: &TestRepo, folder: &str) -> Vec<Value> {
    let args = [
        "export",
        "jsonl",
        "--of",
        "cases",
        "--project",
        "SHOP",
        "--query",
        "order by id",
    ];
    let ran = repo.output(folder, &args);
    assert_eq!(ran.code, Some(0), "{ran}");
    let lines = ran.stdout.lines();
    let mut all: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    for one in &mut all {
        let text = one["text"].as_str().expect("a text");
        let (_, body) = text.split_once("\n---\n").expect("a body");
        one["text"] = json!(body.trim_matches('\n'));
        one["path"] = json!(null);
    }
    all
}

#[test]
fn deleted_cases_come_back_as_they_were() {
    for (format, name) in [("csv", "cases.csv"), ("jsonl", "cases.jsonl")] {
        let repo = with_rich();
        let before = cases(&repo, "");
        assert_eq!(before.len(), 3);
        repo.answer(["export", format, "--of", "cases", "--out", name]);
        let here = repo.run(["case", "import", name]);
        assert_eq!(here.code, Some(0), "{here}");
        assert!(here.stderr.contains("3 cases are here already"), "{here}");
        assert!(!here.stderr.contains("says otherwise"), "{here}");
        repo.git(["rm", "-rq", "projects/shop/cases"]);
        let ran = repo.run(["case", "import", name]);
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(!ran.stderr.contains("left out"), "{ran}");
        assert_eq!(cases(&repo, ""), before, "{format}");
    }
}

#[test]
fn a_whole_playground_comes_back() {
    for format in ["csv", "jsonl"] {
        let repo = playground();
        let before = cases(&repo, "playground");
        assert!(before.len() > 20);
        let ran = repo.run_in(
            "playground",
            [
                "export",
                format,
                "--of",
                "cases",
                "--project",
                "SHOP",
                "--out",
                "cases.txt",
            ],
        );
        assert_eq!(ran.code, Some(0), "{ran}");
        repo.git_in("playground", ["rm", "-rq", "projects/shop/cases"]);
        let ran = repo.run_in(
            "playground",
            ["case", "import", "cases.txt", "--project", "SHOP"],
        );
        assert_eq!(ran.code, Some(0), "{ran}");
        let after = cases(&repo, "playground");
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(after, before, "{format}");
        }
        assert_eq!(after.len(), before.len());
    }
}

#[test]
fn elsewhere_ids_are_aliases_and_what_is_missing_is_counted() {
    let from = with_rich();
    let repo = TestRepo::new();
    repo.write("tallybook.yaml", "format: 1\n")
        .write("projects/web/project.yaml", "key: WEB\nname: Web\n");
    repo.commit("Another workspace");
    for format in ["csv", "jsonl"] {
        let text = from.run(["export", format, "--of", "cases"]).stdout;
        repo.write(&format!("cases.{format}"), text);
    }
    let ran = repo.run(["case", "import", "cases.csv"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("links in texts"), "{ran}");
    let shown = repo.json(["case", "show", "SHOP-R1CHXX", "--format", "json"]);
    let file = repo.read(shown["path"].as_str().expect("a path"));
    assert!(file.contains("id: WEB-"), "{file}");
    assert!(
        file.contains("aliases: [SHOP-R1CHXX, C42, OLD-7]"),
        "{file}"
    );
    assert!(file.contains("1. Sign in\n"), "{file}");
    // Both cases come along.
    assert!(
        file.contains("{type: related, case: SHOP-MA1DRK}"),
        "{file}"
    );
    let valid = repo.run(["validate"]);
    assert!(!valid.stdout.contains("error"), "{valid}");
    let again = repo.run(["case", "import", "cases.jsonl"]);
    assert_eq!(again.code, Some(0), "{again}");
    assert!(again.stderr.contains("3 cases are here already"), "{again}");
}

#[test]
fn a_table_that_a_spreadsheet_saved_comes_back() {
    let repo = with_rich();
    let text = repo.run(["export", "csv", "--of", "cases"]).stdout;
    let row = ",".repeat(text.lines().next().expect("a header").matches(',').count());
    let text = text.replace('\n', "\r\n") + row.replacen(',', ",New one", 1).as_str() + "\r\n";
    repo.write("cases.csv", format!("\u{feff}{text}"));
    let ran = repo.run(["case", "import", "cases.csv"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(!ran.stderr.contains("says otherwise"), "{ran}");
    assert!(ran.stderr.contains("New one"), "{ran}");
}

#[test]
fn lines_that_are_no_cases_are_told() {
    let repo = shop();
    let id = repo.open_launch("Nightly");
    repo.write(
        "r.xml",
        "<testsuite name='s'><testcase name='t' classname='c'/></testsuite>",
    );
    repo.answer(["launch", "append", &id, "r.xml"]);
    let text = repo.run(["export", "jsonl", &id]).stdout;
    repo.write("results.jsonl", text);
    let ran = repo.run(["case", "import", "results.jsonl"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stderr.contains("results, not cases"), "{ran}");
    repo.write("cut.jsonl", "{\"tallybook\":\"export-1\",\"id\":\"A");
    let ran = repo.run(["case", "import", "cut.jsonl"]);
    assert!(ran.stderr.contains("the line is no JSON"), "{ran}");
}

#[test]
fn what_differs_is_told_and_filled_in() {
    let repo = with_rich();
    for format in ["csv", "jsonl"] {
        let text = repo.run(["export", format, "--of", "cases"]).stdout;
        repo.write(&format!("cases.{format}"), text);
    }
    let stub = "---\nid: SHOP-R1CHXX\ntitle: '=Sum of a cart, \"quoted\"'\nexecution: manual\nstatus: draft\n---\n";
    repo.write("projects/shop/cases/cart/rich.md", stub);
    for name in ["cases.csv", "cases.jsonl"] {
        let ran = repo.run(["case", "import", name]);
        let all = "status, layer, severity, owner, tags, component, Odd Name, single, execution, selectors, parameters, \
            combine, links, relations and aliases";
        let told = ran.stderr.contains(&format!(
            "description, preconditions, steps, other sections, {all}"
        ));
        assert!(told, "{ran}");
    }
    let ran = repo.run(["case", "import", "cases.csv", "--update"]);
    assert!(
        ran.stderr
            .contains("otherwise of its status, execution, links and relations"),
        "{ran}"
    );
    let file = repo.read("projects/shop/cases/cart/rich.md");
    for part in [
        "combine: pairwise",
        "aliases: [C42, OLD-7]",
        "Add **{n}** things.",
        "\"test_cart[a, b]\"",
    ] {
        assert!(file.contains(part), "{part}\n{file}");
    }
}

#[test]
fn tables_with_fewer_columns_are_ours_all_the_same() {
    let repo = with_rich();
    let before = cases(&repo, "");
    let text = repo.run(["export", "csv", "--of", "cases"]).stdout;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let kept: Vec<usize> = (0..header.len())
        .rev()
        .filter(|at| !["muted", "path"].contains(&&header[*at]))
        .collect();
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer(Vec::new());
    writer
        .write_record(kept.iter().map(|at| header[*at].to_uppercase()))
        .expect("written");
    for row in reader.records() {
        let row = row.expect("a row");
        writer
            .write_record(kept.iter().map(|at| &row[*at]))
            .expect("written");
    }
    repo.write("cases.csv", writer.into_inner().expect("written"));
    repo.git(["rm", "-rq", "projects/shop/cases"]);
    let ran = repo.run(["case", "import", "cases.csv"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    // Without its path nobody knows where a link led.
    let strip = |all: Vec<Value>| -> Vec<Value> {
        let plain = |mut one: Value| {
            let text = one["text"]
                .as_str()
                .expect("a text")
                .replace("[Sign in](../../steps/sign-in.md)", "Sign in");
            one["text"] = json!(text);
            one
        };
        all.into_iter().map(plain).collect()
    };
    assert_eq!(strip(cases(&repo, "")), strip(before));
}

#[test]
fn what_is_odd_in_a_cell_or_a_line_is_told() {
    let repo = with_rich();
    let head = "id,title,path,execution,fields,relations,parameters,combine,text\n";
    let row = "SHOP-0NEAAA,One,,manual,\"component, x=1\",\"related=SHOP-MA1DRK, SHOP-EXP1RD\",{bad,,\"1. Go:\n\n   ```\n   \tx\n   ```\n\"\n";
    repo.write("cases.csv", format!("{head}{row}"));
    let ran = repo.run(["case", "import", "cases.csv"]);
    for part in ["fields, 1×: names and values are written", "parameters, 1×"] {
        assert!(ran.stderr.contains(part), "{part}\n{ran}");
    }
    let shown = repo.json(["case", "show", "SHOP-0NEAAA", "--format", "json"]);
    let file = repo.read(shown["path"].as_str().expect("a path"));
    assert!(
        file.contains("related, case: SHOP-EXP1RD") && file.contains("related, case: SHOP-MA1DRK"),
        "{file}"
    );
    assert!(file.contains("\tx"), "{file}");
    let case = json!({"tallybook": "export-1", "id": "SHOP-TW0AAA", "path": "x.md", "section": [],
        "text": "---\nid: SHOP-TW0AAA\ntitle: Two\nseverity: urgent\nselectors: x\n---\n"});
    repo.write(
        "cases.jsonl",
        serde_json::to_string(&case)
            .expect("JSON")
            .replace("\":", "\": ")
            + "\n",
    );
    let ran = repo.run(["case", "import", "cases.jsonl"]);
    assert!(ran.stderr.contains("keys of files, "), "{ran}");
    assert!(ran.stderr.contains("added SHOP-TW0AAA"), "{ran}");
}

#[test]
fn a_case_has_a_pattern_beside_its_own_names_and_is_known_in_another_project() {
    let repo = with_rich();
    repo.write("projects/web/project.yaml", "key: WEB\nname: Web\n");
    let case = "---\nid: SHOP-PATT0N\ntitle: Pattern\nexecution: automated\nstatus: active\n\
        automation: {selectors: ['x#one', 'x#*']}\n---\n";
    repo.write("projects/shop/cases/pattern.md", case);
    let text = repo
        .run(["export", "csv", "--of", "cases", "--project", "SHOP"])
        .stdout;
    repo.write("cases.csv", text);
    let first = repo.run(["case", "import", "cases.csv", "--project", "WEB"]);
    assert!(first.stderr.contains("added WEB-"), "{first}");
    let again = repo.run(["case", "import", "cases.csv", "--project", "WEB"]);
    assert!(again.stderr.contains("4 cases are here already"), "{again}");
    assert!(!again.stderr.contains("added"), "{again}");
    std::fs::remove_file(repo.root().join("projects/shop/cases/pattern.md")).expect("goes");
    let back = repo.run(["case", "import", "cases.csv", "--project", "SHOP"]);
    assert!(!back.stderr.contains("selectors, "), "{back}");
}
