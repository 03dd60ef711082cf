//! Where commands run: folders, repositories, branches and identities that are not as usual.

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{FILES, PROJECT, junit, result, shop, shop_in, stable};

#[test]
fn odd_names_of_folders() {
    let repo = TestRepo::new();
    let folder = "ordner mit leerzeichen/測試 'x' $HOME";
    repo.write(&format!("{folder}/tallybook.yaml"), "format: 1\n");
    repo.write(
        &format!("{folder}/projects/shop/project.yaml"),
        "key: SHOP\nname: Shop\n",
    );
    repo.commit("Set up");
    repo.write(&format!("../a b/{}.xml", "ü ☃"), junit(&[("x", "")]));
    let ran = |args: &[&str]| {
        let output = repo.command(folder, args).output().expect("runs");
        assert_eq!(output.status.code(), Some(0), "{args:?} {output:?}");
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim_end()
            .to_owned()
    };
    let id = ran(&["launch", "open", "--name", "x"]);
    ran(&["launch", "append", &id, "../../../a b"]);
    ran(&["launch", "close", &id]);
    assert!(ran(&["verify"]).contains("1 closed launch verified"));
    repo.assert_clean();
}

#[test]
fn a_folder_that_is_no_workspace() {
    let repo = TestRepo::new();
    for args in [
        ["launch", "list"],
        ["launch", "open"],
        ["validate", "."],
        ["verify", "--quiet"],
    ] {
        assert_refused(&repo.run(args), &["tallybook.yaml", "tallybook init"]);
    }
    assert_refused(&repo.run(["render", "--out", "x"]), &["tallybook.yaml"]);
}

#[test]
fn a_workspace_outside_git() {
    let repo = TestRepo::without_git();
    repo.write("tallybook.yaml", "format: 1\n")
        .write("projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
    assert_refused(
        &repo.run(["launch", "open"]),
        &["not in a git repository", "git init"],
    );
    assert_refused(&repo.run(["verify"]), &["not in a git repository"]);
    assert_eq!(repo.run(["launch", "list"]).code, Some(0));
    assert_eq!(repo.run(["validate"]).code, Some(0));
}

#[test]
fn a_project_without_a_key() {
    let repo = shop();
    repo.write(&format!("{PROJECT}/project.yaml"), "name: Shop\n");
    insta::assert_snapshot!(repo.run(["launch", "open"]), @r#"
    --- stderr ---
    error: project `shop` has no key
    hint: set `key:` in `projects/shop/project.yaml` to upper-case letters and digits, as `SHOP`
    hint: `tallybook validate` lists all that is wrong
    [exit 2]
    "#);
    repo.write(&format!("{PROJECT}/project.yaml"), "key: [\n");
    assert_refused(&repo.run(["launch", "open"]), &["tallybook validate"]);
    repo.write(&format!("{PROJECT}/project.yaml"), [0xff, 0xfe, 0x00, 0x01]);
    assert_refused(&repo.run(["launch", "open"]), &["tallybook validate"]);
    assert_eq!(repo.run(["launch", "list"]).code, Some(0));
}

#[test]
fn several_projects_and_none() {
    let repo = shop();
    repo.write("projects/api/project.yaml", "key: API\nname: API\n");
    assert_refused(
        &repo.run(["launch", "open"]),
        &["there are several projects: `API` and `SHOP`", "--project"],
    );
    assert_refused(
        &repo.run(["launch", "open", "-p", "SHPO"]),
        &["there is no project `SHPO`", "did you mean `SHOP`?"],
    );
    let id = repo.answer(["launch", "open", "-p", "shop", "--key", "1"]);
    assert_ne!(
        repo.answer(["launch", "open", "-p", "api", "--key", "1"]),
        id
    );
    std::fs::remove_dir_all(repo.root().join("projects")).expect("removes");
    assert_refused(
        &repo.run(["launch", "open"]),
        &["the workspace has no projects"],
    );
}

#[test]
fn a_launch_that_is_closed_unknown_or_ambiguous() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let (id, _) = repo.close_with("Nightly", "../junit.xml");
    repo.write("../more.xml", junit(&[("y", "")]));
    let ran = repo.run(["launch", "append", &id, "../more.xml", "--to", "carried"]);
    insta::assert_snapshot!(ran, @r#"
    --- stderr ---
    error: launch `2026-11-22-1843-nightly-s9yr` is closed; only its follow-up takes more results, and that can't be carried
    hint: append without `--to`, where the follow-up can be opened
    [exit 2]
    "#);
    let near = id.replace("nightly", "nightyl");
    insta::assert_snapshot!(repo.run(["launch", "close", &near]), @r#"
    --- stderr ---
    error: no launch `2026-11-22-1843-nightyl-s9yr`; did you mean `2026-11-22-1843-nightly-s9yr`?
    hint: `tallybook launch list` shows all launches
    [exit 2]
    "#);
    repo.open_launch("Nightly");
    insta::assert_snapshot!(repo.run(["launch", "show", "2026-11"]), @r#"
    --- stderr ---
    error: `2026-11` begins the ids of 2 launches
    hint: they are `2026-11-22-1843-nightly-547b` and `2026-11-22-1843-nightly-s9yr`
    [exit 2]
    "#);
    assert_refused(
        &repo.run(["launch", "show", ""]),
        &["no launch is named", "the one that is open here is"],
    );
    assert_refused(&repo.run(["launch", "show", "../../etc"]), &["no launch"]);
    assert_refused(
        &repo.run(["launch", "open", "--supersedes", "nope"]),
        &["no launch `nope`"],
    );
}

#[test]
fn a_bare_repository() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let (id, receipt) = repo.close_with("Nightly", "../junit.xml");
    repo.git(["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let bare = |args: &[&str]| repo.output("../bare.git", args);
    assert!(bare(&["verify"]).stdout.contains(&receipt));
    assert!(
        bare(&["launch", "show", &id, "--at", "main"])
            .stdout
            .contains(&receipt)
    );
    assert_refused(
        &bare(&["launch", "list"]),
        &["a bare repository has no working tree", "--at"],
    );
    assert_refused(&bare(&["render", "--out", "../s"]), &["--at"]);
    assert_refused(&bare(&["init"]), &["a bare repository"]);
    // A server may take results: its branch moves, and there is nothing else to keep in step.
    let id = bare(&["launch", "open", "--name", "On the server"])
        .stdout
        .trim_end()
        .to_owned();
    assert_eq!(
        bare(&["launch", "append", &id, "../junit.xml"]).code,
        Some(0)
    );
    let closed = bare(&["launch", "close", &id]);
    assert_eq!(closed.code, Some(0), "{closed}");
    assert!(
        bare(&["verify"])
            .stdout
            .contains("2 closed launches verified")
    );
    repo.git(["--git-dir=../bare.git", "fsck", "--strict"]);
}

#[test]
fn an_empty_repository() {
    let repo = TestRepo::new();
    repo.answer(["init", "--name", "Shop", "--quiet"]);
    repo.write("../junit.xml", junit(&[("x", "")]));
    assert_eq!(
        repo.answer(["verify"]),
        "there are no closed launches to verify"
    );
    let id = repo.open_launch("First");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    let ran = repo.run(["launch", "close", &id]);
    assert_refused(&ran, &["has no commit yet", "git commit"]);
    assert_refused(&repo.run(["launch", "list", "--at", "HEAD"]), &["HEAD"]);
    repo.commit("Set up");
    repo.answer(["launch", "close", &id]);
    repo.assert_clean();
}

#[test]
fn a_workspace_that_is_not_committed_yet() {
    let repo = TestRepo::new();
    repo.write("code.txt", "x");
    repo.commit("Code");
    repo.answer(["init", "--name", "Shop", "--quiet"]);
    repo.write("../junit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("First");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    let ran = repo.run(["launch", "close", &id]);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("commit"), "{ran}");
}

#[test]
fn nobody_s_name() {
    let mut repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    for name in [
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "EMAIL",
    ] {
        repo = repo.env(name, "");
    }
    let id = repo.open_launch("Anonymous");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    let ran = repo.run(["launch", "close", &id]);
    insta::assert_snapshot!(ran, @r#"
    --- stderr ---
    error: git does not know who you are
    hint: run `git config user.name NAME` and `git config user.email EMAIL`, or set GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL
    [exit 2]
    "#);
    assert_refused(
        &repo.run(["launch", "run", "--", "touch", "was-run"]),
        &["git does not know who you are"],
    );
    assert!(!repo.root().join("was-run").exists());
    repo.git(["config", "user.name", "Bob"]);
    repo.git(["config", "user.email", "alice@example.com"]);
    repo.answer(["launch", "close", &id]);
    assert_eq!(
        repo.git(["log", "-1", "--format=%an <%ae>"]),
        "Bob <alice@example.com>"
    );
}

#[test]
fn a_detached_head() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    repo.git(["checkout", "--quiet", "--detach"]);
    let id = repo.open_launch("Detached");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    assert_refused(
        &repo.run(["launch", "close", &id]),
        &["no branch is checked out", "--branch NAME"],
    );
    assert_refused(
        &repo.run(["launch", "close", &id, "--branch", "a..b"]),
        &["a..b"],
    );
    repo.answer(["launch", "close", &id, "--branch", "main"]);
    assert_eq!(repo.git(["rev-list", "--count", "HEAD..main"]), "1");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn a_locked_index() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Locked");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    repo.write(".git/index.lock", "");
    assert_refused(&repo.run(["launch", "close", &id]), &["index.lock"]);
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "1");
    std::fs::remove_file(repo.root().join(".git/index.lock")).expect("removes");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    repo.answer(["launch", "close", &id]);
    repo.assert_clean();
}

#[test]
fn a_file_in_the_way() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    repo.write(
        &format!("{PROJECT}/launches"),
        "a file where a folder belongs\n",
    );
    repo.commit("Get in the way");
    let id = repo.open_launch("Blocked");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    let ran = repo.run(["launch", "close", &id]);
    assert_refused(&ran, &["projects/shop/launches"]);
    assert_eq!(repo.run(["launch", "show", &id]).code, Some(0));
}

#[test]
fn init_refuses_what_it_would_overwrite() {
    let repo = TestRepo::new();
    assert_refused(&repo.run(["init", "--key", "shop"]), &["is no project key"]);
    repo.answer(["init", "--name", "測試", "--quiet"]);
    assert_refused(&repo.run(["init"]), &["`tallybook.yaml` exists already"]);
    assert_eq!(
        repo.run(["validate"]).code,
        Some(0),
        "{}",
        repo.run(["validate"])
    );
    repo.write("file", "x");
    assert_refused(&repo.run(["init", "file"]), &["file"]);
    repo.answer(["init", "deep/er place", "--quiet"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = std::fs::metadata(repo.root().join("tallybook.yaml")).expect("it is there");
        assert_eq!(
            file.permissions().mode() & 0o444,
            0o444,
            "others may read it"
        );
    }
}

#[test]
fn what_is_no_revision() {
    let repo = shop();
    for rev in [
        "nope",
        "",
        "HEAD~99",
        "--help",
        "\u{1b}[31m",
        "main:tallybook.yaml",
    ] {
        let at = format!("--at={rev}");
        assert_refused(&repo.run(["launch", "list", &at]), &["names no commit"]);
        assert_refused(&repo.run(["verify", &at]), &["names no commit"]);
    }
    let ran = repo.run(["launch", "list", "--at", "HEAD"]);
    insta::assert_snapshot!(stable(&ran), @r#"
    --- stderr ---
    there are no launches
    hint: open one: `tallybook launch open --name NAME`
    [exit 0]
    "#);
}

#[test]
fn a_setting_that_is_not_supported_is_never_passed_over() {
    let repo = shop();
    repo.write("../junit.xml", junit(&[("x", "")]));
    let id = repo.open_launch("Set");
    repo.answer(["launch", "append", &id, "../junit.xml"]);
    for (setting, said) in [
        ("attachments: {store: s3}", "`attachments.store` is `s3`"),
        (
            "redaction: [{pattern: '('}]",
            "`redaction` in `tallybook.yaml`",
        ),
    ] {
        repo.write("tallybook.yaml", format!("format: 1\n{setting}\n"));
        repo.commit("Set");
        assert_refused(&repo.run(["launch", "open"]), &[said]);
        assert_refused(
            &repo.run(["launch", "append", &id, "../junit.xml"]),
            &[said],
        );
        assert_refused(&repo.run(["launch", "close", &id]), &[said]);
        assert_refused(
            &repo.run(["launch", "run", "--", "touch", "was-run"]),
            &[said],
        );
        repo.answer(["launch", "show", &id]);
    }
    assert!(!repo.root().join("was-run").exists());
    repo.write("tallybook.yaml", "format: 1\nattachments: {store: git}\n");
    repo.commit("Unset");
    repo.answer(["launch", "close", &id]);
}

/// Two teams of one repository with the same project key and the same key of a CI run: verification
/// would take one's launch for the other's, moved and altered.
#[test]
fn workspaces_with_equal_keys_stay_apart() {
    let repo = shop_in("one");
    for (path, text) in FILES {
        repo.write(&format!("two/{path}"), text);
    }
    repo.commit("A second workspace");
    repo.allure("results", &result("a", "plain", "passed"));
    let mut ids = Vec::new();
    for folder in ["one", "two"] {
        let run = |args: &[&str]| {
            let ran = repo.output(folder, args);
            assert_eq!(ran.code, Some(0), "{ran}");
            ran.stdout.trim().to_owned()
        };
        ids.push(run(&["launch", "open", "--key", "17"]));
        run(&["launch", "append", "--key", "17", "../results"]);
        run(&["launch", "close", "--key", "17"]);
        run(&["launch", "close", "--key", "17"]);
    }
    assert_ne!(ids[0], ids[1]);
    for folder in ["one", "two"] {
        let ran = repo.run_in(folder, ["verify"]);
        assert_eq!(ran.code, Some(0), "{ran}");
    }
}
