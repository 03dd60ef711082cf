//! nextest and cargo's own test command. Full names are `binary-id.module::test`, as nextest's JUnit file
//! has them.

use std::collections::BTreeMap;

use super::{LINE_MAX, Run, Target, Unusable, joined, pattern};

/// Tests by the binary that has them.
type ByBinary<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn by_binary<'a>(targets: &[&'a Target], runner: &'static str) -> Result<ByBinary<'a>, Unusable> {
    let mut out: ByBinary<'_> = BTreeMap::new();
    for target in targets {
        let is_binary = |id: &str| {
            let plain = |c: char| c.is_alphanumeric() || "_-:/".contains(c);
            let package = id.split("::").next().unwrap_or_default();
            let is_package = !package.is_empty() && !package.contains(['/', ':']);
            is_package && !id.starts_with('-') && id.chars().all(plain)
        };
        let found = target.full_name.split_once('.');
        let found = found.filter(|(binary, test)| is_binary(binary) && !test.is_empty());
        let (binary, test) = found.ok_or(Unusable::Form {
            runner,
            expected: "`binary-id.module::test`, as nextest's JUnit file has it",
        })?;
        out.entry(binary).or_default().push(test);
    }
    Ok(out)
}

/// A filterset: `binary_id(=id) & (test(=name) | …)`.
pub(super) fn nextest(targets: &[&Target]) -> Result<Vec<Run>, Unusable> {
    let mut terms = Vec::new();
    for (binary, tests) in by_binary(targets, "nextest")? {
        let tests: Vec<String> = tests.iter().map(|test| matched(test)).collect();
        for tests in joined(&tests, " | ", 200 + binary.len()) {
            terms.push(format!("(binary_id(={binary}) & ({tests}))"));
        }
    }
    let runs = joined(&terms, " | ", 10).into_iter();
    Ok(runs
        .map(|filter| Run {
            args: vec!["-E".to_owned(), filter],
        })
        .collect())
}

fn matched(test: &str) -> String {
    if test.contains('*') {
        return format!("test(/^{}$/)", pattern(test).replace('/', "\\/"));
    }
    let mut out = String::from("test(=");
    for (at, c) in test.char_indices() {
        let is_edge = at == 0 || at + c.len_utf8() == test.len();
        match c {
            '\\' | ')' | '(' | ',' | '/' | '=' | '~' | '#' => {
                out.push_str(&format!("\\u{{{:x}}}", c as u32));
            }
            c if c.is_whitespace() && is_edge => {
                out.push_str(&format!("\\u{{{:x}}}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push(')');
    out
}

/// One run a binary: `-p package --test name -- --exact module::test …`.
pub(super) fn cargo(targets: &[&Target]) -> Result<Vec<Run>, Unusable> {
    let mut runs = Vec::new();
    for (binary, tests) in by_binary(targets, "cargo")? {
        if tests.iter().any(|test| test.contains('*')) {
            return Err(Unusable::Star("cargo"));
        }
        if tests.iter().any(|test| test.starts_with('-')) {
            return Err(Unusable::Form {
                runner: "cargo",
                expected: "a name that does not begin with a dash",
            });
        }
        let owned: Vec<String> = tests.iter().map(|test| (*test).to_owned()).collect();
        for tests in joined(&owned, "\n", LINE_MAX / 4) {
            let mut args = binary_args(binary);
            args.extend(["--", "--exact"].map(str::to_owned));
            args.extend(tests.lines().map(str::to_owned));
            runs.push(Run { args });
        }
    }
    Ok(runs)
}

/// Source: "Binary IDs" in nextest's book. A bare package is its library.
fn binary_args(id: &str) -> Vec<String> {
    let (package, rest) = match id.split_once("::") {
        Some((package, rest)) => (package, Some(rest)),
        None => (id, None),
    };
    let mut args = vec!["-p".to_owned(), package.to_owned()];
    args.extend(match rest.map(|rest| rest.split_once('/').ok_or(rest)) {
        None => vec!["--lib".to_owned()],
        Some(Ok((kind, name))) => vec![format!("--{kind}"), name.to_owned()],
        Some(Err(name)) => vec!["--test".to_owned(), name.to_owned()],
    });
    args
}
