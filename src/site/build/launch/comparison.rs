//! A launch against its baseline, test by test: the same as `launch compare` says.

use std::collections::{BTreeSet, HashMap};

use super::{frame, tabs};
use crate::analysis::compare::{Change, Compared, Comparison};
use crate::analysis::stability::Rate;
use crate::analysis::tracks::Entry;
use crate::ledger::{FoundBaseline, baseline_among};
use crate::model::Status;
use crate::site::build::context::Context;
use crate::site::build::failures::LaunchContext;
use crate::site::build::paths;
use crate::site::build::sheet::verdict;
use crate::site::pages::Writer;
use crate::site::texts::{say, thousands};
use crate::site::view::launch::ComparisonPage;
use crate::site::view::sheet::{Cell, Sheet, SheetPart};
use crate::site::view::{Fact, Link, Verdict};
use crate::site::words;

/// Tests of one kind that are listed.
const LISTED: usize = 300;

/// What a launch is held against.
#[derive(Debug)]
pub(crate) struct Against {
    /// The place of the baseline in the project.
    pub(crate) base: usize,
    found: FoundBaseline,
    pub(crate) comparison: Comparison,
}

/// Finds the baseline of a launch and compares both; none where it has none.
pub(crate) fn against(project: &Context<'_>, number: usize) -> Option<Against> {
    let launches = &project.project.launches;
    let own = launches[number].file.into();
    let (base, found) = baseline_among(&own, launches.iter().map(|launch| launch.file)).ok()?;
    (base != number).then(|| Against {
        comparison: project.compare(base, number),
        base,
        found,
    })
}

/// Whether a launch has a baseline.
pub(super) fn is_there(project: &Context<'_>, number: usize) -> bool {
    let launches = &project.project.launches;
    let own = launches[number].file.into();
    let found = baseline_among(&own, launches.iter().map(|launch| launch.file));
    found.is_ok_and(|(base, _)| base != number)
}

/// The kinds of changes that are listed, each with its heading and its anchor.
const KINDS: [(&str, &str); 9] = [
    ("comparison.new", "new"),
    ("comparison.still", "still"),
    ("comparison.muted", "muted"),
    ("comparison.fixed", "fixed"),
    ("comparison.flaky", "flaky"),
    ("comparison.skipped", "skipped"),
    ("comparison.resumed", "resumed"),
    ("comparison.added", "added"),
    ("comparison.removed", "removed"),
];

/// The tests of each kind, in the order of [`KINDS`].
fn kinds(comparison: &Comparison) -> [Vec<&Compared>; 9] {
    let of = |change| comparison.of(change).collect::<Vec<_>>();
    let flaky = comparison.tests.iter();
    [
        comparison.new_failures().collect(),
        of(Change::StillFailing),
        // With these, what both have adds up: a muted failure is no new one, and not the same either.
        { comparison.of(Change::NewFailure) }
            .filter(|test| !test.is_new_failure())
            .collect(),
        of(Change::Fixed),
        flaky.filter(|test| test.is_newly_flaky()).collect(),
        of(Change::NewlySkipped),
        of(Change::Resumed),
        of(Change::Added),
        of(Change::Removed),
    ]
}

/// How many tests are of each kind, with headings and anchors.
pub(crate) fn counts(comparison: &Comparison) -> [(&'static str, &'static str, u64); 9] {
    let kinds = kinds(comparison).map(|tests| tests.len() as u64);
    std::array::from_fn(|at| (KINDS[at].0, KINDS[at].1, kinds[at]))
}

/// The flags of some tables, each once.
fn flags(parts: &[SheetPart]) -> Vec<&'static str> {
    let rows = parts.iter().flat_map(|part| &part.sheet.rows);
    let flags = rows.flat_map(|row| &row.cells).flat_map(|cell| &cell.flags);
    let flags: BTreeSet<&str> = flags.copied().collect();
    flags.into_iter().collect()
}

pub(super) fn page(
    context: &LaunchContext<'_>,
    against: &Against,
    path: &str,
    writer: &Writer<'_>,
) -> ComparisonPage {
    let launches = &context.project.project.launches;
    let base = launches[against.base].file;
    let names: HashMap<&str, usize> = { context.rows.iter().enumerate() }
        .map(|(at, row)| (row.outcome.id.as_str(), at))
        .collect();
    let parts = KINDS.iter().zip(kinds(&against.comparison));
    let parts = parts.filter(|(_, tests)| !tests.is_empty());
    let parts: Vec<SheetPart> = parts
        .map(|((title, id), tests)| part(context, against, &names, (title, id), &tests))
        .collect();
    let href = project_page(context.project, against.base, context.number);
    ComparisonPage {
        frame: frame(context, path, "comparison", writer),
        tabs: tabs(context, "comparison"),
        name: words::line(&launches[context.number].file.name),
        verdict: overall(context.project, context.number, against),
        facts: facts(context.project, context.number, against),
        base: Link {
            text: say!(
                "title.on-day",
                name = words::line(&base.name),
                day = words::when(base.opened.at).day
            ),
            href: Some(format!(
                "../{}/index.html",
                context.project.launch_folders[against.base]
            )),
            kind: String::new(),
        },
        how: match against.found {
            FoundBaseline::Named => say!("comparison.baseline-named"),
            FoundBaseline::Latest => say!("comparison.baseline-latest"),
            FoundBaseline::Alike => say!("comparison.baseline-alike"),
            FoundBaseline::Asked => String::new(),
        },
        left_out: left_out(&against.comparison),
        other: format!("../../{href}"),
        flags: flags(&parts),
        parts,
    }
}

/// The page on which any two launches are compared, with both chosen; from the project's folder.
pub(crate) fn project_page(project: &Context<'_>, base: usize, launch: usize) -> String {
    let id = |at: usize| paths::fragment(&project.project.launches[at].file.id);
    format!("compare.html#base={}&launch={}", id(base), id(launch))
}

/// Says which variables were left out of the match.
pub(crate) fn left_out(comparison: &Comparison) -> Vec<String> {
    let left = comparison.left_out.iter();
    left.map(|left| {
        words::line(&say!(
            "comparison.left-out",
            variable = &left.variable,
            before = left.before.join(", "),
            now = left.now.join(", ")
        ))
    })
    .collect()
}

/// Whether a defect answers for a result, so that it is none of the unresolved failures of the launch's summary.
fn is_known(project: &Context<'_>, launch: usize, entry: Entry) -> bool {
    project.project.launches[launch].outcomes[entry.outcome()]
        .defect
        .is_some()
}

fn overall(project: &Context<'_>, number: usize, against: &Against) -> Verdict {
    let base = words::line(&project.project.launches[against.base].file.name);
    let all = counts(&against.comparison);
    let new = all[0].2;
    let known = { against.comparison.new_failures() }
        .filter(|test| test.now.is_some_and(|now| is_known(project, number, now)))
        .count() as u64;
    let unanswered = new - known;
    let known = match known {
        0 => None,
        n if n == new => Some(say!("comparison.new-known-all", n = n)),
        n => Some(say!("comparison.new-known", n = n)),
    };
    let rest = all[1..].iter().filter(|(_, _, n)| *n > 0);
    let rest = rest.map(|(_, id, n)| say!(&format!("comparison.count-{id}"), n = *n));
    let rest: Vec<String> = known.into_iter().chain(rest).collect();
    let lead = match new {
        0 => say!("comparison.no-new-failures", launch = base),
        n => say!("comparison.new-failures", n = n, launch = base),
    };
    // As in the launch's summary, a failure that a defect answers for blocks nothing.
    let tone = match (unanswered, new + all[1].2 + all[2].2) {
        (1.., _) => "blocked",
        (0, 1..) => "accounted",
        _ => "ready",
    };
    verdict(tone, lead, rest.join(&say!("list.comma")), String::new())
}

/// `98.2 % of 1,208`, cut so that nothing reads as 100 % that is not.
pub(crate) fn share(rate: Rate) -> String {
    if rate.of == 0 {
        return say!("comparison.nothing-to-count");
    }
    say!(
        "comparison.share",
        rate = words::per_cent(rate.part, rate.of),
        of = rate.of
    )
}

fn facts(project: &Context<'_>, number: usize, against: &Against) -> Vec<Fact> {
    let fact = |label: &str, value: String| Fact {
        label: label.to_owned(),
        value,
        ..Fact::default()
    };
    let comparison = &against.comparison;
    let (before, now) = comparison.pass_rates();
    let mut out = vec![
        fact(&say!("fact.tests-in-both"), thousands(comparison.in_both())),
        fact(&say!("fact.passed-of-these-before"), share(before)),
        fact(&say!("fact.passed-of-these-now"), share(now)),
        fact(
            &say!("fact.the-same"),
            thousands(comparison.count(Change::Same)),
        ),
    ];
    let jobs = |at: usize| {
        let jobs = project.project.launches[at].file.jobs.iter();
        jobs.map(|job| job.name.as_str())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let (before, now) = (jobs(against.base), jobs(number));
    for (label, lacks) in [
        ("comparison.jobs-only-before", before.difference(&now)),
        ("comparison.jobs-only-now", now.difference(&before)),
    ] {
        let lacks: Vec<&str> = lacks.copied().collect();
        if !lacks.is_empty() {
            out.push(fact(&say!(label), words::line(&lacks.join(", "))));
        }
    }
    out
}

fn part(
    context: &LaunchContext<'_>,
    against: &Against,
    rows: &HashMap<&str, usize>,
    (title, id): (&str, &str),
    tests: &[&Compared],
) -> SheetPart {
    let mut table = Sheet::new(
        say!(title),
        &[
            ("column.test", "name"),
            ("column.case", "wide"),
            ("column.before", "mid"),
            ("column.now", ""),
        ],
    );
    for test in tests.iter().take(LISTED) {
        table.row(cells(context, against, rows, test));
    }
    let mut part = SheetPart::new(say!(title), table).at(id);
    if let Some(lead) = lead(id, tests) {
        part = part.lead(&lead);
    }
    part.count = thousands(tests.len() as u64);
    if tests.len() > LISTED {
        let href = project_page(context.project, against.base, context.number);
        return part.rest(
            LISTED,
            &say!("comparison.all-of-them"),
            format!("../../{href}"),
        );
    }
    part
}

/// Says which tests of a kind stand in other lists as well, so that the numbers can be added up.
fn lead(id: &str, tests: &[&Compared]) -> Option<String> {
    let added = { tests.iter() }.filter(|test| test.change == Change::Added);
    match (id, added.count() as u64) {
        ("new", n @ 1..) => Some(say!("comparison.of-the-new-added", n = n)),
        ("flaky", _) => Some(say!("comparison.flaky-elsewhere")),
        _ => None,
    }
}

fn cells(
    context: &LaunchContext<'_>,
    against: &Against,
    rows: &HashMap<&str, usize>,
    test: &Compared,
) -> [Cell; 4] {
    let project = context.project;
    let launches = &project.project.launches;
    let (number, entry) = match (test.now, test.before) {
        (Some(now), _) => (context.number, now),
        (None, Some(before)) => (against.base, before),
        (None, None) => return Default::default(),
    };
    let outcome = &launches[number].outcomes[entry.outcome()];
    let row = rows
        .get(outcome.id.as_str())
        .filter(|_| number == context.number)
        .map(|at| &context.rows[*at]);
    let known = launches[number].tests.get(&outcome.test);
    let name = row.map_or_else(
        || known.map_or(outcome.test.as_str(), |test| test.name.as_str()),
        |row| row.name,
    );
    let href = project.result_href(number, &outcome.id, "../../");
    let mut cell = Cell::row(name, Some(href)).marked(entry.status.as_str());
    if let Some(row) = row {
        let parts = [row.parameters(), context.environment_text(row)];
        for part in parts {
            cell = cell.note(part);
        }
    }
    if test.now.is_some_and(|now| now.muted) {
        cell.flags.push("muted");
    }
    if { test.now }.is_some_and(|now| is_known(project, context.number, now)) {
        cell.flags.push("known");
    }
    if test.is_newly_flaky() {
        cell.flags.push("flaky");
    }
    let case = test.case.as_deref();
    let status = |status: Option<Status>| match status {
        Some(status) => Cell::text(words::label(status)).toned(status.as_str()),
        None => Cell::text(say!("comparison.no-result")),
    };
    [
        cell,
        Cell::link(
            case.unwrap_or_default(),
            case.and_then(|case| project.case_href(case, "../../")),
        ),
        status(test.before.map(|entry| entry.status)),
        status(test.now.map(|entry| entry.status)),
    ]
}
