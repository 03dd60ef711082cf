//! Which rows of values a case's parameters make: one execution each.

use std::collections::BTreeSet;

use crate::model::{Case, Combine, OrderedMap};

/// The most rows that one case makes; more is a mistake, or a task for a program.
pub const SETS_MAX: usize = 500;

/// One value of each parameter, in the order of the case.
pub type ParameterSet = Vec<(String, String)>;

/// Returns the rows of values of a case: one empty row where it has no parameters.
///
/// `each` and `rows` put the n-th values together, and a parameter with fewer values leaves a hole; `all`
/// makes every combination; `pairwise` as few rows as it finds that have each pair of values of two
/// parameters. The same case gives the same rows, in the same order.
///
/// # Errors
/// More than [`SETS_MAX`] rows.
pub fn sets(case: &Case) -> Result<Vec<ParameterSet>, TooMany> {
    let filled: Vec<(&str, &[String])> = filled(&case.parameters);
    if filled.is_empty() {
        return Ok(vec![ParameterSet::new()]);
    }
    let rows: Vec<Vec<Option<usize>>> = match case.combine {
        Combine::Each | Combine::Rows => side_by_side(&filled)?,
        Combine::All => all(&filled)?,
        Combine::Pairwise => pairwise(&filled)?,
    };
    let row = |row: Vec<Option<usize>>| {
        let values = filled.iter().zip(row);
        let values = values.filter_map(|((name, values), at)| Some((name, &values[at?])));
        values
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    };
    Ok(rows.into_iter().map(row).collect())
}

/// A case whose parameters make more rows than anybody executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its parameters make more than {SETS_MAX} rows")]
pub struct TooMany;

fn filled(parameters: &OrderedMap<Vec<String>>) -> Vec<(&str, &[String])> {
    let all = parameters.iter();
    let all = all.map(|(name, values)| (name, values.as_slice()));
    all.filter(|(_, values)| !values.is_empty()).collect()
}

fn side_by_side(filled: &[(&str, &[String])]) -> Result<Vec<Vec<Option<usize>>>, TooMany> {
    let longest = filled.iter().map(|(_, values)| values.len()).max();
    let longest = longest.filter(|n| *n <= SETS_MAX).ok_or(TooMany)?;
    let row = |at: usize| {
        let value = |(_, values): &(&str, &[String])| (at < values.len()).then_some(at);
        filled.iter().map(value).collect()
    };
    Ok((0..longest).map(row).collect())
}

fn all(filled: &[(&str, &[String])]) -> Result<Vec<Vec<Option<usize>>>, TooMany> {
    let mut rows: Vec<Vec<Option<usize>>> = vec![Vec::new()];
    for (_, values) in filled {
        if rows.len().saturating_mul(values.len()) > SETS_MAX {
            return Err(TooMany);
        }
        let longer = rows.iter().flat_map(|row| {
            (0..values.len()).map(|at| row.iter().copied().chain([Some(at)]).collect())
        });
        rows = longer.collect();
    }
    Ok(rows)
}

/// A pair of values: parameter and value, twice, the first parameter before the second.
type Pair = ((usize, usize), (usize, usize));

/// Row after row takes the first pair that no row has yet, and then for each other parameter the value that
/// brings the most pairs, the first of equal ones.
fn pairwise(filled: &[(&str, &[String])]) -> Result<Vec<Vec<Option<usize>>>, TooMany> {
    let [first, rest @ ..] = filled else {
        return Ok(Vec::new());
    };
    if rest.is_empty() {
        return side_by_side(&[*first]);
    }
    let mut pairs: u64 = 0;
    for (a, (_, one)) in filled.iter().enumerate() {
        for (_, other) in &filled[a + 1..] {
            pairs = pairs.saturating_add((one.len() as u64).saturating_mul(other.len() as u64));
        }
    }
    // A row has at least one new pair; far more of them can't end within the limit.
    if pairs > PAIRS_MAX {
        return Err(TooMany);
    }
    let mut open: BTreeSet<Pair> = BTreeSet::new();
    for (a, (_, one)) in filled.iter().enumerate() {
        for (b, (_, other)) in filled.iter().enumerate().skip(a + 1) {
            let values = (0..one.len()).flat_map(|x| (0..other.len()).map(move |y| (x, y)));
            open.extend(values.map(|(x, y)| ((a, x), (b, y))));
        }
    }
    let mut rows = Vec::new();
    while let Some(((a, x), (b, y))) = open.first().copied() {
        let mut row: Vec<Option<usize>> = vec![None; filled.len()];
        (row[a], row[b]) = (Some(x), Some(y));
        for (parameter, (_, values)) in filled.iter().enumerate() {
            if row[parameter].is_some() {
                continue;
            }
            let gain = |value: &usize| {
                let others = row.iter().enumerate();
                let pairs = others
                    .filter_map(|(other, at)| Some(ordered((other, (*at)?), (parameter, *value))));
                pairs.filter(|pair| open.contains(pair)).count()
            };
            let best = (0..values.len()).rev().max_by_key(gain);
            row[parameter] = best;
        }
        let chosen: Vec<(usize, usize)> = row
            .iter()
            .enumerate()
            .filter_map(|(parameter, at)| Some((parameter, (*at)?)))
            .collect();
        for (at, one) in chosen.iter().enumerate() {
            for other in &chosen[at + 1..] {
                open.remove(&(*one, *other));
            }
        }
        rows.push(row);
        if rows.len() > SETS_MAX {
            return Err(TooMany);
        }
    }
    Ok(rows)
}

/// The most pairs that are looked through.
const PAIRS_MAX: u64 = 100_000;

fn ordered(one: (usize, usize), other: (usize, usize)) -> Pair {
    match one.0 < other.0 {
        true => (one, other),
        false => (other, one),
    }
}

/// Puts a row's values in place of `{name}` in a text. What names no parameter stays as it is.
pub fn substituted(text: &str, set: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let named = rest[1..].find('}').and_then(|end| {
            let name = rest[1..=end].trim();
            let (_, value) = set.iter().find(|(known, _)| known == name)?;
            Some((value, end + 2))
        });
        match named {
            Some((value, end)) => {
                out.push_str(value);
                rest = &rest[end..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn case(combine: Combine, parameters: &[(&str, &[&str])]) -> Case {
        let own = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect();
        Case {
            combine,
            parameters: parameters
                .iter()
                .map(|(name, values)| ((*name).to_owned(), own(values)))
                .collect(),
            ..Case::default()
        }
    }

    fn shown(combine: Combine, parameters: &[(&str, &[&str])]) -> Vec<String> {
        let sets = sets(&case(combine, parameters)).expect("few rows");
        let row = |set: &ParameterSet| {
            let values: Vec<&str> = set.iter().map(|(_, value)| value.as_str()).collect();
            values.join(" ")
        };
        sets.iter().map(row).collect()
    }

    #[test]
    fn rows_are_made_as_the_case_says() {
        let two: [(&str, &[&str]); 2] = [("browser", &["chrome", "firefox"]), ("locale", &["en"])];
        assert_eq!(shown(Combine::Each, &two), ["chrome en", "firefox"]);
        assert_eq!(shown(Combine::All, &two), ["chrome en", "firefox en"]);
        assert_eq!(shown(Combine::Rows, &[]), [""]);
        assert_eq!(shown(Combine::All, &[("a", &[])]), [""]);
        assert_eq!(shown(Combine::Pairwise, &two[..1]), ["chrome", "firefox"]);
        let three: [(&str, &[&str]); 3] =
            [("a", &["1", "2"]), ("b", &["x", "y"]), ("c", &["p", "q"])];
        assert_eq!(
            shown(Combine::Pairwise, &three),
            ["1 x p", "1 y q", "2 x q", "2 y p"]
        );
    }

    #[test]
    fn endless_rows_are_refused() {
        let many: Vec<String> = (0..30).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let two: [(&str, &[&str]); 2] = [("a", &many), ("b", &many)];
        assert_eq!(sets(&case(Combine::All, &two)), Err(TooMany));
        assert_eq!(sets(&case(Combine::Pairwise, &two)), Err(TooMany));
        assert!(sets(&case(Combine::Each, &two)).is_ok());
    }

    #[test]
    fn values_stand_where_their_names_stood() {
        let set = [("locale".to_owned(), "{x}".to_owned())];
        assert_eq!(
            substituted("Open {locale}, {other} {", &set),
            "Open {x}, {other} {"
        );
        assert_eq!(substituted("{ locale }{locale", &set), "{x}{locale");
    }

    proptest! {
        #[test]
        fn each_pair_of_values_is_in_a_row(sizes in proptest::collection::vec(1..5_usize, 2..5)) {
            let parameters = sizes.iter().enumerate().map(|(n, size)| {
                (format!("p{n}"), (0..*size).map(|v| format!("v{v}")).collect())
            });
            let case = Case {
                combine: Combine::Pairwise,
                parameters: parameters.collect(),
                ..Case::default()
            };
            let rows = sets(&case).expect("few rows");
            for (a, one) in case.parameters.iter() {
                for (b, other) in case.parameters.iter().filter(|(b, _)| a < *b) {
                    for (x, y) in one.iter().flat_map(|x| other.iter().map(move |y| (x, y))) {
                        let has = |row: &ParameterSet| {
                            row.contains(&(a.to_owned(), x.clone())) && row.contains(&(b.to_owned(), y.clone()))
                        };
                        prop_assert!(rows.iter().any(has), "{a}={x} and {b}={y}");
                    }
                }
            }
        }
    }
}
