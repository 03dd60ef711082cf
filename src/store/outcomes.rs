//! `outcomes.yaml`, `tests.yaml` and `cases.yaml` of a closed launch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ShardError;
use super::rows;
use crate::model::{Environment, Outcome, TestIdentity};

/// `outcomes.yaml`: what was decided about each test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcomes {
    pub environments: Vec<Environment>,
    pub outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct OutcomesFile {
    format: u32,
    #[serde(default)]
    environments: Vec<Environment>,
    #[serde(default)]
    outcomes: Option<Vec<Outcome>>,
}

impl Outcomes {
    pub fn write(&self) -> Vec<u8> {
        let mut out = b"format: 1\nenvironments:".to_vec();
        for environment in &self.environments {
            out.extend(b"\n- ");
            out.extend(rows::line(environment).into_bytes());
        }
        if self.environments.is_empty() {
            out.extend(b" []");
        }
        out.extend(b"\noutcomes:\n");
        append_rows(&mut out, &self.outcomes);
        out
    }

    pub fn read(bytes: &[u8]) -> Result<Self, ShardError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
        let by_line = rows::split(text, "outcomes").and_then(|split| {
            let header: OutcomesFile = serde_yaml::from_str(split.header).ok()?;
            Some((header, Some(rows::read_json(&split.rows)?)))
        });
        let (header, outcomes) = match by_line {
            Some((header, outcomes)) => (header, outcomes),
            None => {
                let mut file: OutcomesFile = serde_yaml::from_str(text)?;
                let outcomes = file.outcomes.take();
                (file, outcomes)
            }
        };
        check_format(header.format)?;
        Ok(Self {
            environments: header.environments,
            outcomes: outcomes.unwrap_or_default(),
        })
    }
}

/// Writes `tests.yaml`.
pub fn write_tests(tests: &[TestIdentity]) -> Vec<u8> {
    let mut out = b"format: 1\ntests:\n".to_vec();
    append_rows(&mut out, tests);
    out
}

/// Reads `tests.yaml`, by the digest that outcomes refer to.
pub fn read_tests(bytes: &[u8]) -> Result<BTreeMap<String, TestIdentity>, ShardError> {
    #[derive(Deserialize)]
    struct File {
        format: u32,
        #[serde(default)]
        tests: Option<Vec<TestIdentity>>,
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
    let by_line = rows::split(text, "tests").and_then(|split| rows::read_json(&split.rows));
    let tests: Vec<TestIdentity> = match by_line {
        Some(tests) => tests,
        None => {
            let file: File = serde_yaml::from_str(text)?;
            check_format(file.format)?;
            file.tests.unwrap_or_default()
        }
    };
    Ok(tests
        .into_iter()
        .map(|test| (test.test.clone(), test))
        .collect())
}

#[derive(Serialize, Deserialize)]
struct CasesFile {
    format: u32,
    #[serde(default)]
    cases: BTreeMap<String, String>,
}

/// Writes `cases.yaml`: each documented case with a result → the SHA-256 of its text as executed.
pub fn write_cases(cases: &BTreeMap<String, String>) -> Vec<u8> {
    let mut out = String::from("format: 1\ncases:");
    if cases.is_empty() {
        out.push_str(" {}");
    }
    for (case, digest) in cases {
        out.push_str(&format!("\n  {}: {}", rows::line(case), rows::line(digest)));
    }
    out.push('\n');
    out.into_bytes()
}

/// Reads `cases.yaml`.
pub fn read_cases(bytes: &[u8]) -> Result<BTreeMap<String, String>, ShardError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
    let file: CasesFile = serde_yaml::from_str(text)?;
    check_format(file.format)?;
    Ok(file.cases)
}

fn check_format(format: u32) -> Result<(), ShardError> {
    if format > 1 {
        Err(ShardError::Format(format))
    } else {
        Ok(())
    }
}

fn append_rows<T: Serialize>(out: &mut Vec<u8>, rows: &[T]) {
    for row in rows {
        out.extend(b"- ");
        rows::write_line(out, row).expect("writing to memory does not fail");
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    #[test]
    fn files_read_as_written() {
        let environment = [("os".to_owned(), "linux".to_owned())]
            .into_iter()
            .collect();
        let outcome = Outcome {
            id: "a".into(),
            status: Status::Broken,
            ..Outcome::default()
        };
        let outcomes = Outcomes {
            environments: vec![environment],
            outcomes: vec![outcome],
        };
        assert_eq!(Outcomes::read(&outcomes.write()).expect("reads"), outcomes);
        let empty = Outcomes::default();
        assert_eq!(Outcomes::read(&empty.write()).expect("reads"), empty);
        let test = TestIdentity {
            test: "d".into(),
            name: "n".into(),
            ..TestIdentity::default()
        };
        let tests = read_tests(&write_tests(std::slice::from_ref(&test))).expect("reads");
        assert_eq!(tests["d"], test);
    }

    #[test]
    fn case_ids_stay_texts() {
        let cases: BTreeMap<String, String> = [
            ("1".to_owned(), "e".repeat(64)),
            ("null".to_owned(), "0".repeat(64)),
        ]
        .into();
        let written = write_cases(&cases);
        assert_eq!(read_cases(&written).expect("reads"), cases);
        assert_eq!(
            read_cases(&write_cases(&BTreeMap::new())).expect("reads"),
            BTreeMap::new()
        );
    }
}
