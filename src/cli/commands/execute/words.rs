//! What a tester may type.

use crate::model::Status;

/// One line that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A status, and what was seen.
    Answer(Status, Option<String>),
    Note(String),
    Attach(String),
    /// An address that belongs to the result.
    Link(String),
    /// The number of an address of the case.
    Open(Option<usize>),
    Back,
    /// Everything that is not answered yet is skipped.
    Stop,
    Record,
    Later,
    Restart,
    Show,
    Help,
    Quit,
    Nothing,
    Unknown(String),
}

/// Every word with its short form and what it does.
pub(super) const HELP: [(&str, &str); 14] = [
    ("p, pass [WORDS]", "the step went as expected"),
    (
        "f, fail [WORDS]",
        "the product misbehaved; say what you saw",
    ),
    (
        "b, broken [WORDS]",
        "the test could not be executed as it is written",
    ),
    ("s, skip [WORDS]", "the step was not executed"),
    ("k, back", "go back to the step before"),
    (
        "n, note [WORDS]",
        "a comment, added to those before; without words, several lines",
    ),
    ("a, attach PATH", "a copy of a file, as evidence"),
    (
        "o, open [NUMBER]",
        "list the addresses of the case, or open one",
    ),
    (
        "link URL",
        "an address that belongs to the result: an issue, a build",
    ),
    ("stop", "skip all that is not answered yet"),
    ("later", "leave the case for later; answers are kept"),
    (
        "restart",
        "begin the case anew, by the text that it has now",
    ),
    ("show", "show the case again"),
    ("q, quit", "end; the same command goes on here"),
];

impl Typed {
    /// Reads one line.
    pub(super) fn read(line: &str) -> Self {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let words = || Some(rest.to_owned()).filter(|rest| !rest.is_empty());
        match word.to_lowercase().as_str() {
            "" => Self::Nothing,
            "p" | "pass" | "passed" | "ok" => Self::Answer(Status::Passed, words()),
            "f" | "fail" | "failed" => Self::Answer(Status::Failed, words()),
            "b" | "broken" => Self::Answer(Status::Broken, words()),
            "s" | "skip" | "skipped" => Self::Answer(Status::Skipped, words()),
            "n" | "note" => Self::Note(rest.to_owned()),
            "a" | "attach" => Self::Attach(rest.to_owned()),
            "link" => Self::Link(rest.to_owned()),
            "o" | "open" | "links" => Self::Open(rest.parse().ok()),
            "k" | "back" => Self::Back,
            "stop" => Self::Stop,
            "r" | "record" | "y" | "yes" => Self::Record,
            "later" | "l" => Self::Later,
            "restart" => Self::Restart,
            "show" => Self::Show,
            "h" | "help" | "?" => Self::Help,
            "q" | "quit" | "exit" => Self::Quit,
            _ => Self::Unknown(word.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_letters_are_read() {
        let failed = |words: &str| Typed::Answer(Status::Failed, Some(words.to_owned()));
        assert_eq!(Typed::read(" F  no  logo "), failed("no  logo"));
        assert_eq!(Typed::read("pass"), Typed::Answer(Status::Passed, None));
        assert_eq!(Typed::read("open 2"), Typed::Open(Some(2)));
        assert_eq!(Typed::read("open it"), Typed::Open(None));
        assert_eq!(Typed::read(""), Typed::Nothing);
        assert_eq!(Typed::read("psas"), Typed::Unknown("psas".to_owned()));
    }
}
