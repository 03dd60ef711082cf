//! Launches in one file.

use super::*;
use crate::site::build::{Single, render_single};

fn single(launch: &Launch, budget: usize) -> Result<Single, SiteError> {
    let launches = std::slice::from_ref(launch);
    let id = launch.file.id.clone();
    with_input(launches, Options::default(), |input| {
        render_single(input, &id, budget)
    })
}

fn whole(launch: &Launch) -> Single {
    single(launch, usize::MAX).expect("the file renders")
}

fn png(fill: u8, size: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n".to_vec();
    bytes.resize(size, fill);
    bytes
}

fn attached(name: &str, file: &str, size: u64) -> Attachment {
    Attachment {
        name: name.to_owned(),
        media_type: "image/png".to_owned(),
        file: Some(file.to_owned()),
        size,
        absent: None,
    }
}

/// Results of which the first `failed` fail, each with steps and a picture of its own.
fn failing(failed: usize, all: usize) -> Launch {
    let results: Vec<TestResult> = (0..all)
        .map(|n| {
            let status = match n < failed {
                true => Status::Failed,
                false => Status::Passed,
            };
            let mut made = result(n, status);
            if n < failed {
                // No two say the same.
                made.message = Some(format!("{} is wrong", "x".repeat(n + 1)));
                made.attachments = vec![attached("screen.png", &format!("{n}.png"), 3_000)];
            }
            made
        })
        .collect();
    let mut launch = launch(1, results, |_| {});
    for n in 0..failed {
        let file = (format!("{n}.png"), png(n as u8, 3_000));
        launch.held.files.extend([file]);
        launch.held.details.push(Details {
            id: format!("{n:016x}"),
            steps: vec![Step {
                name: format!("step of {n}"),
                status: Some(Status::Failed),
                ..Step::default()
            }],
            stdout: Some(format!("output of {n}")),
            ..Details::default()
        });
    }
    launch
}

#[test]
fn one_file_has_all_of_a_small_launch() {
    let Single { html, left_out } = whole(&failing(2, 5));
    assert_eq!(left_out, [""; 0]);
    for said in [
        "Blocked",
        "x is wrong",
        "xx is wrong",
        "at <b>shop.py:12",
        "step of 1",
        "output of 0",
        "test 4",
        RECEIPT,
        "tallybook verify",
        "Nightly 1",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert_eq!(html.matches("data:image/png;base64,").count(), 2);
    assert!(html.contains("id=\"r=0.00000000\"") && html.contains("href=\"#r=0.00000000\""));
    assert!(!html.contains("href=\"results.html") && !html.contains("href=\"evidence.html"));
    assert!(html.contains("href=\"#s=failed\"") && html.contains("id=\"s=failed\""));
}

#[test]
fn one_file_asks_for_nothing_and_runs_what_its_policy_names() {
    let mut bad = result(1, Status::Failed);
    for text in [
        &mut bad.name,
        bad.message.get_or_insert_default(),
        bad.trace.get_or_insert_default(),
    ] {
        *text = format!("{HOSTILE}<a href=\"results.html#main\">x</a><img src=x>");
    }
    bad.attachments = vec![Attachment {
        name: HOSTILE.to_owned(),
        media_type: HOSTILE.to_owned(),
        file: Some("x.html".to_owned()),
        size: 3,
        absent: None,
    }];
    let mut launch = launch(1, vec![bad], |_| {});
    let page = b"</pre><script>alert(1)</script><a href='javascript:alert(1)'>".to_vec();
    launch.held.files.insert("x.html".to_owned(), page);
    let html = whole(&launch).html;
    assert_eq!(html.matches("<script").count(), 2, "its own two");
    assert_eq!(html.matches("'sha256-").count(), 4);
    assert!(html.contains("default-src 'none'") && !html.contains("'self'"));
    assert!(!html.contains("<img src=x") && !html.contains("<link rel=\"stylesheet\""));
    assert!(!html.contains('\u{202e}') && !html.contains("src=\"http"));
    let main = html.split_once("<main").expect("a main part").1;
    let main = main.split_once("</main>").expect("a main part").0;
    assert!(
        !main.contains("<script")
            && !main.contains(" style=")
            && !main.contains("href=\"javascript")
    );
    assert!(
        main.contains("&lt;a href=&#39;javascript:alert(1)&#39;&gt;"),
        "as text"
    );
}

#[test]
fn what_a_budget_has_no_room_for_is_said() {
    let launch = failing(12, 200);
    let all = whole(&launch).html.len();
    let least = match single(&launch, 1_000) {
        Err(SiteError::Budget { least, .. }) => least,
        other => panic!("{other:?}"),
    };
    assert!(least.ends_with("kB"), "{least}");
    let mut sizes = Vec::new();
    for budget in (60_000..all + 20_000).step_by(4_000) {
        let Ok(Single { html, left_out }) = single(&launch, budget) else {
            continue;
        };
        assert!(html.len() <= budget, "{} of {budget}", html.len());
        assert_eq!(left_out.is_empty(), !html.contains("id=\"left-out\""));
        // A failure is never less than a row, and details go before attachments.
        if html.contains("data:image/png") {
            assert!(
                html.contains("step of 11") && html.contains("test 199"),
                "{budget}"
            );
        }
        if html.contains("test 199") {
            assert_eq!(html.matches(" is wrong</pre>").count(), 12, "{budget}");
        }
        sizes.push(html.len());
    }
    assert!(sizes.len() > 5 && sizes.is_sorted(), "{sizes:?}");
    let most = single(&launch, all + 20_000).expect("it fits");
    assert!(most.left_out.is_empty(), "{:?}", most.left_out);
}

#[test]
fn a_picture_stands_once() {
    let mut first = result(1, Status::Failed);
    first.attachments = vec![
        attached("one.png", "a.png", 100),
        attached("two.png", "a.png", 100),
    ];
    first.attachments.push(Attachment {
        media_type: "application/zip".to_owned(),
        ..attached("trace.zip", "t.zip", 4)
    });
    let mut launch = launch(1, vec![first], |_| {});
    launch.held.files.insert("a.png".to_owned(), png(1, 100));
    launch
        .held
        .files
        .insert("t.zip".to_owned(), vec![0x50, 0x4B, 0xFF, 0]);
    let Single { html, left_out } = whole(&launch);
    assert_eq!(html.matches("data:image/png;base64,").count(), 1);
    assert!(html.contains(">as above</a>") && html.contains("neither an image nor a text"));
    assert_eq!(left_out, ["1 attachment, which is named (4 bytes)"]);
}

#[test]
fn an_evidence_pack_gathers_a_launch() {
    let out = site(&[failing(2, 5)]);
    let pack = text(&out, "shop/launches/nightly-1/pack.html");
    for said in [
        "Evidence of a launch",
        "xx is wrong",
        "at <b>shop.py:12",
        RECEIPT,
        "sha256sum",
        "What was read",
    ] {
        assert!(pack.contains(said), "{said}");
    }
    assert!(text(&out, "shop/launches/nightly-1/index.html").contains("href=\"pack.html\""));
    let old = Options {
        full_launches: 0,
        ..Options::default()
    };
    let out = try_site(&[failing(2, 5)], old).expect("the site renders");
    assert!(!out.files.contains_key("shop/launches/nightly-1/pack.html"));
    assert!(!text(&out, "shop/launches/nightly-1/index.html").contains("pack.html"));
}

#[test]
fn the_beginning_of_a_file_says_what_failed() {
    let Single { html, .. } = whole(&failing(2, 5));
    let at = |what: &str| html.find(what).unwrap_or_else(|| panic!("no {what}"));
    let styles = html.rfind("<style>").unwrap();
    assert!(at("class=\"lead\"") < at("x is wrong") && at("x is wrong") < styles);
    assert!(styles < at("id=\"results\""));
    assert!(at("x is wrong") < 24_000, "{}", at("x is wrong"));
    // It is in its letters and colours from the beginning.
    let head = &html[..at("</head>")];
    assert!(head.contains("--ground: #fbfaf7") && head.contains("var(--sans)"));
    // Of many failures some stand before the styles, and all of them are there.
    let Single { html, .. } = whole(&failing(200, 200));
    assert!(
        html[..html.rfind("<style>").unwrap()]
            .matches("</article>")
            .count()
            > 3
    );
    assert_eq!(html.matches("<article").count(), 200);
    assert_eq!(html.matches("<style>").count(), 2);
}

/// A failure whose trace and steps repeat what it says.
fn repeating() -> Launch {
    let mut made = result(0, Status::Failed);
    made.message = Some("The sum is wrong\nexpected 1".to_owned());
    made.trace = Some("The sum is wrong\nexpected 1\nat shop.py:12".to_owned());
    made.attachments = vec![attached(
        "screen.png",
        &format!("{}.png", "a".repeat(64)),
        3_000,
    )];
    let step = |name: &str, message: &str, steps: Vec<Step>| Step {
        name: name.to_owned(),
        status: Some(Status::Failed),
        message: Some(message.to_owned()),
        steps,
        ..Step::default()
    };
    let passed = Step {
        name: "what went well".to_owned(),
        status: Some(Status::Passed),
        ..Step::default()
    };
    let mut launch = launch(1, vec![made], |_| {});
    launch.held.details.push(Details {
        id: format!("{:016x}", 0),
        steps: vec![
            passed,
            step(
                "outer",
                "The sum is wrong",
                vec![step("inner", "The sum is wrong", Vec::new())],
            ),
            step(
                "other",
                "Something else",
                vec![step("last", "Something else", Vec::new())],
            ),
        ],
        ..Details::default()
    });
    let file = (format!("{}.png", "a".repeat(64)), png(1, 3_000));
    launch.held.files.extend([file]);
    launch
}

#[test]
fn a_failure_is_said_once() {
    let Single { html, .. } = whole(&repeating());
    let told = &html[html.find("<article").unwrap()..html.find("</article>").unwrap()];
    assert_eq!(told.matches("The sum is wrong").count(), 1, "{told}");
    assert_eq!(told.matches("Something else").count(), 1, "{told}");
    assert!(told.contains("shop.py:12") && told.contains("inner"));
}

#[test]
fn an_evidence_pack_shows_how_failures_came_about() {
    let out = site(&[repeating()]);
    let pack = text(&out, "shop/launches/nightly-1/pack.html");
    let told = &pack[pack.find("<article").unwrap()..pack.find("</article>").unwrap()];
    for said in [
        "outer",
        "inner",
        "last",
        "screen.png",
        "image/png",
        &"a".repeat(64),
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(!told.contains("what went well"));
    assert_eq!(told.matches("The sum is wrong").count(), 1, "{told}");
    assert_eq!(told.matches("Something else").count(), 1, "{told}");
    let picture = told.split("<img src=\"../../").nth(1).expect("a picture");
    let picture = picture.split('"').next().unwrap_or_default();
    assert!(
        out.files.contains_key(&format!("shop/{picture}")),
        "{picture}"
    );
    assert!(!pack.contains("have their steps"));

    let out = site(&[failing(53, 60)]);
    let pack = text(&out, "shop/launches/nightly-1/pack.html");
    assert!(pack.contains("The first 50 have their steps") && pack.contains("3 failures are"));
    assert_eq!(pack.matches("Steps that failed").count(), 50);
    assert_eq!(pack.matches("<img ").count(), 50);
}

#[test]
fn a_list_of_results_begins_with_failures() {
    let results = vec![
        result(0, Status::Passed),
        result(1, Status::Skipped),
        result(2, Status::Failed),
        result(3, Status::Broken),
    ];
    let out = site(&[launch(1, results, |_| {})]);
    let page = text(&out, "shop/launches/nightly-1/results.html");
    let body = page.split("<tbody>").nth(1).expect("rows");
    let at = |class: &str| body.find(class).unwrap_or_else(|| panic!("no {class}"));
    let order = ["s-failed\">", "s-broken\">", "s-skipped\">", "s-passed\">"]
        .map(|status| at(&format!("<td class=\"{status}")));
    assert!(order.is_sorted(), "{order:?}");
}
