//! What fuzzing found once is read again: no parser panics, and every account adds up.

#[path = "../../fuzz/harness.rs"]
mod harness;

use std::path::Path;

/// Bytes that a kept input may have.
const LARGEST: u64 = 64 << 10;

#[test]
fn what_was_found_is_read() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut read = 0;
    for (name, feed) in harness::TARGETS {
        let folder = corpora.join(name);
        let listed = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut files: Vec<_> = listed.map(|file| file.expect("listed").path()).collect();
        files.sort();
        assert!(!files.is_empty(), "nothing is kept for `{name}`");
        for file in files {
            let data = std::fs::read(&file).expect("reads");
            assert!(data.len() as u64 <= LARGEST, "{} is large", file.display());
            // A panic says where; this says with what.
            let done = std::panic::catch_unwind(|| feed(&data));
            assert!(done.is_ok(), "{}", file.display());
            read += 1;
        }
    }
    assert!(read > 200, "{read} files are few");
}

#[test]
fn no_corpus_is_left_over() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for folder in std::fs::read_dir(corpora).expect("lists") {
        let name = folder.expect("listed").file_name();
        let is_known = harness::TARGETS.iter().any(|(known, _)| name == *known);
        assert!(is_known, "no target is called {}", name.display());
    }
}
