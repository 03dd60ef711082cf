//! A project's dashboards: facts → widgets → figures → pages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::behind::Links;
use super::context::Context;
use super::paths;
use super::unseen::Unseen;
use crate::analysis::subjects::{
    CaseSet, DefectSubject, LaunchState, LaunchSubject, MuteSubject, Past,
};
use crate::base::Digest;
use crate::base::text::escaped;
use crate::diag::Severity;
use crate::model::{Dashboard, Metric, Size, Widget, WidgetKind};
use crate::site::chart::{self, Drawn, Href};
use crate::site::input::ProjectInput;
use crate::site::pages::{FrameOf, Writer};
use crate::site::texts::{coded, say};
use crate::site::view::dashboard::{DashboardPage, WidgetView};
use crate::site::view::{Crumb, Section};
use crate::site::widgets::{
    Facts, Figure, LaunchFacts, LaunchRows, Rows, Shown, Target, no_launch_yet, show,
};
use crate::site::{SiteError, markdown, words};
use crate::store::Project;

/// Returns the page of the first dashboard, from the project's folder; none where there are none.
pub(super) fn first(project: &ProjectInput<'_>) -> Option<String> {
    let documents = project.documents?;
    let ids = documents.dashboards.iter().map(|doc| doc.value.id.as_str());
    let name = paths::unique(ids.take(1)).into_iter().next();
    Some(format!(
        "dashboards/{}.html",
        name.as_deref().unwrap_or(DEFAULT)
    ))
}

/// Returns the name of the page of each dashboard, and its name for people.
pub(super) fn pages(project: &Project) -> Vec<(String, String)> {
    let boards = boards(project, 0);
    let names = paths::unique(boards.iter().map(|board| board.id.as_str()));
    let pairs = names.into_iter().zip(boards);
    pairs.map(|(page, board)| (page, board.name)).collect()
}

/// The name of the page of a project without dashboards.
const DEFAULT: &str = "overview";

/// Returns the project's dashboards, or one for a project without any, of which so many launches can be looked at.
fn boards(project: &Project, launches: usize) -> Vec<Dashboard> {
    let own: Vec<Dashboard> = project
        .dashboards
        .iter()
        .map(|doc| doc.value.clone())
        .collect();
    match own.is_empty() {
        true => vec![default_board(launches)],
        false => own,
    }
}

/// The dashboard of a project that has none. What is held from launch to launch waits for the second one.
fn default_board(launches: usize) -> Dashboard {
    let widget = |kind| Widget {
        kind,
        ..Widget::default()
    };
    let one = vec![
        widget(WidgetKind::LastLaunch),
        Widget {
            size: Some(Size::Wide),
            ..widget(WidgetKind::Durations)
        },
        Widget {
            metric: Some(Metric::Duration),
            ..widget(WidgetKind::TopCases)
        },
        widget(WidgetKind::Owners),
        widget(WidgetKind::TreeMap),
    ];
    let several = vec![
        widget(WidgetKind::LastLaunch),
        widget(WidgetKind::LaunchTrend),
        Widget {
            metric: Some(Metric::PassRate),
            ..widget(WidgetKind::Metric)
        },
        widget(WidgetKind::Durations),
        widget(WidgetKind::HeatMap),
        Widget {
            metric: Some(Metric::FlipRate),
            ..widget(WidgetKind::TopCases)
        },
        widget(WidgetKind::Owners),
        widget(WidgetKind::TreeMap),
    ];
    let mut widgets = if launches == 1 { one } else { several };
    for (place, widget) in widgets.iter_mut().enumerate() {
        widget.place = place;
    }
    Dashboard {
        id: DEFAULT.to_owned(),
        name: say!("dashboards.dashboard"),
        widgets,
        ..Dashboard::default()
    }
}

/// Rows as the launches keep them.
#[derive(Debug)]
struct Content<'a> {
    project: &'a ProjectInput<'a>,
    /// What was read, by launch: widgets ask for the same launches.
    kept: Mutex<Vec<Option<Kept>>>,
}

type Kept = Result<Arc<LaunchRows>, String>;

/// Rows that are kept for the next widget; launches past that are read anew.
const KEPT: usize = 400_000;

impl<'a> Content<'a> {
    fn new(project: &'a ProjectInput<'a>) -> Self {
        Self {
            project,
            kept: Mutex::new(vec![None; project.launches.len()]),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Option<Kept>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, launch: usize) -> Result<LaunchRows, String> {
        let shards = self.project.launches[launch].content.shards();
        let shards = shards.map_err(|error| error.to_string())?;
        let mut out = LaunchRows::default();
        for (number, shard) in shards.into_iter().enumerate() {
            out.jobs.push(shard.job);
            let rows = shard.results.into_iter();
            out.rows
                .extend(rows.map(|row| (row.id.clone(), (number, row))));
        }
        Ok(out)
    }
}

impl Rows for Content<'_> {
    fn read(&self, launch: usize) -> Kept {
        if let Some(kept) = &self.kept()[launch] {
            return kept.clone();
        }
        let read = self.fresh(launch).map(Arc::new);
        let mut kept = self.kept();
        let rows = |kept: &Kept| kept.as_ref().map_or(0, |kept| kept.rows.len());
        let all: usize = kept.iter().flatten().map(rows).sum();
        if all + rows(&read) <= KEPT {
            kept[launch] = Some(read.clone());
        }
        read
    }
}

/// Writes a page for each dashboard.
pub(super) fn render(context: &Context<'_>, writer: &mut Writer<'_>) -> Result<(), SiteError> {
    let Some(project) = context.project.documents else {
        return Ok(());
    };
    let now = context.input.stamp.now;
    let launches = &context.project.launches;
    let past = Past {
        tracks: context.tracks.clone(),
        earlier: launches.len(),
        opened: launches.iter().map(|l| l.file.opened.at).collect(),
        now,
    };
    let set = CaseSet::new(project, now);
    let content = Content::new(context.project);
    let standing = context.standing.as_ref();
    let matrix = standing.filter(|standing| standing.has_requirements());
    let matrix = matrix.map(super::standing::Standing::matrix);
    let facts = Facts {
        launches: launches_of(context),
        past: &past,
        rows: &content,
        cases: set.subjects(Some(&past)),
        defects: { project.defects.iter() }
            .map(|doc| DefectSubject {
                defect: &doc.value,
                path: &doc.path,
                text: doc.body(),
            })
            .collect(),
        mutes: { project.mutes.iter() }
            .map(|doc| MuteSubject {
                mute: &doc.value,
                path: &doc.path,
                now,
            })
            .collect(),
        recurring: super::defects::recurring(context),
        matrix: matrix.as_ref(),
        people: context.project.members.clone(),
        saved: { project.queries.iter() }
            .map(|doc| (doc.value.id.as_str(), &doc.value))
            .collect::<BTreeMap<_, _>>(),
        now,
        since: match context.unseen() {
            Unseen::Before(since) => Some(since),
            Unseen::Nothing | Unseen::All => None,
        },
    };
    let links = Links::new(context);
    let href = |target: &Target| links.href(target);
    let (seen, newer) = seen(context);
    let boards = boards(project, seen);
    let names = paths::unique(boards.iter().map(|board| board.id.as_str()));
    for (board, name) in boards.iter().zip(&names) {
        let path = format!("{}/dashboards/{name}.html", context.folder);
        let below = vec![Crumb {
            name: words::line(&board.name),
            href: None,
        }];
        let frame = writer.frame(FrameOf {
            path: &path,
            title: say!(
                "title.of",
                page = words::line(&board.name),
                name = context.name()
            ),
            crumbs: context.crumbs("../", below),
            sections: context.sections("../", "dashboards"),
            search: context.search("../"),
            ..FrameOf::default()
        });
        let tabs = boards.iter().zip(&names).map(|(other, page)| Section {
            name: words::line(&other.name),
            href: format!("{page}.html"),
            current: page == name,
            count: None,
        });
        let page = DashboardPage {
            frame,
            name: words::line(&board.name),
            description: board.description.clone().unwrap_or_default(),
            boards: if boards.len() > 1 {
                tabs.collect()
            } else {
                Vec::new()
            },
            is_default: project.dashboards.is_empty(),
            newer: match board.launches {
                None => newer.clone(),
                Some(_) => String::new(),
            },
            unreadable: unreadable(context),
            widgets: paired(
                shown(&facts, board)
                    .iter()
                    .map(|(widget, shown)| set_widget(widget, shown, &href))
                    .collect(),
            ),
        };
        writer.page(&path, "dashboard.html", &page)?;
    }
    Ok(())
}

/// Returns how many launches a dashboard without a query of launches looks at, and what is said of newer ones that it
/// doesn't look at.
fn seen(context: &Context<'_>) -> (usize, String) {
    let Some(latest) = super::project::latest(context) else {
        return (0, String::new());
    };
    let launches = &context.project.launches;
    let branch = |number: usize| launches[number].file.source.branch.as_deref();
    let standing = (0..launches.len()).filter(|number| context.superseded[*number].is_none());
    let standing: Vec<usize> = standing.collect();
    let n = standing
        .iter()
        .filter(|number| branch(**number) == branch(latest))
        .count();
    let newest = standing.last().copied().unwrap_or(latest);
    let said = match newest > latest {
        true => say!(
            "dashboard.newer",
            branch = words::line(branch(latest).unwrap_or("–")),
            launch = words::line(&launches[newest].file.name),
            other = words::line(branch(newest).unwrap_or("–"))
        ),
        false => String::new(),
    };
    (n, said)
}

/// Computes the widgets of a dashboard. Where there is no launch yet, what has to be done is said once, and how much waits for it.
fn shown<'b>(facts: &Facts<'_>, board: &'b Dashboard) -> Vec<(&'b Widget, Shown)> {
    let all = board.widgets.iter();
    let all = all.map(|widget| (widget, show(facts, board, widget)));
    if !facts.launches.is_empty() {
        return all.collect();
    }
    let waits = |shown: &Shown| shown.figure == no_launch_yet(facts).figure;
    let (waiting, mut out): (Vec<_>, Vec<_>) = all.partition(|(_, shown)| waits(shown));
    let more = waiting.len().saturating_sub(1);
    if let Some((widget, mut shown)) = waiting.into_iter().next() {
        if more > 0 {
            shown.measure = say!("widget.wait-for-it", n = more);
        }
        out.insert(0, (widget, shown));
    }
    out
}

/// What is wrong with the files of dashboards: what they say is left out.
fn unreadable(context: &Context<'_>) -> Vec<String> {
    let folder = format!("projects/{}/dashboards/", context.project.folder);
    let findings = context.project.findings.iter();
    let wrong = findings
        .filter(|finding| finding.severity == Severity::Error && finding.path.starts_with(&folder));
    wrong
        .map(|finding| {
            let line = finding
                .line
                .map_or(String::new(), |line| format!(":{line}"));
            let said = format!("{}{line}: {}", finding.path, finding.message);
            coded(&words::line(&said))
        })
        .collect()
}

fn launches_of<'a>(context: &Context<'a>) -> Vec<LaunchFacts<'a>> {
    let launches = context.project.launches.iter().enumerate();
    launches
        .map(|(number, launch)| {
            let file = launch.file;
            let receipt = Digest::parse(launch.receipt);
            LaunchFacts {
                about: LaunchSubject {
                    id: &file.id,
                    name: &file.name,
                    project: &file.project,
                    state: receipt.map_or(LaunchState::Open, |receipt| LaunchState::Closed {
                        closed: &file.closed,
                        receipt,
                    }),
                    tags: &file.tags,
                    links: &file.links,
                    jobs: &file.jobs,
                    environment: &file.environment,
                    source: &file.source,
                    opened: &file.opened,
                    supersedes: file.supersedes.as_deref(),
                    superseded: context.superseded[number].is_some(),
                    totals: &file.totals,
                },
                environments: launch.environments,
                outcomes: launch.outcomes,
                tests: launch.tests,
            }
        })
        .collect()
}

/// The width in which a figure is drawn, in units of its view: what its widget has in a window of 1280 px, so that its
/// letters have about their size there.
fn width(size: Size) -> u64 {
    match size {
        Size::Small => 280,
        Size::Third => 384,
        Size::Half => 592,
        Size::Wide => 800,
        Size::Full => 1216,
    }
}

/// Narrow widgets stand two in a row where windows are of middling width: the last of an odd number has a row alone.
fn paired(mut widgets: Vec<WidgetView>) -> Vec<WidgetView> {
    let is_narrow = |widget: &WidgetView| ["small", "third"].contains(&widget.size);
    let rows = widgets.chunk_by_mut(|a, b| is_narrow(a) == is_narrow(b));
    for row in rows.filter(|row| row.len() % 2 == 1) {
        if let Some(last) = row.last_mut() {
            last.alone = is_narrow(last);
        }
    }
    widgets
}

fn set_widget(widget: &Widget, shown: &Shown, href: Href<'_>) -> WidgetView {
    let size = widget.width();
    let name = say!(
        "dashboard.figure",
        finding = &shown.finding,
        measure = &shown.measure
    );
    let table = || chart::table(&shown.table, href);
    let mut todo = String::new();
    let mut finding = escaped(&shown.finding);
    let drawn = match &shown.figure {
        Figure::Nothing { reason, todo: next } => {
            finding = coded(reason);
            todo = format!("<p>{}</p>", coded(next));
            Drawn::default()
        }
        Figure::Donut(marks) => chart::donut(&name, marks, href),
        // A single launch is no trend: its shares and numbers are set as such.
        Figure::Stacks(all) if all.len() == 1 => match all[0].parts.as_slice() {
            [] => Drawn::default(),
            parts => chart::donut(&name, parts, href),
        },
        Figure::Lines(all) if all.iter().all(|line| line.points.len() < 2) => {
            chart::numbers(all, href)
        }
        Figure::Stacks(all) | Figure::Histogram(all) => {
            chart::columns(&name, all, width(size), href)
        }
        Figure::Lines(all) => chart::lines(&name, all, width(size), href),
        Figure::Bars(marks) => chart::bars(&name, marks, href),
        Figure::TreeMap(marks) if marks.len() == 1 => chart::bars(&name, marks, href),
        Figure::TreeMap(marks) => chart::tree(&name, marks, width(size), href),
        Figure::HeatMap(grid) => chart::grid(&name, grid, href),
        Figure::List if shown.table.rows.is_empty() => Drawn::default(),
        Figure::List => Drawn {
            html: table(),
            omitted: String::new(),
        },
        Figure::Text(text) => Drawn {
            html: format!(
                "<div class=\"prose\" dir=\"auto\">{}</div>",
                markdown::to_html(text)
            ),
            omitted: String::new(),
        },
    };
    let is_plain = matches!(shown.figure, Figure::List) || shown.table.rows.is_empty();
    WidgetView {
        size: size.as_str(),
        alone: false,
        title: words::line(widget.title.as_deref().unwrap_or_default()),
        finding_html: finding,
        measure: shown.measure.clone(),
        figure_html: drawn.html,
        omitted: drawn.omitted,
        table_html: if is_plain { String::new() } else { table() },
        todo_html: todo,
    }
}
