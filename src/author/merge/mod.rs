//! Three-way merges of documentation by what it means: front matter and YAML by keys, lists by their
//! items, bodies by sections and steps, all else by lines.
//!
//! **Invariant:** no side is dropped. What collides stands between markers, with all that both sides say.
//! **Invariant:** which side is ours decides nothing: swapped, a merge that is clean gives the same text, and
//! another one has its sides swapped.
//! **Invariant:** where both sides read without findings, so does what was merged cleanly. Where a file
//! can't be taken apart, or would not read afterwards, its lines are merged as git does.

mod body;
mod chunks;
mod driver;
mod lists;
mod markers;
mod order;
mod rules;
#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeSet;

use self::chunks::{Chunk, Chunks, merge_lines, oppose, pick};
pub use self::driver::{
    DRIVER, DRIVER_NAME, MERGE_ATTRIBUTES, MERGED, driver_line, with_merge_attributes,
};
pub use self::markers::{ConflictStyle, Markers};
use self::markers::{Part, without_conflicts};
use crate::base::path as paths;
use crate::store::{findings_of, halves, place_of};

/// A file on both sides, and what both come from.
#[derive(Clone, Copy, Debug)]
pub struct Versions<'a> {
    pub base: &'a str,
    pub ours: &'a str,
    pub theirs: &'a str,
}

/// How a file was merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By what it means.
    Meaning,
    /// By lines: both sides added the file, or all that it says.
    Added,
    /// By lines: a side can't be taken apart.
    Lines,
    /// By lines: taken together, the sides would not read.
    Unreadable,
}

/// What came out of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub method: Method,
    chunks: Vec<Chunk>,
    /// The sides were swapped.
    is_swapped: bool,
    form: Form,
}

impl Merged {
    /// Returns how many places collide.
    pub fn conflicts(&self) -> usize {
        let clashes = self
            .chunks
            .iter()
            .filter(|c| matches!(c, Chunk::Clash { .. }));
        clashes.count()
    }

    /// Returns the text; what collides stands between markers.
    pub fn to_text(&self, markers: &Markers<'_>) -> String {
        let ends_in_text = matches!(self.chunks.last(), Some(Chunk::Text(_)));
        let text = markers.render(&self.chunks, self.is_swapped);
        self.form.give(text, ends_in_text)
    }
}

/// Merges two versions of a file. `path` is its path in the repository, by which its kind is known.
pub fn merge(path: &str, versions: &Versions<'_>) -> Merged {
    let Versions { base, ours, theirs } = *versions;
    let whole = |text: &str| Merged {
        method: Method::Meaning,
        chunks: Chunks::of(text).into_chunks(),
        is_swapped: false,
        form: Form::default(),
    };
    if ours == theirs || base == theirs {
        return whole(ours);
    }
    if base == ours {
        return whole(theirs);
    }
    let is_swapped = ours > theirs;
    let (a, b) = match is_swapped {
        true => (theirs, ours),
        false => (ours, theirs),
    };
    let (form, [base, a, b]) = Form::take(base, a, b);
    let (method, chunks) = merge_texts(path, &base, &a, &b);
    Merged {
        method,
        chunks: chunks.into_chunks(),
        is_swapped,
        form,
    }
}

fn merge_texts(path: &str, base: &str, a: &str, b: &str) -> (Method, Chunks) {
    let path = place_of(path).unwrap_or(path);
    let reads = |chunks: &Chunks| match chunks.clean() {
        Some(text) => codes(path, &text).is_subset(&(&codes(path, a) | &codes(path, b))),
        None => true,
    };
    let by_meaning = match without_conflicts(base, Part::None) {
        Some(agreed) => from_conflicts(path, base, &agreed, a, b),
        None => structured(path, base, a, b),
    };
    let method = match by_meaning {
        Some(chunks) if reads(&chunks) => return (Method::Meaning, chunks),
        Some(_) => Method::Unreadable,
        None if base.is_empty() => Method::Added,
        None => Method::Lines,
    };
    let lines = merge_lines(base, a, b);
    match reads(&lines) {
        true => (method, lines),
        false => (Method::Unreadable, oppose(a, b)),
    }
}

/// The codes of what is wrong with a text.
fn codes(path: &str, text: &str) -> BTreeSet<&'static str> {
    let findings = findings_of(path, text);
    findings.iter().map(|finding| finding.code.id).collect()
}

/// Merges sides that come from a text with conflicts in it. Where it matters which part of these is
/// taken, what both sides come from is what stands outside them.
fn from_conflicts(path: &str, base: &str, agreed: &str, a: &str, b: &str) -> Option<Chunks> {
    let by_part = [Part::Ours, Part::Theirs].map(|part| {
        let base = without_conflicts(base, part)?;
        structured(path, &base, a, b)?.clean()
    });
    if let [Some(one), Some(other)] = by_part
        && one == other
    {
        return Some(Chunks::of(one));
    }
    let chunks = structured(path, agreed, a, b)?;
    chunks.clean().is_none().then_some(chunks)
}

fn structured(path: &str, base: &str, a: &str, b: &str) -> Option<Chunks> {
    let folder = match path.split('/').collect::<Vec<_>>()[..] {
        ["projects", _, folder, ..] => folder,
        _ => paths::file_name(path),
    };
    if [base, a, b]
        .into_iter()
        .any(|side| without_conflicts(side, Part::None).is_some())
    {
        return None;
    }
    if paths::extension(path) != "md" {
        return yaml::documents(folder, base, a, b);
    }
    let cut = |text| Some((text, halves(text)?));
    let ((base, old), (a, in_a), (b, in_b)) = (cut(base)?, cut(a)?, cut(b)?);
    let front = yaml::documents(
        folder,
        &base[old.yaml.clone()],
        &a[in_a.yaml.clone()],
        &b[in_b.yaml.clone()],
    )?;
    let body = body::bodies(&base[old.body..], &a[in_a.body..], &b[in_b.body..])?;
    let opening = pick(
        Some(&base[..old.yaml.start]),
        &a[..in_a.yaml.start],
        &b[..in_b.yaml.start],
    )?;
    let closing = pick(
        Some(&base[old.yaml.end..old.body]),
        &a[in_a.yaml.end..in_a.body],
        &b[in_b.yaml.end..in_b.body],
    )?;
    let mut out = Chunks::of(opening);
    out.extend(front);
    out.text(closing);
    out.extend(body);
    Some(out)
}

/// What of a file is no line of it: it is merged by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Form {
    has_mark: bool,
    has_crlf: bool,
    lacks_end: bool,
}

const BYTE_ORDER_MARK: char = '\u{feff}';

impl Form {
    /// Takes the form off three texts: what is merged has LF and ends with one. Where a side has line
    /// ends of both kinds, they stay in its lines.
    fn take(base: &str, a: &str, b: &str) -> (Self, [String; 3]) {
        let all = [base, a, b];
        let is_even = all.iter().all(|text| line_ends(text) != LineEnds::Mixed);
        let has = |test: fn(&str) -> bool| {
            let [base, a, b] = all.map(test);
            // Of three answers two are equal, or one side changed it.
            if a == b { a } else { !base }
        };
        let with_lines = |text: &str| line_ends(text) == LineEnds::Crlf;
        let out = Self {
            has_mark: has(|text| text.starts_with(BYTE_ORDER_MARK)),
            has_crlf: is_even && has(with_lines),
            lacks_end: has(|text| !text.is_empty() && !text.ends_with('\n')),
        };
        let plain = |text: &str| {
            let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
            let mut text = match is_even {
                true => text.replace("\r\n", "\n"),
                false => text.to_owned(),
            };
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text
        };
        (out, all.map(plain))
    }

    /// Gives a merged text its form.
    fn give(self, mut text: String, ends_in_text: bool) -> String {
        if self.lacks_end && ends_in_text && text.ends_with('\n') {
            text.pop();
        }
        if self.has_crlf {
            text = text.replace('\n', "\r\n");
        }
        if self.has_mark {
            text.insert(0, BYTE_ORDER_MARK);
        }
        text
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnds {
    Lf,
    Crlf,
    Mixed,
}

fn line_ends(text: &str) -> LineEnds {
    let crlf = text.matches("\r\n").count();
    match text.matches('\n').count() - crlf {
        0 if crlf > 0 => LineEnds::Crlf,
        _ if crlf == 0 => LineEnds::Lf,
        _ => LineEnds::Mixed,
    }
}
