//! Files that are no part of an Allure result: which of them are results, and what is said of those that are none.

use std::io::Read as _;

use rayon::prelude::*;

use super::detect::{self, AllureRole, Kind};
use super::file::{self, Format};
use super::run::{Account, Run};
use super::{Bundle, BundleEntry, allure, limits, named, own};
use crate::base::{Digest, Hasher, path, text};

/// Places of files that are no part of an Allure result.
#[derive(Default)]
pub(super) struct Others {
    pub(super) junit: Vec<usize>,
    /// Of other formats with one report a file.
    pub(super) files: Vec<(usize, &'static Format)>,
    /// Results by what they hold whose names say nothing of results, or that another report names: what
    /// reports attach is known when they are read. `None` is JUnit XML.
    late: Vec<(usize, Option<&'static Format>)>,
    /// Of those that have no part yet.
    idle: Vec<usize>,
    /// Archives that can be opened, by what they are or are called.
    archives: Vec<usize>,
    /// Of packed ones that nobody looks into, whatever they are called.
    packed: Vec<usize>,
    /// Named as Allure's attachments are, by no result that is known yet; and results by what they hold.
    orphans: Vec<(usize, Option<Kind>)>,
    /// Named like results, and none that are read; or results that are not read, whatever they are called.
    strange: Vec<(usize, Kind)>,
    has_results: bool,
}

impl Others {
    /// Looks at what is no part of an Allure result.
    pub(super) fn look(run: &Run<'_>, account: &mut Account, referenced: &[bool]) -> Self {
        let entries = run.bundle.entries();
        let only = is_single_file(run.bundle);
        let wanted: Vec<usize> = (0..entries.len())
            .filter(|&at| entries[at].regular && account.digests[at].is_none())
            // What could not be read as a part of Allure's was told as that.
            .filter(|&at| !is_allure(run, &entries[at].name))
            .collect();
        let looks: Vec<(usize, std::io::Result<Look>)> = wanted
            .into_par_iter()
            .map(|at| (at, look(run.bundle, &entries[at], only, referenced[at])))
            .collect();
        let mut others = Self::default();
        for (at, look) in looks {
            let entry = &entries[at];
            match look {
                Ok(Look::JUnit) => others.junit.push(at),
                Ok(Look::Known(format)) => others.files.push((at, format)),
                Ok(Look::Late(format)) => others.late.push((at, format)),
                Ok(Look::Hashed(digest, kind)) => {
                    account.digests[at] = Some(digest);
                    let role = detect::allure_role(&entry.name).filter(|_| !only);
                    match kind {
                        kind if role == Some(AllureRole::Attachment) => {
                            others.orphans.push((at, kind));
                        }
                        Some(kind) if !only && kind.is_archive() => others.archives.push(at),
                        _ if !only && is_archive(&entry.name) => others.archives.push(at),
                        Some(Kind::Unknown | Kind::Xml(_)) if !only => others.idle.push(at),
                        Some(Kind::Closed(_)) if !only && !packs_results(&entry.name) => {
                            others.packed.push(at);
                        }
                        Some(Kind::Empty) if !only && !is_report(&entry.name) => {
                            others.idle.push(at);
                        }
                        Some(kind) => others.strange.push((at, kind)),
                        None if !referenced[at] && role.is_none() => others.idle.push(at),
                        None => {}
                    }
                }
                Err(e) => {
                    account.irregular(entry, "", None, format!("cannot be read: {e}"));
                }
            }
        }
        report_links(run, account);
        others.has_results =
            !others.junit.is_empty() || !others.files.is_empty() || !others.late.is_empty();
        if !only {
            others.put_off(run);
        }
        others
    }

    /// Leaves out what a report attaches: that is no report of its own, whatever it holds.
    pub(super) fn settle_late(
        &mut self,
        run: &Run<'_>,
        account: &mut Account,
        referenced: &[bool],
    ) -> Self {
        let mut others = Self::default();
        for (at, format) in std::mem::take(&mut self.late) {
            let entry = &run.bundle.entries()[at];
            match format {
                _ if referenced[at] => match file::digest_of(run, entry) {
                    Ok(digest) => account.digests[at] = Some(digest),
                    Err(e) => {
                        account.irregular(entry, "", None, format!("cannot be read: {e}"));
                    }
                },
                Some(format) => others.files.push((at, format)),
                None => others.junit.push(at),
            }
        }
        others
    }

    /// Says what was not read of them, once all is known that reports attach.
    pub(super) fn report(&self, run: &Run<'_>, account: &mut Account, referenced: &[bool]) {
        report_strange(run, account, self, referenced);
        report_orphans(run, account, self, referenced);
        note_packed(run, account, &self.packed, referenced);
        let archives = self.archives.iter().filter(|at| !referenced[**at]);
        let archives = archives.map(|at| run.bundle.entries()[*at].name.clone());
        account.report.archives = archives.collect();
        note_idle(run, account, &self.idle, referenced);
    }

    /// Leaves what other reports name until these were read.
    fn put_off(&mut self, run: &Run<'_>) {
        let files = self.files.iter().map(|(at, _)| *at);
        let sure: Vec<usize> = self.junit.iter().copied().chain(files).collect();
        let named = named::by_others(run, &sure);
        if named.is_empty() || named.len() == sure.len() {
            return;
        }
        let junit = self.junit.extract_if(.., |at| named.contains(at));
        self.late.extend(junit.map(|at| (at, None)));
        let files = self.files.extract_if(.., |(at, _)| named.contains(at));
        self.late
            .extend(files.map(|(at, format)| (at, Some(format))));
        self.late.sort_unstable_by_key(|(at, _)| *at);
    }
}

fn is_allure(run: &Run<'_>, name: &str) -> bool {
    let role = allure::role_of(run, name);
    matches!(role, Some(AllureRole::Result | AllureRole::Container))
}

/// Notes files that no result names.
fn note_idle(run: &Run<'_>, account: &mut Account, idle: &[usize], referenced: &[bool]) {
    let name = |at: usize| run.bundle.entries()[at].name.as_str();
    let idle = idle.iter().copied();
    let mut idle = idle.filter(|at| !referenced[*at] && !own::is_list(name(*at)));
    let Some(first) = idle.next() else {
        return;
    };
    let files = text::count(1 + idle.count() as u64, "other file");
    let first = name(first);
    account
        .notes
        .line(format!("{files} not read, as `{first}`"));
}

/// Notes packed files that no result names, and that were not looked into.
fn note_packed(run: &Run<'_>, account: &mut Account, packed: &[usize], referenced: &[bool]) {
    let mut packed = packed.iter().filter(|at| !referenced[**at]);
    let Some(&first) = packed.next() else {
        return;
    };
    let files = text::count(1 + packed.count() as u64, "packed file");
    let first = &run.bundle.entries()[first].name;
    account.notes.line(format!(
        "{files} not looked into, as `{first}`: where results are in it, unpack it, or give it alone"
    ));
}

/// Whether a file is an archive by its name.
pub fn is_archive(name: &str) -> bool {
    const EXTENSIONS: [&str; 6] = ["zip", "tar", "tgz", "gz", "zst", "tzst"];
    let extension = path::extension(name).to_ascii_lowercase();
    EXTENSIONS.contains(&extension.as_str())
}

/// Whether what a packed file is called says that results are in it, as `junit.xml.bz2` and
/// `allure-results.tar.xz`.
fn packs_results(name: &str) -> bool {
    const WORDS: [&str; 8] = [
        "results",
        "result",
        "junit",
        "allure",
        "surefire",
        "testresults",
        "xunit",
        "ctrf",
    ];
    let base = path::file_name(name);
    let extension = path::extension(base);
    let stem = base.strip_suffix(extension).unwrap_or(base);
    let words = base.split(|c: char| !c.is_ascii_alphanumeric());
    let mut words = words.map(str::to_ascii_lowercase);
    says_results(name)
        || says_results(stem.trim_end_matches('.'))
        || words.any(|word| WORDS.contains(&word.as_str()))
}

/// Whether a file is packed by its nature, and holds no results: programs, packages, documents.
fn is_package(name: &str) -> bool {
    const EXTENSIONS: [&str; 29] = [
        "3mf", "aab", "aar", "apk", "crate", "crx", "docx", "ear", "egg", "epub", "gem", "ipa",
        "jar", "kmz", "npz", "nupkg", "odp", "ods", "odt", "ova", "pptx", "pt", "pth", "svgz",
        "vsix", "war", "whl", "xlsx", "xpi",
    ];
    let extension = path::extension(name).to_ascii_lowercase();
    EXTENSIONS.contains(&extension.as_str())
}

fn is_xml(name: &str) -> bool {
    path::extension(name).eq_ignore_ascii_case("xml")
}

/// Whether a file is a report of tests by its name, and nothing else.
fn is_report(name: &str) -> bool {
    const EXTENSIONS: [&str; 3] = ["xml", "trx", "tap"];
    let extension = path::extension(name).to_ascii_lowercase();
    EXTENSIONS.contains(&extension.as_str())
}

/// Reports links and devices that would have been read, had they been files.
fn report_links(run: &Run<'_>, account: &mut Account) {
    for entry in run.bundle.entries().iter().filter(|e| !e.regular) {
        let role = detect::allure_role(&entry.name);
        let result = role == Some(AllureRole::Result);
        let matters = result || role == Some(AllureRole::Container) || is_xml(&entry.name);
        if matters {
            let format = if role.is_some() { "allure" } else { "" };
            let problem = "is a link or a device, which is not followed".to_owned();
            let line = account.irregular(entry, format, None, problem);
            line.elements = u64::from(result);
            line.dropped = u64::from(result);
        } else {
            let line = format!(
                "`{}` is a link or a device, which is not followed",
                entry.name
            );
            account.notes.line(line);
        }
    }
}

/// Reports files that are named like results, or are some, and were not read. Nothing attaches them, so that
/// what they tell stands nowhere.
fn report_strange(run: &Run<'_>, account: &mut Account, others: &Others, referenced: &[bool]) {
    let has_results = others.has_results || account.whole.elements > 0;
    let strange = others.strange.iter().filter(|(at, _)| !referenced[*at]);
    for &(at, ref kind) in strange {
        let entry = &run.bundle.entries()[at];
        let Some(problem) = kind.problem() else {
            continue;
        };
        match kind {
            Kind::Other(_) if has_results => {
                account.notes.line(format!("`{}` {problem}", entry.name));
            }
            _ => {
                let digest = account.digests[at];
                account.irregular(entry, "", digest, problem);
            }
        }
    }
}

/// Tells files that are named as Allure's attachments are and that no result names: whoever wrote one may have
/// been stopped before its result. One that holds results is results that were not read.
fn report_orphans(run: &Run<'_>, account: &mut Account, others: &Others, referenced: &[bool]) {
    let entries = run.bundle.entries();
    let (mut count, mut first) = (0, None);
    let orphans = others.orphans.iter().filter(|(at, _)| !referenced[*at]);
    for &(at, ref kind) in orphans {
        let name = match kind {
            Some(Kind::JUnit) => "JUnit XML",
            Some(Kind::Known(format, true)) => format.name,
            Some(Kind::Unread(unread)) => unread.format,
            _ => {
                count += 1;
                first.get_or_insert(&entries[at].name);
                continue;
            }
        };
        let problem = format!(
            "holds {name}, is named as Allure's attachments are, and no result names it: it was not read; call \
             it otherwise if it is of this run, and append without it if not"
        );
        let digest = account.digests[at];
        account.irregular(&entries[at], "", digest, problem);
    }
    if let Some(first) = first {
        let files = text::count(count, "attachment");
        account.notes.line(format!(
            "{files} that no result names, as `{first}`: results may be missing that were never written"
        ));
    }
}

enum Look {
    JUnit,
    Known(&'static Format),
    /// By what it holds alone.
    Late(Option<&'static Format>),
    /// With its kind, where it may be a file of results.
    Hashed(Digest, Option<Kind>),
}

fn look(
    bundle: &dyn Bundle,
    entry: &BundleEntry,
    only: bool,
    referenced: bool,
) -> std::io::Result<Look> {
    let mut input = bundle.open(&entry.name)?;
    let mut head = Vec::new();
    input
        .by_ref()
        .take(limits::HEAD as u64)
        .read_to_end(&mut head)?;
    let is_sure = only || says_results(&entry.name);
    let role = detect::allure_role(&entry.name).filter(|_| !only);
    let is_attached = role == Some(AllureRole::Attachment);
    let may_be = !referenced && (role.is_none() || is_attached) || only;
    let begins_so = || is_sure || detect::begins_so(&head);
    let is_plain = is_plain_text(&entry.name);
    let kind = (may_be && (is_plain || begins_so())).then(|| detect::sniff(&entry.name, &head));
    match kind {
        _ if is_attached => {}
        Some(Kind::JUnit) if is_sure => return Ok(Look::JUnit),
        Some(Kind::JUnit) if begins_so() => return Ok(Look::Late(None)),
        Some(Kind::Known(format, _)) if is_sure => return Ok(Look::Known(format)),
        Some(Kind::Known(format, true)) => return Ok(Look::Late(Some(format))),
        _ => {}
    }
    let kind = kind.filter(|kind| match kind {
        Kind::JUnit => begins_so(),
        Kind::Unread(_) => true,
        _ => is_sure,
    });
    let packed = || detect::packed(&head).filter(|_| may_be && !is_package(&entry.name));
    let kind = kind.or_else(packed);
    let mut hasher = Hasher::new();
    hasher.update(&head);
    let mut buffer = head;
    buffer.resize(limits::HEAD, 0);
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(Look::Hashed(hasher.finish(), kind)),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// Whether a file is an output by its name: other programs may have printed before the results.
fn is_plain_text(name: &str) -> bool {
    const EXTENSIONS: [&str; 4] = ["txt", "log", "out", ""];
    let extension = path::extension(name).to_ascii_lowercase();
    EXTENSIONS.contains(&extension.as_str())
}

/// Whether a file's name says that it may be results, so that it is told where it is none. Of others only
/// what can't be anything else is read.
fn says_results(name: &str) -> bool {
    const EXTENSIONS: [&str; 6] = ["xml", "json", "jsonl", "ndjson", "trx", "tap"];
    EXTENSIONS
        .iter()
        .any(|ext| path::extension(name).eq_ignore_ascii_case(ext))
}

/// Whether the bundle is one file that was given itself, not a directory with one file.
pub(super) fn is_single_file(bundle: &dyn Bundle) -> bool {
    let name = bundle.name().replace('\\', "/");
    !bundle.is_inner() && matches!(bundle.entries(), [only] if only.name == path::file_name(&name))
}
