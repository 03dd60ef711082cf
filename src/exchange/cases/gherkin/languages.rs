//! Keywords of all languages, and lines that begin with them.

use std::sync::LazyLock;

/// Words of one language; what a step begins with ends in a blank or not, as the language has it.
#[derive(Debug)]
pub(super) struct Language {
    pub(super) name: &'static str,
    pub(super) feature: Vec<&'static str>,
    pub(super) background: Vec<&'static str>,
    pub(super) rule: Vec<&'static str>,
    pub(super) scenario: Vec<&'static str>,
    pub(super) outline: Vec<&'static str>,
    pub(super) examples: Vec<&'static str>,
    /// `Given` and `When`.
    pub(super) acts: Vec<&'static str>,
    /// `Then`.
    pub(super) expects: Vec<&'static str>,
    /// `And` and `But`.
    pub(super) goes_on: Vec<&'static str>,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let lines = include_str!("languages.tsv").lines();
    lines
        .map(|line| {
            let mut parts = line.split('\t');
            let mut words = || -> Vec<&'static str> {
                let all = parts.next().unwrap_or_default().split('|');
                all.filter(|word| !word.is_empty()).collect()
            };
            Language {
                name: words().first().copied().unwrap_or_default(),
                feature: words(),
                background: words(),
                rule: words(),
                scenario: words(),
                outline: words(),
                examples: words(),
                acts: words(),
                expects: words(),
                goes_on: words(),
            }
        })
        .collect()
});

pub(super) fn language(name: &str) -> Option<&'static Language> {
    LANGUAGES
        .iter()
        .find(|language| language.name.eq_ignore_ascii_case(name))
}

/// Whether a text begins as a feature does.
pub(in crate::exchange::cases) fn is_gherkin(head: &str) -> bool {
    let mut lines = head.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.by_ref().take(50).any(|line| {
        declared(line).is_some()
            || LANGUAGES
                .iter()
                .any(|language| heading(line, &language.feature).is_some())
    })
}

pub(super) fn declared(line: &str) -> Option<&str> {
    let rest = line
        .strip_prefix('#')?
        .trim_start()
        .strip_prefix("language")?;
    Some(rest.trim_start().strip_prefix(':')?.trim())
}

/// What follows a keyword and its colon.
pub(super) fn heading<'t>(line: &'t str, words: &[&str]) -> Option<&'t str> {
    let rest = words.iter().filter_map(|word| {
        let rest = line.strip_prefix(word)?.trim_start();
        rest.strip_prefix(':').map(|rest| (word.len(), rest.trim()))
    });
    rest.max_by_key(|(length, _)| *length).map(|(_, rest)| rest)
}

/// The keyword of a step and what follows it.
pub(super) fn step_words<'t>(line: &'t str, words: &[&'static str]) -> Option<(&'t str, &'t str)> {
    let found = words.iter().filter_map(|word| {
        let (word, joins) = match word.strip_suffix('~') {
            Some(word) => (word, true),
            None => (*word, false),
        };
        let rest = line.strip_prefix(word)?;
        let ends = joins || rest.is_empty() || rest.starts_with(char::is_whitespace);
        ends.then(|| (&line[..word.len()], rest.trim()))
    });
    found.max_by_key(|(word, _)| word.len())
}
