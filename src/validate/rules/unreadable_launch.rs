use super::{Facts, Finding, Rule, code};

pub(super) const RULE: Rule = Rule {
    code: code("TB0230", "unreadable-launch"),
    page: r"
## What it checks

Every folder of a closed launch, `launches/<yyyy>/<mm>/<id>/`, has a `launch.yaml` that can be read
and has a format that this release knows. Whether the launch is unaltered is what
`tallybook verify` checks.

## Why

A launch that can't be read is missing in every history and report, as though it had not been.

## Example

```yaml projects/shop/launches/2026/11/2026-11-22-1843-nightly/launch.yaml
format: 1
id: 2026-11-22-1843-nightly
```

## Fix

Take the file back from the commit that closed the launch: `git log --diff-filter=A -- <path>` names
it. A format that is not known needs a newer release of Tallybook.
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for damage in &facts.launches.damages {
        let place = facts.launches.place();
        let message = format!("{place}the closed launch can't be read: {}", damage.message);
        out.push(Finding::error(RULE.code, &damage.path, message).help(
            "restore the file from the commit that closed the launch, or use a newer release",
        ));
    }
    for head in facts.launches.heads.iter().flatten() {
        if head.file.format == 0 {
            let path = format!("{}/launch.yaml", head.path);
            let place = facts.launches.place();
            let message = format!("{place}the closed launch has the format 0, expected 1");
            out.push(Finding::error(RULE.code, path, message));
        }
    }
}
