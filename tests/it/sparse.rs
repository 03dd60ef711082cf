//! Sparse checkouts: what they leave out of the working tree is there all the same.

use crate::branch::Product;
use crate::repo::{Ran, TestRepo};
use crate::shop::{junit, shop};

/// What people read.
const READING: [&[&str]; 9] = [
    &["launch", "list"],
    &["launch", "list", "--format", "json"],
    &["member", "list"],
    &["project", "list"],
    &["codeowners"],
    &["validate"],
    &["verify"],
    &["fsck"],
    &["launch", "show", "2026"],
];

fn answers(repo: &TestRepo, folder: &str) -> Vec<String> {
    let ran = READING.iter().map(|args| repo.output(folder, args));
    ran.map(|ran| ran.stdout).collect()
}

/// A shop with a closed launch and two members.
fn closed() -> TestRepo {
    let repo = shop();
    repo.answer(["member", "add", "wes", "--email", "wes@example.com"]);
    repo.commit("Wes");
    repo.write("../r.xml", junit(&[("a", ""), ("b", "<failure/>")]));
    repo.close_with("Nightly", "../r.xml");
    // git leaves out what its index knows to be as it is committed.
    repo.git(["update-index", "-q", "--refresh"]);
    repo
}

#[track_caller]
fn assert_fine(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn every_reading_command_sees_what_is_left_out() {
    let repo = closed();
    repo.write("notes/a.txt", "x");
    repo.commit("Notes");
    let whole = answers(&repo, "");
    assert!(
        whole[0].contains("Nightly") && whole[2].contains("wes"),
        "{whole:?}"
    );
    for set in [
        &[
            "sparse-checkout",
            "set",
            "--no-cone",
            "/*",
            "!/projects/shop/launches/",
            "!/projects/shop/members/",
        ][..],
        &["sparse-checkout", "set", "--no-cone", "/*", "!/projects/"],
        &["sparse-checkout", "set", "--cone", "notes"],
        &[
            "sparse-checkout",
            "set",
            "--cone",
            "--sparse-index",
            "notes",
        ],
    ] {
        assert_fine(&repo.git_output("", set));
        assert!(
            !repo.root().join("projects/shop/members").exists(),
            "{set:?}"
        );
        let seen = answers(&repo, "");
        for (args, (seen, whole)) in READING.iter().zip(seen.iter().zip(&whole)) {
            assert_eq!(seen, whole, "{set:?} {args:?}");
        }
        repo.answer(["render", "--out", "../site"]);
        let site = repo.read("../site/index.html");
        assert!(site.contains("Nightly"), "{set:?}");
        repo.git(["sparse-checkout", "disable"]);
    }
}

#[test]
fn what_is_in_the_working_tree_counts() {
    let repo = closed();
    let set = [
        "sparse-checkout",
        "set",
        "--no-cone",
        "/*",
        "!/projects/shop/members/",
    ];
    repo.git(set);
    assert!(!repo.root().join("projects/shop/members").exists());
    repo.write(
        "projects/shop/members/wes.yaml",
        "name: Wes Example\nemails: [wes@example.com]\nrole: reader\n",
    );
    let list = repo.answer(["member", "list"]);
    assert!(list.contains("reader") && list.contains("alice"), "{list}");
    // What stands in the way of a file is not looked through.
    std::fs::remove_dir_all(repo.root().join("projects/shop/members")).expect("removed");
    repo.write("projects/shop/members", "in the way");
    assert_eq!(repo.answer(["member", "list"]), "");
}

#[test]
fn what_is_staged_counts_where_the_working_tree_has_nothing() {
    let repo = closed();
    let set = [
        "sparse-checkout",
        "set",
        "--no-cone",
        "/*",
        "!/projects/shop/members/",
    ];
    repo.git(set);
    assert!(!repo.root().join("projects/shop/members").exists());
    repo.write(
        "../wes",
        "name: Wes Staged\nemails: [wes@example.com]\nrole: writer\n",
    );
    let blob = repo.git(["hash-object", "-w", "../wes"]);
    let path = "projects/shop/members/wes.yaml";
    repo.git([
        "update-index",
        "--cacheinfo",
        &format!("100644,{blob},{path}"),
    ]);
    repo.git(["update-index", "--skip-worktree", path]);
    let list = repo.answer(["member", "list"]);
    assert!(list.contains("Wes Staged"), "{list}");
}

#[test]
fn a_clone_that_is_partial_and_sparse_reads_like_any_other() {
    let product = Product::new(&["a"]);
    product.append_pushed("a", "k", "k");
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    let origin = "origin.git";
    product.git(origin, ["config", "uploadpack.allowFilter", "true"]);
    product.git(origin, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
    product
        .0
        .clone_as("thin", &["--sparse", "--filter=blob:none"]);
    product.git("thin", ["sparse-checkout", "set", "qa/projects/shop/cases"]);
    product.git(
        "thin",
        [
            "fetch",
            "-q",
            "origin",
            "tallybook:refs/remotes/origin/tallybook",
        ],
    );
    assert!(
        !product
            .repo()
            .root()
            .join("thin/qa/projects/shop/members")
            .exists()
    );
    for args in [["member", "list"], ["launch", "list"], ["project", "list"]] {
        assert_eq!(
            product.answer("thin", args),
            product.answer("a", args),
            "{args:?}"
        );
    }
}

#[test]
fn a_clone_without_trees_reads_like_any_other() {
    let product = Product::new(&["a"]);
    product.append_pushed("a", "k", "k");
    product.answer("a", ["launch", "close", "--key", "k", "--push"]);
    product
        .repo()
        .write("a/qa/projects/shop/README.md", "# Shop\n\nMore.\n");
    product.git("a", ["add", "--all"]);
    product.git("a", ["commit", "--quiet", "-m", "More"]);
    product.git("a", ["push", "--quiet"]);
    let origin = "origin.git";
    product.git(origin, ["config", "uploadpack.allowFilter", "true"]);
    product.git(origin, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let reading = [
        "verify",
        "launch list",
        "review HEAD~1..HEAD",
        "validate",
        "validate --at HEAD~1",
        "launch list --at HEAD~1",
    ];
    for (number, line) in reading.into_iter().enumerate() {
        // Each in a clone of its own: what one command fetches the next would find.
        let clone = format!("treeless-{number}");
        product.0.clone_as(&clone, &["--filter=tree:0"]);
        let answer = |machine: &str| {
            let args: Vec<&str> = line.split(' ').collect();
            let ran = product.repo().output(&format!("{machine}/qa"), &args);
            assert_eq!(ran.code, Some(0), "{line}: {ran}");
            ran.stdout
        };
        assert_eq!(answer(&clone), answer("a"), "{line}");
    }
    product.0.clone_as("alone", &["--filter=tree:0"]);
    let nowhere = "file:///nowhere.git";
    product.git("alone", ["remote", "set-url", "origin", nowhere]);
    let refused = product.run("alone", ["review", "HEAD~1..HEAD"]);
    assert_eq!(refused.code, Some(2), "{refused}");
    for told in [
        "not in this partial clone",
        "nowhere.git",
        "git fetch --refetch --no-filter",
    ] {
        assert!(refused.stderr.contains(told), "{refused}");
    }
}
