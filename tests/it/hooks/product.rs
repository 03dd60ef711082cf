//! A workspace in a product's repository, with a branch for closed launches.

use super::{CASE, MAIN, Server};
use crate::repo::TestRepo;
use crate::shop::{FILES, junit};

/// A product's repository: code, a workspace in `qa`, and a branch for closed launches.
fn product() -> Server {
    let repo = TestRepo::without_git();
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
    for (path, text) in FILES.iter().filter(|(path, _)| *path != ".gitattributes") {
        repo.write(&format!("dev/qa/{path}"), text);
    }
    let own = "format: 1\ntitle: Shop\nlaunches: {branch: tallybook}\n";
    repo.write("dev/qa/tallybook.yaml", own);
    repo.write("r.xml", junit(&[("a", CASE), ("b", "<failure/>")]));
    let server = Server(repo);
    server.passes(
        "git checkout -q -b main; as alice; cd qa; member wes writer; member ron runner; cd ..
         echo 1 > main.c; commit 'Set up'; git push -q -u origin main",
    );
    server
}

#[test]
fn a_branch_for_launches_follows_the_rules_of_the_documentation() {
    let server = product();
    // Whoever may close begins the branch; strangers don't.
    let refused = server.refuses(
        "as eve; cd qa; tallybook launch append -q --key a ../../r.xml >/dev/null; git checkout -q -b own; member eve owner; commit own; tallybook launch close --key a >/dev/null; git checkout -q main",
        "git push -q origin tallybook",
        "refs/heads/tallybook: commit `",
    );
    assert_eq!(refused, Ok(()));
    server.passes("git branch -q -D tallybook");
    server.passes(
        "as ron; cd qa; tallybook launch append -q --key b ../../r.xml --push >/dev/null
         tallybook launch close --key b --push >/dev/null; git ls-remote --exit-code -q origin tallybook",
    );
    for (prepare, words) in [
        (
            "as eve; cd qa; member eve owner",
            "(no member, by author) changed the settings `projects/shop/members/eve.yaml`",
        ),
        (
            "as ron; cd qa; echo x >> $(ls -d projects/shop/launches/*/*/*)/tests.yaml",
            "of the closed launch",
        ),
        (
            "as ron; mkdir away; git mv qa/projects away/",
            "(runner, by author) took the closed launch `",
        ),
        (
            "as eve; n=away/projects/x/launches/2026/11/n-1; mkdir -p $(dirname $n); cp -R $(ls -d qa/projects/shop/launches/*/*/*) $n; cp -R qa/projects/shop/executed away/projects/x/; sed -i 's/^id: .*/id: n-1/; s/^project: .*/project: XX/' $n/launch.yaml; commit plant; git rm -rq qa/projects",
            "removed the closed launch `",
        ),
        (
            "as ron; cd qa; echo '* text' > .gitattributes",
            "(runner, by author) changed the settings `.gitattributes`",
        ),
    ] {
        let prepare = format!(
            "git fetch -q; git checkout -q -B work origin/tallybook; mkdir -p qa/projects/shop/members; {prepare}; commit x"
        );
        assert_eq!(
            server.refuses(&prepare, "git push -q origin work:tallybook", words),
            Ok(())
        );
    }
    let refused = server.refuses(
        "true",
        "git push -q origin :tallybook",
        "its deletion would lose",
    );
    assert_eq!(refused, Ok(()));
    // The documentation has its own commits, and `verify` says what both did.
    server.passes("git checkout -q -f main; cd qa; tallybook verify");
    let said = server.shell("as ron; git checkout -q -b bad; cd qa; echo x >> projects/shop/cases/mail/dark.md; commit x; tallybook verify --since main");
    assert_eq!(said.code, Some(1), "{said}");
    assert!(
        said.stdout
            .contains("(runner, by author) changed the documentation"),
        "{said}"
    );
}

#[test]
fn a_workspace_in_a_folder_is_guarded_too() {
    let server = product();
    let refused = server.refuses(
        "as wes; cd qa; member wes owner; commit x",
        MAIN,
        "(writer, by author) changed the settings `projects/shop/members/wes.yaml`",
    );
    assert_eq!(refused, Ok(()));
    let moved = server.refuses(
        "git reset -q --hard HEAD~1; as wes; git mv qa tests; cd tests; member wes owner; commit x",
        MAIN,
        "(writer, by author) changed the settings",
    );
    assert_eq!(moved, Ok(()));
    server.passes(
        "git reset -q --hard HEAD~1; as alice; git mv qa tests; commit x; git push -q origin main",
    );
}
