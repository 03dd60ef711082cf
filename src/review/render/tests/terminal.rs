//! What a terminal shows.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::given::{anything, brief, hostile};
use crate::base::text::{strip_ansi, unsafe_to_show, width};
use crate::review::render::{Look, terminal};

const PLAIN: Look = Look {
    columns: None,
    color: false,
    side_by_side: None,
};

#[test]
fn plain_text_says_all() {
    assert_snapshot!(terminal(&brief(), PLAIN), @r"
    closed launches were altered (1 violation); 1 commit did what its author's role does not allow; 3 changes weaken testing; 1 change to the rules; 2 changes to what is tested; 1 change strengthens testing; 1 launch closed

    Tampering with closed launches
      changed-file: `projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml` of launch `2026-11-22-nightly`: `outcomes.yaml` is not the one that was closed

    Not allowed
      not-allowed: `projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml` of launch `2026-11-22-nightly`: eve is no member

    Weakens testing
      case SHOP-A “Sign in with an expired password”
        step 2 no longer expects “the page asks for a new password.”
          was projects/shop/cases/login.md:21
        has a lower severity: critical → minor
          projects/shop/cases/login.md:5
      case SHOP-OLD
        is gone, with 3 steps and 2 expectations
          was projects/shop/cases/old.md:1

    Changes the rules
      member bob “Bob”
        may do more: writer → owner
          projects/shop/members/bob.yaml:3

    Open launches
      open launch 2026-11-25-rc was planned with it (SHOP-A and SHOP-OLD)
        projects/shop/plans/rc.yaml:2

    How it came out last
      SHOP-A failed in 2026-11-24-nightly, and is flaky: 3 flips in 20

    Changes what is tested
      case SHOP-A “Sign in with an expired password”
        the description changed: “… whoever had an account …” → “… whoever has an account …”
          projects/shop/cases/login.md:9
          This proves that whoever [-had-] {+has+} an account can sign in again.
      shared steps fill-in “Fill in the form”
        step 1 says something else: “Type.” → “Type slowly.”
          projects/shop/steps/fill-in.md:4
        included by SHOP-A and SHOP-B

    Strengthens testing
      case SHOP-A “Sign in with an expired password”
        step 3 is new: “Ask @alice about <b>#12</b>.”
          projects/shop/cases/login.md:23

    Not approved as they are now: 1 case
      case SHOP-A “Sign in with an expired password”

    Launches that were closed
      Nightly 1843 (SHOP/2026-11-24-nightly): 2 failures need somebody: 2 unresolved of 120 results
        closed 2026-11-24T02:00:00Z, receipt sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
        projects/shop/launches/2026/11/2026-11-24-nightly/launch.yaml

    In wording alone: 1 file
      projects/shop/README.md

    Who should look
      alice @alice-at-github: owns what changed: SHOP-A
    ");
}

#[test]
fn wide_terminals_have_both_texts() {
    let look = Look {
        columns: Some(120),
        color: false,
        side_by_side: Some(120),
    };
    let text = terminal(&brief(), look);
    let from = text.find("Changes what is tested").expect("a group");
    let to = text.find("Strengthens testing").expect("a group");
    assert_snapshot!(&text[from..to], @r"
    Changes what is tested
      case SHOP-A “Sign in with an expired password”
        the description changed
          projects/shop/cases/login.md:9
          This proves that                                        │ This proves that
          whoever [-had-] an account                              │ whoever {+has+} an account
          can sign in again.                                      │ can sign in again.
      shared steps fill-in “Fill in the form”
        step 1 says something else: “Type.” → “Type slowly.”
          projects/shop/steps/fill-in.md:4
        included by SHOP-A and SHOP-B
    ");
}

#[test]
fn colors_change_no_word() {
    let colored = Look {
        color: true,
        ..PLAIN
    };
    let text = terminal(&brief(), colored);
    assert!(text.contains("had\u{1b}[0m"), "{text}");
    let plain = terminal(&brief(), PLAIN);
    let without = |text: &str| text.replace(['[', ']', '{', '}', '-', '+'], "");
    assert_eq!(without(&strip_ansi(&text)), without(&plain));
    assert!(!plain.contains('\u{1b}'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn nothing_acts_and_columns_hold(text in anything(), n in 0usize..20, columns in 40usize..220) {
        let look = Look {
            columns: Some(columns),
            color: false,
            side_by_side: Some(columns),
        };
        let shown = terminal(&hostile(&text, n), look);
        let mut unsafe_ones = unsafe_to_show(&shown);
        prop_assert!(!unsafe_ones.any(|(_, c, is_unsafe)| is_unsafe && c != '\n'));
        prop_assert_eq!(&shown, &terminal(&hostile(&text, n), look));
        for line in shown.lines().filter(|line| line.contains(" │ ")) {
            let is_ours = !text.contains('│');
            prop_assert!(!is_ours || width(line) <= columns, "{line}");
        }
    }
}
