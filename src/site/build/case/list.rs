//! The list of cases.

use std::collections::BTreeMap;

use super::{PAGE, latest_status, strip};
use crate::analysis::tracks::Track;
use crate::model::Status;
use crate::site::build::context::{Context, section_name};
use crate::site::build::results;
use crate::site::build::rows::Window;
use crate::site::input::CaseInput;
use crate::site::pages::{FrameOf, Writer};
use crate::site::texts::{count, counted, say, thousands};
use crate::site::view::case::{CaseRow, CaseSection, CasesPage};
use crate::site::view::{Crumb, Link};
use crate::site::{SiteError, words};

/// Launches in the strip of a row.
const STRIP: usize = 14;

pub(super) fn case_row(
    context: &Context<'_>,
    input: &CaseInput<'_>,
    tracks: &[&Track],
    window: Option<&Window>,
) -> CaseRow {
    let case = input.case;
    let status = latest_status(tracks, window).map(|(_, status)| status);
    CaseRow {
        id: case.id.clone(),
        title: words::line(&case.title),
        href: context.case_href(&case.id, "").unwrap_or_default(),
        execution: case.execution.as_str(),
        state: words::line(&case.status),
        layer: words::line(case.layer.as_deref().unwrap_or_default()),
        severity: case.severity.as_str(),
        owner: context.person(case.owner.as_deref().unwrap_or_default()),
        tags: case.tags.iter().map(|t| words::line(t)).collect(),
        status: status.map_or("absent", Status::as_str),
        label: status.map_or_else(|| context.unseen().never_ran(), words::label),
        strip: strip(context, tracks, window, STRIP, None),
    }
}

pub(super) fn list(
    context: &Context<'_>,
    latest: Option<usize>,
    rows: Vec<(Vec<String>, CaseRow)>,
    (number, pages, all): (usize, usize, usize),
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let name = if number == 0 {
        "cases.html".to_owned()
    } else {
        format!("cases-{}.html", number + 1)
    };
    let path = format!("{}/{name}", context.folder);
    let frame = writer.frame(FrameOf {
        path: &path,
        title: say!(
            "title.of",
            page = section_name("cases"),
            name = context.name()
        ),
        crumbs: context.crumbs(
            "",
            vec![Crumb {
                name: section_name("cases"),
                href: None,
            }],
        ),
        sections: context.sections("", "cases"),
        search: context.search(""),
        lists: true,
        ..FrameOf::default()
    });
    let undocumented = latest.and_then(|number| {
        let launch = &context.project.launches[number];
        let n = launch.outcomes.iter().filter(|o| o.case.is_none()).count() as u64;
        (n > 0).then(|| Link {
            text: say!(
                "cases.results-without-a-case",
                results = counted(n, "result"),
                launch = words::line(&launch.file.name)
            ),
            href: Some(format!(
                "launches/{}/results.html#q=case:none",
                context.launch_folders[number]
            )),
            kind: String::new(),
        })
    });
    let page = CasesPage {
        frame,
        name: context.name(),
        summary: summary(context, all),
        sections: sections(rows),
        pager: results::pager("cases", number, pages, all, PAGE),
        undocumented,
    };
    writer.page(&path, "cases.html", &page)
}

fn summary(context: &Context<'_>, all: usize) -> String {
    let mut by_state: BTreeMap<&str, u64> = BTreeMap::new();
    for case in &context.project.cases {
        *by_state.entry(case.case.status.as_str()).or_default() += 1;
    }
    let order = |state: &str| {
        context
            .project
            .file
            .workflow
            .iter()
            .position(|s| s == state)
    };
    let mut states: Vec<(&str, u64)> = by_state
        .into_iter()
        .filter(|(s, _)| !s.is_empty())
        .collect();
    states.sort_by_key(|(state, _)| (order(state).unwrap_or(usize::MAX), *state));
    let states: Vec<String> = states
        .iter()
        .map(|(state, n)| format!("{} {}", thousands(*n), words::line(state)))
        .collect();
    let text = count(all as u64, "documented case");
    if states.is_empty() {
        text
    } else {
        say!(
            "cases.by-state",
            cases = text,
            states = states.join(&say!("list.comma"))
        )
    }
}

fn sections(rows: Vec<(Vec<String>, CaseRow)>) -> Vec<CaseSection> {
    let mut out: Vec<CaseSection> = Vec::new();
    for (path, row) in rows {
        let path = words::path(&path);
        match out.last_mut().filter(|last| last.path == path) {
            Some(last) => last.cases.push(row),
            None => out.push(CaseSection {
                path,
                count_text: String::new(),
                cases: vec![row],
            }),
        }
    }
    for section in &mut out {
        section.count_text = count(section.cases.len() as u64, "case");
    }
    out
}
