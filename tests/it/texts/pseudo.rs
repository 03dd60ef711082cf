//! The playground in a language that has every text between marks: what stands outside of them is data, or is named
//! here as not translated yet.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::page::{Bare, MARKS, bare};
use super::scan::catalogue;
use crate::demo;

/// Signs that stand inside of numbers.
const PLAIN: [&str; 2] = ["number.group", "number.decimal"];

/// Something that pages say beside the catalogue.
struct Known {
    /// What paths of such pages begin with.
    pages: &'static str,
    /// What its place has in it.
    place: &'static str,
    /// How many words it has at most.
    words: usize,
    #[expect(dead_code, reason = "it is for whoever reads the list")]
    what: &'static str,
}

const fn data(place: &'static str, words: usize, what: &'static str) -> Known {
    Known {
        pages: "",
        place,
        words,
        what,
    }
}

const fn not_yet(pages: &'static str, place: &'static str, what: &'static str) -> Known {
    Known {
        pages,
        place,
        words: usize::MAX,
        what,
    }
}

const TITLE: usize = 20;

/// What stands in elements with `dir="auto"` is taken for what people and tests wrote: the sentences of reviews, which
/// are told by `review` and not in the catalogue yet, stand in such as well.
///
/// What is bare, and may be: data that no class of its element says to be data, and what is said below the site and
/// not in the catalogue yet.
const KNOWN: [Known; 18] = [
    data(
        "head title",
        TITLE,
        "names of workspaces, projects and launches",
    ),
    data("@aria-label svg", 1, "the logo names the program"),
    data(
        "td.wide.quiet",
        4,
        "branches, people, formats, variables, and words of files: `automated`, `critical`",
    ),
    data("td.wide a", 1, "ids of cases"),
    data("div.fact dt", 3, "names of fields and variables"),
    data("div.fact dd a", 2, "names of issues"),
    data(
        "ul.links li span.kind",
        2,
        "types of links and relations, as files have them",
    ),
    data("tbody tr th", 2, "names of parameters"),
    data("p.meta span", 4, "variables of environments"),
    data("p.proof span", 3, "branches and people"),
    data("@title p.at", 1, "paths"),
    data(
        "@title span.mono",
        TITLE,
        "ids, and titles of what ids name",
    ),
    data("@title a.mono", TITLE, "titles of what ids name"),
    data(
        "td span.remark",
        TITLE,
        "what the account of an input noted when it was closed",
    ),
    data("text.lane", 3, "names of workers"),
    data("@aria-label svg.strip", TITLE, "titles of cases"),
    data("svg.chart.tree a text", 4, "names of sections"),
    not_yet(
        "changes",
        "span.lead",
        "the first sentence of a review is told by `review`",
    ),
];

impl Known {
    fn has(&self, page: &str, one: &Bare) -> bool {
        let at = one.place.find(self.place).map(|at| at + self.place.len());
        let ends =
            at.is_some_and(|at| matches!(one.place.as_bytes().get(at), None | Some(b'.' | b' ')));
        page.starts_with(self.pages)
            && (self.place.is_empty() || ends)
            && one.text.split_whitespace().count() <= self.words
    }
}

/// The catalogue with every text between marks.
fn pseudo() -> String {
    let mut sections: BTreeMap<String, String> = BTreeMap::new();
    for (key, text) in catalogue() {
        let marked = |text: &str| match PLAIN.contains(&key.as_str()) {
            true => text.to_owned(),
            false => format!("{}{text}{}", MARKS[0], MARKS[1]),
        };
        let marked = marks(&text, &marked);
        let json = serde_json::to_string(&marked).expect("texts are JSON");
        let (section, name) = key.split_once('.').expect("a section and a name");
        let lines = sections.entry(section.to_owned()).or_default();
        writeln!(lines, "  {name:?}: {json}").expect("a text is written");
    }
    let sections = sections.iter();
    sections
        .map(|(name, lines)| format!("{name}:\n{lines}"))
        .collect()
}

fn marks(text: &serde_yaml::Value, marked: &dyn Fn(&str) -> String) -> serde_yaml::Value {
    match text {
        serde_yaml::Value::Mapping(forms) => {
            let forms = forms.iter();
            let forms = forms.map(|(name, form)| (name.clone(), marks(form, marked)));
            serde_yaml::Value::Mapping(forms.collect())
        }
        text => marked(text.as_str().unwrap_or_default()).into(),
    }
}

#[test]
fn pages_say_nothing_beside_the_catalogue() {
    let repo = demo::playground();
    repo.write("playground/templates/site/texts/en-XA.yaml", pseudo());
    let settings = repo.read("playground/tallybook.yaml");
    repo.write(
        "playground/tallybook.yaml",
        format!("{settings}\nsite: {{language: en-XA}}\n"),
    );
    let args = ["render", "--out", "../marked", "--changes", "5"];
    let ran = repo.run_in("playground", args);
    assert_eq!(
        (ran.code, ran.stderr.contains("TB038")),
        (Some(0), false),
        "{ran}"
    );

    let mut left: Vec<(String, Bare)> = Vec::new();
    let mut used = vec![false; KNOWN.len()];
    let (mut pages, mut said) = (0, 0);
    let mut open = vec![repo.root().join("marked")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder lists") {
            let path = entry.expect("the entry reads").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            if path.extension().is_none_or(|ext| ext != "html") {
                continue;
            }
            let name = path
                .strip_prefix(repo.root().join("marked"))
                .expect("below it");
            let name = name.to_string_lossy().into_owned();
            let html = std::fs::read_to_string(&path).expect("a page reads");
            assert!(html.contains("<html lang=\"en-XA\">"), "{name}");
            pages += 1;
            said += html.matches(MARKS[0]).count();
            for one in bare(&html) {
                let known = KNOWN.iter().position(|known| known.has(&name, &one));
                match known {
                    Some(at) => used[at] = true,
                    None => left.push((name.clone(), one)),
                }
            }
        }
    }
    assert!(pages > 150 && said > 20_000, "{pages} pages, {said} texts");
    let lines: Vec<String> = { left.iter().take(40) }
        .map(|(page, one)| format!("{page}: {}: {}", one.place, one.text))
        .collect();
    assert!(
        left.is_empty(),
        "{} beside the catalogue:\n{}",
        left.len(),
        lines.join("\n")
    );
    let idle = KNOWN.iter().zip(&used).filter(|(_, used)| !**used);
    let idle: Vec<&str> = idle.map(|(known, _)| known.place).collect();
    assert!(idle.is_empty(), "nothing stands at {idle:?} any more");
}
