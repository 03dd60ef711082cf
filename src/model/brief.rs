//! What history needs of an outcome, small enough for millions of them.

use super::{Environment, Flag, Outcome, Status};
use crate::base::hash::digest_fields;

/// One outcome, without what only its own launch is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// The number of [`Outcome::test`].
    pub test: u64,
    /// The number of [`Outcome::params`]; zero where none count.
    pub params: u64,
    /// The number of [`Outcome::name`]; zero where it has none.
    pub name: u64,
    /// The documented case: one more than its index in [`Briefs::cases`]; zero where there is none.
    pub case: u32,
    /// An index into [`Briefs::environments`].
    pub env: u32,
    /// Milliseconds, one more than there were; zero where nobody knows. What is longer than 49 days
    /// counts as that.
    pub(crate) duration: u32,
    pub status: Status,
    /// One bit a flag.
    pub(crate) flags: u8,
}

/// The outcomes of one launch, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Briefs {
    pub environments: Vec<Environment>,
    /// The documented cases that outcomes refer to, as stored.
    pub cases: Vec<String>,
    pub outcomes: Vec<Brief>,
}

impl Brief {
    /// Takes the digests of a test, its parameters and its name.
    pub fn new(test: &str, params: &str, name: Option<&str>, status: Status) -> Self {
        Self {
            test: number(test),
            params: number(params),
            name: name.map_or(0, number),
            status,
            ..Self::default()
        }
    }

    /// Returns the duration in milliseconds.
    pub fn duration(&self) -> Option<u64> {
        self.duration.checked_sub(1).map(u64::from)
    }

    pub fn set_duration(&mut self, ms: Option<u64>) {
        let ms = ms.map(|ms| u32::try_from(ms).unwrap_or(u32::MAX));
        self.duration = ms.map_or(0, |ms| ms.saturating_add(1));
    }

    pub fn has(&self, flag: Flag) -> bool {
        self.flags & bit(flag) != 0
    }

    pub fn set(&mut self, flag: Flag) {
        self.flags |= bit(flag);
    }
}

fn bit(flag: Flag) -> u8 {
    1 << flag as u8
}

impl Briefs {
    /// Takes from outcomes what history needs.
    pub fn of(environments: &[Environment], outcomes: &[Outcome]) -> Self {
        let mut out = Self {
            environments: environments.to_vec(),
            outcomes: Vec::with_capacity(outcomes.len()),
            ..Self::default()
        };
        let mut known = std::collections::HashMap::new();
        for outcome in outcomes {
            let name = outcome.name.as_deref();
            let mut brief = Brief::new(&outcome.test, &outcome.params, name, outcome.status);
            brief.env = outcome.env;
            brief.set_duration(outcome.duration);
            outcome.flags.iter().for_each(|flag| brief.set(*flag));
            if let Some(case) = outcome.case.as_deref() {
                brief.case = *known.entry(case).or_insert_with(|| out.add_case(case));
            }
            out.outcomes.push(brief);
        }
        out
    }

    /// Adds a documented case that is new, and returns what briefs refer to it by.
    pub fn add_case(&mut self, case: &str) -> u32 {
        self.cases.push(case.to_owned());
        u32::try_from(self.cases.len()).expect("fewer cases than four thousand million")
    }

    /// Returns the documented case of a brief, as stored.
    pub fn case(&self, brief: &Brief) -> Option<&str> {
        let at = brief.case.checked_sub(1)?;
        self.cases.get(at as usize).map(String::as_str)
    }
}

/// Returns the number that a digest of 16 hex digits writes; of other texts a number of their own; zero
/// of an empty one.
pub fn number(text: &str) -> u64 {
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() == 16 && text.bytes().all(is_digit) {
        return u64::from_str_radix(text, 16).expect("sixteen hex digits fit");
    }
    if text.is_empty() {
        return 0;
    }
    let digest = digest_fields(["not a digest", text]);
    u64::from_be_bytes(
        *digest
            .as_bytes()
            .first_chunk()
            .expect("a digest has 32 bytes"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_numbers() {
        assert_eq!(number("00000000000000ff"), 255);
        assert_eq!(number(""), 0);
        assert_ne!(number("00000000000000FF"), 255);
        assert_ne!(number("x"), number("y"));
    }

    #[test]
    fn a_brief_has_what_its_outcome_has() {
        let outcome = Outcome {
            test: "0000000000000007".into(),
            case: Some("S-1".into()),
            duration: Some(0),
            flags: vec![Flag::Muted, Flag::Manual],
            status: Status::Broken,
            ..Outcome::default()
        };
        let none = Outcome::default();
        let briefs = Briefs::of(&[], &[outcome.clone(), none, outcome]);
        let brief = briefs.outcomes[2];
        assert_eq!(
            (brief.test, brief.duration(), brief.status),
            (7, Some(0), Status::Broken)
        );
        let flags = [Flag::Muted, Flag::Flaky, Flag::Manual].map(|flag| brief.has(flag));
        assert_eq!(flags, [true, false, true]);
        assert_eq!((briefs.case(&brief), briefs.cases.len()), (Some("S-1"), 1));
        assert_eq!(
            (
                briefs.outcomes[1].duration(),
                briefs.case(&briefs.outcomes[1])
            ),
            (None, None)
        );
        let mut long = Brief::default();
        long.set_duration(Some(u64::MAX));
        assert_eq!(long.duration(), Some(u64::from(u32::MAX) - 1));
    }
}
