use super::{Facts, Finding, Rule, code};
use crate::analysis::resolve::compile;
use crate::diag::Span;
use crate::model::{Matcher, ProjectFile};
use crate::store::{Doc, Key};

pub(super) const RULE: Rule = Rule {
    code: code("TB0200", "bad-expression"),
    page: r#"
## What it checks

The regular expressions of defects' matchers and of categories (`message`, `trace`, `full_name`,
`message_regex`, `trace_regex`), and the `pattern` of an integration, can be read, and are not larger than
1 MiB once compiled. They neither look around nor refer back to groups, so that matching takes linear
time. The first three are unanchored; the others fit a text as a whole.

## Why

A matcher that can't be read matches nothing: known failures would be reported as new ones.

## Example

```markdown projects/shop/defects/DEF-1.md
---
id: DEF-1
title: The gateway times out
matchers:
- message: "timeout after (\\d+ ms"
---
```

## Fix

```markdown projects/shop/defects/DEF-1.md
---
id: DEF-1
title: The gateway times out
matchers:
- message: "timeout after \\(?\\d+ ms"
---
```
"#,
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().filter_map(|p| p.settings.as_ref()) {
        of_settings(doc, out);
    }
    for doc in facts.projects().flat_map(|p| &p.defects) {
        for (n, matcher) in doc.value.matchers.iter().enumerate() {
            for (name, pattern) in expressions(matcher) {
                let field = ["matchers".into(), n.into(), name.into()];
                out.extend(one(doc, &field, name, pattern));
            }
        }
    }
}

fn of_settings(doc: &Doc<ProjectFile>, out: &mut Vec<Finding>) {
    for (n, category) in doc.value.categories.iter().enumerate() {
        let own = (Vec::new(), &category.conditions);
        let each = category.matchers.iter().enumerate();
        let each = each.map(|(m, matcher)| (vec!["matchers".into(), m.into()], matcher));
        for (place, matcher) in std::iter::once(own).chain(each) {
            let whole = [
                ("message_regex", &matcher.message_regex),
                ("trace_regex", &matcher.trace_regex),
            ];
            let whole = whole
                .into_iter()
                .filter_map(|(name, text)| Some((name, text.as_deref()?)));
            for (name, pattern) in expressions(&matcher.search).chain(whole) {
                let mut field: Vec<Key<'_>> = vec!["categories".into(), n.into()];
                field.extend(&place);
                field.push(name.into());
                out.extend(one(doc, &field, name, pattern));
            }
        }
    }
    for (n, integration) in doc.value.integrations.iter().enumerate() {
        let field = ["integrations".into(), n.into(), "pattern".into()];
        out.extend(one(doc, &field, "pattern", &integration.pattern));
    }
}

fn expressions(matcher: &Matcher) -> impl Iterator<Item = (&'static str, &str)> {
    let all = [
        ("message", &matcher.message),
        ("trace", &matcher.trace),
        ("full_name", &matcher.full_name),
    ];
    let given = |(name, pattern): (&'static str, _)| Some((name, Option::as_deref(pattern)?));
    all.into_iter().filter_map(given)
}

fn one<T>(doc: &Doc<T>, field: &[Key<'_>], name: &str, pattern: &str) -> Option<Finding> {
    if compile(pattern).is_ok() {
        return None;
    }
    let (problem, inside) = problem(pattern);
    let message = format!("`{name}` is no regular expression that can be used: {problem}");
    let value = doc.span(field);
    let place = value.map(|value| {
        let written = doc.text.get(value.range()).unwrap_or_default();
        inside_value(written, value, pattern, inside).unwrap_or(value)
    });
    let finding = Finding::error(RULE.code, &doc.path, message).at(place);
    Some(
        if problem.starts_with("unclosed") || problem.starts_with("unopened") {
            finding.help("a `\\` before a character takes it literally, as in `\\(`")
        } else {
            finding
        },
    )
}

/// Says what is wrong, and where in the pattern, in bytes.
fn problem(pattern: &str) -> (String, Option<(usize, usize)>) {
    match regex_syntax::Parser::new().parse(pattern) {
        Err(regex_syntax::Error::Parse(error)) => {
            let span = error.span();
            let place = (span.start.offset, span.end.offset);
            (error.kind().to_string(), Some(place))
        }
        Err(regex_syntax::Error::Translate(error)) => {
            let span = error.span();
            let place = (span.start.offset, span.end.offset);
            (error.kind().to_string(), Some(place))
        }
        Err(error) => (error.to_string(), None),
        Ok(_) => ("it is larger than 1 MiB once compiled".to_owned(), None),
    }
}

/// Finds a place of the pattern in the file, where the value is written without escapes.
fn inside_value(
    written: &str,
    value: Span,
    pattern: &str,
    inside: Option<(usize, usize)>,
) -> Option<Span> {
    if written.starts_with('"') && written.contains('\\') {
        return None;
    }
    let (start, end) = inside?;
    let at = value.start + written.find(pattern)?;
    Some(Span::new(at + start, at + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_inside_the_value() {
        let text =
            "---\nid: D\ntitle: t\nmatchers:\n- message: 'é (a'\n- trace: \"\\\\p{x}\"\n---\n";
        let (doc, _) = crate::store::parse_defect("projects/p/defects/D.md", text.into());
        let doc = doc.expect("reads");
        let place = |n: usize, name: &str| {
            let matcher = &doc.value.matchers[n];
            let pattern = expressions(matcher).next().expect("given").1;
            let field = ["matchers".into(), n.into(), name.into()];
            let finding = one(&doc, &field, name, pattern).expect("bad");
            (
                finding.message,
                &text[finding.span.expect("a place").range()],
            )
        };
        let (message, at) = place(0, "message");
        assert_eq!(
            message,
            "`message` is no regular expression that can be used: unclosed group"
        );
        assert_eq!(at, "(");
        assert_eq!(place(1, "trace").1, "\"\\\\p{x}\"");
    }

    #[test]
    fn hostile_patterns_are_told() {
        for pattern in [
            "(",
            "a{1000}{1000}{1000}",
            "(?=x)",
            "\\1",
            "[",
            "x{5,1}",
            "(?P<a>.)(?P<a>.)",
        ] {
            assert!(compile(pattern).is_err());
            assert!(!problem(pattern).0.is_empty());
        }
        let deep = "(".repeat(10_000);
        assert!(compile(&deep).is_err() && !problem(&deep).0.is_empty());
    }
}
