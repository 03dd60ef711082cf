//! A launch in one file that stands alone, for a mail or a ticket: the document of the evidence pack, and then as much
//! of the rest as a budget takes, in the order in which readers miss it.
//!
//! **Invariant:** the file asks for nothing, and runs nothing that its policy does not name. It has at most as many
//! bytes as it was to have, and says what it left out.

mod links;
mod told;

use std::collections::HashSet;

pub(super) use self::told::is_said;
use self::told::{Told, Way};
use super::document::document;
use super::summary::launch_page;
use super::timeline::Runs;
use super::{Unsolved, bulk, environments, evidence, launch_row, unresolved};
use crate::model::{Details, Flag, Status, TestResult};
use crate::site::build::attachments::Attachments;
use crate::site::build::context::Context;
use crate::site::build::failures::{LaunchContext, Tabs};
use crate::site::build::results;
use crate::site::build::rows::{self, Window};
use crate::site::pages::Writer;
use crate::site::texts::{bytes, count, counted, say};
use crate::site::view::document::{RowGroup, SingleMain, SinglePage, ToldRow};
use crate::site::view::{Crumb, Frame, LaunchPage};
use crate::site::widgets::ORDER;
use crate::site::{SiteError, assets, inline, words};

/// What is kept free for the sentences that say what was left out, and for headings, in bytes.
const RESERVE: usize = 6_000;
/// Of failures what stands before the styles, in bytes: more than the first screen, and little enough that a browser has
/// the styles with the first of what it draws.
const BEFORE_STYLES: usize = 24_000;
/// Rows that are rendered at a time.
const BATCH: usize = 64;
/// A launch in one file.
#[derive(Clone, Debug, Default)]
pub struct Single {
    pub html: String,
    /// What there was no room for, a sentence each.
    pub left_out: Vec<String>,
}

/// The bytes that are left.
#[derive(Clone, Copy, Debug)]
struct Room(usize);

impl Room {
    /// Takes what a piece needs, where it is there.
    fn take(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// Renders a launch into one file of at most `budget` bytes.
pub(crate) fn single(
    project: &Context<'_>,
    number: usize,
    budget: usize,
    writer: &mut Writer<'_>,
) -> Result<Single, SiteError> {
    let launch = &project.project.launches[number];
    let (accounts, results, details) = bulk(launch, true)?;
    let window = Window::new(
        &project.project.launches,
        &project.superseded,
        number,
        super::HISTORY,
    );
    let rows = rows::rows(launch, number, &results, &project.tracks, &window);
    let groups = rows::groups_of(&rows);
    let context = LaunchContext {
        project,
        number,
        window: &window,
        rows: &rows,
        tabs: Tabs {
            comparison: false,
            environments: environments::several(&rows),
            timeline: Runs::new(&rows, &results, &accounts).is_some(),
        },
    };
    let unresolved = Unsolved::new(&context, unresolved(&context));
    let row = launch_row(&context, &unresolved, "");
    let evidence = evidence::page(&context, &accounts, true, "", writer);
    let verdict = evidence.verdict.clone();
    let page = launch_page(&context, &row, &unresolved, &groups, true, verdict, writer);
    let matrix = context.tabs.environments.is_some();
    let matrix = matrix.then(|| environments::page(&context, "", writer));
    let page = LaunchPage {
        groups: Vec::new(),
        cut: None,
        ..page
    };
    let main = SingleMain {
        document: document(&context, (page, evidence, matrix)),
        budget: bytes(budget as u64),
        left_out: Vec::new(),
        path: words::line(launch.path),
        unresolved_html: String::new(),
        others_text: String::new(),
        others_html: String::new(),
        rows: Vec::new(),
    };
    filled(
        &context,
        main,
        (&results, &details),
        &unresolved.all,
        budget,
        writer,
    )
}

/// Fills a document with what there is room for.
fn filled(
    context: &LaunchContext<'_>,
    mut main: SingleMain,
    all: (&[TestResult], &[Details]),
    unresolved: &[usize],
    budget: usize,
    writer: &mut Writer<'_>,
) -> Result<Single, SiteError> {
    let script =
        ["assets/site.js", "assets/lists.js"].map(|name| assets::text(name, writer.overrides()));
    let shell = SinglePage {
        frame: frame(context, &main, writer),
        inline: inline::inline(
            &assets::text("assets/site.css", writer.overrides()),
            &assets::text("assets/theme.js", writer.overrides()),
            &script.concat(),
        ),
        verdict: main.document.launch.verdict.clone(),
        first_html: String::new(),
        main_html: String::new(),
    };
    let least = writer.text("single.html", &shell)?.len()
        + writer.text("single-main.html", &main)?.len()
        + RESERVE;
    let Some(left) = budget.checked_sub(least) else {
        return Err(SiteError::Budget {
            budget: bytes(budget as u64),
            least: bytes(least.next_multiple_of(10_000) as u64),
        });
    };
    let mut room = Room(left);
    let others: Vec<usize> = (0..context.rows.len())
        .filter(|n| {
            let outcome = context.rows[*n].outcome;
            outcome.status.needs_resolution() && !outcome.is_unresolved()
        })
        .collect();
    let mut attachments = Attachments::within_a_page(budget.saturating_mul(2));
    let mut told = Told::default();
    for (numbers, way) in [(unresolved, Way::Unresolved), (&others, Way::Other)] {
        told.take(
            context,
            (numbers, way),
            all,
            (&mut attachments, &mut *writer),
            &mut room,
        )?;
    }
    let (groups, rows_out) = row_groups(context, writer, &mut room)?;
    main.rows = groups;
    told.embed(&attachments, writer, &mut room)?;
    main.unresolved_html = told.html(Way::Unresolved, writer)?;
    main.others_html = told.html(Way::Other, writer)?;
    main.others_text = count(others.len() as u64, "other failure");
    main.left_out = told.left_out();
    if has_more(context, &all) {
        main.left_out.push(say!("document.left-of-others"));
    }
    if rows_out > 0 {
        main.left_out.push(say!(
            "document.without-a-row",
            n = rows_out,
            results = counted(context.rows.len() as u64, "result")
        ));
    }
    let main_html = links::within(&writer.text("single-main.html", &main)?);
    let (first, rest) = parted(&main_html);
    let page = SinglePage {
        first_html: first.to_owned(),
        main_html: rest.to_owned(),
        ..shell
    };
    let html = writer.text("single.html", &page)?;
    Ok(Single {
        html,
        left_out: main.left_out,
    })
}

/// Parts what is read first, the verdict and failures that need a person, from the rest. Styles stand between the two, so
/// that whoever sees the beginning of the file alone sees what it is about.
fn parted(main: &str) -> (&str, &str) {
    let Some(from) = main.find("<section id=\"unresolved\">") else {
        return ("", main);
    };
    let section = &main[from..];
    let end = section.find("</section>").map(|at| at + "</section>".len());
    let end = end.unwrap_or(section.len());
    let mut ends = section[..end].match_indices("</article>");
    let first = ends.find_map(|(at, tag)| (at >= BEFORE_STYLES).then_some(at + tag.len()));
    main.split_at(from + first.unwrap_or(end))
}

/// Whether results that are no failures have more than their rows.
fn has_more(context: &LaunchContext<'_>, (_, details): &(&[TestResult], &[Details])) -> bool {
    let with_details: HashSet<&str> = details.iter().map(|d| d.id.as_str()).collect();
    context.rows.iter().any(|row| {
        let has_files = row.result.is_some_and(|r| !r.attachments.is_empty());
        !row.outcome.status.needs_resolution()
            && (has_files || with_details.contains(row.outcome.id.as_str()))
    })
}

/// Where the file is from; nothing in it leads there, as it may be read anywhere.
fn frame(context: &LaunchContext<'_>, main: &SingleMain, writer: &Writer<'_>) -> Frame {
    let document = &main.document;
    let crumb = |name: &str| Crumb {
        name: name.to_owned(),
        href: None,
    };
    Frame {
        crumbs: vec![
            crumb(&document.workspace),
            crumb(&document.project),
            crumb(&document.launch.name),
        ],
        sections: Vec::new(),
        search: None,
        ..super::frame(context, "", "summary", writer)
    }
}

/// The rows by status, as far as there is room; and how many are left out.
fn row_groups(
    context: &LaunchContext<'_>,
    writer: &Writer<'_>,
    room: &mut Room,
) -> Result<(Vec<RowGroup>, usize), SiteError> {
    let (mut out, mut left_out) = (Vec::new(), 0);
    // Overridden results count in no status, here as on the other pages.
    for status in ORDER.map(Some).into_iter().chain([None]) {
        let of = |n: &usize| {
            let outcome = context.rows[*n].outcome;
            let counts = !outcome.has(Flag::Overridden);
            counts.then_some(outcome.status) == status
        };
        let numbers: Vec<usize> = (0..context.rows.len()).filter(of).collect();
        let mark = status.map_or("absent", Status::as_str);
        let label = status.map_or_else(|| say!("flag.overridden"), words::label);
        if numbers.is_empty() {
            continue;
        }
        let (html, taken) = rows_html(context, &numbers, writer, room)?;
        left_out += numbers.len() - taken;
        if taken > 0 {
            out.push(RowGroup {
                status: mark,
                count_text: say!("verdict.count", n = numbers.len(), what = &label),
                html,
            });
        }
    }
    Ok((out, left_out))
}

/// The rows of some results, and how many of them there was room for.
fn rows_html(
    context: &LaunchContext<'_>,
    numbers: &[usize],
    writer: &Writer<'_>,
    room: &mut Room,
) -> Result<(String, usize), SiteError> {
    let rows = results::result_rows(context, numbers.iter().copied());
    let rows: Vec<ToldRow> = rows
        .into_iter()
        .zip(numbers)
        .map(|(row, number)| ToldRow {
            href: (context.rows[*number].outcome.status.needs_resolution())
                .then(|| context.result_href(*number, "")),
            row,
        })
        .collect();
    let (mut html, mut taken, mut batch) = (String::new(), 0, BATCH);
    while taken < rows.len() && batch > 0 {
        let some = &rows[taken..(taken + batch).min(rows.len())];
        let piece = writer.piece("told_rows", &serde_json::json!({ "rows": some }))?;
        match room.take(piece.len()) {
            true => {
                html.push_str(&piece);
                taken += some.len();
            }
            false => batch /= 2,
        }
    }
    Ok((html, taken))
}
