//! How good the documentation is: what is missing in it, what went stale, and what `validate` finds.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::context::Context;
use super::requirements::result_href;
use super::sheet::{BEFORE_RESULTS, CASE_COLUMNS, case_cells, frame, verdict};
use super::standing::Standing;
use super::unseen::Unseen;
use crate::analysis::trace::{Latest, Stale};
use crate::diag::Severity;
use crate::model::{Case, Execution};
use crate::site::SiteError;
use crate::site::input::FindingInput;
use crate::site::pages::Writer;
use crate::site::texts::{count, counted, say, thousands};
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
        label: say!(measure.label),
        value: say!("share.of", part = measure.n, all = measure.of),
        href: (measure.n > 0).then(|| format!("#{}", measure.part.id)),
        ..Fact::default()
    });
    let mut all: Vec<Fact> = facts.collect();
    let n = context.project.findings.len() as u64;
    all.push(Fact {
        label: say!("quality.findings-of-validate"),
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
        frame: frame(context, writer, (&path, "quality"), None),
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
        .map(|measure| say!("verdict.count", n = measure.n, what = say!(measure.label)))
        .collect();
    let which = which.join(&say!("list.comma"));
    let detail = say!("quality.the-documentation-as-it-is-today");
    let detail = context.unseen().besides(detail);
    let lack = say!(
        "quality.want-a-look",
        n = wanting,
        cases = counted(all, "documented case")
    );
    match (errors, all, wanting) {
        (1.., 0, _) => verdict("blocked", count(errors, "error"), String::new(), detail),
        (1.., ..) => verdict("blocked", count(errors, "error"), lack, detail),
        (0, 0, _) => verdict(
            "empty",
            say!("quality.no-documented-case"),
            String::new(),
            detail,
        ),
        (0, all, 0) => verdict(
            "ready",
            say!(
                "quality.nothing-is-missing",
                cases = counted(all, "documented case")
            ),
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
    let of = |cases: &[&Case], key: &str| {
        // Where no case has a result, none is told.
        let ran = { cases.iter() }.any(|case| standing.newest(&case.id).is_some());
        let columns = if ran {
            CASE_COLUMNS.len()
        } else {
            BEFORE_RESULTS
        };
        let mut table = Sheet::new(say!(key), &CASE_COLUMNS[..columns]);
        for case in cases {
            table.row({ case_cells(context, standing, case, "").into_iter() }.take(columns));
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
        let part = SheetPart::new(say!(title), table)
            .at(id)
            .lead(&say!(lead))
            .cut(command);
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
        "quality.no-owner",
        "quality.without-an-owner",
        cases(&|doc| doc.value.owner.is_none()),
        all.len(),
        "quality.nobody-is-asked",
        "tallybook query 'not has owner'",
    );
    add(
        "steps",
        "quality.no-steps",
        "quality.manual-without-steps",
        cases(&|doc| found(NO_STEPS, doc)),
        ready,
        "quality.active-without-steps",
        "tallybook validate",
    );
    add(
        "expected",
        "quality.no-expectation",
        "quality.manual-without-expectation",
        cases(&|doc| found(NO_EXPECTATION, doc)),
        ready,
        "quality.judged-differently",
        "tallybook validate",
    );
    let (never, label, lead) = match context.unseen() {
        Unseen::Before(_) => (
            "quality.not-run-here",
            "quality.not-executed-here",
            "quality.no-result-here",
        ),
        Unseen::Nothing | Unseen::All => (
            "quality.never-ran",
            "quality.never-executed",
            "quality.no-result-of-them",
        ),
    };
    add(
        "never",
        never,
        label,
        cases(&|doc| standing.newest(&doc.value.id).is_none() && doc.value.status != "outdated"),
        all.len(),
        lead,
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
        say!("sheet.stale-manual-results"),
        &[
            ("column.case", "name"),
            ("column.owner", "wide"),
            ("column.executed", ""),
            ("column.why", ""),
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
            Some(Stale::Age(period)) => say!("quality.older-than", period = period.to_string()),
            _ => say!("quality.the-cases-text-is-another-one"),
        };
        let executed = Cell {
            links: all
                .iter()
                .map(|one| CellLink {
                    mark: one.status.as_str(),
                    text: say!(
                        "quality.status-on",
                        status = words::label(one.status),
                        day = words::when(one.at).day
                    ),
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
        part: SheetPart::new(say!("sheet.stale-manual-results"), table)
            .at("stale")
            .lead(&say!("quality.they-cover-no-requirement-until-somebody"))
            .cut("tallybook trace --gaps"),
        label: "quality.stale-manual-results",
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
    let mut table = Sheet::new(say!("sheet.cases-of-one-title"), &CASE_COLUMNS);
    for cases in by_title.values().filter(|cases| cases.len() > 1) {
        for case in cases {
            table.row(case_cells(context, standing, case, ""));
        }
    }
    Measure {
        n: table.rows.len(),
        part: SheetPart::new(say!("sheet.cases-of-one-title"), table)
            .at("twins")
            .lead(&say!("quality.one-of-them-may-be-superfluous"))
            .cut("tallybook query ''"),
        label: "quality.share-a-title",
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
        say!("sheet.tests-without-a-case"),
        &[
            ("column.test", "name"),
            ("column.full-name", "wide"),
            ("column.results", "num"),
        ],
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
    let mut part = SheetPart::new(say!("sheet.tests-without-a-case"), table)
        .at("derived")
        .lead(&say!("quality.of-the-latest-launch-they-count"));
    part.count = thousands(n as u64);
    if n > TESTS {
        let href = format!(
            "launches/{}/results.html#q=case:none",
            context.launch_folders[number]
        );
        part = part.rest(TESTS, &say!("quality.all-of-their-results"), href);
    }
    Some(Measure {
        n,
        part,
        label: "quality.tests-without-a-case",
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
        say!("sheet.files-that-cant-be-read"),
        &[
            ("column.file", "mono"),
            ("column.why", ""),
            ("column.rule", "mid mono"),
        ],
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
        say!("sheet.findings-by-rule"),
        &[
            ("column.rule", "name"),
            ("column.severity", "mid"),
            ("column.findings", "num"),
            ("column.where", ""),
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
            places = places.note(say!("sheet.more", n = more));
        }
        rules.row([
            Cell::text(name).marked(mark).note(code),
            Cell::text(severity.as_str()),
            Cell::text(thousands(findings.len() as u64)),
            places,
        ]);
    }
    let unreadable = SheetPart::new(say!("sheet.files-that-cant-be-read"), unreadable)
        .at("unread")
        .lead(&say!("quality.what-they-say-is-missing-on"))
        .cut("tallybook validate");
    let rules = SheetPart::new(say!("sheet.findings-by-rule"), rules)
        .at("findings")
        .lead(&say!("quality.as-tallybook-validate-has-them-tallybook"))
        .or(&say!("quality.tallybook-validate-finds-nothing"));
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
