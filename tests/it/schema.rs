//! `tallybook schema`, and the lines by which editors find what it writes.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{shop, shop_in};

/// Returns the validators of all kinds, by name.
fn schemas() -> BTreeMap<String, jsonschema::Validator> {
    let repo = TestRepo::without_git();
    let written = repo.run(["schema", "--out", "out", "--quiet"]);
    assert_eq!(written.to_string(), "[exit 0]");
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(repo.root().join("out")).expect("lists") {
        let path = entry.expect("reads").path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let text = std::fs::read_to_string(&path).expect("reads");
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        let validator = jsonschema::draft7::new(&schema).expect("a schema");
        out.insert(name.expect("UTF-8").to_owned(), validator);
    }
    assert_eq!(out.len(), 15);
    out
}

/// Returns the kind of a file by its path from the workspace.
fn kind(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('/').collect();
    Some(match parts[..] {
        ["tallybook.yaml"] => "workspace",
        ["projects", _, "project.yaml"] => "project",
        ["projects", _, "members", _] => "member",
        ["projects", _, "cases", ..] => "case",
        ["projects", _, "steps", ..] => "steps",
        ["projects", _, "plans", _] => "plan",
        ["projects", _, "queries", _] => "query",
        ["projects", _, "dashboards", _] => "dashboard",
        ["projects", _, "gates", _] => "gate",
        ["projects", _, "requirements", _] => "requirement",
        ["projects", _, "defects", _] => "defect",
        ["projects", _, "mutes", _] => "mute",
        ["projects", _, "approvals", _] => "approval",
        ["projects", _, "launches", _, _, _, "launch.yaml"] => "launch",
        ["projects", _, "annotations", _, _] => "annotation",
        _ => return None,
    })
}

/// Holds all files of a workspace against their schemas and returns how many there were.
#[track_caller]
fn assert_fit(schemas: &BTreeMap<String, jsonschema::Validator>, root: &Path) -> usize {
    let mut n = 0;
    for entry in walkdir::WalkDir::new(root).into_iter().flatten() {
        let path = entry.path();
        let below = path.strip_prefix(root).expect("below it");
        let below = below.to_str().expect("UTF-8").replace('\\', "/");
        let is_read = [".md", ".yaml"].iter().any(|end| below.ends_with(end));
        let Some(kind) = kind(&below).filter(|_| is_read) else {
            continue;
        };
        let text = std::fs::read_to_string(path).expect("reads");
        let yaml = match below.ends_with(".md") {
            true => text.split("---\n").nth(1).expect("front matter"),
            false => &text,
        };
        let value: Value = serde_yaml::from_str(yaml).expect("YAML");
        let errors = schemas[kind].iter_errors(&value);
        let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{below}: {errors:?}");
        n += 1;
    }
    n
}

#[test]
fn what_validate_takes_fits_its_schema() {
    let schemas = schemas();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(assert_fit(&schemas, &root.join("example-repo")) > 60);
    let fixtures = root.join("tests/fixtures/validate");
    let mut n = assert_fit(&schemas, &fixtures.join("base"));
    for entry in std::fs::read_dir(fixtures).expect("lists") {
        n += assert_fit(&schemas, &entry.expect("reads").path().join("good"));
    }
    assert!(n > 60, "{n}");
}

/// Files that the documentation shows are told by their first line, a comment with the path. They may
/// leave out what a file must have.
#[test]
fn what_the_documentation_shows_fits_its_schema() {
    let schemas = schemas();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut kinds = Vec::new();
    for entry in std::fs::read_dir(root.join("docs")).expect("lists") {
        let path = entry.expect("reads").path();
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        for block in text.split("```yaml\n").skip(1) {
            let block = block.split("\n```").next().unwrap_or_default();
            let first = block.lines().next().unwrap_or_default();
            let Some(kind) = first.strip_prefix("# ").and_then(kind) else {
                continue;
            };
            let value: Value = serde_yaml::from_str(block).expect("YAML");
            let errors = schemas[kind].iter_errors(&value);
            let errors: Vec<String> = errors
                .filter(|error| !error.instance_path().to_string().is_empty() || !is_missing(error))
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{}: {errors:?}", path.display());
            kinds.push(kind);
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    let shown = [
        "approval",
        "dashboard",
        "member",
        "plan",
        "project",
        "query",
        "workspace",
    ];
    assert_eq!(kinds, shown);
}

fn is_missing(error: &jsonschema::ValidationError<'_>) -> bool {
    error.to_string().ends_with("is a required property")
}

#[test]
fn closed_launches_and_annotations_fit_theirs() {
    let repo = shop();
    let launch = repo.open_launch("One");
    repo.write(
        "r.xml",
        "<testsuite><testcase classname=\"auth\" name=\"expired\"/></testsuite>",
    );
    repo.answer(["launch", "append", &launch, "r.xml"]);
    repo.answer([
        "launch",
        "close",
        &launch,
        "--reason",
        "done",
        "--meaning",
        "a test",
    ]);
    repo.answer(["launch", "note", &launch, "seen"]);
    let n = assert_fit(&schemas(), &repo.root());
    assert_eq!(n, crate::shop::FILES.len() - 1 + 2);
}

#[test]
fn kinds_are_listed_and_printed() {
    let repo = TestRepo::without_git();
    insta::assert_snapshot!(repo.run(["schema"]), @r#"
    workspace    tallybook.yaml
    project      projects/*/project.yaml
    member       projects/*/members/*.yaml
    case         projects/*/cases/**/*.md
    steps        projects/*/steps/**/*.md
    plan         projects/*/plans/*.yaml
    query        projects/*/queries/*.yaml
    dashboard    projects/*/dashboards/*.yaml
    gate         projects/*/gates/*.yaml
    requirement  projects/*/requirements/*.yaml
    defect       projects/*/defects/*.md
    mute         projects/*/mutes/*.yaml
    approval     projects/*/approvals/*.yaml
    launch       projects/*/launches/*/*/*/launch.yaml
    annotation   projects/*/annotations/*/*.yaml
    --- stderr ---
    hint: `tallybook schema KIND` prints one, `--write` brings them into the workspace
    [exit 0]
    "#);
    let schema: Value = serde_json::from_str(&repo.answer(["schema", "CASE"])).expect("JSON");
    assert_eq!(schema["required"], serde_json::json!(["id", "title"]));
    let severity = &schema["properties"]["severity"]["enum"];
    assert_eq!(severity[0], "blocker");
    assert_refused(
        &repo.run(["schema", "cases"]),
        &[
            "no kind of file `cases`",
            "did you mean `tallybook schema case`?",
        ],
    );
}

/// Holds that a file begins with a line that leads to its schema.
#[track_caller]
fn assert_leads(repo: &TestRepo, path: &str) {
    let text = repo.read(path);
    let line = text.lines().next().unwrap_or_default();
    let to = line.strip_prefix("# yaml-language-server: $schema=");
    let to = to.unwrap_or_else(|| panic!("{path}:\n{text}"));
    let folder = repo.root().join(path);
    let schema = folder.parent().expect("a folder").join(to);
    assert!(schema.is_file(), "{path}: {to}");
}

#[test]
fn init_brings_schemas_and_new_files_name_theirs() {
    let repo = TestRepo::new();
    let made = repo.run(["init", "qa", "--name", "Shop"]);
    assert!(
        made.stderr
            .contains("wrote qa/.tallybook/schema (13 schemas for editors)"),
        "{made}"
    );
    let member = "qa/projects/shop/members/test-author.yaml";
    let members = repo.root().join("qa/projects/shop/members");
    let first = std::fs::read_dir(members).expect("lists").next();
    let name = first.expect("a member").expect("reads").file_name();
    let member = Path::new(member).with_file_name(name);
    let member = member.to_str().expect("UTF-8");
    for path in ["qa/tallybook.yaml", "qa/projects/shop/project.yaml", member] {
        assert_leads(&repo, path);
    }
    repo.commit("Set up");
    let run = |args: &[&str]| {
        let ran = repo.output("qa", args);
        assert_eq!(ran.code, Some(0), "{ran}");
        ran.stdout.trim().to_owned()
    };
    let ann = run(&["member", "add", "Ann", "--email", "ann@example.com"]);
    assert_leads(&repo, &format!("qa/{ann}"));
    run(&["member", "add", "Ann", "--email", "ann@example.org"]);
    let text = repo.read(&format!("qa/{ann}"));
    assert_eq!(text.matches("yaml-language-server").count(), 1, "{text}");
    assert!(text.contains("ann@example.org"), "{text}");
    let case = repo.read("qa/projects/shop/cases/sign-in/wrong-password.md");
    let id = case
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .expect("an id");
    let mute = run(&[
        "mute",
        "new",
        "--case",
        id,
        "--reason",
        "flaky",
        "--owner",
        "ann",
        "--until",
        "2027-01-31",
    ]);
    assert_leads(&repo, &format!("qa/{mute}"));
    run(&["project", "new", "Mobile", "--key", "APP"]);
    assert_leads(&repo, "qa/projects/mobile/project.yaml");
    assert_eq!(run(&["validate", "--format", "short"]), "");
    let branch = run(&[
        "member",
        "add",
        "Bob",
        "--email",
        "bob@example.com",
        "--branch",
        "bob",
    ]);
    let text = repo.git(["show", &format!("bob:qa/{branch}")]);
    assert!(text.starts_with("# yaml-language-server: "), "{text}");
    assert_fit(&schemas(), &repo.root().join("qa"));
}

#[test]
fn commands_and_merges_keep_the_line() {
    let repo = TestRepo::new();
    let made = repo.run(["init", ".", "--name", "Shop"]);
    assert_eq!(made.code, Some(0), "{made}");
    let ann = repo.answer(["member", "add", "Ann", "--email", "ann@example.com"]);
    repo.commit("Set up");
    repo.git(["checkout", "-q", "-b", "one"]);
    repo.answer(["member", "add", "Ann", "--email", "ann@example.org"]);
    repo.commit("One");
    repo.git(["checkout", "-q", "-b", "two", "HEAD~1"]);
    repo.write(&ann, repo.read(&ann).replace("name: Ann", "name: Anna"));
    repo.commit("Two");
    repo.git(["merge", "-q", "--no-edit", "one"]);
    let text = repo.read(&ann);
    assert_leads(&repo, &ann);
    assert_eq!(text.matches("yaml-language-server").count(), 1, "{text}");
    assert!(
        text.contains("name: Anna") && text.contains("ann@example.org"),
        "{text}"
    );
    assert_eq!(repo.run(["validate", "--quiet"]).to_string(), "[exit 0]");
}

#[test]
fn schemas_are_brought_and_renewed() {
    let repo = shop();
    let ann = repo.answer(["member", "add", "Ann", "--email", "ann@example.com"]);
    assert!(
        repo.read(&ann).starts_with("name: Ann"),
        "there is nothing to lead to"
    );
    let doctor = || repo.run(["doctor"]).stdout;
    assert!(!doctor().contains("schemas"));
    let written = repo.run(["schema", "--write"]);
    assert_eq!(written.stdout.lines().count(), 13, "{written}");
    assert_eq!(repo.run(["validate", "--quiet"]).to_string(), "[exit 0]");
    insta::assert_snapshot!(repo.run(["schema", "--write"]), @r#"
    --- stderr ---
    `.tallybook/schema` is up to date
    [exit 0]
    "#);
    let path = ".tallybook/schema/plan.json";
    repo.write(path, repo.read(path).replace('\n', "\r\n"));
    assert_eq!(repo.run(["validate", "--quiet"]).to_string(), "[exit 0]");
    repo.write(path, "{}\n");
    insta::assert_snapshot!(repo.run(["validate"]), @r#"
    --- stderr ---
    no findings in 2 cases of 1 project
    hint: `.tallybook/schema` is of another release: `tallybook schema --write` renews it for editors
    [exit 0]
    "#);
    let noted = doctor();
    assert!(
        noted.contains(
            "note      schemas: 1 schema in `.tallybook/schema` is of another release: `plan`"
        ),
        "{noted}"
    );
    assert_eq!(repo.answer(["schema", "--write"]), path);
    assert!(!doctor().contains("schemas"));
}

#[test]
fn roles_leave_schemas_to_everybody() {
    let repo = shop_in("qa");
    let written = repo.run_in("qa", ["schema", "--write"]);
    assert_eq!(written.code, Some(0), "{written}");
    repo.git(["add", "-A"]);
    repo.git([
        "-c",
        "user.email=eve@example.com",
        "commit",
        "-q",
        "--author",
        "Eve <eve@example.com>",
        "-m",
        "Schemas",
    ]);
    let verified = repo.run_in("qa", ["verify"]);
    assert_eq!(verified.code, Some(0), "{verified}");
}
