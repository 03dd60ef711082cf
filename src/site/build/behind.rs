//! The lists behind marks: where the site shows just what a figure counts.

use std::cell::OnceCell;

use super::context::Context;
use super::failures::LaunchContext;
use super::paths::fragment;
use crate::model::{Flag, Outcome};
use crate::site::widgets::{Filter, Target};

/// What links to results of a launch have to know of it.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// The least letters by which its results are told apart.
    letters: usize,
    has_overridden: bool,
}

impl Told {
    fn of(outcomes: &[Outcome]) -> Self {
        let mut ids: Vec<&str> = outcomes.iter().map(|outcome| outcome.id.as_str()).collect();
        ids.sort_unstable();
        let shared = |pair: &[&str]| {
            let both = pair[0].bytes().zip(pair[1].bytes());
            both.take_while(|(a, b)| a == b).count()
        };
        let most = ids.windows(2).map(shared).max().unwrap_or(0);
        Self {
            letters: (most + 1).max(4),
            has_overridden: outcomes.iter().any(|one| one.has(Flag::Overridden)),
        }
    }
}

/// The lists behind marks.
pub(super) struct Links<'a> {
    context: &'a Context<'a>,
    /// By launch.
    told: Vec<OnceCell<Told>>,
}

impl<'a> Links<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            told: vec![OnceCell::new(); context.project.launches.len()],
        }
    }

    fn told(&self, launch: usize) -> Told {
        let outcomes = self.context.project.launches[launch].outcomes;
        *self.told[launch].get_or_init(|| Told::of(outcomes))
    }

    /// Returns the list behind a mark, from a page in `dashboards/`; none where the site has no such list.
    pub(super) fn href(&self, target: &Target) -> Option<String> {
        let context = self.context;
        let results = |launch: usize, asked: &str| {
            let folder = &context.launch_folders[launch];
            let mark = if asked.is_empty() { "" } else { "#" };
            format!("../launches/{folder}/results.html{mark}{asked}")
        };
        match target {
            Target::Launches(ids) => {
                let launches = context.project.launches.iter().zip(&context.launch_folders);
                let asked = launches.filter(|(launch, _)| ids.contains(&launch.file.id));
                let asked: Vec<String> = asked.map(|(_, folder)| folder.clone()).collect();
                (!context.project.launches.is_empty()).then(|| only("launches", &asked))
            }
            Target::Launch(number) => Some(context.launch_href(*number, "../")),
            Target::Results { launch, filter } => {
                Some(results(*launch, &asked(filter, self.told(*launch))))
            }
            Target::Case(id) => context.case_href(id, "../"),
            Target::Cases(ids) => {
                let pages = ids
                    .iter()
                    .filter_map(|id| context.case_pages.get(id.as_str()));
                let pages: Vec<String> = pages.map(ToString::to_string).collect();
                (!context.project.cases.is_empty()).then(|| only("cases", &pages))
            }
            Target::Defect(id) => super::defects::href(context, id, "../"),
            Target::Requirement(id) => super::requirements::href(context, id, "../"),
            Target::Defects(ids) => super::defects::is_there(context).then(|| only("defects", ids)),
            Target::Mutes(ids) => super::mutes::is_there(context).then(|| only("mutes", ids)),
            Target::Requirements(ids) => {
                super::requirements::is_there(context).then(|| only("requirements", ids))
            }
        }
    }
}

/// Rows that a link can name; a mark that counts more leads to a wider list.
const NAMED: usize = 2_000;

/// Returns a list of the project that shows some of its rows, by the names of their pages or their ids.
fn only(list: &str, names: &[String]) -> String {
    match names.len() {
        1..=NAMED => {
            let names: Vec<String> = names.iter().map(|name| fragment(&fragment(name))).collect();
            format!("../{list}.html#only={}", names.join(","))
        }
        _ => format!("../{list}.html"),
    }
}

/// Returns a filter as the results' page keeps it in its address.
fn asked(filter: &Filter, told: Told) -> String {
    if let Some(ids) = filter.ids.as_ref().filter(|ids| ids.len() <= NAMED) {
        let cut = |id: &String| id.chars().take(told.letters).collect::<String>();
        let ids: Vec<String> = ids.iter().map(cut).collect();
        return match ids.is_empty() {
            true => "q=id:none".to_owned(),
            false => format!("q=id:{}", fragment(&ids.join(","))),
        };
    }
    let mut terms = Vec::new();
    if let Some(flag) = filter.flag {
        terms.push(format!("is:{}", flag.as_str()));
    }
    if let Some(flag) = filter.unflagged {
        terms.push(format!("-is:{}", flag.as_str()));
    }
    if filter.unresolved {
        terms.push("is:unresolved".to_owned());
    }
    if let Some((name, value)) = &filter.label {
        terms.push(format!("{name}:\"{value}\""));
    }
    let mut parts = Vec::new();
    let statuses: Vec<&str> = filter.statuses.iter().map(|s| s.as_str()).collect();
    if !statuses.is_empty() {
        parts.push(format!("s={}", statuses.join(",")));
    } else if told.has_overridden {
        // A list of statuses leaves them out by itself.
        terms.push(format!("-is:{}", Flag::Overridden.as_str()));
    }
    if !terms.is_empty() {
        parts.push(format!("q={}", fragment(&terms.join(" "))));
    }
    parts.join("&")
}

/// Returns the list of a launch's results that fit a filter, from a page of the launch.
pub(super) fn results_href(context: &LaunchContext<'_>, filter: &Filter) -> String {
    let outcomes = context.project.project.launches[context.number].outcomes;
    format!("results.html#{}", asked(filter, Told::of(outcomes)))
}
