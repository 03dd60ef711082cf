use proptest::prelude::*;

use super::*;
use crate::base::Timestamp;
use crate::store::{MemoryFiles, Snapshot, load, rows};

const CASE: &str = "---
id: SHOP-A
title: Sign in
owner: alice
status: active
tags: [smoke]
severity: critical
fields: {component: [login]}
links:
  - {type: requirement, name: REQ-4}
  - {type: issue, name: WEB-1}
automation:
  selectors: [tests.sign_in]
relations: [{type: related, case: SHOP-B}]
parameters: {browser: [chrome, firefox]}
---

What this proves, and why.

## Steps

1. Open the page.
   - **Expected:** the form is \"shown\"
1. [Fill in](../steps/fill-in.md)
1. Submit.
";
const OTHER: &str = "---\nid: SHOP-B\ntitle: Sign out\n---\n\n## Steps\n\n1. Leave.\n";
const STEPS: &str = "---\ntitle: Fill in\n---\n\n## Steps\n\n1. Type the name.\n";
const REQUIREMENT: &str = "title: Sign in\ndescription: Whoever has an account gets in.\n";

const CASE_PATH: &str = "projects/shop/cases/sign-in.md";
const OTHER_PATH: &str = "projects/shop/cases/sign-out.md";
const STEPS_PATH: &str = "projects/shop/steps/fill-in.md";
const REQUIREMENT_PATH: &str = "projects/shop/requirements/REQ-4.yaml";
const SETTINGS_PATH: &str = "projects/shop/project.yaml";
const APPROVALS_PATH: &str = "projects/shop/approvals/SHOP-A.yaml";

/// A project's files by path.
#[derive(Clone)]
struct Tree(BTreeMap<String, String>);

impl Tree {
    fn new() -> Self {
        let files = [
            ("tallybook.yaml", "format: 1\n"),
            (SETTINGS_PATH, "key: SHOP\nname: Shop\n"),
            (CASE_PATH, CASE),
            (OTHER_PATH, OTHER),
            (STEPS_PATH, STEPS),
            (REQUIREMENT_PATH, REQUIREMENT),
            (
                "projects/shop/members/alice.yaml",
                "name: Alice\nemails: [alice@example.com]\nrole: writer\n",
            ),
        ];
        let owned = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        Self(owned.into_iter().collect())
    }

    fn put(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_owned(), text.to_owned());
    }

    /// Replaces a text that must be there.
    fn edit(&mut self, path: &str, old: &str, new: &str) {
        let text = self.0.get_mut(path).expect("the file is there");
        assert!(text.contains(old), "{path} has no {old:?}");
        *text = text.replace(old, new);
    }

    fn project(&self) -> Project {
        let files = self.0.iter();
        let files: MemoryFiles = files.map(|(p, t)| (p.as_str(), t.as_str())).collect();
        let loaded = load(&Snapshot::memory(files)).expect("memory reads");
        loaded.workspace.projects[0].clone()
    }

    /// Approves SHOP-A as it is, by these, one after the other.
    fn approve(&mut self, by: &[&str]) {
        let project = self.project();
        let approvals = Approvals::new(&project);
        let seal = approvals.seal(approvals.case("SHOP-A").expect("there"));
        let old = self.0.get(APPROVALS_PATH).cloned();
        let mut text = old.unwrap_or_else(|| "approvals:\n".to_owned());
        for by in by {
            let (name, own) = match by.strip_suffix('!') {
                Some(name) => (name, true),
                None => (*by, false),
            };
            let approval = Approval {
                by: name.to_owned(),
                at: Timestamp::from_ms(1_000_000_000_000 + text.len() as i64 * 1000),
                digest: seal.digest.to_string(),
                own,
                requirements: seal.requirements.clone(),
                cases: seal.cases.clone(),
                ..Approval::default()
            };
            text += &format!("- {}\n", rows::line(&approval));
        }
        self.put(APPROVALS_PATH, &text);
    }

    fn said(&self) -> String {
        let project = self.project();
        let approvals = Approvals::new(&project);
        let case = approvals.case("SHOP-A").expect("there");
        approvals.standing(case).words()
    }

    fn state(&self) -> State {
        let project = self.project();
        let approvals = Approvals::new(&project);
        let case = approvals.case("SHOP-A").expect("there");
        approvals.standing(case).state
    }
}

#[test]
fn each_edit_leaves_the_state_that_it_should() {
    use State::{Approved, Outdated, Suspect};
    // What is edited, what stood there, what stands there now, the state after it.
    let edits: &[(&str, &str, &str, State)] = &[
        // How the text is written.
        (CASE_PATH, "Open the page.", "Open\n   the  page", Approved),
        (CASE_PATH, "\"shown\"", "\u{201c}shown\u{201d}", Approved),
        (
            CASE_PATH,
            "id: SHOP-A\ntitle: Sign in\n",
            "title: Sign in\nid: SHOP-A\n",
            Approved,
        ),
        (
            CASE_PATH,
            "[tests.sign_in]",
            "\n    - tests.sign_in",
            Approved,
        ),
        (CASE_PATH, "1. Submit.", "3. *Submit*.", Approved),
        (CASE_PATH, "title: Sign in", "title: \"Sign in.\"", Approved),
        // What says nothing of what is tested.
        (CASE_PATH, "owner: alice", "owner: bob", Approved),
        (CASE_PATH, "status: active", "status: review", Approved),
        (CASE_PATH, "[smoke]", "[smoke, auth]", Approved),
        (
            CASE_PATH,
            "component: [login]",
            "component: [form]",
            Approved,
        ),
        (CASE_PATH, "WEB-1", "WEB-2", Approved),
        (
            CASE_PATH,
            "id: SHOP-A\n",
            "id: SHOP-A\naliases: [OLD]\n",
            Approved,
        ),
        (
            CASE_PATH,
            "relations: [{type: related, case: SHOP-B}]",
            "relations: []",
            Approved,
        ),
        (CASE_PATH, "type: related,", "type: automates,", Approved),
        // What is tested.
        (CASE_PATH, "title: Sign in", "title: Sign up", Outdated),
        (CASE_PATH, "severity: critical", "severity: minor", Outdated),
        (CASE_PATH, "tests.sign_in", "tests.sign_up", Outdated),
        (CASE_PATH, "[chrome, firefox]", "[chrome]", Outdated),
        (CASE_PATH, "Open the page.", "Open a page.", Outdated),
        (CASE_PATH, "the form is", "the form is not", Outdated),
        (CASE_PATH, "1. Submit.\n", "", Outdated),
        (
            CASE_PATH,
            "1. Submit.\n",
            "1. Submit.\n1. Wait.\n",
            Outdated,
        ),
        (CASE_PATH, "and why.", "and how.", Outdated),
        (CASE_PATH, "name: REQ-4", "name: REQ-5", Outdated),
        // Shared steps are a part of it.
        (STEPS_PATH, "title: Fill in", "title: Fill it in", Approved),
        (STEPS_PATH, "Type the name.", "type the  name", Approved),
        (STEPS_PATH, "the name", "the password", Outdated),
        (STEPS_PATH, "1. Type", "1. Wait.\n1. Type", Outdated),
        // What it builds on.
        (REQUIREMENT_PATH, "gets in.", "gets\n  in", Approved),
        (REQUIREMENT_PATH, "title: ", "owner: bob\ntitle: ", Approved),
        (REQUIREMENT_PATH, "gets in", "does not get in", Suspect),
        (
            REQUIREMENT_PATH,
            "title: Sign in",
            "title: Sign up",
            Suspect,
        ),
        (OTHER_PATH, "1. Leave.", "1. *Leave*", Approved),
        (OTHER_PATH, "id: SHOP-B", "id: SHOP-B\nowner: bob", Approved),
        (OTHER_PATH, "Leave", "Stay", Suspect),
        (OTHER_PATH, "id: SHOP-B", "id: SHOP-C", Suspect),
    ];
    let mut approved = Tree::new();
    assert_eq!(approved.state(), State::None);
    approved.approve(&["alice"]);
    assert_eq!(approved.state(), State::Approved);
    for (path, old, new, expected) in edits {
        let mut tree = approved.clone();
        tree.edit(path, old, new);
        assert_eq!(tree.state(), *expected, "{path}: {old:?} to {new:?}");
    }
    for (path, expected) in [
        (OTHER_PATH, Suspect),
        (REQUIREMENT_PATH, Suspect),
        (STEPS_PATH, Outdated),
        (APPROVALS_PATH, State::None),
    ] {
        let mut tree = approved.clone();
        tree.0.remove(path);
        assert_eq!(tree.state(), expected, "without {path}");
    }
    let mut moved = approved.clone();
    let text = moved.0.remove(CASE_PATH).expect("there");
    let text = text.replace("../steps/", "../../steps/");
    moved.put("projects/shop/cases/auth/in.md", &text);
    assert_eq!(moved.state(), Approved);
}

#[test]
fn what_is_suspect_or_missing_is_named() {
    let mut tree = Tree::new();
    assert_eq!(tree.said(), "not approved");
    tree.approve(&["alice", "Bob <bob@example.com>"]);
    assert_eq!(
        tree.said(),
        "approved by `alice` and `Bob <bob@example.com>`"
    );
    let approved = tree.clone();
    tree.edit(REQUIREMENT_PATH, "gets in", "waits");
    tree.0.remove(OTHER_PATH);
    assert_eq!(
        tree.said(),
        "suspect: approved by `alice` and `Bob <bob@example.com>`, and requirement `REQ-4` changed, \
         case `SHOP-B` is gone since"
    );
    tree.edit(CASE_PATH, "Submit", "Send");
    assert_eq!(
        tree.said(),
        "outdated: it changed since `alice` and `Bob <bob@example.com>` approved it"
    );
    // Whoever approves again is enough where one is asked for.
    tree.approve(&["alice"]);
    assert_eq!(tree.said(), "approved by `alice`");
    let mut two = approved;
    two.edit(
        SETTINGS_PATH,
        "name: Shop",
        "name: Shop\napprovals: {required: 3}",
    );
    assert_eq!(
        two.said(),
        "not approved: 2 of 3 approvals, by `alice` and `Bob <bob@example.com>`"
    );
}

#[test]
fn reviewers_count_once_and_own_changes_only_where_they_may() {
    // Reviewers in the order of the file (`!`: of one's own change), the setting, the state.
    for (by, settings, expected) in [
        (&["alice"][..], "{required: 2}", State::None),
        (&["alice", "alice"], "{required: 2}", State::None),
        (
            &["alice", "Al <ALICE@example.com>"],
            "{required: 2}",
            State::None,
        ),
        (&["alice", "bob"], "{required: 2}", State::Approved),
        (&["alice!"], "{required: 1}", State::Approved),
        (&["alice!"], "{own: false}", State::None),
        (&["alice!", "bob"], "{own: false}", State::Approved),
        (&["alice!", "bob"], "{required: 2, own: false}", State::None),
        // The newest of a reviewer counts.
        (&["alice", "alice!"], "{own: false}", State::None),
        (&["alice!", "alice"], "{own: false}", State::Approved),
    ] {
        let mut tree = Tree::new();
        let text = format!("key: SHOP\nname: Shop\napprovals: {settings}\n");
        tree.put(SETTINGS_PATH, &text);
        tree.approve(by);
        assert_eq!(tree.state(), expected, "{by:?} {settings}: {}", tree.said());
    }
    let mut tree = Tree::new();
    tree.edit(
        SETTINGS_PATH,
        "name: Shop",
        "name: Shop\napprovals: {required: 2}",
    );
    tree.approve(&["alice"]);
    tree.edit(CASE_PATH, "Submit", "Send");
    tree.approve(&["bob"]);
    assert_eq!(tree.state(), State::Outdated, "{}", tree.said());
    // By time, wherever it stands: a merge may have put the older one last.
    let text = &tree.0[APPROVALS_PATH];
    let (first, last) = text.trim_end().rsplit_once('\n').expect("two");
    let older = first.lines().last().expect("one").replace("bob", "alice");
    let last = last.replace("\"bob\"", "\"alice\"");
    let both = format!(
        "approvals:\n{last}\n{older}\n- {{by: bob, at: 2001-01-01T00:00:00Z, digest: x}}\n"
    );
    tree.put(SETTINGS_PATH, "key: SHOP\nname: Shop\n");
    tree.put(APPROVALS_PATH, &both);
    assert_eq!(tree.state(), State::Approved, "{both}");
}

#[test]
fn an_id_that_became_an_alias_keeps_its_approvals() {
    let mut tree = Tree::new();
    tree.approve(&["alice"]);
    let project = tree.project();
    let mut text = tree.0.remove(CASE_PATH).expect("there");
    text = text.replace("id: SHOP-A", "id: SHOP-Z\naliases: [SHOP-A]");
    tree.put(CASE_PATH, &text);
    // The id is a part of what was approved, so it has to be approved again, and that is said.
    assert_eq!(tree.state(), State::Outdated);
    assert_eq!(project.approvals.len(), 1);
}

/// Writes words on lines of some width, with typographic quotes or not.
fn written(words: &[String], width: usize, typographic: bool) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in words {
        if column > width {
            out.push_str("\n  ");
            column = 0;
        } else if !out.is_empty() {
            out.push(' ');
        }
        column += word.len() + 1;
        out.push_str(word);
    }
    match typographic {
        true => format!("it\u{2019}s \u{201c}{out}\u{201d} \u{2026}"),
        false => format!("it's \"{out}\" ..."),
    }
}

proptest! {
    #[test]
    fn an_editorial_rewrite_never_outdates(
        words in prop::collection::vec("[a-z]{1,9}", 3..25),
        widths in (10_usize..80, 10_usize..80),
        order in Just(vec![0, 1, 2, 3, 4, 5]).prop_shuffle(),
        swap in any::<bool>(),
        crlf in any::<bool>(),
    ) {
        let text = |width, typographic, order: &[usize]| {
            let keys = [
                "id: SHOP-A",
                "title: Sign in",
                "severity: minor",
                "links: [{type: requirement, name: REQ-4}, {type: requirement, name: REQ-5}]",
                "relations: [{type: related, case: SHOP-B}]",
                "parameters: {os: [linux], browser: [chrome, firefox]}",
            ];
            let front: Vec<&str> = order.iter().map(|at| keys[*at]).collect();
            let prose = written(&words, width, typographic);
            let step = prose.replace('\n', "\n ");
            format!("---\n{}\n---\n\n{prose}\n\n## Steps\n\n1. {step}\n1. [Fill in](../steps/fill-in.md)\n", front.join("\n"))
        };
        let mut tree = Tree::new();
        let requirement = |width, typographic| {
            format!("title: R\ndescription: |\n  {}\n", written(&words, width, typographic))
        };
        tree.put(CASE_PATH, &text(widths.0, false, &[0, 1, 2, 3, 4, 5]));
        tree.put(REQUIREMENT_PATH, &requirement(widths.0, swap));
        tree.approve(&["alice"]);
        let mut rewritten = text(widths.1, true, &order);
        if swap {
            rewritten = rewritten.replace("os: [linux], browser: [chrome, firefox]", "browser: [chrome, firefox], os: [linux]");
            rewritten = rewritten.replace("REQ-4}, {type: requirement, name: REQ-5", "REQ-5}, {type: requirement, name: REQ-4");
        }
        if crlf {
            rewritten = rewritten.replace('\n', "\r\n");
        }
        tree.put(CASE_PATH, &rewritten);
        tree.put(REQUIREMENT_PATH, &requirement(widths.1, !swap));
        prop_assert_eq!(tree.state(), State::Approved, "{}\n{}", tree.said(), rewritten);
    }
}
