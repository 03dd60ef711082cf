//! The numbers of one launch are the same in every command.

use serde_json::{Value, json};

use crate::repo::TestRepo;
use crate::shop::{PROJECT, result, shop, with};

/// A launch with one of everything: a mute, a defect, a retry, a manual result over an automated one.
fn with_everything() -> (TestRepo, String) {
    let repo = shop();
    let settings = repo.read(&format!("{PROJECT}/project.yaml"));
    let gate = "gate: {max_failed: 0, max_unresolved: 0, max_flaky: 0, min_results: 1, min_pass_rate: 100}\n";
    repo.write(&format!("{PROJECT}/project.yaml"), settings + gate);
    repo.commit("Set a gate");
    let id = repo.open_launch("Nightly");
    let label = |name: &str, value: &str| json!({"name": name, "value": value});
    let manual =
        |case: &str| json!({"labels": [label("ALLURE_MANUAL", "true"), label("ALLURE_ID", case)]});
    let message = |text: &str| json!({"statusDetails": {"message": text}});
    let later = json!({"start": 1_795_372_990_000_u64, "stop": 1_795_372_990_400_u64});
    for one in [
        result("u1", "passes", "passed"),
        with(result("u2", "fails", "failed"), &message("it went wrong")),
        with(
            result("u3", "breaks", "broken"),
            &message("503 Service Unavailable"),
        ),
        result("u4", "skips", "skipped"),
        result("u5", "wavers", "failed"),
        with(result("u6", "wavers", "passed"), &later),
        with(result("u7", "dark", "failed"), &manual("SHOP-MA1DRK")),
        result("u8", "expired", "failed"),
        with(
            result("u9", "by-hand", "passed"),
            &with(manual("SHOP-EXP1RD"), &later),
        ),
    ] {
        repo.allure("r", &one);
    }
    repo.answer(["launch", "append", &id, "r"]);
    (repo, id)
}

/// Holds what each command says of a launch against the totals that `launch show` has.
fn assert_agree(repo: &TestRepo, id: &str) {
    let totals = repo.json(["launch", "show", id, "--format", "json"])["totals"].clone();
    let total = |name: &str| totals[name].as_u64().expect("a number");
    let list = repo.json(["launch", "list", "--format", "json"]);
    assert_eq!(list[0]["totals"], totals);
    let report = repo.json(["report", id, "--format", "json"]);
    assert_eq!(report["totals"], totals);
    let count = |query: &str| -> u64 {
        let ran = repo.run([
            "query", query, "--of", "results", "--launch", id, "--format", "count",
        ]);
        ran.stdout
            .trim()
            .parse()
            .unwrap_or_else(|e| panic!("{e}: {ran}"))
    };
    for status in ["passed", "failed", "broken", "skipped", "unknown"] {
        let query = format!("status = {status} and overridden = false");
        assert_eq!(count(&query), total(status), "{status}");
    }
    assert_eq!(count(""), total("total"));
    assert_eq!(count("unresolved = true"), total("unresolved"));
    assert_eq!(count("muted = true"), total("muted"));
    assert_eq!(count("overridden = true"), total("overridden"));
    let of_launches = format!(
        "id = {id} and total = {} and unresolved = {}",
        total("total"),
        total("unresolved")
    );
    assert_eq!(
        repo.answer([
            "query",
            &of_launches,
            "--of",
            "launches",
            "--format",
            "count"
        ]),
        "1"
    );
    let triage: Value =
        serde_json::from_str(&repo.run(["triage", id, "--format", "json"]).stdout).expect("JSON");
    let clusters = triage["clusters"].as_array().expect("a list").iter();
    let sizes: u64 = clusters
        .map(|cluster| cluster["results"].as_u64().expect("a number"))
        .sum();
    assert_eq!(sizes, total("unresolved"));
    let gate: Value =
        serde_json::from_str(&repo.run(["gate", id, "--format", "json"]).stdout).expect("JSON");
    let found = |rule: &str| {
        let rules = gate["rules"].as_array().expect("rules");
        let rule = rules
            .iter()
            .find(|one| one["rule"] == rule)
            .expect("the rule");
        rule["actual"].as_str().expect("a text").to_owned()
    };
    assert_eq!(found("max_unresolved"), total("unresolved").to_string());
    assert_eq!(
        found("min_results"),
        (total("total") - total("overridden")).to_string()
    );
    let judged = "status in [passed, failed, broken] and muted = false and overridden = false";
    let (passed, of) = (
        count(&format!("{judged} and status = passed")),
        count(judged),
    );
    assert_eq!(found("max_failed"), (of - passed).to_string());
    assert!(
        found("min_pass_rate").ends_with(&format!("({passed} of {of})")),
        "{}",
        found("min_pass_rate")
    );
    assert_eq!(
        (&report["pass_rate"]["part"], &report["pass_rate"]["of"]),
        (&json!(passed), &json!(of))
    );
}

/// Holds what is told to people and programs elsewhere against the totals of a closed launch.
fn assert_told_agrees(repo: &TestRepo, id: &str) {
    let totals = repo.json(["launch", "show", id, "--format", "json"])["totals"].clone();
    let total = |name: &str| totals[name].as_u64().expect("a number");
    let report = repo.json(["report", id, "--format", "json"]);
    let metrics = repo.answer(["report", "metrics"]);
    let metric = |name: &str, more: &str| -> u64 {
        let mut lines = metrics.lines();
        let line = lines.find(|line| line.starts_with(&format!("{name}{{")) && line.contains(more));
        let number = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
        number.unwrap_or_else(|| panic!("{name} {more}\n{metrics}"))
    };
    let statuses = ["passed", "failed", "broken", "skipped", "unknown"];
    for status in statuses {
        let n = metric("tallybook_launch_results", &format!("status=\"{status}\""));
        assert_eq!(n, total(status), "{status}");
    }
    for name in ["unresolved", "muted"] {
        assert_eq!(metric(&format!("tallybook_launch_{name}"), ""), total(name));
    }
    assert_eq!(
        json!(metric("tallybook_launch_judged", "")),
        report["pass_rate"]["of"]
    );
    let counts = statuses.iter().filter(|status| total(status) > 0);
    let counts: Vec<String> = counts
        .map(|status| format!("{} {status}", total(status)))
        .collect();
    let counts = counts.join(", ");
    for format in ["text", "markdown", "github", "slack", "teams", "mail"] {
        let said = repo.answer(["report", id, "--format", format]);
        assert!(said.contains(&counts), "{format}: {counts}\n{said}");
    }
    let feed = repo.answer(["report", "feed"]);
    assert!(feed.contains(&counts), "{feed}");
    let commit = repo.git(["log", "-1", "--format=%B"]);
    let own = format!(
        "{counts}, {} overridden; {} unresolved",
        total("overridden"),
        total("unresolved")
    );
    let bare = format!("{counts}; {} unresolved", total("unresolved"));
    assert!(
        commit.contains(&own) || commit.contains(&bare),
        "{own}\n{commit}"
    );
    let badge = repo.answer(["report", "badge", "--format", "shields"]);
    let message = format!(
        "{} passed, {} unresolved",
        total("passed"),
        total("unresolved")
    );
    assert!(badge.contains(&message), "{badge}");
}

/// What a list of a page says, by its class: `failed` → 2 of `<li class="s-failed">…<b>2</b>`.
fn tally(page: &str) -> Vec<(String, u64)> {
    let pattern = regex::Regex::new(
        r#"<li class="(?:s-)?([a-z_]+)(?: zero)?">(?:<a [^>]*>)?(?:<svg.*?</svg>)?(?:<span[^>]*>[^<]*</span>)?\s*<b>([\d,]+)</b>"#,
    )
    .expect("a pattern");
    let list = page.split("<ul class=\"tally\">").nth(1).expect("a tally");
    let list = list.split("</ul>").next().expect("its end");
    let number = |text: &str| text.replace(',', "").parse().expect("a number");
    let found = pattern.captures_iter(list);
    let found = found.map(|one| (one[1].to_owned(), number(&one[2])));
    found.collect()
}

/// Holds what the pages of the site say of a closed launch against the totals that `launch show` has.
fn assert_site_agrees(repo: &TestRepo, id: &str) {
    let totals = repo.json(["launch", "show", id, "--format", "json"])["totals"].clone();
    let total = |name: &str| totals[name].as_u64().expect("a number");
    // Pages count what counts in a status, and overridden results apart.
    let shown = |name: &str| match name {
        "total" => total("total") - total("overridden"),
        name => total(name),
    };
    repo.answer(["render", "--out", "site"]);
    let page = |path: &str| repo.read(&format!("site/{path}"));
    let own = page(&format!("shop/launches/{id}/index.html"));
    for (place, page) in [
        ("the launch", &own),
        ("the project", &page("shop/index.html")),
        ("the workspace", &page("index.html")),
    ] {
        let said = tally(page);
        assert!(said.len() >= 5, "{place}: {said:?}");
        for (name, n) in said {
            assert_eq!(n, shown(&name), "{name} of {place}");
        }
        let apart = format!(">{} overridden</a>", total("overridden"));
        assert!(page.contains(&apart), "{place}");
    }
    // What stands beside the counts: `<span>1 muted</span>`.
    let beside = |name: &str| {
        let pattern = format!(r"<span>(?:<a [^>]*>)?([\d,]+) {name}(?:</a>)?</span>");
        let pattern = regex::Regex::new(&pattern).expect("a pattern");
        let found = pattern.captures(&own).map(|one| one[1].replace(',', ""));
        found.map_or(0, |n| n.parse().expect("a number"))
    };
    for (name, word) in [("muted", "muted"), ("retries", "(?:retry|retries)")] {
        assert_eq!(beside(word), total(name), "{name}");
    }
    let report = repo.json(["report", id, "--format", "json"]);
    let (part, of) = (&report["pass_rate"]["part"], &report["pass_rate"]["of"]);
    assert!(
        own.contains(&format!("% of {of} passed")),
        "the pass rate, {part} of {of}"
    );
    let groups = own.split("<table class=\"ledger suites\">").nth(1);
    let groups = groups.and_then(|rest| rest.split("</table>").next());
    let row = r#"<td class="num(?: bad| nil)?">([\d,]+)</td><td class="num wide">([\d,]+)</td><td class="num">([\d,]+)</td>"#;
    let row = regex::Regex::new(row).expect("a pattern");
    let sum = |column: usize| -> u64 {
        let rows = row.captures_iter(groups.expect("groups"));
        rows.map(|one| {
            one[column]
                .replace(',', "")
                .parse::<u64>()
                .expect("a number")
        })
        .sum()
    };
    let of_launch = ["failed", "passed", "total"].map(shown);
    assert_eq!([sum(1), sum(2), sum(3)], of_launch, "results by group");
    let unresolved = format!(r"<td class=.num bad.[^>]*>{}</td>", total("unresolved"));
    let unresolved = regex::Regex::new(&unresolved).expect("a pattern");
    assert!(
        unresolved.is_match(&page("shop/launches.html")),
        "unresolved"
    );
    let gate: Value =
        serde_json::from_str(&repo.run(["gate", id, "--format", "json"]).stdout).expect("JSON");
    let failed = gate["rules"].as_array().expect("rules").iter();
    let failed = failed.filter(|rule| rule["passed"] == false).count();
    let told = report["gate"]["failed"].as_array().expect("rules").len();
    assert_eq!(told, failed, "rules that failed");
    let badge = page("shop/badge.json");
    assert!(badge.contains(&total("unresolved").to_string()), "{badge}");
}

#[test]
fn every_command_says_the_same_of_a_launch() {
    let (repo, id) = with_everything();
    assert_eq!(
        repo.totals(&id),
        "broken 1, failed 2, muted 1, overridden 1, passed 3, retries 1, skipped 1, total 8, unresolved 1"
    );
    assert_agree(&repo, &id);
    repo.answer(["launch", "close", &id]);
    assert_agree(&repo, &id);
    assert_told_agrees(&repo, &id);
    assert_site_agrees(&repo, &id);
}
