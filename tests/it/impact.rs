//! What a change means for what is not part of it: the corpus in `tests/fixtures/impact`.
//!
//! Entries are written as those of `tests/fixtures/review` ([`crate::meaning`]), with lines of what is
//! known beside both snapshots:
//!
//! - `! ran NAME: SHOP-A passed; SHOP-B failed by hand`: a closed launch, a day after the one before it.
//!   Beside a status stand `by hand`, `flaky`, `muted`, and `of another text` where the case was executed
//!   by a text that the base does not have.
//! - `! open NAME with PLAN: SHOP-A; SHOP-B`: an open launch, its plan and the cases with results.
//! - `! file PATH`: a file that changed and is no documentation.
//! - `! author NAME <EMAIL>`: who made a commit of the range.
//! - `! closed NAME: passed 3, failed 1, unresolved 1`: a launch that was closed in the range.
//!
//! Lines with `>` are what is said. With `TALLYBOOK_WRITE_TABLES` set they are written instead of compared.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tallybook::analysis::executed::{executed_text, shared};
use tallybook::analysis::matching::Matcher;
use tallybook::analysis::tracks::{self, Tracks};
use tallybook::base::{Digest, Timestamp};
use tallybook::git::Identity;
use tallybook::model::{Briefs, Environment, Flag, OrderedMap, Outcome, Status};
use tallybook::review::{
    Brief, Input, Known, OpenLaunch, Ran, RanLaunch, Reach, Reached, closings, impact, review,
    reviewers,
};
use tallybook::store::Loaded;
use tallybook::store::launches::LaunchHead;

use crate::meaning::{Entry, approved, files, loaded, parse};

const DAY: i64 = 86_400_000;

fn status(word: &str) -> Status {
    let all = [
        Status::Passed,
        Status::Failed,
        Status::Broken,
        Status::Skipped,
        Status::Unknown,
    ];
    let found = all.into_iter().find(|status| status.as_str() == word);
    found.unwrap_or_else(|| panic!("`{word}` is no status"))
}

/// One result of a launch: what happened, and whether by a text of its own.
fn outcome(text: &str) -> (Outcome, bool) {
    let mut words = text.split_whitespace();
    let case = words.next().expect("a case");
    let status = status(words.next().expect("a status"));
    let rest = words.collect::<Vec<_>>().join(" ");
    let flags = [
        ("by hand", Flag::Manual),
        ("flaky", Flag::Flaky),
        ("muted", Flag::Muted),
    ];
    let flags = flags.into_iter().filter(|(word, _)| rest.contains(word));
    let outcome = Outcome {
        id: text.to_owned(),
        test: Digest::of(case.as_bytes()).to_string()[..16].to_owned(),
        case: Some(case.to_owned()),
        status,
        attempts: 1,
        flags: flags.map(|(_, flag)| flag).collect(),
        ..Outcome::default()
    };
    (outcome, rest.contains("of another text"))
}

/// The closed launches of an entry.
#[derive(Debug, Default)]
struct History {
    launches: Vec<RanLaunch>,
    briefs: Vec<Briefs>,
    /// Launches and cases that were executed by a text which the base does not have.
    others: BTreeSet<(usize, String)>,
}

impl History {
    fn of(entry: &Entry) -> Self {
        let mut out = Self::default();
        let first = Timestamp::parse("2026-11-01T06:00:00Z").expect("a time");
        for fact in entry
            .facts
            .iter()
            .filter_map(|fact| fact.strip_prefix("ran "))
        {
            let (name, results) = fact.split_once(": ").expect("results");
            let at = out.launches.len();
            out.launches.push(RanLaunch {
                name: name.to_owned(),
                opened: Timestamp::from_ms(first.ms() + at as i64 * DAY),
            });
            let results: Vec<(Outcome, bool)> = results.split("; ").map(outcome).collect();
            let others = results.iter().filter(|(_, other)| *other);
            let others = others.map(|(outcome, _)| (at, outcome.case.clone().unwrap_or_default()));
            out.others.extend(others);
            let outcomes: Vec<Outcome> = results.into_iter().map(|(outcome, _)| outcome).collect();
            out.briefs
                .push(Briefs::of(&[Environment::default()], &outcomes));
        }
        out
    }

    fn tracks(&self, base: &Loaded) -> Tracks {
        let nobody = tracks::Known::default();
        let launches = self.briefs.iter().map(|briefs| tracks::Launch {
            briefs,
            identities: &nobody,
        });
        let launches: Vec<_> = launches.collect();
        let project = &base.workspace.projects[0];
        let matcher = Matcher::new(project.cases.iter().map(|doc| &doc.value));
        Tracks::new(&launches, &OrderedMap::default(), &matcher)
    }
}

fn open(entry: &Entry) -> Vec<OpenLaunch> {
    let facts = entry
        .facts
        .iter()
        .filter_map(|fact| fact.strip_prefix("open "));
    let launches = facts.map(|fact| {
        let (name, cases) = fact.split_once(": ").unwrap_or((fact, ""));
        let (name, plan) = match name.split_once(" with ") {
            Some((name, plan)) => (name, Some(plan.to_owned())),
            None => (name, None),
        };
        let cases = cases.split("; ").filter(|case| !case.is_empty());
        OpenLaunch {
            project: "shop".to_owned(),
            id: name.to_lowercase(),
            name: name.to_owned(),
            plan,
            cases: cases.map(str::to_owned).collect(),
        }
    });
    launches.collect()
}

fn closed(entry: &Entry) -> Vec<LaunchHead> {
    let facts = entry
        .facts
        .iter()
        .filter_map(|fact| fact.strip_prefix("closed "));
    let heads = facts.enumerate().map(|(at, fact)| {
        let (name, counts) = fact.split_once(": ").expect("counts");
        let counts = counts.split(", ").filter_map(|one| one.split_once(' '));
        let mut totals: BTreeMap<&str, u64> = counts
            .map(|(word, n)| (word, n.parse().expect("a number")))
            .collect();
        let unresolved = totals.remove("unresolved").unwrap_or_default();
        let all = totals.values().sum();
        totals.extend([("unresolved", unresolved), ("total", all)]);
        let time = format!("2026-11-2{at}T06:00:00Z");
        let file = serde_json::json!({
            "format": 1, "id": name, "project": "SHOP", "name": name, "opened": {"at": time},
            "totals": totals, "closed": {"at": time, "sums": "", "version": "0"},
        });
        LaunchHead {
            path: format!("projects/shop/launches/2026/11/{name}"),
            file: serde_json::from_value(file).expect("a launch"),
            receipt: Digest::of(name.as_bytes()),
        }
    });
    heads.collect()
}

fn named<'a>(entry: &'a Entry, key: &str) -> Vec<&'a str> {
    let key = format!("{key} ");
    let facts = entry.facts.iter();
    facts
        .filter_map(|fact| fact.strip_prefix(key.as_str()))
        .collect()
}

fn author(text: &str) -> Identity {
    let (name, email) = text.split_once(" <").expect("an address");
    Identity {
        name: name.to_owned(),
        email: email.trim_end_matches('>').to_owned(),
    }
}

fn told(entry: &Entry) -> Brief {
    let base = loaded(&entry.before).1;
    let (before, after) = (
        approved(&entry.before, &base),
        approved(&entry.after, &base),
    );
    let (old_files, old) = loaded(&before);
    let (new_files, new) = loaded(&after);
    let input = Input {
        before: &old,
        after: &new,
        files: (&old_files, &new_files),
        now: Timestamp::parse("2026-11-20T12:00:00Z").expect("a time"),
        past: &BTreeMap::new(),
    };
    let found = review(&input).expect("memory reads");
    let history = History::of(entry);
    let tracks = history.tracks(&old);
    let project = &old.workspace.projects[0];
    let asked = Cell::new(0_usize);
    let executed = |launch: usize, case: &str| {
        asked.set(asked.get() + 1);
        let text = executed_text(project.case(case)?, &shared(project));
        match history.others.contains(&(launch, case.to_owned())) {
            true => Some(Digest::of(b"another text").to_string()),
            false => Some(Digest::of(text.as_bytes()).to_string()),
        }
    };
    let ran = Ran {
        tracks: &tracks,
        launches: history.launches.clone(),
        executed: &executed,
    };
    let mut product: Vec<String> = named(entry, "file")
        .into_iter()
        .map(str::to_owned)
        .collect();
    product.sort();
    let known = Known {
        open: open(entry),
        ran: BTreeMap::from([("shop".to_owned(), ran)]),
        product,
    };
    let authors: Vec<Identity> = named(entry, "author").into_iter().map(author).collect();
    let brief = Brief::new(String::new(), None, String::new(), found);
    let mut brief = brief.with_closings(closings(&closed(entry)));
    let reached = Reached::new(&input, &brief.review);
    let told = impact(&input, &reached, &known);
    let asked_for = reviewers(&input, (&brief.review, &reached), &authors);
    drop(reached);
    (brief.impact, brief.reviewers) = (told, asked_for);
    let by_hand = entry.facts.iter().any(|fact| fact.contains("by hand"));
    assert!(
        by_hand || asked.get() == 0,
        "texts of launches that nobody needs are read"
    );
    brief
}

fn said(brief: &Brief) -> Vec<String> {
    let mut out = Vec::new();
    for one in &brief.closings {
        out.push(format!("verdict: {}", brief.verdict));
        let blocked = if one.blocked { " (blocked)" } else { "" };
        out.push(format!("closed {}{blocked}: {}", one.name, one.verdict));
    }
    for one in &brief.impact {
        let reach = serde_json::to_value(one.reach).expect("a word");
        out.push(format!(
            "{}: {}",
            reach.as_str().expect("a word"),
            one.sentence
        ));
    }
    for one in &brief.reviewers {
        let handle = one.handle.as_ref().map(|handle| format!(" {handle}"));
        out.push(format!(
            "ask {}{}: {}",
            one.name,
            handle.unwrap_or_default(),
            one.why
        ));
    }
    if out.is_empty() {
        out.push("nothing".to_owned());
    }
    out
}

#[test]
fn each_consequence_is_said_as_the_corpus_has_it() {
    let mut wrong = String::new();
    let mut reached: BTreeSet<Reach> = BTreeSet::new();
    let mut entries = 0;
    for (path, text) in files("impact") {
        let mut written = String::new();
        for entry in parse(&text) {
            let brief = told(&entry);
            let says = said(&brief);
            reached.extend(brief.impact.iter().map(|one| one.reach));
            entries += 1;
            if says != entry.says {
                let _ = writeln!(wrong, "`{}` says\n{}\n", entry.name, says.join("\n"));
            }
            let says: Vec<String> = says.iter().map(|line| format!("> {line}\n")).collect();
            let _ = writeln!(written, "{}{}", entry.source, says.concat());
        }
        if std::env::var_os("TALLYBOOK_WRITE_TABLES").is_some() {
            std::fs::write(&path, written.trim_end().to_owned() + "\n").expect("it writes");
        }
    }
    assert_eq!(
        wrong, "",
        "read what is said now, and if it is right run this test with TALLYBOOK_WRITE_TABLES=1"
    );
    assert_eq!(reached.len(), Reach::ALL.len(), "{reached:?}");
    assert!(entries >= 40, "{entries} entries");
}

/// Whatever stands first in a file of facts, the same is said in the same order.
#[test]
fn the_order_in_which_facts_are_known_changes_nothing() {
    for (_, text) in files("impact") {
        for mut entry in parse(&text) {
            let there = told(&entry);
            // Launches that ran are a row; all else is a set.
            let (ran, mut others): (Vec<String>, Vec<String>) = std::mem::take(&mut entry.facts)
                .into_iter()
                .partition(|fact| fact.starts_with("ran ") || fact.starts_with("closed "));
            others.reverse();
            entry.facts = others.into_iter().chain(ran).collect();
            let back = told(&entry);
            assert_eq!(there.impact, back.impact, "{}", entry.name);
            assert_eq!(there.reviewers, back.reviewers, "{}", entry.name);
        }
    }
}
