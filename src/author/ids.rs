//! Ids of cases, defects and mutes.

use crate::base::hash::digest_fields;

/// Crockford's base 32: no `I`, `L`, `O` or `U`, so that ids survive being read aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Digits at the start of the alphabet, which an id does not start with.
const DIGITS: usize = 10;

/// Draws an id: the prefix, a dash and six characters, the first a letter and one a digit, so that it is told
/// from words also where somebody writes it in lower case. `seed` is random; `n` counts the ids drawn from it. `taken` tells which ids are in use.
pub fn draw_id(prefix: &str, seed: u64, n: u64, taken: impl Fn(&str) -> bool) -> String {
    let mut ids = (0u64..).map(|attempt| one_id(prefix, seed, n, attempt));
    let has_digit = |id: &str| id[prefix.len()..].contains(|c: char| c.is_ascii_digit());
    ids.find(|id| has_digit(id) && !taken(id))
        .expect("attempts don't run out before a free id comes")
}

fn one_id(prefix: &str, seed: u64, n: u64, attempt: u64) -> String {
    let numbers = [seed, n, attempt].map(|number| number.to_string());
    let digest = digest_fields(std::iter::once(prefix).chain(numbers.iter().map(String::as_str)));
    let mut id = format!("{prefix}-");
    for (i, byte) in digest.as_bytes()[..6].iter().enumerate() {
        let byte = usize::from(*byte);
        let at = match i {
            0 => DIGITS + byte % (ALPHABET.len() - DIGITS),
            _ => byte % ALPHABET.len(),
        };
        id.push(char::from(ALPHABET[at]));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::is_case_id;

    #[test]
    fn ids_have_their_shape_and_are_free() {
        let mut drawn: Vec<String> = Vec::new();
        for n in 0..200 {
            let id = draw_id("SHOP", 7, n, |id| drawn.iter().any(|d| d == id));
            let random = id.strip_prefix("SHOP-").expect("the prefix");
            assert!(random.len() == 6 && random.starts_with(|c: char| c.is_ascii_uppercase()));
            assert!(random.contains(|c: char| c.is_ascii_digit()));
            assert!(is_case_id(&id) && !random.contains(['I', 'L', 'O', 'U']));
            drawn.push(id);
        }
        let first = draw_id("SHOP", 7, 0, |_| false);
        assert_eq!(first, drawn[0]);
        assert_ne!(draw_id("SHOP", 7, 0, |id| id == first), first);
    }
}
