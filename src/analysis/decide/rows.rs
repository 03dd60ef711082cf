//! What deciding needs of a launch's results.

use crate::analysis::attempts::Run;
use crate::analysis::keys;
use crate::analysis::planned::{EXECUTED_TEXT, Planning};
use crate::model::{Environment, Execution, Job, TestResult};

/// What deciding needs of one result.
#[derive(Clone, Debug)]
pub struct Row {
    pub run: Run,
    /// An index into [`Input::environments`](super::Input::environments).
    pub environment: usize,
    pub test: String,
    pub params: String,
    pub name: String,
    pub full_name: Option<String>,
    pub test_case_id: Option<String>,
    pub ids: Vec<String>,
    pub execution: Execution,
    pub duration: Option<u64>,
    pub flaky: bool,
    /// What is asked of failures; none of a result that needs no resolution.
    pub failure: Option<Box<Failure>>,
    /// Of a row that is planned, and was not executed.
    pub planned: Option<Box<Planning>>,
    /// The digest of the case's text as somebody executed it, where the row says.
    pub executed_text: Option<Box<str>>,
}

/// A result that needs a defect or a mute.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// What can be asked for, and nothing else.
    pub result: TestResult,
    /// The job's name; nothing else of it.
    pub job: Job,
}

impl Failure {
    fn new(result: &TestResult, job: &Job) -> Self {
        let job = Job {
            name: job.name.clone(),
            ..Job::default()
        };
        let result = TestResult {
            id: result.id.clone(),
            name: result.name.clone(),
            full_name: result.full_name.clone(),
            status: result.status,
            labels: result.labels.clone(),
            parameters: result.parameters.clone(),
            links: result.links.clone(),
            message: result.message.clone(),
            trace: result.trace.clone(),
            file: result.file.clone(),
            ..TestResult::default()
        };
        Self { result, job }
    }
}

impl Default for Row {
    fn default() -> Self {
        Self::new(
            TestResult::default(),
            &Job::default(),
            0,
            &Environment::default(),
        )
    }
}

impl Row {
    /// Takes from a result what deciding needs.
    pub fn new(result: TestResult, job: &Job, environment: usize, variables: &Environment) -> Self {
        let params = keys::params_digest(&result.parameters, result.occurrence);
        let run = Run::new(&result, &params, job, variables);
        let test = keys::test_digest(&result);
        let failed = result.status.needs_resolution();
        let failure = failed.then(|| Box::new(Failure::new(&result, job)));
        let planned = Planning::of(&result);
        let executed_text = result.properties.first(EXECUTED_TEXT).map(Into::into);
        Self {
            run,
            environment,
            test,
            params,
            name: result.name,
            full_name: result.full_name,
            test_case_id: result.test_case_id,
            ids: result.ids,
            execution: result.execution,
            duration: result.duration,
            flaky: result.flaky,
            failure,
            planned,
            executed_text,
        }
    }

    /// The order of outcomes: by test, parameters, name, environment, id.
    pub(crate) fn sort_key(&self) -> (&str, &str, &str, usize, &str) {
        let full_name = self.full_name.as_deref().unwrap_or(&self.name);
        (
            full_name,
            &self.name,
            &self.params,
            self.environment,
            &self.run.id,
        )
    }
}
