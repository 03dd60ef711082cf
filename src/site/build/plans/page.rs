//! A plan's page: how it stands, its parts, its launches.

use super::scope::{Known, Scope, asked, done, opened_with};
use super::{LAUNCHES, state};
use crate::analysis::plan::{Did, Excluded, Item, Why};
use crate::analysis::ready::ready;
use crate::analysis::subjects::CaseSubject;
use crate::model::{Plan, Status};
use crate::site::build::context::Context;
use crate::site::build::sheet::{CASE_COLUMNS, case_cells, frame, member, verdict};
use crate::site::build::standing::Standing;
use crate::site::pages::Writer;
use crate::site::texts::{count, counted, say, thousands};
use crate::site::view::sheet::{Cell, Sheet, SheetPart, SheetsPage};
use crate::site::view::{Fact, Link, Verdict};
use crate::site::{SiteError, words};

pub(super) fn page(
    context: &Context<'_>,
    standing: &Standing<'_>,
    one: &Known<'_>,
    subjects: &[CaseSubject<'_>],
    (previous, next): (Option<Link>, Option<Link>),
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let plan = &one.doc.value;
    let path = format!("{}/plans/{}.html", context.folder, one.page);
    let (verdict, parts) = match &one.scope {
        Err(why) => {
            let why = format!("{}.", words::sentence(&words::line(why)));
            let verdict = verdict(
                "blocked",
                say!("plans.it-cant-be-asked"),
                say!("plans.the-file-has-to-be-mended"),
                why,
            );
            (verdict, Vec::new())
        }
        Ok(scope) => (
            standing_of(context, scope),
            parts(context, standing, plan, scope, subjects),
        ),
    };
    let view = SheetsPage {
        frame: frame(
            context,
            writer,
            (&path, "plans"),
            Some(("plans.html", &plan.name)),
        ),
        kind: "plan",
        id: words::line(&plan.id),
        title: words::line(&plan.name),
        verdict,
        facts: facts(context, plan),
        prose_html: crate::site::markdown::to_html(plan.description.as_deref().unwrap_or_default()),
        parts,
        previous,
        next,
        path: one.doc.path.clone(),
        ..SheetsPage::default()
    };
    writer.page(&path, "sheets.html", &view)
}

fn standing_of(context: &Context<'_>, scope: &Scope<'_>) -> Verdict {
    let selected = scope.selection.selected.len() as u64;
    if selected == 0 {
        let text = say!("plans.no-case-fits-so-that-a");
        let lead = say!("plans.it-selects-nothing");
        return verdict("blocked", lead, text, String::new());
    }
    let cases = count(selected, "case");
    let Some(done) = &scope.done else {
        let text = context.unseen().part("plans.no-launch-is-closed-yet");
        return verdict("empty", cases, text, String::new());
    };
    let name = words::line(&context.project.launches[done.launch].file.name);
    let detail = match done.counts.unplanned {
        0 => String::new(),
        n => say!("plans.not-planned", n = n),
    };
    let lead = match done.unknown {
        0 => cases,
        n => say!("plans.cases-and-gone", cases = cases, n = n),
    };
    verdict(
        state(scope),
        lead,
        say!("plans.done-in", done = done.sentence(), launch = name),
        detail,
    )
}

fn facts(context: &Context<'_>, plan: &Plan) -> Vec<Fact> {
    let fact = |label: &str, value: String, mono: bool| Fact {
        label: label.to_owned(),
        value: words::line(&value),
        mono,
        ..Fact::default()
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let names = plan.assignees.iter();
    let names: Vec<String> = names.map(|id| member(context, Some(id)).text).collect();
    let environments = plan.environments.iter().map(words::variables);
    let environments: Vec<String> = environments.collect();
    let listed = |ids: &[String]| match ids.len() as u64 {
        0 => String::new(),
        n => count(n, "case"),
    };
    let mut out = vec![
        fact(&say!("fact.query"), text(&plan.query), true),
        fact(&say!("fact.saved-query"), text(&plan.saved), true),
        fact(&say!("fact.listed"), listed(&plan.cases), false),
        fact(
            &say!("fact.excluded-query"),
            text(&plan.exclude_query),
            true,
        ),
        fact(&say!("fact.excluded"), listed(&plan.exclude), false),
        fact(&say!("fact.environments"), environments.join("; "), false),
        fact(&say!("fact.executed-by"), names.join(", "), false),
    ];
    out.retain(|fact| !fact.value.is_empty());
    out
}

fn parts(
    context: &Context<'_>,
    standing: &Standing<'_>,
    plan: &Plan,
    scope: &Scope<'_>,
    subjects: &[CaseSubject<'_>],
) -> Vec<SheetPart> {
    let mut parts = Vec::new();
    let up = "../";
    if !scope.selection.unknown.is_empty() {
        let mut gone = Sheet::new(say!("sheet.cases-that-are-gone"), &[("column.id", "mono")]);
        for id in &scope.selection.unknown {
            gone.row([Cell::text(id)]);
        }
        parts.push(
            SheetPart::new(say!("sheet.gone"), gone)
                .at("gone")
                .lead(&say!("plans.the-plan-names-ids-that-no")),
        );
    }
    if let Some(done) = &scope.done {
        let not: Vec<&Item<'_>> = { done.check.items.iter() }
            .filter(|item| item.did != Did::Ran)
            .collect();
        if !not.is_empty() {
            let name = words::line(&context.project.launches[done.launch].file.name);
            let table = did_not_run(context, standing, &not, subjects, done.launch);
            parts.push(
                SheetPart::new(say!("plans.did-not-run-in", launch = name), table)
                    .at("missing")
                    .cut("tallybook plan check LAUNCH --all"),
            );
        }
    }
    let mut columns = CASE_COLUMNS.to_vec();
    columns.push(("column.because", "wide"));
    let mut cases = Sheet::new(say!("sheet.cases-of-the-plan"), &columns);
    for (at, why) in &scope.selection.selected {
        let mut cells = case_cells(context, standing, subjects[*at].case, up).to_vec();
        let why: Vec<String> = why.iter().map(|why| say!(because(*why))).collect();
        cells.push(Cell::text(why.join(", ")));
        cases.row(cells);
    }
    parts.push(
        SheetPart::new(say!("sheet.cases"), cases)
            .at("cases")
            .lead(&say!("plans.each-with-its-latest-result-whichever"))
            .or(&say!("plans.no-case-fits-tallybook-plan-show"))
            .cut("tallybook plan show PLAN"),
    );
    if !scope.selection.excluded.is_empty() {
        let mut table = Sheet::new(
            say!("sheet.excluded-cases"),
            &[("column.case", ""), ("column.by", "")],
        );
        for (at, by) in &scope.selection.excluded {
            let case = subjects[*at].case;
            let by = match by {
                Excluded::Listed => "exclude",
                Excluded::Query => "exclude_query",
            };
            table.row([
                Cell::row(&case.title, context.case_href(&case.id, up)).note(&case.id),
                Cell::mono(by),
            ]);
        }
        parts.push(SheetPart::new(say!("sheet.excluded"), table).cut("tallybook plan show PLAN"));
    }
    parts.extend(launches(context, standing, plan, subjects));
    parts
}

fn because(why: Why) -> &'static str {
    match why {
        Why::Listed => "plans.by-list",
        Why::Query => "plans.by-query",
        Why::Saved => "plans.by-saved-query",
    }
}

fn did_not_run(
    context: &Context<'_>,
    standing: &Standing<'_>,
    items: &[&Item<'_>],
    subjects: &[CaseSubject<'_>],
    launch: usize,
) -> Sheet {
    let outcomes = context.project.launches[launch].outcomes;
    let mut columns = CASE_COLUMNS.to_vec();
    columns.insert(1, ("column.environment", ""));
    columns.insert(2, ("column.did", ""));
    let mut table = Sheet::new(say!("sheet.what-did-not-run"), &columns);
    for item in items {
        let in_progress = |at: &usize| outcomes[*at].status == Status::InProgress;
        let did = match item.did {
            Did::Missing => "history.no-result",
            _ if item.outcomes.iter().any(in_progress) => "status.in_progress",
            _ => "status.skipped",
        };
        let environment = item.environment.map(words::variables);
        let environment = environment.unwrap_or_else(|| say!("plans.any-environment"));
        let mut cells = case_cells(context, standing, subjects[item.case].case, "../").to_vec();
        cells.insert(1, Cell::text(environment));
        cells.insert(2, Cell::text(say!(did)));
        table.row(cells);
    }
    table
}

/// How much the launches that were opened with the plan did of it.
fn launches(
    context: &Context<'_>,
    standing: &Standing<'_>,
    plan: &Plan,
    subjects: &[CaseSubject<'_>],
) -> Option<SheetPart> {
    let with = opened_with(context, plan);
    let ready = ready(standing.documents, plan, &asked(context)).ok()?;
    if with.is_empty() {
        return None;
    }
    let mut table = Sheet::new(
        say!("sheet.launches-of-the-plan"),
        &[
            ("column.launch", "name"),
            ("column.opened", "mid"),
            ("column.ran", "num"),
            ("column.passed", "num"),
            ("column.missing", "num mid"),
            ("column.not-planned", "num wide"),
        ],
    );
    for launch in with.iter().take(LAUNCHES) {
        let done = done(context, standing, &ready, *launch, subjects);
        let file = context.project.launches[*launch].file;
        let n = &done.counts;
        let mark = if done.is_whole() {
            "ready"
        } else {
            "accounted"
        };
        table.row([
            Cell::row(&file.name, Some(context.launch_href(*launch, "../"))).marked(mark),
            Cell::when(file.opened.at),
            Cell::text(say!("share.of", part = n.ran, all = n.planned)),
            Cell::text(thousands(n.passed)),
            Cell::text(thousands(n.missing)),
            Cell::text(thousands(n.unplanned)),
        ]);
    }
    let part = SheetPart::new(say!("sheet.launches-that-were-opened-with-it"), table);
    Some(part.lead(&say!(
        "plans.by-todays-plan",
        launches = counted(with.len().min(LAUNCHES) as u64, "launch")
    )))
}
