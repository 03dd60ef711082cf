//! Pages of defects, mutes, plans, requirements, quality and comparisons: their numbers are the commands'.

use serde_json::{Value, json};

use crate::repo::TestRepo;
use crate::shop::{PROJECT, result, shop, with};

/// Renders the site and returns one page of the project.
#[track_caller]
fn page(repo: &TestRepo, path: &str) -> String {
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    shown(repo, path)
}

#[track_caller]
fn shown(repo: &TestRepo, path: &str) -> String {
    repo.read(&format!("../site/shop/{path}"))
}

fn has_page(repo: &TestRepo, path: &str) -> bool {
    repo.root().join("../site/shop").join(path).is_file()
}

/// The heading of a page as people read it.
fn heading(html: &str) -> String {
    let (_, rest) = html.split_once("<h1").expect("a heading");
    let (_, rest) = rest.split_once('>').expect("its beginning");
    let (heading, _) = rest.split_once("</h1>").expect("its end");
    text(heading)
}

/// A piece of a page without its tags.
fn text(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let out = out.replace("&#39;", "'");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The value beside a label in the facts of a page.
#[track_caller]
fn fact(html: &str, label: &str) -> String {
    let wanted = format!("<dt>{label}</dt>");
    let (_, rest) = html
        .split_once(&wanted)
        .unwrap_or_else(|| panic!("{label} in {html}"));
    text(rest.split_once("</dd>").expect("its value").0)
}

/// The cells of the row that has a text, as people read them.
#[track_caller]
fn row(html: &str, with: &str) -> Vec<String> {
    let mut rows = html.split("<tr").filter(|row| row.contains("<td"));
    let row = rows
        .find(|row| row.contains(with))
        .unwrap_or_else(|| panic!("{with} in {html}"));
    let row = row.split("</tr>").next().unwrap_or_default();
    row.split("<td")
        .skip(1)
        .map(|cell| text(&format!("<td{cell}")))
        .collect()
}

fn broken(uuid: &str, name: &str, message: &str) -> Value {
    let said = json!({"statusDetails": {"message": message}});
    with(result(uuid, name, "broken"), &said)
}

/// What documents nothing yet says what to do, and asks for no launch.
#[test]
fn empty_pages_say_what_to_do() {
    let repo = shop();
    let plans = page(&repo, "plans.html");
    assert_eq!(heading(&plans), "No plans");
    let case = shown(&repo, "cases/SHOP-EXP1RD.html");
    assert!(case.contains("Never ran:</b> no closed launch"), "{case}");
    assert!(plans.contains("plans/smoke.yaml"), "{plans}");
    // What to do comes first: what a table's words mean is said where there is a table.
    assert!(!plans.contains("counts each selected case"), "{plans}");
    assert!(
        plans.contains("In some plan: 0 of 2 documented cases."),
        "{plans}"
    );
    let requirements = shown(&repo, "requirements.html");
    assert_eq!(heading(&requirements), "No requirements");
    assert!(requirements.contains("tallybook trace import FILE"));
    let defects = shown(&repo, "defects.html");
    assert_eq!(heading(&defects), "1 defect open");
    assert!(defects.contains("No launch is closed yet"), "{defects}");
    let own = shown(&repo, "defects/DEF-D1.html");
    assert_eq!(heading(&own), "Open: no launch is closed yet");
    assert!(
        own.contains("At night.") && own.contains("503 Service"),
        "{own}"
    );
    let mutes = shown(&repo, "mutes.html");
    assert_eq!(heading(&mutes), "1 mute holds: no launch is closed yet");
    let quality = shown(&repo, "quality.html");
    assert_eq!(fact(&quality, "never executed"), "2 of 2");
    // A column in which nothing stands is none.
    assert!(!quality.contains(">Latest</th>") && !quality.contains(">In</th>"));
    assert!(
        !has_page(&repo, "compare.html"),
        "one launch at most is no comparison"
    );
    let overview = shown(&repo, "index.html");
    for name in ["plans", "requirements", "defects", "mutes", "quality"] {
        assert!(
            overview.contains(&format!("href=\"{name}.html\"")),
            "{name}"
        );
    }
}

#[test]
fn defects_have_what_they_explain() {
    let repo = shop();
    repo.allure("one", &broken("a", "pays", "503 Service Unavailable"));
    repo.allure("one", &broken("b", "refunds", "503 Service Unavailable"));
    repo.allure("one", &broken("c", "ships", "no parcel"));
    repo.close_with("Nightly 1", "one");
    let list = page(&repo, "defects.html");
    assert_eq!(
        heading(&list),
        "1 defect open: 2 of 3 failures in Nightly 1 are known by defects"
    );
    let said = repo.json(["defect", "show", "DEF-D1", "--format", "json"]);
    assert_eq!(
        said["launches"][0]["results"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(row(&list, "DEF-D1")[5..], ["2", "2", "1"]);
    repo.answer(["defect", "close", "DEF-D1"]);
    repo.commit("Close it");
    // What it explained while it was open is no recurrence.
    let list = page(&repo, "defects.html");
    assert_eq!(
        heading(&list),
        "No defect is open, of 1: 2 of 3 failures in Nightly 1 are known by defects"
    );
    repo.allure("two", &broken("d", "pays", "503 Service Unavailable"));
    repo.close_with("Nightly 2", "two");
    let list = page(&repo, "defects.html");
    assert!(
        heading(&list).starts_with("1 defect recurs: 0 open;"),
        "{}",
        heading(&list)
    );
    let own = shown(&repo, "defects/DEF-D1.html");
    let said = repo.json(["defect", "show", "DEF-D1", "--format", "json"]);
    let launches = said["launches"].as_array().expect("a list");
    let recurs: Vec<_> = launches
        .iter()
        .map(|one| one["recurrence"] == true)
        .collect();
    assert_eq!(recurs, [true, false]);
    assert!(row(&own, "Nightly 2")[0].contains("It was closed when this launch was."));
    assert!(!row(&own, "Nightly 1")[0].contains("closed"));
    let board = shown(&repo, "dashboards/overview.html");
    assert!(!board.contains("not drawn here"));
}

#[test]
fn mutes_stand_by_their_day() {
    let repo = shop();
    let mute = |id: &str, until: &str, what: &str| {
        repo.write(
            &format!("{PROJECT}/mutes/{id}.yaml"),
            format!("id: {id}\nreason: Reason of {id}.\nowner: alice\nuntil: {until}\n{what}\n"),
        );
    };
    mute("MUTE-OLD", "2025-01-31", "cases: [SHOP-MA1DRK]");
    mute("MUTE-TEST", "2027-03-01", "selector: 'auth#other'");
    repo.commit("Mutes");
    for (n, status) in [(1, "failed"), (2, "passed"), (3, "passed")] {
        let folder = format!("r{n}");
        repo.allure(&folder, &result(&format!("a{n}"), "other", status));
        repo.close_with(&format!("Nightly {n}"), &folder);
    }
    let html = page(&repo, "mutes.html");
    let said = repo.json(["mute", "list", "--format", "json"]);
    let expired: Vec<&Value> = { said.as_array().expect("a list").iter() }
        .filter(|one| one["expired"] == true)
        .collect();
    assert_eq!(expired.len(), 1);
    assert_eq!(
        heading(&html),
        "2 mutes hold, 1 expired: 0 of 1 result in Nightly 3 left out of the pass rate"
    );
    let (_, of_expired) = html.split_once("id=\"expired\"").expect("a part");
    assert!(row(of_expired, "MUTE-OLD")[0].contains("It held until 2025-01-31."));
    // One of three: the first launch is where it left a failure out.
    let cells = row(&html, "MUTE-TEST");
    assert_eq!(
        cells.last().map(String::as_str),
        Some("2 of 3since Nightly 1"),
        "{cells:?}"
    );
    assert!(html.contains("id=\"id-MUTE-TEST\""));
}

#[test]
fn plans_count_as_their_commands_do() {
    let repo = shop();
    repo.write(
        &format!("{PROJECT}/plans/all.yaml"),
        "name: Everything\nquery: status = active\ncases: [SHOP-NONE00]\n",
    );
    repo.write(
        &format!("{PROJECT}/plans/some.yaml"),
        "name: Some\nquery: status = active\nexclude: [SHOP-EXP1RD]\n",
    );
    repo.write(
        &format!("{PROJECT}/plans/wrong.yaml"),
        "name: Wrong\nquery: stauts = active\n",
    );
    repo.commit("Plans");
    repo.allure("one", &result("a", "expired", "passed"));
    let (launch, _) = repo.close_with("Nightly", "one");
    let html = page(&repo, "plans.html");
    assert_eq!(
        heading(&html),
        "0 of 3 plans done in full: 1 can't be asked"
    );
    let ran = repo.run([
        "plan", "check", &launch, "--plan", "all", "--format", "json",
    ]);
    let said: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let counts = &said["counts"];
    assert_eq!(
        (&counts["ran"], &counts["planned"], &counts["missing"]),
        (&json!(1), &json!(2), &json!(1))
    );
    assert_eq!(row(&html, "all.html")[2..6], ["2", "1", "1 of 2", "1"]);
    let own = shown(&repo, "plans/all.html");
    assert_eq!(
        heading(&own),
        "2 cases, 1 gone: 1 of 2 ran, 1 missing in Nightly"
    );
    let some = page(&repo, "plans/some.html");
    assert!(
        some.contains("<span class=\"mono\" dir=\"auto\">exclude</span>"),
        "{some}"
    );
    assert!(own.contains("SHOP-NONE00") && own.contains("Did not run in Nightly"));
    assert!(row(&own, "SHOP-EXP1RD").contains(&"passed".to_owned()));
    let wrong = shown(&repo, "plans/wrong.html");
    assert!(heading(&wrong).starts_with("It can't be asked"));
}

#[test]
fn requirements_are_those_of_trace() {
    let repo = shop();
    repo.write(
        &format!("{PROJECT}/requirements/all.yaml"),
        "requirements:\n  - {id: REQ-0, title: Everything}\n  - {id: REQ-1, title: Signing in, parent: REQ-0}\n\
         \x20 - {id: REQ-2, title: '<b>Mail</b>', parent: REQ-0, url: 'javascript:alert(1)'}\n\
         \x20 - {id: REQ-3, title: Law, gap: {reason: shown by inspection, by: alice}}\n",
    );
    let case = format!("{PROJECT}/cases/sign-in/expired.md");
    let linked = repo.read(&case).replacen(
        "owner: alice\n",
        "owner: alice\nlinks: [{type: requirement, name: REQ-1}, {type: requirement, name: REQ-9}]\n",
        1,
    );
    repo.write(&case, linked);
    repo.commit("Requirements");
    repo.allure("one", &result("a", "expired", "passed"));
    repo.close_with("Nightly", "one");
    let html = page(&repo, "requirements.html");
    let said = repo.json(["trace", "--format", "json"]);
    let coverage = &said["coverage"];
    // The whole stands as its parts do, and is in no share.
    assert_eq!(
        heading(&html),
        format!(
            "{} of {} requirements covered: 1 gap",
            coverage["part"], coverage["of"]
        )
    );
    let standings = said["requirements"].as_array().expect("a list");
    for (word, label) in [
        ("covered", "covered"),
        ("gap", "gap"),
        ("justified", "justified gap"),
    ] {
        let n = standings
            .iter()
            .filter(|one| one["standing"] == word && one["by_parts"] == false)
            .count();
        assert_eq!(fact(&html, label), n.to_string(), "{word}");
    }
    // Counts add up to the lines, and those of the heading are among them.
    assert_eq!(fact(&html, "gap"), "1");
    assert_eq!(fact(&html, "stand as their parts do"), "1");
    assert!(
        row(&html, "REQ-3")[2].contains("Shown by inspection."),
        "{html}"
    );
    assert!(!html.contains("<b>Mail") && !html.contains("javascript:"));
    assert!(html.contains("REQ-9"), "links that lead nowhere are named");
    let board = "name: Board\nwidgets:\n- kind: coverage\n";
    repo.write(&format!("{PROJECT}/dashboards/board.yaml"), board);
    let board = page(&repo, "dashboards/board.html");
    assert!(
        board.contains("50.0 % of 2 requirements covered"),
        "{board}"
    );
    assert!(board.contains("../requirements.html#id-REQ-1"), "{board}");
}

#[test]
fn quality_is_what_validate_finds() {
    let repo = shop();
    repo.write(
        &format!("{PROJECT}/cases/more/twin.md"),
        "---\nid: SHOP-TW1NS0\ntitle: mail in  DARK mode\nexecution: manual\nstatus: active\n---\n\nNothing else.\n",
    );
    repo.write(
        &format!("{PROJECT}/cases/more/torn.md"),
        "---\nid: [\n---\n",
    );
    repo.write(&format!("{PROJECT}/dashboards/torn.yaml"), "name: [\n");
    let html = page(&repo, "quality.html");
    let ran = repo.run(["validate", "--format", "json"]);
    let said: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let below = said.as_array().expect("a list").iter();
    let below = below.filter(|one| {
        one["path"]
            .as_str()
            .is_some_and(|p| p.starts_with("projects/shop/"))
    });
    let below: Vec<&Value> = below.collect();
    assert_eq!(fact(&html, "findings of validate"), below.len().to_string());
    let errors = below
        .iter()
        .filter(|one| one["severity"] == "error")
        .count();
    assert!(
        heading(&html).starts_with(&format!("{errors} errors")),
        "{}",
        heading(&html)
    );
    assert_eq!(fact(&html, "without an owner"), "1 of 3");
    assert_eq!(fact(&html, "manual without steps"), "1 of 2");
    assert_eq!(fact(&html, "share a title with another"), "2 of 3");
    let (_, unread) = html.split_once("id=\"unread\"").expect("a part");
    assert!(text(unread).contains("cases/more/torn.md"), "{unread}");
    let board = shown(&repo, "dashboards/overview.html");
    assert!(board.contains("dashboards/torn.yaml"), "{board}");
}

/// A site of some projects tells nothing of the others.
#[test]
fn findings_of_hidden_projects_are_not_told() {
    let repo = shop();
    let case = repo.read(&format!("{PROJECT}/cases/mail/dark.md"));
    repo.write(
        "projects/secret/project.yaml",
        "key: SECRET\nname: Secret\n",
    );
    repo.write("projects/secret/cases/dark.md", case);
    repo.answer(["render", "--out", "../site", "--project", "shop"]);
    assert!(!shown(&repo, "quality.html").contains("secret"));
    assert!(
        page(&repo, "quality.html").contains("secret"),
        "with all projects it is told"
    );
}

#[test]
fn a_launch_stands_against_its_baseline() {
    let repo = shop();
    let mut ids = Vec::new();
    for (n, all) in [
        ["passed", "failed", "passed"],
        ["failed", "failed", "skipped"],
    ]
    .iter()
    .enumerate()
    {
        let folder = format!("r{n}");
        for (name, status) in ["a", "b", "c"].iter().zip(all) {
            repo.allure(&folder, &result(&format!("{name}{n}"), name, status));
        }
        ids.push(repo.close_with(&format!("Nightly {n}"), &folder).0);
    }
    let html = page(&repo, &format!("launches/{}/compare.html", ids[1]));
    assert_eq!(
        heading(&html),
        "1 new failure against Nightly 0: 1 still failing, 1 newly skipped"
    );
    let said = repo.json(["launch", "compare", &ids[1], "--format", "json"]);
    assert_eq!(
        (&said["counts"]["new_failures"], &said["found"]),
        (&json!(1), &json!("alike"))
    );
    assert_eq!(fact(&html, "Tests in both"), said["in_both"].to_string());
    assert!(html.contains(&format!(
        "../../compare.html#base={}&amp;launch={}",
        ids[0], ids[1]
    )));
    assert!(!has_page(
        &repo,
        &format!("launches/{}/compare.html", ids[0])
    ));
    let all = shown(&repo, "compare.html");
    assert_eq!(row(&all, &ids[1])[2..5], ["1", "1", "0"]);
    assert!(all.contains("tallybook launch compare LAUNCH BASE"));
    assert!(has_page(
        &repo,
        &format!("launches/{}/data/keys.js", ids[0])
    ));
}
