//! `gates/<id>.yaml`, and `gate` in `project.yaml`.

use std::sync::Arc;

use super::{Parsed, stem, yaml_file};
use crate::model::{Gate, GateRule, RuleGroup};
use crate::store::shape::{Form, Mapping, Value};
use crate::store::yaml::Node;

/// Makes a rule of its limit.
type Limit<N> = fn(N) -> GateRule;

const COUNTS: [(&str, Limit<u64>); 5] = [
    ("max_failed", GateRule::MaxFailed),
    ("max_new_failures", GateRule::MaxNewFailures),
    ("max_unresolved", GateRule::MaxUnresolved),
    ("max_flaky", GateRule::MaxFlaky),
    ("min_results", GateRule::MinResults),
];

/// Each with the most that it may be.
const PERCENTAGES: [(&str, Limit<f64>, f64); 3] = [
    ("min_pass_rate", GateRule::MinPassRate, 100.0),
    (
        "min_requirement_coverage",
        GateRule::MinRequirementCoverage,
        100.0,
    ),
    (
        "max_duration_growth",
        GateRule::MaxDurationGrowth,
        1_000_000.0,
    ),
];

const FLAGS: [(&str, GateRule); 6] = [
    ("all_planned_ran", GateRule::AllPlannedRan),
    ("all_jobs", GateRule::AllJobs),
    ("no_recurrence", GateRule::NoRecurrence),
    ("no_expired_mute", GateRule::NoExpiredMute),
    ("no_overridden", GateRule::NoOverridden),
    ("all_approved", GateRule::AllApproved),
];

/// Parses a gate's file. Its id is the file's name.
pub fn parse_gate(path: &str, text: Arc<str>) -> Parsed<Gate> {
    yaml_file(path, text, |top| read(path, top))
}

pub(super) fn read(path: &str, top: &Mapping<'_, '_>) -> Gate {
    Gate {
        id: stem(path).to_owned(),
        name: top.required_text("name"),
        description: top.text("description"),
        groups: groups(top, &["name", "description"]),
    }
}

/// Reads `gate` in `project.yaml`. One that can't be read has a rule that can't be.
pub(super) fn gate(top: &Mapping<'_, '_>) -> Option<Gate> {
    let value = top.get("gate")?;
    let groups = match value.mapping() {
        Some(mapping) => {
            let groups = groups(&mapping, &[]);
            mapping.finish();
            groups
        }
        None => vec![RuleGroup {
            unread: vec!["gate".to_owned()],
            ..RuleGroup::default()
        }],
    };
    Some(Gate {
        groups,
        ..Gate::default()
    })
}

/// Reads a gate's own rules, and its list `groups`. `others` are keys of its file that are no rules.
fn groups(top: &Mapping<'_, '_>, others: &[&str]) -> Vec<RuleGroup> {
    let mut rules = Rules::default();
    rules.read(top);
    rules.unread_keys(top, &[others, &["groups"]].concat());
    let mut own = rules.group;
    let Some(list) = top.get("groups") else {
        return vec![own];
    };
    let items = list.items(false, "a list of mappings");
    if !matches!(list.node(), Node::List(_)) {
        own.unread.push("groups".to_owned());
    }
    let mut groups = vec![own];
    for (place, item) in items.into_iter().enumerate() {
        let mut group = match item.mapping() {
            Some(mapping) => group(mapping),
            None => RuleGroup {
                unread: vec![format!("groups[{place}]")],
                ..RuleGroup::default()
            },
        };
        group.place = Some(place);
        groups.push(group);
    }
    groups
}

fn group(mapping: Mapping<'_, '_>) -> RuleGroup {
    let mut rules = Rules::default();
    rules.group.name = mapping.required_text("name");
    rules.group.query = mapping.text("query");
    rules.read(&mapping);
    let mut others = vec!["name"];
    others.extend(rules.group.query.as_ref().map(|_| "query"));
    rules.unread_keys(&mapping, &others);
    mapping.finish();
    rules.group
}

/// A group that is being read.
#[derive(Default)]
struct Rules {
    group: RuleGroup,
    /// Keys whose values were understood.
    read: Vec<&'static str>,
}

impl Rules {
    fn read(&mut self, mapping: &Mapping<'_, '_>) {
        for (key, rule) in COUNTS {
            let value = mapping.get(key);
            let n = value.and_then(|value| value.integer("a whole number from 0 on"));
            self.add(key, n.map(rule), n.is_some());
        }
        for (key, rule, most) in PERCENTAGES {
            let n = mapping.get(key).and_then(|value| percent(&value, most));
            self.add(key, n.map(rule), n.is_some());
        }
        for (key, rule) in FLAGS {
            let flag = mapping.get(key).and_then(|value| value.boolean());
            self.add(key, flag.filter(|on| *on).map(|_| rule), flag.is_some());
        }
    }

    fn add(&mut self, key: &'static str, rule: Option<GateRule>, understood: bool) {
        self.group.rules.extend(rule);
        self.read.extend(understood.then_some(key));
    }

    fn unread_keys(&mut self, mapping: &Mapping<'_, '_>, others: &[&str]) {
        let mut seen = Vec::new();
        for key in mapping.keys() {
            // Of a key that is given twice nobody knows which was meant.
            let twice = seen.contains(&key);
            if twice || !others.contains(&key) && !self.read.contains(&key) {
                self.group.unread.push(key.to_owned());
            }
            seen.push(key);
        }
    }
}

/// Reads `98`, `99.5` or `98%`. Between 0 and 1 the sign must be there: `0.98` may be meant as a share.
fn percent(value: &Value<'_, '_>, most: f64) -> Option<f64> {
    const EXPECTED: &str = "a percentage such as `98` or `99.5%`";
    if value.outlines(Form::Percentage { max: most }) {
        return None;
    }
    let (n, signed, written) = match value.node() {
        Node::Integer(n) => (*n as f64, false, n.to_string()),
        Node::Float(n) => (*n, false, n.to_string()),
        Node::Text(text) => {
            let Some(n) = text.strip_suffix('%').and_then(decimal) else {
                value.unexpected(text, EXPECTED);
                return None;
            };
            (n, true, text.clone())
        }
        _ => {
            value.wrong_type(EXPECTED);
            return None;
        }
    };
    if !(0.0..=most).contains(&n) {
        let expected = match most {
            100.0 => "a percentage from 0 to 100",
            _ => "a percentage from 0 on",
        };
        value.unexpected(&written, expected);
        return None;
    }
    if !signed && n > 0.0 && n <= 1.0 {
        let expected = format!("`{}%` or `{}%`", n * 100.0, n);
        value.unexpected(&written, &expected);
        return None;
    }
    Some(n)
}

/// Reads digits, of which some may stand behind a point, and blanks after them: neither signs nor exponents.
fn decimal(text: &str) -> Option<f64> {
    let text = text.trim_end_matches(' ');
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(rest)).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::codes;

    const PATH: &str = "projects/shop/gates/release.yaml";

    #[test]
    fn rules_are_read_with_their_scopes() {
        let text = "name: Release\nmax_failed: 0\nmin_pass_rate: 99.5%\nall_jobs: true\nno_overridden: false\n\
            max_duration_growth: 150\ngroups:\n- {name: Payments, query: 'tag = pay', max_unresolved: 0}\n";
        let (doc, findings) = parse_gate(PATH, text.into());
        assert_eq!(findings, []);
        let gate = doc.expect("reads").value;
        assert_eq!(gate.id, "release");
        let [own, payments] = &gate.groups[..] else {
            panic!("two groups");
        };
        assert_eq!(
            own.rules,
            [
                GateRule::MaxFailed(0),
                GateRule::MinPassRate(99.5),
                GateRule::MaxDurationGrowth(150.0),
                GateRule::AllJobs,
            ]
        );
        assert!(own.unread.is_empty() && payments.unread.is_empty());
        assert_eq!(
            (own.place, payments.place, payments.name.as_str()),
            (None, Some(0), "Payments")
        );
        assert_eq!(payments.query.as_deref(), Some("tag = pay"));
    }

    #[test]
    fn what_does_not_read_is_kept_in_mind() {
        for (text, unread, message) in [
            ("max_faild: 0", "max_faild", "unknown key `max_faild`"),
            (
                "max_failed: -1",
                "max_failed",
                "`max_failed` is -1, expected a whole number from 0 on",
            ),
            (
                "max_failed: 1.5",
                "max_failed",
                "`max_failed` is a number, expected a whole number from 0 on",
            ),
            (
                "min_pass_rate: 101",
                "min_pass_rate",
                "`min_pass_rate` is `101`, expected a percentage from 0 to 100",
            ),
            (
                "min_pass_rate: .nan",
                "min_pass_rate",
                "`min_pass_rate` is `NaN`, expected a percentage from 0 to 100",
            ),
            (
                "min_pass_rate: 0.98",
                "min_pass_rate",
                "`min_pass_rate` is `0.98`, expected `98%` or `0.98%`",
            ),
            (
                "min_pass_rate: high",
                "min_pass_rate",
                "`min_pass_rate` is `high`, expected a percentage such as `98` or `99.5%`",
            ),
            (
                "all_jobs: yes please",
                "all_jobs",
                "`all_jobs` is a text, expected `true` or `false`",
            ),
            (
                "max_failed: 5\nmax_failed: 0",
                "max_failed",
                "the key `max_failed` is given twice",
            ),
            (
                "groups: {a: 1}",
                "groups",
                "`groups` is a mapping, expected a list of mappings",
            ),
            (
                "groups: [x]",
                "groups[0]",
                "`groups[0]` is a text, expected a mapping of keys and values",
            ),
            (
                "groups: [{name: a, query: [x]}]",
                "query",
                "`groups[0].query` is a list, expected a text",
            ),
        ] {
            let text = format!("name: R\n{text}\n");
            let (doc, findings) = parse_gate(PATH, text.as_str().into());
            let gate = doc.expect("reads").value;
            let all: Vec<&String> = gate.groups.iter().flat_map(|g| &g.unread).collect();
            assert_eq!(all, [unread], "{text}");
            assert_eq!(findings.len(), 1, "{findings:?}");
            assert_eq!(findings[0].message, message);
        }
        let (doc, findings) = parse_gate(PATH, "name: R\nmax_failed:\n".into());
        assert_eq!(findings, []);
        assert_eq!(doc.expect("reads").value.groups[0].unread, ["max_failed"]);
        let (_, findings) = parse_gate(PATH, "name: R\nmax_unresolvd: 0\n".into());
        assert_eq!(findings[0].code, codes::UNKNOWN_KEY);
        assert_eq!(
            findings[0].help.as_deref(),
            Some("did you mean `max_unresolved`?")
        );
    }
}
