//! Names of tests, brought to what formats have in common.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::ingest::attach::is_source;
use crate::ingest::gather::split_arguments;
use crate::model::TestResult;

/// A test's name in the forms that formats have in common.
#[derive(Debug)]
pub(super) struct Name<'r> {
    /// Words, without what stands for files' endings, and arguments.
    pub(super) whole: u64,
    /// The same of what follows the file.
    pub(super) titles: u64,
    pub(super) file: Option<&'r str>,
}

impl<'r> Name<'r> {
    pub(super) fn of(result: &'r TestResult) -> Self {
        let full = result.full_name.as_deref().unwrap_or(&result.name);
        let full = split_arguments(full).map_or(full, |(base, _)| base);
        let arguments = split_arguments(&result.name).map(|(_, arguments)| arguments);
        let (file, titles) = split_file(full);
        Self {
            whole: key(full, arguments),
            titles: key(titles, arguments),
            file,
        }
    }
}

fn key(full: &str, arguments: Option<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let words = full.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let mut any = false;
    for word in words.filter(|word| !word.is_empty() && !is_ending(word)) {
        word.hash(&mut hasher);
        any = true;
    }
    if !any {
        full.trim().hash(&mut hasher);
    }
    arguments.hash(&mut hasher);
    hasher.finish()
}

/// Splits the file from a name of JavaScript's runners: `path#titles`, `path › titles`, `path.titles`, and
/// Playwright's CTRF `project > path > titles`. jest-junit names none and has the titles twice.
fn split_file(full: &str) -> (Option<&str>, &str) {
    if let Some((file, titles)) = full.split_once('#')
        && is_source(file)
    {
        let file = file.rsplit_once(':').map_or(file, |(_, file)| file);
        return (Some(file), titles);
    }
    for gap in [" › ", " > "] {
        let mut begin = 0;
        for part in full.split(gap) {
            let titles = full.get(begin + part.len() + gap.len()..);
            if let (true, Some(titles)) = (is_source(part), titles) {
                let file = part.rsplit_once(':').map_or(part, |(_, file)| file);
                return (Some(file), titles);
            }
            begin += part.len() + gap.len();
        }
    }
    let mut ends = full.match_indices('.').map(|(at, _)| at);
    if let Some(at) = ends.find(|at| is_source(&full[..*at])) {
        return (Some(&full[..at]), &full[at + 1..]);
    }
    let half = full.len() / 2;
    match (full.get(..half), full.get(half..)) {
        (Some(one), Some(other)) if other.strip_prefix('.') == Some(one) => (None, one),
        _ => (None, full),
    }
}

/// Whether a word is the ending of a source file.
fn is_ending(word: &str) -> bool {
    matches!(
        word,
        "py" | "js" | "ts" | "mjs" | "cjs" | "jsx" | "tsx" | "feature" | "robot" | "rs"
    )
}
