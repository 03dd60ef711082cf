//! A project's pages: overview, launches; cases and single launches have files of their own.

use std::collections::BTreeMap;

use super::attachments::Attachments;
use super::context::{Context, section_name};
use super::launch::{self, Rendered};
use super::{
    case, compare, dashboards, defects, mutes, plans, publish, quality, requirements, results,
};
use crate::model::Execution;
use crate::site::chart::{self, TrendEntry};
use crate::site::input::{Input, ProjectInput};
use crate::site::markdown;
use crate::site::pages::{FrameOf, Writer};
use crate::site::texts::{count, counted, say, thousands};
use crate::site::view::project::{ProjectPage, ProjectRow, Trend};
use crate::site::view::{Crumb, Fact, LaunchesPage, Link};
use crate::site::widgets::most_alike;
use crate::site::{SiteError, words};

/// Launches on the overview, and in its trend.
const LATEST: usize = 8;
const TREND: usize = 40;
/// Unresolved failures on the overview.
const FAILURES: usize = 12;
/// Launches of one page.
const PAGE: usize = 500;

/// Renders a project and returns its row on the workspace's page.
pub(crate) fn render(
    input: &Input<'_>,
    project: &ProjectInput<'_>,
    folder: &str,
    writer: &mut Writer<'_>,
) -> Result<ProjectRow, SiteError> {
    let context = Context::new(input, project, folder);
    let full_from = project
        .launches
        .len()
        .saturating_sub(input.options.full_launches);
    let latest = latest(&context);
    publish::render(&context, latest, writer)?;
    let mut attachments = Attachments::default();
    let mut rendered = Vec::with_capacity(project.launches.len());
    for number in 0..project.launches.len() {
        let failures = if Some(number) == latest { FAILURES } else { 0 };
        let options = launch::Options {
            full: number >= full_from,
            failures,
        };
        rendered.push(launch::render(
            &context,
            number,
            options,
            &mut attachments,
            writer,
        )?);
        writer.summary.launches += 1;
    }
    case::render(&context, latest, writer)?;
    writer.summary.cases += project.cases.len() as u64;
    dashboards::render(&context, writer)?;
    plans::render(&context, writer)?;
    requirements::render(&context, writer)?;
    defects::render(&context, writer)?;
    mutes::render(&context, writer)?;
    quality::render(&context, writer)?;
    super::search::write(&context, writer)?;
    launches_pages(&context, &rendered, writer)?;
    compare::render(&context, &rendered, writer)?;
    overview(&context, &rendered, latest, writer)?;
    Ok(project_row(&context, &rendered, latest))
}

/// The launch that says how the project stands: the last one, superseded ones apart, of the branch
/// with the most launches.
pub(super) fn latest(context: &Context<'_>) -> Option<usize> {
    let launches = &context.project.launches;
    let mut branches: BTreeMap<Option<&str>, (usize, usize)> = BTreeMap::new();
    for (number, launch) in launches.iter().enumerate() {
        if context.superseded[number].is_none() {
            let entry = branches
                .entry(launch.file.source.branch.as_deref())
                .or_default();
            *entry = (entry.0 + 1, number);
        }
    }
    branches.into_values().max().map(|(_, last)| last)
}

/// The launches of the latest one's branch, oldest first.
fn branch_of(context: &Context<'_>, latest: usize) -> Vec<usize> {
    super::rows::Window::new(
        &context.project.launches,
        &context.superseded,
        latest,
        TREND,
    )
    .launches
}

fn project_row(context: &Context<'_>, rendered: &[Rendered], latest: Option<usize>) -> ProjectRow {
    ProjectRow {
        name: context.name(),
        key: context.project.file.key.clone(),
        href: format!("{}/index.html", context.folder),
        cases_text: count(context.project.cases.len() as u64, "case"),
        launches_text: count(context.project.launches.len() as u64, "launch"),
        latest: latest.map(|number| rendered[number].row.clone().below(context.folder)),
        trend: latest
            .and_then(|number| trend(context, rendered, number, &format!("{}/", context.folder))),
    }
}

fn trend(context: &Context<'_>, rendered: &[Rendered], latest: usize, up: &str) -> Option<Trend> {
    let numbers = branch_of(context, latest);
    let name_of = |number: usize| context.project.launches[number].file.name.as_str();
    // A release cycle among nightlies is no point of their trend, as on dashboards.
    let (kind, numbers) = match most_alike(&numbers, name_of) {
        Some((kind, alike)) => (Some(words::line(&kind)), alike),
        None => (None, numbers),
    };
    let entries: Vec<TrendEntry> = numbers
        .iter()
        .map(|number| TrendEntry {
            name: rendered[*number].row.name.clone(),
            day: rendered[*number].row.opened.day.clone(),
            href: context.launch_href(*number, up),
            totals: context.project.launches[*number].file.totals,
        })
        .collect();
    let trend = chart::trend(&entries, finding(&entries))?;
    Some(match kind {
        Some(kind) => Trend {
            subtitle: say!("trend.of-kind", subtitle = &trend.subtitle, kind = kind),
            ..trend
        },
        None => trend,
    })
}

/// Says what the trend shows.
fn finding(entries: &[TrendEntry]) -> String {
    let bad = |e: &TrendEntry| e.totals.failed + e.totals.broken + e.totals.unknown;
    let [.., before, last] = entries else {
        return String::new();
    };
    let clean = entries.iter().rev().take_while(|e| bad(e) == 0).count() as u64;
    match (bad(before), bad(last)) {
        (_, 0) if clean > 1 => say!(
            "trend.no-failure-in-the-last",
            launches = counted(clean, "launch")
        ),
        (_, 0) => say!("trend.no-failure-in", launch = &last.name),
        (a, b) if a == b => say!("trend.as-before", n = b, launch = &last.name),
        (a, b) => {
            let key = if b > a { "trend.rose" } else { "trend.fell" };
            say!(key, before = a, now = b, launch = &last.name)
        }
    }
}

fn overview(
    context: &Context<'_>,
    rendered: &[Rendered],
    latest: Option<usize>,
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let path = format!("{}/index.html", context.folder);
    let shown = latest.map(|number| &rendered[number]);
    let frame = writer.frame(FrameOf {
        path: &path,
        title: say!(
            "title.of",
            page = context.name(),
            name = words::line(&context.input.title)
        ),
        crumbs: context.crumbs("", Vec::new()),
        sections: context.sections("", "overview"),
        search: context.search(""),
        results_view: false,
        ..FrameOf::default()
    });
    let failures = shown.map_or_else(Vec::new, |r| r.failures.clone());
    let unresolved = shown.map_or(0, |r| r.row.unresolved);
    let more = unresolved.saturating_sub(failures.len() as u64);
    let page = ProjectPage {
        frame,
        name: context.name(),
        key: context.project.file.key.clone(),
        unreadable: unreadable(context),
        readme_html: markdown::to_html(context.project.readme),
        verdict: shown.map_or_else(|| context.unseen().no_launch(), |r| r.row.verdict.clone()),
        changes: shown.map_or_else(Vec::new, |r| r.changes.clone()),
        more: (more > 0).then(|| Link {
            text: say!("project.more", n = more),
            href: shown.map(|r| r.row.href.clone()),
            kind: String::new(),
        }),
        has_since: failures.iter().any(|failure| !failure.since.is_empty()),
        has_owner: failures.iter().any(|failure| !failure.owner.is_empty()),
        has_past: { failures.iter() }.any(|failure| !failure.strip.ticks.is_empty()),
        failures,
        trend: latest.and_then(|number| trend(context, rendered, number, "")),
        launches: rendered
            .iter()
            .rev()
            .take(LATEST)
            .map(|r| r.row.clone())
            .collect(),
        launches_text: count(rendered.len() as u64, "launch"),
        documentation: documentation(context, latest),
        latest: shown.map(|r| r.row.clone()),
    };
    writer.page(&path, "project.html", &page)
}

/// What is left out because it doesn't read.
fn unreadable(context: &Context<'_>) -> Vec<String> {
    let damages = context.project.unreadable.iter();
    damages
        .map(|(path, message)| words::line(&format!("{path}: {message}")))
        .collect()
}

/// How much is documented, and how much of that the latest launch ran.
fn documentation(context: &Context<'_>, latest: Option<usize>) -> Vec<Fact> {
    let cases = &context.project.cases;
    if cases.is_empty() {
        return Vec::new();
    }
    let fact = |label: &str, n: usize, href: Option<String>| Fact {
        label: label.to_owned(),
        value: thousands(n as u64),
        href,
        ..Fact::default()
    };
    let manual = cases
        .iter()
        .filter(|c| c.case.execution == Execution::Manual)
        .count();
    let mut out = vec![
        fact(
            &say!("fact.documented-cases"),
            cases.len(),
            Some("cases.html".to_owned()),
        ),
        fact(&say!("fact.manual"), manual, None),
        fact(&say!("fact.automated"), cases.len() - manual, None),
    ];
    if let Some(number) = latest {
        let launch = &context.project.launches[number];
        let ran = launch
            .cases
            .keys()
            .filter(|id| context.case(id).is_some())
            .count();
        out.push(fact(&say!("fact.with-a-result-in-the-latest"), ran, None));
        let without = launch.outcomes.iter().filter(|o| o.case.is_none()).count();
        let href = format!(
            "launches/{}/results.html#q=case:none",
            context.launch_folders[number]
        );
        out.push(fact(
            &say!("fact.results-without-a-case"),
            without,
            (without > 0).then_some(href),
        ));
    }
    out
}

fn launches_pages(
    context: &Context<'_>,
    rendered: &[Rendered],
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let pages = rendered.len().div_ceil(PAGE);
    let newest: Vec<&Rendered> = rendered.iter().rev().collect();
    for (number, rows) in newest.chunks(PAGE).enumerate() {
        let name = if number == 0 {
            "launches.html".to_owned()
        } else {
            format!("launches-{}.html", number + 1)
        };
        let path = format!("{}/{name}", context.folder);
        let frame = writer.frame(FrameOf {
            path: &path,
            title: say!(
                "title.of",
                page = section_name("launches"),
                name = context.name()
            ),
            crumbs: context.crumbs(
                "",
                vec![Crumb {
                    name: section_name("launches"),
                    href: None,
                }],
            ),
            sections: context.sections("", "launches"),
            search: context.search(""),
            lists: true,
            ..FrameOf::default()
        });
        let blocked = rendered.iter().filter(|r| r.row.unresolved > 0).count() as u64;
        let page = LaunchesPage {
            frame,
            name: context.name(),
            summary: match blocked {
                0 => say!(
                    "launches.none-unresolved",
                    launches = counted(rendered.len() as u64, "closed launch")
                ),
                n => say!(
                    "launches.some-unresolved",
                    launches = counted(rendered.len() as u64, "closed launch"),
                    n = n
                ),
            },
            launches: rows.iter().map(|r| r.row.clone()).collect(),
            pager: results::pager("launches", number, pages, rendered.len(), PAGE),
        };
        writer.page(&path, "launches.html", &page)?;
    }
    Ok(())
}
