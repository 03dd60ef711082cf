//! What a report says. Its JSON is stable: keys stay, new ones may come.

use serde::Serialize;

use crate::analysis::stability::Rate;
use crate::base::Timestamp;
use crate::model::Address;
use crate::model::{Environment, Parameter, Source, Status, Totals};

/// One launch, told to people elsewhere.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this shape.
    pub format: u32,
    pub launch: Subject,
    /// `blocked`, `accounted`, `ready` or `empty`.
    pub verdict: &'static str,
    /// The verdict in one sentence, without a final period.
    pub sentence: String,
    /// None where the project has no gate, or had none at closing.
    pub gate: Option<GateSection>,
    pub totals: Totals,
    /// Of passed, failed and broken results, muted ones left out.
    pub pass_rate: Share,
    /// What a reader must know: an open launch, a history that is not here, files that don't read.
    pub notes: Vec<String>,
    /// What the launch is held against.
    pub baseline: Option<Against>,
    /// Why it is held against nothing.
    pub no_baseline: Option<String>,
    /// Tests that fail now and did not in the baseline; none without a baseline.
    pub new_failures: Option<Tests>,
    pub still_failing: Option<StillFailing>,
    pub fixed: Option<Tests>,
    pub newly_flaky: Option<Tests>,
    /// Unresolved results that are not among the new failures.
    pub also_unresolved: Tests,
    /// Passed results that took longer than noise explains, worst first.
    pub slower: Tests,
    /// Defects and mutes that answer for failures of this launch.
    pub resolutions: Vec<Resolution>,
    pub jobs: Vec<Job>,
    /// What all results share.
    pub environment: Environment,
    pub source: Source,
    pub commit_url: Option<Address>,
    pub pull_request_url: Option<Address>,
    /// Links that the launch was opened with.
    pub links: Vec<WebLink>,
    /// How to check a closed launch: a command.
    pub verify: Option<String>,
}

/// The launch itself.
#[derive(Clone, Debug, Serialize)]
pub struct Subject {
    pub id: String,
    pub name: String,
    /// The project's key.
    pub project: String,
    pub project_name: String,
    /// `open` or `closed`.
    pub state: &'static str,
    /// Its page on the site.
    pub url: Option<Address>,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub closed_by: Option<String>,
    /// Why it was closed, in the closer's words.
    pub reason: Option<String>,
    pub meaning: Option<String>,
    pub receipt: Option<String>,
    pub supersedes: Option<String>,
    /// Milliseconds from the first start to the last end.
    pub duration: Option<u64>,
}

/// What the project's gate says: of a closed launch what it said at closing.
#[derive(Clone, Debug, Serialize)]
pub struct GateSection {
    /// `passed` or `failed`.
    pub verdict: &'static str,
    /// The rules that failed, groups in front.
    pub failed: Vec<String>,
    /// What came of these rules, as far as today's are those of the closing.
    pub rules: Vec<FailedRule>,
}

/// A rule that failed.
#[derive(Clone, Debug, Serialize)]
pub struct FailedRule {
    /// Groups in front: `payments: max_failed`.
    pub rule: String,
    pub expected: String,
    pub actual: String,
    /// One line each, as many as the report lists.
    pub culprits: Vec<String>,
    /// How many there are.
    pub count: u64,
}

/// A share of a whole; without a value where the whole is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Share {
    pub value: Option<f64>,
    pub part: u64,
    pub of: u64,
}

impl From<Rate> for Share {
    fn from(rate: Rate) -> Self {
        Self {
            value: rate.value(),
            part: rate.part,
            of: rate.of,
        }
    }
}

/// The baseline, and what became of all tests since.
#[derive(Clone, Debug, Serialize)]
pub struct Against {
    pub launch: LaunchRef,
    /// `asked`, `named`, `latest` or `alike`.
    pub found: &'static str,
    /// How it was found, in words.
    pub how: &'static str,
    /// How many tests have a result in both.
    pub in_both: u64,
    /// Of the tests in both.
    pub pass_rate: Rates,
    /// Each test in one class.
    pub classes: Classes,
    /// Declared variables that were left out of the match, in words.
    pub left_out: Vec<String>,
    /// Jobs that one of the launches lacks: it may be partial.
    pub jobs: OnlyIn,
}

#[derive(Clone, Debug, Serialize)]
pub struct LaunchRef {
    pub id: String,
    pub name: String,
    pub commit: Option<String>,
    pub url: Option<Address>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Rates {
    pub before: Share,
    pub now: Share,
}

/// How many tests are in a class of the comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Class {
    pub name: &'static str,
    pub count: u64,
}

pub type Classes = Vec<Class>;

#[derive(Clone, Debug, Default, Serialize)]
pub struct OnlyIn {
    pub before: Vec<String>,
    pub now: Vec<String>,
}

/// A list of tests, cut at what was asked for.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tests {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub tests: Vec<Test>,
}

/// Tests that failed in the baseline, too.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct StillFailing {
    pub count: u64,
    /// Those of them with a defect.
    pub known: u64,
    /// Those of them with a mute.
    pub muted: u64,
}

/// One result.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Test {
    pub id: String,
    pub name: String,
    pub full_name: Option<String>,
    pub case: Option<String>,
    pub case_title: Option<String>,
    /// The documented case's page on the site.
    pub case_url: Option<Address>,
    /// Who answers for it: the case's owner, else the result's label.
    pub owner: Option<String>,
    pub status: Status,
    pub flags: Vec<&'static str>,
    /// The variables that not all results of the launch share.
    pub environment: Environment,
    pub parameters: Vec<Parameter>,
    pub defect: Option<String>,
    pub mute: Option<String>,
    /// The first line that says something.
    pub message: Option<String>,
    /// Milliseconds.
    pub duration: Option<u64>,
    /// None where it passed, and where there is no history.
    pub failing: Option<Failing>,
    /// Where it is slower: what is usual.
    pub usual: Option<Usual>,
    /// The result on the site.
    pub url: Option<Address>,
    /// Issues that the result or its defect names.
    pub issues: Vec<WebLink>,
}

/// Since when a test has been failing.
#[derive(Clone, Debug, Serialize)]
pub struct Failing {
    /// Failures in a row, this one included.
    pub failures: u64,
    /// The first launch of the row, and the commit that it tested.
    pub since: String,
    pub since_name: String,
    pub since_commit: Option<String>,
    /// The last launch before that in which the test passed, and its commit.
    pub passed_in: Option<String>,
    pub passed_name: Option<String>,
    pub passed_commit: Option<String>,
    /// The commits that brought the failure: `a1b2c3d..e4f5a6b`.
    pub range: Option<String>,
    /// How many these are, or why they can't be counted.
    pub commits: Option<u64>,
    pub commits_unavailable: Option<&'static str>,
    /// Their page at the code host.
    pub changes_url: Option<Address>,
}

/// What a test usually takes, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Usual {
    pub median: u64,
    /// The longest duration that is still usual.
    pub limit: u64,
    /// How many durations these come from.
    pub of: u64,
}

/// A defect or a mute, and how many results it answers for.
#[derive(Clone, Debug, Serialize)]
pub struct Resolution {
    /// `defect` or `mute`.
    pub kind: &'static str,
    pub id: String,
    /// The defect's title, the mute's reason; empty where it is no longer in the workspace.
    pub title: String,
    pub owner: Option<String>,
    /// The last day of a mute.
    pub until: Option<String>,
    pub results: u64,
    pub issues: Vec<WebLink>,
}

/// One shard.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    pub name: String,
    pub rows: u64,
    pub url: Option<Address>,
    /// Why a loss of results was accepted.
    pub accepted_loss: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebLink {
    pub name: String,
    /// None where the address is no web address.
    pub url: Option<Address>,
}

impl Report {
    pub(super) fn is_open(&self) -> bool {
        self.launch.state == "open"
    }

    /// Returns the report as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report is plain data") + "\n"
    }
}
