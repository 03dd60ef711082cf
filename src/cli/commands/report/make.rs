//! A reading → a report.

use std::collections::{BTreeMap, BTreeSet};

use super::site::Pages;
use crate::analysis::compare::{Change, Compared, Comparison};
use crate::analysis::gate::digest;
use crate::analysis::verdict;
use crate::base::text::{list, sanitize_line};
use crate::cli::issues;
use crate::cli::judged::judged;
use crate::cli::reader::Reader;
use crate::cli::told::{Teller, Told};
use crate::exchange::Ruling;
use crate::exchange::report::{
    Against, Class, FailedRule, Failing, GateSection, Job, LaunchRef, OnlyIn, Rates, Report,
    Resolution, Share, StillFailing, Subject, Test, Tests, Usual, WebLink,
};
use crate::ledger::{Baseline, FoundBaseline, Launch, Reading, Slower};
use crate::model::{Address, Hosted, Link, Outcome};
use crate::store::Project;

/// What a report is made of.
#[derive(Debug)]
pub(super) struct Made<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) reading: &'a Reading,
    pub(super) teller: &'a Teller<'a>,
    pub(super) pages: Option<&'a Pages>,
    /// How many tests of each list.
    pub(super) limit: usize,
    /// Whether something did not read.
    pub(super) lacks: bool,
}

pub(super) fn report(made: &Made<'_>) -> Report {
    let launch = made.reading.launch();
    let verdict = verdict::verdict(&launch.totals);
    let baseline = made.reading.baseline.as_ref();
    let comparison = baseline.ok().map(|baseline| &baseline.comparison);
    let new: Option<Vec<usize>> = comparison.map(|comparison| {
        let new = comparison.new_failures().filter_map(|test| test.now);
        new.map(|now| now.outcome()).collect()
    });
    let hosted = Hosted::of(&launch.source);
    let source = &launch.source;
    Report {
        format: 1,
        launch: subject(made, launch),
        verdict: verdict.state.as_str(),
        sentence: verdict.sentence,
        gate: gate(made),
        totals: launch.totals,
        pass_rate: pass_rate(launch),
        notes: notes(made),
        baseline: baseline.ok().map(|baseline| against(made, baseline)),
        no_baseline: baseline
            .err()
            .map(|none| none.to_string().replace('`', "'")),
        also_unresolved: also_unresolved(made, new.as_deref().unwrap_or_default()),
        new_failures: new.map(|new| made.tests(&new)),
        still_failing: comparison.map(|comparison| still_failing(launch, comparison)),
        fixed: comparison.map(|comparison| made.compared(comparison.of(Change::Fixed))),
        newly_flaky: comparison.map(|comparison| {
            let tests = comparison.tests.iter();
            made.compared(tests.filter(|test| test.is_newly_flaky()))
        }),
        slower: slower(made),
        resolutions: resolutions(made),
        jobs: launch.jobs.iter().map(job).collect(),
        environment: launch.environment.clone(),
        commit_url: source
            .commit
            .as_deref()
            .and_then(|commit| hosted.as_ref()?.commit(commit)),
        pull_request_url: source.pull_request.as_deref().and_then(|request| {
            let own = Address::parse(request);
            own.or_else(|| hosted.as_ref()?.request(request))
        }),
        source: source.clone(),
        links: launch
            .links
            .iter()
            .filter_map(|link| web_link(made.reader.project, link))
            .collect(),
        verify: launch
            .closing
            .as_ref()
            .map(|closing| format!("tallybook verify --receipt {}", closing.receipt)),
    }
}

impl Made<'_> {
    /// Tells results by their indices, as many as are asked for.
    fn tests(&self, outcomes: &[usize]) -> Tests {
        Tests {
            count: outcomes.len() as u64,
            tests: outcomes
                .iter()
                .take(self.limit)
                .map(|at| self.test(*at))
                .collect(),
        }
    }

    fn compared<'c>(&self, tests: impl Iterator<Item = &'c Compared>) -> Tests {
        let outcomes: Vec<usize> = tests.filter_map(|test| Some(test.now?.outcome())).collect();
        self.tests(&outcomes)
    }

    fn test(&self, at: usize) -> Test {
        let (launch, project) = (self.reading.launch(), self.reader.project);
        let outcome = &launch.outcomes[at];
        let told = self.teller.tell(at);
        let case = told.case.as_deref();
        let closed = launch.closing.is_some();
        let pages = self.pages;
        Test {
            case_title: case.and_then(|case| Some(project.case(case)?.value.title.clone())),
            case_url: case.and_then(|case| pages?.case(case)),
            url: pages
                .filter(|_| closed)
                .and_then(|pages| pages.result(&launch.id, &told.id)),
            issues: self.issues(outcome),
            failing: self.failing(at, &told),
            usual: None,
            id: told.id,
            name: told.name,
            full_name: told.full_name,
            case: told.case,
            owner: told.owner,
            status: told.status,
            flags: told.flags,
            environment: told.environment,
            parameters: told.parameters,
            defect: told.defect,
            mute: told.mute,
            message: told.message,
            duration: told.duration,
        }
    }

    fn failing(&self, at: usize, told: &Told) -> Option<Failing> {
        let failing = told.failing.as_ref()?;
        let age = self.reading.age(at)?;
        let name = |launch: usize| self.reading.at(launch).name.clone();
        let hosted = Hosted::of(&self.reading.launch().source);
        let commits = failing
            .passed_commit
            .as_ref()
            .zip(failing.since_commit.as_ref());
        let commits = commits.filter(|(from, to)| from != to);
        Some(Failing {
            failures: failing.failures,
            since: failing.since.clone(),
            since_name: name(age.first),
            since_commit: failing.since_commit.clone(),
            passed_in: failing.passed_in.clone(),
            passed_name: age.passed.map(name),
            passed_commit: failing.passed_commit.clone(),
            range: failing.range(),
            commits: failing.commits,
            commits_unavailable: failing.commits_unavailable,
            changes_url: commits.and_then(|(from, to)| hosted?.changes(from, to)),
        })
    }

    /// The issues that a result names, and those of its defect.
    fn issues(&self, outcome: &Outcome) -> Vec<WebLink> {
        let project = self.reader.project;
        let row = self.teller.rows().get(&outcome.id).map(|(_, row)| row);
        let own = row.into_iter().flat_map(|row| &row.links);
        let own = own.filter(|link| link.kind.as_deref() == Some("issue"));
        let defect = project.defects.iter().map(|doc| &doc.value);
        let mut defect = defect.filter(|defect| outcome.defect.as_ref() == Some(&defect.id));
        let known = defect.next().into_iter().flat_map(|defect| &defect.links);
        let mut out: Vec<WebLink> = Vec::new();
        for link in own.chain(known).filter_map(|link| web_link(project, link)) {
            if !out.contains(&link) {
                out.push(link);
            }
        }
        out
    }
}

/// Returns a link with its name; an issue that a tracker or a prefix of the project knows gets an address.
fn web_link(project: &Project, link: &Link) -> Option<WebLink> {
    let name = link.called()?;
    let url = issues::address(project, link);
    Some(WebLink {
        url: url.as_deref().and_then(Address::parse),
        name: name.to_owned(),
    })
}

/// What was recorded at closing, and what the rules found that failed then, where today's rules are those;
/// of an open launch what closing it now would record. Whatever is no pass is a failure.
fn gate(made: &Made<'_>) -> Option<GateSection> {
    let settings = made.reader.project.settings.as_ref();
    let today = settings.and_then(|doc| doc.value.gate.as_ref());
    let judged = |gate| judged(gate, made.reader, made.reading, made.teller, made.lacks);
    let Some(closing) = &made.reading.launch().closing else {
        let verdict = judged(today?);
        return Some(GateSection {
            verdict: if verdict.passed { "passed" } else { "failed" },
            failed: verdict.failed().map(Ruling::title).collect(),
            rules: verdict
                .failed()
                .map(|rule| failed_rule(made, rule))
                .collect(),
        });
    };
    let record = closing.gate.as_ref()?;
    let same = today.filter(|gate| digest(gate).to_string() == record.digest);
    let same = same.filter(|_| !record.failed.is_empty()).map(judged);
    let was = |rule: &&Ruling| record.failed.contains(&rule.title());
    let rules = same.iter().flat_map(|verdict| verdict.failed().filter(was));
    Some(GateSection {
        verdict: match record.verdict.as_str() {
            "passed" => "passed",
            _ => "failed",
        },
        failed: record.failed.clone(),
        rules: rules.map(|rule| failed_rule(made, rule)).collect(),
    })
}

fn failed_rule(made: &Made<'_>, rule: &Ruling) -> FailedRule {
    FailedRule {
        rule: rule.title(),
        expected: rule.expected.clone(),
        actual: rule.actual.clone(),
        culprits: rule.culprits.iter().take(made.limit).cloned().collect(),
        count: rule.culprits.len() as u64,
    }
}

fn subject(made: &Made<'_>, launch: &Launch) -> Subject {
    let closing = launch.closing.as_ref();
    let closed = closing.map(|closing| &closing.closed);
    Subject {
        id: launch.id.clone(),
        name: launch.name.clone(),
        project: launch.project.clone(),
        project_name: made.reader.project.name().to_owned(),
        state: if closing.is_some() { "closed" } else { "open" },
        url: made
            .pages
            .filter(|_| closing.is_some())
            .and_then(|pages| pages.launch(&launch.id)),
        opened_at: launch.opened.at,
        closed_at: closed.map(|closed| closed.at),
        closed_by: closed.and_then(|closed| closed.by.clone()),
        reason: closed.and_then(|closed| closed.reason.clone()),
        meaning: closed.and_then(|closed| closed.meaning.clone()),
        receipt: closing.map(|closing| closing.receipt.to_string()),
        supersedes: launch.supersedes.clone(),
        duration: took(launch),
    }
}

/// Returns the milliseconds from the first start to the last end, where starts are known.
pub(super) fn took(launch: &Launch) -> Option<u64> {
    let outcomes = launch.outcomes.iter();
    let first = outcomes.clone().filter_map(|outcome| outcome.start).min()?;
    let end = |outcome: &Outcome| {
        let duration = i64::try_from(outcome.duration.unwrap_or(0)).unwrap_or(i64::MAX);
        Some(outcome.start?.ms().saturating_add(duration))
    };
    let last = outcomes.filter_map(end).max()?;
    u64::try_from(last - first.ms()).ok()
}

pub(super) fn pass_rate(launch: &Launch) -> Share {
    verdict::pass_rate(&launch.outcomes).into()
}

fn notes(made: &Made<'_>) -> Vec<String> {
    let mut out = Vec::new();
    if made.reading.launch().closing.is_none() {
        out.push("the launch is open: this is what closing it now would say".to_owned());
    }
    let superseded = made
        .reader
        .heads
        .iter()
        .find(|head| head.file.supersedes.as_ref() == Some(&made.reading.launch().id));
    if let Some(head) = superseded {
        out.push(format!(
            "the launch is superseded by {}",
            sanitize_line(&head.file.id)
        ));
    }
    if let Some(unavailable) = made.reader.snapshot.unavailable() {
        out.push(format!("history unavailable: {}", unavailable.why));
    }
    if made.lacks {
        out.push("some files of launches do not read; what they say is missing here".to_owned());
    }
    out
}

fn against(made: &Made<'_>, baseline: &Baseline) -> Against {
    let (base, now) = (&baseline.launch, made.reading.launch());
    let comparison = &baseline.comparison;
    let (found, how) = match baseline.found {
        FoundBaseline::Asked => ("asked", "named for this report"),
        FoundBaseline::Named => ("named", "the baseline that it names"),
        FoundBaseline::Latest => (
            "latest",
            "the latest one before it of the same branch and name",
        ),
        FoundBaseline::Alike => (
            "alike",
            "the latest one before it of the same branch and name, numbers apart",
        ),
    };
    let (before, after) = comparison.pass_rates();
    Against {
        launch: LaunchRef {
            id: base.id.clone(),
            name: base.name.clone(),
            commit: base.source.commit.clone(),
            url: made
                .pages
                .filter(|_| base.closing.is_some())
                .and_then(|pages| pages.launch(&base.id)),
        },
        found,
        how,
        in_both: comparison.in_both(),
        pass_rate: Rates {
            before: before.into(),
            now: after.into(),
        },
        classes: Change::ALL
            .map(|change| Class {
                name: change.as_str(),
                count: comparison.count(change),
            })
            .to_vec(),
        left_out: left_out(comparison),
        jobs: jobs(base, now),
    }
}

fn left_out(comparison: &Comparison) -> Vec<String> {
    let left = comparison.left_out.iter().map(|left| {
        let (before, now) = (list(&left.before, "and"), list(&left.now, "and"));
        format!("variable {}: {before} before, {now} now", left.variable)
    });
    left.collect()
}

fn jobs(before: &Launch, now: &Launch) -> OnlyIn {
    let names = |launch: &Launch| {
        let jobs = launch.jobs.iter().filter(|job| job.rows > 0);
        jobs.map(|job| job.name.clone())
            .collect::<BTreeSet<String>>()
    };
    let (before, now) = (names(before), names(now));
    OnlyIn {
        before: before.difference(&now).cloned().collect(),
        now: now.difference(&before).cloned().collect(),
    }
}

fn also_unresolved(made: &Made<'_>, new: &[usize]) -> Tests {
    let new: BTreeSet<usize> = new.iter().copied().collect();
    let outcomes = made.reading.launch().outcomes.iter().enumerate();
    let unresolved = outcomes.filter(|(at, outcome)| outcome.is_unresolved() && !new.contains(at));
    let unresolved: Vec<usize> = unresolved.map(|(at, _)| at).collect();
    made.tests(&unresolved)
}

fn still_failing(launch: &Launch, comparison: &Comparison) -> StillFailing {
    let mut out = StillFailing::default();
    for now in comparison
        .of(Change::StillFailing)
        .filter_map(|test| test.now)
    {
        let outcome = &launch.outcomes[now.outcome()];
        out.count += 1;
        out.known += u64::from(outcome.defect.is_some());
        out.muted += u64::from(outcome.defect.is_none() && outcome.mute.is_some());
    }
    out
}

fn slower(made: &Made<'_>) -> Tests {
    let outcomes = &made.reading.launch().outcomes;
    let all = made.reading.slower();
    let places: BTreeMap<*const Outcome, usize> = outcomes
        .iter()
        .enumerate()
        .map(|(at, outcome)| (std::ptr::from_ref(outcome), at))
        .collect();
    let test = |slow: &Slower<'_>| {
        let at = *places.get(&std::ptr::from_ref(slow.outcome))?;
        Some(Test {
            usual: Some(Usual {
                median: slow.pace.median,
                limit: slow.pace.limit,
                of: slow.pace.of as u64,
            }),
            ..made.test(at)
        })
    };
    Tests {
        count: all.len() as u64,
        tests: all.iter().take(made.limit).filter_map(test).collect(),
    }
}

fn resolutions(made: &Made<'_>) -> Vec<Resolution> {
    let mut by: BTreeMap<(&'static str, &str), u64> = BTreeMap::new();
    let outcomes = made.reading.launch().outcomes.iter();
    for outcome in outcomes.filter(|outcome| outcome.status.needs_resolution()) {
        for (kind, id) in [("defect", &outcome.defect), ("mute", &outcome.mute)] {
            if let Some(id) = id {
                *by.entry((kind, id.as_str())).or_default() += 1;
            }
        }
    }
    let mut out: Vec<Resolution> = by
        .into_iter()
        .map(|((kind, id), n)| resolution(made.reader.project, kind, id, n))
        .collect();
    out.sort_by_key(|answer| std::cmp::Reverse(answer.results));
    out
}

fn resolution(project: &Project, kind: &'static str, id: &str, results: u64) -> Resolution {
    let mut defects = project.defects.iter().map(|doc| &doc.value);
    let mut mutes = project.mutes.iter().map(|doc| &doc.value);
    let defect = defects.find(|defect| kind == "defect" && defect.id == id);
    let mute = mutes.find(|mute| kind == "mute" && mute.id == id);
    let title = defect
        .map(|defect| &defect.title)
        .or(mute.map(|mute| &mute.reason));
    let owner = defect.and_then(|defect| defect.owner.clone());
    let links = defect
        .map(|defect| &defect.links)
        .or(mute.map(|mute| &mute.links));
    Resolution {
        kind,
        id: id.to_owned(),
        title: title.cloned().unwrap_or_default(),
        owner: owner.or(mute.map(|mute| mute.owner.clone())),
        until: mute
            .and_then(|mute| mute.until)
            .map(|until| until.to_string()),
        results,
        issues: links
            .into_iter()
            .flatten()
            .filter_map(|link| web_link(project, link))
            .collect(),
    }
}

fn job(job: &crate::model::JobSummary) -> Job {
    Job {
        name: if job.name.is_empty() {
            &job.shard
        } else {
            &job.name
        }
        .clone(),
        rows: job.rows,
        url: job.url.as_deref().and_then(Address::parse),
        accepted_loss: job.accepted_loss.clone(),
    }
}
