use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0180", "unknown-case"),
    page: r"
## What it checks

A relation names a case of the workspace, by its id or an alias.

## Why

The page of the case would show a relation to nothing. It happens when a case is removed.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
relations: [{type: automates, case: SHOP-Q9W2MB}]
---
```

```markdown projects/shop/cases/sign-in-by-hand.md
---
id: SHOP-Q9W2MA
title: Sign in by hand
execution: manual
status: draft
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
relations: [{type: automates, case: SHOP-Q9W2MA}]
---
```

```markdown projects/shop/cases/sign-in-by-hand.md
---
id: SHOP-Q9W2MA
title: Sign in by hand
execution: manual
status: draft
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        for (n, relation) in doc.value.relations.iter().enumerate() {
            let field = ["relations".into(), n.into(), "case".into()];
            let id = relation.case.as_str();
            if facts.case_ids.contains_key(id) || !doc.has(&field) {
                continue;
            }
            let message = format!("the relation names `{id}`, which is the id of no case");
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &field)
                    .help("correct the id, or remove the relation")
                    .suggest(id, facts.case_ids.keys().copied()),
            );
        }
    }
}
