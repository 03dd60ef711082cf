use std::time::Instant;

mod markdown;

use proptest::prelude::*;

use super::*;
use crate::author::case::ForeignStep;
use crate::diag::Severity;

fn source(name: &str, text: &str) -> CaseSource {
    CaseSource {
        name: name.into(),
        folders: Vec::new(),
        is_listed: false,
        text: text.into(),
    }
}

fn read(name: &str, text: &str) -> ReadCases {
    read_cases(&[source(name, text)], &CaseReading::default())
}

fn said(read: &ReadCases) -> Vec<String> {
    let one = |finding: &Finding| format!("{} {}", finding.code.id, finding.message);
    read.findings.iter().map(one).collect()
}

fn titles(read: &ReadCases) -> Vec<&str> {
    read.cases.iter().map(|case| case.title.as_str()).collect()
}

#[test]
fn an_outline_leaves_other_scenarios_their_results() {
    let feature = read(
        "a.feature",
        "Feature: f\n\n  Scenario Outline: login <x>\n    Given a\n\n    Examples:\n      | x |\n      | one |\n      | two |\n\n  Scenario: login works\n    Given a\n\n  Scenario Outline: pay <y>\n    Given a\n\n    Examples:\n      | y |\n      | 1 |\n",
    );
    let selectors = feature.cases.iter().map(|case| case.selectors.clone());
    let selectors: Vec<Vec<String>> = selectors.collect();
    let expected: [&[&str]; 3] = [
        &["a.feature#login one", "a.feature#login two"],
        &["a.feature#login works"],
        &["a.feature#pay *"],
    ];
    assert_eq!(selectors, expected);
}

#[test]
fn files_tell_what_they_are() {
    let all = [
        (
            "a.xml",
            "<?xml version=\"1.0\"?><suite><sections></sections></suite>",
            "TestRail XML",
        ),
        (
            "a.xml",
            "<testsuite id=\"\" name=\"\"><testcase internalid=\"1\" name=\"x\"/></testsuite>",
            "TestLink XML",
        ),
        (
            "a.xml",
            "<testcases><testcase name=\"x\"/></testcases>",
            "TestLink XML",
        ),
        (
            "a.csv",
            "ID,Title,Section Hierarchy\nC1,x,y\n",
            "TestRail CSV",
        ),
        ("a.csv", "Name,Test Script (BDD)\nx,\n", "Zephyr Scale CSV"),
        (
            "a.csv",
            "Issue Key,Summary,Test Step,Test Data,Test Result\nA-1,x,,,\n",
            "Zephyr Squad CSV",
        ),
        (
            "a.csv",
            "Issue Id;Test Summary;Action;Data;Expected Result\n1;x;;;\n",
            "Xray CSV",
        ),
        ("a.csv", "allure_id;name\n1;x\n", "TestOps CSV"),
        ("a.csv", "nr,name\n1,x\n", "CSV"),
        ("a", "nr\tname\n1\tx\n", "CSV"),
        (
            "a",
            "# language: de\nFunktionalität: x\n\nSzenario: y\nWenn z\n",
            "Gherkin",
        ),
        ("a.md", "# x\n\n## Steps\n\n1. y\n", "Markdown"),
    ];
    for (name, text, format) in all {
        let read = read(name, text);
        let formats: Vec<&str> = read.formats.keys().copied().collect();
        assert_eq!(formats, [format], "{text}\n{:?}", said(&read));
    }
    let junit = read(
        "a.xml",
        "<testsuite name=\"x\" tests=\"1\"><testcase classname=\"a\" name=\"b\"/></testsuite>",
    );
    assert_eq!(said(&junit), ["TB0402 it is JUnit XML: results, not cases"]);
    assert_eq!(said(&read("a.bin", "words and words")).len(), 1);
    assert_eq!(said(&read("a.csv", " \n")), ["TB0402 the file is empty"]);
}

#[test]
fn rows_of_one_case_are_put_together() {
    let text = "id,title,steps,expected\nA-1,One,a,b\n,,c,d\nA-2,Two,1. x 2. y,z\nA-1,,e,f\nA-2,Other,g,\n";
    let read = read("a.csv", text);
    assert_eq!(titles(&read), ["One", "Two"]);
    let steps = |case: &ForeignCase| -> Vec<String> {
        let one = |step: &ForeignStep| format!("{}>{}", step.action, step.expected);
        case.steps.iter().map(one).collect()
    };
    assert_eq!(steps(&read.cases[0]), ["a>b", "c>d", "e>f"]);
    assert_eq!(steps(&read.cases[1]), ["x>", "y>z"]);
    assert_eq!(
        said(&read),
        ["TB0404 `A-2` is here twice: first in line 4 of `a.csv`"]
    );
    assert_eq!(
        read.findings[0].span.map(|span| &text[span.range()]),
        Some("A-2,Other,g,")
    );
}

#[test]
fn definitions_of_xray_are_steps_and_both_of_its_ids_are_kept() {
    let text = "Issue ID,Issue key,Test Type,Summary,Action,Gherkin,Generic\n\
                1,C-7,Manual,Add,Press 1,,\n\
                2,C-8,Cucumber,Subtract,,\"Given a 5\nWhen I press -\",\n\
                3,C-9,Generic,Divide,,,com.acme.Div.test\n";
    let read = read("a.csv", text);
    assert_eq!(said(&read), [""; 0]);
    let actions = |case: &ForeignCase| -> Vec<String> {
        case.steps.iter().map(|step| step.action.clone()).collect()
    };
    assert_eq!(actions(&read.cases[0]), ["Press 1"]);
    assert_eq!(actions(&read.cases[1]), ["Given a 5", "When I press -"]);
    assert_eq!(actions(&read.cases[2]), ["com.acme.Div.test"]);
    let ids: Vec<&[String]> = read.cases.iter().map(|case| &*case.ids).collect();
    assert_eq!(
        ids,
        [["C-7", "xray-1"], ["C-8", "xray-2"], ["C-9", "xray-3"]]
    );
}

#[test]
fn separate_steps_of_testrail_are_known_by_their_parts() {
    let text = "\"ID\",\"Title\",\"Priority\",\"Section Depth\",\"Steps (new)\",\"Steps (new) (Expected Result)\",\"Steps (new) (Shared step ID)\",\"Steps (new) (Step)\"\n\
                \"C1\",\"Install\",\"High\",\"0\",\"1. Run\nExpected Result:\nRuns\",\"1. Runs\",\"\",\"1. Run\"\n";
    let read = read("a.csv", text);
    assert_eq!(
        read.formats.keys().copied().collect::<Vec<_>>(),
        ["TestRail CSV"]
    );
    let step = &read.cases[0].steps[0];
    assert_eq!(
        (step.action.as_str(), step.expected.as_str()),
        ("Run", "Runs")
    );
}

#[test]
fn a_case_without_an_id_is_known_by_its_section_and_title() {
    let read_ids = |text: &str| -> Vec<String> {
        let read = read("a.csv", text);
        read.cases.iter().map(|case| case.ids[0].clone()).collect()
    };
    let ids = read_ids("title,section\nOne,a\nOne,a\nOne,b\n");
    assert!(ids[0].starts_with("import-") && ids[1] == format!("{}-2", ids[0]));
    assert_ne!(ids[0], ids[2]);
    assert_eq!(ids[0], read_ids("section,title,owner\na,One,x\n")[0]);
}

#[test]
fn what_is_wrong_has_a_place_and_hides_nothing_else() {
    let broken = read(
        "a.csv",
        "id,title\nA-1,One\nA-2,Two,,x\n,,\nA-3,\"Three\nA-4,Four\n",
    );
    assert_eq!(titles(&broken), ["One"]);
    assert_eq!(
        said(&broken),
        [
            "TB0401 the row has 4 cells, the first row 2",
            "TB0401 a cell of the row opens a quote that is never closed"
        ]
    );
    let missing = read("a.csv", "nr,titel\n1,x\n");
    assert!(
        said(&missing)[0].contains("no column of the table is known to say what cases are called")
    );
    let twice = read("a.csv", "id,title,title\n1,One,Other\n2,Two,Two\n");
    assert_eq!(titles(&twice), ["One", "Two"]);
    let lost = format!("{:?}", twice.losses);
    assert!(lost.contains("Other") && !lost.contains("Two"), "{lost}");
    for (table, next) in [
        ("nr,titel\n1,x\n", "--map"),
        ("id|title\n1|x\n", "--separator '|'"),
    ] {
        let help = format!("{:?}", read("a.csv", table).findings[0].help);
        assert!(help.contains(next), "{help}");
    }
    let feature = read(
        "a.feature",
        "Feature: F\n  Scenario: One\n    Given a\n    nonsense\n    When b\n  Scenario: Two\n    Given c\n\"\"\"\nopen\n",
    );
    assert_eq!(titles(&feature), ["One", "Two"]);
    assert_eq!(said(&feature).len(), 2);
    let xml = read(
        "a.xml",
        "<suite><sections><section><name>S</name><cases><case><id>C1</id><title>One</title></case><case><id>C2</id><title>Tw",
    );
    assert_eq!(titles(&xml), ["One", "Tw"]);
    assert!(
        said(&xml)[0].starts_with("TB0401 the document ends inside"),
        "{:?}",
        said(&xml)
    );
    let entities = read(
        "a.xml",
        "<!DOCTYPE suite [<!ENTITY a \"&b;&b;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<suite><name>&x;</name></suite>",
    );
    let format = said(&entities);
    assert!(format[0].contains("DOCTYPE"), "{format:?}");
    let untitled = read("a.csv", "id,title,steps\nA-1,,do\n");
    assert_eq!(titles(&untitled), ["A-1"]);
    assert_eq!(untitled.findings[0].severity, Severity::Warning);
}

#[test]
fn what_lies_beside_cases_in_a_folder_is_no_error() {
    let listed = |name: &str, text: &str| CaseSource {
        is_listed: true,
        ..source(name, text)
    };
    let others = [
        listed("README.md", "Prose and nothing else.\n"),
        listed("log.txt", "ran, then\nended, late\n"),
        listed("notes.txt", "call Ann\n"),
        listed("pom.xml", "<project/>"),
    ];
    let severities = |sources: &[CaseSource]| -> Vec<Severity> {
        let read = read_cases(sources, &CaseReading::default());
        read.findings
            .iter()
            .map(|finding| finding.severity)
            .collect()
    };
    let mut with_cases = others.to_vec();
    with_cases.push(listed("cases.csv", "title\nOne\n"));
    assert_eq!(severities(&with_cases), [Severity::Warning; 4]);
    // Where there is no case at all, the folder was meant to hold some.
    assert_eq!(severities(&others), [Severity::Error; 4]);
    // So is a file that somebody named, or a table that nobody can read.
    with_cases[2].is_listed = false;
    with_cases.push(listed("more.csv", "nr,titel\n1,x\n"));
    let found = severities(&with_cases);
    let errors = found.iter().filter(|found| **found == Severity::Error);
    assert_eq!(errors.count(), 2, "{found:?}");
}

#[test]
fn steps_of_azure_devops_are_told_by_their_words() {
    let table = "ID,Work Item Type,Title,Test Step,Step Action,Step Expected\n\
                 7,Test Case,Sign in,,,\n,,,1,Open it,It is there\n,,,2,Type,\n8,Test Case,Sign out,1,Go,Gone\n";
    let found = read("a.csv", table);
    let told: Vec<Vec<(&str, &str)>> = { found.cases.iter() }
        .map(|case| {
            let steps = case.steps.iter();
            steps.map(|step| (&*step.action, &*step.expected)).collect()
        })
        .collect();
    assert_eq!(
        told,
        [
            vec![("Open it", "It is there"), ("Type", "")],
            vec![("Go", "Gone")]
        ]
    );
    assert!(found.losses.is_empty(), "{:?}", found.losses);
    let own = read(
        "cases.jsonl",
        "{\"tallybook\":\"export-1\",\"text\":\"\"}\n",
    );
    assert!(
        said(&own)[0].contains("the case's file does not read"),
        "{:?}",
        said(&own)
    );
}

#[test]
fn scenarios_of_testrail_are_steps() {
    let table = "ID,Title,Section,Section Depth,BDD Scenarios\n\
        C1,Cart,A,0,\"[{\"\"content\"\":\"\"Given a cart\\nWhen I pay\"\"},{\"\"content\"\":\"\"Then it is *mine*\"\"}]\"\n";
    let found = read("a.csv", table);
    let steps: Vec<&str> = found.cases[0]
        .steps
        .iter()
        .map(|step| step.action.as_str())
        .collect();
    assert_eq!(steps, ["Given a cart", "When I pay", "Then it is *mine*"]);
}

#[test]
fn rows_go_on_with_no_other_case_than_theirs() {
    let table =
        "title,steps,expected\nZ,z1,z\nA,one,two,three,four\n,a2,e2\nA,a3,e3\nB,b1,b\n,b2,b\n";
    let found = read("a.csv", table);
    let told: Vec<(&str, usize)> = { found.cases.iter() }
        .map(|case| (case.title.as_str(), case.steps.len()))
        .collect();
    assert_eq!(told, [("Z", 1), ("B", 2)]);
    let left_out = "TB0401 the row goes on with that of line 3, which is left out";
    assert_eq!(said(&found)[1..], [left_out; 2]);
}

#[test]
fn a_scenario_without_a_name_is_called_as_its_first_step() {
    let read = read("a.feature", "Feature: F\n  Scenario:\n    Given a cart\n");
    assert_eq!(titles(&read), ["Given a cart"]);
}

#[test]
fn hostile_files_end_in_findings_and_soon() {
    let deep = format!("<suite>{}", "<section>".repeat(10_000));
    let deep_suites = format!(
        "<testsuite name=\"a\">{}",
        "<testsuite name=\"b\">".repeat(150)
    );
    let wide = format!("title\n{}", "x\n".repeat(40_000));
    let all = [
        ("a.xml", deep),
        ("a.xml", deep_suites),
        ("a.csv", wide),
        ("a.csv", format!("title,{}\nx\n", "c,".repeat(50_000))),
        ("a.csv", format!("title\n\"{}", "x\n".repeat(200_000))),
        (
            "a.csv",
            format!("title,steps\nx,\"{}\"\n", "<b>".repeat(200_000)),
        ),
        (
            "a.csv",
            format!("title,steps\nx,\"{}\"\n", "<p".repeat(400_000)),
        ),
        (
            "a.csv",
            format!("title,steps\nx,\"{}\"\n", "<a \u{27}".repeat(200_000)),
        ),
        (
            "a.csv",
            format!("title,steps\nx,\"{}\"\n", "h1. {code}\n".repeat(50_000)),
        ),
        ("a.csv", "title,steps\n\0,\u{202e}\n".to_owned()),
        (
            "a.feature",
            format!("Feature: F\n{}", "Scenario: s\nGiven a\n".repeat(20_000)),
        ),
        (
            "a.feature",
            format!("Feature: F\nScenario: s\n{}", "@a\n".repeat(100_000)),
        ),
        (
            "a.feature",
            format!(
                "Feature: F\nScenario Outline: s\nGiven a\nExamples:\n|{}\n",
                "a|".repeat(50_000)
            ),
        ),
        ("a.md", "# ".repeat(100_000)),
        (
            "a.md",
            format!("# t\n\n## Steps\n\n{}", "1. a\n".repeat(20_000)),
        ),
        ("a.md", format!("# t\n\n{}", "> ".repeat(50_000))),
        ("a.md", "<!--".repeat(50_000)),
        (
            "a.md",
            format!("# t\n\n1. a\n\n<!-- a\n{}", "b\n".repeat(300_000)),
        ),
        (
            "a.md",
            "## A\n\nID: C1\n\n### Steps\n\n1. go\n\n".repeat(15_000),
        ),
        (
            "a.feature",
            format!(
                "Feature: F\nScenario: s\nGiven a\n{}",
                "|a|b|\n".repeat(50_000)
            ),
        ),
        (
            "a.feature",
            format!(
                "Feature: F\nScenario: s\nGiven a\n{}",
                "x\n".repeat(300_000)
            ),
        ),
        (
            "a.feature",
            format!(
                "{}\nFeature: F\n{}",
                "@a ".repeat(20_000),
                "Scenario: s\n".repeat(5000)
            ),
        ),
        (
            "a.xml",
            format!(
                "<suite><cases>{}</cases></suite>",
                "<case/>".repeat(200_000)
            ),
        ),
        (
            "a.xml",
            format!(
                "<suite><name>{}</name><cases>{}</cases></suite>",
                "x".repeat(200_000),
                "<case><title>t</title></case>".repeat(40_000)
            ),
        ),
        (
            "a.csv",
            format!("title,steps\n{}", "a,b,c\n".repeat(100_000)),
        ),
        (
            "a.csv",
            format!(
                "title,{}\nx,{}{}\n",
                ["steps"; 900].join(","),
                "abc ".repeat(300_000),
                ",x".repeat(899)
            ),
        ),
    ];
    for (name, text) in all {
        let start = Instant::now();
        let read = read(name, &text);
        let took = start.elapsed();
        let head: String = text.chars().take(60).collect();
        // Without optimisation; a quadratic reader takes minutes.
        assert!(took.as_secs() < 20, "{took:?} {head}");
        assert!(
            !read.cases.is_empty() || !read.findings.is_empty(),
            "{head}"
        );
    }
}

#[test]
fn places_are_those_of_lines() {
    let text = "a\r\nbc\n\nd";
    let lines = Lines::of(text);
    let at = |line| &text[lines.span(text, line).range()];
    assert_eq!([1, 2, 3, 4, 5, 0].map(at), ["a", "bc", "", "d", "", ""]);
    let twice = read(
        "a.md",
        "## A\n\nID: C1\n\n1. go\n\n## B\n\nID: c1\n\n1. go\n",
    );
    assert_eq!(
        said(&twice),
        ["TB0404 `c1` is here twice: first in line 1 of `a.md`"]
    );
    assert_eq!(twice.findings[0].span, Some(Span::new(21, 25)));
}

#[test]
fn rows_of_one_title_are_told() {
    let rows = "title,steps\nLogin,open\nLogin,close\nLogin,leave\nLogout,click\nLogin,other\n";
    let table = read("a.csv", rows);
    let titles = |read: &ReadCases| -> Vec<(String, usize)> {
        let cases = read.cases.iter();
        cases
            .map(|case| (case.title.clone(), case.steps.len()))
            .collect()
    };
    let named = |all: &[(&str, usize)]| -> Vec<(String, usize)> {
        all.iter()
            .map(|(title, n)| ((*title).to_owned(), *n))
            .collect()
    };
    assert_eq!(
        titles(&table),
        named(&[("Login", 3), ("Logout", 1), ("Login", 1)])
    );
    assert_eq!(
        said(&table),
        [
            "TB0410 2 rows repeat the title above without an id, first `Login`: taken as steps of that case"
        ]
    );
    let whole = read(
        "a.csv",
        "title,steps\nLogin,\"1. open\n2. enter\"\nLogin,\"1. open\n2. leave\"\n",
    );
    assert_eq!(titles(&whole), named(&[("Login", 2), ("Login", 2)]));
    assert_eq!(said(&whole), [""; 0]);
    assert_ne!(whole.cases[0].ids, whole.cases[1].ids);
}

#[test]
fn numbers_of_xray_are_its_own() {
    let rows = "TCID,Test Summary,Action,Expected Result\n1,Login,open,is open\n1,,enter,in\n2,Logout,click,out\n";
    let ids = |reading: &CaseReading| -> Vec<Vec<String>> {
        let read = read_cases(&[source("a.csv", rows)], reading);
        read.cases.into_iter().map(|case| case.ids).collect()
    };
    assert_eq!(ids(&CaseReading::default()), [["xray-1"], ["xray-2"]]);
    let reading = CaseReading {
        id_prefix: "X-".into(),
        ..CaseReading::default()
    };
    assert_eq!(ids(&reading), [["X-1"], ["X-2"]]);
    let keyed = "Issue ID,Issue Key,Test Summary,Action\n1001,CALC-1,Add,Open\n";
    assert_eq!(read("a.csv", keyed).cases[0].ids, ["CALC-1", "xray-1001"]);
}

#[test]
fn tags_that_all_scenarios_would_have_are_bounded() {
    let tags: Vec<String> = (0..150).map(|n| format!("@t{n}")).collect();
    let text = format!("{}\nFeature: F\nScenario: s\nGiven a\n", tags.join(" "));
    let read = read("a.feature", &text);
    assert_eq!(read.cases[0].said.len(), 100);
    let lost: Vec<_> = { read.losses.iter() }
        .map(|(what, _, loss)| (what, loss.count, loss.examples[0].1.as_str()))
        .collect();
    assert_eq!(lost, [("tags of features", 50, "t100")]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_panics(
        at in 0..10_usize,
        text in "([,;\t\n\"|#@<>/&=:*1-]|<!\\[CDATA\\[|\\]\\]>|</?(suite|section|case|title|testsuite|testcase|steps|step|custom)( name=\"x\")?>|(ID|Title|Name|Key|Steps|allure_id|Action)|Feature: |Scenario: |Examples:|Given |Then |\"\"\"|## Steps|1\\. |---\n|ä|\u{0}|\u{202e}| ){0,60}",
    ) {
        let reading = CaseReading {
            format: Some(CaseFormat::ALL[at]),
            ..CaseReading::default()
        };
        read_cases(&[source("a.x", &text)], &reading);
        read("a", &text);
    }
}
