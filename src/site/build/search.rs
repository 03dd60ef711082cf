//! What the search box of a project's pages looks through: everything that has a page or a list of its own.
//!
//! Names of results are not in it, as there may be a hundred thousand: the box offers to look through those of the
//! latest launch, and of the launch that is open, by their own lists.

use serde::Serialize;

use super::context::Context;
use super::paths;
use crate::model::Link;
use crate::site::pages::Writer;
use crate::site::{SiteError, chunk, words};

/// What one can find: what it is, its name and what is beside it, where it leads, and words that find it too,
/// such as keys of linked issues, commits and receipts.
#[derive(Debug, Serialize)]
struct Entry(&'static str, String, String, String, String);

/// Writes `search.js`.
pub(super) fn write(context: &Context<'_>, writer: &mut Writer<'_>) -> Result<(), SiteError> {
    if context.search("").is_none() {
        return Ok(());
    }
    let mut entries: Vec<Entry> = cases(context).collect();
    entries.extend(launches(context));
    entries.extend(answers(context));
    entries.extend(documents(context));
    // The latest launch's results are searched by a link that ends with the words.
    if let Some((number, latest)) = context.project.launches.iter().enumerate().next_back() {
        let href = format!(
            "launches/{}/results.html#q=",
            context.launch_folders[number]
        );
        let name = words::line(&latest.file.name);
        let none = String::new;
        entries.push(Entry("results", name, none(), href, none()));
    }
    writer.file(
        &format!("{}/search.js", context.folder),
        &chunk::script("search", &entries),
    )
}

fn cases(context: &Context<'_>) -> impl Iterator<Item = Entry> {
    context.project.cases.iter().map(|c| {
        let href = context.case_href(&c.case.id, "").unwrap_or_default();
        let tags = words::line(&c.case.tags.join(" "));
        let aliases = c.case.aliases.iter().map(String::as_str);
        let issues = c.case.links.iter().filter_map(issue);
        let selectors = c.case.automation.selectors.iter().map(String::as_str);
        let owner = context.person(c.case.owner.as_deref().unwrap_or_default());
        Entry(
            "case",
            words::line(&c.case.title),
            format!("{} {tags}", c.case.id),
            href,
            also(
                aliases
                    .chain(issues)
                    .chain(selectors)
                    .chain([owner.as_str()]),
            ),
        )
    })
}

/// The latest first.
fn launches(context: &Context<'_>) -> impl Iterator<Item = Entry> {
    let launches = context.project.launches.iter().enumerate().rev();
    launches.map(|(number, launch)| {
        let day = words::when(launch.file.opened.at).day;
        let source = &launch.file.source;
        let known = [&source.commit, &source.branch, &source.pull_request];
        let known = known.into_iter().filter_map(|word| word.as_deref());
        let tags = launch.file.tags.iter().map(String::as_str);
        let issues = launch.file.links.iter().filter_map(issue);
        Entry(
            "launch",
            words::line(&launch.file.name),
            format!("{day} · {}", launch.file.id),
            context.launch_href(number, ""),
            also(
                [launch.receipt]
                    .into_iter()
                    .chain(known)
                    .chain(tags)
                    .chain(issues),
            ),
        )
    })
}

/// Defects and mutes lead to their pages; where the documentation is not told of, to what they answered for last.
fn answers(context: &Context<'_>) -> impl Iterator<Item = Entry> {
    let latest = |kind: &str, id: &str| {
        let launches = context.project.launches.iter().enumerate().rev();
        let mut with = launches.filter(|(_, launch)| {
            let mut outcomes = launch.outcomes.iter();
            outcomes.any(|outcome| match kind {
                "defect" => outcome.defect.as_deref() == Some(id),
                _ => outcome.mute.as_deref() == Some(id),
            })
        });
        match with.next() {
            Some((number, _)) => format!(
                "launches/{}/results.html#q={kind}:{}",
                context.launch_folders[number],
                paths::fragment(id)
            ),
            None => "launches.html".to_owned(),
        }
    };
    let pages = super::defects::hrefs(context);
    let defects = context.project.defects.iter().map(move |defect| {
        let owner = context.person(defect.owner.as_deref().unwrap_or_default());
        let page = pages.get(defect.id.as_str()).cloned();
        Entry(
            "defect",
            words::line(&defect.title),
            note(&[&defect.id, defect.status.as_str(), &owner]),
            page.unwrap_or_else(|| latest("defect", &defect.id)),
            also(defect.links.iter().filter_map(issue)),
        )
    });
    let mutes = context.project.mutes.iter().map(move |mute| {
        let page = super::mutes::href(context, &mute.id, "");
        Entry(
            "mute",
            words::line(&mute.reason),
            note(&[&mute.id, &context.person(&mute.owner)]),
            page.unwrap_or_else(|| latest("mute", &mute.id)),
            also(mute.links.iter().filter_map(issue)),
        )
    });
    defects.chain(mutes)
}

/// The key of what a link leads to: its name, or else the end of its address.
fn issue(link: &Link) -> Option<&str> {
    let url = || {
        link.url
            .as_deref()?
            .trim_end_matches('/')
            .rsplit('/')
            .next()
    };
    link.name.as_deref().or_else(url)
}

/// Words that find an entry and are not shown until they do.
fn also<'a>(found: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = found.filter(|word| !word.is_empty()).collect();
    words::line(&all.join(" "))
}

/// `BUG-1 · open · alice`, without what is empty.
fn note(parts: &[&str]) -> String {
    let parts = parts.iter().filter(|part| !part.is_empty());
    words::line(&parts.copied().collect::<Vec<_>>().join(" · "))
}

/// Documents with pages of their own beside cases and launches.
fn documents(context: &Context<'_>) -> Vec<Entry> {
    let Some(project) = context.project.documents else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (name, dashboard) in super::dashboards::pages(project) {
        let href = format!("dashboards/{name}.html");
        let (name, none) = (words::line(&dashboard), String::new);
        out.push(Entry("dashboard", name, none(), href, none()));
    }
    for (href, plan) in super::plans::pages(context) {
        let name = words::line(&plan.name);
        out.push(Entry("plan", name, note(&[&plan.id]), href, String::new()));
    }
    for requirement in project.all_requirements() {
        let Some(href) = super::requirements::href(context, &requirement.id, "") else {
            continue;
        };
        let title = match requirement.title.as_str() {
            "" => &requirement.id,
            title => title,
        };
        let owner = context.person(requirement.owner.as_deref().unwrap_or_default());
        let note = note(&[&requirement.id, &owner]);
        let name = words::line(title);
        out.push(Entry("requirement", name, note, href, String::new()));
    }
    out
}
