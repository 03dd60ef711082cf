//! Hostile and many names. The worked examples stand in `tests/fixtures/plans`.

use super::*;

fn target(name: &str) -> Target {
    Target {
        full_name: name.to_owned(),
        name: None,
        project: None,
    }
}

fn targets(names: &str) -> Vec<Target> {
    names.lines().map(target).collect()
}

#[test]
fn nothing_makes_no_run() {
    for runner in Runner::ALL {
        let runs = runner
            .runs(&[], Runs { together: true })
            .expect("nothing is of use");
        assert_eq!(runs, [], "{}", runner.as_str());
    }
    assert_eq!(testplan(&[]), None);
    assert_eq!(testplan(&[Entry::default()]), None);
}

/// A file's path looks like a binary's id, and selects nothing.
#[test]
fn files_are_no_crates() {
    for runner in [Runner::Nextest, Runner::Cargo] {
        let of_a_file = runner.runs(&[target("e2e/cart.spec.ts#Cart adds")], Runs::default());
        assert!(of_a_file.is_err(), "{of_a_file:?}");
        let of_a_crate = runner.runs(&[target("cart::bin/cart.tests::adds")], Runs::default());
        assert!(of_a_crate.is_ok(), "{of_a_crate:?}");
    }
}

#[test]
fn names_of_no_use_are_said() {
    let hostile = [
        "",
        " ",
        ".",
        "#",
        "*",
        "-",
        "-k.x",
        "a",
        "a\nb.c",
        "a#b\n--co",
        "::",
        "x.py::",
        "$(id)",
        "'; id",
        "a..b",
        ".a",
        "a.",
        "|",
        "^$",
        ".*",
        "a/../b",
        "\u{1b}[2J.a",
    ];
    for runner in Runner::ALL {
        for name in hostile {
            let found = runner.runs(&[target(name)], Runs::default());
            let runs = found.unwrap_or_default();
            let said = runner.written(&runs);
            assert!(!said.contains('\u{1b}'), "{said}");
            assert!(
                said.lines().count() <= 1,
                "{}: {name:?}: {said}",
                runner.as_str()
            );
        }
        let long = "a.test.js#".to_owned() + &"x".repeat(LINE_MAX);
        assert_eq!(runner.check(&target(&long)), Err(Unusable::Long));
    }
    assert_eq!(
        Runner::Pytest.check(&target("tests.test_a#test_*")),
        Err(Unusable::Star("pytest"))
    );
    assert!(Runner::Cargo.check(&target("demo.-x")).is_err());
}

#[test]
fn options_can_not_be_smuggled_in() {
    let written = |runner: Runner, name: &str| {
        let runs = runner
            .runs(&[target(name)], Runs::default())
            .expect("it is of use");
        runner.written(&runs)
    };
    assert_eq!(
        written(Runner::Pytest, "-k.test_a#test_x"),
        "./-k/test_a.py::test_x\n"
    );
    assert_eq!(
        written(Runner::Jest, "--globalSetup=x.js#$(id) 'a' \"b\""),
        "'--testNamePattern=^(?:\\$\\(id\\) '\\''a'\\'' \"b\")$' --runTestsByPath ./--globalSetup=x.js\n"
    );
}

#[test]
fn many_tests_make_several_runs() {
    for (runner, form) in [
        (Runner::Pytest, "tests.test_a.TestA#test_N"),
        (Runner::Jest, "src/a.test.js#adds N numbers"),
        (Runner::Vitest, "src/a.test.ts.adds > N numbers"),
        (Runner::Playwright, "a.spec.ts.adds › N numbers"),
        (Runner::Nextest, "demo.tests::adds_N"),
        (Runner::Cargo, "demo.tests::adds_N"),
        (Runner::Go, "example.com/demo.TestN"),
        (Runner::Gradle, "com.example.DemoTest.adds_N"),
        (Runner::Maven, "com.example.DemoTestN.adds"),
    ] {
        let all: Vec<Target> = (0..10_000)
            .map(|n| target(&form.replace('N', &format!("{n:05}"))))
            .collect();
        let runs = runner.runs(&all, Runs::default()).expect("all are of use");
        let written = runner.written(&runs);
        if runner != Runner::Pytest {
            let longest = written.lines().map(str::len).max();
            assert!(longest <= Some(32_767), "{}: {longest:?}", runner.as_str());
            assert!(runs.len() > 1, "{}", runner.as_str());
        }
        for n in [0, 1, 4_999, 9_999] {
            let times = written.matches(&format!("{n:05}")).count();
            assert_eq!(times, 1, "{}: {n}", runner.as_str());
        }
    }
}

#[test]
fn files_go_together_where_that_is_asked_for() {
    let all = targets("a.test.js#one\nb.test.js#two");
    let together = Runner::Jest
        .runs(&all, Runs { together: true })
        .expect("all are of use");
    assert_eq!(
        Runner::Jest.written(&together),
        "'--testNamePattern=^(?:one|two)$' --runTestsByPath a.test.js b.test.js\n"
    );
    let with_unplaced = targets("a.test.js#one\nadds.adds");
    let together = Runner::Jest.runs(&with_unplaced, Runs { together: true });
    assert_eq!(
        Runner::Jest.written(&together.expect("all are of use")),
        "'--testNamePattern=^(?:adds|one)$'\n"
    );
}

#[test]
fn a_playwright_test_runs_in_the_project_that_it_failed_in() {
    let of = |name: &str, project: Option<&str>| Target {
        project: project.map(str::to_owned),
        ..target(name)
    };
    let targets = [
        of("cart.spec.ts.cart › pays", Some("firefox")),
        of("cart.spec.ts.cart › pays", Some("Mobile Safari")),
        of("a.spec.ts:3:5", Some("firefox")),
        of("cart.spec.ts.cart › empties", None),
    ];
    let runs = Runner::Playwright.runs(&targets, Runs::default());
    let written = Runner::Playwright.written(&runs.expect("all are of use"));
    assert_eq!(
        written,
        "'--grep=(?:^| )(?:cart\\.spec\\.ts cart empties)(?: @\\S+)*$'\n\
         '--project=Mobile Safari' '--grep=(?:^| )(?:cart\\.spec\\.ts cart pays)(?: @\\S+)*$'\n\
         --project=firefox '--grep=(?:^| )(?:cart\\.spec\\.ts cart pays)(?: @\\S+)*$'\n\
         --project=firefox '(^|/)a\\.spec\\.ts:3:5'\n"
    );
    let hostile = [of("cart.spec.ts.a › b", Some("x\n--config=evil"))];
    assert_eq!(
        Runner::Playwright.runs(&hostile, Runs::default()),
        Err(Unusable::Control)
    );
}
