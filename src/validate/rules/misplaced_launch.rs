use super::{Facts, Finding, Rule, code};
use crate::base::path::file_name;
use crate::store::Project;
use crate::store::launches::{LaunchHead, launch_folder};

pub(super) const RULE: Rule = Rule {
    code: code("TB0231", "misplaced-launch"),
    page: r"
## What it checks

A closed launch stands where its `launch.yaml` says: in the project with its key, in the folder of
the year and month in which it was opened (in UTC), named after its id.

## Why

A launch is identified by the project's key and its id inside `launch.yaml`. One that was copied or
moved by hand to another place is counted for the wrong project, or twice.

## Example

```yaml projects/shop/launches/2026/11/nightly/launch.yaml
format: 1
id: 2026-11-22-1843-nightly
project: SHOP
name: Nightly
opened: {at: 2026-11-22T18:43:00Z}
totals: {passed: 1, total: 1}
closed: {at: 2026-11-22T19:43:00Z, sums: '0', version: '1'}
```

## Fix

Move the folder back. A project folder as a whole may move, with all its launches.

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
    for (project, heads) in facts.projects().zip(&facts.launches.heads) {
        for head in heads {
            out.extend(one(project, head).map(|mut finding| {
                finding.message.insert_str(0, &facts.launches.place());
                finding
            }));
        }
    }
}

fn one(project: &Project, head: &LaunchHead) -> Option<Finding> {
    let file = &head.file;
    let expected = launch_folder(&project.folder, file.opened.at, &file.id);
    let message = match project.key() {
        Some(key) if key != file.project => {
            format!(
                "the launch belongs to the project with the key `{}`, not `{key}`",
                file.project
            )
        }
        _ if file_name(&head.path) != file.id => {
            format!(
                "the launch's id is `{}`, and its folder has another name",
                file.id
            )
        }
        _ if head.path != expected => {
            let month = file.opened.at.format("%Y/%m");
            format!("the launch was opened in {month}, and its folder says otherwise")
        }
        _ => return None,
    };
    let path = format!("{}/launch.yaml", head.path);
    let finding = Finding::error(RULE.code, path, message);
    Some(match project.key() {
        Some(key) if key != file.project => finding.help("move the folder back to its project"),
        _ => finding.help(format!("move the folder to `{expected}`")),
    })
}
