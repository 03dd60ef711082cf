//! A triage as annotations of GitHub Actions: one for each cluster, as many as GitHub shows of a step.

use super::view::{Entry, View};
use crate::base::text::{count, list};
use crate::diag::render::workflow_command;

/// Annotations of one kind that GitHub shows of a step.
const SHOWN: usize = 10;
/// Tests that an annotation names.
pub(super) const TESTS: usize = 5;

impl View {
    /// Failures that nothing has are errors, what today's defects and mutes have are notices, and defects
    /// that came back and mutes to look at warnings.
    pub(super) fn github(&self) -> String {
        let (left, known): (Vec<&Entry>, Vec<&Entry>) =
            self.clusters.iter().partition(|entry| entry.left > 0);
        let mut out = String::new();
        for (severity, entries) in [("error", left), ("notice", known)] {
            let shown = match entries.len() > SHOWN {
                true => SHOWN - 1,
                false => entries.len(),
            };
            for entry in &entries[..shown] {
                let title = format!(
                    "{} × {}: {}",
                    entry.results,
                    entry.status.label(),
                    entry.title
                );
                out.push_str(&workflow_command(severity, &title, &entry.annotation()));
            }
            let more = &entries[shown..];
            let results: usize = more.iter().map(|entry| entry.results).sum();
            if results > 0 {
                let clusters = count(more.len() as u64, "more cluster");
                let title = format!("{clusters} with {}", count(results as u64, "result"));
                let all = format!("tallybook triage {} --all", self.launch.id);
                out.push_str(&workflow_command(severity, &title, &[all]));
            }
        }
        for back in self.recurrences.iter().take(SHOWN) {
            let title = format!("{} came back: {}", back.defect, back.title);
            out.push_str(&workflow_command(
                "warning",
                &title,
                std::slice::from_ref(&back.command),
            ));
        }
        for mute in self.mutes.iter().take(SHOWN) {
            let title = format!("mute {} of {}", mute.mute, mute.covers);
            out.push_str(&workflow_command(
                "warning",
                &title,
                &[mute.why.clone(), mute.command.clone()],
            ));
        }
        out
    }
}

impl Entry {
    fn annotation(&self) -> Vec<String> {
        let names = self.tests.iter().take(TESTS);
        let names: Vec<String> = names
            .map(|told| told.full_name.clone().unwrap_or_else(|| told.name.clone()))
            .collect();
        let more = self.results.saturating_sub(names.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let mut lines = vec![format!("{}{more}", names.join(", "))];
        if !self.owners.is_empty() {
            lines.push(format!("ask {}", list(&self.owners, "and")));
        }
        lines.extend(self.failing.as_ref().map(crate::cli::told::Failing::words));
        lines.extend(
            self.suggestions
                .first()
                .map(|one| format!("looks like {} {}", one.defect, one.title)),
        );
        lines.extend(
            self.today
                .iter()
                .map(|one| format!("today {} {} {}", one.kind, one.id, one.title)),
        );
        if self.left > 0 {
            lines.push(self.commands.defect.clone());
            lines.extend(self.commands.mutes.first().cloned());
        }
        lines
    }
}
