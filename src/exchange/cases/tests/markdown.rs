//! Markdown in which nobody says what is a case.

use super::*;

#[test]
fn headings_with_bullets_or_beside_cases_are_cases() {
    let text = "# Checkout\n\n## Contents\n\n- [Card](#card)\n\n## Card\n\nWith a card.\n\n* open the *cart*\n\
        * [ ] press pay\n* Expected: a receipt\n\n## Invoice\n\nThe customer asks for one.\n\n## Voucher\n\n\
        ## Refund\n\n- Priority: High\n\n1. open the order\n2. press\n\n## More\n\n### Later\n";
    let read = read("a.md", text);
    let told = |case: &ForeignCase| {
        let steps = case.steps.iter();
        let steps: Vec<String> = steps
            .map(|step| format!("{} → {}", step.action, step.expected))
            .collect();
        [
            case.title.clone(),
            case.description.clone(),
            steps.join("; "),
        ]
    };
    let cases: Vec<[String; 3]> = read.cases.iter().map(told).collect();
    assert_eq!(
        cases,
        [
            [
                "Card",
                "With a card.",
                "open the *cart* → ; press pay → a receipt"
            ],
            ["Invoice", "The customer asks for one.", ""],
            ["Voucher", "", ""],
            ["Refund", "", "open the order → ; press → "],
        ]
    );
    // What is left is told with its line.
    let lost: Vec<_> = { read.losses.iter() }
        .map(|(what, _, loss)| (what, loss.count, loss.examples[0].0.line))
        .collect();
    assert_eq!(lost, [("texts of sections", 1, 3)]);
    assert!(said(&self::read("a.md", "# Login\n\nJust prose.\n"))[0].starts_with("TB0401"));
}

#[test]
fn what_a_table_of_steps_can_not_hold_is_told() {
    let rows =
        "# Login\n\n| # | Step | Expected | Who |\n|---|---|---|---|\n| 1 | open | shown | Bob |\n";
    let steps = read("a.md", rows);
    assert_eq!(steps.cases[0].steps.len(), 1);
    let lost: Vec<_> = { steps.losses.iter() }
        .map(|(what, _, loss)| (what, loss.examples[0].1.as_str()))
        .collect();
    assert_eq!(lost, [("columns of tables of steps", "Who")]);
    let cases = "# All\n\n| ID | Title | Steps | Expected |\n|---|---|---|---|\n| C1 | Login | open | shown |\n";
    let cases = read("a.md", cases);
    assert_eq!(cases.cases.len(), 0);
    assert!(
        said(&cases)[0].contains("the table has a case in each row"),
        "{:?}",
        said(&cases)
    );
    // A label behind bullets begins a part of its own.
    let text = "## Pay\n\n**Steps:**\n- Open\n- Choose\n\n**Expected Result:**\n- It is *open*\n";
    let labelled = read("a.md", text);
    let steps: Vec<_> = labelled.cases[0]
        .steps
        .iter()
        .map(|step| (&*step.action, &*step.expected))
        .collect();
    assert_eq!(steps, [("Open", ""), ("Choose", "- It is *open*")]);
}

#[test]
fn what_stands_beside_parts_of_a_case_is_one() {
    for text in [
        "# Pay\n\n## Preconditions\n\n- a cart\n\n## Steps\n\n1. pay\n\n## Remarks\n\n- by *card*\n\n## Why\n\nWords.\n",
        "## Pay\n\n## Steps\n\n1. pay\n\n## Expected\n\n- paid\n",
        "<!-- test\nid: T1\n-->\n## Pay\n\n1. pay\n\n### Remarks\n\n- by card\n",
    ] {
        let read = read("a.md", text);
        let titles: Vec<&str> = read.cases.iter().map(|case| &*case.title).collect();
        assert_eq!(titles, ["Pay"], "{text}");
    }
    // Sections that documents have are none.
    let text = "# All\n\n## Notes\n\n- read this\n\n## Pay\n\n- pay\n";
    assert_eq!(read("a.md", text).cases.len(), 1);
}

#[test]
fn a_front_matter_has_the_title_of_the_case_below_it() {
    let text = "---\ntitle: Login\nid: TC-9\n---\n\n## Preconditions\n\nuser\n\n## Steps\n\n1. a\n\n\
                ## Notes\n\nn\n\n### More\n\nm\n\n## Expected Result\n\nx\n";
    let found = read("a.md", text);
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    let [case] = found.cases.as_slice() else {
        panic!("{:?}", titles(&found));
    };
    assert_eq!(
        (case.title.as_str(), case.ids.as_slice()),
        ("Login", &["TC-9".to_owned()][..])
    );
    assert_eq!(
        (case.description.as_str(), case.preconditions.trim()),
        ("", "user")
    );
    let [step] = case.steps.as_slice() else {
        panic!("{:?}", case.steps);
    };
    assert_eq!((step.action.as_str(), step.expected.as_str()), ("a", "x"));
    let [(heading, notes)] = case.other.as_slice() else {
        panic!("{:?}", case.other);
    };
    assert_eq!(heading, "Notes");
    assert!(
        notes.contains("### More") && notes.ends_with('m'),
        "{notes}"
    );
    // A title of a document stays one, whatever its cases are called.
    let text =
        "---\ntitle: All\n---\n\n## In\n\n### Steps\n\n1. a\n\n## Out\n\n### Steps\n\n1. b\n";
    assert_eq!(titles(&read("a.md", text)).len(), 2);
}

#[test]
fn headings_between_parts_leave_the_parts_to_their_case() {
    for parts in [
        "### Preconditions\n\np\n\n### Environment\n\nfoo\n\n### Steps\n\n1. x\n\n### Expected\n\nbar\n",
        "### Steps\n\n1. x\n\n### Environment\n\nfoo\n\n### Expected\n\nbar\n",
    ] {
        let found = read("a.md", &format!("# S\n\n## A\n\n{parts}"));
        assert_eq!(titles(&found), ["A"], "{parts}");
        let case = &found.cases[0];
        assert_eq!(
            (case.steps.len(), case.steps[0].expected.as_str()),
            (1, "bar"),
            "{parts}"
        );
        assert_eq!(
            case.other,
            [("Environment".to_owned(), "foo".to_owned())],
            "{parts}"
        );
    }
    // Cases and their parts may stand at one level, too.
    let flat = "# S\n\n## A\n\n## Steps\n\n1. x\n\n## B\n\n## Steps\n\n1. y\n";
    assert_eq!(titles(&read("a.md", flat)), ["A", "B"]);
    let noted = "# S\n\n## A\n\n1. x\n\n## B\n\n1. y\n\n### Notes\n\nfoo\n\n### Hints\n\n- bar\n";
    let noted = read("a.md", noted);
    assert_eq!(titles(&noted), ["A", "B"]);
    assert_eq!(
        (noted.cases[1].steps.len(), noted.cases[1].other.len()),
        (1, 2)
    );
}

/// Numbers may begin anew in each file: what two cases are called names none of them, and none is left out.
#[test]
fn ids_in_headings_are_ids_of_cases() {
    let case = |title: &str| format!("## {title}\n\n1. press\n\n");
    let text = [
        "TC-1: in",
        "TC-2 - out",
        "TC-3: back",
        "[TC-3] forth",
        "UTF-8: read",
    ]
    .map(case);
    let read = read("a.md", &format!("# Sign\n\n{}", text.concat()));
    let told: Vec<(&str, &str)> = { read.cases.iter() }
        .map(|case| (case.title.as_str(), case.ids[0].as_str()))
        .collect();
    assert_eq!(told[..2], [("TC-1: in", "TC-1"), ("TC-2 - out", "TC-2")]);
    assert_eq!(told.len(), 5);
    assert!(
        told[2..].iter().all(|(_, id)| id.starts_with("import-")),
        "{told:?}"
    );
    assert!(read.findings.is_empty(), "{:?}", read.findings);
}
