//! The page of one review, of values of every kind.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding as _};

use super::review_page;
use crate::base::Digest;
use crate::git::CommitId;
use crate::integrity::{self, Violation};
use crate::review::{
    Brief, Change, Closing, Effect, Impact, Item, Kind, Noun, Place, Reach, Review, Reviewer, Side,
    State, Subject,
};

const HOSTILE: &str =
    "<script>alert(1)</script>\u{202e}\u{1b}[31m\" onload='x' {{ frame }} {% raw %}";

fn subject(noun: Noun, id: &str, title: &str) -> Subject {
    Subject {
        project: "SHOP".to_owned(),
        noun,
        id: id.to_owned(),
        title: title.to_owned(),
    }
}

fn change(effect: Effect, sentence: &str, texts: (Option<&str>, Option<&str>)) -> Change {
    Change {
        kind: Kind::ExpectationWeakened,
        effect,
        sentence: sentence.to_owned(),
        place: Place {
            path: format!("cases/{HOSTILE}.md"),
            line: 12,
            side: Side::Base,
        },
        before: texts.0.map(str::to_owned),
        after: texts.1.map(str::to_owned),
    }
}

fn item(noun: Noun, id: &str, changes: Vec<Change>) -> Item {
    Item {
        subject: subject(noun, id, HOSTILE),
        state: State::Removed,
        path: format!("cases/{HOSTILE}.md"),
        was: Some("cases/before.md".to_owned()),
        changes,
        included_by: vec!["SHOP-I1".to_owned(), "SHOP-I2".to_owned()],
    }
}

/// A review with something of everything, and text that wants to be more in each place.
fn everything() -> Brief {
    let one = |effect| {
        change(
            effect,
            &format!("step 1 {HOSTILE}"),
            (Some(HOSTILE), Some("now this")),
        )
    };
    let items = Effect::ALL.map(|effect| item(Noun::Case, HOSTILE, vec![one(effect)]));
    let review = Review {
        items: items.into(),
        unreviewed: vec![subject(Noun::Case, "SHOP-U1", "Nobody approved it")],
        editorial: vec![format!("cases/wording{HOSTILE}.md")],
    };
    let commit = CommitId::parse(&"a1".repeat(20));
    let violation = |kind| Violation {
        launch: Some("2026-11-22-nightly".to_owned()),
        path: format!("launches/{HOSTILE}"),
        kind,
        commit,
        message: format!("`launch.yaml` differs {HOSTILE}"),
    };
    let mut brief = Brief::new(
        "b0".repeat(20),
        Some("b1".repeat(20)),
        format!("main to {HOSTILE}"),
        review,
    )
    .with_evidence(vec![
        violation(integrity::Kind::ChangedFile),
        violation(integrity::Kind::NotAllowed),
    ])
    .with_closings(vec![Closing {
        project: "SHOP".to_owned(),
        launch: "2026-11-23-nightly".to_owned(),
        name: format!("Nightly {HOSTILE}"),
        path: "projects/shop/launches/x".to_owned(),
        verdict: "blocked: 2 results need somebody".to_owned(),
        blocked: true,
        receipt: format!("sha256:{}", "42".repeat(32)),
        closed: "2026-11-23T22:10:00Z".to_owned(),
    }]);
    brief.impact = Reach::ALL
        .into_iter()
        .map(|reach| Impact {
            reach,
            project: "SHOP".to_owned(),
            of: format!("of-{HOSTILE}"),
            sentence: format!("is touched {}", reach.title()),
            cases: (0..20).map(|n| format!("SHOP-C{n}")).collect(),
            place: None,
        })
        .collect();
    brief.reviewers = vec![Reviewer {
        name: format!("Tomasz {HOSTILE}"),
        handle: Some("@tomasz".to_owned()),
        why: "owns it".to_owned(),
        subjects: vec![subject(Noun::Case, "SHOP-R1", "")],
    }];
    brief.asks_approvals = true;
    brief
}

fn page(brief: &Brief) -> String {
    review_page(brief, "Acme").expect("it renders")
}

/// What stands between two marks, each time.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Vec<&'t str> {
    let parts = text.split(open).skip(1);
    parts
        .map(|part| part.split(close).next().unwrap_or_default())
        .collect()
}

#[test]
fn every_value_is_told() {
    let page = page(&everything());
    for expected in [
        "Closed launches were altered (1 violation)",
        "1 commit did what its author",
        "Tampering with closed launches",
        "Not allowed",
        "changed-file",
        "commit <span class=\"mono\">a1a1a1a1a1</span>",
        "Weakens testing",
        "Changes the rules",
        "Changes what is tested",
        "Strengthens testing",
        "now this",
        "was <bdi>line 12</bdi>",
        "cases/before.md",
        "SHOP-I1 and SHOP-I2 include them",
        "1 launch closed",
        "Blocked: 2 results need somebody",
        "23 Nov 2026, 22:10",
        "424242424242",
        "SHOP-U1",
        "Nobody approved it",
        "cases/wording",
        "Open launches",
        "Results that no longer count",
        "How it came out last",
        "Plans that select it",
        "Requirements it covers",
        "Changed beside it",
        "SHOP-C11",
        "and 8 more",
        "@tomasz",
        "owns it",
        "SHOP-R1",
        "b0b0b0b0b0b0",
        "b1b1b1b1b1b1",
    ] {
        assert!(page.contains(expected), "`{expected}` is not on the page");
    }
}

#[test]
fn nothing_on_the_page_acts_and_nothing_is_asked_for() {
    let page = page(&everything());
    assert!(!page.contains("<script>alert"));
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert!(
        page.contains("{{ frame }} {% raw %}"),
        "text is no template"
    );
    for asking in ["src=", "<link rel=\"stylesheet\"", "@import", "url("] {
        assert!(!page.contains(asking), "{asking}");
    }
    let main = between(&page, "<main", "</main>").join("");
    for href in between(&main, "href=\"", "\"") {
        assert!(href.starts_with('#'), "{href}");
        let anchor = format!("id=\"{}\"", &href[1..]);
        assert!(page.contains(&anchor), "{href} leads nowhere");
    }
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"")[0];
    let scripts = between(&page, "<script>", "</script>");
    assert_eq!(scripts.len(), 2);
    for text in scripts
        .into_iter()
        .chain(between(&page, "<style>", "</style>"))
    {
        let digest = Base64::encode_string(Digest::of(text.as_bytes()).as_bytes());
        assert!(policy.contains(&format!("'sha256-{digest}'")), "{policy}");
    }
    assert!(!policy.contains("unsafe") && policy.starts_with("default-src 'none'"));
}

#[test]
fn numbers_are_those_of_the_brief_and_bytes_repeat() {
    let brief = everything();
    let page = page(&brief);
    assert_eq!(
        page,
        super::review_page(&brief, "Acme").expect("it renders")
    );
    let tally = between(&page, "<ul class=\"tally effects\">", "</ul>")[0];
    let numbers: Vec<usize> = between(tally, "<b>", "</b>")
        .into_iter()
        .map(|n| n.parse().expect("a number"))
        .collect();
    let counts: BTreeMap<_, _> = brief.counts.clone();
    assert_eq!(numbers, Effect::ALL.map(|effect| counts[effect.as_str()]));
    assert_eq!(between(&page, "<article class=\"entry\"", ">").len(), 4);
}

#[test]
fn nothing_changed_is_said() {
    let brief = Brief::new(
        "b0".repeat(20),
        None,
        "HEAD to the working tree".into(),
        Review::default(),
    );
    let page = page(&brief);
    for expected in [
        "No change of meaning",
        "Nothing that testing means is different.",
        "From HEAD to the working tree",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    assert!(
        !page.contains("<h2>"),
        "no heading without anything below it"
    );
    assert!(
        !page.contains("data-review-filter hidden"),
        "nothing to filter"
    );
}
