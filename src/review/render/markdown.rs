//! Markdown for comments on pull and merge requests, and for step summaries.
//!
//! Untrusted text is inert there: see [`crate::base::markdown`].

use std::collections::HashMap;

use super::diff;
use super::links::Links;
use super::words::{self, Group, NAME, PATH, SENTENCE};
use crate::base::fit::{Part, bytes, fit, joined, units};
use crate::base::markdown::{code, linked, longest_run, prose, text};
use crate::base::path::file_name;
use crate::base::text::{line, thousands};
use crate::integrity::Violation;
use crate::model::Address;
use crate::review::{Brief, Change, Closing, Effect, Impact, Item, Place, Side, State, Subject};

/// By this first line a bot finds its own comment.
pub const MARKER: &str = "<!-- tallybook-review -->";

/// How much a receiver takes.
#[derive(Clone, Copy, Debug)]
struct Room {
    limit: usize,
    size: fn(&str) -> usize,
    /// Changes of one group that are shown unfolded.
    open: usize,
    /// Lines of a text that changed.
    lines: usize,
    marker: &'static str,
}

/// A comment takes 65,536 characters at GitHub, and 1,000,000 at GitLab. No count exceeds that of UTF-16
/// units; what is left is for a bot that adds a line.
const COMMENT: Room = Room {
    limit: 65_000,
    size: units,
    open: 20,
    lines: 12,
    marker: "<!-- tallybook-review -->\n",
};

/// A step summary takes 1 MiB, with what was there before.
const SUMMARY: Room = Room {
    limit: 1_000_000,
    size: bytes,
    open: 200,
    lines: 60,
    marker: "",
};

/// Characters of a line of a text that changed.
const LINE: usize = 200;
/// Room for the people who should look, in the receiver's own count.
const PEOPLE: usize = 2_000;

/// Returns a comment on a pull or merge request; its first line is [`MARKER`].
pub fn comment(brief: &Brief, links: &Links<'_>) -> String {
    document(brief, links, COMMENT)
}

/// Returns a step summary.
pub fn summary(brief: &Brief, links: &Links<'_>) -> String {
    document(brief, links, SUMMARY)
}

/// What every group is written with.
struct Writer<'a> {
    brief: &'a Brief,
    links: &'a Links<'a>,
    room: Room,
    /// Whether subjects are told with their project.
    projects: bool,
    items: HashMap<&'a Subject, &'a Item>,
}

fn document(brief: &Brief, links: &Links<'_>, room: Room) -> String {
    let writer = Writer {
        brief,
        links,
        room,
        projects: words::spans_projects(brief),
        items: (brief.review.items.iter().map(|item| (&item.subject, item))).collect(),
    };
    let mut parts = Vec::new();
    let mut touched = false;
    for group in words::groups(brief) {
        let mut made = writer.parts(&group);
        let is_impact = matches!(group, Group::Impact(..));
        if is_impact && !touched {
            made[0].head.insert_str(0, "#### What it touches\n\n");
        }
        touched |= is_impact;
        parts.extend(made);
    }
    fit(
        room.limit,
        room.size,
        &writer.opening(),
        &parts,
        &writer.closing(),
    )
}

impl Writer<'_> {
    fn opening(&self) -> String {
        let brief = self.brief;
        let mut out = format!(
            "{}### {} {}\n\n",
            self.room.marker,
            words::mark(brief),
            prose(&words::verdict(brief))
        );
        if !brief.range.is_empty() {
            out.push_str(&format!("From {}.\n\n", prose(&line(&brief.range, PATH))));
        }
        let people = brief.reviewers.iter().map(|reviewer| {
            let name = text(&words::called(&reviewer.name, NAME));
            // A handle in code pings nobody.
            let handle = reviewer.handle.as_deref();
            let handle = handle.map(|handle| format!(" {}", code(&line(handle, NAME))));
            let why = prose(&words::why(reviewer));
            format!("**{name}**{} ({why})", handle.unwrap_or_default())
        });
        let people = joined(PEOPLE, self.room.size, &people.collect::<Vec<_>>());
        if !people.is_empty() {
            out.push_str(&format!("Who should look: {people}.\n\n"));
        }
        out
    }

    /// Says how to see all of it.
    fn closing(&self) -> String {
        let short = |commit: &str| line(commit, NAME).chars().take(10).collect::<String>();
        let head = self.brief.head.as_deref().map(short).unwrap_or_default();
        let command = format!("tallybook review {}..{head}", short(&self.brief.base));
        format!("<sub>All of it: {}</sub>\n", code(&command))
    }

    fn parts(&self, group: &Group<'_>) -> Vec<Part> {
        let open = |items| vec![self.part(group, items, false)];
        let folding = |items: Vec<String>| {
            let folds = items.len() > self.room.open;
            vec![self.part(group, items, folds)]
        };
        match group {
            Group::Violations(_, all) => {
                let mut parts = open(all.iter().map(|one| self.violation(one)).collect());
                if self.brief.tampering.as_slice() == *all {
                    let alarm = "> [!CAUTION]\n> **Closed launches were altered.** Nothing that rests on them \
                                 can be relied on until each of these is explained.\n\n";
                    parts[0].head.push_str(alarm);
                }
                parts
            }
            Group::Changes(effect, all) => self.changes(group, *effect, all),
            Group::Impact(_, all) => folding(all.iter().map(|one| self.impact(one)).collect()),
            Group::Unapproved(all) => folding(all.iter().map(|one| self.unapproved(one)).collect()),
            Group::Closings(all) => folding(all.iter().map(|one| self.closed(one)).collect()),
            Group::Editorial(all) => {
                let paths = all.iter().map(|path| self.links.path(path));
                let items = paths.map(|path| format!("- {}\n", code(&line(&path, PATH))));
                vec![self.part(group, items.collect(), true)]
            }
        }
    }

    fn part(&self, group: &Group<'_>, items: Vec<String>, folded: bool) -> Part {
        let (title, count) = (group.title(), thousands(group.count() as u64));
        let is_small = matches!(group, Group::Impact(..));
        Part {
            head: match (folded, is_small) {
                (true, _) => fold(&format!("{title} ({count})")),
                (false, true) => format!("**{title}** ({count})\n\n"),
                (false, false) => format!("#### {title} ({count})\n\n"),
            },
            count: items.len() as u64,
            items,
            more: ("- ", "\n"),
            tail: if folded { UNFOLD } else { "\n" }.to_owned(),
        }
    }

    /// Writes changes, the first of them open. What only changes or strengthens is folded where it is much.
    fn changes(&self, group: &Group<'_>, effect: Effect, all: &[(&Item, &Change)]) -> Vec<Part> {
        let room = match effect {
            Effect::Weakens | Effect::Rules => self.room.open,
            Effect::Changes | Effect::Strengthens if all.len() > self.room.open => 0,
            Effect::Changes | Effect::Strengthens => all.len(),
        };
        // A fold for one or two is no gain.
        let (first, rest) = match all.len() > room + 2 {
            true => all.split_at(room),
            false => (all, &all[..0]),
        };
        let mut parts = Vec::new();
        if !first.is_empty() {
            parts.push(self.part(group, self.units(first), false));
        }
        if !rest.is_empty() {
            let mut part = self.part(group, self.units(rest), true);
            if !first.is_empty() {
                let more = thousands(rest.len() as u64);
                part.head = fold(&format!("{} ({more} more)", group.title()));
            }
            parts.push(part);
        }
        parts
    }

    /// Writes changes one by one, what they are of before the first of each.
    fn units(&self, changes: &[(&Item, &Change)]) -> Vec<String> {
        let is_same = |one: usize, other: Option<usize>| {
            let item = |at: usize| changes.get(at).map(|(item, _)| *item as *const Item);
            other.is_some_and(|other| item(one).is_some() && item(one) == item(other))
        };
        let mut out = Vec::new();
        for (at, (item, change)) in changes.iter().enumerate() {
            let continues = is_same(at, at.checked_sub(1));
            let goes_on = is_same(at, Some(at + 1));
            let (sentence, place) = (self.sentence(change), self.change_place(item, change));
            let (head, indent) = match (continues, goes_on) {
                (true, _) => (format!("  - {sentence}{place}\n"), 4),
                (false, true) => {
                    let subject = self.subject(item);
                    (format!("- {subject}\n  - {sentence}{place}\n"), 4)
                }
                (false, false) => (format!("- {}: {sentence}{place}\n", self.subject(item)), 2),
            };
            out.push(head + &self.diff(change, indent));
        }
        out
    }

    fn sentence(&self, change: &Change) -> String {
        prose(&line(&change.sentence, SENTENCE))
    }

    fn subject(&self, item: &Item) -> String {
        let included = words::included(item);
        let included = included.map(|by| format!(" ({})", prose(&by)));
        // Each change has its place; the subject needs none.
        format!(
            "{}{}",
            self.name(&item.subject, None),
            included.unwrap_or_default()
        )
    }

    /// Names a subject, with a link to an item's file.
    fn name(&self, subject: &Subject, item: Option<&Item>) -> String {
        let url = item.and_then(|item| {
            let side = match item.state {
                State::Removed => Side::Base,
                State::Added | State::Changed => Side::Head,
            };
            let path = item.path.clone();
            self.links.line(&Place {
                path,
                line: 1,
                side,
            })
        });
        let id = link(&code(&words::id(subject)), url.as_ref());
        let mut out = format!("{} {id}", subject.noun.as_str());
        let title = words::title(subject);
        if !title.is_empty() {
            out.push_str(&format!(" {}", prose(&title)));
        }
        if self.projects && !subject.project.is_empty() {
            let project = text(&line(&subject.project, NAME));
            out.push_str(&format!(" of {project}"));
        }
        out
    }

    fn change_place(&self, item: &Item, change: &Change) -> String {
        let was = if words::is_past(item, change) {
            "was "
        } else {
            ""
        };
        self.place(&change.place)
            .map_or_else(String::new, |place| format!(" · {was}{place}"))
    }

    /// Names a place: the file and line as a link, the whole path where there is none.
    fn place(&self, place: &Place) -> Option<String> {
        if place.path.is_empty() {
            return None;
        }
        let url = self.links.line(place);
        let path = self.links.path(&place.path);
        let shown = match url {
            Some(_) => file_name(&path),
            None => &path,
        };
        let shown = code(&format!("{}:{}", line(shown, PATH), place.line));
        Some(link(&shown, url.as_ref()))
    }

    /// Shows texts that the sentence does not hold.
    fn diff(&self, change: &Change, indent: usize) -> String {
        let lines = diff::texts(change).and_then(|(before, after)| {
            diff::lines(before, after, self.room.lines, LINE).filter(|lines| !lines.is_empty())
        });
        let Some(lines) = lines else {
            return String::new();
        };
        let longest = lines.iter().map(|line| longest_run(line)).max();
        let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
        let pad = " ".repeat(indent);
        let mut out = format!("{pad}{fence}diff\n");
        for line in lines {
            out.push_str(&format!("{pad}{line}\n"));
        }
        out + &format!("{pad}{fence}\n")
    }

    fn violation(&self, violation: &Violation) -> String {
        let mut out = format!("- **{}**", violation.kind);
        if let Some(launch) = &violation.launch {
            out.push_str(&format!(" of launch {}", code(&line(launch, NAME))));
        }
        if !violation.path.is_empty() {
            out.push_str(&format!(": {}", code(&line(&violation.path, PATH))));
        }
        out.push_str(&format!(": {}", prose(&line(&violation.message, SENTENCE))));
        if let Some(commit) = violation.commit {
            let url = self.links.commit(&commit.to_string());
            let shown = link(&code(&commit.short()), url.as_ref());
            out.push_str(&format!(" (commit {shown})"));
        }
        out + "\n"
    }

    fn impact(&self, impact: &Impact) -> String {
        let mut out = format!("- {}", prose(&line(&impact.sentence, SENTENCE)));
        if let Some(cases) = words::concerned(impact) {
            out.push_str(&format!(" ({})", prose(&cases)));
        }
        let place = impact.place.as_ref().and_then(|place| self.place(place));
        out.extend(place.map(|place| format!(" · {place}")));
        out + "\n"
    }

    fn unapproved(&self, subject: &Subject) -> String {
        let item = self.items.get(subject).copied();
        format!("- {}\n", self.name(subject, item))
    }

    fn closed(&self, closing: &Closing) -> String {
        let mark = if closing.blocked { "❌" } else { "✅" };
        let url = self.links.line(&Place {
            path: closing.path.clone(),
            line: 1,
            side: Side::Head,
        });
        format!(
            "- {mark} {} ({}): {} · closed {} · receipt {}\n",
            text(&words::called(&closing.name, NAME)),
            link(&code(&words::launch(closing)), url.as_ref()),
            prose(&line(&closing.verdict, SENTENCE)),
            text(&line(&closing.closed, NAME)),
            code(&line(&closing.receipt, NAME))
        )
    }
}

const UNFOLD: &str = "\n</details>\n\n";

fn fold(title: &str) -> String {
    format!("<details>\n<summary>{title}</summary>\n\n")
}

fn link(shown: &str, url: Option<&Address>) -> String {
    linked(shown, url.map(Address::as_str))
}
