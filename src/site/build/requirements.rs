//! Requirements: from each to its cases to their latest results; gaps are rows.

use std::collections::BTreeSet;

use super::context::Context;
use super::sheet::{anchor, frame, member, verdict};
use super::standing::Standing;
use crate::analysis::trace;
use crate::analysis::trace::{Latest, Line, Matrix, Stale, Traced};
use crate::model::Status;
use crate::site::pages::Writer;
use crate::site::texts::{count, counted, say, thousands};
use crate::site::view::sheet::{Cell, CellLink, Sheet, SheetPart, SheetsPage};
use crate::site::view::{Fact, Verdict};
use crate::site::{SiteError, markdown, words};

/// Whether the project has a page of requirements.
pub(super) fn is_there(context: &Context<'_>) -> bool {
    context
        .standing
        .as_ref()
        .is_some_and(|standing| standing.has_requirements() || !standing.documents.cases.is_empty())
}

/// Returns the anchor of a requirement on the page.
pub(super) fn href(context: &Context<'_>, id: &str, up: &str) -> Option<String> {
    let has = context.standing.as_ref()?.has_requirements();
    has.then(|| {
        format!(
            "{up}requirements.html#{}",
            super::paths::fragment(&anchor(id))
        )
    })
}

pub(super) fn render(context: &Context<'_>, writer: &mut Writer<'_>) -> Result<(), SiteError> {
    let Some(standing) = context.standing.as_ref().filter(|_| is_there(context)) else {
        return Ok(());
    };
    let matrix = standing.matrix();
    let path = format!("{}/requirements.html", context.folder);
    let lead = say!("requirements.lead");
    let mut parts = vec![
        SheetPart::new(say!("sheet.requirements"), table(context, &matrix))
            .lead(&lead)
            .or(&say!("requirements.the-project-has-no-requirements-give"))
            .cut("tallybook trace"),
    ];
    if !matrix.unknown.is_empty() {
        let mut unknown = Sheet::new(
            say!("sheet.unknown-requirements"),
            &[("column.case", ""), ("column.names", "mono")],
        );
        for (case, words) in &matrix.unknown {
            unknown.row([
                Cell::row(&case.title, context.case_href(&case.id, "")).note(&case.id),
                Cell::text(words),
            ]);
        }
        parts.push(
            SheetPart::new(say!("sheet.links-that-lead-nowhere"), unknown)
                .at("unknown")
                .lead(&say!("requirements.no-requirement-of-the-project-has"))
                .cut("tallybook trace"),
        );
    }
    let page = SheetsPage {
        frame: frame(context, writer, (&path, "requirements"), None),
        kind: "requirements",
        verdict: overall(context, standing, &matrix),
        facts: facts(&matrix),
        parts,
        ..SheetsPage::default()
    };
    writer.page(&path, "sheets.html", &page)
}

/// The mark of a standing.
fn mark(standing: trace::Standing) -> &'static str {
    match standing {
        trace::Standing::Failing => "failed",
        trace::Standing::Gap => "unknown",
        trace::Standing::NotRun => "skipped",
        trace::Standing::Stale => "broken",
        trace::Standing::Justified => "accounted",
        trace::Standing::Covered => "passed",
    }
}

fn table(context: &Context<'_>, matrix: &Matrix<'_>) -> Sheet {
    let mut table = Sheet::new(
        say!("sheet.requirements"),
        &[
            ("column.requirement", "name"),
            ("column.owner", "wide"),
            ("column.stands", ""),
            ("column.cases-and-their-latest-results", ""),
        ],
    );
    // An id that two requirements have leads to the first.
    let mut named = BTreeSet::new();
    for line in &matrix.lines {
        let requirement = line.requirement;
        let url = requirement.url.clone();
        let url = url.filter(|url| markdown::is_safe_url(url));
        let title = match requirement.title.as_str() {
            "" => &requirement.id,
            title => title,
        };
        let mark = mark(line.standing);
        let mut stands = Cell::text(words::standing(line.standing)).toned(mark);
        if let Some(reason) = words::standing_reason(line).filter(|_| says_more(line)) {
            let reason = words::sentence(reason.trim_end_matches('.'));
            stands = stands.note(say!("standing.reason", reason = reason));
        }
        if let Some(gap) = &requirement.gap {
            let by = member(context, Some(&gap.by)).text;
            stands = stands.note(match gap.until {
                Some(until) => say!("requirements.by-until", name = by, day = until.to_string()),
                None => say!("requirements.by", name = by),
            });
        }
        let mut cases = Cell::default();
        for traced in &line.cases {
            traced_links(context, traced, &mut cases);
        }
        if line.cases.is_empty() {
            cases = Cell::text(if line.by_parts {
                say!("requirements.its-parts-have-them")
            } else {
                say!("requirements.no-case")
            });
        }
        let row = table.row([
            Cell::link(title, url).marked(mark).note(&requirement.id),
            member(context, requirement.owner.as_deref()),
            stands,
            cases,
        ]);
        if named.insert(requirement.id.as_str()) {
            row.anchor = anchor(&requirement.id);
        }
        row.depth = line.depth.min(4);
    }
    table
}

/// Whether the reason is more than the cases beside it say.
fn says_more(line: &Line<'_>) -> bool {
    line.by_parts
        || !matches!(
            line.standing,
            trace::Standing::Failing | trace::Standing::Covered
        )
}

/// A case, and a link to each of its latest results.
fn traced_links(context: &Context<'_>, traced: &Traced<'_>, cell: &mut Cell) {
    let case = traced.case;
    let link = |text: String, href: Option<String>, mark: &'static str| CellLink {
        mark,
        text: words::line(&text),
        href,
        below: false,
    };
    let href = context.case_href(&case.id, "");
    match traced.latest.as_slice() {
        [] => cell.links.push(link(
            say!(
                "requirements.never-ran",
                case = &case.title,
                never = context.unseen().never_ran()
            ),
            href,
            "absent",
        )),
        [only] if only.environment.is_empty() => {
            cell.links
                .push(link(stale(&case.title, only), href, only.status.as_str()));
        }
        all => {
            let worst = Status::worst(all.iter().map(|one| one.status));
            let worst = worst.map_or("absent", Status::as_str);
            cell.links.push(link(case.title.clone(), href, worst));
            // They stand by environment; a test with several sets of parameters has several in each.
            let alike = |a: &Latest, b: &Latest| a.environment == b.environment;
            let places: Vec<&[Latest]> = all.chunk_by(alike).collect();
            let few = places.len() <= 3;
            for place in places {
                if few || place.iter().any(wants_a_look) {
                    let (text, href, mark) = in_one_place(context, place);
                    let own = link(text, href, mark);
                    cell.links.push(CellLink { below: true, ..own });
                }
            }
        }
    }
}

fn wants_a_look(latest: &Latest) -> bool {
    latest.status != Status::Passed || latest.stale.is_some()
}

/// As many results are named by the address that leads to them.
const NAMED: usize = 40;

/// What the latest results of a case in one environment are called, where they are, and the mark of the worst.
fn in_one_place(context: &Context<'_>, place: &[Latest]) -> (String, Option<String>, &'static str) {
    let all = place.iter();
    let Some(worst) = all
        .clone()
        .min_by_key(|one| (one.status, one.stale.is_none()))
    else {
        return Default::default();
    };
    let mark = worst.status.as_str();
    if place.len() == 1 {
        let text = stale(&worst.environment, worst);
        return (text, result_href(context, worst), mark);
    }
    let failing = { all.clone() }.filter(|one| one.status.needs_resolution());
    let n = place.len() as u64;
    let said = match failing.count() {
        0 => count(n, "result"),
        failing => say!(
            "requirements.n-of-results-failing",
            n = failing,
            results = counted(n, "result")
        ),
    };
    let name = match worst.environment.as_str() {
        "" => said,
        name => say!("requirements.results-in", name = name, results = said),
    };
    // What keeps them from counting is said where it is the same of all that want a look.
    let looked: Vec<&Latest> = { all.clone() }.filter(|one| wants_a_look(one)).collect();
    let same = |one: &&Latest| (one.muted, one.stale) == (looked[0].muted, looked[0].stale);
    let text = match looked.first() {
        Some(first) if looked.iter().all(same) => stale(&name, first),
        _ => name,
    };
    let together = { all.clone() }.all(|one| one.launch == worst.launch) && place.len() <= NAMED;
    let href = match context.launch_number(&worst.launch) {
        Some(launch) if together => {
            let ids: Vec<&str> = all.map(|one| one.result.as_str()).collect();
            Some(super::results_named(context, launch, &ids, ""))
        }
        _ => result_href(context, worst),
    };
    (text, href, mark)
}

/// A name, and what keeps its latest result from counting.
fn stale(name: &str, latest: &Latest) -> String {
    let name = match latest.muted {
        true => say!("requirements.muted", name = name),
        false => name.to_owned(),
    };
    match latest.stale {
        None => name,
        Some(Stale::Text) => say!("requirements.by-an-older-text", name = name),
        Some(Stale::Age(period)) => say!(
            "requirements.older-than",
            name = name,
            period = period.to_string()
        ),
    }
}

/// The link to a latest result, from the project's folder.
pub(super) fn result_href(context: &Context<'_>, latest: &Latest) -> Option<String> {
    let launch = context.launch_number(&latest.launch)?;
    Some(context.result_href(launch, &latest.result, ""))
}

fn facts(matrix: &Matrix<'_>) -> Vec<Fact> {
    let fact = |label: &str, n: u64| Fact {
        label: label.to_owned(),
        value: thousands(n),
        ..Fact::default()
    };
    if matrix.lines.is_empty() {
        return Vec::new();
    }
    // Those that stand as their parts do are told apart, here as in the verdict: each line counts once.
    let of = |standing| {
        let own = { matrix.lines.iter() }.filter(|line| !line.by_parts);
        own.filter(|line| line.standing == standing).count() as u64
    };
    let mut out: Vec<Fact> = { trace::Standing::ALL.into_iter() }
        .map(|standing| fact(&words::standing(standing), of(standing)))
        .collect();
    let by_parts = matrix.lines.iter().filter(|line| line.by_parts).count() as u64;
    if by_parts > 0 {
        out.push(fact(&say!("fact.as-their-parts"), by_parts));
    }
    out
}

fn overall(context: &Context<'_>, standing: &Standing<'_>, matrix: &Matrix<'_>) -> Verdict {
    let over = match standing.launches.len() as u64 {
        0 if context.input.stamp.unavailable => {
            say!("requirements.history-unavailable-the-branch-of-closed")
        }
        0 => context
            .unseen()
            .sentence("requirements.no-launch-is-closed-yet-so"),
        n => {
            let last = standing
                .last()
                .map(|last| context.project.launches[last].file);
            let branch = last.and_then(|file| file.source.branch.as_deref());
            match branch {
                None => say!("requirements.over", launches = counted(n, "closed launch")),
                Some(name) => say!(
                    "requirements.over-branch",
                    launches = counted(n, "closed launch"),
                    branch = words::line(name)
                ),
            }
        }
    };
    let over = match standing.launches.is_empty() {
        true => over,
        false => context.unseen().besides(over),
    };
    if matrix.lines.is_empty() {
        return verdict(
            "empty",
            say!("requirements.no-requirements"),
            String::new(),
            over,
        );
    }
    let rate = matrix.coverage();
    // Of what the share counts, so that its parts add up.
    let of = |standing| {
        let lines = matrix.counted().filter(|line| line.standing == standing);
        lines.count() as u64
    };
    let failing = of(trace::Standing::Failing);
    let gaps = of(trace::Standing::Gap);
    let named = [
        (failing, "requirements.n-failing"),
        (gaps, "requirements.n-gaps"),
        (of(trace::Standing::NotRun), "requirements.n-not-run"),
        (of(trace::Standing::Stale), "requirements.n-stale"),
    ];
    let named: Vec<String> = { named.iter().filter(|(n, _)| *n > 0) }
        .map(|(n, key)| say!(key, n = *n))
        .collect();
    let lead = say!(
        "requirements.covered",
        part = rate.part,
        requirements = counted(rate.of, "requirement")
    );
    let tone = match (failing, rate.part == rate.of) {
        (1.., _) => "blocked",
        (0, true) => "ready",
        (0, false) => "accounted",
    };
    verdict(tone, lead, named.join(&say!("list.comma")), over)
}
