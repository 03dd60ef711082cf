//! Attachments as reports name them: a path, an address, or data.

use super::gather::place;
use super::run::Run;
use super::{AttachmentRequest, AttachmentSource};
use crate::base::path;
use crate::model::{Attachment, Execution, Link, Status, TestResult};

/// Keeps the attachments of one file and counts what is missing.
pub(super) struct Keeper<'a> {
    pub(super) run: &'a Run<'a>,
    /// The name of the file that is read.
    pub(super) file: &'a str,
    pub(super) missed: Missed,
    /// Places of the entries that are attachments.
    pub(super) used: Vec<usize>,
    /// The folder that names of files are told below, once one of them was found.
    root: Option<String>,
    /// How many names were looked for without one.
    asked: u32,
}

/// Names of files that are looked for in vain.
const ASKED: u32 = 16;

impl<'a> Keeper<'a> {
    pub(super) fn new(run: &'a Run<'a>, file: &'a str) -> Self {
        Self {
            run,
            file,
            missed: Missed::default(),
            used: Vec::new(),
            root: None,
            asked: 0,
        }
    }

    /// Returns where a file of tests lies below the working copy, or the folder that was given, so that
    /// machines agree; `None` where an absolute path leads elsewhere.
    pub(super) fn below(&mut self, file: &str) -> Option<String> {
        let file = place(file, "");
        if !is_absolute(&file) {
            return Some(file);
        }
        if self.root.is_none() && self.asked < ASKED {
            self.asked += 1;
            self.root = self.root_of(&file);
        }
        let below = place(&file, self.root.as_deref()?);
        (below != file).then_some(below)
    }

    /// The folder of a path below which its longest end names the same file for us as the path does. Where the path
    /// is another machine's, the longest end that names a file here.
    fn root_of(&self, file: &str) -> Option<String> {
        let bundle = self.run.bundle;
        let whole = bundle.near(file);
        let ends = file.char_indices().filter(|(_, c)| *c == '/');
        let at = ends.map(|(at, _)| at).find(|at| {
            let end = &file[at + 1..];
            let near = Some(end)
                .filter(|end| !end.is_empty())
                .and_then(|end| bundle.near(end));
            near.is_some() && (whole.is_none() || near == whole)
        })?;
        Some(file[..at].to_owned())
    }

    /// Attaches what a writer names to a result; an address becomes a link.
    pub(super) fn attach(
        &mut self,
        result: &mut TestResult,
        name: Option<&str>,
        media_type: Option<&str>,
        value: &str,
    ) {
        match self.take(result.status, name, media_type, value) {
            Ok(attachment) => result.attachments.push(attachment),
            Err(link) => result.links.push(link),
        }
    }

    /// Keeps what a writer names; an address is a link.
    pub(super) fn take(
        &mut self,
        status: Status,
        name: Option<&str>,
        media_type: Option<&str>,
        value: &str,
    ) -> Result<Attachment, Link> {
        let value = value.trim();
        if value.starts_with("http://") || value.starts_with("https://") {
            let name = name.unwrap_or(path::file_name(value));
            return Err(link("link", name, Some(value)));
        }
        if let Some(data) = data_uri(value) {
            let name = data.name.as_deref().or(name).unwrap_or("attachment");
            let media_type = data.media_type.as_deref().or(media_type);
            let source = AttachmentSource::Bytes(&data.bytes);
            return Ok(self.keep(status, name, media_type, source));
        }
        let label = value.replace('\\', "/");
        let label = name.unwrap_or(path::file_name(&label));
        let label = if label.starts_with("data:") {
            "attachment"
        } else {
            label
        };
        Ok(match self.resolve(value) {
            Some(entry) => {
                self.used.extend(self.run.find(&entry));
                self.keep(status, label, media_type, AttachmentSource::Entry(&entry))
            }
            None => {
                self.missed.outside(value);
                self.keep(status, label, media_type, AttachmentSource::Refused(label))
            }
        })
    }

    pub(super) fn keep(
        &self,
        status: Status,
        name: &str,
        media_type: Option<&str>,
        source: AttachmentSource<'_>,
    ) -> Attachment {
        self.run.sink.attachment(AttachmentRequest {
            name,
            media_type,
            source,
            status,
            execution: Execution::Automated,
        })
    }

    /// Finds the entry that a path means: beside the report, from the root, or, for an absolute
    /// path, by its longest known end. `None` where it can be none; a missing one is counted.
    fn resolve(&mut self, path: &str) -> Option<String> {
        let path = path
            .strip_prefix("file://")
            .unwrap_or(path)
            .replace('\\', "/");
        if path.chars().any(char::is_control) || path.len() > 1024 || path.is_empty() {
            return None;
        }
        let regular = |name: &str| {
            let found = self.run.find(name).map(|at| &self.run.bundle.entries()[at]);
            found.is_some_and(|entry| entry.regular)
        };
        let drive = path.as_bytes().get(1) == Some(&b':');
        if path.starts_with('/') || drive {
            let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
            let known = (1..parts.len())
                .map(|at| parts[at..].join("/"))
                .find(|end| regular(end))
                .or_else(|| self.run.bundle.near(&path).map(|entry| entry.name));
            if known.is_none() && parts.len() > 1 {
                self.missed.absent(&path);
            }
            return known.or_else(|| parts.get(1..)?.last().map(|name| (*name).to_owned()));
        }
        let beside = crate::base::path::resolve(self.file, &path)?;
        let from_root = crate::base::path::resolve("", &path);
        let found = [Some(&beside), from_root.as_ref()]
            .into_iter()
            .flatten()
            .find(|name| regular(name))
            .cloned()
            .or_else(|| self.run.bundle.near(&path).map(|entry| entry.name));
        if found.is_none() {
            self.missed.absent(&path);
        }
        Some(found.unwrap_or(beside))
    }
}

/// Attachments that results name and that were not found, with the first of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Missed {
    absent: (u64, Vec<String>),
    outside: (u64, Vec<String>),
}

impl Missed {
    /// Counts one that is not there.
    pub(super) fn absent(&mut self, name: &str) {
        Self::add(&mut self.absent, name);
    }

    /// Counts one whose name leads elsewhere, or nowhere.
    pub(super) fn outside(&mut self, name: &str) {
        Self::add(&mut self.outside, name);
    }

    fn add((n, names): &mut (u64, Vec<String>), name: &str) {
        const SHOWN: usize = 3;
        *n += 1;
        let name = crate::base::text::truncate(&crate::base::text::first_line(name), 120);
        if names.len() < SHOWN && !names.contains(&name) {
            names.push(name);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.absent.0 + self.outside.0
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (to, (n, names)) in [
            (&mut self.absent, other.absent),
            (&mut self.outside, other.outside),
        ] {
            let known = to.0;
            names.iter().for_each(|name| Self::add(to, name));
            to.0 = known + n;
        }
    }

    /// Says how many there are, the first by name, and what to do.
    pub(super) fn note(self, notes: &mut super::notes::Notes) {
        for ((n, names), said) in [
            (
                self.absent,
                "not there: give what results attach with them, at the paths that they name",
            ),
            (
                self.outside,
                "under a path that leads elsewhere, which is not followed: let the tests write beside the report",
            ),
        ] {
            if n > 0 {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let attachments = crate::base::text::count(n, "attachment");
                notes.line(format!("{attachments} {said}, as {}", names.join(", ")));
            }
        }
    }
}

pub(super) fn link(kind: &str, name: &str, url: Option<&str>) -> Link {
    Link {
        kind: Some(kind.to_owned()),
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        url: url.map(str::to_owned),
    }
}

/// A `data:` address, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DataUri {
    pub(super) media_type: Option<String>,
    pub(super) name: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// Reads `data:<mime>[;filename=<name>];base64,<data>`.
pub(super) fn data_uri(text: &str) -> Option<DataUri> {
    let (head, data) = text.strip_prefix("data:")?.split_once(',')?;
    let mut parts = head.split(';');
    let media_type = parts.next().filter(|m| m.contains('/')).map(str::to_owned);
    let mut name = None;
    let mut base64 = false;
    for part in parts {
        base64 |= part.trim().eq_ignore_ascii_case("base64");
        let named = part
            .split_once('=')
            .filter(|(key, _)| matches!(*key, "filename" | "name"));
        name = named
            .map(|(_, name)| name.trim_matches('"').to_owned())
            .or(name);
    }
    let bytes = if base64 {
        decode_base64(data)?
    } else {
        data.as_bytes().to_vec()
    };
    Some(DataUri {
        media_type,
        name,
        bytes,
    })
}

/// Decodes base 64 of either alphabet; line breaks and padding may be anywhere at the end.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => continue,
            b if b.is_ascii_whitespace() => continue,
            _ => return None,
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(out)
}

/// Whether a path with `/` begins at a root or a drive.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.as_bytes().get(1) == Some(&b':')
}

/// Whether a name ends like one of JavaScript's source files.
pub(super) fn is_source(name: &str) -> bool {
    let endings = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.contains(&ending))
}

/// The folder that all of these absolute paths have in common.
pub(super) fn common_folder<'p>(paths: impl IntoIterator<Item = &'p str>) -> String {
    let mut common: Option<&str> = None;
    for path in paths {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        common = Some(match common {
            None => folder,
            Some(old) => {
                let parts = old.split('/').zip(folder.split('/'));
                let same: Vec<&str> = parts.take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
                let length = same.iter().map(|part| part.len() + 1).sum::<usize>();
                &old[..length.saturating_sub(1)]
            }
        });
    }
    common.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::tests::{file, read};

    #[test]
    fn data_addresses_are_decoded() {
        let uri = data_uri("data:text/plain;filename=a.txt;base64,aGVsbG8=").expect("valid");
        assert_eq!(uri.bytes, b"hello");
        assert_eq!(
            (uri.media_type.as_deref(), uri.name.as_deref()),
            (Some("text/plain"), Some("a.txt"))
        );
        assert_eq!(
            data_uri("data:;base64,_-8").expect("valid").bytes,
            [0xff, 0xef]
        );
        assert_eq!(data_uri("data:text/plain;base64,%%"), None);
        assert_eq!(data_uri("a.png"), None);
    }

    #[test]
    fn folders_in_common_end_at_a_slash() {
        let common = |paths: &[&str]| common_folder(paths.iter().copied());
        assert_eq!(common(&["/w/a/x.js", "/w/ab/y.js"]), "/w");
        assert_eq!(common(&["/w/a/x.js", "/w/a/b/y.js"]), "/w/a");
        assert_eq!(common(&["/x.js", "/w/y.js"]), "");
        assert_eq!(common(&["C:/w/x.js"]), "C:/w");
        assert_eq!(common(&[]), "");
    }

    #[test]
    fn suites_of_node_tell_tests_apart() {
        let case = |of: &str, attributes: &str| {
            format!(
                "<testsuite name='{of}' disabled='0' hostname='vm'>\
                 <testcase name='works' classname='test'{attributes}/></testsuite>"
            )
        };
        let text = format!(
            "<testsuites>{}{}{}<testcase name='/w/b.test.mjs' classname='test'><failure message='m'/></testcase></testsuites>",
            case("alpha", ""),
            case("beta", ""),
            case("beta", " file='/w/src/c.test.mjs'"),
        );
        let (_, rows) = read(&file("r.xml", text));
        let full = rows.iter().map(|row| row.result.full_name.as_deref());
        let full: Vec<_> = full.map(Option::unwrap_or_default).collect();
        assert_eq!(
            full,
            [
                "alpha.works",
                "beta.works",
                "c.test.mjs#beta.works",
                "b.test.mjs"
            ]
        );
        assert_eq!(rows[3].result.name, "b.test.mjs");
    }
}
