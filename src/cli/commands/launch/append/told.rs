//! What is said of an append: counts, what was not read, and what stopped it.

use crate::base::text;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;
use crate::ledger::{AppendError, Appended, OpenError};
use crate::model::{Status, Totals};

/// Says what was not read.
pub(in crate::cli::commands::launch) fn report(ui: &mut Ui, appended: &Appended) -> Exit {
    if appended.unchanged {
        ui.status(format!(
            "shard `{}` was appended before; nothing changed",
            appended.shard
        ));
    }
    let repeats: u64 = appended.intake.iter().map(|line| line.merged).sum();
    if appended.totals.total == 0 && repeats > 0 {
        let repeats = text::count(repeats, "result");
        ui.status(format!("{repeats} had been appended before"));
    }
    for line in &appended.intake {
        if line.replaced > 0 {
            let replaced = text::count(line.replaced, "character");
            ui.warn(format!("`{}`: {replaced} replaced by U+FFFD", line.input));
        }
        for note in &line.notes {
            ui.warn(format!("`{}`: {note}", line.input));
        }
        if let Some(problem) = &line.problem {
            ui.say("error", &format!("`{}`: {problem}", line.input));
        } else if line.has_loss() {
            let lost = line.elements.saturating_sub(line.read + line.merged);
            let lost = text::count(lost, "element");
            ui.say("error", &format!("`{}`: {lost} not read", line.input));
        }
    }
    for note in &appended.notes {
        ui.warn(note);
    }
    if appended.intake.iter().any(crate::model::Intake::has_loss) {
        ui.hint("mend the input and append it again: a complete append of the same job settles it");
        return Exit::Findings;
    }
    Exit::Fine
}

/// `459 results: 456 passed, 3 failed`, and retries where there are any.
pub(in crate::cli::commands::launch) fn counts(totals: &Totals) -> String {
    let order = [
        Status::Passed,
        Status::Failed,
        Status::Broken,
        Status::Skipped,
        Status::Unknown,
        Status::InProgress,
    ];
    let parts: Vec<String> = order
        .into_iter()
        .filter(|status| totals.of(*status) > 0)
        .map(|status| format!("{} {status}", text::thousands(totals.of(status))))
        .collect();
    let mut out = text::count(totals.total, "result");
    if !parts.is_empty() {
        out.push_str(&format!(": {}", parts.join(", ")));
    }
    if totals.overridden > 0 {
        out.push_str(&format!(
            ", {} overridden",
            text::thousands(totals.overridden)
        ));
    }
    if totals.retries > 0 {
        let retries = totals.retries;
        let noun = if retries == 1 { "retry" } else { "retries" };
        out.push_str(&format!("; {} {noun}", text::thousands(retries)));
    }
    out
}

/// How many places that look like secrets are shown.
const LEAKS: usize = 20;

/// Says where something looks like a secret; hands back any other error.
pub(in crate::cli::commands) fn tell_leaks(
    ui: &mut Ui,
    error: CommandError,
) -> Result<Exit, CommandError> {
    let (leaks, verb) = if let Some(AppendError::Secrets(leaks)) = error.error.downcast_ref() {
        (leaks, "append")
    } else if let Some(OpenError::Secrets(leaks)) = error.error.downcast_ref() {
        (leaks, "open")
    } else {
        return Err(error);
    };
    for leak in leaks.iter().take(LEAKS) {
        ui.say(
            "error",
            &format!("{} looks like a secret: {}", leak.place, leak.shape),
        );
    }
    let more = leaks.len().saturating_sub(LEAKS) as u64;
    if more > 0 {
        let places = text::count(more, "more place");
        ui.say("error", &format!("and {places}"));
    }
    ui.status(format!(
        "nothing was {verb}ed: git keeps for ever what it is given"
    ));
    ui.hint("revoke what is a secret, and take it out of what is given, or let `redaction` in `tallybook.yaml` do that");
    let mut shapes: Vec<&str> = leaks.iter().map(|leak| leak.shape).collect();
    shapes.sort_unstable();
    shapes.dedup();
    let flags: Vec<String> = shapes
        .iter()
        .map(|shape| format!("--allow-secret {shape}"))
        .collect();
    ui.hint(format!(
        "if it is none, {verb} again with `{}`",
        flags.join(" ")
    ));
    Ok(Exit::Findings)
}
