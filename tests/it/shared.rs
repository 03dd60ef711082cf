//! Launches that many machines share: a bare remote, and a clone for each machine.

use std::process::Stdio;

use crate::repo::{Ran, TestRepo, assert_found, assert_refused};
use crate::shop::{FILES, junit};

const UPDATE_HOOK: &str = "origin.git/hooks/update";

/// A folder with `origin.git` and clones of it.
pub(crate) struct Fleet(pub(crate) TestRepo);

impl Fleet {
    pub(crate) fn new(machines: &[&str]) -> Self {
        let repo = TestRepo::without_git();
        repo.git([
            "init",
            "--quiet",
            "--bare",
            "--initial-branch=main",
            "origin.git",
        ]);
        repo.git(["clone", "--quiet", "origin.git", "seed"]);
        for (path, text) in FILES {
            repo.write(&format!("seed/{path}"), text);
        }
        repo.git_in("seed", ["checkout", "--quiet", "-B", "main"]);
        repo.git_in("seed", ["add", "--all"]);
        repo.git_in("seed", ["commit", "--quiet", "-m", "Set up the workspace"]);
        repo.git_in(
            "seed",
            ["push", "--quiet", "--set-upstream", "origin", "main"],
        );
        let fleet = Self(repo);
        for machine in machines {
            fleet.clone_as(machine, &[]);
        }
        fleet
    }

    /// Clones the remote, as a machine of CI would.
    #[track_caller]
    pub(crate) fn clone_as(&self, machine: &str, options: &[&str]) {
        let url = format!("file://{}/origin.git", self.0.root().display());
        let mut args = vec!["clone", "--quiet"];
        args.extend(options);
        args.extend([url.as_str(), machine]);
        let ran = self.0.git_output("", &args);
        assert_eq!(ran.code, Some(0), "{ran}");
    }

    /// Runs `tallybook` on a machine, which must end with 0; returns stdout.
    #[track_caller]
    pub(crate) fn answer<const N: usize>(&self, machine: &str, args: [&str; N]) -> String {
        let ran = self.run(machine, args);
        assert_eq!(ran.code, Some(0), "{machine}: {args:?}\n{ran}");
        ran.stdout.trim_end().to_owned()
    }

    #[track_caller]
    pub(crate) fn run<const N: usize>(&self, machine: &str, args: [&str; N]) -> Ran {
        self.0.run_in(machine, args)
    }

    /// Writes a report that lies beside all clones; each is another.
    pub(crate) fn report(&self, name: &str) -> String {
        self.0
            .write(name, junit(&[(name, ""), ("fails", "<failure/>")]));
        format!("../{name}")
    }

    /// Lets the remote take a reference only where a line of shell, given its name and its old and new
    /// commits, succeeds.
    pub(crate) fn update_hook(&self, line: &str) {
        let hook = self.0.root().join(UPDATE_HOOK);
        std::fs::create_dir_all(hook.parent().expect("a folder")).expect("made");
        std::fs::write(&hook, format!("#!/bin/sh\n{line}\n")).expect("written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("set");
        }
    }

    pub(crate) fn remove_update_hook(&self) {
        std::fs::remove_file(self.0.root().join(UPDATE_HOOK)).expect("removed");
    }

    /// The references of open launches on the remote.
    pub(crate) fn refs(&self) -> Vec<String> {
        let refs = self.0.git_in(
            "origin.git",
            ["for-each-ref", "--format=%(refname)", "refs/tallybook"],
        );
        refs.lines().map(str::to_owned).collect()
    }

    /// Says that the remote's branch has so many closed launches that verify, and that git finds
    /// nothing wrong.
    #[track_caller]
    pub(crate) fn assert_closed(&self, count: usize) {
        self.clone_as("witness", &[]);
        let verified = self.answer("witness", ["verify"]);
        assert!(
            verified.contains(&format!("{count} closed launch")),
            "{verified}"
        );
        self.0.git_in("origin.git", ["fsck", "--strict"]);
        let tips = self.0.git_in(
            "witness",
            ["log", "--format=%(trailers:key=Tallybook-Launch,valueonly)"],
        );
        assert_eq!(tips.lines().filter(|line| !line.is_empty()).count(), count);
    }
}

#[test]
fn a_launch_is_opened_filled_and_closed_on_four_machines() {
    let fleet = Fleet::new(&["a", "b", "c", "d", "e"]);
    let id = fleet.answer(
        "a",
        [
            "launch", "open", "--key", "run/17", "--expect", "linux", "--expect", "mac", "--push",
        ],
    );
    let (linux, mac) = (fleet.report("linux.xml"), fleet.report("mac.xml"));
    fleet.answer(
        "b",
        [
            "launch", "append", "--key", "run/17", &linux, "--job", "linux", "--push",
        ],
    );
    let early = fleet.run("d", ["launch", "close", "--key", "run/17", "--push"]);
    assert_found(&early, &["job `mac` is expected and has not appended"]);
    // Who took no part asks the remote, too.
    for (machine, asked) in [
        ("c", ["launch", "status", &id].as_slice()),
        ("e", &["launch", "status", "--key", "run/17"]),
    ] {
        let ran = fleet.0.output(machine, asked);
        assert_found(&ran, &["job `mac` is expected and has not appended"]);
        assert!(ran.stdout.starts_with("open: 2 results"), "{ran}");
    }
    let unknown = fleet.run("e", ["launch", "status", "--key", "run/18"]);
    assert_refused(&unknown, &["no launch has the key `run/18`"]);
    assert!(!unknown.stderr.contains("only this clone"), "{unknown}");
    fleet
        .0
        .git_in("e", ["remote", "set-url", "origin", "../nowhere"]);
    let cut_off = fleet.run("e", ["launch", "status", "--key", "run/18"]);
    assert_refused(
        &cut_off,
        &[
            "warning: `origin` could not be asked",
            "only this clone was looked at",
        ],
    );
    fleet.answer(
        "c",
        ["launch", "append", &id[..8], &mac, "--job", "mac", "--push"],
    );
    assert_eq!(fleet.refs().len(), 3);
    let status = fleet.answer("a", ["launch", "status", &id]);
    assert!(status.contains("open: 4 results"), "{status}");
    let receipt = fleet.answer("d", ["launch", "close", "--key", "run/17", "--push"]);
    assert_eq!(fleet.refs(), [""; 0]);
    // Whoever closes it again, from whatever it knows, gets the same receipt, and the launch.
    for machine in ["a", "b", "c", "d"] {
        assert_eq!(
            fleet.answer(machine, ["launch", "close", &id, "--push"]),
            receipt
        );
        assert_eq!(fleet.0.git_in(machine, ["status", "--porcelain"]), "");
        assert_eq!(
            fleet.0.git_in(machine, ["rev-parse", "main"]),
            fleet.0.git_in("origin.git", ["rev-parse", "main"])
        );
        assert_eq!(
            fleet
                .answer(machine, ["launch", "list", "--format", "json"])
                .matches("\"closed\"")
                .count(),
            1
        );
    }
    fleet.assert_closed(1);
}

/// A launch that others share can't wait for more jobs than its opening says: whoever asks for it is told, and
/// does not believe that it does.
#[test]
fn a_shared_launch_does_not_silently_wait_for_less() {
    let fleet = Fleet::new(&["a", "b", "c"]);
    let report = fleet.report("py.xml");
    let append = [
        "launch", "append", "--key", "7", &report, "--job", "py", "--push",
    ];
    fleet.answer("a", append);
    let open = [
        "launch", "open", "--key", "7", "--expect", "py", "--expect", "js",
    ];
    let [a, b, c, d, e, f, g, h] = open;
    let pushed = [a, b, c, d, e, f, g, h, "--push"];
    for machine in ["a", "b"] {
        let ran = fleet.run(machine, pushed);
        assert_eq!(ran.code, Some(2), "{ran}");
        let said = "was opened before, and does not wait for `py` and `js`";
        assert!(ran.stderr.contains(said), "{ran}");
        assert!(ran.stderr.contains("launch discard"), "{ran}");
    }
    // Opened here before anybody knew that it is open there: whoever closes it here is held to it.
    let ran = fleet.run("c", open);
    assert_eq!(ran.code, Some(0), "{ran}");
    let early = fleet.run("c", ["launch", "close", "--key", "7", "--push"]);
    assert_found(&early, &["job `js` is expected and has not appended"]);
    let twice = fleet.run("c", ["launch", "close", "--key", "7", "--push"]);
    assert_found(&twice, &["job `js` is expected and has not appended"]);
    let ran = fleet.run("c", pushed);
    assert_eq!(ran.code, Some(2), "{ran}");
}

#[test]
fn the_same_part_pushed_twice_is_up_to_date() {
    let fleet = Fleet::new(&["a", "b"]);
    let report = fleet.report("r.xml");
    for machine in ["a", "b", "a"] {
        fleet.answer(
            machine,
            ["launch", "append", "--key", "k", &report, "--push"],
        );
    }
    assert_eq!(fleet.refs().len(), 2, "{:?}", fleet.refs());
    fleet.answer("b", ["launch", "close", "--key", "k", "--push"]);
    fleet.assert_closed(1);
}

#[test]
fn parts_travel_as_artefacts() {
    let fleet = Fleet::new(&["a", "b", "c"]);
    let (one, two) = (fleet.report("one.xml"), fleet.report("two.xml"));
    fleet.answer(
        "a",
        [
            "launch",
            "append",
            "--key",
            "9",
            &one,
            "--job",
            "one",
            "--to",
            "../artefacts/job-1",
        ],
    );
    fleet.answer(
        "b",
        [
            "launch",
            "append",
            "--key",
            "9",
            &two,
            "--job",
            "two",
            "--to",
            "../artefacts/x/job-2",
        ],
    );
    fleet.answer(
        "b",
        ["launch", "append", "--key", "10", &two, "--to", "../others"],
    );
    assert_eq!(fleet.refs(), [""; 0], "no write token is needed");
    let none = fleet.run(
        "c",
        ["launch", "close", "--key", "9", "--from", "../others"],
    );
    assert_refused(&none, &["holds nothing of launch `9-"]);
    fleet.answer(
        "c",
        [
            "launch",
            "close",
            "--key",
            "9",
            "--from",
            "../artefacts",
            "--push",
        ],
    );
    let totals = fleet.answer("c", ["launch", "list", "--format", "json"]);
    assert!(
        totals.contains("\"total\": 4") || totals.contains("\"total\":4"),
        "{totals}"
    );
    fleet.assert_closed(1);
}

#[test]
fn a_changed_artefact_is_refused() {
    let fleet = Fleet::new(&["a", "b"]);
    let report = fleet.0.root().join("results");
    std::fs::create_dir_all(&report).expect("made");
    fleet.0.write("results/1-attachment.txt", "the log\n");
    fleet.0.write(
        "results/1-result.json",
        r#"{"uuid":"1","name":"x","status":"failed","attachments":[{"name":"log","source":"1-attachment.txt","type":"text/plain"}]}"#,
    );
    fleet.answer(
        "a",
        [
            "launch",
            "append",
            "--key",
            "9",
            "../results",
            "--to",
            "../artefact",
        ],
    );
    let tar = walk(&fleet.0.root().join("artefact"))
        .into_iter()
        .find(|path| path.ends_with("attachments.tar"));
    let tar = tar.expect("attachments travel");
    let mut bytes = std::fs::read(&tar).expect("reads");
    bytes[512] ^= 1;
    std::fs::write(&tar, bytes).expect("writes");
    let ran = fleet.run(
        "b",
        ["launch", "close", "--key", "9", "--from", "../artefact"],
    );
    let words = ["`attachments.tar`: it does not have the digest that it was written with"];
    assert_found(&ran, &words);
    // Whoever takes the sums away does not get further.
    std::fs::remove_file(tar.with_file_name("SHA256SUMS")).expect("removed");
    let ran = fleet.run(
        "b",
        ["launch", "close", "--key", "9", "--from", "../artefact"],
    );
    assert_refused(&ran, &["does not hold what its name says"]);
}

/// Whoever may push may push anything: it is told in one line, with the way out, and nothing is closed.
#[test]
fn what_is_no_part_is_named_and_closes_nothing() {
    let fleet = Fleet::new(&["a", "mallory"]);
    let id = fleet.answer("a", ["launch", "open", "--key", "8", "--push"]);
    let report = fleet.report("r.xml");
    fleet.answer("a", ["launch", "append", "--key", "8", &report, "--push"]);
    let mallory = fleet.0.root().join("mallory");
    let git = |args: &[&str]| {
        let ran = fleet.0.git_output("mallory", args);
        assert_eq!(ran.code, Some(0), "{ran}");
        ran.stdout.trim().to_owned()
    };
    let blob = |bytes: &[u8]| {
        std::fs::write(mallory.join("blob"), bytes).expect("writes");
        git(&["hash-object", "-w", "blob"])
    };
    let head = git(&["rev-parse", "HEAD"]);
    let rows = blob(b"format: 1\nresults: []\n");
    let name = format!("refs/tallybook/open/SHOP/{id}/evil-0123456789");
    for (entries, told) in [
        (
            vec![("100644", &blob(&[b'a'; 100_000]), "results.yaml")],
            "invalid type: string \"aaa",
        ),
        (
            vec![("120000", &blob(b"/etc/passwd"), "results.yaml")],
            "`results.yaml` is a symbolic link",
        ),
        (
            vec![("160000", &head, "results.yaml")],
            "`results.yaml` is a submodule",
        ),
        (
            vec![
                ("100644", &rows, "results.yaml"),
                ("100755", &rows, "run.sh"),
            ],
            "`run.sh` is no part of it",
        ),
        (
            vec![("100644", &rows, "notes.md")],
            "`notes.md` is no part of it",
        ),
    ] {
        git(&["read-tree", "--empty"]);
        for (mode, id, path) in entries {
            let entry = format!("{mode},{id},{path}");
            git(&["update-index", "--add", "--cacheinfo", &entry]);
        }
        let tree = git(&["write-tree"]);
        let commit = git(&["commit-tree", &tree, "-m", "evil"]);
        git(&[
            "push",
            "-q",
            "--force",
            "origin",
            &format!("{commit}:{name}"),
        ]);
        let ran = fleet.run("a", ["launch", "close", "--key", "8", "--push"]);
        let way = format!("`git push origin --delete {name}`");
        assert_refused(&ran, &[&format!("`{name}` of `origin`"), told, &way]);
        assert!(ran.stderr.len() < 1000, "{told}: {}", ran.stderr.len());
    }
    git(&["push", "-q", "origin", "--delete", &name]);
    fleet.answer("a", ["launch", "close", "--key", "8", "--push"]);
    fleet.assert_closed(1);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).expect("lists") {
        let path = entry.expect("reads").path();
        if path.is_dir() {
            out.extend(walk(&path));
        } else {
            out.push(path);
        }
    }
    out
}

/// Starts runs on all machines at once; returns what each printed, in their order.
fn at_once(fleet: &Fleet, runs: &[(String, Vec<String>)]) -> Vec<(bool, String)> {
    let children: Vec<_> = runs
        .iter()
        .map(|(machine, args)| {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let mut command = fleet.0.command(machine, &args);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("the binary starts")
        })
        .collect();
    let outputs = children
        .into_iter()
        .map(|child| child.wait_with_output().expect("it ends"));
    outputs
        .map(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            (output.status.success(), text)
        })
        .collect()
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

#[test]
fn thirty_appends_at_once_are_all_in_the_launch() {
    let machines: Vec<String> = (0..30).map(|n| format!("m{n}")).collect();
    let fleet = Fleet::new(&machines.iter().map(String::as_str).collect::<Vec<_>>());
    fleet.answer("seed", ["launch", "open", "--key", "k", "--push"]);
    let runs: Vec<_> = machines
        .iter()
        .map(|machine| {
            let report = fleet.report(&format!("{machine}.xml"));
            let args = words([
                "launch", "append", "--key", "k", &report, "--job", machine, "--push",
            ]);
            (machine.clone(), args)
        })
        .collect();
    for (fine, text) in at_once(&fleet, &runs) {
        assert!(fine, "{text}");
    }
    assert_eq!(fleet.refs().len(), 31);
    let id = fleet.answer("seed", ["launch", "open", "--key", "k"]);
    fleet.answer("seed", ["launch", "close", &id, "--push"]);
    let shown = fleet.answer("seed", ["launch", "show", &id, "--format", "json"]);
    assert_eq!(shown.matches("\"shard\"").count(), 30, "{shown}");
    fleet.assert_closed(1);
}

#[test]
fn racing_closings_make_one_chain() {
    let machines: Vec<String> = (0..8).map(|n| format!("m{n}")).collect();
    let fleet = Fleet::new(&machines.iter().map(String::as_str).collect::<Vec<_>>());
    let report = fleet.report("r.xml");
    let mut runs = Vec::new();
    for (n, machine) in machines.iter().enumerate() {
        // Two machines each close the same launch.
        let key = format!("k{}", n / 2);
        fleet.answer(
            machine,
            ["launch", "append", "--key", &key, &report, "--push"],
        );
        runs.push((
            machine.clone(),
            words(["launch", "close", "--key", &key, "--push"]),
        ));
    }
    let outputs = at_once(&fleet, &runs);
    for (fine, text) in &outputs {
        assert!(fine, "{text}");
    }
    let receipt = |n: usize| {
        outputs[n]
            .1
            .lines()
            .find(|line| line.len() == 64)
            .map(str::to_owned)
    };
    for pair in [0, 2, 4, 6] {
        assert!(receipt(pair).is_some());
        assert_eq!(receipt(pair), receipt(pair + 1));
    }
    assert_eq!(fleet.refs(), [""; 0]);
    fleet.assert_closed(4);
}

#[test]
fn every_kind_of_clone_takes_part() {
    let fleet = Fleet::new(&["a"]);
    let uploads = ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"];
    for key in uploads {
        fleet.0.git_in("origin.git", ["config", key, "true"]);
    }
    fleet.clone_as("shallow", &["--depth=1"]);
    fleet.clone_as("partial", &["--filter=blob:none"]);
    fleet.clone_as("bare", &["--bare"]);
    fleet.clone_as("sparse", &["--sparse"]);
    fleet.0.git_in(
        "a",
        ["worktree", "add", "--quiet", "--detach", "../detached"],
    );
    let kinds = ["shallow", "partial", "bare", "sparse", "detached"];
    for kind in kinds {
        let report = fleet.report(&format!("{kind}.xml"));
        fleet.answer("a", ["launch", "open", "--key", kind, "--push"]);
        fleet.answer(
            kind,
            [
                "launch", "append", "--key", kind, &report, "--job", kind, "--push",
            ],
        );
        fleet.answer(
            "seed",
            [
                "launch", "append", "--key", kind, &report, "--job", "seed", "--push",
            ],
        );
        let closed = fleet.run(
            kind,
            [
                "launch", "close", "--key", kind, "--branch", "main", "--push",
            ],
        );
        assert_eq!(closed.code, Some(0), "{kind}\n{closed}");
    }
    fleet.assert_closed(kinds.len());
}

#[test]
fn other_people_s_work_stays_as_it_is() {
    let fleet = Fleet::new(&["a", "b"]);
    let report = fleet.report("r.xml");
    fleet.0.write(
        "a/projects/shop/members/alice.yaml",
        "name: Alice\nemails: [alice@example.com]\nrole: owner\n",
    );
    fleet.0.write("a/staged.txt", "staged\n");
    fleet.0.git_in("a", ["add", "staged.txt"]);
    let before = fleet.0.git_in("a", ["status", "--porcelain"]);
    fleet.answer("a", ["launch", "append", "--key", "k", &report, "--push"]);
    fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(fleet.0.git_in("a", ["status", "--porcelain"]), before);
    // Commits of one's own stay where they are; the closing is made on what the remote has.
    fleet.0.git_in(
        "b",
        ["commit", "--quiet", "--allow-empty", "-m", "Not pushed"],
    );
    let own = fleet.0.git_in("b", ["rev-parse", "HEAD"]);
    fleet.answer("b", ["launch", "append", "--key", "l", &report, "--push"]);
    let closed = fleet.run("b", ["launch", "close", "--key", "l", "--push"]);
    assert_eq!(closed.code, Some(0), "{closed}");
    assert!(
        closed.stderr.contains("your branch has commits of its own"),
        "{closed}"
    );
    assert_eq!(fleet.0.git_in("b", ["rev-parse", "HEAD"]), own);
    fleet.assert_closed(2);
}

#[test]
fn what_cannot_be_pushed_is_kept_and_synced_later() {
    let fleet = Fleet::new(&["a", "b"]);
    let report = fleet.report("r.xml");
    fleet
        .0
        .git_in("a", ["remote", "set-url", "origin", "/nowhere/at-all.git"]);
    let opened = fleet.run("a", ["launch", "open", "--key", "k", "--push"]);
    assert_refused(&opened, &["the launch is kept here", "launch sync"]);
    let id = opened.stdout.trim().to_owned();
    let appended = fleet.run("a", ["launch", "append", &id, &report, "--push"]);
    assert_refused(&appended, &["the part is kept here"]);
    let url = format!("file://{}/origin.git", fleet.0.root().display());
    fleet.0.git_in("a", ["remote", "set-url", "origin", &url]);
    let synced = fleet.answer("a", ["launch", "sync", &id]);
    assert!(synced.contains("1 part"), "{synced}");
    assert_eq!(fleet.refs().len(), 2);
    let taken = fleet.answer("b", ["launch", "sync"]);
    assert!(taken.contains("1 part, 1 new part"), "{taken}");
    fleet.answer("b", ["launch", "close", &id, "--push"]);
    fleet.assert_closed(1);
}

#[test]
fn a_branch_that_refuses_keeps_everything() {
    let fleet = Fleet::new(&["a"]);
    let report = fleet.report("r.xml");
    fleet.update_hook("test \"$1\" != refs/heads/main");
    fleet.answer("a", ["launch", "append", "--key", "k", &report, "--push"]);
    let before = fleet.refs();
    let refused = fleet.run("a", ["launch", "close", "--key", "k", "--push"]);
    assert_refused(
        &refused,
        &["refused the closing: hook declined", "everything is kept"],
    );
    assert_eq!(fleet.refs(), before);
    fleet.remove_update_hook();
    fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
    fleet.assert_closed(1);
}

#[test]
fn a_remote_that_pushes_one_by_one_works_too() {
    let fleet = Fleet::new(&["a"]);
    fleet
        .0
        .git_in("origin.git", ["config", "receive.advertiseAtomic", "false"]);
    let report = fleet.report("r.xml");
    fleet.answer("a", ["launch", "append", "--key", "k", &report, "--push"]);
    fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(fleet.refs(), [""; 0]);
    fleet.assert_closed(1);
}

#[test]
fn results_that_came_after_the_closing_go_into_its_follow_up() {
    for closer in ["b", "c"] {
        let fleet = Fleet::new(&["a", "b", "c"]);
        let (early, late) = (fleet.report("early.xml"), fleet.report("late.xml"));
        for machine in ["a", "b"] {
            fleet.answer(machine, ["launch", "open", "--key", "k", "--push"]);
        }
        fleet.answer("a", ["launch", "append", "--key", "k", &early, "--push"]);
        let receipt = fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
        // What `b` knows is that the launch is open.
        let told = fleet.run("b", ["launch", "append", "--key", "k", &late, "--push"]);
        assert_eq!(told.code, Some(0), "{told}");
        assert!(told.stderr.contains("is closed; its follow-up"), "{told}");
        let names = fleet.refs();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(names.iter().all(|name| name.contains(".2/")), "{names:?}");
        // Whoever closes it now closes the follow-up, whether they have fetched what was closed or not.
        let second = fleet.answer(closer, ["launch", "close", "--key", "k", "--push"]);
        assert_ne!(second, receipt);
        assert_eq!(fleet.refs(), [""; 0]);
        fleet.assert_closed(2);
        let list = fleet.answer("witness", ["launch", "list", "--format", "json"]);
        assert!(list.contains("\"total\": 3"), "{list}");
    }
}

#[test]
fn there_must_be_a_remote() {
    let repo = crate::shop::shop();
    let ran = repo.run(["launch", "open", "--push"]);
    assert_refused(&ran, &["there is no remote to share launches through"]);
    assert_eq!(repo.answer(["launch", "list"]), "");
}
