use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Facts, Finding, Rule, code};
use crate::base::text::{closest, sanitize_line, ticked};
use crate::model::Case;
use crate::store::Doc;
use crate::validate::facts::{At as _, each_step};

pub(super) const RULE: Rule = Rule {
    code: code("TB0191", "unknown-placeholder"),
    page: r"
## What it checks

In the steps of a case with parameters, `{name}` stands for the value of a parameter. One that names none of them is a
warning; in code, where braces mean much else, only if it is near to a parameter's name.

## Why

Whoever executes the case reads the braces in place of a value.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
parameters: {browser: [chrome, firefox]}
---

## Steps

1. Open the shop in {brwoser}.
   - **Expected:** it is shown.
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
parameters: {browser: [chrome, firefox]}
---

## Steps

1. Open the shop in {browser}.
   - **Expected:** it is shown.
```
",
    check,
};

/// The longest name that is looked at, in bytes.
const LONGEST: usize = 60;

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for (_, doc) in facts.cases() {
        if doc.value.parameters.iter().next().is_some() && doc.body().contains('{') {
            each_step(&doc.value.scenario.steps, &mut |step| {
                let texts = [
                    Some(&step.action),
                    step.expected.as_ref(),
                    step.data.as_ref(),
                ];
                for text in texts.into_iter().flatten() {
                    of_text(doc, text, step.offset, out);
                }
            });
        }
    }
}

fn of_text(doc: &Doc<Case>, text: &str, from: usize, out: &mut Vec<Finding>) {
    let mut in_code = false;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        let (piece, is_code) = match &event {
            Event::Start(Tag::CodeBlock(_)) => {
                in_code = true;
                continue;
            }
            Event::End(TagEnd::CodeBlock) => {
                in_code = false;
                continue;
            }
            Event::Code(piece) => (piece, true),
            Event::Text(piece) => (piece, in_code),
            _ => continue,
        };
        // What is escaped begins a piece of its own.
        let is_escaped = text[..range.start].ends_with('\\') && piece.starts_with('{');
        for name in names(&piece[usize::from(is_escaped)..]) {
            let known: Vec<&str> = doc.value.parameters.keys().collect();
            let near = closest(name, known.iter().copied());
            // One letter is near to any other.
            let near = near.filter(|_| name.len() > 2);
            if known.contains(&name) || is_code && near.is_none() {
                continue;
            }
            let written = format!("{{{name}}}");
            let message = format!(
                "`{}` names no parameter of the case",
                sanitize_line(&written)
            );
            let help = match near {
                Some(near) => format!("did you mean `{{{near}}}`?"),
                None => format!("the case has {}", ticked(&known, "and")),
            };
            let at = doc.body().get(from..).and_then(|rest| rest.find(&written));
            let line = doc.body()[..from + at.unwrap_or_default()].rfind('\n');
            let found = Finding::warning(RULE.code, &doc.path, message);
            out.push(found.at_body(doc, line.map_or(0, |at| at + 1)).help(help));
        }
    }
}

/// Returns what stands in braces and could be a name: what is written as in templates of other languages
/// (`${HOME}`, `{{ name }}`, `\\frac{a}{b}`) or is a part of an address (`/users/{id}`) is none.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let opens = text.match_indices('{').map(|(at, _)| at);
    opens.filter_map(|at| {
        let (name, after) = text[at + 1..].split_once('}')?;
        let before = text[..at].chars().next_back();
        let is_free = |c: char| c.is_whitespace() || "([\"'`«„“‘:,;=>-–—".contains(c);
        let stands_free = before.is_none_or(is_free) && !after.starts_with(['}', '/', '{']);
        let name = name.trim();
        let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let all = |c: char| c.is_alphanumeric() || "_- .".contains(c);
        let is_name = begins && name.len() <= LONGEST && name.chars().all(all);
        (stands_free && is_name).then_some(name)
    })
}
