//! What changed in the rules of gates.

use super::change::{Effect, Notes};
use super::kind::Kind;
use super::words::{arrow, quote};
use crate::base::text::{count, list};
use crate::diag::Span;
use crate::model::{Gate, GateRule, RuleGroup};
use crate::store::{Doc, Key};

pub(super) const KEYS: [&str; 17] = [
    "name",
    "description",
    "groups",
    "max_failed",
    "max_new_failures",
    "max_unresolved",
    "max_flaky",
    "min_results",
    "min_pass_rate",
    "min_requirement_coverage",
    "max_duration_growth",
    "all_planned_ran",
    "all_jobs",
    "no_recurrence",
    "no_expired_mute",
    "no_overridden",
    "all_approved",
];

/// Where a rule's key stands: in the file as it was, and as it is.
pub(super) trait Places {
    fn key(&self, name: &str) -> (Option<Span>, Option<Span>);
}

/// Where keys of a gate stand, below `at`.
pub(super) struct GateKeys<'a, T> {
    pub(super) before: &'a Doc<T>,
    pub(super) after: &'a Doc<T>,
    pub(super) at: &'a [Key<'a>],
}

impl<T> Places for GateKeys<'_, T> {
    fn key(&self, name: &str) -> (Option<Span>, Option<Span>) {
        let keys: Vec<Key<'_>> = self.at.iter().copied().chain([Key::from(name)]).collect();
        (
            self.before.nearest_span(&keys),
            self.after.nearest_span(&keys),
        )
    }
}

/// Says that a gate is new or gone.
pub(super) fn whole(notes: &mut Notes<'_>, gate: &Gate, is_new: bool) {
    let rules: Vec<String> = gate
        .groups
        .iter()
        .flat_map(|group| &group.rules)
        .map(|rule| told(*rule))
        .collect();
    let n = count(rules.len() as u64, "rule");
    let (kind, effect, what) = if is_new {
        (Kind::GateAdded, Effect::Strengthens, "is new")
    } else {
        (Kind::GateRemoved, Effect::Weakens, "is gone")
    };
    let shown = &rules[..rules.len().min(4)];
    let more = if rules.len() > 4 { " …" } else { "" };
    notes.say(
        kind,
        effect,
        format!("{what}, with {n}: {}{more}", shown.join(", ")),
    );
}

/// Says what changed between two gates. `of` is put before each sentence: `the gate`.
pub(super) fn compare(notes: &mut Notes<'_>, before: &Gate, after: &Gate, places: &dyn Places) {
    if before.name != after.name {
        let sentence = format!("has another name: {}", arrow(&before.name, &after.name));
        let (then, now) = places.key("name");
        notes
            .say(Kind::Title, Effect::Changes, sentence)
            .then(then)
            .now(now);
    }
    for group in &before.groups {
        match find(after, group) {
            Some(other) => rules(notes, group, other, places),
            None if group.rules.is_empty() => {}
            None => {
                let sentence = format!("group {} is gone: {}", quote(&group.name), all(group));
                notes
                    .say(Kind::GateRemoved, Effect::Weakens, sentence)
                    .then(places.key("groups").0);
            }
        }
    }
    for group in &after.groups {
        if find(before, group).is_none() && !group.rules.is_empty() {
            let sentence = format!("group {} is new: {}", quote(&group.name), all(group));
            notes
                .say(Kind::GateAdded, Effect::Strengthens, sentence)
                .now(places.key("groups").1);
        }
    }
}

fn all(group: &RuleGroup) -> String {
    let rules: Vec<String> = group.rules.iter().map(|rule| told(*rule)).collect();
    list(&rules, "and")
}

/// The gate's own rules go with its own rules; groups go by name, else by place where there is one.
fn find<'a>(gate: &'a Gate, group: &RuleGroup) -> Option<&'a RuleGroup> {
    let same = |other: &&RuleGroup| {
        (other.place.is_none(), &other.name) == (group.place.is_none(), &group.name)
    };
    gate.groups.iter().find(same)
}

fn rules(notes: &mut Notes<'_>, before: &RuleGroup, after: &RuleGroup, places: &dyn Places) {
    let of = match before.place {
        None => String::new(),
        Some(_) => format!("group {}: ", quote(&before.name)),
    };
    let key = |name: &str| match before.place {
        None => places.key(name),
        Some(_) => places.key("groups"),
    };
    if before.query != after.query {
        let text =
            |query: &Option<String>| query.clone().unwrap_or_else(|| "all results".to_owned());
        let sentence = format!(
            "{of}looks at other results: {}",
            arrow(&text(&before.query), &text(&after.query))
        );
        let (then, now) = places.key("groups");
        notes
            .say(Kind::GateScope, Effect::Weakens, sentence)
            .then(then)
            .now(now);
    }
    for old in &before.rules {
        let Some(new) = after.rules.iter().find(|rule| rule.key() == old.key()) else {
            let sentence = format!("{of}no longer asks for {}", told(*old));
            notes
                .say(Kind::GateRemoved, Effect::Weakens, sentence)
                .then(key(old.key()).0);
            continue;
        };
        let (kind, effect, what) = match looser(*old, *new) {
            None => continue,
            Some(true) => (Kind::GateLoosened, Effect::Weakens, "looser"),
            Some(false) => (Kind::GateTightened, Effect::Strengthens, "stricter"),
        };
        let sentence = format!(
            "{of}`{}` is {what}: {} → {}",
            old.key(),
            limit(*old),
            limit(*new)
        );
        let (then, now) = key(old.key());
        notes.say(kind, effect, sentence).then(then).now(now);
    }
    for new in &after.rules {
        if !before.rules.iter().any(|rule| rule.key() == new.key()) {
            let sentence = format!("{of}asks for {}", told(*new));
            notes
                .say(Kind::GateAdded, Effect::Strengthens, sentence)
                .now(key(new.key()).1);
        }
    }
    if before.unread != after.unread {
        let sentence = format!(
            "{of}has rules that can't be read: {}",
            list(&after.unread, "and")
        );
        notes.say(Kind::Other, Effect::Changes, sentence);
    }
}

fn told(rule: GateRule) -> String {
    match limit(rule) {
        limit if limit.is_empty() => format!("`{}`", rule.key()),
        limit => format!("`{}` {limit}", rule.key()),
    }
}

fn limit(rule: GateRule) -> String {
    match value(rule) {
        None => String::new(),
        Some(value) if is_percent(rule) => format!("{value} %"),
        Some(value) => value.to_string(),
    }
}

fn is_percent(rule: GateRule) -> bool {
    matches!(
        rule,
        GateRule::MinPassRate(_)
            | GateRule::MinRequirementCoverage(_)
            | GateRule::MaxDurationGrowth(_)
    )
}

#[expect(clippy::cast_precision_loss, reason = "limits are small")]
fn value(rule: GateRule) -> Option<f64> {
    match rule {
        GateRule::MaxFailed(n)
        | GateRule::MaxNewFailures(n)
        | GateRule::MaxUnresolved(n)
        | GateRule::MaxFlaky(n)
        | GateRule::MinResults(n) => Some(n as f64),
        GateRule::MinPassRate(x)
        | GateRule::MinRequirementCoverage(x)
        | GateRule::MaxDurationGrowth(x) => Some(x),
        _ => None,
    }
}

/// Whether the second lets more pass; none where both say the same.
fn looser(old: GateRule, new: GateRule) -> Option<bool> {
    let (old_value, new_value) = (value(old)?, value(new)?);
    let order = new_value.partial_cmp(&old_value)?;
    let is_max = old.key().starts_with("max");
    match order {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(is_max),
        std::cmp::Ordering::Less => Some(!is_max),
    }
}
