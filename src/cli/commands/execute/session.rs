//! The questions and answers of one sitting.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use std::time::Instant;

use super::paper;
use super::words::{HELP, Typed};
use crate::analysis::executed::{executed_text, shared};
use crate::base::files;
use crate::base::text::{closest, sanitize_line};
use crate::cli::commands::launch::Desk;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::ui::Ui;
use crate::ledger::manual::{Answer, Asked, Draft, DraftFile, Drafts, Manual, begin, record};
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
        let known = self.drafts.read(id, self.who)?;
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
        let all = draft.steps.iter().filter(|step| step.depth == 0).count();
        let (lines, prompt) = match at {
            At::Question(question) => {
                let step = &draft.steps[draft.questions()[question]];
                (
                    paper::step(step, all, self.ctx.width),
                    "[p]ass [f]ail [b]roken [s]kip bac[k] [n]ote [a]ttach [o]pen [h]elp",
                )
            }
            At::Whole => (
                vec![
                    String::new(),
                    "the case has no steps: how did it go?".to_owned(),
                ],
                "[p]ass [f]ail [b]roken [s]kip [n]ote [a]ttach [o]pen [h]elp",
            ),
            At::End => (
                end(draft, self.ctx.width),
                "[r]ecord bac[k] [n]ote [a]ttach link, or a status for the whole",
            ),
        };
        for line in lines {
            self.ui.out(line);
        }
        let clock = paper::clock(draft.worked + self.elapsed());
        self.ui.out_raw(format!("{clock}  {prompt} > "));
        self.ui.flush();
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).map_err(|error| {
            CommandError::from(error).hint("answers are read from the terminal, or from a pipe")
        })?;
        // A terminal shows the line break that was typed, and a pipe does not.
        if read > 0 && !io::stdin().is_terminal() {
            self.ui.out("");
        }
        Ok((read > 0).then_some(line))
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
        self.drafts.save(draft)?;
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
            Typed::Back => return Ok(Then::Go(self.back(draft, at))),
            Typed::Stop => return Ok(Then::Go(self.stop(draft)?)),
            Typed::Record if at == At::End => {
                draft.finished = true;
                self.keep(draft)?;
                return self.record(draft).map(Then::Left);
            }
            Typed::Nothing if at == At::End => self.ui.out("type `record` to record it"),
            Typed::Record => self
                .ui
                .out("not all is answered yet; `stop` skips the rest"),
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
                    self.ui.out(format!("  {word:<18} {does}"));
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

    fn answer(
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
        self.keep(draft)?;
        if matches!(status, Status::Failed | Status::Broken) && matches!(next, At::Question(_)) {
            self.ui
                .out("  noted; `stop` skips the rest, or go on with the next step");
        }
        Ok(Then::Go(next))
    }

    /// Returns what was typed as it may reach the disk; tells of what looks like a secret, and drops it.
    fn clean(&mut self, words: &str) -> Option<String> {
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

    fn note(&mut self, draft: &mut Draft, at: At, words: &str) -> Result<(), CommandError> {
        if words.is_empty() {
            self.ui
                .out("write the comment behind it: `note the logo is missing`");
            return Ok(());
        }
        let Some(words) = self.clean(words) else {
            return Ok(());
        };
        add(comment_of(draft, at), Some(words));
        self.keep(draft)?;
        self.ui.out("  noted");
        Ok(())
    }

    fn attach(&mut self, draft: &mut Draft, at: At, typed: &str) -> Result<(), CommandError> {
        let path = typed.trim_matches(['"', '\'']);
        if path.is_empty() {
            self.ui.out("name the file: `attach pictures/basket.png`");
            return Ok(());
        }
        let full: PathBuf = match (path.strip_prefix("~/"), self.ctx.vars.get("HOME")) {
            (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
            _ => self.ctx.started.join(path),
        };
        let shown = sanitize_line(path);
        let size = match full.metadata() {
            Ok(found) if found.is_file() => found.len(),
            Ok(_) => {
                self.ui.warn(format!("`{shown}` is no file"));
                return Ok(());
            }
            Err(_) => {
                self.ui.warn(format!("`{shown}` is not there"));
                return Ok(());
            }
        };
        let most = self.manual.keep.attachment_size;
        if size > most {
            let (size, most) = (
                crate::base::text::bytes(size),
                crate::base::text::bytes(most),
            );
            self.ui.warn(format!(
                "`{shown}` has {size}, and the project keeps {most} of a file"
            ));
            return Ok(());
        }
        let bytes = match files::read(&full) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.ui
                    .warn(format!("`{shown}` can't be read: {}", error.source));
                return Ok(());
            }
        };
        let bytes = match self.desk.guard.clean_file(bytes) {
            Ok(bytes) => bytes,
            Err(shape) => {
                self.ui.warn(format!(
                    "`{shown}` has what looks like a secret ({shape}), and was not kept"
                ));
                return Ok(());
            }
        };
        let name = full
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let file = self.drafts.attach(&name, &bytes)?;
        files_of(draft, at).push(file);
        self.keep(draft)?;
        self.ui.out(format!("  attached {}", sanitize_line(&name)));
        Ok(())
    }

    fn link(&mut self, draft: &mut Draft, address: &str) -> Result<(), CommandError> {
        let is_address = address.starts_with("https://") || address.starts_with("http://");
        if !is_address || address.contains(char::is_whitespace) {
            self.ui
                .out("a link is a web address: `link https://tracker.example.com/WEB-812`");
            return Ok(());
        }
        let Some(address) = self.clean(address) else {
            return Ok(());
        };
        draft.links.push(address);
        self.keep(draft)?;
        self.ui.out("  linked");
        Ok(())
    }

    /// Lists the addresses of a case, or opens one: with the program that `BROWSER` names, else it is shown.
    fn open(&mut self, draft: &Draft, number: Option<usize>) -> Result<(), CommandError> {
        let project = self.desk.project()?;
        let case = project.case(&draft.case).map(|doc| &doc.value);
        let addresses = paper::addresses(case, draft);
        if addresses.is_empty() {
            self.ui.out("  the case has no addresses");
            return Ok(());
        }
        let Some(number) = number else {
            for (at, address) in addresses.iter().enumerate() {
                self.ui.out(format!("  {}  {address}", at + 1));
            }
            self.ui.out("  `open NUMBER` opens one");
            return Ok(());
        };
        let Some(address) = number.checked_sub(1).and_then(|at| addresses.get(at)) else {
            self.ui
                .out(format!("  there are {} addresses", addresses.len()));
            return Ok(());
        };
        let started = self.ctx.vars.get("BROWSER").map(|program| {
            std::process::Command::new(program)
                .arg(address)
                .stdin(std::process::Stdio::null())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
        });
        match started {
            Some(Ok(_)) => self.ui.out(format!("  opened {address}")),
            Some(Err(_)) => self.ui.warn(format!(
                "the program that `BROWSER` names does not start; open {address}"
            )),
            None => self.ui.out(format!("  open {address}")),
        }
        Ok(())
    }

    fn back(&mut self, draft: &Draft, at: At) -> At {
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

    fn stop(&mut self, draft: &mut Draft) -> Result<At, CommandError> {
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

    /// Records what is finished; the draft goes when it is part of the launch.
    fn record(&mut self, draft: &Draft) -> Result<Left, CommandError> {
        let executed = draft.executed(&self.drafts);
        let recorded = record(&self.manual, &executed).map_err(|error| {
            CommandError::from(error).hint("what you answered is kept: the same command goes on")
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
    match draft.next() {
        Some(question) => At::Question(question),
        None if draft.questions().is_empty() && draft.answer.is_none() => At::Whole,
        None => At::End,
    }
}

/// Everything that is answered, in one line a step.
fn end(draft: &Draft, columns: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    for step in &draft.steps {
        let Some(answer) = &step.answer else { continue };
        let first = format!("  {} {}: ", step.number, answer.status);
        let action = crate::base::text::line(&step.action, 60);
        out.extend(paper::wrapped(&action, &first, columns));
    }
    out.push(format!("result: {}", draft.status()));
    if let Some(comment) = &draft.comment {
        out.extend(paper::wrapped(comment, "noted: ", columns));
    }
    for file in &draft.files {
        out.push(format!("attached: {}", sanitize_line(&file.name)));
    }
    if !draft.postconditions.is_empty() {
        out.extend(paper::wrapped(
            &draft.postconditions,
            "postconditions: ",
            columns,
        ));
    }
    out
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

fn files_of(draft: &mut Draft, at: At) -> &mut Vec<DraftFile> {
    match at {
        At::Question(question) => {
            let step = draft.questions()[question];
            &mut draft.steps[step].files
        }
        At::Whole | At::End => &mut draft.files,
    }
}
