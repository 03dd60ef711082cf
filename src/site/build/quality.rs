//! How good the documentation is: what is missing in it, what went stale, and what `validate` finds.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::project::Context;
use super::requirements::result_href;
use super::sheet::{CASE_COLUMNS, case_cells, frame, verdict};
use super::standing::Standing;
use crate::analysis::trace::{Latest, Stale};
use crate::base::text::{count, thousands};
use crate::diag::Severity;
use crate::model::{Case, Execution};
use crate::site::SiteError;
use crate::site::input::FindingInput;
use crate::site::pages::Writer;
use crate::site::view::sheet::{Cell, CellLink, Sheet, SheetPart, SheetsPage};
use crate::site::view::{Fact, Verdict};
use crate::site::words;
use crate::store::Doc;

/// Places of one rule that are named.
const PLACES: usize = 12;
/// Tests without a case that are named.
const TESTS: usize = 200;

/// The rules that say what an active manual case lacks.
const NO_STEPS: &str = "case-without-steps";
const NO_EXPECTATION: &str = "case-without-expectation";

/// Whether the project has a page of quality.
pub(super) fn is_there(context: &Context<'_>) -> bool {
    context.standing.as_ref().is_some_and(|standing| {
        !standing.documents.cases.is_empty() || !context.project.findings.is_empty()
    })
}

/// One thing to look at: how many of how many, and which.
struct Measure {
    part: SheetPart,
    n: usize,
    label: &'static str,
    of: usize,
    /// Whether its rows are documented cases.
    of_cases: bool,
}

pub(super) fn render(context: &Context<'_>, writer: &mut Writer<'_>) -> Result<(), SiteError> {
    let Some(standing) = context.standing.as_ref().filter(|_| is_there(context)) else {
        return Ok(());
    };
    let path = format!("{}/quality.html", context.folder);
    let measures = measures(context, standing);
    let findings = findings(context);
    let facts = measures.iter().map(|measure| Fact {
        label: measure.label.to_owned(),
        value: format!(
            "{} of {}",
            thousands(measure.n as u64),
            thousands(measure.of as u64)
        ),
        href: (measure.n > 0).then(|| format!("#{}", measure.part.id)),
        ..Fact::default()
    });
    let mut all: Vec<Fact> = facts.collect();
    let n = context.project.findings.len() as u64;
    all.push(Fact {
        label: "findings of validate".to_owned(),
        value: thousands(n),
        href: (n > 0).then(|| "#findings".to_owned()),
        ..Fact::default()
    });
    let verdict = overall(context, standing, &measures);
    let mut parts: Vec<SheetPart> = Vec::new();
    let (unreadable, rules) = findings;
    if !unreadable.sheet.rows.is_empty() {
        parts.push(unreadable);
    }
    let shown = measures.into_iter().filter(|measure| measure.n > 0);
    parts.extend(shown.map(|measure| measure.part));
    parts.push(rules);
    let page = SheetsPage {
        frame: frame(context, writer, (&path, "Quality"), None),
        kind: "quality",
        verdict,
        facts: all,
        parts,
        ..SheetsPage::default()
    };
    writer.page(&path, "sheets.html", &page)
}

fn overall(context: &Context<'_>, standing: &Standing<'_>, measures: &[Measure]) -> Verdict {
    let all = standing.documents.cases.len() as u64;
    let errors = { context.project.findings.iter() }
        .filter(|one| one.severity == Severity::Error)
        .count() as u64;
    // What is said of cases; each row of these tables has the case's id below its title.
    let of_cases = || measures.iter().filter(|measure| measure.of_cases);
    let wanting = { of_cases() }
        .flat_map(|measure| &measure.part.sheet.rows)
        .filter_map(|row| row.cells.first()?.notes.first())
        .collect::<BTreeSet<_>>()
        .len() as u64;
    let which = of_cases().filter(|measure| measure.n > 0);
    let which: Vec<String> = which
        .map(|measure| format!("{} {}", thousands(measure.n as u64), measure.label))
        .collect();
    let which = which.join(", ");
    let detail = "The documentation as it is today, and the results of closed launches.".to_owned();
    let lack = format!(
        "{} of {} want a look",
        thousands(wanting),
        count(all, "documented case")
    );
    match (errors, all, wanting) {
        (1.., 0, _) => verdict("blocked", count(errors, "error"), String::new(), detail),
        (1.., ..) => verdict("blocked", count(errors, "error"), lack, detail),
        (0, 0, _) => verdict(
            "empty",
            "No documented case".to_owned(),
            String::new(),
            detail,
        ),
        (0, all, 0) => verdict(
            "ready",
            format!("Nothing is missing in {}", count(all, "documented case")),
            String::new(),
            detail,
        ),
        (0, ..) => verdict("accounted", lack, which, detail),
    }
}

fn measures(context: &Context<'_>, standing: &Standing<'_>) -> Vec<Measure> {
    let all = &standing.documents.cases;
    let cases = |fits: &dyn Fn(&Doc<Case>) -> bool| -> Vec<&Case> {
        let fitting = all.iter().filter(|doc| fits(doc));
        fitting.map(|doc| &doc.value).collect()
    };
    let of = |cases: &[&Case], name: &str| {
        let mut table = Sheet::new(name, &CASE_COLUMNS);
        for case in cases {
            table.row(case_cells(context, standing, case, ""));
        }
        table
    };
    let findings = context.project.findings.iter();
    let findings: HashSet<(&str, &str)> =
        findings.map(|one| (one.name, one.path.as_str())).collect();
    let found = |rule: &str, doc: &Doc<Case>| findings.contains(&(rule, doc.path.as_str()));
    let ready = all
        .iter()
        .filter(|doc| doc.value.execution == Execution::Manual && doc.value.status == "active");
    let ready = ready.count();
    let manual = cases(&|doc| doc.value.execution == Execution::Manual).len();
    let mut out = Vec::new();
    let mut add = |id: &str, title, label, rows: Vec<&Case>, total, lead: &str, command: &str| {
        let table = of(&rows, title);
        let part = SheetPart::new(title, table).at(id).lead(lead).cut(command);
        out.push(Measure {
            n: rows.len(),
            part,
            label,
            of: total,
            of_cases: true,
        });
    };
    add(
        "owner",
        "Cases without an owner",
        "without an owner",
        cases(&|doc| doc.value.owner.is_none()),
        all.len(),
        "Nobody is asked when they fail or go stale.",
        "tallybook query 'not has owner'",
    );
    add(
        "steps",
        "Manual cases without steps",
        "manual without steps",
        cases(&|doc| found(NO_STEPS, doc)),
        ready,
        "They are active, so that people are asked to execute them, and don't say what to do.",
        "tallybook validate",
    );
    add(
        "expected",
        "Manual cases without an expected result",
        "manual without expectation",
        cases(&|doc| found(NO_EXPECTATION, doc)),
        ready,
        "Two people would judge the same behaviour differently.",
        "tallybook validate",
    );
    add(
        "never",
        "Cases that never ran",
        "never executed",
        cases(&|doc| standing.newest(&doc.value.id).is_none() && doc.value.status != "outdated"),
        all.len(),
        "No closed launch of the branch has a result of them; outdated ones are left out. An automated case needs an id in its test or a selector.",
        "tallybook query 'lastRun() is null'",
    );
    out.push(stale(context, standing, manual));
    out.push(twins(context, standing));
    out.extend(underived(context, standing));
    out
}

/// Manual results that no longer count.
fn stale(context: &Context<'_>, standing: &Standing<'_>, manual: usize) -> Measure {
    let mut table = Sheet::new(
        "Stale manual results",
        &[
            ("Case", "name"),
            ("Owner", "wide"),
            ("Executed", ""),
            ("Why", ""),
        ],
    );
    for doc in &standing.documents.cases {
        let case = &doc.value;
        let latest = standing.results_of(case);
        let all: Vec<&Latest> = latest.iter().filter(|one| one.stale.is_some()).collect();
        let Some(oldest) = all.iter().min_by_key(|one| one.at) else {
            continue;
        };
        let why = match oldest.stale {
            Some(Stale::Age(period)) => format!("older than {period}"),
            _ => "the case's text is another one since".to_owned(),
        };
        let executed = Cell {
            links: all
                .iter()
                .map(|one| CellLink {
                    mark: one.status.as_str(),
                    text: format!("{}, {}", one.status.label(), words::when(one.at).day),
                    href: result_href(context, one),
                    below: false,
                })
                .collect(),
            ..Cell::default()
        };
        table.row([
            Cell::row(&case.title, context.case_href(&case.id, ""))
                .marked("broken")
                .note(&case.id),
            super::sheet::member(context, case.owner.as_deref()),
            executed,
            Cell::text(why),
        ]);
    }
    Measure {
        n: table.rows.len(),
        part: SheetPart::new("Stale manual results", table)
            .at("stale")
            .lead("They cover no requirement until somebody executes the case again; `manual_valid_for` in `project.yaml` says how long a result holds.")
            .cut("tallybook trace --gaps"),
        label: "stale manual results",
        of: manual,
        of_cases: true,
    }
}

/// Cases whose titles are the same, letter case and spaces apart.
fn twins(context: &Context<'_>, standing: &Standing<'_>) -> Measure {
    let mut by_title: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
    for doc in &standing.documents.cases {
        let title = doc.value.title.to_lowercase();
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if !title.is_empty() {
            by_title.entry(title).or_default().push(&doc.value);
        }
    }
    let mut table = Sheet::new("Cases of one title", &CASE_COLUMNS);
    for cases in by_title.values().filter(|cases| cases.len() > 1) {
        for case in cases {
            table.row(case_cells(context, standing, case, ""));
        }
    }
    Measure {
        n: table.rows.len(),
        part: SheetPart::new("Cases of one title", table)
            .at("twins")
            .lead("One of them may be superfluous, or both need words that tell them apart.")
            .cut("tallybook query ''"),
        label: "share a title with another",
        of: standing.documents.cases.len(),
        of_cases: true,
    }
}

/// Automated tests of the latest launch that no case documents.
fn underived(context: &Context<'_>, standing: &Standing<'_>) -> Option<Measure> {
    let number = standing.last()?;
    let launch = &context.project.launches[number];
    let mut by_test: BTreeMap<&str, (&str, u64, usize)> = BTreeMap::new();
    let mut all: BTreeSet<&str> = BTreeSet::new();
    for (at, outcome) in launch.outcomes.iter().enumerate() {
        all.insert(&outcome.test);
        if standing_case(standing, number, at).is_none() && outcome.case.is_none() {
            let test = launch.tests.get(&outcome.test);
            let name = test.map_or(outcome.test.as_str(), |test| test.name.as_str());
            let entry = by_test.entry(&outcome.test).or_insert((name, 0, at));
            entry.1 += 1;
        }
    }
    let n = by_test.len();
    let mut rows: Vec<_> = by_test.into_iter().collect();
    rows.sort_by(|a, b| (a.1.0, a.0).cmp(&(b.1.0, b.0)));
    let mut table = Sheet::new(
        "Tests without a case",
        &[("Test", "name"), ("Full name", "wide"), ("Results", "num")],
    );
    for (test, (name, results, at)) in rows.into_iter().take(TESTS) {
        let outcome = &launch.outcomes[at];
        let full = launch
            .tests
            .get(test)
            .and_then(|test| test.full_name.as_deref());
        let href = context.result_href(number, &outcome.id, "");
        table.row([
            Cell::row(name, Some(href)).marked(outcome.status.as_str()),
            Cell::mono(full.unwrap_or_default()),
            Cell::text(thousands(results)),
        ]);
    }
    let mut part = SheetPart::new("Tests without a case", table)
        .at("derived")
        .lead("Of the latest launch. They count as every other; a case with their id or full name as a selector takes them in.");
    part.count = thousands(n as u64);
    if n > TESTS {
        let href = format!(
            "launches/{}/results.html#q=case:none",
            context.launch_folders[number]
        );
        part = part.rest(TESTS, "All of their results", href);
    }
    Some(Measure {
        n,
        part,
        label: "tests without a case",
        of: all.len(),
        of_cases: false,
    })
}

/// The case of an outcome, by today's documentation.
fn standing_case<'s>(standing: &'s Standing<'_>, launch: usize, outcome: usize) -> Option<&'s str> {
    let at = standing.launches.iter().position(|one| *one == launch)?;
    let track = standing.past.tracks.of(at, outcome);
    track.case.as_deref()
}

/// Files that don't parse, and what `validate` finds by rule.
fn findings(context: &Context<'_>) -> (SheetPart, SheetPart) {
    let all = &context.project.findings;
    let mut unreadable = Sheet::new(
        "Files that can't be read",
        &[("File", "mono"), ("Why", ""), ("Rule", "mid mono")],
    );
    for finding in all.iter().filter(|one| one.unread) {
        unreadable.row([
            Cell::text(place(finding)),
            Cell::text(&finding.message).note(finding.help.as_deref().unwrap_or_default()),
            Cell::text(finding.code),
        ]);
    }
    let mut by_rule: BTreeMap<(Severity, &str, &str), Vec<&FindingInput>> = BTreeMap::new();
    for finding in all {
        let rule = (finding.severity, finding.code, finding.name);
        by_rule.entry(rule).or_default().push(finding);
    }
    let mut rules = Sheet::new(
        "Findings by rule",
        &[
            ("Rule", "name"),
            ("Severity", "mid"),
            ("Findings", "num"),
            ("Where", ""),
        ],
    );
    for ((severity, code, name), findings) in by_rule {
        let mark = match severity {
            Severity::Error => "failed",
            Severity::Warning => "broken",
        };
        let mut places = Cell::default();
        for finding in findings.iter().take(PLACES) {
            places.links.push(CellLink {
                text: format!("{}: {}", place(finding), words::line(&finding.message)),
                href: page_of(context, &finding.path),
                ..CellLink::default()
            });
        }
        let more = findings.len().saturating_sub(PLACES);
        if more > 0 {
            places = places.note(format!("and {} more", thousands(more as u64)));
        }
        rules.row([
            Cell::text(name).marked(mark).note(code),
            Cell::text(severity.as_str()),
            Cell::text(thousands(findings.len() as u64)),
            places,
        ]);
    }
    let unreadable = SheetPart::new("Files that can't be read", unreadable)
        .at("unread")
        .lead("What they say is missing on this site.")
        .cut("tallybook validate");
    let rules = SheetPart::new("Findings by rule", rules)
        .at("findings")
        .lead("As `tallybook validate` has them; `tallybook explain CODE` says what a rule checks, why, and how to mend it.")
        .or("`tallybook validate` finds nothing.");
    (unreadable, rules)
}

fn place(finding: &FindingInput) -> String {
    match finding.line {
        Some(line) => format!("{}:{line}", words::line(&finding.path)),
        None => words::line(&finding.path),
    }
}

/// The page of what a file documents, from the project's folder.
fn page_of(context: &Context<'_>, path: &str) -> Option<String> {
    let documents = context.standing.as_ref()?.documents;
    if let Some(doc) = documents.cases.iter().find(|doc| doc.path == path) {
        return context.case_href(&doc.value.id, "");
    }
    if let Some(doc) = documents.defects.iter().find(|doc| doc.path == path) {
        return super::defects::href(context, &doc.value.id, "");
    }
    let doc = documents.mutes.iter().find(|doc| doc.path == path)?;
    super::mutes::href(context, &doc.value.id, "")
}
