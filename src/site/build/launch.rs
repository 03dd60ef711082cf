//! One launch: its page, its results, and its row in lists.

pub(crate) mod comparison;
mod document;
mod environments;
pub(crate) mod evidence;
pub(crate) mod planned;
mod proof;
mod said;
mod single;
mod summary;
mod timeline;
mod variables;

use std::ops::Range;

pub(crate) use self::evidence::Chain;
pub use self::single::Single;
pub(crate) use self::single::single;
use self::summary::launch_page;
use self::timeline::Runs;
use super::attachments::Attachments;
use super::context::{Context, section_name};
use super::failures::{self, LaunchContext, Tabs, Unsolved};
use super::results;
use super::rows::{self, Row, Window};
use crate::analysis::tracks::Transition;
use crate::analysis::verdict::pass_rate;
use crate::model::{Details, Intake, Job, LaunchFile, TestResult};
use crate::site::input::{LaunchInput, ShardInput};
use crate::site::pages::{FrameOf, Writer};
use crate::site::texts::{human_duration, say, thousands};
use crate::site::view::{
    Change, Counts, Crumb, Failure, Frame, LaunchRow, Link, Pager, ResultsPage, Section,
};
use crate::site::words::{self, Unresolved};
use crate::site::{SiteError, chart, markdown};

/// Launches that a result's history strip shows.
const HISTORY: usize = 20;

/// What rendering a launch leaves for the project's pages; links lead from the project's folder.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) row: LaunchRow,
    pub(crate) failures: Vec<Failure>,
    pub(crate) changes: Vec<Change>,
    pub(crate) against: Option<Compared>,
}

/// A launch against its baseline, in numbers.
#[derive(Debug)]
pub(crate) struct Compared {
    /// The place of the baseline in the project.
    pub(crate) base: usize,
    /// How many tests there are of each kind, with its heading and anchor.
    pub(crate) counts: [(&'static str, &'static str, u64); 9],
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// With messages, steps and attachments.
    pub(crate) full: bool,
    /// How many unresolved failures to return.
    pub(crate) failures: usize,
}

/// Renders a launch's pages and chunks.
pub(crate) fn render(
    project: &Context<'_>,
    number: usize,
    options: Options,
    attachments: &mut Attachments,
    writer: &mut Writer<'_>,
) -> Result<Rendered, SiteError> {
    let launch = &project.project.launches[number];
    let (accounts, results, details) = bulk(launch, options.full)?;
    let window = Window::new(
        &project.project.launches,
        &project.superseded,
        number,
        HISTORY,
    );
    let rows = rows::rows(launch, number, &results, &project.tracks, &window);
    let groups = rows::groups_of(&rows);
    let runs = Runs::new(&rows, &results, &accounts);
    let context = LaunchContext {
        project,
        number,
        window: &window,
        rows: &rows,
        tabs: Tabs {
            environments: environments::several(&rows),
            timeline: runs.is_some(),
            comparison: comparison::is_there(project, number),
        },
    };
    let folder = format!(
        "{}/launches/{}",
        project.folder, project.launch_folders[number]
    );

    let unresolved = Unsolved::new(&context, unresolved(&context));
    let against = comparison::against(project, number);
    if let Some(against) = &against {
        let path = format!("{folder}/compare.html");
        let page = comparison::page(&context, against, &path, writer);
        writer.page(&path, "comparison.html", &page)?;
    }
    let up = format!("launches/{}/", project.launch_folders[number]);
    let row = launch_row(&context, &unresolved, &up);
    let path = format!("{folder}/evidence.html");
    let evidence = evidence::page(&context, &accounts, options.full, &path, writer);
    writer.page(&path, "evidence.html", &evidence)?;
    let page = launch_page(
        &context,
        &row,
        &unresolved,
        &groups,
        options.full,
        evidence.verdict.clone(),
        writer,
    );
    writer.page(&format!("{folder}/index.html"), "launch.html", &page)?;
    if !rows.is_empty() {
        let blank = |writer: &Writer<'_>, path: &str| results_page(&context, path, writer);
        results::write_pages(&context, &folder, &blank, writer)?;
        results::write_chunks(
            &context,
            &groups,
            (&results, &details, &accounts),
            &folder,
            attachments,
            writer,
        )?;
    }
    let mut matrix = None;
    if context.tabs.environments.is_some() {
        let path = format!("{folder}/environments.html");
        let page = environments::page(&context, &path, writer);
        writer.page(&path, "environments.html", &page)?;
        matrix = Some(page);
    }
    if options.full {
        let path = format!("{folder}/pack.html");
        let page = document::pack(
            &context,
            (page, evidence, matrix),
            (&results, &details),
            attachments,
            &path,
            writer,
        )?;
        writer.page(&path, "pack.html", &page)?;
    }
    if let Some(runs) = &runs {
        let path = format!("{folder}/timeline.html");
        let page = timeline::page(&context, runs, &path, writer);
        writer.page(&path, "timeline.html", &page)?;
        writer.file(&format!("{folder}/data/times.js"), &timeline::times(runs))?;
    }
    let failures = unresolved.all.iter().take(options.failures);
    Ok(Rendered {
        failures: failures
            .map(|n| failures::failure(&context, *n, &up, ""))
            .collect(),
        changes: changes(&context, &up),
        against: against.map(|against| Compared {
            base: against.base,
            counts: comparison::counts(&against.comparison),
        }),
        row,
    })
}

/// What one shard was read from, and which of the launch's rows it has.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) shard: String,
    job: Job,
    intake: Vec<Intake>,
    pub(crate) rows: Range<usize>,
}

/// Accounts of what was read, results, and their details.
type Bulk = (Vec<Account>, Vec<TestResult>, Vec<Details>);

/// Reads what a launch holds beyond its outcomes; nothing where it is not wanted.
fn bulk(launch: &LaunchInput<'_>, wanted: bool) -> Result<Bulk, SiteError> {
    if !wanted {
        return Ok(<_>::default());
    }
    let fail = |source| SiteError::Launch {
        launch: launch.file.id.clone(),
        source,
    };
    let (accounts, results) = apart(launch.content.shards().map_err(fail)?);
    Ok((accounts, results, launch.content.details().map_err(fail)?))
}

fn apart(shards: Vec<ShardInput>) -> (Vec<Account>, Vec<TestResult>) {
    let mut results = Vec::new();
    let accounts = shards.into_iter().map(|shard| {
        let first = results.len();
        results.extend(shard.results);
        Account {
            shard: shard.name,
            job: shard.job,
            intake: shard.intake,
            rows: first..results.len(),
        }
    });
    (accounts.collect(), results)
}

/// The unresolved results, new failures first.
fn unresolved(context: &LaunchContext<'_>) -> Vec<usize> {
    let is_new = |n: &usize| {
        let row = &context.rows[*n];
        row.past.is_new_failure(row.outcome)
    };
    let all = 0..context.rows.len();
    let mut out: Vec<usize> = all
        .filter(|n| context.rows[*n].outcome.is_unresolved())
        .collect();
    out.sort_by_key(|n| (!is_new(n), *n));
    out
}

fn say(context: &LaunchContext<'_>, unresolved: &Unsolved) -> Unresolved {
    let rows = || unresolved.all.iter().map(|n| &context.rows[*n]);
    let is_new = |row: &&Row<'_>| row.past.is_new_failure(row.outcome);
    let known = context.window.launches.len() > 1;
    let new: Vec<&Row<'_>> = rows().filter(is_new).collect();
    let place = if new.is_empty() {
        place(rows())
    } else {
        place(new.iter().copied())
    };
    let oldest = rows().filter_map(|row| row.past.since).min();
    Unresolved {
        new: known.then_some(new.len() as u64),
        place,
        cause: unresolved.cause(context),
        since: oldest.map(|n| {
            let is_first = context.is_cut() && context.window.launches.first() == Some(&n);
            let name = words::line(&context.project.project.launches[n].file.name);
            match is_first {
                true => say!("verdict.or-longer", launch = name),
                false => name,
            }
        }),
    }
}

/// The innermost group that holds all of some rows.
fn place<'r>(rows: impl Iterator<Item = &'r Row<'r>>) -> Option<String> {
    let mut shared: Option<&[String]> = None;
    for row in rows {
        shared = Some(match shared {
            None => &row.path,
            Some(path) => {
                let n = path
                    .iter()
                    .zip(&row.path)
                    .take_while(|(a, b)| a == b)
                    .count();
                &path[..n]
            }
        });
    }
    shared?
        .last()
        .map(|name| words::line(name))
        .filter(|name| name.chars().count() <= 60)
}

fn launch_row(context: &LaunchContext<'_>, unresolved: &Unsolved, up: &str) -> LaunchRow {
    let project = context.project;
    let launch = &project.project.launches[context.number];
    let file = launch.file;
    let took = took(context.rows);
    let rate = pass_rate(launch.outcomes);
    LaunchRow {
        name: words::line(&file.name),
        id: file.id.clone(),
        href: format!("{up}index.html"),
        opened: words::when(file.opened.at),
        branch: words::line(file.source.branch.as_deref().unwrap_or_default()),
        commit: words::short_commit(file.source.commit.as_deref().unwrap_or_default()),
        by: person(file.opened.by.as_deref()),
        took: took.map_or_else(String::new, human_duration),
        took_ms: took.map_or_else(String::new, |ms| ms.to_string()),
        counts: counts(file, up),
        verdict: words::verdict(&file.totals, &say(context, unresolved)),
        unresolved: file.totals.unresolved,
        unresolved_text: thousands(file.totals.unresolved),
        broken: file.totals.broken,
        skipped: file.totals.skipped,
        superseded_by: project.superseded[context.number]
            .map(|n| words::line(&project.project.launches[n].file.name)),
        pass_rate: words::pass_rate(launch.outcomes),
        rate: match rate.of {
            0 => String::new(),
            of => say!("pass-rate.alone", rate = words::per_cent(rate.part, of)),
        },
        rate_share: rate.value().map_or_else(String::new, |v| format!("{v:.6}")),
    }
}

fn counts(file: &LaunchFile, up: &str) -> Counts {
    let mut counts = chart::counts(&file.totals, |status| {
        Some(format!("{up}results.html#s={}", status.as_str()))
    });
    if let Some(overridden) = &mut counts.overridden {
        overridden.href = Some(format!("{up}results.html#q=is:overridden"));
    }
    counts
}

/// The name of `Name <email>`.
fn person(by: Option<&str>) -> String {
    let by = by.unwrap_or_default();
    words::line(by.split('<').next().unwrap_or(by).trim())
}

/// Milliseconds from the first start to the last end, where starts are known.
fn took(rows: &[Row<'_>]) -> Option<u64> {
    let first = rows.iter().filter_map(|r| r.outcome.start).min();
    let end = |r: &Row<'_>| Some(r.outcome.start?.ms() + r.outcome.duration.unwrap_or(0) as i64);
    let last = rows.iter().filter_map(end).max();
    match (first, last) {
        (Some(first), Some(last)) if last > first.ms() => Some((last - first.ms()) as u64),
        _ => None,
    }
}

/// What changed against each test's last entry; each leads to its list.
fn changes(context: &LaunchContext<'_>, up: &str) -> Vec<Change> {
    if context.window.launches.len() < 2 {
        return Vec::new();
    }
    let n = |counts: &dyn Fn(&Row<'_>) -> bool| {
        context.rows.iter().filter(|r| counts(r)).count() as u64
    };
    let new = n(&|r| r.past.is_new_failure(r.outcome));
    let still = n(&|r| r.outcome.is_unresolved() && r.past.since.is_some());
    let fixed = n(&|r| r.past.transition == Some(Transition::Fixed));
    [
        ("new", new, "is:new"),
        ("still", still, "is:old"),
        ("fixed", fixed, "is:fixed"),
    ]
    .into_iter()
    .map(|(kind, n, query)| Change {
        kind,
        text: thousands(n),
        label: say!(&format!("change.{kind}"), n = n),
        href: format!("{up}results.html#q={query}"),
    })
    .collect()
}

fn tabs(context: &LaunchContext<'_>, current: &str) -> Vec<Section> {
    let tab = |id: &str, href: &str, n: Option<usize>| Section {
        name: say!(&format!("tab.{id}")),
        href: href.to_owned(),
        current: id == current,
        count: n.map(|n| thousands(n as u64)),
    };
    let mut tabs = vec![tab("summary", "index.html", None)];
    if !context.rows.is_empty() {
        tabs.push(tab("results", "results.html", Some(context.rows.len())));
    }
    if context.tabs.comparison {
        tabs.push(tab("comparison", "compare.html", None));
    }
    if context.tabs.environments.is_some() {
        let n = context.tabs.environments;
        tabs.push(tab("environments", "environments.html", n));
    }
    if context.tabs.timeline {
        tabs.push(tab("timeline", "timeline.html", None));
    }
    tabs.push(tab("evidence", "evidence.html", None));
    tabs
}

fn frame(context: &LaunchContext<'_>, path: &str, page: &str, writer: &Writer<'_>) -> Frame {
    let project = context.project;
    let name = words::line(&project.project.launches[context.number].file.name);
    let crumb = |name: &str, href: &str| Crumb {
        name: name.to_owned(),
        href: Some(href.to_owned()),
    };
    let mut below = vec![
        crumb(&section_name("launches"), "../../launches.html"),
        crumb(&name, "index.html"),
    ];
    if page != "summary" {
        below.push(crumb(&say!(&format!("tab.{page}")), ""));
    }
    let frame = writer.frame(FrameOf {
        path,
        title: match page {
            "summary" => say!("launch.title", launch = &name, project = project.name()),
            page => say!(
                "launch.title-of",
                page = say!(&format!("tab.{page}")),
                launch = &name,
                project = project.name()
            ),
        },
        crumbs: project.crumbs("../../", below),
        sections: project.sections("../../", "launches"),
        search: project.search("../../"),
        results_view: page == "results",
        ..FrameOf::default()
    });
    match page {
        "timeline" => writer.with_timeline(frame),
        _ => frame,
    }
}

fn results_page(context: &LaunchContext<'_>, path: &str, writer: &Writer<'_>) -> ResultsPage {
    let file = context.project.project.launches[context.number].file;
    ResultsPage {
        frame: frame(context, path, "results", writer),
        tabs: tabs(context, "results"),
        name: words::line(&file.name),
        counts: counts(file, ""),
        rows: Vec::new(),
        pager: Pager::default(),
        data: None,
    }
}

/// A link as pages show it; its address only where it may be linked.
pub(crate) fn link(link: &crate::model::Link) -> Link {
    Link {
        text: words::line(
            link.name
                .as_deref()
                .or(link.url.as_deref())
                .unwrap_or_default(),
        ),
        href: link.url.clone().filter(|url| markdown::is_safe_url(url)),
        kind: words::line(link.kind.as_deref().unwrap_or_default()),
    }
}
