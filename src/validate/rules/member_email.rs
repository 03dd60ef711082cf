use super::{Facts, Finding, Rule, code};
use crate::validate::facts::{At as _, is_empty_list};

pub(super) const RULE: Rule = Rule {
    code: code("TB0155", "member-email"),
    page: r"
## What it checks

A member has at least one email address, and each of them looks like one: a name, an `@`, a domain.

## Why

git knows people by their email addresses alone. A member without one is never recognised as the
author of a commit, and so has no rights.

## Example

```yaml projects/shop/members/bob.yaml
name: Bob Example
emails: [bob at example.com]
role: writer
```

## Fix

```yaml projects/shop/members/bob.yaml
name: Bob Example
emails: [bob@example.com]
role: writer
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().flat_map(|p| &p.members) {
        if doc.value.emails.is_empty() && is_empty_list(doc, &["emails".into()]) {
            let message = format!("the member `{}` has no email address", doc.value.id);
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &["emails".into()])
                    .help("add `emails: [name@example.com]`, as git has it in `user.email`"),
            );
        }
        for (n, email) in doc.value.emails.iter().enumerate() {
            if !is_email(email) {
                let message = format!("`{email}` is no email address such as `name@example.com`");
                out.push(
                    Finding::error(RULE.code, &doc.path, message)
                        .at_field(doc, &["emails".into(), n.into()]),
                );
            }
        }
    }
}

/// Whether git could have this as an email address; not whether mail arrives.
fn is_email(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',');
    text.chars().all(plain)
        && text
            .rsplit_once('@')
            .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn addresses() {
        let good = [
            "a@b",
            "a.b+c@example.com",
            "49699333+dependabot[bot]@users.noreply.github.com",
        ];
        assert!(good.into_iter().all(is_email));
        let bad = ["", "@", "a@", "@b", "a b@c", "A <a@b>", "a@b,c@d", "a\n@b"];
        assert!(!bad.into_iter().any(is_email));
    }
}
