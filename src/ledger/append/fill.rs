//! Reads what an append was given, writes it aside as a part, and puts that in its place.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::guard::Guard;
use super::sink::{PartSink, Spooled, rows_file};
use super::{
    AppendError, AppendRequest, Appended, From, Made, appended_before, before, refuse, shard_name,
    totals,
};
use crate::analysis::attempts::Run;
use crate::base::files::Output;
use crate::base::hash::digest_fields;
use crate::base::{FileError, files};
use crate::ingest::{self, Bundle, Sink as _, SinkError};
use crate::ledger::inner::take_inner;
use crate::ledger::part::{OpenState, numbered, read_part};
use crate::ledger::whole;
use crate::model::{Environment, Intake, Job, OrderedMap};
use crate::store::shard::{DETAILS_HEADER, ShardHeader};

/// Where a part is written, and one that may replace another.
pub(super) const PART: &str = "part";
pub(super) const ANEW: &str = "anew";

/// Writes what was given as a part below `aside`, and puts it in its place unless it is there.
pub(super) fn fill(
    state: &OpenState,
    request: &AppendRequest<'_>,
    from: &From<'_>,
    given: Environment,
    aside: &Path,
) -> Result<Appended, AppendError> {
    let filled = write(state, request, from, &given, aside, None)?;
    let shard = &filled.shard;
    let target = state.parts_dir(&request.launch.id).join(shard);
    let totals = totals(&filled.runs);
    if target.is_dir() {
        // What was told twice then may be told once now. Others may have a shared part already.
        let may_shrink = request.same_run && !request.shared;
        let once = match may_shrink {
            true => shrunk(state, request, from, given, aside, &filled)?,
            false => None,
        };
        return match once {
            Some(once) => Ok(once),
            None => {
                state.note_appended(&request.launch.id, shard)?;
                appended_before(&target)
            }
        };
    }
    state.adopt(&request.launch.id, shard, &filled.part)?;
    Ok(Appended {
        shard: filled.shard,
        intake: filled.intake,
        totals,
        unchanged: false,
        notes: filled.notes,
    })
}

/// Puts a part in the place of one of the same inputs that has tests twice; none where it has none.
fn shrunk(
    state: &OpenState,
    request: &AppendRequest<'_>,
    from: &From<'_>,
    given: Environment,
    aside: &Path,
    filled: &Filled,
) -> Result<Option<Appended>, AppendError> {
    let shard = filled.shard.as_str();
    let target = state.parts_dir(&request.launch.id).join(shard);
    let anew = write(state, request, from, &given, aside, Some(shard))?;
    let rows = |intake: &[Intake]| -> u64 { intake.iter().map(Intake::rows).sum() };
    let is_smaller = rows(&anew.intake) < read_part(&target)?.rows();
    if !is_smaller || anew.shard != shard {
        return Ok(None);
    }
    state.replace(&request.launch.id, shard, &anew.part, aside)?;
    Ok(Some(Appended {
        totals: totals(&anew.runs),
        shard: anew.shard,
        intake: anew.intake,
        unchanged: false,
        notes: anew.notes,
    }))
}

/// A part that is written and not yet in its place.
struct Filled {
    shard: String,
    part: PathBuf,
    intake: Vec<Intake>,
    runs: Vec<Run>,
    notes: Vec<String>,
}

/// Writes a part aside; `anew` names one of the launch's that it may replace, which counts as not there.
fn write(
    state: &OpenState,
    request: &AppendRequest<'_>,
    from: &From<'_>,
    given: &Environment,
    aside: &Path,
    anew: Option<&str>,
) -> Result<Filled, AppendError> {
    let part = aside.join(if anew.is_some() { ANEW } else { PART });
    files::create_dir(&part)?;
    let options = ingest::Options::new(request.declared.clone())
        .of_same_run(request.same_run)
        .alone(request.shared);
    let is_read = matches!(from, From::Bundles(_));
    let seen = before::read(
        state,
        request,
        given,
        Some(&options).filter(|_| is_read),
        anew,
    )?;
    let mut told = Told {
        job: request.job.clone(),
        environment: given.clone(),
        intake: Vec::new(),
    };
    let bundles = match from {
        From::Bundles(bundles) => *bundles,
        From::Made(_) => &[],
    };
    let sink = PartSink::new(&part, &seen, given, request);
    if let From::Made(made) = from {
        told.intake.push(take_made(&sink, made, request.guard)?);
    }
    for bundle in bundles {
        let mut report = take(&sink, *bundle, &options, request)?;
        let inner = take_inner(&mut report, *bundle, |archive| {
            take(&sink, archive, &options, request)
        })?;
        let reports = std::iter::once(report).chain(inner);
        reports.for_each(|report| told.add(request, report));
    }
    let Told {
        job,
        environment,
        intake,
    } = told;
    let mut notes = options.notes_of_before();
    for note in &mut notes {
        *note = request.guard.redact_text(note).into_owned();
    }
    let mut leaks = sink.leaks();
    leaks.extend(request.guard.leaks_of_header(&job, &environment, &intake));
    refuse(leaks)?;
    let spooled = sink.finish()?;
    let shard = shard_name(&job, &environment, &intake);
    let header = ShardHeader {
        format: 1,
        job,
        environment,
        intake,
    };
    assemble(&part, &spooled, &header)?;
    whole::seal(&part)?;
    Ok(Filled {
        shard,
        part,
        intake: header.intake,
        runs: spooled.runs,
        notes,
    })
}

/// What the inputs said of the part, up to now.
struct Told {
    job: Job,
    environment: Environment,
    intake: Vec<Intake>,
}

impl Told {
    fn add(&mut self, request: &AppendRequest<'_>, mut report: ingest::Report) {
        self.intake.append(&mut report.intake);
        take_declared(
            &mut self.environment,
            &request.declared,
            &report.environment,
        );
        add_properties(&mut self.job, report.properties);
        add_properties(&mut self.job, report.environment);
        self.job.attachments.append(&mut report.attachments);
    }
}

/// Reads a bundle, and takes what the patterns match out of what it says of the run.
fn take<'a>(
    sink: &PartSink<'a>,
    bundle: &'a dyn Bundle,
    options: &ingest::Options,
    request: &AppendRequest<'_>,
) -> Result<ingest::Report, SinkError> {
    sink.begin(bundle);
    let mut report = ingest::ingest(bundle, options, sink)?;
    let surroundings = [&mut report.environment, &mut report.properties];
    let changed = surroundings.map(|labels| request.guard.redact_labels(labels));
    let named = request.guard.redact_attachments(&mut report.attachments);
    sink.settle(&mut report.intake, changed.iter().sum::<u64>() + named);
    let lines = report.intake.iter_mut();
    lines.for_each(|line| request.guard.redact_intake(line));
    Ok(report)
}

/// Takes rows that no report holds, and gives the account of them.
fn take_made(sink: &PartSink<'_>, made: &Made<'_>, guard: &Guard) -> Result<Intake, SinkError> {
    let rows = (made.rows)(sink);
    let said = rows.iter().flat_map(|row| {
        let result = serde_json::to_string(&row.result);
        let details = serde_json::to_string(&row.details);
        [result, details].map(|text| text.expect("a row is plain data"))
    });
    let said: Vec<String> = said.collect();
    let count = rows.len();
    for (place, row) in rows.into_iter().enumerate() {
        sink.row(place, row);
    }
    sink.flush(count)?;
    let digest = digest_fields(said.iter().map(String::as_str));
    let mut line = Intake {
        input: made.input.clone(),
        format: made.format.to_owned(),
        bytes: said.iter().map(|text| text.len() as u64).sum(),
        digest: format!("sha256:{digest}"),
        elements: count as u64,
        read: count as u64,
        ..Intake::default()
    };
    sink.settle(std::slice::from_mut(&mut line), 0);
    guard.redact_intake(&mut line);
    Ok(line)
}

/// Declared variables that nobody gave are taken from the producer where it names one value.
fn take_declared(
    environment: &mut Environment,
    declared: &[String],
    found: &OrderedMap<Vec<String>>,
) {
    for name in declared
        .iter()
        .filter(|name| !environment.contains_key(name))
        .collect::<Vec<_>>()
    {
        if let Some([value]) = found.get(name).map(Vec::as_slice) {
            environment.insert(name, value.clone());
        }
    }
}

fn add_properties(job: &mut Job, properties: OrderedMap<Vec<String>>) {
    for (name, values) in properties.iter() {
        let mut all = job.properties.get(name).cloned().unwrap_or_default();
        all.extend(values.iter().cloned());
        all.dedup();
        job.properties.insert(name, all);
    }
}

/// Puts the headers before the spooled rows.
fn assemble(part: &Path, spooled: &Spooled, header: &ShardHeader) -> Result<(), FileError> {
    for number in 1..=spooled.result_files.max(1) {
        let path = part.join(numbered("results", number));
        let fail = |e| FileError::new("write", &path, e);
        let mut out = BufWriter::new(files::create(&path)?);
        let later = ShardHeader {
            intake: Vec::new(),
            ..header.clone()
        };
        let header = if number == 1 { header } else { &later };
        header.write(&mut out).map_err(fail)?;
        out.flush().map_err(fail)?;
        copy_rows(&rows_file(part, "results", number), out.get_mut())?;
    }
    for number in 1..=spooled.detail_files {
        let path = part.join(numbered("details", number));
        let mut out = files::create(&path)?;
        out.write_all(DETAILS_HEADER)
            .map_err(|e| FileError::new("write", &path, e))?;
        copy_rows(&rows_file(part, "details", number), &mut out)?;
    }
    Ok(())
}

fn copy_rows(rows: &Path, out: &mut Output) -> Result<(), FileError> {
    if rows.is_file() {
        out.copy_from(rows)?;
        files::remove_file(rows)?;
    }
    Ok(())
}
