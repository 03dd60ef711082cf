use super::{Facts, Finding, Rule, code};
use crate::base::text;
use crate::model::AnnotationKind;

pub(super) const RULE: Rule = Rule {
    code: code("TB0233", "annotation-of-nothing"),
    page: r"
## What it checks

The folder of an annotation is named by the id of a closed launch of its project, and the files that
a record of removal names are files that the launch lists, or annotations of it. A launch that is
gone may have acknowledgements. A warning.

## Why

What is said of nothing is shown nowhere and excuses nothing: an id or a path was mistyped, or the
launch is not here.

## Example

```yaml projects/shop/annotations/2026-11-22-nightly/2026-11-23-091500-note-4f7k.yaml
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

## Fix

Name the folder as the launch is.

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
    let launches = &facts.launches;
    for (heads, said) in launches.heads.iter().zip(&launches.said) {
        for (id, annotations) in said {
            let head = heads.iter().find(|head| head.file.id == *id);
            // A launch that does not read is a finding of its own.
            let folder = format!("/{id}/launch.yaml");
            if launches
                .damages
                .iter()
                .any(|damage| damage.path.ends_with(&folder))
            {
                continue;
            }
            for said in &annotations.0 {
                let annotation = &said.annotation;
                if head.is_none() && annotation.kind != AnnotationKind::Acknowledged {
                    let message = format!("the project has no closed launch `{id}`");
                    let finding = Finding::warning(RULE.code, &said.path, message);
                    let ids = heads.iter().map(|head| head.file.id.as_str());
                    out.push(match text::closest(id, ids) {
                        Some(near) => finding.help(format!("did you mean `{near}`?")),
                        None => finding,
                    });
                }
                let Some(listed) = head.and_then(|head| launches.listed.get(&head.path)) else {
                    continue;
                };
                for file in annotation
                    .files
                    .iter()
                    .filter(|file| !file.path.starts_with("annotations/"))
                    .filter(|file| !listed.contains(&file.path))
                {
                    let message = format!("the launch lists no file `{}`", file.path);
                    let finding = Finding::warning(RULE.code, &said.path, message);
                    let paths = listed.iter().map(String::as_str);
                    out.push(match text::closest(&file.path, paths) {
                        Some(near) => finding.help(format!("did you mean `{near}`?")),
                        None => finding,
                    });
                }
            }
        }
    }
}
