//! What `docs/getting-started.md` shows is run from top to bottom, and what it shows of answers is held against
//! them.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::repo::TestRepo;

/// A fenced block: the words after the fence, and its text without the fence's indentation.
struct Block {
    words: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/getting-started.md");
    let page = std::fs::read_to_string(path).expect("the page reads");
    let mut out: Vec<Block> = Vec::new();
    let mut inside: Option<usize> = None;
    for line in page.lines() {
        let indent = line.len() - line.trim_start().len();
        match (line.trim_start().strip_prefix("```"), inside) {
            (Some(_), Some(_)) => inside = None,
            (Some(words), None) => {
                inside = Some(indent);
                out.push(Block {
                    words: words.to_owned(),
                    text: String::new(),
                });
            }
            (None, Some(cut)) => {
                let block = out.last_mut().expect("a fence was opened");
                block.text.push_str(line.get(cut..).unwrap_or_default());
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    out
}

/// What a tester types in a dialogue: all that stands behind a prompt.
fn typed(dialogue: &str) -> String {
    let prompt = Regex::new(r"^\d\d:\d\d > (.+)$").expect("a pattern");
    let lines = dialogue.lines().filter_map(|line| prompt.captures(line));
    lines.map(|line| format!("{}\n", &line[1])).collect()
}

/// An answer without what differs from day to day: ids, times, receipts, and what was typed behind prompts.
fn plain(text: &str) -> String {
    let mut out = text.to_owned();
    for (pattern, plain) in [
        (
            r"\b\d{4}-\d\d-\d\d-\d{4}-([a-z0-9-]+)-[0-9a-z]{4}\b",
            "ID-$1",
        ),
        (r"SHOP-[0-9A-Z]{6}\b", "SHOP-ID"),
        (r"(?m)^\d\d:\d\d > .*$", "TIME >"),
        (r"in \d\d:\d\d\b", "in TIME"),
        (r"begun [^,]*, \d\d:\d\d UTC", "begun WHEN"),
        (r"\b[0-9a-f]{64}\b", "RECEIPT"),
    ] {
        let pattern = Regex::new(pattern).expect("a pattern");
        out = pattern.replace_all(&out, plain).into_owned();
    }
    out.trim().to_owned()
}

/// The script that whoever follows the page types, and what the page says is shown: by the number of the part.
fn script(blocks: &[Block]) -> (String, Vec<(usize, String)>) {
    let (mut out, mut shown) = (
        "set -eu\nunset TALLYBOOK_SEED TALLYBOOK_NOW\n".to_owned(),
        Vec::new(),
    );
    let mut part = 0;
    let mut run = |command: &str, part: usize| {
        out.push_str(&format!("{{ {command}\n}} > \"$OUT/{part}.txt\"\n"));
    };
    for block in blocks {
        let text = &block.text;
        if block.words == "sh run" {
            part += 1;
            run(text, part);
        } else if let Some(path) = block.words.split_once(" file=") {
            let folder = path.1.rsplit_once('/').map_or(".", |(folder, _)| folder);
            let path = path.1;
            run(
                &format!("mkdir -p '{folder}'\ncat > '{path}' <<'END_OF_FILE'\n{text}END_OF_FILE"),
                0,
            );
        } else if let Some((_, path)) = block.words.split_once(" append=") {
            run(
                &format!("cat >> '{path}' <<'END_OF_FILE'\n{text}END_OF_FILE"),
                0,
            );
        } else if block.words == "text terminal" {
            part += 1;
            let (command, rest) = text.split_once('\n').expect("a command and its answer");
            let command = command.strip_prefix("$ ").expect("a prompt of the shell");
            let typed = typed(rest);
            run(
                &format!("{command} <<'END_OF_FILE'\n{typed}END_OF_FILE"),
                part,
            );
            shown.push((part, rest.to_owned()));
        } else if block.words == "text output" {
            shown.push((part, text.clone()));
        } else {
            panic!("a block ` ```{}` is neither run nor shown", block.words);
        }
    }
    (out, shown)
}

/// Rust and the reader's own tests are not under test: what would build `tallybook` does nothing.
fn programs(repo: &TestRepo) {
    let pytest =
        "#!/bin/sh\ntest \"$*\" = '--junitxml=junit.xml' && cp reports/junit.xml junit.xml\n";
    for (name, text) in [
        ("cargo", "#!/bin/sh\ntest \"$*\" = 'install --path .'\n"),
        ("pytest", pytest),
    ] {
        repo.write(&format!("bin/{name}"), text);
        let path = repo.root().join("bin").join(name);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).expect("the mode is set");
    }
}

#[test]
fn every_command_of_the_page_works_and_answers_as_it_says() {
    let repo = TestRepo::without_git();
    programs(&repo);
    repo.write("home/Pictures/sign-in.png", b"\x89PNG of a form");
    repo.write("out/0.txt", "");
    let blocks = blocks();
    let (script, shown) = script(&blocks);
    assert!(shown.len() >= 4, "the page shows answers");
    let tallybook = Path::new(env!("CARGO_BIN_EXE_tallybook"));
    let mut command = Command::new("sh");
    command.env_clear().current_dir(repo.root());
    for (name, value) in repo.command("", &[]).get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let outside = std::env::var_os("PATH").unwrap_or_default();
    let own = [repo.root().join("bin"), tallybook.with_file_name("")];
    let path = own.into_iter().chain(std::env::split_paths(&outside));
    for who in ["AUTHOR", "COMMITTER"] {
        // The page says who one is, by the settings of git.
        for what in ["NAME", "EMAIL"] {
            command.env_remove(format!("GIT_{who}_{what}"));
        }
    }
    command
        .env(
            "PATH",
            std::env::join_paths(path).expect("folders without colons"),
        )
        .env("GIT_CONFIG_GLOBAL", repo.root().join("home/.gitconfig"))
        .env("HOME", repo.root().join("home"))
        .env("OUT", repo.root().join("out"))
        .env("COLUMNS", "80")
        .args(["-c", &script]);
    let output = command.output().expect("the shell starts");
    let said = |part: usize| repo.read(&format!("out/{part}.txt"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    for (part, shown) in shown {
        let (shown, said) = (plain(&shown), plain(&said(part)));
        assert!(
            said.contains(&shown),
            "part {part}: the page shows\n{shown}\n\nand it is\n{said}"
        );
    }
    // What the page claims without showing it.
    let last = std::fs::read_dir(repo.root().join("out"))
        .expect("answers")
        .count()
        - 1;
    let all: String = (1..=last).map(said).collect();
    for claim in [
        "closed without the rest: Firefox comes with 1.1",
        "evidence intact: 5 closed launches verified",
    ] {
        assert!(
            all.contains(claim),
            "`{claim}` is not said\n{all}\n{stderr}"
        );
    }
    assert!(
        repo.root()
            .join("site/web-shop/dashboards/release.html")
            .is_file()
    );
    let details = repo.git([
        "-C",
        "web-shop",
        "grep",
        "-h",
        "the field still has the password",
        "--",
        "projects/web-shop/launches",
    ]);
    assert!(details.contains("sign-in.png"), "{details}");
    for folder in ["web-shop", "bobs-shop", "team.git"] {
        repo.git(["-C", folder, "fsck", "--strict"]);
    }
}

/// Somebody who never used git follows the section alone, behind the one that installs: no word of git is used that
/// is not explained before.
#[test]
fn the_first_test_needs_no_knowledge_of_git() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/getting-started.md");
    let page = std::fs::read_to_string(path).expect("the page reads");
    let start = page.find("## Before you begin").expect("the section");
    let end = page
        .find("## Bring automated results")
        .expect("the section");
    let section = &page[start..end];
    let runs = section.match_indices("git ").map(|(at, _)| &section[at..]);
    let verbs = runs.filter_map(|rest| rest.split_whitespace().nth(1));
    let later = [
        "branch", "checkout", "merge", "rebase", "stash", "remote", "push", "pull",
    ];
    let met: Vec<&str> = verbs.filter(|verb| later.contains(verb)).collect();
    assert!(met.is_empty(), "too much for a first test: {met:?}");
    for explained in [
        "**git** keeps the history",
        "`git add .` says",
        "`git commit` keeps it",
        "git asks who you are",
    ] {
        assert!(
            section.contains(explained),
            "`{explained}` is not explained"
        );
    }
}
