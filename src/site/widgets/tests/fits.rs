//! What queries narrow, what stands in several groups, and what nothing fits.

use super::*;

#[test]
fn flips_are_those_of_the_tests_that_fit() {
    // Of each two neighbours: none of three differ, three of three, one of one.
    let world = World::of(&["pppp", "pfpf", "--pf"]);
    let rates =
        |query: &str| drawn(&world.show(&format!("kind: metric, metric: flip_rate{query}")));
    assert_eq!(rates(""), "flip rate[- 50.0 % 50.0 % 57.1 %]");
    assert_eq!(rates(", query: case = S-0"), "flip rate[- 0 % 0 % 0 %]");
    assert_eq!(
        rates(", query: case = S-1"),
        "flip rate[- 100 % 100 % 100 %]"
    );
    // A test counts where its result in that launch fits, with what it did before.
    assert_eq!(
        rates(", query: status = failed"),
        "flip rate[- 100 % - 100 %]"
    );
    let nothing = world.show("kind: metric, metric: flip_rate, query: case = S-9");
    assert_eq!(
        nothing.finding,
        "Flip rate: nothing to measure in the last 4 launches of main"
    );
}

/// Three cases with five tags, some with several; all but the first failed.
fn tagged() -> World {
    let mut world = World::of(&["p", "f", "f"]);
    for (case, tags) in world.cases.iter_mut().zip(["a", "abc", "bcde"]) {
        case.tags = tags.chars().map(String::from).collect();
    }
    world
}

#[test]
fn others_are_counted_once_each() {
    let world = tagged();
    let pie = |limit: u64| drawn(&world.show(&format!("kind: pie, by: tag, limit: {limit}")));
    assert_eq!(pie(5), "a=2 b=2 c=2 d=1 e=1");
    // Both cases that have the tags left over, though these have six places for them.
    assert_eq!(pie(3), "a=2 b=2 3 others=2");
    assert_eq!(pie(1), "a=2 4 others=2");
    let shown = world.show("kind: pie, by: tag, limit: 1");
    let shares = { shown.table.rows.iter() }.map(|row| row.cells[2].as_str());
    assert_eq!(shares.collect::<Vec<_>>(), ["66.6 %", "66.6 %"]);
    let tree = world.show("kind: tree_map, by: tag, limit: 2");
    let counts = tree.table.rows[1].counts.expect("a tally");
    assert_eq!((counts.total(), counts.failures()), (2, 2));
}

#[test]
fn findings_name_groups_and_never_others() {
    let world = tagged();
    let said = |widget: &str| world.show(widget).finding;
    assert_eq!(
        said("kind: pie, by: title, limit: 1"),
        "33.3 % of 3 documented cases have title “Case 0”"
    );
    // Tags b and c stand behind the others here.
    assert_eq!(
        said("kind: tree_map, by: tag, limit: 1"),
        "Tag “b” and 1 more have most failures, 2 each"
    );
    let world = World::of(&["p", "f", "f", "p", "p"]);
    let said = |widget: &str| world.show(widget).finding;
    assert_eq!(
        said("kind: tree_map, by: title, limit: 2"),
        "Title “Case 1” and 1 more have most failures, 1 each"
    );
    assert_eq!(
        said("kind: tree_map, by: owner"),
        "No owner has most failures, 2 of 4"
    );
}

#[test]
fn results_are_grouped_by_what_they_have() {
    let world = World::of(&TESTS);
    assert_eq!(
        world.show("kind: tree_map, of: results").measure,
        "5 results by suite of Nightly 4, 5 Nov 2026; coloured by whether any ended badly last"
    );
    for kind in WidgetKind::ALL {
        for of in kind.subjects() {
            let Some(by) = kind.by(Some(*of)) else {
                continue;
            };
            let context = crate::query::Context {
                now: start(),
                user: None,
            };
            let found = crate::query::field(by, of.schema(), &context);
            assert!(found.is_ok(), "{kind:?} of {of:?} by {by}");
        }
    }
}

#[test]
fn what_nothing_fits_is_said_to_be_empty() {
    let world = World::of(&TESTS);
    let none =
        "nothing: No result fits; Widen the widget's query, or wait for a launch that has some";
    for widget in [
        "kind: statistic_trend",
        "kind: automation_trend",
        "kind: growth",
        "kind: transitions",
        "kind: mute_trend",
        "kind: duration_trend",
    ] {
        let shown = world.show(&format!("{widget}, query: case = S-9"));
        assert_eq!(drawn(&shown), none, "{widget}");
    }
    let said = |widget: &str| drawn(&world.show(widget));
    // Waiting makes neither cases nor mutes.
    assert_eq!(
        said("kind: pie, by: layer, query: layer = no"),
        "nothing: No documented case fits; Widen the widget's query"
    );
    assert_eq!(
        said("kind: pie, of: mutes, by: owner"),
        "nothing: No mute yet; `tallybook mute new` makes one of a failure"
    );
    let failures = world.show("kind: age_pyramid, query: case = S-0");
    assert_eq!(failures.finding, "Nothing that fits fails in Nightly 4");
    let failures = world.show("kind: age_pyramid, query: case = S-9");
    assert_eq!(failures.finding, "No result of Nightly 4 fits");
}

#[test]
fn a_time_without_launches_is_a_gap() {
    let mut world = World::of(&["ph", "pp"]);
    let at = Timestamp::from_ms(world.opened[0].at.ms() - 2 * DAY);
    world.opened[0] = Opened::now(at, None);
    world.past = Some(world.history());
    let shown = world.show("kind: automation_trend, interval: day");
    assert_eq!(drawn(&shown), "by machines[2 - - 1 -] by hand[0 - - 1 -]");
    let row = &shown.table.rows[1];
    assert_eq!(row.cells.join("|"), "1 Nov 2026, no launch||||");
    assert_eq!(row.target, None);
    let shown = world.show("kind: statistic_trend, interval: day");
    assert_eq!(shown.table.rows[1].cells[0], "1 Nov 2026, no launch");
}
