//! One line a finding, for terminals, editors and `grep`.

use std::fmt::Write as _;

use super::place::Places;
use crate::base::text::sanitize_line;
use crate::diag::{Finding, Sources};

/// Renders `path:line:column: TB0123 error: message (help: …)`, one line a finding. A finding about
/// a file as such has no line and column.
pub fn short(findings: &[Finding], sources: &Sources) -> String {
    let mut places = Places::new(sources);
    let mut out = String::new();
    for finding in findings {
        out.push_str(&sanitize_line(&finding.path));
        if let Some((start, _)) = places.of(finding) {
            let _ = write!(out, ":{}:{}", start.line, start.column);
        }
        let _ = write!(
            out,
            ": {} {}: {}",
            finding.code.id,
            finding.severity.as_str(),
            sanitize_line(&finding.message)
        );
        if let Some(help) = &finding.help {
            let _ = write!(out, " (help: {})", sanitize_line(help));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Span};

    const CODE: Code = Code {
        id: "TB0100",
        name: "sample",
    };

    #[test]
    fn one_line_each() {
        let mut sources = Sources::default();
        sources.insert("a.md", "é: x\n".into());
        let findings = [
            Finding::error(CODE, "a.md", "no `x`")
                .at(Span::new(4, 5))
                .help("write\n`y`"),
            Finding::warning(CODE, "b\u{1b}[2J.md", "gone"),
        ];
        assert_eq!(
            short(&findings, &sources),
            "a.md:1:4: TB0100 error: no `x` (help: write `y`)\n\
             b\\u{1b}[2J.md: TB0100 warning: gone\n"
        );
    }
}
