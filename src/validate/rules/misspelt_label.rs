use super::{Facts, Finding, Rule, code};
use crate::base::text::{closest, sanitize_line};
use crate::model::{Scenario, ScenarioStep};
use crate::store::{Doc, LABELS, SECTIONS};
use crate::validate::facts::{At as _, each_step};

pub(super) const RULE: Rule = Rule {
    code: code("TB0355", "misspelt-label"),
    page: r"
## What it checks

What a step expects and its data are set off by labels, `- **Expected:** …` and `- **Data:** …` below the step,
and the parts of a body by the headings `Preconditions`, `Steps` and `Postconditions`. A label or a heading that looks as
if one of these was meant and is not read as one: another spelling, no colon, a label inside a paragraph, one that stands
further left than the text of its step. A warning.

## Why

What is behind it stays part of the action, or a section of its own: nobody is told what is expected, and a step
without an expectation can't fail.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Submit the form.
   - **Expectd:** the overview is shown.
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Submit the form.
   - **Expected:** the overview is shown.
```
",
    check,
};

/// Words that are near a label and mean something else.
const OTHER_WORDS: [&str; 3] = ["date", "step data", "meta"];

/// The longest label that is looked at, in bytes.
const LONGEST: usize = 40;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.cases {
            one(doc, &doc.value.scenario, out);
        }
        for doc in &project.steps {
            one(doc, &doc.value.scenario, out);
        }
    }
}

fn one<T>(doc: &Doc<T>, scenario: &Scenario, out: &mut Vec<Finding>) {
    for (title, _) in &scenario.other {
        let word = title.trim_end_matches(':').trim();
        let meant = (word.len() <= LONGEST)
            .then(|| section_meant(word))
            .flatten();
        if let Some(meant) = meant {
            let message = format!(
                "the section `{}` is none that is read as a part of the case",
                sanitize_line(title)
            );
            let found = Finding::warning(RULE.code, &doc.path, message);
            let found = match heading(doc.body(), title) {
                Some(offset) => found.at_body(doc, offset),
                None => found,
            };
            out.push(found.help(format!("did you mean `## {meant}`?")));
        }
    }
    each_step(&scenario.steps, &mut |step| of_step(doc, step, out));
    beside_steps(doc, scenario, out);
}

/// Tells labels of steps that belong to none: they stand further left than the step's text.
fn beside_steps<T>(doc: &Doc<T>, scenario: &Scenario, out: &mut Vec<Finding>) {
    let body = doc.body();
    let mut from = scenario.steps.first().map_or(0, |step| step.offset);
    for line in scenario.remarks.lines() {
        let text = line.trim();
        let is_bullet = ["- ", "* ", "+ "].iter().any(|mark| text.starts_with(mark));
        let meant = meant(text).filter(|_| is_bullet);
        let Some((written, meant)) =
            meant.filter(|(written, meant)| meant.eq_ignore_ascii_case(written))
        else {
            continue;
        };
        let at = body.get(from..).and_then(|rest| rest.find(text));
        let at = at.map_or(from, |at| from + at);
        from = at;
        let written = sanitize_line(written);
        let message = format!("`{written}` stands beside the steps and belongs to none of them");
        let help = format!("indent it as far as the text of its step: `   - **{meant}:** …`");
        let found = Finding::warning(RULE.code, &doc.path, message);
        out.push(found.at_body(doc, at).help(help));
    }
}

fn of_step<T>(doc: &Doc<T>, step: &ScenarioStep, out: &mut Vec<Finding>) {
    let mut fence = None;
    let mut from = step.offset;
    for line in step.action.lines() {
        let text = line.trim_start();
        let at = doc
            .body()
            .get(from..)
            .and_then(|rest| rest.find(line.trim()));
        let at = at.map_or(step.offset, |at| from + at);
        from = at;
        if let Some(mark) = ["```", "~~~"]
            .into_iter()
            .find(|mark| text.starts_with(mark))
        {
            fence = match fence {
                None => Some(mark),
                Some(open) if open == mark => None,
                open => open,
            };
            continue;
        }
        if fence.is_some() {
            continue;
        }
        if let Some((written, meant)) = meant(text) {
            let written = sanitize_line(written);
            let message = match meant.eq_ignore_ascii_case(&written) {
                true => format!("`{written}` is not read as a label here and stays in the action"),
                false => format!("`{written}` is no label of a step and stays in the action"),
            };
            let help = match meant.eq_ignore_ascii_case(&written) {
                true => format!("write it as a bullet of its own: `- **{meant}:** …`"),
                false => format!("did you mean `- **{meant}:** …`?"),
            };
            out.push(
                Finding::warning(RULE.code, &doc.path, message)
                    .at_body(doc, at)
                    .help(help),
            );
        }
    }
}

/// Returns the label with which a line of an action begins, as written, and the one that was meant.
fn meant(line: &str) -> Option<(&str, &'static str)> {
    let bullet = ["- ", "* ", "+ "]
        .iter()
        .find_map(|mark| line.strip_prefix(mark));
    let text = bullet.unwrap_or(line).trim_start();
    let mark = ["**", "__", "*", "_", ""]
        .into_iter()
        .find(|mark| text.starts_with(mark))?;
    let text = &text[mark.len()..];
    let (label, after) = match mark {
        "" => text.split_once(':')?,
        mark => text.split_once(mark)?,
    };
    let is_set_off =
        mark.is_empty() || label.ends_with(':') || after.starts_with(':') || mark.len() == 2;
    let label = label.trim_end_matches(':').trim();
    if !is_set_off || label.is_empty() || label.len() > LONGEST {
        return None;
    }
    let lower = label.to_lowercase();
    if OTHER_WORDS.contains(&lower.as_str()) {
        return None;
    }
    let begins = lower.starts_with("expected ") && (bullet.is_some() || mark.len() == 2);
    let meant = closest(label, LABELS).or(begins.then_some("Expected"))?;
    Some((label, meant))
}

/// Returns the part of a case that the heading of another section was to name. One that was given twice
/// is the store's finding.
pub(super) fn section_meant(title: &str) -> Option<&'static str> {
    let title = title.trim_end_matches(':').trim();
    let is_one = |meant: &str| {
        let singular = meant.strip_suffix('s').unwrap_or(meant);
        title.eq_ignore_ascii_case(meant)
            || meant != "Steps" && title.eq_ignore_ascii_case(singular)
    };
    closest(title, SECTIONS).filter(|meant| !is_one(meant))
}

/// Returns where a heading stands in a body.
fn heading(body: &str, title: &str) -> Option<usize> {
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let text = line.trim_start_matches('#').trim();
        if line.starts_with('#') && text.starts_with(title) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn labels_that_were_meant() {
        for (line, wanted) in [
            ("- **Expectd:** x", Some(("Expectd", "Expected"))),
            ("- **Expected** x", Some(("Expected", "Expected"))),
            ("**Exepcted:** x", Some(("Exepcted", "Expected"))),
            ("- Expcted: x", Some(("Expcted", "Expected"))),
            ("Expected: x", Some(("Expected", "Expected"))),
            (
                "- **Expected outcome:** x",
                Some(("Expected outcome", "Expected")),
            ),
            (
                "- **Expected reslt:** x",
                Some(("Expected reslt", "Expected result")),
            ),
            ("- *Dta:* x", Some(("Dta", "Data"))),
            ("- **Test date:** x", Some(("Test date", "Test data"))),
            ("- **Date:** 2026-11-22", None),
            ("- **Note:** x", None),
            ("- *expected* things happen", None),
            ("Open https://example.com", None),
            ("Wait: it takes a while", None),
            ("**", None),
            ("- ", None),
            ("", None),
        ] {
            assert_eq!(meant(line), wanted, "{line}");
        }
    }
}
