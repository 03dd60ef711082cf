use super::{Facts, Finding, Rule, code};
use crate::base::Digest;
use crate::store::Key;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0322", "malformed-approval"),
    page: r#"
## What it checks

The `digest` of an approval has 64 hex digits, and what it says of `requirements` and `cases` 16 each, in
lower case.

## Why

A digest that is none equals no case: the approval counts as outdated, whatever was approved.

## Example

```yaml projects/shop/approvals/SHOP-K4F7QM.yaml
approvals:
- {"by": "alice", "at": "2026-11-22T18:43:00Z", "digest": "0f3c1d5a"}
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```

## Fix

Let `tallybook approve` write approvals; it replaces yours.

```yaml projects/shop/approvals/SHOP-K4F7QM.yaml
approvals:
- {"by": "alice", "at": "2026-11-22T18:43:00Z", "digest": "0f3c1d5a7b9e2846a1c3e5079b2d4f6880a2c4e6183a5c7e90b2d4f61a3c5e70"}
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```
"#,
    check,
};

/// Hex digits of what a requirement says, or a related case.
const SHORT: usize = 16;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|project| &project.approvals) {
        for (n, approval) in doc.value.all.iter().enumerate() {
            let mut report = |field: &[Key<'_>], digest: &str, digits: usize| {
                let field = [&["approvals".into(), n.into()], field].concat();
                let message = format!("`{digest}` is no digest of {digits} hex digits");
                out.push(
                    Finding::error(RULE.code, &doc.path, message)
                        .at_field(doc, &field)
                        .help("remove the line, and let whoever it names run `tallybook approve`"),
                );
            };
            let digest = approval.digest.as_str();
            // One that is missing is a finding of its own.
            if !digest.is_empty() && Digest::parse(digest).is_none() {
                report(&["digest".into()], digest, 64);
            }
            for (key, links) in [
                ("requirements", &approval.requirements),
                ("cases", &approval.cases),
            ] {
                for (id, digest) in links.iter().filter(|(_, digest)| !is_short(digest)) {
                    report(&[key.into(), id.into()], digest, SHORT);
                }
            }
        }
    }
}

fn is_short(digest: &str) -> bool {
    let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    digest.len() == SHORT && digest.bytes().all(is_hex)
}
