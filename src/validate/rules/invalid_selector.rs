use super::{Facts, Finding, Rule, code};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0186", "invalid-selector"),
    page: r#"
## What it checks

A selector of a case or of a mute is a full name of automated tests, in which `*` stands for any
characters: it is not empty, not `*` alone, without line breaks, and without blanks around it.

## Why

An empty selector matches no test, and `*` alone claims or mutes every test of the project.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: active
automation:
  selectors: ["*"]
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: active
automation:
  selectors: ["tests.auth.test_login.*"]
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        for (n, selector) in doc.value.automation.selectors.iter().enumerate() {
            if let Some(problem) = problem(selector) {
                let field = ["automation".into(), "selectors".into(), n.into()];
                let message = format!("the selector {problem}");
                out.push(Finding::error(RULE.code, &doc.path, message).at_field(doc, &field));
            }
        }
    }
    for doc in facts.projects().flat_map(|p| &p.mutes) {
        if let Some(problem) = doc.value.selector.as_deref().and_then(problem) {
            let message = format!("the selector {problem}");
            out.push(
                Finding::error(RULE.code, &doc.path, message).at_field(doc, &["selector".into()]),
            );
        }
    }
}

/// Says what is wrong with a selector.
fn problem(selector: &str) -> Option<&'static str> {
    if selector.trim().is_empty() {
        Some("is empty, expected the full name of a test")
    } else if selector.chars().all(|c| c == '*') {
        Some("matches every test, expected a part of a full name")
    } else if selector.contains(char::is_control) {
        Some("has a line break or a control character; a blank stands for those of a full name")
    } else if selector.trim() != selector {
        Some("starts or ends with a blank; those of a full name don't count")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn selectors() {
        for good in ["a", "a.b#c", "*.b", "a * b", "tests/a.py::b[x y]"] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in ["", " ", "*", "**", "a\nb", " a", "a "] {
            assert!(problem(bad).is_some(), "{bad:?}");
        }
    }
}
