use super::{Facts, Finding, Rule, code};
use crate::analysis::redaction::Redaction;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0241", "bad-redaction"),
    page: r"
## What it checks

`redaction` in `tallybook.yaml` is a list of patterns, each a regular expression with what stands for
what it matches, or a map of such `patterns` and of shapes of secrets to `allow`. At most 100 patterns
of at most 1,000 characters, not larger than 1 MiB once compiled; they neither look around nor refer
back to groups, and match something wherever they match.

## Why

What a pattern should have taken out is kept for ever once it is committed. So nothing is appended
while one of them can't be applied.

## Example

```yaml tallybook.yaml
format: 1
title: Example
redaction:
- {pattern: 'Bearer (\S+', replace: 'Bearer •••'}
```

## Fix

```yaml tallybook.yaml
format: 1
title: Example
redaction:
- {pattern: 'Bearer \S+', replace: 'Bearer •••'}
- {pattern: '(password=)\S+', replace: '${1}•••'}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let Some(doc) = &facts.workspace.settings else {
        return;
    };
    if let Err(error) = Redaction::parse(&doc.value.redaction) {
        let finding = Finding::error(RULE.code, &doc.path, &error.message);
        let in_map = doc.value.redaction.is_object();
        let finding = match error.pattern {
            Some(n) if in_map => {
                finding.at_field(doc, &["redaction".into(), "patterns".into(), n.into()])
            }
            Some(n) => finding.at_field(doc, &["redaction".into(), n.into()]),
            None => finding.at_field(doc, &["redaction".into()]),
        };
        out.push(match error.help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}
