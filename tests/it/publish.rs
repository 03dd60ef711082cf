//! What is published of a workspace: which projects, and how pages tell of themselves elsewhere.

use crate::repo::{Ran, TestRepo};
use crate::shop::{result, shop};

const SITE: &str = "https://acme.example/quality";

/// A workspace with a public project beside one that says nothing.
fn two_projects() -> TestRepo {
    let repo = shop();
    repo.allure("../results", &result("a", "plain", "failed"));
    repo.close_with("Secret nightly", "../results");
    repo.write(
        "projects/open/project.yaml",
        "key: OPEN\nname: Open things\nvisibility: public\n",
    );
    repo.write(
        "projects/open/cases/seen.md",
        "---\nid: OPEN-SEEN11\ntitle: Seen by all\nexecution: manual\nstatus: active\n---\n\n\
         ## Steps\n\n1. Look.\n   - **Expected:** it is seen.\n",
    );
    repo.commit("A public project");
    repo
}

fn render(repo: &TestRepo, args: &[&str]) -> Ran {
    let mut all = vec!["render", "--out", "../site"];
    all.extend(args);
    repo.output("", &all)
}

/// All files of the site, one behind another.
fn everything(repo: &TestRepo) -> String {
    let mut out = String::new();
    let mut folders = vec![repo.root().join("../site")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder lists") {
            let path = entry.expect("the entry reads").path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    out.push_str(&path.display().to_string());
                    let bytes = std::fs::read(&path).expect("reads");
                    out.push_str(&String::from_utf8_lossy(&bytes));
                }
            }
        }
    }
    out
}

#[test]
fn only_what_is_public() {
    let repo = two_projects();
    let ran = render(&repo, &["--public", "--base-url", SITE, "--at", "HEAD"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let all = everything(&repo);
    assert!(all.contains("Seen by all"));
    for hidden in [
        "Secret nightly",
        "Mail in dark mode",
        "SHOP",
        "alice",
        "changes.html",
        "site/shop",
    ] {
        let at = all.find(hidden);
        let around = at.map(|at| {
            all[at.saturating_sub(80)..]
                .chars()
                .take(200)
                .collect::<String>()
        });
        assert_eq!(around, None, "{hidden}");
    }

    let none = shop();
    let ran = render(&none, &["--public"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr.contains("no project says `visibility: public`"),
        "{ran}"
    );
}

#[test]
fn only_what_is_named() {
    let repo = two_projects();
    for name in ["SHOP", "shop"] {
        let ran = render(&repo, &["--project", name]);
        assert_eq!(ran.code, Some(0), "{ran}");
        let all = everything(&repo);
        assert!(all.contains("Secret nightly") && !all.contains("Seen by all"));
    }
    let ran = render(&repo, &["--project", "shop", "--project", "OPEN"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let all = everything(&repo);
    assert!(all.contains("Secret nightly") && all.contains("Seen by all"));

    let ran = render(&repo, &["--project", "shp"]);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("there is no project `shp`"), "{ran}");
    let ran = render(&repo, &["--project", "shop", "--public"]);
    assert_eq!(ran.code, Some(2), "{ran}");
}

#[test]
fn pages_tell_of_themselves() {
    let repo = two_projects();
    let ran = render(&repo, &["--base-url", SITE, "--at", "HEAD"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let page = repo.read("../site/shop/launches.html");
    for line in [
        "<meta property=\"og:title\" content=\"Launches · Shop\">".to_owned(),
        format!("<meta property=\"og:url\" content=\"{SITE}/shop/launches.html\">"),
        format!("<link rel=\"canonical\" href=\"{SITE}/shop/launches.html\">"),
    ] {
        assert!(page.contains(&line), "{line}\n{page}");
    }
    let front = repo.read("../site/shop/index.html");
    assert!(
        front.contains("<meta name=\"description\" content=\"Blocked: "),
        "{front}"
    );
    let map = repo.read("../site/sitemap.xml");
    let pages = everything(&repo).matches(".html<!DOCTYPE html>").count();
    assert_eq!(map.matches("<loc>").count(), pages);
    assert!(map.contains(&format!("<loc>{SITE}/shop/</loc>")), "{map}");

    // Nothing says where it is that doesn't know.
    let ran = render(&repo, &["--at", "HEAD"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let all = everything(&repo);
    assert!(
        !all.contains("og:url") && !all.contains("rel=\"canonical\"") && !all.contains("sitemap")
    );
}
