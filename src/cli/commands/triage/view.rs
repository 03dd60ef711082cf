//! What a triage says, for programs; its keys stay.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::gather::{Asked, Known, resolved, unresolved};
use crate::analysis::clusters::{Cluster, Failure, clusters, matchers};
use crate::analysis::suggest::{Reason, Suggestion};
use crate::analysis::upkeep::{Ran, Upkeep, upkeep};
use crate::author::covered;
use crate::base::Timestamp;
use crate::base::text::{self, count, sanitize_line, shell_word};
use crate::cli::error::CommandError;
use crate::cli::issues::{Form, forms};
use crate::cli::told::{Failing, Told};
use crate::exchange::tracker::Draft;
use crate::ledger;
use crate::model::{Matcher, Status};

/// For how long a mute is proposed, in days.
const MUTED_FOR: i64 = 14;
/// How many cases one proposed mute names.
const CASES: usize = 20;
/// How many clusters are looked up among earlier failures.
const SUGGESTED_FOR: usize = 500;

#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) launch: Head,
    pub(super) counts: Counts,
    /// The branch whose launches are the history; null where the launch names none.
    pub(super) branch: Option<String>,
    /// How many closed launches stand before this one.
    pub(super) earlier: usize,
    pub(super) clusters: Vec<Entry>,
    pub(super) recurrences: Vec<Recurrence>,
    pub(super) mutes: Vec<MuteLook>,
    /// How a rerun comes in.
    pub(super) rerun: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) project: String,
    /// `open` or `closed`.
    pub(super) state: &'static str,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Counts {
    /// Failures without a defect or a mute: at the closing, or as an open launch stands.
    pub(super) unresolved: u64,
    /// Those of them that today's defects and mutes have; of closed launches.
    pub(super) known_today: u64,
    /// Those that nothing has.
    pub(super) left: u64,
    pub(super) known: u64,
    pub(super) muted: u64,
    /// All results that are there, passed ones too.
    pub(super) results: u64,
}

/// A cluster of equal failures.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub(super) fingerprint: String,
    pub(super) status: Status,
    pub(super) title: String,
    pub(super) results: usize,
    /// Results that today's defects and mutes don't have.
    pub(super) left: usize,
    pub(super) tests: Vec<Told>,
    /// Whom to ask, those of most results first.
    pub(super) owners: Vec<String>,
    /// Of the result that fails longest; null without history.
    pub(super) failing: Option<Failing>,
    pub(super) seen: Seen,
    /// What today's documentation has; of closed launches.
    pub(super) today: Vec<Today>,
    pub(super) suggestions: Vec<Suggested>,
    pub(super) matcher: Option<Conditions>,
    pub(super) commands: Commands,
    /// Forms for a new issue, filled in.
    pub(super) new_issue: Vec<Form>,
}

/// Where equal failures were before.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    /// How many of the earlier launches had one.
    pub(super) launches: usize,
    /// Of how many that were looked through.
    pub(super) of: usize,
    /// The latest one.
    pub(super) last: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Today {
    /// `defect` or `mute`.
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) results: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Suggested {
    pub(super) defect: String,
    pub(super) title: String,
    /// `open` or `closed`.
    pub(super) state: &'static str,
    /// `same` or `similar`.
    pub(super) kind: &'static str,
    pub(super) reason: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Conditions {
    message: Option<String>,
    trace: Option<String>,
    full_name: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Commands {
    pub(super) defect: String,
    pub(super) mutes: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Recurrence {
    pub(super) defect: String,
    pub(super) title: String,
    pub(super) results: u64,
    pub(super) command: String,
}

#[derive(Debug, Serialize)]
pub(super) struct MuteLook {
    pub(super) mute: String,
    pub(super) covers: String,
    pub(super) owner: String,
    /// `expired`, `can_be_lifted`, `covers_nothing`.
    pub(super) kinds: Vec<&'static str>,
    pub(super) why: String,
    pub(super) command: String,
}

impl View {
    pub(super) fn new(asked: &Asked<'_>) -> Result<Self, CommandError> {
        let launch = asked.launch();
        let places = unresolved(launch);
        let rows = asked.teller.rows();
        let failures: Vec<Failure<'_>> = places
            .iter()
            .map(|at| ledger::said(launch, rows, *at))
            .collect();
        let today = asked.known_today(&places);
        let maker = Maker::new(asked, &places, &failures, &today);
        let clusters = clusters(&failures);
        let matchers = matchers(&clusters, &failures);
        let entries: Vec<Entry> = clusters
            .iter()
            .zip(matchers)
            .enumerate()
            .map(|(number, (cluster, matcher))| {
                maker.entry(cluster, matcher, number < SUGGESTED_FOR)
            })
            .collect();
        let (known, muted) = resolved(launch);
        let known_today = today.len() as u64;
        let unresolved = places.len() as u64;
        let recurrences = asked.recurrences(&today)?.into_iter();
        let recurrences = recurrences.map(|(doc, results)| Recurrence {
            defect: doc.value.id.clone(),
            title: sanitize_line(&doc.value.title),
            results,
            command: format!(
                "tallybook defect reopen {}{}",
                shell_word(&doc.value.id),
                maker.project
            ),
        });
        Ok(Self {
            launch: Head {
                id: launch.id.clone(),
                name: launch.name.clone(),
                project: launch.project.clone(),
                state: if launch.closing.is_some() {
                    "closed"
                } else {
                    "open"
                },
            },
            counts: Counts {
                unresolved,
                known_today,
                left: unresolved - known_today,
                known,
                muted,
                results: launch.totals.total - launch.totals.in_progress,
            },
            branch: asked.reading.history().branch.clone(),
            earlier: asked.reading.earlier(),
            clusters: entries,
            recurrences: recurrences.collect(),
            mutes: maker.mutes(),
            rerun: format!("tallybook launch append {} RESULTS", shell_word(&launch.id)),
        })
    }
}

/// Makes entries of clusters.
struct Maker<'a> {
    asked: &'a Asked<'a>,
    /// By member: the place among the outcomes.
    places: &'a [usize],
    failures: &'a [Failure<'a>],
    today: &'a BTreeMap<usize, Known>,
    /// The owners of cases.
    owners: HashMap<&'a str, &'a str>,
    /// ` --project KEY` where commands need it.
    project: String,
    until: String,
}

impl<'a> Maker<'a> {
    fn new(
        asked: &'a Asked<'a>,
        places: &'a [usize],
        failures: &'a [Failure<'a>],
        today: &'a BTreeMap<usize, Known>,
    ) -> Self {
        let cases = asked.project.cases.iter().map(|doc| &doc.value);
        let owners = cases.filter_map(|case| Some((case.id.as_str(), case.owner.as_deref()?)));
        let project = asked.project.key().unwrap_or(&asked.project.folder);
        Self {
            asked,
            places,
            failures,
            today,
            owners: owners.collect(),
            project: match asked.is_one_of_many {
                true => format!(" --project {}", shell_word(project)),
                false => String::new(),
            },
            until: Timestamp::from_ms(asked.now.ms() + MUTED_FOR * 86_400_000).date(),
        }
    }

    fn entry(&self, cluster: &Cluster, matcher: Option<Matcher>, with_suggestions: bool) -> Entry {
        let failure = &self.failures[cluster.members[0]];
        let places: Vec<usize> = cluster
            .members
            .iter()
            .map(|member| self.places[*member])
            .collect();
        // What is left comes first: it is what the commands are about.
        let (left, known): (Vec<usize>, Vec<usize>) = places
            .iter()
            .copied()
            .partition(|at| !self.today.contains_key(at));
        let tests = left.iter().chain(&known).take(self.asked.tests);
        let failing = places
            .iter()
            .filter_map(|at| self.asked.teller.failing(*at));
        let suggestions = match with_suggestions && !left.is_empty() {
            true => self.asked.recalled.memory.suggest(failure),
            false => Vec::new(),
        };
        Entry {
            fingerprint: cluster.fingerprint.clone(),
            status: cluster.status,
            title: cluster.title.clone(),
            results: places.len(),
            left: left.len(),
            tests: tests.map(|at| self.asked.teller.tell(*at)).collect(),
            owners: self.owners(&places),
            failing: failing.max_by_key(|failing| failing.failures),
            seen: self.seen(&cluster.fingerprint),
            today: self.today(&places),
            suggestions: suggestions
                .iter()
                .filter_map(|one| self.suggested(one))
                .collect(),
            matcher: matcher.map(Conditions::from),
            commands: self.commands(if left.is_empty() { &places } else { &left }),
            new_issue: self.forms(cluster, &places),
        }
    }

    fn owners(&self, places: &[usize]) -> Vec<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for at in places {
            let outcome = &self.asked.launch().outcomes[*at];
            let case = outcome.case.as_deref();
            let label = || {
                let (_, row) = self.asked.teller.rows().get(&outcome.id)?;
                row.labels.first("owner")
            };
            let owner = case
                .and_then(|case| self.owners.get(case).copied())
                .or_else(label);
            if let Some(owner) = owner {
                *counts.entry(owner).or_default() += 1;
            }
        }
        let mut owners: Vec<(&str, usize)> = counts.into_iter().collect();
        owners.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
        owners
            .into_iter()
            .map(|(owner, _)| owner.to_owned())
            .collect()
    }

    fn seen(&self, fingerprint: &str) -> Seen {
        let launches = self.asked.recalled.memory.launches(fingerprint);
        let moment = |last: &usize| self.asked.reading.at(self.asked.first + last);
        let last = launches.last().map(|last| moment(last).id.clone());
        Seen {
            launches: launches.len(),
            of: self.asked.recalled.launches.len(),
            last,
        }
    }

    fn today(&self, places: &[usize]) -> Vec<Today> {
        let mut counts: BTreeMap<&Known, usize> = BTreeMap::new();
        for known in places.iter().filter_map(|at| self.today.get(at)) {
            *counts.entry(known).or_default() += 1;
        }
        let told = |(known, results): (&Known, usize)| match known {
            Known::Defect(id) => {
                let doc = self.asked.defect(id);
                let title = doc.map(|doc| sanitize_line(&doc.value.title));
                Today {
                    kind: "defect",
                    id: id.clone(),
                    title: title.unwrap_or_default(),
                    results,
                }
            }
            Known::Mute(id) => {
                let mut mutes = self.asked.project.mutes.iter();
                let mute = mutes.find(|doc| doc.value.id == *id);
                Today {
                    kind: "mute",
                    id: id.clone(),
                    title: mute
                        .map(|doc| sanitize_line(&doc.value.reason))
                        .unwrap_or_default(),
                    results,
                }
            }
        };
        counts.into_iter().map(told).collect()
    }

    /// Tells a suggestion of a defect that is still there.
    fn suggested(&self, suggestion: &Suggestion) -> Option<Suggested> {
        let defect = &self.asked.defect(&suggestion.defect)?.value;
        let (kind, reason) = match suggestion.reason {
            Reason::Same { failures } => (
                "same",
                format!(
                    "{} with this fingerprint had it",
                    count(failures, "earlier failure")
                ),
            ),
            Reason::Similar { share } => (
                "similar",
                format!(
                    "{:.0}% of the words of an earlier failure that had it",
                    share * 100.0
                ),
            ),
        };
        Some(Suggested {
            defect: defect.id.clone(),
            title: sanitize_line(&defect.title),
            state: defect.status.as_str(),
            kind,
            reason,
        })
    }

    fn commands(&self, places: &[usize]) -> Commands {
        let launch = self.asked.launch();
        let from = |at: usize| {
            let id = &launch.outcomes[at].id;
            shell_word(&format!("{}/{id}", launch.id))
        };
        let rest = format!("--until {} --reason REASON", self.until);
        let documented = |case: &str| self.asked.project.case(case).is_some();
        let (mut cases, mut tests) = (BTreeSet::new(), BTreeMap::new());
        for at in places.iter().take(self.asked.tests.max(CASES)) {
            let outcome = &launch.outcomes[*at];
            let case = self.asked.reading.track(*at).case.as_deref();
            match case.filter(|case| documented(case)) {
                Some(case) => drop(cases.insert(case)),
                None => drop(tests.entry(outcome.test.as_str()).or_insert(*at)),
            }
        }
        let cases: Vec<&str> = cases.into_iter().collect();
        let mut mutes: Vec<String> = cases
            .chunks(CASES)
            .map(|cases| {
                let cases: String = cases
                    .iter()
                    .map(|case| format!(" --case {}", shell_word(case)))
                    .collect();
                format!("tallybook mute new{cases} {rest}{}", self.project)
            })
            .collect();
        let mut tests: Vec<usize> = tests.into_values().collect();
        tests.sort_unstable();
        mutes.extend(
            tests
                .into_iter()
                .map(|at| format!("tallybook mute new --from {} {rest}", from(at))),
        );
        Commands {
            defect: format!("tallybook defect new --from {}", from(places[0])),
            mutes,
        }
    }

    fn forms(&self, cluster: &Cluster, places: &[usize]) -> Vec<Form> {
        let (launch, failure) = (self.asked.launch(), &self.failures[cluster.members[0]]);
        let test = launch.test_name(&launch.outcomes[places[0]]);
        let more = match places.len() {
            1 => String::new(),
            many => format!(", and {}", count(many as u64 - 1, "more result")),
        };
        let mut facts = vec![
            format!("Launch: {} ({})", launch.name, launch.id),
            format!("Test: {test}{more}"),
            format!("Fingerprint: {}", cluster.fingerprint),
        ];
        let commit = launch.source.commit.as_ref();
        facts.extend(commit.map(|commit| format!("Commit: {commit}")));
        let draft = Draft {
            title: &cluster.title,
            facts: &facts,
            message: failure.message.or(failure.trace),
        };
        forms(self.asked.project, &draft, self.asked.address)
    }

    fn mutes(&self) -> Vec<MuteLook> {
        let history = self.asked.reading.history();
        let ran = Ran {
            tracks: &history.past.tracks,
            launches: history.moments.len(),
            name: &|track| self.asked.name_of(track),
        };
        let mutes = self.asked.project.mutes.iter().map(|doc| &doc.value);
        let looks = mutes.filter_map(|mute| {
            let found = upkeep(mute, &ran, self.asked.now, self.asked.passes);
            if found.is_empty() {
                return None;
            }
            Some(MuteLook {
                mute: mute.id.clone(),
                covers: covered(mute),
                owner: mute.owner.clone(),
                kinds: found.iter().map(|one| kind(*one)).collect(),
                why: found
                    .iter()
                    .map(|one| why(*one))
                    .collect::<Vec<_>>()
                    .join("; "),
                command: format!(
                    "tallybook mute end {}{}",
                    shell_word(&mute.id),
                    self.project
                ),
            })
        });
        looks.collect()
    }
}

fn kind(upkeep: Upkeep) -> &'static str {
    match upkeep {
        Upkeep::Expired { .. } => "expired",
        Upkeep::CanBeLifted { .. } => "can_be_lifted",
        Upkeep::CoversNothing { .. } => "covers_nothing",
    }
}

fn why(upkeep: Upkeep) -> String {
    match upkeep {
        Upkeep::Expired { until } => format!("it held until {until}"),
        Upkeep::CanBeLifted { launches } => {
            format!(
                "all that it covers passed in the last {} that ran it",
                launch_count(launches)
            )
        }
        Upkeep::CoversNothing { launches } => {
            format!(
                "the last {} ran nothing that it covers",
                launch_count(launches)
            )
        }
    }
}

fn launch_count(many: usize) -> String {
    text::count(many as u64, "launch")
}

impl From<Matcher> for Conditions {
    fn from(matcher: Matcher) -> Self {
        Self {
            message: matcher.message,
            trace: matcher.trace,
            full_name: matcher.full_name,
        }
    }
}
