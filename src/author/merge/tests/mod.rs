//! Merges of whole files: examples one by one, pairs of edits, and the laws that all merges keep.

mod edits;
mod laws;
mod pairs;

use super::*;

const CASE: &str = "projects/shop/cases/auth/expired.md";

/// Merges and shows the text; conflicts have no labels.
fn told(path: &str, base: &str, ours: &str, theirs: &str) -> String {
    let versions = Versions { base, ours, theirs };
    let markers = Markers {
        ours: "",
        theirs: "",
        ..Markers::default()
    };
    merge(path, &versions).to_text(&markers)
}

/// Merges a file of YAML of the kind that a folder has.
fn yaml(folder: &str, base: &str, ours: &str, theirs: &str) -> String {
    let path = match folder {
        "project.yaml" => "projects/shop/project.yaml".to_owned(),
        folder => format!("projects/shop/{folder}/x.yaml"),
    };
    told(&path, base, ours, theirs)
}

/// Merges the front matter of cases.
fn front(base: &str, ours: &str, theirs: &str) -> String {
    let case = |text: &str| format!("---\nid: A\ntitle: T\n{text}---\n");
    let out = told(CASE, &case(base), &case(ours), &case(theirs));
    let inner = out.strip_prefix("---\nid: A\ntitle: T\n").unwrap_or(&out);
    inner.strip_suffix("---\n").unwrap_or(inner).to_owned()
}

/// Merges lists of steps.
fn steps(base: &str, ours: &str, theirs: &str) -> String {
    let case = |text: &str| format!("---\nid: A\ntitle: T\n---\n\n## Steps\n\n{text}");
    let out = told(CASE, &case(base), &case(ours), &case(theirs));
    let inner = out.strip_prefix("---\nid: A\ntitle: T\n---\n\n## Steps\n\n");
    inner.unwrap_or(&out).to_owned()
}

#[test]
fn keys_and_values_of_front_matter() {
    for (base, ours, theirs, merged) in [
        // Neighbouring keys, which lines would make a conflict of.
        (
            "status: draft\nlayer: e2e\n",
            "status: active\nlayer: e2e\n",
            "status: draft\nlayer: api\n",
            "status: active\nlayer: api\n",
        ),
        ("", "owner: a\n", "layer: api\n", "layer: api\nowner: a\n"),
        ("", "owner: a\n", "owner: a\n", "owner: a\n"),
        (
            "",
            "owner: a\n",
            "owner: b\n",
            "<<<<<<<\nowner: a\n=======\nowner: b\n>>>>>>>\n",
        ),
        ("owner: a\n", "", "owner: a\nlayer: e2e\n", "layer: e2e\n"),
        (
            "owner: a\n",
            "",
            "owner: b\n",
            "<<<<<<<\n=======\nowner: b\n>>>>>>>\n",
        ),
        ("owner: a\n", "owner: 'a'\n", "owner: b\n", "owner: b\n"),
        (
            "owner: a\n",
            "# who\nowner: a\n",
            "owner: b # yet\n",
            "# who\nowner: b # yet\n",
        ),
        (
            "owner: a # x\n",
            "owner: a # y\n",
            "owner: a # z\n",
            "<<<<<<<\nowner: a # y\n=======\nowner: a # z\n>>>>>>>\n",
        ),
        (
            "owner:\n",
            "owner: a\n",
            "owner: # who\n",
            "owner: a # who\n",
        ),
        // Another order of keys is no collision.
        (
            "owner: a\nlayer: b\n",
            "layer: b\nowner: a\n",
            "owner: c\nlayer: b\n",
            "layer: b\nowner: c\n",
        ),
    ] {
        assert_eq!(
            front(base, ours, theirs),
            merged,
            "{base:?}: {ours:?}, {theirs:?}"
        );
    }
}

#[test]
fn lists_of_front_matter() {
    for (base, ours, theirs, merged) in [
        (
            "tags: [a, b]\n",
            "tags: [a, b, d]\n",
            "tags: [a, b, c]\n",
            "tags: [a, b, c, d]\n",
        ),
        (
            "tags: [a, b]\n",
            "tags: [b]\n",
            "tags: [a, b, c]\n",
            "tags: [b, c]\n",
        ),
        (
            "tags: [a, b]\n",
            "tags: [a, x]\n",
            "tags: [a, b, c]\n",
            "tags: [a, c, x]\n",
        ),
        (
            "tags: [a, b]\n",
            "tags: [b, a]\n",
            "tags: [a, b, c]\n",
            "tags: [b, c, a]\n",
        ),
        ("tags: [a]\n", "tags: []\n", "tags: [a, b]\n", "tags: [b]\n"),
        (
            "tags: [a]\n",
            "tags: [ a ]\n",
            "tags: [a, b]\n",
            "tags: [a, b]\n",
        ),
        (
            "tags: [a]\n",
            "tags:\n- a\n",
            "tags: [a, 'b'] # x\n",
            "tags: # x\n- a\n- 'b'\n",
        ),
        (
            "tags:\n- a\n",
            "tags:\n- a # x\n- b\n",
            "tags:\n  - a\n  # of c\n  - c\n",
            "tags:\n  - a # x\n  - b\n  # of c\n  - c\n",
        ),
        (
            "tags: a\n",
            "tags: [a, b]\n",
            "tags: [a, c]\n",
            "tags: [a, b, c]\n",
        ),
        (
            "tags: a\n",
            "tags: b\n",
            "tags: c\n",
            "<<<<<<<\ntags: b\n=======\ntags: c\n>>>>>>>\n",
        ),
        ("", "tags: [a]\n", "tags: [b, a]\n", "tags: [b, a]\n"),
        (
            "tags:\n",
            "tags: [a]\n",
            "tags:\n- b\n",
            "tags:\n- a\n- b\n",
        ),
        (
            "tags: [\n  a,\n]\n",
            "tags: [\n  a,\n  b,\n]\n",
            "tags: [\n  a,\n  c,\n]\n",
            "tags: [\n  a,\n  b,\n  c,\n]\n",
        ),
        (
            "tags: [a]\nowner: b\n",
            "owner: b\n",
            "tags: [a, c]\nowner: b\n",
            "<<<<<<<\n=======\ntags: [a, c]\n>>>>>>>\nowner: b\n",
        ),
        (
            "fields: {a: [x], b: y}\n",
            "fields: {a: [x, z], b: y}\n",
            "fields: {a: [x], b: w, c: v}\n",
            "fields: {a: [x, z], b: w, c: v}\n",
        ),
        (
            "fields: {a: x}\n",
            "fields: {a: y, b: 1}\n",
            "fields: {a: z}\n",
            "<<<<<<<\nfields: {a: y, b: 1}\n=======\nfields: {a: z}\n>>>>>>>\n",
        ),
        (
            "fields:\n  a: x\n  b: y\n",
            "fields:\n  a: z\n  b: y\n",
            "fields:\n  a: w\n  b: v\n",
            "fields:\n<<<<<<<\n  a: z\n=======\n  a: w\n>>>>>>>\n  b: v\n",
        ),
        (
            "links:\n- {type: issue, name: A}\n",
            "links:\n- {type: issue, name: A, url: 'https://a'}\n",
            "links:\n- {type: issue, name: A}\n- {name: B}\n",
            "links:\n- {type: issue, name: A, url: 'https://a'}\n- {name: B}\n",
        ),
        (
            "links: [{type: t, name: A, url: a}]\n",
            "links: []\n",
            "links: [{type: t, name: A, url: b}]\n",
            "<<<<<<<\nlinks: []\n=======\nlinks: [{type: t, name: A, url: b}]\n>>>>>>>\n",
        ),
        (
            "links:\n- type: t\n  name: A\n",
            "links:\n- type: t\n  name: A\n  url: a\n",
            "links:\n- type: t\n  name: A\n- type: t\n  name: B\n",
            "links:\n- type: t\n  name: A\n  url: a\n- type: t\n  name: B\n",
        ),
        (
            "tags: [a, b]\n",
            "tags: [b]\n",
            "tags: ['a', b, c]\n",
            "tags: [b, c]\n",
        ),
        (
            "tags:\n- a\n- b\n",
            "tags:\n- b\n",
            "tags:\n- a # why\n- b\n",
            "tags:\n<<<<<<<\n=======\n- a # why\n>>>>>>>\n- b\n",
        ),
        // Rows of parameters belong together.
        (
            "parameters: {a: [1], b: [2]}\ncombine: rows\n",
            "parameters: {a: [1, 3], b: [2, 4]}\ncombine: rows\n",
            "parameters: {a: [1, 5], b: [2, 6]}\ncombine: rows\n",
            "<<<<<<<\nparameters: {a: [1, 3], b: [2, 4]}\n=======\nparameters: {a: [1, 5], b: [2, 6]}\n>>>>>>>\ncombine: rows\n",
        ),
        (
            "parameters: {a: [1]}\n",
            "parameters: {a: [1, 3]}\n",
            "parameters: {a: [1], b: [x]}\n",
            "parameters: {a: [1, 3], b: [x]}\n",
        ),
    ] {
        assert_eq!(
            front(base, ours, theirs),
            merged,
            "{base:?}: {ours:?}, {theirs:?}"
        );
    }
}

#[test]
fn other_files_of_yaml() {
    for (folder, base, ours, theirs, merged) in [
        (
            "plans",
            "name: P\ncases: [A]\n",
            "name: P\ncases: [A, C]\n",
            "name: Q\ncases: [A, B]\n",
            "name: Q\ncases: [A, B, C]\n",
        ),
        (
            "plans",
            "name: P\nquery: a\n",
            "name: P\nquery: b\n",
            "name: P\nquery: c\n",
            "name: P\n<<<<<<<\nquery: b\n=======\nquery: c\n>>>>>>>\n",
        ),
        (
            "mutes",
            "reason: a\nowner: b\nuntil: 2027-01-31\n",
            "reason: a\nowner: b\nuntil: 2027-02-28\n",
            "reason: c\nowner: b\nuntil: 2027-01-31\n",
            "reason: c\nowner: b\nuntil: 2027-02-28\n",
        ),
        (
            "members",
            "name: A\nemails: [a@x]\n",
            "name: A\nemails: [a@x, b@x]\n",
            "name: A\nemails: [a@x]\nkeys:\n- |\n  k\n",
            "name: A\nemails: [a@x, b@x]\nkeys:\n- |\n  k\n",
        ),
        (
            "requirements",
            "requirements:\n- {id: R-1, title: a}\n",
            "requirements:\n- {id: R-1, title: b}\n",
            "requirements:\n- {id: R-1, title: a}\n- {id: R-2, title: c}\n",
            "requirements:\n- {id: R-1, title: b}\n- {id: R-2, title: c}\n",
        ),
        (
            "requirements",
            "requirements:\n- {id: R-1, title: a}\n",
            "requirements:\n- {id: R-1, title: a}\n- {id: R-2, title: c}\n",
            "requirements:\n- {id: R-1, title: a}\n- {id: R-2, title: d}\n",
            "requirements:\n- {id: R-1, title: a}\n<<<<<<<\n- {id: R-2, title: c}\n=======\n- {id: R-2, title: d}\n>>>>>>>\n",
        ),
        // The first category that fits is taken: their order is for people to say.
        (
            "project.yaml",
            "key: S\ncategories:\n- {name: a, message: x}\n",
            "key: S\ncategories:\n- {name: a, message: x}\n- {name: b, message: y}\n",
            "key: S\ncategories:\n- {name: a, message: x}\n- {name: c, message: z}\n",
            "key: S\ncategories:\n- {name: a, message: x}\n<<<<<<<\n- {name: b, message: y}\n=======\n- {name: c, message: z}\n>>>>>>>\n",
        ),
        (
            "project.yaml",
            "key: S\nworkflow: [a, b]\n",
            "key: S\nworkflow: [a, x, b]\n",
            "key: S\nworkflow: [a, b, y]\n",
            "key: S\nworkflow: [a, x, b, y]\n",
        ),
        (
            "project.yaml",
            "key: S\nworkflow: [a]\n",
            "key: S\nworkflow: [a, x]\n",
            "key: S\nworkflow: [a, y]\n",
            "key: S\n<<<<<<<\nworkflow: [a, x]\n=======\nworkflow: [a, y]\n>>>>>>>\n",
        ),
        (
            "queries",
            "name: Q\ndescription: |\n  a\n  b\n  c\n",
            "name: Q\ndescription: |\n  x\n  b\n  c\n",
            "name: Q\ndescription: |\n  a\n  b\n  y\n",
            "name: Q\ndescription: |\n  x\n  b\n  y\n",
        ),
        (
            "dashboards",
            "a: {b: 1}\n",
            "a: {b: 1, c: 2}\n",
            "a: {b: 1}\nd: 3\n",
            "a: {b: 1, c: 2}\nd: 3\n",
        ),
    ] {
        assert_eq!(
            yaml(folder, base, ours, theirs),
            merged,
            "{base:?}: {ours:?}, {theirs:?}"
        );
    }
}

#[test]
fn steps_are_merged_by_what_they_say() {
    for (base, ours, theirs, merged) in [
        (
            "1. A a.\n1. B b.\n",
            "1. A a.\n1. X x.\n1. B b.\n",
            "1. A a.\n1. B b.\n1. Y y.\n",
            "1. A a.\n1. X x.\n1. B b.\n1. Y y.\n",
        ),
        // Next to each other, which lines would make a conflict of.
        (
            "1. Open the page.\n1. Close it.\n",
            "1. Open the first page.\n1. Close it.\n",
            "1. Open the page.\n1. Wait.\n1. Close it.\n",
            "1. Open the first page.\n1. Wait.\n1. Close it.\n",
        ),
        (
            "1. Open the page.\n",
            "1. Open the page.\n   - **Expected:** it is there.\n",
            "1. Open the first page.\n",
            "1. Open the first page.\n   - **Expected:** it is there.\n",
        ),
        (
            "1. Open it.\n",
            "1. Open it.\n   - **Expected:** a\n",
            "1. Open it.\n   - **Data:** b\n",
            "1. Open it.\n   - **Expected:** a\n   - **Data:** b\n",
        ),
        (
            "1. Open it.\n   - **Expected:** a\n",
            "1. Open it.\n   - **Expected:** b\n",
            "1. Open it.\n   - **Expected:** c\n",
            "1. Open it.\n<<<<<<<\n   - **Expected:** b\n=======\n   - **Expected:** c\n>>>>>>>\n",
        ),
        (
            "1. Open it.\n",
            "1. Open it.\n1. Wait a bit.\n",
            "1. Open it.\n1. Look around.\n",
            "1. Open it.\n<<<<<<<\n1. Wait a bit.\n=======\n1. Look around.\n>>>>>>>\n",
        ),
        (
            "1. Open it.\n",
            "1. Open it.\n1. Wait.\n",
            "1. Open it.\n1. Wait.\n",
            "1. Open it.\n1. Wait.\n",
        ),
        (
            "1. Open it.\n",
            "1. Start.\n1. Open it.\n1. Wait.\n",
            "1. Open it.\n1. Wait.\n",
            "1. Start.\n1. Open it.\n1. Wait.\n",
        ),
        (
            "1. Open the page.\n1. Close it.\n",
            "1. Close it.\n",
            "1. Open the page now.\n1. Close it.\n",
            "<<<<<<<\n=======\n1. Open the page now.\n>>>>>>>\n1. Close it.\n",
        ),
        (
            "1. Aa.\n1. Bb.\n1. Cc.\n",
            "1. Cc.\n1. Aa.\n1. Bb.\n",
            "1. Aa.\n1. Bb.\n1. Cc.\n   - **Data:** d\n",
            "1. Cc.\n   - **Data:** d\n1. Aa.\n1. Bb.\n",
        ),
        (
            "1. Open it.\n   1. Look.\n",
            "1. Open it.\n   1. Look.\n   1. Wait.\n",
            "1. Open it now.\n   1. Look.\n",
            "1. Open it now.\n   1. Look.\n   1. Wait.\n",
        ),
        (
            "1. Open it.\n\n1. Close it.\n",
            "1. Open it.\n\n1. Close it.\n\n1. Go.\n",
            "1. Open it.\n   - **Data:** d\n\n1. Close it.\n",
            "1. Open it.\n   - **Data:** d\n\n1. Close it.\n\n1. Go.\n",
        ),
        (
            "1. Open it.\n2. Close it.\n",
            "1. Start.\n2. Open it.\n3. Close it.\n",
            "1. Open it.\n2. Close it now.\n",
            "1. Start.\n2. Open it.\n3. Close it now.\n",
        ),
        (
            "1. Open it.\n\nAfter.\n",
            "1. Open it.\n1. Close it.\n\nAfter.\n",
            "1. Open it.\n\nAfter all.\n",
            "1. Open it.\n1. Close it.\n\nAfter all.\n",
        ),
        (
            "",
            "1. Open it.\n",
            "1. Close that.\n",
            "<<<<<<<\n1. Open it.\n=======\n1. Close that.\n>>>>>>>\n",
        ),
        (
            "- A\n- B\n- C\n",
            "- X\n- B\n- C\n",
            "- A\n- B\n- Y\n",
            "- X\n- B\n- Y\n",
        ),
    ] {
        assert_eq!(
            steps(base, ours, theirs),
            merged,
            "{base:?}: {ours:?}, {theirs:?}"
        );
    }
}

#[test]
fn sections_are_merged_by_their_headings() {
    let case = |text: &str| format!("---\nid: A\ntitle: T\n---\n\nWhy.\n{text}");
    for (base, ours, theirs, merged) in [
        (
            "\n## Notes\n\na\n",
            "\n## Notes\n\na\n\n## Postconditions\n\nb\n",
            "\n## Notes\n\na\n\n## Preconditions\n\nc\n",
            "\n## Notes\n\na\n\n## Preconditions\n\nc\n\n## Postconditions\n\nb\n",
        ),
        (
            "\n## Notes\n\na\n",
            "\n## Notes\n\na\n\n## More\n\nb\n",
            "\n## Notes\n\na c\n",
            "\n## Notes\n\na c\n\n## More\n\nb\n",
        ),
        (
            "\n## Notes\n\na\n",
            "",
            "\n## Notes\n\nb\n",
            "<<<<<<<\n=======\n\n## Notes\n\nb\n>>>>>>>\n",
        ),
        (
            "",
            "\n## Notes\n\na\n",
            "\n## Notes\n\nb\n",
            "\n## Notes\n\n<<<<<<<\na\n=======\nb\n>>>>>>>\n",
        ),
        (
            "\n## Notes\n\na\n",
            "\n## Notes\n\nb\n",
            "\n## Notes\n\na\n\n",
            "\n## Notes\n\nb\n\n",
        ),
    ] {
        let out = told(CASE, &case(base), &case(ours), &case(theirs));
        assert_eq!(out, case(merged), "{base:?}: {ours:?}, {theirs:?}");
    }
}

#[test]
fn the_form_of_a_file_is_kept() {
    let [base, ours, theirs] =
        ["a", "b", "a"].map(|owner| format!("---\nid: A\ntitle: T\nowner: {owner}\n---\n\nText"));
    let theirs = format!("{theirs} more");
    let merged = "---\nid: A\ntitle: T\nowner: b\n---\n\nText more";
    assert_eq!(told(CASE, &base, &ours, &theirs), merged);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(
        told(CASE, &crlf(&base), &crlf(&ours), &crlf(&theirs)),
        crlf(merged)
    );
    // One side changed nothing else.
    assert_eq!(told(CASE, &base, &crlf(&base), &theirs), crlf(&theirs));
    assert_eq!(
        told(CASE, &base, &format!("\u{feff}{ours}\n"), &theirs),
        format!("\u{feff}{merged}\n")
    );
    let clash = told(
        CASE,
        &crlf(&base),
        &crlf(&ours),
        &crlf(&ours.replace("owner: b", "owner: c")),
    );
    assert!(
        clash.contains("<<<<<<<\r\nowner: b\r\n=======\r\nowner: c\r\n>>>>>>>\r\n---\r\n"),
        "{clash}"
    );
    // Ends of both kinds stay as they are.
    let mixed = |text: &str| text.replace("title: T\n", "title: T\r\n");
    assert_eq!(
        told(CASE, &mixed(&base), &mixed(&ours), &mixed(&theirs)),
        mixed(merged)
    );
}

#[test]
fn markers_are_those_that_git_asks_for() {
    let versions = Versions {
        base: "name: a\nquery: x\n",
        ours: "name: a\nquery: y\n",
        theirs: "name: a\nquery: z\n",
    };
    let merged = merge("projects/shop/queries/q.yaml", &versions);
    assert_eq!((merged.conflicts(), merged.method), (1, Method::Meaning));
    let markers = Markers {
        size: 9,
        style: ConflictStyle::Diff3,
        ours: "HEAD",
        base: "abc",
        theirs: "topic",
    };
    insta::assert_snapshot!(merged.to_text(&markers), @r"
    name: a
    <<<<<<<<< HEAD
    query: y
    ||||||||| abc
    query: x
    =========
    query: z
    >>>>>>>>> topic
    ");
}

#[test]
fn what_does_not_read_is_merged_by_lines() {
    let path = "projects/shop/plans/p.yaml";
    let base = "name: [\na\nb\nc\nd\n";
    let versions = Versions {
        base,
        ours: "name: [\nx\nb\nc\nd\n",
        theirs: "name: [\na\nb\nc\ny\n",
    };
    let merged = merge(path, &versions);
    assert_eq!((merged.method, merged.conflicts()), (Method::Lines, 0));
    assert_eq!(merged.to_text(&Markers::default()), "name: [\nx\nb\nc\ny\n");
    // Lines alone would give a key twice.
    let versions = Versions {
        base: "name: &x a\nquery: b\n",
        ours: "owner: c\nname: &x a\nquery: b\n",
        theirs: "name: &x a\nquery: b\nowner: c\n",
    };
    let merged = merge("projects/shop/mutes/p.yaml", &versions);
    let text = merged.to_text(&Markers::default());
    assert_eq!(merged.method, Method::Unreadable);
    assert!(merged.conflicts() > 0, "{text}");
}

#[test]
fn what_both_come_from_may_have_conflicts() {
    let path = "projects/shop/plans/p.yaml";
    let base = "name: a\n<<<<<<<<< x\nquery: b\n=========\nquery: c\n>>>>>>>>> y\ncases: [A]\n";
    let told = |ours: &str, theirs: &str| told(path, base, ours, theirs);
    // Decided alike.
    let merged = told(
        "name: a\nquery: b\ncases: [A, B]\n",
        "name: d\nquery: b\ncases: [A, C]\n",
    );
    assert_eq!(merged, "name: d\nquery: b\ncases: [A, B, C]\n");
    // Decided otherwise: neither counts as what was there before.
    let merged = told(
        "name: a\nquery: b\ncases: [A, B]\n",
        "name: d\nquery: c\ncases: [A]\n",
    );
    assert_eq!(
        merged,
        "name: d\n<<<<<<<\nquery: b\n=======\nquery: c\n>>>>>>>\ncases: [A, B]\n"
    );
    let merged = told("name: a\ncases: [A]\n", "name: a\nquery: c\ncases: [A]\n");
    assert!(
        merged.contains("<<<<<<<") && merged.contains("query: c"),
        "{merged}"
    );
}
