//! A small workspace, and results to append to its launches.

use serde_json::{Value, json};

use crate::repo::{Ran, TestRepo};

/// The project's folder.
pub(crate) const PROJECT: &str = "projects/shop";

pub(crate) const FILES: [(&str, &str); 9] = [
    ("tallybook.yaml", "format: 1\ntitle: Shop\n"),
    (
        ".gitattributes",
        "projects/*/launches/** -text -filter -ident -working-tree-encoding merge=binary linguist-generated\n\
         projects/*/executed/** -text -filter -ident -working-tree-encoding merge=binary linguist-generated\n\
         projects/*/annotations/** -text -filter -ident -working-tree-encoding merge=binary\n",
    ),
    (
        "projects/shop/project.yaml",
        "key: SHOP\nname: Shop\nenvironment: {browser: {default: chrome}}\n",
    ),
    (
        "projects/shop/members/alice.yaml",
        "name: Alice Example\nemails: [alice@example.com]\nrole: owner\n",
    ),
    (
        "projects/shop/cases/sign-in/expired.md",
        "---\nid: SHOP-EXP1RD\ntitle: Sign in with an expired password\nexecution: automated\nstatus: active\n\
         owner: alice\nautomation: {selectors: [\"auth#expired\"]}\n---\n\n## Steps\n\n\
         1. [Sign in](../../steps/sign-in.md)\n1. Choose a new password.\n   - **Expected:** the shop opens.\n",
    ),
    (
        "projects/shop/cases/mail/dark.md",
        "---\nid: SHOP-MA1DRK\ntitle: Mail in dark mode\nexecution: manual\nstatus: active\nowner: alice\n---\n\n\
         ## Steps\n\n1. Open the mail.\n   - **Expected:** it can be read.\n",
    ),
    (
        "projects/shop/steps/sign-in.md",
        "---\ntitle: Sign in\n---\n\n## Steps\n\n1. Open the page.\n1. Give name and password.\n\
         \x20  - **Expected:** nothing is shown in clear.\n",
    ),
    (
        "projects/shop/mutes/MUTE-M1.yaml",
        "id: MUTE-M1\nreason: The mail templates are rewritten.\nowner: alice\nuntil: 2027-03-01\n\
         cases: [SHOP-MA1DRK]\n",
    ),
    (
        "projects/shop/defects/DEF-D1.md",
        "---\nid: DEF-D1\ntitle: The sandbox answers 503\nstatus: open\nowner: alice\n\
         matchers:\n  - {message: '503 Service', status: [broken]}\n---\n\nAt night.\n",
    ),
];

/// Makes a repository with a committed workspace of one project, `SHOP`.
pub(crate) fn shop() -> TestRepo {
    shop_in("")
}

/// Makes a repository whose workspace lies in a folder, empty for the root.
pub(crate) fn shop_in(folder: &str) -> TestRepo {
    let repo = TestRepo::new();
    for (path, text) in FILES {
        repo.write(&below(folder, path), text);
    }
    repo.commit("Set up the workspace");
    repo
}

fn below(folder: &str, path: &str) -> String {
    match folder {
        "" => path.to_owned(),
        folder => format!("{folder}/{path}"),
    }
}

impl TestRepo {
    /// Opens a launch and returns its id.
    #[track_caller]
    pub(crate) fn open_launch(&self, name: &str) -> String {
        self.answer(["launch", "open", "--name", name])
    }

    /// Opens a launch, appends one file or folder to it and closes it; returns id and receipt.
    #[track_caller]
    pub(crate) fn close_with(&self, name: &str, results: &str) -> (String, String) {
        let id = self.open_launch(name);
        self.answer(["launch", "append", &id, results]);
        let receipt = self.answer(["launch", "close", &id]);
        (id, receipt)
    }

    /// Closes a launch as the rules do not allow it: where there are none, and carried over by git.
    #[track_caller]
    pub(crate) fn slip(&self, launch: &str) {
        let project = self.read("projects/shop/project.yaml");
        self.git(["checkout", "-q", "-b", "loose"]);
        self.git(["rm", "-rq", "projects/shop/members"]);
        let loose: Vec<&str> = project
            .lines()
            .filter(|line| !line.starts_with("signatures"))
            .collect();
        self.write("projects/shop/project.yaml", loose.join("\n") + "\n");
        self.commit("Loose");
        self.answer(["launch", "close", launch]);
        self.git(["checkout", "-q", "main"]);
        self.git(["cherry-pick", "loose"]);
        self.git(["branch", "-qD", "loose"]);
    }

    /// Runs `tallybook`, which must end with 0, and returns stdout without the last line break.
    #[track_caller]
    pub(crate) fn answer<const N: usize>(&self, args: [&str; N]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "tallybook {args:?}\n{ran}");
        ran.stdout.trim_end_matches('\n').to_owned()
    }

    /// Runs `tallybook … --format json`, which must end with 0.
    #[track_caller]
    pub(crate) fn json<const N: usize>(&self, args: [&str; N]) -> Value {
        let text = self.answer(args);
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?} answers JSON: {e}\n{text}"))
    }

    /// The counts of a launch that are not zero.
    #[track_caller]
    pub(crate) fn totals(&self, launch: &str) -> String {
        counts(&self.json(["launch", "show", launch, "--format", "json"])["totals"])
    }

    /// How many launches there are, open and closed.
    #[track_caller]
    pub(crate) fn launch_count(&self) -> usize {
        let list = self.json(["launch", "list", "--format", "json"]);
        list.as_array().expect("a list").len()
    }

    /// Writes an Allure result into a folder.
    #[track_caller]
    pub(crate) fn allure(&self, folder: &str, result: &Value) -> &Self {
        let uuid = result["uuid"].as_str().expect("a result has a uuid");
        self.write(&format!("{folder}/{uuid}-result.json"), result.to_string())
    }

    /// The folder of a closed launch, relative to the workspace.
    #[track_caller]
    pub(crate) fn launch_folder(&self, id: &str) -> String {
        let launch = self.json(["launch", "show", id, "--format", "json"]);
        launch["path"].as_str().expect("it is closed").to_owned()
    }

    /// Says that git finds nothing wrong and nothing to commit.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        assert_eq!(self.git(["status", "--porcelain"]), "");
        self.git(["fsck", "--strict"]);
    }

    /// Says that git finds nothing wrong, and nothing to commit but a file or a folder that is new.
    #[track_caller]
    pub(crate) fn assert_clean_but(&self, new: &str) {
        let status = self.git(["status", "--porcelain"]);
        assert_eq!(status.trim_end_matches('/'), format!("?? {new}"));
        self.git(["fsck", "--strict"]);
    }
}

/// Writes the counts of totals that are not zero, by name, as `passed 2, total 2`.
pub(crate) fn counts(totals: &Value) -> String {
    let totals = totals.as_object().expect("totals are an object");
    let counts = totals.iter().filter(|(_, count)| **count != json!(0));
    let mut counts: Vec<String> = counts.map(|(name, n)| format!("{name} {n}")).collect();
    counts.sort();
    counts.join(", ")
}

/// An Allure result of the test `auth#<name>`.
pub(crate) fn result(uuid: &str, name: &str, status: &str) -> Value {
    json!({
        "uuid": uuid, "name": name, "fullName": format!("auth#{name}"), "status": status,
        "stage": "finished", "start": 1_795_372_980_000_u64, "stop": 1_795_372_980_250_u64,
    })
}

/// Adds fields to a result.
pub(crate) fn with(mut result: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        result[name] = value.clone();
    }
    result
}

/// A JUnit file of one suite, each case given as name and inner XML.
pub(crate) fn junit(cases: &[(&str, &str)]) -> String {
    let cases: String = cases
        .iter()
        .map(|(name, inner)| {
            format!(r#"<testcase classname="auth" name="{name}" time="0.25">{inner}</testcase>"#)
        })
        .collect();
    format!(r#"<testsuite name="auth">{cases}</testsuite>"#)
}

/// An answer without what differs between releases: digests and ids of commits.
pub(crate) fn stable(ran: &Ran) -> String {
    let mut text = ran.to_string();
    for (pattern, shown) in [
        (r"\b[0-9a-f]{64}\b", "[SHA-256]"),
        (r"\b[0-9a-f]{40}\b", "[COMMIT]"),
        (r"committed as [0-9a-f]+", "committed as [COMMIT]"),
    ] {
        let pattern = regex::Regex::new(pattern).expect("a pattern");
        text = pattern.replace_all(&text, shown).into_owned();
    }
    text
}
