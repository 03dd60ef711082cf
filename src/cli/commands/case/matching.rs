//! `tallybook case match`

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::apart::{Apart, apart, tests};
use super::desk::{Desk, WriteArgs, case_error, finish};
use super::told::{Proposed, Test, View};
use crate::analysis::matching::{Match, Matcher};
use crate::analysis::rename::{Named, Proposal, renames};
use crate::author::case::{Adopting, CaseChange, Rename, accept_renames, adopt};
use crate::base::text::{count, line, ticked};
use crate::cli::commands::launch::{OutputFormat, json as pretty};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, ProjectArg};
use crate::cli::reader::Reader;
use crate::cli::side::tell_unavailable;
use crate::cli::ui::Ui;
use crate::ledger::{self, Launch};
use crate::model::{Step, TestIdentity, TestResult};
use crate::store::{Project, Snapshot};

/// Say which case each test of a launch belongs to, what is new, what is gone, and what was renamed
///
/// New and gone are against the launch before it. A test that is gone and one that is new are proposed as one
/// where they stand in one file and have similar names, or have the same steps. `--accept` writes the new name
/// into the case's file beside the old one, so that its history goes on.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case match 2026-11-22-1843-nightly-4f7k
  tallybook case match 2026-11-22-1843-nightly-4f7k --accept --dry-run
  tallybook case match 2026-11-22-1843-nightly-4f7k --accept --branch follow-renames
  tallybook case match 2026-11-22-1843-nightly-4f7k --rename 'tests.auth#expired' 'tests.login#expired'
  tallybook case match 2026-11-22-1843-nightly-4f7k --format json")]
pub(super) struct MatchArgs {
    /// The launch's id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH")]
    launch: String,
    /// The launch that it is held against [default: its baseline]
    #[arg(long, value_name = "LAUNCH")]
    against: Option<String>,
    /// Accept all proposals that are clear
    #[arg(long)]
    accept: bool,
    /// Accept this pair of full names, proposed or not; may be repeated
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    rename: Vec<String>,
    /// Make cases of renamed tests that have none, so that their history goes on, too
    #[arg(long)]
    adopt: bool,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    write: WriteArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &MatchArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(ctx, &args.write.branch)?;
    let writes = args.accept || !args.rename.is_empty();
    if args.adopt && !writes {
        let error = CommandError::usage("`--adopt` goes with what is accepted");
        return Err(error.hint("add `--accept`, or `--rename OLD NEW`"));
    }
    // Launches that are open here are read beside a commit's documentation, too.
    let snapshot = desk.place.with_its_launches(desk.snapshot.clone())?;
    let none = AtArg::default();
    let workspace = &desk.loaded.workspace;
    let find = |wanted: &str, project: &ProjectArg| {
        place::launch(&desk.place, workspace, &snapshot, wanted, project, &none)
    };
    let found = find(&args.launch, &args.project)?;
    let project = found.project;
    let reader = Reader::new(&desk.place, &snapshot, project, &none, ctx.now)?;
    let launch = reader.launch(&found.found)?;
    let own = ProjectArg {
        project: Some(project.folder.clone()),
    };
    let before = match &args.against {
        Some(wanted) => Some(reader.launch(&find(wanted, &own)?.found)?),
        None => match ledger::baseline(&launch, &reader.heads) {
            Ok((head, _)) => Some(reader.closed(head)?),
            Err(none) => {
                ui.warn(format!("what is new and what is gone is unknown: {none}"));
                ui.hint("`--against LAUNCH` holds it against another one");
                None
            }
        },
    };
    let matching = Matching::new(project, &launch, before.as_ref());
    let view = matching.view(&snapshot)?;
    let lacks = reader.tell_damages(ui, []);
    tell_unavailable(ui, snapshot.unavailable());
    if writes {
        let change = matching.accept(ctx, &snapshot, &view, args)?;
        for one in view
            .proposals
            .iter()
            .filter(|one| args.accept && one.unclear && !one.has_both)
        {
            ui.warn(format!(
                "not clear, so not accepted: {} → {}",
                line(&one.old, 200),
                line(&one.new, 200)
            ));
        }
        let without = view.proposals.iter().filter(|one| one.case.is_none());
        let without = without.filter(|_| args.accept && !args.adopt).count();
        if without > 0 {
            ui.hint(format!(
                "{} no case file: `--adopt` makes them, so that their history goes on",
                match without {
                    1 => "one renamed test has".to_owned(),
                    n => format!("{n} renamed tests have"),
                }
            ));
        }
        return finish(ui, ctx, &desk, &args.write, &change);
    }
    match args.format {
        OutputFormat::Json => ui.out_raw(pretty(&view)),
        OutputFormat::Text => view.show(ui, project),
    }
    Ok(match lacks || !view.ambiguous.is_empty() {
        true => Exit::Findings,
        false => Exit::Fine,
    })
}

/// A launch held against the cases and against the launch before it.
struct Matching<'a> {
    project: &'a Project,
    launch: &'a Launch,
    before: Option<&'a Launch>,
    matcher: Matcher,
}

impl<'a> Matching<'a> {
    fn new(project: &'a Project, launch: &'a Launch, before: Option<&'a Launch>) -> Self {
        Self {
            project,
            launch,
            before,
            matcher: Matcher::new(project.cases.iter().map(|doc| &doc.value)),
        }
    }

    fn find(&self, test: &TestIdentity) -> Match {
        self.matcher.find(&test.ids, test.full_name.as_deref())
    }

    fn told(&self, test: &TestIdentity) -> Test {
        let found = self.find(test);
        let unknown = test.ids.iter().filter(|id| !self.matcher.knows(id));
        Test {
            name: test.name.clone(),
            full_name: test.full_name.clone(),
            unknown_ids: unknown.cloned().collect(),
            case: match &found {
                Match::Case(case) => Some(case.clone()),
                _ => None,
            },
            cases: match found {
                Match::Ambiguous(cases) => cases,
                _ => Vec::new(),
            },
        }
    }

    fn view(&self, snapshot: &Snapshot) -> Result<View, CommandError> {
        let mut view = View {
            launch: self.launch.id.clone(),
            against: self.before.map(|before| before.id.clone()),
            ..View::default()
        };
        for test in tests(self.launch).into_values() {
            let told = self.told(test);
            match self.find(test) {
                Match::Case(_) => view.matched.push(told),
                Match::None => view.derived.push(told),
                Match::Ambiguous(_) => view.ambiguous.push(told),
            }
        }
        for list in [&mut view.matched, &mut view.derived, &mut view.ambiguous] {
            list.sort_by(|a, b| (&a.full_name, &a.name).cmp(&(&b.full_name, &b.name)));
        }
        let Some(before) = self.before else {
            return Ok(view);
        };
        let Apart { gone, come } = apart(self.project, &self.matcher, before, self.launch);
        view.vanished = gone.iter().map(|test| self.told(test)).collect();
        view.appeared = come.iter().map(|test| self.told(test)).collect();
        let named = |test: &&&TestIdentity| is_selector(test);
        let gone: Vec<&TestIdentity> = gone.iter().filter(named).copied().collect();
        let come: Vec<&TestIdentity> = come.iter().filter(named).copied().collect();
        let old = self.described(before, snapshot, &gone)?;
        let new = self.described(self.launch, snapshot, &come)?;
        // What another case has is no other name of a test.
        let fits = |old: usize, new: usize| match self.find(come[new]) {
            Match::None => true,
            Match::Ambiguous(_) => false,
            case => self.find(gone[old]) == case,
        };
        let proposed = renames(&old, &new, fits).into_iter();
        view.proposals = proposed
            .filter_map(|one| self.proposed(&gone, &come, one))
            .collect();
        Ok(view)
    }

    /// Returns what tests of a launch are compared by.
    fn described(
        &self,
        launch: &Launch,
        snapshot: &Snapshot,
        tests: &[&TestIdentity],
    ) -> Result<Vec<Named>, CommandError> {
        if tests.is_empty() {
            return Ok(Vec::new());
        }
        let wanted: BTreeSet<&str> = tests.iter().map(|test| test.test.as_str()).collect();
        let mut by_test: BTreeMap<&str, &str> = BTreeMap::new();
        for outcome in &launch.outcomes {
            if wanted.contains(outcome.test.as_str()) {
                by_test.entry(&outcome.test).or_insert(&outcome.id);
            }
        }
        let ids: HashSet<&str> = by_test.values().copied().collect();
        let files = snapshot.launches.as_ref();
        let rows = launch.some_rows(files, &ids)?;
        let steps = launch.steps(files, &ids)?;
        let named = tests.iter().map(|test| {
            let id = by_test.get(test.test.as_str()).copied().unwrap_or_default();
            let steps = steps.get(id).map(Vec::as_slice).unwrap_or_default();
            Named {
                full_name: test.full_name.clone().unwrap_or_default(),
                case: self.case_of_ids(test),
                file: rows.get(id).and_then(|(_, row)| row.file.clone()),
                steps: steps.iter().map(|step| step.name.clone()).collect(),
            }
        });
        Ok(named.collect())
    }

    /// The case that a test names by an id.
    fn case_of_ids(&self, test: &TestIdentity) -> Option<String> {
        self.matcher.case(&test.ids, None)
    }

    fn proposed(
        &self,
        gone: &[&TestIdentity],
        come: &[&TestIdentity],
        one: Proposal,
    ) -> Option<Proposed> {
        Some(Proposed {
            old: gone[one.gone].full_name.clone()?,
            new: come[one.come].full_name.clone()?,
            case: match self.find(gone[one.gone]) {
                Match::Case(case) => Some(case),
                _ => None,
            },
            has_both: self.find(come[one.come]) != Match::None,
            score: one.score,
            why: one.why,
            unclear: one.unclear,
        })
    }

    /// Returns the change that accepts renames.
    fn accept(
        &self,
        ctx: &Context,
        snapshot: &Snapshot,
        view: &View,
        args: &MatchArgs,
    ) -> Result<CaseChange, CommandError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let named = args.rename.as_chunks::<2>().0.iter();
        for [old, new] in named {
            pairs.push((old.clone(), new.clone()));
        }
        let clear = view
            .proposals
            .iter()
            .filter(|one| args.accept && !one.unclear && !one.has_both);
        let clear = clear.filter(|one| one.case.is_some() || args.adopt);
        for one in clear {
            if pairs
                .iter()
                .all(|(old, new)| *old != one.old && *new != one.new)
            {
                pairs.push((one.old.clone(), one.new.clone()));
            }
        }
        let (mut known, mut without) = (Vec::new(), Vec::new());
        for (old, new) in pairs {
            self.check_new(&old, &new)?;
            match self.case_called(&old)? {
                Some(case) => known.push(Rename { case, old, new }),
                None if args.adopt => without.push((old, new)),
                None => {
                    let error =
                        CommandError::usage(format!("no case file claims `{}`", line(&old, 200)));
                    return Err(error.hint("`--adopt` makes one, so that its history goes on"));
                }
            }
        }
        let mut change = accept_renames(self.project, &known).map_err(case_error)?;
        if without.is_empty() {
            return Ok(change);
        }
        let adopted = self.adopted(ctx, snapshot, &without)?;
        change.cases.extend(adopted.cases);
        change.said.extend(adopted.said);
        change.changes.edits.extend(adopted.changes.edits);
        change.changes.message = format!(
            "Follow tests of {} that were renamed",
            count(change.cases.len() as u64, "case")
        );
        Ok(change)
    }

    /// A new name must be one of the launch, and of no case yet.
    fn check_new(&self, old: &str, new: &str) -> Result<(), CommandError> {
        let tests = tests(self.launch);
        let test = { tests.values() }.find(|test| test.full_name.as_deref() == Some(new));
        let Some(test) = test else {
            let names = tests.values().filter_map(|test| test.full_name.as_deref());
            let error = CommandError::usage(format!(
                "launch `{}` has no test `{}`",
                self.launch.id,
                line(new, 200)
            ));
            return Err(match crate::base::text::closest(new, names) {
                Some(near) => error.hint(format!("did you mean `{}`?", line(near, 200))),
                None => error,
            });
        };
        if new.contains('*') {
            let message = format!(
                "`{}` has a `*`, which selectors take for any characters",
                line(new, 200)
            );
            return Err(CommandError::usage(message));
        }
        match (self.find(test), self.case_called(old)?) {
            (Match::Case(case), own) if own.as_ref() != Some(&case) => {
                let error =
                    CommandError::usage(format!("`{}` belongs to {case} already", line(new, 200)));
                Err(error.hint(format!("`tallybook case show {case}` shows it")))
            }
            (Match::Ambiguous(cases), _) => Err(CommandError::usage(format!(
                "several cases claim `{}`: {}",
                line(new, 200),
                ticked(&cases, "and")
            ))),
            _ => Ok(()),
        }
    }

    /// The case that a name is known by: as a test of the launch before, or as a selector.
    fn case_called(&self, name: &str) -> Result<Option<String>, CommandError> {
        let tests = self.before.map(tests).unwrap_or_default();
        let test = { tests.values() }.find(|test| test.full_name.as_deref() == Some(name));
        let found = match test {
            Some(test) => self.find(test),
            None => self.matcher.find(&[], Some(name)),
        };
        match found {
            Match::Case(case) => Ok(Some(case)),
            Match::None if test.is_some() => Ok(None),
            Match::None => {
                let error = CommandError::usage(format!(
                    "neither a case nor the launch before has a test `{}`",
                    line(name, 200)
                ));
                let names = tests.values().filter_map(|test| test.full_name.as_deref());
                Err(match crate::base::text::closest(name, names) {
                    Some(near) => error.hint(format!("did you mean `{}`?", line(near, 200))),
                    None => error.hint("`--against LAUNCH` names the launch that has it"),
                })
            }
            Match::Ambiguous(cases) => Err(CommandError::usage(format!(
                "several cases claim `{}`: {}",
                line(name, 200),
                ticked(&cases, "and")
            ))),
        }
    }

    /// Makes cases of renamed tests that have none, known by both names.
    fn adopted(
        &self,
        ctx: &Context,
        snapshot: &Snapshot,
        pairs: &[(String, String)],
    ) -> Result<CaseChange, CommandError> {
        let mut found: Vec<(TestResult, Vec<Step>, Vec<String>)> = Vec::new();
        let files = snapshot.launches.as_ref();
        for (old, new) in pairs {
            let outcome = self.launch.outcomes.iter().find(|outcome| {
                let test = self.launch.tests().get(&outcome.test);
                test.is_some_and(|test| test.full_name.as_ref() == Some(new))
            });
            let Some(outcome) = outcome else {
                continue;
            };
            let ids = HashSet::from([outcome.id.as_str()]);
            let rows = self.launch.some_rows(files, &ids)?;
            let row = rows.get(&outcome.id).map(|(_, row)| row.clone());
            let row = row.unwrap_or_else(|| ledger::stand_in(self.launch, outcome));
            let steps = self.launch.steps(files, &ids)?.remove(&outcome.id);
            found.push((row, steps.unwrap_or_default(), vec![old.clone()]));
        }
        let tests: Vec<Adopting<'_>> = { found.iter() }
            .map(|(result, steps, older)| Adopting {
                result,
                steps,
                older,
            })
            .collect();
        adopt(self.project, &tests, None, ctx.seed()).map_err(case_error)
    }
}

/// Whether a test has a full name that can be a selector.
fn is_selector(test: &TestIdentity) -> bool {
    let name = test.full_name.as_deref();
    name.is_some_and(|name| {
        !name.is_empty() && !name.contains(|c: char| c == '*' || c.is_control())
    })
}
