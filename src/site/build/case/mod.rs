//! Documented cases: their list by section, and a page for each.

mod answers;
mod approval;
mod list;
mod page;
mod scenario;

use std::collections::BTreeMap;

use super::context::Context;
use super::rows::Window;
use crate::analysis::tracks::Track;
use crate::base::path;
use crate::model::Status;
use crate::site::chart::{self, Entry};
use crate::site::input::CaseInput;
use crate::site::pages::Writer;
use crate::site::texts::say;
use crate::site::view::case::CaseRow;
use crate::site::view::{Link, Strip};
use crate::site::{SiteError, words};

/// Cases of one page of the list.
const PAGE: usize = 1_000;
/// Launches in the strip of a case's page.
const PAGE_STRIP: usize = 40;

/// Renders the list of cases and each case's page.
pub(crate) fn render(
    context: &Context<'_>,
    latest: Option<usize>,
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let mut cases: Vec<&CaseInput<'_>> = context.project.cases.iter().collect();
    cases.sort_by_key(|case| (section(&case.path), &case.case.title, &case.case.id));
    let tracks = tracks_by_case(context);
    let of = |case: &CaseInput| {
        tracks
            .get(case.case.id.as_str())
            .map_or(&[][..], Vec::as_slice)
    };
    let window = latest.map(|number| {
        Window::new(
            &context.project.launches,
            &context.superseded,
            number,
            PAGE_STRIP,
        )
    });
    let window = window.as_ref();
    let pages = cases.len().div_ceil(PAGE);
    for (number, shown) in cases.chunks(PAGE).enumerate() {
        let rows: Vec<(Vec<String>, CaseRow)> = shown
            .iter()
            .map(|case| {
                (
                    section(&case.path),
                    list::case_row(context, case, of(case), window),
                )
            })
            .collect();
        list::list(context, latest, rows, (number, pages, cases.len()), writer)?;
    }
    for (number, case) in cases.iter().enumerate() {
        let link = |other: Option<&&CaseInput<'_>>| {
            let other = other?;
            Some(Link {
                text: words::line(&other.case.title),
                href: context.case_href(&other.case.id, "../"),
                kind: String::new(),
            })
        };
        let previous = link(number.checked_sub(1).and_then(|n| cases.get(n)));
        let next = link(cases.get(number + 1));
        page::page(context, case, of(case), window, (previous, next), writer)?;
    }
    Ok(())
}

fn tracks_by_case<'a>(context: &'a Context<'_>) -> BTreeMap<&'a str, Vec<&'a Track>> {
    let mut out: BTreeMap<&str, Vec<&Track>> = BTreeMap::new();
    for track in context.tracks.iter() {
        if let Some(case) = &track.case {
            out.entry(case).or_default().push(track);
        }
    }
    out
}

/// The folders of a case below `cases/`.
fn section(path: &str) -> Vec<String> {
    let below = path::parent(path);
    let below = below
        .strip_prefix("cases")
        .unwrap_or(below)
        .trim_matches('/');
    below
        .split('/')
        .filter(|p| !p.is_empty())
        .map(words::line)
        .collect()
}

/// A case's status in a launch: the worst of its tracks' entries.
fn status_in(tracks: &[&Track], launch: usize) -> Option<Status> {
    let entries = tracks.iter().flat_map(|t| &t.entries);
    Status::worst(entries.filter(|e| e.launch() == launch).map(|e| e.status))
}

fn strip(
    context: &Context<'_>,
    tracks: &[&Track],
    window: Option<&Window>,
    most: usize,
    up: Option<&str>,
) -> Strip {
    let launches = window.map_or(&[][..], |w| w.launches.as_slice());
    let shown = &launches[launches.len().saturating_sub(most)..];
    let mut entries: Vec<Entry> = shown
        .iter()
        .map(|number| entry(context, tracks, *number, up))
        .collect();
    let absent = entries.iter().take_while(|e| e.status.is_none()).count();
    // In a list the same launch stands in the same place of each strip.
    if up.is_some() || absent == entries.len() {
        entries.drain(..absent);
    }
    chart::strip(entries)
}

fn entry(context: &Context<'_>, tracks: &[&Track], number: usize, up: Option<&str>) -> Entry {
    let status = status_in(tracks, number);
    let Some(up) = up else {
        return Entry {
            status,
            title: String::new(),
            href: None,
        };
    };
    let file = context.project.launches[number].file;
    let label = status.map_or_else(|| say!("history.no-result"), words::label);
    Entry {
        status,
        title: say!(
            "history.entry",
            launch = words::line(&file.name),
            day = words::when(file.opened.at).day,
            status = label
        ),
        href: Some(context.launch_href(number, up)),
    }
}

fn latest_status(tracks: &[&Track], window: Option<&Window>) -> Option<(usize, Status)> {
    let launches = window.map_or(&[][..], |w| w.launches.as_slice());
    launches
        .iter()
        .rev()
        .find_map(|n| status_in(tracks, *n).map(|status| (*n, status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_sections() {
        assert_eq!(section("cases/auth/login/x.md"), ["auth", "login"]);
        assert!(section("cases/x.md").is_empty());
    }
}
