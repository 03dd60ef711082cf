use super::{Facts, Finding, Rule, code};
use crate::base::path::file_name;
use crate::store::FileKind;

pub(super) const RULE: Rule = Rule {
    code: code("TB0220", "unportable-name"),
    page: r#"
## What it checks

The names of files and folders below `projects/` can be made on every system: none of the characters
`< > : " | ? * \`, no control characters, no dot or blank at the end, and none of the names that
Windows keeps for devices, such as `con`, `nul` or `com1`, with or without an extension.

## Why

git can't check out such a file on Windows, and with it the whole commit.

## Example

```markdown projects/shop/cases/aux.md
---
id: SHOP-K4F7QM
title: Auxiliary functions
status: draft
---
```

## Fix

Rename the file: the case keeps its id, and with it its history.

```markdown projects/shop/cases/auxiliary.md
---
id: SHOP-K4F7QM
title: Auxiliary functions
status: draft
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for entry in facts.entries() {
        let name = file_name(&entry.path);
        if entry.kind == FileKind::BadName {
            continue;
        }
        if let Some(problem) = problem(name) {
            let message = format!("the name `{name}` {problem}, which Windows does not allow");
            out.push(Finding::error(RULE.code, &entry.path, message).help("rename it"));
        }
    }
}

/// Says why a name can't be made everywhere.
fn problem(name: &str) -> Option<String> {
    let bad = |c: &char| matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\\');
    if let Some(c) = name.chars().find(bad) {
        return Some(format!("has a `{c}`"));
    }
    if name.contains(char::is_control) {
        return Some("has a control character".to_owned());
    }
    if let Some(last) = name.chars().last().filter(|c| matches!(c, '.' | ' ')) {
        let last = if last == '.' { "dot" } else { "blank" };
        return Some(format!("ends with a {last}"));
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    is_device(&stem.to_ascii_lowercase()).then(|| "is a device".to_owned())
}

/// Source: "Naming Files, Paths, and Namespaces" in Microsoft's documentation of Win32.
fn is_device(stem: &str) -> bool {
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut rest = rest.chars();
            matches!(rest.next(), Some('0'..='9' | '¹' | '²' | '³')) && rest.next().is_none()
        })
    };
    matches!(stem, "con" | "prn" | "aux" | "nul" | "conin$" | "conout$")
        || numbered("com")
        || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn names() {
        for good in [
            "a.md",
            "console.md",
            "com.md",
            "com10.md",
            "nul-value.md",
            ".gitkeep",
            "é ü",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        let bad = [
            "con",
            "NUL.md",
            "Com1.tar.gz",
            "lpt¹.md",
            "aux .md",
            "a:b",
            "a?",
            "x.",
            "x ",
            "a\\b",
            "a\nb",
            "\u{7f}",
        ];
        for bad in bad {
            assert!(problem(bad).is_some(), "{bad:?}");
        }
    }
}
