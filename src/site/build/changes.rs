//! Changes of the documentation: the latest commits, and what each of them means.

use std::collections::{BTreeMap, HashMap};

use super::context::section_name;
use super::paths;
use crate::review::{Effect, Noun};
use crate::site::input::{Changes, Input, Step};
use crate::site::pages::{FrameOf, Writer};
use crate::site::review::{Telling, view as told};
use crate::site::texts::{counted, say};
use crate::site::view::review::{ChangesPage, RangeEnd, StepPage, StepRow};
use crate::site::view::{Crumb, Link, Verdict};
use crate::site::{SiteError, words};

/// Subjects of one effect on a page; a commit may bring thousands.
const SUBJECTS: usize = 300;

/// Launches named beside a commit.
const RAN: usize = 6;

/// Returns the path of the page of each commit, from the site's root.
fn page(step: &Step) -> String {
    let name: String = step.commit.chars().take(12).collect();
    format!("changes/{name}.html")
}

/// Returns the link to all changes, from the site's root.
pub(super) fn link(input: &Input<'_>) -> Option<Link> {
    let steps = input.options.changes.as_ref()?.steps.len() as u64;
    Some(Link {
        text: match steps {
            0 => say!("changes.no-changes-of-the-documentation"),
            n => say!("changes.the-latest", n = n, changes = counted(n, "change")),
        },
        href: Some("changes.html".to_owned()),
        kind: String::new(),
    })
}

/// Returns the latest commit known to have changed each case of a project, as links from a case's page.
pub(super) fn of_cases(input: &Input<'_>, project: &str) -> HashMap<String, Link> {
    let steps = input.options.changes.iter().flat_map(|all| &all.steps);
    let mut out = HashMap::new();
    for step in steps {
        let items = step.brief.review.items.iter().map(|item| &item.subject);
        let cases = items.filter(|one| one.noun == Noun::Case && one.project == project);
        for case in cases {
            out.entry(case.id.clone()).or_insert_with(|| Link {
                text: say!(
                    "title.on-day",
                    name = words::line(&step.subject),
                    day = words::when(step.at).day
                ),
                href: Some(format!("../../{}", page(step))),
                kind: String::new(),
            });
        }
    }
    out
}

/// The pages of launches and cases, by a project's name in reviews and an id; from the site's root.
#[derive(Default)]
struct Pages {
    cases: BTreeMap<(String, String), String>,
    launches: BTreeMap<(String, String), String>,
    /// Launches by the number of the commit that made their documentation, the latest first.
    ran: BTreeMap<usize, Vec<Link>>,
    ends: Vec<RangeEnd>,
    /// Launches whose documentation was not met: they can't be chosen.
    aside: u64,
}

impl Pages {
    fn new(input: &Input<'_>, changes: &Changes, folders: &[String]) -> Self {
        let mut out = Self::default();
        let mut closed = Vec::new();
        for (project, folder) in input.projects.iter().zip(folders) {
            let name = match project.file.key.as_str() {
                "" => project.folder.as_str(),
                key => key,
            };
            let ids: Vec<&str> = project.cases.iter().map(|c| c.case.id.as_str()).collect();
            for (id, page) in ids.iter().zip(paths::unique(ids.iter().copied())) {
                let page = format!("{folder}/cases/{page}.html");
                out.cases.insert((name.to_owned(), (*id).to_owned()), page);
            }
            let ids = project.launches.iter().map(|l| l.file.id.as_str());
            for (launch, page) in project.launches.iter().zip(paths::unique(ids)) {
                let page = format!("{folder}/launches/{page}/index.html");
                closed.push((launch.file, name, page.clone()));
                let key = (name.to_owned(), launch.file.id.clone());
                out.launches.insert(key, page);
            }
        }
        closed.sort_by_key(|(file, name, _)| (std::cmp::Reverse(file.closed.at), *name, &file.id));
        for (file, project, href) in closed {
            let documentation = file.closed.documentation.as_ref();
            let number = documentation.and_then(|one| changes.later.get(one));
            let Some(number) = number else {
                out.aside += 1;
                continue;
            };
            let name = match input.projects.len() {
                1 => words::line(&file.name),
                _ => format!("{} / {}", words::line(project), words::line(&file.name)),
            };
            out.ends.push(RangeEnd {
                launch: words::line(&format!("{project}/{}", file.id)),
                name: say!(
                    "title.on-day",
                    name = &name,
                    day = words::when(file.closed.at).day
                ),
                number: *number,
            });
            out.ran.entry(*number).or_default().push(Link {
                text: name,
                href: Some(href),
                kind: String::new(),
            });
        }
        out
    }

    /// The launches of one commit, as many as are named; `up` leads to the site's root.
    fn ran(&self, number: usize, up: &str) -> (Vec<Link>, String) {
        let all = self.ran.get(&number).map_or(&[][..], Vec::as_slice);
        let more = all.len().saturating_sub(RAN);
        let link = |link: &Link| Link {
            href: link.href.as_ref().map(|href| format!("{up}{href}")),
            ..link.clone()
        };
        let more = match more {
            0 => String::new(),
            n => say!("sheet.more", n = n),
        };
        (all.iter().take(RAN).map(link).collect(), more)
    }
}

/// Renders the list and a page for each commit.
pub(super) fn render(
    input: &Input<'_>,
    folders: &[String],
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let Some(changes) = &input.options.changes else {
        return Ok(());
    };
    let pages = Pages::new(input, changes, folders);
    for number in 0..changes.steps.len() {
        step_page(input, changes, number, &pages, writer)?;
    }
    let rows: Vec<StepRow> = changes
        .steps
        .iter()
        .enumerate()
        .map(|(number, step)| row(number, step, &pages))
        .collect();
    let (before, before_more) = pages.ran(changes.steps.len(), "");
    let path = "changes.html";
    let frame = writer.frame(FrameOf {
        path,
        title: say!(
            "title.of",
            page = section_name("changes"),
            name = words::line(&input.title)
        ),
        crumbs: crumbs(input, "", &section_name("changes"), None),
        review: true,
        ..FrameOf::default()
    });
    let page = ChangesPage {
        frame,
        verdict: verdict(changes),
        ends: match pages
            .ends
            .iter()
            .all(|end| end.number == pages.ends[0].number)
        {
            true => Vec::new(),
            false => pages.ends,
        },
        rows,
        before,
        before_more,
        is_cut: changes.is_cut,
        aside_text: match (pages.aside, changes.is_cut) {
            (0, _) => String::new(),
            (n, true) => say!("changes.aside-or-earlier", launches = counted(n, "launch")),
            (n, false) => say!("changes.aside", launches = counted(n, "launch")),
        },
    };
    writer.page(path, "changes.html", &page)
}

fn crumbs(input: &Input<'_>, up: &str, here: &str, below: Option<&str>) -> Vec<Crumb> {
    let crumb = |name: &str, href: Option<String>| Crumb {
        name: name.to_owned(),
        href,
    };
    let mut out = vec![crumb(
        &words::line(&input.title),
        Some(format!("{up}index.html")),
    )];
    let href = below.is_some().then(|| format!("{up}changes.html"));
    out.push(crumb(here, href));
    out.extend(below.map(|name| crumb(name, None)));
    out
}

/// Says how many of the commits that are shown weaken testing.
fn verdict(changes: &Changes) -> Verdict {
    let all = changes.steps.len() as u64;
    let weaken = |step: &&Step| step.brief.review.count(Effect::Weakens) > 0;
    let n = changes.steps.iter().filter(weaken).count() as u64;
    let (tone, lead) = match (all, n) {
        (0, _) => (
            "empty",
            match changes.is_cut {
                true => say!("changes.no-changes-are-shown"),
                false => say!("changes.the-documentation-never-changed"),
            },
        ),
        (_, 0) => (
            "strengthens",
            say!("changes.none-weakens", changes = counted(all, "change")),
        ),
        (_, n) => (
            "weakens",
            say!(
                "changes.some-weaken",
                n = n,
                changes = counted(all, "change")
            ),
        ),
    };
    Verdict {
        tone,
        lead,
        ..Verdict::default()
    }
}

fn row(number: usize, step: &Step, pages: &Pages) -> StepRow {
    let telling = Telling {
        most: 0,
        rest: "sheet.more",
        case: &|_, _| None,
        launch: &|_, _| None,
    };
    let review = told(&step.brief, &telling);
    let (ran, ran_more) = pages.ran(number, "");
    StepRow {
        number,
        ran,
        ran_more,
        href: page(step),
        tone: review.verdict.tone,
        subject: words::line(&step.subject),
        verdict: words::sentence(&words::line(&step.brief.verdict)),
        when: words::when(step.at),
        by: words::line(&step.by),
        commit: step.commit.clone(),
        base: step.brief.base.clone(),
        effects: review.effects,
    }
}

fn step_page(
    input: &Input<'_>,
    changes: &Changes,
    number: usize,
    pages: &Pages,
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let step = &changes.steps[number];
    let find = |among: &BTreeMap<(String, String), String>, project: &str, id: &str| {
        let page = among.get(&(project.to_owned(), id.to_owned()))?;
        Some(format!("../{page}"))
    };
    let telling = Telling {
        most: SUBJECTS,
        rest: "changes.more-told-by",
        case: &|project, id| find(&pages.cases, project, id),
        launch: &|project, id| find(&pages.launches, project, id),
    };
    let path = page(step);
    let short = words::short_commit(&step.commit);
    let subject = words::line(&step.subject);
    let frame = writer.frame(FrameOf {
        path: &path,
        title: say!(
            "title.of-two",
            page = &subject,
            section = section_name("changes"),
            name = words::line(&input.title)
        ),
        crumbs: crumbs(input, "../", &section_name("changes"), Some(&short)),
        review: true,
        ..FrameOf::default()
    });
    let turn = |number: Option<usize>| {
        let step = changes.steps.get(number?)?;
        Some(Link {
            text: words::line(&step.subject),
            href: page(step).strip_prefix("changes/").map(str::to_owned),
            kind: String::new(),
        })
    };
    let (ran, ran_more) = pages.ran(number, "../");
    let view = StepPage {
        frame,
        review: told(&step.brief, &telling),
        subject,
        by: words::line(&step.by),
        when: words::when(step.at),
        commit: step.commit.clone(),
        base: step.brief.base.clone(),
        ran,
        ran_more,
        previous: turn(Some(number + 1)),
        next: turn(number.checked_sub(1)),
    };
    writer.page(&path, "change.html", &view)
}
