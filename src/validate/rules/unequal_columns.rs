use super::{Facts, Finding, Rule, code};
use crate::base::text::count;
use crate::model::Combine;

pub(super) const RULE: Rule = Rule {
    code: code("TB0184", "unequal-columns"),
    page: r"
## What it checks

Where `combine` is `each` (which it is when left out) or `rows`, all parameters have equally many
values.

## Why

The n-th values of all parameters make the n-th row. A parameter with fewer values leaves holes.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
parameters: {browser: [chrome, firefox], locale: [en]}
combine: rows
---
```

## Fix

Fill the gap, or combine the values as `all` or `pairwise`.

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
parameters: {browser: [chrome, firefox], locale: [en, de]}
combine: rows
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        let case = &doc.value;
        if !matches!(case.combine, Combine::Each | Combine::Rows) {
            continue;
        }
        let mut filled = case.parameters.iter().filter(|(_, v)| !v.is_empty());
        let Some((first, expected)) = filled.next() else {
            continue;
        };
        for (name, values) in filled.filter(|(_, v)| v.len() != expected.len()) {
            let values_of = |values: &[String]| count(values.len() as u64, "value");
            let message = format!(
                "the parameter `{name}` has {}, `{first}` has {}",
                values_of(values),
                values_of(expected)
            );
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at(doc.span(&["parameters".into(), name.into()]))
                    .help("give all parameters equally many values, or write `combine: all`"),
            );
        }
    }
}
