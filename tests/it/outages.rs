//! Shared launches where something is in the way: machines that know too little, remotes that are away
//! or refuse, references that others made. Nothing appended is lost.

use crate::repo::assert_refused;
use crate::shared::Fleet;

/// All results in closed launches of the remote's branch that nothing supersedes.
fn latest_total(fleet: &Fleet) -> u64 {
    fleet.clone_as("reader", &[]);
    let list = fleet.answer("reader", ["launch", "list", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let launches = list.as_array().expect("a list");
    let ids: Vec<&str> = launches
        .iter()
        .map(|l| l["id"].as_str().expect("an id"))
        .collect();
    let is_latest = |id: &str| {
        let next = match id.rsplit_once('.') {
            Some((base, n)) => format!("{base}.{}", n.parse::<u32>().expect("a number") + 1),
            None => format!("{id}.2"),
        };
        !ids.contains(&next.as_str())
    };
    launches
        .iter()
        .filter(|launch| is_latest(launch["id"].as_str().expect("an id")))
        .map(|launch| launch["totals"]["total"].as_u64().expect("a count"))
        .sum()
}

#[test]
fn a_machine_that_knows_of_no_closing_appends_to_the_same_key() {
    // It had the launch open, or had never heard of it, or heard of it in another month.
    for (knows, now) in [
        (true, "2026-11-22T18:43:00Z"),
        (false, "2026-11-22T19:00:00Z"),
        (false, "2026-12-01T00:10:00Z"),
    ] {
        let mut fleet = Fleet::new(&["a", "b", "c"]);
        let (one, two) = (fleet.report("one.xml"), fleet.report("two.xml"));
        if knows {
            fleet.answer("c", ["launch", "open", "--key", "k", "--push"]);
        }
        fleet.answer(
            "a",
            [
                "launch", "append", "--key", "k", &one, "--job", "one", "--push",
            ],
        );
        fleet.answer("b", ["launch", "close", "--key", "k", "--push"]);
        fleet.0 = fleet.0.env("TALLYBOOK_NOW", now);
        fleet.answer(
            "c",
            [
                "launch", "append", "--key", "k", &two, "--job", "two", "--push",
            ],
        );
        fleet.answer("b", ["launch", "close", "--key", "k", "--push"]);
        assert_eq!(fleet.refs(), [""; 0]);
        assert_eq!(latest_total(&fleet), 4);
        fleet.assert_closed(2);
    }
}

#[test]
fn a_part_that_was_not_pushed_goes_with_the_next_one() {
    let fleet = Fleet::new(&["a", "b"]);
    fleet.report("two/one.xml");
    fleet.report("two/two.xml");
    fleet.answer("a", ["launch", "open", "--key", "k", "--push"]);
    let url = format!("file://{}/origin.git", fleet.0.root().display());
    fleet
        .0
        .git_in("a", ["remote", "set-url", "origin", "/nowhere/at-all.git"]);
    let kept = fleet.run(
        "a",
        [
            "launch",
            "append",
            "--key",
            "k",
            "../two/one.xml",
            "--job",
            "unit",
            "--push",
        ],
    );
    assert_refused(&kept, &["is kept here"]);
    fleet.0.git_in("a", ["remote", "set-url", "origin", &url]);
    fleet.answer(
        "a",
        [
            "launch", "append", "--key", "k", "../two", "--job", "unit", "--push",
        ],
    );
    fleet.answer("b", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(latest_total(&fleet), 4);
}

#[test]
fn what_a_key_names_is_kept_without_the_remote() {
    let fleet = Fleet::new(&["a", "b"]);
    let report = fleet.report("r.xml");
    let url = format!("file://{}/origin.git", fleet.0.root().display());
    fleet
        .0
        .git_in("a", ["remote", "set-url", "origin", "/nowhere/at-all.git"]);
    let kept = fleet.run("a", ["launch", "append", "--key", "k", &report, "--push"]);
    assert_refused(&kept, &["is kept here", "launch sync"]);
    assert!(kept.stdout.contains("2 results"), "{kept}");
    fleet.0.git_in("a", ["remote", "set-url", "origin", &url]);
    fleet.answer("a", ["launch", "sync"]);
    fleet.answer("b", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(latest_total(&fleet), 2);
}

#[test]
fn a_follow_up_has_all_parts_on_the_remote_too() {
    let fleet = Fleet::new(&["a", "b"]);
    for name in ["one", "two", "three"] {
        let report = fleet.report(&format!("{name}.xml"));
        match name {
            "one" => {
                fleet.answer(
                    "a",
                    [
                        "launch", "append", "--key", "k", &report, "--job", name, "--push",
                    ],
                );
                fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
            }
            "two" => drop(fleet.answer(
                "a",
                ["launch", "append", "--key", "k", &report, "--job", name],
            )),
            _ => drop(fleet.answer(
                "a",
                [
                    "launch", "append", "--key", "k", &report, "--job", name, "--push",
                ],
            )),
        }
    }
    fleet.0.git_in("b", ["pull", "--quiet"]);
    fleet.answer("b", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(latest_total(&fleet), 6);
}

#[test]
fn a_shared_launch_is_not_closed_alone() {
    let fleet = Fleet::new(&["a"]);
    let report = fleet.report("r.xml");
    fleet.answer("a", ["launch", "append", "--key", "k", &report, "--push"]);
    let alone = fleet.run("a", ["launch", "close", "--key", "k"]);
    assert_refused(&alone, &["is shared on `origin`", "--push --remote origin"]);
    fleet.answer("a", ["launch", "close", "--key", "k", "--push"]);
    assert_eq!(fleet.refs(), [""; 0]);
}

#[test]
fn a_remote_that_deletes_nothing_keeps_a_launch_from_being_thrown_away() {
    let fleet = Fleet::new(&["a"]);
    let report = fleet.report("r.xml");
    fleet.answer("a", ["launch", "append", "--key", "k", &report, "--push"]);
    fleet.update_hook("case $3 in 0000*) exit 1;; esac");
    let before = fleet.refs();
    let refused = fleet.run(
        "a",
        ["launch", "discard", "--key", "k", "--reason", "x", "--push"],
    );
    assert_refused(&refused, &["nothing was thrown away here"]);
    assert_eq!(fleet.refs(), before);
    fleet.remove_update_hook();
    fleet.answer(
        "a",
        ["launch", "discard", "--key", "k", "--reason", "x", "--push"],
    );
    assert_eq!(fleet.refs(), [""; 0]);
}

#[test]
fn references_that_are_none_of_ours_are_in_nobody_s_way() {
    let fleet = Fleet::new(&["a", "b"]);
    let report = fleet.report("r.xml");
    fleet.answer("a", ["launch", "append", "--key", "k", &report, "--push"]);
    let prefix = fleet.refs()[0]
        .rsplit_once('/')
        .expect("a folder")
        .0
        .to_owned();
    let commit = fleet.0.git_in("a", ["rev-parse", "HEAD"]);
    for name in ["x/y", "notes", "Part-0123456789"] {
        fleet.0.git_in(
            "origin.git",
            ["update-ref", &format!("{prefix}/{name}"), &commit],
        );
    }
    // One that looks like a part and is none is named.
    let bad = format!("{prefix}/bad-0123456789");
    fleet.0.git_in("origin.git", ["update-ref", &bad, &commit]);
    let refused = fleet.run("b", ["launch", "close", "--key", "k", "--push"]);
    assert_refused(&refused, &[&bad, "is not as Tallybook writes it"]);
    fleet.0.git_in("origin.git", ["update-ref", "-d", &bad]);
    fleet.answer("b", ["launch", "close", "--key", "k", "--push"]);
    fleet.assert_closed(1);
}

#[test]
fn a_needless_follow_up_takes_nobody_s_part_away() {
    let fleet = Fleet::new(&["a"]);
    let (one, two) = (fleet.report("one.xml"), fleet.report("two.xml"));
    fleet.answer(
        "a",
        ["launch", "append", "--key", "k", &one, "--job", "one"],
    );
    fleet.answer("a", ["launch", "close", "--key", "k"]);
    for round in 0..3 {
        let job = format!("new{round}");
        let mut repeat = fleet.0.command(
            "a",
            &["launch", "append", "--key", "k", &one, "--job", "one"],
        );
        let mut new = fleet.0.command(
            "a",
            &["launch", "append", "--key", "k", &two, "--job", &job],
        );
        let children = [
            repeat.spawn().expect("starts"),
            new.spawn().expect("starts"),
        ];
        for child in children {
            child.wait_with_output().expect("ends");
        }
        fleet.answer("a", ["launch", "append", "--key", "k", &two, "--job", &job]);
        let status = fleet.answer("a", ["launch", "list", "--format", "json"]);
        assert!(status.contains("\"open\""), "{status}");
    }
    fleet.answer("a", ["launch", "close", "--key", "k"]);
    let list = fleet.answer("a", ["launch", "list", "--format", "json"]);
    assert!(list.contains("\"total\": 8"), "{list}");
}

#[test]
fn appends_that_meet_a_closing_are_in_the_launch_or_in_its_follow_up() {
    let repo = crate::shop::shop();
    let id = repo.answer(["launch", "open", "--key", "k"]);
    repo.write("first.xml", crate::shop::junit(&[("first", "")]));
    repo.answer(["launch", "append", &id, "first.xml", "--job", "first"]);
    let mut children = Vec::new();
    for n in 0..6 {
        let (file, job) = (format!("r{n}.xml"), format!("j{n}"));
        repo.write(&file, crate::shop::junit(&[(&file, "")]));
        let args = ["launch", "append", "--key", "k", &file, "--job", &job];
        children.push(repo.command("", &args).spawn().expect("starts"));
        if n == 2 {
            children.push(
                repo.command("", &["launch", "close", &id])
                    .spawn()
                    .expect("starts"),
            );
        }
    }
    for child in children {
        assert!(child.wait_with_output().expect("ends").status.success());
    }
    let _ = repo.run(["launch", "close", "--key", "k"]);
    let list = repo.json(["launch", "list", "--format", "json"]);
    let launches = list.as_array().expect("a list");
    let most = launches
        .iter()
        .map(|launch| launch["totals"]["total"].as_u64());
    assert_eq!(most.max(), Some(Some(7)), "{list}");
    repo.answer(["verify"]);
}
