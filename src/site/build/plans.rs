//! Plans: what each selects, how the latest results of that stand, and how much of it a launch did.

use std::collections::BTreeSet;

use super::paths;
use super::project::Context;
use super::sheet::{CASE_COLUMNS, case_cells, frame, member, verdict};
use super::standing::Standing;
use crate::analysis::plan::{
    Check, Did, Excluded, Item, Ran, ReadyPlan, Selection, Why, check, select,
};
use crate::analysis::ready::{Wrong, asks_history, ready};
use crate::analysis::subjects::CaseSubject;
use crate::model::{Plan, Status};
use crate::query;
use crate::site::pages::Writer;
use crate::site::texts::{count, counted, say, thousands};
use crate::site::view::sheet::{Cell, Sheet, SheetPart, SheetsPage};
use crate::site::view::{Fact, Link, Verdict};
use crate::site::{SiteError, words};
use crate::store::Doc;

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

/// A plan held against the documentation, and against a launch.
struct Known<'a> {
    doc: &'a Doc<Plan>,
    page: String,
    scope: Result<Scope<'a>, String>,
}

struct Scope<'a> {
    selection: Selection,
    done: Option<Done<'a>>,
}

/// How much of a plan a launch did.
struct Done<'a> {
    /// The launch's place in the project.
    launch: usize,
    check: Check<'a>,
    counts: Counts,
    unknown: usize,
}

/// How many things of a plan became what; as `plan check` counts them.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    planned: u64,
    ran: u64,
    passed: u64,
    skipped: u64,
    in_progress: u64,
    missing: u64,
    unplanned: u64,
}

impl Done<'_> {
    fn is_whole(&self) -> bool {
        self.check.is_whole() && self.unknown == 0
    }

    /// `18 of 20 ran, 2 missing`
    fn sentence(&self) -> String {
        let n = &self.counts;
        let parts = [
            (n.missing, "plans.and-missing"),
            (n.skipped, "plans.and-skipped"),
            (n.in_progress, "plans.and-in-progress"),
        ];
        let rest: String = { parts.iter().filter(|(n, _)| *n > 0) }
            .map(|(n, key)| say!(key, n = *n))
            .collect();
        say!("plans.ran", part = n.ran, all = n.planned, rest = rest)
    }
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

fn asked(context: &Context<'_>) -> query::Context {
    query::Context {
        now: context.input.stamp.now,
        user: None,
    }
}

fn scope<'a>(
    context: &Context<'_>,
    standing: &'a Standing<'_>,
    plan: &'a Plan,
    subjects: &[CaseSubject<'_>],
) -> Result<Scope<'a>, String> {
    let ready = ready(standing.documents, plan, &asked(context)).map_err(|why| told(&why))?;
    let selection = select(&ready, subjects);
    Ok(Scope {
        done: executing(context, standing, plan)
            .map(|launch| done(context, standing, &ready, launch, subjects)),
        selection,
    })
}

/// The launch that a plan is held against: the latest one that was opened with it, else the latest.
fn executing(context: &Context<'_>, standing: &Standing<'_>, plan: &Plan) -> Option<usize> {
    let with = opened_with(context, plan);
    with.first().copied().or(standing.last())
}

/// The launches that were opened with a plan, the latest first, superseded ones apart.
fn opened_with(context: &Context<'_>, plan: &Plan) -> Vec<usize> {
    let launches = 0..context.project.launches.len();
    let own = |at: &usize| {
        let file = context.project.launches[*at].file;
        file.plan.as_deref() == Some(&plan.id) && context.superseded[*at].is_none()
    };
    launches.rev().filter(own).collect()
}

fn done<'a>(
    context: &Context<'_>,
    standing: &Standing<'_>,
    ready: &ReadyPlan<'a>,
    launch: usize,
    subjects: &[CaseSubject<'_>],
) -> Done<'a> {
    let one = &context.project.launches[launch];
    let ran = Ran {
        outcomes: one.outcomes,
        environments: one.environments,
        declared: &context.project.file.environment,
    };
    // As a gate does: the launch ends the history that functions look at.
    let past = asks_history(ready)
        .then(|| standing.until(context.project, launch))
        .flatten();
    let own = past.as_ref().map(|past| standing.set.subjects(Some(past)));
    let subjects = own.as_deref().unwrap_or(subjects);
    let selection = select(ready, subjects);
    let check = check(ready.plan, &selection, subjects, &ran);
    Done {
        launch,
        counts: counts(context, launch, &check),
        unknown: selection.unknown.len(),
        check,
    }
}

fn counts(context: &Context<'_>, launch: usize, check: &Check<'_>) -> Counts {
    let outcomes = context.project.launches[launch].outcomes;
    let mut out = Counts {
        planned: check.items.len() as u64,
        unplanned: check.unplanned.len() as u64,
        ..Counts::default()
    };
    for item in &check.items {
        let statuses = || item.outcomes.iter().map(|at| outcomes[*at].status);
        match item.did {
            Did::Ran => {
                out.ran += 1;
                out.passed += u64::from(worst(context, launch, item) == Some(Status::Passed));
            }
            Did::Missing => out.missing += 1,
            Did::NotYet if { statuses() }.any(|status| status == Status::InProgress) => {
                out.in_progress += 1;
            }
            Did::NotYet => out.skipped += 1,
        }
    }
    out
}

/// The worst status of what answers an item, overridden ones apart.
fn worst(context: &Context<'_>, launch: usize, item: &Item<'_>) -> Option<Status> {
    let outcomes = context.project.launches[launch].outcomes;
    let counts = item.outcomes.iter().map(|at| &outcomes[*at]);
    let counts = counts.filter(|outcome| !outcome.has(crate::model::Flag::Overridden));
    Status::worst(counts.map(|outcome| outcome.status))
}

/// Says why a plan can't be asked.
fn told(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Query {
            place, problems, ..
        } => {
            let first = problems.first();
            let why = first.map_or("", |problem| problem.message.as_str());
            say!("plans.place-cant-be-asked", place = place, why = why)
        }
        Wrong::NoSaved { saved, .. } => {
            say!("plans.no-saved-query", query = saved)
        }
        Wrong::NotOfCases { saved, of, .. } => {
            say!("plans.not-of-cases", query = saved, of = of.as_str())
        }
    }
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
        return verdict("empty", lead, say!("plans.no-launch-is-closed-yet"), detail);
    }
    let lead = say!("plans.done-in-full", n = n, plans = counted(all, "plan"));
    verdict(tone, lead, unasked, detail)
}

fn page(
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
        let text = say!("plans.no-launch-is-closed-yet");
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
                Excluded::Listed => "`exclude`",
                Excluded::Query => "`exclude_query`",
            };
            table.row([
                Cell::row(&case.title, context.case_href(&case.id, up)).note(&case.id),
                Cell::text(by),
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
