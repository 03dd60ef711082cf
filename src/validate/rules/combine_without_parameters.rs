use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0182", "combine-without-parameters"),
    page: r"
## What it checks

A case that says how to `combine` parameters has `parameters`.

## Why

There is nothing to combine: the parameters were removed or mistyped.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
combine: pairwise
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
parameters: {browser: [chrome, firefox], locale: [en, de]}
combine: pairwise
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        // Only a text that has the word anywhere is worth a second parse.
        if doc.value.parameters.is_empty()
            && doc.text.contains("combine")
            && doc.has(&["combine".into()])
        {
            let message = "`combine` is given without `parameters`";
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &["combine".into()])
                    .help("add `parameters`, or remove `combine`"),
            );
        }
    }
}
