use proptest::prelude::*;

use super::*;
use crate::analysis::resolve::compile;
use crate::base::text::strip_ansi;

fn failure<'a>(message: &'a str, trace: &'a str) -> Failure<'a> {
    let some = |text: &'a str| (!text.is_empty()).then_some(text);
    Failure {
        status: Status::Failed,
        message: some(message),
        trace: some(trace),
        full_name: None,
    }
}

fn matches(matcher: &Matcher, failure: &Failure<'_>) -> bool {
    let one = |pattern: &Option<String>, text: Option<&str>| match pattern {
        None => true,
        Some(pattern) => {
            let pattern = compile(pattern).expect("the pattern compiles");
            text.is_some_and(|text| pattern.is_match(&strip_ansi(text)))
        }
    };
    one(&matcher.message, failure.message)
        && one(&matcher.trace, failure.trace)
        && one(&matcher.full_name, failure.full_name)
}

/// Pairs of real failures, and whether they are one; with the matcher of the first.
#[test]
fn worked_examples() {
    const PYTEST: &str = "tests/test_cart.py:12: AssertionError";
    for (producer, a, b, equal, message, trace) in [
        (
            "pytest",
            ("AssertionError: assert 3 == 4", PYTEST),
            (
                "AssertionError: assert 17 == 18",
                "tests/test_cart.py:40: AssertionError",
            ),
            true,
            Some(r"AssertionError: assert [\d.,]+ == [\d.,]+"),
            Some(r"tests/test_cart\.py:[\d.,]+: AssertionError"),
        ),
        (
            "pytest, another file",
            ("AssertionError: assert 3 == 4", PYTEST),
            (
                "AssertionError: assert 3 == 4",
                "tests/test_mail.py:12: AssertionError",
            ),
            false,
            Some(r"AssertionError: assert [\d.,]+ == [\d.,]+"),
            Some(r"tests/test_cart\.py:[\d.,]+: AssertionError"),
        ),
        (
            "requests",
            (
                "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: http://localhost:49152/pay",
                PYTEST,
            ),
            (
                "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: http://localhost:50001/pay",
                "x.py:1: in f",
            ),
            true,
            Some(
                r"requests\.exceptions\.HTTPError: [\d.,]+ Server Error: Service Unavailable for url: http://localhost:[\d.,]+/pay",
            ),
            None,
        ),
        (
            "Playwright",
            (
                "\u{1b}[31mTimeoutError\u{1b}[39m: locator.click: Timeout 30000ms exceeded.\nCall log:\n  - waiting for getByTestId('pay')",
                "",
            ),
            (
                "TimeoutError: locator.click: Timeout 5s exceeded.\nCall log:\n  - waiting for getByTestId('pay')",
                "",
            ),
            true,
            Some(
                r"TimeoutError: locator\.click: Timeout [\d.,]+ ?[a-zµμ][\da-z.,µμ]* exceeded\.\s+Call log:\s+- waiting for getByTestId\('pay'\)",
            ),
            None,
        ),
        (
            "Playwright, another button",
            (
                "TimeoutError: locator.click: Timeout 30000ms exceeded.\nCall log:\n  - waiting for getByTestId('pay')",
                "",
            ),
            (
                "TimeoutError: locator.click: Timeout 30000ms exceeded.\nCall log:\n  - waiting for getByTestId('ship')",
                "",
            ),
            false,
            Some(
                r"TimeoutError: locator\.click: Timeout [\d.,]+ ?[a-zµμ][\da-z.,µμ]* exceeded\.\s+Call log:\s+- waiting for getByTestId\('pay'\)",
            ),
            None,
        ),
        (
            "Playwright, an assertion",
            (
                "Error: expect(locator).toContainText(expected) failed\n\nLocator:  getByRole('status')\nExpected substring: \"bench\"\nReceived string:    \"404\"",
                "",
            ),
            (
                "Error: expect(locator).toContainText(expected) failed\n\nLocator:  getByRole('alert')\nExpected substring: \"bench\"\nReceived string:    \"404\"",
                "",
            ),
            false,
            Some(
                r"Error: expect\(locator\)\.toContainText\(expected\) failed\s+Locator:\s+getByRole\('status'\)",
            ),
            None,
        ),
        (
            "Jest",
            (
                "expect(received).toBe(expected) // Object.is equality\n\nExpected: 3\nReceived: 4",
                "    at Object.<anonymous> (/b/a.test.js:3:1)\n    at total (/b/src/cart.ts:7:2)",
            ),
            (
                "expect(received).toBe(expected) // Object.is equality\n\nExpected: 10\nReceived: 9",
                "    at total (/c/src/cart.ts:9:2)",
            ),
            false,
            Some(
                r"expect\(received\)\.toBe\(expected\) // Object\.is equality\s+Expected: [\d.,]+\s+Received: [\d.,]+",
            ),
            Some(r"at total \(/b/src/cart\.ts:[\d.,]+:[\d.,]+\)"),
        ),
        (
            "JUnit",
            (
                "expected: <3> but was: <4>",
                "org.opentest4j.AssertionFailedError: expected\n\tat org.junit.X.y(X.java:1)\n\tat com.shop.CartTest.adds(CartTest.java:42)",
            ),
            (
                "expected: <1> but was: <2>",
                "\tat com.shop.CartTest.adds(CartTest.java:50)",
            ),
            true,
            Some(r"expected: <[\d.,]+> but was: <[\d.,]+>"),
            Some(r"at com\.shop\.CartTest\.adds\(CartTest\.java:[\d.,]+\)"),
        ),
        (
            "Rust",
            (
                "thread 'cart::adds' panicked at src/cart.rs:12:5:\nassertion `left == right` failed\n  left: 1\n right: 2",
                "",
            ),
            (
                "thread 'cart::adds' panicked at src/cart.rs:13:9:\nassertion `left == right` failed\n  left: 3\n right: 2",
                "",
            ),
            true,
            Some(r"thread 'cart::adds' panicked at src/cart\.rs:[\d.,]+:[\d.,]+:"),
            None,
        ),
        (
            "Go",
            (
                "Failed",
                "    cart_test.go:42: dial tcp 127.0.0.1:49152: connect: connection refused",
            ),
            (
                "Failed",
                "    cart_test.go:17: dial tcp 127.0.0.1:50000: connect: connection refused",
            ),
            true,
            Some("Failed"),
            Some(r"cart_test\.go:[\d.,]+: dial tcp [\d.,]+:[\d.,]+: connect: connection refused"),
        ),
        (
            "C#",
            (
                "System.NullReferenceException : Object reference not set to an instance of an object.",
                "   at Shop.Cart.Add() in C:\\agent\\_work\\1\\s\\Cart.cs:line 42",
            ),
            (
                "System.NullReferenceException : Object reference not set to an instance of an object.",
                "",
            ),
            true,
            Some(
                r"System\.NullReferenceException : Object reference not set to an instance of an object\.",
            ),
            None,
        ),
        (
            "ids and folders",
            (
                "cart 550e8400-e29b-41d4-a716-446655440000 is not in /tmp/pytest-1/carts.json since 2026-11-22T18:43:00Z",
                "",
            ),
            (
                "cart 7c9e6679-7425-40de-944b-e07fc1f90ae7 is not in /var/x/y/carts.json since 2026-11-23 08:00:01.5",
                "",
            ),
            true,
            Some(
                r"cart [0-9a-fA-F-]{36} is not in \S*[/\\]carts\.json since \d{4}-\d\d-\d\d(?:[T ][\d:.,]+(?:Z|[+-][\d:]+)?)?",
            ),
            None,
        ),
        (
            "no message",
            (
                "",
                "Traceback (most recent call last):\n  File \"/b/shop/mail.py\", line 3, in send\nConnectionRefusedError: [Errno 111] Connection refused",
            ),
            (
                "",
                "Traceback (most recent call last):\n  File \"/c/shop/sms.py\", line 4, in send\nConnectionRefusedError: [Errno 111] Connection refused",
            ),
            true,
            None,
            Some(r"ConnectionRefusedError: \[Errno [\d.,]+\] Connection refused"),
        ),
    ] {
        let (a, b) = (failure(a.0, a.1), failure(b.0, b.1));
        let both = [a, b];
        assert_eq!(clusters(&both).len() == 1, equal, "{producer}");
        let matcher = a.matcher(Extent::Telling).unwrap_or_default();
        assert_eq!(matcher.message.as_deref(), message, "{producer}");
        assert_eq!(matcher.trace.as_deref(), trace, "{producer}");
        assert!(matches(&matcher, &a), "{producer}");
        assert!(!equal || matches(&matcher, &b), "{producer}");
    }
}

#[test]
fn clusters_are_sorted_and_named() {
    let broken = Failure {
        status: Status::Broken,
        ..failure("the sandbox is down", "")
    };
    let failures = [
        failure("", ""),
        failure("the sandbox is down", ""),
        broken,
        failure("\n \u{1b}[1mthe sandbox\u{1b}[0m is down\u{202e}", ""),
        failure("the sandbox is down", ""),
    ];
    let all = clusters(&failures);
    let told: Vec<(&str, &[usize])> = all
        .iter()
        .map(|c| (c.title.as_str(), c.members.as_slice()))
        .collect();
    assert_eq!(
        told,
        [
            ("the sandbox is down", &[1usize, 4][..]),
            ("no message", &[0]),
            ("the sandbox is down", &[2]),
            ("the sandbox is down\\u{202e}", &[3]),
        ]
    );
    assert_eq!(all[0].fingerprint, all[2].fingerprint);
    assert_eq!(all[0].fingerprint, failures[1].fingerprint());
}

/// Fingerprints are compared with those of launches that other releases closed and read.
#[test]
fn fingerprints_stay() {
    assert_eq!(
        failure("HTTP 503 from the sandbox", "").fingerprint(),
        "ff71be14ad8b60e6"
    );
}

#[test]
fn failures_that_say_nothing_are_matched_by_name() {
    let named = |name| Failure {
        full_name: Some(name),
        ..Failure::default()
    };
    let all = [named("a.b#c"), named("a.b#d"), named("a.b#c")];
    let found = clusters(&all);
    assert_eq!(found.len(), 1);
    let matcher = matchers(&found, &all)[0].clone().expect("two names");
    assert_eq!(matcher.full_name.as_deref(), Some(r"^(?:a\.b#c|a\.b#d)$"));
    assert!(all.iter().all(|one| matches(&matcher, one)));
    let nameless = [Failure::default()];
    assert_eq!(matchers(&clusters(&nameless), &nameless), [None]);
}

#[test]
fn a_matcher_says_more_where_less_fits_another_cluster() {
    let refused = |why| format!("the payment of order 17 was refused\nreason: {why}");
    let (bank, post) = (refused("the bank"), refused("the post"));
    let proposed = |texts: &[&str]| -> Vec<String> {
        let all: Vec<Failure<'_>> = texts.iter().map(|text| failure(text, "")).collect();
        let matchers = matchers(&clusters(&all), &all);
        let message = |matcher: Option<Matcher>| matcher.and_then(|m| m.message);
        matchers.into_iter().filter_map(message).collect()
    };
    let short = r"the payment of order [\d.,]+ was refused";
    assert_eq!(proposed(&[&bank, "the mail is late"])[0], short);
    assert_eq!(
        proposed(&[&bank, &post, &bank]),
        [
            format!(r"{short}\s+reason: the bank"),
            format!(r"{short}\s+reason: the post")
        ]
    );
}

#[test]
fn similarity_is_of_words() {
    let shingles = |text| failure(text, "").shingles();
    let a = shingles("payment of order 17 was refused by the sandbox of the bank");
    let b = shingles("payment of order 18 was refused by the sandbox of the post");
    let c = shingles("the mail was not sent to anybody in time");
    assert!(a.similarity(&b) > 0.8 && a.similarity(&c) < 0.2);
    assert!((a.similarity(&a) - 1.0).abs() < f64::EPSILON);
    assert_eq!(shingles("no").similarity(&shingles("no")), 0.0);
}

#[test]
fn what_is_long_is_bounded() {
    let long = "x1 ".repeat(400_000);
    let one = failure(&long, &long);
    let matcher = one.matcher(Extent::All).expect("there is a message");
    assert!(matches(&matcher, &one));
    assert!(matcher.message.is_some_and(|pattern| pattern.len() < 1_000));
    let spaces = " ".repeat(1 << 20);
    assert_eq!(failure(&spaces, "").title(), "no message");
}

/// Texts of the pieces that are folded, and of what may stand between them.
fn message() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,6}([.,][0-9]{1,3})?",
        "[0-9]{1,4} ?(ms|s|seconds|h)",
        "0x[0-9a-f]{1,12}",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[0-9a-f]{8,20}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{3})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
        "/(home|tmp|builds)/[a-z0-9/_.-]{1,12}",
        "[A-Z]:\\\\[a-z\\\\]{1,8}",
        "[a-z]{1,8}",
        "[ \t\n]{1,3}",
        "[\\PC\u{1b}\u{202e}\u{0}]{1,3}",
        "[.*+?^$|(){}\\[\\]\\\\'\"#&~-]{1,3}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// What one producer puts into the message another puts into the trace.
#[test]
fn a_cluster_that_says_it_in_two_places_is_matched_by_names() {
    let named = |message, trace| Failure {
        full_name: Some("a#b"),
        ..failure(message, trace)
    };
    let all = [named("00aaaa00", ""), named("", "a00aaa00")];
    let clusters = clusters(&all);
    assert_eq!(clusters.len(), 1);
    let found = matchers(&clusters, &all);
    let matcher = found[0].as_ref().expect("both have a name");
    assert!(all.iter().all(|one| matches(matcher, one)), "{matcher:?}");
}

/// Another text of the same shape: each digit another one.
fn renumbered(text: &str, by: u32) -> String {
    let other = |c: char| match c.to_digit(10) {
        Some(digit) => char::from_digit((digit + by) % 10, 10).unwrap_or(c),
        None => c,
    };
    text.chars().map(other).collect()
}

proptest! {
    #[test]
    fn a_matcher_matches_every_member(messages in prop::collection::vec((message(), message()), 1..4), by in 0u32..10) {
        let others: Vec<(String, String)> = messages
            .iter()
            .map(|(message, trace)| (renumbered(message, by), renumbered(trace, by)))
            .collect();
        let all: Vec<Failure<'_>> = messages
            .iter()
            .chain(&others)
            .map(|(message, trace)| Failure { full_name: Some("a#b"), ..failure(message, trace) })
            .collect();
        let clusters = clusters(&all);
        prop_assert_eq!(clusters.iter().map(|c| c.members.len()).sum::<usize>(), all.len());
        let matchers = matchers(&clusters, &all);
        for (cluster, matcher) in clusters.iter().zip(matchers) {
            let matcher = matcher.expect("all have names");
            for member in &cluster.members {
                prop_assert!(matches(&matcher, &all[*member]), "{:?} {:?}", matcher, all[*member]);
            }
        }
    }
}
