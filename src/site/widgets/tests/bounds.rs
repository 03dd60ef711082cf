//! What is not there, can't be asked, or is longer and stranger than it should be.

use super::*;

#[test]
fn nothing_is_celebrated_without_data() {
    for tests in [
        &[][..],
        &["---"],
        &["s"],
        &["ssss", "ssss"],
        &["p"],
        &["f"],
        &["u", "u"],
    ] {
        let world = World::of(tests);
        for widget in one_of_each() {
            let shown = world.show(&widget);
            if let Figure::Nothing { reason, todo } = &shown.figure {
                assert!(
                    !reason.is_empty() && !todo.is_empty(),
                    "{widget}: {shown:?}"
                );
            } else if !widget.contains("markdown") {
                assert!(
                    !shown.finding.is_empty() && !shown.measure.is_empty(),
                    "{widget}"
                );
            }
            let all = format!("{} {}", shown.finding, drawn(&shown));
            assert!(
                !all.contains("NaN") && !all.contains("inf"),
                "{widget}: {all}"
            );
        }
    }
    let none = World::of(&[]);
    let said = none.show("kind: launch_trend");
    assert_eq!(said.finding, "No closed launch yet");
    let skipped = World::of(&["ss", "ss"]);
    let said = |widget| skipped.show(widget).finding;
    assert_eq!(
        said("kind: last_launch"),
        "Nothing passed or failed in Nightly 2"
    );
    assert_eq!(
        said("kind: launch_trend"),
        "Pass rate: nothing passed or failed yet"
    );
}

#[test]
fn rows_are_read_only_where_they_are_asked_for() {
    let world = World::of(&TESTS);
    for (widget, reads) in [
        ("kind: launch_trend", false),
        ("kind: last_launch, query: muted = false", false),
        ("kind: last_launch, query: feature = x", true),
        ("kind: pyramid", true),
        ("kind: pyramid, by: status", false),
        ("kind: pie, by: layer", false),
        ("kind: pie, by: layer, of: results", true),
    ] {
        let shown = world.show_by(&Silent, widget);
        let refused = shown.finding.starts_with("Results can't be read");
        assert_eq!(refused, reads, "{widget}: {}", shown.finding);
    }
}

#[test]
fn long_and_hostile_names_are_cut_and_made_safe() {
    let mut world = World::of(&TESTS);
    let name = format!("<script>\u{202e}{}", "x".repeat(300));
    world
        .names
        .iter_mut()
        .for_each(|known| known.clone_from(&name));
    for case in &mut world.cases {
        case.title.clone_from(&name);
        case.layer = Some(name.clone());
        case.owner = Some(name.clone());
    }
    world.source.branch = Some(name);
    for widget in one_of_each() {
        let shown = world.show(&widget);
        let mut texts = vec![shown.finding.clone(), shown.measure.clone()];
        texts.extend(shown.marks().into_iter().map(|mark| mark.label.clone()));
        texts.extend(shown.table.rows.iter().flat_map(|row| row.cells.clone()));
        for text in texts {
            assert!(!text.contains('\u{202e}'), "{widget}: {text}");
            assert!(text.chars().count() < 420, "{widget}: {text}");
        }
    }
}

#[test]
fn what_can_t_be_asked_says_why() {
    let world = World::of(&TESTS);
    for (widget, finding) in [
        (
            "kind: pie, by: layr",
            "This can't be asked: cases have no field `layr`",
        ),
        (
            "kind: last_launch, saved: gone",
            "This can't be asked: there is no saved query `gone`",
        ),
        (
            "kind: launch_trend, launches: branch = nowhere",
            "No closed launch fits",
        ),
        (
            "kind: last_launch, query: status = broken",
            "No result of Nightly 4 fits",
        ),
    ] {
        assert_eq!(world.show(widget).finding, finding, "{widget}");
    }
}
