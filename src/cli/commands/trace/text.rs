//! The matrix for people.

use super::Asked;
use crate::analysis::stability::Rate;
use crate::analysis::trace::{Matrix, Stale, Standing, Traced};
use crate::base::Timestamp;
use crate::base::text::{count, sanitize_line, thousands, truncate};
use crate::cli::context::Context;
use crate::cli::ui::Ui;

pub(super) fn text(ui: &mut Ui, ctx: &Context, matrix: &Matrix<'_>, asked: Asked, now: Timestamp) {
    let context = above(matrix, asked);
    for (line, is_above) in matrix.lines.iter().zip(context) {
        let is_asked = asked.takes(line);
        if !is_asked && !is_above {
            continue;
        }
        let indent = "  ".repeat(line.depth);
        let requirement = line.requirement;
        let title = sanitize_line(&requirement.title);
        ui.out(format!(
            "{indent}{:<13}  {} {title}",
            line.standing.label(),
            sanitize_line(&requirement.id)
        ));
        if !is_asked {
            continue;
        }
        if let Some(gap) = &requirement.gap {
            let over = gap.until.is_some_and(|until| until.end() < now);
            let until = gap.until.map(|until| format!(" until {until}"));
            let over = if over { ", which is over" } else { "" };
            let until = until.unwrap_or_default();
            ui.out(format!(
                "{indent}               {}{until}{over}",
                sanitize_line(&gap.reason)
            ));
        }
        for traced in &line.cases {
            let case = traced.case;
            let line = format!(
                "{} {}: {}",
                case.id,
                sanitize_line(&case.title),
                results(traced)
            );
            let room = ctx.width.saturating_sub(15 + indent.len());
            ui.out(format!("{indent}               {}", truncate(&line, room)));
        }
    }
    for (case, words) in &matrix.unknown {
        ui.warn(format!(
            "`{}` names the requirement `{words}`, which is not here",
            case.id
        ));
    }
    let coverage = matrix.coverage();
    let counts = Standing::ALL
        .iter()
        .rev()
        .filter(|standing| matrix.count(**standing) > 0);
    let counts = counts.map(|standing| {
        format!(
            "{} {}",
            thousands(matrix.count(*standing)),
            standing.label()
        )
    });
    ui.out("");
    ui.out(format!("coverage {}", share(coverage)));
    ui.out(counts.collect::<Vec<_>>().join(", "));
}

/// For each line whether one that is asked for is a part of it, so that people see what of.
fn above(matrix: &Matrix<'_>, asked: Asked) -> Vec<bool> {
    let mut above = vec![false; matrix.lines.len()];
    let mut depth = 0;
    // Parts follow what they are parts of.
    for (at, line) in matrix.lines.iter().enumerate().rev() {
        above[at] = line.depth < depth;
        if above[at] || asked.takes(line) {
            depth = line.depth;
        }
    }
    above
}

/// `97.5% (39 of 40 requirements)`, or that there is nothing.
fn share(rate: Rate) -> String {
    match rate.value() {
        Some(value) => format!(
            "{:.1}% ({} of {})",
            (value * 1000.0).floor() / 10.0,
            thousands(rate.part),
            count(rate.of, "requirement")
        ),
        None => "of no requirement".to_owned(),
    }
}

/// `passed (browser=chrome), failed (browser=firefox)`
fn results(traced: &Traced<'_>) -> String {
    if traced.latest.is_empty() {
        return "no result".to_owned();
    }
    let words = traced.latest.iter().map(|latest| {
        let environment = match latest.environment.as_str() {
            "" => String::new(),
            environment => format!(" ({})", sanitize_line(environment)),
        };
        let muted = if latest.muted { ", muted" } else { "" };
        let stale = match latest.stale {
            Some(Stale::Text) => ", of an older text".to_owned(),
            Some(Stale::Age(period)) => {
                format!(", of {}, older than {period}", latest.at.date())
            }
            None => String::new(),
        };
        format!("{}{muted}{stale}{environment}", latest.status.label())
    });
    let mut words: Vec<String> = words.collect();
    words.dedup();
    words.join(", ")
}
