//! Which documented case each outcome belongs to, as of today.

use std::collections::{HashMap, HashSet};

use super::Launch;
use crate::analysis::matching::{Match, Matcher};
use crate::model::Brief;

/// The documented case of each outcome, as of today.
#[derive(Default)]
pub(super) struct Cases {
    /// By number.
    pub(super) names: Vec<String>,
    numbers: HashMap<String, u32>,
    /// By launch: the number for each case that it stored, where today has it.
    stored: Vec<Vec<Option<u32>>>,
    /// Today's match of tests that have no stored case, or one that is gone.
    matched: HashMap<u64, u32>,
    /// By launch: the number for each case that it stored, as stored.
    gone: Vec<Vec<u32>>,
}

impl Cases {
    pub(super) fn resolve(launches: &[Launch<'_>], matcher: &Matcher) -> Self {
        let mut cases = Self::default();
        for launch in launches {
            let stored = launch.briefs.cases.iter().map(|case| {
                match matcher.find(std::slice::from_ref(case), None) {
                    Match::Case(case) => Some(cases.number(case)),
                    Match::None | Match::Ambiguous(_) => None,
                }
            });
            let stored = stored.collect();
            cases.stored.push(stored);
        }
        for launch in launches {
            let gone = launch
                .briefs
                .cases
                .iter()
                .map(|case| cases.number(case.clone()));
            let gone = gone.collect();
            cases.gone.push(gone);
        }
        if !matcher.is_empty() {
            let mut asked = Asked::default();
            // What a test is called in the newest launch that has it is what counts.
            for number in (0..launches.len()).rev() {
                cases.match_tests(number, &launches[number], matcher, &mut asked);
            }
        }
        cases
    }

    fn number(&mut self, case: String) -> u32 {
        let next = self.names.len() as u32;
        *self.numbers.entry(case).or_insert_with_key(|case| {
            self.names.push(case.clone());
            next
        })
    }

    fn stored(&self, launch: usize, brief: &Brief) -> Option<u32> {
        let at = brief.case.checked_sub(1)? as usize;
        self.stored[launch].get(at).copied().flatten()
    }

    /// Matches the tests of a launch that nothing is known of yet.
    fn match_tests(
        &mut self,
        number: usize,
        launch: &Launch<'_>,
        matcher: &Matcher,
        asked: &mut Asked,
    ) {
        let outcomes = launch.briefs.outcomes.iter();
        let without = outcomes.filter(|brief| self.stored(number, brief).is_none());
        let unknown = asked.unknown(without.map(|brief| brief.test));
        if unknown.is_empty() {
            return;
        }
        let found = launch.identities.matching(&unknown, matcher);
        let unknown: HashSet<u64> = match found.is_empty() {
            true => HashSet::new(),
            false => unknown.into_iter().collect(),
        };
        for (test, case) in found {
            if unknown.contains(&test) {
                let case = self.number(case);
                self.matched.insert(test, case);
            }
        }
    }

    /// Returns the number of an outcome's case.
    pub(super) fn of(&self, launch: usize, brief: &Brief) -> Option<u32> {
        let known = self.stored(launch, brief);
        let matched = || match self.matched.is_empty() {
            true => None,
            false => self.matched.get(&brief.test).copied(),
        };
        let gone = || {
            let at = brief.case.checked_sub(1)? as usize;
            self.gone[launch].get(at).copied()
        };
        known.or_else(matched).or_else(gone)
    }
}

/// Tests that were asked for already.
#[derive(Default)]
struct Asked {
    tests: HashSet<u64>,
    /// Those of the launch that was looked at last, in its order.
    order: Vec<u64>,
}

/// How many tests in a row may be gone for launches to be of one order still.
const GONE: usize = 8;

impl Asked {
    /// Returns the tests that nobody asked for yet. Launches list tests in one order, so that most are found
    /// beside the one before.
    fn unknown(&mut self, tests: impl Iterator<Item = u64>) -> Vec<u64> {
        let mut unknown = Vec::new();
        let mut order = Vec::with_capacity(self.order.len());
        let mut at = 0;
        for test in tests {
            order.push(test);
            let near = self.order.iter().skip(at).take(GONE);
            match near.copied().position(|known| known == test) {
                Some(gone) => at += gone + 1,
                None if self.tests.insert(test) => unknown.push(test),
                // In another order: the place moves on, so that it is met again sooner or later.
                None => at += 1,
            }
        }
        self.order = order;
        unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn tests_are_asked_for_once(launches in proptest::collection::vec(
            proptest::collection::vec(0..40_u64, 0..40), 0..6)) {
            let (mut asked, mut naive) = (Asked::default(), HashSet::new());
            for launch in launches {
                let wanted: Vec<u64> = launch.iter().copied().filter(|test| naive.insert(*test)).collect();
                proptest::prop_assert_eq!(asked.unknown(launch.into_iter()), wanted);
            }
        }
    }
}
