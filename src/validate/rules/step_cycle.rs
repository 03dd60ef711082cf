use std::collections::BTreeSet;

use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;
use crate::model::{ScenarioStep, SharedSteps};
use crate::store::Doc;
use crate::validate::facts::{At as _, each_step};

pub(super) const RULE: Rule = Rule {
    code: code("TB0172", "step-cycle"),
    page: r"
## What it checks

Shared steps don't include themselves, neither directly nor by way of others.

## Why

The steps of a case that includes them would never end.

## Example

```markdown projects/shop/steps/sign-in.md
---
title: Sign in
---

## Steps

1. [Open the shop](../steps/open-shop.md)
```

```markdown projects/shop/steps/open-shop.md
---
title: Open the shop
---

## Steps

1. [Sign in](../steps/sign-in.md)
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. [Sign in](../steps/sign-in.md)
```

## Fix

```markdown projects/shop/steps/sign-in.md
---
title: Sign in
---

## Steps

1. [Open the shop](../steps/open-shop.md)
```

```markdown projects/shop/steps/open-shop.md
---
title: Open the shop
---

## Steps

1. Open the start page.
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. [Sign in](../steps/sign-in.md)
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut reported = BTreeSet::new();
    let mut done = BTreeSet::new();
    for doc in facts.steps.values() {
        let mut search = Search {
            facts,
            way: Vec::new(),
            done: &mut done,
            reported: &mut reported,
        };
        search.visit(doc, out);
    }
}

struct Search<'s, 'a> {
    facts: &'s Facts<'a>,
    /// The shared steps on the way here.
    way: Vec<&'a str>,
    done: &'s mut BTreeSet<&'a str>,
    /// Members of cycles that are reported.
    reported: &'s mut BTreeSet<&'a str>,
}

impl<'a> Search<'_, 'a> {
    fn visit(&mut self, doc: &'a Doc<SharedSteps>, out: &mut Vec<Finding>) {
        self.way.push(&doc.path);
        for (step, next) in included(self.facts, doc) {
            if let Some(start) = self.way.iter().position(|path| *path == next.path) {
                self.report(doc, step, start, out);
            } else if !self.done.contains(next.path.as_str()) {
                self.visit(next, out);
            }
        }
        self.way.pop();
        self.done.insert(&doc.path);
    }

    fn report(
        &mut self,
        doc: &Doc<SharedSteps>,
        step: &ScenarioStep,
        start: usize,
        out: &mut Vec<Finding>,
    ) {
        let cycle = &self.way[start..];
        if cycle.iter().all(|path| self.reported.contains(path)) {
            return;
        }
        self.reported.extend(cycle);
        let message = match cycle {
            [_] => "the shared steps include themselves".to_owned(),
            [first, others @ ..] => {
                let others = ticked(others, "and");
                format!(
                    "the shared steps include `{first}`, which includes them by way of {others}"
                )
            }
            [] => return,
        };
        out.push(
            Finding::error(RULE.code, &doc.path, message)
                .at_body(doc, step.offset)
                .help("write out the steps at one place of the circle"),
        );
    }
}

/// The shared steps that others include, each with the step that does.
fn included<'a>(
    facts: &Facts<'a>,
    doc: &'a Doc<SharedSteps>,
) -> Vec<(&'a ScenarioStep, &'a Doc<SharedSteps>)> {
    let mut out = Vec::new();
    each_step(&doc.value.scenario.steps, &mut |step| {
        let target = step.shared.as_deref();
        let next = target.and_then(|target| facts.shared(&doc.path, target));
        out.extend(next.map(|next| (step, next)));
    });
    out
}
