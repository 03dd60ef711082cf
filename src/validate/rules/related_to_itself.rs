use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0181", "related-to-itself"),
    page: r"
## What it checks

No relation of a case names the case itself.

## Why

It says nothing, and another case was meant: mostly the file was copied.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
relations: [{type: duplicates, case: SHOP-K4F7QM}]
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        let case = &doc.value;
        for (n, relation) in case.relations.iter().enumerate() {
            let own = relation.case == case.id || case.aliases.contains(&relation.case);
            if own && !relation.case.is_empty() {
                let message = format!("the relation names `{}`, the case itself", relation.case);
                out.push(
                    Finding::error(RULE.code, &doc.path, message)
                        .at_field(doc, &["relations".into(), n.into(), "case".into()])
                        .help("name the other case, or remove the relation"),
                );
            }
        }
    }
}
