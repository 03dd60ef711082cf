//! Packages that did not build, as Go before 1.24 says so: beside the events, as plain lines (golang/go#35169).

use std::collections::BTreeMap;

/// What failed to build, by plain lines: the package, and what was said of it.
#[derive(Debug, Default)]
pub(super) struct Plain {
    failed: BTreeMap<String, String>,
    /// The package of the last `# package` line, and what stands below it.
    open: Option<String>,
    said: BTreeMap<String, String>,
}

impl Plain {
    /// Takes a line that is no event.
    pub(super) fn line(&mut self, line: &str) {
        let line = line.trim_end();
        if let Some(package) = failed_package(line) {
            self.open = None;
            self.failed.insert(package.to_owned(), line.to_owned());
        } else if let Some(header) = line.strip_prefix("# ") {
            // `# module/package [module/package.test]`
            let package = header.split_whitespace().next().unwrap_or(header);
            self.open = Some(package.to_owned());
        } else if let Some(package) = &self.open {
            let said = self.said.entry(package.clone()).or_default();
            super::append(said, line, "\n");
        }
    }

    /// Returns the packages that failed, each with what was said of it.
    pub(super) fn failed(self) -> impl Iterator<Item = (String, String)> {
        let mut said = self.said;
        self.failed.into_iter().map(move |(package, line)| {
            let output = said.remove(&package).filter(|said| !said.is_empty());
            (package, output.unwrap_or(line))
        })
    }
}

/// The package of `FAIL`, tab, `module/package [build failed]`; `[setup failed]` where it could not be loaded.
fn failed_package(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("FAIL")?;
    let rest = rest.strip_prefix(['\t', ' '])?.trim_start();
    let package = rest
        .strip_suffix("[build failed]")
        .or_else(|| rest.strip_suffix("[setup failed]"))?
        .trim_end();
    (!package.is_empty() && !package.contains(char::is_whitespace)).then_some(package)
}
