//! Tests that most likely are others under a new name.
//!
//! A test that was there and is gone, and one that was not there and has come, are held against each
//! other by where they stand (a file, a class, a module), what they are called, and their steps. Each is
//! in one proposal at most; where two would do about as well, it says so.

use std::collections::{BTreeMap, BTreeSet};

/// A test of one launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub full_name: String,
    /// The case that it names by an id.
    pub case: Option<String>,
    /// The source file, where the producer names it.
    pub file: Option<String>,
    /// Names of its steps, where they are kept.
    pub steps: Vec<String>,
}

/// Two tests that most likely are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Places among the tests that are gone, and those that have come.
    pub gone: usize,
    pub come: usize,
    /// From 0 to 100.
    pub score: u32,
    pub why: Vec<&'static str>,
    /// Whether another pair with one of them would do about as well, or a word of the name is another one.
    pub unclear: bool,
}

/// The lowest score of a proposal.
const ENOUGH: u32 = 55;
/// Scores that differ by less say nothing.
const CLOSE: u32 = 6;
/// Steps that are few say nothing.
const STEPS: usize = 2;
/// Pairs that are held against each other at most, in one group of tests.
const PAIRS: usize = 250_000;
/// The longest name that is compared letter by letter, in characters.
const NAME: usize = 200;

/// Returns the pairs that most likely are one test each, best first; only such as `fits` takes.
pub fn renames(
    gone: &[Named],
    come: &[Named],
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<Proposal> {
    let mut all: Vec<Proposal> = candidates(gone, come)
        .into_iter()
        .filter(|(g, c)| fits(*g, *c))
        .filter_map(|(g, c)| judge(&gone[g], &come[c]).map(|(score, why)| (g, c, score, why)))
        .map(|(gone, come, score, why)| Proposal {
            gone,
            come,
            score,
            unclear: why.contains(&OTHER_WORD),
            why,
        })
        .collect();
    let order = |one: &Proposal| {
        let names = (&gone[one.gone].full_name, &come[one.come].full_name);
        (std::cmp::Reverse(one.score), names)
    };
    all.sort_by(|a, b| order(a).cmp(&order(b)));
    let (mut used_gone, mut used_come) = (BTreeSet::new(), BTreeSet::new());
    let mut out: Vec<Proposal> = Vec::new();
    for mut one in all.iter().cloned() {
        if used_gone.contains(&one.gone) || used_come.contains(&one.come) {
            continue;
        }
        used_gone.insert(one.gone);
        used_come.insert(one.come);
        let rival = |other: &&Proposal| {
            let shares = (other.gone == one.gone) != (other.come == one.come);
            shares && other.score + CLOSE > one.score
        };
        one.unclear |= all.iter().any(|other| rival(&other));
        out.push(one);
    }
    out
}

/// What tests are put together by.
type Key<'k> = dyn Fn(&Named) -> Option<String> + 'k;

/// Pairs that have something in common: the case that they name, the place, the last part of the name, or the
/// steps.
fn candidates(gone: &[Named], come: &[Named]) -> BTreeSet<(usize, usize)> {
    let mut out = BTreeSet::new();
    let keys: [&Key<'_>; 5] = [
        &|one| one.case.clone(),
        &|one| Some(place(&one.full_name).to_owned()).filter(|place| !place.is_empty()),
        &|one| one.file.clone(),
        &|one| Some(leaf(&one.full_name).to_lowercase()),
        &|one| (one.steps.len() >= STEPS).then(|| one.steps.join("\n")),
    ];
    for key in keys {
        let mut groups: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (at, one) in gone.iter().enumerate() {
            if let Some(key) = key(one) {
                groups.entry(key).or_default().0.push(at);
            }
        }
        for (at, one) in come.iter().enumerate() {
            if let Some(group) = key(one).and_then(|key| groups.get_mut(&key)) {
                group.1.push(at);
            }
        }
        for (gone, come) in groups.into_values() {
            if gone.len() * come.len() <= PAIRS {
                let pairs = gone.iter().flat_map(|g| come.iter().map(move |c| (*g, *c)));
                out.extend(pairs);
            }
        }
    }
    out
}

fn judge(gone: &Named, come: &Named) -> Option<(u32, Vec<&'static str>)> {
    let same_steps = gone.steps.len() >= STEPS && gone.steps == come.steps;
    let same_place = place(&gone.full_name) == place(&come.full_name);
    let same_file = gone.file.is_some() && gone.file == come.file;
    let (old, new) = (leaf(&gone.full_name), leaf(&come.full_name));
    let alike = similar(old, new);
    let mut why = Vec::new();
    let mut score = 0.0;
    if same_file {
        why.push("same file");
    } else if same_place && !place(&gone.full_name).is_empty() {
        why.push("same place");
    }
    if old == new {
        why.push("same name");
        let near = similar(place(&gone.full_name), place(&come.full_name));
        score = 55.0 + 35.0 * near;
    } else if alike >= 0.5 {
        why.push("similar name");
        score = 20.0 + 40.0 * alike;
    }
    if old != new && (same_file || same_place) {
        score += 25.0;
    }
    if same_steps {
        why.push("same steps");
        score = f64::max(score + 30.0, 60.0);
    }
    if gone.case.is_some() && gone.case == come.case {
        why.push("same id");
        score = f64::max(score + 30.0, 60.0);
    } else if !same_steps && has_other_word(old, new) {
        why.push(OTHER_WORD);
    }
    let score = (score as u32).min(99);
    (score >= ENOUGH).then_some((score, why))
}

/// Why a pair is told and not clear.
const OTHER_WORD: &str = "but another word";

/// How alike two words are that are one with a slip, from 0 to 1.
const SLIP: f64 = 0.8;
/// What turns a word round that it stands before.
const TURNING: [&str; 10] = [
    "un", "in", "im", "il", "ir", "non", "dis", "de", "mis", "anti",
];
/// What a word may end with besides.
const ENDINGS: [&str; 6] = ["s", "es", "d", "ed", "ing", "ly"];
/// Words that say nothing.
const ARTICLES: [&str; 3] = ["a", "an", "the"];
/// Words that turn what a name says.
const NOT: [&str; 7] = ["cannot", "never", "no", "non", "none", "not", "without"];

/// Whether a word of a name stands for another one: `create` for `delete`, `invalid` for `valid`, 404 for 500. Words that
/// came, went, or were mended are none; those that say no are.
fn has_other_word(old: &str, new: &str) -> bool {
    let (old, new) = (words(old), words(new));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
        let own = a
            .difference(b)
            .filter(|word| !ARTICLES.contains(&word.as_str()));
        own.cloned().collect()
    };
    let (old, new) = (only(&old, &new), only(&new, &old));
    let says_no = |word: &String| NOT.contains(&word.as_str());
    if old.iter().chain(&new).any(says_no) {
        return true;
    }
    // Of both each word has to be one of the other's; where one side has none, words only came or went.
    let (few, many) = match old.len() <= new.len() {
        true => (&old, &new),
        false => (&new, &old),
    };
    !few.iter()
        .all(|word| many.iter().any(|other| is_one_word(word, other)))
}

/// Whether two words are one, in other forms or with a slip.
fn is_one_word(one: &str, other: &str) -> bool {
    let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    if has_digit(one) || has_digit(other) {
        return false;
    }
    let (short, long) = match one.len() <= other.len() {
        true => (one, other),
        false => (other, one),
    };
    let behind = long.strip_suffix(short);
    if behind.is_some_and(|before| TURNING.contains(&before)) {
        return false;
    }
    let ending = long.strip_prefix(short);
    // `turned` and `unturns`: without what they end with.
    let bare = |word: &str| {
        let ends = ENDINGS.iter().filter_map(|end| word.strip_suffix(end));
        ends.min_by_key(|bare| bare.len())
            .unwrap_or(word)
            .to_owned()
    };
    let (a, b) = (bare(short), bare(long));
    let turned = |a: &str, b: &str| {
        b.strip_suffix(a)
            .is_some_and(|before| TURNING.contains(&before))
    };
    !turned(&a, &b)
        && !turned(&b, &a)
        && (ending.is_some_and(|end| ENDINGS.contains(&end))
            || a == b
            || strsim::normalized_damerau_levenshtein(short, long) >= SLIP)
}

/// Where the last part of a full name begins: behind a `#`, `::`, `>`, `/`, `:`, a dot or a blank, where
/// no bracket of parameters is open.
fn split(full_name: &str) -> usize {
    let end = full_name.find(['[', '(']).filter(|at| *at > 0);
    let head = &full_name[..end.unwrap_or(full_name.len())];
    let strong = head
        .rfind(['#', '>', '›'])
        .or_else(|| head.rfind("::").map(|at| at + 1));
    let found = strong.or_else(|| {
        // A sentence may have dots and colons.
        let words = head.contains(' ');
        match words {
            true => head.rfind('/'),
            false => head.rfind(['.', '/', ':']),
        }
    });
    let at = found.map(|at| at + head[at..].chars().next().map_or(0, char::len_utf8));
    at.filter(|at| *at < full_name.len()).unwrap_or(0)
}

fn leaf(full_name: &str) -> &str {
    full_name[split(full_name)..].trim()
}

/// Returns a full name without its last part: the file, the class or the module that a test stands in.
pub fn place(full_name: &str) -> &str {
    &full_name[..split(full_name)]
}

/// How alike two names are, from 0 to 1: by their letters, or by the words that they share.
fn similar(a: &str, b: &str) -> f64 {
    let cut = |text: &str| text.to_lowercase().chars().take(NAME).collect::<String>();
    let letters = strsim::normalized_damerau_levenshtein(&cut(a), &cut(b));
    let (a, b) = (words(a), words(b));
    let shared = a.intersection(&b).count();
    let of = a.len().max(b.len());
    let by_words = match of {
        0 => 0.0,
        of => shared as f64 / of as f64,
    };
    letters.max(by_words)
}

/// The words of a name, those of `camelCase` and `snake_case` among them.
fn words(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut word = String::new();
    let mut was_lower = false;
    for c in text.chars() {
        let begins = c.is_uppercase() && was_lower;
        if begins || !c.is_alphanumeric() {
            out.insert(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    out.insert(word);
    // What all tests are called says nothing.
    out.retain(|word| !word.is_empty() && !matches!(word.as_str(), "test" | "tests" | "should"));
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(full_name: &str) -> Named {
        Named {
            full_name: full_name.to_owned(),
            ..Named::default()
        }
    }

    fn pairs(gone: &[&str], come: &[&str]) -> Vec<(String, String, bool)> {
        let all = |names: &[&str]| names.iter().map(|name| named(name)).collect::<Vec<_>>();
        let (gone, come) = (all(gone), all(come));
        let out = renames(&gone, &come, |_, _| true).into_iter();
        out.map(|one| {
            let old = leaf(&gone[one.gone].full_name).to_owned();
            (old, come[one.come].full_name.clone(), one.unclear)
        })
        .collect()
    }

    #[test]
    fn what_was_renamed_is_found_where_it_stood() {
        let own = |old: &str, new: &str| (old.to_owned(), new.to_owned(), false);
        assert_eq!(
            pairs(
                &["auth.C#test_expired", "auth.C#test_locked", "cart#add"],
                &[
                    "auth.C#test_expired_password",
                    "auth.C#test_account_locked",
                    "mail#send"
                ],
            ),
            [
                own("test_locked", "auth.C#test_account_locked"),
                own("test_expired", "auth.C#test_expired_password"),
            ]
        );
        // Moved as a whole.
        assert_eq!(
            pairs(
                &["shop.auth.C#test_expired"],
                &["shop.login.C#test_expired"]
            ),
            [own("test_expired", "shop.login.C#test_expired")]
        );
        assert_eq!(pairs(&["a#signIn"], &["a#removeItem"]), []);
        assert_eq!(pairs(&["cart#add"], &["mail#send"]), []);
        assert_eq!(
            pairs(&["e2e/a.ts:signs in"], &["e2e/a.ts:signs in again"]).len(),
            1,
            "a colon in a sentence is no place"
        );
    }

    #[test]
    fn two_that_would_do_are_not_clear() {
        let found = pairs(&["a#pay_card"], &["a#pay_cards", "a#pay_carda"]);
        assert_eq!(found.len(), 1);
        assert!(found[0].2);
    }

    #[test]
    fn another_word_is_not_clear() {
        let others = "create_user/delete_user gt_zero/lt_zero is_internal/is_external is_visible/is_invisible \
            is_legal/is_illegal encrypts_it/decrypts_it installs_it/uninstalls_it after_10s/after_20s of_v1/of_v2 \
            returns_404/returns_500 locks_it/unlocks_it validUserIn/invalidUserIn accepts_it/does_not_accept_it \
            is_known/is_unknown uploads_it/downloads_it opens_it/closes_it connected_it/disconnects_it";
        for pair in others.split_whitespace() {
            let (old, new) = pair.split_once('/').expect("a pair");
            assert!(has_other_word(old, new), "{pair}");
            assert!(has_other_word(new, old), "{pair}");
        }
        let same = "test_expired/test_expired_password create_user/create_a_user recieves_it/receives_it removes_an_item/removes_one_item \
            adds_item/add_item sends_mail/sending_mails pay_card/pay_by_card";
        for pair in same.split_whitespace() {
            let (old, new) = pair.split_once('/').expect("a pair");
            assert!(!has_other_word(old, new), "{pair}");
        }
        assert!(pairs(&["api#create_user"], &["api#delete_user"])[0].2);
        assert!(!pairs(&["api#create_user"], &["api#create_a_user"])[0].2);
    }

    #[test]
    fn same_steps_are_told() {
        let with = |name: &str| Named {
            full_name: name.to_owned(),
            file: Some("a.py".into()),
            case: None,
            steps: vec!["open".into(), "close".into()],
        };
        let found = renames(&[with("a#signs_in")], &[with("b#enters_shop")], |_, _| true);
        assert_eq!(found[0].why, ["same file", "same steps"]);
        let found = renames(
            &[with("a#signs_in_again")],
            &[with("b#signs_in_twice")],
            |_, _| true,
        );
        assert_eq!(found[0].why, ["same file", "similar name", "same steps"]);
    }

    #[test]
    fn one_id_is_one_test_most_likely() {
        let of = |name: &str, case: &str| Named {
            full_name: name.to_owned(),
            case: Some(case.to_owned()),
            ..Named::default()
        };
        let gone = [of("a#signs_in", "T-1"), of("a#pays", "T-2")];
        let come = [of("b#enters_shop", "T-1"), of("b#buys", "T-3")];
        let found = renames(&gone, &come, |_, _| true);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].gone, found[0].come), (0, 0));
        assert_eq!(
            (&found[0].why[..], found[0].unclear),
            (&["same id"][..], false)
        );
        assert_eq!(renames(&gone, &come, |_, _| false), []);
    }

    proptest! {
        #[test]
        fn no_name_is_in_two_pairs(
            gone in proptest::collection::vec("[a-c#.\\[> é]{0,8}", 0..6),
            come in proptest::collection::vec("[a-c#.\\[> é]{0,8}", 0..6),
        ) {
            let all = |names: &[String]| names.iter().map(|name| named(name)).collect::<Vec<_>>();
            let found = renames(&all(&gone), &all(&come), |_, _| true);
            let once = |side: fn(&Proposal) -> usize| {
                found.iter().map(side).collect::<BTreeSet<_>>().len() == found.len()
            };
            prop_assert!(once(|one| one.gone) && once(|one| one.come));
        }
    }
}
