//! What a launch held against the cases comes to, told.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::base::text::{count, line, thousands};
use crate::cli::ui::Ui;
use crate::store::Project;

/// A test of a launch.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Test {
    pub(super) name: String,
    pub(super) full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) case: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cases: Vec<String>,
    /// Ids that it names and that no case has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unknown_ids: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Proposed {
    pub(super) old: String,
    pub(super) new: String,
    /// None of a test without a case file.
    pub(super) case: Option<String>,
    /// Whether the case has the new test already, so that there is nothing to accept.
    pub(super) has_both: bool,
    pub(super) score: u32,
    pub(super) why: Vec<&'static str>,
    pub(super) unclear: bool,
}

/// What there is to say; its keys stay.
#[derive(Debug, Default, Serialize)]
pub(super) struct View {
    pub(super) launch: String,
    pub(super) against: Option<String>,
    pub(super) matched: Vec<Test>,
    pub(super) derived: Vec<Test>,
    pub(super) ambiguous: Vec<Test>,
    pub(super) appeared: Vec<Test>,
    pub(super) vanished: Vec<Test>,
    pub(super) proposals: Vec<Proposed>,
}

/// How many of a kind are listed.
const LISTED: usize = 20;

impl View {
    pub(super) fn show(&self, ui: &mut Ui, project: &Project) {
        let cases: BTreeSet<&String> = self
            .matched
            .iter()
            .filter_map(|test| test.case.as_ref())
            .collect();
        let many = |n: usize, noun| count(n as u64, noun);
        ui.out(format!(
            "{}{}",
            self.launch,
            match &self.against {
                Some(against) => format!(", against {against}"),
                None => String::new(),
            }
        ));
        ui.out(format!(
            "  matched    {} of {} of {}",
            many(self.matched.len(), "test"),
            many(cases.len(), "case"),
            thousands(project.cases.len() as u64)
        ));
        ui.out(format!(
            "  derived    {} without a case file",
            many(self.derived.len(), "test")
        ));
        let lists = [
            ("claimed by several cases", &self.ambiguous),
            ("new", &self.appeared),
            ("gone", &self.vanished),
        ];
        for (title, tests) in lists {
            let lines = tests.iter().map(Test::line);
            listed(ui, title, &lines.collect::<Vec<_>>());
        }
        let unknown: BTreeSet<&String> = { self.matched.iter() }
            .chain(&self.derived)
            .flat_map(|test| &test.unknown_ids)
            .collect();
        let unknown: Vec<String> = unknown.into_iter().map(|id| line(id, 100)).collect();
        listed(ui, "ids that no case has", &unknown);
        let proposals = self.proposals.iter().map(|one| {
            let case = one.case.as_deref().unwrap_or("no case file");
            let more = match (one.has_both, one.unclear) {
                (true, _) => "; it has both",
                (false, true) => ", not clear",
                (false, false) => "",
            };
            format!(
                "{} → {}  [{case}; {}{more}]",
                line(&one.old, 200),
                line(&one.new, 200),
                one.why.join(", ")
            )
        });
        listed(ui, "renamed, it seems", &proposals.collect::<Vec<_>>());
        let launch = &self.launch;
        if self
            .proposals
            .iter()
            .any(|one| !one.unclear && one.case.is_some() && !one.has_both)
        {
            ui.hint(format!(
                "`tallybook case match {launch} --accept` lets their history go on"
            ));
        }
        if self
            .proposals
            .iter()
            .any(|one| one.unclear && !one.has_both)
        {
            ui.hint(format!(
                "`tallybook case match {launch} --rename OLD NEW` says which"
            ));
        }
        if !self.derived.is_empty() {
            ui.hint(format!(
                "`tallybook case list --derived --launch {launch}` lists tests without a case file"
            ));
        }
    }
}

impl Test {
    fn line(&self) -> String {
        let name = line(self.full_name.as_deref().unwrap_or(&self.name), 200);
        match (&self.case, self.cases.as_slice()) {
            (Some(case), _) => format!("{name}  [{case}]"),
            (None, []) => name,
            (None, cases) => format!("{name}  [{}]", cases.join(", ")),
        }
    }
}

fn listed(ui: &mut Ui, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    ui.out(format!("\n{title}: {}", lines.len()));
    for line in lines.iter().take(LISTED) {
        ui.out(format!("  {line}"));
    }
    if lines.len() > LISTED {
        ui.out(format!("  … and {} more", lines.len() - LISTED));
    }
}
