use super::{Facts, Finding, Rule, code};

pub(super) const RULE: Rule = Rule {
    code: code("TB0234", "unreadable-annotation"),
    page: r"
## What it checks

A file in `annotations/<launch-id>/` says what it is (`kind`: `note`, `pruned`, `redacted` or
`acknowledged`), when (`at`) and why (`reason`). `pruned` and `redacted` name the `files` that are
gone, each by `path` and `sha256`; `acknowledged` names the `violation` that it answers for.

## Why

What does not read excuses nothing: `verify` calls a file missing whose record it can't read, and the
site shows nothing of it.

## Example

```yaml projects/shop/annotations/2026-11-22-1843-nightly/2026-11-23-091500-pruned-4f7k.yaml
format: 1
kind: deleted
at: 2026-11-23T09:15:00Z
reason: old
```

## Fix

Let `tallybook launch redact`, `note` and `acknowledge`, and `tallybook gc` write these files; take
one that was edited back from the commit that made it. One that never read goes by `tallybook launch
redact LAUNCH annotations/NAME`, which records that it was there.

```yaml projects/shop/annotations/2026-11-22-1843-nightly/2026-11-23-091500-note-4f7k.yaml
format: 1
kind: note
at: 2026-11-23T09:15:00Z
reason: the sandbox was down
```

```yaml projects/shop/launches/2026/11/2026-11-22-1843-nightly/launch.yaml
format: 1
id: 2026-11-22-1843-nightly
project: SHOP
name: Nightly
opened: {at: 2026-11-22T18:43:00Z}
totals: {passed: 1, total: 1}
closed: {at: 2026-11-22T19:43:00Z, sums: '0', version: '1'}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for damage in &facts.launches.malformed {
        let message = format!("the annotation can't be read: {}", damage.message);
        out.push(
            Finding::error(RULE.code, &damage.path, message)
                .help("restore the file from the commit that made it"),
        );
    }
}
