//! Durations and times as JUnit's writers have them.

use chrono::{DateTime, NaiveDateTime};

use crate::base::Timestamp;

/// A year of milliseconds: the longest duration that is believed.
const LONGEST: f64 = 365.0 * 86_400_000.0;

/// Reads durations of one file, in which commas mean one thing throughout.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Durations {
    /// A point was seen as the sign of decimals.
    points: bool,
}

impl Durations {
    /// Reads decimal seconds as milliseconds; none for an empty text, `NaN` or no number.
    pub(super) fn parse(&mut self, text: &str) -> Option<u64> {
        let text = text.trim();
        let plain = self.plain(text);
        let seconds: f64 = plain.parse().ok().filter(|s: &f64| s.is_finite())?;
        self.points |= text.contains('.') && !text.contains(',');
        Some((seconds * 1000.0).round().clamp(0.0, LONGEST) as u64)
    }

    /// Brings `1,234.567`, `1.234,567` and `0,123` to a point for decimals and no commas.
    fn plain(&self, text: &str) -> String {
        let Some(comma) = text.rfind(',') else {
            return text.to_owned();
        };
        match text.rfind('.') {
            Some(point) if point > comma => text.replace(',', ""),
            Some(_) => text.replace('.', "").replace(',', "."),
            None if self.groups_thousands(text, comma) => text.replace(',', ""),
            None => text.replace(',', "."),
        }
    }

    /// Whether commas alone group thousands: several of them, or one in a file that has points.
    fn groups_thousands(&self, text: &str, comma: usize) -> bool {
        let several = text.matches(',').count() > 1;
        let whole = text[..comma].trim_start_matches('-');
        several || self.points && text.len() - comma == 4 && !whole.starts_with('0')
    }
}

/// Reads a time; says whether its zone is assumed to be UTC.
pub(super) fn timestamp(text: &str) -> Option<(Timestamp, bool)> {
    let text = text.trim();
    if let Some(epoch) = epoch(text) {
        return Some((epoch, false));
    }
    let zoned = text.replacen(' ', "T", 1);
    let zoned = DateTime::parse_from_rfc3339(&zoned)
        .or_else(|_| DateTime::parse_from_str(&zoned, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %z"))
        .or_else(|_| DateTime::parse_from_rfc2822(text));
    if let Ok(time) = zoned {
        return Some((Timestamp::from_ms(time.timestamp_millis()), false));
    }
    [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
    ]
    .iter()
    .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    .map(|time| (Timestamp::from_ms(time.and_utc().timestamp_millis()), true))
}

/// Reads seconds or milliseconds since the epoch: what lies beyond the year 5138 in seconds is
/// meant in milliseconds.
fn epoch(text: &str) -> Option<Timestamp> {
    let number: f64 = text.parse().ok().filter(|n: &f64| n.is_finite())?;
    match number {
        1e8..1e11 => Some(Timestamp::from_ms((number * 1000.0) as i64)),
        1e11..1e14 => Some(Timestamp::from_ms(number as i64)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_many_writers() {
        let parse = |text| Durations::default().parse(text);
        assert_eq!(parse("1,234.567"), Some(1_234_567));
        assert_eq!(parse("1.234,567"), Some(1_234_567));
        assert_eq!(parse("1,234,567"), Some(1_234_567_000));
        assert_eq!(parse("0,123"), Some(123));
        assert_eq!(parse("1,234"), Some(1_234));
        assert_eq!(parse("1.2E-4"), Some(0));
        assert_eq!(parse("2e1"), Some(20_000));
        assert_eq!(parse("-3"), Some(0));
        assert_eq!(parse("9e99"), Some(31_536_000_000));
        for none in ["", "NaN", "inf", "x", ","] {
            assert_eq!(parse(none), None, "{none}");
        }
        let mut durations = Durations::default();
        durations.parse("0.5");
        assert_eq!(durations.parse("1,234"), Some(1_234_000));
        assert_eq!(durations.parse("0,123"), Some(123));
    }

    #[test]
    fn times_of_many_writers() {
        let at = |text| timestamp(text).map(|(time, assumed)| (time.to_string(), assumed));
        let utc = |assumed| Some(("2021-04-02T15:48:23Z".to_owned(), assumed));
        assert_eq!(at("2021-04-02T15:48:23"), utc(true));
        assert_eq!(at("2021-04-02 15:48:23"), utc(true));
        assert_eq!(at("2021-04-02T15:48:23Z"), utc(false));
        assert_eq!(at("2021-04-02T17:48:23+02:00"), utc(false));
        assert_eq!(at("2021-04-02T17:48:23+0200"), utc(false));
        assert_eq!(at("2021-04-02 17:48:23 +0200"), utc(false));
        assert_eq!(at("1617378503"), utc(false));
        assert_eq!(at("1617378503000"), utc(false));
        assert_eq!(at("yesterday"), None);
        assert_eq!(at(""), None);
    }
}
