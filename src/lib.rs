//! Test management and test evidence that live in a git repository.
//!
//! The modules stand in floors, low to high. Imports go down only, and modules of one floor don't
//! see each other; `tests/it/floors.rs` holds the code against this order.

pub mod base;

pub mod diag;

pub mod model;

pub mod git;

pub mod ingest;
pub mod store;

pub mod query;

pub mod analysis;

pub mod author;
pub mod integrity;

pub mod exchange;
pub mod ledger;
pub mod review;
pub mod validate;

pub mod doctor;
pub mod site;

pub mod serve;

pub mod cli;
