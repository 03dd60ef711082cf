//! Where the site has what: paths from its root, for whoever links to it from elsewhere.

use std::collections::HashMap;

use super::build::paths;

/// The pages of one project.
#[derive(Clone, Debug)]
pub struct Links {
    folder: String,
    launches: HashMap<String, String>,
    cases: HashMap<String, String>,
}

impl Links {
    /// Names the pages as a site of all projects does; ids in the order of the site's input. None where
    /// the project is not among the folders.
    pub fn new<'a>(
        folders: impl IntoIterator<Item = &'a str>,
        project: &str,
        launches: impl IntoIterator<Item = &'a str>,
        cases: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        let folders: Vec<&str> = folders.into_iter().collect();
        let at = folders.iter().position(|folder| *folder == project)?;
        let named = |ids: Vec<&'a str>| {
            let names = paths::unique(ids.iter().copied());
            let ids = ids.into_iter().map(str::to_owned);
            ids.zip(names).collect::<HashMap<String, String>>()
        };
        Some(Self {
            folder: paths::unique(folders).swap_remove(at),
            launches: named(launches.into_iter().collect()),
            cases: named(cases.into_iter().collect()),
        })
    }

    /// Returns the page of the project.
    pub fn project(&self) -> String {
        format!("{}/index.html", self.folder)
    }

    /// Returns the page of a closed launch.
    pub fn launch(&self, id: &str) -> Option<String> {
        let launch = self.launches.get(id)?;
        Some(format!("{}/launches/{launch}/index.html", self.folder))
    }

    /// Returns the view of a result of a closed launch.
    pub fn result(&self, launch: &str, result: &str) -> Option<String> {
        let launch = self.launches.get(launch)?;
        let id: String = result.chars().take(16).collect();
        let id = paths::fragment(&id);
        Some(format!(
            "{}/launches/{launch}/results.html#i={id}",
            self.folder
        ))
    }

    /// Returns the page of a documented case.
    pub fn case(&self, id: &str) -> Option<String> {
        let case = self.cases.get(id)?;
        Some(format!("{}/cases/{case}.html", self.folder))
    }
}
