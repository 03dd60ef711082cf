//! Defects: made from failures, closed, opened again.

use super::ids::draw_id;
use super::put::{field, is_free, quoted};
use crate::base::text::{closest, sanitize, sanitize_line, truncate};
use crate::git::ChangeSet;
use crate::model::{Defect, DefectState, Link, Matcher};
use crate::store::{Doc, Project, edit, parse_defect, scalar};

/// The longest title, in characters.
const TITLE: usize = 120;
/// How much of a failure is quoted, in characters and lines.
const QUOTED: (usize, usize) = (2_000, 30);

/// A defect to make.
#[derive(Clone, Debug, Default)]
pub struct NewDefect<'a> {
    pub title: &'a str,
    pub owner: Option<&'a str>,
    pub links: &'a [Link],
    pub matchers: &'a [Matcher],
    /// What failed and with what, in one line; untrusted.
    pub seen: Option<&'a str>,
    /// What the failure says; untrusted.
    pub message: Option<&'a str>,
    /// What the random id is drawn from.
    pub seed: u64,
}

/// What became of a defect.
#[derive(Clone, Debug)]
pub struct DefectChange {
    pub defect: Defect,
    /// Empty where nothing changes. Paths are relative to the workspace.
    pub changes: ChangeSet,
}

/// A defect could not be made or changed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DefectError {
    #[error("a defect needs a title")]
    NoTitle,
    #[error("project `{project}` has no defect `{wanted}`{}", suggestion.as_ref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default())]
    Unknown {
        project: String,
        wanted: String,
        suggestion: Option<String>,
    },
    #[error("`{path}` is written in a way that can't be edited in place")]
    Uneditable { path: String },
}

/// Makes a defect's file.
///
/// # Errors
/// There is no title.
pub fn new_defect(project: &Project, new: &NewDefect<'_>) -> Result<DefectChange, DefectError> {
    let title = truncate(&sanitize_line(new.title), TITLE);
    if title.is_empty() {
        return Err(DefectError::NoTitle);
    }
    let taken = |id: &str| {
        let known = project.defects.iter().any(|doc| doc.value.id == id);
        known || !is_free(project, &format!("{}/defects/{id}.md", project.path))
    };
    let id = draw_id("DEF", new.seed, 0, taken);
    let path = format!("{}/defects/{id}.md", project.path);
    let mut text = format!("---\nid: {id}\ntitle: {}\nstatus: open\n", scalar(&title));
    if let Some(owner) = new.owner {
        text.push_str(&format!("owner: {}\n", scalar(owner)));
    }
    for (key, lines) in [
        ("links", new.links.iter().map(link).collect::<Vec<String>>()),
        ("matchers", new.matchers.iter().map(matcher).collect()),
    ] {
        if !lines.is_empty() {
            let lines: String = lines
                .iter()
                .map(|line| format!("  - {{{line}}}\n"))
                .collect();
            text.push_str(&format!("{key}:\n{lines}"));
        }
    }
    text.push_str("---\n");
    text.push_str(&body(new));
    let (doc, _) = parse_defect(&path, text.as_str().into());
    let defect = doc.map(|doc| doc.value);
    let said = |defect: &Defect| {
        defect.title == title && defect.matchers == new.matchers && defect.links == new.links
    };
    let Some(defect) = defect.filter(said) else {
        return Err(DefectError::Uneditable { path });
    };
    let mut changes = ChangeSet::new(format!("Add defect {id}: {title}"));
    changes.write(path, text);
    Ok(DefectChange { defect, changes })
}

/// Closes a defect, or opens it again. Nothing else in its file is touched.
///
/// # Errors
/// There is no such defect, or its file can't be edited in place.
pub fn set_defect_state(
    project: &Project,
    wanted: &str,
    state: DefectState,
) -> Result<DefectChange, DefectError> {
    let doc = find_defect(project, wanted)?;
    let id = &doc.value.id;
    let verb = match state {
        DefectState::Open => "Reopen",
        DefectState::Closed => "Close",
    };
    let mut changes = ChangeSet::new(format!(
        "{verb} defect {id}: {}",
        sanitize_line(&doc.value.title)
    ));
    let mut wanted = doc.value.clone();
    if wanted.status != state {
        wanted.status = state;
        let uneditable = || DefectError::Uneditable {
            path: doc.path.clone(),
        };
        let text =
            edit::in_front_matter(doc, |yaml| edit::set_text(yaml, "status", state.as_str()));
        let text = text.ok_or_else(uneditable)?;
        let (read, _) = parse_defect(&doc.path, text.as_str().into());
        // The edit must say what was asked for, and leave the rest alone.
        if read.is_none_or(|read| read.value != wanted) {
            return Err(uneditable());
        }
        changes.write(&doc.path, text);
    }
    Ok(DefectChange {
        defect: wanted,
        changes,
    })
}

/// Adds a matcher to a defect, so that failures which fit it are linked to that; one that it has already changes
/// nothing. Nothing else in its file is touched.
///
/// # Errors
/// There is no such defect, or its file can't be edited in place.
pub fn link_failures(
    project: &Project,
    wanted: &str,
    added: &Matcher,
) -> Result<DefectChange, DefectError> {
    let doc = find_defect(project, wanted)?;
    let id = &doc.value.id;
    let title = sanitize_line(&doc.value.title);
    let mut changes = ChangeSet::new(format!("Link failures to defect {id}: {title}"));
    let mut wanted = doc.value.clone();
    if !wanted.matchers.contains(added) {
        wanted.matchers.push(added.clone());
        let uneditable = || DefectError::Uneditable {
            path: doc.path.clone(),
        };
        let mapping = format!("{{{}}}", matcher(added));
        let text = edit::in_front_matter(doc, |yaml| {
            edit::add_mapping_to_list(yaml, "matchers", &mapping)
        });
        let text = text.ok_or_else(uneditable)?;
        let (read, _) = parse_defect(&doc.path, text.as_str().into());
        // The edit must say what was asked for, and leave the rest alone.
        if read.is_none_or(|read| read.value != wanted) {
            return Err(uneditable());
        }
        changes.write(&doc.path, text);
    }
    Ok(DefectChange {
        defect: wanted,
        changes,
    })
}

/// Finds a defect by its id, in any case of letters.
///
/// # Errors
/// There is none.
pub fn find_defect<'p>(project: &'p Project, wanted: &str) -> Result<&'p Doc<Defect>, DefectError> {
    let same = |doc: &&Doc<Defect>| doc.value.id.eq_ignore_ascii_case(wanted);
    project.defects.iter().find(same).ok_or_else(|| {
        let ids = project.defects.iter().map(|doc| doc.value.id.as_str());
        DefectError::Unknown {
            project: project.name().to_owned(),
            wanted: sanitize_line(wanted),
            suggestion: closest(wanted, ids).map(str::to_owned),
        }
    })
}

fn link(link: &Link) -> String {
    let fields = [
        field("type", link.kind.as_deref()),
        field("name", link.name.as_deref()),
        field("url", link.url.as_deref()),
    ];
    fields.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn matcher(matcher: &Matcher) -> String {
    let text = |name: &str, value: &Option<String>| {
        value
            .as_ref()
            .map(|value| format!("{name}: {}", quoted(value)))
    };
    let statuses: Vec<&str> = matcher
        .status
        .iter()
        .map(|status| status.as_str())
        .collect();
    let pairs = |name: &str, pairs: Vec<String>| {
        (!pairs.is_empty()).then(|| format!("{name}: {{{}}}", pairs.join(", ")))
    };
    let environment = matcher.environment.iter();
    let environment =
        environment.map(|(name, value)| format!("{}: {}", scalar(name), scalar(value)));
    let labels = matcher.labels.iter().map(|(name, values)| {
        let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
        format!("{}: [{}]", scalar(name), values.join(", "))
    });
    let fields = [
        text("message", &matcher.message),
        text("trace", &matcher.trace),
        text("full_name", &matcher.full_name),
        (!statuses.is_empty()).then(|| format!("status: [{}]", statuses.join(", "))),
        pairs("environment", environment.collect()),
        pairs("labels", labels.collect()),
    ];
    fields.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn body(new: &NewDefect<'_>) -> String {
    let seen = new
        .seen
        .map(|seen| format!("\nFirst seen in {}.\n", sanitize_line(seen)));
    let mut text = seen.unwrap_or_default();
    let message = new.message.map(quote).unwrap_or_default();
    if !message.is_empty() {
        // A fence that nothing within can close.
        let longest = message.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        text.push_str(&format!("\n{fence}text\n{message}\n{fence}\n"));
    }
    text
}

/// Returns the beginning of a message, safe to show.
fn quote(message: &str) -> String {
    let plain = crate::base::text::strip_ansi(message);
    let plain = plain.replace("\r\n", "\n").replace('\r', "\n");
    let cut = truncate(plain.trim(), QUOTED.0);
    let lines: Vec<&str> = cut.lines().map(str::trim_end).take(QUOTED.1).collect();
    sanitize(lines.join("\n").trim_end()).into_owned()
}
