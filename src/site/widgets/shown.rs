//! What a widget comes to: a sentence, what was measured, a figure, and the same numbers as a table.

use crate::model::{Flag, Status};
use crate::site::texts::thousands;

/// A widget over the data, ready to be drawn or read out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shown {
    /// What the data say, one sentence without a period.
    pub(crate) finding: String,
    /// What was counted, of what, and where.
    pub(crate) measure: String,
    pub(crate) figure: Figure,
    /// The numbers of the figure.
    pub(crate) table: Table,
}

/// How it is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Figure {
    /// There is nothing to draw: why, and what to do about it.
    Nothing {
        reason: String,
        todo: String,
    },
    /// Shares of a whole, the sum of all.
    Donut(Vec<Mark>),
    /// Columns in the order of time, each with parts from the axis upwards.
    Stacks(Vec<Stack>),
    /// Columns along a scale of numbers.
    Histogram(Vec<Stack>),
    /// Values in the order of time; a gap where a point has none.
    Lines(Vec<Line>),
    /// One bar a row.
    Bars(Vec<Mark>),
    TreeMap(Vec<Mark>),
    HeatMap(Grid),
    /// The table is the figure.
    #[default]
    List,
    /// Markdown.
    Text(String),
}

/// A part of a figure that stands for a number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) label: String,
    pub(crate) value: f64,
    /// The value for people, with its unit.
    pub(crate) text: String,
    pub(crate) tone: Tone,
    pub(crate) target: Target,
}

/// Marks upon each other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stack {
    pub(crate) label: String,
    /// From the axis upwards; what has no results has no part.
    pub(crate) parts: Vec<Mark>,
    pub(crate) target: Target,
}

/// A named row of values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) tone: Tone,
    pub(crate) points: Vec<Option<Mark>>,
    /// The name of each place along the axis, where some have no point; else the points have them.
    pub(crate) axis: Vec<String>,
}

/// Rows by columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Grid {
    pub(crate) columns: Vec<(String, Target)>,
    pub(crate) rows: Vec<GridRow>,
}

/// A row with a cell for each column; none where there was no result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GridRow {
    pub(crate) label: String,
    pub(crate) target: Target,
    pub(crate) cells: Vec<Option<Mark>>,
}

/// What colour and shape a mark has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    Status(Status),
    /// What the finding is about.
    Accent,
    /// All else.
    #[default]
    Plain,
}

/// The list that stands behind a mark.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    /// Some closed launches, by their ids; all where there are none. So it is with the other lists.
    Launches(Vec<String>),
    /// An index into the facts' launches.
    Launch(usize),
    Results {
        launch: usize,
        filter: Filter,
    },
    Case(String),
    Cases(Vec<String>),
    Defect(String),
    Defects(Vec<String>),
    Mutes(Vec<String>),
    Requirement(String),
    Requirements(Vec<String>),
}

/// Which results of a launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// These and no others, by their ids. Where there are too many to be named, the rest holds, which may let in more.
    pub(crate) ids: Option<Vec<String>>,
    /// Any of them; all where there are none.
    pub(crate) statuses: Vec<Status>,
    pub(crate) flag: Option<Flag>,
    /// Not those with it.
    pub(crate) unflagged: Option<Flag>,
    /// With neither a defect nor a mute, though they need one.
    pub(crate) unresolved: bool,
    /// A label's name and its value.
    pub(crate) label: Option<(String, String)>,
}

impl Filter {
    pub(crate) fn status(status: Status) -> Self {
        Self {
            statuses: vec![status],
            ..Self::default()
        }
    }

    pub(crate) fn flag(flag: Flag) -> Self {
        Self {
            flag: Some(flag),
            ..Self::default()
        }
    }

    /// Names what is let in, besides what else lets it in.
    pub(crate) fn of(self, ids: Vec<String>) -> Self {
        Self {
            ids: Some(ids),
            ..self
        }
    }
}

/// Rows of texts; numbers are aligned on their figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    /// Each with whether it holds numbers.
    pub(crate) columns: Vec<(String, bool)>,
    pub(crate) rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) cells: Vec<String>,
    pub(crate) target: Option<Target>,
    /// The counts by status of what the row is about, where it has some.
    pub(crate) counts: Option<super::Tally>,
}

/// A column of a table that holds words, by its head.
pub(super) fn words(head: String) -> (String, bool) {
    (head, false)
}

/// A column of a table that holds numbers, by its head.
pub(super) fn numbers(head: String) -> (String, bool) {
    (head, true)
}

impl Table {
    /// Makes a table of columns: [`words`] and [`numbers`].
    pub(crate) fn new(columns: impl IntoIterator<Item = (String, bool)>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, target: Target, cells: impl IntoIterator<Item = String>) {
        self.rows.push(Row {
            cells: cells.into_iter().collect(),
            target: Some(target),
            counts: None,
        });
    }
}

impl Mark {
    /// Makes a mark of a count.
    pub(crate) fn count(label: impl Into<String>, n: u64, tone: Tone, target: Target) -> Self {
        Self {
            label: label.into(),
            value: n as f64,
            text: thousands(n),
            tone,
            target,
        }
    }
}

impl Shown {
    /// Says that there is nothing to show, why, and what to do.
    pub(crate) fn nothing(reason: String, todo: String) -> Self {
        Self {
            finding: reason.clone(),
            figure: Figure::Nothing { reason, todo },
            ..Self::default()
        }
    }

    /// Returns all marks of the figure.
    #[cfg(test)]
    pub(crate) fn marks(&self) -> Vec<&Mark> {
        match &self.figure {
            Figure::Nothing { .. } | Figure::List | Figure::Text(_) => Vec::new(),
            Figure::Donut(marks) | Figure::Bars(marks) | Figure::TreeMap(marks) => {
                marks.iter().collect()
            }
            Figure::Stacks(all) | Figure::Histogram(all) => {
                all.iter().flat_map(|stack| &stack.parts).collect()
            }
            Figure::Lines(lines) => lines
                .iter()
                .flat_map(|l| l.points.iter().flatten())
                .collect(),
            Figure::HeatMap(grid) => grid
                .rows
                .iter()
                .flat_map(|r| r.cells.iter().flatten())
                .collect(),
        }
    }
}
