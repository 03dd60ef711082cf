//! A triage for people.

use super::view::{Counts, Entry, View};
use crate::base::text::{count, sanitize_line, thousands, truncate};

/// How many clusters are listed.
const CLUSTERS: usize = 10;
/// How many tests of a cluster are listed.
pub(super) const TESTS: usize = 3;
/// How many commands that mute are listed.
const MUTES: usize = 2;

impl View {
    pub(super) fn text(&self, width: usize, all: bool) -> String {
        let mut lines = vec![
            format!(
                "{} ({}), {}",
                sanitize_line(&self.launch.name),
                self.launch.id,
                self.launch.state
            ),
            self.sentence(),
        ];
        let listed = if all { usize::MAX } else { CLUSTERS };
        for (number, entry) in self.clusters.iter().enumerate().take(listed) {
            lines.push(String::new());
            lines.extend(entry.lines(number + 1, width, all));
        }
        let more = self.clusters.iter().skip(listed);
        let results: usize = more.clone().map(|entry| entry.results).sum();
        if results > 0 {
            let clusters = count(more.count() as u64, "more cluster");
            let results = count(results as u64, "result");
            lines.push(String::new());
            lines.push(format!("and {clusters} with {results}; `--all` lists all"));
        }
        if self.counts.left > 0 {
            lines.push(String::new());
            lines.push("rerun them and append what comes out:".to_owned());
            lines.push(format!("  {}", self.rerun));
        }
        lines.extend(self.recurring());
        lines.extend(self.muted());
        lines.join("\n")
    }

    /// How many failures are unresolved, and what the others have.
    fn sentence(&self) -> String {
        let Counts {
            unresolved,
            known_today,
            left,
            known,
            muted,
            results,
        } = self.counts;
        if results == 0 {
            return "no results: what needs a decision can't be told".to_owned();
        }
        let is_closed = self.launch.state == "closed";
        let when = if is_closed { " at the closing" } else { "" };
        let mut said = match unresolved {
            0 => format!("nothing unresolved{when}"),
            n => format!(
                "{} unresolved{when}, in {}",
                thousands(n),
                count(self.clusters.len() as u64, "cluster")
            ),
        };
        if is_closed && unresolved > 0 {
            said.push_str(&format!(
                "; today {} of them {} known, {} left",
                thousands(known_today),
                if known_today == 1 { "is" } else { "are" },
                thousands(left)
            ));
        }
        let beside = [(known, "linked to defects"), (muted, "muted")];
        for (many, what) in beside.into_iter().filter(|(many, _)| *many > 0) {
            said.push_str(&format!("; {} {what}", thousands(many)));
        }
        if self.earlier == 0 {
            said.push_str("; no earlier launch to compare with");
        }
        said
    }

    fn recurring(&self) -> Vec<String> {
        if self.recurrences.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![String::new(), "closed defects that match again".to_owned()];
        for one in &self.recurrences {
            let results = count(one.results, "result");
            lines.push(format!("  {}  {}: {results}", one.defect, one.title));
            lines.push(format!("    {}", one.command));
        }
        lines
    }

    fn muted(&self) -> Vec<String> {
        if self.mutes.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![String::new(), "mutes to look at".to_owned()];
        for one in &self.mutes {
            let owner = sanitize_line(&one.owner);
            lines.push(format!(
                "  {}  {} [{owner}]: {}",
                one.mute, one.covers, one.why
            ));
            lines.push(format!("    {}", one.command));
        }
        lines
    }
}

impl Entry {
    fn lines(&self, number: usize, width: usize, all: bool) -> Vec<String> {
        let head = format!(
            "{number}. {} × {}",
            thousands(self.results as u64),
            self.status
        );
        let room = width.saturating_sub(head.chars().count() + 2).max(40);
        let mut lines = vec![format!("{head}  {}", truncate(&self.title, room))];
        self.tests(&mut lines);
        match self.owners.as_slice() {
            [] => {}
            owners => lines.push(fact("ask", &sanitize_line(&owners.join(", ")))),
        }
        lines.extend(
            self.failing
                .as_ref()
                .map(|failing| fact("since", &failing.words())),
        );
        if let Some(last) = &self.seen.last {
            let of = count(self.seen.of as u64, "earlier launch");
            lines.push(fact(
                "seen",
                &format!("in {} of {of}, last in {last}", self.seen.launches),
            ));
        }
        for today in &self.today {
            let what = match today.kind {
                "mute" => format!("muted by {}", today.id),
                _ => format!("match {}", today.id),
            };
            let title = truncate(&today.title, 80);
            let of = format!(
                "{} of {}",
                thousands(today.results as u64),
                thousands(self.results as u64)
            );
            lines.push(fact("today", &format!("{of} {what}: {title}")));
        }
        for one in &self.suggestions {
            let state = if one.state == "closed" {
                ", closed"
            } else {
                ""
            };
            let title = truncate(&one.title, 60);
            lines.push(fact(
                "looks like",
                &format!("{}{state} ({title}): {}", one.defect, one.reason),
            ));
        }
        if self.left > 0 {
            self.commands(&mut lines, all);
        }
        lines
    }

    fn tests(&self, lines: &mut Vec<String>) {
        for (at, test) in self.tests.iter().enumerate() {
            let name = sanitize_line(test.full_name.as_deref().unwrap_or(&test.name));
            let case = test.case.as_ref().map(|case| format!("  [{case}]"));
            let variables = test.variables();
            let variables: String = variables
                .map(|variable| format!(" {}", sanitize_line(&variable)))
                .collect();
            let name = format!("{name}{variables}{}", case.unwrap_or_default());
            lines.push(fact(if at == 0 { "tests" } else { "" }, &name));
        }
        let more = self.results.saturating_sub(self.tests.len());
        if more > 0 {
            lines.push(fact("", &format!("and {} more", thousands(more as u64))));
        }
    }

    fn commands(&self, lines: &mut Vec<String>, all: bool) {
        lines.push(fact("defect", &self.commands.defect));
        for form in &self.new_issue {
            let tracker = sanitize_line(&form.tracker);
            lines.push(fact("issue", &format!("{tracker}: {}", form.url)));
        }
        let listed = if all { usize::MAX } else { MUTES };
        for (at, mute) in self.commands.mutes.iter().enumerate().take(listed) {
            lines.push(fact(if at == 0 { "mute" } else { "" }, mute));
        }
        if self.commands.mutes.len() > listed {
            lines.push(fact("", "and so on, one for each test; `--all` lists all"));
        }
    }
}

fn fact(name: &str, value: &str) -> String {
    format!("   {name:<10} {value}")
}
