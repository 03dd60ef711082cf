//! Names of files that work on every system: no reserved names, no two that differ in case only.

use std::collections::BTreeSet;

use crate::base::Digest;

/// Makes names for files or folders out of ids, each its own on systems that fold case; an id
/// that makes a good name is its own.
pub(crate) fn unique<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    ids.into_iter()
        .map(|id| {
            let name = if is_plain(id) && !taken.contains(&id.to_ascii_lowercase()) {
                id.to_owned()
            } else {
                let digest = Digest::of(id.as_bytes()).short();
                let safe: String = id
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .take(40)
                    .collect();
                format!("{safe}-{}", &digest[..8])
            };
            taken.insert(name.to_ascii_lowercase());
            name
        })
        .collect()
}

fn is_plain(id: &str) -> bool {
    const RESERVED: [&str; 7] = ["con", "prn", "aux", "nul", "launches", "cases", "changes"];
    let stem = id
        .split('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let device = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    (1..=96).contains(&id.len())
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.ends_with(|c: char| c.is_ascii_alphanumeric())
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        && !RESERVED.contains(&stem.as_str())
        && !device("com")
        && !device("lpt")
}

/// Percent-encodes a text for the fragment of an address.
pub(crate) fn fragment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b',') {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_their_own() {
        let names = unique([
            "SHOP-K4F7QM",
            "shop-k4f7qm",
            "..",
            "con.x",
            "a/b",
            ".hidden",
            "ok_1.x",
        ]);
        assert_eq!(names[0], "SHOP-K4F7QM");
        assert_eq!(names[6], "ok_1.x");
        let lower: BTreeSet<String> = names.iter().map(|n| n.to_ascii_lowercase()).collect();
        assert_eq!(lower.len(), names.len());
        for name in &names {
            assert!(
                !name.contains('/') && !name.contains("..") && !name.starts_with('.'),
                "{name}"
            );
        }
    }

    #[test]
    fn fragments_carry_any_text() {
        assert_eq!(fragment("a b&é"), "a%20b%26%C3%A9");
    }
}
