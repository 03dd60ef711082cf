//! Issue trackers by address alone: issues that links name, and forms for new ones, filled in. Nothing
//! here asks the network.

use crate::analysis::resolve::compile;
use crate::base::text::{sanitize, strip_ansi, truncate};
use crate::model::{Integration, NewIssue, ProjectFile, TrackerKind};

/// The longest address that browsers and trackers take for sure, in bytes.
pub const LONGEST: usize = 8_000;
/// The longest title of an issue, in characters.
const TITLE: usize = 200;

/// What a new issue says; all of it is untrusted.
#[derive(Clone, Debug, Default)]
pub struct Draft<'a> {
    pub title: &'a str,
    /// Lines above the message: `Launch: …`.
    pub facts: &'a [String],
    pub message: Option<&'a str>,
}

/// Returns the address of an issue by the first integration whose pattern its name fits as a whole.
pub fn issue_url(integrations: &[Integration], name: &str) -> Option<String> {
    integrations.iter().find_map(|integration| {
        let pattern = compile(&format!("^(?:{})$", integration.pattern)).ok()?;
        let groups = pattern.captures(name)?;
        let mut url = integration.url.replace("{id}", &encoded(name));
        for group in 1..groups.len() {
            let value = groups.get(group).map_or("", |value| value.as_str());
            url = url.replace(&format!("{{{group}}}"), &encoded(value));
        }
        is_address(&url).then_some(url)
    })
}

/// Returns the address of an issue by a project's settings: by an integration, else by the prefix of its key
/// in `issues`.
pub fn known_issue(settings: &ProjectFile, name: &str) -> Option<String> {
    let by_prefix = || {
        let (prefix, number) = name.rsplit_once('-')?;
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let pattern = settings.issues.get(prefix).filter(|_| is_number)?;
        let url = pattern.replace("{}", &encoded(name));
        is_address(&url).then_some(url)
    };
    issue_url(&settings.integrations, name).or_else(by_prefix)
}

/// Returns the address of a tracker's form for a new issue, filled in, of at most so many bytes: the
/// message is cut where it is longer. None where the integration does not say where issues are filed.
pub fn new_issue_url(
    integration: &Integration,
    draft: &Draft<'_>,
    longest: usize,
) -> Option<String> {
    let new = integration.new_issue.as_ref()?;
    let title = encoded(&truncate(&sanitize(draft.title), TITLE));
    let form = Form::of(integration, new)?;
    let url = |body: &str| {
        let url = form.template.replace("{title}", &title);
        url.replace("{body}", body)
    };
    let room = longest.checked_sub(url("").len())?;
    let url = url(&form.body(draft, room));
    is_address(&url).then_some(url)
}

/// A form's address, with `{title}` and `{body}`.
struct Form {
    template: String,
    kind: TrackerKind,
    /// What follows the body: labels, where they are words of it.
    after: String,
}

impl Form {
    fn of(integration: &Integration, new: &NewIssue) -> Option<Self> {
        let site = || {
            let named = new
                .site
                .as_deref()
                .map(|site| site.trim_end_matches('/').to_owned());
            named.or_else(|| site_of(&integration.url))
        };
        let project = |keep: &str| Some(encoded_but(new.project.as_deref()?, keep));
        let labels = |join: &str, each: &dyn Fn(&String) -> String| {
            new.labels.iter().map(each).collect::<Vec<_>>().join(join)
        };
        let mut after = String::new();
        let template = match integration.kind {
            TrackerKind::GitHub => {
                let labels = match new.labels.is_empty() {
                    true => String::new(),
                    false => format!("&labels={}", labels("%2C", &|label| encoded(label))),
                };
                let (site, project) = (site()?, project("/")?);
                format!("{site}/{project}/issues/new?title={{title}}{labels}&body={{body}}")
            }
            TrackerKind::GitLab => {
                if !new.labels.is_empty() {
                    let labels = labels(" ", &|label| format!("~\"{}\"", label.replace('"', "")));
                    after = format!("\n/label {labels}\n");
                }
                let (site, project) = (site()?, project("/")?);
                format!(
                    "{site}/{project}/-/issues/new?issue%5Btitle%5D={{title}}&issue%5Bdescription%5D={{body}}"
                )
            }
            TrackerKind::Jira => {
                let labels = labels("", &|label| format!("&labels={}", encoded(label)));
                let kind = new.issue_type.as_deref().map(encoded);
                let kind = kind
                    .map(|kind| format!("&issuetype={kind}"))
                    .unwrap_or_default();
                let (site, project) = (site()?, project("")?);
                format!(
                    "{site}/secure/CreateIssueDetails!init.jspa?pid={project}{kind}{labels}\
                     &summary={{title}}&description={{body}}"
                )
            }
            TrackerKind::YouTrack => {
                let labels = labels("", &|label| {
                    format!("&c={}", encoded(&format!("tag {label}")))
                });
                let (site, project) = (site()?, project("")?);
                format!(
                    "{site}/newIssue?project={project}{labels}&summary={{title}}&description={{body}}"
                )
            }
            TrackerKind::Other => new.url.clone()?,
        };
        Some(Self {
            template,
            kind: integration.kind,
            after,
        })
    }

    /// Returns the encoded text of an issue, of at most so many bytes.
    fn body(&self, draft: &Draft<'_>, room: usize) -> String {
        let facts: String = draft
            .facts
            .iter()
            .map(|fact| format!("{}\n", sanitize(fact)))
            .collect();
        let message = draft.message.map(|message| {
            let plain = strip_ansi(message);
            let plain = plain.replace("\r\n", "\n").replace('\r', "\n");
            sanitize(plain.trim()).into_owned()
        });
        let message = message
            .filter(|message| !message.is_empty())
            .unwrap_or_default();
        let (open, close) = match self.kind {
            _ if message.is_empty() => (String::new(), String::new()),
            TrackerKind::Jira => ("\n{noformat}\n".to_owned(), "\n{noformat}\n".to_owned()),
            _ => {
                let ticks = message.split(|c| c != '`').map(str::len).max().unwrap_or(0);
                let fence = "`".repeat(ticks.clamp(2, 20) + 1);
                (format!("\n{fence}\n"), format!("\n{fence}\n"))
            }
        };
        let message = match self.kind {
            TrackerKind::Jira => message.replace("{noformat}", "(noformat)"),
            _ => message,
        };
        let before = encoded(&format!("{facts}{open}"));
        let after = encoded(&format!("{close}{}", self.after));
        match room.checked_sub(before.len() + after.len()) {
            Some(room) => format!("{before}{}{after}", cut(&message, room)),
            None => cut(&facts, room),
        }
    }
}

/// Encodes as much of a text as there is room for, with an ellipsis where that is not all.
fn cut(text: &str, room: usize) -> String {
    let all = encoded(text);
    if all.len() <= room {
        return all;
    }
    let more = encoded("…");
    let mut out = String::new();
    for c in text.chars() {
        let next = encoded(c.encode_utf8(&mut [0; 4]));
        if out.len() + next.len() + more.len() > room {
            break;
        }
        out.push_str(&next);
    }
    if out.len() + more.len() <= room {
        out.push_str(&more);
    }
    out
}

fn is_address(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Returns scheme and host of an address.
fn site_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest
        .split(['/', '?', '#', '{'])
        .next()
        .filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}"))
}

fn encoded(text: &str) -> String {
    encoded_but(text, "")
}

/// Writes a text so that it is one part of an address (RFC 3986: all but the unreserved characters is
/// escaped, and what is to be kept).
fn encoded_but(text: &str, keep: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        match c.is_ascii_alphanumeric() || "-._~".contains(c) || byte.is_ascii() && keep.contains(c)
        {
            true => out.push(c),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn issues_are_known_by_integrations_and_by_prefixes() {
        let tracker = Integration {
            pattern: r"OPS-\d+".into(),
            url: "https://ops/{id}".into(),
            ..Integration::default()
        };
        let settings = ProjectFile {
            issues: [
                ("WEB", "https://web/{}"),
                ("OPS", "https://no/{}"),
                ("JS", "javascript:{}"),
            ]
            .map(|(key, url)| (key.to_owned(), url.to_owned()))
            .into_iter()
            .collect(),
            integrations: vec![tracker],
            ..ProjectFile::default()
        };
        for (name, url) in [
            ("WEB-12", Some("https://web/WEB-12")),
            ("OPS-1", Some("https://ops/OPS-1")),
            ("WEB-x", None),
            ("ELSE-1", None),
            ("JS-1", None),
            ("WEB", None),
        ] {
            assert_eq!(known_issue(&settings, name).as_deref(), url, "{name}");
        }
    }

    fn tracker(kind: TrackerKind, url: &str, project: &str) -> Integration {
        Integration {
            name: "Tracker".into(),
            kind,
            pattern: r"WEB-(\d+)".into(),
            url: url.into(),
            new_issue: Some(NewIssue {
                project: Some(project.into()),
                issue_type: Some("10004".into()),
                labels: vec!["bug".into(), "found by test".into()],
                ..NewIssue::default()
            }),
        }
    }

    #[test]
    fn links_find_their_issue() {
        let jira = tracker(TrackerKind::Jira, "https://t.example.com/browse/{id}", "1");
        let mut github = tracker(
            TrackerKind::GitHub,
            "https://github.com/a/b/issues/{1}",
            "a/b",
        );
        github.pattern = r"#(\d+)".into();
        let all = [jira, github];
        let url = |name| issue_url(&all, name);
        assert_eq!(
            url("WEB-812").as_deref(),
            Some("https://t.example.com/browse/WEB-812")
        );
        assert_eq!(
            url("#7").as_deref(),
            Some("https://github.com/a/b/issues/7")
        );
        assert_eq!(url("xWEB-812"), None);
        assert_eq!(url("WEB-812 "), None);
    }

    #[test]
    fn forms_are_filled_in() {
        let facts = ["Launch: n-1".to_owned()];
        let draft = Draft {
            title: "50% & more: é",
            facts: &facts,
            message: Some("\u{1b}[31ma b\u{1b}[0m\nc"),
        };
        let labels = "bug%2Cfound%20by%20test";
        let body = "Launch%3A%20n-1%0A%0A%60%60%60%0Aa%20b%0Ac%0A%60%60%60%0A";
        let title = "50%25%20%26%20more%3A%20%C3%A9";
        for (kind, url, project, expected) in [
            (
                TrackerKind::GitHub,
                "https://github.com/a/b/issues/{1}",
                "a/b",
                format!(
                    "https://github.com/a/b/issues/new?title={title}&labels={labels}&body={body}"
                ),
            ),
            (
                TrackerKind::GitLab,
                "https://gitlab.com/g/s/p/-/issues/{1}",
                "g/s/p",
                format!(
                    "https://gitlab.com/g/s/p/-/issues/new?issue%5Btitle%5D={title}&issue%5Bdescription%5D={body}\
                     %0A%2Flabel%20~%22bug%22%20~%22found%20by%20test%22%0A"
                ),
            ),
            (
                TrackerKind::Jira,
                "https://t.example.com/browse/{id}",
                "10000",
                format!(
                    "https://t.example.com/secure/CreateIssueDetails!init.jspa?pid=10000&issuetype=10004&labels=bug\
                     &labels=found%20by%20test&summary={title}&description=Launch%3A%20n-1%0A%0A%7Bnoformat%7D%0A\
                     a%20b%0Ac%0A%7Bnoformat%7D%0A"
                ),
            ),
            (
                TrackerKind::YouTrack,
                "https://y.youtrack.cloud/issue/{id}",
                "WEB",
                format!(
                    "https://y.youtrack.cloud/newIssue?project=WEB&c=tag%20bug&c=tag%20found%20by%20test\
                     &summary={title}&description={body}"
                ),
            ),
        ] {
            let tracker = tracker(kind, url, project);
            assert_eq!(
                new_issue_url(&tracker, &draft, LONGEST),
                Some(expected),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn other_trackers_and_incomplete_ones() {
        let mut other = tracker(TrackerKind::Other, "https://t/{id}", "");
        let draft = Draft {
            title: "a b",
            ..Draft::default()
        };
        assert_eq!(new_issue_url(&other, &draft, LONGEST), None);
        let form = |url: &str| {
            Some(NewIssue {
                url: Some(url.into()),
                ..NewIssue::default()
            })
        };
        other.new_issue = form("https://t/new?t={title}&b={body}");
        assert_eq!(
            new_issue_url(&other, &draft, LONGEST).as_deref(),
            Some("https://t/new?t=a%20b&b=")
        );
        other.new_issue = form("javascript:alert(1)");
        assert_eq!(new_issue_url(&other, &draft, LONGEST), None);
        let mut github = tracker(
            TrackerKind::GitHub,
            "https://github.com/a/b/issues/{1}",
            "a/b",
        );
        github.new_issue = Some(NewIssue::default());
        assert_eq!(new_issue_url(&github, &draft, LONGEST), None);
    }

    proptest! {
        #[test]
        fn addresses_stay_in_their_room(title: String, message in "(\\PC|[`\u{1b}\n]){0,4000}", longest in 400usize..8_001) {
            let facts = ["Launch: n-1".to_owned()];
            let draft = Draft { title: &title, facts: &facts, message: Some(&message) };
            let jira = tracker(TrackerKind::Jira, "https://t.example.com/browse/{id}", "1");
            if let Some(url) = new_issue_url(&jira, &draft, longest) {
                prop_assert!(url.len() <= longest);
                prop_assert!(url.bytes().all(|b| b.is_ascii_graphic()));
            }
        }
    }
}
