//! Figures of groups: shares by a field, areas, and layers.

use super::facts::{Facts, Nothing, Scope};
use super::groups::{Group, Label, NAME, called, count_groups, head};
use super::shown::{Figure, Mark, Row, Shown, Table, Tone, numbers};
use super::tally::percent;
use crate::analysis::stability::Rate;
use crate::model::{Status, Widget};
use crate::query::Lookup;
use crate::site::texts::{counted as amount, say, thousands};
use crate::site::words::sentence;

const LIMIT: u64 = 8;

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
            n = total,
            subjects = subjects,
            field = field,
            name = scope.shown(name, NAME)
        ),
        Label::None => say!(
            "widget.all-have-none",
            n = total,
            subjects = subjects,
            field = field
        ),
        Label::Others(n) => say!("widget.all-have-others", subjects = subjects, n = *n),
    }
}

/// Says what most have, or all.
fn said(scope: &Scope, of: (&'static str, u64), groups: &[(Label, Group)]) -> String {
    match groups {
        [(label, _)] => all_have(scope, of, label),
        groups => have(scope, of, &groups[0]),
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
        let target = (counted.target)(label, group.members.clone());
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
    let finding = said(scope, (noun, total), &groups);
    Ok(Shown {
        finding,
        measure,
        figure: Figure::Donut(marks),
        table,
    })
}

pub(super) fn tree(facts: &Facts<'_>, scope: &Scope, widget: &Widget) -> Result<Shown, Nothing> {
    let counted = count_groups(facts, scope, widget)?;
    let total = counted.groups.total;
    if total == 0 {
        return Ok(counted.nothing());
    }
    let subjects = amount(total, counted.noun);
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
        let target = (counted.target)(label, group.members.clone());
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
    let ran: u64 = groups.iter().map(|(_, group)| group.tally.total()).sum();
    let finding = match (bad, worst) {
        _ if ran == 0 => say!("widget.no-result-yet", n = total, subjects = subjects),
        (0, _) | (_, None) => say!(
            "widget.no-failure-in-groups",
            n = groups.len(),
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
        let target = (counted.target)(label, group.members.clone());
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
        finding: said(scope, ("result", total), &groups),
        measure: say!("widget.pyramid-measure", measure = measure),
        figure: Figure::Bars(marks),
        table,
    })
}
