//! What README shows is run, and what the documentation points at is there.

#[cfg(unix)]
mod shown {
    use std::path::Path;
    use std::process::Command;

    use crate::repo::{TestRepo, copy_folder};
    use crate::shop::{PROJECT, shop};

    /// A fenced block: the words after the fence, and its text.
    struct Block {
        words: String,
        text: String,
    }

    fn read(path: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    fn blocks(markdown: &str) -> Vec<Block> {
        let mut out: Vec<Block> = Vec::new();
        let mut inside = false;
        for line in markdown.lines() {
            match line.strip_prefix("```") {
                Some(_) if inside => inside = false,
                Some(words) => {
                    inside = true;
                    out.push(Block {
                        words: words.to_owned(),
                        text: String::new(),
                    });
                }
                None if inside => {
                    let block = out.last_mut().expect("a fence was opened");
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                None => {}
            }
        }
        out
    }

    /// A folder of stand-ins for programs that README runs and that aren't under test.
    fn programs(repo: &TestRepo) {
        let cargo = "#!/bin/sh\n# Builds are another's matter: `cargo run --release -- WORDS` is `tallybook WORDS`.\n\
                     test \"$1\" = run || exit 0\ntest \"$2 $3\" = '--release --' || exit 3\nshift 3\nexec tallybook \"$@\"\n";
        let pytest = format!("#!/bin/sh\ncat > junit.xml <<'END'\n{JUNIT}END\n");
        for (name, text) in [("cargo", cargo), ("pytest", &pytest)] {
            repo.write(&format!("bin/{name}"), text);
            let path = repo.root().join("bin").join(name);
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(&path, mode).expect("the mode is set");
        }
    }

    const JUNIT: &str = r#"<testsuite name="unit" tests="2">
<testcase classname="tests.basket.TestBasket" name="test_empty" time="0.01"/>
<testcase classname="tests.basket.TestBasket" name="test_full" time="0.02"><failure message="9 != 10">trace</failure></testcase>
</testsuite>
"#;

    const ALLURE: &str = r#"{"uuid": "UUID", "name": "guest", "status": "passed",
"fullName": "tests.checkout.TestCheckout#test_guest", "start": 1795372980000, "stop": 1795372981000}"#;

    /// The inputs that README's commands find in the working tree.
    fn inputs(repo: &TestRepo) {
        let allure = |folder: &str, uuid: &str| {
            let path = format!("web-shop/{folder}/{uuid}-result.json");
            repo.write(&path, ALLURE.replace("UUID", uuid));
        };
        repo.write("web-shop/reports/junit.xml", JUNIT);
        allure("allure-results", "a");
        allure("results/results-chrome", "b");
        allure("results/results-firefox", "c");
        let ignored = "/allure-results/\n/junit.xml\n/reports/\n/results/\n/site/\n";
        repo.write("web-shop/.gitignore", ignored);
    }

    /// The shell script that a reader who follows README from top to bottom types.
    fn script(blocks: &[Block]) -> String {
        let mut out = "set -eux\n".to_owned();
        for block in blocks {
            if block.words == "sh run" {
                out.push_str(&block.text);
            } else if let Some((_, path)) = block.words.split_once(" file=") {
                let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
                let text = &block.text;
                out.push_str(&format!(
                    "mkdir -p '{folder}'\ncat > '{path}' <<'END_OF_FILE'\n{text}END_OF_FILE\n"
                ));
            } else if block.words == "yaml actions" {
                out.push_str("git push --quiet\n");
                out.push_str(&recording(&block.text));
            }
        }
        out
    }

    /// The script of the workflow's job that records results.
    fn recording(workflow: &str) -> String {
        let workflow: serde_yaml::Value = serde_yaml::from_str(workflow).expect("it is YAML");
        let steps = workflow["jobs"]["record"]["steps"].as_sequence();
        let last = steps.and_then(|steps| steps.last()).expect("it has steps");
        last["run"].as_str().expect("it runs a script").to_owned()
    }

    fn shell(repo: &TestRepo, script: &str) -> std::process::Output {
        let tallybook = Path::new(env!("CARGO_BIN_EXE_tallybook"));
        let isolated = repo.command("", &[]);
        let mut command = Command::new("sh");
        command.env_clear().current_dir(repo.root());
        for (name, value) in isolated.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let outside = std::env::var_os("PATH").unwrap_or_default();
        let own = [repo.root().join("bin"), tallybook.with_file_name("")];
        let path = own.into_iter().chain(std::env::split_paths(&outside));
        let path = std::env::join_paths(path).expect("folders without colons");
        command
            .env("PATH", path)
            .env("GITHUB_RUN_NUMBER", "17")
            .args(["-c", script]);
        command.output().expect("the shell starts")
    }

    #[test]
    fn what_readme_shows_works() {
        let repo = TestRepo::without_git();
        programs(&repo);
        inputs(&repo);
        let blocks = blocks(&read("README.md"));
        assert!(blocks.iter().filter(|b| b.words == "sh run").count() >= 7);
        let output = shell(&repo, &script(&blocks));
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{stdout}\n--- stderr ---\n{stderr}"
        );
        for shown in [
            "open playground/site/index.html",
            "2 results: 1 passed, 1 failed",
            "evidence intact: 3 closed launches verified",
            "1 result: 1 passed",
        ] {
            assert!(stdout.contains(shown), "{shown}\n{stdout}\n{stderr}");
        }
        assert!(repo.root().join("web-shop/site/index.html").is_file());
        let log = repo.git(["-C", "web-shop", "log", "--format=%s", "origin/main"]);
        assert!(
            log.starts_with("Close launch Nightly 17 (SHOP) [skip ci]\n"),
            "{log}"
        );
        assert_eq!(repo.git(["-C", "web-shop", "status", "--porcelain"]), "");
        repo.git(["-C", "web-shop", "fsck", "--strict"]);
    }

    /// Makes one side of the example pull request the content of the project.
    fn side(repo: &TestRepo, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pull-request");
        copy_folder(&folder.join(name), &repo.root().join(PROJECT));
        repo.commit(name);
    }

    #[test]
    fn a_review_says_more_than_a_diff_in_fewer_lines() {
        let repo = shop();
        side(&repo, "before");
        repo.git(["checkout", "--quiet", "-b", "change"]);
        side(&repo, "after");
        let diff = repo.git(["diff", "main...HEAD"]);
        let review = repo.run(["review", "main...HEAD"]).stdout;
        let blocks = blocks(&read("README.md"));
        let shown = |words: &str| {
            let block = blocks.iter().find(|block| block.words == words);
            block.map_or("", |block| block.text.as_str())
        };
        assert_eq!(shown("diff pull-request").trim_end(), diff.trim_end());
        assert_eq!(shown("text pull-request"), review);
        let (few, many) = (review.lines().count(), diff.lines().count());
        assert!(2 * few <= many, "{few} lines instead of {many}");
    }

    #[test]
    fn the_two_commands_come_first() {
        let blocks = blocks(&read("README.md"));
        let expected = "cargo run --release -- demo playground\ncargo test\n";
        assert_eq!(blocks.first().map(|b| b.text.as_str()), Some(expected));
    }
}

mod links {
    use std::path::{Path, PathBuf};

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// README, CHANGELOG and everything below `docs`.
    fn documents() -> Vec<PathBuf> {
        let mut out = vec![root().join("README.md"), root().join("CHANGELOG.md")];
        let below = walkdir::WalkDir::new(root().join("docs")).sort_by_file_name();
        let files = below.into_iter().map(|entry| entry.expect("it lists"));
        out.extend(
            files
                .map(walkdir::DirEntry::into_path)
                .filter(|path| path.extension().is_some_and(|ext| ext == "md")),
        );
        out
    }

    /// The targets of Markdown links outside fenced blocks and code.
    fn targets(markdown: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut fenced = false;
        for line in markdown.lines() {
            if line.starts_with("```") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            let prose: String = line.split('`').step_by(2).collect();
            for (at, _) in prose.match_indices("](") {
                let rest = &prose[at + 2..];
                out.extend(rest.split(')').next().map(str::to_owned));
            }
        }
        out
    }

    /// A heading as code hosts make anchors of it.
    fn anchor(heading: &str) -> String {
        let kept = heading.trim().to_lowercase();
        let kept = kept
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    }

    fn is_there(from: &Path, target: &str) -> bool {
        let (path, wanted) = target.split_once('#').unwrap_or((target, ""));
        let file = match path {
            "" => from.to_path_buf(),
            path => from.parent().expect("a file has a folder").join(path),
        };
        if wanted.is_empty() {
            return file.exists();
        }
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let mut headings = text.lines().filter(|line| line.starts_with('#'));
        headings.any(|line| anchor(line.trim_start_matches('#')) == wanted)
    }

    #[test]
    fn every_local_link_resolves() {
        let mut wrong = Vec::new();
        for document in documents() {
            let text = std::fs::read_to_string(&document).expect("it reads");
            for target in targets(&text) {
                let elsewhere = target.contains("://") || target.starts_with("mailto:");
                if !elsewhere && !is_there(&document, &target) {
                    wrong.push(format!("{}: {target}", document.display()));
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "links that lead nowhere:\n{}",
            wrong.join("\n")
        );
    }

    #[test]
    fn every_decision_is_named_in_the_architecture() {
        let folder = root().join("docs/decisions");
        let text = std::fs::read_to_string(root().join("docs/architecture.md")).expect("it reads");
        for entry in std::fs::read_dir(folder).expect("it lists") {
            let name = entry.expect("it reads").file_name();
            let name = name.to_str().expect("UTF-8");
            assert!(
                text.contains(name),
                "`{name}` is not linked from docs/architecture.md"
            );
        }
    }

    #[test]
    fn links_in_code_are_no_links() {
        let text = "[a](b.md) and `[c](d.md)`\n```\n[e](f.md)\n```\n![g](h.png)";
        assert_eq!(targets(text), ["b.md", "h.png"]);
        assert_eq!(anchor("What is `not` here yet?"), "what-is-not-here-yet");
    }
}
