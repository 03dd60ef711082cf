//! Executions that are under way: every answer is on the disk before the next question.
//!
//! Drafts lie beside the open launches and not in them: closing or discarding a launch, here or elsewhere, never
//! takes what somebody has not recorded yet.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::record::{Asked, Executed, ExecutedFile, ExecutedStep};
use crate::analysis::script::{Script, questions};
use crate::base::{Digest, FileError, Timestamp, files, path as paths};
use crate::ledger::part::{Lock, OpenState};
use crate::model::{Environment, Parameter, Status};

#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    #[error("cannot keep what is being executed")]
    File(#[from] FileError),
    #[error("`{}` does not read; move it away to begin anew", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("`{}` is of a newer version of Tallybook", path.display())]
    Newer { path: PathBuf },
}

/// An execution that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub format: u32,
    pub launch: String,
    /// What the execution is of: the id of a planned result, or one of a case that nobody planned.
    pub id: String,
    pub case: String,
    pub name: String,
    pub environment: Environment,
    pub parameters: Vec<Parameter>,
    pub assignee: Option<String>,
    pub tester: String,
    pub uuid: String,
    pub began: Timestamp,
    /// Milliseconds of work, pauses left out.
    pub worked: u64,
    pub preconditions: String,
    pub description: String,
    /// What else the case says before its steps, by headings; an empty one is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<(String, String)>,
    pub postconditions: String,
    pub steps: Vec<DraftStep>,
    /// How it ended as a whole: asked where there are no steps.
    pub answer: Option<Answer>,
    pub comment: Option<String>,
    pub files: Vec<DraftFile>,
    pub links: Vec<String>,
    /// The text of the case as it stood when this was begun.
    pub text: String,
    /// All is answered; only recording it is left.
    pub finished: bool,
    /// The question that the tester went back to, which is asked before the first that has no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_at: Option<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftStep {
    pub number: String,
    pub depth: usize,
    pub action: String,
    pub expected: Option<String>,
    pub data: Option<String>,
    pub shared: Option<String>,
    pub answer: Option<Answer>,
    pub comment: Option<String>,
    pub files: Vec<DraftFile>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: Status,
    /// Milliseconds.
    pub took: u64,
}

/// A copy of a file that was attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftFile {
    /// As the tester's file is called.
    pub name: String,
    /// The copy, in the draft's folder.
    pub copy: String,
}

/// What an execution begins with.
#[derive(Clone, Debug)]
pub(crate) struct Begin {
    pub(crate) id: String,
    pub(crate) asked: Asked,
    pub(crate) tester: String,
    pub(crate) script: Script,
    pub(crate) text: String,
    pub(crate) now: Timestamp,
    pub(crate) random: u64,
}

impl Draft {
    /// The format that is written.
    const FORMAT: u32 = 1;

    /// Begins an execution.
    pub(crate) fn begin(launch: &str, begin: Begin) -> Self {
        let Begin { asked, script, .. } = begin;
        let step = |step: crate::analysis::script::ScriptStep| DraftStep {
            number: step.number,
            depth: step.depth,
            action: step.action,
            expected: step.expected,
            data: step.data,
            shared: step.shared,
            ..DraftStep::default()
        };
        let uuid = [
            begin.id.clone(),
            begin.tester.clone(),
            begin.now.to_string(),
        ];
        let uuid = uuid.iter().map(String::as_str);
        let random = begin.random.to_string();
        let uuid = crate::base::hash::digest_fields(uuid.chain([random.as_str()]));
        Self {
            format: Self::FORMAT,
            launch: launch.to_owned(),
            id: begin.id,
            case: asked.case,
            name: asked.name,
            environment: asked.environment,
            parameters: asked.parameters,
            assignee: asked.assignee,
            tester: begin.tester,
            uuid: uuid.short(),
            began: begin.now,
            worked: 0,
            other: { script.beside() }
                .map(|(heading, text)| (heading.to_owned(), text.to_owned()))
                .collect(),
            preconditions: script.preconditions,
            description: script.description,
            postconditions: script.postconditions,
            steps: script.steps.into_iter().map(step).collect(),
            answer: None,
            comment: None,
            files: Vec::new(),
            links: Vec::new(),
            text: begin.text,
            finished: false,
            back_at: None,
        }
    }

    /// Returns the steps that are asked for, in order.
    pub fn questions(&self) -> Vec<usize> {
        let depths: Vec<usize> = self.steps.iter().map(|step| step.depth).collect();
        questions(&depths, |at| self.steps[at].expected.is_some())
    }

    /// Returns the place among the questions of the first that has no answer; none where all have one.
    pub fn next(&self) -> Option<usize> {
        let questions = self.questions();
        questions
            .iter()
            .position(|at| self.steps[*at].answer.is_none())
    }

    /// Returns how it ends as it stands: as said of the whole, else as the worst of its steps.
    pub fn status(&self) -> Status {
        let steps = self.steps.iter().filter_map(|step| step.answer);
        let worst = || Status::worst(steps.map(|answer| answer.status));
        let said = self.answer.map(|answer| answer.status);
        said.or_else(worst).unwrap_or(Status::Unknown)
    }

    /// Whether something was answered, noted or attached.
    pub fn is_touched(&self) -> bool {
        let step = |step: &DraftStep| {
            step.answer.is_some() || step.comment.is_some() || !step.files.is_empty()
        };
        self.answer.is_some()
            || self.comment.is_some()
            || !self.files.is_empty()
            || !self.links.is_empty()
            || self.steps.iter().any(step)
    }

    /// Returns what was asked of whoever executes it.
    pub fn asked(&self) -> Asked {
        Asked {
            case: self.case.clone(),
            name: self.name.clone(),
            environment: self.environment.clone(),
            parameters: self.parameters.clone(),
            assignee: self.assignee.clone(),
        }
    }

    /// Lists the copies of all that was attached.
    fn files(&self) -> impl Iterator<Item = &DraftFile> {
        let steps = self.steps.iter().flat_map(|step| &step.files);
        self.files.iter().chain(steps)
    }

    /// Returns what is recorded of it.
    pub fn executed(&self, drafts: &Drafts) -> Executed {
        let files = |all: &[DraftFile]| -> Vec<ExecutedFile> {
            let one = |file: &DraftFile| ExecutedFile {
                name: file.name.clone(),
                path: drafts.file(file),
            };
            all.iter().map(one).collect()
        };
        let steps = self.steps.iter().map(|step| ExecutedStep {
            depth: step.depth,
            number: step.number.clone(),
            action: step.action.clone(),
            expected: step.expected.clone(),
            data: step.data.clone(),
            status: step.answer.map(|answer| answer.status),
            comment: step.comment.clone(),
            duration: step.answer.map(|answer| answer.took),
            files: files(&step.files),
        });
        Executed {
            asked: self.asked(),
            uuid: self.uuid.clone(),
            tester: self.tester.clone(),
            start: self.began,
            duration: Some(self.worked),
            status: self.answer.map(|answer| answer.status),
            comment: self.comment.clone(),
            steps: steps.collect(),
            files: files(&self.files),
            links: self.links.clone(),
            text: Some(self.text.clone()),
        }
    }
}

/// The drafts of one launch on this machine.
#[derive(Clone, Debug)]
pub struct Drafts {
    folder: PathBuf,
}

/// What is under way of one launch.
#[derive(Clone, Debug)]
pub struct Begun {
    pub launch: String,
    /// Its drafts, sorted by case.
    pub drafts: Vec<Draft>,
    /// Files that don't read as drafts.
    pub unreadable: Vec<PathBuf>,
}

/// Lists what is under way of all launches of a project on this machine, also of those that are no longer open;
/// sorted by launch.
///
/// # Errors
/// The folder can't be read.
pub fn all_begun(state: &OpenState) -> Result<Vec<Begun>, DraftError> {
    let mut out = Vec::new();
    for entry in files::list_dir(&state.drafts())? {
        let launch = entry.file_name().to_string_lossy().into_owned();
        let (drafts, unreadable) = Drafts::new(state, &launch).listed()?;
        if !drafts.is_empty() || !unreadable.is_empty() {
            out.push(Begun {
                launch,
                drafts,
                unreadable,
            });
        }
    }
    out.sort_by(|a, b| a.launch.cmp(&b.launch));
    Ok(out)
}

/// A draft that this process works on, and no other one may.
#[derive(Debug)]
pub struct Held {
    _lock: Lock,
}

impl Drafts {
    pub fn new(state: &OpenState, launch: &str) -> Self {
        Self {
            folder: state.drafts().join(launch),
        }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn stem(id: &str, tester: &str) -> String {
        format!(
            "{id}-{}",
            &Digest::of(tester.to_lowercase().as_bytes()).short()[..8]
        )
    }

    fn path(&self, id: &str, tester: &str) -> PathBuf {
        self.folder.join(format!("{}.json", Self::stem(id, tester)))
    }

    /// Where the copy of an attached file is.
    pub fn file(&self, file: &DraftFile) -> PathBuf {
        self.folder.join("files").join(&file.copy)
    }

    /// Keeps others from a person's draft; none where another process has it.
    pub fn hold(&self, id: &str, tester: &str) -> Result<Option<Held>, DraftError> {
        let path = self.folder.join(format!("{}.lock", Self::stem(id, tester)));
        loop {
            let file = files::open_lock(&path)?;
            if fs4::FileExt::try_lock(&file).is_err() {
                return Ok(None);
            }
            let lock = Lock::new(file);
            if lock.is_at(&path) {
                return Ok(Some(Held { _lock: lock }));
            }
        }
    }

    /// Reads a person's draft.
    pub fn read(&self, id: &str, tester: &str) -> Result<Option<Draft>, DraftError> {
        read(&self.path(id, tester))
    }

    /// Lists all drafts of the launch, of everybody, sorted by case. One that does not read is left out.
    pub fn all(&self) -> Result<Vec<Draft>, DraftError> {
        Ok(self.listed()?.0)
    }

    /// Lists all drafts that read, and the files that don't.
    fn listed(&self) -> Result<(Vec<Draft>, Vec<PathBuf>), DraftError> {
        let (mut out, mut unreadable) = (Vec::new(), Vec::new());
        for entry in files::list_dir(&self.folder)? {
            let path = entry.path();
            if path.extension().is_some_and(|ext| ext == "json") {
                match read(&path) {
                    Err(DraftError::Unreadable { .. } | DraftError::Newer { .. }) => {
                        unreadable.push(path);
                    }
                    draft => out.extend(draft?),
                }
            }
        }
        out.sort_by(|a, b| (&a.case, &a.id, &a.tester).cmp(&(&b.case, &b.id, &b.tester)));
        Ok((out, unreadable))
    }

    /// Takes a draft of another launch over, with its files: what was begun in one that is closed goes on in the
    /// one that follows it up. A kill in between leaves it in both, and the same record twice is one.
    pub fn take_over(&self, from: &Self, launch: &str, draft: &Draft) -> Result<(), DraftError> {
        for file in draft.files() {
            if let Some(bytes) = files::read_optional(&from.file(file))? {
                self.attach(&file.name, &bytes)?;
            }
        }
        self.save(&Draft {
            launch: launch.to_owned(),
            ..draft.clone()
        })?;
        from.remove(draft)
    }

    /// Puts a draft on the disk: when this returns, a power cut does not take it.
    pub fn save(&self, draft: &Draft) -> Result<(), DraftError> {
        let text = serde_json::to_string_pretty(draft).expect("a draft is plain data");
        let path = self.path(&draft.id, &draft.tester);
        files::write_atomic(&path, text.as_bytes())?;
        Ok(files::sync_dir(&self.folder)?)
    }

    /// Copies a file beside the draft, so that it may change or go.
    pub fn attach(&self, name: &str, bytes: &[u8]) -> Result<DraftFile, DraftError> {
        let own = paths::extension(name);
        let plain = (1..=8).contains(&own.len()) && own.bytes().all(|b| b.is_ascii_alphanumeric());
        let extension = if plain { own } else { "bin" };
        let file = DraftFile {
            name: name.to_owned(),
            copy: format!("{}.{extension}", Digest::of(bytes)),
        };
        let path = self.file(&file);
        files::write_atomic(&path, bytes)?;
        files::sync_dir(&self.folder.join("files"))?;
        Ok(file)
    }

    /// Removes a draft that is recorded, and the files that no other one has.
    pub fn remove(&self, draft: &Draft) -> Result<(), DraftError> {
        files::remove_file(&self.path(&draft.id, &draft.tester))?;
        let (left, unreadable) = self.listed()?;
        let is_whole = unreadable.is_empty();
        let needed: Vec<&DraftFile> = left.iter().flat_map(Draft::files).collect();
        // What a draft needs that does not read is not known.
        for file in draft.files().filter(|_| is_whole) {
            if !needed.iter().any(|needed| needed.copy == file.copy) {
                files::remove_file(&self.file(file))?;
            }
        }
        let stem = Self::stem(&draft.id, &draft.tester);
        files::remove_file(&self.folder.join(format!("{stem}.lock")))?;
        if left.is_empty() && is_whole {
            files::remove_empty_dir(&self.folder.join("files"));
            files::remove_empty_dir(&self.folder);
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Option<Draft>, DraftError> {
    let Some(bytes) = files::read_optional(path)? else {
        return Ok(None);
    };
    let unreadable = |source| DraftError::Unreadable {
        path: path.to_owned(),
        source,
    };
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_slice(&bytes).map_err(unreadable)?;
    if format > Draft::FORMAT {
        return Err(DraftError::Newer {
            path: path.to_owned(),
        });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(unreadable)
}
