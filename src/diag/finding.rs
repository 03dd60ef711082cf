//! The finding itself.

use super::Span;

/// How bad a finding is. Errors make a run end with 1; warnings alone are fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule's stable identity: `TB` and four digits, and a name that reads after "allow".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    pub id: &'static str,
    pub name: &'static str,
}

/// A second place that helps to understand a finding, in the same file or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub path: String,
    pub span: Span,
    pub text: String,
}

/// What is wrong with a user's file: one primary place, and the next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// Relative to the workspace, `/` between parts.
    pub path: String,
    /// Bytes of the whole file; none where the finding is about the file as such.
    pub span: Option<Span>,
    /// One line that makes sense alone: lower case, no final period, names in backticks.
    pub message: String,
    /// The next thing to do.
    pub help: Option<String>,
    pub labels: Vec<Label>,
}

impl Finding {
    pub fn error(code: Code, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, path.into(), message.into())
    }

    pub fn warning(code: Code, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, path.into(), message.into())
    }

    fn new(code: Code, severity: Severity, path: String, message: String) -> Self {
        Self {
            code,
            severity,
            path,
            span: None,
            message,
            help: None,
            labels: Vec::new(),
        }
    }

    #[must_use]
    pub fn at(mut self, span: impl Into<Option<Span>>) -> Self {
        self.span = span.into();
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean" where a candidate is close to the word.
    #[must_use]
    pub fn suggest<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match crate::base::text::closest(word, candidates) {
            Some(candidate) => {
                let help = format!("did you mean `{candidate}`?");
                self.help(help)
            }
            None => self,
        }
    }

    #[must_use]
    pub fn label(mut self, path: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            path: path.into(),
            span,
            text: text.into(),
        });
        self
    }
}

/// Sorts by path, place and code, and drops exact repeats.
pub fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.path.clone(), f.span, f.code.id, f.message.clone());
        key(a).cmp(&key(b))
    });
    findings.dedup();
}
