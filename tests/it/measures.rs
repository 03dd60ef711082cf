//! Worked examples for every term of statistics; the tables stand in `docs/measures.md` as well.

use std::fmt::Write as _;

use tallybook::analysis::age::age;
use tallybook::analysis::compare::Change;
use tallybook::analysis::matching::Matcher;
use tallybook::analysis::stability::{Rate, flip_rate, is_significant, pass_rate};
use tallybook::analysis::tracks::{Known, Launch, Tracks};
use tallybook::model::{Briefs, Environment, Flag, OrderedMap, Outcome, Status};

/// One test over launches, oldest first: `p`assed, `f`ailed, `b`roken, `s`kipped, `u`nknown, `-` no result;
/// an `m` behind a letter is a mute. What the last launch says of it: transition, how long it has been
/// failing, flip rate, pass rate.
const SEQUENCES: &[(&str, &str, &str, &str, &str)] = &[
    ("p", "new", "", "", "1 of 1"),
    ("f", "new", "1 failure, no pass known", "", "0 of 1"),
    ("s", "", "", "", ""),
    ("u", "", "", "", ""),
    ("pp", "same", "", "0 of 1", "2 of 2"),
    (
        "pf",
        "regressed",
        "1 failure, passed 1 launch before",
        "1 of 1",
        "1 of 2",
    ),
    (
        "pb",
        "malfunctioned",
        "1 failure, passed 1 launch before",
        "1 of 1",
        "1 of 2",
    ),
    ("fp", "fixed", "", "1 of 1", "1 of 2"),
    ("bp", "fixed", "", "1 of 1", "1 of 2"),
    (
        "ff",
        "same",
        "2 failures, no pass known",
        "0 of 1",
        "0 of 2",
    ),
    (
        "fb",
        "malfunctioned",
        "2 failures, no pass known",
        "0 of 1",
        "0 of 2",
    ),
    (
        "bf",
        "regressed",
        "2 failures, no pass known",
        "0 of 1",
        "0 of 2",
    ),
    ("sp", "new", "", "", "1 of 1"),
    ("psp", "same", "", "0 of 1", "2 of 2"),
    (
        "psf",
        "regressed",
        "1 failure, passed 2 launches before",
        "1 of 1",
        "1 of 2",
    ),
    (
        "puf",
        "regressed",
        "1 failure, passed 2 launches before",
        "1 of 1",
        "1 of 2",
    ),
    (
        "p-f",
        "regressed",
        "1 failure, passed 2 launches before",
        "1 of 1",
        "1 of 2",
    ),
    (
        "pff",
        "same",
        "2 failures, passed 2 launches before",
        "1 of 2",
        "1 of 3",
    ),
    (
        "pf-f",
        "same",
        "2 failures, passed 3 launches before",
        "1 of 2",
        "1 of 3",
    ),
    (
        "pfb",
        "malfunctioned",
        "2 failures, passed 2 launches before",
        "1 of 2",
        "1 of 3",
    ),
    ("pfps", "", "", "2 of 2", "2 of 3"),
    (
        "pfpf",
        "regressed",
        "1 failure, passed 1 launch before",
        "3 of 3",
        "2 of 4",
    ),
    ("ppffbp", "fixed", "", "2 of 5", "3 of 6"),
    ("pfmp", "fixed", "", "2 of 2", "2 of 2"),
    (
        "ffmfm",
        "same",
        "3 failures, no pass known",
        "0 of 2",
        "0 of 1",
    ),
];

fn statuses(sequence: &str) -> Vec<Option<(Status, bool)>> {
    let mut out: Vec<Option<(Status, bool)>> = Vec::new();
    for letter in sequence.chars() {
        let status = match letter {
            'p' => Status::Passed,
            'f' => Status::Failed,
            'b' => Status::Broken,
            's' => Status::Skipped,
            'u' => Status::Unknown,
            'm' => {
                let last = out
                    .last_mut()
                    .and_then(Option::as_mut)
                    .expect("a status to mute");
                last.1 = true;
                continue;
            }
            _ => {
                out.push(None);
                continue;
            }
        };
        out.push(Some((status, false)));
    }
    out
}

fn words(rate: Rate) -> String {
    match rate.of {
        0 => String::new(),
        of => format!("{} of {of}", rate.part),
    }
}

fn plural(n: u64, noun: &str) -> String {
    tallybook::base::text::count(n, noun)
}

/// Returns what the library says of the last launch of a sequence.
fn measured(sequence: &str) -> [String; 4] {
    let outcomes: Vec<Vec<Outcome>> = statuses(sequence)
        .into_iter()
        .map(|status| {
            let outcome = |(status, muted)| Outcome {
                test: "t".into(),
                status,
                flags: if muted { vec![Flag::Muted] } else { Vec::new() },
                ..Outcome::default()
            };
            status.map(outcome).into_iter().collect()
        })
        .collect();
    let environments = [Environment::default()];
    let identities = Known::default();
    let briefs: Vec<Briefs> = outcomes
        .iter()
        .map(|outcomes| Briefs::of(&environments, outcomes))
        .collect();
    let launches: Vec<Launch<'_>> = briefs
        .iter()
        .map(|briefs| Launch {
            briefs,
            identities: &identities,
        })
        .collect();
    let matcher = Matcher::new(std::iter::empty());
    let tracks = Tracks::new(&launches, &OrderedMap::default(), &matcher);
    let track = tracks.iter().next().expect("a track");
    let last = launches.len() - 1;
    let transition = track.transition(last, |_| true);
    let failing = age(track, last, |_| true).map(|age| {
        let passed = age.passed.map_or("no pass known".to_owned(), |passed| {
            format!("passed {} before", plural((last - passed) as u64, "launch"))
        });
        format!("{}, {passed}", plural(age.failures, "failure"))
    });
    let significant = track
        .entries
        .iter()
        .filter(|entry| is_significant(entry.status));
    let flips: Vec<Status> = significant.clone().map(|entry| entry.status).collect();
    let rates: Vec<Status> = significant.filter(|e| !e.muted).map(|e| e.status).collect();
    [
        transition
            .map(|t| t.as_str().to_owned())
            .unwrap_or_default(),
        failing.unwrap_or_default(),
        words(flip_rate(&flips)),
        words(pass_rate(&rates)),
    ]
}

#[test]
fn sequences_mean_what_the_table_says() {
    for (sequence, transition, age, flips, passes) in SEQUENCES {
        let wanted = [transition, age, flips, passes].map(|text| (*text).to_owned());
        assert_eq!(measured(sequence), wanted, "{sequence}");
    }
}

/// What became of a test, by the status before (a row) and now (a column).
const CHANGES: [(&str, [&str; 6]); 6] = [
    (
        "passed",
        [
            "same",
            "new_failure",
            "new_failure",
            "newly_skipped",
            "new_failure",
            "removed",
        ],
    ),
    (
        "failed",
        [
            "fixed",
            "still_failing",
            "still_failing",
            "newly_skipped",
            "still_failing",
            "removed",
        ],
    ),
    (
        "broken",
        [
            "fixed",
            "still_failing",
            "still_failing",
            "newly_skipped",
            "still_failing",
            "removed",
        ],
    ),
    (
        "skipped",
        [
            "resumed",
            "new_failure",
            "new_failure",
            "same",
            "new_failure",
            "removed",
        ],
    ),
    (
        "unknown",
        [
            "fixed",
            "still_failing",
            "still_failing",
            "newly_skipped",
            "still_failing",
            "removed",
        ],
    ),
    (
        "no result",
        ["added", "added", "added", "added", "added", ""],
    ),
];

const COLUMNS: [&str; 6] = [
    "passed",
    "failed",
    "broken",
    "skipped",
    "unknown",
    "no result",
];

#[test]
fn comparisons_mean_what_the_table_says() {
    for (before, row) in CHANGES {
        for (now, wanted) in COLUMNS.into_iter().zip(row) {
            if wanted.is_empty() {
                continue;
            }
            let change = Change::of(Status::parse(before), Status::parse(now));
            assert_eq!(change.as_str(), wanted, "{before} → {now}");
        }
    }
}

/// With `TALLYBOOK_WRITE_TABLES` set the tables are written instead of compared.
#[test]
fn the_page_has_the_tables() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/measures.md");
    let text = std::fs::read_to_string(&path).expect("the page reads");
    let mut sequences = String::from(
        "| launches | transition | failing | flip rate | pass rate |\n|---|---|---|---|---|\n",
    );
    for (sequence, transition, age, flips, passes) in SEQUENCES {
        writeln!(
            sequences,
            "| `{sequence}` | {transition} | {age} | {flips} | {passes} |"
        )
        .expect("a text takes it");
    }
    let mut changes = format!(
        "| before ↓ now → | {} |\n|---|---|---|---|---|---|---|\n",
        COLUMNS.join(" | ")
    );
    for (before, row) in CHANGES {
        let cells = row.map(|cell| {
            if cell.is_empty() {
                String::new()
            } else {
                format!("`{cell}`")
            }
        });
        writeln!(changes, "| {before} | {} |", cells.join(" | ")).expect("a text takes it");
    }
    let mut made = text.clone();
    for (name, table) in [("sequences", sequences), ("changes", changes)] {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (before, rest) = made.split_once(&begin).expect("the table's beginning");
        let (_, after) = rest.split_once(&end).expect("the table's end");
        made = format!("{before}{begin}{table}{end}{after}");
    }
    if std::env::var_os("TALLYBOOK_WRITE_TABLES").is_some() {
        std::fs::write(&path, &made).expect("the page is written");
    }
    assert!(
        text == made,
        "docs/measures.md is stale: run this test with TALLYBOOK_WRITE_TABLES=1"
    );
}
