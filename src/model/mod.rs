//! Plain data and its rules: projects, test cases, launches, results.
//!
//! No I/O, no spans, no clock. Field names are those of the files (format 1).

mod address;
mod annotation;
mod approval;
mod brief;
mod case;
mod category;
mod dashboard;
mod defect;
mod gate;
mod ids;
mod intake;
mod integration;
mod launch;
mod outcome;
mod plan;
mod project;
mod query;
mod requirement;
mod result;
mod scenario;
mod status;
mod strings;
mod texts;

pub use address::{Address, Hosted, encoded_path};
pub use annotation::{Acknowledged, Annotation, AnnotationKind, RemovedFile};
pub use approval::{Approval, ApprovalRules, CaseApprovals};
pub use brief::{Brief, Briefs, number};
pub use case::{Automation, Case, Combine, Execution, Relation, Severity};
pub use category::{Category, CategoryKind, CategoryMatcher};
pub use dashboard::{Dashboard, Interval, Metric, Size, Widget, WidgetKind, WidgetOption};
pub use defect::{Defect, DefectState, Matcher, Mute};
pub use gate::{Gate, GateRule, RuleGroup};
pub use ids::{is_case_id, is_launch_id, is_project_key, is_shard_name, part_number};
pub use intake::{Intake, Job};
pub use integration::{Integration, NewIssue, TrackerKind};
pub use launch::{
    Backfilled, Closed, Documentation, Environment, GateRecord, JobSummary, LaunchFile,
    OPEN_BY_NOBODY, OpenLaunch, Opened, PlannedRecord, Source, Totals, open_folder,
};
pub use outcome::{Flag, Outcome, TestIdentity};
pub use plan::Plan;
pub use project::{
    DeclaredVariable, FieldSource, FromResults, Keep, Member, ProjectFile, RequiredSignatures,
    Role, Wins, WorkspaceFile,
};
pub use query::{Of, SavedQuery};
pub use requirement::{Gap, Requirement, Requirements};
pub use result::{Attachment, Details, Link, Parameter, ParameterMode, Step, TestResult};
pub use scenario::{Scenario, ScenarioStep, SharedSteps};
pub use status::Status;
pub use strings::{Labels, OrderedMap};
pub use texts::{Catalogue, CatalogueText};
