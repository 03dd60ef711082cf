//! The questions and answers of one sitting.

mod answers;
mod evidence;
mod input;

use std::io::{self, IsTerminal as _};
use std::time::Instant;

use self::input::Line;

use super::paper;
use super::words::{HELP, Typed};
use crate::analysis::executed::{executed_text, shared};
use crate::base::text::{closest, sanitize_line};
use crate::cli::commands::launch::Desk;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::ui::Ui;
use crate::ledger::manual::{Asked, Draft, DraftError, Drafts, Manual, begin, record};
use crate::model::Status;

/// How the execution of one case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Recorded,
    Later,
    Quit,
}

/// What a sitting came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) recorded: u64,
    /// Something was recorded that could not be pushed.
    pub(super) is_unpushed: bool,
}

pub(super) struct Session<'a> {
    ui: &'a mut Ui,
    ctx: &'a Context,
    desk: &'a Desk,
    manual: Manual<'a>,
    drafts: Drafts,
    who: &'a str,
    remote: Option<&'a str>,
    /// When the last question was asked.
    since: Instant,
    tally: Tally,
}

/// What is asked for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// A step, by its place among the questions.
    Question(usize),
    /// The whole, where there are no steps.
    Whole,
    /// Everything is answered.
    End,
}

/// What a line leads to.
enum Then {
    Go(At),
    Left(Left),
}

impl<'a> Session<'a> {
    pub(super) fn new(
        ui: &'a mut Ui,
        ctx: &'a Context,
        desk: &'a Desk,
        manual: Manual<'a>,
        who: &'a str,
        remote: Option<&'a str>,
    ) -> Self {
        Self {
            drafts: Drafts::new(&desk.state, &desk.id),
            since: Instant::now(),
            tally: Tally::default(),
            ui,
            ctx,
            desk,
            manual,
            who,
            remote,
        }
    }

    pub(super) fn tally(self) -> Tally {
        self.tally
    }

    /// Executes one case until it is recorded or left.
    pub(super) fn execute(
        &mut self,
        id: &str,
        asked: Asked,
        before: Option<Status>,
        place: &str,
    ) -> Result<Left, CommandError> {
        let Some(_held) = self.drafts.hold(id, self.who)? else {
            self.ui.warn(format!(
                "case `{}` is being executed by you in another terminal; it is left out here",
                asked.case
            ));
            return Ok(Left::Later);
        };
        let known = match self.drafts.read(id, self.who) {
            // One that does not read keeps nobody from the others.
            Err(error @ (DraftError::Unreadable { .. } | DraftError::Newer { .. })) => {
                self.ui
                    .warn(format!("case `{}` is left out: {error}", asked.case));
                return Ok(Left::Later);
            }
            known => known?,
        };
        let Some(mut draft) = self.begun(known.clone(), id, &asked)? else {
            self.ui
                .warn(format!("case `{}` is gone; it is left out", asked.case));
            return Ok(Left::Later);
        };
        self.since = Instant::now();
        self.show(&draft, place);
        if let Some(status) = before {
            self.ui.out(format!(
                "  executed before: {status}; this is one more attempt"
            ));
        }
        if let Some(known) = &known {
            self.tell_resumed(known)?;
        }
        if draft.finished {
            // Killed between the last answer and its record: the same record twice is one.
            return self.record(&draft);
        }
        let mut at = position(&draft);
        loop {
            let line = match self.ask(&draft, at)? {
                Some(line) => line,
                // Whoever answered is gone.
                None => {
                    self.ui.out("");
                    return Ok(Left::Quit);
                }
            };
            match self.take(&mut draft, at, Typed::read(&line), (id, &asked, place))? {
                Then::Go(next) => at = next,
                Then::Left(left) => return Ok(left),
            }
        }
    }

    /// Returns the draft that there is, or begins one by the text that the case has now; none where the case is
    /// gone.
    fn begun(
        &self,
        known: Option<Draft>,
        id: &str,
        asked: &Asked,
    ) -> Result<Option<Draft>, CommandError> {
        if let Some(draft) = known {
            return Ok(Some(draft));
        }
        let project = self.desk.project()?;
        let Some(case) = project.case(&asked.case) else {
            return Ok(None);
        };
        let (now, random) = (self.ctx.at_present().now, self.ctx.seed());
        let launch = (self.desk.id.as_str(), id);
        let draft = begin(
            project,
            case,
            launch,
            asked.clone(),
            self.who,
            (now, random),
        );
        Ok(Some(draft))
    }

    fn show(&mut self, draft: &Draft, place: &str) {
        for line in paper::head(draft, place, self.ctx.width) {
            self.ui.out(line);
        }
    }

    /// Says where an execution goes on, and whether its case changed meanwhile.
    fn tell_resumed(&mut self, draft: &Draft) -> Result<(), CommandError> {
        let answered = draft
            .steps
            .iter()
            .filter(|step| step.answer.is_some())
            .count();
        self.ui.out(format!(
            "  begun {}, {answered} answered: it goes on where you left",
            draft.began.long()
        ));
        let project = self.desk.project()?;
        let text = project
            .case(&draft.case)
            .map(|case| executed_text(case, &shared(project)));
        if text.as_ref() != Some(&draft.text) {
            self.ui
                .warn("the case changed since; this goes on with the text by which it was begun");
            self.ui.hint("`restart` begins it anew");
        }
        Ok(())
    }

    /// Shows what is asked, and waits for a line; none at the end of the input.
    fn ask(&mut self, draft: &Draft, at: At) -> Result<Option<String>, CommandError> {
        let columns = self.ctx.width;
        let (lines, keys) = match at {
            At::Question(question) => (
                paper::step(draft, draft.questions()[question], columns),
                "[p]ass [f]ail [b]roken [s]kip bac[k] [n]ote [a]ttach [o]pen [h]elp",
            ),
            At::Whole => (
                vec![
                    String::new(),
                    "the case has no steps: how did it go?".to_owned(),
                ],
                "[p]ass [f]ail [b]roken [s]kip [n]ote [a]ttach [o]pen [h]elp",
            ),
            At::End => (
                paper::end(draft, columns),
                "[r]ecord bac[k] [n]ote [a]ttach link, or a status for the whole",
            ),
        };
        for line in lines.into_iter().chain(paper::wrapped(keys, "", columns)) {
            self.ui.out(line);
        }
        let clock = paper::clock(draft.worked + self.elapsed());
        self.typed(&format!("{clock} > "))
    }

    /// Waits for a line that can be read; none at the end of the input.
    fn typed(&mut self, prompt: &str) -> Result<Option<String>, CommandError> {
        loop {
            self.ui.out_raw(prompt);
            self.ui.flush();
            let line = input::read(&mut io::stdin().lock()).map_err(|error| {
                CommandError::from(error).hint("answers are read from the terminal, or from a pipe")
            })?;
            // A terminal shows the line break that was typed, and a pipe does not.
            if line != Line::End && !io::stdin().is_terminal() {
                self.ui.out("");
            }
            match line {
                Line::Typed(text, is_odd) => {
                    if is_odd {
                        self.ui.warn(
                            "the terminal does not send UTF-8: what could not be read is shown as \u{fffd}",
                        );
                    }
                    return Ok(Some(text));
                }
                Line::TooLong => {
                    let most = crate::base::text::bytes(input::LONGEST);
                    self.ui.warn(format!(
                        "a line has at most {most}: this one was not kept; `attach` takes long texts as files"
                    ));
                }
                Line::End => return Ok(None),
            }
        }
    }

    /// Milliseconds since the last question that was answered.
    fn elapsed(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Counts the time since the last answer, and keeps the draft: when this returns, nothing is lost.
    fn keep(&mut self, draft: &mut Draft) -> Result<u64, CommandError> {
        let took = self.elapsed();
        draft.worked += took;
        self.since = Instant::now();
        self.drafts.save(draft).map_err(|error| {
            CommandError::from(error)
                .hint("what was answered before this is kept: the same command goes on there")
        })?;
        Ok(took)
    }

    fn take(
        &mut self,
        draft: &mut Draft,
        at: At,
        typed: Typed,
        (id, asked, place): (&str, &Asked, &str),
    ) -> Result<Then, CommandError> {
        match typed {
            Typed::Answer(status, words) => return self.answer(draft, at, status, words),
            Typed::Note(words) => self.note(draft, at, &words)?,
            Typed::Attach(path) => self.attach(draft, at, &path)?,
            Typed::Link(address) => self.link(draft, &address)?,
            Typed::Open(number) => self.open(draft, number)?,
            Typed::Back => {
                let to = self.back(draft, at);
                if let (At::Question(question), true) = (to, to != at) {
                    draft.back_at = Some(question);
                    self.keep(draft)?;
                }
                return Ok(Then::Go(to));
            }
            Typed::Stop => return Ok(Then::Go(self.stop(draft)?)),
            Typed::Record if at == At::End => {
                draft.finished = true;
                self.keep(draft)?;
                return self.record(draft).map(Then::Left);
            }
            Typed::Nothing if at == At::End => self.ui.out("type `record` to record it"),
            Typed::Record => self.ui.out(match at {
                At::Question(_) => {
                    "this step is not answered yet: `p`, `f`, `b` or `s`; `stop` skips all that is left"
                }
                At::Whole | At::End => "it is not answered yet: `p`, `f`, `b` or `s`",
            }),
            Typed::Later => {
                if draft.is_touched() {
                    self.keep(draft)?;
                }
                return Ok(Then::Left(Left::Later));
            }
            Typed::Quit => {
                if draft.is_touched() {
                    self.keep(draft)?;
                }
                return Ok(Then::Left(Left::Quit));
            }
            Typed::Restart => {
                self.drafts.remove(draft)?;
                if let Some(anew) = self.begun(None, id, asked)? {
                    *draft = anew;
                }
                self.show(draft, place);
                return Ok(Then::Go(position(draft)));
            }
            Typed::Show => self.show(draft, place),
            Typed::Help => {
                for (word, does) in HELP {
                    let first = format!("  {word:<18} ");
                    for line in paper::wrapped(does, &first, self.ctx.width) {
                        self.ui.out(line);
                    }
                }
            }
            Typed::Nothing => {}
            Typed::Unknown(word) => {
                let known = [
                    "pass", "fail", "broken", "skip", "back", "note", "attach", "open", "record",
                    "later", "quit", "stop", "help",
                ];
                let word = sanitize_line(&word);
                self.ui.out(match closest(&word, known) {
                    Some(near) => format!("`{word}` is no answer; did you mean `{near}`?"),
                    None => format!("`{word}` is no answer; `help` says what is"),
                });
            }
        }
        Ok(Then::Go(at))
    }

    /// Records what is finished; the draft goes when it is part of the launch.
    fn record(&mut self, draft: &Draft) -> Result<Left, CommandError> {
        let executed = draft.executed(&self.drafts);
        let recorded = record(&self.manual, &executed).map_err(|error| {
            let id = &self.desk.id;
            CommandError::from(error).hint(match self.desk.state.is_open(id) {
                true => "what you answered is kept: the same command goes on".to_owned(),
                false => format!(
                    "what you answered is kept: `tallybook execute {id} --late` records it in a follow-up of the \
                     launch"
                ),
            })
        })?;
        self.drafts.remove(draft)?;
        for absent in &recorded.absent {
            self.ui.warn(absent);
        }
        self.ui.out(format!(
            "recorded: {} in {}",
            recorded.status,
            paper::clock(draft.worked)
        ));
        self.tally.recorded += 1;
        if let Err(error) = self.desk.push(self.ui, self.ctx, self.remote) {
            self.tally.is_unpushed = true;
            for (name, text) in error.lines() {
                self.ui
                    .say(if name == "error" { "warning" } else { name }, &text);
            }
        }
        Ok(Left::Recorded)
    }
}

/// Where an execution stands.
fn position(draft: &Draft) -> At {
    let questions = draft.questions().len();
    if let Some(question) = draft.back_at.filter(|question| *question < questions) {
        return At::Question(question);
    }
    match draft.next() {
        Some(question) => At::Question(question),
        None if draft.questions().is_empty() && draft.answer.is_none() => At::Whole,
        None => At::End,
    }
}
