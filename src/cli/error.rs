//! Why a command could not run, as told to people.

use std::error::Error;

use super::exit::Exit;

/// What stopped a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was asked can't be done as asked.
    Usage,
    /// What is there forbids it: evidence that is not as it was written, or rules. A finding.
    Finding,
    /// Files, git, or the system refused.
    Environment,
    /// Tallybook contradicts itself: our bug.
    Internal,
}

/// A command that could not run, or may not.
#[derive(Debug)]
pub struct CommandError {
    pub kind: ErrorKind,
    pub error: Box<dyn Error + Send + Sync>,
    /// What to try next; exact commands where there are some.
    pub hints: Vec<String>,
}

impl CommandError {
    /// What was asked can't be done as asked.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Usage,
            error: message.into().into(),
            hints: Vec::new(),
        }
    }

    /// Tallybook contradicts itself: our bug.
    pub fn internal(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Internal,
            ..Self::usage(message)
        }
    }

    /// How a run ends that met with it.
    pub(crate) fn exit(&self) -> Exit {
        match self.kind {
            ErrorKind::Finding => Exit::Findings,
            ErrorKind::Usage | ErrorKind::Environment | ErrorKind::Internal => Exit::CouldNotRun,
        }
    }

    /// Adds what to try next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the error and its causes, one line each, then the hints. Untrusted: not sanitised.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("error", self.error.to_string())];
        let mut cause = self.error.source();
        while let Some(error) = cause {
            lines.push(("caused by", error.to_string()));
            cause = error.source();
        }
        lines.extend(self.hints.iter().map(|hint| ("hint", hint.clone())));
        if self.kind == ErrorKind::Internal {
            let hint = "this is a bug in Tallybook; please report it with what you ran";
            lines.push(("hint", hint.to_owned()));
        }
        lines
    }
}

/// Any error of a lower floor, as it stands.
impl<E: Error + Send + Sync + 'static> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self {
            kind: ErrorKind::Environment,
            error: Box::new(error),
            hints: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn causes_follow_one_a_line() {
        let error = crate::base::files::read(Path::new("/nowhere/x")).expect_err("no such file");
        let error = CommandError::from(error).hint("look elsewhere");
        let lines: Vec<String> = error
            .lines()
            .iter()
            .map(|(name, text)| format!("{name}: {text}"))
            .collect();
        assert_eq!(lines[0], "error: cannot read `/nowhere/x`");
        assert!(lines[1].starts_with("caused by: "), "{lines:?}");
        assert_eq!(lines[2], "hint: look elsewhere");
    }
}
