use super::{Facts, Finding, Rule, code};
use crate::base::path::{file_name, resolve};
use crate::base::text::closest;
use crate::validate::facts::plain_target;
use crate::validate::links;

pub(super) const RULE: Rule = Rule {
    code: code("TB0170", "broken-link"),
    page: r"
## What it checks

A relative link in the text of a case, of shared steps or of a defect leads to a file or a folder
that exists. Shared steps are included by such links. Links that leave `projects/` are not followed.

## Why

Whoever executes the case stands before a step that is not there; whoever reads it finds nothing.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. [Fill in the form](../steps/fill-in.md)
```

```markdown projects/shop/steps/fill-in-form.md
---
title: Fill in the form
---

## Steps

1. Enter name and password.
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. [Fill in the form](../steps/fill-in-form.md)
```

```markdown projects/shop/steps/fill-in-form.md
---
title: Fill in the form
---

## Steps

1. Enter name and password.
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for text in links::texts(facts) {
        for link in text.links {
            let target = plain_target(&link.target);
            let Some(path) = resolve(text.path, target) else {
                continue;
            };
            if !path.starts_with("projects/") || is_evidence(&path) || facts.exists(&path) {
                continue;
            }
            let message = format!("the link leads to `{path}`, which does not exist");
            let finding = Finding::error(RULE.code, text.path, message).at(link.span);
            let names = same_kind(facts, &path);
            out.push(match closest(file_name(&path), names) {
                Some(name) => {
                    let wrong = file_name(target);
                    let stem = target.strip_suffix(wrong).unwrap_or_default();
                    finding.help(format!("did you mean `{stem}{name}`?"))
                }
                None => finding.help("correct the path, or remove the link"),
            });
        }
    }
}

/// Whether a path is one of closed launches, which are not listed.
fn is_evidence(path: &str) -> bool {
    let below = path.split('/').nth(2);
    below.is_some_and(|name| matches!(name, "launches" | "executed" | "annotations"))
}

/// Names of the files that stand where the missing one should.
fn same_kind<'a>(facts: &Facts<'a>, path: &str) -> Vec<&'a str> {
    let (folder, _) = path.rsplit_once('/').unwrap_or_default();
    let below = facts.entries().filter_map(|entry| {
        let rest = entry.path.strip_prefix(folder)?.strip_prefix('/')?;
        (!rest.contains('/')).then_some(rest)
    });
    below.collect()
}
