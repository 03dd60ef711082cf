use super::{Facts, Finding, Rule, code};
use crate::base::text::{count, shell_word};
use crate::store::launches;

pub(super) const RULE: Rule = Rule {
    code: code("TB0232", "stranded-launch"),
    page: r"
## What it checks

Where `launches.branch` in `tallybook.yaml` names a branch, closed launches are on that branch. None
lies beside the documentation that the branch does not have.

## Why

Closed launches are read from their branch alone. Those that were closed before the setting came
would be in no list, no history and no report, as though they had not been.

## Example

```yaml tallybook.yaml
format: 1
title: Example
launches: {branch: tallybook}
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

## Fix

Begin the branch with the commit that has them, `git branch tallybook`, so that they and their history
go along; then take them out where they are, `git rm -r projects/*/launches projects/*/executed`. Or
leave out `launches.branch`, where closed launches are to stay with their documentation.

```yaml tallybook.yaml
format: 1
title: Example
launches: {branch: tallybook}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let Some(branch) = &facts.launches.branch else {
        return;
    };
    for project in facts.projects() {
        let folder = launches::folder(&project.folder);
        let below = |path: &&String| path.starts_with(&format!("{folder}/"));
        let stranded = facts.launches.stranded.iter().filter(below).count() as u64;
        if stranded == 0 {
            continue;
        }
        let verb = if stranded == 1 { "is" } else { "are" };
        let message = format!(
            "{} {verb} here and not on branch `{branch}`, from which they are read",
            count(stranded, "closed launch")
        );
        let begin = format!("git branch {}", shell_word(branch));
        out.push(Finding::error(RULE.code, folder, message).help(format!(
            "begin the branch with them, `{begin}`, and take them out here; or leave out `launches.branch`"
        )));
    }
}
