use super::{Facts, Finding, Rule, code};
use crate::model::{Integration, NewIssue, TrackerKind};
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0268", "incomplete-new-issue"),
    page: r"
## What it checks

The `new_issue` of an integration has what its kind of tracker needs to open a filled-in form: `project`
as `owner/name` for `github` and `gitlab`, the project's short name for `youtrack`; for `jira` the
numbers of project and issue type (`project`, `type`); for another tracker the `url` of its form, with
`{title}`.

## Why

The link that files a failure as an issue is made of these, without asking the tracker.

## Example

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
integrations:
- name: Tracker
  kind: jira
  pattern: 'WEB-\d+'
  url: https://tracker.example.com/browse/{id}
  new_issue: {project: WEB}
```

## Fix

Jira shows the numbers in the addresses of its pages of settings (`pid=…`, `issuetype=…`).

```yaml projects/shop/project.yaml
key: SHOP
name: Shop
integrations:
- name: Tracker
  kind: jira
  pattern: 'WEB-\d+'
  url: https://tracker.example.com/browse/{id}
  new_issue: {project: 10000, type: 10004}
```
",
    check,
};

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    for doc in facts.projects().filter_map(|p| p.settings.as_ref()) {
        for (n, integration) in doc.value.integrations.iter().enumerate() {
            for (key, problem) in problems(integration) {
                let field = [
                    "integrations".into(),
                    n.into(),
                    "new_issue".into(),
                    key.into(),
                ];
                let message = format!("{problem}, to file issues of `{}`", integration.name);
                out.push(Finding::error(RULE.code, &doc.path, message).at_field(doc, &field));
            }
        }
    }
}

fn problems(integration: &Integration) -> Vec<(&'static str, &'static str)> {
    let Some(new_issue) = &integration.new_issue else {
        return Vec::new();
    };
    let NewIssue {
        project,
        issue_type,
        url,
        ..
    } = new_issue;
    let fits = |value: &Option<String>, fits: fn(&str) -> bool| value.as_deref().is_some_and(fits);
    let wanted = match integration.kind {
        TrackerKind::GitHub => vec![(
            "project",
            fits(project, |p| p.split('/').count() == 2 && is_path(p)),
            "`project` must be `owner/name`",
        )],
        TrackerKind::GitLab => vec![(
            "project",
            fits(project, |p| p.contains('/') && is_path(p)),
            "`project` must be `group/name`",
        )],
        TrackerKind::YouTrack => vec![(
            "project",
            fits(project, |p| !p.trim().is_empty()),
            "`project` must be a short name",
        )],
        TrackerKind::Jira => vec![
            (
                "project",
                fits(project, is_number),
                "`project` must be the project's number",
            ),
            (
                "type",
                fits(issue_type, is_number),
                "`type` must be the issue type's number",
            ),
        ],
        TrackerKind::Other => vec![(
            "url",
            fits(url, |url| url.contains("{title}")),
            "`url` must be the form's address, with `{title}`",
        )],
    };
    let wanted = wanted.into_iter().filter(|(_, fits, _)| !fits);
    wanted.map(|(key, _, problem)| (key, problem)).collect()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_path(text: &str) -> bool {
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    text.split('/').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_needs_its_own() {
        let missing = |kind, project: Option<&str>, issue_type: Option<&str>, url: Option<&str>| {
            let new_issue = NewIssue {
                project: project.map(str::to_owned),
                issue_type: issue_type.map(str::to_owned),
                url: url.map(str::to_owned),
                ..NewIssue::default()
            };
            let integration = Integration {
                kind,
                new_issue: Some(new_issue),
                ..Integration::default()
            };
            let all = problems(&integration).into_iter();
            all.map(|(key, _)| key).collect::<Vec<_>>()
        };
        use TrackerKind::{GitHub, GitLab, Jira, Other, YouTrack};
        assert_eq!(missing(GitHub, Some("acme/shop"), None, None), [""; 0]);
        assert_eq!(missing(GitHub, Some("shop"), None, None), ["project"]);
        assert_eq!(
            missing(GitHub, Some("acme/shop/../x"), None, None),
            ["project"]
        );
        assert_eq!(missing(GitLab, Some("acme/web/shop"), None, None), [""; 0]);
        assert_eq!(missing(GitLab, Some("a//b"), None, None), ["project"]);
        assert_eq!(missing(YouTrack, Some("WEB"), None, None), [""; 0]);
        assert_eq!(missing(Jira, Some("WEB"), None, None), ["project", "type"]);
        assert_eq!(missing(Jira, Some("1"), Some("2"), None), [""; 0]);
        assert_eq!(
            missing(Other, None, None, Some("https://x/?t={title}")),
            [""; 0]
        );
        assert_eq!(missing(Other, Some("x"), None, None), ["url"]);
    }
}
