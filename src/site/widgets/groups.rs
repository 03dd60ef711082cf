//! What stands under each value of a field, and where that leads.

use std::collections::BTreeMap;

use super::facts::{Facts, Nothing, Scope};
use super::launches::no_results;
use super::no_launch_yet;
use super::shown::{Filter, Shown, Target, words};
use super::tally::Tally;
use crate::base::text::{line, slug};
use crate::model::{Of, Status, Widget};
use crate::site::texts::{counted as amount, say};
use crate::site::words::sentence;

/// Characters of a group's name.
pub(super) const NAME: usize = 60;

/// What stands under one value of a field.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) n: u64,
    /// The ids of what was counted, each once.
    pub(super) members: Vec<String>,
    pub(super) tally: Tally,
}

/// Groups by name; what has no value stands under none.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// What was counted, each once: its id, and how it ended.
    all: Vec<(String, Tally)>,
    /// The members of each group, as indices into all.
    by: BTreeMap<Option<String>, Vec<u32>>,
    /// Those that stand in several groups.
    pub(super) several: u64,
}

/// The group with most failures.
pub(super) struct Worst {
    pub(super) label: Label,
    pub(super) n: u64,
    pub(super) failures: u64,
    /// Other groups that have as many.
    pub(super) alike: u64,
}

impl Groups {
    fn add(&mut self, id: &str, names: Vec<String>, tally: &Tally) {
        let Ok(at) = u32::try_from(self.all.len()) else {
            return;
        };
        self.all.push((id.to_owned(), *tally));
        self.several += u64::from(names.len() > 1);
        let names = match names.len() {
            0 => vec![None],
            _ => names.into_iter().map(Some).collect(),
        };
        for name in names {
            self.by.entry(name).or_default().push(at);
        }
    }

    /// Returns how many were counted, each once.
    pub(super) fn total(&self) -> u64 {
        self.all.len() as u64
    }

    /// Returns how many groups there are, before any are taken together.
    pub(super) fn len(&self) -> u64 {
        self.by.len() as u64
    }

    /// Returns how all together ended, each counted once.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.all.iter().for_each(|(_, one)| tally.merge(one));
        tally
    }

    /// Returns the largest groups, at least one, then all others as one.
    pub(super) fn largest(&self, limit: usize) -> Vec<(Label, Group)> {
        let mut all: Vec<(&Option<String>, &Vec<u32>)> = self.by.iter().collect();
        all.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(b.0)));
        let rest = if all.len() > limit {
            all.split_off(limit.saturating_sub(1).max(1))
        } else {
            Vec::new()
        };
        let mut out: Vec<(Label, Group)> = all
            .into_iter()
            .map(|(name, members)| (Label::of(name), self.group(members)))
            .collect();
        if !rest.is_empty() {
            let several = rest.iter().flat_map(|(_, members)| members.iter().copied());
            // What stands in several of them is one among the others.
            let mut members: Vec<u32> = several.collect();
            members.sort_unstable();
            members.dedup();
            out.push((Label::Others(rest.len() as u64), self.group(&members)));
        }
        out
    }

    fn group(&self, members: &[u32]) -> Group {
        let members = { members.iter() }.filter_map(|at| self.all.get(*at as usize));
        let mut group = Group::default();
        for (id, tally) in members {
            group.n += 1;
            group.members.push(id.clone());
            group.tally.merge(tally);
        }
        group
    }

    /// Returns the group with most failures, whether it is among the largest or not; none where nothing failed. Of several
    /// it is one with a name.
    pub(super) fn worst(&self) -> Option<Worst> {
        let failures = |at: &u32| {
            let one = self.all.get(*at as usize);
            one.map_or(0, |(_, tally)| tally.failures())
        };
        let mut worst: Option<Worst> = None;
        for (name, members) in self.by.iter().rev() {
            let found = Worst {
                label: Label::of(name),
                n: members.len() as u64,
                failures: members.iter().map(failures).sum(),
                alike: 0,
            };
            worst = match worst {
                None if found.failures == 0 => None,
                None => Some(found),
                Some(known) if known.failures > found.failures => Some(known),
                Some(known) if known.failures < found.failures => Some(found),
                Some(known) => {
                    let alike = known.alike + 1;
                    let is_first = found.label != Label::None && found.n >= known.n;
                    let first = if is_first { found } else { known };
                    Some(Worst { alike, ..first })
                }
            };
        }
        worst
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Named(String),
    None,
    Others(u64),
}

impl Label {
    fn of(name: &Option<String>) -> Self {
        name.clone().map_or(Self::None, Self::Named)
    }

    /// Returns the name; none of what has none, and of others.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::None | Self::Others(_) => None,
        }
    }

    pub(super) fn text(&self, scope: &Scope) -> String {
        match self {
            Self::Named(name) => scope.shown(name, NAME),
            Self::None => without(scope),
            Self::Others(n) => say!("widget.others", n = *n),
        }
    }
}

/// Names what a widget groups by.
pub(super) fn called(scope: &Scope) -> String {
    match &scope.by {
        None => say!("field.group"),
        Some(by) => match &by.key {
            Some(key) => line(key, NAME),
            None => say!(&format!("field.{}", slug(by.name, NAME))),
        },
    }
}

/// Names what a widget groups by, as the head of a column.
pub(super) fn head(scope: &Scope) -> (String, bool) {
    words(sentence(&called(scope)))
}

/// Names the group of what has no value.
pub(super) fn without(scope: &Scope) -> String {
    say!("widget.without", field = called(scope))
}

/// Where a group of results leads: to its results, and where these are too many to be named, to those that say the same.
fn results_with(launch: usize, scope: &Scope, label: &Label, ids: Vec<String>) -> Target {
    let mut filter = Filter::default();
    let mut is_whole = false;
    if let (Some(by), Label::Named(name)) = (&scope.by, label) {
        match by.name {
            "status" => {
                let named = Status::ALL.iter().copied();
                filter.statuses = named.filter(|status| status.as_str() == name).collect();
                is_whole = scope.asks.is_empty();
            }
            field => {
                let field = by.key.clone().unwrap_or_else(|| field.to_owned());
                filter.label = Some((field, name.clone()));
            }
        }
    }
    if !is_whole {
        filter.ids = Some(ids);
    }
    Target::Results { launch, filter }
}

/// Where each group leads, with the ids of what it counts.
pub(super) type Leads<'s> = Box<dyn Fn(&Label, Vec<String>) -> Target + 's>;

/// What is counted, in groups, how it is called, and where a group leads.
pub(super) struct Counted<'s> {
    pub(super) groups: Groups,
    pub(super) noun: &'static str,
    /// The launch whose results are counted.
    launch: Option<String>,
    pub(super) target: Leads<'s>,
}

impl Counted<'_> {
    /// Says what was counted, of how many.
    pub(super) fn measure(&self, scope: &Scope) -> String {
        let (several, field) = (self.groups.several, called(scope));
        let subjects = amount(self.groups.total(), self.noun);
        let several = match several {
            0 => String::new(),
            n => say!("widget.several", subjects = amount(n, self.noun)),
        };
        match &self.launch {
            None => say!(
                "widget.by-field",
                subjects = subjects,
                field = field,
                asked = scope.asked(),
                several = several
            ),
            Some(launch) => say!(
                "widget.by-field-of",
                subjects = subjects,
                field = field,
                launch = launch,
                asked = scope.asked(),
                several = several
            ),
        }
    }

    /// Says that there is nothing to group. Only results and launches come by waiting for a launch.
    pub(super) fn nothing(&self, scope: &Scope) -> Shown {
        let noun = slug(self.noun, 40);
        let reason = say!(&format!("widget.none-{noun}"));
        match self.noun {
            "result" | "launch" => no_results(reason),
            _ if !scope.asks.is_empty() => Shown::nothing(reason, say!("widget.widen-query")),
            "defect" => Shown::nothing(
                say!("defects.no-defect-is-known"),
                say!("widget.no-defect-do"),
            ),
            "mute" => Shown::nothing(say!("widget.no-mute-yet"), say!("widget.no-mute-yet-do")),
            _ => no_cases(scope),
        }
    }
}

pub(super) fn count_groups<'s>(
    facts: &Facts<'_>,
    scope: &'s Scope,
    widget: &Widget,
) -> Result<Counted<'s>, Nothing> {
    let mut groups = Groups::default();
    let plain = Tally::default();
    let (noun, launch, target): (&str, Option<String>, Leads<'s>) = match widget.subject() {
        Some(Of::Results) => {
            let Some(launch) = scope.latest() else {
                return Err(Box::new(no_launch_yet(facts)));
            };
            scope.each(facts, launch, |subject| {
                let mut one = Tally::default();
                one.add(subject.outcome);
                groups.add(&subject.outcome.id, scope.groups(subject), &one);
            })?;
            (
                "result",
                Some(facts.launches[launch].named()),
                Box::new(move |label: &Label, ids| results_with(launch, scope, label, ids)),
            )
        }
        Some(Of::Launches) => {
            for launch in &scope.launches {
                let about = &facts.launches[*launch].about;
                if scope.fits(about) {
                    groups.add(about.id, scope.groups(about), &plain);
                }
            }
            (
                "launch",
                None,
                Box::new(|_: &Label, ids| Target::Launches(ids)),
            )
        }
        Some(Of::Defects) => {
            for defect in facts.defects.iter().filter(|defect| scope.fits(*defect)) {
                groups.add(&defect.defect.id, scope.groups(defect), &plain);
            }
            (
                "defect",
                None,
                Box::new(|_: &Label, ids| Target::Defects(ids)),
            )
        }
        Some(Of::Mutes) => {
            for mute in facts.mutes.iter().filter(|mute| scope.fits(*mute)) {
                groups.add(&mute.mute.id, scope.groups(mute), &plain);
            }
            ("mute", None, Box::new(|_: &Label, ids| Target::Mutes(ids)))
        }
        _ => {
            for case in scope.cases(facts) {
                let last = last_of(facts, scope, &case.case.id);
                groups.add(&case.case.id, scope.groups(case), &last);
            }
            let target = |_: &Label, ids| Target::Cases(ids);
            ("documented case", None, Box::new(target))
        }
    };
    Ok(Counted {
        groups,
        noun,
        launch,
        target,
    })
}

/// Says that no case fits, or that there is none.
pub(super) fn no_cases(scope: &Scope) -> Shown {
    match scope.asks.is_empty() {
        true => Shown::nothing(say!("widget.no-case-yet"), say!("widget.no-case-yet-do")),
        false => Shown::nothing(
            say!("widget.none-documented-case"),
            say!("widget.widen-query"),
        ),
    }
}

/// Says that nothing of what is counted has a result, as far as launches are looked at.
pub(super) fn no_result_yet(facts: &Facts<'_>, n: u64, noun: &'static str) -> String {
    let subjects = amount(n, noun);
    match &facts.since {
        None => say!("widget.no-result-yet", n = n, subjects = subjects),
        Some(since) => say!(
            "widget.no-result-since",
            n = n,
            subjects = subjects,
            since = since
        ),
    }
}

/// How a case ended in the newest launch of the scope that has it: one status, or nothing.
pub(super) fn last_of(facts: &Facts<'_>, scope: &Scope, case: &str) -> Tally {
    let mut newest: Option<(usize, Status)> = None;
    for track in facts.past.tracks.of_case(case) {
        let entry = track.entries.iter().rev();
        let Some(entry) = { entry }.find(|e| scope.launches.binary_search(&e.launch()).is_ok())
        else {
            continue;
        };
        let found = (entry.launch(), entry.status);
        newest = Some(match newest {
            Some(known) if known.0 > found.0 => known,
            Some(known) if known.0 == found.0 => (known.0, known.1.min(found.1)),
            _ => found,
        });
    }
    let mut tally = Tally::default();
    if let Some((_, status)) = newest {
        tally.add_status(status);
    }
    tally
}
