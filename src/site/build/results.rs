//! The results of a launch: paged lists that need no script, and the chunks behind the view that
//! does.
//!
//! `head.js` has what drawing the tree and filtering by status need, whatever the launch's size:
//! one letter a result, and the groups as ranges of results. Names come in `rows-N.js`, loaded for
//! what is on the screen; messages, steps and attachments in `detail-N.js`; equal failures in
//! `clusters.js`.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::attachments::{Attachments, From};
use super::details::{Maker, Resolution};
use super::failures::{self, LaunchContext};
use super::launch::{Account, evidence};
use super::names::{self, Facet, Known, Names};
use super::rows::{Group, Row};
use crate::analysis::tracks::Transition;
use crate::base::text::shell_word;
use crate::model::{Details, Execution, Flag, Status, TestResult};
use crate::site::pages::Writer;
use crate::site::texts::{human_duration, say};
use crate::site::view::{Pager, ResultRow, ResultsPage, Section};
use crate::site::widgets::ORDER;
use crate::site::{SiteError, chunk, words};

/// Rows of one chunk of names.
const ROWS: usize = 1_024;
/// Rows of one page.
const PAGE: usize = 1_000;
/// A chunk of details is closed once it has this many bytes.
const DETAIL_BYTES: usize = 256 << 10;

#[derive(Default, Serialize)]
struct Head {
    n: usize,
    rows: usize,
    /// One letter a result.
    status: String,
    /// One letter a result: bits of flags, from `0` on.
    flags: String,
    /// How far each unresolved row is after the one before.
    unresolved: Vec<usize>,
    /// Kind, id, rows: what defects and mutes answer for.
    resolved: Vec<(&'static str, String, Vec<usize>)>,
    /// Name, parent or -1, first row, rows, milliseconds; parent and first row by how far they are
    /// from those of the group before. Statuses are counted by the script.
    groups: Vec<(String, i64, i64, u64, u64)>,
    /// The first row of each chunk of details, and the row after the last.
    details: Vec<usize>,
    /// Name, day, page: the launches that histories speak of, oldest first.
    launches: Vec<(String, String, String)>,
    /// The launch's start, milliseconds since the epoch.
    opened: i64,
    jobs: Vec<String>,
    receipt: String,
    /// The launch's folder, as a shell takes it.
    folder: String,
    /// Names of the files below `results/`, as rows number them.
    shards: Vec<String>,
    /// How many clusters of equal failures `clusters.js` has.
    clusters: usize,
    /// What tells results apart, for groups.
    by: Vec<Facet>,
    /// Ids and names of people.
    people: Vec<(String, String)>,
}

/// Letters of what a failure says that a list has room for.
const SAYS: usize = 200;

/// The letter of a status, for the script.
pub(crate) fn letter(status: Option<Status>) -> char {
    match status {
        Some(Status::Failed) => 'f',
        Some(Status::Broken) => 'b',
        Some(Status::Passed) => 'p',
        Some(Status::Skipped) => 's',
        Some(Status::Unknown) => 'u',
        Some(Status::InProgress) => 'i',
        None => '.',
    }
}

/// Flags as one letter: the bits are muted, flaky, known, overridden, retried, manual, new, fixed,
/// unplanned; the letter stands that far after `0` (U+0030 to U+0251).
fn flag_letter(row: &Row<'_>) -> char {
    let has = |flag| u32::from(row.outcome.has(flag));
    let bits = has(Flag::Muted)
        | has(Flag::Flaky) << 1
        | has(Flag::Known) << 2
        | has(Flag::Overridden) << 3
        | has(Flag::Retried) << 4
        | has(Flag::Manual) << 5
        | u32::from(row.past.is_new_failure(row.outcome)) << 6
        | u32::from(row.past.transition == Some(Transition::Fixed)) << 7
        | has(Flag::Unplanned) << 8;
    // Past U+007E the controls begin; past them the letters go on.
    let code = 0x30 + bits;
    char::from_u32(if code > 0x7E { code + 0x22 } else { code }).unwrap_or('0')
}

/// Writes `head.js` and the chunks of names and of details.
pub(crate) fn write_chunks(
    context: &LaunchContext<'_>,
    groups: &[Group],
    all: (&[TestResult], &[Details], &[Account]),
    folder: &str,
    attachments: &mut Attachments,
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let (results, details, accounts) = all;
    let mut known = Known {
        shards: HashMap::with_capacity(results.len()),
        todays: evidence::todays(context),
        threads: names::threads_tell(context.rows),
    };
    for (number, account) in accounts.iter().enumerate() {
        let rows = results[account.rows.clone()].iter();
        known
            .shards
            .extend(rows.map(|result| (result.id.as_str(), number)));
    }
    for (n, rows) in context.rows.chunks(ROWS).enumerate() {
        let names = Names::new(context, rows, &known);
        let key = format!("rows-{n}");
        writer.file(
            &format!("{folder}/data/{key}.js"),
            &chunk::script(&key, &names),
        )?;
    }
    super::compare::write_keys(context, folder, writer)?;
    let details = write_details(context, (results, details), folder, attachments, writer)?;
    let shards: Vec<&str> = accounts.iter().map(|a| a.shard.as_str()).collect();
    let clusters = names::clusters(context.rows);
    if !clusters.is_empty() {
        writer.file(
            &format!("{folder}/data/clusters.js"),
            &chunk::script("clusters", &clusters),
        )?;
    }
    let head = Head {
        clusters: clusters.len(),
        by: names::facets(context, known.threads),
        people: names::people(context),
        ..head(context, groups, details, &shards)
    };
    writer.file(
        &format!("{folder}/data/head.js"),
        &chunk::script("head", &head),
    )
}

fn head(
    context: &LaunchContext<'_>,
    groups: &[Group],
    details: Vec<usize>,
    shards: &[&str],
) -> Head {
    let rows = context.rows;
    let project = &context.project.project;
    let launch = &project.launches[context.number];
    let launches = context.window.launches.iter().map(|number| {
        let file = project.launches[*number].file;
        let href = format!(
            "../{}/results.html",
            context.project.launch_folders[*number]
        );
        (
            words::line(&file.name),
            words::when(file.opened.at).day,
            href,
        )
    });
    Head {
        n: rows.len(),
        rows: ROWS,
        status: rows
            .iter()
            .map(|row| letter(Some(row.outcome.status)))
            .collect(),
        flags: rows.iter().map(flag_letter).collect(),
        unresolved: steps((0..rows.len()).filter(|n| rows[*n].outcome.is_unresolved())),
        resolved: resolved(rows),
        groups: packed(groups),
        details,
        launches: launches.collect(),
        opened: launch.file.opened.at.ms(),
        jobs: launch
            .file
            .jobs
            .iter()
            .map(|job| words::line(&job.name))
            .collect(),
        receipt: launch.receipt.to_owned(),
        folder: words::line(&shell_word(launch.path)),
        shards: shards.iter().map(|name| words::line(name)).collect(),
        ..Head::default()
    }
}

/// Returns how far each number is after the one before, the first after 0.
fn steps(ascending: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut last = 0;
    ascending
        .map(|number| number - std::mem::replace(&mut last, number))
        .collect()
}

/// Returns the groups as the head has them.
fn packed(groups: &[Group]) -> Vec<(String, i64, i64, u64, u64)> {
    let (mut parent, mut first) = (0, 0);
    let pack = |group: &Group| {
        let (up, row) = (group.parent.map_or(-1, |p| p as i64), group.first as i64);
        let from = (
            up - std::mem::replace(&mut parent, up),
            row - std::mem::replace(&mut first, row),
        );
        let name = words::line(&group.name);
        (name, from.0, from.1, group.totals.total, group.duration)
    };
    groups.iter().map(pack).collect()
}

fn resolved(rows: &[Row<'_>]) -> Vec<(&'static str, String, Vec<usize>)> {
    let mut by: BTreeMap<(&'static str, &str), Vec<usize>> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        for (kind, id) in [("defect", &row.outcome.defect), ("mute", &row.outcome.mute)] {
            if let Some(id) = id {
                by.entry((kind, id)).or_default().push(number);
            }
        }
    }
    by.into_iter()
        .map(|((kind, id), rows)| (kind, words::line(id), rows))
        .collect()
}

/// Writes the chunks of details; returns the first row of each, and the row after the last.
fn write_details(
    context: &LaunchContext<'_>,
    (results, details): (&[TestResult], &[Details]),
    folder: &str,
    attachments: &mut Attachments,
    writer: &mut Writer<'_>,
) -> Result<Vec<usize>, SiteError> {
    let results: HashMap<&str, &TestResult> = results.iter().map(|r| (r.id.as_str(), r)).collect();
    let details: HashMap<&str, &Details> = details.iter().map(|d| (d.id.as_str(), d)).collect();
    let find = |id: &str| (results.get(id).copied(), details.get(id).copied());
    let launch = &context.project.project.launches[context.number];
    let from = From::of(context);
    let mut firsts = Vec::new();
    let mut open = String::new();
    let defects = super::defects::hrefs(context.project);
    for (number, row) in context.rows.iter().enumerate() {
        let is_gone = row.result.is_none() && launch.said.removal_below("results/").is_some();
        if !is_gone && !wants_detail(row, details.contains_key(row.outcome.id.as_str())) {
            continue;
        }
        let mut maker = Maker {
            from,
            attachments,
            writer,
        };
        let Some(detail) = maker.of_row(row, resolution(context, row, &defects), &find)? else {
            continue;
        };
        if open.is_empty() {
            firsts.push(number);
        }
        open.push_str(if open.is_empty() { "[" } else { "," });
        open.push_str(&chunk::json(&(number, detail)));
        if open.len() >= DETAIL_BYTES {
            flush(&mut open, firsts.len(), folder, writer)?;
        }
    }
    flush(&mut open, firsts.len(), folder, writer)?;
    firsts.push(context.rows.len());
    Ok(firsts)
}

fn flush(
    open: &mut String,
    number: usize,
    folder: &str,
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    if open.is_empty() {
        return Ok(());
    }
    open.push(']');
    let key = format!("detail-{}", number - 1);
    writer.file(
        &format!("{folder}/data/{key}.js"),
        &chunk::script_of(&key, open),
    )?;
    open.clear();
    Ok(())
}

/// Whether a result has something to show beyond its row. Passed automated ones as a rule don't.
fn wants_detail(row: &Row<'_>, has_details: bool) -> bool {
    let Some(result) = row.result else {
        return false;
    };
    has_details
        || row.outcome.status != Status::Passed
        || result.execution == Execution::Manual
        || !row.outcome.retries.is_empty()
        || !result.attachments.is_empty()
        || !result.links.is_empty()
        || result.message.is_some()
}

/// What resolves a failure: kind, id, title, owner, and its page from that of the results.
pub(crate) fn resolution(
    context: &LaunchContext<'_>,
    row: &Row<'_>,
    defects: &HashMap<&str, String>,
) -> Vec<Resolution> {
    let project = context.project.project;
    let up = "../../";
    let owner = |name: Option<&str>| context.project.person(name.unwrap_or_default());
    let mut out = Vec::new();
    if let Some(id) = &row.outcome.defect {
        let defect = project.defects.iter().find(|d| d.id == *id);
        out.push((
            "defect",
            id.clone(),
            defect.map_or(String::new(), |d| words::line(&d.title)),
            owner(defect.and_then(|d| d.owner.as_deref())),
            (defects.get(id.as_str())).map_or(String::new(), |page| format!("{up}{page}")),
        ));
    }
    if let Some(id) = &row.outcome.mute {
        let mute = project.mutes.iter().find(|m| m.id == *id);
        out.push((
            "mute",
            id.clone(),
            mute.map_or(String::new(), |m| words::line(&m.reason)),
            owner(mute.map(|m| m.owner.as_str())),
            super::mutes::href(context.project, id, up).unwrap_or_default(),
        ));
    }
    out
}

/// Writes the paged lists of names and statuses, the worst status first, as whoever reads them without scripts looks
/// for failures.
pub(crate) fn write_pages(
    context: &LaunchContext<'_>,
    folder: &str,
    page: &dyn Fn(&Writer<'_>, &str) -> ResultsPage,
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let n = context.rows.len();
    let pages = n.div_ceil(PAGE).max(1);
    let order = worst_first(context.rows);
    for number in 0..pages {
        let from = number * PAGE;
        let path = format!("{folder}/{}", page_name("results", number));
        let view = ResultsPage {
            rows: result_rows(context, order[from..(from + PAGE).min(n)].iter().copied()),
            pager: pager("results", number, pages, n, PAGE),
            data: (number == 0 && n > 0).then(|| "data/".to_owned()),
            ..page(writer, &path)
        };
        writer.page(&path, "results.html", &view)?;
    }
    Ok(())
}

/// The numbers of rows by their status, the worst first, else in their order.
fn worst_first(rows: &[Row<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|number| {
        let status = rows[*number].outcome.status;
        ORDER.iter().position(|one| *one == status)
    });
    order
}

fn page_name(stem: &str, number: usize) -> String {
    match number {
        0 => format!("{stem}.html"),
        n => format!("{stem}-{}.html", n + 1),
    }
}

/// Returns the pager of page `number`, from 0.
pub(crate) fn pager(stem: &str, number: usize, pages: usize, rows: usize, size: usize) -> Pager {
    if pages < 2 {
        return Pager::default();
    }
    let from = number * size;
    Pager {
        text: say!(
            "pager.range",
            first = from + 1,
            last = (from + size).min(rows),
            all = rows
        ),
        previous: number.checked_sub(1).map(|n| page_name(stem, n)),
        next: (number + 1 < pages).then(|| page_name(stem, number + 1)),
        pages: (0..pages)
            .filter(|n| *n == 0 || n + 1 == pages || n.abs_diff(number) <= 3)
            .map(|n| Section {
                name: (n + 1).to_string(),
                href: page_name(stem, n),
                current: n == number,
                count: None,
            })
            .collect(),
    }
}

/// The rows of some results, in their order.
pub(crate) fn result_rows(
    context: &LaunchContext<'_>,
    range: impl Iterator<Item = usize> + Clone,
) -> Vec<ResultRow> {
    let mut last: Option<&[String]> = None;
    let mut by_path: BTreeMap<usize, String> = BTreeMap::new();
    for number in range.clone() {
        let path = context.rows[number].path.as_slice();
        if last != Some(path) {
            by_path.insert(number, words::line(&words::path(path)));
            last = Some(path);
        }
    }
    range
        .map(|number| {
            let row = &context.rows[number];
            let is_failure = row.outcome.status.needs_resolution();
            ResultRow {
                anchor: is_failure.then(|| context.result_anchor(number)),
                name: words::line(row.name),
                parameters: words::line(&row.parameters()),
                environment: context.environment_text(row),
                path: by_path.remove(&number).unwrap_or_default(),
                status: row.outcome.status.as_str(),
                label: words::label(row.outcome.status),
                says: says(row),
                flags: failures::flags(row),
                person: super::launch::planned::person(context, row),
                duration: row.outcome.duration.map_or(String::new(), human_duration),
                case: failures::case_link(context, row, "../../"),
            }
        })
        .collect()
}

/// The first line of what a failure says.
fn says(row: &Row<'_>) -> String {
    let message = row.result.and_then(|result| result.message.as_deref());
    let message = message.filter(|_| row.outcome.status.needs_resolution());
    let line = message.and_then(|message| message.lines().find(|line| !line.trim().is_empty()));
    words::clean(&words::line(line.unwrap_or_default()), SAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_rows_say_how_far_they_are_from_the_one_before() {
        assert_eq!(steps([0, 3, 4, 90].into_iter()), [0, 3, 1, 86]);
        let group = |parent, first| Group {
            parent,
            first,
            ..Group::default()
        };
        let groups = [
            group(None, 0),
            group(Some(0), 0),
            group(Some(0), 4),
            group(None, 9),
        ];
        let packed: Vec<_> = packed(&groups).iter().map(|g| (g.1, g.2)).collect();
        assert_eq!(packed, [(-1, 0), (1, 0), (0, 4), (-1, 5)]);
    }

    #[test]
    fn pagers_name_what_is_on_the_page() {
        assert_eq!(pager("results", 0, 1, 10, 1000).text, "");
        let second = pager("results", 1, 3, 2500, 1000);
        assert_eq!(second.text, "1,001 to 2,000 of 2,500");
        assert_eq!(second.previous.as_deref(), Some("results.html"));
        assert_eq!(second.next.as_deref(), Some("results-3.html"));
        assert_eq!(
            pager("results", 2, 3, 2500, 1000).text,
            "2,001 to 2,500 of 2,500"
        );
    }
}
