//! Links between files, when one of them moves.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::base::path as paths;

/// Returns a Markdown text whose relative links lead where they led, read from another place: it stood
/// at `from` and stands at `to`, and each file that it links stands where `moved` says, else where it
/// stood. `exists` says which files there are: links to others stay. Everything else keeps its bytes.
pub fn relinked(
    text: &str,
    from: &str,
    to: &str,
    exists: impl Fn(&str) -> bool,
    moved: impl Fn(&str) -> Option<String>,
) -> String {
    if !text.contains("](") && !text.contains("]:") {
        return text.to_owned();
    }
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut parser = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    let mut add = |target: &str, whole: Range<usize>| {
        let Some(new) = retargeted(target, from, to, &exists, &moved) else {
            return;
        };
        // A target stands behind the words, so that the last place is its own.
        let Some(at) = text[whole.clone()].rfind(target) else {
            return;
        };
        let start = whole.start + at;
        edits.push((start..start + target.len(), new));
    };
    let definitions = parser.reference_definitions().iter();
    for (_, definition) in definitions {
        add(&definition.dest, definition.span.clone());
    }
    for (event, range) in parser.by_ref() {
        let (Event::Start(Tag::Link { dest_url, .. }) | Event::Start(Tag::Image { dest_url, .. })) =
            event
        else {
            continue;
        };
        let is_inline = text[range.clone()].ends_with(')');
        if is_inline {
            add(&dest_url, range);
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    edits.dedup_by(|later, first| later.0.start < first.0.end);
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (range, new) in edits {
        out.push_str(&text[done..range.start]);
        out.push_str(&new);
        done = range.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Returns a link's new target; none where it stays as it is.
fn retargeted(
    target: &str,
    from: &str,
    to: &str,
    exists: &impl Fn(&str) -> bool,
    moved: &impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let end = target.find(['#', '?']).unwrap_or(target.len());
    let (path, rest) = target.split_at(end);
    if path.is_empty() {
        return None;
    }
    let decoded = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .ok()?;
    let leads_to = paths::resolve(from, &decoded)?;
    let new = match moved(&leads_to) {
        Some(new) => new,
        None if exists(&leads_to) => leads_to.clone(),
        None => return None,
    };
    let relative = relative(to, &new);
    // However it was written: where it still leads there, it stays.
    if paths::resolve(to, &decoded).as_deref() == Some(&new) {
        return None;
    }
    Some(escaped(&relative) + rest)
}

/// Returns the way from one file to another.
fn relative(from: &str, to: &str) -> String {
    let above: Vec<&str> = paths::parent(from)
        .split('/')
        .filter(|p| !p.is_empty())
        .collect();
    let target: Vec<&str> = to.split('/').collect();
    let folders = &target[..target.len() - 1];
    let common = above
        .iter()
        .zip(folders)
        .take_while(|(a, b)| a == b)
        .count();
    let up = std::iter::repeat_n("..", above.len() - common);
    let down = target[common..].iter().copied();
    up.chain(down).collect::<Vec<_>>().join("/")
}

fn escaped(path: &str) -> String {
    let mut out = String::new();
    for c in path.chars() {
        match c {
            ' ' | '(' | ')' | '<' | '>' | '%' | '#' | '?' => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(text: &str, from: &str, to: &str) -> String {
        let exists = |path: &str| path.starts_with("p/steps/") || path == from;
        relinked(text, from, to, exists, |path| {
            (path == from).then(|| to.to_owned())
        })
    }

    #[test]
    fn links_lead_where_they_led() {
        let text = "1. [a](../steps/x.md) [b](../steps/x%20y.md#s 't') ![c](<../steps/z.md>)\n\
            1. `[a](../steps/x.md)` <https://x.y> [d](https://e.f) [self](a.md) [gone](../no.md)\n\n\
            [x]: ../steps/x.md\n[x][x] [x]\n";
        let new = moved(text, "p/cases/a.md", "p/cases/q/r/b.md");
        assert_eq!(
            new,
            "1. [a](../../../steps/x.md) [b](../../../steps/x%20y.md#s 't') ![c](<../../../steps/z.md>)\n\
             1. `[a](../steps/x.md)` <https://x.y> [d](https://e.f) [self](b.md) [gone](../no.md)\n\n\
             [x]: ../../../steps/x.md\n[x][x] [x]\n"
        );
        assert_eq!(moved(&new, "p/cases/q/r/b.md", "p/cases/a.md"), text);
        assert_eq!(moved(text, "p/cases/a.md", "p/cases/a.md"), text);
    }

    #[test]
    fn the_shortest_way_between_files() {
        assert_eq!(relative("a/b.md", "a/c.md"), "c.md");
        assert_eq!(relative("b.md", "a/c.md"), "a/c.md");
        assert_eq!(relative("a/b/c.md", "d e.md"), "../../d e.md");
    }
}
