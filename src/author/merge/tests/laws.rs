//! What holds of all merges.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::edits::BASES;
use super::*;

/// Says which law a merge breaks.
pub(super) fn hold(path: &str, versions: &Versions<'_>) -> Result<(), String> {
    let Versions { base, ours, theirs } = *versions;
    let of = |base, ours, theirs| merge(path, &Versions { base, ours, theirs });
    let plain = |merged: &Merged| merged.to_text(&Markers::default());
    for side in [ours, theirs] {
        for merged in [of(side, side, theirs), of(side, theirs, side)] {
            if plain(&merged) != theirs {
                return Err("a side that changed nothing counts".to_owned());
            }
        }
        if plain(&of(base, side, side)) != side {
            return Err("equal sides are not taken as they are".to_owned());
        }
    }
    let merged = of(base, ours, theirs);
    let text = plain(&merged);
    let markers = Markers {
        ours: "theirs",
        theirs: "ours",
        ..Markers::default()
    };
    if swapped(&of(base, theirs, ours).to_text(&markers)) != text {
        return Err("it matters which side is ours".to_owned());
    }
    if merged.conflicts() == 0 {
        let path = place_of(path).unwrap_or(path);
        let known = &codes(path, ours) | &codes(path, theirs);
        let new: Vec<_> = codes(path, &text).difference(&known).copied().collect();
        if !new.is_empty() {
            return Err(format!("what was merged cleanly has {new:?}"));
        }
    }
    let (old, merged) = (words(base), words(&text));
    for side in [ours, theirs] {
        if let Some(lost) = words(side)
            .difference(&old)
            .find(|word| !merged.contains(*word))
        {
            return Err(format!("`{lost}` is lost"));
        }
    }
    Ok(())
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_alphanumeric()).collect()
}

/// Swaps the sides of all conflicts.
fn swapped(text: &str) -> String {
    let mut out = String::new();
    let (mut head, mut first, mut second) = (None, String::new(), String::new());
    let mut is_second = false;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") {
            head = Some(line);
        } else if line.starts_with("=======") && head.is_some() {
            is_second = true;
        } else if line.starts_with(">>>>>>> ") && head.is_some() {
            let head = head.take().expect("opened");
            let end = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
            let (opening, closing) = (line.replace('>', "<"), head.replace('<', ">"));
            out.push_str(&format!("{opening}{second}======={end}{first}{closing}"));
            (first, second, is_second) = (String::new(), String::new(), false);
        } else if head.is_none() {
            out.push_str(line);
        } else if is_second {
            second.push_str(line);
        } else {
            first.push_str(line);
        }
    }
    out
}

/// What is done to the lines of a file.
#[derive(Clone, Debug)]
enum Change {
    Remove(usize),
    Insert(usize, String),
    Replace(usize, String),
    Move(usize, usize),
    Append(usize, String),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let line = "(   )?(1\\. |- |- \\*\\*Expected:\\*\\* |- \\*\\*Data:\\*\\* |## |)[x-z]{2}w( [x-z]{2}w)?|[a-d]{1,2}: (\\[[x-z]w(, [x-z]w)?\\]|[x-z]w)|  - [x-z]w|# [x-z]w|";
    let change = prop_oneof![
        (0..60usize).prop_map(Change::Remove),
        (0..60usize, line).prop_map(|(at, line)| Change::Insert(at, line)),
        (0..60usize, line).prop_map(|(at, line)| Change::Replace(at, line)),
        (0..60usize, 0..60usize).prop_map(|(at, to)| Change::Move(at, to)),
        (0..60usize, " [x-z]{2}w").prop_map(|(at, word)| Change::Append(at, word)),
    ];
    proptest::collection::vec(change, 0..4)
}

fn apply(text: &str, changes: &[Change]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for change in changes {
        let len = lines.len().max(1);
        match change {
            Change::Remove(at) if !lines.is_empty() => drop(lines.remove(at % len)),
            Change::Insert(at, line) => lines.insert(at % (lines.len() + 1), line.clone()),
            Change::Replace(at, line) if !lines.is_empty() => lines[at % len].clone_from(line),
            Change::Append(at, word) if !lines.is_empty() => lines[at % len].push_str(word),
            Change::Move(at, to) if !lines.is_empty() => {
                let line = lines.remove(at % len);
                lines.insert(to % (lines.len() + 1), line);
            }
            _ => {}
        }
    }
    lines.join("\n") + "\n"
}

/// Gives the words that a side brings a letter of its own.
fn named(change: &Change) -> Change {
    let own = |text: &String| text.replace('w', "v");
    match change {
        Change::Insert(at, line) => Change::Insert(*at, own(line)),
        Change::Replace(at, line) => Change::Replace(*at, own(line)),
        Change::Append(at, word) => Change::Append(*at, own(word)),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_laws_hold_for_lines_that_people_change(
        file in 0..BASES.len(),
        ours in changes(),
        theirs in changes(),
        is_crlf in (any::<bool>(), any::<bool>(), any::<bool>()),
        is_alike in any::<bool>(),
    ) {
        let base = &BASES[file];
        let ends = |text: String, is_crlf: bool| if is_crlf { text.replace('\n', "\r\n") } else { text };
        let theirs = match is_alike {
            true => theirs,
            false => theirs.iter().map(named).collect(),
        };
        let text = base.text.to_owned();
        let (ours, theirs) = (apply(&text, &ours), apply(&text, &theirs));
        let (text, ours, theirs) = (ends(text, is_crlf.0), ends(ours, is_crlf.1), ends(theirs, is_crlf.2));
        let versions = Versions { base: &text, ours: &ours, theirs: &theirs };
        let held = hold(base.path, &versions);
        let out = merge(base.path, &versions).to_text(&Markers::default());
        prop_assert!(held.is_ok(), "{}\n--- ours\n{ours}\n--- theirs\n{theirs}\n--- merged\n{out}", held.unwrap_err());
    }

    #[test]
    fn the_laws_hold_for_any_lines(
        base in "([a-c]: [a-c]\n|- [a-c]\n|\n|## [a-c]\n|1\\. [a-c]\n|---\n|   1\\. a\n|é\r\n){0,12}[a-c]?",
        ours in "([a-c]: [a-c]\n|- [a-c]\n|\n|## [a-c]\n|1\\. [a-c]\n|---\n|   1\\. a\n|é\r\n){0,12}[a-c]?",
        theirs in "([a-c]: [a-c]\n|- [a-c]\n|\n|## [a-c]\n|1\\. [a-c]\n|---\n|   1\\. a\n|é\r\n){0,12}[a-c]?",
        front in any::<bool>(),
    ) {
        let of = |text: String| if front { format!("---\nid: A\ntitle: T\n---\n{text}") } else { text };
        let (base, ours, theirs) = (of(base), of(ours), of(theirs));
        let versions = Versions { base: &base, ours: &ours, theirs: &theirs };
        for path in [CASE, "projects/shop/plans/x.yaml", "elsewhere.txt"] {
            let held = hold(path, &versions);
            let out = merge(path, &versions).to_text(&Markers::default());
            prop_assert!(held.is_ok(), "{path}: {}\n--- ours\n{ours}\n--- theirs\n{theirs}\n--- merged\n{out}", held.unwrap_err());
        }
    }
}
