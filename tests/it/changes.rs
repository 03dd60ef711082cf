//! The site's Changes say what `review` says of the same commits.

use crate::repo::TestRepo;
use crate::shop::{PROJECT, shop};

const DARK: &str = "projects/shop/cases/mail/dark.md";

/// A history of three changes of the documentation, with a product's commits between them.
fn changed() -> (TestRepo, [String; 3]) {
    let repo = shop();
    let text = repo.read(DARK);
    let text = text.replace("owner: alice\n", "owner: alice\nseverity: trivial\n");
    repo.write(DARK, &text);
    let first = repo.commit("Care <b>less</b> & say so");
    repo.write("src/main.c", "int main;");
    repo.commit("Product");
    repo.write(&format!("{PROJECT}/README.md"), "Another page.\n");
    let second = repo.commit("Another page");
    repo.write(
        DARK,
        text.replace("severity: trivial", "severity: critical"),
    );
    let third = repo.commit("Care more");
    (repo, [first, second, third])
}

/// The numbers between two marks.
fn numbers(page: &str, from: &str, open: &str, close: &str, until: &str) -> Vec<u64> {
    let part = page.split(from).nth(1).expect("the part is there");
    let part = part.split(until).next().unwrap_or_default();
    let cells = part.split(open).skip(1);
    cells
        .map(|cell| {
            let cell = cell.split(close).next().unwrap_or_default();
            let cell = cell.rsplit('>').next().unwrap_or_default();
            cell.replace(',', "").parse().expect("a number")
        })
        .collect()
}

#[test]
fn pages_have_the_numbers_of_review() {
    let (repo, commits) = changed();
    repo.answer(["render", "--out", "../site", "--at", "HEAD"]);
    let list = repo.read("../site/changes.html");
    assert!(!list.contains("Product</a>"), "no documentation changed");
    assert!(
        list.contains("Care &lt;b&gt;less&lt;&#x2F;b&gt; &amp; say so")
            || list.contains("Care &lt;b&gt;less&lt;/b&gt; &amp; say so")
    );
    for commit in &commits {
        let range = format!("{commit}~1..{commit}");
        let view = repo.json(["review", &range, "--format", "json"]);
        let expected = ["weakens", "rules", "changes", "strengthens"]
            .map(|effect| view["counts"][effect].as_u64().expect("a number"));
        let page = repo.read(&format!("../site/changes/{}.html", &commit[..12]));
        let own = numbers(
            &page,
            "<ul class=\"tally effects\">",
            "<b>",
            "</b>",
            "</ul>",
        );
        assert_eq!(own, expected, "{commit}");
        let mark = format!("data-commit=\"{commit}\"");
        let row = numbers(&list, &mark, "<td class=\"num", "</td>", "</tr>");
        assert_eq!(row, expected, "{commit}");
    }
    assert!(
        repo.read("../site/index.html")
            .contains("href=\"changes.html\"")
    );
    assert!(
        repo.read("../site/shop/index.html")
            .contains("href=\"../changes.html\"")
    );
    let case = repo.read("../site/shop/cases/SHOP-MA1DRK.html");
    let last = format!("../../changes/{}.html", &commits[2][..12]);
    assert!(case.contains(&last), "the case leads to its last change");
}

#[test]
fn pages_say_what_a_change_reaches_as_of_then() {
    let repo = shop();
    repo.write(
        &format!("{PROJECT}/plans/all.yaml"),
        "name: All\nquery: execution = manual or execution = automated\n",
    );
    repo.write(
        &format!("{PROJECT}/members/bob.yaml"),
        "name: Bob\nemails: [bob@example.com]\nrole: writer\n",
    );
    let text = repo.read(DARK);
    let text = text.replace("owner: alice\n", "owner: bob\n");
    repo.write(DARK, &text);
    repo.commit("A plan");
    repo.write(DARK, format!("{text}\n1. Look at it once more.\n"));
    let commit = repo.commit("Another step");
    let range = format!("{commit}~1..{commit}");
    let page = || {
        repo.answer(["render", "--out", "../site", "--at", "HEAD"]);
        repo.read(&format!("../site/changes/{}.html", &commit[..12]))
    };
    let told = page();
    let view = repo.json(["review", &range, "--format", "json"]);
    let all = |list: &str, key: &str| -> Vec<String> {
        let list = view[list].as_array().expect("a list");
        let texts = list.iter().map(|one| one[key].as_str().expect("a text"));
        texts.map(str::to_owned).collect()
    };
    let (impact, asked) = (all("impact", "sentence"), all("reviewers", "name"));
    assert!(!impact.is_empty() && !asked.is_empty(), "{view}");
    for said in impact.iter().chain(&asked) {
        assert!(told.contains(said.as_str()), "{said}: {told}");
    }
    // A launch that is open here is no part of what the site says.
    let _ = repo.answer(["launch", "open", "--plan", "all", "--name", "Today"]);
    let now = repo.json(["review", &range, "--format", "json"]);
    assert!(now.to_string().contains("Today is open"), "{now}");
    assert_eq!(page(), told);
}

#[test]
fn how_many_is_bounded_and_none_can_be_asked_for() {
    let (repo, commits) = changed();
    let has = |commit: &str| {
        let page = format!("../site/changes/{}.html", &commit[..12]);
        repo.root().join(page).exists()
    };
    repo.answer([
        "render",
        "--out",
        "../site",
        "--at",
        "HEAD",
        "--changes",
        "1",
    ]);
    assert_eq!(
        [&commits[0], &commits[2]].map(|one| has(one)),
        [false, true]
    );
    let list = repo.read("../site/changes.html");
    assert!(list.contains("Earlier ones are not shown"), "{list}");
    repo.answer([
        "render",
        "--out",
        "../site",
        "--at",
        "HEAD",
        "--changes",
        "0",
    ]);
    assert!(!repo.root().join("../site/changes.html").exists());
    assert!(!repo.read("../site/index.html").contains("changes.html"));
}

#[test]
fn a_review_is_one_page() {
    let (repo, commits) = changed();
    let range = format!("{}~1..HEAD", commits[0]);
    let page = repo.answer(["review", &range, "--format", "html"]);
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    let view = repo.json(["review", &range, "--format", "json"]);
    let expected = ["weakens", "rules", "changes", "strengthens"]
        .map(|effect| view["counts"][effect].as_u64().expect("a number"));
    let own = numbers(
        &page,
        "<ul class=\"tally effects\">",
        "<b>",
        "</b>",
        "</ul>",
    );
    assert_eq!(own, expected);
    assert_eq!(page, repo.answer(["review", &range, "--format", "html"]));
}
