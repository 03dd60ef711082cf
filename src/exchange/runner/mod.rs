//! What makes a test runner execute chosen tests and no others.
//!
//! A test is known by its full name, as adapters and JUnit files write it; each runner's file says how
//! its arguments follow from that. **Invariant:** a name from which they don't follow is an error with a
//! reason, never left out, and nothing to run gives no arguments: a runner without a filter runs all.

mod choose;
mod go;
mod javascript;
mod jvm;
mod playwright;
mod pytest;
mod rust;
mod testplan;

use std::fmt::Write as _;

pub use choose::{Chosen, Wanted};
pub use testplan::{Entry, testplan};

use crate::base::text::shell_word;

/// Runners that take chosen tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    Pytest,
    Jest,
    Vitest,
    Playwright,
    Nextest,
    Cargo,
    Go,
    Gradle,
    Maven,
}

/// A test to execute.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// As selectors have it.
    pub full_name: String,
    /// The result's own name where one result is meant: it may have pytest's parameters.
    pub name: Option<String>,
    /// The project that one result is of, of Playwright: a browser, say.
    pub project: Option<String>,
}

/// What a runner is started with once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Not quoted.
    pub args: Vec<String>,
}

/// No arguments follow from a test's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("`*` stands for names that {0} can't be given without knowing them")]
    Star(&'static str),
    #[error("{runner} has no test of such a name: expected {expected}")]
    Form {
        runner: &'static str,
        expected: &'static str,
    },
    #[error("its name has a line break or another control character")]
    Control,
    #[error("its name is too long for a command line")]
    Long,
}

/// How runs are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// One run for all files of jest and vitest, which may execute equally named tests in several.
    pub together: bool,
}

/// The longest line of arguments, in bytes: Windows starts no program with more than 32,767 characters.
const LINE_MAX: usize = 30_000;

impl Runner {
    pub const ALL: [Self; 9] = [
        Self::Pytest,
        Self::Jest,
        Self::Vitest,
        Self::Playwright,
        Self::Nextest,
        Self::Cargo,
        Self::Go,
        Self::Gradle,
        Self::Maven,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pytest => "pytest",
            Self::Jest => "jest",
            Self::Vitest => "vitest",
            Self::Playwright => "playwright",
            Self::Nextest => "nextest",
            Self::Cargo => "cargo",
            Self::Go => "go",
            Self::Gradle => "gradle",
            Self::Maven => "maven",
        }
    }

    /// Whether arguments follow from a test's name.
    ///
    /// # Errors
    /// They don't; the error says why.
    pub fn check(self, target: &Target) -> Result<(), Unusable> {
        self.runs(std::slice::from_ref(target), Runs::default())
            .map(drop)
    }

    /// Returns what executes these tests and no others, in as many runs as it takes; none for none.
    ///
    /// # Errors
    /// The name of one of them is of no use to the runner.
    pub fn runs(self, targets: &[Target], how: Runs) -> Result<Vec<Run>, Unusable> {
        let mut targets: Vec<&Target> = targets.iter().collect();
        targets.sort();
        targets.dedup();
        if let Some(target) = targets.iter().find(|target| is_unsafe(target)) {
            let long = target.full_name.len() > LINE_MAX / 4;
            return Err(if long {
                Unusable::Long
            } else {
                Unusable::Control
            });
        }
        match self {
            Self::Pytest => pytest::runs(&targets),
            Self::Jest => javascript::jest(&targets, how),
            Self::Vitest => javascript::vitest(&targets, how),
            Self::Playwright => playwright::runs(&targets),
            Self::Nextest => rust::nextest(&targets),
            Self::Cargo => rust::cargo(&targets),
            Self::Go => go::runs(&targets),
            Self::Gradle => jvm::gradle(&targets),
            Self::Maven => jvm::maven(&targets),
        }
    }

    /// Writes runs as the runner's users take them: for pytest a file of arguments (`pytest @FILE`), for
    /// the others one line a run, quoted as `xargs` and a shell read it.
    pub fn written(self, runs: &[Run]) -> String {
        let mut out = String::new();
        for run in runs {
            let words: Vec<String> = match self {
                Self::Pytest => run.args.clone(),
                _ => run.args.iter().map(|word| shell_word(word)).collect(),
            };
            let separator = if self == Self::Pytest { "\n" } else { " " };
            let _ = writeln!(out, "{}", words.join(separator));
        }
        out
    }
}

fn is_unsafe(target: &Target) -> bool {
    let texts = std::iter::once(&target.full_name)
        .chain(&target.name)
        .chain(&target.project);
    let mut texts = texts.filter(|text| !text.is_empty());
    texts.any(|text| text.len() > LINE_MAX / 4 || text.chars().any(is_break))
}

fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Escapes what means something in a regular expression, in each of the dialects of Go, Rust and
/// JavaScript; `*` stands for anything.
fn pattern(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' => out.push_str(".*"),
            '\\' | '^' | '$' | '.' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Joins alternatives into as few texts as fit into a line of arguments, leaving room for what stands
/// around them.
fn joined(alternatives: &[String], separator: &str, around: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for alternative in alternatives {
        match out.last_mut() {
            Some(last) if last.len() + separator.len() + alternative.len() + around <= LINE_MAX => {
                last.push_str(separator);
                last.push_str(alternative);
            }
            _ => out.push(alternative.clone()),
        }
    }
    out
}

/// Returns a path that no program takes for an option, or for a file of arguments.
fn operand(path: &str) -> String {
    match path.starts_with(['-', '@']) {
        true => format!("./{path}"),
        false => path.to_owned(),
    }
}

#[cfg(test)]
mod tests;
