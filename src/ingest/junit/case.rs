//! One `testcase` element as it was read, before it becomes rows.

use crate::ingest::xml::{Attributes, Capped, trim_line_breaks};
use crate::model::Status;

/// What a child element of a test case says of its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Failure,
    Error,
    Skipped,
    /// An earlier attempt that failed, of a test that passed in the end.
    Flaky(Status),
    /// A later attempt that failed too.
    Rerun(Status),
}

impl Kind {
    /// Reads an element's name in lower case.
    pub(super) fn of(element: &str) -> Option<Self> {
        Some(match element {
            "failure" => Self::Failure,
            "error" | "warning" | "internalerror" => Self::Error,
            "skipped" | "ignored" | "disabled" => Self::Skipped,
            "flakyfailure" => Self::Flaky(Status::Failed),
            "flakyerror" => Self::Flaky(Status::Broken),
            "rerunfailure" => Self::Rerun(Status::Failed),
            "rerunerror" => Self::Rerun(Status::Broken),
            _ => return None,
        })
    }

    pub(super) fn status(self) -> Status {
        match self {
            Self::Failure => Status::Failed,
            Self::Error => Status::Broken,
            Self::Skipped => Status::Skipped,
            Self::Flaky(status) | Self::Rerun(status) => status,
        }
    }
}

/// A child element that tells an outcome.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) kind: Kind,
    pub(super) message: Option<String>,
    pub(super) exception: Option<String>,
    pub(super) time: Option<String>,
    pub(super) timestamp: Option<String>,
    pub(super) text: Capped,
    pub(super) stack: Capped,
    pub(super) out: Capped,
    pub(super) err: Capped,
}

impl Outcome {
    pub(super) fn new(kind: Kind, mut attributes: Attributes) -> Self {
        Self {
            kind,
            message: attributes.take("message"),
            exception: attributes.take("type"),
            time: attributes.take("time"),
            timestamp: attributes.take("timestamp"),
            text: Capped::default(),
            stack: Capped::default(),
            out: Capped::default(),
            err: Capped::default(),
        }
    }

    /// Whether a test is still to be made to pass, as node has it: then its failure is none.
    fn is_todo(&self) -> bool {
        self.kind == Kind::Skipped && self.exception.as_deref() == Some("todo")
    }

    /// Returns message and trace. Without a message it is the text's first line that says
    /// something; a trace that says no more than the message is none.
    pub(super) fn message_and_trace(&self) -> (Option<String>, Option<String>) {
        let text = if self.stack.is_blank() {
            &self.text
        } else {
            &self.stack
        };
        let trace = trim_line_breaks(&text.text);
        let spare = match self.kind {
            Kind::Skipped if self.exception.as_deref() == Some("pytest.xfail") => Some("xfail"),
            _ => self.exception.as_deref(),
        };
        let message = self
            .message
            .as_deref()
            // node's word for a todo without a reason.
            .filter(|message| !(self.is_todo() && *message == "true"))
            .or_else(|| first_line(trace))
            .or(spare);
        let trace = Some(trace).filter(|t| !t.trim().is_empty() && Some(t.trim()) != message);
        (message.map(str::to_owned), trace.map(str::to_owned))
    }
}

/// Returns the first line that says something; PHPUnit's texts begin with the test's name.
fn first_line(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    let names_test = first.contains("::") && !first.contains(char::is_whitespace);
    Some(lines.next().filter(|_| names_test).unwrap_or(first))
}

/// A test case while its element is open.
#[derive(Debug, Default)]
pub(super) struct Case {
    pub(super) attributes: Attributes,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) properties: Vec<(String, String)>,
    pub(super) attachments: Vec<String>,
    pub(super) out: Capped,
    pub(super) err: Capped,
    /// What children say in a word that are named like attributes, in lower case.
    pub(super) words: Vec<(String, String)>,
    /// A child that is not known may tell a failure.
    pub(super) doubtful: bool,
}

impl Case {
    /// Whether no child tells an outcome.
    pub(super) fn is_plain(&self) -> bool {
        self.outcomes.is_empty() && !self.doubtful
    }

    /// The status of the attempt that the element itself describes, reruns apart.
    pub(super) fn status(&self) -> Status {
        match self.told_status() {
            Status::Passed if self.doubtful => Status::Unknown,
            told => told,
        }
    }

    fn told_status(&self) -> Status {
        let has = |kind| self.outcomes.iter().any(|o| o.kind == kind);
        let says = |text: &str| {
            let message = |o: &Outcome| o.message.as_deref().is_some_and(|m| m.contains(text));
            self.outcomes
                .iter()
                .any(|o| o.kind == Kind::Skipped && message(o))
        };
        let is_todo = self.outcomes.iter().any(Outcome::is_todo);
        if is_todo || says("TEST_CASE tagged with !mayfail") {
            Status::Skipped
        } else if has(Kind::Failure) {
            Status::Failed
        } else if has(Kind::Error) {
            Status::Broken
        } else if has(Kind::Skipped) {
            Status::Skipped
        } else if self
            .outcomes
            .iter()
            .any(|o| matches!(o.kind, Kind::Flaky(_)))
        {
            Status::Passed
        } else if let Some(worst) = Status::worst(self.outcomes.iter().map(|o| o.kind.status())) {
            worst
        } else {
            self.status_of_attributes()
        }
    }

    fn status_of_attributes(&self) -> Status {
        let words = ["status", "result"].map(|name| self.word(name));
        let any = |set: &[&str]| words.iter().any(|word| set.contains(&word.as_str()));
        let disabled = self.attributes.get("disabled");
        if any(&FAILED) {
            Status::Failed
        } else if any(&BROKEN) {
            Status::Broken
        } else if any(&SKIPPED) || disabled.is_some_and(|d| d == "true" || d == "1") {
            Status::Skipped
        } else if words.iter().all(|word| PASSED.contains(&word.as_str())) {
            self.status_of_others()
        } else {
            Status::Unknown
        }
    }

    /// What attributes say that only some writers have. Their words for what is good are theirs.
    fn status_of_others(&self) -> Status {
        let any =
            |names: &[&str], says: fn(&str) -> bool| names.iter().any(|n| says(&self.word(n)));
        let fails = |word: &str| FAILED.contains(&word);
        let denies = |word: &str| matches!(word, "false" | "0" | "no" | "error" | "broken");
        let counts = |word: &str| word.parse::<u64>().is_ok_and(|n| n > 0);
        let tells = |word: &str| !matches!(word, "" | "0" | "false" | "no" | "none" | "null");
        let skips = |word: &str| SKIPPED.contains(&word);
        if any(&["outcome", "state", "verdict"], fails) || any(&["failure"], tells) {
            Status::Failed
        } else if any(&["executed"], denies) || any(&["outcome", "state", "verdict"], skips) {
            Status::Skipped
        } else if any(&["success", "passed", "outcome", "verdict"], denies)
            || any(&["failures", "errors"], counts)
        {
            Status::Unknown
        } else {
            Status::Passed
        }
    }

    /// Returns a word, in lower case, of an attribute or of the element that stands for it.
    fn word(&self, name: &str) -> String {
        let of_element = || {
            let mut words = self.words.iter().filter(|(known, _)| known == name);
            words.next_back().map(|(_, word)| word.as_str())
        };
        let word = self.attributes.get(name).or_else(of_element);
        word.unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Takes the text, in lower case, of an element that may say what an attribute of its name says elsewhere.
    /// Returns whether it is a word for an outcome.
    pub(super) fn take_word(&mut self, name: &str, text: &str) -> bool {
        let known = [&FAILED[..], &BROKEN, &SKIPPED, &PASSED];
        let known = !text.is_empty() && known.iter().any(|words| words.contains(&text));
        if known {
            self.words.push((name.to_owned(), text.to_owned()));
        }
        known
    }
}

const FAILED: [&str; 3] = ["fail", "failed", "failure"];
const BROKEN: [&str; 2] = ["error", "broken"];
const SKIPPED: [&str; 12] = [
    "notrun",
    "disabled",
    "ignored",
    "suppressed",
    "skipped",
    "skip",
    "pending",
    "notexecuted",
    "not_run",
    "not-run",
    "todo",
    "blocked",
];

/// Words of the attributes `status` and `result` that say nothing bad.
const PASSED: [&str; 9] = [
    "",
    "run",
    "completed",
    "passed",
    "pass",
    "success",
    "successful",
    "ok",
    "true",
];

#[cfg(test)]
mod tests {
    use super::*;
    use quick_xml::events::BytesStart;

    fn outcome(kind: Kind, message: Option<&str>, text: &str) -> Outcome {
        let mut outcome = Outcome::new(kind, Attributes::default());
        outcome.message = message.map(str::to_owned);
        outcome.text.text = text.to_owned();
        outcome
    }

    #[test]
    fn a_failure_wins() {
        let mut case = Case::default();
        assert_eq!(case.status(), Status::Passed);
        for (kind, status) in [
            (Kind::Flaky(Status::Broken), Status::Passed),
            (Kind::Skipped, Status::Skipped),
            (Kind::Error, Status::Broken),
            (Kind::Failure, Status::Failed),
        ] {
            case.outcomes.push(outcome(kind, None, ""));
            assert_eq!(case.status(), status, "{kind:?}");
        }
    }

    #[test]
    fn a_todo_that_fails_is_skipped() {
        let mut todo = outcome(Kind::Skipped, Some("true"), "");
        todo.exception = Some("todo".to_owned());
        assert_eq!(todo.message_and_trace().0.as_deref(), Some("todo"));
        let case = Case {
            outcomes: vec![todo, outcome(Kind::Failure, Some("t"), "")],
            ..Case::default()
        };
        assert_eq!(case.status(), Status::Skipped);
    }

    #[test]
    fn attributes_decide_without_a_child() {
        let status = |tag: &str| {
            let tag = format!("testcase {tag}");
            let attributes = Attributes::of(&BytesStart::from_content(tag.as_str(), 8));
            Case {
                attributes,
                ..Case::default()
            }
            .status()
        };
        assert_eq!(status("status='run' result='completed'"), Status::Passed);
        assert_eq!(
            status("status='notrun' result='suppressed'"),
            Status::Skipped
        );
        assert_eq!(status("status='FAILED'"), Status::Failed);
        assert_eq!(status("outcome='Failed'"), Status::Failed);
        assert_eq!(status("success='False'"), Status::Unknown);
        assert_eq!(status("failures='1'"), Status::Unknown);
        assert_eq!(status("failures='0' state='CA' passed='1'"), Status::Passed);
        assert_eq!(status("result=\"error\""), Status::Broken);
        assert_eq!(status("outcome='skipped'"), Status::Skipped);
        assert_eq!(status("failure='boom'"), Status::Failed);
        assert_eq!(status("failure='false'"), Status::Passed);
        assert_eq!(status(""), Status::Passed);
    }

    #[test]
    fn a_child_may_say_what_an_attribute_says() {
        let mut case = Case::default();
        assert!(!case.take_word("result", "42 items"));
        assert!(!case.take_word("result", ""));
        assert_eq!(case.status(), Status::Passed);
        assert!(case.take_word("result", "failed"));
        assert_eq!(case.status(), Status::Failed);
        assert!(case.take_word("result", "passed"));
        assert_eq!(case.status(), Status::Passed);
    }

    #[test]
    fn messages_come_from_where_there_are_any() {
        let read = |message, text| outcome(Kind::Failure, message, text).message_and_trace();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read(None, "boom"), (some("boom"), None));
        assert_eq!(read(None, "\n a\n  b\n"), (some("a"), some(" a\n  b")));
        assert_eq!(read(Some("m"), "t"), (some("m"), some("t")));
        assert_eq!(
            read(None, "X::y\nwrong\n"),
            (some("wrong"), some("X::y\nwrong"))
        );
        assert_eq!(read(None, ""), (None, None));
    }
}
