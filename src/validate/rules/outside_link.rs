use super::{Facts, Finding, Rule, code};
use crate::base::path::resolve;
use crate::validate::facts::plain_target;
use crate::validate::links;

pub(super) const RULE: Rule = Rule {
    code: code("TB0171", "outside-link"),
    page: r"
## What it checks

Links in the texts of cases, shared steps and defects don't lead out of the workspace: they are
relative, written with `/`, and don't climb above the folder of `tallybook.yaml`.

## Why

Such a file is on one machine only, or changes without the workspace: a commit no longer says what
the text of a case was. The rendered site can't show it either.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

As the [specification](/home/alice/spec.md) demands.
```

## Fix

Link the file's address, or move the file into the workspace.

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

As the [specification](https://example.com/spec) demands.
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for text in links::texts(facts) {
        for link in text.links {
            if resolve(text.path, plain_target(&link.target)).is_some() {
                continue;
            }
            let message = format!("the link `{}` leads out of the workspace", link.target);
            let help = if link.target.contains('\\') {
                "write the path with `/`"
            } else {
                "link an address, or a file of the workspace by a relative path"
            };
            out.push(
                Finding::error(RULE.code, text.path, message)
                    .at(link.span)
                    .help(help),
            );
        }
    }
}
