//! pytest: node ids, one a line in a file of arguments (pytest 8.2 and later: `pytest @FILE`).
//!
//! allure-pytest writes `package.module.Class#test`, pytest's JUnit file `package.module.Class.test`; a
//! node id is `package/module.py::Class::test`. Where the module ends and the classes begin neither
//! says: a module is the last part that is named `test_…` or `…_test`, else the one before the first
//! part that begins with a capital.

use super::{Run, Target, Unusable, operand};

pub(super) fn runs(targets: &[&Target]) -> Result<Vec<Run>, Unusable> {
    let mut ids: Vec<String> = Vec::new();
    for target in targets {
        ids.push(node_id(target)?);
    }
    ids.sort();
    ids.dedup();
    // A test with all its parameters stands for each of them.
    let whole: std::collections::BTreeSet<String> = ids
        .iter()
        .filter(|id| !id.ends_with(']'))
        .cloned()
        .collect();
    ids.retain(|id| match id.split_once('[') {
        Some((test, _)) => !whole.contains(test),
        None => true,
    });
    Ok(match ids.is_empty() {
        true => Vec::new(),
        false => vec![Run { args: ids }],
    })
}

const FORM: Unusable = Unusable::Form {
    runner: "pytest",
    expected: "`package.module.Class#test` or `package.module.Class.test`",
};

fn node_id(target: &Target) -> Result<String, Unusable> {
    let full = target.full_name.as_str();
    if full.contains('*') {
        return Err(Unusable::Star("pytest"));
    }
    if let Some((path, _)) = full.split_once("::")
        && path.ends_with(".py")
    {
        return Ok(operand(full));
    }
    let (owner, test) = full
        .split_once('#')
        .or_else(|| full.rsplit_once('.'))
        .ok_or(FORM)?;
    let is_part = |part: &&str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || "_-".contains(c))
    };
    let parts: Vec<&str> = owner.split('.').collect();
    if !parts.iter().all(is_part) || !is_part(&test) {
        return Err(FORM);
    }
    let module = module_of(&parts).ok_or(FORM)?;
    let mut id = operand(&format!("{}.py", parts[..=module].join("/")));
    for part in parts[module + 1..].iter().chain([&test]) {
        id.push_str("::");
        id.push_str(part);
    }
    id.push_str(parameters(target.name.as_deref(), test));
    Ok(id)
}

fn module_of(parts: &[&str]) -> Option<usize> {
    let is_module = |part: &&str| part.starts_with("test_") || part.ends_with("_test");
    if let Some(at) = parts.iter().rposition(is_module) {
        return Some(at);
    }
    let is_class = |part: &&str| part.starts_with(char::is_uppercase);
    let classes = parts.iter().position(is_class).unwrap_or(parts.len());
    classes.checked_sub(1)
}

/// Returns `[…]` of a result's own name, where that is the test's with parameters.
fn parameters<'a>(name: Option<&'a str>, test: &str) -> &'a str {
    let rest = name.and_then(|name| name.strip_prefix(test));
    rest.filter(|rest| rest.starts_with('[') && rest.ends_with(']'))
        .unwrap_or_default()
}
