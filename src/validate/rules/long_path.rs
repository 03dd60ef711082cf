use super::{Facts, Finding, Rule, code};
use crate::store::FileKind;

pub(super) const RULE: Rule = Rule {
    code: code("TB0222", "long-path"),
    page: r"
## What it checks

Paths of files below `projects/` have at most 200 characters, counted from the workspace's folder. A warning.

## Why

Windows refuses paths of more than 260 characters, and the folder of the check-out counts too.

## Example

```markdown projects/shop/cases/the-customer-signs-in/with-a-password-that-has-expired/after-having-been-reminded-twice/and-after-the-account-was-locked-for-inactivity/but-before-it-is-removed/shows-the-form-for-a-new-password.md
---
id: SHOP-K4F7QM
title: An expired password is asked for again
status: draft
---
```

## Fix

Shorten the names of the folders or the file. The title says the rest.

```markdown projects/shop/cases/sign-in/expired-password/reminded-and-locked.md
---
id: SHOP-K4F7QM
title: An expired password is asked for again
status: draft
---
```
",
    check,
};

/// Characters of a path, counted from the workspace's folder.
const MAX: usize = 200;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for entry in facts.entries() {
        let length = entry.path.chars().count();
        if length <= MAX || entry.kind == FileKind::Folder {
            continue;
        }
        let message = format!("the path has {length} characters, more than {MAX}");
        out.push(
            Finding::warning(RULE.code, &entry.path, message)
                .help("shorten the names of its folders or of the file"),
        );
    }
}
