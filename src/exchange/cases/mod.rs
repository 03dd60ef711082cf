//! Cases of other tools, from the files that these export.
//!
//! Reading never fails: what could be read is returned, findings about the rest, and what a file says that a
//! case can't hold is counted. Nothing outside the texts is asked, and bounds hold for any input.

mod cells;
mod collect;
mod columns;
mod detect;
mod gherkin;
mod html;
mod markdown;
mod markup;
mod own;
mod sheet;
mod steps;
mod testlink;
mod testrail;
mod wiki;
mod xml;

pub use self::columns::{Column, MAPPABLE, parse_column};
pub use self::detect::CaseFormat;
pub use self::markup::Markup;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use self::collect::Collector;
use crate::author::case::{ForeignCase, ForeignSteps, Losses};
use crate::base::hash::digest_fields;
use crate::base::text::sanitize_line;
use crate::diag::{Finding, Severity, Span};
use crate::model::is_case_id;
use crate::store::codes;

/// The largest file that is read, in bytes.
pub const MAX_CASE_BYTES: usize = 64 << 20;
/// Cases of one import.
const MAX_CASES: usize = 50_000;

/// One file of another tool.
#[derive(Clone, Debug)]
pub struct CaseSource {
    /// As people are told of it, and as names of tests begin with it: `features/cart.feature`.
    pub name: Arc<str>,
    /// Folders between what was given and the file: sections.
    pub folders: Vec<String>,
    /// Nobody named it: it lies in a folder that was given.
    pub is_listed: bool,
    pub text: Arc<str>,
}

/// How files are read.
#[derive(Clone, Debug, Default)]
pub struct CaseReading {
    /// What they are, where somebody says so.
    pub format: Option<CaseFormat>,
    /// What separates cells of tables.
    pub separator: Option<u8>,
    /// Which columns say what, besides those that a tool is known to have.
    pub columns: Vec<(Column, String)>,
    /// Custom fields that the project declares: columns of their names say them.
    pub declared: Vec<String>,
    /// What texts are written in.
    pub markup: Option<Markup>,
    /// What stands before ids that are mere numbers, as `TP-`.
    pub id_prefix: String,
}

/// What files hold.
#[derive(Clone, Debug, Default)]
pub struct ReadCases {
    /// In the order of the files, each id once.
    pub cases: Vec<ForeignCase>,
    pub shared: Vec<ForeignSteps>,
    /// By file and place.
    pub findings: Vec<Finding>,
    pub losses: Losses,
    /// How many files were of which format.
    pub formats: BTreeMap<&'static str, usize>,
    /// Whether columns were left out that could be mapped.
    pub has_unmapped: bool,
}

/// Reads files of other tools, each of the format that it looks like, unless one is given. What merely lies
/// beside cases in a folder is no error.
pub fn read_cases(sources: &[CaseSource], reading: &CaseReading) -> ReadCases {
    let mut out = ReadCases::default();
    let mut beside: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut titles: HashMap<String, usize> = HashMap::new();
    for source in sources {
        let mut collector = Collector::new(source, reading);
        let format = match reading.format {
            Some(format) => Ok(format),
            None => detect::detect(&source.name, &source.text, source.is_listed),
        };
        match format {
            Ok(format) => {
                *out.formats.entry(format.title()).or_default() += 1;
                collector.format = format;
                read_one(&mut collector, source);
                // Notes have commas, too.
                let is_note = source.name.ends_with(".txt") && collector.is_empty();
                if (collector.tell_nothing() || is_note) && source.is_listed {
                    beside.insert(Arc::clone(&source.name));
                }
            }
            Err(why) => {
                collector.unrecognised(why);
                if source.is_listed {
                    beside.insert(Arc::clone(&source.name));
                }
            }
        }
        collector.finish(&mut out, &mut titles);
        if out.cases.len() > MAX_CASES {
            let message = format!("there are more than {MAX_CASES} cases");
            let finding = Finding::error(codes::UNREADABLE_CASES, &*source.name, message);
            out.findings
                .push(finding.help("split what is imported; the first ones count"));
            out.cases.truncate(MAX_CASES);
            break;
        }
    }
    if !out.cases.is_empty() {
        let findings = out.findings.iter_mut();
        findings
            .filter(|finding| beside.contains(finding.path.as_str()))
            .for_each(|finding| finding.severity = Severity::Warning);
    }
    once(&mut out, sources);
    out
}

fn read_one(collector: &mut Collector<'_>, source: &CaseSource) {
    match collector.format {
        CaseFormat::TestrailXml => testrail::read(collector, &source.text),
        CaseFormat::TestlinkXml => testlink::read(collector, &source.text),
        CaseFormat::Gherkin => gherkin::read(collector, &source.text),
        CaseFormat::Markdown => markdown::read(collector, &source.text),
        // Somebody who says what columns mean wants no more read into them.
        CaseFormat::TallybookCsv if collector.reading.columns.is_empty() => {
            own::read_table(collector, &source.text);
        }
        CaseFormat::TallybookLines => own::read_lines(collector, &source.text),
        CaseFormat::Csv
        | CaseFormat::TestrailCsv
        | CaseFormat::ZephyrScaleCsv
        | CaseFormat::ZephyrSquadCsv
        | CaseFormat::XrayCsv
        | CaseFormat::TestopsCsv
        | CaseFormat::TallybookCsv => sheet::read(collector, &source.text),
    }
}

/// Keeps the first of cases that have one id. A case without an id gets one of its section and title, by
/// which it is known again; where several are alike, with its number among them.
fn once(out: &mut ReadCases, sources: &[CaseSource]) {
    let mut seen: BTreeMap<String, (Arc<str>, usize)> = BTreeMap::new();
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let texts: HashMap<&str, &str> = { sources.iter().rev() }
        .map(|source| (&*source.name, &*source.text))
        .collect();
    let mut lines: BTreeMap<Arc<str>, Lines> = BTreeMap::new();
    let losses = &mut out.losses;
    take_titled(&mut out.cases);
    out.cases.retain_mut(|case| {
        case.ids.retain(|id| !id.trim().is_empty());
        // What can be an id here comes first: by it the case is known again.
        case.ids.sort_by_key(|id| !is_case_id(id));
        if !case.ids.first().is_some_and(|id| is_case_id(id)) && case.selectors.is_empty() {
            let mut fields: Vec<&str> = case.section.iter().map(String::as_str).collect();
            fields.push(&case.title);
            let digest = digest_fields(fields).short();
            let digest = &digest[..12];
            let n = alike.entry(digest.to_owned()).or_default();
            *n += 1;
            let id = match n {
                1 => format!("import-{digest}"),
                n => format!("import-{digest}-{n}"),
            };
            case.ids.insert(0, id);
        }
        // What an outline's rows or two features say alike is one test.
        if case.ids.is_empty() && !case.selectors.iter().all(|name| names.insert(name.clone())) {
            let name = case.selectors.first().map_or("", String::as_str);
            let why = "another one has the same name in the same file";
            losses.add("scenarios", why, &case.at, name);
            return false;
        }
        let Some(id) = case.ids.first().map(|id| id.to_ascii_uppercase()) else {
            return true;
        };
        let (path, line) = match seen.entry(id) {
            Entry::Vacant(free) => {
                free.insert((Arc::clone(&case.at.path), case.at.line));
                return true;
            }
            Entry::Occupied(first) => first.into_mut(),
        };
        let shown = sanitize_line(&case.ids[0]);
        let message = format!("`{shown}` is here twice: first in line {line} of `{path}`");
        let finding = Finding::error(codes::REPEATED_CASE, &*case.at.path, message);
        let finding = match texts.get(&*case.at.path) {
            Some(text) => {
                let lines = lines.entry(Arc::clone(&case.at.path));
                let lines = lines.or_insert_with(|| Lines::of(text));
                finding.at(lines.span(text, case.at.line))
            }
            None => finding,
        };
        let help = "the first one counts; give the other an id of its own, or leave it out";
        findings.push(finding.help(help));
        false
    });
    out.findings.append(&mut findings);
}

/// Makes what looks like an id in a title one, where no other case has it.
fn take_titled(cases: &mut [ForeignCase]) {
    let upper = |id: &String| id.to_ascii_uppercase();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for case in &*cases {
        let own: BTreeSet<String> = { case.ids.iter().chain(&case.titled) }.map(upper).collect();
        for id in own {
            *seen.entry(id).or_default() += 1;
        }
    }
    for case in cases {
        let titled = case.titled.take().filter(|id| seen[&upper(id)] == 1);
        case.ids.extend(titled);
    }
}

/// Where the lines of a text begin, in bytes.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        Self(std::iter::once(0).chain(ends.map(|end| end + 1)).collect())
    }

    /// The place of a line, counted from 1.
    fn span(&self, text: &str, line: usize) -> Span {
        let start = line.checked_sub(1).and_then(|at| self.0.get(at).copied());
        let start = start.unwrap_or(text.len());
        let end = self.0.get(line).copied().unwrap_or(text.len());
        let own = text.get(start..end).unwrap_or_default();
        Span::new(start, start + own.trim_end_matches(['\n', '\r']).len())
    }
}

#[cfg(test)]
mod tests;
