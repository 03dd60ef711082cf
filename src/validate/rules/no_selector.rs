use super::{Facts, Finding, Rule, code};
use crate::model::Execution;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0188", "no-selector"),
    page: r#"
## What it checks

An automated case in the state `active` has at least one selector. A warning.

## Why

Without a selector only results that name the case's id, by a label or a tag, are matched to it. If
none does, it looks as though it had never been executed.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
execution: automated
status: active
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
execution: automated
status: active
automation:
  selectors: ["tests.auth.test_login.TestLogin#test_sign_in"]
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        let case = &doc.value;
        let automated = case.execution == Execution::Automated && case.status == "active";
        if automated && case.automation.selectors.is_empty() {
            let message = "the case is automated and no selector says by which tests";
            out.push(
                Finding::warning(RULE.code, &doc.path, message)
                    .at_field(doc, &["execution".into()])
                    .help("add `automation: {selectors: [\"<full name of the test>\"]}`"),
            );
        }
    }
}
