//! What is said of a step or of the whole: how it went, and in which words.

use super::{At, Session, Then, paper};
use crate::cli::error::CommandError;
use crate::ledger::manual::{Answer, Draft};
use crate::model::Status;

impl Session<'_> {
    pub(super) fn answer(
        &mut self,
        draft: &mut Draft,
        at: At,
        status: Status,
        words: Option<String>,
    ) -> Result<Then, CommandError> {
        let words = match words {
            Some(words) => match self.clean(&words) {
                Some(words) => Some(words),
                None => return Ok(Then::Go(at)),
            },
            None => None,
        };
        let took = self.elapsed();
        let answer = Some(Answer { status, took });
        let next = match at {
            At::Question(question) => {
                let questions = draft.questions();
                let step = &mut draft.steps[questions[question]];
                step.answer = answer;
                add(&mut step.comment, words);
                match question + 1 < questions.len() {
                    true => At::Question(question + 1),
                    false => At::End,
                }
            }
            At::Whole | At::End => {
                draft.answer = answer;
                add(&mut draft.comment, words);
                At::End
            }
        };
        // One that was gone back to goes on to the first that has no answer.
        let next = match (next, draft.next()) {
            (At::Question(_) | At::End, Some(open)) => At::Question(open),
            (At::Question(_), None) => At::End,
            (next, _) => next,
        };
        draft.back_at = None;
        self.keep(draft)?;
        if matches!(status, Status::Failed | Status::Broken) {
            self.tell_failed(draft, at, next);
        }
        Ok(Then::Go(next))
    }

    /// Says how to go on after a failure, and how to say what it is where nobody did.
    fn tell_failed(&mut self, draft: &mut Draft, at: At, next: At) {
        let words = comment_of(draft, at).is_some();
        let line = match (words, next) {
            (true, At::Question(_)) => {
                "  noted; `stop` skips the rest, or go on with the next step"
            }
            (false, At::Question(_)) => {
                "  what did you see? `back`, then `note WORDS`, says it; `stop` skips the rest, or go on with the next step"
            }
            (false, _) => "  what did you see? `note WORDS` says it",
            (true, _) => return,
        };
        for line in paper::wrapped(line.trim_start(), "  ", self.ctx.width) {
            self.ui.out(line);
        }
    }

    /// Returns what was typed as it may reach the disk; tells of what looks like a secret, and drops it.
    pub(super) fn clean(&mut self, words: &str) -> Option<String> {
        match self.desk.guard.clean(words) {
            Ok(words) => Some(words),
            Err(shape) => {
                self.ui.warn(format!(
                    "that looks like a secret ({shape}), and was not kept"
                ));
                None
            }
        }
    }

    /// Keeps a comment; without words, the lines that follow, up to a point. So what is pasted is taken for nothing
    /// else.
    pub(super) fn note(
        &mut self,
        draft: &mut Draft,
        at: At,
        words: &str,
    ) -> Result<(), CommandError> {
        if !words.is_empty() {
            return self.noted(draft, at, words);
        }
        self.ui
            .out("write or paste lines; one with a point alone ends them");
        while let Some(line) = self.typed(". > ")? {
            match line.trim_end() {
                "." => return Ok(()),
                line => self.noted(draft, at, line)?,
            }
        }
        Ok(())
    }

    fn noted(&mut self, draft: &mut Draft, at: At, words: &str) -> Result<(), CommandError> {
        let Some(words) = self.clean(words) else {
            return Ok(());
        };
        add(comment_of(draft, at), Some(words));
        self.keep(draft)?;
        self.ui.out("  noted");
        Ok(())
    }

    pub(super) fn back(&mut self, draft: &Draft, at: At) -> At {
        let questions = draft.questions().len();
        match at {
            At::Question(0) => {
                self.ui.out("  this is the first step");
                at
            }
            At::Question(question) => At::Question(question - 1),
            At::End if questions > 0 => At::Question(questions - 1),
            At::End | At::Whole => At::Whole,
        }
    }

    pub(super) fn stop(&mut self, draft: &mut Draft) -> Result<At, CommandError> {
        draft.back_at = None;
        let skipped = Answer {
            status: Status::Skipped,
            took: 0,
        };
        for at in draft.questions() {
            let answer = &mut draft.steps[at].answer;
            answer.get_or_insert(skipped);
        }
        if draft.steps.is_empty() {
            draft.answer.get_or_insert(skipped);
        }
        self.keep(draft)?;
        Ok(At::End)
    }
}

fn add(comment: &mut Option<String>, words: Option<String>) {
    let Some(words) = words else { return };
    match comment {
        Some(comment) => {
            comment.push('\n');
            comment.push_str(&words);
        }
        None => *comment = Some(words),
    }
}

fn comment_of(draft: &mut Draft, at: At) -> &mut Option<String> {
    match at {
        At::Question(question) => {
            let step = draft.questions()[question];
            &mut draft.steps[step].comment
        }
        At::Whole | At::End => &mut draft.comment,
    }
}
