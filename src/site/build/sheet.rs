//! Tables of the further pages, and the frame around them: one place for a case with its latest status, and for a
//! link to a result.

use super::context::{Context, section_name};
use super::standing::{Newest, Standing};
use crate::model::{Case, Status};
use crate::site::pages::{FrameOf, Writer};
use crate::site::texts::say;
use crate::site::view::sheet::{Cell, CellLink, Sheet, SheetColumn, SheetPart, SheetRow};
use crate::site::view::{Crumb, Frame, Link, Verdict};
use crate::site::{markdown, words};

/// Rows of one table; what is more is counted, and the command that lists it is named.
pub(super) const ROWS: usize = 2_000;

impl Sheet {
    /// Makes an empty table; each column with the classes of its cells.
    pub(super) fn new(name: impl Into<String>, columns: &[(&'static str, &'static str)]) -> Self {
        let columns = columns.iter();
        Self {
            name: name.into(),
            is_plain: false,
            columns: columns
                .map(|(key, class)| SheetColumn {
                    name: say!(key),
                    class,
                })
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; its cells have the classes of their columns.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> &mut SheetRow {
        let cells = self.columns.iter().zip(cells);
        let cells = cells.map(|(column, cell)| Cell {
            class: column.class,
            ..cell
        });
        self.rows.push(SheetRow {
            cells: cells.collect(),
            ..SheetRow::default()
        });
        self.rows.last_mut().expect("a row was added")
    }
}

impl Cell {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self {
            text: words::line(text.as_ref()),
            ..Self::default()
        }
    }

    pub(super) fn mono(text: impl AsRef<str>) -> Self {
        Self {
            mono: true,
            ..Self::text(text)
        }
    }

    pub(super) fn link(text: impl AsRef<str>, href: Option<String>) -> Self {
        Self {
            href,
            ..Self::text(text)
        }
    }

    /// The link that the whole row leads to.
    pub(super) fn row(text: impl AsRef<str>, href: Option<String>) -> Self {
        Self {
            is_row: href.is_some(),
            ..Self::link(text, href)
        }
    }

    pub(super) fn when(when: crate::base::Timestamp) -> Self {
        Self {
            when: Some(words::when(when)),
            ..Self::default()
        }
    }

    #[must_use]
    pub(super) fn marked(mut self, mark: &'static str) -> Self {
        self.mark = mark;
        self
    }

    #[must_use]
    pub(super) fn toned(mut self, mark: &'static str) -> Self {
        (self.mark, self.toned) = (mark, true);
        self
    }

    #[must_use]
    pub(super) fn note(mut self, note: impl AsRef<str>) -> Self {
        let note = words::line(note.as_ref());
        if !note.is_empty() {
            self.notes.push(note);
        }
        self
    }
}

impl SheetPart {
    pub(super) fn new(title: impl Into<String>, sheet: Sheet) -> Self {
        let leads =
            |cell: &Cell| cell.href.is_some() || cell.links.iter().any(|link| link.href.is_some());
        let is_plain = !sheet.rows.iter().flat_map(|row| &row.cells).any(leads);
        let sheet = Sheet { is_plain, ..sheet };
        Self {
            title: title.into(),
            count: match sheet.rows.len() {
                0 => String::new(),
                n => crate::site::texts::thousands(n as u64),
            },
            sheet,
            ..Self::default()
        }
    }

    #[must_use]
    pub(super) fn at(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// Says what is listed; backticks and links as in Markdown.
    #[must_use]
    pub(super) fn lead(mut self, text: &str) -> Self {
        self.lead_html = markdown::to_html(text);
        self
    }

    /// Says what it means that nothing is listed, and what to do.
    #[must_use]
    pub(super) fn or(mut self, text: &str) -> Self {
        self.empty_html = markdown::to_html(text);
        self
    }

    /// Keeps further rows out of sight until they are asked for; there are so many in all.
    #[must_use]
    pub(super) fn with_rest(mut self, all: usize, rest: Sheet) -> Self {
        if !rest.rows.is_empty() {
            self.count = crate::site::texts::thousands(all as u64);
            self.rest_text = say!("sheet.more-rows", n = rest.rows.len());
            self.rest = rest;
        }
        self
    }

    /// Leads to the page that has the rest of a list of which so many are shown.
    #[must_use]
    pub(super) fn rest(mut self, shown: usize, text: &str, href: String) -> Self {
        let shown = crate::site::texts::thousands(shown as u64);
        self.cut_html = markdown::to_html(&say!("sheet.first-shown", shown = shown));
        self.more = Some(Link {
            text: text.to_owned(),
            href: Some(href),
            kind: String::new(),
        });
        self
    }

    /// Says how many of all are listed.
    #[must_use]
    pub(super) fn cut_to(mut self, said: String) -> Self {
        self.cut_html = markdown::to_html(&said);
        self
    }

    /// Keeps as many rows as a page takes, and says which command lists the rest.
    #[must_use]
    pub(super) fn cut(mut self, command: &str) -> Self {
        let all = self.sheet.rows.len();
        if all > ROWS {
            self.sheet.rows.truncate(ROWS);
            let all = crate::site::texts::thousands(all as u64);
            let shown = crate::site::texts::thousands(ROWS as u64);
            self.cut_html = markdown::to_html(&say!(
                "sheet.first-of-all",
                shown = shown,
                all = all,
                command = command
            ));
        }
        self
    }
}

/// The anchor of something that has an id in the workspace; no other on a page begins so.
pub(super) fn anchor(id: &str) -> String {
    format!("id-{}", words::line(id))
}

pub(super) fn verdict(tone: &'static str, lead: String, text: String, detail: String) -> Verdict {
    Verdict {
        tone,
        lead,
        text,
        detail,
    }
}

/// The last part of the path to a page: the page itself.
pub(super) fn crumb_here(name: &str) -> Crumb {
    Crumb {
        name: name.to_owned(),
        href: None,
    }
}

/// The frame of a page in the project's folder, or in a folder of it for one of many.
pub(super) fn frame(
    context: &Context<'_>,
    writer: &Writer<'_>,
    (path, section): (&str, &'static str),
    one: Option<(&str, &str)>,
) -> Frame {
    let up = if one.is_some() { "../" } else { "" };
    let mut below = vec![Crumb {
        name: section_name(section),
        href: one.map(|(list, _)| format!("{up}{list}")),
    }];
    below.extend(one.map(|(_, name)| Crumb {
        name: words::line(name),
        href: None,
    }));
    let title = match one {
        Some((_, name)) => say!(
            "title.of-two",
            page = words::line(name),
            section = section_name(section),
            name = context.name()
        ),
        None => say!(
            "title.of",
            page = section_name(section),
            name = context.name()
        ),
    };
    writer.frame(FrameOf {
        path,
        title,
        crumbs: context.crumbs(up, below),
        sections: context.sections(up, section),
        search: context.search(up),
        ..FrameOf::default()
    })
}

/// The link to the member who owns something is its name: there is no page of a member.
pub(super) fn member(context: &Context<'_>, id: Option<&str>) -> Cell {
    Cell::text(context.person(id.unwrap_or_default()))
}

/// The columns of tables of cases.
pub(super) const CASE_COLUMNS: [(&str, &str); 5] = [
    ("column.case", "name"),
    ("column.owner", "wide"),
    ("column.execution", "wide"),
    ("column.latest", ""),
    ("column.in", "mid"),
];

/// How many of [`CASE_COLUMNS`] stand before those of results.
pub(super) const BEFORE_RESULTS: usize = 3;

/// The cells of a case with its latest status, in the order of [`CASE_COLUMNS`].
pub(super) fn case_cells(
    context: &Context<'_>,
    standing: &Standing<'_>,
    case: &Case,
    up: &str,
) -> [Cell; 5] {
    let newest = standing.newest(&case.id);
    let mark = newest.map_or("absent", |newest| newest.status.as_str());
    let title = Cell::row(&case.title, context.case_href(&case.id, up))
        .marked(mark)
        .note(&case.id);
    let [latest, launch] = newest_cells(context, newest, up);
    [
        title,
        member(context, case.owner.as_deref()),
        Cell::text(case.execution.as_str()),
        latest,
        launch,
    ]
}

/// A latest status as a link to its result, and the launch that has it.
pub(super) fn newest_cells(context: &Context<'_>, newest: Option<&Newest>, up: &str) -> [Cell; 2] {
    let Some(newest) = newest else {
        return [Cell::text(context.unseen().never_ran()), Cell::default()];
    };
    let launch = &context.project.launches[newest.launch];
    let id = &launch.outcomes[newest.outcome].id;
    let status = Cell::link(
        words::label(newest.status),
        Some(context.result_href(newest.launch, id, up)),
    );
    [
        Cell {
            mark: newest.status.as_str(),
            toned: true,
            ..status
        },
        Cell::link(
            &launch.file.name,
            Some(context.launch_href(newest.launch, up)),
        ),
    ]
}

/// A result of a launch as a link, its status as the mark.
pub(super) fn result_link(
    context: &Context<'_>,
    (launch, id): (usize, &str),
    status: Status,
    text: &str,
    up: &str,
) -> CellLink {
    CellLink {
        mark: status.as_str(),
        text: words::line(text),
        href: Some(context.result_href(launch, id, up)),
        below: false,
    }
}

/// The issues and pages that a file links.
pub(super) fn file_links(context: &Context<'_>, links: &[crate::model::Link]) -> Cell {
    let links = links.iter().map(|link| file_link(context, link));
    Cell {
        links: links
            .map(|link| CellLink {
                text: link.text,
                href: link.href,
                ..CellLink::default()
            })
            .collect(),
        ..Cell::default()
    }
}

/// A link of a file: its own address, else that of the issue that it names.
pub(super) fn file_link(context: &Context<'_>, link: &crate::model::Link) -> Link {
    let known = || {
        let name = link.name.as_deref()?;
        crate::exchange::tracker::known_issue(context.project.file, name)
    };
    let url = link.url.clone().or_else(known);
    Link {
        href: url.filter(|url| markdown::is_safe_url(url)),
        ..super::launch::link(link)
    }
}
