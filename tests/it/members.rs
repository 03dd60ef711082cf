//! Members, projects and the owners of paths, as people manage them.

use crate::repo::{TestRepo, assert_found, assert_refused};
use crate::shop::{shop, shop_in};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBQkzRKnYoAVw1lKkUmQgm2yrnYTPxxGQqcCZRpHCDz carol@laptop";
const CAROL: &str = "projects/shop/members/carol.yaml";

#[test]
fn a_teammate_is_one_command_and_one_branch() {
    let repo = shop();
    repo.write("projects/shop/README.md", "not committed\n");
    let before = repo.git(["status", "--porcelain"]);
    let ran = repo.run([
        "member",
        "add",
        "Carol",
        "--email",
        "carol@example.com",
        "--branch",
        "add-carol",
    ]);
    insta::assert_snapshot!(ran, @r"
    projects/shop/members/carol.yaml
    --- stderr ---
    added Carol (carol, writer) on the branch `add-carol`
    hint: `git push -u origin add-carol`, and open a pull request
    [exit 0]
    ");
    assert_eq!(repo.git(["status", "--porcelain"]), before);
    assert_eq!(repo.git(["branch", "--show-current"]), "main");
    assert_eq!(
        repo.git(["diff", "--name-status", "main", "add-carol"]),
        format!("A\t{CAROL}")
    );
    assert_eq!(
        repo.git(["show", &format!("add-carol:{CAROL}")]),
        "name: Carol\nemails: [carol@example.com]\nrole: writer"
    );
    assert_eq!(
        repo.git(["log", "-1", "--format=%s", "add-carol"]),
        "Add Carol to Shop as a writer"
    );
    let again = repo.run([
        "member",
        "add",
        "Carol",
        "--email",
        "carol@example.com",
        "--branch",
        "add-carol",
    ]);
    assert_refused(&again, &["there is a branch `add-carol` already"]);
    repo.git(["fsck", "--strict"]);
}

#[test]
fn a_member_is_edited_and_their_file_stays_theirs() {
    let repo = shop();
    let text =
        "# our Carol\nrole: reader # for now\nname: Carol\nemails:\n  - carol@example.com # work\n";
    repo.write(CAROL, text);
    repo.write("carol.pub", KEY);
    let ran = repo.run([
        "member",
        "add",
        "carol",
        "--role",
        "writer",
        "--key",
        "carol.pub",
        "--email",
        "c@home.example",
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let expected = format!(
        "# our Carol\nrole: writer # for now\nname: Carol\nemails:\n  - carol@example.com # work\n  \
         - c@home.example\nkeys: [{KEY}]\n"
    );
    assert_eq!(repo.read(CAROL), expected);
    let again = repo.run(["member", "add", "carol", "--key", KEY]);
    assert!(again.stderr.contains("has all of that already"), "{again}");
    assert_eq!(repo.read(CAROL), expected);
    assert_eq!(repo.run(["validate"]).code, Some(0));
    insta::assert_snapshot!(repo.run(["member", "list"]), @r"
     project  member  name           role    emails                             keys
     SHOP     alice   Alice Example  owner   alice@example.com                  0
     SHOP     carol   Carol          writer  carol@example.com, c@home.example  1
    [exit 0]
    ");
    let list = repo.json(["member", "list", "--format", "json"]);
    assert_eq!(list[1]["role"], "writer");
    assert_eq!(list[1]["keys"][0], KEY);
    let ran = repo.run(["member", "remove", "c@home.example"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(!repo.root().join(CAROL).exists());
}

#[test]
fn what_would_harm_is_refused() {
    let repo = shop();
    let private =
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n";
    repo.write("id_ed25519", private);
    let ran = repo.run([
        "member",
        "add",
        "Carol",
        "--email",
        "c@x",
        "--key",
        "id_ed25519",
    ]);
    assert_refused(&ran, &["this is a PRIVATE key", "nothing was written"]);
    assert!(!repo.root().join(CAROL).exists());
    let ran = repo.run(["member", "add", "Mallory", "--email", "ALICE@example.com"]);
    assert_refused(
        &ran,
        &[
            "belongs to the member `alice`",
            "`tallybook member add alice …`",
        ],
    );
    let ran = repo.run(["member", "remove", "alice"]);
    assert_refused(&ran, &["`alice` is the last owner of project `Shop`"]);
    let ran = repo.run(["member", "remove", "alise"]);
    assert_refused(&ran, &["no member `alise`", "did you mean `alice`?"]);
    let ran = repo.run(["member", "add", "Carol"]);
    assert_refused(&ran, &["needs an email address"]);
    let ran = repo.run(["member", "add", "Carol", "--email", "c@x", "--role", "boss"]);
    assert_refused(&ran, &["expected `owner`, `writer`, `runner` or `reader`"]);
    assert_eq!(repo.git(["status", "--porcelain"]), "?? id_ed25519");
    let bare = TestRepo::new();
    let ran = bare.run(["member", "list"]);
    assert_refused(&ran, &["there is no `tallybook.yaml`"]);
}

#[test]
fn a_project_is_added_beside_another() {
    let repo = shop();
    let ran = repo.run(["project", "new", "Mobile app", "--key", "APP"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let again = repo.run(["project", "new", "Mobile app", "--key", "APQ"]);
    assert_refused(&again, &["exists already"]);
    let same = repo.run(["project", "new", "Other", "--key", "SHOP"]);
    assert_refused(&same, &["the key `SHOP` belongs to the project `shop`"]);
    assert_eq!(repo.run(["validate"]).code, Some(0));
    insta::assert_snapshot!(repo.run(["project", "list"]), @r"
     key   folder      name        cases  members
     APP   mobile-app  Mobile app  1      1
     SHOP  shop        Shop        2      1
    [exit 0]
    ");
}

#[test]
fn owners_of_paths_follow_owners_of_cases() {
    let repo = shop();
    repo.answer(["member", "add", "Bob", "--email", "bob@example.com"]);
    let case = "projects/shop/cases/mail/dark.md";
    repo.write(case, repo.read(case).replace("owner: alice", "owner: bob"));
    insta::assert_snapshot!(repo.run(["codeowners"]), @r"
    # tallybook: begin (`tallybook codeowners` writes these lines)
    # Tallybook
    /tallybook.yaml alice@example.com
    /.gitattributes alice@example.com
    # Shop (shop)
    /projects/shop/cases/ alice@example.com
    /projects/shop/cases/mail/ bob@example.com
    /projects/shop/project.yaml alice@example.com
    /projects/shop/members/ alice@example.com
    /projects/shop/gates/ alice@example.com
    /projects/shop/mutes/ alice@example.com
    # tallybook: end
    [exit 0]
    ");
    repo.write(".github/CODEOWNERS", "* @team\n");
    let stale = repo.run(["codeowners", "--check"]);
    assert_found(&stale, &["`tallybook codeowners --out"]);
    repo.answer(["codeowners", "--out", ".github/CODEOWNERS"]);
    assert!(
        repo.read(".github/CODEOWNERS")
            .starts_with("* @team\n\n# tallybook: begin")
    );
    assert_eq!(repo.run(["codeowners", "--check"]).code, Some(0));
    let gitlab = repo.answer(["codeowners", "--format", "gitlab"]);
    assert!(gitlab.contains("\n[Shop (shop)]\n"), "{gitlab}");
    repo.write(case, repo.read(case).replace("owner: bob", "owner: alice"));
    assert_eq!(repo.run(["codeowners", "--check"]).code, Some(1));
}

#[test]
fn a_workspace_in_a_folder_names_paths_that_hosts_read() {
    let repo = shop_in("qa/tests");
    let lines = repo.run_in("qa/tests", ["codeowners"]);
    assert!(
        lines.stdout.contains("\n/qa/tests/tallybook.yaml alice@"),
        "{lines}"
    );
    assert!(
        lines
            .stdout
            .contains("\n/qa/tests/projects/shop/cases/ alice@"),
        "{lines}"
    );
    let absent = repo.run_in("qa/tests", ["codeowners", "--check"]);
    let words = [
        "there is no CODEOWNERS where GitHub looks for it",
        "`tallybook codeowners --out ../../.github/CODEOWNERS` writes one",
    ];
    assert_refused(&absent, &words);
    let gitlab = repo.run_in("qa/tests", ["codeowners", "--check", "--format", "gitlab"]);
    assert_refused(
        &gitlab,
        &["`tallybook codeowners --format gitlab --out ../../CODEOWNERS`"],
    );
    // Written where nobody reads it.
    let aside = repo.run_in("qa/tests", ["codeowners", "--out", ".github/CODEOWNERS"]);
    assert_eq!(aside.code, Some(0), "{aside}");
    for words in [
        "GitHub does not read",
        "it reads `.github/CODEOWNERS`, `CODEOWNERS` or `docs/CODEOWNERS` at the root of the repository: `--out \
         ../../.github/CODEOWNERS`",
    ] {
        assert!(aside.stderr.contains(words), "{words}\n{aside}");
    }
    // The way that was named is read.
    let out = ["codeowners", "--out", "../../.github/CODEOWNERS"];
    let written = repo.run_in("qa/tests", out);
    assert_eq!(written.code, Some(0), "{written}");
    assert!(!written.stderr.contains("does not read"), "{written}");
    let check = repo.run_in("qa/tests/projects", ["codeowners", "--check"]);
    assert_eq!(check.code, Some(0), "{check}");
    repo.answer([
        "-C",
        "qa/tests",
        "member",
        "add",
        "Bob",
        "--email",
        "b@example.com",
        "--role",
        "owner",
    ]);
    let stale = repo.run_in("qa/tests/projects", ["codeowners", "--check"]);
    assert_found(
        &stale,
        &["`tallybook codeowners --out ../../../.github/CODEOWNERS` writes it"],
    );
    // What a sparse checkout leaves out is not absent.
    repo.commit("Owners");
    repo.git(["sparse-checkout", "set", "--cone", "qa"]);
    let check = repo.run_in("qa/tests", ["codeowners", "--check"]);
    assert_refused(
        &check,
        &[
            "left out of the working tree",
            "`git sparse-checkout add .github`",
        ],
    );
}

#[test]
fn owners_of_nobody_are_not_written() {
    let repo = shop();
    repo.git(["rm", "-rq", "projects/shop/members"]);
    let nobody = "there is nobody to name: no project has a member with an email address";
    let shown = repo.run(["codeowners"]);
    assert_eq!(
        (shown.code, shown.stdout.as_str()),
        (Some(0), ""),
        "{shown}"
    );
    assert!(shown.stderr.contains(nobody), "{shown}");
    assert!(shown.stderr.contains("tallybook member add"), "{shown}");
    let written = repo.run(["codeowners", "--out", ".github/CODEOWNERS"]);
    assert_eq!(written.code, Some(0), "{written}");
    assert!(
        !repo.root().join(".github/CODEOWNERS").exists(),
        "{written}"
    );
    // Lines of members who left are not kept.
    repo.write(
        ".github/CODEOWNERS",
        "* @team\n# tallybook: begin\n/a bob@x\n# tallybook: end\n",
    );
    repo.answer(["codeowners", "--out", ".github/CODEOWNERS"]);
    let left = repo.read(".github/CODEOWNERS");
    assert!(
        left.contains("* @team") && !left.contains("bob@x"),
        "{left}"
    );
}
