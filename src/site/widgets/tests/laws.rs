//! Laws that hold for any project.

use proptest::prelude::*;

use super::*;

fn tests() -> impl Strategy<Value = Vec<String>> {
    let letters = proptest::string::string_regex("[pfbsumkhPF-]{0,6}").expect("a regex");
    proptest::collection::vec(letters, 0..7)
}

fn sum(shown: &Shown) -> f64 {
    shown.marks().iter().map(|mark| mark.value).sum()
}

proptest! {
    #[test]
    fn totals_add_up_in_every_grouping(tests in tests()) {
        let letters: Vec<&str> = tests.iter().map(String::as_str).collect();
        let world = World::of(&letters);
        let launches = world.outcomes.len();
        let last = world.outcomes.last().map_or(0, Vec::len) as f64;
        let all: usize = world.outcomes.iter().map(Vec::len).sum();
        for by in ["status", "layer", "owner", "flaky", "case", "duration"] {
            for kind in ["pie", "tree_map"] {
                let shown = world.show(&format!("kind: {kind}, of: results, by: {by}, limit: 2"));
                prop_assert_eq!(sum(&shown), last, "{} by {}", kind, by);
            }
            let shown = world.show(&format!("kind: pyramid, by: {by}"));
            prop_assert_eq!(sum(&shown), last, "pyramid by {}", by);
        }
        for widget in ["last_launch", "durations"] {
            prop_assert_eq!(sum(&world.show(&format!("kind: {widget}"))), last, "{}", widget);
        }
        for widget in ["launch_trend, last: 200", "statistic_trend", "automation_trend"] {
            if launches > 0 {
                prop_assert_eq!(sum(&world.show(&format!("kind: {widget}"))), all as f64, "{}", widget);
            }
        }
        let cases = world.show("kind: pie, by: layer");
        prop_assert_eq!(sum(&cases), world.cases.len() as f64);
    }

    #[test]
    fn a_table_has_the_numbers_of_its_figure(tests in tests()) {
        let letters: Vec<&str> = tests.iter().map(String::as_str).collect();
        let world = World::of(&letters);
        for widget in one_of_each() {
            let shown = world.show(&widget);
            let columns = shown.table.columns.len();
            for row in &shown.table.rows {
                prop_assert_eq!(row.cells.len(), columns, "{}", &widget);
            }
            for mark in shown.marks() {
                prop_assert!(mark.value.is_finite() && !mark.label.is_empty() && !mark.text.is_empty());
            }
            prop_assert_eq!(shown.marks().is_empty() || !shown.table.rows.is_empty(), true);
        }
    }
}
