//! A project as its pages see it: what all of them ask.

use std::collections::{BTreeMap, HashMap};

use super::launch::Chain;
use super::standing::Standing;
use super::unseen::Unseen;
use super::{changes, compare, dashboards, defects, mutes, paths, plans, quality, requirements};
use crate::analysis::compare::{Comparison, compare as compare_launches};
use crate::analysis::matching::Matcher;
use crate::analysis::tracks::{self, Known, Tracks};
use crate::model::{Briefs, Case};
use crate::site::input::{Input, ProjectInput};
use crate::site::texts::{text, thousands};
use crate::site::view::{Crumb, Link, Section};
use crate::site::words;

/// A project as its pages see it.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) input: &'a Input<'a>,
    pub(crate) project: &'a ProjectInput<'a>,
    /// The project's folder in the site.
    pub(crate) folder: &'a str,
    /// The folder of each launch below `launches/`.
    pub(crate) launch_folders: Vec<String>,
    /// The name of each case's page, by id.
    pub(crate) case_pages: BTreeMap<&'a str, String>,
    cases: HashMap<&'a str, &'a Case>,
    /// The launch that supersedes each.
    pub(crate) superseded: Vec<Option<usize>>,
    pub(crate) tracks: Tracks,
    pub(crate) chain: Chain<'a>,
    /// The latest known change of each case.
    pub(crate) changed: HashMap<String, Link>,
    /// Today's documentation beside the history of the latest launch's branch.
    pub(crate) standing: Option<Standing<'a>>,
    numbers: HashMap<&'a str, usize>,
    matcher: Matcher,
}

/// Computes the tracks over some of a project's launches, given by their places.
pub(super) fn tracks_of(project: &ProjectInput<'_>, launches: &[usize]) -> Tracks {
    let launches = launches.iter().map(|at| &project.launches[*at]);
    let read: Vec<(Briefs, Known<'_>)> = launches
        .map(|launch| {
            let briefs = Briefs::of(launch.environments, launch.outcomes);
            (briefs, Known::new(launch.tests))
        })
        .collect();
    let tracked = read
        .iter()
        .map(|(briefs, identities)| tracks::Launch { briefs, identities });
    let tracked: Vec<tracks::Launch<'_>> = tracked.collect();
    let matcher = matcher_of(project);
    Tracks::new(&tracked, &project.file.environment, &matcher)
}

fn matcher_of(project: &ProjectInput<'_>) -> Matcher {
    Matcher::new(project.cases.iter().map(|c| c.case))
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        input: &'a Input<'a>,
        project: &'a ProjectInput<'a>,
        folder: &'a str,
    ) -> Self {
        let ids = || project.cases.iter().map(|c| c.case.id.as_str());
        let all: Vec<usize> = (0..project.launches.len()).collect();
        let tracks = tracks_of(project, &all);
        let position = |id: &String| project.launches.iter().position(|l| l.file.id == *id);
        let mut superseded = vec![None; project.launches.len()];
        for (number, launch) in project.launches.iter().enumerate() {
            if let Some(old) = launch.file.supersedes.as_ref().and_then(position) {
                superseded[old] = Some(number);
            }
        }
        let numbers = project.launches.iter().enumerate();
        Self {
            input,
            project,
            folder,
            matcher: matcher_of(project),
            standing: Standing::new(project, &superseded, &tracks, input.stamp.now),
            numbers: numbers
                .map(|(number, launch)| (launch.file.id.as_str(), number))
                .collect(),
            launch_folders: paths::unique(project.launches.iter().map(|l| l.file.id.as_str())),
            case_pages: ids().zip(paths::unique(ids())).collect(),
            cases: project
                .cases
                .iter()
                .map(|c| (c.case.id.as_str(), c.case))
                .collect(),
            superseded,
            chain: Chain::new(&project.launches),
            changed: changes::of_cases(
                input,
                match project.file.key.as_str() {
                    "" => &project.folder,
                    key => key,
                },
            ),
            tracks,
        }
    }

    /// Returns which closed launches the site may not have.
    pub(crate) fn unseen(&self) -> Unseen {
        Unseen::of(self.input)
    }

    pub(crate) fn case(&self, id: &str) -> Option<&'a Case> {
        self.cases.get(id).copied()
    }

    /// Returns the link to a case's page; `up` leads from the page to the project's folder.
    pub(crate) fn case_href(&self, id: &str, up: &str) -> Option<String> {
        self.case_pages
            .get(id)
            .map(|page| format!("{up}cases/{page}.html"))
    }

    pub(crate) fn launch_href(&self, number: usize, up: &str) -> String {
        format!("{up}launches/{}/index.html", self.launch_folders[number])
    }

    /// Compares two launches by today's documentation, given by their places.
    pub(crate) fn compare(&self, before: usize, now: usize) -> Comparison {
        let read = [before, now].map(|at| {
            let launch = &self.project.launches[at];
            let briefs = Briefs::of(launch.environments, launch.outcomes);
            (briefs, Known::new(launch.tests))
        });
        let [before, now] =
            [&read[0], &read[1]].map(|(briefs, identities)| tracks::Launch { briefs, identities });
        compare_launches(&before, &now, &self.project.file.environment, &self.matcher)
    }

    /// Returns the place of a launch in the project.
    pub(crate) fn launch_number(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// Returns the link to a result of a launch, by its id; `up` leads from the page to the project's folder.
    pub(crate) fn result_href(&self, launch: usize, result: &str, up: &str) -> String {
        let id: String = result.chars().take(16).collect();
        format!(
            "{up}launches/{}/results.html#i={}",
            self.launch_folders[launch],
            paths::fragment(&id)
        )
    }

    pub(crate) fn name(&self) -> String {
        words::line(&self.project.name)
    }

    /// Returns the path to a page, `up` leading from it to the project's folder.
    pub(crate) fn crumbs(&self, up: &str, below: Vec<Crumb>) -> Vec<Crumb> {
        let mut crumbs = vec![
            Crumb {
                name: words::line(&self.input.title),
                href: Some(format!("{up}../index.html")),
            },
            Crumb {
                name: self.name(),
                href: Some(format!("{up}index.html")),
            },
        ];
        crumbs.extend(below);
        if let Some(last) = crumbs.last_mut() {
            last.href = None;
        }
        crumbs
    }

    /// What a member is called; the id of whom nobody described.
    pub(crate) fn person(&self, id: &str) -> String {
        let name = self.project.members.get(id).copied();
        words::line(name.filter(|name| !name.is_empty()).unwrap_or(id))
    }

    /// Returns the project's sections; only those that have something are there.
    pub(crate) fn sections(&self, up: &str, current: &str) -> Vec<Section> {
        let section = |id: &str, page: &str, n: Option<usize>| Section {
            name: section_name(id),
            href: format!("{up}{page}"),
            current: id == current,
            count: n.map(|n| thousands(n as u64)),
        };
        let mut out = vec![section("overview", "index.html", None)];
        if !self.project.launches.is_empty() {
            out.push(section(
                "launches",
                "launches.html",
                Some(self.project.launches.len()),
            ));
        }
        if !self.project.cases.is_empty() {
            out.push(section(
                "cases",
                "cases.html",
                Some(self.project.cases.len()),
            ));
        }
        self.documented(&mut out, &section);
        if let Some(page) = dashboards::first(self.project) {
            out.push(section("dashboards", &page, None));
        }
        if self.input.options.changes.is_some() {
            out.push(section("changes", "../changes.html", None));
        }
        out
    }

    /// Adds the sections of what is documented beside cases.
    fn documented(
        &self,
        out: &mut Vec<Section>,
        section: &dyn Fn(&str, &str, Option<usize>) -> Section,
    ) {
        let Some(standing) = &self.standing else {
            return;
        };
        let documents = standing.documents;
        let some = |n: usize| (n > 0).then_some(n);
        let pages = [
            (
                plans::is_there(self),
                "plans",
                "plans.html",
                some(documents.plans.len()),
            ),
            (
                requirements::is_there(self),
                "requirements",
                "requirements.html",
                some(standing.requirements()),
            ),
            (
                defects::is_there(self),
                "defects",
                "defects.html",
                some(documents.defects.len()),
            ),
            (
                mutes::is_there(self),
                "mutes",
                "mutes.html",
                some(documents.mutes.len()),
            ),
            (quality::is_there(self), "quality", "quality.html", None),
            (compare::is_there(self), "compare", "compare.html", None),
        ];
        for (is_there, name, page, n) in pages {
            if is_there {
                out.push(section(name, page, n));
            }
        }
    }

    pub(crate) fn search(&self, up: &str) -> Option<String> {
        let any = !self.project.launches.is_empty() || !self.project.cases.is_empty();
        any.then(|| format!("{up}search.js"))
    }
}

/// The name of a project's section.
pub(crate) fn section_name(id: &str) -> String {
    text(&format!("section.{id}"), &[])
}
