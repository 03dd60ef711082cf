//! The shapes of ids.

/// Whether a text is a project's key: an upper-case letter, then up to 15 more letters or digits.
pub fn is_project_key(key: &str) -> bool {
    key.len() <= 16
        && key.starts_with(|c: char| c.is_ascii_uppercase())
        && key
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// Whether a text may be the id of a case, a defect or a mute: `[A-Za-z0-9._-]{1,64}`.
pub fn is_case_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// Whether a text may be the id of a launch: lower-case letters, digits, `.` and `-`, at most 96
/// bytes, such that it is a folder's name everywhere and a part of a git ref.
pub fn is_launch_id(id: &str) -> bool {
    (1..=96).contains(&id.len())
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !id.contains("..")
        && !id.ends_with(".lock")
        && id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-'))
}

/// Whether a text is a shard's name as an append makes it: a slug of the job, a dash, ten hex
/// digits.
pub fn is_shard_name(name: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    name.rsplit_once('-').is_some_and(|(slug, digest)| {
        !slug.is_empty()
            && !slug.starts_with('.')
            && slug.chars().all(plain)
            && digest.len() == 10
            && digest.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// Returns the number of a part's file: 1 for `results.yaml`, 2 for `results-2.yaml` …
pub fn part_number(name: &str, prefix: &str) -> Option<u32> {
    match name.strip_prefix(prefix)?.strip_suffix(".yaml")? {
        "" => Some(1),
        rest => rest.strip_prefix('-')?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        assert!(is_project_key("SHOP") && is_project_key("B2B"));
        assert!(!is_project_key("shop") && !is_project_key("2B") && !is_project_key(""));
        assert!(
            is_case_id("SHOP-K4F7QM")
                && is_case_id("T.1_a")
                && !is_case_id("a b")
                && !is_case_id("")
        );
        assert!(is_launch_id("2026-11-22-1843-nightly-4f7k") && is_launch_id("x.2"));
        assert!(
            !is_launch_id("..")
                && !is_launch_id("a/b")
                && !is_launch_id("-a")
                && !is_launch_id("A")
        );
    }
}
