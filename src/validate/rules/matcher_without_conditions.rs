use super::{Facts, Finding, Rule, code};
use crate::model::Matcher;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0201", "matcher-without-conditions"),
    page: r#"
## What it checks

Every matcher of a defect has at least one condition: `message`, `trace`, `full_name`, `status`,
`environment` or `labels`; and its expressions are not empty.

## Why

All conditions of a matcher must hold. With none, it would link every failure to the defect, so it
is not used at all.

## Example

```markdown projects/shop/defects/DEF-1.md
---
id: DEF-1
title: The gateway times out
matchers:
- {}
---
```

## Fix

```markdown projects/shop/defects/DEF-1.md
---
id: DEF-1
title: The gateway times out
matchers:
- {message: "gateway timeout"}
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|p| &p.defects) {
        for (n, matcher) in doc.value.matchers.iter().enumerate() {
            if matches_anything(matcher) {
                let message = "the matcher has no condition, so it would match every failure";
                out.push(
                    Finding::error(RULE.code, &doc.path, message)
                        .at_field(doc, &["matchers".into(), n.into()])
                        .help("add `message`, `trace`, `full_name`, `status` or `labels`"),
                );
            }
        }
    }
}

/// Whether nothing is asked of a failure; an empty expression asks nothing.
fn matches_anything(matcher: &Matcher) -> bool {
    let expressions = [&matcher.message, &matcher.trace, &matcher.full_name];
    let asks = |text: &&Option<String>| text.as_ref().is_some_and(|t| !t.is_empty());
    !expressions.iter().any(asks)
        && matcher.status.is_empty()
        && matcher.environment.is_empty()
        && matcher.labels.is_empty()
}
