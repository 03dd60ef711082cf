//! The command that executes one test again, where it is known what executed it.

use crate::base::text::shell_word;
use crate::exchange::runner::{Runner, Runs, Target};
use crate::model::{Execution, TestResult};

/// The longest line that one is asked to paste, in bytes.
const LONGEST: usize = 2_000;

/// Returns names of runners, and the line that makes each execute the test of a result and no other. Empty where
/// nothing says which runner it was, or the runner can't be given this test.
pub(super) fn commands(result: &TestResult) -> Vec<(&'static str, String)> {
    let Some(full_name) = &result.full_name else {
        return Vec::new();
    };
    if result.execution == Execution::Manual {
        return Vec::new();
    }
    let runners = runners(result).iter();
    let lines = runners.filter_map(|runner| {
        let target = Target {
            full_name: full_name.clone(),
            name: Some(result.name.clone()),
            project: (*runner == Runner::Playwright)
                .then(|| project(result))
                .flatten(),
        };
        let runs = runner.runs(&[target], Runs::default()).ok()?;
        let [run] = runs.as_slice() else {
            return None;
        };
        let args: Vec<String> = run.args.iter().map(|arg| shell_word(arg)).collect();
        let line = format!("{} {}", program(*runner), args.join(" "));
        (line.len() <= LONGEST).then_some((name(*runner), line))
    });
    lines.collect()
}

/// The runners that a result may be of: what its producer says of itself, in labels and properties.
fn runners(result: &TestResult) -> &'static [Runner] {
    let label = |name: &str| {
        result
            .labels
            .first(name)
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    match label("framework").as_str() {
        "pytest" => &[Runner::Pytest],
        "jest" => &[Runner::Jest],
        "vitest" => &[Runner::Vitest],
        "playwright" => &[Runner::Playwright],
        "nextest" | "cargo-nextest" => &[Runner::Nextest],
        "cargo-test" | "cargo" => &[Runner::Cargo],
        "go" | "gotest" | "golang" => &[Runner::Go],
        // Either builds what these test; nothing says which.
        "junit4" | "junit5" | "junit-platform" | "junit" | "testng" => {
            &[Runner::Gradle, Runner::Maven]
        }
        "" if is_of_pytest(result) => &[Runner::Pytest],
        "" if result.properties.get("go.version").is_some() => &[Runner::Go],
        _ => &[],
    }
}

/// Whether a trace is as pytest alone writes it: `E` before what went wrong, and the place with the error's name.
fn is_of_pytest(result: &TestResult) -> bool {
    let trace = result.trace.as_deref().unwrap_or_default();
    let is_place = |line: &str| {
        line.split_once(".py:").is_some_and(|(path, rest)| {
            let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            !path.contains(' ') && digits.len() < rest.len() && digits.starts_with(": ")
        })
    };
    trace.lines().any(|line| line.starts_with("E  ")) && trace.lines().any(is_place)
}

/// The Playwright project that a result is of: JUnit files and allure-playwright both make it a parameter.
fn project(result: &TestResult) -> Option<String> {
    let mut parameters = result.parameters.iter();
    let project = parameters.find(|one| one.name.eq_ignore_ascii_case("project"))?;
    project.value.clone().filter(|name| !name.is_empty())
}

fn program(runner: Runner) -> &'static str {
    match runner {
        Runner::Pytest => "pytest",
        Runner::Jest => "npx jest",
        Runner::Vitest => "npx vitest run",
        Runner::Playwright => "npx playwright test",
        Runner::Nextest => "cargo nextest run",
        Runner::Cargo => "cargo test",
        Runner::Go => "go test",
        Runner::Gradle => "gradle test",
        Runner::Maven => "mvn test",
    }
}

fn name(runner: Runner) -> &'static str {
    match runner {
        Runner::Playwright => "Playwright",
        Runner::Gradle => "Gradle",
        Runner::Maven => "Maven",
        Runner::Go => "Go",
        other => other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(framework: &str, full_name: &str, parameters: &[(&str, &str)]) -> String {
        let mut result = TestResult {
            name: full_name
                .rsplit(['#', '.', ' '])
                .next()
                .unwrap_or_default()
                .to_owned(),
            full_name: Some(full_name.to_owned()),
            ..TestResult::default()
        };
        if !framework.is_empty() {
            result.labels.add("framework", framework);
        }
        for (name, value) in parameters {
            result.parameters.push(crate::model::Parameter {
                name: (*name).to_owned(),
                value: Some((*value).to_owned()),
                ..Default::default()
            });
        }
        let all = commands(&result).into_iter().map(|(_, line)| line);
        all.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn a_test_runs_again_where_its_runner_is_known() {
        assert_eq!(
            line("pytest", "tests.test_cart#test_adds", &[]),
            "pytest tests/test_cart.py::test_adds"
        );
        let playwright = line(
            "Playwright",
            "e2e/a.spec.ts#Order history Reorder",
            &[("Project", "firefox")],
        );
        assert!(
            playwright.starts_with("npx playwright test --project=firefox '--grep="),
            "{playwright}"
        );
        let both = line("junit-platform", "com.shop.CartTest.adds", &[]);
        assert!(
            both.starts_with("gradle test ") && both.contains(" | mvn test "),
            "{both}"
        );
    }

    #[test]
    fn traces_of_pytest_are_known() {
        let result = |trace: &str| TestResult {
            name: "test_adds[x]".to_owned(),
            full_name: Some("tests.api.test_cart.TestCart.test_adds".to_owned()),
            trace: Some(trace.to_owned()),
            ..TestResult::default()
        };
        let found = commands(&result(
            "    def f():\n>  x\nE   assert 1 == 2\n\ntests/api/test_cart.py:4: AssertionError",
        ));
        assert_eq!(
            found[0].1,
            "pytest 'tests/api/test_cart.py::TestCart::test_adds[x]'"
        );
        assert_eq!(commands(&result("File \"a.py\", line 4, in f\nE  x")), []);
    }

    #[test]
    fn nothing_is_guessed_and_nothing_escapes_the_shell() {
        assert_eq!(line("", "tests.test_cart#test_adds", &[]), "");
        assert_eq!(line("robot", "tests.test_cart#test_adds", &[]), "");
        assert_eq!(line("pytest", "signs in", &[]), "");
        let quoted = line("jest", "a.test.js#adds $(rm -rf ~) `x`", &[]);
        assert!(quoted.is_empty() || quoted.contains("'"), "{quoted}");
        assert!(!quoted.contains(" $("), "{quoted}");
    }
}
