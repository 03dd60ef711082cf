//! What a case is called, and the groups above it.

use super::suite::{Dialect, Suite};
use crate::model::{Parameter, TestResult};

/// Sets name, full name, title path, parameters and the labels of suites.
pub(super) fn set(
    result: &mut TestResult,
    name: Option<String>,
    class: Option<&str>,
    suites: &[Suite],
    dialect: Dialect,
) {
    let path: Vec<&str> = suites
        .iter()
        .filter(|suite| !suite.is_root && !suite.name.is_empty())
        .map(|suite| suite.name.as_str())
        .collect();
    let own = || {
        class
            .or(path.last().copied())
            .unwrap_or("unnamed test")
            .to_owned()
    };
    result.name = name.unwrap_or_else(own);
    let mut base = result.name.as_str();
    if dialect.pytest
        && let Some((function, value)) = split_parameters(base)
    {
        result.parameters.push(parameter("id", value));
        base = function;
    }
    result.full_name = Some(match class {
        Some(class) => format!("{class}.{base}"),
        None if dialect.pytest || path.is_empty() => base.to_owned(),
        None => format!("{}.{base}", path.join(".")),
    });
    if let Some(project) = suites.iter().rev().find_map(|suite| dialect.project(suite)) {
        result.parameters.push(parameter("project", project));
    }
    if dialect.pytest {
        set_python_path(result, class.unwrap_or_default());
    } else {
        set_suites(result, &path);
    }
    add_places(result, class, suites);
}

/// Adds the labels of class, package and host, the innermost suite's first.
fn add_places(result: &mut TestResult, class: Option<&str>, suites: &[Suite]) {
    let inner = |field: fn(&Suite) -> Option<&String>| suites.iter().rev().find_map(field);
    let package = inner(|suite| suite.package.as_ref());
    let host = inner(|suite| suite.host.as_ref());
    for (label, value) in [
        ("testClass", class),
        ("package", package.map(String::as_str)),
        ("host", host.map(String::as_str)),
    ] {
        if let Some(value) = value {
            result.labels.add(label, value);
        }
    }
}

fn parameter(name: &str, value: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        ..Parameter::default()
    }
}

/// Splits pytest's `function[id]`: a function's name holds no bracket, so the first one counts.
fn split_parameters(name: &str) -> Option<(&str, &str)> {
    let (function, rest) = name.split_once('[')?;
    let value = rest.strip_suffix(']')?;
    (!function.is_empty()).then_some((function, value))
}

/// Sets the groups of a suite path: one level is a suite, two have a parent, more go below.
fn set_suites(result: &mut TestResult, path: &[&str]) {
    match path {
        [] => {}
        [suite] => result.labels.add("suite", *suite),
        [parent, suite, below @ ..] => {
            result.labels.add("parentSuite", *parent);
            result.labels.add("suite", *suite);
            if !below.is_empty() {
                result.labels.add("subSuite", below.join(" > "));
            }
        }
    }
    result.title_path = path.iter().map(|&part| part.to_owned()).collect();
}

/// Sets the groups of pytest, whose suite is always `pytest`: package, module, class.
fn set_python_path(result: &mut TestResult, class: &str) {
    let parts: Vec<&str> = class.split('.').filter(|part| !part.is_empty()).collect();
    let is_class = |part: &&str| part.starts_with(|c: char| c.is_ascii_uppercase());
    let modules = parts.iter().position(is_class).unwrap_or(parts.len());
    let (modules, classes) = parts.split_at(modules);
    if let Some((module, packages)) = modules.split_last() {
        if !packages.is_empty() {
            result.labels.add("parentSuite", packages.join("."));
        }
        result.labels.add("suite", *module);
    }
    if !classes.is_empty() {
        result.labels.add("subSuite", classes.join(" > "));
    }
    result.title_path = parts.iter().map(|&part| part.to_owned()).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(name: &str) -> Suite {
        Suite {
            name: name.into(),
            ..Suite::default()
        }
    }

    fn identity(name: &str, class: Option<&str>, suites: &[Suite], dialect: Dialect) -> TestResult {
        let mut result = TestResult::default();
        set(&mut result, Some(name.into()), class, suites, dialect);
        result
    }

    #[test]
    fn full_names() {
        let plain = Dialect::default();
        let suites = [suite("a"), suite("b")];
        let full = |class| identity("t[1]", class, &suites, plain).full_name;
        assert_eq!(full(Some("C")).as_deref(), Some("C.t[1]"));
        assert_eq!(full(None).as_deref(), Some("a.b.t[1]"));
        let result = identity("t", None, &[], plain);
        assert_eq!(result.full_name.as_deref(), Some("t"));
    }

    #[test]
    fn pytest_has_parameters_apart() {
        let pytest = Dialect {
            pytest: true,
            ..Dialect::default()
        };
        let result = identity(
            "test_p[a[b]/c]",
            Some("pkg.test_a.TestX"),
            &[suite("pytest")],
            pytest,
        );
        assert_eq!(result.full_name.as_deref(), Some("pkg.test_a.TestX.test_p"));
        assert_eq!(result.name, "test_p[a[b]/c]");
        assert_eq!(result.parameters[0].value.as_deref(), Some("a[b]/c"));
        assert_eq!(result.title_path, ["pkg", "test_a", "TestX"]);
        let labels = ["parentSuite", "suite", "subSuite"].map(|l| result.labels.first(l));
        assert_eq!(labels, [Some("pkg"), Some("test_a"), Some("TestX")]);
    }

    #[test]
    fn playwright_projects_are_parameters() {
        let dialect = Dialect {
            root_id: true,
            ..Dialect::default()
        };
        let mut file = suite("cart.spec.ts");
        file.host = Some("chromium".into());
        let result = identity("pays", Some("cart.spec.ts"), &[file], dialect);
        assert_eq!(result.parameters[0].name, "project");
    }
}
