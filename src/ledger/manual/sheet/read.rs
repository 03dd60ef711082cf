//! What a filled sheet says, held against the launch as it stands.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::{Filled, FilledSheet, Said, markdown, table, values};
use crate::analysis::executed::{SharedByPath, executed_text, shared};
use crate::analysis::script::script;
use crate::base::hash::digest_fields;
use crate::base::text::{closest, sanitize_line};
use crate::base::{Digest, Timestamp};
use crate::diag::{Finding, Span};
use crate::ledger::Preview;
use crate::ledger::manual::begin::{Work, work};
use crate::ledger::manual::people::person;
use crate::ledger::manual::record::{Executed, ExecutedFile, ExecutedStep};
use crate::model::Status;
use crate::store::{Project, codes};

/// What reading a sheet needs to know.
#[derive(Clone, Copy, Debug)]
pub struct ReadBack<'a> {
    pub project: &'a Project,
    pub preview: &'a Preview,
    /// The uuids of what is recorded already.
    pub recorded: &'a HashSet<String>,
    /// The file's name, for findings.
    pub path: &'a str,
    /// Where files that it names are looked for.
    pub folder: &'a Path,
    /// Who executed what names no tester.
    pub tester: &'a str,
    pub now: Timestamp,
    /// Take what was executed since by others, or by an older text, all the same.
    pub anyway: bool,
}

/// What a sheet brings.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// What is new, in the order of the sheet.
    pub executed: Vec<Executed>,
    /// How many entries are recorded already.
    pub known: u64,
    /// How many entries nobody filled in.
    pub empty: u64,
    pub findings: Vec<Finding>,
}

/// Reads a sheet back. One entry that is wrong does not hold the others up.
pub fn read_back(text: &str, is_table: bool, asked: &ReadBack<'_>) -> Taken {
    let mut taken = Taken::default();
    let sheet = match is_table {
        true => table::read(text),
        false => Ok(markdown::read(text)),
    };
    let sheet = match sheet {
        Ok(sheet) => sheet,
        Err(why) => {
            let why = format!("the sheet can't be read: {}", sanitize_line(&why));
            let finding = Finding::error(codes::UNREADABLE_SHEET, asked.path, why);
            let help = "write it again with `tallybook launch sheet`, and keep its first row";
            taken.findings.push(finding.help(help));
            return taken;
        }
    };
    let Some(written) = check_head(&sheet, asked, &mut taken.findings) else {
        return taken;
    };
    let all = work(asked.preview);
    let reading = Reading {
        asked,
        by_id: all
            .iter()
            .map(|one| (one.planned.id.as_str(), one))
            .collect(),
        shared: shared(asked.project),
        written,
        launch: sheet.launch.map(|said| said.words).unwrap_or_default(),
    };
    let mut seen: BTreeMap<String, (u64, Executed)> = BTreeMap::new();
    for (at, entry) in joined(sheet.entries).into_iter().enumerate() {
        if !entry.is_filled() {
            taken.empty += 1;
            continue;
        }
        let Some(executed) = reading.entry(&entry, &mut taken.findings) else {
            continue;
        };
        if let Some((_, first)) = seen.get(&entry.id.words) {
            if *first != executed {
                let message = format!("result `{}` is filled in twice", shown(&entry.id));
                let finding = Finding::error(codes::FILLED_TWICE, asked.path, message);
                let help = "keep one of both: the first was taken";
                taken.findings.push(finding.at(span(&entry.id)).help(help));
            }
            continue;
        }
        seen.insert(entry.id.words.clone(), (at as u64, executed));
    }
    let mut new: Vec<(u64, Executed)> = seen.into_values().collect();
    new.sort_by_key(|(at, _)| *at);
    for (_, executed) in new {
        match asked.recorded.contains(&executed.uuid) {
            true => taken.known += 1,
            false => taken.executed.push(executed),
        }
    }
    taken
}

/// Puts rows of one result together that a spreadsheet sorted apart: one that has nothing of its own yet takes
/// the steps.
fn joined(entries: Vec<Filled>) -> Vec<Filled> {
    let mut out: Vec<Filled> = Vec::new();
    for entry in entries {
        let last = out
            .iter_mut()
            .find(|known| known.id.words == entry.id.words && !known.id.words.is_empty());
        let has_head =
            |one: &Filled| one.status.is_some() || one.comment.is_some() || !one.files.is_empty();
        let overlaps = |known: &Filled| {
            let number = |step: &super::FilledStep| step.number.words.clone();
            let numbers: HashSet<String> = known.steps.iter().map(number).collect();
            entry
                .steps
                .iter()
                .any(|step| numbers.contains(&step.number.words))
        };
        match last {
            Some(known) if !(overlaps(known) || has_head(known) && has_head(&entry)) => {
                let steps = std::mem::take(&mut known.steps);
                let (mut whole, more) = match has_head(&entry) {
                    true => (entry.clone(), steps),
                    false => (known.clone(), steps),
                };
                whole.steps = more.into_iter().chain(entry.steps).collect();
                *known = whole;
            }
            _ => out.push(entry),
        }
    }
    out
}

/// Whether it is a sheet of this launch; returns when it was written.
fn check_head(
    sheet: &FilledSheet,
    asked: &ReadBack<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Timestamp> {
    let unreadable = |message: String| Finding::error(codes::UNREADABLE_SHEET, asked.path, message);
    let id = &asked.preview.launch.id;
    let Some(launch) = &sheet.launch else {
        let message = "it is no sheet: no line `- launch:` says which launch it is of".to_owned();
        let help = format!("write one with `tallybook launch sheet {id}`");
        findings.push(unreadable(message).help(help));
        return None;
    };
    // A sheet of a launch that was closed is read into what follows it up.
    let followed = asked.preview.launch.supersedes.as_ref();
    if launch.words != *id && Some(&launch.words) != followed {
        let message = format!("it is a sheet of launch `{}`, not of `{id}`", shown(launch));
        let help = "name the launch that it is of, or write a new one";
        findings.push(unreadable(message).at(span(launch)).help(help));
        return None;
    }
    let written = sheet.written.as_ref();
    let time = written.and_then(|said| Timestamp::parse(&said.words));
    if time.is_none() {
        let message = "it does not say when it was written".to_owned();
        let at = written.map(span);
        let help = "keep the line `- written:`, or the column, as it was";
        findings.push(unreadable(message).at(at).help(help));
    }
    time
}

fn span(said: &Said) -> Span {
    Span::new(said.start, said.end)
}

fn shown(said: &Said) -> String {
    crate::base::text::line(&said.words, 60)
}

struct Reading<'a> {
    asked: &'a ReadBack<'a>,
    by_id: BTreeMap<&'a str, &'a Work<'a>>,
    shared: SharedByPath<'a>,
    written: Timestamp,
    /// The launch that the sheet names.
    launch: String,
}

impl Reading<'_> {
    /// Reads one entry; none where it can't be taken, which is told.
    fn entry(&self, entry: &Filled, findings: &mut Vec<Finding>) -> Option<Executed> {
        let asked = self.asked;
        let before = findings.len();
        let error = |code, message: String| Finding::error(code, asked.path, message);
        let Some(one) = self.by_id.get(entry.id.words.as_str()) else {
            let message = format!("result `{}` is not planned in the launch", shown(&entry.id));
            let finding = error(codes::UNKNOWN_SHEET_RESULT, message).at(span(&entry.id));
            let ids = self.by_id.keys().copied();
            findings.push(match closest(&entry.id.words, ids) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("the line `- result:` stays as it was written"),
            });
            return None;
        };
        let case = one.planned.case.as_deref();
        let Some(case) = case.and_then(|case| asked.project.case(case)) else {
            let message = format!("case `{}` is gone", one.planned.asked);
            let help = "bring it back, or leave the entry empty";
            findings.push(
                error(codes::CHANGED_SINCE_SHEET, message)
                    .at(span(&entry.id))
                    .help(help),
            );
            return None;
        };
        let text = executed_text(case, &self.shared);
        if Digest::of(text.as_bytes()).short() != entry.text && !asked.anyway {
            let message = format!(
                "case `{}` changed since the sheet was written",
                case.value.id
            );
            let help = "execute it by a new sheet, or take it all the same with `--anyway`";
            findings.push(
                error(codes::CHANGED_SINCE_SHEET, message)
                    .at(span(&entry.id))
                    .help(help),
            );
        }
        let script = script(
            case,
            &self.shared,
            &values(&one.planned.planning.parameters),
        );
        let overall = self.status(entry.status.as_ref(), findings);
        let mut steps: Vec<ExecutedStep> = script
            .steps
            .into_iter()
            .map(|step| ExecutedStep {
                depth: step.depth,
                number: step.number,
                action: step.action,
                expected: step.expected,
                data: step.data,
                ..ExecutedStep::default()
            })
            .collect();
        for filled in &entry.steps {
            let status = self.status(filled.status.as_ref(), findings);
            let comment = filled.comment.as_ref().map(|said| said.words.clone());
            let known = steps
                .iter_mut()
                .find(|step| step.number == filled.number.words);
            match known {
                Some(step) => (step.status, step.comment) = (status, comment),
                None if status.is_none() && comment.is_none() => {}
                None => {
                    let message = format!(
                        "case `{}` has no step {}",
                        case.value.id,
                        shown(&filled.number)
                    );
                    let help = "a step keeps the number that it was written with";
                    let finding = error(codes::UNKNOWN_SHEET_STEP, message);
                    findings.push(finding.at(span(&filled.number)).help(help));
                }
            }
        }
        let tester = self.tester(entry, findings);
        let start = self.time(entry, findings);
        let files = self.files(entry, findings);
        let executed = Executed {
            uuid: self.uuid(entry),
            tester: tester.unwrap_or_else(|| asked.tester.to_owned()),
            start: start.unwrap_or(asked.now),
            duration: self.minutes(entry, findings),
            status: overall.or_else(|| {
                steps
                    .iter()
                    .all(|step| step.status.is_none())
                    .then_some(Status::Unknown)
            }),
            comment: entry.comment.as_ref().map(|said| said.words.clone()),
            steps,
            files,
            links: Vec::new(),
            text: (Digest::of(text.as_bytes()).short() == entry.text).then_some(text),
            asked: one.asked(),
        };
        if executed.status == Some(Status::Unknown)
            && entry.status.is_none()
            && findings.len() == before
        {
            let message = format!("result `{}` has comments and no status", shown(&entry.id));
            let help = "write passed, failed, broken or skipped after `status:`";
            findings.push(
                error(codes::UNKNOWN_SHEET_STATUS, message)
                    .at(span(&entry.id))
                    .help(help),
            );
        }
        self.check_since(one, entry, &executed, findings);
        // What was wrong is told; the rest of the sheet goes on.
        (findings.len() == before).then_some(executed)
    }

    fn status(&self, said: Option<&Said>, findings: &mut Vec<Finding>) -> Option<Status> {
        let said = said?;
        let word = said
            .words
            .trim_matches(['*', '`', '_', ' ', '.'])
            .to_lowercase();
        let short = match word.as_str() {
            "pass" | "ok" | "p" => Some(Status::Passed),
            "fail" | "f" => Some(Status::Failed),
            "skip" | "s" => Some(Status::Skipped),
            "b" => Some(Status::Broken),
            _ => Status::parse(&word),
        };
        let known = short.filter(|status| !matches!(status, Status::InProgress | Status::Unknown));
        if known.is_none() {
            let words = ["passed", "failed", "broken", "skipped"];
            let message = format!(
                "status `{}` is not passed, failed, broken or skipped",
                shown(said)
            );
            let finding = Finding::error(codes::UNKNOWN_SHEET_STATUS, self.asked.path, message);
            let finding = finding
                .at(span(said))
                .help("write one of these, or leave it empty");
            findings.push(finding.suggest(&word, words));
        }
        known
    }

    fn tester(&self, entry: &Filled, findings: &mut Vec<Finding>) -> Option<String> {
        let said = entry.tester.as_ref()?;
        match person(self.asked.project, &said.words) {
            Ok(person) => Some(person),
            Err(unknown) => {
                let message = format!("`{}` is no member of the project", shown(said));
                let finding = Finding::error(codes::UNKNOWN_TESTER, self.asked.path, message);
                let help = match unknown.near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a member by id, name or address".to_owned(),
                };
                findings.push(finding.at(span(said)).help(help));
                None
            }
        }
    }

    fn time(&self, entry: &Filled, findings: &mut Vec<Finding>) -> Option<Timestamp> {
        let said = entry.executed.as_ref()?;
        let words = said.words.replace(' ', "T");
        let tries = [
            words.clone(),
            format!("{words}Z"),
            format!("{words}:00Z"),
            format!("{words}T00:00:00Z"),
        ];
        let time = tries.iter().find_map(|text| Timestamp::parse(text));
        let time = time.filter(|time| *time <= self.asked.now);
        if time.is_none() {
            let message = format!("`{}` is no time that has passed", shown(said));
            let finding = Finding::error(codes::BAD_SHEET_VALUE, self.asked.path, message);
            findings.push(
                finding
                    .at(span(said))
                    .help("write it as 2026-11-22 14:30, in UTC, or leave it empty"),
            );
        }
        time
    }

    fn minutes(&self, entry: &Filled, findings: &mut Vec<Finding>) -> Option<u64> {
        let said = entry.minutes.as_ref()?;
        let minutes = said.words.replace(',', ".").parse::<f64>().ok();
        let minutes = minutes.filter(|minutes| (0.0..=100_000.0).contains(minutes));
        if minutes.is_none() {
            let message = format!("`{}` is no number of minutes", shown(said));
            let finding = Finding::error(codes::BAD_SHEET_VALUE, self.asked.path, message);
            findings.push(
                finding
                    .at(span(said))
                    .help("write a number as 12 or 1.5, or leave it empty"),
            );
        }
        minutes.map(|minutes| (minutes * 60_000.0).round() as u64)
    }

    fn files(&self, entry: &Filled, findings: &mut Vec<Finding>) -> Vec<ExecutedFile> {
        let mut out = Vec::new();
        for said in &entry.files {
            let path = self.asked.folder.join(&said.words);
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            match name.filter(|_| path.is_file()) {
                Some(name) => out.push(ExecutedFile { name, path }),
                None => {
                    let message = format!("file `{}` is not there", shown(said));
                    let finding = Finding::error(codes::BAD_SHEET_VALUE, self.asked.path, message);
                    findings.push(
                        finding
                            .at(span(said))
                            .help("paths are relative to the sheet's folder"),
                    );
                }
            }
        }
        out
    }

    /// The same entry is the same execution, whoever reads it, whenever.
    fn uuid(&self, entry: &Filled) -> String {
        let words = |said: &Option<Said>| {
            said.as_ref()
                .map(|said| said.words.clone())
                .unwrap_or_default()
        };
        let mut fields = vec![
            "sheet".to_owned(),
            self.launch.clone(),
            entry.id.words.clone(),
        ];
        fields.extend(
            [
                &entry.status,
                &entry.comment,
                &entry.tester,
                &entry.executed,
                &entry.minutes,
            ]
            .map(words),
        );
        fields.extend(entry.files.iter().map(|said| said.words.clone()));
        for step in entry
            .steps
            .iter()
            .filter(|step| step.status.is_some() || step.comment.is_some())
        {
            fields.extend([
                step.number.words.clone(),
                words(&step.status),
                words(&step.comment),
            ]);
        }
        digest_fields(fields.iter().map(String::as_str)).short()
    }

    /// Whether somebody executed it since the sheet was written.
    fn check_since(
        &self,
        one: &Work<'_>,
        entry: &Filled,
        executed: &Executed,
        findings: &mut Vec<Finding>,
    ) {
        let asked = self.asked;
        if asked.anyway || !one.planned.done || asked.recorded.contains(&executed.uuid) {
            return;
        }
        let outcomes = one
            .planned
            .outcomes
            .iter()
            .map(|at| &asked.preview.decision.outcomes[*at]);
        let since = |start: Option<Timestamp>| start.is_some_and(|start| start > self.written);
        let Some(other) = outcomes
            .filter(|outcome| outcome.has(crate::model::Flag::Manual))
            .find(|outcome| since(outcome.start))
        else {
            return;
        };
        let message = format!(
            "result `{}` of case `{}` was executed since the sheet was written: {}",
            shown(&entry.id),
            one.planned.asked,
            other.status
        );
        let help = "record this as one more attempt with `--anyway`, or leave it out";
        let finding = Finding::error(codes::EXECUTED_SINCE_SHEET, asked.path, message);
        findings.push(finding.at(span(&entry.id)).help(help));
    }
}
