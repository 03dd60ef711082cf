//! Defects: what each explains, since when and where; a list, and a page for each.

mod page;

use std::collections::{BTreeSet, HashMap};

use self::page::page;
use super::context::Context;
use super::sheet::{file_links, frame, member, verdict};
use super::standing::Standing;
use super::{paths, results_of};
use crate::model::{Defect, DefectState};
use crate::site::pages::Writer;
use crate::site::texts::{counted, say, thousands};
use crate::site::view::sheet::{Cell, Sheet, SheetPart, SheetsPage};
use crate::site::view::{Link, Verdict};
use crate::site::{SiteError, words};
use crate::store::{Doc, parse_defect};

/// Launches that are looked through, the latest ones; as many as `defect show` takes.
const LAUNCHES: usize = 50;
/// Results of one launch that are named.
const NAMED: usize = 8;

/// Where a defect explained results, launch by launch.
struct Seen {
    /// The launch's place in the project.
    launch: usize,
    outcomes: Vec<usize>,
    /// Whether it was closed when that launch was.
    recurs: bool,
}

/// A defect and its results in the latest launches, the newest first.
struct Known<'a> {
    doc: &'a Doc<Defect>,
    page: String,
    seen: Vec<Seen>,
}

impl Known<'_> {
    fn in_launch(&self, launch: Option<usize>) -> Option<&Seen> {
        self.seen.iter().find(|seen| Some(seen.launch) == launch)
    }

    /// How many results it explains in a launch.
    fn now(&self, launch: Option<usize>) -> u64 {
        self.in_launch(launch)
            .map_or(0, |seen| seen.outcomes.len() as u64)
    }

    fn results(&self) -> u64 {
        self.seen
            .iter()
            .map(|seen| seen.outcomes.len() as u64)
            .sum()
    }

    fn is_closed(&self) -> bool {
        self.doc.value.status == DefectState::Closed
    }

    /// Whether it was closed, and explains results of the latest launch all the same.
    fn recurs(&self, last: Option<usize>) -> bool {
        self.in_launch(last).is_some_and(|seen| seen.recurs)
    }

    /// The mark of how it stands, and the word.
    fn state(&self, last: Option<usize>) -> (&'static str, &'static str) {
        match (self.recurs(last), self.is_closed(), self.now(last) > 0) {
            (true, ..) => ("blocked", "recurs"),
            (_, true, _) => ("ready", "closed"),
            (_, false, true) => ("accounted", "open"),
            (_, false, false) => ("empty", "not-seen"),
        }
    }
}

/// Returns the link to a defect's page; `up` leads from the page to the project's folder.
pub(super) fn href(context: &Context<'_>, id: &str, up: &str) -> Option<String> {
    let docs = &context.standing.as_ref()?.documents.defects;
    let at = docs.iter().position(|doc| doc.value.id == id)?;
    let names = paths::unique(docs.iter().map(|doc| doc.value.id.as_str()));
    Some(format!("{up}defects/{}.html", names[at]))
}

/// Returns the pages of all defects by their ids, from the project's folder.
pub(super) fn hrefs<'a>(context: &Context<'a>) -> HashMap<&'a str, String> {
    let Some(standing) = context.standing.as_ref() else {
        return HashMap::new();
    };
    let docs = &standing.documents.defects;
    let ids = docs.iter().map(|doc| doc.value.id.as_str());
    let pages = paths::unique(ids.clone()).into_iter();
    ids.zip(pages.map(|page| format!("defects/{page}.html")))
        .collect()
}

/// Whether the project has a page of defects.
pub(super) fn is_there(context: &Context<'_>) -> bool {
    let has = |standing: &Standing<'_>| !standing.documents.defects.is_empty();
    context.standing.as_ref().is_some_and(has)
        || (context.standing.is_some() && !context.project.launches.is_empty())
}

pub(super) fn render(context: &Context<'_>, writer: &mut Writer<'_>) -> Result<(), SiteError> {
    let Some(standing) = context.standing.as_ref().filter(|_| is_there(context)) else {
        return Ok(());
    };
    let docs = &standing.documents.defects;
    let names = paths::unique(docs.iter().map(|doc| doc.value.id.as_str()));
    let known = docs.iter().zip(names).map(|(doc, page)| Known {
        seen: seen(context, doc),
        doc,
        page,
    });
    let mut known: Vec<Known<'_>> = known.collect();
    let last = standing.last();
    // As `defect list` has them, those that matter now before others.
    known.sort_by(|a, b| {
        let key = |one: &Known<'_>| (!one.recurs(last), one.is_closed());
        let now = |one: &Known<'_>| std::cmp::Reverse((one.now(last), one.results()));
        (key(a), now(a), &a.doc.value.id).cmp(&(key(b), now(b), &b.doc.value.id))
    });
    list(context, standing, &known, writer)?;
    for (at, one) in known.iter().enumerate() {
        let link = |one: Option<&Known<'_>>| {
            let one = one?;
            Some(Link {
                text: words::line(&one.doc.value.title),
                href: Some(format!("{}.html", one.page)),
                kind: String::new(),
            })
        };
        let before = at.checked_sub(1).and_then(|at| known.get(at));
        let turn = (link(before), link(known.get(at + 1)));
        page(context, standing, one, turn, writer)?;
    }
    Ok(())
}

fn seen(context: &Context<'_>, doc: &Doc<Defect>) -> Vec<Seen> {
    let launches = context.project.launches.iter().enumerate().rev();
    let launches = launches.take(LAUNCHES).filter_map(|(number, launch)| {
        let has = |at: &usize| launch.outcomes[*at].defect.as_ref() == Some(&doc.value.id);
        let outcomes: Vec<usize> = (0..launch.outcomes.len()).filter(has).collect();
        (!outcomes.is_empty()).then(|| Seen {
            launch: number,
            recurs: was_closed(context, number, doc),
            outcomes,
        })
    });
    launches.collect()
}

/// Whether a defect was closed when a launch was decided: by the documentation that closed it, where that is here; by
/// today's else.
pub(super) fn was_closed(context: &Context<'_>, launch: usize, doc: &Doc<Defect>) -> bool {
    let closed = &context.project.launches[launch].file.closed;
    let then = || {
        let earlier = context.input.options.earlier.as_ref()?;
        let text = earlier.read(closed.documentation.as_deref()?, &doc.path)?;
        let (read, _) = parse_defect(&doc.path, text.as_str().into());
        read.map(|read| read.value.status)
    };
    then().unwrap_or(doc.value.status) == DefectState::Closed
}

/// Launches by place, and the ids of defects that have results there though they were closed when it was.
pub(super) fn recurring(context: &Context<'_>) -> BTreeSet<(usize, String)> {
    let docs = context.standing.iter();
    let docs = docs.flat_map(|standing| &standing.documents.defects);
    let mut out = BTreeSet::new();
    for doc in docs {
        let seen = seen(context, doc).into_iter().filter(|seen| seen.recurs);
        out.extend(seen.map(|seen| (seen.launch, doc.value.id.clone())));
    }
    out
}

fn list(
    context: &Context<'_>,
    standing: &Standing<'_>,
    known: &[Known<'_>],
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let last = standing.last();
    let path = format!("{}/defects.html", context.folder);
    let part = |id: &str, fits: &dyn Fn(&Known<'_>) -> bool| {
        let rows = known.iter().filter(|one| fits(one));
        SheetPart::new(
            say!(&format!("defects.part-{id}")),
            table(context, last, rows),
        )
        .at(id)
    };
    let recurring = part("recurring", &|one| one.recurs(last));
    let open = part("open", &|one| !one.recurs(last) && !one.is_closed());
    let closed = part("closed", &|one| !one.recurs(last) && one.is_closed());
    let mut parts = Vec::new();
    if !recurring.sheet.rows.is_empty() {
        parts.push(recurring.lead(&say!("defects.closed-and-results-of-the-latest")));
    }
    parts.push(open.or(&say!("defects.no-defect-is-open-tallybook-defect")));
    if !closed.sheet.rows.is_empty() {
        parts.push(closed.lead(&say!("defects.their-matchers-stay-in-force-what")));
    }
    let page = SheetsPage {
        frame: frame(context, writer, (&path, "defects"), None),
        kind: "defects",
        verdict: overall(context, last, known),
        parts,
        ..SheetsPage::default()
    };
    writer.page(&path, "sheets.html", &page)
}

fn table<'k, 'd: 'k>(
    context: &Context<'_>,
    last: Option<usize>,
    rows: impl Iterator<Item = &'k Known<'d>>,
) -> Sheet {
    let mut table = Sheet::new(
        say!("sheet.defects"),
        &[
            ("column.defect", "name"),
            ("column.owner", "wide"),
            ("column.issue", "mid"),
            ("column.seen-since", "mid"),
            ("column.last-seen", "wide"),
            ("column.now", "num"),
            ("column.in-all", "num wide"),
            ("column.launches", "num wide"),
        ],
    );
    for one in rows {
        let defect = &one.doc.value;
        let (mark, state) = one.state(last);
        let launch = |seen: Option<&Seen>| match seen {
            Some(seen) => {
                let file = context.project.launches[seen.launch].file;
                Cell::when(file.opened.at).note(&file.name)
            }
            None => Cell::text("–"),
        };
        let now = one.now(last);
        let now_href = last
            .filter(|_| now > 0)
            .map(|at| results_of(context, at, "defect", &defect.id, ""));
        let title = Cell::row(&defect.title, Some(format!("defects/{}.html", one.page)));
        table.row([
            title.marked(mark).note(format!(
                "{} · {}",
                defect.id,
                say!(&format!("defects.state-{state}"))
            )),
            member(context, defect.owner.as_deref()),
            file_links(context, &defect.links),
            launch(one.seen.last()),
            launch(one.seen.first()),
            Cell::link(thousands(now), now_href),
            Cell::text(thousands(one.results())),
            Cell::text(thousands(one.seen.len() as u64)),
        ]);
    }
    table
}

/// How many results of a launch need an answer, those that are overridden left out.
fn failures(context: &Context<'_>, launch: usize) -> u64 {
    let outcomes = context.project.launches[launch].outcomes.iter();
    outcomes
        .filter(|outcome| crate::ledger::failed(outcome))
        .count() as u64
}

fn overall(context: &Context<'_>, last: Option<usize>, known: &[Known<'_>]) -> Verdict {
    let looked = context.project.launches.len().min(LAUNCHES) as u64;
    let detail = match looked {
        0 => context
            .unseen()
            .sentence("defects.no-launch-is-closed-yet-so"),
        n => say!(
            "defects.what-counts",
            launches = counted(n, "closed launch")
        ),
    };
    let open = known.iter().filter(|one| !one.is_closed()).count() as u64;
    let recurring = known.iter().filter(|one| one.recurs(last)).count() as u64;
    let explained: u64 = known.iter().map(|one| one.now(last)).sum();
    let explains = match last {
        None => String::new(),
        Some(launch) => {
            let name = words::line(&context.project.launches[launch].file.name);
            let all = failures(context, launch);
            match all {
                0 => say!("defects.nothing-failed-in", launch = name),
                all => say!(
                    "defects.known-by-defects",
                    part = explained.min(all),
                    n = all,
                    launch = name
                ),
            }
        }
    };
    match (known.len(), open, recurring) {
        (0, ..) => verdict(
            "empty",
            say!("defects.no-defect-is-known"),
            explains,
            detail,
        ),
        (_, _, n @ 1..) => verdict(
            "blocked",
            say!("defects.recur", n = n),
            say!("defects.open-and", n = open, explains = explains),
            detail,
        ),
        (all, 0, _) => verdict(
            "ready",
            say!("defects.no-defect-is-open-of", n = all),
            explains,
            detail,
        ),
        (_, open, _) => verdict(
            "accounted",
            say!("defects.so-many-open", defects = counted(open, "defect")),
            explains,
            detail,
        ),
    }
}
