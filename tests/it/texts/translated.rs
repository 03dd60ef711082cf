//! A part of a translation: what it has is said, in its forms and with its signs, and the rest is English.

use crate::repo::TestRepo;
use crate::shop::{result, shop};

const GERMAN: &str = include_str!("../../fixtures/texts/de.yaml");

/// A closed launch with failures, in a workspace whose site speaks a language.
fn speaking(language: &str, texts: &str) -> TestRepo {
    let repo = shop();
    for (name, status) in [("a", "failed"), ("b", "failed"), ("c", "passed")] {
        repo.allure("../results", &result(name, name, status));
    }
    repo.close_with("Nightly", "../results");
    let settings = repo.read("tallybook.yaml");
    repo.write(
        "tallybook.yaml",
        format!("{settings}\nsite: {{language: {language}}}\n"),
    );
    repo.write(&format!("templates/site/texts/{language}.yaml"), texts);
    repo
}

#[test]
fn a_part_of_a_translation_is_said_and_the_rest_is_english() {
    let repo = speaking("de", GERMAN);
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let page = repo.read("../site/shop/index.html");
    for said in [
        "<html lang=\"de\">",
        "Blockiert:",
        "2 von 3 Ergebnissen brauchen einen Defekt",
        "Übersicht",
        // English, as the translation has nothing for it.
        "Needs a defect, a mute or a fix",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let list = repo.read("../site/shop/launches.html");
    assert!(
        list.contains("In 1 von einem abgeschlossenen Start blieben Fehlschläge offen"),
        "{list}"
    );
    assert!(
        ran.stderr.contains("TB0385") && ran.stderr.contains("stay English"),
        "{ran}"
    );
    assert!(
        !ran.stderr.contains("TB0383") && !ran.stderr.contains("TB0384"),
        "{ran}"
    );
}

#[test]
fn what_does_not_fit_stays_english_and_is_said() {
    let texts = "verdict:\n  blocked: '{who} blockiert'\n  reddy: Bereit\n  need: {one: '{n} von {all}', many: '{n} von {all}'}\n  passed: bestanden\n";
    let repo = speaking("de", texts);
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    for said in [
        "de.yaml:2:12: TB0384",
        "has no placeholder `{who}`",
        "de.yaml:3:3: TB0383",
        "no text `verdict.reddy`",
        "did you mean `verdict.ready`",
        "lacks the form `other`",
        "`many` is no form of the language",
        "lacks the placeholder `{n}`",
    ] {
        assert!(ran.stderr.contains(said), "{said}\n{ran}");
    }
    assert!(repo.read("../site/shop/index.html").contains("Blocked:"));
}

#[test]
fn a_language_without_texts_or_name_is_said() {
    let repo = speaking("de", GERMAN);
    for (language, said) in [
        ("fr", "there are no texts of it: it speaks English"),
        ("'not a language'", "which is no language"),
    ] {
        repo.write(
            "tallybook.yaml",
            format!("format: 1\ntitle: Acme\nsite: {{language: {language}}}\n"),
        );
        let ran = repo.run(["render", "--out", "../site"]);
        assert_eq!(ran.code, Some(0), "{ran}");
        assert!(ran.stderr.contains(said), "{ran}");
        assert!(
            repo.read("../site/index.html")
                .contains("<html lang=\"en\">")
        );
    }
}

#[test]
fn a_hostile_translation_executes_nothing() {
    let evil = "</script><img src=x onerror=alert(1)>\" onclick=\"alert(2)' `x`";
    let quoted = serde_json::to_string(evil).expect("JSON");
    let mut texts = String::new();
    for (section, names) in [
        ("verdict", vec!["blocked"]),
        (
            "frame",
            vec!["search-cases-launches-defects", "skip-to-content", "copy"],
        ),
        ("section", vec!["overview"]),
        ("script", vec!["copied", "keys"]),
        ("status", vec!["failed"]),
        ("flag", vec!["new"]),
        ("column", vec!["results", "shares"]),
        ("number", vec!["group"]),
        ("project", vec!["launches"]),
        ("list", vec!["comma"]),
    ] {
        texts.push_str(&format!("{section}:\n"));
        for name in names {
            texts.push_str(&format!("  {name}: {quoted}\n"));
        }
    }
    let repo = speaking("de", &texts);
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let launch = repo.run(["launch", "list", "--format", "json"]);
    let launch = launch
        .stdout
        .split('"')
        .find(|part| part.contains("nightly"))
        .map(str::to_owned);
    let launch = launch.expect("a launch");
    let single = repo.run(["render", "--single-file", &launch, "--out", "../one.html"]);
    assert_eq!(single.code, Some(0), "{single}");
    let mut seen = 0;
    let mut pages = vec![repo.read("../one.html")];
    for page in [
        "index.html",
        "shop/index.html",
        "shop/launches.html",
        "shop/cases.html",
    ] {
        pages.push(repo.read(&format!("../site/{page}")));
    }
    for page in pages {
        assert!(!page.contains("<img src=x"), "{page}");
        assert!(!page.contains("\" onclick=\"alert"), "{page}");
        seen += page.matches("&lt;img src=x").count();
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn lines_begin_where_the_language_begins_them() {
    let repo = speaking("ar", "verdict:\n  blocked: محظور\n");
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let page = repo.read("../site/shop/index.html");
    assert!(
        page.contains("<html lang=\"ar\" dir=\"rtl\">") && page.contains("محظور"),
        "{page}"
    );
}
