//! Holds every `crate::` path in the code against the order of floors.

use std::path::{Path, PathBuf};

/// The floors, low to high; modules of one floor don't see each other.
const FLOORS: [&[&str]; 12] = [
    &["base"],
    &["diag"],
    &["model"],
    &["git"],
    &["ingest", "store"],
    &["query"],
    &["analysis"],
    &["author", "integrity"],
    &["exchange", "ledger", "review", "validate"],
    &["doctor", "site"],
    &["serve"],
    &["cli"],
];

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder lists") {
        let path = entry.expect("the entry reads").path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

/// Returns the modules that a text names after `crate::`, groups included.
fn named_modules(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => out.push(std::mem::take(&mut word)),
                    c if depth == 0 => word.push(c),
                    _ => {}
                }
            }
            out.push(word);
        } else {
            out.push(rest.to_owned());
        }
    }
    let first = |path: String| {
        path.trim()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    out.into_iter()
        .map(first)
        .filter(|m| !m.is_empty() && m != "lints")
        .collect()
}

#[test]
fn imports_go_down_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&src).expect("below src");
        let own = relative
            .iter()
            .next()
            .and_then(|p| p.to_str())
            .unwrap_or_default();
        let own = own.trim_end_matches(".rs");
        if matches!(own, "lib" | "main") {
            continue;
        }
        let here = floor_of(own).unwrap_or_else(|| panic!("`{own}` stands on no floor"));
        for module in named_modules(&std::fs::read_to_string(&file).expect("the file reads")) {
            let there = floor_of(&module);
            if module != own && there.is_none_or(|there| there >= here) {
                wrong.push(format!("{} names crate::{module}", relative.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports that don't go down:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn lib_declares_the_floors_in_order() {
    let lib = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    let lib = lib.expect("lib.rs reads");
    let declared = lib
        .lines()
        .filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'));
    let floors: Vec<usize> = declared.map(|m| floor_of(m).expect("a floor")).collect();
    assert!(
        floors.is_sorted(),
        "src/lib.rs declares modules out of order"
    );
}

#[test]
fn the_binary_is_thin() {
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs");
    assert!(
        std::fs::read_to_string(main)
            .expect("main.rs reads")
            .lines()
            .count()
            < 20
    );
}

#[test]
fn groups_are_read() {
    let text = "use crate::{base::{a, b}, model::Status};\nuse crate::diag::Span;";
    assert_eq!(named_modules(text), ["base", "model", "diag"]);
}
