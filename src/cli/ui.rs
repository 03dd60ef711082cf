//! What a person sees: the answer on stdout; status, warnings, hints and progress on stderr.
//!
//! A closed pipe is no error: writing stops, and the run ends with 0. Text for people is sanitised
//! here, so that no file's content acts on a terminal.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::context::{Context, Vars};
use crate::base::text::{sanitize, sanitize_line};
use crate::diag::render::View;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set; anywhere with `CLICOLOR_FORCE`.
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    /// Decides for one stream. `--color` wins over the environment, `NO_COLOR` over `CLICOLOR_FORCE`.
    fn decide(self, vars: &Vars, is_terminal: bool) -> bool {
        let forced = vars.get("CLICOLOR_FORCE").is_some_and(|v| v != "0");
        // Where no terminal is named nothing is known of it; on Windows none ever is.
        let known = vars.get("TERM").is_some_and(|term| term != "dumb") || cfg!(windows);
        let plain = !known || vars.get("CLICOLOR") == Some("0");
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if vars.get("NO_COLOR").is_some() => false,
            Self::Auto => forced || (is_terminal && !plain),
        }
    }
}

/// Where a command's output goes.
pub struct Ui {
    stdout: Stream,
    stderr: Stream,
    quiet: bool,
    /// Whether progress can be shown.
    live: bool,
}

/// What a command said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) answer: Pipe,
    pub(crate) told: Pipe,
}

/// Text that is written to here and read there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        own.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Stream {
    to: Box<dyn Write + Send>,
    color: bool,
    /// Why writing stopped.
    failed: Option<io::Error>,
}

impl Stream {
    fn write(&mut self, text: &str) {
        if self.failed.is_none() {
            self.failed = self.to.write_all(text.as_bytes()).err();
        }
    }

    fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = self.to.flush().err();
        }
    }
}

impl Ui {
    /// Makes the output of this process.
    pub(crate) fn new(color: ColorChoice, quiet: bool, vars: &Vars) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        Self {
            quiet,
            live: stderr.is_terminal() && !quiet && vars.get("TERM") != Some("dumb"),
            stdout: Stream {
                color: color.decide(vars, stdout.is_terminal()),
                to: Box::new(BufWriter::new(stdout)),
                failed: None,
            },
            stderr: Stream {
                color: color.decide(vars, stderr.is_terminal()),
                to: Box::new(stderr),
                failed: None,
            },
        }
    }

    /// Makes output that is kept: what a command says to somebody who sits at no terminal.
    pub(crate) fn kept() -> (Self, Kept) {
        let kept = Kept::default();
        let stream = |to: &Pipe| Stream {
            to: Box::new(to.clone()),
            color: false,
            failed: None,
        };
        let ui = Self {
            quiet: false,
            live: false,
            stdout: stream(&kept.answer),
            stderr: stream(&kept.told),
        };
        (ui, kept)
    }

    /// Writes one line of the answer, for people: what could act on a terminal is escaped.
    pub fn out(&mut self, line: impl AsRef<str>) {
        self.stdout.write(&sanitize(line.as_ref()));
        self.stdout.write("\n");
    }

    /// Writes text of the answer as it is: formats for programs, and what is sanitised already.
    pub fn out_raw(&mut self, text: impl AsRef<str>) {
        self.stdout.write(text.as_ref());
    }

    /// Writes what a CI service gets, and says on stderr what it will not show of it.
    pub(crate) fn view(&mut self, view: View) {
        self.out_raw(view.text);
        if let Some(left_out) = view.left_out {
            self.warn(left_out);
        }
    }

    /// Whether the answer may be coloured.
    pub fn color(&self) -> bool {
        self.stdout.color
    }

    /// Returns how many columns the answer has to itself; `None` where it goes to no terminal.
    pub(crate) fn columns(&self, ctx: &Context) -> Option<usize> {
        io::stdout().is_terminal().then_some(ctx.width)
    }

    /// Says what was done, on stderr. `--quiet` silences it.
    pub fn status(&mut self, line: impl AsRef<str>) {
        if !self.quiet {
            self.stdout.flush();
            self.stderr.write(&sanitize(line.as_ref()));
            self.stderr.write("\n");
        }
    }

    /// Says what may be wrong, on stderr.
    pub fn warn(&mut self, message: impl AsRef<str>) {
        self.say("warning", message.as_ref());
    }

    /// Says what to do next, on stderr.
    pub fn hint(&mut self, message: impl AsRef<str>) {
        self.say("hint", message.as_ref());
    }

    /// Writes `name: message` on stderr, the name in its colour.
    pub(crate) fn say(&mut self, name: &str, message: &str) {
        self.stdout.flush();
        let style = match name {
            "error" => AnsiColor::Red.on_default().bold(),
            "warning" => AnsiColor::Yellow.on_default().bold(),
            "hint" => AnsiColor::Cyan.on_default().bold(),
            _ => Style::new().bold(),
        };
        let name = if self.stderr.color {
            format!("{style}{name}{style:#}")
        } else {
            name.to_owned()
        };
        self.stderr
            .write(&format!("{name}: {}\n", sanitize_line(message)));
    }

    /// Writes text on stderr as it is.
    pub(crate) fn err_raw(&mut self, text: &str, colored: &str) {
        let text = if self.stderr.color { colored } else { text };
        self.stderr.write(text);
    }

    /// Shows that something is going on, from 250 ms on, until the value is dropped.
    pub fn progress(&self, doing: &'static str) -> Progress {
        Progress::start(doing, self.live)
    }

    /// Writes what is buffered, so that another program's output follows it.
    pub(crate) fn flush(&mut self) {
        self.stdout.flush();
        self.stderr.flush();
    }

    /// Writes what is buffered. Returns the error that stopped the answer, a closed pipe apart,
    /// and whether the pipe was closed.
    pub(crate) fn finish(&mut self) -> Finish {
        self.stdout.flush();
        match self.stdout.failed.take() {
            None => Finish::Written,
            Some(e) if e.kind() == io::ErrorKind::BrokenPipe => Finish::PipeClosed,
            Some(e) => Finish::Failed(e),
        }
    }
}

impl std::fmt::Debug for Ui {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui").field("quiet", &self.quiet).finish()
    }
}

/// What became of the answer.
#[derive(Debug)]
pub(crate) enum Finish {
    Written,
    /// Whoever read the answer had enough.
    PipeClosed,
    Failed(io::Error),
}

/// A spinner on stderr that first shows after 250 ms, so that quick commands don't flicker.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    shown: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    const DELAY: Duration = Duration::from_millis(250);

    fn start(doing: &'static str, live: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
        bar.set_style(style.expect("the template is well-formed"));
        bar.set_message(doing);
        let shown = live.then(|| {
            let (done, wait) = mpsc::channel();
            let bar = bar.clone();
            let show = move || {
                if wait.recv_timeout(Self::DELAY) == Err(mpsc::RecvTimeoutError::Timeout) {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                    bar.enable_steady_tick(Duration::from_millis(100));
                }
            };
            (done, std::thread::spawn(show))
        });
        Self { bar, shown }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.shown.take() {
            drop(done);
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_follows_flag_then_environment() {
        let vars = |pairs: &[(&str, &str)]| Vars::from_pairs(pairs);
        let auto = ColorChoice::Auto;
        let xterm = [("TERM", "xterm")];
        assert!(auto.decide(&vars(&xterm), true));
        assert_eq!(auto.decide(&vars(&[]), true), cfg!(windows));
        assert!(!auto.decide(&vars(&[]), false));
        assert!(!auto.decide(&vars(&[("NO_COLOR", "1")]), true));
        assert!(auto.decide(&vars(&[("NO_COLOR", ""), xterm[0]]), true));
        assert!(auto.decide(&vars(&[("CLICOLOR_FORCE", "1")]), false));
        assert!(!auto.decide(&vars(&[("CLICOLOR_FORCE", "0")]), false));
        assert!(!auto.decide(&vars(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]), true));
        assert!(!auto.decide(&vars(&[("TERM", "dumb")]), true));
        assert!(ColorChoice::Always.decide(&vars(&[("NO_COLOR", "1")]), false));
        assert!(!ColorChoice::Never.decide(&vars(&[("CLICOLOR_FORCE", "1")]), true));
    }
}
