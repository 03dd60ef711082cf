//! The page of one case.

use super::answers::answers;
use super::scenario::{executed, steps};
use super::{PAGE_STRIP, approval, latest_status, section, strip};
use crate::analysis::tracks::Track;
use crate::model::{Flag, Scenario};
use crate::site::build::context::{Context, section_name};
use crate::site::build::rows::Window;
use crate::site::build::sheet::file_link;
use crate::site::input::CaseInput;
use crate::site::markdown::to_html;
use crate::site::pages::{FrameOf, Writer};
use crate::site::texts::{human_duration, say};
use crate::site::view::case::{CasePage, CaseRun, ParameterRow, Part};
use crate::site::view::{Crumb, Fact, Link, Verdict};
use crate::site::{SiteError, words};

/// Results named on the page.
const RUNS: usize = 30;

pub(super) fn page(
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
        title: say!(
            "title.of",
            page = format!("{} {}", case.id, words::line(&case.title)),
            name = context.name()
        ),
        crumbs: context.crumbs(
            "../",
            vec![
                crumb(section_name("cases"), "../cases.html"),
                crumb(case.id.clone(), ""),
            ],
        ),
        sections: context.sections("../", "cases"),
        search: context.search("../"),
        results_view: false,
        ..FrameOf::default()
    });
    let scenario = &case.scenario;
    let view = CasePage {
        frame,
        id: case.id.clone(),
        title: words::line(&case.title),
        verdict: verdict(context, tracks, window),
        section: words::path(&section(&input.path)),
        approval: approval::note(context, input.approval.as_ref()),
        facts: facts(context, input),
        tags: case.tags.iter().map(|t| words::line(t)).collect(),
        description_html: to_html(&scenario.description),
        preconditions_html: to_html(&scenario.preconditions),
        steps: steps(context, &scenario.steps, &input.path, "", 0),
        postconditions_html: to_html(&scenario.postconditions),
        other: other(scenario),
        links: (case.links.iter())
            .map(|link| file_link(context, link))
            .collect(),
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
        answers: answers(context, tracks),
        runs: runs(context, tracks),
        executed: executed(context, input),
        changed: context.changed.get(&case.id).cloned(),
        path: format!("projects/{}/{}", context.project.folder, input.path),
        previous,
        next,
    };
    writer.page(&path, "case.html", &view)
}

fn verdict(context: &Context<'_>, tracks: &[&Track], window: Option<&Window>) -> Verdict {
    let Some((number, status)) = latest_status(tracks, window) else {
        return context.unseen().no_result();
    };
    let file = context.project.launches[number].file;
    Verdict {
        tone: status.as_str(),
        lead: words::sentence(&words::label(status)),
        text: say!(
            "case.in-launch",
            launch = words::line(&file.name),
            day = words::when(file.opened.at).day
        ),
        detail: String::new(),
    }
}

fn facts(context: &Context<'_>, input: &CaseInput<'_>) -> Vec<Fact> {
    let case = input.case;
    let fact = |label: &str, value: &str| Fact {
        label: label.to_owned(),
        value: words::line(value),
        ..Fact::default()
    };
    let mut out = vec![
        fact(&say!("fact.status"), &case.status),
        fact(&say!("fact.execution"), case.execution.as_str()),
        fact(&say!("fact.severity"), case.severity.as_str()),
        fact(
            &say!("fact.layer"),
            case.layer.as_deref().unwrap_or_default(),
        ),
        fact(
            &say!("fact.owner"),
            &context.person(case.owner.as_deref().unwrap_or_default()),
        ),
    ];
    for (name, values) in case.fields.iter() {
        out.push(fact(
            &words::sentence(&words::line(name)),
            &values.join(", "),
        ));
    }
    out.push(fact(&say!("fact.also-known-as"), &case.aliases.join(", ")));
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
            None => say!("sheet.not-in-project", id = words::line(id)),
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
        "automates" => say!("case.automated-by-2"),
        "duplicates" => say!("case.duplicated-by"),
        other => words::line(other),
    }
}

/// The latest results of a case, newest first.
fn runs(context: &Context<'_>, tracks: &[&Track]) -> Vec<CaseRun> {
    let mut entries: Vec<(usize, usize)> = tracks
        .iter()
        .flat_map(|t| &t.entries)
        .map(|e| (e.launch(), e.outcome()))
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
    CaseRun {
        launch: words::line(&launch.file.name),
        href: context.result_href(number, &outcome.id, "../"),
        when: words::when(launch.file.opened.at),
        status: outcome.status.as_str(),
        label: words::label(outcome.status),
        flags: outcome.flags.iter().map(|f| Flag::as_str(*f)).collect(),
        name: words::line(test.map_or("", |t| t.name.as_str())),
        duration: outcome.duration.map_or(String::new(), human_duration),
        environment: words::line(&parts.collect::<Vec<_>>().join(", ")),
    }
}
