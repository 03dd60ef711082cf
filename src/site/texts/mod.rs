//! What the site says: every sentence by its key, in the language that the site speaks.
//!
//! `templates/texts/en.yaml` has all texts; a workspace may bring its own for its language, text by text, and what it
//! lacks stays English. A text of a translation is data: it is escaped wherever it goes, and its placeholders are those
//! of the English one. What a page says is made on the thread that renders it, in the language that [`within`] set there.

mod check;
mod entry;
mod forms;
mod numbers;
mod script;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use icu_locale_core::Locale;
use icu_plurals::PluralRules;

pub(crate) use self::check::{check, is_translation};
use self::entry::Entry;
pub(crate) use self::entry::{Arg, Counted, coded};
pub(crate) use self::forms::function;
pub(crate) use self::numbers::{
    bytes, count, counted, day, decimal, human_duration, list, month, thousands, when,
};
pub(crate) use self::script::{script, workbench_script};
#[cfg(test)]
pub(crate) use self::tests::wordless;
use crate::model::Catalogue;
use crate::store::parse_texts;

/// The language of the catalogue that has every text.
const ENGLISH: &str = "en";
/// Where the embedded texts stand, for messages.
const EMBEDDED: &str = "templates/texts/en.yaml";

/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 11] = [
    "ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi",
];

/// The texts of one language, and the English ones behind them.
#[derive(Debug)]
pub(crate) struct Texts {
    /// As a page says it: `de`, `pt-BR`.
    language: String,
    own: HashMap<String, Entry>,
    rules: PluralRules,
}

static EMBEDDED_TEXTS: LazyLock<Arc<Texts>> = LazyLock::new(|| {
    let text = include_str!("../../../templates/texts/en.yaml");
    let (doc, findings) = parse_texts(EMBEDDED, text.into());
    debug_assert!(findings.is_empty(), "{findings:?}");
    let entries = doc.map(|doc| entries(&doc.value)).unwrap_or_default();
    let rules = rules(&Locale::UNKNOWN);
    Arc::new(Texts::new(
        ENGLISH.to_owned(),
        entries.into_iter().collect(),
        rules_of(ENGLISH).unwrap_or(rules),
    ))
});

/// Returns the English texts, which are all there are.
pub(crate) fn english() -> Arc<Texts> {
    EMBEDDED_TEXTS.clone()
}

/// The texts of a catalogue that read, by key.
fn entries(catalogue: &Catalogue) -> BTreeMap<String, Entry> {
    let sections = catalogue.iter();
    let texts = sections.flat_map(|(section, texts)| {
        let texts = texts.iter();
        texts.map(move |(name, text)| (format!("{section}.{name}"), text))
    });
    texts
        .filter_map(|(key, text)| Some((key, Entry::new(text).ok()?)))
        .collect()
}

/// Returns the rules by which a language forms plurals; none of what is no language.
fn rules_of(language: &str) -> Option<PluralRules> {
    let locale = Locale::try_from_str(language).ok()?;
    (!locale.id.language.is_unknown()).then(|| rules(&locale))
}

#[expect(
    clippy::expect_used,
    reason = "rules are compiled in, and an unknown language has those of the root"
)]
fn rules(locale: &Locale) -> PluralRules {
    PluralRules::try_new_cardinal(locale.into()).expect("plural rules are compiled in")
}

impl Texts {
    fn new(language: String, own: HashMap<String, Entry>, rules: PluralRules) -> Self {
        Self {
            language,
            own,
            rules,
        }
    }

    /// Makes the texts of a language from a translation of it. What does not fit is left out: [`check`] says so.
    /// None of what is no language.
    pub(crate) fn of(language: &str, catalogue: &Catalogue) -> Option<Self> {
        let rules = rules_of(language)?;
        let english = english();
        let fits = |key: &str, entry: &Entry| {
            let known = english.own.get(key);
            known.is_some_and(|known| entry.problems(known, &rules).is_empty())
        };
        let mut own: HashMap<String, Entry> = entries(catalogue).into_iter().collect();
        own.retain(|key, entry| fits(key, entry));
        let language = Locale::try_from_str(language).ok()?.to_string();
        Some(Self::new(language, own, rules))
    }

    /// The language of pages.
    pub(crate) fn language(&self) -> &str {
        &self.language
    }

    /// Where lines of the language begin: `ltr`, `rtl`.
    pub(crate) fn direction(&self) -> &'static str {
        let name = self.language.split('-').next().unwrap_or_default();
        match RIGHT_TO_LEFT.contains(&name) {
            true => "rtl",
            false => "ltr",
        }
    }

    /// Returns a text that stayed English in a language from right to left as one that reads from left to right,
    /// whatever stands around it: what ends in a stop or begins with a number would be torn apart. For templates and
    /// scripts alone: what code says goes on as data, of which no signs of direction are shown.
    fn isolated(&self, key: &str, said: String) -> String {
        let is_foreign = self.direction() == "rtl" && !self.own.contains_key(key);
        match is_foreign && said.contains(' ') && said.contains(|c: char| c.is_ascii_alphabetic()) {
            true => format!("\u{2066}{said}\u{2069}"),
            false => said,
        }
    }

    /// Returns a text, and the rules of the language that it is in; none where no such text is.
    fn find<'a>(&'a self, key: &str, english: &'a Self) -> Option<(&'a Entry, &'a PluralRules)> {
        let own = self.own.get(key).map(|entry| (entry, &self.rules));
        own.or_else(|| Some((english.own.get(key)?, &english.rules)))
    }
}

thread_local! {
    /// The languages in which this thread speaks, the last one now.
    static SPOKEN: RefCell<Vec<Arc<Texts>>> = const { RefCell::new(Vec::new()) };
}

/// Does something that says texts in a language. What is said outside of it is English.
pub(crate) fn within<T>(texts: &Arc<Texts>, make: impl FnOnce() -> T) -> T {
    struct Until;
    impl Drop for Until {
        fn drop(&mut self) {
            SPOKEN.with_borrow_mut(Vec::pop);
        }
    }
    SPOKEN.with_borrow_mut(|spoken| spoken.push(texts.clone()));
    let _until = Until;
    make()
}

/// The texts in which this thread speaks.
pub(crate) fn current() -> Arc<Texts> {
    let spoken = SPOKEN.with_borrow(|spoken| spoken.last().cloned());
    spoken.unwrap_or_else(english)
}

/// Returns a text with its placeholders filled. A key that there isn't is shown as it is, which a test would find.
pub(crate) fn text(key: &str, args: &[(&str, Arg<'_>)]) -> String {
    let (texts, english) = (current(), english());
    match texts.find(key, &english) {
        Some((entry, rules)) => entry.fill(args, rules),
        None => key.to_owned(),
    }
}

/// Returns a text by its key: `say!("verdict.new-in", n = 3u64, place = name)`. A number is written as the language
/// writes numbers, and `n` decides the form.
macro_rules! say {
    ($key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::site::texts::text($key, &[$((stringify!($name), $crate::site::texts::Arg::from($value))),*])
    };
}
pub(crate) use say;
