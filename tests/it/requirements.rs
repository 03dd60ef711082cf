//! Requirements of other programs, brought in by `trace import`.

use crate::repo::{Ran, TestRepo, assert_refused};
use crate::shop::{PROJECT, shop};

const TABLE: &str = "Issue key;Summary;Priority\nREQ-1;Sign in;high\nREQ-2;Mail;low\n";

fn import(repo: &TestRepo, more: &[&str]) -> Ran {
    repo.output("", &[&["trace", "import"], more].concat())
}

fn file(repo: &TestRepo, name: &str) -> String {
    repo.read(&format!("{PROJECT}/requirements/{name}"))
}

#[test]
fn a_table_comes_in_twice_and_changes_once() {
    let repo = shop();
    repo.write("jira.csv", TABLE);
    let url = "https://tracker.example.com/browse/{id}";
    let asked = ["jira.csv", "--url", url];
    let dry = import(&repo, &["jira.csv", "--url", url, "--dry-run"]);
    assert!(
        dry.stderr
            .contains("would have: added 2 requirements, changed 0; 0 as they were"),
        "{dry}"
    );
    let path = format!("{PROJECT}/requirements");
    assert_eq!(
        dry.stdout,
        format!("{path}/REQ-1.yaml\n{path}/REQ-2.yaml\n")
    );
    let first = import(&repo, &asked);
    assert_eq!(
        (first.code.unwrap_or(-1), first.stdout.as_str()),
        (0, dry.stdout.as_str()),
        "{first}"
    );
    assert!(first.stderr.contains("not taken: `Priority`"), "{first}");
    assert!(
        first.stderr.contains(&format!(
            "git add {path}/REQ-1.yaml {path}/REQ-2.yaml && git commit -m 'Import 2 requirements from jira.csv'"
        )),
        "{first}"
    );
    assert_eq!(
        file(&repo, "REQ-1.yaml"),
        "id: REQ-1\ntitle: Sign in\nurl: \"https://tracker.example.com/browse/REQ-1\"\n"
    );
    let again = import(&repo, &asked);
    assert_eq!(
        (again.code.unwrap_or(-1), again.stdout.as_str()),
        (0, ""),
        "{again}"
    );
    assert!(again.stderr.contains("nothing to change"), "{again}");
    // What a person adds stays, and what the file says otherwise is set.
    let own = file(&repo, "REQ-1.yaml") + "# ask Bob\nowner: alice\n";
    repo.write(&format!("{path}/REQ-1.yaml"), &own);
    repo.write("jira.csv", "key,title\nREQ-1,Sign in safely\n");
    let changed = import(&repo, &asked);
    assert!(
        changed
            .stderr
            .contains("here and not in the file: `REQ-2`; it stays"),
        "{changed}"
    );
    assert_eq!(
        file(&repo, "REQ-1.yaml"),
        own.replace("Sign in", "Sign in safely")
    );
    let short = repo.answer(["trace", "--format", "csv"]);
    assert!(short.contains("REQ-2,Mail,gap,"), "{short}");
}

#[test]
fn bad_rows_are_told_and_the_others_come_in() {
    let repo = shop();
    repo.write("r.csv", "id,title\nREQ-1,Sign in\n,Mail\nREQ-3,\n");
    let ran = import(&repo, &["r.csv"]);
    assert_eq!(ran.code.unwrap_or(-1), 1, "{ran}");
    assert!(
        ran.stderr.contains("error[TB0311]: the row has no id"),
        "{ran}"
    );
    assert!(ran.stderr.contains("r.csv:3:1"), "{ran}");
    assert!(
        ran.stderr.contains("error[TB0312]: `REQ-3` has no title"),
        "{ran}"
    );
    assert_eq!(file(&repo, "REQ-1.yaml"), "id: REQ-1\ntitle: Sign in\n");
    repo.write("r.csv", "id,titel\nREQ-4,Print\n");
    let ran = import(&repo, &["r.csv"]);
    assert_eq!(
        (ran.code.unwrap_or(-1), ran.stdout.as_str()),
        (1, ""),
        "{ran}"
    );
    assert!(ran.stderr.contains("did you mean `titel`?"), "{ran}");
    assert_eq!(
        import(&repo, &["r.csv", "--column", "title=titel"]).code,
        Some(0)
    );
    assert_refused(
        &import(&repo, &["r.csv", "--column", "titel=x"]),
        &["is not `id`, `title`"],
    );
    assert_refused(&import(&repo, &["x.reqifz"]), &["packed ReqIF is not read"]);
    assert_refused(&import(&repo, &["x.ods"]), &["--format csv"]);
    assert_refused(&import(&repo, &["none.csv"]), &["none.csv"]);
    repo.write("l.csv", b"id,title\nR,\xe9\n");
    assert_refused(
        &import(&repo, &["l.csv"]),
        &["line 2 of `l.csv` is not UTF-8"],
    );
}

#[test]
fn reqif_comes_in_on_a_branch_with_its_hierarchy() {
    let repo = shop();
    let object = |id: &str, name: &str| {
        format!(
            "<SPEC-OBJECT IDENTIFIER=\"{id}\"><VALUES><ATTRIBUTE-VALUE-STRING THE-VALUE=\"{name}\"><DEFINITION><ATTRIBUTE-DEFINITION-STRING-REF>n</ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING></VALUES></SPEC-OBJECT>"
        )
    };
    let place = |id: &str, below: &str| {
        format!(
            "<SPEC-HIERARCHY><OBJECT><SPEC-OBJECT-REF>{id}</SPEC-OBJECT-REF></OBJECT><CHILDREN>{below}</CHILDREN></SPEC-HIERARCHY>"
        )
    };
    let objects = object("R-0", "Mail") + &object("R-1", "Reading");
    let places = place("R-0", &place("R-1", ""));
    let text = format!(
        "<REQ-IF><CORE-CONTENT><ATTRIBUTE-DEFINITION-STRING IDENTIFIER=\"n\" LONG-NAME=\"ReqIF.Name\"/>{objects}{places}</CORE-CONTENT></REQ-IF>"
    );
    repo.write("s.reqif", &text);
    let ran = import(&repo, &["s.reqif", "--branch", "requirements"]);
    assert_eq!(ran.code.unwrap_or(-1), 0, "{ran}");
    let shown = repo.git([
        "show",
        &format!("requirements:{PROJECT}/requirements/R-1.yaml"),
    ]);
    assert_eq!(shown.trim_end(), "id: R-1\ntitle: Reading\nparent: R-0");
    repo.write(
        "s.reqif",
        format!("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{text}"),
    );
    let ran = import(&repo, &["s.reqif"]);
    assert_eq!(
        (ran.code.unwrap_or(-1), ran.stdout.as_str()),
        (1, ""),
        "{ran}"
    );
    assert!(
        ran.stderr
            .contains("error[TB0310]: the document declares a type (DOCTYPE)"),
        "{ran}"
    );
}
