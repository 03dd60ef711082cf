//! The merge driver: whether attributes select it, whether it is registered, and whether it can run.

use std::path::Path;

use super::{Answer, Check, Condition, DoctorError, Patient};
use crate::author::merge::{DRIVER, DRIVER_NAME, MERGED, with_merge_attributes};
use crate::base::files;
use crate::base::path::join;

const NAME: &str = "merge driver";

/// Asks whether the merge driver that attributes select is registered, and the other way round.
pub(super) fn merge_driver(patient: &Patient<'_>) -> Answer {
    if patient.projects.is_empty() || patient.repo.is_bare() {
        let message = "nothing is merged here";
        return Ok(vec![Check::new(NAME, Condition::Ok, message)]);
    }
    let driver = patient.repo.setting(&format!("merge.{DRIVER}.driver"));
    let others = others(patient)?;
    let is_selected = others.len() < paths(patient).len();
    if !is_selected && driver.is_none() {
        let message = "none is selected: git merges lines";
        let check = Check::new(NAME, Condition::Ok, message);
        return Ok(vec![check.next("`tallybook hook install` sets one up")]);
    }
    let mut out = selected(patient, &others, driver.as_deref())?;
    out.extend(registered(patient, driver.as_deref())?);
    if out.is_empty() {
        out.push(Check::new(
            NAME,
            Condition::Ok,
            "it is selected and registered",
        ));
    }
    Ok(out)
}

fn paths(patient: &Patient<'_>) -> Vec<String> {
    let folders = patient.projects.iter().map(|project| &project.folder);
    let files = folders.flat_map(|folder| MERGED.map(|file| format!("projects/{folder}/{file}")));
    files.map(|file| join(patient.prefix, &file)).collect()
}

/// The files that attributes give to another merge, or to none.
fn others(patient: &Patient<'_>) -> Result<Vec<String>, DoctorError> {
    let asked = patient.repo.attributes(&paths(patient), &["merge"], None)?;
    let others = asked
        .into_iter()
        .filter(|attribute| attribute.value != DRIVER);
    Ok(others.map(|attribute| attribute.path).collect())
}

/// Says which files the driver does not get.
fn selected(
    patient: &Patient<'_>,
    others: &[String],
    driver: Option<&str>,
) -> Result<Vec<Check>, DoctorError> {
    let file = join(patient.prefix, ".gitattributes");
    let path = patient.root.join(".gitattributes");
    let old = files::read_optional(&path)?.unwrap_or_default();
    let missing = with_merge_attributes(&String::from_utf8_lossy(&old));
    let Some(first) = others.first() else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    let mut left = others.to_vec();
    if let (true, Some(new)) = (patient.repair, &missing) {
        files::write_atomic(&path, new.as_bytes())?;
        let message = format!("added the lines that select it to `{file}`");
        let check = Check::new(NAME, Condition::Repaired, message);
        out.push(check.next(format!(
            "commit it: `git add {file} && git commit -m \"Merge by meaning\"`"
        )));
        left = self::others(patient)?;
    }
    let Some(path) = left.first() else {
        return Ok(out);
    };
    let line = patient.repo.who_sets(path, "merge", None)?;
    let state = match patient.repair {
        true => Condition::Cannot,
        false => Condition::Found,
    };
    let check = match (line, driver) {
        (Some(line), _) => {
            let message = format!(
                "`{}` in line {} of `{}` takes files from it (asked of `{path}`)",
                line.text, line.number, line.file
            );
            let next = format!("take that line out, or put the lines `merge={DRIVER}` below it");
            Check::new(NAME, state, message).next(next)
        }
        (None, Some(driver)) if left.len() == paths(patient).len() => {
            let message =
                format!("`{driver}` is registered, and no attribute selects `merge={DRIVER}`");
            Check::new(NAME, state, message).next(repairs(&file))
        }
        (None, _) => {
            let message =
                format!("`.gitattributes` selects it for some files, and not for `{first}`");
            Check::new(NAME, Condition::Note, message).next(repairs(&file))
        }
    };
    out.push(check);
    Ok(out)
}

fn repairs(file: &str) -> String {
    format!("`tallybook doctor --repair` adds the lines that are missing to `{file}`")
}

/// Says whether this clone knows the driver, and can run it.
fn registered(patient: &Patient<'_>, driver: Option<&str>) -> Result<Option<Check>, DoctorError> {
    let gone = driver.and_then(missing_program);
    if driver.is_some() && gone.is_none() {
        return Ok(None);
    }
    if patient.repair {
        let repo = patient.repo;
        repo.configure(&format!("merge.{DRIVER}.name"), DRIVER_NAME)?;
        repo.configure(&format!("merge.{DRIVER}.driver"), patient.driver)?;
        let message = "registered it in this repository's configuration";
        return Ok(Some(Check::new(NAME, Condition::Repaired, message)));
    }
    let check = match gone {
        Some(program) => {
            let message = format!("`{program}` is registered and is not there: git merges lines");
            Check::new(NAME, Condition::Found, message)
        }
        None => {
            let message = format!(
                "`.gitattributes` selects `merge={DRIVER}` and none is registered: git merges lines"
            );
            Check::new(NAME, Condition::Note, message)
        }
    };
    Ok(Some(check.next(
        "`tallybook doctor --repair` registers it in this clone",
    )))
}

/// Returns the program that a driver's line names by a path where nothing is.
fn missing_program(driver: &str) -> Option<String> {
    let program = match driver.strip_prefix('\'') {
        Some(rest) => rest.split("' ").next()?.replace(r"'\''", "'"),
        None => driver.split_whitespace().next()?.to_owned(),
    };
    let program = program.replace("%%", "%");
    let path = Path::new(&program);
    (path.is_absolute() && !path.exists()).then_some(program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::author::merge::driver_line;
    use crate::base::text::shell_word;

    #[test]
    fn a_program_that_is_gone_is_named() {
        let missing = |path: &str| missing_program(&driver_line(&shell_word(path)));
        assert_eq!(missing("tallybook"), None);
        for path in ["/none/tallybook", "/none/it's 100% here/tallybook"] {
            assert_eq!(missing(path).as_deref(), Some(path));
        }
        assert_eq!(missing_program(""), None);
    }
}
