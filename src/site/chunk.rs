//! Bulk data as script files: each assigns one value to the page's registry, since a page opened
//! from a disk may load scripts and nothing else.
//!
//! **Invariant:** no text from outside becomes an object's key, as `__proto__` means something to
//! a script; pairs are arrays.

use serde::Serialize;

/// Returns a script that hands `value` to the registry under `key`.
pub(crate) fn script(key: &str, value: &impl Serialize) -> Vec<u8> {
    script_of(key, &json(value))
}

/// Returns a value as JSON, which is also a script's literal.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("views are lists and maps with text keys")
}

/// Like [`script`], of a value that is JSON already.
pub(crate) fn script_of(key: &str, json: &str) -> Vec<u8> {
    let script = format!("tallybook.push({key:?},{json});\n");
    separators_escaped(script.into_bytes())
}

/// Escapes U+2028 and U+2029, which older scripts take for line ends inside a text.
fn separators_escaped(bytes: Vec<u8>) -> Vec<u8> {
    let hit = |w: &[u8]| w[0] == 0xE2 && w[1] == 0x80 && matches!(w[2], 0xA8 | 0xA9);
    if !bytes.windows(3).any(hit) {
        return bytes;
    }
    let text = String::from_utf8(bytes).expect("JSON is UTF-8");
    text.replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
        .into_bytes()
}

/// Encodes bytes in base 64, padded.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(DIGITS[(bits >> (18 - 6 * i) & 63) as usize] as char);
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_hands_over_one_value() {
        let bytes = script("rows-0", &["a\u{2028}b", "</script>"]);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "tallybook.push(\"rows-0\",[\"a\\u2028b\",\"</script>\"]);\n"
        );
    }

    #[test]
    fn base64_is_padded() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xfe, 0xfd]), "//79");
    }
}
