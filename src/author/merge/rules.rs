//! Which lists are sets, and what tells their items apart.

use crate::store::written::Value;

/// How the items of a list are told apart, and whether their order means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListRule {
    /// The keys that name an item together, the first of these groups that it has; none for items
    /// that are known by all that they say.
    pub(super) keys: &'static [&'static [&'static str]],
    pub(super) is_ordered: bool,
}

const SET: ListRule = ListRule {
    keys: &[],
    is_ordered: false,
};

const SEQUENCE: ListRule = ListRule {
    keys: &[],
    is_ordered: true,
};

const LINKS: ListRule = ListRule {
    keys: &[&["type", "name"], &["url"]],
    is_ordered: false,
};

const BY_ID: ListRule = ListRule {
    keys: &[&["id"]],
    is_ordered: false,
};

const NAMED: ListRule = ListRule {
    keys: &[&["name"]],
    is_ordered: false,
};

const NAMED_IN_ORDER: ListRule = ListRule {
    keys: &[&["name"]],
    is_ordered: true,
};

/// Returns the rule of a list. `folder` is the folder of the project that the file stands in, or the
/// file's name; `place` has the keys down to the list, `*` for an item. An unknown list is a sequence.
pub(super) fn rule(folder: &str, place: &[String]) -> ListRule {
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    match (folder, &place[..]) {
        ("cases", ["tags" | "aliases"] | ["automation", "selectors"])
        | ("cases", ["fields" | "parameters", _])
        | ("plans", ["cases" | "exclude" | "assignees" | "environments"])
        | ("mutes", ["cases"])
        | ("members", ["emails" | "keys"])
        | ("defects", ["matchers"])
        | ("project.yaml", ["fields"] | ["categories", "*", "matchers"])
        | (
            _,
            [.., "*", "status"] | [.., "labels", _] | ["integrations", "*", "new_issue", "labels"],
        ) => SET,
        ("cases" | "defects" | "mutes", ["links"]) => LINKS,
        ("cases", ["relations"]) => SET,
        ("requirements", ["requirements"]) => BY_ID,
        // All groups of a gate are judged.
        ("gates", ["groups"]) | ("project.yaml", ["gate", "groups"]) => NAMED,
        // The first one that fits is taken.
        ("project.yaml", ["categories" | "integrations"]) => NAMED_IN_ORDER,
        _ => SEQUENCE,
    }
}

/// Returns what names an item; `None` where it has no such key.
pub(super) fn name_of(rule: ListRule, value: &Value<'_>) -> Option<String> {
    let Value::Map(map) = value else {
        return None;
    };
    rule.keys.iter().find_map(|keys| {
        let values = keys.iter().map(|key| {
            let said = map.get(key)?.value.meaning();
            (said != "null").then_some(format!("{key}:{said}"))
        });
        let values: Option<Vec<String>> = values.collect();
        values.map(|values| values.join(","))
    })
}
