//! `case match`, `case adopt` and `launch close --adopt` as their users run them.

use serde_json::{Value, json};

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{result, shop, with};

const EXPIRED: &str = "projects/shop/cases/sign-in/expired.md";

fn labelled(uuid: &str, name: &str, labels: &[(&str, &str)]) -> Value {
    let labels: Vec<Value> = { labels.iter() }
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    with(result(uuid, name, "passed"), &json!({"labels": labels}))
}

/// A shop with a closed launch of `expired` and `other`, and an open one in which both have other names.
fn renamed() -> (TestRepo, String) {
    let repo = shop();
    repo.allure("r0", &result("e0", "expired", "failed"));
    repo.allure("r0", &result("o0", "removes_an_item", "passed"));
    repo.close_with("Nightly 0", "r0");
    repo.allure("r1", &result("e1", "expired_password", "passed"));
    repo.allure("r1", &result("o1", "removes_one_item", "passed"));
    repo.allure("r1", &result("n1", "search", "passed"));
    let id = repo.open_launch("Nightly 1");
    repo.answer(["launch", "append", &id, "r1"]);
    (repo, id)
}

fn entries(repo: &TestRepo, test: &str) -> String {
    let shown = repo.json(["history", test, "--format", "json"]);
    let lines = shown["branches"][0]["lines"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert!(lines.len() <= 1, "one track: {shown}");
    let entries = lines
        .first()
        .and_then(|line| line["entries"].as_array().cloned());
    let entries = entries.unwrap_or_default();
    let statuses = entries.iter().filter_map(|entry| entry["status"].as_str());
    statuses.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_renamed_test_goes_on() {
    let (repo, id) = renamed();
    let view = repo.json(["case", "match", &id, "--format", "json"]);
    let names = |key: &str| -> Vec<String> {
        let all = view[key].as_array().expect("a list").iter();
        all.map(|one| one["full_name"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(names("matched"), [] as [&str; 0]);
    assert_eq!(
        names("derived"),
        [
            "auth#expired_password",
            "auth#removes_one_item",
            "auth#search"
        ]
    );
    assert_eq!(names("appeared"), names("derived"));
    assert_eq!(names("vanished"), ["auth#expired", "auth#removes_an_item"]);
    let pairs = view["proposals"].as_array().expect("a list").iter();
    let pairs: Vec<(&str, &str, Option<&str>)> = pairs
        .map(|one| {
            let text = |key: &str| one[key].as_str();
            (
                text("old").expect("a name"),
                text("new").expect("a name"),
                text("case"),
            )
        })
        .collect();
    assert_eq!(
        pairs,
        [
            ("auth#removes_an_item", "auth#removes_one_item", None),
            ("auth#expired", "auth#expired_password", Some("SHOP-EXP1RD")),
        ]
    );
    let text = repo.answer(["case", "match", &id]);
    assert!(text.contains("renamed, it seems: 2"), "{text}");

    let before = repo.read(EXPIRED);
    let ran = repo.run(["case", "match", &id, "--accept", "--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(repo.read(EXPIRED), before);
    let ran = repo.run(["case", "match", &id, "--accept"]);
    assert_eq!((ran.code, ran.stdout.trim()), (Some(0), EXPIRED), "{ran}");
    assert!(ran.stderr.contains("`--adopt`"), "{ran}");
    assert_eq!(
        repo.read(EXPIRED),
        before.replace(
            "[\"auth#expired\"]",
            "[\"auth#expired\", \"auth#expired_password\"]"
        )
    );
    repo.commit("Follow");
    // Twice is once.
    let ran = repo.run(["case", "match", &id, "--accept"]);
    assert!(
        ran.code == Some(0) && ran.stderr.contains("nothing changes"),
        "{ran}"
    );
    let path = repo.answer(["case", "match", &id, "--accept", "--adopt"]);
    let text = repo.read(&path);
    assert!(
        text.contains("selectors: [\"auth#removes_one_item\", \"auth#removes_an_item\"]"),
        "{text}"
    );
    repo.commit("Adopt");
    repo.answer(["launch", "close", &id]);
    // The launch that was closed before is matched by today's names.
    assert_eq!(entries(&repo, "SHOP-EXP1RD"), "failed passed");
    let adopted = text
        .lines()
        .nth(1)
        .expect("an id")
        .trim_start_matches("id: ");
    assert_eq!(entries(&repo, adopted), "passed passed");
    let view = repo.json(["case", "match", &id, "--format", "json"]);
    assert_eq!(view["vanished"], json!([]));
    assert_eq!(view["proposals"], json!([]));
    repo.assert_clean();
}

/// A case with several tests loses one of them: the others say nothing of it.
#[test]
fn one_of_several_tests_of_a_case_is_renamed() {
    let repo = shop();
    let several = repo
        .read(EXPIRED)
        .replace("[\"auth#expired\"]", "[\"auth#expired\", \"auth#locked\"]");
    repo.write(EXPIRED, &several);
    repo.commit("Two tests");
    for (run, name) in [("r0", "expired"), ("r1", "expired_password")] {
        repo.allure(run, &result(&format!("{run}a"), name, "passed"));
        repo.allure(run, &result(&format!("{run}b"), "locked", "passed"));
    }
    repo.close_with("Nightly 0", "r0");
    let id = repo.open_launch("Nightly 1");
    repo.answer(["launch", "append", &id, "r1"]);
    let view = repo.json(["case", "match", &id, "--format", "json"]);
    assert_eq!(view["vanished"][0]["full_name"], "auth#expired", "{view}");
    let pair = &view["proposals"][0];
    assert_eq!(
        (&pair["old"], &pair["new"], &pair["case"]),
        (
            &"auth#expired".into(),
            &"auth#expired_password".into(),
            &"SHOP-EXP1RD".into()
        ),
        "{view}"
    );
    repo.answer(["case", "match", &id, "--accept"]);
    let named = "[\"auth#expired\", \"auth#locked\", \"auth#expired_password\"]";
    assert!(repo.read(EXPIRED).contains(named), "{}", repo.read(EXPIRED));
    let view = repo.json(["case", "match", &id, "--format", "json"]);
    assert_eq!(view["proposals"], json!([]), "{view}");
    assert_eq!(view["vanished"], json!([]), "{view}");
}

/// Of a case that takes tests by a pattern or by their ids nobody said which test became which.
#[test]
fn a_test_that_went_is_told_beside_a_new_one_of_its_case() {
    let told = |selectors: &str, tests: [(&str, &str); 3], ids: bool| {
        let repo = shop();
        let text = { repo.read(EXPIRED) }.replace("[\"auth#expired\"]", selectors);
        repo.write(EXPIRED, &text);
        repo.commit("Selectors");
        for (at, (before, now)) in tests.into_iter().enumerate() {
            for (run, name) in [("r0", before), ("r1", now)] {
                let labels: &[_] = if ids {
                    &[("AS_ID", "SHOP-EXP1RD")]
                } else {
                    &[]
                };
                repo.allure(run, &labelled(&format!("{run}{at}"), name, labels));
            }
        }
        repo.close_with("Nightly 0", "r0");
        let id = repo.open_launch("Nightly 1");
        repo.answer(["launch", "append", &id, "r1"]);
        let view = repo.json(["case", "match", &id, "--format", "json"]);
        let text = repo.answer(["case", "match", &id]);
        let ran = repo.run(["case", "match", &id, "--accept"]);
        assert!(ran.stderr.contains("nothing changes"), "{ran}");
        (view, text)
    };
    let names = |view: &Value, key: &str| -> Vec<String> {
        let all = view[key].as_array().expect("a list").iter();
        all.map(|one| one["full_name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let tests = [
        ("locked", "locked"),
        ("expired", "expired_password"),
        ("pays", "logs_out"),
    ];
    for (selectors, ids) in [("[\"auth#*\"]", false), ("[]", true)] {
        let (view, text) = told(selectors, tests, ids);
        assert_eq!(
            names(&view, "vanished"),
            ["auth#expired", "auth#pays"],
            "{view}"
        );
        assert_eq!(
            names(&view, "appeared"),
            ["auth#expired_password", "auth#logs_out"]
        );
        let pair = &view["proposals"][0];
        assert_eq!(
            (&pair["old"], &pair["new"], &pair["has_both"]),
            (
                &json!("auth#expired"),
                &json!("auth#expired_password"),
                &json!(true)
            ),
            "{view}"
        );
        assert!(
            text.contains("it has both]") && !text.contains("--accept"),
            "{text}"
        );
    }
    // Named as they are, two tests are one where a new one has the place of one that went.
    let all = "[\"auth#locked\", \"auth#expired\", \"auth#expired_password\", \"auth#pays\"]";
    let (view, _) = told(all, [tests[0], tests[1], ("pays", "locked")], false);
    assert_eq!(names(&view, "vanished"), ["auth#pays"], "{view}");
    assert_eq!(
        (&view["appeared"], &view["proposals"]),
        (&json!([]), &json!([]))
    );
}

#[test]
fn pairs_are_named() {
    let (repo, id) = renamed();
    repo.answer([
        "case",
        "match",
        &id,
        "--rename",
        "auth#expired",
        "auth#search",
        "--branch",
        "named",
    ]);
    assert!(
        repo.git(["show", &format!("named:{EXPIRED}")])
            .contains("auth#search")
    );
    for (args, word) in [
        (
            ["auth#expird", "auth#search"],
            "did you mean `auth#expired`",
        ),
        (["auth#expired", "auth#serch"], "did you mean `auth#search`"),
        (
            ["auth#removes_an_item", "auth#search"],
            "`--adopt` makes one",
        ),
    ] {
        let ran = repo.run(["case", "match", &id, "--rename", args[0], args[1]]);
        assert_refused(&ran, &[word]);
    }
    assert_refused(&repo.run(["case", "match", "nothing"]), &["no launch"]);
    assert_refused(&repo.run(["case", "match", &id, "--adopt"]), &["--accept"]);
}

#[test]
fn a_test_of_two_cases_is_told() {
    let (repo, id) = renamed();
    repo.write(
        "projects/shop/cases/all.md",
        "---\nid: SHOP-A11A11\ntitle: All\nautomation: {selectors: [\"auth#*\"]}\n---\n",
    );
    repo.write(
        "projects/shop/cases/search.md",
        "---\nid: SHOP-SEARCH\ntitle: Search\nautomation: {selectors: [\"auth#s*\"]}\n---\n",
    );
    let ran = repo.run(["case", "match", &id]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        ran.stdout
            .contains("auth#search  [SHOP-A11A11, SHOP-SEARCH]"),
        "{ran}"
    );
}

const SETTINGS: &str = "key: SHOP\nname: Shop\nenvironment: {browser: {default: chrome}}\nlayers: [api, e2e]\n\
    fields: {component: [login, cart], story: }\ndocumentation:\n  launches: name ~= nightly\n  fields:\n    \
    layer: {label: [tier, layer], wins: result}\n    component: {label: module}\n    section: {label: [epic, module]}\n    \
    tags: {label: []}\n";

fn with_labels() -> (TestRepo, String) {
    let repo = shop();
    repo.write("projects/shop/project.yaml", SETTINGS);
    repo.commit("Settings");
    let labels = [
        ("tier", "API"),
        ("module", "cart"),
        ("story", "Items"),
        ("epic", "Shop & Cart"),
        ("tag", "slow"),
        ("owner", "nobody"),
        ("severity", "minor"),
    ];
    let more = json!({
        "description": "# Not a heading\n<script>x</script>",
        "links": [{"type": "issue", "name": "WEB-7", "url": "javascript:x"}],
        "steps": [{"name": "Add an *item*", "status": "passed", "steps": [{"name": "2. Look", "status": "passed"}]}],
    });
    repo.allure("r0", &with(labelled("c0", "adds", &labels), &more));
    repo.allure(
        "r0",
        &labelled(
            "e0",
            "expired",
            &[("tier", "e2e"), ("owner", "bob"), ("module", "login")],
        ),
    );
    let id = repo.open_launch("Nightly 0");
    repo.answer(["launch", "append", &id, "r0"]);
    (repo, id)
}

#[test]
fn tests_are_adopted_as_their_results_say() {
    let (repo, id) = with_labels();
    assert_refused(&repo.run(["case", "adopt"]), &["required"]);
    assert_refused(
        &repo.run(["case", "adopt", "--from", &id, "auth#nothing"]),
        &["fits `auth#nothing`"],
    );
    let ran = repo.run([
        "case", "adopt", "--from", &id, "auth#a*", "--branch", "adopt",
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let path = ran.stdout.trim();
    assert_eq!(path, "projects/shop/cases/shop-cart/cart/adds.md");
    assert!(ran.stderr.contains("`owner` is `nobody`"), "{ran}");
    let text = repo.git(["show", &format!("adopt:{path}")]);
    let id_of = text.lines().nth(1).expect("an id");
    assert_eq!(
        text,
        format!(
            "---\n{id_of}\ntitle: adds\nexecution: automated\nlayer: api\nseverity: minor\n\
             fields: {{component: [cart], story: [Items]}}\nlinks:\n  - {{type: issue, name: WEB-7}}\n\
             automation:\n  selectors: [\"auth#adds\"]\n---\n\n\\# Not a heading\n\\<script\\>x\\</script\\>"
        )
    );
    repo.git(["checkout", "-q", "adopt"]);
    assert_eq!(repo.run(["validate"]).code, Some(0));
    repo.answer(["launch", "close", &id]);
    let case = id_of.trim_start_matches("id: ");
    assert_eq!(entries(&repo, case), "passed");
    let ran = repo.run(["case", "adopt", "--all"]);
    assert!(
        ran.code == Some(0) && ran.stderr.contains("nothing changes"),
        "{ran}"
    );
}

#[test]
fn results_may_win_over_files() {
    let (repo, id) = with_labels();
    let before = repo.read(EXPIRED);
    repo.answer(["case", "adopt", "--update", "--from", &id]);
    // The layer is a result's to say; the owner is the file's, and the component was said by neither.
    assert_eq!(
        repo.read(EXPIRED),
        before
            .replace("status: active\n", "status: active\nlayer: e2e\n")
            .replace(
                "owner: alice\n",
                "owner: alice\nfields: {component: [login]}\n"
            )
    );
    repo.answer(["case", "set", "SHOP-EXP1RD", "layer=api", "component=cart"]);
    repo.answer(["case", "adopt", "--update", "--from", &id]);
    let text = repo.read(EXPIRED);
    assert!(
        text.contains("layer: e2e") && text.contains("component: [cart]"),
        "{text}"
    );
    let ran = repo.run(["case", "adopt", "--update", "--from", &id]);
    assert!(
        ran.code == Some(0) && ran.stderr.contains("nothing changes"),
        "{ran}"
    );
}

#[test]
fn only_some_launches_touch_cases() {
    let (repo, _) = with_labels();
    let id = repo.open_launch("Try");
    repo.answer(["launch", "append", &id, "r0"]);
    assert_refused(
        &repo.run(["case", "adopt", "--from", &id, "--all"]),
        &["documentation.launches"],
    );
    let ran = repo.run(["launch", "close", &id, "--adopt"]);
    assert!(
        ran.code == Some(0) && ran.stderr.contains("nothing was adopted"),
        "{ran}"
    );
    assert_eq!(repo.answer(["query", "", "--format", "count"]), "2");
}

#[test]
fn a_closing_adopts() {
    let (repo, id) = with_labels();
    // A wrong query is told before anything is closed.
    let ran = repo.run(["launch", "close", &id, "--adopt", "tga = x"]);
    assert_refused(&ran, &["did you mean `tag`"]);
    let ran = repo.run(["launch", "close", &id, "--adopt", "story = Items"]);
    assert_refused(&ran, &["story"]);
    let ran = repo.run([
        "launch",
        "close",
        &id,
        "--adopt",
        "label[\"story\"] = Items",
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.stderr.contains("adopted 1 case"), "{ran}");
    assert_eq!(
        repo.git(["log", "-2", "--format=%s"]).lines().last(),
        Some("Close launch Nightly 0 (SHOP) [skip ci]")
    );
    repo.assert_clean_but("r0");
    assert_eq!(
        repo.answer(["query", "selector = 'auth#adds'", "--format", "count"]),
        "1"
    );
    assert_eq!(repo.run(["verify"]).code, Some(0));
    let cases = repo.json(["case", "list", "title = adds", "--format", "json"]);
    assert_eq!(
        entries(&repo, cases[0]["id"].as_str().expect("an id")),
        "passed"
    );
    let ran = repo.run(["launch", "close", &id, "--adopt"]);
    assert!(
        ran.code == Some(0) && ran.stderr.contains("was closed before"),
        "{ran}"
    );
}

#[test]
fn a_branch_of_launches_takes_no_case_files() {
    let repo = shop();
    repo.write(
        "tallybook.yaml",
        "format: 1\ntitle: Shop\nlaunches: {branch: tallybook}\n",
    );
    repo.commit("Two branches");
    repo.allure("r0", &result("a0", "adds", "passed"));
    let id = repo.open_launch("Nightly 0");
    repo.answer(["launch", "append", &id, "r0"]);
    let ran = repo.run(["launch", "close", &id, "--adopt"]);
    assert_refused(
        &ran,
        &[
            "a branch of their own",
            &format!("tallybook case adopt --from {id} --all"),
        ],
    );
    repo.answer(["launch", "close", &id]);
    let path = repo.answer([
        "case",
        "adopt",
        "--from",
        &id,
        "--all",
        "--branch",
        "adopt-cases",
    ]);
    assert_eq!(path, "projects/shop/cases/auth/adds.md");
    assert_eq!(
        repo.git(["log", "-1", "--format=%s", "adopt-cases"])
            .get(..6),
        Some("Adopt ")
    );
}

/// Results are written by anybody: what they say becomes words in files of their own, and no more.
#[test]
fn hostile_results_are_words() {
    let repo = shop();
    let long = "x".repeat(4_000);
    let evil = [
        ("a", "Title\nwith lines", "m.C#a\nb", "../../etc"),
        ("b", "\u{1b}[2J\u{202e}evil", "m.C#\u{202e}b", "con"),
        ("c", long.as_str(), "m.C#c", "a/b\\c"),
        ("d", "id: X\n---\n", "m.C#d: 'x' \"y\"", ".git"),
        ("e", "{{ 7 }} <b>", "m.C#{e: [f]}", "CON"),
        ("f", "Sign in", "m.C#f", "Sign-In"),
        ("g", "SIGN IN", "m.C#g", "sign-in"),
        ("h", "-", "- h", ""),
        ("i", "", "#i", "\u{200b}"),
        ("j", "all", "m.C#*", "x"),
    ];
    for (uuid, name, full_name, suite) in evil {
        let more = json!({
            "fullName": full_name,
            "labels": [{"name": "suite", "value": suite}, {"name": "tag", "value": "a\nb"}],
            "description": "<<<<<<< a\n=======\n>>>>>>> b\n---\nid: X",
        });
        repo.allure("r0", &with(result(uuid, name, "passed"), &more));
    }
    let id = repo.open_launch("Nightly 0");
    repo.answer(["launch", "append", &id, "r0"]);
    let ran = repo.run(["case", "adopt", "--from", &id, "--all"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr
            .contains("left out `all`: its full name has a `*`"),
        "{ran}"
    );
    assert!(ran.stderr.contains(": m.C#a b"), "in one line: {ran}");
    let paths: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(paths.len(), 9, "{ran}");
    let lower: std::collections::BTreeSet<String> =
        paths.iter().map(|path| path.to_lowercase()).collect();
    assert_eq!(lower.len(), 9, "{ran}");
    assert!(
        paths
            .iter()
            .all(|path| path.starts_with("projects/shop/cases/") && !path.contains("..")),
        "{ran}"
    );
    let validated = repo.run(["validate"]);
    assert_eq!(validated.code, Some(0), "{validated}");
    assert_eq!(repo.answer(["fmt", "--check"]), "");
    repo.commit("Adopt");
    let view = repo.json(["case", "match", &id, "--format", "json"]);
    assert_eq!(view["matched"].as_array().map(Vec::len), Some(9));
    repo.answer(["launch", "close", &id]);
    // Adopting again, or elsewhere than below `cases`, does nothing.
    let ran = repo.run(["case", "adopt", "--from", &id, "--all"]);
    assert!(ran.code == Some(0) && ran.stdout.is_empty(), "{ran}");
    for (args, word) in [
        (["m.C#nothing", "--section=x"], "fits `m.C#nothing`"),
        (["m.C#\u{1b}", "--section=x"], "fits"),
        (["--query=tga = x", "--section=x"], "tga"),
        (
            ["--query=flipRate(20) > 1", "--section=x"],
            "functions of history",
        ),
        (["--all", "--from=nothing"], "no launch"),
        (["--all", "--latest=0"], "0"),
    ] {
        assert_refused(&repo.run(["case", "adopt", args[0], args[1]]), &[word]);
    }
    repo.allure("r1", &result("z", "zebra", "passed"));
    let other = repo.open_launch("Nightly 1");
    repo.answer(["launch", "append", &other, "r1"]);
    for section in ["../x", "/x", "a/../b", "nul", "a\nb", &long] {
        let ran = repo.run([
            "case",
            "adopt",
            "--all",
            "--from",
            &other,
            "--section",
            section,
        ]);
        assert_refused(&ran, &["no name for a section"]);
    }
    repo.assert_clean_but("r1");
}

/// Somebody who may close and not write gets a closed launch, and no case files.
#[test]
fn adopting_needs_the_right_to_write() {
    let (repo, id) = with_labels();
    repo.write(
        "projects/shop/members/bot.yaml",
        "name: Bot\nemails: [bot@example.com]\nrole: runner\n",
    );
    repo.commit("Bot");
    let repo = repo
        .env("GIT_AUTHOR_NAME", "Bot")
        .env("GIT_AUTHOR_EMAIL", "bot@example.com")
        .env("GIT_COMMITTER_NAME", "Bot")
        .env("GIT_COMMITTER_EMAIL", "bot@example.com");
    let ran = repo.run(["launch", "close", &id, "--adopt"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        ran.stderr
            .contains("the launch is closed, and nothing was adopted"),
        "{ran}"
    );
    let shown = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(shown["state"], "closed");
    assert_eq!(repo.answer(["query", "", "--format", "count"]), "2");
}

/// In a folder of a product's repository, and pushed.
#[test]
fn a_closing_adopts_on_the_remote() {
    let repo = crate::shop::shop_in("qa/tests");
    repo.git(["init", "-q", "--bare", "../remote.git"]);
    repo.git(["remote", "add", "origin", "../remote.git"]);
    repo.git(["push", "-q", "-u", "origin", "main"]);
    repo.allure("r0", &result("a0", "adds", "passed"));
    let run = |args: &[&str]| {
        let ran = repo.output("qa/tests", args);
        assert_eq!(ran.code, Some(0), "{args:?}\n{ran}");
        ran
    };
    let id = run(&["launch", "open", "--name", "Nightly 0", "--push"]).stdout;
    let _ = run(&["launch", "append", id.trim(), "../../r0", "--push"]);
    let ran = run(&["launch", "close", id.trim(), "--push", "--adopt"]);
    assert!(ran.stderr.contains("adopted 1 case"), "{ran}");
    let log = repo.git([
        "--git-dir=../remote.git",
        "log",
        "-2",
        "--format=%s",
        "main",
    ]);
    let subjects: Vec<&str> = log.lines().collect();
    assert!(subjects[0].starts_with("Adopt SHOP-"), "{log}");
    assert_eq!(subjects[1], "Close launch Nightly 0 (SHOP) [skip ci]");
    assert!(
        repo.root()
            .join("qa/tests/projects/shop/cases/auth/adds.md")
            .exists()
    );
    repo.assert_clean_but("r0");
    let path = run(&["case", "new", "--title", "T", "--branch", "b"]).stdout;
    assert_eq!(path, "projects/shop/cases/t.md\n");
    repo.git(["cat-file", "-e", "b:qa/tests/projects/shop/cases/t.md"]);
}

/// Steps are kept of what failed, in open launches and in closed ones.
/// Results go by an id first: two files of one id would leave one of them without results for ever.
#[test]
fn tests_of_one_id_are_one_case() {
    let repo = shop();
    for (uuid, name, id) in [
        ("a", "pays", "TC-7"),
        ("b", "pays_twice", "tc-7"),
        ("c", "leaves", "TC-8"),
    ] {
        repo.allure("r0", &labelled(uuid, name, &[("AS_ID", id)]));
    }
    repo.close_with("Nightly 0", "r0");
    let ran = repo.run(["case", "adopt", "--all"]);
    assert_eq!(
        (ran.code, ran.stdout.lines().count()),
        (Some(0), 2),
        "{ran}"
    );
    assert!(
        ran.stderr
            .contains("auth#pays_twice, which names the same id"),
        "{ran}"
    );
    let shown = repo.json(["case", "show", "TC-7", "--format", "json"]);
    let text = repo.read(shown["path"].as_str().expect("a path"));
    assert!(
        text.contains("aliases: [TC-7]")
            && text.contains("selectors: [\"auth#pays\", \"auth#pays_twice\"]"),
        "{text}"
    );
    let left = repo.json(["case", "list", "--derived", "--format", "json"]);
    assert_eq!(left, json!([]), "{left}");
}

#[test]
fn equal_steps_are_one_test() {
    let repo = shop();
    let failed = |uuid: &str, full_name: &str| {
        let steps = ["Open the cart", "Pay", "Look at the mail"];
        let steps: Vec<Value> = { steps.iter() }
            .map(|name| json!({"name": name, "status": "passed"}))
            .collect();
        let more = json!({"fullName": full_name, "name": full_name, "steps": steps});
        with(result(uuid, "x", "failed"), &more)
    };
    repo.allure("r0", &failed("a0", "shop.cart#buys"));
    repo.allure("r0", &result("e0", "expired", "passed"));
    repo.close_with("Nightly 0", "r0");
    repo.allure("r1", &failed("a1", "checkout.flow#orders_and_pays"));
    let id = repo.open_launch("Nightly 1");
    repo.answer(["launch", "append", &id, "r1"]);
    let proposed = || repo.json(["case", "match", &id, "--format", "json"])["proposals"].clone();
    let expected = json!([{
        "old": "shop.cart#buys", "new": "checkout.flow#orders_and_pays", "case": null, "has_both": false, "score": 60,
        "why": ["same steps"], "unclear": false,
    }]);
    assert_eq!(proposed(), expected);
    repo.answer(["launch", "close", &id]);
    assert_eq!(proposed(), expected);
    let path = repo.answer(["case", "match", &id, "--accept", "--adopt"]);
    assert!(
        repo.read(&path)
            .contains("1. Open the cart\n1. Pay\n1. Look at the mail\n")
    );
}
