//! Bounds on foreign text, and what must not be kept of it.

use std::borrow::Cow;

/// Bytes of a message, a trace or an output; one that is cut has as many at most, its last line included.
pub(super) const FIELD: usize = 1 << 20;
/// Bytes of a test's name; one that is cut has as many at most, with what tells it apart.
pub(super) const NAME: usize = 4 << 10;
/// Bytes of what a text that is cut ends with.
const END: usize = 64;
/// Bytes held in memory of one text of an input; the rest is skipped while it streams by.
pub(super) const TEXT: usize = 16 << 20;
/// Bytes of one text or line after which a file is not read further: what never ends is no report, and
/// must not take minutes to be refused.
pub(super) const ENDLESS: u64 = 128 << 20;
/// The same of one tag, comment or declaration of XML.
pub(super) const ENDLESS_TAG: u64 = 32 << 20;
/// Bytes of texts held in memory for one test case of an input.
pub(super) const CASE: usize = 64 << 20;
/// Bytes of one JSON file; a larger one is not read.
pub(super) const JSON: u64 = 64 << 20;
/// Levels of nesting in JSON, as serde_json has it.
pub(super) const JSON_DEPTH: usize = 127;
/// Levels of nesting in XML.
pub(super) const XML_DEPTH: usize = 256;
/// Bytes of a file that are looked at to tell its format.
pub(super) const HEAD: usize = 64 << 10;
/// Characters of a label's name, as files of results have it.
pub(super) const LABEL_NAME: usize = 256;

/// What stands in the place of a secret.
pub(super) const MASK: &str = "******";

/// Cuts a text to [`FIELD`] bytes, saying so in its last line; returns whether it was cut. What was cut once
/// is not cut again.
pub(super) fn bound(text: &mut String) -> bool {
    if text.len() <= FIELD {
        return false;
    }
    let whole = text.len();
    text.truncate(floor_char_boundary(text, FIELD - END));
    let rest = crate::base::text::count((whole - text.len()) as u64, "byte");
    text.push_str(&format!("\n… {rest} cut"));
    true
}

/// Cuts a name to [`NAME`] bytes; what it ends with then tells it from others that begin alike. Returns
/// whether it was cut. What was cut once is not cut again.
pub(super) fn bound_name(name: &mut String) -> bool {
    if name.len() <= NAME {
        return false;
    }
    let digest = crate::base::Digest::of(name.as_bytes()).short();
    name.truncate(floor_char_boundary(name, NAME - END));
    name.push_str(&format!("… {digest}"));
    true
}

/// Returns the largest index up to `at` that stands between two characters.
pub(super) fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Returns a value, masked where its name says that it is a secret.
pub(super) fn masked<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if !value.is_empty() && is_secret_name(name) {
        MASK.into()
    } else {
        value.into()
    }
}

/// Whether a property's name says that its value is a secret.
fn is_secret_name(name: &str) -> bool {
    const WORDS: [&str; 8] = [
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "credential",
        "credentials",
        "apikey",
    ];
    const KEYS: [&str; 5] = ["api", "access", "private", "signing", "encryption"];
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    words.iter().any(|w| WORDS.iter().any(|s| w.ends_with(s)))
        || words
            .windows(2)
            .any(|pair| pair[1] == "key" && KEYS.contains(&pair[0]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn what_is_cut_is_within_its_bound_and_not_cut_again(
            unit in "[aé…🦀\n\u{1b}]{1,7}",
            more in 0..200_usize,
            tail in 0..3_000_000_usize,
        ) {
            for (limit, cut) in [(FIELD, bound as fn(&mut String) -> bool), (NAME, bound_name)] {
                for length in [limit.saturating_sub(more), limit + more, limit + tail] {
                    let mut text = unit.repeat(length / unit.len() + 1);
                    let long = text.len() > limit;
                    prop_assert_eq!(cut(&mut text), long);
                    prop_assert!(text.len() <= limit);
                    let once = text.clone();
                    prop_assert!(!cut(&mut text));
                    prop_assert_eq!(&text, &once);
                }
            }
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = |rest: usize| {
            let mut text = format!("{}é{}", "a".repeat(FIELD - END - 1), "b".repeat(rest));
            assert_eq!(bound(&mut text), rest > END - 1);
            text
        };
        assert!(text(END - 1).ends_with('b'));
        assert!(text(END).ends_with(&format!("a\n… {} bytes cut", END + 2)));
        let mut short = "é".to_owned();
        assert!(!bound(&mut short));
        assert_eq!(short, "é");
    }

    #[test]
    fn long_names_stay_apart() {
        let mut names = ["a", "b"].map(|end| format!("{}{end}", "n".repeat(NAME)));
        assert!(names.iter_mut().all(bound_name));
        assert_ne!(names[0], names[1]);
        assert!(names[0].len() < NAME + 100);
        assert!(!bound_name(&mut "short".to_owned()));
    }

    #[test]
    fn secrets_are_told_by_name() {
        for name in [
            "GITHUB_TOKEN",
            "db.password",
            "aws_secret",
            "api-key",
            "authToken",
        ] {
            assert_eq!(masked(name, "x"), MASK, "{name}");
        }
        for name in [
            "test_key",
            "os.name",
            "keyboard",
            "java.version",
            "tokens_used",
        ] {
            assert_eq!(masked(name, "x"), "x", "{name}");
        }
    }
}
