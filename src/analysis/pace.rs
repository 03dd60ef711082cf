//! How long a test usually takes, and what is slower than its noise.
//!
//! Robust against outliers: median and median absolute deviation, the latter scaled to the standard
//! deviation of a normal distribution (Rousseeuw and Croux, 1993).

/// Fewer durations say nothing.
pub const FEWEST: usize = 5;
/// Differences below that are noise whatever history says, in milliseconds.
const SMALLEST: f64 = 100.0;
/// How many deviations are noise.
const DEVIATIONS: f64 = 3.0;
/// How much of the median is noise: a test that never varied may still do so.
const SHARE: f64 = 0.25;

/// The usual duration of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Milliseconds.
    pub median: u64,
    /// The longest duration that is still usual, in milliseconds.
    pub limit: u64,
    /// How many durations it was computed from.
    pub of: usize,
}

impl Pace {
    /// Computes the pace of durations in milliseconds; none of fewer than [`FEWEST`].
    pub fn of(durations: &[u64]) -> Option<Self> {
        if durations.len() < FEWEST {
            return None;
        }
        let mut values: Vec<f64> = durations.iter().map(|ms| *ms as f64).collect();
        let median = median_of(&mut values);
        let mut distances: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
        let deviation = 1.4826 * median_of(&mut distances);
        let noise = (DEVIATIONS * deviation).max(SHARE * median).max(SMALLEST);
        Some(Self {
            median: median.round() as u64,
            limit: (median + noise).round() as u64,
            of: durations.len(),
        })
    }

    /// Whether a duration in milliseconds is beyond noise.
    pub fn is_slower(&self, duration: u64) -> bool {
        duration > self.limit
    }
}

/// Returns the median; the values, of which there are some, come back sorted.
fn median_of(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_comes_from_history() {
        let pace = |durations: &[u64]| Pace::of(durations);
        assert_eq!(pace(&[100, 100, 100, 100]), None);
        let steady = pace(&[1000, 1010, 990, 1000, 1005]).expect("enough");
        assert_eq!((steady.median, steady.limit, steady.of), (1000, 1250, 5));
        let noisy = pace(&[1000, 2000, 500, 1500, 800, 1200]).expect("enough");
        assert!(!noisy.is_slower(2500) && noisy.is_slower(3000), "{noisy:?}");
        let quick = pace(&[1, 1, 2, 1, 1]).expect("enough");
        assert!(!quick.is_slower(100) && quick.is_slower(102), "{quick:?}");
        let outlier = pace(&[1000, 1000, 1000, 1000, 60_000]).expect("enough");
        assert_eq!(outlier.limit, 1250);
    }
}
