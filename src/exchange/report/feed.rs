//! Closings as an Atom feed (RFC 4287).

use super::words::{LABEL, MESSAGE, line, person};
use crate::analysis::verdict::{counts, verdict};
use crate::base::Timestamp;
use crate::base::hash::digest_fields;
use crate::base::text::escaped;
use crate::model::Address;
use crate::model::LaunchFile;

/// The closings of one project, latest first.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The project's key.
    pub project: String,
    /// The receipt of the project's first launch; empty where there is none.
    pub origin: String,
    pub title: String,
    /// Who closed what no closing says of itself: the project.
    pub author: String,
    /// The project's page on the site.
    pub page: Option<Address>,
    /// Where the feed itself is.
    pub own: Option<Address>,
    pub entries: Vec<Entry>,
}

/// One closing.
#[derive(Clone, Debug)]
pub struct Entry {
    pub file: LaunchFile,
    /// As hexadecimal digits, perhaps after `sha256:`.
    pub receipt: String,
    pub page: Option<Address>,
    /// The launch that supersedes it.
    pub superseded_by: Option<String>,
}

impl Feed {
    /// Returns the feed. Ids depend on receipts and on the project's key, so they stay wherever it is
    /// published.
    pub fn xml(&self) -> String {
        let id = digest_fields(["feed", &self.project, &self.origin]);
        let updated = self.entries.iter().map(|entry| entry.file.closed.at).max();
        let updated = updated.unwrap_or_else(|| Timestamp::from_ms(0));
        let title = escaped(&line(&self.title, LABEL));
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
             <id>urn:sha256:{}</id>\n<title>{title}</title>\n<updated>{updated}</updated>\n\
             <author><name>{}</name></author>\n",
            hex(&id.to_string()),
            escaped(&line(&self.author, LABEL)),
        );
        for (relation, kind, address) in [
            ("self", "application/atom+xml", &self.own),
            ("alternate", "text/html", &self.page),
        ] {
            out.push_str(&link(relation, kind, address.as_ref()));
        }
        let version = env!("CARGO_PKG_VERSION");
        out.push_str(&format!(
            "<generator version=\"{version}\">tallybook</generator>\n"
        ));
        for entry in &self.entries {
            out.push_str(&entry.xml());
        }
        out.push_str("</feed>\n");
        out
    }
}

impl Entry {
    fn xml(&self) -> String {
        let file = &self.file;
        let verdict = verdict(&file.totals);
        let name = line(&file.name, LABEL);
        let title = escaped(&format!("{name}: {}", verdict.sentence));
        let author = file.closed.by.as_deref().map(person);
        let author = author.filter(|author| !author.is_empty());
        let author =
            author.map(|name| format!("<author><name>{}</name></author>\n", escaped(&name)));
        let at = file.closed.at;
        format!(
            "<entry>\n<id>urn:sha256:{}</id>\n<title>{title}</title>\n<updated>{at}</updated>\n<published>{at}</published>\n\
             {}{}<category term=\"{}\"/>\n<content type=\"html\">{}</content>\n</entry>\n",
            hex(&self.receipt),
            author.unwrap_or_default(),
            link("alternate", "text/html", self.page.as_ref()),
            verdict.state.as_str(),
            escaped(&self.content()),
        )
    }

    /// The content as HTML.
    fn content(&self) -> String {
        let file = &self.file;
        let source = &file.source;
        let mut lines = vec![counts(&file.totals)];
        let said = [
            ("branch", &source.branch),
            ("commit", &source.commit),
            ("pull request", &source.pull_request),
            ("meaning", &file.closed.meaning),
            ("reason", &file.closed.reason),
            ("supersedes", &file.supersedes),
            ("superseded by", &self.superseded_by),
        ];
        let said = said.into_iter().filter_map(|(name, value)| {
            let value = line(value.as_ref()?, MESSAGE);
            Some(format!("{name}: {value}"))
        });
        lines.extend(said);
        lines.push(format!("launch: {}/{}", file.project, file.id));
        lines.push(format!("receipt: {}", self.receipt));
        let lines = lines
            .iter()
            .map(|words| format!("<p>{}</p>", escaped(words)));
        lines.collect()
    }
}

fn link(relation: &str, kind: &str, address: Option<&Address>) -> String {
    address.map_or_else(String::new, |address| {
        let href = escaped(address.as_str());
        format!("<link rel=\"{relation}\" type=\"{kind}\" href=\"{href}\"/>\n")
    })
}

/// Takes the name of the digest off.
fn hex(digest: &str) -> &str {
    digest.rsplit(':').next().unwrap_or_default()
}
