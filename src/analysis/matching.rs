//! Which documented case a result belongs to.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::base::{Digest, Hasher};
use crate::model::Case;

/// The documented cases of a project, ready to be asked for by id or by full name.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    by_id: BTreeMap<String, String>,
    /// The same in upper case, for ids that nobody has as they are written; none where several cases have one.
    by_letters: BTreeMap<String, Option<String>>,
    exact: BTreeMap<String, BTreeSet<String>>,
    patterns: Vec<(Vec<String>, String)>,
    /// The same selectors in the other notation, for names that none fits as it is written.
    plain: BTreeMap<String, BTreeSet<String>>,
    plain_patterns: Vec<(Vec<String>, String)>,
}

/// What came of matching one result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    Case(String),
    /// No documented case: the test is a case of its own.
    None,
    /// Two or more cases claim the result; it stays unmatched.
    Ambiguous(Vec<String>),
}

impl Matcher {
    pub fn new<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Self {
        let mut matcher = Self::default();
        for case in cases {
            for id in case.aliases.iter().chain([&case.id]) {
                matcher.by_id.insert(id.clone(), case.id.clone());
                let other = matcher.by_letters.entry(id.to_ascii_uppercase());
                let known = other.or_insert_with(|| Some(case.id.clone()));
                if known.as_ref().is_some_and(|known| *known != case.id) {
                    *known = None;
                }
            }
            for selector in &case.automation.selectors {
                matcher.add_selector(selector, &case.id);
            }
        }
        matcher
    }

    fn add_selector(&mut self, selector: &str, case: &str) {
        let plain = plain(selector).into_owned();
        if selector.contains('*') {
            let parts = |text: &str| text.split('*').map(str::to_owned).collect();
            self.patterns.push((parts(selector), case.to_owned()));
            self.plain_patterns.push((parts(&plain), case.to_owned()));
        } else {
            for (known, selector) in [(&mut self.exact, selector), (&mut self.plain, &*plain)] {
                let cases = known.entry(selector.to_owned()).or_default();
                cases.insert(case.to_owned());
            }
        }
    }

    /// Matches by explicit ids, then by the full name. Ids that name no case are labels.
    pub fn find(&self, ids: &[String], full_name: Option<&str>) -> Match {
        let named: BTreeSet<&String> = ids.iter().filter_map(|id| self.by_any(id)).collect();
        if !named.is_empty() {
            return decide(named.into_iter().cloned());
        }
        let Some(full_name) = full_name else {
            return Match::None;
        };
        let claims = claims(&self.exact, &self.patterns, full_name);
        match claims.is_empty() {
            false => decide(claims),
            true => decide(self::claims(
                &self.plain,
                &self.plain_patterns,
                &plain(full_name),
            )),
        }
    }

    /// Matches as [`find`](Self::find) does; `None` also where several cases claim the result.
    pub fn case(&self, ids: &[String], full_name: Option<&str>) -> Option<String> {
        match self.find(ids, full_name) {
            Match::Case(case) => Some(case),
            Match::None | Match::Ambiguous(_) => None,
        }
    }

    /// Returns the digest of all that a match depends on beside the test.
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher::new();
        // How names are compared: another one wherever that changes.
        hasher.field("names in one line, ids in any letters");
        for (id, case) in &self.by_id {
            hasher.field("id").field(id).field(case);
        }
        for (selector, cases) in &self.exact {
            hasher.field("selector").field(selector);
            for case in cases {
                hasher.field(case);
            }
        }
        for (parts, case) in &self.patterns {
            hasher.field("pattern").field(case);
            for part in parts {
                hasher.field(part);
            }
        }
        hasher.finish()
    }

    /// Whether nothing could be matched.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty() && self.exact.is_empty() && self.patterns.is_empty()
    }

    /// Whether an id names a case or an alias of one.
    pub fn knows(&self, id: &str) -> bool {
        self.by_any(id).is_some()
    }

    /// The case of an id, or of the only one that has other letters.
    fn by_any(&self, id: &str) -> Option<&String> {
        let other = || self.by_letters.get(&id.to_ascii_uppercase());
        self.by_id.get(id).or_else(|| other()?.as_ref())
    }
}

fn decide(claims: impl IntoIterator<Item = String>) -> Match {
    let mut claims: Vec<String> = claims.into_iter().collect();
    match claims.len() {
        0 => Match::None,
        1 => Match::Case(claims.remove(0)),
        _ => Match::Ambiguous(claims),
    }
}

/// Returns the cases whose selectors fit a name.
fn claims(
    exact: &BTreeMap<String, BTreeSet<String>>,
    patterns: &[(Vec<String>, String)],
    name: &str,
) -> BTreeSet<String> {
    let exact = exact.get(name).into_iter().flatten().cloned();
    let fitting = patterns.iter();
    let fitting = fitting.filter(|(parts, _)| matches_parts(parts, name));
    exact.chain(fitting.map(|(_, case)| case.clone())).collect()
}

/// Returns a name or a selector in the notation that has no `#`. Of one test, Allure's adapters for pytest and
/// JUnit write `module.Class#test`, and JUnit XML, from its `classname` and `name`, `module.Class.test`.
fn plain(name: &str) -> Cow<'_, str> {
    let name = one_line(name);
    match name.contains('#') {
        true => name.replace('#', ".").into(),
        false => name,
    }
}

/// Returns a full name as a selector can say it: blanks at its ends gone, and a blank for each run of line
/// breaks and control characters. Full names are kept as reports have them; they are matched this way, too.
pub fn one_line(name: &str) -> Cow<'_, str> {
    let trimmed = name.trim();
    if !trimmed.contains(char::is_control) {
        return trimmed.into();
    }
    let parts = trimmed.split(char::is_control).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" ").into()
}

/// Whether a full name fits a selector in which `*` stands for any characters, also none, and `#` for a dot
/// as well, where a report writes one.
pub fn selects(selector: &str, full_name: &str) -> bool {
    fits(selector, full_name) || fits(&plain(selector), &plain(full_name))
}

fn fits(selector: &str, full_name: &str) -> bool {
    if !selector.contains('*') {
        return selector == full_name;
    }
    let parts: Vec<String> = selector.split('*').map(str::to_owned).collect();
    matches_parts(&parts, full_name)
}

fn matches_parts(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return false;
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Automation;

    #[test]
    fn names_are_matched_in_one_line() {
        let odd = "S >  lead\tand\r\n\u{7}trail ";
        assert_eq!(one_line(odd), "S >  lead and trail");
        assert!(matches!(one_line("as it is"), Cow::Borrowed("as it is")));
        assert!(selects("S >  lead and trail", odd));
        assert!(!selects("S >  lead andtrail", odd));
        let case = case("T-1", "", &one_line(odd));
        let matcher = Matcher::new([&case]);
        assert_eq!(matcher.find(&[], Some(odd)), Match::Case("T-1".into()));
    }

    #[test]
    fn ids_are_known_in_any_letters() {
        let all = [
            case("A-1", "C107", "x"),
            case("A-2", "c9", "y"),
            case("A-3", "C9", "z"),
        ];
        let matcher = Matcher::new(&all);
        let find = |id: &str| matcher.find(&[id.to_owned()], None);
        assert_eq!(find("c107"), Match::Case("A-1".into()));
        assert_eq!(find("a-1"), Match::Case("A-1".into()));
        assert_eq!(find("c9"), Match::Case("A-2".into()));
        assert_eq!(find("C9"), Match::Case("A-3".into()));
        let two = Matcher::new(&all[1..]);
        assert!(two.knows("C9") && !two.knows("c107"));
        let matcher = Matcher::new([&case("A-2", "cX", "y"), &case("A-3", "Cx", "z")]);
        assert_eq!(matcher.find(&["CX".to_owned()], None), Match::None);
    }

    fn case(id: &str, alias: &str, selector: &str) -> Case {
        Case {
            id: id.into(),
            aliases: vec![alias.into()],
            automation: Automation {
                selectors: vec![selector.into()],
            },
            ..Case::default()
        }
    }

    #[test]
    fn ids_come_before_selectors() {
        let matcher = Matcher::new(&[case("A-1", "OLD", "x.y"), case("A-2", "A2", "x.*")]);
        let ids = |ids: &[&str]| ids.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            matcher.find(&ids(&["OLD"]), Some("x.z")),
            Match::Case("A-1".into())
        );
        assert_eq!(
            matcher.find(&ids(&["OLD", "A-1"]), None),
            Match::Case("A-1".into())
        );
        assert_eq!(
            matcher.find(&ids(&["NOPE"]), Some("x.z")),
            Match::Case("A-2".into())
        );
        let both = Match::Ambiguous(vec!["A-1".into(), "A-2".into()]);
        assert_eq!(matcher.find(&[], Some("x.y")), both);
        assert_eq!(matcher.find(&ids(&["A-1", "A2"]), None), both);
        assert_eq!(matcher.find(&[], None), Match::None);
    }

    /// A selector taken from an Allure report fits the same test's result in JUnit XML, and the other way round.
    #[test]
    fn both_notations_of_a_test_are_one() {
        let cases = [
            case("A-1", "A1", "m.C#t"),
            case("A-2", "A2", "m.C.u"),
            case("A-3", "A3", "n.*#t"),
            case("A-4", "A4", "k#t"),
            case("A-5", "A5", "k.t"),
        ];
        let matcher = Matcher::new(&cases);
        for (name, wanted) in [
            ("m.C.t", "A-1"),
            ("m.C#t", "A-1"),
            ("m.C#u", "A-2"),
            ("n.C.t", "A-3"),
            // As it is written comes first.
            ("k#t", "A-4"),
            ("k.t", "A-5"),
        ] {
            let found = matcher.find(&[], Some(name));
            assert_eq!(found, Match::Case(wanted.into()), "{name}");
        }
        assert_eq!(matcher.find(&[], Some("m.D.t")), Match::None);
        assert!(selects("m.C#t", "m.C.t") && selects("m.*.t", "m.C#t") && !selects("m#t", "mt"));
    }

    #[test]
    fn stars_stand_for_anything() {
        assert!(selects("a.*#t", "a.b.C#t") && selects("*", "") && selects("a*a", "aba"));
        assert!(!selects("a*a", "a") && !selects("a.b", "a.b.c") && !selects("a*b*c", "acb"));
    }
}
