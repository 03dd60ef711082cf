//! Hostile text at every receiver, and limits with any input.

use proptest::prelude::*;
use serde_json::Value;

use super::data::*;
use super::{comment, mail, slack, summary, teams, terminal};
use crate::base::Timestamp;
use crate::base::text::{is_unsafe_to_show, width};
use crate::model::Address;
use crate::model::{Environment, Parameter, Source, Status, Totals};

/// Returns a report in which every text that comes from outside is this one.
fn report(text: &str, tests: usize, more: u64) -> Report {
    let own = || text.to_owned();
    let test = |n: usize| Test {
        id: own(),
        name: format!("{text}{n}"),
        full_name: Some(own()),
        case: Some(own()),
        owner: Some(own()),
        status: Status::Failed,
        flags: vec!["flaky"],
        environment: variables(text, 2),
        parameters: vec![Parameter {
            name: own(),
            value: Some(own()),
            ..Parameter::default()
        }],
        message: Some(own()),
        duration: Some(5_000),
        failing: Some(Failing {
            failures: 3,
            since: own(),
            since_name: own(),
            since_commit: Some(own()),
            passed_in: Some(own()),
            passed_name: Some(own()),
            passed_commit: None,
            range: Some(own()),
            commits: Some(2),
            commits_unavailable: None,
            changes_url: Address::parse("https://code.example/compare/a...b"),
        }),
        usual: Some(Usual {
            median: 1_000,
            limit: 1_500,
            of: 20,
        }),
        url: Address::parse(&format!("https://site.example/{text}")),
        issues: vec![link(text)],
        ..Test::default()
    };
    let list = || Tests {
        count: tests as u64 + more,
        tests: (0..tests).map(test).collect(),
    };
    Report {
        format: 1,
        launch: Subject {
            id: own(),
            name: own(),
            project: "SHOP".to_owned(),
            project_name: own(),
            state: "closed",
            url: Address::parse("https://site.example/"),
            opened_at: Timestamp::from_ms(0),
            closed_at: Some(Timestamp::from_ms(0)),
            closed_by: Some(own()),
            reason: Some(own()),
            meaning: Some(own()),
            receipt: Some(own()),
            supersedes: Some(own()),
            duration: Some(1),
        },
        verdict: "blocked",
        sentence: "Blocked: 2 results of 4 need a defect, a mute or a fix".to_owned(),
        gate: Some(GateSection {
            verdict: "failed",
            failed: vec![own(); 30],
            rules: vec![FailedRule {
                rule: own(),
                expected: own(),
                actual: own(),
                culprits: vec![own(); 30],
                count: 40,
            }],
        }),
        totals: Totals {
            total: 4,
            passed: 2,
            failed: 2,
            unresolved: 2,
            ..Totals::default()
        },
        pass_rate: Share {
            value: Some(0.5),
            part: 2,
            of: 4,
        },
        notes: vec![own(), own()],
        baseline: Some(Against {
            launch: LaunchRef {
                id: own(),
                name: own(),
                commit: Some(own()),
                url: Address::parse("https://site.example/b"),
            },
            found: "latest",
            how: "the latest one before it of the same branch and name",
            in_both: 4,
            pass_rate: Rates {
                before: Share::default(),
                now: Share::default(),
            },
            classes: vec![Class {
                name: "fixed",
                count: 1,
            }],
            left_out: vec![own(); 3],
            jobs: OnlyIn {
                before: vec![own(); 20],
                now: vec![own()],
            },
        }),
        no_baseline: Some(own()),
        new_failures: Some(list()),
        still_failing: Some(StillFailing {
            count: 3,
            known: 1,
            muted: 1,
        }),
        fixed: Some(list()),
        newly_flaky: Some(list()),
        also_unresolved: list(),
        slower: list(),
        resolutions: (0..tests).map(|_| resolution(text)).collect(),
        jobs: (0..tests).map(|_| job(text)).collect(),
        environment: variables(text, tests),
        source: Source {
            repository: Some(own()),
            branch: Some(own()),
            commit: Some(own()),
            pull_request: Some(own()),
        },
        commit_url: Address::parse("https://code.example/commit/a"),
        pull_request_url: None,
        links: vec![link(text); 3],
        verify: Some(own()),
    }
}

fn variables(text: &str, n: usize) -> Environment {
    let one = |n: usize| (format!("{text}{n}"), text.to_owned());
    (0..n).map(one).collect()
}

fn link(text: &str) -> WebLink {
    WebLink {
        name: text.to_owned(),
        url: Address::parse("https://tracker.example/?a=1&b=2"),
    }
}

fn resolution(text: &str) -> Resolution {
    Resolution {
        kind: "defect",
        id: text.to_owned(),
        title: text.to_owned(),
        owner: Some(text.to_owned()),
        until: Some("2027-01-01".to_owned()),
        results: 2,
        issues: vec![link(text)],
    }
}

fn job(text: &str) -> Job {
    Job {
        name: text.to_owned(),
        rows: 4,
        url: Address::parse("https://ci.example/1"),
        accepted_loss: Some(text.to_owned()),
    }
}

fn regex(pattern: &str) -> regex::Regex {
    regex::Regex::new(pattern).expect("a pattern")
}

/// What each of these would do somewhere: markup, mentions, links, headers, escapes of terminals.
const HOSTILE: [&str; 21] = [
    "<script>alert(1)</script>",
    "</summary></details><img src=x onerror=alert(1)>",
    "](javascript:alert(1)) [x](https://evil.example)",
    "![x](https://evil.example/pixel.png)",
    "`code` ``` fence",
    "<!channel> <!here> <@U123> <https://evil.example|Click>",
    "@everyone @acme/owners",
    "Fixes #1, closes acme/shop#2 and GH-3",
    "*bold* _it_ ~gone~ # head > quote | cell |",
    "<at>Alice</at> {{DATE(2026-01-01T00:00:00Z,SHORT)}} ${secret}",
    "x\r\nBcc: evil@example.com\r\n\r\nbody",
    "x\n.\nQUIT\nFrom me",
    "\u{1b}[31mred\u{1b}]8;;https://evil.example\u{7}link",
    "abc\u{202e}txt.exe\u{200b}\u{feff}",
    "--><!-- tallybook:report:other -->",
    "::set-output name=x::y",
    "https://evil.example/www.evil.example",
    ":white_check_mark: all :tada:",
    "&lt;b&gt; &amp; &#x3c; %3Cb%3E",
    "1. one\n- two\n\n    code\n***\n",
    "=?UTF-8?B?eA==?=",
];

/// What Markdown makes of a text: its events, code and comments apart.
fn html(markdown: &str) -> String {
    let options = pulldown_cmark::Options::all();
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, pulldown_cmark::Parser::new_ext(markdown, options));
    out
}

/// Takes out what is between code tags: there, nothing acts.
fn outside_code(html: &str) -> String {
    let code = regex("(?s)<code>.*?</code>");
    code.replace_all(html, "").into_owned()
}

#[test]
fn nothing_acts_in_markdown() {
    for hostile in HOSTILE {
        let report = report(hostile, 2, 1);
        for markdown in [comment(&report), summary(&report)] {
            let outside = outside_code(&html(&markdown));
            let own = regex("(?s)^<!-- tallybook:report:[a-z-]+:[a-z-]+ -->\n")
                .replace(&outside, "")
                .into_owned();
            let tags = regex("<[^>]*>");
            for tag in tags.find_iter(&own) {
                let name = tag.as_str().trim_matches(['<', '>', '/', ' ']);
                let name = name.split([' ', '\n']).next().unwrap_or_default();
                let known = [
                    "h3",
                    "h4",
                    "p",
                    "a",
                    "strong",
                    "ul",
                    "li",
                    "br",
                    "details",
                    "summary",
                    "blockquote",
                ];
                assert!(known.contains(&name), "{hostile}: {tag:?}\n{markdown}");
            }
            let text = tags.replace_all(&own, "");
            for acting in ["@", "#", "evil", "www.", ":white", "Bcc"] {
                assert!(!text.contains(acting), "{hostile}: `{acting}` acts\n{text}");
            }
            for link in regex("(?:href|src)=\"([^\"]*)\"").captures_iter(&own) {
                let hosts = [
                    "https://site.example/",
                    "https://code.example/",
                    "https://ci.example/",
                    "https://tracker.example/",
                ];
                assert!(
                    hosts.iter().any(|host| link[1].starts_with(host)),
                    "{hostile}: {}",
                    &link[1]
                );
            }
        }
    }
}

fn strings<'v>(value: &'v Value, out: &mut Vec<(&'v str, &'v str)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) => out.push((key, text)),
                    value => strings(value, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        _ => {}
    }
}

#[test]
fn nothing_acts_in_slack() {
    let angle = regex("<(https://(?:site|code|ci|tracker)\\.example/[^|<>\\s]*)\\|[^<>]*>");
    for hostile in HOSTILE {
        let payload: Value = serde_json::from_str(&slack(&report(hostile, 2, 1))).expect("JSON");
        let mut texts = Vec::new();
        strings(&payload, &mut texts);
        let blocks = payload["blocks"].as_array().expect("blocks");
        assert!(blocks[0]["text"]["type"] == "plain_text" && blocks[0]["text"]["emoji"] == false);
        for (key, text) in texts
            .into_iter()
            .filter(|(key, text)| *key == "text" && !text.is_empty())
        {
            if text.starts_with("❌ ") && payload["blocks"][0]["text"]["text"] == *text {
                continue;
            }
            let rest = angle.replace_all(text, "");
            assert!(!rest.contains(['<', '>']), "{hostile}: {key} {text}");
            let emoji = regex(":[a-z+_-]+:");
            assert!(!emoji.is_match(&rest), "{hostile}: {text}");
            assert!(!rest.contains('`'), "{hostile}: {text}");
        }
    }
}

#[test]
fn nothing_acts_in_teams() {
    for hostile in HOSTILE {
        let payload: Value = serde_json::from_str(&teams(&report(hostile, 2, 1))).expect("JSON");
        let card = &payload["attachments"][0]["content"];
        let mut elements = vec![card];
        let mut runs = 0;
        while let Some(element) = elements.pop() {
            match element["type"].as_str() {
                // Markdown works here, and only our own words stand here.
                Some("TextBlock") => {
                    let text = element["text"].as_str().expect("a text");
                    assert!(
                        text.starts_with("and ") && text.ends_with(" more"),
                        "{text}"
                    );
                }
                Some("TextRun") => {
                    runs += 1;
                    assert!(!element["text"].as_str().expect("a text").contains("{{"));
                }
                Some("Action.OpenUrl") => {
                    assert!(
                        element["url"]
                            .as_str()
                            .expect("an address")
                            .starts_with("https://")
                    );
                }
                Some("AdaptiveCard" | "RichTextBlock") => {}
                other => panic!("{other:?} is no element of ours"),
            }
            for list in ["body", "inlines", "actions"] {
                elements.extend(element[list].as_array().into_iter().flatten());
            }
            elements.extend(element.get("selectAction"));
        }
        assert!(runs > 10);
        assert!(
            card["msteams"].get("entities").is_none(),
            "nobody is mentioned"
        );
    }
}

#[test]
fn nothing_acts_in_mail() {
    for hostile in HOSTILE {
        let text = mail(&report(hostile, 2, 1));
        let (headers, body) = text.split_once("\n\n").expect("a body");
        let mut names = Vec::new();
        for line in headers.lines() {
            assert!(line.is_ascii(), "{line}");
            if !line.starts_with(' ') {
                names.push(line.split(':').next().unwrap_or_default());
            }
        }
        let expected = [
            "Subject",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
            "Auto-Submitted",
        ];
        assert_eq!(names, expected, "{hostile}");
        for line in body.lines() {
            assert!(
                !line.starts_with('.') && !line.starts_with("From "),
                "{line}"
            );
            assert!(!line.contains('\r'), "{line:?}");
        }
    }
}

#[test]
fn nothing_acts_in_a_terminal() {
    for hostile in HOSTILE {
        let text = terminal(&report(hostile, 2, 1), 100);
        let acting = text.chars().find(|c| is_unsafe_to_show(*c) && *c != '\n');
        assert_eq!(acting, None, "{hostile}");
    }
}

#[test]
fn json_keeps_the_truth() {
    for hostile in HOSTILE {
        let value: Value = serde_json::from_str(&report(hostile, 1, 0).json()).expect("JSON");
        assert_eq!(value["new_failures"]["tests"][0]["message"], hostile);
        assert_eq!(value["launch"]["name"], hostile);
    }
}

/// Says that the numbers of those that are shown and of those that were left out add up, list by list.
fn adds_up(
    text: &str,
    item: &str,
    tests: usize,
    more: u64,
    lists: usize,
) -> Result<(), TestCaseError> {
    let pattern = regex("and ([0-9,]+) more");
    let left: u64 = pattern
        .captures_iter(text)
        .map(|found| found[1].replace(',', "").parse::<u64>().expect("a number"))
        .sum();
    let shown = text.matches(item).count() as u64;
    prop_assert_eq!(shown + left, (tests as u64 + more) * lists as u64);
    Ok(())
}

/// A report whose only lists are of tests with this text.
fn lists_alone(text: &str, tests: usize, more: u64) -> Report {
    let mut report = report("x", 1, 0);
    let named = |name: &str| {
        let full = self::report(text, 1, 0);
        let test = full.fixed.and_then(|tests| tests.tests.into_iter().next());
        Test {
            name: format!("{name} {text}"),
            environment: Environment::default(),
            parameters: Vec::new(),
            ..test.unwrap_or_default()
        }
    };
    let list = Tests {
        count: tests as u64 + more,
        tests: vec![named("ITEM"); tests],
    };
    report.new_failures = Some(list.clone());
    report.also_unresolved = list.clone();
    report.fixed = Some(list.clone());
    report.newly_flaky = Some(list.clone());
    report.slower = list;
    report.resolutions.clear();
    report.jobs.clear();
    report.environment = Environment::default();
    report.gate = None;
    report.baseline = None;
    report.links.clear();
    report
}

#[test]
fn a_card_that_just_fits_does() {
    let mut fullest = 0;
    for n in 0..160 {
        let card = teams(&report(&"x".repeat(n), 59, 10_018));
        assert!(card.len() <= 28_000, "{n}: {}", card.len());
        fullest = fullest.max(card.len());
    }
    let hostile = teams(&report("abc\u{202e}txt.exe\u{200b}\u{feff}", 22, 10_018));
    assert!(hostile.len() <= 28_000);
    assert!(fullest > 27_900, "{fullest}");
}

fn anything() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,400}",
        "[🦀日é`<>&*_|\\\\\"'@#:]{0,900}",
        "(.|\\n|\\r|\\t){0,200}",
        proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        Just("🦀".repeat(1_500)),
        Just("&".repeat(1_500)),
        Just("\u{202e}".repeat(800)),
        Just("\"\\".repeat(800)),
        Just("word ".repeat(400)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn every_receiver_takes_it(text in anything(), tests in 0usize..60, more in 0u64..200_000) {
        let report = report(&text, tests, more);
        prop_assert!(comment(&report).len() <= 65_535);
        prop_assert!(summary(&report).len() <= 1_000_000);
        prop_assert!(teams(&report).len() <= 28_000);
        prop_assert!(mail(&report).len() <= 256 * 1024);
        let payload: Value = serde_json::from_str(&slack(&report)).expect("JSON");
        let blocks = payload["blocks"].as_array().expect("blocks");
        prop_assert!(blocks.len() <= 50);
        let mut texts = Vec::new();
        strings(&payload, &mut texts);
        prop_assert!(texts.iter().all(|(_, text)| text.encode_utf16().count() <= 3_000));
        let header = blocks[0]["text"]["text"].as_str().expect("a header");
        prop_assert!(!header.is_empty() && header.encode_utf16().count() <= 150);
        for line in mail(&report).lines() {
            let is_address = line.contains("https://");
            prop_assert!(is_address || width(line) <= 78, "{line}");
            prop_assert!(line.len() <= 998);
        }
    }

    #[test]
    fn what_is_left_out_is_counted(text in anything(), tests in 0usize..120, more in 0u64..200_000) {
        prop_assume!(!text.contains("ITEM") && !text.contains("more"));
        let report = lists_alone(&text, tests, more);
        for (name, text) in [
            ("comment", comment(&report)),
            ("summary", summary(&report)),
            ("slack", slack(&report)),
            ("teams", teams(&report)),
            ("mail", mail(&report)),
            ("terminal", terminal(&report, 100)),
        ] {
            let counted = adds_up(&text, "ITEM", tests, more, 5);
            prop_assert!(counted.is_ok(), "{name}: {counted:?}");
        }
    }

    #[test]
    fn escapes_are_whole(text in anything(), tests in 0usize..40) {
        let report = report(&text, tests, 1);
        let slack = slack(&report);
        let payload: Value = serde_json::from_str(&slack).expect("JSON");
        let mut texts = Vec::new();
        strings(&payload, &mut texts);
        let entity = regex("^&(?:amp|lt|gt);");
        for (_, text) in texts.iter().filter(|(key, _)| *key == "text").skip(2) {
            for (at, _) in text.match_indices('&') {
                prop_assert!(entity.is_match(&text[at..]), "{text}");
            }
        }
        let markdown = html(&comment(&report));
        let opened = markdown.matches("<details>").count();
        prop_assert_eq!(opened, markdown.matches("</details>").count());
    }
}
