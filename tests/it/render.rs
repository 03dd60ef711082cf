//! `render`: a launch in one file, several workspaces in one site, launches since a moment, a workspace's own look.

use crate::repo::{TestRepo, assert_found, assert_refused};
use crate::shop::{result, shop, with};

/// A workspace with one closed launch, of a failure and a success; and the launch's id.
fn closed() -> (TestRepo, String) {
    let repo = shop();
    let failed = with(
        result("a", "expired", "failed"),
        &serde_json::json!({"statusDetails": {"message": "no </script> form", "trace": "at auth.rs:7"}}),
    );
    repo.allure("../results", &failed);
    repo.allure("../results", &result("b", "valid", "passed"));
    let (id, _) = repo.close_with("Nightly", "../results");
    (repo, id)
}

#[test]
fn a_launch_is_one_file() {
    let (repo, id) = closed();
    let ran = repo.run(["render", "--single-file", &id, "--at", "HEAD"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(ran.stdout.trim(), format!("{id}.html"));
    let html = repo.read(&format!("{id}.html"));
    for said in [
        "no &lt;/script&gt; form",
        "at <b>auth.rs:7",
        "valid",
        "tallybook verify",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert_eq!(html.matches("<script").count(), 2);
    let printed = repo.run(["render", "--single-file", &id, "--at", "HEAD", "--out", "-"]);
    assert!(printed.stdout.contains("at <b>auth.rs:7"), "{printed}");
    assert!(printed.stderr.contains("7.0 MB at most"), "{printed}");
}

#[test]
fn what_can_be_no_file_is_refused() {
    let (repo, id) = closed();
    let of = |args: &[&str]| {
        let mut all = vec!["render", "--single-file"];
        all.extend(args);
        repo.output("", &all)
    };
    assert_refused(&of(&["2031"]), &["no launch `2031`", "launch list"]);
    assert_refused(
        &of(&[&id, "--out", "projects"]),
        &["is a folder", "--out launch.html"],
    );
    assert_refused(
        &of(&[&id, "--budget", "1kB"]),
        &["too little", "--budget SIZE"],
    );
    assert_refused(&of(&[&id, "--budget", "some"]), &["no size", "500kB"]);
    assert_refused(
        &of(&[&id, "--out", "tallybook.yaml/x.html"]),
        &["tallybook.yaml"],
    );
    let open = repo.open_launch("Still open");
    assert_refused(&of(&[&open]), &["is open", "tallybook report"]);
    assert_refused(&repo.run(["render"]), &["--out"]);
}

#[test]
fn several_workspaces_are_one_site() {
    let (repo, _) = closed();
    repo.write("tools/tallybook.yaml", "format: 1\ntitle: Tools\n");
    repo.write("tools/projects/t/project.yaml", "name: Tools\nkey: SHOP\n");
    repo.commit("Another workspace");
    let ran = repo.run(["render", ".", "tools", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let place = "tools/projects/t/project.yaml:2:6: TB0380";
    assert!(ran.stderr.contains(place), "{ran}");
    let top = repo.read("../site/index.html");
    assert!(
        top.contains("href=\"tools/index.html\"") && top.contains("Blocked"),
        "{top}"
    );
    let below = repo.read("../site/tools/index.html");
    assert!(
        below.contains("<a href=\"../index.html\" dir=\"auto\">All workspaces</a>"),
        "{below}"
    );
    let at = repo.run(["render", ".", "tools", "--out", "../site", "--at", "HEAD"]);
    assert_refused(
        &at,
        &["`--at` is about one workspace", "tallybook -C DIR render"],
    );
    let twice = repo.run(["render", "tools", "tools/projects", "--out", "../site"]);
    assert_refused(&twice, &["are one workspace"]);
}

#[test]
fn earlier_launches_can_be_left_out() {
    let (repo, first) = closed();
    let before = repo.commit("Before the second");
    let (second, _) = repo.close_with("Nightly again", "../results");
    let ran = repo.run(["render", "--out", "../site", "--since", before.trim()]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let list = repo.read("../site/shop/launches.html");
    assert!(list.contains(&second) && !list.contains(&first), "{list}");
    assert!(list.contains("launches since") && list.contains("alone"));
    let none = repo.run(["render", "--out", "../site", "--since", "2999-01-01"]);
    assert!(
        none.stderr
            .contains("no launch was closed since `2999-01-01`"),
        "{none}"
    );
    let unknown = repo.run(["render", "--out", "../site", "--since", "nothing"]);
    assert_refused(&unknown, &["`nothing`", "a day as `2026-11-22`"]);
}

#[test]
fn a_workspace_has_a_look_of_its_own() {
    let (repo, _) = closed();
    repo.write("templates/site/logo.html", "<b>Acme</b>");
    repo.write(
        "templates/site/assets/theme.css",
        ":root { --accent: #7a1f5c; }",
    );
    repo.write("templates/site/lauch.html", "");
    let ran = repo.run(["render", "--out", "../site"]);
    assert!(
        ran.stderr.contains("templates/site/lauch.html: TB0382"),
        "{ran}"
    );
    assert!(ran.stderr.contains("did you mean `launch.html`"), "{ran}");
    assert!(repo.read("../site/index.html").contains("<b>Acme</b>"));
    repo.write(
        "templates/site/logo.html",
        "<b>\n{{ frame.nothing.here }}</b>",
    );
    let broken = repo.run(["render", "--out", "../site"]);
    assert_found(
        &broken,
        &["templates/site/logo.html:2:", "TB0381", "explain TB0381"],
    );
    assert!(
        repo.read("../site/index.html").contains("<b>Acme</b>"),
        "the last site stays"
    );
}
