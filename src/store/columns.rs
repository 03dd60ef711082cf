//! What history needs of an outcome, written column by column: how the cache has it.
//!
//! Numbers are little-endian. A column whose values are all alike is written once: few launches have parameters,
//! names or cases for all their tests.

use crate::model::{Brief, Briefs, Environment, Status};

/// A column has one value for all rows.
const ALIKE: u8 = 0;
/// A column has a value for each row.
const EACH: u8 = 1;

/// Changes with what [`write`] writes, or with what a brief has.
pub(super) const FORMAT: &str = "briefs-1";

/// Writes briefs; [`read`] gives them back.
pub(super) fn write(briefs: &Briefs) -> Vec<u8> {
    let words = serde_json::to_vec(&(&briefs.environments, &briefs.cases));
    let words = words.expect("texts become JSON");
    let rows = &briefs.outcomes;
    let mut out = Vec::with_capacity(words.len() + rows.len() * 16);
    out.extend((words.len() as u64).to_le_bytes());
    out.extend(words);
    out.extend((rows.len() as u64).to_le_bytes());
    column(&mut out, rows, |brief| brief.test.to_le_bytes());
    column(&mut out, rows, |brief| brief.params.to_le_bytes());
    column(&mut out, rows, |brief| brief.name.to_le_bytes());
    column(&mut out, rows, |brief| brief.case.to_le_bytes());
    column(&mut out, rows, |brief| brief.env.to_le_bytes());
    column(&mut out, rows, |brief| brief.duration.to_le_bytes());
    column(&mut out, rows, |brief| [brief.status as u8]);
    column(&mut out, rows, |brief| [brief.flags]);
    out
}

fn column<const N: usize>(out: &mut Vec<u8>, rows: &[Brief], value: impl Fn(&Brief) -> [u8; N]) {
    let mut values = rows.iter().map(&value);
    let first = values.next().unwrap_or([0; N]);
    if values.all(|value| value == first) {
        out.push(ALIKE);
        out.extend(first);
        return;
    }
    out.push(EACH);
    rows.iter().for_each(|brief| out.extend(value(brief)));
}

/// Reads what [`write`] wrote; none of anything else.
pub(super) fn read(bytes: &[u8]) -> Option<Briefs> {
    let mut rest = Rest(bytes);
    let words = rest.number()?;
    let words = rest.take(words)?;
    let (environments, cases): (Vec<Environment>, Vec<String>) =
        serde_json::from_slice(words).ok()?;
    let rows = rest.number()?;
    // The test's digests differ from row to row, so there can't be more rows than bytes.
    let mut outcomes = vec![Brief::default(); (rows <= bytes.len()).then_some(rows)?];
    rest.column(&mut outcomes, |brief, test| {
        brief.test = u64::from_le_bytes(test);
    })?;
    rest.column(&mut outcomes, |brief, params| {
        brief.params = u64::from_le_bytes(params);
    })?;
    rest.column(&mut outcomes, |brief, name| {
        brief.name = u64::from_le_bytes(name);
    })?;
    rest.column(&mut outcomes, |brief, case| {
        brief.case = u32::from_le_bytes(case);
    })?;
    rest.column(&mut outcomes, |brief, env| {
        brief.env = u32::from_le_bytes(env);
    })?;
    rest.column(&mut outcomes, |brief, ms| {
        brief.duration = u32::from_le_bytes(ms);
    })?;
    let mut is_known = true;
    rest.column(&mut outcomes, |brief, [status]| {
        match Status::ALL.get(usize::from(status)) {
            Some(status) => brief.status = *status,
            None => is_known = false,
        }
    })?;
    rest.column(&mut outcomes, |brief, [flags]| brief.flags = flags)?;
    let is_whole = rest.0.is_empty() && is_known;
    is_whole.then_some(Briefs {
        environments,
        cases,
        outcomes,
    })
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, many: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(many)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        usize::try_from(u64::from_le_bytes(*bytes)).ok()
    }

    fn column<const N: usize>(
        &mut self,
        rows: &mut [Brief],
        mut set: impl FnMut(&mut Brief, [u8; N]),
    ) -> Option<()> {
        match self.take(1)? {
            [ALIKE] => {
                let value = *self.take(N)?.first_chunk()?;
                rows.iter_mut().for_each(|brief| set(brief, value));
            }
            [EACH] => {
                let (values, _) = self.take(rows.len().checked_mul(N)?)?.as_chunks();
                rows.iter_mut()
                    .zip(values)
                    .for_each(|(brief, value)| set(brief, *value));
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Flag, Outcome};
    use proptest::prelude::*;

    fn outcomes() -> impl Strategy<Value = Vec<Outcome>> {
        let one = (
            "[0-9a-f]{16}|.{0,4}",
            proptest::option::of("[0-9a-f]{16}"),
            proptest::option::of("[A-C]"),
            0..3_u32,
            0..Status::ALL.len(),
            0..128_u8,
            proptest::option::of(0..u64::MAX),
        );
        let one = one.prop_map(|(test, name, case, env, status, flags, duration)| Outcome {
            params: name.clone().unwrap_or_default(),
            test,
            name,
            case,
            env,
            status: Status::ALL[status],
            duration,
            flags: [
                Flag::Muted,
                Flag::Flaky,
                Flag::Known,
                Flag::Overridden,
                Flag::Retried,
                Flag::Manual,
                Flag::Unplanned,
            ]
            .into_iter()
            .filter(|flag| flags & (1 << *flag as u8) != 0)
            .collect(),
            ..Outcome::default()
        });
        proptest::collection::vec(one, 0..12)
    }

    proptest! {
        #[test]
        fn briefs_come_back(outcomes in outcomes(), variable in ".{0,8}") {
            let environment: Environment = [("os".to_owned(), variable)].into_iter().collect();
            let briefs = Briefs::of(&[Environment::default(), environment], &outcomes);
            let written = write(&briefs);
            prop_assert_eq!(read(&written), Some(briefs));
            for end in 0..written.len() {
                prop_assert_eq!(read(&written[..end]), None);
            }
        }

        #[test]
        fn other_bytes_are_refused_without_a_panic(bytes: Vec<u8>, outcomes in outcomes(), at: prop::sample::Index) {
            let _ = read(&bytes);
            let mut damaged = write(&Briefs::of(&[], &outcomes));
            let at = at.index(damaged.len());
            damaged[at] ^= 0x81;
            let _ = read(&damaged);
        }
    }
}
