//! What a widget comes to: a sentence, what was measured, a figure, and the same numbers as a table.

use crate::base::text::thousands;
use crate::model::{Flag, Status};

/// A widget over the data, ready to be drawn or read out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// What the data say, one sentence without a period.
    pub finding: String,
    /// What was counted, of what, and where.
    pub measure: String,
    pub figure: Figure,
    /// The numbers of the figure.
    pub table: Table,
}

/// How it is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Figure {
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
pub struct Mark {
    pub label: String,
    pub value: f64,
    /// The value for people, with its unit.
    pub text: String,
    pub tone: Tone,
    pub target: Target,
}

/// Marks upon each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    pub label: String,
    /// From the axis upwards; what has no results has no part.
    pub parts: Vec<Mark>,
    pub target: Target,
}

/// A named row of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub name: String,
    pub tone: Tone,
    pub points: Vec<Option<Mark>>,
}

/// Rows by columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    pub columns: Vec<(String, Target)>,
    pub rows: Vec<GridRow>,
}

/// A row with a cell for each column; none where there was no result.
#[derive(Clone, Debug, PartialEq)]
pub struct GridRow {
    pub label: String,
    pub target: Target,
    pub cells: Vec<Option<Mark>>,
}

/// What colour and shape a mark has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    Status(Status),
    /// What the finding is about.
    Accent,
    /// All else.
    #[default]
    Plain,
}

/// The list that stands behind a mark.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// All closed launches.
    Launches,
    /// An index into the facts' launches.
    Launch(usize),
    Results {
        launch: usize,
        filter: Filter,
    },
    Case(String),
    /// Cases that fit a query; all where it is empty.
    Cases {
        query: String,
    },
    Defect(String),
    Defects,
    Mute(String),
    Mutes,
    Requirement(String),
    Requirements,
}

/// Which results of a launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub status: Option<Status>,
    pub flag: Option<Flag>,
    /// With neither a defect nor a mute, though they need one.
    pub unresolved: bool,
    /// A label's name and its value.
    pub label: Option<(String, String)>,
}

impl Filter {
    pub fn status(status: Status) -> Self {
        Self {
            status: Some(status),
            ..Self::default()
        }
    }
}

/// Rows of texts; numbers are aligned on their figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Each with whether it holds numbers.
    pub columns: Vec<(String, bool)>,
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub cells: Vec<String>,
    pub target: Option<Target>,
    /// The counts by status of what the row is about, where it has some.
    pub counts: Option<super::Tally>,
}

impl Table {
    /// Makes a table of columns: those that hold numbers are written with `#` in front.
    pub fn new(columns: &[&str]) -> Self {
        let column = |name: &&str| match name.strip_prefix('#') {
            Some(name) => (name.to_owned(), true),
            None => ((*name).to_owned(), false),
        };
        Self {
            columns: columns.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, target: Target, cells: impl IntoIterator<Item = String>) {
        self.rows.push(Row {
            cells: cells.into_iter().collect(),
            target: Some(target),
            counts: None,
        });
    }
}

impl Mark {
    /// Makes a mark of a count.
    pub fn count(label: impl Into<String>, n: u64, tone: Tone, target: Target) -> Self {
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
    pub fn nothing(reason: impl Into<String>, todo: impl Into<String>) -> Self {
        let reason = reason.into();
        Self {
            finding: reason.clone(),
            figure: Figure::Nothing {
                reason,
                todo: todo.into(),
            },
            ..Self::default()
        }
    }

    /// Returns all marks of the figure.
    pub fn marks(&self) -> Vec<&Mark> {
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
