//! What a failure may be: defects that equal or similar failures were linked to before.

use std::collections::{BTreeMap, HashMap};

use super::clusters::{Failure, Shingles};

/// From which similarity on a failure is like another one.
const SIMILAR: f64 = 0.6;
/// How many different failures with a defect are compared by their words.
const COMPARED: usize = 2_000;
/// How many defects are suggested.
const SUGGESTED: usize = 3;

/// Failures of earlier launches, by what they say.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    by_fingerprint: HashMap<String, Remembered>,
    /// Those with a defect, in the order of their coming: fingerprint and words.
    linked: Vec<(String, Shingles)>,
}

#[derive(Clone, Debug, Default)]
struct Remembered {
    /// Indices of launches, ascending.
    launches: Vec<usize>,
    /// How many failures were linked to each defect.
    defects: BTreeMap<String, u64>,
}

/// A defect that a failure may belong to.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub defect: String,
    pub reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// That many failures with the same fingerprint were linked to it.
    Same { failures: u64 },
    /// A failure that was linked to it has so many of the same words, 0 to 1.
    Similar { share: f64 },
}

impl Memory {
    /// Takes a failure of a launch; launches come in ascending order.
    pub fn remember(&mut self, launch: usize, failure: &Failure<'_>, defect: Option<&str>) {
        let fingerprint = failure.fingerprint();
        let known = self.by_fingerprint.entry(fingerprint.clone()).or_default();
        if known.launches.last() != Some(&launch) {
            known.launches.push(launch);
        }
        let Some(defect) = defect else { return };
        if known.defects.is_empty() && self.linked.len() < COMPARED {
            self.linked.push((fingerprint, failure.shingles()));
        }
        *known.defects.entry(defect.to_owned()).or_default() += 1;
    }

    /// Returns the launches that had a failure with a fingerprint, ascending.
    pub fn launches(&self, fingerprint: &str) -> &[usize] {
        let known = self.by_fingerprint.get(fingerprint);
        known.map_or(&[], |known| &known.launches)
    }

    /// Returns the defects that a failure may belong to, the likeliest first: those of equal failures,
    /// then those of similar ones.
    pub fn suggest(&self, failure: &Failure<'_>) -> Vec<Suggestion> {
        let fingerprint = failure.fingerprint();
        let mut found: Vec<Suggestion> = Vec::new();
        if let Some(known) = self.by_fingerprint.get(&fingerprint) {
            let same = known.defects.iter().map(|(defect, failures)| Suggestion {
                defect: defect.clone(),
                reason: Reason::Same {
                    failures: *failures,
                },
            });
            found.extend(same);
        }
        let words = failure.shingles();
        let mut similar: BTreeMap<&str, f64> = BTreeMap::new();
        for (other, shingles) in &self.linked {
            let share = words.similarity(shingles);
            if share < SIMILAR || *other == fingerprint {
                continue;
            }
            for defect in self.by_fingerprint[other].defects.keys() {
                let best = similar.entry(defect).or_default();
                *best = best.max(share);
            }
        }
        let is_known = |defect: &str| found.iter().any(|one| one.defect == defect);
        let similar: Vec<Suggestion> = similar
            .into_iter()
            .filter(|(defect, _)| !is_known(defect))
            .map(|(defect, share)| Suggestion {
                defect: defect.to_owned(),
                reason: Reason::Similar { share },
            })
            .collect();
        found.extend(similar);
        let weight = |suggestion: &Suggestion| match suggestion.reason {
            Reason::Same { failures } => 1.0 + failures as f64,
            Reason::Similar { share } => share,
        };
        found.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        found.truncate(SUGGESTED);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(message: &str) -> Failure<'_> {
        Failure {
            message: Some(message),
            ..Failure::default()
        }
    }

    #[test]
    fn equal_failures_come_before_similar_ones() {
        let mut memory = Memory::default();
        let refused = "payment of order 1 was refused by the sandbox of the bank";
        memory.remember(0, &failure(refused), Some("DEF-1"));
        memory.remember(0, &failure(refused), Some("DEF-1"));
        let post = "payment of order 1 was refused by the sandbox of the post";
        memory.remember(1, &failure(post), Some("DEF-2"));
        memory.remember(1, &failure("a mail about nothing at all"), Some("DEF-3"));
        memory.remember(
            2,
            &failure("payment of order 17 was refused by the sandbox of the bank"),
            None,
        );
        let asked = failure("payment of order 99 was refused by the sandbox of the bank");
        assert_eq!(memory.launches(&asked.fingerprint()), [0, 2]);
        let found = memory.suggest(&asked);
        assert_eq!(found[0].defect, "DEF-1");
        assert_eq!(found[0].reason, Reason::Same { failures: 2 });
        assert!(matches!(found[1].reason, Reason::Similar { share } if share > 0.7));
        assert_eq!((found[1].defect.as_str(), found.len()), ("DEF-2", 2));
        assert_eq!(memory.suggest(&failure("")), []);
    }
}
