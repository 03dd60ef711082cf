//! The kinds of changes. Their names are stable: scripts and configuration rely on them.

use serde::{Serialize, Serializer};

macro_rules! kinds {
    ($($variant:ident $name:literal $says:literal,)+) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $says] $variant,)+
        }

        impl Kind {
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the kind's stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Says what it is, for the table of kinds.
            pub fn says(self) -> &'static str {
                match self {
                    $(Self::$variant => $says,)+
                }
            }
        }
    };
}

kinds! {
    CaseRemoved "case-removed" "a case is gone",
    CaseAdded "case-added" "a case is new",
    CaseMerged "case-merged" "a case is gone, and its steps stand in another",
    CaseSplit "case-split" "steps of a case went to another",
    CaseId "case-id" "a case has another id",
    CaseMoved "case-moved" "a case stands in another section or file",
    Title "title" "another title or name",
    Execution "execution" "manual became automated, or the other way round",
    Workflow "workflow" "a case is in another state of the workflow",
    Layer "layer" "another layer",
    Severity "severity" "another severity",
    Owner "owner" "another owner",
    Tags "tags" "other tags",
    Fields "fields" "other custom fields",
    Links "links" "other links",
    RequirementLinked "requirement-linked" "a link to a requirement is new",
    RequirementUnlinked "requirement-unlinked" "a link to a requirement is gone",
    Selectors "selectors" "other selectors of automated tests",
    Aliases "aliases" "other older ids",
    Relations "relations" "other relations between cases",
    Parameters "parameters" "other parameters, values or combination",
    Preconditions "preconditions" "other preconditions",
    Postconditions "postconditions" "other postconditions",
    Text "text" "another description, remark or section",
    StepInserted "step-inserted" "a step is new",
    StepRemoved "step-removed" "a step is gone",
    StepMoved "step-moved" "a step is done at another time",
    StepEdited "step-edited" "a step does something else",
    StepsShared "steps-shared" "shared steps in place of the same steps written out, or the other way round",
    ExpectationAdded "expectation-added" "a step expects a result where it expected none",
    ExpectationDropped "expectation-dropped" "a step no longer expects a result",
    ExpectationWeakened "expectation-weakened" "a step expects less",
    ExpectationStrengthened "expectation-strengthened" "a step expects more",
    ExpectationChanged "expectation-changed" "a step expects something else",
    Data "data" "other data of a step",
    SharedStepsRemoved "shared-steps-removed" "shared steps are gone",
    SharedStepsAdded "shared-steps-added" "shared steps are new",
    PlanRemoved "plan-removed" "a plan is gone",
    PlanAdded "plan-added" "a plan is new",
    PlanShrunk "plan-shrunk" "a plan no longer selects cases that it did",
    PlanGrown "plan-grown" "a plan selects cases that it did not",
    PlanText "plan-text" "a plan says something else, and selects the same",
    Environments "environments" "a plan is to run in other environments",
    Assignees "assignees" "a plan is for other people",
    QueryAdded "query-added" "a saved query is new",
    QueryRemoved "query-removed" "a saved query is gone",
    QueryChanged "query-changed" "a saved query asks for something else",
    DashboardAdded "dashboard-added" "a dashboard is new",
    DashboardRemoved "dashboard-removed" "a dashboard is gone",
    DashboardChanged "dashboard-changed" "a dashboard is of other launches, or in another order",
    WidgetAdded "widget-added" "a dashboard shows something else too",
    WidgetRemoved "widget-removed" "a dashboard no longer shows something",
    WidgetChanged "widget-changed" "a widget of a dashboard shows something else",
    MuteAdded "mute-added" "failures are excluded that counted",
    MuteRemoved "mute-removed" "failures count that were excluded",
    MuteWidened "mute-widened" "a mute covers more, or for longer",
    MuteNarrowed "mute-narrowed" "a mute covers less, or for a shorter time",
    MuteChanged "mute-changed" "a mute covers other results, or for another reason",
    DefectAdded "defect-added" "a defect is new",
    DefectRemoved "defect-removed" "a defect is gone",
    DefectClosed "defect-closed" "a defect is closed",
    DefectReopened "defect-reopened" "a defect is open again",
    MatcherAdded "matcher-added" "a defect takes more failures as known",
    MatcherRemoved "matcher-removed" "a defect takes fewer failures as known",
    GateRemoved "gate-removed" "a gate, a group or a rule is gone",
    GateAdded "gate-added" "a gate, a group or a rule is new",
    GateLoosened "gate-loosened" "a rule of a gate lets more pass",
    GateTightened "gate-tightened" "a rule of a gate lets less pass",
    GateScope "gate-scope" "a group of a gate looks at other results",
    RequirementRemoved "requirement-removed" "a requirement is gone",
    RequirementAdded "requirement-added" "a requirement is new",
    RequirementChanged "requirement-changed" "a requirement says something else",
    GapAdded "gap-added" "a gap in testing is justified",
    GapRemoved "gap-removed" "a gap in testing is no longer justified",
    GapChanged "gap-changed" "a gap is justified otherwise, or for another time",
    CoverageLost "coverage-lost" "no case covers a requirement that one covered",
    CoverageGained "coverage-gained" "a case covers a requirement that none covered",
    Validity "validity" "manual results count for another time",
    ApprovalAdded "approval-added" "somebody approves a case",
    ApprovalRemoved "approval-removed" "somebody no longer approves a case",
    ApprovalOutdated "approval-outdated" "a case means something else than what was approved",
    MemberAdded "member-added" "somebody takes part",
    MemberRemoved "member-removed" "somebody no longer takes part",
    Role "role" "a member may do other things",
    Keys "keys" "other signing keys or addresses of a member",
    Settings "settings" "other settings of the workspace or a project",
    ProjectAdded "project-added" "a project is new",
    ProjectRemoved "project-removed" "a project is gone",
    Unreadable "unreadable" "a file can't be read, so nobody can say what it means",
    Readable "readable" "a file can be read again",
    Other "other" "a file changed in a way that no other kind says",
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
