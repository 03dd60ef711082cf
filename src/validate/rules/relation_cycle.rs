use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Finding, Rule, code};
use crate::base::text::ticked;
use crate::validate::facts::At as _;

pub(super) const RULE: Rule = Rule {
    code: code("TB0411", "relation-cycle"),
    page: r"
## What it checks

Relations that have a direction (`automates`, `duplicates`, `clones`, `blocks`) lead in no circle.

## Why

In a circle each case waits for the other, or stands for the other, so that it is said of none which one counts.

## Example

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
relations: [{type: blocks, case: SHOP-Q9W2MA}]
---
```

```markdown projects/shop/cases/sign-out.md
---
id: SHOP-Q9W2MA
title: Sign out
status: draft
relations: [{type: blocks, case: SHOP-K4F7QM}]
---
```

## Fix

```markdown projects/shop/cases/sign-in.md
---
id: SHOP-K4F7QM
title: Sign in
status: draft
relations: [{type: blocks, case: SHOP-Q9W2MA}]
---
```

```markdown projects/shop/cases/sign-out.md
---
id: SHOP-Q9W2MA
title: Sign out
status: draft
---
```
",
    check,
};

/// Relations with a direction, and what they are called where the other case says them.
const DIRECTED: [(&str, &str); 4] = [
    ("automates", "automated-by"),
    ("duplicates", "duplicated-by"),
    ("clones", "cloned-by"),
    ("blocks", "blocked-by"),
];

/// A relation: which case leads where, and where that is said: the case's place among all, and its number.
type Edge<'a> = (&'a str, (usize, usize));

fn check(facts: &Facts<'_>, out: &mut Vec<Finding>) {
    let docs: Vec<_> = facts.cases().map(|(_, doc)| doc).collect();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    for doc in &docs {
        let case = &doc.value;
        for id in std::iter::once(&case.id).chain(&case.aliases) {
            ids.entry(id).or_insert(&case.id);
        }
    }
    for (kind, inverse) in DIRECTED {
        let mut edges: BTreeMap<&str, Vec<Edge<'_>>> = BTreeMap::new();
        for (at, doc) in docs.iter().enumerate() {
            for (n, relation) in doc.value.relations.iter().enumerate() {
                let Some(other) = ids.get(relation.case.as_str()).copied() else {
                    continue;
                };
                let own = doc.value.id.as_str();
                let place = (at, n);
                match &relation.kind {
                    // What names the case itself is told as that.
                    _ if own == other => {}
                    said if said.eq_ignore_ascii_case(kind) => {
                        edges.entry(own).or_default().push((other, place));
                    }
                    said if said.eq_ignore_ascii_case(inverse) => {
                        edges.entry(other).or_default().push((own, place));
                    }
                    _ => {}
                }
            }
        }
        for (circle, (at, n)) in circles(&edges) {
            let doc = docs[at];
            let (first, others) = circle.split_first().unwrap_or((&"", &[]));
            let message = format!(
                "`{first}` {kind} itself by way of {}",
                ticked(others, "and")
            );
            out.push(
                Finding::error(RULE.code, &doc.path, message)
                    .at_field(doc, &["relations".into(), n.into(), "case".into()])
                    .help("remove one of the relations"),
            );
        }
    }
}

/// Returns circles with the relation that closes each, so many that without these relations there is none.
fn circles<'a>(edges: &BTreeMap<&'a str, Vec<Edge<'a>>>) -> Vec<(Vec<&'a str>, (usize, usize))> {
    let mut out = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    // Where on the way each case is.
    let mut on_way: BTreeMap<&str, usize> = BTreeMap::new();
    let of = |id: &str| edges.get(id).map_or(&[][..], Vec::as_slice);
    for start in edges.keys() {
        if done.contains(start) {
            continue;
        }
        // The way here, and which relation of each case is next.
        let mut way: Vec<(&str, usize)> = vec![(start, 0)];
        on_way.insert(start, 0);
        while let Some((id, next)) = way.last_mut() {
            let Some((other, place)) = of(id).get(*next).copied() else {
                done.insert(id);
                on_way.remove(id);
                way.pop();
                continue;
            };
            *next += 1;
            match on_way.get(other).copied() {
                Some(at) => {
                    let circle = way[at..].iter().map(|(id, _)| *id);
                    out.push((circle.collect(), place));
                }
                None if done.contains(other) => {}
                None => {
                    on_way.insert(other, way.len());
                    way.push((other, 0));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_by_whatever_way() {
        let all = [
            ("a", "b"),
            ("a", "c"),
            ("b", "d"),
            ("c", "d"),
            ("d", "a"),
            ("e", "a"),
            ("f", "g"),
        ];
        let mut edges: BTreeMap<&str, Vec<Edge<'_>>> = BTreeMap::new();
        for (n, (from, to)) in all.into_iter().enumerate() {
            edges.entry(from).or_default().push((to, (0, n)));
        }
        let found = circles(&edges);
        assert_eq!(found, [(vec!["a", "b", "d"], (0, 4))]);
        // As deep as there are cases.
        let names: Vec<String> = (0..20_000).map(|n| format!("{n:05}")).collect();
        let long = names.iter().zip(names.iter().cycle().skip(1));
        let long: BTreeMap<&str, Vec<Edge<'_>>> = long
            .map(|(from, to)| (from.as_str(), vec![(to.as_str(), (0, 0))]))
            .collect();
        assert_eq!(circles(&long).len(), 1);
    }
}
