use super::{Facts, Finding, Rule, code};
use crate::diag::Span;
use crate::store::{Doc, marker};

pub(super) const RULE: Rule = Rule {
    code: code("TB0305", "torn-conflict"),
    page: r"
## What it checks

No line outside code is one of the markers of a merge conflict, `<<<<<<< name` or `>>>>>>> name`, whose
others are gone. Whole conflicts are TB0105.

## Why

Somebody took out a part of the markers. What stands around the line may be both sides of the conflict,
one after the other.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Submit the form.
1. Send the form.
>>>>>>> reword
```

## Fix

Keep what is right, and remove the line.

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
---

## Steps

1. Send the form.
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for project in facts.projects() {
        for doc in &project.cases {
            one(doc, out);
        }
        for doc in &project.steps {
            one(doc, out);
        }
        for doc in &project.defects {
            one(doc, out);
        }
        if let Some(doc) = &project.readme {
            one(doc, out);
        }
    }
}

fn one<T>(doc: &Doc<T>, out: &mut Vec<Finding>) {
    let text = &doc.text;
    if !text.contains("<<<<<<<") && !text.contains(">>>>>>>") {
        return;
    }
    let mut at = 0;
    let mut fence = None;
    let mut torn = Vec::new();
    for line in text.split_inclusive('\n') {
        let said = line.trim();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| said.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        // Seven signs and a name: shorter ones and bare ones are quotes and rules of other texts.
        let sign = ['<', '>']
            .into_iter()
            .find(|sign| marker(line, *sign).is_some());
        let is_named = line.trim_end().contains(' ');
        if let Some(sign) = sign.filter(|_| is_named && fence.is_none()) {
            torn.push((sign, Span::new(at, at + line.trim_end().len())));
        }
        at += line.len();
    }
    // A whole conflict is told by what reads the file.
    let signs: String = torn.iter().map(|(sign, _)| *sign).collect();
    if signs.contains("<>") {
        return;
    }
    out.extend(torn.into_iter().map(|(_, span)| {
        let line = &text[span.range()];
        let message = format!("the line `{line}` is left of a merge conflict");
        Finding::error(RULE.code, &doc.path, message)
            .at(Some(span))
            .help("keep what is right around it, and remove the line")
    }));
}
