//! Headings of a file, and what stands before them: a front matter, comments.

use std::collections::BTreeMap;

use super::super::collect::Collector;
use super::{HEADINGS, Node};

/// Pairs, and whether the next heading is a case.
type Said = (Vec<(String, String)>, Option<bool>);

/// Splits a text at its headings; comments that say something of the next heading are taken out.
pub(super) fn nodes(out: &mut Collector<'_>, text: &str, skipped: usize) -> Vec<Node> {
    let mut nodes = vec![Node {
        line: 1,
        ..Node::default()
    }];
    let mut fence: Option<&str> = None;
    let mut waiting: Said = (Vec::new(), None);
    let mut lines = text.split('\n').enumerate();
    while let Some((n, line)) = lines.next() {
        let n = n + 1 + skipped;
        let bare = line.trim_start();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| bare.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        if fence.is_none() && bare.starts_with("<!--") {
            let mut comment = bare.trim_start_matches("<!--").to_owned();
            let mut is_closed = comment.contains("-->");
            while !is_closed {
                let Some((_, next)) = lines.next() else { break };
                is_closed = next.contains("-->");
                comment.push('\n');
                comment.push_str(next);
            }
            let comment = comment.split("-->").next().unwrap_or_default();
            match about(comment) {
                Some(said) => waiting = said,
                None => out.lost("comments", "no place here", n, comment),
            }
            continue;
        }
        let level = bare.len() - bare.trim_start_matches('#').len();
        let is_heading = fence.is_none()
            && (1..=6).contains(&level)
            && bare[level..].starts_with([' ', '\t'])
            && line.len() - bare.len() < 4
            && nodes.len() < HEADINGS;
        if is_heading {
            let title = bare[level..].trim().trim_end_matches('#').trim();
            let (said, is_case) = std::mem::take(&mut waiting);
            nodes.push(Node {
                level,
                title: title.to_owned(),
                line: n,
                text: String::new(),
                said,
                is_case,
                id: None,
            });
        } else if let Some(last) = nodes.last_mut() {
            last.text.push_str(line);
            last.text.push('\n');
        }
    }
    nodes
}

/// What a comment says of the next heading: `test` or `suite`, and lines `key: value`.
fn about(comment: &str) -> Option<Said> {
    let mut lines = comment
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let is_case = match lines.next()? {
        "test" => true,
        "suite" => false,
        _ => return None,
    };
    let pairs = lines.filter_map(|line| line.split_once(':'));
    let pairs = pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    Some((pairs.collect(), Some(is_case)))
}

/// The front matter's pairs, the text behind it, and how many lines it took.
pub(super) fn front_matter(text: &str) -> (Vec<(String, String)>, &str, usize) {
    let none = (Vec::new(), text, 0);
    let Some(rest) = text.strip_prefix("---\n") else {
        return none;
    };
    let Some(end) = rest.find("\n---\n").filter(|end| *end < 64 << 10) else {
        return none;
    };
    let yaml = &rest[..=end];
    let Ok(map) = serde_yaml::from_str::<BTreeMap<String, serde_yaml::Value>>(yaml) else {
        return none;
    };
    let scalar = |value: &serde_yaml::Value| match value {
        serde_yaml::Value::String(text) => Some(text.clone()),
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        serde_yaml::Value::Bool(is) => Some(is.to_string()),
        _ => None,
    };
    let mut out = Vec::new();
    for (key, value) in &map {
        match value {
            serde_yaml::Value::Sequence(all) => {
                let all = all.iter().filter_map(scalar);
                out.extend(all.map(|value| (key.clone(), value)));
            }
            value => out.extend(scalar(value).map(|value| (key.clone(), value))),
        }
    }
    let lines = yaml.lines().count() + 2;
    (out, &rest[end + 5..], lines)
}
