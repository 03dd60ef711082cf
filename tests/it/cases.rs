//! `case new`, `list`, `show` and `set` as their users run them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::repo::{Ran, TestRepo, assert_refused};
use crate::shop::{result, shop};

pub(crate) const EXPIRED: &str = "projects/shop/cases/sign-in/expired.md";
const SETTINGS: &str = "key: SHOP\nname: Shop\nenvironment: {browser: {default: chrome}}\n\
    layers: [api, e2e]\nfields: {component: [login, cart], story: }\n";

/// All files of the working tree but those of git.
pub(crate) fn files(repo: &TestRepo) -> BTreeMap<String, Vec<u8>> {
    let root = repo.root();
    let mut out = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("lists") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(&root).expect("inside");
            let name = name.to_str().expect("UTF-8").to_owned();
            if name.starts_with(".git/") || name == ".git" {
                continue;
            }
            match path.is_dir() {
                true => folders.push(path),
                false => drop(out.insert(name, std::fs::read(&path).expect("reads"))),
            }
        }
    }
    out
}

/// Runs a command that must be refused, and must leave all files as they are.
#[track_caller]
pub(crate) fn refused<const N: usize>(repo: &TestRepo, args: [&str; N], words: &[&str]) {
    let before = files(repo);
    let ran = repo.run(args);
    assert_refused(&ran, words);
    assert!(before == files(repo), "{args:?} wrote something\n{ran}");
}

#[track_caller]
pub(crate) fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, Some(0), "{ran}");
    ran
}

pub(crate) fn with_settings() -> TestRepo {
    let repo = shop();
    repo.write("projects/shop/project.yaml", SETTINGS);
    repo.commit("Settings");
    repo
}

#[test]
fn a_new_case_is_a_file() {
    let repo = with_settings();
    repo.write("steps.txt", "Open the cart.\n\n  Remove the last item.\n");
    let ran = done(repo.run([
        "case",
        "new",
        "--title",
        "Empty a cart: \"all\"",
        "--section",
        "Cart/basics",
        "--tag",
        "smoke",
        "--tag",
        "a, b",
        "--field",
        "component=cart",
        "--layer",
        "e2e",
        "--severity",
        "critical",
        "--issue",
        "WEB-1",
        "--automates",
        "shop-exp1rd",
        "--parameter",
        "browser=[chrome, \"1.10\"]",
        "--steps",
        "steps.txt",
    ]));
    let path = ran.stdout.trim();
    assert_eq!(path, "projects/shop/cases/Cart/basics/empty-a-cart-all.md");
    let text = repo.read(path);
    let id = text
        .lines()
        .nth(1)
        .expect("an id")
        .trim_start_matches("id: ");
    assert!(id.starts_with("SHOP-") && id.len() == 11, "{id}");
    assert_eq!(
        text,
        format!(
            "---\nid: {id}\ntitle: \"Empty a cart: \\\"all\\\"\"\nexecution: manual\nstatus: draft\nlayer: e2e\n\
             severity: critical\nowner: alice\ntags: [smoke, \"a, b\"]\nfields: {{component: [cart]}}\n\
             links:\n  - {{type: issue, name: WEB-1}}\nrelations:\n  - {{type: automates, case: SHOP-EXP1RD}}\n\
             parameters: {{browser: [chrome, \"1.10\"]}}\n---\n\n## Steps\n\n1. Open the cart.\n\
             1. Remove the last item.\n"
        )
    );
    assert_eq!(repo.run(["validate"]).code, Some(0));
    assert_eq!(repo.answer(["fmt", "--check", path]), "");
    // The same title again is another file, whatever its letters.
    let again = repo.answer([
        "case",
        "new",
        "--title",
        "EMPTY a cart all",
        "--section",
        "cart/BASICS",
    ]);
    assert_eq!(
        again,
        "projects/shop/cases/Cart/basics/empty-a-cart-all-2.md"
    );
}

#[test]
fn a_new_case_comes_from_the_input_or_an_editor_or_goes_to_a_branch() {
    let repo = with_settings();
    let mut command = repo.command(
        "",
        &["case", "new", "--title", "T", "--steps", "-", "--dry-run"],
    );
    command.stdin(std::process::Stdio::piped());
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    use std::io::Write as _;
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(b"1. a\n   - **Expected:** b\n")
        .expect("takes it");
    drop(input);
    let output = child.wait_with_output().expect("ends");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        shown.contains("+## Steps\n+\n+1. a\n+   - **Expected:** b\n"),
        "{shown}"
    );
    assert_eq!(repo.git(["status", "--porcelain"]), "");

    let tip = repo.git(["rev-parse", "HEAD"]);
    let path = repo.answer([
        "case",
        "new",
        "--title",
        "On a branch",
        "--branch",
        "new-case",
    ]);
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    let log = repo.git(["log", "--format=%s%n%P", "-1", "--name-only", "new-case"]);
    assert!(
        log.starts_with("Add case SHOP-") && log.contains(&tip) && log.ends_with(&path),
        "{log}"
    );

    #[cfg(unix)]
    {
        let repo = repo.env("EDITOR", "printf '\\n1. Typed.\\n' >>");
        let path = repo.answer(["case", "new", "--title", "Edited", "--edit"]);
        assert!(
            repo.read(&path)
                .ends_with("## Postconditions\n\n1. Typed.\n")
        );
        let repo = repo.env("EDITOR", "true");
        refused(
            &repo,
            ["case", "new", "--title", "Not", "--edit"],
            &["as it was given"],
        );
        let repo = repo.env("EDITOR", "sed -i s/^id:.*/id:\\ X/");
        refused(
            &repo,
            ["case", "new", "--title", "Not", "--edit"],
            &["the id was changed"],
        );
        let repo = repo.env("EDITOR", "false");
        refused(
            &repo,
            ["case", "new", "--title", "Not", "--edit"],
            &["ended with an error"],
        );
        // Somebody else makes the file meanwhile.
        let race = "f() { echo theirs > projects/shop/cases/raced.md; echo 1. x >> \"$1\"; }; f";
        let repo = repo.env("EDITOR", race);
        let ran = repo.run(["case", "new", "--title", "Raced", "--edit"]);
        assert_refused(&ran, &["there is a `projects/shop/cases/raced.md` already"]);
        assert_eq!(repo.read("projects/shop/cases/raced.md"), "theirs\n");
        std::fs::remove_file(repo.root().join("projects/shop/cases/raced.md")).expect("goes");
        assert_eq!(
            repo.git(["status", "--porcelain"]),
            "?? projects/shop/cases/edited.md"
        );
    }
}

#[test]
fn what_is_no_case_is_not_made() {
    let repo = with_settings();
    repo.write(
        "conflict.md",
        "1. a\n<<<<<<< x\n1. b\n=======\n1. c\n>>>>>>> y\n",
    );
    repo.write("latin.txt", b"caf\xe9\n");
    let long = "x".repeat(10_000);
    for (args, word) in [
        (["--title", ""], "needs a title"),
        (["--title", "--branch"], "looks like a flag"),
        (["--title=T", "--parameter=os="], "no value"),
        (
            ["--title=T", "--branch=a b"],
            "can't be the name of a branch",
        ),
        (["--title", "a\nb"], "several lines"),
        (["--title", "a\u{1b}[2J"], "control characters"),
        (["--title", "\u{202e}evil"], "control characters"),
        (["--title", &long], "10000"),
        (
            ["--title=T", "--section=../../etc"],
            "no name for a section",
        ),
        (["--title=T", "--section=/etc"], "no name for a section"),
        (["--title=T", "--section=a/nul/b"], "device"),
        (["--title=T", "--section=a\nb"], "can't be seen"),
        (
            ["--title=T", &format!("--section={long}")],
            "10000 characters",
        ),
        (["--title=T", "--name=../x"], "no name for a file"),
        (["--title=T", "--status=activ"], "did you mean `active`"),
        (["--title=T", "--layer=ui"], "expected `api` or `e2e`"),
        (["--title=T", "--severity=high"], "expected `blocker`"),
        (["--title=T", "--owner=bob"], "no member `bob`"),
        (
            ["--title=T", "--field=component=crt"],
            "did you mean `cart`",
        ),
        (
            ["--title=T", "--field=compnent=cart"],
            "did you mean `component`",
        ),
        (
            ["--title=T", "--automates=SHOP-NOPE"],
            "no case `SHOP-NOPE`",
        ),
        (["--title=T", "--steps=conflict.md"], "merge conflict"),
        (["--title=T", "--steps=latin.txt"], "not UTF-8"),
        (["--title=T", "--steps=nothing.md"], "nothing.md"),
        (["--title=T", "--selector=auth#expired"], "claim"),
    ] {
        refused(&repo, ["case", "new", args[0], args[1]], &[word]);
    }
    // Links lead nowhere.
    #[cfg(unix)]
    {
        let outside = repo.root().join("../outside");
        std::fs::create_dir(&outside).expect("a folder");
        let cases = repo.root().join("projects/shop/cases");
        std::os::unix::fs::symlink(&outside, cases.join("away")).expect("a link");
        for section in ["away", "AWAY", "away/below"] {
            refused(
                &repo,
                ["case", "new", "--title=T", &format!("--section={section}")],
                &["is there already"],
            );
        }
        std::fs::rename(&cases, repo.root().join("kept")).expect("moves");
        std::os::unix::fs::symlink(&outside, &cases).expect("a link");
        let ran = repo.run(["case", "new", "--title=T"]);
        assert_refused(&ran, &["`projects/shop/cases` is there already"]);
        assert_eq!(std::fs::read_dir(&outside).expect("lists").count(), 0);
        std::fs::remove_file(&cases).expect("goes");
        std::fs::rename(repo.root().join("kept"), &cases).expect("moves");
        std::fs::remove_file(cases.join("away")).expect("goes");
    }
    // A folder that a file stands in the way of.
    repo.write("projects/shop/cases/flat", "x");
    refused(
        &repo,
        ["case", "new", "--title=T", "--section=flat"],
        &["is there already"],
    );
}

/// Titles that shells, YAML and file systems take for something else.
#[test]
fn odd_titles_make_sound_files() {
    let repo = with_settings();
    let long = "Sign in with a very long title ".repeat(9);
    let odd = [
        "-1",
        "---",
        "--- a",
        "null",
        "true",
        "12",
        "1.0",
        "#",
        "…",
        "~",
        "a: b # c",
        "- item",
        "> q",
        "|",
        "%x",
        "@a",
        "`x`",
        "'q'",
        "\"dq\" \\",
        "{a}",
        "[b]",
        "&a",
        "*a",
        "!t",
        "Con",
        "a/b\\c",
        "😀 pays 🎉",
        "שלום עולם",
        "Größe ändern",
        "2026-11-27",
        "0x1F",
        "...",
        "<script>",
        "$(rm)",
        &long,
    ];
    for title in odd {
        let path = repo.answer(["case", "new", "--title", title]);
        let name = path.rsplit('/').next().expect("a name");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let stem = name.strip_suffix(".md").expect("Markdown");
        assert!(
            stem.chars().all(plain) && !stem.starts_with('-') && stem.len() <= 64,
            "{title}: {name}"
        );
        let id = repo
            .read(&path)
            .lines()
            .find_map(|line| line.strip_prefix("id: ").map(str::to_owned));
        let shown = repo.json(["case", "show", &id.expect("an id"), "--format", "json"]);
        assert_eq!(shown["title"], json!(title.trim()), "{path}");
    }
    assert!(
        repo.root()
            .join("projects/shop/cases/grosse-andern.md")
            .exists()
    );
    let ran = repo.run(["fmt", "--check"]);
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn cases_are_listed_and_shown() {
    let repo = with_settings();
    repo.allure("r0", &result("e0", "expired", "failed"));
    repo.allure("r0", &result("o0", "other", "passed"));
    repo.close_with("Nightly 0", "r0");
    repo.allure("r1", &result("e1", "expired", "passed"));
    repo.close_with("Nightly 1", "r1");
    repo.answer(["case", "link", "SHOP-MA1DRK", "automated-by", "SHOP-EXP1RD"]);
    let ids = |answer: Value| -> Vec<String> {
        let all = answer.as_array().expect("a list").iter();
        all.map(|one| one["id"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(
        ids(repo.json(["case", "list", "--format", "json"])),
        ["SHOP-MA1DRK", "SHOP-EXP1RD"]
    );
    assert_eq!(
        ids(repo.json(["case", "list", "automation = false", "--format", "json"])),
        ["SHOP-MA1DRK"]
    );
    assert_refused(
        &repo.run(["case", "list", "tga = x"]),
        &["did you mean `tag`"],
    );
    let derived = repo.json(
        [
            "case",
            "list",
            "--derived",
            "--launch",
            "nothing",
            "--format",
            "json",
        ]
        .map(|word| {
            if word == "nothing" {
                "2026-11-22-1843-nightly-0"
            } else {
                word
            }
        }),
    );
    assert_eq!(derived[0]["full_name"], "auth#other");
    assert_eq!(derived.as_array().map(Vec::len), Some(1));

    let shown = repo.json(["case", "show", "shop-exp1rd", "--format", "json"]);
    assert_eq!(shown["id"], "SHOP-EXP1RD");
    assert_eq!(shown["section"], json!(["sign-in"]));
    assert_eq!(shown["matches"][0]["full_name"], "auth#expired");
    assert_eq!(shown["matches"][0]["status"], "passed");
    let entries = &shown["history"][0]["lines"][0]["entries"];
    assert_eq!(
        (&entries[0]["status"], &entries[1]["status"]),
        (&json!("failed"), &json!("passed"))
    );
    assert_eq!(
        shown["relations"][0],
        json!({
            "type": "automates", "case": "SHOP-MA1DRK", "title": "Mail in dark mode", "from_other": false,
        })
    );
    assert_eq!(shown["approval"]["state"], "none");
    let other = repo.json(["case", "show", "SHOP-MA1DRK", "--format", "json"]);
    assert_eq!(other["relations"][0]["type"], "automated-by");
    assert_eq!(other["mutes"][0]["id"], "MUTE-M1");
    let text = repo.answer(["case", "show", "SHOP-EXP1RD"]);
    for part in [
        "SHOP-EXP1RD  Sign in with an expired password",
        "1. Choose a new password.",
        "approval    not approved",
        "relations\n  automates SHOP-MA1DRK",
        "tests in the latest 2 launches\n  passed  auth#expired",
        "fp  50.0% passed",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_refused(
        &repo.run(["case", "show", "SHOP-EXP1RX"]),
        &["did you mean `SHOP-EXP1RD`"],
    );
    assert_refused(&repo.run(["case", "show", ""]), &["no case"]);
}

#[test]
fn fields_are_set_and_nothing_else_changes() {
    let repo = with_settings();
    let text = "\u{feff}---\r\n# who\r\nid: SHOP-AAAAAA  # the id\r\ntitle:   'Old'\r\nowner: alice # on leave\r\n\
        x: 1\r\ntags:\r\n- smoke # keep\r\n- slow\r\nfields: {component: login}\r\n---\r\n\r\nWords  \r\n";
    repo.write("projects/shop/cases/odd.md", text.replace("x: 1\r\n", ""));
    repo.commit("Odd");
    let text = repo.read("projects/shop/cases/odd.md");
    let set = |args: &[&str]| {
        let words = [&["case", "set", "SHOP-AAAAAA"], args].concat();
        let first = done(repo.output("", &words));
        let after = repo.read("projects/shop/cases/odd.md");
        // `+=` and all others change nothing a second time.
        let second = done(repo.output("", &words));
        assert_eq!(second.stdout, "", "{second}");
        assert_eq!(repo.read("projects/shop/cases/odd.md"), after);
        repo.git(["checkout", "-q", "--", "projects/shop/cases/odd.md"]);
        (first, after)
    };
    for (args, from, to) in [
        (
            &["status=review"][..],
            "'Old'\r\n",
            "'Old'\r\nstatus: review\r\n",
        ),
        (&["owner="], "owner: alice # on leave\r\n", ""),
        (&["tags+=fast"], "- slow\r\n", "- slow\r\n- fast\r\n"),
        (&["tags-=slow"], "- slow\r\n", ""),
        (
            &["component=cart"],
            "{component: login}",
            "{component: cart}",
        ),
        (
            &["fields.story=[a, b]"],
            "{component: login}",
            "{component: login, story: [a, b]}",
        ),
        (&["title=New: one"], "'Old'", "\"New: one\""),
        (
            &["layer=e2e", "severity=minor"],
            "'Old'\r\n",
            "'Old'\r\nlayer: e2e\r\nseverity: minor\r\n",
        ),
        (
            &["parameters.os=[linux, \"1.10\"]", "combine=all"],
            "login}\r\n",
            "login}\r\nparameters: {os: [linux, \"1.10\"]}\r\ncombine: all\r\n",
        ),
        (
            &["selectors+=a#b"],
            "login}\r\n",
            "login}\r\nautomation: {selectors: [\"a#b\"]}\r\n",
        ),
    ] {
        let (_, after) = set(args);
        assert!(text.contains(from), "{from:?}");
        assert_eq!(after, text.replacen(from, to, 1), "{args:?}");
    }
    // An empty value of a field that is not there, and a tag that is there already.
    for same in ["layer=", "tags+=smoke", "tags-=nothing", "owner=ALICE"] {
        let ran = done(repo.run(["case", "set", "SHOP-AAAAAA", same]));
        assert!(
            ran.stdout.is_empty() && ran.stderr.contains("nothing changes"),
            "{ran}"
        );
    }
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn many_cases_are_set_by_a_query() {
    let repo = with_settings();
    let ran = done(repo.run([
        "case",
        "set",
        "owner = alice",
        "layer=e2e",
        "tags+=smoke",
        "--dry-run",
    ]));
    assert!(
        ran.stdout.contains("+layer: e2e") && ran.stderr.contains("nothing was written"),
        "{ran}"
    );
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    let ran = done(repo.run([
        "case",
        "set",
        "owner = alice",
        "layer=e2e",
        "tags+=smoke",
        "--branch",
        "b",
    ]));
    assert!(
        ran.stderr
            .contains("SHOP-MA1DRK: layer nothing → e2e; tags + smoke"),
        "{ran}"
    );
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    repo.git(["checkout", "-q", "b"]);
    assert_eq!(
        repo.git(["log", "-1", "--format=%s"]),
        "Set layer and tags of 2 cases"
    );
    assert_eq!(
        repo.answer(["query", "layer = e2e and tag = smoke", "--format", "count"]),
        "2"
    );
    let ran = done(repo.run(["case", "set", "tag = nothing", "layer=e2e"]));
    assert!(ran.stderr.contains("none of 2 cases fits"), "{ran}");
    for (args, word) in [
        (["SHOP-NOPE", "layer=e2e"], "no case `SHOP-NOPE`"),
        (["owner = ", "layer=e2e"], "expected"),
        (["ownr = alice", "layer=e2e"], "did you mean `owner`"),
        (["", "layer=api"], "the query is empty"),
        (["id != null", "layer=ui"], "expected `api` or `e2e`"),
        (["id != null", "status=activ"], "did you mean `active`"),
        (["id != null", "status+=draft"], "has one value"),
        (["id != null", "owner=alcie"], "did you mean `alice`"),
        (["id != null", "title=Same"], "2 cases fit"),
        (["id != null", "nonsense"], "sets nothing"),
        (["id != null", "=x"], "sets nothing"),
        (["id != null", "lyer=e2e"], "did you mean `layer`"),
        (["id != null", "section=auth"], "`tallybook case move`"),
        (["id != null", "issue=WEB-1"], "`tallybook case link`"),
        (["id != null", "tags=[a, {b: c}]"], "no list of texts"),
        (["id != null", "tags+=a\u{1b}b"], "control characters"),
        (
            ["id != null", "component=login,cart"],
            "expected `login` or `cart`",
        ),
        (
            ["SHOP-MA1DRK", "aliases+=SHOP-EXP1RD"],
            "means case SHOP-EXP1RD already",
        ),
        (["SHOP-MA1DRK", "selectors+=auth#expired"], "claim"),
        (["SHOP-MA1DRK", "title="], "needs a title"),
        (
            ["SHOP-MA1DRK", &format!("title={}", "x".repeat(10_000))],
            "at most 500",
        ),
    ] {
        refused(&repo, ["case", "set", args[0], args[1]], &[word]);
    }
}

/// A case that somebody executed becomes automated and manual again: id and history stay.
#[test]
fn who_executes_a_case_may_change() {
    let repo = shop();
    repo.allure("r0", &result("e0", "expired", "passed"));
    repo.close_with("Nightly 0", "r0");
    repo.answer([
        "case",
        "set",
        "SHOP-EXP1RD",
        "execution=manual",
        "selectors=",
    ]);
    let text = repo.read(EXPIRED);
    assert!(
        text.contains("execution: manual") && !text.contains("automation"),
        "{text}"
    );
    repo.commit("Manual");
    let history = || {
        let shown = repo.json(["case", "show", "SHOP-EXP1RD", "--format", "json"]);
        shown["history"][0]["lines"][0]["entries"]
            .as_array()
            .map_or(0, Vec::len)
    };
    assert_eq!(history(), 1);
    repo.answer([
        "case",
        "set",
        "SHOP-EXP1RD",
        "execution=automated",
        "selectors+=auth#expired",
    ]);
    repo.commit("Automated");
    repo.allure("r1", &result("e1", "expired", "passed"));
    repo.close_with("Nightly 1", "r1");
    assert_eq!(history(), 2);
}

#[test]
pub(crate) fn files_that_may_not_be_touched_are_not() {
    let repo = with_settings();
    let conflict =
        "---\nid: SHOP-CNFL1C\ntitle: T\n---\n\n<<<<<<< a\n1. x\n=======\n1. y\n>>>>>>> b\n";
    repo.write("projects/shop/cases/conflict.md", conflict);
    repo.write(
        "projects/shop/cases/broken.md",
        "---\nid: SHOP-BR0KEN\ntitle: [\n---\n",
    );
    repo.write(
        "projects/shop/cases/flow.md",
        "---\n{id: SHOP-F10WED, title: T}\n---\n",
    );
    repo.write(
        "projects/shop/cases/twin.md",
        "---\nid: SHOP-MA1DRK\ntitle: Twin\n---\n",
    );
    for (args, word) in [
        (["set", "SHOP-CNFL1C", "layer=e2e"], "merge conflict"),
        (["move", "SHOP-CNFL1C", "x"], "merge conflict"),
        (["clone", "SHOP-CNFL1C", "--title=x"], "merge conflict"),
        (["set", "SHOP-BR0KEN", "layer=e2e"], "broken.md"),
        (
            ["set", "SHOP-F10WED", "layer=e2e"],
            "can't be edited in place",
        ),
        (["set", "SHOP-MA1DRK", "layer=e2e"], "is 2 cases"),
    ] {
        refused(&repo, ["case", args[0], args[1], args[2]], &[word]);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let path = repo.root().join(EXPIRED);
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
        mode(0o444).expect("is set");
        refused(
            &repo,
            ["case", "set", "SHOP-EXP1RD", "layer=e2e"],
            &["read-only"],
        );
        // Of several files none is written.
        std::fs::remove_file(repo.root().join("projects/shop/cases/twin.md")).expect("goes");
        refused(
            &repo,
            ["case", "set", "owner = alice", "layer=e2e"],
            &["read-only"],
        );
        mode(0o644).expect("is set");
    }
}
