//! One text: its forms, its placeholders, and what goes into them.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use icu_plurals::{PluralCategory, PluralRules};

use super::numbers::{count, thousands};
use crate::base::text::{escaped, ticked};
use crate::model::{CatalogueText, OrderedMap};

/// What goes into a placeholder.
#[derive(Clone, Debug)]
pub(crate) enum Arg<'a> {
    Number(u64),
    /// A number of something that has a text of its own: `3 results`.
    Counted(Counted),
    Text(Cow<'a, str>),
    /// Markup of ours, for [`Entry::fill_markup`].
    Markup(&'a str),
}

/// A number of what `count.*` has a text for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) n: u64,
    pub(crate) noun: &'static str,
}

impl Arg<'_> {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Number(n) | Self::Counted(Counted { n, .. }) => Some(*n),
            Self::Text(_) | Self::Markup(_) => None,
        }
    }

    fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Number(n) => thousands(*n).into(),
            Self::Counted(Counted { n, noun }) => count(*n, noun).into(),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Markup(text) => Cow::Borrowed(text),
        }
    }
}

impl From<u64> for Arg<'_> {
    fn from(n: u64) -> Self {
        Self::Number(n)
    }
}

impl From<usize> for Arg<'_> {
    fn from(n: usize) -> Self {
        Self::Number(n as u64)
    }
}

impl From<Counted> for Arg<'_> {
    fn from(counted: Counted) -> Self {
        Self::Counted(counted)
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text.as_str().into())
    }
}

/// Returns a plain text as markup: escaped, and what stands between backticks is code, as in Markdown.
pub(crate) fn coded(text: &str) -> String {
    let (mut out, is_code) = (String::new(), Cell::new(false));
    code(text, &is_code, &mut out);
    if is_code.get() {
        out.push_str("</code>");
    }
    out
}

/// Writes a part of a text as markup, of which the parts before may have begun what is code.
fn code(text: &str, is_code: &Cell<bool>, out: &mut String) {
    for (i, part) in text.split('`').enumerate() {
        if i > 0 {
            out.push_str(if is_code.replace(!is_code.get()) {
                "</code>"
            } else {
                "<code>"
            });
        }
        out.push_str(&escaped(part));
    }
}

/// A text in its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    forms: Forms,
    /// Forms of numbers inside it, by placeholder.
    parts: BTreeMap<String, BTreeMap<String, Line>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Forms {
    One(Line),
    /// By plural category.
    By(BTreeMap<String, Line>),
}

/// Plain text and placeholders in turn.
type Line = Vec<Piece>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Slot(String),
}

/// The number that decides a text's form.
const NUMBER: &str = "n";

impl Entry {
    /// Reads a text of a catalogue.
    ///
    /// # Errors
    /// What is wrong with its braces or forms, for people.
    pub(crate) fn new(written: &CatalogueText) -> Result<Self, String> {
        let forms = match (&written.text, written.forms.is_empty()) {
            (Some(text), true) => Forms::One(line(text)?),
            (None, false) => Forms::By(forms(&written.forms)?),
            (Some(_), false) => return Err("it has both `text` and plural forms".to_owned()),
            (None, true) => return Err("it has no text".to_owned()),
        };
        let parts = written.parts.iter();
        let parts = parts.map(|(slot, written)| Ok((slot.to_owned(), forms_of(written)?)));
        Ok(Self {
            forms,
            parts: parts.collect::<Result<_, String>>()?,
        })
    }

    /// Says what keeps it from standing in for the English text.
    pub(crate) fn problems(&self, english: &Self, rules: &PluralRules) -> Vec<String> {
        let mut out = Vec::new();
        let (mine, theirs) = (self.slots(), english.slots());
        let needed = english.needed();
        let missing: Vec<&str> = needed.difference(&mine).map(String::as_str).collect();
        let strange: Vec<&str> = mine.difference(&theirs).map(String::as_str).collect();
        let braces = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| format!("{{{name}}}")).collect();
            ticked(&names, "and")
        };
        if !missing.is_empty() {
            out.push(format!("it lacks the placeholder {}", braces(&missing)));
        }
        if !strange.is_empty() {
            out.push(format!(
                "the English text has no placeholder {}",
                braces(&strange)
            ));
        }
        let known: Vec<&str> = rules.categories().map(name_of).collect();
        let counted = |forms: &Forms| matches!(forms, Forms::By(_));
        if counted(&self.forms) && !counted(&english.forms) && !theirs.contains(NUMBER) {
            out.push("the English text has no number that decides a form".to_owned());
        }
        let own = match &self.forms {
            Forms::One(_) => None,
            Forms::By(forms) => Some(forms),
        };
        for forms in own.into_iter().chain(self.parts.values()) {
            if !forms.contains_key("other") {
                out.push("it lacks the form `other`".to_owned());
            }
            for name in forms.keys().filter(|name| !known.contains(&name.as_str())) {
                let known = ticked(&known, "and");
                out.push(format!(
                    "`{name}` is no form of the language, which has {known}"
                ));
            }
        }
        for slot in self.parts.keys().filter(|slot| !theirs.contains(*slot)) {
            out.push(format!(
                "it has forms of `{slot}`, which the English text has not"
            ));
        }
        out
    }

    /// All placeholders of all forms, those inside of parts apart.
    pub(crate) fn slots(&self) -> BTreeSet<String> {
        let lines: Vec<&Line> = match &self.forms {
            Forms::One(line) => vec![line],
            Forms::By(forms) => forms.values().collect(),
        };
        lines.into_iter().flat_map(slots).collect()
    }

    /// The placeholders that every form of a text for many has.
    fn needed(&self) -> BTreeSet<String> {
        match &self.forms {
            Forms::One(line) => slots(line).collect(),
            Forms::By(forms) => {
                let other = forms.get("other").map(|line| slots(line).collect());
                other.unwrap_or_default()
            }
        }
    }

    /// Fills the placeholders: a plain text.
    pub(crate) fn fill(&self, args: &[(&str, Arg<'_>)], rules: &PluralRules) -> String {
        let plain = |text: &str, out: &mut String| out.push_str(text);
        self.each(args, rules, &plain, &|arg, out| out.push_str(&arg.shown()))
    }

    /// Fills the placeholders: markup, in which everything is escaped but what is markup of ours. What stands between
    /// backticks is code, as in Markdown.
    pub(crate) fn fill_markup(&self, args: &[(&str, Arg<'_>)], rules: &PluralRules) -> String {
        let is_code = Cell::new(false);
        let plain = |text: &str, out: &mut String| code(text, &is_code, out);
        let mut out = self.each(args, rules, &plain, &|arg, out| match arg {
            Arg::Markup(markup) => out.push_str(markup),
            arg => out.push_str(&escaped(&arg.shown())),
        });
        if is_code.get() {
            out.push_str("</code>");
        }
        out
    }

    fn each(
        &self,
        args: &[(&str, Arg<'_>)],
        rules: &PluralRules,
        plain: &dyn Fn(&str, &mut String),
        shown: &dyn Fn(&Arg<'_>, &mut String),
    ) -> String {
        let of = |name: &str| args.iter().find(|(known, _)| *known == name);
        let number = |name: &str| of(name).and_then(|(_, arg)| arg.number());
        let mut out = String::new();
        let line = match &self.forms {
            Forms::One(line) => Some(line),
            Forms::By(forms) => chosen(forms, number(NUMBER), rules),
        };
        for piece in line.into_iter().flatten() {
            let slot = match piece {
                Piece::Plain(text) => {
                    plain(text, &mut out);
                    continue;
                }
                Piece::Slot(slot) => slot.as_str(),
            };
            let part = self.parts.get(slot).zip(number(slot));
            match part {
                Some((forms, n)) => {
                    for piece in chosen(forms, Some(n), rules).into_iter().flatten() {
                        match piece {
                            Piece::Plain(text) => plain(text, &mut out),
                            Piece::Slot(_) => plain(&thousands(n), &mut out),
                        }
                    }
                }
                None => match of(slot) {
                    Some((_, arg)) => shown(arg, &mut out),
                    None => plain(&format!("{{{slot}}}"), &mut out),
                },
            }
        }
        out
    }

    /// Returns it as scripts have it: a text, or forms by category.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let by = |forms: &BTreeMap<String, Line>| -> serde_json::Value {
            let forms = forms.iter();
            forms
                .map(|(name, line)| (name.clone(), written(line).into()))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        match &self.forms {
            Forms::One(line) => written(line).into(),
            Forms::By(forms) => by(forms),
        }
    }
}

fn chosen<'a>(
    forms: &'a BTreeMap<String, Line>,
    n: Option<u64>,
    rules: &PluralRules,
) -> Option<&'a Line> {
    let category = n.map(|n| name_of(rules.category_for(n)));
    let form = category.and_then(|name| forms.get(name));
    form.or_else(|| forms.get("other"))
}

fn name_of(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

fn forms(written: &OrderedMap<String>) -> Result<BTreeMap<String, Line>, String> {
    let forms = written.iter();
    forms
        .map(|(name, text)| Ok((name.to_owned(), line(text)?)))
        .collect()
}

/// The forms of a number inside a text: no other placeholder than the number stands in them.
fn forms_of(written: &OrderedMap<String>) -> Result<BTreeMap<String, Line>, String> {
    let forms = forms(written)?;
    let strange = forms.values().flat_map(slots).find(|slot| slot != NUMBER);
    match strange {
        None => Ok(forms),
        Some(slot) => Err(format!(
            "`{{{slot}}}` stands in the form of a number, where only `{{n}}` can"
        )),
    }
}

fn slots(line: &Line) -> impl Iterator<Item = String> {
    line.iter().filter_map(|piece| match piece {
        Piece::Slot(name) => Some(name.clone()),
        Piece::Plain(_) => None,
    })
}

fn line(text: &str) -> Result<Line, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (plain, tail) = rest.split_at(at);
        let end = tail.find('}').filter(|_| tail.starts_with('{'));
        let name = end.map(|end| &tail[1..end]);
        let is_name = |name: &&str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        let Some((name, end)) = name.filter(is_name).zip(end) else {
            return Err(format!(
                "`{text}` has a brace that is part of no placeholder"
            ));
        };
        if !plain.is_empty() {
            out.push(Piece::Plain(plain.to_owned()));
        }
        out.push(Piece::Slot(name.to_owned()));
        rest = &tail[end + 1..];
    }
    if !rest.is_empty() {
        out.push(Piece::Plain(rest.to_owned()));
    }
    Ok(out)
}

fn written(line: &Line) -> String {
    let pieces = line.iter().map(|piece| match piece {
        Piece::Plain(text) => text.clone(),
        Piece::Slot(name) => format!("{{{name}}}"),
    });
    pieces.collect()
}
