//! Which test is asked about, and its lines on each branch.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::HistoryArgs;
use crate::analysis::age::Age;
use crate::base::text::ticked;
use crate::cli::error::CommandError;
use crate::cli::pick;
use crate::cli::place::{self, Place};
use crate::cli::reader::Reader;
use crate::cli::told::Failing;
use crate::cli::ui::Ui;
use crate::ledger::stability::{Line, Wanted, lines, tests_called};
use crate::ledger::{self, History, Launch, Ranges};
use crate::model::Parameter;
use crate::store::launches::{self, Damage};
use crate::store::{Project, Snapshot, Workspace};

/// How many branches an error lists.
const LISTED: usize = 8;

/// What is asked about, in which project.
pub(super) struct Asked<'w> {
    pub(super) project: &'w Project,
    test: Test,
}

impl<'w> Asked<'w> {
    pub(super) fn of_case(project: &'w Project, id: &str) -> Self {
        Self {
            project,
            test: Test::Case(id.to_owned()),
        }
    }
}

enum Test {
    All,
    Case(String),
    Digest(String),
    Name(String),
}

/// What there is to show.
pub(super) struct Gathered {
    /// What is asked about, as it is known; none where all tests are.
    pub(super) test: Option<String>,
    pub(super) branches: Vec<BranchLines>,
    pub(super) damages: Vec<Damage>,
    pub(super) ranges: Ranges,
}

/// The lines of one branch.
pub(super) struct BranchLines {
    pub(super) history: History,
    pub(super) lines: Vec<Line>,
    /// By line, where one test is asked about: its name and its parameters, in the latest launch.
    pub(super) names: Vec<(String, Vec<Parameter>)>,
}

impl BranchLines {
    pub(super) fn name(&self) -> &str {
        self.history.branch.as_deref().unwrap_or("(no branch)")
    }

    /// Tells how long a line has been failing.
    pub(super) fn failing(&self, line: &Line, ranges: &Ranges) -> Option<Failing> {
        let Age {
            first,
            passed,
            failures,
        } = line.record.age?;
        let at = |launch: usize| &self.history.moments[launch];
        Some(Failing::new(failures, at(first), passed.map(at), ranges))
    }
}

pub(super) fn find<'w>(
    place: &Place,
    workspace: &'w Workspace,
    snapshot: &Snapshot,
    args: &HistoryArgs,
) -> Result<Asked<'w>, CommandError> {
    let Some(wanted) = args.test.as_deref() else {
        let project = place::project(workspace, &args.project)?;
        return Ok(Asked {
            project,
            test: Test::All,
        });
    };
    let projects: Vec<&Project> = match args.project.project {
        Some(_) => vec![place::project(workspace, &args.project)?],
        None => workspace.projects.iter().collect(),
    };
    let cases = projects
        .iter()
        .filter_map(|project| Some((*project, project.case(wanted)?)));
    if let [(project, doc)] = cases.collect::<Vec<_>>()[..] {
        let test = Test::Case(doc.value.id.clone());
        return Ok(Asked { project, test });
    }
    let is_result =
        |result: &str| result.len() >= 4 && result.bytes().all(|b| b.is_ascii_hexdigit());
    if wanted
        .rsplit_once('/')
        .is_some_and(|(_, result)| is_result(result))
        && let Ok((found, result)) =
            pick::launch_of(place, workspace, snapshot, wanted, &args.project)
    {
        let now = crate::base::Timestamp::from_ms(0);
        let reader = Reader::new(place, snapshot, found.project, &args.at, now)?;
        let launch = reader.launch(&found.found)?;
        let outcome = &launch.outcomes[pick::outcome(&launch, result)?];
        let test = match outcome
            .case
            .as_ref()
            .and_then(|case| found.project.case(case))
        {
            Some(doc) => Test::Case(doc.value.id.clone()),
            None => Test::Digest(outcome.test.clone()),
        };
        return Ok(Asked {
            project: found.project,
            test,
        });
    }
    let project = place::project(workspace, &args.project)?;
    let test = Test::Name(wanted.to_owned());
    Ok(Asked { project, test })
}

pub(super) fn gather(
    ui: &mut Ui,
    reader: &Reader<'_>,
    asked: Asked<'_>,
    args: &HistoryArgs,
) -> Result<Gathered, CommandError> {
    let files = reader.snapshot.launches.as_ref();
    let mut histories = Vec::new();
    for branch in branches(reader, &args.branch)? {
        histories.push(reader.history_of(ui, branch)?);
    }
    let project = asked.project;
    let (wanted, test) = match asked.test {
        Test::All => (Wanted::All, None),
        Test::Case(id) => {
            let title = project
                .case(&id)
                .map(|doc| format!("{id} {}", doc.value.title));
            (Wanted::Case(id), title)
        }
        Test::Digest(test) => (Wanted::Tests([test].into()), args.test.clone()),
        Test::Name(name) => {
            let tests = called(reader, &histories, &name)?;
            (Wanted::Tests(tests), Some(name))
        }
    };
    let mut gathered = Gathered {
        test,
        branches: Vec::new(),
        damages: Vec::new(),
        ranges: reader.ranges(),
    };
    for mut history in histories {
        let last = usize::from(args.last);
        let (lines, damages) = lines(files, project, &reader.heads, &history, &wanted, last)?;
        gathered.damages.append(&mut history.damages);
        gathered.damages.extend(damages);
        let names = match wanted {
            Wanted::All => Vec::new(),
            Wanted::Case(_) | Wanted::Tests(_) => names(reader, &history, &lines)?,
        };
        gathered.branches.push(BranchLines {
            history,
            lines,
            names,
        });
    }
    Ok(gathered)
}

/// Returns the branches that are asked for; all of closed launches where none is, the latest first.
fn branches(reader: &Reader<'_>, asked: &[String]) -> Result<Vec<Option<String>>, CommandError> {
    let superseded = ledger::superseded(&reader.heads);
    let heads = reader.heads.iter().rev();
    let heads = heads.filter(|head| !superseded.contains(head.file.id.as_str()));
    let mut known: Vec<Option<String>> = Vec::new();
    let mut seen = BTreeSet::new();
    for head in heads {
        if seen.insert(&head.file.source.branch) {
            known.push(head.file.source.branch.clone());
        }
    }
    let Some(missing) = asked
        .iter()
        .find(|branch| !seen.contains(&Some((*branch).clone())))
    else {
        return Ok(match asked {
            [] => known,
            asked => asked.iter().cloned().map(Some).collect(),
        });
    };
    let names: Vec<&str> = known
        .iter()
        .flatten()
        .map(String::as_str)
        .take(LISTED)
        .collect();
    let error = CommandError::usage(format!("no closed launch is of the branch `{missing}`"));
    Err(match names.is_empty() {
        true => error.hint("`tallybook launch list` shows what is closed"),
        false => error.hint(format!("there are launches of {}", ticked(&names, "and"))),
    })
}

/// Returns the tests that are called so in the latest launch that has any.
fn called(
    reader: &Reader<'_>,
    histories: &[History],
    name: &str,
) -> Result<BTreeSet<String>, CommandError> {
    let ids = histories.iter().flat_map(|history| &history.moments);
    let ids: HashSet<&str> = ids.map(|moment| moment.id.as_str()).collect();
    let files = reader.snapshot.launches.as_ref();
    let mut near: Option<String> = None;
    for head in reader
        .heads
        .iter()
        .rev()
        .filter(|head| ids.contains(head.file.id.as_str()))
    {
        let Ok(launch) = launches::load(files, head.clone())? else {
            continue;
        };
        let launch = Launch::from(launch);
        let tests = tests_called(&launch, name);
        if !tests.is_empty() {
            return Ok(tests);
        }
        let known = launch.tests().values();
        let known = known.flat_map(|test| test.full_name.iter().chain([&test.name]));
        near = near.or_else(|| {
            crate::base::text::closest(name, known.map(String::as_str)).map(str::to_owned)
        });
    }
    let error = CommandError::usage(format!(
        "no case and no test of a closed launch is called `{name}`"
    ));
    Err(match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(
            "name a case's id, LAUNCH/RESULT, or a test as `tallybook query --of results` shows it",
        ),
    })
}

/// Returns the name and parameters of each line, from the rows of its latest launch.
fn names(
    reader: &Reader<'_>,
    history: &History,
    lines: &[Line],
) -> Result<Vec<(String, Vec<Parameter>)>, CommandError> {
    let mut by_launch: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        by_launch.entry(line.latest.0).or_default().push(at);
    }
    let files = reader.snapshot.launches.as_ref();
    let mut names = vec![(String::new(), Vec::new()); lines.len()];
    for (launch, places) in by_launch {
        let id = &history.moments[launch].id;
        let head = reader.heads.iter().find(|head| head.file.id == *id);
        let Some(Ok(launch)) = head
            .map(|head| launches::load(files, head.clone()))
            .transpose()?
        else {
            continue;
        };
        let launch = Launch::from(launch);
        let outcome = |at: usize| &launch.outcomes[lines[at].latest.1];
        let ids: HashSet<&str> = places.iter().map(|at| outcome(*at).id.as_str()).collect();
        let rows = launch.some_rows(files, &ids)?;
        for at in places {
            let row = rows.get(&outcome(at).id).map(|(_, row)| row);
            let stood_in = || launch.test_name(outcome(at)).to_owned();
            names[at] = match row {
                Some(row) => (row.name.clone(), row.parameters.clone()),
                None => (stood_in(), Vec::new()),
            };
        }
    }
    Ok(names)
}
