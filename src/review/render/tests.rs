//! One rich brief at every receiver, hostile text, and limits with any input.

use insta::assert_snapshot;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Links, MARKER, comment, summary};
use crate::base::text::is_unsafe_to_show;
use crate::integrity::{self, Violation};
use crate::model::{Hosted, Source};
use crate::review::{
    Brief, Change, Closing, Effect, Impact, Item, Kind, Noun, Place, Reach, Review, Reviewer, Side,
    State, Subject,
};

const BASE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const HEAD: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn subject(noun: Noun, id: &str, title: &str) -> Subject {
    Subject {
        project: "SHOP".to_owned(),
        noun,
        id: id.to_owned(),
        title: title.to_owned(),
    }
}

fn place(path: &str, line: usize, side: Side) -> Place {
    Place {
        path: path.to_owned(),
        line,
        side,
    }
}

fn change(kind: Kind, effect: Effect, sentence: &str, place: Place) -> Change {
    Change {
        kind,
        effect,
        sentence: sentence.to_owned(),
        place,
        before: None,
        after: None,
    }
}

fn item(subject: Subject, state: State, path: &str, changes: Vec<Change>) -> Item {
    Item {
        subject,
        state,
        path: path.to_owned(),
        was: None,
        changes,
        included_by: Vec::new(),
    }
}

fn violation(kind: integrity::Kind, message: &str) -> Violation {
    Violation {
        launch: Some("2026-11-22-nightly".to_owned()),
        path: "projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml".to_owned(),
        kind,
        commit: None,
        message: message.to_owned(),
    }
}

const CASE: &str = "projects/shop/cases/login.md";

fn items() -> Vec<Item> {
    let is = |line| place(CASE, line, Side::Head);
    let mut expects = change(
        Kind::ExpectationDropped,
        Effect::Weakens,
        "step 2 no longer expects “the page asks for a new password.”",
        place(CASE, 21, Side::Base),
    );
    expects.before = Some("the page asks for a new password.".to_owned());
    let mut text = change(
        Kind::Text,
        Effect::Changes,
        "the description changed: “… whoever had an account …” → “… whoever has an account …”",
        is(9),
    );
    text.before = Some("This proves that\nwhoever had an account\ncan sign in again.\n".to_owned());
    text.after = Some("This proves that\nwhoever has an account\ncan sign in again.\n".to_owned());
    let severity = change(
        Kind::Severity,
        Effect::Weakens,
        "has a lower severity: critical → minor",
        is(5),
    );
    let step = change(
        Kind::StepInserted,
        Effect::Strengthens,
        "step 3 is new: “Ask @alice about <b>#12</b>.”",
        is(23),
    );
    let gone = "projects/shop/cases/old.md";
    let mut shared = item(
        subject(Noun::SharedSteps, "fill-in", "Fill in the form"),
        State::Changed,
        "projects/shop/steps/fill-in.md",
        vec![change(
            Kind::StepEdited,
            Effect::Changes,
            "step 1 says something else: “Type.” → “Type slowly.”",
            place("projects/shop/steps/fill-in.md", 4, Side::Head),
        )],
    );
    shared.included_by = vec!["SHOP-A".to_owned(), "SHOP-B".to_owned()];
    vec![
        item(
            subject(Noun::Case, "SHOP-A", "Sign in with an expired password"),
            State::Changed,
            CASE,
            vec![expects, severity, text, step],
        ),
        item(
            subject(Noun::Case, "SHOP-OLD", ""),
            State::Removed,
            gone,
            vec![change(
                Kind::CaseRemoved,
                Effect::Weakens,
                "is gone, with 3 steps and 2 expectations",
                place(gone, 1, Side::Base),
            )],
        ),
        item(
            subject(Noun::Member, "bob", "Bob"),
            State::Changed,
            "projects/shop/members/bob.yaml",
            vec![change(
                Kind::Role,
                Effect::Rules,
                "may do more: writer → owner",
                place("projects/shop/members/bob.yaml", 3, Side::Head),
            )],
        ),
        shared,
    ]
}

/// Returns a brief in which every field is filled.
pub(super) fn brief() -> Brief {
    let review = Review {
        items: items(),
        unreviewed: vec![subject(
            Noun::Case,
            "SHOP-A",
            "Sign in with an expired password",
        )],
        editorial: vec!["projects/shop/README.md".to_owned()],
    };
    let range = "where it left main (aaaaaaaaaa) to HEAD".to_owned();
    let violations = vec![
        violation(
            integrity::Kind::ChangedFile,
            "`outcomes.yaml` is not the one that was closed",
        ),
        violation(integrity::Kind::NotAllowed, "eve is no member"),
    ];
    let closing = Closing {
        project: "SHOP".to_owned(),
        launch: "2026-11-24-nightly".to_owned(),
        name: "Nightly 1843".to_owned(),
        path: "projects/shop/launches/2026/11/2026-11-24-nightly/launch.yaml".to_owned(),
        verdict: "2 failures need somebody: 2 unresolved of 120 results".to_owned(),
        blocked: true,
        receipt: format!("sha256:{}", "c".repeat(64)),
        closed: "2026-11-24T02:00:00Z".to_owned(),
    };
    let mut brief = Brief::new(BASE.to_owned(), Some(HEAD.to_owned()), range, review)
        .with_evidence(violations)
        .with_closings(vec![closing]);
    let impact = |reach, of: &str, sentence: &str, cases: &[&str]| Impact {
        reach,
        project: "SHOP".to_owned(),
        of: of.to_owned(),
        sentence: sentence.to_owned(),
        cases: cases.iter().map(|id| (*id).to_owned()).collect(),
        place: None,
    };
    brief.impact = vec![
        impact(
            Reach::OpenLaunch,
            "2026-11-25-rc",
            "open launch 2026-11-25-rc was planned with it",
            &["SHOP-A", "SHOP-OLD"],
        ),
        impact(
            Reach::LastResult,
            "SHOP-A",
            "SHOP-A failed in 2026-11-24-nightly, and is flaky: 3 flips in 20",
            &["SHOP-A"],
        ),
    ];
    brief.impact[0].place = Some(place("projects/shop/plans/rc.yaml", 2, Side::Head));
    brief.reviewers = vec![Reviewer {
        name: "alice".to_owned(),
        handle: Some("@alice-at-github".to_owned()),
        why: "owns what changed".to_owned(),
        subjects: vec![subject(Noun::Case, "SHOP-A", "")],
    }];
    brief.asks_approvals = true;
    brief
}

fn github() -> Hosted {
    let source = Source {
        repository: Some("https://github.com/acme/shop".to_owned()),
        ..Source::default()
    };
    Hosted::of(&source).expect("it is known")
}

#[test]
fn a_comment_says_the_most_important_first() {
    let brief = brief();
    let links = Links::nowhere(&brief, "qa").at(Some(github()));
    assert_snapshot!(comment(&brief, &links), @r"
    <!-- tallybook-review -->
    ### ❌ Closed launches were altered (1 violation); 1 commit did what its author's role does not allow; 3 changes weaken testing; 1 change to the rules; 2 changes to what is tested; 1 change strengthens testing; 1 launch closed

    From where it left main (aaaaaaaaaa) to HEAD.

    Who should look: **alice** `@alice-at-github` (owns what changed: SHOP-A).

    #### Tampering with closed launches (1)

    > [!CAUTION]
    > **Closed launches were altered.** Nothing that rests on them can be relied on until each of these is explained.

    - **changed-file** of launch `2026-11-22-nightly`: `projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml`: `outcomes.yaml` is not the one that was closed

    #### Not allowed (1)

    - **not-allowed** of launch `2026-11-22-nightly`: `projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml`: eve is no member

    #### Weakens testing (3)

    - case `SHOP-A` “Sign in with an expired password”
      - step 2 no longer expects “the page asks for a new password.” · was [`login.md:21`](https://github.com/acme/shop/blob/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/qa/projects/shop/cases/login.md?plain=1#L21)
      - has a lower severity: critical → minor · [`login.md:5`](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/qa/projects/shop/cases/login.md?plain=1#L5)
    - case `SHOP-OLD`: is gone, with 3 steps and 2 expectations · was [`old.md:1`](https://github.com/acme/shop/blob/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/qa/projects/shop/cases/old.md?plain=1#L1)

    #### Changes the rules (1)

    - member `bob` “Bob”: may do more: writer → owner · [`bob.yaml:3`](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/qa/projects/shop/members/bob.yaml?plain=1#L3)

    #### What it touches

    **Open launches** (1)

    - open launch 2026-11-25-rc was planned with it (SHOP-A and SHOP-OLD) · [`rc.yaml:2`](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/qa/projects/shop/plans/rc.yaml?plain=1#L2)

    **How it came out last** (1)

    - SHOP-A failed in 2026-11-24-nightly, and is flaky: 3 flips in 20

    #### Changes what is tested (2)

    - case `SHOP-A` “Sign in with an expired password”: the description changed: “… whoever had an account …” → “… whoever has an account …” · [`login.md:9`](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/qa/projects/shop/cases/login.md?plain=1#L9)
      ```diff
        This proves that
      - whoever had an account
      + whoever has an account
        can sign in again.
      ```
    - shared steps `fill-in` “Fill in the form” (included by SHOP-A and SHOP-B): step 1 says something else: “Type.” → “Type slowly.” · [`fill-in.md:4`](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/qa/projects/shop/steps/fill-in.md?plain=1#L4)

    #### Strengthens testing (1)

    - case `SHOP-A` “Sign in with an expired password”: step 3 is new: “Ask `@alice` about `<b>#12</b>`.” · [`login.md:23`](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/qa/projects/shop/cases/login.md?plain=1#L23)

    #### Not approved as they are now (1)

    - case [`SHOP-A`](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/qa/projects/shop/cases/login.md?plain=1#L1) “Sign in with an expired password”

    #### Launches that were closed (1)

    - ❌ Nightly 1843 ([`SHOP/2026-11-24-nightly`](https://github.com/acme/shop/blob/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/qa/projects/shop/launches/2026/11/2026-11-24-nightly/launch.yaml?plain=1#L1)): 2 failures need somebody: 2 unresolved of 120 results · closed 2026-11-24T02:00:00Z · receipt `sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc`

    <details>
    <summary>In wording alone (1)</summary>

    - `qa/projects/shop/README.md`

    </details>

    <sub>All of it: `tallybook review aaaaaaaaaa..bbbbbbbbbb`</sub>
    ");
}

#[test]
fn a_summary_says_the_same() {
    let brief = brief();
    let links = Links::nowhere(&brief, "");
    let (comment, summary) = (comment(&brief, &links), summary(&brief, &links));
    assert_eq!(comment, format!("{MARKER}\n{summary}"));
}

#[test]
fn nothing_to_say_is_said() {
    let review = Review::default();
    let brief = Brief::new(
        BASE.to_owned(),
        None,
        "HEAD to the working tree".to_owned(),
        review,
    );
    let links = Links::nowhere(&brief, "");
    assert_snapshot!(comment(&brief, &links), @r"
    <!-- tallybook-review -->
    ### ✅ No change of meaning

    From HEAD to the working tree.

    <sub>All of it: `tallybook review aaaaaaaaaa..`</sub>
    ");
}

/// Returns a brief in which every text that comes from files is this one.
fn hostile(text: &str, n: usize) -> Brief {
    let own = || text.to_owned();
    let noun = |n: usize| [Noun::Case, Noun::Plan, Noun::Mute][n % 3];
    let effect = |n: usize| Effect::ALL[n % 4];
    let subject = |n: usize| Subject {
        project: own(),
        noun: noun(n),
        id: own(),
        title: own(),
    };
    let place = |side| place(text, 3, side);
    let change = |n: usize| Change {
        kind: Kind::ALL[n % Kind::ALL.len()],
        effect: effect(n / 2),
        sentence: format!("step {n} says {text}"),
        place: place([Side::Base, Side::Head][n % 2]),
        before: (n % 3 > 0).then(|| format!("{text}\n{text}{n}")),
        after: (n % 3 < 2).then(|| format!("{n}{text}\n{text}")),
    };
    let item = |n: usize| Item {
        subject: subject(n),
        state: [State::Added, State::Removed, State::Changed][n % 3],
        path: own(),
        was: Some(own()),
        changes: (0..n % 7 + 1).map(|m| change(n + m)).collect(),
        included_by: vec![own(); n % 12],
    };
    let review = Review {
        items: (0..n).map(item).collect(),
        unreviewed: (0..n).map(subject).collect(),
        editorial: vec![own(); n],
    };
    let violation = |n: usize| Violation {
        launch: Some(own()),
        path: own(),
        kind: [integrity::Kind::ChangedFile, integrity::Kind::NotAllowed][n % 2],
        commit: None,
        message: crate::base::text::sanitize_line(text),
    };
    let closing = |_| Closing {
        project: own(),
        launch: own(),
        name: own(),
        path: own(),
        verdict: own(),
        blocked: true,
        receipt: own(),
        closed: own(),
    };
    let mut brief = Brief::new(own(), Some(own()), own(), review)
        .with_evidence((0..n).map(violation).collect())
        .with_closings((0..n).map(closing).collect());
    brief.impact = (0..n)
        .map(|n| Impact {
            reach: Reach::ALL[n % 6],
            project: own(),
            of: own(),
            sentence: own(),
            cases: vec![own(); n % 12],
            place: Some(place(Side::Head)),
        })
        .collect();
    brief.reviewers = (0..n)
        .map(|n| Reviewer {
            name: own(),
            handle: Some(own()),
            why: own(),
            subjects: vec![subject(n)],
        })
        .collect();
    brief.asks_approvals = true;
    brief
}

const HOSTILE: [&str; 17] = [
    "@acme/everyone please",
    "<!-- tallybook-review --><img src=x onerror=alert(1)>",
    "</details><script>alert(1)</script>",
    "[a](javascript:alert(1)) ![b](https://evil.example/x.png)",
    "`code` ``more`` ```fence",
    "```\n@team\n```\n# Heading",
    "~~~\n<b>\n~~~",
    "| a | b |\n|---|---|\n| @x | y |",
    "closes #12, GH-12, !7, &3, ~bug, %v1",
    "https://evil.example and www.evil.example and mail@evil.example",
    "\u{202e}txet desrever\u{2066}\u{200b}\u{feff}",
    "\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}x",
    "&lt;b&gt; &#64;team :tada: $x$ $`y`$",
    "* a\n1. b\n> c\n    d\n---",
    "“`@x` (@y): `z`@w` ``",
    "a_b_c *d* **e** ~~f~~ \\@g",
    "",
];

/// Holds Markdown against what a host would make of it: no HTML but our own folds, no images, no links but
/// ours, and what acts in code alone.
#[track_caller]
fn assert_inert(markdown: &str) {
    let options = Options::ENABLE_GFM | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    let ours = [
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<sub>",
        "</sub>",
        MARKER,
    ];
    let mut in_code = false;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Html(html) | Event::InlineHtml(html) => {
                let mut rest = html.to_string();
                for own in ours {
                    rest = rest.replace(own, "");
                }
                assert!(!rest.contains('<'), "{html}");
            }
            Event::Start(
                Tag::Image { .. } | Tag::Table(_) | Tag::Strikethrough | Tag::Emphasis,
            ) => {
                panic!("{event:?} in\n{markdown}")
            }
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                assert!(
                    dest_url.starts_with("https://github.com/acme/shop/"),
                    "{dest_url}"
                );
            }
            Event::Text(text) if !in_code => {
                let acts = |c: char| "@#!~<>&$*`\\".contains(c) && text.as_ref() != "!";
                let known = text.starts_with("[!CAUTION]") || text.as_ref() == "!CAUTION";
                assert!(known || !text.contains(acts), "{text:?} in\n{markdown}");
                assert!(!text.contains("://") && !text.contains("www."), "{text:?}");
            }
            _ => {}
        }
    }
    assert!(!markdown.contains(|c: char| c != '\n' && is_unsafe_to_show(c)));
}

#[test]
fn nothing_acts_at_a_host() {
    for text in HOSTILE {
        let brief = hostile(text, 9);
        let links = Links::nowhere(&brief, "qa").at(Some(github()));
        let written = comment(&brief, &links);
        assert_eq!(written.lines().next(), Some(MARKER));
        assert_inert(&written);
        assert_inert(&summary(&brief, &links));
    }
}

fn anything() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        Just("🦀".repeat(1_500)),
        Just("`".repeat(1_500)),
        Just("\u{202e}".repeat(800)),
        Just("`a` @b ".repeat(400)),
        Just("line\n".repeat(300)),
    ]
}

/// Returns how many things of a document are told and left out: its items, and those in `and N more`.
fn accounted(markdown: &str) -> usize {
    let items = markdown
        .lines()
        .filter(|line| line.trim_start().starts_with("- ITEM"));
    let more = markdown.lines().filter_map(|line| {
        let n = line.strip_prefix("- and ")?.strip_suffix(" more")?;
        n.replace(',', "").parse::<usize>().ok()
    });
    items.count() + more.sum::<usize>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn every_receiver_takes_it(text in anything(), n in 0usize..60) {
        let brief = hostile(&text, n);
        let links = Links::nowhere(&brief, "qa").at(Some(github()));
        let written = comment(&brief, &links);
        prop_assert!(written.encode_utf16().count() <= 65_000);
        prop_assert!(written.chars().count() <= 65_536);
        prop_assert_eq!(&written, &comment(&brief, &links));
        prop_assert!(summary(&brief, &links).len() <= 1_000_000);
        assert_inert(&written);
    }

    #[test]
    fn what_is_left_out_is_counted(n in 0usize..2_000) {
        let mut brief = hostile("x", 0);
        brief.review.editorial = vec!["p".repeat(60); n];
        let links = Links::nowhere(&brief, "");
        let written = comment(&brief, &links).replace("- `p", "- ITEM `p");
        prop_assert_eq!(accounted(&written), n);
    }
}
