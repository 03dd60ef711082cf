//! `outcomes.yaml`, `tests.yaml` and `cases.yaml` of a closed launch.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::ShardError;
use super::rows;
use super::shard::from_yaml;
use crate::model::{Brief, Briefs, Environment, Flag, Outcome, Status, TestIdentity, number};

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
            let header: OutcomesFile = from_yaml(split.header).ok()?;
            Some((header, Some(rows::read_json(&split.rows)?)))
        });
        let (header, outcomes) = match by_line {
            Some((header, outcomes)) => (header, outcomes),
            None => {
                let mut file: OutcomesFile = from_yaml(text)?;
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

/// Reads from `outcomes.yaml` what history needs.
pub fn read_briefs(bytes: &[u8]) -> Result<Briefs, ShardError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
    let by_line = rows::split(text, "outcomes").and_then(|split| {
        let header: OutcomesFile = from_yaml(split.header).ok()?;
        let rows: Option<Vec<BriefRow<'_>>> = split
            .rows
            .iter()
            .map(|row| serde_json::from_str(row).ok())
            .collect();
        Some((header, rows?))
    });
    let Some((header, rows)) = by_line else {
        let all = Outcomes::read(bytes)?;
        return Ok(Briefs::of(&all.environments, &all.outcomes));
    };
    check_format(header.format)?;
    let mut briefs = Briefs {
        environments: header.environments,
        outcomes: Vec::with_capacity(rows.len()),
        ..Briefs::default()
    };
    let mut known = HashMap::new();
    for row in &rows {
        let mut brief = row.brief();
        if let Some(case) = row.case.as_deref() {
            brief.case = *known.entry(case).or_insert_with(|| briefs.add_case(case));
        }
        briefs.outcomes.push(brief);
    }
    Ok(briefs)
}

/// What history needs of a row, borrowed from it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct BriefRow<'a> {
    #[serde(borrow)]
    test: Cow<'a, str>,
    #[serde(borrow)]
    params: Cow<'a, str>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    env: u32,
    #[serde(borrow)]
    case: Option<Cow<'a, str>>,
    status: Status,
    duration: Option<u64>,
    flags: Flags,
}

impl BriefRow<'_> {
    /// Returns the brief, its case apart.
    fn brief(&self) -> Brief {
        let mut brief = Brief::new(&self.test, &self.params, self.name.as_deref(), self.status);
        brief.env = self.env;
        brief.set_duration(self.duration);
        self.flags
            .0
            .iter()
            .flatten()
            .for_each(|flag| brief.set(*flag));
        brief
    }
}

/// A list of flags without an allocation.
#[derive(Default)]
struct Flags([Option<Flag>; 6]);

impl<'de> Deserialize<'de> for Flags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Flags;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of flags")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Flags, A::Error> {
                let mut flags = Flags::default();
                let mut free = flags.0.iter_mut();
                while let Some(flag) = list.next_element()? {
                    if let Some(free) = free.next() {
                        *free = Some(flag);
                    }
                }
                Ok(flags)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// `tests.yaml`, of which single rows are read when they are asked for.
#[derive(Debug, Default)]
pub struct TestsIndex {
    text: String,
    /// By the number of the digest: where its row is.
    rows: HashMap<u64, (usize, usize)>,
    /// Where the file is not one row a line.
    whole: Vec<TestIdentity>,
}

impl TestsIndex {
    /// Indexes the file.
    pub fn read(bytes: Vec<u8>) -> Result<Self, ShardError> {
        let text = String::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
        let mut rows = HashMap::new();
        let is_by_line = rows::split(&text, "tests").is_some_and(|split| {
            split.rows.iter().all(|row| {
                let start = row.as_ptr() as usize - text.as_ptr() as usize;
                let digest = row
                    .strip_prefix("{\"test\": \"")
                    .and_then(|rest| rest.split_once('"'));
                let digest = digest
                    .map(|(digest, _)| digest)
                    .filter(|digest| !digest.contains('\\'));
                digest
                    .map(|digest| rows.insert(number(digest), (start, start + row.len())))
                    .is_some()
            })
        });
        if is_by_line {
            return Ok(Self {
                text,
                rows,
                whole: Vec::new(),
            });
        }
        Ok(Self {
            whole: read_tests(text.as_bytes())?.into_values().collect(),
            ..Self::default()
        })
    }

    /// Returns the words for a test, by the number of its digest; none too where the row does not read.
    pub fn get(&self, test: u64) -> Option<TestIdentity> {
        match self.rows.get(&test) {
            Some((start, end)) => serde_json::from_str(&self.text[*start..*end]).ok(),
            None => self
                .whole
                .iter()
                .find(|known| number(&known.test) == test)
                .cloned(),
        }
    }
}

/// Reads `tests.yaml` and returns the case that `find` has for each test for which it has one, by the number of the
/// test's digest.
pub fn match_tests(
    bytes: &[u8],
    find: impl Fn(&[String], Option<&str>) -> Option<String> + Sync,
) -> Result<Vec<(u64, String)>, ShardError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ShardError::NotUtf8)?;
    let matched = |test: &TestIdentity| {
        let case = find(&test.ids, test.full_name.as_deref());
        (number(&test.test), case)
    };
    let by_line = rows::split(text, "tests").and_then(|split| {
        let rows = split.rows.par_iter().with_min_len(64);
        rows.map(|row| Some(matched(&serde_json::from_str(row).ok()?)))
            .collect::<Option<Vec<_>>>()
    });
    let all = match by_line {
        Some(all) => all,
        None => read_tests(bytes)?.values().map(matched).collect(),
    };
    let mut found = BTreeMap::new();
    for (test, case) in all {
        // The last row of a test counts.
        match case {
            Some(case) => drop(found.insert(test, case)),
            None => drop(found.remove(&test)),
        }
    }
    Ok(found.into_iter().collect())
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
            let file: File = from_yaml(text)?;
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
    let file: CasesFile = from_yaml(text)?;
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

    #[test]
    fn single_tests_are_read_when_asked_for() {
        let test = |digest: &str, name: &str| TestIdentity {
            test: digest.into(),
            name: name.into(),
            ..TestIdentity::default()
        };
        let tests = [
            test("00000000000000aa", "a \"quoted\" name"),
            test("odd \\ digest", "b"),
        ];
        for bytes in [
            write_tests(&tests[..1]),
            write_tests(&tests),
            b"format: 1\ntests:\n  - test: 00000000000000aa\n    name: x\n".to_vec(),
        ] {
            let index = TestsIndex::read(bytes.clone()).expect("reads");
            for (digest, identity) in read_tests(&bytes).expect("reads") {
                assert_eq!(index.get(number(&digest)), Some(identity), "{digest}");
            }
            assert_eq!(index.get(7), None);
        }
        assert!(TestsIndex::read(b"format: 9\ntests: []\n".to_vec()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn briefs_are_those_of_the_outcomes(
            rows in proptest::collection::vec(
                ("[0-9a-f]{16}|.{0,8}", "[0-9a-f]{16}|", proptest::option::of("[A-Z]{1,3}"), 0..6_usize, 0..64_u8,
                 proptest::option::of(0..u64::MAX)),
                0..12,
            ),
        ) {
            let outcomes = rows.into_iter().map(|(test, params, case, status, flags, duration)| Outcome {
                test,
                params,
                case,
                duration,
                status: Status::ALL[status],
                flags: [Flag::Muted, Flag::Flaky, Flag::Known, Flag::Overridden, Flag::Retried, Flag::Manual, Flag::Unplanned]
                    .into_iter()
                    .enumerate()
                    .filter(|(bit, _)| flags & (1 << bit) != 0)
                    .map(|(_, flag)| flag)
                    .collect(),
                ..Outcome::default()
            });
            let outcomes = Outcomes {
                environments: vec![Environment::default()],
                outcomes: outcomes.collect(),
            };
            let wanted = Briefs::of(&outcomes.environments, &outcomes.outcomes);
            let written = outcomes.write();
            proptest::prop_assert_eq!(&read_briefs(&written).expect("reads"), &wanted);
            // As somebody might have put it into shape.
            let text = String::from_utf8(written).expect("a text").replace("- {", "-  {");
            proptest::prop_assert_eq!(&read_briefs(text.as_bytes()).expect("reads"), &wanted);
        }
    }
}
