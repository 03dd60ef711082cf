//! What an append can't do without: read every file, take its SHA-256, parse results into types,
//! copy attachments. No intake, no rows, no syncs.

use std::path::Path;

use rayon::prelude::*;
use serde::Deserialize;
use tallybook::base::{Digest, files};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Result {
    uuid: String,
    history_id: String,
    test_case_id: String,
    full_name: String,
    name: String,
    status: String,
    stage: String,
    start: u64,
    stop: u64,
    status_details: Details,
    labels: Vec<Pair>,
    parameters: Vec<Pair>,
    links: Vec<Link>,
    steps: Vec<Step>,
    attachments: Vec<Attachment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    message: String,
    trace: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Link {
    name: String,
    url: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Step {
    name: String,
    status: String,
    start: u64,
    stop: u64,
    status_details: Details,
    parameters: Vec<Pair>,
    steps: Vec<Step>,
    attachments: Vec<Attachment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attachment {
    name: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
}

/// Does it once, and returns how many results there were. The copies go to `out`.
pub(crate) fn run(folder: &Path, out: &Path) -> usize {
    let entries = files::list_dir(folder).expect("the folder lists");
    let results = entries.par_iter().filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let bytes = files::read(&entry.path()).expect("the file reads");
        let digest = Digest::of(&bytes);
        if name.ends_with("-result.json") {
            let result: Result = serde_json::from_slice(&bytes).expect("a result parses");
            divan::black_box(&result);
            return true;
        }
        if name.contains("-attachment") {
            files::write(&out.join(digest.to_string()), &bytes).expect("the copy is written");
        }
        false
    });
    results.count()
}
