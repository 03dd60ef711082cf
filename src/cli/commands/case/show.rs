//! `tallybook case show`

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::desk::{case_of, case_word};
use super::view::{relations, shown_links};
use crate::analysis::approval::Approvals;
use crate::analysis::matching::{Matcher, selects};
use crate::base::Timestamp;
use crate::base::text::{count, line, sanitize, sanitize_line};
use crate::cli::args::NowArgs;
use crate::cli::commands::history;
use crate::cli::commands::launch::{OutputFormat, json as pretty};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::ledger::{self, Launch};
use crate::model::{Case, Combine, Mute, Status};
use crate::store::{Doc, Project};

/// Show a case: its text, its history, and what is known around it
///
/// The tests that it matches in the latest launches, its history on each branch, the defects and mutes of
/// its failures, its relations from both ends, and how it stands with its reviewers.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case show SHOP-K4F7QM
  tallybook case show SHOP-K4F7QM --at v2.0
  tallybook case show SHOP-K4F7QM --format json")]
pub(super) struct ShowArgs {
    /// The case's id, or its file
    #[arg(value_name = "CASE")]
    case: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    #[command(flatten)]
    now: NowArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

/// How many launches are looked through for tests and defects, the latest ones.
const LAUNCHES: usize = 10;
/// How many tests are listed.
const TESTS: usize = 20;

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &ShowArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let (project, doc) = case_of(&loaded, &case_word(ctx, &place, &args.case)?, &args.project)?;
    let now = place::now(&snapshot, args.now.now, ctx);
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let launches = latest(&reader)?;
    let seen = Seen::of(project, doc, &launches);
    let history = history::of_case(ui, &reader, &doc.value.id)?;
    let around = Around {
        project,
        doc,
        seen: &seen,
        now,
    };
    match args.format {
        OutputFormat::Json => {
            let mut object = around.object();
            object["history"] = history.json()?;
            object["looked_at"] = launches.iter().map(|launch| json!(launch.id)).collect();
            ui.out_raw(pretty(&object));
        }
        OutputFormat::Text => {
            around.show(ui, launches.len());
            ui.out("\nhistory");
            history.show(ui);
        }
    }
    tell_unavailable(ui, snapshot.unavailable());
    let lacks = reader.tell_damages(ui, history.damages());
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}

/// Returns the latest launches, newest first: those that are open here, then closed ones.
fn latest(reader: &Reader<'_>) -> Result<Vec<Launch>, CommandError> {
    let mut out = reader.open()?;
    out.reverse();
    let superseded = ledger::superseded(&reader.heads);
    let heads = reader.heads.iter().rev();
    let heads = heads.filter(|head| !superseded.contains(head.file.id.as_str()));
    for head in heads.take(LAUNCHES) {
        out.push(reader.closed(head)?);
    }
    Ok(out)
}

/// A test that a case matches, as the latest launch with it has it.
#[derive(Debug, Serialize)]
struct SeenTest {
    name: String,
    full_name: Option<String>,
    status: Status,
    results: usize,
    launch: String,
}

/// What the latest launches have of a case.
#[derive(Debug, Default)]
struct Seen {
    tests: Vec<SeenTest>,
    /// By id: the launches in which failures were linked to it.
    defects: BTreeMap<String, Vec<String>>,
    mutes: BTreeSet<String>,
}

impl Seen {
    fn of(project: &Project, doc: &Doc<Case>, launches: &[Launch]) -> Self {
        let matcher = Matcher::new(project.cases.iter().map(|doc| &doc.value));
        let mut out = Self::default();
        let mut known: BTreeSet<String> = BTreeSet::new();
        for launch in launches {
            let mut tests: BTreeMap<&str, SeenTest> = BTreeMap::new();
            for outcome in &launch.outcomes {
                let identity = launch.tests().get(&outcome.test);
                let stored = outcome.case.as_deref().and_then(|case| project.case(case));
                let is_own = match (stored, identity) {
                    (Some(stored), _) => stored.path == doc.path,
                    (None, Some(identity)) => {
                        matcher
                            .case(&identity.ids, identity.full_name.as_deref())
                            .as_ref()
                            == Some(&doc.value.id)
                    }
                    (None, None) => false,
                };
                if !is_own {
                    continue;
                }
                if let Some(defect) = &outcome.defect {
                    let all = out.defects.entry(defect.clone()).or_default();
                    if !all.contains(&launch.id) {
                        all.push(launch.id.clone());
                    }
                }
                out.mutes.extend(outcome.mute.clone());
                if known.contains(&outcome.test) {
                    continue;
                }
                let test = tests.entry(&outcome.test).or_insert_with(|| SeenTest {
                    name: identity.map_or_else(|| outcome.id.clone(), |one| one.name.clone()),
                    full_name: identity.and_then(|identity| identity.full_name.clone()),
                    status: outcome.status,
                    results: 0,
                    launch: launch.id.clone(),
                });
                test.results += 1;
                test.status = test.status.min(outcome.status);
            }
            known.extend(tests.keys().map(|test| (*test).to_owned()));
            out.tests.extend(tests.into_values());
        }
        out
    }
}

/// A case and what is known around it.
struct Around<'a> {
    project: &'a Project,
    doc: &'a Doc<Case>,
    seen: &'a Seen,
    now: Timestamp,
}

impl Around<'_> {
    /// The mutes that name the case or its tests, or that failures of it had.
    fn mutes(&self) -> Vec<&Mute> {
        let case = &self.doc.value;
        let selectors = &case.automation.selectors;
        let mutes = self.project.mutes.iter().map(|doc| &doc.value);
        let covers = |mute: &&Mute| {
            let named = mute.cases.iter().filter_map(|id| self.project.case(id));
            let mut named = named.map(|doc| &doc.path);
            named.any(|path| *path == self.doc.path)
                || mute.selector.as_ref().is_some_and(|selector| {
                    selectors.contains(selector)
                        || selectors.iter().any(|name| selects(selector, name))
                })
                || self.seen.mutes.contains(&mute.id)
        };
        mutes.filter(covers).collect()
    }

    fn is_held(&self, mute: &Mute) -> bool {
        mute.until.is_some_and(|until| self.now <= until.end())
    }

    /// The keys are what scripts rely on.
    fn object(&self) -> Value {
        let (case, doc) = (&self.doc.value, self.doc);
        let labels = |map: &crate::model::Labels| {
            let pairs = map
                .iter()
                .map(|(name, values)| (name.to_owned(), json!(values)));
            Value::Object(pairs.collect())
        };
        let standing = Approvals::new(self.project).standing(doc);
        let defects = self.seen.defects.iter().map(|(id, launches)| {
            let known = self.project.defects.iter().find(|doc| doc.value.id == *id);
            json!({
                "id": id, "title": known.map(|doc| &doc.value.title),
                "status": known.map(|doc| doc.value.status.as_str()), "launches": launches,
            })
        });
        let defects: Vec<Value> = defects.collect();
        let mutes = self.mutes().into_iter().map(|mute| {
            json!({
                "id": mute.id, "reason": mute.reason, "owner": mute.owner,
                "until": mute.until.map(|until| until.to_string()), "holds": self.is_held(mute),
            })
        });
        let mutes: Vec<Value> = mutes.collect();
        json!({
            "id": case.id, "aliases": case.aliases, "project": self.project.key(), "title": case.title,
            "path": doc.path, "section": doc.section(), "execution": case.execution.as_str(),
            "status": case.status, "layer": case.layer, "severity": case.severity.as_str(),
            "owner": case.owner, "tags": case.tags, "fields": labels(&case.fields), "links": case.links,
            "selectors": case.automation.selectors, "parameters": labels(&case.parameters),
            "combine": case.combine.as_str(), "text": doc.body(),
            "relations": relations(self.project, doc), "matches": self.seen.tests, "defects": defects,
            "mutes": mutes,
            "approval": {"state": standing.state.as_str(), "said": standing.words()},
        })
    }

    fn show(&self, ui: &mut Ui, launches: usize) {
        let (case, doc) = (&self.doc.value, self.doc);
        ui.out(format!(
            "{}  {}",
            sanitize_line(&case.id),
            sanitize_line(&case.title)
        ));
        ui.out(sanitize_line(&doc.path));
        ui.out("");
        for (name, value) in self.fields() {
            if !value.is_empty() {
                ui.out(format!("  {name:<11} {}", sanitize_line(&value)));
            }
        }
        let body = doc.body().trim_matches(['\n', '\r']);
        if !body.trim().is_empty() {
            ui.out("");
            body.lines()
                .for_each(|line| ui.out(sanitize(line.trim_end())));
        }
        let related = relations(self.project, doc);
        section(ui, "relations", related.iter().map(|one| one.line()));
        section(ui, "links", shown_links(self.project, doc));
        let tests = self.seen.tests.iter().take(TESTS).map(|test| {
            let name = test.full_name.as_deref().unwrap_or(&test.name);
            let results = match test.results {
                1 => String::new(),
                n => format!(", {}", count(n as u64, "result")),
            };
            let status = test.status.label();
            format!("{status}{results}  {}  in {}", line(name, 200), test.launch)
        });
        let mut tests: Vec<String> = tests.collect();
        if self.seen.tests.len() > TESTS {
            tests.push(format!("… and {} more", self.seen.tests.len() - TESTS));
        }
        let title = format!("tests in the latest {}", count(launches as u64, "launch"));
        section(ui, &title, tests);
        let defects = self.seen.defects.iter().map(|(id, launches)| {
            let known = self.project.defects.iter().find(|doc| doc.value.id == *id);
            let title = known.map_or("(not here)", |doc| &doc.value.title);
            let status = known.map_or("", |doc| doc.value.status.as_str());
            format!(
                "{} {status}  {}  in {}",
                sanitize_line(id),
                line(title, 120),
                launches[0]
            )
        });
        section(ui, "defects", defects);
        let mutes = self.mutes().into_iter().map(|mute| {
            let until = mute
                .until
                .map(|until| until.to_string())
                .unwrap_or_default();
            let held = if self.is_held(mute) { "" } else { " (expired)" };
            format!(
                "{} until {until}{held}  {}",
                sanitize_line(&mute.id),
                line(&mute.reason, 120)
            )
        });
        section(ui, "mutes", mutes);
    }

    fn fields(&self) -> Vec<(String, String)> {
        let (case, doc) = (&self.doc.value, self.doc);
        let own = |name: &str, value: String| (name.to_owned(), value);
        let optional = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut out = vec![
            own("section", doc.section().join("/")),
            own("execution", case.execution.as_str().to_owned()),
            own("status", case.status.clone()),
            own("layer", optional(&case.layer)),
            own("severity", case.severity.as_str().to_owned()),
            own("owner", optional(&case.owner)),
            own("tags", case.tags.join(", ")),
        ];
        let fields = case.fields.iter();
        out.extend(fields.map(|(name, values)| (line(name, 40), values.join(", "))));
        out.push(own("selectors", case.automation.selectors.join(", ")));
        let parameters = case.parameters.iter();
        out.extend(parameters.map(|(name, values)| (line(name, 40), values.join(", "))));
        if case.combine != Combine::default() {
            out.push(own("combine", case.combine.as_str().to_owned()));
        }
        out.push(own("aliases", case.aliases.join(", ")));
        let standing = Approvals::new(self.project).standing(doc);
        out.push(own("approval", standing.words()));
        out
    }
}

/// A heading and lines below it; nothing where there are none.
fn section(ui: &mut Ui, title: &str, lines: impl IntoIterator<Item = String>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_some() {
        ui.out(format!("\n{title}"));
        lines.for_each(|line| ui.out(format!("  {line}")));
    }
}
