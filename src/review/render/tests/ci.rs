//! What CI services get.

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::Value;

use super::given::{CASE, anything, brief, hostile};
use crate::diag::Sources;
use crate::diag::render::{self as ci, JunitSuite, Level, SarifRun, assert_sound};
use crate::review::render::{Strict, items, rules};
use crate::review::{Brief, Effect};

fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.insert(CASE, "one line\n".repeat(30).into());
    sources
}

fn sarif(brief: &Brief, prefix: &str) -> Value {
    let (rules, sources) = (rules(), sources());
    let run = SarifRun {
        category: "review",
        version: "1.2.3",
        rules: &rules,
        sources: &sources,
        prefix,
    };
    let items = items(brief, prefix, &sources, &Strict::default());
    serde_json::from_str(&ci::sarif(&items, &run).text).expect("JSON")
}

#[test]
fn annotations_stand_where_the_head_has_them() {
    let items = items(&brief(), "qa", &sources(), &Strict::default());
    assert_snapshot!(ci::github(&items).text, @r"
    ::error file=projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml,title=A closed launch was altered (changed-file)::launch 2026-11-22-nightly: `outcomes.yaml` is not the one that was closed%0Ahelp: `tallybook verify` says more; put back what was closed, or have an owner answer for it: `tallybook launch acknowledge`
    ::error file=projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml,title=A role does not allow this (not-allowed)::launch 2026-11-22-nightly: eve is no member%0Ahelp: let somebody do it whose role allows it, or have an owner change the role first
    ::warning file=qa/projects/shop/cases/login.md,title=A step no longer expects a result (expectation-dropped)::case SHOP-A “Sign in with an expired password”: step 2 no longer expects “the page asks for a new password.” (it stood in line 21)
    ::warning file=qa/projects/shop/cases/login.md,line=5,col=1,endLine=5,endColumn=9,title=Another severity (severity)::case SHOP-A “Sign in with an expired password”: has a lower severity: critical → minor
    ::warning file=qa/projects/shop/cases/old.md,title=A case is gone (case-removed)::case SHOP-OLD: is gone, with 3 steps and 2 expectations
    ::warning file=qa/projects/shop/members/bob.yaml,title=A member may do other things (role)::member bob “Bob”: may do more: writer → owner
    ::notice file=qa/projects/shop/plans/rc.yaml,title=An open launch was planned with what changed (open-launch)::open launch 2026-11-25-rc was planned with it (SHOP-A and SHOP-OLD)
    ::notice file=qa/projects/shop/cases/login.md,title=What changed did not pass last%2C or is flaky (last-result)::SHOP-A failed in 2026-11-24-nightly, and is flaky: 3 flips in 20
    ::notice file=qa/projects/shop/cases/login.md,line=9,col=1,endLine=9,endColumn=9,title=Another description%2C remark or section (text)::case SHOP-A “Sign in with an expired password”: the description changed: “… whoever had an account …” → “… whoever has an account …”
    ::notice file=qa/projects/shop/steps/fill-in.md,title=A step does something else (step-edited)::shared steps fill-in “Fill in the form”: step 1 says something else: “Type.” → “Type slowly.”
    ::notice file=qa/projects/shop/cases/login.md,line=23,col=1,endLine=23,endColumn=9,title=A step is new (step-inserted)::case SHOP-A “Sign in with an expired password”: step 3 is new: “Ask @alice about <b>#12</b>.”
    ::notice file=qa/projects/shop/cases/login.md,title=A case is not approved as it is now (unreviewed)::case SHOP-A “Sign in with an expired password” is not approved as it is now%0Ahelp: `tallybook approve SHOP-A`
    ::notice file=qa/projects/shop/launches/2026/11/2026-11-24-nightly/launch.yaml,title=A launch was closed (launch-closed)::launch Nightly 1843 (SHOP/2026-11-24-nightly) was closed: 2 failures need somebody: 2 unresolved of 120 results
    ");
}

#[test]
fn what_a_check_fails_on_is_an_error() {
    let strict = Strict {
        effects: vec![Effect::Weakens],
        unreviewed: true,
    };
    let errors = |strict: &Strict| {
        let items = items(&brief(), "", &sources(), strict).into_iter();
        let errors = items.filter(|item| item.level == Level::Error);
        errors.map(|item| item.code).collect::<Vec<_>>()
    };
    assert_eq!(errors(&Strict::default()), ["changed-file", "not-allowed"]);
    let expected = [
        "changed-file",
        "not-allowed",
        "expectation-dropped",
        "severity",
        "case-removed",
        "unreviewed",
    ];
    assert_eq!(errors(&strict), expected);
}

#[test]
fn every_kind_is_a_rule_with_help() {
    let mut ids: Vec<String> = rules().into_iter().map(|rule| rule.id).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "codes of different things differ");
    let log = sarif(&brief(), "qa");
    assert_sound(&log);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array();
    for rule in rules.expect("rules") {
        let help = rule["help"]["markdown"].as_str().expect("a text");
        assert!(help.starts_with("# `") && help.len() > 80, "{rule}");
        assert_ne!(rule["shortDescription"]["text"], rule["id"], "{rule}");
    }
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let of = |brief: &Brief| {
        let view = ci::gitlab(&items(brief, "qa", &sources(), &Strict::default()));
        let rows: Value = serde_json::from_str(&view.text).expect("JSON");
        let rows = rows.as_array().expect("an array").iter();
        rows.map(|row| row["fingerprint"].clone())
            .collect::<Vec<_>>()
    };
    let mut moved = brief();
    for change in moved
        .review
        .items
        .iter_mut()
        .flat_map(|item| &mut item.changes)
    {
        change.place.line += 7;
    }
    assert_eq!(of(&moved), of(&brief()));
}

#[test]
fn a_test_a_file() {
    let items = items(&brief(), "qa", &sources(), &Strict::default());
    let suite = JunitSuite::of_files("tallybook review", ["qa/projects/shop/README.md"], &items);
    assert_snapshot!(suite.render().text, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuite name="tallybook review" tests="8" failures="1">
      <testcase classname="tallybook review" name="projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml" file="projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml">
        <failure message="launch 2026-11-22-nightly: `outcomes.yaml` is not the one that was closed (and 1 more)" type="changed-file">projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml: changed-file error: launch 2026-11-22-nightly: `outcomes.yaml` is not the one that was closed
    help: `tallybook verify` says more; put back what was closed, or have an owner answer for it: `tallybook launch acknowledge`
    projects/shop/launches/2026/11/2026-11-22-nightly/outcomes.yaml: not-allowed error: launch 2026-11-22-nightly: eve is no member
    help: let somebody do it whose role allows it, or have an owner change the role first</failure>
      </testcase>
      <testcase classname="tallybook review" name="qa/projects/shop/README.md" file="qa/projects/shop/README.md"/>
      <testcase classname="tallybook review" name="qa/projects/shop/cases/login.md" file="qa/projects/shop/cases/login.md">
        <system-out>qa/projects/shop/cases/login.md: expectation-dropped warning: case SHOP-A “Sign in with an expired password”: step 2 no longer expects “the page asks for a new password.” (it stood in line 21)
    qa/projects/shop/cases/login.md:5:1: severity warning: case SHOP-A “Sign in with an expired password”: has a lower severity: critical → minor
    qa/projects/shop/cases/login.md: last-result note: SHOP-A failed in 2026-11-24-nightly, and is flaky: 3 flips in 20
    qa/projects/shop/cases/login.md:9:1: text note: case SHOP-A “Sign in with an expired password”: the description changed: “… whoever had an account …” → “… whoever has an account …”
    qa/projects/shop/cases/login.md:23:1: step-inserted note: case SHOP-A “Sign in with an expired password”: step 3 is new: “Ask @alice about &lt;b&gt;#12&lt;/b&gt;.”
    qa/projects/shop/cases/login.md: unreviewed note: case SHOP-A “Sign in with an expired password” is not approved as it is now
    help: `tallybook approve SHOP-A`</system-out>
      </testcase>
      <testcase classname="tallybook review" name="qa/projects/shop/cases/old.md" file="qa/projects/shop/cases/old.md">
        <system-out>qa/projects/shop/cases/old.md: case-removed warning: case SHOP-OLD: is gone, with 3 steps and 2 expectations</system-out>
      </testcase>
      <testcase classname="tallybook review" name="qa/projects/shop/launches/2026/11/2026-11-24-nightly/launch.yaml" file="qa/projects/shop/launches/2026/11/2026-11-24-nightly/launch.yaml">
        <system-out>qa/projects/shop/launches/2026/11/2026-11-24-nightly/launch.yaml: launch-closed note: launch Nightly 1843 (SHOP/2026-11-24-nightly) was closed: 2 failures need somebody: 2 unresolved of 120 results</system-out>
      </testcase>
      <testcase classname="tallybook review" name="qa/projects/shop/members/bob.yaml" file="qa/projects/shop/members/bob.yaml">
        <system-out>qa/projects/shop/members/bob.yaml: role warning: member bob “Bob”: may do more: writer → owner</system-out>
      </testcase>
      <testcase classname="tallybook review" name="qa/projects/shop/plans/rc.yaml" file="qa/projects/shop/plans/rc.yaml">
        <system-out>qa/projects/shop/plans/rc.yaml: open-launch note: open launch 2026-11-25-rc was planned with it (SHOP-A and SHOP-OLD)</system-out>
      </testcase>
      <testcase classname="tallybook review" name="qa/projects/shop/steps/fill-in.md" file="qa/projects/shop/steps/fill-in.md">
        <system-out>qa/projects/shop/steps/fill-in.md: step-edited note: shared steps fill-in “Fill in the form”: step 1 says something else: “Type.” → “Type slowly.”</system-out>
      </testcase>
    </testsuite>
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn everything_parses(text in anything(), n in 0usize..40) {
        let brief = hostile(&text, n);
        let log = sarif(&brief, "");
        assert_sound(&log);
        prop_assert_eq!(log, sarif(&brief, ""));
        let items = items(&brief, "", &sources(), &Strict::default());
        let rows: Value = serde_json::from_str(&ci::gitlab(&items).text).expect("JSON");
        prop_assert_eq!(rows.as_array().expect("an array").len(), items.len());
        let commands = ci::github(&items).text;
        prop_assert_eq!(commands.lines().count(), items.len());
        prop_assert!(commands.lines().all(|line| line.starts_with("::")));
        let xml = JunitSuite::of_files("review", [], &items).render().text;
        let mut reader = quick_xml::Reader::from_str(&xml);
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Eof) => break,
                event => prop_assert!(event.is_ok(), "{:?} in {}", event, xml),
            }
        }
    }
}
