//! Launches that were closed, what a change reaches, and whom to ask: in the terminal.

use crate::base::text::{count, sanitize_line};
use crate::cli::ui::Ui;
use crate::review::{Brief, Impact, Reach};

/// How many lines of one kind are shown; `--format json` has all.
const SHOWN: usize = 8;

/// Up to how many launches are told with their receipts.
const WITH_RECEIPT: usize = 3;

/// Characters of a receipt that a person compares.
const RECEIPT: usize = 16;

pub(super) fn text(ui: &mut Ui, brief: &Brief) {
    closings(ui, brief);
    for reach in Reach::ALL {
        let all: Vec<&Impact> = brief
            .impact
            .iter()
            .filter(|one| one.reach == reach)
            .collect();
        if all.is_empty() {
            continue;
        }
        ui.out(format!("\n{}", reach.title()));
        for one in all.iter().take(SHOWN) {
            ui.out(format!("  {}", one.sentence));
        }
        left_out(ui, all.len());
    }
    reviewers(ui, brief);
}

fn left_out(ui: &mut Ui, all: usize) {
    if all > SHOWN {
        let n = all - SHOWN;
        ui.out(format!("  and {n} more; `--format json` has all"));
    }
}

fn closings(ui: &mut Ui, brief: &Brief) {
    let all = &brief.closings;
    if all.is_empty() {
        return;
    }
    ui.out(format!("\nClosed: {}", count(all.len() as u64, "launch")));
    // The newest say most.
    for one in all.iter().skip(all.len().saturating_sub(SHOWN)) {
        let name = match one.name.as_str() {
            "" => &one.launch,
            name => name,
        };
        ui.out(format!("  {}: {}", sanitize_line(name), one.verdict));
        if all.len() <= WITH_RECEIPT {
            let receipt = one.receipt.get(..RECEIPT).unwrap_or(&one.receipt);
            let id = sanitize_line(&one.launch);
            ui.out(format!("    {id}, receipt {receipt}…"));
        }
    }
    left_out(ui, all.len());
}

fn reviewers(ui: &mut Ui, brief: &Brief) {
    if brief.reviewers.is_empty() {
        return;
    }
    ui.out("\nWhom to ask");
    for one in brief.reviewers.iter().take(SHOWN) {
        let name = sanitize_line(&one.name);
        let handle = match &one.handle {
            Some(handle) if *handle != one.name => format!(" ({})", sanitize_line(handle)),
            _ => String::new(),
        };
        ui.out(format!("  {name}{handle} {}", one.why));
    }
    left_out(ui, brief.reviewers.len());
}
