//! `launch append`: one part of an open launch, complete or not there.

mod before;
mod fill;
mod guard;
mod media;
mod sink;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

pub use self::guard::{Guard, Leak};
use super::part::{OpenState, StateError, Unfinished, read_part};
use super::preview;
use crate::analysis::attempts::{self, Run};
use crate::base::hash::digest_fields;
use crate::base::{FileError, files, text};
use crate::ingest::{Bundle, Row, Sink, SinkError};
use crate::model::{Environment, Intake, Job, Keep, OpenLaunch, Totals};

/// What to append to which launch.
#[derive(Clone, Debug)]
pub struct AppendRequest<'a> {
    pub launch: &'a OpenLaunch,
    pub job: Job,
    /// As given by the person or the job.
    pub environment: Environment,
    /// Variables that the project declares; found in the producer's words where not given.
    pub declared: Vec<String>,
    pub keep: Keep,
    /// Other machines append too, and a part must say the same wherever it is made: rows that earlier
    /// parts have are written again, and count once by their ids.
    pub shared: bool,
    /// The inputs tell of one run, so that a test that two formats tell with one outcome counts once.
    pub same_run: bool,
    /// What keeps secrets from the disk.
    pub guard: &'a Guard,
}

/// What an append did.
#[derive(Clone, Debug, PartialEq)]
pub struct Appended {
    pub shard: String,
    pub intake: Vec<Intake>,
    /// Of this append alone, attempts within it put together.
    pub totals: Totals,
    /// The same append was there already; nothing changed.
    pub unchanged: bool,
    /// What is worth knowing and stands in no account, since it depends on what was appended before.
    pub notes: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error("cannot write the results")]
    File(#[from] FileError),
    #[error(transparent)]
    Sink(#[from] SinkError),
    #[error("launch `{0}` is no longer open")]
    Gone(String),
    /// Sorted; nothing of the results was written.
    #[error(
        "what looks like a secret stands in {} of the results, and nothing was appended",
        text::count(.0.len() as u64, "place")
    )]
    Secrets(Vec<Leak>),
    #[error("the job's name is empty")]
    NoJob,
    #[error("job names are at most {JOB_MAX} characters long, and this one has {0}")]
    JobName(usize),
}

/// The longest name of a job, in characters.
const JOB_MAX: usize = 200;

/// Appends bundles as one part. What can't be read gets a line in the intake, and what could be
/// salvaged is kept; an error means that nothing was appended.
pub fn append(
    state: &OpenState,
    request: &AppendRequest<'_>,
    bundles: &[&dyn Bundle],
) -> Result<Appended, AppendError> {
    append_from(state, request, &From::Bundles(bundles))
}

/// Rows that no report holds: what somebody planned or executed here.
pub(super) struct Made<'a> {
    /// What the intake calls the input, and its format.
    pub(super) input: String,
    pub(super) format: &'static str,
    /// Makes the rows; attachments are given to the sink.
    pub(super) rows: &'a dyn Fn(&dyn Sink) -> Vec<Row>,
}

/// Appends rows as one part, as [`append`] appends bundles: guarded in the same way, and the same rows twice
/// are one part.
pub(super) fn append_made(
    state: &OpenState,
    request: &AppendRequest<'_>,
    made: &Made<'_>,
) -> Result<Appended, AppendError> {
    append_from(state, request, &From::Made(made))
}

/// Where the rows of an append come from.
enum From<'a> {
    Bundles(&'a [&'a dyn Bundle]),
    Made(&'a Made<'a>),
}

fn append_from(
    state: &OpenState,
    request: &AppendRequest<'_>,
    from: &From<'_>,
) -> Result<Appended, AppendError> {
    let request = &redacted(request);
    let id = &request.launch.id;
    if request.job.name.trim().is_empty() {
        return Err(AppendError::NoJob);
    }
    let length = request.job.name.chars().count();
    if length > JOB_MAX {
        return Err(AppendError::JobName(length));
    }
    let _lock = state.lock_shared(id)?;
    if !state.launch_dir(id).join("open.yaml").is_file() {
        return Err(AppendError::Gone(id.clone()));
    }
    let given = request.environment.clone();
    let names: Vec<&str> = match from {
        From::Bundles(bundles) => bundles.iter().map(|bundle| bundle.name()).collect(),
        From::Made(made) => vec![&made.input],
    };
    let inputs = names.iter().map(|name| request.guard.redact_text(name));
    let inputs: Vec<String> = inputs.map(Cow::into_owned).collect();
    let mut leaks = request.guard.leaks_of_header(&request.job, &given, &[]);
    leaks.extend(request.guard.leaks_of_inputs(&inputs));
    refuse(leaks)?;
    let aside = begin(state, request, &given, inputs)?;
    let appended = fill::fill(state, request, from, given, &aside);
    if let Err(error) = &appended {
        // That this append was not made stays: a closing must know. What it holds goes: it may have filled the disk.
        let removed = files::remove_dir(&aside.join(fill::PART));
        let removed = removed.and(files::remove_dir(&aside.join(fill::ANEW)));
        if let AppendError::Secrets(_) = error {
            removed?;
        }
    }
    let appended = appended?;
    end(&aside)?;
    Ok(appended)
}

/// Returns the request without what the patterns match, and with the launch's variables: from here
/// on nothing knows what was typed.
fn redacted<'a>(request: &AppendRequest<'a>) -> AppendRequest<'a> {
    let mut own = request.clone();
    own.guard.redact_job(&mut own.job);
    let environment = joined(&own.launch.environment, &own.environment);
    own.environment = own.guard.redact_environment(&environment);
    own
}

fn refuse(mut leaks: Vec<Leak>) -> Result<(), AppendError> {
    leaks.sort();
    leaks.dedup();
    match leaks.is_empty() {
        true => Ok(()),
        false => Err(AppendError::Secrets(leaks)),
    }
}

/// Removes the folder of a complete append. Its name is taken away first: half removed it would count
/// as an append that nobody can name.
fn end(aside: &Path) -> Result<(), FileError> {
    let name = aside.file_name().unwrap_or_default().to_string_lossy();
    let ended = aside.with_file_name(format!(".ended-{name}"));
    files::rename(aside, &ended)?;
    files::remove_dir(&ended)
}

fn joined(launch: &Environment, given: &Environment) -> Environment {
    let mut out = launch.clone();
    for (name, value) in given.iter() {
        out.insert(name, value.clone());
    }
    out
}

/// Makes the folder that this append writes in. It stays where the append fails, so that a
/// closing knows.
fn begin(
    state: &OpenState,
    request: &AppendRequest<'_>,
    environment: &Environment,
    inputs: Vec<String>,
) -> Result<PathBuf, AppendError> {
    let parent = state.aside_dir(&request.launch.id);
    let begun = files::create_temp_dir(&parent, ".begun-")?;
    let unfinished = Unfinished {
        job: request.job.clone(),
        environment: environment.clone(),
        inputs,
        after: state.noted(&request.launch.id)?,
    };
    let yaml = serde_yaml::to_string(&unfinished).expect("a job is plain data");
    files::write(&begun.path().join("append.yaml"), yaml.as_bytes())?;
    // Under its name it says whose it is, however early it is killed.
    let name = begun.path().file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    let aside = parent.join(name.replacen(".begun-", "append-", 1));
    files::rename(begun.path(), &aside)?;
    // It has another name: there is nothing to remove.
    let _ = begun.keep();
    Ok(aside)
}

/// What the same append did when it was new.
fn appended_before(folder: &Path) -> Result<Appended, AppendError> {
    let part = read_part(folder)?;
    let read = preview::read(std::slice::from_ref(&part))?;
    let runs: Vec<Run> = read.rows.into_iter().map(|row| row.run).collect();
    Ok(Appended {
        totals: totals(&runs),
        shard: part.shard,
        intake: part.header.intake,
        unchanged: true,
        notes: Vec::new(),
    })
}

/// A slug of the job, and ten characters of a digest of job, attempt, environment and input: the
/// same append twice is one part, two legs of a matrix with equal bytes are two.
fn shard_name(job: &Job, environment: &Environment, intake: &[Intake]) -> String {
    // What was given up before its end has no digest: its name, size and counts stand for it.
    let given_up = |line: &Intake| line.digest.is_empty() && line.bytes > 0;
    let known: Vec<String> = intake
        .iter()
        .map(|line| match given_up(line) {
            true => format!(
                "{} {} {} {}",
                line.input, line.bytes, line.elements, line.read
            ),
            false if line.digest.is_empty() || line.files == 0 => line.input.clone(),
            false => String::new(),
        })
        .collect();
    let attempt = job.attempt.unwrap_or(1).to_string();
    let mut variables: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (name, value.as_str()))
        .collect();
    variables.sort_unstable();
    let variables = variables
        .into_iter()
        .flat_map(|(name, value)| [name, value]);
    let inputs = { intake.iter().zip(&known) }
        .flat_map(|(line, known)| [line.digest.as_str(), known.as_str()]);
    let fields = [job.name.as_str(), &attempt]
        .into_iter()
        .chain(variables)
        .chain(inputs);
    format!(
        "{}-{}",
        text::slug(&job.name, 40),
        &digest_fields(fields).to_string()[..10]
    )
}

fn totals(runs: &[Run]) -> Totals {
    let groups = attempts::group(runs);
    let mut totals = Totals {
        total: groups.len() as u64,
        ..Totals::default()
    };
    for group in groups {
        totals.add(runs[group.deciding()].status);
        totals.retries += group.retries().len() as u64;
    }
    totals
}

#[cfg(test)]
mod tests;
