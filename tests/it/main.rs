//! End-to-end tests: the built binary, real repositories, git itself as the referee.
#![expect(
    clippy::disallowed_methods,
    reason = "tests arrange files and surroundings themselves"
)]

mod agree;
mod approve;
mod attachments;
mod attacks;
mod attestations;
mod beside;
mod branch;
mod branch_views;
mod caches;
mod carried;
mod case_import;
mod cases;
mod cases_adopt;
mod cases_back;
mod cases_moved;
mod cases_written;
mod changes;
#[cfg(unix)]
mod ci;
mod cli;
mod closing;
mod compare;
mod crashes;
mod dashboards;
mod demo;
mod doctor;
mod evidence;
mod exports;
mod failpoints;
mod floors;
mod formats;
mod fuzz;
mod gate;
mod getting_started;
mod history;
mod hooks;
mod hostile;
mod impact;
mod later;
mod launch;
mod leftovers;
mod links;
mod manual;
mod meaning;
mod measures;
mod members;
mod merge;
mod newcomers;
mod outages;
mod places;
mod planned;
mod plans;
mod publish;
mod query;
mod readme;
mod recipes;
mod render;
mod repo;
mod report;
mod requirements;
mod retention;
mod review;
mod roles;
mod run;
mod schema;
mod secrets;
mod serve;
mod shared;
mod shop;
mod signing;
mod site;
mod sitting;
mod sparse;
mod standing;
mod surfaces;
mod synced;
mod terminal;
mod texts;
mod trace;
mod triage;
mod validate;
mod words;

/// A file that isn't declared above would never run.
#[test]
fn every_file_is_declared() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = std::fs::read_to_string(folder.join("main.rs")).expect("main.rs reads");
    for entry in std::fs::read_dir(folder).expect("the folder lists") {
        let path = entry.expect("the entry reads").path();
        if path.extension().is_none_or(|ext| ext != "rs") {
            continue;
        }
        let name = path.file_stem().and_then(|s| s.to_str()).expect("UTF-8");
        let declared = main.lines().any(|line| line == format!("mod {name};"));
        assert!(
            name == "main" || declared,
            "main.rs doesn't declare `mod {name};`"
        );
    }
}
