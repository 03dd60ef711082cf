//! What the widgets of a dashboard come to: a sentence, what was measured, a neutral figure, a table.
//!
//! **Invariant:** pure but for the language that the thread speaks, as all of the site, and linear in results; rows are read only where a query or a grouping asks for
//! what only they say.
//! **Invariant:** every mark has a label, a value and the list that stands behind it, and a table has the
//! numbers of its figure.
//!
//! Nothing is drawn here, and all that is said is a text of the catalogue, or data. Rates are those of `stability`, with their denominators: what Allure calls
//! stability is the share of changes there, and is not taken over.

mod facts;
mod groups;
mod history;
mod launches;
mod layers;
mod others;
mod ranks;
mod shares;
mod shown;
mod tally;
#[cfg(test)]
mod tests;
mod time;

pub(crate) use facts::{Facts, LaunchFacts, LaunchRows, Rows, most_alike};
pub(crate) use shown::{Figure, Filter, Grid, Line, Mark, Shown, Stack, Table, Target, Tone};
pub(crate) use tally::{ORDER, Tally, percent};

use self::facts::{Nothing, Scope};
use super::texts::say;
use crate::model::{Dashboard, Of, Widget, WidgetKind};

/// Computes what a widget shows. What can't be shown says why and what to do.
pub(crate) fn show(facts: &Facts<'_>, board: &Dashboard, widget: &Widget) -> Shown {
    shown(facts, board, widget).unwrap_or_else(|nothing| *nothing)
}

fn shown(facts: &Facts<'_>, board: &Dashboard, widget: &Widget) -> Result<Shown, Nothing> {
    match widget.kind {
        WidgetKind::Markdown => {
            return Ok(Shown {
                figure: Figure::Text(widget.body.clone().unwrap_or_default()),
                ..Shown::default()
            });
        }
        WidgetKind::Coverage => return Ok(others::coverage(facts.matrix)),
        _ => {}
    }
    let scope = Scope::new(facts, board, widget)?;
    if scope.launches.is_empty() && needs_launches(widget) {
        return Err(Box::new(no_launches(facts)));
    }
    match widget.kind {
        WidgetKind::LaunchList => launches::list(facts, &scope, widget),
        WidgetKind::LastLaunch => launches::latest(facts, &scope),
        WidgetKind::LaunchTrend => launches::trend(facts, &scope, widget),
        WidgetKind::StatisticTrend => time::statistic(facts, &scope, widget),
        WidgetKind::AutomationTrend => time::automation(facts, &scope, widget),
        WidgetKind::Metric => launches::metric(facts, &scope, widget),
        WidgetKind::DurationTrend => launches::durations(facts, &scope, widget),
        WidgetKind::MuteTrend => launches::mutes(facts, &scope, widget),
        WidgetKind::Transitions => history::transitions(facts, &scope, widget),
        WidgetKind::Growth => history::growth(facts, &scope, widget),
        WidgetKind::Pie => shares::pie(facts, &scope, widget),
        WidgetKind::TreeMap => shares::tree(facts, &scope, widget),
        WidgetKind::Pyramid => shares::pyramid(facts, &scope, widget),
        WidgetKind::Durations => layers::durations(facts, &scope, widget),
        WidgetKind::AgePyramid => history::ages(facts, &scope),
        WidgetKind::Stability => ranks::stability(facts, &scope, widget),
        WidgetKind::HeatMap => ranks::heat(facts, &scope, widget),
        WidgetKind::TopCases => ranks::top(facts, &scope, widget),
        WidgetKind::Owners => layers::owners(facts, &scope, widget),
        WidgetKind::Defects => others::defects(facts, &scope, widget),
        WidgetKind::Coverage => Ok(others::coverage(facts.matrix)),
        WidgetKind::Markdown => Ok(Shown::default()),
    }
}

/// Whether there is nothing to show without a closed launch.
fn needs_launches(widget: &Widget) -> bool {
    match widget.kind {
        WidgetKind::Owners | WidgetKind::Defects | WidgetKind::Markdown | WidgetKind::Coverage => {
            false
        }
        WidgetKind::Pie | WidgetKind::TreeMap => {
            matches!(widget.subject(), Some(Of::Results | Of::Launches))
        }
        _ => true,
    }
}

fn no_launches(facts: &Facts<'_>) -> Shown {
    if facts.launches.is_empty() {
        return no_launch_yet(facts);
    }
    Shown::nothing(
        say!("widget.no-launch-fits"),
        say!("widget.no-launch-fits-do"),
    )
}

/// Says that there is no closed launch, and how one is made, or that earlier ones were left out.
pub(crate) fn no_launch_yet(facts: &Facts<'_>) -> Shown {
    if let Some(since) = &facts.since {
        return Shown::nothing(
            say!("widget.no-launch-since", since = since),
            say!("widget.no-launch-since-do"),
        );
    }
    Shown::nothing(
        say!("widget.no-launch-yet"),
        say!("widget.no-launch-yet-do"),
    )
}
