//! Lines for people.

use super::gather::{BranchLines, Gathered};
use super::view::{percent, written};
use crate::base::text::{count, sanitize_line, thousands};
use crate::cli::context::Context;
use crate::cli::table::table;
use crate::cli::ui::Ui;
use crate::ledger::stability::{Line, groups};
use crate::model::Status;

pub(super) fn text(ui: &mut Ui, ctx: &Context, gathered: &Gathered) {
    match &gathered.test {
        Some(test) => {
            ui.out(sanitize_line(test));
            branches(ui, gathered);
        }
        None => all_tests(ui, ctx, gathered),
    }
}

/// The lines of one test, branch by branch.
pub(super) fn branches(ui: &mut Ui, gathered: &Gathered) {
    let with_lines = |branch: &&BranchLines| !branch.lines.is_empty();
    for branch in gathered.branches.iter().filter(with_lines) {
        one_branch(ui, branch, gathered);
    }
    if !gathered.branches.iter().any(|branch| with_lines(&branch)) {
        ui.out("no closed launch that counts has a result of it");
    }
}

fn one_branch(ui: &mut Ui, branch: &BranchLines, gathered: &Gathered) {
    let launches = count(branch.history.earlier() as u64, "closed launch");
    ui.out(format!("\n{}: {launches}", sanitize_line(branch.name())));
    for (at, line) in branch.lines.iter().enumerate() {
        let record = &line.record;
        let letters: String = record
            .entries
            .iter()
            .map(|entry| letter(entry.status, entry.muted))
            .collect();
        let passes = percent(record.passes, "passed");
        let flips = percent(record.flips, "flipped");
        ui.out(format!("  {}", sanitize_line(&title(branch, at, line))));
        if record.entries.is_empty() {
            ui.out("    nothing that passed, failed or broke");
            continue;
        }
        let flaky = match record.flaky {
            0 => String::new(),
            n => format!("; flaky in {}", count(n, "launch")),
        };
        ui.out(format!("    {letters}  {passes}; {flips}{flaky}"));
        if let Some(failing) = branch.failing(line, &gathered.ranges) {
            ui.out(format!("    {}", sanitize_line(&failing.words())));
        }
    }
}

/// `browser=chrome, size=large`, and the test's name where several are shown.
fn title(branch: &BranchLines, at: usize, line: &Line) -> String {
    let (name, parameters) = &branch.names[at];
    let several = branch.names.iter().any(|(other, _)| other != name);
    let name = several.then(|| name.clone());
    let environment = Some(line.environment.clone()).filter(|text| !text.is_empty());
    let parameters = parameters.iter().map(written);
    let words: Vec<String> = name
        .into_iter()
        .chain(environment)
        .chain(parameters)
        .collect();
    match words.is_empty() {
        true => "all environments".to_owned(),
        false => words.join(", "),
    }
}

/// The letter of a status, as in the worked examples; muted ones have an `m` behind it.
fn letter(status: Status, muted: bool) -> String {
    let letter = match status {
        Status::Passed => 'p',
        Status::Failed => 'f',
        Status::Broken => 'b',
        _ => '-',
    };
    format!("{letter}{}", if muted { "m" } else { "" })
}

fn all_tests(ui: &mut Ui, ctx: &Context, gathered: &Gathered) {
    let header = [
        "branch",
        "environment",
        "launches",
        "tests",
        "failing",
        "unsteady",
        "flipped",
        "passed",
    ];
    let rows = gathered.branches.iter().flat_map(|branch| {
        let row = move |(environment, group): (&str, crate::ledger::stability::Group)| {
            vec![
                branch.name().to_owned(),
                if environment.is_empty() {
                    "(none)"
                } else {
                    environment
                }
                .to_owned(),
                thousands(branch.history.earlier() as u64),
                thousands(group.tests),
                thousands(group.failing),
                thousands(group.unsteady),
                percent(group.flips, ""),
                percent(group.passes, ""),
            ]
        };
        groups(&branch.lines)
            .into_iter()
            .map(row)
            .collect::<Vec<_>>()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        ui.out_raw(table(&header.map(str::to_owned), &rows, ui.columns(ctx)) + "\n");
    }
}
