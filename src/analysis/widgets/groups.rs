//! Figures of groups: shares by a field, layers, owners, and how long results took.

use std::collections::BTreeMap;

use super::super::stability::Rate;
use super::facts::{Facts, Nothing, Scope};
use super::launches::{capital, no_results};
use super::shown::{Figure, Filter, Mark, Row, Shown, Table, Target, Tone};
use super::tally::{Tally, percent};
use crate::base::text::{count, line, thousands};
use crate::model::{Of, Status, Widget};
use crate::query::quoted;

const LIMIT: u64 = 8;
const NAME: usize = 60;

/// What stands under one value of a field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    pub(super) n: u64,
    pub(super) tally: Tally,
}

/// Groups by name; what has no value stands under none.
#[derive(Debug, Default)]
struct Groups {
    by: BTreeMap<Option<String>, Group>,
    /// How many were counted, each once.
    total: u64,
    /// Those that stand in several groups.
    several: u64,
}

impl Groups {
    fn add(&mut self, names: Vec<String>, tally: &Tally) {
        self.total += 1;
        self.several += u64::from(names.len() > 1);
        let names = match names.len() {
            0 => vec![None],
            _ => names.into_iter().map(Some).collect(),
        };
        for name in names {
            let group = self.by.entry(name).or_default();
            group.n += 1;
            group.tally.merge(tally);
        }
    }

    /// Returns the largest groups, then all others as one.
    fn largest(self, limit: usize) -> Vec<(Label, Group)> {
        let mut all: Vec<(Option<String>, Group)> = self.by.into_iter().collect();
        all.sort_by(|a, b| b.1.n.cmp(&a.1.n).then_with(|| a.0.cmp(&b.0)));
        let rest = if all.len() > limit {
            all.split_off(limit.saturating_sub(1))
        } else {
            Vec::new()
        };
        let mut out: Vec<(Label, Group)> = all
            .into_iter()
            .map(|(name, group)| (name.map_or(Label::None, Label::Named), group))
            .collect();
        if !rest.is_empty() {
            let mut together = Group::default();
            for (_, group) in &rest {
                together.n += group.n;
                together.tally.merge(&group.tally);
            }
            out.push((Label::Others(rest.len() as u64), together));
        }
        out
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Label {
    Named(String),
    None,
    Others(u64),
}

impl Label {
    fn text(&self, by: &str) -> String {
        match self {
            Self::Named(name) => line(name, NAME),
            Self::None => format!("no {by}"),
            Self::Others(n) => format!("{} others", thousands(*n)),
        }
    }
}

/// Names what a widget groups by.
pub(super) fn called(scope: &Scope) -> String {
    scope.by.as_ref().map_or_else(
        || "group".to_owned(),
        |by| match &by.key {
            Some(key) => line(key, NAME),
            None => by.name.replace('_', " "),
        },
    )
}

/// Returns the query of the cases of a group.
pub(super) fn cases_with(widget: &Widget, by: &str, name: Option<&str>) -> Target {
    let field = widget.by.clone().or(widget.kind.by().map(str::to_owned));
    let field = field.unwrap_or_else(|| by.to_owned());
    let group = match name {
        Some(name) => format!("{field} = {}", quoted(name)),
        None => format!("not has {field}"),
    };
    let query = match &widget.query {
        Some(query) if !query.trim().is_empty() => format!("({query}) and {group}"),
        _ => group,
    };
    Target::Cases { query }
}

/// Where a group of results leads.
fn results_with(launch: usize, scope: &Scope, label: &Label) -> Target {
    let (Some(by), Label::Named(name)) = (&scope.by, label) else {
        return Target::Launch(launch);
    };
    let mut filter = Filter::default();
    match by.name {
        "status" => {
            filter.status = Status::ALL
                .iter()
                .copied()
                .find(|status| status.as_str() == name);
        }
        field => {
            let field = by.key.clone().unwrap_or_else(|| field.to_owned());
            filter.label = Some((field, name.clone()));
        }
    }
    Target::Results { launch, filter }
}

/// Where each group leads.
type Leads<'s> = Box<dyn Fn(&Label) -> Target + 's>;

/// What is counted, in groups, how it is called, and where a group leads.
struct Counted<'s> {
    groups: Groups,
    noun: &'static str,
    place: String,
    target: Leads<'s>,
}

fn count_groups<'s>(
    facts: &Facts<'_>,
    scope: &'s Scope,
    widget: &'s Widget,
) -> Result<Counted<'s>, Nothing> {
    let mut groups = Groups::default();
    let plain = Tally::default();
    let by = called(scope);
    let (noun, place, target): (&str, String, Leads<'s>) = match widget.subject() {
        Some(Of::Results) => {
            let Some(launch) = scope.latest() else {
                return Err(Box::new(no_launch()));
            };
            scope.each(facts, launch, |subject| {
                let mut one = Tally::default();
                one.add(subject.outcome);
                groups.add(scope.groups(subject), &one);
            })?;
            let place = format!(" of {}", facts.launches[launch].named());
            (
                "result",
                place,
                Box::new(move |label: &Label| results_with(launch, scope, label)),
            )
        }
        Some(Of::Launches) => {
            for launch in &scope.launches {
                let about = &facts.launches[*launch].about;
                if scope.fits(about) {
                    groups.add(scope.groups(about), &plain);
                }
            }
            (
                "launch",
                String::new(),
                Box::new(|_: &Label| Target::Launches),
            )
        }
        Some(Of::Defects) => {
            for defect in facts.defects.iter().filter(|defect| scope.fits(*defect)) {
                groups.add(scope.groups(defect), &plain);
            }
            (
                "defect",
                String::new(),
                Box::new(|_: &Label| Target::Defects),
            )
        }
        Some(Of::Mutes) => {
            for mute in facts.mutes.iter().filter(|mute| scope.fits(*mute)) {
                groups.add(scope.groups(mute), &plain);
            }
            ("mute", String::new(), Box::new(|_: &Label| Target::Mutes))
        }
        _ => {
            for case in scope.cases(facts) {
                groups.add(scope.groups(case), &last_of(facts, scope, &case.case.id));
            }
            let target = move |label: &Label| match label {
                Label::Named(name) => cases_with(widget, &by, Some(name)),
                Label::None => cases_with(widget, &by, None),
                Label::Others(_) => Target::Cases {
                    query: widget.query.clone().unwrap_or_default(),
                },
            };
            ("documented case", String::new(), Box::new(target))
        }
    };
    Ok(Counted {
        groups,
        noun,
        place,
        target,
    })
}

fn no_launch() -> Shown {
    Shown::nothing(
        "No closed launch yet",
        "`tallybook launch run -- COMMAND` runs a suite and closes its first launch",
    )
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

/// Says what several values mean for the sum.
fn several(groups: u64, noun: &str) -> String {
    match groups {
        0 => String::new(),
        n => format!("; {} in several groups", count(n, noun)),
    }
}

pub(super) fn pie(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let counted = count_groups(facts, scope, widget)?;
    let (noun, total) = (counted.noun, counted.groups.total);
    if total == 0 {
        return Ok(no_results(&format!("No {noun} fits")));
    }
    let by = called(scope);
    let also = several(counted.groups.several, noun);
    let groups = counted
        .groups
        .largest(widget.limit.unwrap_or(LIMIT) as usize);
    let mut table = Table::new(&[&capital(&by), "#Number", "#Share"]);
    let mut marks = Vec::new();
    for (at, (label, group)) in groups.iter().enumerate() {
        let target = (counted.target)(label);
        let share = percent(Rate {
            part: group.n,
            of: total,
        });
        table.row(target.clone(), [label.text(&by), thousands(group.n), share]);
        let status = Status::ALL
            .iter()
            .copied()
            .find(|s| matches!(label, Label::Named(n) if s.as_str() == n));
        let tone = match status {
            Some(status) if by.to_lowercase().contains("status") => Tone::Status(status),
            _ if at == 0 => Tone::Accent,
            _ => Tone::Plain,
        };
        marks.push(Mark::count(label.text(&by), group.n, tone, target));
    }
    let (first, group) = &groups[0];
    let finding = match (groups.len(), first) {
        (1, label) => format!("All {} have {}", count(total, noun), in_words(label, &by)),
        (_, label) => format!(
            "{} of {} have {}",
            percent(Rate {
                part: group.n,
                of: total
            }),
            count(total, noun),
            in_words(label, &by)
        ),
    };
    Ok(Shown {
        finding,
        measure: format!(
            "{} by {by}{}{}{also}",
            capital(&count(total, noun)),
            counted.place,
            scope.asked()
        ),
        figure: Figure::Donut(marks),
        table,
    })
}

fn in_words(label: &Label, by: &str) -> String {
    match label {
        Label::Named(name) => format!("{by} “{}”", line(name, NAME)),
        other => other.text(by),
    }
}

pub(super) fn tree(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let counted = count_groups(facts, scope, widget)?;
    let (noun, total) = (counted.noun, counted.groups.total);
    if total == 0 {
        return Ok(no_results(&format!("No {noun} fits")));
    }
    let by = called(scope);
    let also = several(counted.groups.several, noun);
    let groups = counted.groups.largest(widget.limit.unwrap_or(30) as usize);
    let mut table = Table::new(&[
        &capital(&by),
        "#Number",
        "#Did not pass",
        "#Passed",
        "#Without a result",
    ]);
    let mut marks = Vec::new();
    for (label, group) in &groups {
        let target = (counted.target)(label);
        let (bad, ran) = (group.tally.failures(), group.tally.total());
        let passed = group.tally.of(Status::Passed);
        table.rows.push(Row {
            cells: vec![
                label.text(&by),
                thousands(group.n),
                thousands(bad),
                thousands(passed),
                thousands(group.n - ran),
            ],
            target: Some(target.clone()),
            counts: Some(group.tally),
        });
        let tone = match (bad, passed) {
            (0, 0) => Tone::Plain,
            (0, _) => Tone::Status(Status::Passed),
            _ => Tone::Status(Status::Failed),
        };
        let text = match bad {
            0 => thousands(group.n),
            bad => format!("{}, {} not passed", thousands(group.n), thousands(bad)),
        };
        marks.push(Mark {
            label: label.text(&by),
            value: group.n as f64,
            text,
            tone,
            target,
        });
    }
    let worst = groups
        .iter()
        .max_by_key(|(_, group)| group.tally.failures());
    let bad: u64 = groups
        .iter()
        .filter(|(_, group)| group.tally.failures() > 0)
        .count() as u64;
    let finding = match (bad, worst) {
        (0, _) | (_, None) => format!(
            "No failure in any of {}",
            count(groups.len() as u64, "group")
        ),
        (_, Some((label, group))) => format!(
            "{} has most failures, {} of {}",
            capital(&in_words(label, &by)),
            thousands(group.tally.failures()),
            thousands(group.n)
        ),
    };
    Ok(Shown {
        finding,
        measure: format!(
            "{} by {by}{}{}{also}; coloured by whether any ended badly last",
            capital(&count(total, noun)),
            counted.place,
            scope.asked()
        ),
        figure: Figure::TreeMap(marks),
        table,
    })
}

pub(super) fn pyramid(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let counted = count_groups(facts, scope, widget)?;
    let total = counted.groups.total;
    if total == 0 {
        return Ok(no_results("No result fits"));
    }
    let by = called(scope);
    let groups = counted
        .groups
        .largest(widget.limit.unwrap_or(LIMIT) as usize);
    let mut table = Table::new(&[&capital(&by), "#Results", "#Share", "#Pass rate"]);
    let mut marks = Vec::new();
    for (at, (label, group)) in groups.iter().enumerate() {
        let target = (counted.target)(label);
        let share = percent(Rate {
            part: group.n,
            of: total,
        });
        let passes = percent(group.tally.passes);
        table.rows.push(Row {
            cells: vec![
                label.text(&by),
                thousands(group.n),
                share.clone(),
                passes.clone(),
            ],
            target: Some(target.clone()),
            counts: Some(group.tally),
        });
        let text = format!("{}, {passes} passed", thousands(group.n));
        let tone = if at == 0 { Tone::Accent } else { Tone::Plain };
        marks.push(Mark {
            label: label.text(&by),
            value: group.n as f64,
            text,
            tone,
            target,
        });
    }
    let (first, group) = &groups[0];
    Ok(Shown {
        finding: format!(
            "{} of {} have {}",
            percent(Rate {
                part: group.n,
                of: total
            }),
            count(total, "result"),
            in_words(first, &by)
        ),
        measure: format!(
            "{} by {by}{}{}; pass rates of those that passed, failed or broke",
            capital(&count(total, "result")),
            counted.place,
            scope.asked()
        ),
        figure: Figure::Bars(marks),
        table,
    })
}
