//! `tallybook report`: a launch told to people elsewhere; badges, feeds, metrics.

use serde_json::{Value, json};

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{result, shop, with};

const SITE: &str = "https://acme.example/shop";

/// Appends results that are given as `name=status`, with a message each, and closes.
fn closed(repo: &TestRepo, name: &str, results: &[&str]) -> String {
    let id = repo.open_launch(name);
    append(repo, &id, results);
    repo.answer(["launch", "close", &id]);
    id
}

fn append(repo: &TestRepo, id: &str, results: &[&str]) {
    let folder = format!("results-{id}");
    for one in results {
        let (name, status) = one.split_once('=').expect("name=status");
        let more = json!({
            "statusDetails": {"message": format!("{name} went wrong\nand more")},
            "labels": [{"name": "owner", "value": "bob"}],
            "links": [{"type": "issue", "name": "WEB-12"}],
        });
        repo.allure(
            &folder,
            &with(result(&format!("{id}-{name}"), name, status), &more),
        );
    }
    repo.answer(["launch", "append", id, &folder, "--job", "unit"]);
}

/// A workspace whose source is at GitHub and whose issues have addresses; two nightly launches.
fn nightly() -> (TestRepo, String, String) {
    let repo = shop();
    repo.git([
        "remote",
        "add",
        "origin",
        "https://token@github.com/acme/shop.git",
    ]);
    let project = repo.read("projects/shop/project.yaml");
    let issues = "issues: {WEB: \"https://tracker.example/browse/{}\"}\n";
    repo.write("projects/shop/project.yaml", format!("{project}{issues}"));
    repo.commit("Track issues");
    let first = closed(
        &repo,
        "Nightly 1",
        &["a=passed", "b=failed", "c=failed", "expired=passed"],
    );
    let repo = repo.env("TALLYBOOK_NOW", "2026-11-23T18:43:00Z");
    repo.commit("Break it");
    let second = closed(
        &repo,
        "Nightly 2",
        &["a=failed", "b=failed", "c=passed", "expired=failed"],
    );
    (repo, first, second)
}

fn names(list: &Value) -> Vec<&str> {
    let tests = list["tests"].as_array().expect("a list").iter();
    tests
        .map(|test| test["name"].as_str().expect("a name"))
        .collect()
}

#[test]
fn everything_is_said_once() {
    let (repo, first, second) = nightly();
    let report = repo.json(["report", &second, "--format", "json", "--base-url", SITE]);
    assert_eq!(
        (&report["format"], &report["verdict"]),
        (&json!(1), &json!("blocked"))
    );
    assert_eq!(
        report["sentence"],
        "Blocked: 3 results of 4 need a defect, a mute or a fix"
    );
    assert_eq!(report["gate"], Value::Null);
    assert_eq!(
        report["pass_rate"],
        json!({"value": 0.25, "part": 1, "of": 4})
    );
    assert_eq!(report["baseline"]["launch"]["id"], *first);
    assert_eq!(report["baseline"]["found"], "alike");
    assert_eq!(report["no_baseline"], Value::Null);
    assert_eq!(names(&report["new_failures"]), ["a", "expired"]);
    assert_eq!(names(&report["also_unresolved"]), ["b"]);
    assert_eq!(names(&report["fixed"]), ["c"]);
    assert_eq!(
        report["still_failing"],
        json!({"count": 1, "known": 0, "muted": 0})
    );
    let launch = repo.json(["launch", "show", &second, "--format", "json"]);
    assert_eq!(report["totals"], launch["totals"]);
    assert_eq!(report["launch"]["receipt"], launch["receipt"]);
    let test = &report["new_failures"]["tests"][1];
    assert_eq!(
        (&test["case"], &test["owner"]),
        (&json!("SHOP-EXP1RD"), &json!("alice"))
    );
    assert_eq!(test["message"], "expired went wrong");
    assert_eq!(report["new_failures"]["tests"][0]["owner"], "bob");
    let issue = json!([{"name": "WEB-12", "url": "https://tracker.example/browse/WEB-12"}]);
    assert_eq!(test["issues"], issue);
    let failing = &test["failing"];
    assert_eq!(
        (&failing["failures"], &failing["passed_in"]),
        (&json!(1), &json!(first))
    );
    let changes = failing["changes_url"].as_str().expect("an address");
    assert!(
        changes.starts_with("https://github.com/acme/shop/compare/"),
        "{changes}"
    );
    let commit = report["commit_url"].as_str().expect("an address");
    let tested = launch["source"]["commit"].as_str().expect("a commit");
    assert_eq!(
        commit,
        format!("https://github.com/acme/shop/commit/{tested}")
    );
    let verify = report["verify"].as_str().expect("a command");
    let mut words = verify.split(' ');
    assert_eq!(words.next(), Some("tallybook"));
    assert!(
        repo.output("", &words.collect::<Vec<_>>()).code == Some(0),
        "{verify}"
    );
}

#[test]
fn the_verdict_comes_first_everywhere() {
    let (repo, _, second) = nightly();
    let of =
        |format: &str| repo.answer(["report", &second, "--format", format, "--base-url", SITE]);
    let verdict = "Blocked: 3 results of 4 need a defect, a mute or a fix";
    let markdown = of("markdown");
    let mut lines = markdown.lines();
    assert_eq!(lines.next(), Some("<!-- tallybook:report:shop:nightly -->"));
    assert_eq!(lines.next(), Some(format!("### ❌ {verdict}").as_str()));
    for said in [
        "**2 new failures, 1 still failing, 1 fixed**",
        "#### 2 new failures",
        "<br>`a went wrong`<br>",
        "#### 1 unresolved failure not new",
        "<summary>1 fixed</summary>",
        "[WEB-12](https://tracker.example/browse/WEB-12)",
        "owner alice",
    ] {
        assert!(markdown.contains(said), "{said}\n{markdown}");
    }
    assert_eq!(of("github"), markdown.split_once('\n').expect("lines").1);
    let text = of("text");
    assert_eq!(text.lines().next(), Some(verdict));
    assert!(text.contains("first failure since it passed in"), "{text}");
    let mail = of("mail");
    let subject = mail.lines().next().expect("a line");
    assert!(
        subject.starts_with("Subject: [SHOP] Nightly 2: Blocked: 3 results of 4"),
        "{mail}"
    );
    let slack: Value = serde_json::from_str(&of("slack")).expect("JSON");
    assert!(slack["text"].as_str().expect("a text").contains(verdict));
    let teams: Value = serde_json::from_str(&of("teams")).expect("JSON");
    let card = &teams["attachments"][0]["content"];
    assert_eq!(card["body"][0]["inlines"][0]["text"], verdict);
    for format in [
        "text", "markdown", "github", "slack", "teams", "mail", "json",
    ] {
        assert_eq!(of(format), of(format), "the same bytes");
    }
}

#[test]
fn the_gate_speaks_as_it_did_at_closing() {
    let repo = shop();
    let project = repo.read("projects/shop/project.yaml");
    repo.write(
        "projects/shop/project.yaml",
        format!("{project}gate: {{max_failed: 0}}\n"),
    );
    repo.commit("Set a gate");
    let failed = closed(&repo, "Nightly", &["a=failed"]);
    let report = repo.json(["report", &failed, "--format", "json"]);
    assert_eq!(
        report["gate"],
        json!({"verdict": "failed", "failed": ["max_failed"], "rules": [{"rule": "max_failed",
            "expected": "at most 0", "actual": "1", "culprits": ["failed   a  [bob]: a went wrong"], "count": 1}]})
    );
    let text = repo.answer(["report", &failed]);
    assert!(
        text.starts_with("Gate failed by 1 rule. Blocked: 1 result"),
        "{text}"
    );
    assert!(text.contains("failed at closing\n"), "{text}");
    let said = "max_failed: expected at most 0, found 1 (failed a [bob]: a went wrong)";
    assert!(text.contains(said), "{text}");
    let markdown = repo.answer(["report", &failed, "--format", "markdown"]);
    assert!(
        markdown.contains(
            "Rules of the gate that failed:\n\n- `max_failed: expected at most 0, found 1 (failed a "
        ),
        "{markdown}"
    );
    for format in ["slack", "teams", "github", "mail"] {
        let told = repo.answer(["report", &failed, "--format", format]);
        assert!(
            told.contains("expected at most 0") || format == "mail",
            "{told}"
        );
    }
    // By other rules than those of the closing nothing is told that did not hold then.
    repo.write(
        "projects/shop/project.yaml",
        format!("{project}gate: {{max_failed: 0, max_flaky: 9}}\n"),
    );
    let report = repo.json(["report", &failed, "--format", "json"]);
    assert_eq!(
        report["gate"],
        json!({"verdict": "failed", "failed": ["max_failed"], "rules": []})
    );
    // Of an open launch it is what closing it now would record, as `gate` says.
    let id = repo.open_launch("Open");
    repo.allure("open", &crate::shop::result("open", "b", "failed"));
    repo.answer(["launch", "append", &id, "open"]);
    let report = repo.json(["report", &id, "--format", "json"]);
    assert_eq!(report["gate"]["failed"], json!(["max_failed"]));
    assert_eq!(report["gate"]["rules"][0]["actual"], "1");
    assert_eq!(repo.run(["gate", &id]).code, Some(1));
    let text = repo.answer(["report", &id]);
    assert!(text.contains("failed so far\n"), "{text}");
}

#[test]
fn issues_have_addresses_by_integrations_too() {
    let (repo, _, second) = nightly();
    let path = "projects/shop/project.yaml";
    let project = repo.read(path);
    let project = project.lines().filter(|line| !line.starts_with("issues:"));
    let project: String = project.map(|line| format!("{line}\n")).collect();
    repo.write(
        path,
        project + "integrations: [{name: T, kind: jira, pattern: 'WEB-\\d+', url: \"https://jira.example/{id}\"}]\n",
    );
    let report = repo.answer(["report", &second, "--format", "json"]);
    assert!(report.contains("https://jira.example/WEB-12"), "{report}");
}

#[test]
fn links_hit_pages_of_the_site() {
    let (repo, _, second) = nightly();
    repo.commit("All");
    repo.answer(["render", "--out", "site"]);
    let report = repo.answer([
        "report",
        &second,
        "--format",
        "json",
        "--base-url",
        &format!("{SITE}/"),
    ]);
    let feed = repo.answer(["report", "feed", "--base-url", SITE]);
    let pattern = regex::Regex::new(r#"https://acme\.example/shop/([^"<>#]*)(?:#([^"<>]*))?"#)
        .expect("a pattern");
    let mut seen = Vec::new();
    for found in pattern.captures_iter(&format!("{report}{feed}")) {
        let page = &found[1];
        if page == "shop/feed.xml" {
            continue;
        }
        assert!(repo.root().join("site").join(page).is_file(), "{page}");
        if let Some(fragment) = found.get(2) {
            let id = fragment.as_str().strip_prefix("i=").expect("a result's id");
            let folder = repo.root().join("site").join(page).with_file_name("");
            let mut held = walkdir::WalkDir::new(folder)
                .into_iter()
                .filter_map(|entry| std::fs::read_to_string(entry.expect("it lists").path()).ok());
            assert!(held.any(|text| text.contains(id)), "{id}");
        }
        seen.push(page.rsplit('/').next().unwrap_or_default().to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen, ["SHOP-EXP1RD.html", "index.html", "results.html"]);
}

#[test]
fn what_is_missing_is_said() {
    let repo = shop();
    let open = repo.open_launch("Smoke");
    append(&repo, &open, &["a=failed"]);
    let report = repo.json(["report", &open, "--format", "json", "--base-url", SITE]);
    assert_eq!(
        (&report["baseline"], &report["new_failures"]),
        (&Value::Null, &Value::Null)
    );
    let none = report["no_baseline"].as_str().expect("a reason");
    assert!(
        none.contains("no closed launch before it is called 'Smoke'"),
        "{none}"
    );
    assert_eq!(names(&report["also_unresolved"]), ["a"]);
    assert_eq!(
        (&report["launch"]["state"], &report["launch"]["url"]),
        (&json!("open"), &Value::Null)
    );
    assert_eq!(
        (&report["verify"], &report["launch"]["receipt"]),
        (&Value::Null, &Value::Null)
    );
    let text = repo.answer(["report", &open]);
    assert!(
        text.starts_with("So far: Blocked: 1 result of 1 needs"),
        "{text}"
    );
    assert!(
        text.contains("the launch is open: this is what closing it now would say"),
        "{text}"
    );
    assert!(
        text.contains("against       nothing: no closed launch"),
        "{text}"
    );
    let markdown = repo.answer(["report", &open, "--format", "markdown"]);
    assert!(
        markdown.contains("Compared with nothing: no closed launch before it"),
        "{markdown}"
    );
    let empty = repo.open_launch("Empty");
    assert!(
        repo.answer(["report", &empty])
            .starts_with("So far: No results\n")
    );
    assert_refused(&repo.run(["report"]), &["LAUNCH"]);
    assert_refused(&repo.run(["report", "nothing"]), &["nothing"]);
    assert_refused(
        &repo.run(["report", &open, "--base", &open]),
        &["with itself"],
    );
    assert_refused(
        &repo.run(["report", &open, "--base-url", "javascript:alert(1)"]),
        &["is not where a site can be", "https://"],
    );
}

#[test]
fn lists_are_cut_and_counted() {
    let repo = shop();
    let id = repo.open_launch("Many");
    let cases: String = (0..300)
        .map(|n| {
            format!(
                "<testcase classname=\"c\" name=\"t{n}\"><failure message=\"{}\"/></testcase>",
                "日🦀".repeat(200)
            )
        })
        .collect();
    repo.write(
        "junit.xml",
        format!("<testsuite name=\"s\">{cases}</testsuite>"),
    );
    repo.answer(["launch", "append", &id, "junit.xml"]);
    let markdown = repo.answer(["report", &id, "--format", "markdown", "--limit", "1000"]);
    assert!(markdown.len() <= 65_535, "{}", markdown.len());
    let shown = markdown.matches("- `t").count();
    assert!(
        shown > 20 && markdown.contains(&format!("- and {} more\n", 300 - shown)),
        "{shown}"
    );
    let text = repo.answer(["report", &id, "--limit", "2"]);
    assert!(
        text.contains("300 unresolved failures") && text.contains("and 298 more"),
        "{text}"
    );
    let json = repo.json(["report", &id, "--format", "json", "--limit", "0"]);
    assert_eq!(json["also_unresolved"], json!({"count": 300, "tests": []}));
    let all = repo.json(["report", &id, "--format", "json"]);
    assert_eq!(names(&all["also_unresolved"]).len(), 300);
}

#[test]
fn a_report_goes_into_a_file() {
    let (repo, _, second) = nightly();
    let printed = repo.answer(["report", &second, "--format", "github"]);
    let repo = repo.env("GITHUB_STEP_SUMMARY", "summary.md");
    assert_eq!(
        repo.answer(["report", &second, "--format", "github"]),
        printed
    );
    assert!(
        !repo.root().join("summary.md").exists(),
        "only what is asked for is written"
    );
    let ran = repo.run([
        "report",
        &second,
        "--format",
        "github",
        "--out",
        "out/report.md",
    ]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(ran.stdout, "");
    assert!(
        ran.stderr.contains("wrote the report to `out/report.md`"),
        "{ran}"
    );
    assert_eq!(repo.read("out/report.md").trim_end(), printed);
}

#[test]
fn badges_say_how_it_stands() {
    let repo = shop();
    let shields = |repo: &TestRepo| repo.json(["report", "badge", "--format", "shields"]);
    let none = shields(&repo);
    assert_eq!(
        (&none["message"], &none["isError"]),
        (&json!("no closed launch"), &json!(true))
    );
    let first = closed(&repo, "Nightly 1", &["a=passed"]);
    assert_eq!(
        shields(&repo),
        json!({"schemaVersion": 1, "label": "tests", "message": "1 passed", "color": "brightgreen"})
    );
    let repo = repo.env("TALLYBOOK_NOW", "2026-11-23T18:43:00Z");
    closed(&repo, "Smoke", &["a=failed"]);
    assert_eq!(shields(&repo)["message"], "0 passed, 1 unresolved");
    let svg = repo.answer(["report", "badge", "--name", "Nightly", "--label", "<b>&"]);
    assert!(
        svg.contains("<title>&lt;b&gt;&amp;: 1 passed</title>"),
        "{svg}"
    );
    assert_eq!(
        svg,
        repo.answer(["report", "badge", &first, "--label", "<b>&"])
    );
    let other = repo.json(["report", "badge", "--branch", "none", "--format", "shields"]);
    assert_eq!(other["message"], "no closed launch");
    let mut reader = quick_xml::Reader::from_str(&svg);
    while reader.read_event().expect("it is XML") != quick_xml::events::Event::Eof {}
}

#[test]
fn feeds_have_ids_that_stay() {
    let (repo, first, second) = nightly();
    let ids = |xml: &str| -> Vec<String> {
        let pattern = regex::Regex::new("<id>([^<]*)</id>").expect("a pattern");
        pattern
            .captures_iter(xml)
            .map(|found| found[1].to_owned())
            .collect()
    };
    let feed = repo.answer(["report", "feed"]);
    let receipt = |id: &str| {
        let launch = repo.json(["launch", "show", id, "--format", "json"]);
        let receipt = launch["receipt"].as_str().expect("closed").to_owned();
        format!("urn:sha256:{}", receipt.trim_start_matches("sha256:"))
    };
    let all = ids(&feed);
    assert_eq!(all[1..], [receipt(&second), receipt(&first)]);
    let elsewhere = repo.answer(["report", "feed", "--base-url", SITE, "--limit", "1"]);
    assert_eq!(ids(&elsewhere), all[..2]);
    assert!(
        feed.contains("<updated>2026-11-23T18:43:00Z</updated>"),
        "{feed}"
    );
    assert!(
        feed.contains("<title>Nightly 2: Blocked: 3 results of 4"),
        "{feed}"
    );
    assert!(
        feed.contains("<author><name>Alice Example</name></author>"),
        "{feed}"
    );
    assert!(!feed.contains("alice@example.com"), "{feed}");
    let mut reader = quick_xml::Reader::from_str(&feed);
    while reader.read_event().expect("it is XML") != quick_xml::events::Event::Eof {}
    let empty = shop().answer(["report", "feed"]);
    assert_eq!(ids(&empty).len(), 1);
}

#[test]
fn metrics_are_of_the_latest_launches() {
    let (repo, _, second) = nightly();
    let name = "Odd \"name\" \\ with\tall";
    closed(&repo, name, &["a=passed"]);
    let text = repo.answer(["report", "metrics"]);
    assert!(text.ends_with("\n# EOF"), "{text}");
    let labels = "project=\"SHOP\",name=\"Nightly #\",branch=\"main\"";
    for sample in [
        format!("tallybook_launch_results{{{labels},status=\"passed\"}} 1\n"),
        format!("tallybook_launch_unresolved{{{labels}}} 3\n"),
        format!("tallybook_launch_pass_ratio{{{labels}}} 0.25\n"),
        format!("tallybook_launch_judged{{{labels}}} 4\n"),
        format!("tallybook_launch_duration_seconds{{{labels}}} 0.250\n"),
        format!("tallybook_launch_closed_timestamp_seconds{{{labels}}} 1795459380.000\n"),
        format!("tallybook_launch_latest{{{labels},id=\"{second}\",receipt=\""),
        "name=\"Odd \\\"name\\\" \\\\ with all\"".to_owned(),
    ] {
        assert!(text.contains(&sample), "{sample}\n{text}");
    }
    let sample = regex::Regex::new(
        r#"^([a-z_]+)\{([a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\} -?[0-9]+(\.[0-9]+)?$"#,
    );
    let sample = sample.expect("a pattern");
    let mut family = String::new();
    let mut seen = std::collections::BTreeSet::new();
    for line in text.lines() {
        match line.strip_prefix("# ") {
            Some("EOF") => {}
            Some(said) => {
                let mut words = said.splitn(3, ' ');
                let (kind, name) = (
                    words.next().unwrap_or_default(),
                    words.next().unwrap_or_default(),
                );
                if kind == "TYPE" {
                    assert!(seen.insert(name.to_owned()), "families are whole");
                    family = name.to_owned();
                }
                assert_eq!(name, family);
                let value = words.next().unwrap_or_default();
                assert!(
                    kind != "UNIT" || name.ends_with(&format!("_{value}")),
                    "{line}"
                );
            }
            None => {
                let found = sample.captures(line).unwrap_or_else(|| panic!("{line}"));
                assert_eq!(&found[1], family);
                let (labels, _) = line.rsplit_once(' ').expect("a value");
                assert!(seen.insert(labels.to_owned()), "{line} is there twice");
            }
        }
    }
    let none = repo.answer(["report", "metrics", "--branch", "none"]);
    assert!(none.contains("# TYPE tallybook_launch_results gauge") && none.ends_with("# EOF"));
}
