//! A launch's results in the order in which the site shows them: by group, then by name.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::analysis::suites::{self, DEEPEST, split_full_name};
use crate::analysis::tracks::{Track, Tracks, Transition};
use crate::model::{Flag, Outcome, Status, TestResult, Totals};
use crate::site::input::LaunchInput;
use crate::site::texts::say;

/// One result of a launch, with what is known of it.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) outcome: &'a Outcome,
    /// Absent where the launch is shown by its outcomes.
    pub(crate) result: Option<&'a TestResult>,
    pub(crate) name: &'a str,
    pub(crate) full_name: &'a str,
    pub(crate) path: Vec<String>,
    pub(crate) past: Past<'a>,
}

/// What is known of a result's earlier entries on its branch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Past<'a> {
    pub(crate) track: Option<&'a Track>,
    /// Whether any launch before this one counts.
    pub(crate) known: bool,
    pub(crate) transition: Option<Transition>,
    /// The first launch of the unbroken run of failures, where it is an earlier one.
    pub(crate) since: Option<usize>,
}

impl Past<'_> {
    /// Whether an outcome is unresolved and its test did not fail at its last entry.
    pub(crate) fn is_new_failure(&self, outcome: &Outcome) -> bool {
        self.known && outcome.is_unresolved() && self.since.is_none()
    }
}

impl Row<'_> {
    /// Parameters that tell results of one name apart, as `browser=chrome, locale=de`.
    pub(crate) fn parameters(&self) -> String {
        let Some(result) = self.result else {
            return String::new();
        };
        let shown = result
            .parameters
            .iter()
            .filter(|p| !p.excluded)
            .map(|p| format!("{}={}", p.name, p.value.as_deref().unwrap_or("••••")));
        let mut parts: Vec<String> = shown.collect();
        if let Some(occurrence) = result.occurrence {
            parts.push(say!("rows.occurrence", number = occurrence.to_string()));
        }
        parts.join(", ")
    }
}

/// The launches that count for the history of one: its branch up to it, superseded ones apart.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// Indices of launches, oldest first; the last is the launch itself.
    pub(crate) launches: Vec<usize>,
}

impl Window {
    /// Returns the window of at most `most` launches that ends with launch `at`.
    pub(crate) fn new(
        launches: &[LaunchInput<'_>],
        superseded: &[Option<usize>],
        at: usize,
        most: usize,
    ) -> Self {
        let branch = &launches[at].file.source.branch;
        let counts = |i: &usize| {
            *i == at || (superseded[*i].is_none() && launches[*i].file.source.branch == *branch)
        };
        let mut window: Vec<usize> = (0..=at).rev().filter(counts).take(most).collect();
        window.reverse();
        Self { launches: window }
    }

    fn holds(&self, launch: usize) -> bool {
        self.launches.binary_search(&launch).is_ok()
    }

    /// The statuses of a track in the window, in its order.
    pub(crate) fn statuses<'t>(
        &'t self,
        track: Option<&'t Track>,
    ) -> impl Iterator<Item = (usize, Option<Status>)> + 't {
        let entries = track.map_or(&[][..], |t| t.entries.as_slice());
        self.launches.iter().map(move |launch| {
            let at = entries.binary_search_by_key(launch, |entry| entry.launch());
            (*launch, at.ok().map(|at| entries[at].status))
        })
    }
}

/// Returns the rows of a launch in their order.
pub(crate) fn rows<'a>(
    launch: &LaunchInput<'a>,
    number: usize,
    results: &'a [TestResult],
    tracks: &'a Tracks,
    window: &Window,
) -> Vec<Row<'a>> {
    let by_id: HashMap<&str, &TestResult> = results.iter().map(|r| (r.id.as_str(), r)).collect();
    let mut rows: Vec<Row<'a>> = launch
        .outcomes
        .iter()
        .enumerate()
        .map(|(index, outcome)| {
            let result = by_id.get(outcome.id.as_str()).copied();
            let test = launch.tests.get(&outcome.test);
            let name = result
                .map(|r| r.name.as_str())
                .or(test.map(|t| t.name.as_str()));
            let full_name = match result {
                Some(result) => result.full_name.as_deref(),
                None => test.and_then(|t| t.full_name.as_deref()),
            };
            let (name, full_name) = (name.unwrap_or(&outcome.test), full_name.unwrap_or_default());
            Row {
                outcome,
                result,
                name,
                full_name,
                path: groups(result, name, full_name),
                past: past(tracks.of(number, index), number, outcome.status, window),
            }
        })
        .collect();
    part_the_only_suite(&mut rows);
    rows.sort_by(|a, b| {
        by_path(&a.path, &b.path)
            .then_with(|| natural(a.name, b.name))
            .then_with(|| a.outcome.params.cmp(&b.outcome.params))
            .then_with(|| a.outcome.env.cmp(&b.outcome.env))
            .then_with(|| a.outcome.id.cmp(&b.outcome.id))
    });
    rows
}

fn past<'a>(track: &'a Track, launch: usize, status: Status, window: &Window) -> Past<'a> {
    let earlier = || {
        let before = track.entries.iter().rev();
        before.filter(|e| e.launch() < launch && window.holds(e.launch()))
    };
    let since = if status.needs_resolution() {
        earlier()
            .filter(|e| !matches!(e.status, Status::Skipped | Status::InProgress))
            .take_while(|e| e.status.needs_resolution())
            .last()
            .map(|e| e.launch())
    } else {
        None
    };
    Past {
        track: Some(track),
        known: window.launches.len() > 1,
        transition: track.transition(launch, |other| window.holds(other)),
        since,
    }
}

/// Returns the groups above a test: suites as labels give them, else the producer's path, else
/// the parts of the full name.
fn groups(result: Option<&TestResult>, name: &str, full_name: &str) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    if let Some(result) = result {
        for label in ["parentSuite", "suite", "subSuite"] {
            path.extend(result.labels.first(label).map(str::to_owned));
        }
    }
    path.retain(|part| !part.trim().is_empty());
    if path.is_empty() {
        let title_path = result.map_or(&[][..], |result| &result.title_path);
        return suites::told_by_names(title_path, full_name, name);
    }
    if path.last().is_some_and(|last| last == name) {
        path.pop();
    }
    path.truncate(DEEPEST);
    path
}

/// How many of a hundred results one suite has, from where on it tells nothing apart.
const NEARLY_ALL: usize = 90;

/// Where one suite has nearly all results, as `pytest` has, puts its results by the parts of their full names
/// instead, if those tell them apart.
fn part_the_only_suite(rows: &mut [Row<'_>]) {
    let mut sizes: HashMap<&[String], usize> = HashMap::new();
    for row in rows.iter() {
        *sizes.entry(&row.path).or_default() += 1;
    }
    let Some((path, size)) = sizes.into_iter().max_by_key(|(path, n)| (*n, *path)) else {
        return;
    };
    if path.is_empty() || size * 100 < rows.len() * NEARLY_ALL {
        return;
    }
    let path = path.to_vec();
    let parts = |row: &Row<'_>| {
        let mut parts = split_full_name(row.full_name, row.name);
        parts.truncate(DEEPEST);
        parts
    };
    let of_suite = || rows.iter().filter(|row| row.path == path);
    let groups: HashSet<Vec<String>> = of_suite().map(parts).collect();
    // A group for each result tells as little as one for all of them.
    if groups.len() < 2 || groups.len() * 2 > size {
        return;
    }
    for row in rows.iter_mut().filter(|row| row.path == path) {
        let parts = parts(row);
        if !parts.is_empty() {
            row.path = parts;
        }
    }
}

fn by_path(a: &[String], b: &[String]) -> Ordering {
    for (a, b) in a.iter().zip(b) {
        let order = natural(a, b);
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// Orders texts as people do: numbers by value, letters before their case.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.chars().peekable(), b.chars().peekable());
    loop {
        let order = match (x.peek(), y.peek()) {
            (None, None) => return a.cmp(b),
            (None, _) => Ordering::Less,
            (_, None) => Ordering::Greater,
            (Some(p), Some(q)) if p.is_ascii_digit() && q.is_ascii_digit() => {
                let (m, n) = (digits(&mut x), digits(&mut y));
                let by_value = m.len().cmp(&n.len()).then_with(|| m.cmp(&n));
                if by_value != Ordering::Equal {
                    return by_value;
                }
                continue;
            }
            (Some(p), Some(q)) => p.to_lowercase().cmp(q.to_lowercase()),
        };
        if order != Ordering::Equal {
            return order;
        }
        x.next();
        y.next();
    }
}

/// Takes a run of digits, leading zeros dropped.
fn digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut out = String::new();
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        if !(digit == '0' && out.is_empty()) {
            out.push(digit);
        }
    }
    out
}

/// A group of rows that follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// The index of the group above; `None` at the top.
    pub(crate) parent: Option<usize>,
    pub(crate) first: usize,
    pub(crate) totals: Totals,
    /// Milliseconds.
    pub(crate) duration: u64,
}

/// Returns the groups of rows that stand in their order, each before those below it. Chains of
/// groups without rows of their own are joined: `a / b`.
pub(crate) fn groups_of(rows: &[Row<'_>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut path: &[String] = &[];
    for (number, row) in rows.iter().enumerate() {
        let shared = path
            .iter()
            .zip(&row.path)
            .take_while(|(a, b)| a == b)
            .count();
        open.truncate(shared);
        for name in &row.path[shared..] {
            groups.push(Group {
                name: name.clone(),
                parent: open.last().copied(),
                first: number,
                ..Group::default()
            });
            open.push(groups.len() - 1);
        }
        path = &row.path;
        for group in &open {
            let group = &mut groups[*group];
            group.totals.total += 1;
            group.totals.unresolved += u64::from(row.outcome.is_unresolved());
            // As the launch's own totals have it.
            match row.outcome.has(Flag::Overridden) {
                true => group.totals.overridden += 1,
                false => group.totals.add(row.outcome.status),
            }
            group.duration += row.outcome.duration.unwrap_or(0);
        }
    }
    joined(groups)
}

/// Joins each group with its only child, where all its rows are the child's.
fn joined(groups: Vec<Group>) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::with_capacity(groups.len());
    let mut at: Vec<usize> = Vec::with_capacity(groups.len());
    for group in groups {
        let above = group.parent.map(|parent| at[parent]);
        match above {
            Some(above)
                if above + 1 == out.len()
                    && out[above].first == group.first
                    && out[above].totals.total == group.totals.total =>
            {
                out[above].name = format!("{} / {}", out[above].name, group.name);
                at.push(above);
            }
            _ => {
                out.push(Group {
                    parent: above,
                    ..group
                });
                at.push(out.len() - 1);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_people_do() {
        let mut names = ["b", "a10", "a2", "A3", "a02"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["a02", "a2", "A3", "a10", "b"]);
    }

    fn row<'a>(outcome: &'a Outcome, path: &[&str]) -> Row<'a> {
        Row {
            outcome,
            result: None,
            name: "t",
            full_name: "",
            path: path.iter().map(|p| (*p).to_owned()).collect(),
            past: Past::default(),
        }
    }

    #[test]
    fn a_suite_that_has_all_is_parted_by_full_names() {
        let outcome = Outcome::default();
        let paths = |suites: &[&str], full_names: &[&'static str]| {
            let mut rows: Vec<Row<'_>> = suites.iter().map(|s| row(&outcome, &[s])).collect();
            for (row, full_name) in rows.iter_mut().zip(full_names) {
                row.full_name = full_name;
            }
            part_the_only_suite(&mut rows);
            rows.iter()
                .map(|row| row.path.join("/"))
                .collect::<Vec<_>>()
        };
        let names = ["a.A#t", "a.A#t", "a.B#t", "a.B#t"];
        assert_eq!(paths(&["pytest"; 4], &names), ["a/A", "a/A", "a/B", "a/B"]);
        // What has no full name stays where it is.
        assert_eq!(
            paths(&["pytest"; 5], &["a.A#t", "a.A#t", "a.B#t", "a.B#t", ""])[4],
            "pytest"
        );
        let kept = [
            paths(&["x", "x", "y", "y"], &names),
            paths(&["x", "x", "x", "x"], &["a.A#t"; 4]),
            paths(&["x", "x", "x", "x"], &["a.A#t", "a.B#t", "a.C#t", "a.D#t"]),
        ];
        assert_eq!(kept, [["x", "x", "y", "y"], ["x"; 4], ["x"; 4]]);
    }

    #[test]
    fn groups_cover_ranges_and_join_chains() {
        let outcome = Outcome {
            status: Status::Passed,
            ..Outcome::default()
        };
        let rows = [
            row(&outcome, &["root", "a", "x"]),
            row(&outcome, &["root", "a", "x"]),
            row(&outcome, &["root", "b"]),
            row(&outcome, &["root", "b", "y"]),
        ];
        let groups = groups_of(&rows);
        let seen: Vec<_> = groups
            .iter()
            .map(|g| (g.name.as_str(), g.parent, g.first, g.totals.total))
            .collect();
        assert_eq!(
            seen,
            [
                ("root", None, 0, 4),
                ("a / x", Some(0), 0, 2),
                ("b", Some(0), 2, 2),
                ("y", Some(2), 3, 1)
            ]
        );
    }
}
