//! Documented cases: their list by section, and a page for each.

use std::collections::BTreeMap;

use super::project::Context;
use super::rows::Window;
use super::{launch, results};
use crate::analysis::tracks::Track;
use crate::base::path;
use crate::base::text::{count, thousands};
use crate::base::time::human_duration;
use crate::model::{Flag, Scenario, ScenarioStep, Status};
use crate::site::chart::{self, Entry};
use crate::site::input::CaseInput;
use crate::site::markdown::{to_html, to_inline_html};
use crate::site::pages::{FrameOf, Writer};
use crate::site::view::{
    CasePage, CaseRow, CaseRun, CaseSection, CasesPage, Crumb, DiffLine, ExecutedNote, Fact, Link,
    ParameterRow, Part, StepView, Strip, Verdict,
};
use crate::site::{SiteError, words};

/// Cases of one page of the list.
const PAGE: usize = 1_000;
/// Launches in the strips of the list and of a case's page.
const LIST_STRIP: usize = 14;
const PAGE_STRIP: usize = 40;
/// Results named on a case's page.
const RUNS: usize = 30;
/// How deep shared steps may include others.
const DEPTH: usize = 8;

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
                    case_row(context, case, of(case), window),
                )
            })
            .collect();
        list(context, latest, rows, (number, pages, cases.len()), writer)?;
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
        page(context, case, of(case), window, (previous, next), writer)?;
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
    Status::worst(entries.filter(|e| e.launch == launch).map(|e| e.status))
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
    entries.drain(..absent);
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
    let label = status.map_or("no result", Status::label);
    Entry {
        status,
        title: format!(
            "{}, {}: {label}",
            words::line(&file.name),
            words::when(file.opened.at).day
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

fn case_row(
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
        severity: case.severity.as_str(),
        owner: words::line(case.owner.as_deref().unwrap_or_default()),
        tags: case.tags.iter().map(|t| words::line(t)).collect(),
        status: status.map_or("absent", Status::as_str),
        label: status.map_or("never ran", Status::label).to_owned(),
        strip: strip(context, tracks, window, LIST_STRIP, None),
    }
}

fn list(
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
        title: format!("Cases · {}", context.name()),
        crumbs: context.crumbs(
            "",
            vec![Crumb {
                name: "Cases".to_owned(),
                href: None,
            }],
        ),
        sections: context.sections("", "Cases"),
        search: context.search(""),
        results_view: false,
    });
    let undocumented = latest.and_then(|number| {
        let launch = &context.project.launches[number];
        let n = launch.outcomes.iter().filter(|o| o.case.is_none()).count() as u64;
        (n > 0).then(|| Link {
            text: format!(
                "{} of {} without a case",
                count(n, "result"),
                words::line(&launch.file.name)
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
        format!("{text}: {}", states.join(", "))
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

fn page(
    context: &Context<'_>,
    input: &CaseInput<'_>,
    tracks: &[&Track],
    window: Option<&Window>,
    (previous, next): (Option<Link>, Option<Link>),
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let case = input.case;
    let name = &context.case_pages[case.id.as_str()];
    let path = format!("{}/cases/{name}.html", context.folder);
    let crumb = |name: String, href: &str| Crumb {
        name,
        href: Some(href.to_owned()),
    };
    let frame = writer.frame(FrameOf {
        path: &path,
        title: format!(
            "{} {} · {}",
            case.id,
            words::line(&case.title),
            context.name()
        ),
        crumbs: context.crumbs(
            "../",
            vec![
                crumb("Cases".to_owned(), "../cases.html"),
                crumb(case.id.clone(), ""),
            ],
        ),
        sections: context.sections("../", "Cases"),
        search: context.search("../"),
        results_view: false,
    });
    let scenario = &case.scenario;
    let view = CasePage {
        frame,
        id: case.id.clone(),
        title: words::line(&case.title),
        verdict: verdict(context, tracks, window),
        section: words::path(&section(&input.path)),
        facts: facts(input),
        tags: case.tags.iter().map(|t| words::line(t)).collect(),
        description_html: to_html(&scenario.description),
        preconditions_html: to_html(&scenario.preconditions),
        steps: steps(context, &scenario.steps, &input.path, "", 0),
        postconditions_html: to_html(&scenario.postconditions),
        other: other(scenario),
        links: case.links.iter().map(launch::link).collect(),
        relations: relations(context, input),
        parameters: parameters(input),
        combine: if case.parameters.len() > 1 {
            case.combine.as_str().to_owned()
        } else {
            String::new()
        },
        selectors: case
            .automation
            .selectors
            .iter()
            .map(|s| words::line(s))
            .collect(),
        strip: strip(context, tracks, window, PAGE_STRIP, Some("../")),
        runs: runs(context, tracks),
        executed: executed(context, input),
        path: format!("projects/{}/{}", context.project.folder, input.path),
        previous,
        next,
    };
    writer.page(&path, "case.html", &view)
}

fn verdict(context: &Context<'_>, tracks: &[&Track], window: Option<&Window>) -> Verdict {
    let Some((number, status)) = latest_status(tracks, window) else {
        return Verdict {
            tone: "absent",
            lead: "Never ran".to_owned(),
            text: "no closed launch has a result of this case".to_owned(),
            detail: String::new(),
        };
    };
    let file = context.project.launches[number].file;
    Verdict {
        tone: status.as_str(),
        lead: words::sentence(status.label()),
        text: format!(
            "in {}, {}",
            words::line(&file.name),
            words::when(file.opened.at).day
        ),
        detail: String::new(),
    }
}

fn facts(input: &CaseInput<'_>) -> Vec<Fact> {
    let case = input.case;
    let fact = |label: &str, value: &str| Fact {
        label: label.to_owned(),
        value: words::line(value),
        ..Fact::default()
    };
    let mut out = vec![
        fact("Status", &case.status),
        fact("Execution", case.execution.as_str()),
        fact("Severity", case.severity.as_str()),
        fact("Layer", case.layer.as_deref().unwrap_or_default()),
        fact("Owner", case.owner.as_deref().unwrap_or_default()),
    ];
    for (name, values) in case.fields.iter() {
        out.push(fact(
            &words::sentence(&words::line(name)),
            &values.join(", "),
        ));
    }
    out.push(fact("Also known as", &case.aliases.join(", ")));
    out.retain(|fact| !fact.value.is_empty());
    out
}

fn other(scenario: &Scenario) -> Vec<Part> {
    let parts = scenario.other.iter();
    parts
        .map(|(title, text)| Part {
            title: words::line(title),
            html: to_html(text),
        })
        .collect()
}

fn parameters(input: &CaseInput<'_>) -> Vec<ParameterRow> {
    let parameters = input.case.parameters.iter();
    parameters
        .map(|(name, values)| ParameterRow {
            name: words::line(name),
            values: values.iter().map(|v| words::line(v)).collect(),
        })
        .collect()
}

/// The relations of a case, and those of others to it.
fn relations(context: &Context<'_>, input: &CaseInput<'_>) -> Vec<Link> {
    let link = |kind: String, id: &str| Link {
        text: match context.case(id) {
            Some(case) => format!("{id} {}", words::line(&case.title)),
            None => format!("{}, which is not in the project", words::line(id)),
        },
        href: context.case_href(id, "../"),
        kind,
    };
    let own = input
        .case
        .relations
        .iter()
        .map(|r| link(words::line(&r.kind), &r.case));
    let others = context.project.cases.iter().flat_map(|other| {
        let to_this = other
            .case
            .relations
            .iter()
            .filter(|r| r.case == input.case.id);
        to_this.map(|r| link(inverse(&r.kind), &other.case.id))
    });
    own.chain(others).collect()
}

fn inverse(kind: &str) -> String {
    match kind {
        "automates" => "automated by".to_owned(),
        "duplicates" => "duplicated by".to_owned(),
        other => words::line(other),
    }
}

/// Numbers steps and expands shared ones in place.
fn steps(
    context: &Context<'_>,
    steps: &[ScenarioStep],
    from: &str,
    above: &str,
    depth: usize,
) -> Vec<StepView> {
    steps
        .iter()
        .enumerate()
        .map(|(n, step)| {
            let number = format!("{above}{}", n + 1);
            let below = format!("{number}.");
            let target = step
                .shared
                .as_ref()
                .and_then(|link| path::resolve(from, link));
            let shared = target
                .filter(|_| depth < DEPTH)
                .and_then(|path| context.project.shared_steps.get_key_value(&path));
            let html =
                |text: &Option<String>| text.as_deref().map_or(String::new(), to_inline_html);
            StepView {
                action_html: to_inline_html(&step.action),
                expected_html: html(&step.expected),
                data_html: html(&step.data),
                shared: shared.map(|(path, shared)| {
                    let title = if shared.title.is_empty() {
                        path
                    } else {
                        &shared.title
                    };
                    words::line(title)
                }),
                steps: match shared {
                    Some((path, shared)) => {
                        self::steps(context, &shared.scenario.steps, path, &below, depth + 1)
                    }
                    None => self::steps(context, &step.steps, from, &below, depth + 1),
                },
                number,
            }
        })
        .collect()
}

/// The latest results of a case, newest first.
fn runs(context: &Context<'_>, tracks: &[&Track]) -> Vec<CaseRun> {
    let mut entries: Vec<(usize, usize)> = tracks
        .iter()
        .flat_map(|t| &t.entries)
        .map(|e| (e.launch, e.outcome))
        .collect();
    entries.sort_by_key(|(launch, outcome)| (std::cmp::Reverse(*launch), *outcome));
    entries.truncate(RUNS);
    entries
        .into_iter()
        .map(|(launch, outcome)| run(context, launch, outcome))
        .collect()
}

fn run(context: &Context<'_>, number: usize, outcome: usize) -> CaseRun {
    let launch = &context.project.launches[number];
    let outcome = &launch.outcomes[outcome];
    let test = launch.tests.get(&outcome.test);
    let environment = launch.environments.get(outcome.env as usize);
    let parts = environment
        .into_iter()
        .flat_map(|e| e.iter())
        .map(|(n, v)| format!("{n}={v}"));
    let id: String = outcome.id.chars().take(16).collect();
    CaseRun {
        launch: words::line(&launch.file.name),
        href: format!(
            "../launches/{}/results.html#i={id}",
            context.launch_folders[number]
        ),
        when: words::when(launch.file.opened.at),
        status: outcome.status.as_str(),
        label: outcome.status.label(),
        flags: outcome.flags.iter().map(|f| Flag::as_str(*f)).collect(),
        name: words::line(test.map_or("", |t| t.name.as_str())),
        duration: outcome.duration.map_or(String::new(), human_duration),
        environment: words::line(&parts.collect::<Vec<_>>().join(", ")),
    }
}

/// Says whether the text changed since it was last executed, and how where both texts are kept.
fn executed(context: &Context<'_>, input: &CaseInput<'_>) -> Option<ExecutedNote> {
    let now = input.digest.as_ref()?;
    let launches = context.project.launches.iter().enumerate().rev();
    let (number, then) = launches
        .filter(|(number, _)| context.superseded[*number].is_none())
        .find_map(|(number, launch)| Some((number, launch.cases.get(&input.case.id)?)))?;
    let changed = !then
        .trim_start_matches("sha256:")
        .eq(now.trim_start_matches("sha256:"));
    let texts = context
        .project
        .executed
        .get(then)
        .zip(input.text.as_ref())
        .filter(|_| changed);
    Some(ExecutedNote {
        launch: words::line(&context.project.launches[number].file.name),
        href: context.launch_href(number, "../"),
        changed,
        lines: texts.map_or_else(Vec::new, |(old, new)| diff(old, new)),
    })
}

/// The most lines of a text that is compared.
const DIFF: usize = 1_000;

/// Compares two texts line by line.
fn diff(old: &str, new: &str) -> Vec<DiffLine> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old.len() > DIFF || new.len() > DIFF {
        return Vec::new();
    }
    let common = common_lengths(&old, &new);
    let line = |kind, text: &str| DiffLine {
        kind,
        text: words::clean(text, 2_000),
    };
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            out.push(line("same", old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            out.push(line("removed", old[i]));
            i += 1;
        } else {
            out.push(line("added", new[j]));
            j += 1;
        }
    }
    out
}

/// The length of the longest common subsequence from each pair of lines on.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_sections() {
        assert_eq!(section("cases/auth/login/x.md"), ["auth", "login"]);
        assert!(section("cases/x.md").is_empty());
    }

    #[test]
    fn a_diff_shows_what_was_put_in_and_taken_out() {
        let kinds: Vec<_> = diff("a\nb\nc", "a\nx\nc\nd")
            .into_iter()
            .map(|l| (l.kind, l.text))
            .collect();
        let kinds: Vec<_> = kinds.iter().map(|(k, t)| (*k, t.as_str())).collect();
        assert_eq!(
            kinds,
            [
                ("same", "a"),
                ("removed", "b"),
                ("added", "x"),
                ("same", "c"),
                ("added", "d")
            ]
        );
    }
}
