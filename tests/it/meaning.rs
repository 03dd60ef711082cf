//! What a review says of changes: the corpus in `tests/fixtures/review`.
//!
//! A file there is a list of entries. `# a name` begins one; `@ path` begins a file of it in the form of a
//! difference: two blanks before what both sides have, `-` and a blank before what only the base has, `+`
//! and a blank before what only the head has. `@ path => path` is a file that moved; `case`, `shared`,
//! `plan`, `mute` and so on stand for a path, and a case without front matter gets one. Lines with `>`
//! are what is said: effect, subject and sentence, or `no change of meaning`.
//!
//! `DIGEST` stands for what the base's first case means, as approvals have it.
//!
//! With `TALLYBOOK_WRITE_TABLES` set the sentences are written instead of compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use tallybook::analysis::executed::shared;
use tallybook::analysis::meaning::digest;
use tallybook::base::Timestamp;
use tallybook::review::{Effect, Input, Item, Kind, Review, Side, review};
use tallybook::store::{Loaded, MemoryFiles, Snapshot, load};

const PROJECT: &str = "projects/shop";

/// What every entry has, unless it gives the file itself.
const BASE: [(&str, &str); 2] = [
    ("tallybook.yaml", "format: 1\ntitle: Shop\n"),
    ("projects/shop/project.yaml", "key: SHOP\nname: Shop\n"),
];

/// Short names of paths.
const PATHS: [(&str, &str); 13] = [
    ("case", "cases/sign-in.md"),
    ("other", "cases/sign-out.md"),
    ("shared", "steps/fill-in.md"),
    ("plan", "plans/smoke.yaml"),
    ("query", "queries/critical.yaml"),
    ("dashboard", "dashboards/release.yaml"),
    ("mute", "mutes/slow.yaml"),
    ("defect", "defects/DEF-1.md"),
    ("gate", "gates/release.yaml"),
    ("requirement", "requirements/all.yaml"),
    ("member", "members/alice.yaml"),
    ("project", "project.yaml"),
    ("readme", "README.md"),
];

#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// As written, up to what is said.
    pub(crate) source: String,
    pub(crate) before: BTreeMap<String, String>,
    pub(crate) after: BTreeMap<String, String>,
    pub(crate) says: Vec<String>,
    /// Lines with `!`: what is known beside both.
    pub(crate) facts: Vec<String>,
}

fn path_of(short: &str) -> String {
    match PATHS.iter().find(|(name, _)| *name == short) {
        Some((_, path)) => format!("{PROJECT}/{path}"),
        None if short == ".gitattributes" => short.to_owned(),
        None if short == "workspace" => "tallybook.yaml".to_owned(),
        None if short.starts_with("projects/") => short.to_owned(),
        None => format!("{PROJECT}/{short}"),
    }
}

fn front(path: &str, text: &str) -> String {
    let id = match path {
        "projects/shop/cases/sign-in.md" => "SHOP-A",
        "projects/shop/cases/sign-out.md" => "SHOP-B",
        _ => return text.to_owned(),
    };
    if text.is_empty() || text.trim_start_matches('\u{feff}').starts_with("---") {
        return text.to_owned();
    }
    let title = if id == "SHOP-A" {
        "Sign in"
    } else {
        "Sign out"
    };
    format!("---\nid: {id}\ntitle: {title}\n---\n\n{text}")
}

pub(crate) fn parse(text: &str) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut paths = (String::new(), String::new());
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# ") {
            out.push(Entry {
                name: name.to_owned(),
                ..Entry::default()
            });
        }
        let entry = out.last_mut().expect("an entry begins with `# `");
        if let Some(said) = line.strip_prefix("> ") {
            entry.says.push(said.to_owned());
            continue;
        }
        if !line.is_empty() || entry.says.is_empty() {
            entry.source.push_str(line);
            entry.source.push('\n');
        }
        if let Some(fact) = line.strip_prefix("! ") {
            entry.facts.push(fact.to_owned());
            continue;
        }
        let mut add = |before: bool, after: bool, rest: &str| {
            for (wanted, map, path) in [
                (before, &mut entry.before, &paths.0),
                (after, &mut entry.after, &paths.1),
            ] {
                if wanted {
                    let text = map.entry(path.clone()).or_default();
                    text.push_str(rest);
                    text.push('\n');
                }
            }
        };
        if let Some(path) = line.strip_prefix("@ ") {
            let (one, other) = path.split_once(" => ").unwrap_or((path, path));
            paths = (path_of(one), path_of(other));
        } else if let Some(rest) = line.strip_prefix("- ") {
            add(true, false, rest);
        } else if let Some(rest) = line.strip_prefix("+ ") {
            add(false, true, rest);
        } else if let Some(rest) = line.strip_prefix("  ") {
            add(true, true, rest);
        } else if !line.starts_with("# ") {
            match line {
                "-" => add(true, false, ""),
                "+" => add(false, true, ""),
                "" if paths.0.is_empty() => {}
                "" => {}
                other => panic!("`{other}` in `{}`", entry.name),
            }
        }
    }
    out
}

pub(crate) fn loaded(files: &BTreeMap<String, String>) -> (MemoryFiles, Loaded) {
    let mut all: BTreeMap<String, String> = BASE
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    all.extend(
        files
            .iter()
            .map(|(path, text)| (path.clone(), front(path, &unescape(text)))),
    );
    let memory: MemoryFiles = all.into_iter().collect();
    let loaded = load(&Snapshot::memory(memory.clone())).expect("memory reads");
    (memory, loaded)
}

/// `\r`, `\t` and `\f` stand for what can't be seen; `\f` is a byte order mark.
fn unescape(text: &str) -> String {
    text.replace("\\r", "\r")
        .replace("\\t", "\t")
        .replace("\\f", "\u{feff}")
}

/// Puts the digest of what the first case of the base means in place of `DIGEST`.
pub(crate) fn approved(
    files: &BTreeMap<String, String>,
    base: &Loaded,
) -> BTreeMap<String, String> {
    let project = &base.workspace.projects[0];
    let case = project.cases.first();
    let digest = case.map(|case| digest(case, &shared(project)).to_string());
    let digest = digest.unwrap_or_default();
    let files = files.iter();
    files
        .map(|(path, text)| (path.clone(), text.replace("DIGEST", &digest)))
        .collect()
}

fn compare(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Review {
    let base = loaded(before).1;
    let (before, after) = (&approved(before, &base), &approved(after, &base));
    let (old_files, old) = loaded(before);
    let (new_files, new) = loaded(after);
    let input = Input {
        before: &old,
        after: &new,
        files: (&old_files, &new_files),
        now: Timestamp::parse("2026-11-20T12:00:00Z").expect("a time"),
        past: &BTreeMap::new(),
    };
    review(&input).expect("memory reads")
}

fn said(review: &Review) -> Vec<String> {
    let mut out = Vec::new();
    for effect in Effect::ALL {
        for (item, change) in review.of(effect) {
            out.push(format!(
                "{} {}: {}",
                effect.as_str(),
                subject(item),
                change.sentence
            ));
        }
    }
    if out.is_empty() {
        out.push("no change of meaning".to_owned());
    }
    out
}

fn subject(item: &Item) -> String {
    let id = item.subject.id.strip_prefix("projects/shop/");
    format!(
        "{} {}",
        item.subject.noun.as_str(),
        id.unwrap_or(&item.subject.id)
    )
}

pub(crate) fn files(corpus: &str) -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let folder = folder.join(corpus);
    let mut out: Vec<(PathBuf, String)> = folder
        .read_dir()
        .expect("the corpus is there")
        .map(|entry| entry.expect("it lists").path())
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("it reads");
            (path, text)
        })
        .collect();
    out.sort();
    out
}

#[test]
fn each_change_is_said_as_the_corpus_has_it() {
    let mut wrong = String::new();
    let mut kinds: BTreeSet<Kind> = BTreeSet::new();
    let (mut changes, mut editorial) = (0, 0);
    for (path, text) in files("review") {
        let mut written = String::new();
        for entry in parse(&text) {
            let review = compare(&entry.before, &entry.after);
            let says = said(&review);
            let all = review.items.iter().flat_map(|item| &item.changes);
            kinds.extend(all.map(|change| change.kind));
            if review.items.is_empty() {
                editorial += 1;
                assert!(
                    !review.editorial.is_empty() || entry.before == entry.after,
                    "`{}` is named nowhere",
                    entry.name
                );
            } else {
                changes += 1;
            }
            if says != entry.says {
                let _ = writeln!(wrong, "`{}` says\n{}\n", entry.name, says.join("\n"));
            }
            let says: Vec<String> = says.iter().map(|line| format!("> {line}\n")).collect();
            let _ = writeln!(written, "{}{}", entry.source, says.concat());
        }
        if std::env::var_os("TALLYBOOK_WRITE_TABLES").is_some() {
            std::fs::write(&path, written.trim_end().to_owned() + "\n").expect("it writes");
            wrong.clear();
        }
    }
    assert_eq!(
        wrong, "",
        "read what is said now, and if it is right run this test with TALLYBOOK_WRITE_TABLES=1"
    );
    let missing: Vec<&str> = Kind::ALL
        .iter()
        .filter(|kind| !kinds.contains(kind))
        .map(|kind| kind.as_str())
        .collect();
    assert_eq!(missing, [] as [&str; 0], "kinds that no entry has");
    assert!(changes >= 120, "{changes} changes");
    assert!(editorial >= 40, "{editorial} editorial pairs");
}

/// The other way round the same files differ, and what was added is removed.
#[test]
fn a_review_the_other_way_round_finds_the_same_files() {
    for (_, text) in files("review") {
        for entry in parse(&text) {
            let there = compare(&entry.before, &entry.after);
            let back = compare(&entry.after, &entry.before);
            let name = &entry.name;
            assert_eq!(there.items.is_empty(), back.items.is_empty(), "{name}");
            let same = compare(&entry.before, &entry.before);
            assert!(same.is_empty(), "{name}");
            assert_eq!(there, compare(&entry.before, &entry.after), "{name}");
        }
    }
}

/// A place is a line of its side; that of what a step expects or takes is where it stands.
#[test]
fn places_are_lines_that_say_it() {
    for (_, text) in files("review") {
        for entry in parse(&text) {
            let review = compare(&entry.before, &entry.after);
            for change in review.items.iter().flat_map(|item| &item.changes) {
                let (files, text) = match change.place.side {
                    Side::Base => (&entry.before, &change.before),
                    Side::Head => (&entry.after, &change.after),
                };
                let Some(file) = files.get(&change.place.path) else {
                    continue;
                };
                let file = front(&change.place.path, &unescape(file));
                let line = file.lines().nth(change.place.line - 1);
                let said = (entry.name.as_str(), change);
                assert!(line.is_some() || change.place.line == 1, "{said:?}");
                let is_of_step = change.kind.as_str().starts_with("expectation");
                if is_of_step && let Some(first) = text.as_deref().and_then(|t| t.lines().next()) {
                    assert!(line.is_some_and(|line| line.ends_with(first)), "{said:?}");
                }
            }
        }
    }
}

/// The table of kinds in `docs/review.md` is that of the code.
#[test]
fn the_documentation_has_all_kinds() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/review.md");
    let text = std::fs::read_to_string(&path).expect("it reads");
    let (begin, end) = ("<!-- kinds -->\n", "<!-- /kinds -->");
    let start = text.find(begin).expect("the table begins") + begin.len();
    let stop = text.find(end).expect("the table ends");
    let mut table = "| kind | says |\n|---|---|\n".to_owned();
    for kind in Kind::ALL {
        let _ = writeln!(table, "| `{}` | {} |", kind.as_str(), kind.says());
    }
    if std::env::var_os("TALLYBOOK_WRITE_TABLES").is_some() {
        let text = format!("{}{table}{}", &text[..start], &text[stop..]);
        std::fs::write(&path, text).expect("it writes");
        return;
    }
    assert_eq!(
        &text[start..stop],
        table,
        "docs/review.md is stale: run this test with TALLYBOOK_WRITE_TABLES=1"
    );
}
