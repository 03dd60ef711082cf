use super::{Facts, Finding, Rule, code};
use crate::validate::facts::is_empty_list;

pub(super) const RULE: Rule = Rule {
    code: code("TB0183", "parameter-without-values"),
    page: r"
## What it checks

Every parameter of a case has at least one value.

## Why

Combined with nothing, the other parameters make no rows: the case would never be executed.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
parameters: {browser: [chrome, firefox], locale: []}
combine: all
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
parameters: {browser: [chrome, firefox], locale: [en]}
combine: all
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        for (name, values) in doc.value.parameters.iter() {
            let field = ["parameters".into(), name.into()];
            if values.is_empty() && is_empty_list(doc, &field) {
                let message = format!("the parameter `{name}` has no values");
                out.push(
                    Finding::error(RULE.code, &doc.path, message)
                        .at(doc.key_span(&field))
                        .help("give it values, or remove it"),
                );
            }
        }
    }
}
