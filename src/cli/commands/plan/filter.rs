//! Writing what a test runner is given.

use std::collections::HashSet;
use std::path::PathBuf;

use serde::Serialize;

use crate::base::files;
use crate::base::text::{count, sanitize_line};
use crate::cli::commands::launch::OutputFormat;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;
use crate::exchange::runner::{
    Chosen, Entry, Run, Runner, Runs, Target, Unusable, Wanted, testplan,
};

/// Who is given the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum To {
    /// Allure's testplan.json, for `ALLURE_TESTPLAN_PATH`
    Testplan,
    /// Node ids: `pytest @FILE` (pytest 8.2)
    Pytest,
    /// `xargs -L1 npx jest < FILE`
    Jest,
    /// `xargs -L1 npx vitest < FILE`
    Vitest,
    /// `xargs -L1 npx playwright test < FILE`
    Playwright,
    /// `xargs -L1 cargo nextest run < FILE`
    Nextest,
    /// `xargs -L1 cargo test < FILE`
    Cargo,
    /// `xargs -L1 go test < FILE`
    Go,
    /// `xargs -L1 gradle test < FILE`
    Gradle,
    /// `xargs -L1 mvn test < FILE`
    Maven,
    /// Full names, one a line, for a runner's own hooks
    Names,
}

impl To {
    fn runner(self) -> Option<Runner> {
        match self {
            Self::Testplan | Self::Names => None,
            Self::Pytest => Some(Runner::Pytest),
            Self::Jest => Some(Runner::Jest),
            Self::Vitest => Some(Runner::Vitest),
            Self::Playwright => Some(Runner::Playwright),
            Self::Nextest => Some(Runner::Nextest),
            Self::Cargo => Some(Runner::Cargo),
            Self::Go => Some(Runner::Go),
            Self::Gradle => Some(Runner::Gradle),
            Self::Maven => Some(Runner::Maven),
        }
    }

    /// Whether the runner can be given a test.
    pub(super) fn check(self, target: &Target) -> Result<(), Unusable> {
        self.runner().map_or(Ok(()), |runner| runner.check(target))
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Testplan => "testplan",
            Self::Names => "names",
            _ => self.runner().map_or("", Runner::as_str),
        }
    }
}

/// Where a filter goes, and how complete it has to be.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct FilterArgs {
    /// Write into this file; where there is nothing to run, or not all, it is removed
    #[arg(short, long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Write what can be run also where some of it can't
    #[arg(long)]
    pub(super) allow_partial: bool,
    /// jest, vitest: one run for all files, though a name counts in all of them
    #[arg(long)]
    pub(super) together: bool,
}

/// Tests on the way to a runner.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) to: To,
    pub(super) chosen: Chosen,
    /// Cases that people execute.
    pub(super) manual: Vec<String>,
}

/// What a runner is given, for programs; its keys stay.
#[derive(Debug, Serialize)]
struct View<'a> {
    to: &'static str,
    /// Full names.
    tests: Vec<&'a str>,
    /// One list of arguments a run, not quoted.
    runs: Vec<&'a [String]>,
    entries: &'a [Entry],
    manual: &'a [String],
    left: Vec<Left<'a>>,
}

#[derive(Debug, Serialize)]
struct Left<'a> {
    case: &'a str,
    reason: &'a str,
}

impl Filter {
    pub(super) fn new(to: To) -> Self {
        Self {
            to,
            chosen: Chosen::default(),
            manual: Vec::new(),
        }
    }

    /// Adds the tests of a case.
    pub(super) fn add(&mut self, wanted: &Wanted<'_>) {
        match (self.to, self.to.runner()) {
            (_, Some(runner)) => self.chosen.add(runner, wanted),
            (To::Testplan, _) => self.chosen.add_entries(wanted),
            _ => self.add_names(wanted),
        }
    }

    fn add_names(&mut self, wanted: &Wanted<'_>) {
        let known = wanted.selectors.is_empty();
        let names = if known {
            wanted.known
        } else {
            wanted.selectors
        };
        let (good, bad): (Vec<&String>, Vec<&String>) =
            names.iter().partition(|name| !name.contains(['\n', '\r']));
        for name in bad {
            let reason = format!("`{}`: it has a line break", sanitize_line(name));
            self.chosen.left.push((wanted.id.to_owned(), reason));
        }
        if names.is_empty() {
            let reason = "it has no selector, and no result says what its test is called";
            self.chosen
                .left
                .push((wanted.id.to_owned(), reason.to_owned()));
        }
        let targets = good.into_iter().map(|name| Target {
            full_name: name.clone(),
            name: None,
            project: None,
        });
        self.chosen.targets.extend(targets);
    }

    /// Writes the filter, or says why there is none.
    pub(super) fn finish(
        mut self,
        ui: &mut Ui,
        ctx: &Context,
        args: &FilterArgs,
        format: OutputFormat,
    ) -> Result<Exit, CommandError> {
        self.chosen.targets.sort();
        self.chosen.targets.dedup();
        // Results of one test in two environments have one reason.
        for told in [&mut self.chosen.left, &mut self.chosen.ignored] {
            let mut seen = HashSet::new();
            told.retain(|one| seen.insert(one.clone()));
        }
        self.tell(ui);
        let is_partial = !self.chosen.left.is_empty();
        if is_partial && !args.allow_partial {
            let many = count(self.chosen.left.len() as u64, "reason");
            ui.say(
                "error",
                &format!("not all of it can be run, for {many}; no filter is written"),
            );
            ui.hint("give the cases selectors; where they are another runner's, write the rest with `--allow-partial`");
            remove(ctx, args)?;
            return Ok(Exit::Findings);
        }
        if self.chosen.is_empty() {
            ui.say(
                "error",
                "there is nothing to run; no filter is written, since with an empty one a runner runs everything",
            );
            remove(ctx, args)?;
            return Ok(Exit::Findings);
        }
        let (text, runs) = self.written(args, format)?;
        match &args.out {
            None => ui.out_raw(text),
            Some(path) => files::write_atomic(&ctx.resolve(path), text.as_bytes())?,
        }
        ui.status(self.summary(runs));
        Ok(Exit::Fine)
    }

    /// Says which cases are not in the filter, and why.
    fn tell(&self, ui: &mut Ui) {
        for (case, reason) in &self.chosen.left {
            ui.say("error", &format!("`{case}` can't be run: {reason}"));
        }
        for (case, reason) in &self.chosen.ignored {
            ui.warn(format!("a selector of `{case}` is left out: {reason}"));
        }
        if !self.manual.is_empty() {
            let cases = count(self.manual.len() as u64, "manual case");
            ui.status(format!("{cases} left to people"));
        }
    }

    fn summary(&self, runs: usize) -> String {
        let to = self.to.as_str();
        match self.to {
            To::Testplan => {
                let tests: std::collections::BTreeSet<_> = self
                    .chosen
                    .entries
                    .iter()
                    .map(|entry| &entry.selector)
                    .collect();
                format!("{} in testplan.json", count(tests.len() as u64, "test"))
            }
            To::Names => count(self.chosen.targets.len() as u64, "name"),
            _ => format!(
                "{} for {to}, in {}",
                count(self.chosen.targets.len() as u64, "test"),
                count(runs as u64, "run")
            ),
        }
    }

    fn written(
        &self,
        args: &FilterArgs,
        format: OutputFormat,
    ) -> Result<(String, usize), CommandError> {
        let how = Runs {
            together: args.together,
        };
        let targets = &self.chosen.targets;
        let runs: Vec<Run> = match self.to.runner() {
            Some(runner) => runner.runs(targets, how)?,
            None => Vec::new(),
        };
        let names = || targets.iter().map(|target| target.full_name.as_str());
        let text = match (format, self.to.runner()) {
            (OutputFormat::Json, _) => {
                let left = self.chosen.left.iter();
                let view = View {
                    to: self.to.as_str(),
                    tests: names().collect(),
                    runs: runs.iter().map(|run| run.args.as_slice()).collect(),
                    entries: &self.chosen.entries,
                    manual: &self.manual,
                    left: left.map(|(case, reason)| Left { case, reason }).collect(),
                };
                serde_json::to_string_pretty(&view).expect("plain data") + "\n"
            }
            (_, Some(runner)) => runner.written(&runs),
            (_, None) if self.to == To::Testplan => {
                testplan(&self.chosen.entries).expect("it is not empty")
            }
            (_, None) => names().map(|name| format!("{name}\n")).collect(),
        };
        Ok((text, runs.len()))
    }
}

/// Removes what an earlier run wrote: a filter of something else is worse than none.
pub(super) fn remove(ctx: &Context, args: &FilterArgs) -> Result<(), CommandError> {
    let Some(path) = &args.out else {
        return Ok(());
    };
    match files::remove_file(&ctx.resolve(path)) {
        Err(error) if !error.is_not_found() => Err(error.into()),
        _ => Ok(()),
    }
}
