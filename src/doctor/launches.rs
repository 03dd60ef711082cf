//! Open launches: what killed commands left of them, what they wait for, and closings that stopped
//! half-way.

use super::{Answer, Check, Condition, DoctorError, Patient, several};
use crate::base::path::join;
use crate::base::{Timestamp, text, time};
use crate::ledger::manual::{Drafts, all_begun};
use crate::ledger::{OpenState, Waiting};
use crate::store::launches;

const OPEN: &str = "open launches";

/// Looks at all open launches.
pub(super) fn open(patient: &Patient<'_>) -> Answer {
    let mut out = Vec::new();
    for state in patient.projects.iter().map(|project| &project.open) {
        out.extend(leftovers(patient, state)?);
        out.extend(begun(state)?);
        for id in state.ids()? {
            match state.waiting(&id) {
                Ok(waiting) => {
                    let waiting = waiting.into_iter();
                    out.extend(waiting.flat_map(|waiting| waits(patient.now, &waiting)));
                }
                Err(error) => {
                    let message = format!("launch `{id}` does not read: {}", super::said(&error));
                    let check = Check::new(OPEN, Condition::Found, message);
                    let discard = "`tallybook launch discard` throws it away";
                    out.push(check.next(format!("mend that file, or {discard}")));
                }
            }
        }
    }
    if out.is_empty() {
        out.push(Check::new(OPEN, Condition::Ok, "none waits"));
    }
    Ok(out)
}

/// What killed commands left; nothing of it holds results that stand nowhere else.
fn leftovers(patient: &Patient<'_>, state: &OpenState) -> Answer {
    let mut out = Vec::new();
    let mut left = match patient.repair {
        true => state.sweep()?,
        false => state.leftovers()?,
    };
    for id in state.ids()? {
        // A launch that does not read is told elsewhere.
        left.extend(state.spent(&id, patient.repair).unwrap_or_default());
    }
    if !left.is_empty() {
        let several = several(patient, &left);
        out.push(match patient.repair {
            true => Check::new(OPEN, Condition::Repaired, format!("removed {several}")),
            false => Check::new(
                OPEN,
                Condition::Found,
                format!("left by killed commands: {several}"),
            )
            .next("`tallybook doctor --repair` removes it; so does the next command that writes"),
        });
    }
    let unopened = state.unopened()?;
    if !unopened.is_empty() {
        let message = format!("never opened: {}", several(patient, &unopened));
        let check = Check::new(OPEN, Condition::Found, message);
        out.push(check.next(
            "the append that was to open it, run again, completes it; nothing in it is lost until \
             then",
        ));
    }
    Ok(out)
}

/// Names what people began and did not record: of launches that are no longer open nothing else does.
fn begun(state: &OpenState) -> Answer {
    let mut out = Vec::new();
    for begun in all_begun(state)? {
        let id = &begun.launch;
        for path in &begun.unreadable {
            let message = format!("`{}` does not read", path.display());
            let check = Check::new(OPEN, Condition::Found, message);
            out.push(
                check.next("it is what somebody began to execute; move it away to begin anew"),
            );
        }
        if state.is_open(id) {
            continue;
        }
        let mut testers: Vec<&str> = begun.drafts.iter().map(|d| d.tester.as_str()).collect();
        testers.sort_unstable();
        testers.dedup();
        for tester in testers {
            let own = begun.drafts.iter().filter(|draft| draft.tester == tester);
            let cases = text::count(own.count() as u64, "case");
            let message = format!(
                "{cases} begun by {tester} in launch `{id}`, which is no longer open, and not recorded"
            );
            let late = format!(
                "`tallybook execute {id} --late --as {}`",
                text::shell_word(tester)
            );
            let folder = Drafts::new(state, id);
            out.push(Check::new(OPEN, Condition::Note, message).next(format!(
                "{late} goes on in a follow-up of a closed launch; nobody needs it? remove `{}`",
                folder.folder().display()
            )));
        }
    }
    Ok(out)
}

fn waits(now: Timestamp, waiting: &Waiting) -> Vec<Check> {
    let id = &waiting.id;
    let mut out = Vec::new();
    for job in waiting.unfinished.iter().filter(|_| !waiting.is_busy) {
        let job_word = text::shell_word(job);
        let message = format!("an append of job `{job}` to launch `{id}` was killed");
        out.push(Check::new(OPEN, Condition::Found, message).next(format!(
            "append its results again, or close with `tallybook launch close {id} --accept-loss \
             {job_word} --reason TEXT`"
        )));
    }
    if let Some(remote) = waiting.shared.as_ref().filter(|_| !waiting.is_known) {
        let message = format!("launch `{id}` is to be shared on `{remote}` and was not pushed");
        let check = Check::new(OPEN, Condition::Found, message);
        out.push(check.next(format!("`tallybook launch sync {id}` pushes it")));
    }
    let age = u64::try_from(now.ms() - waiting.opened.ms()).unwrap_or_default();
    let parts = text::count(waiting.parts as u64, "part");
    let age = time::human_duration(age);
    let message = format!("launch `{id}` is open for {age}, with {parts}");
    let push = if waiting.shared.is_some() {
        " --push"
    } else {
        ""
    };
    out.push(Check::new(OPEN, Condition::Note, message).next(format!(
        "`tallybook launch status {id}` says what it lacks; `tallybook launch close {id}{push}` \
         closes it"
    )));
    out
}

/// Looks for a commit that was killed between its first file and its end.
fn half_made(patient: &Patient<'_>, name: &'static str) -> Answer {
    let repo = patient.repo;
    if !repo.has_half_made_commit() {
        return Ok(Vec::new());
    }
    let what = "a commit was killed on its way to the working tree";
    Ok(vec![if !patient.repair {
        let check = Check::new(name, Condition::Found, what);
        check.next("`tallybook doctor --repair` puts files and index back, as the next commit does")
    } else {
        match repo.recover() {
            Ok(true) => {
                let message = format!("{what}: put files and index back");
                Check::new(name, Condition::Repaired, message)
            }
            Ok(false) => Check::new(name, Condition::Note, "a commit is being made"),
            Err(error) => {
                let message = format!("{what}: {}", super::said(&error));
                Check::new(name, Condition::Cannot, message)
            }
        }
    }])
}

/// Looks for files of launches that are still open: their closing was killed before it was committed.
pub(super) fn half_closed(patient: &Patient<'_>) -> Answer {
    let name = "half-made commits";
    let mut out = half_made(patient, name)?;
    for project in &patient.projects {
        for id in project.open.ids()? {
            let Ok(Some(open)) = project.open.read(&id) else {
                continue;
            };
            if project.closed.contains(&id) {
                let message = format!("launch `{id}` is closed, and open here too");
                out.push(Check::new(name, Condition::Found, message).next(format!(
                    "`tallybook launch close {id}` holds the two against each other"
                )));
                continue;
            }
            let path = launches::launch_folder(&project.folder, open.opened.at, &id);
            let path = join(patient.prefix, &path);
            out.extend(half_closed_launch(patient, name, &id, &path)?);
        }
    }
    if out.is_empty() {
        out.push(Check::new(name, Condition::Ok, "there are none"));
    }
    Ok(out)
}

fn half_closed_launch(
    patient: &Patient<'_>,
    name: &'static str,
    id: &str,
    path: &str,
) -> Result<Option<Check>, DoctorError> {
    let left = patient.repo.uncommitted(path)?;
    Ok((!left.is_empty()).then(|| {
        let files = text::count(left.len() as u64, "file");
        let message =
            format!("{files} of a closing of launch `{id}` that was killed lie in `{path}`");
        Check::new(name, Condition::Found, message).next(format!(
            "`tallybook launch close {id}` closes it; don't commit them by hand"
        ))
    }))
}
