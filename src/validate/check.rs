//! Runs all rules over a snapshot.

use rayon::prelude::*;

use super::facts::{Facts, Launches};
use super::rules::RULES;
use crate::base::Timestamp;
use crate::diag::{self, Finding, Severity, Sources};
use crate::store::{self, Snapshot, StoreError, Workspace};

/// What is wrong with a workspace, or with a part of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// Sorted by path and place.
    pub findings: Vec<Finding>,
    /// The texts that the findings point into.
    pub sources: Sources,
    pub workspace: Workspace,
    /// What findings were kept of; all where it is empty.
    below: Vec<String>,
}

impl Report {
    /// Returns the paths of the files that were read, of those that findings were kept of.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let is_kept = |path: &&str| {
            self.below.is_empty() || self.below.iter().any(|folder| is_below(path, folder))
        };
        let paths = self.sources.iter().map(|(path, _)| path);
        paths.filter(is_kept)
    }

    /// Whether anything is an error; warnings alone are fine.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|f| f.severity == Severity::Error)
    }

    /// Keeps the findings about these files and about what stands in these folders. Paths are
    /// relative to the workspace, which is the empty path.
    pub fn keep_below(&mut self, paths: &[String]) {
        self.findings
            .retain(|finding| paths.iter().any(|folder| is_below(&finding.path, folder)));
        self.below = paths.to_vec();
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Loads a snapshot and runs every rule. Wrong files are findings; an error means that files could
/// not be listed or read at all.
pub fn check(snapshot: &Snapshot, now: Timestamp) -> Result<Report, StoreError> {
    let loaded = store::load(snapshot)?;
    let launches = Launches::read(snapshot, &loaded.workspace)?;
    let facts = Facts::new(&loaded.workspace, &launches, now);
    let found: Vec<Vec<Finding>> = RULES
        .par_iter()
        .map(|rule| {
            let mut findings = Vec::new();
            (rule.check)(&facts, &mut findings);
            findings
        })
        .collect();
    drop(facts);
    let mut findings = loaded.findings;
    findings.extend(found.into_iter().flatten());
    diag::sort(&mut findings);
    Ok(Report {
        findings,
        sources: loaded.sources,
        workspace: loaded.workspace,
        below: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diag::render;
    use crate::store::MemoryFiles;

    #[test]
    fn findings_are_kept_by_whole_path_parts() {
        let files: MemoryFiles = [
            ("tallybook.yaml", "format: 1\ntitle: T\n"),
            ("projects/a/project.yaml", "key: a\nname: A\n"),
            ("projects/ab/project.yaml", "key: ab\nname: AB\n"),
        ]
        .into_iter()
        .collect();
        let report = check(&Snapshot::memory(files), Timestamp::from_ms(0)).expect("loads");
        assert!(report.has_errors());
        let kept = |paths: &[&str]| {
            let mut report = report.clone();
            report.keep_below(&paths.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>());
            report.findings.len()
        };
        let all = report.findings.len();
        assert_eq!(kept(&[""]), all);
        assert_eq!(kept(&["projects/a"]) + kept(&["projects/ab"]), all);
        assert_eq!(kept(&["projects/a/project.yaml", "projects/ab"]), all);
        assert_eq!(kept(&["proj"]), 0);
    }

    fn path() -> impl Strategy<Value = String> {
        let known = prop_oneof![
            Just("project.yaml".to_owned()),
            "(cases|steps|defects)/[aB]{1,2}(/c)?\\.md",
            "(members|mutes|case|plans|queries|requirements|gates)/[a-c]\\.ya?ml",
            "launches/2026/11/x/launch\\.yaml",
            "cases/\\PC{1,6}",
        ];
        ("[ab]", known).prop_map(|(project, path)| format!("projects/{project}/{path}"))
    }

    fn text() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            "(id|title|status|owner|key|name|reason|layer|combine): [\"'é]?[A-Z*. -]{0,6}[\"']?",
            "(until|selector|message): ['\"]?(2026-11-22|\\(|é\\[|a\\*)['\"]?",
            "(tags|aliases|cases|emails|fields|links|matchers|relations|parameters):",
            "(categories|integrations|groups|requirements|gate|gap|gap|exclude):",
            "(query|saved|parent|of|pattern|max_failed): ['\"]?(tag = [a-c]|n[a-e]me|é ~= \\(|[a-c]|0)['\"]?",
            "  ?- \\{(name|id): [a-c], (query|message_regex|parent|url|title): '?(tag = é|\\(|[a-c]|)'?\\}",
            "  ?- ?(\\{case: [A-Z]{1,3}, type: x\\}|\\{message: '[(a-c*+é]{0,4}'\\}|[A-Z]|)",
            "  [a-c]: \\[[a-c, ]{0,5}\\]",
            "automation: \\{selectors: \\[['\"]?[a-c*]{0,3}['\"]?\\]\\}",
            "(1|2)\\. \\[é\\]\\((\\.\\./){0,3}(steps/[aB]\\.md|%zz|x y|/e)(#a)?\\)",
            "(   - \\*\\*Expected:\\*\\*|## Steps|---|)",
        ];
        proptest::collection::vec(line, 0..14).prop_map(|lines| {
            let lines = lines.join("\n");
            format!("---\n{lines}\n")
        })
    }

    proptest! {
        #[test]
        fn no_workspace_makes_a_rule_fail(
            files in proptest::collection::btree_map(path(), text(), 0..8)
        ) {
            let files: MemoryFiles = files.into_iter().collect();
            let now = Timestamp::from_ms(1_790_000_000_000);
            let report = check(&Snapshot::memory(files), now).expect("memory reads");
            for finding in &report.findings {
                if let (Some(span), Some(text)) = (finding.span, report.sources.get(&finding.path)) {
                    prop_assert!(text.get(span.range()).is_some(), "{finding:?} in {text:?}");
                }
            }
            let (findings, sources) = (&report.findings, &report.sources);
            let human = render::human(findings, sources, false, 80);
            prop_assert_eq!(human.is_empty(), findings.is_empty());
            prop_assert_eq!(render::short(findings, sources).lines().count(), findings.len());
            let items = render::items(findings, sources, "qa");
            let rows: serde_json::Value = serde_json::from_str(&render::gitlab(&items).text).expect("valid JSON");
            let rows = rows.as_array().expect("an array");
            let fingerprints: std::collections::BTreeSet<&str> =
                rows.iter().filter_map(|row| row["fingerprint"].as_str()).collect();
            prop_assert_eq!(fingerprints.len(), findings.len());
        }
    }
}
