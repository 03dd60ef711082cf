//! Texts written into YAML.

use super::{Node, parse};
use crate::base::text::unsafe_to_show;

/// Writes a text as a YAML value that reads as that text, in block and flow style: as it is where
/// that is safe, else in double quotes.
pub fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " -_.@/+&'()".contains(c);
    let is_plain = text.starts_with(char::is_alphanumeric)
        && !text.ends_with(' ')
        && text.chars().all(plain)
        && parse(text).is_ok_and(|node| node == Node::Text(text.to_owned()));
    if is_plain {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for (_, c, is_unsafe) in unsafe_to_show(text) {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_where_safe() {
        for text in [
            "Harbour & Pine",
            "Zieliński",
            "a@b.c",
            "O'Neil (QA)",
            "1 of 2",
        ] {
            assert_eq!(scalar(text), text);
        }
        for text in [
            "12", "1.5", "true", "null", "a: b", "- a", "", " a", "a ", "#a", "[a]", "a\nb",
        ] {
            assert!(scalar(text).starts_with('"'), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "(\\PC|[\\x00-\\x1f\\u{80}-\\u{a0}\\u{2028}\\u{feff}\"\\\\:#]){0,12}") {
            for line in [format!("a: {}\n", scalar(&text)), format!("{{a: {}}}\n", scalar(&text))] {
                let node = parse(&line).expect("valid");
                let Node::Map(entries) = node else { panic!("a mapping") };
                prop_assert_eq!(&entries[0].value, &Node::Text(text.clone()));
            }
        }
    }
}
