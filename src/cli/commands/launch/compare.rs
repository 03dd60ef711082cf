//! `tallybook launch compare`

use std::collections::HashMap;

use serde::Serialize;

use super::render::{OutputFormat, json};
use crate::analysis::compare::{Change, Compared, Comparison};
use crate::base::text::{self, count, list, sanitize_line, thousands};
use crate::base::time::human_duration;
use crate::cli::args::NowArgs;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::told::{STATUS, Share, Teller, Told};
use crate::cli::ui::Ui;
use crate::ledger::{Baseline, FoundBaseline, Launch, Reading};
use crate::model::Status;

/// Compare a launch with another one, or with its baseline
///
/// Tests are matched by their case, parameters and declared variables. Variables whose values don't
/// overlap are left out of the match, and that is said. Both launches may be open.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook launch compare 2026-11-22
  tallybook launch compare 2026-11-22-1843 2026-11-15-1841
  tallybook launch compare 2026-11-22-1843 --base 2026-11-15-1841
  tallybook launch compare \"$id\" --format json")]
pub(crate) struct CompareArgs {
    /// The launch: its id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH")]
    launch: String,
    /// What it is held against [default: its baseline]
    #[arg(value_name = "BASE", conflicts_with = "base_option")]
    base: Option<String>,
    /// The same, as `gate` and `report` take it
    #[arg(long = "base", value_name = "LAUNCH")]
    base_option: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// List all tests of long lists
    #[arg(long)]
    all: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

/// How many tests of one kind are listed.
const LISTED: usize = 20;

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &CompareArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let find = |wanted: &str, project: &ProjectArg| {
        place::launch(&place, workspace, &snapshot, wanted, project, &args.at)
    };
    let found = find(&args.launch, &args.project)?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, found.project, &args.at, now)?.lazily();
    let base = match args.base.as_ref().or(args.base_option.as_ref()) {
        Some(wanted) => {
            let own = ProjectArg {
                project: Some(found.project.folder.clone()),
            };
            Some(reader.launch(&find(wanted, &own)?.found)?)
        }
        None => None,
    };
    let launch = reader.launch(&found.found)?;
    let reading = reader.reading(ui, launch, base)?;
    let baseline = reading.baseline.as_ref().map_err(|none| {
        let error = CommandError::usage(format!("there is nothing to compare with: {none}"));
        place::unseen(
            &snapshot,
            error.hint(format!(
                "name the other launch: `tallybook launch compare {} BASE`",
                reading.launch().id
            )),
        )
    })?;
    let files = snapshot.launches.as_ref();
    let tellers = Tellers {
        now: Teller::new(found.project, files, reading.launch(), Some(&reading))?,
        before: Teller::new(found.project, files, &baseline.launch, None)?,
    };
    let view = View::new(&reading, baseline, &tellers);
    let damages = reading.history().damages.iter();
    let damages = damages.chain(&tellers.now.rows().damages);
    let lacks = reader.tell_damages(ui, damages.chain(&tellers.before.rows().damages));
    match args.format {
        OutputFormat::Json => ui.out_raw(json(&view)),
        OutputFormat::Text => {
            let listed = if args.all { usize::MAX } else { LISTED };
            ui.out(view.text(ctx.width, listed));
        }
    }
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}

struct Tellers<'a> {
    before: Teller<'a>,
    now: Teller<'a>,
}

/// What a comparison says, for programs; its keys stay.
#[derive(Debug, Serialize)]
struct View {
    launch: Side,
    base: Side,
    /// How the base was found: `asked`, `named`, `latest` or `alike`.
    found: &'static str,
    counts: Counts,
    in_both: u64,
    pass_rate: Rates,
    left_out: Vec<LeftOut>,
    /// Jobs that one of the launches lacks: it may be partial.
    jobs: Jobs,
    new_failures: Vec<Test>,
    still_failing: Vec<Test>,
    fixed: Vec<Test>,
    newly_skipped: Vec<Test>,
    resumed: Vec<Test>,
    added: Vec<Test>,
    removed: Vec<Test>,
    newly_flaky: Vec<Test>,
    slower: Vec<SlowerTest>,
}

#[derive(Debug, Serialize)]
struct Side {
    id: String,
    name: String,
    project: String,
    state: &'static str,
    commit: Option<String>,
}

/// New failures, and each class of tests; the classes add up to all tests.
#[derive(Debug, Serialize)]
struct Counts {
    new_failures: u64,
    new_failure: u64,
    still_failing: u64,
    fixed: u64,
    newly_skipped: u64,
    resumed: u64,
    added: u64,
    removed: u64,
    same: u64,
    newly_flaky: u64,
    slower: u64,
}

#[derive(Debug, Serialize)]
struct Rates {
    before: Share,
    now: Share,
}

#[derive(Debug, Serialize)]
struct LeftOut {
    variable: String,
    before: Vec<String>,
    now: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Jobs {
    only_before: Vec<String>,
    only_now: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Test {
    /// The class: `new_failure` or `added`, say.
    change: &'static str,
    before: Option<Status>,
    now: Option<Status>,
    /// As of the launch; of the base where the launch has no result.
    #[serde(flatten)]
    result: Told,
}

#[derive(Debug, Serialize)]
struct SlowerTest {
    #[serde(flatten)]
    result: Told,
    /// Milliseconds, of the passed entries before.
    median: u64,
    /// What would still be usual, in milliseconds.
    limit: u64,
    /// How many entries these come from.
    of: usize,
}

impl View {
    fn new(reading: &Reading, baseline: &Baseline, tellers: &Tellers<'_>) -> Self {
        let (launch, comparison) = (reading.launch(), &baseline.comparison);
        let test = |compared: &Compared| test(compared, tellers);
        let of = |change| comparison.of(change).map(test).collect::<Vec<Test>>();
        let newly_flaky = comparison.tests.iter().filter(|test| test.is_newly_flaky());
        let outcomes = launch.outcomes.iter().enumerate();
        let places: HashMap<&str, usize> =
            outcomes.map(|(at, one)| (one.id.as_str(), at)).collect();
        let slower = reading.slower().into_iter().filter_map(|slow| {
            let place = *places.get(slow.outcome.id.as_str())?;
            Some(SlowerTest {
                result: tellers.now.tell(place),
                median: slow.pace.median,
                limit: slow.pace.limit,
                of: slow.pace.of,
            })
        });
        let slower: Vec<SlowerTest> = slower.collect();
        let (before, now) = comparison.pass_rates();
        Self {
            launch: side(launch),
            base: side(&baseline.launch),
            found: match baseline.found {
                FoundBaseline::Asked => "asked",
                FoundBaseline::Named => "named",
                FoundBaseline::Latest => "latest",
                FoundBaseline::Alike => "alike",
            },
            counts: counts(comparison, slower.len() as u64),
            in_both: comparison.in_both(),
            pass_rate: Rates {
                before: before.into(),
                now: now.into(),
            },
            left_out: left_out(comparison),
            jobs: jobs(&baseline.launch, launch),
            new_failures: comparison.new_failures().map(test).collect(),
            still_failing: of(Change::StillFailing),
            fixed: of(Change::Fixed),
            newly_skipped: of(Change::NewlySkipped),
            resumed: of(Change::Resumed),
            added: of(Change::Added),
            removed: of(Change::Removed),
            newly_flaky: newly_flaky.map(test).collect(),
            slower,
        }
    }

    fn text(&self, width: usize, listed: usize) -> String {
        let mut lines = vec![
            format!(
                "{} against {}{}",
                named(&self.launch),
                named(&self.base),
                self.how()
            ),
            self.sentence(),
            String::new(),
        ];
        lines.extend(self.facts());
        let kinds: [(&str, &[Test]); 8] = [
            ("new failures", &self.new_failures),
            ("still failing", &self.still_failing),
            ("fixed", &self.fixed),
            ("newly flaky", &self.newly_flaky),
            ("newly skipped", &self.newly_skipped),
            ("no longer skipped", &self.resumed),
            ("added", &self.added),
            ("removed", &self.removed),
        ];
        for (title, tests) in kinds {
            let results: Vec<&Told> = tests.iter().map(|test| &test.result).collect();
            lines.extend(section(title, &results, width, listed, |_| None));
        }
        let results: Vec<&Told> = self.slower.iter().map(|slow| &slow.result).collect();
        lines.extend(section("slower", &results, width, listed, |at| {
            let SlowerTest {
                median, of, result, ..
            } = &self.slower[at];
            let now = human_duration(result.duration.unwrap_or_default());
            Some(format!(
                "{now}, usually {} (median of {of})",
                human_duration(*median)
            ))
        }));
        lines.join("\n")
    }

    fn how(&self) -> &'static str {
        match self.found {
            "named" => ", the baseline that it names",
            "latest" => ", the latest one before it of the same branch and name",
            "alike" => ", the latest one before it of the same branch and name, numbers apart",
            _ => "",
        }
    }

    /// The counts that are not zero.
    fn sentence(&self) -> String {
        let counts = &self.counts;
        let new = text::plural(counts.new_failures, "new failure");
        let parts = [
            (counts.still_failing, "still failing"),
            (counts.fixed, "fixed"),
            (counts.newly_flaky, "newly flaky"),
            (counts.newly_skipped, "newly skipped"),
            (counts.resumed, "no longer skipped"),
            (counts.added, "added"),
            (counts.removed, "removed"),
            (counts.slower, "slower"),
        ];
        let parts = parts.into_iter().filter(|(n, _)| *n > 0);
        let rest: String = parts
            .map(|(n, what)| format!(", {} {what}", thousands(n)))
            .collect();
        match counts.new_failures {
            0 => format!("no new failures{rest}"),
            n => format!("{} {new}{rest}", thousands(n)),
        }
    }

    fn facts(&self) -> Vec<String> {
        let share = |share: &Share| match share.value {
            // Cut, as everywhere: nothing reads as 100% that is not.
            Some(value) => format!(
                "{:.1}% ({} of {})",
                (value * 1000.0).floor() / 10.0,
                share.part,
                share.of
            ),
            None => "nothing to count".to_owned(),
        };
        let mut facts = vec![
            fact("in both", &count(self.in_both, "test")),
            fact(
                "pass rate of these",
                &format!(
                    "{} before, {} now",
                    share(&self.pass_rate.before),
                    share(&self.pass_rate.now)
                ),
            ),
        ];
        for left in &self.left_out {
            facts.push(fact(
                "left out",
                &format!(
                    "variable `{}`: {} before, {} now",
                    left.variable,
                    list(&left.before, "and"),
                    list(&left.now, "and")
                ),
            ));
        }
        for (jobs, when) in [
            (&self.jobs.only_before, "now"),
            (&self.jobs.only_now, "before"),
        ] {
            if !jobs.is_empty() {
                facts.push(fact(
                    "partial",
                    &format!(
                        "{when} without {} {}",
                        text::plural(jobs.len() as u64, "job"),
                        list(jobs, "and")
                    ),
                ));
            }
        }
        facts
    }
}

fn fact(name: &str, value: &str) -> String {
    format!("{name:<20}{}", sanitize_line(value))
}

fn named(side: &Side) -> String {
    let state = match side.state {
        "open" => ", open",
        _ => "",
    };
    format!(
        "{} ({}/{}{state})",
        sanitize_line(&side.name),
        side.project,
        side.id
    )
}

fn section(
    title: &str,
    results: &[&Told],
    width: usize,
    listed: usize,
    more: impl Fn(usize) -> Option<String>,
) -> Vec<String> {
    if results.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new(), format!("{title} ({})", results.len())];
    let shown = || results.iter().take(listed);
    let column = shown().map(|told| told.standing().len()).max();
    let column = column.unwrap_or_default().max(STATUS);
    for (at, told) in shown().enumerate() {
        let told = told.lines(width, column).into_iter();
        lines.extend(told.map(|line| format!("  {line}")));
        lines.extend(more(at).map(|line| format!("  {:column$} {line}", "")));
    }
    if results.len() > listed {
        let rest = thousands((results.len() - listed) as u64);
        lines.push(format!("  and {rest} more: `--all` lists them"));
    }
    lines
}

fn side(launch: &Launch) -> Side {
    Side {
        id: launch.id.clone(),
        name: launch.name.clone(),
        project: launch.project.clone(),
        state: if launch.closing.is_some() {
            "closed"
        } else {
            "open"
        },
        commit: launch.source.commit.clone(),
    }
}

fn test(compared: &Compared, tellers: &Tellers<'_>) -> Test {
    let result = match (compared.now, compared.before) {
        (Some(now), _) => tellers.now.tell(now.outcome()),
        (None, Some(before)) => tellers.before.tell(before.outcome()),
        (None, None) => unreachable!("a compared test has a result in one of the launches"),
    };
    Test {
        change: compared.change.as_str(),
        before: compared.before.map(|entry| entry.status),
        now: compared.now.map(|entry| entry.status),
        result,
    }
}

fn counts(comparison: &Comparison, slower: u64) -> Counts {
    let count = |change| comparison.count(change);
    let newly_flaky = comparison.tests.iter().filter(|test| test.is_newly_flaky());
    Counts {
        new_failures: comparison.new_failures().count() as u64,
        new_failure: count(Change::NewFailure),
        still_failing: count(Change::StillFailing),
        fixed: count(Change::Fixed),
        newly_skipped: count(Change::NewlySkipped),
        resumed: count(Change::Resumed),
        added: count(Change::Added),
        removed: count(Change::Removed),
        same: count(Change::Same),
        newly_flaky: newly_flaky.count() as u64,
        slower,
    }
}

fn left_out(comparison: &Comparison) -> Vec<LeftOut> {
    let left_out = comparison.left_out.iter().map(|left| LeftOut {
        variable: left.variable.clone(),
        before: left.before.clone(),
        now: left.now.clone(),
    });
    left_out.collect()
}

fn jobs(before: &Launch, now: &Launch) -> Jobs {
    let names = |launch: &Launch| {
        let jobs = launch.jobs.iter().filter(|job| job.rows > 0);
        jobs.map(|job| job.name.clone())
            .collect::<std::collections::BTreeSet<String>>()
    };
    let (before, now) = (names(before), names(now));
    Jobs {
        only_before: before.difference(&now).cloned().collect(),
        only_now: now.difference(&before).cloned().collect(),
    }
}
