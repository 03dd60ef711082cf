//! What a failure expected and what it got, told from the message where the producer says neither by itself.
//!
//! Assertion libraries write both sides into the message, each in its own words. Only forms are read that
//! state the two values whole; a message that shortens them gives nothing, since a difference between
//! shortened values would be a difference that is not there.

use std::sync::LazyLock;

use regex::Regex;

use super::frames::plain;

/// How much of a message or a trace is looked at, in bytes.
const LOOKED_AT: usize = 64 << 10;
/// The most lines of one value.
const LINES: usize = 400;

/// The two sides of an assertion that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    pub expected: String,
    pub actual: String,
    /// The producer says left and right, not which is which: `expected` is the right one, `actual` the left.
    pub sides: bool,
}

impl Expectation {
    fn new(expected: &str, actual: &str) -> Option<Self> {
        let found = Self {
            expected: expected.to_owned(),
            actual: actual.to_owned(),
            sides: false,
        };
        // Equal texts say that what differs is not in them, as types and references aren't.
        (found.expected != found.actual).then_some(found)
    }

    fn of_sides(left: &str, right: &str) -> Option<Self> {
        Some(Self {
            sides: true,
            ..Self::new(right, left)?
        })
    }
}

/// Returns the two sides that a failure tells of, where it tells them whole: first of what its message says, then of
/// its trace.
pub fn expectation(message: &str, trace: &str) -> Option<Expectation> {
    [message, trace]
        .into_iter()
        .filter(|text| !text.is_empty())
        .find_map(|text| {
            let text = plain(text, LOOKED_AT);
            let text = without_marks(&text);
            inline(&text)
                .or_else(|| rust(&text))
                .or_else(|| compared(&text))
                .or_else(|| labelled(&text))
                .or_else(|| marked(&text))
        })
}

/// The text without what pytest puts before the lines of an error, where it does: `E   `.
fn without_marks(text: &str) -> String {
    let is_marked = |line: &&str| line.starts_with("E  ");
    if !text.lines().any(|line| is_marked(&line)) {
        return text.to_owned();
    }
    let lines = text.lines().filter(is_marked);
    let lines = lines.map(|line| line.strip_prefix("E   ").unwrap_or(line[1..].trim_start()));
    lines.collect::<Vec<_>>().join("\n")
}

/// Both values in one sentence, between brackets or in known words.
fn inline(text: &str) -> Option<Expectation> {
    /// Patterns of which the first group is what was expected.
    static EXPECTED_FIRST: LazyLock<[Regex; 3]> = LazyLock::new(|| {
        [
            // JUnit, opentest4j, MSTest.
            r"(?s)\b[Ee]xpected: ?<(.*?)>\.? ?(?:but was: ?|Actual:)<(.*)>",
            // TestNG.
            r"(?s)\bexpected \[(.*?)\] but found \[(.*)\]",
            // PHPUnit.
            r"\bexpected ('.*'|\S+) but got ('.*'|\S+)\.?$",
        ]
        .map(|pattern| Regex::new(pattern).expect("a fixed pattern"))
    });
    static ACTUAL_FIRST: LazyLock<[Regex; 4]> = LazyLock::new(|| {
        [
            // Chai, Vitest.
            r"(?m)^(?:AssertionError: )?expected (.+?) to (?:be|equal|deeply equal|strictly equal|deep equal|loosely equal|loosely deep equal) (.+?)(?: // .*)?$",
            // PHPUnit.
            r"(?m)^Failed asserting that (.+) (?:matches expected|is identical to) (.+)\.$",
            // Go, by convention.
            r"(?m)\bgot:? (.+?)[,;] want:? (.+)$",
            r"(?m)[^=!<>]= (.+?)[,;] want:? (.+)$",
        ]
        .map(|pattern| Regex::new(pattern).expect("a fixed pattern"))
    });
    let find = |pattern: &Regex| {
        let found = pattern.captures(text)?;
        Some((found[1].to_owned(), found[2].to_owned()))
    };
    let whole = |value: &str| !is_shortened(value);
    if let Some((expected, actual)) = EXPECTED_FIRST.iter().find_map(find) {
        return Expectation::new(&expected, &actual).filter(|_| whole(&expected) && whole(&actual));
    }
    let (actual, expected) = ACTUAL_FIRST.iter().find_map(find)?;
    Expectation::new(&expected, &actual).filter(|_| whole(&expected) && whole(&actual))
}

/// Whether a library cut a value.
fn is_shortened(value: &str) -> bool {
    value.contains("...") || value.contains('…')
}

/// `assert_eq!` of Rust: `left` and `right` on lines of their own.
fn rust(text: &str) -> Option<Expectation> {
    if !text.contains("left == right") {
        return None;
    }
    let value = |label: &str| {
        let at = text
            .find(&format!("\n  {label}: "))
            .or_else(|| text.find(&format!("\n {label}: ")))?;
        let value = &text[at..];
        let value = value.split_once(": ")?.1;
        let end = ["\n right: ", "\n  left: ", "\nnote: ", "\nstack backtrace:"];
        let end = end.iter().filter_map(|end| value.find(end)).min();
        let value = value[..end.unwrap_or(value.len())].trim_end();
        // As Rust wrote it before 1.73.
        let old = value
            .strip_prefix('`')
            .and_then(|v| v.trim_end_matches(',').strip_suffix('`'));
        Some(old.unwrap_or(value).to_owned())
    };
    Expectation::of_sides(&value("left")?, &value("right")?)
}

/// `assert 1 == 2` of pytest, `1 != 2` of unittest.
fn compared(text: &str) -> Option<Expectation> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let said = first.strip_prefix("AssertionError: ").unwrap_or(first);
    let (left, right) = match said.strip_prefix("assert ") {
        Some(said) => split_at(said, " == ")?,
        None if said != first => split_at(said, " != ")?,
        None => return None,
    };
    let (left, right) = (left.trim(), right.trim());
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let is_cut =
        is_shortened(left) || is_shortened(right) || left.ends_with('\\') || right.ends_with('\\');
    let is_text = |value: &str| value.starts_with(['\'', '"']);
    // Texts of several lines are told line by line below; the first line has them escaped.
    if is_cut || (is_text(left) && (left.contains("\\n") || right.contains("\\n"))) {
        let (minus, plus) = lines_of(text)?;
        // pytest puts what is right on `-`, unittest what is first.
        return match said.starts_with("assert ") {
            true => Expectation::of_sides(&plus, &minus),
            false => Expectation::of_sides(&minus, &plus),
        };
    }
    Expectation::of_sides(left, right)
}

/// Splits at the first separator that is in no quotes and no brackets.
fn split_at<'t>(text: &'t str, separator: &str) -> Option<(&'t str, &'t str)> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 && text[at..].starts_with(separator) => {
                return Some((&text[..at], &text[at + separator.len()..]));
            }
            (None, _) => {}
        }
    }
    None
}

/// The lines of a difference as `ndiff` writes it, as the texts on `-` and on `+`.
fn lines_of(text: &str) -> Option<(String, String)> {
    let body: Vec<&str> = text.lines().skip(1).collect();
    // In messages pytest indents all that follows the first line.
    let filled = || body.iter().filter(|line| !line.trim().is_empty());
    let indent = if filled().all(|line| line.starts_with("  ")) {
        2
    } else {
        0
    };
    let (mut minus, mut plus, mut n) = (Vec::new(), Vec::new(), 0);
    for line in body
        .iter()
        .map(|line| line.get(indent..).unwrap_or_default())
    {
        if minus.is_empty() && plus.is_empty() && line.trim().is_empty() {
            continue;
        }
        match line.as_bytes() {
            [b'-', b' ', ..] => minus.push(&line[2..]),
            [b'+', b' ', b' ', ..]
                if line
                    .trim_start_matches("+ ")
                    .trim_start()
                    .starts_with("where ") =>
            {
                break;
            }
            [b'+', b' ', ..] => plus.push(&line[2..]),
            [b'-'] => minus.push(""),
            [b'+'] => plus.push(""),
            [b'?', b' ', ..] | [] => continue,
            [b' ', b' ', ..] if is_shortened(line) => return None,
            [b' ', b' ', ..] => {
                minus.push(&line[2..]);
                plus.push(&line[2..]);
                continue;
            }
            _ if n > 0 => break,
            _ => continue,
        }
        n += 1;
    }
    (n > 0 && minus.len().max(plus.len()) <= LINES).then(|| (minus.join("\n"), plus.join("\n")))
}

/// Values after labels on lines of their own: `Expected: …` and `Received: …`, `but was:`, `Actual:`, `got:`.
fn labelled(text: &str) -> Option<Expectation> {
    static EXPECTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(?:Error:\s+)?(?:[Ee]xpected(?: (?:string|substring|pattern|value|length|number|to be|object|text))?|Expecting actual to be equal to|want)\s*:\s?(.*)$").expect("a fixed pattern")
    });
    static ACTUAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(?:[Rr]eceived(?: (?:string|value|length|number|object|text))?|[Aa]ctual|[Bb]ut was|but|got)\s*:\s?(.*)$").expect("a fixed pattern")
    });
    /// What ends a value: another label, a frame, or what tools write below.
    static LABEL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(?:[A-Z][A-Za-z ]{2,24}:\s|at \S|File \x22|-{3,}|Diff:|Call log)")
            .expect("a fixed pattern")
    });
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| EXPECTED.is_match(line))?;
    let last =
        (first + 1..lines.len().min(first + LINES)).find(|at| ACTUAL.is_match(lines[*at]))?;
    let value = |pattern: &Regex, from: usize, to: usize| {
        let head = pattern
            .captures(lines[from])
            .map_or("", |found| found.get(1).map_or("", |m| m.as_str()));
        let head = head.trim();
        let more = lines[from + 1..to].iter();
        let all: Vec<&str> = match head.is_empty() {
            true => more.copied().collect(),
            false => std::iter::once(head).chain(more.copied()).collect(),
        };
        all.join("\n").trim_matches('\n').trim_end().to_owned()
    };
    let ends = |line: &&str| line.trim().is_empty() || LABEL.is_match(line);
    let end = lines[last + 1..]
        .iter()
        .position(ends)
        .map_or(lines.len(), |n| last + 1 + n);
    let middle =
        (first + 1..last).find(|at| lines[*at].trim().is_empty() || LABEL.is_match(lines[*at]));
    let expected = value(&EXPECTED, first, middle.unwrap_or(last));
    let actual = value(&ACTUAL, last, end.min(last + LINES));
    // Hamcrest says `is "a"` and `was "b"`.
    let (expected, actual) = match (expected.strip_prefix("is "), actual.strip_prefix("was ")) {
        (Some(is), Some(was)) => (is.to_owned(), was.to_owned()),
        (None, Some(was)) => (expected, was.to_owned()),
        _ => (expected, actual),
    };
    if expected.is_empty() || actual.is_empty() || is_shortened(&expected) || is_shortened(&actual)
    {
        return None;
    }
    Expectation::new(&expected, &actual)
}

/// The lines after `- Expected` and `+ Received`, as jest, vitest, Playwright and PHPUnit write differences.
fn marked(text: &str) -> Option<Expectation> {
    static MINUS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*-{1,3} ?Expected\b").expect("a fixed pattern"));
    static PLUS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*\+{1,3} ?(?:Received|Actual)\b").expect("a fixed pattern")
    });
    let lines: Vec<&str> = text.lines().collect();
    let head = lines
        .windows(2)
        .position(|two| MINUS.is_match(two[0]) && PLUS.is_match(two[1]))?;
    let (mut expected, mut actual, mut hunks) = (Vec::new(), Vec::new(), 0);
    for line in lines[head + 2..].iter().take(LINES) {
        if line.starts_with("@@") {
            hunks += 1;
            continue;
        }
        match line.chars().next() {
            Some('-') => expected.push(&line[1..]),
            Some('+') => actual.push(&line[1..]),
            Some(' ') if super::frames::kinds(line) == [super::frames::Kind::Text] => {
                expected.push(&line[1..]);
                actual.push(&line[1..]);
            }
            None => {
                if !expected.is_empty() || !actual.is_empty() {
                    expected.push("");
                    actual.push("");
                }
            }
            Some(_) => break,
        }
    }
    // Several hunks leave out what is between them.
    if hunks > 1 || (expected.is_empty() && actual.is_empty()) {
        return None;
    }
    let text = |lines: Vec<&str>| unindented(&lines).trim_end().to_owned();
    Expectation::new(&text(expected), &text(actual))
}

/// Lines without the blanks that all of them begin with.
fn unindented(lines: &[&str]) -> String {
    let blanks = |line: &&&str| line.len() - line.trim_start_matches(' ').len();
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let shared = filled.map(|line| blanks(&line)).min().unwrap_or(0);
    let cut = lines
        .iter()
        .map(|line| line.get(shared..).unwrap_or_default());
    cut.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str) -> String {
        match expectation(message, "") {
            None => "nothing".to_owned(),
            Some(Expectation {
                expected,
                actual,
                sides: false,
            }) => format!("expected {expected} | actual {actual}"),
            Some(Expectation {
                expected,
                actual,
                sides: true,
            }) => format!("left {actual} | right {expected}"),
        }
    }

    #[test]
    fn both_sides_of_what_assertion_libraries_write() {
        for (message, sides) in [
            // JUnit 4 and 5, opentest4j, TestNG, MSTest.
            ("expected: <3> but was: <4>", "expected 3 | actual 4"),
            (
                "sum ==> expected: <a\nb> but was: <a\nc>",
                "expected a\nb | actual a\nc",
            ),
            (
                "java.lang.AssertionError: expected:<[1, 2]> but was:<[2]>",
                "expected [1, 2] | actual [2]",
            ),
            (
                "total expected [10.00] but found [9.99]",
                "expected 10.00 | actual 9.99",
            ),
            (
                "Assert.AreEqual failed. Expected:<1>. Actual:<2>. ",
                "expected 1 | actual 2",
            ),
            // AssertJ, Hamcrest.
            (
                "\nexpected: \"Oslo\"\n but was: \"Bergen\"",
                "expected \"Oslo\" | actual \"Bergen\"",
            ),
            (
                "\nExpected: is \"a\"\n     but: was \"b\"",
                "expected \"a\" | actual \"b\"",
            ),
            // pytest, unittest.
            ("assert 1 == 2", "left 1 | right 2"),
            (
                "AssertionError: assert 'a == b' == ['x', \"y == z\"]",
                "left 'a == b' | right ['x', \"y == z\"]",
            ),
            (
                "assert 3 == 2\n +  where 3 = len([1, 2, 3])",
                "left 3 | right 2",
            ),
            (
                "assert 'a\\nb' == 'a\\nc'\n  \n    a\n  - c\n  + b",
                "left a\nb | right a\nc",
            ),
            (
                "assert 'a\\nb' == 'a\\nc'\n  \n  a\n- c\n+ b",
                "left a\nb | right a\nc",
            ),
            ("AssertionError: 1 != 2", "left 1 | right 2"),
            (
                "AssertionError: 'a\\n' != 'b\\n'\n- a\n+ b\n",
                "left a | right b",
            ),
            // jest, Playwright, vitest, chai.
            (
                "expect(received).toBe(expected) // Object.is equality\n\nExpected: 3\nReceived: 4",
                "expected 3 | actual 4",
            ),
            (
                "Error: expect(locator).toContainText(expected) failed\n\nLocator:  getByRole('status')\nExpected substring: \"no longer\"\n\
                 Received string:    \"Sorry\"\nTimeout:  5000ms\n",
                "expected \"no longer\" | actual \"Sorry\"",
            ),
            (
                "expect(received).toEqual(expected)\n\n- Expected  - 1\n+ Received  + 1\n\n  Object {\n-   \"a\": 1,\n+   \"a\": 2,\n  }\n",
                "expected Object {\n  \"a\": 1,\n} | actual Object {\n  \"a\": 2,\n}",
            ),
            (
                "AssertionError: expected 1 to be 2 // Object.is equality",
                "expected 2 | actual 1",
            ),
            (
                "expected { a: 1 } to deeply equal { a: 2 }",
                "expected { a: 2 } | actual { a: 1 }",
            ),
            // Rust, before and after 1.73.
            (
                "assertion `left == right` failed: sums\n  left: 1\n right: 2\nnote: run with",
                "left 1 | right 2",
            ),
            (
                "assertion failed: `(left == right)`\n  left: `\"a\"`,\n right: `\"b\"`",
                "left \"a\" | right \"b\"",
            ),
            // Go.
            (
                "Not equal: \nexpected: 1\nactual  : 2\nTest:  TestAdds",
                "expected 1 | actual 2",
            ),
            (
                "cart_test.go:12: Add(1, 2) = 4, want 3",
                "expected 3 | actual 4",
            ),
            (
                "cart_test.go:12: got \"b\", want \"a\"",
                "expected \"a\" | actual \"b\"",
            ),
            // NUnit, xUnit, RSpec, PHPUnit.
            (
                "  Expected string length 1 but was 2.\n  Expected: \"a\"\n  But was:  \"ab\"\n  -----------^",
                "expected \"a\" | actual \"ab\"",
            ),
            (
                "Assert.Equal() Failure: Values differ\nExpected: 1\nActual:   2",
                "expected 1 | actual 2",
            ),
            (
                "\nexpected: 1\n     got: 2\n\n(compared using ==)",
                "expected 1 | actual 2",
            ),
            (
                "Failed asserting that 2 matches expected 1.",
                "expected 1 | actual 2",
            ),
            (
                "Failed asserting that two strings are identical.\n--- Expected\n+++ Actual\n@@ @@\n-'a'\n+'b'\n",
                "expected 'a' | actual 'b'",
            ),
        ] {
            assert_eq!(told(message), sides, "{message}");
        }
    }

    #[test]
    fn what_is_shortened_or_says_no_two_values_gives_nothing() {
        for message in [
            "",
            "assert 'aaa...bbb' == 'aaa...ccc'",
            "Expected: \"long …\"\nReceived: \"longer …\"",
            "assert x in y",
            "assert (1 == 2)",
            "Timeout 5000ms exceeded.",
            "expected 200",
            "expected: <same> but was: <same>",
            "Expected: 1",
            "unequal = 3",
        ] {
            assert_eq!(told(message), "nothing", "{message}");
        }
    }

    #[test]
    fn traces_tell_it_where_messages_don_t() {
        let trace = "    def test_adds():\n>       assert add() == 2\nE       assert 1 == 2\nE        +  where 1 = add()\n\ncart.py:2: AssertionError";
        let found = expectation("AssertionError", trace).unwrap();
        assert_eq!(
            (found.actual.as_str(), found.expected.as_str(), found.sides),
            ("1", "2", true)
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(message in "(?s).{0,200}", trace in "[ +\\-E>a-z:.<\n]{0,200}") {
            let found = expectation(&message, &trace);
            proptest::prop_assert!(found.is_none_or(|f| f.expected != f.actual));
        }
    }
}
