//! The line that counts findings.

use std::collections::BTreeSet;

use crate::base::text::{count, list};
use crate::diag::{Finding, Severity};

/// Returns `3 errors and 1 warning in 2 files`, or `no findings`.
pub fn summary(findings: &[Finding]) -> String {
    let files: BTreeSet<&str> = findings.iter().map(|f| f.path.as_str()).collect();
    let of = |severity| findings.iter().filter(|f| f.severity == severity).count() as u64;
    let mut parts = Vec::new();
    for severity in [Severity::Error, Severity::Warning] {
        if of(severity) > 0 {
            parts.push(count(of(severity), severity.as_str()));
        }
    }
    if parts.is_empty() {
        return "no findings".to_owned();
    }
    let files = count(files.len() as u64, "file");
    format!("{} in {files}", list(&parts, "and"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    #[test]
    fn counts_severities_and_files() {
        let code = Code {
            id: "TB0100",
            name: "sample",
        };
        let error = |path: &str| Finding::error(code, path, "x");
        let warning = Finding::warning(code, "a", "x");
        assert_eq!(summary(&[]), "no findings");
        assert_eq!(summary(&[error("a")]), "1 error in 1 file");
        assert_eq!(
            summary(&[error("a"), error("b"), warning]),
            "2 errors and 1 warning in 2 files"
        );
    }
}
