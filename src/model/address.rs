//! Addresses that are safe to link at every receiver, and those of code hosts.

use serde::Serialize;

use super::launch::Source;

/// A web address in plain ASCII: what could end or change it in Markdown, HTML, chats or mail is
/// percent-encoded, and names and passwords are taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Address(String);

impl Address {
    /// Longer addresses are not linked, in bytes.
    const MAX: usize = 800;

    /// Takes an `http` or `https` address; none of anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return None;
        }
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let host = authority.rsplit('@').next().unwrap_or_default();
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(is_host) {
            return None;
        }
        let encoded = format!("{scheme}://{host}{}", encoded(rest));
        (encoded.len() <= Self::MAX).then_some(Self(encoded))
    }

    /// Returns the address of something below this one.
    #[must_use]
    pub fn join(&self, below: &str) -> Option<Self> {
        Self::parse(&format!("{}/{below}", self.0.trim_end_matches('/')))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&+,=%".contains(&byte) {
            true => out.push(byte as char),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A repository at a code host whose pages can be told from its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosted {
    base: Address,
    /// What stands between the repository and its pages.
    between: &'static str,
    requests: &'static str,
}

impl Hosted {
    /// Finds the pages of a repository at GitHub or GitLab, also at an instance of one's own whose host
    /// says so; by `https` or ssh.
    pub fn of(source: &Source) -> Option<Self> {
        let repository = source.repository.as_deref()?.trim();
        let (host, path) = match repository.split_once("://") {
            Some(("ssh" | "git" | "http" | "https", rest)) => {
                let (authority, path) = rest.split_once('/')?;
                (authority.rsplit('@').next()?, path)
            }
            Some(_) => return None,
            None => {
                let (authority, path) = repository.split_once(':')?;
                (authority.rsplit('@').next()?, path)
            }
        };
        let is_web = repository.starts_with("http");
        let host = match is_web {
            true => host,
            false => host.split(':').next()?,
        };
        let scheme = match repository.starts_with("http://") {
            true => "http",
            false => "https",
        };
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let (between, requests) = match host.to_ascii_lowercase() {
            host if host.contains("gitlab") => ("/-", "merge_requests"),
            host if host.contains("github") => ("", "pull"),
            _ => return None,
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
        let base = Address::parse(&format!("{scheme}://{host}/{path}"))?;
        (path.contains('/') && path.chars().all(is_plain)).then_some(Self {
            base,
            between,
            requests,
        })
    }

    pub fn commit(&self, commit: &str) -> Option<Address> {
        self.page("commit", is_commit(commit).then_some(commit)?)
    }

    /// Returns the page of a pull or merge request by its number, as `12`, `#12` or `!12`.
    pub fn request(&self, number: &str) -> Option<Address> {
        let number = number.trim_start_matches(['#', '!']);
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        self.page(self.requests, is_number.then_some(number)?)
    }

    /// Returns the page of what came in after one commit and up to another.
    pub fn changes(&self, from: &str, to: &str) -> Option<Address> {
        let are_commits = is_commit(from) && is_commit(to);
        self.page("compare", &are_commits.then(|| format!("{from}...{to}"))?)
    }

    /// Returns the page of a line of a file at a commit, as source: rendered Markdown has no lines there.
    /// The path is the repository's, with `/`.
    pub fn line(&self, commit: &str, path: &str, line: usize) -> Option<Address> {
        let path = encoded_path(path);
        let below = is_commit(commit).then(|| format!("{commit}/{path}?plain=1#L{line}"))?;
        self.page("blob", &below)
    }

    fn page(&self, kind: &str, name: &str) -> Option<Address> {
        let between = self.between.trim_start_matches('/');
        let below = format!("{between}/{kind}/{name}");
        self.base.join(below.trim_start_matches('/'))
    }
}

/// Encodes a path so that nothing in it ends the path of an address.
pub fn encoded_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_inert() {
        let parse = |text| Address::parse(text).map(|address| address.0);
        for (text, expected) in [
            (
                "https://ci.example.com/1?a=b&c=d#e",
                Some("https://ci.example.com/1?a=b&c=d#e"),
            ),
            ("HTTPS://u:secret@h.example/x", Some("https://h.example/x")),
            (
                "https://h.example\\@evil.example",
                Some("https://h.example%5C@evil.example"),
            ),
            (
                "https://h.example/a)b](c)|<!channel>\"'`*é\n",
                Some("https://h.example/a%29b%5D%28c%29%7C%3C!channel%3E%22%27%60%2A%C3%A9"),
            ),
            ("javascript:alert(1)", None),
            ("ftp://h.example/", None),
            ("https://", None),
            ("https:///x", None),
            ("https://h e/x", None),
        ] {
            assert_eq!(parse(text).as_deref(), expected, "{text}");
        }
        assert_eq!(
            parse(&format!("https://h.example/{}", "é".repeat(200))),
            None
        );
    }

    #[test]
    fn hosts_are_told_by_their_address() {
        let of = |repository: &str| {
            Hosted::of(&Source {
                repository: Some(repository.to_owned()),
                ..Source::default()
            })
        };
        let commit = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334";
        let page = |repository: &str| {
            let hosted = of(repository)?;
            Some(hosted.commit(commit)?.as_str().to_owned())
        };
        let github = format!("https://github.com/acme/shop/commit/{commit}");
        for repository in [
            "https://github.com/acme/shop",
            "https://token@github.com/acme/shop.git",
            "git@github.com:acme/shop.git",
            "ssh://git@github.com:22/acme/shop.git",
        ] {
            assert_eq!(page(repository), Some(github.clone()), "{repository}");
        }
        let own = "https://gitlab.example.com:8443/a/b/c.git";
        let expected = format!("https://gitlab.example.com:8443/a/b/c/-/commit/{commit}");
        assert_eq!(page(own), Some(expected));
        for other in [
            "https://example.com/a/b",
            "/srv/git/github/x",
            "github.com",
            "https://github.com/x",
        ] {
            assert_eq!(page(other), None, "{other}");
        }
        let gitlab = of("git@gitlab.com:a/b.git").expect("known");
        let shown = |address: Option<Address>| address.map(|a| a.0);
        assert_eq!(
            shown(gitlab.request("!12")).as_deref(),
            Some("https://gitlab.com/a/b/-/merge_requests/12")
        );
        assert_eq!(shown(gitlab.request("12/../../x")), None);
        let github = of("https://github.com/a/b").expect("known");
        assert_eq!(
            shown(github.changes("abcdef0", "1234567")).as_deref(),
            Some("https://github.com/a/b/compare/abcdef0...1234567")
        );
        assert_eq!(shown(github.commit("main")), None);
        assert_eq!(
            shown(github.line("abcdef0", "qa/a b#?%.md", 7)).as_deref(),
            Some("https://github.com/a/b/blob/abcdef0/qa/a%20b%23%3F%25.md?plain=1#L7")
        );
        assert_eq!(
            shown(gitlab.line("abcdef0", "a.md", 7)).as_deref(),
            Some("https://gitlab.com/a/b/-/blob/abcdef0/a.md?plain=1#L7")
        );
    }
}
