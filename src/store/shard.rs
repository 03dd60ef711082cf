//! Shards: one file of results in a launch, and the file of their details.

use std::io::{self, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{rows, yaml};
use crate::model::{Details, Environment, Intake, Job, TestResult};

/// The size at which a shard goes on in another file, in bytes.
pub const ROLL_OVER: u64 = 8 << 20;

/// The first keys of a shard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShardHeader {
    pub format: u32,
    #[serde(default)]
    pub job: Job,
    #[serde(default)]
    pub environment: Environment,
    #[serde(default)]
    pub intake: Vec<Intake>,
}

/// `results/<shard>.yaml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shard {
    pub header: ShardHeader,
    pub results: Vec<TestResult>,
}

/// Why a shard does not read.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    #[error("not UTF-8")]
    NotUtf8,
    #[error("format {0} is newer than this version reads")]
    Format(u32),
    #[error("{}", yaml::too_deep())]
    TooDeep,
    #[error(transparent)]
    Yaml(#[from] serde_yaml::Error),
}

/// Reads a document, or a part of one, that foreign bytes may be in.
pub(super) fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T, ShardError> {
    match yaml::is_too_deep(text.as_bytes()) {
        true => Err(ShardError::TooDeep),
        false => Ok(serde_yaml::from_str(text)?),
    }
}

impl ShardHeader {
    /// Reads the first keys of a shard alone.
    pub fn read(bytes: &[u8]) -> Result<Self, ShardError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
        let header = rows::split(text, "results").and_then(|split| from_yaml(split.header).ok());
        match header {
            Some(header) => Ok(header),
            None => Ok(Shard::read_yaml(text)?.header),
        }
    }

    /// Writes the header and the line that opens the rows.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write!(out, "format: {}\njob: ", self.format)?;
        rows::write_line(out, &self.job)?;
        out.write_all(b"\nenvironment: ")?;
        rows::write_line(out, &self.environment)?;
        if self.intake.is_empty() {
            out.write_all(b"\nintake: []")?;
        } else {
            out.write_all(b"\nintake:")?;
            for line in &self.intake {
                out.write_all(b"\n- ")?;
                rows::write_line(out, line)?;
            }
        }
        out.write_all(b"\nresults:\n")
    }
}

impl Shard {
    /// Reads a shard, by the JSON parser where each row is a line of JSON, else by the YAML parser.
    pub fn read(bytes: &[u8]) -> Result<Self, ShardError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
        match Self::read_lines(text) {
            Some(shard) => shard.checked(),
            None => Self::read_yaml(text),
        }
    }

    /// Reads the header and the rows that are wanted by their ids. Of a file that was written in another
    /// way it reads all, and drops the others.
    pub fn read_some(bytes: &[u8], wanted: impl Fn(&str) -> bool) -> Result<Self, ShardError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
        let lines = || {
            let split = rows::split(text, "results")?;
            let mut rows = split.rows;
            rows.retain(|row| id_of(row).is_none_or(&wanted));
            Some(Self {
                header: from_yaml(split.header).ok()?,
                results: rows::read_json(&rows)?,
            })
        };
        let mut shard = match lines() {
            Some(shard) => shard.checked()?,
            None => Self::read_yaml(text)?,
        };
        shard.results.retain(|row| wanted(&row.id));
        Ok(shard)
    }

    fn read_lines(text: &str) -> Option<Self> {
        let split = rows::split(text, "results")?;
        let header = from_yaml(split.header).ok()?;
        Some(Self {
            header,
            results: rows::read_json(&split.rows)?,
        })
    }

    fn read_yaml(text: &str) -> Result<Self, ShardError> {
        #[derive(Deserialize)]
        struct File {
            format: u32,
            #[serde(default)]
            job: Job,
            #[serde(default)]
            environment: Environment,
            #[serde(default)]
            intake: Vec<Intake>,
            #[serde(default)]
            results: Option<Vec<TestResult>>,
        }
        let File {
            format,
            job,
            environment,
            intake,
            results,
        } = from_yaml(text)?;
        let header = ShardHeader {
            format,
            job,
            environment,
            intake,
        };
        Self {
            header,
            results: results.unwrap_or_default(),
        }
        .checked()
    }

    fn checked(self) -> Result<Self, ShardError> {
        match self.header.format {
            0..=1 => Ok(self),
            newer => Err(ShardError::Format(newer)),
        }
    }
}

/// Returns the id of a row that begins with it, as rows are written here.
fn id_of(row: &str) -> Option<&str> {
    let rest = row.strip_prefix("{\"id\": \"")?;
    let (id, _) = rest.split_once('"')?;
    (!id.contains('\\')).then_some(id)
}

/// The line that opens a details file.
pub const DETAILS_HEADER: &[u8] = b"format: 1\ndetails:\n";

/// Reads `details/<shard>.yaml`.
pub fn read_details(bytes: &[u8]) -> Result<Vec<Details>, ShardError> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        details: Option<Vec<Details>>,
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
    let lines = rows::split(text, "details").and_then(|split| rows::read_json(&split.rows));
    match lines {
        Some(details) => Ok(details),
        None => Ok(from_yaml::<File>(text)?.details.unwrap_or_default()),
    }
}

/// Writes rows into files that roll over at [`ROLL_OVER`] bytes; every file is a shard in itself,
/// and only the first has the intake.
#[derive(Debug)]
pub struct RowWriter<W> {
    out: Option<W>,
    written: u64,
    files: u32,
}

impl<W: Write> Default for RowWriter<W> {
    fn default() -> Self {
        Self {
            out: None,
            written: 0,
            files: 0,
        }
    }
}

impl<W: Write> RowWriter<W> {
    /// Writes lines that each end in a line break, in a new file where the last one is full.
    /// `open` makes the n-th file, from 1, with its header written.
    pub fn write(
        &mut self,
        lines: &[u8],
        open: impl FnOnce(u32) -> io::Result<W>,
    ) -> io::Result<()> {
        let full = self.written > 0 && self.written + lines.len() as u64 > ROLL_OVER;
        if self.out.is_none() || full {
            self.files += 1;
            self.written = 0;
            if let Some(mut full) = self.out.replace(open(self.files)?) {
                full.flush()?;
            }
        }
        self.written += lines.len() as u64;
        self.out
            .as_mut()
            .expect("a file was opened above")
            .write_all(lines)
    }

    /// Returns the last file, if any was opened.
    pub fn finish(self) -> Option<W> {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Parameter, Status};

    fn shard() -> Shard {
        let job = Job {
            name: "linux-chrome".into(),
            attempt: Some(2),
            ..Job::default()
        };
        let environment = [("browser".to_owned(), "chrome".to_owned())]
            .into_iter()
            .collect();
        let intake = vec![Intake {
            input: "allure-results".into(),
            elements: 2,
            read: 2,
            ..Intake::default()
        }];
        let mut first = TestResult {
            id: "a".into(),
            name: "x: {y} # \u{2028}".into(),
            ..TestResult::default()
        };
        first.labels.add("suite", "au\u{85}th");
        first.parameters.push(Parameter {
            name: "n".into(),
            value: Some("- 'v'".into()),
            ..Parameter::default()
        });
        let second = TestResult {
            id: "b".into(),
            status: Status::Failed,
            message: Some("\n\t\u{1b}".into()),
            ..TestResult::default()
        };
        Shard {
            header: ShardHeader {
                format: 1,
                job,
                environment,
                intake,
            },
            results: vec![first, second],
        }
    }

    fn write(shard: &Shard) -> Vec<u8> {
        let mut out = Vec::new();
        shard.header.write(&mut out).expect("writes");
        for row in &shard.results {
            out.extend(b"- ");
            rows::write_line(&mut out, row).expect("writes");
            out.push(b'\n');
        }
        out
    }

    #[test]
    fn both_readers_agree() {
        let shard = shard();
        let text = String::from_utf8(write(&shard)).expect("UTF-8");
        assert_eq!(Shard::read_lines(&text).expect("lines read"), shard);
        assert_eq!(Shard::read_yaml(&text).expect("YAML reads"), shard);
    }

    #[test]
    fn a_reformatted_shard_still_reads() {
        let text =
            "# by hand\nformat: 1\nresults:\n  - id: a\n    name: by hand\n    status: passed\n";
        let shard = Shard::read(text.as_bytes()).expect("reads");
        assert_eq!(
            (shard.results.len(), shard.results[0].status),
            (1, Status::Passed)
        );
    }

    #[test]
    fn a_shard_may_be_empty() {
        let mut shard = shard();
        shard.results.clear();
        assert_eq!(Shard::read(&write(&shard)).expect("reads"), shard);
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        assert!(matches!(
            Shard::read(b"format: 2\nresults:\n"),
            Err(ShardError::Format(2))
        ));
        assert!(matches!(Shard::read(b"\xff"), Err(ShardError::NotUtf8)));
        let twice = b"format: 1\nresults:\n- {\"id\": \"a\", \"labels\": {\"x\": [], \"x\": []}}\n";
        assert!(
            Shard::read(twice)
                .expect_err("refused")
                .to_string()
                .contains("duplicate")
        );
        assert!(Shard::read(b"format: 1\nresults:\n- {\"id\": \"a\", \"id\": \"b\"}\n").is_err());
    }

    #[test]
    fn files_roll_over() {
        let mut writer = RowWriter::<Vec<u8>>::default();
        let mut opened = Vec::new();
        let line = vec![b'x'; ROLL_OVER as usize / 2 + 1];
        for _ in 0..3 {
            writer
                .write(&line, |n| {
                    opened.push(n);
                    Ok(Vec::new())
                })
                .expect("writes");
        }
        assert_eq!(opened, [1, 2, 3]);
    }
}
