//! Approvals: whether those that two branches add both stay.

use super::{Answer, Check, Condition, Patient};
use crate::author::with_approval_attributes;
use crate::base::files;
use crate::base::path::join;

const NAME: &str = "approvals";

/// git's own merge that keeps the lines of both sides.
const UNION: &str = "union";

/// Asks whether attributes let git keep both sides of approvals, where there are any.
pub(super) fn union(patient: &Patient<'_>) -> Answer {
    let ok = |message| Ok(vec![Check::new(NAME, Condition::Ok, message)]);
    let projects = patient.workspace.projects.iter();
    let with = projects.filter(|project| !project.approvals.is_empty());
    let paths: Vec<String> = with
        .map(|project| {
            join(
                patient.prefix,
                &format!("{}/approvals/X-1.yaml", project.path),
            )
        })
        .collect();
    if paths.is_empty() || patient.repo.is_bare() {
        return ok("there are none to merge");
    }
    let other = |patient: &Patient<'_>| -> Result<Option<String>, super::DoctorError> {
        let asked = patient.repo.attributes(&paths, &["merge"], None)?;
        let mut others = asked.into_iter().filter(|one| one.value != UNION);
        Ok(others.next().map(|one| one.path))
    };
    let Some(mut left) = other(patient)? else {
        return ok("those of two branches both stay");
    };
    let file = join(patient.prefix, ".gitattributes");
    let path = patient.root.join(".gitattributes");
    let old = files::read_optional(&path)?.unwrap_or_default();
    let missing = with_approval_attributes(&String::from_utf8_lossy(&old));
    let mut out = Vec::new();
    if let (true, Some(new)) = (patient.repair, &missing) {
        files::write_atomic(&path, new.as_bytes())?;
        let message = format!("added the line that keeps both sides to `{file}`");
        let check = Check::new(NAME, Condition::Repaired, message);
        out.push(check.next(format!(
            "commit it: `git add {file} && git commit -m \"Keep approvals of both sides\"`"
        )));
        match other(patient)? {
            Some(path) => left = path,
            None => return Ok(out),
        }
    }
    let state = match patient.repair {
        true => Condition::Cannot,
        false => Condition::Found,
    };
    let check = match patient.repo.who_sets(&left, "merge", None)? {
        Some(line) => {
            let message = format!(
                "`{}` in line {} of `{}` keeps git from taking both sides (asked of `{left}`)",
                line.text, line.number, line.file
            );
            let next = "take that line out, or put the line `merge=union` below it";
            Check::new(NAME, state, message).next(next)
        }
        None => {
            let message = format!(
                "two branches that approve one case conflict: no attribute selects `merge={UNION}`"
            );
            let next = format!("`tallybook doctor --repair` adds the line to `{file}`");
            Check::new(NAME, state, message).next(next)
        }
    };
    out.push(check);
    Ok(out)
}
