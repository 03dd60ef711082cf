//! The page that sums a launch up.

use super::{changes, counts, frame, person, tabs};
use super::{planned, said};
use crate::analysis::tracks::Transition;
use crate::model::{Flag, LaunchFile, Outcome, Status};
use crate::site::build::context::Context;
use crate::site::build::failures::{self, LaunchContext, MOST, Unsolved};
use crate::site::build::paths;
use crate::site::build::rows::Group;
use crate::site::build::sheet::file_link;
use crate::site::input::LaunchInput;
use crate::site::pages::Writer;
use crate::site::texts::{count, counted, human_duration, say, thousands};
use crate::site::view::{
    Count, Fact, Failure, FailureGroup, LaunchPage, LaunchRow, Link, ResolvedRow, SuiteRow, Verdict,
};
use crate::site::{chart, markdown, words};

/// Fixed tests named on the launch's page.
const FIXED: usize = 50;
/// Groups named on the launch's page.
const SUITES: usize = 40;

pub(super) fn launch_page(
    context: &LaunchContext<'_>,
    row: &LaunchRow,
    unresolved: &Unsolved,
    groups: &[Group],
    full: bool,
    evidence: Verdict,
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
    let groups_of = failures::groups(context, unresolved);
    LaunchPage {
        frame: frame(context, &path, "summary", writer),
        tabs: tabs(context, "summary"),
        name: row.name.clone(),
        id: file.id.clone(),
        verdict: row.verdict.clone(),
        counts: counts(file, ""),
        beside: beside(file, launch.outcomes),
        pass_rate: row.pass_rate.clone(),
        facts: facts(context, row),
        receipt: receipt(launch.receipt),
        evidence,
        superseded_by: project.superseded[context.number].map(|n| launch_link(project, n)),
        supersedes: file.supersedes.as_ref().map(|id| supersedes(project, id)),
        planned: planned::planned(context),
        reason: words::line(file.closed.reason.as_deref().unwrap_or_default()),
        notes_html: markdown::to_html(launch.notes),
        gone: said::gone(launch.said),
        notes: said::notes(launch.said),
        changes: changes(context, ""),
        clusters_more: more_clusters(&groups_of),
        groups: groups_of,
        unresolved: unresolved.all.len() as u64,
        unresolved_text: count(unresolved.all.len() as u64, "unresolved failure"),
        cut: (unresolved.all.len() > MOST).then(|| Link {
            text: say!("launch.all-unresolved", n = unresolved.all.len()),
            href: Some("results.html#q=is:unresolved".to_owned()),
            kind: String::new(),
        }),
        resolved: resolved(context),
        fixed: fixed.take(FIXED).map(|n| brief(context, n)).collect(),
        suites: suites(groups),
        missing: missing(launch, full, &unresolved.all),
        pack: full,
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

pub(super) fn launch_link(project: &Context<'_>, number: usize) -> Link {
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

fn beside(file: &LaunchFile, outcomes: &[Outcome]) -> Vec<Count> {
    let totals = &file.totals;
    let retried = outcomes.iter().filter(|one| one.has(Flag::Retried));
    let retried = retried.count() as u64;
    let retries = say!("launch.retries", n = totals.retries);
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
            // What is listed is results, of which one may have been tried several times.
            match retried == totals.retries {
                true => retries,
                false => say!(
                    "launch.retries-of",
                    retries = retries,
                    results = counted(retried, "result")
                ),
            },
            "is:retried",
        ),
        count("muted", totals.muted, say!("flag.muted"), "is:muted"),
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
        ..fact(&say!("fact.opened"), String::new())
    }];
    out.push(Fact {
        when: Some(words::when(file.closed.at)),
        ..fact(&say!("fact.closed"), String::new())
    });
    let closed_by = person(file.closed.by.as_deref());
    match row.by.is_empty() || row.by == closed_by {
        true => out.push(fact(&say!("fact.by"), closed_by)),
        false => {
            out.push(fact(&say!("fact.by"), row.by.clone()));
            out.push(fact(&say!("fact.closed-by"), closed_by));
        }
    }
    if let Some(meaning) = &file.closed.meaning {
        out.push(fact(&say!("fact.meaning"), words::line(meaning)));
    }
    out.push(fact(&say!("fact.ran-for"), row.took.clone()));
    out.push(fact(&say!("fact.branch"), row.branch.clone()));
    if let Some(commit) = &source.commit {
        out.push(Fact {
            value: words::short_commit(commit),
            ..mono(&say!("fact.commit"), commit)
        });
    }
    if let Some(request) = &source.pull_request {
        out.push(fact(&say!("fact.pull-request"), words::line(request)));
    }
    for (name, value) in file.environment.iter() {
        out.push(fact(&words::line(name), words::line(value)));
    }
    if !file.tags.is_empty() {
        out.push(fact(&say!("fact.tags"), words::line(&file.tags.join(", "))));
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
    out.retain(|fact| !fact.value.is_empty() || fact.when.is_some());
    out
}

pub(super) fn receipt(receipt: &str) -> Fact {
    Fact {
        label: say!("launch.receipt"),
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
        page: match kind {
            "defect" => super::super::defects::href(context.project, id, "../../"),
            _ => super::super::mutes::href(context.project, id, "../../"),
        },
        id: words::line(id),
        title: title.map_or_else(|| say!("launch.no-longer-in-the-workspace"), words::line),
        owner: context.project.person(owner.unwrap_or_default()),
        until: mute
            .and_then(|m| m.until)
            .map_or(String::new(), |date| words::when(date.end()).day),
        count_text: count(n, "result"),
        href: format!("results.html#q={kind}:{}", paths::fragment(id)),
        links: (links.into_iter().flatten())
            .map(|link| file_link(context.project, link))
            .collect(),
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

/// Groups of the index above the failures; the others stand below it alone.
const INDEXED: usize = 12;

fn more_clusters(groups: &[FailureGroup]) -> String {
    match groups
        .iter()
        .skip(INDEXED)
        .filter(|group| group.many)
        .count()
    {
        0 => String::new(),
        n => say!("launch.more-groups", n = n),
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
    say!("launch.older-in-full")
}
