//! The recipes' own lines of shell, run: GitLab's template, the Jenkinsfile, the plain script.

use super::{Env, Kit, can_talk, fine, read, root, with};
use crate::repo::Ran;
use crate::shop::junit;

/// Runs lines as a job does: one shell, which stops at the first that fails.
fn job(kit: &Kit, machine: &str, env: &Env<'_>, lines: &str) -> Ran {
    kit.finish(kit.command(machine, "sh", env).args(["-e", "-c", lines]))
}

/// The script of a job of GitLab's template, and its variables.
fn gitlab_job(name: &str, key: &str) -> (String, Vec<(String, String)>) {
    let template: serde_yaml::Value =
        serde_yaml::from_str(&read("ci/gitlab/tallybook.yml")).expect("YAML");
    let job = &template[name];
    let lines = job[key].as_sequence().expect("a script").iter();
    let lines: Vec<&str> = lines.map(|line| line.as_str().expect("a line")).collect();
    let variables = job["variables"].as_mapping().into_iter().flatten();
    let text = |value: &serde_yaml::Value| value.as_str().expect("a text").to_owned();
    (
        lines.join("\n"),
        variables.map(|(k, v)| (text(k), text(v))).collect(),
    )
}

fn gitlab(kit: &Kit) -> Env<'static> {
    let head = |rev: &str| kit.fleet.0.git_in("runner", ["rev-parse", rev]);
    vec![
        ("GITLAB_CI", "true".into()),
        ("CI_API_V4_URL", kit.forge.url()),
        ("CI_PROJECT_ID", "7".into()),
        ("CI_MERGE_REQUEST_IID", "17".into()),
        ("CI_MERGE_REQUEST_PROJECT_ID", "7".into()),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "7".into()),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", head("origin/main")),
        ("CI_PIPELINE_ID", "55".into()),
        ("CI_PIPELINE_IID", "4".into()),
        ("CI_JOB_NAME", "unit".into()),
        ("TALLYBOOK_TOKEN", "glpat-1".into()),
    ]
}

fn run_gitlab(kit: &Kit, env: &Env<'_>, name: &str, key: &str) -> Ran {
    let (script, variables) = gitlab_job(name, key);
    let mut env = env.clone();
    env.extend(variables.iter().map(|(k, v)| (k.as_str(), v.clone())));
    job(kit, "runner", &env, &script)
}

#[test]
fn gitlabs_template_reviews_a_merge_request() {
    if !can_talk() {
        return;
    }
    let kit = Kit::new(&["runner"]);
    kit.pull_request();
    kit.forge.add("mallory", "<!-- tallybook-review -->");
    let env = gitlab(&kit);
    fine(&run_gitlab(&kit, &env, "tallybook:validate", "script"));
    let found = kit.read("runner/gl-code-quality-report.json");
    assert!(found.contains("\"TB0176\""), "{found}");
    for said in ["made the comment on 17", "edited the comment on 17"] {
        let ran = run_gitlab(&kit, &env, "tallybook:review", "script");
        fine(&ran);
        assert!(ran.stderr.contains(said), "{ran}");
    }
    assert_eq!(kit.forge.facts().comments.len(), 2);
    let writes = kit.forge.writes();
    assert_eq!(
        writes,
        [
            "POST /projects/7/merge_requests/17/notes glpat-1",
            "PUT /projects/7/merge_requests/17/notes/2 glpat-1"
        ]
    );
    // A fork's pipeline, and one without a token.
    for (name, value, said) in [
        (
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID",
            "8",
            "comes from a fork",
        ),
        ("TALLYBOOK_TOKEN", "", "TALLYBOOK_TOKEN is not set"),
    ] {
        let ran = run_gitlab(
            &kit,
            &with(env.clone(), &[(name, value)]),
            "tallybook:review",
            "script",
        );
        fine(&ran);
        assert!(ran.stderr.contains(said), "{ran}");
        assert_eq!(kit.forge.writes().len(), 2);
    }
}

#[test]
fn gitlabs_template_closes_and_renders() {
    let kit = Kit::new(&["runner"]);
    kit.fleet
        .0
        .git_in("runner", ["checkout", "--quiet", "--detach"]);
    let env = with(
        gitlab(&kit),
        &[
            ("CI_COMMIT_BRANCH", "main"),
            ("RESULTS", "junit.xml"),
            ("CI_MERGE_REQUEST_IID", ""),
        ],
    );
    kit.write("runner/junit.xml", &junit(&[("expired", "")]));
    fine(&run_gitlab(
        &kit,
        &env,
        ".tallybook:results",
        "after_script",
    ));
    fine(&run_gitlab(&kit, &env, "tallybook:close", "script"));
    let subjects = kit
        .fleet
        .0
        .git_in("origin.git", ["log", "--format=%s", "main"]);
    assert!(
        subjects.starts_with("Close launch Pipeline 4 (SHOP) [skip ci]\n"),
        "{subjects}"
    );
    fine(&run_gitlab(&kit, &env, "pages", "script"));
    assert!(kit.path("runner/public/index.html").is_file());
}

/// The arguments of the Jenkinsfile's `sh`, in order.
fn jenkins_lines() -> Vec<String> {
    let text = read("ci/jenkins/Jenkinsfile");
    let calls = regex::Regex::new(r"\bsh '([^']*)'").expect("a pattern");
    assert_eq!(
        calls.captures_iter(&text).count(),
        text.matches("sh '").count()
    );
    calls
        .captures_iter(&text)
        .map(|call| call[1].to_owned())
        .collect()
}

#[test]
fn the_jenkinsfile_runs_from_validate_to_site() {
    if !can_talk() {
        return;
    }
    let kit = Kit::new(&["runner"]);
    kit.pull_request();
    kit.write("junit.xml", &junit(&[("expired", "")]));
    kit.write("runner/Makefile", "test:\n\tcp ../junit.xml .\n");
    let always: Env<'static> = vec![
        ("JENKINS_URL", "http://jenkins".into()),
        ("BUILD_TAG", "jenkins-shop-9".into()),
        ("BUILD_NUMBER", "9".into()),
        ("BUILD_URL", "http://jenkins/9/".into()),
        ("JOB_NAME", "shop/main".into()),
        ("STAGE_NAME", "unit".into()),
        (
            "GIT_COMMIT",
            kit.fleet.0.git_in("runner", ["rev-parse", "HEAD"]),
        ),
        ("TALLYBOOK_FORGE", "github".into()),
        ("TALLYBOOK_REPOSITORY", "acme/shop".into()),
        ("TALLYBOOK_API", kit.forge.url()),
        ("TALLYBOOK_TOKEN", "s3cret".into()),
    ];
    let change = with(
        always.clone(),
        &[
            ("CHANGE_ID", "17"),
            ("CHANGE_TARGET", "main"),
            ("CHANGE_BRANCH", "change"),
            ("BRANCH_NAME", "PR-17"),
        ],
    );
    let main = with(always, &[("BRANCH_NAME", "main")]);
    let lines = jenkins_lines();
    let (reviewing, recording) = lines.split_at(4);
    assert!(
        reviewing[3].ends_with("comment") && recording.len() == 4,
        "{lines:?}"
    );
    for line in reviewing {
        fine(&job(&kit, "runner", &change, line));
    }
    assert_eq!(kit.forge.facts().comments.len(), 1);
    kit.fleet
        .0
        .git_in("runner", ["checkout", "--quiet", "--detach", "origin/main"]);
    for line in recording {
        let ran = job(&kit, "runner", &main, line);
        assert!(
            ran.code == Some(0) || line.contains("make"),
            "{line}\n{ran}"
        );
        if line.contains("make") {
            kit.write("runner/junit.xml", &kit.read("junit.xml"));
        }
    }
    let launch = kit
        .fleet
        .0
        .git_in("origin.git", ["log", "-1", "--format=%s", "main"]);
    assert_eq!(launch, "Close launch shop/main 9 (SHOP) [skip ci]");
    assert!(kit.path("runner/tallybook-site/index.html").is_file());
}

#[test]
fn the_plain_script_records_a_failing_run_and_fails() {
    let kit = Kit::new(&["runner"]);
    kit.write(
        "found.xml",
        &junit(&[("expired", "<failure message='no'/>")]),
    );
    let script = root().join("ci/shell/main.sh");
    let env = vec![
        ("RUN", "12".into()),
        ("TESTS", "cp ../found.xml junit.xml; exit 3".into()),
    ];
    let ran = kit.finish(&mut kit.command("runner", script.to_str().expect("UTF-8"), &env));
    assert_eq!(ran.code, Some(3), "{ran}");
    let launch = kit
        .fleet
        .0
        .git_in("origin.git", ["log", "-1", "--format=%s%n%b", "main"]);
    assert!(
        launch.starts_with("Close launch Main 12 (SHOP) [skip ci]\n0 passed, 1 failed"),
        "{launch}"
    );
    assert!(kit.path("runner/tallybook-site/index.html").is_file());
    // A run that left nothing behind closes nothing.
    let env = vec![("RUN", "13".into()), ("TESTS", "exit 3".into())];
    let ran = kit.finish(&mut kit.command("runner", script.to_str().expect("UTF-8"), &env));
    assert_eq!(ran.code, Some(1), "{ran}");
    let commits = kit
        .fleet
        .0
        .git_in("origin.git", ["rev-list", "--count", "main"]);
    assert_eq!(commits, "2");
}
