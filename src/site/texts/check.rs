//! What is wrong with a translation.

use std::sync::Arc;

use super::script::is_of_scripts;
use super::{ENGLISH, Entry, english, rules_of};
use crate::diag::{Finding, Sources};
use crate::store::{Key, WORKSPACE_FILE, codes, parse_texts};

/// How many untranslated texts a finding names.
const NAMED: usize = 3;

/// Whether a file among the texts is one of some language.
pub(crate) fn is_translation(name: &str) -> bool {
    name.strip_suffix(".yaml")
        .is_some_and(|language| rules_of(language).is_some())
}

/// Returns what is wrong with a workspace's texts in a language, which are at `path`; `text` is none where there is no
/// such file. English need not be complete, since what it lacks is there.
pub(crate) fn check(language: &str, path: &str, text: Option<Arc<str>>) -> (Vec<Finding>, Sources) {
    let mut sources = Sources::default();
    let Some(rules) = rules_of(language) else {
        let message = format!("`site.language` is `{language}`, which is no language");
        let finding = Finding::warning(codes::UNTRANSLATED, WORKSPACE_FILE, message);
        return (vec![finding.help("name it as `de` or `pt-BR`")], sources);
    };
    let Some(text) = text else {
        if language == ENGLISH {
            return (Vec::new(), sources);
        }
        let message = format!(
            "the site is to speak `{language}`, and there are no texts of it: it speaks English"
        );
        let finding = Finding::warning(codes::UNTRANSLATED, WORKSPACE_FILE, message);
        return (vec![finding.help(format!("write `{path}`"))], sources);
    };
    sources.insert(path, text.clone());
    let (doc, mut findings) = parse_texts(path, text);
    let Some(doc) = doc else {
        return (findings, sources);
    };
    let english = english();
    let mut translated = 0;
    for (section, texts) in doc.value.iter() {
        for (name, written) in texts.iter() {
            let key = format!("{section}.{name}");
            let place = [Key::Name(section), Key::Name(name)];
            let Some(known) = english.own.get(&key) else {
                let message = format!("the site has no text `{key}`");
                let finding = Finding::warning(codes::UNKNOWN_TEXT, path, message);
                let finding = finding.at(doc.key_span(&place));
                findings.push(finding.suggest(&key, english.own.keys().map(String::as_str)));
                continue;
            };
            translated += 1;
            let mut problems = match Entry::new(written) {
                Ok(entry) => entry.problems(known, &rules),
                Err(problem) => vec![problem],
            };
            if is_of_scripts(&key) && !written.parts.is_empty() {
                let why =
                    "scripts say it, where numbers inside of a text have no forms of their own";
                problems.push(why.to_owned());
            }
            for problem in problems {
                let message = format!("`{key}` can't be said, and stays English: {problem}");
                let finding = Finding::warning(codes::UNFIT_TEXT, path, message);
                findings.push(finding.at(doc.span(&place)));
            }
        }
    }
    let all = english.own.len();
    if translated < all && language != ENGLISH {
        let has = |key: &str| {
            let (section, name) = key.split_once('.').unwrap_or((key, ""));
            doc.value
                .get(section)
                .is_some_and(|texts| texts.contains_key(name))
        };
        let mut missing: Vec<&String> = english.own.keys().filter(|key| !has(key)).collect();
        missing.sort();
        let named: Vec<String> = missing
            .iter()
            .take(NAMED)
            .map(|key| format!("`{key}`"))
            .collect();
        let message = format!(
            "{} of {all} texts are not translated, and stay English: {}{}",
            all - translated,
            named.join(", "),
            if missing.len() > NAMED { " …" } else { "" }
        );
        findings.push(Finding::warning(codes::UNTRANSLATED, path, message));
    }
    (findings, sources)
}
