//! From requirements to cases to their latest results: what is covered, what is not, and where somebody
//! said why.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::requirements::Named;
use super::stability::Rate;
use crate::base::Timestamp;
use crate::base::time::Period;
use crate::model::{Case, Requirement, Status};

/// A case's latest result in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// The declared variables, as `browser=chrome`; empty where none are.
    pub environment: String,
    pub status: Status,
    pub muted: bool,
    /// When it was executed, or the launch opened where nothing says when.
    pub at: Timestamp,
    pub manual: bool,
    /// Why a manual result no longer counts.
    pub stale: Option<Stale>,
    /// The launch's id.
    pub launch: String,
    /// The result's id.
    pub result: String,
}

/// Why a manual result no longer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// The case's text is another one since.
    Text,
    /// It is older than it is valid for.
    Age(Period),
}

impl Stale {
    /// Returns the name for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Age(_) => "age",
        }
    }
}

impl Latest {
    /// Returns the result as it counts where manual results are valid for so long.
    #[must_use]
    pub fn valid_for(mut self, period: Option<Period>, now: Timestamp) -> Self {
        let over = period.filter(|period| self.manual && period.after(self.at) < now);
        self.stale = self.stale.or(over.map(Stale::Age));
        self
    }
}

/// How a case or a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// A latest result failed, broke or is unknown, muted or not.
    Failing,
    /// No case covers it.
    Gap,
    /// Cases do, and none of them has a result that says something.
    NotRun,
    /// Only manual results of an older text, or older than they are valid for.
    Stale,
    /// No case covers it, and somebody said why.
    Justified,
    /// All latest results that say something passed, of which there are some.
    Covered,
}

impl Standing {
    /// What is worst comes first.
    pub const ALL: [Self; 6] = [
        Self::Failing,
        Self::Gap,
        Self::NotRun,
        Self::Stale,
        Self::Justified,
        Self::Covered,
    ];

    /// Returns the name for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Gap => "gap",
            Self::NotRun => "not_run",
            Self::Stale => "stale",
            Self::Justified => "justified",
            Self::Covered => "covered",
        }
    }

    /// Returns the name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::NotRun => "not run",
            Self::Justified => "justified gap",
            other => other.as_str(),
        }
    }
}

/// A requirement, the cases that name it, and how they stand.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    pub requirement: &'a Requirement,
    /// How deep it stands below other requirements.
    pub depth: usize,
    pub cases: Vec<Traced<'a>>,
    pub standing: Standing,
    /// Whether it has no cases of its own and stands as its parts do.
    pub by_parts: bool,
}

#[derive(Clone, Debug)]
pub struct Traced<'a> {
    pub case: &'a Case,
    /// By environment.
    pub latest: Vec<Latest>,
    pub standing: Standing,
}

/// The whole matrix.
#[derive(Clone, Debug, Default)]
pub struct Matrix<'a> {
    /// Parts follow what they are parts of; otherwise in the order of the requirements.
    pub lines: Vec<Line<'a>>,
    /// Links of type `requirement` that no requirement of the project fits: the case and the link's words.
    pub unknown: Vec<(&'a Case, String)>,
}

/// Computes the matrix. `latest` returns a case's latest results, one an environment, as they count for a
/// requirement.
pub fn trace<'a>(
    requirements: &[&'a Requirement],
    cases: &[&'a Case],
    now: Timestamp,
    latest: impl Fn(&Requirement, &Case) -> Vec<Latest>,
) -> Matrix<'a> {
    let named_by = Named::new(requirements.iter().copied());
    let mut by_requirement: BTreeMap<usize, Vec<Traced<'a>>> = BTreeMap::new();
    let mut matrix = Matrix::default();
    for case in cases.iter().copied() {
        let mut named: BTreeSet<usize> = BTreeSet::new();
        for link in case.links.iter().filter(|link| link.is_of("requirement")) {
            match named_by.place(link) {
                Some(at) => drop(named.insert(at)),
                None => matrix
                    .unknown
                    .push((case, link.called().unwrap_or_default().to_owned())),
            }
        }
        for at in named {
            let latest = latest(requirements[at], case);
            let standing = of_results(&latest);
            by_requirement.entry(at).or_default().push(Traced {
                case,
                latest,
                standing,
            });
        }
    }
    let order = in_order(requirements);
    let mut lines: Vec<Line<'a>> = order
        .iter()
        .map(|(at, depth)| {
            let cases = by_requirement.remove(at).unwrap_or_default();
            let requirement = requirements[*at];
            Line {
                standing: of_cases(requirement, &cases, now),
                by_parts: false,
                requirement,
                depth: *depth,
                cases,
            }
        })
        .collect();
    stand_by_parts(&mut lines);
    matrix.lines = lines;
    matrix
}

/// Returns how results stand together: what failed anywhere fails, and what says nothing does not count.
pub fn of_results(latest: &[Latest]) -> Standing {
    let fails = |one: &&Latest| one.status.needs_resolution();
    let passed = |one: &&Latest| one.status == Status::Passed;
    let (fresh, stale): (Vec<&Latest>, Vec<&Latest>) =
        latest.iter().partition(|one| one.stale.is_none());
    if fresh.iter().any(fails) {
        Standing::Failing
    } else if fresh.iter().any(passed) {
        Standing::Covered
    } else if stale.iter().any(|one| passed(one) || fails(one)) {
        Standing::Stale
    } else {
        Standing::NotRun
    }
}

fn of_cases(requirement: &Requirement, cases: &[Traced<'_>], now: Timestamp) -> Standing {
    if cases.is_empty() {
        let holds = |gap: &crate::model::Gap| gap.until.is_none_or(|until| now <= until.end());
        return match &requirement.gap {
            Some(gap) if holds(gap) => Standing::Justified,
            _ => Standing::Gap,
        };
    }
    let has = |standing| cases.iter().any(|case| case.standing == standing);
    // One that passed covers; others that did not run yet don't take that away.
    [Standing::Failing, Standing::Covered, Standing::Stale]
        .into_iter()
        .find(|standing| has(*standing))
        .unwrap_or(Standing::NotRun)
}

/// Returns requirements with their depths, parts below what they are parts of. What is part of itself
/// stands at the top.
fn in_order(requirements: &[&Requirement]) -> Vec<(usize, usize)> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, one) in requirements.iter().enumerate() {
        places.entry(&one.id).or_insert(at);
    }
    let parents: Vec<Option<usize>> = requirements
        .iter()
        .map(|one| places.get(one.parent.as_deref()?).copied())
        .collect();
    let circles = circles(&parents);
    let mut below: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (at, parent) in parents.iter().enumerate() {
        let parent = parent.filter(|_| !circles.contains(&at));
        below.entry(parent).or_default().push(at);
    }
    let mut order = Vec::with_capacity(requirements.len());
    let mut stack: Vec<(usize, usize)> = Vec::new();
    let push = |stack: &mut Vec<(usize, usize)>, parent, depth| {
        let parts = below.get(&parent).into_iter().flatten().rev();
        stack.extend(parts.map(|at| (*at, depth)));
    };
    push(&mut stack, None, 0);
    while let Some((at, depth)) = stack.pop() {
        order.push((at, depth));
        push(&mut stack, Some(at), depth + 1);
    }
    order
}

/// Returns what is, by way of others, a part of itself.
fn circles(parents: &[Option<usize>]) -> HashSet<usize> {
    // By requirement: the walk that first met it.
    let mut met: Vec<Option<usize>> = vec![None; parents.len()];
    let mut circles = HashSet::new();
    for walk in 0..parents.len() {
        let mut at = Some(walk);
        while let Some(here) = at.filter(|here| met[*here].is_none()) {
            met[here] = Some(walk);
            at = parents[here];
        }
        // This walk came back to where it was: what it goes through from there is a circle.
        let mut at = at.filter(|here| met[*here] == Some(walk));
        while let Some(here) = at.filter(|here| circles.insert(*here)) {
            at = parents[here];
        }
    }
    circles
}

/// A requirement without cases and without a reason stands as the worst of its parts.
fn stand_by_parts(lines: &mut [Line<'_>]) {
    for at in (0..lines.len()).rev() {
        if lines[at].standing != Standing::Gap {
            continue;
        }
        let depth = lines[at].depth;
        let parts = lines[at + 1..].iter().take_while(|line| line.depth > depth);
        let direct = parts.filter(|line| line.depth == depth + 1);
        if let Some(worst) = direct.map(|line| line.standing).min() {
            lines[at].standing = worst;
            lines[at].by_parts = true;
        }
    }
}

impl Line<'_> {
    /// Returns why the requirement is not covered, in words; none where it is.
    pub fn reason(&self) -> Option<String> {
        Some(match (self.standing, &self.requirement.gap) {
            (Standing::Covered, _) => return None,
            _ if self.by_parts => "stands as the worst of its parts".to_owned(),
            (Standing::Justified, Some(gap)) => gap.reason.clone(),
            (Standing::Gap, Some(gap)) if gap.until.is_some() => {
                let until = gap.until.map(|until| until.to_string());
                let until = until.unwrap_or_default();
                format!("no case names it, and its gap was justified until {until}")
            }
            (Standing::Gap | Standing::Justified, _) => "no case names it".to_owned(),
            (Standing::Failing, _) => "a latest result does not pass".to_owned(),
            (Standing::NotRun, _) => "no result says anything".to_owned(),
            (Standing::Stale, _) => self.staleness(),
        })
    }

    fn staleness(&self) -> String {
        let all = self.cases.iter().flat_map(|case| &case.latest);
        let stale: Vec<Stale> = all.filter_map(|latest| latest.stale).collect();
        let text = stale
            .contains(&Stale::Text)
            .then(|| "of an older text".to_owned());
        let age = stale.iter().find_map(|stale| match stale {
            Stale::Age(period) => Some(format!("older than {period}")),
            Stale::Text => None,
        });
        let both: Vec<String> = text.into_iter().chain(age).collect();
        format!("only manual results {}", both.join(", or "))
    }
}

impl Matrix<'_> {
    /// Returns how many requirements are covered, of those that are to be: justified gaps, and those that
    /// stand as their parts do, are left out.
    pub fn coverage(&self) -> Rate {
        let counted = self.counted();
        Rate {
            part: counted
                .clone()
                .filter(|line| line.standing == Standing::Covered)
                .count() as u64,
            of: counted.count() as u64,
        }
    }

    /// Returns the lines that the coverage counts.
    pub fn counted(&self) -> impl Iterator<Item = &Line<'_>> + Clone {
        self.lines
            .iter()
            .filter(|line| !line.by_parts && line.standing != Standing::Justified)
    }

    pub fn count(&self, standing: Standing) -> u64 {
        self.lines
            .iter()
            .filter(|line| line.standing == standing)
            .count() as u64
    }
}

#[cfg(test)]
mod tests;
