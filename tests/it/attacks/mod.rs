//! Histories made with git's own commands: attacks, all of which `verify` must find, and innocent
//! ones, of which it must flag none. The tables stand in `docs/integrity.md` as well.

#![cfg(unix)]

mod innocent;
mod tampering;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use serde_json::{Value, json};

use crate::repo::{Ran, TestRepo};
use crate::shop::{result, shop, with};

/// One history, as a script of `sh` that starts from three closed launches.
#[derive(Debug)]
struct Scene {
    /// What is done, in words for the table.
    what: &'static str,
    /// The kinds of violations that it is found as, sorted; none where it is innocent.
    found: &'static [&'static str],
    script: &'static str,
    /// Further arguments of `verify`.
    args: &'static [&'static str],
}

const fn attack(what: &'static str, found: &'static [&'static str], script: &'static str) -> Scene {
    Scene {
        what,
        found,
        script,
        args: &[],
    }
}

const fn innocent(what: &'static str, script: &'static str) -> Scene {
    attack(what, &[], script)
}

/// What scripts may use: `$L1`, `$L2`, `$L3` are the launches' folders, `$R1` … their receipts; `say`
/// commits everything; `note` has a note on a launch committed, in the folder that `said` names; `touch_up` alters a file; `resum` makes a launch agree with itself again. A
/// script that leaves a path in `$AT` has that verified instead.
const PRELUDE: &str = r##"
say() { git add -A; git commit -qm "$1"; }
touch_up() { printf '# altered\n' >> "$1"; }
whiten() { sed -i 's/"failed"/"passed"/' "$1"/results/*.yaml "$1"/outcomes.yaml; }
resum() { (cd "$1"; awk '{print $2}' SHA256SUMS | xargs sha256sum > ../n; mv ../n SHA256SUMS
  sums=$(sha256sum < SHA256SUMS | cut -c1-64); sed -i "s/sums: .*/sums: \"$sums\"/" launch.yaml); }
mallory() { for who in AUTHOR COMMITTER; do export "GIT_${who}_NAME=Mallory" "GIT_${who}_EMAIL=mallory@example.com"; done; }
# Makes a commit of lines as they are, and goes there.
bare() { { printf '%s\n' "$@"; printf '\nbare\n'; } > ../commit; git reset -q --hard "$(git hash-object -t commit -w --literally ../commit)"; }
receipt() { sha256sum < "$1/launch.yaml" | cut -c1-64; }
# Closes a launch where there are no rules, and carries it over.
slip() { git checkout -qb loose; git rm -qr projects/shop/members; sed -i /^signatures/d projects/shop/project.yaml; say loose
  "$TALLYBOOK" launch close "$1"; git checkout -q main; git cherry-pick loose; git branch -qD loose; }
result() { echo "$1"/results/*.yaml; }
attachment() { echo "$1"/attachments/*.png; }
id() { basename "$1"; }
trailers() { printf 'Close launch\n\nTallybook-Launch: SHOP/%s\nTallybook-Receipt: sha256:%s\n' "$(id "$1")" "$(receipt "$1")"; }
annotate() { mkdir -p "projects/shop/annotations/$(id "$1")"
  { printf 'format: 1\nat: 2026-11-22T18:43:00Z\nreason: told to\n'; cat; } > "projects/shop/annotations/$(id "$1")/a.yaml"; }
said() { echo "projects/shop/annotations/$(id "$1")"; }
note() { echo 'kind: note' | annotate "$1"; say note; }
removal() { printf -- '- {path: %s, sha256: %s}\n' "${1#"$2"/}" "$(sha256sum < "$1" | cut -c1-64)"; }
"##;

/// Three closed launches with attachments and executed texts, and product code beside them.
struct Base {
    repo: TestRepo,
    variables: Vec<(String, String)>,
}

static BASE: LazyLock<Base> = LazyLock::new(|| {
    let repo = shop();
    repo.write("src/app.txt", "code\n");
    repo.commit("Code");
    let mut variables = Vec::new();
    for number in 1..=3 {
        let results = format!("../results-{number}");
        let more = json!({
            "attachments": [{"name": "shot", "source": "1-attachment.png", "type": "image/png"}],
            "steps": [{"name": "look", "status": "failed"}],
            "statusDetails": {"message": format!("expected {number}")},
        });
        repo.allure(&results, &with(result("a", "plain", "failed"), &more));
        repo.allure(&results, &result("b", "expired", "passed"));
        repo.write(
            &format!("{results}/1-attachment.png"),
            format!("shot {number}"),
        );
        let (id, receipt) = repo.close_with(&format!("Nightly {number}"), &results);
        let folder = repo.launch_folder(&id);
        variables.push((format!("L{number}"), folder));
        variables.push((format!("R{number}"), receipt));
    }
    Base { repo, variables }
});

impl Scene {
    /// Plays the scene in a copy of the base; returns what `verify` answers, as JSON and as text.
    fn play(&self) -> Result<(Ran, Ran), String> {
        let repo = BASE.repo.copy();
        let script = format!(
            "set -eu\nAT=.\n{PRELUDE}\n{}\necho \"$AT\" > ../at\n",
            self.script
        );
        let mut command = repo.shell(&script);
        command
            .env("TALLYBOOK", env!("CARGO_BIN_EXE_tallybook"))
            .env("TALLYBOOK_NOW", TestRepo::NOW);
        command.envs(BASE.variables.iter().map(|(name, value)| (name, value)));
        let output = command.output().expect("sh starts");
        if !output.status.success() {
            return Err(format!(
                "the script failed: {}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        let at = repo.read("../at");
        let verify = |format| {
            let mut args = vec!["verify", "--format", format];
            let named = |arg: &&'static str| match arg.strip_prefix('$') {
                Some(name) => variable(name),
                None => arg,
            };
            args.extend(self.args.iter().map(named));
            repo.output(at.trim(), &args)
        };
        Ok((verify("json"), verify("text")))
    }

    /// Says what is wrong with the answer.
    fn check(&self) -> Result<(), String> {
        let (told, text) = self.play()?;
        let report: Value = serde_json::from_str(&told.stdout)
            .map_err(|error| format!("no JSON ({error}): {told}"))?;
        let violations = report["violations"].as_array().expect("a list");
        let kinds: BTreeSet<&str> = violations
            .iter()
            .map(|v| v["kind"].as_str().expect("a kind"))
            .collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        if kinds != self.found {
            return Err(format!(
                "found {kinds:?}, expected {:?}\n{text}",
                self.found
            ));
        }
        let expected = i32::from(!self.found.is_empty());
        if told.code != Some(expected) || text.code != Some(expected) {
            return Err(format!("ended with {:?}\n{text}", told.code));
        }
        for kind in kinds {
            let mut lines = text.stdout.lines();
            if !lines.any(|line| {
                line.starts_with(&format!("{kind}: ")) || line.starts_with(&format!("{kind} of "))
            }) {
                return Err(format!("no line names {kind}\n{text}"));
            }
        }
        Ok(())
    }
}

fn variable(name: &str) -> &'static str {
    let found = BASE.variables.iter().find(|(known, _)| known == name);
    &found.expect("a variable of the base").1
}

/// Plays all scenes, a few at a time, and tells all that went wrong.
#[track_caller]
fn play_all(scenes: &[Scene]) {
    LazyLock::force(&BASE);
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(String::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(scene) = scenes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = scene.check() {
                        let mut wrong = wrong.lock().expect("no thread panics");
                        writeln!(wrong, "== {}\n{why}", scene.what).expect("a text takes it");
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no thread panics");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_attack_is_found() {
    assert!(tampering::SCENES.len() >= 60);
    play_all(tampering::SCENES);
}

#[test]
fn no_innocent_history_is_flagged() {
    assert!(innocent::SCENES.len() >= 20);
    play_all(innocent::SCENES);
}

/// The tables of `docs/integrity.md`.
fn tables() -> (String, String) {
    let mut attacks = String::from("| what is done | found as |\n|---|---|\n");
    for scene in tampering::SCENES {
        let kinds: Vec<String> = scene.found.iter().map(|kind| format!("`{kind}`")).collect();
        writeln!(attacks, "| {} | {} |", scene.what, kinds.join(", ")).expect("a text takes it");
    }
    let mut innocent = String::from("| what is done | |\n|---|---|\n");
    for scene in innocent::SCENES {
        writeln!(innocent, "| {} | intact |", scene.what).expect("a text takes it");
    }
    (attacks, innocent)
}

/// With `TALLYBOOK_WRITE_TABLES` set the tables are written instead of compared.
#[test]
fn the_documentation_has_the_tables() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/integrity.md");
    let text = std::fs::read_to_string(&path).expect("the page reads");
    let (attacks, innocent) = tables();
    let mut made = text.clone();
    for (name, table) in [("attacks", attacks), ("innocent", innocent)] {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (before, rest) = made.split_once(&begin).expect("the table's beginning");
        let (_, after) = rest.split_once(&end).expect("the table's end");
        made = format!("{before}{begin}{table}{end}{after}");
    }
    if std::env::var_os("TALLYBOOK_WRITE_TABLES").is_some() {
        std::fs::write(&path, &made).expect("the page is written");
        return;
    }
    assert!(
        text == made,
        "docs/integrity.md is stale: run this test with TALLYBOOK_WRITE_TABLES=1"
    );
}

impl TestRepo {
    /// Prepares a script of `sh` at the root.
    fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        self.isolate(&mut command, &self.root());
        command.args(["-c", script]);
        command
    }
}
