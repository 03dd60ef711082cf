//! How steady tests are, on one branch and in each environment.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::history::History;
use super::launch::Launch;
use crate::analysis::keys;
use crate::analysis::record::Record;
use crate::analysis::stability::Rate;
use crate::analysis::tracks::Track;
use crate::model::{Briefs, OrderedMap, number};
use crate::store::launches::{self, Damage, LaunchHead};
use crate::store::{Files, Project, StoreError};

/// Which tests are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    All,
    /// A documented case, by its id of today.
    Case(String),
    /// Tests by the digests that outcomes have.
    Tests(BTreeSet<String>),
}

/// One track of a branch.
#[derive(Clone, Debug)]
pub struct Line {
    /// The declared variables, as `browser=chrome`; empty where none are.
    pub environment: String,
    pub record: Record,
    /// The latest entry, whatever its status: the launch and the outcome, as indices.
    pub latest: (usize, usize),
}

/// The tracks of one environment taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub tests: u64,
    pub failing: u64,
    pub unsteady: u64,
    pub flips: Rate,
    pub passes: Rate,
}

/// Returns the lines of the tests that are wanted, by environment, of a history without a launch at its
/// end. Rates are over the last so many entries of each.
pub fn lines(
    files: &dyn Files,
    project: &Project,
    heads: &[LaunchHead],
    history: &History,
    wanted: &Wanted,
    last: usize,
) -> Result<(Vec<Line>, Vec<Damage>), StoreError> {
    let head_of: HashMap<&str, &LaunchHead> = heads
        .iter()
        .map(|head| (head.file.id.as_str(), head))
        .collect();
    let moments = history.moments.par_iter();
    let read = moments.map(|moment| match head_of.get(moment.id.as_str()) {
        Some(head) => launches::briefs(files, head).map(Some),
        None => Ok(None),
    });
    let (mut damages, mut environments) = (Vec::new(), Environments::new(project));
    // By the track's place in memory, which stays while the history is borrowed.
    let mut tracks: HashMap<*const Track, (&Track, u32)> = HashMap::new();
    let digests: BTreeSet<u64> = match wanted {
        Wanted::Tests(tests) => tests.iter().map(|test| number(test)).collect(),
        Wanted::All | Wanted::Case(_) => BTreeSet::new(),
    };
    for (launch, read) in read
        .collect::<Result<Vec<_>, StoreError>>()?
        .into_iter()
        .enumerate()
    {
        let briefs = match read {
            Some(Ok(briefs)) => briefs,
            Some(Err(damage)) => {
                damages.push(damage);
                continue;
            }
            None => continue,
        };
        let numbers = environments.of(&briefs);
        for (outcome, brief) in briefs.outcomes.iter().enumerate() {
            let track = history.past.tracks.of(launch, outcome);
            let is_wanted = match wanted {
                Wanted::All => true,
                Wanted::Case(case) => track.case.as_ref() == Some(case),
                Wanted::Tests(_) => digests.contains(&brief.test),
            };
            if is_wanted {
                let environment = numbers.get(brief.env as usize).copied().unwrap_or(0);
                tracks.insert(std::ptr::from_ref(track), (track, environment));
            }
        }
    }
    let lines = tracks.into_values().filter_map(|(track, environment)| {
        let latest = track.entries.last()?;
        Some(Line {
            environment: environments.names[environment as usize].clone(),
            record: Record::of(track, last),
            latest: (latest.launch(), latest.outcome()),
        })
    });
    let mut lines: Vec<Line> = lines.collect();
    lines.sort_by(|a, b| (&a.environment, a.latest).cmp(&(&b.environment, b.latest)));
    Ok((lines, damages))
}

/// Puts lines together, by environment. What never passed, failed or broke is left out.
pub fn groups(lines: &[Line]) -> BTreeMap<&str, Group> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for line in lines.iter().filter(|line| !line.record.entries.is_empty()) {
        let (group, record) = (groups.entry(&line.environment).or_default(), &line.record);
        group.tests += 1;
        group.failing += u64::from(record.is_failing());
        group.unsteady += u64::from(record.is_unsteady());
        group.flips = group.flips.and(record.flips);
        group.passes = group.passes.and(record.passes);
    }
    groups
}

/// Returns the digests of the tests of a launch that are called so, in full or as people see them.
pub fn tests_called(launch: &Launch, name: &str) -> BTreeSet<String> {
    let tests = launch.tests().values();
    let fits = tests.filter(|test| test.full_name.as_deref() == Some(name) || test.name == name);
    fits.map(|test| test.test.clone()).collect()
}

/// Environments by their declared variables, each with a number.
struct Environments<'a> {
    project: &'a Project,
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl<'a> Environments<'a> {
    fn new(project: &'a Project) -> Self {
        Self {
            project,
            names: vec![String::new()],
            numbers: HashMap::from([(String::new(), 0)]),
        }
    }

    /// Returns the number of each environment of a launch.
    fn of(&mut self, briefs: &Briefs) -> Vec<u32> {
        let none = OrderedMap::default();
        let settings = self.project.settings.as_ref();
        let declared = settings.map_or(&none, |doc| &doc.value.environment);
        let (names, numbers) = (&mut self.names, &mut self.numbers);
        let one = |environment| {
            let name = keys::declared_environment(declared, environment).replace('\n', ", ");
            let next = names.len() as u32;
            *numbers.entry(name).or_insert_with_key(|name| {
                names.push(name.clone());
                next
            })
        };
        briefs.environments.iter().map(one).collect()
    }
}
