//! `tallybook launch compare`: any two launches, or a launch and its baseline.

use serde_json::{Value, json};

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{result, shop, with};

/// Closes a launch of results that are given as `name=status`, in one environment.
fn closed(repo: &TestRepo, name: &str, browser: &str, results: &[&str]) -> String {
    let id = repo.open_launch(name);
    append(repo, &id, browser, results);
    repo.answer(["launch", "close", &id]);
    id
}

fn append(repo: &TestRepo, id: &str, browser: &str, results: &[&str]) {
    let folder = format!("results-{id}-{browser}");
    for one in results {
        let (name, status) = one.split_once('=').expect("name=status");
        let uuid = format!("{id}-{browser}-{name}");
        let more = json!({"statusDetails": {"message": format!("{name} went wrong")}});
        repo.allure(&folder, &with(result(&uuid, name, status), &more));
    }
    let env = format!("browser={browser}");
    repo.answer([
        "launch", "append", id, &folder, "--job", browser, "--env", &env,
    ]);
}

fn names(list: &Value) -> Vec<&str> {
    let tests = list.as_array().expect("a list").iter();
    tests
        .map(|test| test["name"].as_str().expect("a name"))
        .collect()
}

#[test]
fn every_class_is_told() {
    let repo = shop();
    let first = closed(
        &repo,
        "Nightly 1",
        "chrome",
        &[
            "a=passed",
            "b=failed",
            "c=failed",
            "d=passed",
            "e=skipped",
            "f=passed",
        ],
    );
    let second = closed(
        &repo,
        "Nightly 2",
        "chrome",
        &[
            "a=failed",
            "b=broken",
            "c=passed",
            "d=skipped",
            "e=passed",
            "g=passed",
            "h=failed",
        ],
    );
    let view = repo.json(["launch", "compare", &second, "--format", "json"]);
    assert_eq!(view["found"], "alike");
    assert_eq!(names(&view["new_failures"]), ["a", "h"]);
    assert_eq!(names(&view["still_failing"]), ["b"]);
    assert_eq!(names(&view["fixed"]), ["c"]);
    assert_eq!(names(&view["newly_skipped"]), ["d"]);
    assert_eq!(names(&view["resumed"]), ["e"]);
    assert_eq!(names(&view["added"]), ["g", "h"]);
    assert_eq!(names(&view["removed"]), ["f"]);
    assert_eq!(view["in_both"], 5);
    assert_eq!(
        view["pass_rate"]["before"],
        json!({"value": 0.5, "part": 2, "of": 4})
    );
    assert_eq!(
        view["pass_rate"]["now"],
        json!({"value": 0.5, "part": 2, "of": 4})
    );
    let failing = &view["new_failures"][0]["failing"];
    assert_eq!(
        (&failing["failures"], failing["since"].as_str()),
        (&json!(1), Some(second.as_str()))
    );
    let text = repo.answer(["launch", "compare", &second]);
    let asked = |base: &[&str]| {
        let args = ["launch", "compare", &second, "--format", "json"];
        let ran = repo.output("", &[args.as_slice(), base].concat());
        (ran.code, ran.stdout)
    };
    let by_place = asked(&[&first]);
    assert_eq!(by_place.0, Some(0));
    assert_eq!(asked(&["--base", &first]), by_place);
    assert_eq!(asked(&[&first, "--base", &first]).0, Some(2));
    assert!(
        text.contains("numbers apart\n2 new failures, 1 still failing, 1 fixed, 1 newly skipped"),
        "{text}"
    );
    assert!(text.contains("first failure since it passed in"), "{text}");
}

#[test]
fn a_baseline_is_named_or_found() {
    let repo = shop();
    let first = closed(&repo, "Smoke", "chrome", &["a=passed"]);
    assert_refused(
        &repo.run(["launch", "compare", &first]),
        &[
            "there is nothing to compare with",
            "`Smoke`",
            "launch compare",
        ],
    );
    let repo = repo.env("TALLYBOOK_NOW", "2026-11-23T08:00:00Z");
    let second = closed(&repo, "Smoke", "chrome", &["a=failed"]);
    let other = closed(&repo, "Regression", "chrome", &["a=passed"]);
    let found = |repo: &TestRepo, id: &str| {
        let view = repo.json(["launch", "compare", id, "--format", "json"]);
        (
            view["base"]["id"].as_str().expect("an id").to_owned(),
            view["found"].clone(),
        )
    };
    assert_eq!(found(&repo, &second), (first, json!("latest")));
    assert_refused(
        &repo.run(["launch", "compare", &other]),
        &["nothing to compare with"],
    );
    let view = repo.json(["launch", "compare", &other, &second, "--format", "json"]);
    assert_eq!(
        (names(&view["fixed"]), &view["found"]),
        (vec!["a"], &json!("asked"))
    );
    let repo = repo.env("TALLYBOOK_NOW", "2026-11-24T08:00:00Z");
    let named = repo.answer(["launch", "open", "--name", "Smoke", "--baseline", &other]);
    append(&repo, &named, "chrome", &["a=passed"]);
    assert_eq!(found(&repo, &named), (other.clone(), json!("named")));
    repo.answer(["launch", "close", &named]);
    assert_eq!(found(&repo, &named), (other.clone(), json!("named")));
    let folder = repo.launch_folder(&named);
    let file = repo.read(&format!("{folder}/launch.yaml"));
    assert!(file.contains(&format!("baseline: \"{other}\"")), "{file}");
    let open = repo.open_launch("Open");
    assert_refused(
        &repo.run(["launch", "open", "--name", "x", "--baseline", &open]),
        &["still open", "a baseline is a closed launch"],
    );
    assert_refused(
        &repo.run(["launch", "compare", &other, &other]),
        &["with itself"],
    );
}

#[test]
fn what_is_left_out_and_what_is_partial_is_said() {
    let repo = shop();
    closed(&repo, "Nightly 1", "chrome", &["a=passed"]);
    let firefox = closed(&repo, "Nightly 2", "firefox", &["a=failed"]);
    let text = repo.answer(["launch", "compare", &firefox]);
    assert!(
        text.contains("variable `browser`: chrome before, firefox now"),
        "{text}"
    );
    assert!(text.contains("1 new failure\n"), "{text}");
    assert!(text.contains("now without job chrome"), "{text}");
    let both = repo.open_launch("Nightly 3");
    append(&repo, &both, "firefox", &["a=passed"]);
    append(&repo, &both, "chrome", &["a=failed"]);
    let view = repo.json(["launch", "compare", &both, "--format", "json"]);
    assert_eq!(view["left_out"], json!([]));
    assert_eq!(
        (names(&view["fixed"]), names(&view["added"])),
        (vec!["a"], vec!["a"])
    );
    assert_eq!(
        view["new_failures"][0]["environment"],
        json!({"browser": "chrome"})
    );
}

#[test]
fn names_stand_in_one_column_and_rates_are_cut() {
    let repo = shop();
    repo.write(
        "projects/shop/mutes/MUTE-M2.yaml",
        "id: MUTE-M2\nreason: It waits.\nowner: alice\nuntil: 2027-03-01\nselector: auth#a\n",
    );
    repo.commit("Mute");
    let results = ["a=failed", "b=failed", "c=passed", "d=passed"];
    closed(&repo, "Nightly 1", "chrome", &results);
    let id = closed(&repo, "Nightly 2", "chrome", &results);
    let text = repo.answer(["launch", "compare", &id]);
    assert!(text.contains("\n  failed, muted a"), "{text}");
    assert!(text.contains("\n  failed        b"), "{text}");
    let rates = "66.6% (2 of 3) before, 66.6% (2 of 3) now";
    assert!(text.contains(rates), "{text}");
}

#[test]
fn slow_tests_are_held_against_their_own_noise() {
    let repo = shop();
    for (number, duration) in [250, 260, 240, 250, 255, 900].into_iter().enumerate() {
        let id = repo.open_launch(&format!("Nightly {number}"));
        let stop = json!({"stop": 1_795_372_980_000_u64 + duration});
        let folder = format!("r{number}");
        repo.allure(
            &folder,
            &with(result(&format!("a{number}"), "a", "passed"), &stop),
        );
        repo.answer(["launch", "append", &id, &folder]);
        repo.answer(["launch", "close", &id]);
        if number == 0 {
            continue;
        }
        let view = repo.json(["launch", "compare", &id, "--format", "json"]);
        let slower = view["slower"].as_array().expect("a list");
        assert_eq!(slower.len(), usize::from(duration == 900), "{number}");
        if let Some(slow) = slower.first() {
            assert_eq!((&slow["median"], &slow["of"]), (&json!(250), &json!(5)));
        }
    }
}

#[test]
fn a_correction_is_not_held_against_what_it_corrects() {
    let repo = shop();
    let first = closed(&repo, "Nightly 1", "chrome", &["a=passed"]);
    let wrong = closed(&repo, "Nightly 2", "chrome", &["a=failed"]);
    let correction = repo.answer([
        "launch",
        "open",
        "--name",
        "Nightly 2",
        "--supersedes",
        &wrong,
    ]);
    append(&repo, &correction, "chrome", &["a=failed"]);
    let view = repo.json(["launch", "compare", &correction, "--format", "json"]);
    assert_eq!(view["base"]["id"], *first);
    assert_eq!(view["counts"]["new_failures"], 1);
}
