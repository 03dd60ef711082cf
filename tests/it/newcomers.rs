//! What somebody meets who has just cloned a product with a workspace in it: messages that say what to
//! do next, in commands that work where they are pasted.

use crate::shop::{junit, shop};

/// A job that appends first opens the launch, and a later `open` that expects other jobs would be
/// believed to have asked for them.
#[test]
fn what_a_found_launch_lacks_is_said() {
    let repo = shop();
    repo.write("junit.xml", junit(&[("x", "")]));
    repo.answer(["launch", "append", "--key", "7", "--job", "py", "junit.xml"]);
    let open = ["launch", "open", "--key", "7"];
    let plain = repo.run(open);
    assert!(!plain.stderr.contains("warning"), "{plain}");
    let same = repo.run(["launch", "open", "--key", "7", "--name", "7"]);
    assert!(!same.stderr.contains("warning"), "{same}");
    let ran = repo.run([
        "launch",
        "open",
        "--key",
        "7",
        "--name",
        "PR 7",
        "--expect",
        "py",
        "--expect",
        "js",
        "--env",
        "stand=x",
        "--tag",
        "nightly",
        "--link",
        "https://ci.example.com/7",
    ]);
    assert_eq!((ran.code, &ran.stdout), (Some(0), &plain.stdout), "{ran}");
    assert!(
        ran.stderr.contains(
            "warning: it was opened before, without this, and stays as it was: `--name`, `--expect`, `--env`, `--tag` and `--link`"
        ),
        "{ran}"
    );
    // Jobs that all ask for the same are what keys are for.
    let both = [
        "launch", "open", "--key", "8", "--expect", "py", "--expect", "js",
    ];
    repo.answer(both);
    let again = repo.run(both);
    assert!(!again.stderr.contains("warning"), "{again}");
}
