//! Who may change what, in real histories.

use std::ffi::OsString;

use super::*;

/// A workspace with an owner, a writer, a runner and a reader.
fn team() -> Bench {
    team_in("")
}

fn team_in(workspace: &str) -> Bench {
    let bench = Bench::new(workspace);
    bench.write("tallybook.yaml", "format: 1\n");
    bench.write("projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
    for (id, role) in [
        ("ada", "owner"),
        ("wes", "writer"),
        ("ron", "runner"),
        ("rita", "reader"),
    ] {
        bench.write(&member(id), member_text(id, role));
    }
    bench.write("projects/shop/cases/a.md", "a\n");
    bench.by("ada", "Set up");
    bench
}

fn member(id: &str) -> String {
    format!("projects/shop/members/{id}.yaml")
}

fn member_text(id: &str, role: &str) -> String {
    format!("name: {id}\nemails: [{id}@x]\nrole: {role}\n")
}

fn annotation(kind: &str) -> String {
    format!("format: 1\nkind: {kind}\nat: 2026-11-22T18:43:00Z\nreason: because\n")
}

impl Bench {
    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        self.play.write(&self.root(path), text);
    }

    fn drop_path(&self, path: &str) {
        self.play.git(&["rm", "-qrf", &self.root(path)]);
    }

    /// Commits all that is in the working tree, as somebody's.
    fn by(&self, who: &str, message: &str) -> String {
        self.play.git(&["add", "-A"]);
        let email = OsString::from(format!("{who}@x"));
        let name = OsString::from(who);
        let env = [
            ("GIT_AUTHOR_EMAIL", email.as_os_str()),
            ("GIT_AUTHOR_NAME", name.as_os_str()),
        ];
        let args = ["commit", "-qm", message, "--allow-empty"];
        self.play.git_with(&env, &args);
        self.play.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    fn refusals(&self) -> Vec<String> {
        self.refusals_of(VerifyOptions {
            workspace: self.workspace.clone(),
            complete: true,
            ..VerifyOptions::default()
        })
    }

    fn refusals_of(&self, options: VerifyOptions) -> Vec<String> {
        let report = verify(Some(&self.repo()), &options).expect("verifies");
        let refused = |v: &&Violation| v.kind == Kind::NotAllowed;
        let refused = report.violations.iter().filter(refused);
        refused
            .map(|v| {
                let (_, said) = v.message.split_once("` by ").expect("names its commit");
                said.to_owned()
            })
            .collect()
    }

    #[track_caller]
    fn assert_allowed(&self) {
        assert_eq!(self.refusals(), [""; 0]);
    }
}

#[test]
fn each_role_may_what_it_may() {
    // Path, text, the least role that may, what is said of one who may not.
    let annotation = |kind: &str| annotation(kind);
    let changes: [(&str, String, &str, &str); 17] = [
        (
            "tallybook.yaml",
            "format: 1\ntitle: x\n".into(),
            "ada",
            "changed the settings `tallybook.yaml`; an owner may",
        ),
        (
            ".gitattributes",
            "* text\n".into(),
            "ada",
            "changed the settings `.gitattributes`; an owner may",
        ),
        (
            "projects/shop/project.yaml",
            "key: SHOP\nname: S\n".into(),
            "ada",
            "changed the settings `projects/shop/project.yaml`; an owner may",
        ),
        (
            "projects/shop/members/eve.yaml",
            member_text("eve", "owner"),
            "ada",
            "changed the settings `projects/shop/members/eve.yaml`; an owner may",
        ),
        (
            "projects/shop/Members/eve.yaml",
            member_text("eve", "owner"),
            "ada",
            "changed the settings `projects/shop/Members/eve.yaml`; an owner may",
        ),
        (
            "projects/shop/cases/.gitattributes",
            "* text\n".into(),
            "ada",
            "changed the settings `projects/shop/cases/.gitattributes`; an owner may",
        ),
        (
            "projects/new/project.yaml",
            "key: NEW\nname: New\n".into(),
            "ada",
            "changed the settings `projects/new/project.yaml`; an owner may",
        ),
        (
            "projects/shop/cases/b/c.md",
            "x".into(),
            "wes",
            "changed the documentation `projects/shop/cases/b/c.md`; a writer or an owner may",
        ),
        (
            "projects/shop/defects/D-1.md",
            "x".into(),
            "wes",
            "changed the documentation `projects/shop/defects/D-1.md`; a writer or an owner may",
        ),
        (
            "projects/shop/plans/smoke.yaml",
            "x".into(),
            "wes",
            "changed the documentation `projects/shop/plans/smoke.yaml`; a writer or an owner may",
        ),
        (
            "projects/shop/requirements/REQ-4.yaml",
            "x".into(),
            "wes",
            "changed the documentation `projects/shop/requirements/REQ-4.yaml`; a writer or an owner may",
        ),
        (
            "projects/shop/gates/release.yaml",
            "x".into(),
            "ada",
            "changed the settings `projects/shop/gates/release.yaml`; an owner may",
        ),
        (
            "projects/shop/mutes/M-1.yaml",
            "x".into(),
            "wes",
            "changed the mute `M-1`; a writer or an owner may",
        ),
        (
            "projects/shop/approvals/A-1.yaml",
            "x".into(),
            "wes",
            "changed the approval `A-1`; a writer or an owner may",
        ),
        (
            "projects/shop/annotations/l-1/n.yaml",
            annotation("note"),
            "ron",
            "changed what is said of launch `l-1` (`n.yaml`, note); a runner, a writer or an owner may",
        ),
        (
            "projects/shop/annotations/l-1/n.yaml",
            annotation("redacted"),
            "ada",
            "changed what is said of launch `l-1` (`n.yaml`, redacted); an owner may",
        ),
        (
            "projects/shop/annotations/l-1/n.yaml",
            "kind: what\n".into(),
            "ada",
            "changed what is said of launch `l-1` (`n.yaml`, acknowledged); an owner may",
        ),
    ];
    let order = ["ada", "wes", "ron", "rita", "zoe"];
    let roles = ["owner", "writer", "runner", "reader", "no member"];
    for (path, text, least, said) in changes {
        let may = order.iter().position(|who| *who == least).expect("known");
        let bench = team_in("qa");
        let start = bench.play.git(&["rev-parse", "HEAD"]);
        for (at, who) in order.iter().enumerate() {
            bench.play.git(&["reset", "-q", "--hard", start.trim()]);
            bench.write(path, &text);
            bench.by(who, "Change");
            let expected = match at <= may {
                true => vec![],
                false => vec![format!("{who} <{who}@x> ({}, by author) {said}", roles[at])],
            };
            assert_eq!(bench.refusals(), expected, "{who}: {path}");
        }
    }
}

fn approvals(by: &[&str]) -> String {
    let line = |by: &&str| format!("- {{by: '{by}', at: 2026-11-22T18:43:00Z, digest: ab}}\n");
    format!("approvals:\n{}", by.iter().map(line).collect::<String>())
}

const APPROVALS: &str = "projects/shop/approvals/A-1.yaml";

#[test]
fn one_approves_as_oneself() {
    // What is there, what is there then, who commits it, what is said of it.
    let name = |name: &str| {
        format!("changed the approval `A-1` in the name of `{name}`; one approves as oneself")
    };
    let wes = "Wes W. <WES@x>";
    for (before, now, who, refused) in [
        (&[][..], &["wes"][..], "wes", None),
        (&[], &[wes], "wes", None),
        (&["wes"], &["wes", "ada"], "ada", None),
        (&["wes"], &["ada"], "ada", None),
        (&["ada", "wes"], &["wes", "ada"], "wes", None),
        (&[], &["ada"], "wes", Some("ada")),
        (&[], &["wes"], "ada", Some("wes")),
        (&[], &["wes", "ada"], "wes", Some("ada")),
        (
            &["wes"],
            &["wes", "Eve <eve@x>"],
            "wes",
            Some("Eve <eve@x>"),
        ),
        (&["wes"], &[wes], "ada", Some(wes)),
        (&[], &["nobody"], "wes", Some("nobody")),
    ] {
        let bench = team_in("qa");
        if !before.is_empty() {
            // Whoever is named approved on their own.
            for n in 1..=before.len() {
                bench.write(APPROVALS, approvals(&before[..n]));
                bench.by(before[n - 1], "Approve");
            }
        }
        bench.assert_allowed();
        bench.write(APPROVALS, approvals(now));
        bench.by(who, "Change");
        let expected = refused.map(|by| format!("{who} <{who}@x> {}", name(by)));
        let expected: Vec<String> = expected.into_iter().collect();
        assert_eq!(bench.refusals(), expected, "{before:?} {now:?} {who}");
    }
}

#[test]
fn a_squash_that_names_its_authors_keeps_their_approvals() {
    let bench = team();
    bench.write(APPROVALS, approvals(&["wes", "ada"]));
    bench.by("wes", "Sign in (#7)\n\nCo-Authored-By: Ada <ada@x>");
    bench.assert_allowed();
    bench.write(APPROVALS, approvals(&["wes", "ada", "rita"]));
    bench.by("wes", "Sign in (#8)\n\nCo-authored-by: Rita <rita@x>");
    assert_eq!(bench.refusals().len(), 1);
}

#[test]
fn a_merge_of_approvals_is_nobodys_approval() {
    let bench = team();
    bench.write(
        ".gitattributes",
        "projects/*/approvals/*.yaml merge=union\n",
    );
    bench.by("ada", "Merge approvals line by line");
    bench.play.git(&["checkout", "-qb", "side"]);
    bench.write(APPROVALS, approvals(&["wes"]));
    bench.by("wes", "Approve");
    bench.play.git(&["checkout", "-q", "main"]);
    bench.write(APPROVALS, approvals(&["ada"]));
    bench.by("ada", "Approve");
    bench.play.git(&["merge", "-q", "--no-commit", "side"]);
    bench.by("ada", "Merge");
    bench.assert_allowed();
    let text = bench.play.read(APPROVALS);
    assert_eq!(String::from_utf8_lossy(&text), approvals(&["ada", "wes"]));
    // What a merge adds on its own is held against whoever made it.
    bench.play.git(&["checkout", "-q", "side"]);
    bench.write("projects/shop/cases/a.md", "b\n");
    bench.by("wes", "Change");
    bench.play.git(&["checkout", "-q", "main"]);
    bench.play.git(&["merge", "-q", "--no-commit", "side"]);
    bench.write(APPROVALS, approvals(&["ada", "wes", "rita"]));
    bench.by("ada", "Merge");
    assert_eq!(bench.refusals().len(), 1);
}

#[test]
fn launches_are_closed_by_those_who_may_run() {
    let bench = team();
    bench.play.git(&["config", "user.email", "x"]);
    bench.close("l-1", &[]);
    let refused = bench.refusals();
    let expected = "Tester <tester@example.com> (no member, by author) closed launch `l-1` and 1 more; a \
                    runner, a writer or an owner may";
    assert_eq!(refused, [expected]);
    let report = bench.verify();
    assert_eq!(kinds(&report), ["not-allowed"]);
    let violation = &report.violations[0];
    assert_eq!(violation.launch.as_deref(), Some("l-1"));
    assert_eq!(violation.path, "projects/shop/launches/2026/11/l-1");
    assert_eq!(
        (report.rights.by_author, report.rights.by_signature),
        (1, 0)
    );
}

#[test]
fn code_beside_a_workspace_is_anybodys() {
    for workspace in ["", "qa"] {
        let bench = team_in(workspace);
        bench.play.write("src/main.rs", "fn main() {}");
        bench.play.write("README.md", "hello");
        bench.play.write("projects/web/src/x.js", "x");
        bench.by("zoe", "Code");
        bench.assert_allowed();
    }
}

#[test]
fn nobody_grants_themselves_a_right() {
    let bench = team();
    bench.write(&member("wes"), member_text("wes", "owner"));
    bench.write("projects/shop/project.yaml", "key: SHOP\nname: Mine\n");
    bench.by("wes", "Promote me");
    bench.write(&member("ada"), member_text("ada", "reader"));
    bench.by("wes", "And now you");
    let refused = bench.refusals();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].starts_with("wes <wes@x> (writer, by author) changed the settings"));
    // An owner may, and from then on the new rights hold.
    let bench = team();
    bench.write(&member("wes"), member_text("wes", "owner"));
    bench.by("ada", "Promote Wes");
    bench.write("projects/shop/project.yaml", "key: SHOP\nname: Ours\n");
    bench.by("wes", "Rename");
    bench.assert_allowed();
}

#[test]
fn a_project_keeps_an_owner() {
    let bench = team();
    bench.write(&member("ada"), member_text("ada", "writer"));
    bench.by("ada", "Step down");
    let refused = bench.refusals();
    let expected = "ada <ada@x> left the project `shop` without an owner, so that nobody could change its \
                    settings";
    assert_eq!(refused, [expected]);
}

#[test]
fn a_project_without_members_is_open() {
    let bench = Bench::new("");
    bench.write("tallybook.yaml", "format: 1\n");
    bench.write("projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
    bench.by("zoe", "Set up");
    bench.write("projects/shop/cases/a.md", "a");
    bench.write(&member("zoe"), member_text("zoe", "owner"));
    bench.by("zoe", "Mine");
    bench.assert_allowed();
    bench.write("projects/shop/cases/a.md", "b");
    bench.by("eve", "Not yours");
    assert_eq!(bench.refusals().len(), 1);
}

#[test]
fn a_merge_answers_for_what_no_parent_has() {
    let bench = team();
    bench.play.git(&["checkout", "-q", "-b", "side"]);
    bench.write("projects/shop/cases/b.md", "b");
    bench.by("wes", "A case");
    bench.play.git(&["checkout", "-q", "main"]);
    bench.write("projects/shop/cases/c.md", "c");
    bench.by("ada", "Another");
    bench
        .play
        .git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    bench.by("zoe", "A merge of others' work");
    bench.assert_allowed();
    bench.play.git(&["reset", "-q", "--hard", "HEAD^"]);
    bench
        .play
        .git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    bench.write(&member("zoe"), member_text("zoe", "owner"));
    bench.write("projects/shop/cases/c.md", "evil");
    bench.by("zoe", "A merge with more");
    let refused = bench.refusals();
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused[0].contains("changed the documentation `projects/shop/cases/c.md`"));
    let settings = "(no member, by author) changed the settings `projects/shop/members/zoe.yaml`";
    assert!(refused[1].contains(settings));
}

#[test]
fn a_merge_brings_no_old_rights_back() {
    // Wes was an owner once, and merges the time when he was: in either order of parents.
    for order in [["main", "old"], ["old", "main"]] {
        let bench = team();
        bench.write(&member("wes"), member_text("wes", "owner"));
        bench.by("ada", "Promote Wes");
        bench.play.git(&["checkout", "-q", "-b", "old"]);
        bench.play.write("code.txt", "x");
        bench.by("wes", "Code");
        bench.play.git(&["checkout", "-q", "main"]);
        bench.write(&member("wes"), member_text("wes", "writer"));
        bench.by("ada", "Demote Wes");
        bench.play.git(&["checkout", "-q", "--detach", order[0]]);
        bench
            .play
            .git(&["merge", "-q", "--no-ff", "--no-commit", order[1]]);
        bench.write(&member("wes"), member_text("wes", "owner"));
        bench.by("wes", "Merge");
        let refused = bench.refusals();
        assert_eq!(refused.len(), 1, "{order:?}: {refused:?}");
        let expected = "(writer, by author) changed the settings `projects/shop/members/wes.yaml`";
        assert!(refused[0].contains(expected), "{refused:?}");
    }
}

#[test]
fn a_merge_brings_no_workspace_of_ones_own() {
    let bench = team();
    bench.play.git(&["checkout", "-q", "--orphan", "mine"]);
    bench.play.git(&["rm", "-qrf", "."]);
    bench.write("tallybook.yaml", "format: 1\n");
    bench.write("projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
    bench.write(&member("eve"), member_text("eve", "owner"));
    bench.by("eve", "My own workspace");
    bench.assert_allowed();
    bench.play.git(&["checkout", "-q", "main"]);
    let merge = [
        "merge",
        "-q",
        "--no-ff",
        "--no-commit",
        "--allow-unrelated-histories",
        "mine",
    ];
    bench.play.git(&merge);
    bench.by("eve", "Join them");
    let refused = bench.refusals();
    let settings = "eve <eve@x> (no member, by author) changed the settings";
    assert!(
        refused.iter().any(|r| r.starts_with(settings)),
        "{refused:?}"
    );
}

#[test]
fn a_moved_workspace_keeps_its_rules() {
    let bench = team_in("qa");
    bench.play.git(&["mv", "qa", "tests"]);
    bench.play.write(
        "tests/projects/shop/members/eve.yaml",
        member_text("eve", "owner"),
    );
    bench.by("eve", "Move it");
    let moved = Bench {
        workspace: "tests".into(),
        ..bench
    };
    let refused = moved.refusals();
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert!(
        refused
            .iter()
            .all(|r| r.contains("eve <eve@x> (no member, by author)"))
    );
    moved.play.git(&["reset", "-q", "--hard", "HEAD^"]);
    moved.play.git(&["mv", "qa", "tests"]);
    moved.by("ada", "Move it");
    moved.assert_allowed();
}

#[test]
fn what_was_taken_away_does_not_hold_on_an_old_base() {
    let bench = team();
    let old = bench.play.git(&["rev-parse", "HEAD"]);
    bench.drop_path(&member("wes"));
    bench.by("ada", "Wes left");
    bench
        .play
        .git(&["checkout", "-q", "-b", "late", old.trim()]);
    bench.write("projects/shop/cases/b.md", "b");
    bench.by("wes", "From back then");
    bench.assert_allowed();
    let main = bench.repo().resolve("main").expect("a commit");
    let since_main = |bench: &Bench| {
        bench.refusals_of(VerifyOptions {
            complete: true,
            known: vec![main],
            rules: Some(main),
            ..VerifyOptions::default()
        })
    };
    let refused = since_main(&bench);
    let expected = "wes <wes@x> (no member, by author) changed the documentation \
                    `projects/shop/cases/b.md`; a writer or an owner may by today's rules";
    assert_eq!(refused, [expected]);
    // Whoever is a member today, and was back then, may.
    bench.play.git(&["reset", "-q", "--hard", old.trim()]);
    bench.write("projects/shop/cases/b.md", "b");
    bench.by("ada", "From back then");
    assert_eq!(since_main(&bench), [""; 0]);
}

#[test]
fn a_signature_is_asked_for_where_the_project_says_so() {
    let bench = team();
    bench.write(
        "projects/shop/project.yaml",
        "key: SHOP\nname: Shop\nsignatures: all\n",
    );
    bench.by("ada", "From now on");
    bench.write("projects/shop/cases/b.md", "b");
    bench.by("ada", "Not signed");
    bench.play.write("code.txt", "x");
    bench.by("zoe", "Code");
    let refused = bench.refusals();
    let expected = "ada <ada@x> changed the documentation `projects/shop/cases/b.md` without a \
                    signature, which the project requires";
    assert_eq!(refused, [expected]);
}

#[test]
fn the_first_commit_creates_the_workspace_and_its_rules_bind_it() {
    let first = |who: &str, settings: &str, launches: bool| {
        let bench = Bench::new("");
        bench.write("tallybook.yaml", "format: 1\n");
        bench.write("projects/shop/project.yaml", settings);
        bench.write(&member("ada"), member_text("ada", "owner"));
        bench.write(&member("rita"), member_text("rita", "reader"));
        if launches {
            bench.write(
                "projects/shop/launches/2026/11/l-1/launch.yaml",
                "format: 1\n",
            );
        }
        bench.by(who, "Begin");
        bench
    };
    let said = |bench: &Bench| {
        let report = bench.verify();
        let found = report.violations.into_iter();
        let found = found.filter(|violation| violation.kind == Kind::NotAllowed);
        found.map(|v| v.message).collect::<Vec<_>>().join("\n")
    };
    // Whoever makes it, it may create the workspace: nobody is there who could be asked.
    assert_eq!(said(&first("eve", "key: SHOP\n", false)), "");
    assert_eq!(said(&first("ada", "key: SHOP\n", true)), "");
    let by_rita = said(&first("rita", "key: SHOP\n", true));
    assert!(
        by_rita.contains("(reader, by author) closed launch `l-1`; a runner, a writer or an owner may by the rules that it brings"),
        "{by_rita}"
    );
    // What it wants signed, it must have signed itself.
    assert_eq!(
        said(&first("ada", "key: SHOP\nsignatures: closings\n", false)),
        ""
    );
    let unsigned = said(&first("ada", "key: SHOP\nsignatures: all\n", false));
    assert!(
        unsigned.contains("changed the settings `projects/shop/members/ada.yaml` and 2 more without a signature, which the project requires"),
        "{unsigned}"
    );
}

#[test]
fn a_project_begins_with_an_owner_or_without_members() {
    let bench = Bench::new("");
    bench.write("tallybook.yaml", "format: 1\n");
    bench.write("projects/shop/project.yaml", "key: SHOP\n");
    bench.by("ada", "Begin");
    assert_eq!(bench.verify().violations, []);
    bench.write(&member("wes"), member_text("wes", "writer"));
    bench.by("ada", "A writer first");
    let report = bench.verify();
    let expected = "left the project `shop` without an owner";
    assert!(
        report.violations[0].message.contains(expected),
        "{report:#?}"
    );
}
