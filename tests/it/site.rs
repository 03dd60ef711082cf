//! The rendered site: the same bytes from the same commit, and nothing that leaves the page.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::repo::TestRepo;
use crate::shop::{result, shop, with};

fn site() -> TestRepo {
    let repo = shop();
    let hostile = json!({
        "name": "<script>alert(1)</script> \u{202e} & \"quotes\"",
        "statusDetails": {"message": "</script><img src=x onerror=alert(1)>", "trace": "\u{1b}[31mred\u{1b}[0m"},
        "links": [{"name": "bug", "url": "https://tracker.example.com/1", "type": "issue"},
                  {"name": "bad", "url": "javascript:alert(1)", "type": "link"}],
        "description": "[x](javascript:alert(2)) <img src='https://evil.example.com/x.png'>",
        "attachments": [{"name": "page", "source": "1-attachment.html", "type": "text/html"},
                        {"name": "picture", "source": "2-attachment.svg", "type": "image/svg+xml"}],
    });
    repo.allure(
        "../results",
        &with(result("a", "plain", "failed"), &hostile),
    );
    repo.allure("../results", &result("b", "expired", "passed"));
    repo.write(
        "../results/1-attachment.html",
        "<script src='https://evil.example.com/x.js'></script>",
    );
    repo.write(
        "../results/2-attachment.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(3)'/>",
    );
    repo.close_with("Nightly", "../results");
    repo
}

fn files(folder: &Path, at: &str, out: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("the folder lists") {
        let path = entry.expect("the entry reads").path();
        let name = path.file_name().and_then(|n| n.to_str()).expect("UTF-8");
        let name = format!("{at}/{name}");
        match path.is_dir() {
            true => files(&path, &name, out),
            false => drop(out.insert(name, std::fs::read(&path).expect("reads"))),
        }
    }
}

fn rendered(repo: &TestRepo, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    files(&repo.root().join(folder), "", &mut out);
    out
}

#[test]
fn a_commit_renders_to_the_same_bytes() {
    let repo = site();
    let ran = repo.run(["render", "--out", "../one", "--at", "HEAD"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), "../one/index.html\n"),
        "{ran}"
    );
    let mut command = repo.command("", &["render", "--out", "../two", "--at", "main"]);
    command
        .env("TZ", "Pacific/Auckland")
        .env("LC_ALL", "tr_TR.UTF-8")
        .env("LANG", "tr_TR.UTF-8")
        .env("TALLYBOOK_NOW", "2031-01-01T00:00:00Z")
        .env("TALLYBOOK_SEED", "other");
    assert!(command.status().expect("runs").success());
    let (one, two) = (rendered(&repo, "../one"), rendered(&repo, "../two"));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        two.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name} differs");
    }
    assert!(one.len() > 8, "{:?}", one.keys());
    repo.answer(["render", "--out", "../one", "--at", "HEAD"]);
    assert!(
        rendered(&repo, "../one") == one,
        "rendering over a site gives the site"
    );
}

#[test]
fn badges_and_feeds_are_what_report_makes() {
    let repo = site();
    repo.commit("Closed");
    let address = "https://acme.example/shop";
    repo.answer(["render", "--out", "site", "--base-url", address]);
    let read = |name: &str| repo.read(&format!("site/shop/{name}"));
    let feed = repo.run(["report", "feed", "--site", address]).stdout;
    assert_eq!(read("feed.xml"), feed);
    assert!(
        feed.contains("https://acme.example/shop/shop/launches/"),
        "{feed}"
    );
    assert_eq!(read("badge.svg"), repo.run(["report", "badge"]).stdout);
    let shields = repo.run(["report", "badge", "--format", "shields"]).stdout;
    assert_eq!(read("badge.json"), shields);
    for page in ["index.html", "launches.html"] {
        assert!(
            read(page).contains("type=\"application/atom+xml\""),
            "{page}"
        );
    }
}

#[test]
fn what_is_no_site_is_left_alone() {
    let repo = site();
    repo.write("../mine/notes.txt", "x").write("../file", "x");
    for (out, kept) in [
        ("../mine", "../mine/notes.txt"),
        ("../file", "../file"),
        (".", "tallybook.yaml"),
    ] {
        let before = repo.read(kept);
        let ran = repo.run(["render", "--out", out]);
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains("site"), "{ran}");
        assert_eq!(repo.read(kept), before);
    }
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn no_request_leaves_the_page() {
    let repo = site();
    repo.answer(["render", "--out", "../site"]);
    let attribute = regex::Regex::new(r#"(?i)\b(src|href|srcset|action|poster|data)\s*=\s*["']?\s*([a-z][a-z0-9+.-]*:|//)[^"'\s>]*"#)
        .expect("a pattern");
    for (name, bytes) in rendered(&repo, "../site") {
        let text = String::from_utf8_lossy(&bytes);
        if name.ends_with(".html") {
            for found in attribute.find_iter(&text) {
                let found = found.as_str();
                let given =
                    found.contains("https://tracker.example.com/1") && found.starts_with("href");
                assert!(given || found.contains("data:"), "{name}: {found}");
            }
            assert!(
                !text.contains("<script>alert") && !text.contains("<img src=x"),
                "{name}"
            );
            assert!(!text.contains("javascript:"), "{name}");
            assert!(text.contains("Content-Security-Policy"), "{name}");
        }
        if name.ends_with(".css") {
            assert!(
                !text.contains("url(http") && !text.contains("@import"),
                "{name}"
            );
        }
        let active = [".svg", ".xml", ".xhtml", ".htm"]
            .iter()
            .any(|ext| name.ends_with(ext));
        // The project's own badge and feed hold nothing that acts.
        let own = name.ends_with("/badge.svg") || name.ends_with("/feed.xml");
        assert!(!active || own, "{name} would be executed by a browser");
        assert!(!text.contains('\u{1b}'), "{name} has a raw escape");
    }
}

#[test]
fn an_empty_workspace_renders() {
    let repo = TestRepo::new();
    repo.answer(["init", "--name", "Shop", "--quiet"]);
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    repo.commit("Set up");
    repo.answer(["render", "--out", "../site", "--at", "HEAD"]);
}

/// Projects of one standing are in the order of their numbers.
#[test]
fn projects_are_in_the_order_people_count_in() {
    let repo = TestRepo::new();
    repo.answer(["init", "--name", "Shop", "--quiet"]);
    for (name, key) in [("App 10", "J"), ("App 2", "B"), ("App 1", "A")] {
        repo.answer(["project", "new", name, "--key", key]);
    }
    repo.answer(["render", "--out", "../site"]);
    let page = repo.read("../site/index.html");
    let at = |name: &str| page.find(&format!(">{name}</a>")).expect(name);
    assert!(at("App 1") < at("App 2") && at("App 2") < at("App 10"));
}

#[test]
fn a_new_site_that_git_would_take_is_told_once() {
    let repo = site();
    let hint = "a line `/site/` in `.gitignore`";
    let first = repo.run(["render", "--out", "site"]);
    assert_eq!(first.code, Some(0), "{first}");
    assert!(first.stderr.contains(hint), "{first}");
    let again = repo.run(["render", "--out", "site"]);
    assert!(!again.stderr.contains(".gitignore"), "{again}");
    repo.write(".gitignore", "/out/\n");
    for elsewhere in ["out/site", "../site"] {
        let ran = repo.run(["render", "--out", elsewhere]);
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(!ran.stderr.contains(".gitignore"), "{ran}");
    }
}
