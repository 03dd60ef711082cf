//! `tallybook defect show`

use serde_json::{Value, json};

use super::{defect_error, object, project_of};
use crate::author;
use crate::base::text::{count, sanitize, sanitize_line};
use crate::cli::commands::launch::{OutputFormat, json as pretty};
use crate::cli::commands::triage::was_closed;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::issues::{Form, SHOWN, address, forms};
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::exchange::tracker::{self, Draft};
use crate::ledger::Launch;
use crate::model::{Defect, Link, Matcher};
use crate::store::{Doc, Project};

/// Show a defect: what it matches, and in which launches it did
///
/// A defect that was closed and matched in a later launch is a recurrence.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook defect show DEF-K4F7QM
  tallybook defect show DEF-K4F7QM --format json")]
pub(super) struct ShowArgs {
    /// The defect's id
    #[arg(value_name = "DEFECT")]
    defect: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

/// How many closed launches are looked through, the latest ones.
const LAUNCHES: usize = 50;
/// How many launches and tests of each are listed.
const LISTED: (usize, usize) = (10, 5);

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &ShowArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let workspace = &loaded.workspace;
    let project = project_of(&workspace.projects, &args.project, workspace, &args.defect)?;
    let doc = author::find_defect(project, &args.defect).map_err(defect_error)?;
    let now = place::now(&snapshot, None, ctx);
    let reader = Reader::new(&place, &snapshot, project, &args.at, now)?;
    let mut launches = reader.open()?;
    launches.reverse();
    let heads = reader.heads.iter().rev().take(LAUNCHES);
    for head in heads {
        launches.push(reader.closed(head)?);
    }
    let mut seen = Vec::new();
    for launch in &launches {
        seen.extend(Seen::of(&place, launch, doc)?);
    }
    let key = project.key().unwrap_or(&project.folder);
    match args.format {
        OutputFormat::Json => {
            let mut shown = object(key, doc);
            if let Value::Object(shown) = &mut shown {
                shown.insert(
                    "launches".to_owned(),
                    seen.iter().map(Seen::object).collect(),
                );
                shown.insert("looked_at".to_owned(), json!(launches.len()));
                let forms = new_issue(project, doc, tracker::LONGEST);
                shown.insert("new_issue".to_owned(), json!(forms));
                let addresses = doc.value.links.iter().map(|link| address(project, link));
                shown.insert("addresses".to_owned(), addresses.collect());
            }
            ui.out_raw(pretty(&shown));
        }
        OutputFormat::Text => ui.out(shown(project, doc, &seen, launches.len())),
    }
    tell_unavailable(ui, snapshot.unavailable());
    let lacks = reader.tell_damages(ui, []);
    Ok(if lacks { Exit::Findings } else { Exit::Fine })
}

/// What a defect matched in one launch.
struct Seen<'a> {
    launch: &'a Launch,
    /// Ids and names.
    results: Vec<(&'a str, &'a str)>,
    /// Whether the defect was closed then.
    recurs: bool,
}

impl<'a> Seen<'a> {
    fn of(
        place: &Place,
        launch: &'a Launch,
        doc: &Doc<Defect>,
    ) -> Result<Option<Self>, CommandError> {
        let own = |defect: &Option<String>| defect.as_ref() == Some(&doc.value.id);
        let outcomes = launch
            .outcomes
            .iter()
            .filter(|outcome| own(&outcome.defect));
        let results: Vec<(&str, &str)> = outcomes
            .map(|outcome| (outcome.id.as_str(), launch.test_name(outcome)))
            .collect();
        if results.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            launch,
            results,
            recurs: was_closed(place, launch, doc)?,
        }))
    }

    fn object(&self) -> Value {
        let results = self.results.iter();
        let results: Vec<Value> = results
            .map(|(id, name)| json!({"id": id, "test": name}))
            .collect();
        json!({
            "id": self.launch.id, "name": self.launch.name,
            "state": if self.launch.closing.is_some() { "closed" } else { "open" },
            "recurrence": self.recurs, "results": results,
        })
    }

    fn lines(&self) -> Vec<String> {
        let results = count(self.results.len() as u64, "result");
        let open = if self.launch.closing.is_none() {
            ", open"
        } else {
            ""
        };
        let recurs = if self.recurs {
            "; a recurrence: it was closed then"
        } else {
            ""
        };
        let mut lines = vec![format!("  {}{open}  {results}{recurs}", self.launch.id)];
        for (id, name) in self.results.iter().take(LISTED.1) {
            lines.push(format!("    {id}  {}", sanitize_line(name)));
        }
        let more = self.results.len().saturating_sub(LISTED.1);
        if more > 0 {
            lines.push(format!("    and {more} more"));
        }
        lines
    }
}

/// Returns forms for an issue of a defect that links none.
fn new_issue(project: &Project, doc: &Doc<Defect>, longest: usize) -> Vec<Form> {
    let defect = &doc.value;
    let is_issue = |link: &Link| link.kind.as_deref() == Some("issue");
    if defect.links.iter().any(is_issue) {
        return Vec::new();
    }
    let mut facts = vec![format!("Defect: {}", defect.id)];
    facts.extend(doc.body().trim().lines().map(str::to_owned));
    let draft = Draft {
        title: &defect.title,
        facts: &facts,
        message: None,
    };
    forms(project, &draft, longest)
}

fn shown(project: &Project, doc: &Doc<Defect>, seen: &[Seen<'_>], looked_at: usize) -> String {
    let defect = &doc.value;
    let mut lines = vec![
        format!("{}  {}", defect.id, sanitize_line(&defect.title)),
        fact("status", defect.status.as_str()),
    ];
    lines.extend(defect.owner.as_deref().map(|owner| fact("owner", owner)));
    for link in &defect.links {
        let address = address(project, link).filter(|url| link.called() != Some(url));
        let shown = link.called().map(|name| match address {
            Some(url) => format!("{name}  {url}"),
            None => name.to_owned(),
        });
        lines.extend(shown.map(|link| fact("link", &link)));
    }
    for form in new_issue(project, doc, SHOWN) {
        lines.push(fact("issue", &format!("{}: {}", form.tracker, form.url)));
    }
    for matcher in &defect.matchers {
        lines.push(fact("matcher", &words(matcher)));
    }
    lines.push(fact("file", &doc.path));
    let body = sanitize(doc.body().trim());
    if !body.is_empty() {
        lines.push(String::new());
        lines.extend(body.lines().map(|line| format!("  {line}")));
    }
    lines.push(String::new());
    let among = count(looked_at as u64, "latest launch");
    if seen.is_empty() {
        lines.push(format!("it matched in none of the {among}"));
        return lines.join("\n");
    }
    let launches = count(seen.len() as u64, "launch");
    lines.push(format!("it matched in {launches}, of the {among}"));
    lines.extend(seen.iter().take(LISTED.0).flat_map(Seen::lines));
    let more = seen.len().saturating_sub(LISTED.0);
    if more > 0 {
        lines.push(format!("  and {}", count(more as u64, "earlier launch")));
    }
    lines.join("\n")
}

fn words(matcher: &Matcher) -> String {
    let regex = |name: &str, pattern: &Option<String>| {
        pattern
            .as_ref()
            .map(|pattern| format!("{name} /{}/", sanitize_line(pattern)))
    };
    let statuses = matcher
        .status
        .iter()
        .map(|status| format!("status {status}"));
    let environment = matcher.environment.iter();
    let environment = environment.map(|(name, value)| format!("{name}={}", sanitize_line(value)));
    let labels = matcher.labels.iter();
    let labels =
        labels.map(|(name, values)| format!("label {name}: {}", sanitize_line(&values.join(", "))));
    let all = [
        regex("message", &matcher.message),
        regex("trace", &matcher.trace),
        regex("full_name", &matcher.full_name),
    ];
    let all = all
        .into_iter()
        .flatten()
        .chain(statuses)
        .chain(environment)
        .chain(labels);
    all.collect::<Vec<_>>().join(", ")
}

fn fact(name: &str, value: &str) -> String {
    format!("  {name:<8} {}", sanitize_line(value))
}
