//! Pushes to a server with our hook: attacks that must be refused, each with its sentence, and
//! innocent pushes that must pass. All by git itself, quarantine included.

#![cfg(unix)]

mod detours;
mod evidence;
mod innocent;
mod install;
mod moving;
mod product;
mod references;
mod rights;
mod said;
mod signatures;

use std::path::Path;
use std::process::Command;

use rayon::prelude::*;

use crate::repo::{Ran, TestRepo};
use crate::shop::{FILES, junit};

/// A folder with `origin.git`, whose hook is ours, and a clone `dev`.
struct Server(TestRepo);

/// Makes a result one of a documented case, so that its text is kept.
const CASE: &str = r#"<properties><property name="test_id" value="SHOP-EXP1RD"/></properties>"#;

/// What every script may use.
const PRELUDE: &str = r#"
as() {
    export GIT_AUTHOR_NAME="$1" GIT_AUTHOR_EMAIL="$1@example.com"
    export GIT_COMMITTER_NAME="$1" GIT_COMMITTER_EMAIL="$1@example.com"
}
commit() { git add -A && git commit -q --allow-empty -m "$1"; }
# Closes a launch on the branch that is checked out, and says its id.
close() {
    id=$(tallybook launch open -q --name "$1")
    tallybook launch append -q "$id" ../r.xml --env "n=$1" >/dev/null
    tallybook launch close -q "$id" >/dev/null 2>&1 || slip "$id" >/dev/null
    echo "$id"
}
# Closes a launch as the rules do not allow it: where there are none, and carried over.
slip() {
    branch=$(git branch --show-current)
    git checkout -q -b loose
    git rm -rq projects/shop/members
    sed -i /^signatures/d projects/shop/project.yaml
    commit loose
    tallybook launch close -q "$1"
    git checkout -q "$branch"
    git cherry-pick loose
    git branch -qD loose
}
member() { printf 'name: %s\nemails: [%s@example.com]\nrole: %s\n' "$1" "$1" "$2" > "projects/shop/members/$1.yaml"; }
approval() {
    mkdir -p projects/shop/approvals
    printf 'approvals:\n- {"by": "%s", "at": "2026-11-22T18:43:00Z", "digest": "x"}\n' "$2" > "projects/shop/approvals/$1.yaml"
}
annotate() {
    mkdir -p "projects/shop/annotations/$1"
    printf 'format: 1\nkind: %s\nat: 2026-11-22T18:43:00Z\nreason: because\n' "$2" > "projects/shop/annotations/$1/$2.yaml"
}
launches() { ls -d projects/shop/launches/*/*/*; }
first() { launches | head -n 1; }
# Gives every case a new text.
reword() {
    for f in $(find projects/shop/cases -name '*.md'); do echo more >> "$f"; done
    commit reworded
}
# Closes a launch whose case's text is new, and leaves that text out.
textless() {
    reword
    ls projects/shop/executed > ../texts
    close textless
    for t in $(ls projects/shop/executed); do grep -q "$t" ../texts || rm "projects/shop/executed/$t"; done
    git add -A; git commit -q --amend --no-edit
    test "$(ls projects/shop/executed)" = "$(cat ../texts)"
}
# Leaves an altered copy of the first launch, whose lists hold, on an orphan branch.
forge() {
    git checkout -q --orphan forged
    f=$(first)
    sed -i 's/name: .*/name: Forged/' "$f/launch.yaml"
    rm -rf projects/shop/cases projects/shop/steps projects/shop/members projects/shop/mutes projects/shop/defects tallybook.yaml projects/shop/project.yaml
    commit forged
}
# Says that launches have a branch of their own, and takes them away from here.
apart() {
    printf 'launches: {branch: tallybook}\n' >> tallybook.yaml
    git rm -rq --ignore-unmatch projects/*/launches projects/*/executed projects/*/annotations
    commit apart
}
# Leaves evidence alone on the branch that is checked out.
alone() {
    git ls-files | grep -vE '^(\.gitattributes|projects/[^/]*/(launches|executed|annotations)/)' | xargs git rm -q
    commit alone
}
L=$(first 2>/dev/null) || true
ID=$(basename "${L:-none}")
"#;

impl Server {
    /// Sets a server up: a workspace with an owner (alice), a writer (wes), a runner (ron) and a
    /// reader (rita), and three closed launches, all pushed through the hook.
    fn template() -> Self {
        Self::template_named("hooks-template")
    }

    fn template_named(name: &str) -> Self {
        let repo = TestRepo::shared(name);
        repo.git([
            "init",
            "-q",
            "--bare",
            "--initial-branch=main",
            "origin.git",
        ]);
        let installed = repo.run_in("origin.git", ["hook", "install"]);
        assert_eq!(installed.code, Some(0), "{installed}");
        repo.git(["clone", "-q", "origin.git", "dev"]);
        for (path, text) in FILES {
            repo.write(&format!("dev/{path}"), text);
        }
        repo.write("r.xml", junit(&[("a", CASE), ("b", "<failure/>")]));
        let server = Self(repo);
        server.passes(
            "git checkout -q -b main; as alice; member wes writer; member ron runner; member rita reader
             mkdir src; echo 1 > src/main.c; commit 'Set up'; close one; close two; close three
             git push -q -u origin main",
        );
        server
    }

    /// Copies a server that was set up.
    fn copy(template: &Path) -> Self {
        let repo = TestRepo::without_git();
        let from = format!("{}/.", template.display());
        let copied = Command::new("cp")
            .args(["-a", &from])
            .arg(repo.root())
            .status();
        assert!(copied.expect("cp starts").success());
        repo.git_in("dev", ["remote", "set-url", "origin", "../origin.git"]);
        Self(repo)
    }

    fn shell(&self, script: &str) -> Ran {
        let isolated = self.0.command("dev", &[]);
        let mut command = Command::new("sh");
        command.env_clear().current_dir(self.0.root().join("dev"));
        for (name, value) in isolated.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_tallybook"));
        let outside = std::env::var_os("PATH").unwrap_or_default();
        let folder = binary.parent().expect("it lies in a folder").to_owned();
        let path = [folder].into_iter().chain(std::env::split_paths(&outside));
        command.env("PATH", std::env::join_paths(path).expect("no colons"));
        command.arg("-euc").arg(format!("{PRELUDE}\n{script}"));
        let output = command.output().expect("sh starts");
        Ran {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        }
    }

    /// All references of the server; their names may be no text.
    fn refs(&self) -> String {
        self.shell("git -C ../origin.git for-each-ref --format='%(refname) %(objectname)'")
            .stdout
    }

    /// Runs a script, which must end with 0.
    #[track_caller]
    fn passes(&self, script: &str) {
        let ran = self.shell(script);
        assert_eq!(ran.code, Some(0), "{script}\n{ran}");
    }

    /// Runs a script that prepares, and a push that must be refused with these words; nothing moves.
    fn refuses(&self, prepare: &str, push: &str, words: &str) -> Result<(), String> {
        let prepared = self.shell(prepare);
        if prepared.code != Some(0) {
            return Err(format!("could not be prepared: {prepare}\n{prepared}"));
        }
        let before = self.refs();
        let ran = self.shell(push);
        // git's own word, and ours of what git said.
        let mine = |line: &&str| {
            line.starts_with("remote: tallybook: ") || line.contains("hook declined: tallybook: ")
        };
        let said: Vec<&str> = ran.stderr.lines().filter(mine).collect();
        if ran.code == Some(0) {
            return Err(format!("passed: {prepare}; {push}"));
        }
        if before != self.refs() {
            return Err(format!("references moved: {push}"));
        }
        match said.iter().any(|line| line.contains(words)) {
            true => Ok(()),
            false => Err(format!("`{words}` is not said: {prepare}; {push}\n{ran}")),
        }
    }
}

/// A name, what prepares it, the push, and what is said.
type Attack = (&'static str, &'static str, &'static str, &'static str);

const MAIN: &str = "git push -q origin HEAD:main";

#[test]
fn attacks_are_refused_and_innocent_pushes_pass() {
    let template = Server::template();
    let root = template.0.root();
    let attacks: Vec<Attack> = [
        &evidence::ON_LAUNCHES[..],
        &evidence::ON_COMPLETENESS,
        &evidence::ON_COPIES,
        &rights::ON_RIGHTS,
        &references::ON_REFERENCES,
        moving::ATTACKS,
        said::ATTACKS,
    ]
    .concat();
    let wrong: Vec<String> = attacks
        .par_iter()
        .filter_map(|(name, prepare, push, words)| {
            let server = Server::copy(&root);
            let refused = server.refuses(prepare, push, words);
            refused.err().map(|why| format!("== {name}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let innocent = [&innocent::INNOCENT[..], moving::INNOCENT, said::INNOCENT].concat();
    let wrong: Vec<String> = innocent
        .par_iter()
        .filter_map(|(name, script)| {
            let server = Server::copy(&root);
            let ran = server.shell(script);
            let clean = server.0.git_output("origin.git", &["fsck", "--strict"]);
            let fine = ran.code == Some(0) && clean.code == Some(0);
            (!fine).then(|| format!("== {name}: {script}\n{ran}\n{clean}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
