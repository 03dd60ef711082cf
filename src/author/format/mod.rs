//! The canonical form of documentation: the order of keys, and white space that says nothing.
//!
//! **Invariant:** a formatted file says what it said, its comments among it, and formatting it again
//! changes nothing. Where that does not hold of a file, it stays as it is.

mod body;
mod yaml;

pub(in crate::author) use self::body::formatted as formatted_body;

use crate::store::schema::{KeyOrder, Kind};
use crate::store::{findings_of, halves, parse_case, parse_defect, parse_steps, read_yaml};

const BOM: char = '\u{feff}';

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formatted {
    /// It is in its canonical form.
    Same,
    /// The text in its canonical form.
    Changed(String),
    /// It does not read, so nothing is known of its form.
    Unread(String),
}

/// Returns the kind of a file that is formatted; none of others, lines of approvals among them.
pub fn formatted_kind(path: &str) -> Option<Kind> {
    Kind::of(path).filter(|kind| *kind != Kind::Approval)
}

/// Formats a file of documentation.
pub fn format(path: &str, text: &str) -> Formatted {
    let Some(kind) = formatted_kind(path) else {
        return Formatted::Same;
    };
    if let Some(why) = unread(kind, path, text) {
        return Formatted::Unread(why);
    }
    let new = written(kind, text);
    match new == text || !says_the_same(kind, path, text, &new) {
        true => Formatted::Same,
        false => Formatted::Changed(new),
    }
}

/// Says why a file does not read as a whole.
fn unread(kind: Kind, path: &str, text: &str) -> Option<String> {
    let (yaml, _) = parts(kind, text)?;
    let is_mapping = read_yaml::<serde_json::Value>(yaml.as_bytes());
    let is_mapping = is_mapping.is_ok_and(|value| value.is_object() || value.is_null());
    let findings = findings_of(path, text);
    let broken = findings.iter().find(|finding| {
        let names = [
            "conflict-marker",
            "invalid-yaml",
            "too-complex",
            "too-large",
            "empty-file",
            "duplicate-key",
            "no-front-matter",
            "unclosed-front-matter",
        ];
        names.contains(&finding.code.name)
    });
    match (broken, is_mapping) {
        (Some(finding), _) => Some(finding.message.clone()),
        (None, false) => Some("it is not valid YAML".to_owned()),
        (None, true) => None,
    }
}

/// Cuts a file into its YAML and its body; a file without front matter has neither.
fn parts(kind: Kind, text: &str) -> Option<(&str, &str)> {
    match kind.is_yaml() {
        true => Some((text.strip_prefix(BOM).unwrap_or(text), "")),
        false => match halves(text) {
            Some(parts) => Some((&text[parts.yaml], &text[parts.body..])),
            None => Some(("", text)),
        },
    }
}

fn written(kind: Kind, text: &str) -> String {
    let is_crlf = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
    let plain = text.strip_prefix(BOM).unwrap_or(text).replace("\r\n", "\n");
    let order = KeyOrder::of(kind);
    let out = match (kind.is_yaml(), halves(&plain)) {
        (true, _) => yaml::formatted(&plain, &order),
        (false, Some(parts)) => {
            let front = yaml::formatted(&plain[parts.yaml], &order);
            let body = body::formatted(&plain[parts.body..]);
            format!("---\n{front}---\n{body}")
        }
        (false, None) => plain,
    };
    match is_crlf {
        true => out.replace('\n', "\r\n"),
        false => out,
    }
}

/// Whether a text says what another one does: values, comments, steps and words.
fn says_the_same(kind: Kind, path: &str, before: &str, after: &str) -> bool {
    let (Some((old, old_body)), Some((new, new_body))) = (parts(kind, before), parts(kind, after))
    else {
        return false;
    };
    let values = |yaml: &str| read_yaml::<serde_json::Value>(yaml.as_bytes());
    let same_values = match (values(old), values(new)) {
        // Comparing mappings asks for no order.
        (Ok(old), Ok(new)) => old == new,
        _ => false,
    };
    let words = |text: &str| {
        text.split_whitespace()
            .map(body::unnumbered)
            .collect::<Vec<_>>()
            .join(" ")
    };
    same_values
        && yaml::comments(old) == yaml::comments(new)
        && words(old_body) == words(new_body)
        && model(kind, path, before) == model(kind, path, after)
}

/// Returns what the parser of a kind reads, without places.
fn model(kind: Kind, path: &str, text: &str) -> Option<String> {
    fn still(steps: &mut [crate::model::ScenarioStep]) {
        for step in steps {
            step.offset = 0;
            still(&mut step.steps);
        }
    }
    match kind {
        Kind::Case => parse_case(path, text.into()).0.map(|doc| {
            let mut case = doc.value;
            still(&mut case.scenario.steps);
            // Fields and parameters keep the order of the file; which is said by comparing values.
            format!("{case:?}")
        }),
        Kind::Steps => parse_steps(path, text.into()).0.map(|doc| {
            let mut steps = doc.value;
            still(&mut steps.scenario.steps);
            format!("{steps:?}")
        }),
        Kind::Defect => parse_defect(path, text.into())
            .0
            .map(|doc| format!("{:?}", doc.value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::author::case::CASE_KEYS;

    const PATH: &str = "projects/p/cases/a.md";

    #[track_caller]
    fn case(text: &str) -> String {
        let new = match format(PATH, text) {
            Formatted::Same => text.to_owned(),
            Formatted::Changed(new) => new,
            Formatted::Unread(why) => panic!("{why}"),
        };
        assert_eq!(format(PATH, &new), Formatted::Same, "twice is once");
        new
    }

    #[test]
    fn keys_stand_as_parsers_ask_for_them() {
        let keys: Vec<&str> = KeyOrder::of(Kind::Case).keys().collect();
        assert_eq!(keys, CASE_KEYS);
    }

    #[test]
    fn a_case_gets_its_form() {
        let text = "\u{feff}---\n# who\nowner:   alice # a\ntags: [ a,b , \"c\" ]\n\n\n# the id\nid: A-1   \n\
            title: 'T'\nx-own: 1\nlinks:\n  -   {name: W, type: issue}\n  - type: tms\n    name: X\n\
            fields: { b: c, a: [ d ] }\n# end\n\n---\n\n\n\nWords  \nhere.\n## Steps\n\n1. a\n2. b\n   1. c\n   2. d\n3. e\n\n\n";
        assert_eq!(
            case(text),
            "---\n# the id\nid: A-1\ntitle: 'T'\n# who\nowner: alice # a\ntags: [a, b, \"c\"]\n\
             fields: {b: c, a: [d]}\nlinks:\n  - {type: issue, name: W}\n  - type: tms\n    name: X\n\
             x-own: 1\n# end\n---\n\nWords  \nhere.\n## Steps\n\n1. a\n1. b\n   1. c\n   1. d\n1. e\n"
        );
    }

    #[test]
    fn what_stands_deeper_than_it_need_goes_to_its_step() {
        let head = "---\nid: A\ntitle: T\n---\n\n## Steps\n\n";
        let wide = "1. Open.\n    1. Wait.\n        - **Expected:** soon\n\n    - **Expected:** shown\n\n      ```\n        x\n      ```\n    - **Data:** y\n2.  Next.\n     - Expected: z\n";
        let narrow = "1. Open.\n   1. Wait.\n      - **Expected:** soon\n\n   - **Expected:** shown\n\n     ```\n       x\n     ```\n   - **Data:** y\n1.  Next.\n    - Expected: z\n";
        assert_eq!(case(&format!("{head}{wide}")), format!("{head}{narrow}"));
        // A line that goes on with the paragraph from the left can't go further.
        let lazy = "1. Open.\n    - **Expected:** shown\nand whole\n";
        assert_eq!(case(&format!("{head}{lazy}")), format!("{head}{lazy}"));
    }

    #[test]
    fn what_moves_up_leaves_no_second_blank_line() {
        assert_eq!(
            case("---\n\ntitle: x\n\nid: SHOP-AAAAA1\n---\n"),
            "---\nid: SHOP-AAAAA1\ntitle: x\n---\n"
        );
        let plan = |text: &str| format("projects/p/plans/a.yaml", text);
        let formed = "# first\n\nname: P\n\nquery: tag = smoke\n";
        assert_eq!(
            plan("\n\n# first\n\nquery: tag = smoke\n\nname: P\n"),
            Formatted::Changed(formed.replace("P\n\nq", "P\nq"))
        );
        assert_eq!(plan(formed), Formatted::Same);
    }

    #[test]
    fn line_ends_stay_and_become_one() {
        let text = "---\r\ntitle: T\r\nid: A\n---\r\n\r\n## Steps\r\n\r\n1) a\r\n2) b\r\n";
        let new = case(text);
        assert_eq!(
            new,
            "---\r\nid: A\r\ntitle: T\r\n---\r\n\r\n## Steps\r\n\r\n1. a\r\n1. b\r\n"
        );
    }

    #[test]
    fn what_can_not_be_cut_stays() {
        for text in [
            "---\ntitle: &t T\nid: A\n---\n",
            "---\ntitle: T\nid: A\ntags: [\n  b, # one\n  c,\n]\n---\n",
            "---\nid: A\ntitle: |\n  T\n\n  more\nowner: >-\n  x\n   y\n---\n\n```\n2. no step\n```\n",
        ] {
            case(text);
        }
        assert!(case("---\ntitle: &t T\nid: A\n---\n").contains("title: &t T\nid: A"));
        for broken in [
            "",
            "# no\n",
            "---\nid: A\n",
            "---\nid: [\n---\n",
            "---\nid: A\nid: B\n---\n",
            "---\nid: A\n---\n<<<<<<< a\nb\n=======\nc\n>>>>>>> d\n",
        ] {
            assert!(
                matches!(format(PATH, broken), Formatted::Unread(_)),
                "{broken}"
            );
        }
        assert_eq!(format("projects/p/README.md", "x  \n\n\n"), Formatted::Same);
        assert_eq!(
            format("projects/p/approvals/A.yaml", "b: 1\na:  2"),
            Formatted::Same
        );
    }

    #[test]
    fn yaml_may_begin_with_dashes() {
        let path = "projects/p/members/alice.yaml";
        let text = "# who\n---\nemails: [ a@example.com ]\nname:   Alice\n";
        let wanted = "# who\n\nname: Alice\nemails: [a@example.com]\n";
        assert_eq!(format(path, text), Formatted::Changed(wanted.to_owned()));
        assert_eq!(format(path, wanted), Formatted::Same);
        let two = "---\nname: Alice\n---\nname: Bob\n";
        assert!(!matches!(format(path, two), Formatted::Changed(_)));
    }

    fn lines() -> impl Strategy<Value = String> {
        let yaml = prop_oneof![
            "(id|title|owner|tags|fields|links|x): ?( |  )(a|'b'|\"c # d\"|\\[ ?a, ?b ?\\]|\\{ ?b: c ?,a: d\\}|[|>]-?)( # c)?( |)",
            " {2,4}- ?(a|\\{name: b, type: c\\}|type: x)( # d)?",
            " {2,4}(name|type|z): [a-c]?",
            "(# [a-c]| {1,3}# x|)",
            "    [a-c ]{1,4}",
        ];
        let body = prop_oneof![
            "(## Steps|## Other|[1-9]\\. [a-c]|1[0-9]\\. x| {2,4}[1-9]\\. [a-c]| {3}- \\*\\*Expected:\\*\\* y|```|    code|text  |)",
        ];
        (
            proptest::collection::vec(yaml, 0..10),
            proptest::collection::vec(body, 0..12),
            any::<bool>(),
        )
            .prop_map(|(yaml, body, crlf)| {
                let text = format!("---\n{}\n---\n{}", yaml.join("\n"), body.join("\n"));
                match crlf {
                    true => text.replace('\n', "\r\n"),
                    false => text,
                }
            })
    }

    #[test]
    fn keys_behind_a_dash_have_their_order() {
        let head = "---\nid: A\ntitle: T\nlinks:\n";
        let text = "  -  name: X # the name\n     # the type\n     type: tms\n  - url: u\n    x: |\n      y\n    type: issue\n";
        // A comment of its own line has no place behind a dash.
        let wanted = "  -  name: X # the name\n     # the type\n     type: tms\n  - type: issue\n    url: u\n    x: |\n      y\n";
        assert_eq!(
            case(&format!("{head}{text}---\n")),
            format!("{head}{wanted}---\n")
        );
        let deep = "-   url: u\n    name:\n      - a\n    type: tms\n";
        let wanted = "-   type: tms\n    name:\n      - a\n    url: u\n";
        assert_eq!(
            case(&format!("{head}{deep}---\n")),
            format!("{head}{wanted}---\n")
        );
    }

    /// An entry of a mapping behind a dash: its key, what it says, a comment behind and one above it.
    type Pair = (&'static str, &'static str, bool, bool);

    /// A list of mappings, each with its keys in two orders.
    fn maps() -> impl Strategy<Value = Vec<(Vec<Pair>, Vec<Pair>)>> {
        const KEYS: [&str; 4] = ["type", "name", "url", "x"];
        let said = prop_oneof![
            Just("a"),
            Just("'b'"),
            Just("\"c # d\""),
            Just("[ a,b ]"),
            Just("{ type: a,x: b }"),
            Just("|\n!  y\n!   z"),
            Just("\n!  - b\n!  - c: 1\n!    a: 2"),
            Just("\n!  z: 1\n!  type: 2"),
            Just(""),
        ];
        let pairs = proptest::collection::vec((said, any::<bool>(), any::<bool>()), 1..=KEYS.len());
        let map = (pairs, Just(KEYS.to_vec()).prop_shuffle()).prop_flat_map(|(pairs, keys)| {
            let pairs = keys.into_iter().zip(pairs);
            let pairs: Vec<Pair> = pairs
                .map(|(key, (said, behind, above))| (key, said, behind, above))
                .collect();
            (Just(pairs.clone()), Just(pairs).prop_shuffle())
        });
        proptest::collection::vec(map, 1..4)
    }

    /// Writes mappings behind dashes that stand in a column, with blanks behind them.
    fn listed<'p>(
        maps: impl Iterator<Item = &'p Vec<Pair>>,
        column: usize,
        gap: usize,
        comments: bool,
    ) -> String {
        let mut out = "---\nid: A\ntitle: T\nlinks:\n".to_owned();
        let key_column = " ".repeat(column + 1 + gap);
        for pairs in maps {
            for (n, (key, said, behind, above)) in pairs.iter().enumerate() {
                if n > 0 && *above && comments {
                    out.push_str(&format!("{key_column}# above {key}\n"));
                }
                let start = match n {
                    0 => format!("{}-{}", " ".repeat(column), " ".repeat(gap)),
                    _ => key_column.clone(),
                };
                let (first, below) = said.split_once('\n').unwrap_or((said, ""));
                let comment = if *behind && comments && below.is_empty() {
                    " # behind"
                } else {
                    ""
                };
                out.push_str(&format!("{start}{key}: {first}{comment}\n"));
                for line in below.lines() {
                    out.push_str(&line.replace('!', &key_column));
                    out.push('\n');
                }
            }
        }
        out + "---\n"
    }

    /// Keys in any order, each with blank lines and comments above it.
    fn spaced(keys: &'static [&'static str]) -> impl Strategy<Value = String> {
        let above = "(\n|# [a-c]\n){0,4}";
        let keys = Just(keys.to_vec()).prop_shuffle();
        (keys, proptest::collection::vec(above, 5), any::<bool>()).prop_map(
            |(keys, above, crlf)| {
                let lines = keys.iter().zip(&above);
                let text: String = lines
                    .map(|(key, above)| format!("{above}{key}\n"))
                    .collect();
                let text = text + &above[4];
                match crlf {
                    true => text.replace('\n', "\r\n"),
                    false => text,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn blank_lines_and_comments_have_one_form(
            front in spaced(&["id: A", "title: T", "tags: [a]", "owner: o"]),
            plan in spaced(&["name: P", "query: tag = smoke", "description: d", "cases: [A]"]),
        ) {
            let end = if front.contains('\r') { "\r\n" } else { "\n" };
            let case = format!("---{end}{front}---{end}");
            for (path, text) in [(PATH, case), ("projects/p/plans/a.yaml", plan)] {
                let new = match format(path, &text) {
                    Formatted::Changed(new) => new,
                    Formatted::Same => text.clone(),
                    Formatted::Unread(why) => panic!("{why}\n{text}"),
                };
                prop_assert_eq!(format(path, &new), Formatted::Same, "{:?}\n{:?}", text, new);
            }
        }

        #[test]
        fn mappings_behind_dashes_have_one_form(maps in maps(), column in 0..4_usize, gap in 1..4_usize) {
            let made = |text: &str| match format(PATH, text) {
                Formatted::Changed(new) => new,
                Formatted::Same => text.to_owned(),
                Formatted::Unread(why) => panic!("{why}\n{text}"),
            };
            for comments in [false, true] {
                let text = listed(maps.iter().map(|(one, _)| one), column, gap, comments);
                let new = made(&text);
                prop_assert_eq!(made(&new), new.clone(), "{}", text);
                prop_assert!(says_the_same(Kind::Case, PATH, &text, &new));
                if !comments {
                    // However keys were ordered.
                    let other = listed(maps.iter().map(|(_, other)| other), column, gap, false);
                    prop_assert_eq!(made(&other), new, "{}", text);
                }
            }
        }

        #[test]
        fn formatting_says_the_same_and_once_is_enough(text in lines()) {
            let new = match format(PATH, &text) {
                Formatted::Changed(new) => new,
                Formatted::Same => text.clone(),
                Formatted::Unread(_) => return Ok(()),
            };
            prop_assert_eq!(format(PATH, &new), Formatted::Same, "{:?}\n{:?}", text, new);
            prop_assert!(says_the_same(Kind::Case, PATH, &text, &new));
            let said = |text: &str| {
                let mut said = findings_of(PATH, text).into_iter().map(|f| (f.code.id, f.message)).collect::<Vec<_>>();
                said.retain(|(_, message)| !message.contains("byte order"));
                said.sort();
                said
            };
            let (before, after) = (said(&text), said(&new));
            prop_assert!(after.iter().all(|one| before.contains(one)), "{:?} {:?}", before, after);
        }
    }
}
