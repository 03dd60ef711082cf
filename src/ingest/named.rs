//! Reports that other reports of the same input may attach: their names stand in them.
//!
//! Only the order of reading follows from this: what is named is read last, once it is known what the
//! others attach. Whether it is an attachment is decided by the format that attaches it.

use std::io::{self, Read};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use super::limits;
use super::run::Run;
use crate::base::path;

/// What stands in every report that attaches files.
const SIGNS: [&[u8]; 3] = [b"ttach", b"TTACH", b"ResultFile"];
/// Bytes of a report that are looked through.
const BOUND: u64 = 2 * limits::ENDLESS;
const PIECE: usize = 256 << 10;
/// Bytes of a name; longer ones are on no file system.
const NAME: usize = 1024;

/// Returns which of the given entries are named by another of them, in their order.
pub(super) fn by_others(run: &Run<'_>, places: &[usize]) -> Vec<usize> {
    let entries = run.bundle.entries();
    let base = |at: usize| path::file_name(&entries[at].name);
    let known = |at: &usize| !base(*at).is_empty() && base(*at).len() <= NAME;
    let places: Vec<usize> = places.iter().copied().filter(known).collect();
    if places.len() < 2 {
        return Vec::new();
    }
    let mut names: Vec<&str> = places.iter().map(|&at| base(at)).collect();
    names.sort_unstable();
    names.dedup();
    // One that can't be built would only leave the order as it is.
    let Ok(finder) = AhoCorasick::new(&names) else {
        return Vec::new();
    };
    let found: Vec<(usize, Vec<usize>)> = places
        .par_iter()
        .map(|&at| {
            let found = run.bundle.open(&entries[at].name);
            // What can't be read is told by the format's reader.
            let found = found.and_then(|input| names_in(input.take(BOUND), &finder));
            (at, found.unwrap_or_default())
        })
        .collect();
    let is_named = |at: &usize| {
        let by = |(other, found): &(usize, Vec<usize>)| {
            other != at && found.iter().any(|name| names[*name] == base(*at))
        };
        found.iter().any(by)
    };
    let any = found.iter().any(|(_, found)| !found.is_empty());
    places
        .into_iter()
        .filter(|at| any && is_named(at))
        .collect()
}

/// Returns which names stand in a text that attaches something.
fn names_in(mut input: impl Read, finder: &AhoCorasick) -> io::Result<Vec<usize>> {
    let signs = SIGNS.map(memchr::memmem::Finder::new);
    let (mut found, mut attaches) = (Vec::new(), false);
    let mut buffer = Vec::with_capacity(PIECE + NAME);
    loop {
        let n = input.by_ref().take(PIECE as u64).read_to_end(&mut buffer)?;
        if n == 0 {
            return Ok(found);
        }
        // A name stands behind the first sign, as far as formats go, or shortly before it.
        attaches = attaches || signs.iter().any(|sign| sign.find(&buffer).is_some());
        if attaches {
            for name in finder.find_overlapping_iter(&buffer) {
                let name = name.pattern().as_usize();
                if !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        buffer.drain(..buffer.len().saturating_sub(NAME));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::MemoryBundle;
    use crate::ingest::tests::read;

    fn folder(files: [(&str, &str); 2]) -> MemoryBundle {
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        MemoryBundle::new("reports", files)
    }

    #[test]
    fn names_lie_across_pieces() {
        let finder = AhoCorasick::new(["out.json", "r.xml"]).expect("two names");
        let of = |text: &str| names_in(text.as_bytes(), &finder).expect("memory reads");
        let gap = "x".repeat(PIECE - 14);
        assert_eq!(of(&format!("\"attachments\"{gap}out.json")), [0]);
        assert_eq!(of("out.json"), Vec::<usize>::new());
    }

    /// What a report attaches is no report of its own, whatever it holds and wherever it is sorted.
    #[test]
    fn attached_reports_are_attachments() {
        let inner = "<testsuite name='i'><testcase name='inner'/></testsuite>";
        let ctrf = |attached: &str| {
            format!(
                "{{\"reportFormat\":\"CTRF\",\"results\":{{\"tool\":{{\"name\":\"t\"}},\"tests\":[{{\"name\":\"outer\",\
                 \"status\":\"passed\",\"duration\":1,\"attachments\":[{{\"name\":\"o\",\"contentType\":\"text/xml\",\
                 \"path\":\"{attached}\"}}]}}]}}}}"
            )
        };
        let junit = |attached: &str| {
            format!(
                "<testsuite name='s'><testcase name='outer'><system-out>[[ATTACHMENT|{attached}]]</system-out>\
                 </testcase></testsuite>"
            )
        };
        let mocha =
            "{\"stats\":{\"tests\":1},\"tests\":[{\"title\":\"inner\",\"fullTitle\":\"inner\"}]}";
        for (report, text, attached, held) in [
            ("m.json", ctrf("a.xml"), "a.xml", inner),
            ("m.json", ctrf("z/z.xml"), "z/z.xml", inner),
            ("m.xml", junit("a.xml"), "a.xml", inner),
            ("m.xml", junit("z.json"), "z.json", mocha),
            ("m.xml", junit("a.xml"), "a.xml", ""),
            ("m.xml", junit("z.xml"), "z.xml", "no xml"),
        ] {
            let (report, rows) = read(&folder([(report, text.as_str()), (attached, held)]));
            let names: Vec<&str> = rows.iter().map(|row| row.result.name.as_str()).collect();
            assert_eq!(names, ["outer"], "{attached}");
            assert_eq!(rows[0].result.attachments.len(), 1);
            assert!(
                report
                    .intake
                    .iter()
                    .all(|line| line.problem.is_none() && !line.has_loss())
            );
        }
        // One that is only spoken of is read.
        let text = junit("b.txt").replace("]]", "]] see a.xml");
        let (_, rows) = read(&folder([("m.xml", text.as_str()), ("a.xml", inner)]));
        assert_eq!(rows.len(), 2);
    }
}
