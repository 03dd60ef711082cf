//! What single cells of tables say.

use crate::model::Link;

/// Whether a program executes it, in the words of tools.
pub(super) fn execution(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "automated" | "automatic" | "auto" | "yes" | "true" | "1" | "y" => Some(true),
        "manual" | "none" | "no" | "false" | "0" | "n" | "not automated" | "to be automated" => {
            Some(false)
        }
        _ => None,
    }
}

/// Values of a field: of lists what commas, semicolons or lines separate, and of Jira's labels what blanks do.
pub(super) fn values<'t>(
    name: &str,
    text: &'t str,
    is_jira: bool,
) -> impl Iterator<Item = String> + 't {
    let is_list = matches!(name, "tags" | "fields.component" | "fields.components");
    let pieces: Vec<&str> = match is_list {
        true if is_jira && name == "tags" => text
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
            .collect(),
        true => text.split([',', ';', '\n']).collect(),
        false if name.starts_with("fields.") => text.lines().collect(),
        false => vec![text],
    };
    let pieces = pieces.into_iter().map(|piece| piece.trim().to_owned());
    pieces.filter(|piece| !piece.is_empty())
}

pub(super) fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    let lines = text.lines().map(|line| line.trim().to_owned());
    lines.filter(|line| !line.is_empty())
}

/// Links: addresses, or names of issues and requirements.
pub(super) fn links(kind: &'static str, text: &str) -> Vec<Link> {
    let pieces: Vec<&str> = match kind {
        "link" => text.split(['\n', ';']).collect(),
        _ => text
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
            .collect(),
    };
    let pieces = pieces.into_iter().map(str::trim).filter(|p| !p.is_empty());
    pieces.map(|piece| link(kind, piece)).collect()
}

fn link(kind: &str, text: &str) -> Link {
    let kind = Some(kind.to_owned());
    let at = text.find("http://").or_else(|| text.find("https://"));
    let Some(at) = at else {
        return Link {
            kind,
            name: Some(text.to_owned()),
            url: None,
        };
    };
    let (name, url) = text.split_at(at);
    let url = url.split_whitespace().next().unwrap_or_default();
    let url = url.trim_end_matches([')', ']']);
    let name = name.trim_end_matches(['(', '[', ':', '|', '-', ' ']).trim();
    let last = url.trim_end_matches('/').rsplit('/').next();
    let name = match (name, kind.as_deref()) {
        ("", Some("issue" | "requirement")) => last.map(str::to_owned),
        ("", _) => None,
        (name, _) => Some(name.to_owned()),
    };
    Link {
        kind,
        name,
        url: Some(url.to_owned()),
    }
}
