//! Pairs of edits, one on each side.

use super::edits::{At, BASES, Base, Edit};
use super::laws;
use super::*;

/// Edits of different places that collide all the same, since one of them removes what the other changes.
const COLLIDING: &[(&str, &str)] = &[
    (
        "remove the second step",
        "expect something of the second step",
    ),
    ("remove the second step", "give the second step data"),
];

/// Every pair of edits of one file, an edit with itself among them.
fn pairs() -> impl Iterator<Item = (&'static Base, &'static Edit, &'static Edit)> {
    BASES.iter().flat_map(|base| {
        let numbered = || base.edits.iter().enumerate();
        numbered()
            .flat_map(move |(n, one)| base.edits[n..].iter().map(move |other| (base, one, other)))
    })
}

fn collide(one: &Edit, other: &Edit) -> bool {
    let named = COLLIDING
        .iter()
        .any(|(a, b)| [one.0, other.0] == [*a, *b] || [one.0, other.0] == [*b, *a]);
    // What is made on both sides alike is one edit.
    let is_same = one.0 == other.0 && !one.2.1.contains('%');
    let is_one = |at: At| matches!(at, At::One(_));
    (named || one.1 == other.1 && is_one(one.1)) && !is_same
}

#[test]
fn pairs_of_edits_merge_as_they_mean() {
    let mut count = 0;
    let mut commuting = 0;
    for (base, one, other) in pairs() {
        let name = format!("{}: {} | {}", base.path, one.0, other.0);
        let make = |edit: &Edit, word| edit.make(base.text, word).expect(&name);
        let (ours, theirs) = (make(one, "amber"), make(other, "birch"));
        let versions = Versions {
            base: base.text,
            ours: &ours,
            theirs: &theirs,
        };
        let merged = merge(base.path, &versions);
        let text = merged.to_text(&Markers::default());
        assert_eq!(merged.method, Method::Meaning, "{name}");
        assert_eq!(
            merged.conflicts() > 0,
            collide(one, other),
            "{name}\n{text}"
        );
        laws::hold(base.path, &versions)
            .unwrap_or_else(|broken| panic!("{name}: {broken}\n{text}"));
        count += 1;
        // Where the order of making them does not matter, merging is making both.
        let both = [(&ours, other, "birch"), (&theirs, one, "amber")];
        let [first, second] = both.map(|(text, edit, word)| edit.make(text, word));
        let is_form = [one.1, other.1].iter().any(|at| matches!(at, At::Form(_)));
        if let (Some(first), true, 0, false) =
            (&first, first == second, merged.conflicts(), is_form)
        {
            assert_eq!(&text, first, "{name}");
            commuting += 1;
        }
    }
    assert!(count >= 700 && commuting >= 500, "{count}, {commuting}");
}
