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

/// Every kind is on the rendered page, names are inert, and each link leads to a file.
#[test]
fn every_kind_renders() {
    let repo = crate::shop::shop();
    let hostile = "<script>alert(1)</script>";
    let mut board = format!("name: \"All {hostile}\"\nwidgets:\n");
    for kind in WidgetKind::ALL {
        write!(board, "- {{kind: {}, title: 'T {hostile}'", kind.as_str()).expect("writes");
        match kind.as_str() {
            "metric" => board += ", metric: pass_rate",
            "top_cases" => board += ", metric: duration",
            "pie" => board += ", by: layer",
            "markdown" => board += ", body: 'Ask **alice**. <img src=x onerror=alert(2)>'",
            _ => {}
        }
        board += "}\n";
    }
    repo.write("projects/shop/dashboards/all.yaml", &board);
    let page = |repo: &TestRepo| {
        let ran = repo.run(["render", "--out", "../site"]);
        assert_eq!(ran.code, Some(0), "{ran}");
        repo.read("../site/shop/dashboards/all.html")
    };
    let empty = page(&repo);
    assert!(empty.contains("No closed launch yet"), "{empty}");
    repo.allure("../results", &crate::shop::result("a", hostile, "failed"));
    repo.allure("../results", &crate::shop::result("b", "two", "passed"));
    repo.close_with("Nightly", "../results");
    let html = page(&repo);
    assert_eq!(
        html.matches("<section class=\"widget").count(),
        WidgetKind::ALL.len()
    );
    assert!(!html.contains(hostile) && !html.contains("<img"), "{html}");
    assert!(html.contains("Ask <strong>alice</strong>"));
    assert!(html.contains("results.html#s=failed"), "{html}");
    let own = html.split("href=\"").skip(1);
    for link in own.filter_map(|rest| rest.split('"').next()) {
        let file = link.split('#').next().unwrap_or_default();
        let is_file = !file.is_empty() && !file.contains(':');
        let path = repo.root().join("../site/shop/dashboards").join(file);
        assert!(!is_file || path.is_file(), "{link} leads nowhere");
    }
}

/// A project without a dashboard has one that says something with no launch at all.
#[test]
fn a_project_without_dashboards_has_one() {
    let repo = crate::shop::shop();
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let html = repo.read("../site/shop/dashboards/overview.html");
    assert!(html.contains("No closed launch yet") && html.contains("launch run"));
    let project = repo.read("../site/shop/index.html");
    assert!(project.contains("href=\"dashboards/overview.html\""));
}

/// The numbers of a widget's table, by the first cell of each row.
fn counted(html: &str, title: &str) -> std::collections::BTreeMap<String, u64> {
    let (_, rest) = html.split_once(title).expect("the widget");
    let (_, rest) = rest.split_once("<tbody>").expect("its table");
    let (rows, _) = rest.split_once("</tbody>").expect("its end");
    let cells = |row: &str| -> Vec<String> {
        let cells = row.split("<td").skip(1);
        let text = |cell: &str| {
            let parts = cell.split('<').filter_map(|part| part.split_once('>'));
            parts.map(|(_, text)| text).collect::<String>()
        };
        cells.map(|cell| text(&format!("<td{cell}"))).collect()
    };
    let rows = rows.split("<tr>").skip(1).map(cells);
    rows.map(|cells| {
        (
            cells[0].clone(),
            cells[1].replace(',', "").parse().expect("a number"),
        )
    })
    .collect()
}

/// What a widget counts, a query counts too.
#[test]
fn widgets_count_as_queries_do() {
    let repo = crate::shop::shop();
    let board = "name: Counts\nwidgets:\n\
        - {kind: last_launch, title: W1}\n\
        - {kind: last_launch, title: W2, query: 'name ~= o'}\n\
        - {kind: pie, of: results, by: layer, title: W3}\n\
        - {kind: pie, of: cases, by: execution, title: W4}\n\
        - {kind: pie, of: results, by: status, query: 'muted = false', title: W5}\n";
    repo.write("projects/shop/dashboards/counts.yaml", board);
    repo.commit("A dashboard");
    let labelled = |uuid: &str, name: &str, status: &str, layer: &str| {
        let labels = serde_json::json!({"labels": [{"name": "layer", "value": layer}]});
        crate::shop::with(crate::shop::result(uuid, name, status), &labels)
    };
    for (uuid, name, status, layer) in [
        ("a", "one", "passed", "unit"),
        ("b", "two", "failed", "unit"),
        ("c", "three", "broken", "api"),
        ("d", "four", "skipped", "e2e"),
        ("e", "expired", "passed", "e2e"),
    ] {
        repo.allure("results", &labelled(uuid, name, status, layer));
    }
    let (launch, _) = repo.close_with("Nightly", "results");
    let ran = repo.run(["render", "--out", "../site"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let html = repo.read("../site/shop/dashboards/counts.html");
    let count = |query: &str, of: &str| -> u64 {
        let mut args = vec!["query", query, "--of", of, "--format", "count"];
        if of == "results" {
            args.extend(["--launch", &launch]);
        }
        let ran = repo.output("", &args);
        ran.stdout
            .trim()
            .parse()
            .unwrap_or_else(|e| panic!("{e}: {ran}"))
    };
    for (title, field, of, rest) in [
        (">W1<", "status", "results", "overridden = false"),
        (
            ">W2<",
            "status",
            "results",
            "overridden = false and name ~= o",
        ),
        (">W3<", "layer", "results", "overridden = false"),
        (">W4<", "execution", "cases", "id != none"),
        (">W5<", "status", "results", "muted = false"),
    ] {
        let counted = counted(&html, title);
        assert!(!counted.is_empty(), "{title} in {html}");
        for (value, n) in &counted {
            assert_eq!(
                *n,
                count(&format!("{field} = {value} and {rest}"), of),
                "{title} {value}"
            );
        }
        assert_eq!(counted.values().sum::<u64>(), count(rest, of), "{title}");
    }
}
