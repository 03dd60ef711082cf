//! Mutes that somebody should look at.

use super::matching::selects;
use super::stability::is_significant;
use super::tracks::{Track, Tracks};
use crate::base::Timestamp;
use crate::base::time::Date;
use crate::model::{Mute, Status};

/// Why a mute wants a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// It holds no more.
    Expired { until: Date },
    /// All that it covers passed in that many launches in a row, the latest ones that ran any of it.
    CanBeLifted { launches: usize },
    /// None of the latest launches, so many, ran anything that it covers.
    CoversNothing { launches: usize },
}

/// Tracks over some launches, and the full names of their tests.
pub(crate) struct Ran<'a> {
    pub tracks: &'a Tracks,
    /// How many launches the tracks run through.
    pub launches: usize,
    pub name: &'a dyn Fn(&Track) -> Option<&'a str>,
}

/// Returns why a mute wants a look. `enough` is how many launches in a row say something.
pub(crate) fn upkeep(mute: &Mute, ran: &Ran<'_>, now: Timestamp, enough: usize) -> Vec<Upkeep> {
    let mut found = Vec::new();
    if let Some(until) = mute.until.filter(|until| until.end() < now) {
        found.push(Upkeep::Expired { until });
    }
    if mute.query.is_some() {
        // What a query covers is known of failures only.
        return found;
    }
    // Per launch: whether anything covered ran, and whether all that ran passed.
    let mut any = vec![false; ran.launches];
    let mut passed = vec![true; ran.launches];
    let mut seen = vec![false; ran.launches];
    for track in ran.tracks.iter().filter(|track| covers(mute, ran, track)) {
        for entry in &track.entries {
            seen[entry.launch()] = true;
            if is_significant(entry.status) {
                any[entry.launch()] = true;
                passed[entry.launch()] &= entry.status == Status::Passed;
            }
        }
    }
    let latest = (0..ran.launches).rev().filter(|launch| any[*launch]);
    let row = latest.take_while(|launch| passed[*launch]).count();
    if row >= enough {
        found.push(Upkeep::CanBeLifted { launches: row });
    }
    if ran.launches >= enough && !seen.iter().rev().take(enough).any(|seen| *seen) {
        found.push(Upkeep::CoversNothing { launches: enough });
    }
    found
}

/// Whether a mute names the case or the test of a track; what its query covers is known of failures only.
pub(crate) fn covers(mute: &Mute, ran: &Ran<'_>, track: &Track) -> bool {
    let by_case = || {
        let case = track.case.as_ref();
        case.is_some_and(|case| mute.cases.contains(case))
    };
    let by_name = || {
        let selector = mute.selector.as_ref();
        selector
            .is_some_and(|selector| (ran.name)(track).is_some_and(|name| selects(selector, name)))
    };
    by_case() || by_name()
}

#[cfg(test)]
mod tests {
    use super::super::tracks::{Known, Launch};
    use super::*;
    use crate::analysis::matching::Matcher;
    use crate::model::{Briefs, Environment, OrderedMap, Outcome};

    fn looked(letters: &str, mute: &Mute, now: &str) -> Vec<Upkeep> {
        let environments = [Environment::default()];
        let briefs: Vec<Briefs> = letters
            .chars()
            .map(|letter| {
                let status = match letter {
                    'p' => Status::Passed,
                    'f' => Status::Failed,
                    's' => Status::Skipped,
                    _ => return Briefs::default(),
                };
                let outcome = Outcome {
                    test: "0000000000000001".into(),
                    status,
                    ..Outcome::default()
                };
                Briefs::of(&environments, &[outcome])
            })
            .collect();
        let known = Known::default();
        let launches: Vec<Launch<'_>> = briefs
            .iter()
            .map(|briefs| Launch {
                briefs,
                identities: &known,
            })
            .collect();
        let cases: [crate::model::Case; 0] = [];
        let tracks = Tracks::new(&launches, &OrderedMap::default(), &Matcher::new(&cases));
        let ran = Ran {
            tracks: &tracks,
            launches: launches.len(),
            name: &|_| Some("auth#x"),
        };
        upkeep(mute, &ran, Timestamp::parse(now).expect("a time"), 3)
    }

    #[test]
    fn worked_examples() {
        let until = Date::parse("2026-11-22").expect("a day");
        let mute = Mute {
            selector: Some("auth#*".into()),
            until: Some(until),
            ..Mute::default()
        };
        let (before, after) = ("2026-11-22T12:00:00Z", "2026-11-23T00:00:00Z");
        for (letters, now, expected) in [
            ("ppf", before, vec![]),
            ("fppp", before, vec![Upkeep::CanBeLifted { launches: 3 }]),
            ("fpp-sp", before, vec![Upkeep::CanBeLifted { launches: 3 }]),
            ("pp", after, vec![Upkeep::Expired { until }]),
            ("f---", before, vec![Upkeep::CoversNothing { launches: 3 }]),
            ("--", before, vec![]),
            ("fsss", before, vec![]),
        ] {
            assert_eq!(looked(letters, &mute, now), expected, "{letters}");
        }
        let other = Mute {
            cases: vec!["SHOP-1".into()],
            until: Some(until),
            ..Mute::default()
        };
        assert_eq!(
            looked("ppp", &other, before),
            [Upkeep::CoversNothing { launches: 3 }]
        );
    }
}
