use std::collections::BTreeMap;

use super::{Facts, Finding, Rule, code};
use crate::diag::Span;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0156", "repeated-email"),
    page: r"
## What it checks

Within a project an email address belongs to one member, and is given once. Letter case doesn't tell
addresses apart.

## Why

What a person did is found by the address in a commit. An address of two members gives one of them
the other's rights.

## Example

```yaml projects/shop/members/bob.yaml
name: Bob Example
emails: [bob@example.com, Alice@example.com]
role: writer
```

## Fix

```yaml projects/shop/members/bob.yaml
name: Bob Example
emails: [bob@example.com]
role: writer
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let mut first: BTreeMap<String, (&str, &str, Option<Span>)> = BTreeMap::new();
        for doc in &project.members {
            for (n, email) in doc.value.emails.iter().enumerate() {
                let field = ["emails".into(), n.into()];
                let key = email.to_lowercase();
                let Some((member, path, span)) = first.get(&key) else {
                    first.insert(key, (&doc.value.id, &doc.path, doc.span(&field)));
                    continue;
                };
                let whose = if *path == doc.path {
                    "is given twice".to_owned()
                } else {
                    format!("belongs to the member `{member}`")
                };
                let message = format!("the email address `{email}` {whose}");
                let mut finding =
                    Finding::error(RULE.code, &doc.path, message).at_field(doc, &field);
                if let Some(span) = span {
                    finding = finding.label(*path, *span, "first given here");
                }
                out.push(finding.help("remove it from one of them"));
            }
        }
    }
}
