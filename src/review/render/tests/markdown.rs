//! Markdown: what it says, that nothing acts in it, and limits with any input.

use insta::assert_snapshot;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::given::{BASE, HOSTILE, anything, brief, github, hostile};
use crate::base::text::unsafe_to_show;
use crate::review::render::{Links, MARKER, comment, summary};
use crate::review::{Brief, Review};

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
    let mut unsafe_ones = unsafe_to_show(markdown);
    assert!(!unsafe_ones.any(|(_, c, is_unsafe)| is_unsafe && c != '\n'));
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
