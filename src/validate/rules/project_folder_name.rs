use super::{Facts, Finding, Rule, code};
use crate::base::text::slug;

pub(super) const RULE: Rule = Rule {
    code: code("TB0150", "project-folder-name"),
    page: r"
## What it checks

The name of a project's folder consists of lower-case ASCII letters, digits and single dashes.

## Why

The folder is part of addresses on the site and of paths in closed launches. Names that differ in
letter case only are one folder on macOS and Windows and two on Linux.

## Example

```yaml projects/Web Shop/project.yaml
key: WEB
name: Web shop
```

## Fix

Rename the folder. Ids and closed launches stay valid: they name the project by its key.

```yaml projects/web-shop/project.yaml
key: WEB
name: Web shop
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        let good = slug(&project.folder, usize::MAX);
        if project.folder != good {
            let message = format!(
                "the project's folder `{}` is not lower-case letters, digits and single dashes",
                project.folder
            );
            let finding = Finding::error(RULE.code, &project.path, message);
            out.push(finding.help(format!("rename the folder to `{good}`")));
        }
    }
}
