//! What changed on dashboards: widgets go by what they say, then by their title, then by their kind.

use super::change::{Effect, Notes};
use super::documents;
use super::kind::Kind;
use super::words::{arrow, quote, some};
use crate::base::text::count;
use crate::model::{Dashboard, Widget, WidgetOption};
use crate::store::{Doc, Key};

pub(super) const KEYS: [&str; 4] = ["name", "description", "launches", "widgets"];

pub(super) fn added(notes: &mut Notes<'_>, dashboard: &Dashboard) {
    whole(notes, dashboard, true);
}

pub(super) fn removed(notes: &mut Notes<'_>, dashboard: &Dashboard) {
    whole(notes, dashboard, false);
}

fn whole(notes: &mut Notes<'_>, dashboard: &Dashboard, is_new: bool) {
    let (kind, what) = match is_new {
        true => (Kind::DashboardAdded, "is new, with"),
        false => (Kind::DashboardRemoved, "is gone, with"),
    };
    let names: Vec<String> = dashboard.widgets.iter().map(called).collect();
    let sentence = match names.len() {
        0 => format!("{what} no widgets"),
        n => format!("{what} {}: {}", count(n as u64, "widget"), some(&names)),
    };
    notes.say(kind, Effect::Changes, sentence);
}

pub(super) fn changed(notes: &mut Notes<'_>, before: &Doc<Dashboard>, after: &Doc<Dashboard>) {
    let (was, is) = (&before.value, &after.value);
    if was.name != is.name {
        let sentence = format!("has another name: {}", arrow(&was.name, &is.name));
        let said = notes.say(Kind::Title, Effect::Changes, sentence);
        said.at_key(before, after, "name");
    }
    if let Some(what) = differs("launches", was.launches.as_deref(), is.launches.as_deref()) {
        let said = notes.say(Kind::DashboardChanged, Effect::Changes, what);
        said.at_key(before, after, "launches");
    }
    documents::described(notes, after, &was.description, &is.description);
    widgets(notes, before, after);
}

fn widgets(notes: &mut Notes<'_>, before: &Doc<Dashboard>, after: &Doc<Dashboard>) {
    let (was, is) = (&before.value.widgets, &after.value.widgets);
    let pairs = pair(was, is);
    let place = |widget: &Widget| [Key::from("widgets"), widget.place.into()];
    for (at, widget) in was.iter().enumerate() {
        if !pairs.iter().any(|(old, _)| *old == at) {
            let sentence = format!("no longer shows {}", called(widget));
            let said = notes.say(Kind::WidgetRemoved, Effect::Changes, sentence);
            said.then(before.span(&place(widget)));
        }
    }
    for (at, widget) in is.iter().enumerate() {
        if !pairs.iter().any(|(_, new)| *new == at) {
            let sentence = format!("shows {} too", called(widget));
            let said = notes.say(Kind::WidgetAdded, Effect::Changes, sentence);
            said.now(after.span(&place(widget)));
        }
    }
    for (old, new) in &pairs {
        for what in changes(&was[*old], &is[*new]) {
            let sentence = format!("{} {what}", called(&is[*new]));
            let said = notes.say(Kind::WidgetChanged, Effect::Changes, sentence);
            said.now(after.span(&place(&is[*new])));
        }
    }
    if pairs.windows(2).any(|two| two[0].1 > two[1].1) {
        let sentence = "shows its widgets in another order";
        let said = notes.say(Kind::DashboardChanged, Effect::Changes, sentence);
        said.at_key(before, after, "widgets");
    }
}

/// Returns which widget is which, in the order of the old ones.
fn pair(was: &[Widget], is: &[Widget]) -> Vec<(usize, usize)> {
    type Same = fn(&Widget, &Widget) -> bool;
    let says_the_same: Same =
        |a, b| a.kind == b.kind && a.title == b.title && changes(a, b).is_empty();
    let same_title: Same = |a, b| a.kind == b.kind && a.title == b.title;
    let same_kind: Same = |a, b| a.kind == b.kind;
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for same in [says_the_same, same_title, same_kind] {
        for (old, widget) in was.iter().enumerate() {
            if pairs.iter().any(|pair| pair.0 == old) {
                continue;
            }
            let free = |new: &usize| !pairs.iter().any(|pair| pair.1 == *new);
            let fits = |new: &usize| same(widget, &is[*new]);
            if let Some(new) = (0..is.len()).filter(free).find(fits) {
                pairs.push((old, new));
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Returns what one widget says that the other does not.
fn changes(was: &Widget, is: &Widget) -> Vec<String> {
    let mut out = Vec::new();
    out.extend(differs("title", was.title.as_deref(), is.title.as_deref()));
    let [old, new] = [was, is].map(|widget| widget.size.map(|size| size.as_str()));
    out.extend(differs("size", old, new));
    for option in WidgetOption::ALL {
        let [old, new] = [was, is].map(|widget| value(widget, *option));
        out.extend(differs(option.as_str(), old.as_deref(), new.as_deref()));
    }
    out
}

fn differs(key: &str, was: Option<&str>, is: Option<&str>) -> Option<String> {
    let words =
        |text: Option<&str>| text.map(|t| t.split_whitespace().collect::<Vec<_>>().join(" "));
    match (words(was), words(is)) {
        (was, is) if was == is => None,
        (Some(was), Some(is)) => Some(format!("has another `{key}`: {}", arrow(&was, &is))),
        (None, Some(is)) => Some(format!("has a `{key}` now: {}", quote(&is))),
        (Some(was), None) => Some(format!("no longer has the `{key}` {}", quote(&was))),
        (None, None) => None,
    }
}

fn value(widget: &Widget, option: WidgetOption) -> Option<String> {
    let number = |n: Option<u64>| n.map(|n| n.to_string());
    match option {
        WidgetOption::Of => widget.of.map(|of| of.as_str().to_owned()),
        WidgetOption::Query => widget.query.clone(),
        WidgetOption::Saved => widget.saved.clone(),
        WidgetOption::Launches => widget.launches.clone(),
        WidgetOption::By => widget.by.clone(),
        WidgetOption::Metric => widget.metric.map(|metric| metric.as_str().to_owned()),
        WidgetOption::Interval => widget.interval.map(|interval| interval.as_str().to_owned()),
        WidgetOption::Last => number(widget.last),
        WidgetOption::Days => number(widget.days),
        WidgetOption::Limit => number(widget.limit),
        WidgetOption::Body => widget.body.clone(),
    }
}

/// Names a widget: `pie “By layer”`.
fn called(widget: &Widget) -> String {
    let kind = widget.kind.as_str().replace('_', " ");
    match &widget.title {
        Some(title) => format!("{kind} {}", quote(title)),
        None => kind,
    }
}
