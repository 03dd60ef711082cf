use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Facts, Finding, Rule, code};
use crate::base::path::resolve;
use crate::base::text::{closest, sanitize_line, ticked};
use crate::model::{Case, ScenarioStep, SharedSteps};
use crate::store::Doc;
use crate::validate::facts::{At as _, each_step, plain_target};

pub(super) const RULE: Rule = Rule {
    code: code("TB0191", "unknown-placeholder"),
    page: r"
## What it checks

In the steps of a case with parameters, also in shared ones that it includes, `{name}` stands for the value of a
parameter. One that names none of them is a warning; in code, where braces mean much else, only if it is near to a
parameter's name.

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
        if doc.value.parameters.iter().next().is_none() {
            continue;
        }
        each_step(&doc.value.scenario.steps, &mut |step| {
            if let Some(target) = &step.shared {
                let path = resolve(&doc.path, plain_target(target));
                let steps = path.and_then(|path| facts.steps.get(path.as_str()));
                steps
                    .into_iter()
                    .for_each(|steps| of_shared(doc, steps, step, out));
            }
            of_step(doc, step, out);
        });
    }
}

fn of_step(doc: &Doc<Case>, step: &ScenarioStep, out: &mut Vec<Finding>) {
    let known: Vec<&str> = doc.value.parameters.keys().collect();
    for (name, is_code) in said_by(step) {
        // One letter is near to any other.
        let near = closest(&name, known.iter().copied()).filter(|_| name.len() > 2);
        if known.contains(&name.as_str()) || is_code && near.is_none() {
            continue;
        }
        let written = format!("{{{name}}}");
        let shown = sanitize_line(&written);
        let message = format!("`{shown}` names no parameter of the case");
        let help = match near {
            Some(near) => format!("did you mean `{{{near}}}`?"),
            None => format!("the case has {}", ticked(&known, "and")),
        };
        let body = doc.body();
        let at = body.get(step.offset..).and_then(|rest| rest.find(&written));
        let line = body[..step.offset + at.unwrap_or_default()].rfind('\n');
        let found = Finding::warning(RULE.code, &doc.path, message);
        out.push(found.at_body(doc, line.map_or(0, |at| at + 1)).help(help));
    }
}

/// Steps that others include as well, with values that this case may not have.
fn of_shared(
    doc: &Doc<Case>,
    shared: &Doc<SharedSteps>,
    step: &ScenarioStep,
    out: &mut Vec<Finding>,
) {
    let mut missing = BTreeSet::new();
    each_step(&shared.value.scenario.steps, &mut |inner| {
        let names = said_by(inner).into_iter().filter(|(_, is_code)| !is_code);
        missing.extend(names.map(|(name, _)| name));
    });
    missing.retain(|name| doc.value.parameters.get(name).is_none());
    for name in missing {
        let shown = sanitize_line(&name);
        let path = &shared.path;
        let message = format!("`{path}` says `{{{shown}}}`, which names no parameter of the case");
        let found = Finding::warning(RULE.code, &doc.path, message);
        let help = format!("give the case a parameter `{shown}`");
        out.push(found.at_body(doc, step.offset).help(help));
    }
}

/// What texts of a step have in braces, and whether in code.
fn said_by(step: &ScenarioStep) -> Vec<(String, bool)> {
    let texts = [
        Some(&step.action),
        step.expected.as_ref(),
        step.data.as_ref(),
    ];
    let texts = texts.into_iter().flatten();
    texts
        .filter(|text| text.contains('{'))
        .flat_map(|text| said(text))
        .collect()
}

fn said(text: &str) -> Vec<(String, bool)> {
    let mut in_code = false;
    let mut out = Vec::new();
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
        let names = names(&piece[usize::from(is_escaped)..]);
        out.extend(names.map(|name| (name.to_owned(), is_code)));
    }
    out
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
