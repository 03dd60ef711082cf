//! What becomes of closed launches later: notes, pruning, redaction, acknowledgements.

use serde_json::{Value, json};

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{result, shop, shop_in, with};

/// A launch with a failed, a passed and a retried result; each has steps and an attachment of its own.
fn closed(repo: &TestRepo) -> (String, String) {
    let kept = "key: SHOP\nname: Shop\nenvironment: {browser: {default: chrome}}\nkeep: {steps_of_passed: true}\n";
    repo.write("projects/shop/project.yaml", kept);
    repo.commit("Keep steps of passed results");
    append_all(repo, "../results");
    repo.close_with("Nightly", "../results")
}

fn append_all(repo: &TestRepo, folder: &str) {
    let more = |name: &str| {
        json!({
            "attachments": [{"name": "log", "source": format!("{name}-attachment.txt"), "type": "text/plain"}],
            "steps": [{"name": format!("look at {name}"), "status": "passed", "attachments":
                [{"name": "shot", "source": format!("{name}-step-attachment.txt"), "type": "text/plain"}]}],
        })
    };
    for (uuid, name, status, start) in [
        ("a", "plain", "failed", 1_795_372_980_000_u64),
        ("b", "expired", "passed", 1_795_372_980_000),
        ("c", "plain", "broken", 1_795_372_970_000),
    ] {
        let result = with(result(uuid, name, status), &more(uuid));
        repo.allure(folder, &with(result, &json!({"start": start})));
        repo.write(
            &format!("{folder}/{uuid}-attachment.txt"),
            format!("log of {uuid}\n"),
        );
        let shot = format!("{folder}/{uuid}-step-attachment.txt");
        repo.write(&shot, format!("shot of {uuid}\n"));
    }
}

/// The names of files below a folder of a launch in the working tree.
fn listed(repo: &TestRepo, folder: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(repo.root().join(folder)) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry
            .expect("reads")
            .file_name()
            .into_string()
            .expect("UTF-8")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

/// The annotations of a launch, oldest first.
fn annotations(repo: &TestRepo, id: &str) -> Vec<Value> {
    let folder = format!("projects/shop/annotations/{id}");
    let read = |name: &String| -> Value {
        serde_yaml::from_str(&repo.read(&format!("{folder}/{name}"))).expect("YAML")
    };
    listed(repo, &folder).iter().map(read).collect()
}

/// The attachment of a launch whose bytes are these.
fn attachment(repo: &TestRepo, folder: &str, bytes: &str) -> String {
    let folder = format!("{folder}/attachments");
    let holds = |name: &&String| repo.read(&format!("{folder}/{name}")) == bytes;
    let names = listed(repo, &folder);
    names.iter().find(holds).expect("it is there").clone()
}

#[test]
fn a_redacted_file_leaves_its_record() {
    let repo = shop();
    let (id, receipt) = closed(&repo);
    let folder = repo.launch_folder(&id);
    let name = attachment(&repo, &folder, "log of a\n");
    repo.write("other.txt", "mine\n");
    let ran = repo.run([
        "launch",
        "redact",
        &id,
        &format!("attachments/{name}"),
        "--reason",
        "a name",
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(ran.stdout, format!("redacted attachments/{name}\n"));
    for word in [
        "git's history keeps the bytes",
        "git filter-repo --invert-paths --path",
        "keeps its sums",
    ] {
        assert!(ran.stderr.contains(word), "{word}\n{ran}");
    }
    repo.assert_clean_but("other.txt");
    assert!(!listed(&repo, &format!("{folder}/attachments")).contains(&name));
    let [said] = &annotations(&repo, &id)[..] else {
        panic!("one annotation");
    };
    assert_eq!(said["kind"], "redacted");
    assert_eq!(said["reason"], "a name");
    assert_eq!(said["by"], "Alice Example <alice@example.com>");
    assert_eq!(
        said["files"][0]["path"],
        json!(format!("attachments/{name}"))
    );
    assert_eq!(said["files"][0]["sha256"], json!(name.split('.').next()));
    let shown = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(shown["receipt"], json!(receipt));
    let subject = repo.git(["log", "-1", "--format=%s"]);
    assert_eq!(subject, "Redact 1 file of launch Nightly (SHOP) [skip ci]");
    let verified = repo.run(["verify"]);
    assert_eq!(verified.code, Some(0), "{verified}");
    assert!(verified.stderr.contains("redacted by Alice"), "{verified}");
    let again = repo.run([
        "launch",
        "redact",
        &id,
        &format!("attachments/{name}"),
        "--reason",
        "x",
    ]);
    assert_refused(&again, &["is not there: it was redacted on 2026-11-22"]);
}

#[test]
fn only_what_is_listed_is_redacted() {
    let repo = shop_in("qa");
    let log = json!({"attachments": [{"name": "log", "source": "1-attachment.txt", "type": "text/plain"}]});
    repo.write("../results/1-attachment.txt", "the log\n");
    repo.allure("../results", &with(result("a", "plain", "failed"), &log));
    let id = repo
        .run_in("qa", ["launch", "open", "--name", "Nightly"])
        .stdout;
    let id = id.trim();
    let qa = |args: &[&str]| repo.output("qa", args);
    assert_eq!(qa(&["launch", "append", id, "../../results"]).code, Some(0));
    assert_eq!(qa(&["launch", "close", id]).code, Some(0));
    let before = repo.git(["rev-parse", "HEAD"]);
    let redact = |path: &str| qa(&["launch", "redact", id, path, "--reason", "x"]);
    for proof in ["launch.yaml", "SHA256SUMS", "PRUNABLE.sha256"] {
        assert_refused(&redact(proof), &["it stays"]);
    }
    for other in [
        "outcome.yaml",
        "../../../../../tallybook.yaml",
        "/etc/passwd",
        "attachments",
    ] {
        assert_refused(&redact(other), &["lists no file"]);
    }
    assert_refused(&redact("outcome.yaml"), &["did you mean `outcomes.yaml`?"]);
    let unsaid = qa(&["launch", "redact", id, "tests.yaml", "--reason", " "]);
    assert_refused(&unsaid, &["the text is empty"]);
    let unknown = qa(&["launch", "redact", "nowhere", "tests.yaml", "--reason", "x"]);
    assert_refused(&unknown, &["no launch `nowhere`"]);
    assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
    // A path from the repository, and one from the workspace, are fine too.
    let folder = "projects/shop/launches/2026/11";
    let ran = redact(&format!("qa/{folder}/{id}/tests.yaml"));
    assert_eq!(ran.stdout, "redacted tests.yaml\n", "{ran}");
    let ran = redact(&format!("./{folder}/{id}/notes.md"));
    assert_refused(&ran, &["lists no file `notes.md`"]);
}

#[test]
fn what_was_said_is_redacted_with_a_record() {
    let repo = shop_in("qa");
    repo.allure("../results", &result("a", "plain", "failed"));
    let qa = |args: &[&str]| repo.output("qa", args);
    let id = qa(&["launch", "open", "--name", "Nightly"]).stdout;
    let id = id.trim();
    assert_eq!(qa(&["launch", "append", id, "../../results"]).code, Some(0));
    assert_eq!(qa(&["launch", "close", id]).code, Some(0));
    assert_eq!(
        qa(&["launch", "note", id, "the password is x"]).code,
        Some(0)
    );
    let folder = format!("projects/shop/annotations/{id}");
    let [note] = &listed(&repo, &format!("qa/{folder}"))[..] else {
        panic!("one note");
    };
    let bytes = repo.read(&format!("qa/{folder}/{note}"));
    let redact = |path: &str, why: &str| qa(&["launch", "redact", id, path, "--reason", why]);
    let ran = redact(&format!("qa/{folder}/{note}"), "a password");
    assert_eq!(
        ran.stdout,
        format!("redacted annotations/{note}\n"),
        "{ran}"
    );
    let told = format!("git filter-repo --invert-paths --path qa/{folder}/{note}");
    assert!(ran.stderr.contains(&told), "{ran}");
    let [record] = &listed(&repo, &format!("qa/{folder}"))[..] else {
        panic!("the record alone");
    };
    let text = repo.read(&format!("qa/{folder}/{record}"));
    let digest = tallybook::base::Digest::of(bytes.as_bytes()).to_string();
    assert!(text.contains(&format!("annotations/{note}")), "{text}");
    assert!(text.contains(&digest), "{text}");
    assert_eq!(qa(&["verify"]).code, Some(0));
    assert_eq!(qa(&["validate"]).code, Some(0));
    let again = redact(&format!("annotations/{note}"), "x");
    assert_refused(&again, &["is not there: it was redacted on 2026-11-22"]);
    for other in [
        "annotations/other.yaml",
        "annotations/../x.yaml",
        "annotations",
    ] {
        assert_refused(&redact(other, "x"), &["lists no file"]);
    }
    // One that never read goes by its name too.
    repo.write(&format!("qa/{folder}/typo.yaml"), "kind: [\n");
    repo.commit("Say it by hand");
    assert_eq!(redact("annotations/typo.yaml", "never read").code, Some(0));
    assert_eq!(qa(&["verify"]).code, Some(0));
    // A record that goes leaves what it recorded to the next one.
    let ran = redact(&format!("annotations/{record}"), "a name in the reason");
    assert_eq!(ran.stdout, format!("redacted annotations/{record}\n"));
    assert_eq!(qa(&["verify"]).code, Some(0));
    repo.assert_clean();
}

#[test]
fn a_removed_note_is_acknowledged_by_its_name() {
    let repo = shop();
    let (id, _) = closed(&repo);
    repo.answer(["launch", "note", &id, "one"]);
    let folder = format!("projects/shop/annotations/{id}");
    let note = listed(&repo, &folder)[0].clone();
    repo.git(["rm", "-q", &format!("{folder}/{note}")]);
    repo.commit("Forget");
    let verified = repo.run(["verify"]);
    assert_eq!(verified.code, Some(1), "{verified}");
    let told = format!("removed the annotation `{note}` of the closed launch `{id}`");
    assert!(verified.stdout.contains(&told), "{verified}");
    let path = format!("annotations/{note}");
    let kind = "removed-annotation";
    let ran = repo.run([
        "launch",
        "acknowledge",
        &id,
        "--violation",
        kind,
        "--path",
        &path,
        "--reason",
        "agreed",
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stdout
            .starts_with(&format!("acknowledged {kind} of `{path}` by ")),
        "{ran}"
    );
    assert_eq!(annotations(&repo, &id)[0]["violation"]["path"], json!(path));
    let verified = repo.run(["verify"]);
    assert_eq!(verified.code, Some(0), "{verified}");
    assert!(verified.stderr.contains("agreed"), "{verified}");
}

#[test]
fn bytes_that_other_launches_have_are_named() {
    let repo = shop();
    let (id, _) = closed(&repo);
    let (other, _) = repo.close_with("Weekly", "../results");
    let name = attachment(&repo, &repo.launch_folder(&id), "log of a\n");
    let ran = repo.run([
        "launch",
        "redact",
        &id,
        &format!("attachments/{name}"),
        "--reason",
        "x",
    ]);
    let told = format!("launch `{other}` has the same bytes: `attachments/{name}`");
    assert!(ran.stderr.contains(&told), "{ran}");
}

#[test]
fn a_change_of_mine_is_not_redacted_away() {
    let repo = shop();
    let (id, _) = closed(&repo);
    let folder = repo.launch_folder(&id);
    let name = attachment(&repo, &folder, "log of a\n");
    let path = format!("{folder}/attachments/{name}");
    repo.write(&path, "mine\n");
    let before = repo.git(["rev-parse", "HEAD"]);
    let ran = repo.run(["launch", "redact", &id, &path, "--reason", "x"]);
    assert_refused(&ran, &[&name]);
    assert_eq!(repo.read(&path), "mine\n");
    assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
}

#[test]
fn old_launches_are_pruned_by_policy() {
    let repo = shop();
    let (id, _) = closed(&repo);
    let folder = repo.launch_folder(&id);
    let gc = |args: &[&str]| repo.output("", &[&["gc"], args].concat());
    let young = gc(&["--older-than", "1d"]);
    assert!(
        young
            .stderr
            .contains("no launch of that age has anything to prune"),
        "{young}"
    );
    let before = repo.git(["rev-parse", "HEAD"]);
    let ran = later(&repo, &["gc", "--older-than", "180d", "--dry-run"]);
    assert!(
        ran.stdout.starts_with(&format!("SHOP/{id}: 7 files, ")),
        "{ran}"
    );
    assert_eq!(
        repo.git(["rev-parse", "HEAD"]),
        before,
        "a dry run changes nothing"
    );
    let ran = later(
        &repo,
        &["gc", "--older-than", "180d", "--reason", "our policy"],
    );
    assert_eq!(ran.code, Some(0), "{ran}");
    repo.assert_clean();
    for part in ["details", "attachments"] {
        assert_eq!(listed(&repo, &format!("{folder}/{part}")), [""; 0]);
    }
    assert!(listed(&repo, &folder).contains(&"outcomes.yaml".to_owned()));
    let [said] = &annotations(&repo, &id)[..] else {
        panic!("one annotation");
    };
    assert_eq!(
        (&said["kind"], &said["reason"]),
        (&json!("pruned"), &json!("our policy"))
    );
    let gone: Vec<&str> = said["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|file| file["path"].as_str().expect("a path"))
        .collect();
    assert_eq!(gone.len(), 7);
    // What the launch lists as prunable is what is recorded.
    for line in repo.read(&format!("{folder}/PRUNABLE.sha256")).lines() {
        let (_, path) = line.split_once("  ").expect("two spaces");
        assert!(gone.contains(&path), "{path}");
    }
    let verified = repo.run(["verify"]);
    assert_eq!(verified.code, Some(0), "{verified}");
    assert!(verified.stderr.contains("7 files of launch"), "{verified}");
    let again = later(&repo, &["gc", "--older-than", "180d"]);
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (Some(0), ""),
        "{again}"
    );
    assert_eq!(annotations(&repo, &id).len(), 1);
}

#[test]
fn what_failed_is_kept() {
    let repo = shop();
    let (id, _) = closed(&repo);
    let folder = repo.launch_folder(&id);
    let ran = later(&repo, &["gc", "--older-than", "1d", "--keep", "failed"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    // The details of all three stand in one file, which stays, with what its steps refer to.
    assert_eq!(listed(&repo, &format!("{folder}/details")).len(), 1);
    assert!(ran.stderr.contains("stay whole"), "{ran}");
    let names = listed(&repo, &format!("{folder}/attachments"));
    let mut texts: Vec<String> = names
        .iter()
        .map(|name| repo.read(&format!("{folder}/attachments/{name}")))
        .collect();
    texts.sort();
    let kept = [
        "log of a\n",
        "log of c\n",
        "shot of a\n",
        "shot of b\n",
        "shot of c\n",
    ];
    assert_eq!(texts, kept);
    assert_eq!(annotations(&repo, &id).len(), 1);
}

/// Runs `tallybook` half a year and a day later.
fn later(repo: &TestRepo, args: &[&str]) -> crate::repo::Ran {
    let mut command = repo.command("", args);
    command.env("TALLYBOOK_NOW", "2027-05-24T00:00:00Z");
    repo.finish(command)
}

#[test]
fn ages_and_policies_are_checked() {
    let repo = shop();
    for args in [
        &["gc"][..],
        &["gc", "--older-than", "180"],
        &["gc", "--older-than", "-1d"],
        &["gc", "--older-than", "1d", "--keep", "all"],
    ] {
        assert_eq!(repo.output("", args).code, Some(2), "{args:?}");
    }
    let none = repo.run(["gc", "--older-than", "1d"]);
    assert_eq!(none.code, Some(0), "{none}");
}

#[test]
fn notes_are_files_of_their_own() {
    let repo = shop();
    let (id, receipt) = closed(&repo);
    repo.answer(["launch", "note", &id, "the sandbox was down"]);
    repo.write(
        "../findings.md",
        "# Findings\n\nTallybook-Receipt: sha256:0\n",
    );
    repo.answer(["launch", "note", &receipt, "--file", "../findings.md"]);
    let said = annotations(&repo, &id);
    assert_eq!(said.len(), 2);
    assert!(said.iter().all(|a| a["kind"] == "note"));
    repo.assert_clean();
    repo.answer(["verify"]);
    let open = repo.open_launch("Open");
    assert_refused(&repo.run(["launch", "note", &open, "x"]), &["is open"]);
    assert_refused(&repo.run(["launch", "note", &id, ""]), &["empty"]);
}

#[test]
fn an_act_is_pushed_onto_what_the_remote_has() {
    let repo = shop();
    let (id, _) = closed(&repo);
    repo.git([
        "init",
        "--quiet",
        "--bare",
        "--initial-branch=main",
        "../remote.git",
    ]);
    repo.git(["remote", "add", "origin", "../remote.git"]);
    repo.git(["push", "--quiet", "origin", "main"]);
    // Somebody else was there first.
    repo.git(["clone", "--quiet", "../remote.git", "../other"]);
    repo.write("../other/theirs.txt", "theirs\n");
    repo.git_in("../other", ["add", "."]);
    repo.git_in("../other", ["commit", "--quiet", "-m", "Theirs"]);
    repo.git_in("../other", ["push", "--quiet"]);
    let ran = repo.run(["launch", "note", &id, "seen", "--push"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("pushed"), "{ran}");
    assert_eq!(
        repo.read("theirs.txt"),
        "theirs\n",
        "the local branch followed"
    );
    let log = repo.git_in("../remote.git", ["log", "-2", "--format=%s", "main"]);
    assert_eq!(log, "Note on launch Nightly (SHOP) [skip ci]\nTheirs");
    repo.assert_clean();
}

#[test]
fn a_violation_is_acknowledged_by_name() {
    let repo = shop();
    let (id, _) = closed(&repo);
    let folder = repo.launch_folder(&id);
    repo.git(["rm", "-r", "--quiet", &folder]);
    let commit = repo.commit("Remove it");
    let acknowledge = |args: &[&str]| {
        repo.output(
            "",
            &[
                &["launch", "acknowledge", &id, "--reason", "by agreement"],
                args,
            ]
            .concat(),
        )
    };
    let wrong = acknowledge(&["--violation", "changed-file"]);
    assert_refused(
        &wrong,
        &["finds no violation `changed-file`", "removed-launch by"],
    );
    let wrong = acknowledge(&["--violation", "removed-launch", "--commit", "0123456"]);
    assert_refused(&wrong, &["finds no violation"]);
    let ran = acknowledge(&["--violation", "removed-launch", "--commit", &commit[..10]]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stdout.starts_with("acknowledged removed-launch by "),
        "{ran}"
    );
    let [said] = &annotations(&repo, &id)[..] else {
        panic!("one annotation");
    };
    assert_eq!(said["kind"], "acknowledged");
    assert_eq!(
        said["violation"],
        json!({"kind": "removed-launch", "commit": commit})
    );
    repo.assert_clean();
    let verified = repo.run(["verify"]);
    assert_eq!(verified.code, Some(0), "{verified}");
    assert!(
        verified.stderr.contains("acknowledged by Alice"),
        "{verified}"
    );
}

/// All that a rendered site says, script chunks included.
fn site(repo: &TestRepo) -> String {
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let mut out = String::new();
    for entry in walkdir::WalkDir::new(repo.root().join("../site")) {
        let entry = entry.expect("the site lists");
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).expect("reads");
            out.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    out
}

#[test]
fn the_site_and_show_say_what_is_gone() {
    let repo = shop();
    let (id, _) = closed(&repo);
    let name = attachment(&repo, &repo.launch_folder(&id), "log of a\n");
    assert!(site(&repo).contains("log of a"));
    let path = format!("attachments/{name}");
    repo.answer(["launch", "redact", &id, &path, "--reason", "a <name>"]);
    let shown = site(&repo);
    assert!(
        !shown.contains("log of a"),
        "a redacted file is nowhere on the site"
    );
    assert!(
        shown.contains("redacted on 22 Nov 2026 by Alice Example: a "),
        "beside the attachment"
    );
    assert!(
        shown.contains("a &lt;name&gt;") && shown.contains(&path),
        "on the launch's page"
    );
    let pruned = later(
        &repo,
        &["gc", "--older-than", "1d", "--reason", "our policy"],
    );
    assert_eq!(pruned.code, Some(0), "{pruned}");
    repo.answer(["launch", "note", &id, "the **sandbox** was down"]);
    let shown = site(&repo);
    assert!(shown.contains("pruned on 24 May 2027 by Alice Example: our policy"));
    assert!(shown.contains("steps and output of this launch were pruned"));
    assert!(shown.contains("the <strong>sandbox</strong> was down"));
    assert!(!shown.contains("and not fetched"));
    let text = repo.answer(["launch", "show", &id]);
    for word in [
        "redacted      1 file on 22 November 2026, 18:43 UTC by Alice Example <alice@example.com>: a <name>",
        "pruned        6 files on 24 May 2027, 00:00 UTC by Alice",
        "note          on 22 November 2026",
    ] {
        assert!(text.contains(word), "{word}\n{text}");
    }
    let json = repo.json(["launch", "show", &id, "--format", "json"]);
    let kinds: Vec<&str> = json["annotations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|said| said["kind"].as_str().expect("a kind"))
        .collect();
    assert_eq!(kinds, ["note", "redacted", "pruned"]);
}

#[test]
fn a_launch_without_its_results_is_still_shown() {
    let repo = shop();
    let (id, _) = closed(&repo);
    let folder = repo.launch_folder(&id);
    let shard = format!("results/{}", listed(&repo, &format!("{folder}/results"))[0]);
    let totals = repo.totals(&id);
    repo.answer(["launch", "redact", &id, &shard, "--reason", "a token"]);
    assert_eq!(repo.totals(&id), totals);
    repo.answer(["verify"]);
    let shown = site(&repo);
    assert!(shown.contains("a file of results of this launch was redacted on 22 Nov 2026"));
    for file in ["outcomes.yaml", "tests.yaml", "cases.yaml"] {
        repo.answer(["launch", "redact", &id, file, "--reason", "a name"]);
        let ran = repo.run(["render", "--out", "../site"]);
        assert_eq!(ran.code, Some(0), "{file}\n{ran}");
        repo.answer(["verify"]);
    }
    repo.answer(["validate"]);
    // What is gone can't be followed up, and says so.
    let late = repo.run(["launch", "append", &id, "../results", "--attempt", "2"]);
    assert_refused(&late, &["was redacted", "--supersedes"]);
}

#[test]
fn a_record_that_does_not_read_is_said() {
    let repo = shop();
    let (id, _) = closed(&repo);
    let path = format!("projects/shop/annotations/{id}/x.yaml");
    repo.write(
        &path,
        "format: 1\nkind: erased\nat: 2026-11-22T18:43:00Z\nreason: r\n",
    );
    let shown = repo.run(["launch", "show", &id]);
    assert_eq!(shown.code, Some(0), "{shown}");
    assert!(
        shown.stderr.contains(&path) && shown.stderr.contains("erased"),
        "{shown}"
    );
    let found = repo.run(["validate"]);
    assert_eq!(found.code, Some(1), "{found}");
    assert!(found.stdout.contains("TB0234"), "{found}");
    let rendered = repo.run(["render", "--out", "../site"]);
    assert!(rendered.stderr.contains(&path), "{rendered}");
}
