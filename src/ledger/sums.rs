//! `SHA256SUMS` and `PRUNABLE.sha256`, in the format of `sha256sum -c`.

use std::collections::BTreeMap;

use crate::base::files::Stretch;
use crate::base::{Digest, FileError, Hasher};

/// The digests of a launch's files by their path in the launch's folder.
pub(crate) type Sums = BTreeMap<String, Digest>;

/// Writes one line a file, sorted by path.
pub(crate) fn write(sums: &Sums) -> Vec<u8> {
    let mut out = String::new();
    for (path, digest) in sums {
        out.push_str(&format!("{digest}  {path}\n"));
    }
    out.into_bytes()
}

/// Whether a file of a launch may be removed later, with a record.
pub(crate) fn is_prunable(path: &str) -> bool {
    path.starts_with("details/") || path.starts_with("attachments/")
}

/// Digests a file piece by piece.
pub(crate) fn of_file(stretch: &Stretch) -> Result<Digest, FileError> {
    use std::io::Read as _;
    let mut file = stretch.open()?;
    let mut buffer = vec![0; 128 << 10];
    let mut hasher = Hasher::new();
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(FileError::new("read", &stretch.path, e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_sha256sum() {
        let sums: Sums = [
            ("b".to_owned(), Digest::of(b"")),
            ("a/x".to_owned(), Digest::of(b"abc")),
        ]
        .into();
        let text = String::from_utf8(write(&sums)).expect("UTF-8");
        let first = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a/x\n";
        assert!(text.starts_with(first), "{text}");
        assert!(text.ends_with("  b\n"));
        assert!(is_prunable("attachments/x.png") && !is_prunable("results/attachments"));
    }
}
