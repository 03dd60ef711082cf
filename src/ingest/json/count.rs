//! A plain count of objects in JSON text, by the names above them.
//!
//! It knows brackets, quotes and the last key, and makes no values; so it stands apart from the
//! code that makes rows.

use crate::ingest::limits::JSON_DEPTH;

/// Bytes of a key that count.
const KEY: usize = 64;

/// Counts objects while text streams by.
pub(in crate::ingest) struct Counter {
    is_element: fn(&[String]) -> bool,
    /// Names of the open containers, outermost first: the key of a member, `*` for an item, an empty
    /// name for the root.
    open: Vec<String>,
    arrays: Vec<bool>,
    /// Containers below the deepest that are looked at.
    deeper: u64,
    in_string: bool,
    escaped: bool,
    /// An item that is no container stands before the next comma.
    scalar: bool,
    /// The last string, and whether a colon followed it.
    word: Vec<u8>,
    key: Option<String>,
    pub(in crate::ingest) elements: u64,
}

impl Counter {
    pub(in crate::ingest) fn new(is_element: fn(&[String]) -> bool) -> Self {
        Self {
            is_element,
            open: Vec::new(),
            arrays: Vec::new(),
            deeper: 0,
            in_string: false,
            escaped: false,
            scalar: false,
            word: Vec::new(),
            key: None,
            elements: 0,
        }
    }

    pub(in crate::ingest) fn feed(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            at += 1;
            if self.in_string {
                if !self.escaped && !matches!(byte, b'"' | b'\\') {
                    let rest = &bytes[at - 1..];
                    let n = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                    let free = KEY.saturating_sub(self.word.len());
                    self.word.extend_from_slice(&rest[..n.min(free)]);
                    at += n - 1;
                    continue;
                }
                self.of_string(byte);
                continue;
            }
            match byte {
                b'"' => {
                    self.in_string = true;
                    self.scalar = true;
                    self.word.clear();
                }
                b':' => self.key = Some(word_of(&self.word)),
                b',' => {
                    self.item();
                    self.key = None;
                }
                b'{' | b'[' => self.enter(byte == b'['),
                b'}' | b']' => {
                    self.item();
                    self.leave();
                }
                _ => self.scalar |= !byte.is_ascii_whitespace(),
            }
        }
    }

    /// Counts an item that is no object where objects count: none may vanish.
    fn item(&mut self) {
        let scalar = std::mem::take(&mut self.scalar);
        if scalar && self.deeper == 0 && self.arrays.last() == Some(&true) {
            self.open.push("*".to_owned());
            self.elements += u64::from((self.is_element)(&self.open));
            self.open.pop();
        }
    }

    fn of_string(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => {
                self.escaped = false;
                self.word.extend([b'\\', byte]);
            }
            b'\\' => self.escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
    }

    fn enter(&mut self, is_array: bool) {
        self.scalar = false;
        if self.open.len() >= JSON_DEPTH {
            self.deeper += 1;
            return;
        }
        let name = match self.arrays.last() {
            None => String::new(),
            Some(true) => "*".to_owned(),
            Some(false) => self.key.take().unwrap_or_default(),
        };
        self.open.push(name);
        self.arrays.push(is_array);
        self.elements += u64::from(!is_array && (self.is_element)(&self.open));
    }

    fn leave(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.open.pop();
            self.arrays.pop();
        }
        self.key = None;
    }
}

/// A key with its escapes resolved.
fn word_of(word: &[u8]) -> String {
    let raw = String::from_utf8_lossy(word).into_owned();
    if !raw.contains('\\') {
        return raw;
    }
    serde_json::from_str(&format!("\"{raw}\"")).unwrap_or(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_counted_by_the_names_above() {
        let is = |open: &[String]| matches!(open, [.., key, item] if key == "tests" && item == "*");
        let text =
            r#"{"tests":"[{","a":[{"tests":[{},{"x":{}},[{}],"{"]}],"t\u0065sts":[{"n":"\"}]"}, {"#;
        for piece in [1, 3, 1000] {
            let mut counter = Counter::new(is);
            text.as_bytes()
                .chunks(piece)
                .for_each(|piece| counter.feed(piece));
            assert_eq!(counter.elements, 5, "pieces of {piece}");
        }
        let mut counter = Counter::new(is);
        counter.feed(br#"{"a":[1,2],"tests":[null,"x",{"n":1}, 3 ]}"#);
        assert_eq!(counter.elements, 4);
        let mut counter = Counter::new(is);
        counter.feed("[".repeat(100_000).as_bytes());
        assert_eq!(counter.elements, 0);
    }
}
