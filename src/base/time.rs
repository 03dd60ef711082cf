//! Points in time and durations, in milliseconds.

use std::fmt;

use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time: milliseconds since the Unix epoch, in UTC. Written as RFC 3339 with `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest time that can be written with four digits of a year.
    const MAX_MS: i64 = 253_402_300_799_999;

    /// Makes a time from milliseconds since the Unix epoch, clamped to the years 0 to 9999.
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.clamp(-62_167_219_200_000, Self::MAX_MS))
    }

    /// Returns milliseconds since the Unix epoch.
    pub fn ms(self) -> i64 {
        self.0
    }

    /// Parses RFC 3339; fractions finer than a millisecond are cut.
    pub fn parse(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        Some(Self::from_ms(time.timestamp_millis()))
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0)
            .expect("the constructor clamps to what chrono holds")
    }

    /// Returns `2026-11-22`.
    pub fn date(self) -> String {
        self.utc().format("%Y-%m-%d").to_string()
    }

    /// Returns `22 November 2026, 18:43 UTC`.
    pub fn long(self) -> String {
        self.utc().format("%-d %B %Y, %H:%M UTC").to_string()
    }

    /// Formats by a chrono format string, in UTC.
    pub fn format(self, format: &str) -> String {
        self.utc().format(format).to_string()
    }

    pub fn year(self) -> i32 {
        self.utc().year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.utc().month()
    }
}

/// RFC 3339 in UTC; milliseconds are written where there are any.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl schemars::JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date-time"})
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as `2026-11-22T18:43:00Z`")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::parse(text)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// A calendar day, written as `2026-11-22`; the start of the day is meant in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

impl Date {
    /// Parses `2026-11-22`.
    pub fn parse(text: &str) -> Option<Self> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        (text.len() == 10).then_some(Self(date))
    }

    /// Returns the last millisecond of the day, in UTC.
    pub fn end(self) -> Timestamp {
        let next = self
            .0
            .and_hms_milli_opt(23, 59, 59, 999)
            .expect("a day has this time");
        Timestamp::from_ms(next.and_utc().timestamp_millis())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

/// A span of time in whole hours, written as a number and a unit: `36h`, `90d`, `26w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    number: u64,
    unit: char,
}

impl Period {
    /// What [`Period::parse`] takes, in words.
    pub const EXPECTED: &str = "a number and one of h, d, w, as `90d`";

    /// Parses a number and one of `h`, `d`, `w`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let unit = text.chars().next_back()?;
        let digits = text.strip_suffix(unit)?;
        let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        (are_digits && matches!(unit, 'h' | 'd' | 'w')).then_some(())?;
        let number = digits.parse().ok()?;
        Some(Self { number, unit })
    }

    /// Returns how many hours it has; one that is longer than can be counted is the longest.
    pub fn hours(self) -> u64 {
        let unit = match self.unit {
            'h' => 1,
            'd' => 24,
            _ => 7 * 24,
        };
        self.number.saturating_mul(unit)
    }

    /// Returns when it ends that began at a moment.
    pub fn after(self, start: Timestamp) -> Timestamp {
        let ms = self.hours().saturating_mul(3_600_000);
        let ms = i64::try_from(ms).unwrap_or(i64::MAX);
        Timestamp::from_ms(start.ms().saturating_add(ms))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, self.unit)
    }
}

/// Formats a duration in milliseconds for people: `0 ms`, `812 ms`, `5.3 s`, `4 min 12 s`, `2 h 3 min`.
pub fn human_duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", seconds, ms % 1000 / 100),
        60_000..3_600_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_numbers_with_units() {
        let hours = |text| Period::parse(text).map(Period::hours);
        assert_eq!(hours("180d"), Some(4_320));
        assert_eq!((hours("2w"), hours(" 0h ")), (Some(336), Some(0)));
        for wrong in ["", "d", "-1d", "+1d", "1.5d", "180", "180 days", "1ä"] {
            assert_eq!(hours(wrong), None, "{wrong}");
        }
        let long = Period::parse("18446744073709551615w").expect("a period");
        assert_eq!(
            long.after(Timestamp::from_ms(1)),
            Timestamp::from_ms(i64::MAX)
        );
        assert_eq!(
            Period::parse("026w").map(|p| p.to_string()).as_deref(),
            Some("26w")
        );
    }

    #[test]
    fn times_print_and_parse() {
        let time = Timestamp::from_ms(1_763_837_000_123);
        assert_eq!(time.to_string(), "2025-11-22T18:43:20.123Z");
        assert_eq!(
            Timestamp::parse("2025-11-22T19:43:20.123+01:00"),
            Some(time)
        );
        assert_eq!(Timestamp::from_ms(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::parse("2025-11-22"), None);
        assert_eq!(Timestamp::from_ms(i64::MAX).year(), 9999);
    }

    #[test]
    fn days_end_in_utc() {
        let date = Date::parse("2026-02-28").expect("a day");
        assert_eq!(date.end().to_string(), "2026-02-28T23:59:59.999Z");
        assert_eq!(Date::parse("2026-02-30"), None);
        assert_eq!(Date::parse("2026-2-3"), None);
    }

    #[test]
    fn durations_read_well() {
        let all = [0, 999, 1_000, 5_321, 59_999, 60_000, 252_000, 7_380_000];
        let text: Vec<_> = all.into_iter().map(human_duration).collect();
        assert_eq!(
            text.join(" | "),
            "0 ms | 999 ms | 1.0 s | 5.3 s | 59.9 s | 1 min 0 s | 4 min 12 s | 2 h 3 min"
        );
    }
}
