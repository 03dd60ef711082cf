//! Which tests stand for a case.

use std::collections::BTreeSet;

use super::{Entry, Runner, Target, Unusable};
use crate::analysis::matching::selects;

/// A case that is to be executed.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    pub id: &'a str,
    pub aliases: &'a [String],
    pub selectors: &'a [String],
    /// Full names of tests that had results of it.
    pub known: &'a [String],
}

/// What came of choosing tests for cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub targets: Vec<Target>,
    pub entries: Vec<Entry>,
    /// Ids of cases of which not all tests are chosen, each with the reason.
    pub left: Vec<(String, String)>,
    /// Ids of cases with a selector that the runner has no use for, beside others that it has.
    pub ignored: Vec<(String, String)>,
}

impl Chosen {
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.entries.is_empty()
    }

    /// Chooses the tests of a case. A selector with `*` that the runner can't be given stands for the
    /// known names that fit it, and so does the case itself where none of its selectors is of use.
    pub fn add(&mut self, runner: Runner, wanted: &Wanted<'_>) {
        let (mut names, mut stars, mut wrong) = (BTreeSet::new(), Vec::new(), Vec::new());
        for selector in wanted.selectors {
            match runner.check(&target(selector)) {
                Ok(()) => {
                    names.insert(selector);
                }
                Err(Unusable::Star(_)) => stars.push(selector),
                Err(error) => wrong.push((selector, error)),
            }
        }
        let usable = |name: &&String| runner.check(&target(name)).is_ok();
        for selector in &stars {
            let fits = wanted.known.iter().filter(|name| selects(selector, name));
            let fitting: Vec<&String> = fits.filter(usable).collect();
            if fitting.is_empty() {
                let reason = format!("`{selector}`: {}", Unusable::Star(runner.as_str()));
                self.left.push((wanted.id.to_owned(), reason));
            }
            names.extend(fitting);
        }
        if names.is_empty() && stars.is_empty() {
            names.extend(wanted.known.iter().filter(usable));
        }
        let own = || wanted.id.to_owned();
        match (names.is_empty(), wrong.as_slice()) {
            (true, [(selector, error), ..]) => {
                self.left.push((own(), format!("`{selector}`: {error}")));
            }
            (true, []) if stars.is_empty() => {
                let reason = "it has no selector, and no result says what its test is called";
                self.left.push((own(), reason.to_owned()));
            }
            (false, wrong) => self.ignored.extend(
                wrong
                    .iter()
                    .map(|(selector, error)| (own(), format!("`{selector}`: {error}"))),
            ),
            (true, []) => {}
        }
        self.targets
            .extend(names.into_iter().map(|name| target(name)));
    }

    /// Chooses entries of `testplan.json` for a case: each of its ids with each of its names.
    pub fn add_entries(&mut self, wanted: &Wanted<'_>) {
        let is_exact = |selector: &&String| !selector.contains('*');
        let (exact, stars): (Vec<&String>, Vec<&String>) =
            wanted.selectors.iter().partition(is_exact);
        let mut names: BTreeSet<&String> = exact.into_iter().collect();
        for selector in &stars {
            let fits = wanted.known.iter().filter(|name| selects(selector, name));
            let before = names.len();
            names.extend(fits);
            if names.len() == before {
                let reason = format!("`{selector}`: {}", Unusable::Star("a plan"));
                self.left.push((wanted.id.to_owned(), reason));
            }
        }
        if wanted.selectors.is_empty() {
            names.extend(wanted.known);
        }
        let ids = std::iter::once(wanted.id).chain(wanted.aliases.iter().map(String::as_str));
        for id in ids {
            let entry = |selector: Option<&String>| Entry {
                id: Some(id.to_owned()),
                selector: selector.cloned(),
            };
            match names.is_empty() {
                true => self.entries.push(entry(None)),
                false => self
                    .entries
                    .extend(names.iter().map(|name| entry(Some(name)))),
            }
        }
    }
}

fn target(name: &str) -> Target {
    Target {
        full_name: name.to_owned(),
        name: None,
        project: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    fn chosen(runner: Runner, selectors: &[&str], known: &[&str]) -> Chosen {
        let mut chosen = Chosen::default();
        chosen.add(
            runner,
            &Wanted {
                id: "A",
                aliases: &[],
                selectors: &texts(selectors),
                known: &texts(known),
            },
        );
        chosen
    }

    fn names(chosen: &Chosen) -> Vec<&str> {
        chosen
            .targets
            .iter()
            .map(|target| target.full_name.as_str())
            .collect()
    }

    #[test]
    fn stars_stand_for_what_is_known() {
        let known = [
            "t.test_a#test_one",
            "t.test_a#test_two",
            "t.test_b#test_one",
        ];
        let found = chosen(Runner::Pytest, &["t.test_a#*"], &known);
        assert_eq!(names(&found), known[..2]);
        assert_eq!(found.left, []);
        let none = chosen(Runner::Pytest, &["t.test_a#test_one", "t.test_c#*"], &known);
        assert_eq!(names(&none), known[..1]);
        assert_eq!(none.left.len(), 1, "{none:?}");
        let given = chosen(Runner::Jest, &["a.test.js#adds *"], &[]);
        assert_eq!(names(&given), ["a.test.js#adds *"]);
    }

    #[test]
    fn what_is_of_no_use_is_said() {
        let none = chosen(Runner::Pytest, &[], &[]);
        assert_eq!(none.left.len(), 1);
        let known = chosen(Runner::Pytest, &[], &["t.test_a#test_one"]);
        assert_eq!(names(&known), ["t.test_a#test_one"]);
        let wrong = chosen(Runner::Pytest, &["signs in"], &[]);
        assert!(wrong.left[0].1.starts_with("`signs in`: "), "{wrong:?}");
        let mixed = chosen(Runner::Pytest, &["signs in", "t.test_a#test_one"], &[]);
        assert_eq!((mixed.left.len(), mixed.ignored.len()), (0, 1));
    }

    #[test]
    fn entries_have_ids_and_names() {
        let mut found = Chosen::default();
        let (aliases, selectors) = (texts(&["17"]), texts(&["t#one", "t#*"]));
        let known = texts(&["t#two"]);
        found.add_entries(&Wanted {
            id: "A",
            aliases: &aliases,
            selectors: &selectors,
            known: &known,
        });
        let pairs: Vec<String> = found
            .entries
            .iter()
            .map(|e| format!("{:?} {:?}", e.id.as_deref(), e.selector.as_deref()))
            .collect();
        assert_eq!(
            pairs,
            [
                "Some(\"A\") Some(\"t#one\")",
                "Some(\"A\") Some(\"t#two\")",
                "Some(\"17\") Some(\"t#one\")",
                "Some(\"17\") Some(\"t#two\")"
            ]
        );
        let mut alone = Chosen::default();
        alone.add_entries(&Wanted {
            id: "B",
            ..Wanted::default()
        });
        assert_eq!(alone.entries[0].selector, None);
        assert_eq!(alone.left, []);
    }
}
