//! Findings as annotations of GitHub Actions. Source: "Workflow commands for GitHub Actions".

use std::fmt::Write as _;

use super::place::Places;
use crate::base::path::join;
use crate::base::text::sanitize_line;
use crate::diag::{Finding, Sources};

/// Renders one workflow command a finding. `prefix` is where the workspace stands in its
/// repository: annotations name files from the repository's root.
pub fn github(findings: &[Finding], sources: &Sources, prefix: &str) -> String {
    let mut places = Places::new(sources);
    let mut out = String::new();
    for finding in findings {
        let file = property(&join(prefix, &finding.path));
        let _ = write!(out, "::{} file={file}", finding.severity.as_str());
        if let Some((start, end)) = places.of(finding) {
            let _ = write!(out, ",line={},col={}", start.line, start.column);
            let _ = write!(out, ",endLine={}", end.line);
            if start.line == end.line && end.column > start.column {
                let _ = write!(out, ",endColumn={}", end.column);
            }
        }
        let title = property(&format!("{} {}", finding.code.id, finding.code.name));
        let _ = write!(out, ",title={title}::{}", data(&finding.message));
        if let Some(help) = &finding.help {
            let _ = write!(out, "%0Ahelp: {}", data(help));
        }
        out.push('\n');
    }
    out
}

/// Renders one workflow command that belongs to no file: an annotation with a title and lines.
pub fn workflow_command(severity: &str, title: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| data(line)).collect();
    format!(
        "::{severity} title={}::{}\n",
        property(title),
        lines.join("%0A")
    )
}

/// Escapes a message, which no line break and no command of its own may leave.
fn data(text: &str) -> String {
    sanitize_line(text).replace('%', "%25")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Span};

    #[test]
    fn commands_cannot_be_smuggled_in() {
        let code = Code {
            id: "TB0100",
            name: "sample",
        };
        let mut sources = Sources::default();
        sources.insert("a,b.md", "one\ntwo\n".into());
        let findings = [
            Finding::error(code, "a,b.md", "100% wrong\n::error::x").at(Span::new(4, 7)),
            Finding::warning(code, "c.md", "gone").help("add it"),
        ];
        assert_eq!(
            github(&findings, &sources, "qa"),
            "::error file=qa/a%2Cb.md,line=2,col=1,endLine=2,endColumn=4,title=TB0100 sample\
             ::100%25 wrong ::error::x\n\
             ::warning file=qa/c.md,title=TB0100 sample::gone%0Ahelp: add it\n"
        );
    }
}
