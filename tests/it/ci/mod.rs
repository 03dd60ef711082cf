//! The CI kit as CI runs it: its scripts for real, against a bare repository and a host on this machine.

mod actions;
mod forge;
mod recipes;
mod shapes;
mod trusted;

use std::path::{Path, PathBuf};
use std::process::Command;

use forge::{BOT, Forge};

use crate::repo::{Ran, assert_found, assert_refused};
use crate::shared::Fleet;
use crate::shop::junit;

/// The root of this project.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Whether the programs are here that talk to hosts. CI has to have them.
fn can_talk() -> bool {
    let there = |tool: &str| Command::new(tool).arg("--help").output().is_ok();
    let there = ["curl", "jq", "unzip"].into_iter().all(there);
    assert!(
        there || std::env::var_os("CI").is_none(),
        "CI lacks curl, jq or unzip"
    );
    there
}

/// Machines around a bare repository, and a host.
struct Kit {
    fleet: Fleet,
    forge: Forge,
}

type Env<'a> = Vec<(&'a str, String)>;

const DARK: &str = "projects/shop/cases/mail/dark.md";

impl Kit {
    fn new(machines: &[&str]) -> Self {
        let fleet = Fleet::new(machines);
        Self {
            fleet,
            forge: Forge::new(),
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.fleet.0.root().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        self.fleet.0.write(path, text);
    }

    fn read(&self, path: &str) -> String {
        self.fleet.0.read(path)
    }

    /// Prepares a program on a machine, with `tallybook` and `tallybook-ci` on its PATH.
    fn command(&self, machine: &str, program: &str, env: &Env<'_>) -> Command {
        let tallybook = Path::new(env!("CARGO_BIN_EXE_tallybook"));
        let outside = std::env::var_os("PATH").unwrap_or_default();
        let own = [root().join("ci"), tallybook.with_file_name("")];
        let path = own.into_iter().chain(std::env::split_paths(&outside));
        let mut command = Command::new(program);
        self.fleet.0.isolate(&mut command, &self.path(machine));
        command
            .env(
                "PATH",
                std::env::join_paths(path).expect("folders without colons"),
            )
            .env("TALLYBOOK_NOW", crate::repo::TestRepo::NOW)
            .env("TALLYBOOK_SEED", "1");
        for (name, value) in env {
            command.env(name, value);
        }
        command
    }

    fn finish(&self, command: &mut Command) -> Ran {
        self.fleet.0.ran(command.output().expect("it starts"))
    }

    /// Runs `tallybook-ci` on a machine.
    fn ci(&self, machine: &str, env: &Env<'_>, args: &[&str]) -> Ran {
        let script = root().join("ci/tallybook-ci");
        let script = script.to_str().expect("UTF-8");
        self.finish(self.command(machine, script, env).args(args))
    }

    /// Pushes a branch `change` on which a case lost what it expects, and checks out on `runner` what GitHub
    /// does: that branch merged into main. Returns the branch's commit.
    fn pull_request(&self) -> String {
        let repo = &self.fleet.0;
        let text = repo.read(&format!("seed/{DARK}"));
        let text = text.replace("   - **Expected:** it can be read.\n", "");
        repo.git_in("seed", ["checkout", "--quiet", "-b", "change"]);
        repo.write(&format!("seed/{DARK}"), text);
        repo.git_in("seed", ["commit", "--quiet", "-am", "Expect nothing"]);
        let head = repo.git_in("seed", ["rev-parse", "HEAD"]);
        repo.git_in("seed", ["push", "--quiet", "origin", "change"]);
        repo.git_in("seed", ["checkout", "--quiet", "main"]);
        repo.write("seed/projects/shop/README.md", "main went on\n");
        repo.git_in("seed", ["add", "--all"]);
        repo.git_in("seed", ["commit", "--quiet", "-m", "Go on"]);
        repo.git_in("seed", ["push", "--quiet", "origin", "main"]);
        repo.git_in("runner", ["fetch", "--quiet", "origin"]);
        repo.git_in("runner", ["checkout", "--quiet", "--detach", "origin/main"]);
        repo.git_in(
            "runner",
            [
                "merge",
                "--quiet",
                "--no-ff",
                "-m",
                "Merge",
                "origin/change",
            ],
        );
        head
    }

    /// What GitHub says to a job for pull request 17, from `from`.
    fn github(&self, head: &str, from: &str) -> Env<'static> {
        let event = serde_json::json!({"pull_request": {
            "number": 17, "head": {"sha": head, "repo": {"full_name": from}},
        }});
        self.write("event.json", &event.to_string());
        let at = |name: &str| self.path(name).display().to_string();
        vec![
            ("GITHUB_ACTIONS", "true".into()),
            ("GITHUB_REPOSITORY", "acme/shop".into()),
            ("GITHUB_SERVER_URL", "https://github.example".into()),
            ("GITHUB_API_URL", self.forge.url()),
            ("GITHUB_EVENT_NAME", "pull_request".into()),
            ("GITHUB_EVENT_PATH", at("event.json")),
            ("GITHUB_STEP_SUMMARY", at("summary.md")),
            ("GITHUB_OUTPUT", at("output")),
            ("GITHUB_BASE_REF", "main".into()),
            ("GITHUB_REF", "refs/pull/17/merge".into()),
            ("GITHUB_RUN_ID", "5".into()),
            ("GITHUB_RUN_NUMBER", "3".into()),
            ("GITHUB_WORKFLOW", "Main".into()),
            ("GITHUB_JOB", "test".into()),
            ("TALLYBOOK_TOKEN", "s3cret".into()),
        ]
    }
}

fn with(mut env: Env<'static>, more: &[(&'static str, &str)]) -> Env<'static> {
    env.extend(
        more.iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    env
}

/// GitHub's variables of a push to main.
fn push(kit: &Kit) -> Env<'static> {
    with(
        kit.github("", "acme/shop"),
        &[
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_REF", "refs/heads/main"),
            ("TALLYBOOK_TOKEN", ""),
        ],
    )
}

fn fine(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn a_pull_request_is_reviewed_and_its_comment_edited() {
    if !can_talk() {
        return;
    }
    let kit = Kit::new(&["runner"]);
    let head = kit.pull_request();
    let env = kit.github(&head, "acme/shop");
    let ran = kit.ci("runner", &env, &["validate"]);
    fine(&ran);
    let ran = kit.ci("runner", &env, &["review"]);
    fine(&ran);
    let shown: Vec<&str> = ran.stdout.lines().collect();
    let stop = shown[0]
        .strip_prefix("::stop-commands::")
        .expect("commands stop");
    assert_eq!(
        *shown
            .iter()
            .find(|line| line.ends_with("::") && line.len() > 20)
            .expect("they go on"),
        format!("::{stop}::")
    );
    assert!(
        ran.stdout.contains("no longer expects") || ran.stdout.contains("expect"),
        "{ran}"
    );
    assert!(
        !ran.stdout.contains("main went on"),
        "only what the change does: {ran}"
    );
    let summary = kit.read("summary.md");
    assert!(summary.contains("Mail in dark mode"), "{summary}");
    assert!(kit.read("output").contains("review=tallybook-review\n"));
    assert_eq!(kit.read("runner/tallybook-review/pull-request"), "17\n");

    for n in 0..230 {
        kit.forge.add(
            "mallory",
            &format!("<!-- tallybook-review -->\nnot the bot's {n}"),
        );
    }
    let ran = kit.ci("runner", &env, &["comment"]);
    fine(&ran);
    assert!(ran.stderr.contains("made the comment on 17"), "{ran}");
    let first = kit.forge.facts().comments.last().cloned().expect("there");
    assert_eq!(first.by, BOT);
    assert_eq!(first.body, kit.read("runner/tallybook-review/comment.md"));
    assert!(
        first.body.starts_with("<!-- tallybook-review -->\n"),
        "{}",
        first.body
    );
    assert!(first.body.contains("Mail in dark mode"));

    kit.write(
        "runner/tallybook-review/comment.md",
        "<!-- tallybook-review -->\nanother\n",
    );
    let ran = kit.ci("runner", &env, &["comment"]);
    assert!(ran.stderr.contains("edited the comment on 17"), "{ran}");
    let comments = kit.forge.facts().comments.clone();
    assert_eq!(comments.len(), 231);
    assert_eq!(comments[230].body, "<!-- tallybook-review -->\nanother\n");
    assert!(
        comments[..230]
            .iter()
            .all(|c| c.body.contains("not the bot's"))
    );
    let asked = &kit.forge.facts().asked;
    assert!(
        asked.iter().all(|line| line.ends_with(" Bearer s3cret")),
        "{asked:?}"
    );
}

#[test]
fn what_the_change_may_not_do_fails_after_it_was_told() {
    let kit = Kit::new(&["runner"]);
    kit.pull_request();
    let env: Env<'_> = vec![
        ("TALLYBOOK_BASE", "origin/main".into()),
        ("TALLYBOOK_FAIL_ON", "weakened".into()),
    ];
    let ran = kit.ci("runner", &env, &["review"]);
    assert_found(
        &ran,
        &["the change does what TALLYBOOK_FAIL_ON names: weakened"],
    );
    assert!(ran.stdout.contains("Mail in dark mode"), "{ran}");
    assert!(kit.path("runner/tallybook-review/comment.md").is_file());
}

#[test]
fn a_fork_gets_summary_and_artefact_and_asks_for_nothing() {
    if !can_talk() {
        return;
    }
    let kit = Kit::new(&["runner"]);
    let head = kit.pull_request();
    let env = kit.github(&head, "mallory/shop");
    fine(&kit.ci("runner", &env, &["review"]));
    let ran = kit.ci("runner", &env, &["comment"]);
    fine(&ran);
    assert!(ran.stderr.contains("comes from a fork"), "{ran}");
    assert!(kit.read("summary.md").contains("Mail in dark mode"));
    assert!(kit.path("runner/tallybook-review/comment.md").is_file());
    assert_eq!(kit.forge.facts().asked, Vec::<String>::new());
    // A token that may only read, as Dependabot's.
    kit.forge.facts().read_only = true;
    let env = kit.github(&head, "acme/shop");
    let ran = kit.ci("runner", &env, &["comment"]);
    fine(&ran);
    assert!(
        ran.stderr
            .contains("the token may not comment (the host answered 403)"),
        "{ran}"
    );
}

#[test]
fn findings_go_where_the_host_shows_them() {
    let kit = Kit::new(&["runner"]);
    kit.write("runner/projects/shop/plans/broken.yaml", "nam: x\n");
    let env = with(push(&kit), &[("TALLYBOOK_SARIF", "tallybook.sarif")]);
    let ran = kit.ci("runner", &env, &["validate"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        ran.stdout
            .contains("::error file=projects/shop/plans/broken.yaml,line=1"),
        "{ran}"
    );
    assert!(kit.read("runner/tallybook.sarif").contains("\"version\""));
    assert!(kit.read("output").contains("sarif=tallybook.sarif\n"));
    let ran = kit.ci("runner", &vec![("GITLAB_CI", "true".into())], &["validate"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        kit.read("runner/gl-code-quality-report.json")
            .contains("\"fingerprint\"")
    );
    assert!(kit.read("runner/tallybook-junit.xml").contains("<failure"));
}

/// Results of a job on a machine of its own, carried into `parts/`.
fn carry(kit: &Kit, job: &str, attempt: &str, inner: &str) -> Ran {
    let machine = format!("{job}-{attempt}");
    kit.fleet.clone_as(&machine, &["--depth", "1"]);
    kit.fleet
        .0
        .git_in(&machine, ["checkout", "--quiet", "--detach"]);
    kit.write(
        &format!("{machine}/out/{job} 1.xml"),
        &junit(&[("expired", inner)]),
    );
    let parts = kit.path(&format!("parts/{machine}")).display().to_string();
    let env = with(
        push(kit),
        &[
            ("TALLYBOOK_PARTS", &parts),
            ("TALLYBOOK_JOB", job),
            ("TALLYBOOK_ATTEMPT", attempt),
            ("TALLYBOOK_ENV", &format!("browser={job}\n")),
        ],
    );
    kit.ci(&machine, &env, &["append", "out/*.xml"])
}

#[test]
fn three_shards_are_carried_and_one_job_closes_them() {
    let kit = Kit::new(&["close"]);
    for job in ["chrome", "firefox"] {
        fine(&carry(&kit, job, "1", ""));
    }
    let part = kit.read("output");
    let names: Vec<&str> = part
        .lines()
        .filter(|line| line.starts_with("part="))
        .collect();
    assert!(names.len() == 2 && names[0] != names[1], "{names:?}");
    let parts = kit.path("parts").display().to_string();
    let env = with(
        push(&kit),
        &[
            ("TALLYBOOK_PARTS", &parts),
            ("TALLYBOOK_EXPECT", "chrome\nfirefox\nsafari\n"),
        ],
    );
    let ran = kit.ci("close", &env, &["close"]);
    assert_found(&ran, &["job `safari` is expected and has not appended"]);
    fine(&carry(&kit, "safari", "1", "<failure message='no'/>"));
    // A later run of the same jobs finds its clone as it was.
    kit.fleet.clone_as("again", &[]);
    kit.fleet
        .0
        .git_in("again", ["checkout", "--quiet", "--detach"]);
    let ran = kit.ci("close", &env, &["close"]);
    fine(&ran);
    let receipt = ran.stdout.trim_end().to_owned();
    assert_eq!(receipt.len(), 64, "{ran}");
    assert!(kit.read("output").contains(&format!("receipt={receipt}\n")));
    assert!(
        kit.read("summary.md").contains("1 failed"),
        "{}",
        kit.read("summary.md")
    );
    let subjects = kit
        .fleet
        .0
        .git_in("origin.git", ["log", "--format=%s", "main"]);
    assert!(
        subjects.starts_with("Close launch Main 3 (SHOP) [skip ci]\n"),
        "{subjects}"
    );
    // The failed job is run again: its results decide, in the launch's follow-up.
    let machine = kit.path("safari-2");
    kit.fleet.0.git(["clone", "--quiet", "again", "safari-2"]);
    assert!(machine.is_dir());
    kit.fleet
        .0
        .git_in("safari-2", ["checkout", "--quiet", "--detach"]);
    kit.write("safari-2/r.xml", &junit(&[("expired", "")]));
    let mine = with(
        push(&kit),
        &[
            (
                "TALLYBOOK_PARTS",
                &kit.path("parts/safari-2").display().to_string(),
            ),
            ("TALLYBOOK_JOB", "safari"),
            ("TALLYBOOK_ATTEMPT", "2"),
            ("TALLYBOOK_ENV", "browser=safari"),
        ],
    );
    fine(&kit.ci("safari-2", &mine, &["append", "r.xml"]));
    let ran = kit.ci("again", &env, &["close"]);
    fine(&ran);
    assert_ne!(ran.stdout.trim_end(), receipt, "{ran}");
    let site = with(push(&kit), &[("TALLYBOOK_OUT", "site")]);
    kit.fleet.0.git_in("close", ["pull", "--quiet"]);
    let shown = kit.fleet.run("close", ["launch", "list"]);
    assert!(
        shown.stdout.contains(".2 ") && shown.stdout.contains("closed"),
        "{shown}"
    );
    fine(&kit.ci("close", &site, &["render"]));
    assert!(kit.path("close/site/index.html").is_file());
    fine(&kit.fleet.run("close", ["verify"]));
}

#[test]
fn lost_results_and_nothing_carried_are_said() {
    let kit = Kit::new(&["close"]);
    let env = push(&kit);
    let ran = kit.ci("close", &env, &["append", "nothing/*.xml"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let ran = kit.ci("close", &env, &["append"]);
    assert_refused(&ran, &["name the results"]);
    let none = with(env, &[("TALLYBOOK_PARTS", "none")]);
    assert_found(
        &kit.ci("close", &none, &["close"]),
        &["no job carried results here"],
    );
}

#[test]
fn what_is_missing_is_named() {
    let kit = Kit::new(&["runner"]);
    let bare = kit.path("bin");
    std::fs::create_dir_all(&bare).expect("made");
    for tool in ["sh", "dirname", "readlink", "mktemp", "rm", "cat", "git"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .map(|folder| folder.join(tool))
            .find(|path| path.is_file());
        std::os::unix::fs::symlink(found.expect("it is there"), bare.join(tool)).expect("linked");
    }
    let path = ("PATH", bare.display().to_string());
    let ran = kit.ci("runner", &vec![path.clone()], &["validate"]);
    assert_refused(
        &ran,
        &["`tallybook` is not on the PATH; `tallybook-ci install` builds it"],
    );
    let mut env = kit.github("x", "acme/shop");
    env.push(path.clone());
    assert_refused(
        &kit.ci("runner", &env, &["review"]),
        &["`jq` is not on the PATH; it is needed to read GitHub's event"],
    );
    assert_refused(
        &kit.ci("runner", &vec![path.clone()], &["install"]),
        &["`cargo` is not on the PATH; it is needed to build tallybook"],
    );
    assert_refused(
        &kit.ci("runner", &vec![], &["append", "x"]),
        &["TALLYBOOK_KEY is not set"],
    );
    assert_refused(
        &kit.ci("runner", &vec![], &["review"]),
        &["TALLYBOOK_BASE is not set"],
    );
    assert_refused(
        &kit.ci(
            "runner",
            &vec![("TALLYBOOK_BASE", "nowhere".into())],
            &["review"],
        ),
        &["`nowhere` is not in this clone"],
    );
    assert_refused(
        &kit.ci("runner", &vec![], &["publish"]),
        &["`publish` is not validate, review, comment"],
    );
    let target = with(
        kit.github("x", "acme/shop"),
        &[("GITHUB_EVENT_NAME", "pull_request_target")],
    );
    assert_refused(
        &kit.ci("runner", &target, &["review"]),
        &["on pull_request_target a job has the rights of the base"],
    );
}
