use super::{Facts, Finding, Rule, code};
use crate::base::path::resolve;
use crate::model::{Scenario, ScenarioStep};
use crate::store::Doc;
use crate::validate::facts::{each_step, plain_target};
use crate::validate::links::{self, BodyLink};

pub(super) const RULE: Rule = Rule {
    code: code("TB0190", "linked-steps"),
    page: r"
## What it checks

A step that is nothing but a link to shared steps includes them. With a full stop behind it, in bold, with an anchor in
its address, or as a reference it is a link like any other. A warning.

## Why

The steps behind the link are neither shown nor done, though whoever wrote it meant them to be.

## Example

```markdown projects/shop/steps/sign-in.md
---
title: Sign in
---

## Steps

1. Open the shop.
```

```markdown projects/shop/cases/cart.md
---
id: SHOP-K4F7QM
title: Fill a cart
status: draft
---

## Steps

1. [Sign in](../steps/sign-in.md).
1. Put a thing into the cart.
   - **Expected:** it is there.
```

## Fix

```markdown projects/shop/steps/sign-in.md
---
title: Sign in
---

## Steps

1. Open the shop.
```

```markdown projects/shop/cases/cart.md
---
id: SHOP-K4F7QM
title: Fill a cart
status: draft
---

## Steps

1. [Sign in](../steps/sign-in.md)
1. Put a thing into the cart.
   - **Expected:** it is there.
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.cases {
            one(facts, doc, &doc.value.scenario, out);
        }
        for doc in &project.steps {
            one(facts, doc, &doc.value.scenario, out);
        }
    }
}

fn one<T>(facts: &Facts<'_>, doc: &Doc<T>, scenario: &Scenario, out: &mut Vec<Finding>) {
    let mut links = links::of(doc);
    let steps_of = |link: &BodyLink| {
        let path = resolve(&doc.path, plain_target(&link.target))?;
        facts.steps.contains_key(path.as_str()).then_some(path)
    };
    links.retain(|link| steps_of(link).is_some());
    if links.is_empty() {
        return;
    }
    each_step(&scenario.steps, &mut |step| {
        let Some(link) = alone(doc, step, &links) else {
            return;
        };
        let target = plain_target(&link.target);
        let message =
            format!("the step links to the shared steps `{target}` and does not include them");
        let help = format!("a step that is the link alone does: `1. [Title]({target})`");
        let found = Finding::warning(RULE.code, &doc.path, message);
        out.push(found.at(link.span).help(help));
    });
}

/// Returns the link that is all that a step says, punctuation and marks apart.
fn alone<'l, T>(doc: &Doc<T>, step: &ScenarioStep, links: &'l [BodyLink]) -> Option<&'l BodyLink> {
    if step.shared.is_some() || step.action.trim().lines().count() != 1 {
        return None;
    }
    let start = doc.body_offset() + step.offset;
    let line = doc.text.get(start..)?.lines().next()?;
    let end = start + line.len();
    let mut own = links
        .iter()
        .filter(|link| start <= link.span.start && link.span.end <= end);
    let (link, None) = (own.next()?, own.next()) else {
        return None;
    };
    let before = doc.text.get(start..link.span.start)?;
    let before = before
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit());
    let after = doc.text.get(link.span.end..end)?;
    let says_more = before
        .chars()
        .chain(after.chars())
        .any(char::is_alphanumeric);
    (!says_more).then_some(link)
}
