//! What changed in files that are read as YAML: key by key, whatever the keys mean.

use std::collections::BTreeSet;

use serde_yaml::Value;

use super::words::{quote, some};

/// Differences of one file that are named.
const MAX: usize = 40;

/// One key whose value differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Differing {
    /// Keys from the top; items of lists go by their `name` or `id`.
    pub(super) keys: Vec<String>,
    /// What happened to it: `is slow now, and was fast`.
    pub(super) what: String,
}

impl Differing {
    /// Returns the keys as a path: `attachments.store`.
    pub(super) fn path(&self) -> String {
        self.keys.join(".")
    }
}

/// Returns what differs, in the order of the keys; white space, comments, quotes, the order of keys and
/// of lists of plain values count for nothing. None where a text is no YAML.
pub(super) fn differing(before: &str, after: &str) -> Option<Vec<Differing>> {
    let (one, other) = (parse(before)?, parse(after)?);
    let mut out = Vec::new();
    compare(&mut Vec::new(), Some(&one), Some(&other), &mut out);
    out.truncate(MAX);
    Some(out)
}

fn parse(text: &str) -> Option<Value> {
    serde_yaml::from_str(text.trim_start_matches('\u{feff}')).ok()
}

fn compare(
    keys: &mut Vec<String>,
    before: Option<&Value>,
    after: Option<&Value>,
    out: &mut Vec<Differing>,
) {
    if before == after || out.len() > MAX {
        return;
    }
    match (before, after) {
        (Some(Value::Mapping(one)), Some(Value::Mapping(other))) => {
            let names: BTreeSet<String> = one.keys().chain(other.keys()).map(shown).collect();
            let find = |map: &serde_yaml::Mapping, name: &str| {
                map.iter()
                    .find(|(key, _)| shown(key) == name)
                    .map(|(_, value)| value.clone())
            };
            for name in names {
                let (was, is) = (find(one, &name), find(other, &name));
                keys.push(name);
                compare(keys, was.as_ref(), is.as_ref(), out);
                keys.pop();
            }
        }
        (Some(Value::Sequence(one)), Some(Value::Sequence(other))) => items(keys, one, other, out),
        (was, is) => out.push(Differing {
            keys: keys.clone(),
            what: told(was, is),
        }),
    }
}

/// Lists of plain values are sets; items with a name go by it; all else is compared whole.
fn items(keys: &mut Vec<String>, one: &[Value], other: &[Value], out: &mut Vec<Differing>) {
    let plain = |list: &[Value]| {
        list.iter()
            .all(|item| !item.is_mapping() && !item.is_sequence())
    };
    if plain(one) && plain(other) {
        let (one, other): (Vec<String>, Vec<String>) = (
            one.iter().map(shown).collect(),
            other.iter().map(shown).collect(),
        );
        let (gone, come) = super::front::differing(&one, &other);
        let what = match (gone.is_empty(), come.is_empty()) {
            (true, true) => format!("has another order: {}", some(&other)),
            (true, false) => format!("has {} too", some(&come)),
            (false, true) => format!("no longer has {}", some(&gone)),
            (false, false) => format!("has {}, and no longer {}", some(&come), some(&gone)),
        };
        // In a workflow and the like the order counts; of the same values it is said last.
        out.push(Differing {
            keys: keys.clone(),
            what,
        });
        return;
    }
    let name = |item: &Value| {
        ["id", "name", "key"]
            .iter()
            .find_map(|key| item.get(*key))
            .map(shown)
    };
    let named = |list: &[Value]| -> Option<BTreeSet<String>> {
        let names: Vec<String> = list.iter().map(name).collect::<Option<_>>()?;
        let set: BTreeSet<String> = names.iter().cloned().collect();
        (set.len() == names.len()).then_some(set)
    };
    let (Some(old), Some(new)) = (named(one), named(other)) else {
        out.push(Differing {
            keys: keys.clone(),
            what: "says something else".to_owned(),
        });
        return;
    };
    let find = |list: &[Value], wanted: &str| {
        list.iter()
            .find(|item| name(item).as_deref() == Some(wanted))
            .cloned()
    };
    let count = out.len();
    for wanted in old.union(&new) {
        keys.push(wanted.clone());
        compare(
            keys,
            find(one, wanted).as_ref(),
            find(other, wanted).as_ref(),
            out,
        );
        keys.pop();
    }
    if out.len() == count {
        out.push(Differing {
            keys: keys.clone(),
            what: "has another order".to_owned(),
        });
    }
}

fn told(before: Option<&Value>, after: Option<&Value>) -> String {
    let text = |value: &Value| match value {
        Value::Mapping(_) | Value::Sequence(_) => {
            quote(serde_json::to_string(value).unwrap_or_default().as_str())
        }
        value => quote(&shown(value)),
    };
    match (before, after) {
        (Some(was), Some(is)) => format!("is {} now, and was {}", text(is), text(was)),
        (None, Some(is)) => format!("is new: {}", text(is)),
        (Some(was), None) => format!("is gone, and was {}", text(was)),
        (None, None) => String::new(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(before: &str, after: &str) -> Vec<String> {
        let all = differing(before, after).expect("both are YAML");
        all.iter()
            .map(|one| format!("{} {}", one.path(), one.what))
            .collect()
    }

    #[test]
    fn keys_are_compared_by_what_they_say() {
        assert_eq!(
            said("a: 1\nb: {c: x}\n", "b:\n  c: 'x' # yes\na: 1\n"),
            [] as [&str; 0]
        );
        assert_eq!(
            said(
                "a: 1\nb: {c: x, d: [p, q]}\n",
                "b: {c: y, d: [q, r]}\ne: true\n"
            ),
            [
                "a is gone, and was “1”",
                "b.c is “y” now, and was “x”",
                "b.d has r, and no longer p",
                "e is new: “true”"
            ]
        );
        assert_eq!(
            said(
                "a: [{name: x, k: 1}, {name: y, k: 2}]",
                "a: [{name: y, k: 3}, {name: z}]"
            ),
            [
                "a.x is gone, and was “{\"name\":\"x\",\"k\":1}”",
                "a.y.k is “3” now, and was “2”",
                "a.z is new: “{\"name\":\"z\"}”"
            ]
        );
        assert_eq!(
            said("w: [a, b]", "w: [b, a]"),
            ["w has another order: b and a"]
        );
    }
}
