//! Where a place is seen in a browser.

use crate::base::path::join;
use crate::model::{Address, Hosted, encoded_path};
use crate::review::{Brief, Place, Side};

/// Makes addresses of places.
#[derive(Clone, Debug)]
pub struct Links<'a> {
    /// Where the workspace stands in its repository; empty for the root.
    prefix: &'a str,
    base: &'a str,
    head: Option<&'a str>,
    to: To,
}

#[derive(Clone, Debug)]
enum To {
    Nowhere,
    Host(Hosted),
    Template(Template),
}

/// An address with `{path}`, `{line}` and `{commit}` in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

impl std::str::FromStr for Template {
    type Err = String;

    /// Reads a template.
    ///
    /// # Errors
    /// It names no path, has another name in braces, or makes no `http` or `https` address.
    fn from_str(text: &str) -> Result<Self, String> {
        let template = Self(text.to_owned());
        let filled = template.fill("a.md", 1, "0000000");
        if !text.contains("{path}") {
            return Err("it has no `{path}`".to_owned());
        }
        if filled.contains(['{', '}']) {
            return Err("it may have `{path}`, `{line}` and `{commit}` in braces".to_owned());
        }
        match Address::parse(&filled) {
            Some(_) => Ok(template),
            None => Err("it makes no `http` or `https` address".to_owned()),
        }
    }
}

impl Template {
    fn fill(&self, path: &str, line: usize, commit: &str) -> String {
        // The path comes last, so that nothing in it is taken for a name.
        let text = self.0.replace("{line}", &line.to_string());
        let text = text.replace("{commit}", &encoded_path(commit));
        text.replace("{path}", &encoded_path(path))
    }

    fn names_commit(&self) -> bool {
        self.0.contains("{commit}")
    }
}

impl<'a> Links<'a> {
    /// Makes no addresses; says where the workspace stands in its repository.
    pub fn nowhere(brief: &'a Brief, prefix: &'a str) -> Self {
        Self {
            prefix,
            base: &brief.base,
            head: brief.head.as_deref(),
            to: To::Nowhere,
        }
    }

    /// Makes addresses of pages of a code host.
    #[must_use]
    pub fn at(mut self, host: Option<Hosted>) -> Self {
        self.to = host.map_or(To::Nowhere, To::Host);
        self
    }

    /// Makes addresses by a template.
    #[must_use]
    pub fn by(mut self, template: Template) -> Self {
        self.to = To::Template(template);
        self
    }

    /// Returns a path of the workspace as it is from the repository's root.
    pub(super) fn path(&self, path: &str) -> String {
        join(self.prefix, path)
    }

    /// Returns where a line is seen; none of a file that is in no commit.
    pub(super) fn line(&self, place: &Place) -> Option<Address> {
        let commit = match place.side {
            Side::Base => Some(self.base),
            Side::Head => self.head,
        };
        let path = self.path(&place.path);
        match &self.to {
            To::Nowhere => None,
            To::Host(host) => host.line(commit?, &path, place.line),
            // Without a commit it shows what is there now.
            To::Template(template) if !template.names_commit() => {
                let address = template.fill(&path, place.line, "");
                (place.side == Side::Head).then(|| Address::parse(&address))?
            }
            To::Template(template) => Address::parse(&template.fill(&path, place.line, commit?)),
        }
    }

    pub(super) fn commit(&self, commit: &str) -> Option<Address> {
        match &self.to {
            To::Host(host) => host.commit(commit),
            To::Nowhere | To::Template(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Review;

    #[test]
    fn places_get_addresses_where_they_can_be_seen() {
        let review = Review::default();
        let brief = Brief::new("a".repeat(40), None, String::new(), review);
        let place = |side| Place {
            path: "{line}?.md".to_owned(),
            line: 3,
            side,
        };
        let by = |text: &str, side| {
            let links = Links::nowhere(&brief, "qa").by(text.parse().expect("a template"));
            links.line(&place(side)).map(|url| url.as_str().to_owned())
        };
        let plain = "https://x.example/{path}#n{line}";
        let shown = "https://x.example/qa/%7Bline%7D%3F.md#n3";
        assert_eq!(by(plain, Side::Head).as_deref(), Some(shown));
        assert_eq!(by(plain, Side::Base), None);
        let of_commit = "https://x.example/{commit}/{path}";
        assert_eq!(by(of_commit, Side::Head), None, "it is in no commit");
        let shown = format!("https://x.example/{}/qa/%7Bline%7D%3F.md", brief.base);
        assert_eq!(by(of_commit, Side::Base), Some(shown));
    }

    #[test]
    fn wrong_templates_are_told() {
        for (text, why) in [
            ("https://x.example/", "it has no `{path}`"),
            ("https://x.example/{path}/{ref}", "it may have"),
            ("javascript:{path}", "it makes no"),
        ] {
            let error = text.parse::<Template>().expect_err(text);
            assert!(error.starts_with(why), "{error}");
        }
    }
}
