//! Plans: what each selects, how the latest results of that stand, and how much of it a launch did.

mod page;
mod scope;

use std::collections::BTreeSet;

use self::page::page;
use self::scope::{Done, Known, Scope, scope};
use super::context::Context;
use super::paths;
use super::sheet::{frame, member, verdict};
use super::standing::Standing;
use crate::model::Plan;
use crate::site::pages::Writer;
use crate::site::texts::{count, counted, say, thousands};
use crate::site::view::sheet::{Cell, Sheet, SheetPart, SheetsPage};
use crate::site::view::{Link, Verdict};
use crate::site::{SiteError, words};

/// Launches that were opened with a plan, of which its page says how much they did.
const LAUNCHES: usize = 10;

/// Whether the project has a page of plans.
pub(super) fn is_there(context: &Context<'_>) -> bool {
    context.standing.as_ref().is_some_and(|standing| {
        !standing.documents.plans.is_empty() || !standing.documents.cases.is_empty()
    })
}

/// Returns each plan with its page, from the project's folder.
pub(super) fn pages<'a>(context: &Context<'a>) -> Vec<(String, &'a Plan)> {
    let Some(standing) = context.standing.as_ref().filter(|_| is_there(context)) else {
        return Vec::new();
    };
    let plans = standing.documents.plans.iter().map(|doc| &doc.value);
    let names = paths::unique(plans.clone().map(|plan| plan.id.as_str()));
    let names = names.into_iter().map(|name| format!("plans/{name}.html"));
    names.zip(plans).collect()
}

pub(super) fn render(context: &Context<'_>, writer: &mut Writer<'_>) -> Result<(), SiteError> {
    let Some(standing) = context.standing.as_ref().filter(|_| is_there(context)) else {
        return Ok(());
    };
    let docs = &standing.documents.plans;
    let names = paths::unique(docs.iter().map(|doc| doc.value.id.as_str()));
    let subjects = standing.set.subjects(Some(&standing.past));
    let known = docs.iter().zip(names).map(|(doc, page)| Known {
        scope: scope(context, standing, &doc.value, &subjects),
        doc,
        page,
    });
    let known: Vec<Known<'_>> = known.collect();
    list(context, standing, &known, writer)?;
    for (at, one) in known.iter().enumerate() {
        let link = |one: Option<&Known<'_>>| {
            let one = one?;
            Some(Link {
                text: words::line(&one.doc.value.name),
                href: Some(format!("{}.html", one.page)),
                kind: String::new(),
            })
        };
        let before = at.checked_sub(1).and_then(|at| known.get(at));
        let turn = (link(before), link(known.get(at + 1)));
        page(context, standing, one, &subjects, turn, writer)?;
    }
    Ok(())
}

fn list(
    context: &Context<'_>,
    standing: &Standing<'_>,
    known: &[Known<'_>],
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let path = format!("{}/plans.html", context.folder);
    let mut table = Sheet::new(
        say!("sheet.plans"),
        &[
            ("column.plan", "name"),
            ("column.executed-by", "wide"),
            ("column.cases", "num"),
            ("column.gone", "num mid"),
            ("column.ran", "num"),
            ("column.passed", "num mid"),
            ("column.in", "wide"),
        ],
    );
    for one in known {
        let plan = &one.doc.value;
        let name = Cell::row(&plan.name, Some(format!("plans/{}.html", one.page)));
        let assignees = plan.assignees.iter();
        let names: Vec<String> = assignees.map(|id| member(context, Some(id)).text).collect();
        let who = Cell::text(names.join(", "));
        match &one.scope {
            Err(why) => {
                let name = name.marked("blocked").note(&plan.id).note(why);
                let blank = || Cell::text("?");
                table.row([name, who, blank(), blank(), blank(), blank()]);
            }
            Ok(scope) => {
                let mark = state(scope);
                let selected = thousands(scope.selection.selected.len() as u64);
                let gone = thousands(scope.selection.unknown.len() as u64);
                let blank = [Cell::text("–"), Cell::text("–"), Cell::default()];
                let [ran, passed, launch] = scope.done.as_ref().map_or(blank, |done| {
                    let n = &done.counts;
                    [
                        Cell::text(say!("share.of", part = n.ran, all = n.planned)),
                        Cell::text(thousands(n.passed)),
                        Cell::link(
                            &context.project.launches[done.launch].file.name,
                            Some(context.launch_href(done.launch, "")),
                        ),
                    ]
                });
                table.row([
                    name.marked(mark).note(&plan.id),
                    who,
                    Cell::text(selected),
                    Cell::text(gone),
                    ran,
                    passed,
                    launch,
                ]);
            }
        }
    }
    let part = SheetPart::new(say!("sheet.plans"), table)
        .lead(&say!("plans.ran-counts-each-selected-case-in"))
        .or(&say!("plans.there-are-no-plans-a-plan"));
    let page = SheetsPage {
        frame: frame(context, writer, (&path, "plans"), None),
        kind: "plans",
        verdict: overall(context, standing, known),
        parts: vec![part],
        ..SheetsPage::default()
    };
    writer.page(&path, "sheets.html", &page)
}

fn state(scope: &Scope<'_>) -> &'static str {
    match &scope.done {
        _ if scope.selection.selected.is_empty() => "blocked",
        None => "empty",
        Some(done) if done.is_whole() => "ready",
        Some(_) => "accounted",
    }
}

fn overall(context: &Context<'_>, standing: &Standing<'_>, known: &[Known<'_>]) -> Verdict {
    let all = known.len() as u64;
    let whole = |one: &&Known<'_>| {
        let scope = one.scope.as_ref();
        scope.is_ok_and(|scope| scope.done.as_ref().is_some_and(Done::is_whole))
    };
    let n = known.iter().filter(whole).count() as u64;
    let wrong = known.iter().filter(|one| one.scope.is_err()).count() as u64;
    let detail = match standing.documents.cases.len() as u64 {
        0 => String::new(),
        cases => {
            let picked: BTreeSet<usize> =
                { known.iter().filter_map(|one| one.scope.as_ref().ok()) }
                    .flat_map(|scope| scope.selection.selected.iter().map(|(at, _)| *at))
                    .collect();
            say!(
                "plans.in-some-plan",
                n = picked.len(),
                cases = counted(cases, "documented case")
            )
        }
    };
    if all == 0 {
        return verdict("empty", say!("plans.no-plans"), String::new(), detail);
    }
    let unasked = match wrong {
        0 => String::new(),
        n => say!("plans.cant-be-asked", n = n),
    };
    let tone = match (n == all, wrong) {
        (_, 1..) => "blocked",
        (true, _) => "ready",
        _ => "accounted",
    };
    if context.project.launches.is_empty() {
        let lead = count(all, "plan");
        let text = context.unseen().part("plans.no-launch-is-closed-yet");
        return verdict("empty", lead, text, detail);
    }
    let lead = say!("plans.done-in-full", n = n, plans = counted(all, "plan"));
    verdict(tone, lead, unasked, detail)
}
