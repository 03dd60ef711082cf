//! A terminal in which `tallybook` runs, and a tester who types when something is asked.

#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use crate::repo::TestRepo;

/// What a tester does at a prompt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key<'a> {
    Type(&'a str),
    /// The process ends as by a power cut.
    Kill,
}

/// Runs `tallybook` in a terminal of 80 columns that can nothing, and returns what is seen. Each key is pressed
/// when the prompt is there.
pub(crate) fn in_terminal(repo: &TestRepo, args: &[&str], keys: &[Key<'_>]) -> String {
    let outer = repo.command("", &[]);
    let own = repo.root().join("../terminal.pid");
    let words = args.iter().map(|word| format!("'{word}'"));
    let inner = format!(
        "echo $$ > '{}'; exec '{}' {}",
        own.display(),
        env!("CARGO_BIN_EXE_tallybook"),
        words.collect::<Vec<_>>().join(" ")
    );
    let mut command = Command::new("script");
    command
        .args(["-qec", &inner, "/dev/null"])
        .env_clear()
        .current_dir(repo.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    for (name, value) in outer.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
        .env("TERM", "dumb")
        .env("COLUMNS", "80")
        .env("SHELL", "/bin/sh");
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("piped");
    let mut output = child.stdout.take().expect("piped");
    let (mut said, mut keys) = (Vec::new(), keys.iter());
    let mut piece = [0; 4096];
    loop {
        let read = output.read(&mut piece).expect("it reads");
        if read == 0 {
            break;
        }
        said.extend_from_slice(&piece[..read]);
        if !said.ends_with(b"> ") {
            continue;
        }
        match keys.next() {
            Some(Key::Type(text)) => input.write_all(text.as_bytes()).expect("typed"),
            Some(Key::Kill) => {
                let pid = std::fs::read_to_string(&own).expect("it started");
                let killed = Command::new("kill").args(["-9", pid.trim()]).status();
                assert!(killed.expect("kill starts").success());
            }
            None => {}
        }
    }
    drop(input);
    child.wait().expect("it ends");
    String::from_utf8(said).expect("UTF-8")
}
