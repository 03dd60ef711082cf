//! Locks and temporary files: which ones a killed process left.
//!
//! git's locks are empty files, and nothing in them says whose they are. `git commit` holds one for as
//! long as somebody writes a message, so that age alone proves nothing. One counts as left behind
//! where no process of git or of this program works in the repository, as far as this machine knows,
//! and it is old enough that none in a container or on another machine is likely to.

use std::time::Duration;

use super::{Answer, Check, Condition, Patient, several, shown};
use crate::base::{files, text, time};
use crate::git::WorkFile;

/// How old a lock must be where the system doesn't say who is at work.
const UNSEEN: Duration = Duration::from_secs(24 * 3_600);

/// The folder of the git directory that is this program's, and how folders in it begin that texts are edited in.
const PRIVATE: &str = "tallybook";
const EDITED: &str = "edit-";

/// What becomes of a file that was left.
enum Verdict {
    Left,
    /// Why it may not be.
    Doubt(String),
}

/// Looks for locks of git.
pub(super) fn locks(patient: &Patient<'_>) -> Answer {
    let name = "locks";
    let locks = patient.repo.lock_files()?;
    if locks.is_empty() {
        return Ok(vec![Check::new(name, Condition::Ok, "git holds none")]);
    }
    let mut out = Vec::new();
    for lock in &locks {
        let path = shown(patient, &lock.path);
        out.push(match judge(patient, lock) {
            Verdict::Left if patient.repair && lock.remove()? => {
                Check::new(name, Condition::Repaired, format!("removed `{path}`"))
            }
            Verdict::Left => {
                let message = format!("`{path}` was left by a process that was killed");
                let check = Check::new(name, Condition::Found, message);
                check.next("`tallybook doctor --repair` removes it")
            }
            Verdict::Doubt(why) => {
                let message = format!("`{path}` is there, {why}");
                let check = Check::new(name, Condition::Found, message);
                check.next(
                    "wait for it; if you know that no git is running here, on any machine, \
                     `tallybook doctor --repair --older-than 0s` removes it",
                )
            }
        });
    }
    Ok(out)
}

/// Looks for files that were being written.
pub(super) fn temporary(patient: &Patient<'_>) -> Answer {
    let name = "temporary files";
    let files = patient.repo.temporary_files(patient.root)?;
    let (left, doubtful): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|file| matches!(judge(patient, file), Verdict::Left));
    let mut out = Vec::new();
    let paths: Vec<_> = left.iter().map(|file| file.path.clone()).collect();
    if !left.is_empty() && patient.repair {
        for file in &left {
            file.remove()?;
        }
        let message = format!("removed {}", several(patient, &paths));
        out.push(Check::new(name, Condition::Repaired, message));
    } else if !left.is_empty() {
        let files = text::count(left.len() as u64, "file");
        let message = format!("{files} of killed processes: {}", several(patient, &paths));
        let check = Check::new(name, Condition::Found, message);
        out.push(check.next("`tallybook doctor --repair` removes them"));
    }
    if !doubtful.is_empty() {
        let paths: Vec<_> = doubtful.iter().map(|file| file.path.clone()).collect();
        let message = format!("may be in use: {}", several(patient, &paths));
        let check = Check::new(name, Condition::Note, message);
        out.push(check.next("run `tallybook doctor` again in a while"));
    }
    if out.is_empty() {
        out.push(Check::new(name, Condition::Ok, "there are none"));
    }
    Ok(out)
}

/// Looks for texts that were written in an editor and not put into a file: only their writer knows what they are worth.
pub(super) fn edited(patient: &Patient<'_>) -> Answer {
    let around = patient.repo.common_dir().join(PRIVATE);
    let mut texts = Vec::new();
    for entry in files::list_dir(&around)? {
        let is_draft = entry.file_name().to_string_lossy().starts_with(EDITED);
        if is_draft && entry.path().is_dir() {
            let inside = files::list_dir(&entry.path())?;
            texts.extend(inside.iter().map(std::fs::DirEntry::path));
        }
    }
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    texts.sort();
    let many = text::count(texts.len() as u64, "text");
    let message = format!(
        "{many} of an editor that became no file: {}",
        several(patient, &texts)
    );
    let check = Check::new("texts in the editor", Condition::Note, message);
    Ok(vec![check.next(
        "if nobody has it open, put it where it belongs, or remove its folder",
    )])
}

fn judge(patient: &Patient<'_>, file: &WorkFile) -> Verdict {
    let at_work = patient.repo.at_work();
    if let Some([first, ..]) = at_work.as_deref() {
        let first = text::truncate(&text::sanitize_line(first), 100);
        return Verdict::Doubt(format!("and `{first}` is at work here"));
    }
    let Some(age) = file.age() else {
        return Verdict::Doubt("and its time lies in the future".to_owned());
    };
    let enough = match (patient.older_than, at_work.is_some()) {
        (Duration::ZERO, _) => Duration::ZERO,
        (set, true) => set,
        (set, false) => set.max(UNSEEN),
    };
    if age >= enough {
        return Verdict::Left;
    }
    let (age, enough) = (human(age), human(enough));
    let who = match at_work {
        Some(_) => "no git is at work on this machine, but",
        None => "this system does not say who is at work, and",
    };
    Verdict::Doubt(format!(
        "and {who} it is only {age} old: from {enough} on it counts as left behind"
    ))
}

fn human(time: Duration) -> String {
    time::human_duration(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
