//! One launch: its page, its results, and its row in lists.

use super::attachments::Attachments;
use super::failures::{self, LaunchContext, MOST};
use super::project::Context;
use super::results;
use super::rows::{self, Group, Row, Window};
use crate::analysis::tracks::Transition;
use crate::base::text::{count, thousands};
use crate::base::time::human_duration;
use crate::model::{LaunchFile, Status};
use crate::site::input::LaunchInput;
use crate::site::pages::{FrameOf, Writer};
use crate::site::view::{
    Change, Count, Counts, Crumb, Fact, Failure, Frame, JobRow, LaunchPage, LaunchRow, Link, Pager,
    ResolvedRow, ResultsPage, Section, SuiteRow,
};
use crate::site::words::{self, Unresolved};
use crate::site::{SiteError, chart, markdown};

/// Launches that a result's history strip shows.
const HISTORY: usize = 20;
/// Fixed tests named on the launch's page.
const FIXED: usize = 50;
/// Groups named on the launch's page.
const SUITES: usize = 40;

/// What rendering a launch leaves for the project's pages; links lead from the project's folder.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) row: LaunchRow,
    pub(crate) failures: Vec<Failure>,
    pub(crate) changes: Vec<Change>,
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
    let fail = |source| SiteError::Launch {
        launch: launch.file.id.clone(),
        source,
    };
    let (results, details) = if options.full {
        (
            launch.content.results().map_err(fail)?,
            launch.content.details().map_err(fail)?,
        )
    } else {
        (Vec::new(), Vec::new())
    };
    let window = Window::new(
        &project.project.launches,
        &project.superseded,
        number,
        HISTORY,
    );
    let rows = rows::rows(launch, number, &results, &project.tracks, &window);
    let groups = rows::groups_of(&rows);
    let context = LaunchContext {
        project,
        number,
        window: &window,
        rows: &rows,
    };
    let folder = format!(
        "{}/launches/{}",
        project.folder, project.launch_folders[number]
    );

    let unresolved = unresolved(&context);
    let up = format!("launches/{}/", project.launch_folders[number]);
    let row = launch_row(&context, &unresolved, &up);
    let page = launch_page(&context, &row, &unresolved, &groups, options.full, writer);
    writer.page(&format!("{folder}/index.html"), "launch.html", &page)?;
    if !rows.is_empty() {
        let blank = |writer: &Writer<'_>, path: &str| results_page(&context, path, writer);
        results::write_pages(&context, &folder, &blank, writer)?;
        results::write_chunks(
            &context,
            &groups,
            (&results, &details),
            &folder,
            attachments,
            writer,
        )?;
    }
    let failures = unresolved.iter().take(options.failures);
    Ok(Rendered {
        failures: failures
            .map(|n| failures::failure(&context, *n, &up, ""))
            .collect(),
        changes: changes(&context, &up),
        row,
    })
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

fn say(context: &LaunchContext<'_>, unresolved: &[usize]) -> Unresolved {
    let rows = || unresolved.iter().map(|n| &context.rows[*n]);
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
        since: oldest.map(|n| words::line(&context.project.project.launches[n].file.name)),
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

fn launch_row(context: &LaunchContext<'_>, unresolved: &[usize], up: &str) -> LaunchRow {
    let project = context.project;
    let launch = &project.project.launches[context.number];
    let file = launch.file;
    LaunchRow {
        name: words::line(&file.name),
        id: file.id.clone(),
        href: format!("{up}index.html"),
        opened: words::when(file.opened.at),
        branch: words::line(file.source.branch.as_deref().unwrap_or_default()),
        commit: words::short_commit(file.source.commit.as_deref().unwrap_or_default()),
        by: person(file.opened.by.as_deref()),
        took: took(context.rows),
        counts: counts(file, up),
        verdict: words::verdict(&file.totals, &say(context, unresolved)),
        unresolved: file.totals.unresolved,
        unresolved_text: thousands(file.totals.unresolved),
        broken: file.totals.broken,
        superseded_by: project.superseded[context.number]
            .map(|n| words::line(&project.project.launches[n].file.name)),
        pass_rate: words::pass_rate(&file.totals),
    }
}

fn counts(file: &LaunchFile, up: &str) -> Counts {
    chart::counts(&file.totals, |status| {
        Some(format!("{up}results.html#s={}", status.as_str()))
    })
}

/// The name of `Name <email>`.
fn person(by: Option<&str>) -> String {
    let by = by.unwrap_or_default();
    words::line(by.split('<').next().unwrap_or(by).trim())
}

/// From the first start to the last end, where starts are known.
fn took(rows: &[Row<'_>]) -> String {
    let first = rows.iter().filter_map(|r| r.outcome.start).min();
    let end = |r: &Row<'_>| Some(r.outcome.start?.ms() + r.outcome.duration.unwrap_or(0) as i64);
    let last = rows.iter().filter_map(end).max();
    match (first, last) {
        (Some(first), Some(last)) if last > first.ms() => {
            human_duration((last - first.ms()) as u64)
        }
        _ => String::new(),
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
        ("new", new, "new failures", "is:new"),
        ("still", still, "failed before", "is:old"),
        ("fixed", fixed, "fixed", "is:fixed"),
    ]
    .into_iter()
    .map(|(kind, n, label, query)| Change {
        kind,
        text: thousands(n),
        label: if kind == "new" && n == 1 {
            "new failure".to_owned()
        } else {
            label.to_owned()
        },
        href: format!("{up}results.html#q={query}"),
    })
    .collect()
}

fn tabs(context: &LaunchContext<'_>, current: &str) -> Vec<Section> {
    let tab = |name: &str, href: &str, n: Option<usize>| Section {
        name: name.to_owned(),
        href: href.to_owned(),
        current: name == current,
        count: n.map(|n| thousands(n as u64)),
    };
    let mut tabs = vec![tab("Summary", "index.html", None)];
    if !context.rows.is_empty() {
        tabs.push(tab("Results", "results.html", Some(context.rows.len())));
    }
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
        crumb("Launches", "../../launches.html"),
        crumb(&name, "index.html"),
    ];
    if page == "Results" {
        below.push(crumb("Results", ""));
    }
    writer.frame(FrameOf {
        path,
        title: format!(
            "{}{name} · {}",
            if page == "Results" { "Results of " } else { "" },
            project.name()
        ),
        crumbs: project.crumbs("../../", below),
        sections: project.sections("../../", "Launches"),
        search: project.search("../../"),
        results_view: page == "Results",
    })
}

fn results_page(context: &LaunchContext<'_>, path: &str, writer: &Writer<'_>) -> ResultsPage {
    let file = context.project.project.launches[context.number].file;
    ResultsPage {
        frame: frame(context, path, "Results", writer),
        tabs: tabs(context, "Results"),
        name: words::line(&file.name),
        counts: counts(file, ""),
        rows: Vec::new(),
        pager: Pager::default(),
        data: None,
    }
}

fn launch_page(
    context: &LaunchContext<'_>,
    row: &LaunchRow,
    unresolved: &[usize],
    groups: &[Group],
    full: bool,
    writer: &Writer<'_>,
) -> LaunchPage {
    let project = context.project;
    let launch = &project.project.launches[context.number];
    let file = launch.file;
    let path = format!(
        "{}/launches/{}/index.html",
        project.folder, project.launch_folders[context.number]
    );
    let fixed = (0..context.rows.len())
        .filter(|n| context.rows[*n].past.transition == Some(Transition::Fixed));
    LaunchPage {
        frame: frame(context, &path, "Summary", writer),
        tabs: tabs(context, "Summary"),
        name: row.name.clone(),
        id: file.id.clone(),
        verdict: row.verdict.clone(),
        counts: counts(file, ""),
        beside: beside(file),
        pass_rate: row.pass_rate.clone(),
        facts: facts(context, row),
        receipt: receipt(launch.receipt),
        path: words::line(launch.path),
        superseded_by: project.superseded[context.number].map(|n| launch_link(project, n)),
        supersedes: file.supersedes.as_ref().map(|id| supersedes(project, id)),
        reason: words::line(file.closed.reason.as_deref().unwrap_or_default()),
        notes_html: markdown::to_html(launch.notes),
        changes: changes(context, ""),
        groups: failures::groups(context, unresolved),
        unresolved: unresolved.len() as u64,
        unresolved_text: count(unresolved.len() as u64, "unresolved failure"),
        cut: (unresolved.len() > MOST).then(|| Link {
            text: format!(
                "All {} unresolved failures",
                thousands(unresolved.len() as u64)
            ),
            href: Some("results.html#q=is:unresolved".to_owned()),
            kind: String::new(),
        }),
        resolved: resolved(context),
        fixed: fixed.take(FIXED).map(|n| brief(context, n)).collect(),
        suites: suites(groups),
        jobs: file.jobs.iter().map(job_row).collect(),
        missing: missing(launch, full, unresolved),
    }
}

/// A failure's or a fixed test's name alone.
fn brief(context: &LaunchContext<'_>, number: usize) -> Failure {
    let full = failures::failure(context, number, "", "../../");
    Failure {
        message: String::new(),
        trace: String::new(),
        brief: String::new(),
        ..full
    }
}

fn launch_link(project: &Context<'_>, number: usize) -> Link {
    Link {
        text: words::line(&project.project.launches[number].file.name),
        href: Some(project.launch_href(number, "../../")),
        kind: String::new(),
    }
}

fn supersedes(project: &Context<'_>, id: &str) -> Link {
    let number = project
        .project
        .launches
        .iter()
        .position(|l| l.file.id == id);
    number.map_or_else(
        || Link {
            text: words::line(id),
            ..Link::default()
        },
        |number| launch_link(project, number),
    )
}

fn beside(file: &LaunchFile) -> Vec<Count> {
    let totals = &file.totals;
    let count = |status, n, label, query: &str| Count {
        status,
        label,
        n,
        text: thousands(n),
        href: (!query.is_empty()).then(|| format!("results.html#q={query}")),
    };
    [
        count(
            "retried",
            totals.retries,
            if totals.retries == 1 {
                "retry"
            } else {
                "retries"
            },
            "is:retried",
        ),
        count("muted", totals.muted, "muted", "is:muted"),
        count(
            "overridden",
            totals.overridden,
            "overridden",
            "is:overridden",
        ),
    ]
    .into_iter()
    .filter(|count| count.n > 0)
    .collect()
}

fn facts(context: &LaunchContext<'_>, row: &LaunchRow) -> Vec<Fact> {
    let file = context.project.project.launches[context.number].file;
    let fact = |label: &str, value: String| Fact {
        label: label.to_owned(),
        value,
        ..Fact::default()
    };
    let mono = |label: &str, value: &str| Fact {
        value: words::line(value),
        mono: true,
        copy: Some(words::line(value)),
        ..fact(label, String::new())
    };
    let source = &file.source;
    let mut out = vec![Fact {
        when: Some(row.opened.clone()),
        ..fact("Opened", String::new())
    }];
    out.push(Fact {
        when: Some(words::when(file.closed.at)),
        ..fact("Closed", String::new())
    });
    let closed_by = person(file.closed.by.as_deref());
    out.push(fact(
        "By",
        if row.by.is_empty() {
            closed_by
        } else {
            row.by.clone()
        },
    ));
    out.push(fact("Ran for", row.took.clone()));
    out.push(fact("Branch", row.branch.clone()));
    if let Some(commit) = &source.commit {
        out.push(Fact {
            value: words::short_commit(commit),
            ..mono("Commit", commit)
        });
    }
    if let Some(request) = &source.pull_request {
        out.push(fact("Pull request", words::line(request)));
    }
    for (name, value) in file.environment.iter() {
        out.push(fact(&words::line(name), words::line(value)));
    }
    if !file.tags.is_empty() {
        out.push(fact("Tags", words::line(&file.tags.join(", "))));
    }
    for link in &file.links {
        let url = link.url.clone().filter(|url| markdown::is_safe_url(url));
        let name = link
            .name
            .as_deref()
            .or(link.url.as_deref())
            .unwrap_or_default();
        let kind = link.kind.as_deref().unwrap_or("link");
        out.push(Fact {
            href: url,
            ..fact(&words::line(kind), words::line(name))
        });
    }
    if let Some(meaning) = &file.closed.meaning {
        out.push(fact("Meaning", words::line(meaning)));
    }
    out.retain(|fact| !fact.value.is_empty() || fact.when.is_some());
    out
}

fn receipt(receipt: &str) -> Fact {
    Fact {
        label: "Receipt".to_owned(),
        value: receipt.to_owned(),
        mono: true,
        copy: Some(receipt.to_owned()),
        ..Fact::default()
    }
}

/// The defects and mutes that answer for failures, with how many.
fn resolved(context: &LaunchContext<'_>) -> Vec<ResolvedRow> {
    let mut by: std::collections::BTreeMap<(&'static str, &str), u64> = Default::default();
    for row in context.rows {
        let answered = row.outcome.status.needs_resolution();
        for (kind, id) in [("defect", &row.outcome.defect), ("mute", &row.outcome.mute)] {
            if let Some(id) = id.as_ref().filter(|_| answered) {
                *by.entry((kind, id.as_str())).or_default() += 1;
            }
        }
    }
    by.into_iter()
        .map(|((kind, id), n)| resolved_row(context, kind, id, n))
        .collect()
}

fn resolved_row(context: &LaunchContext<'_>, kind: &'static str, id: &str, n: u64) -> ResolvedRow {
    let project = context.project.project;
    let defect = project
        .defects
        .iter()
        .find(|d| kind == "defect" && d.id == id);
    let mute = project.mutes.iter().find(|m| kind == "mute" && m.id == id);
    let links = defect.map(|d| &d.links).or(mute.map(|m| &m.links));
    let owner = defect
        .and_then(|d| d.owner.as_deref())
        .or(mute.map(|m| m.owner.as_str()));
    let title = defect
        .map(|d| d.title.as_str())
        .or(mute.map(|m| m.reason.as_str()));
    ResolvedRow {
        kind,
        id: words::line(id),
        title: words::line(title.unwrap_or("no longer in the workspace")),
        owner: words::line(owner.unwrap_or_default()),
        until: mute
            .and_then(|m| m.until)
            .map_or(String::new(), |date| date.to_string()),
        count_text: count(n, "result"),
        href: format!("results.html#q={kind}:{}", super::paths::fragment(id)),
        links: links.into_iter().flatten().map(link).collect(),
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

/// The outermost groups that say something: those below a single root where there is one.
fn suites(groups: &[Group]) -> Vec<SuiteRow> {
    let tops: Vec<usize> = (0..groups.len())
        .filter(|g| groups[*g].parent.is_none())
        .collect();
    let shown = match tops.as_slice() {
        [only] => {
            let below: Vec<usize> = (0..groups.len())
                .filter(|g| groups[*g].parent == Some(*only))
                .collect();
            if below.is_empty() { tops } else { below }
        }
        _ => tops,
    };
    let attention = |g: &usize| groups[*g].totals.unresolved > 0;
    let mut shown: Vec<usize> = shown.into_iter().collect();
    shown.sort_by_key(|g| (!attention(g), *g));
    shown.truncate(SUITES);
    shown
        .into_iter()
        .map(|number| {
            let group = &groups[number];
            SuiteRow {
                name: words::line(&group.name),
                href: format!("results.html#g={number}"),
                counts: chart::counts(&group.totals, |_| None),
                duration: if group.duration > 0 {
                    human_duration(group.duration)
                } else {
                    String::new()
                },
            }
        })
        .collect()
}

fn job_row(job: &crate::model::JobSummary) -> JobRow {
    JobRow {
        name: words::line(if job.name.is_empty() {
            &job.shard
        } else {
            &job.name
        }),
        href: job.url.clone().filter(|url| markdown::is_safe_url(url)),
        shard: words::line(&job.shard),
        attempt: job.attempt.map_or(String::new(), |n| n.to_string()),
        rows: thousands(job.rows),
        accepted_loss: words::line(job.accepted_loss.as_deref().unwrap_or_default()),
    }
}

fn missing(launch: &LaunchInput<'_>, full: bool, unresolved: &[usize]) -> String {
    let failing = launch
        .outcomes
        .iter()
        .any(|o| matches!(o.status, Status::Failed | Status::Broken));
    if full || (unresolved.is_empty() && !failing) {
        return String::new();
    }
    "This launch is older than those that the site shows in full: messages, steps and attachments \
     are in the launch's folder"
        .to_owned()
}
