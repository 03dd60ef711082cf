//! As much as a receiver takes, and how many were left out.

use super::text::thousands;

/// How a receiver counts.
pub type Size = fn(&str) -> usize;

/// Counts bytes of UTF-8.
pub fn bytes(text: &str) -> usize {
    text.len()
}

/// Counts UTF-16 code units, of which a receiver never counts more.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A list under a heading.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub head: String,
    pub items: Vec<String>,
    /// How many there are, listed ones among them.
    pub count: u64,
    /// What stands before and after the sentence that says how many were left out.
    pub more: (&'static str, &'static str),
    pub tail: String,
}

/// Returns `and 1,204 more`.
pub fn and_more(left_out: u64) -> String {
    format!("and {} more", thousands(left_out))
}

impl Part {
    fn more(&self, shown: usize) -> String {
        match self.count.saturating_sub(shown as u64) {
            0 => String::new(),
            n => format!("{}{}{}", self.more.0, and_more(n), self.more.1),
        }
    }
}

/// Puts a document together: the first words, the parts with as many items as there is room for, the
/// first parts first, and the last words. All but the items must fit.
pub fn fit(limit: usize, size: Size, first: &str, parts: &[Part], last: &str) -> String {
    let fixed = |part: &Part| size(&part.head) + size(&part.more(0)) + size(&part.tail);
    let reserved: usize = parts.iter().map(fixed).sum();
    let mut left = limit.saturating_sub(reserved + size(first) + size(last));
    let mut out = first.to_owned();
    for part in parts {
        out.push_str(&part.head);
        let mut shown = 0;
        for item in &part.items {
            let Some(rest) = left.checked_sub(size(item)) else {
                break;
            };
            left = rest;
            out.push_str(item);
            shown += 1;
        }
        out.push_str(&part.more(shown));
        out.push_str(&part.tail);
    }
    out.push_str(last);
    out
}

/// Joins items by commas, as many as there is room for.
pub fn joined(limit: usize, size: Size, items: &[String]) -> String {
    let room = limit.saturating_sub(size(&format!(", {}", and_more(items.len() as u64))));
    let mut out = String::new();
    let mut used = 0;
    for (at, item) in items.iter().enumerate() {
        let separator = if at == 0 { "" } else { ", " };
        let next = size(item) + separator.len();
        if used + next > room {
            out.push_str(separator);
            out.push_str(&and_more((items.len() - at) as u64));
            break;
        }
        used += next;
        out.push_str(separator);
        out.push_str(item);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted() {
        let part = Part {
            head: "H\n".to_owned(),
            items: ["aa\n", "bb\n", "cc\n"].map(str::to_owned).to_vec(),
            count: 5,
            more: ("- ", "\n"),
            tail: "T".to_owned(),
        };
        let all = fit(1000, bytes, "<", std::slice::from_ref(&part), ">");
        assert_eq!(all, "<H\naa\nbb\ncc\n- and 2 more\nT>");
        let cut = fit(22, bytes, "<", std::slice::from_ref(&part), ">");
        assert_eq!(cut, "<H\naa\n- and 4 more\nT>");
        let items: Vec<String> = (0..10).map(|n| format!("item {n}")).collect();
        assert_eq!(
            joined(40, bytes, &items),
            "item 0, item 1, item 2, and 7 more"
        );
        assert_eq!(joined(40, bytes, &items[..2]), "item 0, item 1");
        assert_eq!(joined(9, bytes, &items[..1]), "and 1 more");
    }
}
