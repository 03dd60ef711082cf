//! Files, and what people do to them.

/// A file to edit.
pub(super) struct Base {
    pub(super) path: &'static str,
    pub(super) text: &'static str,
    pub(super) edits: &'static [Edit],
}

/// What is done to a file: its name, where it is done, and how.
pub(super) struct Edit(pub(super) &'static str, pub(super) At, pub(super) Make);

/// Where an edit is made. Two edits of one place collide, unless it is a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    One(&'static str),
    Set(&'static str),
    /// It changes how something is written, and nothing that it says.
    Form(&'static str),
}

/// What is put in for what; `%` stands for a word that only this side has.
pub(super) type Make = (&'static str, &'static str);

impl Edit {
    /// Makes the edit; `None` where the text does not have what it changes.
    pub(super) fn make(&self, text: &str, word: &str) -> Option<String> {
        let (from, to) = self.2;
        let is_there = text.contains(from);
        is_there.then(|| text.replacen(from, &to.replace('%', word), 1))
    }
}

use At::{Form, One, Set};

pub(super) const BASES: &[Base] = &[
    Base {
        path: "projects/shop/cases/auth/expired.md",
        text: CASE,
        edits: CASE_EDITS,
    },
    Base {
        path: "projects/shop/steps/sign-in.md",
        text: "---\ntitle: Sign in\n---\n\n## Steps\n\n1. Open the sign-in page.\n1. Enter name and password.\n1. Submit the form.\n",
        edits: &[
            Edit(
                "rename",
                One("title"),
                ("title: Sign in", "title: Sign in %"),
            ),
            Edit(
                "reword the first step",
                One("step 1"),
                ("Open the sign-in page", "Open the % sign-in page"),
            ),
            Edit(
                "insert behind the first step",
                One("gap 1"),
                ("page.\n", "page.\n1. Wait for % there.\n"),
            ),
            Edit(
                "expect something",
                One("expected 3"),
                ("form.\n", "form.\n   - **Expected:** the % page.\n"),
            ),
            Edit(
                "give data",
                One("data 2"),
                ("password.\n", "password.\n   - **Data:** `%`\n"),
            ),
            Edit(
                "add preconditions",
                One("preconditions"),
                ("\n## Steps", "\n## Preconditions\n\nA % user.\n\n## Steps"),
            ),
        ],
    },
    Base {
        path: "projects/shop/plans/smoke.yaml",
        text: "# What runs on every push.\nname: Smoke\nquery: tag = \"smoke\"\ncases: [SHOP-A, SHOP-B]\nexclude:\n- SHOP-C # slow\nassignees: [alice]\n",
        edits: &[
            Edit("rename", One("name"), ("name: Smoke", "name: Smoke %")),
            Edit("another query", One("query"), ("\"smoke\"", "\"%\"")),
            Edit("add a case", Set("cases"), ("SHOP-B]", "SHOP-B, SHOP-%]")),
            Edit("remove a case", Set("cases"), ("[SHOP-A, ", "[")),
            Edit(
                "leave out another case",
                Set("exclude"),
                ("# slow\n", "# slow\n- SHOP-%\n"),
            ),
            Edit("assign", Set("assignees"), ("[alice]", "[alice, %]")),
            Edit(
                "describe",
                One("description"),
                ("query:", "description: of %\nquery:"),
            ),
            Edit(
                "another comment",
                One("comment"),
                ("every push", "each % push"),
            ),
        ],
    },
    Base {
        path: "projects/shop/mutes/slow-card.yaml",
        text: "reason: the sandbox is slow\nowner: alice\nuntil: 2027-01-31\ncases: [SHOP-A]\nlinks:\n- {type: issue, name: WEB-1}\n",
        edits: &[
            Edit("another reason", One("reason"), ("is slow", "is % slow")),
            Edit("hand over", One("owner"), ("owner: alice", "owner: %")),
            Edit(
                "put off",
                One("until"),
                ("until: 2027-01-31\n", "until: 2027-02-28 # %\n"),
            ),
            Edit(
                "cover another case",
                Set("cases"),
                ("SHOP-A]", "SHOP-A, SHOP-%]"),
            ),
            Edit(
                "link",
                Set("links"),
                (
                    "name: WEB-1}\n",
                    "name: WEB-1}\n- {type: issue, name: WEB-%}\n",
                ),
            ),
            Edit(
                "give the link an address",
                One("link"),
                ("name: WEB-1}", "name: WEB-1, url: 'https://*.example'}"),
            ),
        ],
    },
    Base {
        path: "projects/shop/project.yaml",
        text: "key: SHOP\nname: Shop\n\n# First to last.\nworkflow: [draft, active, outdated]\nlayers: [unit, e2e]\nenvironment:\n  browser: {default: chrome}\n  os:\ncategories:\n- name: Network\n  message: refused\n- {name: Other, flaky: true}\ngate:\n  max_failed: 0\n",
        edits: &[
            Edit("rename", One("name"), ("name: Shop", "name: Shop %")),
            Edit(
                "a state in the middle",
                One("workflow 1"),
                ("[draft, ", "[draft, %, "),
            ),
            Edit(
                "a last state",
                One("workflow 3"),
                ("outdated]", "outdated, %]"),
            ),
            Edit("another layer", One("layers"), ("e2e]", "e2e, %]")),
            Edit(
                "another default",
                One("browser"),
                ("default: chrome", "default: %"),
            ),
            Edit(
                "declare a variable",
                Set("environment"),
                ("  os:\n", "  os:\n  %: {default: x}\n"),
            ),
            Edit(
                "widen a category",
                One("category 1"),
                ("message: refused", "message: refused|%"),
            ),
            Edit(
                "a last category",
                One("categories"),
                ("flaky: true}\n", "flaky: true}\n- {name: %, flaky: true}\n"),
            ),
            Edit(
                "another limit",
                One("max_failed"),
                ("max_failed: 0\n", "max_failed: 3 # %\n"),
            ),
            Edit(
                "another rule",
                One("min_results"),
                ("max_failed: 0\n", "max_failed: 0\n  min_results: 3 # %\n"),
            ),
            Edit(
                "write layers in lines",
                Form("layers"),
                ("[unit, e2e]", "\n- unit\n- e2e"),
            ),
        ],
    },
    Base {
        path: "projects/shop/members/alice.yaml",
        text: "name: Alice\nemails:\n- alice@example.com\nrole: writer\n",
        edits: &[
            Edit("rename", One("name"), ("name: Alice", "name: Alice %")),
            Edit(
                "another address",
                Set("emails"),
                ("com\n", "com\n- %@example.com\n"),
            ),
            Edit(
                "a key to sign with",
                Set("keys"),
                ("role:", "keys:\n- ssh-ed25519 %\nrole:"),
            ),
        ],
    },
];

const CASE: &str = "\
---
# yaml-language-server: $schema=case.json
id: SHOP-K4F7QM
title: Sign in with a password that has expired
execution: manual            # manual | automated
status: active
layer: e2e
severity: critical
owner: alice

# What is found by it.
tags: [smoke, auth]
fields: {component: [login], feature: [Authentication]}
links:
  - {type: issue, name: WEB-812}
  - {type: requirement, name: REQ-4}
automation:
  selectors:
  - \"tests.auth.test_login.TestLogin#test_expired\"   # old
parameters: {browser: [chrome, firefox], locale: [en, de]}
combine: pairwise
---

What this proves, and why.

## Preconditions

A user whose password expired yesterday.

## Steps

1. Open the sign-in page.
   - **Expected:** the form is shown with the focus on the first field.
1. Fill in the form.
1. Submit the form with the old password.
   1. Wait for the answer.
   - **Expected:** the page asks for a new password.
   - **Data:** `expired@example.com`
1. Close the browser.

## Postconditions

Nobody is signed in.
";

const CASE_EDITS: &[Edit] = &[
    Edit(
        "another title",
        One("title"),
        ("has expired", "has % expired"),
    ),
    Edit(
        "put the title in quotes",
        Form("title"),
        (
            "title: Sign in with a password that has expired",
            "title: 'Sign in with a password that has expired'",
        ),
    ),
    Edit(
        "another state",
        One("status"),
        ("status: active\n", "status: outdated # %\n"),
    ),
    Edit("another layer", One("layer"), ("layer: e2e", "layer: %")),
    Edit(
        "remove the severity",
        One("severity"),
        ("severity: critical\n", ""),
    ),
    Edit(
        "another severity",
        One("severity"),
        ("severity: critical\n", "severity: minor # %\n"),
    ),
    Edit("another owner", One("owner"), ("owner: alice", "owner: %")),
    Edit(
        "another comment",
        One("comment"),
        ("found by it", "found by % it"),
    ),
    Edit("add a tag", Set("tags"), ("auth]", "auth, %]")),
    Edit("remove a tag", Set("tags"), ("[smoke, ", "[")),
    Edit(
        "write tags in lines",
        Form("tags"),
        ("tags: [smoke, auth]", "tags:\n- smoke\n- auth"),
    ),
    Edit(
        "add a field's value",
        Set("fields"),
        ("[login]", "[login, %]"),
    ),
    Edit(
        "add a field",
        Set("fields"),
        ("[Authentication]}", "[Authentication], %: [x]}"),
    ),
    Edit(
        "add a link",
        Set("links"),
        ("REQ-4}\n", "REQ-4}\n  - {type: issue, name: WEB-%}\n"),
    ),
    Edit(
        "give a link an address",
        One("link 1"),
        ("name: WEB-812}", "name: WEB-812, url: 'https://*.example'}"),
    ),
    Edit(
        "remove a link",
        One("link 2"),
        ("  - {type: requirement, name: REQ-4}\n", ""),
    ),
    Edit(
        "add a selector",
        Set("selectors"),
        ("# old\n", "# old\n  - \"tests.%\"\n"),
    ),
    Edit(
        "add a value of a parameter",
        Set("parameters"),
        ("firefox]", "firefox, %]"),
    ),
    Edit(
        "add a relation",
        Set("relations"),
        (
            "combine: pairwise\n",
            "combine: pairwise\nrelations: [{type: automates, case: SHOP-%}]\n",
        ),
    ),
    Edit(
        "another introduction",
        One("intro"),
        ("proves, and", "proves to %, and"),
    ),
    Edit(
        "another precondition",
        One("preconditions"),
        ("expired yesterday", "expired on % yesterday"),
    ),
    Edit(
        "insert a first step",
        One("gap 0"),
        ("## Steps\n\n", "## Steps\n\n1. Start the % browser.\n"),
    ),
    Edit(
        "reword the first step",
        One("step 1"),
        ("Open the sign-in page.", "Open the % sign-in page."),
    ),
    Edit(
        "expect more of the first step",
        One("expected 1"),
        ("on the first field.", "on the first % field."),
    ),
    Edit(
        "insert behind the first step",
        One("gap 1"),
        ("field.\n1.", "field.\n1. Wait for % there.\n1."),
    ),
    Edit(
        "expect something of the second step",
        One("expected 2"),
        (
            "Fill in the form.\n",
            "Fill in the form.\n   - **Expected:** all of % is filled in.\n",
        ),
    ),
    Edit(
        "give the second step data",
        One("data 2"),
        (
            "Fill in the form.\n",
            "Fill in the form.\n   - **Data:** `%`\n",
        ),
    ),
    Edit(
        "remove the second step",
        One("step 2"),
        ("1. Fill in the form.\n", ""),
    ),
    Edit(
        "nest another step",
        One("gap 3.1"),
        ("the answer.\n", "the answer.\n   1. Look at %.\n"),
    ),
    Edit(
        "other data of the third step",
        One("data 3"),
        ("`expired@example.com`", "`%@example.com`"),
    ),
    Edit(
        "reword the third step",
        One("step 3"),
        ("with the old password", "with the old % password"),
    ),
    Edit(
        "add a last step",
        One("gap 4"),
        (
            "Close the browser.\n",
            "Close the browser.\n1. Go to % now.\n",
        ),
    ),
    Edit(
        "add a section",
        Set("sections"),
        ("signed in.\n", "signed in.\n\n## Notes on %\n\nText.\n"),
    ),
    Edit(
        "remove a section",
        One("postconditions"),
        ("\n## Postconditions\n\nNobody is signed in.\n", ""),
    ),
    Edit(
        "another postcondition",
        One("postconditions"),
        ("Nobody is", "Nobody but % is"),
    ),
];
