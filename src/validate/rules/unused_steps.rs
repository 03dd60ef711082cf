use std::collections::BTreeSet;

use super::{Facts, Finding, Rule, code};
use crate::model::ScenarioStep;
use crate::validate::facts::each_step;

pub(super) const RULE: Rule = Rule {
    code: code("TB0173", "unused-steps"),
    page: r"
## What it checks

Shared steps are included by at least one case, or by other shared steps that are. A warning.

## Why

Steps that nothing includes are kept up for nobody, or a link to them went wrong.

## Example

```markdown projects/shop/steps/fill-in-form.md
---
title: Fill in the form
---

## Steps

1. Enter name and password.
```

## Fix

Include them in a case, or remove the file.

```markdown projects/shop/steps/fill-in-form.md
---
title: Fill in the form
---

## Steps

1. Enter name and password.
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. [Fill in the form](../steps/fill-in-form.md)
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut used = BTreeSet::new();
    for (_, doc) in facts.cases() {
        mark(facts, &doc.path, &doc.value.scenario.steps, &mut used);
    }
    for doc in facts.steps.values() {
        if !used.contains(doc.path.as_str()) {
            out.push(
                Finding::warning(RULE.code, &doc.path, "no case includes these shared steps")
                    .help("include them by a link that is a whole step, or remove the file"),
            );
        }
    }
}

fn mark<'a>(
    facts: &Facts<'a>,
    from: &str,
    steps: &'a [ScenarioStep],
    used: &mut BTreeSet<&'a str>,
) {
    each_step(steps, &mut |step| {
        let target = step.shared.as_deref();
        if let Some(doc) = target.and_then(|target| facts.shared(from, target))
            && used.insert(&doc.path)
        {
            mark(facts, &doc.path, &doc.value.scenario.steps, used);
        }
    });
}
