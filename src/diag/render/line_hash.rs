//! The fingerprint by which GitHub knows a line again, `primaryLocationLineHash`. The action that
//! uploads SARIF computes it where it is absent and complains where it differs; whoever uploads by the
//! API has to give it. Source: <https://github.com/github/codeql-action>, `fingerprints.ts`.

use std::collections::HashMap;

/// UTF-16 units of a file that are hashed from a line's start on, white space apart.
const WINDOW: usize = 100;
const FACTOR: u64 = 37;
/// Stands at the end of a file; behind it are zeros.
const END: u16 = 0xffff;

/// Returns the fingerprint of each line, the first at 0: a hash of what stands from there on, and a
/// number that tells equal ones apart.
pub(super) fn line_hashes(text: &str) -> Vec<String> {
    let units = units(text);
    let starts = (0..units.len()).filter(|at| *at == 0 || units[at - 1] == u16::from(b'\n'));
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let each = starts.map(|start| {
        let here = units[start..].iter().copied().chain(std::iter::repeat(0));
        let hash = here.take(WINDOW).fold(0u64, |hash, unit| {
            hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit))
        });
        let n = seen.entry(hash).or_default();
        *n += 1;
        format!("{hash:x}:{n}")
    });
    each.collect()
}

/// Returns a file's units without spaces and tabs, each line break as one `\n`.
fn units(text: &str) -> Vec<u16> {
    let mut out = Vec::with_capacity(text.len() + 1);
    let mut after_return = false;
    for unit in text.encode_utf16() {
        let is = |c: u8| unit == u16::from(c);
        let skipped = is(b' ') || is(b'\t') || after_return && is(b'\n');
        after_return = !skipped && is(b'\r');
        if !skipped {
            out.push(if is(b'\r') { u16::from(b'\n') } else { unit });
        }
    }
    out.push(END);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of the action's own tests.
    #[test]
    fn hashes_are_those_of_the_action() {
        assert_eq!(line_hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            line_hashes(" a\nb\n  \t\tc\n d"),
            [
                "271789c17abda88f:1",
                "54703d4cd895b18:1",
                "180aee12dab6264:1",
                "a23a3dc5e078b07b:1"
            ]
        );
        let lorem = "Lorem ipsum dolor sit amet.\n".repeat(10);
        let hashes = line_hashes(&lorem);
        assert_eq!(hashes[5], "a7f2ff13bc495cf2:6");
        assert_eq!(hashes[6..8], ["a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1"]);
        for line_break in ["\r", "\r\n"] {
            assert_eq!(line_hashes(&lorem.replace('\n', line_break)), hashes);
        }
    }
}
