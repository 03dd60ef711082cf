//! What `validate` and `verify` give to CI services: SARIF, Code Quality, JUnit XML, annotations.

use serde_json::Value;

use crate::repo::{Ran, TestRepo};
use crate::shop::{FILES, shop_in};

/// A workspace in a folder of its repository, with an error at a place, one about a file as such, and a
/// warning.
fn wrong() -> TestRepo {
    let repo = shop_in("qa");
    let case = "---\nid: SHOP-WR0NGA\ntitle: Sign out\nstatus: activ\nowner: bob\n---\n";
    repo.write("qa/projects/shop/cases/sign out.md", case);
    repo.write("qa/projects/shop/members/bob.yaml", "name: Bob\n");
    repo
}

fn validate(repo: &TestRepo, format: &str) -> Ran {
    repo.run_in("qa", ["validate", "--format", format])
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("JSON:\n{ran}"))
}

#[test]
fn gitlab_gets_a_code_quality_report() {
    let repo = wrong();
    insta::assert_snapshot!(validate(&repo, "gitlab"), @r#"
    [
      {
        "description": "status `activ` is not `draft`, `review`, `active` or `outdated` (help: did you mean `active`?)",
        "check_name": "TB0163",
        "fingerprint": "700ae1704690a277:1",
        "severity": "major",
        "location": {
          "path": "qa/projects/shop/cases/sign out.md",
          "lines": {
            "begin": 4,
            "end": 4
          }
        }
      },
      {
        "description": "the member `bob` has no email address (help: add `emails: [name@example.com]`, as git has it in `user.email`)",
        "check_name": "TB0155",
        "fingerprint": "dce79bb7151257b1:1",
        "severity": "major",
        "location": {
          "path": "qa/projects/shop/members/bob.yaml",
          "lines": {
            "begin": 1
          }
        }
      }
    ]
    --- stderr ---
    2 errors in 2 files
    [exit 1]
    "#);
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let repo = wrong();
    let of_gitlab = |repo: &TestRepo| -> Vec<Value> {
        let rows = json(&validate(repo, "gitlab"));
        let rows = rows.as_array().expect("an array").clone();
        rows.iter().map(|row| row["fingerprint"].clone()).collect()
    };
    let of_sarif = |repo: &TestRepo| -> Vec<Value> {
        let log = json(&validate(repo, "sarif"));
        let results = log["runs"][0]["results"]
            .as_array()
            .expect("results")
            .clone();
        let each = results.iter();
        each.map(|result| result["partialFingerprints"].clone())
            .collect()
    };
    let before = (of_gitlab(&repo), of_sarif(&repo));
    let path = "qa/projects/shop/cases/sign out.md";
    let moved = repo.read(path).replacen("---\n", "---\n# moved\n\n", 1);
    repo.write(path, moved);
    assert_eq!((of_gitlab(&repo), of_sarif(&repo)), before);
}

#[test]
fn code_scanning_gets_sarif() {
    let ran = validate(&wrong(), "sarif");
    assert_eq!(ran.code, Some(1));
    let log = json(&ran);
    let run = &log["runs"][0];
    assert_eq!(
        run["tool"]["driver"]["semanticVersion"],
        env!("CARGO_PKG_VERSION")
    );
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
    assert_eq!(ids, ["TB0155", "TB0163"]);
    assert_eq!(rules[1]["name"], "unknown-state");
    let help = rules[1]["help"]["markdown"].as_str().expect("a text");
    assert!(help.contains("## Fix"), "{help}");
    insta::assert_snapshot!(serde_json::to_string_pretty(&run["results"]).expect("plain data"), @r#"
    [
      {
        "ruleId": "TB0163",
        "ruleIndex": 1,
        "level": "error",
        "message": {
          "text": "status `activ` is not `draft`, `review`, `active` or `outdated`\nhelp: did you mean `active`?"
        },
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "qa/projects/shop/cases/sign%20out.md",
                "uriBaseId": "%SRCROOT%"
              },
              "region": {
                "startLine": 4,
                "startColumn": 9,
                "endLine": 4,
                "endColumn": 14
              }
            }
          }
        ],
        "partialFingerprints": {
          "primaryLocationLineHash": "427bdfe1a34924d5:1",
          "tallybook/v1": "700ae1704690a277:1"
        }
      },
      {
        "ruleId": "TB0155",
        "ruleIndex": 0,
        "level": "error",
        "message": {
          "text": "the member `bob` has no email address\nhelp: add `emails: [name@example.com]`, as git has it in `user.email`"
        },
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "qa/projects/shop/members/bob.yaml",
                "uriBaseId": "%SRCROOT%"
              }
            }
          }
        ],
        "partialFingerprints": {
          "primaryLocationLineHash": "dce79bb7151257b1:1",
          "tallybook/v1": "dce79bb7151257b1:1"
        }
      }
    ]
    "#);
}

#[test]
fn a_clean_workspace_gives_empty_reports() {
    let repo = shop_in("");
    let of = |format: &str| repo.run(["validate", "--quiet", "--format", format]);
    assert_eq!(of("gitlab").to_string(), "[]\n[exit 0]");
    assert_eq!(of("github").to_string(), "[exit 0]");
    assert_eq!(
        json(&of("sarif"))["runs"][0]["results"],
        Value::Array(Vec::new())
    );
    let junit = of("junit").stdout;
    assert!(!junit.contains("<failure"), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), FILES.len() - 1);
}

#[test]
fn junit_has_a_test_for_each_file_and_our_own_intake_reads_it() {
    let repo = wrong();
    let ran = validate(&repo, "junit");
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!(ran.stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuite name="tallybook validate" tests="10" failures="2">
      <testcase classname="tallybook validate" name="qa/projects/shop/cases/mail/dark.md" file="qa/projects/shop/cases/mail/dark.md"/>
      <testcase classname="tallybook validate" name="qa/projects/shop/cases/sign out.md" file="qa/projects/shop/cases/sign out.md">
        <failure message="status `activ` is not `draft`, `review`, `active` or `outdated`" type="TB0163">qa/projects/shop/cases/sign out.md:4:9: TB0163 error: status `activ` is not `draft`, `review`, `active` or `outdated`
    help: did you mean `active`?</failure>
      </testcase>
      <testcase classname="tallybook validate" name="qa/projects/shop/cases/sign-in/expired.md" file="qa/projects/shop/cases/sign-in/expired.md"/>
      <testcase classname="tallybook validate" name="qa/projects/shop/defects/DEF-D1.md" file="qa/projects/shop/defects/DEF-D1.md"/>
      <testcase classname="tallybook validate" name="qa/projects/shop/members/alice.yaml" file="qa/projects/shop/members/alice.yaml"/>
      <testcase classname="tallybook validate" name="qa/projects/shop/members/bob.yaml" file="qa/projects/shop/members/bob.yaml">
        <failure message="the member `bob` has no email address" type="TB0155">qa/projects/shop/members/bob.yaml: TB0155 error: the member `bob` has no email address
    help: add `emails: [name@example.com]`, as git has it in `user.email`</failure>
      </testcase>
      <testcase classname="tallybook validate" name="qa/projects/shop/mutes/MUTE-M1.yaml" file="qa/projects/shop/mutes/MUTE-M1.yaml"/>
      <testcase classname="tallybook validate" name="qa/projects/shop/project.yaml" file="qa/projects/shop/project.yaml"/>
      <testcase classname="tallybook validate" name="qa/projects/shop/steps/sign-in.md" file="qa/projects/shop/steps/sign-in.md"/>
      <testcase classname="tallybook validate" name="qa/tallybook.yaml" file="qa/tallybook.yaml"/>
    </testsuite>
    "#);
    repo.write("qa/validate.xml", &ran.stdout);
    let launch = repo.run_in("qa", ["launch", "open", "--name", "Files"]);
    let launch = launch.stdout.trim();
    let appended = repo.run_in("qa", ["launch", "append", launch, "validate.xml"]);
    assert_eq!(appended.code, Some(0), "{appended}");
    let shown = json(&repo.run_in("qa", ["launch", "show", launch, "--format", "json"]));
    assert_eq!(shown["totals"]["failed"], 2);
    assert_eq!(shown["totals"]["total"], FILES.len() - 1 + 2);
    let some = ["validate", "--format", "junit", "projects/shop/members"];
    assert_eq!(
        repo.run_in("qa", some).stdout.matches("<testcase ").count(),
        2
    );
}

#[test]
fn what_a_service_will_not_show_is_said() {
    let repo = wrong();
    for n in 0..12 {
        let path = format!("qa/projects/shop/members/m{n}.yaml");
        repo.write(&path, format!("name: M{n}\n"));
    }
    let ran = repo.run_in("qa", ["validate", "--quiet", "--format", "github"]);
    assert_eq!(ran.stdout.lines().count(), 14);
    assert_eq!(
        ran.stderr,
        "warning: GitHub shows 10 annotations of each kind of a step; and 4 errors more, in the log alone\n"
    );
}

#[test]
fn altered_evidence_is_an_annotation() {
    let repo = shop_in("qa");
    let launch = repo
        .run_in("qa", ["launch", "open", "--name", "One"])
        .stdout;
    let launch = launch.trim();
    let xml = "<testsuite><testcase classname=\"auth\" name=\"expired\"/></testsuite>";
    repo.write("r.xml", xml);
    let appended = repo.run_in("qa", ["launch", "append", launch, "../r.xml"]);
    assert_eq!(appended.code, Some(0), "{appended}");
    let closed = repo.run_in("qa", ["launch", "close", launch]);
    assert_eq!(closed.code, Some(0), "{closed}");
    let folder = repo.root().join("qa/projects/shop/launches");
    let file = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .find(|entry| entry.file_name() == "outcomes.yaml")
        .expect("a closed launch");
    let text = std::fs::read_to_string(file.path()).expect("reads");
    std::fs::write(file.path(), text.replace("passed", "failed")).expect("writes");
    let ran = repo.run_in("qa", ["verify", "--format", "github"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let first = ran.stdout.lines().next().expect("an annotation");
    assert!(
        first.starts_with("::error file=qa/projects/shop/launches/"),
        "{ran}"
    );
    assert!(first.contains(",title=verify worktree-differs::"), "{ran}");
}
