//! Attachments that are kept outside of git: in a folder, or among the objects of git-lfs.

use std::path::PathBuf;

use serde_json::json;
#[cfg(unix)]
use sha2::Digest as _;

#[cfg(unix)]
use crate::branch::{Product, SETTINGS};
use crate::repo::{Ran, TestRepo, assert_refused};
use crate::shared::Fleet;
use crate::shop::{result, shop, with};

const LOG: &str = "the log of a failure\n";

fn set(repo: &TestRepo, store: &str) {
    repo.write(
        "tallybook.yaml",
        format!("format: 1\ntitle: Shop\nattachments: {store}\n"),
    );
    repo.commit("Say where attachments go");
}

/// Closes a launch with one attachment; returns its id, its folder and the attachment's name.
fn closed(repo: &TestRepo) -> (String, String, String) {
    let log = json!({"attachments": [{"name": "log", "source": "1-attachment.txt", "type": "text/plain"}]});
    repo.write("../results/1-attachment.txt", LOG);
    repo.allure("../results", &with(result("a", "plain", "failed"), &log));
    let (id, _) = repo.close_with("Nightly", "../results");
    let folder = repo.launch_folder(&id);
    let listed = repo.read(&format!("{folder}/PRUNABLE.sha256"));
    let path = listed
        .lines()
        .find_map(|line| line.split_once("  attachments/"));
    let (_, name) = path.expect("the attachment is listed");
    (id, folder, name.to_owned())
}

fn kept(repo: &TestRepo, name: &str) -> PathBuf {
    repo.root().join("../store").join(&name[..2]).join(name)
}

/// All that a rendered site says.
fn site(repo: &TestRepo) -> String {
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let files = walkdir::WalkDir::new(repo.root().join("../site"));
    let files = files.into_iter().map(|entry| entry.expect("lists"));
    let files = files.filter(|entry| entry.file_type().is_file());
    let read = |entry: walkdir::DirEntry| std::fs::read(entry.path()).expect("reads");
    files
        .map(|entry| String::from_utf8_lossy(&read(entry)).into_owned())
        .collect()
}

#[track_caller]
fn assert_verifies(repo: &TestRepo) {
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[track_caller]
fn assert_says(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, Some(code), "{ran}");
    for word in words {
        assert!(ran.to_string().contains(word), "{word}\n{ran}");
    }
}

#[test]
fn a_folder_keeps_what_git_does_not_have() {
    let repo = shop();
    set(&repo, "{store: directory, path: ../store}");
    let (id, folder, name) = closed(&repo);
    assert_eq!(
        std::fs::read_to_string(kept(&repo, &name)).expect("it is kept"),
        LOG
    );
    let tracked = repo.git(["ls-files", &folder]);
    assert!(!tracked.contains("attachments/"), "{tracked}");
    repo.assert_clean();
    assert_verifies(&repo);
    assert!(site(&repo).contains(LOG.trim()), "the site shows it");
    assert_says(
        &repo.run(["fsck"]),
        0,
        &["1 attachment in the store, as listed"],
    );
    // A follow-up has it too.
    repo.allure("../later", &result("b", "plain", "passed"));
    let late = repo.run(["launch", "append", &id, "../later", "--attempt", "2"]);
    assert_eq!(late.code, Some(0), "{late}");
    repo.answer(["launch", "close", &format!("{id}.2")]);
    assert_verifies(&repo);
}

#[test]
fn what_the_folder_lost_is_named() {
    let repo = shop();
    set(&repo, "{store: directory, path: ../store}");
    let (id, folder, name) = closed(&repo);
    std::fs::write(kept(&repo, &name), "something else\n").expect("written");
    assert_says(
        &repo.run(["verify"]),
        1,
        &["changed-file", &name, "in the store"],
    );
    assert_says(
        &repo.run(["fsck"]),
        1,
        &[&format!(
            "`{folder}/attachments/{name}` of launch `{id}` is something else"
        )],
    );
    assert!(
        !site(&repo).contains("something else"),
        "what is not as listed is not shown"
    );
    std::fs::remove_file(kept(&repo, &name)).expect("removed");
    assert_says(&repo.run(["verify"]), 1, &["missing-file", &name]);
    assert_says(
        &repo.run(["fsck"]),
        1,
        &["is not in the store", "1 of 1 attachment is not as listed"],
    );
    // The same results closed again mend it.
    closed(&repo);
    assert_verifies(&repo);
    std::fs::rename(repo.root().join("../store"), repo.root().join("../away")).expect("moved");
    assert_says(
        &repo.run(["verify"]),
        0,
        &["2 attachments in the store", "not checked"],
    );
    assert_refused(&repo.run(["fsck"]), &["is not there"]);
}

#[test]
fn what_nobody_lists_is_an_orphan() {
    let repo = shop();
    set(&repo, "{store: directory, path: ../store}");
    let (_, _, name) = closed(&repo);
    let orphan = format!("{}.txt", "0".repeat(64));
    std::fs::create_dir_all(kept(&repo, &orphan).parent().expect("a folder")).expect("made");
    std::fs::write(kept(&repo, &orphan), "x").expect("written");
    std::fs::write(repo.root().join("../store/README"), "ours\n").expect("written");
    assert_says(
        &repo.run(["fsck"]),
        0,
        &["1 file that no launch lists", &orphan],
    );
    assert!(kept(&repo, &orphan).is_file());
    assert_says(&repo.run(["fsck", "--prune"]), 0, &["removed 1 file"]);
    assert!(!kept(&repo, &orphan).exists() && kept(&repo, &name).is_file());
    assert!(repo.root().join("../store/README").is_file());
}

#[test]
fn what_goes_by_a_record_goes_from_the_folder() {
    let repo = shop();
    set(&repo, "{store: directory, path: $STORE/attachments}");
    assert_refused(&repo.run(["fsck"]), &["the variable `STORE` is not set"]);
    let store = repo.root().join("../store");
    let repo = repo.env("STORE", store.to_str().expect("UTF-8"));
    let (first, _, name) = closed(&repo);
    let (second, _, _) = closed(&repo);
    let place = store.join("attachments").join(&name[..2]).join(&name);
    let path = format!("attachments/{name}");
    let ran = repo.run(["launch", "redact", &first, &path, "--reason", "a name"]);
    assert_says(&ran, 0, &["copies of the folder", "0 of 1 file went"]);
    assert!(
        !ran.stderr.contains("git's history"),
        "git never had it: {ran}"
    );
    assert!(place.is_file(), "another launch has it");
    assert_verifies(&repo);
    let mut command = repo.command("", &["gc", "--older-than", "1d"]);
    command.env("TALLYBOOK_NOW", "2027-05-24T00:00:00Z");
    let ran = repo.finish(command);
    assert_says(&ran, 0, &[&format!("SHOP/{second}: 1 file, 21 bytes")]);
    assert!(!place.exists());
    assert_verifies(&repo);
    assert_says(&repo.run(["fsck"]), 0, &["0 attachments"]);
    assert!(site(&repo).contains("pruned on 24 May 2027"));
}

#[test]
fn git_lfs_finds_its_objects() {
    let repo = shop();
    set(&repo, "{store: lfs}");
    let (id, folder, name) = closed(&repo);
    let hex = name.split('.').next().expect("a digest");
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{hex}\nsize {}\n",
        LOG.len()
    );
    let path = format!("{folder}/attachments/{name}");
    assert_eq!(repo.git(["show", &format!("HEAD:{path}")]) + "\n", pointer);
    assert_eq!(repo.read(&path), pointer, "nothing smudges here");
    let object = format!(".git/lfs/objects/{}/{}/{hex}", &hex[..2], &hex[2..4]);
    assert_eq!(repo.read(&object), LOG);
    assert_verifies(&repo);
    assert!(site(&repo).contains(LOG.trim()));
    assert_says(
        &repo.run(["fsck"]),
        0,
        &["1 attachment in the store, as listed"],
    );
    // A working tree that git-lfs filled has the content.
    repo.write(&path, LOG);
    assert_verifies(&repo);
    assert!(site(&repo).contains(LOG.trim()));
    repo.write(&path, &pointer);
    // Without the object, pages say that it is not here.
    std::fs::remove_file(repo.root().join(&object)).expect("removed");
    assert_verifies(&repo);
    assert_says(
        &repo.run(["fsck"]),
        1,
        &["is not in the store", "git lfs fetch"],
    );
    let shown = site(&repo);
    assert!(!shown.contains("git-lfs.github.com") && shown.contains("in git-lfs, and not fetched"));
    // What git-lfs put there is no change of mine, and goes with the pointer.
    repo.write(&path, LOG);
    let attachment = format!("attachments/{name}");
    repo.answer(["launch", "redact", &id, &attachment, "--reason", "a name"]);
    assert!(!repo.root().join(&path).exists());
    repo.assert_clean();
    assert_verifies(&repo);
}

#[test]
fn what_is_redacted_on_the_remote_goes_from_the_folder() {
    let fleet = Fleet::new(&["a"]);
    let settings = "format: 1\ntitle: Shop\nattachments: {store: directory, path: ../store}\n";
    fleet.0.write("a/tallybook.yaml", settings);
    let git = |args: &[&str]| assert_eq!(fleet.0.git_output("a", args).code, Some(0), "{args:?}");
    git(&["commit", "--quiet", "-am", "A folder"]);
    git(&["push", "--quiet"]);
    let log = json!({"attachments": [{"name": "log", "source": "1-attachment.txt", "type": "text/plain"}]});
    fleet.0.write("r/1-attachment.txt", LOG);
    fleet
        .0
        .allure("r", &with(result("a", "plain", "failed"), &log));
    let id = fleet.answer("a", ["launch", "open", "--name", "one", "--push"]);
    fleet.answer("a", ["launch", "append", &id, "../r", "--push"]);
    fleet.answer("a", ["launch", "close", &id, "--push"]);
    let stored = || {
        let files = walkdir::WalkDir::new(fleet.0.root().join("store")).into_iter();
        let files = files.map(|entry| entry.expect("lists"));
        let files = files.filter(|entry| entry.file_type().is_file());
        let name = |entry: walkdir::DirEntry| entry.file_name().to_string_lossy().into_owned();
        files.map(name).collect::<Vec<_>>()
    };
    let path = format!("attachments/{}", stored()[0]);
    // The branch here can't follow.
    git(&["commit", "--quiet", "--allow-empty", "-m", "Mine"]);
    let redact = ["launch", "redact", &id, &path, "--reason", "x", "--push"];
    let ran = fleet.run("a", redact);
    assert_says(&ran, 0, &["commits of its own"]);
    assert!(!ran.stderr.contains("0 of 1 file"), "{ran}");
    assert_eq!(stored(), [""; 0]);
}

/// A machine whose attachments are in git-lfs, which a program stands in for: it records what it is
/// asked to push.
#[cfg(unix)]
struct LfsMachine(Product);

#[cfg(unix)]
impl LfsMachine {
    fn new() -> Self {
        let product = Product::new(&["a"]);
        let settings = format!("{SETTINGS}attachments: {{store: lfs}}\n");
        product.repo().write("a/qa/tallybook.yaml", settings);
        product.git("a", ["commit", "--quiet", "-am", "Attachments in git-lfs"]);
        Self(product)
    }

    /// Closes a launch here, with an attachment of its own; returns its id and the attachment's digest.
    fn close(&self, name: &str) -> (String, String) {
        let repo = self.0.repo();
        let file = format!("{name}-attachment.txt");
        let log = json!({"attachments": [{"name": "log", "source": file, "type": "text/plain"}]});
        repo.write(&format!("{name}/{file}"), format!("the log of {name}\n"));
        repo.allure(name, &with(result(name, "plain", "failed"), &log));
        let id = self.0.answer("a", ["launch", "open", "--name", name]);
        let results = format!("../../{name}");
        self.0.answer("a", ["launch", "append", &id, &results]);
        self.0.answer("a", ["launch", "close", &id]);
        let digest = sha2::Sha256::digest(format!("the log of {name}\n"));
        (
            id,
            digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        )
    }

    /// Runs `tallybook` with a stand-in that ends as told; returns what that was asked, too.
    fn run(&self, ending: &str, args: &[&str]) -> (Ran, String) {
        use std::os::unix::fs::PermissionsExt as _;
        let repo = self.0.repo();
        let asked = repo.root().join("asked");
        let script = format!(
            "#!/bin/sh\necho \"$@\" >> '{}'\n{ending}\n",
            asked.display()
        );
        repo.write("bin/git-lfs", script).write("asked", "");
        let bin = repo.root().join("bin");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(bin.join("git-lfs"), mode).expect("executable");
        let outside = std::env::var_os("PATH").unwrap_or_default();
        let path = [bin].into_iter().chain(std::env::split_paths(&outside));
        let mut command = repo.command("a/qa", args);
        command.env("PATH", std::env::join_paths(path).expect("no colons"));
        (repo.finish(command), repo.read("asked"))
    }

    #[track_caller]
    fn pushes(&self, args: &[&str]) -> Vec<String> {
        let (ran, asked) = self.run("exit 0", args);
        assert_eq!(ran.code, Some(0), "{ran}");
        let digests = asked.strip_prefix("push --object-id origin ");
        let digests = digests.unwrap_or(&asked).split_whitespace();
        digests.map(str::to_owned).collect()
    }

    fn remote_tip(&self) -> String {
        self.0
            .git("origin.git", ["for-each-ref", "refs/heads/tallybook"])
    }
}

#[cfg(unix)]
#[test]
fn what_git_lfs_keeps_goes_with_every_push_of_its_pointers() {
    let machine = LfsMachine::new();
    let (one, first) = machine.close("one");
    let (_, second) = machine.close("two");
    let close = ["launch", "close", &one, "--push"];
    let (refused, _) = machine.run("exit 1", &close);
    let said = "did not take the attachments by git-lfs";
    assert_refused(&refused, &[said, "git lfs install"]);
    assert_eq!(machine.remote_tip(), "");
    // Both closings were local, and the later one goes along.
    let mut both = [first, second];
    both.sort();
    assert_eq!(machine.pushes(&close), both);
    assert_ne!(machine.remote_tip(), "");
    assert_eq!(machine.pushes(&close), [""; 0], "all is there");
    // So it does with what is said of a launch.
    let (_, third) = machine.close("three");
    let note = ["launch", "note", &one, "looked at", "--push"];
    let before = machine.remote_tip();
    let (refused, _) = machine.run("exit 1", &note);
    assert_refused(&refused, &[said, "git lfs install"]);
    assert_eq!(machine.remote_tip(), before);
    assert_eq!(machine.pushes(&note), [third]);
}

#[cfg(unix)]
#[test]
fn what_was_redacted_before_the_push_stays_here() {
    let machine = LfsMachine::new();
    let (id, digest) = machine.close("one");
    let path = format!("attachments/{digest}.txt");
    let redact = ["launch", "redact", &id, &path, "--reason", "x", "--push"];
    assert_eq!(machine.pushes(&redact), [""; 0]);
    assert_ne!(machine.remote_tip(), "");
}

#[test]
fn a_closing_says_what_git_lfs_needs() {
    let repo = shop();
    set(&repo, "{store: lfs}");
    repo.allure("../results", &result("a", "plain", "passed"));
    let id = repo.open_launch("Nightly");
    repo.answer(["launch", "append", &id, "../results"]);
    let line = "projects/*/launches/**/attachments/** filter=lfs diff=lfs merge=lfs -text";
    assert_says(
        &repo.run(["launch", "close", &id]),
        0,
        &["will hold pointers", line],
    );
    let attributes = repo.read(".gitattributes");
    repo.write(".gitattributes", format!("{attributes}{line}\n"));
    repo.commit("Give attachments to git-lfs");
    let id = repo.open_launch("Weekly");
    repo.answer(["launch", "append", &id, "../results"]);
    let ran = repo.run(["launch", "close", &id]);
    assert!(!ran.stderr.contains("git-lfs"), "{ran}");
}

#[test]
fn wrong_settings_are_told() {
    let repo = shop();
    for (setting, said) in [
        ("{store: dir}", "`attachments.store` is `dir`"),
        ("{store: directory}", "`attachments.path` is missing"),
        ("{stores: git}", "did you mean `store`?"),
    ] {
        set(&repo, setting);
        assert_refused(&repo.run(["launch", "open", "--name", "x"]), &[said]);
        let found = repo.run(["validate", "--format", "short"]);
        assert_says(&found, 1, &["TB0240", said]);
    }
}

#[test]
fn a_store_that_would_be_committed_or_lost_is_refused() {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "failed"));
    let id = repo.open_launch("one");
    repo.answer(["launch", "append", &id, "../results"]);
    let settings = |path: &str| {
        set(&repo, &format!("{{store: directory, path: {path:?}}}"));
        repo.run(["launch", "close", &id])
    };
    for path in ["projects/store", ".git/store", "/"] {
        let ran = settings(path);
        assert_refused(
            &ran,
            &[
                "`tallybook.yaml` is wrong: `attachments.path` is",
                "validate",
            ],
        );
        let told = repo.run(["validate"]);
        assert_says(&told, 1, &["TB0240", "name a folder of its own"]);
    }
    // What the path alone does not tell.
    let root = repo.root();
    let name = root
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let absolute = root.join("projects/store");
    for path in [
        format!("../{name}/projects/store"),
        absolute.to_string_lossy().into_owned(),
        "$STORE/x".to_owned(),
    ] {
        set(&repo, &format!("{{store: directory, path: {path:?}}}"));
        let mut command = repo.command("", &["launch", "close", &id]);
        command.env("STORE", root.join(".git"));
        let ran = repo.finish(command);
        assert_refused(
            &ran,
            &[
                "attachments are to be kept in",
                "is inside",
                "name a folder of its own",
            ],
        );
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(root.join("projects"), root.join("../link")).expect("linked");
        assert_refused(&settings("../link/x"), &["is inside `projects`"]);
    }
    assert!(!root.join("projects/store").exists() && !root.join(".git/x").exists());
    assert_eq!(settings("../store").code, Some(0));
    assert_verifies(&repo);
}
