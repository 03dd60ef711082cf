//! Requirements that other programs hold, from the files that these export.
//!
//! Reading never fails: what could be read is returned, and findings about the rest. Nothing outside the
//! text is asked, and bounds hold for any input.

mod reqif;
mod table;

pub use reqif::read_reqif;
pub use table::read_csv;

use std::collections::BTreeSet;

use crate::base::text::{sanitize_line, truncate};
use crate::diag::{Finding, Span};
use crate::model::Requirement;
use crate::store::codes;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// Requirements of one file that are read.
const MAX_REQUIREMENTS: usize = 100_000;
/// The longest id and title, in characters.
const MAX_ID: usize = 200;
const MAX_TITLE: usize = 500;
/// The longest description, in bytes.
const MAX_DESCRIPTION: usize = 20_000;

/// What a requirement can be given from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Id,
    Title,
    Url,
    Description,
    Owner,
    Parent,
}

impl Field {
    pub const ALL: [Self; 6] = [
        Self::Id,
        Self::Title,
        Self::Url,
        Self::Description,
        Self::Owner,
        Self::Parent,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Url => "url",
            Self::Description => "description",
            Self::Owner => "owner",
            Self::Parent => "parent",
        }
    }

    /// What columns of tables are called where nothing is said, in any letter case.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["id", "key", "issue key"],
            Self::Title => &["title", "summary", "name"],
            Self::Url => &["url", "link"],
            Self::Description => &["description", "text"],
            Self::Owner => &["owner"],
            Self::Parent => &["parent", "parent key"],
        }
    }

    /// What attributes of objects are called where nothing is said; those that begin with `ReqIF.` are the
    /// implementation guide's (prostep ivip, ReqIF Implementation Guide, 3.7).
    fn attributes(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["ReqIF.ForeignID", "ID"],
            Self::Title => &["ReqIF.Name", "ReqIF.ChapterName", "Title"],
            Self::Url => &["URL"],
            Self::Description => &["ReqIF.Text", "ReqIF.Description", "Description"],
            Self::Owner => &["Owner"],
            Self::Parent => &[],
        }
    }
}

/// Which column or attribute a field is taken from, where somebody says so.
pub type Mapping = [(Field, String)];

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedRequirements {
    /// In the order of the file, each id once.
    pub requirements: Vec<Requirement>,
    /// By place.
    pub findings: Vec<Finding>,
    /// Columns or attributes that no field is taken from.
    pub unused: Vec<String>,
}

/// Requirements while a file is read.
struct Collector<'a> {
    path: &'a str,
    seen: BTreeSet<String>,
    out: ImportedRequirements,
}

impl<'a> Collector<'a> {
    fn new(path: &'a str) -> Self {
        Self {
            path,
            seen: BTreeSet::new(),
            out: ImportedRequirements::default(),
        }
    }

    /// Takes a requirement, or says what it lacks. `what` names what it stands in: a row, an object.
    fn take(&mut self, mut one: Requirement, span: Span, what: &str) {
        one.id = one.id.trim().to_owned();
        one.title = truncate(&sanitize_line(&one.title), MAX_TITLE);
        one.description = one
            .description
            .map(shortened)
            .filter(|text| !text.is_empty());
        for field in [&mut one.url, &mut one.owner, &mut one.parent] {
            let line = field.as_deref().map(sanitize_line);
            *field = line.filter(|line| !line.is_empty());
        }
        let (id, title) = (sanitize_line(&one.id), &one.title);
        let finding = if id.is_empty() {
            self.error(
                codes::IMPORT_WITHOUT_ID,
                span,
                format!("the {what} has no id"),
            )
            .help("give it the id by which the requirement is known elsewhere")
        } else if id != one.id || id.chars().count() > MAX_ID {
            let id = truncate(&id, 40);
            self.error(
                codes::IMPORT_WITHOUT_ID,
                span,
                format!("the id `{id}` is no line of at most {MAX_ID} characters"),
            )
            .help("give it a shorter id, without control characters")
        } else if title.is_empty() {
            self.error(
                codes::IMPORT_WITHOUT_TITLE,
                span,
                format!("`{id}` has no title"),
            )
            .help("give it a title in the program that it comes from")
        } else if !self.seen.insert(id.to_lowercase()) {
            self.error(
                codes::REPEATED_IMPORT,
                span,
                format!("`{id}` is here twice"),
            )
            .help("the first one counts; remove the other, or give it an id of its own")
        } else {
            self.out.requirements.push(one);
            return;
        };
        self.out.findings.push(finding);
    }

    fn is_full(&self) -> bool {
        self.out.requirements.len() >= MAX_REQUIREMENTS
    }

    fn error(&self, code: crate::diag::Code, span: Span, message: String) -> Finding {
        Finding::error(code, self.path, message).at(span)
    }

    fn unreadable(&mut self, span: Span, message: impl Into<String>, help: &str) {
        let finding = self.error(codes::UNREADABLE_IMPORT, span, message.into());
        self.out.findings.push(finding.help(help));
    }

    fn too_many(&mut self, span: Span) {
        self.unreadable(
            span,
            format!("the file has more than {MAX_REQUIREMENTS} requirements"),
            "split it",
        );
    }
}

/// Lines without what could act on a terminal, up to the bound.
fn shortened(text: String) -> String {
    let lines = text
        .lines()
        .map(|line| sanitize_line(line).trim_end().to_owned());
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = text.trim();
    let mut end = text.len().min(MAX_DESCRIPTION);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].trim_end().to_owned()
}

/// Sets a field of a requirement.
fn set(one: &mut Requirement, field: Field, text: &str) {
    let text = text.trim();
    let optional = || (!text.is_empty()).then(|| text.to_owned());
    match field {
        Field::Id => text.clone_into(&mut one.id),
        Field::Title => text.clone_into(&mut one.title),
        Field::Url => one.url = optional(),
        Field::Description => one.description = optional(),
        Field::Owner => one.owner = optional(),
        Field::Parent => one.parent = optional(),
    }
}
