//! Geometry of what is drawn: bars, strips, columns. All numbers are whole, so that pages are the
//! same bytes everywhere.

mod bars;
mod columns;
mod donut;
mod grid;
mod lines;
mod svg;
mod tree;

pub(crate) use bars::{bars, table};
pub(crate) use columns::columns;
pub(crate) use donut::donut;
pub(crate) use grid::grid;
pub(crate) use lines::{lines, numbers};
pub(crate) use svg::{Drawn, Href};
pub(crate) use tree::tree;

use super::view::project::{ChartLabel, Column, ColumnPart, Trend};
use super::view::{Count, Counts, Segment, Strip, Tick};
use crate::model::{Status, Totals};
use crate::site::texts::{say, thousands};
use crate::site::widgets::ORDER;
use crate::site::words;

/// The full width of a bar.
const BAR: u64 = 1000;
/// The narrowest part of a bar: one failure of 100,000 is still seen.
const NARROWEST: u64 = 12;

/// Returns counts with their bar; `href` names the list behind a status.
pub(crate) fn counts(totals: &Totals, href: impl Fn(Status) -> Option<String>) -> Counts {
    let shown = |s: &Status| totals.of(*s) > 0 || matches!(s, Status::Failed | Status::Passed);
    let parts: Vec<Count> = [
        Status::Failed,
        Status::Broken,
        Status::Unknown,
        Status::Passed,
        Status::Skipped,
        Status::InProgress,
    ]
    .into_iter()
    .filter(shown)
    .map(|status| Count {
        status: status.as_str(),
        label: words::label(status),
        n: totals.of(status),
        text: thousands(totals.of(status)),
        href: if totals.of(status) > 0 {
            href(status)
        } else {
            None
        },
    })
    .collect();
    let said: Vec<String> = parts
        .iter()
        .filter(|part| part.n > 0)
        .map(|part| say!("verdict.count", n = part.n, what = &part.label))
        .collect();
    Counts {
        total: totals.counted(),
        total_text: thousands(totals.counted()),
        overridden: (totals.overridden > 0).then(|| Count {
            status: "overridden",
            label: say!("marks.overridden", n = totals.overridden),
            n: totals.overridden,
            text: thousands(totals.overridden),
            href: None,
        }),
        bar: bar(totals),
        text: said.join(&say!("list.comma")),
        parts,
    }
}

/// Returns the parts of a bar that is `BAR` wide; every status with a result is seen.
pub(crate) fn bar(totals: &Totals) -> Vec<Segment> {
    let present: Vec<(Status, u64)> = ORDER
        .into_iter()
        .map(|status| (status, totals.of(status)))
        .filter(|(_, n)| *n > 0)
        .collect();
    let sum: u64 = present.iter().map(|(_, n)| n).sum();
    let mut widths: Vec<u64> = present
        .iter()
        .map(|(_, n)| (n * BAR / sum).max(NARROWEST))
        .collect();
    if let Some(widest) = (0..widths.len()).max_by_key(|i| widths[*i]) {
        let others: u64 = widths.iter().sum::<u64>() - widths[widest];
        widths[widest] = BAR - others;
    }
    let mut x = 0;
    let mut out = Vec::with_capacity(present.len());
    for ((status, _), width) in present.into_iter().zip(widths) {
        out.push(Segment {
            status: status.as_str(),
            x,
            width: width as u32,
        });
        x += width as u32;
    }
    out
}

/// One entry of a strip before it is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) status: Option<Status>,
    pub(crate) title: String,
    pub(crate) href: Option<String>,
}

/// The distance between the ticks of a strip, as the script draws them too.
const TICK: u32 = 7;

/// Sets statuses as notches, oldest first; the marks themselves are the page's `#n-…` symbols, whose
/// height and shape tell them apart without colour.
pub(crate) fn strip(entries: Vec<Entry>) -> Strip {
    let failed = entries
        .iter()
        .filter(|e| e.status.is_some_and(Status::needs_resolution))
        .count();
    let ran = entries.iter().filter(|e| e.status.is_some()).count();
    let text = match (failed, ran) {
        (_, 0) => say!("strip.no-history"),
        (_, 1) => say!("strip.one-entry"),
        (0, n) => say!("strip.no-failure", n = n),
        (f, n) => say!("strip.failed", part = f, n = n),
    };
    Strip {
        width: entries.len() as u32 * TICK,
        ticks: entries
            .into_iter()
            .enumerate()
            .map(|(i, entry)| Tick {
                status: entry.status.map_or("absent", Status::as_str),
                x: i as u32 * TICK,
                title: entry.title,
                href: entry.href,
            })
            .collect(),
        text,
    }
}

/// One launch of a trend.
#[derive(Clone, Debug)]
pub(crate) struct TrendEntry {
    pub(crate) name: String,
    pub(crate) day: String,
    pub(crate) href: String,
    pub(crate) totals: Totals,
}

const TREND_HEIGHT: u32 = 96;
const TREND_BASE: u32 = 78;
const TREND_TOP: u32 = 16;
/// The chart's width without its labels.
const TREND_WIDTH: u32 = 280;

/// Draws what did not pass by launch, oldest first. `None` for less than two launches.
pub(crate) fn trend(entries: &[TrendEntry], title: String) -> Option<Trend> {
    let (first, last) = match entries {
        [first, .., last] => (first, last),
        _ => return None,
    };
    let bad = |t: &Totals| t.failed + t.broken + t.unknown;
    let most = entries.iter().map(|e| bad(&e.totals)).max().unwrap_or(0);
    let pitch = (TREND_WIDTH / entries.len() as u32).clamp(8, 36);
    let width = (pitch * 2 / 3).max(5);
    let height_of = |n: u64| -> u32 {
        if n == 0 {
            0
        } else {
            ((n * u64::from(TREND_BASE - TREND_TOP) / most.max(1)) as u32).max(2)
        }
    };
    let columns = entries.iter().enumerate().map(|(i, entry)| {
        let mut y = TREND_BASE;
        let mut parts = Vec::new();
        for status in [Status::Failed, Status::Broken, Status::Unknown] {
            let height = height_of(entry.totals.of(status));
            if height > 0 {
                y -= height.min(y);
                parts.push(ColumnPart {
                    status: status.as_str(),
                    y,
                    height,
                });
            }
        }
        Column {
            href: entry.href.clone(),
            title: say!(
                "trend.entry",
                launch = &entry.name,
                day = &entry.day,
                part = bad(&entry.totals),
                all = entry.totals.counted()
            ),
            x: i as u32 * pitch,
            width,
            parts,
        }
    });
    let columns: Vec<Column> = columns.collect();
    let labels = trend_labels(&columns, entries, most, width);
    let least = entries
        .iter()
        .map(|e| e.totals.counted())
        .min()
        .unwrap_or(0);
    let largest = entries
        .iter()
        .map(|e| e.totals.counted())
        .max()
        .unwrap_or(0);
    let subtitle = match least == largest {
        true => say!("trend.subtitle", n = largest),
        false => say!("trend.subtitle-range", least = least, n = largest),
    };
    Some(Trend {
        title,
        subtitle,
        text: say!(
            "trend.text",
            n = entries.len(),
            first = &first.day,
            last = &last.day,
            most = most,
            latest = bad(&last.totals)
        ),
        width: columns.last().map_or(0, |c| c.x + c.width).max(240) + 60,
        height: TREND_HEIGHT,
        base: TREND_BASE,
        top: (most > 0).then_some(TREND_TOP),
        statuses: [Status::Failed, Status::Broken, Status::Unknown]
            .into_iter()
            .filter(|status| entries.iter().any(|entry| entry.totals.of(*status) > 0))
            .map(Status::as_str)
            .collect(),
        labels,
        columns,
    })
}

/// Labels the latest column, the axis's ends, and the highest column where that is another.
fn trend_labels(
    columns: &[Column],
    entries: &[TrendEntry],
    most: u64,
    width: u32,
) -> Vec<ChartLabel> {
    let bad = |e: &TrendEntry| e.totals.failed + e.totals.broken + e.totals.unknown;
    let top = |c: &Column| c.parts.last().map_or(TREND_BASE, |p| p.y);
    let mut labels = days(columns, entries, width);
    if let (Some(column), Some(entry)) = (columns.last(), entries.last()) {
        labels.push(ChartLabel {
            x: column.x + width + 6,
            y: (top(column) + 4).min(TREND_BASE),
            anchor: "start",
            text: thousands(bad(entry)),
        });
    }
    let peak = entries.iter().position(|e| most > 0 && bad(e) == most);
    if let Some(peak) = peak.filter(|p| p + 1 < columns.len()) {
        labels.push(ChartLabel {
            x: columns[peak].x + width / 2,
            y: top(&columns[peak]).saturating_sub(4),
            anchor: "middle",
            text: thousands(most),
        });
    }
    labels
}

/// Below this width the days of both ends would run into each other.
const DAYS_APART: u32 = 180;

/// Labels the ends of the axis, in one label where they are the same day or close together.
fn days(columns: &[Column], entries: &[TrendEntry], width: u32) -> Vec<ChartLabel> {
    let (Some(first), Some(last), Some(column)) = (entries.first(), entries.last(), columns.last())
    else {
        return Vec::new();
    };
    let label = |x, anchor, text: String| ChartLabel {
        x,
        y: TREND_HEIGHT - 3,
        anchor,
        text,
    };
    let end = column.x + width;
    if first.day == last.day {
        vec![label(0, "start", first.day.clone())]
    } else if end < DAYS_APART {
        vec![label(
            0,
            "start",
            say!("trend.days", first = &first.day, last = &last.day),
        )]
    } else {
        vec![
            label(0, "start", first.day.clone()),
            label(end, "end", last.day.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(passed: u64, failed: u64) -> Totals {
        Totals {
            passed,
            failed,
            total: passed + failed,
            ..Totals::default()
        }
    }

    #[test]
    fn a_bar_is_full_and_shows_the_least() {
        let segments = bar(&totals(99_999, 1));
        assert_eq!(segments.iter().map(|s| s.width).sum::<u32>(), 1000);
        assert_eq!((segments[0].status, segments[0].width), ("failed", 12));
        assert!(bar(&Totals::default()).is_empty());
    }

    #[test]
    fn counts_speak_of_what_is_there() {
        let counts = counts(&totals(1204, 0), |_| None);
        assert_eq!(counts.text, "1,204 passed");
        assert_eq!(
            counts.parts.len(),
            2,
            "failed is shown also where it is zero"
        );
    }

    #[test]
    fn a_strip_counts_only_what_ran() {
        let entry = |status| Entry {
            status,
            title: String::new(),
            href: None,
        };
        let drawn = strip(vec![
            entry(None),
            entry(Some(Status::Failed)),
            entry(Some(Status::Passed)),
        ]);
        assert_eq!(drawn.text, "failed 1 of the last 2");
        assert_eq!(drawn.ticks[0].status, "absent");
        assert_eq!(strip(Vec::new()).text, "no history");
    }

    #[test]
    fn columns_stand_on_zero() {
        let entry = |failed| TrendEntry {
            name: "n".into(),
            day: "1 Jan 2026".into(),
            href: "x".into(),
            totals: totals(10, failed),
        };
        let drawn = trend(&[entry(0), entry(5), entry(1)], "t".into()).unwrap();
        assert!(drawn.columns[0].parts.is_empty());
        for column in &drawn.columns[1..] {
            assert_eq!(column.parts[0].y + column.parts[0].height, TREND_BASE);
        }
        assert!(trend(&[entry(1)], "t".into()).is_none());
        // A dozen has the room of a phone: what is scaled down there has letters nobody reads.
        let dozen: Vec<TrendEntry> = (0..12).map(entry).collect();
        assert!(trend(&dozen, "t".into()).unwrap().width <= 328);
    }
}
