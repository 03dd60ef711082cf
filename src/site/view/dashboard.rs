//! What the template of dashboards sees.

use serde::Serialize;

use super::{Frame, Section};

/// One dashboard.
#[derive(Clone, Debug, Serialize)]
pub struct DashboardPage {
    pub frame: Frame,
    pub name: String,
    pub description: String,
    /// The project's dashboards, where there are several.
    pub boards: Vec<Section>,
    /// Whether the project has no dashboard of its own.
    pub is_default: bool,
    /// Said where launches of another branch are newer than those that are looked at.
    pub newer: String,
    /// Files of dashboards that can't be read, or not in full: where, and why, as markup.
    pub unreadable: Vec<String>,
    pub widgets: Vec<WidgetView>,
}

/// A widget, set. Its HTML is made of escaped texts only.
#[derive(Clone, Debug, Serialize)]
pub struct WidgetView {
    /// The name of its width.
    pub size: &'static str,
    /// Whether it has no neighbour where two of its width stand in a row.
    pub alone: bool,
    /// What its file calls it.
    pub title: String,
    /// Markup: what it says of why nothing is there may have code in it.
    pub finding_html: String,
    pub measure: String,
    pub figure_html: String,
    /// What the figure leaves out, as a sentence.
    pub omitted: String,
    /// The same numbers for those who don't see the figure; empty where it is a table.
    pub table_html: String,
    /// What to do where there is nothing to show.
    pub todo_html: String,
}
