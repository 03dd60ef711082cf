//! `redaction:` of `tallybook.yaml`: patterns that are taken out of results before anything is kept.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde_json::Value;

use super::secrets;
use crate::base::text;

/// The most patterns.
const PATTERNS: usize = 100;
/// The longest pattern, in characters.
const LENGTH: usize = 1_000;
/// The largest that a pattern may be once it is compiled, in bytes.
const COMPILED: usize = 1 << 20;
/// What stands for text that was taken out, unless the pattern says otherwise.
const REPLACEMENT: &str = "•••";

/// Patterns and what stands for what they match.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    set: Option<RegexSet>,
    patterns: Vec<(Regex, String)>,
    /// Shapes of secrets that are let through, by name.
    pub allow: Vec<&'static str>,
}

/// What is wrong with a setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SettingError {
    /// One line.
    pub message: String,
    pub help: Option<String>,
    /// Which pattern it is about, from 0.
    pub pattern: Option<usize>,
}

impl SettingError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            pattern: None,
        }
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Redaction {
    /// Reads the setting: a list of `{pattern, replace}`, or `{patterns: […], allow: […]}`.
    ///
    /// # Errors
    /// A key is unknown, a pattern does not compile, is too large, or matches nothing and everything,
    /// or a name is that of no shape of secrets.
    pub fn parse(value: &Value) -> Result<Self, SettingError> {
        let none = Value::Null;
        let (patterns, allow) = match value {
            Value::Null => return Ok(Self::default()),
            Value::Array(_) => (value, &none),
            Value::Object(map) => {
                let known = ["patterns", "allow"];
                if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
                    return Err(unknown("redaction", key, &known));
                }
                (&value["patterns"], &value["allow"])
            }
            _ => {
                let message = "`redaction` is no list of patterns";
                let help = "write `redaction: [{pattern: 'Bearer \\S+', replace: 'Bearer •••'}]`";
                return Err(SettingError::new(message).help(help));
            }
        };
        let mut out = Self::default();
        for (number, pattern) in list("patterns", patterns)?.iter().enumerate() {
            let pattern = read_pattern(pattern);
            out.patterns.push(pattern.map_err(|error| SettingError {
                pattern: Some(number),
                ..error
            })?);
        }
        if out.patterns.len() > PATTERNS {
            let message = format!("`redaction` has more than {PATTERNS} patterns");
            return Err(SettingError::new(message).help("join some with `|`"));
        }
        for name in list("allow", allow)? {
            let name = name.as_str().unwrap_or_default();
            out.allow.push(secrets::named(name)?);
        }
        let texts = out.patterns.iter().map(|(regex, _)| regex.as_str());
        if !out.patterns.is_empty() {
            let set = RegexSetBuilder::new(texts).size_limit(COMPILED * 4).build();
            let message = "the patterns of `redaction` are too large together";
            out.set = Some(set.map_err(|_| SettingError::new(message))?);
        }
        Ok(out)
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Takes what the patterns match out of a text; whether there was anything. Where colours split what they
    /// match, the text goes without its colours.
    pub fn apply(&self, text: &mut String) -> bool {
        if self.is_empty() {
            return false;
        }
        let changed = self.apply_as_it_is(text);
        let bare =
            secrets::uncoloured(text.as_bytes()).and_then(|bare| String::from_utf8(bare).ok());
        let Some(mut bare) = bare else {
            return changed;
        };
        let is_split = self.apply_as_it_is(&mut bare);
        if is_split {
            *text = bare;
        }
        changed || is_split
    }

    fn apply_as_it_is(&self, text: &mut String) -> bool {
        let Some(set) = self.set.as_ref().filter(|set| set.is_match(text)) else {
            return false;
        };
        // What one pattern leaves another may match: each sees what those before it left.
        let mut changed = false;
        for (number, (regex, replacement)) in self.patterns.iter().enumerate() {
            if !changed && !set.matches(text).matched(number) {
                continue;
            }
            if let Cow::Owned(replaced) = regex.replace_all(text, replacement.as_str()) {
                changed |= *text != replaced;
                *text = replaced;
            }
        }
        changed
    }
}

fn list<'v>(key: &str, value: &'v Value) -> Result<&'v [Value], SettingError> {
    match value {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        _ => Err(SettingError::new(format!("`redaction.{key}` is no list"))),
    }
}

fn unknown(of: &str, key: &str, known: &[&str]) -> SettingError {
    let message = format!("`{of}` has no key `{key}`");
    SettingError::new(message).help(match text::closest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", text::ticked(known, "and")),
    })
}

fn read_pattern(value: &Value) -> Result<(Regex, String), SettingError> {
    let help = "write `{pattern: 'Bearer \\S+', replace: 'Bearer •••'}`";
    let map = value
        .as_object()
        .ok_or_else(|| SettingError::new("a pattern of `redaction` is no map").help(help))?;
    let known = ["pattern", "replace"];
    if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(unknown("a pattern of `redaction`", key, &known));
    }
    let pattern = value["pattern"].as_str().filter(|text| !text.is_empty());
    let pattern =
        pattern.ok_or_else(|| SettingError::new("`pattern` is no text, or empty").help(help))?;
    let replacement = match &value["replace"] {
        Value::Null => REPLACEMENT,
        Value::String(text) => text,
        _ => return Err(SettingError::new("`replace` is no text").help("put it in quotes")),
    };
    if pattern.chars().count() > LENGTH {
        let message = format!("the pattern has more than {LENGTH} characters");
        return Err(SettingError::new(message));
    }
    let regex = RegexBuilder::new(pattern).size_limit(COMPILED).build();
    let regex = regex.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            SettingError::new("the pattern is larger than 1 MiB once compiled")
        }
        // The parser's text shows the pattern over several lines; its last says what is wrong.
        error => {
            let error = error.to_string();
            let why = error.lines().last().unwrap_or_default();
            let why = text::sanitize_line(why.trim_start_matches("error: "));
            SettingError::new(format!("the pattern is no regular expression: {why}"))
        }
    })?;
    if regex.is_match("") {
        let message = "the pattern also matches where nothing is, and would be everywhere";
        return Err(SettingError::new(message).help("use `+` where `*` stands"));
    }
    Ok((regex, replacement.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn redacted(value: &Value, text: &str) -> (String, bool) {
        let redaction = Redaction::parse(value).expect("a setting");
        let mut text = text.to_owned();
        let changed = redaction.apply(&mut text);
        (text, changed)
    }

    #[test]
    fn what_matches_is_taken_out() {
        let both = json!([
            {"pattern": r"(?i)(password=)\S+", "replace": "${1}•••"},
            {"pattern": r"\d{4}-\d{4}"},
        ]);
        let (text, changed) = redacted(&both, "Password=hunter2 card 1234-5678.");
        assert_eq!((text.as_str(), changed), ("Password=••• card •••.", true));
        assert_eq!(
            redacted(&both, "nothing here"),
            ("nothing here".to_owned(), false)
        );
        // Colours hide nothing, and stay where they split nothing.
        assert_eq!(
            redacted(
                &both,
                "\u{1b}[1mPass\u{1b}[0mword=se\u{1b}[31mcret\u{1b}[0m."
            ),
            ("Password=•••".to_owned(), true)
        );
        assert_eq!(
            redacted(&both, "\u{1b}[1mPassword=secret \u{1b}[0m"),
            ("\u{1b}[1mPassword=••• \u{1b}[0m".to_owned(), true)
        );
        // A replacement that is what it replaces changes nothing.
        let same = json!([{"pattern": "a+", "replace": "a"}]);
        assert_eq!(redacted(&same, "a"), ("a".to_owned(), false));
    }

    #[test]
    fn later_patterns_see_what_earlier_ones_left() {
        let chain = json!([{"pattern": "a", "replace": "b"}, {"pattern": "b", "replace": "c"}]);
        assert_eq!(redacted(&chain, "a").0, "c");
    }

    #[test]
    fn settings_say_what_is_wrong() {
        let wrong = |value: Value| Redaction::parse(&value).expect_err("refused").to_string();
        assert!(wrong(json!("x")).contains("no list of patterns"));
        assert!(wrong(json!({"pattern": []})).contains("no key `pattern`"));
        assert!(wrong(json!(["x"])).contains("no map"));
        assert!(wrong(json!([{"pattern": ""}])).contains("empty"));
        assert!(wrong(json!([{"pattern": "("}])).contains("no regular expression: unclosed group"));
        assert!(wrong(json!([{"pattern": r"(a)\1"}])).contains("no regular expression"));
        assert!(wrong(json!([{"pattern": "a*"}])).contains("where nothing is"));
        assert!(wrong(json!([{"pattern": "a{1000}{1000}"}])).contains("1 MiB"));
        assert!(wrong(json!([{"pattern": "a", "replace": 3}])).contains("`replace`"));
        assert!(wrong(json!({"allow": ["jwts"]})).contains("`jwts`"));
        let many = vec![json!({"pattern": "a"}); PATTERNS + 1];
        assert!(wrong(json!(many)).contains("more than 100"));
        let second = Redaction::parse(&json!([{"pattern": "a"}, {"pattern": "("}]));
        assert_eq!(second.expect_err("refused").pattern, Some(1));
        let allowed = Redaction::parse(&json!({"allow": ["jwt"]})).expect("a setting");
        assert_eq!((allowed.allow, allowed.patterns.len()), (vec!["jwt"], 0));
    }
}
