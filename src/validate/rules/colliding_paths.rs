use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

use super::{Facts, Finding, Rule, code};
use crate::base::path::{file_name, parent};

pub(super) const RULE: Rule = Rule {
    code: code("TB0221", "colliding-paths"),
    page: r"
## What it checks

No two names in one folder below `projects/` are equal but for letter case, or for the way in which
Unicode writes a letter (`é` as one character or as `e` with an accent).

## Why

On macOS and Windows they are one file: a check-out keeps one of the two, and shows the other as
changed.

## Example

```markdown projects/shop/cases/Sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---
```

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-Q9W2MA
title: Sign in by phone
status: draft
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

```markdown projects/shop/cases/sign-in-by-phone.md
---
id: SHOP-Q9W2MA
title: Sign in by phone
status: draft
---
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let mut first: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for entry in facts.entries() {
        let (folder, name) = (parent(&entry.path), file_name(&entry.path));
        let Some(other) = first.get(&(folder, folded(name))) else {
            first.insert((folder, folded(name)), name);
            continue;
        };
        let message = format!("`{name}` and `{other}` are one name on macOS and Windows");
        out.push(Finding::error(RULE.code, &entry.path, message).help("rename one of them"));
    }
}

/// Returns what a file system compares that ignores letter case and normalisation.
fn folded(name: &str) -> String {
    if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        let lower: String = name.nfc().flat_map(char::to_lowercase).collect();
        lower.nfc().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn letters_that_look_alike_are_one() {
        assert_eq!(folded("Caf\u{e9}.md"), folded("cafe\u{301}.MD"));
        assert_eq!(folded("ÄB"), folded("äb"));
        assert_ne!(folded("a"), folded("b"));
    }
}
