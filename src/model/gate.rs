//! Quality gates: rules over one launch.

/// What `gate` in `project.yaml` or `gates/<id>.yaml` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gate {
    /// The file's name; empty for the gate of `project.yaml`.
    pub id: String,
    /// Empty for the gate of `project.yaml`.
    pub name: String,
    pub description: Option<String>,
    /// The gate's own rules, then those of its list `groups`.
    pub groups: Vec<RuleGroup>,
}

/// Rules over a launch, or over those of its results that a query selects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleGroup {
    /// Its place in the list `groups`; none for the gate's own rules.
    pub place: Option<usize>,
    /// Empty for the gate's own rules.
    pub name: String,
    /// A query of results.
    pub query: Option<String>,
    /// In the order of [`GateRule`], one of each.
    pub rules: Vec<GateRule>,
    /// Keys that could not be read. Who asked for a rule that isn't there must not pass.
    pub unread: Vec<String>,
}

/// One rule. Counts and rates are of results, overridden ones left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GateRule {
    /// Failed and broken results, muted ones left out.
    MaxFailed(u64),
    /// Failures that the baseline doesn't have.
    MaxNewFailures(u64),
    /// Failures with neither a defect nor a mute.
    MaxUnresolved(u64),
    MaxFlaky(u64),
    MinResults(u64),
    /// Percent, 0 to 100.
    MinPassRate(f64),
    /// Percent of requirements that a passed case covers, 0 to 100.
    MinRequirementCoverage(f64),
    /// Percent that the launch may take longer than its baseline.
    MaxDurationGrowth(f64),
    AllPlannedRan,
    /// Every expected job is there.
    AllJobs,
    /// No closed defect matches again.
    NoRecurrence,
    NoExpiredMute,
    NoOverridden,
    /// The documented cases of the results are approved as they are.
    AllApproved,
}

impl GateRule {
    /// Returns the rule's key in the file.
    pub fn key(self) -> &'static str {
        match self {
            Self::MaxFailed(_) => "max_failed",
            Self::MaxNewFailures(_) => "max_new_failures",
            Self::MaxUnresolved(_) => "max_unresolved",
            Self::MaxFlaky(_) => "max_flaky",
            Self::MinResults(_) => "min_results",
            Self::MinPassRate(_) => "min_pass_rate",
            Self::MinRequirementCoverage(_) => "min_requirement_coverage",
            Self::MaxDurationGrowth(_) => "max_duration_growth",
            Self::AllPlannedRan => "all_planned_ran",
            Self::AllJobs => "all_jobs",
            Self::NoRecurrence => "no_recurrence",
            Self::NoExpiredMute => "no_expired_mute",
            Self::NoOverridden => "no_overridden",
            Self::AllApproved => "all_approved",
        }
    }

    /// Whether it asks something of the launch as a whole, of which no query of results can take a
    /// part.
    pub fn is_of_launch(self) -> bool {
        matches!(
            self,
            Self::MinRequirementCoverage(_)
                | Self::AllPlannedRan
                | Self::AllJobs
                | Self::NoExpiredMute
        )
    }
}
