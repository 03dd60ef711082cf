use super::{Facts, Finding, Rule, code};
use crate::store::attachments::AttachmentSetting;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0240", "bad-attachment-store"),
    page: r"
## What it checks

`attachments` in `tallybook.yaml` names the store of attachments: `{store: git}`, which is the default,
`{store: lfs}`, or `{store: directory, path: …}`. The path is relative to the workspace, absolute, or
begins with a variable of the environment, as `$STORE/attachments`. It is a folder of its own: not the root
of the file system, not the workspace itself, and not inside `projects` or `.git`.

## Why

Attachments that went where nobody wants them are there for good. So nothing is written while the
setting is wrong.

## Example

```yaml tallybook.yaml
format: 1
title: Example
attachments: {store: folder, path: /mnt/attachments}
```

## Fix

```yaml tallybook.yaml
format: 1
title: Example
attachments: {store: directory, path: /mnt/attachments}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let Some(doc) = &facts.workspace.settings else {
        return;
    };
    if let Err(message) = AttachmentSetting::parse(&doc.value.attachments) {
        let finding = Finding::error(RULE.code, &doc.path, message);
        out.push(finding.at_field(doc, &["attachments".into()]));
    }
}
