//! Tables that any page may have, and the page that is made of them.

use serde::Serialize;

use super::{Fact, Frame, Link, Section, Strip, Verdict, When};

/// A table: the same for defects, mutes, plans, requirements and all lists of cases.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sheet {
    /// What it lists, for those who don't see it.
    pub name: String,
    /// Whether nothing in it can be reached by keyboard, so that what scrolls has to be.
    pub is_plain: bool,
    pub columns: Vec<SheetColumn>,
    pub rows: Vec<SheetRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SheetColumn {
    pub name: String,
    /// `num`, `mid` and `wide`: aligned on figures, left out on narrow windows.
    pub class: &'static str,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct SheetRow {
    /// The anchor on the page, where something leads there.
    pub anchor: String,
    /// How deep it stands below the rows above it.
    pub depth: usize,
    pub cells: Vec<Cell>,
}

/// A cell: a status's mark, a text that may lead somewhere, and what stands beside it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cell {
    /// The classes of its column.
    pub class: &'static str,
    /// The name of a mark, where it has one.
    pub mark: &'static str,
    pub text: String,
    pub href: Option<String>,
    /// Whether the link is that of the whole row.
    pub is_row: bool,
    /// Whether the text is an id or a pattern.
    pub mono: bool,
    /// Whether the mark's colour is the text's too.
    pub toned: bool,
    pub flags: Vec<&'static str>,
    /// More of it in small type, each on a line of its own.
    pub notes: Vec<String>,
    pub links: Vec<CellLink>,
    pub when: Option<When>,
    pub strip: Strip,
}

/// One of several links of a cell.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CellLink {
    /// The name of a mark, where it has one.
    pub mark: &'static str,
    pub text: String,
    pub href: Option<String>,
    /// Whether it belongs to the link before it.
    pub below: bool,
}

/// A page of tables below a sentence.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SheetsPage {
    pub frame: Frame,
    /// The page's class.
    pub kind: &'static str,
    /// Pages beside it: the plans of a project.
    pub tabs: Vec<Section>,
    /// An id above the title, where the page is of one thing.
    pub id: String,
    /// The name of that thing.
    pub title: String,
    pub verdict: Verdict,
    pub facts: Vec<Fact>,
    pub prose_html: String,
    pub parts: Vec<SheetPart>,
    pub previous: Option<Link>,
    pub next: Option<Link>,
    /// The file behind it.
    pub path: String,
}

/// A section of such a page: a table, or what to do where there is nothing to list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SheetPart {
    /// The anchor on the page.
    pub id: String,
    pub title: String,
    /// How many are listed, of how many.
    pub count: String,
    /// What is listed, as sanitised HTML.
    pub lead_html: String,
    pub sheet: Sheet,
    pub empty_html: String,
    /// Further rows, and what they are called: whoever wants them opens them.
    pub rest: Sheet,
    pub rest_text: String,
    /// What was left out of a long list, and where it stands.
    pub cut_html: String,
    /// The page that has the rest.
    pub more: Option<Link>,
}
