//! `tallybook plan show`

use std::collections::HashMap;

use serde::Serialize;

use super::scope::{Cases, history, readable_plan, ready, tell_wrong};
use crate::analysis::plan::{Excluded, Selection, select};
use crate::analysis::subjects::CaseSubject;
use crate::base::Timestamp;
use crate::base::text::{count, sanitize_line, thousands};
use crate::cli::args::NowArgs;
use crate::cli::commands::launch::OutputFormat;
use crate::cli::commands::query::user;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::{Reader, described};
use crate::cli::side::tell_unavailable;
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::ledger::History;
use crate::model::{Environment, Execution, Plan, Status};
use crate::query;
use crate::store::Doc;

/// Say what a plan selects and why, and what it leaves out
///
/// Each case is shown with its status in the newest closed launch that has a result of it. Ends with
/// 1 where the plan names cases that are not there, or selects nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook plan show smoke
  tallybook plan show smoke --at v2.0 --format json")]
pub(super) struct ShowArgs {
    /// The plan: its file's name without `.yaml`
    #[arg(value_name = "PLAN")]
    plan: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// What a plan says; its keys stay.
#[derive(Debug, Serialize)]
struct View<'a> {
    id: &'a str,
    name: &'a str,
    path: &'a str,
    description: Option<&'a str>,
    query: Option<&'a str>,
    saved: Option<&'a str>,
    exclude_query: Option<&'a str>,
    environments: &'a [Environment],
    assignees: &'a [String],
    counts: Counts,
    history: Past<'a>,
    cases: Vec<Selected<'a>>,
    excluded: Vec<Left<'a>>,
    /// Ids in its lists that no case has.
    unknown: &'a [String],
}

#[derive(Debug, Serialize)]
struct Counts {
    selected: usize,
    automated: usize,
    manual: usize,
    muted: usize,
    excluded: usize,
    unknown: usize,
}

#[derive(Debug, Serialize)]
struct Past<'a> {
    branch: Option<&'a str>,
    launches: usize,
}

#[derive(Debug, Serialize)]
struct Selected<'a> {
    id: &'a str,
    title: &'a str,
    path: &'a str,
    execution: &'static str,
    owner: Option<&'a str>,
    muted: bool,
    why: Vec<&'static str>,
    last: Option<Last<'a>>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Last<'a> {
    status: Status,
    launch: &'a str,
    opened: Timestamp,
}

#[derive(Debug, Serialize)]
struct Left<'a> {
    id: &'a str,
    title: &'a str,
    /// `exclude` or `exclude_query`.
    by: &'static str,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &ShowArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let project = place::project(&loaded.workspace, &args.project)?;
    let doc = readable_plan(&loaded, project, &args.plan)?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let context = query::Context {
        now,
        user: user(ctx, &place, project),
    };
    let ready = match ready(project, &doc.value, &context) {
        Ok(ready) => ready,
        Err(wrong) => return Ok(tell_wrong(ui, &wrong)),
    };
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let past = history(ui, &reader, None)?;
    let cases = Cases::new(&reader, Some(past));
    let past = cases.history.as_ref().expect("it was read");
    let subjects = cases.subjects();
    let selection = select(&ready, &subjects);
    let view = View::new(doc, &selection, &subjects, past);
    let lacks = reader.tell_damages(ui, &past.damages);
    tell_unavailable(ui, snapshot.unavailable());
    match args.format {
        OutputFormat::Json => {
            ui.out_raw(serde_json::to_string_pretty(&view).expect("plain data") + "\n");
        }
        OutputFormat::Text => {
            ui.out(view.text(ui.columns(ctx)));
            ui.status(format!("last status: {}", described(past)));
        }
    }
    let is_fine = selection.unknown.is_empty() && !selection.selected.is_empty() && !lacks;
    Ok(if is_fine { Exit::Fine } else { Exit::Findings })
}

impl<'a> View<'a> {
    fn new(
        doc: &'a Doc<Plan>,
        selection: &'a Selection,
        subjects: &[CaseSubject<'a>],
        past: &'a History,
    ) -> Self {
        let (plan, last) = (&doc.value, last_statuses(past));
        let selected = selection.selected.iter().map(|(at, why)| {
            let subject = &subjects[*at];
            let case = subject.case;
            Selected {
                id: &case.id,
                title: &case.title,
                path: subject.path,
                execution: case.execution.as_str(),
                owner: case.owner.as_deref(),
                muted: subject.muted,
                why: why.iter().map(|why| why.as_str()).collect(),
                last: last.get(case.id.as_str()).copied(),
            }
        });
        let cases: Vec<Selected<'_>> = selected.collect();
        let excluded = selection.excluded.iter().map(|(at, by)| Left {
            id: &subjects[*at].case.id,
            title: &subjects[*at].case.title,
            by: match by {
                Excluded::Listed => "exclude",
                Excluded::Query => "exclude_query",
            },
        });
        let automated = cases
            .iter()
            .filter(|case| case.execution == Execution::Automated.as_str())
            .count();
        Self {
            id: &plan.id,
            name: &plan.name,
            path: &doc.path,
            description: plan.description.as_deref(),
            query: plan.query.as_deref(),
            saved: plan.saved.as_deref(),
            exclude_query: plan.exclude_query.as_deref(),
            environments: &plan.environments,
            assignees: &plan.assignees,
            counts: Counts {
                selected: cases.len(),
                automated,
                manual: cases.len() - automated,
                muted: cases.iter().filter(|case| case.muted).count(),
                excluded: selection.excluded.len(),
                unknown: selection.unknown.len(),
            },
            history: Past {
                branch: past.branch.as_deref(),
                launches: past.earlier(),
            },
            cases,
            excluded: excluded.collect(),
            unknown: &selection.unknown,
        }
    }

    fn text(&self, columns: Option<usize>) -> String {
        let mut lines = vec![format!("{} ({})", sanitize_line(self.name), self.id)];
        lines.extend(self.description.map(|text| text.trim_end().to_owned()));
        lines.push(String::new());
        let environments: Vec<String> = self.environments.iter().map(variables).collect();
        for (name, value) in [
            ("query", self.query.unwrap_or_default().to_owned()),
            ("saved query", self.saved.unwrap_or_default().to_owned()),
            ("without", self.exclude_query.unwrap_or_default().to_owned()),
            ("environments", environments.join("; ")),
            ("assignees", self.assignees.join(", ")),
        ] {
            if !value.is_empty() {
                lines.push(format!("{name:<14}{}", sanitize_line(&value)));
            }
        }
        lines.push(format!("{:<14}{}", "selects", self.sentence()));
        if !self.cases.is_empty() {
            lines.push(String::new());
            lines.push(self.cases_table(columns));
        }
        if !self.excluded.is_empty() {
            lines.extend([String::new(), format!("excluded ({})", self.excluded.len())]);
            for left in &self.excluded {
                lines.push(format!(
                    "  {}  {}  by `{}`",
                    left.id,
                    sanitize_line(left.title),
                    left.by
                ));
            }
        }
        if !self.unknown.is_empty() {
            lines.extend([
                String::new(),
                format!("ids that no case has ({})", self.unknown.len()),
            ]);
            let ids = self.unknown.iter();
            lines.extend(ids.map(|id| format!("  {}", sanitize_line(id))));
        }
        lines.join("\n")
    }

    fn sentence(&self) -> String {
        let counts = &self.counts;
        let mut out = count(counts.selected as u64, "case");
        let parts = [
            (counts.automated, "automated"),
            (counts.manual, "manual"),
            (counts.muted, "muted"),
        ];
        let parts = parts.into_iter().filter(|(n, _)| *n > 0);
        let parts: Vec<String> = parts
            .map(|(n, what)| format!("{} {what}", thousands(n as u64)))
            .collect();
        if !parts.is_empty() {
            out += &format!(": {}", parts.join(", "));
        }
        if self.environments.len() > 1 {
            let times = counts.selected * self.environments.len();
            out += &format!("; {} to do in all environments", thousands(times as u64));
        }
        out
    }

    fn cases_table(&self, columns: Option<usize>) -> String {
        let header = [
            "id",
            "title",
            "execution",
            "why",
            "last status",
            "in launch",
        ];
        let rows = self.cases.iter().map(|case| {
            let muted = if case.muted { ", muted" } else { "" };
            vec![
                case.id.to_owned(),
                case.title.to_owned(),
                format!("{}{muted}", case.execution),
                case.why.join(", "),
                case.last
                    .map_or("never ran".to_owned(), |last| last.status.to_string()),
                case.last
                    .map(|last| last.launch.to_owned())
                    .unwrap_or_default(),
            ]
        });
        table(
            &header.map(str::to_owned),
            &rows.collect::<Vec<_>>(),
            columns,
        )
    }
}

/// `browser=chrome, os=linux`
pub(super) fn variables(environment: &Environment) -> String {
    let pairs = environment.iter();
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join(", ")
}

/// The entry of the newest launch of each case, the worst of several.
fn last_statuses(past: &History) -> HashMap<&str, Last<'_>> {
    let mut newest: HashMap<&str, (usize, Status)> = HashMap::new();
    for track in past.past.tracks.iter() {
        let (Some(case), Some(entry)) = (&track.case, track.entries.last()) else {
            continue;
        };
        let found = (entry.launch(), entry.status);
        let known = newest.entry(case).or_insert(found);
        if found.0 > known.0 || (found.0 == known.0 && found.1 < known.1) {
            *known = found;
        }
    }
    let last = newest.into_iter().map(|(case, (launch, status))| {
        let moment = &past.moments[launch];
        let last = Last {
            status,
            launch: &moment.id,
            opened: moment.opened,
        };
        (case, last)
    });
    last.collect()
}
