//! Briefs that tests tell: a rich one, and hostile ones.

use proptest::prelude::*;

use crate::integrity::{self, Violation};
use crate::model::{Hosted, Source};
use crate::review::{
    Brief, Change, Closing, Effect, Impact, Item, Kind, Noun, Place, Reach, Review, Reviewer, Side,
    State, Subject,
};

pub(super) const BASE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
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

pub(super) const CASE: &str = "projects/shop/cases/login.md";

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

pub(super) fn github() -> Hosted {
    let source = Source {
        repository: Some("https://github.com/acme/shop".to_owned()),
        ..Source::default()
    };
    Hosted::of(&source).expect("it is known")
}

/// Returns a brief in which every text that comes from files is this one.
pub(super) fn hostile(text: &str, n: usize) -> Brief {
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
        before: (!n.is_multiple_of(3)).then(|| format!("{text}\n{text}{n}")),
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

pub(super) const HOSTILE: [&str; 17] = [
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

pub(super) fn anything() -> impl Strategy<Value = String> {
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
