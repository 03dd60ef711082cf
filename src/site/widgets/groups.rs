//! Figures of groups: shares by a field, layers, owners, and how long results took.

use std::collections::BTreeMap;

use super::facts::{Facts, Nothing, Scope};
use super::launches::no_results;
use super::no_launch_yet;
use super::shown::{Figure, Filter, Mark, Row, Shown, Table, Target, Tone, numbers, words};
use super::tally::{Tally, percent};
use crate::analysis::stability::Rate;
use crate::base::text::{line, slug};
use crate::model::{Of, Status, Widget};
use crate::query::{Lookup, quoted};
use crate::site::texts::{counted as amount, say, thousands};
use crate::site::words::sentence;

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
    fn text(&self, scope: &Scope) -> String {
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

/// Returns the query of the cases of a group.
pub(super) fn cases_with(widget: &Widget, name: Option<&str>) -> Target {
    let field = widget.by.as_deref().or(widget.kind.by());
    let field = field.unwrap_or("group");
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
    /// The launch whose results are counted.
    launch: Option<String>,
    target: Leads<'s>,
}

impl Counted<'_> {
    /// Says what was counted, of how many.
    fn measure(&self, scope: &Scope) -> String {
        let (several, field) = (self.groups.several, called(scope));
        let subjects = amount(self.groups.total, self.noun);
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

    /// Says that there is nothing to group.
    fn nothing(&self) -> Shown {
        no_results(say!(&format!("widget.none-{}", slug(self.noun, 40))))
    }
}

fn count_groups<'s>(
    facts: &Facts<'_>,
    scope: &'s Scope,
    widget: &'s Widget,
) -> Result<Counted<'s>, Nothing> {
    let mut groups = Groups::default();
    let plain = Tally::default();
    let (noun, launch, target): (&str, Option<String>, Leads<'s>) = match widget.subject() {
        Some(Of::Results) => {
            let Some(launch) = scope.latest() else {
                return Err(Box::new(no_launch_yet()));
            };
            scope.each(facts, launch, |subject| {
                let mut one = Tally::default();
                one.add(subject.outcome);
                groups.add(scope.groups(subject), &one);
            })?;
            (
                "result",
                Some(facts.launches[launch].named()),
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
            ("launch", None, Box::new(|_: &Label| Target::Launches))
        }
        Some(Of::Defects) => {
            for defect in facts.defects.iter().filter(|defect| scope.fits(*defect)) {
                groups.add(scope.groups(defect), &plain);
            }
            ("defect", None, Box::new(|_: &Label| Target::Defects))
        }
        Some(Of::Mutes) => {
            for mute in facts.mutes.iter().filter(|mute| scope.fits(*mute)) {
                groups.add(scope.groups(mute), &plain);
            }
            ("mute", None, Box::new(|_: &Label| Target::Mutes))
        }
        _ => {
            for case in scope.cases(facts) {
                groups.add(scope.groups(case), &last_of(facts, scope, &case.case.id));
            }
            let target = move |label: &Label| match label {
                Label::Named(name) => cases_with(widget, Some(name)),
                Label::None => cases_with(widget, None),
                Label::Others(_) => Target::Cases {
                    query: widget.query.clone().unwrap_or_default(),
                },
            };
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

/// Says how large a part of all has what its group has.
fn have(scope: &Scope, (noun, total): (&'static str, u64), first: &(Label, Group)) -> String {
    let (label, group) = first;
    let share = percent(Rate {
        part: group.n,
        of: total,
    });
    let (subjects, field) = (amount(total, noun), called(scope));
    match label {
        Label::Named(name) => say!(
            "widget.share-have",
            share = share,
            subjects = subjects,
            field = field,
            name = scope.shown(name, NAME)
        ),
        Label::None => say!(
            "widget.share-have-none",
            share = share,
            subjects = subjects,
            field = field
        ),
        Label::Others(n) => say!(
            "widget.share-have-others",
            share = share,
            subjects = subjects,
            n = *n
        ),
    }
}

/// Says what all have.
fn all_have(scope: &Scope, (noun, total): (&'static str, u64), label: &Label) -> String {
    let (subjects, field) = (amount(total, noun), called(scope));
    match label {
        Label::Named(name) => say!(
            "widget.all-have",
            subjects = subjects,
            field = field,
            name = scope.shown(name, NAME)
        ),
        Label::None => say!("widget.all-have-none", subjects = subjects, field = field),
        Label::Others(n) => say!("widget.all-have-others", subjects = subjects, n = *n),
    }
}

pub(super) fn pie(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let counted = count_groups(facts, scope, widget)?;
    let (noun, total) = (counted.noun, counted.groups.total);
    if total == 0 {
        return Ok(counted.nothing());
    }
    let measure = counted.measure(scope);
    let is_of_status = |by: &Lookup| {
        let name = by.key.as_deref().unwrap_or(by.name);
        name.to_lowercase().contains("status")
    };
    let has_tones = scope.by.as_ref().is_some_and(is_of_status);
    let groups = counted
        .groups
        .largest(widget.limit.unwrap_or(LIMIT) as usize);
    let mut table = Table::new([
        head(scope),
        numbers(say!("column.number")),
        numbers(say!("column.share")),
    ]);
    let mut marks = Vec::new();
    for (at, (label, group)) in groups.iter().enumerate() {
        let target = (counted.target)(label);
        let share = percent(Rate {
            part: group.n,
            of: total,
        });
        table.row(
            target.clone(),
            [label.text(scope), thousands(group.n), share],
        );
        let status = Status::ALL
            .iter()
            .copied()
            .find(|s| matches!(label, Label::Named(n) if s.as_str() == n));
        let tone = match status {
            Some(status) if has_tones => Tone::Status(status),
            _ if at == 0 => Tone::Accent,
            _ => Tone::Plain,
        };
        marks.push(Mark::count(label.text(scope), group.n, tone, target));
    }
    let finding = match groups.as_slice() {
        [(label, _)] => all_have(scope, (noun, total), label),
        all => have(scope, (noun, total), &all[0]),
    };
    Ok(Shown {
        finding,
        measure,
        figure: Figure::Donut(marks),
        table,
    })
}

pub(super) fn tree(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let counted = count_groups(facts, scope, widget)?;
    if counted.groups.total == 0 {
        return Ok(counted.nothing());
    }
    let measure = counted.measure(scope);
    let groups = counted.groups.largest(widget.limit.unwrap_or(30) as usize);
    let mut table = Table::new([
        head(scope),
        numbers(say!("column.number")),
        numbers(say!("column.did-not-pass")),
        numbers(say!("column.passed")),
        numbers(say!("column.without-a-result")),
    ]);
    let mut marks = Vec::new();
    for (label, group) in &groups {
        let target = (counted.target)(label);
        let (bad, ran) = (group.tally.failures(), group.tally.total());
        let passed = group.tally.of(Status::Passed);
        table.rows.push(Row {
            cells: vec![
                label.text(scope),
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
            bad => say!("widget.not-passed", n = group.n, bad = bad),
        };
        marks.push(Mark {
            label: label.text(scope),
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
        (0, _) | (_, None) => say!(
            "widget.no-failure-in-groups",
            groups = amount(groups.len() as u64, "group")
        ),
        (_, Some((label, group))) => most_failures(scope, label, group),
    };
    Ok(Shown {
        finding,
        measure: say!("widget.tree-measure", measure = measure),
        figure: Figure::TreeMap(marks),
        table,
    })
}

/// Says which group has most failures.
fn most_failures(scope: &Scope, label: &Label, group: &Group) -> String {
    let (part, all) = (group.tally.failures(), group.n);
    match label {
        Label::Named(name) => say!(
            "widget.most-failures",
            field = sentence(&called(scope)),
            name = scope.shown(name, NAME),
            part = part,
            all = all
        ),
        Label::None => say!(
            "widget.most-failures-none",
            field = called(scope),
            part = part,
            all = all
        ),
        Label::Others(n) => say!(
            "widget.most-failures-others",
            n = *n,
            part = part,
            all = all
        ),
    }
}

pub(super) fn pyramid(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let mut counted = count_groups(facts, scope, widget)?;
    let total = counted.groups.total;
    if total == 0 {
        return Ok(counted.nothing());
    }
    // Bars are no parts of a whole: that some stand in several groups needs no words.
    counted.groups.several = 0;
    let measure = counted.measure(scope);
    let groups = counted
        .groups
        .largest(widget.limit.unwrap_or(LIMIT) as usize);
    let mut table = Table::new([
        head(scope),
        numbers(say!("column.results")),
        numbers(say!("column.share")),
        numbers(say!("metric.pass-rate")),
    ]);
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
                label.text(scope),
                thousands(group.n),
                share.clone(),
                passes.clone(),
            ],
            target: Some(target.clone()),
            counts: Some(group.tally),
        });
        let text = say!("widget.so-many-passed", n = group.n, rate = passes);
        let tone = if at == 0 { Tone::Accent } else { Tone::Plain };
        marks.push(Mark {
            label: label.text(scope),
            value: group.n as f64,
            text,
            tone,
            target,
        });
    }
    Ok(Shown {
        finding: have(scope, ("result", total), &groups[0]),
        measure: say!("widget.pyramid-measure", measure = measure),
        figure: Figure::Bars(marks),
        table,
    })
}
