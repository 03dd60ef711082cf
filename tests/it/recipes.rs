//! The recipes for CI that the documentation shows, run as they stand there, against a bare repository. Programs
//! of others are stand-ins that note what they were given.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output};

use crate::repo::TestRepo;
use crate::shop::shop;

/// Runs the tests of node ids, of which `test_full` fails at first.
const PYTEST: &str = r#"#!/bin/sh
case "$1" in @*) ids=$(cat "${1#@}");; *) exit 4;; esac
test "$2" = --junitxml || exit 4
echo "$ids" >> pytest.log
{
  echo '<testsuite name="pytest">'
  for id in $ids; do
    body=
    case "$id" in *test_full) test -e failed.once || body='<failure message="9 != 10">trace</failure>'; touch failed.once;; esac
    echo "<testcase classname=\"tests.test_basket\" name=\"${id##*::}\" time=\"0.1\">$body</testcase>"
  done
  echo '</testsuite>'
} > "$3"
grep -q failure "$3" && exit 1
exit 0
"#;

/// Notes a request with what is sent, and answers with the comments that are there.
const REQUEST: &str = r#"#!/bin/sh
program=${0##*/}
filter=
sent=
method=
last=
for word in "$@"; do
  case "$last" in
    --jq) filter=$word;;
    --method|-X) method=$word;;
    -F|-d|--data-urlencode) sent=$word;;
  esac
  last=$word
done
{ echo "$program $*"; } >> requests.log
case "$sent" in
  '') test -e comments.json || echo '[]' > comments.json
      if test -n "$filter"; then jq -r "$filter" comments.json; else cat comments.json; fi;;
  @-) cat > "sent-$(grep -c . requests.log)"; test -s "sent-$(grep -c . requests.log)";;
  *@*) test -s "${sent#*@}" || exit 22
       jq -Rs '[{id: 42, user: {type: "Bot"}, body: .}]' "${sent#*@}" > comments.json;;
esac
"#;

const SENDMAIL: &str = "#!/bin/sh\ntest \"$*\" = '-t -i' || exit 64\ncat > mail.eml\n";

struct Scene(TestRepo);

impl Scene {
    /// A shop with two automated tests and a plan of them, pushed to a bare repository.
    fn new() -> Self {
        let repo = shop();
        for (id, name) in [("SHOP-T1", "test_empty"), ("SHOP-T2", "test_full")] {
            let text = format!(
                "---\nid: {id}\ntitle: {name}\nexecution: automated\nstatus: active\nowner: alice\ntags: [smoke]\n\
                 automation: {{selectors: [\"tests.test_basket#{name}\"]}}\n---\n"
            );
            repo.write(&format!("projects/shop/cases/basket/{name}.md"), text);
        }
        repo.write(
            "projects/shop/plans/smoke.yaml",
            "title: Smoke\nquery: tag = smoke\n",
        );
        repo.write(
            ".gitignore",
            "/bin/\n*.txt\n*.xml\n*.log\n/sent-*\n/comment*\n/note.md\n/site/\n/failed.once\n/mail.eml\n/summary.md\n",
        );
        for (name, text) in [
            ("pytest", PYTEST),
            ("curl", REQUEST),
            ("gh", REQUEST),
            ("sendmail", SENDMAIL),
        ] {
            repo.write(&format!("bin/{name}"), text);
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            let path = repo.root().join("bin").join(name);
            std::fs::set_permissions(&path, mode).expect("the mode is set");
        }
        repo.commit("A plan");
        repo.git(["init", "--quiet", "--bare", "../origin.git"]);
        repo.git(["remote", "add", "origin", "../origin.git"]);
        repo.git(["push", "--quiet", "-u", "origin", "main"]);
        Self(repo)
    }

    fn shell(&self, script: &str, vars: &[(&str, &str)]) -> Output {
        let tallybook = Path::new(env!("CARGO_BIN_EXE_tallybook"));
        let isolated = self.0.command("", &[]);
        let mut command = Command::new("sh");
        command.env_clear().current_dir(self.0.root());
        for (name, value) in isolated.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let outside = std::env::var_os("PATH").unwrap_or_default();
        let own = [self.0.root().join("bin"), tallybook.with_file_name("")];
        let path = own.into_iter().chain(std::env::split_paths(&outside));
        let path = std::env::join_paths(path).expect("folders without colons");
        command.env("PATH", path).envs(vars.iter().copied());
        command.args(["-eux", "-c", script]);
        command.output().expect("the shell starts")
    }

    /// Runs a script that is to end with 0, and returns what it printed.
    #[track_caller]
    fn run(&self, script: &str, vars: &[(&str, &str)]) -> String {
        let output = self.shell(script, vars);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{script}\n--- stderr ---\n{stderr}"
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Closes a launch with a failure and returns its id.
    fn launch(&self) -> String {
        let xml = "<testsuite name=\"s\"><testcase classname=\"tests.test_basket\" name=\"test_full\" time=\"1\">\
                   <failure message=\"9 != 10\"/></testcase></testsuite>";
        self.0.write("junit.xml", xml);
        let id = self.0.open_launch("Nightly 1");
        self.0.answer(["launch", "append", &id, "junit.xml"]);
        self.0.answer(["launch", "close", &id]);
        id
    }
}

/// The fenced blocks of a language in a document, below a heading.
#[track_caller]
fn blocks(document: &str, heading: &str, language: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(document);
    let text = std::fs::read_to_string(&path).expect("it reads");
    let start = text.find(&format!("\n## {heading}\n")).expect(heading);
    let section = &text[start + 1..];
    let end = section.find("\n## ").unwrap_or(section.len());
    let fence = format!("```{language}\n");
    let parts = section[..end].split(&fence).skip(1);
    let found: Vec<String> = parts
        .map(|part| part.split("\n```").next().unwrap_or_default().to_owned() + "\n")
        .collect();
    assert!(
        !found.is_empty(),
        "{document} has no {language} below {heading}"
    );
    found
}

/// The scripts of the steps of GitHub Actions, or of the first job of GitLab, that a block shows.
fn scripts(yaml: &str) -> Vec<String> {
    let yaml: serde_yaml::Value = serde_yaml::from_str(yaml).expect("it is YAML");
    let text = |value: &serde_yaml::Value| value.as_str().map(str::to_owned);
    let of_job = |job: &serde_yaml::Value| {
        let steps = job["steps"].as_sequence().into_iter().flatten();
        let lines = job["script"].as_sequence().into_iter().flatten();
        let steps = steps.filter_map(|step| text(&step["run"]));
        let lines: Vec<String> = lines.filter_map(text).collect();
        let lines = (!lines.is_empty()).then(|| lines.join("\n"));
        steps.chain(lines).collect::<Vec<String>>()
    };
    if let Some(steps) = yaml.as_sequence() {
        return steps.iter().filter_map(|step| text(&step["run"])).collect();
    }
    let jobs = yaml.get("jobs").unwrap_or(&yaml);
    let jobs = jobs.as_mapping().into_iter().flatten();
    jobs.flat_map(|(_, job)| of_job(job)).collect()
}

#[test]
fn a_plan_is_run_and_what_failed_is_run_again() {
    let scene = Scene::new();
    let all = blocks("plans.md", "In CI", "sh");
    let [run, again, muted] = &all[..] else {
        panic!("three scripts, not {all:?}");
    };
    let close = run.find("tallybook launch close").expect("it closes");
    let script = format!("{}{again}{}", &run[..close], &run[close..]);
    let vars = [("GITHUB_RUN_NUMBER", "17")];
    scene.run(&script, &vars);
    let ran = std::fs::read_to_string(scene.0.root().join("pytest.log")).expect("it ran");
    assert_eq!(
        ran,
        "tests/test_basket.py::test_empty\ntests/test_basket.py::test_full\ntests/test_basket.py::test_full\n"
    );
    let launches = scene.0.answer(["launch", "list", "--format", "json"]);
    let launches: serde_json::Value = serde_json::from_str(&launches).expect("JSON");
    let totals = &launches[0]["totals"];
    assert_eq!(
        (&totals["passed"], &totals["retries"]),
        (&2.into(), &1.into()),
        "{launches}"
    );
    scene.run(muted, &vars);
    // A plan that was not run whole ends with 1, and what ran is kept all the same.
    let lazy = run.replace(
        "pytest @smoke.txt",
        "head -n 1 smoke.txt > one.txt; pytest @one.txt",
    );
    let output = scene.shell(&lazy, &vars);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let launches = scene.0.answer(["launch", "list", "--format", "json"]);
    assert_eq!(launches.matches("\"closed\"").count(), 2, "{launches}");
}

/// Whoever has no jq has no recipe with it either.
fn has_jq() -> bool {
    Command::new("jq").arg("--version").output().is_ok()
}

#[test]
fn reports_reach_whom_they_are_for() {
    let scene = Scene::new();
    let id = scene.launch();
    let vars = [
        ("id", id.as_str()),
        ("SITE", "https://qa.example.com"),
        ("GITHUB_STEP_SUMMARY", "summary.md"),
        ("GITHUB_REPOSITORY", "example/shop"),
        ("PR", "7"),
        ("GITLAB_TOKEN", "none"),
        ("CI_API_V4_URL", "https://gitlab.example.com/api/v4"),
        ("CI_PROJECT_ID", "3"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("SLACK_WEBHOOK", "https://hooks.example.com/slack"),
        ("TEAMS_WEBHOOK", "https://hooks.example.com/teams"),
    ];
    let read = |name: &str| {
        let path = scene.0.root().join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let remove = |name: &str| {
        let _ = std::fs::remove_file(scene.0.root().join(name));
    };
    let github = blocks("reports.md", "GitHub Actions", "yaml");
    let github: Vec<String> = github.iter().flat_map(|block| scripts(block)).collect();
    let [summary, comment] = &github[..] else {
        panic!("two steps, not {github:?}");
    };
    scene.run(summary, &vars);
    assert!(
        read("summary.md").contains("9 != 10"),
        "{}",
        read("summary.md")
    );
    let gitlab = blocks("reports.md", "GitLab", "yaml").concat();
    let gitlab = scripts(&gitlab);
    let [slack, gated] = &blocks("reports.md", "Slack, Teams, mail", "sh")[..] else {
        panic!("two scripts");
    };
    if has_jq() {
        for (script, first, then) in [
            (
                comment,
                "comments -F body=",
                "--method PATCH repos/example/shop/issues/comments/42 ",
            ),
            (&gitlab[0], "-X POST ", "-X PUT "),
        ] {
            remove("comments.json");
            for wanted in [first, then] {
                remove("requests.log");
                scene.run(script, &vars);
                assert!(
                    read("requests.log").contains(wanted),
                    "{}",
                    read("requests.log")
                );
            }
        }
        // The verdict is `blocked`: it is said.
        remove("requests.log");
        scene.run(gated, &vars);
        assert!(read("requests.log").contains("hooks.example.com/slack"));
    }
    remove("requests.log");
    scene.run(slack, &vars);
    assert_eq!(read("requests.log").lines().count(), 2);
    let slack: serde_json::Value = serde_json::from_str(&read("sent-1")).expect("JSON");
    assert!(
        slack["text"].is_string() || slack["blocks"].is_array(),
        "{slack}"
    );
    let mail = read("mail.eml");
    assert!(
        mail.starts_with("To: team@example.com\n") && mail.contains("\nSubject: "),
        "{mail}"
    );
    for heading in ["Badges", "Feed"] {
        scene.run(
            &format!(
                "mkdir -p site/shop\n{}",
                blocks("reports.md", heading, "sh").concat()
            ),
            &vars,
        );
    }
    assert!(read("site/badge.svg").starts_with("<svg"));
    assert!(read("site/shop/feed.xml").contains("https://qa.example.com/shop"));
}

#[test]
fn evidence_and_reviewers_are_checked_in_pull_requests() {
    let scene = Scene::new();
    let owners = blocks("server.md", "Who is asked", "sh").concat();
    scene.run(&format!("mkdir -p .github\n{owners}"), &[]);
    scene.0.commit("Say who reviews");
    scene.0.git(["push", "--quiet"]);
    let before = scene.0.git(["rev-parse", "HEAD"]);
    let id = scene.launch();
    let heading = "Hosted: GitHub, GitLab and others";
    let yaml = blocks("server.md", heading, "yaml");
    let all: Vec<String> = yaml.iter().flat_map(|block| scripts(block)).collect();
    assert_eq!(all.len(), 3, "{all:?}");
    let vars = [
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("BEFORE", before.trim()),
    ];
    let script = all.join("\n").replace("${{ github.base_ref }}", "main");
    let script = script + "\n" + &blocks("server.md", heading, "sh").concat();
    scene.run(&script, &vars);
    // What was altered makes each of them fail.
    let path = scene.0.git(["ls-files", &format!("*{id}/outcomes.yaml")]);
    let text = scene.0.read(path.trim()).replace("failed", "passed");
    scene.0.write(path.trim(), text);
    scene.0.commit("Alter it");
    for line in script.lines().filter(|line| line.contains("verify")) {
        let fetch = script.lines().find(|line| line.starts_with("git fetch"));
        let line = format!("{}\n{line}", fetch.unwrap_or_default());
        let output = scene.shell(&line, &vars);
        assert_eq!(output.status.code(), Some(1), "{line}\n{output:?}");
    }
}
