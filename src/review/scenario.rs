//! What changed in a body: its texts and its steps.

use super::change::{Effect, Notes};
use super::expectation::{self, Strength};
use super::kind::Kind;
use super::words::{arrow, quote};
use crate::analysis::align::{Paired, align};
use crate::analysis::meaning::{PlainStep, is_same, plain, plain_steps};
use crate::diag::Span;
use crate::model::{Scenario, ScenarioStep};
use crate::store::Doc;

/// A body in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    /// Where the body starts in the file.
    offset: usize,
}

impl<'a> Body<'a> {
    pub(super) fn of<T>(doc: &'a Doc<T>, scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            path: &doc.path,
            text: &doc.text,
            offset: doc.body_offset(),
        }
    }

    fn step(&self, step: &ScenarioStep) -> Span {
        let start = (self.offset + step.offset).min(self.text.len());
        Span::new(start, start)
    }

    /// Finds the line where a step says what it expects or takes; the step's where that is not found.
    fn said(&self, step: &ScenarioStep, text: Option<&str>) -> Span {
        let Span { start, .. } = self.step(step);
        let Some(said) = text.and_then(|text| text.lines().next()) else {
            return Span::new(start, start);
        };
        let mut at = start;
        for line in self.text[start..].split_inclusive('\n') {
            let before = line.trim_end().strip_suffix(said.trim_end());
            if before.is_some_and(|label| label.trim_end().ends_with([':', '*', '_'])) {
                return Span::new(at, at);
            }
            at += line.len();
        }
        Span::new(start, start)
    }

    /// Finds the line of a heading of the second level; the body's start where there is none.
    fn section(&self, names: &[&str]) -> Span {
        let mut at = self.offset;
        for line in self
            .text
            .get(self.offset..)
            .unwrap_or_default()
            .split_inclusive('\n')
        {
            let heading = line
                .trim()
                .strip_prefix("## ")
                .map(|rest| rest.trim().trim_end_matches([':', '#']).trim());
            if heading
                .is_some_and(|heading| names.iter().any(|name| heading.eq_ignore_ascii_case(name)))
            {
                return Span::new(at, at);
            }
            at += line.len();
        }
        let blank = |c: char| c.is_whitespace();
        let body = self.text.get(self.offset..).unwrap_or_default();
        let start = self.offset + (body.len() - body.trim_start_matches(blank).len());
        Span::new(start, start)
    }
}

/// Says what changed in the texts beside the steps. `noun` names what the body describes: `the case`.
pub(super) fn texts(notes: &mut Notes<'_>, before: &Body<'_>, after: &Body<'_>) {
    let (old, new) = (before.scenario, after.scenario);
    let parts: [(Kind, &str, &[&str], &str, &str); 4] = [
        (
            Kind::Text,
            "the description",
            &[],
            &old.description,
            &new.description,
        ),
        (
            Kind::Preconditions,
            "the preconditions",
            &["preconditions", "precondition"],
            &old.preconditions,
            &new.preconditions,
        ),
        (
            Kind::Text,
            "the remark beside the steps",
            &["steps"],
            &old.remarks,
            &new.remarks,
        ),
        (
            Kind::Postconditions,
            "the postconditions",
            &["postconditions", "postcondition"],
            &old.postconditions,
            &new.postconditions,
        ),
    ];
    for (kind, name, headings, was, is) in parts {
        text(
            notes,
            kind,
            name,
            (was, before.section(headings)),
            (is, after.section(headings)),
        );
    }
    sections(notes, before, after);
}

/// Sections that are none of the known ones, by their headings.
fn sections(notes: &mut Notes<'_>, before: &Body<'_>, after: &Body<'_>) {
    let (old, new) = (&before.scenario.other, &after.scenario.other);
    let key = |heading: &str| plain(heading).to_lowercase();
    let find = |list: &'_ [(String, String)], heading: &str, nth: usize| {
        let wanted = key(heading);
        let of = list
            .iter()
            .enumerate()
            .filter(|(_, (name, _))| key(name) == wanted);
        of.map(|(at, _)| at).nth(nth)
    };
    let nth = |list: &[(String, String)], at: usize| {
        let wanted = key(&list[at].0);
        list[..at]
            .iter()
            .filter(|(name, _)| key(name) == wanted)
            .count()
    };
    for (at, (heading, is)) in new.iter().enumerate() {
        let was = find(old, heading, nth(new, at)).map(|at| old[at].1.as_str());
        let name = format!("section {}", quote(heading));
        let place = after.section(&[heading]);
        match was {
            Some(was) => text(
                notes,
                Kind::Text,
                &name,
                (was, before.section(&[heading])),
                (is, place),
            ),
            None => notes
                .say(Kind::Text, Effect::Changes, format!("{name} is new"))
                .now(Some(place))
                .texts(None, Some(is)),
        }
    }
    for (at, (heading, was)) in old.iter().enumerate() {
        if find(new, heading, nth(old, at)).is_none() {
            notes
                .say(
                    Kind::Text,
                    Effect::Changes,
                    format!("section {} is gone", quote(heading)),
                )
                .then(Some(before.section(&[heading])))
                .texts(Some(was), None);
        }
    }
}

fn text(
    notes: &mut Notes<'_>,
    kind: Kind,
    name: &str,
    (was, then): (&str, Span),
    (is, now): (&str, Span),
) {
    if is_same(was, is) {
        return;
    }
    let verb = |one: &'static str, many: &'static str| {
        if name.ends_with("conditions") {
            many
        } else {
            one
        }
    };
    match (was.is_empty(), is.is_empty()) {
        (true, _) => notes
            .say(
                kind,
                Effect::Changes,
                format!("{name} {} new: {}", verb("is", "are"), quote(is)),
            )
            .now(Some(now))
            .texts(None, Some(is)),
        (_, true) => notes
            .say(
                kind,
                Effect::Changes,
                format!("{name} {} gone: {}", verb("is", "are"), quote(was)),
            )
            .then(Some(then))
            .texts(Some(was), None),
        _ => notes
            .say(
                kind,
                Effect::Changes,
                format!("{name} changed: {}", arrow(was, is)),
            )
            .now(Some(now))
            .texts(Some(was), Some(is)),
    }
}

/// A step of one side that the other side doesn't have.
#[derive(Clone, Debug)]
pub(super) struct Loose {
    /// `3`, `3.1`.
    pub(super) number: String,
    pub(super) plain: PlainStep,
}

/// Says what changed in the steps; returns those that went and those that came, for finding them
/// elsewhere. `gone` says which of the removed ones are found elsewhere and not to be named here.
pub(super) fn steps(
    notes: &mut Notes<'_>,
    before: &Body<'_>,
    after: &Body<'_>,
    is_elsewhere: &dyn Fn(&str) -> bool,
) {
    let list = Lists {
        before: (
            before,
            &before.scenario.steps,
            &plain_steps(&before.scenario.steps, before.path),
        ),
        after: (
            after,
            &after.scenario.steps,
            &plain_steps(&after.scenario.steps, after.path),
        ),
    };
    list.compare(notes, ("", ""), is_elsewhere);
}

/// Returns the steps that only one of two lists has: of the first, then of the second.
pub(super) fn loose(before: &Body<'_>, after: &Body<'_>) -> (Vec<Loose>, Vec<Loose>) {
    let (old, new) = (
        plain_steps(&before.scenario.steps, before.path),
        plain_steps(&after.scenario.steps, after.path),
    );
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for paired in align(&old, &new) {
        let (list, steps, at) = match paired {
            Paired::Removed { before } => (&mut gone, &old, before),
            Paired::Inserted { after } => (&mut come, &new, after),
            _ => continue,
        };
        list.push(Loose {
            number: (at + 1).to_string(),
            plain: steps[at].clone(),
        });
    }
    (gone, come)
}

/// Steps of one level on both sides: as written, and in plain form.
struct Lists<'a> {
    before: (&'a Body<'a>, &'a [ScenarioStep], &'a [PlainStep]),
    after: (&'a Body<'a>, &'a [ScenarioStep], &'a [PlainStep]),
}

impl Lists<'_> {
    /// `above` is what stands before the numbers of each side: `3.`.
    fn compare(
        &self,
        notes: &mut Notes<'_>,
        above: (&str, &str),
        is_elsewhere: &dyn Fn(&str) -> bool,
    ) {
        let (old, new) = (self.before, self.after);
        for paired in align(old.2, new.2) {
            match paired {
                Paired::Removed { before } => {
                    let number = format!("{}{}", above.0, before + 1);
                    if !is_elsewhere(&number) {
                        removed(notes, &number, &old.1[before], old.0);
                    }
                }
                Paired::Inserted { after } => {
                    let number = format!("{}{}", above.1, after + 1);
                    inserted(notes, &number, &new.1[after], new.0);
                }
                Paired::Kept { before, after } | Paired::Moved { before, after } => {
                    let (was, is) = (&old.1[before], &new.1[after]);
                    let numbers = (
                        format!("{}{}", above.0, before + 1),
                        format!("{}{}", above.1, after + 1),
                    );
                    if matches!(paired, Paired::Moved { .. }) {
                        let sentence = format!(
                            "step {} is done {} now, as step {}: {}",
                            numbers.0,
                            if after > before { "later" } else { "earlier" },
                            numbers.1,
                            quote(&is.action)
                        );
                        notes
                            .say(Kind::StepMoved, Effect::Changes, sentence)
                            .now(Some(new.0.step(is)));
                    }
                    if old.2[before] == new.2[after] {
                        continue;
                    }
                    edited(
                        notes,
                        &numbers.1,
                        (was, old.0),
                        (is, new.0),
                        (&old.2[before], &new.2[after]),
                    );
                    let inner = Lists {
                        before: (old.0, &was.steps, &old.2[before].steps),
                        after: (new.0, &is.steps, &new.2[after].steps),
                    };
                    inner.compare(
                        notes,
                        (&format!("{}.", numbers.0), &format!("{}.", numbers.1)),
                        is_elsewhere,
                    );
                }
            }
        }
    }
}

/// Returns a step's action, and what it expects, its own and its inner steps'.
fn whole(step: &ScenarioStep) -> String {
    let link = step
        .action
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]("));
    let mut out = match link.filter(|_| step.shared.is_some()) {
        Some((text, _)) => format!("the shared steps {}", quote(text)),
        None => quote(&step.action),
    };
    let expected = expectations(step);
    if let Some(first) = expected.first() {
        out.push_str(", expecting ");
        out.push_str(&quote(first));
        if let [_, more @ ..] = expected.as_slice()
            && !more.is_empty()
        {
            out.push_str(&format!(" and {} more", more.len()));
        }
    }
    out
}

fn expectations(step: &ScenarioStep) -> Vec<&str> {
    let own = step.expected.as_deref().into_iter();
    own.chain(step.steps.iter().flat_map(expectations))
        .collect()
}

fn removed(notes: &mut Notes<'_>, number: &str, step: &ScenarioStep, body: &Body<'_>) {
    let sentence = format!("step {number} is gone: {}", whole(step));
    notes
        .say(Kind::StepRemoved, Effect::Weakens, sentence)
        .then(Some(body.step(step)))
        .texts(Some(&step.action), None);
}

fn inserted(notes: &mut Notes<'_>, number: &str, step: &ScenarioStep, body: &Body<'_>) {
    let effect = if expectations(step).is_empty() {
        Effect::Changes
    } else {
        Effect::Strengthens
    };
    notes
        .say(
            Kind::StepInserted,
            effect,
            format!("step {number} is new: {}", whole(step)),
        )
        .now(Some(body.step(step)))
        .texts(None, Some(&step.action));
}

fn edited(
    notes: &mut Notes<'_>,
    number: &str,
    (was, old): (&ScenarioStep, &Body<'_>),
    (is, new): (&ScenarioStep, &Body<'_>),
    (plain_was, plain_is): (&PlainStep, &PlainStep),
) {
    if (&plain_was.action, &plain_was.shared) != (&plain_is.action, &plain_is.shared) {
        let sentence = format!(
            "step {number} says something else: {}",
            arrow(&was.action, &is.action)
        );
        notes
            .say(Kind::StepEdited, Effect::Changes, sentence)
            .now(Some(new.step(is)))
            .texts(Some(&was.action), Some(&is.action));
    }
    let place = |body: &Body<'_>, step, text| Some(body.said(step, text));
    let (then, now) = (was.expected.as_deref(), is.expected.as_deref());
    expected(
        notes,
        number,
        (then, place(old, was, then)),
        (now, place(new, is, now)),
    );
    if plain_was.data != plain_is.data {
        let (then, now) = (
            place(old, was, was.data.as_deref()),
            place(new, is, is.data.as_deref()),
        );
        let (was, is) = (was.data.as_deref(), is.data.as_deref());
        let (sentence, effect) = match (was, is) {
            (Some(was), Some(is)) => (
                format!("step {number} takes other data: {}", arrow(was, is)),
                Effect::Changes,
            ),
            (Some(was), None) => (
                format!("step {number} no longer says its data: {}", quote(was)),
                Effect::Weakens,
            ),
            (None, is) => (
                format!(
                    "step {number} says its data: {}",
                    quote(is.unwrap_or_default())
                ),
                Effect::Strengthens,
            ),
        };
        notes
            .say(Kind::Data, effect, sentence)
            .then(then)
            .now(now.filter(|_| is.is_some()))
            .texts(was, is);
    }
}

fn expected(
    notes: &mut Notes<'_>,
    number: &str,
    (was, then): (Option<&str>, Option<Span>),
    (is, now): (Option<&str>, Option<Span>),
) {
    let (kind, effect, sentence) = match (was, is) {
        (None, None) => return,
        (Some(was), None) => (
            Kind::ExpectationDropped,
            Effect::Weakens,
            format!("step {number} no longer expects {}", quote(was)),
        ),
        (None, Some(is)) => (
            Kind::ExpectationAdded,
            Effect::Strengthens,
            format!("step {number} now expects {}", quote(is)),
        ),
        (Some(was), Some(is)) => {
            let (one, other) = (plain(was), plain(is));
            if one == other {
                return;
            }
            let (kind, effect, what) = match expectation::compare(&one, &other) {
                Strength::Weaker => (Kind::ExpectationWeakened, Effect::Weakens, "less"),
                Strength::Stronger => (Kind::ExpectationStrengthened, Effect::Strengthens, "more"),
                Strength::Opposite => (Kind::ExpectationChanged, Effect::Changes, "the opposite"),
                Strength::Other => (Kind::ExpectationChanged, Effect::Changes, "something else"),
            };
            (
                kind,
                effect,
                format!("step {number} expects {what}: {}", arrow(was, is)),
            )
        }
    };
    let said = notes.say(kind, effect, sentence);
    let said = if is.is_some() {
        said.now(now)
    } else {
        said.then(then)
    };
    said.texts(was, is);
}
