//! How steady a test is: rates over the entries of its track, each with its denominator.

use std::cmp::Ordering;

use crate::model::Status;

/// A share of a whole. Wherever one is shown, so is its denominator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    pub part: u64,
    pub of: u64,
}

impl Rate {
    /// Returns the share, from 0 to 1; none of nothing.
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.part as f64 / self.of as f64)
    }

    /// Orders by the share, that of nothing first.
    pub fn compared(&self, other: &Self) -> Ordering {
        let [own, other] = [self, other].map(|rate| rate.value().unwrap_or(-1.0));
        own.total_cmp(&other)
    }

    /// Returns the shares of two wholes taken together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            part: self.part + other.part,
            of: self.of + other.of,
        }
    }
}

/// Returns whether a status says something of the product or the test.
pub fn is_significant(status: Status) -> bool {
    matches!(status, Status::Passed | Status::Failed | Status::Broken)
}

/// Returns how often neighbours differ in having passed, of all pairs of neighbours. Statuses are
/// passed, failed or broken, oldest first.
pub fn flip_rate(statuses: &[Status]) -> Rate {
    let passed = |status| status == Status::Passed;
    let differ = |pair: &&[Status]| passed(pair[0]) != passed(pair[1]);
    Rate {
        part: statuses.windows(2).filter(differ).count() as u64,
        of: statuses.len().saturating_sub(1) as u64,
    }
}

/// Returns how many passed, of those that passed, failed or broke.
pub fn pass_rate(statuses: &[Status]) -> Rate {
    let significant = statuses.iter().filter(|status| is_significant(**status));
    Rate {
        part: statuses.iter().filter(|s| **s == Status::Passed).count() as u64,
        of: significant.count() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(letters: &str) -> Vec<Status> {
        let status = |letter| match letter {
            'p' => Status::Passed,
            'f' => Status::Failed,
            'b' => Status::Broken,
            _ => Status::Skipped,
        };
        letters.chars().map(status).collect()
    }

    #[test]
    fn worked_examples() {
        for (letters, flips, passes) in [
            ("", (0, 0), (0, 0)),
            ("p", (0, 0), (1, 1)),
            ("pp", (0, 1), (2, 2)),
            ("pf", (1, 1), (1, 2)),
            ("fb", (0, 1), (0, 2)),
            ("pfpf", (3, 3), (2, 4)),
            ("ppffb", (1, 4), (2, 5)),
        ] {
            let statuses = statuses(letters);
            let rate = |(part, of)| Rate { part, of };
            assert_eq!(flip_rate(&statuses), rate(flips), "{letters}");
            assert_eq!(pass_rate(&statuses), rate(passes), "{letters}");
        }
        assert_eq!(pass_rate(&statuses("ps")), Rate { part: 1, of: 1 });
        assert_eq!(Rate::default().value(), None);
    }
}
