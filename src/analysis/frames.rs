//! Frames of stack traces: which line of a trace is one, and whether it is the project's own or that
//! of a library.

use std::borrow::Cow;

use crate::base::text::strip_ansi;

/// How much of a trace is looked at, in bytes.
const LOOKED_AT: usize = 64 << 10;

/// Parts of paths of libraries and runtimes: Python, JavaScript, Rust, Go, C#, Ruby.
const PATHS: [&str; 20] = [
    "site-packages",
    "dist-packages",
    "/lib/python",
    "_pytest/",
    "/pluggy/",
    "<frozen ",
    "node_modules",
    "node:",
    "internal/",
    "webpack",
    "<anonymous>",
    "/rustc/",
    ".cargo/registry",
    "library/std/",
    "library/core/",
    "/pkg/mod/",
    "/go/src/",
    "/gems/",
    "/lib/ruby/",
    "/usr/lib/",
];

/// Beginnings of the names of libraries and runtimes: of the JVM and of .NET.
const NAMES: [&str; 37] = [
    "java.",
    "javax.",
    "jakarta.",
    "jdk.",
    "sun.",
    "com.sun.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "groovy.",
    "org.junit.",
    "org.testng.",
    "org.gradle.",
    "org.apache.",
    "org.hamcrest.",
    "org.assertj.",
    "org.mockito.",
    "org.springframework.",
    "org.codehaus.",
    "org.openqa.",
    "org.scalatest.",
    "org.spockframework.",
    "io.qameta.",
    "io.netty.",
    "io.kotest.",
    "io.cucumber.",
    "io.restassured.",
    "reactor.",
    "com.google.common.",
    "com.codeborne.",
    "junit.",
    "System.",
    "Microsoft.",
    "NUnit.",
    "Xunit.",
    "FluentAssertions.",
    "Shouldly.",
];

const EXTENSIONS: [&str; 16] = [
    ".py", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".rs", ".go", ".rb", ".php", ".cs",
    ".java", ".kt", ".swift", ".ex",
];

/// Returns the beginning of a text without escape sequences.
pub(super) fn plain(text: &str, bytes: usize) -> Cow<'_, str> {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    strip_ansi(&text[..end])
}

/// Returns the line of the frame that is nearest to the failure: of the project's own ones, else of all.
pub(super) fn nearest(trace: &str) -> Option<String> {
    let text = plain(trace, LOOKED_AT);
    let frames: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| is_frame(line))
        .collect();
    // Python tells the outermost call first.
    let outermost_first = frames.first().is_some_and(|line| is_python(line));
    let pick = |own: &dyn Fn(&&&str) -> bool| match outermost_first {
        true => frames.iter().rev().find(|line| own(line)).copied(),
        false => frames.iter().find(|line| own(line)).copied(),
    };
    let found = pick(&|line| is_own(line)).or_else(|| pick(&|_| true));
    found.map(str::to_owned)
}

/// What a line of a trace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A frame of the project's own code, with what stands of it beside it.
    Own,
    /// One of a library, a runtime or a test runner.
    Library,
    /// Anything else: what went wrong, code, words between.
    Text,
}

/// Tells what each line of a trace is, as [`str::lines`] has them. A frame of two lines has both: the call and
/// its place, as Go and Rust write them, or the place and its code, as Python does.
pub fn kinds(trace: &str) -> Vec<Kind> {
    let lines: Vec<&str> = trace.lines().collect();
    let mut kinds: Vec<Kind> = lines.iter().map(|line| kind(line.trim())).collect();
    let mut python: Option<(usize, Kind)> = None;
    for at in 0..lines.len() {
        let (line, trimmed) = (lines[at], lines[at].trim());
        let indent = line.len() - line.trim_start().len();
        if trimmed.starts_with("File \"") && kinds[at] != Kind::Text {
            python = Some((indent, kinds[at]));
            continue;
        }
        match python {
            Some((above, kind)) if indent > above && kinds[at] == Kind::Text => kinds[at] = kind,
            _ => python = None,
        }
        let is_place = trimmed.starts_with('/') || trimmed.starts_with("at ");
        if at > 0 && kinds[at] != Kind::Text && is_place && is_call(lines[at - 1].trim(), trimmed) {
            kinds[at - 1] = kinds[at];
        }
    }
    kinds
}

fn kind(line: &str) -> Kind {
    let more = line.strip_prefix("... ");
    if more.is_some_and(|n| n.ends_with(" more") || n.ends_with(" common frames omitted")) {
        return Kind::Library;
    }
    if is_unplaced_runtime(line) {
        return Kind::Library;
    }
    match (is_frame(line), is_own(line)) {
        (false, _) => Kind::Text,
        (true, true) => Kind::Own,
        (true, false) => Kind::Library,
    }
}

/// Whether a line is a call whose place is on the next: of Go `pkg.F(0x1)`, of Rust `3: shop::cart::adds`.
fn is_call(line: &str, place: &str) -> bool {
    let go = line.ends_with(')') || line.starts_with("created by ");
    match place.starts_with('/') {
        true => go && !is_frame(line),
        false => numbered(line).is_some(),
    }
}

/// The name after the number of a frame of Rust.
fn numbered(line: &str) -> Option<&str> {
    let (number, name) = line.split_once(": ")?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(name.trim())
}

/// Whether a line is a frame of Rust's runtime, of which no place may be told.
fn is_unplaced_runtime(line: &str) -> bool {
    const RUNTIME: [&str; 9] = [
        "std::",
        "core::",
        "alloc::",
        "test::",
        "<alloc::",
        "<core::",
        "<std::",
        "rust_begin_unwind",
        "__rust_",
    ];
    numbered(line).is_some_and(|name| RUNTIME.iter().any(|prefix| name.starts_with(prefix)))
}

/// Returns the line of a trace that says what went wrong, for failures without a message.
pub(super) fn error_line(trace: &str) -> Option<String> {
    let text = plain(trace, LOOKED_AT);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    // pytest marks it.
    let marked = |line: &str| line.strip_prefix("E  ").map(str::trim).map(str::to_owned);
    if let Some(line) = lines.clone().find_map(marked) {
        return Some(line);
    }
    let says = |line: &&str| !is_frame(line);
    let first = lines.clone().find(says)?;
    match first.starts_with("Traceback") {
        true => lines.rfind(says).map(str::to_owned),
        false => Some(first.to_owned()),
    }
}

fn is_python(line: &str) -> bool {
    line.starts_with("File \"") || line.contains(".py:")
}

/// Whether a line names a place in code: `at …`, `File "…", line 1`, or `path.ext:1`.
fn is_frame(line: &str) -> bool {
    let call = line.strip_prefix("at ").is_some_and(|at| {
        at.ends_with(')') || at.contains(":line ") || at.ends_with(|c: char| c.is_ascii_digit())
    });
    let python = line.starts_with("File \"") && line.contains("\", line ");
    call || python || names_place(line)
}

/// Whether the first words of a line are a file of code with a line's number.
fn names_place(line: &str) -> bool {
    let line = line.strip_prefix("from ").unwrap_or(line);
    let line = line.strip_prefix("# ").unwrap_or(line);
    let Some(first) = line.split_whitespace().next() else {
        return false;
    };
    let followed = |extension: &str| {
        first.find(&format!("{extension}:")).is_some_and(|at| {
            let after = &first[at + extension.len() + 1..];
            after.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    EXTENSIONS.iter().any(|extension| followed(extension))
}

fn is_own(line: &str) -> bool {
    let path = line.replace('\\', "/");
    if PATHS.iter().any(|part| path.contains(part)) {
        return false;
    }
    let Some(name) = line.strip_prefix("at ") else {
        return true;
    };
    // `app//org.junit.Assert`, `java.base/java.util.List`.
    let call = name.split('(').next().unwrap_or(name);
    let call = call.rsplit('/').next().unwrap_or(call);
    !NAMES.iter().any(|prefix| call.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_own_frame_of_seven_languages() {
        for (trace, frame) in [
            (
                "java.lang.AssertionError: expected: <3> but was: <4>\n\tat org.junit.Assert.fail(Assert.java:89)\n\
                 \tat app//org.junit.Assert.assertEquals(Assert.java:120)\n\
                 \tat java.base/java.util.Optional.get(Optional.java:1)\n\
                 \tat com.shop.CartTest.adds(CartTest.java:42)\n\tat com.shop.Other.x(Other.java:1)",
                "at com.shop.CartTest.adds(CartTest.java:42)",
            ),
            (
                "Traceback (most recent call last):\n  File \"/b/tests/test_cart.py\", line 42, in test_adds\n    add()\n\
                 \x20 File \"/b/shop/cart.py\", line 7, in add\n    raise X\n\
                 \x20 File \"/v/lib/python3.12/site-packages/attr/a.py\", line 1, in f\nValueError: no",
                "File \"/b/shop/cart.py\", line 7, in add",
            ),
            (
                "    def test_adds():\n>       assert add() == 2\nE       assert 1 == 2\n\ntests/test_cart.py:12: AssertionError",
                "tests/test_cart.py:12: AssertionError",
            ),
            (
                "Error: no\n    at Object.toBe (/b/node_modules/expect/index.js:1:2)\n    at /b/tests/cart.spec.ts:42:17\n\
                 \x20   at node:internal/process/task_queues:95:5",
                "at /b/tests/cart.spec.ts:42:17",
            ),
            (
                "   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:1:5\n\
                 \x20  3: shop::cart::adds\n             at ./src/cart.rs:42:5",
                "at ./src/cart.rs:42:5",
            ),
            (
                "goroutine 7 [running]:\ntesting.tRunner(0xc0001)\n\t/usr/local/go/src/testing/testing.go:1 +0x1\n\
                 shop.TestAdds(0xc0001)\n\t/b/cart_test.go:42 +0x1d",
                "/b/cart_test.go:42 +0x1d",
            ),
            (
                "   at NUnit.Framework.Assert.Fail() in C:\\x\\Assert.cs:line 1\n   at Shop.CartTest.Adds() in C:\\b\\CartTest.cs:line 42",
                "at Shop.CartTest.Adds() in C:\\b\\CartTest.cs:line 42",
            ),
            (
                "  /usr/lib/ruby/gems/rspec/a.rb:1:in 'x'\n  # ./spec/cart_spec.rb:42:in 'block'",
                "# ./spec/cart_spec.rb:42:in 'block'",
            ),
        ] {
            assert_eq!(nearest(trace).as_deref(), Some(frame), "{trace}");
        }
        assert_eq!(nearest("at last, nothing"), None);
        assert_eq!(nearest(""), None);
    }

    fn letters(trace: &str) -> String {
        let letter = |kind: &Kind| match kind {
            Kind::Own => 'o',
            Kind::Library => 'l',
            Kind::Text => '.',
        };
        kinds(trace).iter().map(letter).collect()
    }

    #[test]
    fn frames_of_libraries_are_told_from_ones_own() {
        for (trace, kinds) in [
            (
                "org.opentest4j.AssertionFailedError: no\n\tat org.junit.Assert.fail(Assert.java:89)\n\tat com.shop.CartTest.adds(CartTest.java:42)\n\
                 \tat java.base/java.lang.Thread.run(Thread.java:1)\nCaused by: x\n\t... 23 more",
                ".lol.l",
            ),
            (
                "Traceback (most recent call last):\n  File \"/b/cart.py\", line 7, in add\n    raise X\n    ^^^^^^^\n\
                 \x20 File \"/v/site-packages/a.py\", line 1, in f\n    call()\nValueError: no",
                ".oooll.",
            ),
            (
                "Error: no\n    at Object.toBe (/b/node_modules/expect/index.js:1:2)\n    at /b/cart.spec.ts:42:17\n    at node:internal/x:95:5",
                ".lol",
            ),
            (
                "   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:1:5\n   1: core::panicking::panic\n\
                 \x20  3: shop::cart::adds\n             at ./src/cart.rs:42:5\nnote: run with more",
                "llloo.",
            ),
            (
                "goroutine 7 [running]:\ntesting.tRunner(0xc0001)\n\t/usr/local/go/src/testing/testing.go:1 +0x1\nshop.TestAdds(0xc0001)\n\
                 \t/b/cart_test.go:42 +0x1d",
                ".lloo",
            ),
            (
                "   at NUnit.Framework.Assert.Fail() in C:\\x\\Assert.cs:line 1\n   at Shop.CartTest.Adds() in C:\\b\\CartTest.cs:line 42",
                "lo",
            ),
            ("", ""),
            ("at last, nothing\n\n", ".."),
        ] {
            assert_eq!(letters(trace), kinds, "{trace}");
        }
    }

    #[test]
    fn the_line_that_says_what_went_wrong() {
        for (trace, line) in [
            (
                "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    x\nValueError: no\n",
                "ValueError: no",
            ),
            (
                "\n\u{1b}[31mError: no\u{1b}[0m\n    at f (a.js:1:2)",
                "Error: no",
            ),
            ("def f():\n>   x\nE   assert 1 == 2\n", "assert 1 == 2"),
        ] {
            assert_eq!(error_line(trace).as_deref(), Some(line));
        }
        assert_eq!(error_line("  \n"), None);
    }
}
