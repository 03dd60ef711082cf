//! The body of a case or of shared steps.

/// A body in its parts; all texts are Markdown as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// What stands before the first heading.
    pub description: String,
    pub preconditions: String,
    pub steps: Vec<ScenarioStep>,
    /// What the section of steps says outside its list.
    pub remarks: String,
    pub postconditions: String,
    /// Other second-level sections, in order: heading and text.
    pub other: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScenarioStep {
    /// Markdown of the action.
    pub action: String,
    pub expected: Option<String>,
    pub data: Option<String>,
    /// The target of a step that is one link to shared steps, as written (`../../steps/x.md`).
    pub shared: Option<String>,
    pub steps: Vec<ScenarioStep>,
    /// Where the step starts, in bytes of the body.
    pub offset: usize,
}

/// Steps that cases include by a link: `steps/<slug>.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedSteps {
    pub title: String,
    pub scenario: Scenario,
}
