use super::{Facts, Finding, Rule, code};
use crate::analysis::resolve::compile;
use crate::model::Integration;
use crate::store::Key;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0267", "bad-tracker-address"),
    page: r"
## What it checks

The `url` of an integration is an address of the web that has a place for the issue: `{id}` for the
issue as written, or `{1}`, `{2}` … for a group of its `pattern`. Other addresses of it, `site` and `url`
of `new_issue`, are of the web too.

## Why

Names of issues become links by it, in the terminal, in reports and in the site.

## Example

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
integrations:
- name: Tracker
  pattern: 'WEB-\d+'
  url: https://tracker.example.com/browse/
```

## Fix

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
integrations:
- name: Tracker
  pattern: 'WEB-\d+'
  url: https://tracker.example.com/browse/{id}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().filter_map(|p| p.settings.as_ref()) {
        for (n, integration) in doc.value.integrations.iter().enumerate() {
            for (place, message, help) in problems(integration) {
                let mut field: Vec<Key<'_>> = vec!["integrations".into(), n.into()];
                field.extend(place.iter().map(|key| Key::Name(key)));
                let finding = Finding::error(RULE.code, &doc.path, message);
                out.push(finding.at_field(doc, &field).help(help));
            }
        }
    }
}

fn problems(integration: &Integration) -> Vec<(Vec<&'static str>, String, &'static str)> {
    let mut out = Vec::new();
    let new_issue = integration.new_issue.as_ref();
    let addresses = [
        (vec!["url"], Some(&integration.url)),
        (
            vec!["new_issue", "site"],
            new_issue.and_then(|new| new.site.as_ref()),
        ),
        (
            vec!["new_issue", "url"],
            new_issue.and_then(|new| new.url.as_ref()),
        ),
    ];
    for (place, address) in addresses {
        let Some(address) = address.filter(|address| !is_of_web(address)) else {
            continue;
        };
        // A required key that isn't there is the store's finding.
        if !address.is_empty() {
            let message = format!("`{address}` is no address of the web");
            out.push((place, message, "start it with `https://`"));
        }
    }
    let url = &integration.url;
    if !url.is_empty() {
        out.extend(
            places(url, &integration.pattern).map(|(message, help)| (vec!["url"], message, help)),
        );
    }
    out
}

/// Whether an address is one that a browser may open from a page.
fn is_of_web(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// Says what is wrong with the places of an address.
fn places(url: &str, pattern: &str) -> Option<(String, &'static str)> {
    let groups = compile(pattern).map_or(usize::MAX, |regex| regex.captures_len() - 1);
    let mut any = false;
    for part in url.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        match name.parse::<usize>() {
            _ if name == "id" => any = true,
            Ok(n) if n > 0 && n <= groups => any = true,
            Ok(_) => {
                let message = format!("the pattern has no group `{{{name}}}`");
                return Some((
                    message,
                    "write `{id}`, or put the part in parentheses in `pattern`",
                ));
            }
            Err(_) => {
                let message = format!("`{{{name}}}` means nothing in an issue's address");
                return Some((message, "write `{id}` where the issue belongs"));
            }
        }
    }
    (!any).then(|| {
        let message = "the address has no place for the issue".to_owned();
        (message, "write `{id}` where it belongs")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_place_for_the_issue() {
        let said = |url: &str, pattern: &str| {
            let integration = Integration {
                url: url.into(),
                pattern: pattern.into(),
                ..Integration::default()
            };
            let all = problems(&integration).into_iter();
            all.map(|(_, message, _)| message)
                .collect::<Vec<_>>()
                .join("; ")
        };
        assert_eq!(said("https://t/{id}", "W-1"), "");
        assert_eq!(said("https://t/{1}?x={id}", "GH-(1)"), "");
        assert_eq!(
            said("https://t/{2}", "GH-(1)"),
            "the pattern has no group `{2}`"
        );
        assert_eq!(
            said("https://t/{name}", "x"),
            "`{name}` means nothing in an issue's address"
        );
        assert_eq!(
            said("https://t/{", "x"),
            "`{}` means nothing in an issue's address"
        );
        assert_eq!(
            said("javascript:alert({id})", "x"),
            "`javascript:alert({id})` is no address of the web"
        );
        assert_eq!(
            said("https://t/", "x"),
            "the address has no place for the issue"
        );
        assert_eq!(
            said("https://", "x"),
            "`https://` is no address of the web; the address has no place for the issue"
        );
    }
}
