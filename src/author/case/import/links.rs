//! Links of imported cases: those of its fields, and those inside its texts.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::foreign::{ForeignCase, ForeignPlace, Losses};
use crate::author::case::body::escaped;
use crate::base::text::{line, sanitize_line};
use crate::model::Link;
use crate::store::Project;

/// Links of one case, at most.
const LINKS: usize = 100;

/// Returns the ids of a project's requirements, in lower case.
pub(super) fn requirements(project: &Project) -> BTreeSet<String> {
    let all = project.requirements.iter().flat_map(|doc| &doc.value.all);
    all.map(|one| one.id.to_ascii_lowercase()).collect()
}

/// Returns the links of a case: a requirement where the project has one of that name, else as it was said.
pub(super) fn of(
    requirements: &BTreeSet<String>,
    foreign: &ForeignCase,
    losses: &mut Losses,
) -> Vec<Link> {
    let mut out: Vec<Link> = Vec::new();
    for link in &foreign.links {
        let text = |text: &Option<String>| {
            let text = text.as_deref().map(sanitize_line);
            text.map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let mut one = Link {
            kind: text(&link.kind),
            name: text(&link.name),
            url: text(&link.url),
        };
        if let Some(name) = &one.name
            && one.kind.as_deref() == Some("issue")
            && requirements.contains(&name.to_ascii_lowercase())
        {
            one.kind = Some("requirement".to_owned());
        }
        if one.kind.as_deref() == Some("requirement") && one.name.is_none() {
            one.kind = Some("link".to_owned());
        }
        let is_empty = one.name.is_none() && one.url.is_none();
        if is_empty || out.contains(&one) {
            continue;
        }
        match out.len() < LINKS {
            true => out.push(one),
            false => {
                let why = format!("more than {LINKS} of one case");
                let name = one.name.or(one.url).unwrap_or_default();
                losses.add("links", &why, &foreign.at, &name);
            }
        }
    }
    out
}

/// Where a target leads here, if it does.
type Follow<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Returns a text of at most so many bytes, without control characters, and without links and images that
/// lead to files or pages of the other tool and nowhere here: of these the words stay.
pub(super) fn words(
    text: &str,
    most: usize,
    at: &ForeignPlace,
    losses: &mut Losses,
    follow: &Follow<'_>,
) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.len() > most {
        let mut end = most;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let why = format!("longer than {most} bytes; the rest is left out");
        losses.add("texts", &why, at, &text[end..]);
        text.truncate(end);
    }
    let is_control = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(is_control) {
        losses.add("characters", "control characters", at, &line(&text, 60));
        text.retain(|c| !is_control(c));
    }
    match text.contains("](") || text.contains("]:") || text.contains("][") {
        true => without_targets(&text, at, losses, follow),
        false => text,
    }
}

/// Whether a target can be followed from here.
fn is_absolute(target: &str) -> bool {
    let schemes = ["http://", "https://", "mailto:", "#"];
    let lower = target.to_ascii_lowercase();
    schemes.iter().any(|scheme| lower.starts_with(scheme))
}

fn without_targets(
    text: &str,
    at: &ForeignPlace,
    losses: &mut Losses,
    follow: &Follow<'_>,
) -> String {
    let mut cuts: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    let mut words: Option<String> = None;
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. })
                if depth == 0 && !is_absolute(&dest_url) =>
            {
                let own = &text[range.clone()];
                if let Some(target) = follow(&dest_url)
                    && let Some(from) = own.rfind(&*dest_url)
                {
                    let from = range.start + from;
                    cuts.push((from..from + dest_url.len(), target));
                    continue;
                }
                let what = match text[range.clone()].starts_with('!') {
                    true => "images",
                    false => "links in texts",
                };
                let why = "it leads to what only the other tool has; the words stay";
                losses.add(what, why, at, &dest_url);
                words = Some(String::new());
                depth = 1;
                cuts.push((range, String::new()));
            }
            Event::Start(_) if depth > 0 => depth += 1,
            Event::End(_) if depth > 0 => {
                depth -= 1;
                if depth == 0
                    && let (Some(words), Some(cut)) = (words.take(), cuts.last_mut())
                {
                    cut.1 = escaped(words.trim());
                }
            }
            Event::Text(piece) | Event::Code(piece) if depth > 0 => {
                if let Some(words) = &mut words {
                    words.push_str(&piece);
                }
            }
            Event::SoftBreak | Event::HardBreak if depth > 0 => {
                if let Some(words) = &mut words {
                    words.push(' ');
                }
            }
            _ => {}
        }
    }
    let mut out = String::new();
    let mut from = 0;
    for (range, words) in cuts {
        if range.start < from {
            continue;
        }
        out.push_str(&text[from..range.start]);
        out.push_str(&words);
        from = range.end;
        if words.is_empty() {
            from += broken(&mut out, &text[from..]);
        }
    }
    out.push_str(&text[from..]);
    out
}

/// Takes the line break before nothing away, or the one behind it: returns how much of what follows.
fn broken(before: &mut String, after: &str) -> usize {
    const BREAK: &str = "\\\n";
    let is_last = after.trim_start_matches(' ').is_empty() || after.starts_with('\n');
    match before.strip_suffix(BREAK).map(str::len) {
        Some(length) if is_last => {
            before.truncate(length);
            0
        }
        _ if after.starts_with(BREAK) && (before.is_empty() || before.ends_with('\n')) => {
            BREAK.len()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_go_take_their_line_along() {
        let at = ForeignPlace::default();
        let gone = |text: &str| words(text, 1000, &at, &mut Losses::default(), &|_| None);
        assert_eq!(gone("See:\\\n![](a.png)"), "See:");
        assert_eq!(gone("![](a.png)\\\nSee"), "See");
        assert_eq!(gone("a\\\n![](a.png)\\\nb"), "a\\\nb");
        assert_eq!(gone("a\\\n![x](a.png) b"), "a\\\nx b");
    }

    #[test]
    fn links_to_the_other_tool_are_words() {
        let mut losses = Losses::default();
        let at = ForeignPlace::default();
        let text = "See [the **form**](index.php?/cases/view/1), ![shot](a.png) and [this](https://a.example/x).";
        let out = words(text, 1000, &at, &mut losses, &|_| None);
        assert_eq!(out, "See the form, shot and [this](https://a.example/x).");
        assert_eq!(
            losses
                .iter()
                .map(|(what, _, loss)| (what, loss.count))
                .collect::<Vec<_>>(),
            [("images", 1), ("links in texts", 1)]
        );
        assert_eq!(
            words("a\u{1b}[31m\0b", 1000, &at, &mut losses, &|_| None),
            "a[31mb"
        );
        assert_eq!(words("äöü", 3, &at, &mut losses, &|_| None), "ä");
    }
}
