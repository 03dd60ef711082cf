//! Dashboards as files, and the page that says what each widget shows.

use std::fmt::Write as _;

use tallybook::model::{Metric, Size, WidgetKind};

use crate::repo::TestRepo;

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> String {
    let words: Vec<String> = all.iter().map(|one| format!("`{}`", word(*one))).collect();
    words.join(", ")
}

/// With `TALLYBOOK_WRITE_TABLES` set the tables are written instead of compared.
#[test]
fn the_page_has_all_kinds() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dashboards.md");
    let text = std::fs::read_to_string(&path).expect("the page reads");
    let mut table = String::from(
        "| kind | shows | its query is put to | takes | needs | size |\n|---|---|---|---|---|---|\n",
    );
    for kind in WidgetKind::ALL {
        let needs = kind.needs();
        let takes: Vec<_> = kind
            .takes()
            .into_iter()
            .filter(|o| !needs.contains(o))
            .collect();
        let subjects: Vec<&str> = kind.subjects().iter().map(|of| of.as_str()).collect();
        writeln!(
            table,
            "| `{}` | {} | {} | {} | {} | `{}` |",
            kind.as_str(),
            kind.shows(),
            subjects.join(", "),
            words(&takes, |option| option.as_str()),
            words(needs, |option| option.as_str()),
            kind.size().as_str()
        )
        .expect("a text takes it");
    }
    let sizes = Size::ALL
        .iter()
        .map(|size| format!("`{}` {}", size.as_str(), size.columns()));
    let sizes: Vec<String> = sizes.collect();
    writeln!(
        table,
        "\nSizes, in columns of twelve: {}.",
        sizes.join(", ")
    )
    .expect("a text takes it");
    for kind in [WidgetKind::Metric, WidgetKind::TopCases] {
        let metrics = words(kind.metrics(), Metric::as_str);
        writeln!(table, "\nMetrics of `{}`: {metrics}.", kind.as_str()).expect("a text takes it");
    }
    let (begin, end) = ("<!-- kinds -->\n", "<!-- /kinds -->");
    let (before, rest) = text.split_once(begin).expect("the table's beginning");
    let (_, after) = rest.split_once(end).expect("the table's end");
    let made = format!("{before}{begin}{table}{end}{after}");
    if std::env::var_os("TALLYBOOK_WRITE_TABLES").is_some() {
        std::fs::write(&path, &made).expect("the page is written");
        return;
    }
    assert!(
        text == made,
        "docs/dashboards.md is stale: run this test with TALLYBOOK_WRITE_TABLES=1"
    );
}

/// The example of the page is a dashboard that `validate` has nothing to say of.
#[test]
fn the_example_of_the_page_is_sound() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dashboards.md");
    let text = std::fs::read_to_string(path).expect("the page reads");
    let (_, rest) = text.split_once("```yaml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let repo = crate::shop::shop();
    repo.write("projects/shop/dashboards/release.yaml", example);
    let findings = |repo: &TestRepo| repo.run(["validate", "--format", "short"]).stdout;
    let ours = findings(&repo);
    assert!(!ours.contains("dashboards/"), "{ours}");
    repo.write(
        "projects/shop/dashboards/release.yaml",
        example.replace("by: layer", "by: layr"),
    );
    let ours = findings(&repo);
    assert!(ours.contains("TB0361"), "{ours}");
}
