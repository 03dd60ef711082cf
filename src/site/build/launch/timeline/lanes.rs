//! The drawing: lanes with a bar for each test that matters, and quiet bars for all others.

use super::{Kind, Run, Runs, attempts};
use crate::model::Status;
use crate::site::build::failures::LaunchContext;
use crate::site::texts::{counted, human_duration, say};
use crate::site::view::launch::{AxisTick, Bar, Figure, Lane};
use crate::site::words;

/// Lanes that are drawn: those with failures, then those that were busy longest.
const LANES: usize = 24;
/// Lines of one lane, for what ran there at the same time.
const LINES: usize = 6;
/// Bars for failures, and as many for the longest of the others; the rest is merged.
const BARS: usize = 250;
/// What is merged is drawn in so many places along the time.
const PLACES: u64 = 100;
/// The height of a line and of the tallest bar in it, and of a lane's name.
const LINE: u32 = 18;
const TALLEST: u32 = 16;
const NAME: u32 = 18;
/// The narrowest bar, in hundredths of a per cent.
const NARROWEST: u64 = 35;
const WHOLE: u64 = 10_000;

/// A place along the time in hundredths of a per cent.
fn place(ms: u64, span: u64) -> u64 {
    (u128::from(ms) * u128::from(WHOLE) / u128::from(span)) as u64
}

/// A place as SVG has it.
fn percent(place: u64) -> String {
    format!("{}.{:02}", place / 100, place % 100)
}

/// Draws the lanes; also returns what is said of those that are not drawn.
pub(super) fn figure(context: &LaunchContext<'_>, runs: &Runs) -> (Figure, String) {
    let busy = runs.busy();
    let (drawn, cut) = chosen(runs, &busy);
    let kept = kept(runs, &drawn);
    let mut by_lane: Vec<Vec<usize>> = vec![Vec::new(); runs.lanes.len()];
    for (number, run) in runs.runs.iter().enumerate() {
        by_lane[run.lane].push(number);
    }
    let mut y = 0;
    let mut lanes = Vec::with_capacity(drawn.len());
    for lane in drawn {
        let is_named = runs.kind != Kind::Launch;
        let top = y + if is_named { NAME } else { 4 };
        let (bars, lines) = bars(context, runs, &by_lane[lane], &kept, top);
        lanes.push(Lane {
            name: super::lane_name(&runs.lanes[lane]),
            said: match is_named {
                true => say!(
                    "timeline.lane",
                    tests = counted(by_lane[lane].len() as u64, "test"),
                    share = runs.share(busy[lane]).to_string()
                ),
                false => String::new(),
            },
            y: y + NAME - 5,
            bars,
        });
        y = top + lines * LINE + 4;
    }
    let figure = Figure {
        title: match runs.kind {
            Kind::Workers => say!("timeline.when-each-worker-ran-what"),
            Kind::Jobs => say!("timeline.when-each-job-ran-what"),
            Kind::Launch => say!("timeline.what-ran-when"),
        },
        subtitle: say!("timeline.subtitle", attempts = attempts(runs)),
        height: y + 22,
        span: runs.span,
        base: y + 2,
        text: say!(
            "timeline.text",
            attempts = attempts(runs),
            span = human_duration(runs.span)
        ),
        lanes,
        ticks: ticks(runs.span),
    };
    (figure, cut)
}

/// The lanes to draw, in their order.
fn chosen(runs: &Runs, busy: &[u64]) -> (Vec<usize>, String) {
    let mut lanes: Vec<usize> = (0..runs.lanes.len()).collect();
    if lanes.len() <= LANES {
        return (lanes, String::new());
    }
    let mut fails = vec![false; lanes.len()];
    for run in &runs.runs {
        fails[run.lane] |= run.status.needs_resolution();
    }
    lanes.sort_by_key(|lane| (!fails[*lane], std::cmp::Reverse(busy[*lane]), *lane));
    lanes.truncate(LANES);
    lanes.sort_unstable();
    let said = say!(
        "timeline.drawn",
        shown = LANES,
        lanes = counted(runs.lanes.len() as u64, runs.kind.noun())
    );
    (lanes, said)
}

/// Which attempts get a bar of their own: failures and the longest, as far as there is room.
fn kept(runs: &Runs, drawn: &[usize]) -> Vec<bool> {
    let mut is_drawn = vec![false; runs.lanes.len()];
    for lane in drawn {
        is_drawn[*lane] = true;
    }
    let mut order: Vec<usize> = (0..runs.runs.len())
        .filter(|n| is_drawn[runs.runs[*n].lane])
        .collect();
    order.sort_by_key(|n| (std::cmp::Reverse(runs.runs[*n].duration), *n));
    let mut kept = vec![false; runs.runs.len()];
    let fails = |n: &&usize| runs.runs[**n].status.needs_resolution();
    for number in order.iter().filter(fails).take(BARS) {
        kept[*number] = true;
    }
    for number in order.iter().filter(|n| !fails(n)).take(BARS) {
        kept[*number] = true;
    }
    kept
}

/// The line of each attempt of a lane, so that what overlaps lies below; the last takes what is left.
fn lines(runs: &Runs, numbers: &[usize]) -> Vec<usize> {
    let mut ends: Vec<u64> = Vec::new();
    let lines = numbers.iter().map(|number| {
        let run = &runs.runs[*number];
        let free = ends.iter().position(|end| *end <= run.start);
        let line = free.unwrap_or_else(|| ends.len().min(LINES - 1));
        if line == ends.len() {
            ends.push(0);
        }
        ends[line] = ends[line].max(run.end());
        line
    });
    lines.collect()
}

fn bars(
    context: &LaunchContext<'_>,
    runs: &Runs,
    numbers: &[usize],
    kept: &[bool],
    top: u32,
) -> (Vec<Bar>, u32) {
    let line_of = lines(runs, numbers);
    let count = line_of.iter().max().map_or(1, |most| most + 1);
    let mut merged: Vec<Band> = (0..count).map(|_| Band::default()).collect();
    let mut bars = Vec::new();
    for (number, line) in numbers.iter().zip(&line_of) {
        let run = &runs.runs[*number];
        match kept[*number] {
            true => bars.push(bar(context, runs, run, top + *line as u32 * LINE)),
            false => merged[*line].add(run, runs.span),
        }
    }
    let mut out = Vec::new();
    for (line, band) in merged.into_iter().enumerate() {
        out.extend(band.bars(runs.span, top + line as u32 * LINE));
    }
    // Bands lie behind the bars.
    out.append(&mut bars);
    (out, count as u32)
}

fn bar(context: &LaunchContext<'_>, runs: &Runs, run: &Run, top: u32) -> Bar {
    let row = &context.rows[run.row];
    let height = match run.status {
        Status::Failed | Status::Broken => TALLEST,
        Status::Unknown => 12,
        Status::Passed | Status::InProgress => 8,
        Status::Skipped => 3,
    };
    let x = place(run.start, runs.span).min(WHOLE - NARROWEST);
    let end = place(run.end(), runs.span);
    let width = (end.saturating_sub(x)).max(NARROWEST).min(WHOLE - x);
    let test = match row.parameters() {
        parameters if parameters.is_empty() => row.name.to_owned(),
        parameters => format!("{} {parameters}", row.name),
    };
    let key = match run.is_retry {
        true => "timeline.bar-earlier",
        false => "timeline.bar",
    };
    Bar {
        status: run.status.as_str(),
        x: percent(x),
        width: percent(width),
        y: top + TALLEST - height,
        height,
        href: context.result_href(run.row, ""),
        title: words::line(&say!(
            key,
            test = test,
            status = words::label(run.status),
            duration = human_duration(run.duration),
            start = human_duration(run.start)
        )),
    }
}

/// Attempts of one line that have no bar of their own.
#[derive(Debug, Default)]
struct Band {
    /// Spans of places that follow each other or overlap, with how many attempts and the longest.
    spans: Vec<(u64, u64, u64, u64)>,
}

impl Band {
    /// Takes the next by start.
    fn add(&mut self, run: &Run, span: u64) {
        let at = |ms: u64| place(ms, span) * PLACES / WHOLE;
        let (from, to) = (at(run.start), at(run.end()));
        match self.spans.last_mut() {
            Some((_, end, n, longest)) if from <= *end + 1 => {
                *end = (*end).max(to);
                *n += 1;
                *longest = (*longest).max(run.duration);
            }
            _ => self.spans.push((from, to, 1, run.duration)),
        }
    }

    fn bars(self, span: u64, top: u32) -> impl Iterator<Item = Bar> {
        self.spans.into_iter().map(move |(from, to, n, longest)| {
            let x = (from * WHOLE / PLACES).min(WHOLE - NARROWEST);
            let end = ((to + 1) * WHOLE / PLACES).min(WHOLE);
            let at = (u128::from(span) * u128::from(from) / u128::from(PLACES)) as u64;
            Bar {
                status: "many",
                x: percent(x),
                width: percent(end - x),
                y: top + TALLEST - 5,
                height: 5,
                href: "results.html".to_owned(),
                title: say!(
                    "timeline.band",
                    n = n,
                    start = human_duration(at),
                    longest = human_duration(longest)
                ),
            }
        })
    }
}

/// Round distances of an axis, in milliseconds.
const STEPS: [u64; 24] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    1_800_000,
    3_600_000,
    7_200_000,
    21_600_000,
    86_400_000,
    604_800_000,
];

/// Ticks at round times, at most six; the last labels stay clear of the end.
fn ticks(span: u64) -> Vec<AxisTick> {
    let fits = |step: &&u64| span / **step < 5;
    let step = STEPS.iter().find(fits).copied().unwrap_or(span.div_ceil(5));
    let ticks = (0..=span / step).map(|n| {
        let x = place(n * step, span);
        AxisTick {
            x: percent(x),
            anchor: match x {
                0 => "start",
                9_000.. => "end",
                _ => "middle",
            },
            text: label(n * step),
        }
    });
    ticks.collect()
}

/// A round time without parts that are zero.
fn label(ms: u64) -> String {
    match ms {
        0 => "0".to_owned(),
        1..1_000 => say!("duration.ms", n = ms.to_string()),
        1_000..60_000 => say!("duration.s", n = (ms / 1_000).to_string()),
        60_000..3_600_000 if ms.is_multiple_of(60_000) => say!("duration.min", n = ms / 60_000),
        3_600_000..86_400_000 if ms.is_multiple_of(3_600_000) => {
            say!("duration.h", n = ms / 3_600_000)
        }
        86_400_000.. if ms.is_multiple_of(86_400_000) => say!("duration.d", n = ms / 86_400_000),
        _ => human_duration(ms),
    }
}
