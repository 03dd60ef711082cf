//! Feeds one of the targets, which the variable `TARGET` names.

#![no_main]

mod harness;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let wanted = std::env::var("TARGET").unwrap_or_default();
    let found = harness::TARGETS.iter().find(|(name, _)| *name == wanted);
    found
        .unwrap_or_else(|| panic!("TARGET names none of the targets: `{wanted}`"))
        .1
});

fuzz_target!(|data: &[u8]| TARGET(data));
