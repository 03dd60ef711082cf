//! Pointers of git-lfs: small files of a commit that stand for content that is kept elsewhere
//! (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>).

use crate::base::Digest;

/// What every pointer begins with.
const VERSION: &str = "version https://git-lfs.github.com/spec/v1\n";
/// The largest file that may be a pointer, in bytes.
pub const MAX_POINTER: usize = 1024;

/// Writes the pointer that stands for some content.
pub fn write_pointer(digest: Digest, size: u64) -> String {
    format!("{VERSION}oid sha256:{digest}\nsize {size}\n")
}

/// Reads a pointer: digest and size of the content.
pub fn read_pointer(bytes: &[u8]) -> Option<(Digest, u64)> {
    let text = std::str::from_utf8(bytes).ok();
    let text = text.filter(|text| text.len() <= MAX_POINTER)?;
    let rest = text.strip_prefix(VERSION)?;
    let field = |name| rest.lines().find_map(|line| line.strip_prefix(name));
    let digest = Digest::parse(field("oid sha256:")?)?;
    Some((digest, field("size ")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_read_as_they_are_written() {
        let digest = Digest::of(b"big");
        let text = write_pointer(digest, 3);
        assert_eq!(text.lines().count(), 3);
        assert_eq!(read_pointer(text.as_bytes()), Some((digest, 3)));
        assert_eq!(read_pointer(b"oid sha256:00"), None);
        assert_eq!(read_pointer(&[0xff; 10]), None);
        let long = format!("{text}{}", "x".repeat(MAX_POINTER));
        assert_eq!(read_pointer(long.as_bytes()), None);
    }
}
