//! Text for a terminal, both versions of a text side by side where it is wide.

use anstyle::{AnsiColor, Style};

use super::diff::{self, Mark, Row, Words};
use super::words::{self, Group, NAME, PATH};
use super::wrap::{self, paint};
use crate::base::text::{count, sanitize_line};
use crate::review::{Brief, Change, Closing, Effect, Impact, Item, Place};

/// How a terminal shows it.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns to wrap at; none where it goes to no terminal.
    pub columns: Option<usize>,
    pub color: bool,
    /// Whether both versions of a text stand beside each other, in so many columns.
    pub side_by_side: Option<usize>,
}

/// How many consequences of one kind, and launches, are shown.
const SHOWN: usize = 8;

/// Words that stay around those that changed.
const CONTEXT: usize = 4;

/// Returns the text, with line breaks.
pub fn terminal(brief: &Brief, look: Look) -> String {
    let mut page = Page {
        look,
        out: String::new(),
    };
    page.line(0, &brief.verdict, Style::new().bold());
    for group in words::groups(brief) {
        page.out.push('\n');
        page.line(0, &heading(&group), style(&group));
        match &group {
            Group::Violations(_, all) => all.iter().for_each(|one| page.plain(2, &one.line())),
            Group::Changes(_, all) => page.changes(all),
            Group::Impact(_, all) => {
                all.iter().take(SHOWN).for_each(|one| page.impact(one));
                page.left_out(all.len());
            }
            Group::Unapproved(all) => {
                let names = all.iter().map(words::name);
                names.for_each(|name| page.plain(2, &name));
            }
            Group::Closings(all) => {
                // The newest say most.
                let newest = all.iter().skip(all.len().saturating_sub(SHOWN));
                newest.for_each(|one| page.closed(one));
                page.left_out(all.len());
            }
            Group::Editorial(all) => {
                all.iter()
                    .for_each(|path| page.exact(2, &sanitize_line(path)));
            }
        }
    }
    if !brief.reviewers.is_empty() {
        page.out.push('\n');
        page.line(0, "Who should look", Style::new().bold());
        for reviewer in &brief.reviewers {
            let handle = reviewer.handle.as_deref();
            let handle = handle.map(|handle| format!(" {}", sanitize_line(handle)));
            let name = words::called(&reviewer.name, NAME);
            let (handle, why) = (handle.unwrap_or_default(), words::why(reviewer));
            page.plain(2, &format!("{name}{handle}: {why}"));
        }
    }
    page.out
}

fn heading(group: &Group<'_>) -> String {
    let n = group.count() as u64;
    match group {
        Group::Unapproved(_) => format!("{}: {}", group.title(), count(n, "case")),
        Group::Editorial(_) => format!("{}: {}", group.title(), count(n, "file")),
        _ => group.title().to_owned(),
    }
}

fn style(group: &Group<'_>) -> Style {
    let bold = |color: AnsiColor| color.on_default().bold();
    match group {
        Group::Violations(..) | Group::Changes(Effect::Weakens, _) => bold(AnsiColor::Red),
        Group::Changes(Effect::Rules, _) => bold(AnsiColor::Yellow),
        Group::Changes(Effect::Strengthens, _) => bold(AnsiColor::Green),
        _ => Style::new().bold(),
    }
}

struct Page {
    look: Look,
    out: String,
}

impl Page {
    /// Writes a line that is never wrapped, for people who copy it.
    fn exact(&mut self, indent: usize, text: &str) {
        self.out.push_str(&format!("{:indent$}{text}\n", ""));
    }

    fn plain(&mut self, indent: usize, text: &str) {
        self.line(indent, text, Style::new());
    }

    fn line(&mut self, indent: usize, text: &str, style: Style) {
        let text = sanitize_line(text);
        let lines = match self.look.columns {
            Some(columns) => wrap::sentence(&text, columns.saturating_sub(indent)),
            None => vec![text],
        };
        for (at, line) in lines.iter().enumerate() {
            let indent = if at == 0 { indent } else { indent + 2 };
            let line = paint(style, line, self.look.color && style != Style::new());
            self.exact(indent, &line);
        }
    }

    fn changes(&mut self, all: &[(&Item, &Change)]) {
        let mut last: Option<&Item> = None;
        for (at, (item, change)) in all.iter().enumerate() {
            if last.is_none_or(|last| !std::ptr::eq(last, *item)) {
                self.plain(2, &words::name(&item.subject));
            }
            last = Some(item);
            self.plain(4, self.sentence(change));
            let was = if words::is_past(item, change) {
                "was "
            } else {
                ""
            };
            self.place(6, was, &change.place);
            self.texts(change);
            let ends = all
                .get(at + 1)
                .is_none_or(|(next, _)| !std::ptr::eq(*next, *item));
            if let Some(by) = words::included(item).filter(|_| ends) {
                self.plain(4, &by);
            }
        }
    }

    /// Returns the sentence, without both texts where they stand below beside each other.
    fn sentence<'c>(&self, change: &'c Change) -> &'c str {
        let has_both = change.before.is_some() && change.after.is_some();
        let pair = change.sentence.split_once("” → “");
        let cut = pair.and_then(|(left, _)| {
            let mut starts = left.match_indices(": “").map(|(at, _)| at);
            starts.next().filter(|_| starts.next().is_none())
        });
        match cut.filter(|_| has_both && self.look.side_by_side.is_some()) {
            Some(at) => &change.sentence[..at],
            None => &change.sentence,
        }
    }

    fn place(&mut self, indent: usize, was: &str, place: &Place) {
        let path = sanitize_line(&place.path);
        let text = format!("{was}{path}:{}", place.line);
        let text = paint(Style::new().dimmed(), &text, self.look.color);
        self.exact(indent, &text);
    }

    /// Shows both texts: side by side, or the words that changed.
    fn texts(&mut self, change: &Change) {
        const INDENT: usize = 6;
        let (before, after) = (change.before.as_deref(), change.after.as_deref());
        match (before, after, self.look.side_by_side) {
            (Some(before), Some(after), Some(columns)) => self.beside(before, after, columns),
            _ => {
                let Some((before, after)) = diff::texts(change) else {
                    return;
                };
                let room = self.look.columns.unwrap_or(usize::MAX / 8) - INDENT;
                let words = compact(diff::words(before, after));
                for (line, _) in wrap::wrap(&words, room, self.look.color) {
                    self.exact(INDENT, &line);
                }
            }
        }
    }

    fn beside(&mut self, before: &str, after: &str, columns: usize) {
        const INDENT: usize = 6;
        let Some(rows) = diff::rows(before, after) else {
            return self.exact(INDENT, "too long to compare here");
        };
        let half = (columns.saturating_sub(INDENT + 3) / 2).max(10);
        for row in rows {
            let Row::Lines(old, new) = row else {
                self.exact(INDENT, "…");
                continue;
            };
            let cell = |words: &Words| wrap::wrap(words, half, self.look.color);
            let (old, new) = (cell(&old), cell(&new));
            for at in 0..old.len().max(new.len()).max(1) {
                let (left, used) = old.get(at).cloned().unwrap_or_default();
                let right = new.get(at).map_or("", |(text, _)| text.as_str());
                let pad = " ".repeat(half - used.min(half));
                let line = format!("{left}{pad} │ {right}");
                self.exact(INDENT, line.trim_end());
            }
        }
    }

    fn impact(&mut self, impact: &Impact) {
        let cases = words::concerned(impact).map(|cases| format!(" ({cases})"));
        self.plain(
            2,
            &format!("{}{}", impact.sentence, cases.unwrap_or_default()),
        );
        if let Some(place) = &impact.place {
            self.place(4, "", place);
        }
    }

    fn left_out(&mut self, all: usize) {
        if all > SHOWN {
            let n = all - SHOWN;
            self.plain(2, &format!("and {n} more; `--format json` has all"));
        }
    }

    fn closed(&mut self, closing: &Closing) {
        let style = match closing.blocked {
            true => AnsiColor::Red.on_default(),
            false => Style::new(),
        };
        let name = words::called(&closing.name, NAME);
        let launch = words::launch(closing);
        self.line(2, &format!("{name} ({launch}): {}", closing.verdict), style);
        let (closed, receipt) = (
            sanitize_line(&closing.closed),
            sanitize_line(&closing.receipt),
        );
        self.exact(4, &format!("closed {closed}, receipt {receipt}"));
        let path = crate::base::text::line(&closing.path, PATH);
        self.exact(4, &paint(Style::new().dimmed(), &path, self.look.color));
    }
}

/// Leaves out words that stay, but for a few around those that changed.
fn compact(words: Words) -> Words {
    let last = words.len().saturating_sub(1);
    let short = |(at, (mark, run)): (usize, (Mark, String))| {
        let all: Vec<&str> = run.split(' ').collect();
        if mark != Mark::Same || all.len() <= 2 * CONTEXT + 1 {
            return (mark, run);
        }
        let (head, tail) = (
            all[..CONTEXT].join(" "),
            all[all.len() - CONTEXT..].join(" "),
        );
        let run = match at {
            0 => format!("… {tail}"),
            at if at == last => format!("{head} …"),
            _ => format!("{head} … {tail}"),
        };
        (mark, run)
    };
    words.into_iter().enumerate().map(short).collect()
}
