//! Numbers that add up, and sentences that say no more than the site knows.

use super::*;
use crate::model::JobSummary;
use crate::site::input::{Since, TooEarly};

fn failing(numbers: &[usize]) -> Vec<TestResult> {
    (1..=6)
        .map(|n| match numbers.contains(&n) {
            true => result(n, Status::Failed),
            false => result(n, Status::Passed),
        })
        .collect()
}

#[test]
fn results_that_count_are_told_from_overridden_ones() {
    let overridden = launch(1, failing(&[1]), |outcome| {
        if outcome.id.ends_with('2') {
            outcome.flags.push(Flag::Overridden);
        }
    });
    let out = site(&[overridden]);
    for (path, folder) in [
        ("shop/launches/nightly-1/index.html", ""),
        ("shop/index.html", "launches/nightly-1/"),
        ("index.html", "shop/launches/nightly-1/"),
    ] {
        let page = text(&out, path);
        let said = format!(
            "<b>5</b> results, and <a href=\"{folder}results.html#q=is:overridden\">1 overridden</a>"
        );
        assert!(page.contains(&said), "{path}: {page}");
        assert!(!page.contains("of 6"), "{path}");
    }
    let list = text(&out, "shop/launches.html");
    assert!(list.contains("<td class=\"num\">5</td>"), "{list}");
}

#[test]
fn retries_are_no_results() {
    let retried = |times: usize| {
        launch(1, failing(&[]), |outcome| {
            if outcome.id.ends_with('1') {
                outcome.flags.push(Flag::Retried);
                outcome.retries = vec!["0".repeat(16); times];
            }
        })
    };
    let page = |times| {
        let out = site(&[retried(times)]);
        text(&out, "shop/launches/nightly-1/index.html").to_owned()
    };
    assert!(page(3).contains("3 retries of 1 result</a>"));
    assert!(page(1).contains("1 retry</a>"));
}

#[test]
fn comparisons_add_up_and_keep_what_is_muted() {
    let job = |name: &str| JobSummary {
        name: name.to_owned(),
        ..JobSummary::default()
    };
    let mut before = launch(1, failing(&[3]), |_| {});
    before.file.jobs = vec![job("unit"), job("manual")];
    let mut now = launch(2, failing(&[1, 2, 4]), |outcome| {
        match outcome.id.chars().last() {
            Some('1') => outcome.flags.push(Flag::Muted),
            Some('2') => outcome.defect = Some("D-1".to_owned()),
            _ => {}
        }
    });
    now.file.name = "Nightly 2".to_owned();
    now.file.jobs = vec![job("unit")];
    now.file.baseline = Some(before.file.id.clone());
    let out = site(&[before, now]);
    let page = text(&out, "shop/launches/nightly-2/compare.html");
    for said in [
        "2 new failures against",
        "1 of the new ones has a defect",
        "1 failing newly and muted",
        "Failing newly, and muted <span class=\"n\">1</span>",
        "1 fixed",
        "Jobs only before",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // What a script needs to say the same of any two.
    let keys = text(&out, "shop/launches/nightly-2/data/keys.js");
    assert!(keys.contains("\"flags\":\"180000\""), "{keys}");
    assert!(keys.contains("\"jobs\":[\"unit\"]"), "{keys}");
}

#[test]
fn a_site_that_leaves_launches_out_says_nothing_of_them() {
    let options = || Options {
        since: Some(Since {
            said: "1 Dec 2026".to_owned(),
            earlier: TooEarly::Before(Timestamp::from_ms(1_796_083_200_000)),
        }),
        ..Options::default()
    };
    let out = try_site(&[], options()).expect("the site renders");
    for path in ["index.html", "shop/index.html"] {
        let page = text(&out, path);
        assert!(page.contains("No closed launch since 1 Dec 2026"), "{page}");
        assert!(page.contains("earlier ones are not on this site"));
        assert!(!page.contains("nothing was"), "{page}");
    }
    let out = site(&[]);
    let page = text(&out, "shop/index.html");
    assert!(
        page.contains("nothing was closed yet, and open launches are not on this site"),
        "{page}"
    );
}
